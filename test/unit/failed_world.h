#ifndef HAUL_TEST_FAILED_WORLD_H
#define HAUL_TEST_FAILED_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "haul/config.h"

/* Checked fixtures: the test works in a directory of its own, which is empty at its end. */
void enter_directory(void);
void leave_directory(void);

/* What haul_failed_finish has said. */
extern struct haul_buf told;

void write_file(const char *name, const struct haul_buf *text);
char *read_file(const char *name); /* the caller's */

/* Removes "list", "list2" and "saved". */
void remove_files(void);

/*
 * Once around: reads the lists of `config`, lets all fail, saves them in "saved", and reads that
 * with the same configuration: it must ask for the same. What is attached is compared, too, if it
 * is not empty. With a `dir`, every third entry does not fail, and the names of files are compared
 * instead of what makes them. Returns how many entries were not saved that had failed.
 */
size_t go_around(struct haul_config *config, bool with_attached);

#endif
