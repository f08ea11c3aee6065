#include "history/run_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";

    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? !strchr("0123456789", text[i]) || !text[i] : text[i] != form[i])
            return false;
    return true;
}

static void read_date(const char *text, struct haul_run_which *which)
{
    int64_t year = strtoll(text, NULL, 10);
    int month = atoi(text + 5), day = atoi(text + 8);

    *which = (struct haul_run_which){.is_day = true};
    if (year >= 1970 && month >= 1 && month <= 12 && day >= 1 &&
        day <= haul_calendar_month_days(year, month))
        which->before_us = (haul_calendar_days(year, month, day) + 1) * 86400 * 1000000;
}

const char *haul_run_name_find(const char *name, struct haul_run_which *which)
{
    const char *at = strrchr(name, '@');
    const char *digits = at ? at + 1 + (at[1] == '-') : "";
    size_t len = strspn(digits, "0123456789");

    if (at && is_date(at + 1)) {
        read_date(at + 1, which);
        return at;
    }
    if (!len || digits[len])
        return NULL;
    *which = (struct haul_run_which){.number = strtoll(at + 1, NULL, 10)};
    if (which->number == INT64_MIN)
        which->number = -INT64_MAX;
    return at;
}
