#include "history/last_known.h"
#include "history/schema.h"
#include "history/sql.h"
#include "history/store_inside.h"

/*
 * From the records of a run to what the history keeps of them. The outline, for run R after the
 * finished run P:
 *
 *   0. Pages of an earlier version get their key of today, where only now it is known.
 *   1. now_page gets its occurrences, and each of its rows the number of its page; unknown pages
 *      get one.
 *   2. seen: what R found, a row for every page but those it did not get to, in the words' numbers.
 *   3. What R found otherwise, or not at all, is written down in `past` as having lasted until P.
 *   4. page becomes what R found.
 *
 * Nothing is written for a page that R found as P did.
 */

#define PAGE_COLUMNS                                                                               \
    "id INTEGER PRIMARY KEY, page INTEGER, url TEXT, host TEXT, path TEXT, type TEXT,"             \
    " outcome TEXT, reason TEXT, http_code INTEGER, size INTEGER, wire INTEGER, line INTEGER,"     \
    " started_us INTEGER, time_total_us INTEGER, worker INTEGER, tags TEXT,"                       \
    " last_size INTEGER, last_type TEXT, last_wire INTEGER, source TEXT, lastmod TEXT"

static const char make_tables[] =
    "CREATE TEMP TABLE IF NOT EXISTS now_page(" PAGE_COLUMNS ","
    " key BLOB, seq INTEGER, occurrence INTEGER DEFAULT 1, etag TEXT, last_modified TEXT,"
    " old_key BLOB);"
    "CREATE TEMP TABLE IF NOT EXISTS before_page(" PAGE_COLUMNS ");"
    "CREATE TEMP TABLE IF NOT EXISTS now_tried(worker INTEGER, started_us INTEGER,"
    " time_us INTEGER, is_wait INTEGER, is_failed INTEGER);"
    "CREATE TEMP VIEW IF NOT EXISTS now_tag(page_rowid, name, value) AS"
    " SELECT s.id, t.key, t.value FROM temp.now_page s, json_each(" HAUL_SCHEMA_TAGS ") t"
    " WHERE s.tags <> '' OR s.lastmod IS NOT NULL;"
    "CREATE TEMP VIEW IF NOT EXISTS before_tag(page_rowid, name, value) AS"
    " SELECT s.id, t.key, t.value FROM temp.before_page s, json_each(" HAUL_SCHEMA_TAGS ") t"
    " WHERE s.tags <> '' OR s.lastmod IS NOT NULL;"
    "DROP INDEX IF EXISTS temp.now_page_key;"
    "DROP INDEX IF EXISTS temp.now_page_page;"
    "DELETE FROM temp.now_page;"
    "DELETE FROM temp.now_tried;"
    "DELETE FROM temp.before_page";

/* ---- 1. ---- */

static const char count_occurrences[] =
    "CREATE INDEX temp.now_page_key ON now_page(key, seq);"
    "UPDATE temp.now_page SET occurrence = o.n FROM"
    " (SELECT id, row_number() OVER (PARTITION BY key ORDER BY seq) AS n FROM temp.now_page) o"
    " WHERE o.n > 1 AND o.id = now_page.id";

/*
 * --redact has hidden something of such a page's URL (schema.h): it is one of now if what is left
 * of the two is alike (sql_keys.h). What may be of each other is put aside first, so that this
 * costs little where nothing is.
 */
static const char gather_old[] =
    "CREATE TEMP TABLE old_page AS SELECT id, key, occurrence, url, haul_url_form(url) AS form"
    " FROM main.page WHERE length(key) = 8;"
    "CREATE INDEX temp.old_page_key ON old_page(key, form);"
    "CREATE TEMP TABLE new_page AS SELECT key, occurrence, seq, old_key, url,"
    " haul_url_form(url) AS form FROM temp.now_page n WHERE length(key) = 16"
    " AND (old_key IS NULL OR old_key IN (SELECT key FROM temp.old_page))"
    " AND NOT EXISTS (SELECT 1 FROM main.page p WHERE p.key = n.key"
    "  AND p.occurrence = n.occurrence)";

/*
 * One after the other: by the 64 bits and the form, for it may be that two URLs have the same; by
 * the 64 bits, where other rules hid more or less of it then; and those that are out of a journal,
 * of which the 64 bits are not known, by the form alone. The n-th is the n-th among its like.
 */
#define RENEW(o_like, n_like, n_where, condition)                                                  \
    "UPDATE OR IGNORE main.page SET key = m.key, occurrence = m.occurrence FROM"                   \
    " (SELECT o.id, n.key, n.occurrence FROM"                                                      \
    "  (SELECT *, row_number() OVER (PARTITION BY " o_like " ORDER BY occurrence, id) AS n"        \
    "   FROM temp.old_page) o JOIN"                                                                \
    "  (SELECT *, row_number() OVER (PARTITION BY " n_like " ORDER BY seq) AS n"                   \
    "   FROM temp.new_page WHERE " n_where ") n ON " condition " AND n.n = o.n) m"                 \
    " WHERE m.id = page.id;"                                                                       \
    "DELETE FROM temp.old_page WHERE id IN"                                                        \
    " (SELECT id FROM main.page WHERE length(key) = 16);"                                          \
    "DELETE FROM temp.new_page WHERE EXISTS (SELECT 1 FROM main.page p"                            \
    " WHERE p.key = new_page.key AND p.occurrence = new_page.occurrence);"

static const char *const renew_keys[] = {
    gather_old,
    RENEW("key, form", "old_key, form", "old_key IS NOT NULL",
          "n.old_key = o.key AND n.form = o.form"),
    RENEW("key", "old_key", "old_key IS NOT NULL",
          "n.old_key = o.key AND haul_url_alike(n.url, o.url)"),
    RENEW("form", "form", "old_key IS NULL", "n.form = o.form"),
    "DROP TABLE temp.old_page; DROP TABLE temp.new_page",
};

/* In the order of the records, which is nearly that of the list: what is looked up by page later on
 * is then found side by side. */
static const char number_pages[] =
    "INSERT INTO main.page(key, occurrence, url)"
    " SELECT n.key, n.occurrence, n.url FROM temp.now_page n WHERE NOT EXISTS"
    " (SELECT 1 FROM main.page p WHERE p.key = n.key AND p.occurrence = n.occurrence)"
    " ORDER BY n.id;"
    "UPDATE temp.now_page SET page = (SELECT p.id FROM main.page p"
    " WHERE p.key = now_page.key AND p.occurrence = now_page.occurrence);"
    "CREATE UNIQUE INDEX temp.now_page_page ON now_page(page)";

/* A server that says "unchanged" need not say again of what type, nor by which validator; and the
 * body, which it does not send, takes on the wire what it took. */
static const char complete_unchanged[] =
    "UPDATE temp.now_page SET"
    " type = CASE WHEN now_page.type <> '' THEN now_page.type"
    "  ELSE coalesce((SELECT text FROM main.word WHERE id = p.type), '') END,"
    " wire = coalesce(now_page.wire, (SELECT" HAUL_SCHEMA_WIRE " FROM main.page s WHERE s.id = p.id"
    "  AND s.size IS now_page.size)),"
    " etag = coalesce(now_page.etag, p.etag),"
    " last_modified = coalesce(now_page.last_modified, p.last_modified)"
    " FROM main.page p WHERE p.id = now_page.page AND now_page.outcome = 'unchanged'";

/* ---- 2. ---- */

static const char keep_words[] =
    "INSERT OR IGNORE INTO main.word(text)"
    " SELECT DISTINCT outcome FROM temp.now_page UNION SELECT DISTINCT reason FROM temp.now_page"
    " UNION SELECT DISTINCT type FROM temp.now_page UNION SELECT DISTINCT tags FROM temp.now_page";

static const char gather_seen[] =
    "DROP TABLE IF EXISTS temp.seen;"
    "CREATE TEMP TABLE seen(page INTEGER PRIMARY KEY, outcome, reason, type, tags, http_code,"
    " size, wire, url TEXT, etag TEXT, last_modified TEXT, lastmod TEXT, old_lastmod TEXT);"
    "INSERT INTO temp.seen SELECT n.page,"
    " (SELECT id FROM main.word WHERE text = n.outcome),"
    " (SELECT id FROM main.word WHERE text = n.reason),"
    " (SELECT id FROM main.word WHERE text = n.type),"
    " (SELECT id FROM main.word WHERE text = n.tags),"
    " n.http_code, n.size, n.wire, n.url, n.etag, n.last_modified, n.lastmod,"
    " (SELECT" HAUL_SCHEMA_LASTMOD " FROM main.page s WHERE s.id = n.page)"
    " FROM temp.now_page n WHERE n.outcome <> 'pending' ORDER BY n.page;"
    /* What P knew is what the server calls unchanged: there is nothing new to write down. */
    "UPDATE temp.seen SET outcome = p.outcome, reason = p.reason, http_code = p.http_code,"
    " wire = p.wire FROM main.page p WHERE p.id = seen.page AND p.since IS NOT NULL"
    " AND p.size IS seen.size"
    " AND seen.outcome = (SELECT id FROM main.word WHERE text = 'unchanged')"
    " AND p.outcome = (SELECT id FROM main.word WHERE text = 'ok')";

/* ---- 3. and 4. ---- */

#define STATE_OF_PAGE                                                                              \
    "page.outcome, page.reason, page.type, page.tags, page.http_code, page.size, page.wire"
#define STATE_SEEN "s.outcome, s.reason, s.type, s.tags, s.http_code, s.size, s.wire"

/* Takes: the prior run. */
static const char keep_past[] =
    "INSERT INTO main.past SELECT %lld, page.id, page.since, " STATE_OF_PAGE
    ", page.lastmod FROM main.page LEFT JOIN temp.seen s ON s.page = page.id WHERE page.since IS "
    "NOT NULL"
    " AND (s.page IS NULL OR (" STATE_SEEN ") IS NOT (" STATE_OF_PAGE ")) ORDER BY page.id";

/* Takes: this run. */
static const char renew_pages[] =
    "UPDATE main.page SET"
    " since = CASE WHEN page.since IS NULL OR (" STATE_SEEN ") IS NOT (" STATE_OF_PAGE ")"
    "  THEN %lld ELSE page.since END,"
    " outcome = s.outcome, reason = s.reason, type = s.type, tags = s.tags,"
    " http_code = s.http_code, size = s.size, wire = s.wire,"
    " url = s.url, etag = s.etag, last_modified = s.last_modified, lastmod = s.lastmod"
    " FROM temp.seen s WHERE s.page = page.id AND (page.since IS NULL"
    " OR (" STATE_SEEN ") IS NOT (" STATE_OF_PAGE ")"
    " OR (s.url, s.etag, s.last_modified, s.lastmod) IS NOT"
    "  (page.url, page.etag, page.last_modified, page.lastmod))";

static const char close_pages[] =
    "UPDATE main.page SET since = NULL"
    " WHERE since IS NOT NULL AND id NOT IN (SELECT page FROM temp.seen)";

/* ---- before_page ---- */

/* `s` has the state, `p` the page. */
#define OLD_PAGE                                                                                   \
    "INSERT OR IGNORE INTO temp.before_page(id, page, url, host, path, type, outcome, reason,"     \
    " http_code, size, wire, tags, lastmod)"                                                       \
    " SELECT p.id, p.id, p.url, haul_host(p.url), haul_path(p.url)," HAUL_SCHEMA_STATE(            \
        "main") ", "

/* Takes: the earlier run, three times. */
static const char fill_before[] =
    OLD_PAGE "(SELECT old_lastmod FROM temp.seen WHERE page = p.id)"
             " FROM main.page s JOIN main.page p ON p.id = s.id WHERE s.since <= %lld;" OLD_PAGE
                 HAUL_SCHEMA_LASTMOD " FROM main.past s JOIN main.page p ON p.id = s.page"
             " WHERE s.last >= %lld AND s.first <= %lld;"
             "UPDATE temp.before_page SET host = '', path = '' WHERE outcome = 'invalid'";

enum haul_err haul_store_clear(struct haul_store *store)
{
    return haul_sql_run(store->db, make_tables);
}

enum haul_err haul_store_merge(struct haul_store *store)
{
    static const char *const first[] = {number_pages, complete_unchanged, keep_words, gather_seen};
    static const char has_old[] = "SELECT count(*) FROM main.page WHERE length(key) = 8";
    long long before = store->before;
    int64_t old = 0;
    enum haul_err err = HAUL_OK;

    if (!store->keeps)
        return haul_sql_run(store->db, "UPDATE temp.now_page SET page = id");
    err = haul_sql_run(store->db, count_occurrences);
    if (!err)
        err = haul_sql_number(store->db, has_old, &old);
    for (size_t i = 0; i < sizeof renew_keys / sizeof *renew_keys && old && !err; i++)
        err = haul_sql_run(store->db, renew_keys[i]);
    for (size_t i = 0; i < sizeof first / sizeof *first && !err; i++)
        err = haul_sql_run(store->db, first[i]);
    if (!err)
        err = haul_sql_runf(store->db, keep_past, (long long)store->prior);
    if (!err)
        err = haul_sql_runf(store->db, renew_pages, (long long)store->run);
    if (!err)
        err = haul_sql_run(store->db, close_pages);
    if (!err)
        err = haul_sql_runf(store->db, fill_before, before, before, before);
    if (!err)
        err = haul_last_known_fill(store);
    return err ? err : haul_sql_run(store->db, "DROP TABLE temp.seen");
}
