#ifndef HAUL_TEST_FAULT_SCORE_H
#define HAUL_TEST_FAULT_SCORE_H

#include "base/buf.h"
#include "faults.h"

/*
 * What haul said of faults, compared with what the catalogue says, and counted.
 */

struct score {
    size_t cases, verdicts_right, sizes_right, controls_right, controls;
    long memory_kb;
    int64_t slowest_ms;
    const char *slowest;
    struct haul_buf mismatches;
    size_t mismatch_count;
};

void score_init(struct score *score);

/* One more fault and its row. */
void judge(struct score *score, const struct fault *f, const json_t *row);

/* One more control: the row of the good answer that was asked for behind the fault. */
void judge_control(struct score *score, const struct fault *f, const json_t *row);

/* Notes a mismatch; `what` is of what. */
void note(struct score *score, const struct fault *f, const json_t *row, const char *what);

/* One more run; `name` is what was played. */
void measure(struct score *score, const struct it_run *run, const char *name);

/* Prints the table to standard error, as standard output is the test protocol's, and frees it.
 * Fails if there was a mismatch, or no case at all. */
void finish(struct score *score, const char *title);

#endif
