#ifndef HAUL_ENGINE_HISTORY_H
#define HAUL_ENGINE_HISTORY_H

#include "base/buf.h"
#include "haul/config.h"
#include "history/store.h"

/*
 * The store of a run as its configuration asks for it: what batch.c does with it before the first
 * thread is started and after the last one has ended. In between it is the collector's.
 *
 * `message` gets one line on failure; names in it are not escaped.
 */

/* Opens the store that the configuration needs: the history, or a private one; NULL: none. Errors
 * as haul_store_open. */
HAUL_MUST_USE enum haul_err haul_history_open(const struct haul_config *config,
                                              struct haul_store **out, struct haul_buf *message);

/* Begins this run: when nothing else can refuse it any more. NULL is fine. HAUL_ERR_IO,
 * HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_history_begin(const struct haul_config *config,
                                               struct haul_store *store, struct haul_buf *message);

/* Writes down the exit status, and removes what is not to be kept. NULL is fine. HAUL_ERR_IO,
 * HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_history_conclude(const struct haul_config *config,
                                                  struct haul_store *store, int status,
                                                  struct haul_buf *message);

/* The name of the store in messages: the history's file. */
const char *haul_history_name(const struct haul_config *config);

#endif
