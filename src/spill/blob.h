#ifndef HAUL_SPILL_BLOB_H
#define HAUL_SPILL_BLOB_H

#include <stddef.h>

#include "base/buf.h"
#include "haul/err.h"
#include "model/job.h"

/*
 * A job that was not pushed yet, as bytes: all that the list, --sums, the journal and the naming
 * have said of it. Not its validators, which it must not have, and nothing that comes later.
 *
 * The bytes are for this process only: they hold a pointer, to the name of its source. A string
 * that is there already (a URL that is shown as it is fetched) is not there again.
 */

/* Appends them to `buf`, whose error is to be looked at. */
void haul_blob_add(struct haul_buf *buf, const struct haul_job *job);

/* Makes the job again. HAUL_ERR_NOMEM; HAUL_ERR_SYNTAX: these are not the bytes of a job. */
HAUL_MUST_USE enum haul_err haul_blob_read(const void *bytes, size_t len, struct haul_job **out);

#endif
