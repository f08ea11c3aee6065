#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/json_table.h"

/*
 * What is JSON to haul is JSON to jansson, and the other way; the lines of a table in JSON Lines do
 * not depend on the pieces in which it arrives. The first byte chooses the pieces, the rest is the
 * table.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* ---- the same as jansson ---- */

static void check_string(const struct haul_json_value *string, const json_t *wanted)
{
    size_t len = json_string_length(wanted);
    char *text = malloc(string->text.len + 1);

    require(text && string->kind == HAUL_JSON_STRING && json_is_string(wanted));
    require(haul_json_put(text, string) == text + len);
    require(memcmp(text, json_string_value(wanted), len) == 0);
    require(haul_json_is(string, json_string_value(wanted), len));
    require(!haul_json_is(string, json_string_value(wanted), len + 1));
    free(text);
}

static void check_value(const struct haul_json_value *value, const json_t *wanted)
{
    static const enum haul_json_kind kinds[] = {
        [JSON_OBJECT] = HAUL_JSON_OBJECT, [JSON_ARRAY] = HAUL_JSON_ARRAY,
        [JSON_STRING] = HAUL_JSON_STRING, [JSON_INTEGER] = HAUL_JSON_NUMBER,
        [JSON_REAL] = HAUL_JSON_NUMBER,   [JSON_TRUE] = HAUL_JSON_TRUE,
        [JSON_FALSE] = HAUL_JSON_FALSE,   [JSON_NULL] = HAUL_JSON_NULL};

    require(value->kind == kinds[json_typeof(wanted)]);
    if (json_is_string(wanted))
        check_string(value, wanted);
    else if (json_is_number(wanted))
        require(fabs(strtod(value->text.at, NULL) - json_number_value(wanted)) == 0);
}

static bool is_refused_for(const json_error_t *error, enum json_error_code code)
{
    return json_error_code(error) == code;
}

/* jansson's own limits: of numbers, and of depth, which is 2048. Names may hold no NUL for it. */
static bool is_beyond_jansson(const json_error_t *error)
{
    return is_refused_for(error, json_error_numeric_overflow) ||
           is_refused_for(error, json_error_null_byte_in_key) ||
           is_refused_for(error, json_error_duplicate_key);
}

static void check_against_jansson(const char *text, size_t len)
{
    json_error_t error;
    json_t *wanted = json_loadb(text, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    struct haul_json_value name, value;
    struct haul_json json;
    size_t count = 0;

    haul_json_init(&json, (struct haul_span){text, len});
    while (haul_json_next(&json, &name, &value)) {
        size_t size = json_object_size(wanted), i = 0;
        const char *key;
        json_t *member;

        json_object_foreach(wanted, key, member) if (i++ == count && size)
        {
            require(haul_json_is(&name, key, strlen(key)));
            check_value(&value, member);
        }
        count++;
    }
    require(!json.problem || (json.at >= text && json.at <= text + len));
    if (memchr(text, '\0', len)) /* which jansson passes over */
        require(json.problem != NULL);
    else if (json_is_object(wanted))
        require(json.problem ? strstr(json.problem, "64 deep") != NULL
                             : count == json_object_size(wanted));
    else
        require(json.problem || is_beyond_jansson(&error));
    json_decref(wanted);
}

/* ---- the same in pieces ---- */

static void write_down(struct haul_json_table *table, struct haul_buf *to)
{
    struct haul_list_entry entry;
    enum haul_err err;

    while ((err = haul_json_table_next(table, &entry)) == HAUL_OK) {
        const struct haul_entry_options *said = entry.options;

        require(said || entry.reason == HAUL_REASON_LINE_TOO_LONG);
        require(entry.reason != HAUL_REASON_BAD_ENTRY || entry.problem);
        haul_buf_addf(to, "%llu %d %s", (unsigned long long)entry.line, (int)entry.reason,
                      entry.problem ? entry.problem : "");
        haul_buf_add(to, entry.text, entry.len);
        for (size_t i = 0; said && i < said->attached_count; i++)
            haul_buf_addf(to, "<%s=%s>", said->attached[i].name, said->attached[i].value);
    }
    require(err == HAUL_ERR_END);
}

static void read_table(const char *text, size_t len, size_t piece, struct haul_buf *to)
{
    struct haul_json_table table;

    haul_json_table_init(&table, "u.v", false);
    for (size_t at = 0; at < len; at += piece) {
        haul_feed_add(&table.lines.feed, text + at, len - at < piece ? len - at : piece);
        write_down(&table, to);
    }
    haul_feed_finish(&table.lines.feed);
    write_down(&table, to);
    haul_json_table_done(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    struct haul_buf whole, pieces;

    if (size < 2)
        return 0;
    check_against_jansson(text, size - 1);
    haul_buf_init(&whole, 0);
    haul_buf_init(&pieces, 0);
    read_table(text, size - 1, size, &whole);
    read_table(text, size - 1, (size_t)data[0] + 1, &pieces);
    require(whole.len == pieces.len);
    require(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
    haul_buf_done(&whole);
    haul_buf_done(&pieces);
    return 0;
}
