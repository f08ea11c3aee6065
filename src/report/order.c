#include "report/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "report/spill.h"

/*
 * Two places for a row that is early. The window: a ring of slots for the next WINDOW places, each
 * with its own allocation, as long as the bytes stay below the limit. The spill: everything else,
 * when it is too far ahead, too large, or the window is full. A row never moves from one to the
 * other, and a place is looked for in the window first.
 */
enum {
    WINDOW = 8192,   /* slots */
    SLOT_EXTRA = 16, /* what an allocation costs beside its bytes */
};

struct slot {
    char *bytes; /* or NULL: nothing here */
    size_t len;
};

struct haul_order_queue {
    haul_order_emit_fn *emit; /* [const after create] */
    void *context;            /* [const after create] */
    const char *directory;    /* [const after create] or NULL */
    size_t memory_max;        /* [const after create] bytes */

    uint64_t next;     /* the place whose turn it is */
    uint64_t end;      /* one past the highest place seen */
    uint64_t spilled;  /* rows that went to the files */
    size_t memory;     /* bytes in slots */
    enum haul_err err; /* sticky */
    int saved_errno;   /* behind it, or 0 */

    struct haul_spill *spill; /* or NULL: not needed so far */
    struct haul_buf row;      /* a row on its way from the spill */
    struct slot slot[WINDOW]; /* of place p at p % WINDOW, for next <= p < next + WINDOW */
};

enum haul_err haul_order_create(struct haul_order_queue **order, size_t memory_max,
                                const char *directory, haul_order_emit_fn *emit, void *context)
{
    struct haul_order_queue *made = calloc(1, sizeof *made);

    *order = made;
    if (!made)
        return HAUL_ERR_NOMEM;
    made->emit = emit;
    made->context = context;
    made->directory = directory;
    made->memory_max = memory_max ? memory_max : HAUL_ORDER_MEMORY_DEFAULT;
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
    haul_spill_free(order->spill);
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

static bool has_cause(enum haul_err err)
{
    return err == HAUL_ERR_IO || err == HAUL_ERR_SYSTEM;
}

/* Keeps the errno of a failed file operation. */
static enum haul_err note(struct haul_order_queue *order, enum haul_err err)
{
    if (has_cause(err))
        order->saved_errno = errno;
    return err;
}

static enum haul_err hold_in_files(struct haul_order_queue *order, uint64_t seq, const char *bytes,
                                   size_t len)
{
    enum haul_err err = HAUL_OK;

    if (!order->spill)
        err = haul_spill_create(&order->spill, order->directory);
    if (!err)
        err = haul_spill_add(order->spill, seq, bytes, len);
    if (!err)
        order->spilled++;
    return note(order, err);
}

static enum haul_err hold_in_memory(struct haul_order_queue *order, struct slot *slot,
                                    const char *bytes, size_t len)
{
    slot->bytes = malloc(len ? len : 1);
    if (!slot->bytes)
        return HAUL_ERR_NOMEM;
    if (len)
        memcpy(slot->bytes, bytes, len);
    slot->len = len;
    order->memory += len + SLOT_EXTRA;
    return HAUL_OK;
}

static enum haul_err hold(struct haul_order_queue *order, uint64_t seq, const char *bytes,
                          size_t len)
{
    struct slot *slot = &order->slot[seq % WINDOW];
    bool in_window = seq - order->next < WINDOW;

    if (in_window && slot->bytes)
        return HAUL_ERR_RANGE;
    if (!in_window || order->memory >= order->memory_max || len > order->memory_max - order->memory)
        return hold_in_files(order, seq, bytes, len);
    return hold_in_memory(order, slot, bytes, len);
}

static enum haul_err emit_slot(struct haul_order_queue *order, struct slot *slot)
{
    enum haul_err err = order->emit(order->context, slot->bytes, slot->len);

    order->memory -= slot->len + SLOT_EXTRA;
    free(slot->bytes);
    *slot = (struct slot){NULL, 0};
    return err;
}

/* Emits the row of place `next` if it is held, and goes on to the next place. */
static enum haul_err emit_next(struct haul_order_queue *order, bool *found)
{
    struct slot *slot = &order->slot[order->next % WINDOW];
    enum haul_err err = HAUL_OK;

    *found = slot->bytes != NULL;
    if (*found) {
        err = emit_slot(order, slot);
    } else if (order->spill) {
        haul_buf_clear(&order->row);
        err = note(order, haul_spill_take(order->spill, order->next, &order->row, found));
        if (!err && *found)
            err = order->emit(order->context, haul_buf_str(&order->row), order->row.len);
    }
    if (!err && *found)
        order->next++;
    return err;
}

static enum haul_err emit_all_ready(struct haul_order_queue *order)
{
    enum haul_err err;
    bool found;

    do {
        err = emit_next(order, &found);
    } while (!err && found);
    return err;
}

enum haul_err haul_order_add(struct haul_order_queue *order, uint64_t seq, const char *bytes,
                             size_t len)
{
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
    return order->err = emit_all_ready(order);
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
    /* A place that came twice, once into each store or twice into the files. */
    if (!order->err && order->spill && haul_spill_count(order->spill))
        order->err = HAUL_ERR_RANGE;
    return order->err;
}
