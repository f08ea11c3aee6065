#ifndef HAUL_ENGINE_STATUS_H
#define HAUL_ENGINE_STATUS_H

#include "engine/resultq.h"
#include "engine/workq.h"

/*
 * What is going on in the work queue, for people. Both take the queue's lock for a moment, and may
 * be called from any thread. They send what they see to the collector: nobody else prints.
 */

/* One HAUL_NOTE_STATUS: the figures of the progress line. Out of memory: nothing. */
void haul_status_post_figures(struct haul_workq *workq, struct haul_resultq *resultq);

/*
 * One HAUL_NOTE_MESSAGE a line: the sums, the origins that have jobs or were given up (at most 50),
 * and the transfers that have been running for longest (at most 10).
 */
void haul_status_post_block(struct haul_workq *workq, struct haul_resultq *resultq);

#endif
