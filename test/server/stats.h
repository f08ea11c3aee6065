/* What the server saw: counts, peaks of simultaneous requests, and a log of requests.
 *
 * Requests to /stats, /log and their resets are not counted and not logged, so
 * asking does not change the answer. All counts are of this process, single thread.
 */
#ifndef TS_STATS_H
#define TS_STATS_H

#include "map.h"
#include "request.h"

#include <stdint.h>

enum { TS_LOG_MAX = 100 * 1000, TS_LOG_BYTES_MAX = 64 * 1024 * 1024 };

struct ts_count {
    uint64_t requests;
    uint64_t in_progress;
    uint64_t peak; /* the most in_progress ever was since the last reset */
};

struct ts_log_line {
    uint64_t time_us; /* monotonic */
    uint64_t connection;
    const char *listener; /* name, static */
    char *head;           /* raw request head, owned */
    size_t head_size;
};

struct ts_stats {
    struct ts_count all;
    struct ts_map hosts; /* Host header → struct ts_count */
    uint64_t connections;
    uint64_t open;
    uint64_t tls_handshakes; /* finished ones */
    uint64_t tls_resumed;    /* of these, with an earlier session */
    struct ts_log_line *log; /* ring of TS_LOG_MAX */
    size_t log_first;
    size_t log_count;
    size_t log_bytes;
};

/* Prepares empty statistics. */
void ts_stats_init(struct ts_stats *stats);

/* Frees them. */
void ts_stats_done(struct ts_stats *stats);

/* Sets all counts to zero and forgets the log. What is open or in progress now stays
 * counted as such, and is where the new peaks begin. */
void ts_stats_reset(struct ts_stats *stats);

/* Forgets the log only. */
void ts_stats_reset_log(struct ts_stats *stats);

/* Counts a request whose head is complete. Returns the count of its host, which goes to
 * ts_stats_end, or NULL when there are too many hosts. */
struct ts_count *ts_stats_begin(struct ts_stats *stats, struct ts_text host);

/* The request is answered or its connection gone. 'host' may be NULL. */
void ts_stats_end(struct ts_stats *stats, struct ts_count *host);

/* Remembers a request head (copied). The oldest lines go when there are too many. */
void ts_stats_log(struct ts_stats *stats, uint64_t connection, const char *listener,
                  struct ts_text head);

/* Appends the counts as one JSON object. */
void ts_stats_add_json(const struct ts_stats *stats, struct ts_buf *out);

/* Appends the log, oldest first, as JSON Lines; only of paths that begin with
 * 'prefix' ("" = all). */
void ts_stats_add_log(const struct ts_stats *stats, const char *prefix, struct ts_buf *out);

#endif
