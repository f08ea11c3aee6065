#include <check.h>
#include <time.h>

#include "base/calendar.h"

static const struct {
    int64_t seconds, year;
    int month, day, hour, minute, second, weekday;
} known[] = {
    {0, 1970, 1, 1, 0, 0, 0, 4},
    {-1, 1969, 12, 31, 23, 59, 59, 3},
    {951782399, 2000, 2, 28, 23, 59, 59, 1},
    {951782400, 2000, 2, 29, 0, 0, 0, 2},
    {951868800, 2000, 3, 1, 0, 0, 0, 3},
    {4107542399, 2100, 2, 28, 23, 59, 59, 0},
    {4107542400, 2100, 3, 1, 0, 0, 0, 1},
    {253402300799, 9999, 12, 31, 23, 59, 59, 5},
    {253402300800, 10000, 1, 1, 0, 0, 0, 6},
    {-62135596800, 1, 1, 1, 0, 0, 0, 1},
};
enum { KNOWN = sizeof known / sizeof *known };

START_TEST(known_moment_has_its_date)
{
    struct haul_calendar at = haul_calendar_of(known[_i].seconds);

    ck_assert_int_eq(at.year, known[_i].year);
    ck_assert_int_eq(at.month, known[_i].month);
    ck_assert_int_eq(at.day, known[_i].day);
    ck_assert_int_eq(at.hour, known[_i].hour);
    ck_assert_int_eq(at.minute, known[_i].minute);
    ck_assert_int_eq(at.second, known[_i].second);
    ck_assert_int_eq(at.weekday, known[_i].weekday);
}
END_TEST

/* xorshift64 (Marsaglia). */
static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

START_TEST(any_moment_agrees_with_gmtime)
{
    uint64_t state = 12;

    for (int i = 0; i < 100000; i++) {
        int64_t seconds = (int64_t)(next(&state) % 800000000000) - 400000000000;
        struct haul_calendar at = haul_calendar_of(seconds);
        time_t moment = (time_t)seconds;
        struct tm tm;

        ck_assert_ptr_nonnull(gmtime_r(&moment, &tm));
        if (at.year != tm.tm_year + (int64_t)1900 || at.month != tm.tm_mon + 1 ||
            at.day != tm.tm_mday || at.hour != tm.tm_hour || at.minute != tm.tm_min ||
            at.second != tm.tm_sec || at.weekday != tm.tm_wday)
            ck_abort_msg("differs at %lld", (long long)seconds);
        if (at.year >= 0 && haul_calendar_days(at.year, at.month, at.day) * 86400 + at.hour * 3600 +
                                    at.minute * 60 + at.second !=
                                seconds)
            ck_abort_msg("days differ at %lld", (long long)seconds);
    }
}
END_TEST

START_TEST(month_has_its_days)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    for (int month = 1; month <= 12; month++)
        ck_assert_int_eq(haul_calendar_month_days(2026, month), days[month - 1]);
    ck_assert_int_eq(haul_calendar_month_days(2000, 2), 29);
    ck_assert_int_eq(haul_calendar_month_days(2024, 2), 29);
    ck_assert_int_eq(haul_calendar_month_days(2100, 2), 28);
    ck_assert_int_eq(haul_calendar_month_days(0, 2), 29);
}
END_TEST

START_TEST(day_outside_its_month_is_counted_on)
{
    ck_assert_int_eq(haul_calendar_days(1970, 1, 1), 0);
    ck_assert_int_eq(haul_calendar_days(2000, 3, 0), haul_calendar_days(2000, 2, 29));
    ck_assert_int_eq(haul_calendar_days(2100, 2, 29), haul_calendar_days(2100, 3, 1));
}
END_TEST

START_TEST(text_is_that_of_years_1970_to_9999)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    ck_assert(haul_calendar_add_date(&buf, 0));
    haul_buf_add_char(&buf, ' ');
    ck_assert(haul_calendar_add_timestamp(&buf, INT64_C(253402300799999999)));
    ck_assert(!haul_calendar_add_date(&buf, -1));
    ck_assert(!haul_calendar_add_timestamp(&buf, -1));
    ck_assert(!haul_calendar_add_date(&buf, INT64_C(253402300800000000)));
    ck_assert(!haul_calendar_add_timestamp(&buf, INT64_C(253402300800000000)));
    ck_assert_str_eq(haul_buf_str(&buf), "1970-01-01 9999-12-31T23:59:59Z");
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calendar");
    TCase *tests = tcase_create("calendar");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tests, known_moment_has_its_date, 0, KNOWN);
    tcase_add_test(tests, any_moment_agrees_with_gmtime);
    tcase_add_test(tests, month_has_its_days);
    tcase_add_test(tests, day_outside_its_month_is_counted_on);
    tcase_add_test(tests, text_is_that_of_years_1970_to_9999);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
