#include "base/escape.h"
#include "report/field.h"
#include "report/row.h"

static void add_value(struct haul_buf *buf, const struct haul_value *value)
{
    switch (value->kind) {
    case HAUL_VALUE_NONE:
        haul_buf_add(buf, "null", 4);
        break;
    case HAUL_VALUE_TEXT:
        haul_buf_add_char(buf, '"');
        haul_escape_json(buf, value->text, value->text_len);
        haul_buf_add_char(buf, '"');
        break;
    case HAUL_VALUE_PAIRS:
        haul_value_add_pairs(buf, value, haul_escape_json);
        break;
    default:
        haul_value_add_number(buf, value);
    }
}

void haul_row_jsonl(struct haul_buf *buf, const struct haul_record *rec)
{
    struct haul_value value;

    haul_buf_add_char(buf, '{');
    for (size_t i = 0; i < haul_field_count; i++) {
        const struct haul_field *field = &haul_fields[i];
        size_t comma = i == 0;

        field->get(rec, &value);
        haul_buf_add(buf, field->key + comma, field->key_len - comma);
        add_value(buf, &value);
    }
    haul_buf_add(buf, "}\n", 2);
}
