#include "http/date.h"

#include <stdio.h>

#include "base/ascii.h"
#include "base/calendar.h"
#include "base/span.h"

/* Where a take_ function returns false, the text is no date, and nobody goes on with it. */

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days_short[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const days_long[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
enum { DAYS = 7, MONTHS = 12, DAY_S = 86400 };
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31 23:59:59 */

static bool take_digits(struct haul_span *rest, size_t count, int *value)
{
    int sum = 0;

    if (rest->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!haul_ascii_is_digit(rest->at[i]))
            return false;
        sum = sum * 10 + (rest->at[i] - '0');
    }
    (void)haul_span_take(rest, count);
    *value = sum;
    return true;
}

/* One of `count` names; `*number` counts from 1. */
static bool take_name(struct haul_span *rest, const char *const *names, int count, int *number)
{
    for (int i = 0; i < count; i++)
        if (haul_span_skip(rest, names[i])) {
            *number = i + 1;
            return true;
        }
    return false;
}

/* One part of a form, by the letter that strptime(3) has for it. */
static bool take_part(struct haul_span *rest, char letter, struct haul_calendar *m)
{
    int weekday, year;

    switch (letter) {
    case 'a':
        return take_name(rest, days_short, DAYS, &weekday);
    case 'A':
        return take_name(rest, days_long, DAYS, &weekday);
    case 'b':
        return take_name(rest, months, MONTHS, &m->month);
    case 'd':
        return take_digits(rest, 2, &m->day);
    case 'e': /* "06" or " 6" */
        return take_digits(rest, 2, &m->day) ||
               (haul_span_skip(rest, " ") && take_digits(rest, 1, &m->day));
    case 'H':
        return take_digits(rest, 2, &m->hour);
    case 'M':
        return take_digits(rest, 2, &m->minute);
    case 'S':
        return take_digits(rest, 2, &m->second);
    default: /* y or Y */
        if (!take_digits(rest, letter == 'y' ? 2 : 4, &year))
            return false;
        m->year = year;
        return true;
    }
}

static bool has_form(struct haul_span rest, const char *form, struct haul_calendar *m)
{
    for (; *form; form++) {
        if (*form == '%') {
            if (!take_part(&rest, *++form, m))
                return false;
        } else if (!rest.len || *haul_span_take(&rest, 1).at != *form) {
            return false;
        }
    }
    return !rest.len;
}

static bool exists(const struct haul_calendar *m)
{
    return m->day >= 1 && m->day <= haul_calendar_month_days(m->year, m->month) && m->hour <= 23 &&
           m->minute <= 59 && m->second <= 60;
}

static int64_t seconds_of(const struct haul_calendar *m)
{
    return haul_calendar_days(m->year, m->month, m->day) * DAY_S + m->hour * 3600 + m->minute * 60 +
           m->second;
}

static int64_t clamp(int64_t value, int64_t min, int64_t max)
{
    if (value < min)
        return min;
    return value > max ? max : value;
}

/*
 * Gives a two-digit year its century: the latest that is not more than 50 years after now. Fifty
 * years before a 29 February may be a 1 March.
 */
static void resolve_short_year(struct haul_calendar *m, int64_t now_s)
{
    int64_t now = clamp(now_s, 0, LAST_SECOND);
    struct haul_calendar earlier = *m;

    m->year += 9900;
    for (; m->year >= 100; m->year -= 100) {
        earlier.year = m->year - 50;
        if (exists(m) && seconds_of(&earlier) <= now)
            return;
    }
}

bool haul_http_date_parse(const char *text, size_t len, int64_t now_s, int64_t *date_s)
{
    const struct haul_span date = {text, len};
    struct haul_calendar m;

    if (has_form(date, "%A, %d-%b-%y %H:%M:%S GMT", &m))
        resolve_short_year(&m, now_s);
    else if (!has_form(date, "%a, %d %b %Y %H:%M:%S GMT", &m) &&
             !has_form(date, "%a %b %e %H:%M:%S %Y", &m))
        return false;
    if (!exists(&m))
        return false;
    *date_s = seconds_of(&m);
    return true;
}

/* Digits, and perhaps a fraction that counts as one more. Saturates at `max`. */
static bool parse_number(const char *text, size_t len, int64_t max, int64_t *value)
{
    size_t i = 0;
    int64_t sum = 0;
    bool rest = false;

    for (; i < len && haul_ascii_is_digit(text[i]); i++)
        sum = sum > (max - 9) / 10 ? max : sum * 10 + (text[i] - '0');
    if (i == 0)
        return false;
    if (i < len && text[i] == '.') {
        if (++i == len)
            return false;
        for (; i < len && haul_ascii_is_digit(text[i]); i++)
            rest = rest || text[i] != '0';
    }
    *value = clamp(sum + rest, 0, max);
    return i == len;
}

static int64_t delay_until(int64_t moment_s, int64_t now_s)
{
    int64_t now = clamp(now_s, 0, INT64_MAX / 2); /* the difference cannot overflow */

    return clamp(moment_s - now, 0, HAUL_HTTP_DELAY_MAX_S);
}

int64_t haul_http_retry_after_s(const char *text, size_t len, int64_t now_s)
{
    int64_t value;

    if (parse_number(text, len, HAUL_HTTP_DELAY_MAX_S, &value))
        return value;
    if (haul_http_date_parse(text, len, now_s, &value))
        return delay_until(value, now_s);
    return -1;
}

int64_t haul_http_rate_reset_s(const char *text, size_t len, int64_t now_s)
{
    const int64_t first_moment = INT64_C(1000000000), first_in_ms = INT64_C(1000000000000);
    int64_t value;

    if (!parse_number(text, len, INT64_MAX / 10, &value))
        return haul_http_retry_after_s(text, len, now_s);
    if (value >= first_in_ms)
        return delay_until((value - 1) / 1000 + 1, now_s);
    if (value >= first_moment)
        return delay_until(value, now_s);
    return value;
}

bool haul_http_date_render(int64_t date_s, char text[HAUL_HTTP_DATE_MAX])
{
    struct haul_calendar date;

    if (date_s < 0 || date_s > LAST_SECOND)
        return false;
    date = haul_calendar_of(date_s);
    /* The remainders are for compilers, who cannot know what the calendar gives. */
    snprintf(text, HAUL_HTTP_DATE_MAX, "%s, %02d %s %04d %02d:%02d:%02d GMT",
             days_short[(date.weekday + DAYS - 1) % DAYS], date.day % 100,
             months[(date.month - 1) % MONTHS], (int)(date.year % 10000), date.hour % 100,
             date.minute % 100, date.second % 100);
    return true;
}
