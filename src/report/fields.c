#include <stddef.h>
#include <string.h>

#include "base/escape.h"
#include "model/field.h"
#include "report/row.h"

/* ---- csv and tsv ---- */

/* They differ in what stands between two cells and in how a cell is escaped. */
typedef void escape_fn(struct haul_buf *buf, const void *bytes, size_t len);

void haul_row_header(struct haul_buf *buf, enum haul_format format)
{
    char separator = format == HAUL_FORMAT_CSV ? ',' : '\t';

    if (format != HAUL_FORMAT_CSV && format != HAUL_FORMAT_TSV)
        return;
    for (size_t i = 0; i < haul_field_count; i++) {
        if (i)
            haul_buf_add_char(buf, separator);
        haul_buf_add_str(buf, haul_fields[i].name);
    }
    haul_buf_add_char(buf, '\n');
}

static void add_row(struct haul_buf *buf, const struct haul_record *rec, char separator,
                    escape_fn *escape)
{
    struct haul_value value;

    for (size_t i = 0; i < haul_field_count; i++) {
        if (i)
            haul_buf_add_char(buf, separator);
        haul_fields[i].get(rec, &value);
        haul_value_add_cell(buf, &value, escape);
    }
    haul_buf_add_char(buf, '\n');
}

void haul_row_csv(struct haul_buf *buf, const struct haul_record *rec)
{
    add_row(buf, rec, ',', haul_escape_csv);
}

void haul_row_tsv(struct haul_buf *buf, const struct haul_record *rec)
{
    add_row(buf, rec, '\t', haul_escape_tsv);
}

/* ---- jsonl ---- */

/*
 * Every URL has such a row, of some fifty fields: keys and numbers go straight into one piece of
 * reserved room, and only what needs escaping is appended.
 */
enum {
#define FIELD_ROOM(kind, member, name) +sizeof(",\"" #name "\":") + HAUL_VALUE_NUMBER_MAX
    ROOM = sizeof "{}\n" HAUL_FIELDS(FIELD_ROOM)
#undef FIELD_ROOM
};

struct room {
    struct haul_buf *buf;
    char *to; /* behind what was written; NULL: out of memory */
};

static void open_room(struct room *room)
{
    room->to = haul_buf_reserve(room->buf, ROOM);
}

/* What was written becomes part of the buffer. */
static void close_room(const struct room *room)
{
    haul_buf_grew(room->buf, (size_t)(room->to - (room->buf->data + room->buf->len)));
}

static void put(struct room *room, const char *bytes, size_t len)
{
    memcpy(room->to, bytes, len);
    room->to += len;
}

static void add_escaped(struct haul_buf *buf, const struct haul_value *value)
{
    if (value->kind == HAUL_VALUE_PAIRS) {
        haul_value_add_pairs(buf, value, haul_escape_json);
        return;
    }
    haul_buf_add_char(buf, '"');
    haul_escape_json(buf, value->text, value->text_len);
    haul_buf_add_char(buf, '"');
}

static void put_value(struct room *room, const struct haul_value *value)
{
    switch (value->kind) {
    case HAUL_VALUE_NONE:
        put(room, "null", 4);
        break;
    case HAUL_VALUE_TEXT:
    case HAUL_VALUE_PAIRS:
        close_room(room);
        add_escaped(room->buf, value);
        open_room(room);
        break;
    default:
        room->to = haul_value_put_number(room->to, value);
    }
}

void haul_row_jsonl(struct haul_buf *buf, const struct haul_record *rec)
{
    struct room room = {.buf = buf};
    struct haul_value value;

    open_room(&room);
    for (size_t i = 0; i < haul_field_count && room.to; i++) {
        const struct haul_field *field = &haul_fields[i];

        field->get(rec, &value);
        put(&room, field->key, field->key_len);
        if (i == 0)
            room.to[-(ptrdiff_t)field->key_len] = '{'; /* for the comma */
        put_value(&room, &value);
    }
    if (!room.to)
        return;
    put(&room, "}\n", 2);
    close_room(&room);
}
