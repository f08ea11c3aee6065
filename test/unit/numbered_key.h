#ifndef HAUL_TEST_UNIT_NUMBERED_KEY_H
#define HAUL_TEST_UNIT_NUMBERED_KEY_H

#include "model/key.h"

/* The key with that number (not 0), of no text: its address. */
#define NUMBERED_KEY(number) (&(const struct haul_key){.high = (number), .low = 1})

/* Found by searching: version 1 of the journal has one key for both, whatever stands behind them */
#define TWIN_1 "http://twins.example/size?n=100&x=mYFK-Zf9eRC"
#define TWIN_2 "http://twins.example/size?n=100&x=Rl3J79rnLvF"

#endif
