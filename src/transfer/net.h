#ifndef HAUL_TRANSFER_NET_H
#define HAUL_TRANSFER_NET_H

#include "haul/config.h"
#include "haul/err.h"
#include "model/redactor.h"
#include "sink/body.h"

/*
 * What all transfers of a run have in common: libcurl's process-wide state, the addresses of hosts
 * (hosts.h), and the option lists made from the configuration.
 *
 * Nothing else is shared. Connections cannot be, between threads that run at the same time
 * (CURLOPT_SHARE's manual). Nor can TLS sessions: libcurl 7.88 guards its list of them with the
 * lock, but lends one session of OpenSSL's to many handshakes at once, and each of these writes to
 * it, with TLS 1.3 while others copy it, and no lock at all (curl's pull request 14751;
 * ThreadSanitizer shows it where OpenSSL, too, is built for it). Each worker resumes its own.
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

/*
 * The version line of libcurl and the names of its features, for --version; static or until the
 * next call. Main thread only.
 */
const char *haul_net_version(void);
const char *haul_net_features(void);

#endif
