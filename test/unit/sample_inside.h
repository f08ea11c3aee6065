#ifndef SAMPLE_INSIDE_H
#define SAMPLE_INSIDE_H

#include "sample_summary.h"

/* What the makers of samples share. Every run began then, in microseconds since the epoch. */
extern const int64_t sample_started_us;

/* Memory that is freed with the sample; never NULL. */
void *sample_take(struct sample *sample, size_t bytes);

/* The summary of an empty run, and the same seed each time. */
void sample_begin(struct sample *sample);

#endif
