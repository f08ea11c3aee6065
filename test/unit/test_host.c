#include <check.h>
#include <string.h>

#include "model/host.h"

static const struct glob_case {
    const char *pattern, *text;
    bool matches;
} glob_cases[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"*", "", true},
    {"*", "www.example.com", true},
    {"www.example.com", "www.example.com", true},
    {"www.example.com", "www.example.co", false},
    {"www.example.co", "www.example.com", false},
    {"*.example.com", "www.example.com", true},
    {"*.example.com", "a.b.example.com", true},
    {"*.example.com", "example.com", false},
    {"*.example.com", "www.example.com.evil.test", false},
    {"*example.com", "example.com", true},
    {"www?.example.com", "www1.example.com", true},
    {"www?.example.com", "www.example.com", false},
    {"?", "", false},
    {"a*b*c", "axxbxbxc", true},
    {"a*b*c", "axxbxbx", false},
    {"a**c", "ac", true},
    {"*a", "aab", false},
    {"[::1]", "[::1]", true},
    {"[::?]", "[::2]", true},
    {"[ab]", "a", false},
};

START_TEST(pattern_matches_what_it_describes)
{
    const struct glob_case *row = &glob_cases[_i];

    ck_assert(haul_host_matches(row->pattern, row->text, strlen(row->text)) == row->matches);
}
END_TEST

/* As many stars as make a naive matcher try for ever. */
START_TEST(pattern_of_many_stars_takes_no_time)
{
    char pattern[601], text[5000];

    for (size_t i = 0; i < sizeof pattern - 1; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[sizeof pattern - 2] = 'b';
    pattern[sizeof pattern - 1] = '\0';
    memset(text, 'a', sizeof text);
    ck_assert(!haul_host_matches(pattern, text, sizeof text));
}
END_TEST

static const char *one_field[] = {"X-One: 1"};
static struct haul_host_rule rules[] = {
    {.pattern = "*.example.com",
     .says = HAUL_HOST_SAYS_PER_HOST | HAUL_HOST_SAYS_INTERVAL | HAUL_HOST_SAYS_HEADERS,
     .per_host = 2,
     .host_interval_us = 1000,
     .headers = {.item = one_field, .count = 1}},
    {.pattern = "api.example.com",
     .port = 8443,
     .says = HAUL_HOST_SAYS_PER_HOST | HAUL_HOST_SAYS_USER | HAUL_HOST_SAYS_USER_AGENT,
     .per_host = 0,
     .user = "ann:pw",
     .user_agent = "special"},
    {.pattern = "[::1]",
     .says = HAUL_HOST_SAYS_CONNECT_TIMEOUT | HAUL_HOST_SAYS_MAX_TIME | HAUL_HOST_SAYS_SPEED_LIMIT |
             HAUL_HOST_SAYS_SPEED_TIME,
     .connect_timeout_ms = 1,
     .max_time_ms = 2,
     .speed_limit = 3,
     .speed_time_s = 4},
    {.pattern = "cert.example.org",
     .says = HAUL_HOST_SAYS_CERT | HAUL_HOST_SAYS_LIMIT_RATE,
     .cert = "own.pem",
     .limit_rate = 5},
    {.pattern = "cert.example.*", .port = 8443, .says = HAUL_HOST_SAYS_LIMIT_RATE},
    {.pattern = "none.example.org", .says = HAUL_HOST_SAYS_CERT},
    {.scheme = HAUL_HOST_HTTPS,
     .pattern = "*.secure.test",
     .says = HAUL_HOST_SAYS_USER,
     .user = "tls:pw"},
    {.scheme = HAUL_HOST_HTTP,
     .pattern = "plain.secure.test",
     .port = 8080,
     .says = HAUL_HOST_SAYS_USER,
     .user = "plain:pw"},
};

static struct haul_host_settings find(const char *origin)
{
    struct haul_config config;
    struct haul_host_settings settings;

    haul_config_init(&config);
    config.per_host = 9;
    config.user = "all:all";
    config.cert = "all.pem";
    config.key = "all.key";
    config.key_pass = "all";
    config.limit_rate = 1000;
    config.host_rule = rules;
    config.host_rule_count = sizeof rules / sizeof *rules;
    haul_host_find_settings(&config, origin, &settings);
    return settings;
}

START_TEST(host_without_rule_has_the_general_values)
{
    struct haul_host_settings settings = find("https://example.com:443");

    ck_assert_int_eq(settings.per_host, 9);
    ck_assert_int_eq(settings.host_interval_us, 0);
    ck_assert_int_eq(settings.headers, -1);
    ck_assert_str_eq(settings.user, "all:all");
    ck_assert_int_eq(settings.connect_timeout_ms, 10000);
    ck_assert_int_eq(settings.max_time_ms, 0);
    ck_assert_int_eq(settings.speed_limit, 1);
    ck_assert_int_eq(settings.speed_time_s, 30);
    ck_assert_str_eq(settings.cert, "all.pem");
    ck_assert_str_eq(settings.key, "all.key");
    ck_assert_str_eq(settings.key_pass, "all");
    ck_assert_int_eq(settings.limit_rate, 0); /* 1000 is that of the run */
}
END_TEST

START_TEST(later_rule_counts_for_what_it_says)
{
    struct haul_host_settings settings = find("https://api.example.com:8443");

    ck_assert_int_eq(settings.per_host, 0);
    ck_assert_int_eq(settings.host_interval_us, 1000);
    ck_assert_int_eq(settings.headers, 0);
    ck_assert_str_eq(settings.user, "ann:pw");
    ck_assert_str_eq(settings.user_agent, "special");
}
END_TEST

START_TEST(rule_of_a_port_is_for_that_port)
{
    struct haul_host_settings settings = find("https://api.example.com:443");

    ck_assert_int_eq(settings.per_host, 2);
    ck_assert_str_eq(settings.user, "all:all");
}
END_TEST

START_TEST(address_in_brackets_has_its_rule)
{
    struct haul_host_settings settings = find("http://[::1]:80");

    ck_assert_int_eq(settings.connect_timeout_ms, 1);
    ck_assert_int_eq(settings.max_time_ms, 2);
    ck_assert_int_eq(settings.speed_limit, 3);
    ck_assert_int_eq(settings.speed_time_s, 4);
}
END_TEST

/* The key of another certificate would not fit. */
START_TEST(certificate_comes_with_its_own_key)
{
    struct haul_host_settings settings = find("https://cert.example.org:443");

    ck_assert_str_eq(settings.cert, "own.pem");
    ck_assert_ptr_null(settings.key);
    ck_assert_ptr_null(settings.key_pass);
    settings = find("https://none.example.org:443");
    ck_assert_ptr_null(settings.cert);
    ck_assert_ptr_null(settings.key);
}
END_TEST

static const struct {
    const char *origin, *user;
    bool is_for_http;
} schemes[] = {
    {"https://a.secure.test:443", "tls:pw", false},
    {"https://a.secure.test:8443", "tls:pw", false},
    {"http://a.secure.test:80", "all:all", false},
    {"http://a.secure.test:443", "all:all", false},
    {"http://plain.secure.test:8080", "plain:pw", true},
    {"http://plain.secure.test:80", "all:all", false},
    {"https://plain.secure.test:8080", "tls:pw", false},
};

START_TEST(rule_of_a_scheme_is_for_that_scheme)
{
    struct haul_host_settings settings = find(schemes[_i].origin);

    ck_assert_str_eq(settings.user, schemes[_i].user);
    ck_assert_int_eq(settings.is_user_for_http, schemes[_i].is_for_http);
}
END_TEST

START_TEST(limit_of_an_origin_is_its_last)
{
    ck_assert_int_eq(find("https://cert.example.org:443").limit_rate, 5);
    ck_assert_int_eq(find("https://cert.example.org:8443").limit_rate, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host");
    TCase *tcase = tcase_create("host");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, pattern_matches_what_it_describes, 0,
                        (int)(sizeof glob_cases / sizeof *glob_cases));
    tcase_add_test(tcase, pattern_of_many_stars_takes_no_time);
    tcase_add_test(tcase, host_without_rule_has_the_general_values);
    tcase_add_test(tcase, later_rule_counts_for_what_it_says);
    tcase_add_test(tcase, rule_of_a_port_is_for_that_port);
    tcase_add_test(tcase, address_in_brackets_has_its_rule);
    tcase_add_test(tcase, certificate_comes_with_its_own_key);
    tcase_add_test(tcase, limit_of_an_origin_is_its_last);
    tcase_add_loop_test(tcase, rule_of_a_scheme_is_for_that_scheme, 0,
                        (int)(sizeof schemes / sizeof *schemes));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
