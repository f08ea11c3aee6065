#include "cli/environment.h"

#include <string.h>

#include "base/escape.h"
#include "cli/nearest.h"
#include "cli/settings.h"

static const char prefix[] = "HAUL_";
enum { PREFIX_LEN = sizeof prefix - 1, SHOWN_MAX = 100, NAME_MAX_LEN = 60 };

struct reader {
    const char *const *environment;
    struct haul_config *config;
    struct haul_options_result *result;
    struct haul_buf *message;
};

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

/* Calls `each` with a copy of every line that is not empty. */
static enum haul_err for_each_line(struct reader *reader, const char *text,
                                   enum haul_err (*each)(struct reader *, void *, const char *),
                                   void *arg)
{
    enum haul_err err = HAUL_OK;
    struct haul_buf line;

    haul_buf_init(&line, 0);
    while (*text && !err) {
        size_t len = strcspn(text, "\n");

        haul_buf_clear(&line);
        haul_buf_add(&line, text, len);
        err = line.err;
        if (len && !err)
            err = each(reader, arg, haul_buf_str(&line));
        text += len + (text[len] != '\0');
    }
    haul_buf_done(&line);
    return err;
}

static enum haul_err take_value(struct reader *reader, void *arg, const char *value)
{
    struct haul_option_call *call = arg;

    (void)reader;
    return haul_option_apply_text(call, value);
}

static enum haul_err take_option(struct reader *reader, const struct haul_option *option)
{
    const char *value = option->only_typed ? NULL : find_value(reader->environment, option->name);
    struct haul_option_call call = {.option = option,
                                    .name = option->name,
                                    .on = true,
                                    .config = reader->config,
                                    .result = reader->result,
                                    .message = reader->message,
                                    .from = {.layer = HAUL_LAYER_ENVIRONMENT}};
    struct haul_buf name;

    if (!value)
        return HAUL_OK;
    haul_buf_init(&name, 0);
    haul_environment_add_name(&name, option->name);
    call.from.name = name.err ? NULL : haul_config_keep(reader->config, haul_buf_str(&name));
    haul_buf_done(&name);
    if (!call.from.name)
        return HAUL_ERR_NOMEM;
    return option->many ? for_each_line(reader, value, take_value, &call)
                        : take_value(reader, &call, value);
}

static enum haul_err take_file(struct reader *reader, void *arg, const char *name)
{
    (void)arg;
    return haul_config_add_string(reader->config, &reader->result->files, name);
}

static enum haul_err take_files(struct reader *reader)
{
    const char *value = find_value(reader->environment, "config");

    if (!value || reader->result->files.count || reader->result->no_config)
        return HAUL_OK;
    return for_each_line(reader, value, take_file, NULL);
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

static void warn(struct reader *reader, const char *text, size_t len, const char *nearest)
{
    if (reader->message->len)
        haul_buf_add_char(reader->message, '\n');
    haul_buf_add_str(reader->message, "haul: ");
    haul_escape_terminal(reader->message, text, len, false, SHOWN_MAX);
    haul_buf_add_str(reader->message, " has no effect; did you mean ");
    haul_environment_add_name(reader->message, nearest);
    haul_buf_add_char(reader->message, '?');
}

/* A variable as the option that it might be the slip for: HAUL_PERHOST is like "perhost". */
static void look_for_slip(struct reader *reader, const char *text)
{
    size_t len = strcspn(text, "="), i;
    char name[NAME_MAX_LEN];
    const char *nearest;

    if (strncmp(text, prefix, PREFIX_LEN) != 0 || len - PREFIX_LEN > sizeof name ||
        is_variable(text + PREFIX_LEN, len - PREFIX_LEN))
        return;
    for (i = 0; i < len - PREFIX_LEN; i++) {
        char c = text[PREFIX_LEN + i];

        name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '_' ? '-' : c;
    }
    nearest = haul_nearest_option(name, i);
    if (nearest)
        warn(reader, text, len, nearest);
}

enum haul_err haul_environment_read(const char *const *environment, struct haul_config *config,
                                    struct haul_options_result *result, struct haul_buf *message)
{
    struct reader reader = {environment, config, result, message};
    const struct haul_option *row;
    enum haul_err err = HAUL_OK;

    if (!environment)
        return HAUL_OK;
    for (size_t i = 0; !err && (row = haul_options_row(i)) != NULL; i++)
        err = take_option(&reader, row);
    if (!err)
        err = take_files(&reader);
    for (; !err && *environment; environment++)
        look_for_slip(&reader, *environment);
    return err;
}
