#include <stdlib.h>
#include <string.h>

#include "real_site.h"
#include "servers.h"

/* Options that say how a connection is made and used, against servers that can tell. */

static const char *url_of(enum it_make make, enum it_listener listener, int number)
{
    return it_text("%s%s", it_make_origin(make, listener), site_path(number));
}

/* ---- to whom ---- */

static const struct {
    const char *url;  /* with the path of a file behind it */
    const char *rule; /* with the server's port behind it */
    enum it_listener listener;
} detours[] = {
    {"http://elsewhere.invalid", "elsewhere.invalid:80:127.0.0.1", IT_PLAIN},
    {"http://elsewhere.invalid:81", "elsewhere.invalid::127.0.0.1", IT_PLAIN},
    {"http://elsewhere.invalid", "::127.0.0.1", IT_PLAIN},
    {"https://localhost:1", "localhost:1:127.0.0.1", IT_SECURE},
};
enum { DETOURS = sizeof detours / sizeof *detours };

START_TEST(other_host_is_connected_to)
{
    int port = it_make_port(IT_NGINX, detours[_i].listener);
    const char *url = it_text("%s%s", detours[_i].url, site_path(6));
    const json_t *row;

    if (!site_has(IT_NGINX))
        return;
    row = site_fetch(url, IT_ARGS("--connect-to", it_text("%s:%d", detours[_i].rule, port)));
    site_check(row, 6);
    ck_assert_int_eq(it_int(row, "remote_port"), port);
}
END_TEST

/* The server's certificate is for the host of the URL, not for whom was connected to instead. */
START_TEST(detour_does_not_change_whose_certificate_is_wanted)
{
    const json_t *row;

    if (!site_has(IT_NGINX))
        return;
    row = site_fetch(
        it_text("https://elsewhere.invalid%s", site_path(6)),
        IT_ARGS("--connect-to", it_text("::localhost:%d", it_make_port(IT_NGINX, IT_SECURE))));
    ck_assert_str_eq(it_verdict(row), "failed tls");
}
END_TEST

/* ---- from where ---- */

static const struct {
    const char *interface, *verdict;
} sources[] = {{"127.0.0.1", "failed http-403"}, {"127.0.0.2", "ok"}, {"host!127.0.0.2", "ok"}};
enum { SOURCES = sizeof sources / sizeof *sources };

START_TEST(connection_comes_from_the_interface)
{
    enum it_listener listener = _i / SOURCES ? IT_SECURE : IT_PLAIN;
    const char *url;
    const json_t *row;

    if (!site_has(IT_NGINX))
        return;
    url = it_text("%s/second%s", it_make_origin(IT_NGINX, listener), site_path(8));
    row = site_fetch(url, IT_ARGS("--interface", sources[_i % SOURCES].interface));
    ck_assert_str_eq(it_verdict(row), sources[_i % SOURCES].verdict);
}
END_TEST

/* ---- the version of TLS ---- */

static const struct {
    enum it_listener listener;
    const char *option, *verdict;
} versions[] = {
    {IT_TLS12, "--tlsv1.2", "ok"},
    {IT_TLS12, "--tlsv1.3", "failed tls"},
    {IT_TLS12, "--tls-min=1.3", "failed tls"},
    {IT_SECURE, "--tlsv1.2", "ok"},
    {IT_SECURE, "--tls-min=1.3", "ok"},
};
enum { VERSIONS = sizeof versions / sizeof *versions };

START_TEST(older_tls_than_wanted_fails)
{
    enum it_make make = (enum it_make)(_i % IT_MAKES);
    int version = _i / IT_MAKES;
    const json_t *row;

    if (!site_has(make))
        return;
    row =
        site_fetch(url_of(make, versions[version].listener, 9), IT_ARGS(versions[version].option));
    ck_assert_msg(strcmp(it_verdict(row), versions[version].verdict) == 0, "%s: %s %s",
                  it_make_name(make), it_verdict(row), it_str_or_empty(row, "errormsg"));
}
END_TEST

/* ---- HTTP/2 from the first byte ---- */

static const struct {
    const char *jobs, *streams;
} shapes[] = {{"1", "1"}, {"4", "1"}, {"1", "8"}, {"2", "8"}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

START_TEST(http2_is_spoken_without_tls_to_who_is_known_to_speak_it)
{
    enum it_make make = (enum it_make)(_i % IT_MAKES);
    int shape = _i / IT_MAKES;
    struct it_run run;
    const json_t *rows;

    if (!site_has(make))
        return;
    run = SITE_RUN("--http2-prior-knowledge", "-j", shapes[shape].jobs, "--streams",
                   shapes[shape].streams, "-i",
                   site_list(it_make_origin(make, IT_PRIOR), 0, SITE_FILES));
    rows = site_check_all(&run, 0, SITE_FILES);
    for (size_t i = 0; i < SITE_FILES; i++)
        ck_assert_str_eq(it_str(json_array_get(rows, i), "http_version"), "2");
    ck_assert_int_le(site_connections(rows), atoi(shapes[shape].jobs));
}
END_TEST

/* Without the option the same server is asked in HTTP/1.1, if it has that as well. */
START_TEST(http2_alone_is_for_tls)
{
    const json_t *row;

    if (!site_has((enum it_make)_i))
        return;
    row = site_fetch(url_of((enum it_make)_i, IT_PLAIN, 3), IT_ARGS("--http2"));
    site_check(row, 3);
    ck_assert_str_eq(it_str(row, "http_version"), "1.1");
}
END_TEST

/* nginx and Apache speak nothing but HTTP/1.1 there, which is no answer to HTTP/2. */
START_TEST(http2_to_who_does_not_speak_it_fails)
{
    enum it_make make = _i ? IT_APACHE : IT_NGINX;

    if (!site_has(make))
        return;
    ck_assert_str_eq(
        it_str(site_fetch(url_of(make, IT_PLAIN, 3), IT_ARGS("--http2-prior-knowledge")),
               "outcome"),
        "failed");
}
END_TEST

/* ---- how fast ---- */

static const struct {
    enum it_listener listener;
    const char *http;
    int files;
    const char *rate, *streams;
} rates[] = {
    {IT_PLAIN, "--http1.1", 1, "100k", "1"},
    {IT_SECURE, "--http1.1", 1, "100k", "1"},
    {IT_SECURE, "--http2", 1, "100k", "1"},
    {IT_PLAIN, "--http1.1", 3, "300k", "1"}, /* it is the rate of the whole run */
    {IT_SECURE, "--http2", 3, "300k", "4"},
};
enum { RATES = sizeof rates / sizeof *rates, RATE_MS = 2000 };

/* It takes 2.9 s; some may be received before the rate counts. */
START_TEST(rate_is_not_exceeded)
{
    struct it_run run;

    if (!site_has(IT_NGINX))
        return;
    run = SITE_RUN(rates[_i].http, "-j", "3", "--streams", rates[_i].streams, "--no-compressed",
                   "--limit-rate", rates[_i].rate, "-i",
                   site_list(it_make_origin(IT_NGINX, rates[_i].listener), SITE_FIRST_LARGE + 1,
                             rates[_i].files));
    (void)site_check_all(&run, SITE_FIRST_LARGE + 1, rates[_i].files);
    ck_assert_int_ge(run.wall_ms, RATE_MS);
}
END_TEST

START_TEST(rate_of_a_host_is_not_exceeded)
{
    static const char text[] = "[host \"127.0.0.1\"]\nlimit-rate = 100k\n";
    const char *path = it_path("rate.conf");
    struct it_run run;

    if (!site_has(IT_NGINX))
        return;
    it_write(path, text, sizeof text - 1);
    run = SITE_RUN("-K", path, "--no-compressed", url_of(IT_NGINX, IT_PLAIN, SITE_FIRST_LARGE + 1));
    (void)site_check_all(&run, SITE_FIRST_LARGE + 1, 1);
    ck_assert_int_ge(run.wall_ms, RATE_MS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connecting");
    TCase *tcase = tcase_create("connecting");

    tcase_add_unchecked_fixture(tcase, site_begin, site_end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, other_host_is_connected_to, 0, DETOURS);
    tcase_add_test(tcase, detour_does_not_change_whose_certificate_is_wanted);
    tcase_add_loop_test(tcase, connection_comes_from_the_interface, 0, 2 * SOURCES);
    tcase_add_loop_test(tcase, older_tls_than_wanted_fails, 0, IT_MAKES * VERSIONS);
    tcase_add_loop_test(tcase, http2_is_spoken_without_tls_to_who_is_known_to_speak_it, 0,
                        IT_MAKES * SHAPES);
    tcase_add_loop_test(tcase, http2_alone_is_for_tls, 0, IT_MAKES);
    tcase_add_loop_test(tcase, http2_to_who_does_not_speak_it_fails, 0, 2);
    tcase_add_loop_test(tcase, rate_is_not_exceeded, 0, RATES);
    tcase_add_test(tcase, rate_of_a_host_is_not_exceeded);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
