#include "base/escape.h"
#include "model/field.h"
#include "report/row.h"

/* csv and tsv differ in what stands between two cells and in how a cell is escaped. */

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
