#include "engine/retry.h"

#include "model/entry_limits.h"

/* xorshift64* (Vigna, 2014): jitter needs no better one. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static bool is_retried(const struct haul_config *config, const struct haul_record *rec)
{
    if (rec->outcome != HAUL_OUTCOME_FAILED)
        return false;
    if (rec->reason == HAUL_REASON_DISK_FULL) /* it may pass, but not by asking a server again */
        return false;
    if (config->retry_all_errors)
        return true;
    switch (rec->reason) {
    case HAUL_REASON_HTTP_STATUS:
        return haul_status_set_has(&config->retry_on, rec->http_code) &&
               !haul_status_set_has(&config->retry_not, rec->http_code);
    case HAUL_REASON_CONNECT:
        return config->retry_connrefused;
    default:
        return haul_record_is_transient(rec);
    }
}

static int64_t backoff_us(int attempts, uint64_t *random_state)
{
    int64_t ceiling = INT64_C(1000000);

    while (--attempts > 0 && ceiling < HAUL_RETRY_WAIT_MAX_US)
        ceiling *= 2;
    if (ceiling > HAUL_RETRY_WAIT_MAX_US)
        ceiling = HAUL_RETRY_WAIT_MAX_US;
    return (int64_t)(next_random(random_state) % ((uint64_t)ceiling + 1));
}

int64_t haul_retry_max_time_us(const struct haul_config *config)
{
    return config->retry_max_time_ms ? config->retry_max_time_ms * 1000 : HAUL_RETRY_WAIT_MAX_US;
}

/* How much longer this job may wait. */
static int64_t budget_us(const struct haul_config *config, const struct haul_job *job,
                         int64_t now_us)
{
    if (!config->retry_max_time_ms)
        return INT64_MAX;
    return config->retry_max_time_ms * 1000 - (now_us - job->first_start_us);
}

/* Attempts made so far that count. */
static int tries_of(const struct haul_job *job)
{
    return job->rec.attempts - job->attempts_before - job->attempts_spared;
}

/* Whether the server has said when to come back, and haul has time for it until then. */
static bool is_spared(const struct haul_config *config, const struct haul_job *job, int64_t wait_us,
                      int64_t now_us)
{
    const struct haul_record *rec = &job->rec;
    int64_t until_us = now_us - job->first_start_us + wait_us;

    return rec->reason == HAUL_REASON_HTTP_STATUS && rec->http_code == 429 &&
           job->attempt.pause_us > 0 && haul_entry_tries(config, job->options) > 1 &&
           until_us <= haul_retry_max_time_us(config);
}

static int64_t choose_wait(const struct haul_config *config, const struct haul_job *job,
                           uint64_t *random_state)
{
    int64_t own_us = config->retry_delay_ms ? config->retry_delay_ms * 1000
                                            : backoff_us(tries_of(job), random_state);

    return haul_entry_wait_us(config, job->options, own_us);
}

/* Whether another server could do better. */
static bool is_servers_fault(enum haul_reason reason)
{
    switch (reason) {
    case HAUL_REASON_NO_MEMORY:
    case HAUL_REASON_NO_RESOURCE:
    case HAUL_REASON_DISK_FULL:
    case HAUL_REASON_FILE_ERROR:
    case HAUL_REASON_PERMISSION:
    case HAUL_REASON_NAME_TOO_LONG:
    case HAUL_REASON_BAD_NAME:
    case HAUL_REASON_BAD_CHECKSUM:
        return false;
    default:
        return true;
    }
}

/* The body is wanted still. */
static bool is_unserved(const struct haul_record *rec)
{
    return rec->outcome == HAUL_OUTCOME_FAILED || rec->reason == HAUL_REASON_ROBOTS;
}

struct haul_retry haul_retry_decide(const struct haul_config *config, struct haul_job *job,
                                    int64_t now_us, uint64_t *random_state)
{
    struct haul_attempt *attempt = &job->attempt;
    int64_t budget = budget_us(config, job, now_us);
    struct haul_retry retry = {.again = false};

    if (attempt->pause_us > HAUL_RETRY_WAIT_MAX_US &&
        (!config->retry_max_time_ms || attempt->pause_us > budget)) {
        attempt->refused = true;
        attempt->pause_us = 0;
    } else if (is_retried(config, &job->rec)) {
        retry.wait_us = choose_wait(config, job, random_state);
        if (retry.wait_us < attempt->pause_us)
            retry.wait_us = attempt->pause_us;
        if (is_spared(config, job, retry.wait_us, now_us)) {
            job->attempts_spared++;
            retry.again = true;
        } else {
            retry.again =
                tries_of(job) < haul_entry_tries(config, job->options) && retry.wait_us <= budget;
        }
    }
    retry.elsewhere = !retry.again && is_unserved(&job->rec) && budget >= 0 &&
                      haul_job_has_next_mirror(job) && is_servers_fault(job->rec.reason);
    return retry;
}
