#ifndef HAUL_SINK_ARCHIVE_H
#define HAUL_SINK_ARCHIVE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/spool.h"
#include "haul/config.h"
#include "haul/err.h"
#include "sink/appender.h"
#include "sink/members.h"

/*
 * The tar archive of a run (--tar), being written: workers make parcels of what is whole
 * (sink/member.h), and one thread appends them here, before it says or writes down that they are
 * saved. So whatever the journal believes in is in the archive; and of what the archive was cut off
 * in, nobody has heard.
 *
 * The file grows under its own name and has no end until the run has one; readers of tar take the
 * end of the file for that. A run that goes on with it (--resume) cuts off its end, and what is
 * torn. An archive that does not begin as haul's do is not touched.
 *
 * Main opens it before there are threads, and closes it; add and finish are the collector's. What
 * is in `members` is constant.
 */
struct haul_archive {
    struct haul_appender file;
    struct haul_members *members; /* [const after open] what earlier runs have put there, or NULL */
    bool has_begun;               /* its beginning is written */
};

/*
 * Opens the archive that `config` names. HAUL_OK: `message` may have lines on what was cut off and
 * whose lock was passed by. Otherwise its last one that says why: HAUL_ERR_USAGE
 * (haul_appender_open; it is no archive of haul's; it is damaged, and to be cut there only with
 * --resume=force), HAUL_ERR_LOCKED, HAUL_ERR_IO, HAUL_ERR_NOMEM. To be closed whatever is returned.
 */
HAUL_MUST_USE enum haul_err haul_archive_open(struct haul_archive *archive,
                                              const struct haul_config *config,
                                              struct haul_buf *message);

/* Closes it. Fine on one that is not open (file.fd -1). */
void haul_archive_close(struct haul_archive *archive);

/* Appends a list of parcels, which stays the caller's: haul_appender_add for each. */
int haul_archive_add(struct haul_archive *archive, const struct haul_parcel *parcels,
                     struct haul_patience *patience);

/* Writes the end. Once, after the last parcel. Returns 0 or an errno. */
int haul_archive_finish(struct haul_archive *archive, struct haul_patience *patience);

#endif
