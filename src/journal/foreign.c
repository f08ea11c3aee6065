#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "journal/line_inside.h"
#include "model/field.h"

/*
 * Lines that another program wrote or laid out anew: any JSON object with a record's fields. They
 * are written once more, in the form that haul itself writes, and then read like its own. A value
 * that cannot be one of its field is left out or written as it is: the reading refuses it.
 */

static void add_pairs(struct haul_buf *to, json_t *object)
{
    const char *name, *comma = "{";
    json_t *value;

    json_object_foreach(object, name, value)
    {
        haul_buf_add_str(to, comma);
        haul_line_add_json(to, name, strlen(name));
        haul_buf_add_char(to, ':');
        if (json_is_string(value))
            haul_line_add_json(to, json_string_value(value), json_string_length(value));
        comma = ",";
    }
    haul_buf_add_str(to, *comma == '{' ? "{}" : "}");
}

static void add_seconds(struct haul_buf *to, double us)
{
    struct haul_value seconds = {.kind = HAUL_VALUE_SECONDS};

    if (!(us >= 0 && us < 9e18))
        return;
    seconds.number = (int64_t)(us + 0.5);
    haul_value_add_number(to, &seconds);
}

static void add_value(struct haul_buf *to, enum haul_line_kind kind, json_t *value)
{
    if (json_is_number(value) && kind == HAUL_LINE_TIME)
        add_seconds(to, json_number_value(value) * 1e6);
    else if (json_is_integer(value))
        haul_buf_add_i64(to, json_integer_value(value));
    else if (json_is_boolean(value))
        haul_buf_add_str(to, json_is_true(value) ? "true" : "false");
    else if (json_is_string(value))
        haul_line_add_json(to, json_string_value(value), json_string_length(value));
    else if (json_is_object(value))
        add_pairs(to, value);
    else if (json_is_null(value))
        haul_buf_add_str(to, "null");
}

/* Words of haul's own have no escapes: one with a quotation mark is none of them. */
static void add_word(struct haul_buf *to, const char *before, const json_t *word)
{
    const char *text = json_string_value(word);

    haul_buf_add_str(to, before);
    haul_buf_add_str(to, text && !strchr(text, '"') ? text : "?");
}

static void add_string(struct haul_buf *to, const char *before, const json_t *string)
{
    haul_buf_add(to, before, strlen(before) - 1); /* its quotation mark is written again */
    haul_line_add_json(to, json_string_value(string), json_string_length(string));
}

/* Microseconds of a number of seconds; -1: it is none. */
static double us_of(const json_t *seconds)
{
    double us = json_number_value(seconds) * 1e6;

    return json_is_number(seconds) && us >= 0 && us < 9e18 ? us : -1;
}

static void add_attempt(struct haul_buf *to, const json_t *attempt)
{
    const json_t *reason = json_object_get(attempt, "reason");
    json_int_t worker = json_integer_value(json_object_get(attempt, "worker"));

    haul_buf_add_str(to, HAUL_LINE_TRIED_AT);
    add_seconds(to, us_of(json_object_get(attempt, "at")));
    haul_buf_add_str(to, HAUL_LINE_TRIED_TOOK);
    add_seconds(to, us_of(json_object_get(attempt, "took")));
    haul_buf_addf(to, "%s%lld", HAUL_LINE_TRIED_WORKER,
                  (long long)(worker > 0 && worker <= INT_MAX ? worker : 0));
    if (json_is_string(reason)) {
        add_word(to, HAUL_LINE_REASON, reason);
        haul_buf_add_char(to, '"');
    }
    haul_buf_add_char(to, '}');
}

/* What is none, and what is too many, is left out: it says nothing of how the URL has ended. */
static void add_tried(struct haul_buf *to, const json_t *object)
{
    const json_t *tried = json_object_get(object, "tried");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(tried) && count < HAUL_TRIED_MAX; i++) {
        const json_t *attempt = json_array_get(tried, i);

        if (us_of(json_object_get(attempt, "at")) < 0 ||
            us_of(json_object_get(attempt, "took")) < 0)
            continue;
        haul_buf_add_str(to, count++ ? "," : HAUL_LINE_TRIED);
        add_attempt(to, attempt);
    }
    if (count)
        haul_buf_add_char(to, ']');
}

static void add_entry(struct haul_buf *to, const json_t *object)
{
    const json_t *entry = json_object_get(object, "entry");
    const json_t *column = json_object_get(object, "url_column");
    json_int_t place = json_integer_value(json_object_get(object, "url_place"));

    if (!json_is_string(entry))
        return;
    add_string(to, HAUL_LINE_ENTRY, entry);
    if (place < 1)
        return;
    haul_buf_addf(to, "%s%lld", HAUL_LINE_URL_PLACE, (long long)place);
    if (json_is_string(column))
        add_string(to, HAUL_LINE_URL_COLUMN, column);
}

static void add_record(struct haul_buf *to, const json_t *object)
{
    const json_t *reason = json_object_get(object, "reason");
    json_int_t replaces = json_integer_value(json_object_get(object, "replaces"));
    bool tells_status =
        json_is_string(reason) && strncmp(json_string_value(reason), "http-", 5) == 0;

    add_word(to, HAUL_LINE_KEY, json_object_get(object, "key"));
    haul_buf_add_str(to, HAUL_LINE_SEQ);
    haul_buf_add_i64(to, json_integer_value(json_object_get(object, "seq")));
    add_word(to, HAUL_LINE_OUTCOME, json_object_get(object, "outcome"));
    haul_buf_add_char(to, '"');
    if (json_is_string(reason)) {
        add_word(to, HAUL_LINE_REASON, reason);
        haul_buf_add_char(to, '"');
    }
    if (replaces)
        haul_buf_addf(to, "%s%lld", HAUL_LINE_REPLACES, (long long)replaces);
    for (size_t i = 0; i < haul_field_count; i++) {
        enum haul_line_kind kind = haul_line_fields[i].kind;
        json_t *value = json_object_get(object, haul_fields[i].name);

        if (!value || kind == HAUL_LINE_LEFT_OUT)
            continue;
        if (tells_status && strcmp(haul_fields[i].name, "http_code") == 0)
            continue; /* the reason has the last word */
        haul_buf_add(to, haul_fields[i].key, haul_fields[i].key_len);
        add_value(to, kind, value);
    }
    add_tried(to, object);
    add_entry(to, object);
}

/* "journal" alone is a word that anybody's files may have: a header says whose it is, too. */
static enum haul_err add_header(struct haul_buf *to, const json_t *object)
{
    json_int_t version = json_integer_value(json_object_get(object, "journal"));

    if (version < 1 || !json_is_string(json_object_get(object, "haul")))
        return HAUL_ERR_SYNTAX;
    haul_buf_addf(to, "%s%d", HAUL_LINE_HEADER, version > 0xffff ? 0xffff : (int)version);
    return HAUL_OK;
}

static json_int_t count_of(const json_t *object, const char *name)
{
    json_int_t count = json_integer_value(json_object_get(object, name));

    return count > 0 ? count : 0;
}

static void add_footer(struct haul_buf *to, const json_t *object)
{
    const struct haul_inputs inputs = {.is_unread = json_is_true(json_object_get(object, "unread")),
                                       .is_error =
                                           json_is_true(json_object_get(object, "empty_is_error")),
                                       .empty = (uint64_t)count_of(object, "empty_inputs")};

    haul_buf_addf(to, "%s1%s%lld", HAUL_LINE_FOOTER, HAUL_LINE_PENDING,
                  (long long)count_of(object, "pending"));
    haul_line_add_inputs(to, &inputs);
}

enum haul_err haul_line_rewrite(const char *line, size_t len, bool is_checked, struct haul_buf *to)
{
    json_error_t error;
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
    const json_t *header = json_object_get(object, "journal");
    enum haul_err err = HAUL_OK;

    if (!object)
        return json_error_code(&error) == json_error_out_of_memory ? HAUL_ERR_NOMEM
                                                                   : HAUL_ERR_SYNTAX;
    if (!json_is_object(object) || (!is_checked && json_object_get(object, "crc")))
        err = HAUL_ERR_SYNTAX;
    else if (header)
        err = add_header(to, object);
    else if (json_object_get(object, "footer"))
        add_footer(to, object);
    else
        add_record(to, object);
    json_decref(object);
    return err ? err : to->err;
}
