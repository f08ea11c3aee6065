#ifndef HAUL_SINK_PART_H
#define HAUL_SINK_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/response.h"
#include "model/key.h"

/*
 * What has to be known about the beginning of a body, to go on with it another time: of which
 * answer it is, and how much of it is certain to be on the disk. It stands in a small file beside
 * the bytes (sink/partial.h), and names the very file that it is about.
 *
 * Whose bytes they are, the key of the URL says: a validator does not, for every server may send
 * any ETag. Version 1 had 64 bits for that, for which two URLs are made in seconds, and no text; so
 * nothing proves of what an earlier version has left that it is of the URL that is asked for now,
 * and it is not gone on with (haul_part_parse refuses it): what was begun is fetched anew, once.
 */
enum { HAUL_PART_BOOT_MAX = 40, HAUL_PART_TEXT_MAX = 1024 };

struct haul_part {
    uint64_t device, inode;           /* of the file with the bytes */
    struct haul_key url;              /* of the URL that answered; without `old` */
    int64_t total;                    /* bytes of the whole body; -1: not known */
    int64_t synced;                   /* bytes that are there even after a crash of the machine */
    char boot[HAUL_PART_BOOT_MAX];    /* which start of the machine wrote it; "": not known */
    char etag[HAUL_RESPONSE_TAG_MAX]; /* as in struct haul_response; one of these two */
    char last_modified[HAUL_RESPONSE_DATE_MAX]; /* is a strong validator (http/response.h) */
    char content_type[HAUL_RESPONSE_TYPE_MAX];
};

/* The value of If-Range: the ETag, or without one Last-Modified. The part's. */
const char *haul_part_validator(const struct haul_part *part);

/* Whether two are of the same body: of one URL, with the same validator. */
bool haul_part_is_same(const struct haul_part *part, const struct haul_part *other);

/* Appends its text. Pure. */
void haul_part_render(const struct haul_part *part, struct haul_buf *text);

/*
 * Reads what haul_part_render has written; anything else, be it only cut short, is refused. `text`
 * are `len` bytes and need no NUL. Pure.
 */
bool haul_part_parse(const char *text, size_t len, struct haul_part *part);

#endif
