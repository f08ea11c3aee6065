/* Opening the server's ports. */
#ifndef TS_LISTEN_H
#define TS_LISTEN_H

#include "server.h"

#include <stdbool.h>

struct ts_listen_options {
    int port;           /* of http, 0: the system chooses */
    int tls_port;       /* of tls */
    unsigned addresses; /* 0: none */
};

/* Opens every listener, and fills server->ports. The certificates must be ready. Says on
 * stderr what it could not open and returns false; close what there is with
 * ts_listen_close then too. */
bool ts_listen_open(struct ts_server *server, const struct ts_listen_options *options);

/* Begins to close all listeners; ts_listen_free when the loop has run out. */
void ts_listen_close(struct ts_server *server);

/* Frees the listeners. */
void ts_listen_free(struct ts_server *server);

#endif
