#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/units.h"
#include "cli/ini.h"
#include "cli/nearest.h"
#include "cli/secret.h"
#include "cli/set.h"
#include "cli/settings.h"

enum { SHOWN_MAX = 100 };

/* A [host] section: its values are taken into a configuration of their own first. */
struct section {
    bool is_open;
    const char *title; /* as written */
    struct haul_host_rule rule;
    struct haul_config config;
    struct haul_options_result result;
};

struct reader {
    const struct haul_config_text *text;
    uint64_t line;
    struct haul_config *config;
    struct haul_options_result *result;
    struct haul_buf *message;
    struct haul_buf value;
    struct section section;
};

/* ---- messages ---- */

static void begin_message(struct reader *reader)
{
    haul_buf_clear(reader->message);
    haul_buf_add_str(reader->message, "haul: ");
    haul_escape_terminal(reader->message, reader->text->name, strlen(reader->text->name), false,
                         SHOWN_MAX);
    if (reader->line)
        haul_buf_addf(reader->message, ":%llu", (unsigned long long)reader->line);
    haul_buf_add_str(reader->message, ": ");
}

static enum haul_err fail(struct reader *reader, const char *cause)
{
    begin_message(reader);
    haul_buf_add_str(reader->message, cause);
    return HAUL_ERR_USAGE;
}

static enum haul_err fail_io(struct reader *reader, int error)
{
    char cause[HAUL_IO_ERROR_MAX];

    return fail(reader, haul_io_error_text(error, cause));
}

static enum haul_err fail_unknown(struct reader *reader, const char *name, size_t len)
{
    const char *nearest;

    begin_message(reader);
    haul_buf_add_str(reader->message, "unknown option '");
    haul_escape_terminal(reader->message, name, len, false, SHOWN_MAX);
    while (len && *name == '-') {
        name++;
        len--;
    }
    if (len > 3 && !memcmp(name, "no-", 3)) {
        name += 3;
        len -= 3;
    }
    nearest = haul_nearest_option(name, len);
    if (nearest)
        haul_buf_addf(reader->message, "'; did you mean %s?", nearest);
    else
        haul_buf_add_str(reader->message, "'; haul --help lists them");
    return HAUL_ERR_USAGE;
}

/* ---- sections ---- */

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._*?:[]", c));
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
        *pattern = *title >= 'A' && *title <= 'Z' ? (char)(*title - 'A' + 'a') : *title;
        if (!is_host_byte(*pattern))
            return false;
    }
    *pattern = '\0';
    return true;
}

static enum haul_err read_pattern(struct reader *reader, struct section *section)
{
    char *pattern = haul_config_grow(reader->config, NULL, 0, strlen(section->title) + 1);

    if (!pattern)
        return HAUL_ERR_NOMEM;
    section->rule.pattern = pattern;
    if (!read_name(pattern, section->title))
        return fail(reader, "a section is for a host name, such as [host \"www.example.com\"] or "
                            "[host \"*.example.com:8080\"]; international names are written in "
                            "ASCII (xn--...)");
    if (!take_port(pattern, &section->rule.port))
        return fail(reader, "the port behind the host name must be 1 to 65535 (an IPv6 address "
                            "stands in brackets)");
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
}

static enum haul_err end_section(struct reader *reader)
{
    struct section *section = &reader->section;

    if (!section->is_open)
        return HAUL_OK;
    section->is_open = false;
    copy_rule(&section->config, &section->rule);
    haul_config_adopt(reader->config, &section->config);
    return haul_config_add_host_rule(reader->config, &section->rule);
}

static enum haul_err begin_section(struct reader *reader, const struct haul_ini_line *line)
{
    struct section *section = &reader->section;
    enum haul_err err = end_section(reader);

    if (err)
        return err;
    if (line->name_len != 4 || memcmp(line->name, "host", 4) != 0)
        return fail(reader, "the only sections are [host \"NAME\"]");
    if (reader->config->host_rule_count == HAUL_HOST_RULES_MAX)
        return fail(reader, "more than 1000 sections");
    *section = (struct section){.rule = {.port = 0}};
    section->title = haul_config_keep(reader->config, haul_buf_str(&reader->value));
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
    return option->set != haul_option_set_proxy || strchr(value, '@');
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
    return haul_option_note(reader->config, reader->result, &setting);
}

static enum haul_err apply(struct reader *reader, const struct haul_ini_line *line)
{
    struct haul_option_call call = {
        .on = true,
        .config = reader->config,
        .result = reader->result,
        .message = reader->message,
        .from = {.layer = HAUL_LAYER_FILE, .name = reader->text->name, .line = reader->line}};

    if (!haul_option_find(&call, line->name, line->name_len))
        return fail_unknown(reader, line->name, line->name_len);
    if (call.option->only_typed)
        return haul_option_fail(&call, "only on the command line");
    if (reader->text->is_exposed && holds_password(call.option, line->value))
        return haul_option_fail(&call, "a password, and others can read this file: put it into one "
                                       "of its own (user-file), or chmod 600");
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

static enum haul_err read_lines(struct reader *reader)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *at = reader->text->bytes, *end = at + reader->text->len;
    enum haul_err err = HAUL_OK;

    if (end - at >= 3 && !memcmp(at, mark, 3))
        at += 3;
    while (at < end && !err) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;

        reader->line++;
        err = read_line(reader, at, (size_t)(stop - at));
        at = newline ? newline + 1 : end;
    }
    return err ? err : end_section(reader);
}

enum haul_err haul_config_text_read(const struct haul_config_text *text, struct haul_config *config,
                                    struct haul_options_result *result, struct haul_buf *message)
{
    struct reader reader = {.text = text, .config = config, .result = result, .message = message};
    enum haul_err err;

    haul_buf_init(&reader.value, 0);
    err = read_lines(&reader);
    if (reader.section.is_open)
        haul_config_done(&reader.section.config);
    haul_buf_done(&reader.value);
    return err;
}

/* Everything that is in it, up to one byte more than allowed. */
static enum haul_err read_all(int fd, struct haul_buf *to)
{
    enum { PIECE = 16384 };
    ssize_t got = 1;

    while (got && to->len <= HAUL_CONFIG_FILE_MAX) {
        char *room = haul_buf_reserve(to, PIECE);

        if (!room)
            return HAUL_ERR_NOMEM;
        got = read(fd, room, PIECE);
        if (got < 0 && errno != EINTR)
            return HAUL_ERR_IO;
        haul_buf_grew(to, got > 0 ? (size_t)got : 0);
    }
    return HAUL_OK;
}

static enum haul_err read_file(struct reader *reader, struct haul_config_text *text)
{
    int fd = open(text->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    enum haul_err err = HAUL_OK;
    struct haul_buf bytes;
    struct stat info;

    if (fd < 0)
        return fail_io(reader, errno);
    haul_buf_init(&bytes, 0);
    if (!fstat(fd, &info))
        text->is_exposed = haul_secret_is_exposed(&info);
    err = read_all(fd, &bytes);
    if (err == HAUL_ERR_IO)
        err = fail_io(reader, errno);
    else if (!err && bytes.len > HAUL_CONFIG_FILE_MAX)
        err = fail(reader, "longer than a configuration file may be (1 MiB)");
    close(fd);
    text->bytes = haul_buf_str(&bytes);
    text->len = bytes.len;
    if (!err)
        err = haul_config_text_read(text, reader->config, reader->result, reader->message);
    haul_buf_done(&bytes);
    return err;
}

enum haul_err haul_config_files_read(struct haul_config *config, struct haul_options_result *result,
                                     struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;

    for (size_t i = 0; i < result->files.count && !err; i++) {
        struct haul_config_text text = {.name = result->files.item[i], .is_exposed = true};
        struct reader reader = {
            .text = &text, .config = config, .result = result, .message = message};

        err = read_file(&reader, &text);
    }
    return err;
}
