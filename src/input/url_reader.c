#include "input/url_reader.h"

#include <curl/curl.h>
#include <string.h>

#include "base/ascii.h"
#include "input/host.h"
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

enum { PORT_MAX = 65535 };

enum haul_err haul_url_reader_init(struct haul_url_reader *reader)
{
    haul_buf_init(&reader->plain, 0);
    haul_buf_init(&reader->host, 0);
    haul_buf_init(&reader->path, 0);
    reader->curl = curl_url();
    return reader->curl ? HAUL_OK : HAUL_ERR_NOMEM;
}

void haul_url_reader_done(struct haul_url_reader *reader)
{
    curl_url_cleanup(reader->curl);
    haul_buf_done(&reader->plain);
    haul_buf_done(&reader->host);
    haul_buf_done(&reader->path);
}

/* ---- plain URLs ---- */

/* Digits only, leading zeros are fine. Returns -1 for what is no port one can connect to. */
static int read_port(struct haul_span text)
{
    int port = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!haul_ascii_is_digit(text.at[i]))
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
 * An address as every program writes it: four decimal numbers below 256, no leading zeros. Its
 * other forms ("127.1", octal numbers) are libcurl's to read.
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
        } else if (!haul_ascii_is_digit(byte) || (digits && !number)) {
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
    return haul_ascii_is_digit(*host.at) ? is_plain_address(host) : haul_host_is_name(host);
}

/* Fills `found` if `text` is a URL that needs no work. False says nothing about the text. */
static bool read_plain(struct haul_span text, struct haul_url_found *found)
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
    found->port = found->is_https ? HAUL_URL_PORT_HTTPS : HAUL_URL_PORT_HTTP;
    if (at < text.len && text.at[at] == ':') {
        start = ++at;
        while (at < text.len && haul_ascii_is_digit(text.at[at]))
            at++;
        found->port = read_port((struct haul_span){text.at + start, at - start});
    }
    found->path = at < text.len ? (struct haul_span){text.at + at, text.len - at}
                                : (struct haul_span){"/", 1};
    return found->port > 0 && is_plain_path(found->path);
}

/* ---- any other text ---- */

static bool port_follows(struct haul_span text)
{
    size_t at = 0;

    while (at < text.len && haul_ascii_is_digit(text.at[at]))
        at++;
    return at > 0 && (at == text.len || haul_text_is(text.at[at], HAUL_ENDS_AUTHORITY));
}

/* Whether "name:" at the start of a line is no scheme but a host with a port, or a user. */
static bool is_host_or_user(struct haul_span text, struct haul_span name)
{
    struct haul_span after = {name.at + name.len + 1, text.len - name.len - 1};
    struct haul_span authority = {text.at, haul_text_authority_length(text)};

    if (after.len >= 2 && memcmp(after.at, "//", 2) == 0)
        return false;
    if (haul_text_is_opaque_scheme(name))
        return false;
    return port_follows(after) || memchr(name.at, '.', name.len) ||
           haul_text_length_through_at(authority);
}

/*
 * Splits off the scheme and the slashes. `strict` is RFC 3986: no URL without a scheme, two
 * slashes. Not model/url_parts.h, which takes any text: this refuses, and says with which reason.
 */
static enum haul_reason split_scheme(struct haul_span *text, bool strict, bool *is_https)
{
    struct haul_span scheme = {text->at, haul_text_scheme_length(*text)};
    size_t len = scheme.len + 1, slashes = 0;

    *is_https = haul_span_is_word(scheme, "https");
    if (!*is_https && !haul_span_is_word(scheme, "http")) {
        if (!strict && (!scheme.len || is_host_or_user(*text, scheme)))
            return HAUL_REASON_NONE;
        return scheme.len ? HAUL_REASON_SCHEME : HAUL_REASON_BAD_URL;
    }
    while (len + slashes < text->len && text->at[len + slashes] == '/')
        slashes++;
    text->at += len + slashes;
    text->len -= len + slashes;
    if (strict)
        return slashes == 2 ? HAUL_REASON_NONE : HAUL_REASON_BAD_URL;
    return slashes >= 1 && slashes <= 3 ? HAUL_REASON_NONE : HAUL_REASON_BAD_URL;
}

/* Splits "userinfo@host:port". False: malformed. */
static bool split_authority(struct haul_span authority, struct haul_url_parts *parts)
{
    const char *end = authority.at + authority.len, *behind;

    haul_url_parts_read_authority(authority, parts);
    behind = parts->host.at + parts->host.len;
    if (!parts->host.len || (behind != end && *behind != ':'))
        return false;
    return *parts->host.at != '[' || behind[-1] == ']';
}

/* Its path is all behind the authority, but for a fragment. */
static enum haul_reason split(struct haul_span text, bool strict, bool *is_https,
                              struct haul_url_parts *parts)
{
    struct haul_span rest = text;
    enum haul_reason reason = split_scheme(&rest, strict, is_https);
    size_t authority = haul_text_authority_length(rest);

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
    parts->path = haul_text_before(parts->path, '#');
    return HAUL_REASON_NONE;
}

static bool decodes_to_control(struct haul_span text)
{
    for (size_t at = 0; at < text.len;)
        if (haul_ascii_is_control(haul_text_decode_byte(text, &at)))
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

/*
 * Has libcurl read the plain URL, and puts what it makes of host and path in the place of ours: the
 * host (unless it is an IPv6 address, whose zone it keeps apart) and the path without dot segments.
 */
static enum haul_reason ask_libcurl(struct haul_url_reader *reader, struct haul_span query)
{
    char *host = NULL, *path = NULL;
    CURLUcode code = curl_url_set(reader->curl, CURLUPART_URL, haul_buf_str(&reader->plain), 0);

    if (!code)
        code = curl_url_get(reader->curl, CURLUPART_HOST, &host, 0);
    if (!code)
        code = curl_url_get(reader->curl, CURLUPART_PATH, &path, 0);
    if (!code) {
        if (*host != '[') {
            haul_buf_clear(&reader->host);
            haul_buf_add_str(&reader->host, host);
        }
        haul_buf_clear(&reader->path);
        haul_buf_add_str(&reader->path, path);
        haul_buf_add(&reader->path, query.at, query.len);
    }
    curl_free(host);
    curl_free(path);
    if (code == CURLUE_OUT_OF_MEMORY || reader->host.err || reader->path.err)
        return HAUL_REASON_NO_MEMORY;
    return code ? HAUL_REASON_BAD_URL : HAUL_REASON_NONE;
}

/* From its '?' on; "" if there is none. libcurl takes an empty query for none, servers do not. */
static struct haul_span query_of(const struct haul_buf *url)
{
    const char *all = haul_buf_str(url);
    size_t at = strcspn(all, "?");

    return (struct haul_span){all + at, url->len - at};
}

static enum haul_reason read_parts(struct haul_url_reader *reader,
                                   const struct haul_url_parts *parts, struct haul_url_found *found)
{
    struct haul_buf *plain = &reader->plain;
    enum haul_reason reason = haul_host_read(parts->host, &reader->host);

    if (reason)
        return reason;
    found->port = found->is_https ? HAUL_URL_PORT_HTTPS : HAUL_URL_PORT_HTTP;
    if (parts->port.len)
        found->port = read_port(parts->port);
    if (found->port < 0)
        return HAUL_REASON_BAD_URL;
    haul_buf_clear(plain);
    haul_buf_addf(plain, "%s://%s:%d", found->is_https ? "https" : "http",
                  haul_buf_str(&reader->host), found->port);
    if (!parts->path.len || *parts->path.at != '/')
        haul_buf_add_char(plain, '/');
    add_encoded(plain, parts->path);
    reason = plain->err ? HAUL_REASON_NO_MEMORY : ask_libcurl(reader, query_of(plain));
    found->userinfo = parts->userinfo;
    found->host = (struct haul_span){haul_buf_str(&reader->host), reader->host.len};
    found->path = (struct haul_span){haul_buf_str(&reader->path), reader->path.len};
    return reason;
}

enum haul_reason haul_url_read(struct haul_url_reader *reader, struct haul_span text, bool strict,
                               struct haul_url_found *found)
{
    struct haul_url_parts parts;
    enum haul_reason reason;

    *found = (struct haul_url_found){.text = text};
    if (!strict && read_plain(text, found))
        return HAUL_REASON_NONE;
    if (haul_text_has_control(text))
        return HAUL_REASON_CONTROL_CHARACTER;
    reason = split(text, strict, &found->is_https, &parts);
    if (reason)
        return reason;
    if (decodes_to_control(parts.userinfo))
        return HAUL_REASON_CONTROL_CHARACTER;
    return read_parts(reader, &parts, found);
}
