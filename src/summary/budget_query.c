#include "history/sql.h"
#include "summary/budget_eval_inside.h"

/*
 * The URLs that a budget is about: of this run, those that may be, and of the run before. What has
 * failed has the type that it had when it was last fetched, for an error page's is not its own;
 * what is not there has none; and what never was fetched may have any.
 */
#define TYPE                                                                                       \
    "CASE WHEN outcome IN ('ok', 'unchanged') THEN type WHEN last_size IS NOT NULL THEN last_type" \
    " WHEN haul_is_absent(outcome, reason) OR haul_is_disallowed(outcome, reason) THEN '' END"

#define PAGES(run) "(SELECT * FROM " run "_page WHERE outcome NOT IN ('duplicate', 'invalid') AND "
#define TAGGED(run)                                                                                \
    "EXISTS (SELECT 1 FROM " run "_tag WHERE page_rowid = id AND name = :tag "                     \
    "AND haul_matches(:glob, value)))"

#define CHOSEN(run, column) PAGES(run) "haul_matches(:glob, " column "))"

static const char *const tables[][3] = {
    [HAUL_CHOICE_ALL] = {PAGES("now") "1)", PAGES("now") "1)", PAGES("before") "1)"},
    [HAUL_CHOICE_PATH] = {CHOSEN("now", "path"), CHOSEN("now", "path"), CHOSEN("before", "path")},
    [HAUL_CHOICE_HOST] = {CHOSEN("now", "host"), CHOSEN("now", "host"), CHOSEN("before", "host")},
    [HAUL_CHOICE_TYPE] = {CHOSEN("now", TYPE),
                          PAGES("now") "ifnull(haul_matches(:glob, " TYPE "), 1))",
                          CHOSEN("before", TYPE)},
    [HAUL_CHOICE_TAG] = {PAGES("now") TAGGED("now"), PAGES("now") TAGGED("now"),
                         PAGES("before") TAGGED("before")}};

/* What a name stands for: a table of the choice, or what is of decoded sizes or of those on the
 * wire. NULL: it is none. */
static const char *find_name(const struct haul_evaluation *evaluation, char name)
{
    static const char table_names[] = {'n', 'm', 'b'};
    static const char column_names[] = {'s', 'l', 'w', 'k'};
    static const char *const columns[][4] = {
        {"size", "last_size", "", "'no known length'"},
        {"wire", "last_wire", "wire_", "'not known on the wire'"}};

    for (size_t i = 0; i < sizeof table_names; i++)
        if (table_names[i] == name)
            return tables[evaluation->budget.choice][i];
    for (size_t i = 0; i < sizeof column_names; i++)
        if (column_names[i] == name)
            return columns[evaluation->budget.is_wire][i];
    return NULL;
}

static void compose(struct haul_evaluation *evaluation, const char *query)
{
    haul_buf_clear(&evaluation->sql);
    for (; *query; query++) {
        const char *text = *query == '@' ? find_name(evaluation, query[1]) : NULL;

        if (!text) {
            haul_buf_add_char(&evaluation->sql, *query);
            continue;
        }
        haul_buf_add_str(&evaluation->sql, text);
        query++;
    }
}

static void bind_text(sqlite3_stmt *statement, const char *name, const char *text)
{
    int index = sqlite3_bind_parameter_index(statement, name);

    if (index)
        haul_sql_bind_text(statement, index, text);
}

static void bind_int(sqlite3_stmt *statement, const char *name, int64_t value)
{
    int index = sqlite3_bind_parameter_index(statement, name);

    if (index)
        sqlite3_bind_int64(statement, index, value);
}

sqlite3_stmt *haul_evaluation_prepare(struct haul_evaluation *evaluation, const char *query,
                                      int64_t rank)
{
    sqlite3_stmt *statement = NULL;

    compose(evaluation, query);
    if (!evaluation->err)
        evaluation->err = evaluation->sql.err;
    if (!evaluation->err)
        evaluation->err =
            haul_sql_prepare(evaluation->db, haul_buf_str(&evaluation->sql), &statement);
    if (evaluation->err)
        return NULL;
    bind_text(statement, ":glob", evaluation->budget.glob);
    bind_text(statement, ":tag", evaluation->budget.tag);
    bind_int(statement, ":limit", evaluation->budget.limit);
    bind_int(statement, ":most", HAUL_BUDGET_OFFENDERS_MAX);
    bind_int(statement, ":rank", rank);
    return statement;
}

bool haul_evaluation_step(struct haul_evaluation *evaluation, sqlite3_stmt *statement)
{
    if (!evaluation->err)
        evaluation->err = haul_sql_step(statement);
    if (!evaluation->err)
        return true;
    if (evaluation->err == HAUL_ERR_END)
        evaluation->err = HAUL_OK;
    return false;
}

void haul_evaluation_ask(struct haul_evaluation *evaluation, const char *query, int64_t rank,
                         double *value, int count)
{
    sqlite3_stmt *statement = haul_evaluation_prepare(evaluation, query, rank);

    if (haul_evaluation_step(evaluation, statement))
        for (int i = 0; i < count; i++)
            value[i] = sqlite3_column_double(statement, i);
    sqlite3_finalize(statement);
}
