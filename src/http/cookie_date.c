#include "http/cookie_date.h"

#include "base/ascii.h"
#include "base/calendar.h"

enum { YEAR_MIN = 1601, DAY_S = 86400 };

/* What was found so far; the time is all in seconds. */
struct date {
    bool has_time, has_day, has_month, has_year;
    int time_s, day, month, year;
};

static bool is_delimiter(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
           (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

/* Takes `min` to `max` digits, behind which there is none. */
static bool take_digits(struct haul_span *token, size_t min, size_t max, int *number)
{
    size_t len = 0;
    int sum = 0;

    for (; len < token->len && haul_ascii_is_digit(token->at[len]) && len <= max; len++)
        sum = len < max ? sum * 10 + (token->at[len] - '0') : sum;
    if (len < min || len > max)
        return false;
    (void)haul_span_take(token, len);
    *number = sum;
    return true;
}

static bool read_time(struct haul_span token, struct date *date)
{
    int hour, minute, second;

    if (!take_digits(&token, 1, 2, &hour) || !haul_span_skip(&token, ":") ||
        !take_digits(&token, 1, 2, &minute) || !haul_span_skip(&token, ":") ||
        !take_digits(&token, 1, 2, &second))
        return false;
    /* One that does not exist makes the whole no date: no other is looked for. */
    date->time_s =
        hour > 23 || minute > 59 || second > 59 ? -1 : (hour * 60 + minute) * 60 + second;
    return true;
}

static bool read_month(struct haul_span token, struct date *date)
{
    static const char *const names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};

    if (token.len < 3)
        return false;
    for (int i = 0; i < 12; i++)
        if (haul_span_is_word((struct haul_span){token.at, 3}, names[i])) {
            date->month = i + 1;
            return true;
        }
    return false;
}

static bool read_year(struct haul_span token, struct date *date)
{
    if (!take_digits(&token, 2, 4, &date->year))
        return false;
    if (date->year < 70)
        date->year += 2000;
    else if (date->year < 100)
        date->year += 1900;
    return true;
}

static void read_token(struct haul_span token, struct date *date)
{
    struct haul_span digits = token;

    if (!date->has_time && read_time(token, date))
        date->has_time = true;
    else if (!date->has_day && take_digits(&digits, 1, 2, &date->day))
        date->has_day = true;
    else if (!date->has_month && read_month(token, date))
        date->has_month = true;
    else if (!date->has_year && read_year(token, date))
        date->has_year = true;
}

bool haul_cookie_date_parse(struct haul_span text, int64_t *seconds)
{
    struct date date = {.has_time = false};

    while (text.len) {
        size_t len = 0;

        while (len < text.len && !is_delimiter(text.at[len]))
            len++;
        if (len)
            read_token(haul_span_take(&text, len), &date);
        else
            (void)haul_span_take(&text, 1);
    }
    if (!date.has_time || !date.has_day || !date.has_month || !date.has_year || date.time_s < 0 ||
        date.year < YEAR_MIN || date.day < 1 ||
        date.day > haul_calendar_month_days(date.year, date.month))
        return false;
    *seconds = haul_calendar_days(date.year, date.month, date.day) * DAY_S + date.time_s;
    return true;
}
