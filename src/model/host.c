#include "model/host.h"

#include <stdlib.h>
#include <string.h>

#include "model/url_parts.h"

/* Only the last '*' is ever tried again: what earlier ones have taken need not be longer. */
bool haul_host_matches(const char *pattern, const char *text, size_t len)
{
    const char *star = NULL, *retry = NULL, *end = text + len;

    while (text < end) {
        if (*pattern == '*') {
            star = pattern++;
            retry = text;
        } else if (*pattern && (*pattern == '?' || *pattern == *text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

struct haul_span haul_host_without_dot(struct haul_span host)
{
    const char *dot = host.len ? memchr(host.at, '.', host.len - 1) : NULL;

    if (dot && host.at[host.len - 1] == '.')
        host.len--;
    return host;
}

static void apply(const struct haul_host_rule *rule, int index, struct haul_host_settings *to)
{
    if (rule->says & HAUL_HOST_SAYS_PER_HOST)
        to->per_host = rule->per_host;
    if (rule->says & HAUL_HOST_SAYS_INTERVAL)
        to->host_interval_us = rule->host_interval_us;
    if (rule->says & HAUL_HOST_SAYS_HEADERS)
        to->headers = index;
    if (rule->says & HAUL_HOST_SAYS_USER_AGENT)
        to->user_agent = rule->user_agent;
    if (rule->says & HAUL_HOST_SAYS_USER) {
        to->user = rule->user;
        to->is_user_for_http = rule->scheme == HAUL_HOST_HTTP;
    }
    if (rule->says & HAUL_HOST_SAYS_CONNECT_TIMEOUT)
        to->connect_timeout_ms = rule->connect_timeout_ms;
    if (rule->says & HAUL_HOST_SAYS_MAX_TIME)
        to->max_time_ms = rule->max_time_ms;
    if (rule->says & HAUL_HOST_SAYS_SPEED_LIMIT)
        to->speed_limit = rule->speed_limit;
    if (rule->says & HAUL_HOST_SAYS_SPEED_TIME)
        to->speed_time_s = rule->speed_time_s;
    if (rule->says & HAUL_HOST_SAYS_CERT) {
        to->cert = rule->cert;
        to->key = rule->key;
        to->key_pass = rule->key_pass;
    }
    if (rule->says & HAUL_HOST_SAYS_LIMIT_RATE)
        to->limit_rate = rule->limit_rate;
}

static bool is_for(const struct haul_host_rule *rule, const struct haul_url_parts *parts, int port)
{
    static const char *const scheme[] = {[HAUL_HOST_HTTP] = "http", [HAUL_HOST_HTTPS] = "https"};

    return (rule->scheme == HAUL_HOST_ANY_SCHEME ||
            haul_span_is(parts->scheme, scheme[rule->scheme])) &&
           (!rule->port || rule->port == port) &&
           haul_host_matches(rule->pattern, parts->host.at, parts->host.len);
}

void haul_host_find_settings(const struct haul_config *config, const char *origin,
                             struct haul_host_settings *settings)
{
    const struct haul_url_parts parts = haul_url_parts_of(origin, strlen(origin));
    int port = parts.port.len ? atoi(parts.port.at) : 0;

    *settings = (struct haul_host_settings){.per_host = config->per_host,
                                            .host_interval_us = config->host_interval_us,
                                            .headers = -1,
                                            .user_agent = config->user_agent,
                                            .user = config->user,
                                            .connect_timeout_ms = config->connect_timeout_ms,
                                            .max_time_ms = config->max_time_ms,
                                            .speed_limit = config->speed_limit,
                                            .speed_time_s = config->speed_time_s,
                                            .cert = config->cert,
                                            .key = config->key,
                                            .key_pass = config->key_pass};
    for (size_t i = 0; i < config->host_rule_count; i++) {
        const struct haul_host_rule *rule = &config->host_rule[i];

        if (is_for(rule, &parts, port))
            apply(rule, (int)i, settings);
    }
}

bool haul_host_is_loopback(struct haul_span host)
{
    static const char local[] = "localhost";
    const size_t len = sizeof local - 1;

    if (haul_span_is(host, "[::1]") || haul_span_is_word(host, local))
        return true;
    if (host.len > len && host.at[host.len - len - 1] == '.')
        return haul_span_is_word((struct haul_span){host.at + host.len - len, len}, local);
    if (host.len < 4 || memcmp(host.at, "127.", 4) != 0)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if (!strchr("0123456789.", host.at[i]))
            return false;
    return true;
}
