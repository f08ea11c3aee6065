#include "audit/pen.h"

#include <errno.h>

void haul_audit_pen_init(struct haul_audit_pen *pen, struct haul_out *out)
{
    haul_buf_init(&pen->buf, 0);
    pen->out = out;
}

void haul_audit_pen_turn(struct haul_audit_pen *pen)
{
    if (pen->buf.err)
        haul_out_fail(pen->out, ENOMEM);
    else
        haul_out_add(pen->out, pen->buf.data, pen->buf.len);
    haul_buf_clear(&pen->buf);
}

void haul_audit_pen_done(struct haul_audit_pen *pen)
{
    haul_audit_pen_turn(pen);
    haul_buf_done(&pen->buf);
}

void haul_audit_scratch_done(struct haul_buf *scratch, struct haul_buf *buf)
{
    if (scratch->err && !buf->err)
        buf->err = scratch->err;
    haul_buf_done(scratch);
}
