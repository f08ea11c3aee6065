#include "wire/dial.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/tcp.h>
#endif

#include "base/clock.h"
#include "wire/dial_socket.h"

/*
 * What libcurl reads by itself is a proxy's answer to CONNECT at most: the smallest buffer that it
 * allows. But 7.88 gives no more than a buffer of what it has deciphered: for TLS, a whole record
 * (RFC 8446, 5.1). What it may do with idle connections is nothing: none is idle for longer than
 * from the end of its making to take_over.
 */
enum { BUFFER_BYTES = 1 << 10, TLS_BUFFER_BYTES = 16 << 10, CONNECTIONS_MAX = 4096 };

/*
 * One of libcurl's. After an error it makes no more connections: what it knows of descriptors may
 * be broken (7.88 divides by zero when a number comes again whose first use met with no memory).
 * It goes on serving those that it has made, and lasts as long as the last of them.
 */
struct haul_multi {
    CURLM *curl;
    size_t dials; /* that are open */
};

struct haul_dialer {
    struct haul_multi *multi; /* that makes connections, or NULL: the next one makes it */
    struct haul_wire_common *common;
    struct haul_dialer_events events;
    void *arg;
    int64_t due_us;
    struct haul_dial *making; /* those that were begun, and of which `done` has not told yet */
};

/* Sets one option of the handle `easy`; a failure is remembered in *ok. */
#define SET(option, value) (*ok = curl_easy_setopt(easy, option, value) == CURLE_OK && *ok)

/* ---- those that are being made ---- */

static void add_making(struct haul_dialer *dialer, struct haul_dial *dial)
{
    dial->prev = NULL;
    dial->next = dialer->making;
    if (dialer->making)
        dialer->making->prev = dial;
    dialer->making = dial;
}

/* Of one that is not among them, nothing is done. */
static void remove_making(struct haul_dialer *dialer, struct haul_dial *dial)
{
    if (dial->prev)
        dial->prev->next = dial->next;
    else if (dialer->making == dial)
        dialer->making = dial->next;
    if (dial->next)
        dial->next->prev = dial->prev;
    dial->prev = dial->next = NULL;
}

/* ---- what libcurl calls ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct haul_dialer *dialer = arg;
    short events = 0;

    (void)easy;
    (void)socket_arg;
    if (what != CURL_POLL_REMOVE)
        events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    /* On -1 libcurl ends the transfers with an error. */
    return dialer->events.watch(dialer->arg, fd, events) ? 0 : -1;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct haul_dialer *dialer = arg;

    if (!dialer->multi || multi != dialer->multi->curl)
        return 0;
    dialer->due_us =
        timeout_ms < 0 ? HAUL_CLOCK_NEVER : haul_clock_us() + (int64_t)timeout_ms * 1000;
    return 0;
}

static CURLcode on_tls_context(CURL *easy, void *ssl_ctx, void *arg)
{
    struct haul_dial *dial = arg;

    (void)easy;
    if (dial->proxy_handshakes > 0) {
        dial->proxy_handshakes--;
        return CURLE_OK;
    }
    return haul_tls_prepare(ssl_ctx, &dial->tls) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

/* ---- what all handles are set to ---- */

static long ip_version(enum haul_ip_version version)
{
    static const long code[] = {[HAUL_IP_ANY] = CURL_IPRESOLVE_WHATEVER,
                                [HAUL_IP_4] = CURL_IPRESOLVE_V4,
                                [HAUL_IP_6] = CURL_IPRESOLVE_V6};

    return code[version];
}

static long tls_version(enum haul_tls_min version)
{
    static const long code[] = {[HAUL_TLS_ANY] = CURL_SSLVERSION_DEFAULT,
                                [HAUL_TLS_1_2] = CURL_SSLVERSION_TLSv1_2,
                                [HAUL_TLS_1_3] = CURL_SSLVERSION_TLSv1_3};

    return code[version];
}

static void set_behaviour(CURL *easy, const struct haul_config *config, bool *ok)
{
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a silent name server must not stretch a timeout */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_USERAGENT, config->user_agent); /* of CONNECT */
    SET(CURLOPT_NOPROXY, "");                   /* proxy.h has decided */
}

static void set_network(CURL *easy, const struct haul_wire_common *common, bool *ok)
{
    const struct haul_config *config = common->config;

    SET(CURLOPT_IPRESOLVE, ip_version(config->ip_version));
    SET(CURLOPT_SSLVERSION, tls_version(config->tls_min));
    SET(CURLOPT_SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    if (config->ca_file)
        SET(CURLOPT_CAINFO, haul_kept_path(common->kept, config->ca_file));
    if (config->interface)
        SET(CURLOPT_INTERFACE, config->interface);
    if (!common->connect_to)
        return;
    SET(CURLOPT_CONNECT_TO, common->connect_to);
    SET(CURLOPT_HTTPPROXYTUNNEL, 1L); /* libcurl makes one where an entry holds: so let all be */
}

static void set_callbacks(CURL *easy, const struct haul_wire_common *common, struct haul_dial *dial,
                          bool *ok)
{
    SET(CURLOPT_PRIVATE, dial);
    SET(CURLOPT_ERRORBUFFER, dial->error);
    SET(CURLOPT_OPENSOCKETFUNCTION, haul_dial_open_socket);
    SET(CURLOPT_OPENSOCKETDATA, dial);
    if (!common->has_tls)
        return;
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
    SET(CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
    SET(CURLOPT_SSL_CTX_DATA, dial);
}

bool haul_dial_init(struct haul_dialer *dialer, struct haul_dial *dial, void *owner)
{
    const struct haul_wire_common *common = dialer->common;
    CURL *easy = curl_easy_init();
    bool all_set = easy;

    *dial = (struct haul_dial){
        .easy = easy, .filter = common->filter, .kept = common->kept, .owner = owner, .fd = -1};
    if (!easy)
        return false;
    set_behaviour(easy, common->config, &all_set);
    set_network(easy, common, &all_set);
    set_callbacks(easy, common, dial, &all_set);
    if (all_set && haul_hosts_join(common->hosts, &dial->hosts, easy))
        return true;
    haul_dial_done(dial);
    return false;
}

void haul_dial_done(struct haul_dial *dial)
{
    if (!dial->easy)
        return;
    haul_hosts_leave(&dial->hosts);
    curl_easy_cleanup(dial->easy);
    dial->easy = NULL;
}

/* ---- what libcurl makes them with ---- */

static void free_multi(struct haul_multi *multi)
{
    if (!multi)
        return;
    if (multi->curl)
        curl_multi_cleanup(multi->curl);
    free(multi);
}

static struct haul_multi *make_multi(struct haul_dialer *dialer)
{
    struct haul_multi *multi = calloc(1, sizeof *multi);

    if (!multi)
        return NULL;
    multi->curl = curl_multi_init();
    if (multi->curl && !curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_socket) &&
        !curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, dialer) &&
        !curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_timer) &&
        !curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, dialer) &&
        !curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX))
        return multi;
    free_multi(multi);
    return NULL;
}

static bool add_to_multi(struct haul_dialer *dialer, struct haul_dial *dial)
{
    if (!dialer->multi)
        dialer->multi = make_multi(dialer);
    if (!dialer->multi || curl_multi_add_handle(dialer->multi->curl, dial->easy))
        return false;
    dial->multi = dialer->multi;
    dial->multi->dials++;
    return true;
}

static void remove_from_multi(struct haul_dialer *dialer, struct haul_dial *dial)
{
    struct haul_multi *multi = dial->multi;

    curl_multi_remove_handle(multi->curl, dial->easy);
    dial->multi = NULL;
    if (!--multi->dials && multi != dialer->multi)
        free_multi(multi);
}

/* It makes nothing more. None is being made. */
static void leave_multi(struct haul_dialer *dialer)
{
    struct haul_multi *multi = dialer->multi;

    dialer->multi = NULL;
    dialer->due_us = HAUL_CLOCK_NEVER;
    if (multi && !multi->dials)
        free_multi(multi);
}

/* ---- one connection ---- */

static void set_cert(struct haul_dial *dial, const struct haul_client_cert *cert, bool *ok)
{
    CURL *easy = dial->easy;

    if (dial->cert.cert == cert->cert)
        return;
    SET(CURLOPT_SSLCERT, haul_kept_path(dial->kept, cert->cert));
    SET(CURLOPT_SSLKEY, haul_kept_path(dial->kept, cert->key));
    /* Without one, OpenSSL would ask for it at the terminal. */
    SET(CURLOPT_KEYPASSWD, cert->cert && !cert->pass ? "" : cert->pass);
    dial->cert = *cert;
}

/* libcurl 7.88 takes no other size once a handle has been used: then it is made anew. */
static bool fit_buffer(struct haul_dialer *dialer, struct haul_dial *dial, long bytes)
{
    if (dial->buffer_bytes == bytes)
        return true;
    if (dial->buffer_bytes || !dial->easy) {
        haul_dial_done(dial);
        if (!haul_dial_init(dialer, dial, dial->owner))
            return false;
    }
    if (curl_easy_setopt(dial->easy, CURLOPT_BUFFERSIZE, bytes))
        return false;
    dial->buffer_bytes = bytes;
    return true;
}

static bool is_https(const char *url)
{
    return !strncmp(url, "https:", strlen("https:"));
}

bool haul_dial_begin(struct haul_dialer *dialer, struct haul_dial *dial,
                     const struct haul_dial_target *target, int64_t now_us)
{
    const struct haul_proxy *proxy = haul_proxies_find(dialer->common->proxies, target->origin);
    bool is_plain = !is_https(target->origin) && !is_https(proxy->url);
    bool all_set = true, *ok = &all_set;
    CURL *easy;

    if (!fit_buffer(dialer, dial, is_plain ? BUFFER_BYTES : TLS_BUFFER_BYTES))
        return false;
    easy = dial->easy;
    dial->proxy = proxy;
    dial->proxy_handshakes = is_https(proxy->url);
    dial->is_plain = is_plain;
    dial->is_proxied = dial->proxy->kind == HAUL_PROXY_HTTP && !is_https(target->origin) &&
                       !dialer->common->connect_to;
    dial->tls = (struct haul_tls){.offers_h2 = target->offers_h2};
    dial->error[0] = '\0';
    haul_dial_judge_name(dial, target->origin);
    dial->early_len = 0;
    dial->address = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    SET(CURLOPT_URL, target->origin);
    SET(CURLOPT_PROXY, dial->proxy->url);
    SET(CURLOPT_CONNECTTIMEOUT_MS, target->timeout_ms);
    set_cert(dial, &target->cert, ok);
    if (!haul_hosts_take(&dial->hosts, target->origin, now_us) || !all_set ||
        !add_to_multi(dialer, dial))
        return false;
    dial->is_open = true;
    add_making(dialer, dial);
    return true;
}

void haul_dial_end(struct haul_dialer *dialer, struct haul_dial *dial)
{
    if (!dial->is_open)
        return;
    remove_making(dialer, dial);
    haul_tls_forget(&dial->tls);
    remove_from_multi(dialer, dial);
    dial->is_open = false;
    dial->fd = -1;
}

/* ---- the dialer ---- */

enum haul_err haul_dialer_create(struct haul_wire_common *common,
                                 const struct haul_dialer_events *events, void *arg,
                                 struct haul_dialer **out)
{
    struct haul_dialer *dialer = calloc(1, sizeof *dialer);

    if (!dialer)
        return HAUL_ERR_NOMEM;
    dialer->common = common;
    dialer->events = *events;
    dialer->arg = arg;
    dialer->due_us = HAUL_CLOCK_NEVER;
    dialer->multi = make_multi(dialer);
    if (!dialer->multi) {
        haul_dialer_free(dialer);
        return HAUL_ERR_NOMEM;
    }
    *out = dialer;
    return HAUL_OK;
}

void haul_dialer_free(struct haul_dialer *dialer)
{
    if (!dialer)
        return;
    free_multi(dialer->multi);
    free(dialer);
}

/* As the system knows it from the handshake of TCP; 0: it does not say. */
static int64_t round_trip_us(int fd)
{
#ifdef TCP_INFO
    struct tcp_info info;
    socklen_t len = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ? 0 : (int64_t)info.tcpi_rtt;
#else
    (void)fd;
    return 0;
#endif
}

/*
 * To libcurl, a connection that was made looks idle, and idle ones are closed whenever another one
 * is made: too many, too old, or with input waiting. The first call of curl_easy_recv makes it this
 * handle's own; so that is done at once. What a peer has said by then is kept; tickets of TLS are
 * taken out of its way.
 */
static CURLcode take_over(struct haul_dial *dial)
{
    enum { TICKETS_MAX = 16 };
    curl_socket_t fd = CURL_SOCKET_BAD;
    CURLcode code = curl_easy_getinfo(dial->easy, CURLINFO_ACTIVESOCKET, &fd);
    int tickets = 0;

    if (code)
        return code;
    dial->fd = fd;
    dial->round_trip_us = round_trip_us(fd);
    if (dial->tls.is_done)
        haul_tls_add_buffer(&dial->tls);
    do
        code = curl_easy_recv(dial->easy, dial->early, sizeof dial->early, &dial->early_len);
    while (code == CURLE_AGAIN && haul_tls_has_bytes(&dial->tls) && tickets++ < TICKETS_MAX);
    return code == CURLE_AGAIN ? CURLE_OK : code;
}

static void tell(struct haul_dialer *dialer, struct haul_dial *dial, CURLcode code)
{
    remove_making(dialer, dial);
    dialer->events.done(dialer->arg, dial, code);
}

static void collect(struct haul_dialer *dialer)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(dialer->multi->curl, &left))) {
        struct haul_dial *dial = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &dial);
        if (!code)
            code = take_over(dial);
        tell(dialer, dial, code);
    }
}

/*
 * On an error, libcurl has stopped in the middle: of the transfers that it has not ended it may
 * have forgotten descriptors and timers. Whoever is told so begins no other one at once.
 */
static void act(struct haul_dialer *dialer, curl_socket_t fd, int bits)
{
    CURLMcode code;
    int running;

    if (!dialer->multi)
        return;
    code = curl_multi_socket_action(dialer->multi->curl, fd, bits, &running);
    collect(dialer);
    if (!code)
        return;
    while (dialer->making)
        tell(dialer, dialer->making, CURLE_OUT_OF_MEMORY);
    leave_multi(dialer);
}

void haul_dialer_ready(struct haul_dialer *dialer, int fd, short events)
{
    int bits = 0;

    if (events & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
        bits |= CURL_CSELECT_IN;
    if (events & (POLLOUT | POLLERR))
        bits |= CURL_CSELECT_OUT;
    act(dialer, fd, bits);
}

void haul_dialer_tick(struct haul_dialer *dialer)
{
    /* What is started by a timer sets another one, due at once. */
    while (dialer->due_us != HAUL_CLOCK_NEVER && dialer->due_us <= haul_clock_us()) {
        dialer->due_us = HAUL_CLOCK_NEVER;
        act(dialer, CURL_SOCKET_TIMEOUT, 0);
    }
}

int64_t haul_dialer_due_us(const struct haul_dialer *dialer)
{
    return dialer->due_us;
}
