#include "report/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/span.h"

#define PREFIX "list_"

/* ---- titles ---- */

static bool is_taken(const struct haul_layout *layout, const char *title)
{
    if (haul_field_find(haul_span_of(title)))
        return true;
    for (size_t i = 0; i < layout->count; i++)
        if (layout->column[i].title && strcmp(layout->column[i].title, title) == 0)
            return true;
    return false;
}

/* NULL: out of memory. */
static char *make_title(const struct haul_layout *layout, const char *name)
{
    struct haul_buf title;
    char *made = NULL;
    bool is_found = false;

    haul_buf_init(&title, 0);
    for (size_t prefixes = 0; !is_found && !title.err; prefixes++) {
        haul_buf_clear(&title);
        for (size_t i = 0; i < prefixes; i++)
            haul_buf_add_str(&title, PREFIX);
        haul_buf_add_str(&title, name);
        is_found = !is_taken(layout, haul_buf_str(&title));
    }
    if (!title.err)
        made = strdup(haul_buf_str(&title));
    haul_buf_done(&title);
    return made;
}

/* ---- columns ---- */

static struct haul_layout_column *append(struct haul_layout *layout)
{
    size_t cap = layout->count;
    struct haul_layout_column *column = layout->column;

    /* Room is made for a power of two. */
    if ((cap & (cap - 1)) == 0)
        column = realloc(column, (cap ? cap * 2 : 1) * sizeof *column);
    if (!column)
        return NULL;
    layout->column = column;
    column += layout->count++;
    *column = (struct haul_layout_column){.field = NULL};
    return column;
}

static enum haul_err add_list_column(struct haul_layout *layout, const char *name)
{
    char *title = make_title(layout, name), *copy = title ? strdup(name) : NULL;
    struct haul_layout_column *column = copy ? append(layout) : NULL;

    if (!column) {
        free(title);
        free(copy);
        return HAUL_ERR_NOMEM;
    }
    column->name = copy;
    column->title = title;
    return HAUL_OK;
}

static enum haul_err add_field(struct haul_layout *layout, const struct haul_field *field)
{
    struct haul_layout_column *column = append(layout);

    if (!column)
        return HAUL_ERR_NOMEM;
    column->field = field;
    return HAUL_OK;
}

static enum haul_err add_chosen(struct haul_layout *layout, struct haul_span word)
{
    const struct haul_field *field = haul_field_find(word);
    enum haul_err err = HAUL_ERR_NOMEM;
    char *name;

    if (field)
        return add_field(layout, field);
    (void)haul_span_skip(&word, HAUL_FIELD_COLUMN);
    name = strndup(word.at, word.len);
    if (name)
        err = add_list_column(layout, name);
    free(name);
    return err;
}

enum haul_err haul_layout_init(struct haul_layout *layout, const char *fields)
{
    struct haul_span left = haul_span_of(fields), word;
    bool more = fields != NULL;
    enum haul_err err = HAUL_OK;

    *layout = (struct haul_layout){.is_chosen = more};
    for (size_t i = 0; !fields && i < haul_field_count && !err; i++)
        err = add_field(layout, &haul_fields[i]);
    while (more && !err) {
        more = haul_span_take_before(&left, ',', &word);
        err = add_chosen(layout, more ? word : left);
    }
    if (err)
        haul_layout_done(layout);
    return err;
}

void haul_layout_done(struct haul_layout *layout)
{
    for (size_t i = 0; i < layout->count; i++) {
        free(layout->column[i].name);
        free(layout->column[i].title);
    }
    free(layout->column);
    *layout = (struct haul_layout){.count = 0};
}

enum haul_err haul_layout_add(struct haul_layout *layout, const char *name)
{
    if (layout->is_chosen || layout->count >= haul_field_count + HAUL_LAYOUT_ADDED_MAX)
        return HAUL_OK;
    for (size_t i = 0; i < layout->count; i++)
        if (layout->column[i].name && strcmp(layout->column[i].name, name) == 0)
            return HAUL_OK;
    return add_list_column(layout, name);
}

const char *haul_layout_find(const struct haul_record *rec, const char *name, size_t *hint)
{
    for (size_t n = 0; n < rec->attached_count; n++) {
        size_t i = (*hint + n) % rec->attached_count;

        if (strcmp(rec->attached[i].name, name) == 0) {
            *hint = i + 1;
            return rec->attached[i].value;
        }
    }
    return NULL;
}
