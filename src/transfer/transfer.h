#ifndef HAUL_TRANSFER_TRANSFER_H
#define HAUL_TRANSFER_TRANSFER_H

#include <stdbool.h>

#include "haul/err.h"
#include "input/url.h"
#include "model/job.h"
#include "sink/press.h"
#include "transfer/net.h"
#include "wire/exchange.h"

/*
 * One attempt at one job: the request, its redirects, and what is to be thought of the answer. A
 * transfer and its buffers serve one job after the other.
 *
 *   request.c   what to ask
 *   receive.c   what came: the head, and the body through the decoder to where it goes
 *   await.c     what there was no memory to decode, and is asked for again when there is
 *   line.c      who waits for that, of all workers
 *   packed.c    whose the codings of the body are, the file's own or the transfer's (http/coding.h)
 *   cookies.c   which cookies go along, and come back
 *   record.c    what is told of it
 *   transfer.c  what it means: another request (a redirect, the whole instead of the rest, once
 *               more on a fresh connection), or the verdict
 *
 * haul follows redirects itself, one request (hop) after the other: only so can it promise that
 * custom headers and credentials stay with the origin they were given for, and that nothing but
 * http and https is ever opened.
 *
 * A transfer belongs to one worker thread. For streams.c.
 */
struct haul_transfer;

/* What the transfers of one worker share. [const after create, but for what it points to] */
struct haul_transfer_env {
    const struct haul_net *net;
    struct haul_url_parser *urls; /* the worker's own, as all that follows */
    struct haul_press *press;
};

/* Makes a transfer. `env` must outlive it. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_transfer_create(const struct haul_transfer_env *env,
                                                 struct haul_transfer **out);
void haul_transfer_free(struct haul_transfer *transfer);

/* Its exchange, whose `arg` is the transfer: to be lent to a wire. */
struct haul_exchange *haul_transfer_exchange(struct haul_transfer *transfer);

/* Prepares the first request of a new attempt at `job`, which stays the caller's. False: it cannot
 * be made, and the attempt is over. */
HAUL_MUST_USE bool haul_transfer_begin(struct haul_transfer *transfer, struct haul_job *job);

/*
 * What a request for `job` says of who asks, at the job's own origin: the value of the User-Agent
 * that is sent, wherever the user has said it; "" if there is none. Of the configuration or of the
 * job. Pure, any thread.
 */
const char *haul_transfer_user_agent(const struct haul_config *config, const struct haul_job *job);

/* How an attempt goes on. */
enum haul_transfer_next {
    HAUL_TRANSFER_ASKS,  /* there is another exchange to be made, and it is prepared */
    HAUL_TRANSFER_WAITS, /* until others have given back the memory to decode with; it has none.
                            Not for ever: line.h */
    HAUL_TRANSFER_OVER   /* it does not: the job's record and attempt are filled in, and
                            haul_transfer_take_job gives it */
};

/* The exchange is over. */
HAUL_MUST_USE enum haul_transfer_next haul_transfer_go_on(struct haul_transfer *transfer);

/* For one that waits: looks whether there is memory now, or no time or no hope any more. WAITS: it
 * waits on. */
HAUL_MUST_USE enum haul_transfer_next haul_transfer_look_again(struct haul_transfer *transfer);
bool haul_transfer_waits(const struct haul_transfer *transfer);

/* Ends the attempt as `pending`, reason `stopped`; its exchange is lent to nobody, or it waits. */
void haul_transfer_abandon(struct haul_transfer *transfer);

/* The job of the attempt that is over; the transfer has none afterwards. */
struct haul_job *haul_transfer_take_job(struct haul_transfer *transfer);

#endif
