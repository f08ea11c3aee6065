#ifndef HAUL_HTTP_COOKIE_DATE_H
#define HAUL_HTTP_COOKIE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * Reads the date of a cookie's Expires, in which servers write whatever they like: RFC 6265, 5.1.1.
 * The first thing that looks like a time, like a day, like a month and like a year is it, in
 * whatever order; two digits are a year from 1970 to 2069. Sets *seconds, since 1970, which may be
 * negative. False: it is none. Linear, pure, any thread.
 */
bool haul_cookie_date_parse(struct haul_span text, int64_t *seconds);

#endif
