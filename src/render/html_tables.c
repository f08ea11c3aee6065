#include <math.h>

#include "render/html.h"
#include "render/number.h"
#include "render/writer.h"

enum {
    LARGEST_MAX = 10,
    MOVERS_MAX = 25,
    FAILURES_MAX = 500,
    GROUPS_MAX = 30,
    URLS_BYTES_MAX = 2 << 20, /* of the table of URLs */
    PRINTED_ROWS = 100,       /* of it; report.css says so, too, for where no script runs */
    PAGE_BYTES_MAX = 2900000, /* of the page, when it ends: it is the last of what is long */
};

struct haul_span haul_render_html_origin_of(const struct haul_summary *summary)
{
    if (summary->host_count != 1 || !summary->page_count)
        return (struct haul_span){"", 0};
    return haul_render_html_origin(summary->page[0].url);
}

static void add_url_cell(struct haul_buf *buf, const char *url, struct haul_span origin)
{
    haul_buf_add_str(buf, "<td class=\"u\">");
    haul_render_html_add_url(buf, url, origin);
    haul_buf_add_str(buf, "</td>");
}

static void add_text_cell(struct haul_buf *buf, const char *class, const char *text)
{
    haul_buf_addf(buf, "<td class=\"%s\">", class);
    haul_render_html_add_text(buf, text, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_add_str(buf, "</td>");
}

/*
 * A cell with a bar, `part` of `whole`. `colour` is "", "more" or "less", `class` "" or "opt" (not
 * on narrow screens).
 */
static void add_bar_cell(struct haul_buf *buf, double part, double whole, const char *colour,
                         const char *class)
{
    double width = whole > 0 && part > 0 ? 100 * part / whole : 0;

    haul_buf_addf(buf,
                  "<td class=\"b %s\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\""
                  " aria-hidden=\"true\"><rect class=\"fill %s\" height=\"10\" width=\"%s\"/>"
                  "</svg></td>",
                  class, colour, haul_render_short_decimal(width > 100 ? 100 : width, 2).text);
}

static const char *colour_of(int64_t change)
{
    return change > 0 ? "more" : change < 0 ? "less" : "";
}

/* A note if not all of `total` are shown. */
static void add_rest(struct haul_buf *buf, uint64_t total, uint64_t shown)
{
    if (total > shown)
        haul_buf_addf(buf, "<p class=\"note\">The first %s of %s.</p>",
                      haul_render_grouped(shown).text, haul_render_grouped(total).text);
}

/* --- changes -------------------------------------------------------------------------------- */

static void add_change_counts(struct haul_buf *buf, const struct haul_summary *summary)
{
    const char *between = "";

    haul_buf_add_str(buf, "<p class=\"note\">");
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        if (!summary->change[i])
            continue;
        haul_buf_addf(buf, "%s%s %s", between, haul_render_grouped(summary->change[i]).text,
                      haul_change_texts[i]);
        if (summary->change_size[i])
            haul_buf_addf(buf, " (%s)", haul_render_changed(summary, (enum haul_change)i).text);
        between = ", ";
    }
    haul_buf_add_str(buf, *between ? ".</p>" : "No URL has changed.</p>");
}

static double magnitude(int64_t value)
{
    return value < 0 ? -(double)value : (double)value;
}

static void add_mover(struct haul_buf *buf, const struct haul_summary_mover *mover, double most,
                      struct haul_span origin)
{
    int64_t change = mover->is_gain_known ? mover->gained : 0;

    haul_buf_addf(buf, "<tr><td class=\"w\">%s</td>", haul_change_texts[mover->change]);
    add_url_cell(buf, mover->url, origin);
    haul_buf_addf(
        buf, "<td class=\"n opt\">%s</td><td class=\"n opt\">%s</td><td class=\"n %s\">%s</td>",
        haul_render_size(mover->before).text, haul_render_size(mover->after).text,
        colour_of(change),
        mover->is_gain_known ? haul_render_change(change).text : haul_render_size(-1).text);
    add_bar_cell(buf, magnitude(change), most, change > 0 ? "more" : "less", "opt");
    haul_buf_add_str(buf, "</tr>\n");
}

static void add_movers(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = haul_render_at_most(summary->mover_count, MOVERS_MAX);
    double most = 0;

    if (!shown)
        return;
    for (size_t i = 0; i < shown; i++)
        if (summary->mover[i].is_gain_known)
            most = fmax(most, magnitude(summary->mover[i].gained));
    haul_buf_add_str(
        buf, "<div class=\"side\" tabindex=\"0\" role=\"region\" aria-label=\"Changes\">"
             "<table><thead><tr><th scope=\"col\">change</th>"
             "<th scope=\"col\">URL</th><th scope=\"col\" class=\"n opt\">before</th>"
             "<th scope=\"col\" class=\"n opt\">now</th>"
             "<th scope=\"col\" class=\"n\">change in size</th><td class=\"opt\"></td></tr></thead>"
             "<tbody>\n");
    for (size_t i = 0; i < shown; i++)
        add_mover(buf, &summary->mover[i], most, haul_render_html_origin_of(summary));
    haul_buf_add_str(buf, "</tbody></table></div>");
    add_rest(buf, haul_render_count_changes(summary), shown);
}

void haul_render_html_add_changes(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->has_before || haul_summary_is_bare(summary))
        return;
    haul_buf_addf(buf, "<section id=\"changes\"><h2>What has changed since %s</h2>",
                  haul_render_date(summary->before_started_us).text);
    add_change_counts(buf, summary);
    add_movers(buf, summary);
    haul_buf_add_str(buf, "</section>\n");
}

/* --- failures ------------------------------------------------------------------------------- */

static void add_place_cell(struct haul_buf *buf, const struct haul_summary_page *page)
{
    struct haul_buf place;

    haul_buf_init(&place, 0);
    haul_render_add_place(&place, page);
    add_text_cell(buf, "u opt", haul_buf_str(&place));
    haul_writer_scratch_done(&place, buf);
}

void haul_render_html_add_failures(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = haul_render_at_most(summary->failed_count, FAILURES_MAX);

    if (!shown)
        return;
    haul_buf_add_str(buf, "<section id=\"failures\"><h2>What has failed</h2>"
                          "<div class=\"scroll\" tabindex=\"0\" role=\"region\""
                          " aria-label=\"Failures\"><table><thead><tr>"
                          "<th scope=\"col\">reason</th><th scope=\"col\">URL</th>"
                          "<th scope=\"col\" class=\"opt\">line</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++) {
        const struct haul_summary_page *page = &summary->failed[i];

        haul_buf_add_str(buf, "<tr>");
        add_text_cell(buf, "w bad", haul_render_reason(page));
        add_url_cell(buf, page->url, haul_render_html_origin_of(summary));
        add_place_cell(buf, page);
        haul_buf_add_str(buf, "</tr>\n");
    }
    haul_buf_add_str(buf, "</tbody></table></div>");
    add_rest(buf, haul_summary_count(summary, HAUL_OUTCOME_FAILED), shown);
    haul_buf_add_str(buf, "</section>\n");
}

/* --- the largest, groups ---------------------------------------------------------------------- */

void haul_render_html_add_largest(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = haul_render_at_most(summary->page_count, LARGEST_MAX);
    double sum = 0;

    if (!shown || summary->page[0].size <= 0)
        return;
    haul_buf_add_str(buf, "<h3 id=\"largest\">The largest</h3><div class=\"side\" tabindex=\"0\""
                          " role=\"region\" aria-label=\"The largest\"><table><thead><tr>"
                          "<th scope=\"col\">URL</th><th scope=\"col\" class=\"opt\">type</th>"
                          "<th scope=\"col\" class=\"n\">size</th><td></td></tr></thead><tbody>\n");
    while (summary->page[shown - 1].size < 0)
        shown--;
    for (size_t i = 0; i < shown; i++) {
        const struct haul_summary_page *page = &summary->page[i];

        haul_buf_add_str(buf, "<tr>");
        add_url_cell(buf, page->url, haul_render_html_origin_of(summary));
        add_text_cell(buf, "w opt", page->type);
        haul_buf_addf(buf, "<td class=\"n\">%s</td>", haul_render_size(page->size).text);
        add_bar_cell(buf, (double)page->size, (double)summary->page[0].size, "", "");
        haul_buf_add_str(buf, "</tr>\n");
        sum += page->size > 0 ? (double)page->size : 0;
    }
    haul_buf_add_str(buf, "</tbody></table></div>");
    if (shown > 1 && summary->size > 0)
        haul_buf_addf(buf, "<p class=\"note\">Together they are %s of all bytes.</p>",
                      haul_render_share(sum, (double)summary->size).text);
}

/* The columns that a table has besides. */
struct shown {
    bool before, wire;
};

static void add_group_row(struct haul_buf *buf, const struct haul_summary_group *group, double most,
                          struct shown shown)
{
    haul_buf_add_str(buf, "<tr><td class=\"u\">");
    if (*group->name)
        haul_render_html_add_text(buf, group->name, HAUL_RENDER_HTML_NAME_MAX);
    else
        haul_buf_add_str(buf, "<i>none</i>");
    haul_buf_addf(buf, "</td><td class=\"n\">%s</td><td class=\"n opt%s\">%s</td>",
                  haul_render_grouped(group->count).text, group->failed ? " bad" : "",
                  haul_render_grouped(group->failed).text);
    haul_buf_addf(buf, "<td class=\"n\">%s</td>", haul_render_size(group->size).text);
    if (shown.wire)
        haul_buf_addf(buf, "<td class=\"n opt\">%s</td><td class=\"n opt\">%s</td>",
                      haul_render_wire(&group->wire).text, haul_render_ratio(&group->wire).text);
    if (shown.before) {
        haul_buf_addf(buf, "<td class=\"n opt %s\">%s</td>", colour_of(group->change),
                      group->size_before < 0 ? "new" : haul_render_change(group->change).text);
    }
    add_bar_cell(buf, (double)group->size, most, "", "");
    haul_buf_add_str(buf, "</tr>\n");
}

static void add_group_table(struct haul_buf *buf, const char *title,
                            const struct haul_summary_group *group, size_t count, bool has_before)
{
    size_t rows = haul_render_at_most(count, GROUPS_MAX);
    struct shown shown = {.before = has_before};

    if (!rows)
        return;
    for (size_t i = 0; i < rows; i++)
        shown.wire = shown.wire || group[i].wire.known;
    haul_buf_add_str(buf, "<h3>By ");
    haul_render_html_add_text(buf, title, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_add_str(buf,
                     "</h3><div class=\"side\" tabindex=\"0\" role=\"region\" aria-label=\"By ");
    haul_render_html_add_text(buf, title, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_addf(buf,
                  "\"><table><thead><tr><th scope=\"col\">name</th>"
                  "<th scope=\"col\" class=\"n\">URLs</th>"
                  "<th scope=\"col\" class=\"n opt\">failed</th>"
                  "<th scope=\"col\" class=\"n\">size</th>%s%s<td></td></tr></thead><tbody>\n",
                  shown.wire ? "<th scope=\"col\" class=\"n opt\">on the wire</th>"
                               "<th scope=\"col\" class=\"n opt\">ratio</th>"
                             : "",
                  has_before ? "<th scope=\"col\" class=\"n opt\">change</th>" : "");
    for (size_t i = 0; i < rows; i++)
        add_group_row(buf, &group[i], (double)group[0].size, shown);
    haul_buf_add_str(buf, "</tbody></table></div>");
    add_rest(buf, count, rows);
}

void haul_render_html_add_groups(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->host_count && !summary->type_count && !summary->group_count)
        return;
    haul_buf_add_str(buf, "<section id=\"groups\"><h2>Who has the bytes</h2>");
    add_group_table(buf, "host", summary->host, summary->host_count, summary->has_before);
    add_group_table(buf, "media type", summary->type, summary->type_count, summary->has_before);
    add_group_table(buf, summary->group_by ? summary->group_by : "group", summary->group,
                    summary->group_count, summary->has_before);
    haul_buf_add_str(buf, "</section>\n");
}

/* --- all URLs ------------------------------------------------------------------------------- */

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

/* "+5" or "-5" in colour, as whole bytes; "new" if there is nothing before, "–" if nothing now. */
static void add_exact_change(struct haul_buf *buf, int64_t now, int64_t before)
{
    if (before < 0 || now < 0)
        haul_buf_add_str(buf, before < 0 && now >= 0 ? "new" : "&ndash;");
    else if (now == before)
        haul_buf_add_char(buf, '0');
    else
        haul_buf_addf(
            buf, "<span class=\"%s%s</span>", now > before ? "more\">+" : "less\">-",
            haul_render_grouped((uint64_t)(now > before ? now - before : before - now)).text);
}

/* The number of a cell that is open already, or a dash. */
static void add_known(struct haul_buf *buf, int64_t value)
{
    haul_buf_add_str(buf, value < 0 ? "&ndash;" : haul_render_grouped((uint64_t)value).text);
}

static void add_page_row(struct haul_buf *buf, const struct haul_summary_page *page,
                         struct shown shown, struct haul_span origin)
{
    haul_buf_add_str(buf, "<tr>");
    add_url_cell(buf, page->url, origin);
    add_text_cell(buf, "w opt", page->type);
    add_page_status(buf, page);
    haul_buf_add_str(buf, "<td class=\"n\">");
    add_known(buf, page->size);
    if (shown.wire) {
        haul_buf_add_str(buf, "</td><td class=\"n opt\">");
        add_known(buf, page->wire);
    }
    if (shown.before) {
        haul_buf_add_str(buf, "</td><td class=\"n opt\">");
        add_exact_change(buf, page->size, page->size_before);
    }
    haul_buf_add_str(buf, "</td><td class=\"n opt\">");
    add_known(buf, page->time_us < 0 ? -1 : page->time_us / 1000 + (page->time_us % 1000 >= 500));
    haul_buf_add_str(buf, "</td></tr>\n");
}

static void add_urls_head(struct haul_buf *buf, struct shown shown)
{
    haul_buf_addf(
        buf,
        "<div class=\"tools\" hidden><label for=\"urls-filter\">Filter</label>"
        "<input id=\"urls-filter\" type=\"search\" autocomplete=\"off\""
        " spellcheck=\"false\" placeholder=\"part of a URL, type or status\">"
        "<output id=\"urls-count\" for=\"urls-filter\"></output></div>"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"URLs\">"
        "<table id=\"urls-table\"><thead><tr><th scope=\"col\" data-key=\"url\">URL</th>"
        "<th scope=\"col\" class=\"opt\" data-key=\"type\">type</th>"
        "<th scope=\"col\" data-key=\"outcome\">outcome</th>"
        "<th scope=\"col\" class=\"n\" data-key=\"size\" aria-sort=\"descending\">"
        "bytes</th>%s%s<th scope=\"col\" class=\"n opt\" data-key=\"time\">ms</th>"
        "</tr></thead><tbody>\n",
        shown.wire ? "<th scope=\"col\" class=\"n opt\" data-key=\"wire\">on the wire</th>" : "",
        shown.before ? "<th scope=\"col\" class=\"n opt\" data-key=\"change\">change</th>" : "");
}

static void add_urls_note(struct haul_buf *buf, const struct haul_summary *summary, size_t shown)
{
    bool is_cut = shown > PRINTED_ROWS;

    haul_buf_addf(buf, "</tbody></table></div><p class=\"note%s\">",
                  is_cut && summary->lines <= shown ? " screen" : "");
    if (summary->lines > shown)
        haul_buf_addf(buf,
                      "These are the largest %s; the input had %s. All of them are in a report as"
                      " CSV or JSON Lines.",
                      haul_render_grouped(shown).text,
                      haul_render_count(summary->lines, "line", "lines").text);
    else
        haul_buf_add_str(buf, "These are all lines of the input.");
    haul_buf_addf(buf, "</p><p class=\"note paper\" id=\"urls-paper\" data-rows=\"%d\">",
                  PRINTED_ROWS);
    if (is_cut)
        haul_buf_addf(buf, "Printed are the first %d of these %s rows.", PRINTED_ROWS,
                      haul_render_grouped(shown).text);
    haul_buf_add_str(buf, "</p></section>\n");
}

void haul_render_html_add_urls(struct haul_writer *writer, const struct haul_summary *summary)
{
    const struct shown columns = {.before = summary->has_before,
                                  .wire = summary->page_wire.known > 0};
    size_t shown = 0, bytes = 0, bytes_max;

    if (!summary->page_count)
        return;
    haul_buf_add_str(&writer->buf, "<section id=\"urls\"><h2>URLs</h2>");
    add_urls_head(&writer->buf, columns);
    haul_writer_pass(writer);
    bytes_max = writer->passed < PAGE_BYTES_MAX ? PAGE_BYTES_MAX - writer->passed : 0;
    if (bytes_max > URLS_BYTES_MAX)
        bytes_max = URLS_BYTES_MAX;
    for (; shown < summary->page_count && bytes < bytes_max; shown++) {
        add_page_row(&writer->buf, &summary->page[shown], columns,
                     haul_render_html_origin_of(summary));
        bytes += writer->buf.len;
        haul_writer_pass(writer);
    }
    add_urls_note(&writer->buf, summary, shown);
}
