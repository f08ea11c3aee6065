#include "http/field.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/span.h"

/* RFC 9110, 5.6.2: tchar, one bit for each. The locale has no say. */
#define BIT(c) (UINT64_C(1) << ((c)&63))
#define RUN(first, count) (((UINT64_C(1) << (count)) - 1) << ((first)&63))
#define TOKEN_BELOW_64                                                                             \
    (RUN('0', 10) | BIT('!') | BIT('#') | BIT('$') | BIT('%') | BIT('&') | BIT('\'') | BIT('*') |  \
     BIT('+') | BIT('-') | BIT('.'))
#define TOKEN_FROM_64                                                                              \
    (RUN('A', 26) | RUN('a', 26) | BIT('^') | BIT('_') | BIT('`') | BIT('|') | BIT('~'))

static bool is_token_char(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte < 128 && ((byte < 64 ? TOKEN_BELOW_64 : TOKEN_FROM_64) & BIT(byte));
}

size_t haul_field_name_len(const char *text, size_t len)
{
    size_t name = 0;

    while (name < len && is_token_char(text[name]))
        name++;
    return name;
}

const char *haul_field_check(const char *text)
{
    const char *at = text + haul_field_name_len(text, strlen(text));

    if (at == text || (*at != ':' && *at != ';'))
        return "a header is written \"Name: value\"";
    if (*at == ';' && at[1])
        return "\"Name;\" stands for an empty value; nothing may follow";
    for (; *at; at++)
        if (haul_ascii_is_control(*at) && *at != '\t')
            return "control characters are not allowed in a header";
    return NULL;
}

static struct haul_span name_of(const char *text)
{
    return (struct haul_span){text, strcspn(text, ":;")};
}

static const char *const reserved[] = {"Accept-Encoding",
                                       "Connection",
                                       "Content-Length",
                                       "Expect",
                                       "If-Match",
                                       "If-None-Match",
                                       "If-Modified-Since",
                                       "If-Unmodified-Since",
                                       "If-Range",
                                       "Range",
                                       "TE",
                                       "Trailer",
                                       "Transfer-Encoding",
                                       "Upgrade"};

bool haul_field_is_reserved(const char *text)
{
    const struct haul_span name = name_of(text);

    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (haul_span_is_word(name, reserved[i]))
            return true;
    return false;
}

/* One that ends in '-' is all that begin so. */
static const char *const steering[] = {"Host",
                                       "X-Host",
                                       "X-HTTP-Host-Override",
                                       "X-Original-",
                                       "X-Rewrite-URL",
                                       "Forwarded",
                                       "X-Forwarded",
                                       "X-Forwarded-",
                                       "Via",
                                       "Client-IP",
                                       "X-Client-IP",
                                       "X-Real-IP",
                                       "True-Client-IP",
                                       "CF-Connecting-",
                                       "Fastly-Client-IP",
                                       "X-Cluster-Client-IP",
                                       "X-Originating-IP",
                                       "X-Remote-",
                                       "X-Scheme",
                                       "X-URL-Scheme",
                                       "Front-End-Https",
                                       "X-HTTP-Method",
                                       "X-HTTP-Method-",
                                       "X-Method-Override",
                                       "Proxy",
                                       "Proxy-",
                                       "X-Proxy-",
                                       "X-Accel-",
                                       "X-Sendfile-",
                                       "X-Middleware-",
                                       "Keep-Alive",
                                       "HTTP2-Settings",
                                       "Metadata",
                                       "Metadata-Flavor",
                                       "X-Google-Metadata-Request",
                                       "X-aws-ec2-metadata-"};

/*
 * Whether a program behind CGI (RFC 3875, 4.1.18) may take the one for the other: letters have no
 * case there, and what is neither letter nor digit is '_' in the name of a variable, '-' always,
 * and with some servers all of it.
 */
static bool folds_to(struct haul_span name, const char *word, size_t len)
{
    if (name.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (word[i] == '-' ? haul_ascii_is_alnum(name.at[i])
                           : haul_ascii_lower(name.at[i]) != haul_ascii_lower(word[i]))
            return false;
    return true;
}

static bool is_one_of(struct haul_span name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(words[i]);
        const bool is_family = words[i][len - 1] == '-' && name.len > len;

        if (folds_to((struct haul_span){name.at, is_family ? len : name.len}, words[i], len))
            return true;
    }
    return false;
}

bool haul_field_is_steering(const char *text)
{
    const struct haul_span name = name_of(text);

    return is_one_of(name, steering, sizeof steering / sizeof *steering) ||
           (is_one_of(name, reserved, sizeof reserved / sizeof *reserved) &&
            !haul_field_is_reserved(text));
}
