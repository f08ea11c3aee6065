#include "base/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/ascii.h"

enum { STATUS_MIN = 100, ERRORS_MIN = 400, STATUS_MAX = 999 };
static const int64_t rate_count_max = 1000000000;
static const int64_t rate_per_ms_max = (int64_t)365 * 24 * 3600 * 1000;

static const char not_whole[] = "not a whole number";
static const char not_number[] = "not a number";
static const char too_large[] = "too large";
static const char too_small[] = "too small, but not 0";

/* Reads digits up to `max`; `*at` ends behind all of them, also when the value is too large. */
static enum haul_err read_digits(const char **at, uint64_t max, uint64_t *value)
{
    enum haul_err err = HAUL_OK;
    uint64_t digit;

    *value = 0;
    if (!haul_ascii_is_digit(**at))
        return HAUL_ERR_SYNTAX;
    for (; haul_ascii_is_digit(**at); ++*at) {
        digit = (uint64_t)(**at - '0');
        if (digit > max || *value > (max - digit) / 10)
            err = HAUL_ERR_RANGE;
        else
            *value = *value * 10 + digit;
    }
    return err;
}

enum haul_err haul_units_parse_int(const char *text, int64_t min, int64_t max, int64_t *value,
                                   const char **cause)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    uint64_t digits;
    enum haul_err err = read_digits(&at, INT64_MAX, &digits);
    int64_t number;

    if (err == HAUL_ERR_SYNTAX || *at)
        return haul_err_why(HAUL_ERR_SYNTAX, not_whole, cause);
    number = negative ? -(int64_t)digits : (int64_t)digits;
    if (err || number < min || number > max)
        return haul_err_why(HAUL_ERR_RANGE, negative || number < min ? "too small" : too_large,
                            cause);
    *value = number;
    return HAUL_OK;
}

/* A decimal number as it stands in the text, so that no digit is lost before it is scaled. */
struct decimal {
    const char *whole;
    const char *fraction;
    size_t fraction_len;
};

static bool read_decimal(const char **at, struct decimal *number)
{
    number->whole = *at;
    while (haul_ascii_is_digit(**at))
        ++*at;
    if (*at == number->whole)
        return false;
    number->fraction = *at;
    number->fraction_len = 0;
    if (**at != '.')
        return true;
    for (number->fraction = ++*at; haul_ascii_is_digit(**at); ++*at)
        number->fraction_len++;
    return number->fraction_len > 0;
}

static bool is_zero(const struct decimal *number)
{
    const char *at;

    for (at = number->whole; haul_ascii_is_digit(*at) || *at == '.'; at++)
        if (*at != '0' && *at != '.')
            return false;
    return true;
}

/*
 * floor(number * scale). Cutting after each digit loses nothing, because
 * floor((a + x) / 10) = floor((a + floor(x)) / 10) for a whole `a`.
 */
static enum haul_err scale_decimal(const struct decimal *number, uint64_t scale, int64_t *value,
                                   const char **cause)
{
    const char *at = number->whole;
    uint64_t whole, part = 0;
    size_t i;

    if (read_digits(&at, INT64_MAX, &whole))
        return haul_err_why(HAUL_ERR_RANGE, too_large, cause);
    for (i = number->fraction_len; i > 0; i--)
        part = ((uint64_t)(number->fraction[i - 1] - '0') * scale + part) / 10;
    if (whole > (INT64_MAX - part) / scale)
        return haul_err_why(HAUL_ERR_RANGE, too_large, cause);
    if (whole * scale + part == 0 && !is_zero(number))
        return haul_err_why(HAUL_ERR_RANGE, too_small, cause);
    *value = (int64_t)(whole * scale + part);
    return HAUL_OK;
}

/* The factor of a size's unit, or 0. */
static uint64_t size_unit(const char *unit)
{
    static const char units[] = "bBkKmMgGtTpP";
    const char *found;

    if (!*unit)
        return 1;
    found = strchr(units, *unit);
    if (!found || unit[1])
        return 0;
    return (uint64_t)1 << (10 * ((found - units) / 2));
}

enum haul_err haul_units_parse_size(const char *text, int64_t *bytes, const char **cause)
{
    struct decimal number;
    const char *at = text;
    uint64_t unit;

    if (!read_decimal(&at, &number))
        return haul_err_why(HAUL_ERR_SYNTAX, not_number, cause);
    unit = size_unit(at);
    if (!unit)
        return haul_err_why(HAUL_ERR_SYNTAX, "not a size; the units are k, M, G, T and P", cause);
    return scale_decimal(&number, unit, bytes, cause);
}

enum haul_err haul_units_parse_percent(const char *text, int64_t *millionths, const char **cause)
{
    struct decimal number;
    const char *at = text;

    if (!read_decimal(&at, &number) || strcmp(at, "%") != 0)
        return haul_err_why(HAUL_ERR_SYNTAX, "not a percentage", cause);
    return scale_decimal(&number, 10000, millionths, cause);
}

static const struct time_unit {
    const char *name;
    uint64_t ms;
} time_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
enum { TIME_UNITS = sizeof time_units / sizeof *time_units };

/* The milliseconds of a unit, or 0. */
static uint64_t time_unit(const char *unit)
{
    size_t i;

    for (i = 0; i < TIME_UNITS; i++)
        if (!strcmp(unit, time_units[i].name))
            return time_units[i].ms;
    if (!strcmp(unit, "min")) /* is written often, and can mean nothing else */
        return 60000;
    return 0;
}

enum haul_err haul_units_parse_duration(const char *text, int64_t *duration_ms, const char **cause)
{
    struct decimal number;
    const char *at = text;
    uint64_t unit;

    if (!read_decimal(&at, &number))
        return haul_err_why(HAUL_ERR_SYNTAX, not_number, cause);
    unit = *at ? time_unit(at) : 1000;
    if (!unit)
        return haul_err_why(HAUL_ERR_SYNTAX, "not a duration in ms, s, m, h or d", cause);
    return scale_decimal(&number, unit, duration_ms, cause);
}

/* The span after the slash: a unit, or a whole number and a unit. */
static enum haul_err parse_span(const char *text, uint64_t *per_ms, const char **cause)
{
    const char *at = text;
    uint64_t count = 1, unit;
    enum haul_err err = HAUL_OK;

    if (haul_ascii_is_digit(*at))
        err = read_digits(&at, (uint64_t)rate_per_ms_max, &count);
    unit = time_unit(at);
    if (!unit)
        return haul_err_why(HAUL_ERR_SYNTAX, "the time must end in ms, s, m, h or d", cause);
    if (err || count > (uint64_t)rate_per_ms_max / unit)
        return haul_err_why(HAUL_ERR_RANGE, "more than 365 days", cause);
    if (!count)
        return haul_err_why(HAUL_ERR_RANGE, "no time at all", cause);
    *per_ms = count * unit;
    return HAUL_OK;
}

enum haul_err haul_units_parse_rate(const char *text, int64_t *interval_us, const char **cause)
{
    const char *at = text;
    uint64_t count, per_ms;
    enum haul_err err = read_digits(&at, (uint64_t)rate_count_max, &count);

    if (err == HAUL_ERR_SYNTAX || *at != '/')
        return haul_err_why(HAUL_ERR_SYNTAX, "not a rate such as 5/s or 100/15m", cause);
    if (err || !count)
        return haul_err_why(HAUL_ERR_RANGE, "the count must be 1 to 1000000000", cause);
    err = parse_span(at + 1, &per_ms, cause);
    if (err)
        return err;
    *interval_us = (int64_t)((per_ms * 1000 - 1) / count + 1);
    return HAUL_OK;
}

/* Three digits, not one more. */
static bool read_status(const char **at, int *status)
{
    const char *s = *at;

    if (!haul_ascii_is_digit(s[0]) || !haul_ascii_is_digit(s[1]) || !haul_ascii_is_digit(s[2]) ||
        haul_ascii_is_digit(s[3]))
        return false;
    *status = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
    *at = s + 3;
    return true;
}

static bool read_class(const char **at, struct haul_status_range *range)
{
    const char *s = *at;

    if (!haul_ascii_is_digit(s[0]) || (s[1] != 'x' && s[1] != 'X') || (s[2] != 'x' && s[2] != 'X'))
        return false;
    range->first = (s[0] - '0') * 100;
    range->last = range->first + 99;
    *at = s + 3;
    return true;
}

static bool read_range(const char **at, struct haul_status_range *range)
{
    if (read_class(at, range))
        return true;
    if (!read_status(at, &range->first))
        return false;
    range->last = range->first;
    if (**at == '-')
        *at += 1;
    else if (!strncmp(*at, "..=", 3))
        *at += 3;
    else
        return true;
    return read_status(at, &range->last);
}

static enum haul_err add_range(struct haul_status_set *set, const struct haul_status_range *range,
                               const char **cause)
{
    if (range->first < STATUS_MIN || range->last > STATUS_MAX || range->first > range->last)
        return haul_err_why(HAUL_ERR_RANGE, "statuses go from 100 to 999, the lower one first",
                            cause);
    if (set->count == HAUL_STATUS_RANGES_MAX)
        return haul_err_why(HAUL_ERR_LIMIT, "more than 32 parts", cause);
    set->range[set->count++] = *range;
    return HAUL_OK;
}

/*
 * Parts with commas between: set[0] gets the plain ones, set[1] those with "!" before them. Only a
 * choice has these, and "*". On failure `set` means nothing.
 */
static enum haul_err read_parts(const char *at, bool is_choice, const char *forms,
                                struct haul_status_set set[2], const char **cause)
{
    set[0] = set[1] = (struct haul_status_set){.count = 0};
    for (;; at++) {
        struct haul_status_range range = {.first = ERRORS_MIN, .last = STATUS_MAX};
        bool is_not = is_choice && *at == '!';
        enum haul_err err;

        at += is_not;
        if (is_choice && *at == '*')
            at++;
        else if (!read_range(&at, &range))
            return haul_err_why(HAUL_ERR_SYNTAX, forms, cause);
        if (*at && *at != ',')
            return haul_err_why(HAUL_ERR_SYNTAX, forms, cause);
        err = add_range(&set[is_not], &range, cause);
        if (err || !*at)
            return err;
    }
}

enum haul_err haul_units_parse_statuses(const char *text, struct haul_status_set *set,
                                        const char **cause)
{
    struct haul_status_set found[2];
    enum haul_err err = read_parts(
        text, false, "statuses are written 404, 4xx, 200-299 or 200..=299", found, cause);

    if (!err)
        *set = found[0];
    return err;
}

enum haul_err haul_units_parse_status_choice(const char *text, struct haul_status_set *set,
                                             struct haul_status_set *excluded, const char **cause)
{
    struct haul_status_set found[2];
    enum haul_err err =
        read_parts(text, true, "statuses are written 429, 5xx, 502-504, * or !501", found, cause);

    if (!err) {
        *set = found[0];
        *excluded = found[1];
    }
    return err;
}

/* The sign goes out, the magnitude comes back: INT64_MIN has no positive int64_t. */
static uint64_t add_sign(struct haul_buf *buf, int64_t value)
{
    if (value >= 0)
        return (uint64_t)value;
    haul_buf_add_char(buf, '-');
    return 0 - (uint64_t)value;
}

/* round(10 * value / unit), halves up, with nothing that can overflow for units up to 2^60. */
static uint64_t tenths_of(uint64_t value, uint64_t unit)
{
    return value / unit * 10 + (value % unit * 10 + unit / 2) / unit;
}

void haul_units_add_bytes(struct haul_buf *buf, int64_t bytes)
{
    static const char prefixes[] = "KMGTPE";
    uint64_t left = add_sign(buf, bytes), unit = 1024, tenths;
    size_t i = 0;

    if (left < 1024) {
        haul_buf_add_u64(buf, left);
        haul_buf_add_str(buf, " B");
        return;
    }
    /* After rounding, so that 1048575 bytes are 1.0 MiB and not 1024.0 KiB. */
    while ((tenths = tenths_of(left, unit)) >= 10240) {
        unit *= 1024;
        i++;
    }
    haul_buf_addf(buf, "%llu.%llu%s %ciB", (unsigned long long)(tenths / 10),
                  (unsigned long long)(tenths % 10), left >= INT64_MAX ? "+" : "", prefixes[i]);
}

void haul_units_add_grouped(struct haul_buf *buf, int64_t value)
{
    uint64_t left = add_sign(buf, value), group = 1;

    while (left / group >= 1000)
        group *= 1000;
    haul_buf_add_u64(buf, left / group);
    while (group > 1) {
        left %= group;
        group /= 1000;
        haul_buf_addf(buf, ",%03llu", (unsigned long long)(left / group));
    }
}

/* Under a minute: hundredths, without zeros at the end. */
static void add_seconds(struct haul_buf *buf, uint64_t hundredths)
{
    unsigned part = (unsigned)(hundredths % 100);

    haul_buf_add_u64(buf, hundredths / 100);
    if (part % 10)
        haul_buf_addf(buf, ".%02u", part);
    else if (part)
        haul_buf_addf(buf, ".%u", part / 10);
    haul_buf_add_str(buf, " s");
}

/* What a duration is rounded to, in ms. */
static uint64_t step_of(uint64_t left, uint64_t per_ms)
{
    uint64_t ms = left / per_ms;

    return ms < 1000 ? 1 : ms < 60000 ? 10 : ms < 3600000 ? 1000 : ms < 86400000 ? 60000 : 3600000;
}

/* Of `per_ms` to a millisecond. It is rounded before its units are chosen: what is nearly a minute
 * is one. */
static void add_duration(struct haul_buf *buf, int64_t duration, uint64_t per_ms)
{
    uint64_t left = duration < 0 ? 0 - (uint64_t)duration : (uint64_t)duration;
    uint64_t step = step_of(left, per_ms) * per_ms, smaller;
    size_t i = TIME_UNITS - 1;

    left = (left + step / 2) / step * step / per_ms;
    haul_buf_add_str(buf, duration < 0 && left ? "-" : "");
    if (left < 1000) {
        haul_buf_addf(buf, "%u ms", (unsigned)left);
        return;
    }
    if (left < 60000) {
        add_seconds(buf, left / 10);
        return;
    }
    while (left < time_units[i].ms)
        i--;
    smaller = left % time_units[i].ms / time_units[i - 1].ms;
    haul_buf_addf(buf, "%llu %s", (unsigned long long)(left / time_units[i].ms),
                  time_units[i].name);
    if (smaller)
        haul_buf_addf(buf, " %u %s", (unsigned)smaller, time_units[i - 1].name);
}

void haul_units_add_duration(struct haul_buf *buf, int64_t duration_ms)
{
    add_duration(buf, duration_ms, 1);
}

void haul_units_add_duration_us(struct haul_buf *buf, int64_t duration_us)
{
    add_duration(buf, duration_us, 1000);
}
