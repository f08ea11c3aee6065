#ifndef HAUL_INPUT_ROBOTS_FILE_H
#define HAUL_INPUT_ROBOTS_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/robots.h"

/* A robots.txt with its bytes. One thread at a time. */
struct haul_robots_file {
    struct haul_buf bytes;
    struct haul_robots rest; /* for haul_robots_next; of `bytes` */
};

/* Makes an empty one. Allocates nothing. */
void haul_robots_file_init(struct haul_robots_file *file);
void haul_robots_file_done(struct haul_robots_file *file);

/*
 * Reads the whole of a regular file from where `fd` stands, which stays the caller's; at most twice
 * HAUL_ROBOTS_MAX. With `was_cut` it is the beginning of a longer text, whose last, half line is
 * left out: it may name something else than it seems to. HAUL_ERR_IO: errno says why.
 * HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_robots_file_read(struct haul_robots_file *file, int fd,
                                                  bool was_cut);

#endif
