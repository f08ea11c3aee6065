#include "input/table.h"

#include <string.h>

#include "base/units.h"

enum { PROBLEM_MAX = 1000, NAME_SHOWN_MAX = 60 };

void haul_table_init(struct haul_table *table, const char *column)
{
    table->column = column;
    table->has_header = false;
    table->columns = table->url = 0;
    haul_csv_init(&table->csv);
    haul_buf_init(&table->text, 0);
    haul_buf_init(&table->problem, 0);
}

void haul_table_done(struct haul_table *table)
{
    haul_csv_done(&table->csv);
    haul_buf_done(&table->text);
    haul_buf_done(&table->problem);
}

const char *haul_table_problem(const struct haul_table *table)
{
    return haul_buf_str(&table->problem);
}

/* ---- the header line ---- */

static const char *name_of(const struct haul_table *table, size_t i)
{
    return table->text.data + table->name[i];
}

static bool has_name(const struct haul_table *table, const char *name, size_t *at)
{
    for (size_t i = 0; i < table->columns; i++) {
        *at = i;
        if (strcmp(name_of(table, i), name) == 0)
            return true;
    }
    return false;
}

static enum haul_err add_column(struct haul_table *table, const char *name)
{
    size_t other;

    if (has_name(table, name, &other)) {
        haul_buf_addf(&table->problem, "columns %zu and %zu have the same name: '%.*s'", other + 1,
                      table->columns + 1, NAME_SHOWN_MAX, name);
        return HAUL_ERR_SYNTAX;
    }
    table->name[table->columns++] = table->text.len;
    haul_buf_add(&table->text, name, strlen(name) + 1);
    return table->text.err;
}

static enum haul_err refuse_column(struct haul_table *table)
{
    struct haul_buf *problem = &table->problem;

    haul_buf_addf(problem, "there is no column '%.*s'; there are ", NAME_SHOWN_MAX, table->column);
    for (size_t i = 0; i < table->columns && problem->len < PROBLEM_MAX; i++)
        haul_buf_addf(problem, "%s'%.*s'", i ? ", " : "", NAME_SHOWN_MAX, name_of(table, i));
    return HAUL_ERR_SYNTAX;
}

static enum haul_err find_url(struct haul_table *table)
{
    const char *cause;
    int64_t number;

    if (haul_units_parse_int(table->column, 1, (int64_t)table->columns, &number, &cause) ==
        HAUL_OK) {
        table->url = (size_t)number - 1;
        return HAUL_OK;
    }
    return has_name(table, table->column, &table->url) ? HAUL_OK : refuse_column(table);
}

static enum haul_err read_header(struct haul_table *table, const struct haul_csv_row *row)
{
    enum haul_err err = HAUL_OK;

    if (row->reason != HAUL_REASON_NONE) {
        haul_buf_add_str(&table->problem,
                         row->problem ? row->problem : haul_reason_text(row->reason));
        return HAUL_ERR_SYNTAX;
    }
    for (size_t i = 0; i < row->count && !err; i++)
        err = add_column(table, row->cell[i]);
    if (!err)
        err = find_url(table);
    table->has_header = !err;
    return err;
}

/* ---- rows ---- */

static void attach(struct haul_table *table, const struct haul_csv_row *row)
{
    struct haul_entry_options *said = &table->said;

    haul_entry_options_init(said);
    said->attached = table->attached;
    for (size_t i = 0; i < row->count && i < table->columns; i++)
        if (i != table->url)
            table->attached[said->attached_count++] =
                (struct haul_attached){name_of(table, i), row->cell[i]};
}

static void check_width(struct haul_table *table, const struct haul_csv_row *row,
                        struct haul_list_entry *out)
{
    if (out->reason != HAUL_REASON_NONE || row->count == table->columns)
        return;
    haul_buf_clear(&table->problem);
    haul_buf_addf(&table->problem, "%zu %s, where the header line has %zu", row->count,
                  row->count == 1 ? "cell" : "cells", table->columns);
    out->reason = HAUL_REASON_BAD_ENTRY;
    out->problem = haul_buf_str(&table->problem);
}

static void make_item(struct haul_table *table, const struct haul_csv_row *row,
                      struct haul_list_entry *out)
{
    const char *url = table->url < row->count ? row->cell[table->url] : "";

    (void)haul_lines_classify(url, strlen(url), out);
    out->line = row->line;
    if (row->reason != HAUL_REASON_NONE) {
        out->reason = row->reason;
        out->problem = row->problem;
    }
    if (row->reason == HAUL_REASON_LINE_TOO_LONG && out->len > HAUL_LINE_EXCERPT_MAX)
        out->len = HAUL_LINE_EXCERPT_MAX;
    attach(table, row);
    out->options = &table->said;
    check_width(table, row, out);
}

enum haul_err haul_table_next(struct haul_table *table, struct haul_list_entry *out)
{
    struct haul_csv_row row;
    enum haul_err err = haul_csv_next(&table->csv, &row);

    if (!err && !table->has_header) {
        err = read_header(table, &row);
        if (!err)
            err = haul_csv_next(&table->csv, &row);
    }
    if (!err)
        make_item(table, &row, out);
    return err;
}
