#ifndef HAUL_MODEL_KEY_H
#define HAUL_MODEL_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "haul/values.h"

/*
 * By what a line of the list is known, in this run and to later ones: 128 bits, of which nobody
 * finds two texts with the same.
 *
 * Up to version 1 of the journal they were 64 bits, of which anybody does. What such files hold is
 * found by them if it must be, but is believed only if its text is that of the line as well.
 */
struct haul_key {
    uint64_t high, low; /* both 0: not known, only `old` is */
    uint64_t old;       /* the 64 bits of earlier versions; 0: not known */
};

/* Whether it is no more than an earlier version's. */
static inline bool haul_key_is_old(const struct haul_key *key)
{
    return !key->high && !key->low;
}

/* Whether two are one: both are whole, and the same. */
static inline bool haul_key_is_same(const struct haul_key *one, const struct haul_key *other)
{
    return !haul_key_is_old(one) && one->high == other->high && one->low == other->low;
}

/*
 * The number by which tables in memory have it: never 0, another one in every process. That of the
 * 64 bits alone is another one than that of the whole.
 */
static inline uint64_t haul_key_old_number(const struct haul_key *key)
{
    return haul_hash_keyed(&key->old, sizeof key->old);
}

static inline uint64_t haul_key_number(const struct haul_key *key)
{
    return haul_key_is_old(key) ? haul_key_old_number(key)
                                : haul_hash_keyed_pair(key->high, key->low);
}

/*
 * The key by which a later run finds the record of a line of the list, made of what is to be
 * fetched: the first 128 bits of the SHA-256 (FIPS 180-4) of "haul-key-2:", one letter for the
 * kind, ":" and the text. It is the same on every machine and in every version from 2 on. It does
 * not depend on where the line stands in the list, nor on what is hidden in reports (passwords,
 * --redact). Lists come from strangers: whoever searches for two URLs with one key has 2^64 of them
 * to try.
 *
 * A URL that stands in the list several times has one key: the n-th occurrence belongs to the n-th
 * record with it. Lines that are fetched, lines that are no URL, and repetitions that --unique does
 * not fetch have keys of different kinds, so that none is ever taken for the other.
 *
 * Beside it stands what version 1 had, 64 bits by FNV-1a, for which two URLs are found in seconds:
 * to find what is in journals and histories of that version (journal/key_reader.h).
 */
enum haul_key_kind {
    HAUL_KEY_URL,       /* text: the URL as requested, without userinfo and fragment */
    HAUL_KEY_INVALID,   /* text: the line, without userinfo; its beginning decides */
    HAUL_KEY_DUPLICATE, /* text: as for HAUL_KEY_URL */
    HAUL_KEY_FILE /* text: a name below --dir. In no journal: of temporaries (sink/partial.h) */
};

/*
 * The bytes of an invalid line that make its key, and that are shown of it: a line that is no URL
 * may be a whole file.
 */
enum { HAUL_KEY_INVALID_MAX = 2048 };

/* Makes the key of `len` bytes at `text`, for HAUL_KEY_INVALID of the first of them only. Any
 * thread. */
struct haul_key haul_key_make(enum haul_key_kind kind, const char *text, size_t len);

/*
 * The key of a URL, of the kind URL or DUPLICATE, without what `ignored` names (--ignore-param,
 * model/identity.h): with no such rule, or for a URL without such parameters, as haul_key_make. Who
 * looks for a key has to have the rules of who made it.
 */
struct haul_key haul_key_of_url(enum haul_key_kind kind, const struct haul_strings *ignored,
                                const char *url, size_t len);

/* What version 1 had for a text: haul_key_make's `old`. Never 0. */
uint64_t haul_key_make_old(enum haul_key_kind kind, const char *text, size_t len);

#endif
