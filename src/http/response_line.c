#include "http/response_line.h"

#include <string.h>

#include "base/ascii.h"
#include "http/field.h"

/* ---- names that decide where the body ends ---- */

static bool is_letter(char c)
{
    char lower = haul_ascii_lower(c);

    return lower >= 'a' && lower <= 'z';
}

/* Whether the letters of `text` begin with `word`, whatever stands between them. */
static bool begins_with_letters(struct haul_span text, const char *word)
{
    for (size_t i = 0; i < text.len && *word; i++) {
        if (!is_letter(text.at[i]))
            continue;
        if (haul_ascii_lower(text.at[i]) != *word)
            return false;
        word++;
    }
    return !*word;
}

/* Only from a letter is looked on, and by the length of a word: so this is linear. */
static bool names_framing(struct haul_span text)
{
    static const char *const words[] = {"contentlength", "contentrange", "transferencoding"};

    for (; text.len > 0; text.at++, text.len--) {
        if (!is_letter(*text.at))
            continue;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (begins_with_letters(text, words[i]))
                return true;
    }
    return false;
}

/* ---- lines and folds ---- */

bool haul_response_line_unwrap(struct haul_span *line)
{
    if (line->len == 0 || line->at[line->len - 1] != '\n')
        return false;
    line->len--;
    if (line->len > 0 && line->at[line->len - 1] == '\r')
        line->len--;
    return memchr(line->at, '\r', line->len) == NULL && memchr(line->at, '\n', line->len) == NULL &&
           memchr(line->at, '\0', line->len) == NULL;
}

bool haul_response_line_is_folded(struct haul_span line)
{
    return line.len > 0 && memchr(line.at, '\n', line.len - 1) != NULL;
}

/* The first of the lines that it has on the wire, or one that goes on: these begin with a blank. */
static bool may_be_unfolded(struct haul_span line, bool is_first)
{
    struct haul_span name;
    bool begins_blank = line.len > 0 && haul_ascii_is_blank(*line.at);
    bool has_colon = haul_span_take_before(&line, ':', &name);

    if (is_first)
        return has_colon && !begins_blank;
    return begins_blank && !(has_colon && names_framing(name));
}

bool haul_response_line_unfold(struct haul_span line, struct haul_buf *whole)
{
    bool is_first = true;

    for (; line.len > 0; is_first = false) {
        const char *lf = memchr(line.at, '\n', line.len);
        size_t len = lf ? (size_t)(lf - line.at) + 1 : line.len;
        struct haul_span one = haul_span_take(&line, len);

        if (!haul_response_line_unwrap(&one) || !may_be_unfolded(one, is_first))
            return false;
        one = haul_span_trim(one);
        if (!one.len)
            continue;
        if (!is_first)
            haul_buf_add_char(whole, ' ');
        haul_buf_add(whole, one.at, one.len);
    }
    return !whole->err;
}

/* ---- names ---- */

/* A status line, or the body already. */
static bool is_no_field(struct haul_span line)
{
    static const char version[] = "http/";
    const size_t len = sizeof version - 1;

    if (line.len == 0 || strchr(" \t<{[\"", *line.at))
        return true;
    return line.len > len && haul_span_is_word((struct haul_span){line.at, len}, version);
}

static bool is_token(struct haul_span name)
{
    return name.len > 0 && haul_field_name_len(name.at, name.len) == name.len;
}

enum haul_response_line haul_response_line_split(struct haul_span line, bool was_folded,
                                                 bool is_strict, struct haul_span *name,
                                                 struct haul_span *value)
{
    struct haul_span rest = line;

    if (!haul_span_take_before(&rest, ':', name))
        return HAUL_RESPONSE_LINE_REFUSED;
    *value = haul_span_trim(rest);
    if (is_token(*name) && (!was_folded || !names_framing(*name)))
        return HAUL_RESPONSE_LINE_FIELD;
    if (is_strict || is_no_field(line) || names_framing(*name))
        return HAUL_RESPONSE_LINE_REFUSED;
    *name = haul_span_trim(*name);
    return is_token(*name) ? HAUL_RESPONSE_LINE_FIELD : HAUL_RESPONSE_LINE_PASSED_OVER;
}
