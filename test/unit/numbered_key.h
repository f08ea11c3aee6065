#ifndef HAUL_TEST_UNIT_NUMBERED_KEY_H
#define HAUL_TEST_UNIT_NUMBERED_KEY_H

#include "model/key.h"

/* The key with that number (not 0), of no text: its address. */
#define NUMBERED_KEY(number) (&(const struct haul_key){.high = (number), .low = 1})

#endif
