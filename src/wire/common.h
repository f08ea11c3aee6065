#ifndef HAUL_WIRE_COMMON_H
#define HAUL_WIRE_COMMON_H

#include <stdbool.h>

#include "base/span.h"
#include "haul/config.h"
#include "haul/err.h"

/*
 * What the wires of all workers have in common: libcurl's process-wide state, the addresses of
 * hosts (hosts.h), the proxies, the address filter, the meters of --limit-rate.
 *
 * Nothing else is shared. Connections cannot be, between threads that run at the same time
 * (CURLOPT_SHARE's manual). Nor can TLS sessions: libcurl 7.88 guards its list of them with the
 * lock, but lends one session of OpenSSL's to many handshakes at once, and each of these writes to
 * it, with TLS 1.3 while others copy it, and no lock at all (curl's pull request 14751;
 * ThreadSanitizer shows it where OpenSSL, too, is built for it). Each worker resumes its own.
 */
struct haul_wire_common;

/*
 * Makes it from the configuration, which must outlive it. Main thread, before any other exists.
 * HAUL_ERR_NOMEM; HAUL_ERR_LIBRARY (libcurl cannot be used: not thread-safe, or without TLS);
 * HAUL_ERR_USAGE (an address block is none); HAUL_ERR_SYSTEM (no lock was to be had).
 */
HAUL_MUST_USE enum haul_err haul_wire_common_create(const struct haul_config *config,
                                                    struct haul_wire_common **out);

/* Frees it, after the last wire. NULL is fine. */
void haul_wire_common_free(struct haul_wire_common *common);

/*
 * The field with the login of the proxy that such an origin ("scheme://host:port") is asked
 * through, "Proxy-Authorization: Basic ..." without a line end; or nothing, if there is none. It is
 * a secret, and the common's. Any thread.
 */
struct haul_span haul_wire_proxy_field(const struct haul_wire_common *common, const char *origin);

/* As haul_local_is (local.h), of this run; but not of a name that ends with a dot, which origins do
 * not have. Any thread. */
bool haul_wire_is_local(const struct haul_wire_common *common, const char *origin);

/*
 * The versions of the libraries that make the wire, and what they can do, for --version; static or
 * until the next call. Main thread only.
 */
const char *haul_wire_version(void);
const char *haul_wire_features(void);

/* The certificates that libcurl trusts unless it is told others: a file and a directory, each NULL
 * if there is none. Static. Any thread. */
void haul_wire_trusted(const char **file, const char **directory);

#endif
