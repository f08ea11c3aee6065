#ifndef HAUL_HTTP_CODING_H
#define HAUL_HTTP_CODING_H

#include <stddef.h>

#include "base/span.h"

/*
 * Whose a content coding is: the file's own, or the transfer's.
 *
 * Content-Encoding says that a body is packed, and not why. A server that packs a page on its way
 * means the page: the coding is undone. A server that has pkg.tar.gz on its disk means that file,
 * and many of them (Apache's "AddEncoding x-gzip .gz" was the default for decades) call the file's
 * own gzip a coding all the same; undone, it would be a file that nobody has published, under a
 * name that is a lie and with a digest that is not the published one.
 *
 * So the first coding that was applied is the file's own if the name or the type of the file says
 * that it is packed in just that way. Those above it, and every other one, are the transfer's. Of
 * clients that undo codings at all, wget goes by the name, and browsers by the type when they
 * show a file, and by the name, too, when they save one.
 *
 * All of this is pure. Any thread.
 */

/* Ways to pack a file. More of them than can be undone: a file's own is only recognised. */
enum haul_coding {
    HAUL_CODING_NONE, /* none of these */
    HAUL_CODING_GZIP,
    HAUL_CODING_COMPRESS,
    HAUL_CODING_DEFLATE,
    HAUL_CODING_BR,
    HAUL_CODING_ZSTD,
    HAUL_CODING_BZIP2,
    HAUL_CODING_XZ,
    HAUL_CODING_LZMA,
    HAUL_CODING_LZIP,
    HAUL_CODING_LZ4,
    HAUL_CODING_COUNT
};

/* Which codings of a body are undone. */
enum haul_coding_rule {
    HAUL_CODING_UNDO_ALL,  /* all of them */
    HAUL_CODING_UNDO_NONE, /* none: what comes is the file */
    HAUL_CODING_BY_FILE    /* all but the file's own, as above */
};

/*
 * How a file of that path is packed, by the end of its name (".tar.gz", in any case). The path
 * belongs to a URL, without its query and not percent-decoded, or to a file. A name that is nothing
 * but an ending (".gz") says nothing.
 */
enum haul_coding haul_coding_of_path(struct haul_span path);

/* The same of the path of a URL (model/url_parts.h), `len` bytes. */
enum haul_coding haul_coding_of_url(const char *url, size_t len);

/* How a file of that Content-Type is packed; "" says nothing. Parameters are not looked at. */
enum haul_coding haul_coding_of_type(const char *type);

/*
 * The codings that are to be undone: what is left of `list`, the value of Content-Encoding, without
 * the first one if that is among `own`, bits 1 << HAUL_CODING_GZIP and so on. Points into `list`;
 * "" if there is none. Members that mean nothing, "identity" and empty ones, are skipped before it.
 * The bit of HAUL_CODING_NONE means nothing.
 */
const char *haul_coding_rest(const char *list, unsigned own);

#endif
