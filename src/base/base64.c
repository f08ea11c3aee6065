#include "base/base64.h"

#include <limits.h>
#include <openssl/evp.h>

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
