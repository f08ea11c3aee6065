#include "input/table.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/units.h"
#include "input/text.h"
#include "model/field.h"

enum { PROBLEM_MAX = 1000, NAME_SHOWN_MAX = 60, NUMBERED_MAX = 32 };

void haul_table_init(struct haul_table *table, const struct haul_table_form *form)
{
    table->form = *form;
    table->warning = "";
    table->has_header = false;
    table->columns = table->url = 0;
    haul_csv_init(&table->csv);
    if (form->delimiter)
        table->csv.delimiter = form->delimiter;
    table->csv.is_raw = form->is_report && form->delimiter == '\t';
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

const char *haul_table_warning(struct haul_table *table)
{
    const char *warning = table->warning;

    table->warning = "";
    return warning;
}

/* ---- the header line ---- */

static const char *name_of(const struct haul_table *table, size_t i)
{
    return table->text.data + table->name[i];
}

const char *haul_table_column(const struct haul_table *table, size_t n)
{
    size_t i = n < table->url ? n : n + 1;

    return table->has_header && i < table->columns ? name_of(table, i) : NULL;
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

static bool is_field(const char *name)
{
    size_t i = 0;

    while (i < haul_field_count && strcmp(haul_fields[i].name, name) != 0)
        i++;
    return i < haul_field_count;
}

static enum haul_err add_column(struct haul_table *table, const char *name)
{
    size_t other;

    if (has_name(table, name, &other)) {
        haul_buf_addf(&table->problem, "columns %zu and %zu have the same name: '%.*s'", other + 1,
                      table->columns + 1, NAME_SHOWN_MAX, name);
        return HAUL_ERR_SYNTAX;
    }
    table->is_field[table->columns] = table->form.is_report && is_field(name);
    table->name[table->columns++] = table->text.len;
    haul_buf_add(&table->text, name, strlen(name) + 1);
    return table->text.err;
}

/* One that has no name: spreadsheets leave several of them. */
static enum haul_err add_numbered_column(struct haul_table *table)
{
    char name[NUMBERED_MAX];

    (void)snprintf(name, sizeof name, "column%zu", table->columns + 1);
    return add_column(table, name);
}

static enum haul_err refuse_column(struct haul_table *table)
{
    struct haul_buf *problem = &table->problem;

    haul_buf_addf(problem, "there is no column '%.*s'; there are ", NAME_SHOWN_MAX,
                  table->form.column);
    for (size_t i = 0; i < table->columns && problem->len < PROBLEM_MAX; i++)
        haul_buf_addf(problem, "%s'%.*s'", i ? ", " : "", NAME_SHOWN_MAX, name_of(table, i));
    return HAUL_ERR_SYNTAX;
}

static bool is_number(const struct haul_table *table, size_t *at)
{
    const char *cause;
    int64_t number;

    if (haul_units_parse_int(table->form.column, 1, HAUL_CSV_COLUMNS_MAX, &number, &cause))
        return false;
    *at = (size_t)number - 1;
    return true;
}

static enum haul_err find_url(struct haul_table *table)
{
    if (is_number(table, &table->url) && table->url < table->columns)
        return HAUL_OK;
    return has_name(table, table->form.column, &table->url) ? HAUL_OK : refuse_column(table);
}

static bool is_host_char(char c)
{
    return haul_text_is(haul_ascii_lower(c), HAUL_IN_HOST) || (unsigned char)c >= 0x80;
}

/* An IPv4 address, or a name that ends as domains do: in a dot and a word. */
static bool looks_like_host(const char *text, size_t len)
{
    size_t dots = 0, last = len;

    for (size_t i = 0; i < len; i++) {
        if (!is_host_char(text[i]))
            return false;
        dots += text[i] == '.';
    }
    if (strspn(text, "0123456789.") >= len)
        return dots == 3;
    while (last && text[last - 1] != '.' && !haul_ascii_is_digit(text[last - 1]))
        last--;
    return last > 1 && text[last - 1] == '.' && len - last >= 2;
}

/* Names of columns seldom do. */
static bool looks_like_url(const char *text)
{
    text += strspn(text, " \t");
    return strstr(text, "://") || looks_like_host(text, strcspn(text, ":/?# \t"));
}

static void check_header(struct haul_table *table)
{
    size_t number;

    if (is_number(table, &number) && looks_like_url(name_of(table, table->url)))
        table->warning = "the header line has what looks like a URL in the column of the URLs, and "
                         "is not fetched; if it is a row, say --no-header";
}

/* Lines that end in CR alone come as a single one, and all of their rows would be lost with it. */
static bool has_bare_cr(const struct haul_csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        for (const char *at = row->cell[i]; (at = strchr(at, '\r')) != NULL; at++)
            if (at[1] != '\n')
                return true;
    return false;
}

static enum haul_err read_header(struct haul_table *table, const struct haul_csv_row *row)
{
    const char *problem = row->problem;
    enum haul_err err = HAUL_OK;

    if (row->reason != HAUL_REASON_NONE && !problem)
        problem = haul_reason_text(row->reason);
    else if (row->reason == HAUL_REASON_NONE && has_bare_cr(row))
        problem = "a carriage return ends no line without a line feed behind it";
    if (problem) {
        haul_buf_add_str(&table->problem, problem);
        return HAUL_ERR_SYNTAX;
    }
    for (size_t i = 0; i < row->count && !err; i++)
        err = *row->cell[i] ? add_column(table, row->cell[i]) : add_numbered_column(table);
    if (!err)
        err = find_url(table);
    if (!err)
        check_header(table);
    table->has_header = !err;
    return err;
}

/* The columns of a table without header line, as its first good row has them. */
static enum haul_err number_columns(struct haul_table *table, const struct haul_csv_row *row)
{
    enum haul_err err = HAUL_OK;

    if (row->reason != HAUL_REASON_NONE) {
        (void)is_number(table, &table->url);
        return HAUL_OK;
    }
    for (size_t i = 0; i < row->count && !err; i++)
        err = add_numbered_column(table);
    if (!err)
        err = find_url(table);
    table->has_header = !err;
    return err;
}

/* ---- rows ---- */

/* A cell of a report as it was before it was written (base/escape.h). */
static const char *undo(const struct haul_table *table, char *cell)
{
    if (!table->form.is_report)
        return cell;
    if (table->csv.is_raw)
        haul_escape_undo_tsv(cell);
    else if (haul_escape_has_apostrophe(cell))
        cell++;
    return cell;
}

static void attach(struct haul_table *table, const struct haul_csv_row *row)
{
    struct haul_entry_options *said = &table->said;

    haul_entry_options_init(said);
    if (table->has_header && table->form.head == HAUL_TABLE_HEAD_YES)
        said->url_column = name_of(table, table->url);
    said->attached = table->attached;
    said->url_place = table->url + 1;
    for (size_t i = 0; i < row->count && i < table->columns; i++) {
        if (i == table->url)
            said->url_place = said->attached_count + 1; /* of a report, fields are left out */
        else if (!table->is_field[i])
            table->attached[said->attached_count++] =
                (struct haul_attached){name_of(table, i), undo(table, row->cell[i])};
    }
    if (table->form.is_report && !said->attached_count)
        said->url_place = 0; /* its URL is all that it says */
}

static void check_width(struct haul_table *table, const struct haul_csv_row *row,
                        struct haul_list_entry *out)
{
    if (out->reason != HAUL_REASON_NONE || row->count == table->columns)
        return;
    haul_buf_clear(&table->problem);
    haul_buf_addf(&table->problem, "%zu %s, where the %s has %zu", row->count,
                  row->count == 1 ? "cell" : "cells",
                  table->form.head == HAUL_TABLE_HEAD_NO ? "first row" : "header line",
                  table->columns);
    out->reason = HAUL_REASON_BAD_ENTRY;
    out->problem = haul_buf_str(&table->problem);
}

static const char *url_of(const struct haul_table *table, const struct haul_csv_row *row)
{
    return table->url < row->count ? row->cell[table->url] : "";
}

/* As --save-failed writes what it cannot write as an entry. */
static bool is_comment(const struct haul_table *table, const struct haul_csv_row *row)
{
    return row->reason == HAUL_REASON_NONE && strncmp(url_of(table, row), "# ", 2) == 0;
}

static void make_item(struct haul_table *table, const struct haul_csv_row *row,
                      struct haul_list_entry *out)
{
    const char *url = table->url < row->count ? undo(table, row->cell[table->url]) : "";

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

    if (!err && !table->has_header && table->form.head == HAUL_TABLE_HEAD_NO) {
        err = number_columns(table, &row);
    } else if (!err && !table->has_header) {
        err = read_header(table, &row);
        if (!err)
            err = haul_csv_next(&table->csv, &row);
    }
    while (!err && is_comment(table, &row))
        err = haul_csv_next(&table->csv, &row);
    if (!err)
        make_item(table, &row, out);
    return err;
}
