#include <assert.h>
#include <stdio.h>

#include "wire/wire_inside.h"

void haul_exchange_forget(struct haul_exchange *x)
{
    x->end = HAUL_END_NONE;
    x->reason = HAUL_REASON_NONE;
    x->exitcode = 0;
    x->message[0] = x->ip[0] = '\0';
    x->reused = x->answered = x->unserved = x->wants_1_1 = x->doubtful = false;
    x->refused_address = x->waits = false;
    x->http_version = x->connects = x->port = 0;
    x->request_bytes = 0;
    x->verify_result = 0;
    x->resolved_us = x->connected_us = x->secured_us = x->sent_us = x->first_us = 0;
    x->conn = NULL;
    x->stream = 0;
    x->next = x->prev = NULL;
}

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
