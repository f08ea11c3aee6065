#include "render/html.h"

#include <string.h>

#include "base/units.h"
#include "render/html_assets.h"
#include "render/number.h"
#include "render/render.h"
#include "render/svg.h"

/* The policy: nothing is loaded from anywhere, and of what is inside only the one style and the one
 * script that haul was built with are used. The empty icon keeps browsers from asking for one. */
static void add_head(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_addf(buf,
                  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; "
                  "form-action 'none'\">\n",
                  haul_render_html_style_hash, haul_render_html_script_hash);
    haul_buf_add_str(buf,
                     "<meta name=\"viewport\" content=\"width=device-width,"
                     "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<meta name=\"referrer\" content=\"no-referrer\">\n"
                     "<meta name=\"robots\" content=\"noindex\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n<title>haul: ");
    haul_render_html_add_text(buf, summary->title, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_add_str(buf, "</title>\n<style>");
    haul_buf_add_str(buf, haul_render_html_style);
    haul_buf_add_str(buf, "</style>\n</head>\n<body>\n");
}

/* --- the top of the page ---------------------------------------------------------------------- */

static void add_link(struct haul_buf *buf, const char *section, const char *text, bool is_there)
{
    if (is_there)
        haul_buf_addf(buf, "<li><a href=\"#%s\">%s</a></li>", section, text);
}

static void add_contents(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "<nav aria-label=\"Sections\"><ul>");
    add_link(buf, "budgets", "Budgets", summary->budget_count);
    add_link(buf, "failures", "Failures", summary->failed_count);
    add_link(buf, "changes", "Changes", summary->has_before);
    add_link(buf, "where", "Where the bytes are", true);
    add_link(buf, "sizes", "Sizes", true);
    add_link(buf, "history", "Trend", true);
    add_link(buf, "groups", "Hosts and types", summary->host_count || summary->type_count);
    add_link(buf, "workers", "Workers", true);
    add_link(buf, "urls", "URLs", summary->page_count);
    haul_buf_add_str(buf, "</ul></nav>");
}

static void add_title(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "<a class=\"skip\" href=\"#main\">To the report</a>\n<header>\n<h1>");
    haul_render_html_add_text(buf, summary->title, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_add_str(buf, "</h1>\n<p>Audit of ");
    haul_render_add_date(buf, summary->started_us);
    haul_buf_add_str(buf, "</p>\n");
    if (!summary->complete)
        haul_buf_add_str(buf, "<p class=\"bad\">The run was stopped before all URLs were done: what"
                              " follows is a part.</p>\n");
    add_contents(buf, summary);
    haul_buf_add_str(buf, "\n</header>\n<main id=\"main\">\n");
}

static void begin_tile(struct haul_buf *buf, const char *name, const char *colour)
{
    haul_buf_addf(buf, "<li><span class=\"name\">%s</span> <span class=\"big %s\">", name, colour);
}

static void end_big(struct haul_buf *buf)
{
    haul_buf_add_str(buf, "</span> <span class=\"sub\">");
}

static void end_tile(struct haul_buf *buf)
{
    haul_buf_add_str(buf, "</span></li>\n");
}

static void add_total_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    int64_t change = haul_render_total_change(summary);

    begin_tile(buf, "Total size", "");
    haul_render_add_size(buf, summary->size);
    end_big(buf);
    if (!summary->has_before) {
        haul_buf_add_str(buf, "no earlier run to compare with");
    } else if (!change) {
        haul_buf_add_str(buf, "as in the last run");
    } else {
        haul_buf_addf(buf, "<span class=\"%s\">", change > 0 ? "more" : "less");
        haul_render_add_change(buf, change);
        haul_buf_add_str(buf, " (");
        haul_render_add_signed_share(buf, (double)change, (double)summary->before_size);
        haul_buf_add_str(buf, ")</span> since the last run");
    }
    end_tile(buf);
}

static void add_urls_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t urls = haul_summary_urls(summary);
    const char *between = "";

    begin_tile(buf, "URLs", "");
    haul_units_add_grouped(buf, urls > INT64_MAX ? INT64_MAX : (int64_t)urls);
    end_big(buf);
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++) {
        uint64_t count = haul_summary_count(summary, (enum haul_outcome)i);
        const char *word = haul_outcome_word((enum haul_outcome)i);

        if (!count || i == HAUL_OUTCOME_FAILED)
            continue;
        haul_buf_add_str(buf, between);
        haul_render_add_count(buf, count, word, word);
        between = ", ";
    }
    haul_buf_add_str(buf, *between ? "" : "none was fetched");
    end_tile(buf);
}

static void add_failed_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t failed = haul_summary_count(summary, HAUL_OUTCOME_FAILED);

    begin_tile(buf, "Failed", failed ? "bad" : "");
    haul_units_add_grouped(buf, failed > INT64_MAX ? INT64_MAX : (int64_t)failed);
    end_big(buf);
    if (failed) {
        haul_render_add_share(buf, (double)failed, (double)haul_summary_urls(summary));
        haul_buf_add_str(buf, " of all");
    } else {
        haul_buf_add_str(buf, haul_summary_urls(summary) ? "none" : "nothing was tried");
    }
    if (summary->has_before && failed != summary->before_failed) {
        haul_buf_add_str(buf, ", before: ");
        haul_units_add_grouped(buf, (int64_t)summary->before_failed);
    }
    end_tile(buf);
}

static void add_time_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    double times =
        summary->duration_us > 0 ? (double)summary->serial_us / (double)summary->duration_us : 0;

    begin_tile(buf, "Time", "");
    haul_render_add_duration_us(buf, summary->duration_us);
    end_big(buf);
    haul_render_add_count(buf, summary->workers > 0 ? (uint64_t)summary->workers : 0, "worker",
                          "workers");
    if (times >= 1.05) {
        haul_buf_add_str(buf, "; ");
        haul_render_add_duration_us(buf, summary->serial_us);
        haul_buf_add_str(buf, " one by one: ");
        haul_render_add_decimal(buf, times, 1);
        haul_buf_add_str(buf, " times as fast");
    }
    end_tile(buf);
}

static void add_budget_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t exceeded = haul_render_count_budgets(summary, HAUL_BUDGET_EXCEEDED);
    size_t unknown = haul_render_count_budgets(summary, HAUL_BUDGET_UNKNOWN);

    if (!summary->budget_count)
        return;
    begin_tile(buf, "Budgets exceeded", exceeded ? "bad" : "");
    haul_units_add_grouped(buf, (int64_t)exceeded);
    end_big(buf);
    haul_buf_add_str(buf, "of ");
    haul_units_add_grouped(buf, (int64_t)summary->budget_count);
    if (unknown) {
        haul_buf_add_str(buf, ", ");
        haul_units_add_grouped(buf, (int64_t)unknown);
        haul_buf_add_str(buf, " unknown");
    }
    end_tile(buf);
}

static void add_tiles(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "<ul class=\"tiles\">\n");
    add_total_tile(buf, summary);
    add_urls_tile(buf, summary);
    add_failed_tile(buf, summary);
    add_time_tile(buf, summary);
    add_budget_tile(buf, summary);
    haul_buf_add_str(buf, "</ul>\n");
}

/* --- sections --------------------------------------------------------------------------------- */

static void begin_section(struct haul_buf *buf, const char *name, const char *title,
                          const char *note)
{
    haul_buf_addf(buf, "<section id=\"%s\"><h2>%s</h2>", name, title);
    if (*note)
        haul_buf_addf(buf, "<p class=\"note\">%s</p>", note);
}

static void end_section(struct haul_buf *buf)
{
    haul_buf_add_str(buf, "</section>\n");
}

static void add_where(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin_section(buf, "where", "Where the bytes are",
                  summary->size > 0 ? "Each area is as large as what lies below that path. What is"
                                      " too small to be seen is put together, in grey."
                                    : "");
    haul_render_svg_add_treemap(buf, summary);
    end_section(buf);
}

static void add_sizes(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin_section(buf, "sizes", "How large the URLs are",
                  summary->size_unknown ? "URLs whose size is not known are left out." : "");
    haul_render_svg_add_histogram(buf, summary);
    haul_render_html_add_largest(buf, summary);
    end_section(buf);
}

static void add_history(struct haul_buf *buf, const struct haul_summary *summary)
{
    bool has_failed = false;

    for (size_t i = 0; i < summary->past_count; i++)
        has_failed = has_failed || summary->past[i].failed;
    begin_section(buf, "history", "The total of each run",
                  has_failed && summary->past_count > 1
                      ? "A run with failures (an open ring) knows less than the total."
                      : "");
    haul_render_svg_add_trend(buf, summary);
    end_section(buf);
}

static bool has_failed_slice(const struct haul_summary *summary)
{
    for (size_t i = 0; i < summary->slice_count; i++) {
        if (summary->slice[i].failed)
            return true;
    }
    return false;
}

static void add_workers(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin_section(buf, "workers", "What the workers did",
                  !summary->slice_count ? ""
                  : has_failed_slice(summary)
                      ? "A lane is a worker; blue is a transfer, orange one that failed."
                      : "A lane is a worker; blue is a transfer.");
    haul_render_svg_add_timeline(buf, summary);
    end_section(buf);
}

static void add_foot(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "</main>\n<footer>Made by haul ");
    haul_render_html_add_text(buf, summary->version, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_addf(buf, ", exit status %d", summary->exit_status);
    haul_buf_add_str(buf, ". Sizes are those of the decoded bodies; 1 KiB is 1,024 bytes. On the"
                          " wire: ");
    haul_render_add_size(buf, summary->wire);
    haul_buf_add_str(buf, ".</footer>\n<script>");
    haul_buf_add_str(buf, haul_render_html_script);
    haul_buf_add_str(buf, "</script>\n</body>\n</html>\n");
}

void haul_render_write_html(struct haul_out *out, const struct haul_summary *summary)
{
    static void (*const parts[])(struct haul_buf * buf, const struct haul_summary *summary) = {
        add_head,
        add_title,
        add_tiles,
        haul_render_html_add_budgets,
        haul_render_html_add_failures,
        haul_render_html_add_changes,
        add_where,
        add_sizes,
        add_history,
        haul_render_html_add_groups,
        add_workers,
    };
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        parts[i](&writer.buf, summary);
        haul_writer_pass(&writer);
    }
    haul_render_html_add_urls(&writer, summary);
    add_foot(&writer.buf, summary);
    haul_writer_done(&writer);
}
