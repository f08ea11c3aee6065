#ifndef HAUL_TEST_PLAY_PACE_H
#define HAUL_TEST_PLAY_PACE_H

#include "engine/pace.h"

/* Attempts that end, for a pace that a test plays with alone: it says what time it is. */
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { SECOND = 1000000 };

/* `paused` is throttled and asks for 50 ms. */
extern const struct haul_attempt made, failed, throttled, refused, paused;

/* An attempt at a URL ends with that status (0: it timed out), while `running` others run still. */
enum haul_reason end_turn(struct haul_pace *pace, struct haul_turn *turn,
                          const struct haul_attempt *attempt, int status, size_t running,
                          int64_t now_us);

/* A URL that was never tried is, at once; if it is throttled, with 503. */
enum haul_reason try_new(struct haul_pace *pace, const struct haul_attempt *attempt, size_t running,
                         int64_t at_us);

#endif
