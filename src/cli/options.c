#include "cli/options.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/file.h"
#include "cli/foreign.h"
#include "cli/hint.h"
#include "cli/settings.h"
#include "input/userinfo.h"

struct parser {
    char **argv;
    int argc;
    int at;                       /* the next argument */
    bool options_ended;           /* "--" was seen */
    struct haul_option_call call; /* what the calls have in common */
};

/* A message about an argument that is no known option. */
static enum haul_err fail_argument(struct parser *parser, struct haul_span text, const char *cause)
{
    haul_buf_clear(parser->call.message);
    haul_option_begin_line(parser->call.message, text);
    haul_buf_addf(parser->call.message, "%s%s", text.len ? ": " : "", cause);
    return HAUL_ERR_USAGE;
}

/* The same about all of them, or the lack of one. */
static enum haul_err fail(struct parser *parser, const char *cause)
{
    return fail_argument(parser, haul_span_of(NULL), cause);
}

static void hide_value(enum haul_option_secret secret, char *value)
{
    if (secret == HAUL_OPTION_SECRET_LOGIN)
        haul_userinfo_mask(value);
    if (secret == HAUL_OPTION_SECRET_FIELD)
        value += strcspn(value, ":;");
    if (secret == HAUL_OPTION_SECRET_FIELD || secret == HAUL_OPTION_SECRET)
        memset(value, '*', strlen(value));
}

static enum haul_err apply(struct haul_option_call *call, char *value)
{
    const char *cause = call->letter && value ? haul_foreign_value(call->letter, value) : NULL;
    enum haul_err err;

    if (call->result->verb == HAUL_VERB_REPORT && !call->option->for_report)
        return haul_option_fail(call, "means nothing to haul report, which fetches nothing");
    if (call->result->verb > HAUL_VERB_REPORT && !call->option->for_audit)
        return haul_option_fail(call, "means nothing to haul diff and haul history");
    call->value = cause ? value : NULL;
    err = cause ? haul_option_fail(call, cause) : haul_option_apply(call, value);
    if (value)
        hide_value(call->option->secret, value);
    return err;
}

static enum haul_err apply_next_argument(struct parser *parser, struct haul_option_call *call)
{
    enum haul_err err;

    if (parser->at < parser->argc)
        return apply(call, parser->argv[parser->at++]);
    err = haul_option_fail(call, "needs a value: ");
    haul_buf_add_str(call->message, call->option->metavar);
    return err;
}

static bool find_negated(struct haul_option_call *call, struct haul_span typed)
{
    call->on = false;
    return typed.len > 3 && !memcmp(typed.at, "no-", 3) &&
           haul_option_find(call, (struct haul_span){typed.at + 3, typed.len - 3}) &&
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

/* An option that there is not, dashes included. */
static enum haul_err fail_unknown(struct parser *parser, struct haul_span typed)
{
    enum haul_err err = fail_argument(parser, typed, "unknown option; ");
    const char *hint = haul_foreign_hint(typed), *nearest = NULL;

    if (!hint && typed.len > 2 && typed.at[1] == '-')
        nearest = haul_hint_nearest((struct haul_span){typed.at + 2, typed.len - 2});
    if (nearest)
        haul_buf_addf(parser->call.message, "did you mean --%s?", nearest);
    else
        haul_buf_add_str(parser->call.message, hint ? hint : "haul --help lists them");
    return err;
}

/* A letter that there is not, in a bundle; or else the bundle is one option, as wget's -nc. */
static enum haul_err fail_letter(struct parser *parser, const char *bundle, char letter)
{
    const struct haul_span whole = haul_span_of(bundle);

    if (haul_foreign_hint(whole))
        return fail_unknown(parser, whole);
    return fail_unknown(parser, (struct haul_span){(char[]){'-', letter}, 2});
}

static enum haul_err parse_long(struct parser *parser, char *arg)
{
    struct haul_option_call call = parser->call;
    const struct haul_span name = {arg + 2, strcspn(arg + 2, "=")};
    char *value = arg[2 + name.len] ? arg + 2 + name.len + 1 : NULL;

    if (!haul_option_find(&call, name) && !find_negated(&call, name))
        return fail_unknown(parser, (struct haul_span){arg, name.len + 2});
    if (value && !call.option->metavar)
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
        struct haul_option_call call = parser->call;

        if (!find_letter(&call, *at))
            return fail_letter(parser, arg, *at);
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
    struct haul_option_call call = parser->call;

    (void)haul_option_find(&call, haul_span_of("input"));
    return haul_option_apply(&call, name);
}

static enum haul_err parse_url(struct parser *parser, char *url)
{
    struct haul_option_call call = parser->call;
    enum haul_err err = haul_config_add_source(parser->call.config, HAUL_SOURCE_URL, url);

    haul_userinfo_mask(url);
    /* Who names a URL does not mean the lists of a configuration file. */
    (void)haul_option_find(&call, haul_span_of("input"));
    parser->call.result->given[haul_option_slot(call.option)] = HAUL_LAYER_COMMAND_LINE;
    return err;
}

/* curl's "-C -", where nobody types a list: haul would wait for one. */
static bool is_offset(const struct parser *parser, const char *arg)
{
    const char *before = parser->at > 1 ? parser->argv[parser->at - 2] : "";
    size_t len = strlen(before);
    bool is_letter = len > 1 && before[0] == '-' && before[1] != '-' && before[len - 1] == 'C';

    return !strcmp(arg, "-") && (is_letter || !strcmp(before, "--continue")) &&
           isatty(STDIN_FILENO);
}

static enum haul_err parse_operand(struct parser *parser, char *arg)
{
    if (is_offset(parser, arg))
        return fail_argument(parser, haul_span_of("-C -"),
                             "the offset is always found out; leave out the \"-\", which would be "
                             "the list on standard input");
    if (!strcmp(arg, "-"))
        return parse_list(parser, arg);
    if (!strcmp(arg, "@"))
        return fail_argument(parser, haul_span_of(arg), "names no file; a list is written @FILE");
    if (*arg == '@')
        return parse_list(parser, arg + 1);
    if (!*arg)
        return fail(parser, "an argument is empty; a URL was expected");
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
    const struct haul_config *config = parser->call.config;
    struct stat status;

    for (size_t i = 0; i < config->source_count; i++) {
        const char *text = config->source[i].text;

        if (config->source[i].kind != HAUL_SOURCE_URL || strstr(text, "://") ||
            stat(text, &status) || !S_ISREG(status.st_mode))
            continue;
        haul_option_begin_line(parser->call.message, haul_span_of(text));
        haul_buf_add_str(parser->call.message,
                         ": taken as a URL, but there is a file of that name; "
                         "a list is written @FILE or -i FILE");
    }
}

/* "haul reprot" and "haul help" ask for http://reprot/ and http://help/. */
static void warn_of_verb(struct parser *parser)
{
    const char *word = parser->argc > 1 ? parser->argv[1] : "";
    const char *command = haul_hint_command(haul_span_of(word));

    if (!command || *word == '-' || *word == '@')
        return;
    haul_option_begin_line(parser->call.message, haul_span_of(word));
    haul_buf_addf(parser->call.message,
                  ": taken as a URL; did you mean %s? (a host of that name is written http://%s)",
                  command, word);
}

/* A list, or for haul report and haul diff a journal or a history, must not become a report. */
static enum haul_err check_written(struct parser *parser, const char *file)
{
    const struct haul_config *config = parser->call.config;
    struct stat written, read;

    if (!file || stat(file, &written) || !S_ISREG(written.st_mode))
        return HAUL_OK;
    for (size_t i = 0; i < config->source_count; i++)
        if (!stat(config->source[i].text, &read) && read.st_dev == written.st_dev &&
            read.st_ino == written.st_ino)
            return fail_argument(parser, haul_span_of(file),
                                 "is to be read, and would be overwritten");
    return HAUL_OK;
}

static enum haul_err check_all_written(struct parser *parser)
{
    const struct haul_config *config = parser->call.config;
    enum haul_err err = check_written(parser, config->output);

    if (!err)
        err = check_written(parser, config->save_failed);
    if (!err)
        err = check_written(parser, config->tar);
    for (size_t i = 0; i < config->reports.count && !err; i++) {
        const char *colon = strchr(config->reports.item[i], ':');

        err = check_written(parser, colon ? colon + 1 : NULL);
    }
    return err;
}

/* Standard input can be read once; and it is the list when nothing else is. */
static enum haul_err settle_sources(struct parser *parser)
{
    struct haul_config *config = parser->call.config;
    size_t i, stdin_count = 0;

    for (i = 0; i < config->source_count; i++)
        stdin_count +=
            config->source[i].kind == HAUL_SOURCE_FILE && !strcmp(config->source[i].text, "-");
    if (stdin_count > 1)
        return fail_argument(parser, haul_span_of("-"), "standard input can be read only once");
    if (parser->call.result->verb <= HAUL_VERB_DRY_RUN) {
        warn_of_files(parser);
        warn_of_verb(parser);
    }
    if (config->source_count)
        return HAUL_OK;
    if (isatty(STDIN_FILENO))
        return fail(parser, "nothing to fetch; name a URL or a list (haul -i FILE), or see "
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
    struct haul_options_result *result = parser->call.result;
    enum haul_err err = HAUL_OK;

    result->verb = find_verb(parser);
    parser->at += result->verb != HAUL_VERB_RUN;
    while (!err && parser->at < parser->argc && !result->help && !result->version)
        err = parse_argument(parser);
    return err;
}

/* What a configuration file says is for runs: a report must not replace what one of these saved. */
static void forget_save_failed(struct parser *parser)
{
    struct haul_option_call call = parser->call;

    if (call.result->verb == HAUL_VERB_REPORT &&
        haul_option_find(&call, haul_span_of("save-failed")) &&
        call.result->given[haul_option_slot(call.option)] != HAUL_LAYER_COMMAND_LINE)
        call.config->save_failed = NULL;
}

static enum haul_err parse_layers(struct parser *parser, const char *const *environment)
{
    struct haul_options_result *result = parser->call.result;
    enum haul_err err = parse_arguments(parser);

    if (err || result->help || result->version)
        return err;
    err = haul_environment_read(environment, parser->call.config, result, parser->call.message);
    if (!err)
        err = haul_config_files_read(parser->call.config, result, parser->call.message);
    forget_save_failed(parser);
    if (result->verb == HAUL_VERB_RUN && parser->call.config->dry_run)
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
                            .call = {.on = true,
                                     .config = config,
                                     .result = result,
                                     .message = message,
                                     .from = {.layer = HAUL_LAYER_COMMAND_LINE}}};
    enum haul_err err;

    haul_config_init(config);
    *result = (struct haul_options_result){.help = false};
    err = parse_layers(&parser, environment);
    if (err == HAUL_ERR_NOMEM)
        (void)fail(&parser, haul_err_text(err));
    return err;
}
