#include <check.h>

#include "engine/halt.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_config config;
static struct haul_ledger ledger;
static struct haul_halt_state halt;
static struct haul_buf message;
static struct haul_halt_list list; /* its lines 0: as many as have ended, all of them */

static void set_up(void)
{
    haul_config_init(&config);
    config.halt = HAUL_HALT_NEVER;
    config.max_total = 0;
    config.dir = "saved";
    ledger = (struct haul_ledger){0};
    halt = (struct haul_halt_state){0};
    list = (struct haul_halt_list){0};
    haul_buf_init(&message, 0);
}

static void tear_down(void)
{
    haul_buf_done(&message);
}

static enum haul_stop_level look(const struct haul_job *job)
{
    const struct haul_halt_list all = {.lines = ledger.rows, .is_whole = true};

    haul_buf_clear(&message);
    return haul_halt_after(&halt, &config, &ledger, list.lines ? &list : &all, job, &message);
}

/* One more job has ended, with so many bytes received; `message` is what is said about this one. */
static enum haul_stop_level after(enum haul_outcome outcome, enum haul_reason reason,
                                  int64_t received)
{
    struct haul_job job = {.received = received};

    haul_record_init(&job.rec);
    job.rec.outcome = outcome;
    job.rec.reason = reason;
    haul_ledger_add(&ledger, &job.rec);
    return look(&job);
}

static enum haul_stop_level after_ok(int64_t received)
{
    return after(HAUL_OUTCOME_OK, HAUL_REASON_NONE, received);
}

static enum haul_stop_level after_failure(void)
{
    return after(HAUL_OUTCOME_FAILED, HAUL_REASON_TIMEOUT, 0);
}

static enum haul_stop_level after_full_disk(void)
{
    return after(HAUL_OUTCOME_FAILED, HAUL_REASON_DISK_FULL, 0);
}

/* ---- too many failures ---- */

START_TEST(without_halt_no_number_of_failures_stops)
{
    config.halt_failures = 1;
    config.halt_percent = 1;
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(after_failure(), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

static const struct {
    enum haul_halt halt;
    enum haul_stop_level level;
} kinds[] = {{HAUL_HALT_SOON, HAUL_STOP_DRAIN}, {HAUL_HALT_NOW, HAUL_STOP_ABORT}};

START_TEST(number_of_failures_stops_once_as_far_as_asked)
{
    config.halt = kinds[_i].halt;
    config.halt_failures = 2;
    ck_assert_int_eq(after_failure(), HAUL_STOP_NONE);
    ck_assert_int_eq(after_ok(1), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
    ck_assert_int_eq(after_failure(), kinds[_i].level);
    ck_assert_str_eq(haul_buf_str(&message), "halted: 2 of 3 URLs failed; 3 are done\n");
    ck_assert_int_eq(after_failure(), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

static const struct {
    int percent, failed, ok;
    enum haul_stop_level level;
} shares[] = {
    {50, 3, 3, HAUL_STOP_DRAIN},  {50, 3, 4, HAUL_STOP_NONE},  {50, 2, 0, HAUL_STOP_NONE},
    {100, 3, 0, HAUL_STOP_DRAIN}, {100, 3, 1, HAUL_STOP_NONE}, {1, 3, 297, HAUL_STOP_DRAIN},
    {1, 3, 298, HAUL_STOP_NONE},
};

START_TEST(percentage_counts_from_three_failures_on)
{
    enum haul_stop_level level = HAUL_STOP_NONE;

    config.halt = HAUL_HALT_SOON;
    config.halt_failures = 0;
    config.halt_percent = shares[_i].percent;
    for (int i = 0; i < shares[_i].ok; i++)
        ck_assert_int_eq(after_ok(1), HAUL_STOP_NONE);
    for (int i = 0; i < shares[_i].failed; i++) {
        ck_assert_int_eq(level, HAUL_STOP_NONE);
        level = after_failure();
    }
    ck_assert_int_eq(level, shares[_i].level);
}
END_TEST

/* 5 % of a list fail at once, the others take their time. */
START_TEST(percentage_is_one_of_all_lines_known)
{
    config.halt = HAUL_HALT_SOON;
    config.halt_percent = 10;
    list.lines = 4096;
    for (int i = 0; i < 409; i++)
        ck_assert_int_eq(after_failure(), HAUL_STOP_NONE);
    ck_assert_int_eq(after_failure(), HAUL_STOP_DRAIN);
    ck_assert_str_eq(haul_buf_str(&message), "halted: 410 of 4096 URLs failed; 410 are done\n");
}
END_TEST

START_TEST(percentage_waits_for_a_window_of_lines_or_all)
{
    config.halt = HAUL_HALT_NOW;
    config.halt_percent = 10;
    config.window = 100;
    list.lines = 99;
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(after_failure(), HAUL_STOP_NONE);
    list = _i ? (struct haul_halt_list){.lines = 100}
              : (struct haul_halt_list){.lines = 99, .is_whole = true};
    ck_assert_int_eq(look(NULL), HAUL_STOP_ABORT);
    ck_assert_int_eq(look(NULL), HAUL_STOP_NONE);
}
END_TEST

START_TEST(end_of_the_list_halts_nothing_by_itself)
{
    config.halt = HAUL_HALT_NOW;
    config.halt_percent = 10;
    config.max_total = 1;
    list = (struct haul_halt_list){.lines = 5, .is_whole = true};
    ck_assert_int_eq(look(NULL), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

/* ---- a full disk ---- */

/* Whatever it was that was to be saved there. */
START_TEST(place_without_space_is_named)
{
    config.dir = NULL;
    config.tar = _i ? "x.tar" : NULL;
    config.warc = "pages";
    for (int i = 0; i < 3; i++)
        (void)after_full_disk();
    ck_assert_str_eq(haul_buf_str(&message), _i ? "x.tar: the disk is full; the run is stopped\n"
                                                : "pages: the disk is full; the run is stopped\n");
}
END_TEST

START_TEST(third_failure_for_want_of_space_stops_once)
{
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(after_full_disk(), HAUL_STOP_NONE);
        ck_assert_int_eq(after_ok(1), HAUL_STOP_NONE); /* not in a row */
    }
    ck_assert(!halt.is_disk_full);
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_DRAIN);
    ck_assert_str_eq(haul_buf_str(&message), "saved: the disk is full; the run is stopped\n");
    ck_assert(halt.is_disk_full);
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
    ck_assert(halt.is_disk_full);
}
END_TEST

START_TEST(other_reasons_and_outcomes_are_no_full_disk)
{
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(after_failure(), HAUL_STOP_NONE);
        ck_assert_int_eq(after(HAUL_OUTCOME_SKIPPED, HAUL_REASON_DISK_FULL, 0), HAUL_STOP_NONE);
    }
    ck_assert(!halt.is_disk_full);
}
END_TEST

/* ---- enough bytes ---- */

START_TEST(bytes_of_all_jobs_reach_the_maximum_once)
{
    config.max_total = 100;
    ck_assert_int_eq(after_ok(60), HAUL_STOP_NONE);
    ck_assert_int_eq(after(HAUL_OUTCOME_FAILED, HAUL_REASON_TIMEOUT, 39), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
    ck_assert_int_eq(after_ok(1), HAUL_STOP_DRAIN);
    ck_assert_str_eq(haul_buf_str(&message), "--max-total is reached: nothing more is started\n");
    ck_assert_int_eq(after_ok(1000), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

START_TEST(without_a_maximum_no_number_of_bytes_stops)
{
    ck_assert_int_eq(after_ok(INT64_MAX / 2), HAUL_STOP_NONE);
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

/* ---- several causes ---- */

START_TEST(failures_and_bytes_at_once_stop_for_the_failures_only)
{
    config.halt = HAUL_HALT_NOW;
    config.halt_failures = 1;
    config.max_total = 100;
    ck_assert_int_eq(after(HAUL_OUTCOME_FAILED, HAUL_REASON_TIMEOUT, 100), HAUL_STOP_ABORT);
    ck_assert_str_eq(haul_buf_str(&message), "halted: 1 of 1 URLs failed; 1 is done\n");
}
END_TEST

START_TEST(failures_and_a_full_disk_at_once_are_both_told_and_the_further_stop_is_taken)
{
    config.halt = HAUL_HALT_NOW;
    config.halt_failures = 3;
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_NONE);
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_NONE);
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_ABORT);
    ck_assert_str_eq(haul_buf_str(&message), "halted: 3 of 3 URLs failed; 3 are done\n"
                                             "saved: the disk is full; the run is stopped\n");
}
END_TEST

START_TEST(full_disk_is_told_after_a_halt_too)
{
    config.halt = HAUL_HALT_SOON;
    config.halt_failures = 1;
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_DRAIN);
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_NONE);
    ck_assert_int_eq(after_full_disk(), HAUL_STOP_DRAIN);
    ck_assert(halt.is_disk_full);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("halt");
    TCase *tcase = tcase_create("halt");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, without_halt_no_number_of_failures_stops);
    tcase_add_loop_test(tcase, number_of_failures_stops_once_as_far_as_asked, 0, COUNT(kinds));
    tcase_add_loop_test(tcase, percentage_counts_from_three_failures_on, 0, COUNT(shares));
    tcase_add_test(tcase, percentage_is_one_of_all_lines_known);
    tcase_add_loop_test(tcase, percentage_waits_for_a_window_of_lines_or_all, 0, 2);
    tcase_add_test(tcase, end_of_the_list_halts_nothing_by_itself);
    tcase_add_loop_test(tcase, place_without_space_is_named, 0, 2);
    tcase_add_test(tcase, third_failure_for_want_of_space_stops_once);
    tcase_add_test(tcase, other_reasons_and_outcomes_are_no_full_disk);
    tcase_add_test(tcase, bytes_of_all_jobs_reach_the_maximum_once);
    tcase_add_test(tcase, without_a_maximum_no_number_of_bytes_stops);
    tcase_add_test(tcase, failures_and_bytes_at_once_stop_for_the_failures_only);
    tcase_add_test(tcase,
                   failures_and_a_full_disk_at_once_are_both_told_and_the_further_stop_is_taken);
    tcase_add_test(tcase, full_disk_is_told_after_a_halt_too);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
