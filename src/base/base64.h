#ifndef HAUL_BASE_BASE64_H
#define HAUL_BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"

/* How many bytes `len` ones are in base64. */
#define HAUL_BASE64_SIZE(len) (((len) + 2) / 3 * 4)

/* Appends bytes in base64, padded (RFC 4648, 4). Errors are in `to`. Any thread. */
void haul_base64_add(struct haul_buf *to, const void *bytes, size_t len);

#endif
