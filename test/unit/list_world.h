#ifndef HAUL_TEST_LIST_WORLD_H
#define HAUL_TEST_LIST_WORLD_H

#include "input/list.h"

/* Checked fixtures: the test works in a directory of its own, which is removed. */
void enter_directory(void);
void leave_directory(void);

/* What the list says when it cannot be made; empty at first. */
extern struct haul_buf message;

void write_file(const char *name, const char *text);

/* A list that can be made; to be freed. */
struct haul_list *create(const struct haul_source *source, size_t count);

/* The next entry is this one (`source` NULL: from the command line); what comes next is that. */
void assert_entry(struct haul_list *list, const char *source, uint64_t line, const char *text);
void assert_next(struct haul_list *list, enum haul_err expected);

/* What comes next is that a list has nothing, in these words. */
void assert_nothing(struct haul_list *list, const char *words);

#endif
