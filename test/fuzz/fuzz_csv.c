#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/table.h"

/*
 * The rows of a table do not depend on the pieces in which it arrives; each has the columns of the
 * header line, or of the first row where there is none, or a reason not to. The first byte chooses
 * the pieces and whether there is a header line, the rest is the table.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_entry(const struct haul_table *table, const struct haul_list_entry *entry,
                        uint64_t line_before, struct haul_buf *to)
{
    const struct haul_entry_options *said = entry->options;

    require(entry->line > line_before);
    require(said->attached_count < HAUL_CSV_COLUMNS_MAX);
    require(entry->reason != HAUL_REASON_NONE || table->form.is_report ||
            said->attached_count == table->columns - 1);
    require(entry->reason == HAUL_REASON_BAD_ENTRY || !entry->problem);
    haul_buf_addf(to, "%llu %d ", (unsigned long long)entry->line, (int)entry->reason);
    haul_buf_add(to, entry->text, entry->len);
    for (size_t i = 0; i < said->attached_count; i++)
        haul_buf_addf(to, "<%s=%s>", said->attached[i].name, said->attached[i].value);
}

static enum haul_err read_on(struct haul_table *table, uint64_t *line, struct haul_buf *to)
{
    struct haul_list_entry entry;
    enum haul_err err;

    while ((err = haul_table_next(table, &entry)) == HAUL_OK) {
        check_entry(table, &entry, *line, to);
        *line = entry.line;
    }
    require(err == HAUL_ERR_END || (err == HAUL_ERR_SYNTAX && *haul_table_problem(table)));
    return err;
}

static void read_table(const char *text, size_t len, size_t piece,
                       const struct haul_table_form *form, struct haul_buf *to)
{
    struct haul_table table;
    enum haul_err err = HAUL_ERR_END;
    uint64_t line = 0;

    haul_table_init(&table, form);
    for (size_t at = 0; at < len && err == HAUL_ERR_END; at += piece) {
        haul_feed_add(&table.csv.feed, text + at, len - at < piece ? len - at : piece);
        err = read_on(&table, &line, to);
        require(table.csv.text.len <= HAUL_CSV_ROW_MAX + HAUL_CSV_COLUMNS_MAX + 1);
    }
    if (err == HAUL_ERR_END) {
        haul_feed_finish(&table.csv.feed);
        err = read_on(&table, &line, to);
    }
    haul_buf_addf(to, "%d%s", (int)err, haul_table_warning(&table));
    haul_table_done(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_buf whole, pieces;
    struct haul_table_form form = {.column = "1"};

    if (size < 1)
        return 0;
    form.head = data[0] & 0x80 ? HAUL_TABLE_HEAD_NO : HAUL_TABLE_HEAD_YES;
    form.delimiter = data[0] & 0x40 ? '\t' : data[0] & 0x20 ? ';' : ',';
    form.is_report = data[0] & 0x10;
    haul_buf_init(&whole, 0);
    haul_buf_init(&pieces, 0);
    read_table((const char *)data + 1, size - 1, SIZE_MAX / 2, &form, &whole);
    read_table((const char *)data + 1, size - 1, (size_t)data[0] + 1, &form, &pieces);
    require(whole.len == pieces.len);
    require(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
    haul_buf_done(&whole);
    haul_buf_done(&pieces);
    return 0;
}
