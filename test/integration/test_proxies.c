#include <string.h>

#include "real_proxies.h"
#include "real_site.h"
#include "servers.h"

/*
 * Real proxies between haul and real servers: an http URL is asked of an HTTP proxy in absolute
 * form, everything else goes through a tunnel, and SOCKS is a connection like any other. That it
 * was the proxy is told by its own log.
 */

enum { FILES = 20 };

static void begin(void)
{
    site_begin();
    it_proxies_start();
}

static void end(void)
{
    it_proxies_stop();
    site_end();
}

static bool has_both(enum it_proxy proxy)
{
    return site_has(IT_NGINX) && it_proxy_has(proxy);
}

static const json_t *fetch_files(const char *proxy, enum it_listener listener, const char *option)
{
    struct it_run run = SITE_RUN("-j", "1", "-x", proxy, option, "-i",
                                 site_list(it_make_origin(IT_NGINX, listener), 1, FILES));

    return site_check_all(&run, 1, FILES);
}

static void check_versions(const json_t *rows, const char *version)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        ck_assert_str_eq(it_str(json_array_get(rows, i), "http_version"), version);
}

/* ---- HTTP proxies ---- */

static const enum it_proxy http_proxies[] = {IT_PROXY_KEEPS, IT_PROXY_LOGIN, IT_PROXY_CLOSES};
enum { HTTP_PROXIES = sizeof http_proxies / sizeof *http_proxies };

START_TEST(plain_url_is_asked_of_the_proxy)
{
    enum it_proxy proxy = http_proxies[_i];
    const json_t *rows;

    if (!has_both(proxy))
        return;
    rows = fetch_files(it_proxy_url(proxy, "http"), IT_PLAIN, "--http1.1");
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "remote_port"), it_proxy_port(proxy));
    it_proxy_await(proxy, it_text("GET %s%s", it_make_origin(IT_NGINX, IT_PLAIN), site_path(1)));
    if (proxy == IT_PROXY_CLOSES)
        ck_assert_int_eq(site_connections(rows), FILES);
    else
        ck_assert_int_eq(site_connections(rows), 1);
}
END_TEST

START_TEST(proxy_that_keeps_connections_keeps_them_for_streams_too)
{
    struct it_run run;

    if (!has_both(IT_PROXY_KEEPS))
        return;
    run = SITE_RUN("-j", "2", "--streams", "8", "-x", it_proxy_url(IT_PROXY_KEEPS, "http"), "-i",
                   site_list(it_make_origin(IT_NGINX, IT_PLAIN), 0, SITE_FILES));
    ck_assert_int_le(site_connections(site_check_all(&run, 0, SITE_FILES)), 16);
}
END_TEST

static const struct {
    const char *option, *version;
} versions[] = {{"--http1.1", "1.1"}, {"--http2", "2"}};
enum { VERSIONS = sizeof versions / sizeof *versions };

START_TEST(secure_url_goes_through_a_tunnel)
{
    enum it_proxy proxy = http_proxies[_i / VERSIONS];
    const json_t *rows;

    if (!has_both(proxy))
        return;
    rows = fetch_files(it_proxy_url(proxy, "http"), IT_SECURE, versions[_i % VERSIONS].option);
    check_versions(rows, versions[_i % VERSIONS].version);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "remote_port"), it_proxy_port(proxy));
    it_proxy_await(proxy, it_text("CONNECT 127.0.0.1:%d", it_make_port(IT_NGINX, IT_SECURE)));
    ck_assert_int_eq(site_connections(rows), 1);
}
END_TEST

/* A proxy that is told the end by one side forgets what it has not yet passed on to the other: of
 * HTTP/2, where both sides talk until then, an answer may be lost, and a new attempt brings it. */
static const struct {
    enum it_listener listener;
    const char *option, *retries;
} brief[] = {
    {IT_BRIEF, "--http1.1", "0"},
    {IT_BRIEF_SECURE, "--http1.1", "0"},
    {IT_BRIEF_SECURE, "--http2", "9"},
};
enum { BRIEF = sizeof brief / sizeof *brief };

START_TEST(connections_that_close_behind_a_proxy_cost_no_url)
{
    enum it_proxy proxy = http_proxies[_i / BRIEF];
    int way = _i % BRIEF;
    struct it_run run;

    if (!has_both(proxy))
        return;
    run = SITE_RUN("-j", "2", "--streams", "4", "--retry", brief[way].retries, "--retry-delay",
                   "1ms", brief[way].option, "-x", it_proxy_url(proxy, "http"), "-i",
                   site_list(it_make_origin(IT_NGINX, brief[way].listener), 0, SITE_FILES));
    (void)site_check_all(&run, 0, SITE_FILES);
}
END_TEST

/* ---- logging in ---- */

static const struct {
    enum it_proxy proxy;
    const char *scheme, *login;
    enum it_listener listener;
    const char *told; /* by the reason or the message */
} refused[] = {
    {IT_PROXY_LOGIN, "http", "", IT_PLAIN, "http-407"},
    {IT_PROXY_LOGIN, "http", "me:wr0ng@", IT_PLAIN, "http-407"},
    {IT_PROXY_LOGIN, "http", "", IT_SECURE, "407"},
    {IT_PROXY_LOGIN, "http", "me:wr0ng@", IT_SECURE, "407"},
    {IT_PROXY_CLOSES, "http", "", IT_PLAIN, "http-407"},
    {IT_PROXY_CLOSES, "http", "me:wr0ng@", IT_PLAIN, "http-401"}, /* so says tinyproxy */
    {IT_PROXY_CLOSES, "http", "", IT_SECURE, "407"},
    {IT_PROXY_CLOSES, "http", "me:wr0ng@", IT_SECURE, "401"},
    {IT_PROXY_SOCKS_LOGIN, "socks5", "", IT_PLAIN, "connect "},
    {IT_PROXY_SOCKS_LOGIN, "socks5", "me:wr0ng@", IT_PLAIN, "connect "},
    {IT_PROXY_SOCKS_LOGIN, "socks5h", "me:wr0ng@", IT_SECURE, "connect "},
};
enum { REFUSED = sizeof refused / sizeof *refused };

START_TEST(wrong_login_fails_and_tells_no_password)
{
    enum it_proxy proxy = refused[_i].proxy;
    const char *told;
    struct it_run run;
    const json_t *row;

    if (!has_both(proxy))
        return;
    run = SITE_RUN(
        "-x",
        it_text("%s://%s127.0.0.1:%d", refused[_i].scheme, refused[_i].login, it_proxy_port(proxy)),
        it_text("%s%s", it_make_origin(IT_NGINX, refused[_i].listener), site_path(1)));
    row = json_array_get(it_rows(run.out), 0);
    told = it_text("%s %s", it_verdict(row), it_str_or_empty(row, "errormsg"));
    ck_assert_int_ne(run.status, 0);
    ck_assert_str_eq(it_str(row, "outcome"), "failed");
    ck_assert_msg(strstr(told, refused[_i].told) != NULL, "%s", told);
    ck_assert_ptr_null(strstr(run.out, "wr0ng"));
    ck_assert_ptr_null(strstr(run.err, "wr0ng"));
}
END_TEST

/* ---- SOCKS ---- */

static const enum it_proxy socks_proxies[] = {IT_PROXY_SOCKS, IT_PROXY_SOCKS_LOGIN};
static const struct {
    enum it_listener listener;
    const char *option, *version;
} socks_ways[] = {
    {IT_PLAIN, "--http1.1", "1.1"}, {IT_SECURE, "--http1.1", "1.1"}, {IT_SECURE, "--http2", "2"}};
enum { SOCKS_WAYS = sizeof socks_ways / sizeof *socks_ways };

START_TEST(socks_is_a_connection_like_any_other)
{
    enum it_proxy proxy = socks_proxies[_i % 2];
    int way = _i / 2 % SOCKS_WAYS;
    const char *scheme = _i / 2 / SOCKS_WAYS ? "socks5h" : "socks5";
    const json_t *rows;

    if (!has_both(proxy))
        return;
    rows =
        fetch_files(it_proxy_url(proxy, scheme), socks_ways[way].listener, socks_ways[way].option);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "remote_port"), it_proxy_port(proxy));
    it_proxy_await(proxy, it_text("connected to 127.0.0.1:%d",
                                  it_make_port(IT_NGINX, socks_ways[way].listener)));
    check_versions(rows, socks_ways[way].version);
    ck_assert_int_eq(site_connections(rows), 1);
}
END_TEST

/* socks5: haul looks the name up. socks5h: the proxy does, and is told the name. */
static const struct {
    const char *scheme, *told;
} lookups[] = {{"socks5", "127.0.0.1"}, {"socks5h", "localhost"}};

START_TEST(name_is_looked_up_where_the_scheme_says)
{
    int port = it_make_port(IT_NGINX, IT_BRIEF);
    const json_t *row;

    if (!has_both(IT_PROXY_SOCKS))
        return;
    row = site_fetch(it_text("http://localhost:%d%s", port, site_path(3)),
                     IT_ARGS("-4", "-x", it_proxy_url(IT_PROXY_SOCKS, lookups[_i].scheme)));
    site_check(row, 3);
    it_proxy_await(IT_PROXY_SOCKS, it_text("connected to %s:%d", lookups[_i].told, port));
}
END_TEST

/* ---- the environment ---- */

static const struct {
    const char *variable, *no_proxy;
    enum it_listener listener;
    bool through;
} environments[] = {
    {"http_proxy", "", IT_PLAIN, true},
    {"http_proxy", "", IT_SECURE, false},
    {"https_proxy", "", IT_SECURE, true},
    {"HTTPS_PROXY", "", IT_SECURE, true},
    {"all_proxy", "", IT_PLAIN, true},
    {"http_proxy", "127.0.0.1", IT_PLAIN, false},
    {"http_proxy", "example.org,127.0.0.0/8", IT_PLAIN, false},
    {"http_proxy", "*", IT_PLAIN, false},
    {"http_proxy", "127.0.0.2", IT_PLAIN, true},
    {"https_proxy", "127.0.0.1", IT_SECURE, false},
};
enum { ENVIRONMENTS = sizeof environments / sizeof *environments };

START_TEST(environment_chooses_the_proxy)
{
    enum it_listener listener = environments[_i].listener;
    struct it_run run;
    const json_t *row;
    int through;

    if (!has_both(IT_PROXY_LOGIN))
        return;
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("-q", "--format", "jsonl", "--retry", "0", "--hash", "sha256", "--cacert",
                        it_ca_file(), "--proxy-from-env",
                        it_text("%s%s", it_make_origin(IT_NGINX, listener), site_path(5))),
        .env = IT_ARGS(
            "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "NO_PROXY",
            it_text("no_proxy=%s", environments[_i].no_proxy),
            it_text("%s=%s", environments[_i].variable, it_proxy_url(IT_PROXY_LOGIN, "http")))});
    row = json_array_get(it_rows(run.out), 0);
    site_check(row, 5);
    through =
        environments[_i].through ? it_proxy_port(IT_PROXY_LOGIN) : it_make_port(IT_NGINX, listener);
    ck_assert_int_eq(it_int(row, "remote_port"), through);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("proxies");
    TCase *tcase = tcase_create("proxies");

    tcase_add_unchecked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, plain_url_is_asked_of_the_proxy, 0, HTTP_PROXIES);
    tcase_add_test(tcase, proxy_that_keeps_connections_keeps_them_for_streams_too);
    tcase_add_loop_test(tcase, secure_url_goes_through_a_tunnel, 0, HTTP_PROXIES * VERSIONS);
    tcase_add_loop_test(tcase, connections_that_close_behind_a_proxy_cost_no_url, 0,
                        HTTP_PROXIES * BRIEF);
    tcase_add_loop_test(tcase, wrong_login_fails_and_tells_no_password, 0, REFUSED);
    tcase_add_loop_test(tcase, socks_is_a_connection_like_any_other, 0, 4 * SOCKS_WAYS);
    tcase_add_loop_test(tcase, name_is_looked_up_where_the_scheme_says, 0, 2);
    tcase_add_loop_test(tcase, environment_chooses_the_proxy, 0, ENVIRONMENTS);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
