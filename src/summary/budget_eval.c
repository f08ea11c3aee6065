#include "summary/budget_eval.h"

#include "base/units.h"
#include "summary/budget_eval_inside.h"

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

static enum haul_err add_offender(struct haul_evaluation *evaluation, sqlite3_stmt *statement)
{
    const char *url = (const char *)sqlite3_column_text(statement, 0), *kept;

    haul_buf_clear(&evaluation->text);
    haul_buf_add_str(&evaluation->text, url ? url : "");
    haul_buf_add_str(&evaluation->text, " (");
    add_what(&evaluation->text, statement, evaluation->budget.measure == HAUL_MEASURE_GROWTH);
    haul_buf_add_char(&evaluation->text, ')');
    kept = evaluation->text.err
               ? NULL
               : haul_summary_keep(evaluation->summary, haul_buf_str(&evaluation->text));
    if (!kept)
        return HAUL_ERR_NOMEM;
    evaluation->result->offender[evaluation->result->offender_count++] = kept;
    return HAUL_OK;
}

/* `rows`: a query for url and what is wrong with it, the worst first, without its end. */
static enum haul_err name_offenders(struct haul_evaluation *evaluation, const char *rows)
{
    sqlite3_stmt *statement;
    enum haul_err err;
    int code = SQLITE_DONE;

    evaluation->result->offender = haul_summary_alloc(
        evaluation->summary, HAUL_BUDGET_OFFENDERS_MAX * sizeof *evaluation->result->offender);
    if (!evaluation->result->offender)
        return HAUL_ERR_NOMEM;
    err = haul_evaluation_prepare(evaluation, rows, 0, &statement);
    while (!err && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        evaluation->result->offender_total = (uint64_t)sqlite3_column_int64(statement, 2);
        err = add_offender(evaluation, statement);
    }
    if (!err && code != SQLITE_DONE)
        err = haul_evaluation_err(code);
    sqlite3_finalize(statement);
    return err;
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

static enum haul_err name_worst(struct haul_evaluation *evaluation)
{
    bool is_lower = haul_evaluation_is_lower_limit(evaluation);

    switch (evaluation->budget.measure) {
    case HAUL_MEASURE_TOTAL:
    case HAUL_MEASURE_PERCENTILE:
        return name_offenders(evaluation, is_lower ? smallest : largest);
    case HAUL_MEASURE_EACH:
        return name_offenders(evaluation, breaking[evaluation->budget.op]);
    case HAUL_MEASURE_GROWTH:
        return name_offenders(evaluation, is_lower ? shrunk : grown);
    case HAUL_MEASURE_FAILED:
        return name_offenders(evaluation, not_ok);
    case HAUL_MEASURE_COUNT:
        break;
    }
    return HAUL_OK;
}

/* ---- all budgets ---- */

static enum haul_err evaluate_one(struct haul_evaluation *evaluation, const char *expression)
{
    static const char *const units[] = {"bytes", "URLs", "%"};
    struct haul_budget_error ignored;
    enum haul_err err;

    if (haul_budget_parse(expression, &evaluation->budget, &ignored))
        return HAUL_ERR_USAGE;
    evaluation->result->expression = haul_summary_keep(evaluation->summary, expression);
    if (!evaluation->result->expression)
        return HAUL_ERR_NOMEM;
    evaluation->result->unit = units[evaluation->budget.unit];
    evaluation->result->limit = haul_evaluation_shown(evaluation, (double)evaluation->budget.limit);
    err = haul_evaluation_measure(evaluation);
    if (!err && evaluation->result->state == HAUL_BUDGET_EXCEEDED)
        err = name_worst(evaluation);
    return err;
}

static enum haul_err evaluate_all(struct haul_evaluation *evaluation,
                                  const struct haul_strings *expressions)
{
    enum haul_err err = haul_evaluation_register(evaluation->db);

    for (size_t i = 0; i < expressions->count && !err; i++) {
        evaluation->result = &evaluation->summary->budget[i];
        err = evaluate_one(evaluation, expressions->item[i]);
    }
    return err;
}

enum haul_err haul_budget_evaluate(sqlite3 *db, const struct haul_strings *expressions,
                                   struct haul_summary *summary)
{
    struct haul_evaluation evaluation = {.db = db, .summary = summary};
    enum haul_err err;

    summary->budget_count = 0;
    summary->budget = haul_summary_alloc(summary, expressions->count * sizeof *summary->budget);
    if (!summary->budget)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&evaluation.sql, 0);
    haul_buf_init(&evaluation.text, 0);
    err = evaluate_all(&evaluation, expressions);
    if (!err)
        summary->budget_count = expressions->count;
    haul_buf_done(&evaluation.sql);
    haul_buf_done(&evaluation.text);
    return err;
}
