#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/url.h"
#include "input/userinfo.h"

/*
 * Whatever the text: what comes out is a plain URL, parses to itself, is read alike with and
 * without the shortcut for plain URLs, and holds no userinfo. If the input has a newline, what
 * follows it is a reference that is resolved against what stands before.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct haul_url_parser *parser, *other;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_refused(const struct haul_url *url)
{
    require(!*url->url && !*url->origin && !*url->host && !url->user && !url->password);
    require(!url->url_len && !url->origin_len && !url->host_len && !url->port && !url->is_https);
}

static void check_form(const struct haul_url *url)
{
    const char *scheme = url->is_https ? "https://" : "http://";
    size_t len = strlen(scheme);
    const char *authority = url->url + len;

    require(strncmp(url->url, scheme, len) == 0 && strncmp(url->origin, scheme, len) == 0);
    require(url->port > 0 && url->port <= 65535);
    require(strlen(url->url) == url->url_len && url->url_len <= HAUL_URL_MAX);
    require(strlen(url->origin) == url->origin_len && strlen(url->host) == url->host_len);
    require(strncmp(authority, url->host, url->host_len) == 0);
    require(strncmp(url->origin + len, url->host, url->host_len) == 0);
    require(atoi(url->origin + len + url->host_len + 1) == url->port);
    for (const char *at = url->url; *at; at++)
        require(*at > 0x20 && *at < 0x7f && *at != '#' && *at != '\\' && *at != '"');
    require(!memchr(authority, '@', strcspn(authority, "/")));
    require(strcspn(authority, "/") < strlen(authority));
}

static void check_again(const char *text, const struct haul_url *url)
{
    struct haul_url second;

    require(haul_url_parse(other, text, strlen(text), &second) == HAUL_REASON_NONE);
    check_form(&second);
    require(strcmp(second.url, url->url) == 0 && strcmp(second.origin, url->origin) == 0);
    require(!second.user && !second.password);
}

/* A scheme in upper case keeps a text from the shortcut. */
static void check_long_way(const struct haul_url *url)
{
    char *shouted = strdup(url->url);

    require(shouted != NULL);
    memcpy(shouted, "HTTP", 4);
    check_again(shouted, url);
    free(shouted);
}

static void check_shortcut(const char *text, size_t len, enum haul_reason reason,
                           const struct haul_url *url)
{
    char *shouted = malloc(len + 1);
    struct haul_url second;

    require(shouted != NULL);
    memcpy(shouted, text, len);
    if (len >= 5 && memcmp(text, "http", 4) == 0 && (text[4] == ':' || text[4] == 's')) {
        memcpy(shouted, "HTTP", 4);
        require(haul_url_parse(other, shouted, len, &second) == reason);
        require(strcmp(second.url, url->url) == 0);
    }
    free(shouted);
}

static void check(const struct haul_url *url)
{
    check_form(url);
    check_again(url->url, url);
    check_long_way(url);
}

static void check_reference(const char *base, const char *text, size_t len)
{
    struct haul_url url;
    enum haul_reason reason = haul_url_join(parser, base, text, len, &url);

    require(reason != HAUL_REASON_NO_MEMORY);
    if (reason)
        check_refused(&url);
    else
        check(&url);
}

/* Whatever a secret is, unless it ends the authority: of a text that is shown it is no part. */
static void check_secret(const char *text, size_t len)
{
    struct haul_buf with;
    struct haul_url url;

    haul_buf_init(&with, 0);
    haul_buf_add_str(&with, "http://");
    for (size_t i = 0; i < len; i++)
        if (!strchr("/?#\\", text[i])) /* which finds NUL, too */
            haul_buf_add_char(&with, text[i]);
    haul_buf_add_str(&with, "@host/p@q");
    require(!haul_url_redact(other, haul_buf_str(&with), with.len, false, &url));
    require(strcmp(url.display, "http://host/p@q") == 0);
    haul_userinfo_mask(with.data);
    require(strspn(with.data + 7, "*") == with.len - strlen("http://@host/p@q"));
    haul_buf_done(&with);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *newline = size ? memchr(text, '\n', size) : NULL;
    size_t len = newline ? (size_t)(newline - text) : size;
    struct haul_url url;
    enum haul_reason reason;

    if (!size)
        return 0;
    if (!parser)
        require(!haul_url_parser_create(&parser) && !haul_url_parser_create(&other));
    reason = haul_url_parse(parser, text, len, &url);
    require(reason != HAUL_REASON_NO_MEMORY && url.display_len <= len);
    check_shortcut(text, len, reason, &url);
    check_secret(text, len);
    if (reason) {
        check_refused(&url);
    } else {
        check(&url);
        if (newline)
            check_reference(url.url, newline + 1, size - len - 1);
    }
    return 0;
}
