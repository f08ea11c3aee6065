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

/*
 * Cuts a line without its end into the field's name and its value, without the white space around
 * that. False: it has no colon, or the name is no token (RFC 9110, 5.1).
 */
bool haul_response_field_split(struct haul_span line, struct haul_span *name,
                               struct haul_span *value);

/* Notes in `res` what the field says, if haul knows it. NONE, or the reason not to go on. */
enum haul_reason haul_response_field_take(struct haul_response *res, struct haul_span name,
                                          struct haul_span value);

#endif
