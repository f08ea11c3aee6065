#ifndef HAUL_TRANSFER_NET_H
#define HAUL_TRANSFER_NET_H

#include "haul/config.h"
#include "haul/err.h"
#include "model/redactor.h"
#include "sink/body.h"

/*
 * What all transfers of a run have in common: the wire's part (wire/common.h), what is asked for in
 * every request, and where bodies go. Constant after create, any thread.
 */
struct haul_net;

/*
 * Makes it from the configuration, `redactor` (or NULL) and `bodies` (NULL: no transfer is made
 * with it), which must outlive it. Main thread, before any other exists. HAUL_ERR_NOMEM;
 * HAUL_ERR_LIBRARY (libcurl cannot be used: not thread-safe, or without TLS); HAUL_ERR_USAGE (an
 * address block is none); HAUL_ERR_SYSTEM (no lock was to be had).
 */
HAUL_MUST_USE enum haul_err haul_net_create(const struct haul_config *config,
                                            const struct haul_redactor *redactor,
                                            const struct haul_body_store *bodies,
                                            struct haul_net **out);

/* Frees it, after the last transfer. NULL is fine. */
void haul_net_free(struct haul_net *net);

/* As haul_wire_trusted. Any thread. */
void haul_net_trusted(const char **file, const char **directory);

/* As haul_wire_version and haul_wire_features. Main thread only. */
const char *haul_net_version(void);
const char *haul_net_features(void);

#endif
