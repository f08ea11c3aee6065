#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "play_sched.h"

static const int64_t never = HAUL_CLOCK_NEVER;

/* One thing that happens, and what must come of it. Origins are named by a letter. */
struct step {
    enum { NOTHING, PUSH, POP, DONE, PARK, CLOSE, DRAIN } what;
    int64_t at_us;
    const char *origin;          /* PUSH, DONE, PARK: its oldest running job; POP: expected */
    int worker;                  /* POP */
    enum haul_pop pop;           /* POP: expected */
    int64_t until_us;            /* POP: expected of a WAIT; PARK: due */
    struct haul_attempt attempt; /* DONE, PARK */
    bool for_others;             /* POP: WAIT, but a job is ready for somebody else */
};

#define push(at, name)                                                                             \
    {                                                                                              \
        .what = PUSH, .at_us = (at), .origin = (name)                                              \
    }
/* An attempt with a TLS connection that took 10 ms to set up, and 2 ms for the rest. */
#define done_dear(at, name)                                                                        \
    {                                                                                              \
        .what = DONE, .at_us = (at), .origin = (name), .attempt = {                                \
            .contact = HAUL_CONTACT_MADE,                                                          \
            .setup_us = 10000,                                                                     \
            .work_us = 2000                                                                        \
        }                                                                                          \
    }
/* There are jobs, but this worker had better not take one. */
#define waits_dear(at, who, until)                                                                 \
    {                                                                                              \
        .what = POP, .at_us = (at), .worker = (who), .pop = HAUL_POP_WAIT, .until_us = (until),    \
        .for_others = true                                                                         \
    }
#define run(at, who, name)                                                                         \
    {                                                                                              \
        .what = POP, .at_us = (at), .worker = (who), .pop = HAUL_POP_RUN, .origin = (name)         \
    }
#define skip(at, name)                                                                             \
    {                                                                                              \
        .what = POP, .at_us = (at), .pop = HAUL_POP_SKIP, .origin = (name)                         \
    }
#define pending(at, name)                                                                          \
    {                                                                                              \
        .what = POP, .at_us = (at), .pop = HAUL_POP_PENDING, .origin = (name)                      \
    }
#define waits(at, who, until)                                                                      \
    {                                                                                              \
        .what = POP, .at_us = (at), .worker = (who), .pop = HAUL_POP_WAIT, .until_us = (until)     \
    }
#define ends(at, who)                                                                              \
    {                                                                                              \
        .what = POP, .at_us = (at), .worker = (who), .pop = HAUL_POP_END                           \
    }
#define done(at, name)                                                                             \
    {                                                                                              \
        .what = DONE, .at_us = (at), .origin = (name), .attempt = {.contact = HAUL_CONTACT_MADE }  \
    }
#define failed(at, name)                                                                           \
    {                                                                                              \
        .what = DONE, .at_us = (at), .origin = (name), .attempt = {                                \
            .contact = HAUL_CONTACT_FAILED                                                         \
        }                                                                                          \
    }
#define throttled(at, name)                                                                        \
    {                                                                                              \
        .what = DONE, .at_us = (at), .origin = (name), .attempt = {                                \
            .contact = HAUL_CONTACT_MADE,                                                          \
            .throttled = true                                                                      \
        }                                                                                          \
    }
#define paused(at, name, pause)                                                                    \
    {                                                                                              \
        .what = DONE, .at_us = (at), .origin = (name), .attempt = {                                \
            .contact = HAUL_CONTACT_MADE,                                                          \
            .pause_us = (pause)                                                                    \
        }                                                                                          \
    }
#define refused(at, name)                                                                          \
    {                                                                                              \
        .what = DONE, .at_us = (at), .origin = (name), .attempt = {                                \
            .contact = HAUL_CONTACT_MADE,                                                          \
            .refused = true                                                                        \
        }                                                                                          \
    }
#define park(at, name, due)                                                                        \
    {                                                                                              \
        .what = PARK, .at_us = (at), .origin = (name), .until_us = (due)                           \
    }
#define park_failed(at, name, due)                                                                 \
    {                                                                                              \
        .what = PARK, .at_us = (at), .origin = (name), .until_us = (due), .attempt = {             \
            .contact = HAUL_CONTACT_FAILED                                                         \
        }                                                                                          \
    }
#define closed(at)                                                                                 \
    {                                                                                              \
        .what = CLOSE, .at_us = (at)                                                               \
    }
#define drained(at)                                                                                \
    {                                                                                              \
        .what = DRAIN, .at_us = (at)                                                               \
    }

static const struct situation {
    const char *name;
    struct haul_sched_limits limits;
    struct step step[32];
} situations[] = {
    {"an empty queue waits for ever, a closed one ends",
     {.window = 8},
     {waits(0, 0, never), closed(1), ends(1, 0)}},
    {"a worker stays with the origin that it spoke to last",
     {.window = 8},
     {push(0, "a"), push(0, "b"), push(0, "a"), run(1, 0, "a"), done(2, "a"), run(3, 0, "a")}},
    {"a new worker takes an idle origin before a busy one",
     {.window = 8},
     {push(0, "a"), push(0, "a"), push(0, "b"), run(1, 0, "a"), run(1, 1, "b"), run(1, 2, "a")}},
    {"idle origins are served in turn",
     {.window = 8},
     {push(0, "a"), push(0, "b"), push(0, "c"), run(1, 0, "a"), run(1, 1, "b"), run(1, 2, "c")}},
    {"busy origins are served in turn",
     {.window = 16},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "b"), push(0, "b"), push(0, "b"),
      run(1, 0, "a"), run(1, 1, "b"), run(1, 2, "a"), run(1, 3, "b"), run(1, 4, "a"),
      run(1, 5, "b")}},
    {"an origin has no more running than it may",
     {.window = 8, .per_host = 2},
     {push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), run(1, 1, "a"), waits(1, 2, never),
      done(2, "a"), run(3, 2, "a"), waits(3, 0, never)}},
    {"a worker whose own origin is full goes to another",
     {.window = 8, .per_host = 1},
     {push(0, "a"), push(0, "a"), push(0, "b"), run(1, 0, "a"), run(1, 0, "b"),
      waits(1, 0, never)}},
    {"any two starts are apart",
     {.window = 8, .interval_us = 100},
     {push(0, "a"), push(0, "b"), run(5, 0, "a"), waits(5, 1, 105), waits(104, 1, 105),
      run(105, 1, "b"), push(105, "c"), waits(106, 2, 205), run(300, 2, "c")}},
    {"two starts at one origin are apart, others are not",
     {.window = 8, .host_interval_us = 100},
     {push(0, "a"), push(0, "a"), push(0, "b"), run(5, 0, "a"), run(5, 1, "b"), waits(6, 2, 105),
      waits(104, 2, 105), run(105, 2, "a")}},
    {"the time between starts is remembered of an origin that had no jobs in between",
     {.window = 8, .host_interval_us = 100},
     {push(0, "a"), run(5, 0, "a"), done(6, "a"), run(7, 0, NULL), push(7, "a"), waits(7, 0, 105),
      run(105, 0, "a")}},
    {"Retry-After pauses the whole origin",
     {.window = 8},
     {push(0, "a"), push(0, "a"), push(0, "b"), run(1, 0, "a"), paused(10, "a", 500),
      run(10, 0, "b"), waits(11, 0, 510), waits(509, 1, 510), run(510, 1, "a")}},
    {"a shorter pause does not end a longer one",
     {.window = 8},
     {push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), run(1, 1, "a"),
      paused(10, "a", 500), paused(11, "a", 50), waits(61, 0, 510), run(510, 0, "a")}},
    {"a longer pause prolongs a shorter one",
     {.window = 8},
     {push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), run(1, 1, "a"), paused(10, "a", 50),
      paused(11, "a", 500), waits(60, 0, 511), run(511, 0, "a")}},
    {"a parked job is not started early",
     {.window = 8},
     {push(0, "a"), run(1, 0, "a"), park(2, "a", 300), waits(3, 0, 300), waits(299, 1, 300),
      run(300, 1, "a")}},
    {"a parked job that is due waits for its origin's pause",
     {.window = 8},
     {push(0, "a"), push(0, "a"), run(1, 0, "a"), run(1, 1, "a"), park(2, "a", 300),
      paused(3, "a", 500), waits(4, 0, 300), waits(301, 0, 503), run(503, 0, "a")}},
    {"the earliest of the parked jobs comes first",
     {.window = 8},
     {push(0, "a"), push(0, "b"), push(0, "c"), run(1, 0, "a"), run(1, 1, "b"), run(1, 2, "c"),
      park(2, "a", 30), park(2, "b", 10), park(2, "c", 20), waits(3, 3, 10), run(40, 3, "b"),
      run(40, 4, "c"), run(40, 5, "a")}},
    {"a job parked until now is ready at once",
     {.window = 8},
     {push(0, "a"), run(1, 0, "a"), park(2, "a", 2), run(2, 0, "a"), park(3, "a", 1),
      run(3, 0, "a")}},
    {"429 halves what may run, successes bring it back one by one",
     {.window = 16, .per_host = 4},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"),
      push(0, "a"), run(1, 0, "a"), run(1, 0, "a"), run(1, 0, "a"), run(1, 0, "a"),
      throttled(2, "a"),                                                  /* 3 running, at most 2 */
      waits(2, 0, never), done(3, "a"), waits(3, 0, never), done(3, "a"), /* success 2: at most 3 */
      run(3, 0, "a"), run(3, 0, "a"), waits(3, 0, never)}},
    {"answers to requests from before the slow-down do not slow down again",
     {.window = 16, .per_host = 4},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"),
      run(1, 0, "a"), run(1, 0, "a"), run(1, 0, "a"), run(1, 0, "a"), throttled(2, "a"),
      throttled(3, "a"), throttled(3, "a"), throttled(3, "a"), run(4, 0, "a"), run(4, 0, "a"),
      waits(4, 0, never)}},
    {"an origin that is slowed down to one at a time makes gaps",
     {.window = 8},
     {push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), throttled(2, "a"),
      waits(3, 0, 100002), run(100002, 0, "a"), waits(100003, 1, never), done(100004, "a"),
      run(100004, 1, "a")}}, /* it has answered: no gap any more */
    {"where connections are dear, those who have one are left the few jobs they come to soon",
     {.window = 16},
     {push(0, "https://a:443"), push(0, "https://a:443"), push(0, "https://a:443"),
      run(1, 0, "https://a:443"), done_dear(20000, "https://a:443"), run(20001, 0, "https://a:443"),
      waits_dear(20002, 1, 60001), waits_dear(60000, 1, 60001), run(60001, 1, "https://a:443")}},
    {"where connections are dear, many jobs are worth another one",
     {.window = 32},
     {push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          push(0, "https://a:443"),
      push(0, "https://a:443"),          run(1, 0, "https://a:443"),
      done_dear(20000, "https://a:443"), run(20001, 0, "https://a:443"),
      run(20002, 1, "https://a:443"),    waits_dear(20003, 2, 60002),
      done_dear(20004, "https://a:443"), run(20005, 0, "https://a:443")}},
    {"who waits for a dear connection takes what comes at another origin",
     {.window = 16},
     {push(0, "https://a:443"), push(0, "https://a:443"), push(0, "https://a:443"),
      run(1, 0, "https://a:443"), done_dear(20000, "https://a:443"), run(20001, 0, "https://a:443"),
      waits_dear(20002, 1, 60001), push(20003, "https://b:443"), run(20003, 1, "https://b:443"),
      push(20003, "https://b:443"), waits_dear(20004, 2, 60001)}},
    {"where connections cost little, nobody waits for one",
     {.window = 16},
     {push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), done_dear(20000, "a"),
      run(20001, 0, "a"), run(20002, 1, "a")}},
    {"an origin is given up after failures in a row, with all its jobs",
     {.window = 16, .host_fail_limit = 2},
     {push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      push(0, "b"),
      run(1, 0, "a"),
      run(1, 0, "a"),
      park_failed(2, "a", 5000),
      run(3, 0, "b"),
      run(100002, 0, "a"),
      park(100003, "a", 200000),
      failed(100004, "a"),
      skip(100005, "a"),
      skip(100005, "a"),
      skip(100005, "a"),
      skip(100005, "a"),
      push(100006, "a"),
      skip(100006, "a"),
      waits(100007, 1, never),
      done(100008, "b"),
      closed(100008),
      ends(100008, 0)}},
    {"failures at the same time are one, and then one attempt at a time is made",
     {.window = 16, .host_fail_limit = 3},
     {push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      push(0, "a"),
      run(1, 0, "a"),
      run(1, 1, "a"),
      run(1, 2, "a"),
      failed(2, "a"),
      waits(3, 0, 100002),
      run(100002, 0, "a"),
      waits(100002, 1, never),
      failed(100003, "a"),
      failed(100003, "a"),
      waits(100003, 1, never),
      failed(100004, "a"),
      waits(100005, 0, 300004),
      run(300004, 1, "a"),
      waits(300004, 2, never),
      done(300005, "a"),
      run(300005, 0, "a"),
      run(300005, 1, "a")}},
    {"a failure of an attempt from before the last answer is none of a new row",
     {.window = 16, .host_fail_limit = 2},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"),
      run(1, 1, "a"), run(1, 2, "a"), failed(2, "a"), done(3, "a"), failed(4, "a"), run(5, 0, "a"),
      failed(6, "a"), run(100006, 0, "a")}},
    {"too long a pause asked for counts as a failure to reach the origin",
     {.window = 16, .host_fail_limit = 2},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), refused(2, "a"),
      run(100002, 0, "a"), failed(100003, "a"), skip(100004, "a"), skip(100004, "a"),
      waits(100005, 0, never)}},
    {"a success in between starts the count of failures anew",
     {.window = 16, .host_fail_limit = 2},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), failed(2, "a"),
      run(100002, 0, "a"), done(100003, "a"), run(100004, 0, "a"), failed(100005, "a"),
      run(200005, 0, "a")}},
    {"after a stop everything comes out as pending",
     {.window = 16, .per_host = 1, .host_interval_us = 1000, .interval_us = 7},
     {push(0, "a"), push(0, "a"), push(0, "b"), push(0, "c"), run(1, 0, "a"), run(10, 1, "b"),
      park(11, "b", 5000), run(20, 2, "c"), drained(21), pending(21, "b"), pending(21, "a"),
      waits(22, 0, never), done(23, "a"), park(24, "c", 9000), pending(24, "c"),
      waits(25, 0, never), closed(26), ends(26, 0)}},
    {"a closed queue ends only when the running have ended",
     {.window = 8},
     {push(0, "a"), closed(1), run(2, 0, "a"), waits(3, 1, never), park(4, "a", 50),
      waits(5, 1, 50), run(50, 1, "a"), waits(51, 0, never), done(52, "a"), ends(52, 0),
      ends(52, 1)}},
};

struct search {
    const char *origin;
    const struct haul_job *found;
};

static void match_origin(void *arg, const struct haul_job *job)
{
    struct search *search = arg;

    if (!search->found && strcmp(job->origin, search->origin) == 0)
        search->found = job;
}

static struct haul_job *running_job(const struct play *play, const char *origin)
{
    struct search search = {.origin = origin};

    haul_sched_each_running(play->sched, SIZE_MAX, match_origin, &search);
    ck_assert_ptr_nonnull(search.found);
    return (struct haul_job *)(uintptr_t)search.found;
}

/* `origin` NULL: the scheduler is empty, whoever asks. */
static void check_pop(struct play *play, const struct step *step, const char *where)
{
    struct haul_job *job = NULL;
    int64_t until_us = -1;
    enum haul_pop pop, expected = step->pop;
    bool ready = haul_sched_is_ready(play->sched, step->at_us);

    if (expected == HAUL_POP_RUN && !step->origin)
        expected = HAUL_POP_WAIT;
    pop = haul_sched_pop(play->sched, &play->affinity[step->worker], step->at_us, &job, &until_us);
    ck_assert_msg(pop == expected, "%s: got %d, not %d", where, pop, expected);
    ck_assert_msg(ready == (step->for_others || (pop != HAUL_POP_WAIT && pop != HAUL_POP_END)),
                  "%s: is_ready", where);
    if (pop == HAUL_POP_WAIT && step->pop == HAUL_POP_WAIT)
        ck_assert_msg(until_us == step->until_us, "%s: waits until %lld", where,
                      (long long)until_us);
    if (!job)
        return;
    ck_assert_msg(strcmp(job->origin, step->origin) == 0, "%s: got %s", where, job->origin);
    if (pop != HAUL_POP_RUN)
        haul_job_free(job);
}

static void play_step(struct play *play, const struct step *step, const char *where)
{
    struct haul_job *job;

    switch (step->what) {
    case PUSH:
        play_push(play, step->origin, step->at_us);
        break;
    case POP:
        check_pop(play, step, where);
        break;
    case DONE:
    case PARK:
        job = running_job(play, step->origin);
        job->attempt = step->attempt;
        if (step->what == PARK) {
            haul_sched_park(play->sched, job, step->until_us, step->at_us);
        } else {
            haul_sched_finish(play->sched, job, step->at_us);
            haul_job_free(job);
        }
        break;
    case CLOSE:
        haul_sched_close(play->sched);
        break;
    case DRAIN:
        haul_sched_drain(play->sched, step->at_us);
        break;
    case NOTHING:
        break;
    }
}

START_TEST(situation_played_gives_the_jobs_told)
{
    const struct situation *situation = &situations[_i];
    struct play play;
    char where[160];

    start_play(&play, &situation->limits);
    for (int i = 0; i < COUNT(situation->step); i++) {
        snprintf(where, sizeof where, "%s: step %d", situation->name, i + 1);
        play_step(&play, &situation->step[i], where);
    }
    end_play(&play);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sched");
    TCase *tcase = tcase_create("situations");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 10);
    tcase_add_loop_test(tcase, situation_played_gives_the_jobs_told, 0, COUNT(situations));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
