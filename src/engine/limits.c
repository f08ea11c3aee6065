#include "engine/limits.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "engine/resultq.h"
#include "transfer/streams.h"

enum { STACK_BYTES = 512 << 10 }; /* enough for any thread */

int haul_limits_workers(const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (config->source[i].kind != HAUL_SOURCE_URL)
            return config->jobs;
    if (!config->source_count || config->source_count > (size_t)config->jobs)
        return config->jobs;
    return (int)config->source_count;
}

/*
 * For each stream also a file with its directory and what is open while it gets its name, or a
 * scratch file; and those of bodies that are to be appended to an archive.
 */
static enum haul_err allow_descriptors(const struct haul_config *config, struct haul_buf *message)
{
    int saving = (config->dir ? 5 : config->tar ? 1 : 0) + (config->warc ? 1 : 0);
    int archives = (config->tar != NULL) + (config->warc != NULL);
    int each = haul_streams_descriptors(config->streams) + saving * config->streams;
    rlim_t needed =
        32 + (rlim_t)config->jobs * (rlim_t)each + (rlim_t)archives * HAUL_RESULTQ_BODIES_MAX;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= needed)
        return HAUL_OK;
    if (limit.rlim_max >= needed) {
        limit.rlim_cur = needed;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            return HAUL_OK;
    }
    haul_buf_addf(message,
                  "%d workers need %llu file descriptors and the system allows %llu: use a smaller "
                  "-j, or raise the limit (ulimit -n)",
                  config->jobs, (unsigned long long)needed, (unsigned long long)limit.rlim_max);
    return HAUL_ERR_SYSTEM;
}

/* libuv gives each thread as much stack as the soft limit says: a thousand workers want less. From
 * 1.45 on those of its pool are not among them. */
static void limit_stacks(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur <= STACK_BYTES)
        return;
    limit.rlim_cur = STACK_BYTES;
    (void)setrlimit(RLIMIT_STACK, &limit);
}

enum haul_err haul_limits_prepare(const struct haul_config *config, struct haul_buf *message)
{
    enum haul_err err = allow_descriptors(config, message);
    char text[16];

    assert(config->jobs >= 1 && config->jobs <= 1024);
    snprintf(text, sizeof text, "%d", haul_limits_workers(config));
    /* libuv reads it when the pool is first used, and corrects bad values silently. */
    if (!err && setenv("UV_THREADPOOL_SIZE", text, 1))
        err = HAUL_ERR_NOMEM;
    limit_stacks();
    return err;
}
