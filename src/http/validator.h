#ifndef HAUL_HTTP_VALIDATOR_H
#define HAUL_HTTP_VALIDATOR_H

#include <stdint.h>

#include "http/response.h"

/*
 * The strong validator of a complete response (RFC 9110, 8.8.1): what a part of its body may be
 * continued by, as the value of If-Range (13.1.5). It is the ETag, if that is a strong one. Only
 * where there is none at all it is Last-Modified, if that lies a minute or more before the Date of
 * the response (8.8.2.2); without a Date it is `now_s`, seconds since 1970, that counts (6.6.1).
 *
 * Returns the field as the server wrote it, which is the response's, or NULL: there is none. Pure.
 */
const char *haul_validator_strong(const struct haul_response *res, int64_t now_s);

#endif
