#include "input/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "input/host.h"
#include "input/text.h"
#include "input/userinfo.h"
#include "model/url_parts.h"

/*
 * How a text becomes a URL. The text is split into its parts here, and each part is brought into
 * its one ASCII form: scheme, host (IDNA, lower case), port, path and query (encoded). What comes
 * out is a plain URL that every parser reads alike. libcurl's parser is then asked for its opinion:
 * it may refuse, it removes dot segments and it turns "127.1" into "127.0.0.1". So nothing that
 * libcurl and other programs disagree about (backslashes, two '@', locale-dependent names) ever
 * reaches it.
 *
 * Most lines of most lists are plain URLs to begin with. read_plain recognises those that all of
 * the above would leave as they are, and answers without asking libcurl.
 */

enum { DEFAULT_PORT_HTTP = 80, DEFAULT_PORT_HTTPS = 443, PORT_MAX = 65535 };
enum { EXCERPT_LEN = 200 }; /* what is shown of a text that is too long to be looked at */

struct parts {
    bool is_https;
    struct haul_span userinfo; /* at NULL: there is no '@' */
    struct haul_span host, port;
    struct haul_span path; /* with the query; "" if neither is there; the fragment is left out */
};

struct haul_url_parser {
    CURLU *curl;
    struct haul_buf result; /* the strings of the last result */
    struct haul_buf plain;  /* the URL that libcurl is asked about */
    struct haul_buf host;   /* decoded host name */
    struct haul_buf path;   /* path and query as libcurl gave them back */
    struct haul_buf joined; /* a reference resolved against its base */
};

/* ---- the parser ------------------------------------------------------------------------------ */

enum haul_err haul_url_parser_create(struct haul_url_parser **out)
{
    struct haul_url_parser *parser = calloc(1, sizeof *parser);

    *out = NULL;
    if (!parser)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&parser->result, 0);
    haul_buf_init(&parser->plain, 0);
    haul_buf_init(&parser->host, 0);
    haul_buf_init(&parser->path, 0);
    haul_buf_init(&parser->joined, 0);
    parser->curl = curl_url();
    if (!parser->curl) {
        haul_url_parser_free(parser);
        return HAUL_ERR_NOMEM;
    }
    *out = parser;
    return HAUL_OK;
}

void haul_url_parser_free(struct haul_url_parser *parser)
{
    if (!parser)
        return;
    curl_url_cleanup(parser->curl);
    haul_buf_done(&parser->result);
    haul_buf_done(&parser->plain);
    haul_buf_done(&parser->host);
    haul_buf_done(&parser->path);
    haul_buf_done(&parser->joined);
    free(parser);
}

/* ---- what is shown --------------------------------------------------------------------------- */

static enum haul_reason reject(struct haul_url_parser *parser, struct haul_span text, bool cut,
                               enum haul_reason reason, struct haul_url *out)
{
    *out = (struct haul_url){.url = "", .display = "", .origin = "", .host = ""};
    haul_buf_clear(&parser->result);
    if (reason == HAUL_REASON_NO_MEMORY)
        return reason;
    haul_userinfo_hide(&parser->result, text, cut);
    if (parser->result.err)
        return HAUL_REASON_NO_MEMORY;
    out->display = haul_buf_str(&parser->result);
    out->display_len = parser->result.len;
    return reason;
}

enum haul_reason haul_url_redact(struct haul_url_parser *parser, const char *text, size_t len,
                                 bool cut, struct haul_url *out)
{
    return reject(parser, (struct haul_span){text, len}, cut, HAUL_REASON_NONE, out);
}

/* ---- writing a result ------------------------------------------------------------------------ */

static const char *put(char **to, const char *bytes, size_t len)
{
    char *at = *to;

    if (len)
        memcpy(at, bytes, len);
    *to += len;
    return at;
}

static const char *put_string(char **to, const char *bytes, size_t len)
{
    const char *at = put(to, bytes, len);

    *(*to)++ = '\0';
    return at;
}

static void put_number(char **to, int number)
{
    char digits[16];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    put(to, digits + at, sizeof digits - at);
}

static const char *put_decoded(char **to, struct haul_span text)
{
    char *start = *to;

    for (size_t at = 0; at < text.len;)
        *(*to)++ = haul_text_decode_byte(text, &at);
    *(*to)++ = '\0';
    return start;
}

static void put_userinfo(char **to, struct haul_span userinfo, struct haul_url *out)
{
    const char *colon = userinfo.len ? memchr(userinfo.at, ':', userinfo.len) : NULL;
    size_t user = colon ? (size_t)(colon - userinfo.at) : userinfo.len;

    if (!userinfo.len)
        return;
    out->user = put_decoded(to, (struct haul_span){userinfo.at, user});
    if (colon)
        out->password = put_decoded(to, (struct haul_span){colon + 1, userinfo.len - user - 1});
}

static void put_display(char **to, struct haul_span text, struct haul_span userinfo,
                        struct haul_url *out)
{
    const char *start = *to;
    size_t before = userinfo.at ? (size_t)(userinfo.at - text.at) : text.len;

    put(to, text.at, before);
    if (userinfo.at)
        put(to, userinfo.at + userinfo.len + 1, text.len - before - userinfo.len - 1);
    out->display = start;
    out->display_len = (size_t)(*to - start);
    *(*to)++ = '\0';
}

/* What the strings of a result are made of. */
struct found {
    struct haul_span text, userinfo, host;
    struct haul_span path; /* encoded, with the query, beginning with '/' */
    int port;
    bool is_https;
};

static void put_url(char **to, const struct found *found, struct haul_url *out)
{
    const char *start = *to;

    put(to, "https://", found->is_https ? 5 : 4);
    put(to, "://", 3);
    put(to, found->host.at, found->host.len);
    if (found->port != (found->is_https ? DEFAULT_PORT_HTTPS : DEFAULT_PORT_HTTP)) {
        put(to, ":", 1);
        put_number(to, found->port);
    }
    put(to, found->path.at, found->path.len);
    out->url = start;
    out->url_len = (size_t)(*to - start);
    *(*to)++ = '\0';
}

static void put_origin(char **to, const struct found *found, struct haul_url *out)
{
    const char *start = *to;

    put(to, "https://", found->is_https ? 5 : 4);
    put(to, "://", 3);
    put(to, found->host.at, found->host.len);
    put(to, ":", 1);
    put_number(to, found->port);
    out->origin = start;
    out->origin_len = (size_t)(*to - start);
    *(*to)++ = '\0';
}

static enum haul_reason fill(struct haul_url_parser *parser, const struct found *found,
                             struct haul_url *out)
{
    enum { FIXED = 2 * (sizeof "https://:65535" - 1) + 6 /* NULs */ };
    size_t room =
        FIXED + found->text.len + found->userinfo.len + 3 * found->host.len + found->path.len;
    char *to;

    haul_buf_clear(&parser->result);
    to = haul_buf_reserve(&parser->result, room);
    if (!to)
        return reject(parser, found->text, false, HAUL_REASON_NO_MEMORY, out);
    *out = (struct haul_url){.port = found->port, .is_https = found->is_https};
    put_url(&to, found, out);
    if (out->url_len > HAUL_URL_MAX)
        return reject(parser, found->text, false, HAUL_REASON_BAD_URL, out);
    put_display(&to, found->text, found->userinfo, out);
    put_origin(&to, found, out);
    out->host = put_string(&to, found->host.at, found->host.len);
    out->host_len = found->host.len;
    put_userinfo(&to, found->userinfo, out);
    return HAUL_REASON_NONE;
}

/* ---- plain URLs ------------------------------------------------------------------------------ */

/* Digits only, leading zeros are fine. Returns -1 for what is no port one can connect to. */
static int read_port(struct haul_span text)
{
    int port = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!haul_text_is_digit(text.at[i]))
            return -1;
        port = port * 10 + (text.at[i] - '0');
        if (port > PORT_MAX)
            return -1;
    }
    return port ? port : -1;
}

/* A path that stays as it is: "/." may begin a dot segment, and "/%" may, too ("%2e"). */
static bool is_plain_path(struct haul_span path)
{
    char last = 0;

    if (!path.len || *path.at != '/')
        return false;
    for (size_t i = 0; i < path.len; i++) {
        char byte = path.at[i];

        if (!haul_text_is(byte, HAUL_IN_PATH) || (last == '/' && (byte == '.' || byte == '%')))
            return false;
        last = byte;
    }
    return true;
}

/*
 * An address as every program writes it: four decimal numbers below 256, no leading zeros. Its other
 * forms ("127.1", octal numbers) are libcurl's to read.
 */
static bool is_plain_address(struct haul_span host)
{
    int numbers = 0, digits = 0, number = 0;

    for (size_t i = 0; i < host.len; i++) {
        char byte = host.at[i];

        if (byte == '.') {
            if (!digits || ++numbers > 3)
                return false;
            digits = number = 0;
        } else if (!haul_text_is_digit(byte) || (digits && !number)) {
            return false;
        } else {
            number = number * 10 + (byte - '0');
            digits++;
            if (number > 255)
                return false;
        }
    }
    return numbers == 3 && digits;
}

static bool is_plain_host(struct haul_span host)
{
    if (!host.len)
        return false;
    /* A name that begins with a digit may be an address in one of its many forms. */
    return haul_text_is_digit(*host.at) ? is_plain_address(host) : haul_host_is_name(host);
}

/* Fills `found` if `text` is a URL that needs no work. False says nothing about the text. */
static bool read_plain(struct haul_span text, struct found *found)
{
    size_t at = 0, start;

    if (text.len < 8 || memcmp(text.at, "http", 4) != 0)
        return false;
    found->is_https = text.at[4] == 's';
    at = found->is_https ? 8 : 7;
    if (memcmp(text.at + at - 3, "://", 3) != 0)
        return false;
    start = at;
    while (at < text.len && haul_text_is(text.at[at], HAUL_IN_HOST))
        at++;
    found->host = (struct haul_span){text.at + start, at - start};
    if (!is_plain_host(found->host))
        return false;
    found->port = found->is_https ? DEFAULT_PORT_HTTPS : DEFAULT_PORT_HTTP;
    if (at < text.len && text.at[at] == ':') {
        start = ++at;
        while (at < text.len && haul_text_is_digit(text.at[at]))
            at++;
        found->port = read_port((struct haul_span){text.at + start, at - start});
    }
    found->path = at < text.len ? (struct haul_span){text.at + at, text.len - at}
                                : (struct haul_span){"/", 1};
    return found->port > 0 && is_plain_path(found->path);
}

/* ---- any other text -------------------------------------------------------------------------- */

static bool port_follows(struct haul_span text)
{
    size_t at = 0;

    while (at < text.len && haul_text_is_digit(text.at[at]))
        at++;
    return at > 0 && (at == text.len || haul_text_is(text.at[at], HAUL_ENDS_AUTHORITY));
}

/* Whether "name:" at the start of a line is no scheme but a host with a port, or a user. */
static bool is_host_or_user(struct haul_span text, size_t name)
{
    struct haul_span after = {text.at + name + 1, text.len - name - 1};
    struct haul_span authority = {text.at, haul_text_authority_length(text)};

    if (after.len >= 2 && memcmp(after.at, "//", 2) == 0)
        return false;
    if (haul_text_is_opaque_scheme(text.at, name))
        return false;
    return port_follows(after) || memchr(text.at, '.', name) ||
           haul_text_length_through_at(authority);
}

static bool is_name(struct haul_span text, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp(text.at, name, len) == 0;
}

/*
 * Splits off the scheme and the slashes. `strict` is RFC 3986: no URL without a scheme, two
 * slashes. Not model/url_parts.h, which takes any text: this refuses, and says with which reason.
 */
static enum haul_reason split_scheme(struct haul_span *text, bool strict, struct parts *parts)
{
    size_t len = haul_text_scheme_length(*text), slashes = 0;

    parts->is_https = is_name(*text, len, "https");
    if (!parts->is_https && !is_name(*text, len, "http")) {
        if (!strict && (len == 0 || is_host_or_user(*text, len)))
            return HAUL_REASON_NONE;
        return len ? HAUL_REASON_SCHEME : HAUL_REASON_BAD_URL;
    }
    text->at += len + 1;
    text->len -= len + 1;
    while (slashes < text->len && text->at[slashes] == '/')
        slashes++;
    text->at += slashes;
    text->len -= slashes;
    if (strict)
        return slashes == 2 ? HAUL_REASON_NONE : HAUL_REASON_BAD_URL;
    return slashes >= 1 && slashes <= 3 ? HAUL_REASON_NONE : HAUL_REASON_BAD_URL;
}

/* Splits "userinfo@host:port". False: malformed. */
static bool split_authority(struct haul_span authority, struct parts *parts)
{
    const char *end = authority.at + authority.len, *behind;
    struct haul_url_parts url;

    haul_url_parts_read_authority(authority, &url);
    parts->userinfo = url.userinfo;
    parts->host = url.host;
    parts->port = url.port;
    behind = url.host.at + url.host.len;
    if (!url.host.len || (behind != end && *behind != ':'))
        return false;
    return *url.host.at != '[' || behind[-1] == ']';
}

static enum haul_reason split(struct haul_span text, bool strict, struct parts *parts)
{
    struct haul_span rest = text;
    enum haul_reason reason = split_scheme(&rest, strict, parts);
    size_t authority = haul_text_authority_length(rest);
    const char *fragment;

    if (reason)
        return reason;
    if (!split_authority((struct haul_span){rest.at, authority}, parts))
        return HAUL_REASON_BAD_URL;
    parts->path = (struct haul_span){rest.at + authority, rest.len - authority};
    /* In front of a backslash every program sees another host. */
    if (parts->path.len && *parts->path.at == '\\')
        return HAUL_REASON_BAD_URL;
    /* "http//host/": without a colon this is a slip, not the host "http". */
    if (rest.at == text.at && parts->path.len >= 2 && memcmp(parts->path.at, "//", 2) == 0)
        return HAUL_REASON_BAD_URL;
    fragment = parts->path.len ? memchr(parts->path.at, '#', parts->path.len) : NULL;
    if (fragment)
        parts->path.len = (size_t)(fragment - parts->path.at);
    return HAUL_REASON_NONE;
}

static bool decodes_to_control(struct haul_span text)
{
    for (size_t at = 0; at < text.len;)
        if (haul_text_is(haul_text_decode_byte(text, &at), HAUL_IS_CONTROL))
            return true;
    return false;
}

static void add_encoded(struct haul_buf *to, struct haul_span text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (haul_text_is(text.at[i], HAUL_IN_PATH)) {
            haul_buf_add_char(to, text.at[i]);
        } else {
            char triplet[] = {'%', hex[byte >> 4], hex[byte & 15]};

            haul_buf_add(to, triplet, sizeof triplet);
        }
    }
}

static enum haul_reason reason_of(CURLUcode code)
{
    if (code == CURLUE_OUT_OF_MEMORY)
        return HAUL_REASON_NO_MEMORY;
    return code == CURLUE_OK ? HAUL_REASON_NONE : HAUL_REASON_BAD_URL;
}

/*
 * Has libcurl read the plain URL, and puts what it makes of host and path in the place of ours: the
 * host (unless it is an IPv6 address, whose zone it keeps apart) and the path without dot segments.
 */
static enum haul_reason ask_libcurl(struct haul_url_parser *parser, struct haul_span query)
{
    char *host = NULL, *path = NULL;
    CURLUcode code = curl_url_set(parser->curl, CURLUPART_URL, haul_buf_str(&parser->plain), 0);

    if (!code)
        code = curl_url_get(parser->curl, CURLUPART_HOST, &host, 0);
    if (!code)
        code = curl_url_get(parser->curl, CURLUPART_PATH, &path, 0);
    if (!code) {
        if (*host != '[') {
            haul_buf_clear(&parser->host);
            haul_buf_add_str(&parser->host, host);
        }
        haul_buf_clear(&parser->path);
        haul_buf_add_str(&parser->path, path);
        haul_buf_add(&parser->path, query.at, query.len);
    }
    curl_free(host);
    curl_free(path);
    return parser->host.err || parser->path.err ? HAUL_REASON_NO_MEMORY : reason_of(code);
}

/* From its '?' on; "" if there is none. libcurl takes an empty query for none, servers do not. */
static struct haul_span query_of(const struct haul_buf *url)
{
    const char *all = haul_buf_str(url);
    size_t at = strcspn(all, "?");

    return (struct haul_span){all + at, url->len - at};
}

static enum haul_reason read_parts(struct haul_url_parser *parser, const struct parts *parts,
                                   struct found *found)
{
    struct haul_buf *plain = &parser->plain;
    enum haul_reason reason = haul_host_read(parts->host, &parser->host);

    if (reason)
        return reason;
    found->port = parts->is_https ? DEFAULT_PORT_HTTPS : DEFAULT_PORT_HTTP;
    if (parts->port.len)
        found->port = read_port(parts->port);
    if (found->port < 0)
        return HAUL_REASON_BAD_URL;
    haul_buf_clear(plain);
    haul_buf_addf(plain, "%s://%s:%d", parts->is_https ? "https" : "http",
                  haul_buf_str(&parser->host), found->port);
    if (!parts->path.len || *parts->path.at != '/')
        haul_buf_add_char(plain, '/');
    add_encoded(plain, parts->path);
    reason = plain->err ? HAUL_REASON_NO_MEMORY : ask_libcurl(parser, query_of(plain));
    found->is_https = parts->is_https;
    found->userinfo = parts->userinfo;
    found->host = (struct haul_span){haul_buf_str(&parser->host), parser->host.len};
    found->path = (struct haul_span){haul_buf_str(&parser->path), parser->path.len};
    return reason;
}

static enum haul_reason read_text(struct haul_url_parser *parser, struct haul_span text,
                                  bool strict, struct found *found)
{
    struct parts parts = {.userinfo = {0}};
    enum haul_reason reason;

    if (haul_text_has_control(text))
        return HAUL_REASON_CONTROL_CHARACTER;
    reason = split(text, strict, &parts);
    if (reason)
        return reason;
    if (decodes_to_control(parts.userinfo))
        return HAUL_REASON_CONTROL_CHARACTER;
    return read_parts(parser, &parts, found);
}

enum haul_reason haul_url_parse(struct haul_url_parser *parser, const char *text, size_t len,
                                struct haul_url *out)
{
    struct found found = {.text = {text, len}};
    enum haul_reason reason = HAUL_REASON_NONE;

    if (len > HAUL_URL_MAX)
        return reject(parser, (struct haul_span){text, EXCERPT_LEN}, true,
                      HAUL_REASON_LINE_TOO_LONG, out);
    if (!read_plain(found.text, &found))
        reason = read_text(parser, found.text, false, &found);
    if (reason)
        return reject(parser, found.text, false, reason, out);
    return fill(parser, &found, out);
}

/* ---- references ------------------------------------------------------------------------------ */

/* The bytes of scheme, host and port of a normalised URL. */
static size_t origin_length(const char *url)
{
    return (size_t)(haul_url_parts_of(url, strlen(url)).path.at - url);
}

bool haul_url_same_origin(const char *url, const char *other)
{
    size_t len = origin_length(url);

    return len > 0 && len == origin_length(other) && memcmp(url, other, len) == 0;
}

/* How much of the base stays in front of a reference that has no scheme (RFC 3986 5.2.2, 5.2.3). */
static size_t kept_length(const char *base, struct haul_span reference)
{
    size_t len = strcspn(base, "?#");

    if (!reference.len)
        return strcspn(base, "#");
    if (reference.len >= 2 && memcmp(reference.at, "//", 2) == 0)
        return strcspn(base, "/");
    if (*reference.at == '/')
        return origin_length(base);
    if (*reference.at == '?')
        return len;
    while (len && base[len - 1] != '/')
        len--;
    return len;
}

/* Blanks around a header field's value are not part of it (RFC 9110 5.5). */
static struct haul_span trimmed(struct haul_span text)
{
    while (text.len && (*text.at == ' ' || *text.at == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

static enum haul_reason join_text(struct haul_url_parser *parser, const char *base,
                                  struct haul_span reference, struct found *found)
{
    struct haul_buf *joined = &parser->joined;
    const char *fragment = reference.len ? memchr(reference.at, '#', reference.len) : NULL;

    if (haul_text_has_control(reference))
        return HAUL_REASON_CONTROL_CHARACTER;
    if (fragment)
        reference.len = (size_t)(fragment - reference.at);
    haul_buf_clear(joined);
    if (!haul_text_scheme_length(reference))
        haul_buf_add(joined, base, kept_length(base, reference));
    haul_buf_add(joined, reference.at, reference.len);
    if (joined->err)
        return HAUL_REASON_NO_MEMORY;
    found->text = (struct haul_span){haul_buf_str(joined), joined->len};
    return read_text(parser, found->text, true, found);
}

enum haul_reason haul_url_join(struct haul_url_parser *parser, const char *base,
                               const char *location, size_t len, struct haul_url *out)
{
    struct found found = {.text = {NULL, 0}};
    struct haul_span given = trimmed((struct haul_span){location, len});
    enum haul_reason reason;

    if (given.len > HAUL_URL_MAX)
        return reject(parser, (struct haul_span){given.at, EXCERPT_LEN}, true,
                      HAUL_REASON_LINE_TOO_LONG, out);
    reason = join_text(parser, base, given, &found);
    if (reason)
        return reject(parser, given, false, reason, out);
    reason = fill(parser, &found, out);
    if (reason)
        return reject(parser, given, false, reason, out);
    out->display = out->url;
    out->display_len = out->url_len;
    return HAUL_REASON_NONE;
}
