/* What the paths of the server mean.
 *
 * resources.c holds the table of paths; the handlers are in res_*.c, rooms.c and
 * faults.c. A handler writes conn->script for conn->request, up to and with its end step,
 * or makes the connection wait (ts_conn_wait). README.md lists all paths and options.
 */
#ifndef TS_RESOURCES_H
#define TS_RESOURCES_H

#include "conn.h"

#include <stdbool.h>
#include <stdint.h>

/* Requests for a path and query, exactly as they came. */
struct ts_counter {
    uint64_t count;
    uint64_t first_ms; /* time of the first one, loop time */
};

/* Is this a question to the server itself, which is neither counted nor logged? */
bool ts_resources_are_quiet(const struct ts_request *request);

/* Writes the script for the connection's request. */
void ts_resources_answer(struct ts_conn *conn);

/* Counts a request under its target and returns the counter; the first call makes
 * 'count' 1. The server owns it. Never NULL: when there are too many, all share one. */
struct ts_counter *ts_resources_count(struct ts_conn *conn);

/* The port of that name in the ready line, or 0. */
int ts_resources_port(const struct ts_server *server, const char *name);

/* The handlers. */
void ts_res_size(struct ts_conn *conn);
void ts_res_any(struct ts_conn *conn);
void ts_res_bytes(struct ts_conn *conn);
void ts_res_delay(struct ts_conn *conn);
void ts_res_hang(struct ts_conn *conn);
void ts_res_stall_headers(struct ts_conn *conn);
void ts_res_stall_body(struct ts_conn *conn);
void ts_res_drip(struct ts_conn *conn);
void ts_res_sample(struct ts_conn *conn);
void ts_res_sample_page(struct ts_conn *conn);
void ts_res_status(struct ts_conn *conn);
void ts_res_echo(struct ts_conn *conn);
void ts_res_index(struct ts_conn *conn);
void ts_res_head(struct ts_conn *conn);
void ts_res_range(struct ts_conn *conn);
void ts_res_stats(struct ts_conn *conn);
void ts_res_stats_reset(struct ts_conn *conn);
void ts_res_log(struct ts_conn *conn);
void ts_res_log_reset(struct ts_conn *conn);
void ts_res_latch(struct ts_conn *conn);
void ts_res_gate(struct ts_conn *conn);
void ts_res_gate_open(struct ts_conn *conn);
void ts_res_gate_close(struct ts_conn *conn);
void ts_res_gate_waiting(struct ts_conn *conn);
void ts_res_redirect(struct ts_conn *conn);
void ts_res_redirect_chain(struct ts_conn *conn);
void ts_res_redirect_loop(struct ts_conn *conn);
void ts_res_redirect_grow(struct ts_conn *conn);
void ts_res_redirect_scheme(struct ts_conn *conn);
void ts_res_redirect_two(struct ts_conn *conn);
void ts_res_redirect_missing(struct ts_conn *conn);
void ts_res_redirect_port(struct ts_conn *conn);
void ts_res_redirect_host(struct ts_conn *conn);
void ts_res_redirect_secure(struct ts_conn *conn);
void ts_res_redirect_plain(struct ts_conn *conn);

/* Whoever brings the cookie is let in; everybody else is given it, and sent here again. */
void ts_res_door(struct ts_conn *conn);
bool ts_door_is_open(const struct ts_request *request);
void ts_door_add_cookie(const struct ts_request *request, struct ts_buf *out);
void ts_res_flaky(struct ts_conn *conn);
void ts_res_throttle(struct ts_conn *conn);
void ts_res_retry_after(struct ts_conn *conn);
void ts_res_ratelimit(struct ts_conn *conn);
void ts_res_fault(struct ts_conn *conn);
void ts_res_robots(struct ts_conn *conn);
void ts_res_robots_set(struct ts_conn *conn);
void ts_res_rules(struct ts_conn *conn);

#endif
