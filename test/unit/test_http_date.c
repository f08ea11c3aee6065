#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/date.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#define NOW INT64_C(1767225600) /* 2026-01-01 00:00:00 UTC */
#define THE_DATE INT64_C(784111777)
#define NO_DATE INT64_MIN

struct date_case {
    const char *text;
    int64_t date_s; /* or NO_DATE */
};

static const struct date_case date_cases[] = {
    /* the three forms of RFC 9110, 5.6.7 */
    {"Sun, 06 Nov 1994 08:49:37 GMT", THE_DATE},
    {"Sunday, 06-Nov-94 08:49:37 GMT", THE_DATE},
    {"Sun Nov  6 08:49:37 1994", THE_DATE},
    {"Sun Nov 06 08:49:37 1994", THE_DATE},
    {"Sun Nov 16 08:49:37 1994", THE_DATE + 864000},

    /* the calendar */
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
    {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800},
    {"Tue, 29 Feb 2000 00:00:00 GMT", 951782400},
    {"Wed, 29 Feb 2023 00:00:00 GMT", NO_DATE},
    {"Mon, 29 Feb 2100 00:00:00 GMT", NO_DATE},
    {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
    {"Sat, 01 Jan 0000 00:00:00 GMT", -62167219200},
    {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
    {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
    {"Mon, 06 Nov 1994 08:49:37 GMT", THE_DATE}, /* another weekday's name */
    {"Sun, 00 Nov 1994 08:49:37 GMT", NO_DATE},
    {"Sun, 31 Nov 1994 08:49:37 GMT", NO_DATE},
    {"Sun, 06 Nov 1994 24:00:00 GMT", NO_DATE},
    {"Sun, 06 Nov 1994 08:60:37 GMT", NO_DATE},
    {"Sun, 06 Nov 1994 08:49:61 GMT", NO_DATE},

    /* almost dates */
    {"", NO_DATE},
    {"Sun", NO_DATE},
    {"0", NO_DATE},
    {"sun, 06 nov 1994 08:49:37 gmt", NO_DATE},
    {"Sun, 6 Nov 1994 08:49:37 GMT", NO_DATE},
    {"Sun, 06 Nov 1994 08:49:37 UTC", NO_DATE},
    {"Sun, 06 Nov 1994 08:49:37", NO_DATE},
    {"Sun, 06 Nov 1994 08:49:37 GMT ", NO_DATE},
    {" Sun, 06 Nov 1994 08:49:37 GMT", NO_DATE},
    {"Sun, 06 Nov 94 08:49:37 GMT", NO_DATE},
    {"Sun, 06 Nov 19940 08:49:37 GMT", NO_DATE},
    {"Sun, +6 Nov 1994 08:49:37 GMT", NO_DATE},
    {"Sun, 06 Nvo 1994 08:49:37 GMT", NO_DATE},
    {"Sun, 06-Nov-94 08:49:37 GMT", NO_DATE},
    {"Sunday, 30-Feb-94 08:49:37 GMT", NO_DATE},
    {"Sunday, 06-Nov-1994 08:49:37 GMT", NO_DATE},
    {"Sun Nov 6 08:49:37 1994", NO_DATE},
    {"Sun Nov  6 08:49:37 1994 GMT", NO_DATE},

    /* two-digit years, seen from 2026-01-01: at most fifty years ahead */
    {"Wednesday, 01-Jan-75 00:00:00 GMT", 3313526400}, /* 2075 */
    {"Wednesday, 01-Jan-76 00:00:00 GMT", 3345062400}, /* 2076, to the second */
    {"Wednesday, 01-Jan-76 00:00:01 GMT", 189302401},  /* 1976 */
    {"Thursday, 31-Dec-99 23:59:59 GMT", 946684799},   /* 1999 */
    {"Tuesday, 29-Feb-00 00:00:00 GMT", 951782400},    /* 2000 */
    {"Thursday, 01-Jan-26 00:00:00 GMT", NOW},         /* now */
};

START_TEST(date_text_gives_seconds_or_nothing)
{
    const struct date_case *wanted = &date_cases[_i];
    int64_t date_s = NO_DATE;
    bool is_date = haul_http_date_parse(wanted->text, strlen(wanted->text), NOW, &date_s);

    ck_assert_msg(is_date == (wanted->date_s != NO_DATE), "'%s'", wanted->text);
    ck_assert_msg(date_s == wanted->date_s, "'%s': %lld", wanted->text, (long long)date_s);
}
END_TEST

START_TEST(each_day_of_eight_centuries_agrees_with_gmtime)
{
    const int64_t day_s = 86400, first_s = -4 * 365 * 100 * day_s;

    for (int64_t day = 0; day < 8 * 36525; day++) {
        time_t moment = (time_t)(first_s + day * day_s + day % day_s);
        char text[64];
        struct tm tm;
        int64_t date_s;

        ck_assert_ptr_nonnull(gmtime_r(&moment, &tm));
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        ck_assert_msg(haul_http_date_parse(text, strlen(text), NOW, &date_s), "'%s'", text);
        ck_assert_msg(date_s == moment, "'%s'", text);
    }
}
END_TEST

START_TEST(short_year_with_absurd_clock_ends)
{
    const char *text = "Sunday, 06-Nov-94 08:49:37 GMT";
    int64_t date_s;

    ck_assert(haul_http_date_parse(text, strlen(text), INT64_MIN, &date_s));
    ck_assert_int_eq(date_s, THE_DATE);
    ck_assert(haul_http_date_parse(text, strlen(text), INT64_MAX, &date_s));
    ck_assert_int_gt(date_s, THE_DATE);
}
END_TEST

START_TEST(locale_and_time_zone_have_no_say)
{
    const char *text = "Sun, 06 Nov 1994 08:49:37 GMT";
    int64_t date_s;

    setenv("TZ", "Asia/Kathmandu", 1);
    tzset();
    ck_assert(haul_http_date_parse(text, strlen(text), NOW, &date_s));
    ck_assert_int_eq(date_s, THE_DATE);
}
END_TEST

struct delay_case {
    const char *text;
    int64_t retry_s, rate_s;
};

static const struct delay_case delay_cases[] = {
    {"0", 0, 0},
    {"120", 120, 120},
    {"86400", 86400, 86400},
    {"0000000000000000000000000000007", 7, 7},
    {"1.5", 2, 2},
    {"1.0", 1, 1},
    {"0.001", 1, 1},
    {"1.", -1, -1},
    {".5", -1, -1},
    {"1.5.5", -1, -1},
    {"-1", -1, -1},
    {"+1", -1, -1},
    {"", -1, -1},
    {"soon", -1, -1},
    {"5s", -1, -1},
    {"5 ", -1, -1},
    {"5, 6", -1, -1},
    {"0x10", -1, -1},
    {"1e3", -1, -1},
    {"999999999", 999999999, 999999999},
    {"1000000000", HAUL_HTTP_DELAY_MAX_S, 0}, /* for a rate limit a moment: 2001 */
    {"100000000000000000000", HAUL_HTTP_DELAY_MAX_S, HAUL_HTTP_DELAY_MAX_S},
    {"999999999.5", HAUL_HTTP_DELAY_MAX_S, 0},
    {"1767225660", HAUL_HTTP_DELAY_MAX_S, 60},    /* seconds since 1970 */
    {"1767225660001", HAUL_HTTP_DELAY_MAX_S, 61}, /* milliseconds */
    {"1767225660000", HAUL_HTTP_DELAY_MAX_S, 60},
    {"Thu, 01 Jan 2026 00:01:00 GMT", 60, 60},
    {"Thu, 01 Jan 2026 00:00:00 GMT", 0, 0},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 0, 0},
    {"Fri, 31 Dec 9999 23:59:59 GMT", HAUL_HTTP_DELAY_MAX_S, HAUL_HTTP_DELAY_MAX_S},
    {"Thursday, 01-Jan-26 00:01:00 GMT", 60, 60},
    {"Thu Jan  1 00:01:00 2026", 60, 60},
};

START_TEST(delay_text_gives_bounded_seconds)
{
    const struct delay_case *wanted = &delay_cases[_i];
    size_t len = strlen(wanted->text);
    int64_t retry_s = haul_http_retry_after_s(wanted->text, len, NOW);
    int64_t rate_s = haul_http_rate_reset_s(wanted->text, len, NOW);

    ck_assert_msg(retry_s == wanted->retry_s, "'%s': %lld", wanted->text, (long long)retry_s);
    ck_assert_msg(rate_s == wanted->rate_s, "'%s': %lld", wanted->text, (long long)rate_s);
}
END_TEST

START_TEST(moment_is_written_as_it_is_read)
{
    static const int64_t moments[] = {0, 1, 784111777, 951782400, 4107542399, 253402300799};
    char text[HAUL_HTTP_DATE_MAX];
    int64_t back;

    ck_assert(haul_http_date_render(784111777, text));
    ck_assert_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        ck_assert(haul_http_date_render(moments[i], text));
        ck_assert(haul_http_date_parse(text, strlen(text), 0, &back));
        ck_assert_int_eq(back, moments[i]);
    }
    ck_assert(!haul_http_date_render(-1, text));
    ck_assert(!haul_http_date_render(INT64_C(253402300800), text));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_date");
    TCase *date = tcase_create("date");
    TCase *delay = tcase_create("delay");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(date, date_text_gives_seconds_or_nothing, 0, COUNT(date_cases));
    tcase_add_test(date, each_day_of_eight_centuries_agrees_with_gmtime);
    tcase_add_test(date, short_year_with_absurd_clock_ends);
    tcase_add_test(date, moment_is_written_as_it_is_read);
    tcase_add_test(date, locale_and_time_zone_have_no_say);
    tcase_add_loop_test(delay, delay_text_gives_bounded_seconds, 0, COUNT(delay_cases));
    suite_add_tcase(suite, date);
    suite_add_tcase(suite, delay);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
