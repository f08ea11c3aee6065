#include "render/writer.h"

#include <errno.h>

void haul_writer_init(struct haul_writer *pen, struct haul_out *out)
{
    haul_buf_init(&pen->buf, 0);
    pen->out = out;
}

void haul_writer_pass(struct haul_writer *pen)
{
    if (pen->buf.err)
        haul_out_fail(pen->out, ENOMEM);
    else
        haul_out_add(pen->out, pen->buf.data, pen->buf.len);
    haul_buf_clear(&pen->buf);
}

void haul_writer_done(struct haul_writer *pen)
{
    haul_writer_pass(pen);
    haul_buf_done(&pen->buf);
}

void haul_writer_scratch_done(struct haul_buf *scratch, struct haul_buf *buf)
{
    if (scratch->err && !buf->err)
        buf->err = scratch->err;
    haul_buf_done(scratch);
}
