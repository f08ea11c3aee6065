#include "cli/options.h"

#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/call.h"
#include "cli/nearest.h"
#include "input/redact.h"

/* What of a foreign text a message shows at most. */
enum { SHOWN_MAX = 100 };

struct parser {
    char **argv;
    int argc;
    int at;             /* the next argument */
    bool options_ended; /* "--" was seen */
    struct haul_config *config;
    struct haul_options_result *result;
    struct haul_buf *message;
};

static void add_escaped(struct haul_buf *buf, const char *text, size_t len)
{
    haul_escape_terminal(buf, text, len, false, SHOWN_MAX);
}

static void add_name(struct haul_option_call *call)
{
    if (call->name)
        haul_buf_addf(call->message, "--%s%s", call->on ? "" : "no-", call->name);
    else
        haul_buf_addf(call->message, "-%c", call->letter);
}

enum haul_err haul_option_fail(struct haul_option_call *call, const char *cause)
{
    haul_buf_clear(call->message);
    haul_buf_add_str(call->message, "haul: ");
    add_name(call);
    if (call->value && call->option->secret == HAUL_OPTION_PUBLIC) {
        haul_buf_add_char(call->message, ' ');
        add_escaped(call->message, call->value, strlen(call->value));
    }
    haul_buf_add_str(call->message, ": ");
    haul_buf_add_str(call->message, cause);
    return HAUL_ERR_USAGE;
}

/* A message about an argument that is no known option. */
static enum haul_err fail_argument(struct parser *parser, const char *text, size_t len,
                                   const char *cause)
{
    haul_buf_clear(parser->message);
    haul_buf_add_str(parser->message, "haul: ");
    add_escaped(parser->message, text, len);
    haul_buf_addf(parser->message, "%s%s", len ? ": " : "", cause);
    return HAUL_ERR_USAGE;
}

static void overwrite(char *text, size_t len)
{
    memset(text, '*', len);
}

static void hide_value(enum haul_option_secret secret, char *value)
{
    size_t shown = 0;

    if (secret == HAUL_OPTION_PUBLIC)
        return;
    if (secret == HAUL_OPTION_SECRET_LOGIN) {
        haul_redact_mask(value);
        return;
    }
    if (secret == HAUL_OPTION_SECRET_FIELD)
        shown = strcspn(value, ":;");
    overwrite(value + shown, strlen(value + shown));
}

static enum haul_err apply(struct haul_option_call *call, char *value)
{
    enum haul_err err;

    call->value = value;
    err = call->option->set(call);
    call->value = NULL;
    if (value)
        hide_value(call->option->secret, value);
    return err;
}

static enum haul_err fail_without_value(struct haul_option_call *call)
{
    enum haul_err err = haul_option_fail(call, "needs a value: ");

    haul_buf_add_str(call->message, call->option->metavar);
    return err;
}

static enum haul_err apply_next_argument(struct parser *parser, struct haul_option_call *call)
{
    if (parser->at >= parser->argc)
        return fail_without_value(call);
    return apply(call, parser->argv[parser->at++]);
}

static bool is_name(const char *name, const char *typed, size_t len)
{
    return name && strlen(name) == len && !memcmp(name, typed, len);
}

/* Finds the option of a long name and remembers by which of its names it goes. */
static bool find_long(struct haul_option_call *call, const char *typed, size_t len)
{
    size_t count, i, j;
    const struct haul_option *table = haul_options_table(&count);

    for (i = 0; i < count; i++) {
        call->option = &table[i];
        call->name = is_name(table[i].name, typed, len) ? table[i].name : NULL;
        for (j = 0; j < HAUL_OPTION_ALIASES_MAX && !call->name; j++)
            if (is_name(table[i].alias[j], typed, len))
                call->name = table[i].alias[j];
        if (call->name)
            return true;
    }
    return false;
}

static bool find_negated(struct haul_option_call *call, const char *typed, size_t len)
{
    call->on = false;
    return len > 3 && !memcmp(typed, "no-", 3) && find_long(call, typed + 3, len - 3) &&
           call->option->arg == HAUL_OPTION_ARG_SWITCH;
}

static bool find_letter(struct haul_option_call *call, char letter)
{
    size_t count, i;
    const struct haul_option *table = haul_options_table(&count);

    call->letter = letter;
    for (i = 0; i < count && letter; i++)
        if (table[i].letter == letter || table[i].letter_alias == letter) {
            call->option = &table[i];
            return true;
        }
    return false;
}

static enum haul_err fail_unknown_long(struct parser *parser, const char *arg, size_t name_len)
{
    const char *nearest = haul_nearest_option(arg + 2, name_len);
    enum haul_err err = fail_argument(parser, arg, name_len + 2, "unknown option; ");

    if (nearest)
        haul_buf_addf(parser->message, "did you mean --%s?", nearest);
    else
        haul_buf_add_str(parser->message, "haul --help lists them");
    return err;
}

static struct haul_option_call new_call(struct parser *parser)
{
    return (struct haul_option_call){
        .on = true, .config = parser->config, .result = parser->result, .message = parser->message};
}

static bool takes_value(const struct haul_option *option)
{
    return option->arg == HAUL_OPTION_ARG_REQUIRED || option->arg == HAUL_OPTION_ARG_OPTIONAL;
}

static enum haul_err parse_long(struct parser *parser, char *arg)
{
    struct haul_option_call call = new_call(parser);
    size_t name_len = strcspn(arg + 2, "=");
    char *value = arg[2 + name_len] ? arg + 2 + name_len + 1 : NULL;

    if (!find_long(&call, arg + 2, name_len) && !find_negated(&call, arg + 2, name_len))
        return fail_unknown_long(parser, arg, name_len);
    if (value && !takes_value(call.option))
        return haul_option_fail(&call, "takes no value");
    if (!value && call.option->arg == HAUL_OPTION_ARG_REQUIRED)
        return apply_next_argument(parser, &call);
    return apply(&call, value);
}

static enum haul_err parse_letters(struct parser *parser, char *arg)
{
    enum haul_err err = HAUL_OK;
    char *at;

    for (at = arg + 1; *at && !err; at++) {
        struct haul_option_call call = new_call(parser);

        if (!find_letter(&call, *at))
            return fail_argument(parser, (char[]){'-', *at}, 2,
                                 "unknown option; haul --help lists them");
        if (call.option->arg != HAUL_OPTION_ARG_REQUIRED)
            err = apply(&call, NULL);
        else if (at[1])
            return apply(&call, at + 1);
        else
            return apply_next_argument(parser, &call);
    }
    return err;
}

static enum haul_err parse_operand(struct parser *parser, char *arg)
{
    enum haul_err err;

    if (!strcmp(arg, "-"))
        return haul_config_add_source(parser->config, HAUL_SOURCE_FILE, arg);
    if (!strcmp(arg, "@"))
        return fail_argument(parser, arg, 1, "names no file; a list is written @FILE");
    if (*arg == '@')
        return haul_config_add_source(parser->config, HAUL_SOURCE_FILE, arg + 1);
    if (!*arg)
        return fail_argument(parser, "", 0, "an argument is empty; a URL was expected");
    err = haul_config_add_source(parser->config, HAUL_SOURCE_URL, arg);
    haul_redact_mask(arg);
    return err;
}

static enum haul_err parse_argument(struct parser *parser)
{
    char *arg = parser->argv[parser->at++];

    if (parser->options_ended || arg[0] != '-' || !arg[1])
        return parse_operand(parser, arg);
    if (arg[1] != '-')
        return parse_letters(parser, arg);
    if (arg[2])
        return parse_long(parser, arg);
    parser->options_ended = true;
    return HAUL_OK;
}

/* Standard input can be read once; and it is the list when nothing else is. */
static enum haul_err settle_sources(struct parser *parser)
{
    struct haul_config *config = parser->config;
    size_t i, stdin_count = 0;

    for (i = 0; i < config->source_count; i++)
        stdin_count +=
            config->source[i].kind == HAUL_SOURCE_FILE && !strcmp(config->source[i].text, "-");
    if (stdin_count > 1)
        return fail_argument(parser, "-", 1, "standard input can be read only once");
    if (config->source_count)
        return HAUL_OK;
    if (isatty(STDIN_FILENO))
        return fail_argument(parser, "", 0,
                             "nothing to fetch; name a URL or a list (haul -i FILE), or see "
                             "haul --help");
    return haul_config_add_source(config, HAUL_SOURCE_FILE, "-");
}

enum haul_err haul_options_parse(int argc, char **argv, struct haul_config *config,
                                 struct haul_options_result *result, struct haul_buf *message)
{
    struct parser parser = {.argv = argv,
                            .argc = argc,
                            .at = 1,
                            .config = config,
                            .result = result,
                            .message = message};
    enum haul_err err = HAUL_OK;

    haul_config_init(config);
    *result = (struct haul_options_result){.help = false};
    while (!err && parser.at < argc && !result->help && !result->version)
        err = parse_argument(&parser);
    if (!err && !result->help && !result->version)
        err = settle_sources(&parser);
    if (err == HAUL_ERR_NOMEM)
        (void)fail_argument(&parser, "", 0, haul_err_text(err));
    return err;
}
