#include "wire/hosts.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/hash.h"

enum { LOCK_CURRENT, LOCK_NAMES, LOCK_SHARE, LOCK_COUNT };

struct haul_hosts_cache {
    struct row *row;   /* [const] */
    CURLSH *share;     /* [const] its contents: LOCK_NAMES */
    int64_t begun_us;  /* [const] monotonic */
    size_t users;      /* [LOCK_CURRENT] handles that have it */
    atomic_uint names; /* that were looked up for it */
};

struct row {
    const struct haul_hosts_limits *limits; /* [const] */
    uv_mutex_t lock[LOCK_COUNT];
    int lock_count;                   /* [const] made */
    struct haul_hosts_cache *current; /* [LOCK_CURRENT] or NULL */
    size_t count;                     /* [LOCK_CURRENT] caches */
};

struct haul_hosts {
    struct haul_hosts_limits limits; /* [const] */
    long name_life_s;                /* [const] what libcurl is told; -1: for ever */
    struct row row[];                /* limits.rows */
};

/* ---- what libcurl calls ---- */

/*
 * The caches of a row have one lock for what is in them. A handle counts itself in and out under a
 * lock of its own: libcurl 8.14 takes the other one meanwhile. Without a handle, a cache is being
 * freed: nobody else counts then.
 */
static uv_mutex_t *lock_of(CURL *easy, curl_lock_data data, struct row *row)
{
    if (data == CURL_LOCK_DATA_DNS)
        return &row->lock[LOCK_NAMES];
    return easy ? &row->lock[LOCK_SHARE] : NULL;
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

/* Nobody has it. */
static void free_cache(struct haul_hosts_cache *cache)
{
    CURLSHcode code = curl_share_cleanup(cache->share);

    assert(!cache->share || !code);
    (void)code;
    free(cache);
}

static struct haul_hosts_cache *make_cache(struct row *row, int64_t now_us)
{
    struct haul_hosts_cache *cache = calloc(1, sizeof *cache);

    if (!cache)
        return NULL;
    cache->row = row;
    cache->begun_us = now_us;
    cache->share = curl_share_init();
    if (cache->share && !curl_share_setopt(cache->share, CURLSHOPT_LOCKFUNC, lock_shared) &&
        !curl_share_setopt(cache->share, CURLSHOPT_UNLOCKFUNC, unlock_shared) &&
        !curl_share_setopt(cache->share, CURLSHOPT_USERDATA, row) &&
        !curl_share_setopt(cache->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS))
        return cache;
    free_cache(cache);
    return NULL;
}

static bool is_over_locked(const struct row *row, int64_t now_us)
{
    const struct haul_hosts_cache *cache = row->current;

    return !cache || now_us - cache->begun_us >= row->limits->life_us ||
           atomic_load(&cache->names) >= row->limits->names;
}

/* `cache` (or NULL) has lost a user, or is not current any more: returns it if it is to be freed.
 */
static struct haul_hosts_cache *unwanted_locked(struct row *row, struct haul_hosts_cache *cache)
{
    if (!cache || cache->users || cache == row->current)
        return NULL;
    row->count--;
    return cache;
}

/* The fresh cache becomes the current one, unless another thread was faster or it is NULL. */
static void replace_current(struct row *row, struct haul_hosts_cache *fresh, int64_t now_us)
{
    struct haul_hosts_cache *old = fresh;

    if (!fresh)
        return;
    uv_mutex_lock(&row->lock[LOCK_CURRENT]);
    if (is_over_locked(row, now_us)) {
        old = row->current;
        row->current = fresh;
        row->count++;
        old = unwanted_locked(row, old);
    }
    uv_mutex_unlock(&row->lock[LOCK_CURRENT]);
    if (old)
        free_cache(old);
}

/* Adds a user to the current cache, unless that is `own`, which has counted it. NULL: there is
 * none; with `may_be_over` only if there never was. */
static struct haul_hosts_cache *enter(struct row *row, const struct haul_hosts_cache *own,
                                      int64_t now_us, bool may_be_over)
{
    struct haul_hosts_cache *cache = NULL;

    uv_mutex_lock(&row->lock[LOCK_CURRENT]);
    if (may_be_over || !is_over_locked(row, now_us))
        cache = row->current;
    if (cache && cache != own)
        cache->users++;
    uv_mutex_unlock(&row->lock[LOCK_CURRENT]);
    return cache;
}

/* The same with a cache that is not over, if there is memory for one. */
static struct haul_hosts_cache *enter_current(struct row *row, const struct haul_hosts_cache *own,
                                              int64_t now_us)
{
    struct haul_hosts_cache *cache = enter(row, own, now_us, false);

    if (cache)
        return cache;
    replace_current(row, make_cache(row, now_us), now_us);
    return enter(row, own, now_us, true);
}

static void drop_user(struct haul_hosts_cache *cache)
{
    struct haul_hosts_cache *unwanted;
    struct row *row = cache->row;

    uv_mutex_lock(&row->lock[LOCK_CURRENT]);
    cache->users--;
    unwanted = unwanted_locked(row, cache);
    uv_mutex_unlock(&row->lock[LOCK_CURRENT]);
    if (unwanted)
        free_cache(unwanted);
}

/* ---- handles ---- */

/* Host and port as the URL has them. */
static const char *host_of(const char *url, size_t *len)
{
    const char *mark = strstr(url, "://");
    const char *host = mark ? mark + strlen("://") : url;

    *len = strcspn(host, "/?#");
    return host;
}

/* In brackets, or of digits and dots. */
static bool is_address(const char *host)
{
    size_t len = strspn(host, "0123456789.");

    return *host == '[' || (len && strchr(":/?#", host[len]));
}

/* The row of the host that is looked up for `url`; NULL: none is. With --resolve, an address may
 * stand for another one. */
static struct row *find_row(struct haul_hosts *hosts, const char *url)
{
    size_t len;
    const char *host = host_of(url, &len);

    if (hosts->limits.has_proxy)
        return hosts->row;
    if (is_address(host) && !hosts->limits.resolve)
        return NULL;
    return &hosts->row[haul_hash_keyed(host, len) % hosts->limits.rows];
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

    if (old == cache)
        return true;
    ok = !curl_easy_setopt(seat->easy, CURLOPT_SHARE, cache ? cache->share : NULL);
    if (resolve)
        ok = !curl_easy_setopt(seat->easy, CURLOPT_RESOLVE, resolve) && ok;
    seat->cache = cache;
    if (old)
        drop_user(old);
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
    struct row *row = find_row(seat->hosts, url);
    struct haul_hosts_cache *cache = NULL;

    if (row) {
        cache = enter_current(row, seat->cache, now_us);
        if (!cache)
            return false;
    }
    return move_to(seat, cache) && set_life(seat, cache);
}

void haul_hosts_leave(struct haul_hosts_seat *seat)
{
    if (seat->hosts)
        (void)move_to(seat, NULL);
    seat->hosts = NULL;
}

size_t haul_hosts_count(struct haul_hosts *hosts)
{
    size_t count = 0;

    for (unsigned i = 0; i < hosts->limits.rows; i++) {
        struct row *row = &hosts->row[i];

        uv_mutex_lock(&row->lock[LOCK_CURRENT]);
        count += row->count;
        uv_mutex_unlock(&row->lock[LOCK_CURRENT]);
    }
    return count;
}

/* ---- making and unmaking ---- */

/*
 * libcurl 8.1 to 8.15 compare the age of names with -1, too (Curl_dnscache_prune): the cache is
 * empty after each transfer. There they walk the few names of one row.
 */
static bool keeps_for_ever(void)
{
    unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;

    return version < 0x080100 || version >= 0x081000;
}

struct haul_hosts_limits haul_hosts_default_limits(void)
{
    return (struct haul_hosts_limits){.life_us = 60 * INT64_C(1000000), .names = 256, .rows = 16};
}

static bool init_row(struct row *row, const struct haul_hosts_limits *limits)
{
    row->limits = limits;
    for (; row->lock_count < LOCK_COUNT; row->lock_count++)
        if (uv_mutex_init(&row->lock[row->lock_count]))
            return false;
    return true;
}

enum haul_err haul_hosts_create(const struct haul_hosts_limits *limits, struct haul_hosts **out)
{
    struct haul_hosts *hosts = calloc(1, sizeof *hosts + limits->rows * sizeof *hosts->row);
    bool all_made = true;

    if (!hosts)
        return HAUL_ERR_NOMEM;
    hosts->limits = *limits;
    hosts->name_life_s = keeps_for_ever() ? -1 : (long)(limits->life_us / 1000000 + 1);
    for (unsigned i = 0; i < limits->rows && all_made; i++)
        all_made = init_row(&hosts->row[i], &hosts->limits);
    if (!all_made) {
        haul_hosts_free(hosts);
        return HAUL_ERR_SYSTEM;
    }
    *out = hosts;
    return HAUL_OK;
}

static void done_row(struct row *row)
{
    assert(row->count == (row->current ? 1 : 0));
    if (row->current)
        free_cache(row->current);
    for (int i = 0; i < row->lock_count; i++)
        uv_mutex_destroy(&row->lock[i]);
}

void haul_hosts_free(struct haul_hosts *hosts)
{
    if (!hosts)
        return;
    for (unsigned i = 0; i < hosts->limits.rows; i++)
        done_row(&hosts->row[i]);
    free(hosts);
}
