#ifndef HAUL_TEST_SAMPLE_RECORD_H
#define HAUL_TEST_SAMPLE_RECORD_H

#include <stdint.h>

#include "haul/record.h"

/* An ok one, which stands on line 12 of urls.txt. */
struct haul_record sample_record(const char *url, int64_t size_body);

/* A failed one in which nothing is unknown. */
struct haul_record sample_full_record(void);

#endif
