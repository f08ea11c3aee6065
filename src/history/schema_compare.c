#include "history/schema_compare.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "history/sql.h"

/* ---- words ---- */

static bool is_of_name(char c)
{
    return haul_ascii_is_alnum(c) || c == '_' || c == '$' || (c & 0x80);
}

/* The length of a comment at the beginning of a text; 0: there is none. */
static size_t skip_comment(const char *at)
{
    const char *end;

    if (at[0] == '-' && at[1] == '-')
        return strcspn(at, "\n");
    if (at[0] != '/' || at[1] != '*')
        return 0;
    end = strstr(at + 2, "*/");
    return end ? (size_t)(end - at) + 2 : strlen(at);
}

/* The length of what is quoted at the beginning of a text, with its quotes; a doubled quote is one
 * of what is quoted. 1: it has no end. */
static size_t span_quoted(const char *at)
{
    const char close = *at == '[' ? ']' : *at;
    const char *end = strchr(at + 1, close);

    while (end && end[1] == close && close != ']')
        end = strchr(end + 2, close);
    return end ? (size_t)(end - at) + 1 : 1;
}

/* A name is one with and without its quotes, if it can be without them; a text is not. */
static void add_quoted(struct haul_buf *buf, const char *at, size_t len)
{
    bool is_name = *at != '\'' && len > 2 && !haul_ascii_is_digit(at[1]);

    for (size_t i = 1; i + 1 < len && is_name; i++)
        is_name = is_of_name(at[i]);
    if (!is_name) {
        haul_buf_add(buf, at, len);
        return;
    }
    for (size_t i = 1; i + 1 < len; i++)
        haul_buf_add_char(buf, haul_ascii_lower(at[i]));
}

static size_t span_name(const char *at)
{
    size_t len = 0;

    while (is_of_name(at[len]))
        len++;
    return len;
}

void haul_schema_add_words(struct haul_buf *buf, const char *sql)
{
    while (*sql) {
        size_t len = skip_comment(sql);

        if (!len && strchr(" \t\n\f\r", *sql))
            len = 1;
        if (len) {
            sql += len;
            continue;
        }
        if (buf->len)
            haul_buf_add_char(buf, ' ');
        len = span_name(sql);
        if (strchr("\"`['", *sql)) {
            len = span_quoted(sql);
            add_quoted(buf, sql, len);
        } else {
            len = len ? len : 1;
            for (size_t i = 0; i < len; i++)
                haul_buf_add_char(buf, haul_ascii_lower(sql[i]));
        }
        sql += len;
    }
}

/* ---- rows ---- */

enum { NAME, TYPE, TABLE, STATEMENT, OBJECT_COLUMNS };

/* Each begins with the name of a table or an index, and is ordered by it. */
static const struct {
    const char *sql;
    int columns;
} looks[] = {
    {"SELECT name, type, lower(tbl_name), coalesce(sql, '') FROM main.sqlite_schema"
     " ORDER BY name, type",
     OBJECT_COLUMNS},
    {"SELECT s.name, x.cid, lower(x.name), lower(x.type), x.\"notnull\", coalesce(x.dflt_value, "
     "''),"
     " x.pk, x.hidden FROM main.sqlite_schema s, pragma_table_xinfo(s.name, 'main') x"
     " WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY s.name, x.cid",
     8},
    {"SELECT i.name, lower(s.name), i.\"unique\", i.origin, i.partial, x.seqno, x.cid,"
     " coalesce(lower(x.name), ''), x.\"desc\", x.coll, x.key FROM main.sqlite_schema s,"
     " pragma_index_list(s.name, 'main') i, pragma_index_xinfo(i.name, 'main') x"
     " WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY i.name, x.seqno",
     11},
};
enum { OBJECTS, LOOKS = sizeof looks / sizeof *looks };

struct both {
    sqlite3_stmt *file, *model;
    struct haul_buf file_words, model_words;
};

/* By bytes: SQLite reads a text up to its first NUL, and may show more. */
static bool has_nul(sqlite3_stmt *row, int column)
{
    return strlen(haul_sql_text(row, column)) != (size_t)sqlite3_column_bytes(row, column);
}

static int compare_text(const struct both *both, int column)
{
    int order = strcmp(haul_sql_text(both->file, column), haul_sql_text(both->model, column));

    return order ? order : has_nul(both->file, column);
}

static bool has_words(struct haul_buf *words, sqlite3_stmt *row, const char *sql)
{
    haul_buf_clear(words);
    haul_schema_add_words(words, haul_sql_text(row, STATEMENT));
    return !words->err && strcmp(haul_buf_str(words), sql) == 0;
}

static bool is_same_statement(struct both *both)
{
    haul_buf_clear(&both->model_words);
    haul_schema_add_words(&both->model_words, haul_sql_text(both->model, STATEMENT));
    return !both->model_words.err && !has_nul(both->file, STATEMENT) &&
           has_words(&both->file_words, both->file, haul_buf_str(&both->model_words));
}

/* sqlite.org/fileformat2.html, 2.6.3 */
static bool is_statistics(struct both *both)
{
    static const char *const made[] = {
        "create table sqlite_stat1 ( tbl , idx , stat )",
        "create table sqlite_stat4 ( tbl , idx , neq , nlt , ndlt , sample )"};
    const char *name = haul_sql_text(both->file, NAME);

    if (strncmp(name, "sqlite_stat", strlen("sqlite_stat")) != 0 || has_nul(both->file, STATEMENT))
        return false;
    return has_words(&both->file_words, both->file, made[0]) ||
           has_words(&both->file_words, both->file, made[1]);
}

static enum haul_err refuse(struct haul_buf *message, sqlite3_stmt *row, const char *how)
{
    haul_buf_addf(message, "not a history of haul's: '%.100s' %s", haul_sql_text(row, NAME), how);
    return HAUL_ERR_USAGE;
}

/* What is the user's own is his to remove. */
static enum haul_err refuse_more(struct haul_buf *message, sqlite3_stmt *row)
{
    static const struct {
        const char *type, *word;
    } drop[] = {{"index", "INDEX"}, {"table", "TABLE"}, {"trigger", "TRIGGER"}, {"view", "VIEW"}};
    const char *name = haul_sql_text(row, NAME), *type = haul_sql_text(row, TYPE);
    size_t i = 0;

    (void)refuse(message, row, "has no place in it");
    while (i < sizeof drop / sizeof *drop && strcmp(drop[i].type, type) != 0)
        i++;
    if (i == sizeof drop / sizeof *drop || strlen(name) > 100)
        return HAUL_ERR_USAGE;
    haul_buf_addf(message, "; if it is yours, the sqlite3 program removes it: DROP %s \"",
                  drop[i].word);
    for (; *name; name++)
        haul_buf_addf(message, *name == '"' ? "\"%c" : "%c", *name);
    haul_buf_add_str(message, "\";");
    return HAUL_ERR_USAGE;
}

static enum haul_err next_of_file(struct both *both, int look)
{
    enum haul_err err;

    do
        err = haul_sql_step(both->file);
    while (!err && look == OBJECTS && is_statistics(both));
    return err;
}

/* The next row of both, or of what has one left: `*order` is which name comes first. */
static enum haul_err step(struct both *both, int look, int *order)
{
    enum haul_err err = next_of_file(both, look), model_err = haul_sql_step(both->model);

    if (err && err != HAUL_ERR_END)
        return err;
    if (model_err && model_err != HAUL_ERR_END)
        return model_err;
    *order = err ? !model_err : model_err ? -1 : compare_text(both, NAME);
    return err && model_err ? HAUL_ERR_END : HAUL_OK;
}

static enum haul_err compare_row(struct both *both, int look, struct haul_buf *message)
{
    for (int column = 1; column < looks[look].columns; column++) {
        bool is_statement = look == OBJECTS && column == STATEMENT;

        if (is_statement ? !is_same_statement(both) : compare_text(both, column) != 0)
            return refuse(message, both->file, "is not as haul makes it");
    }
    return HAUL_OK;
}

/* Walks both in the order of their names; either may end first. */
static enum haul_err walk(struct both *both, int look, struct haul_buf *message)
{
    enum haul_err err;
    int order;

    while ((err = step(both, look, &order)) == HAUL_OK) {
        if (order > 0)
            return refuse(message, both->model, "is missing");
        if (order < 0 && look == OBJECTS)
            return refuse_more(message, both->file);
        if (order < 0)
            return refuse(message, both->file, "is not as haul makes it");
        err = compare_row(both, look, message);
        if (err)
            return err;
    }
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

enum haul_err haul_schema_compare(sqlite3 *db, sqlite3 *model, struct haul_buf *message)
{
    struct both both = {.file = NULL};
    enum haul_err err = HAUL_OK;

    haul_buf_init(&both.file_words, 0);
    haul_buf_init(&both.model_words, 0);
    for (int look = 0; look < LOOKS && !err; look++) {
        err = haul_sql_prepare(model, looks[look].sql, &both.model);
        if (!err)
            err = haul_sql_prepare(db, looks[look].sql, &both.file);
        if (!err)
            err = walk(&both, look, message);
        sqlite3_finalize(both.file);
        sqlite3_finalize(both.model);
        both.file = both.model = NULL;
    }
    haul_buf_done(&both.file_words);
    haul_buf_done(&both.model_words);
    return err;
}
