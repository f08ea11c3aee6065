#include "engine/halt.h"

enum {
    DISK_FAILURES_MAX = 3, /* failures for want of space that stop the run */
    PERCENT_FAILURES_MIN = 3
};

/* A percentage means little of few: as GNU parallel's, it counts from three failures on. */
static bool has_too_many_failures(const struct haul_config *config,
                                  const struct haul_ledger *ledger)
{
    uint64_t failed = ledger->count[HAUL_OUTCOME_FAILED];

    if (config->halt == HAUL_HALT_NEVER)
        return false;
    if (config->halt_failures)
        return failed >= (uint64_t)config->halt_failures;
    return failed >= PERCENT_FAILURES_MIN &&
           failed * 100 >= (uint64_t)config->halt_percent * ledger->rows;
}

static enum haul_stop_level after_failures(struct haul_halt_state *halt,
                                           const struct haul_config *config,
                                           const struct haul_ledger *ledger,
                                           struct haul_buf *message)
{
    if (halt->is_halted || !has_too_many_failures(config, ledger))
        return HAUL_STOP_NONE;
    halt->is_halted = true;
    haul_buf_addf(message, "halted: %llu of %llu URLs failed\n",
                  (unsigned long long)ledger->count[HAUL_OUTCOME_FAILED],
                  (unsigned long long)ledger->rows);
    return config->halt == HAUL_HALT_NOW ? HAUL_STOP_ABORT : HAUL_STOP_DRAIN;
}

/* What failed for want of space fails again: the first few are proof enough. */
static enum haul_stop_level after_disk_failure(struct haul_halt_state *halt,
                                               const struct haul_config *config,
                                               const struct haul_record *rec,
                                               struct haul_buf *message)
{
    if (rec->outcome != HAUL_OUTCOME_FAILED || rec->reason != HAUL_REASON_DISK_FULL ||
        haul_halt_is_disk_full(halt) || ++halt->disk_failures < DISK_FAILURES_MAX)
        return HAUL_STOP_NONE;
    haul_buf_addf(message, "%s: the disk is full; the run is stopped\n", config->dir);
    return HAUL_STOP_DRAIN;
}

static enum haul_stop_level after_bytes(struct haul_halt_state *halt,
                                        const struct haul_config *config, struct haul_buf *message)
{
    if (!config->max_total || halt->is_halted || halt->received < config->max_total)
        return HAUL_STOP_NONE;
    halt->is_halted = true;
    haul_buf_add_str(message, "--max-total is reached: nothing more is started\n");
    return HAUL_STOP_DRAIN;
}

static enum haul_stop_level later_of(enum haul_stop_level one, enum haul_stop_level other)
{
    return one > other ? one : other;
}

enum haul_stop_level haul_halt_after(struct haul_halt_state *halt, const struct haul_config *config,
                                     const struct haul_ledger *ledger, const struct haul_job *job,
                                     struct haul_buf *message)
{
    enum haul_stop_level level = after_failures(halt, config, ledger, message);

    level = later_of(level, after_disk_failure(halt, config, &job->rec, message));
    halt->received += job->received;
    return later_of(level, after_bytes(halt, config, message));
}

bool haul_halt_is_disk_full(const struct haul_halt_state *halt)
{
    return halt->disk_failures == DISK_FAILURES_MAX;
}
