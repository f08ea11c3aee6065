#include "journal/syncer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/again.h"
#include "base/clock.h"

struct haul_syncer {
    int fd;                         /* [const after create] */
    struct haul_syncer_first first; /* [const after create] */
    int64_t interval_us;            /* [const after create] */
    uv_thread_t thread;
    uv_mutex_t lock;
    uv_cond_t changed;
    bool is_dirty;   /* [lock] something was written since the last sync began */
    bool is_leaving; /* [lock] */
    bool is_idle;    /* [lock] the thread waits for something to do, without a time limit */
    int error;       /* [lock] sticky */
};

int haul_syncer_sync(int fd, const struct haul_syncer_first *first)
{
    int failed = first->sync ? first->sync(first->arg) : 0;

    if (failed)
        return failed;
    HAUL_AGAIN(failed, fdatasync(fd));
    return failed && errno != EINVAL && errno != EROFS ? errno : 0;
}

/* Whether there is something to sync; false: the end. */
static bool wait_for_work_locked(struct haul_syncer *syncer, int64_t due_us)
{
    int64_t left_us;

    while (!syncer->is_leaving && (!syncer->is_dirty || syncer->error)) {
        syncer->is_idle = true;
        uv_cond_wait(&syncer->changed, &syncer->lock);
    }
    syncer->is_idle = false;
    while (!syncer->is_leaving && (left_us = due_us - haul_clock_us()) > 0)
        (void)uv_cond_timedwait(&syncer->changed, &syncer->lock, (uint64_t)left_us * 1000);
    return !syncer->is_leaving;
}

static void run_syncer(void *arg)
{
    struct haul_syncer *syncer = arg;
    int64_t due_us = haul_clock_us() + syncer->interval_us;

    uv_mutex_lock(&syncer->lock);
    while (wait_for_work_locked(syncer, due_us)) {
        int error;

        syncer->is_dirty = false;
        uv_mutex_unlock(&syncer->lock);
        error = haul_syncer_sync(syncer->fd, &syncer->first);
        due_us = haul_clock_us() + syncer->interval_us;
        uv_mutex_lock(&syncer->lock);
        syncer->error = error;
    }
    uv_mutex_unlock(&syncer->lock);
}

enum haul_err haul_syncer_create(int fd, const struct haul_syncer_first *first, int64_t interval_us,
                                 struct haul_syncer **out)
{
    struct haul_syncer *syncer = calloc(1, sizeof *syncer);

    if (!syncer)
        return HAUL_ERR_NOMEM;
    syncer->fd = fd;
    syncer->first = *first;
    syncer->interval_us = interval_us;
    if (uv_mutex_init(&syncer->lock))
        goto no_lock;
    if (uv_cond_init(&syncer->changed))
        goto no_condition;
    if (uv_thread_create(&syncer->thread, run_syncer, syncer))
        goto no_thread;
    *out = syncer;
    return HAUL_OK;

no_thread:
    uv_cond_destroy(&syncer->changed);
no_condition:
    uv_mutex_destroy(&syncer->lock);
no_lock:
    free(syncer);
    return HAUL_ERR_SYSTEM;
}

int haul_syncer_ask(struct haul_syncer *syncer)
{
    int error;

    uv_mutex_lock(&syncer->lock);
    syncer->is_dirty = true;
    error = syncer->error;
    if (syncer->is_idle)
        uv_cond_signal(&syncer->changed);
    uv_mutex_unlock(&syncer->lock);
    return error;
}

int haul_syncer_free(struct haul_syncer *syncer)
{
    int error;

    if (!syncer)
        return 0;
    uv_mutex_lock(&syncer->lock);
    syncer->is_leaving = true;
    uv_cond_signal(&syncer->changed);
    uv_mutex_unlock(&syncer->lock);
    uv_thread_join(&syncer->thread);
    error = syncer->error;
    uv_cond_destroy(&syncer->changed);
    uv_mutex_destroy(&syncer->lock);
    free(syncer);
    return error;
}
