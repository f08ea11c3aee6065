#include "model/entry_limits.h"

#include <assert.h>
#include <limits.h>

static bool is_trusted(const struct haul_config *config)
{
    return config->list_keys == HAUL_LIST_KEYS_ALL;
}

/* ---- attempts ---- */

static int tries_of_run(const struct haul_config *config)
{
    return config->retry < INT_MAX ? config->retry + 1 : INT_MAX;
}

static int tries_of_list(const struct haul_entry_options *options)
{
    return options->max_tries ? options->max_tries : INT_MAX;
}

int haul_entry_tries(const struct haul_config *config, const struct haul_entry_options *options)
{
    int own = tries_of_run(config);

    if (!options || options->max_tries < 0)
        return own;
    return is_trusted(config) || tries_of_list(options) < own ? tries_of_list(options) : own;
}

int64_t haul_entry_wait_us(const struct haul_config *config,
                           const struct haul_entry_options *options, int64_t own_us)
{
    int64_t wait_us;

    if (!options || options->retry_wait_ms < 0)
        return own_us;
    wait_us = options->retry_wait_ms * 1000;
    return is_trusted(config) || wait_us > own_us ? wait_us : own_us;
}

/* Where the run has no delay of its own, its waits grow from one to the next: only 0 is none. */
static bool is_wait_shorter(const struct haul_config *config, int64_t wait_ms)
{
    return config->retry_delay_ms ? wait_ms < config->retry_delay_ms : !wait_ms;
}

/* ---- the time of one ---- */

/* A limit of 0 is none, and costs without end: then any limit is less. */
static bool is_stall_longer(const struct haul_entry_options *options,
                            const struct haul_host_settings *host)
{
    return host->speed_limit && options->timeout_ms / 1000 > host->speed_time_s;
}

static bool is_slower(const struct haul_entry_options *options,
                      const struct haul_host_settings *host)
{
    return options->speed_limit < host->speed_limit;
}

/* Which of the limits on an attempt's time may not be followed. */
static unsigned excess_of_time(const struct haul_entry_options *options,
                               const struct haul_host_settings *host)
{
    unsigned excess = 0;

    if (options->timeout_ms >= 0 && is_stall_longer(options, host))
        excess |= HAUL_EXCESS_TIMEOUT;
    if (options->connect_timeout_ms >= 0 && options->connect_timeout_ms > host->connect_timeout_ms)
        excess |= HAUL_EXCESS_CONNECT;
    if (options->speed_limit >= 0 && is_slower(options, host))
        excess |= HAUL_EXCESS_SPEED;
    return excess;
}

void haul_entry_limit_host(const struct haul_config *config,
                           const struct haul_entry_options *options,
                           struct haul_host_settings *host)
{
    unsigned excess;

    if (!options)
        return;
    excess = is_trusted(config) ? 0 : excess_of_time(options, host);
    if (options->connect_timeout_ms >= 0 && !(excess & HAUL_EXCESS_CONNECT))
        host->connect_timeout_ms = (int)options->connect_timeout_ms;
    if (options->speed_limit >= 0 && !(excess & HAUL_EXCESS_SPEED))
        host->speed_limit = options->speed_limit;
    if (options->timeout_ms < 0 || (excess & HAUL_EXCESS_TIMEOUT))
        return;
    host->speed_time_s = (int)(options->timeout_ms / 1000);
    if (!host->speed_limit)
        host->speed_limit = 1;
}

/* ---- all of them ---- */

unsigned haul_entry_excess_of(const struct haul_config *config,
                              const struct haul_entry_options *options, const char *origin)
{
    struct haul_host_settings host;
    unsigned excess;

    if (!options || is_trusted(config))
        return 0;
    haul_host_find_settings(config, origin, &host);
    excess = excess_of_time(options, &host);
    if (options->max_tries >= 0 && tries_of_list(options) > tries_of_run(config))
        excess |= HAUL_EXCESS_TRIES;
    if (options->retry_wait_ms >= 0 && is_wait_shorter(config, options->retry_wait_ms))
        excess |= HAUL_EXCESS_WAIT;
    return excess;
}

const char *haul_entry_excess_key(int number)
{
    static const char *const key[HAUL_EXCESS_COUNT] = {"max-tries", "retry-wait", "timeout",
                                                       "connect-timeout", "lowest-speed-limit"};

    assert(number >= 0 && number < HAUL_EXCESS_COUNT);
    return key[number];
}
