#include "report/failed_table.h"

#include <stdio.h>
#include <string.h>

void haul_failed_table_init(struct haul_failed_table *table, const struct haul_config *config)
{
    *table = (struct haul_failed_table){.config = config};
    haul_buf_init(&table->names, 0);
    haul_buf_init(&table->url_name, 0);
    haul_buf_init(&table->row, 0);
    haul_buf_init(&table->line, 0);
}

void haul_failed_table_done(struct haul_failed_table *table)
{
    haul_buf_done(&table->names);
    haul_buf_done(&table->url_name);
    haul_buf_done(&table->row);
    haul_buf_done(&table->line);
}

bool haul_failed_table_is_used(const struct haul_failed_table *table)
{
    return table->url_place > 0;
}

/* ---- columns ---- */

static const char *name_of(const struct haul_failed_table *table, size_t column)
{
    return table->names.data + table->name[column];
}

static bool has_name(const struct haul_failed_table *table, size_t column, const char *name)
{
    return column < table->columns && strcmp(name_of(table, column), name) == 0;
}

size_t haul_failed_table_column(struct haul_failed_table *table, const char *name, size_t hint)
{
    if (has_name(table, hint, name))
        return hint;
    for (size_t i = 0; i < table->columns; i++)
        if (has_name(table, i, name))
            return i;
    if (table->columns == HAUL_ENTRY_COLUMNS_MAX - 1 || table->names.err) {
        table->left_out++;
        return HAUL_ENTRY_COLUMNS_MAX;
    }
    table->name[table->columns] = table->names.len;
    haul_buf_add(&table->names, name, strlen(name) + 1);
    return table->columns++;
}

void haul_failed_table_note(struct haul_failed_table *table, const struct haul_record *rec)
{
    if (rec->url_column && !table->url_name.len)
        haul_buf_add_str(&table->url_name, rec->url_column);
    table->has_header = table->has_header || rec->url_column ||
                        (table->url_place && table->url_place != rec->url_place);
    if (!table->url_place)
        table->url_place =
            rec->url_place < HAUL_ENTRY_COLUMNS_MAX ? rec->url_place : HAUL_ENTRY_COLUMNS_MAX;
}

/* The column of the URLs keeps its number, and its name is nobody else's. */
static void settle(struct haul_failed_table *table)
{
    char name[32];

    for (size_t i = 1; table->columns + 1 < table->url_place && i <= HAUL_ENTRY_COLUMNS_MAX; i++) {
        (void)snprintf(name, sizeof name, "column%zu", i);
        (void)haul_failed_table_column(table, name, i);
    }
    if (!table->url_name.len)
        haul_buf_addf(&table->url_name, "column%zu", table->url_place);
    for (size_t i = 0; i < table->columns; i++)
        if (has_name(table, i, haul_buf_str(&table->url_name))) {
            haul_buf_add_char(&table->url_name, '_');
            i = (size_t)-1; /* from the beginning */
        }
}

/* ---- lines ---- */

static char delimiter_of(const struct haul_failed_table *table)
{
    return table->config->delimiter ? table->config->delimiter : ',';
}

/* What could be taken for anything but the text of a cell is quoted. */
static void add_cell(struct haul_buf *line, const char *text, char delimiter)
{
    if (*text && !strchr(text, delimiter) && !strpbrk(text, ",;|\t\r\n\"{ ")) {
        haul_buf_add_str(line, text);
        return;
    }
    haul_buf_add_char(line, '"');
    for (; *text; text++) {
        haul_buf_add_char(line, *text);
        if (*text == '"')
            haul_buf_add_char(line, '"');
    }
    haul_buf_add_char(line, '"');
}

/* `others` has the cells of the other columns. */
static void write_line(struct haul_failed_table *table, const char *url,
                       const char *others(const struct haul_failed_table *, size_t),
                       struct haul_out *out)
{
    char delimiter = delimiter_of(table);
    size_t column = 0;

    haul_buf_clear(&table->line);
    for (size_t place = 1; place <= table->columns + 1; place++) {
        if (place > 1)
            haul_buf_add_char(&table->line, delimiter);
        add_cell(&table->line, place == table->url_place ? url : others(table, column), delimiter);
        column += place != table->url_place;
    }
    haul_buf_add_char(&table->line, '\n');
    haul_out_add(out, haul_buf_str(&table->line), table->line.len);
}

void haul_failed_table_write_header(struct haul_failed_table *table, struct haul_out *out)
{
    settle(table);
    if (table->has_header && !table->names.err)
        write_line(table, haul_buf_str(&table->url_name), name_of, out);
}

void haul_failed_table_begin(struct haul_failed_table *table, const char *url)
{
    haul_buf_clear(&table->row);
    haul_buf_add(&table->row, url, strlen(url) + 1);
    memset(table->value, 0, sizeof table->value);
}

void haul_failed_table_set(struct haul_failed_table *table, size_t column, const char *value)
{
    if (column >= table->columns)
        return;
    table->value[column] = table->row.len + 1;
    haul_buf_add(&table->row, value, strlen(value) + 1);
}

static const char *value_of(const struct haul_failed_table *table, size_t column)
{
    return table->value[column] ? table->row.data + table->value[column] - 1 : "";
}

/* Room for an URL that takes the place of all is left. */
bool haul_failed_table_is_too_long(const struct haul_failed_table *table)
{
    return table->row.len > HAUL_ENTRY_LINE_MAX;
}

void haul_failed_table_end(struct haul_failed_table *table, struct haul_out *out)
{
    if (!table->row.err && !table->names.err)
        write_line(table, table->row.data, value_of, out);
}

/* ---- how it is read ---- */

static bool is_number(const char *text)
{
    return text && *text && strspn(text, "0123456789") == strlen(text);
}

/* As a shell reads it. */
static void add_quoted(struct haul_buf *text, const char *word)
{
    haul_buf_add_char(text, '\'');
    for (; *word; word++)
        if (*word == '\'')
            haul_buf_add_str(text, "'\\''");
        else
            haul_buf_add_char(text, *word);
    haul_buf_add_char(text, '\'');
}

void haul_failed_table_add_options(const struct haul_failed_table *table, struct haul_buf *text)
{
    const char *name = haul_buf_str(&table->url_name);

    haul_buf_add_str(text, "--url-column ");
    if (!table->has_header || is_number(name) || is_number(table->config->url_column))
        haul_buf_addf(text, "%zu", table->url_place);
    else
        add_quoted(text, name);
    if (!table->has_header)
        haul_buf_add_str(text, " --no-header");
    if (table->config->delimiter) {
        const char delimiter[] = {table->config->delimiter, '\0'};

        haul_buf_add_str(text, " --delimiter ");
        add_quoted(text, *delimiter == '\t' ? "tab" : delimiter);
    }
}
