#include "http/date.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"

/* What is left of the text. Every take_ function moves on only if it returns true. */
struct cursor {
    const char *at;
    size_t left;
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days_short[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const days_long[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
enum { DAYS = 7, MONTHS = 12, DAY_S = 86400 };
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31 23:59:59 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_text(struct cursor *cur, const char *text)
{
    size_t len = strlen(text);

    if (cur->left < len || memcmp(cur->at, text, len) != 0)
        return false;
    cur->at += len;
    cur->left -= len;
    return true;
}

static bool take_digits(struct cursor *cur, size_t count, int *value)
{
    int sum = 0;

    if (cur->left < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(cur->at[i]))
            return false;
        sum = sum * 10 + (cur->at[i] - '0');
    }
    cur->at += count;
    cur->left -= count;
    *value = sum;
    return true;
}

/* One of `count` names; `*index` counts from 0. */
static bool take_name(struct cursor *cur, const char *const *names, int count, int *index)
{
    for (int i = 0; i < count; i++) {
        if (take_text(cur, names[i])) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool take_month(struct cursor *cur, int *month)
{
    int index;

    if (!take_name(cur, months, MONTHS, &index))
        return false;
    *month = index + 1;
    return true;
}

static bool take_clock(struct cursor *cur, struct haul_calendar *m)
{
    return take_digits(cur, 2, &m->hour) && take_text(cur, ":") &&
           take_digits(cur, 2, &m->minute) && take_text(cur, ":") &&
           take_digits(cur, 2, &m->second);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool parse_fixdate(struct cursor cur, struct haul_calendar *m)
{
    int unused, year;

    if (!take_name(&cur, days_short, DAYS, &unused) || !take_text(&cur, ", ") ||
        !take_digits(&cur, 2, &m->day) || !take_text(&cur, " ") || !take_month(&cur, &m->month) ||
        !take_text(&cur, " ") || !take_digits(&cur, 4, &year) || !take_text(&cur, " ") ||
        !take_clock(&cur, m) || !take_text(&cur, " GMT"))
        return false;
    m->year = year;
    return cur.left == 0;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT"; the year comes out as 0..99. */
static bool parse_rfc850(struct cursor cur, struct haul_calendar *m)
{
    int unused, year;

    if (!take_name(&cur, days_long, DAYS, &unused) || !take_text(&cur, ", ") ||
        !take_digits(&cur, 2, &m->day) || !take_text(&cur, "-") || !take_month(&cur, &m->month) ||
        !take_text(&cur, "-") || !take_digits(&cur, 2, &year) || !take_text(&cur, " ") ||
        !take_clock(&cur, m) || !take_text(&cur, " GMT"))
        return false;
    m->year = year;
    return cur.left == 0;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool parse_asctime(struct cursor cur, struct haul_calendar *m)
{
    int unused, year;

    if (!take_name(&cur, days_short, DAYS, &unused) || !take_text(&cur, " ") ||
        !take_month(&cur, &m->month) || !take_text(&cur, " "))
        return false;
    if (!take_digits(&cur, 2, &m->day) && !(take_text(&cur, " ") && take_digits(&cur, 1, &m->day)))
        return false;
    if (!take_text(&cur, " ") || !take_clock(&cur, m) || !take_text(&cur, " ") ||
        !take_digits(&cur, 4, &year))
        return false;
    m->year = year;
    return cur.left == 0;
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

/* Fifty years earlier on the calendar; a 29 February may become 1 March. */
static int64_t fifty_years_before(const struct haul_calendar *m)
{
    struct haul_calendar earlier = *m;

    earlier.year -= 50;
    return seconds_of(&earlier);
}

/* Gives a two-digit year its century: the latest that is not more than 50 years after now. */
static void resolve_short_year(struct haul_calendar *m, int64_t now_s)
{
    int64_t now = clamp(now_s, 0, LAST_SECOND);

    m->year += 9900;
    while (m->year >= 100 && (!exists(m) || fifty_years_before(m) > now))
        m->year -= 100;
}

bool haul_http_date_parse(const char *text, size_t len, int64_t now_s, int64_t *date_s)
{
    struct cursor cur = {text, len};
    struct haul_calendar m;

    if (parse_rfc850(cur, &m))
        resolve_short_year(&m, now_s);
    else if (!parse_fixdate(cur, &m) && !parse_asctime(cur, &m))
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

    for (; i < len && is_digit(text[i]); i++)
        sum = sum > (max - 9) / 10 ? max : sum * 10 + (text[i] - '0');
    if (i == 0)
        return false;
    if (i < len && text[i] == '.') {
        if (++i == len)
            return false;
        for (; i < len && is_digit(text[i]); i++)
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
