#ifndef HAUL_TEST_BUDGET_WORLD_H
#define HAUL_TEST_BUDGET_WORLD_H

#include <sqlite3.h>

#include "summary/budget_eval.h"

/* Budgets against tables of the shape that history/store.h promises. What cannot be done fails the
 * case. */

extern sqlite3 *budget_db;
extern struct haul_summary budget_summary;
extern enum haul_budget_empty budget_empty; /* --budget-empty */

/* Checked fixtures: empty tables and a complete summary; their end. */
void budget_begin(void);
void budget_end(void);

void budget_run_sql(const char *sql);

/* A page of a run ("now", "before"). The same path has the same number in both. A negative size is
 * none: then it failed. */
void budget_add(const char *run, int page, const char *path, const char *type, int size);

#define BUDGET_A "http://a.example"

/* A site where all is known: four pages there, one at another host; and what is no URL. */
void budget_fill_whole(void);

/* What becomes of one budget; valid until the next call. */
struct haul_summary_budget budget_judge(const char *expression);

struct judged_case {
    const char *expression;
    enum haul_budget_state state;
    double actual;
    const char *worst; /* NULL: none are named */
    const char *note;  /* a part of it; NULL: there is none */
};

/* Judges and compares. */
void budget_check(const struct judged_case *wanted);

#endif
