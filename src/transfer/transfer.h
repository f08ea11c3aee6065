#ifndef HAUL_TRANSFER_TRANSFER_H
#define HAUL_TRANSFER_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "haul/err.h"
#include "input/url.h"
#include "model/job.h"
#include "transfer/flood.h"
#include "transfer/net.h"

/*
 * One attempt at one job, on one libcurl easy handle: the request, its redirects, and what is to be
 * thought of the answer. The handle and its buffers serve one job after the other.
 *
 * haul follows redirects itself, one request (hop) after the other: only so can it promise that
 * custom headers and credentials stay with the origin they were given for, and that nothing but
 * http and https is ever opened. It decodes content codings itself too: libcurl does not say
 * whether a compressed body was whole.
 *
 * A transfer belongs to one worker thread. For streams.c; nobody else sees libcurl's types.
 */
struct haul_transfer;

/* What the transfers of one worker share. [const after create, but for what it points to] */
struct haul_transfer_env {
    struct haul_net *net;
    struct haul_url_parser *urls; /* the worker's own */
    struct haul_sockets *sockets; /* the worker's own */
    struct haul_flood *flood;     /* the worker's own */
};

/* Makes a transfer with its handle. `env` must outlive it. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_transfer_create(const struct haul_transfer_env *env,
                                                 struct haul_transfer **out);
void haul_transfer_free(struct haul_transfer *transfer);

/* The handle, to be given to a multi handle; its private pointer is the transfer. */
CURL *haul_transfer_easy(struct haul_transfer *transfer);

/* Prepares the first request of a new attempt at `job`, which stays the caller's. */
void haul_transfer_begin(struct haul_transfer *transfer, struct haul_job *job);

/*
 * A request has ended with libcurl's `code` and its handle is still in the multi handle: looks at
 * the connection that served it. Before haul_transfer_end_hop, which goes by what was seen.
 */
void haul_transfer_note_connection(struct haul_transfer *transfer, CURLcode code);

/*
 * Whether a request that has ended, and whose handle is in no multi handle, is to be kept for a
 * while before haul_transfer_end_hop: what ended it shows only in what becomes of its connection,
 * which other requests share. To be asked again whenever something has happened on the network;
 * no longer than the others are under way. `is_last`: there are no others, and the answer is no.
 */
bool haul_transfer_awaits(struct haul_transfer *transfer, bool is_last);

/* The code that haul_transfer_note_connection was told, for haul_transfer_end_hop. */
CURLcode haul_transfer_code(const struct haul_transfer *transfer);

/*
 * A request has ended with libcurl's `code`, and its handle is in no multi handle. True: a redirect
 * is to be followed, the next request is prepared, add the handle again. False: the attempt is
 * over; the job's record and attempt are filled in, and haul_transfer_take_job gives it.
 */
bool haul_transfer_end_hop(struct haul_transfer *transfer, CURLcode code);

/* Ends the attempt as `pending`, reason `stopped`; the handle is in no multi handle. */
void haul_transfer_abandon(struct haul_transfer *transfer);

/* The job of the attempt that is over; the transfer has none afterwards. */
struct haul_job *haul_transfer_take_job(struct haul_transfer *transfer);

#endif
