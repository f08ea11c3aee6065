#ifndef HAUL_ENGINE_SCHED_WINDOW_H
#define HAUL_ENGINE_SCHED_WINDOW_H

#include "engine/sched.h"
#include "engine/sched_origins.h"

/*
 * The window: how many jobs are admitted, and how much of it one origin may hold. Plain data, the
 * scheduler's.
 *
 * An origin that has ready jobs may have as many admitted jobs as there is free room, and one at
 * least. So one origin can take half of the window, two a third each, and whoever comes next always
 * finds room (Choudhury and Hahne, Dynamic queue length thresholds for shared-memory packet
 * switches, 1998). It holds also while an origin can be asked at once, for the next answer may
 * pause it; one whose jobs are all running is not bound by it.
 *
 * Jobs beyond the share wait for their turn to be read; those of an origin that may not be asked
 * now are spilled if that serves somebody: kept elsewhere, while the scheduler knows how many there
 * are. Each gets a place, a number that grows from one job of the origin to the next. The origin's
 * spilled jobs stand at consecutive places with nobody else's between them.
 */
struct haul_window {
    const struct haul_sched_limits *limits; /* [const] */
    size_t admitted;                        /* jobs */
    size_t bytes;                           /* their memory */
    size_t spilled;                         /* jobs, of all origins */
    uint32_t stays;                         /* times that an origin began to have spilled jobs */
};

/* As haul_sched_has_room. */
bool haul_window_has_room(const struct haul_window *window);

/* Whether an origin has ready jobs, and as many jobs as its share allows; with `early`, three
 * quarters of it: whoever waits for this to pass is not to come back for each single job. */
bool haul_window_is_over(const struct haul_window *window, const struct haul_origin *origin,
                         bool early);

/* Counts one more spilled job of an origin and gives its place. False: there are no places left. */
bool haul_window_spill(struct haul_window *window, struct haul_origin *origin, int64_t *place);

/* The first `count` of its spilled jobs, or with `last` the last one, are spilled no longer. */
void haul_window_unspill(struct haul_window *window, struct haul_origin *origin, size_t count,
                         bool last);

/*
 * Whether the first of the origins that have changed is hungry: it has spilled jobs, and no ready
 * ones or at most half of its share. Those before it, which are not, leave the list.
 */
bool haul_window_has_hungry(const struct haul_window *window, struct haul_origins *origins,
                            int64_t now_us);

/* Takes it from the list, and says what it is to get: as much as leaves as much free. */
void haul_window_take_hungry(const struct haul_window *window, struct haul_origins *origins,
                             struct haul_refill *out);

#endif
