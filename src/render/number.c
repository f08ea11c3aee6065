#include "render/number.h"

#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "base/saturate.h"
#include "base/units.h"

static const char unknown[] = "\xe2\x80\x93";

/* A buffer on the number's own bytes, which never grows: there is nothing to be freed. */
static struct haul_buf buffer_on(struct haul_render_number *number)
{
    number->text[0] = '\0';
    return (struct haul_buf){
        .data = number->text, .cap = sizeof number->text, .max = sizeof number->text - 1};
}

static double bounded(double value)
{
    const double huge = 9e18;

    if (!isfinite(value))
        return 0;
    return value > huge ? huge : value < -huge ? -huge : value;
}

/* Scaled to whole numbers, because printf knows the locale. */
struct haul_render_number haul_render_decimal(double value, int digits)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);
    double whole, scale = 1;

    for (int i = 0; i < digits; i++)
        scale *= 10;
    value = bounded(value);
    if (value != floor(value)) /* else scaling might change it */
        value = round(fabs(value) * scale) / scale * (value < 0 ? -1 : 1);
    if (value < 0)
        haul_buf_add_char(&buf, '-');
    whole = floor(fabs(value));
    haul_buf_add_u64(&buf, (unsigned long long)whole);
    if (digits > 0)
        haul_buf_addf(&buf, ".%0*llu", digits,
                      (unsigned long long)round((fabs(value) - whole) * scale));
    return number;
}

struct haul_render_number haul_render_short_decimal(double value, int digits)
{
    struct haul_render_number number = haul_render_decimal(value, digits);
    size_t len = strlen(number.text);

    if (!strchr(number.text, '.'))
        return number;
    while (number.text[len - 1] == '0')
        len--;
    if (number.text[len - 1] == '.')
        len--;
    number.text[len] = '\0';
    return number;
}

struct haul_render_number haul_render_grouped(uint64_t value)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    haul_units_add_grouped(&buf, value > INT64_MAX ? INT64_MAX : (int64_t)value);
    return number;
}

struct haul_render_number haul_render_count(uint64_t count, const char *one, const char *many)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    haul_buf_addf(&buf, "%s %s", haul_render_grouped(count).text, count == 1 ? one : many);
    return number;
}

struct haul_render_number haul_render_change(int64_t bytes)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    haul_buf_add_str(&buf, bytes > 0 ? "+" : "");
    haul_units_add_bytes(&buf, bytes);
    return number;
}

struct haul_render_number haul_render_share(double part, double whole)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    if (whole > 0)
        haul_buf_addf(&buf, "%s %%", haul_render_decimal(100 * part / whole, 1).text);
    else
        haul_buf_add_str(&buf, unknown);
    return number;
}

struct haul_render_number haul_render_signed_share(double part, double whole)
{
    struct haul_render_number share = haul_render_share(part, whole), number;
    struct haul_buf buf = buffer_on(&number);

    /* What is rounded to nothing has no direction. */
    haul_buf_add_str(&buf, part > 0 && whole > 0 && strpbrk(share.text, "123456789") ? "+" : "");
    haul_buf_add_str(&buf, share.text);
    return number;
}

struct haul_render_number haul_render_size(int64_t size)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    if (size < 0)
        haul_buf_add_str(&buf, unknown);
    else
        haul_units_add_bytes(&buf, size);
    return number;
}

struct haul_render_number haul_render_duration(int64_t us)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    if (us < 0)
        haul_buf_add_str(&buf, unknown);
    else
        haul_units_add_duration_us(&buf, us);
    return number;
}

struct haul_render_number haul_render_date(int64_t us)
{
    struct haul_calendar when = haul_calendar_of(us / 1000000);
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    if (haul_calendar_add_date(&buf, us))
        haul_buf_addf(&buf, " %02d:%02d UTC", when.hour, when.minute);
    else
        haul_buf_add_str(&buf, unknown);
    return number;
}

struct haul_render_number haul_render_timestamp(int64_t us)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    if (!haul_calendar_add_timestamp(&buf, us))
        haul_buf_add_str(&buf, unknown);
    return number;
}

struct haul_render_number haul_render_amount(double value, const char *unit)
{
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);
    int64_t whole = (int64_t)round(bounded(value));

    if (unit && strcmp(unit, "bytes") == 0) {
        haul_units_add_bytes(&buf, whole);
        return number;
    }
    if (isfinite(value) && round(value) == value)
        haul_units_add_grouped(&buf, whole);
    else
        haul_buf_add_str(&buf, haul_render_short_decimal(value, 4).text);
    if (unit && *unit)
        haul_buf_addf(&buf, " %s", value == 1 && strcmp(unit, "URLs") == 0 ? "URL" : unit);
    return number;
}

/* ---- what a summary amounts to ---- */

bool haul_render_has_figures(const struct haul_summary_budget *budget)
{
    if (budget->state == HAUL_BUDGET_EMPTY)
        return false;
    return budget->state != HAUL_BUDGET_UNKNOWN || budget->actual != 0 || isfinite(budget->most);
}

bool haul_render_is_range(const struct haul_summary_budget *budget)
{
    return !budget->is_partial && isfinite(budget->most) && budget->most > budget->actual;
}

const char *haul_render_bound(const struct haul_summary_budget *budget)
{
    if (budget->is_partial)
        return "so far ";
    return isfinite(budget->most) ? "" : "at least ";
}

void haul_render_add_figure(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    haul_buf_addf(buf, "%s%s", haul_render_bound(budget),
                  haul_render_amount(budget->actual, budget->unit).text);
    if (haul_render_is_range(budget))
        haul_buf_addf(buf, " to %s", haul_render_amount(budget->most, budget->unit).text);
}

void haul_render_add_budget_text(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    bool has_figures = haul_render_has_figures(budget);

    if (budget->state == HAUL_BUDGET_UNKNOWN)
        haul_buf_add_str(buf, has_figures ? "unknown, " : "unknown");
    if (has_figures) {
        haul_render_add_figure(buf, budget);
        haul_buf_addf(buf, ", the limit is %s",
                      haul_render_amount(budget->limit, budget->unit).text);
    }
    if (budget->state == HAUL_BUDGET_EMPTY)
        haul_buf_add_str(buf, "no URL matches");
    else if (budget->note && *budget->note)
        haul_buf_addf(buf, " (%s)", budget->note);
}

int64_t haul_render_total_change(const struct haul_summary *summary)
{
    return haul_saturate_sub(summary->compared, summary->compared_before);
}

struct haul_render_number haul_render_changed(const struct haul_summary *summary,
                                              enum haul_change kind)
{
    int64_t bytes = summary->change_size[kind];
    struct haul_render_number number;
    struct haul_buf buf = buffer_on(&number);

    if (!haul_change_is_apart(kind) || bytes >= 0)
        return haul_render_change(bytes);
    haul_buf_addf(&buf, "had %s", haul_render_size(bytes == INT64_MIN ? INT64_MAX : -bytes).text);
    return number;
}

void haul_render_add_newly_known(struct haul_buf *buf, uint64_t count)
{
    if (count)
        haul_buf_addf(buf, ", %s newly known", haul_render_grouped(count).text);
}

void haul_render_add_apart(struct haul_buf *buf, const uint64_t change[HAUL_CHANGE_COUNT])
{
    bool has_any = false;

    for (int i = 0; i < HAUL_CHANGE_COUNT; i++) {
        if (!change[i] || !haul_change_is_apart((enum haul_change)i))
            continue;
        haul_buf_addf(buf, "%s %s, ", haul_render_grouped(change[i]).text, haul_change_texts[i]);
        has_any = true;
    }
    haul_buf_add_str(buf, has_any ? "the rest " : "");
}

bool haul_render_has_ratio(const struct haul_summary_wire *wire)
{
    return wire->known && wire->bytes > 0;
}

struct haul_render_number haul_render_ratio(const struct haul_summary_wire *wire)
{
    return haul_render_has_ratio(wire)
               ? haul_render_decimal((double)wire->decoded / (double)wire->bytes, 1)
               : haul_render_size(-1);
}

struct haul_render_number haul_render_wire(const struct haul_summary_wire *wire)
{
    return haul_render_size(wire->known ? wire->bytes : -1);
}

void haul_render_add_wire_gain(struct haul_buf *buf, int64_t before, int64_t after)
{
    int64_t gained = haul_saturate_sub(after, before);

    haul_buf_addf(buf, ", on the wire %s", haul_render_change(gained).text);
    if (before > 0)
        haul_buf_addf(buf, " (%s)", haul_render_signed_share((double)gained, (double)before).text);
}

static void add_since(struct haul_buf *buf, const struct haul_summary *summary)
{
    int64_t change = haul_render_total_change(summary);

    haul_buf_add_str(buf, ", ");
    haul_render_add_apart(buf, summary->change);
    haul_buf_add_str(buf, haul_render_change(change).text);
    if (summary->compared_before > 0 && change)
        haul_buf_addf(
            buf, " (%s)",
            haul_render_signed_share((double)change, (double)summary->compared_before).text);
    if (summary->change[HAUL_CHANGE_WIRE])
        haul_render_add_wire_gain(buf, summary->compared_wire_before, summary->compared_wire);
    haul_buf_addf(buf, " since %s", haul_render_date(summary->before_started_us).text);
    haul_render_add_newly_known(buf, summary->newly_known);
}

void haul_render_add_nothing(struct haul_buf *buf, const struct haul_summary *summary)
{
    haul_buf_add_str(buf, "nothing was found");
    if (summary->has_before)
        haul_buf_addf(buf, "; it was %s, %s, on %s",
                      haul_render_count(summary->before_count, "URL", "URLs").text,
                      haul_render_size(summary->before_size).text,
                      haul_render_date(summary->before_started_us).text);
}

static void add_found(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t failed = haul_summary_count(summary, HAUL_OUTCOME_FAILED);

    haul_buf_addf(buf, "%s, %s", haul_render_count(haul_summary_urls(summary), "URL", "URLs").text,
                  haul_render_size(summary->size).text);
    if (failed)
        haul_buf_addf(buf, ", %s failed", haul_render_grouped(failed).text);
    if (summary->has_before)
        add_since(buf, summary);
}

void haul_render_add_headline(struct haul_buf *buf, const struct haul_summary *summary)
{
    size_t exceeded = haul_render_count_budgets(summary, HAUL_BUDGET_EXCEEDED);

    if (haul_summary_is_bare(summary))
        haul_render_add_nothing(buf, summary);
    else
        add_found(buf, summary);
    if (exceeded)
        haul_buf_addf(buf, ", %s",
                      haul_render_count(exceeded, "budget exceeded", "budgets exceeded").text);
    haul_render_add_inputs(buf, summary);
    if (!summary->complete && !summary->inputs.nothing_found)
        haul_buf_add_str(buf, ", NOT complete");
}

const char *haul_render_title(const struct haul_summary *summary)
{
    return *summary->title ? summary->title : "no host";
}

const struct haul_render_flaw *haul_render_find_flaw(const struct haul_summary *summary)
{
    static const struct haul_render_flaw
        nothing = {"empty", "nothing found", "no input has a URL",
                   "Nothing was found: no input has a URL.", true},
        empty_error = {"empty", "input without a URL", "an input has no URL, which is an error",
                       "An input has no URL, which is an error: what follows may be a part.", true},
        unread = {"incomplete", "not complete", "an input was not read to its end",
                  "An input was not read to its end: what follows is a part.", true},
        stopped = {"incomplete", "not complete", "the run was stopped before all URLs were done",
                   "The run was stopped before all URLs were done: what follows is a part.", true},
        disallowed = {"robots", "nothing allowed", "robots.txt allows none of the URLs",
                      "Nothing was measured: robots.txt allows none of the URLs.", false},
        empty = {"empty", "input without a URL", "an input has no URL", "An input has no URL.",
                 false};

    if (summary->inputs.nothing_found)
        return &nothing;
    if (summary->inputs.is_error)
        return &empty_error;
    if (summary->inputs.is_unread)
        return &unread;
    if (!summary->complete)
        return &stopped;
    if (haul_summary_is_disallowed(summary))
        return &disallowed;
    return summary->inputs.empty ? &empty : NULL;
}

void haul_render_add_inputs(struct haul_buf *buf, const struct haul_summary *summary)
{
    if (summary->inputs.empty && !summary->inputs.nothing_found)
        haul_buf_addf(buf, ", %s without a URL",
                      haul_render_count(summary->inputs.empty, "input", "inputs").text);
    if (summary->inputs.is_unread)
        haul_buf_add_str(buf, ", an input was not read to its end");
    if (summary->disallowed)
        haul_buf_addf(buf, ", %s disallowed by robots.txt",
                      haul_render_grouped(summary->disallowed).text);
}

size_t haul_render_at_most(size_t count, size_t max)
{
    return count < max ? count : max;
}

size_t haul_render_count_budgets(const struct haul_summary *summary, enum haul_budget_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < summary->budget_count; i++)
        count += summary->budget[i].state == state;
    return count;
}

uint64_t haul_render_count_changes(const struct haul_summary *summary)
{
    uint64_t count = 0;

    for (size_t i = 0; i < HAUL_CHANGE_COUNT; i++)
        count += summary->change[i];
    return count;
}

void haul_render_add_place(struct haul_buf *buf, const struct haul_summary_page *page)
{
    if (page->source && *page->source)
        haul_buf_addf(buf, "%s:", strcmp(page->source, "-") ? page->source : "standard input");
    else
        haul_buf_add_str(buf, "line ");
    haul_buf_add_u64(buf, page->line);
}

const char *haul_render_reason(const struct haul_summary_page *page)
{
    return *page->reason ? page->reason : haul_outcome_word(page->outcome);
}

const char *haul_render_budget_word(enum haul_budget_state state)
{
    static const char *const words[HAUL_BUDGET_STATES] = {"kept", "exceeded", "unknown", "empty"};

    return words[state];
}
