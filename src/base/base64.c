#include "base/base64.h"

#include <limits.h>
#include <openssl/evp.h>

#include "base/ascii.h"
#include "base/wipe.h"

void haul_base64_add(struct haul_buf *to, const void *bytes, size_t len)
{
    char *at = NULL;

    if (len <= INT_MAX / 4 * 3)
        at = haul_buf_reserve(to, HAUL_BASE64_SIZE(len));
    else
        to->err = HAUL_ERR_LIMIT;
    if (at)
        haul_buf_grew(to, (size_t)EVP_EncodeBlock((unsigned char *)at, bytes, (int)len));
}

/* OpenSSL lets blanks be around it, and padding inside. */
static bool is_base64(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!haul_ascii_is_alnum(text[i]) && text[i] != '+' && text[i] != '/')
            return false;
    return len;
}

/* OpenSSL wants whole groups of four, and counts what is padding as bytes. */
static bool undo_padded(struct haul_buf *to, const struct haul_buf *padded, size_t padding)
{
    char *at = haul_buf_reserve(to, padded->len / 4 * 3);
    int len = at ? EVP_DecodeBlock((unsigned char *)at, (const unsigned char *)padded->data,
                                   (int)padded->len)
                 : -1;

    if (len < (int)padding)
        return false;
    haul_buf_grew(to, (size_t)len - padding);
    return true;
}

bool haul_base64_undo(struct haul_buf *to, const char *text, size_t len)
{
    struct haul_buf padded;
    size_t padding;
    bool ok = false;

    while (len && text[len - 1] == '=')
        len--;
    padding = (4 - len % 4) % 4;
    if (!is_base64(text, len) || padding == 3 || len > INT_MAX - padding)
        return false;
    haul_buf_init(&padded, 0);
    haul_buf_add(&padded, text, len);
    haul_buf_pad(&padded, '=', padding);
    if (!padded.err)
        ok = undo_padded(to, &padded, padding);
    else if (!to->err)
        to->err = padded.err;
    haul_wipe(padded.data, padded.cap);
    haul_buf_done(&padded);
    return ok;
}
