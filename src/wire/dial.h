#ifndef HAUL_WIRE_DIAL_H
#define HAUL_WIRE_DIAL_H

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "haul/err.h"
#include "wire/common_inside.h"
#include "wire/exchange.h"
#include "wire/tls.h"

/*
 * Connections as libcurl makes them (CURLOPT_CONNECT_ONLY): names, addresses, proxies and TLS are
 * its business, and so are the bytes of a connection that is encrypted. One of plain text is read
 * and written directly.
 *
 * One thread, this room only.
 */
struct haul_dialer;
struct haul_multi;

/* One connection, of its easy handle; the same place serves one connection after the other. */
struct haul_dial {
    CURL *easy;
    struct haul_hosts_seat hosts;
    struct haul_tls tls;
    char error[CURL_ERROR_SIZE];              /* libcurl's words for why it failed, or "" */
    const struct haul_address_filter *filter; /* [const] */
    bool refused_address;
    bool refused_name;               /* no address of it will do */
    struct sockaddr_storage address; /* that was tried last */
    bool is_open;                    /* between begin and end */
    bool is_plain;                   /* its bytes on the wire are those of HTTP */
    bool is_proxied;                 /* a proxy reads the requests: they are in absolute form */
    int fd;                          /* once it is connected */
    int64_t round_trip_us;           /* as the system measured it then; 0: not known */
    char early[64];                  /* what came while it was made */
    size_t early_len;
    const struct haul_proxy *proxy; /* of the connection; never NULL once it was begun */
    long buffer_bytes;              /* of the handle, once it was used */
    int proxy_handshakes;           /* of TLS, that come before the server's own */
    struct haul_client_cert cert;   /* that the handle is set to now */
    const struct haul_kept *kept;   /* what it names */
    void *owner;
    struct haul_multi *multi;      /* that has its easy handle, while it is open */
    struct haul_dial *prev, *next; /* of those of the dialer that are being made */
};

/* Who is told. */
struct haul_dialer_events {
    /* `fd` is to be watched for poll(2) events; 0: no longer. False: no memory */
    bool (*watch)(void *arg, int fd, short events);
    /*
     * One is connected, or has failed. Once for each begin, unless it is ended before: where
     * libcurl itself has no memory to go on, all that are being made have failed, for it may have
     * lost their descriptors and their time, and would never say so.
     */
    void (*done)(void *arg, struct haul_dial *dial, CURLcode code);
};

HAUL_MUST_USE enum haul_err haul_dialer_create(struct haul_wire_common *common,
                                               const struct haul_dialer_events *events, void *arg,
                                               struct haul_dialer **out);
void haul_dialer_free(struct haul_dialer *dialer);

/* Makes the handle; `dial` must not move. False: no memory. */
HAUL_MUST_USE bool haul_dial_init(struct haul_dialer *dialer, struct haul_dial *dial, void *owner);
void haul_dial_done(struct haul_dial *dial);

/* What is to be connected to. */
struct haul_dial_target {
    const char *origin; /* scheme://host:port */
    struct haul_client_cert cert;
    long timeout_ms; /* more than 0 */
    bool offers_h2;
};

/* Begins a connection. False: no memory, and it is not begun. */
HAUL_MUST_USE bool haul_dial_begin(struct haul_dialer *dialer, struct haul_dial *dial,
                                   const struct haul_dial_target *target, int64_t now_us);

/* Closes it, whatever its state. */
void haul_dial_end(struct haul_dialer *dialer, struct haul_dial *dial);

/* A watched descriptor has these events; or it is the time of haul_dialer_due_us. */
void haul_dialer_ready(struct haul_dialer *dialer, int fd, short events);
void haul_dialer_tick(struct haul_dialer *dialer);

/* When haul_dialer_tick is to be called, monotonic; or HAUL_CLOCK_NEVER. */
int64_t haul_dialer_due_us(const struct haul_dialer *dialer);

/* ---- the bytes of a connection that is made; nothing here blocks ---- */

enum haul_dial_io {
    HAUL_DIAL_OK,    /* *moved are more than 0 */
    HAUL_DIAL_AGAIN, /* none now */
    HAUL_DIAL_END,   /* the peer has ended it in good order; receive only */
    HAUL_DIAL_CUT,   /* it has ended, but over TLS nobody says that the peer wants that; the same */
    HAUL_DIAL_BROKEN /* haul_dial_error says why */
};
enum haul_dial_io haul_dial_receive(struct haul_dial *dial, char *bytes, size_t size,
                                    size_t *moved);
/* Whether bytes came while it was made: they are what is received first. */
bool haul_dial_has_early(const struct haul_dial *dial);

/*
 * Whether bytes are here that poll(2) does not tell of: those, or some that TLS holds, which may be
 * data or not. And whether it is certain that there are none.
 */
bool haul_dial_has_hidden(const struct haul_dial *dial);
bool haul_dial_hides_nothing(const struct haul_dial *dial);

enum haul_dial_io haul_dial_send(struct haul_dial *dial, const char *bytes, size_t len,
                                 size_t *moved);

/*
 * Whether the peer's system has not acknowledged all that was sent (ioctl SIOCOUTQ, tcp(7)): what
 * has come by then is no answer to it. False where that is not known.
 */
bool haul_dial_is_pending(const struct haul_dial *dial);

/* What is known of a connection that is made. The text is libcurl's, until the next call. */
const char *haul_dial_peer(const struct haul_dial *dial, int *port, long *verify_result);

/* The address that was tried last, also where that failed (libcurl 8 does not tell); "" if none. */
const char *haul_dial_tried(const struct haul_dial *dial, char text[INET6_ADDRSTRLEN], int *port);

/* When it came to what, microseconds from its begin; 0: it did not. */
struct haul_dial_times {
    int64_t resolved_us, connected_us, secured_us;
};
void haul_dial_look_at_times(const struct haul_dial *dial, struct haul_dial_times *times);

long haul_dial_os_errno(const struct haul_dial *dial);

#endif
