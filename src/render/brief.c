#include "render/brief.h"

#include <string.h>

#include "base/calendar.h"
#include "base/escape.h"
#include "base/units.h"
#include "render/number.h"

enum { TITLE_WIDTH = 60, EXPRESSION_WIDTH = 80, NOTE_WIDTH = 200, TYPE_WIDTH = 60 };

static void add_escaped(struct haul_buf *buf, const char *text, bool utf8, size_t width)
{
    haul_escape_terminal(buf, text, strlen(text), utf8, width);
}

/* A URL, at the end of its line. */
static void add_url(struct haul_buf *buf, const char *url, bool utf8)
{
    haul_escape_terminal_middle(buf, url, strlen(url), utf8, HAUL_BRIEF_URL_WIDTH);
    haul_buf_add_char(buf, '\n');
}

static void add_rest(struct haul_buf *buf, uint64_t all, uint64_t shown, const char *what)
{
    if (all > shown)
        haul_buf_addf(buf, "  and %s %s\n", haul_render_grouped(all - shown).text, what);
}

/* ---- numbers ---- */

static int64_t whole(double value)
{
    return value >= 9.2e18 ? INT64_MAX : value <= -9.2e18 ? -INT64_MAX : (int64_t)value;
}

/* "1.2 MiB (1,258,291 bytes)" */
static void add_bytes(struct haul_buf *buf, int64_t bytes)
{
    haul_units_add_bytes(buf, bytes);
    if (bytes < 1024 && bytes > -1024)
        return;
    haul_buf_add_str(buf, " (");
    haul_units_add_grouped(buf, bytes);
    haul_buf_add_str(buf, " bytes)");
}

static void add_value(struct haul_buf *buf, const char *unit, double value)
{
    if (strcmp(unit, "%") == 0) {
        haul_buf_addf(buf, "%s %%", haul_render_short_decimal(value, 4).text);
    } else if (strcmp(unit, "bytes") == 0) {
        add_bytes(buf, whole(value));
    } else {
        bool is_one = strcmp(unit, "URLs") == 0 && whole(value) == 1;

        haul_units_add_grouped(buf, whole(value));
        haul_buf_addf(buf, " %s", is_one ? "URL" : unit);
    }
}

/* ---- the headline ---- */

static void add_outcome(struct haul_buf *buf, const struct haul_summary *summary,
                        enum haul_outcome outcome)
{
    uint64_t count = haul_summary_count(summary, outcome);

    if (count)
        haul_buf_addf(buf, ", %s %s", haul_render_grouped(count).text, haul_outcome_word(outcome));
}

static void add_failures(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t failed = haul_summary_count(summary, HAUL_OUTCOME_FAILED);
    uint64_t urls = haul_summary_urls(summary);

    if (failed)
        haul_buf_addf(buf, "%s of %s failed", haul_render_grouped(failed).text,
                      haul_render_grouped(urls).text);
    else
        haul_buf_addf(buf, "%s, none failed", haul_render_count(urls, "URL", "URLs").text);
    add_outcome(buf, summary, HAUL_OUTCOME_INVALID);
    add_outcome(buf, summary, HAUL_OUTCOME_SKIPPED);
    add_outcome(buf, summary, HAUL_OUTCOME_PENDING);
    if (!summary->complete)
        haul_buf_add_str(buf, ", not complete");
}

/* What fails now has not made the rest smaller. */
static void add_growth(struct haul_buf *buf, const struct haul_summary *summary)
{
    int64_t change = haul_render_total_change(summary);
    uint64_t failing = summary->change[HAUL_CHANGE_FAILING];

    if (failing)
        haul_buf_addf(buf, "%s now failing, the rest ", haul_render_grouped(failing).text);
    if (change) {
        haul_buf_add_str(buf, haul_render_change(change).text);
        if (summary->compared_before > 0)
            haul_buf_addf(
                buf, " (%s)",
                haul_render_signed_share((double)change, (double)summary->compared_before).text);
        haul_buf_add_str(buf, " since ");
    } else if (summary->newly_known && !summary->compared) {
        haul_buf_add_str(buf, "nothing to compare with on ");
    } else {
        haul_buf_add_str(buf, "the same size as on ");
    }
    (void)haul_calendar_add_date(buf, summary->before_started_us);
    haul_render_add_newly_known(buf, summary->newly_known);
}

static void add_size(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, ", ");
    if (summary->has_before) {
        add_growth(buf, summary);
        return;
    }
    haul_units_add_bytes(buf, summary->size < 0 ? 0 : summary->size);
    haul_buf_add_str(buf, " in all");
}

static void add_budget_count(struct haul_buf *buf, const struct haul_summary *summary,
                             enum haul_budget_state state, const char *what)
{
    size_t count = haul_render_count_budgets(summary, state);

    if (count)
        haul_buf_addf(buf, ", %s %s", haul_render_count(count, "budget", "budgets").text, what);
}

void haul_brief_add_headline(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    haul_buf_add_str(buf, "haul: ");
    if (*summary->title &&
        (summary->is_titled || summary->has_before || !haul_summary_is_bare(summary))) {
        add_escaped(buf, summary->title, utf8, TITLE_WIDTH);
        haul_buf_add_str(buf, ": ");
    }
    if (haul_summary_is_bare(summary)) {
        haul_render_add_nothing(buf, summary);
        haul_buf_add_str(buf, summary->nothing_found ? "" : ", not complete");
    } else {
        add_failures(buf, summary);
        add_size(buf, summary);
    }
    add_budget_count(buf, summary, HAUL_BUDGET_EXCEEDED, "exceeded");
    add_budget_count(buf, summary, HAUL_BUDGET_UNKNOWN, "not known");
    add_budget_count(buf, summary, HAUL_BUDGET_EMPTY, "without a match");
    haul_buf_add_char(buf, '\n');
}

void haul_brief_add_changes(struct haul_buf *buf, const struct haul_summary *summary)
{
    const char *between = ": ";

    if (!summary->has_before)
        return;
    if (haul_summary_is_bare(summary))
        haul_render_add_nothing(buf, summary);
    else
        add_growth(buf, summary);
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        if (!summary->change[i] || i == HAUL_CHANGE_FAILING)
            continue;
        haul_buf_addf(buf, "%s%s %s", between, haul_render_grouped(summary->change[i]).text,
                      haul_change_texts[i]);
        between = ", ";
    }
    haul_buf_add_char(buf, '\n');
}

/* ---- budgets ---- */

static void add_figure(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    haul_buf_add_str(buf, haul_render_bound(budget));
    add_value(buf, budget->unit, budget->actual);
    if (!haul_render_is_range(budget))
        return;
    haul_buf_add_str(buf, " to ");
    add_value(buf, budget->unit, budget->most);
}

static void add_budget(struct haul_buf *buf, const struct haul_summary_budget *budget, bool utf8)
{
    static const char *const states[] = {[HAUL_BUDGET_KEPT] = ": kept: ",
                                         [HAUL_BUDGET_EXCEEDED] = ": EXCEEDED: ",
                                         [HAUL_BUDGET_UNKNOWN] = ": not known: ",
                                         [HAUL_BUDGET_EMPTY] = ": matches nothing: "};

    haul_buf_add_str(buf, "budget ");
    add_escaped(buf, budget->expression, utf8, EXPRESSION_WIDTH);
    haul_buf_add_str(buf, states[budget->state]);
    if (haul_render_has_figures(budget)) {
        add_figure(buf, budget);
        haul_buf_add_str(buf, ", ");
    }
    haul_buf_add_str(buf, "limit ");
    add_value(buf, budget->unit, budget->limit);
    if (budget->note && budget->state != HAUL_BUDGET_EMPTY) {
        haul_buf_add_str(buf, "; ");
        add_escaped(buf, budget->note, utf8, NOTE_WIDTH);
    }
    haul_buf_add_char(buf, '\n');
    for (size_t i = 0; i < budget->offender_count; i++) {
        haul_buf_add_str(buf, "  ");
        add_url(buf, budget->offender[i], utf8);
    }
    if (budget->offender_count)
        add_rest(buf, budget->offender_total, budget->offender_count, "more");
}

void haul_brief_add_budgets(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    for (size_t i = 0; i < summary->budget_count; i++)
        add_budget(buf, &summary->budget[i], utf8);
}

/* ---- what failed, and what has changed ---- */

static void add_failed(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    size_t shown = haul_render_at_most(summary->failed_count, HAUL_BRIEF_FAILED_MAX);

    for (size_t i = 0; i < shown; i++) {
        const struct haul_summary_page *page = &summary->failed[i];

        haul_buf_addf(buf, "%s: ", haul_outcome_word(page->outcome));
        add_escaped(buf, page->reason, utf8, TYPE_WIDTH);
        haul_buf_add_str(buf, ": ");
        add_url(buf, page->url, utf8);
    }
    add_rest(buf, haul_summary_count(summary, HAUL_OUTCOME_FAILED), shown, "more that failed");
}

/* What fails has lost nothing for good; and what never had a size has not grown from 0. */
static void add_sizes(struct haul_buf *buf, const struct haul_summary_mover *mover)
{
    int64_t size = mover->change == HAUL_CHANGE_FAILING ? mover->before : mover->after;

    if (mover->is_gain_known) {
        haul_buf_add_str(buf, haul_render_change(mover->gained).text);
    } else if (size < 0) {
        haul_buf_add_str(buf, "-");
    } else {
        haul_buf_add_str(buf, mover->change == HAUL_CHANGE_FAILING ? "had " : "now ");
        haul_units_add_bytes(buf, size);
    }
}

static void add_mover(struct haul_buf *buf, const struct haul_summary_mover *mover, bool utf8)
{
    haul_buf_addf(buf, "%s: ", haul_change_texts[mover->change]);
    if (mover->change == HAUL_CHANGE_TYPE) {
        add_escaped(buf, mover->type_before, utf8, TYPE_WIDTH);
        haul_buf_add_str(buf, " to ");
        add_escaped(buf, mover->type_after, utf8, TYPE_WIDTH);
    } else {
        add_sizes(buf, mover);
    }
    haul_buf_add_str(buf, ": ");
    add_url(buf, mover->url, utf8);
}

static void add_movers(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    size_t shown = haul_render_at_most(summary->mover_count, HAUL_BRIEF_MOVERS_MAX);

    for (size_t i = 0; i < shown; i++)
        add_mover(buf, &summary->mover[i], utf8);
    add_rest(buf, haul_render_count_changes(summary), shown, "more that changed");
}

void haul_brief_add(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    haul_brief_add_headline(buf, summary, utf8);
    haul_brief_add_budgets(buf, summary, utf8);
    add_failed(buf, summary, utf8);
    add_movers(buf, summary, utf8);
}
