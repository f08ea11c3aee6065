#include "engine/resultq.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* The collector takes results at most so often, while the queue is less than half full. */
#define GATHER_NS UINT64_C(2000000)

struct haul_resultq {
    uv_mutex_t lock;
    uv_cond_t not_full, not_empty, has_room_for_bodies;
    size_t capacity;                      /* [const after create] */
    struct haul_job_list jobs;            /* [lock] */
    struct haul_note *notes, **last_note; /* [lock] */
    struct haul_note *status;             /* [lock] of the notes, the one of this kind, or NULL */
    size_t messages;                      /* [lock] notes of this kind */
    size_t in_hand;                       /* [lock] jobs that were taken last */
    size_t bodies, bodies_in_hand;        /* [lock] of these jobs, those with parcels */
    bool has_refused;                     /* [lock] a worker is to be told when there is room */
    void (*nudge)(void *arg);             /* [const] or NULL */
    void *nudge_arg;                      /* [const] */
    uint64_t lines, taken;                /* [lock] as haul_resultq_counts */
    uint64_t taken_ns;                    /* [lock] when the collector last took something */
    bool taker_gathers;                   /* [lock] waits for more, or for its time */
    bool taker_waits;                     /* [lock] */
    bool dispatcher_waits;                /* [lock] for room */
    bool has_all_lines;                   /* [lock] `lines` is final: others are unwanted */
    bool has_lost;                        /* [lock] as haul_resultq_counts */
    bool closed;                          /* [lock] */
};

static bool init_locks(struct haul_resultq *queue)
{
    if (uv_mutex_init(&queue->lock))
        return false;
    if (uv_cond_init(&queue->not_full)) {
        uv_mutex_destroy(&queue->lock);
        return false;
    }
    if (uv_cond_init(&queue->not_empty)) {
        uv_cond_destroy(&queue->not_full);
        uv_mutex_destroy(&queue->lock);
        return false;
    }
    if (uv_cond_init(&queue->has_room_for_bodies) == 0)
        return true;
    uv_cond_destroy(&queue->not_empty);
    uv_cond_destroy(&queue->not_full);
    uv_mutex_destroy(&queue->lock);
    return false;
}

enum haul_err haul_resultq_create(size_t capacity, struct haul_resultq **out)
{
    struct haul_resultq *queue = calloc(1, sizeof *queue);

    if (!queue)
        return HAUL_ERR_NOMEM;
    if (!init_locks(queue)) {
        free(queue);
        return HAUL_ERR_SYSTEM;
    }
    queue->capacity = capacity;
    queue->last_note = &queue->notes;
    *out = queue;
    return HAUL_OK;
}

static void free_jobs(struct haul_job_list *jobs)
{
    struct haul_job *job;

    while ((job = haul_job_list_take(jobs)))
        haul_job_free(job);
}

void haul_resultq_free(struct haul_resultq *queue)
{
    struct haul_note *note;

    if (!queue)
        return;
    free_jobs(&queue->jobs);
    while ((note = queue->notes)) {
        queue->notes = note->next;
        free(note);
    }
    uv_cond_destroy(&queue->has_room_for_bodies);
    uv_cond_destroy(&queue->not_empty);
    uv_cond_destroy(&queue->not_full);
    uv_mutex_destroy(&queue->lock);
    free(queue);
}

static void signal_taker_locked(struct haul_resultq *queue)
{
    bool is_full_enough = queue->closed || queue->jobs.count >= queue->capacity / 2 ||
                          queue->bodies >= HAUL_RESULTQ_BODIES_MAX / 2;

    if (!queue->taker_waits && !(queue->taker_gathers && is_full_enough))
        return;
    /* One signal is enough until it waits again. */
    queue->taker_waits = queue->taker_gathers = false;
    uv_cond_signal(&queue->not_empty);
}

static bool is_full_locked(const struct haul_resultq *queue)
{
    return queue->jobs.count >= queue->capacity ||
           queue->jobs.count + queue->in_hand >= 2 * queue->capacity;
}

void haul_resultq_await_room(struct haul_resultq *queue, uint64_t lines)
{
    uv_mutex_lock(&queue->lock);
    if (!queue->has_all_lines)
        queue->lines = lines;
    queue->dispatcher_waits = true;
    while (is_full_locked(queue))
        uv_cond_wait(&queue->not_full, &queue->lock);
    queue->dispatcher_waits = false;
    uv_mutex_unlock(&queue->lock);
}

struct haul_resultq_counts haul_resultq_count(struct haul_resultq *queue)
{
    struct haul_resultq_counts counts;

    uv_mutex_lock(&queue->lock);
    counts = (struct haul_resultq_counts){.lines = queue->lines,
                                          .taken = queue->taken,
                                          .is_full = is_full_locked(queue),
                                          .has_lost = queue->has_lost};
    uv_mutex_unlock(&queue->lock);
    return counts;
}

uint64_t haul_resultq_end_lines(struct haul_resultq *queue)
{
    uint64_t lines;

    uv_mutex_lock(&queue->lock);
    queue->has_all_lines = true;
    lines = queue->lines;
    uv_mutex_unlock(&queue->lock);
    return lines;
}

/* Those of lines that nobody counts. */
static void sort_out_locked(const struct haul_resultq *queue, struct haul_job_list *jobs,
                            struct haul_job_list *unwanted)
{
    struct haul_job_list all = *jobs;
    struct haul_job *job;

    *jobs = (struct haul_job_list){0};
    while ((job = haul_job_list_take(&all)))
        haul_job_list_add(job->rec.seq < queue->lines ? jobs : unwanted, job);
}

/* ---- bodies for an archive ---- */

void haul_resultq_set_nudge(struct haul_resultq *queue, void (*nudge)(void *arg), void *arg)
{
    queue->nudge = nudge;
    queue->nudge_arg = arg;
}

static bool has_room_for_bodies_locked(const struct haul_resultq *queue)
{
    return queue->bodies + queue->bodies_in_hand < HAUL_RESULTQ_BODIES_MAX;
}

bool haul_resultq_await_bodies(struct haul_resultq *queue, bool may_block)
{
    bool has_room;

    uv_mutex_lock(&queue->lock);
    while (may_block && !has_room_for_bodies_locked(queue))
        uv_cond_wait(&queue->has_room_for_bodies, &queue->lock);
    has_room = has_room_for_bodies_locked(queue);
    queue->has_refused = queue->has_refused || !has_room;
    uv_mutex_unlock(&queue->lock);
    return has_room;
}

/* Those in hand have been appended. Whether somebody is to be nudged. */
static bool give_room_for_bodies_locked(struct haul_resultq *queue)
{
    bool was_full = !has_room_for_bodies_locked(queue), nudges;

    queue->bodies_in_hand = 0;
    if (!was_full || !has_room_for_bodies_locked(queue))
        return false;
    uv_cond_broadcast(&queue->has_room_for_bodies);
    nudges = queue->has_refused;
    queue->has_refused = false;
    return nudges;
}

static size_t count_bodies(const struct haul_job_list *jobs)
{
    size_t count = 0;

    for (const struct haul_job *job = jobs->head; job; job = job->next)
        count += job->parcels || job->captures;
    return count;
}

/* ---- jobs ---- */

void haul_resultq_push_all(struct haul_resultq *queue, struct haul_job_list *jobs)
{
    struct haul_job_list unwanted = {0};

    uv_mutex_lock(&queue->lock);
    if (queue->has_all_lines)
        sort_out_locked(queue, jobs, &unwanted);
    if (!queue->closed)
        queue->bodies += count_bodies(jobs);
    haul_job_list_append(queue->closed ? &unwanted : &queue->jobs, jobs);
    signal_taker_locked(queue);
    uv_mutex_unlock(&queue->lock);
    free_jobs(&unwanted);
}

void haul_resultq_push(struct haul_resultq *queue, struct haul_job *job)
{
    struct haul_job_list jobs = {0};

    haul_job_list_add(&jobs, job);
    haul_resultq_push_all(queue, &jobs);
}

/* Whether the note was kept. */
static bool keep_note_locked(struct haul_resultq *queue, struct haul_note *note)
{
    if (queue->closed)
        return false;
    if (note->kind == HAUL_NOTE_MESSAGE && queue->messages++ >= HAUL_NOTE_MESSAGES_MAX)
        return false;
    if (note->kind == HAUL_NOTE_STATUS && queue->status) {
        queue->status->status = note->status;
        return false;
    }
    if (note->kind == HAUL_NOTE_STATUS)
        queue->status = note;
    note->next = NULL;
    *queue->last_note = note;
    queue->last_note = &note->next;
    signal_taker_locked(queue);
    return true;
}

void haul_resultq_post(struct haul_resultq *queue, struct haul_note *note)
{
    bool is_kept;

    uv_mutex_lock(&queue->lock);
    is_kept = keep_note_locked(queue, note);
    uv_mutex_unlock(&queue->lock);
    if (!is_kept)
        free(note);
}

struct haul_note *haul_note_create(enum haul_note_kind kind, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 1;
    struct haul_note *note = calloc(1, sizeof *note + size);

    if (!note)
        return NULL;
    note->kind = kind;
    if (text)
        memcpy(note->text, text, size);
    return note;
}

void haul_resultq_tell(struct haul_resultq *queue, enum haul_note_kind kind, const char *text)
{
    struct haul_note *note = haul_note_create(kind, text);

    if (note) {
        haul_resultq_post(queue, note);
    } else if (kind == HAUL_NOTE_INPUT_FAULT) {
        uv_mutex_lock(&queue->lock);
        queue->has_lost = true;
        uv_mutex_unlock(&queue->lock);
    }
}

void haul_resultq_close(struct haul_resultq *queue)
{
    uv_mutex_lock(&queue->lock);
    queue->closed = true;
    signal_taker_locked(queue);
    uv_mutex_unlock(&queue->lock);
}

static void wait_for_something_locked(struct haul_resultq *queue)
{
    while (!queue->jobs.head && !queue->notes && !queue->closed) {
        queue->taker_waits = true;
        uv_cond_wait(&queue->not_empty, &queue->lock);
    }
    queue->taker_waits = false;
}

/*
 * Where results come by the thousand, waking the collector for each would cost more than the
 * results: it sleeps out a short time after the last batch, unless the queue fills up.
 */
static void wait_for_more_locked(struct haul_resultq *queue)
{
    uint64_t until_ns = queue->taken_ns + GATHER_NS;

    while (!queue->closed && queue->jobs.count < queue->capacity / 2) {
        uint64_t now_ns = uv_hrtime();

        if (now_ns >= until_ns)
            break;
        queue->taker_gathers = true;
        (void)uv_cond_timedwait(&queue->not_empty, &queue->lock, until_ns - now_ns);
    }
    queue->taker_gathers = false;
    queue->taken_ns = uv_hrtime();
}

enum haul_err haul_resultq_take_all(struct haul_resultq *queue, struct haul_job_list *jobs,
                                    struct haul_note **notes)
{
    enum haul_err err;
    bool nudges;

    uv_mutex_lock(&queue->lock);
    queue->in_hand = 0;
    nudges = give_room_for_bodies_locked(queue);
    if (nudges) {
        uv_mutex_unlock(&queue->lock);
        queue->nudge(queue->nudge_arg);
        uv_mutex_lock(&queue->lock);
    }
    if (queue->dispatcher_waits && !is_full_locked(queue))
        uv_cond_signal(&queue->not_full);
    wait_for_something_locked(queue);
    wait_for_more_locked(queue);
    err = queue->jobs.head || queue->notes ? HAUL_OK : HAUL_ERR_CLOSED;
    *jobs = queue->jobs;
    *notes = queue->notes;
    queue->jobs = (struct haul_job_list){0};
    queue->notes = queue->status = NULL;
    queue->last_note = &queue->notes;
    queue->messages = 0;
    queue->in_hand = jobs->count;
    queue->bodies_in_hand = queue->bodies;
    queue->bodies = 0;
    queue->taken += jobs->count;
    if (queue->dispatcher_waits && !is_full_locked(queue))
        uv_cond_signal(&queue->not_full);
    uv_mutex_unlock(&queue->lock);
    return err;
}
