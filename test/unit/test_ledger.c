#include <check.h>
#include <string.h>

#include "model/ledger.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static void add(struct haul_ledger *ledger, enum haul_outcome outcome, enum haul_reason reason,
                int http_code)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.outcome = outcome;
    rec.reason = reason;
    rec.http_code = http_code;
    rec.size_download = 1000;
    rec.size_body = 3000;
    rec.size_header = 10;
    rec.time_total_us = 1500000;
    haul_ledger_add(ledger, &rec);
    haul_ledger_add_lines(ledger, 1);
}

static void add_ok(struct haul_ledger *ledger)
{
    add(ledger, HAUL_OUTCOME_OK, HAUL_REASON_NONE, 200);
}

static void add_gone(struct haul_ledger *ledger)
{
    add(ledger, HAUL_OUTCOME_FAILED, HAUL_REASON_HTTP_STATUS, 410);
}

static void add_busy(struct haul_ledger *ledger)
{
    add(ledger, HAUL_OUTCOME_FAILED, HAUL_REASON_HTTP_STATUS, 503);
}

static void add_invalid(struct haul_ledger *ledger)
{
    add(ledger, HAUL_OUTCOME_INVALID, HAUL_REASON_BAD_URL, 0);
}

static void add_pending(struct haul_ledger *ledger)
{
    add(ledger, HAUL_OUTCOME_PENDING, HAUL_REASON_STOPPED, 0);
}

static void add_given_up(struct haul_ledger *ledger)
{
    add(ledger, HAUL_OUTCOME_SKIPPED, HAUL_REASON_HOST_DOWN, 0);
}

static void add_announced(struct haul_ledger *ledger)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.outcome = HAUL_OUTCOME_OK;
    rec.size_method = "head";
    rec.size_download = 0;
    rec.size_body = 500;
    haul_ledger_add(ledger, &rec);
    haul_ledger_add_lines(ledger, 1);
}

static void add_harmless(struct haul_ledger *ledger)
{
    add(ledger, HAUL_OUTCOME_UNCHANGED, HAUL_REASON_NONE, 304);
    add(ledger, HAUL_OUTCOME_SKIPPED, HAUL_REASON_NONE, 0);
    add(ledger, HAUL_OUTCOME_DUPLICATE, HAUL_REASON_NONE, 0);
}

static void lose_a_row(struct haul_ledger *ledger)
{
    haul_ledger_add_lines(ledger, 1);
}

/* --- exit status ------------------------------------------------------------------------------ */

/* Each row adds one cause to those below it, so that the whole precedence is walked. */
static const struct status_row {
    void (*add[6])(struct haul_ledger *ledger);
    struct haul_ledger_flags flags;
    int status;
} status_rows[] = {
    {{NULL}, {0}, 0},
    {{add_ok}, {0}, 0},
    {{add_ok, add_harmless}, {0}, 0},
    {{add_pending}, {0}, 75},
    {{add_ok, add_given_up}, {0}, 75},
    {{add_ok, add_busy}, {0}, 75},
    {{add_ok, add_busy, add_pending, add_invalid}, {0}, 1},
    {{add_ok, add_busy, add_pending, add_gone}, {0}, 1},
    {{add_gone, add_busy}, {.budget = true}, 4},
    {{add_gone}, {.budget = true, .locked = true}, 5},
    {{add_gone}, {.budget = true, .locked = true, .usage = true}, 2},
    {{add_gone}, {.budget = true, .locked = true, .usage = true, .signal = 15}, 143},
    {{add_ok}, {.signal = 2}, 130},
    {{add_gone},
     {.budget = true, .locked = true, .usage = true, .signal = 15, .report_failed = true},
     3},
    {{add_ok}, {.report_failed = true}, 3},
    {{add_ok, lose_a_row}, {0}, 3},
    {{add_ok, lose_a_row}, {.signal = 15, .usage = true}, 3},
};

START_TEST(of_all_causes_the_first_decides_the_status)
{
    const struct status_row *row = &status_rows[_i];
    struct haul_ledger ledger;

    ledger = (struct haul_ledger){0};
    for (int i = 0; i < COUNT(row->add) && row->add[i]; i++)
        row->add[i](&ledger);
    ck_assert_int_eq(haul_ledger_exit_status(&ledger, &row->flags), row->status);
}
END_TEST

/* --- books ------------------------------------------------------------------------------------ */

START_TEST(every_outcome_counted_balances)
{
    struct haul_ledger ledger;

    ledger = (struct haul_ledger){0};
    ck_assert(haul_ledger_balances(&ledger));
    add_ok(&ledger);
    add_gone(&ledger);
    add_busy(&ledger);
    add_invalid(&ledger);
    add_pending(&ledger);
    add_harmless(&ledger);
    ck_assert(haul_ledger_balances(&ledger));
    ck_assert_uint_eq(ledger.rows, 8);
    ck_assert_uint_eq(ledger.failed_transient, 1);
    ck_assert_uint_eq(ledger.failed_permanent, 1);
}
END_TEST

START_TEST(lines_without_a_record_are_pending)
{
    static const struct haul_ledger_flags none;
    struct haul_ledger ledger;

    ledger = (struct haul_ledger){0};
    add_ok(&ledger);
    haul_ledger_add_pending(&ledger, 589);
    ck_assert(haul_ledger_balances(&ledger));
    ck_assert_uint_eq(ledger.lines, 590);
    ck_assert_uint_eq(ledger.count[HAUL_OUTCOME_PENDING], 589);
    ck_assert_int_eq(haul_ledger_exit_status(&ledger, &none), 75);
}
END_TEST

/* One field wrong at a time. */
START_TEST(one_number_off_does_not_balance)
{
    struct haul_ledger ledger;
    uint64_t *const field[] = {&ledger.lines, &ledger.rows, &ledger.count[HAUL_OUTCOME_SKIPPED],
                               &ledger.failed_transient, &ledger.failed_permanent};

    ledger = (struct haul_ledger){0};
    add_ok(&ledger);
    add_busy(&ledger);
    ck_assert(haul_ledger_balances(&ledger));
    ++*field[_i];
    ck_assert(!haul_ledger_balances(&ledger));
}
END_TEST

START_TEST(error_pages_stay_out_of_the_totals)
{
    struct haul_ledger ledger;

    ledger = (struct haul_ledger){0};
    add_ok(&ledger);
    add_gone(&ledger);
    add_gone(&ledger);
    ck_assert_int_eq(ledger.wire_bytes, 1000);
    ck_assert_int_eq(ledger.body_bytes, 3000);
    ck_assert_int_eq(ledger.failed_bytes, 2000);
    ck_assert_int_eq(ledger.header_bytes, 30);
    ck_assert_int_eq(ledger.time_us, 4500000);
}
END_TEST

START_TEST(unknown_numbers_count_as_nothing)
{
    struct haul_ledger ledger;
    struct haul_record rec;

    haul_record_init(&rec);
    ledger = (struct haul_ledger){0};
    haul_ledger_add(&ledger, &rec);
    ck_assert_int_eq(ledger.wire_bytes, 0);
    ck_assert_int_eq(ledger.body_bytes, 0);
    ck_assert_int_eq(ledger.header_bytes, 0);
    ck_assert_int_eq(ledger.time_us, 0);
}
END_TEST

START_TEST(sums_of_absurd_numbers_do_not_wrap)
{
    struct haul_ledger ledger;
    struct haul_record rec;

    haul_record_init(&rec);
    ledger = (struct haul_ledger){0};
    rec.size_body = INT64_MAX - 5;
    haul_ledger_add(&ledger, &rec);
    haul_ledger_add(&ledger, &rec);
    ck_assert_int_eq(ledger.body_bytes, INT64_MAX);
}
END_TEST

/* --- summary ---------------------------------------------------------------------------------- */

static const struct summary_row {
    void (*add[10])(struct haul_ledger *ledger);
    int64_t elapsed_us;
    bool stopped;
    const char *text;
} summary_rows[] = {
    {{add_ok, add_ok, add_ok, add_ok, add_ok, add_ok, add_ok, add_ok, add_ok},
     1650000,
     false,
     "9 URLs in 1.65 s; one after the other 13.5 s: 8.2 times faster\n"
     "9 lines = 9 ok\n"
     "bodies: 8.8 KiB (9,000 bytes) received, 26.4 KiB (27,000 bytes) decoded; "
     "headers: 90 bytes\n"},
    {{add_ok},
     1600000,
     false,
     "1 URL in 1.6 s\n"
     "1 line = 1 ok\n"
     "bodies: 1,000 bytes received, 2.9 KiB (3,000 bytes) decoded; headers: 10 bytes\n"},
    {{NULL},
     0,
     false,
     "0 URLs in 0 ms\n"
     "0 lines = 0 ok\n"
     "bodies: 0 bytes received, 0 bytes decoded; headers: 0 bytes\n"},
    {{add_gone, add_harmless, add_invalid, add_pending},
     1000000,
     true,
     "2 URLs in 1 s; one after the other 9 s: 9.0 times faster\n"
     "6 lines = 0 ok + 1 failed + 1 unchanged + 1 skipped + 1 duplicate + 1 invalid + 1 pending\n"
     "bodies: 1,000 bytes received, 0 bytes decoded; headers: 60 bytes; "
     "unchanged: 2.9 KiB (3,000 bytes); of URLs skipped: 1,000 bytes; "
     "of URLs not ok: 3.9 KiB (4,000 bytes)\n"},
    {{add_announced, add_announced},
     1000000,
     false,
     "2 URLs in 1 s\n"
     "2 lines = 2 ok\n"
     "bodies: 0 bytes received, 1,000 bytes announced only; headers: 0 bytes\n"},
    {{add_announced, add_ok},
     2000000,
     false,
     "2 URLs in 2 s\n"
     "2 lines = 2 ok\n"
     "bodies: 1,000 bytes received, 2.9 KiB (3,000 bytes) decoded, 500 bytes announced only; "
     "headers: 10 bytes\n"},
    {{add_pending, add_pending, add_invalid},
     314000,
     false,
     "stopped after 314 ms, before anything was fetched: 2 URLs are pending\n"
     "3 lines = 0 ok + 1 invalid + 2 pending\n"
     "bodies: 0 bytes received, 0 bytes decoded; headers: 30 bytes; of URLs not ok: 2.9 KiB "
     "(3,000 bytes)\n"},
    {{NULL},
     20000,
     true,
     "stopped after 20 ms, before anything was fetched: 0 URLs are pending\n"
     "0 lines = 0 ok\n"
     "bodies: 0 bytes received, 0 bytes decoded; headers: 0 bytes\n"},
    {{add_ok, lose_a_row},
     2000000,
     false,
     "1 URL in 2 s\n"
     "2 lines = 1 ok\n"
     "the books do not balance: 2 lines read, 1 row reported\n"
     "bodies: 1,000 bytes received, 2.9 KiB (3,000 bytes) decoded; headers: 10 bytes\n"},
};

START_TEST(summary_tells_times_books_and_bytes)
{
    const struct summary_row *row = &summary_rows[_i];
    struct haul_ledger ledger;
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    ledger = (struct haul_ledger){0};
    for (int i = 0; i < COUNT(row->add) && row->add[i]; i++)
        row->add[i](&ledger);
    haul_ledger_summary(&ledger, row->elapsed_us, row->stopped, &buf);
    ck_assert_str_eq(haul_buf_str(&buf), row->text);
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ledger");
    TCase *books = tcase_create("books");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(books, of_all_causes_the_first_decides_the_status, 0, COUNT(status_rows));
    tcase_add_test(books, every_outcome_counted_balances);
    tcase_add_test(books, lines_without_a_record_are_pending);
    tcase_add_loop_test(books, one_number_off_does_not_balance, 0, 5);
    tcase_add_test(books, error_pages_stay_out_of_the_totals);
    tcase_add_test(books, unknown_numbers_count_as_nothing);
    tcase_add_test(books, sums_of_absurd_numbers_do_not_wrap);
    tcase_add_loop_test(books, summary_tells_times_books_and_bytes, 0, COUNT(summary_rows));
    suite_add_tcase(suite, books);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
