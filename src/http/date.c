#include "http/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What is left of the text. Every take_ function moves on only if it returns true. */
struct cursor {
    const char *at;
    size_t left;
};

struct moment {
    int64_t year;
    int month, day; /* 1..12, 1..31 */
    int hour, minute, second;
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

static bool take_clock(struct cursor *cur, struct moment *m)
{
    return take_digits(cur, 2, &m->hour) && take_text(cur, ":") &&
           take_digits(cur, 2, &m->minute) && take_text(cur, ":") &&
           take_digits(cur, 2, &m->second);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool parse_fixdate(struct cursor cur, struct moment *m)
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
static bool parse_rfc850(struct cursor cur, struct moment *m)
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
static bool parse_asctime(struct cursor cur, struct moment *m)
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

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool exists(const struct moment *m)
{
    return m->day >= 1 && m->day <= days_in_month(m->year, m->month) && m->hour <= 23 &&
           m->minute <= 59 && m->second <= 60;
}

/*
 * Days since 1970-01-01 in the proleptic Gregorian calendar. Counting years from March on puts the
 * leap day at a year's end, so that the months before it are a fixed pattern of 153 days for five.
 */
static int64_t days_since_1970(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static int64_t seconds_of(const struct moment *m)
{
    return days_since_1970(m->year, m->month, m->day) * DAY_S + m->hour * 3600 + m->minute * 60 +
           m->second;
}

static int64_t clamp(int64_t value, int64_t min, int64_t max)
{
    if (value < min)
        return min;
    return value > max ? max : value;
}

/* Fifty years earlier on the calendar; a 29 February may become 1 March. */
static int64_t fifty_years_before(const struct moment *m)
{
    struct moment earlier = *m;

    earlier.year -= 50;
    return seconds_of(&earlier);
}

/* Gives a two-digit year its century: the latest that is not more than 50 years after now. */
static void resolve_short_year(struct moment *m, int64_t now_s)
{
    int64_t now = clamp(now_s, 0, LAST_SECOND);

    m->year += 9900;
    while (m->year >= 100 && (!exists(m) || fifty_years_before(m) > now))
        m->year -= 100;
}

bool haul_http_date_parse(const char *text, size_t len, int64_t now_s, int64_t *date_s)
{
    struct cursor cur = {text, len};
    struct moment m;

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
    time_t when = (time_t)date_s;
    struct tm parts;

    if (date_s < 0 || date_s > LAST_SECOND || !gmtime_r(&when, &parts))
        return false;
    /* The remainders are for compilers, who cannot know what gmtime_r gives. */
    snprintf(text, HAUL_HTTP_DATE_MAX, "%s, %02d %s %04d %02d:%02d:%02d GMT",
             days_short[(parts.tm_wday + DAYS - 1) % DAYS], parts.tm_mday % 100,
             months[parts.tm_mon % MONTHS], (parts.tm_year + 1900) % 10000, parts.tm_hour % 100,
             parts.tm_min % 100, parts.tm_sec % 100);
    return true;
}
