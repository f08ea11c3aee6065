#ifndef HAUL_WIRE_DIAL_SOCKET_H
#define HAUL_WIRE_DIAL_SOCKET_H

#include "wire/dial.h"

/*
 * The moment at which an address is judged: when libcurl asks for the socket that it is about to
 * connect (CURLOPT_OPENSOCKETFUNCTION). `arg` is the haul_dial; what may not be connected to gets
 * no socket, and is noted in it.
 */
curl_socket_t haul_dial_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address);

/* Judges what the connection that is about to be begun is to go to by its name. */
void haul_dial_judge_name(struct haul_dial *dial, const char *origin);

#endif
