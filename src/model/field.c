#include "model/field.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/calendar.h"
#include "base/escape.h"
#include "model/url_parts.h"

static void set_number(struct haul_value *value, int64_t number)
{
    value->kind = HAUL_VALUE_NUMBER;
    value->number = number;
}

static void set_text(struct haul_value *value, const char *text)
{
    value->kind = text ? HAUL_VALUE_TEXT : HAUL_VALUE_NONE;
    value->text = text;
    value->text_len = text ? strlen(text) : 0;
}

/* --- the computed fields ---------------------------------------------------------------------- */

static void get_outcome(const struct haul_record *rec, struct haul_value *value)
{
    set_text(value, haul_outcome_word(rec->outcome));
}

/* haul_reason_word prints, and prints slowly; of most records there is nothing to print. */
static void get_reason(const struct haul_record *rec, struct haul_value *value)
{
    if (rec->reason == HAUL_REASON_NONE)
        value->kind = HAUL_VALUE_NONE;
    else
        set_text(value, haul_reason_word(rec, value->word));
}

/* curl's meaning: the average of the whole transfer, in bytes per second. */
static void get_speed_download(const struct haul_record *rec, struct haul_value *value)
{
    double speed;

    value->kind = HAUL_VALUE_NONE;
    if (rec->size_download < 0 || rec->time_total_us <= 0)
        return;
    speed = (double)rec->size_download / (double)rec->time_total_us * 1e6;
    if (speed < 9e18)
        set_number(value, (int64_t)speed);
}

static void get_verified(const struct haul_record *rec, struct haul_value *value)
{
    value->kind = HAUL_VALUE_BOOL;
    value->number = rec->verified;
}

static void get_num_retries(const struct haul_record *rec, struct haul_value *value)
{
    set_number(value, rec->attempts > 1 ? rec->attempts - 1 : 0);
}

/* Lower case, as curl has it since version 8. */
static void get_scheme(const struct haul_record *rec, struct haul_value *value)
{
    const char *url = rec->url_effective ? rec->url_effective : "";
    size_t len = haul_url_parts_of(url, strlen(url)).scheme.len;

    value->kind = HAUL_VALUE_NONE;
    if (len == 0 || len > sizeof value->word)
        return;
    for (size_t i = 0; i < len; i++)
        value->word[i] = haul_ascii_lower(url[i]);
    value->kind = HAUL_VALUE_TEXT;
    value->text = value->word;
    value->text_len = len;
}

/* Writes `width` digits, 1 to 19, of a number that has no more. Returns where to go on. */
static char *put_digits(char *to, uint64_t number, int width)
{
    for (int i = width; i; i--, number /= 10)
        to[i - 1] = (char)('0' + number % 10);
    return to + width;
}

static int digits_of(uint64_t number)
{
    int digits = 1;

    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static char *put_number(char *to, uint64_t number)
{
    return put_digits(to, number, digits_of(number));
}

/* RFC 3339, UTC, milliseconds: 2024-02-29T23:59:59.999Z. */
static void get_started(const struct haul_record *rec, struct haul_value *value)
{
    static const char separator[] = "--T::.Z";
    char *to = value->word;
    struct haul_calendar at;
    int year_digits;

    value->kind = HAUL_VALUE_NONE;
    if (rec->started_us <= 0)
        return;
    at = haul_calendar_of(rec->started_us / 1000000);
    year_digits = at.year < 10000 ? 4 : digits_of((uint64_t)at.year);
    const int64_t part[] = {
        at.year, at.month, at.day, at.hour, at.minute, at.second, rec->started_us / 1000 % 1000};
    for (int i = 0; i < 7; i++) {
        to = put_digits(to, (uint64_t)part[i], i == 0 ? year_digits : i == 6 ? 3 : 2);
        *to++ = separator[i];
    }
    value->kind = HAUL_VALUE_TEXT;
    value->text = value->word;
    value->text_len = (size_t)(to - value->word);
}

static void get_attached(const struct haul_record *rec, struct haul_value *value)
{
    value->kind = rec->attached_count ? HAUL_VALUE_PAIRS : HAUL_VALUE_NONE;
    value->pair = rec->attached;
    value->pair_count = rec->attached_count;
}

/* --- the fields that are members -------------------------------------------------------------- */

#define GETTER(name) static void get_##name(const struct haul_record *rec, struct haul_value *value)
#define GETTER_TEXT(member, name)                                                                  \
    GETTER(name)                                                                                   \
    {                                                                                              \
        set_text(value, rec->member);                                                              \
    }
#define GETTER_NUMBER(member, name, kind_of_known, is_known)                                       \
    GETTER(name)                                                                                   \
    {                                                                                              \
        value->kind = (is_known) ? (kind_of_known) : HAUL_VALUE_NONE;                              \
        value->number = (int64_t)rec->member;                                                      \
    }
#define GETTER_SIZE(member, name) GETTER_NUMBER(member, name, HAUL_VALUE_NUMBER, rec->member >= 0)
#define GETTER_TIME(member, name) GETTER_NUMBER(member, name, HAUL_VALUE_SECONDS, rec->member >= 0)
#define GETTER_COUNT(member, name) GETTER_NUMBER(member, name, HAUL_VALUE_NUMBER, true)
#define GETTER_NONZERO(member, name)                                                               \
    GETTER_NUMBER(member, name, HAUL_VALUE_NUMBER, rec->member != 0)
#define GETTER_OTHER(member, name)
#define DEFINE_GETTER(kind, member, name) GETTER_##kind(member, name)
HAUL_FIELDS(DEFINE_GETTER)

const struct haul_field haul_fields[] = {
#define FIELD_ROW(kind, member, name)                                                              \
    {#name, ",\"" #name "\":", sizeof(",\"" #name "\":") - 1, get_##name},
    HAUL_FIELDS(FIELD_ROW)
#undef FIELD_ROW
};
const size_t haul_field_count = sizeof haul_fields / sizeof *haul_fields;

const struct haul_field *haul_field_find(struct haul_span name)
{
    for (size_t i = 0; i < haul_field_count; i++)
        if (haul_span_is(name, haul_fields[i].name))
            return &haul_fields[i];
    return NULL;
}

/* Whether a word stands in a list of such before. */
static bool is_repeated(const char *list, struct haul_span word)
{
    struct haul_span left = {list, (size_t)(word.at - list)}, other;

    while (haul_span_take_before(&left, ',', &other))
        if (other.len == word.len && memcmp(other.at, word.at, word.len) == 0)
            return true;
    return false;
}

const char *haul_fields_choice_check(const char *text)
{
#define FIELD_NAME(kind, member, name) #name ", "
    static const char unknown[] = "must be names of fields with commas between: " HAUL_FIELDS(
        FIELD_NAME) "and " HAUL_FIELD_COLUMN "NAME for a column of the lists";
#undef FIELD_NAME
    struct haul_span left = haul_span_of(text), word;
    bool more = true;

    while (more) {
        more = haul_span_take_before(&left, ',', &word);
        if (!more)
            word = left;
        if (is_repeated(text, word))
            return "names a field twice";
        if (!haul_field_find(word) && (!haul_span_skip(&word, HAUL_FIELD_COLUMN) || !word.len))
            return unknown;
    }
    return NULL;
}

static char *put_text(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

static char *put_seconds(char *to, uint64_t us)
{
    to = put_number(to, us / 1000000);
    *to++ = '.';
    return put_digits(to, us % 1000000, 6);
}

char *haul_value_put_number(char *to, const struct haul_value *value)
{
    uint64_t magnitude = (uint64_t)value->number;

    if (value->kind == HAUL_VALUE_BOOL)
        return value->number ? put_text(to, "true", 4) : put_text(to, "false", 5);
    if (value->kind == HAUL_VALUE_SECONDS)
        return put_seconds(to, magnitude);
    if (value->number >= 0)
        return put_number(to, magnitude);
    *to++ = '-';
    return put_number(to, 0 - magnitude);
}

void haul_value_add_number(struct haul_buf *buf, const struct haul_value *value)
{
    char *to = haul_buf_reserve(buf, HAUL_VALUE_NUMBER_MAX);

    if (to)
        haul_buf_grew(buf, (size_t)(haul_value_put_number(to, value) - to));
}

static void add_quoted(struct haul_buf *buf, const char *text,
                       void (*add_text)(struct haul_buf *buf, const void *bytes, size_t len))
{
    haul_buf_add_char(buf, '"');
    add_text(buf, text, strlen(text));
    haul_buf_add_char(buf, '"');
}

void haul_value_add_pairs(struct haul_buf *buf, const struct haul_value *value,
                          void (*add_text)(struct haul_buf *buf, const void *bytes, size_t len))
{
    haul_buf_add_char(buf, '{');
    for (size_t i = 0; i < value->pair_count; i++) {
        if (i)
            haul_buf_add_char(buf, ',');
        add_quoted(buf, value->pair[i].name, add_text);
        haul_buf_add_char(buf, ':');
        add_quoted(buf, value->pair[i].value, add_text);
    }
    haul_buf_add_char(buf, '}');
}

static void add_pairs_cell(struct haul_buf *buf, const struct haul_value *value,
                           void (*escape)(struct haul_buf *buf, const void *bytes, size_t len))
{
    struct haul_buf json;

    haul_buf_init(&json, 0);
    haul_value_add_pairs(&json, value, haul_escape_json);
    escape(buf, haul_buf_str(&json), json.len);
    if (json.err && !buf->err)
        buf->err = json.err;
    haul_buf_done(&json);
}

void haul_value_add_cell(struct haul_buf *buf, const struct haul_value *value,
                         void (*escape)(struct haul_buf *buf, const void *bytes, size_t len))
{
    switch (value->kind) {
    case HAUL_VALUE_NONE:
        break;
    case HAUL_VALUE_TEXT:
        escape(buf, value->text, value->text_len);
        break;
    case HAUL_VALUE_PAIRS:
        add_pairs_cell(buf, value, escape);
        break;
    default:
        haul_value_add_number(buf, value);
    }
}
