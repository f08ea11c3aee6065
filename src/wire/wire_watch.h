#ifndef HAUL_WIRE_WIRE_WATCH_H
#define HAUL_WIRE_WIRE_WATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The descriptors of one poll(2): the first is the wake-up, the others belong to connections, or,
 * while one is made, to libcurl (owner NULL).
 *
 * One thread.
 */
struct haul_conn;

struct haul_watch {
    struct pollfd *fd;
    struct haul_conn **owner; /* of the descriptor at the same place */
    size_t count, cap;
};

/* False: no memory, nothing has changed. */
bool haul_watch_init(struct haul_watch *watch, int wake_fd);
void haul_watch_done(struct haul_watch *watch);

/* Adds a connection's descriptor; its `place` is kept true from now on. False: no memory. */
bool haul_watch_add(struct haul_watch *watch, struct haul_conn *conn, int fd, short events);
void haul_watch_remove(struct haul_watch *watch, struct haul_conn *conn);
/* With 0 events nothing is told of it, not even its end, which poll(2) tells unasked. */
void haul_watch_change(struct haul_watch *watch, const struct haul_conn *conn, short events);

/* One of libcurl's; 0 events: no longer. False: no memory. */
bool haul_watch_set(struct haul_watch *watch, int fd, short events);

#endif
