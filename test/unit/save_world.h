#ifndef HAUL_TEST_SAVE_WORLD_H
#define HAUL_TEST_SAVE_WORLD_H

#include "sink/file.h"
#include "sink/tree.h"

/* A directory of the test's own, with a tree in it and a file to save there. */
extern struct haul_tree tree; /* "dir" */
extern struct haul_file file;
extern struct haul_buf got; /* the name that `save` has found */
extern const struct haul_sink_end plain_end;

/* Of this size, a file is not held in memory. */
enum { LARGE = 40000 };
extern const char large[LARGE];

/* Checked fixtures: the directory, in which every operation works, and its end. */
void save_begin(void);
void save_end(void);

/* A path in the directory; valid until the fourth call after this one. */
const char *below(const char *name);

/* The text is valid until the next call. */
const char *read_file(const char *path);
void write_file(const char *path, const char *text);

/* How many files there are that are not whole, or belong to such. */
unsigned count_temporaries(void);

/* Saves a whole file. Whatever comes of it, `file` is closed afterwards. */
enum haul_reason save(const char *name, const char *text, const struct haul_sink_end *how);

#endif
