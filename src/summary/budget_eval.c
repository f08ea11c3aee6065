#include "summary/budget_eval.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "history/sql_record.h"
#include "summary/budget.h"

struct judge {
    sqlite3 *db;
    struct haul_summary *summary;
    struct haul_budget budget;
    struct haul_summary_budget *result;
    struct haul_buf sql, text;
};

/* What is measured lies between the two; both in the unit of the budget. */
struct range {
    double least, most;
};

/* ---- asking ---- */

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
static void compose(struct judge *j, const char *query)
{
    haul_buf_clear(&j->sql);
    for (; *query; query++) {
        const char *found = *query == '@' ? strchr("nmb", query[1]) : NULL;

        if (!found) {
            haul_buf_add_char(&j->sql, *query);
            continue;
        }
        haul_buf_add_str(&j->sql, tables[j->budget.choice][*found == 'n'   ? 0
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

static enum haul_err err_of(int code)
{
    return code == SQLITE_NOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_IO;
}

/* `rank` is for queries that have :rank. The statement is NULL on failure. */
static enum haul_err prepare(struct judge *j, const char *query, int64_t rank,
                             sqlite3_stmt **statement)
{
    int code;

    *statement = NULL;
    compose(j, query);
    if (j->sql.err)
        return j->sql.err;
    code = sqlite3_prepare_v2(j->db, haul_buf_str(&j->sql), -1, statement, NULL);
    if (code != SQLITE_OK)
        return err_of(code);
    bind_text(*statement, ":glob", j->budget.glob);
    bind_text(*statement, ":tag", j->budget.tag);
    bind_int(*statement, ":limit", j->budget.limit);
    bind_int(*statement, ":most", HAUL_BUDGET_OFFENDERS_MAX);
    bind_int(*statement, ":rank", rank);
    return HAUL_OK;
}

/* The one row of a query, `count` numbers; NULL is 0. */
static enum haul_err ask_rank(struct judge *j, const char *query, int64_t rank, double *value,
                              int count)
{
    sqlite3_stmt *statement;
    enum haul_err err = prepare(j, query, rank, &statement);
    int code;

    if (err)
        return err;
    code = sqlite3_step(statement);
    for (int i = 0; code == SQLITE_ROW && i < count; i++)
        value[i] = sqlite3_column_double(statement, i);
    if (code != SQLITE_ROW)
        err = err_of(code);
    sqlite3_finalize(statement);
    return err;
}

static enum haul_err ask(struct judge *j, const char *query, double *value, int count)
{
    return ask_rank(j, query, 0, value, count);
}

/* ---- the worst ---- */

static void add_what(struct haul_buf *text, sqlite3_stmt *statement, bool is_growth)
{
    int64_t bytes = sqlite3_column_int64(statement, 1);

    if (sqlite3_column_type(statement, 1) == SQLITE_TEXT) {
        haul_buf_add_str(text, (const char *)sqlite3_column_text(statement, 1));
        return;
    }
    if (is_growth)
        haul_buf_add_char(text, bytes < 0 ? '-' : '+');
    haul_units_add_bytes(text, bytes < 0 ? -bytes : bytes);
}

static enum haul_err add_offender(struct judge *j, sqlite3_stmt *statement)
{
    const char *url = (const char *)sqlite3_column_text(statement, 0), *kept;

    haul_buf_clear(&j->text);
    haul_buf_add_str(&j->text, url ? url : "");
    haul_buf_add_str(&j->text, " (");
    add_what(&j->text, statement, j->budget.measure == HAUL_MEASURE_GROWTH);
    haul_buf_add_char(&j->text, ')');
    kept = j->text.err ? NULL : haul_summary_keep(j->summary, haul_buf_str(&j->text));
    if (!kept)
        return HAUL_ERR_NOMEM;
    j->result->offender[j->result->offender_count++] = kept;
    return HAUL_OK;
}

/* `rows`: a query for url and what is wrong with it, the worst first, without its end. */
static enum haul_err name_offenders(struct judge *j, const char *rows)
{
    sqlite3_stmt *statement;
    enum haul_err err;
    int code = SQLITE_DONE;

    j->result->offender =
        haul_summary_alloc(j->summary, HAUL_BUDGET_OFFENDERS_MAX * sizeof *j->result->offender);
    if (!j->result->offender)
        return HAUL_ERR_NOMEM;
    err = prepare(j, rows, 0, &statement);
    while (!err && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        j->result->offender_total = (uint64_t)sqlite3_column_int64(statement, 2);
        err = add_offender(j, statement);
    }
    if (!err && code != SQLITE_DONE)
        err = err_of(code);
    sqlite3_finalize(statement);
    return err;
}

static bool is_lower_limit(const struct judge *j)
{
    return j->budget.op == HAUL_OP_GT || j->budget.op == HAUL_OP_GE;
}

#define WORST(rows, order)                                                                         \
    "SELECT url, what, count(*) OVER () FROM " rows " ORDER BY what " order ", url LIMIT :most"

static const char largest[] =
    WORST("(SELECT url, size AS what FROM @n WHERE size IS NOT NULL)", "DESC");
static const char smallest[] =
    WORST("(SELECT url, size AS what FROM @n WHERE size IS NOT NULL)", "ASC");
static const char not_ok[] =
    "SELECT url, reason, count(*) OVER () FROM @n WHERE haul_is_failure(outcome, reason) "
    "ORDER BY line, url LIMIT :most";

/* What is in both, or in one list only; but nothing that has no size in one of them. */
#define CHANGES                                                                                    \
    "(SELECT n.url AS url, n.size - ifnull(b.size, 0) AS what FROM @n AS n "                       \
    "LEFT JOIN (SELECT page, size, 1 AS there FROM before_page) AS b ON b.page = n.page "          \
    "WHERE n.size IS NOT NULL AND (b.there IS NULL OR b.size IS NOT NULL) "                        \
    "UNION ALL SELECT url, -size FROM @b "                                                         \
    "WHERE size IS NOT NULL AND page NOT IN (SELECT page FROM now_page))"
static const char grown[] = "SELECT url, what, count(*) OVER () FROM " CHANGES
                            " WHERE what > 0 ORDER BY what DESC, url LIMIT :most";
static const char shrunk[] = "SELECT url, what, count(*) OVER () FROM " CHANGES
                             " WHERE what < 0 ORDER BY what, url LIMIT :most";

/* One query for each operator: what does not keep to the limit. */
#define BREAKING(test, order)                                                                      \
    WORST("(SELECT url, size AS what FROM @n WHERE size IS NOT NULL AND NOT size " test            \
          " :limit)",                                                                              \
          order)
static const char *const breaking[] = {[HAUL_OP_LT] = BREAKING("<", "DESC"),
                                       [HAUL_OP_LE] = BREAKING("<=", "DESC"),
                                       [HAUL_OP_GT] = BREAKING(">", "ASC"),
                                       [HAUL_OP_GE] = BREAKING(">=", "ASC"),
                                       [HAUL_OP_EQ] = BREAKING("=", "DESC")};

static enum haul_err name_worst(struct judge *j)
{
    bool is_lower = is_lower_limit(j);

    switch (j->budget.measure) {
    case HAUL_MEASURE_TOTAL:
    case HAUL_MEASURE_PERCENTILE:
        return name_offenders(j, is_lower ? smallest : largest);
    case HAUL_MEASURE_EACH:
        return name_offenders(j, breaking[j->budget.op]);
    case HAUL_MEASURE_GROWTH:
        return name_offenders(j, is_lower ? shrunk : grown);
    case HAUL_MEASURE_FAILED:
        return name_offenders(j, not_ok);
    case HAUL_MEASURE_COUNT:
        break;
    }
    return HAUL_OK;
}

/* ---- judging ---- */

/* A number in the unit of the budget, as people want it. */
static double shown(const struct judge *j, double value)
{
    return j->budget.unit == HAUL_UNIT_MILLIONTHS ? value / 10000 : value;
}

static bool holds(enum haul_budget_op op, double value, double limit)
{
    switch (op) {
    case HAUL_OP_LT:
        return value < limit;
    case HAUL_OP_LE:
        return value <= limit;
    case HAUL_OP_GT:
        return value > limit;
    case HAUL_OP_GE:
        return value >= limit;
    case HAUL_OP_EQ:
        break;
    }
    return !(value < limit) && !(value > limit);
}

/* Kept (exceeded) if the limit holds (does not hold) wherever in the range the truth is. */
static enum haul_budget_state compare(enum haul_budget_op op, struct range range, double limit)
{
    bool least = holds(op, range.least, limit), most = holds(op, range.most, limit);

    if (least && most)
        return HAUL_BUDGET_KEPT;
    if (least || most)
        return HAUL_BUDGET_UNKNOWN;
    if (op == HAUL_OP_EQ && range.least < limit && range.most > limit)
        return HAUL_BUDGET_UNKNOWN;
    return HAUL_BUDGET_EXCEEDED;
}

/* Sets the note if there is none yet. */
static enum haul_err note(struct judge *j, const char *text)
{
    if (j->result->note)
        return HAUL_OK;
    j->result->note = haul_summary_keep(j->summary, text);
    return j->result->note ? HAUL_OK : HAUL_ERR_NOMEM;
}

static enum haul_err note_number(struct judge *j, double number, const char *one, const char *many)
{
    haul_buf_clear(&j->text);
    haul_units_add_grouped(&j->text, (int64_t)number);
    haul_buf_add_str(&j->text, number > 1 ? many : one);
    return j->text.err ? j->text.err : note(j, haul_buf_str(&j->text));
}

/* `unknown`: URLs that may add to the figure, and have no size. */
static enum haul_err note_gaps(struct judge *j, double unknown)
{
    if (unknown > 0)
        return note_number(j, unknown, " URL has no known length", " URLs have no known length");
    return j->summary->complete ? HAUL_OK : note(j, "the run is not complete");
}

static enum haul_err conclude(struct judge *j, struct range range, double limit)
{
    j->result->state = compare(j->budget.op, range, limit);
    j->result->actual = shown(j, range.least);
    return HAUL_OK;
}

/* What may be added by what is not known. */
static double open_end(const struct judge *j, double known, double unknown)
{
    return unknown > 0 || !j->summary->complete ? HUGE_VAL : known;
}

/* ---- the measures ---- */

static enum haul_err count_unknown(struct judge *j, double *unknown)
{
    return ask(j, "SELECT count(*) FROM @m WHERE size IS NULL", unknown, 1);
}

static enum haul_err note_if_nothing(struct judge *j, double known, double unknown)
{
    if (known > 0 || unknown > 0)
        return note_gaps(j, unknown);
    return j->budget.choice == HAUL_CHOICE_ALL ? note_gaps(j, 0) : note(j, "no URL matches");
}

static enum haul_err judge_total(struct judge *j)
{
    double value[2] = {0, 0}, unknown = 0;
    enum haul_err err =
        ask(j, "SELECT count(*), total(size) FROM @n WHERE size IS NOT NULL", value, 2);

    if (!err)
        err = count_unknown(j, &unknown);
    if (!err)
        err = note_if_nothing(j, value[0], unknown);
    if (err)
        return err;
    return conclude(j, (struct range){value[1], open_end(j, value[1], unknown)},
                    (double)j->budget.limit);
}

/* Whatever the unknown ones are: one that is too large is one. */
static enum haul_err judge_each(struct judge *j)
{
    double value[3] = {0, 0, 0}, unknown = 0;
    enum haul_err err =
        ask(j, "SELECT count(*), max(size), min(size) FROM @n WHERE size IS NOT NULL", value, 3);
    bool holds_all = holds(j->budget.op, value[1], (double)j->budget.limit) &&
                     holds(j->budget.op, value[2], (double)j->budget.limit);

    if (!err)
        err = count_unknown(j, &unknown);
    if (!err)
        err = note_if_nothing(j, value[0], unknown);
    if (err)
        return err;
    j->result->actual = is_lower_limit(j) ? value[2] : value[1];
    if (value[0] > 0 && !holds_all)
        j->result->state = HAUL_BUDGET_EXCEEDED;
    else if (unknown > 0 || !j->summary->complete)
        j->result->state = HAUL_BUDGET_UNKNOWN;
    return HAUL_OK;
}

/* The size of that rank, from 1. What is before the first is nothing, and behind the last there is
 * no bound. */
static enum haul_err ask_size(struct judge *j, int64_t rank, int64_t known, double *size)
{
    *size = rank < 1 ? 0 : HUGE_VAL;
    if (rank < 1 || rank > known)
        return HAUL_OK;
    return ask_rank(j,
                    "SELECT size FROM @n WHERE size IS NOT NULL ORDER BY size "
                    "LIMIT 1 OFFSET :rank - 1",
                    rank, size, 1);
}

/* The unknown ones may all be small, or all be large. */
static enum haul_err judge_percentile(struct judge *j)
{
    double known = 0, unknown = 0;
    struct range range = {0, 0};
    int64_t rank;
    enum haul_err err = ask(j, "SELECT count(*) FROM @n WHERE size IS NOT NULL", &known, 1);

    if (!err)
        err = count_unknown(j, &unknown);
    if (!err)
        err = known > 0 ? note_gaps(j, unknown) : note(j, "no URL has a known length");
    rank = ((int64_t)(known + unknown) * j->budget.percent + 99) / 100;
    if (!err)
        err = ask_size(j, rank - (int64_t)unknown, (int64_t)known, &range.least);
    if (!err)
        err = ask_size(j, rank, (int64_t)known, &range.most);
    if (err)
        return err;
    if (known < 1)
        range = (struct range){0, HUGE_VAL};
    if (!j->summary->complete)
        range.most = HUGE_VAL;
    return conclude(j, range, (double)j->budget.limit);
}

static enum haul_err judge_count(struct judge *j)
{
    double value[2] = {0, 0};
    enum haul_err err =
        ask(j, "SELECT (SELECT count(*) FROM @n), (SELECT count(*) FROM @m)", value, 2);

    if (!err)
        err = note_if_nothing(j, value[0], value[1] - value[0]);
    if (err)
        return err;
    return conclude(j, (struct range){value[0], open_end(j, value[0], value[1] - value[0])},
                    (double)j->budget.limit);
}

/* A share is compared as a product: there is no quotient of nothing, and nothing is rounded. */
static enum haul_err judge_failed(struct judge *j)
{
    bool is_share = j->budget.unit == HAUL_UNIT_MILLIONTHS;
    double value[3] = {0, 0, 0}, scale = is_share ? 1e6 : 1, limit = (double)j->budget.limit;
    struct range range;
    enum haul_err err = ask(j,
                            "SELECT (SELECT count(*) FROM @n), "
                            "(SELECT count(*) FROM @n WHERE haul_is_failure(outcome, reason)), "
                            "(SELECT count(*) FROM @m WHERE haul_is_failure(outcome, reason))",
                            value, 3);

    if (!err)
        err = value[0] > 0 ? note_gaps(j, 0) : note_if_nothing(j, 0, value[2]);
    if (err)
        return err;
    range.least = value[1] * scale;
    range.most = open_end(j, value[2] * scale, 0);
    err = conclude(j, range, is_share && value[0] > 0 ? limit * value[0] : limit);
    if (is_share && value[0] > 0)
        j->result->actual = value[1] / value[0] * 100;
    return err;
}

/* A percentage of nothing: anything is infinitely more, and nothing has not grown. */
static enum haul_err judge_from_nothing(struct judge *j, struct range range)
{
    if (range.least <= 0)
        return conclude(j, range, (double)j->budget.limit);
    j->result->unit = "bytes";
    j->result->limit = 0;
    j->result->state = compare(j->budget.op, range, 0);
    j->result->actual = range.least;
    return note(j, "nothing was there before, so this is no percentage");
}

static enum haul_err judge_change(struct judge *j, double now, double before)
{
    double change = now - before;
    struct range range = {change, open_end(j, change, 0)};
    enum haul_err err;

    if (j->budget.unit == HAUL_UNIT_BYTES)
        return conclude(j, range, (double)j->budget.limit);
    if (before < 1)
        return judge_from_nothing(j, range);
    range.least *= 1e6;
    range.most *= 1e6;
    err = conclude(j, range, (double)j->budget.limit * before);
    j->result->actual = change / before * 100;
    return err;
}

static enum haul_err judge_growth(struct judge *j)
{
    double value[4] = {0, 0, 0, 0};
    enum haul_err err;

    if (!j->summary->has_before) {
        j->result->state = HAUL_BUDGET_UNKNOWN;
        return note(j, "there is no earlier complete run");
    }
    err = ask(j,
              "WITH gap(page) AS (SELECT page FROM before_page WHERE size IS NULL "
              "UNION SELECT page FROM now_page WHERE size IS NULL) "
              "SELECT (SELECT total(size) FROM @n WHERE page NOT IN gap), "
              "(SELECT total(size) FROM @b WHERE page NOT IN gap), "
              "(SELECT count(DISTINCT page) FROM (SELECT page FROM @m UNION ALL "
              "SELECT page FROM @b) WHERE page IN gap), "
              "(SELECT count(*) FROM @n WHERE page NOT IN gap) + "
              "(SELECT count(*) FROM @b WHERE page NOT IN gap)",
              value, 4);
    if (!err && value[2] > 0)
        err =
            note_number(j, value[2], " URL that has no known length in one of the runs is left out",
                        " URLs that have no known length in one of the runs are left out");
    if (!err)
        err = note_gaps(j, 0);
    if (err || value[3] > 0 || value[2] < 1)
        return err ? err : judge_change(j, value[0], value[1]);
    j->result->state = HAUL_BUDGET_UNKNOWN; /* there is nothing to compare */
    return HAUL_OK;
}

static enum haul_err judge_measure(struct judge *j)
{
    switch (j->budget.measure) {
    case HAUL_MEASURE_TOTAL:
        return judge_total(j);
    case HAUL_MEASURE_EACH:
        return judge_each(j);
    case HAUL_MEASURE_PERCENTILE:
        return judge_percentile(j);
    case HAUL_MEASURE_GROWTH:
        return judge_growth(j);
    case HAUL_MEASURE_COUNT:
        return judge_count(j);
    case HAUL_MEASURE_FAILED:
        break;
    }
    return judge_failed(j);
}

static enum haul_err judge_one(struct judge *j, const char *expression)
{
    static const char *const units[] = {"bytes", "URLs", "%"};
    struct haul_budget_error ignored;
    enum haul_err err;

    if (haul_budget_parse(expression, &j->budget, &ignored))
        return HAUL_ERR_USAGE;
    j->result->expression = haul_summary_keep(j->summary, expression);
    if (!j->result->expression)
        return HAUL_ERR_NOMEM;
    j->result->unit = units[j->budget.unit];
    j->result->limit = shown(j, (double)j->budget.limit);
    err = judge_measure(j);
    if (!err && j->result->state == HAUL_BUDGET_EXCEEDED)
        err = name_worst(j);
    return err;
}

static enum haul_err judge_all(struct judge *j, const struct haul_strings *expressions)
{
    enum haul_err err = haul_sql_record_register(j->db);
    int code = sqlite3_create_function(j->db, "haul_matches", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                       NULL, match, NULL, NULL);

    if (code != SQLITE_OK)
        return err_of(code);
    for (size_t i = 0; i < expressions->count && !err; i++) {
        j->result = &j->summary->budget[i];
        err = judge_one(j, expressions->item[i]);
    }
    return err;
}

enum haul_err haul_budget_evaluate(sqlite3 *db, const struct haul_strings *expressions,
                                   struct haul_summary *summary)
{
    struct judge j = {.db = db, .summary = summary};
    enum haul_err err;

    summary->budget_count = 0;
    summary->budget = haul_summary_alloc(summary, expressions->count * sizeof *summary->budget);
    if (!summary->budget)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&j.sql, 0);
    haul_buf_init(&j.text, 0);
    err = judge_all(&j, expressions);
    if (!err)
        summary->budget_count = expressions->count;
    haul_buf_done(&j.sql);
    haul_buf_done(&j.text);
    return err;
}
