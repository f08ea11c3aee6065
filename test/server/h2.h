/* HTTP/2 on one connection (RFC 9113): reads what the client sends as far as answers need it, and
 * writes the script of each answer.
 *
 * One request is answered after the other, in the order in which they came. A good answer may be
 * held back in its middle (hold=1), so that others are played between its halves.
 *
 * Everything is asked for by path: /size?n=BYTES is a good answer, /gate?n=N&size=BYTES one that
 * waits until N such requests wait at once, on all connections together; from then on none waits.
 * /bytes/...?hex=HEX is a file of the test (res_bytes.h), of the Content-Type type=TEXT.
 * /fault/NAME is one of the catalogue that is made of frames; else 404. A client that says GOAWAY
 * gets no more answers: what is under way is finished, and the connection closed.
 */
#ifndef TS_H2_H
#define TS_H2_H

#include "server.h"

#include <stdbool.h>

struct ts_conn;
struct ts_h2;

/* What one connection remembers. More streams than 'limit' at a time are refused; 0: none is. Free
 * it with ts_h2_free; NULL is fine there. */
struct ts_h2 *ts_h2_create(unsigned limit);
void ts_h2_free(struct ts_h2 *h2);

/* The connection goes away: its requests wait no more. Fine without HTTP/2. */
void ts_h2_leave(struct ts_conn *conn);

/* Takes all whole frames out of conn->in. Requests are kept for ts_h2_begin. Of the answer under
 * way, what is left is made short if the client has given it up. Returns false when that is no
 * HTTP/2, or too much of it. */
bool ts_h2_read(struct ts_conn *conn);

/* Whether the client has said GOAWAY. */
bool ts_h2_is_over(const struct ts_conn *conn);

/* Makes the next request conn->request. Returns false if there is none. */
bool ts_h2_begin(struct ts_conn *conn);

/* Whether requests wait and the client knows nothing of the server yet. */
bool ts_h2_owes_greeting(const struct ts_conn *conn);

/* Appends to the script what goes before the first answer. */
void ts_h2_greet(struct ts_conn *conn);

/* Appends the answer to conn->request, up to and with its end step. */
void ts_h2_answer(struct ts_conn *conn);

/* Whether the client owes the acknowledgement of the server's settings. */
bool ts_h2_is_unheard(const struct ts_conn *conn);

/* Whether halves of answers are held back; appends them to the script, with an end step. */
bool ts_h2_holds(const struct ts_conn *conn);
void ts_h2_release(struct ts_conn *conn);

/* For the ALPN of the listener's TLS: h2, or HTTP/1.1 for a client that wants no other. */
void ts_h2_offer(SSL_CTX *context);

/* Whether the handshake, which is finished, chose h2. */
bool ts_h2_was_chosen(const SSL *ssl);

#endif
