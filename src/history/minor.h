#ifndef HAUL_HISTORY_MINOR_H
#define HAUL_HISTORY_MINOR_H

#include <sqlite3.h>

#include "haul/err.h"
#include "model/change_rule.h"

/*
 * Takes their kind from the rows of `compared` (history/diff.h) that are no news by these rules:
 * then they are no changes. What they are before and after, and so what the whole has gained, is
 * left. *minor: how many there were. Errors as in sql.h.
 */
HAUL_MUST_USE enum haul_err haul_minor_put_aside(sqlite3 *db, const struct haul_change_rules *rules,
                                                 uint64_t *minor);

#endif
