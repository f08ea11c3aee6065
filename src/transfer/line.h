#ifndef HAUL_TRANSFER_LINE_H
#define HAUL_TRANSFER_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/allowance.h"
#include "haul/err.h"

/*
 * The attempts of a run that wait for memory, in the order in which they came. Only the first one
 * may take some, and as long as there is one, nobody else begins to take much
 * (struct haul_allowance): so whoever has come gets his turn, however much it is that he needs,
 * and those who have some become fewer until then.
 *
 * They do not wait for ever: when nobody who had much has been through with it for
 * HAUL_LINE_PATIENCE_US, the whole line has waited in vain. From then on nobody waits who does not
 * find what he needs at once, until somebody does. So bodies that never end cost a run that time
 * once, however many need their memory.
 *
 * Any thread, under its lock; nothing blocks for long. A waiter is the attempt's, and stays where
 * it is from enter until leave.
 */
enum { HAUL_LINE_PATIENCE_US = 20000000 };

struct haul_waiter {
    struct haul_waiter *next; /* [lock] */
};

struct haul_line {
    struct haul_allowance *memory; /* [const] */
    uv_mutex_t lock;
    struct haul_waiter *first; /* [lock] or NULL */
    uint64_t returned;         /* [lock] of what the allowance counts, so many were seen */
    int64_t since_us;          /* [lock] it has waited, and none came, since then */
    bool is_in_vain;           /* [lock] and nobody has been served since that was found */
};

/* Makes a line for `memory`, which must outlive it. HAUL_ERR_SYSTEM: there is none. */
HAUL_MUST_USE enum haul_err haul_line_init(struct haul_line *line, struct haul_allowance *memory);
void haul_line_done(struct haul_line *line);

/* Comes behind all others. `now_us` is monotonic, here and below. */
void haul_line_enter(struct haul_line *line, struct haul_waiter *waiter, int64_t now_us);

/* Whether it is its turn to take what it needs, if that is there. */
bool haul_line_is_first(struct haul_line *line, const struct haul_waiter *waiter);

/* Whether the line has waited in vain: who does not find what he needs now is to leave. */
bool haul_line_is_in_vain(struct haul_line *line, int64_t now_us);

/* Goes away, from wherever it stands, with what it needs or without. */
void haul_line_leave(struct haul_line *line, struct haul_waiter *waiter, bool is_served);

#endif
