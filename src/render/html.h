#ifndef HAUL_RENDER_HTML_H
#define HAUL_RENDER_HTML_H

#include "render/markup.h"
#include "render/writer.h"
#include "summary/summary.h"

/*
 * The parts of the HTML report (render/html.c puts them together). Each appends whole elements, or
 * nothing if the summary has nothing for it.
 */

/* The origin of the URLs of a run of one host, which tables of URLs then leave out; else empty. */
struct haul_span haul_render_html_origin_of(const struct haul_summary *summary);

/* Sections, with their heading. */
void haul_render_html_add_changes(struct haul_buf *buf, const struct haul_summary *summary);
void haul_render_html_add_failures(struct haul_buf *buf, const struct haul_summary *summary);
void haul_render_html_add_where(struct haul_buf *buf, const struct haul_summary *summary);
void haul_render_html_add_largest(struct haul_buf *buf, const struct haul_summary *summary);
void haul_render_html_add_groups(struct haul_buf *buf, const struct haul_summary *summary);

/* The table of URLs: it is long, and so goes to the writer's output row by row. */
void haul_render_html_add_urls(struct haul_writer *writer, const struct haul_summary *summary);

/* src/render/report.css and src/render/report.js as embed.py makes them when haul is built:
 * NUL-terminated texts, and their hashes as a Content-Security-Policy names them ("sha256-..."). */
extern const char haul_render_html_style[], haul_render_html_style_hash[];
extern const char haul_render_html_script[], haul_render_html_script_hash[];

#endif
