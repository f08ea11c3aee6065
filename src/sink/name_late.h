#ifndef HAUL_SINK_NAME_LATE_H
#define HAUL_SINK_NAME_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What is known of a name only when its body is whole: the digest, and the type that the server
 * says. Until then a mark stands for it in the name. No name holds a control character otherwise.
 * Pure, any thread.
 *
 * Names that differ while they have marks must still differ when these are filled in:
 *
 *   {sha256}    What has the same name then is the same body: nothing is to be done.
 *   buckets     A bucket is a whole part of a name. Where there are some, no other part looks like
 *               one: those that would are marked (sink/name.h).
 *   {type-ext}  Becomes an extension of the table (sink/type_ext.h), always. So a name without it
 *               is in the way only if it ends in one of these. Whoever gives names out compares
 *               what is left without it (haul_name_late_base; sink/naming.h).
 */
#define HAUL_NAME_MARK_SHA256 "\x01" /* all 64 digits */
#define HAUL_NAME_MARK_TYPE "\x02"   /* at the end of a name only */
#define HAUL_NAME_MARK_BUCKET "\x03" /* the first digit of a bucket ... */
#define HAUL_NAME_MARK_DIGIT "\x04"  /* ... and each further one */

/* Whether there is such a mark in a name; and whether one asks for a digest. */
bool haul_name_is_late(const char *name);
bool haul_name_needs_digest(const char *name);

/* By how many bytes a part of a name grows at most when its marks are filled in. */
size_t haul_name_late_growth(const char *part, size_t len);

/*
 * Appends a name with its marks filled in. `sha256`: 64 hexadecimal digits, or NULL if no mark asks
 * for them; `content_type`: the header field, or "".
 */
void haul_name_fill(struct haul_buf *buf, const char *name, const char *sha256,
                    const char *content_type);

/* Appends a name with its marks as they are written in a form: {sha256:2}/{type-ext}. */
void haul_name_show(struct haul_buf *buf, const char *name);

/*
 * Whether a part looks like a bucket of one of these lengths (haul_name_form_buckets), in letters
 * of any case.
 */
bool haul_name_is_bucket(uint64_t buckets, const char *part, size_t len);

/* Puts marks, in place, where the directories of a whole name are buckets of these lengths. */
void haul_name_mark_buckets(uint64_t buckets, char *name, size_t len);

/*
 * The length of what comes before the mark of the type in a name, or before an extension that might
 * stand in its place; 0: neither is there.
 */
size_t haul_name_late_base(const char *name, size_t len);

#endif
