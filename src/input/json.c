#include "input/json.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

enum { DEPTH_MAX = 64 };

void haul_json_init(struct haul_json *json, struct haul_span text)
{
    *json = (struct haul_json){
        .begin = text.at, .at = text.at, .end = text.at + text.len, .is_first = true};
}

/* Returns false, for whoever wants to return it. The first problem is the cause of the others. */
static bool complain(struct haul_json *json, const char *problem)
{
    if (!json->problem)
        json->problem = problem;
    return false;
}

static void skip_space(struct haul_json *json)
{
    while (json->at < json->end &&
           (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r'))
        json->at++;
}

/* The next byte that is no white space is this one, and is skipped. */
static bool take(struct haul_json *json, char byte)
{
    skip_space(json);
    if (json->at == json->end || *json->at != byte)
        return false;
    json->at++;
    return true;
}

/* ---- strings ---- */

static bool is_unit(const char *at, const char *end, uint32_t *unit)
{
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return false;
    *unit = 0;
    for (int i = 2; i < 6; i++) {
        int digit = haul_ascii_hex_value(at[i]);

        if (digit < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

/* The code point of a \u escape, or of two. Returns its bytes; 0: it is none. */
static size_t read_point(const char *at, const char *end, uint32_t *point)
{
    uint32_t low;

    if (!is_unit(at, end, point) || (*point >= 0xdc00 && *point < 0xe000))
        return 0;
    if (*point < 0xd800 || *point >= 0xe000)
        return 6;
    if (!is_unit(at + 6, end, &low) || low < 0xdc00 || low >= 0xe000)
        return 0;
    *point = 0x10000 + ((*point - 0xd800) << 10) + (low & 0x3ff);
    return 12;
}

static const char plain_escapes[] = "\"\\/bfnrt", plain_values[] = "\"\\/\b\f\n\r\t";

/* At a backslash. */
static bool skip_escape(struct haul_json *json)
{
    uint32_t point;
    size_t len = 2;

    if (json->end - json->at < 2)
        return complain(json, "a string is not closed");
    if (json->at[1] == 'u')
        len = read_point(json->at, json->end, &point);
    else if (!json->at[1] || !strchr(plain_escapes, json->at[1]))
        len = 0;
    json->at += len;
    return len || complain(json, "a wrong escape");
}

/* At a byte that is not plain ASCII. */
static bool skip_special(struct haul_json *json)
{
    struct haul_utf8 point;

    if (*json->at == '\\')
        return skip_escape(json);
    if ((unsigned char)*json->at < 0x20)
        return complain(json, "a control character in a string");
    point = haul_utf8_next(json->at, (size_t)(json->end - json->at));
    json->at += point.valid ? point.len : 0;
    return point.valid || complain(json, "a string that is not UTF-8");
}

/* Not plain: quotation mark, backslash, controls, and what is not ASCII. */
static bool is_plain(char byte)
{
    return (unsigned char)byte >= 0x20 && (unsigned char)byte < 0x80 && byte != '"' && byte != '\\';
}

/* Behind the first quotation mark; `out` gets what is inside. */
static bool read_string(struct haul_json *json, struct haul_json_value *out)
{
    const char *begin = json->at;

    out->kind = HAUL_JSON_STRING;
    out->has_escapes = false;
    while (json->at < json->end && *json->at != '"') {
        if (is_plain(*json->at)) {
            json->at++;
            continue;
        }
        out->has_escapes = out->has_escapes || *json->at == '\\';
        if (!skip_special(json))
            return false;
    }
    if (json->at == json->end)
        return complain(json, "a string is not closed");
    out->text = (struct haul_span){begin, (size_t)(json->at - begin)};
    json->at++;
    return true;
}

/* ---- other values ---- */

static bool skip_digits(struct haul_json *json)
{
    const char *begin = json->at;

    while (json->at < json->end && haul_ascii_is_digit(*json->at))
        json->at++;
    return json->at > begin;
}

static bool skip_byte(struct haul_json *json, const char *any_of)
{
    if (json->at == json->end || !*json->at || !strchr(any_of, *json->at))
        return false;
    json->at++;
    return true;
}

static bool skip_number(struct haul_json *json)
{
    bool is_well;

    (void)skip_byte(json, "-");
    is_well = skip_byte(json, "0") || skip_digits(json);
    if (is_well && skip_byte(json, "."))
        is_well = skip_digits(json);
    if (is_well && skip_byte(json, "eE")) {
        (void)skip_byte(json, "+-");
        is_well = skip_digits(json);
    }
    return is_well || complain(json, "a wrong number");
}

static bool skip_word(struct haul_json *json, enum haul_json_kind *kind)
{
    static const char *const words[] = {
        [HAUL_JSON_NULL] = "null", [HAUL_JSON_FALSE] = "false", [HAUL_JSON_TRUE] = "true"};

    for (int i = HAUL_JSON_NULL; i <= HAUL_JSON_TRUE; i++) {
        size_t len = strlen(words[i]);

        if ((size_t)(json->end - json->at) < len || memcmp(json->at, words[i], len) != 0)
            continue;
        json->at += len;
        *kind = (enum haul_json_kind)i;
        return true;
    }
    return complain(json, json->at == json->end ? "a value is missing" : "no JSON value");
}

static bool skip_value(struct haul_json *json, int depth, struct haul_json_value *out);

/* Behind its bracket. */
static bool skip_array(struct haul_json *json, int depth)
{
    struct haul_json_value value;

    if (take(json, ']'))
        return true;
    do {
        if (!skip_value(json, depth, &value))
            return false;
    } while (take(json, ','));
    return take(json, ']') || complain(json, "an array that goes on without a comma");
}

static bool read_member(struct haul_json *json, int depth, struct haul_json_value *name,
                        struct haul_json_value *value)
{
    if (!take(json, '"'))
        return complain(json, "a name in quotation marks is missing");
    if (!read_string(json, name))
        return false;
    if (!take(json, ':'))
        return complain(json, "a colon is missing");
    return skip_value(json, depth, value);
}

static bool skip_object(struct haul_json *json, int depth)
{
    struct haul_json_value name, value;

    if (take(json, '}'))
        return true;
    do {
        if (!read_member(json, depth, &name, &value))
            return false;
    } while (take(json, ','));
    return take(json, '}') || complain(json, "an object that goes on without a comma");
}

/* `depth`: of what the value stands in. */
static bool skip_nested(struct haul_json *json, int depth, struct haul_json_value *out)
{
    out->kind = *json->at++ == '{' ? HAUL_JSON_OBJECT : HAUL_JSON_ARRAY;
    if (depth == DEPTH_MAX)
        return complain(json, "values more than 64 deep");
    return out->kind == HAUL_JSON_OBJECT ? skip_object(json, depth + 1)
                                         : skip_array(json, depth + 1);
}

static bool skip_value(struct haul_json *json, int depth, struct haul_json_value *out)
{
    const char *begin;
    bool is_well;
    char first;

    skip_space(json);
    begin = json->at;
    first = '\0';
    if (json->at < json->end)
        first = *json->at;
    if (first == '"') {
        json->at++;
        return read_string(json, out);
    }
    out->has_escapes = false;
    if (first == '{' || first == '[') {
        is_well = skip_nested(json, depth, out);
    } else if (first == '-' || haul_ascii_is_digit(first)) {
        out->kind = HAUL_JSON_NUMBER;
        is_well = skip_number(json);
    } else {
        is_well = skip_word(json, &out->kind);
    }
    out->text = (struct haul_span){begin, (size_t)(json->at - begin)};
    return is_well;
}

/* ---- the walk ---- */

/* Behind the object. */
static bool finish(struct haul_json *json)
{
    json->is_over = true;
    skip_space(json);
    if (json->at < json->end)
        (void)complain(json, "text behind the object");
    return false;
}

bool haul_json_next(struct haul_json *json, struct haul_json_value *name,
                    struct haul_json_value *value)
{
    bool is_first = json->is_first;

    json->is_first = false;
    if (json->problem || json->is_over)
        return false;
    if (is_first && !take(json, '{'))
        return complain(json, "it does not begin with '{'");
    if (take(json, '}'))
        return finish(json);
    if (!is_first && !take(json, ','))
        return complain(json, "an object that goes on without a comma");
    return read_member(json, 1, name, value);
}

const char *haul_json_kind_text(enum haul_json_kind kind)
{
    static const char *const texts[] = {
        [HAUL_JSON_NULL] = "null",        [HAUL_JSON_FALSE] = "false",
        [HAUL_JSON_TRUE] = "true",        [HAUL_JSON_NUMBER] = "a number",
        [HAUL_JSON_STRING] = "a string",  [HAUL_JSON_ARRAY] = "an array",
        [HAUL_JSON_OBJECT] = "an object",
    };

    return texts[kind];
}

/* At an escape. Returns its bytes. */
static size_t decode(const char *at, const char *end, char **to)
{
    uint32_t point = 0;
    size_t len;

    if (at[1] != 'u') {
        *(*to)++ = plain_values[strchr(plain_escapes, at[1]) - plain_escapes];
        return 2;
    }
    len = read_point(at, end, &point);
    *to = haul_utf8_put(*to, point);
    return len;
}

char *haul_json_put(char *to, const struct haul_json_value *string)
{
    const char *at = string->text.at, *end = at + string->text.len;

    if (!string->has_escapes) {
        memcpy(to, at, string->text.len);
        return to + string->text.len;
    }
    while (at < end) {
        if (*at == '\\')
            at += decode(at, end, &to);
        else
            *to++ = *at++;
    }
    return to;
}

bool haul_json_is(const struct haul_json_value *string, const char *text, size_t len)
{
    const char *at = string->text.at, *end = at + string->text.len, *wanted = text + len;
    char byte[HAUL_UTF8_MAX], *to;

    if (!string->has_escapes)
        return string->text.len == len && memcmp(at, text, len) == 0;
    while (at < end) {
        to = byte;
        if (*at == '\\')
            at += decode(at, end, &to);
        else
            *to++ = *at++;
        if (wanted - text < to - byte || memcmp(text, byte, (size_t)(to - byte)) != 0)
            return false;
        text += to - byte;
    }
    return text == wanted;
}
