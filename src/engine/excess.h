#ifndef HAUL_ENGINE_EXCESS_H
#define HAUL_ENGINE_EXCESS_H

#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "model/job.h"

/*
 * What the entries of lists ask for beyond the limits of the run (model/entry_limits.h), so that it
 * is told once, with their number: a list may have millions of them. The dispatcher's.
 */
struct haul_excess {
    uint64_t entries;      /* that ask for more */
    unsigned kinds;        /* a set of haul_entry_excess: for what */
    struct haul_buf where; /* the first of them, "urls.txt:12" */
};

/* Makes one that has seen nothing; allocates nothing. Frees it. */
void haul_excess_init(struct haul_excess *excess);
void haul_excess_done(struct haul_excess *excess);

/* Looks at a job that has just been made of an entry. */
void haul_excess_note(struct haul_excess *excess, const struct haul_config *config,
                      const struct haul_job *job);

/* Appends what is to be said in the end, one line without newline, unescaped; or nothing. */
void haul_excess_add_words(const struct haul_excess *excess, struct haul_buf *message);

#endif
