#ifndef HAUL_HISTORY_SQL_RECORD_H
#define HAUL_HISTORY_SQL_RECORD_H

#include <sqlite3.h>

#include "haul/err.h"
#include "haul/record.h"

/* What the words of a record mean, in queries. */

/* The outcome of a word; PENDING for what is none. Pure. */
enum haul_outcome haul_sql_outcome(const char *word);

/*
 * Makes haul_is_failure(outcome, reason) known to a connection: 1 if a row with these words counts
 * as a failure (haul_outcome_is_failure), else 0. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sql_record_register(sqlite3 *db);

#endif
