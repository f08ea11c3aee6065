#ifndef HAUL_SUMMARY_QUERY_H
#define HAUL_SUMMARY_QUERY_H

#include "base/buf.h"
#include "history/store.h"
#include "model/change_rule.h"
#include "summary/summary.h"

/* What the store does not know. Strings are copied. */
struct haul_summary_options {
    const char *version; /* of haul */
    int workers, streams;
    int exit_status;
    struct haul_inputs inputs;
    const char *title;    /* what the user calls the run, or NULL */
    const char *group_by; /* "host", "type", "path:N" or "tag:NAME"; NULL: no such table */
    const struct haul_change_rules *rules; /* what is no news; NULL: all is */
};

/*
 * The SQL expression that gives the group of a row `p` of now_page, before_page or change, for a
 * text that was checked: static, or in `sql`. If it holds ?1, `*tag` is to be bound to that: a part
 * of `text`, else NULL. Pure.
 */
enum { HAUL_SUMMARY_GROUP_SQL_MAX = 64 };
const char *haul_summary_group_sql(const char *text, char sql[HAUL_SUMMARY_GROUP_SQL_MAX],
                                   const char **tag);

/*
 * Appends what the pages of a run are of: their host, or "N hosts"; nothing where they are of none.
 * `is_before`: of before_page instead of now_page. Errors as haul_summary_make.
 */
HAUL_MUST_USE enum haul_err haul_summary_add_site(sqlite3 *db, bool is_before,
                                                  struct haul_buf *out);

/*
 * Makes the summary of the run that was finished last in `store`: everything but its budgets.
 * `out` is initialised here, and is to be freed with haul_summary_done whatever is returned.
 * HAUL_ERR_IO (haul_store_error), HAUL_ERR_NOMEM. The store's thread.
 */
HAUL_MUST_USE enum haul_err haul_summary_make(struct haul_store *store,
                                              const struct haul_summary_options *options,
                                              struct haul_summary *out);

#endif
