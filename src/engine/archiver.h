#ifndef HAUL_ENGINE_ARCHIVER_H
#define HAUL_ENGINE_ARCHIVER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/io.h"
#include "haul/config.h"
#include "model/job.h"
#include "sink/archive.h"
#include "sink/warc_file.h"

/*
 * What becomes of that which goes into archives: jobs bring it along as parcels, and the collector
 * hands the jobs to this before it counts them or writes them down. What cannot be appended has
 * failed, whatever its transfer came to. The collector's thread.
 */
struct haul_archiver {
    const struct haul_config *config;
    struct haul_archive *archive;   /* of bodies, or NULL: there is none */
    struct haul_warc *warc;         /* of exchanges, or NULL */
    struct haul_patience *patience; /* with who reads standard output */
    bool has_failed;                /* nothing can be appended any more */
};

/*
 * Appends what the jobs bring along, and frees it; with --sync each it is on the disk when this
 * returns. Jobs of what could not be saved become failed ones. False: nothing can be appended any
 * more, of which `message` has got a line, once.
 */
bool haul_archiver_add(struct haul_archiver *archiver, const struct haul_job_list *jobs,
                       struct haul_buf *message);

/* Ends the archives, after the last job. False: one has no end, and `message` has got a line. */
bool haul_archiver_finish(struct haul_archiver *archiver, struct haul_buf *message);

#endif
