#include "input/entries.h"

#include <string.h>

#include "base/ascii.h"
#include "input/text.h"

void haul_entries_init(struct haul_entries *entries, const struct haul_table_form *form,
                       const struct haul_setting_rules *rules, struct haul_setting_told *told)
{
    entries->kind = HAUL_ENTRIES_UNKNOWN;
    entries->finished = false;
    entries->form = *form;
    haul_buf_init(&entries->held, 0);
    haul_aria2_list_init(&entries->aria2, rules, told);
    haul_table_init(&entries->table, form);
    haul_json_table_init(&entries->json, form->column, false);
}

void haul_entries_done(struct haul_entries *entries)
{
    haul_buf_done(&entries->held);
    haul_aria2_list_done(&entries->aria2);
    haul_table_done(&entries->table);
    haul_json_table_done(&entries->json);
}

/* ---- what the list is ---- */

/* The fields that make a report of a table. */
static const char url_field[] = "url", outcome_field[] = "outcome";

static bool is_json_report(struct haul_span line)
{
    bool has_url = false, has_outcome = false;
    struct haul_json_value name, value;
    struct haul_json json;

    haul_json_init(&json, line);
    while (haul_json_next(&json, &name, &value)) {
        has_url = has_url || haul_json_is(&name, url_field, strlen(url_field));
        has_outcome = has_outcome || haul_json_is(&name, outcome_field, strlen(outcome_field));
    }
    return !json.problem && has_url && has_outcome;
}

/* haul writes no names of fields that need quotation marks. */
static bool is_report(struct haul_span line, char separator)
{
    bool has_url = false, has_outcome = false;
    struct haul_span name;
    bool is_last;

    do {
        is_last = !haul_span_take_before(&line, separator, &name);
        name = is_last ? line : name;
        has_url = has_url || haul_span_is(name, url_field);
        has_outcome = has_outcome || haul_span_is(name, outcome_field);
    } while (!is_last);
    return has_url && has_outcome;
}

/* `line`: the first one. */
static enum haul_entries_kind read_as_table(struct haul_entries *entries, struct haul_span line)
{
    if (!entries->form.delimiter)
        entries->form.delimiter = haul_csv_find_delimiter(line);
    haul_table_init(&entries->table, &entries->form);
    return HAUL_ENTRIES_CELLS;
}

static enum haul_entries_kind read_as_json(struct haul_entries *entries)
{
    haul_json_table_init(&entries->json, entries->form.column, entries->form.is_report);
    return HAUL_ENTRIES_JSON;
}

/* Without a column that was asked for. */
static enum haul_entries_kind look_for_report(struct haul_entries *entries, struct haul_span line)
{
    struct haul_table_form *form = &entries->form;
    bool is_json = *line.at == '{' && is_json_report(line);

    if (!is_json && is_report(line, ','))
        form->delimiter = ',';
    else if (!is_json && is_report(line, '\t'))
        form->delimiter = '\t';
    else if (!is_json)
        return HAUL_ENTRIES_LINES;
    form->column = url_field;
    form->head = HAUL_TABLE_HEAD_YES;
    form->is_report = true;
    return is_json ? read_as_json(entries) : read_as_table(entries, line);
}

/*
 * Looks at the first line that is not blank. UNKNOWN: there is none yet. One that is longer than a
 * line may be is looked at as far as it is there.
 */
static enum haul_entries_kind find_kind(struct haul_entries *entries)
{
    const struct haul_buf *held = &entries->held;
    struct haul_span text = haul_text_skip_mark((struct haul_span){held->data, held->len});
    struct haul_span line;

    while (text.len && (haul_ascii_is_blank(*text.at) || *text.at == '\r' || *text.at == '\n'))
        (void)haul_span_take(&text, 1);
    if (text.len && *text.at == '{' && entries->form.column && !entries->form.delimiter)
        return read_as_json(entries);
    line = haul_text_before(text, '\n');
    if (!entries->finished && line.len == text.len && held->len <= HAUL_LINE_MAX)
        return HAUL_ENTRIES_UNKNOWN;
    if (entries->form.column)
        return read_as_table(entries, line);
    while (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line.len ? look_for_report(entries, line) : HAUL_ENTRIES_LINES;
}

/* ---- the reader of its kind ---- */

static struct haul_feed *feed_of(struct haul_entries *entries)
{
    switch (entries->kind) {
    case HAUL_ENTRIES_CELLS:
        return &entries->table.csv.feed;
    case HAUL_ENTRIES_JSON:
        return &entries->json.lines.feed;
    default:
        return &entries->aria2.lines.feed;
    }
}

static void look(struct haul_entries *entries)
{
    entries->kind = find_kind(entries);
    if (entries->kind != HAUL_ENTRIES_UNKNOWN)
        haul_feed_add(feed_of(entries), entries->held.data, entries->held.len);
}

enum haul_err haul_entries_add(struct haul_entries *entries, const char *bytes, size_t len)
{
    if (entries->kind != HAUL_ENTRIES_UNKNOWN) {
        haul_feed_add(feed_of(entries), bytes, len);
        return HAUL_OK;
    }
    haul_buf_add(&entries->held, bytes, len);
    if (!entries->held.err)
        look(entries);
    return entries->held.err;
}

void haul_entries_finish(struct haul_entries *entries)
{
    entries->finished = true;
    if (entries->kind == HAUL_ENTRIES_UNKNOWN)
        look(entries);
}

static enum haul_err next(struct haul_entries *entries, struct haul_list_entry *out)
{
    switch (entries->kind) {
    case HAUL_ENTRIES_LINES:
        return haul_aria2_list_next(&entries->aria2, out);
    case HAUL_ENTRIES_CELLS:
        return haul_table_next(&entries->table, out);
    case HAUL_ENTRIES_JSON:
        return haul_json_table_next(&entries->json, out);
    default:
        return HAUL_ERR_END;
    }
}

enum haul_err haul_entries_next(struct haul_entries *entries, struct haul_list_entry *out)
{
    enum haul_err err = next(entries, out);

    if (err != HAUL_ERR_END || !entries->finished || feed_of(entries)->finished)
        return err;
    haul_feed_finish(feed_of(entries));
    return next(entries, out);
}

enum haul_err haul_entries_take(struct haul_entries *entries, struct haul_list_entry *out)
{
    return entries->kind == HAUL_ENTRIES_LINES ? haul_aria2_list_take(&entries->aria2, out)
                                               : HAUL_ERR_END;
}

bool haul_entries_may_have_keys(const struct haul_entries *entries)
{
    const struct haul_aria2_list *aria2 = &entries->aria2;

    return entries->kind == HAUL_ENTRIES_LINES && aria2->draft[aria2->current].is_open &&
           !aria2->has_settings;
}

void haul_entries_add_nothing(struct haul_entries *entries, struct haul_buf *words)
{
    unsigned long long lines = haul_entries_line(entries);
    bool has_header = entries->kind == HAUL_ENTRIES_CELLS && entries->table.has_header;

    if (!lines)
        haul_buf_add_str(words, "it is empty");
    else if (has_header && entries->form.head == HAUL_TABLE_HEAD_YES)
        haul_buf_addf(words, "there is no row below its header line%s",
                      lines > 1 ? " that is no comment" : "");
    else if (lines == 1)
        haul_buf_add_str(words, "its line is blank or a comment");
    else
        haul_buf_addf(words, "its %llu lines are blank or comments", lines);
}

uint64_t haul_entries_line(struct haul_entries *entries)
{
    return feed_of(entries)->line;
}
