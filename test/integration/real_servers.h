#ifndef HAUL_TEST_REAL_SERVERS_H
#define HAUL_TEST_REAL_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness.h"

/*
 * HTTP servers of several makes, from the system's packages, each with the same files and the same
 * set of listeners, so that one test runs against all of them. They listen on loopback, on ports
 * that the system chose, have all their files in the directory of the suite, and end with the
 * process that started them.
 *
 * As in harness.h: what cannot be done fails the case.
 */
enum it_make { IT_NGINX, IT_APACHE, IT_LIGHTTPD, IT_MAKES };

enum it_listener {
    IT_PLAIN,        /* http */
    IT_SECURE,       /* https; HTTP/2 and HTTP/1.1 by ALPN */
    IT_BRIEF,        /* http; IT_BRIEF_REQUESTS on a connection, then the server closes it */
    IT_BRIEF_SECURE, /* the same for https; IT_BRIEF_STREAMS at a time (not lighttpd) */
    IT_IDLE,         /* http; a connection that is idle for IT_IDLE_MS is closed */
    IT_IDLE_SECURE,  /* the same for https */
    IT_PRIOR,        /* http; HTTP/2 for who speaks it from the first byte on */
    IT_CERT,         /* https; wants a certificate of the authority of it_client_files */
    IT_TLS12,        /* https; TLS 1.2 and no other */
    IT_LISTENERS
};
enum { IT_BRIEF_REQUESTS = 3, IT_BRIEF_STREAMS = 2, IT_IDLE_MS = 1000 };

/*
 * Starts it over the files below `root`, which any user may read. Returns false if it is not
 * installed and conf/setup cannot install it on this system, which it has then said: the case has
 * nothing to test. Ends with it_make_stop or with the process.
 *
 * Every listener serves the files, and besides: /moved/X redirects to /X; what is below /packed/
 * is compressed with gzip for who accepts it; /upstream/X is asked from the test server, and passed
 * on as it comes; who sends a field "Slow" gets 100 KiB a second (not HTTP/2 of lighttpd). Of nginx
 * only: /second/X is /X for those that come from 127.0.0.2, and forbidden to all others.
 */
bool it_make_start(enum it_make make, const char *root);
void it_make_stop(void);

/* "nginx", for messages. */
const char *it_make_name(enum it_make make);

/* "https://127.0.0.1:PORT". It has to be started. */
const char *it_make_origin(enum it_make make, enum it_listener listener);
int it_make_port(enum it_make make, enum it_listener listener);

/* ---- what they are made of ---- */

/*
 * Starts a program that is to listen on all of the ports, and waits until it does. NULL: it ended
 * before, as it does where somebody else was faster; its last words go to standard error.
 */
struct it_process *it_daemon_start(const struct it_call *call, const int *ports, size_t count);

/*
 * The first of the files (NULL-terminated) that is there. NULL: none, and conf/setup cannot install
 * `package` here, which was said. Fails the case where it can.
 */
const char *it_daemon_find(const char *package, const char *const *places);

/* The configuration file of a make, written: what real_servers.c needs of real_conf.c. */
struct it_make_site {
    const char *root;
    const char *modules; /* directory of its modules; or NULL: it has none */
    const int *port;     /* by enum it_listener */
};
const char *it_make_conf(enum it_make make, const struct it_make_site *site);

/* A certificate of an authority of its own for the client, made with openssl's program. All are
 * files; `locked` is `key`, encrypted with IT_CLIENT_PASSWORD. `foreign` was signed by itself. */
#define IT_CLIENT_PASSWORD "pass word"
struct it_client_files {
    const char *ca, *cert, *key, *locked, *foreign, *foreign_key;
};
const struct it_client_files *it_client_files(void);

#endif
