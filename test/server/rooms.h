/* Waiting rooms: requests that wait for one another, so that tests force overlap
 * without sleeping.
 *
 * A latch holds requests until n of them wait at once, then answers them all and is shut
 * again. A gate holds them until somebody opens it, and stays open; it may stand in the middle of
 * an answer (hold=NAME).
 */
#ifndef TS_ROOMS_H
#define TS_ROOMS_H

#include "conn.h"

#include <stdbool.h>
#include <stddef.h>

struct ts_room {
    struct ts_conn *first; /* waiting, or NULL */
    size_t count;          /* of those that wait */
    bool is_open;          /* gate only */
};

/* Whether the gate of the request's hold=NAME is open. If it is not, the connection waits in front
 * of it, and then goes on with its script. */
bool ts_rooms_pass(struct ts_conn *conn);

/* A connection goes away: if it waits, it leaves its room. */
void ts_rooms_leave(struct ts_conn *conn);

/* Something happened that the request's option tell=NAME asks to be told: that gate is opened. */
void ts_rooms_tell(struct ts_conn *conn);

/* A connection waited for too long: it leaves its room and is answered 504. */
void ts_rooms_timeout(struct ts_conn *conn);

#endif
