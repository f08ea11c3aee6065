#ifndef HAUL_TRANSFER_FLOOD_H
#define HAUL_TRANSFER_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#include "model/stop.h"

/*
 * libcurl (7.88) reads frames of HTTP/2 until the connection has no more of them, and looks at no
 * limit of time meanwhile. A peer that sends frames without meaning faster than they are parsed
 * would keep a worker in one call for ever, past --max-time, --speed-time and a stop.
 *
 * OpenSSL tells of each TLS record that arrives, within that call, too. If no byte of any answer
 * has come for as long as any request of this worker has patience, or the run is being aborted, the
 * TLS session is told that its peer has closed it; all that is left to libcurl then is to fail.
 *
 * One for each worker; its thread only, but for `stop`.
 */
struct haul_flood {
    haul_stop *stop;     /* [const] */
    int64_t patience_us; /* the longest of all requests so far */
    int64_t since_us;    /* monotonic; the first look since the last progress, or 0 */
    unsigned records;    /* since the last progress */
    int64_t cut_us;      /* monotonic; when a session was ended last, or 0 */
};

/*
 * Whether the connections of this libcurl can be listened to: it uses the OpenSSL that haul is
 * linked with. Elsewhere nothing is done against floods.
 */
bool haul_flood_is_heard(void);

/*
 * `ssl_ctx` (an SSL_CTX, of CURLOPT_SSL_CTX_FUNCTION) makes one connection: its records are
 * counted. `flood` must outlive the connection.
 */
void haul_flood_listen(struct haul_flood *flood, void *ssl_ctx);

/* A request is begun that may take so long without any progress; 0: for ever. */
void haul_flood_allow(struct haul_flood *flood, int64_t patience_us);

/* A byte of an answer has come, or libcurl is called anew. */
static inline void haul_flood_rest(struct haul_flood *flood)
{
    flood->records = 0;
    flood->since_us = 0;
}

/*
 * Whether a request that was begun at `begun_us` and has just failed may have been on a session
 * that was ended here: libcurl sees that in one of its next calls.
 */
bool haul_flood_has_ended(const struct haul_flood *flood, int64_t begun_us);

#endif
