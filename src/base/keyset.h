#ifndef HAUL_BASE_KEYSET_H
#define HAUL_BASE_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * Keys, and one number for each: the URLs seen so far (--unique), or whose a name is. A hash table
 * of 16 bytes a slot, between 40 and 80 percent full: 20 to 40 bytes for each different key, 60
 * while the table grows. One thread at a time.
 */
struct haul_keyset;

HAUL_MUST_USE enum haul_err haul_keyset_create(struct haul_keyset **out);
void haul_keyset_free(struct haul_keyset *unique);

/* Forgets all keys; what memory they had is kept. */
void haul_keyset_clear(struct haul_keyset *unique);

/* Whether a key (never 0) is there. */
bool haul_keyset_has(const struct haul_keyset *unique, uint64_t key);

/* The same; if it is, *tag is its number. */
bool haul_keyset_find(const struct haul_keyset *unique, uint64_t key, uint64_t *tag);

/*
 * Looks for a key (never 0). *is_new tells whether it was not there; then it is there now, with
 * `tag`. Otherwise *first is the tag of the first. HAUL_ERR_NOMEM: nothing has changed.
 */
HAUL_MUST_USE enum haul_err haul_keyset_add(struct haul_keyset *unique, uint64_t key, uint64_t tag,
                                            bool *is_new, uint64_t *first);

/* Gives a key (never 0) that tag, whether it was there or not. HAUL_ERR_NOMEM: nothing has changed.
 */
HAUL_MUST_USE enum haul_err haul_keyset_put(struct haul_keyset *unique, uint64_t key, uint64_t tag);

/* Whether a key (never 0) is there with that tag. */
bool haul_keyset_has_tag(const struct haul_keyset *unique, uint64_t key, uint64_t tag);

#endif
