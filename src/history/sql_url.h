#ifndef HAUL_HISTORY_SQL_URL_H
#define HAUL_HISTORY_SQL_URL_H

#include <sqlite3.h>
#include <stddef.h>

#include "haul/err.h"
#include "model/url_parts.h"

/*
 * Where a page stands on its site, from its URL as lists and reports show it: which host, which
 * path, which parts of the path. Nothing is decoded or resolved: what looks different is different,
 * but for the case of the host. Pure.
 */

/*
 * The parts of any text. A path always begins with '/': where the text has none, it is a constant.
 */
struct haul_url_parts haul_sql_url_of(const char *url);

/*
 * The n-th part of a URL's place: 0 is the host, 1 the first part of the path ("blog" of
 * "/blog/a.html"), and so on; empty if there is none. The last part of a path that ends in '/' is
 * that '/': a page of its own.
 */
const char *haul_sql_url_part(const struct haul_url_parts *parts, int n, size_t *len);

/* Bytes of the path that its first `depth` directories take, the last '/' included: for
 * "/a/b/c.html" 1, 3, 5, 5 with depth 0, 1, 2, 3. */
size_t haul_sql_url_prefix(const struct haul_url_parts *parts, int depth);

/* Appends nothing and gives the media type in `type` (`size` bytes of room): lower case, without
 * parameters; "" for NULL, and for what is none (RFC 9110, 8.3.1) or longer than that. */
void haul_sql_url_media_type(const char *content_type, char *type, size_t size);

/*
 * Makes these known to a connection: haul_host(url) in lower case, haul_path(url), haul_part(url,
 * n), haul_prefix(url, depth), haul_bin(size): the power of four that is the lower bound of a
 * size's bin, 0 for 0; and the aggregate haul_sum(number), 0 for nothing, which stops at the
 * smallest and the largest number. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_sql_url_register(sqlite3 *db);

#endif
