#include <assert.h>
#include <stdio.h>

#include "wire/wire_inside.h"

void haul_wire_link(struct haul_wire *wire, struct haul_exchange *x)
{
    x->active_prev = NULL;
    x->active_next = wire->active;
    if (wire->active)
        wire->active->active_prev = x;
    wire->active = x;
}

void haul_wire_unlink(struct haul_wire *wire, struct haul_exchange *x)
{
    if (x->active_prev)
        x->active_prev->active_next = x->active_next;
    else
        wire->active = x->active_next;
    if (x->active_next)
        x->active_next->active_prev = x->active_prev;
}

void haul_wire_finish(struct haul_wire *wire, struct haul_exchange *x)
{
    assert(x->end != HAUL_END_NONE);
    haul_wire_unlink(wire, x);
    x->conn = NULL;
    x->waits = false;
    x->next = NULL;
    if (wire->done_last)
        wire->done_last->next = x;
    else
        wire->done = x;
    wire->done_last = x;
}

void haul_wire_fail(struct haul_wire *wire, struct haul_exchange *x, enum haul_reason reason,
                    int exitcode, const char *message)
{
    x->end = HAUL_END_FAILED;
    x->reason = reason;
    x->exitcode = exitcode;
    snprintf(x->message, sizeof x->message, "%s", message ? message : "");
    haul_wire_finish(wire, x);
}
