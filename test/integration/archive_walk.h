#ifndef HAUL_TEST_ARCHIVE_WALK_H
#define HAUL_TEST_ARCHIVE_WALK_H

#include <stdbool.h>

#include "harness.h"

/*
 * A run that archives and does not come to its end: for a fault in any file operation, of the
 * archive, its scratch files, and the journal; or because it is stopped. Whatever becomes of it,
 * what its journal believes in is in the archive, whole and right; and a run that goes on with it
 * ends well.
 */

enum { ARCHIVE_FAULTS = 7 }; /* kinds of faults */

struct archive_walk {
    const char *option;        /* "--tar" */
    const char *file;          /* what it says, in a directory that each walk makes */
    const char *const *others; /* further options, ended by NULL */
    const char *list;
    unsigned urls; /* in that */
    /* What is in the archive at that path; all of it has to be whole, unless is_torn. */
    const json_t *(*look)(const char *path, bool is_torn);
    /* Each row that is ok is there. Returns how many there are. */
    unsigned (*check)(const json_t *rows, const json_t *found, const char *what);
};

/*
 * Runs it with a fault of that kind in each of its calls, one after the other. Returns how many
 * there are; 0: there are no faults here.
 */
long archive_walk(const struct archive_walk *walk, int kind);

/*
 * Ends a run of that list, and of some more URLs behind it, while two of these are under way: by a
 * signal, after which they are done; by a second one; by closing its standard output. The status is
 * the manual's, and what is in the archive is whole without being gone on with.
 */
enum { ARCHIVE_STOPS = 3 };
void archive_stop(const struct archive_walk *walk, int how);

#endif
