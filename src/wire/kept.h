#ifndef HAUL_WIRE_KEPT_H
#define HAUL_WIRE_KEPT_H

#include "haul/config.h"
#include "haul/err.h"

/*
 * Copies of the certificates and keys that a configuration names, in memory and without a name
 * (memfd_create(2)), as they are when the run begins. libcurl reads these files for each
 * connection, by name; but by then somebody may have put renewed ones in their place, which the
 * sandbox (engine/confine.h) does not let be read, or have put the certificate there and not yet
 * its key. So all connections of a run have the same.
 *
 * Made on the main thread; after that it does not change.
 */
struct haul_kept;

enum {
    HAUL_KEPT_MAX = 64,           /* files; further ones are read where they are */
    HAUL_KEPT_SIZE_MAX = 16 << 20 /* bytes of each, the same */
};

/* Makes the copies. What cannot be copied is left out: libcurl will say what is wrong with it. The
 * caller's, to be freed. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_kept_create(const struct haul_config *config,
                                             struct haul_kept **out);
void haul_kept_free(struct haul_kept *kept);

/* The name by which the copy of a file is opened, valid while `kept` is; or `name` itself, if there
 * is none. NULL gives NULL. Any thread. */
const char *haul_kept_path(const struct haul_kept *kept, const char *name);

/* In `text`, a message of `size` bytes at most with its NUL, puts the first name of a file in the
 * place of that of its copy. Any thread. */
void haul_kept_show(const struct haul_kept *kept, char *text, size_t size);

#endif
