#ifndef HAUL_HTTP_DATE_H
#define HAUL_HTTP_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Dates and delays as servers write them. Pure: the time of day is an argument, and neither locale
 * nor time zone of the process has a say. Any thread.
 */

/* No delay is ever longer than this (about 31 years), so that nanoseconds of it fit an int64_t. */
#define HAUL_HTTP_DELAY_MAX_S INT64_C(1000000000)

/*
 * Reads an HTTP date (RFC 9110, 5.6.7) in any of its three forms:
 *
 *   Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate
 *   Sunday, 06-Nov-94 08:49:37 GMT    RFC 850; its year is the one that ends so and is not more
 *                                     than 50 years after `now_s`
 *   Sun Nov  6 08:49:37 1994          asctime
 *
 * The grammar is kept to the letter and the case; the day of the month and the time of day must
 * exist (second 60 is the second after 59). The name of the weekday has to be one, but need not be
 * that date's own.
 *
 * `text` are `len` bytes without white space around them and need no NUL. `now_s` and `*date_s` are
 * seconds since 1970 (UTC); `*date_s` may be negative, `now_s` is not. Returns false for anything
 * else, and then leaves `*date_s` alone.
 */
bool haul_http_date_parse(const char *text, size_t len, int64_t now_s, int64_t *date_s);

/* Room for an IMF-fixdate with its final NUL. */
enum { HAUL_HTTP_DATE_MAX = 30 };

/*
 * Writes seconds since 1970 (UTC) as an IMF-fixdate. False: the year is not one of 1970..9999, and
 * `text` is as it was.
 */
bool haul_http_date_render(int64_t date_s, char text[HAUL_HTTP_DATE_MAX]);

/*
 * Reads the value of Retry-After (RFC 9110, 10.2.3): seconds, or a date. Returns the seconds to
 * wait from `now_s` on, 0..HAUL_HTTP_DELAY_MAX_S, or -1 for "nothing said": "120" → 120; "0" → 0;
 * "1.5" → 2 (no valid form, but clear, and rounded up to be polite); a date in the past → 0; a date
 * or number beyond the maximum (10^20, year 9999) → the maximum; negative numbers, units, lists,
 * junk, the empty string → -1. How long it is worth waiting at all is the caller's decision. `text`
 * as above.
 */
int64_t haul_http_retry_after_s(const char *text, size_t len, int64_t now_s);

/*
 * Reads RateLimit-Reset or X-RateLimit-Reset, for which no standard was ever agreed on. Returns
 * what haul_http_retry_after_s does for the same text, save that numbers from 10^9 on are a moment
 * and not a delay: seconds since 1970, from 10^12 on milliseconds since 1970 (rounded up).
 */
int64_t haul_http_rate_reset_s(const char *text, size_t len, int64_t now_s);

#endif
