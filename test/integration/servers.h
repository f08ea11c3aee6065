#ifndef HAUL_TEST_SERVERS_H
#define HAUL_TEST_SERVERS_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The servers that the program talks to in these tests: the test server (HAUL_TESTSERVER), whose
 * faults, gates and latches are listed in its own sources, and nginx as a real one. Both listen on
 * loopback, on ports that the system chose, and end with the process that started them.
 *
 * As in harness.h: what cannot be done fails the case.
 */

/* Unchecked fixtures: it_begin and one test server; its end and it_end. */
void it_begin_server(void);
void it_end_server(void);

/* Checked fixture: forgets what the server has counted. */
void it_reset_server(void);

/* Sends the test server a signal: SIGSTOP and SIGCONT. Stopped, it can be asked nothing. */
void it_signal_server(int number);

/* As it_begin_server, with arguments for the server ("--write", "1"). */
void it_begin_server_with(const char *const *args);

/* The port that the test server named so in its ready line. */
int it_port(const char *name);

/* "http://127.0.0.1:PORT" and the rest as by printf: the port called http. */
const char *it_url(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The file of the throw-away authority that signed the server's certificate. */
const char *it_ca_file(void);

/* Asks the test server for a path, and returns the body. The paths of its own affairs are not
 * counted: /stats, /log, /gate/open and so on. */
const char *it_ask(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A number of /stats: requests, connections, open, peak, in_progress. */
json_int_t it_stat(const char *key);

/* The log of requests, as an array of objects (path, host, listener, headers ...); of the paths
 * that begin with `prefix`. */
const json_t *it_log(const char *prefix);

/* Does a request of the log have a header field of that name? */
bool it_log_has_header(const json_t *line, const char *name);

/* Waits until so many requests have come (in all), or are waiting in front of the gate. */
void it_await_requests(json_int_t count);
void it_await_gate(const char *name, long count);
void it_open_gate(const char *name);

/* A port that was free a moment ago: a program may still find it taken, and is then tried again. */
int it_free_port(void);

/* Does anybody listen there, on loopback? */
bool it_is_listening(int port);

/*
 * Starts nginx over the files below `root`. Returns false if the system has none: the caller says
 * that it tests nothing, and goes. Ends with it_nginx_stop or with the process.
 *
 * All of its ports serve the files, and besides: /moved/X redirects to /X, /limited lets one
 * request a second through and answers 429 to the others, /upstream/X is asked from the test
 * server, with patience for one second. Files are typed by their names, text/plain if nothing else.
 */
enum it_nginx_port { IT_NGINX_PLAIN, IT_NGINX_GZIP, IT_NGINX_TLS, IT_NGINX_H2, IT_NGINX_PORTS };
bool it_nginx_start(const char *root);
void it_nginx_stop(void);
int it_nginx_port(enum it_nginx_port which);

/* What the plain port was asked for since the last call: lines of status, space, path and query.
 * Whatever was answered before the call is in it. */
const char *it_nginx_take_log(void);

#endif
