#include "cli/ini.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/escape.h"

static enum haul_err fail(const char *why, const char **cause)
{
    *cause = why;
    return HAUL_ERR_SYNTAX;
}

/* Lines may end in CR LF, or hold a CR at their end. */
static bool is_blank(char c)
{
    return haul_ascii_is_blank(c) || c == '\r';
}

static struct haul_span trimmed(struct haul_span text)
{
    while (text.len && is_blank(*text.at)) {
        text.at++;
        text.len--;
    }
    while (text.len && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

static bool has_control(struct haul_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (haul_ascii_is_control(text.at[i]) && text.at[i] != '\t')
            return true;
    return false;
}

/* What stands behind a backslash, and moves `*at` behind it. False: nothing that there is. */
static bool read_escape(struct haul_span text, size_t *at, char *byte)
{
    static const char names[] = "\"\\tnr", bytes[] = "\"\\\t\n\r";
    const char *found;
    int high, low;

    if (*at >= text.len)
        return false;
    found = strchr(names, text.at[*at]);
    if (found && *found) {
        *byte = bytes[found - names];
        ++*at;
        return true;
    }
    if (text.at[*at] != 'x' || text.len - *at < 3)
        return false;
    high = haul_ascii_hex_value(text.at[*at + 1]);
    low = haul_ascii_hex_value(text.at[*at + 2]);
    if (high < 0 || low < 0)
        return false;
    *byte = (char)(high << 4 | low);
    *at += 3;
    return *byte;
}

/* The inside of quotes, of which the first is at text.at[0]; `*end` is behind the last one. */
static enum haul_err read_quoted(struct haul_span text, size_t *end, struct haul_buf *store,
                                 const char **cause)
{
    size_t at = 1;

    while (at < text.len && text.at[at] != '"') {
        char byte = text.at[at++];

        if (byte == '\\' && !read_escape(text, &at, &byte))
            return fail("a backslash in quotes is followed by one of \" \\ t n r xNN", cause);
        haul_buf_add_char(store, byte);
    }
    if (at == text.len)
        return fail("the quotation mark is not closed", cause);
    *end = at + 1;
    return store->err;
}

static bool looks_commented(struct haul_span text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.at[i] == '#' && is_blank(text.at[i - 1]))
            return true;
    return false;
}

static enum haul_err read_value(struct haul_span text, struct haul_buf *store, const char **cause)
{
    size_t end;
    enum haul_err err;

    if (text.len && *text.at == '"') {
        err = read_quoted(text, &end, store, cause);
        if (!err && end != text.len)
            err = fail("something follows the closing quotation mark", cause);
        return err;
    }
    if (looks_commented(text))
        return fail("a comment stands on a line of its own; if \" #\" is meant, put the value in "
                    "double quotes",
                    cause);
    haul_buf_add(store, text.at, text.len);
    return store->err;
}

static enum haul_err read_section(struct haul_span text, struct haul_buf *store,
                                  struct haul_ini_line *out, const char **cause)
{
    struct haul_span inside;
    size_t len = 0;

    if (text.at[text.len - 1] != ']')
        return fail("a section is written [host \"NAME\"]", cause);
    inside = trimmed((struct haul_span){text.at + 1, text.len - 2});
    while (len < inside.len && !is_blank(inside.at[len]))
        len++;
    out->kind = HAUL_INI_SECTION;
    out->name = (struct haul_span){inside.at, len};
    return read_value(trimmed((struct haul_span){inside.at + len, inside.len - len}), store, cause);
}

static enum haul_err read_pair(struct haul_span text, struct haul_buf *store,
                               struct haul_ini_line *out, const char **cause)
{
    const char *equals = memchr(text.at, '=', text.len);
    size_t len;

    if (!equals)
        return fail("not of the form NAME = VALUE", cause);
    len = (size_t)(equals - text.at);
    out->kind = HAUL_INI_PAIR;
    out->name = trimmed((struct haul_span){text.at, len});
    if (!out->name.len)
        return fail("there is no name before the \"=\"", cause);
    return read_value(trimmed((struct haul_span){equals + 1, text.len - len - 1}), store, cause);
}

enum haul_err haul_ini_read_line(const char *line, size_t len, struct haul_buf *store,
                                 struct haul_ini_line *out, const char **cause)
{
    struct haul_span text = trimmed((struct haul_span){line, len});
    enum haul_err err;

    *out = (struct haul_ini_line){.kind = HAUL_INI_NOTHING};
    haul_buf_clear(store);
    if (has_control(text))
        return fail("a control character", cause);
    if (!text.len || *text.at == '#' || *text.at == ';')
        return HAUL_OK;
    err = *text.at == '[' ? read_section(text, store, out, cause)
                          : read_pair(text, store, out, cause);
    out->value = haul_buf_str(store);
    return err;
}

/* ---- writing ---- */

static bool is_plain(struct haul_span text)
{
    if (!text.len || *text.at == '"' || trimmed(text).len < text.len || looks_commented(text))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20 || (unsigned char)text.at[i] > 0x7e)
            return false;
    return true;
}

void haul_ini_add_value(struct haul_buf *buf, const char *value)
{
    if (is_plain(haul_span_of(value))) {
        haul_buf_add_str(buf, value);
        return;
    }
    haul_buf_add_char(buf, '"');
    for (const char *at = value; *at; at++) {
        if (*at == '"')
            haul_buf_add_str(buf, "\\\"");
        else
            haul_escape_terminal(buf, at, 1, false, 0);
    }
    haul_buf_add_char(buf, '"');
}
