#include "journal/line.h"

#include <string.h>
#include <zlib.h>

#include "base/escape.h"
#include "journal/inside.h"
#include "report/field.h"

/* ---- writing ---- */

enum { KEY_DIGITS = HAUL_LINE_KEY_DIGITS, CRC_DIGITS = 8 };
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
static void add_text(struct haul_buf *buf, const void *bytes, size_t len)
{
    const char *text = bytes, *end = text + len;

    while (text < end) {
        const char *backslash = memchr(text, '\\', (size_t)(end - text));
        const char *stop = backslash ? backslash : end;

        haul_escape_json(buf, text, (size_t)(stop - text));
        if (backslash)
            haul_buf_add(buf, "\\\\\\\\", 4);
        text = stop + (backslash != NULL);
    }
}

static void add_string(struct haul_buf *buf, const char *text, size_t len)
{
    haul_buf_add_char(buf, '"');
    add_text(buf, text, len);
    haul_buf_add_char(buf, '"');
}

static void add_field(struct haul_buf *buf, size_t i, const struct haul_record *rec)
{
    struct haul_value value;

    if (haul_line_fields[i].kind == HAUL_LINE_FIRST ||
        haul_line_fields[i].kind == HAUL_LINE_DERIVED)
        return;
    haul_fields[i].get(rec, &value);
    if (value.kind == HAUL_VALUE_NONE)
        return;
    haul_buf_add(buf, haul_fields[i].key, haul_fields[i].key_len);
    if (value.kind == HAUL_VALUE_TEXT)
        add_string(buf, value.text, value.text_len);
    else if (value.kind == HAUL_VALUE_PAIRS)
        haul_value_add_pairs(buf, &value, add_text);
    else
        haul_value_add_number(buf, &value);
}

static const char key_name[] = "{\"key\":\"",
                  seq_name[] = "\",\"seq\":", outcome_name[] = ",\"outcome\":\"",
                  reason_name[] = ",\"reason\":\"", replaces_name[] = ",\"replaces\":";

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
        if (haul_line_fields[i].kind == HAUL_LINE_STARTED)
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

static void read_optional(struct haul_line_reader *reader, struct haul_journal_mark *mark,
                          struct haul_record *rec)
{
    const char *word;
    size_t len;
    uint64_t replaces;

    if (HAUL_LINE_SKIP(reader, reason_name)) {
        word = haul_line_read_word(reader, &len);
        haul_line_read_reason(word, len, rec);
    }
    if (HAUL_LINE_SKIP(reader, replaces_name)) {
        replaces = haul_line_read_number(reader);
        reader->fits = reader->fits && replaces <= UINT32_MAX;
        mark->replaces = (uint32_t)replaces;
    }
}

bool haul_line_read_beginning(struct haul_line_reader *reader, struct haul_journal_mark *mark,
                              struct haul_record *rec)
{
    const char *word;
    size_t len;

    HAUL_LINE_REQUIRE(reader, key_name);
    mark->key = haul_line_read_hex(reader, KEY_DIGITS);
    HAUL_LINE_REQUIRE(reader, seq_name);
    mark->seq = rec->seq = haul_line_read_number(reader);
    HAUL_LINE_REQUIRE(reader, outcome_name);
    word = haul_line_read_word(reader, &len);
    reader->fits = reader->fits && haul_line_read_outcome(word, len, &mark->outcome);
    rec->outcome = mark->outcome;
    read_optional(reader, mark, rec);
    return reader->fits;
}

static bool peek_written(struct haul_line_reader *reader, struct haul_journal_mark *mark)
{
    struct haul_record rec = {.reason = HAUL_REASON_NONE};

    if (HAUL_LINE_SKIP(reader, header_name)) {
        mark->kind = HAUL_JOURNAL_HEADER;
        mark->version = (int)(haul_line_read_number(reader) & 0xffff);
        return reader->fits;
    }
    if (HAUL_LINE_SKIP(reader, footer_name)) {
        mark->kind = HAUL_JOURNAL_FOOTER;
        return true;
    }
    if (!haul_line_read_beginning(reader, mark, &rec))
        return false;
    mark->is_transient = rec.outcome == HAUL_OUTCOME_FAILED && haul_record_is_transient(&rec);
    return true;
}

/*
 * Whether the line ends in a checksum, and which. Its name may be spoiled, too: what has the shape
 * of a checksum under another name of three letters is taken for a wrong one.
 */
static bool find_checksum(const char *line, size_t len, bool *is_named, uint32_t *sum)
{
    struct haul_line_reader reader = {line, line + len, len >= CRC_SIZE};

    if (!reader.fits)
        return false;
    reader.at = reader.end - CRC_SIZE;
    *is_named = memcmp(reader.at, crc_name, sizeof crc_name - 1) == 0;
    reader.fits = haul_line_skip(&reader, crc_name, 2);
    reader.at += 3;
    HAUL_LINE_REQUIRE(&reader, "\":\"");
    *sum = (uint32_t)haul_line_read_hex(&reader, CRC_DIGITS);
    return HAUL_LINE_SKIP(&reader, "\"}");
}

enum haul_err haul_line_check(const char *line, size_t len, struct haul_line_reader *reader)
{
    bool is_named;
    uint32_t sum;

    if (!find_checksum(line, len, &is_named, &sum))
        return HAUL_ERR_END;
    *reader = (struct haul_line_reader){line, line + len - CRC_SIZE, true};
    if (!is_named || checksum(line, len - CRC_SIZE) != sum)
        return HAUL_ERR_SYNTAX;
    return HAUL_OK;
}

enum haul_err haul_journal_peek(const char *line, size_t len, struct haul_journal_mark *mark)
{
    struct haul_line_reader reader;
    enum haul_err err = haul_line_check(line, len, &reader);

    *mark = (struct haul_journal_mark){.kind = HAUL_JOURNAL_RECORD};
    if (err == HAUL_ERR_END)
        return haul_line_peek_foreign(line, len, mark);
    if (err)
        return err;
    return peek_written(&reader, mark) ? HAUL_OK : HAUL_ERR_SYNTAX;
}
