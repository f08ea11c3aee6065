#include <arpa/inet.h>
#include <check.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "fail_alloc.h"
#include "wire/hosts.h"

/*
 * Real handles of libcurl's, with a name server of our own and no network: each request ends when
 * libcurl asks for a socket. Time is what a test says it is.
 */

enum { LIFE_US = 1000, NAMES = 3, THREADS = 8, ROUNDS = 300 };
#define ADDRESS "192.0.2.7"
#define PINNED_ADDRESS "192.0.2.99"

static struct haul_hosts *hosts;
static atomic_int look_ups, pinned_look_ups;

struct handle {
    CURL *easy;
    struct haul_hosts_seat seat;
    char address[INET_ADDRSTRLEN]; /* to which it wanted to connect; empty: none */
};

/* ---- these two stand before those of the C library ---- */

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    struct addrinfo *one = calloc(1, sizeof *one);
    struct sockaddr_in *address = calloc(1, sizeof *address);

    (void)service;
    (void)hints;
    ck_assert(one && address);
    atomic_fetch_add(strncmp(node, "pinned", 6) ? &look_ups : &pinned_look_ups, 1);
    address->sin_family = AF_INET;
    inet_pton(AF_INET, ADDRESS, &address->sin_addr);
    one->ai_family = AF_INET;
    one->ai_socktype = SOCK_STREAM;
    one->ai_addrlen = sizeof *address;
    one->ai_addr = (struct sockaddr *)address;
    *result = one;
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    free(list->ai_addr);
    free(list);
}

/* ---- handles ---- */

static curl_socket_t refuse_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct handle *handle = arg;
    const void *in = &((struct sockaddr_in *)(void *)&address->addr)->sin_addr;

    (void)purpose;
    inet_ntop(AF_INET, in, handle->address, sizeof handle->address);
    return CURL_SOCKET_BAD;
}

static bool open_handle(struct handle *handle)
{
    memset(handle, 0, sizeof *handle);
    handle->easy = curl_easy_init();
    return handle->easy && !curl_easy_setopt(handle->easy, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(handle->easy, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(handle->easy, CURLOPT_OPENSOCKETFUNCTION, refuse_socket) &&
           !curl_easy_setopt(handle->easy, CURLOPT_OPENSOCKETDATA, handle) &&
           haul_hosts_join(hosts, &handle->seat, handle->easy);
}

static void close_handle(struct handle *handle)
{
    haul_hosts_leave(&handle->seat);
    curl_easy_cleanup(handle->easy);
}

/* One request; whether it came to an address. */
static bool request(struct handle *handle, const char *url, int64_t now_us)
{
    handle->address[0] = '\0';
    return !curl_easy_setopt(handle->easy, CURLOPT_URL, url) &&
           haul_hosts_take(&handle->seat, url, now_us) &&
           curl_easy_perform(handle->easy) == CURLE_COULDNT_CONNECT && handle->address[0];
}

static void ask(struct handle *handle, const char *url, int64_t now_us)
{
    ck_assert(request(handle, url, now_us));
}

static struct haul_hosts_limits few_names(void)
{
    return (struct haul_hosts_limits){.life_us = LIFE_US, .names = NAMES, .rows = 1};
}

static void make_hosts(struct haul_hosts_limits limits)
{
    ck_assert_int_eq(haul_hosts_create(&limits, &hosts), HAUL_OK);
}

static void set_up(void)
{
    atomic_store(&look_ups, 0);
    atomic_store(&pinned_look_ups, 0);
    ck_assert_int_eq(curl_global_init(CURL_GLOBAL_DEFAULT), 0);
}

static void tear_down(void)
{
    haul_hosts_free(hosts);
    curl_global_cleanup();
}

/* ---- how long a name is kept ---- */

START_TEST(name_is_looked_up_once_for_all_handles)
{
    struct handle one, other;

    make_hosts(few_names());
    ck_assert(open_handle(&one) && open_handle(&other));
    ask(&one, "http://a.test/", 0);
    ask(&one, "http://a.test/", 1);
    ask(&other, "http://a.test/", LIFE_US - 1);
    ck_assert_int_eq(atomic_load(&look_ups), 1);
    ck_assert_str_eq(other.address, ADDRESS);
    ck_assert_uint_eq(haul_hosts_count(hosts), 1);
    close_handle(&one);
    close_handle(&other);
}
END_TEST

START_TEST(name_is_looked_up_again_after_its_life)
{
    struct handle handle;

    make_hosts(few_names());
    ck_assert(open_handle(&handle));
    for (int lives = 1; lives <= 5; lives++) {
        ask(&handle, "http://a.test/", lives * LIFE_US);
        ask(&handle, "http://a.test/", lives * LIFE_US + LIFE_US - 1);
        ck_assert_int_eq(atomic_load(&look_ups), lives);
    }
    ck_assert_uint_eq(haul_hosts_count(hosts), 1);
    close_handle(&handle);
}
END_TEST

/* Kept names and those that are found do not fill a cache, only those that are looked up. */
START_TEST(full_cache_is_followed_by_an_empty_one)
{
    static const char *const url[] = {"http://a.test/", "http://b.test/", "http://c.test/"};
    struct handle handle;

    make_hosts(few_names());
    ck_assert(open_handle(&handle));
    for (int i = 0; i < NAMES; i++)
        for (int again = 0; again < 5 && (i < NAMES - 1 || !again); again++)
            ask(&handle, url[i], 0);
    ck_assert_int_eq(atomic_load(&look_ups), NAMES);
    ask(&handle, url[0], 0);
    ck_assert_int_eq(atomic_load(&look_ups), NAMES + 1);
    ck_assert_uint_eq(haul_hosts_count(hosts), 1);
    close_handle(&handle);
}
END_TEST

START_TEST(old_cache_is_freed_when_the_last_handle_has_left_it)
{
    struct handle one, other;

    make_hosts(few_names());
    ck_assert(open_handle(&one) && open_handle(&other));
    ask(&one, "http://a.test/", 0);
    ask(&other, "http://a.test/", 0);
    ask(&one, "http://a.test/", LIFE_US);
    ck_assert_uint_eq(haul_hosts_count(hosts), 2);
    ask(&other, "http://a.test/", LIFE_US);
    ck_assert_uint_eq(haul_hosts_count(hosts), 1);
    ask(&one, "http://a.test/", 2 * LIFE_US);
    close_handle(&other);
    ck_assert_uint_eq(haul_hosts_count(hosts), 1);
    close_handle(&one);
    ck_assert_int_eq(atomic_load(&look_ups), 3);
}
END_TEST

START_TEST(without_memory_the_old_cache_goes_on)
{
    struct handle handle;

    make_hosts(few_names());
    ck_assert(open_handle(&handle));
    fail_alloc_arm(1);
    ck_assert(!haul_hosts_take(&handle.seat, "http://a.test/", 0));
    ck_assert(fail_alloc_disarm());
    ask(&handle, "http://a.test/", 0);
    fail_alloc_arm(1);
    ck_assert(haul_hosts_take(&handle.seat, "http://a.test/", LIFE_US));
    ck_assert(fail_alloc_disarm());
    ask(&handle, "http://a.test/", LIFE_US - 1);
    ck_assert_int_eq(atomic_load(&look_ups), 1);
    close_handle(&handle);
}
END_TEST

/* Whoever asks, and for whatever path: each name has its row. */
START_TEST(name_belongs_to_one_of_several_rows)
{
    struct haul_hosts_limits limits = few_names();
    struct handle one, other;
    const int names = 20;

    limits.rows = 4;
    limits.names = 100;
    make_hosts(limits);
    ck_assert(open_handle(&one) && open_handle(&other));
    for (int i = 0; i < 2 * names; i++) {
        char url[64];

        snprintf(url, sizeof url, "http://h%d.test/%d", i % names, i);
        ask(i < names ? &one : &other, url, 0);
    }
    ck_assert_int_eq(atomic_load(&look_ups), names);
    ck_assert_uint_eq(haul_hosts_count(hosts), limits.rows);
    close_handle(&one);
    close_handle(&other);
}
END_TEST

/* ---- addresses, and --resolve ---- */

static const struct {
    const char *url;
    bool is_address;
} urls[] = {{"http://192.0.2.1/", true},        {"http://192.0.2.1:8080/x", true},
            {"https://192.0.2.1?x", true},      {"http://[::ffff:192.0.2.1]/", true},
            {"http://192.0.2.1.test/", false},  {"http://1.2.3.x/", false},
            {"http://a.test/192.0.2.1/", false}};

START_TEST(address_takes_no_cache)
{
    struct handle handle;

    make_hosts(few_names());
    ck_assert(open_handle(&handle));
    ck_assert(haul_hosts_take(&handle.seat, urls[_i].url, 0));
    ck_assert_int_eq(!handle.seat.cache, urls[_i].is_address);
    ck_assert(haul_hosts_take(&handle.seat, "http://a.test/", 0));
    ck_assert(handle.seat.cache);
    ck_assert(haul_hosts_take(&handle.seat, urls[_i].url, 0));
    ck_assert_int_eq(!handle.seat.cache, urls[_i].is_address);
    close_handle(&handle);
}
END_TEST

START_TEST(addresses_do_not_fill_a_cache)
{
    struct handle handle;

    make_hosts(few_names());
    ck_assert(open_handle(&handle));
    ask(&handle, "http://a.test/", 0);
    for (int i = 0; i < 10 * NAMES; i++) {
        char url[64], address[INET_ADDRSTRLEN];

        snprintf(address, sizeof address, "198.51.100.%d", i);
        snprintf(url, sizeof url, "http://%s/", address);
        ask(&handle, url, 0);
        ck_assert_str_eq(handle.address, address);
    }
    ask(&handle, "http://a.test/", 0);
    ck_assert_int_eq(atomic_load(&look_ups), 1);
    close_handle(&handle);
}
END_TEST

/* What is looked up may be the proxy's name. */
START_TEST(with_a_proxy_an_address_takes_a_cache)
{
    struct haul_hosts_limits limits = few_names();
    struct handle handle;

    limits.has_proxy = true;
    make_hosts(limits);
    ck_assert(open_handle(&handle));
    ck_assert(!curl_easy_setopt(handle.easy, CURLOPT_PROXY, "http://proxy.test:3128"));
    for (int i = 0; i < 10; i++)
        ask(&handle, "http://198.51.100.1/", 0);
    ck_assert_int_eq(atomic_load(&look_ups), 1);
    close_handle(&handle);
}
END_TEST

START_TEST(resolve_holds_in_every_cache)
{
    struct curl_slist *entries = curl_slist_append(NULL, "pinned.test:80:" PINNED_ADDRESS);
    struct haul_hosts_limits limits = few_names();
    struct handle one, other;

    limits.resolve = curl_slist_append(entries, "198.51.100.1:80:" PINNED_ADDRESS);
    make_hosts(limits);
    ck_assert(open_handle(&one) && open_handle(&other));
    for (int i = 0; i < 10 * NAMES; i++) {
        struct handle *handle = i % 2 ? &one : &other;
        char url[64];

        snprintf(url, sizeof url, "http://h%d.test/", i);
        ask(handle, url, 0);
        ck_assert_str_eq(handle->address, ADDRESS);
        ask(handle, i % 3 ? "http://pinned.test/" : "http://198.51.100.1/", 0);
        ck_assert_str_eq(handle->address, PINNED_ADDRESS);
    }
    ck_assert_int_eq(atomic_load(&look_ups), 10 * NAMES);
    ck_assert_int_eq(atomic_load(&pinned_look_ups), 0);
    close_handle(&one);
    close_handle(&other);
    haul_hosts_free(hosts);
    hosts = NULL;
    curl_slist_free_all(entries);
}
END_TEST

/* ---- threads ---- */

static uv_barrier_t meeting;
static atomic_int failures;

/* All begin each round together; most rounds end a cache, by its names or by its life. */
static void work(void *arg)
{
    int number = *(int *)arg;
    struct handle handle;
    bool is_open = open_handle(&handle);

    for (int round = 0; round < ROUNDS; round++) {
        char url[64];

        snprintf(url, sizeof url, number % 4 ? "http://h%d.test/" : "http://198.51.100.%d/",
                 (number + round) % (NAMES + 2));
        uv_barrier_wait(&meeting);
        if (!is_open || !request(&handle, url, round * LIFE_US / 4))
            atomic_fetch_add(&failures, 1);
    }
    if (handle.easy)
        close_handle(&handle);
}

START_TEST(threads_share_caches_that_follow_each_other)
{
    struct haul_hosts_limits limits = few_names();
    uv_thread_t thread[THREADS];
    int number[THREADS];

    limits.rows = 1U + 2U * (unsigned)_i;
    make_hosts(limits);
    atomic_store(&failures, 0);
    ck_assert_int_eq(uv_barrier_init(&meeting, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        number[i] = i;
        ck_assert_int_eq(uv_thread_create(&thread[i], work, &number[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        uv_thread_join(&thread[i]);
    uv_barrier_destroy(&meeting);
    ck_assert_int_eq(atomic_load(&failures), 0);
    ck_assert_uint_le(haul_hosts_count(hosts), limits.rows);
    ck_assert_int_ge(atomic_load(&look_ups), ROUNDS / 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hosts");
    TCase *tcase = tcase_create("hosts");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, name_is_looked_up_once_for_all_handles);
    tcase_add_test(tcase, name_is_looked_up_again_after_its_life);
    tcase_add_test(tcase, full_cache_is_followed_by_an_empty_one);
    tcase_add_test(tcase, old_cache_is_freed_when_the_last_handle_has_left_it);
    tcase_add_test(tcase, without_memory_the_old_cache_goes_on);
    tcase_add_test(tcase, name_belongs_to_one_of_several_rows);
    tcase_add_loop_test(tcase, address_takes_no_cache, 0, (int)(sizeof urls / sizeof *urls));
    tcase_add_test(tcase, addresses_do_not_fill_a_cache);
    tcase_add_test(tcase, with_a_proxy_an_address_takes_a_cache);
    tcase_add_test(tcase, resolve_holds_in_every_cache);
    tcase_add_loop_test(tcase, threads_share_caches_that_follow_each_other, 0, 2);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
