#include "transfer/hosts.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct haul_hosts_cache {
    struct haul_hosts *hosts; /* [const] */
    CURLSH *share;            /* [const] its contents: names_lock */
    int64_t begun_us;         /* [const] monotonic */
    size_t users;             /* [current_lock] handles that have it */
    atomic_uint names;        /* that were looked up for it */
};

enum { LOCK_CURRENT, LOCK_NAMES, LOCK_SHARE, LOCK_COUNT };

struct haul_hosts {
    struct haul_hosts_limits limits; /* [const] */
    long name_life_s;                /* [const] what libcurl is told; -1: for ever */
    uv_mutex_t lock[LOCK_COUNT];
    int lock_count;                   /* [const] made */
    struct haul_hosts_cache *current; /* [current_lock] or NULL */
    size_t count;                     /* [current_lock] caches */
};

/* ---- what libcurl calls ---- */

/*
 * All caches have one lock for what is in them. libcurl 7.88 keeps the entry of a name with the
 * connection; where transfers share one, the last of them gives the entry back, under the lock of
 * its own cache, and it may come from another.
 *
 * A handle counts itself in and out under a lock of its own: libcurl 8.14 takes the other one
 * meanwhile. Without a handle, a cache is being freed: nobody else counts then.
 */
static uv_mutex_t *lock_of(CURL *easy, curl_lock_data data, struct haul_hosts *hosts)
{
    if (data == CURL_LOCK_DATA_DNS)
        return &hosts->lock[LOCK_NAMES];
    return easy ? &hosts->lock[LOCK_SHARE] : NULL;
}

static void lock_shared(CURL *easy, curl_lock_data data, curl_lock_access access, void *arg)
{
    uv_mutex_t *lock = lock_of(easy, data, arg);

    (void)access;
    if (lock)
        uv_mutex_lock(lock);
}

static void unlock_shared(CURL *easy, curl_lock_data data, void *arg)
{
    uv_mutex_t *lock = lock_of(easy, data, arg);

    if (lock)
        uv_mutex_unlock(lock);
}

/* libcurl did not find the name in the cache. */
static int on_look_up(void *resolver, void *reserved, void *arg)
{
    struct haul_hosts_seat *seat = arg;

    (void)resolver;
    (void)reserved;
    if (seat->cache)
        atomic_fetch_add(&seat->cache->names, 1);
    return 0;
}

/* ---- caches ---- */

/*
 * Nobody has it. Entries that a connection still holds (lock_of) outlive their cache: then the lock
 * is taken, for as long as it takes to free the others.
 */
static void free_cache(struct haul_hosts_cache *cache)
{
    struct haul_hosts *hosts = cache->hosts;
    CURLSHcode code;

    if (hosts->limits.mixes_connections)
        uv_mutex_lock(&hosts->lock[LOCK_NAMES]);
    code = curl_share_cleanup(cache->share);
    if (hosts->limits.mixes_connections)
        uv_mutex_unlock(&hosts->lock[LOCK_NAMES]);
    assert(!cache->share || !code);
    (void)code;
    free(cache);
}

static struct haul_hosts_cache *make_cache(struct haul_hosts *hosts, int64_t now_us)
{
    struct haul_hosts_cache *cache = calloc(1, sizeof *cache);

    if (!cache)
        return NULL;
    cache->hosts = hosts;
    cache->begun_us = now_us;
    cache->share = curl_share_init();
    if (cache->share && !curl_share_setopt(cache->share, CURLSHOPT_LOCKFUNC, lock_shared) &&
        !curl_share_setopt(cache->share, CURLSHOPT_UNLOCKFUNC, unlock_shared) &&
        !curl_share_setopt(cache->share, CURLSHOPT_USERDATA, hosts) &&
        !curl_share_setopt(cache->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS))
        return cache;
    free_cache(cache);
    return NULL;
}

static bool is_over_locked(const struct haul_hosts *hosts, int64_t now_us)
{
    const struct haul_hosts_cache *cache = hosts->current;

    return !cache || now_us - cache->begun_us >= hosts->limits.life_us ||
           atomic_load(&cache->names) >= hosts->limits.names;
}

/* `cache` (or NULL) has lost a user, or is not current any more: returns it if it is to be freed.
 */
static struct haul_hosts_cache *unwanted_locked(struct haul_hosts *hosts,
                                                struct haul_hosts_cache *cache)
{
    if (!cache || cache->users || cache == hosts->current)
        return NULL;
    hosts->count--;
    return cache;
}

/* The fresh cache becomes the current one, unless another thread was faster or it is NULL. */
static void replace_current(struct haul_hosts *hosts, struct haul_hosts_cache *fresh,
                            int64_t now_us)
{
    struct haul_hosts_cache *old = fresh;

    if (!fresh)
        return;
    uv_mutex_lock(&hosts->lock[LOCK_CURRENT]);
    if (is_over_locked(hosts, now_us)) {
        old = hosts->current;
        hosts->current = fresh;
        hosts->count++;
        old = unwanted_locked(hosts, old);
    }
    uv_mutex_unlock(&hosts->lock[LOCK_CURRENT]);
    if (old)
        free_cache(old);
}

/* Adds a user to the current cache, which stays the old one if there is no memory for another. */
static struct haul_hosts_cache *enter_current(struct haul_hosts *hosts, int64_t now_us)
{
    struct haul_hosts_cache *cache;
    bool is_over;

    uv_mutex_lock(&hosts->lock[LOCK_CURRENT]);
    is_over = is_over_locked(hosts, now_us);
    uv_mutex_unlock(&hosts->lock[LOCK_CURRENT]);
    if (is_over)
        replace_current(hosts, make_cache(hosts, now_us), now_us);
    uv_mutex_lock(&hosts->lock[LOCK_CURRENT]);
    cache = hosts->current;
    if (cache)
        cache->users++;
    uv_mutex_unlock(&hosts->lock[LOCK_CURRENT]);
    return cache;
}

static void drop_user(struct haul_hosts *hosts, struct haul_hosts_cache *cache)
{
    struct haul_hosts_cache *unwanted;

    if (!cache)
        return;
    uv_mutex_lock(&hosts->lock[LOCK_CURRENT]);
    cache->users--;
    unwanted = unwanted_locked(hosts, cache);
    uv_mutex_unlock(&hosts->lock[LOCK_CURRENT]);
    if (unwanted)
        free_cache(unwanted);
}

/* ---- handles ---- */

/* Whether the host of a URL is an address: in brackets, or of digits and dots. */
static bool has_address(const char *url)
{
    const char *host = strstr(url, "://");
    size_t len;

    if (!host)
        return false;
    host += strlen("://");
    len = strspn(host, "0123456789.");
    return *host == '[' || (len && strchr(":/?#", host[len]));
}

/* With --resolve, an address may stand for another one. */
static bool needs_cache(const struct haul_hosts *hosts, const char *url)
{
    return hosts->limits.has_proxy || hosts->limits.resolve || !has_address(url);
}

static bool set_life(struct haul_hosts_seat *seat, bool keeps_names)
{
    if (seat->is_set && seat->keeps_names == keeps_names)
        return true;
    seat->is_set = !curl_easy_setopt(seat->easy, CURLOPT_DNS_CACHE_TIMEOUT,
                                     keeps_names ? seat->hosts->name_life_s : 0L);
    seat->keeps_names = keeps_names;
    return seat->is_set;
}

/* The seat gets `cache`, which has counted it, or NULL, and loses the one that it had. */
static bool move_to(struct haul_hosts_seat *seat, struct haul_hosts_cache *cache)
{
    const struct curl_slist *resolve = cache ? seat->hosts->limits.resolve : NULL;
    struct haul_hosts_cache *old = seat->cache;
    bool ok;

    if (old == cache) {
        drop_user(seat->hosts, cache); /* it was counted twice */
        return true;
    }
    ok = !curl_easy_setopt(seat->easy, CURLOPT_SHARE, cache ? cache->share : NULL);
    if (resolve)
        ok = !curl_easy_setopt(seat->easy, CURLOPT_RESOLVE, resolve) && ok;
    seat->cache = cache;
    drop_user(seat->hosts, old);
    return ok;
}

bool haul_hosts_join(struct haul_hosts *hosts, struct haul_hosts_seat *seat, CURL *easy)
{
    seat->hosts = hosts;
    seat->easy = easy;
    return !curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_look_up) &&
           !curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, seat);
}

bool haul_hosts_take(struct haul_hosts_seat *seat, const char *url, int64_t now_us)
{
    struct haul_hosts_cache *cache = NULL;
    bool needs = needs_cache(seat->hosts, url);

    if (needs) {
        cache = enter_current(seat->hosts, now_us);
        if (!cache)
            return false;
    }
    return move_to(seat, cache) && set_life(seat, needs);
}

void haul_hosts_leave(struct haul_hosts_seat *seat)
{
    if (seat->hosts)
        (void)move_to(seat, NULL);
    seat->hosts = NULL;
}

size_t haul_hosts_count(struct haul_hosts *hosts)
{
    size_t count;

    uv_mutex_lock(&hosts->lock[LOCK_CURRENT]);
    count = hosts->count;
    uv_mutex_unlock(&hosts->lock[LOCK_CURRENT]);
    return count;
}

/* ---- making and unmaking ---- */

/* libcurl 8.1 to 8.15 compare the age of names with -1, too, when they walk (Curl_dnscache_prune).
 */
static bool keeps_for_ever(void)
{
    unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;

    return version < 0x080100 || version >= 0x081000;
}

struct haul_hosts_limits haul_hosts_default_limits(void)
{
    return (struct haul_hosts_limits){.life_us = 60 * INT64_C(1000000),
                                      .names = keeps_for_ever() ? 4096 : 256};
}

enum haul_err haul_hosts_create(const struct haul_hosts_limits *limits, struct haul_hosts **out)
{
    struct haul_hosts *hosts = calloc(1, sizeof *hosts);

    if (!hosts)
        return HAUL_ERR_NOMEM;
    hosts->limits = *limits;
    hosts->name_life_s = keeps_for_ever() ? -1 : (long)(limits->life_us / 1000000 + 1);
    for (; hosts->lock_count < LOCK_COUNT; hosts->lock_count++) {
        if (uv_mutex_init(&hosts->lock[hosts->lock_count])) {
            haul_hosts_free(hosts);
            return HAUL_ERR_SYSTEM;
        }
    }
    *out = hosts;
    return HAUL_OK;
}

void haul_hosts_free(struct haul_hosts *hosts)
{
    if (!hosts)
        return;
    assert(hosts->count == (hosts->current ? 1 : 0));
    if (hosts->current)
        free_cache(hosts->current);
    for (int i = 0; i < hosts->lock_count; i++)
        uv_mutex_destroy(&hosts->lock[i]);
    free(hosts);
}
