#include <check.h>
#include <stdio.h>
#include <string.h>

#include "report/row.h"
#include "sample_record.h"

/* Rows for people: text. */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_record bad_record(enum haul_outcome outcome, enum haul_reason reason,
                                     const char *errormsg)
{
    struct haul_record rec = sample_record("http://example.com/", -1);

    rec.outcome = outcome;
    rec.reason = reason;
    rec.errormsg = errormsg;
    return rec;
}

static const struct haul_terminal a_pipe = {.is_terminal = false, .columns = 200};
static const struct haul_terminal a_terminal = {.is_terminal = true, .columns = 60};

static void assert_text(const struct haul_record *rec, const struct haul_terminal *style,
                        const char *wanted)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_row_text(&buf, rec, style);
    ck_assert_str_eq(haul_buf_str(&buf), wanted);
    haul_buf_done(&buf);
}

static const struct length_row {
    const char *url;
    int64_t length;
    const char *line;
} length_rows[] = {
    {"http://example.com/", 1256, "http://example.com/            :      1,256\n"},
    {"http://example.com/", 0, "http://example.com/            :          0\n"},
    {"http://example.com/", -1, "http://example.com/            :          -\n"},
    {"http://example.com/", 12345678, "http://example.com/            : 12,345,678\n"},
    {"http://example.com/", 123456789, "http://example.com/            : 123,456,789\n"},
    {"http://example.com/", INT64_MAX,
     "http://example.com/            : 9,223,372,036,854,775,807\n"},
    {"http://example.com/0123456789a", 999, "http://example.com/0123456789a :        999\n"},
    {"http://example.com/0123456789ab", 999, "http://example.com/0123456789ab :        999\n"},
    {"\x1b[2J", 1, "\\x1b[2J                        :          1\n"},
    {"", 1, "                               :          1\n"},
};

START_TEST(length_in_a_pipe_stands_in_its_columns)
{
    struct haul_record rec = sample_record(length_rows[_i].url, length_rows[_i].length);

    assert_text(&rec, &a_pipe, length_rows[_i].line);
    rec.outcome = HAUL_OUTCOME_UNCHANGED;
    assert_text(&rec, &a_pipe, length_rows[_i].line);
}
END_TEST

START_TEST(length_of_a_head_may_be_unknown)
{
    struct haul_record rec = sample_record("http://example.com/", 0);

    rec.method = "HEAD";
    rec.size_body = 1256;
    assert_text(&rec, &a_pipe, "http://example.com/            :      1,256\n");
    rec.size_body = -1;
    assert_text(&rec, &a_pipe, "http://example.com/            :          -\n");
}
END_TEST

static const struct word_row {
    enum haul_outcome outcome;
    enum haul_reason reason;
    const char *errormsg;
    const char *words;
} word_rows[] = {
    {HAUL_OUTCOME_FAILED, HAUL_REASON_HTTP_STATUS, "The requested URL returned 404",
     "failed: http-404"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_TLS, "certificate has expired",
     "failed: tls (certificate has expired)"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_DNS, NULL, "failed: dns"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_DNS, "", "failed: dns"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_RESET, "\x1b[31m\n%s", "failed: reset (\\x1b[31m\\x0a%s)"},
    {HAUL_OUTCOME_INVALID, HAUL_REASON_BAD_URL, NULL, "invalid: line 12: bad-url"},
    {HAUL_OUTCOME_PENDING, HAUL_REASON_STOPPED, NULL, "pending: stopped"},
    {HAUL_OUTCOME_DUPLICATE, HAUL_REASON_NONE, NULL, "duplicate"},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_NONE, NULL, "skipped"},
};

START_TEST(words_stand_where_the_number_would)
{
    const struct word_row *row = &word_rows[_i];
    struct haul_record rec = bad_record(row->outcome, row->reason, row->errormsg);
    char line[200];

    rec.http_code = 404;
    snprintf(line, sizeof line, "http://example.com/            : %s\n", row->words);
    assert_text(&rec, &a_pipe, line);
}
END_TEST

START_TEST(invalid_argument_is_called_one)
{
    struct haul_record rec = bad_record(HAUL_OUTCOME_INVALID, HAUL_REASON_SCHEME, NULL);

    rec.source = NULL;
    assert_text(&rec, &a_pipe, "http://example.com/            : invalid: argument 12: scheme\n");
}
END_TEST

START_TEST(attempts_are_told_with_their_time_and_cause)
{
    static const struct haul_tried tried[] = {{.reason = HAUL_REASON_HTTP_STATUS, .http_code = 503},
                                              {.at_us = 1203000, .is_step = true},
                                              {.at_us = 1204000, .reason = HAUL_REASON_TIMEOUT}};
    struct haul_record rec = bad_record(HAUL_OUTCOME_FAILED, HAUL_REASON_RESET, NULL);
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    rec.attempts = 1;
    haul_row_attempts(&buf, &rec);
    ck_assert_uint_eq(buf.len, 0);
    rec.attempts = 3;
    haul_row_attempts(&buf, &rec); /* of an earlier version's journal, which does not have them */
    ck_assert_uint_eq(buf.len, 0);
    rec.tried = tried;
    rec.tried_count = 3;
    rec.time_elapsed_us = 3500000;
    rec.time_total_us = 1000000;
    haul_row_attempts(&buf, &rec);
    ck_assert_str_eq(haul_buf_str(&buf), "    attempt 1, at 0.000 s: http-503\n"
                                         "    attempt 2, at 1.204 s: timeout\n"
                                         "    attempt 3, at 2.500 s: reset\n");
    rec.outcome = HAUL_OUTCOME_OK;
    rec.reason = HAUL_REASON_NONE;
    haul_buf_clear(&buf);
    haul_row_attempts(&buf, &rec);
    ck_assert_ptr_nonnull(strstr(buf.data, "    attempt 3, at 2.500 s: ok\n"));
    haul_buf_done(&buf);
}
END_TEST

START_TEST(many_attempts_are_bounded)
{
    struct haul_tried tried[HAUL_TRIED_MAX];
    struct haul_record rec = bad_record(HAUL_OUTCOME_FAILED, HAUL_REASON_RESET, NULL);
    struct haul_buf buf;

    for (int i = 0; i < HAUL_TRIED_MAX; i++)
        tried[i] = (struct haul_tried){.at_us = i, .reason = HAUL_REASON_RESET};
    rec.attempts = 1000;
    rec.tried = tried;
    rec.tried_count = HAUL_TRIED_MAX;
    haul_buf_init(&buf, 0);
    haul_row_attempts(&buf, &rec);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&buf), "attempt 8, at 0.000 s: reset\n"
                                                     "    983 more attempts\n"
                                                     "    attempt 992, at 0.000 s: reset\n"));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&buf), "attempt 1000,"));
    haul_buf_done(&buf);
}
END_TEST

START_TEST(long_message_is_cut)
{
    char message[500] = "";
    struct haul_record rec = bad_record(HAUL_OUTCOME_FAILED, HAUL_REASON_TLS, message);
    struct haul_buf buf;

    memset(message, 'm', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    haul_buf_init(&buf, 0);
    haul_row_text(&buf, &rec, &a_pipe);
    ck_assert_uint_eq(buf.len, 33 + strlen("failed: tls ()\n") + 100);
    haul_buf_clear(&buf);
    rec.url = "http://h/";
    haul_row_text(&buf, &rec, &(struct haul_terminal){.is_terminal = true, .columns = 90});
    ck_assert_uint_eq(buf.len, 72 + 3 + strlen("failed: tls\n"));
    haul_buf_clear(&buf);
    haul_row_text(&buf, &rec, &(struct haul_terminal){.is_terminal = true, .columns = 120});
    ck_assert_uint_eq(buf.len, 120 + 1);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(long_url_on_a_terminal_loses_its_middle)
{
    struct haul_record rec = sample_record("http://example.com/a/b/c/d/e/f/g/h/i/index.html", 1256);
    struct haul_terminal utf8 = a_terminal;

    assert_text(&rec, &a_terminal, "http://example.com/a.../f/g/h/i/index.html :      1,256\n");
    utf8.utf8 = true;
    assert_text(&rec, &utf8,
                "http://example.com/a/\xe2\x80\xa6"
                "e/f/g/h/i/index.html :      1,256\n");
}
END_TEST

static const struct {
    bool is_terminal;
    int columns, width;
} width_rows[] = {{false, 200, 30}, {true, 0, 62},  {true, 1, 30},   {true, 48, 30},
                  {true, 49, 31},   {true, 90, 72}, {true, 200, 72}, {true, -5, 62}};

START_TEST(width_of_the_url_follows_the_terminal)
{
    struct haul_terminal term = {.is_terminal = width_rows[_i].is_terminal,
                                 .columns = width_rows[_i].columns};
    struct haul_record rec = sample_record("u", 1256);
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_row_text(&buf, &rec, &term);
    ck_assert_int_eq(strstr(haul_buf_str(&buf), " : ") - haul_buf_str(&buf), width_rows[_i].width);
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_text");
    TCase *tcase = tcase_create("text");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, length_in_a_pipe_stands_in_its_columns, 0, COUNT(length_rows));
    tcase_add_test(tcase, length_of_a_head_may_be_unknown);
    tcase_add_loop_test(tcase, words_stand_where_the_number_would, 0, COUNT(word_rows));
    tcase_add_test(tcase, invalid_argument_is_called_one);
    tcase_add_test(tcase, long_message_is_cut);
    tcase_add_test(tcase, attempts_are_told_with_their_time_and_cause);
    tcase_add_test(tcase, many_attempts_are_bounded);
    tcase_add_test(tcase, long_url_on_a_terminal_loses_its_middle);
    tcase_add_loop_test(tcase, width_of_the_url_follows_the_terminal, 0, COUNT(width_rows));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
