#ifndef HAUL_HISTORY_RUN_NAME_H
#define HAUL_HISTORY_RUN_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* Which run of a history is meant: what stands behind the '@' of its name (import.h). */
struct haul_run_which {
    int64_t number; /* N; -N: the N-th from the end */
    bool is_day;    /* it is this day's instead: the last that began on it or before */
    int64_t
        before_us; /* then: when the next day begins, since 1970 (UTC); 0: no day is called so */
};

/*
 * Reads "@N", "@-N" or "@YYYY-MM-DD" at the end of a name, and so returns where it begins; NULL:
 * there is none. A number that no run has is read, too, and is larger or 0. Pure.
 */
const char *haul_run_name_find(const char *name, struct haul_run_which *which);

#endif
