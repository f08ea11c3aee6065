#include "model/secret_field.h"

#include <stddef.h>
#include <string.h>

#include "base/span.h"

/* The name of a field, in small letters, holds one of these: too many is better than too few. */
bool haul_secret_field_tells_who_asks(const char *field)
{
    static const char *const words[] = {"access", "auth", "bearer", "cookie",  "cred", "jwt",
                                        "key",    "pass", "secret", "session", "sign", "token"};
    size_t name_len = strcspn(field, ":;");

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t at = 0, len = strlen(words[i]); at + len <= name_len; at++)
            if (haul_span_is_word((struct haul_span){field + at, len}, words[i]))
                return true;
    return false;
}
