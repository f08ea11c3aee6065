#ifndef HAUL_ENGINE_TRIAL_H
#define HAUL_ENGINE_TRIAL_H

#include <stdbool.h>

/*
 * Whether so many threads of libuv's pool can be had at the same time, which is tried: libuv aborts
 * the process if it cannot make them, so this has to be known before. Main thread, with all signals
 * blocked, right before the pool is made: what is free now may not be free later.
 */
bool haul_trial_passes(int count);

#endif
