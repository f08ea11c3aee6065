#include "render/brief.h"

#include <string.h>

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
    haul_render_add_inputs(buf, summary);
    if (!summary->complete)
        haul_buf_add_str(buf, ", not complete");
}

/* What fails now has not made the rest smaller. */
static void add_growth(struct haul_buf *buf, const struct haul_summary *summary)
{
    int64_t change = haul_render_total_change(summary);

    haul_render_add_apart(buf, summary->change);
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
    haul_buf_add_str(buf, haul_render_date(summary->before_started_us).text);
    if (summary->change[HAUL_CHANGE_WIRE])
        haul_render_add_wire_gain(buf, summary->compared_wire_before, summary->compared_wire);
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
        haul_render_add_inputs(buf, summary);
        haul_buf_add_str(buf, summary->inputs.nothing_found ? "" : ", not complete");
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
        if (!summary->change[i] || haul_change_is_apart((enum haul_change)i))
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

/* What fails is told by itself; and of a budget in a mail the worst few are enough. */
static size_t count_shown(const struct haul_summary_budget *budget, bool in_mail)
{
    if (in_mail && !strncmp(budget->expression, "failed", 6))
        return 0;
    return in_mail ? haul_render_at_most(budget->offender_count, HAUL_BRIEF_OFFENDERS_MAX)
                   : budget->offender_count;
}

/* Whether that is the URL of "URL (1.5 MiB)". */
static bool is_of(const char *offender, const char *url)
{
    size_t len = strlen(url);

    return !strncmp(offender, url, len) && !strncmp(offender + len, " (", 2);
}

/* In a mail with what it has gained, for it is told of nowhere else there: "URL (1.5 MiB, +1.1
 * MiB)". */
static void add_offender(struct haul_buf *buf, const char *offender,
                         const struct haul_summary *summary, bool utf8)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, offender);
    for (size_t i = 0; summary && i < summary->mover_count; i++) {
        const struct haul_summary_mover *mover = &summary->mover[i];
        struct haul_render_number gained = haul_render_change(mover->gained);

        if (!mover->is_news && mover->is_gain_known && mover->gained &&
            is_of(offender, mover->url) && !strstr(offender + strlen(mover->url), gained.text)) {
            text.len--; /* its ')' */
            haul_buf_addf(&text, ", %s)", gained.text);
        }
    }
    haul_buf_add_str(buf, "  ");
    add_url(buf, haul_buf_str(&text), utf8);
    if (text.err && !buf->err)
        buf->err = text.err;
    haul_buf_done(&text);
}

/* `summary`: in a mail on it; else NULL. */
static void add_budget(struct haul_buf *buf, const struct haul_summary_budget *budget,
                       const struct haul_summary *summary, bool utf8)
{
    size_t shown = count_shown(budget, summary != NULL);

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
    for (size_t i = 0; i < shown; i++)
        add_offender(buf, budget->offender[i], summary, utf8);
    if (shown)
        add_rest(buf, budget->offender_total, shown, "more");
}

void haul_brief_add_budgets(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    for (size_t i = 0; i < summary->budget_count; i++)
        add_budget(buf, &summary->budget[i], NULL, utf8);
}

static void add_broken_budgets(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    for (size_t i = 0; i < summary->budget_count; i++)
        if (summary->budget[i].state != HAUL_BUDGET_KEPT)
            add_budget(buf, &summary->budget[i], summary, utf8);
}

/* ---- what fails ---- */

/* What never had a size has not grown from 0. */
static void add_gain(struct haul_buf *buf, bool is_gain_known, int64_t gained, int64_t after)
{
    if (is_gain_known) {
        haul_buf_add_str(buf, haul_render_change(gained).text);
    } else if (after < 0) {
        haul_buf_add_str(buf, "-");
    } else {
        haul_buf_add_str(buf, "now ");
        haul_units_add_bytes(buf, after);
    }
}

/* What is back as it was needs no figure. */
static bool has_gain(const struct haul_summary_news *news)
{
    if (*news->reason || (news->count > 1 && !news->is_gain_known) ||
        haul_change_is_apart(news->change))
        return false;
    return news->change != HAUL_CHANGE_RECOVERED || !news->is_gain_known || news->gained;
}

/* "now failing: 30 x http-503 below https://example.com/docs/", "recovered: +5 B: https://..." */
static void add_news(struct haul_buf *buf, const struct haul_summary_news *news, const char *what,
                     bool utf8)
{
    haul_buf_add_str(buf, what);
    if (news->count > 1)
        haul_buf_addf(buf, ": %s %s", haul_render_grouped(news->count).text,
                      *news->reason ? "x " : "URLs");
    else if (*news->reason)
        haul_buf_add_str(buf, ": ");
    add_escaped(buf, news->reason, utf8, TYPE_WIDTH);
    if (has_gain(news)) {
        haul_buf_add_str(buf, news->count > 1 ? ", " : ": ");
        add_gain(buf, news->is_gain_known, news->gained, news->after);
    }
    haul_buf_add_str(buf, news->count > 1 ? " below " : ": ");
    add_url(buf, news->url, utf8);
}

/* `all`: how many of these there are; `rest`: what those are that are not shown. */
static void add_all_news(struct haul_buf *buf, const struct haul_summary *summary,
                         enum haul_change change, uint64_t all, const char *rest, bool utf8)
{
    size_t most = change == HAUL_CHANGE_FAILING ? HAUL_SUMMARY_NEWS_MAX : HAUL_BRIEF_NEWS_MAX;
    bool is_first = change == HAUL_CHANGE_FAILING && !summary->has_before;
    uint64_t shown = 0;

    for (size_t i = 0; i < summary->news_count && most; i++) {
        if (summary->news[i].change != change)
            continue;
        add_news(buf, &summary->news[i], is_first ? "failed" : haul_change_texts[change], utf8);
        shown += summary->news[i].count;
        most--;
    }
    add_rest(buf, all, shown, rest);
}

static void add_still_failing(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (!summary->still_failing)
        return;
    haul_buf_addf(buf, "still failing: %s",
                  haul_render_count(summary->still_failing, "URL", "URLs").text);
    if (summary->still_failing_since_us > 0)
        haul_buf_addf(buf, "%s since %s", summary->still_failing > 1 ? ", the first" : "",
                      haul_render_date(summary->still_failing_since_us).text);
    haul_buf_add_char(buf, '\n');
}

/* ---- what else has changed ---- */

static void add_mover(struct haul_buf *buf, const struct haul_summary_mover *mover, bool utf8)
{
    haul_buf_addf(buf, "%s: ", haul_change_texts[mover->change]);
    if (mover->change == HAUL_CHANGE_TYPE) {
        add_escaped(buf, mover->type_before, utf8, TYPE_WIDTH);
        haul_buf_add_str(buf, " to ");
        add_escaped(buf, mover->type_after, utf8, TYPE_WIDTH);
    } else {
        add_gain(buf, mover->is_gain_known, mover->gained, mover->after);
    }
    haul_buf_add_str(buf, ": ");
    add_url(buf, mover->url, utf8);
}

/* By a budget that is not kept. */
static bool is_named(const struct haul_summary *summary, const char *url)
{
    for (size_t i = 0; i < summary->budget_count; i++) {
        const struct haul_summary_budget *budget = &summary->budget[i];

        for (size_t k = 0; k < count_shown(budget, true); k++)
            if (is_of(budget->offender[k], url))
                return true;
    }
    return false;
}

static void add_movers(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    uint64_t all = haul_render_count_changes(summary) - summary->news_changes, told = 0;
    size_t shown = 0;

    for (size_t i = 0; i < summary->mover_count && shown < HAUL_BRIEF_MOVERS_MAX; i++) {
        const struct haul_summary_mover *mover = &summary->mover[i];

        if (mover->is_news)
            continue;
        told++;
        if (is_named(summary, mover->url))
            continue;
        add_mover(buf, mover, utf8);
        shown++;
    }
    add_rest(buf, all, told, "more that changed");
}

/* ---- on the wire ---- */

static bool is_wire(const struct haul_summary_budget *budget)
{
    return !strncmp(budget->expression, "wire", strlen("wire"));
}

static bool has_wire_budget(const struct haul_summary *summary)
{
    for (size_t i = 0; i < summary->budget_count; i++)
        if (is_wire(&summary->budget[i]))
            return true;
    return false;
}

/* Budgets that are kept are none. */
static bool is_wire_news(const struct haul_summary *summary)
{
    for (size_t i = 0; i < summary->budget_count; i++)
        if (is_wire(&summary->budget[i]) && summary->budget[i].state != HAUL_BUDGET_KEPT)
            return true;
    return summary->change[HAUL_CHANGE_WIRE] > 0;
}

static void add_wire(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    size_t shown = 0;

    if (!haul_render_has_ratio(&summary->page_wire))
        return;
    haul_buf_addf(buf, "on the wire: %s, ratio %s", haul_render_wire(&summary->page_wire).text,
                  haul_render_ratio(&summary->page_wire).text);
    for (size_t i = 0; i < summary->type_count && shown < HAUL_BRIEF_TYPES_MAX; i++) {
        const struct haul_summary_group *type = &summary->type[i];

        if (!*type->name || !haul_render_has_ratio(&type->wire))
            continue;
        haul_buf_add_str(buf, shown++ ? ", " : "; ");
        add_escaped(buf, type->name, utf8, TYPE_WIDTH);
        haul_buf_addf(buf, " %s", haul_render_ratio(&type->wire).text);
    }
    haul_buf_add_char(buf, '\n');
}

void haul_brief_add_wire(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    if (has_wire_budget(summary) || is_wire_news(summary))
        add_wire(buf, summary, utf8);
}

void haul_brief_add(struct haul_buf *buf, const struct haul_summary *summary, bool utf8)
{
    haul_brief_add_headline(buf, summary, utf8);
    add_all_news(buf, summary, HAUL_CHANGE_FAILING, summary->newly_failing,
                 summary->has_before ? "more that fail now" : "more that failed", utf8);
    add_still_failing(buf, summary);
    add_broken_budgets(buf, summary, utf8);
    if (is_wire_news(summary))
        add_wire(buf, summary, utf8);
    add_all_news(buf, summary, HAUL_CHANGE_DISALLOWED, summary->change[HAUL_CHANGE_DISALLOWED],
                 "more that are disallowed", utf8);
    add_all_news(buf, summary, HAUL_CHANGE_RECOVERED, summary->change[HAUL_CHANGE_RECOVERED],
                 "more that recovered", utf8);
    add_all_news(buf, summary, HAUL_CHANGE_ADDED,
                 summary->change[HAUL_CHANGE_ADDED] - summary->added_failing, "more added", utf8);
    add_all_news(buf, summary, HAUL_CHANGE_GONE, summary->change[HAUL_CHANGE_GONE], "more gone",
                 utf8);
    add_movers(buf, summary, utf8);
}

void haul_brief_add_reports(struct haul_buf *buf, const char *const *file, size_t count, bool utf8)
{
    for (size_t i = 0; i < count; i++) {
        haul_buf_add_str(buf, i ? ", " : count > 1 ? "reports: " : "report: ");
        add_escaped(buf, file[i], utf8, HAUL_BRIEF_URL_WIDTH);
    }
    if (count)
        haul_buf_add_char(buf, '\n');
}
