#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/sched.h"
#include "fail_alloc.h"
#include "model_sched.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { WORKERS = 6, SECOND = 1000000 };
static const int64_t never = HAUL_CLOCK_NEVER;

static struct haul_job *make_job(const char *origin, uint64_t seq)
{
    struct haul_job_text text = {
        .shown = "x", .shown_len = 1, .url = "http://x/", .origin = origin};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_ptr_nonnull(job);
    job->rec.seq = seq;
    return job;
}

/* ---- situations ---- */

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
      waits(100004, 1, 200002), run(200002, 1, "a")}},
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
     {push(0, "a"),   push(0, "a"),      push(0, "a"),
      push(0, "a"),   push(0, "b"),      run(1, 0, "a"),
      run(1, 0, "a"), run(1, 0, "a"),    park_failed(2, "a", 5000),
      failed(3, "a"), skip(4, "a"),      skip(4, "a"),
      run(5, 0, "b"), park(6, "a", 100), skip(6, "a"),
      push(7, "a"),   skip(7, "a"),      waits(8, 1, never),
      done(9, "b"),   closed(9),         ends(9, 0)}},
    {"too long a pause asked for counts as a failure to reach the origin",
     {.window = 16, .host_fail_limit = 2},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), refused(2, "a"),
      run(3, 0, "a"), failed(4, "a"), skip(5, "a"), skip(5, "a"), waits(6, 0, never)}},
    {"a success in between starts the count of failures anew",
     {.window = 16, .host_fail_limit = 2},
     {push(0, "a"), push(0, "a"), push(0, "a"), push(0, "a"), run(1, 0, "a"), failed(2, "a"),
      run(2, 0, "a"), done(3, "a"), run(4, 0, "a"), failed(5, "a"), run(6, 0, "a")}},
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

/* What a situation is played with. */
struct play {
    struct haul_sched *sched;
    struct haul_affinity affinity[WORKERS];
    uint64_t pushed;
};

static void start_play(struct play *play, const struct haul_sched_limits *limits)
{
    *play = (struct play){0};
    ck_assert_int_eq(haul_sched_create(limits, &play->sched), HAUL_OK);
}

static void free_running(void *arg, const struct haul_job *job)
{
    struct haul_job_list *list = arg;

    haul_job_list_add(list, (struct haul_job *)(uintptr_t)job);
}

static void end_play(struct play *play)
{
    struct haul_job_list running = {0};
    struct haul_job *job;

    haul_sched_each_running(play->sched, SIZE_MAX, free_running, &running);
    for (int i = 0; i < WORKERS; i++)
        haul_sched_forget(play->sched, &play->affinity[i]);
    while ((job = haul_job_list_take(&running)))
        haul_job_free(job);
    haul_sched_free(play->sched);
}

static void play_push(struct play *play, const char *origin, int64_t at_us)
{
    ck_assert(haul_sched_has_room(play->sched));
    ck_assert_int_eq(haul_sched_push(play->sched, make_job(origin, play->pushed++), at_us),
                     HAUL_OK);
}

static struct haul_job *play_pop(struct play *play, int worker, int64_t at_us)
{
    struct haul_job *job = NULL;
    int64_t until_us;

    ck_assert_int_eq(haul_sched_pop(play->sched, &play->affinity[worker], at_us, &job, &until_us),
                     HAUL_POP_RUN);
    return job;
}

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

/* ---- where the time went ---- */

static void check_times(const struct haul_job *job, int64_t queue_us, int64_t parked_us)
{
    ck_assert_int_eq(job->rec.time_queue_us, queue_us);
    ck_assert_int_eq(job->rec.time_parked_us, parked_us);
}

START_TEST(job_that_waits_for_a_worker_counts_it_as_queue)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8});
    play_push(&play, "a", 100);
    check_times(play_pop(&play, 0, 350), 250, 0);
    end_play(&play);
}
END_TEST

START_TEST(job_that_waits_for_its_origin_counts_it_as_parked)
{
    struct play play;
    struct haul_job *job;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .per_host = 1});
    play_push(&play, "a", 0);
    play_push(&play, "a", 0);
    job = play_pop(&play, 0, 100);
    haul_sched_finish(play.sched, job, 400);
    haul_job_free(job);
    check_times(play_pop(&play, 0, 450), 150, 300);
    end_play(&play);
}
END_TEST

START_TEST(job_that_nobody_takes_when_its_origin_is_free_again_counts_the_rest_as_queue)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .host_interval_us = 1000});
    play_push(&play, "a", 0);
    play_push(&play, "a", 0);
    play_pop(&play, 0, 0);
    check_times(play_pop(&play, 1, 5000), 4000, 1000);
    end_play(&play);
}
END_TEST

START_TEST(job_taken_long_after_it_was_due_counts_the_rest_as_queue)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8});
    play_push(&play, "a", 0);
    haul_sched_park(play.sched, play_pop(&play, 0, 10), 500, 100);
    check_times(play_pop(&play, 0, 5000), 10 + 4500, 400);
    end_play(&play);
}
END_TEST

START_TEST(job_that_waits_for_the_rate_of_all_counts_it_as_parked)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .interval_us = 1000});
    for (int i = 0; i < 3; i++)
        play_push(&play, "a", 0);
    check_times(play_pop(&play, 0, 0), 0, 0);
    check_times(play_pop(&play, 0, 1000), 0, 1000);
    check_times(play_pop(&play, 0, 2500), 500, 2000);
    end_play(&play);
}
END_TEST

/* ---- looking ---- */

static void copy_status(void *arg, const struct haul_origin_status *status)
{
    struct haul_origin_status *seen = arg;

    seen[status->key[0] - 'a'] = *status;
}

START_TEST(origins_looked_at_tell_their_state)
{
    struct haul_origin_status seen[3] = {{0}};
    struct haul_job *job;
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 16, .host_fail_limit = 1});
    for (int i = 0; i < 4; i++)
        play_push(&play, "a", 0);
    play_push(&play, "b", 0);
    play_pop(&play, 0, 0);
    haul_sched_park(play.sched, play_pop(&play, 0, 0), 77, 1);
    job = play_pop(&play, 1, 2);
    job->attempt.contact = HAUL_CONTACT_FAILED;
    haul_sched_finish(play.sched, job, 3);
    haul_job_free(job);
    haul_sched_each_origin(play.sched, copy_status, seen);
    ck_assert_uint_eq(seen[0].ready, 2);
    ck_assert_uint_eq(seen[0].running, 1);
    ck_assert_uint_eq(seen[0].parked, 1);
    ck_assert(!seen[0].down);
    ck_assert(seen[1].down);
    ck_assert_int_eq(seen[1].failures, 1);
    ck_assert_ptr_null(seen[2].key);
    ck_assert_int_eq(haul_sched_next_parked(play.sched)->due_us, 77);
    ck_assert_uint_eq(haul_sched_oldest(play.sched)->rec.seq, 0);
    end_play(&play);
}
END_TEST

static void count_down(void *arg, const struct haul_origin_status *status)
{
    *(int *)arg += status->down;
}

/* What is remembered of origins without jobs has a maximum. */
START_TEST(very_many_dead_origins_take_bounded_memory)
{
    struct play play;
    int remembered = 0;

    start_play(&play, &(struct haul_sched_limits){.window = 8, .host_fail_limit = 1});
    for (int i = 0; i < 20000; i++) {
        struct haul_job *job;
        char name[24];

        snprintf(name, sizeof name, "http://h%d:80", i);
        play_push(&play, name, 0);
        job = play_pop(&play, 0, 0);
        job->attempt.contact = HAUL_CONTACT_FAILED;
        haul_sched_finish(play.sched, job, 0);
        haul_job_free(job);
    }
    haul_sched_each_origin(play.sched, count_down, &remembered);
    ck_assert_int_gt(remembered, 16000);
    ck_assert_uint_le(haul_sched_count(play.sched).origins, 16400);
    end_play(&play);
}
END_TEST

/* The walk through the parked jobs changes their order under its feet: none may be missed. */
START_TEST(origin_given_up_with_very_many_parked_jobs_reports_all_of_them)
{
    enum { PARKED = 30000 };
    struct play play;
    struct haul_job *job;
    int64_t until_us;
    int skipped = 0;

    start_play(&play, &(struct haul_sched_limits){.window = 2 * PARKED + 1, .host_fail_limit = 1});
    for (int i = 0; i < 2 * PARKED; i++)
        play_push(&play, i % 2 ? "a" : "b", 0);
    for (int i = 0; i < 2 * PARKED; i++)
        haul_sched_park(play.sched, play_pop(&play, 0, 0), 1000 + (i * 7919LL) % 65537, 0);
    play_push(&play, "b", 0);
    job = play_pop(&play, 0, 0);
    job->attempt.contact = HAUL_CONTACT_FAILED;
    haul_sched_finish(play.sched, job, 1);
    haul_job_free(job);
    while (haul_sched_pop(play.sched, &play.affinity[0], 1, &job, &until_us) == HAUL_POP_SKIP) {
        ck_assert_str_eq(job->origin, "b");
        haul_job_free(job);
        skipped++;
    }
    ck_assert_int_eq(skipped, PARKED);
    ck_assert_int_eq(until_us, haul_sched_next_parked(play.sched)->due_us);
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

/* ---- the model ---- */

/* A third of the origins each: as all, one at a time and slowly, as many as there are. */
static void look_up(const void *arg, const char *key, int *per_host, int64_t *host_interval_us)
{
    ck_assert_ptr_null(arg);
    if ((*key - 'a') % 3 == 1) {
        *per_host = 1;
        *host_interval_us = 40;
    } else if ((*key - 'a') % 3 == 2) {
        *per_host = 0;
        *host_interval_us = 0;
    }
}

static const struct haul_sched_limits model_limits[] = {
    {.window = 1},
    {.window = 1, .per_host = 1, .interval_us = 30, .host_interval_us = 70, .host_fail_limit = 1},
    {.window = 2, .per_host = 1},
    {.window = 8, .per_host = 2, .host_interval_us = 50},
    {.window = 8, .window_bytes = 3000},
    {.window = 32},
    {.window = 32, .interval_us = 20},
    {.window = 32, .per_host = 1, .host_fail_limit = 3},
    {.window = 64, .per_host = 3, .host_fail_limit = 6},
    {.window = 64, .per_host = 2, .interval_us = 10, .host_interval_us = 100},
    {.window = 100, .host_interval_us = 300000, .host_fail_limit = 5},
    {.window = 100, .per_host = 6},
    {.window = 64, .per_host = 2, .host_interval_us = 100, .look_up = look_up},
    {.window = 100, .interval_us = 10, .host_fail_limit = 3, .look_up = look_up},
};

enum { SEEDS = 6, STEPS = 4000 };

/* The scheduler and its model, side by side. */
struct pair {
    struct haul_sched *sched;
    struct haul_affinity affinity[MODEL_WORKERS];
    struct model model;
    struct haul_job *running[MODEL_JOBS];
    int running_count;
    uint64_t random;
    int origins;   /* in use, so that some runs have long streaks */
    unsigned harm; /* in 100 answers */
    uint64_t pushed, ended;
};

static uint64_t draw(struct pair *p, uint64_t below)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 7;
    p->random ^= p->random << 17;
    return p->random % below;
}

static void check_job_times(const struct pair *p, const struct haul_job *job)
{
    const struct model_job *told = &p->model.job[job->rec.seq];

    ck_assert_int_eq(job->rec.time_queue_us + job->rec.time_parked_us,
                     told->queue_us + told->parked_us);
    if (!p->model.limits.interval_us)
        ck_assert_int_eq(job->rec.time_parked_us, told->parked_us);
}

static void check_counts(const struct pair *p)
{
    struct haul_sched_counts is = haul_sched_count(p->sched), told = model_count(&p->model);

    ck_assert_uint_eq(is.admitted, told.admitted);
    ck_assert_uint_eq(is.running, told.running);
    ck_assert_uint_eq(is.ready + is.parked, told.ready + told.parked);
    ck_assert_int_eq(haul_sched_has_room(p->sched), model_has_room(&p->model));
}

static void step_push(struct pair *p)
{
    char name[2] = {0};
    struct haul_job *job;

    if (p->model.closed || p->model.draining || !haul_sched_has_room(p->sched))
        return;
    name[0] = "abcdefgh"[draw(p, (uint64_t)p->origins)];
    job = make_job(name, 0);
    job->bytes = 100 + draw(p, 2000);
    job->rec.seq = (uint64_t)model_push(&p->model, name[0] - 'a', job->bytes);
    ck_assert_int_eq(haul_sched_push(p->sched, job, p->model.now), HAUL_OK);
    p->pushed++;
}

static enum haul_pop step_pop(struct pair *p)
{
    struct model_answer answer = {.worker = (int)draw(p, MODEL_WORKERS), .job = -1};
    struct haul_affinity *affinity = &p->affinity[answer.worker];
    struct haul_job *job = NULL;
    const char *fault;

    answer.pop = haul_sched_pop(p->sched, affinity, p->model.now, &job, &answer.wait_until);
    if (job)
        answer.job = (int)job->rec.seq;
    fault = model_judge(&p->model, &answer);
    ck_assert_msg(!fault, "the scheduler %s", fault);
    if (!job)
        return answer.pop;
    check_job_times(p, job);
    if (answer.pop == HAUL_POP_SKIP)
        ck_assert_int_eq(job->rec.reason, p->model.origin[job->origin[0] - 'a'].down);
    if (answer.pop == HAUL_POP_RUN) {
        p->running[p->running_count++] = job;
    } else {
        haul_job_free(job);
        p->ended++;
    }
    return answer.pop;
}

static struct haul_attempt draw_attempt(struct pair *p)
{
    struct haul_attempt attempt = {.contact = HAUL_CONTACT_MADE};

    if (draw(p, 100) >= p->harm)
        return attempt;
    attempt.contact = (enum haul_contact)draw(p, 3);
    attempt.throttled = draw(p, 2);
    attempt.refused = !draw(p, 4);
    attempt.pause_us = draw(p, 3) ? 0 : (int64_t)draw(p, 500);
    attempt.elsewhere = !draw(p, 4);
    return attempt;
}

static void step_end(struct pair *p, bool again)
{
    struct haul_job *job;
    int at, name;

    if (!p->running_count)
        return;
    at = (int)draw(p, (uint64_t)p->running_count);
    job = p->running[at];
    p->running[at] = p->running[--p->running_count];
    name = (int)job->rec.seq;
    job->attempt = draw_attempt(p);
    if (again) {
        int64_t due = p->model.now + (int64_t)draw(p, 400) - 20;

        model_park(&p->model, name, &job->attempt, due);
        haul_sched_park(p->sched, job, due, p->model.now);
        return;
    }
    model_finish(&p->model, name, &job->attempt);
    haul_sched_finish(p->sched, job, p->model.now);
    haul_job_free(job);
    p->ended++;
}

static void step_time(struct pair *p)
{
    static const uint64_t leaps[] = {1, 5, 5, 40, 40, 200, 1000, 150000};

    model_advance(&p->model, p->model.now + (int64_t)draw(p, leaps[draw(p, 8)] + 1));
}

static void step(struct pair *p)
{
    uint64_t what = draw(p, 100);

    if (what < 30)
        step_push(p);
    else if (what < 62)
        step_pop(p);
    else if (what < 78)
        step_end(p, false);
    else if (what < 86)
        step_end(p, true);
    else if (what < 99)
        step_time(p);
    else
        haul_sched_forget(p->sched, &p->affinity[0]), p->model.worker[0].origin = -1;
    check_counts(p);
}

/* To the end, whichever it is: nothing may be left, and nothing may hang. */
static void play_out(struct pair *p)
{
    if (draw(p, 2)) {
        model_drain(&p->model);
        haul_sched_drain(p->sched, p->model.now);
    }
    p->model.closed = true;
    haul_sched_close(p->sched);
    for (long steps = 0; step_pop(p) != HAUL_POP_END; steps++) {
        ck_assert_int_lt(steps, 1000000);
        step_end(p, draw(p, 10) == 0);
        step_time(p);
    }
    ck_assert_int_eq(p->running_count, 0);
    ck_assert_uint_eq(p->ended, p->pushed);
}

START_TEST(random_steps_agree_with_the_model)
{
    const struct haul_sched_limits *limits = &model_limits[_i / SEEDS];
    struct pair p = {.random = 88172645463325252U + (uint64_t)_i * 7919};

    p.origins = 1 + (int)draw(&p, MODEL_ORIGINS);
    p.harm = (unsigned)draw(&p, 3) * 20;
    model_init(&p.model, limits);
    ck_assert_int_eq(haul_sched_create(limits, &p.sched), HAUL_OK);
    for (int i = 0; i < STEPS; i++)
        step(&p);
    play_out(&p);
    for (int i = 0; i < MODEL_WORKERS; i++)
        haul_sched_forget(p.sched, &p.affinity[i]);
    haul_sched_free(p.sched);
}
END_TEST

/*
 * Few origins, all full, nothing but short jobs: the case in which a long origin could starve one.
 */
START_TEST(long_queues_agree_with_the_model_on_patience)
{
    struct pair p = {.random = 1234567 + (uint64_t)_i, .origins = 1 + _i};
    static const struct haul_sched_limits limits = {.window = 100};

    model_init(&p.model, &limits);
    ck_assert_int_eq(haul_sched_create(&limits, &p.sched), HAUL_OK);
    for (int i = 0; i < 12000; i++) {
        while (haul_sched_has_room(p.sched))
            step_push(&p);
        step_pop(&p);
        if (p.running_count > (int)draw(&p, MODEL_WORKERS))
            step_end(&p, false);
    }
    play_out(&p);
    for (int i = 0; i < MODEL_WORKERS; i++)
        haul_sched_forget(p.sched, &p.affinity[i]);
    haul_sched_free(p.sched);
}
END_TEST

/* ---- mirrors ---- */

static struct haul_job *make_mirrored(const char *origin, const char *mirror, const char *last)
{
    struct haul_mirror mirrors[] = {{"http://m/", mirror, NULL, NULL},
                                    {"http://n/", last, NULL, NULL}};
    struct haul_entry_options options;
    struct haul_job *job = make_job(origin, 1);

    haul_entry_options_init(&options);
    options.mirrors = mirrors;
    options.mirror_count = last ? 2 : 1;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    return job;
}

static void assert_pops(struct haul_sched *sched, int64_t now_us, enum haul_pop pop,
                        const char *origin)
{
    struct haul_affinity affinity = {0};
    struct haul_job *job = NULL;
    int64_t until_us;

    ck_assert_int_eq(haul_sched_pop(sched, &affinity, now_us, &job, &until_us), pop);
    haul_sched_forget(sched, &affinity);
    if (origin)
        ck_assert_str_eq(job->origin, origin);
}

/* The window holds one job only: moving it needs no place. */
START_TEST(job_moved_waits_for_its_turn_at_the_mirror)
{
    struct haul_sched_limits limits = {.window = 1, .host_interval_us = SECOND};
    struct haul_job *job = make_mirrored("a", "b", "a");
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    haul_sched_close(sched);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_MADE};
    ck_assert_int_eq(haul_sched_move(sched, job, 10), HAUL_OK);
    ck_assert_uint_eq(haul_sched_count(sched).admitted, 1);
    ck_assert_str_eq(job->url, "http://m/");
    assert_pops(sched, 10, HAUL_POP_RUN, "b");
    ck_assert_int_eq(haul_sched_move(sched, job, 20), HAUL_OK);
    ck_assert(!haul_job_has_next_mirror(job));
    assert_pops(sched, 20, HAUL_POP_WAIT, NULL); /* as politely as any other of its origin */
    assert_pops(sched, SECOND, HAUL_POP_RUN, "a");
    haul_sched_finish(sched, job, SECOND);
    ck_assert_uint_eq(haul_sched_count(sched).admitted, 0);
    assert_pops(sched, SECOND, HAUL_POP_END, NULL);
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

START_TEST(job_of_an_origin_given_up_goes_to_its_mirror)
{
    struct haul_sched_limits limits = {.window = 8, .host_fail_limit = 1};
    struct haul_job *first = make_job("a", 0), *job = make_mirrored("a", "a", "b");
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, first, 0), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    first->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_FAILED};
    haul_sched_finish(sched, first, 1);
    haul_job_free(first);
    assert_pops(sched, 1, HAUL_POP_RUN, "b"); /* the first mirror is of the same origin */
    ck_assert_uint_eq(job->mirror, 2);
    job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_FAILED};
    haul_sched_finish(sched, job, 2);
    ck_assert_uint_eq(haul_sched_count(sched).admitted, 0);
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

START_TEST(job_moved_after_a_stop_is_pending)
{
    struct haul_sched_limits limits = {.window = 8};
    struct haul_job *job = make_mirrored("a", "b", NULL);
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    haul_sched_drain(sched, 1);
    ck_assert_int_eq(haul_sched_move(sched, job, 2), HAUL_OK);
    assert_pops(sched, 3, HAUL_POP_PENDING, "b");
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

START_TEST(move_without_memory_leaves_the_job_running)
{
    struct haul_sched_limits limits = {.window = 8};
    struct haul_job *job = make_mirrored("a", "b", NULL);
    struct haul_sched *sched;

    ck_assert_int_eq(haul_sched_create(&limits, &sched), HAUL_OK);
    ck_assert_int_eq(haul_sched_push(sched, job, 0), HAUL_OK);
    assert_pops(sched, 0, HAUL_POP_RUN, "a");
    fail_alloc_arm(1);
    ck_assert_int_eq(haul_sched_move(sched, job, 2), HAUL_ERR_NOMEM);
    ck_assert(fail_alloc_disarm());
    ck_assert_uint_eq(haul_sched_count(sched).running, 1);
    ck_assert_uint_eq(job->mirror, 0);
    haul_sched_finish(sched, job, 3);
    haul_job_free(job);
    haul_sched_free(sched);
}
END_TEST

static TCase *make_situations(void)
{
    TCase *tcase = tcase_create("situations");

    tcase_set_timeout(tcase, 10);
    tcase_add_loop_test(tcase, situation_played_gives_the_jobs_told, 0, COUNT(situations));
    tcase_add_test(tcase, long_origin_with_idle_one_waiting_is_left_after_a_streak);
    tcase_add_test(tcase, long_origin_alone_is_not_left);
    tcase_add_test(tcase, origin_first_in_line_after_its_streak_gives_way);
    tcase_add_loop_test(tcase, origin_slowed_down_much_recovers_wholly, 0, COUNT(per_hosts));
    tcase_add_loop_test(tcase, full_window_has_no_room_until_a_job_leaves, 0, 3);
    tcase_add_test(tcase, full_window_bytes_has_no_room_but_for_a_lone_job);
    tcase_add_test(tcase, job_that_waits_for_a_worker_counts_it_as_queue);
    tcase_add_test(tcase, job_that_waits_for_its_origin_counts_it_as_parked);
    tcase_add_test(tcase,
                   job_that_nobody_takes_when_its_origin_is_free_again_counts_the_rest_as_queue);
    tcase_add_test(tcase, job_taken_long_after_it_was_due_counts_the_rest_as_queue);
    tcase_add_test(tcase, job_that_waits_for_the_rate_of_all_counts_it_as_parked);
    tcase_add_test(tcase, origins_looked_at_tell_their_state);
    tcase_add_test(tcase, very_many_dead_origins_take_bounded_memory);
    tcase_add_test(tcase, origin_given_up_with_very_many_parked_jobs_reports_all_of_them);
    tcase_add_test(tcase, job_moved_waits_for_its_turn_at_the_mirror);
    tcase_add_test(tcase, job_of_an_origin_given_up_goes_to_its_mirror);
    tcase_add_test(tcase, job_moved_after_a_stop_is_pending);
    tcase_add_test(tcase, move_without_memory_leaves_the_job_running);
    tcase_add_test(tcase, creation_without_memory_fails_cleanly);
    tcase_add_test(tcase, push_without_memory_leaves_the_job_with_the_caller);
    return tcase;
}

static TCase *make_model(void)
{
    TCase *tcase = tcase_create("model");

    tcase_add_loop_test(tcase, random_steps_agree_with_the_model, 0, COUNT(model_limits) * SEEDS);
    tcase_add_loop_test(tcase, long_queues_agree_with_the_model_on_patience, 0, MODEL_ORIGINS);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("sched");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, make_situations());
    suite_add_tcase(suite, make_model());
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
