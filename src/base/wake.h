#ifndef HAUL_BASE_WAKE_H
#define HAUL_BASE_WAKE_H

#include "haul/err.h"

/*
 * A way to end another thread's poll(2): a descriptor that becomes readable. eventfd where there is
 * one (one descriptor), else a pipe (two).
 */
struct haul_wake {
    int read_fd;  /* to be polled for POLLIN by the sleeper */
    int write_fd; /* [const after init] the same as read_fd with eventfd */
};

/* HAUL_ERR_SYSTEM: no descriptor left; haul_wake_done is fine all the same. */
HAUL_MUST_USE enum haul_err haul_wake_init(struct haul_wake *wake);
void haul_wake_done(struct haul_wake *wake);

/* Makes read_fd readable. Any thread, async-signal-safe, never blocks. */
void haul_wake_up(const struct haul_wake *wake);

/* Makes it unreadable again; by the sleeper, after it woke. */
void haul_wake_clear(const struct haul_wake *wake);

#endif
