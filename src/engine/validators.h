#ifndef HAUL_ENGINE_VALIDATORS_H
#define HAUL_ENGINE_VALIDATORS_H

#include "base/buf.h"
#include "haul/config.h"
#include "model/job.h"

/*
 * What an earlier run knows about the URLs of this one, so that a server need only say that nothing
 * has changed (RFC 9110, 13.1): from the journal of --since, or else from the history.
 *
 * A journal's records are looked up in its file; in memory are at most 20.5 bytes for each of them
 * (journal/resume.h). One thread at a time: main, then the dispatcher.
 */
struct haul_validators;

/*
 * Opens what `config` names, if it asks for conditional requests at all; *out is NULL if it does
 * not. With --timestamping and a directory to save to, it may name nothing: then the times of the
 * files serve, and nothing is found here. After the history was opened. A damaged line of the
 * journal is told in `message` and left out. HAUL_ERR_USAGE with one line in `message`: the journal
 * cannot be read, or is none; HAUL_ERR_IO with one; HAUL_ERR_NOMEM. `config` must outlive it.
 */
HAUL_MUST_USE enum haul_err haul_validators_open(const struct haul_config *config,
                                                 struct haul_validators **out,
                                                 struct haul_buf *message);

/* Closes it. NULL is fine. */
void haul_validators_free(struct haul_validators *validators);

/*
 * Gives the job what is known about its URL, if anything is; the n-th occurrence of a URL in the
 * list belongs to the n-th in the journal. What cannot be read is not known, nor is what had not
 * `size` bytes, those of its file; -1: any. Before the job is pushed. HAUL_ERR_NOMEM: the job is
 * unchanged.
 */
HAUL_MUST_USE enum haul_err haul_validators_look_up(struct haul_validators *validators,
                                                    struct haul_job *job, int64_t size);

#endif
