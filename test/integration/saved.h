#ifndef HAUL_TEST_SAVED_H
#define HAUL_TEST_SAVED_H

#include <stdbool.h>

#include "harness.h"

/*
 * Files that haul has saved: running it with a directory, and looking at what is there.
 */

enum { DIRECTORIES_MAX = 32 }; /* that nftw may hold open */

/* Runs it with that directory; rows in the order of the input. */
#define SAVE(dir, ...)                                                                             \
    it_haul(IT_ARGS("-q", "--format", "jsonl", "--order", "input", "-d", dir, __VA_ARGS__))

/* Names, modes, sizes and times of all that is below `path`, but for what is below `without` (or
 * NULL): the same text means that nothing was touched. */
const char *look_at_tree(const char *path, const char *without);

/* Is there a temporary file of haul anywhere below `path`? */
bool has_temporary(const char *path);

/* How many files are below `path`; no temporary may be among them. */
unsigned count_files(const char *path);

bool has_file(const char *path, const char *text);

/* The directory of the test server's host below `dir`. */
const char *host_dir(const char *dir);

/* Each row that is ok has its file below `dir`, with its size. */
void check_rows_have_files(const json_t *rows, const char *dir);

/* What the file of the row of that number is called, from `dir` on. */
const char *name_in(const json_t *rows, size_t i);

#endif
