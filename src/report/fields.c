#include <stddef.h>
#include <string.h>

#include "base/escape.h"
#include "model/field.h"
#include "report/row.h"

static size_t count_columns(const struct haul_layout *layout)
{
    return layout ? layout->count : haul_field_count;
}

/* NULL: the column is one of a list's. */
static const struct haul_field *field_of(const struct haul_layout *layout, size_t i)
{
    return layout ? layout->column[i].field : &haul_fields[i];
}

/* As haul_layout_find has `hint`. */
static void get_value(const struct haul_layout *layout, size_t i, const struct haul_record *rec,
                      size_t *hint, struct haul_value *value)
{
    const struct haul_field *field = field_of(layout, i);

    if (field) {
        field->get(rec, value);
        return;
    }
    value->text = haul_layout_find(rec, layout->column[i].name, hint);
    value->text_len = value->text ? strlen(value->text) : 0;
    value->kind = value->text ? HAUL_VALUE_TEXT : HAUL_VALUE_NONE;
}

/* ---- csv and tsv ---- */

/* They differ in what stands between two cells and in how a cell is escaped. */
struct form {
    char separator;
    void (*escape)(struct haul_buf *buf, const void *bytes, size_t len);
    const char *nothing; /* a row of one cell that is empty */
};
static const struct form csv = {',', haul_escape_csv, "\"\""};
static const struct form tsv = {'\t', haul_escape_tsv, ""};

static void end_row(struct haul_buf *buf, const struct form *form, size_t start)
{
    if (buf->len == start)
        haul_buf_add_str(buf, form->nothing);
    haul_buf_add_char(buf, '\n');
}

void haul_row_header(struct haul_buf *buf, enum haul_format format,
                     const struct haul_layout *layout)
{
    const struct form *form = format == HAUL_FORMAT_CSV ? &csv : &tsv;
    size_t start = buf->len;

    if (format != HAUL_FORMAT_CSV && format != HAUL_FORMAT_TSV)
        return;
    for (size_t i = 0; i < count_columns(layout); i++) {
        const struct haul_field *field = field_of(layout, i);
        const char *title = field ? field->name : layout->column[i].title;

        if (i)
            haul_buf_add_char(buf, form->separator);
        form->escape(buf, title, strlen(title));
    }
    end_row(buf, form, start);
}

static void add_row(struct haul_buf *buf, const struct haul_record *rec, const struct form *form,
                    const struct haul_layout *layout)
{
    size_t start = buf->len, hint = 0;
    struct haul_value value;

    for (size_t i = 0; i < count_columns(layout); i++) {
        if (i)
            haul_buf_add_char(buf, form->separator);
        get_value(layout, i, rec, &hint, &value);
        haul_value_add_cell(buf, &value, form->escape);
    }
    end_row(buf, form, start);
}

void haul_row_csv(struct haul_buf *buf, const struct haul_record *rec,
                  const struct haul_layout *layout)
{
    add_row(buf, rec, &csv, layout);
}

void haul_row_tsv(struct haul_buf *buf, const struct haul_record *rec,
                  const struct haul_layout *layout)
{
    add_row(buf, rec, &tsv, layout);
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

/* The first key has no comma before it. */
static void put_key(struct room *room, const struct haul_layout *layout, size_t i)
{
    const struct haul_field *field = field_of(layout, i);
    const char *title;

    if (field) {
        put(room, field->key, field->key_len);
        if (i == 0)
            room->to[-(ptrdiff_t)field->key_len] = '{';
        return;
    }
    title = layout->column[i].title;
    put(room, i ? ",\"" : "{\"", 2);
    close_room(room);
    haul_escape_json(room->buf, title, strlen(title));
    open_room(room);
    if (room->to)
        put(room, "\":", 2);
}

void haul_row_jsonl(struct haul_buf *buf, const struct haul_record *rec,
                    const struct haul_layout *layout)
{
    struct room room = {.buf = buf};
    struct haul_value value;
    size_t hint = 0;

    open_room(&room);
    for (size_t i = 0; i < count_columns(layout) && room.to; i++) {
        put_key(&room, layout, i);
        get_value(layout, i, rec, &hint, &value);
        if (room.to)
            put_value(&room, &value);
    }
    if (!room.to)
        return;
    put(&room, "}\n", 2);
    close_room(&room);
}
