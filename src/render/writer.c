#include "render/writer.h"

#include <errno.h>

void haul_writer_init(struct haul_writer *writer, struct haul_out *out)
{
    haul_buf_init(&writer->buf, 0);
    writer->out = out;
}

void haul_writer_pass(struct haul_writer *writer)
{
    if (writer->buf.err)
        haul_out_fail(writer->out, ENOMEM);
    else
        haul_out_add(writer->out, writer->buf.data, writer->buf.len);
    haul_buf_clear(&writer->buf);
}

void haul_writer_done(struct haul_writer *writer)
{
    haul_writer_pass(writer);
    haul_buf_done(&writer->buf);
}

void haul_writer_scratch_done(struct haul_buf *scratch, struct haul_buf *buf)
{
    if (scratch->err && !buf->err)
        buf->err = scratch->err;
    haul_buf_done(scratch);
}
