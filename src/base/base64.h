#ifndef HAUL_BASE_BASE64_H
#define HAUL_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* How many bytes `len` ones are in base64. */
#define HAUL_BASE64_SIZE(len) (((len) + 2) / 3 * 4)

/* Appends bytes in base64, padded (RFC 4648, 4). Errors are in `to`. Any thread. */
void haul_base64_add(struct haul_buf *to, const void *bytes, size_t len);

/*
 * Appends what base64 stands for; at its end the padding may lack. False: it is none, or memory ran
 * out, which is an error in `to`; nothing was appended. Any thread.
 */
HAUL_MUST_USE bool haul_base64_undo(struct haul_buf *to, const char *text, size_t len);

#endif
