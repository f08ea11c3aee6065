/*
 * The catalogue of faults: everything hostile that the server can play, in tables by kind that are
 * one to whoever asks.
 *
 * Tests walk it: `haul-testserver --list-faults` prints it as tab-separated values with a
 * head line, one fault in a row:
 *
 *   name         unique; letters, digits, '-' and '.'
 *   scheme       http or https: how to speak to the listener
 *   listener     name of the port in the ready line
 *   method       GET or HEAD: how to ask
 *   path         path and query to ask for
 *   needs        words below, separated by commas; empty: nothing
 *   outcome      ok or failed: what a client should say about it; "ok|failed": either
 *   reason       word below for failed; alternatives are separated by '|'
 *   size_body    decoded bytes that belong to this URL; -1: not specified
 *   verified     1: the end of the body is certain; 0: it is not, or there is none
 *   description  for people
 *
 * The outcome is an aim: what a careful client says. Some clients cannot see some faults
 * (needs: raw).
 *
 * Words of `reason`:
 *
 *   connect            no TCP connection
 *   dns                the name has no address
 *   tls                no TLS session: handshake, certificate or name
 *   timeout            longer than the time allowed for it
 *   stall              too slow, or silent, for too long
 *   reset              the peer reset the connection
 *   empty-reply        the connection ended before the first byte of a reply
 *   truncated          the reply ended too early: in the head or in the body
 *   protocol           what came is no HTTP
 *   flood              frames or records without end that bring nothing
 *   bad-status         the status line cannot be read, or has a status that nobody asked for
 *   bad-header         a header line that cannot be read or is forbidden
 *   bad-length         a Content-Length that is no number, or two that differ
 *   bad-framing        chunks or transfer codings that cannot be read or contradict
 *   bad-encoding       a content coding that is unknown or does not decode
 *   too-large          more body than allowed
 *   too-many-headers   more header lines than allowed
 *   headers-too-large  more header bytes than allowed
 *   flood              frames of HTTP/2 without end that bring nothing
 *   redirects          more redirects than allowed
 *   bad-redirect       a redirect without one usable Location
 *   scheme             a redirect to a scheme other than http and https
 *   downgrade          a redirect from https to http
 *   bad-range          a part that is not the one asked for
 *   http-NNN           a clean reply with that status, e.g. http-404
 *
 * Words of `needs`:
 *
 *   ca          trust ca.pem
 *   time        a limit on silence or on time, else it lasts for ever
 *   deadline    a limit on total time: it is never silent
 *   stall       a limit on how slow it may be, and no other: it is never silent, but brings nothing
 *               that counts
 *   maxsize     a limit on the size of a body, below 64 MB
 *   compressed  ask for content codings (gzip, deflate)
 *   retries     at least two retries, with short waits
 *   redirects   follow redirects, at most 10
 *   head        ask with HEAD
 *   resume      keep what came and ask for the rest with Range
 *   reuse       what is interesting happens to the next request on the same connection
 *   late        says something by itself, unasked, at a moment of its own. Whether a client has
 *               already begun the next request on that connection is chance, and if it has, nothing
 *               tells what comes from an answer: give it a connection of its own, and wait
 *               (tell=NAME opens that gate when it was said) before the next request
 *   alone       its greeting is taken for the answer, if the request was quicker, and its answer
 *               for that of the next request, if that one was quicker, too: nothing tells
 *   connection  the fault is the whole connection's: what else is under way on it may fail too
 *   lasting     what comes next on the connection waits in vain, and nothing tells
 *   save        bodies are saved under names made from URLs
 *   raw         only visible in the raw bytes, below what an HTTP library hands on
 */
#ifndef TS_CATALOGUE_H
#define TS_CATALOGUE_H

#include "conn.h"
#include "frames.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* One fault. A recipe is: head, then unit 'times' times, then tail, then end. A fault
 * with 'play' or 'alias' has no recipe; one with 'frames' may have one for a client that asks for
 * it over HTTP/1.1 after all. All texts are static. */
struct ts_fault {
    const char *name;
    const char *description;

    struct ts_text head;
    struct ts_text unit;
    uint64_t times;
    bool numbered;                   /* '#' in the unit is the number of the repetition */
    uint64_t pace_ms;                /* not 0: byte after byte with such gaps */
    bool bytewise;                   /* byte after byte without gaps, each a write */
    uint64_t pause_ms;               /* before the tail */
    const struct ts_record *records; /* before the tail, over TLS; or NULL */
    bool renegotiates;               /* likewise: another handshake is asked for */
    struct ts_text tail;
    enum ts_end end;
    struct ts_text ahead; /* of the answer to the next request */
    enum ts_end reuse;    /* of the next request; TS_END_KEEP: it is answered */
    uint64_t idle_ms;     /* not 0: after so long say 'idle' and do 'idle_end' */
    struct ts_text idle;
    enum ts_end idle_end;

    void (*play)(struct ts_conn *conn); /* writes the script, or NULL */
    const char *alias;                  /* this path and query is answered, or NULL */

    const struct ts_frame *frames;        /* the answer of the listener h2, or NULL; frames.h */
    const struct ts_frame *frames_once;   /* instead, to the first request for it; or NULL */
    enum ts_end end_once;                 /* behind them */
    const struct ts_frame *frames_second; /* instead, to the second one; or NULL */
    bool asks_twice;     /* frames are of a stream that is over, or of a connection that was used:
                        where there is none, the answer is a redirect to the same fault, which
                        makes one */
    enum ts_end end_1_1; /* behind the recipe, where there are frames, too */

    const char *scheme;   /* NULL: http */
    const char *listener; /* NULL: http */
    const char *path;     /* NULL: /fault/NAME */
    const char *needs;    /* NULL: nothing */
    const char *outcome;
    const char *reason;
    int64_t size_body;
    bool verified;
};

/* The faults of one kind; names are unique in all of them together. */
struct ts_fault_table {
    const struct ts_fault *faults;
    size_t count;
};

/* Each is a file catalogue_*.c. What HTTP/1.1 and the connection have: */
extern const struct ts_fault_table ts_faults_connection; /* good ones, connection, TLS */
extern const struct ts_fault_table ts_faults_endless;    /* what has no end, bombs */
extern const struct ts_fault_table ts_faults_body;       /* lengths, chunks and codings */
extern const struct ts_fault_table ts_faults_head;       /* status and header lines */
extern const struct ts_fault_table ts_faults_text;       /* hostile texts and names */
extern const struct ts_fault_table ts_faults_next;       /* what leads to another request */
extern const struct ts_fault_table ts_faults_h1_wire;    /* what only its bytes on the wire show */
extern const struct ts_fault_table ts_faults_tls;        /* records of TLS, and its ends */
extern const struct ts_fault_table ts_faults_reuse;      /* what the connection's next one meets */

/* And HTTP/2: */
extern const struct ts_fault_table ts_faults_h2_end;    /* lengths, and all ways to end */
extern const struct ts_fault_table ts_faults_h2_frames; /* frames */
extern const struct ts_fault_table ts_faults_h2_wire;   /* settings and ends in flight */
extern const struct ts_fault_table ts_faults_h2_fields; /* fields, status, HPACK, codings */

/* What is generated. Frames of every type at every moment (RFC 9113): */
const struct ts_fault_table *ts_faults_h2_moments(void);

/* Finds a fault that is asked for by /fault/NAME, or returns NULL. */
const struct ts_fault *ts_catalogue_find(struct ts_text name);

/* Prints them all as tab-separated values. */
void ts_catalogue_print(FILE *file);

#endif
