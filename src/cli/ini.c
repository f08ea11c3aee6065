#include "cli/ini.h"

#include <stdbool.h>
#include <string.h>

#include "base/escape.h"

struct span {
    const char *at;
    size_t len;
};

static enum haul_err fail(const char *why, const char **cause)
{
    *cause = why;
    return HAUL_ERR_SYNTAX;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trimmed(struct span text)
{
    while (text.len && is_blank(*text.at)) {
        text.at++;
        text.len--;
    }
    while (text.len && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

static bool has_control(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)text.at[i] < 0x20 && text.at[i] != '\t') || text.at[i] == 0x7f)
            return true;
    return false;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    char lower = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    const char *found = lower ? strchr(digits, lower) : NULL;

    return found ? (int)(found - digits) : -1;
}

/* What stands behind a backslash, and moves `*at` behind it. False: nothing that there is. */
static bool read_escape(struct span text, size_t *at, char *byte)
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
    high = hex_digit(text.at[*at + 1]);
    low = hex_digit(text.at[*at + 2]);
    if (high < 0 || low < 0)
        return false;
    *byte = (char)(high << 4 | low);
    *at += 3;
    return *byte;
}

/* The inside of quotes, of which the first is at text.at[0]; `*end` is behind the last one. */
static enum haul_err read_quoted(struct span text, size_t *end, struct haul_buf *store,
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

static bool looks_commented(struct span text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.at[i] == '#' && is_blank(text.at[i - 1]))
            return true;
    return false;
}

static enum haul_err read_value(struct span text, struct haul_buf *store, const char **cause)
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

static enum haul_err read_section(struct span text, struct haul_buf *store,
                                  struct haul_ini_line *out, const char **cause)
{
    struct span inside = {text.at + 1, text.len - 1}, name;

    if (text.at[text.len - 1] != ']')
        return fail("a section is written [host \"NAME\"]", cause);
    inside.len--;
    inside = trimmed(inside);
    name = inside;
    for (name.len = 0; name.len < inside.len && !is_blank(inside.at[name.len]);)
        name.len++;
    out->kind = HAUL_INI_SECTION;
    out->name = name.at;
    out->name_len = name.len;
    return read_value(trimmed((struct span){name.at + name.len, inside.len - name.len}), store,
                      cause);
}

static enum haul_err read_pair(struct span text, struct haul_buf *store, struct haul_ini_line *out,
                               const char **cause)
{
    const char *equals = memchr(text.at, '=', text.len);
    struct span name = text;

    if (!equals)
        return fail("not of the form NAME = VALUE", cause);
    name.len = (size_t)(equals - text.at);
    name = trimmed(name);
    if (!name.len)
        return fail("there is no name before the \"=\"", cause);
    out->kind = HAUL_INI_PAIR;
    out->name = name.at;
    out->name_len = name.len;
    equals++;
    return read_value(trimmed((struct span){equals, text.len - (size_t)(equals - text.at)}), store,
                      cause);
}

enum haul_err haul_ini_read_line(const char *line, size_t len, struct haul_buf *store,
                                 struct haul_ini_line *out, const char **cause)
{
    struct span text = trimmed((struct span){line, len});
    enum haul_err err = HAUL_OK;

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

static bool is_plain(const char *value, size_t len)
{
    struct span text = {value, len};

    if (!len || *value == '"' || is_blank(*value) || is_blank(value[len - 1]) ||
        looks_commented(text))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)value[i] < 0x20 || (unsigned char)value[i] > 0x7e)
            return false;
    return true;
}

void haul_ini_add_value(struct haul_buf *buf, const char *value)
{
    size_t len = strlen(value);

    if (is_plain(value, len)) {
        haul_buf_add(buf, value, len);
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
