#include "command/text_table.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "history/sql.h"
#include "render/writer.h"

enum { MESSAGE_WIDTH_MAX = 500, GATHER = 16 << 10, LAST_MIN = 30 };

void haul_text_table_init(struct haul_text_table *text)
{
    *text = (struct haul_text_table){.file = {.fd = -1}};
    haul_buf_init(&text->line, 0);
    haul_buf_init(&text->cell, 0);
}

void haul_text_table_done(struct haul_text_table *text)
{
    haul_out_free(text->out);
    haul_newfile_discard(&text->file);
    haul_buf_done(&text->line);
    haul_buf_done(&text->cell);
}

enum haul_err haul_text_table_open(struct haul_text_table *text, const struct haul_config *config,
                                   struct haul_buf *message)
{
    int fd = STDOUT_FILENO;
    enum haul_err err = HAUL_OK;

    text->config = config;
    if (config->output) {
        err = haul_newfile_open(&text->file, config->output, message);
        fd = text->file.fd;
    }
    if (err)
        return err;
    text->term = haul_terminal_look(fd);
    text->out = haul_out_create(fd);
    return text->out ? HAUL_OK : HAUL_ERR_NOMEM;
}

static void write_line(struct haul_text_table *text)
{
    haul_out_add(text->out, haul_buf_str(&text->line), text->line.len);
    text->line.len = 0;
}

static enum haul_err fail(const struct haul_text_table *text, int error, struct haul_buf *message)
{
    haul_buf_addf(message, "%s: cannot be written: %s",
                  text->config->output ? text->config->output : "standard output", strerror(error));
    return HAUL_ERR_IO;
}

enum haul_err haul_text_table_publish(struct haul_text_table *text, struct haul_buf *message)
{
    if (text->line.err || text->cell.err)
        return HAUL_ERR_NOMEM;
    write_line(text);
    if (haul_out_flush(text->out))
        return fail(text, haul_out_error(text->out), message);
    if (text->config->output && haul_newfile_publish(&text->file))
        return fail(text, errno, message);
    return HAUL_OK;
}

/* ---- rows ---- */

static void add_string(struct haul_text_table *text, const char *string)
{
    size_t len = strlen(string);

    switch (text->config->format) {
    case HAUL_FORMAT_CSV:
        haul_escape_csv(&text->line, string, len);
        break;
    case HAUL_FORMAT_TSV:
        haul_escape_tsv(&text->line, string, len);
        break;
    default:
        haul_buf_add_char(&text->line, '"');
        haul_escape_json(&text->line, string, len);
        haul_buf_add_char(&text->line, '"');
    }
}

static void add_value(struct haul_text_table *text, enum haul_text_table_kind kind,
                      const char *const *words, sqlite3_stmt *row, int column)
{
    bool is_json = text->config->format == HAUL_FORMAT_JSONL;

    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        haul_buf_add_str(&text->line, is_json ? "null" : "");
    else if (kind == HAUL_TEXT_TABLE_NUMBER)
        haul_buf_add_i64(&text->line, sqlite3_column_int64(row, column));
    else if (kind == HAUL_TEXT_TABLE_WORD)
        add_string(text, words[sqlite3_column_int(row, column)]);
    else
        add_string(text, haul_sql_text(row, column));
}

static void add_row(struct haul_text_table *text, const struct haul_text_table_column *column,
                    int count, const char *const *words, sqlite3_stmt *row)
{
    enum haul_format format = text->config->format;
    char between = format == HAUL_FORMAT_TSV ? '\t' : ',';

    for (int i = 0; i < count; i++) {
        if (format == HAUL_FORMAT_JSONL)
            haul_buf_addf(&text->line, "%c\"%s\":", i ? ',' : '{', column[i].name);
        else if (i)
            haul_buf_add_char(&text->line, between);
        if (row)
            add_value(text, column[i].kind, words, row, i);
        else
            haul_buf_add_str(&text->line, column[i].name);
    }
    haul_buf_add_str(&text->line, format == HAUL_FORMAT_JSONL ? "}\n" : "\n");
    if (text->line.len >= GATHER)
        write_line(text);
}

enum haul_err haul_text_table_rows(struct haul_text_table *text,
                                   const struct haul_text_table_column *column, int count,
                                   const char *const *words, sqlite3_stmt *query)
{
    enum haul_err err;

    if (text->config->format != HAUL_FORMAT_JSONL)
        add_row(text, column, count, words, NULL);
    while ((err = haul_sql_step(query)) == HAUL_OK)
        add_row(text, column, count, words, query);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

/* ---- tables for people ---- */

bool haul_text_table_is_markdown(const struct haul_text_table *text)
{
    return text->config->format == HAUL_FORMAT_MARKDOWN;
}

void haul_text_table_begin(struct haul_text_table *text, const char *title, const char *columns,
                           const char *ruler)
{
    haul_buf_add_char(&text->line, '\n');
    if (haul_text_table_is_markdown(text))
        haul_buf_addf(&text->line, "### %s\n\n| %s |\n|%s|\n", title, columns, ruler);
}

static void add_markdown_cell(struct haul_text_table *text, const char *words)
{
    haul_buf_addf(&text->line, "| %s ", words);
}

void haul_text_table_cell(struct haul_text_table *text, const char *words, size_t width)
{
    size_t len = strlen(words);

    if (haul_text_table_is_markdown(text)) {
        add_markdown_cell(text, words);
        return;
    }
    haul_buf_add_str(&text->line, words);
    if (len < width)
        haul_buf_pad(&text->line, ' ', width - len);
}

struct haul_buf *haul_text_table_number(struct haul_text_table *text)
{
    return &text->cell;
}

void haul_text_table_pad(struct haul_text_table *text, size_t width)
{
    if (haul_text_table_is_markdown(text)) {
        add_markdown_cell(text, haul_buf_str(&text->cell));
        haul_buf_clear(&text->cell);
        return;
    }
    if (text->cell.len < width)
        haul_buf_pad(&text->line, ' ', width - text->cell.len);
    haul_buf_add(&text->line, haul_buf_str(&text->cell), text->cell.len);
    haul_buf_clear(&text->cell);
    haul_buf_add_str(&text->line, "  ");
}

/* Where the line that is being made began is the last newline. */
static size_t columns_left(const struct haul_text_table *text)
{
    size_t used = 0;

    if (!text->term.is_terminal || text->term.columns <= 0)
        return 0;
    while (used < text->line.len && text->line.data[text->line.len - 1 - used] != '\n')
        used++;
    if ((size_t)text->term.columns < used + LAST_MIN)
        return LAST_MIN;
    return (size_t)text->term.columns - used;
}

void haul_text_table_last(struct haul_text_table *text, const char *words)
{
    if (haul_text_table_is_markdown(text)) {
        haul_buf_add_str(&text->line, "| ");
        haul_render_add_code(&text->line, words);
        haul_buf_add_str(&text->line, " |\n");
    } else {
        haul_escape_terminal_middle(&text->line, words, strlen(words), text->term.utf8,
                                    columns_left(text));
        haul_buf_add_char(&text->line, '\n');
    }
    if (text->line.len >= GATHER)
        write_line(text);
}

void haul_text_table_say(const struct haul_buf *message)
{
    struct haul_terminal term = haul_terminal_look(STDERR_FILENO);
    struct haul_buf line;

    if (!message->len)
        return;
    haul_buf_init(&line, 0);
    haul_buf_add_str(&line, "haul: ");
    haul_escape_terminal(&line, message->data, message->len, term.utf8, MESSAGE_WIDTH_MAX);
    haul_buf_add_char(&line, '\n');
    if (write(STDERR_FILENO, haul_buf_str(&line), line.len) < 0) {
        /* nobody is left to be told */
    }
    haul_buf_done(&line);
}
