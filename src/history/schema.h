#ifndef HAUL_HISTORY_SCHEMA_H
#define HAUL_HISTORY_SCHEMA_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/buf.h"
#include "haul/err.h"
#include "haul/record.h"

/*
 * What a history looks like inside, and how one that an earlier version wrote becomes one of today.
 *
 *   run   a row for every run; `ended_us` is NULL while it goes on, and for good if it was killed:
 *         such a run has no pages. What stands here of others is the ledger; but `size` and
 *         `page_wire` are sums of its pages. The second is what they take on the wire, and `wire`
 *         what has come: less, where something has not changed. NULL: not known of any page.
 *   word  every outcome, reason, media type and set of attached values, once.
 *   page  a row for every occurrence of a URL that ever was in the list, with what the last run
 *         found. `since`: the first run that found it so; NULL: the last run had no such page.
 *   past  what was found before that: from run `first` to run `last`, both included, and in every
 *         finished run between them.
 *
 * So a run in which nothing has changed costs a row in `run` and nothing else. The pages of run R
 * are those of `page` with since <= R and those of `past` with first <= R <= last. `past` is sorted
 * by `last`: a run adds at its end, and pruning takes from its beginning. Validators are kept for
 * the last run only: nobody sends older ones.
 *
 * `tags` are the attached values but for `lastmod`, which a site that is built every night changes
 * everywhere, and which nothing that is reported depends on: it stands beside the rest, is that of
 * the last run that the row holds for, and is no reason for another row.
 */
enum {
    HAUL_SCHEMA_APPLICATION = 0x6861756c, /* PRAGMA application_id: "haul" */
    HAUL_SCHEMA_VERSION = 4,              /* PRAGMA user_version */
    HAUL_SCHEMA_SHAPED = 3,               /* since which the tables are as they are */
    HAUL_SCHEMA_READABLE = 1              /* of what is only read, at least */
};

/* For HAUL_OUTCOMES, in a query: the columns of `run` that count outcomes, in their order. */
#define HAUL_SCHEMA_OUTCOME(name, word) ", " word

/* In a query about `run`: what its pages take on the wire; of a run of an earlier version what has
 * come, if all was fetched. NULL: not known. */
#define HAUL_SCHEMA_PAGE_WIRE                                                                      \
    "coalesce(haul_known(page_wire), iif(unchanged = 0, nullif(haul_known(wire), 0), NULL))"

/* In a query: the bytes on the wire of such a row (below), if they are known. */
#define HAUL_SCHEMA_WIRE " iif(s.wire = 0 AND s.size IS NOT 0, NULL, haul_known(s.wire))"

/*
 * In a query: type, outcome, reason, http_code, size, wire, tags of `s`, a row of page or past in
 * the database `db`, as far as it is what haul writes. A word is cut at the length of the longest
 * that haul knows, and attached values that are no JSON are none. What is no number, or negative,
 * is unknown; so are 0 bytes on the wire of what is larger, which earlier versions wrote of a size
 * that was only told.
 */
#define HAUL_SCHEMA_STATE(db)                                                                      \
    " coalesce(substr((SELECT text FROM " db ".word WHERE id = s.type), 1, 128), ''),"             \
    " coalesce(substr((SELECT text FROM " db ".word WHERE id = s.outcome), 1, 128), ''),"          \
    " coalesce(substr((SELECT text FROM " db ".word WHERE id = s.reason), 1, 128), ''),"           \
    " haul_known(s.http_code), haul_known(s.size)," HAUL_SCHEMA_WIRE ","                           \
    " coalesce((SELECT iif(json_valid(text), text, '')"                                            \
    "  FROM " db ".word WHERE id = s.tags), '')"

/* In a query: the lastmod of such a row, if that is what haul writes. */
#define HAUL_SCHEMA_LASTMOD " iif(typeof(s.lastmod) = 'text', s.lastmod, NULL)"

/* In a query: all attached values of `s`, a row of page, past, now_page or before_page, as a JSON
 * object; "" if there are none. They must be JSON, as they are in the last two. */
#define HAUL_SCHEMA_TAGS                                                                           \
    "iif(s.lastmod IS NULL, s.tags,"                                                               \
    " json_set(iif(s.tags = '', '{}', s.tags), '$.lastmod', s.lastmod))"

/* Statements that make version n + 1 of version n; the first one makes version 1 of nothing. */
extern const char *const haul_schema_steps[HAUL_SCHEMA_VERSION];

/*
 * Brings the database to version `count` by running the steps that are missing, all in one
 * transaction. A new one is prepared for it first. `message` gets the cause of a failure, without
 * the file's name; names in it are not escaped.
 *
 * What is in the file must be what the steps up to its version make, and nothing else
 * (schema_compare.h). So a step may create, alter and drop, but what it makes must not depend on
 * rows; it may use the functions of sql_functions.h. Whether the rows are consistent is not asked:
 * that would take as long as reading the whole file. A copy that has lost application_id and
 * user_version (".dump" leaves them out) is of the version of which it has the tables.
 *
 * HAUL_ERR_USAGE: not a history of haul's, or of a later version: nothing was changed. HAUL_ERR_IO,
 * HAUL_ERR_NOMEM. The database must be locked against others who do the same.
 */
HAUL_MUST_USE enum haul_err haul_schema_migrate(sqlite3 *db, const char *const *step, int count,
                                                struct haul_buf *message);

/*
 * The same check for a database that is only read: it must be of HAUL_SCHEMA_READABLE or later.
 * *version gets what it is of. Version 1 has the keys of an earlier journal (sql_keys.h); 1 and 2
 * have `lastmod` among the tags, and no column for it; 3 has no views (views.h).
 */
HAUL_MUST_USE enum haul_err haul_schema_check(sqlite3 *db, int *version, struct haul_buf *message);

#endif
