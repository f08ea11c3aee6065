#include "wire/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/span.h"
#include "base/wipe.h"
#include "wire/noproxy.h"

/* A proxy with its strings, which are secrets. */
struct slot {
    struct haul_proxy proxy;
    struct haul_buf url, authorization;
};

struct haul_proxies {
    struct slot http, https; /* for URLs of these schemes */
    struct haul_proxy none;
    struct haul_buf no_proxy;
};

/* ---- the text of one ---- */

/* No scheme is http. One that libcurl does not know, it will refuse. */
static enum haul_proxy_kind kind_of(struct haul_span scheme)
{
    bool is_http = haul_span_is_word(scheme, "http") || haul_span_is_word(scheme, "https");

    return is_http ? HAUL_PROXY_HTTP : HAUL_PROXY_SOCKS;
}

/* What stands before the '@' of the authority; `at` NULL: nothing does. */
static struct haul_span userinfo_of(const char *authority)
{
    size_t len = strcspn(authority, "@/?#");

    return authority[len] == '@' ? (struct haul_span){authority, len} : haul_span_of(NULL);
}

/* As libcurl, which leaves a '%' alone that begins no byte. */
static void add_decoded(struct haul_buf *to, struct haul_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        int high = text.len - i > 2 ? haul_ascii_hex_value(text.at[i + 1]) : -1;
        int low = text.len - i > 2 ? haul_ascii_hex_value(text.at[i + 2]) : -1;
        bool is_encoded = text.at[i] == '%' && high >= 0 && low >= 0;

        haul_buf_add_char(to, is_encoded ? (char)(high << 4 | low) : text.at[i]);
        if (is_encoded)
            i += 2;
    }
}

static void wipe(struct haul_buf *secret)
{
    haul_wipe(secret->data, secret->cap);
    haul_buf_done(secret);
}

/* RFC 7617, 2. All buffers have their size before a secret goes in, so that none is left behind. */
static enum haul_err set_authorization(struct slot *slot, struct haul_span userinfo)
{
    static const char begin[] = "Proxy-Authorization: Basic ";
    struct haul_buf login, *line = &slot->authorization;
    enum haul_err err;

    haul_buf_init(&login, 0);
    (void)haul_buf_reserve(&login, userinfo.len + 1);
    add_decoded(&login, userinfo);
    if (!memchr(userinfo.at, ':', userinfo.len))
        haul_buf_add_char(&login, ':');
    (void)haul_buf_reserve(line, sizeof begin + HAUL_BASE64_SIZE(login.len) + 2);
    haul_buf_add_str(line, begin);
    haul_base64_add(line, haul_buf_str(&login), login.len);
    haul_buf_add_str(line, "\r\n");
    err = login.err ? login.err : line->err;
    slot->proxy.authorization = line->data;
    wipe(&login);
    return err;
}

/* The scheme is always there: libcurl takes "ftp.example.com:3128" for an FTP proxy. */
static enum haul_err fill(struct slot *slot, const char *text)
{
    static const char http[] = "http://";
    const char *colon = text ? strstr(text, "://") : NULL;
    const char *authority = colon ? colon + 3 : text;
    struct haul_span userinfo;

    slot->proxy = (struct haul_proxy){.url = ""};
    if (!text || !*text)
        return HAUL_OK;
    (void)haul_buf_reserve(&slot->url, sizeof http + strlen(text));
    if (!colon)
        haul_buf_add_str(&slot->url, http);
    haul_buf_add_str(&slot->url, text);
    if (slot->url.err)
        return slot->url.err;
    slot->proxy.url = slot->url.data;
    slot->proxy.kind =
        colon ? kind_of((struct haul_span){text, (size_t)(colon - text)}) : HAUL_PROXY_HTTP;
    userinfo = userinfo_of(authority);
    if (!userinfo.len || slot->proxy.kind != HAUL_PROXY_HTTP)
        return HAUL_OK;
    return set_authorization(slot, userinfo);
}

/* ---- the environment ---- */

/* The first variable that is set and not empty, or NULL. */
static const char *first_set(const char *const *names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);

        if (value && *value)
            return value;
    }
    return NULL;
}

static enum haul_err fill_all(struct haul_proxies *proxies, const struct haul_config *config)
{
    /* Not HTTP_PROXY: in a CGI program a "Proxy" field of the request would set it. */
    static const char *const for_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const for_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                            NULL};
    static const char *const for_none[] = {"no_proxy", "NO_PROXY", NULL};
    const char *http = config->proxy, *https = config->proxy, *none = NULL;
    enum haul_err err;

    if (config->proxy_from_env)
        none = first_set(for_none);
    if (config->proxy_from_env && !config->proxy) {
        http = first_set(for_http);
        https = first_set(for_https);
    }
    err = fill(&proxies->http, http);
    if (!err)
        err = fill(&proxies->https, https);
    if (none)
        haul_buf_add_str(&proxies->no_proxy, none);
    return err ? err : proxies->no_proxy.err;
}

enum haul_err haul_proxies_create(const struct haul_config *config, struct haul_proxies **out)
{
    struct haul_proxies *proxies = calloc(1, sizeof *proxies);
    enum haul_err err;

    *out = NULL;
    if (!proxies)
        return HAUL_ERR_NOMEM;
    proxies->none.url = "";
    haul_buf_init(&proxies->http.url, 0);
    haul_buf_init(&proxies->http.authorization, 0);
    haul_buf_init(&proxies->https.url, 0);
    haul_buf_init(&proxies->https.authorization, 0);
    haul_buf_init(&proxies->no_proxy, 0);
    err = fill_all(proxies, config);
    if (err) {
        haul_proxies_free(proxies);
        return HAUL_ERR_NOMEM;
    }
    *out = proxies;
    return HAUL_OK;
}

void haul_proxies_free(struct haul_proxies *proxies)
{
    if (!proxies)
        return;
    wipe(&proxies->http.url);
    wipe(&proxies->http.authorization);
    wipe(&proxies->https.url);
    wipe(&proxies->https.authorization);
    haul_buf_done(&proxies->no_proxy);
    free(proxies);
}

bool haul_proxies_any(const struct haul_proxies *proxies)
{
    return proxies->http.proxy.kind || proxies->https.proxy.kind;
}

/* The host of an origin, an IPv6 address in its brackets. */
static struct haul_span host_of(const char *origin)
{
    const char *host = strstr(origin, "://") + 3;
    size_t len = strcspn(host, *host == '[' ? "]" : ":");

    return (struct haul_span){host, len + (host[len] == ']')};
}

const struct haul_proxy *haul_proxies_find(const struct haul_proxies *proxies, const char *origin)
{
    bool is_https = strncmp(origin, "https:", 6) == 0;
    const struct haul_proxy *proxy = is_https ? &proxies->https.proxy : &proxies->http.proxy;

    if (proxy->kind && haul_noproxy_names(haul_buf_str(&proxies->no_proxy), host_of(origin)))
        return &proxies->none;
    return proxy;
}
