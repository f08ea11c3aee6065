#include <assert.h>

#include "history/diff.h"
#include "history/sql.h"
#include "summary/query_inside.h"

/*
 * URLs that fail alike below one directory are one line, if they are more than two; so an outage is
 * told in a few. The directory is the deepest with which the lines are few enough: that of each
 * URL, the first of its path, or else all of its site.
 */

enum {
    ALONE_MAX = 2, /* URLs of one directory that are listed by themselves */
    FOLDED_MAX = 3 /* lines of several URLs */
};

static const int depths[] = {-1, 1, 0};
enum { DEPTHS = sizeof depths / sizeof *depths };

/* What is told: kind, reason, url, delta, is_counted, after. The second takes a kind of change. */
static const char failing_sql[] = "(SELECT %d AS kind, reason, url, NULL AS delta, 0 AS is_counted,"
                                  " NULL AS after FROM temp.failing WHERE is_new)";
static const char changed_sql[] =
    "(SELECT kind, '' AS reason, url, delta, is_counted, after FROM temp.change WHERE kind = %d"
    " AND page NOT IN (SELECT page FROM temp.failing WHERE is_new))";

/* The lines: those below a directory that are too many to be listed have its text, the others their
 * own. Takes: ALONE_MAX, the depth, what is told. */
#define LINES                                                                                      \
    "(SELECT kind, reason, text, count(*) AS n, haul_sum(delta) AS gained,"                        \
    "  min(is_counted) AS is_counted, max(after) AS after FROM"                                    \
    "  (SELECT *, iif(count(*) OVER (PARTITION BY reason, below) > %d, below, url) AS text FROM"   \
    "   (SELECT *, haul_below(url, %d) AS below FROM %s)) GROUP BY kind, reason, text)"

struct lines {
    int64_t all, folded;
};

static void take_lines(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    (void)query;
    *(struct lines *)item =
        (struct lines){.all = sqlite3_column_int64(row, 0), .folded = sqlite3_column_int64(row, 1)};
}

static int find_depth(struct haul_summary_query *query, const char *told)
{
    for (int i = 0; i < DEPTHS - 1; i++) {
        char *sql = sqlite3_mprintf("SELECT count(*), coalesce(sum(n > 1), 0) FROM " LINES,
                                    ALONE_MAX, depths[i], told);
        struct lines lines = {0};

        haul_query_rows(query, sql, NULL, take_lines, &lines, 1, sizeof lines);
        sqlite3_free(sql);
        if (lines.all <= HAUL_SUMMARY_NEWS_MAX && lines.folded <= FOLDED_MAX)
            return depths[i];
    }
    return depths[DEPTHS - 1];
}

static void take_news(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    *(struct haul_summary_news *)item =
        (struct haul_summary_news){.change = (enum haul_change)sqlite3_column_int(row, 0),
                                   .reason = haul_query_text(query, row, 1),
                                   .url = haul_query_text(query, row, 2),
                                   .count = haul_query_count(row, 3),
                                   .gained = sqlite3_column_int64(row, 4),
                                   .is_gain_known = sqlite3_column_int(row, 5),
                                   .after = haul_sql_known(row, 6)};
}

static void list_news(struct haul_summary_query *query, enum haul_change change)
{
    struct haul_summary *out = query->out;
    char *told = sqlite3_mprintf(change == HAUL_CHANGE_FAILING ? failing_sql : changed_sql, change);
    char *sql = NULL;

    if (told && !query->err)
        sql = sqlite3_mprintf("SELECT * FROM " LINES
                              " ORDER BY n DESC, abs(gained) DESC, reason, text",
                              ALONE_MAX, find_depth(query, told), told);
    out->news_count += haul_query_rows(query, sql, NULL, take_news, out->news + out->news_count,
                                       HAUL_SUMMARY_NEWS_MAX, sizeof *out->news);
    sqlite3_free(sql);
    sqlite3_free(told);
}

static void take_counts(struct haul_summary_query *query, sqlite3_stmt *row, void *item)
{
    struct haul_summary *out = query->out;

    (void)item;
    out->newly_failing = haul_query_count(row, 0);
    out->still_failing = haul_query_count(row, 1);
    out->still_failing_since_us = haul_sql_time_us(row, 2);
    out->newly_invalid = haul_query_count(row, 3);
    out->news_changes = haul_query_count(row, 4);
    out->added_failing = haul_query_count(row, 5);
}

/* The kinds of change are those below. */
static const char count_sql[] =
    "SELECT coalesce(sum(is_new), 0), coalesce(sum(NOT is_new), 0), min(since_us),"
    " (SELECT count(*) FROM temp.now_page n WHERE outcome = 'invalid' AND NOT EXISTS (SELECT 1"
    "  FROM temp.before_page b WHERE b.id = n.page AND b.outcome = 'invalid')),"
    " (SELECT count(*) FROM temp.change WHERE kind IN (0, 1, 5, 6, 8)),"
    " (SELECT count(*) FROM temp.change WHERE kind = 0 AND page IN (SELECT page FROM temp.failing"
    "  WHERE is_new)) FROM temp.failing";

static_assert(HAUL_CHANGE_ADDED == 0 && HAUL_CHANGE_GONE == 1 && HAUL_CHANGE_FAILING == 5 &&
                  HAUL_CHANGE_RECOVERED == 6 && HAUL_CHANGE_DISALLOWED == 8,
              "the numbers stand in the SQL above");

void haul_query_news(struct haul_summary_query *query)
{
    static const enum haul_change told[] = {HAUL_CHANGE_FAILING, HAUL_CHANGE_DISALLOWED,
                                            HAUL_CHANGE_RECOVERED, HAUL_CHANGE_ADDED,
                                            HAUL_CHANGE_GONE};
    struct haul_summary *out = query->out;
    enum { TOLD = sizeof told / sizeof *told };

    out->news = haul_query_alloc(query, TOLD * (size_t)HAUL_SUMMARY_NEWS_MAX, sizeof *out->news);
    haul_query_rows(query, count_sql, NULL, take_counts, out, 1, 0);
    for (size_t i = 0; i < TOLD; i++)
        list_news(query, told[i]);
}
