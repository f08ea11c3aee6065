/* memmem */
#define _GNU_SOURCE
#include "journal/line_inside.h"

#include <limits.h>
#include <string.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "model/field.h"

/*
 * A line with a right checksum was written by haul, so its fields come in haul's own order and
 * form, and are read from left to right. What does not fit there (the fields of another version),
 * and lines of other programs, are brought into that form first (foreign.c).
 */

/* Lines that a run has left undone: more than any list has, and so few that sums of them fit. */
#define PENDING_MAX ((uint64_t)1 << 48)

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

/* ---- the values of a record ---- */

/* Returns whether the number fits into the member. */
static bool set_number(struct haul_record *rec, const struct haul_line_field *field, int64_t number)
{
    char *member = (char *)rec + field->offset;
    int narrow = (int)number;

    if (field->size == sizeof number) {
        memcpy(member, &number, sizeof number);
        return true;
    }
    if (field->size != sizeof narrow || narrow != number)
        return false;
    memcpy(member, &narrow, sizeof narrow);
    return true;
}

/* A field that is not in the line. One that means "unknown" then is unknown already. */
static bool set_absent(struct haul_record *rec, const struct haul_line_field *field)
{
    if (rec->attempts <= 0)
        return true;
    if (field->absent == HAUL_LINE_URL_IF_TRIED)
        memcpy((char *)rec + field->offset, &rec->url, sizeof rec->url);
    if (field->absent == HAUL_LINE_TOTAL_IF_ONCE && rec->attempts == 1)
        return set_number(rec, field, rec->time_total_us);
    return field->absent != HAUL_LINE_ZERO_IF_TRIED || set_number(rec, field, 0);
}

/* RFC 3339 as haul writes it: 2024-02-29T23:59:59.999Z, the year perhaps longer. */
static int64_t read_date(struct haul_line_reader *reader)
{
    static const char separator[] = "--T::.Z";
    static const uint32_t least[] = {1970, 1, 1}, most[] = {200000, 12, 31, 23, 59, 60, 999};
    int64_t part[7], seconds;

    for (int i = 0; i < 7; i++) {
        uint64_t number = haul_line_read_number(reader);

        part[i] = (int64_t)(number & 0xfffff);
        reader->fits = reader->fits && haul_line_skip(reader, &separator[i], 1) &&
                       number <= most[i] && (i > 2 || number >= least[i]);
    }
    if (!reader->fits)
        return 0;
    seconds = haul_calendar_days(part[0], (int)part[1], (int)part[2]) * 86400 + part[3] * 3600 +
              part[4] * 60;
    return ((seconds + part[5]) * 1000 + part[6]) * 1000;
}

static void read_optional(struct haul_line_reader *reader, struct haul_journal_mark *mark,
                          struct haul_record *rec)
{
    uint64_t replaces;

    if (HAUL_LINE_SKIP(reader, HAUL_LINE_REASON))
        haul_line_read_reason(haul_line_read_word(reader), rec);
    if (HAUL_LINE_SKIP(reader, HAUL_LINE_REPLACES)) {
        replaces = haul_line_read_number(reader);
        reader->fits = reader->fits && replaces <= UINT32_MAX;
        mark->replaces = (uint32_t)replaces;
    }
}

/* As many digits as this version has, or version 1 had. */
static void read_key(struct haul_line_reader *reader, struct haul_key *key)
{
    struct haul_line_reader ahead = *reader;
    size_t len = haul_line_read_word(&ahead).len;

    *key = (struct haul_key){0};
    if (len == HAUL_LINE_OLD_KEY_DIGITS) {
        key->old = haul_line_read_hex(reader, HAUL_LINE_OLD_KEY_DIGITS);
        return;
    }
    key->high = haul_line_read_hex(reader, HAUL_LINE_KEY_DIGITS / 2);
    key->low = haul_line_read_hex(reader, HAUL_LINE_KEY_DIGITS / 2);
}

/* The fixed beginning of a record, up to the comma behind it. Of `rec` it sets seq and outcome, and
 * reason if there is one. Returns whether it fits. */
static bool read_beginning(struct haul_line_reader *reader, struct haul_journal_mark *mark,
                           struct haul_record *rec)
{
    struct haul_span word;

    HAUL_LINE_REQUIRE(reader, HAUL_LINE_KEY);
    read_key(reader, &mark->key);
    HAUL_LINE_REQUIRE(reader, HAUL_LINE_SEQ);
    mark->seq = rec->seq = haul_line_read_number(reader);
    HAUL_LINE_REQUIRE(reader, HAUL_LINE_OUTCOME);
    word = haul_line_read_word(reader);
    reader->fits = reader->fits && haul_line_read_outcome(word, &mark->outcome);
    if (!reader->fits)
        return false;
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

/*
 * A backslash of the value, behind its JSON escape: one that add_text (line.c) has doubled, or a
 * byte that it wrote as \xNN. Any other one, of another program, stands for itself.
 */
static char read_backslash(struct haul_line_reader *reader)
{
    struct haul_line_reader ahead = *reader;
    uint64_t byte;

    if (HAUL_LINE_SKIP(reader, "\\\\"))
        return '\\';
    HAUL_LINE_REQUIRE(&ahead, "x");
    byte = haul_line_read_hex(&ahead, 2);
    if (!ahead.fits || !byte)
        return '\\';
    *reader = ahead;
    return (char)byte;
}

static char *read_escape(struct haul_line_reader *reader, char *to)
{
    unsigned unit;

    if (HAUL_LINE_SKIP(reader, "\\\"")) {
        *to++ = '"';
    } else if (HAUL_LINE_SKIP(reader, "\\\\")) {
        *to++ = read_backslash(reader);
    } else {
        unit = read_unit(reader);
        if (unit >= 0xd800 && unit < 0xdc00)
            unit = 0x10000 + ((unit - 0xd800) << 10) + (read_unit(reader) & 0x3ff);
        reader->fits = reader->fits && unit;
        to = haul_utf8_put(to, unit);
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

/* An object of strings. */
static void read_pairs(struct haul_line_reader *reader, struct haul_journal_parser *parser,
                       struct haul_record *rec)
{
    bool more = true;

    if (HAUL_LINE_SKIP(reader, "{}"))
        return;
    HAUL_LINE_REQUIRE(reader, "{\"");
    while (reader->fits && more) {
        struct haul_attached pair = {.name = read_string(reader, parser)};

        HAUL_LINE_REQUIRE(reader, ":\"");
        pair.value = read_string(reader, parser);
        haul_buf_add(&parser->attached, &pair, sizeof pair);
        more = HAUL_LINE_SKIP(reader, ",\"");
    }
    HAUL_LINE_REQUIRE(reader, "}");
    /* The C library's memory suits any type, and nothing but pairs was put there. */
    rec->attached = (const void *)parser->attached.data;
    rec->attached_count = parser->attached.len / sizeof *rec->attached;
}

/* Seconds with six decimals. */
static int64_t read_seconds(struct haul_line_reader *reader)
{
    uint64_t seconds = haul_line_read_number(reader), us;
    const char *begin;

    HAUL_LINE_REQUIRE(reader, ".");
    begin = reader->at;
    us = haul_line_read_number(reader);
    reader->fits = reader->fits && reader->at - begin == 6 && seconds < INT64_MAX / 1000000;
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
        read_pairs(reader, parser, rec);
        break;
    case HAUL_LINE_TIME:
        number = (uint64_t)read_seconds(reader);
        reader->fits = reader->fits && set_number(rec, field, (int64_t)number);
        break;
    default:
        number = haul_line_read_number(reader);
        reader->fits =
            reader->fits && number <= INT64_MAX && set_number(rec, field, (int64_t)number);
    }
}

static void read_attempt(struct haul_line_reader *reader, struct haul_tried *tried)
{
    struct haul_record then = {.reason = HAUL_REASON_NONE};
    uint64_t worker;

    HAUL_LINE_REQUIRE(reader, HAUL_LINE_TRIED_AT);
    tried->at_us = read_seconds(reader);
    HAUL_LINE_REQUIRE(reader, HAUL_LINE_TRIED_TOOK);
    tried->took_us = read_seconds(reader);
    HAUL_LINE_REQUIRE(reader, HAUL_LINE_TRIED_WORKER);
    worker = haul_line_read_number(reader);
    tried->is_step = !HAUL_LINE_SKIP(reader, HAUL_LINE_REASON);
    if (!tried->is_step)
        haul_line_read_reason(haul_line_read_word(reader), &then);
    HAUL_LINE_REQUIRE(reader, "}");
    reader->fits = reader->fits && worker <= INT_MAX;
    tried->worker = (int)worker;
    tried->reason = then.reason;
    tried->http_code = then.http_code;
}

/* Of a run of this version, if there were several requests. */
static void read_tried(struct haul_line_reader *reader, struct haul_journal_parser *parser,
                       struct haul_record *rec)
{
    size_t count = 0;
    bool more = true;

    if (!HAUL_LINE_SKIP(reader, HAUL_LINE_TRIED))
        return;
    while (reader->fits && more) {
        reader->fits = count < HAUL_TRIED_MAX;
        if (reader->fits)
            read_attempt(reader, &parser->tried[count++]);
        more = HAUL_LINE_SKIP(reader, ",");
    }
    HAUL_LINE_REQUIRE(reader, "]");
    rec->tried = parser->tried;
    rec->tried_count = count;
}

static void read_entry(struct haul_line_reader *reader, struct haul_journal_parser *parser,
                       struct haul_record *rec)
{
    if (!reader->fits || !HAUL_LINE_SKIP(reader, HAUL_LINE_ENTRY))
        return;
    rec->entry = read_string(reader, parser);
    if (reader->fits && HAUL_LINE_SKIP(reader, HAUL_LINE_URL_PLACE))
        rec->url_place = (size_t)haul_line_read_number(reader);
    if (reader->fits && rec->url_place && HAUL_LINE_SKIP(reader, HAUL_LINE_URL_COLUMN))
        rec->url_column = read_string(reader, parser);
}

/* Reads a line of the form that this version writes. Returns whether it was one. */
static bool read_fields(struct haul_line_reader *reader, struct haul_journal_parser *parser,
                        struct haul_record *rec)
{
    struct haul_journal_mark mark;

    haul_record_init(rec);
    if (!read_beginning(reader, &mark, rec))
        return false;
    for (size_t i = 0; i < haul_field_count && reader->fits; i++) {
        const struct haul_field *field = &haul_fields[i];

        if (!haul_line_skip(reader, field->key, field->key_len))
            reader->fits = reader->fits && set_absent(rec, &haul_line_fields[i]);
        else if (!HAUL_LINE_SKIP(reader, "null"))
            read_value(reader, parser, &haul_line_fields[i], rec);
    }
    read_tried(reader, parser, rec);
    read_entry(reader, parser, rec);
    return reader->fits && reader->at == reader->end && rec->url;
}

/* ---- whole records ---- */

/* A job has room for strings from the network; the others of a record must be static. */
static const char *find_static(const char *text)
{
    static const char *const words[] = {"GET", "HEAD", "1.0",  "1.1",  "2",
                                        "3",   "get",  "head", "range"};

    for (size_t i = 0; text && i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return words[i];
    return NULL;
}

/* HAUL_ERR_SYNTAX: the line is not of haul's own form. */
static enum haul_err read_written(struct haul_journal_parser *parser,
                                  struct haul_line_reader *reader, struct haul_record *rec)
{
    haul_buf_clear(&parser->text);
    haul_buf_clear(&parser->attached);
    /* A string is never longer than what it was in the line, quotation marks included. */
    if (!haul_buf_reserve(&parser->text, (size_t)(reader->end - reader->at)))
        return HAUL_ERR_NOMEM;
    if (!read_fields(reader, parser, rec))
        return HAUL_ERR_SYNTAX;
    rec->method = find_static(rec->method);
    rec->size_method = find_static(rec->size_method);
    rec->http_version = find_static(rec->http_version);
    return parser->attached.err;
}

enum haul_err haul_journal_parse(struct haul_journal_parser *parser, const char *line, size_t len,
                                 struct haul_record *rec)
{
    struct haul_line_reader reader;
    struct haul_buf own;
    enum haul_err err, checked = haul_line_check(line, len, &reader);

    if (checked == HAUL_ERR_SYNTAX)
        return checked;
    err = checked ? HAUL_ERR_SYNTAX : read_written(parser, &reader, rec);
    if (err != HAUL_ERR_SYNTAX)
        return err;
    haul_buf_init(&own, 0);
    err = haul_line_rewrite(line, len, !checked, &own);
    reader = (struct haul_line_reader){haul_buf_str(&own), haul_buf_str(&own) + own.len, true};
    if (!err)
        err = read_written(parser, &reader, rec);
    haul_buf_done(&own);
    return err;
}

/* ---- the name alone ---- */

/* Behind the first `text` in a line; NULL: there is none. */
static const char *find_behind(const char *line, size_t len, const char *text, size_t text_len)
{
    const char *at = memmem(line, len, text, text_len);

    return at ? at + text_len : NULL;
}
#define FIND_BEHIND(line, len, literal) find_behind(line, len, literal, sizeof literal - 1)

/*
 * Whether the line is laid out as haul does it: a field then begins where its name stands between
 * such marks, for within a value each of them has a backslash in front of it. What the list said
 * has names of its own, though.
 */
static bool is_plain(const char *line, size_t len)
{
    const size_t sum = sizeof HAUL_LINE_CRC - 1 + HAUL_LINE_CRC_DIGITS + 2;

    return len > sum && memcmp(line + len - sum, HAUL_LINE_CRC, sizeof HAUL_LINE_CRC - 1) == 0 &&
           !FIND_BEHIND(line, len, ",\"attached\":");
}

enum haul_err haul_journal_parse_name(struct haul_journal_parser *parser, const char *line,
                                      size_t len, const char **name)
{
    struct haul_line_reader reader = {.end = line + len, .fits = true};
    struct haul_record rec;
    enum haul_err err;

    *name = NULL;
    if (!is_plain(line, len)) {
        err = haul_journal_parse(parser, line, len, &rec);
        if (!err)
            *name = rec.filename_effective;
        return err;
    }
    reader.at = FIND_BEHIND(line, len, ",\"filename_effective\":\"");
    if (!reader.at)
        return HAUL_OK;
    haul_buf_clear(&parser->text);
    if (!haul_buf_reserve(&parser->text, (size_t)(reader.end - reader.at)))
        return HAUL_ERR_NOMEM;
    *name = read_string(&reader, parser);
    return reader.fits ? HAUL_OK : HAUL_ERR_SYNTAX;
}

/* ---- the beginning of any line ---- */

/* A number that may stand anywhere in the rest of a footer; 0: it does not. */
static uint64_t find_number(struct haul_line_reader reader, const char *name, size_t len)
{
    reader.at = find_behind(reader.at, (size_t)(reader.end - reader.at), name, len);
    return reader.at ? haul_line_read_number(&reader) : 0;
}
#define FIND_NUMBER(reader, literal) find_number(*(reader), literal, sizeof literal - 1)
#define FIND_TRUE(reader, literal)                                                                 \
    (FIND_BEHIND((reader)->at, (size_t)((reader)->end - (reader)->at), literal "true") != NULL)

/* Of all that a footer says only these are no sums of the records before it. */
static void read_footer(struct haul_line_reader *reader, struct haul_journal_mark *mark)
{
    mark->kind = HAUL_JOURNAL_FOOTER;
    (void)haul_line_read_number(reader); /* the version */
    mark->ended_us = HAUL_LINE_SKIP(reader, HAUL_LINE_ENDED) ? read_date(reader) : 0;
    reader->fits = true;
    mark->pending = FIND_NUMBER(reader, HAUL_LINE_PENDING);
    mark->inputs = (struct haul_inputs){.is_unread = FIND_TRUE(reader, HAUL_LINE_UNREAD),
                                        .is_error = FIND_TRUE(reader, HAUL_LINE_EMPTY_ERROR),
                                        .empty = FIND_NUMBER(reader, HAUL_LINE_EMPTY)};
    reader->fits = mark->pending <= PENDING_MAX && mark->inputs.empty <= PENDING_MAX;
}

static bool peek_written(struct haul_line_reader *reader, struct haul_journal_mark *mark)
{
    struct haul_record rec = {.reason = HAUL_REASON_NONE};

    if (HAUL_LINE_SKIP(reader, HAUL_LINE_HEADER)) {
        mark->kind = HAUL_JOURNAL_HEADER;
        mark->version = (int)(haul_line_read_number(reader) & 0xffff);
        return reader->fits;
    }
    if (HAUL_LINE_SKIP(reader, HAUL_LINE_FOOTER)) {
        read_footer(reader, mark);
        return reader->fits;
    }
    if (!read_beginning(reader, mark, &rec))
        return false;
    mark->has_failed = haul_outcome_is_failure(rec.outcome, rec.reason);
    mark->is_transient = mark->has_failed && haul_record_is_transient(&rec);
    return true;
}

/* A line without checksum is read to its end: only that tells whether it is a record. */
static enum haul_err peek_foreign(const char *line, size_t len, struct haul_journal_mark *mark)
{
    struct haul_line_reader reader;
    struct haul_journal_parser parser;
    struct haul_record rec;
    struct haul_buf own;
    enum haul_err err;

    haul_buf_init(&own, 0);
    haul_journal_parser_init(&parser);
    err = haul_line_rewrite(line, len, false, &own);
    reader = (struct haul_line_reader){haul_buf_str(&own), haul_buf_str(&own) + own.len, true};
    if (!err && !peek_written(&reader, mark))
        err = HAUL_ERR_SYNTAX;
    reader.at = haul_buf_str(&own);
    if (!err && mark->kind == HAUL_JOURNAL_RECORD)
        err = read_written(&parser, &reader, &rec);
    haul_journal_parser_done(&parser);
    haul_buf_done(&own);
    return err;
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
