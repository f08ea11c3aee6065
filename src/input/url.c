#include "input/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/url_reader.h"
#include "input/userinfo.h"
#include "model/host.h"
#include "model/url_parts.h"

enum { EXCERPT_LEN = 200 }; /* what is shown of a text that is too long to be looked at */

struct haul_url_parser {
    struct haul_url_reader reader;
    struct haul_buf result; /* the strings of the last result */
    struct haul_buf joined; /* a reference resolved against its base */
};

/* ---- the parser ---- */

enum haul_err haul_url_parser_create(struct haul_url_parser **out)
{
    struct haul_url_parser *parser = calloc(1, sizeof *parser);

    *out = NULL;
    if (!parser)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&parser->result, 0);
    haul_buf_init(&parser->joined, 0);
    if (haul_url_reader_init(&parser->reader)) {
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
    haul_url_reader_done(&parser->reader);
    haul_buf_done(&parser->result);
    haul_buf_done(&parser->joined);
    free(parser);
}

/* ---- what is shown ---- */

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

/* ---- writing a result ---- */

static void put(char **to, const char *bytes, size_t len)
{
    if (len)
        memcpy(*to, bytes, len);
    *to += len;
}

/* Terminates what was put since `start`; gives its length. */
static size_t end_string(char **to, const char *start)
{
    *(*to)++ = '\0';
    return (size_t)(*to - start) - 1;
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
    (void)end_string(to, start);
    return start;
}

static void put_userinfo(char **to, struct haul_span userinfo, struct haul_url *out)
{
    struct haul_span user;

    if (!userinfo.len)
        return;
    user = haul_text_before(userinfo, ':');
    out->user = put_decoded(to, user);
    if (user.len < userinfo.len)
        out->password = put_decoded(
            to, (struct haul_span){user.at + user.len + 1, userinfo.len - user.len - 1});
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
    out->display_len = end_string(to, start);
}

/* Inline: each URL of a list has two of them. */
static inline void put_origin(char **to, const struct haul_url_found *found, struct haul_span host,
                              bool with_port)
{
    put(to, "https", found->is_https ? 5 : 4);
    put(to, "://", 3);
    put(to, host.at, host.len);
    if (!with_port)
        return;
    put(to, ":", 1);
    put_number(to, found->port);
}

static enum haul_reason fill(struct haul_url_parser *parser, const struct haul_url_found *found,
                             struct haul_url *out)
{
    enum { FIXED = 2 * (sizeof "https://:65535" - 1) + 6 /* NULs */ };
    size_t room =
        FIXED + found->text.len + found->userinfo.len + 3 * found->host.len + found->path.len;
    const struct haul_span host = haul_host_without_dot(found->host);
    char *to;

    haul_buf_clear(&parser->result);
    to = haul_buf_reserve(&parser->result, room);
    if (!to)
        return HAUL_REASON_NO_MEMORY;
    *out = (struct haul_url){.port = found->port, .is_https = found->is_https, .url = to};
    put_origin(&to, found, found->host,
               found->port != (found->is_https ? HAUL_URL_PORT_HTTPS : HAUL_URL_PORT_HTTP));
    put(&to, found->path.at, found->path.len);
    out->url_len = end_string(&to, out->url);
    if (out->url_len > HAUL_URL_MAX)
        return HAUL_REASON_BAD_URL;
    put_display(&to, found->text, found->userinfo, out);
    out->origin = to;
    put_origin(&to, found, host, true);
    out->origin_len = end_string(&to, out->origin);
    out->host = to;
    put(&to, host.at, host.len);
    out->host_len = end_string(&to, out->host);
    put_userinfo(&to, found->userinfo, out);
    return HAUL_REASON_NONE;
}

/* ---- references ---- */

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

const char *haul_url_target(const char *url)
{
    return url + origin_length(url);
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

static enum haul_reason join_text(struct haul_url_parser *parser, const char *base,
                                  struct haul_span reference, struct haul_url_found *found)
{
    struct haul_buf *joined = &parser->joined;

    if (haul_text_has_control(reference))
        return HAUL_REASON_CONTROL_CHARACTER;
    reference = haul_text_before(reference, '#');
    haul_buf_clear(joined);
    if (!haul_text_scheme_length(reference))
        haul_buf_add(joined, base, kept_length(base, reference));
    haul_buf_add(joined, reference.at, reference.len);
    if (joined->err)
        return HAUL_REASON_NO_MEMORY;
    return haul_url_read(&parser->reader, (struct haul_span){haul_buf_str(joined), joined->len},
                         true, found);
}

/* ---- reading ---- */

/* `base` NULL: the text is no reference. */
static enum haul_reason read_text(struct haul_url_parser *parser, const char *base,
                                  struct haul_span text, struct haul_url *out)
{
    const struct haul_span excerpt = {text.at, EXCERPT_LEN};
    struct haul_url_found found;
    enum haul_reason reason;

    if (text.len > HAUL_URL_MAX)
        return reject(parser, excerpt, true, HAUL_REASON_LINE_TOO_LONG, out);
    reason = base ? join_text(parser, base, text, &found)
                  : haul_url_read(&parser->reader, text, false, &found);
    if (!reason)
        reason = fill(parser, &found, out);
    return reason ? reject(parser, text, false, reason, out) : HAUL_REASON_NONE;
}

enum haul_reason haul_url_parse(struct haul_url_parser *parser, const char *text, size_t len,
                                struct haul_url *out)
{
    return read_text(parser, NULL, (struct haul_span){text, len}, out);
}

enum haul_reason haul_url_join(struct haul_url_parser *parser, const char *base,
                               const char *location, size_t len, struct haul_url *out)
{
    /* Blanks around a header field's value are not part of it (RFC 9110 5.5). */
    struct haul_span text = haul_span_trim((struct haul_span){location, len});
    enum haul_reason reason = read_text(parser, base, text, out);

    if (reason)
        return reason;
    out->display = out->url;
    out->display_len = out->url_len;
    return HAUL_REASON_NONE;
}
