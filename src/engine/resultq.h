#ifndef HAUL_ENGINE_RESULTQ_H
#define HAUL_ENGINE_RESULTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"
#include "model/job.h"

/*
 * The results queue: what the collector has to know, in the order in which it became known.
 *
 * Jobs that have ended come from the workers and from the dispatcher. A push never waits, for a
 * worker has other transfers under way, which would go without service. Who waits is the
 * dispatcher, before it begins another line (haul_resultq_await_room): so there are never more jobs
 * than the work queue admits and twice the capacity of this one, whoever stops reading a report.
 *
 * Notes are the few other things that are said to the collector. They never wait either, and a
 * collector whose output nobody reads takes none: so of the figures only the latest are kept, and
 * of messages no more than HAUL_NOTE_MESSAGES_MAX.
 */
struct haul_resultq;

/* How the run stands, for the progress line. All counts of this moment. */
struct haul_status {
    uint64_t running, parked;
    int64_t left_us;   /* the rest takes so long at least (haul_sched_time_left) */
    bool is_starved;   /* workers wait because the window is full */
    int64_t oldest_us; /* the oldest running job has been running for so long */
    char url[200];     /* that job's, cut, without userinfo, not escaped; "": nothing runs */
};

enum haul_note_kind {
    HAUL_NOTE_STATUS,      /* `status` */
    HAUL_NOTE_MESSAGE,     /* `text`: a line for standard error, without "haul: " and newline */
    HAUL_NOTE_INPUT_FAULT, /* the same, and a list could not be read to its end */
    HAUL_NOTE_NOTHING,     /* the same, and an input, or a sitemap of it, gave no entry */
    HAUL_NOTE_LOSS,        /* the same, and entries of an input were passed over */
    HAUL_NOTE_NOTICE,      /* `text`: one of model/notice.h, as engine/notices.h passes it on */
    HAUL_NOTE_SIGNAL,      /* `signal` ends the run */
    HAUL_NOTE_INPUT_END    /* `lines` lines were read in all; `complete`: nothing is left */
};

enum { HAUL_NOTE_MESSAGES_MAX = 1000 }; /* so many that are not taken yet */

/*
 * Jobs with a body in hand for an archive (job->parcels): with so many, not yet appended, workers
 * begin nothing more. Each may add those that it has under way.
 */
enum { HAUL_RESULTQ_BODIES_MAX = 256 };

/* Owned by the sender until it is posted, by the collector afterwards; freed with free(). */
struct haul_note {
    struct haul_note *next;
    enum haul_note_kind kind;
    uint64_t lines;
    bool complete;
    int signal; /* its number */
    struct haul_status status;
    char text[];
};

/* Makes a queue, in which `capacity` jobs, at least 1, leave no room. HAUL_ERR_NOMEM,
 * HAUL_ERR_SYSTEM. */
HAUL_MUST_USE enum haul_err haul_resultq_create(size_t capacity, struct haul_resultq **out);

/* Frees the queue and what is in it. No thread may use it any more. NULL is fine. */
void haul_resultq_free(struct haul_resultq *queue);

/*
 * Blocks while there are as many jobs as the capacity, or with those that the collector has in hand
 * twice as many; says that `lines` lines have been given out so far. Dispatcher only.
 */
void haul_resultq_await_room(struct haul_resultq *queue, uint64_t lines);

/*
 * Whether another transfer may begin, as far as bodies for an archive go; with `may_block` it waits
 * until that is so. Otherwise, after a false, `nudge` (below) is called as soon as it is. Workers,
 * with no job in hand.
 */
bool haul_resultq_await_bodies(struct haul_resultq *queue, bool may_block);

/* Who is told that there is room for bodies again: by the collector, without the lock. Before any
 * thread starts. */
void haul_resultq_set_nudge(struct haul_resultq *queue, void (*nudge)(void *arg), void *arg);

/*
 * Pushes a job that has ended, without ever blocking. The queue owns it; a closed one frees it (the
 * run has given its thread up). Workers, dispatcher, and main for jobs of threads given up.
 */
void haul_resultq_push(struct haul_resultq *queue, struct haul_job *job);

/* Pushes all jobs of a list, which is empty afterwards: as push, with one lock. */
void haul_resultq_push_all(struct haul_resultq *queue, struct haul_job_list *jobs);

/* What has passed so far. */
struct haul_resultq_counts {
    uint64_t lines; /* that the dispatcher has given out: all that is known of the list */
    uint64_t taken; /* jobs that the collector took */
    bool is_full;   /* the dispatcher would wait */
    bool has_lost;  /* an INPUT_FAULT, for want of memory: nobody has been told of it */
};
struct haul_resultq_counts haul_resultq_count(struct haul_resultq *queue);

/*
 * The dispatcher is given up: no line counts but those given out so far, whose number is returned.
 * Should it come back, its jobs are freed.
 */
uint64_t haul_resultq_end_lines(struct haul_resultq *queue);

/*
 * Posts a note without ever blocking. The queue owns it, and may drop it as told above; a closed
 * one does. Any thread.
 */
void haul_resultq_post(struct haul_resultq *queue, struct haul_note *note);

/* Makes a note with a copy of `text` (NULL: none). NULL: out of memory. */
struct haul_note *haul_note_create(enum haul_note_kind kind, const char *text);

/*
 * Posts a note that is only a text, of one line: a newline in it is somebody else's, and is shown
 * as one, for it must not begin a line that haul seems to say. Who has several lines to say posts
 * as many notes. Out of memory: nothing, but an INPUT_FAULT counts as lost.
 */
void haul_resultq_tell(struct haul_resultq *queue, enum haul_note_kind kind, const char *text);

/* Nothing will come any more. Main thread, after all pushers were joined or given up. */
void haul_resultq_close(struct haul_resultq *queue);

/*
 * Takes everything there is; blocks while there is nothing, and for up to 2 ms after the last time
 * while there is little. The lists' contents are the caller's: `jobs` is overwritten, *notes is a
 * list by `next` or NULL. HAUL_ERR_CLOSED: closed, and nothing is left. Collector only.
 */
HAUL_MUST_USE enum haul_err haul_resultq_take_all(struct haul_resultq *queue,
                                                  struct haul_job_list *jobs,
                                                  struct haul_note **notes);

#endif
