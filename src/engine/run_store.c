#include "engine/run_store.h"

#include "history/instead.h"

void haul_run_store_done(struct haul_run_store *run)
{
    haul_store_free(run->alone);
    run->alone = NULL;
}

enum haul_err haul_run_store_add(struct haul_run_store *run, const struct haul_job *job)
{
    enum haul_err err;

    if (!run->store || run->has_failed)
        return HAUL_OK;
    err = haul_store_add(run->store, &job->rec, &job->key, job->is_old);
    run->has_failed = err != HAUL_OK;
    return err;
}

bool haul_run_store_leave(struct haul_run_store *run)
{
    return !run->alone && haul_instead_finish(run->store, &run->end, &run->alone) == HAUL_OK;
}

enum haul_err haul_run_store_finish(struct haul_run_store *run, const struct haul_store_end *end)
{
    enum haul_err err;

    if (!run->store || run->has_failed)
        return HAUL_OK;
    run->end = *end;
    err = haul_store_finish(run->store, end);
    run->is_finished = !err;
    run->has_failed = err != HAUL_OK;
    if (err == HAUL_ERR_IO)
        (void)haul_run_store_leave(run); /* else there is nothing to ask, which is found then */
    return err;
}

struct haul_store *haul_run_store_asked(const struct haul_run_store *run)
{
    if (run->alone)
        return run->alone;
    return run->is_finished ? run->store : NULL;
}
