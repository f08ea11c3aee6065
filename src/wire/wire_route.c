#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/dial_reason.h"
#include "wire/wire_inside.h"

enum {
    /* An idle connection is not used again when it is so old, as with libcurl: a router between may
     * have forgotten it. */
    IDLE_MAX_US = 118 * 1000000,
    SPARE_CONNECTIONS = 6 /* for origins that take turns */
};

/*
 * What poll(2) said of idle connections so long ago is still believed. Later each is looked at; and
 * so is one over TLS, for the record with the end of an answer may not be the last that has come,
 * and one whose last bytes just filled the buffer, or that is held: poll has not been asked since.
 */
enum { POLL_HOLDS_US = 20000 };

static void use(struct haul_conn *conn, struct haul_exchange *x)
{
    haul_pool_use(conn);
    haul_conn_serve(conn, x);
}

static bool is_idle(const struct haul_conn *conn)
{
    return conn->state == HAUL_CONN_IDLE ||
           (conn->state == HAUL_CONN_SHARED && !haul_h2_active(conn->h2));
}

static int most_connections(int count)
{
    return 2 * count + SPARE_CONNECTIONS;
}

int haul_wire_descriptors(int count)
{
    return 3 + most_connections(count);
}

/* Room for one more: the idle one that was not used for the longest time is closed. */
static void make_room(struct haul_wire *wire)
{
    struct haul_conn *conn = wire->open_last;

    if (wire->open_count < most_connections(wire->count))
        return;
    while (conn && !is_idle(conn))
        conn = conn->prev;
    if (conn)
        haul_conn_close(conn);
}

/* ---- choosing ---- */

static bool is_https(const char *url)
{
    return !strncmp(url, "https:", strlen("https:"));
}

/* The proxy that reads the requests, or NULL. With --connect-to all is asked through tunnels. */
static const struct haul_proxy *reader_of(const struct haul_wire *wire,
                                          const struct haul_exchange *x)
{
    const struct haul_proxy *proxy = haul_proxies_find(wire->common->proxies, x->request.origin);

    return proxy->kind == HAUL_PROXY_HTTP && !is_https(x->request.origin) &&
                   !wire->common->connect_to
               ? proxy
               : NULL;
}

/* As the URL has the name: a search list is not for an absolute one. */
static const char *looked_up_of(const struct haul_exchange *x)
{
    return x->request.looked_up ? x->request.looked_up : x->request.origin;
}

/* Exchanges of the same origin share connections; through a proxy that reads requests, all. */
static const char *key_of(const struct haul_wire *wire, const struct haul_exchange *x)
{
    const struct haul_proxy *reader = reader_of(wire, x);

    return reader ? reader->url : looked_up_of(x);
}

/* Whether its connection is to speak HTTP/2 if the server can. */
static bool may_be_h2(const struct haul_wire *wire, const struct haul_exchange *x)
{
    enum haul_http_version version = wire->common->config->http_version;

    if (x->http1 || version == HAUL_HTTP_1_1)
        return false;
    if (is_https(x->request.origin))
        return wire->common->has_tls;
    return version == HAUL_HTTP_2_PRIOR && !reader_of(wire, x);
}

static bool fits(const struct haul_conn *conn, const struct haul_exchange *x, const char *key)
{
    return conn->cert.cert == x->cert.cert && !strcmp(haul_buf_str(&conn->key), key);
}

static bool is_too_old(const struct haul_conn *conn)
{
    return is_idle(conn) && conn->wire->now_us - conn->used_us > IDLE_MAX_US;
}

/* Whether an idle connection may serve once more. If not, it is closed. */
static bool is_good(struct haul_conn *conn)
{
    struct haul_wire *wire = conn->wire;

    if (is_too_old(conn) || haul_memory_has(&wire->dirty, &conn->key)) {
        haul_conn_close(conn);
        return false;
    }
    if (haul_dial_hides_nothing(&conn->dial) && !conn->has_more && !conn->held_until_us &&
        wire->now_us - wire->polled_us <= POLL_HOLDS_US)
        return true;
    return haul_conn_is_quiet(conn);
}

/* What there is for an exchange. */
struct found {
    struct haul_conn *ready;   /* serves it at once, or NULL */
    struct haul_conn *dialing; /* may be shared when it is made, or NULL */
};

static void look_at(struct haul_conn *conn, struct found *found, bool wants_h2)
{
    switch (conn->state) {
    case HAUL_CONN_DIALING:
        if (conn->offers_h2 && wants_h2 && !conn->is_left)
            found->dialing = conn;
        break;
    case HAUL_CONN_IDLE:
        if (is_good(conn))
            found->ready = conn;
        break;
    case HAUL_CONN_SHARED:
        if (is_too_old(conn))
            haul_conn_close(conn);
        else if (wants_h2 && !conn->is_left && haul_h2_room(conn->h2) > 0)
            found->ready = conn;
        break;
    default:
        break;
    }
}

static struct found find(struct haul_wire *wire, const struct haul_exchange *x, const char *key)
{
    bool wants_h2 = may_be_h2(wire, x);
    struct haul_conn *conn = x->fresh ? NULL : wire->open, *next;
    struct found found = {NULL, NULL};

    for (; conn && !found.ready; conn = next) {
        next = conn->next;
        if (fits(conn, x, key))
            look_at(conn, &found, wants_h2);
    }
    return found;
}

/* ---- dialing ---- */

/* A spare one that has served the same key may have a TLS session to go on with. */
static struct haul_conn *take_spare(struct haul_wire *wire, const char *key)
{
    struct haul_conn **at = &wire->spare, **best = at, *conn;

    while (*at && strcmp(haul_buf_str(&(*at)->key), key) != 0)
        at = &(*at)->next;
    if (*at)
        best = at;
    conn = *best;
    if (conn)
        *best = conn->next;
    return conn;
}

static struct haul_conn *make_conn(struct haul_wire *wire)
{
    struct haul_conn *conn = calloc(1, sizeof *conn);

    if (!conn)
        return NULL;
    conn->wire = wire;
    haul_buf_init(&conn->key, 0);
    haul_buf_init(&conn->out, 0);
    haul_h1_init(&conn->h1);
    if (haul_dial_init(wire->dialer, &conn->dial, conn))
        return conn;
    free(conn);
    return NULL;
}

static void free_conn(struct haul_conn *conn)
{
    haul_dial_done(&conn->dial);
    haul_h1_done(&conn->h1);
    haul_buf_done(&conn->key);
    haul_buf_done(&conn->out);
    free(conn);
}

static void reset_conn(struct haul_conn *conn, const struct haul_exchange *x)
{
    const struct haul_wire *wire = conn->wire;

    conn->cert = x->cert;
    conn->offers_h2 = may_be_h2(wire, x);
    conn->begun_us = wire->now_us;
    conn->served = 0;
    conn->exchange = NULL;
    conn->is_left = conn->is_early = conn->is_deaf = conn->has_more = conn->has_news = false;
    conn->held_until_us = 0;
    conn->empty_reads = 0;
    conn->meter = NULL;
}

/* What is left of its time to connect, and no longer than all of the exchange. */
static long timeout_ms(const struct haul_wire *wire, const struct haul_exchange *x)
{
    int64_t waited_ms = (wire->now_us - x->begun_us) / 1000;
    int64_t left_ms = x->limits.connect_timeout_ms - waited_ms, total_ms;

    if (x->limits.until_us != HAUL_CLOCK_NEVER) {
        total_ms = (x->limits.until_us - wire->now_us + 999) / 1000;
        left_ms = total_ms < left_ms ? total_ms : left_ms;
    }
    return left_ms > 0 ? (long)left_ms : 1;
}

static bool dial(struct haul_conn *conn, const struct haul_exchange *x, const char *key)
{
    struct haul_wire *wire = conn->wire;
    const struct haul_dial_target target = {.origin = looked_up_of(x),
                                            .cert = x->cert,
                                            .timeout_ms = timeout_ms(wire, x),
                                            .offers_h2 = may_be_h2(wire, x)};

    haul_buf_clear(&conn->key);
    haul_buf_add_str(&conn->key, key);
    reset_conn(conn, x);
    conn->timeout_ms = target.timeout_ms;
    return !conn->key.err && haul_dial_begin(wire->dialer, &conn->dial, &target, wire->now_us);
}

static void begin_conn(struct haul_wire *wire, struct haul_exchange *x, const char *key)
{
    struct haul_conn *conn;

    make_room(wire);
    conn = take_spare(wire, key);
    if (!conn)
        conn = make_conn(wire);
    if (conn && dial(conn, x, key)) {
        conn->state = HAUL_CONN_DIALING;
        haul_pool_add(wire, conn);
        x->conn = conn;
        x->waits = true;
        x->connects = 1;
        return;
    }
    if (conn) {
        conn->next = wire->spare;
        wire->spare = conn;
    }
    haul_wire_fail(wire, x, HAUL_REASON_NO_MEMORY, CURLE_OUT_OF_MEMORY, NULL);
}

void haul_route(struct haul_wire *wire, struct haul_exchange *x)
{
    const char *key = key_of(wire, x);
    struct found found = find(wire, x, key);

    if (found.ready) {
        use(found.ready, x);
    } else if (found.dialing && !haul_memory_has(&wire->old, &found.dialing->key)) {
        x->conn = found.dialing;
        x->waits = true;
    } else {
        begin_conn(wire, x, key);
    }
}

/* ---- when it is made, or not ---- */

/* The next of those that wait for it, which waits no longer; or NULL. Whoever had it made is the
 * first: it may want one that has served nothing else. */
static struct haul_exchange *take_waiting(struct haul_conn *conn)
{
    struct haul_exchange *x = conn->wire->active, *found = NULL;

    /* The others in turn: the first that came stands last in the list. */
    for (; x && !(found && found->connects); x = x->active_next)
        if (x->waits && x->conn == conn)
            found = x;
    if (found) {
        found->waits = false;
        found->conn = NULL;
    }
    return found;
}

static int64_t moment(const struct haul_conn *conn, int64_t from_begin_us)
{
    return from_begin_us ? conn->begun_us + from_begin_us : 0;
}

/* Whoever had it made has its times; those who wait with him do not. */
static void note_times(const struct haul_conn *conn, struct haul_exchange *x)
{
    struct haul_dial_times times;

    if (!x->connects)
        return;
    haul_dial_look_at_times(&conn->dial, &times);
    x->resolved_us = moment(conn, times.resolved_us);
    x->connected_us = moment(conn, times.connected_us);
    x->secured_us = moment(conn, times.secured_us);
}

/* One that has more time than the one for which it was dialed gets a connection of its own. */
static bool has_time_left(const struct haul_conn *conn, const struct haul_exchange *x,
                          enum haul_reason reason)
{
    return reason == HAUL_REASON_TIMEOUT && x->limits.connect_timeout_ms > conn->timeout_ms &&
           timeout_ms(conn->wire, x) > 1;
}

/* Whether somebody was spoken to, or may have been: a proxy at least. */
static bool has_peer(enum haul_reason reason, CURLcode code)
{
    return reason == HAUL_REASON_TLS || reason == HAUL_REASON_TIMEOUT || code == CURLE_PROXY ||
           code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
}

/* A name that was refused has no peer. */
static void note_tried(const struct haul_conn *conn, struct haul_exchange *x,
                       enum haul_reason reason, CURLcode code)
{
    char ip[INET6_ADDRSTRLEN];
    int port;

    x->refused_address = conn->dial.refused_address;
    x->connects = reason == HAUL_REASON_TLS;
    /* The TLS of a proxy has a word of its own, which is not asked for. */
    if (reason == HAUL_REASON_TLS && !is_https(conn->dial.proxy->url))
        (void)haul_dial_peer(&conn->dial, &port, &x->verify_result);
    if (!has_peer(reason, code))
        return;
    snprintf(x->ip, sizeof x->ip, "%s", haul_dial_tried(&conn->dial, ip, &port));
    x->port = port;
}

static void give_up(struct haul_conn *conn, CURLcode code)
{
    struct haul_wire *wire = conn->wire;
    enum haul_reason reason = haul_dial_reason(&conn->dial, code);
    const char *message = haul_dial_message(&conn->dial, code);
    struct haul_exchange *x;

    conn->is_left = true; /* who looks for another one does not find it */
    while ((x = take_waiting(conn))) {
        if (has_time_left(conn, x, reason)) {
            haul_route(wire, x);
            continue;
        }
        note_times(conn, x);
        note_tried(conn, x, reason, code);
        haul_wire_fail(wire, x, reason, (int)code, message);
    }
    haul_conn_close(conn);
}

/* Serves those who wait, as far as it can; the others look for another one. */
static void serve_waiting(struct haul_conn *conn)
{
    struct haul_wire *wire = conn->wire;
    struct haul_exchange *x;

    while ((x = take_waiting(conn))) {
        note_times(conn, x);
        if (conn->state == HAUL_CONN_IDLE ||
            (conn->state == HAUL_CONN_SHARED && haul_h2_room(conn->h2) > 0))
            haul_conn_serve(conn, x);
        else
            haul_route(wire, x);
    }
}

void haul_route_dialed(struct haul_conn *conn, CURLcode code)
{
    struct haul_wire *wire = conn->wire;
    bool is_h2 =
        conn->offers_h2 && (conn->dial.tls.chose_h2 || !is_https(haul_buf_str(&conn->key)));

    wire->now_us = haul_clock_us(); /* a handshake takes its time */
    if (code) {
        give_up(conn, code);
        return;
    }
    if (conn->offers_h2 && !is_h2)
        haul_memory_add(&wire->old, &conn->key);
    if (haul_conn_open(conn, is_h2))
        serve_waiting(conn);
    else
        give_up(conn, CURLE_OUT_OF_MEMORY);
}

void haul_route_leave(struct haul_conn *conn, struct haul_exchange *x)
{
    struct haul_exchange *other = conn->wire->active;

    x->waits = false;
    x->conn = NULL;
    while (other && !(other->waits && other->conn == conn))
        other = other->active_next;
    if (!other)
        haul_conn_close(conn);
}

void haul_route_free(struct haul_wire *wire)
{
    struct haul_conn *conn;

    while (wire->open)
        haul_conn_close(wire->open);
    haul_pool_sweep(wire);
    while ((conn = wire->spare)) {
        wire->spare = conn->next;
        free_conn(conn);
    }
}
