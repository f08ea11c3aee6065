#include <jansson.h>
#include <string.h>

#include "journal/line_inside.h"
#include "model/field.h"

/* Lines that another program wrote or laid out anew: any JSON object with a record's fields. */

static enum haul_err set_started(struct haul_record *rec, const char *text)
{
    struct haul_line_reader reader = {text, text + strlen(text), true};

    rec->started_us = haul_line_read_date(&reader);
    return reader.fits && reader.at == reader.end ? HAUL_OK : HAUL_ERR_SYNTAX;
}

/* What add_string did to backslashes and to bytes that are no UTF-8, undone. Never longer. */
static size_t restore(char *to, const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int high = -1, low = -1;

        if (text[i] == '\\' && i + 3 < len && text[i + 1] == 'x') {
            high = haul_line_hex_digit(text[i + 2]);
            low = haul_line_hex_digit(text[i + 3]);
        }
        if (high >= 0 && low >= 0 && (high || low)) {
            to[n++] = (char)(high << 4 | low);
            i += 3;
        } else {
            to[n++] = text[i];
            i += text[i] == '\\' && i + 1 < len && text[i + 1] == '\\';
        }
    }
    return n;
}

/* Copies a string to the parser's memory, in which there is room. */
static const char *keep(struct haul_journal_parser *parser, const json_t *value)
{
    char *to = parser->text.data + parser->text.len;
    size_t len;

    if (!json_is_string(value))
        return NULL;
    len = restore(to, json_string_value(value), json_string_length(value));
    to[len] = '\0';
    haul_buf_grew(&parser->text, len + 1);
    return to;
}

static enum haul_err set_time(struct haul_record *rec, const struct haul_line_field *field,
                              const json_t *value)
{
    double us = json_number_value(value) * 1e6;

    if (!(us >= 0 && us < 9e18))
        return HAUL_ERR_SYNTAX;
    return haul_line_set_number(rec, field, (int64_t)(us + 0.5));
}

/* Attached values are strings; an object with anything else is no record. */
static enum haul_err read_attached(struct haul_journal_parser *parser, json_t *object,
                                   struct haul_record *rec)
{
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return HAUL_ERR_SYNTAX;
    json_object_foreach(object, name, value)
    {
        json_t *key = json_string_nocheck(name);
        const char *kept_name = keep(parser, key), *kept_value = keep(parser, value);

        json_decref(key);
        if (!kept_name)
            return HAUL_ERR_NOMEM;
        if (!kept_value)
            return HAUL_ERR_SYNTAX;
        haul_line_add_pair(parser, kept_name, kept_value);
    }
    haul_line_set_attached(parser, rec);
    return HAUL_OK;
}

static enum haul_err read_field(struct haul_journal_parser *parser,
                                const struct haul_line_field *field, json_t *value,
                                struct haul_record *rec)
{
    const char *text;

    switch (field->kind) {
    case HAUL_LINE_TEXT:
        text = keep(parser, value);
        memcpy((char *)rec + field->offset, &text, sizeof text);
        return text ? HAUL_OK : HAUL_ERR_SYNTAX;
    case HAUL_LINE_TIME:
        return json_is_number(value) ? set_time(rec, field, value) : HAUL_ERR_SYNTAX;
    case HAUL_LINE_VERIFIED:
        rec->verified = json_is_true(value);
        return json_is_boolean(value) ? HAUL_OK : HAUL_ERR_SYNTAX;
    case HAUL_LINE_STARTED:
        return json_is_string(value) ? set_started(rec, json_string_value(value)) : HAUL_ERR_SYNTAX;
    case HAUL_LINE_ATTACHED:
        return read_attached(parser, value, rec);
    case HAUL_LINE_FIRST:
    case HAUL_LINE_DERIVED:
        return HAUL_OK;
    default:
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return HAUL_ERR_SYNTAX;
        return haul_line_set_number(rec, field, json_integer_value(value));
    }
}

static enum haul_err read_object(struct haul_journal_parser *parser, const json_t *object,
                                 struct haul_record *rec)
{
    const char *outcome = json_string_value(json_object_get(object, "outcome"));
    const char *reason = json_string_value(json_object_get(object, "reason"));
    enum haul_err err = HAUL_OK;

    haul_record_init(rec);
    if (!outcome || !haul_line_read_outcome(outcome, strlen(outcome), &rec->outcome))
        return HAUL_ERR_SYNTAX;
    for (size_t i = 0; i < haul_field_count && !err; i++) {
        json_t *value = json_object_get(object, haul_fields[i].name);

        if (!value)
            err = haul_line_set_absent(rec, &haul_line_fields[i]);
        else if (!json_is_null(value))
            err = read_field(parser, &haul_line_fields[i], value, rec);
    }
    if (reason)
        haul_line_read_reason(reason, strlen(reason), rec);
    rec->seq = (uint64_t)json_integer_value(json_object_get(object, "seq"));
    return rec->url ? err : HAUL_ERR_SYNTAX;
}

static enum haul_err load(const char *line, size_t len, json_t **out)
{
    json_error_t error;

    *out = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
    if (*out && json_is_object(*out))
        return HAUL_OK;
    if (*out) { /* some other JSON value: `error` says nothing */
        json_decref(*out);
        *out = NULL;
        return HAUL_ERR_SYNTAX;
    }
    return json_error_code(&error) == json_error_out_of_memory ? HAUL_ERR_NOMEM : HAUL_ERR_SYNTAX;
}

enum haul_err haul_line_parse_foreign(struct haul_journal_parser *parser, const char *line,
                                      size_t len, struct haul_record *rec)
{
    json_t *object;
    enum haul_err err = load(line, len, &object);

    if (!err)
        err = read_object(parser, object, rec);
    json_decref(object);
    return err;
}

/* ---- the beginning ---- */

static bool is_transient(enum haul_outcome outcome, const char *reason)
{
    struct haul_record rec = {.outcome = outcome};

    if (reason)
        haul_line_read_reason(reason, strlen(reason), &rec);
    return outcome == HAUL_OUTCOME_FAILED && haul_record_is_transient(&rec);
}

static bool peek_key(const json_t *object, struct haul_journal_mark *mark)
{
    const char *key = json_string_value(json_object_get(object, "key"));
    struct haul_line_reader reader = {key, key ? key + strlen(key) : NULL, key != NULL};

    mark->key = haul_line_read_hex(&reader, HAUL_LINE_KEY_DIGITS);
    return reader.fits && reader.at == reader.end;
}

static bool peek_record(const json_t *object, struct haul_journal_mark *mark)
{
    const char *outcome = json_string_value(json_object_get(object, "outcome"));
    const char *reason = json_string_value(json_object_get(object, "reason"));
    json_int_t seq = json_integer_value(json_object_get(object, "seq"));
    json_int_t replaces = json_integer_value(json_object_get(object, "replaces"));

    if (!outcome || !haul_line_read_outcome(outcome, strlen(outcome), &mark->outcome) ||
        !peek_key(object, mark) || seq < 0 || replaces < 0 || replaces > UINT32_MAX)
        return false;
    mark->seq = (uint64_t)seq;
    mark->replaces = (uint32_t)replaces;
    mark->is_transient = is_transient(mark->outcome, reason);
    return true;
}

static enum haul_err check_record(const json_t *object, size_t len, struct haul_journal_mark *mark)
{
    struct haul_journal_parser parser;
    struct haul_record rec;
    enum haul_err err;

    if (!peek_record(object, mark))
        return HAUL_ERR_SYNTAX;
    haul_journal_parser_init(&parser);
    err = haul_buf_reserve(&parser.text, len) ? read_object(&parser, object, &rec) : HAUL_ERR_NOMEM;
    haul_journal_parser_done(&parser);
    return err;
}

/* The line has no checksum at its end, so none is to be believed. */
static enum haul_err peek_object(const json_t *object, size_t len, struct haul_journal_mark *mark)
{
    const json_t *header = json_object_get(object, "journal");
    json_int_t pending = json_integer_value(json_object_get(object, "pending"));

    if (json_object_get(object, "crc"))
        return HAUL_ERR_SYNTAX;
    if (header) {
        mark->kind = HAUL_JOURNAL_HEADER;
        mark->version = (int)(json_integer_value(header) & 0xffff);
    } else if (json_object_get(object, "footer")) {
        mark->kind = HAUL_JOURNAL_FOOTER;
        mark->pending = pending > 0 ? (uint64_t)pending : 0;
    } else {
        return check_record(object, len, mark);
    }
    return HAUL_OK;
}

enum haul_err haul_line_peek_foreign(const char *line, size_t len, struct haul_journal_mark *mark)
{
    json_t *object;
    enum haul_err err = load(line, len, &object);

    if (!err)
        err = peek_object(object, len, mark);
    json_decref(object);
    return err;
}
