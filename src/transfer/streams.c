#include "transfer/streams.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "transfer/net_inside.h"
#include "transfer/transfer.h"
#include "wire/wire.h"

/* Who waits for memory looks again after so long: who gives it back knows of nobody. */
enum { LOOK_AGAIN_US = 20000 };

struct haul_streams {
    struct haul_wire *wire;
    haul_stop *stop; /* [const] */
    struct haul_transfer_env env;
    struct haul_press press;
    struct haul_transfer **idle; /* a stack of the free ones */
    int idle_count, count;
    struct haul_transfer **active; /* in no order */
    int active_count;
    int waiting_count; /* of them, those that wait for memory */
    struct haul_job_list done;
};

/* ---- making and unmaking ---- */

static enum haul_err make_transfers(struct haul_streams *streams)
{
    size_t size = (size_t)streams->count * sizeof(struct haul_transfer *);

    streams->idle = malloc(size);
    streams->active = malloc(size);
    if (!streams->idle || !streams->active)
        return HAUL_ERR_NOMEM;
    while (streams->idle_count < streams->count) {
        struct haul_transfer **slot = &streams->idle[streams->idle_count];
        enum haul_err err = haul_transfer_create(&streams->env, slot);

        if (err)
            return err;
        streams->idle_count++;
    }
    return HAUL_OK;
}

enum haul_err haul_streams_create(struct haul_net *net, haul_stop *stop, int count,
                                  struct haul_streams **out)
{
    struct haul_streams *streams = calloc(1, sizeof *streams);
    enum haul_err err;

    if (!streams)
        return HAUL_ERR_NOMEM;
    haul_press_init(&streams->press);
    streams->env.net = net;
    streams->env.press = &streams->press;
    streams->count = count;
    streams->stop = stop;
    err = haul_url_parser_create(&streams->env.urls);
    if (!err)
        err = haul_wire_create(net->wire, stop, count, &streams->wire);
    if (!err)
        err = make_transfers(streams);
    if (err)
        haul_streams_free(streams);
    else
        *out = streams;
    return err;
}

int haul_streams_descriptors(int count)
{
    return haul_wire_descriptors(count);
}

void haul_streams_free(struct haul_streams *streams)
{
    if (!streams)
        return;
    assert(!streams->active_count);
    while (streams->idle_count)
        haul_transfer_free(streams->idle[--streams->idle_count]);
    haul_wire_free(streams->wire);
    haul_url_parser_free(streams->env.urls);
    haul_press_done(&streams->press);
    free(streams->idle);
    free(streams->active);
    free(streams);
}

int haul_streams_active(const struct haul_streams *streams)
{
    return streams->active_count;
}

int haul_streams_free_count(const struct haul_streams *streams)
{
    return streams->idle_count;
}

/* ---- attempts ---- */

static void retire(struct haul_streams *streams, struct haul_transfer *transfer)
{
    int i = 0;

    while (streams->active[i] != transfer)
        i++;
    streams->active[i] = streams->active[--streams->active_count];
    haul_job_list_add(&streams->done, haul_transfer_take_job(transfer));
    streams->idle[streams->idle_count++] = transfer;
}

static void follow(struct haul_streams *streams, struct haul_transfer *transfer,
                   enum haul_transfer_next next)
{
    switch (next) {
    case HAUL_TRANSFER_ASKS:
        haul_wire_start(streams->wire, haul_transfer_exchange(transfer));
        break;
    case HAUL_TRANSFER_WAITS:
        streams->waiting_count++;
        break;
    case HAUL_TRANSFER_OVER:
        retire(streams, transfer);
        break;
    }
}

static void collect(struct haul_streams *streams)
{
    struct haul_exchange *exchange;

    while ((exchange = haul_wire_take_done(streams->wire))) {
        struct haul_transfer *transfer = exchange->arg;

        follow(streams, transfer, haul_transfer_go_on(transfer));
    }
}

/* Of a run that is to end, nothing is asked for any more. */
static enum haul_transfer_next look_again(struct haul_streams *streams,
                                          struct haul_transfer *transfer)
{
    if (haul_stop_level(streams->stop) < HAUL_STOP_DRAIN)
        return haul_transfer_look_again(transfer);
    haul_transfer_abandon(transfer);
    return HAUL_TRANSFER_OVER;
}

/* Backwards: whoever retires leaves his place to the last one. */
static void look_for_memory(struct haul_streams *streams)
{
    if (!streams->waiting_count)
        return;
    streams->waiting_count = 0;
    for (int i = streams->active_count - 1; i >= 0; i--) {
        struct haul_transfer *transfer = streams->active[i];

        if (haul_transfer_waits(transfer))
            follow(streams, transfer, look_again(streams, transfer));
    }
}

void haul_streams_start(struct haul_streams *streams, struct haul_job *job)
{
    struct haul_transfer *transfer = streams->idle[--streams->idle_count];

    streams->active[streams->active_count++] = transfer;
    if (haul_transfer_begin(transfer, job))
        haul_wire_start(streams->wire, haul_transfer_exchange(transfer));
    else
        retire(streams, transfer);
}

void haul_streams_abort(struct haul_streams *streams)
{
    collect(streams);
    while (streams->active_count) {
        struct haul_transfer *transfer = streams->active[streams->active_count - 1];

        if (haul_transfer_exchange(transfer)->end == HAUL_END_NONE &&
            !haul_transfer_waits(transfer))
            haul_wire_cancel(streams->wire, haul_transfer_exchange(transfer));
        haul_transfer_abandon(transfer);
        retire(streams, transfer);
    }
    streams->waiting_count = 0;
    while (haul_wire_take_done(streams->wire))
        ;
}

bool haul_streams_has_done(const struct haul_streams *streams)
{
    return streams->done.head;
}

struct haul_job *haul_streams_take_done(struct haul_streams *streams)
{
    return haul_job_list_take(&streams->done);
}

void haul_streams_run(struct haul_streams *streams, int64_t until_us)
{
    int64_t look_us;

    collect(streams);
    look_for_memory(streams);
    if (streams->done.head)
        return;
    look_us = haul_clock_us() + LOOK_AGAIN_US;
    haul_wire_run(streams->wire, streams->waiting_count && look_us < until_us ? look_us : until_us);
    collect(streams);
}

void haul_streams_wake(struct haul_streams *streams)
{
    haul_wire_wake(streams->wire);
}
