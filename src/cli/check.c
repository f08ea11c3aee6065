#include "cli/check.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/span.h"
#include "base/units.h"
#include "base/visible.h"
#include "http/field.h"
#include "input/url.h"
#include "model/redactor.h"
#include "model/target.h"
#include "model/url_parts.h"

const char *haul_check_name(const char *text)
{
    return *text ? NULL : "the name is empty";
}

const char *haul_check_line(const char *text)
{
    for (; *text; text++)
        if (haul_ascii_is_control(*text))
            return "control characters are not allowed";
    return NULL;
}

static bool begins_http(const char *text)
{
    uint32_t trimmed;

    text = haul_visible_trim(haul_span_of(text), &trimmed).at;
    return strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0;
}

const char *haul_check_header(const char *text)
{
    const char *cause = haul_field_check(text);
    struct haul_span name = {text, strcspn(text, ":;")}, value;

    if (cause)
        return cause;
    if (begins_http(text))
        return "that is a URL and no header field";
    value = haul_span_of(text[name.len] ? text + name.len + 1 : "");
    if (haul_span_is_word(name, "Range") && haul_span_trim(value).len)
        return "a part of a body would count as the whole; --continue goes on with what was begun, "
               "and --method auto asks for a length only";
    return NULL;
}

/*
 * What follows "://", which `text` has; NULL: no proxy can have the scheme before it. Not
 * model/url_parts.h, for which "socks5:/x" has a scheme, too.
 */
static const char *skip_proxy_scheme(const char *text)
{
    static const char *const schemes[] = {"http",    "https",  "socks",  "socks4",
                                          "socks4a", "socks5", "socks5h"};
    const struct haul_span scheme = {text, (size_t)(strstr(text, "://") - text)};

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (haul_span_is_word(scheme, schemes[i]))
            return text + scheme.len + 3;
    return NULL;
}

/* Host, port and login are written as in any URL, whatever the scheme. */
static bool is_authority(const char *text)
{
    struct haul_url_parser *parser;
    struct haul_buf url;
    struct haul_url ignored;
    bool is_good = false;

    if (haul_url_parser_create(&parser))
        return true; /* without memory libcurl will tell */
    haul_buf_init(&url, 0);
    haul_buf_addf(&url, "http://%s", text);
    is_good = haul_url_parse(parser, haul_buf_str(&url), url.len, &ignored) == HAUL_REASON_NONE;
    haul_buf_done(&url);
    haul_url_parser_free(parser);
    return is_good;
}

const char *haul_check_proxy(const char *text)
{
    const char *cause = haul_check_line(text);

    if (cause || !*text)
        return cause;
    if (strstr(text, "://"))
        text = skip_proxy_scheme(text);
    if (!text)
        return "the scheme must be http, https, socks4, socks4a, socks5 or socks5h";
    return is_authority(text) ? NULL : "not a proxy such as http://HOST:PORT";
}

const char *haul_check_sitemap(const char *text)
{
    const char *cause = haul_check_name(text);

    if (!cause)
        cause = haul_check_line(text);
    if (!cause && haul_source_is_url(text) && !begins_http(text))
        cause = "the scheme must be http or https";
    return cause;
}

const char *haul_check_url(const char *text)
{
    const char *cause = haul_check_line(text);

    if (!cause && !begins_http(text))
        cause = "must be a URL that begins with http:// or https://";
    return cause;
}

const char *haul_check_user(const char *text)
{
    if (!strchr(text, ':'))
        return "must be NAME:PASSWORD; haul never asks for a password";
    return haul_check_line(text);
}

const char *haul_check_pass(const char *text)
{
    return *text ? haul_check_line(text) : "there is no passphrase in its first line";
}

/* The next part of `*text` up to `end`, if it fits; `*text` moves behind the end. */
static bool next_part(const char **text, const char *ends, char *part, size_t size)
{
    size_t len = strcspn(*text, ends);

    if (!len || len >= size)
        return false;
    memcpy(part, *text, len);
    part[len] = '\0';
    *text += len + ((*text)[len] != '\0');
    return true;
}

static bool is_address(const char *text)
{
    struct in6_addr binary;
    char inner[INET6_ADDRSTRLEN];
    size_t len = strlen(text);

    if (text[0] != '[')
        return inet_pton(AF_INET, text, &binary) == 1 || inet_pton(AF_INET6, text, &binary) == 1;
    if (len < 3 || len - 2 >= sizeof inner || text[len - 1] != ']')
        return false;
    memcpy(inner, text + 1, len - 2);
    inner[len - 2] = '\0';
    return inet_pton(AF_INET6, inner, &binary) == 1;
}

const char *haul_check_resolve(const char *text)
{
    enum { HOST_MAX = 255, PORT_DIGITS = 5, ADDRESS_MAX = INET6_ADDRSTRLEN + 2 };
    char host[HOST_MAX + 1], port[PORT_DIGITS + 1], address[ADDRESS_MAX + 1];
    const char *at = text + (*text == '+'), *cause;
    int64_t number;

    if (!next_part(&at, ":", host, sizeof host) || haul_check_line(host) || *host == '-' ||
        !next_part(&at, ":", port, sizeof port))
        return "must be HOST:PORT:ADDRESS";
    if (haul_units_parse_int(port, 1, 65535, &number, &cause))
        return "the port must be 1 to 65535";
    do {
        if (!next_part(&at, ",", address, sizeof address) || !is_address(address))
            return "the address must be an IPv4 or IPv6 address";
    } while (*at);
    return NULL;
}

/* An address to connect from may have a zone: fe80::1%eth0 (RFC 4007, 11). */
static bool is_own_address(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    size_t len = strcspn(text, "%");

    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    return *address != '[' && is_address(address) && (!text[len] || strchr(address, ':'));
}

const char *haul_check_interface(const char *text)
{
    bool is_host = !strncmp(text, "host!", 5), is_device = !strncmp(text, "if!", 3);
    const char *name = text + (is_host ? 5 : is_device ? 3 : 0);

    if (!*text)
        return NULL;
    if (is_host)
        return *name ? haul_check_line(name) : "the name is empty";
    if (if_nametoindex(name) || (!is_device && is_own_address(name)))
        return NULL;
    return is_device ? "there is no such interface"
                     : "neither an interface nor an address; a host is written host!NAME";
}

/* A name, an IPv4 address, an IPv6 address in brackets, or nothing; `*text` moves behind it. */
static bool skip_host(const char **text)
{
    enum { BRACKETED_MAX = INET6_ADDRSTRLEN + 1 };
    const char *at = *text, *end = *at == '[' ? strchr(at, ']') : NULL;
    char address[BRACKETED_MAX + 1] = "";

    if (!end) {
        while (haul_ascii_is_alnum(*at) || (*at && strchr("-._", *at)))
            at++;
        *text = at;
        return true;
    }
    if (end + 1 - at > BRACKETED_MAX)
        return false;
    memcpy(address, at, (size_t)(end + 1 - at));
    *text = end + 1;
    return is_address(address);
}

/* A port or nothing, and then `end`; `*text` moves behind that. */
static bool skip_port(const char **text, char end)
{
    size_t len = strspn(*text, "0123456789");
    char port[sizeof "65535"] = "";
    const char *ignored;
    int64_t number;

    if (len >= sizeof port || (*text)[len] != end)
        return false;
    memcpy(port, *text, len);
    *text += len + (end != '\0');
    return !len || haul_units_parse_int(port, 1, 65535, &number, &ignored) == HAUL_OK;
}

static bool skip_colon(const char **text)
{
    return *(*text)++ == ':';
}

const char *haul_check_connect_to(const char *text)
{
    const char *at = text;

    if (skip_host(&at) && skip_colon(&at) && skip_port(&at, ':') && skip_host(&at) &&
        skip_colon(&at) && skip_port(&at, '\0'))
        return NULL;
    return "must be HOST1:PORT1:HOST2:PORT2, of which any may be left out; ports are 1 to 65535, "
           "IPv6 addresses stand in brackets";
}

const char *haul_check_redact(const char *text)
{
    struct haul_strings rules = {.item = &text, .count = 1};
    const char *cause = haul_err_text(HAUL_ERR_NOMEM);
    struct haul_redactor *redactor;
    enum haul_err err = haul_redactor_create(&redactor, &rules, &cause);

    haul_redactor_free(redactor);
    return err ? cause : NULL;
}

const char *haul_check_report(const char *text)
{
    struct haul_report_target ignored;

    return haul_report_target_read(text, &ignored);
}
