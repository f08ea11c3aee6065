#include "cli/settings.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"

/* ---- messages ---- */

void haul_option_begin_line(struct haul_buf *message, struct haul_span name)
{
    haul_buf_add_str(message, message->len ? "\nhaul: " : "haul: ");
    haul_escape_terminal(message, name.at, name.len, false, HAUL_OPTION_SHOWN_MAX);
}

/* "haul: --jobs", "haul: HAUL_JOBS" or "haul: FILE:3: jobs". */
static void add_name(struct haul_option_call *call)
{
    haul_option_begin_line(call->message, haul_span_of(call->from.name));
    if (call->from.layer == HAUL_LAYER_FILE) {
        haul_buf_addf(call->message, ":%llu: %s", (unsigned long long)call->from.line, call->name);
    } else if (call->from.layer == HAUL_LAYER_ENVIRONMENT) {
        return;
    } else if (call->name) {
        haul_buf_addf(call->message, "--%s%s", call->on ? "" : "no-", call->name);
    } else {
        haul_buf_addf(call->message, "-%c", call->letter);
    }
}

enum haul_err haul_option_fail(struct haul_option_call *call, const char *cause)
{
    static const char *const between[] = {
        [HAUL_LAYER_FILE] = " = ", [HAUL_LAYER_ENVIRONMENT] = "=", [HAUL_LAYER_COMMAND_LINE] = " "};

    haul_buf_clear(call->message);
    add_name(call);
    if (call->value && call->option->secret == HAUL_OPTION_PUBLIC) {
        haul_buf_add_str(call->message, between[call->from.layer]);
        haul_escape_terminal(call->message, call->value, strlen(call->value), false,
                             HAUL_OPTION_SHOWN_MAX);
    }
    haul_buf_add_str(call->message, ": ");
    haul_buf_add_str(call->message, cause);
    return HAUL_ERR_USAGE;
}

/* ---- the table ---- */

bool haul_option_find(struct haul_option_call *call, struct haul_span text)
{
    const struct haul_option *row;

    for (size_t i = 0; (row = haul_options_row(i)) != NULL; i++) {
        call->option = row;
        call->name = haul_span_is(text, row->name) ? row->name : NULL;
        for (size_t j = 0; j < HAUL_OPTION_ALIASES_MAX && row->alias[j] && !call->name; j++)
            if (haul_span_is(text, row->alias[j]))
                call->name = row->alias[j];
        if (call->name)
            return true;
    }
    return false;
}

/* Whether it writes a field of the configuration. Rows without one have the offset 0. */
static bool has_field(const struct haul_option *option)
{
    return option->offset && !option->only_typed;
}

size_t haul_option_slot(const struct haul_option *option)
{
    const struct haul_option *row;
    size_t i;

    for (i = 0; (row = haul_options_row(i)) != option; i++)
        if (has_field(option) && has_field(row) && row->offset == option->offset)
            break;
    assert(i < HAUL_OPTIONS_MAX);
    return i;
}

/* ---- taking values ---- */

enum haul_err haul_option_note(struct haul_config *config, struct haul_options_result *result,
                               const struct haul_option_setting *setting)
{
    struct haul_option_setting *grown =
        haul_config_grow(config, result->setting, result->setting_count, sizeof *grown);
    const char *value = NULL;

    if (!grown)
        return HAUL_ERR_NOMEM;
    result->setting = grown;
    if (setting->value)
        value = haul_config_keep(config, setting->value);
    if (setting->value && !value)
        return HAUL_ERR_NOMEM;
    grown[result->setting_count] = *setting;
    grown[result->setting_count++].value = value;
    return HAUL_OK;
}

static enum haul_err check_and_set(struct haul_option_call *call)
{
    const char *cause = call->option->check ? call->option->check(call->value) : NULL;

    return cause ? haul_option_fail(call, cause) : call->option->set(call);
}

/* A value that does not count must be right all the same: it will count one day. */
static enum haul_err check_only(struct haul_option_call *call)
{
    struct haul_option_call trial = *call;
    struct haul_config config;
    struct haul_options_result result = {.help = false};
    enum haul_err err;

    haul_config_init(&config);
    trial.config = &config;
    trial.result = &result;
    err = check_and_set(&trial);
    haul_config_done(&config);
    return err;
}

enum haul_err haul_option_apply(struct haul_option_call *call, const char *value)
{
    enum haul_layer *given = &call->result->given[haul_option_slot(call->option)];
    const struct haul_option_setting setting = {
        .option = call->option, .value = value, .on = call->on, .from = call->from};
    enum haul_err err;

    call->value = value;
    if (*given > call->from.layer) {
        err = check_only(call);
    } else {
        err = check_and_set(call);
        *given = call->from.layer;
        if (!err)
            err = haul_option_note(call->config, call->result, &setting);
    }
    call->value = NULL;
    return err;
}

/* ---- values in files and in the environment ---- */

static bool is_one_of(const char *const *words, const char *text)
{
    while (*words && strcasecmp(*words, text) != 0)
        words++;
    return *words;
}

/* Yes and no become `on`. */
static enum haul_err read_switch(struct haul_option_call *call, const char **value)
{
    static const char *const yes[] = {"yes", "true", "on", "1", NULL};
    static const char *const no[] = {"no", "false", "off", "0", NULL};

    bool is_yes = is_one_of(yes, *value), is_no = is_one_of(no, *value);

    if (call->option->metavar &&
        (call->option->arg != HAUL_OPTION_ARG_SWITCH || !(is_yes || is_no)))
        return HAUL_OK;
    call->on = is_yes;
    if (!is_yes && !is_no) {
        call->value = *value;
        return haul_option_fail(call, "must be yes or no");
    }
    *value = NULL;
    return HAUL_OK;
}

enum haul_err haul_option_apply_text(struct haul_option_call *call, const char *value)
{
    enum haul_err err = read_switch(call, &value);

    return err ? err : haul_option_apply(call, value);
}

enum haul_err haul_option_write_text(struct haul_option_call *call, const char *value)
{
    enum haul_err err = read_switch(call, &value);

    call->value = value;
    return err ? err : check_and_set(call);
}
