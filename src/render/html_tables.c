#include <string.h>

#include "base/units.h"
#include "render/html.h"
#include "render/number.h"

enum {
    LARGEST_MAX = 10,
    MOVERS_MAX = 25,
    FAILURES_MAX = 500,
    GROUPS_MAX = 30,
};

static size_t at_most(size_t count, size_t max)
{
    return count < max ? count : max;
}

static void add_number_cell(struct haul_buf *buf, uint64_t value)
{
    haul_buf_add_str(buf, "<td class=\"n\">");
    haul_units_add_grouped(buf, value > INT64_MAX ? INT64_MAX : (int64_t)value);
    haul_buf_add_str(buf, "</td>");
}

static void add_size_cell(struct haul_buf *buf, int64_t size)
{
    haul_buf_add_str(buf, "<td class=\"n\">");
    haul_render_add_size(buf, size);
    haul_buf_add_str(buf, "</td>");
}

void haul_render_html_add_url_cell(struct haul_buf *buf, const char *url)
{
    haul_buf_add_str(buf, "<td class=\"u\">");
    haul_render_html_add_url(buf, url);
    haul_buf_add_str(buf, "</td>");
}

void haul_render_html_add_text_cell(struct haul_buf *buf, const char *style, const char *text)
{
    haul_buf_addf(buf, "<td class=\"%s\">", style);
    haul_render_html_add_text(buf, text, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_add_str(buf, "</td>");
}

/* A note if not all of `total` are shown. */
static void add_rest(struct haul_buf *buf, uint64_t total, uint64_t shown)
{
    if (total <= shown)
        return;
    haul_buf_add_str(buf, "<p class=\"note\">The first ");
    haul_units_add_grouped(buf, (int64_t)shown);
    haul_buf_add_str(buf, " of ");
    haul_units_add_grouped(buf, total > INT64_MAX ? INT64_MAX : (int64_t)total);
    haul_buf_add_str(buf, ".</p>");
}

/* --- changes -------------------------------------------------------------------------------- */

static void add_change_counts(struct haul_buf *buf, const struct haul_summary *summary)
{
    const char *between = "";

    haul_buf_add_str(buf, "<p class=\"note\">");
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        if (!summary->change[i])
            continue;
        haul_buf_add_str(buf, between);
        haul_units_add_grouped(buf, (int64_t)summary->change[i]);
        haul_buf_addf(buf, " %s", haul_change_texts[i]);
        if (summary->change_size[i]) {
            haul_buf_add_str(buf, " (");
            haul_render_add_change(buf, summary->change_size[i]);
            haul_buf_add_char(buf, ')');
        }
        between = ", ";
    }
    haul_buf_add_str(buf, *between ? ".</p>" : "No URL has changed.</p>");
}

static int64_t gained(const struct haul_summary_mover *mover)
{
    return (mover->after > 0 ? mover->after : 0) - (mover->before > 0 ? mover->before : 0);
}

static double magnitude(int64_t value)
{
    return value < 0 ? -(double)value : (double)value;
}

static void add_mover(struct haul_buf *buf, const struct haul_summary_mover *mover, double most)
{
    int64_t change = gained(mover);

    haul_buf_addf(buf, "<tr><td class=\"w\">%s</td>", haul_change_texts[mover->change]);
    haul_render_html_add_url_cell(buf, mover->url);
    haul_buf_add_str(buf, "<td class=\"n opt\">");
    haul_render_add_size(buf, mover->before);
    haul_buf_add_str(buf, "</td><td class=\"n opt\">");
    haul_render_add_size(buf, mover->after);
    haul_buf_addf(buf, "</td><td class=\"n %s\">", change > 0 ? "more" : change < 0 ? "less" : "");
    haul_render_add_change(buf, change);
    haul_buf_add_str(buf, "</td>");
    haul_render_html_add_bar(buf, magnitude(change), most, change > 0 ? "more" : "less", "opt");
    haul_buf_add_str(buf, "</tr>\n");
}

static void add_movers(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = at_most(summary->mover_count, MOVERS_MAX);
    double most = 0;

    if (!shown)
        return;
    for (size_t i = 0; i < shown; i++)
        most = magnitude(gained(&summary->mover[i])) > most ? magnitude(gained(&summary->mover[i]))
                                                            : most;
    haul_buf_add_str(
        buf, "<div class=\"side\"><table><thead><tr><th scope=\"col\">change</th>"
             "<th scope=\"col\">URL</th><th scope=\"col\" class=\"n opt\">before</th>"
             "<th scope=\"col\" class=\"n opt\">now</th>"
             "<th scope=\"col\" class=\"n\">change in size</th><td class=\"opt\"></td></tr></thead>"
             "<tbody>\n");
    for (size_t i = 0; i < shown; i++)
        add_mover(buf, &summary->mover[i], most);
    haul_buf_add_str(buf, "</tbody></table></div>");
    add_rest(buf, haul_render_count_changes(summary), shown);
}

void haul_render_html_add_changes(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->has_before)
        return;
    haul_buf_add_str(buf, "<section id=\"changes\"><h2>What has changed since ");
    haul_render_add_date(buf, summary->before_started_us);
    haul_buf_add_str(buf, "</h2>");
    add_change_counts(buf, summary);
    add_movers(buf, summary);
    haul_buf_add_str(buf, "</section>\n");
}

/* --- failures ------------------------------------------------------------------------------- */

void haul_render_html_add_failures(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = at_most(summary->failed_count, FAILURES_MAX);

    if (!shown)
        return;
    haul_buf_add_str(buf, "<section id=\"failures\"><h2>What has failed</h2>"
                          "<div class=\"scroll\" tabindex=\"0\" role=\"region\""
                          " aria-label=\"Failures\"><table><thead><tr>"
                          "<th scope=\"col\">reason</th><th scope=\"col\">URL</th>"
                          "<th scope=\"col\" class=\"n opt\">line</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++) {
        const struct haul_summary_page *page = &summary->failed[i];

        haul_buf_add_str(buf, "<tr>");
        haul_render_html_add_text_cell(
            buf, "w bad", *page->reason ? page->reason : haul_outcome_word(page->outcome));
        haul_render_html_add_url_cell(buf, page->url);
        haul_buf_addf(buf, "<td class=\"n opt\">%llu</td></tr>\n", (unsigned long long)page->line);
    }
    haul_buf_add_str(buf, "</tbody></table></div>");
    add_rest(buf, haul_summary_count(summary, HAUL_OUTCOME_FAILED), shown);
    haul_buf_add_str(buf, "</section>\n");
}

/* --- the largest, groups ---------------------------------------------------------------------- */

void haul_render_html_add_largest(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t shown = at_most(summary->page_count, LARGEST_MAX);
    double sum = 0;

    if (!shown || summary->page[0].size <= 0)
        return;
    haul_buf_add_str(buf,
                     "<h3 id=\"largest\">The largest</h3><div class=\"side\"><table><thead><tr>"
                     "<th scope=\"col\">URL</th><th scope=\"col\" class=\"opt\">type</th>"
                     "<th scope=\"col\" class=\"n\">size</th><td></td></tr></thead><tbody>\n");
    while (summary->page[shown - 1].size < 0)
        shown--;
    for (size_t i = 0; i < shown; i++) {
        const struct haul_summary_page *page = &summary->page[i];

        haul_buf_add_str(buf, "<tr>");
        haul_render_html_add_url_cell(buf, page->url);
        haul_render_html_add_text_cell(buf, "w opt", page->type);
        add_size_cell(buf, page->size);
        haul_render_html_add_bar(buf, (double)page->size, (double)summary->page[0].size, "", "");
        haul_buf_add_str(buf, "</tr>\n");
        sum += page->size > 0 ? (double)page->size : 0;
    }
    haul_buf_add_str(buf, "</tbody></table></div>");
    if (shown > 1 && summary->size > 0) {
        haul_buf_add_str(buf, "<p class=\"note\">Together they are ");
        haul_render_add_share(buf, sum, (double)summary->size);
        haul_buf_add_str(buf, " of all bytes.</p>");
    }
}

static void add_group_row(struct haul_buf *buf, const struct haul_summary_group *group, double most,
                          bool has_before)
{
    haul_buf_add_str(buf, "<tr><td class=\"u\">");
    if (*group->name)
        haul_render_html_add_text(buf, group->name, HAUL_RENDER_HTML_NAME_MAX);
    else
        haul_buf_add_str(buf, "<i>none</i>");
    haul_buf_add_str(buf, "</td>");
    add_number_cell(buf, group->count);
    haul_buf_addf(buf, "<td class=\"n opt%s\">", group->failed ? " bad" : "");
    haul_units_add_grouped(buf, group->failed > INT64_MAX ? INT64_MAX : (int64_t)group->failed);
    haul_buf_add_str(buf, "</td>");
    add_size_cell(buf, group->size);
    if (has_before) {
        int64_t change = group->size - (group->size_before > 0 ? group->size_before : 0);

        haul_buf_addf(buf, "<td class=\"n opt %s\">",
                      change > 0   ? "more"
                      : change < 0 ? "less"
                                   : "");
        if (group->size_before < 0)
            haul_buf_add_str(buf, "new");
        else
            haul_render_add_change(buf, change);
        haul_buf_add_str(buf, "</td>");
    }
    haul_render_html_add_bar(buf, (double)group->size, most, "", "");
    haul_buf_add_str(buf, "</tr>\n");
}

static void add_group_table(struct haul_buf *buf, const char *title,
                            const struct haul_summary_group *group, size_t count, bool has_before)
{
    size_t shown = at_most(count, GROUPS_MAX);

    if (!shown)
        return;
    haul_buf_add_str(buf, "<h3>By ");
    haul_render_html_add_text(buf, title, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_addf(buf,
                  "</h3><div class=\"side\"><table><thead><tr><th scope=\"col\">name</th>"
                  "<th scope=\"col\" class=\"n\">URLs</th>"
                  "<th scope=\"col\" class=\"n opt\">failed</th>"
                  "<th scope=\"col\" class=\"n\">size</th>%s<td></td></tr></thead><tbody>\n",
                  has_before ? "<th scope=\"col\" class=\"n opt\">change</th>" : "");
    for (size_t i = 0; i < shown; i++)
        add_group_row(buf, &group[i], (double)group[0].size, has_before);
    haul_buf_add_str(buf, "</tbody></table></div>");
    add_rest(buf, count, shown);
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
