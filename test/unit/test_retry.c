#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/retry.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { SEEDS = 2000, ATTEMPTS_MAX = 40 };

static const int64_t SECOND_US = 1000000;
static const int64_t BEGUN_US = 123456789; /* when the first attempt began, on some clock */

static struct haul_config config;
static struct haul_job *job;
static uint64_t seed;

/* A job whose `attempts`th attempt has just failed. */
static void set_failure(enum haul_reason reason, int http_code, int attempts)
{
    job->rec.outcome = HAUL_OUTCOME_FAILED;
    job->rec.reason = reason;
    job->rec.http_code = http_code;
    job->rec.attempts = attempts;
    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_MADE};
    job->first_start_us = BEGUN_US;
    job->attempts_spared = 0;
}

static void set_up(void)
{
    haul_config_init(&config);
    job = haul_job_create(&(struct haul_job_text){
        .shown = "http://a/", .shown_len = 9, .url = "http://a/", .origin = "http://a:80"});
    ck_assert_ptr_nonnull(job);
    seed = 1;
    set_failure(HAUL_REASON_TIMEOUT, 0, 1);
}

static void tear_down(void)
{
    haul_job_free(job);
    haul_config_done(&config);
}

static struct haul_retry decide_after(int64_t elapsed_us)
{
    return haul_retry_decide(&config, job, BEGUN_US + elapsed_us, &seed);
}

static struct haul_retry decide(void)
{
    return decide_after(SECOND_US);
}

/* ---- what is retried ---- */

static const struct {
    enum haul_reason reason;
    int http_code;
    bool wanted;
} failures[] = {
    {HAUL_REASON_DNS, 0, true},
    {HAUL_REASON_CONNECT, 0, false},
    {HAUL_REASON_TLS, 0, false},
    {HAUL_REASON_TIMEOUT, 0, true},
    {HAUL_REASON_STALL, 200, true},
    {HAUL_REASON_RESET, 0, true},
    {HAUL_REASON_EMPTY_REPLY, 0, true},
    {HAUL_REASON_TRUNCATED, 200, true},
    {HAUL_REASON_BAD_STATUS, 101, false},
    {HAUL_REASON_BAD_LENGTH, 200, false},
    {HAUL_REASON_BAD_HEADER, 200, false},
    {HAUL_REASON_BAD_FRAMING, 200, false},
    {HAUL_REASON_BAD_ENCODING, 200, false},
    {HAUL_REASON_BAD_RANGE, 206, false},
    {HAUL_REASON_PROTOCOL, 0, false},
    {HAUL_REASON_TOO_LARGE, 200, false},
    {HAUL_REASON_TOO_MANY_HEADERS, 200, false},
    {HAUL_REASON_HEADERS_TOO_LARGE, 200, false},
    {HAUL_REASON_REDIRECTS, 302, false},
    {HAUL_REASON_BAD_REDIRECT, 302, false},
    {HAUL_REASON_DOWNGRADE, 302, false},
    {HAUL_REASON_ADDRESS, 0, false},
    {HAUL_REASON_NO_MEMORY, 0, true},
    {HAUL_REASON_NO_RESOURCE, 0, true},
    {HAUL_REASON_INTERNAL, 0, false},
    {HAUL_REASON_HTTP_STATUS, 400, false},
    {HAUL_REASON_HTTP_STATUS, 401, false},
    {HAUL_REASON_HTTP_STATUS, 404, false},
    {HAUL_REASON_HTTP_STATUS, 408, true},
    {HAUL_REASON_HTTP_STATUS, 410, false},
    {HAUL_REASON_HTTP_STATUS, 429, true},
    {HAUL_REASON_HTTP_STATUS, 500, true},
    {HAUL_REASON_HTTP_STATUS, 501, false},
    {HAUL_REASON_HTTP_STATUS, 502, true},
    {HAUL_REASON_HTTP_STATUS, 503, true},
    {HAUL_REASON_HTTP_STATUS, 504, true},
    {HAUL_REASON_HTTP_STATUS, 505, false},
    {HAUL_REASON_HTTP_STATUS, 522, true},
    {HAUL_REASON_HTTP_STATUS, 524, true},
    {HAUL_REASON_HTTP_STATUS, 302, false},
};

START_TEST(failure_is_retried_if_it_may_pass)
{
    set_failure(failures[_i].reason, failures[_i].http_code, 1);
    ck_assert_msg(decide().again == failures[_i].wanted, "%s, %d",
                  haul_reason_text(failures[_i].reason), failures[_i].http_code);
}
END_TEST

START_TEST(all_errors_retries_every_failure)
{
    config.retry_all_errors = true;
    set_failure(failures[_i].reason, failures[_i].http_code, 1);
    ck_assert(decide().again);
}
END_TEST

START_TEST(connrefused_retries_a_failure_to_connect)
{
    config.retry_connrefused = true;
    set_failure(HAUL_REASON_CONNECT, 0, 1);
    ck_assert(decide().again);
    set_failure(HAUL_REASON_TLS, 0, 1);
    ck_assert(!decide().again);
}
END_TEST

static const enum haul_outcome others[] = {HAUL_OUTCOME_OK,      HAUL_OUTCOME_UNCHANGED,
                                           HAUL_OUTCOME_PENDING, HAUL_OUTCOME_SKIPPED,
                                           HAUL_OUTCOME_INVALID, HAUL_OUTCOME_DUPLICATE};

START_TEST(other_outcome_is_never_retried)
{
    config.retry_all_errors = true;
    job->rec.outcome = others[_i];
    ck_assert(!decide().again);
}
END_TEST

static void set_statuses(struct haul_status_set *set, int first, int last)
{
    set->range[0] = (struct haul_status_range){first, last};
    set->count = 1;
}

START_TEST(statuses_of_the_user_replace_the_default)
{
    set_statuses(&config.retry_on, 403, 404);
    set_failure(HAUL_REASON_HTTP_STATUS, 404, 1);
    ck_assert(decide().again);
    set_failure(HAUL_REASON_HTTP_STATUS, 403, 1);
    ck_assert(decide().again);
    set_failure(HAUL_REASON_HTTP_STATUS, 503, 1);
    ck_assert(!decide().again);
    set_failure(HAUL_REASON_TIMEOUT, 0, 1);
    ck_assert(decide().again);
}
END_TEST

START_TEST(statuses_taken_out_are_not_retried)
{
    set_statuses(&config.retry_on, 400, 599);
    set_statuses(&config.retry_not, 501, 501);
    set_failure(HAUL_REASON_HTTP_STATUS, 501, 1);
    ck_assert(!decide().again);
    set_failure(HAUL_REASON_HTTP_STATUS, 500, 1);
    ck_assert(decide().again);
}
END_TEST

/* A status that came with another failure is not what failed. */
START_TEST(transient_status_of_a_malformed_answer_is_not_retried)
{
    set_failure(HAUL_REASON_BAD_LENGTH, 503, 1);
    ck_assert(!decide().again);
}
END_TEST

/* ---- how often ---- */

static const int retries[] = {0, 1, 2, 7, 1000};

START_TEST(attempts_are_one_more_than_retries)
{
    int attempts = 0;

    config.retry = retries[_i];
    do {
        attempts++;
        set_failure(HAUL_REASON_TIMEOUT, 0, attempts);
    } while (decide().again);
    ck_assert_int_eq(attempts, retries[_i] + 1);
}
END_TEST

/* ---- how long ---- */

/* 1, 2, 4 ... s, at most 10 minutes. */
static int64_t ceiling_us(int attempts)
{
    int64_t ceiling = SECOND_US;

    for (int i = 1; i < attempts; i++)
        ceiling = ceiling * 2 > HAUL_RETRY_WAIT_MAX_US ? HAUL_RETRY_WAIT_MAX_US : ceiling * 2;
    return ceiling;
}

static struct haul_retry decide_with_seed(int attempts, uint64_t state)
{
    seed = state;
    set_failure(HAUL_REASON_TIMEOUT, 0, attempts);
    return decide();
}

/* Seeds as far apart as counters, and as the ones that workers take from the time of day. */
static uint64_t nth_seed(int i)
{
    return i % 2 ? (uint64_t)i : (UINT64_C(1900000000000000) << 10) + (uint64_t)i;
}

START_TEST(wait_is_within_its_bounds_for_every_seed)
{
    int64_t least = INT64_MAX, most = 0, ceiling = ceiling_us(_i);
    double sum = 0;

    config.retry = 1000;
    for (int i = 1; i <= SEEDS; i++) {
        struct haul_retry retry = decide_with_seed(_i, nth_seed(i));

        ck_assert(retry.again);
        if (retry.wait_us < 0 || retry.wait_us > ceiling)
            ck_abort_msg("seed %d: %lld us", i, (long long)retry.wait_us);
        least = retry.wait_us < least ? retry.wait_us : least;
        most = retry.wait_us > most ? retry.wait_us : most;
        sum += (double)retry.wait_us;
    }
    /* All of the range, not only a part of it. */
    ck_assert_int_lt(least, ceiling / 20);
    ck_assert_int_gt(most, ceiling - ceiling / 20);
    ck_assert_double_gt(sum / SEEDS, 0.4 * (double)ceiling);
    ck_assert_double_lt(sum / SEEDS, 0.6 * (double)ceiling);
}
END_TEST

START_TEST(waits_of_one_worker_differ)
{
    int64_t first, same = 0;

    config.retry = 1000;
    set_failure(HAUL_REASON_TIMEOUT, 0, 10);
    first = decide().wait_us;
    for (int i = 0; i < 100; i++)
        same += decide().wait_us == first;
    ck_assert_int_lt(same, 5);
}
END_TEST

START_TEST(delay_of_the_user_is_exact)
{
    config.retry = 1000;
    config.retry_delay_ms = 1500;
    for (int attempts = 1; attempts < ATTEMPTS_MAX; attempts++) {
        struct haul_retry retry = decide_with_seed(attempts, (uint64_t)attempts);

        ck_assert(retry.again);
        ck_assert_int_eq(retry.wait_us, 1500000);
    }
}
END_TEST

START_TEST(longest_delay_of_the_user_needs_no_retry_max_time)
{
    config.retry_delay_ms = 86400 * INT64_C(1000);
    ck_assert(decide().again);
}
END_TEST

START_TEST(wait_asked_for_is_never_cut)
{
    config.retry = 1000;
    for (int i = 1; i <= SEEDS; i++) {
        struct haul_retry retry;

        seed = nth_seed(i);
        set_failure(HAUL_REASON_HTTP_STATUS, 503, 1 + i % ATTEMPTS_MAX);
        job->attempt.pause_us = i % 601 * SECOND_US;
        retry = decide();
        ck_assert(retry.again);
        ck_assert_int_ge(retry.wait_us, i % 601 * SECOND_US);
        ck_assert_int_le(retry.wait_us, HAUL_RETRY_WAIT_MAX_US);
        ck_assert_int_eq(job->attempt.pause_us, i % 601 * SECOND_US);
        ck_assert(!job->attempt.refused);
    }
}
END_TEST

START_TEST(wait_asked_for_lengthens_the_delay_of_the_user)
{
    config.retry_delay_ms = 2000;
    job->attempt.pause_us = 5 * SECOND_US;
    ck_assert_int_eq(decide().wait_us, 5 * SECOND_US);
    job->attempt.pause_us = SECOND_US;
    ck_assert_int_eq(decide().wait_us, 2 * SECOND_US);
}
END_TEST

/* ---- --retry-max-time ---- */

START_TEST(no_attempt_begins_after_the_max_time)
{
    static const int64_t elapsed_ms[] = {0, 1, 500, 9000, 29000, 29999, 30000, 30001, 100000};

    config.retry = 1000;
    config.retry_max_time_ms = 30000;
    for (int i = 1; i <= SEEDS; i++) {
        int64_t elapsed_us = elapsed_ms[i % COUNT(elapsed_ms)] * 1000;
        struct haul_retry retry;

        seed = nth_seed(i);
        set_failure(HAUL_REASON_TIMEOUT, 0, 1 + i % ATTEMPTS_MAX);
        retry = decide_after(elapsed_us);
        if (retry.again)
            ck_assert_int_le(elapsed_us + retry.wait_us, 30000000);
        if (elapsed_us > 30000000)
            ck_assert(!retry.again);
    }
}
END_TEST

START_TEST(delay_that_ends_at_the_max_time_is_taken)
{
    config.retry_delay_ms = 2000;
    config.retry_max_time_ms = 10000;
    ck_assert(decide_after(8 * SECOND_US).again);
    ck_assert(!decide_after(8 * SECOND_US + 1).again);
}
END_TEST

START_TEST(wait_asked_for_beyond_the_max_time_is_not_waited_for)
{
    config.retry_max_time_ms = 10000;
    job->attempt.pause_us = 60 * SECOND_US;
    ck_assert(!decide().again);
    /* Not so long that the host has to be given up: others of its URLs wait. */
    ck_assert(!job->attempt.refused);
    ck_assert_int_eq(job->attempt.pause_us, 60 * SECOND_US);
}
END_TEST

/* ---- 429 that asks for a pause ---- */

/* The next attempt of the job has ended. */
static struct haul_retry decide_next(int http_code, int64_t pause_us, int64_t elapsed_us)
{
    job->rec.attempts++;
    job->rec.http_code = http_code;
    job->attempt.pause_us = pause_us;
    return decide_after(elapsed_us);
}

START_TEST(too_many_requests_with_a_pause_uses_up_no_attempt)
{
    set_failure(HAUL_REASON_HTTP_STATUS, 429, 0);
    config.retry = 2;
    for (int i = 0; i < 100; i++) {
        struct haul_retry retry = decide_next(429, 2 * SECOND_US, i * 2 * SECOND_US);

        ck_assert(retry.again);
        ck_assert_int_eq(retry.wait_us, 2 * SECOND_US);
    }
    ck_assert_int_eq(job->rec.attempts, 100);
    ck_assert(decide_next(503, 2 * SECOND_US, 201 * SECOND_US).again);
    ck_assert(decide_next(429, 2 * SECOND_US, 203 * SECOND_US).again);
    ck_assert(decide_next(500, 0, 205 * SECOND_US).again);
    ck_assert(decide_next(429, 2 * SECOND_US, 207 * SECOND_US).again);
    ck_assert(!decide_next(503, 2 * SECOND_US, 209 * SECOND_US).again);
}
END_TEST

static const struct {
    int http_code;
    int64_t pause_s;
} counted[] = {{429, 0}, {503, 2}, {503, 0}, {500, 2}};

START_TEST(every_other_answer_uses_up_an_attempt)
{
    set_failure(HAUL_REASON_HTTP_STATUS, counted[_i].http_code, 0);
    config.retry = 2;
    for (int i = 1; i <= 3; i++)
        ck_assert_int_eq(
            decide_next(counted[_i].http_code, counted[_i].pause_s * SECOND_US, 0).again, i < 3);
}
END_TEST

START_TEST(without_retries_too_many_requests_is_not_tried_again)
{
    set_failure(HAUL_REASON_HTTP_STATUS, 429, 0);
    config.retry = 0;
    ck_assert(!decide_next(429, SECOND_US, 0).again);
}
END_TEST

START_TEST(status_that_is_not_retried_is_not_spared_either)
{
    set_statuses(&config.retry_not, 429, 429);
    set_failure(HAUL_REASON_HTTP_STATUS, 429, 0);
    ck_assert(!decide_next(429, SECOND_US, 0).again);
}
END_TEST

/* Behind the time for it, attempts count as always; behind --retry-max-time there are none. */
START_TEST(too_many_requests_is_spared_only_for_so_long)
{
    int64_t last_us = _i ? 8 * SECOND_US : 598 * SECOND_US;

    config.retry = 2;
    config.retry_max_time_ms = _i ? 10000 : 0;
    set_failure(HAUL_REASON_HTTP_STATUS, 429, 0);
    for (int i = 0; i < 5; i++)
        ck_assert(decide_next(429, 2 * SECOND_US, last_us).again);
    ck_assert_int_eq(job->attempts_spared, 5);
    for (int i = 1; i <= 3; i++)
        ck_assert_int_eq(decide_next(429, 2 * SECOND_US, last_us + 1).again, !_i && i < 3);
    ck_assert_int_eq(job->attempts_spared, 5);
}
END_TEST

/* ---- too long a pause ---- */

static void check_refused(bool refused, int64_t pause_us)
{
    struct haul_retry retry;

    job->attempt.pause_us = pause_us;
    retry = decide();
    ck_assert_int_eq(job->attempt.refused, refused);
    ck_assert_int_eq(job->attempt.pause_us, refused ? 0 : pause_us);
    if (refused)
        ck_assert(!retry.again);
}

START_TEST(pause_of_ten_minutes_is_granted)
{
    check_refused(false, HAUL_RETRY_WAIT_MAX_US);
}
END_TEST

START_TEST(pause_over_ten_minutes_is_refused)
{
    check_refused(true, HAUL_RETRY_WAIT_MAX_US + 1);
}
END_TEST

START_TEST(pause_of_31_years_is_refused)
{
    check_refused(true, INT64_C(1000000000) * SECOND_US);
}
END_TEST

START_TEST(pause_within_the_max_time_is_granted)
{
    config.retry_max_time_ms = 3600000;
    check_refused(false, 3599 * SECOND_US);
    set_failure(HAUL_REASON_HTTP_STATUS, 503, 1);
    check_refused(true, 3599 * SECOND_US + 1);
}
END_TEST

/* The origin's wish counts for its other URLs, whatever becomes of this one. */
START_TEST(pause_is_refused_though_nothing_is_retried)
{
    config.retry = 0;
    set_failure(HAUL_REASON_HTTP_STATUS, 429, 1);
    check_refused(true, 86400 * SECOND_US);
}
END_TEST

START_TEST(pause_is_kept_though_nothing_is_retried)
{
    config.retry = 0;
    set_failure(HAUL_REASON_HTTP_STATUS, 429, 1);
    check_refused(false, 60 * SECOND_US);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("retry");
    TCase *tcase = tcase_create("retry");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, failure_is_retried_if_it_may_pass, 0, COUNT(failures));
    tcase_add_loop_test(tcase, all_errors_retries_every_failure, 0, COUNT(failures));
    tcase_add_test(tcase, connrefused_retries_a_failure_to_connect);
    tcase_add_loop_test(tcase, other_outcome_is_never_retried, 0, COUNT(others));
    tcase_add_test(tcase, statuses_of_the_user_replace_the_default);
    tcase_add_test(tcase, statuses_taken_out_are_not_retried);
    tcase_add_test(tcase, transient_status_of_a_malformed_answer_is_not_retried);
    tcase_add_loop_test(tcase, attempts_are_one_more_than_retries, 0, COUNT(retries));
    tcase_add_loop_test(tcase, wait_is_within_its_bounds_for_every_seed, 1, ATTEMPTS_MAX);
    tcase_add_test(tcase, waits_of_one_worker_differ);
    tcase_add_test(tcase, delay_of_the_user_is_exact);
    tcase_add_test(tcase, longest_delay_of_the_user_needs_no_retry_max_time);
    tcase_add_test(tcase, wait_asked_for_is_never_cut);
    tcase_add_test(tcase, wait_asked_for_lengthens_the_delay_of_the_user);
    tcase_add_test(tcase, no_attempt_begins_after_the_max_time);
    tcase_add_test(tcase, delay_that_ends_at_the_max_time_is_taken);
    tcase_add_test(tcase, wait_asked_for_beyond_the_max_time_is_not_waited_for);
    tcase_add_test(tcase, too_many_requests_with_a_pause_uses_up_no_attempt);
    tcase_add_loop_test(tcase, every_other_answer_uses_up_an_attempt, 0, COUNT(counted));
    tcase_add_test(tcase, without_retries_too_many_requests_is_not_tried_again);
    tcase_add_test(tcase, status_that_is_not_retried_is_not_spared_either);
    tcase_add_loop_test(tcase, too_many_requests_is_spared_only_for_so_long, 0, 2);
    tcase_add_test(tcase, pause_of_ten_minutes_is_granted);
    tcase_add_test(tcase, pause_over_ten_minutes_is_refused);
    tcase_add_test(tcase, pause_of_31_years_is_refused);
    tcase_add_test(tcase, pause_within_the_max_time_is_granted);
    tcase_add_test(tcase, pause_is_refused_though_nothing_is_retried);
    tcase_add_test(tcase, pause_is_kept_though_nothing_is_retried);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
