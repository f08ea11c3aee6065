#include "conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNS_MAX = 65536 }; /* descriptors */

static struct conn *table[CONNS_MAX]; /* by descriptor, or NULL */
static int epoll;
static SSL_CTX *tls;

void conn_begin(int its_epoll, SSL_CTX *its_tls)
{
    epoll = its_epoll;
    tls = its_tls;
}

struct conn *conn_of(int fd)
{
    return table[fd];
}

void conn_end(struct conn *conn, bool resets)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    if (resets)
        (void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    else if (conn->ssl)
        (void)SSL_shutdown(conn->ssl);
    SSL_free(conn->ssl);
    (void)close(conn->fd);
    table[conn->fd] = NULL;
    free(conn);
}

static void accept_one(const struct listener *listener, int fd)
{
    const int on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    struct conn *conn = fd < CONNS_MAX ? calloc(1, sizeof *conn) : NULL;

    if (conn && listener->is_tls)
        conn->ssl = SSL_new(tls);
    if (!conn || (listener->is_tls && !conn->ssl)) {
        free(conn);
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (conn->ssl) {
        (void)SSL_set_fd(conn->ssl, fd);
        SSL_set_accept_state(conn->ssl);
    }
    conn->fd = fd;
    conn->listener = listener;
    table[fd] = conn;
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void conn_accept_all(const struct listener *listener)
{
    int fd;

    while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        accept_one(listener, fd);
}

ssize_t conn_receive(struct conn *conn, char *room, size_t size)
{
    ssize_t len;

    if (!conn->ssl) {
        len = read(conn->fd, room, size);
        return len < 0 && errno != EAGAIN && errno != EINTR ? 0 : len;
    }
    ERR_clear_error();
    len = SSL_read(conn->ssl, room, (int)size);
    if (len > 0)
        return len;
    return SSL_get_error(conn->ssl, (int)len) == SSL_ERROR_WANT_READ ? -1 : 0;
}

bool conn_send(struct conn *conn, const char *text, size_t len)
{
    if (conn->ssl)
        return SSL_write(conn->ssl, text, (int)len) == (int)len;
    return send(conn->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

void conn_reset_all(const struct listener *listener)
{
    for (int fd = 0; fd < CONNS_MAX; fd++)
        if (table[fd] && (!listener || table[fd]->listener == listener))
            conn_end(table[fd], true);
}
