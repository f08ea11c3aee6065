#ifndef HAUL_SINK_SAVED_H
#define HAUL_SINK_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/record.h"
#include "model/stop.h"
#include "sink/digest.h"
#include "sink/members.h"
#include "sink/tree.h"

/*
 * Whether a file, or a member of an archive, that an earlier run has saved is still what its record
 * says. One thread at a time;
 * all zero is one that has looked at none, with its tree and stop level still to be set.
 */
struct haul_saved {
    const struct haul_tree *tree;
    const struct haul_members *members; /* of an archive, in which they are; or NULL: in `tree` */
    int archive_fd;                     /* of that */
    haul_stop *stop;                /* who reads a large file does not hold up the end of a run */
    struct haul_digester *digester; /* or NULL: none was needed so far */
};

void haul_saved_done(struct haul_saved *saved);

/*
 * Whether the file (or member) filename_effective of `rec` is there, with the size of the record
 * and with its digest, if it has one: then all of it is read. False, too: it cannot be read, or the
 * run is to stop. Blocks on the file system.
 */
bool haul_saved_holds(struct haul_saved *saved, const struct haul_record *rec);

#endif
