#include "journal/inside.h"

#include <jansson.h>
#include <string.h>

#include "model/field.h"

/*
 * Whole records. A line with a right checksum was written by haul, so its fields come in haul's own
 * order and form, and are read from left to right. Whatever does not fit there (the fields of
 * another version) goes through the full JSON parser, as lines of other hands do.
 */

void haul_journal_parser_init(struct haul_journal_parser *parser)
{
    haul_buf_init(&parser->text, 0);
    haul_buf_init(&parser->attached, 0);
}

void haul_journal_parser_done(struct haul_journal_parser *parser)
{
    haul_buf_done(&parser->text);
    haul_buf_done(&parser->attached);
}

static enum haul_err set_number(struct haul_record *rec, const struct haul_line_field *field,
                                int64_t number)
{
    char *member = (char *)rec + field->offset;
    int narrow = (int)number;

    if (field->size == sizeof number) {
        memcpy(member, &number, sizeof number);
        return HAUL_OK;
    }
    if (field->size != sizeof narrow || narrow != number)
        return HAUL_ERR_SYNTAX;
    memcpy(member, &narrow, sizeof narrow);
    return HAUL_OK;
}

/* What it means that the line has no such field; what is unknown already is so. */
static enum haul_err set_absent(struct haul_record *rec, const struct haul_line_field *field)
{
    if (rec->attempts <= 0)
        return HAUL_OK;
    if (field->absent == HAUL_LINE_URL_IF_TRIED)
        memcpy((char *)rec + field->offset, &rec->url, sizeof rec->url);
    return field->absent == HAUL_LINE_ZERO_IF_TRIED ? set_number(rec, field, 0) : HAUL_OK;
}

/* Days from 1970-01-01 to a date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month > 2 ? month - 3 : month + 9;
    int64_t era, in_era;

    year -= month <= 2;
    era = year / 400;
    in_era = year % 400;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + (153 * shifted + 2) / 5 + day -
           1 - 719468;
}

/* RFC 3339 as haul writes it: 2024-02-29T23:59:59.999Z, the year perhaps longer. */
static int64_t read_date(struct haul_line_reader *reader)
{
    static const char separator[] = "--T::.Z";
    int64_t part[7], seconds;

    for (int i = 0; i < 7; i++) {
        uint64_t number = haul_line_read_number(reader);

        part[i] = (int64_t)(number & 0xfffff);
        reader->fits = haul_line_skip(reader, &separator[i], 1) && number <= 0xfffff;
    }
    reader->fits = reader->fits && part[0] >= 1970 && part[0] <= 200000;
    if (!reader->fits)
        return 0;
    seconds = days_of_date(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60;
    return ((seconds + part[5]) * 1000 + part[6]) * 1000;
}

static enum haul_err set_started(struct haul_record *rec, const char *text)
{
    struct haul_line_reader reader = {text, text + strlen(text), true};

    rec->started_us = read_date(&reader);
    return reader.fits && reader.at == reader.end ? HAUL_OK : HAUL_ERR_SYNTAX;
}

/* ---- lines that haul wrote ---- */

static void read_optional(struct haul_line_reader *reader, struct haul_journal_mark *mark,
                          struct haul_record *rec)
{
    const char *word;
    size_t len;
    uint64_t replaces;

    if (HAUL_LINE_SKIP(reader, HAUL_LINE_REASON)) {
        word = haul_line_read_word(reader, &len);
        haul_line_read_reason(word, len, rec);
    }
    if (HAUL_LINE_SKIP(reader, HAUL_LINE_REPLACES)) {
        replaces = haul_line_read_number(reader);
        reader->fits = reader->fits && replaces <= UINT32_MAX;
        mark->replaces = (uint32_t)replaces;
    }
}

/* The fixed beginning of a record, up to the comma behind it. Of `rec` it sets seq and outcome, and
 * reason if there is one. Returns whether it fits. */
static bool read_beginning(struct haul_line_reader *reader, struct haul_journal_mark *mark,
                           struct haul_record *rec)
{
    const char *word;
    size_t len;

    HAUL_LINE_REQUIRE(reader, HAUL_LINE_KEY);
    mark->key = haul_line_read_hex(reader, HAUL_LINE_KEY_DIGITS);
    HAUL_LINE_REQUIRE(reader, HAUL_LINE_SEQ);
    mark->seq = rec->seq = haul_line_read_number(reader);
    HAUL_LINE_REQUIRE(reader, HAUL_LINE_OUTCOME);
    word = haul_line_read_word(reader, &len);
    reader->fits = reader->fits && haul_line_read_outcome(word, len, &mark->outcome);
    rec->outcome = mark->outcome;
    read_optional(reader, mark, rec);
    return reader->fits;
}

/* Four hexadecimal digits behind a "\\u". */
static unsigned read_unit(struct haul_line_reader *reader)
{
    HAUL_LINE_REQUIRE(reader, "\\u");
    return (unsigned)haul_line_read_hex(reader, 4);
}

/* Writes a code point as UTF-8, which is never longer than its escape. */
static char *put_point(char *to, unsigned point)
{
    if (point < 0x80) {
        *to++ = (char)point;
    } else if (point < 0x800) {
        *to++ = (char)(0xc0 | point >> 6);
        *to++ = (char)(0x80 | (point & 63));
    } else if (point < 0x10000) {
        *to++ = (char)(0xe0 | point >> 12);
        *to++ = (char)(0x80 | (point >> 6 & 63));
        *to++ = (char)(0x80 | (point & 63));
    } else {
        *to++ = (char)(0xf0 | point >> 18);
        *to++ = (char)(0x80 | (point >> 12 & 63));
        *to++ = (char)(0x80 | (point >> 6 & 63));
        *to++ = (char)(0x80 | (point & 63));
    }
    return to;
}

/* What a backslash begins: see add_string (line.c) for what there is. */
static char *read_escape(struct haul_line_reader *reader, char *to)
{
    unsigned unit;

    if (HAUL_LINE_SKIP(reader, "\\\"")) {
        *to++ = '"';
    } else if (HAUL_LINE_SKIP(reader, "\\\\\\\\")) {
        *to++ = '\\';
    } else if (HAUL_LINE_SKIP(reader, "\\\\x")) {
        unit = (unsigned)haul_line_read_hex(reader, 2);
        reader->fits = reader->fits && unit;
        *to++ = (char)unit;
    } else {
        unit = read_unit(reader);
        if (unit >= 0xd800 && unit < 0xdc00)
            unit = 0x10000 + ((unit - 0xd800) << 10) + (read_unit(reader) & 0x3ff);
        reader->fits = reader->fits && unit;
        to = put_point(to, unit);
    }
    return to;
}

/* A string behind its first quotation mark, into the parser's memory, in which there is room. */
static const char *read_string(struct haul_line_reader *reader, struct haul_journal_parser *parser)
{
    char *begin = parser->text.data + parser->text.len, *to = begin;

    while (reader->fits && reader->at < reader->end && *reader->at != '"') {
        if (*reader->at == '\\')
            to = read_escape(reader, to);
        else
            *to++ = *reader->at++;
    }
    HAUL_LINE_REQUIRE(reader, "\"");
    *to = '\0';
    haul_buf_grew(&parser->text, (size_t)(to - begin) + 1);
    return begin;
}

static void add_pair(struct haul_journal_parser *parser, const char *name, const char *value)
{
    struct haul_attached pair = {name, value};

    haul_buf_add(&parser->attached, &pair, sizeof pair);
}

/* What was gathered becomes the record's. */
static void set_attached(const struct haul_journal_parser *parser, struct haul_record *rec)
{
    /* The C library's memory suits any type, and nothing but pairs was put there. */
    rec->attached = (const void *)parser->attached.data;
    rec->attached_count = parser->attached.len / sizeof *rec->attached;
}

/* An object of strings. */
static void read_pairs(struct haul_line_reader *reader, struct haul_journal_parser *parser)
{
    bool more = true;

    HAUL_LINE_REQUIRE(reader, "{\"");
    while (reader->fits && more) {
        const char *name = read_string(reader, parser), *value;

        HAUL_LINE_REQUIRE(reader, ":\"");
        value = read_string(reader, parser);
        add_pair(parser, name, value);
        more = HAUL_LINE_SKIP(reader, ",\"");
    }
    HAUL_LINE_REQUIRE(reader, "}");
}

/* Seconds with six decimals. */
static int64_t read_seconds(struct haul_line_reader *reader)
{
    uint64_t seconds = haul_line_read_number(reader), us;
    const char *begin;

    HAUL_LINE_REQUIRE(reader, ".");
    begin = reader->at;
    us = haul_line_read_number(reader);
    reader->fits = reader->fits && reader->at - begin == 6 && seconds < INT64_MAX / 2000000;
    return reader->fits ? (int64_t)(seconds * 1000000 + us) : 0;
}

static void read_value(struct haul_line_reader *reader, struct haul_journal_parser *parser,
                       const struct haul_line_field *field, struct haul_record *rec)
{
    const char *text;
    uint64_t number;

    switch (field->kind) {
    case HAUL_LINE_TEXT:
        HAUL_LINE_REQUIRE(reader, "\"");
        text = read_string(reader, parser);
        memcpy((char *)rec + field->offset, &text, sizeof text);
        break;
    case HAUL_LINE_VERIFIED:
        rec->verified = HAUL_LINE_SKIP(reader, "true");
        reader->fits = rec->verified || HAUL_LINE_SKIP(reader, "false");
        break;
    case HAUL_LINE_STARTED:
        HAUL_LINE_REQUIRE(reader, "\"");
        rec->started_us = read_date(reader);
        HAUL_LINE_REQUIRE(reader, "\"");
        break;
    case HAUL_LINE_ATTACHED:
        read_pairs(reader, parser);
        set_attached(parser, rec);
        break;
    case HAUL_LINE_TIME:
        number = (uint64_t)read_seconds(reader);
        reader->fits = reader->fits && !set_number(rec, field, (int64_t)number);
        break;
    default:
        number = haul_line_read_number(reader);
        reader->fits =
            reader->fits && number <= INT64_MAX && !set_number(rec, field, (int64_t)number);
    }
}

/* Returns whether the line was of the form that this version writes. */
static bool read_written(struct haul_line_reader *reader, struct haul_journal_parser *parser,
                         struct haul_record *rec)
{
    struct haul_journal_mark mark;

    haul_record_init(rec);
    if (!read_beginning(reader, &mark, rec))
        return false;
    for (size_t i = 0; i < haul_field_count && reader->fits; i++) {
        const struct haul_field *field = &haul_fields[i];

        if (!haul_line_skip(reader, field->key, field->key_len))
            reader->fits = reader->fits && !set_absent(rec, &haul_line_fields[i]);
        else if (!HAUL_LINE_SKIP(reader, "null"))
            read_value(reader, parser, &haul_line_fields[i], rec);
    }
    return reader->fits && reader->at == reader->end;
}

/* ---- any JSON ---- */

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
    return set_number(rec, field, (int64_t)(us + 0.5));
}

/* Of another hand's object only strings are passed through. */
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
        add_pair(parser, kept_name, kept_value);
    }
    set_attached(parser, rec);
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
        return set_number(rec, field, json_integer_value(value));
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
            err = set_absent(rec, &haul_line_fields[i]);
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

/* ---- all of them ---- */

/* Jobs have room for strings of the network, and for others only where these are static. */
static const char *find_static(const char *text)
{
    static const char *const known[] = {"GET", "HEAD", "1.0",  "1.1",  "2",
                                        "3",   "get",  "head", "range"};

    for (size_t i = 0; text && i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i]) == 0)
            return known[i];
    return NULL;
}

enum haul_err haul_journal_parse(struct haul_journal_parser *parser, const char *line, size_t len,
                                 struct haul_record *rec)
{
    struct haul_line_reader reader;
    enum haul_err err = haul_line_check(line, len, &reader);
    json_t *object;

    if (err == HAUL_ERR_SYNTAX)
        return err;
    haul_buf_clear(&parser->text);
    haul_buf_clear(&parser->attached);
    /* A string is never longer than what it was in the line, quotation marks included. */
    if (!haul_buf_reserve(&parser->text, len))
        return HAUL_ERR_NOMEM;
    if (err == HAUL_ERR_END || !read_written(&reader, parser, rec)) {
        haul_buf_clear(&parser->text);
        haul_buf_clear(&parser->attached);
        err = load(line, len, &object);
        if (!err)
            err = read_object(parser, object, rec);
        json_decref(object);
    }
    if (!err)
        err = parser->attached.err;
    if (err)
        return err;
    rec->method = find_static(rec->method);
    rec->size_method = find_static(rec->size_method);
    rec->http_version = find_static(rec->http_version);
    return HAUL_OK;
}

/* ---- lines of other hands ---- */

static void judge(struct haul_journal_mark *mark, const char *reason)
{
    struct haul_record rec = {.outcome = mark->outcome};

    if (mark->outcome != HAUL_OUTCOME_FAILED)
        return;
    if (reason)
        haul_line_read_reason(reason, strlen(reason), &rec);
    mark->is_transient = haul_record_is_transient(&rec);
}

static bool peek_key(const json_t *object, struct haul_journal_mark *mark)
{
    const char *key = json_string_value(json_object_get(object, "key"));
    struct haul_line_reader reader = {key, key ? key + strlen(key) : NULL, key != NULL};

    mark->key = haul_line_read_hex(&reader, HAUL_LINE_KEY_DIGITS);
    return reader.fits && reader.at == reader.end;
}

static bool peek_object(const json_t *object, struct haul_journal_mark *mark)
{
    const char *outcome = json_string_value(json_object_get(object, "outcome"));
    const char *reason = json_string_value(json_object_get(object, "reason"));
    json_int_t seq = json_integer_value(json_object_get(object, "seq"));
    json_int_t replaces = json_integer_value(json_object_get(object, "replaces"));

    if (json_object_get(object, "journal")) {
        mark->kind = HAUL_JOURNAL_HEADER;
        mark->version = (int)(json_integer_value(json_object_get(object, "journal")) & 0xffff);
        return true;
    }
    mark->kind = json_object_get(object, "footer") ? HAUL_JOURNAL_FOOTER : HAUL_JOURNAL_RECORD;
    if (mark->kind == HAUL_JOURNAL_FOOTER)
        return true;
    if (!outcome || !haul_line_read_outcome(outcome, strlen(outcome), &mark->outcome) ||
        !peek_key(object, mark) || seq < 0 || replaces < 0 || replaces > UINT32_MAX)
        return false;
    mark->seq = (uint64_t)seq;
    mark->replaces = (uint32_t)replaces;
    judge(mark, reason);
    return true;
}

static enum haul_err check_foreign(const json_t *object, size_t len, struct haul_journal_mark *mark)
{
    struct haul_journal_parser parser;
    struct haul_record rec;
    enum haul_err err = HAUL_ERR_SYNTAX;

    if (json_object_get(object, "crc") || !peek_object(object, mark))
        return err;
    if (mark->kind != HAUL_JOURNAL_RECORD)
        return HAUL_OK;
    haul_journal_parser_init(&parser);
    err = haul_buf_reserve(&parser.text, len) ? read_object(&parser, object, &rec) : HAUL_ERR_NOMEM;
    haul_journal_parser_done(&parser);
    return err;
}

static enum haul_err peek_foreign(const char *line, size_t len, struct haul_journal_mark *mark)
{
    json_t *object;
    enum haul_err err = load(line, len, &object);

    if (err)
        return err;
    err = check_foreign(object, len, mark);
    json_decref(object);
    return err;
}

/* ---- the beginning of any line ---- */

static bool peek_written(struct haul_line_reader *reader, struct haul_journal_mark *mark)
{
    struct haul_record rec = {.reason = HAUL_REASON_NONE};

    if (HAUL_LINE_SKIP(reader, HAUL_LINE_HEADER)) {
        mark->kind = HAUL_JOURNAL_HEADER;
        mark->version = (int)(haul_line_read_number(reader) & 0xffff);
        return reader->fits;
    }
    if (HAUL_LINE_SKIP(reader, HAUL_LINE_FOOTER)) {
        mark->kind = HAUL_JOURNAL_FOOTER;
        return true;
    }
    if (!read_beginning(reader, mark, &rec))
        return false;
    mark->is_transient = rec.outcome == HAUL_OUTCOME_FAILED && haul_record_is_transient(&rec);
    return true;
}

enum haul_err haul_journal_peek(const char *line, size_t len, struct haul_journal_mark *mark)
{
    struct haul_line_reader reader;
    enum haul_err err = haul_line_check(line, len, &reader);

    *mark = (struct haul_journal_mark){.kind = HAUL_JOURNAL_RECORD};
    if (err == HAUL_ERR_END)
        return peek_foreign(line, len, mark);
    if (err)
        return err;
    return peek_written(&reader, mark) ? HAUL_OK : HAUL_ERR_SYNTAX;
}
