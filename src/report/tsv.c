#include "base/escape.h"
#include "model/field.h"
#include "report/row.h"

void haul_row_tsv_header(struct haul_buf *buf)
{
    for (size_t i = 0; i < haul_field_count; i++) {
        if (i)
            haul_buf_add_char(buf, '\t');
        haul_buf_add_str(buf, haul_fields[i].name);
    }
    haul_buf_add_char(buf, '\n');
}

void haul_row_tsv(struct haul_buf *buf, const struct haul_record *rec)
{
    struct haul_value value;

    for (size_t i = 0; i < haul_field_count; i++) {
        if (i)
            haul_buf_add_char(buf, '\t');
        haul_fields[i].get(rec, &value);
        haul_value_add_cell(buf, &value, haul_escape_tsv);
    }
    haul_buf_add_char(buf, '\n');
}
