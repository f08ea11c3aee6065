#include "journal/line.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/escape.h"
#include "report/field.h"

/* ---- the words of outcomes and reasons ---- */

static const char *const reason_words[HAUL_REASON_COUNT] = {
#define REASON_WORD(name, word, transient, text) word,
    HAUL_REASONS(REASON_WORD)
#undef REASON_WORD
};

static bool is_word(const char *word, const char *text, size_t len)
{
    return strlen(word) == len && memcmp(word, text, len) == 0;
}

/* Returns whether it is one. */
static bool read_outcome(const char *text, size_t len, enum haul_outcome *outcome)
{
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++) {
        *outcome = (enum haul_outcome)i;
        if (is_word(haul_outcome_word(*outcome), text, len))
            return true;
    }
    return false;
}

/* "http-503" tells the status, too. A word that a later version has is not known. */
static void read_reason(const char *text, size_t len, struct haul_record *rec)
{
    rec->reason = HAUL_REASON_INTERNAL;
    if (len > 5 && len <= 8 && memcmp(text, "http-", 5) == 0) {
        rec->reason = HAUL_REASON_HTTP_STATUS;
        rec->http_code = 0;
        for (size_t i = 5; i < len && text[i] >= '0' && text[i] <= '9'; i++)
            rec->http_code = rec->http_code * 10 + (text[i] - '0');
        return;
    }
    for (int i = 0; i < HAUL_REASON_COUNT; i++)
        if (is_word(reason_words[i], text, len))
            rec->reason = (enum haul_reason)i;
}

/* ---- writing ---- */

enum { KEY_DIGITS = 16, CRC_DIGITS = 8 };
static const char crc_name[] = ",\"crc\":\"";
/* ,"crc":"89abcdef"} */
enum { CRC_SIZE = sizeof crc_name - 1 + CRC_DIGITS + 2 };

static void add_hex(struct haul_buf *buf, uint64_t number, int digits)
{
    static const char hex[] = "0123456789abcdef";
    char text[KEY_DIGITS];

    for (int i = digits; i; i--, number >>= 4)
        text[i - 1] = hex[number & 15];
    haul_buf_add(buf, text, (size_t)digits);
}

static uint32_t checksum(const char *bytes, size_t len)
{
    return (uint32_t)crc32_z(crc32(0, NULL, 0), (const unsigned char *)bytes, len);
}

/* Ends the line that was begun at `start`. */
static void end_line(struct haul_buf *buf, size_t start)
{
    uint32_t sum;

    if (buf->err)
        return;
    sum = checksum(buf->data + start, buf->len - start);
    haul_buf_add(buf, crc_name, sizeof crc_name - 1);
    add_hex(buf, sum, CRC_DIGITS);
    haul_buf_add(buf, "\"}\n", 3);
}

/* JSON's escapes write a byte that is no UTF-8 as \xNN; a backslash of the text must not look so. */
static void add_string(struct haul_buf *buf, const char *text, size_t len)
{
    const char *end = text + len;

    haul_buf_add_char(buf, '"');
    while (text < end) {
        const char *backslash = memchr(text, '\\', (size_t)(end - text));
        const char *stop = backslash ? backslash : end;

        haul_escape_json(buf, text, (size_t)(stop - text));
        if (backslash)
            haul_buf_add(buf, "\\\\\\\\", 4);
        text = stop + (backslash != NULL);
    }
    haul_buf_add_char(buf, '"');
}

/* How a field gets into a line and out of it again. */
enum field_kind {
    KIND_TEXT,
    KIND_SIZE,
    KIND_TIME,
    KIND_COUNT,
    KIND_NONZERO,
    KIND_FIRST, /* stands in the fixed beginning */
    KIND_DERIVED, /* computed from others: left out */
    KIND_VERIFIED,
    KIND_STARTED
};

/* A computed field that is new in report/field.h needs a line here. */
enum {
    OTHER_outcome = KIND_FIRST,
    OTHER_reason = KIND_FIRST,
    OTHER_speed_download = KIND_DERIVED,
    OTHER_num_retries = KIND_DERIVED,
    OTHER_scheme = KIND_DERIVED,
    OTHER_verified = KIND_VERIFIED,
    OTHER_started = KIND_STARTED
};

/* One for each of haul_fields, in the same order. */
static const struct field {
    enum field_kind kind;
    size_t offset, size; /* of the member */
} fields[] = {
#define MEMBER(member)                                                                             \
    offsetof(struct haul_record, member), sizeof(((struct haul_record *)NULL)->member)
#define FIELD_TEXT(member, name) {KIND_TEXT, MEMBER(member)},
#define FIELD_SIZE(member, name) {KIND_SIZE, MEMBER(member)},
#define FIELD_TIME(member, name) {KIND_TIME, MEMBER(member)},
#define FIELD_COUNT(member, name) {KIND_COUNT, MEMBER(member)},
#define FIELD_NONZERO(member, name) {KIND_NONZERO, MEMBER(member)},
#define FIELD_OTHER(member, name) {(enum field_kind)OTHER_##name, 0, 0},
#define FIELD_ROW(kind, member, name) FIELD_##kind(member, name)
    HAUL_FIELDS(FIELD_ROW)};

static void add_field(struct haul_buf *buf, size_t i, const struct haul_record *rec)
{
    struct haul_value value;

    if (fields[i].kind == KIND_FIRST || fields[i].kind == KIND_DERIVED)
        return;
    haul_fields[i].get(rec, &value);
    if (value.kind == HAUL_VALUE_NONE)
        return;
    haul_buf_add(buf, haul_fields[i].key, haul_fields[i].key_len);
    if (value.kind == HAUL_VALUE_TEXT)
        add_string(buf, value.text, value.text_len);
    else
        haul_value_add_number(buf, &value);
}

static const char key_name[] = "{\"key\":\"", seq_name[] = "\",\"seq\":",
                  outcome_name[] = ",\"outcome\":\"", reason_name[] = ",\"reason\":\"",
                  replaces_name[] = ",\"replaces\":";

#define ADD_LITERAL(buf, name) haul_buf_add(buf, name, sizeof name - 1)

static void add_beginning(struct haul_buf *buf, const struct haul_record *rec, uint64_t key,
                          uint32_t replaces)
{
    char word[HAUL_REASON_WORD_MAX];

    ADD_LITERAL(buf, key_name);
    add_hex(buf, key, KEY_DIGITS);
    ADD_LITERAL(buf, seq_name);
    haul_buf_add_u64(buf, rec->seq);
    ADD_LITERAL(buf, outcome_name);
    haul_buf_add_str(buf, haul_outcome_word(rec->outcome));
    haul_buf_add_char(buf, '"');
    if (rec->reason != HAUL_REASON_NONE) {
        ADD_LITERAL(buf, reason_name);
        haul_buf_add_str(buf, haul_reason_word(rec, word));
        haul_buf_add_char(buf, '"');
    }
    if (replaces) {
        ADD_LITERAL(buf, replaces_name);
        haul_buf_add_u64(buf, replaces);
    }
}

void haul_journal_add_record(struct haul_buf *buf, const struct haul_record *rec, uint64_t key,
                             uint32_t replaces)
{
    size_t start = buf->len;

    add_beginning(buf, rec, key, replaces);
    for (size_t i = 0; i < haul_field_count; i++)
        add_field(buf, i, rec);
    end_line(buf, start);
}

/* In the form that records have; null if unknown. */
static void add_time(struct haul_buf *buf, const char *key, int64_t time_us)
{
    struct haul_record rec;
    struct haul_value value = {.kind = HAUL_VALUE_NONE};

    haul_record_init(&rec);
    rec.started_us = time_us;
    for (size_t i = 0; i < haul_field_count; i++)
        if (fields[i].kind == KIND_STARTED)
            haul_fields[i].get(&rec, &value);
    haul_buf_add_str(buf, key);
    if (value.kind == HAUL_VALUE_TEXT)
        add_string(buf, value.text, value.text_len);
    else
        haul_buf_add_str(buf, "null");
}

static const char header_name[] = "{\"journal\":", footer_name[] = "{\"footer\":";

void haul_journal_add_header(struct haul_buf *buf, const struct haul_journal_head *head)
{
    size_t start = buf->len;

    haul_buf_addf(buf, "%s%d,\"haul\":", header_name, HAUL_JOURNAL_VERSION);
    add_string(buf, head->version, strlen(head->version));
    haul_buf_add_str(buf, ",\"libcurl\":");
    add_string(buf, head->libcurl, strlen(head->libcurl));
    add_time(buf, ",\"started\":", head->started_us);
    haul_buf_addf(buf, ",\"pid\":%ld,\"resumed\":%s,\"options\":", head->pid,
                  head->resumed ? "true" : "false");
    haul_buf_add_str(buf, head->options);
    end_line(buf, start);
}

void haul_journal_add_footer(struct haul_buf *buf, const struct haul_ledger *ledger,
                             int64_t ended_us, int status)
{
    size_t start = buf->len;

    haul_buf_addf(buf, "%s%d", footer_name, HAUL_JOURNAL_VERSION);
    add_time(buf, ",\"ended\":", ended_us);
    haul_buf_addf(buf, ",\"status\":%d,\"lines\":%llu,\"rows\":%llu", status,
                  (unsigned long long)ledger->lines, (unsigned long long)ledger->rows);
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++)
        haul_buf_addf(buf, ",\"%s\":%llu", haul_outcome_word((enum haul_outcome)i),
                      (unsigned long long)ledger->count[i]);
    haul_buf_addf(buf, ",\"failed_transient\":%llu,\"failed_permanent\":%llu",
                  (unsigned long long)ledger->failed_transient,
                  (unsigned long long)ledger->failed_permanent);
    haul_buf_addf(buf,
                  ",\"wire_bytes\":%lld,\"body_bytes\":%lld,\"failed_bytes\":%lld,"
                  "\"header_bytes\":%lld",
                  (long long)ledger->wire_bytes, (long long)ledger->body_bytes,
                  (long long)ledger->failed_bytes, (long long)ledger->header_bytes);
    end_line(buf, start);
}

/* ---- the beginning of a line that haul wrote ---- */

/* Text that is read from left to right. Once something does not fit, nothing does. */
struct reader {
    const char *at, *end;
    bool fits;
};

static bool skip(struct reader *reader, const char *text, size_t len)
{
    if (!reader->fits || (size_t)(reader->end - reader->at) < len ||
        memcmp(reader->at, text, len) != 0)
        return false;
    reader->at += len;
    return true;
}

#define SKIP(reader, name) skip(reader, name, sizeof name - 1)
#define REQUIRE(reader, name) ((reader)->fits = SKIP(reader, name))

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint64_t read_hex(struct reader *reader, int digits)
{
    uint64_t number = 0;

    for (int i = 0; i < digits && reader->fits; i++) {
        int digit = reader->at < reader->end ? hex_digit(*reader->at++) : -1;

        reader->fits = digit >= 0;
        number = number << 4 | (uint64_t)(digit & 15);
    }
    return number;
}

static uint64_t read_number(struct reader *reader)
{
    const char *begin = reader->at;
    uint64_t number = 0;

    while (reader->fits && reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        unsigned digit = (unsigned)(*reader->at++ - '0');

        reader->fits = number <= (UINT64_MAX - digit) / 10;
        number = number * 10 + digit;
    }
    reader->fits = reader->fits && reader->at > begin;
    return number;
}

/* Up to the next quotation mark, which is skipped. No word of ours has an escape. */
static const char *read_word(struct reader *reader, size_t *len)
{
    const char *begin = reader->at;
    const char *quote = memchr(begin, '"', (size_t)(reader->end - begin));

    reader->fits = reader->fits && quote;
    *len = reader->fits ? (size_t)(quote - begin) : 0;
    if (reader->fits)
        reader->at = quote + 1;
    return begin;
}

static void judge(struct haul_journal_mark *mark, const char *reason, size_t len)
{
    struct haul_record rec = {.outcome = mark->outcome};

    if (mark->outcome != HAUL_OUTCOME_FAILED)
        return;
    read_reason(reason, len, &rec);
    mark->is_transient = haul_record_is_transient(&rec);
}

static bool peek_record(struct reader *reader, struct haul_journal_mark *mark)
{
    const char *word, *reason = "";
    size_t len, reason_len = 0;

    REQUIRE(reader, key_name);
    mark->key = read_hex(reader, KEY_DIGITS);
    REQUIRE(reader, seq_name);
    mark->seq = read_number(reader);
    REQUIRE(reader, outcome_name);
    word = read_word(reader, &len);
    reader->fits = reader->fits && read_outcome(word, len, &mark->outcome);
    if (SKIP(reader, reason_name))
        reason = read_word(reader, &reason_len);
    if (SKIP(reader, replaces_name)) {
        uint64_t replaces = read_number(reader);

        reader->fits = reader->fits && replaces <= UINT32_MAX;
        mark->replaces = (uint32_t)replaces;
    }
    if (reader->fits)
        judge(mark, reason, reason_len);
    return reader->fits;
}

static bool peek_written(const char *line, size_t len, struct haul_journal_mark *mark)
{
    struct reader reader = {line, line + len, true};

    if (SKIP(&reader, header_name)) {
        mark->kind = HAUL_JOURNAL_HEADER;
        mark->version = (int)(read_number(&reader) & 0xffff);
        return reader.fits;
    }
    if (SKIP(&reader, footer_name)) {
        mark->kind = HAUL_JOURNAL_FOOTER;
        return true;
    }
    mark->kind = HAUL_JOURNAL_RECORD;
    return peek_record(&reader, mark);
}

/* ---- lines of other hands ---- */

static enum haul_err load(const char *line, size_t len, json_t **out)
{
    json_error_t error;

    *out = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
    if (*out && json_is_object(*out))
        return HAUL_OK;
    json_decref(*out);
    *out = NULL;
    return json_error_code(&error) == json_error_out_of_memory ? HAUL_ERR_NOMEM : HAUL_ERR_SYNTAX;
}

static bool peek_key(const json_t *object, struct haul_journal_mark *mark)
{
    const char *key = json_string_value(json_object_get(object, "key"));
    struct reader reader = {key, key ? key + strlen(key) : NULL, key != NULL};

    mark->key = read_hex(&reader, KEY_DIGITS);
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
    if (!outcome || !read_outcome(outcome, strlen(outcome), &mark->outcome) ||
        !peek_key(object, mark) || seq < 0 || replaces < 0 || replaces > UINT32_MAX)
        return false;
    mark->seq = (uint64_t)seq;
    mark->replaces = (uint32_t)replaces;
    judge(mark, reason ? reason : "", reason ? strlen(reason) : 0);
    return true;
}

/* ---- reading a whole record ---- */

void haul_journal_parser_init(struct haul_journal_parser *parser)
{
    haul_buf_init(&parser->text, 0);
}

void haul_journal_parser_done(struct haul_journal_parser *parser)
{
    haul_buf_done(&parser->text);
}

/* What add_string did to backslashes and to bytes that are no UTF-8, undone. Never longer. */
static size_t restore(char *to, const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int high = -1, low = -1;

        if (text[i] == '\\' && i + 3 < len && text[i + 1] == 'x') {
            high = hex_digit(text[i + 2]);
            low = hex_digit(text[i + 3]);
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

static enum haul_err set_number(struct haul_record *rec, const struct field *field, int64_t number)
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

static enum haul_err set_time(struct haul_record *rec, const struct field *field,
                              const json_t *value)
{
    double us = json_number_value(value) * 1e6;

    if (!(us >= 0 && us < 9e18))
        return HAUL_ERR_SYNTAX;
    return set_number(rec, field, (int64_t)(us + 0.5));
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
static enum haul_err set_started(struct haul_record *rec, const char *text)
{
    static const char separator[] = "--T::.Z";
    struct reader reader = {text, text + strlen(text), true};
    int64_t part[7];

    for (int i = 0; i < 7; i++) {
        uint64_t number = read_number(&reader);

        part[i] = (int64_t)(number & 0xfffff);
        reader.fits = skip(&reader, &separator[i], 1) && number <= 0xfffff;
    }
    if (!reader.fits || reader.at != reader.end || part[0] < 1970 || part[0] > 200000)
        return HAUL_ERR_SYNTAX;
    rec->started_us = days_of_date(part[0], part[1], part[2]) * 86400 + part[3] * 3600 +
                      part[4] * 60 + part[5];
    rec->started_us = (rec->started_us * 1000 + part[6]) * 1000;
    return HAUL_OK;
}

static enum haul_err read_field(struct haul_journal_parser *parser, const struct field *field,
                                const json_t *value, struct haul_record *rec)
{
    const char *text;

    switch (field->kind) {
    case KIND_TEXT:
        text = keep(parser, value);
        memcpy((char *)rec + field->offset, &text, sizeof text);
        return text ? HAUL_OK : HAUL_ERR_SYNTAX;
    case KIND_TIME:
        return json_is_number(value) ? set_time(rec, field, value) : HAUL_ERR_SYNTAX;
    case KIND_VERIFIED:
        rec->verified = json_is_true(value);
        return json_is_boolean(value) ? HAUL_OK : HAUL_ERR_SYNTAX;
    case KIND_STARTED:
        return json_is_string(value) ? set_started(rec, json_string_value(value)) : HAUL_ERR_SYNTAX;
    case KIND_FIRST:
    case KIND_DERIVED:
        return HAUL_OK;
    default:
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return HAUL_ERR_SYNTAX;
        return set_number(rec, field, json_integer_value(value));
    }
}

/* Jobs have room for strings of the network, and for others only where these are static. */
static const char *find_static(const char *text)
{
    static const char *const known[] = {"GET", "HEAD", "1.0", "1.1", "2", "3"};

    for (size_t i = 0; text && i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i]) == 0)
            return known[i];
    return NULL;
}

static enum haul_err read_object(struct haul_journal_parser *parser, const json_t *object,
                                 struct haul_record *rec)
{
    const char *outcome = json_string_value(json_object_get(object, "outcome"));
    const char *reason = json_string_value(json_object_get(object, "reason"));
    enum haul_err err = HAUL_OK;

    haul_record_init(rec);
    if (!outcome || !read_outcome(outcome, strlen(outcome), &rec->outcome))
        return HAUL_ERR_SYNTAX;
    for (size_t i = 0; i < haul_field_count && !err; i++) {
        const json_t *value = json_object_get(object, haul_fields[i].name);

        if (value && !json_is_null(value))
            err = read_field(parser, &fields[i], value, rec);
    }
    if (reason)
        read_reason(reason, strlen(reason), rec);
    rec->seq = (uint64_t)json_integer_value(json_object_get(object, "seq"));
    rec->method = find_static(rec->method);
    rec->http_version = find_static(rec->http_version);
    return rec->url ? err : HAUL_ERR_SYNTAX;
}

enum haul_err haul_journal_parse(struct haul_journal_parser *parser, const char *line, size_t len,
                                 struct haul_record *rec)
{
    json_t *object;
    enum haul_err err = load(line, len, &object);

    if (err)
        return err;
    haul_buf_clear(&parser->text);
    /* A string is never longer than what it was in the line, quotation marks included. */
    if (haul_buf_reserve(&parser->text, len))
        err = read_object(parser, object, rec);
    else
        err = HAUL_ERR_NOMEM;
    json_decref(object);
    return err;
}

/* ---- checking a line ---- */

static enum haul_err check_foreign(const json_t *object, size_t len,
                                   struct haul_journal_mark *mark)
{
    struct haul_journal_parser parser;
    struct haul_record rec;
    enum haul_err err = HAUL_ERR_SYNTAX;

    if (json_object_get(object, "crc") || !peek_object(object, mark))
        return err;
    if (mark->kind != HAUL_JOURNAL_RECORD)
        return HAUL_OK;
    haul_journal_parser_init(&parser);
    err = haul_buf_reserve(&parser.text, len) ? read_object(&parser, object, &rec)
                                              : HAUL_ERR_NOMEM;
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

/* Where the checksum stands, if the line ends in one. */
static bool find_checksum(const char *line, size_t len, uint32_t *sum)
{
    struct reader reader = {line + len - CRC_SIZE, line + len, len >= CRC_SIZE};

    if (len < CRC_SIZE)
        return false;
    REQUIRE(&reader, crc_name);
    *sum = (uint32_t)read_hex(&reader, CRC_DIGITS);
    return reader.fits && skip(&reader, "\"}", 2);
}

enum haul_err haul_journal_peek(const char *line, size_t len, struct haul_journal_mark *mark)
{
    uint32_t sum;

    *mark = (struct haul_journal_mark){.kind = HAUL_JOURNAL_RECORD};
    if (!find_checksum(line, len, &sum))
        return peek_foreign(line, len, mark);
    if (checksum(line, len - CRC_SIZE) != sum || !peek_written(line, len - CRC_SIZE, mark))
        return HAUL_ERR_SYNTAX;
    return HAUL_OK;
}
