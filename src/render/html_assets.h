#ifndef HAUL_RENDER_HTML_ASSETS_H
#define HAUL_RENDER_HTML_ASSETS_H

/* src/render/report.css and src/render/report.js as embed.py makes them when haul is built:
 * NUL-terminated texts, and their hashes as a Content-Security-Policy names them ("sha256-..."). */
extern const char haul_render_html_style[], haul_render_html_style_hash[];
extern const char haul_render_html_script[], haul_render_html_script_hash[];

#endif
