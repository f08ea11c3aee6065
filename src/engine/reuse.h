#ifndef HAUL_ENGINE_REUSE_H
#define HAUL_ENGINE_REUSE_H

#include "base/buf.h"
#include "haul/config.h"
#include "journal/resume.h"
#include "model/job.h"
#include "sink/body.h"
#include "sink/naming.h"
#include "sink/saved.h"
#include "sink/warc_file.h"

/*
 * What earlier runs and the files on disk spare this run: a record of the journal that still holds
 * (--resume, --retry-failed, --skip-existing), or else the validators for a conditional request
 * (--etags, --timestamping; RFC 9110, 13.1), from the journal of --since or else from the history.
 *
 * "Not modified" is an answer about the body of that time. Where bodies are saved, it is asked for
 * only if the job's file is sure to hold that one: a file of the right name and size may have
 * become another URL's since.
 *
 * A record whose body was saved holds if the file is its URL's (sink/naming.h) and what it was then
 * (sink/saved.h).
 *
 * A journal's records are looked up in its file; in memory are at most 20.5 bytes for each of them
 * (journal/resume.h). Main makes and closes it; in between it is the dispatcher's.
 */
struct haul_reuse {
    const struct haul_config *config;
    struct haul_key_today today; /* what makes no difference between URLs, what is hidden */
    const struct haul_body_store *bodies; /* where bodies go */
    struct haul_naming *naming;           /* what they are called, or NULL; the dispatcher's */
    const struct haul_warc *warc;         /* what exchanges are archived, or NULL */
    struct haul_saved saved;              /* whether they are what they were */
    struct haul_resume *resume;           /* records of this run's journal, or NULL */
    struct haul_resume *since;            /* those of --since, or NULL */
    int since_fd;                         /* -1: none */
    int64_t since_ended_us;               /* when its first run came to its end; 0: it did not */
    struct haul_history_lookup *history;  /* or NULL */
};

/*
 * Opens the journal that `config` names for conditional requests, if it asks for any; config,
 * today, bodies and since_fd -1 are set. With --timestamping and a directory to save to, it may
 * name nothing: then the times of the files serve. A damaged line of the journal is told
 * in `message` and left out. HAUL_ERR_USAGE with one line in `message`: the journal cannot be read,
 * or is none; HAUL_ERR_IO with one; HAUL_ERR_NOMEM. To be closed whatever is returned.
 */
HAUL_MUST_USE enum haul_err haul_reuse_open(struct haul_reuse *reuse, struct haul_buf *message);

/* The same for the history: after that, and after haul_store_open. HAUL_ERR_IO with one line in
 * `message`: it cannot be read. */
HAUL_MUST_USE enum haul_err haul_reuse_open_history(struct haul_reuse *reuse,
                                                    struct haul_buf *message);

/* Closes all of it. Before the history's store, whose last user tidies up. */
void haul_reuse_close(struct haul_reuse *reuse);

/*
 * Looks for the record that the journal has of a job, whose key is set. Each record is given once.
 * `shown` is its URL as names have it (haul_naming_give), NULL if it gets no name: a record without
 * a file keeps its name from others. HAUL_OK: the job has that record now, but for what today's
 * list says, and is_old. All else: it is to be fetched, and `replaces` is set if the journal has a
 * record of it; HAUL_ERR_END: nothing holds; HAUL_ERR_IO, HAUL_ERR_NOMEM: the journal could not be
 * read.
 */
HAUL_MUST_USE enum haul_err haul_reuse_record(struct haul_reuse *reuse, struct haul_job *job,
                                              const char *shown);

/*
 * Whether what has the job's name is not fetched whatever it is (--skip-existing=name), and is
 * there: then the job's record says so. Not for a name that only the body tells. HAUL_OK: it is;
 * HAUL_ERR_END: it is to be fetched. Before it is pushed. Blocks on the file system.
 */
HAUL_MUST_USE enum haul_err haul_reuse_file(const struct haul_reuse *reuse, struct haul_job *job);

/*
 * Gives a job that is to be fetched the validators that are known of its URL, if its file, should
 * it have one, is there and sure to hold the body that they are of. The n-th occurrence of a URL in
 * the list belongs to the n-th in the journal. What cannot be read is not known. Before it is
 * pushed. Blocks on the file system; where only a digest tells, all of the file is read.
 * HAUL_ERR_NOMEM: the job is unchanged.
 */
HAUL_MUST_USE enum haul_err haul_reuse_validators(struct haul_reuse *reuse, struct haul_job *job);

#endif
