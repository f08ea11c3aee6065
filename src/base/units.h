#ifndef HAUL_BASE_UNITS_H
#define HAUL_BASE_UNITS_H

#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "haul/values.h"

/*
 * Numbers as people write and read them: sizes, durations, rates, ranges, sets of HTTP statuses.
 *
 * Everything here is a pure function of its arguments: no locale, no floating point, any thread.
 * All parsers share one contract. `text` is read to its NUL; anything left over (spaces too) is an
 * error. On HAUL_OK the result is written and `*cause` is untouched; otherwise the result is
 * untouched and `*cause` points to a static phrase for a message ("not a whole number"). Errors:
 *
 *   HAUL_ERR_SYNTAX  the text is not of the form described
 *   HAUL_ERR_RANGE   the form is right, but the value does not fit the result or the range
 *                    asked for
 *   HAUL_ERR_LIMIT   a set has more parts than it can hold
 *
 * Fractions are computed exactly and cut, not rounded: "1.1k" is 1126. A value that is not 0 but
 * would be cut to 0 is HAUL_ERR_RANGE, because 0 means "no limit" where these values are used.
 */

/* A whole number in decimal, perhaps with "-" before it, from `min` to `max`. */
HAUL_MUST_USE enum haul_err haul_units_parse_int(const char *text, int64_t min, int64_t max,
                                                 int64_t *value, const char **cause);

/*
 * A size in bytes, 0 to INT64_MAX: "1048576", "64k", "2.5M". The units are curl's (--max-filesize):
 * k M G T P in either case, each 1024 times the one before; "B" alone is accepted for bytes.
 */
HAUL_MUST_USE enum haul_err haul_units_parse_size(const char *text, int64_t *bytes,
                                                  const char **cause);

/*
 * A percentage, in millionths of the whole: "1%" is 10000. The sign of percent has to be there; up
 * to four decimals count, further ones are cut.
 */
HAUL_MUST_USE enum haul_err haul_units_parse_percent(const char *text, int64_t *millionths,
                                                     const char **cause);

/*
 * A duration in milliseconds, 0 to INT64_MAX: "1.5" (seconds, as in curl), "500ms", "10s", "2m",
 * "1h", "1d". One number and one unit; lower case.
 */
HAUL_MUST_USE enum haul_err haul_units_parse_duration(const char *text, int64_t *duration_ms,
                                                      const char **cause);

/*
 * A rate: "5/s", "100/m", "5/15s" (five in fifteen seconds), "1000/d", as the time between two
 * events in microseconds, rounded up so that the rate is never exceeded. The form is that of curl's
 * --rate; the unit, one of ms s m h d, is required. At most 10^9 events and 365 days.
 */
HAUL_MUST_USE enum haul_err haul_units_parse_rate(const char *text, int64_t *interval_us,
                                                  const char **cause);

/*
 * A set of HTTP statuses: parts with commas between, each a status ("404"), a class ("4xx") or an
 * inclusive range ("200-299", or "200..=299" as lychee writes it). Statuses are 100 to 999:
 * those from 600 are of no class, but servers send them (RFC 9110, 15).
 * "200..299" is refused: with lychee it would leave out 299.
 */
HAUL_MUST_USE enum haul_err haul_units_parse_statuses(const char *text, struct haul_status_set *set,
                                                      const char **cause);

/*
 * The same, to choose from a set: "*" is 400-999, and a part with "!" before it goes to
 * `excluded` instead of `set`: "429,5xx,!501", "*,!404". Either may come out empty. What is in both
 * is not meant.
 */
HAUL_MUST_USE enum haul_err haul_units_parse_status_choice(const char *text,
                                                           struct haul_status_set *set,
                                                           struct haul_status_set *excluded,
                                                           const char **cause);

/* Appends "512 B", "1.5 KiB", "2.0 GiB": one decimal, rounded to the nearest, halves up. Sums stop
 * at INT64_MAX (saturate.h): of that, "8.0+ EiB". */
void haul_units_add_bytes(struct haul_buf *buf, int64_t bytes);

/* Appends a whole number with a comma between thousands: "1,256". */
void haul_units_add_grouped(struct haul_buf *buf, int64_t value);

/*
 * Appends a duration with two units at most: "850 ms", "1.83 s", "2 m 5 s", "1 d". It is rounded to
 * the nearest, halves up: under a second to milliseconds, under a minute to hundredths of a second,
 * above to the smaller unit shown.
 */
void haul_units_add_duration(struct haul_buf *buf, int64_t duration_ms);
void haul_units_add_duration_us(struct haul_buf *buf, int64_t duration_us);

#endif
