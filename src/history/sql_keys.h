#ifndef HAUL_HISTORY_SQL_KEYS_H
#define HAUL_HISTORY_SQL_KEYS_H

#include <sqlite3.h>

#include "haul/err.h"
#include "journal/key_reader.h"
#include "model/key.h"

/*
 * Keys in a database: a BLOB of 16 bytes (model/key.h, `high` and then `low`, the high byte first);
 * of 8, if it is that of an earlier version and nobody knows more. Version 1 of the schema had an
 * INTEGER, the same 64 bits.
 */

/*
 * Makes these known to a connection: haul_key(key, url): a key of version 1 of a page as today's,
 * which its URL tells if --redact has hidden nothing of it; a BLOB as it is.
 * haul_key_rules(options): has haul_key know the --ignore-param of a run with these options, in the
 * order of the runs; NULL. haul_url_form(url): the form in which URLs of different runs are
 * compared (haul_key_reader_add_form), and haul_url_alike(url, url): whether they may be one (1, 0;
 * haul_key_reader_is_alike). `today` is what these go by (NULL: nothing is ignored or hidden), what
 * is in it the caller's until the connection is closed. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sql_add_key_functions(sqlite3 *db,
                                                       const struct haul_key_today *today);

/* Bind a key; and what an earlier version had of it, NULL if that is not known. */
void haul_sql_bind_key(sqlite3_stmt *statement, int index, const struct haul_key *key);
void haul_sql_bind_old_key(sqlite3_stmt *statement, int index, const struct haul_key *key);

#endif
