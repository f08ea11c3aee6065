#include "command/report_columns.h"

#include <string.h>

#include "base/buf.h"

/* `last`: names, each terminated. */
static bool has_same_columns(const struct haul_record *rec, const struct haul_buf *last)
{
    const char *name = haul_buf_str(last), *end = name + last->len;
    size_t i = 0;

    for (; i < rec->attached_count && name < end; i++, name += strlen(name) + 1)
        if (strcmp(rec->attached[i].name, name) != 0)
            return false;
    return i == rec->attached_count && name == end;
}

/* Of most records the columns are those of the one before. */
static enum haul_err add_columns(const struct haul_record *rec, struct haul_buf *last,
                                 haul_list_column_fn *add, void *arg)
{
    enum haul_err err = HAUL_OK;

    if (has_same_columns(rec, last))
        return HAUL_OK;
    haul_buf_clear(last);
    for (size_t i = 0; i < rec->attached_count && !err; i++) {
        const char *name = rec->attached[i].name;

        haul_buf_add(last, name, strlen(name) + 1);
        err = add(arg, name);
    }
    return err ? err : last->err;
}

enum haul_err haul_report_columns(struct haul_resume *resume, bool by_seq, haul_list_column_fn *add,
                                  void *arg)
{
    enum haul_err err = haul_resume_walk(resume, by_seq);
    struct haul_buf last;
    struct haul_record rec;
    struct haul_key key;

    haul_buf_init(&last, 0);
    while (!err) {
        err = haul_resume_next(resume, &rec, &key);
        if (!err)
            err = add_columns(&rec, &last, add, arg);
    }
    haul_buf_done(&last);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}
