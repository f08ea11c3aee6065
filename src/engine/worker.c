#include "engine/worker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "engine/notices.h"
#include "engine/pace.h"
#include "engine/retry.h"
#include "engine/robots_job.h"
#include "transfer/streams.h"

/* Jobs of hosts given up come by the thousand, and transfers under way want service meanwhile. */
enum { UNFETCHED_MAX = 64 };

struct haul_worker {
    struct haul_run *run; /* [const] */
    int number;           /* [const] */
    struct haul_streams *streams;
    struct haul_waiter waiter;
    struct haul_notices passed;
    int *free_slot; /* a stack: a job that ends makes room for one of the same origin */
    int free_slots;
    uint64_t random_state; /* for the jitter of retries */
    bool has_waiter;
};

static void wake_streams(void *arg)
{
    haul_streams_wake(arg);
}

enum haul_err haul_worker_create(struct haul_run *run, int number, struct haul_worker **out)
{
    struct haul_worker *worker = calloc(1, sizeof *worker);
    enum haul_err err;

    if (!worker)
        return HAUL_ERR_NOMEM;
    worker->run = run;
    worker->number = number;
    worker->random_state = ((uint64_t)haul_clock_wall_us() << 10) + (uint64_t)number;
    err = haul_streams_create(run->net, &run->stop, run->config->streams, &worker->streams);
    worker->free_slot = calloc((size_t)run->config->streams, sizeof *worker->free_slot);
    if (!err && !worker->free_slot)
        err = HAUL_ERR_NOMEM;
    for (int i = 0; !err && i < run->config->streams; i++)
        worker->free_slot[worker->free_slots++] = i;
    if (!err)
        err =
            haul_waiter_init(&worker->waiter, run->config->streams, wake_streams, worker->streams);
    worker->has_waiter = !err;
    if (err)
        haul_worker_free(worker);
    else
        *out = worker;
    return err;
}

void haul_worker_free(struct haul_worker *worker)
{
    if (!worker)
        return;
    if (worker->has_waiter)
        haul_waiter_done(&worker->waiter, worker->run->workq);
    haul_streams_free(worker->streams);
    haul_notices_done(&worker->passed);
    free(worker->free_slot);
    free(worker);
}

void haul_worker_wake(struct haul_worker *worker)
{
    haul_streams_wake(worker->streams);
}

/* Why its origin was given up. */
static void explain_skip(struct haul_job *job)
{
    struct haul_record said = job->rec;
    char text[HAUL_INCIDENTS_TEXT_MAX];

    haul_incidents_say(&job->incidents, job->rec.reason, haul_clock_us(), text);
    said.errormsg = text;
    haul_job_keep_text(job, &said);
}

static void report_unfetched(struct haul_worker *worker, struct haul_job *job, enum haul_pop pop)
{
    struct haul_record *rec = &job->rec;

    if (pop == HAUL_POP_PENDING) {
        rec->outcome = HAUL_OUTCOME_PENDING;
        rec->reason = HAUL_REASON_STOPPED;
    } else if (!rec->attempts) {
        rec->outcome = HAUL_OUTCOME_SKIPPED; /* tried ones have failed, with their own reason */
        explain_skip(job);
    }
    haul_resultq_push(worker->run->resultq, job);
}

/*
 * The next job, and with it the end of those in `ended`, which are to go to the collector then.
 * Blocks only with nothing under way and nothing in hand.
 */
static enum haul_pop take_job(struct haul_worker *worker, struct haul_job_list *ended,
                              struct haul_job **out, int64_t *wait_until_us)
{
    struct haul_workq *workq = worker->run->workq;

    worker->waiter.slot = worker->free_slot[worker->free_slots - 1];
    if (ended->head)
        return haul_workq_swap(workq, &worker->waiter, ended, out, wait_until_us);
    return haul_workq_pop(workq, &worker->waiter, !haul_streams_active(worker->streams), out,
                          wait_until_us);
}

/*
 * With an archive, bodies wait for the collector, who appends them: whether there is room for those
 * of another transfer. Blocks only with nothing under way, and nothing in hand.
 */
static bool has_room_for_bodies(struct haul_worker *worker, struct haul_job_list *ended)
{
    struct haul_run *run = worker->run;

    if ((!run->config->tar && !run->config->warc) || haul_resultq_await_bodies(run->resultq, false))
        return true;
    if (ended->head) {
        haul_workq_end(run->workq, ended);
        haul_resultq_push_all(run->resultq, ended);
    }
    return haul_resultq_await_bodies(run->resultq, !haul_streams_active(worker->streams));
}

/* ---- robots.txt ---- */

static void end_mirror(struct haul_job *job)
{
    if (job->options && job->options->mirror_count)
        job->rec.mirror = (int)job->mirror + 1;
}

/* Where its robots.txt does not let it be fetched, another mirror may. */
static void turn_away(struct haul_worker *worker, struct haul_job *job, struct haul_job_list *ended)
{
    end_mirror(job);
    if (haul_job_has_next_mirror(job) && haul_workq_move(worker->run->workq, job) == HAUL_OK)
        return;
    haul_job_list_add(ended, job);
}

static void fail_for_memory(struct haul_job *job)
{
    job->rec.outcome = HAUL_OUTCOME_FAILED;
    job->rec.reason = HAUL_REASON_NO_MEMORY;
    job->attempt = (struct haul_attempt){.unasked = true};
}

/* A job is to be run: it is started, or what has to be asked for first. False: it has ended. */
static bool begin(struct haul_worker *worker, struct haul_job *job, struct haul_job_list *ended)
{
    struct haul_job *starts = job;

    job->slot = worker->free_slot[worker->free_slots - 1];
    if (job->robots.asks)
        starts = haul_robots_job_create(worker->run, job);
    if (!starts) {
        fail_for_memory(job);
        haul_job_list_add(ended, job);
        return false;
    }
    if (starts == job && !haul_robots_job_is_allowed(job)) {
        turn_away(worker, job, ended);
        return false;
    }
    worker->free_slots--;
    haul_streams_start(worker->streams, starts);
    return true;
}

/* The request for a robots.txt is over: its asker has its turn, or has ended. */
static void settle_asker(struct haul_worker *worker, struct haul_job *request,
                         struct haul_job_list *ended)
{
    struct haul_job *job = haul_robots_job_asker(request);
    struct haul_robots_answer answer;
    enum haul_err err;

    worker->free_slot[worker->free_slots++] = request->slot;
    err = haul_robots_job_end(worker->run, request, &worker->random_state, &answer);
    if (!err) {
        haul_workq_tell_robots(worker->run->workq, job, &answer);
        return;
    }
    if (err == HAUL_ERR_CLOSED) {
        job->rec.outcome = HAUL_OUTCOME_PENDING;
        job->rec.reason = HAUL_REASON_STOPPED;
    } else {
        fail_for_memory(job);
    }
    haul_job_list_add(ended, job);
}

/* ---- work ---- */

/*
 * Fills the free streams. Returns until when the streams may wait for the network, or -1 when
 * there is nothing left to do, ever. Blocks when nothing is under way.
 */
static int64_t take_work(struct haul_worker *worker, struct haul_job_list *ended)
{
    int64_t wait_until_us = HAUL_CLOCK_NEVER;
    int unfetched = 0;

    /* A job whose attempt is over is settled first: blocking with it in hand could be for ever. */
    while (haul_streams_free_count(worker->streams) && !haul_streams_has_done(worker->streams)) {
        struct haul_job *job;
        enum haul_pop pop;
        bool had_ended;

        if (!has_room_for_bodies(worker, ended))
            return HAUL_CLOCK_NEVER;
        had_ended = ended->head;
        pop = take_job(worker, ended, &job, &wait_until_us);

        /* What has left the work queue is handed on before anything that could go wrong. */
        if (had_ended)
            haul_resultq_push_all(worker->run->resultq, ended);
        if (pop == HAUL_POP_END)
            return -1;
        if (pop == HAUL_POP_WAIT && haul_streams_active(worker->streams))
            return wait_until_us;
        if (pop == HAUL_POP_SKIP || pop == HAUL_POP_PENDING)
            report_unfetched(worker, job, pop);
        if (pop == HAUL_POP_WAIT || (pop == HAUL_POP_RUN && begin(worker, job, ended)))
            continue;
        if (++unfetched >= UNFETCHED_MAX && haul_streams_active(worker->streams))
            return 0;
    }
    return HAUL_CLOCK_NEVER;
}

/* What is to be done with a job whose attempt is over: it is parked, goes to a mirror, or is added
 * to `ended`. */
static void settle(struct haul_worker *worker, struct haul_job *job, struct haul_job_list *ended)
{
    int64_t now_us = haul_clock_us();
    struct haul_retry retry;

    haul_notices_pass_on(&worker->passed, job, worker->run->resultq);
    if (haul_robots_job_asker(job)) {
        settle_asker(worker, job, ended);
        return;
    }
    job->rec.worker = worker->number;
    end_mirror(job);
    worker->free_slot[worker->free_slots++] = job->slot;
    if (job->goes_on) {
        haul_job_note_attempt(job);
        haul_job_drop_parcels(job);
        haul_workq_park(worker->run->workq, job, now_us);
        return;
    }
    retry = haul_retry_decide(worker->run->config, job, now_us, &worker->random_state);
    if (retry.again || retry.elsewhere) {
        haul_job_note_attempt(job);
        haul_job_drop_parcels(job); /* of attempts, only the last is archived */
    }
    if (retry.again) {
        haul_workq_park(worker->run->workq, job, now_us + retry.wait_us);
        return;
    }
    if (retry.elsewhere && haul_workq_move(worker->run->workq, job) == HAUL_OK)
        return;
    haul_job_drop_cookies(job);
    haul_job_list_add(ended, job);
}

void haul_worker_run(struct haul_worker *worker)
{
    struct haul_job_list ended = {0};
    int64_t wait_until_us;
    struct haul_job *job;

    while ((wait_until_us = take_work(worker, &ended)) >= 0) {
        if (haul_stop_level(&worker->run->stop) >= HAUL_STOP_ABORT)
            haul_streams_abort(worker->streams);
        else
            haul_streams_run(worker->streams, wait_until_us);
        while ((job = haul_streams_take_done(worker->streams)))
            settle(worker, job, &ended);
    }
}
