#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "cli/set.h"

/* Setters of numbers, durations, rates, statuses, and of what is made of these. */

static enum haul_err fail_int(struct haul_option_call *call, const char *cause)
{
    const struct haul_option *option = call->option;
    enum haul_err err = haul_option_fail(call, cause);

    haul_buf_addf(call->message, "%s must be %lld to %lld", option->what, (long long)option->min,
                  (long long)option->max);
    return err;
}

enum haul_err haul_option_set_int(struct haul_option_call *call)
{
    const struct haul_option *option = call->option;
    const char *cause;
    int64_t value;
    enum haul_err err = haul_units_parse_int(call->value, option->min, option->max, &value, &cause);

    if (err)
        return fail_int(call, err == HAUL_ERR_SYNTAX ? "not a whole number; " : "");
    *(int *)haul_option_field(call) = (int)value;
    return HAUL_OK;
}

enum haul_err haul_option_set_size(struct haul_option_call *call)
{
    const char *cause;

    if (haul_units_parse_size(call->value, haul_option_field(call), &cause))
        return haul_option_fail(call, cause);
    return HAUL_OK;
}

static enum haul_err fail_duration(struct haul_option_call *call, const char *cause)
{
    enum haul_err err = haul_option_fail(call, cause);

    haul_buf_add_str(call->message, "; must be ");
    if (call->option->min)
        haul_units_add_duration(call->message, call->option->min);
    else
        haul_buf_add_char(call->message, '0');
    haul_buf_add_str(call->message, " to ");
    haul_units_add_duration(call->message, call->option->max);
    return err;
}

/* min and max are milliseconds. */
static enum haul_err parse_duration(struct haul_option_call *call, int64_t *duration_ms)
{
    const char *cause;
    int64_t value;

    if (haul_units_parse_duration(call->value, &value, &cause))
        return fail_duration(call, cause);
    if (value < call->option->min)
        return fail_duration(call, "too short");
    if (value > call->option->max)
        return fail_duration(call, "too long");
    *duration_ms = value;
    return HAUL_OK;
}

enum haul_err haul_option_set_duration(struct haul_option_call *call)
{
    return parse_duration(call, haul_option_field(call));
}

/* Into an int, as a number of units. */
static enum haul_err set_units(struct haul_option_call *call, int64_t unit_ms)
{
    int64_t value = 0;
    enum haul_err err = parse_duration(call, &value);

    assert(call->option->max / unit_ms <= INT_MAX);
    if (err)
        return err;
    if (value % unit_ms)
        return haul_option_fail(call, "must be whole seconds");
    *(int *)haul_option_field(call) = (int)(value / unit_ms);
    return HAUL_OK;
}

enum haul_err haul_option_set_short_duration(struct haul_option_call *call)
{
    return set_units(call, 1);
}

enum haul_err haul_option_set_seconds(struct haul_option_call *call)
{
    return set_units(call, 1000);
}

static enum haul_err parse_rate(struct haul_option_call *call, int64_t *interval_us)
{
    const char *cause;

    return haul_units_parse_rate(call->value, interval_us, &cause) ? haul_option_fail(call, cause)
                                                                   : HAUL_OK;
}

enum haul_err haul_option_set_rate(struct haul_option_call *call)
{
    return parse_rate(call, haul_option_field(call));
}

static void settle_host_interval(struct haul_option_call *call)
{
    int64_t rate_us = call->result->host_rate_us, delay_us = call->result->delay_us;

    call->config->host_interval_us = rate_us > delay_us ? rate_us : delay_us;
}

enum haul_err haul_option_set_host_rate(struct haul_option_call *call)
{
    enum haul_err err = parse_rate(call, &call->result->host_rate_us);

    settle_host_interval(call);
    return err;
}

enum haul_err haul_option_set_delay(struct haul_option_call *call)
{
    int64_t delay_ms = 0;
    enum haul_err err = parse_duration(call, &delay_ms);

    if (err)
        return err;
    call->result->delay_us = delay_ms * 1000;
    settle_host_interval(call);
    return HAUL_OK;
}

enum haul_err haul_option_set_statuses(struct haul_option_call *call)
{
    const char *cause;

    if (haul_units_parse_statuses(call->value, haul_option_field(call), &cause))
        return haul_option_fail(call, cause);
    return HAUL_OK;
}

enum haul_err haul_option_set_retry_on(struct haul_option_call *call)
{
    struct haul_config defaults;
    struct haul_status_set on, excluded;
    const char *cause;

    if (haul_units_parse_status_choice(call->value, &on, &excluded, &cause))
        return haul_option_fail(call, cause);
    haul_config_init(&defaults);
    call->config->retry_on = on.count ? on : defaults.retry_on;
    call->config->retry_not = excluded;
    return HAUL_OK;
}

/* What follows "fail=": a number, or a number and '%'. */
static bool read_failures(const char *text, int *failures, int *percent)
{
    char digits[sizeof "1000000000"];
    size_t len = strspn(text, "0123456789");
    bool is_percent = !strcmp(text + len, "%");
    const char *ignored;
    int64_t number;

    if (len >= sizeof digits || (text[len] && !is_percent))
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    if (haul_units_parse_int(digits, 1, is_percent ? 100 : 1000000000, &number, &ignored))
        return false;
    *failures = is_percent ? 0 : (int)number;
    *percent = is_percent ? (int)number : 0;
    return true;
}

/* Moves `*text` behind `word` if it begins with it. */
static bool skip_word(const char **text, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(*text, word, len) != 0)
        return false;
    *text += len;
    return true;
}

enum haul_err haul_option_set_halt(struct haul_option_call *call)
{
    struct haul_config *config = call->config;
    const char *at = call->value;
    enum haul_halt halt = HAUL_HALT_NEVER;
    int failures = 0, percent = 0;

    if (skip_word(&at, "now,fail="))
        halt = HAUL_HALT_NOW;
    else if (skip_word(&at, "soon,fail="))
        halt = HAUL_HALT_SOON;
    else if (strcmp(at, "never") != 0)
        return haul_option_fail(call, "must be never, now,fail=N, soon,fail=N or soon,fail=N%");
    if (halt != HAUL_HALT_NEVER && !read_failures(at, &failures, &percent))
        return haul_option_fail(call, "failures must be 1 to 1000000000, or 1% to 100%");
    config->halt = halt;
    config->halt_failures = failures;
    config->halt_percent = percent;
    return HAUL_OK;
}

/* A number alone is one of runs: seconds would be of no use here. */
enum haul_err haul_option_set_keep(struct haul_option_call *call)
{
    struct haul_config *config = call->config;
    bool is_number = !call->value[strspn(call->value, "0123456789")];
    int64_t runs = 0, age_ms = 0;
    const char *cause;
    enum haul_err err;

    if (is_number)
        err = haul_units_parse_int(call->value, 1, 1000000000, &runs, &cause);
    else
        err = haul_units_parse_duration(call->value, &age_ms, &cause);
    if (err || (!runs && !age_ms) || age_ms > INT64_MAX / 1000000)
        return haul_option_fail(call, "must be a number of runs, or a duration such as 90d");
    config->keep_runs = runs;
    config->keep_ms = age_ms;
    return HAUL_OK;
}

/* One of the two; what was said of the other stays. */
static enum haul_err read_change_min(const char *text, struct haul_config *config,
                                     const char **cause)
{
    size_t len = strlen(text);

    if (len && text[len - 1] == '%')
        return haul_units_parse_percent(text, &config->change_min_millionths, cause);
    return haul_units_parse_size(text, &config->change_min_bytes, cause);
}

enum haul_err haul_option_set_change_min(struct haul_option_call *call)
{
    const char *comma = strchr(call->value, ','), *cause = NULL;
    char first[64] = "";
    enum haul_err err;

    if (comma && (size_t)(comma - call->value) >= sizeof first)
        return haul_option_fail(call, "must be a size, a percentage, or both");
    snprintf(first, sizeof first, "%.*s", (int)(comma ? comma - call->value : 0), call->value);
    call->config->change_min_bytes = call->config->change_min_millionths = 0;
    err = comma ? read_change_min(first, call->config, &cause) : HAUL_OK;
    if (!err)
        err = read_change_min(comma ? comma + 1 : call->value, call->config, &cause);
    return err ? haul_option_fail(call, cause) : HAUL_OK;
}
