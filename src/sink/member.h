#ifndef HAUL_SINK_MEMBER_H
#define HAUL_SINK_MEMBER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/spool.h"
#include "sink/sink.h"

/*
 * One body that is to be a member of a tar archive: it is spooled (base/spool.h), and when it is
 * whole it becomes a parcel with its header and padding, ready to be appended by whoever has the
 * archive (sink/archive.h). So a member is there whole or not at all.
 *
 * It cannot be gone on with, and what `struct haul_sink_end` says of files means nothing to it, but
 * for the time of modification. The order of calls is a sink's. The worker's thread.
 */
struct haul_member {
    struct haul_sink sink; /* as which it is used */
    struct haul_spool spool;
    struct haul_parcel *parcel; /* of what was published last, until it is taken; or NULL */
    int error;                  /* errno of the first failure, 0: none */
};

/* `directory` is for scratch files, and lasts as long as the member. */
void haul_member_init(struct haul_member *member, const char *directory);
void haul_member_done(struct haul_member *member);

/* The parcel of what was published, the caller's now; NULL: there is none. */
struct haul_parcel *haul_member_take(struct haul_member *member);

#endif
