#include <check.h>

#include "engine/pace.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { SECOND = 1000000 };

static const struct haul_attempt made = {.contact = HAUL_CONTACT_MADE};
static const struct haul_attempt failed = {.contact = HAUL_CONTACT_FAILED};
static const struct haul_attempt throttled = {.contact = HAUL_CONTACT_MADE, .throttled = true};
static const struct haul_attempt refused = {.contact = HAUL_CONTACT_MADE, .refused = true};

/* An attempt that began at `at_us` ends at once, while `running` others run still. */
static enum haul_reason end(struct haul_pace *pace, const struct haul_attempt *attempt,
                            size_t running, int64_t at_us)
{
    return haul_pace_end(pace, attempt, running, at_us, at_us);
}

/* ---- how many may run ---- */

static const struct {
    int per_host;
    size_t cap;
    size_t most; /* 0: no limit */
} caps[] = {{0, 0, 0}, {3, 0, 3}, {0, 2, 2}, {4, 2, 2}, {2, 4, 2}, {1, 1, 1}};

START_TEST(smaller_of_both_limits_makes_it_full)
{
    struct haul_pace pace = {.per_host = caps[_i].per_host, .cap = caps[_i].cap};
    size_t most = caps[_i].most ? caps[_i].most : 100000;

    ck_assert(!haul_pace_is_full(&pace, most - 1));
    ck_assert_int_eq(haul_pace_is_full(&pace, most), caps[_i].most != 0);
    ck_assert_int_eq(haul_pace_is_full(&pace, most + 1), caps[_i].most != 0);
}
END_TEST

/* ---- starts and pauses ---- */

START_TEST(start_keeps_the_next_one_away_for_both_gaps)
{
    struct haul_pace pace = {.interval_us = 100, .slow_us = 50};

    haul_pace_start(&pace, 1000);
    ck_assert_int_eq(pace.not_before_us, 1150);
}
END_TEST

START_TEST(start_without_gaps_keeps_nothing_away)
{
    struct haul_pace pace = {.not_before_us = 7};

    haul_pace_start(&pace, 1000);
    ck_assert_int_eq(pace.not_before_us, 7);
}
END_TEST

START_TEST(pause_asked_for_is_kept_and_never_shortened)
{
    struct haul_attempt attempt = {.contact = HAUL_CONTACT_MADE, .pause_us = 500};
    struct haul_pace pace = {0};

    ck_assert_int_eq(end(&pace, &attempt, 0, 10), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.not_before_us, 510);
    attempt.pause_us = 50;
    ck_assert_int_eq(end(&pace, &attempt, 0, 20), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.not_before_us, 510);
    attempt.pause_us = 600;
    ck_assert_int_eq(end(&pace, &attempt, 0, 20), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.not_before_us, 620);
}
END_TEST

START_TEST(pause_asked_for_by_another_origin_is_not_for_this_one)
{
    const struct haul_attempt attempt = {
        .contact = HAUL_CONTACT_MADE, .pause_us = 500, .elsewhere = true};
    struct haul_pace pace = {0};

    ck_assert_int_eq(end(&pace, &attempt, 0, 10), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.not_before_us, 0);
}
END_TEST

/* ---- what has to be remembered ---- */

START_TEST(failure_slow_down_and_pause_are_no_longer_plain)
{
    struct haul_pace pace = {.per_host = 2, .interval_us = 100, .fail_limit = 3};
    struct haul_pace slowed = pace, paused = pace;

    ck_assert(haul_pace_is_plain(&pace, 0));
    (void)end(&pace, &failed, 0, 1);
    ck_assert(!haul_pace_is_plain(&pace, INT64_MAX));
    (void)end(&pace, &made, 0, 2);
    ck_assert(haul_pace_is_plain(&pace, 2));
    (void)end(&slowed, &throttled, 3, 1);
    ck_assert(!haul_pace_is_plain(&slowed, INT64_MAX));
    haul_pace_start(&paused, 5);
    ck_assert(!haul_pace_is_plain(&paused, 104));
    ck_assert(haul_pace_is_plain(&paused, 105));
}
END_TEST

/* ---- when it is given up ---- */

START_TEST(failures_in_a_row_give_it_up)
{
    struct haul_pace pace = {.fail_limit = 3};

    ck_assert_int_eq(end(&pace, &failed, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(end(&pace, &failed, 0, 2), HAUL_REASON_NONE);
    ck_assert_int_eq(end(&pace, &made, 0, 3), HAUL_REASON_NONE);
    ck_assert_int_eq(end(&pace, &failed, 0, 4), HAUL_REASON_NONE);
    ck_assert_int_eq(end(&pace, &failed, 0, 5), HAUL_REASON_NONE);
    ck_assert_int_eq(end(&pace, &failed, 0, 6), HAUL_REASON_HOST_DOWN);
}
END_TEST

START_TEST(last_of_the_failures_says_why_it_is_given_up)
{
    struct haul_pace pace = {.fail_limit = 2};

    ck_assert_int_eq(end(&pace, &failed, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(end(&pace, &refused, 0, 2), HAUL_REASON_THROTTLED);
}
END_TEST

START_TEST(without_a_limit_no_number_of_failures_gives_it_up)
{
    struct haul_pace pace = {0};

    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(end(&pace, i % 2 ? &failed : &refused, 0, i), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.failures, 1000);
}
END_TEST

START_TEST(refusal_by_another_origin_is_no_failure_of_this_one)
{
    const struct haul_attempt attempt = {
        .contact = HAUL_CONTACT_MADE, .refused = true, .elsewhere = true};
    struct haul_pace pace = {.fail_limit = 2, .failures = 1};

    ck_assert_int_eq(end(&pace, &attempt, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.failures, 0);
}
END_TEST

START_TEST(attempt_that_says_nothing_of_its_origin_changes_nothing)
{
    const struct haul_attempt unknown = {.throttled = true, .refused = true};
    struct haul_pace pace = {.fail_limit = 2, .failures = 1, .cap = 4, .successes = 1};

    ck_assert_int_eq(end(&pace, &unknown, 3, 9), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.failures, 1);
    ck_assert_uint_eq(pace.cap, 4);
    ck_assert_uint_eq(pace.successes, 1);
    ck_assert_int_eq(pace.not_before_us, 0);
}
END_TEST

/* ---- slower after 429 and 503, and faster again ---- */

START_TEST(throttling_halves_what_runs)
{
    struct haul_pace pace = {0};

    (void)end(&pace, &throttled, 7, 10); /* it was the eighth */
    ck_assert_uint_eq(pace.cap, 4);
    (void)end(&pace, &throttled, 7, 20); /* 4 at most by now, but more are still under way */
    ck_assert_uint_eq(pace.cap, 2);
    (void)end(&pace, &throttled, 0, 30);
    ck_assert_uint_eq(pace.cap, 1);
}
END_TEST

START_TEST(answer_to_a_request_from_before_does_not_slow_it_again)
{
    struct haul_pace pace = {0};

    (void)haul_pace_end(&pace, &throttled, 7, 5, 10);
    ck_assert_uint_eq(pace.cap, 4);
    (void)haul_pace_end(&pace, &throttled, 6, 9, 20);
    ck_assert_uint_eq(pace.cap, 4);
    (void)haul_pace_end(&pace, &throttled, 5, 10, 30);
    ck_assert_uint_eq(pace.cap, 2);
}
END_TEST

START_TEST(throttling_at_one_at_a_time_doubles_the_gap_up_to_ten_seconds)
{
    static const int64_t gaps[] = {100000,  200000,  400000,   800000,  1600000,
                                   3200000, 6400000, 10000000, 10000000};
    struct haul_pace pace = {0};

    for (int i = 0; i < COUNT(gaps); i++) {
        int64_t at_us = (int64_t)i * 60 * SECOND;

        (void)end(&pace, &throttled, 0, at_us);
        ck_assert_uint_eq(pace.cap, 1);
        ck_assert_int_eq(pace.slow_us, gaps[i]);
        ck_assert_int_eq(pace.not_before_us, at_us + gaps[i]);
    }
}
END_TEST

START_TEST(successes_shorten_the_gap_first_and_then_let_more_run)
{
    static const struct {
        int64_t slow_us;
        size_t cap;
    } after[] = {{200000, 1}, {100000, 1}, {0, 1}, {0, 2}, {0, 2}, {0, 0}, {0, 0}};
    struct haul_pace pace = {.per_host = 3, .cap = 1, .slow_us = 400000};

    for (int i = 0; i < COUNT(after); i++) {
        (void)end(&pace, &made, 0, i);
        ck_assert_int_eq(pace.slow_us, after[i].slow_us);
        ck_assert_uint_eq(pace.cap, after[i].cap);
    }
}
END_TEST

START_TEST(throttling_starts_the_count_of_successes_anew)
{
    struct haul_pace pace = {.per_host = 8, .cap = 4, .successes = 3};

    (void)end(&pace, &throttled, 3, 10);
    ck_assert_uint_eq(pace.cap, 2);
    (void)end(&pace, &made, 0, 20);
    ck_assert_uint_eq(pace.cap, 2);
    (void)end(&pace, &made, 0, 30);
    ck_assert_uint_eq(pace.cap, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pace");
    TCase *tcase = tcase_create("pace");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, smaller_of_both_limits_makes_it_full, 0, COUNT(caps));
    tcase_add_test(tcase, start_keeps_the_next_one_away_for_both_gaps);
    tcase_add_test(tcase, start_without_gaps_keeps_nothing_away);
    tcase_add_test(tcase, pause_asked_for_is_kept_and_never_shortened);
    tcase_add_test(tcase, pause_asked_for_by_another_origin_is_not_for_this_one);
    tcase_add_test(tcase, failure_slow_down_and_pause_are_no_longer_plain);
    tcase_add_test(tcase, failures_in_a_row_give_it_up);
    tcase_add_test(tcase, last_of_the_failures_says_why_it_is_given_up);
    tcase_add_test(tcase, without_a_limit_no_number_of_failures_gives_it_up);
    tcase_add_test(tcase, refusal_by_another_origin_is_no_failure_of_this_one);
    tcase_add_test(tcase, attempt_that_says_nothing_of_its_origin_changes_nothing);
    tcase_add_test(tcase, throttling_halves_what_runs);
    tcase_add_test(tcase, answer_to_a_request_from_before_does_not_slow_it_again);
    tcase_add_test(tcase, throttling_at_one_at_a_time_doubles_the_gap_up_to_ten_seconds);
    tcase_add_test(tcase, successes_shorten_the_gap_first_and_then_let_more_run);
    tcase_add_test(tcase, throttling_starts_the_count_of_successes_anew);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
