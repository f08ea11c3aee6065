#include "model/secret_field.h"

#include <stddef.h>
#include <string.h>

#include "base/span.h"

static struct haul_span name_of(const char *field)
{
    return haul_span_trim((struct haul_span){field, strcspn(field, ":;")});
}

static bool ends_with_one_of(struct haul_span text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]);

        if (text.len >= len &&
            haul_span_is_word((struct haul_span){text.at + text.len - len, len}, words[i]))
            return true;
    }
    return false;
}

/* What stands behind the last '-' or '_'. */
static struct haul_span last_word_of(struct haul_span name)
{
    size_t at = name.len;

    while (at && name.at[at - 1] != '-' && name.at[at - 1] != '_')
        at--;
    return (struct haul_span){name.at + at, name.len - at};
}

bool haul_secret_field_is_credential(const char *field)
{
    static const char *const none[] = {"accept-signature", "cache-key", "sec-websocket-key",
                                       "surrogate-key"};
    static const char *const ends[] = {"accesskey", "apikey",    "authorization", "cookie",
                                       "cookie2",   "jwt",       "passwd",        "password",
                                       "secret",    "secretkey", "sessionid",     "token"};
    static const char *const words[] = {"assertion",   "auth", "bearer",   "credential",
                                        "credentials", "key",  "pass",     "passphrase",
                                        "session",     "sid",  "signature"};
    struct haul_span name = name_of(field), word = last_word_of(name);

    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (haul_span_is_word(name, none[i]))
            return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (haul_span_is_word(word, words[i]))
            return true;
    return ends_with_one_of(word, ends, sizeof ends / sizeof *ends) ||
           ends_with_one_of(name, (const char *const[]){"session-id", "session_id"}, 2);
}

/* The name of a field, in small letters, holds one of these: too many is better than too few. */
bool haul_secret_field_tells_who_asks(const char *field)
{
    static const char *const words[] = {"access", "auth", "bearer", "cookie",  "cred", "jwt",
                                        "key",    "pass", "secret", "session", "sign", "token"};
    struct haul_span name = name_of(field);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t at = 0, len = strlen(words[i]); at + len <= name.len; at++)
            if (haul_span_is_word((struct haul_span){name.at + at, len}, words[i]))
                return true;
    return haul_secret_field_is_credential(field);
}
