#ifndef HAUL_BASE_WAKE_H
#define HAUL_BASE_WAKE_H

#include "haul/err.h"

/*
 * A way to end another thread's poll(2): a descriptor that becomes readable (eventfd(2)).
 */
struct haul_wake {
    int fd; /* [const after init] to be polled for POLLIN by the sleeper; -1: none */
};

/* HAUL_ERR_SYSTEM: no descriptor left; haul_wake_done is fine all the same. */
HAUL_MUST_USE enum haul_err haul_wake_init(struct haul_wake *wake);
void haul_wake_done(struct haul_wake *wake);

/* Makes the descriptor readable. Any thread, async-signal-safe, never blocks. */
void haul_wake_up(const struct haul_wake *wake);

/* Makes it unreadable again; by the sleeper, after it woke. */
void haul_wake_clear(const struct haul_wake *wake);

#endif
