#include "history/views.h"

#define TIME(column) "strftime('%Y-%m-%dT%H:%M:%SZ', " column " / 1000000, 'unixepoch')"
#define WORD(column) "nullif((SELECT text FROM word WHERE id = " column "), '')"

/* The states of pages, from run `first` to run `last`. */
#define STATES                                                                                     \
    "SELECT id AS page, since AS first,"                                                           \
    "  (SELECT max(id) FROM run WHERE ended_us IS NOT NULL) AS last,"                              \
    "  outcome, reason, http_code, type, size, wire, lastmod FROM page WHERE since IS NOT NULL"    \
    " UNION ALL SELECT page, first, last, outcome, reason, http_code, type, size, wire, lastmod"   \
    "  FROM past"

/* The layout is SQL's. */
/* clang-format off */
const char haul_views_sql[] =
    "CREATE VIEW v_run AS SELECT id AS run, " TIME("started_us") " AS started,"
    " started_us / 1000000 AS started_s, " TIME("ended_us") " AS ended,"
    " elapsed_us / 1000000.0 AS duration,"
    " CASE WHEN ended_us IS NULL THEN 'killed or running'"
    "  WHEN complete = 1 THEN 'complete' ELSE 'incomplete' END AS state,"
    " status, lines, ok, failed, unchanged, skipped, duplicate, invalid, pending,"
    " size, page_wire AS wire, wire AS received, version AS haul,"
    " iif(json_valid(options), json_extract(options, '$.title'), NULL) AS title FROM run;"

    "CREATE VIEW v_page AS SELECT p.id AS page, p.url, p.since AS first_run,"
    " (SELECT " TIME("started_us") " FROM run WHERE id = p.since) AS first,"
    " " WORD("p.outcome") " AS outcome, " WORD("p.reason") " AS reason,"
    " nullif(p.http_code, 0) AS http_code, " WORD("p.type") " AS type,"
    " p.size, p.wire, p.lastmod FROM page p WHERE p.since IS NOT NULL;"

    "CREATE VIEW v_size_at AS SELECT r.id AS run, " TIME("r.started_us") " AS started,"
    " r.started_us / 1000000 AS started_s, s.page, p.url,"
    " " WORD("s.outcome") " AS outcome, " WORD("s.reason") " AS reason,"
    " nullif(s.http_code, 0) AS http_code, " WORD("s.type") " AS type,"
    " s.size, s.wire FROM (" STATES ") s JOIN page p ON p.id = s.page"
    " JOIN run r ON r.id BETWEEN s.first AND s.last WHERE r.ended_us IS NOT NULL;"

    /* What a run has found and the one before it otherwise, or not at all; and what it has not. */
    "CREATE VIEW v_change AS WITH ended AS (SELECT id, lag(id) OVER (ORDER BY id) AS before"
    "  FROM run WHERE ended_us IS NOT NULL), s AS (" STATES "),"
    " c AS (SELECT e.id AS run, n.page, n.outcome, n.reason, n.type, n.size, n.wire,"
    "   b.outcome AS outcome_before, b.type AS type_before, b.size AS size_before,"
    "   b.wire AS wire_before FROM s n JOIN ended e ON e.id ="
    "   (SELECT min(id) FROM run WHERE id >= n.first AND ended_us IS NOT NULL)"
    "   LEFT JOIN s b ON b.page = n.page AND e.before BETWEEN b.first AND b.last"
    "   WHERE e.before IS NOT NULL AND n.last >= e.id"
    "  UNION ALL SELECT e.id, b.page, NULL, NULL, NULL, NULL, NULL, b.outcome, b.type, b.size,"
    "   b.wire FROM s b JOIN ended e ON e.id ="
    "   (SELECT min(id) FROM run WHERE id > b.last AND ended_us IS NOT NULL)"
    "   LEFT JOIN s n ON n.page = b.page AND e.id BETWEEN n.first AND n.last"
    "   WHERE e.before BETWEEN b.first AND b.last AND n.page IS NULL)"
    " SELECT c.run, " TIME("r.started_us") " AS started,"
    " r.started_us / 1000000 AS started_s, c.page, p.url,"
    " " WORD("c.outcome_before") " AS outcome_before,"
    " " WORD("c.outcome") " AS outcome, " WORD("c.reason") " AS reason,"
    " " WORD("c.type_before") " AS type_before, " WORD("c.type") " AS type,"
    " c.size_before, c.size, c.size - c.size_before AS gained, c.wire_before, c.wire"
    " FROM c JOIN page p ON p.id = c.page JOIN run r ON r.id = c.run;";
/* clang-format on */
