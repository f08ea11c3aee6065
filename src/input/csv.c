#include "input/csv.h"

#include <string.h>

#include "input/text.h"

void haul_csv_init(struct haul_csv *csv)
{
    *csv = (struct haul_csv){.delimiter = ',', .state = HAUL_CSV_BETWEEN};
    /* Some more than a row may have: terminators, and the byte that is too many. */
    haul_buf_init(&csv->text, HAUL_CSV_ROW_MAX + HAUL_CSV_COLUMNS_MAX + 2);
}

char haul_csv_find_delimiter(struct haul_span line)
{
    static const char known[] = ",\t;";
    size_t count[sizeof known - 1] = {0}, best = 0;
    bool is_quoted = false;

    for (size_t i = 0; i < line.len; i++) {
        const char *found = line.at[i] ? strchr(known, line.at[i]) : NULL;

        is_quoted = is_quoted != (line.at[i] == '"');
        if (found && !is_quoted)
            count[found - known]++;
    }
    for (size_t i = 1; i < sizeof known - 1; i++)
        best = count[i] > count[best] ? i : best;
    return known[best];
}

void haul_csv_done(struct haul_csv *csv)
{
    haul_buf_done(&csv->text);
}

static void spoil(struct haul_csv *csv, enum haul_reason reason, const char *problem)
{
    if (csv->reason == HAUL_REASON_NONE) {
        csv->reason = reason;
        csv->problem = problem;
    }
    csv->state = HAUL_CSV_SKIP;
}

static void begin_cell(struct haul_csv *csv)
{
    if (csv->cell_count)
        haul_buf_add_char(&csv->text, '\0');
    if (csv->cell_count == HAUL_CSV_COLUMNS_MAX)
        spoil(csv, HAUL_REASON_BAD_ENTRY, "the row has more than 256 cells");
    else
        csv->cell[csv->cell_count++] = csv->text.len;
}

static void add_byte(struct haul_csv *csv, char byte)
{
    if (!byte)
        spoil(csv, HAUL_REASON_CONTROL_CHARACTER, NULL);
    else if (csv->text.len >= HAUL_CSV_ROW_MAX + csv->cell_count - 1)
        spoil(csv, HAUL_REASON_LINE_TOO_LONG, NULL);
    else
        haul_buf_add_char(&csv->text, byte);
}

/* CR LF ends a line as LF does; in quotation marks it is text. */
static void drop_carriage_return(struct haul_csv *csv)
{
    size_t begin = csv->cell_count ? csv->cell[csv->cell_count - 1] : 0;

    if (csv->state != HAUL_CSV_PLAIN || csv->text.len == begin ||
        csv->text.data[csv->text.len - 1] != '\r')
        return;
    csv->text.data[--csv->text.len] = '\0';
}

static void take_plain(struct haul_csv *csv, char byte)
{
    if (byte == csv->delimiter)
        csv->state = HAUL_CSV_BEGIN;
    else
        add_byte(csv, byte);
}

static void take_first(struct haul_csv *csv, char byte)
{
    begin_cell(csv);
    if (csv->state == HAUL_CSV_SKIP)
        return;
    csv->state = byte == '"' && !csv->is_raw ? HAUL_CSV_QUOTED : HAUL_CSV_PLAIN;
    if (csv->state == HAUL_CSV_PLAIN)
        take_plain(csv, byte);
}

static void take_behind_quote(struct haul_csv *csv, char byte)
{
    if (byte == '"') {
        csv->state = HAUL_CSV_QUOTED;
        add_byte(csv, byte);
    } else if (byte == csv->delimiter) {
        csv->state = HAUL_CSV_BEGIN;
    } else if (byte != '\r') {
        spoil(csv, HAUL_REASON_BAD_ENTRY, "text behind a closing quotation mark");
    }
}

static void take_byte(struct haul_csv *csv, char byte)
{
    switch (csv->state) {
    case HAUL_CSV_BETWEEN:
        csv->row_line = csv->feed.line + 1;
        take_first(csv, byte);
        break;
    case HAUL_CSV_BEGIN:
        take_first(csv, byte);
        break;
    case HAUL_CSV_PLAIN:
        take_plain(csv, byte);
        break;
    case HAUL_CSV_QUOTED:
        if (byte == '"')
            csv->state = HAUL_CSV_QUOTE;
        else
            add_byte(csv, byte);
        break;
    case HAUL_CSV_QUOTE:
        take_behind_quote(csv, byte);
        break;
    case HAUL_CSV_SKIP:
        break;
    }
}

static bool is_empty_row(const struct haul_csv *csv)
{
    return csv->reason == HAUL_REASON_NONE && csv->cell_count == 1 && csv->text.len == 0 &&
           csv->state == HAUL_CSV_PLAIN;
}

/* At a line's end, or the list's. Whether a row is whole. */
static bool end_line(struct haul_csv *csv)
{
    if (csv->state == HAUL_CSV_BETWEEN)
        return false;
    if (csv->state == HAUL_CSV_BEGIN)
        begin_cell(csv);
    drop_carriage_return(csv);
    if (!is_empty_row(csv))
        return true;
    csv->cell_count = 0;
    csv->state = HAUL_CSV_BETWEEN;
    return false;
}

/* False: the byte is one of a byte order mark, or may be. */
static bool is_behind_mark(struct haul_csv *csv, char byte)
{
    int seen = csv->mark_len;

    if (byte == HAUL_TEXT_MARK[seen]) {
        csv->mark_len = seen + 1 == HAUL_TEXT_MARK_LEN ? -1 : seen + 1;
        return false;
    }
    csv->mark_len = -1;
    for (int i = 0; i < seen; i++)
        take_byte(csv, HAUL_TEXT_MARK[i]);
    return true;
}

static void forget_row(struct haul_csv *csv)
{
    haul_buf_clear(&csv->text);
    csv->cell_count = 0;
    csv->reason = HAUL_REASON_NONE;
    csv->problem = NULL;
    csv->state = HAUL_CSV_BETWEEN;
    csv->is_spent = false;
}

static enum haul_err give(struct haul_csv *csv, struct haul_csv_row *out)
{
    haul_buf_add_char(&csv->text, '\0');
    csv->is_spent = true;
    if (csv->text.err)
        return csv->text.err;
    for (size_t i = 0; i < csv->cell_count; i++)
        csv->given[i] = csv->text.data + csv->cell[i];
    *out = (struct haul_csv_row){.cell = csv->given,
                                 .count = csv->cell_count,
                                 .line = csv->row_line,
                                 .reason = csv->reason,
                                 .problem = csv->problem};
    return HAUL_OK;
}

/* Whether a line ends here; in a quoted cell, one does without ending the row. */
static bool take_line_end(struct haul_csv *csv)
{
    bool is_text = csv->state == HAUL_CSV_QUOTED;
    bool is_row = !is_text && end_line(csv);

    if (is_text)
        add_byte(csv, '\n'); /* which may spoil the row; its end is then the next line's */
    csv->feed.line++;
    return is_row;
}

enum haul_err haul_csv_next(struct haul_csv *csv, struct haul_csv_row *out)
{
    if (csv->is_spent)
        forget_row(csv);
    while (csv->feed.at < csv->feed.end) {
        char byte = *csv->feed.at++;

        if (csv->mark_len >= 0 && !is_behind_mark(csv, byte))
            continue;
        if (byte != '\n')
            take_byte(csv, byte);
        else if (take_line_end(csv))
            return give(csv, out);
    }
    if (!csv->feed.finished)
        return HAUL_ERR_END;
    if (csv->state == HAUL_CSV_QUOTED)
        spoil(csv, HAUL_REASON_BAD_ENTRY, "a quotation mark is not closed");
    return end_line(csv) ? give(csv, out) : HAUL_ERR_END;
}
