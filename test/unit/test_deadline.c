#include <check.h>
#include <stdlib.h>

#include "base/clock.h"
#include "wire/deadline.h"

#define S INT64_C(1000000) /* a second */

static const int64_t T0 = 5000 * S + 123;

static struct haul_deadline deadline;

static void begin(int64_t until_us, int64_t speed_limit, int speed_time_s)
{
    haul_deadline_init(&deadline, &(struct haul_exchange_limits){.until_us = until_us,
                                                                 .speed_limit = speed_limit,
                                                                 .speed_time_s = speed_time_s});
}

static void check_until(enum haul_reason reason, int64_t when_us)
{
    ck_assert_int_eq(haul_deadline_next_us(&deadline), when_us);
    ck_assert_int_eq(haul_deadline_check(&deadline, when_us - 1), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_deadline_check(&deadline, when_us), reason);
    ck_assert_int_eq(haul_deadline_check(&deadline, when_us + 100 * S), reason);
}

static void check_never(void)
{
    ck_assert_int_eq(haul_deadline_next_us(&deadline), HAUL_CLOCK_NEVER);
    ck_assert_int_eq(haul_deadline_check(&deadline, T0 + 1000000 * S), HAUL_REASON_NONE);
}

/* Sends `bytes` at the end of each of some steps, at none of which it may be out of time. */
static int64_t send_steadily(int64_t from_us, int64_t step_us, int times, int64_t bytes)
{
    for (int i = 0; i < times; i++) {
        from_us += step_us;
        ck_assert_int_eq(haul_deadline_check(&deadline, from_us), HAUL_REASON_NONE);
        haul_deadline_progress(&deadline, bytes, from_us);
    }
    return from_us;
}

START_TEST(no_limit_never_ends)
{
    begin(HAUL_CLOCK_NEVER, _i ? 1 : 0, _i ? 0 : 30);
    check_never();
    haul_deadline_watch(&deadline, T0);
    haul_deadline_progress(&deadline, 1, T0 + S);
    haul_deadline_hold(&deadline, T0 + S, T0 + 2 * S);
    check_never();
}
END_TEST

START_TEST(unwatched_has_only_its_total)
{
    begin(HAUL_CLOCK_NEVER, 1, 30);
    check_never();
    begin(T0 + 100 * S, 1, 30);
    check_until(HAUL_REASON_TIMEOUT, T0 + 100 * S);
}
END_TEST

START_TEST(silence_stalls_behind_the_request)
{
    begin(HAUL_CLOCK_NEVER, 1, 30);
    haul_deadline_watch(&deadline, T0);
    check_until(HAUL_REASON_STALL, T0 + 30 * S);
}
END_TEST

START_TEST(silence_stalls_exactly_behind_the_last_byte)
{
    static const int64_t moments[] = {0, 1, S - 1, S, S + 1, 29 * S + 999999};

    begin(HAUL_CLOCK_NEVER, 1, 30);
    haul_deadline_watch(&deadline, T0);
    haul_deadline_progress(&deadline, 1, T0 + moments[_i]);
    check_until(HAUL_REASON_STALL, T0 + moments[_i] + 30 * S);
}
END_TEST

START_TEST(byte_a_second_is_enough_for_a_limit_of_one)
{
    begin(HAUL_CLOCK_NEVER, 1, 2);
    haul_deadline_watch(&deadline, T0);
    check_until(HAUL_REASON_STALL, send_steadily(T0, S, 1000, 1) + 2 * S);
}
END_TEST

START_TEST(byte_a_second_is_too_slow_for_a_limit_of_two)
{
    begin(HAUL_CLOCK_NEVER, 2, 30);
    haul_deadline_watch(&deadline, T0);
    (void)send_steadily(T0, S, 29, 1);
    check_until(HAUL_REASON_STALL, T0 + 30 * S);
}
END_TEST

START_TEST(speed_of_the_limit_is_enough_however_it_is_cut)
{
    static const int pieces[] = {1, 3, 10, 100, 1000};
    int count = pieces[_i];

    begin(HAUL_CLOCK_NEVER, 1000, 3);
    haul_deadline_watch(&deadline, T0);
    (void)send_steadily(T0, S / count, 100 * count, (1000 + count - 1) / count);
}
END_TEST

START_TEST(speed_below_the_limit_stalls_however_it_is_cut)
{
    static const int pieces[] = {1, 3, 10, 100, 999};
    int count = pieces[_i];

    begin(HAUL_CLOCK_NEVER, 1000, 30);
    haul_deadline_watch(&deadline, T0);
    (void)send_steadily(T0, S / count, 29 * count, 999 / count);
    check_until(HAUL_REASON_STALL, T0 + 30 * S);
}
END_TEST

START_TEST(burst_makes_good_for_the_silence_before)
{
    int64_t last_us;

    begin(HAUL_CLOCK_NEVER, 1000, 30);
    haul_deadline_watch(&deadline, T0);
    last_us = send_steadily(T0, 29 * S, 10, 1000);
    check_until(HAUL_REASON_STALL, last_us + 30 * S);
    haul_deadline_progress(&deadline, 600, last_us + 100);
    haul_deadline_progress(&deadline, 399, last_us + 200);
    check_until(HAUL_REASON_STALL, last_us + 30 * S);
    haul_deadline_progress(&deadline, 1, last_us + 300);
    check_until(HAUL_REASON_STALL, last_us + 300 + 30 * S);
}
END_TEST

START_TEST(bytes_of_another_second_do_not_count)
{
    begin(HAUL_CLOCK_NEVER, 1000, 30);
    haul_deadline_watch(&deadline, T0);
    haul_deadline_progress(&deadline, 999, T0 + 10 * S - 1);
    haul_deadline_progress(&deadline, 999, T0 + 10 * S);
    check_until(HAUL_REASON_STALL, T0 + 30 * S);
    haul_deadline_progress(&deadline, 1, T0 + 11 * S - 1);
    check_until(HAUL_REASON_STALL, T0 + 41 * S - 1);
}
END_TEST

START_TEST(head_begins_anew)
{
    begin(HAUL_CLOCK_NEVER, 1000, 30);
    haul_deadline_watch(&deadline, T0);
    haul_deadline_progress(&deadline, 999, T0 + 19 * S);
    haul_deadline_watch(&deadline, T0 + 20 * S);
    check_until(HAUL_REASON_STALL, T0 + 50 * S);
    haul_deadline_progress(&deadline, 1, T0 + 20 * S);
    check_until(HAUL_REASON_STALL, T0 + 50 * S);
}
END_TEST

START_TEST(what_is_held_back_does_not_count)
{
    begin(HAUL_CLOCK_NEVER, 1000, 30);
    haul_deadline_watch(&deadline, T0);
    haul_deadline_progress(&deadline, 10, T0 + 5 * S);
    haul_deadline_hold(&deadline, T0 + 5 * S, T0 + 12 * S);
    check_until(HAUL_REASON_STALL, T0 + 37 * S);
    haul_deadline_hold(&deadline, T0 + 6 * S, T0 + 12 * S); /* the same */
    haul_deadline_hold(&deadline, T0 + 6 * S, T0 + 5 * S);  /* none */
    check_until(HAUL_REASON_STALL, T0 + 37 * S);
    haul_deadline_hold(&deadline, T0 + 11 * S, T0 + 14 * S); /* two seconds more */
    check_until(HAUL_REASON_STALL, T0 + 39 * S);
    /* The second that was begun goes on behind the hold: 5 s were whole ones. */
    haul_deadline_progress(&deadline, 990, T0 + 15 * S - 1);
    check_until(HAUL_REASON_STALL, T0 + 45 * S - 1);
}
END_TEST

START_TEST(trickle_that_is_held_back_each_time_stalls)
{
    int64_t now_us = T0;

    begin(HAUL_CLOCK_NEVER, 1000, 30);
    haul_deadline_watch(&deadline, T0);
    for (int i = 0; i < 29; i++) {
        now_us += S;
        haul_deadline_progress(&deadline, 1, now_us);
        haul_deadline_hold(&deadline, now_us, now_us + 5 * S);
        now_us += 5 * S;
    }
    check_until(HAUL_REASON_STALL, now_us + S);
}
END_TEST

START_TEST(good_second_in_a_hold_counts_from_its_end)
{
    begin(HAUL_CLOCK_NEVER, 1, 30);
    haul_deadline_watch(&deadline, T0);
    haul_deadline_hold(&deadline, T0, T0 + 100 * S);
    haul_deadline_progress(&deadline, 1, T0 + 50 * S); /* the rest of a record of TLS */
    check_until(HAUL_REASON_STALL, T0 + 130 * S);
}
END_TEST

START_TEST(hold_does_not_put_off_the_total)
{
    begin(T0 + 20 * S, 1, 30);
    haul_deadline_watch(&deadline, T0);
    haul_deadline_hold(&deadline, T0, T0 + 100 * S);
    check_until(HAUL_REASON_TIMEOUT, T0 + 20 * S);
}
END_TEST

START_TEST(hold_before_the_watch_counts)
{
    begin(HAUL_CLOCK_NEVER, 1, 30);
    haul_deadline_hold(&deadline, T0, T0 + 10 * S);
    haul_deadline_watch(&deadline, T0 + S);
    check_until(HAUL_REASON_STALL, T0 + 40 * S);
}
END_TEST

START_TEST(first_of_both_is_the_reason)
{
    static const struct {
        int64_t total_s;
        enum haul_reason reason;
    } rows[] = {{29, HAUL_REASON_TIMEOUT}, {30, HAUL_REASON_TIMEOUT}, {31, HAUL_REASON_STALL}};

    begin(T0 + rows[_i].total_s * S, 1, 30);
    haul_deadline_watch(&deadline, T0);
    check_until(rows[_i].reason, T0 + (rows[_i].total_s < 30 ? rows[_i].total_s : 30) * S);
}
END_TEST

START_TEST(large_numbers_do_not_overflow)
{
    begin(HAUL_CLOCK_NEVER, INT64_MAX, 2147483647);
    haul_deadline_watch(&deadline, T0);
    haul_deadline_progress(&deadline, INT64_MAX - 1, T0 + 1);
    check_until(HAUL_REASON_STALL, T0 + 2147483647 * S);
    haul_deadline_progress(&deadline, INT64_MAX, T0 + 2);
    check_until(HAUL_REASON_STALL, T0 + 2 + 2147483647 * S);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deadline");
    TCase *tcase = tcase_create("deadline");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, no_limit_never_ends, 0, 2);
    tcase_add_test(tcase, unwatched_has_only_its_total);
    tcase_add_test(tcase, silence_stalls_behind_the_request);
    tcase_add_loop_test(tcase, silence_stalls_exactly_behind_the_last_byte, 0, 6);
    tcase_add_test(tcase, byte_a_second_is_enough_for_a_limit_of_one);
    tcase_add_test(tcase, byte_a_second_is_too_slow_for_a_limit_of_two);
    tcase_add_loop_test(tcase, speed_of_the_limit_is_enough_however_it_is_cut, 0, 5);
    tcase_add_loop_test(tcase, speed_below_the_limit_stalls_however_it_is_cut, 0, 5);
    tcase_add_test(tcase, burst_makes_good_for_the_silence_before);
    tcase_add_test(tcase, bytes_of_another_second_do_not_count);
    tcase_add_test(tcase, head_begins_anew);
    tcase_add_test(tcase, what_is_held_back_does_not_count);
    tcase_add_test(tcase, trickle_that_is_held_back_each_time_stalls);
    tcase_add_test(tcase, good_second_in_a_hold_counts_from_its_end);
    tcase_add_test(tcase, hold_does_not_put_off_the_total);
    tcase_add_test(tcase, hold_before_the_watch_counts);
    tcase_add_loop_test(tcase, first_of_both_is_the_reason, 0, 3);
    tcase_add_test(tcase, large_numbers_do_not_overflow);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
