#ifndef HAUL_TEST_WIRE_WORLD_H
#define HAUL_TEST_WIRE_WORLD_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "haul/config.h"
#include "wire/wire.h"

/*
 * A wire and a server on loopback, in one thread: they take turns, and neither waits for the other.
 * What the server says is written by the case. A mistake fails the case.
 */
enum { WIRE_PEERS = 8, WIRE_SEEN = 4096 };

struct wire_peer { /* a connection, as the server has it */
    int fd;
    SSL *ssl;             /* or NULL */
    char seen[WIRE_SEEN]; /* the first bytes that came */
    size_t seen_len;
    char tail[4]; /* the last ones */
};

struct wire_world {
    struct haul_config config; /* may be changed until wire_world_start */
    bool is_secure;            /* the same: the server speaks TLS */
    int port;                  /* of the server */
    struct haul_wire_common *common;
    struct haul_wire *wire;
    haul_stop stop;
    int listener;
    SSL_CTX *ctx;
    struct wire_peer peer[WIRE_PEERS];
    int peers;     /* that were accepted */
    bool is_mute;  /* the server accepts, and reads nothing */
    int taken;     /* exchanges that came out of take_done */
    char text[64]; /* the server's origin */
};

/* One exchange and what belongs to it. */
struct wire_one {
    struct haul_exchange exchange;
    struct haul_response response;
    struct haul_buf fields;
    int64_t body_bytes;
    bool is_over;
};

/* The server listens; then, with whatever the case has changed, the wire is made. */
void wire_world_init(struct wire_world *world);
void wire_world_start(struct wire_world *world);
void wire_world_stop(struct wire_world *world);

/* An exchange for `origin` (NULL: the server's), not yet started. */
void wire_one_init(struct wire_world *world, struct wire_one *one, const char *origin);
void wire_one_done(struct wire_one *one);
void wire_one_start(struct wire_world *world, struct wire_one *one);

/* Each does its part once. The wire waits a moment at most. */
void wire_turn(struct wire_world *world);

/* Until it is over; until a peer has asked for something, its number counted from 0. */
void wire_await(struct wire_world *world, const struct wire_one *one);
void wire_await_request(struct wire_world *world, int peer);

/* Says `text` wherever the server has been asked. */
void wire_answer_all(struct wire_world *world, const char *text);

/* The server says `text`, forgets what it has seen there, closes all, or breaks one off (RST). */
void wire_say(struct wire_world *world, int peer, const char *text);
void wire_forget(struct wire_world *world, int peer);
void wire_close_peers(struct wire_world *world);
void wire_break(struct wire_world *world, int peer);

#endif
