#ifndef HAUL_HISTORY_SQL_FUNCTIONS_H
#define HAUL_HISTORY_SQL_FUNCTIONS_H

#include <sqlite3.h>
#include <stddef.h>

#include "haul/err.h"
#include "haul/record.h"
#include "model/url_parts.h"

/*
 * What queries say of URLs and records. Where a page stands on its site is told from its URL as
 * lists and reports show it: nothing is decoded or resolved; what looks different is different, but
 * for the case of the host.
 */

/*
 * Makes these known to a connection: haul_host(url) in lower case, haul_path(url),
 * haul_prefix(url, depth): the path's first directories, all of them for a negative depth,
 * haul_below(url, depth): these with what stands before the path, haul_bin(size): the power of four
 * that is the lower bound of a size's bin, 0 for 0; haul_is_failure(outcome, reason): 1 if a row
 * with these words counts as a failure (haul_outcome_is_failure), else 0; haul_is_absent(outcome,
 * reason): 1 if it is certain that there is no body, and not only that none came: the answer was
 * 404 or 410; else 0; haul_is_disallowed(outcome, reason): 1 if the host's robots.txt does not
 * allow to ask for it, so that it is no part of what is looked at; else 0; haul_matches(glob, text)
 * (base/glob.h);
 * haul_known(value): the value if it is a whole number and not negative, else NULL; and the
 * aggregate haul_sum(number), 0 for nothing, which stops as sums do (base/saturate.h).
 * HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sql_add_functions(sqlite3 *db);

/* The parts of any text. A path always begins with '/': where the text has none, it is a constant.
 * Pure. */
struct haul_url_parts haul_sql_url_of(const char *url);

/* Gives the media type of a header in `type` (`size` bytes of room): lower case, without
 * parameters; "" for NULL, and for what is none (RFC 9110, 8.3.1) or longer than that. Pure. */
void haul_sql_url_media_type(const char *content_type, char *type, size_t size);

/* The outcome of a word; PENDING for what is none. Pure. */
enum haul_outcome haul_sql_outcome(const char *word);

#endif
