#include "input/json_table.h"

#include <string.h>

#include "base/ascii.h"

enum { NAME_SHOWN_MAX = 60 };

void haul_json_table_init(struct haul_json_table *table, const char *column, bool is_report)
{
    haul_lines_init(&table->lines);
    haul_lines_limit(&table->lines, HAUL_JSON_LINE_MAX);
    table->column = column;
    table->is_report = is_report;
    haul_buf_init(&table->text, 0);
    haul_buf_init(&table->problem, 0);
}

void haul_json_table_done(struct haul_json_table *table)
{
    haul_lines_done(&table->lines);
    haul_buf_done(&table->text);
    haul_buf_done(&table->problem);
}

/* ---- one line ---- */

/* One line on its way to an entry. */
struct row {
    struct haul_json_table *table;
    char *to;      /* where the next string goes: there is room for all of the line */
    size_t fields; /* of the table's `name` and `value` */
    size_t url_at; /* which of them is the URL, or holds it */
    bool has_nul;
};

/* Makes it an entry that says what is wrong with the line. */
static void refuse(struct haul_json_table *table, struct haul_list_entry *out)
{
    out->reason = HAUL_REASON_BAD_ENTRY;
    out->problem = haul_buf_str(&table->problem);
}

/* Lengths differ mostly, so this is cheap. */
static bool is_known(const struct row *row, const struct haul_json_value *name)
{
    const struct haul_json_value *known = row->table->name;
    size_t i = 0;

    while (i < row->fields && (known[i].text.len != name->text.len ||
                               memcmp(known[i].text.at, name->text.at, name->text.len) != 0))
        i++;
    return i < row->fields;
}

/* Finds the fields. False: the table's `problem` says what is wrong. */
static bool read_fields(struct row *row, struct haul_span line)
{
    struct haul_buf *problem = &row->table->problem;
    struct haul_json_value name, value;
    struct haul_json json;

    haul_json_init(&json, line);
    while (haul_json_next(&json, &name, &value)) {
        if (is_known(row, &name) || row->fields == HAUL_JSON_FIELDS_MAX) {
            haul_buf_add_str(problem, row->fields == HAUL_JSON_FIELDS_MAX
                                          ? "the object has more than 256 fields"
                                          : "the object has two fields of the same name");
            return false;
        }
        row->table->name[row->fields] = name;
        row->table->value[row->fields++] = value;
    }
    if (json.problem)
        haul_buf_addf(problem, "no JSON object: %s, at byte %zu of the line", json.problem,
                      (size_t)(json.at - json.begin) + 1);
    return !json.problem;
}

/* The value at "b", or "b.c", in what is known to be an object. */
static bool find_below(struct haul_span object, const char *path, struct haul_json_value *found)
{
    size_t whole = strlen(path), len = strcspn(path, ".");
    struct haul_json_value name, value;
    struct haul_json json;
    bool is_found = false;

    haul_json_init(&json, object);
    while (haul_json_next(&json, &name, &value)) {
        if (haul_json_is(&name, path, whole)) {
            *found = value;
            return true;
        }
        if (len < whole && value.kind == HAUL_JSON_OBJECT && haul_json_is(&name, path, len))
            is_found = find_below(value.text, path + len + 1, found) || is_found;
    }
    return is_found;
}

static bool find_url(struct row *row, struct haul_json_value *url)
{
    const struct haul_json_table *table = row->table;
    size_t whole = strlen(table->column), len = strcspn(table->column, ".");

    for (size_t i = 0; i < row->fields; i++) {
        if (haul_json_is(&table->name[i], table->column, whole)) {
            *url = table->value[i];
            row->url_at = i;
            return true;
        }
    }
    for (size_t i = 0; i < row->fields && len < whole; i++) {
        row->url_at = i;
        if (table->value[i].kind == HAUL_JSON_OBJECT &&
            haul_json_is(&table->name[i], table->column, len) &&
            find_below(table->value[i].text, table->column + len + 1, url))
            return true;
    }
    return false;
}

/* What a string stands for, or another value as it is written; terminated. */
static const char *keep(struct row *row, const struct haul_json_value *value)
{
    char *begin = row->to;

    row->to = haul_json_put(begin, value);
    row->has_nul =
        row->has_nul || (value->has_escapes && memchr(begin, '\0', (size_t)(row->to - begin)));
    *row->to++ = '\0';
    return begin;
}

static void attach(struct row *row, const struct haul_json_value *name,
                   const struct haul_json_value *value)
{
    struct haul_json_table *table = row->table;
    struct haul_attached *to = &table->attached[table->said.attached_count];

    if (value->kind == HAUL_JSON_NULL || table->said.attached_count == HAUL_JSON_FIELDS_MAX)
        return;
    to->name = keep(row, name);
    to->value = keep(row, value);
    table->said.attached_count++;
}

/* Of a report the fields are the run's; what its list had attached to the URL is in one of them. */
static void attach_again(struct row *row, const struct haul_json_value *attached)
{
    struct haul_json_value name, value;
    struct haul_json json;

    haul_json_init(&json, attached->text);
    while (attached->kind == HAUL_JSON_OBJECT && haul_json_next(&json, &name, &value))
        attach(row, &name, &value);
}

static void attach_all(struct row *row)
{
    struct haul_json_table *table = row->table;

    for (size_t i = 0; i < row->fields; i++) {
        if (i == row->url_at)
            table->said.url_place = table->said.attached_count + 1;
        else if (table->is_report && haul_json_is(&table->name[i], "attached", strlen("attached")))
            attach_again(row, &table->value[i]);
        else if (!table->is_report)
            attach(row, &table->name[i], &table->value[i]);
    }
}

static void make_entry(struct row *row, const struct haul_json_value *url,
                       struct haul_list_entry *out)
{
    struct haul_json_table *table = row->table;
    const char *begin = row->to, *end;

    (void)keep(row, url);
    end = row->to - 1;
    attach_all(row);
    if (table->is_report && !table->said.attached_count)
        table->said.url_place = 0; /* its URL is all that it says */
    if (row->has_nul)
        *out = (struct haul_list_entry){.text = "", .reason = HAUL_REASON_CONTROL_CHARACTER};
    else
        (void)haul_lines_classify(begin, (size_t)(end - begin), out);
    out->options = &table->said;
}

static enum haul_err read_row(struct haul_json_table *table, struct haul_span line,
                              struct haul_list_entry *out)
{
    struct row row = {.table = table};
    struct haul_json_value url;

    haul_buf_clear(&table->problem);
    haul_buf_clear(&table->text);
    haul_entry_options_init(&table->said);
    table->said.attached = table->attached;
    table->said.url_column = table->column;
    table->said.url_place = 1;
    *out = (struct haul_list_entry){.text = "", .options = &table->said};
    row.to = haul_buf_reserve(&table->text, line.len + 1);
    if (!row.to)
        return table->text.err;
    if (!read_fields(&row, line)) {
        refuse(table, out);
    } else if (!find_url(&row, &url)) {
        haul_buf_addf(&table->problem, "there is no field '%.*s'", NAME_SHOWN_MAX, table->column);
        refuse(table, out);
    } else if (url.kind != HAUL_JSON_STRING) {
        haul_buf_addf(&table->problem, "the field '%.*s' is no string, but %s", NAME_SHOWN_MAX,
                      table->column, haul_json_kind_text(url.kind));
        refuse(table, out);
    } else {
        make_entry(&row, &url, out);
    }
    return table->problem.err;
}

static bool is_blank(struct haul_span line)
{
    size_t i = 0;

    while (i < line.len && (haul_ascii_is_blank(line.at[i]) || line.at[i] == '\r'))
        i++;
    return i == line.len;
}

enum haul_err haul_json_table_next(struct haul_json_table *table, struct haul_list_entry *out)
{
    struct haul_span line;
    enum haul_err err;

    do {
        err = haul_lines_take(&table->lines, &line);
    } while (!err && is_blank(line));
    if (err)
        return err;
    if (line.len > HAUL_JSON_LINE_MAX)
        *out = (struct haul_list_entry){.text = "",
                                        .reason = HAUL_REASON_LINE_TOO_LONG,
                                        .problem = "the line is longer than 1048576 bytes"};
    else
        err = read_row(table, line, out);
    out->line = table->lines.feed.line;
    return err;
}
