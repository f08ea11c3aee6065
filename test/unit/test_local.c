#include <check.h>
#include <stdlib.h>

#include "haul/config.h"
#include "wire/local.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* What stays on this machine: by the name, the proxy, and what leads elsewhere. */

static struct haul_config config;
static struct haul_proxies *proxies;

static void set_up(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

    for (int i = 0; i < COUNT(names); i++)
        ck_assert_int_eq(unsetenv(names[i]), 0);
    haul_config_init(&config);
    proxies = NULL;
}

static void tear_down(void)
{
    haul_proxies_free(proxies);
    haul_config_done(&config);
}

static bool is_local(const char *origin)
{
    haul_proxies_free(proxies);
    ck_assert_int_eq(haul_proxies_create(&config, &proxies), HAUL_OK);
    return haul_local_is(&config, proxies, origin);
}

/* ---- by name ---- */

static const struct {
    const char *origin;
    bool is_local;
} named[] = {
    {"http://localhost:80", true},
    {"https://localhost:443", true},
    {"http://LocalHost:8080", true},
    {"http://a.localhost:80", true},
    {"http://127.0.0.1:80", true},
    {"http://127.9.9.9:80", true},
    {"http://[::1]:80", true},
    {"http://localhost.:80", false},
    {"http://xlocalhost:80", false},
    {"http://localhost.example:80", false},
    {"http://127.0.0.1.example:80", false},
    {"http://128.0.0.1:80", false},
    {"http://[::2]:80", false},
    {"http://site.test:80", false},
};

START_TEST(loopback_is_local_by_its_name)
{
    ck_assert_int_eq(is_local(named[_i].origin), named[_i].is_local);
}
END_TEST

/* ---- proxies ---- */

static const struct {
    const char *proxy, *variable, *value, *no_proxy, *origin;
    bool is_local;
} proxied[] = {
    {"http://proxy.test:3128", NULL, NULL, NULL, "http://localhost:80", false},
    {"http://127.0.0.1:3128", NULL, NULL, NULL, "http://localhost:80", false},
    {"socks5h://proxy.test:1080", NULL, NULL, NULL, "http://127.0.0.1:80", false},
    {NULL, "http_proxy", "http://proxy.test", NULL, "http://a.localhost:80", false},
    {NULL, "http_proxy", "http://proxy.test", NULL, "https://localhost:443", true},
    {NULL, "http_proxy", "http://proxy.test", "localhost", "http://localhost:80", true},
    {NULL, "http_proxy", "http://proxy.test", "localhost", "http://127.0.0.1:80", false},
    {NULL, "http_proxy", "http://proxy.test", "127.0.0.0/8", "http://127.0.0.1:80", true},
};

START_TEST(what_goes_through_a_proxy_is_not_local)
{
    config.proxy = proxied[_i].proxy;
    config.proxy_from_env = proxied[_i].variable;
    if (proxied[_i].variable)
        ck_assert_int_eq(setenv(proxied[_i].variable, proxied[_i].value, 1), 0);
    if (proxied[_i].no_proxy)
        ck_assert_int_eq(setenv("no_proxy", proxied[_i].no_proxy, 1), 0);
    ck_assert_int_eq(is_local(proxied[_i].origin), proxied[_i].is_local);
}
END_TEST

/* ---- what leads elsewhere ---- */

static const struct {
    const char *entry, *also;
    bool is_local; /* http://a.localhost:80 */
} resolved[] =
    {
        {"a.localhost:80:192.0.2.1", NULL, false},
        {"+A.LocalHost:80:192.0.2.1", NULL, false},
        {"a.localhost.:80:192.0.2.1", NULL, false},
        {"a.localhost:0080:192.0.2.1", NULL, false},
        {"*:80:192.0.2.1", NULL, false},
        {"a.localhost:80:2001:db8::1", NULL, false},
        {"a.localhost:80:[2001:db8::1]", NULL, false},
        {"a.localhost:80:127.0.0.1,192.0.2.1", NULL, false},
        {"a.localhost:80:127.0.0.1", "a.localhost:80:192.0.2.1", false},
        {"b.test:80:192.0.2.1", "a.localhost:80:192.0.2.1", false},
        {"a.localhost:80:127.0.0.1", NULL, true},
        {"a.localhost:80:::1", NULL, true},
        {"a.localhost:80:[::1],127.0.0.2", NULL, true},
        {"a.localhost:81:192.0.2.1", NULL, true},
        {"b.localhost:80:192.0.2.1", NULL, true},
        {"*:8080:192.0.2.1", NULL, true},
},
  connected[] = {
      {"a.localhost:80:site.test:80", NULL, false},
      {"A.localhost:80:site.test:80", NULL, false},
      {"::site.test:", NULL, false},
      {":80:[2001:db8::1]:", NULL, false},
      {"a.localhost::192.0.2.1:", NULL, false},
      {"::[::1]:", "::site.test:", false},
      {"a.localhost:80::8080", NULL, true},
      {"::127.0.0.1:8080", NULL, true},
      {":::", NULL, true},
      {"b.test:80:site.test:80", NULL, true},
      {"a.localhost:81:site.test:80", NULL, true},
};

static bool is_local_with(struct haul_strings *entries, const char *one, const char *other)
{
    ck_assert_int_eq(haul_config_add_string(&config, entries, one), HAUL_OK);
    if (other)
        ck_assert_int_eq(haul_config_add_string(&config, entries, other), HAUL_OK);
    return is_local("http://a.localhost:80");
}

START_TEST(what_is_resolved_elsewhere_is_not_local)
{
    ck_assert_int_eq(is_local_with(&config.resolve, resolved[_i].entry, resolved[_i].also),
                     resolved[_i].is_local);
}
END_TEST

START_TEST(what_is_connected_elsewhere_is_not_local)
{
    ck_assert_int_eq(is_local_with(&config.connect_to, connected[_i].entry, connected[_i].also),
                     connected[_i].is_local);
}
END_TEST

/* An address may stand for another one, and what a connection leads to may, too. */
START_TEST(one_way_elsewhere_behind_the_other_is_seen)
{
    ck_assert(is_local_with(&config.resolve, "127.0.0.1:8080:192.0.2.1", NULL));
    ck_assert(!is_local("http://127.0.0.1:8080"));
    ck_assert(!is_local_with(&config.connect_to, "a.localhost:80:127.0.0.1:8080", NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("local");
    TCase *tcase = tcase_create("local");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, loopback_is_local_by_its_name, 0, COUNT(named));
    tcase_add_loop_test(tcase, what_goes_through_a_proxy_is_not_local, 0, COUNT(proxied));
    tcase_add_loop_test(tcase, what_is_resolved_elsewhere_is_not_local, 0, COUNT(resolved));
    tcase_add_loop_test(tcase, what_is_connected_elsewhere_is_not_local, 0, COUNT(connected));
    tcase_add_test(tcase, one_way_elsewhere_behind_the_other_is_seen);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
