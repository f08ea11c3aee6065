#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "haul/err.h"
#include "haul/record.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

START_TEST(record_initialised_knows_nothing)
{
    struct haul_record rec;

    memset(&rec, 0x5a, sizeof rec);
    haul_record_init(&rec);
    ck_assert_str_eq(rec.url, "");
    ck_assert_int_eq(rec.content_length, -1);
    ck_assert_int_eq(rec.size_download, -1);
    ck_assert_int_eq(rec.size_body, -1);
    ck_assert_int_eq(rec.size_header, -1);
    ck_assert_int_eq(rec.size_request, -1);
    ck_assert_int_eq(rec.time_namelookup_us, -1);
    ck_assert_int_eq(rec.time_total_us, -1);
    ck_assert_int_eq(rec.time_queue_us, 0);
    ck_assert_int_eq(rec.time_parked_us, 0);
    ck_assert_int_eq(rec.started_us, 0);
    ck_assert_int_eq(rec.attempts, 0);
    ck_assert_int_eq(rec.reason, HAUL_REASON_NONE);
    ck_assert_ptr_null(rec.errormsg);
    ck_assert_ptr_null(rec.source);
    ck_assert_ptr_null(rec.url_effective);
}
END_TEST

/* Scripts compare these words: a change of one is a change of the interface. */
static const char *const outcome_words[] = {"ok",        "failed",  "unchanged", "skipped",
                                            "duplicate", "invalid", "pending"};

START_TEST(outcome_has_the_word_that_scripts_know)
{
    ck_assert_int_eq(COUNT(outcome_words), HAUL_OUTCOME_COUNT);
    ck_assert_str_eq(haul_outcome_word((enum haul_outcome)_i), outcome_words[_i]);
}
END_TEST

static const char *word_of(enum haul_reason reason, int http_code, char *word)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.reason = reason;
    rec.http_code = http_code;
    return haul_reason_word(&rec, word);
}

/* Lower-case letters and hyphens: one cell of any report, in any format. */
START_TEST(reason_has_a_word_and_a_text_of_its_own)
{
    enum haul_reason reason = (enum haul_reason)_i;
    char word[HAUL_REASON_WORD_MAX], other[HAUL_REASON_WORD_MAX];

    word_of(reason, 404, word);
    if (reason == HAUL_REASON_NONE) {
        ck_assert_str_eq(word, "");
    } else if (reason != HAUL_REASON_HTTP_STATUS) {
        ck_assert_uint_gt(strlen(word), 0);
        ck_assert_uint_eq(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
    }
    ck_assert_uint_gt(strlen(haul_reason_text(reason)), 5);
    ck_assert_ptr_null(strchr(haul_reason_text(reason), '\n'));
    for (int i = 0; i < _i; i++)
        ck_assert_str_ne(word, word_of((enum haul_reason)i, 404, other));
}
END_TEST

static const struct word_row {
    enum haul_reason reason;
    int http_code;
    const char *word;
} word_rows[] = {
    {HAUL_REASON_HTTP_STATUS, 404, "http-404"},
    {HAUL_REASON_HTTP_STATUS, 0, "http-000"},
    {HAUL_REASON_HTTP_STATUS, 7, "http-007"},
    {HAUL_REASON_HTTP_STATUS, -2147483647 - 1, "http--2147483648"},
    {HAUL_REASON_DNS, 404, "dns"},
    {HAUL_REASON_TOO_MANY_HEADERS, 200, "too-many-headers"},
    {HAUL_REASON_CONTROL_CHARACTER, 0, "control-character"},
};

START_TEST(reason_word_names_the_status_of_http_only)
{
    char word[HAUL_REASON_WORD_MAX];

    ck_assert_str_eq(word_of(word_rows[_i].reason, word_rows[_i].http_code, word),
                     word_rows[_i].word);
}
END_TEST

static bool is_transient(enum haul_reason reason, int http_code)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.reason = reason;
    rec.http_code = http_code;
    return haul_record_is_transient(&rec);
}

/* curl's manual, --retry: 408, 429, 500, 502, 503, 504, 522, 524. From 600: RFC 9110, 15. */
START_TEST(statuses_that_may_pass_are_those_of_curl_and_those_of_no_class)
{
    static const int passing[] = {408, 429, 500, 502, 503, 504, 522, 524};
    int found = 0;

    for (int code = -1; code <= 1000; code++) {
        bool is_curls = found < COUNT(passing) && passing[found] == code;
        bool is_of_no_class = code >= 600 && code <= 999;

        ck_assert_int_eq(is_transient(HAUL_REASON_HTTP_STATUS, code), is_curls || is_of_no_class);
        found += is_curls;
    }
    ck_assert_int_eq(found, COUNT(passing));
}
END_TEST

START_TEST(reason_that_may_pass_does_so_whatever_the_status)
{
    static const enum haul_reason may[] = {HAUL_REASON_DNS,     HAUL_REASON_CONNECT,
                                           HAUL_REASON_TIMEOUT, HAUL_REASON_RESET,
                                           HAUL_REASON_STOPPED, HAUL_REASON_NO_MEMORY};
    static const enum haul_reason may_not[] = {HAUL_REASON_NONE,      HAUL_REASON_TLS,
                                               HAUL_REASON_BAD_URL,   HAUL_REASON_TOO_LARGE,
                                               HAUL_REASON_REDIRECTS, HAUL_REASON_INTERNAL};

    for (int i = 0; i < COUNT(may); i++)
        ck_assert(is_transient(may[i], 200) && is_transient(may[i], 404));
    for (int i = 0; i < COUNT(may_not); i++)
        ck_assert(!is_transient(may_not[i], 200) && !is_transient(may_not[i], 503));
}
END_TEST

START_TEST(error_has_a_text_and_an_unknown_one_too)
{
    for (int i = 0; i < HAUL_ERR_COUNT; i++)
        ck_assert_uint_gt(strlen(haul_err_text((enum haul_err)i)), 3);
    ck_assert_str_eq(haul_err_text(HAUL_ERR_NOMEM), "out of memory");
    ck_assert_str_eq(haul_err_text((enum haul_err)HAUL_ERR_COUNT), "unknown error");
    ck_assert_str_eq(haul_err_text((enum haul_err) - 1), "unknown error");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tcase = tcase_create("record");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, record_initialised_knows_nothing);
    tcase_add_loop_test(tcase, outcome_has_the_word_that_scripts_know, 0, HAUL_OUTCOME_COUNT);
    tcase_add_loop_test(tcase, reason_has_a_word_and_a_text_of_its_own, 0, HAUL_REASON_COUNT);
    tcase_add_loop_test(tcase, reason_word_names_the_status_of_http_only, 0, COUNT(word_rows));
    tcase_add_test(tcase, statuses_that_may_pass_are_those_of_curl_and_those_of_no_class);
    tcase_add_test(tcase, reason_that_may_pass_does_so_whatever_the_status);
    tcase_add_test(tcase, error_has_a_text_and_an_unknown_one_too);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
