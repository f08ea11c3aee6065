#include "transfer/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/tcp.h> /* glibc's own header has not the newer fields */
#endif

#include "base/clock.h"

enum {
    DIRTY_MAX = 256,
    CLOSED_MAX = 16,
    /*
     * Over TLS, the goodbye (close_notify) is bytes too, and encrypted; it has up to 69 of them, an
     * answer more.
     */
    GOODBYE_MAX = 72,
    KEPT_US = 200000 /* libcurl keeps no received bytes of a body for so long */
};

struct connection {
    int fd;
    const void *owner; /* whose first request it is for, until that begins */
    uint64_t id;       /* 0: no request yet */
    uint64_t route;    /* of its last answer */
    bool used;         /* an answer came over it */
    bool distrusted;   /* no further request on it */
    uint64_t begun;    /* requests, ever */
    int64_t body_us;   /* when a part of a body came last, monotonic */
    int streams;       /* requests under way on it: with HTTP/2 there may be several */
    bool is_counted;   /* `told` is all that was received before the answer under way */
    int64_t told;      /* bytes */
    uint64_t round;    /* in which it was last looked at and found quiet */
};

/* What the kernel knows of a connection. */
struct view {
    bool known;       /* the rest is valid */
    bool is_open;     /* neither side has ended it */
    bool is_pending;  /* the peer's system has not acknowledged all that was sent */
    int64_t received; /* bytes */
};

/* A connection that was closed in this turn, and how it looked. */
struct closed {
    struct connection was;
    struct view view;
};

struct haul_sockets {
    uint64_t round;
    struct connection *item;
    size_t count, cap;
    struct closed closed[CLOSED_MAX]; /* the last ones, a ring */
    size_t closed_count;
    uint64_t dirty[DIRTY_MAX]; /* a ring */
    size_t dirty_count;
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

/* ---- looking ---- */

#ifdef __linux__
static struct view look(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    bool is_open;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ||
        len < offsetof(struct tcp_info, tcpi_notsent_bytes) + sizeof info.tcpi_notsent_bytes)
        return (struct view){0};
    is_open =
        info.tcpi_state == 1; /* established; <netinet/tcp.h> has the name, but not the rest */
    /* The peer's end counts as a byte. */
    return (struct view){.known = true,
                         .is_open = is_open,
                         .is_pending = info.tcpi_unacked || info.tcpi_notsent_bytes,
                         .received = (int64_t)info.tcpi_bytes_received - !is_open};
}
#else
static struct view look(int fd)
{
    (void)fd;
    return (struct view){0};
}
#endif

/*
 * The kernel reads the state of a connection a moment before it reads the count: an end that comes
 * in between is counted as a byte of a connection that is still open. A second look has the state
 * right.
 */
static struct view look_beyond(int fd, int64_t told)
{
    struct view view = look(fd);

    return view.known && view.is_open && view.received > told ? look(fd) : view;
}

/* Bytes that wait, up to one above GOODBYE_MAX; 0: an end; -1: nothing. */
static ssize_t peek(int fd)
{
    char bytes[GOODBYE_MAX + 1];
    ssize_t len = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);

    return len < 0 && errno != EAGAIN && errno != EWOULDBLOCK ? 0 : len;
}

/* ---- the list ---- */

void haul_sockets_add(struct haul_sockets *sockets, int fd, const void *owner)
{
    if (sockets->count == sockets->cap) {
        size_t cap = sockets->cap ? sockets->cap * 2 : 8;
        struct connection *longer = realloc(sockets->item, cap * sizeof *longer);

        if (!longer)
            return;
        sockets->item = longer;
        sockets->cap = cap;
    }
    sockets->item[sockets->count++] =
        (struct connection){.fd = fd, .owner = owner, .is_counted = true};
}

static struct connection *find(const struct haul_sockets *sockets, uint64_t id)
{
    for (size_t i = 0; i < sockets->count; i++) {
        if (sockets->item[i].id == id)
            return &sockets->item[i];
    }
    return NULL;
}

static struct connection *find_new(const struct haul_sockets *sockets, const void *owner)
{
    for (size_t i = 0; i < sockets->count; i++) {
        if (sockets->item[i].owner == owner)
            return &sockets->item[i];
    }
    return NULL;
}

void haul_sockets_remove(struct haul_sockets *sockets, int fd)
{
    size_t i = 0;

    while (i < sockets->count && sockets->item[i].fd != fd)
        i++;
    if (i == sockets->count)
        return;
    if (sockets->item[i].id && sockets->item[i].is_counted)
        sockets->closed[sockets->closed_count++ % CLOSED_MAX] =
            (struct closed){.was = sockets->item[i], .view = look_beyond(fd, -1)};
    sockets->item[i] = sockets->item[--sockets->count];
}

static const struct closed *find_closed(const struct haul_sockets *sockets, uint64_t id)
{
    for (size_t i = 0; i < sockets->closed_count && i < CLOSED_MAX; i++) {
        if (sockets->closed[i].was.id == id)
            return &sockets->closed[i];
    }
    return NULL;
}

void haul_sockets_end_turn(struct haul_sockets *sockets)
{
    sockets->closed_count = 0;
}

void haul_sockets_begin_round(struct haul_sockets *sockets)
{
    sockets->round++;
}

/* ---- origins ---- */

bool haul_sockets_is_dirty(const struct haul_sockets *sockets, uint64_t route)
{
    for (size_t i = 0; i < sockets->dirty_count && i < DIRTY_MAX; i++) {
        if (sockets->dirty[i] == route)
            return true;
    }
    return false;
}

static void remember(struct haul_sockets *sockets, uint64_t route)
{
    if (route && !haul_sockets_is_dirty(sockets, route))
        sockets->dirty[sockets->dirty_count++ % DIRTY_MAX] = route;
}

void haul_sockets_spoil(struct haul_sockets *sockets, const struct haul_answer *answer)
{
    struct connection *found = find(sockets, answer->id);

    remember(sockets, answer->route);
    if (found)
        shutdown(found->fd, SHUT_RDWR);
}

/* ---- before a request ---- */

/* With an end behind them, bytes are a goodbye: many a server says 408 before it goes. */
static bool is_quiet(struct haul_sockets *sockets, const struct connection *at)
{
    struct view view = at->is_counted ? look_beyond(at->fd, at->told) : (struct view){0};
    ssize_t waiting;

    if (view.known && view.is_open && view.received > at->told)
        remember(sockets, at->route);
    if (view.known)
        return view.is_open && view.received <= at->told;
    waiting = peek(at->fd);
    if (waiting > GOODBYE_MAX)
        remember(sockets, at->route);
    return waiting < 0;
}

static bool may_take(struct haul_sockets *sockets, const struct connection *at)
{
    return !at->used || !at->route || at->round == sockets->round || is_quiet(sockets, at);
}

bool haul_sockets_begin(struct haul_sockets *sockets, uint64_t id, const void *owner)
{
    struct connection *at = find(sockets, id);

    if (at && (at->distrusted || !may_take(sockets, at)))
        return false;
    if (!at)
        at = find_new(sockets, owner);
    if (at) {
        at->id = id;
        at->owner = NULL;
        at->streams++;
        at->begun++;
    }
    return true;
}

/* ---- the end of a request ---- */

void haul_sockets_leave(struct haul_sockets *sockets, uint64_t id)
{
    struct connection *at = find(sockets, id);

    if (!at)
        return;
    at->streams--;
    if (at->distrusted && !at->streams)
        shutdown(at->fd, SHUT_RDWR);
}

void haul_sockets_distrust(struct haul_sockets *sockets, uint64_t id, bool broken)
{
    struct connection *at = find(sockets, id);

    if (!at)
        return;
    at->distrusted = true;
    if (broken || !at->streams)
        shutdown(at->fd, SHUT_RDWR);
}

struct haul_mark haul_sockets_mark(const struct haul_sockets *sockets, uint64_t id)
{
    const struct connection *at = find(sockets, id);

    return (struct haul_mark){.begun = at ? at->begun : 0, .ended_us = haul_clock_us()};
}

/* A body that came a moment later may be from before the session failed, kept by libcurl. */
static bool has_worked(const struct connection *at, const struct haul_mark *mark)
{
    return at->begun > mark->begun || at->body_us > mark->ended_us + KEPT_US;
}

enum haul_fate haul_sockets_fate(const struct haul_sockets *sockets, uint64_t id,
                                 const struct haul_mark *mark)
{
    const struct connection *at = find(sockets, id);

    if (!at)
        return HAUL_FATE_GONE;
    if (has_worked(at, mark))
        return HAUL_FATE_WORKS;
    if (at->streams > 0)
        return HAUL_FATE_OPEN;
    return !at->distrusted && peek(at->fd) != 0 ? HAUL_FATE_WORKS : HAUL_FATE_GONE;
}

void haul_sockets_note_body(struct haul_sockets *sockets, uint64_t id)
{
    struct connection *at = find(sockets, id);

    if (at)
        at->body_us = haul_clock_us();
}

/* ---- behind an answer ---- */

static enum haul_answer_end judge(const struct view *view, int64_t told)
{
    if (!view->known)
        return HAUL_ANSWER_ALONE;
    if (view->received > told)
        return HAUL_ANSWER_SURPLUS;
    return view->is_pending ? HAUL_ANSWER_EARLY : HAUL_ANSWER_ALONE;
}

static enum haul_answer_end end_closed(struct haul_sockets *sockets,
                                       const struct haul_answer *answer)
{
    const struct closed *closed = find_closed(sockets, answer->id);
    enum haul_answer_end end;

    if (answer->bytes < 0)
        return answer->keeps_open ? HAUL_ANSWER_SURPLUS : HAUL_ANSWER_ALONE;
    if (!closed)
        return HAUL_ANSWER_ALONE;
    end = judge(&closed->view, closed->was.told + answer->bytes);
    if (end == HAUL_ANSWER_SURPLUS)
        remember(sockets, answer->route);
    return end;
}

static enum haul_answer_end end_counted(struct haul_sockets *sockets, struct connection *at)
{
    struct view view = look_beyond(at->fd, at->told);
    enum haul_answer_end end = judge(&view, at->told);

    if (end == HAUL_ANSWER_ALONE) {
        at->round = sockets->round;
        return end;
    }
    remember(sockets, at->route);
    return end == HAUL_ANSWER_SURPLUS && peek(at->fd) <= 0 ? HAUL_ANSWER_LOST : end;
}

/* A new connection has nothing yet that could be taken for its answer. */
static enum haul_answer_end end_uncounted(struct haul_sockets *sockets, struct connection *at,
                                          bool was_used)
{
    if (!was_used || peek(at->fd) <= GOODBYE_MAX)
        return HAUL_ANSWER_ALONE;
    remember(sockets, at->route);
    return HAUL_ANSWER_SURPLUS;
}

enum haul_answer_end haul_sockets_end(struct haul_sockets *sockets,
                                      const struct haul_answer *answer)
{
    struct connection *at = find(sockets, answer->id);
    enum haul_answer_end end;
    bool was_used;

    if (!at)
        return end_closed(sockets, answer);
    was_used = at->used;
    at->used = true;
    at->route = answer->route;
    at->is_counted = at->is_counted && answer->bytes >= 0;
    at->told += at->is_counted ? answer->bytes : 0;
    if (!answer->route)
        return HAUL_ANSWER_ALONE;
    end = at->is_counted ? end_counted(sockets, at) : end_uncounted(sockets, at, was_used);
    if (haul_sockets_is_dirty(sockets, at->route))
        shutdown(at->fd, SHUT_RDWR); /* it will not be used again: the server need not keep it */
    return end;
}
