#ifndef HAUL_WIRE_HOSTS_H
#define HAUL_WIRE_HOSTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * The addresses of hosts: the resolver caches of libcurl that all transfers of a run share.
 *
 * Left to itself, libcurl walks its whole cache whenever a transfer ends, under the cache's lock:
 * the more hosts, the more each URL costs. Told to keep names for ever (CURLOPT_DNS_CACHE_TIMEOUT
 * -1), it never walks. So a cache, a share handle with nothing else in it, is used until it is full
 * or old, and then an empty one takes its place; the old one is freed when the last transfer has
 * left it. A name is kept for as long as its cache is taken, and then looked up again.
 *
 * There are several such rows of caches, each with locks of its own, and the name says which one it
 * belongs to: libcurl's hash tables have few slots (23 with 7.88), so that large ones are slow, and
 * many threads wait for each other. A handle keeps one small cache at most from being freed.
 *
 * An address in the place of a host needs no look-up, and takes no cache.
 */
struct haul_hosts;
struct haul_hosts_cache;

struct haul_hosts_limits {
    int64_t life_us;                  /* of a cache, from its first use; more than 0 */
    unsigned names;                   /* look-ups that fill one; at least 1 */
    unsigned rows;                    /* of caches; at least 1 */
    bool has_proxy;                   /* the host of a URL may not be the one that is looked up */
    const struct curl_slist *resolve; /* entries for each cache, or NULL */
};

/* What a run uses: 60 s, as libcurl does, and 16 rows of 256 names. */
struct haul_hosts_limits haul_hosts_default_limits(void);

/* Makes it; `resolve` must outlive it. Main thread. HAUL_ERR_NOMEM, HAUL_ERR_SYSTEM (no lock). */
HAUL_MUST_USE enum haul_err haul_hosts_create(const struct haul_hosts_limits *limits,
                                              struct haul_hosts **out);

/* Frees it, after all transfers have left. NULL is fine. */
void haul_hosts_free(struct haul_hosts *hosts);

/* One for each easy handle, which points to it: it must not move. All zero before join. */
struct haul_hosts_seat {
    struct haul_hosts *hosts;       /* [const after join] NULL: not joined */
    CURL *easy;                     /* [const after join] */
    struct haul_hosts_cache *cache; /* [owner] that the handle uses, or NULL */
    bool keeps_names;               /* [owner] the handle's life of names is set for a cache */
    bool is_set;                    /* [owner] it is set at all */
};

/* The handle is one of those that share: to be called once. False: no memory. */
HAUL_MUST_USE bool haul_hosts_join(struct haul_hosts *hosts, struct haul_hosts_seat *seat,
                                   CURL *easy);

/*
 * The handle, which is in no multi handle, is about to request `url` at `now_us` (monotonic): takes
 * the cache that is current for it. False: no memory, and the request must not be made. Any thread;
 * takes a lock for a moment.
 */
HAUL_MUST_USE bool haul_hosts_take(struct haul_hosts_seat *seat, const char *url, int64_t now_us);

/* The handle, which is in no multi handle, is about to be freed. One that never joined is fine. */
void haul_hosts_leave(struct haul_hosts_seat *seat);

/* How many caches there are: those that are current, and those that a handle still uses. Any
 * thread. */
size_t haul_hosts_count(struct haul_hosts *hosts);

#endif
