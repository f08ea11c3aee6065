#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "input/entries.h"
#include "input/reader.h"

/*
 * A list of any kind, a table above all, from a descriptor to its entries, as a run reads it:
 * unpacked, made UTF-8, its kind found out, its columns named. The rows do not depend on the pieces
 * in which it arrives; where packed data are damaged, that they are does not. The first byte
 * chooses the pieces, the second what was said of the table, the rest is the list.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECES_MAX = 64, ROWS_TEXT_MAX = 1 << 20 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

struct list {
    const char *bytes;
    size_t len, piece;
    struct haul_table_form form;
};

/* Each piece is one message, and one read(2) gives no more than one. */
static int send_all(const struct list *list)
{
    int ends[2];

    require(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
    for (size_t at = 0; at < list->len; at += list->piece) {
        size_t len = list->len - at < list->piece ? list->len - at : list->piece;

        require(write(ends[0], list->bytes + at, len) == (ssize_t)len);
    }
    close(ends[0]);
    return ends[1];
}

/* ---- rows ---- */

struct result {
    struct haul_buf rows;
    enum haul_err err; /* HAUL_ERR_END: well */
    bool is_packed;
};

static void write_down(struct haul_buf *to, const struct haul_list_entry *entry)
{
    const struct haul_entry_options *said = entry->options;

    require(entry->line > 0);
    require(entry->reason == HAUL_REASON_BAD_ENTRY || !entry->problem);
    haul_buf_addf(to, "%llu %d %s ", (unsigned long long)entry->line, (int)entry->reason,
                  entry->problem ? entry->problem : "");
    haul_buf_add(to, entry->text, entry->len);
    for (size_t i = 0; said && i < said->attached_count; i++)
        haul_buf_addf(to, "<%s=%s>", said->attached[i].name, said->attached[i].value);
    haul_buf_add_char(to, '\n');
}

static enum haul_err take_rows(struct haul_entries *entries, struct haul_buf *to)
{
    struct haul_list_entry entry;
    enum haul_err err;

    while ((err = haul_entries_next(entries, &entry)) == HAUL_OK)
        if (to->len < ROWS_TEXT_MAX)
            write_down(to, &entry);
    return err;
}

static enum haul_err read_on(struct haul_reader *reader, struct haul_entries *entries,
                             struct haul_buf *to)
{
    const char *bytes;
    size_t len;
    enum haul_err err = haul_reader_next(reader, -1, &bytes, &len);

    if (err == HAUL_ERR_END) {
        haul_entries_finish(entries);
        return take_rows(entries, to);
    }
    if (!err)
        err = haul_entries_add(entries, bytes, len);
    if (!err)
        err = take_rows(entries, to);
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

static void read_list(const struct list *list, struct result *result)
{
    static struct haul_reader reader;
    const struct haul_setting_rules rules = {0};
    struct haul_setting_told told = {0};
    struct haul_entries entries;

    haul_buf_init(&result->rows, 0);
    haul_reader_init(&reader);
    haul_reader_adopt(&reader, send_all(list), -1);
    reader.is_text = true;
    haul_entries_init(&entries, &list->form, &rules, &told);
    do
        result->err = read_on(&reader, &entries, &result->rows);
    while (!result->err);
    require(result->err == HAUL_ERR_END || result->err == HAUL_ERR_IO ||
            (result->err == HAUL_ERR_SYNTAX && *haul_table_problem(&entries.table)));
    result->is_packed = reader.coding;
    haul_entries_done(&entries);
    haul_reader_close(&reader);
}

/* ---- the same ---- */

static struct haul_table_form form_of(uint8_t choice)
{
    static const char *const columns[] = {"url", "2", "u.v", NULL};
    static const char delimiters[] = {0, ',', ';', '\t'};
    const struct haul_table_form form = {.column = columns[choice & 3],
                                         .delimiter = delimiters[choice >> 2 & 3],
                                         .head = choice & 0x10 ? HAUL_TABLE_HEAD_NO
                                                               : HAUL_TABLE_HEAD_YES};

    return form;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct list list;
    struct result whole, pieces;

    if (size < 3)
        return 0;
    list = (struct list){(const char *)data + 2, size - 2, size, form_of(data[1])};
    read_list(&list, &whole);
    list.piece = (size_t)data[0] + 1;
    if (list.piece < list.len / PIECES_MAX)
        list.piece = list.len / PIECES_MAX + 1;
    read_list(&list, &pieces);
    require(whole.err == pieces.err);
    if (whole.err != HAUL_ERR_IO || !whole.is_packed) {
        require(whole.rows.len == pieces.rows.len);
        require(!whole.rows.len || !memcmp(whole.rows.data, pieces.rows.data, whole.rows.len));
    }
    haul_buf_done(&whole.rows);
    haul_buf_done(&pieces.rows);
    return 0;
}
