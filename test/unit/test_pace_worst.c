#include <check.h>
#include <stdio.h>
#include <string.h>

#include "play_pace.h"

/* The worst that an origin can cost, as the head of engine/pace.h and the manual tell it. */

enum { ANSWER_US = 50000 };

/* Workers and URLs without end, and an origin that answers all of them alike. */
struct play {
    struct haul_pace pace;
    const struct haul_attempt *attempt;
    int status;
    int64_t now_us;
    struct haul_turn turn[64]; /* of the running ones, the oldest first */
    int64_t until_us[64];
    size_t running;
    int requests;
};

static void start_what_may(struct play *play, size_t workers)
{
    while (play->running < workers && play->pace.not_before_us <= play->now_us &&
           !haul_pace_is_full(&play->pace, play->running)) {
        play->turn[play->running] = (struct haul_turn){0};
        haul_pace_start(&play->pace, &play->turn[play->running], play->now_us);
        play->until_us[play->running++] = play->now_us + ANSWER_US;
        play->requests++;
    }
}

static enum haul_reason end_oldest(struct play *play)
{
    struct haul_turn turn = play->turn[0];

    play->running--;
    memmove(play->turn, play->turn + 1, play->running * sizeof *play->turn);
    memmove(play->until_us, play->until_us + 1, play->running * sizeof *play->until_us);
    return end_turn(&play->pace, &turn, play->attempt, play->status, play->running, play->now_us);
}

static void play_out(struct play *play, size_t workers, enum haul_reason expected)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    while (reason == HAUL_REASON_NONE) {
        start_what_may(play, workers);
        play->now_us = play->running ? play->until_us[0] : play->pace.not_before_us;
        if (play->running)
            reason = end_oldest(play);
    }
    ck_assert_int_eq(reason, expected);
}

static const struct {
    size_t workers;
    int halvings;
} pools[] = {{1, 0}, {16, 4}, {64, 6}};

/* Nine gaps between ten incidents, and the answers; the same for any number of workers. */
START_TEST(maintenance_costs_eleven_seconds)
{
    const struct haul_attempt *const kinds[] = {&throttled, &paused};
    int halvings = pools[_i].halvings;

    for (int kind = 0; kind < COUNT(kinds); kind++) {
        struct play play = {.pace = {.fail_limit = 10}, .attempt = kinds[kind], .status = 503};
        int64_t gaps_us = kind ? 9 * paused.pause_us : 11100000;

        play_out(&play, pools[_i].workers, HAUL_REASON_HOST_THROTTLED);
        printf("# %zu workers, %s: given up after %.2f s and %d requests\n", pools[_i].workers,
               kind ? "503 with a pause" : "503", (double)play.now_us / 1e6, play.requests);
        ck_assert_int_ge(play.now_us, gaps_us);
        ck_assert_int_le(play.now_us,
                         gaps_us + (10 + 2 * halvings) * (ANSWER_US + paused.pause_us));
        ck_assert_int_le(play.requests, 2 * (int)pools[_i].workers + 10);
    }
}
END_TEST

START_TEST(short_pauses_without_end_cost_ten_minutes)
{
    struct play play = {.pace = {.fail_limit = 10, .throttle_max_us = 600 * (int64_t)SECOND},
                        .attempt = &paused,
                        .status = 429};

    play_out(&play, pools[_i].workers, HAUL_REASON_HOST_THROTTLED);
    ck_assert_int_gt(play.now_us, 600 * (int64_t)SECOND);
    ck_assert_int_le(play.now_us, 601 * (int64_t)SECOND);
}
END_TEST

START_TEST(dead_origin_costs_ten_timeouts_and_the_gaps)
{
    struct play play = {.pace = {.fail_limit = 10}, .attempt = &failed};

    play_out(&play, pools[_i].workers, HAUL_REASON_HOST_DOWN);
    ck_assert_int_eq(play.now_us, 10 * ANSWER_US + 11100000);
    ck_assert_int_eq(play.requests, (int)pools[_i].workers + 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pace_worst");
    TCase *tcase = tcase_create("worst");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, maintenance_costs_eleven_seconds, 0, COUNT(pools));
    tcase_add_loop_test(tcase, short_pauses_without_end_cost_ten_minutes, 0, COUNT(pools));
    tcase_add_loop_test(tcase, dead_origin_costs_ten_timeouts_and_the_gaps, 0, COUNT(pools));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
