#ifndef HAUL_COMMAND_REPORT_COLUMNS_H
#define HAUL_COMMAND_REPORT_COLUMNS_H

#include <stdbool.h>

#include "haul/err.h"
#include "input/list.h"
#include "journal/resume.h"

/*
 * Which columns `haul report` has beside the fields, when no list is named: what is attached to any
 * record of the journals. A header stands before all rows, so the records are read once more for
 * it, in the order in which the rows will come.
 *
 * Calls `add` for each such name, in the order of the first that has it; a name may come several
 * times. Then the records can be walked through, but not taken. Errors of haul_resume_walk and of
 * `add`. One thread; blocks on the journals.
 */
HAUL_MUST_USE enum haul_err haul_report_columns(struct haul_resume *resume, bool by_seq,
                                                haul_list_column_fn *add, void *arg);

#endif
