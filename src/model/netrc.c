#include "model/netrc.h"

#include <string.h>

#include "base/ascii.h"

/* The shortest entry: "default ". */
enum { ENTRY_MIN = 8 };

size_t haul_netrc_room(size_t len)
{
    return len / ENTRY_MIN + 1;
}

/* ---- words ---- */

struct reader {
    char *at, *end; /* of what is left; a NUL stands at the end */
    struct haul_netrc_fault *fault;
    bool line_is_over; /* behind the last word */
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_line(struct reader *reader)
{
    while (reader->at < reader->end && *reader->at != '\n')
        reader->at++;
}

static void skip_blank(struct reader *reader)
{
    while (reader->at < reader->end && (is_space(*reader->at) || *reader->at == '#')) {
        if (*reader->at == '#')
            skip_line(reader);
        else
            reader->fault->line += *reader->at++ == '\n';
    }
}

static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/* Moves what is between the quotes to where they begin. NULL: they do not end on the line. */
static char *take_quoted(struct reader *reader)
{
    char *word = reader->at, *to = word;

    for (reader->at++; reader->at < reader->end && *reader->at != '\n'; reader->at++) {
        if (*reader->at == '"') {
            reader->at++;
            *to = '\0';
            return word;
        }
        if (*reader->at == '\\' && reader->at + 1 < reader->end && reader->at[1] != '\n')
            *to++ = unescape(*++reader->at);
        else
            *to++ = *reader->at;
    }
    reader->fault->cause = "a quotation mark is not closed";
    return NULL;
}

/* The next word, or NULL: there is none, or `fault` says why it is none. Its line is the fault's.
 */
static char *take_word(struct reader *reader)
{
    char *word;

    skip_blank(reader);
    reader->line_is_over = false;
    if (reader->at == reader->end)
        return NULL;
    if (*reader->at == '"')
        return take_quoted(reader);
    word = reader->at;
    while (reader->at < reader->end && !is_space(*reader->at))
        reader->at++;
    if (reader->at < reader->end) {
        reader->line_is_over = *reader->at == '\n';
        reader->fault->line += reader->line_is_over;
        *reader->at++ = '\0';
    }
    return word;
}

static bool is(const char *word, const char *wanted)
{
    return haul_span_is_word(haul_span_of(word), wanted);
}

static void go_to_next_line(struct reader *reader)
{
    skip_line(reader);
    if (reader->at < reader->end) {
        reader->at++;
        reader->fault->line++;
    }
}

/* Up to an empty line, behind that of the name. */
static void skip_macro(struct reader *reader)
{
    bool is_empty = false;

    if (!reader->line_is_over)
        go_to_next_line(reader);
    while (reader->at < reader->end && !is_empty) {
        is_empty = *reader->at == '\n' || *reader->at == '\r';
        go_to_next_line(reader);
    }
}

/* ---- entries ---- */

/* What the entry says that is begun; the next one may be written behind it. */
struct entries {
    struct haul_netrc_login *login;
    size_t count;
    bool is_begun;
};

static void end_entry(struct entries *entries)
{
    const struct haul_netrc_login *last = &entries->login[entries->count];

    if (entries->is_begun && (*last->login || *last->password))
        entries->count++;
    entries->is_begun = false;
}

static void begin_entry(struct entries *entries, const char *machine)
{
    end_entry(entries);
    entries->login[entries->count] = (struct haul_netrc_login){machine, "", ""};
    entries->is_begun = true;
}

/* Takes the word behind `word`, which has one. False: it is not there, or cannot be used. */
static bool take_value(struct reader *reader, struct entries *entries, const char *word)
{
    char *value = take_word(reader);

    if (!value) {
        if (!reader->fault->cause)
            reader->fault->cause = "a word is missing at the end";
        return false;
    }
    if (is(word, "machine")) {
        begin_entry(entries, value);
    } else if (is(word, "login") && entries->is_begun) {
        entries->login[entries->count].login = value;
        if (strchr(value, ':'))
            reader->fault->cause = "a login with a ':' cannot be sent (RFC 7617, 2)";
    } else if (is(word, "password") && entries->is_begun) {
        entries->login[entries->count].password = value;
    } else if (is(word, "macdef")) {
        skip_macro(reader);
    }
    return !reader->fault->cause;
}

static bool has_value(const char *word)
{
    return is(word, "machine") || is(word, "login") || is(word, "password") ||
           is(word, "account") || is(word, "macdef");
}

enum haul_err haul_netrc_read(char *text, size_t len, struct haul_netrc_login *login, size_t *count,
                              struct haul_netrc_fault *fault)
{
    struct reader reader = {.at = text, .end = text + len, .fault = fault};
    struct entries entries = {.login = login};
    char *word;

    *fault = (struct haul_netrc_fault){.line = 1};
    if (memchr(text, '\0', len))
        fault->cause = "a NUL is in it";
    while (!fault->cause && (word = take_word(&reader)) != NULL) {
        if (is(word, "default"))
            begin_entry(&entries, NULL);
        else if (has_value(word) && !take_value(&reader, &entries, word))
            break;
    }
    end_entry(&entries);
    *count = entries.count;
    return fault->cause ? HAUL_ERR_SYNTAX : HAUL_OK;
}

/* ---- who logs in ---- */

/* An IPv6 address has brackets in a URL, and here it may have them. */
static struct haul_span bare(struct haul_span host)
{
    if (host.len && host.at[host.len - 1] == '.')
        host.len--;
    if (host.len > 1 && *host.at == '[' && host.at[host.len - 1] == ']')
        return (struct haul_span){host.at + 1, host.len - 2};
    return host;
}

bool haul_netrc_is_for(const struct haul_netrc_login *login, struct haul_span host,
                       bool takes_default)
{
    struct haul_span machine, own = bare(host);

    if (!login->machine)
        return takes_default;
    machine = bare(haul_span_of(login->machine));
    if (machine.len != own.len)
        return false;
    for (size_t i = 0; i < own.len; i++)
        if (haul_ascii_lower(machine.at[i]) != haul_ascii_lower(own.at[i]))
            return false;
    return true;
}

const struct haul_netrc_login *haul_netrc_find(const struct haul_config *config,
                                               struct haul_span host, const char *user,
                                               bool takes_default)
{
    for (size_t i = 0; i < config->netrc_count; i++) {
        const struct haul_netrc_login *login = &config->netrc[i];

        if (haul_netrc_is_for(login, host, takes_default) &&
            (!user || strcmp(user, login->login) == 0))
            return login;
    }
    return NULL;
}
