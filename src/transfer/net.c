#include "transfer/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "transfer/memory.h"
#include "transfer/net_curl.h"

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

/* Whether a header field of the same name is among `strings`. */
static bool has_name(const struct haul_strings *strings, const char *field)
{
    size_t len = strcspn(field, ":;");

    for (size_t i = 0; i < strings->count; i++)
        if (strcspn(strings->item[i], ":;") == len && !strncasecmp(strings->item[i], field, len))
            return true;
    return false;
}

/* The general headers but for those of the same name, and the rule's own. */
static bool make_rule_headers(const struct haul_config *config, const struct haul_strings *own,
                              struct curl_slist **out)
{
    for (size_t i = 0; i < config->headers.count; i++) {
        const struct haul_strings one = {.item = &config->headers.item[i], .count = 1};

        if (!has_name(own, one.item[0]) && !make_slist(&one, out))
            return false;
    }
    return make_slist(own, out);
}

static bool make_host_headers(struct haul_net *net)
{
    const struct haul_config *config = net->config;

    net->host_headers = calloc(config->host_rule_count + 1, sizeof *net->host_headers);
    for (size_t i = 0; i < config->host_rule_count && net->host_headers; i++)
        if (!make_rule_headers(config, &config->host_rule[i].headers, &net->host_headers[i]))
            return false;
    return net->host_headers;
}

/* ---- what all handles are set to ---- */

static void set_behaviour(CURL *easy, const struct haul_config *config, bool *ok)
{
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a silent name server must not stretch a timeout */
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    SET(CURLOPT_HTTP_TRANSFER_DECODING, 0L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_BUFFERSIZE, (long)HAUL_MEMORY_RECEIVE_BUFFER);
    if (config->proxy || config->proxy_from_env)
        SET(CURLOPT_USERAGENT,
            config->user_agent); /* for CONNECT, which has no field of set_fields */
}

static long http_version(enum haul_http_version version)
{
    static const long code[] = {[HAUL_HTTP_ANY] = CURL_HTTP_VERSION_2TLS,
                                [HAUL_HTTP_1_1] = CURL_HTTP_VERSION_1_1,
                                [HAUL_HTTP_2] = CURL_HTTP_VERSION_2TLS};

    return code[version];
}

static long ip_version(enum haul_ip_version version)
{
    static const long code[] = {[HAUL_IP_ANY] = CURL_IPRESOLVE_WHATEVER,
                                [HAUL_IP_4] = CURL_IPRESOLVE_V4,
                                [HAUL_IP_6] = CURL_IPRESOLVE_V6};

    return code[version];
}

static void set_network(CURL *easy, const struct haul_net *net, bool *ok)
{
    const struct haul_config *config = net->config;

    SET(CURLOPT_HTTP_VERSION, http_version(config->http_version));
    SET(CURLOPT_IPRESOLVE, ip_version(config->ip_version));
    SET(CURLOPT_SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    if (config->ca_file)
        SET(CURLOPT_CAINFO, config->ca_file);
    if (config->proxy || !config->proxy_from_env)
        SET(CURLOPT_PROXY, config->proxy ? config->proxy : "");
    if (!config->proxy_from_env)
        SET(CURLOPT_NOPROXY, ""); /* else it is looked up in the environment each time */
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)config->speed_limit);
    SET(CURLOPT_LOW_SPEED_TIME, config->speed_limit ? (long)config->speed_time_s : 0L);
}

void haul_net_set(const struct haul_net *net, CURL *easy, bool *ok)
{
    set_behaviour(easy, net->config, ok);
    set_network(easy, net, ok);
    SET(CURLOPT_HEADER, net->shows_header ? 1L : 0L);
}

/* ---- making and unmaking ---- */

static bool is_usable(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    return (info->features & CURL_VERSION_SSL) && (info->features & CURL_VERSION_THREADSAFE);
}

static enum haul_err make_hosts(struct haul_net *net)
{
    const struct haul_config *config = net->config;
    struct haul_hosts_limits limits = haul_hosts_default_limits();

    limits.has_proxy = config->proxy || config->proxy_from_env;
    limits.mixes_connections = config->streams > 1;
    limits.resolve = net->resolve;
    return haul_hosts_create(&limits, &net->hosts);
}

static enum haul_err init_net(struct haul_net *net)
{
    const struct haul_config *config = net->config;
    const char *cause;
    enum haul_err err = haul_address_filter_create(&net->filter, config->public_only,
                                                   &config->allow_net, &config->deny_net, &cause);

    if (err)
        return err == HAUL_ERR_NOMEM ? err : HAUL_ERR_USAGE;
    net->shows_header = curl_version_info(CURLVERSION_NOW)->version_num < 0x080200;
    net->blurs_end = net->shows_header;
    if (!make_slist(&config->headers, &net->headers) ||
        !make_slist(&config->resolve, &net->resolve) || !make_host_headers(net))
        return HAUL_ERR_NOMEM;
    return make_hosts(net);
}

enum haul_err haul_net_create(const struct haul_config *config,
                              const struct haul_redactor *redactor,
                              const struct haul_body_store *bodies, struct haul_net **out)
{
    struct haul_net *net;
    enum haul_err err;

    if (!is_usable() || haul_memory_init_curl())
        return HAUL_ERR_LIBRARY;
    net = calloc(1, sizeof *net);
    if (!net) {
        curl_global_cleanup();
        return HAUL_ERR_NOMEM;
    }
    net->config = config;
    net->redactor = redactor;
    net->bodies = bodies;
    err = init_net(net);
    if (err)
        haul_net_free(net);
    else
        *out = net;
    return err;
}

void haul_net_free(struct haul_net *net)
{
    if (!net)
        return;
    haul_address_filter_free(net->filter);
    curl_slist_free_all(net->headers);
    for (size_t i = 0; i < net->config->host_rule_count && net->host_headers; i++)
        curl_slist_free_all(net->host_headers[i]);
    free(net->host_headers);
    haul_hosts_free(net->hosts);
    curl_slist_free_all(net->resolve);
    free(net);
    curl_global_cleanup();
    haul_memory_release();
}

/*
 * Not curl_version: that asks OpenLDAP for its version too, which looks up the name of this
 * machine, and with a silent name server nothing would begin for many seconds.
 */
const char *haul_net_version(void)
{
    static char text[128];
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    const struct {
        const char *name, *version;
    } part[] = {{"libcurl/", info->version},
                {" ", info->ssl_version},
                {" zlib/", info->libz_version},
                {" nghttp2/", info->age >= CURLVERSION_SIXTH ? info->nghttp2_version : NULL}};
    size_t len = 0;

    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        if (part[i].version && len < sizeof text)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", part[i].name,
                                    part[i].version);
    }
    return text;
}

const char *haul_net_features(void)
{
    static const struct {
        int bit;
        const char *name;
    } feature[] = {{CURL_VERSION_IPV6, "IPv6"},
                   {CURL_VERSION_IDN, "IDN"},
                   {CURL_VERSION_SSL, "TLS"},
                   {CURL_VERSION_HTTP2, "HTTP/2"},
                   {CURL_VERSION_ASYNCHDNS, "AsynchDNS"},
                   {CURL_VERSION_THREADSAFE, "threadsafe"}};
    static char text[128];
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    size_t len = 0;

    for (size_t i = 0; i < sizeof feature / sizeof *feature; i++) {
        if (info->features & feature[i].bit)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? " " : "",
                                    feature[i].name);
    }
    return text;
}
