#ifndef HAUL_HISTORY_LOCK_H
#define HAUL_HISTORY_LOCK_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/err.h"

/*
 * One run at a time on a history: flock(2) on a companion file, because what happens to a lock on
 * the database itself when another descriptor of it is closed is SQLite's business. The kernel lets
 * go of it however the process ends. The companion is removed with the lock; one that a killed
 * process left is no lock.
 */
struct haul_lock {
    int fd;     /* -1: not locked */
    char *path; /* of the companion, or NULL */
};

/*
 * Locks `path` (the companion is `path` and "-lock"); `wait`: until others have let go of it, else
 * HAUL_ERR_LOCKED. HAUL_ERR_IO with a cause in `message`, HAUL_ERR_NOMEM. On failure `lock` needs
 * no release.
 */
HAUL_MUST_USE enum haul_err haul_lock_take(struct haul_lock *lock, const char *path, bool wait,
                                           struct haul_buf *message);

/* Fine on one that was not taken (fd -1). */
void haul_lock_release(struct haul_lock *lock);

#endif
