#include <string.h>
#include <sys/stat.h>

#include "robots_site.h"

/* The user's credentials and plain http: to whom they go, and what is told of it. */

static const char told[] = ": credentials go there over plain http";

static const char *config_of(const char *text)
{
    const char *path = it_path("haul.conf");

    it_write(path, text, strlen(text));
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

/* A name that is not loopback's, though it leads there. */
static const char *resolve(const char *listener)
{
    return it_text("site.test:%d:127.0.0.1", it_port(listener));
}

static const char *url_of(const char *scheme, const char *listener)
{
    return it_text("%s://site.test:%d/echo", scheme, it_port(listener));
}

static bool is_sent_to(const char *path)
{
    const json_t *log = it_log(path);

    ck_assert_uint_eq(json_array_size(log), 1);
    return it_log_has_header(json_array_get(log, 0), "Authorization") ||
           it_log_has_header(json_array_get(log, 0), "Cookie");
}

static bool is_sent(void)
{
    return is_sent_to("/echo");
}

/* ---- patterns with a scheme ---- */

static const struct {
    const char *title;
    bool at_http, at_https;
} titles[] = {
    {"site.test", true, true},          {"https://site.test", false, true},
    {"HTTPS://Site.Test", false, true}, {"http://site.test", true, false},
    {"https://*.test", false, true},
};
enum { TITLES = sizeof titles / sizeof *titles };

START_TEST(section_of_a_scheme_has_its_credentials_for_that_one_only)
{
    bool is_https = _i >= TITLES;
    const char *text = it_text("[host \"%s\"]\nuser = me:geheim\n", titles[_i % TITLES].title);
    const char *listener = is_https ? "tls" : "http";
    struct it_run run =
        it_haul(IT_ARGS("--config", config_of(text), "-k", "--resolve", resolve(listener),
                        url_of(is_https ? "https" : "http", listener)));

    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(is_sent(), is_https ? titles[_i % TITLES].at_https : titles[_i].at_http);
    /* What was written for http is meant so, and https is nothing to be told of. */
    ck_assert_int_eq(strstr(run.err, told) != NULL, _i == 0);
    ck_assert_ptr_null(strstr(run.err, "geheim"));
}
END_TEST

/* ---- what is told ---- */

static const struct {
    const char *option, *value;
    bool is_told;
} general[] = {
    {"-u", "me:geheim", true},         {"-H", "Authorization: Bearer geheim", true},
    {"-H", "cookie: geheim", true},    {"-H", "Proxy-Authorization: geheim", true},
    {"-H", "X-Api-Key: geheim", true}, {"-H", "Cookie:", false},
    {"-H", "X-Mine: a", false},
};

START_TEST(general_credentials_are_told_alike)
{
    struct it_run run = it_haul(IT_ARGS(general[_i].option, general[_i].value, "--resolve",
                                        resolve("http"), url_of("http", "http")));

    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(
        strstr(run.err, it_text("haul: http://site.test:%d%s", it_port("http"), told)) != NULL,
        general[_i].is_told);
    ck_assert_ptr_null(strstr(run.err, "geheim"));
}
END_TEST

static const char *const loopback[] = {"127.0.0.1", "localhost", "a.localhost", "127.0.1.1"};

START_TEST(loopback_is_no_reason_to_warn)
{
    struct it_run run =
        it_haul(IT_ARGS("-u", "me:geheim", "--retry", "0",
                        it_text("http://%s:%d/echo", loopback[_i], it_port("http"))));

    ck_assert_ptr_null(strstr(run.err, told));
}
END_TEST

/* Whatever it is called, it is not this machine that is asked, or need not be. */
static const struct {
    const char *option, *value;
    bool is_told;
} ways[] = {
    {"-x", "http://127.0.0.1:%d", true},
    {"--resolve", "localhost:%d:127.0.0.1,192.0.2.1", true},
    {"--resolve", "localhost:%d:127.0.0.1", false},
    {"--connect-to", "localhost:%d:site.test:", true},
    {"--connect-to", "::127.0.0.1:%d", false},
};

/* It is looked up, as an absolute name, and not known to libcurl. */
START_TEST(name_below_localhost_with_a_dot_behind_is_told)
{
    struct it_run run = it_haul(IT_ARGS("-u", "me:geheim", "--retry", "0", "--resolve",
                                        it_text("a.localhost.:%d:127.0.0.1", it_port("http")),
                                        it_text("http://a.localhost.:%d/echo", it_port("http"))));

    ck_assert_int_eq(run.status, 0);
    ck_assert(is_sent());
    ck_assert_ptr_nonnull(strstr(run.err, told));
}
END_TEST

START_TEST(loopback_that_leads_elsewhere_is_told)
{
    const char *port = strstr(ways[_i].value, "%d");
    const char *value = it_text("%.*s%d%s", (int)(port - ways[_i].value), ways[_i].value,
                                it_port("http"), port + strlen("%d"));
    struct it_run run = it_haul(IT_ARGS("-u", "me:geheim", "--retry", "0", "--resolve",
                                        resolve("http"), ways[_i].option, value,
                                        it_text("http://localhost:%d/echo", it_port("http"))));
    ck_assert_int_eq(run.status, 0);
    ck_assert(is_sent());
    ck_assert_int_eq(strstr(run.err, told) != NULL, ways[_i].is_told);
}
END_TEST

START_TEST(credentials_of_the_url_itself_are_not_told)
{
    struct it_run run =
        it_haul(IT_ARGS("--resolve", resolve("http"),
                        it_text("http://me:geheim@site.test:%d/echo", it_port("http"))));

    ck_assert_int_eq(run.status, 0);
    ck_assert(is_sent());
    ck_assert_ptr_null(strstr(run.err, told));
}
END_TEST

static const char *origin_of(const char *host)
{
    return it_text("http://%s:%d", host, it_port("http"));
}

static void check_told_once(const struct it_run *run, const char *origin)
{
    const char *at = strstr(run->err, it_text("haul: %s%s", origin, told));

    ck_assert_msg(at != NULL, "%s", run->err);
    ck_assert_msg(!strstr(strstr(at, told) + 1, told), "%s", run->err);
    ck_assert_ptr_null(strstr(run->err, "geheim"));
}

/* What haul itself asks for, with credentials as for any URL. */
START_TEST(host_of_a_sitemap_is_told)
{
    static const char *const options[] = {"--sitemap", "--sitemap-from-robots"};
    struct it_run run =
        it_haul(IT_ARGS("-u", "me:geheim", "--resolve", resolve("http"), "--retry", "0",
                        options[_i], it_text("%s/size?n=5", origin_of("site.test"))));

    ck_assert(is_sent_to(_i ? "/robots.txt" : "/size"));
    check_told_once(&run, origin_of("site.test"));
}
END_TEST

START_TEST(host_of_a_robots_file_is_told)
{
    struct it_run run;

    set_robots("", rules("User-agent: *\nDisallow: /\n", ""));
    run = it_haul(IT_ARGS("-u", "me:geheim", "--robots", "obey", "--resolve", resolve("http"),
                          url_of("http", "http")));
    ck_assert(is_sent_to("/robots.txt"));
    ck_assert_uint_eq(json_array_size(it_log("/echo")), 0);
    check_told_once(&run, origin_of("site.test"));
}
END_TEST

static const char *cookies_of(const char *domain)
{
    const char *path = it_path("cookies"),
               *text = it_text("%s\tTRUE\t/\tFALSE\t0\tid\tgeheim0123456789abcdef\n", domain);

    it_write(path, text, strlen(text));
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

/* The way leads on to a host that has a cookie in the user's file, and is told once for all, and
 * for a line of its own. */
START_TEST(host_that_a_redirect_leads_to_is_told)
{
    const char *to = it_text("%s/echo", origin_of("site.test"));
    const char *url = it_url("/redirect?to=%s", to);
    struct it_run run =
        it_haul(IT_ARGS("-b", cookies_of("site.test"), "--resolve", resolve("http"), "-j", "2", url,
                        it_text("%s%%3fagain", url), it_text("%s%%3fmore", url), _i ? to : url));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(it_log("/echo")), 4);
    check_told_once(&run, origin_of("site.test"));
}
END_TEST

/* Whoever was sent the cookie may lead to a host of which it is a part. */
START_TEST(host_that_is_made_of_the_secret_is_told_without_it)
{
    const char *host = "geheim0123456789abcdef.site.test";
    const char *to = it_text("%s/echo", origin_of(host));
    const char *url = it_text("%s/redirect?to=%s", origin_of("site.test"), to);
    struct it_run run =
        it_haul(IT_ARGS("-b", cookies_of("site.test"), "--resolve", resolve("http"), "--resolve",
                        it_text("%s:%d:127.0.0.1", host, it_port("http")), url));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(
        strstr(run.err, it_text("http://***.site.test:%d%s", it_port("http"), told)));
    ck_assert_ptr_null(strstr(run.err, "geheim0"));
}
END_TEST

/* The first one does not answer, and the other one has what it has not. */
START_TEST(each_host_of_an_entry_has_a_line_of_its_own)
{
    const char *list = it_path("list");
    const char *text = it_text("http://a.test:%d/\thttp://site.test:%d/echo\n", it_port("refused"),
                               it_port("http"));
    struct it_run run;

    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("-u", "me:geheim", "--retry", "0", "--resolve", resolve("http"),
                          "--resolve", it_text("a.test:%d:127.0.0.1", it_port("refused")), "-i",
                          list));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(
        strstr(run.err, it_text("haul: http://a.test:%d%s", it_port("refused"), told)));
    ck_assert_ptr_nonnull(strstr(run.err, it_text("\nhaul: %s%s", origin_of("site.test"), told)));
    ck_assert_ptr_null(strstr(run.err, "\\x0a"));
}
END_TEST

/* What is sent in the place of the general one was written for that URL, or for http. */
START_TEST(field_that_is_not_sent_is_not_told)
{
    const char *text = "[host \"http://site.test\"]\nheader = Authorization: mine\n";
    struct it_run run = it_haul(IT_ARGS("--config", config_of(text), "-H", "Authorization: geheim",
                                        "--resolve", resolve("http"), url_of("http", "http")));

    ck_assert_int_eq(run.status, 0);
    ck_assert(is_sent());
    ck_assert_ptr_null(strstr(run.err, told));
}
END_TEST

/* Once for each host, and not for ever. */
START_TEST(hosts_are_told_once_and_ten_of_them)
{
    const char *list = it_path("list"), *text = "", *at;
    struct it_run run;
    int lines = 0;

    for (int i = 0; i < 60; i++)
        text = it_text("%shttp://h%d.test:1/%d\n", text, i % 30, i);
    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("-u", "me:geheim", "--retry", "0", "--allow-net", "192.0.2.1", "-x",
                          it_text("http://127.0.0.1:%d", it_port("refused")), "-i", list));
    for (at = run.err; (at = strstr(at, told)) != NULL; at++)
        lines++;
    ck_assert_int_eq(lines, 10);
    at = strstr(run.err, "credentials go to further hosts over plain http");
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_null(strstr(at + 1, "credentials go to further hosts"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exposure");
    TCase *tcase = tcase_create("exposure");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, section_of_a_scheme_has_its_credentials_for_that_one_only, 0,
                        2 * TITLES);
    tcase_add_loop_test(tcase, general_credentials_are_told_alike, 0,
                        (int)(sizeof general / sizeof *general));
    tcase_add_loop_test(tcase, loopback_is_no_reason_to_warn, 0,
                        (int)(sizeof loopback / sizeof *loopback));
    tcase_add_loop_test(tcase, loopback_that_leads_elsewhere_is_told, 0,
                        (int)(sizeof ways / sizeof *ways));
    tcase_add_test(tcase, name_below_localhost_with_a_dot_behind_is_told);
    tcase_add_test(tcase, credentials_of_the_url_itself_are_not_told);
    tcase_add_loop_test(tcase, host_of_a_sitemap_is_told, 0, 2);
    tcase_add_test(tcase, host_of_a_robots_file_is_told);
    tcase_add_loop_test(tcase, host_that_a_redirect_leads_to_is_told, 0, 2);
    tcase_add_test(tcase, each_host_of_an_entry_has_a_line_of_its_own);
    tcase_add_test(tcase, host_that_is_made_of_the_secret_is_told_without_it);
    tcase_add_test(tcase, field_that_is_not_sent_is_not_told);
    tcase_add_test(tcase, hosts_are_told_once_and_ten_of_them);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
