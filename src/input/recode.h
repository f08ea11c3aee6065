#ifndef HAUL_INPUT_RECODE_H
#define HAUL_INPUT_RECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "haul/err.h"

/*
 * A text in an encoding that has a name, made UTF-8 by iconv(3) as it comes, in pieces of any size:
 * the same text whatever the pieces are. What is not valid in its encoding becomes U+FFFD and is
 * counted; it ends nothing. One thread at a time.
 *
 * Only encodings of a list are known, as browsers read them (https://encoding.spec.whatwg.org):
 * none has states that a text could switch, and what is called ISO 8859-1 or GB 2312 is read as
 * the larger one that it mostly is, Windows-1252 or GB 18030.
 *
 * The order of calls: create; feed and next until HAUL_ERR_END, as often as there are bytes;
 * finish, and next until HAUL_ERR_END; free.
 */
struct haul_recode;

#define HAUL_RECODE_UTF8 "UTF-8"
#define HAUL_RECODE_UTF16LE "UTF-16LE"
#define HAUL_RECODE_UTF16BE "UTF-16BE"

/*
 * What iconv calls the encoding that a document calls `name`, in any letter case and with any
 * punctuation. HAUL_RECODE_UTF8 also for UTF-16: whoever could read the name has not read that.
 * NULL: it is not on the list. Pure.
 */
const char *haul_recode_find(struct haul_span name);

/*
 * `encoding`: as haul_recode_find gives it. On success *out is the caller's. HAUL_ERR_SYSTEM: this
 * system's iconv does not have it. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_recode_create(const char *encoding, struct haul_recode **out);
void haul_recode_free(struct haul_recode *recode);

/* Gives the next bytes, the caller's until next has returned HAUL_ERR_END. */
void haul_recode_feed(struct haul_recode *recode, const char *bytes, size_t len);

/* Says that no more bytes will come. */
void haul_recode_finish(struct haul_recode *recode);

/* HAUL_OK: a piece of text, never empty, valid until the next call. HAUL_ERR_END: more must be fed;
 * after finish: that was all. */
HAUL_MUST_USE enum haul_err haul_recode_next(struct haul_recode *recode, struct haul_span *text);

/* How many times U+FFFD had to stand for something, in what was given so far. */
uint64_t haul_recode_broken(const struct haul_recode *recode);

/* After that has happened: the line of the first, from 1. */
uint64_t haul_recode_broken_line(const struct haul_recode *recode);

#endif
