#include "base/calendar.h"

/*
 * Dates by Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": the year is taken to
 * begin in March, so that the leap day is its last, and 400 years are an era of 146,097 days.
 */
enum { DAY_S = 86400, ERA_DAYS = 146097, ERA_YEARS = 400, DAYS_TO_1970 = 719468 };

/* Rounded down, where C rounds towards zero. */
static int64_t divide(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

static void set_date(struct haul_calendar *date, int64_t days)
{
    int64_t since_0 = days + DAYS_TO_1970;
    int64_t era = divide(since_0, ERA_DAYS);
    int in_era = (int)(since_0 - era * ERA_DAYS);
    int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * year + year / 4 - year / 100);
    int shifted = (5 * in_year + 2) / 153; /* months since March */

    date->month = shifted < 10 ? shifted + 3 : shifted - 9;
    date->day = in_year - (153 * shifted + 2) / 5 + 1;
    date->year = era * ERA_YEARS + year + (date->month <= 2);
}

struct haul_calendar haul_calendar_of(int64_t seconds)
{
    int64_t days = divide(seconds, DAY_S);
    int in_day = (int)(seconds - days * DAY_S);
    struct haul_calendar date = {
        .hour = in_day / 3600, .minute = in_day / 60 % 60, .second = in_day % 60};

    set_date(&date, days);
    date.weekday = (int)(days + 4 - divide(days + 4, 7) * 7); /* 1970 began on a Thursday */
    return date;
}

int64_t haul_calendar_days(int64_t year, int month, int day)
{
    int64_t shifted = month > 2 ? month - 3 : month + 9;
    int64_t era, in_era;

    year -= month <= 2;
    era = divide(year, ERA_YEARS);
    in_era = year - era * ERA_YEARS;
    return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + (153 * shifted + 2) / 5 +
           day - 1 - DAYS_TO_1970;
}

int haul_calendar_month_days(int64_t year, int month)
{
    int64_t next =
        month == 12 ? haul_calendar_days(year + 1, 1, 1) : haul_calendar_days(year, month + 1, 1);

    return (int)(next - haul_calendar_days(year, month, 1));
}

/* At most 99, in two digits. */
static void put_two(char *at, int number)
{
    at[0] = (char)('0' + number / 10);
    at[1] = (char)('0' + number % 10);
}

static void put_day(char *text, const struct haul_calendar *at)
{
    put_two(text, (int)(at->year / 100));
    put_two(text + 2, (int)(at->year % 100));
    put_two(text + 5, at->month);
    put_two(text + 8, at->day);
}

bool haul_calendar_add_date(struct haul_buf *buf, int64_t us)
{
    struct haul_calendar at = haul_calendar_of(divide(us, 1000000));
    char text[] = "0000-00-00";

    if (us < 0 || at.year > 9999)
        return false;
    put_day(text, &at);
    haul_buf_add_str(buf, text);
    return true;
}

bool haul_calendar_add_timestamp(struct haul_buf *buf, int64_t us)
{
    struct haul_calendar at = haul_calendar_of(divide(us, 1000000));
    char text[] = "0000-00-00T00:00:00Z";

    if (us < 0 || at.year > 9999)
        return false;
    put_day(text, &at);
    put_two(text + 11, at.hour);
    put_two(text + 14, at.minute);
    put_two(text + 17, at.second);
    haul_buf_add_str(buf, text);
    return true;
}
