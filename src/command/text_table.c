#include "command/text_table.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/ci.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/units.h"
#include "command/command.h"
#include "history/sql.h"
#include "render/writer.h"

enum { GATHER = 16 << 10, LAST_MIN = 30 };

void haul_text_table_init(struct haul_text_table *table, const struct haul_config *config)
{
    *table = (struct haul_text_table){.config = config,
                                      .is_markdown = config->format == HAUL_FORMAT_MARKDOWN,
                                      .file = {.fd = -1}};
    haul_buf_init(&table->line, 0);
    haul_buf_init(&table->cell, 0);
    haul_buf_init(&table->message, 0);
    haul_buf_init(&table->shown, 0);
    haul_redactor_secrets_init(&table->secrets);
}

enum haul_err haul_text_table_begin_hiding(struct haul_text_table *table)
{
    return haul_redactor_make(&table->redactor, &table->config->redact, &table->message);
}

const char *haul_text_table_shown(struct haul_text_table *table, const char *text)
{
    if (!table->redactor)
        return text;
    table->shown.len = 0;
    haul_redactor_apply_all(table->redactor, &table->secrets, text, strlen(text), &table->shown);
    return table->shown.err ? "" : haul_buf_str(&table->shown);
}

void haul_text_table_learn(struct haul_text_table *table, const char *url)
{
    haul_redactor_secrets_begin(&table->secrets, url);
    if (url && table->redactor)
        haul_redactor_secrets_learn(&table->secrets, table->redactor, url, strlen(url));
}

int haul_text_table_end(struct haul_text_table *table, enum haul_err err)
{
    const struct haul_terminal error_term = haul_terminal_look(STDERR_FILENO);

    if (table->message.len && !table->reader_left)
        haul_message_say(&error_term, haul_buf_str(&table->message));
    if (table->is_changed && !err)
        haul_message_say(&error_term, haul_ci_changed);
    haul_out_free(table->out);
    haul_newfile_discard(&table->file);
    haul_buf_done(&table->line);
    haul_buf_done(&table->cell);
    haul_buf_done(&table->message);
    haul_buf_done(&table->shown);
    haul_redactor_secrets_done(&table->secrets);
    haul_redactor_free(table->redactor);
    if (!err)
        return HAUL_EXIT_OK;
    if (table->reader_left)
        return HAUL_COMMAND_READER_LEFT;
    return err == HAUL_ERR_USAGE ? HAUL_EXIT_USAGE : HAUL_EXIT_INTERNAL;
}

enum haul_err haul_text_table_open(struct haul_text_table *table)
{
    const char *output = table->config->output;
    int fd = STDOUT_FILENO;
    enum haul_err err = HAUL_OK;

    if (output) {
        err = haul_newfile_open(&table->file, output, &table->message);
        fd = table->file.fd;
    }
    if (err)
        return err;
    table->term = haul_terminal_look(fd);
    table->out = haul_out_create(fd);
    return table->out ? HAUL_OK : HAUL_ERR_NOMEM;
}

static void write_line(struct haul_text_table *table)
{
    haul_out_add(table->out, haul_buf_str(&table->line), table->line.len);
    table->line.len = 0;
}

static enum haul_err fail(struct haul_text_table *table, int error)
{
    char text[HAUL_IO_ERROR_MAX];

    table->reader_left = error == EPIPE;
    haul_buf_addf(&table->message, "%s: cannot be written: %s",
                  table->config->output ? table->config->output : "standard output",
                  haul_io_error_text(error, text));
    return HAUL_ERR_IO;
}

enum haul_err haul_text_table_publish(struct haul_text_table *table)
{
    if (table->line.err || table->cell.err || table->shown.err)
        return HAUL_ERR_NOMEM;
    write_line(table);
    if (haul_out_flush(table->out))
        return fail(table, haul_out_error(table->out));
    if (table->config->output && haul_newfile_publish(&table->file))
        return fail(table, errno);
    return HAUL_OK;
}

/* ---- rows ---- */

static void add_string(struct haul_text_table *table, const char *string)
{
    size_t len = strlen(string);

    switch (table->config->format) {
    case HAUL_FORMAT_CSV:
        haul_escape_csv(&table->line, string, len);
        break;
    case HAUL_FORMAT_TSV:
        haul_escape_tsv(&table->line, string, len);
        break;
    default:
        haul_buf_add_char(&table->line, '"');
        haul_escape_json(&table->line, string, len);
        haul_buf_add_char(&table->line, '"');
    }
}

static void add_value(struct haul_text_table *table, enum haul_text_table_kind kind,
                      const char *const *words, sqlite3_stmt *row, int column)
{
    bool is_json = table->config->format == HAUL_FORMAT_JSONL;

    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        haul_buf_add_str(&table->line, is_json ? "null" : "");
    else if (kind == HAUL_TEXT_TABLE_NUMBER)
        haul_buf_add_i64(&table->line, sqlite3_column_int64(row, column));
    else if (kind == HAUL_TEXT_TABLE_WORD)
        add_string(table, words[sqlite3_column_int(row, column)]);
    else if (kind == HAUL_TEXT_TABLE_DATE)
        add_string(table, haul_sql_text(row, column));
    else
        add_string(table, haul_text_table_shown(table, haul_sql_text(row, column)));
}

static const char *find_url(const struct haul_text_table_column *column, int count,
                            sqlite3_stmt *row)
{
    for (int i = 0; i < count; i++)
        if (strcmp(column[i].name, "url") == 0)
            return haul_sql_text(row, i);
    return NULL;
}

/* What is hidden in one text of a row is hidden where another one gives it back. */
static void learn_row(struct haul_text_table *table, const struct haul_text_table_column *column,
                      int count, sqlite3_stmt *row)
{
    haul_redactor_secrets_begin(&table->secrets, find_url(column, count, row));
    for (int i = 0; i < count && table->redactor; i++)
        if (column[i].kind == HAUL_TEXT_TABLE_STRING) {
            const char *text = haul_sql_text(row, i);

            haul_redactor_secrets_learn(&table->secrets, table->redactor, text, strlen(text));
        }
}

static void add_row(struct haul_text_table *table, const struct haul_text_table_column *column,
                    int count, const char *const *words, sqlite3_stmt *row)
{
    enum haul_format format = table->config->format;
    char between = format == HAUL_FORMAT_TSV ? '\t' : ',';
    size_t start = table->line.len;

    for (int i = 0; i < count; i++) {
        if (format == HAUL_FORMAT_JSONL)
            haul_buf_addf(&table->line, "%c\"%s\":", i ? ',' : '{', column[i].name);
        else if (i)
            haul_buf_add_char(&table->line, between);
        if (row)
            add_value(table, column[i].kind, words, row, i);
        else
            haul_buf_add_str(&table->line, column[i].name);
    }
    haul_buf_add_str(&table->line, format == HAUL_FORMAT_JSONL ? "}\n" : "\n");
    if (table->term.may_be_log && format == HAUL_FORMAT_JSONL)
        haul_ci_break_text(&table->line, start, "\\u0023");
    else if (table->term.is_log && format != HAUL_FORMAT_JSONL)
        table->is_changed |= haul_ci_break_row(&table->line, start);
    if (table->line.len >= GATHER)
        write_line(table);
}

enum haul_err haul_text_table_rows(struct haul_text_table *table,
                                   const struct haul_text_table_column *column, int count,
                                   const char *const *words, sqlite3_stmt *query)
{
    enum haul_err err;

    if (table->config->format != HAUL_FORMAT_JSONL)
        add_row(table, column, count, words, NULL);
    while ((err = haul_sql_step(query)) == HAUL_OK) {
        learn_row(table, column, count, query);
        add_row(table, column, count, words, query);
    }
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* ---- tables for people ---- */

void haul_text_table_begin(struct haul_text_table *table, const char *title, const char *columns,
                           const char *ruler)
{
    haul_buf_add_char(&table->line, '\n');
    if (table->is_markdown)
        haul_buf_addf(&table->line, "### %s\n\n| %s |\n|%s|\n", title, columns, ruler);
}

void haul_text_table_cell(struct haul_text_table *table, const char *words, size_t width)
{
    size_t len = strlen(words);

    if (table->is_markdown) {
        haul_buf_addf(&table->line, "| %s ", words);
        return;
    }
    haul_buf_add_str(&table->line, words);
    if (len < width)
        haul_buf_pad(&table->line, ' ', width - len);
}

void haul_text_table_add_size(struct haul_text_table *table, int64_t bytes)
{
    if (bytes < 0)
        haul_buf_add_char(&table->cell, '-');
    else
        haul_units_add_bytes(&table->cell, bytes);
}

void haul_text_table_pad(struct haul_text_table *table, size_t width)
{
    if (table->is_markdown) {
        haul_buf_addf(&table->line, "| %s ", haul_buf_str(&table->cell));
    } else {
        if (table->cell.len < width)
            haul_buf_pad(&table->line, ' ', width - table->cell.len);
        haul_buf_addf(&table->line, "%s  ", haul_buf_str(&table->cell));
    }
    haul_buf_clear(&table->cell);
}

/* Where the line that is being made began is the last newline. */
static size_t columns_left(const struct haul_text_table *table)
{
    size_t used = 0;

    if (!table->term.is_terminal || table->term.columns <= 0)
        return 0;
    while (used < table->line.len && table->line.data[table->line.len - 1 - used] != '\n')
        used++;
    if ((size_t)table->term.columns < used + LAST_MIN)
        return LAST_MIN;
    return (size_t)table->term.columns - used;
}

void haul_text_table_last(struct haul_text_table *table, const char *text)
{
    const char *words = haul_text_table_shown(table, text);

    if (table->is_markdown) {
        haul_buf_add_str(&table->line, "| ");
        haul_render_add_code(&table->line, words);
        haul_buf_add_str(&table->line, " |\n");
    } else {
        haul_escape_terminal_middle(&table->line, words, strlen(words), table->term.utf8,
                                    columns_left(table));
        haul_buf_add_char(&table->line, '\n');
    }
    if (table->line.len >= GATHER)
        write_line(table);
}
