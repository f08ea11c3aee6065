#ifndef HAUL_WIRE_WIRE_H
#define HAUL_WIRE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/err.h"
#include "model/stop.h"
#include "wire/common.h"
#include "wire/exchange.h"

/*
 * The connections of one worker: libcurl makes them (names, addresses, proxies, TLS), haul speaks
 * HTTP over them. Many exchanges at a time, one poll(2) for all of them.
 *
 * Belongs to one worker thread, but for haul_wire_wake.
 */
struct haul_wire;

/*
 * Makes a wire for `count` exchanges at a time (1..256). `common` and `stop` must outlive it. May
 * be called on the main thread, before the worker starts: then a lack of memory or descriptors is
 * known before anything is fetched. HAUL_ERR_NOMEM, HAUL_ERR_SYSTEM.
 */
HAUL_MUST_USE enum haul_err haul_wire_create(struct haul_wire_common *common, haul_stop *stop,
                                             int count, struct haul_wire **out);

/* Closes all connections and frees it. No exchange may be lent to it. NULL is fine. */
void haul_wire_free(struct haul_wire *wire);

/*
 * Descriptors that it has at most: a wake-up, libcurl's own pair, and its connections: for each
 * exchange two, and some more for origins that take turns.
 */
int haul_wire_descriptors(int count);

/* Begins an exchange; it is lent until it comes out of take_done, or cancel. At most `count`. */
void haul_wire_start(struct haul_wire *wire, struct haul_exchange *exchange);

/* Takes one back that is not over: it will not come out of take_done. Not from within an event. */
void haul_wire_cancel(struct haul_wire *wire, struct haul_exchange *exchange);

/*
 * Does what can be done, and if no exchange ended by that, waits for the network, for
 * haul_wire_wake, or until `until_us` (monotonic; HAUL_CLOCK_NEVER), and does what can be done
 * then.
 */
void haul_wire_run(struct haul_wire *wire, int64_t until_us);

/* The next exchange that is over, or NULL. */
struct haul_exchange *haul_wire_take_done(struct haul_wire *wire);

/* Ends the wait of haul_wire_run, or of the next one. Any thread. */
void haul_wire_wake(struct haul_wire *wire);

#endif
