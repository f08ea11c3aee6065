#include "cli/options.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/call.h"
#include "cli/environment.h"
#include "cli/file.h"
#include "cli/foreign.h"
#include "cli/nearest.h"
#include "cli/settings.h"
#include "input/userinfo.h"

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

/* A message about an argument that is no known option. */
static enum haul_err fail_argument(struct parser *parser, const char *text, size_t len,
                                   const char *cause)
{
    haul_buf_clear(parser->message);
    haul_buf_add_str(parser->message, "haul: ");
    haul_escape_terminal(parser->message, text, len, false, SHOWN_MAX);
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
        haul_userinfo_mask(value);
        return;
    }
    if (secret == HAUL_OPTION_SECRET_FIELD)
        shown = strcspn(value, ":;");
    overwrite(value + shown, strlen(value + shown));
}

static enum haul_err apply(struct haul_option_call *call, char *value)
{
    enum haul_err err;

    if (call->result->verb == HAUL_VERB_REPORT && !call->option->for_report)
        return haul_option_fail(call, "means nothing to haul report, which fetches nothing");
    if (call->result->verb > HAUL_VERB_REPORT && !call->option->for_audit)
        return haul_option_fail(call, "means nothing to haul diff and haul history");
    err = haul_option_apply(call, value);
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

static bool find_negated(struct haul_option_call *call, const char *typed, size_t len)
{
    call->on = false;
    return len > 3 && !memcmp(typed, "no-", 3) && haul_option_find(call, typed + 3, len - 3) &&
           call->option->arg == HAUL_OPTION_ARG_SWITCH;
}

static bool find_letter(struct haul_option_call *call, char letter)
{
    const struct haul_option *row;

    call->letter = letter;
    for (size_t i = 0; letter && (row = haul_options_row(i)) != NULL; i++)
        if (row->letter == letter || row->letter_alias == letter) {
            call->option = row;
            return true;
        }
    return false;
}

/* `len` bytes of an option that there is not, dashes included. */
static enum haul_err fail_unknown(struct parser *parser, const char *typed, size_t len)
{
    const char *hint = haul_foreign_hint(typed, len);
    const char *nearest =
        len > 2 && typed[1] == '-' && !hint ? haul_nearest_option(typed + 2, len - 2) : NULL;
    enum haul_err err = fail_argument(parser, typed, len, "unknown option; ");

    if (nearest)
        haul_buf_addf(parser->message, "did you mean --%s?", nearest);
    else
        haul_buf_add_str(parser->message, hint ? hint : "haul --help lists them");
    return err;
}

static struct haul_option_call new_call(struct parser *parser)
{
    return (struct haul_option_call){.on = true,
                                     .config = parser->config,
                                     .result = parser->result,
                                     .message = parser->message,
                                     .from = {.layer = HAUL_LAYER_COMMAND_LINE}};
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

    if (!haul_option_find(&call, arg + 2, name_len) && !find_negated(&call, arg + 2, name_len))
        return fail_unknown(parser, arg, name_len + 2);
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
            return fail_unknown(parser, (char[]){'-', *at}, 2);
        if (call.option->arg != HAUL_OPTION_ARG_REQUIRED)
            err = apply(&call, NULL);
        else if (at[1])
            return apply(&call, at + 1);
        else
            return apply_next_argument(parser, &call);
    }
    return err;
}

/* As if it had stood behind -i. */
static enum haul_err parse_list(struct parser *parser, const char *name)
{
    struct haul_option_call call = new_call(parser);

    (void)haul_option_find(&call, "input", 5);
    return haul_option_apply(&call, name);
}

static enum haul_err parse_url(struct parser *parser, char *url)
{
    struct haul_option_call call = new_call(parser);
    enum haul_err err = haul_config_add_source(parser->config, HAUL_SOURCE_URL, url);

    haul_userinfo_mask(url);
    /* Who names a URL does not mean the lists of a configuration file. */
    (void)haul_option_find(&call, "input", 5);
    parser->result->given[haul_option_slot(call.option)] = HAUL_LAYER_COMMAND_LINE;
    return err;
}

static enum haul_err parse_operand(struct parser *parser, char *arg)
{
    if (!strcmp(arg, "-"))
        return parse_list(parser, arg);
    if (!strcmp(arg, "@"))
        return fail_argument(parser, arg, 1, "names no file; a list is written @FILE");
    if (*arg == '@')
        return parse_list(parser, arg + 1);
    if (!*arg)
        return fail_argument(parser, "", 0, "an argument is empty; a URL was expected");
    return parse_url(parser, arg);
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

/* "haul urls.txt" asks for http://urls.txt: nearly always not what was meant. */
static void warn_of_files(struct parser *parser)
{
    const struct haul_config *config = parser->config;
    struct stat status;

    for (size_t i = 0; i < config->source_count; i++) {
        const char *text = config->source[i].text;

        if (config->source[i].kind != HAUL_SOURCE_URL || strstr(text, "://") ||
            stat(text, &status) || !S_ISREG(status.st_mode))
            continue;
        if (parser->message->len)
            haul_buf_add_char(parser->message, '\n');
        haul_buf_add_str(parser->message, "haul: ");
        haul_escape_terminal(parser->message, text, strlen(text), false, SHOWN_MAX);
        haul_buf_add_str(parser->message, ": taken as a URL, but there is a file of that name; "
                                          "a list is written @FILE or -i FILE");
    }
}

/* A list, or for haul report and haul diff a journal or a history, must not become a report. */
static enum haul_err check_written(struct parser *parser, const char *file)
{
    const struct haul_config *config = parser->config;
    struct stat written, read;

    if (!file || stat(file, &written) || !S_ISREG(written.st_mode))
        return HAUL_OK;
    for (size_t i = 0; i < config->source_count; i++)
        if (!stat(config->source[i].text, &read) && read.st_dev == written.st_dev &&
            read.st_ino == written.st_ino)
            return fail_argument(parser, file, strlen(file),
                                 "is to be read, and would be overwritten");
    return HAUL_OK;
}

static enum haul_err check_all_written(struct parser *parser)
{
    const struct haul_config *config = parser->config;
    enum haul_err err = check_written(parser, config->output);

    if (!err)
        err = check_written(parser, config->save_failed);
    for (size_t i = 0; i < config->reports.count && !err; i++) {
        const char *colon = strchr(config->reports.item[i], ':');

        err = check_written(parser, colon ? colon + 1 : NULL);
    }
    return err;
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
    if (parser->result->verb <= HAUL_VERB_DRY_RUN)
        warn_of_files(parser);
    if (config->source_count)
        return HAUL_OK;
    if (isatty(STDIN_FILENO))
        return fail_argument(parser, "", 0,
                             "nothing to fetch; name a URL or a list (haul -i FILE), or see "
                             "haul --help");
    return haul_config_add_source(config, HAUL_SOURCE_FILE, "-");
}

static enum haul_verb find_verb(const struct parser *parser)
{
    static const struct {
        const char *word;
        enum haul_verb verb;
    } verbs[] = {
        {"report", HAUL_VERB_REPORT}, {"diff", HAUL_VERB_DIFF}, {"history", HAUL_VERB_HISTORY}};

    for (size_t i = 0; parser->argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(parser->argv[1], verbs[i].word))
            return verbs[i].verb;
    return HAUL_VERB_RUN;
}

static enum haul_err parse_arguments(struct parser *parser)
{
    struct haul_options_result *result = parser->result;
    enum haul_err err = HAUL_OK;

    result->verb = find_verb(parser);
    parser->at += result->verb != HAUL_VERB_RUN;
    while (!err && parser->at < parser->argc && !result->help && !result->version)
        err = parse_argument(parser);
    return err;
}

static enum haul_err parse_layers(struct parser *parser, const char *const *environment)
{
    struct haul_options_result *result = parser->result;
    enum haul_err err = parse_arguments(parser);

    if (err || result->help || result->version)
        return err;
    err = haul_environment_read(environment, parser->config, result, parser->message);
    if (!err)
        err = haul_config_files_read(parser->config, result, parser->message);
    if (result->verb == HAUL_VERB_RUN && parser->config->dry_run)
        result->verb = HAUL_VERB_DRY_RUN;
    if (!err && !result->print_config)
        err = settle_sources(parser);
    if (!err && !result->print_config)
        err = check_all_written(parser);
    return err;
}

enum haul_err haul_options_parse(int argc, char **argv, const char *const *environment,
                                 struct haul_config *config, struct haul_options_result *result,
                                 struct haul_buf *message)
{
    struct parser parser = {.argv = argv,
                            .argc = argc,
                            .at = 1,
                            .config = config,
                            .result = result,
                            .message = message};
    enum haul_err err;

    haul_config_init(config);
    *result = (struct haul_options_result){.help = false};
    err = parse_layers(&parser, environment);
    if (err == HAUL_ERR_NOMEM)
        (void)fail_argument(&parser, "", 0, haul_err_text(err));
    return err;
}
