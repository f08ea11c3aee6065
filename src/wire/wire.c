#include "wire/wire.h"

#include <assert.h>
#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "wire/wire_inside.h"

/* ---- exchanges ---- */

struct haul_exchange *haul_wire_take_done(struct haul_wire *wire)
{
    struct haul_exchange *x = wire->done;

    if (!x)
        return NULL;
    wire->done = x->next;
    if (!wire->done)
        wire->done_last = NULL;
    x->next = NULL;
    return x;
}

void haul_wire_start(struct haul_wire *wire, struct haul_exchange *x)
{
    wire->now_us = haul_clock_us();
    haul_exchange_forget(x);
    x->begun_us = wire->now_us;
    haul_deadline_init(&x->deadline, &x->limits);
    haul_wire_link(wire, x);
    haul_route(wire, x);
    haul_dialer_tick(wire->dialer);
}

/* Takes it from its connection, which may be closed by that. */
static void detach(struct haul_exchange *x)
{
    struct haul_conn *conn = x->conn;

    if (x->waits)
        haul_route_leave(conn, x);
    else if (conn)
        haul_conn_cancel(conn, x);
    x->conn = NULL;
}

void haul_wire_cancel(struct haul_wire *wire, struct haul_exchange *x)
{
    detach(x);
    haul_wire_unlink(wire, x);
    haul_pool_sweep(wire);
}

/* ---- what libcurl tells ---- */

static bool on_watch(void *arg, int fd, short events)
{
    struct haul_wire *wire = arg;

    return haul_watch_set(&wire->watch, fd, events);
}

static void on_dialed(void *arg, struct haul_dial *dial, CURLcode code)
{
    (void)arg;
    haul_route_dialed(dial->owner, code);
}

/* ---- making and unmaking ---- */

static enum haul_err init_wire(struct haul_wire *wire)
{
    const struct haul_dialer_events events = {.watch = on_watch, .done = on_dialed};
    enum haul_err err = haul_wake_init(&wire->wake);

    if (!err && !haul_watch_init(&wire->watch, wire->wake.fd))
        err = HAUL_ERR_NOMEM;
    return err ? err : haul_dialer_create(wire->common, &events, wire, &wire->dialer);
}

enum haul_err haul_wire_create(struct haul_wire_common *common, haul_stop *stop, int count,
                               struct haul_wire **out)
{
    struct haul_wire *wire = calloc(1, sizeof *wire);
    enum haul_err err;

    if (!wire)
        return HAUL_ERR_NOMEM;
    wire->common = common;
    wire->stop = stop;
    wire->count = count;
    wire->wake = (struct haul_wake){.fd = -1};
    haul_buf_init(&wire->scratch, 0);
    wire->bytes = malloc(HAUL_WIRE_BUFFER);
    err = wire->bytes ? init_wire(wire) : HAUL_ERR_NOMEM;
    if (err)
        haul_wire_free(wire);
    else
        *out = wire;
    return err;
}

void haul_wire_free(struct haul_wire *wire)
{
    if (!wire)
        return;
    assert(!wire->active && !wire->done);
    haul_route_free(wire);
    haul_dialer_free(wire->dialer);
    haul_watch_done(&wire->watch);
    haul_wake_done(&wire->wake);
    haul_buf_done(&wire->scratch);
    free(wire->bytes);
    free(wire->ready);
    free(wire->ready_owner);
    free(wire);
}

/* ---- time ---- */

/* Out of time, or too slow: says by how much, for people. */
static void end_late(struct haul_wire *wire, struct haul_exchange *x, enum haul_reason reason)
{
    char message[sizeof x->message];

    if (reason == HAUL_REASON_STALL)
        snprintf(message, sizeof message,
                 "slower than %lld bytes/s for %d seconds, with %lld bytes received",
                 (long long)x->limits.speed_limit, x->limits.speed_time_s,
                 (long long)x->response->wire_bytes);
    else
        snprintf(message, sizeof message, "out of time after %lld ms, with %lld bytes received",
                 (long long)((wire->now_us - x->begun_us) / 1000),
                 (long long)x->response->wire_bytes);
    if (x->waits)
        x->connects = 0;
    if (x->stream)
        haul_conn_leave(x->conn);
    detach(x);
    haul_wire_fail(wire, x, reason, CURLE_OPERATION_TIMEDOUT, message);
}

/*
 * libcurl is given this much more than the time to connect. That a connection ends does not depend
 * on whether it keeps its timers, which it has lost before where memory was short.
 */
enum { CONNECT_MARGIN_US = 500000 };

static int64_t connect_due_us(const struct haul_conn *conn)
{
    return conn->begun_us + (int64_t)conn->timeout_ms * 1000 + CONNECT_MARGIN_US;
}

/* One is found by those who wait for it: without any, it is closed at once. */
static struct haul_conn *find_overdue(const struct haul_wire *wire)
{
    for (const struct haul_exchange *x = wire->active; x; x = x->active_next)
        if (x->waits && connect_due_us(x->conn) <= wire->now_us)
            return x->conn;
    return NULL;
}

static void end_overdue(struct haul_wire *wire)
{
    struct haul_conn *conn;

    while ((conn = find_overdue(wire)))
        haul_route_dialed(conn, CURLE_OPERATION_TIMEDOUT);
}

static void end_all_late(struct haul_wire *wire)
{
    struct haul_exchange *x, *next;

    for (x = wire->active; x; x = next) {
        enum haul_reason reason = haul_deadline_check(&x->deadline, wire->now_us);

        next = x->active_next;
        if (reason)
            end_late(wire, x, reason);
    }
}

static void release_held(struct haul_wire *wire)
{
    struct haul_conn *conn, *next;

    if (!wire->has_held)
        return;
    wire->has_held = false;
    for (conn = wire->open; conn; conn = next) {
        next = conn->next;
        if (conn->held_until_us && conn->held_until_us <= wire->now_us)
            haul_conn_release(conn);
        wire->has_held = wire->has_held || conn->held_until_us;
    }
}

static int64_t sooner(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

static int64_t due_us(const struct haul_wire *wire, int64_t until_us)
{
    int64_t due = sooner(until_us, haul_dialer_due_us(wire->dialer));

    for (const struct haul_exchange *x = wire->active; x; x = x->active_next) {
        due = sooner(due, haul_deadline_next_us(&x->deadline));
        if (x->waits)
            due = sooner(due, connect_due_us(x->conn));
    }
    for (const struct haul_conn *conn = wire->has_held ? wire->open : NULL; conn; conn = conn->next)
        if (conn->held_until_us)
            due = sooner(due, conn->held_until_us);
    return due;
}

/* Rounded up: a timer that is woken early would spin. */
static int poll_timeout_ms(int64_t until_us)
{
    int64_t left_us;

    if (until_us == HAUL_CLOCK_NEVER)
        return -1;
    left_us = until_us - haul_clock_us();
    if (left_us <= 0)
        return 0;
    return left_us / 1000 >= INT_MAX - 1 ? INT_MAX : (int)((left_us + 999) / 1000);
}

/* ---- the loop ---- */

static void flush_news(struct haul_wire *wire)
{
    struct haul_conn *conn, *next;

    if (!wire->has_news)
        return;
    wire->has_news = false;
    for (conn = wire->open; conn; conn = next) {
        next = conn->next;
        if (conn->has_news)
            haul_conn_flush(conn);
    }
}

static bool grow_ready(struct haul_wire *wire)
{
    size_t cap = wire->watch.cap;
    struct pollfd *ready;
    struct haul_conn **owner;

    if (wire->ready_cap >= cap)
        return true;
    ready = realloc(wire->ready, cap * sizeof *ready);
    if (!ready)
        return false;
    wire->ready = ready;
    owner = realloc(wire->ready_owner, cap * sizeof *owner);
    if (!owner)
        return false;
    wire->ready_owner = owner;
    wire->ready_cap = cap;
    return true;
}

/* Those that have something, copied: the list changes while they are told. */
static size_t collect_ready(struct haul_wire *wire)
{
    const struct haul_watch *watch = &wire->watch;
    size_t count = 0;

    for (size_t i = 1; i < watch->count; i++) {
        if (!watch->fd[i].revents && !(watch->owner[i] && watch->owner[i]->has_more))
            continue;
        wire->ready[count] = watch->fd[i];
        if (watch->owner[i] && watch->owner[i]->has_more && !watch->owner[i]->held_until_us)
            wire->ready[count].revents |= POLLIN;
        wire->ready_owner[count++] = watch->owner[i];
    }
    return count;
}

static void tell_ready(struct haul_wire *wire)
{
    size_t count;

    wire->has_more = false;
    if (!grow_ready(wire))
        return; /* they are still ready the next time */
    count = collect_ready(wire);
    for (size_t i = 0; i < count && haul_stop_level(wire->stop) < HAUL_STOP_ABORT; i++) {
        struct haul_conn *conn = wire->ready_owner[i];

        if (!conn)
            haul_dialer_ready(wire->dialer, wire->ready[i].fd, wire->ready[i].revents);
        else if (conn->state != HAUL_CONN_CLOSED)
            haul_conn_ready(conn, wire->ready[i].revents);
    }
}

static void wait(struct haul_wire *wire, int64_t until_us)
{
    int timeout_ms = wire->has_more ? 0 : poll_timeout_ms(due_us(wire, until_us));
    int count = poll(wire->watch.fd, (nfds_t)wire->watch.count, timeout_ms);

    wire->now_us = haul_clock_us();
    if (count < 0)
        return;
    wire->polled_us = wire->now_us;
    if (wire->watch.fd[0].revents)
        haul_wake_clear(&wire->wake);
    if (count || wire->has_more)
        tell_ready(wire);
}

void haul_wire_run(struct haul_wire *wire, int64_t until_us)
{
    wire->now_us = haul_clock_us();
    haul_dialer_tick(wire->dialer);
    flush_news(wire);
    if (!wire->done) {
        wait(wire, until_us);
        release_held(wire);
        haul_dialer_tick(wire->dialer);
        flush_news(wire);
        end_all_late(wire);
        end_overdue(wire);
    }
    haul_pool_sweep(wire);
}

void haul_wire_wake(struct haul_wire *wire)
{
    haul_wake_up(&wire->wake);
}
