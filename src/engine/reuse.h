#ifndef HAUL_ENGINE_REUSE_H
#define HAUL_ENGINE_REUSE_H

#include <stdbool.h>

#include "engine/validators.h"
#include "haul/config.h"
#include "haul/err.h"
#include "journal/resume.h"
#include "model/job.h"
#include "sink/body.h"

/*
 * What earlier runs and the files on disk spare this run: a record of the journal that still holds
 * (--resume, --retry-failed, --skip-existing), or else the validators for a conditional request
 * (--etags, --timestamping). Plain data, of the dispatcher's thread.
 */
struct haul_reuse {
    const struct haul_config *config;
    struct haul_resume *resume;           /* records of the journal, or NULL; this user's own */
    struct haul_validators *validators;   /* or NULL; this user's own */
    const struct haul_body_store *bodies; /* where bodies go */
};

/*
 * Looks for the record that the journal has of a job, whose key and name are set. Each record is
 * given once. HAUL_OK: the job has that record now, but for what today's list says, and is_old. All
 * else: it is to be fetched, and `replaces` is set if the journal has a record of it; HAUL_ERR_END:
 * nothing holds; HAUL_ERR_IO, HAUL_ERR_NOMEM: the journal could not be read.
 */
HAUL_MUST_USE enum haul_err haul_reuse_record(const struct haul_reuse *reuse, struct haul_job *job);

/*
 * Gives a job that is to be fetched the validators that are known of its URL, if its file, should
 * it have one, is there and whole. Before it is pushed. HAUL_ERR_NOMEM: the job is unchanged.
 */
HAUL_MUST_USE enum haul_err haul_reuse_validators(const struct haul_reuse *reuse,
                                                  struct haul_job *job);

#endif
