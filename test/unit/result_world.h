#ifndef HAUL_TEST_RESULT_WORLD_H
#define HAUL_TEST_RESULT_WORLD_H

#include "engine/resultq.h"

/* A job of which only the number matters; the caller's until it is pushed. */
struct haul_job *make_job(uint64_t number);

/* What cannot be made fails the case. */
struct haul_resultq *make_queue(size_t capacity);
struct haul_note *make_note(const char *text);

#endif
