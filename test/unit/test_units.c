#include <check.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/units.h"

/* A text, what is to come of it, and the value if that is HAUL_OK. */
struct number_case {
    const char *text;
    enum haul_err err;
    int64_t value;
};

typedef enum haul_err parse_number(const char *text, int64_t *value, const char **cause);

/* On success the cause, on failure the value must be left alone. */
static void check_number(parse_number *parse, const struct number_case *wanted)
{
    static const char untouched[] = "untouched";
    const char *cause = untouched;
    int64_t value = -77;
    enum haul_err err = parse(wanted->text, &value, &cause);

    ck_assert_msg(err == wanted->err, "\"%s\" gave %d", wanted->text, (int)err);
    if (err) {
        ck_assert_ptr_ne(cause, untouched);
        ck_assert_int_eq(value, -77);
    } else {
        ck_assert_ptr_eq(cause, untouched);
        ck_assert_msg(value == wanted->value, "\"%s\" gave %" PRId64, wanted->text, value);
    }
}

static const struct number_case int_cases[] = {
    {"0", HAUL_OK, 0},
    {"-10", HAUL_OK, -10},
    {"1024", HAUL_OK, 1024},
    {"007", HAUL_OK, 7},
    {"1025", HAUL_ERR_RANGE, 0},
    {"-11", HAUL_ERR_RANGE, 0},
    {"9223372036854775807", HAUL_ERR_RANGE, 0},
    {"9223372036854775808", HAUL_ERR_RANGE, 0},
    {"18446744073709551617", HAUL_ERR_RANGE, 0},
    {"99999999999999999999999999", HAUL_ERR_RANGE, 0},
    {"", HAUL_ERR_SYNTAX, 0},
    {"-", HAUL_ERR_SYNTAX, 0},
    {"+1", HAUL_ERR_SYNTAX, 0},
    {" 1", HAUL_ERR_SYNTAX, 0},
    {"1 ", HAUL_ERR_SYNTAX, 0},
    {"1.0", HAUL_ERR_SYNTAX, 0},
    {"0x10", HAUL_ERR_SYNTAX, 0},
    {"1e3", HAUL_ERR_SYNTAX, 0},
    {"--1", HAUL_ERR_SYNTAX, 0},
    {"99999999999999999999x", HAUL_ERR_SYNTAX, 0},
};

static enum haul_err parse_small_int(const char *text, int64_t *value, const char **cause)
{
    return haul_units_parse_int(text, -10, 1024, value, cause);
}

START_TEST(int_is_whole_and_in_range)
{
    check_number(parse_small_int, &int_cases[_i]);
}
END_TEST

START_TEST(largest_int_is_reached_exactly)
{
    const char *cause;
    int64_t value;

    ck_assert_int_eq(haul_units_parse_int("9223372036854775807", 0, INT64_MAX, &value, &cause),
                     HAUL_OK);
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert_int_eq(haul_units_parse_int("9223372036854775808", 0, INT64_MAX, &value, &cause),
                     HAUL_ERR_RANGE);
}
END_TEST

static const struct number_case size_cases[] = {
    {"0", HAUL_OK, 0},
    {"1", HAUL_OK, 1},
    {"12B", HAUL_OK, 12},
    {"10k", HAUL_OK, 10240},
    {"10K", HAUL_OK, 10240},
    {"2.5M", HAUL_OK, 2621440},
    {"1G", HAUL_OK, 1073741824},
    {"1t", HAUL_OK, INT64_C(1) << 40},
    {"1P", HAUL_OK, INT64_C(1) << 50},
    {"1.1k", HAUL_OK, 1126},
    {"0.5k", HAUL_OK, 512},
    {"0.0k", HAUL_OK, 0},
    {"1.9", HAUL_OK, 1},
    {"1.0000000000000000000000000000000000001k", HAUL_OK, 1024},
    /* 2^53 + 1 and its like: a double would round them. */
    {"9007199254740993", HAUL_OK, INT64_C(9007199254740993)},
    {"9223372036854775807", HAUL_OK, INT64_MAX},
    {"9223372036854775808", HAUL_ERR_RANGE, 0},
    {"8191.9999999999999999P", HAUL_OK, INT64_MAX},
    {"8192P", HAUL_ERR_RANGE, 0},
    {"9007199254740992k", HAUL_ERR_RANGE, 0},
    {"9007199254740991k", HAUL_OK, INT64_C(9007199254740991) * 1024},
    {"99999999999999999999G", HAUL_ERR_RANGE, 0},
    {"0.0001k", HAUL_ERR_RANGE, 0},
    {"0.9", HAUL_ERR_RANGE, 0},
    {"", HAUL_ERR_SYNTAX, 0},
    {"k", HAUL_ERR_SYNTAX, 0},
    {"-1", HAUL_ERR_SYNTAX, 0},
    {"1.", HAUL_ERR_SYNTAX, 0},
    {".5k", HAUL_ERR_SYNTAX, 0},
    {"1.5.5", HAUL_ERR_SYNTAX, 0},
    {"1,5k", HAUL_ERR_SYNTAX, 0},
    {"1kB", HAUL_ERR_SYNTAX, 0},
    {"1 k", HAUL_ERR_SYNTAX, 0},
    {"1E", HAUL_ERR_SYNTAX, 0},
    {"1k ", HAUL_ERR_SYNTAX, 0},
};

START_TEST(size_is_exact)
{
    check_number(haul_units_parse_size, &size_cases[_i]);
}
END_TEST

static const struct number_case percent_cases[] = {
    {"0%", HAUL_OK, 0},
    {"1%", HAUL_OK, 10000},
    {"12.5%", HAUL_OK, 125000},
    {"0.0001%", HAUL_OK, 1},
    {"0.00019%", HAUL_OK, 1},
    {"1000%", HAUL_OK, 10000000},
    {"0.00001%", HAUL_ERR_RANGE, 0},
    {"922337203685478%", HAUL_ERR_RANGE, 0},
    {"", HAUL_ERR_SYNTAX, 0},
    {"%", HAUL_ERR_SYNTAX, 0},
    {"1", HAUL_ERR_SYNTAX, 0},
    {"1 %", HAUL_ERR_SYNTAX, 0},
    {"-1%", HAUL_ERR_SYNTAX, 0},
    {"1%%", HAUL_ERR_SYNTAX, 0},
};

START_TEST(percentage_is_exact)
{
    check_number(haul_units_parse_percent, &percent_cases[_i]);
}
END_TEST

static const struct number_case duration_cases[] = {
    {"0", HAUL_OK, 0},
    {"0ms", HAUL_OK, 0},
    {"1.5", HAUL_OK, 1500},
    {"10", HAUL_OK, 10000},
    {"10s", HAUL_OK, 10000},
    {"500ms", HAUL_OK, 500},
    {"2m", HAUL_OK, 120000},
    {"25min", HAUL_OK, 1500000},
    {"1h", HAUL_OK, 3600000},
    {"1d", HAUL_OK, 86400000},
    {"0.1", HAUL_OK, 100},
    {"0.29", HAUL_OK, 290},
    {"1.0009", HAUL_OK, 1000},
    {"0.001", HAUL_OK, 1},
    {"9223372036854775807ms", HAUL_OK, INT64_MAX},
    {"9223372036854775.807", HAUL_OK, INT64_MAX},
    {"9223372036854775.808", HAUL_ERR_RANGE, 0},
    {"9223372036854775808ms", HAUL_ERR_RANGE, 0},
    {"0.0009", HAUL_ERR_RANGE, 0},
    {"", HAUL_ERR_SYNTAX, 0},
    {"s", HAUL_ERR_SYNTAX, 0},
    {"-1", HAUL_ERR_SYNTAX, 0},
    {"1S", HAUL_ERR_SYNTAX, 0},
    {"1sec", HAUL_ERR_SYNTAX, 0},
    {"1h30m", HAUL_ERR_SYNTAX, 0},
    {"1 s", HAUL_ERR_SYNTAX, 0},
    {"inf", HAUL_ERR_SYNTAX, 0},
    {"nan", HAUL_ERR_SYNTAX, 0},
};

START_TEST(duration_is_exact)
{
    check_number(haul_units_parse_duration, &duration_cases[_i]);
}
END_TEST

static const struct rate_case {
    const char *text;
    enum haul_err err;
    int64_t interval_us;
} rate_cases[] = {
    {"5/s", HAUL_OK, 200000},
    {"100/m", HAUL_OK, 600000},
    {"100/min", HAUL_OK, 600000},
    {"5/15s", HAUL_OK, 3000000},
    {"1/250ms", HAUL_OK, 250000},
    {"1000/d", HAUL_OK, 86400000},
    {"1000000000/365d", HAUL_OK, 31536},
    {"1/s", HAUL_OK, 1000000},
    {"3/s", HAUL_OK, 333334},
    {"4/s", HAUL_OK, 250000},
    {"1000000/s", HAUL_OK, 1},
    {"1000001/s", HAUL_OK, 1},
    {"999999/s", HAUL_OK, 2},
    {"1000000000/ms", HAUL_OK, 1},
    {"1/365d", HAUL_OK, INT64_C(31536000000000)},
    {"7/365d", HAUL_OK, INT64_C(4505142857143)},
    {"1000000001/s", HAUL_ERR_RANGE, 0},
    {"1/366d", HAUL_ERR_RANGE, 0},
    {"1/99999999999999999999s", HAUL_ERR_RANGE, 0},
    {"0/s", HAUL_ERR_RANGE, 0},
    {"5/0s", HAUL_ERR_RANGE, 0},
    {"5", HAUL_ERR_SYNTAX, 0},
    {"5/", HAUL_ERR_SYNTAX, 0},
    {"5/15", HAUL_ERR_SYNTAX, 0},
    {"/s", HAUL_ERR_SYNTAX, 0},
    {"5/s/s", HAUL_ERR_SYNTAX, 0},
    {"1.5/s", HAUL_ERR_SYNTAX, 0},
    {"5 /s", HAUL_ERR_SYNTAX, 0},
    {"-5/s", HAUL_ERR_SYNTAX, 0},
};

START_TEST(rate_is_the_time_between_two_events)
{
    const struct rate_case *wanted = &rate_cases[_i];
    int64_t interval_us = -77;
    const char *cause = NULL;
    enum haul_err err = haul_units_parse_rate(wanted->text, &interval_us, &cause);

    ck_assert_msg(err == wanted->err, "\"%s\" gave %d", wanted->text, (int)err);
    ck_assert_int_eq(interval_us, err ? -77 : wanted->interval_us);
    ck_assert_int_eq(cause != NULL, err != HAUL_OK);
}
END_TEST

static const struct status_case {
    const char *text;
    enum haul_err err;
    int in, in_too, out;
} status_cases[] = {
    {"200", HAUL_OK, 200, 200, 201},        {"200-299", HAUL_OK, 200, 299, 300},
    {"200..=299", HAUL_OK, 200, 299, 199},  {"200..=299,404", HAUL_OK, 299, 404, 403},
    {"4xx", HAUL_OK, 400, 499, 500},        {"2XX,404", HAUL_OK, 250, 404, 405},
    {"100-599", HAUL_OK, 100, 599, 600},    {"5xx", HAUL_OK, 500, 599, 600},
    {"200..299", HAUL_ERR_SYNTAX, 0, 0, 0}, {"", HAUL_ERR_SYNTAX, 0, 0, 0},
    {",", HAUL_ERR_SYNTAX, 0, 0, 0},        {"200,", HAUL_ERR_SYNTAX, 0, 0, 0},
    {",200", HAUL_ERR_SYNTAX, 0, 0, 0},     {"200 ,404", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"20", HAUL_ERR_SYNTAX, 0, 0, 0},       {"2000", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"2x", HAUL_ERR_SYNTAX, 0, 0, 0},       {"4xx-5xx", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"200-", HAUL_ERR_SYNTAX, 0, 0, 0},     {"all", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"299-200", HAUL_ERR_RANGE, 0, 0, 0},   {"099", HAUL_ERR_RANGE, 0, 0, 0},
    {"600", HAUL_OK, 600, 600, 599},        {"0xx", HAUL_ERR_RANGE, 0, 0, 0},
    {"9xx", HAUL_OK, 900, 999, 899},        {"999", HAUL_OK, 999, 999, 998},
    {"1000", HAUL_ERR_SYNTAX, 0, 0, 0},     {"200-1000", HAUL_ERR_SYNTAX, 0, 0, 0},
};

static bool has_status(const struct haul_status_set *set, int status)
{
    size_t i;

    for (i = 0; i < set->count; i++)
        if (status >= set->range[i].first && status <= set->range[i].last)
            return true;
    return false;
}

START_TEST(statuses_are_a_set)
{
    const struct status_case *wanted = &status_cases[_i];
    struct haul_status_set set = {.count = 77};
    const char *cause = NULL;
    enum haul_err err = haul_units_parse_statuses(wanted->text, &set, &cause);

    ck_assert_msg(err == wanted->err, "\"%s\" gave %d", wanted->text, (int)err);
    ck_assert_int_eq(cause != NULL, err != HAUL_OK);
    if (err) {
        ck_assert_uint_eq(set.count, 77);
        return;
    }
    ck_assert(has_status(&set, wanted->in));
    ck_assert(has_status(&set, wanted->in_too));
    ck_assert(!has_status(&set, wanted->out));
}
END_TEST

START_TEST(more_statuses_than_fit_are_refused)
{
    struct haul_status_set set;
    const char *cause;
    struct haul_buf text;
    int i;

    haul_buf_init(&text, 0);
    for (i = 0; i < HAUL_STATUS_RANGES_MAX; i++)
        haul_buf_addf(&text, "%s%d", i ? "," : "", 200 + i);
    ck_assert_int_eq(haul_units_parse_statuses(haul_buf_str(&text), &set, &cause), HAUL_OK);
    ck_assert_uint_eq(set.count, HAUL_STATUS_RANGES_MAX);
    haul_buf_add_str(&text, ",404");
    ck_assert_int_eq(haul_units_parse_statuses(haul_buf_str(&text), &set, &cause), HAUL_ERR_LIMIT);
    haul_buf_done(&text);
}
END_TEST

static const struct choice_case {
    const char *text;
    enum haul_err err;
    int in, out, excluded; /* 0: none */
} choice_cases[] = {
    {"429", HAUL_OK, 429, 428, 0},
    {"*", HAUL_OK, 400, 399, 0},
    {"*", HAUL_OK, 599, 399, 0},
    {"*", HAUL_OK, 999, 399, 0},
    {"5xx", HAUL_OK, 599, 600, 0},
    {"!501", HAUL_OK, 0, 501, 501},
    {"5xx,!501", HAUL_OK, 502, 429, 501},
    {"!501,5xx", HAUL_OK, 501, 429, 501},
    {"*,!502-504", HAUL_OK, 503, 200, 503},
    {"!*", HAUL_OK, 0, 500, 500},
    {"", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"!", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"!!501", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"**", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"429,", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"429!501", HAUL_ERR_SYNTAX, 0, 0, 0},
    {"!999", HAUL_OK, 0, 999, 999},
    {"!099", HAUL_ERR_RANGE, 0, 0, 0},
    {"504-502", HAUL_ERR_RANGE, 0, 0, 0},
};

START_TEST(statuses_are_chosen_and_excluded)
{
    const struct choice_case *wanted = &choice_cases[_i];
    struct haul_status_set set = {.count = 77}, excluded = {.count = 77};
    const char *cause = NULL;
    enum haul_err err = haul_units_parse_status_choice(wanted->text, &set, &excluded, &cause);

    ck_assert_msg(err == wanted->err, "\"%s\" gave %d", wanted->text, (int)err);
    ck_assert_int_eq(cause != NULL, err != HAUL_OK);
    if (err) {
        ck_assert(set.count == 77 && excluded.count == 77);
        return;
    }
    ck_assert(wanted->in ? has_status(&set, wanted->in) : !set.count);
    ck_assert(!has_status(&set, wanted->out));
    ck_assert(wanted->excluded ? has_status(&excluded, wanted->excluded) : !excluded.count);
}
END_TEST

typedef void add_number(struct haul_buf *buf, int64_t value);

static const struct format_case {
    add_number *add;
    int64_t value;
    const char *text;
} format_cases[] = {
    {haul_units_add_bytes, 0, "0 B"},
    {haul_units_add_bytes, 1023, "1023 B"},
    {haul_units_add_bytes, 1024, "1.0 KiB"},
    {haul_units_add_bytes, 1536, "1.5 KiB"},
    {haul_units_add_bytes, 1075, "1.0 KiB"},
    {haul_units_add_bytes, 1076, "1.1 KiB"},
    {haul_units_add_bytes, 1048524, "1023.9 KiB"},
    {haul_units_add_bytes, 1048525, "1.0 MiB"},
    {haul_units_add_bytes, 1048575, "1.0 MiB"},
    {haul_units_add_bytes, 1048576, "1.0 MiB"},
    {haul_units_add_bytes, INT64_C(5) << 30, "5.0 GiB"},
    {haul_units_add_bytes, INT64_MAX - 1, "8.0 EiB"},
    {haul_units_add_bytes, INT64_MAX, "8.0+ EiB"},
    {haul_units_add_bytes, INT64_MIN, "-8.0+ EiB"},
    {haul_units_add_bytes, -1, "-1 B"},
    {haul_units_add_grouped, 0, "0"},
    {haul_units_add_grouped, 999, "999"},
    {haul_units_add_grouped, 1000, "1,000"},
    {haul_units_add_grouped, 1256, "1,256"},
    {haul_units_add_grouped, 1000001, "1,000,001"},
    {haul_units_add_grouped, -1256, "-1,256"},
    {haul_units_add_grouped, INT64_MAX, "9,223,372,036,854,775,807"},
    {haul_units_add_grouped, INT64_MIN, "-9,223,372,036,854,775,808"},
    {haul_units_add_duration, 0, "0 ms"},
    {haul_units_add_duration, 999, "999 ms"},
    {haul_units_add_duration, 1000, "1 s"},
    {haul_units_add_duration, 1830, "1.83 s"},
    {haul_units_add_duration, 1800, "1.8 s"},
    {haul_units_add_duration, 1050, "1.05 s"},
    {haul_units_add_duration, 59999, "1 m"},
    {haul_units_add_duration, 59994, "59.99 s"},
    {haul_units_add_duration, 1834, "1.83 s"},
    {haul_units_add_duration, 1835, "1.84 s"},
    {haul_units_add_duration, 60000, "1 m"},
    {haul_units_add_duration, 125000, "2 m 5 s"},
    {haul_units_add_duration, 3599999, "1 h"},
    {haul_units_add_duration, 3599499, "59 m 59 s"},
    {haul_units_add_duration, 86370000, "1 d"},
    {haul_units_add_duration, 86369999, "23 h 59 m"},
    {haul_units_add_duration, 3600000, "1 h"},
    {haul_units_add_duration, 86400000, "1 d"},
    {haul_units_add_duration, 90000000, "1 d 1 h"},
    {haul_units_add_duration, -1500, "-1.5 s"},
    {haul_units_add_duration_us, 1834999, "1.83 s"},
    {haul_units_add_duration_us, 1835000, "1.84 s"},
    {haul_units_add_duration_us, 499, "0 ms"},
    {haul_units_add_duration_us, -499, "0 ms"},
    {haul_units_add_duration_us, -500, "-1 ms"},
    {haul_units_add_duration_us, 999499, "999 ms"},
    {haul_units_add_duration_us, 999500, "1 s"},
    {haul_units_add_duration_us, 59995000, "1 m"},
    {haul_units_add_duration_us, 125499999, "2 m 5 s"},
    {haul_units_add_duration_us, INT64_MAX, "106751991 d 4 h"},
    {haul_units_add_duration, INT64_MIN, "-106751991167 d 7 h"},
};

START_TEST(number_is_written_for_people)
{
    const struct format_case *wanted = &format_cases[_i];
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    wanted->add(&buf, wanted->value);
    ck_assert_str_eq(haul_buf_str(&buf), wanted->text);
    haul_buf_done(&buf);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("units");
    TCase *parse = tcase_create("parse");
    TCase *format = tcase_create("format");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(parse, int_is_whole_and_in_range, 0, COUNT(int_cases));
    tcase_add_test(parse, largest_int_is_reached_exactly);
    tcase_add_loop_test(parse, size_is_exact, 0, COUNT(size_cases));
    tcase_add_loop_test(parse, percentage_is_exact, 0, COUNT(percent_cases));
    tcase_add_loop_test(parse, duration_is_exact, 0, COUNT(duration_cases));
    tcase_add_loop_test(parse, rate_is_the_time_between_two_events, 0, COUNT(rate_cases));
    tcase_add_loop_test(parse, statuses_are_a_set, 0, COUNT(status_cases));
    tcase_add_test(parse, more_statuses_than_fit_are_refused);
    tcase_add_loop_test(parse, statuses_are_chosen_and_excluded, 0, COUNT(choice_cases));
    tcase_add_loop_test(format, number_is_written_for_people, 0, COUNT(format_cases));
    suite_add_tcase(suite, parse);
    suite_add_tcase(suite, format);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
