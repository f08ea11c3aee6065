#include "http/field.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* RFC 9110, 5.6.2: tchar. */
static bool is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

const char *haul_field_check(const char *text)
{
    const char *at = text;

    while (is_token_char(*at))
        at++;
    if (at == text || (*at != ':' && *at != ';'))
        return "a header is written \"Name: value\"";
    if (*at == ';' && at[1])
        return "\"Name;\" stands for an empty value; nothing may follow";
    for (; *at; at++)
        if (is_control(*at) && *at != '\t')
            return "control characters are not allowed in a header";
    return NULL;
}

bool haul_field_is_reserved(const char *text)
{
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
    size_t len = strcspn(text, ":;");

    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strlen(reserved[i]) == len && strncasecmp(reserved[i], text, len) == 0)
            return true;
    return false;
}
