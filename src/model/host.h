#ifndef HAUL_MODEL_HOST_H
#define HAUL_MODEL_HOST_H

#include "base/span.h"
#include "haul/config.h"
#include "model/url_parts.h"

/* What holds for one origin: the general values of the configuration, and what its rules change. */

struct haul_host_settings {
    int per_host;
    int64_t host_interval_us;
    int headers; /* the rule whose headers are sent in addition, -1: none */
    const char *user_agent;
    const char *user;      /* or NULL */
    bool is_user_for_http; /* a rule that is for http alone has it: that was meant */
    int connect_timeout_ms;
    int64_t max_time_ms;
    int64_t speed_limit;
    int speed_time_s;
    const char *cert, *key, *key_pass; /* or NULL; all of one rule, or of none */
    int64_t limit_rate;                /* of this origin alone; 0: none */
};

/*
 * Finds what holds for `origin`, "scheme://host:port" as a job has it. Strings are those of the
 * configuration. Pure, any thread; takes time in proportion to the rules, none if there is none.
 */
void haul_host_find_settings(const struct haul_config *config, const char *origin,
                             struct haul_host_settings *settings);

/*
 * Whether the `len` bytes at `text` are what `pattern` describes: '*' is any text, '?' any
 * character, everything else itself. At most in the product of both lengths. Pure.
 */
bool haul_host_matches(const char *pattern, const char *text, size_t len);

/*
 * The host without the dot that makes its name absolute: "example.com." is the host "example.com"
 * as far as limits, rules and sites go. A name of one label keeps it, for "intranet" alone may be a
 * name below one that the resolver searches (RFC 1034, 3.1). Pure, any thread.
 */
struct haul_span haul_host_without_dot(struct haul_span host);

/*
 * Whether a host, as URLs have it, is loopback by its name (RFC 6761, 6.3: all below localhost,
 * too). What is sent there may leave this machine all the same: haul_wire_is_local says whether it
 * does. Pure.
 */
bool haul_host_is_loopback(struct haul_span host);

#endif
