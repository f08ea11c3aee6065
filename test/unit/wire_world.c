#include "wire_world.h"

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* Not ck_assert: that allocates. */
#define REQUIRE(what)                                                                              \
    do {                                                                                           \
        if (!(what))                                                                               \
            ck_abort_msg("not so: %s", #what);                                                     \
    } while (0)

enum { TURN_US = 1000, CONNECT_MS = 50000 };

/* ---- the server ---- */

static void listen_somewhere(struct wire_world *world)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    world->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    REQUIRE(world->listener >= 0);
    REQUIRE(!bind(world->listener, (struct sockaddr *)&address, sizeof address));
    REQUIRE(!listen(world->listener, WIRE_PEERS));
    REQUIRE(!getsockname(world->listener, (struct sockaddr *)&address, &len));
    world->port = ntohs(address.sin_port);
}

static SSL_CTX *make_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();

    REQUIRE(ctx && key && cert);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    REQUIRE(X509_set_pubkey(cert, key) && X509_sign(cert, key, EVP_sha256()));
    REQUIRE(SSL_CTX_use_certificate(ctx, cert) && SSL_CTX_use_PrivateKey(ctx, key));
    X509_free(cert);
    EVP_PKEY_free(key);
    return ctx;
}

static void accept_all(struct wire_world *world)
{
    int fd;

    while ((fd = accept(world->listener, NULL, NULL)) >= 0) {
        struct wire_peer *peer = &world->peer[world->peers++];

        REQUIRE(world->peers <= WIRE_PEERS);
        *peer = (struct wire_peer){.fd = fd};
        REQUIRE(!fcntl(fd, F_SETFL, O_NONBLOCK));
        if (!world->is_secure)
            continue;
        peer->ssl = SSL_new(world->ctx);
        REQUIRE(peer->ssl && SSL_set_fd(peer->ssl, fd));
        SSL_set_accept_state(peer->ssl);
    }
}

static void note_seen(struct wire_peer *peer, const char *bytes, size_t len)
{
    size_t room = WIRE_SEEN - 1 - peer->seen_len;
    size_t kept = len < sizeof peer->tail ? len : sizeof peer->tail;

    memmove(peer->tail, peer->tail + kept, sizeof peer->tail - kept);
    memcpy(peer->tail + sizeof peer->tail - kept, bytes + len - kept, kept);
    memcpy(peer->seen + peer->seen_len, bytes, len < room ? len : room);
    peer->seen_len += len < room ? len : room;
}

static void read_peer(struct wire_peer *peer)
{
    char bytes[16384];
    ssize_t len;

    if (peer->fd < 0)
        return;
    if (peer->ssl)
        len = SSL_read(peer->ssl, bytes, sizeof bytes);
    else
        len = recv(peer->fd, bytes, sizeof bytes, 0);
    if (len > 0)
        note_seen(peer, bytes, (size_t)len);
}

static bool has_asked(const struct wire_peer *peer)
{
    return peer->fd >= 0 && memcmp(peer->tail, "\r\n\r\n", sizeof peer->tail) == 0;
}

void wire_say(struct wire_world *world, int number, const char *text)
{
    struct wire_peer *peer = &world->peer[number];
    int len = (int)strlen(text);

    REQUIRE(number < world->peers);
    if (peer->ssl)
        REQUIRE(SSL_write(peer->ssl, text, len) == len);
    else
        REQUIRE(send(peer->fd, text, (size_t)len, MSG_NOSIGNAL) == len);
}

void wire_forget(struct wire_world *world, int number)
{
    struct wire_peer *peer = &world->peer[number];

    memset(peer->seen, 0, sizeof peer->seen);
    memset(peer->tail, 0, sizeof peer->tail);
    peer->seen_len = 0;
}

static void close_peer(struct wire_peer *peer)
{
    SSL_free(peer->ssl);
    peer->ssl = NULL;
    if (peer->fd >= 0)
        close(peer->fd);
    peer->fd = -1;
}

void wire_break(struct wire_world *world, int number)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    REQUIRE(!setsockopt(world->peer[number].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    close_peer(&world->peer[number]);
}

void wire_close_peers(struct wire_world *world)
{
    while (world->peers)
        close_peer(&world->peer[--world->peers]);
}

void wire_answer_all(struct wire_world *world, const char *text)
{
    for (int i = 0; i < world->peers; i++) {
        if (!has_asked(&world->peer[i]))
            continue;
        wire_forget(world, i);
        wire_say(world, i, text);
    }
}

/* ---- exchanges ---- */

static bool on_head(void *arg)
{
    (void)arg;
    return true;
}

static bool on_body(void *arg, const char *bytes, size_t len)
{
    struct wire_one *one = arg;

    (void)bytes;
    one->body_bytes += (int64_t)len;
    return true;
}

static const struct haul_exchange_events events = {on_head, on_body};

void wire_one_init(struct wire_world *world, struct wire_one *one, const char *origin)
{
    *one = (struct wire_one){.is_over = false};
    haul_response_init(&one->response);
    haul_buf_init(&one->fields, 0);
    one->exchange.request = (struct haul_request){
        .method = "GET", .origin = origin ? origin : world->text, .fields = &one->fields};
    one->exchange.request.url = one->exchange.request.origin;
    one->exchange.request.authority = strstr(one->exchange.request.origin, "://") + 3;
    one->exchange.limits = (struct haul_exchange_limits){.connect_timeout_ms = CONNECT_MS,
                                                         .until_us = HAUL_CLOCK_NEVER};
    one->exchange.response = &one->response;
    one->exchange.events = &events;
    one->exchange.arg = one;
}

void wire_one_done(struct wire_one *one)
{
    haul_response_done(&one->response);
    haul_buf_done(&one->fields);
}

void wire_one_start(struct wire_world *world, struct wire_one *one)
{
    haul_response_begin(&one->response, &(struct haul_request_facts){.range_total = -1}, NULL);
    one->is_over = false;
    one->body_bytes = 0;
    haul_wire_start(world->wire, &one->exchange);
}

/* ---- the world ---- */

void wire_world_init(struct wire_world *world)
{
    memset(world, 0, sizeof *world);
    haul_config_init(&world->config);
    world->config.insecure = true;
    listen_somewhere(world);
}

void wire_world_start(struct wire_world *world)
{
    if (world->is_secure)
        world->ctx = make_context();
    snprintf(world->text, sizeof world->text, "http%s://127.0.0.1:%d", world->is_secure ? "s" : "",
             world->port);
    REQUIRE(!haul_wire_common_create(&world->config, &world->common));
    REQUIRE(!haul_wire_create(world->common, &world->stop, WIRE_PEERS, &world->wire));
}

void wire_world_stop(struct wire_world *world)
{
    haul_wire_free(world->wire);
    haul_wire_common_free(world->common);
    wire_close_peers(world);
    close(world->listener);
    SSL_CTX_free(world->ctx);
    haul_config_done(&world->config);
}

static void take_done(struct wire_world *world)
{
    struct haul_exchange *exchange;

    while ((exchange = haul_wire_take_done(world->wire))) {
        struct wire_one *one = exchange->arg;

        REQUIRE(!one->is_over && exchange->end != HAUL_END_NONE);
        one->is_over = true;
        world->taken++;
    }
}

void wire_turn(struct wire_world *world)
{
    haul_wire_run(world->wire, haul_clock_us() + TURN_US);
    take_done(world);
    accept_all(world);
    for (int i = 0; i < world->peers && !world->is_mute; i++)
        read_peer(&world->peer[i]);
}

void wire_await(struct wire_world *world, const struct wire_one *one)
{
    while (!one->is_over)
        wire_turn(world);
}

void wire_await_request(struct wire_world *world, int number)
{
    while (world->peers <= number || !has_asked(&world->peer[number]))
        wire_turn(world);
}
