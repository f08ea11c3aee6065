#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "play_sched.h"

/*
 * The scheduler, a dispatcher that reads a list, and a spill that is an array: random traffic, with
 * the clock in hand. What must hold is said once more here, in the plainest way: every line ends
 * once, in the order of its origin; who may not be asked has no more than its share; nobody waits
 * for what nobody would do.
 */
/* Check writes a line for each assertion, and there are millions. */
#define MUST(what)                                                                                 \
    do {                                                                                           \
        if (!(what))                                                                               \
            ck_abort_msg("not so: %s", #what);                                                     \
    } while (0)

enum { LINES = 1500, ORIGINS = 8, SEEDS = 12, STEPS_MAX = 2000000 };

enum state { UNREAD, SPILLED, ADMITTED, RUNNING, ENDED };

struct line {
    struct haul_job *job; /* while it is spilled or running */
    enum state state;
    int origin;
    int64_t place;
    bool has_started;
};

struct world {
    const struct haul_sched_limits *limits;
    struct haul_sched *sched;
    struct haul_affinity affinity[WORKERS];
    bool waits[WORKERS]; /* the worker found nothing */
    struct line line[LINES];
    int read, ended, spilled_ever;
    int64_t last_started[ORIGINS]; /* the line that was started last for the first time */
    int64_t now;
    uint64_t random;
    int origins;
    unsigned harm; /* in 100 answers */
    bool is_full;  /* nothing can be spilled now */
    bool draining, closed;
};

static uint64_t draw(struct world *w, uint64_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random % below;
}

static const char *name_of(int origin)
{
    static const char *const names[ORIGINS] = {"a", "b", "c", "d", "e", "f", "g", "h"};

    return names[origin];
}

/* A third of the origins each: as all, slowly, one at a time. */
static void look_up(const void *arg, const char *key, int *per_host, int64_t *host_interval_us)
{
    (void)arg;
    if ((*key - 'a') % 3 == 1)
        *host_interval_us = 400;
    if ((*key - 'a') % 3 == 2)
        *per_host = 1;
}

static const struct haul_sched_limits limits_of[] = {
    {.window = 1, .host_interval_us = 50},
    {.window = 2, .per_host = 1},
    {.window = 8, .host_interval_us = 100, .host_fail_limit = 3},
    {.window = 8, .window_bytes = 4000, .per_host = 1},
    {.window = 32, .look_up = look_up, .host_fail_limit = 5},
    {.window = 64, .interval_us = 10, .look_up = look_up},
};

/* ---- lines ---- */

static struct line *line_of(struct world *w, const struct haul_job *job)
{
    return &w->line[job->rec.seq];
}

static struct haul_job *read_line(struct world *w)
{
    struct line *line = &w->line[w->read];
    struct haul_mirror mirror = {.url = "http://m/"};
    struct haul_entry_options options;
    struct haul_job *job;

    line->origin =
        draw(w, 3) ? (int)draw(w, (uint64_t)w->origins) : 0; /* a head, as lists have one */
    job = make_job(name_of(line->origin), (uint64_t)w->read);
    haul_entry_options_init(&options);
    mirror.origin = name_of((int)draw(w, (uint64_t)w->origins));
    options.mirrors = &mirror;
    options.mirror_count = !draw(w, 4);
    if (options.mirror_count)
        MUST(haul_job_keep_options(job, &options) == HAUL_OK);
    return job;
}

static void enter(struct world *w, const struct haul_job *job)
{
    struct line *line = line_of(w, job);

    MUST(line->state <= SPILLED);
    line->state = ADMITTED;
}

static void end(struct world *w, struct haul_job *job)
{
    struct line *line = line_of(w, job);

    MUST(line->state != ENDED);
    line->state = ENDED;
    w->ended++;
    haul_job_free(job);
}

/* A line's first start comes after those of all lines of its origin before it. */
static void check_order(struct world *w, const struct haul_job *job)
{
    struct line *line = line_of(w, job);

    if (line->has_started || job->mirror)
        return;
    line->has_started = true;
    MUST((int64_t)job->rec.seq > w->last_started[line->origin]);
    w->last_started[line->origin] = (int64_t)job->rec.seq;
}

/* ---- the dispatcher ---- */

static void spill_line(struct world *w, struct haul_job *job, int64_t place)
{
    struct line *line = line_of(w, job);

    for (int i = 0; i < w->read; i++)
        MUST(w->line[i].state != SPILLED || w->line[i].place != place);
    if (!draw(w, 20)) { /* it cannot be written */
        haul_sched_unspill(w->sched, job, w->now);
        w->is_full = true;
        haul_job_free(job);
        return;
    }
    *line = (struct line){job, SPILLED, line->origin, place, false};
    w->spilled_ever++;
    w->read++;
}

static void bring_back(struct world *w)
{
    struct haul_refill refill;
    struct haul_job_list jobs = {0};

    haul_sched_take_refill(w->sched, &refill);
    MUST(refill.count >= 1);
    refill.count = 1 + draw(w, refill.count);
    for (size_t n = 0; n < refill.count; n++) {
        int i = 0;

        while (i < w->read &&
               (w->line[i].state != SPILLED || w->line[i].place != refill.place + (int64_t)n))
            i++;
        MUST(i < w->read); /* else one is asked for that was not spilled */
        haul_job_list_add(&jobs, w->line[i].job);
        enter(w, w->line[i].job);
    }
    MUST(haul_sched_refill(w->sched, &refill, &jobs, w->now) == HAUL_OK);
    w->is_full = false;
}

static bool anyone_waits(const struct world *w)
{
    bool waits = false;

    for (int i = 0; i < WORKERS; i++)
        waits = waits || w->waits[i];
    return waits;
}

/* As the scheduler has it before a job is offered. */
struct look {
    size_t ready[ORIGINS], admitted[ORIGINS], all;
};

static void look_at_origin(void *arg, const struct haul_origin_status *status)
{
    struct look *look = arg;
    int origin = *status->key - 'a';

    look->ready[origin] = status->ready;
    look->admitted[origin] = status->ready + status->running + status->parked;
    look->all += look->admitted[origin];
}

/* What is taken of an origin that has ready jobs is within its share. */
static void check_share(const struct world *w, int origin, const struct look *look)
{
    size_t free = w->limits->window - look->all;

    MUST(look->all < w->limits->window);
    MUST(!look->ready[origin] || look->admitted[origin] < free);
}

static void offer_line(struct world *w)
{
    enum haul_spilling spilling = anyone_waits(w) ? HAUL_SPILLING_NOW : HAUL_SPILLING_LATER;
    struct haul_job *job = read_line(w);
    struct look look = {0};
    struct haul_refill refill;
    enum haul_offer offer;

    (void)haul_sched_is_ready(w->sched, w->now); /* what has become due, is */
    haul_sched_each_origin(w->sched, look_at_origin, &look);
    if (w->is_full)
        spilling = HAUL_SPILLING_NEVER;
    offer = haul_sched_offer(w->sched, job, spilling, false, w->now, &refill);
    switch (offer) {
    case HAUL_OFFER_TAKEN:
        if (spilling != HAUL_SPILLING_NEVER)
            check_share(w, w->line[w->read].origin, &look);
        enter(w, job);
        w->read++;
        break;
    case HAUL_OFFER_SPILL:
        MUST(spilling == HAUL_SPILLING_NOW);
        spill_line(w, job, refill.place);
        break;
    default:
        MUST(offer == HAUL_OFFER_HELD);
        haul_job_free(job);
    }
}

static void give_out_spilled(struct world *w)
{
    for (int i = 0; i < w->read; i++)
        if (w->line[i].state == SPILLED)
            end(w, w->line[i].job);
    while (w->read < LINES) {
        w->line[w->read].state = ENDED;
        w->read++;
        w->ended++;
    }
}

static void dispatch(struct world *w)
{
    if (w->closed)
        return;
    if (w->draining)
        give_out_spilled(w);
    else if (haul_sched_is_hungry(w->sched, w->now))
        bring_back(w);
    else if (w->read < LINES && haul_sched_has_room(w->sched))
        offer_line(w);
    if (w->read == LINES && (w->draining || !haul_sched_count(w->sched).spilled)) {
        haul_sched_close(w->sched);
        w->closed = true;
    }
}

/* ---- workers ---- */

static enum haul_pop pop(struct world *w)
{
    int worker = (int)draw(w, WORKERS);
    struct haul_job *job = NULL;
    int64_t until_us;
    enum haul_pop pop = haul_sched_pop(w->sched, &w->affinity[worker], w->now, &job, &until_us);

    w->waits[worker] = pop == HAUL_POP_WAIT;
    if (pop == HAUL_POP_WAIT && until_us != HAUL_CLOCK_NEVER && !draw(w, 8))
        w->now = until_us;
    if (pop == HAUL_POP_END)
        MUST(w->ended == LINES);
    if (!job)
        return pop;
    if (!w->draining)
        check_order(w, job);
    if (pop == HAUL_POP_RUN) {
        line_of(w, job)->state = RUNNING;
        line_of(w, job)->job = job;
    } else {
        end(w, job);
    }
    return pop;
}

static struct haul_attempt draw_attempt(struct world *w)
{
    struct haul_attempt attempt = {.contact = HAUL_CONTACT_MADE};

    if (draw(w, 100) >= w->harm)
        return attempt;
    attempt.contact = (enum haul_contact)draw(w, 3);
    attempt.throttled = draw(w, 2);
    attempt.refused = !draw(w, 4);
    attempt.pause_us = draw(w, 3) ? 0 : (int64_t)draw(w, 5000);
    return attempt;
}

static void finish_one(struct world *w)
{
    int first = (int)draw(w, LINES), i = first;
    struct haul_job *job;

    do
        i = (i + 1) % LINES;
    while (i != first && w->line[i].state != RUNNING);
    if (w->line[i].state != RUNNING)
        return;
    job = w->line[i].job;
    job->attempt = draw_attempt(w);
    w->line[i].state = ADMITTED;
    if (!draw(w, 8)) {
        haul_sched_park(w->sched, job, w->now + (int64_t)draw(w, 400), w->now);
    } else if (!draw(w, 8) && haul_job_has_next_mirror(job)) {
        MUST(haul_sched_move(w->sched, job, w->now) == HAUL_OK);
    } else {
        haul_sched_finish(w->sched, job, w->now);
        end(w, job);
    }
}

static void step(struct world *w)
{
    uint64_t what = draw(w, 100);

    if (what < 35)
        dispatch(w);
    else if (what < 65)
        (void)pop(w);
    else if (what < 90)
        finish_one(w);
    else
        w->now += (int64_t)draw(w, 100);
    MUST(haul_sched_count(w->sched).admitted <= w->limits->window);
}

/* ---- runs ---- */

/* Returns how many were spilled. */
static int play(const struct haul_sched_limits *limits, uint64_t seed, bool drains)
{
    static struct world world;
    struct world *w = &world;
    int steps = 0, drain_at;

    *w = (struct world){.limits = limits, .random = 88172645463325252U + seed * 7919};
    for (int i = 0; i < ORIGINS; i++)
        w->last_started[i] = -1;
    w->origins = 1 + (int)draw(w, ORIGINS);
    w->harm = (unsigned)draw(w, 3) * 20;
    drain_at = drains ? (int)draw(w, LINES * 4) : -1;
    MUST(haul_sched_create(limits, &w->sched) == HAUL_OK);
    while (w->ended < LINES) {
        MUST(steps < STEPS_MAX);
        if (steps++ == drain_at) {
            w->draining = true;
            haul_sched_drain(w->sched, w->now);
        }
        step(w);
    }
    dispatch(w);
    MUST(pop(w) == HAUL_POP_END);
    for (int i = 0; i < WORKERS; i++)
        haul_sched_forget(w->sched, &w->affinity[i]);
    haul_sched_free(w->sched);
    return w->spilled_ever;
}

START_TEST(every_line_ends_once_and_in_order)
{
    (void)play(&limits_of[_i / SEEDS], (uint64_t)_i, _i % 3 == 2);
}
END_TEST

START_TEST(lines_are_spilled_in_these_runs)
{
    int spilled = 0;

    for (int i = 0; i < 8; i++)
        spilled += play(&limits_of[2 + i % 4], (uint64_t)(1000 + i), false);
    MUST(spilled > 1000);
}
END_TEST

/* ---- one by one ---- */

enum { WINDOW = 9 };

static enum haul_offer offer_one(struct play *play, const char *origin, enum haul_spilling spilling,
                                 struct haul_refill *refill)
{
    struct haul_job *job = make_job(origin, play->pushed);
    enum haul_offer offer = haul_sched_offer(play->sched, job, spilling, false, 0, refill);

    if (offer != HAUL_OFFER_TAKEN)
        haul_job_free(job);
    play->pushed++;
    return offer;
}

/* One running and, of a window of 9, four waiting are half of it; a second host then gets a third
 * of the rest, and so on, and there is always room for another. */
START_TEST(shares_adapt_to_who_else_is_held)
{
    static const size_t expected[] = {5, 2, 1};
    struct haul_refill refill;
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = WINDOW, .host_interval_us = SECOND});
    for (int origin = 0; origin < 3; origin++) {
        size_t taken = 1;

        play_push(&play, name_of(origin), 0);
        (void)play_pop(&play, 0, 0);
        while (offer_one(&play, name_of(origin), HAUL_SPILLING_NOW, &refill) == HAUL_OFFER_TAKEN)
            taken++;
        ck_assert_uint_eq(taken, expected[origin] + (origin == 2));
        ck_assert(origin == 2 || haul_sched_has_room(play.sched));
    }
    end_play(&play);
}
END_TEST

START_TEST(who_has_spilled_jobs_has_order_kept_and_is_fed_when_dry)
{
    struct haul_refill refill = {0};
    struct haul_job_list jobs = {0};
    struct haul_job *job;
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 4, .per_host = 1});
    play_push(&play, "a", 0);
    job = play_pop(&play, 0, 0);
    ck_assert_int_eq(offer_one(&play, "a", HAUL_SPILLING_NOW, &refill), HAUL_OFFER_TAKEN);
    ck_assert_int_eq(offer_one(&play, "a", HAUL_SPILLING_LATER, &refill), HAUL_OFFER_HELD);
    ck_assert_int_eq(offer_one(&play, "a", HAUL_SPILLING_NOW, &refill), HAUL_OFFER_SPILL);
    ck_assert_int_eq(offer_one(&play, "a", HAUL_SPILLING_NEVER, &refill), HAUL_OFFER_HELD);
    ck_assert_int_eq(offer_one(&play, "b", HAUL_SPILLING_NOW, &refill), HAUL_OFFER_TAKEN);
    ck_assert(!haul_sched_is_hungry(play.sched, 0));
    haul_sched_finish(play.sched, job, 0);
    haul_job_free(job);
    (void)play_pop(&play, 0, 0); /* the last one that is ready */
    play_push(&play, "c", 0);    /* of the share, not even half is left */
    ck_assert(haul_sched_is_hungry(play.sched, 0));
    haul_sched_take_refill(play.sched, &refill);
    ck_assert_uint_eq(refill.count, 1);
    haul_job_list_add(&jobs, make_job("a", 77));
    ck_assert_int_eq(haul_sched_refill(play.sched, &refill, &jobs, 0), HAUL_OK);
    ck_assert_uint_eq(haul_sched_count(play.sched).spilled, 0);
    ck_assert(!haul_sched_is_hungry(play.sched, 0));
    end_play(&play);
}
END_TEST

START_TEST(run_has_not_ended_while_jobs_are_spilled)
{
    struct haul_refill refill = {0};
    struct haul_job *job;
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 4, .per_host = 1});
    play_push(&play, "a", 0);
    job = play_pop(&play, 0, 0);
    play_push(&play, "a", 0);
    ck_assert_int_eq(offer_one(&play, "a", HAUL_SPILLING_NOW, &refill), HAUL_OFFER_SPILL);
    for (int i = 0; i < 2; i++) {
        haul_sched_finish(play.sched, job, 0);
        haul_job_free(job);
        job = i ? NULL : play_pop(&play, 0, 0);
    }
    haul_sched_close(play.sched);
    ck_assert_uint_eq(haul_sched_count(play.sched).admitted, 0);
    ck_assert(!haul_sched_has_ended(play.sched));
    haul_sched_drain(play.sched, 0);
    ck_assert(haul_sched_has_ended(play.sched));
    end_play(&play);
}
END_TEST

/* What waits at one origin takes its pause and its intervals at least. */
START_TEST(time_left_is_that_of_the_slowest_origin)
{
    struct play play;

    start_play(&play, &(struct haul_sched_limits){.window = 100, .host_interval_us = SECOND});
    ck_assert_int_eq(haul_sched_time_left(play.sched, 0), 0);
    for (int i = 0; i < 11; i++)
        play_push(&play, "a", 0);
    play_push(&play, "b", 0);
    (void)play_pop(&play, 0, 0);
    ck_assert_int_eq(haul_sched_time_left(play.sched, SECOND / 2), 9 * SECOND + SECOND / 2);
    end_play(&play);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spill_model");
    TCase *tcase = tcase_create("model");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, every_line_ends_once_and_in_order, 0, COUNT(limits_of) * SEEDS);
    tcase_add_test(tcase, lines_are_spilled_in_these_runs);
    tcase_add_test(tcase, shares_adapt_to_who_else_is_held);
    tcase_add_test(tcase, who_has_spilled_jobs_has_order_kept_and_is_fed_when_dry);
    tcase_add_test(tcase, run_has_not_ended_while_jobs_are_spilled);
    tcase_add_test(tcase, time_left_is_that_of_the_slowest_origin);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
