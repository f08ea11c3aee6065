#include "render/render.h"

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
