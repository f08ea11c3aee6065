#define _GNU_SOURCE /* memmem */
#include "leak.h"

#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "harness.h"

const char *leak_basic(void)
{
    static struct haul_buf both;

    if (both.len)
        return haul_buf_str(&both);
    haul_buf_init(&both, 0);
    haul_base64_add(&both, "me:" SECRET, strlen("me:" SECRET));
    return haul_buf_str(&both);
}

static int hex_value(char byte)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at = byte ? strchr(digits, byte) : 0;

    return at ? (int)(at - digits) % 16 : -1;
}

/* Undoes one level of percent-encoding, in place; gives the new length. */
static size_t decode(char *text, size_t len)
{
    size_t to = 0;

    for (size_t at = 0; at < len; to++) {
        int high = text[at] == '%' && len - at > 2 ? hex_value(text[at + 1]) : -1;
        int low = high >= 0 ? hex_value(text[at + 2]) : -1;

        text[to] = low >= 0 ? (char)(high * 16 + low) : text[at];
        at += low >= 0 ? 3 : 1;
    }
    return to;
}

void leak_check(const char *what, const char *bytes, size_t len)
{
    const char *login = leak_basic();
    struct haul_buf copy;

    haul_buf_init(&copy, 0);
    haul_buf_add(&copy, bytes, len);
    for (int depth = 0; depth <= 3; depth++) {
        const char *found = memmem(haul_buf_str(&copy), copy.len, SECRET, strlen(SECRET));

        if (!found)
            found = memmem(haul_buf_str(&copy), copy.len, login, strlen(login));
        ck_assert_msg(!found, "%s (decoded %d times): ...%.200s", what, depth,
                      found ? found - (found - copy.data < 100 ? found - copy.data : 100) : "");
        copy.len = decode(copy.data, copy.len);
    }
    haul_buf_done(&copy);
}
