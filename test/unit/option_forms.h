#ifndef HAUL_TEST_OPTION_FORMS_H
#define HAUL_TEST_OPTION_FORMS_H

#include <stddef.h>

/*
 * Every option of the table in every form that may matter to a rule between options: each flag and
 * its --no-, each word of a choice, one or more values of all others. An option for which there is
 * no sample value fails the case, so that none is forgotten.
 */
enum { OPTION_FORMS_MAX = 400 };

/* Fills `form` with texts such as "--jobs=2" and returns how many; options that are only typed, and
 * --dry-run, are left out. `file` is one that can be read, and holds "name:password". The texts
 * live until the program ends. */
size_t option_forms(const char *file, const char *form[OPTION_FORMS_MAX]);

/* Rows of the table. */
size_t option_count(void);

#endif
