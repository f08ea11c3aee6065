#include "report/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/again.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/scratch.h"

/*
 * A row that is early is held in one of two stores. The window is a ring of slots for the next
 * WINDOW rows, each with its own allocation, as long as the bytes stay below the limit. The files
 * take everything else: what is too far ahead, too large, or finds the window full. A row never
 * moves from one to the other, and a row is looked for in the window first.
 *
 * The data file holds rows as they came. The index file holds one entry per seq, at seq * 16, so
 * that a row is found without a search and without memory; where no row was written is a hole. A
 * row in the files costs two system calls to write and two to read. The system's page cache is the
 * only cache.
 */
enum {
    WINDOW = 8192,          /* slots */
    MEMORY_MAX = 256 << 10, /* bytes in them, unless told otherwise */
    SLOT_EXTRA = 16,        /* what an allocation costs beside its bytes */
    KEEP_SIZE = 1 << 20,    /* empty files below that are not worth truncating; bytes */
};

struct slot {
    char *bytes; /* or NULL: nothing here */
    size_t len;
};

/* One entry of the index file. The file never leaves this process: native byte order. */
struct entry {
    uint64_t offset_plus_1; /* in the data file; 0: no row, and a hole reads as that */
    uint64_t len;           /* bytes */
};

struct haul_order_queue {
    haul_order_emit_fn *emit; /* [const after create] */
    void *context;            /* [const after create] */
    size_t memory_max;        /* [const after create] bytes */

    uint64_t next;     /* the seq whose turn it is */
    uint64_t end;      /* one past the highest seq seen */
    uint64_t spilled;  /* rows that went to the files */
    size_t memory;     /* bytes in slots */
    enum haul_err err; /* sticky */
    int saved_errno;   /* behind it, or 0 */

    int data_fd, index_fd;    /* -1: not needed so far */
    uint64_t data_len;        /* bytes in the data file */
    uint64_t in_files;        /* rows added to the files and not taken yet */
    struct haul_buf row;      /* a row on its way from the files */
    struct slot slot[WINDOW]; /* of seq s at s % WINDOW, for next <= s < next + WINDOW */
};

enum haul_err haul_order_create(struct haul_order_queue **order, size_t memory_max,
                                haul_order_emit_fn *emit, void *context)
{
    struct haul_order_queue *made = calloc(1, sizeof *made);

    *order = made;
    if (!made)
        return HAUL_ERR_NOMEM;
    made->data_fd = made->index_fd = -1;
    made->emit = emit;
    made->context = context;
    made->memory_max = memory_max ? memory_max : MEMORY_MAX;
    haul_buf_init(&made->row, 0); /* rows were bounded when they were made */
    return HAUL_OK;
}

void haul_order_free(struct haul_order_queue *order)
{
    if (!order)
        return;
    for (size_t i = 0; i < WINDOW; i++)
        free(order->slot[i].bytes);
    haul_buf_done(&order->row);
    if (order->data_fd >= 0)
        close(order->data_fd);
    if (order->index_fd >= 0)
        close(order->index_fd);
    free(order);
}

int haul_order_errno(const struct haul_order_queue *order)
{
    return order->saved_errno;
}

uint64_t haul_order_spilled(const struct haul_order_queue *order)
{
    return order->spilled;
}

/* --- the files -------------------------------------------------------------------------------- */

/* Keeps the errno of a file operation that failed. */
static enum haul_err fail(struct haul_order_queue *order, enum haul_err err, int error)
{
    order->saved_errno = error;
    return err;
}

static enum haul_err open_files(struct haul_order_queue *order)
{
    if (order->data_fd < 0)
        order->data_fd = haul_scratch_open(NULL);
    if (order->data_fd >= 0 && order->index_fd < 0)
        order->index_fd = haul_scratch_open(NULL);
    return order->index_fd < 0 ? fail(order, HAUL_ERR_SYSTEM, errno) : HAUL_OK;
}

static enum haul_err hold_in_files(struct haul_order_queue *order, uint64_t seq, const char *bytes,
                                   size_t len)
{
    struct entry entry = {order->data_len + 1, len};
    enum haul_err err = HAUL_OK;
    ssize_t written;
    int error;

    if (seq >= INT64_MAX / sizeof entry || len >= INT64_MAX - order->data_len)
        return HAUL_ERR_LIMIT;
    if (order->index_fd < 0)
        err = open_files(order);
    if (err)
        return err;
    error = haul_io_write_all(order->data_fd, bytes, len, NULL);
    if (error)
        return fail(order, HAUL_ERR_IO, error);
    order->data_len += len;
    HAUL_AGAIN(written, pwrite(order->index_fd, &entry, sizeof entry, (off_t)(seq * sizeof entry)));
    if (written != (ssize_t)sizeof entry)
        return fail(order, HAUL_ERR_IO, written < 0 ? errno : EIO);
    order->in_files++;
    order->spilled++;
    return HAUL_OK;
}

/* Reads the row of an entry into `row`. */
static enum haul_err read_row(struct haul_order_queue *order, struct entry entry)
{
    uint64_t offset = entry.offset_plus_1 - 1;
    ssize_t got;

    haul_buf_clear(&order->row);
    if (!haul_buf_reserve(&order->row, (size_t)entry.len))
        return order->row.err;
    while (order->row.len < entry.len) {
        HAUL_AGAIN(got,
                   pread(order->data_fd, order->row.data + order->row.len,
                         (size_t)entry.len - order->row.len, (off_t)(offset + order->row.len)));
        if (got <= 0)
            return fail(order, HAUL_ERR_IO, got ? errno : EIO);
        haul_buf_grew(&order->row, (size_t)got);
    }
    return HAUL_OK;
}

/* Gives the disk back when no row is left. Later rows begin at the front again. */
static enum haul_err empty_files(struct haul_order_queue *order)
{
    if (order->in_files || order->data_len <= KEEP_SIZE)
        return HAUL_OK;
    if (ftruncate(order->data_fd, 0) || ftruncate(order->index_fd, 0) ||
        lseek(order->data_fd, 0, SEEK_SET))
        return fail(order, HAUL_ERR_IO, errno);
    order->data_len = 0;
    return HAUL_OK;
}

/* Reads the row `next` into `row`, if the files have it, and forgets it there. */
static enum haul_err take_from_files(struct haul_order_queue *order, bool *found)
{
    struct entry entry = {0, 0};
    enum haul_err err;
    ssize_t got;

    *found = false;
    HAUL_AGAIN(got,
               pread(order->index_fd, &entry, sizeof entry, (off_t)(order->next * sizeof entry)));
    if (got < 0)
        return fail(order, HAUL_ERR_IO, errno);
    if (got < (ssize_t)sizeof entry || !entry.offset_plus_1)
        return HAUL_OK;
    err = read_row(order, entry);
    if (err)
        return err;
    *found = true;
    order->in_files--;
    return empty_files(order);
}

/* --- the window ------------------------------------------------------------------------------- */

static enum haul_err hold(struct haul_order_queue *order, uint64_t seq, const char *bytes,
                          size_t len)
{
    struct slot *slot = &order->slot[seq % WINDOW];
    bool in_window = seq - order->next < WINDOW;

    if (in_window && slot->bytes)
        return HAUL_ERR_RANGE;
    if (!in_window || order->memory >= order->memory_max || len > order->memory_max - order->memory)
        return hold_in_files(order, seq, bytes, len);
    slot->bytes = malloc(len ? len : 1);
    if (!slot->bytes)
        return HAUL_ERR_NOMEM;
    if (len)
        memcpy(slot->bytes, bytes, len);
    slot->len = len;
    order->memory += len + SLOT_EXTRA;
    return HAUL_OK;
}

/* --- out again -------------------------------------------------------------------------------- */

/* Emits the row `next` if it is held, and goes on to the one after it. */
static enum haul_err emit_next(struct haul_order_queue *order, bool *found)
{
    struct slot *slot = &order->slot[order->next % WINDOW];
    enum haul_err err = HAUL_OK;

    *found = slot->bytes != NULL;
    if (*found) {
        err = order->emit(order->context, slot->bytes, slot->len);
        order->memory -= slot->len + SLOT_EXTRA;
        free(slot->bytes);
        *slot = (struct slot){NULL, 0};
    } else if (order->in_files) {
        err = take_from_files(order, found);
        if (!err && *found)
            err = order->emit(order->context, haul_buf_str(&order->row), order->row.len);
    }
    if (!err && *found)
        order->next++;
    return err;
}

enum haul_err haul_order_add(struct haul_order_queue *order, uint64_t seq, const char *bytes,
                             size_t len)
{
    bool found;

    if (order->err)
        return order->err;
    if (seq < order->next || seq == UINT64_MAX)
        return order->err = HAUL_ERR_RANGE;
    if (seq >= order->end)
        order->end = seq + 1;
    if (seq > order->next)
        return order->err = hold(order, seq, bytes, len);
    order->err = order->emit(order->context, bytes, len);
    if (order->err)
        return order->err;
    order->next++;
    do {
        order->err = emit_next(order, &found);
    } while (!order->err && found);
    return order->err;
}

enum haul_err haul_order_finish(struct haul_order_queue *order, uint64_t *gaps)
{
    uint64_t skipped = 0;
    bool found;

    while (!order->err && order->next < order->end) {
        order->err = emit_next(order, &found);
        if (!order->err && !found) {
            order->next++;
            skipped++;
        }
    }
    if (gaps)
        *gaps = skipped;
    /* A seq that came twice, once into each store or twice into the files. */
    if (!order->err && order->in_files)
        order->err = HAUL_ERR_RANGE;
    return order->err;
}
