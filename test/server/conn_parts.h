/* What the files of a connection have for each other; for conn*.c only.
 *
 *   conn.c          its life: accepted, read, waiting, ended; the timer
 *   conn_send.c     bytes on their way to the peer
 *   conn_script.c   playing a script, and the ends of one
 *   conn_request.c  requests, up to the script of each answer
 *
 * Each of them may destroy the connection: callers look at the state afterwards.
 */
#ifndef TS_CONN_PARTS_H
#define TS_CONN_PARTS_H

#include "conn.h"

/* Goes on: reads requests and plays scripts until there is nothing to do at once. */
void ts_conn_pump(struct ts_conn *conn);

/* Starts the timer, which has no other job then. */
void ts_conn_start_timer(struct ts_conn *conn, enum ts_timer_job job, uint64_t delay_ms);

/* As ts_conn_destroy, but the peer gets a reset. */
void ts_conn_reset(struct ts_conn *conn);

/* The request is answered, as far as the statistics are concerned; may be said more than once. */
void ts_conn_count_end(struct ts_conn *conn);

/* Sends bytes as they are: at once as far as the socket takes them, the rest later. */
void ts_conn_send_wire(struct ts_conn *conn, const char *data, size_t size);

/* The same, sealed where the connection is over TLS. */
void ts_conn_send_plain(struct ts_conn *conn, const char *data, size_t size);

/* Says goodbye, with TLS's close_notify if 'notify', and waits a moment for the peer's. */
void ts_conn_close_gently(struct ts_conn *conn, bool notify);

/* Empties the script; what is written to it from now on is played. */
void ts_conn_begin_script(struct ts_conn *conn);

/* Plays a part of the script. Returns whether to go on at once. */
bool ts_conn_play(struct ts_conn *conn);

/* Does what the last script left for an idle connection. */
void ts_conn_do_idle(struct ts_conn *conn);

/* Takes the next request out of what was read, and writes the script of its answer. Returns whether
 * there was one. */
bool ts_conn_begin_request(struct ts_conn *conn);

#endif
