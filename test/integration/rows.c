#include <string.h>

#include "harness.h"

/* Records and other JSON that cases look at; they are kept to the end of each. */

enum { MESSAGE_MAX = 1000 };

static json_t *kept_rows;

void it_forget_rows(void)
{
    json_decref(kept_rows);
    kept_rows = NULL;
}

static json_t *keep_json(json_t *value)
{
    if (!kept_rows)
        kept_rows = json_array();
    json_array_append_new(kept_rows, value);
    return value;
}

const json_t *it_json(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(value != NULL, "%s in: %.1000s", error.text, text);
    return keep_json(value);
}

const json_t *it_rows(const char *jsonl)
{
    json_t *rows = keep_json(json_array());
    const char *stop = jsonl + strlen(jsonl);

    while (jsonl < stop) {
        const char *end = memchr(jsonl, '\n', (size_t)(stop - jsonl));
        json_error_t error;
        json_t *row;

        ck_assert_msg(end != NULL, "the last line has no end: %.1000s", jsonl);
        row = json_loadb(jsonl, (size_t)(end - jsonl), JSON_REJECT_DUPLICATES, &error);
        ck_assert_msg(row != NULL, "%s in: %.*s", error.text,
                      (int)(end - jsonl < MESSAGE_MAX ? end - jsonl : MESSAGE_MAX), jsonl);
        json_array_append_new(rows, row);
        jsonl = end + 1;
    }
    return rows;
}

const char *it_str(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    ck_assert_msg(text != NULL, "no text: %s", key);
    return text;
}

const char *it_str_or_empty(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

json_int_t it_int(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    ck_assert_msg(json_is_integer(value), "no number: %s of %s", key, it_str(row, "url"));
    return json_integer_value(value);
}

size_t it_count(const json_t *rows, const char *outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(rows); i++)
        count += !outcome || strcmp(it_str(json_array_get(rows, i), "outcome"), outcome) == 0;
    return count;
}

const json_t *it_row(const json_t *rows, const char *url)
{
    const json_t *found = NULL;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);

        if (strcmp(it_str(row, "url"), url) != 0)
            continue;
        ck_assert_msg(!found, "two rows: %s", url);
        found = row;
    }
    ck_assert_msg(found != NULL, "no row: %s", url);
    return found;
}

const char *it_verdict(const json_t *row)
{
    const char *reason = it_str_or_empty(row, "reason");

    return it_text("%s%s%s", it_str(row, "outcome"), *reason ? " " : "", reason);
}

/* "1,234" */
static uint64_t read_grouped(const char **at)
{
    uint64_t value = 0;

    ck_assert_msg(**at >= '0' && **at <= '9', "no number: %s", *at);
    for (; (**at >= '0' && **at <= '9') || **at == ','; (*at)++)
        if (**at != ',')
            value = value * 10 + (uint64_t)(**at - '0');
    return value;
}

void it_check_equation(const char *err, uint64_t lines)
{
    const char *at = strstr(err, lines == 1 ? " line = " : " lines = ");
    const char *end;
    uint64_t sum = 0;

    ck_assert_msg(at != NULL, "no equation: %.1000s", err);
    end = strchr(at, '\n');
    ck_assert_ptr_nonnull(end);
    while (at > err && at[-1] != '\n')
        at--;
    ck_assert_uint_eq(read_grouped(&at), lines);
    for (at += strcspn(at, "="); at < end; at += strcspn(at, "+\n")) {
        at += 2;
        sum += read_grouped(&at);
    }
    ck_assert_uint_eq(sum, lines);
}
