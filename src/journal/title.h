#ifndef HAUL_JOURNAL_TITLE_H
#define HAUL_JOURNAL_TITLE_H

#include <stddef.h>

#include "model/target.h"

/*
 * The title of a run (--title) as it stands in the options that a journal's header or a history has
 * of it (haul_journal_add_options): a JSON object with "title", or with an object "options" that
 * has it. Gives "" where there is none, or what is none today (haul_title_check), and without
 * memory: a title is a name for people, and nothing depends on it. Any thread.
 */
void haul_title_read(const char *options, size_t len, char title[HAUL_TITLE_MAX + 1]);

#endif
