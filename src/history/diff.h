#ifndef HAUL_HISTORY_DIFF_H
#define HAUL_HISTORY_DIFF_H

#include <stdint.h>

#include "history/change.h"
#include "history/schema.h"
#include "history/store.h"
#include "model/change_rule.h"

/*
 * What has changed between the run that was finished last in a store and the complete one before
 * it. There is one comparison, and all that is told of two runs comes from it: changes, what the
 * whole has gained, tables of groups, and budgets on growth (summary/).
 *
 * A page is compared with what it had when a size of it was last known, up to the run before: it
 * may have failed there, or not been tried. A page that the server said is not there (404, 410) and
 * of which no size was ever known had none. So a page that fails for a night neither takes its
 * bytes away nor brings them back: it is told apart. The table `compared` has a row for every page
 * of either run, but for duplicates and lines that are no URLs:
 *
 *   page           INTEGER, as in now_page and before_page
 *   kind           INTEGER, enum haul_change; NULL: nothing to be told
 *   url, host, type, tags   TEXT, of now_page; of before_page if it is gone (lastmod is no tag)
 *   before, after           INTEGER sizes; NULL unknown, failed, or not there
 *   type_before, type_after TEXT; NULL if not there
 *   counted_before, counted_after  what the whole has gained is the sum of the second less that of
 *                  the first; both NULL if either is not known
 *   newly_known    INTEGER, the size of a page of which none was known before; else NULL
 *   is_left_out    1: it has no size to be compared, and is not just as absent as before
 *   reason_before, reason_after  TEXT, the words of why it was no success, or ''; NULL if not there
 *   wire_before, wire_after, wire_counted_before, wire_counted_after, wire_newly_known,
 *   wire_is_left_out   the same of the bytes on the wire, which may be known where the size is, or
 *                  not
 *
 * The table `change` has a row for every page that is another now: `page` to `after`, the types and
 * the reasons as above, and
 *
 *   delta          INTEGER bytes gained, negative: lost; of a page that fails now all that it had;
 *                  NULL: not known
 *   is_counted     1: `delta` is a part of what the whole has gained
 *   wire_before, wire_after, wire_delta   as above, of the bytes on the wire; NULL: not known
 *
 * What failed is told by haul_outcome_is_failure. What was not tried now is left out. As long as a
 * run is not complete, nothing is said to be gone: it may still come.
 */

/*
 * In a query, the pages of the two runs that groups are made of (page, url, host, type, tags, size,
 * wire, outcome, reason) with `counted` and `wire_counted`, what each has in the comparison, and
 * `kind`, what became of it.
 * One that had no size in the earlier run belongs to the type that it had when one was known.
 */
#define HAUL_DIFF_NOW                                                                              \
    "(SELECT s.page, s.url, s.host, s.type, " HAUL_SCHEMA_TAGS " AS tags, s.size, s.wire,"         \
    "  s.outcome, s.reason, c.counted_after AS counted, c.wire_counted_after AS wire_counted,"     \
    "  c.kind FROM temp.now_page s"                                                                \
    "  LEFT JOIN temp.compared c ON c.page = s.page"                                               \
    "  WHERE s.outcome NOT IN ('duplicate', 'invalid'))"
#define HAUL_DIFF_BEFORE                                                                           \
    "(SELECT s.page, s.url, s.host,"                                                               \
    "  iif(s.size IS NULL AND s.last_size IS NOT NULL, s.last_type, s.type) AS type,"              \
    "  " HAUL_SCHEMA_TAGS " AS tags,"                                                              \
    "  s.size, s.wire, s.outcome, s.reason, c.counted_before AS counted,"                          \
    "  c.wire_counted_before AS wire_counted, c.kind"                                              \
    "  FROM temp.before_page s LEFT JOIN temp.compared c ON c.page = s.page"                       \
    "  AND (c.kind IS NOT 1 OR (SELECT complete FROM main.run ORDER BY id DESC LIMIT 1))"          \
    "  WHERE s.outcome NOT IN ('duplicate', 'invalid'))"

/* In a query: the order of `change`, what is other by most first. */
#define HAUL_DIFF_LARGEST "abs(coalesce(iif(kind = 7, wire_delta, delta), after, before, 0)) DESC"

/* What the whole has gained: `after` less `before`. */
struct haul_diff_totals {
    int64_t before, after;           /* bytes of what is known in both, or in one list only */
    uint64_t newly_known;            /* pages that never had a size before, in neither sum */
    int64_t newly_known_size;        /* and their bytes */
    uint64_t left_out;               /* pages that have no size, in neither sum */
    int64_t wire_before, wire_after; /* the same two sums of bytes on the wire */
    uint64_t wire_compared;          /* pages in these */
};

/* Makes or renews `compared` alone, from now_page and before_page; the functions of sql_functions.h
 * are to be known to the connection. */
HAUL_MUST_USE enum haul_err haul_diff_compare(sqlite3 *db);

/* Makes or renews both tables: empty if there is no run before. `rules` say what is no change, and
 * *minor gets how many were put aside so; both may be NULL. Errors as in store.h. */
HAUL_MUST_USE enum haul_err haul_diff_make(struct haul_store *store,
                                           const struct haul_change_rules *rules, uint64_t *minor);

/* Adds up `change`: how many changes of each kind, and how many bytes they make; of WIRE on the
 * wire. */
HAUL_MUST_USE enum haul_err haul_diff_count(struct haul_store *store,
                                            uint64_t count[HAUL_CHANGE_COUNT],
                                            int64_t size[HAUL_CHANGE_COUNT]);

/* Adds up `compared`; haul_diff_make comes first. All 0 if there is no run before. */
HAUL_MUST_USE enum haul_err haul_diff_add_up(struct haul_store *store,
                                             struct haul_diff_totals *totals);

#endif
