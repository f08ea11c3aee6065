#include "transfer/net.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "transfer/net_curl.h"

static void lock_shared(CURL *easy, curl_lock_data data, curl_lock_access access, void *arg)
{
    struct haul_net *net = arg;

    (void)easy;
    (void)access;
    uv_mutex_lock(&net->lock[data]);
}

static void unlock_shared(CURL *easy, curl_lock_data data, void *arg)
{
    struct haul_net *net = arg;

    (void)easy;
    uv_mutex_unlock(&net->lock[data]);
}

static bool init_locks(struct haul_net *net)
{
    for (; net->lock_count < CURL_LOCK_DATA_LAST; net->lock_count++) {
        if (uv_mutex_init(&net->lock[net->lock_count]))
            return false;
    }
    return true;
}

static bool init_share(struct haul_net *net)
{
    net->share = curl_share_init();
    return net->share && !curl_share_setopt(net->share, CURLSHOPT_LOCKFUNC, lock_shared) &&
           !curl_share_setopt(net->share, CURLSHOPT_UNLOCKFUNC, unlock_shared) &&
           !curl_share_setopt(net->share, CURLSHOPT_USERDATA, net) &&
           !curl_share_setopt(net->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
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

static bool is_usable(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    return (info->features & CURL_VERSION_SSL) && (info->features & CURL_VERSION_THREADSAFE);
}

static enum haul_err init_net(struct haul_net *net)
{
    const struct haul_config *config = net->config;
    const char *cause;
    enum haul_err err = haul_address_filter_create(&net->filter, config->public_only,
                                                   &config->allow_net, &config->deny_net, &cause);

    if (err)
        return err == HAUL_ERR_NOMEM ? err : HAUL_ERR_USAGE;
    net->renews_handles = curl_version_info(CURLVERSION_NOW)->version_num < 0x080200;
    if (!init_locks(net) || !init_share(net) || !make_slist(&config->headers, &net->headers) ||
        !make_slist(&config->resolve, &net->resolve))
        return HAUL_ERR_NOMEM;
    return HAUL_OK;
}

enum haul_err haul_net_create(const struct haul_config *config,
                              const struct haul_redactor *redactor, struct haul_net **out)
{
    struct haul_net *net;
    enum haul_err err;

    if (!is_usable() || curl_global_init(CURL_GLOBAL_DEFAULT))
        return HAUL_ERR_LIBRARY;
    net = calloc(1, sizeof *net);
    if (!net) {
        curl_global_cleanup();
        return HAUL_ERR_NOMEM;
    }
    net->config = config;
    net->redactor = redactor;
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
    curl_slist_free_all(net->resolve);
    if (net->share)
        curl_share_cleanup(net->share);
    for (int i = 0; i < net->lock_count; i++)
        uv_mutex_destroy(&net->lock[i]);
    free(net);
    curl_global_cleanup();
}

/*
 * Not curl_version: that asks OpenLDAP for its version too, which looks up the name of this machine,
 * and with a silent name server nothing would begin for many seconds.
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
