#include "cli/print.h"

#include <string.h>

#include "base/escape.h"
#include "cli/ini.h"
#include "cli/set.h"
#include "cli/settings.h"
#include "model/version.h"

/* ---- what was given ---- */

static void add_source(struct haul_buf *buf, const struct haul_option_source *from)
{
    haul_buf_add_str(buf, "# ");
    if (from->layer == HAUL_LAYER_FILE) {
        haul_escape_terminal(buf, from->name, strlen(from->name), false, 0);
        haul_buf_addf(buf, ":%llu", (unsigned long long)from->line);
    } else if (from->layer == HAUL_LAYER_ENVIRONMENT) {
        haul_buf_addf(buf, "environment %s", from->name);
    } else {
        haul_buf_add_str(buf, "command line");
    }
}

/* What an option means that was given without a value. */
static const char *bare_value(const struct haul_option_setting *setting)
{
    const struct haul_option *option = setting->option;

    if (option->arg == HAUL_OPTION_ARG_OPTIONAL && option->words)
        return option->words[option->min];
    return setting->on ? "yes" : "no";
}

static bool hides(const struct haul_option *option, const char *value)
{
    return option->secret != HAUL_OPTION_PUBLIC &&
           (option->secret != HAUL_OPTION_SECRET_LOGIN || strchr(value, '@'));
}

static void add_setting(struct haul_buf *buf, const struct haul_option_setting *setting)
{
    bool is_secret = setting->value && hides(setting->option, setting->value);

    add_source(buf, &setting->from);
    haul_buf_addf(buf, "%s\n%s%s = ", is_secret ? "; the value is not shown" : "",
                  is_secret ? "# " : "", setting->option->name);
    if (!is_secret) {
        haul_ini_add_value(buf, setting->value ? setting->value : bare_value(setting));
    } else if (setting->option->secret == HAUL_OPTION_SECRET_FIELD) {
        haul_escape_terminal(buf, setting->value, strcspn(setting->value, ":;"), false, 0);
        haul_buf_add_str(buf, ": ***");
    } else {
        haul_buf_add_str(buf, "***");
    }
    haul_buf_add_char(buf, '\n');
}

/* ---- defaults ---- */

/* As text, or NULL if there is none: then nothing is limited, sent or written. */
static const char *default_value(const struct haul_option *option)
{
    struct haul_config config;
    const void *field = (const char *)&config + option->offset;

    haul_config_init(&config);
    if (option->set == haul_option_set_bool)
        return *(const bool *)field ? "yes" : "no";
    if (option->arg == HAUL_OPTION_ARG_NONE)
        return NULL; /* another option of its field may have a default */
    if (option->set == haul_option_set_text)
        return *(const char *const *)field;
    if (option->shown)
        return option->shown;
    return option->words ? option->words[0] : NULL;
}

static void add_default(struct haul_buf *buf, const struct haul_option *option)
{
    const char *value = default_value(option);

    haul_buf_addf(buf, "# default\n%s%s =", value ? "" : "# ", option->name);
    if (value) {
        haul_buf_add_char(buf, ' ');
        haul_ini_add_value(buf, value);
    }
    haul_buf_add_char(buf, '\n');
}

/* ---- all of it ---- */

/* Whether it is in force: of the layer that counts for its field, and not for a host. */
static bool counts(const struct haul_options_result *result,
                   const struct haul_option_setting *setting)
{
    return !setting->host &&
           setting->from.layer == result->given[haul_option_slot(setting->option)];
}

/* "http2 = no" says nothing about the other choices: what is in force then is the default. */
static bool is_choice_off(const struct haul_option_setting *setting)
{
    return setting->option->arg == HAUL_OPTION_ARG_NONE && !setting->on;
}

/* The last one that counts for the field which the option writes, or NULL. */
static const struct haul_option_setting *find_last(const struct haul_options_result *result,
                                                   const struct haul_option *option)
{
    size_t slot = haul_option_slot(option);

    for (size_t i = result->setting_count; i; i--) {
        const struct haul_option_setting *setting = &result->setting[i - 1];

        if (haul_option_slot(setting->option) == slot && counts(result, setting) &&
            !is_choice_off(setting))
            return setting;
    }
    return NULL;
}

static void add_option(struct haul_buf *buf, const struct haul_options_result *result,
                       const struct haul_option *option)
{
    const struct haul_option_setting *last = find_last(result, option);

    if (!last) {
        add_default(buf, option);
    } else if (last->option != option) {
        /* The field is not at its default, and this option must not undo what the other says. */
        haul_buf_addf(buf, "# see %s\n# %s =\n", last->option->name, option->name);
    } else if (!option->many) {
        add_setting(buf, last);
    } else {
        for (size_t i = 0; i < result->setting_count; i++)
            if (result->setting[i].option == option && counts(result, &result->setting[i]))
                add_setting(buf, &result->setting[i]);
    }
}

static void add_sections(struct haul_buf *buf, const struct haul_options_result *result)
{
    const char *host = NULL;

    for (size_t i = 0; i < result->setting_count; i++) {
        const struct haul_option_setting *setting = &result->setting[i];

        if (!setting->host)
            continue;
        if (setting->host != host)
            haul_buf_addf(buf, "\n[host \"%s\"]\n", setting->host);
        host = setting->host;
        add_setting(buf, setting);
    }
}

void haul_print_config_add(struct haul_buf *buf, const struct haul_options_result *result)
{
    const struct haul_option *row;

    haul_buf_add_str(buf, "# haul " HAUL_VERSION ": the configuration in force\n");
    for (size_t i = 0; (row = haul_options_row(i)) != NULL; i++)
        if (!row->only_typed)
            add_option(buf, result, row);
    add_sections(buf, result);
}
