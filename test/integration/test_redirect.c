#include <string.h>

#include "harness.h"
#include "servers.h"

/* Where a redirect may lead, and what may go there. */

static const json_t *fetch_with(const char *option, const char *value, const char *url)
{
    struct it_run run = it_haul(IT_ARGS("--cacert", it_ca_file(), "--format", "jsonl",
                                        option ? option : "-j", value ? value : "2", url));
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    return json_array_get(rows, 0);
}

static const json_t *fetch(const char *url)
{
    return fetch_with(NULL, NULL, url);
}

START_TEST(chain_at_the_limit_is_ok)
{
    const json_t *row = fetch(it_url("/redirect-chain?n=10"));

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "num_redirects"), 10);
    ck_assert_int_eq(it_int(row, "size_body"), 6);
    ck_assert_str_eq(it_str(row, "url"), it_url("/redirect-chain?n=10"));
    ck_assert_str_eq(it_str(row, "url_effective"), it_url("/redirect-chain?n=0"));
    ck_assert_int_eq(it_stat("requests"), 11);
}
END_TEST

START_TEST(chain_one_over_the_limit_fails)
{
    ck_assert_str_eq(it_verdict(fetch(it_url("/redirect-chain?n=11"))), "failed redirects");
    ck_assert_int_eq(it_stat("requests"), 11);
}
END_TEST

START_TEST(limit_of_the_command_line_holds)
{
    ck_assert_str_eq(it_verdict(fetch_with("--max-redirs", "2", it_url("/redirect-chain?n=2"))),
                     "ok");
    ck_assert_str_eq(it_verdict(fetch_with("--max-redirs", "2", it_url("/redirect-chain?n=3"))),
                     "failed redirects");
}
END_TEST

START_TEST(loop_fails)
{
    ck_assert_str_eq(it_verdict(fetch(it_url("/redirect-loop"))), "failed redirects");
}
END_TEST

START_TEST(without_location_a_redirect_is_a_status)
{
    struct it_run run =
        it_haul(IT_ARGS("--no-location", "--format", "jsonl", it_url("/redirect-chain?n=1")));
    const json_t *row = json_array_get(it_rows(run.out), 0);

    ck_assert_str_eq(it_verdict(row), "failed http-302");
    ck_assert_int_eq(it_stat("requests"), 1);
}
END_TEST

static const char *const schemes[] = {"file", "ftp",    "gopher",     "dict",   "ldap", "scp",
                                      "smb",  "telnet", "javascript", "mailto", "data", "ws"};
enum { SCHEME_COUNT = sizeof schemes / sizeof *schemes };

START_TEST(other_scheme_is_refused)
{
    const json_t *row = fetch(it_url("/redirect-scheme?s=%s", schemes[_i]));

    ck_assert_msg(strcmp(it_verdict(row), "failed scheme") == 0 ||
                      strcmp(it_verdict(row), "failed bad-redirect") == 0,
                  "%s", it_verdict(row));
    ck_assert_int_eq(it_stat("requests"), 1);
}
END_TEST

START_TEST(other_scheme_is_not_connected_to)
{
    const char *to = it_text("ftp://127.0.0.1:%d/x", it_port("http2nd"));
    const json_t *row = fetch(it_url("/redirect?to=%s", to));

    ck_assert_str_eq(it_verdict(row), "failed scheme");
    /* The redirect itself, the reset before, and this question. */
    ck_assert_int_eq(it_stat("connections"), 2);
}
END_TEST

START_TEST(https_to_http_is_refused)
{
    const char *url = it_text("https://127.0.0.1:%d/redirect-plain?path=/echo", it_port("tls"));

    ck_assert_str_eq(it_verdict(fetch(url)), "failed downgrade");
    ck_assert_int_eq(it_stat("requests"), 1);
}
END_TEST

START_TEST(http_to_https_is_followed)
{
    const json_t *row = fetch(it_url("/redirect-secure?path=/size%%3Fn=77"));

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "size_body"), 77);
    ck_assert_str_eq(it_str(row, "scheme"), "https");
}
END_TEST

/* ---- what may go along ---- */

static const json_t *last_of_log(void)
{
    const json_t *log = it_log("/echo");

    ck_assert_uint_eq(json_array_size(log), 1);
    return json_array_get(log, 0);
}

static const char *const away[] = {"redirect-port", "redirect-host", "redirect-secure"};
enum { AWAY_COUNT = sizeof away / sizeof *away };

START_TEST(header_does_not_go_to_another_origin)
{
    ck_assert_str_eq(it_verdict(fetch_with("-H", "X-Secret: s3cret", it_url("/%s", away[_i]))),
                     "ok");
    ck_assert(it_log_has_header(json_array_get(it_log(it_text("/%s", away[_i])), 0), "X-Secret"));
    ck_assert(!it_log_has_header(last_of_log(), "X-Secret"));
}
END_TEST

START_TEST(credentials_do_not_go_to_another_origin)
{
    ck_assert_str_eq(it_verdict(fetch_with("-u", "me:s3cret", it_url("/%s", away[_i]))), "ok");
    ck_assert(
        it_log_has_header(json_array_get(it_log(it_text("/%s", away[_i])), 0), "Authorization"));
    ck_assert(!it_log_has_header(last_of_log(), "Authorization"));
}
END_TEST

START_TEST(header_goes_to_the_same_origin)
{
    ck_assert_str_eq(it_verdict(fetch_with("-H", "X-Secret: s3cret", it_url("/redirect?to=/echo"))),
                     "ok");
    ck_assert(it_log_has_header(last_of_log(), "X-Secret"));
}
END_TEST

START_TEST(credentials_go_to_the_same_origin)
{
    ck_assert_str_eq(it_verdict(fetch_with("-u", "me:s3cret", it_url("/redirect?to=/echo"))), "ok");
    ck_assert(it_log_has_header(last_of_log(), "Authorization"));
}
END_TEST

START_TEST(credentials_of_a_redirect_target_are_not_used_for_the_next_url)
{
    const char *to = it_text("http://x:y@127.0.0.1:%d/echo?1", it_port("http2nd"));
    const char *next = it_text("http://127.0.0.1:%d/echo?2", it_port("http2nd"));
    struct it_run run = it_haul(IT_ARGS("-j", "1", it_url("/redirect?to=%s", to), next));

    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert(!it_log_has_header(json_array_get(it_log("/echo?2"), 0), "Authorization"));
}
END_TEST

/* ---- connections ---- */

/*
 * The bytes that a server sends behind its answer are there before the connection is wanted again,
 * because no two URLs are started within half a second. Whoever used it before and whoever wants it
 * now may have come by a redirect.
 */
static const struct {
    bool before, after;
} by_redirect[] = {{false, false}, {true, false}, {false, true}, {true, true}};
enum { BY_REDIRECT_COUNT = sizeof by_redirect / sizeof *by_redirect };

static const char *maybe_redirect(bool redirect, const char *path)
{
    return redirect ? it_text("http://127.0.0.1:%d/redirect?to=%s", it_port("http2nd"),
                              it_url("%s", path))
                    : it_url("%s", path);
}

START_TEST(reply_left_over_is_not_taken_for_the_next_one)
{
    struct it_run run =
        it_haul(IT_ARGS("-j", "1", "--rate", "2/s", "--format", "jsonl", "--order", "input",
                        maybe_redirect(by_redirect[_i].before, "/fault/poison-reply-late"),
                        maybe_redirect(by_redirect[_i].after, "/size?n=777")));
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(it_count(rows, "ok"), 2);
    ck_assert_int_eq(it_int(json_array_get(rows, 1), "size_body"), 777);
}
END_TEST

/* ---- secrets in outputs ---- */

static void check_secret(const struct it_run *run)
{
    ck_assert_msg(!strstr(run->out, "s3cret"), "%.1000s", run->out);
    ck_assert_msg(!strstr(run->err, "s3cret"), "%.1000s", run->err);
}

static const char *const formats[] = {"text", "csv", "tsv", "jsonl"};

START_TEST(password_of_a_url_is_used_and_never_shown)
{
    const char *host = it_text("127.0.0.1:%d", it_port("http"));
    const char *list = it_path("secrets");
    const char *text =
        it_text("http://me:s3cret@%s/echo\nhttp://me:s3cret@%s/status/404\n"
                "http://me:s3cret@127.0.0.1:%d/\nhttp://me:s3cret@[oops/\nftp://me:s3cret@%s/\n"
                "http://me:s3cret@%s:x/\nhttp://me:s3cret@/\n",
                host, host, it_port("refused"), host, host);
    struct it_run run;

    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("-v", "-j", "2", "--format", formats[_i], "-i", list));
    ck_assert_uint_ge(it_lines(run.out), 7);
    check_secret(&run);
    ck_assert(it_log_has_header(last_of_log(), "Authorization"));
}
END_TEST

START_TEST(password_of_a_redirect_target_is_not_shown_as_effective_url)
{
    const char *to = it_text("http://me:s3cret@127.0.0.1:%d/echo", it_port("http2nd"));
    const json_t *row = fetch(it_url("/redirect?to=%s", to));

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(it_str(row, "url_effective"),
                     it_text("http://127.0.0.1:%d/echo", it_port("http2nd")));
}
END_TEST

START_TEST(password_of_an_argument_is_never_shown)
{
    struct it_run run =
        it_haul(IT_ARGS("-v", "-u", "me:s3cret",
                        it_text("http://me:s3cret@127.0.0.1:%d/status/404", it_port("http"))));

    ck_assert_int_eq(run.status, 1);
    check_secret(&run);
}
END_TEST

START_TEST(bad_option_value_shows_no_password)
{
    struct it_run run = it_haul(IT_ARGS("-x", "ftp://me:s3cret@proxy.invalid/", it_url("/")));

    ck_assert_int_ne(run.status, 0);
    check_secret(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redirect");
    TCase *tcase = tcase_create("redirect");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, chain_at_the_limit_is_ok);
    tcase_add_test(tcase, chain_one_over_the_limit_fails);
    tcase_add_test(tcase, limit_of_the_command_line_holds);
    tcase_add_test(tcase, loop_fails);
    tcase_add_test(tcase, without_location_a_redirect_is_a_status);
    tcase_add_loop_test(tcase, other_scheme_is_refused, 0, SCHEME_COUNT);
    tcase_add_test(tcase, other_scheme_is_not_connected_to);
    tcase_add_test(tcase, https_to_http_is_refused);
    tcase_add_test(tcase, http_to_https_is_followed);
    tcase_add_loop_test(tcase, header_does_not_go_to_another_origin, 0, AWAY_COUNT);
    tcase_add_loop_test(tcase, credentials_do_not_go_to_another_origin, 0, AWAY_COUNT);
    tcase_add_test(tcase, header_goes_to_the_same_origin);
    tcase_add_test(tcase, credentials_go_to_the_same_origin);
    tcase_add_test(tcase, credentials_of_a_redirect_target_are_not_used_for_the_next_url);
    tcase_add_loop_test(tcase, reply_left_over_is_not_taken_for_the_next_one, 0, BY_REDIRECT_COUNT);
    tcase_add_loop_test(tcase, password_of_a_url_is_used_and_never_shown, 0, 4);
    tcase_add_test(tcase, password_of_a_redirect_target_is_not_shown_as_effective_url);
    tcase_add_test(tcase, password_of_an_argument_is_never_shown);
    tcase_add_test(tcase, bad_option_value_shows_no_password);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
