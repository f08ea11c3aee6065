#include "engine/halt.h"

enum {
    DISK_FAILURES_MAX = 3, /* failures for want of space that stop the run */
    PERCENT_FAILURES_MIN = 3
};

/*
 * A percentage is one of all lines, as GNU parallel's is one of all jobs: of those that are done
 * first, most may have failed, for it is the failures that are done first. It means little of few:
 * it counts from three failures on, and once as many lines are known as are read ahead, or all.
 */
static bool has_too_many_failures(const struct haul_config *config,
                                  const struct haul_ledger *ledger,
                                  const struct haul_halt_list *list)
{
    uint64_t failed = ledger->count[HAUL_OUTCOME_FAILED];

    if (config->halt == HAUL_HALT_NEVER)
        return false;
    if (config->halt_failures)
        return failed >= (uint64_t)config->halt_failures;
    return failed >= PERCENT_FAILURES_MIN &&
           (list->is_whole || list->lines >= (uint64_t)config->window) &&
           failed * 100 >= (uint64_t)config->halt_percent * list->lines;
}

/* What failed for want of space fails again: the first few are proof enough. */
static bool finds_disk_full(struct haul_halt_state *halt, const struct haul_record *rec)
{
    if (halt->is_disk_full || rec->outcome != HAUL_OUTCOME_FAILED ||
        rec->reason != HAUL_REASON_DISK_FULL)
        return false;
    halt->is_disk_full = ++halt->disk_failures >= DISK_FAILURES_MAX;
    return halt->is_disk_full;
}

enum haul_stop_level haul_halt_after(struct haul_halt_state *halt, const struct haul_config *config,
                                     const struct haul_ledger *ledger,
                                     const struct haul_halt_list *list, const struct haul_job *job,
                                     struct haul_buf *message)
{
    enum haul_stop_level level = HAUL_STOP_NONE;

    if (!halt->is_halted && has_too_many_failures(config, ledger, list)) {
        halt->is_halted = true;
        haul_buf_addf(message, "halted: %llu of %llu URLs failed; %llu %s done\n",
                      (unsigned long long)ledger->count[HAUL_OUTCOME_FAILED],
                      (unsigned long long)list->lines, (unsigned long long)ledger->rows,
                      ledger->rows == 1 ? "is" : "are");
        level = config->halt == HAUL_HALT_NOW ? HAUL_STOP_ABORT : HAUL_STOP_DRAIN;
    }
    if (!job)
        return level;
    if (finds_disk_full(halt, &job->rec)) {
        haul_buf_addf(message, "%s: the disk is full; the run is stopped\n",
                      config->dir   ? config->dir
                      : config->tar ? config->tar
                                    : config->warc);
        level = level ? level : HAUL_STOP_DRAIN;
    }
    halt->received += job->received;
    if (config->max_total && !halt->is_halted && halt->received >= config->max_total) {
        halt->is_halted = true;
        haul_buf_add_str(message, "--max-total is reached: nothing more is started\n");
        level = level ? level : HAUL_STOP_DRAIN;
    }
    return level;
}
