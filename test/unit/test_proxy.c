#include <check.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "fail_alloc.h"
#include "haul/config.h"
#include "wire/noproxy.h"
#include "wire/proxy.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_config config;
static struct haul_proxies *proxies;

/* Nothing of the environment that the test runs in counts. */
static void set_up(void)
{
    static const char *const names[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                        "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

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

static void create(void)
{
    haul_proxies_free(proxies);
    ck_assert_int_eq(haul_proxies_create(&config, &proxies), HAUL_OK);
}

static void set(const char *name, const char *value)
{
    ck_assert_int_eq(setenv(name, value, 1), 0);
}

static void check_url(const char *origin, const char *url)
{
    const struct haul_proxy *proxy = haul_proxies_find(proxies, origin);

    ck_assert_ptr_nonnull(proxy);
    ck_assert_str_eq(proxy->url, url);
    ck_assert_int_eq(proxy->kind == HAUL_PROXY_NONE, !*url);
    if (!*url)
        ck_assert_ptr_null(proxy->authorization);
}

/* ---- memory that is freed ---- */

static const char *const secrets[] = {"open sesame", "open%20sesame", "b3BlbiBzZXNhbWU"};
static bool watches, secret_freed;

void __wrap_free(void *memory);
void __real_free(void *memory);

static bool holds(const char *bytes, size_t size, const char *secret)
{
    size_t len = strlen(secret);

    for (size_t at = 0; at + len <= size; at++)
        if (memcmp(bytes + at, secret, len) == 0)
            return true;
    return false;
}

void __wrap_free(void *memory)
{
    for (int i = 0; watches && memory && i < COUNT(secrets); i++)
        if (holds(memory, malloc_usable_size(memory), secrets[i]))
            secret_freed = true;
    __real_free(memory);
}

START_TEST(secrets_are_overwritten_before_they_are_freed)
{
    config.proxy_from_env = true;
    set("http_proxy", "http://xx:open%20sesame@p"); /* of a length that base64 cuts alike */
    set("https_proxy", "xx:open%20sesame@p");
    watches = true;
    create();
    ck_assert_ptr_nonnull(
        strstr(haul_proxies_find(proxies, "http://h:80")->authorization, secrets[2]));
    haul_proxies_free(proxies);
    watches = false;
    proxies = NULL;
    ck_assert(!secret_freed);
}
END_TEST

/* ---- no_proxy ---- */

static const struct {
    const char *list, *host;
    bool is_named;
} names[] = {
    /* of curl's unit test 1614 */
    {"localhost,.example.com,.example.de", "www.example.com", true},
    {"localhost,.example.com,.example.de", "www.example.com.", true},
    {"localhost,.example.com,.example.de", "example.com", true},
    {"localhost,.example.com,.example.de", "example.com.", true},
    {"localhost,.example.com.,.example.de", "www.example.com", true},
    {"localhost,www.example.com.,.example.de", "www.example.com", true},
    {"localhost,example.com,.example.de", "example.com", true},
    {"localhost,example.com,.example.de", "nexample.com", false},
    {"localhost,example.com,.example.de", "www.example.com", true},
    {"127.0.0.1,localhost", "127.0.0.1", true},
    {"127.0.0.1,localhost,", "127.0.0.1", true},
    {"127.0.0.1/8,localhost,", "127.0.0.1", true},
    {"127.0.0.1/28,localhost,", "127.0.0.1", true},
    {"127.0.0.1/31,localhost,", "127.0.0.1", true},
    {"localhost,127.0.0.1", "127.0.0.1", true},
    {"localhost,127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.",
     "127.0.0.1", false},
    {"localhost,127.0.0.1", "localhost", true},
    {"127.0.0.1,localhost", "localhost", true},
    {"barfoo", "foobar", false},
    {"foobar", "foobar", true},
    {"foobar", "192.168.0.1", false},
    {"192.168.0.0/16", "192.168.0.1", true},
    {"192.168.0.0/16a", "192.168.0.1", false},
    {"192.168.0.0/16 ", "192.168.0.1", true},
    {"192.168.0.0/a16", "192.168.0.1", false},
    {"192.168.0.0/ 16", "192.168.0.1", false},
    {"192.168.0.0/24", "192.168.0.1", true},
    {"192.168.0.0/32", "192.168.0.1", false},
    {"192.168.0.1/32", "192.168.0.1", true},
    {"192.168.0.1/33", "192.168.0.1", false},
    {"192.168.0.0", "192.168.0.1", false},
    {"192.168.0.0/24", "192.168.1.1", false},
    {"foo, bar, 192.168.0.0/24", "192.168.1.1", false},
    {"foo, bar, 192.168.0.0/16", "192.168.1.1", true},
    {"foo, bar, 192.168.0.0/16", "[::1]", false},
    {"foo, bar, ::1/64", "[::1]", true},
    {"::1/64", "[::1]", true},
    {"::1/129", "[::1]", false},
    {"::1/128", "[::1]", true},
    {"::1/127", "[::1]", true},
    {"::1/a127", "[::1]", false},
    {"::1/127a", "[::1]", false},
    {"::1/ 127", "[::1]", false},
    {"::1/122", "[::1]", true},
    {"2001:db8::/65", "[2001:db8:0:0:8000::1]", false},
    {"2001:db8::/65", "[2001:db8::1]", true},
    {"2001:db8::/72", "[2001:db8:8000::1]", false},
    {"2001:db8::/72", "[2001:db8::1]", true},
    {"foo, bar, ::1/64", "BAr", true},
    {"foo,,,,,              bar, ::1/64", "BAr", true},
    {"foo, .example.com", "www.example.com", true},
    {"www2.example.com, .example.net", "www.example.com", false},
    {".example.com, .example.net", "nonexample.com", false},

    {"", "example.com", false},
    {" ,\t,", "example.com", false},
    {".", "example.com", false},
    {".,..", "example.com.", false},
    {".", "example.com..", false},
    {"..example.com", "www.example.com", false},
    {"*", "example.com", true},
    {" * ", "[::1]", true},
    {"*", "10.0.0.1", true},
    {"example.net,*", "example.com", false},
    {"*.example.com", "www.example.com", false},
    {"EXAMPLE.com", "www.Example.COM", true},
    {"a.example.com", "example.com", false},
    {"com", "example.com", true},
    {"om", "example.com", false},
    {"a b\tc", "b", true},
    {"a b\tc", "c", true},
    {"example.com:80", "example.com", false},
    {"http://example.com", "example.com", false},
    {"10.0.0.1:80", "10.0.0.1", false},
    {"10.0.0", "10.0.0.1", false},
    {".0.0.1", "10.0.0.1", false},
    {"10.0.0.1", "10.0.0.1.example.com", false},
    {"10.0.0.1", "x.10.0.0.1", true}, /* a name, if no good one */
    {"10.0.0.1/", "10.0.0.1", false},
    {"10.0.0.1/008", "10.9.9.9", true},
    {"10.0.0.1/0008", "10.9.9.9", false},
    {"10.0.0.1/-1", "10.0.0.1", false},
    {"10.0.0.1/8/8", "10.0.0.1", false},
    {"0.0.0.0/0", "10.0.0.1", true},
    {"0.0.0.0/0", "[::1]", false},
    {"10.16.0.0/12", "10.31.255.255", true},
    {"10.16.0.0/12", "10.32.0.0", false},
    {"[::1]", "[::1]", true},
    {"[2001:db8::]/32", "[2001:db8:ffff::1]", true},
    {"[2001:db8::/32]", "[2001:db8:ffff::1]", false},
    {"2001:DB8::0", "[2001:db8:0::]", true},
    {"[::1", "[::1]", false},
    {"::1]", "[::1]", false},
    {"[::1]x", "[::1]", false},
    {"[10.0.0.1]", "10.0.0.1", false},
    {"[10.0.0.1]", "[10.0.0.1]", false},
    {"fe80::/10", "[fe80::1%25eth0]", true},
    {"::ffff:10.0.0.1", "10.0.0.1", false},
    {"10.0.0.1", "[::ffff:10.0.0.1]", false},
};

START_TEST(list_names_the_row_s_host)
{
    bool is_named = haul_noproxy_names(names[_i].list, haul_span_of(names[_i].host));

    ck_assert_msg(is_named == names[_i].is_named, "'%s' in '%s'", names[_i].host, names[_i].list);
}
END_TEST

/* ---- which proxy ---- */

START_TEST(none_is_the_default)
{
    set("http_proxy", "http://p:1");
    set("https_proxy", "http://p:1");
    set("all_proxy", "http://p:1");
    create();
    ck_assert(!haul_proxies_any(proxies));
    check_url("http://example.com:80", "");
    check_url("https://example.com:443", "");
}
END_TEST

START_TEST(explicit_one_is_for_all)
{
    config.proxy = "socks5h://p:1080";
    set("no_proxy", "*");
    set("http_proxy", "http://q:1");
    create();
    ck_assert(haul_proxies_any(proxies));
    check_url("http://example.com:80", "socks5h://p:1080");
    check_url("https://[::1]:443", "socks5h://p:1080");
}
END_TEST

START_TEST(explicit_one_goes_before_the_environment)
{
    config.proxy = "p:1";
    config.proxy_from_env = true;
    set("http_proxy", "http://q:1");
    set("no_proxy", "example.com");
    create();
    check_url("http://example.net:80", "http://p:1");
    check_url("http://example.com:80", "");
    config.proxy = "";
    create();
    ck_assert(!haul_proxies_any(proxies));
    check_url("http://example.net:80", "");
}
END_TEST

START_TEST(environment_has_one_for_each_scheme)
{
    config.proxy_from_env = true;
    set("http_proxy", "p:1");
    create();
    ck_assert(haul_proxies_any(proxies));
    check_url("http://example.com:80", "http://p:1");
    check_url("https://example.com:443", "");
    set("HTTPS_PROXY", "https://q:2");
    create();
    check_url("https://example.com:443", "https://q:2");
    set("https_proxy", "r:3");
    create();
    check_url("https://example.com:443", "http://r:3");
    check_url("http://example.com:80", "http://p:1");
}
END_TEST

START_TEST(environment_s_all_is_for_what_has_none)
{
    config.proxy_from_env = true;
    set("ALL_PROXY", "p:1");
    set("https_proxy", "q:2");
    create();
    check_url("http://example.com:80", "http://p:1");
    check_url("https://example.com:443", "http://q:2");
    set("all_proxy", "r:3");
    create();
    check_url("http://example.com:80", "http://r:3");
}
END_TEST

START_TEST(upper_case_http_proxy_is_another_s)
{
    config.proxy_from_env = true;
    set("HTTP_PROXY", "p:1");
    create();
    ck_assert(!haul_proxies_any(proxies));
    check_url("http://example.com:80", "");
}
END_TEST

START_TEST(empty_variables_are_unset)
{
    config.proxy_from_env = true;
    set("http_proxy", "");
    set("https_proxy", "");
    set("HTTPS_PROXY", "q:2");
    set("all_proxy", "");
    set("ALL_PROXY", "r:3");
    set("no_proxy", "");
    set("NO_PROXY", "example.net");
    create();
    check_url("http://example.com:80", "http://r:3");
    check_url("https://example.com:443", "http://q:2");
    check_url("http://example.net:80", "");
    set("no_proxy", "example.com");
    create();
    check_url("http://example.com:80", "");
    check_url("http://example.net:80", "http://r:3");
}
END_TEST

START_TEST(environment_is_read_once)
{
    config.proxy_from_env = true;
    set("http_proxy", "p:1");
    create();
    set("http_proxy", "q:2");
    set("no_proxy", "*");
    check_url("http://example.com:80", "http://p:1");
}
END_TEST

START_TEST(no_proxy_is_asked_for_the_host_of_the_origin)
{
    config.proxy_from_env = true;
    set("all_proxy", "p:1");
    set("no_proxy", "example.com,::1,10.0.0.0/8");
    create();
    check_url("http://example.com:80", "");
    check_url("https://www.example.com:8443", "");
    check_url("https://[::1]:443", "");
    check_url("https://[::2]:443", "http://p:1");
    check_url("http://10.1.2.3:80", "");
    check_url("http://11.1.2.3:80", "http://p:1");
}
END_TEST

/* ---- what it is ---- */

static const struct {
    const char *text, *url;
    enum haul_proxy_kind kind;
    const char *login; /* or NULL */
} rows[] = {
    {"p", "http://p", HAUL_PROXY_HTTP, NULL},
    {"p:3128", "http://p:3128", HAUL_PROXY_HTTP, NULL},
    {"ftp.example.com:3128", "http://ftp.example.com:3128", HAUL_PROXY_HTTP, NULL},
    {"[::1]:3128", "http://[::1]:3128", HAUL_PROXY_HTTP, NULL},
    {"http://p:3128/", "http://p:3128/", HAUL_PROXY_HTTP, NULL},
    {"HTTP://p", "HTTP://p", HAUL_PROXY_HTTP, NULL},
    {"https://p", "https://p", HAUL_PROXY_HTTP, NULL},
    {"socks://p", "socks://p", HAUL_PROXY_SOCKS, NULL},
    {"socks4://p", "socks4://p", HAUL_PROXY_SOCKS, NULL},
    {"socks4a://p", "socks4a://p", HAUL_PROXY_SOCKS, NULL},
    {"socks5://me:pw@p", "socks5://me:pw@p", HAUL_PROXY_SOCKS, NULL},
    {"socks5h://p", "socks5h://p", HAUL_PROXY_SOCKS, NULL},
    {"me:pw@p:1", "http://me:pw@p:1", HAUL_PROXY_HTTP, "me:pw"},
    {"http://me:pw@p:1", "http://me:pw@p:1", HAUL_PROXY_HTTP, "me:pw"},
    {"https://me:pw@[::1]:1", "https://me:pw@[::1]:1", HAUL_PROXY_HTTP, "me:pw"},
    {"http://me@p", "http://me@p", HAUL_PROXY_HTTP, "me:"},
    {"http://me:@p", "http://me:@p", HAUL_PROXY_HTTP, "me:"},
    {"http://:pw@p", "http://:pw@p", HAUL_PROXY_HTTP, ":pw"},
    {"http://@p", "http://@p", HAUL_PROXY_HTTP, NULL},
    {"http://p/@x", "http://p/@x", HAUL_PROXY_HTTP, NULL},
    {"http://p?a@x", "http://p?a@x", HAUL_PROXY_HTTP, NULL},
    {"http://m%65:p%40%3a%2F%25@p", "http://m%65:p%40%3a%2F%25@p", HAUL_PROXY_HTTP, "me:p@:/%"},
    {"http://%C3%A9:%zz%4@p", "http://%C3%A9:%zz%4@p", HAUL_PROXY_HTTP, "\xc3\xa9:%zz%4"},
    {"http://a%41", "http://a%41", HAUL_PROXY_HTTP, NULL},
};

START_TEST(proxy_is_what_the_row_says)
{
    const struct haul_proxy *proxy;
    struct haul_buf expected;

    config.proxy = rows[_i].text;
    create();
    proxy = haul_proxies_find(proxies, _i % 2 ? "http://h:80" : "https://h:443");
    ck_assert_str_eq(proxy->url, rows[_i].url);
    ck_assert_int_eq(proxy->kind, rows[_i].kind);
    ck_assert_int_eq(!proxy->authorization, !rows[_i].login);
    if (!rows[_i].login)
        return;
    haul_buf_init(&expected, 0);
    haul_buf_add_str(&expected, "Proxy-Authorization: Basic ");
    haul_base64_add(&expected, rows[_i].login, strlen(rows[_i].login));
    haul_buf_add_str(&expected, "\r\n");
    ck_assert_str_eq(proxy->authorization, haul_buf_str(&expected));
    haul_buf_done(&expected);
}
END_TEST

START_TEST(known_login_is_known_base64)
{
    config.proxy = "http://Aladdin:open%20sesame@p"; /* RFC 7617, 2 */
    create();
    ck_assert_str_eq(haul_proxies_find(proxies, "http://h:80")->authorization,
                     "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
}
END_TEST

START_TEST(no_memory_is_told_and_nothing_leaks)
{
    bool walking = true;

    config.proxy_from_env = true;
    set("http_proxy", "http://me:pw@p:1");
    set("https_proxy", "http://you:pw@p:1");
    set("no_proxy", "example.com");
    for (long n = 1; walking; n++) {
        enum haul_err err;

        fail_alloc_arm(n);
        err = haul_proxies_create(&config, &proxies);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_OK);
        ck_assert_int_eq(!proxies, walking);
    }
    ck_assert_ptr_nonnull(haul_proxies_find(proxies, "https://h:443")->authorization);
}
END_TEST

/* ---- base64 ---- */

START_TEST(base64_is_the_row_s)
{
    static const struct {
        const char *text, *coded;
    } texts[] = {/* RFC 4648, 10 */
                 {"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"},
                 {"\xff\xef\xbe", "/+++"}};
    struct haul_buf out;

    haul_buf_init(&out, 0);
    haul_buf_add_str(&out, "x");
    haul_base64_add(&out, texts[_i].text, strlen(texts[_i].text));
    ck_assert_int_eq(out.data[0], 'x');
    ck_assert_str_eq(out.data + 1, texts[_i].coded);
    ck_assert_uint_eq(out.len, 1 + HAUL_BASE64_SIZE(strlen(texts[_i].text)));
    haul_buf_done(&out);
}
END_TEST

START_TEST(base64_is_undone)
{
    static const struct {
        const char *coded, *text; /* NULL: it is none */
    } texts[] = {{"Zg==", "f"},      {"Zg", "f"},      {"Zm8=", "fo"},
                 {"Zm8", "fo"},      {"Zm9v", "foo"},  {"Zm9vYmFy", "foobar"},
                 {"Z", NULL},        {"====", NULL},   {"", NULL},
                 {"Zm9v!mFy", NULL}, {"Zg=Zg=", NULL}, {"Zm 9v", NULL}};
    struct haul_buf out;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = texts[i].text, *coded = texts[i].coded;

        haul_buf_init(&out, 0);
        haul_buf_add_str(&out, "x");
        ck_assert_msg(haul_base64_undo(&out, coded, strlen(coded)) == (text != NULL), "%s", coded);
        ck_assert_str_eq(haul_buf_str(&out) + 1, text ? text : "");
        haul_buf_done(&out);
    }
}
END_TEST

START_TEST(base64_that_does_not_fit_is_told)
{
    struct haul_buf out;

    haul_buf_init(&out, 7);
    haul_base64_add(&out, "foobar", 6);
    ck_assert_int_eq(out.err, HAUL_ERR_LIMIT);
    haul_buf_clear(&out);
    haul_base64_add(&out, "foobar", SIZE_MAX);
    ck_assert_int_eq(out.err, HAUL_ERR_LIMIT);
    haul_buf_clear(&out);
    ck_assert(!haul_base64_undo(&out, "Zm9vYmFyZm9v", 12));
    ck_assert_int_eq(out.err, HAUL_ERR_LIMIT);
    haul_buf_done(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("proxy");
    TCase *tcase = tcase_create("proxy");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, list_names_the_row_s_host, 0, COUNT(names));
    tcase_add_test(tcase, none_is_the_default);
    tcase_add_test(tcase, explicit_one_is_for_all);
    tcase_add_test(tcase, explicit_one_goes_before_the_environment);
    tcase_add_test(tcase, environment_has_one_for_each_scheme);
    tcase_add_test(tcase, environment_s_all_is_for_what_has_none);
    tcase_add_test(tcase, upper_case_http_proxy_is_another_s);
    tcase_add_test(tcase, empty_variables_are_unset);
    tcase_add_test(tcase, environment_is_read_once);
    tcase_add_test(tcase, no_proxy_is_asked_for_the_host_of_the_origin);
    tcase_add_loop_test(tcase, proxy_is_what_the_row_says, 0, COUNT(rows));
    tcase_add_test(tcase, secrets_are_overwritten_before_they_are_freed);
    tcase_add_test(tcase, known_login_is_known_base64);
    tcase_add_test(tcase, no_memory_is_told_and_nothing_leaks);
    tcase_add_loop_test(tcase, base64_is_the_row_s, 0, 8);
    tcase_add_test(tcase, base64_is_undone);
    tcase_add_test(tcase, base64_that_does_not_fit_is_told);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
