#ifndef HAUL_HISTORY_SCHEMA_COMPARE_H
#define HAUL_HISTORY_SCHEMA_COMPARE_H

#include <sqlite3.h>

#include "base/buf.h"
#include "haul/err.h"

/*
 * Whether what is in a database is what is in a model of it: table by table and index by index, no
 * more, no less, and nothing else. It is asked in two ways, because neither says all of it.
 *
 *   The statements that made them (sqlite_schema.sql), word by word: so there is no other
 *   constraint, collation, generated column or expression in them, and no view has the name of a
 *   table. White space, comments, letter case, and quotes around names do not count: versions of
 *   SQLite differ in how they write down a table that was renamed, and so do programs that copy
 *   databases (".dump").
 *
 *   What SQLite has understood of them (PRAGMA table_xinfo, index_list, index_xinfo): so a quoted
 *   word that is a name, where the model has a word of SQL, is found.
 *
 * Left aside is what ANALYZE keeps (sqlite_stat1 and 4), if it is no more than that: it may make a
 * query slow, which the guard of sql.h ends, but it has no other effect.
 */

/*
 * Compares them; both are read, and blocks on the files. HAUL_OK: they are the same.
 * HAUL_ERR_USAGE: they are not, and `message` has why, with the remedy if something is too much;
 * names in it are not escaped for terminals. HAUL_ERR_IO, HAUL_ERR_NOMEM: the cause is that of the
 * connection.
 */
HAUL_MUST_USE enum haul_err haul_schema_compare(sqlite3 *db, sqlite3 *model,
                                                struct haul_buf *message);

/* Appends a statement as it is compared: its words with a space between two of them. Pure. */
void haul_schema_add_words(struct haul_buf *buf, const char *sql);

#endif
