#ifndef HAUL_SUMMARY_BUDGET_EVAL_INSIDE_H
#define HAUL_SUMMARY_BUDGET_EVAL_INSIDE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/buf.h"
#include "model/budget.h"
#include "summary/budget_eval.h"

/*
 * What the parts of the evaluation of budgets share; nobody else's business. budget_eval.c goes
 * from budget to budget and names the worst URLs; budget_measure.c measures; budget_compare.c
 * compares what was measured with the limit, and writes notes; budget_query.c asks the database.
 */
struct haul_evaluation {
    sqlite3 *db;
    struct haul_summary *summary;
    struct haul_budget budget;          /* the one that is evaluated now */
    struct haul_summary_budget *result; /* of that */
    struct haul_buf sql, text;          /* scratch */
};

/* What is measured lies between the two; both in the unit of the budget. */
struct haul_evaluation_range {
    double least, most;
};

/* ---- budget_query.c ---- */

/* Makes the functions that the queries call known to a connection. */
HAUL_MUST_USE enum haul_err haul_evaluation_register(sqlite3 *db);

/*
 * Prepares a query, in which @n stands for the URLs of this run that the budget is about, @m for
 * those that may be, @b for those before; :glob, :tag, :limit and :most are those of the budget.
 * `rank` is for queries that have :rank. The statement is NULL on failure.
 */
HAUL_MUST_USE enum haul_err haul_evaluation_prepare(struct haul_evaluation *evaluation,
                                                    const char *query, int64_t rank,
                                                    sqlite3_stmt **statement);

/* The one row of a query, `count` numbers; NULL is 0. */
HAUL_MUST_USE enum haul_err haul_evaluation_ask_rank(struct haul_evaluation *evaluation,
                                                     const char *query, int64_t rank, double *value,
                                                     int count);
HAUL_MUST_USE enum haul_err haul_evaluation_ask(struct haul_evaluation *evaluation,
                                                const char *query, double *value, int count);

/* The error of a result code of SQLite's that is none of success. */
HAUL_MUST_USE enum haul_err haul_evaluation_err(int code);

/* ---- budget_compare.c ---- */

bool haul_evaluation_is_lower_limit(const struct haul_evaluation *evaluation);

/* A number in the unit of the budget, as people want it. */
double haul_evaluation_shown(const struct haul_evaluation *evaluation, double value);

bool haul_evaluation_holds(enum haul_budget_op op, double value, double limit);

/* Kept (exceeded) if the limit holds (does not hold) wherever in the range the truth is. */
enum haul_budget_state haul_evaluation_compare(enum haul_budget_op op,
                                               struct haul_evaluation_range range, double limit);

/* Compares, and fills in the state and the figure of the result. */
void haul_evaluation_conclude(struct haul_evaluation *evaluation,
                              struct haul_evaluation_range range, double limit);

/* The upper end of what is measured, where `known` is the lower one. */
double haul_evaluation_open_end(const struct haul_evaluation *evaluation, double known,
                                double unknown);

/* Sets the note if there is none yet. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_evaluation_note(struct haul_evaluation *evaluation,
                                                 const char *text);
HAUL_MUST_USE enum haul_err haul_evaluation_note_number(struct haul_evaluation *evaluation,
                                                        double number, const char *one,
                                                        const char *many);

/* What is missing, if anything is. `unknown`: URLs that may add to the figure, and have no size. */
HAUL_MUST_USE enum haul_err haul_evaluation_note_gaps(struct haul_evaluation *evaluation,
                                                      double unknown);

/* ---- budget_measure.c ---- */

/* Measures what the budget is about, and fills in the state, the figure and the note. */
HAUL_MUST_USE enum haul_err haul_evaluation_measure(struct haul_evaluation *evaluation);

#endif
