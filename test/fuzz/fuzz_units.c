/*
 * Whatever a text is, the parsers of units either refuse it with a cause or give a value that is in
 * range and survives being written and read again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void require_cause(enum haul_err err, const char *cause)
{
    require((err != HAUL_OK) == (cause != NULL));
    require(!err || err == HAUL_ERR_SYNTAX || err == HAUL_ERR_RANGE || err == HAUL_ERR_LIMIT);
}

static void check_int(const char *text)
{
    const char *cause = NULL;
    int64_t value = 0;
    enum haul_err err = haul_units_parse_int(text, -1000, 1000, &value, &cause);

    require_cause(err, cause);
    if (!err)
        require(value >= -1000 && value <= 1000 && value == strtoll(text, NULL, 10));
}

static void check_size(const char *text)
{
    const char *cause = NULL;
    int64_t value = 0, again = -1;
    enum haul_err err = haul_units_parse_size(text, &value, &cause);
    struct haul_buf buf;

    require_cause(err, cause);
    if (err)
        return;
    haul_buf_init(&buf, 0);
    haul_buf_add_i64(&buf, value);
    require(value >= 0 && !haul_units_parse_size(haul_buf_str(&buf), &again, &cause));
    require(again == value);
    haul_buf_clear(&buf);
    haul_units_add_bytes(&buf, value);
    require(buf.len <= strlen("1023.9 KiB"));
    haul_buf_done(&buf);
}

static void check_duration(const char *text)
{
    const char *cause = NULL;
    int64_t value = 0, again = -1;
    enum haul_err err = haul_units_parse_duration(text, &value, &cause);
    struct haul_buf buf;

    require_cause(err, cause);
    if (err)
        return;
    haul_buf_init(&buf, 0);
    haul_buf_addf(&buf, "%lldms", (long long)value);
    require(value >= 0 && !haul_units_parse_duration(haul_buf_str(&buf), &again, &cause));
    require(again == value);
    haul_units_add_duration(&buf, value);
    haul_units_add_grouped(&buf, value);
    haul_buf_done(&buf);
}

static void check_rate(const char *text)
{
    const char *cause = NULL;
    int64_t interval_us = 0;
    enum haul_err err = haul_units_parse_rate(text, &interval_us, &cause);

    require_cause(err, cause);
    if (!err)
        require(interval_us >= 1 && interval_us <= INT64_C(365) * 24 * 3600 * 1000000);
}

static void check_statuses(const char *text)
{
    const char *cause = NULL;
    struct haul_status_set set, again;
    enum haul_err err = haul_units_parse_statuses(text, &set, &cause);
    struct haul_buf buf;
    size_t i;

    require_cause(err, cause);
    if (err)
        return;
    require(set.count >= 1 && set.count <= HAUL_STATUS_RANGES_MAX);
    haul_buf_init(&buf, 0);
    for (i = 0; i < set.count; i++) {
        require(set.range[i].first >= 100 && set.range[i].last <= 999);
        require(set.range[i].first <= set.range[i].last);
        haul_buf_addf(&buf, "%s%d-%d", i ? "," : "", set.range[i].first, set.range[i].last);
    }
    require(!haul_units_parse_statuses(haul_buf_str(&buf), &again, &cause));
    require(again.count == set.count &&
            !memcmp(again.range, set.range, set.count * sizeof *set.range));
    haul_buf_done(&buf);
}

/* What is a set is a choice as well, the same one; and no choice comes out all empty. */
static void check_choice(const char *text)
{
    const char *cause = NULL, *ignored;
    struct haul_status_set set, chosen, excluded;
    enum haul_err err = haul_units_parse_status_choice(text, &chosen, &excluded, &cause);

    require_cause(err, cause);
    require(err || chosen.count + excluded.count > 0);
    if (haul_units_parse_statuses(text, &set, &ignored))
        return;
    require(!err && chosen.count == set.count && !excluded.count &&
            !memcmp(chosen.range, set.range, set.count * sizeof *set.range));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_int(text);
    check_size(text);
    check_duration(text);
    check_rate(text);
    check_statuses(text);
    check_choice(text);
    free(text);
    return 0;
}
