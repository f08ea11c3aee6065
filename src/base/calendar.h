#ifndef HAUL_BASE_CALENDAR_H
#define HAUL_BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The Gregorian calendar, in UTC and without leap seconds (POSIX.1-2017, 4.16). Pure, on any
 * thread, and without the C library's time zones.
 */
struct haul_calendar {
    int64_t year;
    int month;                /* 1..12 */
    int day;                  /* 1..31 */
    int hour, minute, second; /* 0..23, 0..59, 0..59 */
    int weekday;              /* 0..6, Sunday is 0 */
};

/* The point in time `seconds` after the beginning of 1970, which may be negative. */
struct haul_calendar haul_calendar_of(int64_t seconds);

/*
 * Days from 1970-01-01 to a date of a year from 0 to 10^9. Day 0 and days behind the month's end
 * are those before and behind it.
 */
int64_t haul_calendar_days(int64_t year, int month, int day);

/* Days of a month. */
int haul_calendar_month_days(int64_t year, int month);

/*
 * Appends a point in time, in microseconds since 1970: "2026-11-23" and "2026-11-23T04:55:09Z" (RFC
 * 3339). Returns false, and appends nothing, before 1970 and after 9999. Errors are in `buf`.
 */
bool haul_calendar_add_date(struct haul_buf *buf, int64_t us);
bool haul_calendar_add_timestamp(struct haul_buf *buf, int64_t us);

#endif
