#ifndef HAUL_TRANSFER_SOCKETS_H
#define HAUL_TRANSFER_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * The connections that one worker has open, so that an idle one can be looked at before it is used
 * again. libcurl does not mind bytes that a server sends after the end of an answer, and would take
 * them for the beginning of the next one. One thread.
 */
struct haul_sockets;

HAUL_MUST_USE enum haul_err haul_sockets_create(struct haul_sockets **out);
void haul_sockets_free(struct haul_sockets *sockets);

/*
 * A descriptor was opened; is about to be closed; is being waited for by a transfer, or no longer.
 * Adding may fail silently for want of memory: then it is never looked at.
 */
void haul_sockets_add(struct haul_sockets *sockets, int fd);
void haul_sockets_remove(struct haul_sockets *sockets, int fd);
void haul_sockets_set_busy(struct haul_sockets *sockets, int fd, bool busy);

/* An answer from `origin` (a hash of its name; 0: never to be checked) came over `fd`. */
void haul_sockets_note(struct haul_sockets *sockets, int fd, uint64_t origin);

/* The connection over `fd` cannot be trusted any more: it is shut down. */
void haul_sockets_spoil(struct haul_sockets *sockets, int fd);

/*
 * Looks at the idle connections to `origin` that were not yet looked at in this round: one that has
 * bytes waiting, an end or an error is shut down, so that libcurl finds it dead and makes a new one.
 * That is one system call for each request, more or less: in a round as many connections fall idle
 * as requests can be begun.
 */
void haul_sockets_check(struct haul_sockets *sockets, uint64_t origin);

/* A new round begins: the worker has waited, so what was quiet before may not be quiet any more. */
void haul_sockets_begin_round(struct haul_sockets *sockets);

#endif
