#include "command/command.h"

#include <string.h>

#include "base/escape.h"
#include "base/units.h"
#include "command/text_table.h"
#include "engine/confine.h"
#include "history/database.h"
#include "history/import.h"
#include "history/schema.h"
#include "history/sql.h"
#include "history/sql_keys.h"
#include "input/url.h"
#include "model/config_rules.h"
#include "model/key.h"
#include "render/number.h"

struct history {
    const struct haul_config *config;
    const char *name; /* of the history */
    sqlite3 *db;
    struct haul_text_table table;
    uint64_t missing; /* URLs that are not in it */
};

/* clang-format off: the layout is SQL's */
#define DATE "strftime('%Y-%m-%dT%H:%M:%SZ', haul_known(started_us) / 1000000, 'unixepoch')"
#define OUTCOME(name, word) ", haul_known(" word ")"
#define TITLE                                                                                      \
    "iif(json_valid(options), iif(json_type(options, '$.title') = 'text',"                         \
    " substr(json_extract(options, '$.title'), 1, 200), NULL), NULL)"

static const char list_sql[] =
    "SELECT id, " DATE ", CASE WHEN ended_us IS NULL THEN 2 ELSE complete IS NOT 1 END,"
    " haul_known(status), haul_known(elapsed_us) / 1000 + (haul_known(elapsed_us) % 1000 >= 500), "
    "haul_known(lines)" HAUL_OUTCOMES(
        OUTCOME) ", haul_known(size), haul_known(wire), substr(version, 1, 128), " TITLE
                 ", " HAUL_SCHEMA_PAGE_WIRE " FROM run ORDER BY id";

/* ?4: what is asked for is a pattern. */
#define PAGE_IS                                                                                    \
    "(key = ?1 OR url = ?2 OR (key = ?3 AND haul_url_alike(url, ?2))"                              \
    " OR (?4 AND haul_matches(?2, url)))"

/*
 * The last run that a page's present state holds for is the last that has ended. Rows that differ
 * only in what is not shown are one, if no run lies between them that has not found the page.
 */
static const char page_sql[] =
    "WITH state AS (SELECT id AS page, since AS first,"
    "   (SELECT max(id) FROM run WHERE ended_us IS NOT NULL) AS last,"
    "   outcome, reason, http_code, size, wire, type, lastmod FROM page WHERE since IS NOT NULL"
    "   AND " PAGE_IS
    "  UNION ALL SELECT page, first, last, outcome, reason, http_code, size, wire, type, lastmod"
    "   FROM past WHERE last IN (SELECT id FROM run)"
    "   AND page IN (SELECT id FROM page WHERE " PAGE_IS ")),"
    " told AS (SELECT *, lag(last) OVER w AS until, (outcome, reason, http_code, size, wire, type)"
    "   IS NOT (lag(outcome) OVER w, lag(reason) OVER w, lag(http_code) OVER w, lag(size) OVER w,"
    "    lag(wire) OVER w, lag(type) OVER w) AS differs"
    "  FROM state WINDOW w AS (PARTITION BY page ORDER BY first)),"
    " shown AS (SELECT *, sum(differs OR EXISTS (SELECT 1 FROM run WHERE id > until AND id < first"
    "   AND ended_us IS NOT NULL)) OVER (PARTITION BY page ORDER BY first) AS n FROM told),"
    " s AS (SELECT *, min(first) OVER (PARTITION BY page, n) AS since,"
    "   row_number() OVER (PARTITION BY page, n ORDER BY first DESC) AS rank FROM shown)"
    "SELECT p.url, s.since, (SELECT " DATE " FROM run WHERE id = s.since), s.last,"
    " (SELECT " DATE " FROM run WHERE id = s.last), substr(o.text, 1, 128),"
    " substr(r.text, 1, 128), haul_known(s.http_code), haul_known(s.size), haul_known(s.wire),"
    " substr(t.text, 1, 128), substr(s.lastmod, 1, 128)"
    " FROM s JOIN page p ON p.id = s.page JOIN word o ON o.id = s.outcome"
    " JOIN word r ON r.id = s.reason JOIN word t ON t.id = s.type"
    " WHERE s.rank = 1 ORDER BY iif(?4, p.url, NULL), p.occurrence, s.first";
/* clang-format on */

static const char *const state_word[] = {"complete", "incomplete", "killed or running"};

static const struct haul_text_table_column list_columns[] = {
    {"run", HAUL_TEXT_TABLE_NUMBER},        {"started", HAUL_TEXT_TABLE_DATE},
    {"state", HAUL_TEXT_TABLE_WORD},        {"status", HAUL_TEXT_TABLE_NUMBER},
    {"elapsed_ms", HAUL_TEXT_TABLE_NUMBER}, {"lines", HAUL_TEXT_TABLE_NUMBER},
    {"ok", HAUL_TEXT_TABLE_NUMBER},         {"failed", HAUL_TEXT_TABLE_NUMBER},
    {"unchanged", HAUL_TEXT_TABLE_NUMBER},  {"skipped", HAUL_TEXT_TABLE_NUMBER},
    {"duplicate", HAUL_TEXT_TABLE_NUMBER},  {"invalid", HAUL_TEXT_TABLE_NUMBER},
    {"pending", HAUL_TEXT_TABLE_NUMBER},    {"size", HAUL_TEXT_TABLE_NUMBER},
    {"wire", HAUL_TEXT_TABLE_NUMBER},       {"haul", HAUL_TEXT_TABLE_STRING},
    {"title", HAUL_TEXT_TABLE_STRING},      {"page_wire", HAUL_TEXT_TABLE_NUMBER},
};
enum {
    WORD_WIDTH = 40,
    TITLE_COLUMN = 16,
    LIST_COLUMNS = sizeof list_columns / sizeof *list_columns
};

static const struct haul_text_table_column page_columns[] = {
    {"url", HAUL_TEXT_TABLE_STRING},       {"first_run", HAUL_TEXT_TABLE_NUMBER},
    {"first", HAUL_TEXT_TABLE_DATE},       {"last_run", HAUL_TEXT_TABLE_NUMBER},
    {"last", HAUL_TEXT_TABLE_DATE},        {"outcome", HAUL_TEXT_TABLE_STRING},
    {"reason", HAUL_TEXT_TABLE_STRING},    {"http_code", HAUL_TEXT_TABLE_NUMBER},
    {"size_body", HAUL_TEXT_TABLE_NUMBER}, {"size_download", HAUL_TEXT_TABLE_NUMBER},
    {"type", HAUL_TEXT_TABLE_STRING},      {"lastmod", HAUL_TEXT_TABLE_STRING},
};
enum { PAGE_COLUMNS = sizeof page_columns / sizeof *page_columns };

/* ---- runs ---- */

/* A signal may have come before anything was found. */
static bool has_found_nothing(sqlite3_stmt *row)
{
    return sqlite3_column_int(row, 2) != 2 && !haul_sql_count(row, 5) &&
           haul_sql_known(row, 3) < HAUL_EXIT_SIGNAL;
}

/* "  12  2026-11-22T03:00:00Z  10,000 lines  3 failed  38.2 MiB  complete, status 0  Title" */
static void add_run(struct history *h, sqlite3_stmt *row)
{
    struct haul_text_table *table = &h->table;
    bool has_ended = sqlite3_column_int(row, 2) != 2;
    const char *title = haul_sql_text(row, TITLE_COLUMN);

    haul_buf_add_i64(&table->cell, sqlite3_column_int64(row, 0));
    haul_text_table_pad(table, 5);
    haul_buf_add_str(&table->cell, haul_sql_text(row, 1));
    haul_text_table_pad(table, 20);
    if (has_ended) {
        haul_units_add_grouped(&table->cell, (int64_t)haul_sql_count(row, 5));
        haul_buf_add_str(&table->cell, " lines");
        haul_text_table_pad(table, 15);
        haul_units_add_grouped(&table->cell, (int64_t)haul_sql_count(row, 7));
        haul_buf_add_str(&table->cell, " failed");
        haul_text_table_pad(table, 14);
        haul_text_table_add_size(table, haul_sql_known(row, 13));
        haul_text_table_pad(table, 11);
    }
    haul_buf_add_str(&table->line, state_word[sqlite3_column_int(row, 2)]);
    if (haul_sql_known(row, 3) >= 0)
        haul_buf_addf(&table->line, ", status %lld", (long long)haul_sql_known(row, 3));
    if (has_found_nothing(row))
        haul_buf_add_str(&table->line, ", nothing found");
    haul_buf_add_str(&table->line, *title ? "  " : "");
    haul_text_table_last(table, title);
}

static enum haul_err write_table(struct history *h, sqlite3_stmt *query,
                                 void (*add)(struct history *h, sqlite3_stmt *row))
{
    enum haul_err err;

    while ((err = haul_sql_step(query)) == HAUL_OK)
        add(h, query);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

static enum haul_err check_runs(struct history *h)
{
    int64_t count = 0;
    enum haul_err err = haul_sql_number(h->db, "SELECT count(*) FROM run", &count);

    if (!err && !count)
        haul_buf_addf(&h->table.message, "%s: there is no run in it", h->name);
    return err;
}

static enum haul_err write_runs(struct history *h)
{
    sqlite3_stmt *query = NULL;
    enum haul_err err = check_runs(h);

    if (!err)
        err = haul_sql_prepare(h->db, list_sql, &query);
    if (!err && h->config->format == HAUL_FORMAT_TEXT)
        err = write_table(h, query, add_run);
    else if (!err)
        err = haul_text_table_rows(&h->table, list_columns, LIST_COLUMNS, state_word, query);
    sqlite3_finalize(query);
    return err;
}

/* ---- one page ---- */

/* A word that a run has found; whoever has written the file may have put anything there. */
static void add_word(struct haul_text_table *table, const char *word)
{
    haul_escape_terminal(&table->line, word, strlen(word), table->term.utf8, WORD_WIDTH);
}

/* "2026-11-20T03:00:00Z  to 2026-11-22T03:00:00Z  1.2 KiB  ok, lastmod 2026-11-21  http://..." */
static void add_page(struct history *h, sqlite3_stmt *row)
{
    struct haul_text_table *table = &h->table;
    const char *reason = haul_sql_text(row, 6), *lastmod = haul_sql_text(row, 11);

    haul_buf_addf(&table->line, "%s to %s  ", haul_sql_text(row, 2), haul_sql_text(row, 4));
    haul_text_table_add_size(table, haul_sql_known(row, 8));
    haul_text_table_pad(table, 11);
    add_word(table, haul_sql_text(row, 5));
    haul_buf_add_str(&table->line, *reason ? ": " : "");
    add_word(table, reason);
    haul_buf_add_str(&table->line, *lastmod ? ", lastmod " : "");
    add_word(table, lastmod);
    haul_buf_add_str(&table->line, "  ");
    haul_text_table_last(table, haul_sql_text(row, 0));
}

static enum haul_err bind_url(const struct history *h, sqlite3_stmt *query, const char *text)
{
    struct haul_url_parser *parser;
    struct haul_url url;
    enum haul_err err = haul_url_parser_create(&parser);

    if (err)
        return err;
    haul_sql_bind_text(query, 2, text);
    if (haul_url_parse(parser, text, strlen(text), &url) == HAUL_REASON_NONE) {
        const struct haul_key key =
            haul_key_of_url(HAUL_KEY_URL, &h->config->ignore_params, url.url, url.url_len);

        haul_sql_bind_key(query, 1, &key);
        haul_sql_bind_old_key(query, 3, &key);
    }
    haul_url_parser_free(parser);
    return HAUL_OK;
}

/* *is_there: whether the query has a row. One that is not there keeps nobody from the others. */
static enum haul_err check_there(struct history *h, sqlite3_stmt *query, const char *url,
                                 bool *is_there)
{
    enum haul_err err = haul_sql_step(query);

    sqlite3_reset(query);
    if (err == HAUL_ERR_END && strchr(url, '*')) { /* no page is called so */
        sqlite3_bind_int(query, 4, 1);
        err = haul_sql_step(query);
        sqlite3_reset(query);
    }
    *is_there = !err;
    if (err != HAUL_ERR_END)
        return err;
    if (!h->missing++)
        haul_buf_addf(&h->table.message, "%s: not in this history",
                      haul_text_table_shown(&h->table, url));
    return HAUL_OK;
}

static enum haul_err write_page(struct history *h, const char *url)
{
    sqlite3_stmt *query = NULL;
    enum haul_err err = haul_sql_prepare(h->db, page_sql, &query);
    bool is_there = false;

    if (!err)
        err = bind_url(h, query, url);
    if (!err)
        err = check_there(h, query, url, &is_there);
    if (!err && is_there && h->config->format == HAUL_FORMAT_TEXT)
        err = write_table(h, query, add_page);
    else if (!err && is_there)
        err = haul_text_table_rows(&h->table, page_columns, PAGE_COLUMNS, NULL, query);
    sqlite3_finalize(query);
    return err;
}

/* ---- all of it ---- */

/* The next argument from `*next` on, or NULL. A configuration file's lists are for runs. */
static const char *next_name(const struct history *h, size_t *next)
{
    while (*next < h->config->source_count) {
        const struct haul_source *source = &h->config->source[(*next)++];

        if (source->kind == HAUL_SOURCE_URL)
            return source->text;
    }
    return NULL;
}

static enum haul_err write_what(struct history *h, size_t next)
{
    const char *url = next_name(h, &next);
    enum haul_err err = url ? HAUL_OK : write_runs(h);

    for (; url && !err; url = next_name(h, &next))
        err = write_page(h, url);
    if (h->missing > 1)
        haul_buf_addf(&h->table.message, ", and %s more", haul_render_grouped(h->missing - 1).text);
    return err;
}

static enum haul_err write_all(struct history *h)
{
    struct haul_key_today today = {.ignored = &h->config->ignore_params};
    struct haul_database_state state;
    size_t next = 0;
    enum haul_err err = haul_config_check(h->config, HAUL_VERB_HISTORY, &h->table.message);

    if (!err)
        err = haul_text_table_begin_hiding(&h->table);
    if (!err)
        err = haul_confine_command(h->config, HAUL_VERB_HISTORY, NULL, &h->table.message);
    if (err)
        return err;
    h->name = next_name(h, &next);
    today.redactor = h->table.redactor;
    haul_database_remember(h->name, &state);
    err = haul_import_open(h->name, &today, &h->db, &h->table.message);
    if (!err)
        err = haul_text_table_open(&h->table);
    if (!err)
        err = write_what(h, next);
    if (h->db && haul_database_has_changed(h->name, &state, &h->table.message))
        err = HAUL_ERR_IO;
    if (!err)
        err = haul_text_table_publish(&h->table);
    return !err && h->missing ? HAUL_ERR_USAGE : err;
}

int haul_command_history(const struct haul_config *config)
{
    struct history h = {.config = config};
    enum haul_err err;

    haul_text_table_init(&h.table, config);
    err = write_all(&h);
    if (err && !h.table.message.len) {
        haul_buf_addf(&h.table.message, "%s: cannot be read: ", h.name);
        haul_sql_add_error(&h.table.message, h.db);
    }
    sqlite3_close(h.db);
    return haul_text_table_end(&h.table, err);
}
