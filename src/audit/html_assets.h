#ifndef HAUL_AUDIT_HTML_ASSETS_H
#define HAUL_AUDIT_HTML_ASSETS_H

/* src/audit/report.css and src/audit/report.js as embed.py makes them when haul is built:
 * NUL-terminated texts, and their hashes as a Content-Security-Policy names them ("sha256-..."). */
extern const char haul_audit_html_style[], haul_audit_html_style_hash[];
extern const char haul_audit_html_script[], haul_audit_html_script_hash[];

#endif
