#include <check.h>
#include <limits.h>

#include "engine/retry.h"
#include "http/field.h"
#include "model/entry_limits.h"

/* What the limits of a list come to, beside those that the user has set. */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const enum haul_list_keys ways[] = {HAUL_LIST_KEYS_SAFE, HAUL_LIST_KEYS_ALL};
enum { SAFE, ALL, WAYS };

static struct haul_config config;
static struct haul_entry_options options;

static void set_up(void)
{
    haul_config_init(&config);
    haul_entry_options_init(&options);
}

static void tear_down(void)
{
    haul_config_done(&config);
}

/* ---- attempts ---- */

static const struct {
    int retry, max_tries;
    int wanted[WAYS];
    bool is_told;
} tries[] = {
    {0, 1000000, {1, 1000000}, true},
    {0, 0, {1, INT_MAX}, true},
    {2, 3, {3, 3}, false},
    {2, 4, {3, 4}, true},
    {2, 1, {1, 1}, false},
    {2, -1, {3, 3}, false},
    {5, 6, {6, 6}, false},
    {1000, 0, {1001, INT_MAX}, true},
};

START_TEST(list_may_only_lower_the_attempts)
{
    config.retry = tries[_i].retry;
    options.max_tries = tries[_i].max_tries;
    for (int way = 0; way < WAYS; way++) {
        config.list_keys = ways[way];
        ck_assert_int_eq(haul_entry_tries(&config, &options), tries[_i].wanted[way]);
        ck_assert_uint_eq(haul_entry_excess_of(&config, &options, "http://a:80"),
                          way == SAFE && tries[_i].is_told ? HAUL_EXCESS_TRIES : 0);
    }
    ck_assert_int_eq(haul_entry_tries(&config, NULL), tries[_i].retry + 1);
}
END_TEST

static const struct {
    int64_t delay_ms, list_ms, own_us;
    int64_t wanted_us[WAYS];
    bool is_told;
} waits[] = {
    {60000, 0, 60000000, {60000000, 0}, true},
    {60000, 59000, 60000000, {60000000, 59000000}, true},
    {60000, 60000, 60000000, {60000000, 60000000}, false},
    {60000, 600000, 60000000, {600000000, 600000000}, false},
    {60000, -1, 60000000, {60000000, 60000000}, false},
    /* what haul waits by itself is a limit, too */
    {0, 0, 700000, {700000, 0}, true},
    {0, 1000, 700000, {1000000, 1000000}, false},
    {0, 1000, 7000000, {7000000, 1000000}, false},
};

START_TEST(list_may_only_raise_the_wait)
{
    config.retry_delay_ms = waits[_i].delay_ms;
    options.retry_wait_ms = waits[_i].list_ms;
    for (int way = 0; way < WAYS; way++) {
        config.list_keys = ways[way];
        ck_assert_int_eq(haul_entry_wait_us(&config, &options, waits[_i].own_us),
                         waits[_i].wanted_us[way]);
        ck_assert_uint_eq(haul_entry_excess_of(&config, &options, "http://a:80"),
                          way == SAFE && waits[_i].is_told ? HAUL_EXCESS_WAIT : 0);
    }
    ck_assert_int_eq(haul_entry_wait_us(&config, NULL, 5), 5);
}
END_TEST

/* The decision itself, which is what a server sees. */
START_TEST(decision_keeps_to_the_limits_of_the_run)
{
    struct haul_job *job = haul_job_create(&(struct haul_job_text){
        .shown = "http://a/", .shown_len = 9, .url = "http://a/", .origin = "http://a:80"});
    uint64_t seed = 1;
    struct haul_retry retry;

    ck_assert_ptr_nonnull(job);
    options.max_tries = 1000000;
    options.retry_wait_ms = 0;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    job->rec.outcome = HAUL_OUTCOME_FAILED;
    job->rec.reason = HAUL_REASON_TIMEOUT;
    job->first_start_us = 1;
    config.retry = 1;
    config.retry_delay_ms = 60000;
    config.list_keys = ways[_i];
    job->rec.attempts = 1;
    retry = haul_retry_decide(&config, job, 2, &seed);
    ck_assert(retry.again);
    ck_assert_int_eq(retry.wait_us, _i == SAFE ? 60000000 : 0);
    job->rec.attempts = 2;
    ck_assert_int_eq(haul_retry_decide(&config, job, 3, &seed).again, _i == ALL);
    haul_job_free(job);
}
END_TEST

/* ---- the time of one ---- */

struct times {
    int connect_ms;
    int64_t speed;
    int stall_s;
};

static const struct {
    struct times own;
    int64_t connect_ms, speed, stall_ms; /* of the list; -1: it says nothing */
    struct times wanted[WAYS];
    unsigned told;
} times[] = {
    {{1000, 1, 30}, -1, -1, 600000, {{1000, 1, 30}, {1000, 1, 600}}, HAUL_EXCESS_TIMEOUT},
    {{1000, 1, 30}, -1, -1, 30000, {{1000, 1, 30}, {1000, 1, 30}}, 0},
    {{1000, 1, 30}, -1, -1, 5000, {{1000, 1, 5}, {1000, 1, 5}}, 0},
    {{1000, 1, 30}, 600000, -1, -1, {{1000, 1, 30}, {600000, 1, 30}}, HAUL_EXCESS_CONNECT},
    {{9000, 1, 30}, 1000, -1, -1, {{1000, 1, 30}, {1000, 1, 30}}, 0},
    {{1000, 100, 30}, -1, 0, -1, {{1000, 100, 30}, {1000, 0, 30}}, HAUL_EXCESS_SPEED},
    {{1000, 100, 30}, -1, 99, -1, {{1000, 100, 30}, {1000, 99, 30}}, HAUL_EXCESS_SPEED},
    {{1000, 100, 30}, -1, 100, -1, {{1000, 100, 30}, {1000, 100, 30}}, 0},
    {{1000, 100, 30}, -1, 5000, -1, {{1000, 5000, 30}, {1000, 5000, 30}}, 0},
    {{1000, 100, 30},
     -1,
     0,
     600000,
     {{1000, 100, 30}, {1000, 1, 600}},
     HAUL_EXCESS_SPEED | HAUL_EXCESS_TIMEOUT},
    /* a user who has no limit on slowness cannot be given a longer one */
    {{1000, 0, 30}, -1, -1, 600000, {{1000, 1, 600}, {1000, 1, 600}}, 0},
    {{1000, 0, 30}, -1, 0, -1, {{1000, 0, 30}, {1000, 0, 30}}, 0},
    {{1000, 0, 30}, -1, -1, -1, {{1000, 0, 30}, {1000, 0, 30}}, 0},
};

/* The user has said it for all hosts, or for this one, and something laxer for the others. */
static void set_own(const struct times *own, bool by_rule)
{
    static struct haul_host_rule rule;

    rule = (struct haul_host_rule){.pattern = "a",
                                   .says = HAUL_HOST_SAYS_CONNECT_TIMEOUT |
                                           HAUL_HOST_SAYS_SPEED_LIMIT | HAUL_HOST_SAYS_SPEED_TIME,
                                   .connect_timeout_ms = own->connect_ms,
                                   .speed_limit = own->speed,
                                   .speed_time_s = own->stall_s};
    config.connect_timeout_ms = by_rule ? 86400000 : own->connect_ms;
    config.speed_limit = by_rule ? 0 : own->speed;
    config.speed_time_s = by_rule ? 86400 : own->stall_s;
    config.host_rule = &rule;
    config.host_rule_count = by_rule;
}

START_TEST(list_may_only_shorten_the_time_of_an_attempt)
{
    options.connect_timeout_ms = times[_i].connect_ms;
    options.speed_limit = times[_i].speed;
    options.timeout_ms = times[_i].stall_ms;
    for (int i = 0; i < 2 * WAYS; i++) {
        int way = i % WAYS;
        const struct times *wanted = &times[_i].wanted[way];
        struct haul_host_settings host;

        set_own(&times[_i].own, i >= WAYS);
        config.list_keys = ways[way];
        haul_host_find_settings(&config, "http://a:80", &host);
        haul_entry_limit_host(&config, &options, &host);
        ck_assert_int_eq(host.connect_timeout_ms, wanted->connect_ms);
        ck_assert_int_eq(host.speed_limit, wanted->speed);
        ck_assert_int_eq(host.speed_time_s, wanted->stall_s);
        ck_assert_uint_eq(haul_entry_excess_of(&config, &options, "http://a:80"),
                          way == SAFE ? times[_i].told : 0);
    }
    config.host_rule_count = 0;
}
END_TEST

/* ---- fields ---- */

/* What people write into their lists. */
static const char *const harmless[] = {
    "Accept: */*",
    "accept-LANGUAGE: de",
    "Accept;",
    "Authorization: Bearer a",
    "Cache-Control: no-cache",
    "Cookie: a=b",
    "Cookie:",
    "DNT: 1",
    "Origin: http://a",
    "PRIVATE-TOKEN: a",
    "Pragma: no-cache",
    "Referer: http://a/",
    "Sec-Fetch-Mode: navigate",
    "User-Agent: a",
    "X-Api-Key: a",
    "X-Token: a",
    "X-Requested-With: XMLHttpRequest",
};

static const char *const others[] = {
    "Host: evil.example",
    "hOST:evil",
    "Host;",
    "Host:",
    "X-Host: a",
    "Forwarded: for=127.0.0.1",
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: a",
    "x-forwarded-x: a",
    "X-Original-URL: /admin",
    "X-Rewrite-URL: /admin",
    "X-Real-IP: 127.0.0.1",
    "X-HTTP-Method-Override: DELETE",
    "X-HTTP-Method: DELETE",
    "X-Method-Override: DELETE",
    "Proxy-Authorization: Basic eDp5",
    "Proxy-Connection: keep-alive",
    "Keep-Alive: 5",
    "Via: 1.1 a",
    "Metadata-Flavor: Google",
    "Metadata: true",
    "X-aws-ec2-metadata-token: a",
    /* a program behind CGI cannot tell these from the ones above: HTTP_X_FORWARDED_FOR */
    "X_Forwarded_For: 127.0.0.1",
    "X-Forwarded_For: 127.0.0.1",
    "x_forwarded_: a",
    "X_HTTP_Method_Override: DELETE",
    "X.Forwarded.For: 127.0.0.1",
    "X~Real!IP: 127.0.0.1",
    "X_HOST: a",
    "Proxy_Authorization: Basic eDp5",
    "Transfer_Encoding: chunked", /* with '-' no list may set these, however it is read */
    "Content_Length: 5",
    "Content.Length: 5",
    "Accept_Encoding: br",
    "User_Agent: a",
    "Proxy: http://evil/", /* HTTP_PROXY */
    "proxy;",
    "X-Accel-Mapping: /=/",
    "X-Sendfile-Type: X-Accel-Redirect",
    "X-Middleware-Subrequest: middleware",
    "Fastly-Client-IP: 127.0.0.1",
    "X_Scheme: https",
    /* of which each server and each proxy has its own */
    "Remote-User: root",
    "Remote_User: root",
    "X-Auth-Request-User: root",
    "X-WEBAUTH-USER: root",
    "X-MS-Client-Principal: a",
    "Tailscale-User-Login: root",
    "X-SSL-Client-Verify: SUCCESS",
    "Incap-Client-IP: 127.0.0.1",
    "X-Azure-ClientIP: 127.0.0.1",
    "X-ProxyUser-Ip: 127.0.0.1",
    "X-Envoy-Original-Path: /admin",
    "X-Override-URL: /admin",
    "X-aliyun-ecs-metadata-token: a",
    "X-Metadata-Token: a",
    "X-Any: what nobody knows",
    "Authorization-: a",
    "Accepts: a",
    "Accep: a",
};

START_TEST(harmless_field_is_known)
{
    ck_assert_ptr_null(haul_field_check(harmless[_i]));
    ck_assert_msg(haul_field_is_harmless(harmless[_i]), "%s", harmless[_i]);
}
END_TEST

START_TEST(field_that_may_do_harm_is_none_of_the_harmless)
{
    ck_assert_ptr_null(haul_field_check(others[_i]));
    ck_assert_msg(!haul_field_is_harmless(others[_i]), "%s", others[_i]);
}
END_TEST

START_TEST(keys_are_called_as_lists_write_them)
{
    ck_assert_str_eq(haul_entry_excess_key(0), "max-tries");
    ck_assert_str_eq(haul_entry_excess_key(HAUL_EXCESS_COUNT - 1), "lowest-speed-limit");
    ck_assert_int_eq(1 << (HAUL_EXCESS_COUNT - 1), HAUL_EXCESS_SPEED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("entry_limits");
    TCase *tcase = tcase_create("entry_limits");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, list_may_only_lower_the_attempts, 0, COUNT(tries));
    tcase_add_loop_test(tcase, list_may_only_raise_the_wait, 0, COUNT(waits));
    tcase_add_loop_test(tcase, decision_keeps_to_the_limits_of_the_run, 0, WAYS);
    tcase_add_loop_test(tcase, list_may_only_shorten_the_time_of_an_attempt, 0, COUNT(times));
    tcase_add_loop_test(tcase, harmless_field_is_known, 0, COUNT(harmless));
    tcase_add_loop_test(tcase, field_that_may_do_harm_is_none_of_the_harmless, 0, COUNT(others));
    tcase_add_test(tcase, keys_are_called_as_lists_write_them);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
