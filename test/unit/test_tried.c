#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fake_history.h"
#include "journal/line.h"
#include "numbered_key.h"

/* The requests that were made for a URL before the last one: in journals, and as a summary has them
 * (what became of each worker's time). */

/* ---- in journals ---- */

static struct haul_journal_parser parser;

static void begin_parser(void)
{
    haul_journal_parser_init(&parser);
}

static void end_parser(void)
{
    haul_journal_parser_done(&parser);
}

static void read_line(const char *line, size_t len, struct haul_record *rec)
{
    struct haul_journal_mark mark;

    ck_assert_int_eq(haul_journal_peek(line, len, &mark), HAUL_OK);
    ck_assert_int_eq(haul_journal_parse(&parser, line, len, rec), HAUL_OK);
}

static struct haul_record tried_record(const struct haul_tried *tried, size_t count)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "http://h/";
    rec.entry = "x";
    rec.attempts = (int)count + 1;
    rec.tried = tried;
    rec.tried_count = count;
    return rec;
}

START_TEST(requests_come_back_from_a_journal)
{
    struct haul_tried tried[HAUL_TRIED_MAX];
    struct haul_record rec = tried_record(tried, _i == 1 ? HAUL_TRIED_MAX : (size_t)_i), read;
    struct haul_buf line;

    for (int i = 0; i < HAUL_TRIED_MAX; i++) {
        bool is_step = i % 3 == 2, is_status = i % 3 == 1;

        tried[i] = (struct haul_tried){.at_us = INT64_MAX / 20 * i,
                                       .took_us = i * 1000001,
                                       .worker = i % 2 ? INT_MAX : i,
                                       .is_step = is_step,
                                       .reason = is_step     ? HAUL_REASON_NONE
                                                 : is_status ? HAUL_REASON_HTTP_STATUS
                                                             : HAUL_REASON_TLS,
                                       .http_code = is_status ? 503 : 0};
    }
    haul_buf_init(&line, 0);
    haul_journal_add_record(&line, &rec, NUMBERED_KEY(1), 0);
    read_line(line.data, line.len - 1, &read);
    ck_assert_uint_eq(read.tried_count, rec.tried_count);
    for (size_t i = 0; i < rec.tried_count; i++) {
        ck_assert_int_eq(read.tried[i].at_us, tried[i].at_us);
        ck_assert_int_eq(read.tried[i].took_us, tried[i].took_us);
        ck_assert_int_eq(read.tried[i].worker, tried[i].worker);
        ck_assert_int_eq(read.tried[i].is_step, tried[i].is_step);
        ck_assert_int_eq(read.tried[i].reason, tried[i].reason);
        ck_assert_int_eq(read.tried[i].http_code, tried[i].http_code);
    }
    ck_assert_str_eq(read.entry, "x");
    haul_buf_done(&line);
}
END_TEST

#define FOREIGN(tried)                                                                             \
    "{\"tried\": " tried ", \"outcome\": \"ok\", \"url\": \"u\", \"key\": \"00000000000000ff\"}"
#define GOOD "{\"took\": 1, \"worker\": 3, \"at\": 0.5, \"reason\": \"dns\"}"

/* What other programs have written; none of it keeps a record from being read. */
static const struct {
    const char *line;
    size_t count;
} foreign[] = {
    {FOREIGN("null"), 0},
    {FOREIGN("7"), 0},
    {FOREIGN("{}"), 0},
    {FOREIGN("[]"), 0},
    {FOREIGN("[[], 1, \"x\", null, {}]"), 0},
    {FOREIGN("[" GOOD "]"), 1},
    {FOREIGN("[{\"at\": 1, \"took\": -1}, " GOOD ", {\"at\": \"1\", \"took\": 1}]"), 1},
    {FOREIGN("[{\"at\": 1e30, \"took\": 1}, " GOOD ", {\"at\": 1, \"took\": 1e18}]"), 1},
    {FOREIGN("[" GOOD ", {\"at\": 1, \"took\": 1, \"worker\": 99999999999}]"), 2},
    {FOREIGN("[" GOOD ", {\"at\": 1, \"took\": 1, \"worker\": -1, \"reason\": \"a\\\"b\"}]"), 2},
    {FOREIGN("[" GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD
             "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "]"),
     HAUL_TRIED_MAX},
};
enum { FOREIGN_COUNT = sizeof foreign / sizeof *foreign };

START_TEST(requests_of_another_hand_are_read_as_far_as_they_are_some)
{
    struct haul_record rec;
    bool has_good = false;

    read_line(foreign[_i].line, strlen(foreign[_i].line), &rec);
    ck_assert_uint_eq(rec.tried_count, foreign[_i].count);
    for (size_t i = 0; i < rec.tried_count; i++) {
        ck_assert_int_ge(rec.tried[i].worker, 0);
        has_good = has_good || (rec.tried[i].at_us == 500000 && rec.tried[i].took_us == 1000000 &&
                                rec.tried[i].worker == 3 && rec.tried[i].reason == HAUL_REASON_DNS);
    }
    ck_assert(has_good || !foreign[_i].count);
}
END_TEST

/* ---- in a summary ---- */

static struct haul_store *store;
static struct haul_summary sum;
static uint64_t records;

static void begin_store(void)
{
    fake_begin();
    store = fake_open_private();
    fake_start(store);
    records = 0;
}

static void end_store(void)
{
    haul_summary_done(&sum);
    haul_store_free(store);
    fake_end();
}

/* A URL that was asked for `start_us` after the run began, and again; in all that took
 * `elapsed_us`, and the last request 100 of that. -1: it is not known how long. */
static void add_tried_url(int64_t start_us, int64_t elapsed_us, const struct haul_tried *tried,
                          size_t count, enum haul_outcome outcome)
{
    const struct fake_row row = {"http://h/", outcome, 10, "text/html", NULL};
    struct haul_record rec = fake_record(&row, records++);

    rec.started_us = 1000000 + start_us;
    rec.time_total_us = 100;
    rec.time_elapsed_us = elapsed_us;
    rec.attempts = (int)count + 1;
    rec.worker = 3;
    rec.tried = tried;
    rec.tried_count = count;
    ck_assert(!haul_store_add(store, &rec, NUMBERED_KEY(records), false));
}

static void finish(void)
{
    fake_finish(store, true);
    fake_summary(store, NULL, &sum);
}

static void check_slice(size_t n, int worker, int64_t from_us, int64_t to_us, uint64_t failed,
                        bool is_wait)
{
    const struct haul_summary_slice *slice = &sum.slice[n];

    ck_assert_uint_lt(n, sum.slice_count);
    ck_assert_int_eq(slice->worker, worker);
    ck_assert_int_eq(slice->from_us, from_us);
    ck_assert_int_eq(slice->to_us, to_us);
    ck_assert_uint_eq(slice->count, 1);
    ck_assert_uint_eq(slice->failed, failed);
    ck_assert_int_eq(slice->is_wait, is_wait);
}

/* Not the last one's duration at the first one's start. */
START_TEST(each_request_is_where_and_when_it_was)
{
    static const struct haul_tried tried[] = {
        {.at_us = 0, .took_us = 300, .worker = 1, .reason = HAUL_REASON_RESET},
        {.at_us = 1300, .took_us = 200, .worker = 2, .is_step = true},
        {.at_us = 1500, .took_us = 50, .worker = 2, .reason = HAUL_REASON_RESET}};

    add_tried_url(5000, 2650, tried, 3, HAUL_OUTCOME_OK);
    finish();
    ck_assert_uint_eq(sum.slice_count, 6);
    check_slice(0, 1, 5000, 5300, 1, false);
    check_slice(1, 1, 5300, 6300, 0, true);
    check_slice(2, 2, 6300, 6500, 0, false); /* nothing between it and the next */
    check_slice(3, 2, 6500, 6550, 1, false);
    check_slice(4, 2, 6550, 7550, 0, true);
    check_slice(5, 3, 7550, 7650, 0, false);
}
END_TEST

START_TEST(request_alone_is_where_it_was)
{
    add_tried_url(5000, 100, NULL, 0, HAUL_OUTCOME_OK);
    add_tried_url(7000, -1, NULL, 0, HAUL_OUTCOME_FAILED);
    finish();
    ck_assert_uint_eq(sum.slice_count, 2);
    check_slice(0, 3, 5000, 5100, 0, false);
    check_slice(1, 3, 7000, 7100, 1, false);
}
END_TEST

/* Nobody says when: an earlier version's journal. */
START_TEST(last_of_several_requests_is_nowhere_if_its_start_is_not_known)
{
    const struct fake_row row = {"http://h/", HAUL_OUTCOME_OK, 10, "text/html", NULL};
    struct haul_record rec = fake_record(&row, 0);

    rec.attempts = 3;
    ck_assert(!haul_store_add(store, &rec, NUMBERED_KEY(1), false));
    finish();
    ck_assert_uint_eq(sum.slice_count, 0);
    ck_assert_uint_eq(sum.page_count, 1);
}
END_TEST

/* The run was stopped, or the host given up, while it waited for another one. */
START_TEST(request_that_no_other_followed_is_there_once)
{
    static const struct haul_tried tried[] = {
        {.at_us = 0, .took_us = 100, .worker = 2, .reason = HAUL_REASON_RESET}};

    add_tried_url(5000, 100, tried, 1, HAUL_OUTCOME_PENDING);
    finish();
    ck_assert_uint_eq(sum.slice_count, 1);
    check_slice(0, 2, 5000, 5100, 1, false);
}
END_TEST

/* Of a thousand attempts only the first and the latest are known: nothing is said of those between,
 * not that the URL waited all the while. */
START_TEST(nothing_is_said_of_requests_that_were_left_out)
{
    struct haul_tried tried[HAUL_TRIED_MAX];

    for (int i = 0; i < HAUL_TRIED_MAX; i++)
        tried[i] = (struct haul_tried){.at_us = i * 1000 + (i >= HAUL_TRIED_HALF) * 500000,
                                       .took_us = 10,
                                       .worker = 1,
                                       .reason = HAUL_REASON_RESET};
    add_tried_url(0, 600000, tried, HAUL_TRIED_MAX, HAUL_OUTCOME_FAILED);
    finish();
    ck_assert_uint_eq(sum.slice_count, 2 * HAUL_TRIED_MAX - 1 + 1);
    for (size_t i = 0; i < sum.slice_count; i++)
        ck_assert(!sum.slice[i].is_wait || sum.slice[i].to_us - sum.slice[i].from_us < 100000);
}
END_TEST

/* Whatever a journal says. */
START_TEST(impossible_times_are_harmless)
{
    static const struct haul_tried tried[] = {
        {.at_us = INT64_MAX, .took_us = INT64_MAX, .worker = INT_MAX, .reason = HAUL_REASON_TLS},
        {.at_us = 0, .took_us = INT64_MAX, .worker = 1, .reason = HAUL_REASON_TLS},
        {.at_us = 5, .took_us = 1, .worker = 0, .reason = HAUL_REASON_TLS}};

    add_tried_url(INT64_MAX - 1000000, INT64_MAX, tried, 3, HAUL_OUTCOME_OK);
    add_tried_url(5, 0, tried, 3, HAUL_OUTCOME_OK);
    finish();
    for (size_t i = 0; i < sum.slice_count; i++)
        ck_assert_int_ge(sum.slice[i].to_us, sum.slice[i].from_us);
}
END_TEST

/* As many as there may be, and three kinds of them: one slice is never of two kinds. */
START_TEST(joined_slices_are_of_one_kind)
{
    static const struct haul_tried tried[] = {
        {.at_us = 0, .took_us = 10, .worker = 1, .reason = HAUL_REASON_RESET}};
    uint64_t count[3] = {0};

    for (int i = 0; i < 6000; i++)
        add_tried_url(i * 300, i % 10 ? 100 : 600, tried, i % 10 ? 0 : 1, HAUL_OUTCOME_OK);
    finish();
    ck_assert_uint_gt(sum.slice_count, 1000);
    ck_assert_uint_le(sum.slice_count, HAUL_SUMMARY_SLICES_MAX);
    for (size_t i = 0; i < sum.slice_count; i++) {
        const struct haul_summary_slice *slice = &sum.slice[i];

        count[slice->is_wait ? 2 : slice->failed > 0] += slice->count;
        ck_assert(!slice->failed || (slice->failed == slice->count && !slice->is_wait));
    }
    ck_assert_uint_eq(count[0], 6000);
    ck_assert_uint_eq(count[1], 600);
    ck_assert_uint_eq(count[2], 600);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tried");
    TCase *journal = tcase_create("journal"), *summary = tcase_create("summary");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(journal, begin_parser, end_parser);
    tcase_add_loop_test(journal, requests_come_back_from_a_journal, 0, 4);
    tcase_add_loop_test(journal, requests_of_another_hand_are_read_as_far_as_they_are_some, 0,
                        FOREIGN_COUNT);
    suite_add_tcase(suite, journal);
    tcase_add_checked_fixture(summary, begin_store, end_store);
    tcase_add_test(summary, each_request_is_where_and_when_it_was);
    tcase_add_test(summary, request_alone_is_where_it_was);
    tcase_add_test(summary, last_of_several_requests_is_nowhere_if_its_start_is_not_known);
    tcase_add_test(summary, request_that_no_other_followed_is_there_once);
    tcase_add_test(summary, nothing_is_said_of_requests_that_were_left_out);
    tcase_add_test(summary, impossible_times_are_harmless);
    tcase_add_test(summary, joined_slices_are_of_one_kind);
    suite_add_tcase(suite, summary);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
