#include "render/number.h"

#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "base/units.h"

static const char minus[] = "\xe2\x88\x92", unknown[] = "\xe2\x80\x93";

/* Scaled to whole numbers, because printf knows the locale. */
void haul_render_add_decimal(struct haul_buf *buf, double value, int digits)
{
    const double huge = 9e18;
    double whole, scale = 1;

    if (!isfinite(value))
        value = 0;
    value = value > huge ? huge : value < -huge ? -huge : value;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    value = round(fabs(value) * scale) / scale * (value < 0 ? -1 : 1);
    if (value < 0)
        haul_buf_add_char(buf, '-');
    whole = floor(fabs(value));
    haul_buf_add_u64(buf, (unsigned long long)whole);
    if (digits > 0)
        haul_buf_addf(buf, ".%0*llu", digits,
                      (unsigned long long)round((fabs(value) - whole) * scale));
}

void haul_render_add_short_decimal(struct haul_buf *buf, double value, int digits)
{
    size_t start = buf->len;

    haul_render_add_decimal(buf, value, digits);
    if (buf->err || !memchr(buf->data + start, '.', buf->len - start))
        return;
    while (buf->data[buf->len - 1] == '0')
        buf->data[--buf->len] = '\0';
    if (buf->data[buf->len - 1] == '.')
        buf->data[--buf->len] = '\0';
}

void haul_render_add_change(struct haul_buf *buf, int64_t bytes)
{
    if (bytes > 0)
        haul_buf_add_char(buf, '+');
    if (bytes < 0) {
        haul_buf_add_str(buf, minus);
        bytes = bytes == INT64_MIN ? INT64_MAX : -bytes;
    }
    haul_units_add_bytes(buf, bytes);
}

void haul_render_add_share(struct haul_buf *buf, double part, double whole)
{
    if (!(whole > 0)) {
        haul_buf_add_str(buf, unknown);
        return;
    }
    haul_render_add_decimal(buf, 100 * part / whole, 1);
    haul_buf_add_str(buf, " %");
}

void haul_render_add_signed_share(struct haul_buf *buf, double part, double whole)
{
    if (whole > 0 && part > 0)
        haul_buf_add_char(buf, '+');
    if (whole > 0 && part < 0)
        haul_buf_add_str(buf, minus);
    haul_render_add_share(buf, fabs(part), whole);
}

void haul_render_add_size(struct haul_buf *buf, int64_t size)
{
    if (size < 0)
        haul_buf_add_str(buf, unknown);
    else
        haul_units_add_bytes(buf, size);
}

void haul_render_add_duration_us(struct haul_buf *buf, int64_t us)
{
    if (us < 0)
        haul_buf_add_str(buf, unknown);
    else
        haul_units_add_duration(buf, us / 1000);
}

void haul_render_add_date(struct haul_buf *buf, int64_t us)
{
    struct haul_calendar when = haul_calendar_of(us / 1000000);

    if (haul_calendar_add_date(buf, us))
        haul_buf_addf(buf, " %02d:%02d UTC", when.hour, when.minute);
    else
        haul_buf_add_str(buf, unknown);
}

void haul_render_add_timestamp(struct haul_buf *buf, int64_t us)
{
    if (!haul_calendar_add_timestamp(buf, us))
        haul_buf_add_str(buf, unknown);
}

static int64_t whole_of(double value)
{
    const double huge = 9e18;

    if (!isfinite(value))
        return 0;
    return (int64_t)round(value > huge ? huge : value < -huge ? -huge : value);
}

void haul_render_add_amount(struct haul_buf *buf, double value, const char *unit)
{
    if (unit && strcmp(unit, "bytes") == 0) {
        haul_units_add_bytes(buf, whole_of(value));
        return;
    }
    if (isfinite(value) && round(value) == value)
        haul_units_add_grouped(buf, whole_of(value));
    else
        haul_render_add_short_decimal(buf, value, 2);
    if (unit && *unit)
        haul_buf_addf(buf, " %s", value == 1 && strcmp(unit, "URLs") == 0 ? "URL" : unit);
}

bool haul_render_has_figures(const struct haul_summary_budget *budget)
{
    return budget->state != HAUL_BUDGET_UNKNOWN || budget->actual > 0;
}

void haul_render_add_budget_text(struct haul_buf *buf, const struct haul_summary_budget *budget)
{
    if (budget->state == HAUL_BUDGET_UNKNOWN)
        haul_buf_add_str(buf, budget->actual > 0 ? "unknown, so far " : "unknown");
    if (haul_render_has_figures(budget)) {
        haul_render_add_amount(buf, budget->actual, budget->unit);
        haul_buf_add_str(buf, ", the limit is ");
        haul_render_add_amount(buf, budget->limit, budget->unit);
    }
    if (budget->note && *budget->note)
        haul_buf_addf(buf, " (%s)", budget->note);
}

void haul_render_add_count(struct haul_buf *buf, uint64_t count, const char *one, const char *many)
{
    haul_units_add_grouped(buf, count > INT64_MAX ? INT64_MAX : (int64_t)count);
    haul_buf_addf(buf, " %s", count == 1 ? one : many);
}

int64_t haul_render_total_change(const struct haul_summary *summary)
{
    int64_t before = summary->before_size;

    return (summary->size > 0 ? summary->size : 0) - (before > 0 ? before : 0);
}

static void add_since(struct haul_buf *buf, const struct haul_summary *summary)
{
    int64_t change = haul_render_total_change(summary);

    haul_buf_add_str(buf, ", ");
    haul_render_add_change(buf, change);
    if (summary->before_size > 0 && change) {
        haul_buf_add_str(buf, " (");
        haul_render_add_signed_share(buf, (double)change, (double)summary->before_size);
        haul_buf_add_char(buf, ')');
    }
    haul_buf_add_str(buf, " since ");
    haul_render_add_date(buf, summary->before_started_us);
}

void haul_render_add_headline(struct haul_buf *buf, const struct haul_summary *summary)
{
    uint64_t failed = haul_summary_count(summary, HAUL_OUTCOME_FAILED);
    size_t exceeded = haul_render_count_budgets(summary, HAUL_BUDGET_EXCEEDED);

    haul_render_add_count(buf, haul_summary_urls(summary), "URL", "URLs");
    haul_buf_add_str(buf, ", ");
    haul_render_add_size(buf, summary->size);
    if (failed) {
        haul_buf_add_str(buf, ", ");
        haul_units_add_grouped(buf, (int64_t)failed);
        haul_buf_add_str(buf, " failed");
    }
    if (summary->has_before)
        add_since(buf, summary);
    if (exceeded) {
        haul_buf_add_str(buf, ", ");
        haul_render_add_count(buf, exceeded, "budget exceeded", "budgets exceeded");
    }
    if (!summary->complete)
        haul_buf_add_str(buf, ", NOT complete");
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

const char *haul_render_budget_word(enum haul_budget_state state)
{
    static const char *const words[] = {"kept", "exceeded", "unknown"};

    return words[state];
}
