#include "wire/wire_watch.h"

#include <stdlib.h>

#include "wire/wire_inside.h"

static bool grow(struct haul_watch *watch)
{
    size_t cap = watch->cap ? watch->cap * 2 : 8;
    struct pollfd *fd = realloc(watch->fd, cap * sizeof *fd);
    struct haul_conn **owner;

    if (!fd)
        return false;
    watch->fd = fd;
    owner = realloc(watch->owner, cap * sizeof *owner);
    if (!owner)
        return false;
    watch->owner = owner;
    watch->cap = cap;
    return true;
}

static bool append(struct haul_watch *watch, struct haul_conn *owner, int fd, short events)
{
    if (watch->count == watch->cap && !grow(watch))
        return false;
    watch->fd[watch->count] = (struct pollfd){.fd = fd, .events = events};
    watch->owner[watch->count] = owner;
    watch->count++;
    return true;
}

static void drop(struct haul_watch *watch, size_t place)
{
    size_t last = --watch->count;

    watch->fd[place] = watch->fd[last];
    watch->owner[place] = watch->owner[last];
    if (watch->owner[place])
        watch->owner[place]->place = place;
}

bool haul_watch_init(struct haul_watch *watch, int wake_fd)
{
    return append(watch, NULL, wake_fd, POLLIN);
}

void haul_watch_done(struct haul_watch *watch)
{
    free(watch->fd);
    free(watch->owner);
}

bool haul_watch_add(struct haul_watch *watch, struct haul_conn *conn, int fd, short events)
{
    if (!append(watch, conn, fd, events))
        return false;
    conn->place = watch->count - 1;
    return true;
}

void haul_watch_remove(struct haul_watch *watch, struct haul_conn *conn)
{
    drop(watch, conn->place);
    conn->place = 0;
}

void haul_watch_change(struct haul_watch *watch, const struct haul_conn *conn, short events)
{
    struct pollfd *place = &watch->fd[conn->place];

    place->events = events;
    place->fd = events ? conn->dial.fd : ~conn->dial.fd;
}

bool haul_watch_set(struct haul_watch *watch, int fd, short events)
{
    size_t i = 1;

    while (i < watch->count && (watch->owner[i] || watch->fd[i].fd != fd))
        i++;
    if (i == watch->count)
        return !events || append(watch, NULL, fd, events);
    if (events)
        watch->fd[i].events = events;
    else
        drop(watch, i);
    return true;
}
