#ifndef HAUL_ENGINE_PLACING_H
#define HAUL_ENGINE_PLACING_H

#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "model/job.h"
#include "model/redactor.h"
#include "sink/body.h"
#include "sink/naming.h"
#include "sink/sums.h"

/*
 * Where the body of a job goes, and what it must be: its name, the file that an earlier version of
 * haul has saved under another one, and its checksum.
 *
 * What is looked up because it is there already, a line of --sums or a file, was called by others:
 * by who wrote the list, or by a version that spelled names otherwise. So it is looked up under the
 * name of today, then under that of earlier versions, and a line of --sums also under the name that
 * the list says, letter by letter.
 *
 * The dispatcher's: one thread.
 */
struct haul_placing {
    const struct haul_config *config;     /* [const] */
    const struct haul_redactor *redactor; /* [const] or NULL: nothing is hidden */
    const struct haul_body_store *bodies; /* [const] */
    const struct haul_sums *sums;         /* [const] of --sums, or NULL */
    struct haul_naming *naming;           /* or NULL: nothing is saved; the dispatcher's */
    const struct haul_attached *attached; /* to the next job, as earlier versions hid it; or NULL:
                                             as it has it. The dispatcher sets it */
    struct haul_buf identity, url, earlier_url, name, earlier, text; /* for one call */
    struct haul_buf problem; /* what is wrong with the last name, or empty */
    uint64_t unlisted;       /* jobs that are fetched and have no checksum of --sums */
    struct haul_buf first;   /* the first of them: "urls.txt:12: NAME" */
};

/* Makes one, allocating nothing; frees what it has. */
void haul_placing_init(struct haul_placing *placing, const struct haul_config *config,
                       const struct haul_redactor *redactor, const struct haul_body_store *bodies);
void haul_placing_done(struct haul_placing *placing);

/* The URL as names have it: what is ignored or hidden makes no other name. "" without memory.
 * Until the next call. */
const char *haul_placing_url(struct haul_placing *placing, const struct haul_job *job);

/* Whether what the list says of the job's file will do: NONE; BAD_NAME; BAD_CHECKSUM; NO_MEMORY. */
enum haul_reason haul_placing_check(struct haul_placing *placing, const struct haul_job *job);

/*
 * Says where the body of a job goes, and what it must be. What has a record of the journal keeps
 * the name that it has there, and needs none. NONE; BAD_NAME; NO_MEMORY. Blocks on the file system
 * only for names that look like a guarded file's, or that earlier versions spelled otherwise.
 */
enum haul_reason haul_placing_give(struct haul_placing *placing, struct haul_job *job);

/* After a BAD_NAME of these two: why, for people; or "". Until the next call. */
const char *haul_placing_explain(struct haul_placing *placing, const struct haul_job *job);

/* Notes that a job which has been given its place is fetched. */
void haul_placing_note(struct haul_placing *placing, const struct haul_job *job);

/* Appends what is to be said of them all, one line without newline, unescaped; or nothing. */
void haul_placing_add_words(const struct haul_placing *placing, struct haul_buf *message);

#endif
