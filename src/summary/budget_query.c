#include <string.h>

#include "history/sql_record.h"
#include "summary/budget_eval_inside.h"

static void match(sqlite3_context *context, int count, sqlite3_value **value)
{
    const char *pattern = (const char *)sqlite3_value_text(value[0]);
    const char *text = (const char *)sqlite3_value_text(value[1]);

    (void)count;
    if (pattern && text)
        sqlite3_result_int(context,
                           haul_glob_matches(pattern, text, (size_t)sqlite3_value_bytes(value[1])));
}

/* The URLs that a budget is about: of this run, those that may be, and of the run before. A URL
 * without a size may have any type. */
#define PAGES(run) "(SELECT * FROM " run "_page WHERE outcome NOT IN ('duplicate', 'invalid') AND "
#define TAGGED(run)                                                                                \
    "EXISTS (SELECT 1 FROM " run "_tag WHERE page_rowid = id AND name = :tag "                     \
    "AND haul_matches(:glob, value)))"

static const char *const tables[][3] = {
    [HAUL_CHOICE_ALL] = {PAGES("now") "1)", PAGES("now") "1)", PAGES("before") "1)"},
    [HAUL_CHOICE_PATH] = {PAGES("now") "haul_matches(:glob, path))",
                          PAGES("now") "haul_matches(:glob, path))",
                          PAGES("before") "haul_matches(:glob, path))"},
    [HAUL_CHOICE_HOST] = {PAGES("now") "haul_matches(:glob, host))",
                          PAGES("now") "haul_matches(:glob, host))",
                          PAGES("before") "haul_matches(:glob, host))"},
    [HAUL_CHOICE_TYPE] = {PAGES("now") "haul_matches(:glob, type))",
                          PAGES("now") "(size IS NULL OR haul_matches(:glob, type)))",
                          PAGES("before") "haul_matches(:glob, type))"},
    [HAUL_CHOICE_TAG] = {PAGES("now") TAGGED("now"), PAGES("now") TAGGED("now"),
                         PAGES("before") TAGGED("before")}};

/* In queries, @n stands for the URLs of this run, @m for those that may be, @b for those before. */
static void compose(struct haul_evaluation *evaluation, const char *query)
{
    haul_buf_clear(&evaluation->sql);
    for (; *query; query++) {
        const char *found = *query == '@' ? strchr("nmb", query[1]) : NULL;

        if (!found) {
            haul_buf_add_char(&evaluation->sql, *query);
            continue;
        }
        haul_buf_add_str(&evaluation->sql, tables[evaluation->budget.choice][*found == 'n'   ? 0
                                                                             : *found == 'm' ? 1
                                                                                             : 2]);
        query++;
    }
}

static void bind_text(sqlite3_stmt *statement, const char *name, const char *text)
{
    int index = sqlite3_bind_parameter_index(statement, name);

    if (index)
        sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static void bind_int(sqlite3_stmt *statement, const char *name, int64_t value)
{
    int index = sqlite3_bind_parameter_index(statement, name);

    if (index)
        sqlite3_bind_int64(statement, index, value);
}

enum haul_err haul_evaluation_err(int code)
{
    return code == SQLITE_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_IO;
}

/* `rank` is for queries that have :rank. The statement is NULL on failure. */
enum haul_err haul_evaluation_prepare(struct haul_evaluation *evaluation, const char *query,
                                      int64_t rank, sqlite3_stmt **statement)
{
    int code;

    *statement = NULL;
    compose(evaluation, query);
    if (evaluation->sql.err)
        return evaluation->sql.err;
    code = sqlite3_prepare_v2(evaluation->db, haul_buf_str(&evaluation->sql), -1, statement, NULL);
    if (code != SQLITE_OK)
        return haul_evaluation_err(code);
    bind_text(*statement, ":glob", evaluation->budget.glob);
    bind_text(*statement, ":tag", evaluation->budget.tag);
    bind_int(*statement, ":limit", evaluation->budget.limit);
    bind_int(*statement, ":most", HAUL_BUDGET_OFFENDERS_MAX);
    bind_int(*statement, ":rank", rank);
    return HAUL_OK;
}

/* The one row of a query, `count` numbers; NULL is 0. */
enum haul_err haul_evaluation_ask_rank(struct haul_evaluation *evaluation, const char *query,
                                       int64_t rank, double *value, int count)
{
    sqlite3_stmt *statement;
    enum haul_err err = haul_evaluation_prepare(evaluation, query, rank, &statement);
    int code;

    if (err)
        return err;
    code = sqlite3_step(statement);
    for (int i = 0; code == SQLITE_ROW && i < count; i++)
        value[i] = sqlite3_column_double(statement, i);
    if (code != SQLITE_ROW)
        err = haul_evaluation_err(code);
    sqlite3_finalize(statement);
    return err;
}

enum haul_err haul_evaluation_ask(struct haul_evaluation *evaluation, const char *query,
                                  double *value, int count)
{
    return haul_evaluation_ask_rank(evaluation, query, 0, value, count);
}

enum haul_err haul_evaluation_register(sqlite3 *db)
{
    enum haul_err err = haul_sql_record_register(db);
    int code = sqlite3_create_function(db, "haul_matches", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                       NULL, match, NULL, NULL);

    return code == SQLITE_OK ? err : haul_evaluation_err(code);
}
