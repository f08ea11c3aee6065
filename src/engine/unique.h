#ifndef HAUL_ENGINE_UNIQUE_H
#define HAUL_ENGINE_UNIQUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "haul/record.h"
#include "model/key.h"

/*
 * --unique: which URLs of the list were seen before in this run, and where first. One number for
 * each different URL (base/keyset.h, model/key.h). One thread at a time: main, then the dispatcher.
 */
struct haul_unique;

/* Makes one that has seen nothing. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_unique_create(struct haul_unique **out);

/* Frees it. NULL is fine. */
void haul_unique_free(struct haul_unique *unique);

/*
 * Notes the URL with this key (HAUL_KEY_URL), of the line that `rec` names. True: it was seen
 * before, and `text`, which is cleared, says where, for errormsg. Without memory it counts as new.
 * The names of sources are kept and must live as long as `unique`.
 */
bool haul_unique_is_repeated(struct haul_unique *unique, const struct haul_key *key,
                             const struct haul_record *rec, struct haul_buf *text);

#endif
