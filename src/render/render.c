#include "render/render.h"

#include <errno.h>

#include "base/ci.h"
#include "render/writer.h"

typedef void write_fn(struct haul_out *out, const struct haul_summary *summary);

static write_fn *const writers[HAUL_FORMAT_COUNT] = {
    [HAUL_FORMAT_JSON] = haul_render_write_json,
    [HAUL_FORMAT_HTML] = haul_render_write_html,
    [HAUL_FORMAT_MARKDOWN] = haul_render_write_markdown,
    [HAUL_FORMAT_PROMETHEUS] = haul_render_write_prometheus,
    [HAUL_FORMAT_JUNIT] = haul_render_write_junit,
    [HAUL_FORMAT_GITHUB] = haul_render_write_github};

void haul_render_write(enum haul_format format, struct haul_out *out,
                       const struct haul_summary *summary)
{
    writers[format](out, summary);
}

/* ---- what writers write with ---- */

void haul_writer_init(struct haul_writer *writer, struct haul_out *out)
{
    haul_buf_init(&writer->buf, 0);
    writer->out = out;
    writer->passed = 0;
    writer->hash = "\\x23";
}

void haul_writer_pass(struct haul_writer *writer)
{
    if (haul_out_is_log(writer->out))
        haul_ci_break_text(&writer->buf, 0, writer->hash);
    if (writer->buf.err)
        haul_out_fail(writer->out, ENOMEM);
    else
        haul_out_add(writer->out, writer->buf.data, writer->buf.len);
    writer->passed += writer->buf.len;
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
