#include "render/html.h"

#include "base/escape.h"
#include "render/number.h"
#include "render/render.h"
#include "render/svg.h"

enum { OFFENDER_MAX = 200, OFFENDERS_MAX = 10 };

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
    haul_render_html_add_text(buf, haul_render_title(summary), HAUL_RENDER_HTML_NAME_MAX);
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
    add_link(buf, "changes", "Changes", summary->has_before && !haul_summary_is_bare(summary));
    add_link(buf, "where", "Where the bytes are", true);
    add_link(buf, "sizes", "Sizes", true);
    add_link(buf, "history", "Trend", true);
    add_link(buf, "groups", "Hosts and types", summary->host_count || summary->type_count);
    add_link(buf, "workers", "Workers", true);
    add_link(buf, "urls", "URLs", summary->page_count);
    haul_buf_add_str(buf, "</ul></nav>");
}

static void add_origin(struct haul_buf *buf, const struct haul_summary *summary)
{
    struct haul_span origin = haul_render_html_origin_of(summary);

    if (!origin.len)
        return;
    haul_buf_add_str(buf, "<p>URLs that begin with / are of <code>");
    haul_escape_html(buf, origin.at, origin.len); /* printable ASCII */
    haul_buf_add_str(buf, "</code></p>\n");
}

static void add_title(struct haul_buf *buf, const struct haul_summary *summary)
{
    const struct haul_render_flaw *flaw = haul_render_find_flaw(summary);

    haul_buf_add_str(buf, "<a class=\"skip\" href=\"#main\">To the report</a>\n<header>\n<h1>");
    haul_render_html_add_text(buf, haul_render_title(summary), HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_addf(buf, "</h1>\n<p>Audit of %s</p>\n", haul_render_date(summary->started_us).text);
    add_origin(buf, summary);
    if (flaw)
        haul_buf_addf(buf, "<p class=\"bad\">%s</p>\n", flaw->sentence);
    add_contents(buf, summary);
    haul_buf_add_str(buf, "\n</header>\n<main id=\"main\">\n");
}

/* A tile, as far as what is written small below its figure. */
static void begin_tile(struct haul_buf *buf, const char *name, bool is_bad, const char *figure)
{
    haul_buf_addf(buf,
                  "<li><span class=\"name\">%s</span> <span class=\"big %s\">%s</span>"
                  " <span class=\"sub\">",
                  name, is_bad ? "bad" : "", figure);
}

static void end_tile(struct haul_buf *buf)
{
    haul_buf_add_str(buf, "</span></li>\n");
}

static void add_change(struct haul_buf *buf, const struct haul_summary *summary)
{
    int64_t change = haul_render_total_change(summary);

    haul_render_add_apart(buf, summary->change);
    if (!change && summary->newly_known && !summary->compared)
        haul_buf_add_str(buf, "nothing to compare with in the last run");
    else if (!change)
        haul_buf_add_str(buf, "as in the last run");
    else
        haul_buf_addf(
            buf, "<span class=\"%s\">%s (%s)</span> since the last run",
            change > 0 ? "more" : "less", haul_render_change(change).text,
            haul_render_signed_share((double)change, (double)summary->compared_before).text);
    if (summary->change[HAUL_CHANGE_WIRE])
        haul_render_add_wire_gain(buf, summary->compared_wire_before, summary->compared_wire);
    haul_render_add_newly_known(buf, summary->newly_known);
}

static void add_total_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin_tile(buf, "Total size", false, haul_render_size(summary->size).text);
    if (haul_summary_is_bare(summary))
        haul_render_add_nothing(buf, summary);
    else if (summary->has_before)
        add_change(buf, summary);
    else
        haul_buf_add_str(buf, "no earlier run to compare with");
    end_tile(buf);
}

static void add_urls_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    const char *between = "";

    begin_tile(buf, "URLs", false, haul_render_grouped(haul_summary_urls(summary)).text);
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++) {
        uint64_t count = haul_summary_count(summary, (enum haul_outcome)i);
        const char *word = haul_outcome_word((enum haul_outcome)i);

        if (!count || i == HAUL_OUTCOME_FAILED)
            continue;
        haul_buf_addf(buf, "%s%s", between, haul_render_count(count, word, word).text);
        between = ", ";
    }
    haul_buf_add_str(buf, *between ? "" : "none was fetched");
    end_tile(buf);
}

static void add_failed_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t failed = haul_summary_count(summary, HAUL_OUTCOME_FAILED);
    uint64_t urls = haul_summary_urls(summary);

    begin_tile(buf, "Failed", failed, haul_render_grouped(failed).text);
    if (failed)
        haul_buf_addf(buf, "%s of all", haul_render_share((double)failed, (double)urls).text);
    else
        haul_buf_add_str(buf, urls ? "none" : "nothing was tried");
    if (summary->has_before && failed != summary->before_failed)
        haul_buf_addf(buf, ", before: %s", haul_render_grouped(summary->before_failed).text);
    end_tile(buf);
}

static void add_time_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t workers = summary->workers > 0 ? (uint64_t)summary->workers : 0;
    double times =
        summary->duration_us > 0 ? (double)summary->serial_us / (double)summary->duration_us : 0;

    begin_tile(buf, "Time", false, haul_render_duration(summary->duration_us).text);
    haul_buf_add_str(buf, haul_render_count(workers, "worker", "workers").text);
    if (times >= 1.05)
        haul_buf_addf(buf, "; %s one by one: %s times as fast",
                      haul_render_duration(summary->serial_us).text,
                      haul_render_decimal(times, 1).text);
    end_tile(buf);
}

static void add_budget_tile(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t exceeded = haul_render_count_budgets(summary, HAUL_BUDGET_EXCEEDED);
    size_t unknown = haul_render_count_budgets(summary, HAUL_BUDGET_UNKNOWN);
    size_t empty = haul_render_count_budgets(summary, HAUL_BUDGET_EMPTY);

    if (!summary->budget_count)
        return;
    begin_tile(buf, "Budgets exceeded", exceeded, haul_render_grouped(exceeded).text);
    haul_buf_addf(buf, "of %s", haul_render_grouped(summary->budget_count).text);
    if (unknown)
        haul_buf_addf(buf, ", %s unknown", haul_render_grouped(unknown).text);
    if (empty)
        haul_buf_addf(buf, ", %s without a match", haul_render_grouped(empty).text);
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

/* --- budgets ---------------------------------------------------------------------------------- */

/* Where the limit and the actual value stand on a line of 1000. */
static void add_meter(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    double most = budget->actual > budget->limit ? budget->actual : budget->limit;
    double actual = most > 0 && budget->actual > 0 ? budget->actual / most * 1000 : 0;
    double limit = most > 0 && budget->limit > 0 ? budget->limit / most * 1000 : 0;

    haul_buf_addf(
        buf,
        "<svg viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        "<rect class=\"track\" width=\"1000\" height=\"12\"/>"
        "<rect class=\"fill%s\" width=\"%s\" y=\"2\" height=\"8\"/>"
        "<path class=\"limit\" vector-effect=\"non-scaling-stroke\" d=\"M%s 0v12\"/></svg>",
        budget->state == HAUL_BUDGET_EXCEEDED ? " over" : "",
        haul_render_short_decimal(actual, 1).text,
        haul_render_short_decimal(limit < 1     ? 1
                                  : limit > 999 ? 999
                                                : limit,
                                  1)
            .text);
}

static void add_offenders(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    size_t shown = haul_render_at_most(budget->offender_count, OFFENDERS_MAX);

    if (!shown)
        return;
    haul_buf_add_str(buf, "<ul>");
    for (size_t i = 0; i < shown; i++) {
        haul_buf_add_str(buf, "<li><code>");
        haul_render_html_add_text(buf, budget->offender[i], OFFENDER_MAX);
        haul_buf_add_str(buf, "</code></li>");
    }
    if (budget->offender_total > shown)
        haul_buf_addf(buf, "<li>and %s</li>",
                      haul_render_count(budget->offender_total - shown, "other", "others").text);
    haul_buf_add_str(buf, "</ul>");
}

static void add_state(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    static const char *const marks[] = {"good\">&#10003;", "bad\">&#10007;", "\">?", "\">!"};

    if (haul_render_has_figures(budget)) {
        haul_render_add_figure(buf, budget);
        haul_buf_addf(buf, " of %s &nbsp; ", haul_render_amount(budget->limit, budget->unit).text);
    }
    haul_buf_addf(buf, "<span class=\"word %s %s</span>", marks[budget->state],
                  haul_render_budget_word(budget->state));
}

static void add_budgets(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->budget_count)
        return;
    haul_buf_add_str(buf, "<section id=\"budgets\"><h2>Budgets</h2><ul class=\"budgets\">\n");
    for (size_t i = 0; i < summary->budget_count; i++) {
        const struct haul_summary_budget *budget = &summary->budget[i];

        haul_buf_add_str(buf, "<li><p><code>");
        haul_render_html_add_text(buf, budget->expression, HAUL_RENDER_HTML_NAME_MAX);
        haul_buf_add_str(buf, "</code><span>");
        add_state(buf, budget);
        haul_buf_add_str(buf, "</span></p>");
        if (haul_render_has_figures(budget))
            add_meter(buf, budget);
        if (budget->note && *budget->note) {
            haul_buf_add_str(buf, "<span class=\"note\">");
            haul_render_html_add_text(buf, budget->note, OFFENDER_MAX);
            haul_buf_add_str(buf, "</span>");
        }
        add_offenders(buf, budget);
        haul_buf_add_str(buf, "</li>\n");
    }
    haul_buf_add_str(buf, "</ul></section>\n");
}

/* --- sections --------------------------------------------------------------------------------- */

static void begin_section(struct haul_buf *buf, const char *name, const char *title,
                          const char *note)
{
    haul_buf_addf(buf, "<section id=\"%s\"><h2>%s</h2>", name, title);
    if (*note)
        haul_buf_addf(buf, "<p class=\"note\">%s</p>", note);
}

static void add_sizes(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin_section(buf, "sizes", "How large the URLs are",
                  summary->size_unknown ? "URLs whose size is not known are left out." : "");
    haul_render_svg_add_histogram(buf, summary);
    haul_render_html_add_largest(buf, summary);
    haul_buf_add_str(buf, "</section>\n");
}

static void add_history(struct haul_buf *buf, const struct haul_summary *summary)
{
    static const char *const notes[2][2] = {
        {"", "A run with failures (an open ring) knows less than the total."},
        {"The dashed line is what it takes on the wire.",
         "A run with failures (an open ring) knows less than the total; the dashed line is what it"
         " takes on the wire."}};
    bool has_failed = false, has_wire = false;

    for (size_t i = 0; i < summary->past_count && summary->past_count > 1; i++) {
        has_failed = has_failed || summary->past[i].failed;
        has_wire = has_wire || summary->past[i].wire > 0;
    }
    begin_section(buf, "history", "The total of each run", notes[has_wire][has_failed]);
    haul_render_svg_add_trend(buf, summary);
    haul_buf_add_str(buf, "</section>\n");
}

static void add_workers(struct haul_buf *buf, const struct haul_summary *summary)
{
    bool has_failed = false, has_waited = false;

    for (size_t i = 0; i < summary->slice_count; i++) {
        has_failed = has_failed || summary->slice[i].failed;
        has_waited = has_waited || summary->slice[i].is_wait;
    }
    begin_section(buf, "workers", "What the workers did",
                  !summary->slice_count ? ""
                  : has_failed ? "A lane is a worker; blue is a transfer, orange one that failed."
                               : "A lane is a worker; blue is a transfer.");
    if (has_waited)
        haul_buf_add_str(buf, "<p class=\"note\">Light is the time until a URL was asked for again,"
                              " behind the request before: meanwhile its worker did what else there"
                              " was to do.</p>");
    haul_render_svg_add_timeline(buf, summary);
    haul_buf_add_str(buf, "</section>\n");
}

static void add_foot(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "</main>\n<footer>Made by haul ");
    haul_render_html_add_text(buf, summary->version, HAUL_RENDER_HTML_NAME_MAX);
    haul_buf_addf(buf,
                  ", exit status %d. Sizes are those of the decoded bodies; 1 KiB is 1,024 bytes."
                  " Received in this run: %s.",
                  summary->exit_status, haul_render_size(summary->wire).text);
    if (summary->page_wire.known)
        haul_buf_addf(buf, " All bodies take %s on the wire, a ratio of %s.",
                      haul_render_wire(&summary->page_wire).text,
                      haul_render_ratio(&summary->page_wire).text);
    haul_buf_add_str(buf, "</footer>\n<script>");
    haul_buf_add_str(buf, haul_render_html_script);
    haul_buf_add_str(buf, "</script>\n</body>\n</html>\n");
}

void haul_render_write_html(struct haul_out *out, const struct haul_summary *summary)
{
    static void (*const parts[])(struct haul_buf * buf, const struct haul_summary *summary) = {
        add_head,
        add_title,
        add_tiles,
        add_budgets,
        haul_render_html_add_failures,
        haul_render_html_add_changes,
        haul_render_html_add_where,
        add_sizes,
        add_history,
        haul_render_html_add_groups,
        add_workers,
    };
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    writer.hash = "&#35;";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        parts[i](&writer.buf, summary);
        haul_writer_pass(&writer);
    }
    haul_render_html_add_urls(&writer, summary);
    add_foot(&writer.buf, summary);
    haul_writer_done(&writer);
}
