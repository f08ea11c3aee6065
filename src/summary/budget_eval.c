#include "summary/budget_eval.h"

#include "base/units.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "summary/budget_eval_inside.h"

/* ---- the worst, and what is not known ---- */

/* Rows of url, what is wrong with it (a text or bytes), the size that it had if it is told, and how
 * many there are in all. */
enum offender_column { OFFENDER_URL, OFFENDER_WHAT, OFFENDER_HAD, OFFENDER_TOTAL };

static void add_what(struct haul_buf *text, sqlite3_stmt *statement, bool is_growth)
{
    int64_t bytes = sqlite3_column_int64(statement, OFFENDER_WHAT);

    if (sqlite3_column_type(statement, OFFENDER_WHAT) == SQLITE_TEXT) {
        haul_buf_add_str(text, haul_sql_text(statement, OFFENDER_WHAT));
        return;
    }
    if (is_growth && bytes >= 0)
        haul_buf_add_char(text, '+');
    haul_units_add_bytes(text, bytes);
}

static void add_had(struct haul_buf *text, sqlite3_stmt *statement)
{
    if (haul_sql_known(statement, OFFENDER_HAD) < 0)
        return;
    haul_buf_add_str(text, ", had ");
    haul_units_add_bytes(text, haul_sql_known(statement, OFFENDER_HAD));
}

static void add_offender(struct haul_evaluation *evaluation, sqlite3_stmt *statement)
{
    struct haul_summary_budget *result = evaluation->result;
    struct haul_buf *text = &evaluation->text;

    haul_buf_clear(text);
    haul_buf_addf(text, "%s (", haul_sql_text(statement, OFFENDER_URL));
    add_what(text, statement, evaluation->budget.measure == HAUL_MEASURE_GROWTH);
    add_had(text, statement);
    haul_buf_add_char(text, ')');
    result->offender[result->offender_count] =
        haul_summary_keep(evaluation->summary, haul_buf_str(text));
    if (text->err || !result->offender[result->offender_count])
        evaluation->err = HAUL_ERR_NOMEM;
    result->offender_count++;
    result->offender_total = (uint64_t)sqlite3_column_int64(statement, OFFENDER_TOTAL);
}

/* `rows`: a query for such rows, the worst first. */
static void name_offenders(struct haul_evaluation *evaluation, const char *rows)
{
    struct haul_summary_budget *result = evaluation->result;
    sqlite3_stmt *statement;

    result->offender = haul_summary_alloc(evaluation->summary,
                                          HAUL_BUDGET_OFFENDERS_MAX * sizeof *result->offender);
    if (!result->offender)
        evaluation->err = HAUL_ERR_NOMEM;
    statement = haul_evaluation_prepare(evaluation, rows, 0);
    while (haul_evaluation_step(evaluation, statement))
        add_offender(evaluation, statement);
    sqlite3_finalize(statement);
}

#define WORST(rows, order)                                                                         \
    "SELECT url, what, NULL, count(*) OVER () FROM " rows " ORDER BY what " order                  \
    ", url LIMIT :most"

static const char largest[] =
    WORST("(SELECT url, @s AS what FROM @n WHERE @s IS NOT NULL)", "DESC");
static const char smallest[] =
    WORST("(SELECT url, @s AS what FROM @n WHERE @s IS NOT NULL)", "ASC");
static const char not_ok[] =
    "SELECT url, reason, NULL, count(*) OVER () FROM @n WHERE haul_is_failure(outcome, reason) "
    "ORDER BY line, url LIMIT :most";

/* What is compared, as the budget's part has gained and lost it. */
#define CHANGES                                                                                    \
    "(SELECT url, sum(bytes) AS what FROM"                                                         \
    " (SELECT c.page, c.url, c.@wcounted_after AS bytes FROM @n AS n JOIN compared AS c"           \
    "   ON c.page = n.page WHERE c.@wcounted_after IS NOT NULL"                                    \
    "  UNION ALL SELECT c.page, c.url, -c.@wcounted_before FROM @b AS b JOIN compared AS c"        \
    "   ON c.page = b.page WHERE c.@wcounted_before IS NOT NULL) GROUP BY page)"
static const char grown[] = WORST(CHANGES " WHERE what > 0", "DESC");
static const char shrunk[] = WORST(CHANGES " WHERE what < 0", "ASC");

/* One query for each operator: what does not keep to the limit. */
#define BREAKING(test, order)                                                                      \
    WORST("(SELECT url, @s AS what FROM @n WHERE @s IS NOT NULL AND NOT @s " test " :limit)", order)
static const char *const breaking[] = {[HAUL_OP_LT] = BREAKING("<", "DESC"),
                                       [HAUL_OP_LE] = BREAKING("<=", "DESC"),
                                       [HAUL_OP_GT] = BREAKING(">", "ASC"),
                                       [HAUL_OP_GE] = BREAKING(">=", "ASC"),
                                       [HAUL_OP_EQ] = BREAKING("=", "DESC")};

static void name_worst(struct haul_evaluation *evaluation)
{
    bool is_lower = haul_evaluation_is_lower_limit(evaluation);

    switch (evaluation->budget.measure) {
    case HAUL_MEASURE_TOTAL:
    case HAUL_MEASURE_PERCENTILE:
        name_offenders(evaluation, is_lower ? smallest : largest);
        break;
    case HAUL_MEASURE_EACH:
        name_offenders(evaluation, breaking[evaluation->budget.op]);
        break;
    case HAUL_MEASURE_GROWTH:
        name_offenders(evaluation, is_lower ? shrunk : grown);
        break;
    case HAUL_MEASURE_FAILED:
        name_offenders(evaluation, not_ok);
        break;
    case HAUL_MEASURE_COUNT:
        break;
    }
}

#define REASON "iif(reason <> '', reason, iif(outcome = 'ok', @k, outcome))"

static const char without_size[] =
    "SELECT url, " REASON ", @l, count(*) OVER () FROM @m WHERE " HAUL_BUDGET_LACKS_SIZE
    " ORDER BY @l IS NOT NULL, @l DESC, line, url LIMIT :most";
static const char without_type[] =
    "SELECT url, " REASON ", NULL, count(*) OVER () FROM @m WHERE id NOT IN (SELECT id FROM @n)"
    " ORDER BY line, url LIMIT :most";
static const char never_compared[] =
    "SELECT n.url, iif(c.@wis_left_out, " REASON ", 'no earlier length'), NULL,"
    " count(*) OVER () FROM @m AS n JOIN compared AS c ON c.page = n.page"
    " WHERE c.@wis_left_out OR c.@wnewly_known IS NOT NULL"
    " ORDER BY c.@wnewly_known IS NULL, c.@wnewly_known DESC, n.line, n.url LIMIT :most";

/* Why nobody can say whether a budget is kept. */
static void name_unknown(struct haul_evaluation *evaluation)
{
    switch (evaluation->budget.measure) {
    case HAUL_MEASURE_TOTAL:
    case HAUL_MEASURE_PERCENTILE:
    case HAUL_MEASURE_EACH:
        name_offenders(evaluation, without_size);
        break;
    case HAUL_MEASURE_GROWTH:
        if (evaluation->summary->has_before)
            name_offenders(evaluation, never_compared);
        break;
    case HAUL_MEASURE_COUNT:
    case HAUL_MEASURE_FAILED:
        name_offenders(evaluation, without_type);
        break;
    }
}

/* ---- all budgets ---- */

static void evaluate_one(struct haul_evaluation *evaluation, const char *expression)
{
    static const char *const units[] = {"bytes", "URLs", "%"};
    struct haul_budget_error ignored;
    struct haul_summary_budget *result = evaluation->result;

    if (haul_budget_parse(expression, &evaluation->budget, &ignored)) {
        evaluation->err = HAUL_ERR_USAGE;
        return;
    }
    result->expression = haul_summary_keep(evaluation->summary, expression);
    if (!result->expression)
        evaluation->err = HAUL_ERR_NOMEM;
    result->is_partial = !haul_evaluation_is_whole(evaluation);
    result->unit = units[evaluation->budget.unit];
    result->limit = haul_evaluation_shown(evaluation, (double)evaluation->budget.limit);
    haul_evaluation_measure(evaluation);
    if (!evaluation->err && result->state == HAUL_BUDGET_EXCEEDED)
        name_worst(evaluation);
    if (!evaluation->err && result->state == HAUL_BUDGET_UNKNOWN)
        name_unknown(evaluation);
}

enum haul_err haul_budget_evaluate(sqlite3 *db, const struct haul_strings *expressions,
                                   enum haul_budget_empty empty, struct haul_summary *summary)
{
    struct haul_evaluation evaluation = {.db = db, .summary = summary, .empty = empty};

    summary->budget_count = 0;
    summary->budget = haul_summary_alloc(summary, expressions->count * sizeof *summary->budget);
    if (!summary->budget)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&evaluation.sql, 0);
    haul_buf_init(&evaluation.text, 0);
    haul_buf_init(&evaluation.note, 0);
    evaluation.err = haul_sql_add_functions(db);
    for (size_t i = 0; i < expressions->count && !evaluation.err; i++) {
        evaluation.result = &summary->budget[i];
        evaluate_one(&evaluation, expressions->item[i]);
    }
    if (!evaluation.err)
        summary->budget_count = expressions->count;
    haul_buf_done(&evaluation.sql);
    haul_buf_done(&evaluation.text);
    haul_buf_done(&evaluation.note);
    return evaluation.err;
}
