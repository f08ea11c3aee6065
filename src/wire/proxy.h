#ifndef HAUL_WIRE_PROXY_H
#define HAUL_WIRE_PROXY_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"

/*
 * Which proxy a URL goes through: --proxy, or with --proxy-from-env what the environment says, by
 * the rules of curl's manual (ENVIRONMENT, --noproxy): http_proxy (lower case only), https_proxy
 * and HTTPS_PROXY, all_proxy and ALL_PROXY, no_proxy and NO_PROXY; a name in no_proxy stands for
 * itself and all below it, a leading dot counts for nothing, "*" for all, an address may have a
 * prefix length ("10.0.0.0/8"); noproxy.h has all of them. As until now, what no_proxy names is
 * reached without --proxy, too, where --proxy-from-env is given.
 *
 * The environment is read once, on the main thread. Constant afterwards, any thread.
 */
struct haul_proxies;

enum haul_proxy_kind {
    HAUL_PROXY_NONE,
    HAUL_PROXY_HTTP, /* http:// or https:// : http URLs are asked in absolute form */
    HAUL_PROXY_SOCKS /* a connection like any other */
};

struct haul_proxy {
    enum haul_proxy_kind kind;
    const char *url; /* for CURLOPT_PROXY, with a scheme; "" for NONE. May hold a password */
    const char
        *authorization; /* "Proxy-Authorization: Basic ...\r\n" for a request in absolute form,
                                  or NULL. Secret */
};

/* HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_proxies_create(const struct haul_config *config,
                                                struct haul_proxies **out);
/* Overwrites the passwords. NULL is fine. */
void haul_proxies_free(struct haul_proxies *proxies);

/* Whether any URL may go through one. */
bool haul_proxies_any(const struct haul_proxies *proxies);

/* That of an origin, "scheme://host:port". Never NULL; lives as long as `proxies`. */
const struct haul_proxy *haul_proxies_find(const struct haul_proxies *proxies, const char *origin);

#endif
