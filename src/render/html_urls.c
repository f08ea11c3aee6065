#include "base/units.h"
#include "render/html.h"
#include "render/number.h"

static const size_t urls_bytes_max = (size_t)2 << 20;

static void add_page_status(struct haul_buf *buf, const struct haul_summary_page *page)
{
    bool is_ok = page->outcome == HAUL_OUTCOME_OK || page->outcome == HAUL_OUTCOME_UNCHANGED;

    haul_buf_add_str(buf, is_ok ? "<td class=\"w\">" : "<td class=\"w bad\">");
    haul_buf_add_str(buf, haul_outcome_word(page->outcome));
    if (*page->reason) {
        haul_buf_add_str(buf, ": ");
        haul_render_html_add_text(buf, page->reason, HAUL_RENDER_HTML_NAME_MAX);
    }
    haul_buf_add_str(buf, "</td>");
}

static void add_page_row(struct haul_buf *buf, const struct haul_summary_page *page,
                         bool has_before)
{
    haul_buf_add_str(buf, "<tr>");
    haul_render_html_add_url_cell(buf, page->url);
    haul_render_html_add_text_cell(buf, "w opt", page->type);
    add_page_status(buf, page);
    haul_buf_add_str(buf, "<td class=\"n\">");
    if (page->size < 0)
        haul_buf_add_str(buf, "&ndash;");
    else
        haul_units_add_grouped(buf, page->size);
    if (has_before) {
        haul_buf_add_str(buf, "</td><td class=\"n opt\">");
        haul_render_html_add_change(buf, page->size, page->size_before);
    }
    haul_buf_add_str(buf, "</td><td class=\"n opt\">");
    if (page->time_us < 0)
        haul_buf_add_str(buf, "&ndash;");
    else
        haul_units_add_grouped(buf, page->time_us / 1000);
    haul_buf_add_str(buf, "</td></tr>\n");
}

static void add_urls_head(struct haul_buf *buf, bool has_before)
{
    haul_buf_addf(buf,
                  "<div class=\"tools\" hidden><label for=\"urls-filter\">Filter</label>"
                  "<input id=\"urls-filter\" type=\"search\" autocomplete=\"off\""
                  " spellcheck=\"false\" placeholder=\"part of a URL, type or status\">"
                  "<output id=\"urls-count\" for=\"urls-filter\"></output></div>"
                  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"URLs\">"
                  "<table id=\"urls-table\"><thead><tr><th scope=\"col\" data-key=\"url\">URL</th>"
                  "<th scope=\"col\" class=\"opt\" data-key=\"type\">type</th>"
                  "<th scope=\"col\" data-key=\"outcome\">outcome</th>"
                  "<th scope=\"col\" class=\"n\" data-key=\"size\" aria-sort=\"descending\">"
                  "bytes</th>%s<th scope=\"col\" class=\"n opt\" data-key=\"time\">ms</th>"
                  "</tr></thead><tbody>\n",
                  has_before ? "<th scope=\"col\" class=\"n opt\" data-key=\"change\">change</th>"
                             : "");
}

static void add_urls_note(struct haul_buf *buf, const struct haul_summary *summary, size_t shown)
{
    haul_buf_add_str(buf, "</tbody></table></div><p class=\"note\">");
    if (summary->lines > shown) {
        haul_buf_add_str(buf, "These are the largest ");
        haul_units_add_grouped(buf, (int64_t)shown);
        haul_buf_add_str(buf, "; the input had ");
        haul_render_add_count(buf, summary->lines, "line", "lines");
        haul_buf_add_str(buf, ". All of them are in a report as CSV or JSON Lines.");
    } else {
        haul_buf_add_str(buf, "These are all lines of the input.");
    }
    haul_buf_add_str(buf, "</p></section>\n");
}

void haul_render_html_add_urls(struct haul_writer *writer, const struct haul_summary *summary)
{
    size_t shown = 0, bytes = 0;

    if (!summary->page_count)
        return;
    haul_buf_add_str(&writer->buf, "<section id=\"urls\"><h2>URLs</h2>");
    add_urls_head(&writer->buf, summary->has_before);
    haul_writer_pass(writer);
    for (; shown < summary->page_count && bytes < urls_bytes_max; shown++) {
        add_page_row(&writer->buf, &summary->page[shown], summary->has_before);
        bytes += writer->buf.len;
        haul_writer_pass(writer);
    }
    add_urls_note(&writer->buf, summary, shown);
}
