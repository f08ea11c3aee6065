/* A session of HTTP/2 against nghttp2's own server, in memory. */
#include <check.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <string.h>

#include "h2_world.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#if NGHTTP2_VERSION_NUM >= 0x013d00
#define READ_RESULT nghttp2_ssize
#define DATA_PROVIDER nghttp2_data_provider2
#define SUBMIT_RESPONSE nghttp2_submit_response2
#define MEM_RECV nghttp2_session_mem_recv2
#define MEM_SEND nghttp2_session_mem_send2
#else
#define READ_RESULT ssize_t
#define DATA_PROVIDER nghttp2_data_provider
#define SUBMIT_RESPONSE nghttp2_submit_response
#define MEM_RECV nghttp2_session_mem_recv
#define MEM_SEND nghttp2_session_mem_send
#endif

static struct h2_world world;
static nghttp2_session *server;
static struct haul_buf asked; /* the fields of the last request, as lines */
static int64_t left[2 * H2_WORLD_MAX + 2];
static int64_t size; /* of each body */
static int asked_count;

static READ_RESULT read_body(nghttp2_session *session, int32_t stream, uint8_t *buf, size_t length,
                             uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    int64_t count = (int64_t)length < left[stream] ? (int64_t)length : left[stream];

    (void)session;
    (void)source;
    (void)arg;
    memset(buf, 'y', (size_t)count);
    left[stream] -= count;
    if (left[stream] == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (READ_RESULT)count;
}

static int on_field(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                    void *arg)
{
    (void)session;
    (void)frame;
    (void)flags;
    (void)arg;
    haul_buf_addf(&asked, "%.*s: %.*s\n", (int)name_len, (const char *)name, (int)value_len,
                  (const char *)value);
    return 0;
}

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    (void)session;
    (void)frame;
    (void)arg;
    haul_buf_clear(&asked);
    asked_count++;
    return 0;
}

static int on_request(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
    static uint8_t name[] = ":status", value[] = "200";
    const nghttp2_nv field = {name, value, sizeof name - 1, sizeof value - 1, 0};
    DATA_PROVIDER provider = {.read_callback = read_body};
    int32_t stream = frame->hd.stream_id;

    (void)arg;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    ck_assert(frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
    left[stream] = size;
    ck_assert_int_eq(SUBMIT_RESPONSE(session, stream, &field, 1, &provider), 0);
    return 0;
}

static void start(const nghttp2_settings_entry *settings, size_t count)
{
    nghttp2_session_callbacks *callbacks;

    haul_buf_init(&asked, 0);
    asked_count = 0;
    size = 5;
    ck_assert_int_eq(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_field);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_request);
    ck_assert_int_eq(nghttp2_session_server_new(&server, callbacks, NULL), 0);
    nghttp2_session_callbacks_del(callbacks);
    ck_assert_int_eq(nghttp2_submit_settings(server, 0, settings, count), 0);
    h2_world_start_silent(&world);
}

static void stop(void)
{
    h2_world_stop(&world);
    nghttp2_session_del(server);
    haul_buf_done(&asked);
}

/* Both speak until neither has anything to say. */
static void speak(void)
{
    const uint8_t *bytes;
    long len;

    do {
        h2_world_pull(&world);
        if (world.sent.len > 0)
            ck_assert_int_eq(MEM_RECV(server, (const uint8_t *)world.sent.data, world.sent.len),
                             (long)world.sent.len);
        haul_buf_clear(&world.sent);
        while ((len = (long)MEM_SEND(server, &bytes)) > 0)
            h2_world_receive(&world, (const char *)bytes, (size_t)len);
        ck_assert_int_eq(len, 0);
    } while (world.sent.len > 0);
}

/* ---- what is asked ---- */

#define BEGIN(path) ":method: GET\n:scheme: https\n:authority: host.test\n:path: " path "\n"

static const struct {
    const char *method, *url, *fields, *asked;
} requests[] = {
    {"GET", "https://host.test/", "", BEGIN("/")},
    {"GET", "https://host.test", "", BEGIN("/")},
    {"GET", "https://host.test?a=b/c", "", BEGIN("/?a=b/c")},
    {"GET", "https://host.test/a/b?c=https://x/y", "", BEGIN("/a/b?c=https://x/y")},
    {"GET", "https://host.test:8443/x", "", BEGIN("/x")},
    {"GET", "https://[::1]:8443/x:y", "", BEGIN("/x:y")},
    {"HEAD", "http://host.test/x", "",
     ":method: HEAD\n:scheme: http\n:authority: host.test\n:path: /x\n"},
    {"GET", "https://host.test/",
     "User-Agent: haul/1 (x: y)\r\nX-Empty:\r\nX-B: \r\nACCEPT: */*\r\n",
     BEGIN("/") "user-agent: haul/1 (x: y)\nx-empty: \nx-b: \naccept: */*\n"},
    {"GET", "https://host.test/", "Connection: close\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nA: b\r\n",
     BEGIN("/") "a: b\n"},
};

START_TEST(request_is_read_as_it_was_meant)
{
    struct h2_one *one;
    int64_t lines = 2;

    start(NULL, 0);
    one = h2_world_ask(&world, 0, requests[_i].method, requests[_i].url, requests[_i].fields);
    speak();
    ck_assert_str_eq(haul_buf_str(&asked), requests[_i].asked);
    for (const char *at = requests[_i].asked; *at; at++)
        lines += *at == '\n' ? 2 : 1;
    ck_assert_int_eq(one->exchange.request_bytes, lines);
    stop();
}
END_TEST

START_TEST(field_of_60_kB_is_sent)
{
    struct haul_buf field;
    struct h2_one *one;
    char told[256];

    haul_buf_init(&field, 0);
    haul_buf_add_str(&field, "X-Long: ");
    haul_buf_pad(&field, 'x', 60000);
    haul_buf_add_str(&field, "\r\n");
    start(NULL, 0);
    one = h2_world_ask(&world, 0, "GET", "https://host.test/", haul_buf_str(&field));
    speak();
    ck_assert_str_eq(h2_world_told(one, told), "200 'yyyyy' stream");
    ck_assert_int_eq(one->exchange.request_bytes, (int64_t)(strlen(BEGIN("/")) + 4 + 60000 + 12));
    stop();
    haul_buf_done(&field);
}
END_TEST

START_TEST(request_that_is_too_large_fails_alone)
{
    struct haul_buf field;
    struct h2_one *large, *other;
    char told[256];

    haul_buf_init(&field, 0);
    haul_buf_add_str(&field, "X-Long: ");
    haul_buf_pad(&field, 'x', 2000000);
    haul_buf_add_str(&field, "\r\n");
    start(NULL, 0);
    large = h2_world_ask(&world, 0, "GET", "https://host.test/", haul_buf_str(&field));
    other = h2_world_begin(&world, 1);
    speak();
    ck_assert_str_eq(h2_world_told(large, told), "0 '' failed internal");
    ck_assert_str_eq(h2_world_told(other, told), "200 'yyyyy' stream");
    stop();
    haul_buf_done(&field);
}
END_TEST

/* ---- what is answered ---- */

START_TEST(large_bodies_pass_through_the_windows)
{
    char told[256];

    start(NULL, 0);
    size = 40000000;
    for (int i = 0; i < 2; i++)
        h2_world_begin(&world, i);
    speak();
    for (int i = 0; i < 2; i++) {
        world.ones[i].body.len = 0;
        ck_assert_str_eq(h2_world_told(&world.ones[i], told), "200 '' stream");
        ck_assert_int_eq(world.ones[i].body_bytes, size);
    }
    stop();
}
END_TEST

/* `begun` have been. */
static void ask_many(int begun, int limit, int total)
{
    char told[256];

    while (begun < total) {
        while (begun < total && haul_h2_room(world.h2) > 0)
            h2_world_begin(&world, begun++);
        speak();
    }
    ck_assert_int_eq(haul_h2_room(world.h2), limit);
    ck_assert_int_eq(asked_count, total);
    for (int i = 0; i < total; i++)
        ck_assert_str_eq(h2_world_told(&world.ones[i], told), "200 'yyyyy' stream");
}

START_TEST(streams_up_to_the_server_s_limit_are_served)
{
    static const uint32_t limits[] = {1, 2, 100, 250, 256};
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits[_i]}};

    start(settings, 1);
    speak();
    ask_many(0, (int)limits[_i], 260);
    stop();
}
END_TEST

/* The server changes its mind while requests are under way (6.5.3). */
START_TEST(settings_in_flight_are_followed)
{
    static const nghttp2_settings_entry settings[][2] = {
        {{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}},
        {{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 100000}, {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 100000}},
        {{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 100}, {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 7}}};

    start(NULL, 0);
    for (int i = 0; i < 30; i++) {
        h2_world_begin(&world, i);
        if (i % 3 == 1)
            ck_assert_int_eq(nghttp2_submit_settings(server, 0, settings[i / 3 % 3], 2), 0);
        if (i % 3 == 2)
            speak();
    }
    ask_many(30, 7, 33);
    stop();
}
END_TEST

START_TEST(server_that_shuts_down_serves_what_it_has)
{
    char told[256];

    start(NULL, 0);
    speak();
    h2_world_begin(&world, 0);
    ck_assert_int_eq(nghttp2_submit_shutdown_notice(server), 0);
    speak();
    ck_assert_int_eq(nghttp2_submit_goaway(server, 0, 1, NGHTTP2_NO_ERROR, NULL, 0), 0);
    speak();
    ck_assert_str_eq(h2_world_told(&world.ones[0], told), "200 'yyyyy' stream");
    ck_assert(!world.goes_on);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("h2_peer");
    TCase *tcase = tcase_create("h2_peer");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, request_is_read_as_it_was_meant, 0, COUNT(requests));
    tcase_add_test(tcase, field_of_60_kB_is_sent);
    tcase_add_test(tcase, request_that_is_too_large_fails_alone);
    tcase_add_test(tcase, large_bodies_pass_through_the_windows);
    tcase_add_loop_test(tcase, streams_up_to_the_server_s_limit_are_served, 0, 5);
    tcase_add_test(tcase, settings_in_flight_are_followed);
    tcase_add_test(tcase, server_that_shuts_down_serves_what_it_has);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
