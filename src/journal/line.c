/* memmem */
#define _GNU_SOURCE
#include "journal/line.h"

#include <string.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/hash.h"
#include "journal/line_inside.h"
#include "model/field.h"

#define ADD_LITERAL(buf, literal) haul_buf_add(buf, literal, sizeof literal - 1)

static void add_hex(struct haul_buf *buf, uint64_t number, int digits)
{
    static const char hex[] = "0123456789abcdef";
    char text[HAUL_LINE_OLD_KEY_DIGITS];

    for (int i = digits; i; i--, number >>= 4)
        text[i - 1] = hex[number & 15];
    haul_buf_add(buf, text, (size_t)digits);
}

/* Ends the line that was begun at `start`. */
static void end_line(struct haul_buf *buf, size_t start)
{
    uint32_t sum;

    if (buf->err)
        return;
    sum = haul_line_checksum(buf->data + start, buf->len - start);
    ADD_LITERAL(buf, HAUL_LINE_CRC);
    add_hex(buf, sum, HAUL_LINE_CRC_DIGITS);
    haul_buf_add(buf, "\"}\n", 3);
}

/*
 * haul_escape_json writes a byte that is no UTF-8 as \xNN; a backslash is doubled once more, so
 * that no text looks like that.
 */
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

static bool is_zero(const struct haul_value *value)
{
    return (value->kind == HAUL_VALUE_NUMBER || value->kind == HAUL_VALUE_SECONDS) &&
           value->number == 0;
}

/* Whether a line without the field says this. */
static bool is_implied(enum haul_line_absent absent, const struct haul_record *rec,
                       const struct haul_value *value)
{
    switch (absent) {
    case HAUL_LINE_ZERO:
        return is_zero(value);
    case HAUL_LINE_ZERO_IF_TRIED:
        return rec->attempts > 0 ? is_zero(value) : value->kind == HAUL_VALUE_NONE;
    case HAUL_LINE_URL_IF_TRIED:
        if (rec->attempts > 0)
            return value->kind == HAUL_VALUE_TEXT && strcmp(value->text, rec->url) == 0;
        return value->kind == HAUL_VALUE_NONE;
    case HAUL_LINE_TOTAL_IF_ONCE:
        if (rec->attempts == 1)
            return rec->time_elapsed_us == rec->time_total_us;
        return value->kind == HAUL_VALUE_NONE;
    default:
        return value->kind == HAUL_VALUE_NONE;
    }
}

static void add_field(struct haul_buf *buf, size_t i, const struct haul_record *rec)
{
    struct haul_value value;

    if (haul_line_fields[i].kind == HAUL_LINE_LEFT_OUT)
        return;
    haul_fields[i].get(rec, &value);
    if (is_implied(haul_line_fields[i].absent, rec, &value))
        return;
    haul_buf_add(buf, haul_fields[i].key, haul_fields[i].key_len);
    if (value.kind == HAUL_VALUE_NONE)
        ADD_LITERAL(buf, "null");
    else if (value.kind == HAUL_VALUE_TEXT)
        add_string(buf, value.text, value.text_len);
    else if (value.kind == HAUL_VALUE_PAIRS)
        haul_value_add_pairs(buf, &value, add_text);
    else
        haul_value_add_number(buf, &value);
}

static void add_key(struct haul_buf *buf, const struct haul_key *key)
{
    ADD_LITERAL(buf, HAUL_LINE_KEY);
    if (haul_key_is_old(key)) {
        add_hex(buf, key->old, HAUL_LINE_OLD_KEY_DIGITS);
        return;
    }
    add_hex(buf, key->high, HAUL_LINE_KEY_DIGITS / 2);
    add_hex(buf, key->low, HAUL_LINE_KEY_DIGITS / 2);
}

static void add_beginning(struct haul_buf *buf, const struct haul_record *rec,
                          const struct haul_key *key, uint32_t replaces)
{
    char word[HAUL_REASON_WORD_MAX];

    add_key(buf, key);
    ADD_LITERAL(buf, HAUL_LINE_SEQ);
    haul_buf_add_u64(buf, rec->seq);
    ADD_LITERAL(buf, HAUL_LINE_OUTCOME);
    haul_buf_add_str(buf, haul_outcome_word(rec->outcome));
    haul_buf_add_char(buf, '"');
    if (rec->reason != HAUL_REASON_NONE) {
        ADD_LITERAL(buf, HAUL_LINE_REASON);
        haul_buf_add_str(buf, haul_reason_word(rec, word));
        haul_buf_add_char(buf, '"');
    }
    if (replaces) {
        ADD_LITERAL(buf, HAUL_LINE_REPLACES);
        haul_buf_add_u64(buf, replaces);
    }
}

static void add_seconds(struct haul_buf *buf, int64_t us)
{
    const struct haul_value seconds = {.kind = HAUL_VALUE_SECONDS, .number = us < 0 ? 0 : us};

    haul_value_add_number(buf, &seconds);
}

/* The requests before the last one. A step has no reason. */
static void add_tried(struct haul_buf *buf, const struct haul_record *rec)
{
    char word[HAUL_REASON_WORD_MAX];

    for (size_t i = 0; i < rec->tried_count; i++) {
        const struct haul_tried *tried = &rec->tried[i];
        const struct haul_record then = {.reason = tried->reason, .http_code = tried->http_code};

        haul_buf_add_str(buf, i ? "," : HAUL_LINE_TRIED);
        ADD_LITERAL(buf, HAUL_LINE_TRIED_AT);
        add_seconds(buf, tried->at_us);
        ADD_LITERAL(buf, HAUL_LINE_TRIED_TOOK);
        add_seconds(buf, tried->took_us);
        haul_buf_addf(buf, "%s%d", HAUL_LINE_TRIED_WORKER, tried->worker);
        if (!tried->is_step)
            haul_buf_addf(buf, "%s%s\"", HAUL_LINE_REASON, haul_reason_word(&then, word));
        haul_buf_add_char(buf, '}');
    }
    if (rec->tried_count)
        haul_buf_add_char(buf, ']');
}

static void add_entry(struct haul_buf *buf, const struct haul_record *rec)
{
    if (!rec->entry)
        return;
    ADD_LITERAL(buf, HAUL_LINE_ENTRY);
    add_text(buf, rec->entry, strlen(rec->entry));
    haul_buf_add_char(buf, '"');
    if (!rec->url_place)
        return;
    ADD_LITERAL(buf, HAUL_LINE_URL_PLACE);
    haul_buf_add_u64(buf, rec->url_place);
    if (!rec->url_column)
        return;
    ADD_LITERAL(buf, HAUL_LINE_URL_COLUMN);
    add_text(buf, rec->url_column, strlen(rec->url_column));
    haul_buf_add_char(buf, '"');
}

void haul_journal_add_record(struct haul_buf *buf, const struct haul_record *rec,
                             const struct haul_key *key, uint32_t replaces)
{
    size_t start = buf->len;

    add_beginning(buf, rec, key, replaces);
    for (size_t i = 0; i < haul_field_count; i++)
        add_field(buf, i, rec);
    add_tried(buf, rec);
    add_entry(buf, rec);
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

#define HEADER_BEGINNING(version) HAUL_LINE_HEADER version ",\"haul\":\""
_Static_assert(HAUL_JOURNAL_VERSION == 2, "as beginnings has it");

/* The last one is what this version writes. */
static const char beginnings[][sizeof HEADER_BEGINNING("1")] = {HEADER_BEGINNING("1"),
                                                                HEADER_BEGINNING("2")};
enum {
    BEGINNINGS = sizeof beginnings / sizeof *beginnings,
    BEGINNING_LEN = sizeof *beginnings - 1
};

/* Whether the bytes are one of the beginnings, as far as they go. */
static bool is_beginning(const char *bytes, size_t len)
{
    for (size_t i = 0; i < BEGINNINGS; i++)
        if (memcmp(bytes, beginnings[i], len < BEGINNING_LEN ? len : BEGINNING_LEN) == 0)
            return true;
    return false;
}

bool haul_journal_begins_as_header(const char *line, size_t len)
{
    return len >= BEGINNING_LEN && is_beginning(line, len);
}

bool haul_journal_is_torn_header(const char *bytes, size_t len)
{
    size_t known = BEGINNING_LEN;

    if (!len || !is_beginning(bytes, len))
        return false;
    for (size_t i = known; i < len; i++)
        if (haul_ascii_is_control(bytes[i])) /* haul escapes them */
            return false;
    return true;
}

void haul_journal_add_header(struct haul_buf *buf, const struct haul_journal_head *head)
{
    size_t start = buf->len;

    haul_buf_add(buf, beginnings[BEGINNINGS - 1], BEGINNING_LEN);
    add_text(buf, head->version, strlen(head->version));
    haul_buf_add_char(buf, '"');
    haul_buf_add_str(buf, ",\"libcurl\":");
    add_string(buf, head->libcurl, strlen(head->libcurl));
    add_time(buf, ",\"started\":", head->started_us);
    haul_buf_addf(buf, ",\"pid\":%ld,\"resumed\":%s,\"options\":", head->pid,
                  head->resumed ? "true" : "false");
    haul_buf_add_str(buf, head->options);
    end_line(buf, start);
}

void haul_line_add_inputs(struct haul_buf *buf, const struct haul_inputs *inputs)
{
    haul_buf_addf(buf, HAUL_LINE_UNREAD "%s" HAUL_LINE_EMPTY "%llu" HAUL_LINE_EMPTY_ERROR "%s",
                  inputs->is_unread ? "true" : "false", (unsigned long long)inputs->empty,
                  inputs->is_error ? "true" : "false");
}

void haul_journal_add_footer(struct haul_buf *buf, const struct haul_ledger *ledger,
                             const struct haul_inputs *inputs, int64_t ended_us, int status)
{
    size_t start = buf->len;

    haul_buf_addf(buf, "%s%d", HAUL_LINE_FOOTER, HAUL_JOURNAL_VERSION);
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
    haul_line_add_inputs(buf, inputs);
    end_line(buf, start);
}

/* ---- the options of a header ---- */

void haul_line_add_json(struct haul_buf *buf, const char *text, size_t len)
{
    haul_buf_add_char(buf, '"');
    haul_escape_json(buf, text, len);
    haul_buf_add_char(buf, '"');
}

static void add_bool(struct haul_buf *buf, const char *key, bool value)
{
    haul_buf_addf(buf, "%s:%s", key, value ? "true" : "false");
}

static void add_lists(struct haul_buf *buf, const struct haul_config *config)
{
    size_t urls = 0, sitemaps = 0;
    const char *comma = "";

    haul_buf_add_str(buf, ",\"lists\":[");
    for (size_t i = 0; i < config->source_count; i++) {
        const struct haul_source *source = &config->source[i];

        if (source->kind == HAUL_SOURCE_URL) {
            urls++;
            continue;
        }
        if (source->kind != HAUL_SOURCE_FILE) {
            sitemaps++; /* its name may hold a password */
            continue;
        }
        haul_buf_add_str(buf, comma);
        haul_line_add_json(buf, source->text, strlen(source->text));
        comma = ",";
    }
    haul_buf_addf(buf, "],\"urls\":%zu,\"sitemaps\":%zu", urls, sitemaps);
}

/* "Name: value" and "Name;": what stands before either is no secret. */
static void add_headers(struct haul_buf *buf, const struct haul_strings *headers)
{
    haul_buf_add_str(buf, ",\"headers\":[");
    for (size_t i = 0; i < headers->count; i++) {
        if (i)
            haul_buf_add_char(buf, ',');
        haul_line_add_json(buf, headers->item[i], strcspn(headers->item[i], ":;"));
    }
    haul_buf_add_char(buf, ']');
}

#define IGNORED_BEGINNING ",\"ignore_params\":["

static void add_statuses(struct haul_buf *buf, const struct haul_status_set *set)
{
    haul_buf_add_str(buf, ",\"accept\":[");
    for (size_t i = 0; i < set->count; i++)
        haul_buf_addf(buf, "%s[%d,%d]", i ? "," : "", set->range[i].first, set->range[i].last);
    haul_buf_add_char(buf, ']');
}

/* Only if there are some: who has none writes what all versions wrote. */
static void add_ignored(struct haul_buf *buf, const struct haul_strings *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        haul_buf_add_str(buf, i ? "," : IGNORED_BEGINNING);
        haul_line_add_json(buf, rules->item[i], strlen(rules->item[i]));
    }
    if (rules->count)
        haul_buf_add_char(buf, ']');
}

uint64_t haul_journal_ignored(const char *header, size_t len)
{
    const char *at = memmem(header, len, IGNORED_BEGINNING, sizeof IGNORED_BEGINNING - 1);
    const char *end = header + len;
    uint64_t sum = 0;

    if (!at)
        return 0;
    for (at += sizeof IGNORED_BEGINNING - 1; at < end && *at == '"'; at += at < end) {
        const char *begin = ++at;

        while (at < end && *at != '"')
            at += *at == '\\' ? 2 : 1;
        if (at >= end)
            return 0;
        sum += haul_hash_mix(haul_hash(begin, (size_t)(at++ - begin)));
    }
    return sum;
}

uint64_t haul_journal_ignored_now(const struct haul_config *config)
{
    struct haul_buf text;
    uint64_t sum;

    haul_buf_init(&text, 0);
    add_ignored(&text, &config->ignore_params);
    sum = haul_journal_ignored(haul_buf_str(&text), text.len);
    haul_buf_done(&text);
    return sum;
}

void haul_journal_add_options(struct haul_buf *buf, const struct haul_config *config)
{
    add_bool(buf, "{\"head\"", config->method == HAUL_METHOD_HEAD);
    add_bool(buf, ",\"auto\"", config->method == HAUL_METHOD_AUTO);
    add_bool(buf, ",\"compressed\"", config->compressed);
    add_bool(buf, ",\"location\"", config->follow);
    add_bool(buf, ",\"insecure\"", config->insecure);
    add_bool(buf, ",\"user\"", config->user != NULL);
    add_bool(buf, ",\"proxy\"", config->proxy != NULL || config->proxy_from_env);
    haul_buf_addf(buf, ",\"max_redirs\":%d,\"max_filesize\":%lld,\"retry\":%d,\"jobs\":%d",
                  config->max_redirs, (long long)config->max_filesize, config->retry, config->jobs);
    add_statuses(buf, &config->accept);
    if (config->dir || config->tar) {
        const char *place = config->dir ? config->dir : config->tar;

        haul_buf_add_str(buf, config->dir ? ",\"dir\":" : ",\"tar\":");
        haul_line_add_json(buf, place, strlen(place));
        haul_buf_add_str(buf, ",\"name\":");
        haul_line_add_json(buf, config->name, strlen(config->name));
    }
    add_headers(buf, &config->headers);
    add_lists(buf, config);
    add_ignored(buf, &config->ignore_params);
    if (config->title) {
        haul_buf_add_str(buf, ",\"title\":");
        haul_line_add_json(buf, config->title, strlen(config->title));
    }
    haul_buf_add_char(buf, '}');
}
