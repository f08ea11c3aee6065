#include <check.h>

#include "play_pace.h"

/* A URL is tried again. */
static enum haul_reason try_again(struct haul_pace *pace, struct haul_turn *turn,
                                  const struct haul_attempt *attempt, int status)
{
    haul_pace_start(pace, turn, pace->not_before_us);
    return end_turn(pace, turn, attempt, status, 0, pace->not_before_us);
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
    struct haul_turn turn;

    haul_pace_start(&pace, &turn, 1000);
    ck_assert_int_eq(pace.not_before_us, 1150);
}
END_TEST

START_TEST(start_without_gaps_keeps_nothing_away)
{
    struct haul_pace pace = {0};
    struct haul_turn turn;

    haul_pace_start(&pace, &turn, 1000);
    ck_assert_int_le(pace.not_before_us, 1000);
}
END_TEST

START_TEST(starts_are_numbered)
{
    struct haul_pace pace = {0};
    struct haul_turn turn[2];

    haul_pace_start(&pace, &turn[0], 5);
    haul_pace_start(&pace, &turn[1], 5);
    ck_assert_uint_lt(turn[0].number, turn[1].number);
}
END_TEST

START_TEST(pause_asked_for_is_kept_and_never_shortened)
{
    struct haul_attempt attempt = {.contact = HAUL_CONTACT_MADE, .pause_us = 500};
    struct haul_pace pace = {0};

    ck_assert_int_eq(try_new(&pace, &attempt, 0, 10), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.not_before_us, 510);
    attempt.pause_us = 50;
    ck_assert_int_eq(try_new(&pace, &attempt, 0, 20), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.not_before_us, 510);
    attempt.pause_us = 600;
    ck_assert_int_eq(try_new(&pace, &attempt, 0, 20), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.not_before_us, 620);
}
END_TEST

START_TEST(pause_asked_for_by_another_origin_is_not_for_this_one)
{
    const struct haul_attempt attempt = {
        .contact = HAUL_CONTACT_MADE, .pause_us = 500, .elsewhere = true};
    struct haul_pace pace = {0};

    ck_assert_int_eq(try_new(&pace, &attempt, 0, 10), HAUL_REASON_NONE);
    ck_assert_int_le(pace.not_before_us, 10);
}
END_TEST

/* ---- what has to be remembered ---- */

START_TEST(failure_slow_down_and_pause_are_no_longer_plain)
{
    struct haul_pace pace = {.per_host = 2, .interval_us = 100, .fail_limit = 3};
    struct haul_pace slowed = pace, waiting = pace;
    struct haul_turn turn;

    ck_assert(haul_pace_is_plain(&pace, 0));
    (void)try_new(&pace, &failed, 0, 1);
    ck_assert(!haul_pace_is_plain(&pace, INT64_MAX));
    (void)try_new(&pace, &made, 0, 2);
    ck_assert(haul_pace_is_plain(&pace, 102));
    (void)try_new(&slowed, &throttled, 3, 1);
    ck_assert(!haul_pace_is_plain(&slowed, INT64_MAX));
    haul_pace_start(&waiting, &turn, 5);
    ck_assert(!haul_pace_is_plain(&waiting, 104));
    ck_assert(haul_pace_is_plain(&waiting, 105));
}
END_TEST

/* ---- when it cannot be reached ---- */

START_TEST(failures_in_a_row_give_it_up)
{
    struct haul_pace pace = {.fail_limit = 3};

    ck_assert_int_eq(try_new(&pace, &failed, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &failed, 0, 2), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &made, 0, 3), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &failed, 0, 4), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &failed, 0, 5), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &failed, 0, 6), HAUL_REASON_HOST_DOWN);
}
END_TEST

START_TEST(last_of_the_failures_says_why_it_is_given_up)
{
    struct haul_pace pace = {.fail_limit = 2};

    ck_assert_int_eq(try_new(&pace, &failed, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &refused, 0, 2), HAUL_REASON_THROTTLED);
}
END_TEST

static const struct haul_attempt *const worst[] = {&failed, &refused, &throttled};

START_TEST(without_a_limit_no_number_of_failures_gives_it_up)
{
    struct haul_pace pace = {.throttle_max_us = 10};

    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(try_new(&pace, worst[_i], 0, i * (int64_t)SECOND), HAUL_REASON_NONE);
    ck_assert_int_eq(_i == 2 ? pace.throttled.count : pace.failed.count, 1000);
}
END_TEST

START_TEST(refusal_by_another_origin_is_no_failure_of_this_one)
{
    const struct haul_attempt attempt = {
        .contact = HAUL_CONTACT_MADE, .refused = true, .elsewhere = true};
    struct haul_pace pace = {.fail_limit = 2, .failed = {.count = 1}};

    ck_assert_int_eq(try_new(&pace, &attempt, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.failed.count, 0);
}
END_TEST

START_TEST(attempt_that_says_nothing_of_its_origin_changes_nothing)
{
    const struct haul_attempt unknown = {.throttled = true, .refused = true};
    struct haul_pace pace = {
        .fail_limit = 2, .failed = {.count = 1}, .strikes = 1, .cap = 4, .successes = 1};

    ck_assert_int_eq(try_new(&pace, &unknown, 3, 9), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.failed.count, 1);
    ck_assert_int_eq(pace.throttled.count, 0);
    ck_assert_int_eq(pace.strikes, 1);
    ck_assert_uint_eq(pace.cap, 4);
    ck_assert_uint_eq(pace.successes, 1);
}
END_TEST

enum { CROWD = 16 };

static void start_crowd(struct haul_pace *pace, struct haul_turn turn[CROWD])
{
    for (int i = 0; i < CROWD; i++)
        haul_pace_start(pace, &turn[i], 1);
}

/* All at the same moment even: the order of starts and ends is what counts. */
START_TEST(attempts_that_ran_at_the_same_time_are_one_incident)
{
    const struct haul_attempt *attempt = worst[_i];
    struct haul_pace pace = {.fail_limit = 2, .cap = 1};
    struct haul_turn turn[CROWD] = {{0}};

    start_crowd(&pace, turn);
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(end_turn(&pace, &turn[i], attempt, 503, (size_t)(CROWD - 1 - i), 1),
                         HAUL_REASON_NONE);
    ck_assert_int_eq(_i == 2 ? pace.throttled.count : pace.failed.count, 1);
    ck_assert_int_ne(try_new(&pace, attempt, 0, 1), HAUL_REASON_NONE);
}
END_TEST

START_TEST(after_a_failure_one_is_tried_at_a_time_besides_those_that_run)
{
    struct haul_pace pace = {0};
    struct haul_turn turn[CROWD] = {{0}}, probe = {0};

    start_crowd(&pace, turn);
    ck_assert(!haul_pace_is_full(&pace, CROWD));
    (void)end_turn(&pace, &turn[0], &failed, 0, CROWD - 1, 2);
    ck_assert(!haul_pace_is_full(&pace, CROWD - 1));
    haul_pace_start(&pace, &probe, 3);
    ck_assert(haul_pace_is_full(&pace, CROWD));
    (void)end_turn(&pace, &turn[1], &failed, 0, CROWD - 1, 4); /* of the same incident */
    ck_assert(haul_pace_is_full(&pace, CROWD - 1));
    (void)end_turn(&pace, &probe, &failed, 0, CROWD - 2, 5);
    ck_assert_int_eq(pace.failed.count, 2);
    haul_pace_start(&pace, &probe, 6);
    ck_assert(haul_pace_is_full(&pace, CROWD - 1));
    (void)end_turn(&pace, &turn[2], &made, 0, CROWD - 2, 7); /* any answer will do */
    ck_assert(!haul_pace_is_full(&pace, CROWD - 2));
    ck_assert_int_eq(pace.failed.count, 0);
}
END_TEST

/* A limit of 0 gives nothing up, and waits for nothing. */
START_TEST(each_probe_waits_twice_as_long_as_the_one_before)
{
    static const int64_t gap_ms[] = {100, 200, 400, 800, 1600, 2000, 2000, 2000};
    struct haul_pace pace = {.fail_limit = _i ? 0 : 10};
    int64_t now_us = SECOND;

    for (int i = 0; i < COUNT(gap_ms); i++) {
        (void)try_new(&pace, &failed, 0, now_us);
        ck_assert_int_eq(pace.not_before_us, _i ? now_us : now_us + gap_ms[i] * 1000);
        now_us += 10 * SECOND; /* it takes its time */
    }
    (void)try_new(&pace, &made, 0, now_us);
    ck_assert_int_le(pace.not_before_us, now_us);
    (void)try_new(&pace, &failed, 0, now_us);
    ck_assert_int_eq(pace.not_before_us, _i ? now_us : now_us + gap_ms[0] * 1000);
}
END_TEST

START_TEST(probe_that_says_nothing_makes_room_for_another)
{
    const struct haul_attempt unknown = {0};
    struct haul_pace pace = {0};

    for (int i = 0; i < 3; i++) {
        (void)try_new(&pace, i ? &unknown : &failed, 0, i);
        ck_assert(!haul_pace_is_full(&pace, 0));
        ck_assert(haul_pace_is_full(&pace, 1));
    }
}
END_TEST

/* ---- slower after 429 and 503, and faster again ---- */

START_TEST(throttling_halves_what_runs)
{
    struct haul_pace pace = {0};

    (void)try_new(&pace, &throttled, 7, 10); /* it was the eighth */
    ck_assert_uint_eq(pace.cap, 4);
    (void)try_new(&pace, &throttled, 7, 20); /* 4 at most by now, but more are still under way */
    ck_assert_uint_eq(pace.cap, 2);
    (void)try_new(&pace, &throttled, 0, 30);
    ck_assert_uint_eq(pace.cap, 1);
}
END_TEST

START_TEST(answer_to_a_request_from_before_does_not_slow_it_again)
{
    struct haul_pace pace = {0};
    struct haul_turn turn[CROWD] = {{0}};

    start_crowd(&pace, turn);
    (void)end_turn(&pace, &turn[0], &throttled, 503, 7, 10);
    ck_assert_uint_eq(pace.cap, 4);
    (void)end_turn(&pace, &turn[1], &throttled, 503, 6, 20);
    ck_assert_uint_eq(pace.cap, 4);
    (void)try_new(&pace, &throttled, 5, 20);
    ck_assert_uint_eq(pace.cap, 2);
}
END_TEST

START_TEST(throttling_at_one_at_a_time_doubles_the_gap_up_to_two_seconds)
{
    static const int64_t gaps[] = {100000, 200000, 400000, 800000, 1600000, 2000000, 2000000};
    struct haul_pace pace = {0};

    for (int i = 0; i < COUNT(gaps); i++) {
        int64_t at_us = (int64_t)i * 60 * SECOND;

        (void)try_new(&pace, &throttled, 0, at_us);
        ck_assert_uint_eq(pace.cap, 1);
        ck_assert_int_eq(pace.slow_us, gaps[i]);
        ck_assert_int_eq(pace.not_before_us, at_us + gaps[i]);
    }
}
END_TEST

START_TEST(pause_asked_for_makes_no_gap_longer_than_itself)
{
    struct haul_pace pace = {0}, slow = {.cap = 1, .slow_us = 1600000};

    for (int i = 0; i < 5; i++)
        (void)try_new(&pace, &paused, 0, i * (int64_t)SECOND);
    ck_assert_int_eq(pace.slow_us, paused.pause_us);
    (void)try_new(&slow, &paused, 0, SECOND);
    ck_assert_int_eq(slow.slow_us, paused.pause_us);
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
        (void)try_new(&pace, &made, 0, i);
        ck_assert_int_eq(pace.slow_us, after[i].slow_us);
        ck_assert_int_eq(pace.not_before_us, i + after[i].slow_us); /* at once */
        ck_assert_uint_eq(pace.cap, after[i].cap);
    }
}
END_TEST

START_TEST(throttling_starts_the_count_of_successes_anew)
{
    struct haul_pace pace = {.per_host = 8, .cap = 4, .successes = 3};

    (void)try_new(&pace, &throttled, 3, 10);
    ck_assert_uint_eq(pace.cap, 2);
    (void)try_new(&pace, &made, 0, 20);
    ck_assert_uint_eq(pace.cap, 2);
    (void)try_new(&pace, &made, 0, 30);
    ck_assert_uint_eq(pace.cap, 3);
}
END_TEST

/* ---- when it does nothing but throttle ---- */

static const struct {
    int status;
    bool asks;
    bool counts;
} strikes[] = {{503, false, true}, {503, true, true}, {429, false, true}, {429, true, false}};

START_TEST(throttling_in_a_row_gives_it_up_unless_it_asks_for_pauses)
{
    struct haul_pace pace = {.fail_limit = 3};

    for (int i = 1; i <= 3; i++) {
        struct haul_turn turn = {0};

        ck_assert_int_eq(
            try_again(&pace, &turn, strikes[_i].asks ? &paused : &throttled, strikes[_i].status),
            i == 3 && strikes[_i].counts ? HAUL_REASON_HOST_THROTTLED : HAUL_REASON_NONE);
    }
}
END_TEST

START_TEST(good_answer_starts_the_row_of_throttling_anew)
{
    struct haul_pace pace = {.fail_limit = 2};

    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(try_new(&pace, i % 2 ? &made : &throttled, 0, i), HAUL_REASON_NONE);
}
END_TEST

START_TEST(failure_to_reach_it_does_not_end_the_row_of_throttling)
{
    struct haul_pace pace = {.fail_limit = 2};

    ck_assert_int_eq(try_new(&pace, &throttled, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &failed, 0, 2), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &throttled, 0, 3), HAUL_REASON_HOST_THROTTLED);
}
END_TEST

/* Slower may do: an origin is given up only for what it says to one at a time. */
START_TEST(throttling_of_many_at_a_time_gives_nothing_up)
{
    struct haul_pace pace = {.fail_limit = 1};

    for (size_t width = 64; width > 1; width /= 2)
        ck_assert_int_eq(try_new(&pace, &throttled, width - 1, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &throttled, 0, 1), HAUL_REASON_HOST_THROTTLED);
}
END_TEST

/* Fourteen of a hundred are told 429 twice; by then all others were served. */
START_TEST(url_throttled_again_where_others_were_served_counts_for_nothing)
{
    struct haul_pace pace = {.fail_limit = 2};
    struct haul_turn turn[14] = {{0}};

    for (int i = 0; i < COUNT(turn); i++) {
        ck_assert_int_eq(try_again(&pace, &turn[i], &throttled, 429), HAUL_REASON_NONE);
        ck_assert_int_eq(try_new(&pace, &made, 0, pace.not_before_us), HAUL_REASON_NONE);
    }
    for (int i = 0; i < COUNT(turn); i++)
        ck_assert_int_eq(try_again(&pace, &turn[i], &throttled, 429), HAUL_REASON_NONE);
    ck_assert_int_eq(pace.strikes, 0);
    ck_assert_int_eq(pace.throttled.count, COUNT(turn));
    ck_assert_int_eq(try_new(&pace, &throttled, 0, pace.not_before_us), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &throttled, 0, pace.not_before_us), HAUL_REASON_HOST_THROTTLED);
}
END_TEST

START_TEST(url_throttled_again_where_nobody_was_served_counts)
{
    struct haul_pace pace = {.fail_limit = 3};
    struct haul_turn turn = {0};

    ck_assert_int_eq(try_new(&pace, &made, 0, 1), HAUL_REASON_NONE); /* before */
    ck_assert_int_eq(try_again(&pace, &turn, &throttled, 429), HAUL_REASON_NONE);
    ck_assert_int_eq(try_again(&pace, &turn, &throttled, 429), HAUL_REASON_NONE);
    ck_assert_int_eq(try_again(&pace, &turn, &throttled, 429), HAUL_REASON_HOST_THROTTLED);
}
END_TEST

/* Once the longest gap was tried, URLs that alone are throttled are no reason for it any more. */
START_TEST(url_that_no_gap_helps_is_waited_for_no_longer)
{
    static const int64_t gaps[] = {100000,  200000, 400000, 800000, 1600000,
                                   2000000, 100000, 100000, 100000};
    struct haul_turn turn = {0};
    struct haul_pace pace = {0};

    (void)try_again(&pace, &turn, &throttled, 503);
    for (int i = 0; i < 3; i++)
        (void)try_new(&pace, &made, 0, i);
    pace.cap = 1;
    for (int i = 0; i < COUNT(gaps); i++) {
        (void)try_again(&pace, &turn, &throttled, 503);
        ck_assert_int_eq(pace.slow_us, gaps[i]);
    }
    (void)try_new(&pace, &throttled, 0, pace.not_before_us);
    ck_assert_int_eq(pace.slow_us, 200000);
    (void)try_new(&pace, &made, 0, pace.not_before_us);
    (void)try_again(&pace, &turn, &throttled, 503);
    (void)try_again(&pace, &turn, &throttled, 503);
    ck_assert_int_eq(pace.slow_us, 400000);
}
END_TEST

START_TEST(nothing_but_throttling_for_longer_than_allowed_gives_it_up)
{
    struct haul_pace pace = {.fail_limit = 1000, .throttle_max_us = 10 * SECOND};

    ck_assert_int_eq(try_new(&pace, &paused, 0, 5 * SECOND), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &made, 0, 6 * SECOND), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &paused, 0, 7 * SECOND), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &paused, 0, 17 * SECOND), HAUL_REASON_NONE);
    ck_assert_int_eq(try_new(&pace, &paused, 0, 17 * SECOND + 1), HAUL_REASON_HOST_THROTTLED);
}
END_TEST

/* ---- what is said of it ---- */

START_TEST(incidents_are_named)
{
    struct haul_pace pace = {0};
    char text[HAUL_INCIDENTS_TEXT_MAX];

    (void)try_new(&pace, &failed, 0, SECOND);
    haul_incidents_say(haul_pace_incidents(&pace, HAUL_REASON_HOST_DOWN), HAUL_REASON_HOST_DOWN,
                       4200000, text);
    ck_assert_str_eq(text, "1 failure in a row to reach the host, the last one 3.2 s ago: timeout");
    for (int i = 0; i < 12; i++)
        (void)try_new(&pace, &throttled, 0, SECOND);
    haul_incidents_say(haul_pace_incidents(&pace, HAUL_REASON_HOST_THROTTLED),
                       HAUL_REASON_HOST_THROTTLED, SECOND, text);
    ck_assert_str_eq(text, "12 times in a row 429 or 503, the last one 0.0 s ago: http-503");
}
END_TEST

static TCase *make_reach(void)
{
    TCase *tcase = tcase_create("reach");

    tcase_add_test(tcase, failures_in_a_row_give_it_up);
    tcase_add_test(tcase, last_of_the_failures_says_why_it_is_given_up);
    tcase_add_loop_test(tcase, without_a_limit_no_number_of_failures_gives_it_up, 0, COUNT(worst));
    tcase_add_test(tcase, refusal_by_another_origin_is_no_failure_of_this_one);
    tcase_add_test(tcase, attempt_that_says_nothing_of_its_origin_changes_nothing);
    tcase_add_loop_test(tcase, attempts_that_ran_at_the_same_time_are_one_incident, 0,
                        COUNT(worst));
    tcase_add_test(tcase, after_a_failure_one_is_tried_at_a_time_besides_those_that_run);
    tcase_add_loop_test(tcase, each_probe_waits_twice_as_long_as_the_one_before, 0, 2);
    tcase_add_test(tcase, probe_that_says_nothing_makes_room_for_another);
    return tcase;
}

static TCase *make_throttling(void)
{
    TCase *tcase = tcase_create("throttling");

    tcase_add_test(tcase, throttling_halves_what_runs);
    tcase_add_test(tcase, answer_to_a_request_from_before_does_not_slow_it_again);
    tcase_add_test(tcase, throttling_at_one_at_a_time_doubles_the_gap_up_to_two_seconds);
    tcase_add_test(tcase, pause_asked_for_makes_no_gap_longer_than_itself);
    tcase_add_test(tcase, successes_shorten_the_gap_first_and_then_let_more_run);
    tcase_add_test(tcase, throttling_starts_the_count_of_successes_anew);
    tcase_add_loop_test(tcase, throttling_in_a_row_gives_it_up_unless_it_asks_for_pauses, 0,
                        COUNT(strikes));
    tcase_add_test(tcase, good_answer_starts_the_row_of_throttling_anew);
    tcase_add_test(tcase, failure_to_reach_it_does_not_end_the_row_of_throttling);
    tcase_add_test(tcase, throttling_of_many_at_a_time_gives_nothing_up);
    tcase_add_test(tcase, url_throttled_again_where_others_were_served_counts_for_nothing);
    tcase_add_test(tcase, url_throttled_again_where_nobody_was_served_counts);
    tcase_add_test(tcase, url_that_no_gap_helps_is_waited_for_no_longer);
    tcase_add_test(tcase, nothing_but_throttling_for_longer_than_allowed_gives_it_up);
    return tcase;
}

static TCase *make_rest(void)
{
    TCase *tcase = tcase_create("pace");

    tcase_add_loop_test(tcase, smaller_of_both_limits_makes_it_full, 0, COUNT(caps));
    tcase_add_test(tcase, start_keeps_the_next_one_away_for_both_gaps);
    tcase_add_test(tcase, start_without_gaps_keeps_nothing_away);
    tcase_add_test(tcase, starts_are_numbered);
    tcase_add_test(tcase, pause_asked_for_is_kept_and_never_shortened);
    tcase_add_test(tcase, pause_asked_for_by_another_origin_is_not_for_this_one);
    tcase_add_test(tcase, failure_slow_down_and_pause_are_no_longer_plain);
    tcase_add_test(tcase, incidents_are_named);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("pace");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, make_rest());
    suite_add_tcase(suite, make_reach());
    suite_add_tcase(suite, make_throttling());
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
