#ifndef HAUL_HISTORY_LOOKUP_H
#define HAUL_HISTORY_LOOKUP_H

#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "journal/key_reader.h"
#include "model/key.h"
#include "model/stop.h"

/*
 * What a history knows about single URLs, for conditional requests (RFC 9110, 13.1). A connection
 * of its own, which only reads: used on the dispatcher's thread while the collector's thread
 * gathers records in the store.
 */
struct haul_history_lookup;

/* Opens it: after haul_store_open of the same path. `stop` (NULL: nothing) ends a query that takes
 * its time (sql.h); `today` is lent (sql_keys.h). HAUL_ERR_IO with a message, HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_history_lookup_open(const char *path, haul_stop *stop,
                                                     const struct haul_key_today *today,
                                                     struct haul_history_lookup **out,
                                                     struct haul_buf *message);
void haul_history_lookup_free(struct haul_history_lookup *lookup);

/* What was known at the end of the last run that had the page. */
struct haul_history_page {
    const char *etag;          /* or NULL */
    const char *last_modified; /* or NULL */
    int64_t size;              /* decoded bytes */
};

/*
 * Looks up the key of a URL (model/key.h; all its occurrences are one resource), which is `shown`
 * so today: what an earlier version has written is compared by that, too. HAUL_OK: it was
 * ok or unchanged, has a size and at least one validator, and `page` is filled; its texts are valid
 * until the next call. HAUL_ERR_END: nothing of the kind is known. HAUL_ERR_IO, HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_history_lookup_find(struct haul_history_lookup *lookup,
                                                     const struct haul_key *key, const char *shown,
                                                     struct haul_history_page *page);

#endif
