#define _GNU_SOURCE /* memmem, strcasestr */
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/keyset.h"
#include "base/wipe.h"
#include "model/redactor_inside.h"
#include "model/url_parts.h"

/* ---- what is none ---- */

static const char *const media_types[] = {
    "application/gzip",
    "application/javascript",
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/rss",
    "application/rss+xml",
    "application/x-www-form-urlencoded",
    "application/xhtml",
    "application/xhtml+xml",
    "application/xml",
    "application/zip",
    "audio/mpeg",
    "audio/ogg",
    "font/woff",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/svg",
    "image/svg+xml",
    "image/webp",
    "multipart/form-data",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/markdown",
    "text/plain",
    "text/xml",
    "video/mp4",
    "video/mpeg",
    "video/webm",
};

/* They stand in the type of nearly every answer, or what is in front of their '+' does. Not all
 * there are: one may be made of a secret. */
static bool is_media_type(struct haul_span text)
{
    for (size_t i = 0; i < sizeof media_types / sizeof *media_types; i++)
        if (haul_span_is_word(text, media_types[i]))
            return true;
    return false;
}

/* Takes a port off, with its ':'. */
static struct haul_span without_port(struct haul_span text)
{
    size_t len = text.len;

    while (len && haul_ascii_is_digit(text.at[len - 1]))
        len--;
    if (len && len < text.len && text.at[len - 1] == ':')
        text.len = len - 1;
    return text;
}

/* Whether a name ends with the other one, in any letter case, behind a '.' or as a whole. */
static bool is_in_domain(struct haul_span name, struct haul_span domain)
{
    size_t rest = name.len - domain.len;

    if (!domain.len || domain.len > name.len || (rest && name.at[rest - 1] != '.'))
        return false;
    for (size_t i = 0; i < domain.len; i++)
        if (haul_ascii_lower(name.at[rest + i]) != haul_ascii_lower(domain.at[i]))
            return false;
    return true;
}

/*
 * The host that is asked, a domain that it is in, "www." and it, or localhost; also with its port,
 * behind "//" and before '/', as what is left of a URL. Redirects lead there.
 */
static bool is_host(const struct haul_redactor_secrets *secrets, struct haul_span text)
{
    const struct haul_span host = secrets->host;

    (void)haul_span_skip(&text, "//");
    if (text.len && text.at[text.len - 1] == '/')
        text.len--;
    (void)haul_span_skip(&text, ".");
    text = without_port(text);
    if (haul_span_is_word(text, "localhost"))
        return true;
    if (is_in_domain(host, text))
        return text.len == host.len || memchr(text.at, '.', text.len);
    return is_in_domain(text, host) &&
           haul_span_is_word((struct haul_span){text.at, text.len - host.len}, "www.");
}

/*
 * Schemes of Authorization, attributes of cookies, and what cookies say that hold no secret. In
 * these letters alone: "DEFAULT" may be anything.
 */
static bool is_common_word(struct haul_span text)
{
    static const char *const words[] = {
        "AWS4-HMAC-SHA256", "Bearer",    "Digest",    "Expires", "HttpOnly", "Max-Age",
        "Negotiate",        "SameSite",  "Secure",    "Strict",  "accept",   "accepted",
        "bearer",           "consent",   "default",   "denied",  "desktop",  "digest",
        "disabled",         "enabled",   "english",   "expires", "function", "granted",
        "httponly",         "language",  "localhost", "max-age", "mobile",   "negotiate",
        "private",          "public",    "samesite",  "secure",  "session",  "strict",
        "system",           "undefined", "unknown",   "windows"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (haul_span_is(text, words[i]))
            return true;
    return false;
}

/* ---- adding ---- */

void haul_redactor_secrets_fail(struct haul_redactor_secrets *secrets, enum haul_err err)
{
    if (!secrets->values.err)
        secrets->values.err = err;
}

/* Whether what was added last, `len` bytes, is the first of its kind. */
static bool is_new(struct haul_redactor_secrets *secrets, size_t len)
{
    enum haul_err err = HAUL_OK;
    uint64_t key, first;
    bool is_first = false;

    if (secrets->values.err)
        return false;
    if (!secrets->known)
        err = haul_keyset_create(&secrets->known);
    key = haul_hash_keyed(secrets->values.data + secrets->values.len - len, len);
    if (!err)
        err = haul_keyset_add(secrets->known, key, 0, &is_first, &first);
    if (err)
        haul_redactor_secrets_fail(secrets, err);
    return is_first;
}

/* With a blank for each '+', as forms have it: texts are looked at in the same way. */
static void add_blanked(struct haul_redactor_secrets *secrets, struct haul_span text)
{
    size_t before = secrets->values.len;

    haul_buf_add(&secrets->values, text.at, text.len);
    for (size_t i = before; i < secrets->values.len; i++)
        if (secrets->values.data[i] == '+')
            secrets->values.data[i] = ' ';
    if (!is_new(secrets, text.len)) {
        haul_buf_cut(&secrets->values, before);
        return;
    }
    haul_buf_add_char(&secrets->values, '\0');
    secrets->are_too_many = secrets->count++ == HAUL_REDACTOR_SECRETS_MAX;
}

static void add(struct haul_redactor_secrets *secrets, struct haul_span text)
{
    if (text.len < HAUL_REDACTOR_SECRET_MIN || memchr(text.at, '\0', text.len) ||
        secrets->are_too_many)
        return;
    secrets->are_too_many = secrets->looked_at++ == HAUL_REDACTOR_LOOKS_MAX;
    if (!is_host(secrets, text) && !is_media_type(text))
        add_blanked(secrets, text);
}

/* `at` and `end` are those of a part. What stands behind a '=' is no name, and what stands before
 * one that nothing follows, as base64 ends, is none either. */
static bool is_name(struct haul_span text, size_t at, size_t end)
{
    return end + 1 < text.len && text.at[end] == '=' && !(at && text.at[at - 1] == '=') &&
           !strchr("=&;, \t\r\n", text.at[end + 1]);
}

/* Without the quotes around it. */
static void add_value(struct haul_redactor_secrets *secrets, struct haul_span value)
{
    bool is_quoted =
        value.len > 2 && strchr("\"'", *value.at) && value.at[value.len - 1] == *value.at;

    if (is_quoted)
        value = (struct haul_span){value.at + 1, value.len - 2};
    if (value.len >= HAUL_REDACTOR_SECRET_MIN && !is_common_word(value))
        add(secrets, value);
}

/* Of "name=value" the value; and all of it, unless that is what it is known to be: "lang=en" stands
 * in many URLs. */
static void add_part(struct haul_redactor_secrets *secrets, struct haul_span part, bool has_names)
{
    struct haul_span value = part, name;
    bool is_pair =
        haul_span_take_before(&value, '=', &name) && name.len && value.len && *value.at != '=';

    if (!is_pair || !has_names)
        add_value(secrets, part);
    if (is_pair)
        add_value(secrets, value);
}

static void add_between(struct haul_redactor_secrets *secrets, struct haul_span text,
                        const char *separators, bool has_names)
{
    for (size_t at = 0, end; at < text.len && !secrets->are_too_many; at = end + 1) {
        struct haul_span part;

        for (end = at; end < text.len && !strchr(separators, text.at[end]); end++)
            ;
        part = haul_span_trim((struct haul_span){text.at + at, end - at});
        if (!has_names || !is_name(text, at, end))
            add_part(secrets, part, has_names);
    }
}

/* A value may hold some of what separates others: coarse ones come first. */
static void add_parts(struct haul_redactor_secrets *secrets, struct haul_span text, bool has_names)
{
    static const char *const separators[] = {";&", ";&, +\t\r\n", ";&,\"' +\t\r\n=:?|()<>[]{}"};

    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
        add_between(secrets, text, separators[i], has_names);
}

enum how { AS_A_WHOLE, WITH_PARTS, WITH_PARTS_BUT_NAMES };

static void add_decoded(struct haul_redactor_secrets *secrets, const char *value, size_t len,
                        enum how how)
{
    struct haul_redactor_view view;
    enum haul_err err;

    if (len < HAUL_REDACTOR_SECRET_MIN)
        return;
    err = haul_redactor_view_init(&view, value, len);
    if (!err) {
        haul_redactor_view_begin(&view);
        do {
            const struct haul_span text = {view.text, view.len};

            if (how != WITH_PARTS_BUT_NAMES)
                add(secrets, text);
            if (how != AS_A_WHOLE)
                add_parts(secrets, text, how == WITH_PARTS_BUT_NAMES);
        } while (haul_redactor_view_decode(&view));
    } else {
        haul_redactor_secrets_fail(secrets, err);
    }
    haul_redactor_view_done(&view);
}

void haul_redactor_secrets_add(struct haul_redactor_secrets *secrets, const char *value, size_t len)
{
    add_decoded(secrets, value, len, AS_A_WHOLE);
}

void haul_redactor_secrets_add_parts(struct haul_redactor_secrets *secrets, const char *value,
                                     size_t len, bool has_names)
{
    add_decoded(secrets, value, len, has_names ? WITH_PARTS_BUT_NAMES : WITH_PARTS);
}

void haul_redactor_secrets_add_all(struct haul_redactor_secrets *secrets,
                                   const struct haul_redactor_secrets *from)
{
    const char *at = haul_buf_str(&from->values), *end = at + from->values.len;

    if (from->values.err)
        haul_redactor_secrets_fail(secrets, from->values.err);
    secrets->are_too_many = secrets->are_too_many || from->are_too_many;
    for (; at < end && !secrets->are_too_many; at += strlen(at) + 1)
        add(secrets, haul_span_of(at));
}

/* ---- looking ---- */

bool haul_redactor_secrets_may_be_in(const struct haul_redactor_secrets *secrets,
                                     struct haul_span text)
{
    const char *at, *end;

    if (!secrets || haul_redactor_secrets_are_none(secrets) || !text.len)
        return false;
    if (secrets->are_too_many || secrets->values.err || memchr(text.at, '%', text.len) ||
        memchr(text.at, '+', text.len))
        return true;
    at = haul_buf_str(&secrets->values);
    for (end = at + secrets->values.len; at < end; at += strlen(at) + 1)
        if (memmem(text.at, text.len, at, strlen(at)))
            return true;
    return false;
}

bool haul_redactor_secrets_are_in_host(const struct haul_redactor_secrets *secrets,
                                       const char *host)
{
    const char *at, *end;

    if (!secrets || haul_redactor_secrets_are_none(secrets))
        return false;
    at = haul_buf_str(&secrets->values);
    for (end = at + secrets->values.len; at < end; at += strlen(at) + 1)
        if (strcasestr(host, at))
            return true;
    return secrets->are_too_many || secrets->values.err;
}

bool haul_redactor_secrets_are_same(const struct haul_redactor_secrets *one,
                                    const struct haul_redactor_secrets *other)
{
    return one->are_too_many == other->are_too_many && one->values.err == other->values.err &&
           one->values.len == other->values.len &&
           memcmp(haul_buf_str(&one->values), haul_buf_str(&other->values), one->values.len) == 0;
}

/* ---- their life ---- */

void haul_redactor_secrets_init(struct haul_redactor_secrets *secrets)
{
    *secrets = (struct haul_redactor_secrets){.count = 0};
    haul_buf_init(&secrets->values, 0);
}

void haul_redactor_secrets_begin(struct haul_redactor_secrets *secrets, const char *url)
{
    struct haul_url_parts parts = haul_url_parts_of(url ? url : "", url ? strlen(url) : 0);

    haul_wipe(secrets->values.data, secrets->values.len);
    haul_buf_clear(&secrets->values);
    if (secrets->known)
        haul_keyset_clear(secrets->known);
    secrets->count = secrets->looked_at = 0;
    secrets->are_too_many = false;
    secrets->host = parts.scheme.at ? parts.host : parts.scheme;
}

void haul_redactor_secrets_move(struct haul_redactor_secrets *to,
                                struct haul_redactor_secrets *from)
{
    *to = *from;
    haul_keyset_free(to->known);
    to->known = NULL;
    to->host = (struct haul_span){0};
    haul_redactor_secrets_init(from);
}

void haul_redactor_secrets_done(struct haul_redactor_secrets *secrets)
{
    haul_wipe(secrets->values.data, secrets->values.len);
    haul_buf_done(&secrets->values);
    haul_keyset_free(secrets->known);
    secrets->known = NULL;
}

bool haul_redactor_secrets_are_none(const struct haul_redactor_secrets *secrets)
{
    return !secrets->values.len && !secrets->values.err && !secrets->are_too_many;
}
