#ifndef HAUL_JOURNAL_SYNCER_H
#define HAUL_JOURNAL_SYNCER_H

#include <stdint.h>

#include "haul/err.h"

/*
 * A thread that makes a growing file safe against a crash of the machine, at intervals, while
 * another thread goes on writing to it: fdatasync(2) may take as long as the disk likes, and what
 * waits for it waits for the whole pool.
 *
 * What was written is safe at most one interval, and the time of one fdatasync, later; also when
 * nothing more is written. After the first error nothing is synced any more: the kernel forgets
 * what it could not write, and a second try would succeed without having written it.
 *
 * One thread uses it. It runs a thread of its own, which touches nothing else.
 */
struct haul_syncer;

/*
 * Makes safe, before each sync of the file, what the file speaks of. Returns 0 or an errno, which
 * is the syncer's then. On the syncer's thread.
 */
struct haul_syncer_first {
    int (*sync)(void *arg); /* or NULL: there is nothing */
    void *arg;
};

/*
 * Starts the thread, for `fd`, which stays the caller's and open until haul_syncer_free. `first` is
 * copied. `interval_us` > 0. The thread has the caller's signal mask. HAUL_ERR_NOMEM;
 * HAUL_ERR_SYSTEM: no thread was to be had.
 */
HAUL_MUST_USE enum haul_err haul_syncer_create(int fd, const struct haul_syncer_first *first,
                                               int64_t interval_us, struct haul_syncer **out);

/* Something was written. Does not block. Returns the errno of an fdatasync that failed, or 0. */
int haul_syncer_ask(struct haul_syncer *syncer);

/*
 * Ends the thread, after the fdatasync that may be under way, and frees. Returns the errno of one
 * that failed, or 0. What was written last is not synced: that is the caller's to do. NULL gives 0.
 */
int haul_syncer_free(struct haul_syncer *syncer);

/*
 * What is to be made safe first, and fdatasync(2), begun again when a signal interrupts it. The
 * errno, or 0; also 0 if `fd` is of a kind that cannot be synced (a device) and has nothing to
 * lose. Any thread.
 */
int haul_syncer_sync(int fd, const struct haul_syncer_first *first);

#endif
