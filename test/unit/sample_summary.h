#ifndef SAMPLE_SUMMARY_H
#define SAMPLE_SUMMARY_H

#include "summary/summary.h"

/* Summaries to render: made up, the same each time, and freed with sample_done. */
struct sample {
    struct haul_summary summary;
    uint64_t seed; /* [private] */
};

/* Texts that some format takes for markup, for a line end, or for nothing at all; one has 10 KB. */
extern const char *const sample_texts[];
extern const size_t sample_text_count;

/* Nothing fetched, nothing known. */
void sample_make_empty(struct sample *sample);

/* The same, where nothing is an error and there was something before. */
void sample_make_nothing(struct sample *sample);

/* One URL of `size` bytes, no history. */
void sample_make_one(struct sample *sample, int64_t size);

/* A site of so many URLs, 5,000 of them listed, with everything that a summary can hold. */
void sample_make_site(struct sample *sample, size_t urls);

/* Every string is a hostile text, and numbers are as large as they go. */
void sample_make_hostile(struct sample *sample);

/* "empty", "nothing", "zero", "one", "site", "large" (10,000 URLs), "longest" or "hostile"; false:
 * no such. */
bool sample_make(struct sample *sample, const char *name);

void sample_done(struct sample *sample);

#endif
