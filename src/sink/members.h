#ifndef HAUL_SINK_MEMBERS_H
#define HAUL_SINK_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * What a tar archive of haul's holds, read from it: where it ends, and which members are whole.
 * Headers are read, and bodies passed over. In memory are 20 to 40 bytes for each member
 * (base/keyset.h): a hash of its name and size, and where it is.
 */
struct haul_members;

enum haul_members_state {
    HAUL_MEMBERS_WHOLE,   /* it ends behind a member, or with an end */
    HAUL_MEMBERS_TORN,    /* the last member is not whole: the run that wrote it was killed */
    HAUL_MEMBERS_DAMAGED, /* there is something else, in the middle or at the end */
    HAUL_MEMBERS_FOREIGN  /* it does not begin as an archive of haul's */
};

struct haul_members_stats {
    enum haul_members_state state;
    int64_t keep; /* bytes up to the end of the last whole member before any fault */
    uint64_t count;
};

/*
 * Reads the archive `fd`, which has `size` bytes; without any it is whole. HAUL_OK: *out is the
 * caller's, and constant from now on, so that all threads may ask it. HAUL_ERR_IO with errno,
 * HAUL_ERR_NOMEM. Blocks on the file.
 */
HAUL_MUST_USE enum haul_err haul_members_read(int fd, int64_t size,
                                              struct haul_members_stats *stats,
                                              struct haul_members **out);
void haul_members_free(struct haul_members *members);

/* Whether there is a whole member of that name and size. *at is where the bytes of the last one
 * begin. */
bool haul_members_find(const struct haul_members *members, const char *name, int64_t size,
                       int64_t *at);

#endif
