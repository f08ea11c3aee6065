#include "transfer/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct connection {
    int fd;
    bool busy;
    uint64_t origin;
    uint64_t round; /* in which it was last looked at */
};

struct haul_sockets {
    uint64_t round;
    struct connection *item;
    size_t count, cap;
};

enum haul_err haul_sockets_create(struct haul_sockets **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return HAUL_ERR_NOMEM;
    haul_sockets_begin_round(*out); /* 0 is no round */
    return HAUL_OK;
}

void haul_sockets_free(struct haul_sockets *sockets)
{
    if (!sockets)
        return;
    free(sockets->item);
    free(sockets);
}

void haul_sockets_add(struct haul_sockets *sockets, int fd)
{
    if (sockets->count == sockets->cap) {
        size_t cap = sockets->cap ? sockets->cap * 2 : 8;
        struct connection *longer = realloc(sockets->item, cap * sizeof *longer);

        if (!longer)
            return;
        sockets->item = longer;
        sockets->cap = cap;
    }
    sockets->item[sockets->count++] = (struct connection){.fd = fd, .busy = true};
}

static struct connection *find(const struct haul_sockets *sockets, int fd)
{
    for (size_t i = 0; i < sockets->count; i++) {
        if (sockets->item[i].fd == fd)
            return &sockets->item[i];
    }
    return NULL;
}

void haul_sockets_remove(struct haul_sockets *sockets, int fd)
{
    struct connection *found = find(sockets, fd);

    if (found)
        *found = sockets->item[--sockets->count];
}

void haul_sockets_set_busy(struct haul_sockets *sockets, int fd, bool busy)
{
    struct connection *found = find(sockets, fd);

    if (found)
        found->busy = busy;
}

void haul_sockets_note(struct haul_sockets *sockets, int fd, uint64_t origin)
{
    struct connection *found = find(sockets, fd);

    if (!found)
        return;
    found->origin = origin;
    found->round = 0; /* to be looked at again */
}

static bool is_quiet(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

void haul_sockets_spoil(struct haul_sockets *sockets, int fd)
{
    struct connection *found = find(sockets, fd);

    if (!found)
        return;
    shutdown(fd, SHUT_RDWR);
    found->origin = 0;
}

void haul_sockets_check(struct haul_sockets *sockets, uint64_t origin)
{
    for (size_t i = 0; i < sockets->count; i++) {
        struct connection *at = &sockets->item[i];

        if (at->busy || !at->origin || at->origin != origin || at->round == sockets->round)
            continue;
        at->round = sockets->round;
        if (is_quiet(at->fd))
            continue;
        shutdown(at->fd, SHUT_RDWR);
        at->origin = 0;
    }
}

void haul_sockets_begin_round(struct haul_sockets *sockets)
{
    sockets->round++;
}
