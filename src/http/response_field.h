#ifndef HAUL_HTTP_RESPONSE_FIELD_H
#define HAUL_HTTP_RESPONSE_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "haul/record.h"
#include "http/response.h"

/*
 * The header fields of a response that mean something to haul, for http/response.c: what each says,
 * and whether that can be trusted (http/response.h has the rules). Pure, any thread.
 */

/* All of it as a number: digits only, at least one, at most INT64_MAX. False: it is none. */
bool haul_response_parse_number(struct haul_span text, int64_t *number);

/* Notes in `res` what the field says, if haul knows it. NONE, or the reason not to go on. */
enum haul_reason haul_response_field_take(struct haul_response *res, struct haul_span name,
                                          struct haul_span value);

#endif
