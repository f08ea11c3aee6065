#include "transfer/streams.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/wake.h"
#include "transfer/net_curl.h"
#include "transfer/sockets.h"
#include "transfer/transfer.h"

struct haul_streams {
    CURLM *multi;
    struct haul_transfer_env env;
    struct haul_transfer **idle; /* a stack of the free ones */
    int idle_count, count;
    struct haul_transfer **active; /* in no order */
    int active_count;
    struct haul_transfer **waiting; /* of the active ones: their requests have ended; in no order */
    int waiting_count;
    struct haul_job_list done;
    struct haul_wake wake;
    struct haul_flood flood;
    struct pollfd *fd; /* [0] is the wake-up */
    struct pollfd *ready;
    size_t fd_count, fd_cap;
    int64_t timer_us; /* when libcurl wants to be called, HAUL_CLOCK_NEVER: not */
};

/* ---- what libcurl wants to be told ---- */

static size_t find_fd(const struct haul_streams *streams, int fd)
{
    size_t i = 1;

    while (i < streams->fd_count && streams->fd[i].fd != fd)
        i++;
    return i;
}

static bool grow_fds(struct haul_streams *streams)
{
    size_t cap = streams->fd_cap ? streams->fd_cap * 2 : 8;
    struct pollfd *fd = realloc(streams->fd, cap * sizeof *fd);
    struct pollfd *ready;

    if (!fd)
        return false;
    streams->fd = fd;
    ready = realloc(streams->ready, cap * sizeof *ready);
    if (!ready)
        return false;
    streams->ready = ready;
    streams->fd_cap = cap;
    return true;
}

static short poll_events(int what)
{
    short events = 0;

    if (what & CURL_POLL_IN)
        events |= POLLIN;
    if (what & CURL_POLL_OUT)
        events |= POLLOUT;
    return events;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct haul_streams *streams = arg;
    size_t at = find_fd(streams, fd);

    (void)easy;
    (void)socket_arg;
    if (what == CURL_POLL_REMOVE) {
        if (at < streams->fd_count)
            streams->fd[at] = streams->fd[--streams->fd_count];
        return 0;
    }
    if (at == streams->fd_count) {
        if (streams->fd_count == streams->fd_cap && !grow_fds(streams))
            return -1; /* libcurl ends the transfers with an error */
        streams->fd_count++;
    }
    streams->fd[at] = (struct pollfd){.fd = fd, .events = poll_events(what)};
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct haul_streams *streams = arg;

    (void)multi;
    streams->timer_us =
        timeout_ms < 0 ? HAUL_CLOCK_NEVER : haul_clock_us() + (int64_t)timeout_ms * 1000;
    return 0;
}

/* ---- making and unmaking ---- */

static enum haul_err make_multi(struct haul_streams *streams)
{
    bool all_set;

    streams->multi = curl_multi_init();
    if (!streams->multi)
        return HAUL_ERR_NOMEM;
    all_set = !curl_multi_setopt(streams->multi, CURLMOPT_SOCKETFUNCTION, on_socket) &&
              !curl_multi_setopt(streams->multi, CURLMOPT_SOCKETDATA, streams) &&
              !curl_multi_setopt(streams->multi, CURLMOPT_TIMERFUNCTION, on_timer) &&
              !curl_multi_setopt(streams->multi, CURLMOPT_TIMERDATA, streams) &&
              !curl_multi_setopt(streams->multi, CURLMOPT_MAXCONNECTS, 2L * streams->count);
    return all_set ? HAUL_OK : HAUL_ERR_NOMEM;
}

static enum haul_err make_transfers(struct haul_streams *streams)
{
    size_t size = (size_t)streams->count * sizeof *streams->idle;

    streams->idle = malloc(size);
    streams->active = malloc(size);
    streams->waiting = malloc(size);
    if (!streams->idle || !streams->active || !streams->waiting)
        return HAUL_ERR_NOMEM;
    while (streams->idle_count < streams->count) {
        struct haul_transfer **slot = &streams->idle[streams->idle_count];
        enum haul_err err = haul_transfer_create(&streams->env, slot);

        if (err)
            return err;
        streams->idle_count++;
    }
    return HAUL_OK;
}

static enum haul_err init_streams(struct haul_streams *streams)
{
    enum haul_err err = haul_wake_init(&streams->wake);

    if (!err && !grow_fds(streams))
        err = HAUL_ERR_NOMEM;
    if (err)
        return err;
    streams->fd[0] = (struct pollfd){.fd = streams->wake.fd, .events = POLLIN};
    streams->fd_count = 1;
    err = haul_sockets_create(&streams->env.sockets);
    if (!err)
        err = haul_url_parser_create(&streams->env.urls);
    if (!err)
        err = make_multi(streams);
    return err ? err : make_transfers(streams);
}

enum haul_err haul_streams_create(struct haul_net *net, haul_stop *stop, int count,
                                  struct haul_streams **out)
{
    struct haul_streams *streams = calloc(1, sizeof *streams);
    enum haul_err err;

    if (!streams)
        return HAUL_ERR_NOMEM;
    streams->env.net = net;
    streams->env.flood = &streams->flood;
    streams->flood.stop = stop;
    streams->count = count;
    streams->timer_us = HAUL_CLOCK_NEVER;
    streams->wake = (struct haul_wake){.fd = -1};
    err = init_streams(streams);
    if (err)
        haul_streams_free(streams);
    else
        *out = streams;
    return err;
}

void haul_streams_free(struct haul_streams *streams)
{
    if (!streams)
        return;
    assert(!streams->active_count);
    while (streams->idle_count)
        haul_transfer_free(streams->idle[--streams->idle_count]);
    if (streams->multi)
        curl_multi_cleanup(streams->multi);
    haul_url_parser_free(streams->env.urls);
    haul_sockets_free(streams->env.sockets);
    haul_wake_done(&streams->wake);
    free(streams->idle);
    free(streams->active);
    free(streams->waiting);
    free(streams->fd);
    free(streams->ready);
    free(streams);
}

int haul_streams_active(const struct haul_streams *streams)
{
    return streams->active_count;
}

int haul_streams_free_count(const struct haul_streams *streams)
{
    return streams->idle_count;
}

/* ---- attempts ---- */

static void retire(struct haul_streams *streams, struct haul_transfer *transfer)
{
    int i = 0;

    while (streams->active[i] != transfer)
        i++;
    streams->active[i] = streams->active[--streams->active_count];
    haul_job_list_add(&streams->done, haul_transfer_take_job(transfer));
    streams->idle[streams->idle_count++] = transfer;
}

/* Hands the prepared request to libcurl. If that fails, the attempt has. */
static void launch(struct haul_streams *streams, struct haul_transfer *transfer)
{
    CURLMcode code = curl_multi_add_handle(streams->multi, haul_transfer_easy(transfer));

    while (code && haul_transfer_end_hop(transfer, CURLE_OUT_OF_MEMORY))
        code = curl_multi_add_handle(streams->multi, haul_transfer_easy(transfer));
    if (code)
        retire(streams, transfer);
}

static void end_request(struct haul_streams *streams, CURL *easy, CURLcode code)
{
    struct haul_transfer *transfer = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    haul_transfer_note_connection(transfer, code);
    curl_multi_remove_handle(streams->multi, easy);
    streams->waiting[streams->waiting_count++] = transfer;
}

static void end_hop(struct haul_streams *streams, struct haul_transfer *transfer)
{
    if (haul_transfer_end_hop(transfer, haul_transfer_code(transfer)))
        launch(streams, transfer);
    else
        retire(streams, transfer);
}

/* Takes the first that need not wait any longer, or NULL. */
static struct haul_transfer *take_settled(struct haul_streams *streams)
{
    bool is_last = streams->waiting_count == streams->active_count;

    for (int i = 0; i < streams->waiting_count; i++) {
        struct haul_transfer *transfer = streams->waiting[i];

        if (haul_transfer_awaits(transfer, is_last))
            continue;
        streams->waiting_count--;
        for (int k = i; k < streams->waiting_count; k++)
            streams->waiting[k] = streams->waiting[k + 1];
        return transfer;
    }
    return NULL;
}

/* An end can settle others: each begins with the first again. */
static void settle(struct haul_streams *streams)
{
    struct haul_transfer *transfer;

    while ((transfer = take_settled(streams)))
        end_hop(streams, transfer);
}

static void collect(struct haul_streams *streams)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(streams->multi, &left))) {
        if (message->msg == CURLMSG_DONE)
            end_request(streams, message->easy_handle, message->data.result);
    }
    settle(streams);
    haul_sockets_end_turn(streams->env.sockets);
}

void haul_streams_abort(struct haul_streams *streams)
{
    streams->waiting_count = 0;
    while (streams->active_count) {
        struct haul_transfer *transfer = streams->active[streams->active_count - 1];

        curl_multi_remove_handle(streams->multi, haul_transfer_easy(transfer));
        haul_transfer_abandon(transfer);
        retire(streams, transfer);
    }
}

bool haul_streams_has_done(const struct haul_streams *streams)
{
    return streams->done.head;
}

struct haul_job *haul_streams_take_done(struct haul_streams *streams)
{
    return haul_job_list_take(&streams->done);
}

/* ---- waiting ---- */

static void run_timer(struct haul_streams *streams)
{
    int running;

    /* A request that is started by a timer sets another one, due at once. */
    while (streams->timer_us != HAUL_CLOCK_NEVER && streams->timer_us <= haul_clock_us()) {
        streams->timer_us = HAUL_CLOCK_NEVER;
        haul_flood_rest(&streams->flood);
        curl_multi_socket_action(streams->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        collect(streams);
    }
}

void haul_streams_start(struct haul_streams *streams, struct haul_job *job)
{
    struct haul_transfer *transfer = streams->idle[--streams->idle_count];

    streams->active[streams->active_count++] = transfer;
    haul_transfer_begin(transfer, job);
    launch(streams, transfer);
    run_timer(streams);
}

/* Rounded up: a timer that is woken early would spin. */
static int poll_timeout_ms(int64_t until_us)
{
    int64_t left_us;

    if (until_us == HAUL_CLOCK_NEVER)
        return -1;
    left_us = until_us - haul_clock_us();
    if (left_us <= 0)
        return 0;
    return left_us / 1000 >= INT_MAX - 1 ? INT_MAX : (int)((left_us + 999) / 1000);
}

static int select_bits(const struct pollfd *fd)
{
    int bits = 0;

    if (fd->revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
        bits |= CURL_CSELECT_IN;
    if (fd->revents & (POLLOUT | POLLERR))
        bits |= CURL_CSELECT_OUT;
    return bits & (fd->events & POLLOUT ? bits : ~CURL_CSELECT_OUT);
}

static void tell_ready(struct haul_streams *streams)
{
    size_t count = 0;
    int running;

    /* libcurl changes the list while it is told: first copy, then tell. */
    for (size_t i = 1; i < streams->fd_count; i++) {
        if (streams->fd[i].revents)
            streams->ready[count++] = streams->fd[i];
    }
    for (size_t i = 0; i < count; i++) {
        haul_flood_rest(&streams->flood);
        curl_multi_socket_action(streams->multi, streams->ready[i].fd,
                                 select_bits(&streams->ready[i]), &running);
    }
    collect(streams);
}

static void wait_and_tell(struct haul_streams *streams, int64_t until_us)
{
    int timeout_ms = poll_timeout_ms(until_us);
    int count = poll(streams->fd, (nfds_t)streams->fd_count, timeout_ms);

    haul_sockets_begin_round(streams->env.sockets);
    if (count <= 0)
        return;
    if (streams->fd[0].revents)
        haul_wake_clear(&streams->wake);
    tell_ready(streams);
}

void haul_streams_run(struct haul_streams *streams, int64_t until_us)
{
    run_timer(streams);
    if (streams->done.head)
        return;
    wait_and_tell(streams, streams->timer_us < until_us ? streams->timer_us : until_us);
    run_timer(streams);
}

void haul_streams_wake(struct haul_streams *streams)
{
    haul_wake_up(&streams->wake);
}
