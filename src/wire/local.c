#include "wire/local.h"

#include <string.h>
#include <strings.h>

#include "base/span.h"
#include "model/host.h"
#include "model/url_parts.h"

/* The next part of an entry, up to a ':' or its end; an IPv6 address in its brackets is one. */
static struct haul_span take_part(struct haul_span *entry)
{
    const char *bracket =
        entry->len && *entry->at == '[' ? memchr(entry->at, ']', entry->len) : NULL;
    struct haul_span part;

    if (bracket) {
        part = haul_span_take(entry, (size_t)(bracket + 1 - entry->at));
        (void)haul_span_skip(entry, ":");
    } else if (!haul_span_take_before(entry, ':', &part)) {
        part = haul_span_take(entry, entry->len);
    }
    return part;
}

static bool is_same_host(struct haul_span one, struct haul_span other)
{
    one = haul_host_without_dot(one);
    other = haul_host_without_dot(other);
    return one.len == other.len && !strncasecmp(one.at, other.at, one.len);
}

static struct haul_span without_zeros(struct haul_span digits)
{
    while (digits.len && *digits.at == '0')
        (void)haul_span_take(&digits, 1);
    return digits;
}

static bool is_same_port(struct haul_span one, struct haul_span other)
{
    one = without_zeros(one);
    other = without_zeros(other);
    return one.len == other.len && !memcmp(one.at, other.at, one.len);
}

/* Behind "HOST:PORT:", "*" being any host. */
static bool are_loopback(struct haul_span addresses)
{
    struct haul_span address;

    while (addresses.len) {
        if (!haul_span_take_before(&addresses, ',', &address))
            address = haul_span_take(&addresses, addresses.len);
        if (!haul_span_is(address, "::1") && !haul_host_is_loopback(address))
            return false;
    }
    return true;
}

/* Of --resolve. */
static bool is_resolved_elsewhere(const struct haul_config *config, struct haul_span host,
                                  struct haul_span port)
{
    for (size_t i = 0; i < config->resolve.count; i++) {
        struct haul_span entry = haul_span_of(config->resolve.item[i]), of_host;

        (void)haul_span_skip(&entry, "+");
        of_host = take_part(&entry);
        if ((haul_span_is(of_host, "*") || is_same_host(of_host, host)) &&
            is_same_port(take_part(&entry), port) && !are_loopback(entry))
            return true;
    }
    return false;
}

static bool stays(const struct haul_config *config, struct haul_span host, struct haul_span port)
{
    return haul_host_is_loopback(host) && !is_resolved_elsewhere(config, host, port);
}

/* Of --connect-to. What an entry leaves out is any, or stays as it is. */
static bool is_connected_elsewhere(const struct haul_config *config, struct haul_span host,
                                   struct haul_span port)
{
    for (size_t i = 0; i < config->connect_to.count; i++) {
        struct haul_span entry = haul_span_of(config->connect_to.item[i]);
        struct haul_span of_host = take_part(&entry), of_port = take_part(&entry);
        struct haul_span to_host = take_part(&entry), to_port = take_part(&entry);
        bool is_for_it = (!of_host.len || is_same_host(of_host, host)) &&
                         (!of_port.len || is_same_port(of_port, port));

        if (is_for_it && !stays(config, to_host.len ? to_host : host, to_port.len ? to_port : port))
            return true;
    }
    return false;
}

bool haul_local_is(const struct haul_config *config, const struct haul_proxies *proxies,
                   const char *origin)
{
    const struct haul_url_parts parts = haul_url_parts_of(origin, strlen(origin));

    return stays(config, parts.host, parts.port) &&
           haul_proxies_find(proxies, origin)->kind == HAUL_PROXY_NONE &&
           !is_connected_elsewhere(config, parts.host, parts.port);
}
