#include <check.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fail_alloc.h"
#include "wire/wire_inside.h"
#include "wire_world.h"

#define EMPTY_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* ---- these stand before libcurl's and the C library's ---- */

/* What becomes of the calls that make libcurl go on. */
static enum { GOES_ON, STOPS_ONCE, IS_LOST } libcurl;

static bool ages_early;
static int polls, multis;

CURL *__real_curl_easy_init(void);
CURL *__wrap_curl_easy_init(void);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

CURL *__wrap_curl_easy_init(void)
{
    CURL *easy = __real_curl_easy_init();

    if (easy && ages_early)
        curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 1L);
    return easy;
}

CURLM *__real_curl_multi_init(void);
CURLM *__wrap_curl_multi_init(void);

CURLM *__wrap_curl_multi_init(void)
{
    multis++;
    return __real_curl_multi_init();
}

CURLMcode __real_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int bits, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int bits, int *running);

CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int bits, int *running)
{
    bool stops = libcurl == STOPS_ONCE;

    if (libcurl == GOES_ON)
        return __real_curl_multi_socket_action(multi, fd, bits, running);
    *running = 1;
    if (stops)
        libcurl = GOES_ON;
    return stops ? CURLM_OUT_OF_MEMORY : CURLM_OK;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    polls++;
    return __real_poll(fds, count, timeout);
}

/* ---- the world of a case ---- */

static struct wire_world world;
static struct wire_one first, second;

static void begin(void)
{
    ages_early = false;
    libcurl = GOES_ON;
    wire_world_init(&world);
}

static void end(void)
{
    wire_one_done(&first);
    wire_one_done(&second);
    wire_world_stop(&world);
}

static void start_world(void)
{
    wire_world_start(&world);
    wire_one_init(&world, &first, NULL);
    wire_one_init(&world, &second, NULL);
}

static void start_both(void)
{
    wire_one_start(&world, &first);
    wire_one_start(&world, &second);
}

static void wait_us(int64_t us)
{
    int64_t until_us = haul_clock_us() + us;

    while (haul_clock_us() < until_us)
        wire_turn(&world);
}

/* ---- those who wait for a connection of another's ---- */

static char silent_origin[64];

/* The server never says a word of TLS. */
static void ask_silent_server(void)
{
    start_world();
    snprintf(silent_origin, sizeof silent_origin, "https://127.0.0.1:%d", world.port);
    first.exchange.request.origin = second.exchange.request.origin = silent_origin;
    first.exchange.request.url = second.exchange.request.url = silent_origin;
    world.is_mute = true;
}

static void check_second_goes_on_alone(void)
{
    start_both();
    wire_await(&world, &first);
    ck_assert_int_eq(first.exchange.reason, HAUL_REASON_TIMEOUT);
    while (world.peers < 2) {
        ck_assert(!second.is_over);
        wire_turn(&world);
    }
    ck_assert(!second.is_over);
    haul_wire_cancel(world.wire, &second.exchange);
}

START_TEST(who_has_more_time_to_connect_gets_a_connection_of_its_own)
{
    ask_silent_server();
    first.exchange.limits.connect_timeout_ms = 50;
    check_second_goes_on_alone();
}
END_TEST

START_TEST(end_of_ones_time_is_not_that_of_those_who_wait_too)
{
    ask_silent_server();
    first.exchange.limits.until_us = haul_clock_us() + 50000;
    check_second_goes_on_alone();
}
END_TEST

/* ---- bytes that nobody asked for ---- */

/* With this rate 256 bytes are read at a time: just the first answer. */
START_TEST(surplus_behind_a_full_read_is_no_answer)
{
    char text[512];
    int head;

    world.config.limit_rate = 4096;
    start_world();
    wire_one_start(&world, &first);
    wire_await_request(&world, 0);
    head = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %03d\r\n\r\n", 256 - 40);
    memset(text + head, 'x', (size_t)(256 - head));
    strcpy(text + 256, EMPTY_ANSWER);
    ck_assert_int_eq(head, 40);
    wire_say(&world, 0, text);
    wire_await(&world, &first);
    ck_assert_int_eq(first.exchange.end, HAUL_END_LENGTH);
    wire_one_start(&world, &second);
    wire_await_request(&world, 1);
    wire_say(&world, 1, EMPTY_ANSWER);
    wire_await(&world, &second);
    ck_assert_int_eq(second.exchange.end, HAUL_END_LENGTH);
    ck_assert(!second.exchange.reused);
}
END_TEST

/* What waits there, idle, may have come before that. */
START_TEST(origin_out_of_step_is_asked_on_no_idle_connection)
{
    start_world();
    start_both();
    wire_await_request(&world, 0);
    wire_await_request(&world, 1);
    wire_say(&world, 0, EMPTY_ANSWER);
    while (!first.is_over && !second.is_over)
        wire_turn(&world);
    wire_say(&world, 1, EMPTY_ANSWER EMPTY_ANSWER);
    wire_await(&world, &first);
    wire_await(&world, &second);
    wire_one_done(&first);
    wire_one_init(&world, &first, NULL);
    wire_one_start(&world, &first);
    wire_await_request(&world, 2);
    wire_say(&world, 2, EMPTY_ANSWER);
    wire_await(&world, &first);
    ck_assert_int_eq(first.exchange.end, HAUL_END_LENGTH);
    ck_assert(!first.exchange.reused);
}
END_TEST

/* ---- what is held ---- */

/* poll(2) tells of an end whether it is asked or not. */
START_TEST(end_of_a_connection_that_is_held_does_not_keep_the_wire_busy)
{
    char body[1025];

    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    world.config.limit_rate = 1024;
    start_world();
    wire_one_start(&world, &first);
    wire_await_request(&world, 0);
    wire_say(&world, 0, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    wire_say(&world, 0, body);
    wire_break(&world, 0);
    polls = 0;
    while (!first.is_over) {
        haul_wire_run(world.wire, HAUL_CLOCK_NEVER);
        first.is_over = haul_wire_take_done(world.wire);
    }
    ck_assert_int_eq(first.exchange.end, HAUL_END_FAILED);
    ck_assert_int_lt(polls, 40);
}
END_TEST

/* The wire's own wish is no stall of who comes next. The second 256 bytes cost more than 2 s. */
START_TEST(one_that_gets_a_connection_that_is_held_has_the_time_for_it)
{
    char text[513];
    int head;

    world.config.limit_rate = 100;
    start_world();
    second.exchange.limits.speed_limit = second.exchange.limits.speed_time_s = 1;
    wire_one_start(&world, &first);
    wire_await_request(&world, 0);
    head = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 512 - 40);
    memset(text + head, 'x', (size_t)(512 - head));
    text[512] = '\0';
    wire_say(&world, 0, text);
    wire_await(&world, &first);
    wire_forget(&world, 0);
    wire_one_start(&world, &second);
    wire_await_request(&world, 0);
    wire_say(&world, 0, EMPTY_ANSWER);
    wire_await(&world, &second);
    ck_assert(second.exchange.reused);
    ck_assert_msg(second.exchange.end == HAUL_END_LENGTH, "%s", second.exchange.message);
}
END_TEST

/* ---- large requests ---- */

/* What a TLS record could not be sent of is sent later, from another place in memory. */
START_TEST(request_larger_than_all_buffers_is_sent)
{
    enum { SIZE = 16 * 1024 * 1024 };
    char *text = malloc(SIZE);

    world.is_secure = _i;
    start_world();
    ck_assert(text);
    memset(text, 'x', SIZE);
    haul_buf_add_str(&first.fields, "X: ");
    haul_buf_add(&first.fields, text, SIZE);
    haul_buf_add_str(&first.fields, "\r\n");
    free(text);
    wire_one_start(&world, &first);
    wire_await_request(&world, 0);
    wire_say(&world, 0, EMPTY_ANSWER);
    wire_await(&world, &first);
    ck_assert_msg(first.exchange.end == HAUL_END_LENGTH, "%s", first.exchange.message);
}
END_TEST

/* ---- proxies ---- */

/* --connect-to makes libcurl ask any proxy for a tunnel, and a tunnel leads to one origin. */
START_TEST(tunnel_serves_its_own_origin_only)
{
    char proxy[64];

    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", world.port);
    world.config.proxy = proxy;
    ck_assert(!haul_config_add_string(&world.config, &world.config.connect_to,
                                      "nowhere.invalid:1:127.0.0.1:1"));
    wire_world_start(&world);
    wire_one_init(&world, &first, "http://a.invalid:80");
    wire_one_init(&world, &second, "http://b.invalid:80");
    for (int i = 0; i < 2; i++) {
        struct wire_one *one = i ? &second : &first;

        wire_one_start(&world, one);
        wire_await_request(&world, i);
        ck_assert(strstr(world.peer[i].seen, i ? "CONNECT b.invalid:80" : "CONNECT a.invalid:80"));
        wire_forget(&world, i);
        wire_say(&world, i, "HTTP/1.1 200 OK\r\n\r\n");
        wire_await_request(&world, i);
        wire_say(&world, i, EMPTY_ANSWER);
        wire_await(&world, one);
        ck_assert_int_eq(one->exchange.end, HAUL_END_LENGTH);
    }
}
END_TEST

/* That the server speaks HTTP/2 says nothing of a proxy. */
START_TEST(proxy_is_asked_in_http_1)
{
    char proxy[64];

    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", world.port);
    world.config.proxy = proxy;
    world.config.http_version = HAUL_HTTP_2_PRIOR;
    wire_world_start(&world);
    wire_one_init(&world, &first, "http://a.invalid:80");
    wire_one_init(&world, &second, NULL);
    wire_one_start(&world, &first);
    while (!world.peers || !world.peer[0].seen_len)
        wire_turn(&world);
    ck_assert_int_eq(strncmp(world.peer[0].seen, "GET http://a.invalid:80/ HTTP/1.1\r\n", 35), 0);
    wire_await_request(&world, 0);
    wire_say(&world, 0, EMPTY_ANSWER);
    wire_await(&world, &first);
    ck_assert_int_eq(first.exchange.end, HAUL_END_LENGTH);
}
END_TEST

/* ---- what libcurl does with connections that it takes for idle ---- */

/* Handed over, they are haul's, however old they are and whoever speaks first. */
START_TEST(connection_outlives_those_made_after_it)
{
    ages_early = true;
    start_world();
    second.exchange.fresh = true;
    wire_one_start(&world, &first);
    wire_await_request(&world, 0);
    wire_say(&world, 0, "HTTP/1.1 200 OK\r\n");
    wait_us(2100000);
    wire_say(&world, 0, "Content-Length: 0\r\n");
    wire_one_start(&world, &second);
    wire_await_request(&world, 1);
    wire_say(&world, 1, EMPTY_ANSWER);
    wire_await(&world, &second);
    wire_say(&world, 0, "\r\n");
    wire_await(&world, &first);
    ck_assert_int_eq(first.exchange.end, HAUL_END_LENGTH);
    ck_assert_int_eq(second.exchange.end, HAUL_END_LENGTH);
}
END_TEST

/* ---- no memory ---- */

START_TEST(connection_that_could_not_be_watched_is_not)
{
    enum { ROOM = 7 };
    static struct haul_conn conn[ROOM + 1];
    struct haul_watch watch = {NULL, NULL, 0, 0};

    start_world();
    ck_assert(haul_watch_init(&watch, 0));
    for (int i = 0; i < ROOM; i++)
        ck_assert(haul_watch_add(&watch, &conn[i], i + 1, POLLIN));
    fail_alloc_arm(1);
    ck_assert(!haul_watch_add(&watch, &conn[ROOM], ROOM + 1, POLLIN));
    ck_assert(fail_alloc_disarm());
    ck_assert_uint_eq(conn[ROOM].place, 0);
    ck_assert_uint_eq(watch.count, ROOM + 1);
    haul_watch_done(&watch);
}
END_TEST

/* Without a descriptor and a timer, libcurl would never be called again. */
START_TEST(error_of_libcurl_ends_all_that_are_being_made)
{
    int taken;

    start_world();
    taken = world.taken;
    libcurl = STOPS_ONCE;
    start_both();
    wire_await(&world, &first);
    if (!second.is_over)
        wire_await_request(&world, 0);
    wire_answer_all(&world, EMPTY_ANSWER);
    wire_await(&world, &second);
    ck_assert_int_eq(world.taken, taken + 2);
    ck_assert_int_eq(first.exchange.reason, HAUL_REASON_NO_MEMORY);
}
END_TEST

START_TEST(error_of_libcurl_ends_those_that_wait_for_bytes_too)
{
    ask_silent_server();
    start_both();
    while (!world.peers)
        wire_turn(&world);
    libcurl = STOPS_ONCE;
    wire_close_peers(&world);
    wire_await(&world, &first);
    wire_await(&world, &second);
    ck_assert_int_eq(first.exchange.reason, HAUL_REASON_NO_MEMORY);
    ck_assert_int_eq(second.exchange.reason, HAUL_REASON_NO_MEMORY);
}
END_TEST

/* Those that are made go on; what libcurl knows of descriptors is not used for another one. */
START_TEST(error_of_libcurl_ends_no_connection_that_is_made)
{
    start_world();
    second.exchange.fresh = true;
    wire_one_start(&world, &first);
    wire_await_request(&world, 0);
    multis = 0;
    libcurl = STOPS_ONCE;
    wire_one_start(&world, &second);
    wire_await(&world, &second);
    ck_assert_int_eq(second.exchange.reason, HAUL_REASON_NO_MEMORY);
    wire_one_done(&second);
    wire_one_init(&world, &second, NULL);
    wire_one_start(&world, &second);
    wire_await_request(&world, 1);
    ck_assert_int_eq(multis, 1);
    wire_answer_all(&world, EMPTY_ANSWER);
    wire_await(&world, &first);
    wire_await(&world, &second);
    ck_assert_int_eq(first.exchange.end, HAUL_END_LENGTH);
    ck_assert_int_eq(second.exchange.end, HAUL_END_LENGTH);
}
END_TEST

/* It tells of nothing any more, be it descriptors, timers or ends. */
START_TEST(connection_ends_though_libcurl_has_lost_it)
{
    start_world();
    first.exchange.limits.connect_timeout_ms = 50;
    libcurl = IS_LOST;
    wire_one_start(&world, &first);
    while (!first.is_over) {
        haul_wire_run(world.wire, HAUL_CLOCK_NEVER);
        first.is_over = haul_wire_take_done(world.wire);
    }
    ck_assert_int_eq(first.exchange.reason, HAUL_REASON_TIMEOUT);
    ck_assert_int_eq(first.exchange.exitcode, CURLE_OPERATION_TIMEDOUT);
    libcurl = GOES_ON;
    wire_one_start(&world, &second);
    wire_await_request(&world, 0);
    wire_answer_all(&world, EMPTY_ANSWER);
    wire_await(&world, &second);
    ck_assert_int_eq(second.exchange.end, HAUL_END_LENGTH);
}
END_TEST

/* Each comes out of it once, whatever fails; or the walk does not end. */
START_TEST(whatever_cannot_be_allocated_both_are_over_once)
{
    bool walking = true;

    start_world();
    for (long n = 1; walking; n++) {
        int taken = world.taken;

        haul_wire_free(world.wire);
        wire_close_peers(&world);
        ck_assert(!haul_wire_create(world.common, &world.stop, WIRE_PEERS, &world.wire));
        fail_alloc_arm(n);
        start_both();
        while (!first.is_over || !second.is_over) {
            wire_turn(&world);
            wire_answer_all(&world, EMPTY_ANSWER);
        }
        walking = fail_alloc_disarm();
        ck_assert_int_eq(world.taken, taken + 2);
        ck_assert(first.exchange.end == HAUL_END_LENGTH ||
                  first.exchange.reason == HAUL_REASON_NO_MEMORY);
        ck_assert(second.exchange.end == HAUL_END_LENGTH ||
                  second.exchange.reason == HAUL_REASON_NO_MEMORY);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire");
    TCase *tcase = tcase_create("wire");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, who_has_more_time_to_connect_gets_a_connection_of_its_own);
    tcase_add_test(tcase, end_of_ones_time_is_not_that_of_those_who_wait_too);
    tcase_add_test(tcase, surplus_behind_a_full_read_is_no_answer);
    tcase_add_test(tcase, origin_out_of_step_is_asked_on_no_idle_connection);
    tcase_add_test(tcase, end_of_a_connection_that_is_held_does_not_keep_the_wire_busy);
    tcase_add_test(tcase, one_that_gets_a_connection_that_is_held_has_the_time_for_it);
    tcase_add_loop_test(tcase, request_larger_than_all_buffers_is_sent, 0, 2);
    tcase_add_test(tcase, tunnel_serves_its_own_origin_only);
    tcase_add_test(tcase, proxy_is_asked_in_http_1);
    tcase_add_test(tcase, connection_outlives_those_made_after_it);
    tcase_add_test(tcase, connection_that_could_not_be_watched_is_not);
    tcase_add_test(tcase, error_of_libcurl_ends_all_that_are_being_made);
    tcase_add_test(tcase, error_of_libcurl_ends_those_that_wait_for_bytes_too);
    tcase_add_test(tcase, error_of_libcurl_ends_no_connection_that_is_made);
    tcase_add_test(tcase, connection_ends_though_libcurl_has_lost_it);
    tcase_add_test(tcase, whatever_cannot_be_allocated_both_are_over_once);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
