#include <check.h>

#include "fail_alloc.h"
#include "play_sched.h"

/* ---- streaks and lasting slow-downs: too long for a table ---- */

/* Runs one job of worker 0 to its end, at `at_us`; returns the letter of its origin. */
static char run_one(struct play *play, int64_t at_us)
{
    struct haul_job *job = play_pop(play, 0, at_us);
    char origin = job->origin[0];

    haul_sched_finish(play->sched, job, at_us);
    haul_job_free(job);
    return origin;
}

static int streak_of(struct play *play, char origin)
{
    int streak = 0;

    while (run_one(play, 1) == origin)
        streak++;
    return streak;
}

START_TEST(long_origin_with_idle_one_waiting_is_left_after_a_streak)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 4096});
    play_push(&play, "a", 0);
    play_push(&play, "b", 0);
    for (int i = 0; i < 3 * HAUL_SCHED_STREAK; i++)
        play_push(&play, "a", 0);
    ck_assert_int_eq(streak_of(&play, 'a'), HAUL_SCHED_STREAK);
    ck_assert_int_eq(streak_of(&play, 'b'), 0);
    end_play(&play);
}
END_TEST

START_TEST(long_origin_alone_is_not_left)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 4096});
    for (int i = 0; i < 3 * HAUL_SCHED_STREAK; i++)
        play_push(&play, "a", 0);
    for (int i = 0; i < 3 * HAUL_SCHED_STREAK; i++)
        ck_assert_int_eq(run_one(&play, 1), 'a');
    end_play(&play);
}
END_TEST

/* An origin whose worker has had its streak, that is first in line itself when another comes. */
START_TEST(origin_first_in_line_after_its_streak_gives_way)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 4096});
    for (int i = 0; i < HAUL_SCHED_STREAK + 2; i++)
        play_push(&play, "a", 0);
    for (int i = 0; i < HAUL_SCHED_STREAK; i++)
        ck_assert_int_eq(run_one(&play, 1), 'a');
    play_push(&play, "b", 1);
    ck_assert_int_eq(run_one(&play, 1), 'b');
    end_play(&play);
}
END_TEST

static void answer(struct play *play, bool throttle, int64_t at_us)
{
    struct haul_job *job = play_pop(play, 0, at_us);

    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_MADE, .throttled = throttle};
    haul_sched_finish(play->sched, job, at_us);
    haul_job_free(job);
}

static const int per_hosts[] = {0, 1, 2, 5};

START_TEST(origin_slowed_down_much_recovers_wholly)
{
    struct play play;
    int64_t at_us = 0;

    start_play(&play, &(struct haul_sched_limits){.window = 4096, .per_host = per_hosts[_i]});
    for (int i = 0; i < 400; i++)
        play_push(&play, "a", 0);
    for (int i = 0; i < 10; i++)
        answer(&play, true, at_us += 20 * SECOND);
    for (int i = 0; i < 100; i++)
        answer(&play, false, at_us += 20 * SECOND);
    answer(&play, false, at_us += 20 * SECOND);
    answer(&play, false, at_us); /* no gap any more */
    for (int i = 0; i < (per_hosts[_i] ? per_hosts[_i] : 8); i++)
        play_pop(&play, 0, at_us);
    end_play(&play);
}
END_TEST

/* ---- admission ---- */

START_TEST(full_window_has_no_room_until_a_job_leaves)
{
    static const size_t windows[] = {1, 2, 8};
    size_t window = windows[_i];
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = window});
    for (size_t i = 0; i < window; i++)
        play_push(&play, "a", 0);
    ck_assert(!haul_sched_has_room(play.sched));
    haul_sched_park(play.sched, play_pop(&play, 0, 1), 1000, 2);
    ck_assert(!haul_sched_has_room(play.sched));
    run_one(&play, 1000);
    ck_assert(haul_sched_has_room(play.sched));
    ck_assert_uint_eq(haul_sched_count(play.sched).admitted, window - 1);
    end_play(&play);
}
END_TEST

START_TEST(full_window_bytes_has_no_room_but_for_a_lone_job)
{
    struct haul_job *big = make_job("a", 0);
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 100, .window_bytes = 1000});
    big->bytes = 5000;
    ck_assert(haul_sched_has_room(play.sched));
    ck_assert_int_eq(haul_sched_push(play.sched, big, 0), HAUL_OK);
    ck_assert(!haul_sched_has_room(play.sched));
    run_one(&play, 1);
    for (size_t bytes = 0; haul_sched_has_room(play.sched); bytes += 400) {
        struct haul_job *job = make_job("a", 0);

        ck_assert_uint_lt(bytes, 1000);
        job->bytes = 400;
        ck_assert_int_eq(haul_sched_push(play.sched, job, 1), HAUL_OK);
    }
    ck_assert_uint_eq(haul_sched_count(play.sched).admitted, 3);
    end_play(&play);
}
END_TEST

/* As much as its answers have set. */
START_TEST(jar_of_a_parked_job_takes_room)
{
    static const struct haul_cookie cookie = {"n", "v", "a.test", "/", HAUL_COOKIE_NEVER, 0, 0};
    struct haul_job *job = make_job("a", 0);
    size_t before = job->bytes;
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 100, .window_bytes = before + 100});
    ck_assert_int_eq(haul_sched_push(play.sched, job, 0), HAUL_OK);
    ck_assert(haul_sched_has_room(play.sched));
    ck_assert_ptr_eq(play_pop(&play, 0, 0), job);
    haul_cookie_jar_put(&job->jar, &cookie, 0, false);
    haul_sched_park(play.sched, job, 5, 1);
    ck_assert_uint_eq(job->bytes, before + job->jar->bytes);
    ck_assert(!haul_sched_has_room(play.sched));
    ck_assert_ptr_eq(play_pop(&play, 0, 5), job);
    haul_job_drop_cookies(job);
    haul_sched_park(play.sched, job, 9, 6);
    ck_assert_uint_eq(job->bytes, before);
    ck_assert(haul_sched_has_room(play.sched));
    end_play(&play);
}
END_TEST

/* ---- memory runs out ---- */

START_TEST(creation_without_memory_fails_cleanly)
{
    struct haul_sched *sched = NULL;
    bool walking = true;

    for (long n = 1; walking; n++) {
        enum haul_err err;

        fail_alloc_arm(n);
        err = haul_sched_create(&(struct haul_sched_limits){.window = 8}, &sched);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_OK);
    }
    haul_sched_free(sched);
}
END_TEST

/* Enough jobs, parked and of different origins, for every array in it to grow. */
START_TEST(push_without_memory_leaves_the_job_with_the_caller)
{
    struct play play;
    int failures = 0;

    start_play(&play, &(struct haul_sched_limits){.window = 100, .host_interval_us = 1});
    for (int i = 0; i < 40; i++) {
        char name[2] = {(char)('A' + i), '\0'};
        struct haul_job *job = make_job(name, 0);
        enum haul_err err = HAUL_ERR_NOMEM;

        for (long n = 1; err; n++) {
            fail_alloc_arm(n);
            err = haul_sched_push(play.sched, job, i);
            ck_assert_int_eq(err, fail_alloc_disarm() ? HAUL_ERR_NOMEM : HAUL_OK);
            failures += err != HAUL_OK;
            ck_assert_uint_eq(haul_sched_count(play.sched).admitted, (size_t)(err ? i : i + 1));
        }
    }
    ck_assert_int_ge(failures, 40);
    for (int i = 0; i < 40; i++)
        haul_sched_park(play.sched, play_pop(&play, 0, 100), 200 + i, 100);
    for (int i = 0; i < 40; i++)
        run_one(&play, 200 + i);
    end_play(&play);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sched_limits");
    TCase *tcase = tcase_create("limits");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 10);
    tcase_add_test(tcase, long_origin_with_idle_one_waiting_is_left_after_a_streak);
    tcase_add_test(tcase, long_origin_alone_is_not_left);
    tcase_add_test(tcase, origin_first_in_line_after_its_streak_gives_way);
    tcase_add_loop_test(tcase, origin_slowed_down_much_recovers_wholly, 0, COUNT(per_hosts));
    tcase_add_loop_test(tcase, full_window_has_no_room_until_a_job_leaves, 0, 3);
    tcase_add_test(tcase, full_window_bytes_has_no_room_but_for_a_lone_job);
    tcase_add_test(tcase, jar_of_a_parked_job_takes_room);
    tcase_add_test(tcase, creation_without_memory_fails_cleanly);
    tcase_add_test(tcase, push_without_memory_leaves_the_job_with_the_caller);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
