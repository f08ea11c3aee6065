/* haul-testserver: the servers that haul's tests talk to, good ones and hostile ones.
 *
 * It listens on 127.0.0.1 (and ::1), says its ports in one line on stdout, and ends when its
 * standard input does, so that it cannot outlive the test that holds the other end.
 */
#include "buf.h"
#include "catalogue.h"
#include "conn.h"
#include "listen.h"
#include "resources.h"
#include "rooms.h"
#include "server.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { COUNTERS_MAX = 1000 * 1000, ROOMS_MAX = 100 * 1000, EXIT_USAGE = 2 };

struct options {
    struct ts_listen_options listen;
    uint64_t write_size;
    const char *dir; /* or NULL */
    bool list_faults;
    bool help;
};

/* The handles that end the program. */
struct ends {
    uv_signal_t terminate;
    uv_signal_t interrupt;
    uv_poll_t input;
    bool has_input;
};

static const char usage[] =
    "usage: haul-testserver [--port N] [--tls-port N] [--dir DIR] [--write BYTES] [--addresses N]\n"
    "       haul-testserver --list-faults\n"
    "It runs until its standard input ends, or SIGTERM.\n";

/* ---- options ---- */

static bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > max)
        return false;
    *number = value;
    return true;
}

static bool take_option(struct options *options, int option)
{
    uint64_t number = 0;
    switch (option) {
    case 'd':
        options->dir = optarg;
        return true;
    case 'f':
        options->list_faults = true;
        return true;
    case 'h':
        options->help = true;
        return true;
    case 'w':
        return parse_number(optarg, INT_MAX, &options->write_size);
    case 'p':
    case 't':
        if (!parse_number(optarg, 65535, &number))
            return false;
        *(option == 'p' ? &options->listen.port : &options->listen.tls_port) = (int)number;
        return true;
    case 'a':
        if (!parse_number(optarg, TS_ADDRESSES_MAX, &number))
            return false;
        options->listen.addresses = (unsigned)number;
        return true;
    default:
        return false;
    }
}

static bool parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'},
        {"tls-port", required_argument, NULL, 't'},
        {"dir", required_argument, NULL, 'd'},
        {"write", required_argument, NULL, 'w'},
        {"addresses", required_argument, NULL, 'a'},
        {"list-faults", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option = 0;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (!take_option(options, option))
            return false;
    }
    return optind == argc;
}

/* ---- the end ---- */

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct ts_server *server, struct ends *ends)
{
    if (server->stopping)
        return;
    server->stopping = true;
    ts_listen_close(server);
    while (server->conns != NULL)
        ts_conn_destroy(server->conns);
    close_handle((uv_handle_t *)&ends->terminate);
    close_handle((uv_handle_t *)&ends->interrupt);
    if (ends->has_input)
        close_handle((uv_handle_t *)&ends->input);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    stop(handle->loop->data, handle->data);
}

static void on_input(uv_poll_t *handle, int status, int events)
{
    char ignored[4096];
    (void)events;
    ssize_t size = status < 0 ? 0 : read(STDIN_FILENO, ignored, sizeof(ignored));
    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    stop(handle->loop->data, handle->data);
}

/* A file cannot be polled: its end is already there. */
static bool input_is_file(void)
{
    uv_handle_type type = uv_guess_handle(STDIN_FILENO);
    return type == UV_FILE || type == UV_UNKNOWN_HANDLE;
}

static bool watch_ends(struct ts_server *server, struct ends *ends)
{
    (void)uv_signal_init(&server->loop, &ends->terminate);
    (void)uv_signal_init(&server->loop, &ends->interrupt);
    ends->terminate.data = ends;
    ends->interrupt.data = ends;
    if (uv_signal_start(&ends->terminate, on_signal, SIGTERM) != 0 ||
        uv_signal_start(&ends->interrupt, on_signal, SIGINT) != 0)
        return false;
    if (input_is_file())
        return false;
    ends->has_input = uv_poll_init(&server->loop, &ends->input, STDIN_FILENO) == 0;
    ends->input.data = ends;
    return ends->has_input && uv_poll_start(&ends->input, UV_READABLE, on_input) == 0;
}

/* ---- the beginning ---- */

static void raise_limits(void)
{
    struct rlimit limit;
    (void)signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static struct ts_server *server_create(const struct options *options)
{
    struct ts_server *server = ts_memory_take(1, sizeof(*server));
    server->write_size = options->write_size;
    (void)uv_loop_init(&server->loop);
    server->loop.data = server;
    ts_stats_init(&server->stats);
    ts_map_init(&server->counters, sizeof(struct ts_counter), COUNTERS_MAX);
    ts_map_init(&server->robots, TS_ROBOTS_MAX, TS_ADDRESSES_MAX * 2);
    ts_map_init(&server->rooms, sizeof(struct ts_room), ROOMS_MAX);
    return server;
}

static void server_free(struct ts_server *server)
{
    (void)uv_run(&server->loop, UV_RUN_DEFAULT);
    ts_listen_free(server);
    (void)uv_loop_close(&server->loop);
    ts_stats_done(&server->stats);
    ts_map_clear(&server->counters);
    ts_map_clear(&server->robots);
    ts_map_clear(&server->rooms);
    ts_certs_done(&server->certs);
    free(server);
}

static void say_ready(const struct ts_server *server)
{
    (void)fputs("ready", stdout);
    for (size_t i = 0; i < server->port_count; i++)
        (void)printf(" %s=%d", server->ports[i].name, server->ports[i].port);
    (void)fputs("\n", stdout);
    (void)fflush(stdout);
}

static bool make_certs(struct ts_server *server, const struct options *options)
{
    if (!ts_certs_init(&server->certs, options->listen.addresses)) {
        (void)fputs("haul-testserver: OpenSSL cannot make certificates\n", stderr);
        return false;
    }
    if (options->dir == NULL || ts_certs_write(&server->certs, options->dir))
        return true;
    (void)fprintf(stderr, "haul-testserver: cannot write certificates to '%s': %s\n", options->dir,
                  strerror(errno));
    return false;
}

static int serve(const struct options *options)
{
    struct ts_server *server = server_create(options);
    struct ends ends = {0};
    int status = EXIT_FAILURE;
    if (make_certs(server, options) && ts_listen_open(server, &options->listen)) {
        status = EXIT_SUCCESS;
        say_ready(server);
        if (!watch_ends(server, &ends)) {
            (void)fputs("haul-testserver: standard input is at its end already\n", stderr);
            stop(server, &ends);
        }
    } else {
        ts_listen_close(server);
    }
    server_free(server);
    if (options->dir != NULL)
        ts_certs_remove(options->dir);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    if (!parse_options(&options, argc, argv)) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (options.help) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    raise_limits();
    if (options.list_faults) {
        ts_catalogue_print(stdout);
        return EXIT_SUCCESS;
    }
    return serve(&options);
}
