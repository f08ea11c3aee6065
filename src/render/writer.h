#ifndef HAUL_RENDER_WRITER_H
#define HAUL_RENDER_WRITER_H

#include "base/buf.h"
#include "base/out.h"

/*
 * What a writer writes with: text is put together in `buf` with the functions of base/buf.h and
 * base/escape.h, and handed on to `out` whenever a part is whole. Memory so is that of the largest
 * part, and an allocation that failed cannot be lost on the way.
 */
struct haul_writer {
    struct haul_buf buf;
    struct haul_out *out; /* not owned */
    size_t passed;        /* bytes so far, without those in the buffer */
    const char *hash;     /* for the log of a CI system: how the format writes a '#' (base/ci.h) */
};

/* Makes a writer that writes to `out`, with \x23 for `hash`. Allocates nothing. */
void haul_writer_init(struct haul_writer *writer, struct haul_out *out);

/* Hands what is in the buffer to `out`; the buffer is empty then. After a failed append: fails
 * `out` (haul_out_fail) with ENOMEM. */
void haul_writer_pass(struct haul_writer *writer);

/* The same, and frees the memory. */
void haul_writer_done(struct haul_writer *writer);

/*
 * Text that is escaped twice goes through a buffer of its own. This frees it; its error, if it has
 * one, becomes that of `buf`.
 */
void haul_writer_scratch_done(struct haul_buf *scratch, struct haul_buf *buf);

/*
 * Text of others in Markdown, cut in the middle: a code span, in which nothing is markup, a link or
 * a mention, and which does not end the cell of a table.
 */
void haul_render_add_code(struct haul_buf *buf, const char *text);

#endif
