#ifndef HAUL_TEST_REAL_PROXIES_H
#define HAUL_TEST_REAL_PROXIES_H

#include <stdbool.h>

/*
 * Forward proxies and a SOCKS proxy from the system's packages, on loopback, on ports that the
 * system chose. They end with the process that started them. As in harness.h: what cannot be done
 * fails the case.
 */
enum it_proxy {
    IT_PROXY_KEEPS,  /* squid: keeps connections, and HTTP/1.1 */
    IT_PROXY_LOGIN,  /* the same; only for who logs in */
    IT_PROXY_CLOSES, /* tinyproxy: a connection for each request; only for who logs in */
    IT_PROXY_SOCKS,  /* microsocks: SOCKS 5 */
    IT_PROXY_SOCKS_LOGIN,
    IT_PROXIES
};
#define IT_PROXY_NAME "me"
#define IT_PROXY_PASSWORD "s3cret"

/* Starts those that the system has; what is missing is said, as with it_make_start. */
void it_proxies_start(void);
void it_proxies_stop(void);

bool it_proxy_has(enum it_proxy which);
int it_proxy_port(enum it_proxy which);

/* "http://127.0.0.1:PORT", with "me:s3cret@" where it wants a login. `scheme`: "http", "socks5". */
const char *it_proxy_url(enum it_proxy which, const char *scheme);

/* Waits until the log has the text: "CONNECT 127.0.0.1:PORT" and the like. */
void it_proxy_await(enum it_proxy which, const char *text);

/* The log so far: what passed a moment ago may be missing. */
const char *it_proxy_log(enum it_proxy which);

#endif
