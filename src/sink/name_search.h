#ifndef HAUL_SINK_NAME_SEARCH_H
#define HAUL_SINK_NAME_SEARCH_H

#include <stdint.h>

#include "base/keyset.h"
#include "haul/err.h"

/*
 * Which variant of a name (sink/name.h) is looked at next, where the plain one and the first
 * variant are another's. That is so only if two URLs have one hash, or if a list gives names itself
 * that look like variants. Whoever writes such a list could make each search as long as there are
 * names, and all of them together take hours: so a search goes on where the one before it has
 * ended, and each variant is looked at once, but for what the same URL is given again.
 *
 * What is kept, for those alone who come here: two numbers in the set that the caller keeps of
 * names (20 to 40 bytes each). One thread at a time.
 */
struct haul_name_search {
    uint64_t own_key, rest_key; /* of these two in the set */
    uint64_t own;               /* the variant that the URL was given; 0: none so far */
    uint64_t rest;              /* those from 2 up to this one are somebody's */
};

/* The last one, which no list is long enough for. */
enum { HAUL_NAME_VARIANT_MAX = 2000000000 };

/*
 * Begins a search for who has that tag. `first` and `last` are keys of the paths with variant 1 and
 * with the last one: that cuts long parts most, so paths that differ in it have no variant in
 * common.
 */
void haul_name_search_begin(struct haul_name_search *search, const struct haul_keyset *set,
                            uint64_t first, uint64_t last, uint64_t tag);

/* The variant to try first; and the one after `variant`, which was another's. */
unsigned haul_name_search_first(const struct haul_name_search *search);
unsigned haul_name_search_next(const struct haul_name_search *search, unsigned variant);

/* Keeps that it has ended with that one. HAUL_ERR_NOMEM: the next search may take longer. */
HAUL_MUST_USE enum haul_err haul_name_search_end(const struct haul_name_search *search,
                                                 struct haul_keyset *set, unsigned variant);

#endif
