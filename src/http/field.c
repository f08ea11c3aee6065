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

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    const struct haul_span name = name_of(text);

    for (size_t i = 0; i < count; i++)
        if (haul_span_is_word(name, words[i]))
            return true;
    return false;
}

bool haul_field_is_reserved(const char *text)
{
    return is_one_of(text, reserved, sizeof reserved / sizeof *reserved);
}

static const char *const harmless[] = {/* what is wanted (RFC 9110, 12.5; RFC 7089; RFC 9218) */
                                       "Accept", "Accept-Charset", "Accept-Datetime",
                                       "Accept-Language", "Cache-Control", "Pragma", "Priority",
                                       /* who asks, and from where */
                                       "Cookie", "DNT", "Origin", "Referer", "Sec-Fetch-Dest",
                                       "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User",
                                       "Sec-GPC", "Upgrade-Insecure-Requests", "User-Agent",
                                       "X-Requested-With",
                                       /* what proves it: a secret, or a signature */
                                       "Api-Key", "Authorization", "CF-Access-Client-Id",
                                       "CF-Access-Client-Secret", "JOB-TOKEN", "PRIVATE-TOKEN",
                                       "X-Access-Token", "X-Api-Key", "X-Auth-Token", "X-Token",
                                       /* the same for stores of objects */
                                       "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Request-Payer",
                                       "X-Amz-Security-Token", "X-MS-Date", "X-MS-Version"};

bool haul_field_is_harmless(const char *text)
{
    return is_one_of(text, harmless, sizeof harmless / sizeof *harmless);
}
