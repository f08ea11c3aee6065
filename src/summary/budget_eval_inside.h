#ifndef HAUL_SUMMARY_BUDGET_EVAL_INSIDE_H
#define HAUL_SUMMARY_BUDGET_EVAL_INSIDE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/buf.h"
#include "model/budget.h"
#include "summary/budget_eval.h"

/*
 * What the parts of the evaluation of budgets share; nobody else's business. budget_eval.c goes
 * from budget to budget and names the worst URLs; budget_measure.c and budget_growth.c measure,
 * compare with the limit, and write notes; budget_query.c asks the database.
 */
struct haul_evaluation {
    sqlite3 *db;
    struct haul_summary *summary;
    enum haul_budget_empty empty;
    struct haul_budget budget;          /* the one that is evaluated now */
    struct haul_summary_budget *result; /* of that */
    struct haul_buf sql, text;          /* scratch */
    struct haul_buf note;               /* of the result */
    enum haul_err err;                  /* the first that there was: after it nothing is asked */
};

/* In a query (below): whether a URL has a body of which the size is not known. One that robots.txt
 * does not allow is no part of what is measured. */
#define HAUL_BUDGET_LACKS_SIZE                                                                     \
    "@s IS NULL AND NOT haul_is_absent(outcome, reason) AND NOT haul_is_disallowed(outcome, "      \
    "reason)"

/*
 * Prepares a query, in which @n stands for the URLs of this run that the budget is about, @m for
 * those that may be, @b for those before; @s for the column of sizes, decoded or on the wire, @l
 * for that of the last known ones, @k for the text that none is known, @w for what the same columns
 * of `compared` begin with; :glob, :tag, :limit and :most are those of the budget. `rank` is for
 * queries that have :rank. The statement is NULL on failure.
 */
sqlite3_stmt *haul_evaluation_prepare(struct haul_evaluation *evaluation, const char *query,
                                      int64_t rank);

/* The next row of a query; false: there is none, or an error. */
bool haul_evaluation_step(struct haul_evaluation *evaluation, sqlite3_stmt *statement);

/* The one row of such a query, `count` numbers; NULL is 0. On failure the numbers stay. */
void haul_evaluation_ask(struct haul_evaluation *evaluation, const char *query, int64_t rank,
                         double *value, int count);

/* Whether what the run has is all there is: also where that is nothing. */
bool haul_evaluation_is_whole(const struct haul_evaluation *evaluation);

bool haul_evaluation_is_lower_limit(const struct haul_evaluation *evaluation);

/* A number in the unit of the budget, as people want it. */
double haul_evaluation_shown(const struct haul_evaluation *evaluation, double value);

/* Where what is measured may end, and the limit there: a share of more has another one. */
struct haul_evaluation_end {
    double value, limit;
};

/* Kept (exceeded) if the limit holds (does not hold) for all from `least` to `most`, else unknown.
 */
enum haul_budget_state haul_evaluation_compare(enum haul_budget_op op,
                                               struct haul_evaluation_end least,
                                               struct haul_evaluation_end most);

/* Adds to the note: a text; a number and what there are so many of, if there are any; that the run
 * is not complete, if so. Errors are in evaluation->note. */
void haul_evaluation_add_note(struct haul_evaluation *evaluation, const char *text);
void haul_evaluation_note_number(struct haul_evaluation *evaluation, double number, const char *one,
                                 const char *many);
/* The same of lengths: where they are those on the wire, that is said before `rest`. */
void haul_evaluation_note_length(struct haul_evaluation *evaluation, double number, const char *one,
                                 const char *many, const char *rest);
void haul_evaluation_note_incomplete(struct haul_evaluation *evaluation);

/* Measures what the budget is about, and fills in the state, the figures and the note. The second
 * is its part for growth. */
void haul_evaluation_measure(struct haul_evaluation *evaluation);
void haul_evaluation_measure_growth(struct haul_evaluation *evaluation);

#endif
