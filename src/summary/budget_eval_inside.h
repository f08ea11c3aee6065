#ifndef HAUL_SUMMARY_BUDGET_EVAL_INSIDE_H
#define HAUL_SUMMARY_BUDGET_EVAL_INSIDE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/buf.h"
#include "model/budget.h"
#include "summary/budget_eval.h"

/*
 * What the parts of the evaluation of budgets share; nobody else's business. budget_eval.c asks the
 * database, goes from budget to budget and names the worst URLs; budget_measure.c measures,
 * compares with the limit, and writes notes.
 */
struct haul_evaluation {
    sqlite3 *db;
    struct haul_summary *summary;
    struct haul_budget budget;          /* the one that is evaluated now */
    struct haul_summary_budget *result; /* of that */
    struct haul_buf sql, text;          /* scratch */
    enum haul_err err;                  /* the first that there was: after it nothing is asked */
};

/* The one row of a query (budget_eval.c says what it may hold), `count` numbers; NULL is 0. `rank`
 * is for queries that have :rank. On failure the numbers stay. */
void haul_evaluation_ask(struct haul_evaluation *evaluation, const char *query, int64_t rank,
                         double *value, int count);

bool haul_evaluation_is_lower_limit(const struct haul_evaluation *evaluation);

/* A number in the unit of the budget, as people want it. */
double haul_evaluation_shown(const struct haul_evaluation *evaluation, double value);

/* Measures what the budget is about, and fills in the state, the figure and the note. */
void haul_evaluation_measure(struct haul_evaluation *evaluation);

#endif
