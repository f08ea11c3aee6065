#ifndef HAUL_SOAK_CONN_H
#define HAUL_SOAK_CONN_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The connections of the soak's server, plain and TLS, by descriptor. One thread; none blocks. */

enum { CONN_HEAD_MAX = 4096 };

struct listener {
    int fd, port;
    int origin; /* -1: the name in the request tells */
    bool is_tls;
    bool is_dead;
};

struct conn {
    int fd;
    const struct listener *listener;
    SSL *ssl; /* NULL: plain */
    size_t len;
    bool is_hung; /* never answered again */
    bool is_last; /* the request that is served ends it */
    char head[CONN_HEAD_MAX];
};

/* Before anything else. `epoll` and `tls` stay the caller's and outlive all connections. */
void conn_begin(int epoll, SSL_CTX *tls);

/* Accepts all that wait there, and lets epoll watch them. */
void conn_accept_all(const struct listener *listener);

/* NULL: there is none. */
struct conn *conn_of(int fd);

/* Frees it. */
void conn_end(struct conn *conn, bool resets);

/* Resets all of a listener; NULL: of all listeners. */
void conn_reset_all(const struct listener *listener);

/* Bytes that came; 0: the end; -1: none yet. */
ssize_t conn_receive(struct conn *conn, char *room, size_t size);

/* Sends all, or returns false. */
bool conn_send(struct conn *conn, const char *text, size_t len);

#endif
