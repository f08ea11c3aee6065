#ifndef HAUL_ENGINE_STOPPING_H
#define HAUL_ENGINE_STOPPING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "engine/wiring.h"

/*
 * How a run is stopped: by a signal, by the end of --max-duration, by whoever raises the level.
 *
 * The first cause is said at once, by the main thread itself: the collector may be waiting for a
 * reader. It begins the grace, after which what is in flight is aborted. A second signal does that
 * now and has nothing read on; the third kills, for then no handler is left.
 *
 * From the abort on, the main thread also watches. A thread that is to leave and for HAUL_WATCH_MS
 * neither leaves nor gets on is stuck in somebody's data: it is given up. Its URLs become pending,
 * the work queue and the input are at their end for everyone else, and so the collector writes down
 * and reports all that was done. The process then has to be left with _exit(2), for nothing that a
 * living thread may touch can be freed. The collector itself is not watched: reports take their
 * time, and a reader who takes nothing is left by other means (haul_io_write_until). Nor is the
 * dispatcher while it waits for the collector.
 *
 * Main thread, in libuv's loop.
 */
enum { HAUL_WATCH_MS = 5000, HAUL_STOP_SIGNALS = 3 };

struct haul_stopping {
    struct haul_wiring *wiring;
    uv_loop_t *loop;
    uv_signal_t signal[HAUL_STOP_SIGNALS];
    uv_timer_t grace, deadline, watch;
    int signalled; /* the first signal's number, 0: none */

    /* who is still there; kept by the owner */
    int working;                  /* workers */
    _Atomic bool dispatcher_left; /* also if there was none */

    /* what was seen when it was last looked */
    int seen_working;
    uint64_t seen_lines, seen_taken;
    bool has_given_up; /* threads */
    bool is_over;      /* and the others had time to leave: the loop was stopped */
};

/*
 * Listens for signals that are not ignored (as nohup(1), and a shell that runs haul in the
 * background, want it), and sets the clock of --max-duration. `wiring` and `loop` outlive it; the
 * loop's owner closes its handles. An error of libuv's, or 0.
 */
int haul_stopping_begin(struct haul_stopping *s, struct haul_wiring *wiring, uv_loop_t *loop);

/* Stops the run to this level, if it is not yet. */
void haul_stopping_raise(struct haul_stopping *s, enum haul_stop_level level);

/* Whether a signal is ignored by this process from its start. */
bool haul_stopping_is_ignored(int number);

#endif
