#ifndef HAUL_TEST_H2_WORLD_H
#define HAUL_TEST_H2_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../server/frames.h"
#include "base/buf.h"
#include "wire/h2.h"

/*
 * A session of HTTP/2 and exchanges in it, without a network: what the server says is written as
 * frames, as the catalogue of faults writes them, or comes from nghttp2's server. What is seen is
 * checked on the way: `head` once and before the body, nothing behind the end, one end.
 */
enum { H2_WORLD_MAX = 300 };

struct h2_one {
    struct haul_exchange exchange;
    struct haul_response response;
    struct haul_buf fields;
    struct haul_buf body; /* its first 64 kB */
    int64_t body_bytes;
    bool lent, had_head, had_end;
    bool refuses_head;  /* the event returns false */
    int64_t takes_body; /* no more bytes than that are wanted */
};

struct h2_world {
    struct haul_h2 *h2;
    struct h2_one *ones; /* H2_WORLD_MAX of them */
    int count;           /* in use */
    struct haul_buf sent;
    bool goes_on; /* what the last receive said */
    bool muted;   /* nothing is pulled */
    size_t piece; /* bytes that are received at a time; 0: all */
    int64_t now_us;
};

/* A session, with nothing under way; the server's SETTINGS and its acknowledgement have come. */
void h2_world_start(struct h2_world *world);

/* The same before anything has come. */
void h2_world_start_silent(struct h2_world *world);

/* Closes what is under way, and checks that all has ended. */
void h2_world_stop(struct h2_world *world);

/* Begins a GET of https://host.test/ as the exchange of that number, on its stream. */
struct h2_one *h2_world_begin(struct h2_world *world, int number);

/* The same, as `request` says; its fields stay the one's own. */
struct h2_one *h2_world_ask(struct h2_world *world, int number, const char *method, const char *url,
                            const char *fields);

/* The server says something; what is to be sent is added to `sent`. */
void h2_world_receive(struct h2_world *world, const char *bytes, size_t len);

/* The same as frames; those of "our" stream are of `stream`. */
void h2_world_play(struct h2_world *world, const struct ts_frame *list, int32_t stream);

/* Takes what is to be sent. */
void h2_world_pull(struct h2_world *world);

/* What came of an exchange, in words: "200 'hello' stream", "0 '' failed reset". */
const char *h2_world_told(const struct h2_one *one, char out[static 256]);

/* How many frames of a type were sent. */
int h2_world_sent(const struct h2_world *world, int type);

/* The last error code that was sent with RST_STREAM (3) or GOAWAY (7), or -1. */
int64_t h2_world_sent_code(const struct h2_world *world, int type);

#endif
