#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "input/entries.h"
#include "input/reader.h"

/*
 * A list of any kind, a table above all, from a descriptor to its entries, as a run reads it:
 * unpacked, made UTF-8, its kind found out, its columns named. The rows do not depend on the pieces
 * in which it arrives; where packed data are damaged, that they are does not, unless what was
 * unpacked before is refused for itself: which of the two is seen first does. The first byte
 * chooses the pieces, the second what was said of the table and how much the socket holds, the rest
 * is the list.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A piece goes into the smallest socket that a system can be told to give (socket(7)). */
enum { PIECES_MAX = 64, PIECE_MAX = 2048, ROWS_TEXT_MAX = 1 << 20 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

struct list {
    const char *bytes;
    size_t len, piece;
    bool is_slow; /* the socket holds as little as one can */
    struct haul_table_form form;
};

/*
 * Each piece is one message, and one read(2) gives no more than one. How many of them a socket
 * holds depends on the system: what it does not hold, a thread sends while they are read. Where the
 * list is refused at its beginning, nobody reads the rest.
 */
struct sender {
    const struct list *list;
    size_t at; /* bytes that were sent */
    int fd;
    bool has_thread;
    pthread_t thread;
};

/* False: with `flags` it would have to wait. */
static bool send_on(struct sender *sender, int flags)
{
    const struct list *list = sender->list;

    while (sender->at < list->len) {
        size_t left = list->len - sender->at, len = left < list->piece ? left : list->piece;
        ssize_t sent = send(sender->fd, list->bytes + sender->at, len, MSG_NOSIGNAL | flags);

        if (sent < 0 && errno == EAGAIN)
            return false;
        require(sent == (ssize_t)len || errno == EPIPE || errno == ECONNRESET);
        sender->at = sent < 0 ? list->len : sender->at + len;
    }
    close(sender->fd);
    return true;
}

static void *send_rest(void *arg)
{
    require(send_on(arg, 0));
    return NULL;
}

/* Returns the end to read from. */
static int begin_sending(struct sender *sender, const struct list *list)
{
    int ends[2], least = 1;

    require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    if (list->is_slow)
        require(!setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least));
    *sender = (struct sender){.list = list, .fd = ends[0]};
    sender->has_thread = !send_on(sender, MSG_DONTWAIT);
    require(!sender->has_thread || !pthread_create(&sender->thread, NULL, send_rest, sender));
    return ends[1];
}

/* All of it in a file, of which one read(2) gives as much as there is room for. */
static int make_file(const struct list *list)
{
    int fd = memfd_create("list", MFD_CLOEXEC);

    require(fd >= 0 && write(fd, list->bytes, list->len) == (ssize_t)list->len);
    require(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
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
    const bool is_whole = list->piece >= list->len;
    struct sender sender = {.has_thread = false};
    static struct haul_reader reader;
    const struct haul_setting_rules rules = {0};
    struct haul_setting_told told = {0};
    struct haul_entries entries;

    haul_buf_init(&result->rows, 0);
    haul_reader_init(&reader);
    haul_reader_adopt(&reader, is_whole ? make_file(list) : begin_sending(&sender, list), -1);
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
    require(!sender.has_thread || !pthread_join(sender.thread, NULL));
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

/* As damaged, or for what stands before the damage. */
static bool is_refused(const struct result *result)
{
    return result->is_packed && (result->err == HAUL_ERR_IO || result->err == HAUL_ERR_SYNTAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct list list;
    struct result whole, pieces;

    if (size < 3)
        return 0;
    list = (struct list){
        .bytes = (const char *)data + 2, .len = size - 2, .piece = size, .form = form_of(data[1])};
    read_list(&list, &whole);
    list.piece = (size_t)data[0] + 1;
    list.is_slow = data[1] & 0x20;
    if (list.piece < list.len / PIECES_MAX)
        list.piece = list.len / PIECES_MAX + 1;
    if (list.piece > PIECE_MAX)
        list.piece = PIECE_MAX;
    read_list(&list, &pieces);
    require(whole.err == pieces.err || (is_refused(&whole) && is_refused(&pieces)));
    if (!whole.is_packed || (whole.err != HAUL_ERR_IO && pieces.err != HAUL_ERR_IO)) {
        require(whole.rows.len == pieces.rows.len);
        require(!whole.rows.len || !memcmp(whole.rows.data, pieces.rows.data, whole.rows.len));
    }
    haul_buf_done(&whole.rows);
    haul_buf_done(&pieces.rows);
    return 0;
}
