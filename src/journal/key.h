#ifndef HAUL_JOURNAL_KEY_H
#define HAUL_JOURNAL_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "haul/values.h"
#include "model/key.h"

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
 * to find what is in journals and histories of that version (key_reader.h).
 */
enum haul_key_kind {
    HAUL_KEY_URL,      /* text: the URL as requested, without userinfo and fragment */
    HAUL_KEY_INVALID,  /* text: the line, without userinfo; its beginning decides */
    HAUL_KEY_DUPLICATE /* text: as for HAUL_KEY_URL */
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
