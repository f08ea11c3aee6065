#include <string.h>
#include <sys/stat.h>

#include "sitemap_site.h"

/*
 * Sitemaps on another host that a site's robots.txt names. The site is nginx at 127.0.0.1. The
 * other host is localhost: the same nginx, or the test server, whose log has what it was sent, and
 * which redirects to a file of nginx.
 */

static const char *elsewhere(const char *name)
{
    return it_text("http://localhost:%d/%s", it_nginx_port(IT_NGINX_PLAIN), name);
}

/* That file as a sitemap of the test server; it logs what it is asked with. */
static const char *logged(const char *name)
{
    return it_text("http://localhost:%d/redirect?to=%s", it_port("http"), elsewhere(name));
}

/* Pages of the site and one of the other host. */
static void publish_pages(void)
{
    publish("cross.txt",
            it_text("%s\n%s\n%s\n", site_url("page?1"), elsewhere("page?2"), site_url("page?3")));
}

static void check_pages(const struct it_run *run)
{
    const json_t *rows = it_rows(run->out);

    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "invalid other-host");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 2)), "ok");
    ck_assert_int_eq(run->status, 1); /* of the invalid one */
}

START_TEST(relative_sitemap_is_read)
{
    static const char *const lines[] = {"/two.xml", "two.xml", "./no/../two.xml"};

    if (!has_nginx)
        return;
    publish("robots.txt", it_text("User-agent: *\nDisallow: /\nSitemap: %s\n", lines[_i]));
    (void)good_rows("--sitemap-from-robots", site_url("any/page"), 2);
}
END_TEST

START_TEST(sitemap_elsewhere_gives_the_pages_of_the_site)
{
    struct it_run run;

    if (!has_nginx)
        return;
    publish_pages();
    publish("robots.txt", it_text("Sitemap: %s\n", elsewhere("cross.txt")));
    run = it_haul(
        IT_ARGS("--format", "jsonl", "--order", "input", "--sitemap-from-robots", site_url("")));
    check_pages(&run);
}
END_TEST

START_TEST(index_elsewhere_is_followed_there)
{
    struct it_run run;

    if (!has_nginx)
        return;
    publish_pages();
    publish_index("cross.xml", (const char *const[]){elsewhere("cross.txt"), NULL});
    publish("robots.txt", it_text("Sitemap: %s\n", elsewhere("cross.xml")));
    run = it_haul(
        IT_ARGS("--format", "jsonl", "--order", "input", "--sitemap-from-robots", site_url("")));
    check_pages(&run);
}
END_TEST

START_TEST(refused_sitemap_names_the_option)
{
    struct it_run run;

    if (!has_nginx)
        return;
    publish_index("third.xml", (const char *const[]){logged("two.xml"), site_url("two.xml"), NULL});
    publish("robots.txt", it_text("Sitemap: %s\n", site_url("third.xml")));
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap-from-robots", site_url("")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, it_text("%s:2: the sitemap named here is not read: on another "
                                          "host than its sitemap (--sitemap-any-host takes it)",
                                          site_url("third.xml"))) != NULL,
                  "%.1000s", run.err);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* ---- as a stranger ---- */

enum { MANY = 60 };

static const char *secret_file(const char *name, const char *text)
{
    const char *path = it_path(name);

    it_write(path, text, strlen(text));
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

/* A section for the other host, whose own credentials do not go there unasked, either. */
static const char *config_of_other_host(void)
{
    static const char text[] = "[host \"localhost\"]\nuser = me:s3cret\nheader = X-Rule: 1\n"
                               "user-agent = rule/1\n";

    return secret_file("other.conf", text);
}

/* A run with much that is the user's, some of it meant for the other host. */
static void run_with_secrets(const char *option)
{
    const char *cookies = secret_file("cookies", "localhost\tFALSE\t/\tFALSE\t0\tc\td\n");
    const char *logins = secret_file("logins", "machine localhost login me password s3cret\n");
    struct it_run run;

    it_reset_server();
    run = it_haul(IT_ARGS("--format", "jsonl", "--window", "4", "--per-host", "1", "--config",
                          config_of_other_host(), "-H", "X-Secret: 1", "-H", "Cookie: a=b", "-H",
                          "Authorization: Bearer s3cret", "--cookie", cookies, "--netrc-file",
                          logins, option, "--sitemap-from-robots", site_url("")));
    ck_assert_msg(run.status <= 1, "%.1000s", run.err);
}

static const char *const own[] = {"X-Secret", "X-Rule", "Cookie", "Authorization"};

static void check_own(const json_t *request, bool has_them)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        ck_assert_msg(it_log_has_header(request, own[i]) == has_them, "%s %s",
                      it_str(request, "path"), own[i]);
}

/* The one request that the other host was sent for a sitemap. */
static const json_t *request_of_sitemap(const char *any_host)
{
    run_with_secrets(any_host);
    ck_assert_uint_eq(json_array_size(it_log("/redirect")), 1);
    return json_array_get(it_log("/redirect"), 0);
}

START_TEST(sitemap_elsewhere_is_asked_for_without_what_is_the_users)
{
    const json_t *request;

    if (!has_nginx)
        return;
    publish_pages();
    publish("robots.txt", it_text("Sitemap: %s\n", logged("cross.txt")));
    request = request_of_sitemap("--no-sitemap-any-host");
    check_own(request, false);
    ck_assert(it_log_has_header(request, "User-Agent"));
    /* Who lets any host be named has named it. */
    check_own(request_of_sitemap("--sitemap-any-host"), true);
}
END_TEST

static const char *const ways[] = {"--robots=ignore", "--robots=obey"};

/* A redirect has named it, of a sitemap that robots.txt names on the site. Its pages count, and
 * those of further sitemaps there; but they are asked for as by anybody. */
START_TEST(host_behind_a_redirect_gets_nothing_that_is_the_users)
{
    const char *there = it_text("http://localhost:%d/", it_port("http"));
    struct haul_buf pages;
    const json_t *log;

    if (!has_nginx)
        return;
    haul_buf_init(&pages, 0);
    for (int i = 0; i < MANY; i++) /* most of them wait in a file (--spill-max) */
        haul_buf_addf(&pages, "%ssize?n=1&there%d\n", there, i);
    publish("there.txt", haul_buf_str(&pages));
    haul_buf_done(&pages);
    publish_index("there.xml", (const char *const[]){logged("there.txt"), NULL});
    publish("robots.txt", it_text("Sitemap: http://127.0.0.1:%d/redirect?to=%s\n", it_port("http"),
                                  logged("there.xml")));
    run_with_secrets(ways[_i]);
    log = it_log("/size?n=1&there");
    ck_assert_uint_eq(json_array_size(log), MANY);
    for (size_t i = 0; i < MANY; i++)
        check_own(json_array_get(log, i), false);
    log = it_log(it_text("/redirect?to=%s", elsewhere("there.txt")));
    ck_assert_uint_eq(json_array_size(log), 1);
    check_own(json_array_get(log, 0), false);
    log = it_log(it_text("/redirect?to=%s", elsewhere("there.xml"))); /* the redirect's own hop */
    ck_assert_uint_eq(json_array_size(log), 1);
    check_own(json_array_get(log, 0), false);
    log = it_log("/robots.txt");
    ck_assert_int_eq((int)json_array_size(log), _i);
    for (size_t i = 0; i < json_array_size(log); i++)
        check_own(json_array_get(log, i), false);
}
END_TEST

/* The robots.txt of a host in the list leads to another one: nobody has asked for that. */
START_TEST(redirect_of_robots_gets_nothing_that_is_the_users_elsewhere)
{
    const char *there = it_text("http://localhost:%d/any/robots", it_port("http"));
    const char *cookies = secret_file("cookies", "localhost\tFALSE\t/\tFALSE\t0\tc\td\n"
                                                 "127.0.0.1\tFALSE\t/\tFALSE\t0\tc\td\n");
    const char *logins = secret_file("logins", "machine localhost login me password s3cret\n"
                                               "machine 127.0.0.1 login me password s3cret\n");
    struct it_run run;

    it_reset_server();
    (void)it_ask("/robots/set?to=/redirect%%3Fto%%3D%s", there);
    run = it_haul(IT_ARGS("--robots", "obey", "--cookie", cookies, "--netrc-file", logins,
                          it_url("/size?n=1")));
    ck_assert_msg(run.status == 0, "%.1000s", run.err);
    ck_assert_uint_eq(json_array_size(it_log("/any/robots")), 1);
    ck_assert(!it_log_has_header(json_array_get(it_log("/any/robots"), 0), "Cookie"));
    ck_assert(!it_log_has_header(json_array_get(it_log("/any/robots"), 0), "Authorization"));
    ck_assert(it_log_has_header(json_array_get(it_log("/robots.txt"), 0), "Cookie"));
    ck_assert(it_log_has_header(json_array_get(it_log("/size"), 0), "Authorization"));
}
END_TEST

/* Whoever writes a sitemap could otherwise have it for any host of his. */
START_TEST(login_for_any_host_is_for_none_that_only_a_sitemap_names)
{
    const char *logins = secret_file("any", "default login me password s3cret\n");
    const char *here = it_url("/redirect?to=%s", site_url("two.xml"));
    const char *files[] = {here, logged("pages.txt"), NULL};
    struct it_run run;
    const json_t *log;

    if (!has_nginx)
        return;
    publish("pages.txt",
            it_text("%s\nhttp://localhost:%d/size?n=2\n", it_url("/size?n=1"), it_port("http")));
    publish_index("any.xml", files);
    run = it_haul(IT_ARGS("--sitemap-any-host", "--netrc-file", logins, "--sitemap",
                          site_url("any.xml"),
                          it_text("http://localhost:%d/size?n=3", it_port("http"))));
    ck_assert_msg(run.status == 0, "%.1000s", run.err);
    ck_assert_uint_eq(json_array_size(it_log("/redirect")), 2);
    ck_assert_uint_eq(json_array_size(it_log("/size")), 3);
    log = it_log("/");
    for (size_t i = 0; i < json_array_size(log); i++) {
        const json_t *line = json_array_get(log, i);
        bool is_ours = strstr(it_str(line, "host"), "127.0.0.1") != NULL ||
                       strcmp(it_str(line, "path"), "/size?n=3") == 0;

        ck_assert_msg(it_log_has_header(line, "Authorization") == is_ours, "%s",
                      it_str(line, "path"));
    }
}
END_TEST

/* The one that the site itself has is asked for with all, before and after. */
START_TEST(sitemap_of_the_site_is_asked_for_as_ever)
{
    const char *robots;
    struct it_run run;
    const json_t *log;

    if (!has_nginx)
        return;
    publish_pages();
    robots =
        it_text("Sitemap: %s\nSitemap: http://127.0.0.1:%d/redirect?to=%s\nSitemap: %s\n",
                logged("cross.txt"), it_port("http"), site_url("two.xml"), logged("cross.txt?2"));
    publish("robots.txt", robots);
    run = it_haul(
        IT_ARGS("--format", "jsonl", "-H", "X-Secret: 1", "--sitemap-from-robots", site_url("")));
    ck_assert_int_le(run.status, 1);
    log = it_log("/redirect");
    ck_assert_uint_eq(json_array_size(log), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(it_log_has_header(json_array_get(log, i), "X-Secret"), i == 1);
}
END_TEST

START_TEST(nets_that_are_denied_stay_so)
{
    struct it_run run;

    if (!has_nginx)
        return;
    publish("robots.txt", it_text("Sitemap: http://site.test:%d/two.xml\n", it_port("http")));
    run = it_haul(IT_ARGS("--format", "jsonl", "--deny-net", "127.0.0.2/32", "--resolve",
                          it_text("site.test:%d:127.0.0.2", it_port("http")),
                          "--sitemap-from-robots", site_url("")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "/two.xml: cannot be fetched: address") != NULL, "%.1000s",
                  run.err);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sitemap_robots");
    TCase *tcase = tcase_create("robots");

    tcase_add_unchecked_fixture(tcase, begin_site, end_site);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, relative_sitemap_is_read, 0, 3);
    tcase_add_test(tcase, sitemap_elsewhere_gives_the_pages_of_the_site);
    tcase_add_test(tcase, index_elsewhere_is_followed_there);
    tcase_add_test(tcase, refused_sitemap_names_the_option);
    tcase_add_test(tcase, sitemap_elsewhere_is_asked_for_without_what_is_the_users);
    tcase_add_test(tcase, redirect_of_robots_gets_nothing_that_is_the_users_elsewhere);
    tcase_add_loop_test(tcase, host_behind_a_redirect_gets_nothing_that_is_the_users, 0,
                        (int)(sizeof ways / sizeof *ways));
    tcase_add_test(tcase, login_for_any_host_is_for_none_that_only_a_sitemap_names);
    tcase_add_test(tcase, sitemap_of_the_site_is_asked_for_as_ever);
    tcase_add_test(tcase, nets_that_are_denied_stay_so);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
