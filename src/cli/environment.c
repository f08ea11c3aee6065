#include "cli/environment.h"

#include <string.h>

#include "base/ascii.h"
#include "cli/hint.h"
#include "cli/settings.h"

static const char prefix[] = "HAUL_";
enum { PREFIX_LEN = sizeof prefix - 1, NAME_MAX_LEN = 60 };

static char capital(char c)
{
    if (c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    return c == '-' || c == '.' ? '_' : c;
}

void haul_environment_add_name(struct haul_buf *buf, const char *option)
{
    haul_buf_add(buf, prefix, PREFIX_LEN);
    for (; *option; option++)
        haul_buf_add_char(buf, capital(*option));
}

/* Whether the `len` bytes at `text`, which stand behind HAUL_, name the option. */
static bool is_variable_of(const char *option, const char *text, size_t len)
{
    if (strlen(option) != len)
        return false;
    while (len && capital(option[len - 1]) == text[len - 1])
        len--;
    return !len;
}

/* The value of the option's variable, or NULL if there is none, or an empty one. */
static const char *find_value(const char *const *environment, const char *option)
{
    for (; *environment; environment++) {
        const char *text = *environment, *equals = strchr(text, '=');

        if (equals && !strncmp(text, prefix, PREFIX_LEN) &&
            is_variable_of(option, text + PREFIX_LEN, (size_t)(equals - text) - PREFIX_LEN))
            return equals[1] ? equals + 1 : NULL;
    }
    return NULL;
}

/* Of an option that may be repeated, each line that is not empty is a value. */
static enum haul_err take_lines(struct haul_option_call *call, const char *text)
{
    const char *ends = call->option->many ? "\n" : "";
    enum haul_err err = HAUL_OK;
    struct haul_buf line;

    haul_buf_init(&line, 0);
    while (*text && !err) {
        size_t len = strcspn(text, ends);

        haul_buf_clear(&line);
        haul_buf_add(&line, text, len);
        err = line.err;
        if (len && !err)
            err = haul_option_apply_text(call, haul_buf_str(&line));
        text += len + (text[len] != '\0');
    }
    haul_buf_done(&line);
    return err;
}

/* Of what is only typed, HAUL_CONFIG counts, but not beside --no-config. */
static bool has_variable(const struct haul_option *option, const struct haul_options_result *result)
{
    return !option->only_typed || (!strcmp(option->name, "config") && !result->no_config);
}

static enum haul_err take_option(const char *const *environment, struct haul_option_call *call)
{
    const char *value = find_value(environment, call->option->name);
    struct haul_buf name;

    if (!value || !has_variable(call->option, call->result))
        return HAUL_OK;
    haul_buf_init(&name, 0);
    haul_environment_add_name(&name, call->option->name);
    call->name = call->option->name;
    call->from.name = name.err ? NULL : haul_config_keep(call->config, haul_buf_str(&name));
    haul_buf_done(&name);
    return call->from.name ? take_lines(call, value) : HAUL_ERR_NOMEM;
}

/* ---- slips ---- */

static bool is_variable(const char *text, size_t len)
{
    const struct haul_option *row;

    for (size_t i = 0; (row = haul_options_row(i)) != NULL; i++)
        if (is_variable_of(row->name, text, len))
            return true;
    return false;
}

/* A variable as the option that it might be the slip for: HAUL_PERHOST is like "perhost". */
static void look_for_slip(struct haul_buf *message, const char *text)
{
    size_t len = strcspn(text, "="), i;
    char name[NAME_MAX_LEN];
    const char *nearest;

    if (strncmp(text, prefix, PREFIX_LEN) != 0 || len - PREFIX_LEN > sizeof name ||
        is_variable(text + PREFIX_LEN, len - PREFIX_LEN))
        return;
    for (i = 0; i < len - PREFIX_LEN; i++) {
        char c = text[PREFIX_LEN + i];

        name[i] = c == '_' ? '-' : haul_ascii_lower(c);
    }
    nearest = haul_hint_nearest((struct haul_span){name, i});
    if (!nearest)
        return;
    haul_option_begin_line(message, (struct haul_span){text, len});
    haul_buf_add_str(message, " has no effect; did you mean ");
    haul_environment_add_name(message, nearest);
    haul_buf_add_char(message, '?');
}

enum haul_err haul_environment_read(const char *const *environment, struct haul_config *config,
                                    struct haul_options_result *result, struct haul_buf *message)
{
    const struct haul_option *row;
    enum haul_err err = HAUL_OK;

    if (!environment)
        return HAUL_OK;
    for (size_t i = 0; !err && (row = haul_options_row(i)) != NULL; i++) {
        struct haul_option_call call = {.option = row,
                                        .on = true,
                                        .config = config,
                                        .result = result,
                                        .message = message,
                                        .from = {.layer = HAUL_LAYER_ENVIRONMENT}};

        err = take_option(environment, &call);
    }
    for (; !err && *environment; environment++)
        look_for_slip(message, *environment);
    return err;
}
