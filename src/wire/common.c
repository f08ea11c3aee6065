#include "wire/common.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/common_inside.h"
#include "wire/local.h"
#include "wire/tls.h"

static bool is_usable(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    return (info->features & CURL_VERSION_SSL) && (info->features & CURL_VERSION_THREADSAFE);
}

static bool make_slist(const struct haul_strings *strings, struct curl_slist **out)
{
    for (size_t i = 0; i < strings->count; i++) {
        struct curl_slist *longer = curl_slist_append(*out, strings->item[i]);

        if (!longer)
            return false;
        *out = longer;
    }
    return true;
}

static enum haul_err make_hosts(struct haul_wire_common *common)
{
    struct haul_hosts_limits limits = haul_hosts_default_limits();

    limits.has_proxy = haul_proxies_any(common->proxies) || common->connect_to;
    limits.resolve = common->resolve;
    return haul_hosts_create(&limits, &common->hosts);
}

static enum haul_err init_common(struct haul_wire_common *common)
{
    const struct haul_config *config = common->config;
    const char *cause;
    enum haul_err err = haul_address_filter_create(&common->filter, config->public_only,
                                                   &config->allow_net, &config->deny_net, &cause);

    if (err)
        return err == HAUL_ERR_NOMEM ? err : HAUL_ERR_USAGE;
    common->has_tls = haul_tls_init();
    err = haul_kept_create(config, &common->kept);
    if (!err)
        err = haul_proxies_create(config, &common->proxies);
    if (!err && (!make_slist(&config->resolve, &common->resolve) ||
                 !make_slist(&config->connect_to, &common->connect_to)))
        err = HAUL_ERR_NOMEM;
    if (!err)
        err = haul_meters_create(&common->meters);
    return err ? err : make_hosts(common);
}

enum haul_err haul_wire_common_create(const struct haul_config *config,
                                      struct haul_wire_common **out)
{
    struct haul_wire_common *common;
    enum haul_err err;

    if (!is_usable() || curl_global_init(CURL_GLOBAL_DEFAULT))
        return HAUL_ERR_LIBRARY;
    common = calloc(1, sizeof *common);
    if (!common) {
        curl_global_cleanup();
        return HAUL_ERR_NOMEM;
    }
    common->config = config;
    haul_meter_init(&common->meter, config->limit_rate);
    err = init_common(common);
    if (err)
        haul_wire_common_free(common);
    else
        *out = common;
    return err;
}

void haul_wire_common_free(struct haul_wire_common *common)
{
    if (!common)
        return;
    haul_address_filter_free(common->filter);
    haul_hosts_free(common->hosts);
    haul_kept_free(common->kept);
    haul_proxies_free(common->proxies);
    haul_meters_free(common->meters);
    curl_slist_free_all(common->resolve);
    curl_slist_free_all(common->connect_to);
    free(common);
    curl_global_cleanup();
}

/*
 * Not curl_version: that asks OpenLDAP for its version too, which looks up the name of this
 * machine, and with a silent name server nothing would begin for many seconds.
 */
const char *haul_wire_version(void)
{
    static char text[128];
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    const struct {
        const char *name, *version;
    } part[] = {{"libcurl/", info->version},
                {" ", info->ssl_version},
                {" zlib/", info->libz_version},
                {" nghttp2/", nghttp2_version(0)->version_str}};
    size_t len = 0;

    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        if (part[i].version && len < sizeof text)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", part[i].name,
                                    part[i].version);
    }
    return text;
}

static size_t add_feature(char *text, size_t size, size_t len, const char *name)
{
    return len + (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "", name);
}

void haul_wire_trusted(const char **file, const char **directory)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    *file = info->cainfo;
    *directory = info->capath;
}

const char *haul_wire_features(void)
{
    static const struct {
        int bit;
        const char *name;
    } feature[] = {{CURL_VERSION_IPV6, "IPv6"},
                   {CURL_VERSION_IDN, "IDN"},
                   {CURL_VERSION_SSL, "TLS"},
                   {CURL_VERSION_ASYNCHDNS, "AsynchDNS"},
                   {CURL_VERSION_THREADSAFE, "threadsafe"}};
    static char text[128];
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    size_t len = 0;

    for (size_t i = 0; i < sizeof feature / sizeof *feature; i++) {
        if (info->features & feature[i].bit)
            len = add_feature(text, sizeof text, len, feature[i].name);
    }
    add_feature(text, sizeof text, len, haul_tls_init() ? "HTTP/2" : "HTTP/1.1-only");
    return text;
}

struct haul_span haul_wire_proxy_field(const struct haul_wire_common *common, const char *origin)
{
    const char *line = haul_proxies_find(common->proxies, origin)->authorization;

    return (struct haul_span){line, line ? strcspn(line, "\r\n") : 0};
}

bool haul_wire_is_local(const struct haul_wire_common *common, const char *origin)
{
    return haul_local_is(common->config, common->proxies, origin);
}
