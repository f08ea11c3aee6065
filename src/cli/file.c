#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/owned.h"
#include "base/units.h"
#include "cli/check.h"
#include "cli/hint.h"
#include "cli/ini.h"
#include "cli/secret.h"
#include "cli/settings.h"
#include "model/host.h"

/* A [host] section: its values are taken into a configuration of their own first. */
struct section {
    bool is_open;
    const char *title; /* as written */
    struct haul_host_rule rule;
    struct haul_config config;
    struct haul_options_result result;
};

struct reader {
    bool is_exposed;              /* passwords are refused */
    struct haul_option_call call; /* what the calls have in common; its line is the last one read */
    struct haul_buf value;
    struct section section;
};

/* ---- messages ---- */

static enum haul_err fail_at(struct haul_buf *message, const struct haul_option_source *at,
                             const char *cause)
{
    haul_buf_clear(message);
    haul_option_begin_line(message, haul_span_of(at->name));
    if (at->line)
        haul_buf_addf(message, ":%llu", (unsigned long long)at->line);
    haul_buf_addf(message, ": %s", cause);
    return HAUL_ERR_USAGE;
}

static enum haul_err fail(struct reader *reader, const char *cause)
{
    return fail_at(reader->call.message, &reader->call.from, cause);
}

static enum haul_err fail_unknown(struct reader *reader, struct haul_span name)
{
    enum haul_err err = fail(reader, "unknown option '");
    const char *nearest;

    haul_escape_terminal(reader->call.message, name.at, name.len, false, HAUL_OPTION_SHOWN_MAX);
    while (name.len && *name.at == '-')
        name = (struct haul_span){name.at + 1, name.len - 1};
    if (name.len > 3 && !memcmp(name.at, "no-", 3))
        name = (struct haul_span){name.at + 3, name.len - 3};
    nearest = haul_hint_nearest(name);
    if (nearest)
        haul_buf_addf(reader->call.message, "'; did you mean %s?", nearest);
    else
        haul_buf_add_str(reader->call.message, "'; haul --help lists them");
    return err;
}

/* ---- sections ---- */

static bool is_host_byte(char c)
{
    return haul_ascii_is_alnum(c) || (c && strchr("-._*?:[]", c));
}

/* Takes "https://" off the title, in any case of letters. */
static const char *take_scheme(const char *title, enum haul_host_scheme *scheme)
{
    const struct haul_span name = {title, strcspn(title, ":")};

    if (strncmp(title + name.len, "://", 3) != 0)
        return title;
    if (haul_span_is_word(name, "https"))
        *scheme = HAUL_HOST_HTTPS;
    else if (haul_span_is_word(name, "http"))
        *scheme = HAUL_HOST_HTTP;
    else
        return title;
    return title + name.len + 3;
}

/* Splits ":443" off. False: what stands there is no port. */
static bool take_port(char *pattern, int *port)
{
    char *colon = strrchr(pattern, ':'), *bracket = strrchr(pattern, ']');
    const char *ignored;
    int64_t number;

    if (!colon || (bracket && colon < bracket))
        return true;
    if (haul_units_parse_int(colon + 1, 1, 65535, &number, &ignored))
        return false;
    *port = (int)number;
    *colon = '\0';
    return true;
}

/* Writes the section's title in lower case. False: it holds what no host name does. */
static bool read_name(char *pattern, const char *title)
{
    for (; *title; title++, pattern++) {
        *pattern = haul_ascii_lower(*title);
        if (!is_host_byte(*pattern))
            return false;
    }
    *pattern = '\0';
    return true;
}

/* Rules are for hosts as origins have them. */
static void drop_dot(char *pattern)
{
    pattern[haul_host_without_dot(haul_span_of(pattern)).len] = '\0';
}

static enum haul_err read_pattern(struct reader *reader, struct section *section)
{
    char *pattern = haul_config_grow(reader->call.config, NULL, 0, strlen(section->title) + 1);
    const char *host = take_scheme(section->title, &section->rule.scheme);

    if (!pattern)
        return HAUL_ERR_NOMEM;
    section->rule.pattern = pattern;
    if (!read_name(pattern, host))
        return fail(reader, "a section is for a host name, such as [host \"www.example.com\"], "
                            "[host \"https://www.example.com\"] or "
                            "[host \"*.example.com:8080\"]; international names are written in "
                            "ASCII (xn--...)");
    if (!take_port(pattern, &section->rule.port))
        return fail(reader, "the port behind the host name must be 1 to 65535 (an IPv6 address "
                            "stands in brackets)");
    drop_dot(pattern);
    return *pattern ? HAUL_OK : fail(reader, "a section needs a host name: [host \"NAME\"]");
}

static void copy_rule(const struct haul_config *from, struct haul_host_rule *rule)
{
    rule->per_host = from->per_host;
    rule->host_interval_us = from->host_interval_us;
    rule->headers = from->headers;
    rule->user_agent = from->user_agent;
    rule->user = from->user;
    rule->connect_timeout_ms = from->connect_timeout_ms;
    rule->max_time_ms = from->max_time_ms;
    rule->speed_limit = from->speed_limit;
    rule->speed_time_s = from->speed_time_s;
    rule->cert = from->cert;
    rule->key = from->key;
    rule->key_pass = from->key_pass;
    rule->limit_rate = from->limit_rate;
}

static enum haul_err add_read_files(struct haul_config *config, const struct haul_strings *files)
{
    enum haul_err err = HAUL_OK;

    for (size_t i = 0; i < files->count && !err; i++)
        err = haul_config_add_string(config, &config->read_files, files->item[i]);
    return err;
}

static enum haul_err end_section(struct reader *reader)
{
    struct section *section = &reader->section;
    enum haul_err err;

    if (!section->is_open)
        return HAUL_OK;
    section->is_open = false;
    copy_rule(&section->config, &section->rule);
    err = add_read_files(reader->call.config, &section->config.read_files);
    haul_config_adopt(reader->call.config, &section->config);
    return err ? err : haul_config_add_host_rule(reader->call.config, &section->rule);
}

static enum haul_err begin_section(struct reader *reader, const struct haul_ini_line *line)
{
    struct section *section = &reader->section;
    enum haul_err err = end_section(reader);

    if (err)
        return err;
    if (!haul_span_is(line->name, "host"))
        return fail(reader, "the only sections are [host \"NAME\"]");
    if (reader->call.config->host_rule_count == HAUL_HOST_RULES_MAX)
        return fail(reader, "more than 1000 sections");
    *section = (struct section){.rule = {.port = 0}};
    section->title = haul_config_keep(reader->call.config, haul_buf_str(&reader->value));
    if (!section->title)
        return HAUL_ERR_NOMEM;
    err = read_pattern(reader, section);
    haul_config_init(&section->config);
    section->is_open = !err;
    return err;
}

/* ---- options ---- */

static bool holds_password(const struct haul_option *option, const char *value)
{
    if (option->secret != HAUL_OPTION_SECRET)
        return false;
    return option->check != haul_check_proxy || strchr(value, '@');
}

static enum haul_err apply_for_host(struct reader *reader, struct haul_option_call *call,
                                    const char *value)
{
    struct section *section = &reader->section;
    const struct haul_option_setting setting = {.option = call->option,
                                                .value = value,
                                                .on = true,
                                                .from = call->from,
                                                .host = section->title};
    enum haul_err err;

    if (!call->option->host)
        return haul_option_fail(call, "not for single hosts; it stands before the first section");
    call->config = &section->config;
    call->result = &section->result;
    err = haul_option_write_text(call, value);
    if (err)
        return err;
    section->rule.says |= call->option->host;
    return haul_option_note(reader->call.config, reader->call.result, &setting);
}

static enum haul_err apply(struct reader *reader, const struct haul_ini_line *line)
{
    struct haul_option_call call = reader->call;

    if (!haul_option_find(&call, line->name))
        return fail_unknown(reader, line->name);
    if (call.option->only_typed)
        return haul_option_fail(&call, "only on the command line");
    if (reader->is_exposed && holds_password(call.option, line->value))
        return haul_option_fail(&call, "a password, and others can read this file: put it into one "
                                       "of its own (user-file, pass-file), or chmod 600");
    if (reader->section.is_open)
        return apply_for_host(reader, &call, line->value);
    return haul_option_apply_text(&call, line->value);
}

static enum haul_err read_line(struct reader *reader, const char *text, size_t len)
{
    struct haul_ini_line line;
    const char *cause;
    enum haul_err err = haul_ini_read_line(text, len, &reader->value, &line, &cause);

    if (err == HAUL_ERR_SYNTAX)
        return fail(reader, cause);
    if (err || line.kind == HAUL_INI_NOTHING)
        return err;
    return line.kind == HAUL_INI_SECTION ? begin_section(reader, &line) : apply(reader, &line);
}

/* ---- files ---- */

static enum haul_err read_lines(struct reader *reader, const char *at, const char *end)
{
    static const char mark[] = "\xef\xbb\xbf";
    enum haul_err err = HAUL_OK;

    if (end - at >= 3 && !memcmp(at, mark, 3))
        at += 3;
    while (at < end && !err) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;

        reader->call.from.line++;
        err = read_line(reader, at, (size_t)(stop - at));
        at = newline ? newline + 1 : end;
    }
    return err ? err : end_section(reader);
}

enum haul_err haul_config_text_read(const struct haul_config_text *text, struct haul_config *config,
                                    struct haul_options_result *result, struct haul_buf *message)
{
    struct reader reader = {.is_exposed = text->is_exposed,
                            .call = {.on = true,
                                     .config = config,
                                     .result = result,
                                     .message = message,
                                     .from = {.layer = HAUL_LAYER_FILE, .name = text->name}}};
    enum haul_err err;

    haul_buf_init(&reader.value, 0);
    err = read_lines(&reader, text->bytes, text->bytes + text->len);
    if (reader.section.is_open)
        haul_config_done(&reader.section.config);
    haul_buf_done(&reader.value);
    return err;
}

/*
 * Whoever may change a configuration says where haul writes and what it sends. Another user's has
 * been named by this one, and is told; but not where anybody could have put it.
 */
static enum haul_err check_status(const char *name, const struct stat *info,
                                  struct haul_buf *message)
{
    const struct haul_option_source at = {.name = name};
    struct haul_owned_found found = {.verdict = HAUL_OWNED_EXPOSED, .owner = info->st_uid};
    struct haul_buf cause;
    bool is_others = !haul_owned_is_by(info, geteuid()), is_refused;

    if (!S_ISREG(info->st_mode) || haul_owned_is_descriptor(name))
        return HAUL_OK;
    is_refused = (info->st_mode & S_IWOTH) ||
                 (is_others && haul_owned_directory_of(name) != HAUL_OWNED_DIRECTORY_CLOSED);
    if (!(info->st_mode & S_IWOTH))
        found.verdict = HAUL_OWNED_OTHERS;
    if (!is_refused && is_others) {
        haul_option_begin_line(message, haul_span_of(name));
        haul_buf_addf(message, ": this configuration belongs to another user (uid %lu)",
                      (unsigned long)info->st_uid);
    }
    if (!is_refused) {
        if (haul_owned_directory_of(name) == HAUL_OWNED_DIRECTORY_OPEN) {
            haul_option_begin_line(message, haul_span_of(name));
            haul_buf_addf(message, ": %s", haul_owned_replaceable);
        }
        return HAUL_OK;
    }
    haul_buf_init(&cause, 0);
    haul_owned_add_cause(&cause, &found);
    (void)fail_at(message, &at, haul_buf_str(&cause));
    haul_buf_done(&cause);
    return HAUL_ERR_USAGE;
}

static enum haul_err fail_to_read(const char *name, enum haul_err err,
                                  const struct haul_owned_found *found, struct haul_buf *message)
{
    const struct haul_option_source at = {.name = name};
    char cause[HAUL_IO_ERROR_MAX];
    int error = errno;

    if (err == HAUL_ERR_IO && found->verdict)
        return fail_at(message, &at, "not a regular file");
    if (err == HAUL_ERR_IO)
        return fail_at(message, &at, haul_io_error_text(error, cause));
    if (err == HAUL_ERR_LIMIT)
        return fail_at(message, &at, "longer than a configuration file may be (1 MiB)");
    return err;
}

static enum haul_err decode(const char *name, struct haul_buf *store, struct haul_buf *message)
{
    const struct haul_option_source at = {.name = name};
    const char *problem;
    enum haul_err err = haul_charset_decode(store, false, &problem);

    return err == HAUL_ERR_SYNTAX ? fail_at(message, &at, problem) : err;
}

/* Its bytes are those of `store`. */
static enum haul_err read_file(struct haul_config_text *text, struct haul_buf *store,
                               struct haul_buf *message)
{
    struct haul_owned_found found;
    struct stat info;
    int fd = haul_owned_open_input(text->name, &info, &found);
    enum haul_err err;

    if (fd < 0)
        return fail_to_read(text->name, HAUL_ERR_IO, &found, message);
    text->is_exposed = haul_secret_is_exposed(&info);
    err = check_status(text->name, &info, message);
    if (!err)
        err = fail_to_read(text->name, haul_secret_read(fd, HAUL_CONFIG_FILE_MAX, store), &found,
                           message);
    if (!err)
        err = decode(text->name, store, message);
    close(fd);
    text->bytes = haul_buf_str(store);
    text->len = store->len;
    return err;
}

enum haul_err haul_config_files_read(struct haul_config *config, struct haul_options_result *result,
                                     struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;

    for (size_t i = 0; i < result->files.count && !err; i++) {
        struct haul_config_text text = {.name = result->files.item[i], .is_exposed = true};
        struct haul_buf store;

        haul_buf_init(&store, 0);
        err = read_file(&text, &store, message);
        if (!err)
            err = haul_config_add_string(config, &config->read_files, text.name);
        if (!err)
            err = haul_config_text_read(&text, config, result, message);
        haul_buf_done(&store);
    }
    return err;
}
