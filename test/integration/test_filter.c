#include <signal.h>
#include <string.h>

#include "harness.h"
#include "servers.h"

/* Which addresses are connected to, what goes along to whom, and what is never shown. */

enum { ADDRESSES = 2, ARGS_MAX = 40 };

/* Options as on a command line, words with one blank between; then the URL. */
static struct it_run run(const char *options, const char *url)
{
    const char *argv[ARGS_MAX] = {"--cacert", it_ca_file(), "--retry", "0", "--format", "jsonl"};
    int count = 6;

    while (*options && count < ARGS_MAX - 2) {
        int len = (int)strcspn(options, " ");

        argv[count++] = it_text("%.*s", len, options);
        options += len;
        options += *options == ' ';
    }
    argv[count] = url;
    return it_haul(argv);
}

static const json_t *fetch(const char *options, const char *url)
{
    struct it_run done = run(options, url);
    const json_t *rows = it_rows(done.out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    return json_array_get(rows, 0);
}

static const char *many_url(int host, const char *rest)
{
    return it_text("http://127.0.1.%d:%d%s", host, it_port("many"), rest);
}

static const char *tls_url(const char *rest)
{
    return it_text("https://127.0.0.1:%d%s", it_port("tls"), rest);
}

/* Nobody came but these two questions. */
static void check_untouched(void)
{
    ck_assert_int_eq(it_stat("requests"), 0);
    ck_assert_int_eq(it_stat("connections"), 2);
}

/* ---- addresses ---- */

static const char *const local_hosts[] = {"127.0.0.1",          "localhost", "127.1",
                                          "2130706433",         "0x7f.1",    "[::1]",
                                          "[::ffff:127.0.0.1]", "0.0.0.0",   "[::]"};
enum { LOCAL_COUNT = sizeof local_hosts / sizeof *local_hosts };

START_TEST(public_only_refuses_this_machine)
{
    bool is_6 = strcmp(local_hosts[_i], "[::1]") == 0 && it_port("http6");
    const char *url =
        it_text("http://%s:%d/size?n=1", local_hosts[_i], it_port(is_6 ? "http6" : "http"));
    const json_t *row = fetch("--public-only", url);

    ck_assert_str_eq(it_verdict(row), "failed address");
    check_untouched();
}
END_TEST

START_TEST(without_an_option_this_machine_is_fine)
{
    ck_assert_str_eq(it_verdict(fetch("", it_url("/size?n=1"))), "ok");
}
END_TEST

START_TEST(refused_address_is_named_as_the_reason_and_not_tried_again)
{
    struct it_run done = run("--public-only --retry 3 --retry-delay 1ms", it_url("/size?n=1"));
    const json_t *row = json_array_get(it_rows(done.out), 0);

    ck_assert_int_eq(done.status, 1);
    ck_assert_str_eq(it_verdict(row), "failed address");
    ck_assert_int_eq(it_int(row, "attempts"), 1);
}
END_TEST

/* Only what the name stands for counts. */
START_TEST(name_of_a_private_address_is_refused)
{
    const char *options =
        it_text("--public-only --resolve public.test:%d:127.0.0.1", it_port("http"));
    const char *url = it_text("http://public.test:%d/size?n=1", it_port("http"));

    ck_assert_str_eq(it_verdict(fetch(options, url)), "failed address");
    check_untouched();
}
END_TEST

START_TEST(allowed_net_goes_before_public_only)
{
    const char *options = "--public-only --allow-net 127.0.1.1/32";

    ck_assert_str_eq(it_verdict(fetch(options, many_url(1, "/size?n=1"))), "ok");
    ck_assert_str_eq(it_verdict(fetch(options, many_url(2, "/size?n=1"))), "failed address");
    ck_assert_int_eq(it_stat("requests"), 1);
}
END_TEST

START_TEST(allowed_net_is_the_only_one)
{
    ck_assert_str_eq(it_verdict(fetch("--allow-net 127.0.1.0/24", many_url(2, "/size?n=1"))), "ok");
    ck_assert_str_eq(it_verdict(fetch("--allow-net 127.0.1.0/24", it_url("/size?n=1"))),
                     "failed address");
}
END_TEST

START_TEST(denied_net_goes_before_allowed_net)
{
    const char *options = "--allow-net 127.0.0.0/8 --deny-net 127.0.1.2";

    ck_assert_str_eq(it_verdict(fetch(options, many_url(1, "/size?n=1"))), "ok");
    ck_assert_str_eq(it_verdict(fetch(options, many_url(2, "/size?n=1"))), "failed address");
    ck_assert_int_eq(it_stat("requests"), 1);
}
END_TEST

START_TEST(denied_net_alone_lets_the_rest_through)
{
    const char *options = "--deny-net 10.0.0.0/8,127.0.1.1/32";

    ck_assert_str_eq(it_verdict(fetch(options, many_url(1, "/size?n=1"))), "failed address");
    ck_assert_str_eq(it_verdict(fetch(options, many_url(2, "/size?n=1"))), "ok");
}
END_TEST

static const char *const filters[] = {"--allow-net 127.0.1.1/32", "--deny-net 127.0.0.1",
                                      "--public-only --allow-net 127.0.1.1"};

START_TEST(redirect_to_a_refused_address_is_not_followed)
{
    const char *url = many_url(1, it_text("/redirect?to=%s", it_url("/size?n=1")));
    const json_t *row = fetch(filters[_i], url);

    ck_assert_str_eq(it_verdict(row), "failed address");
    ck_assert_uint_eq(json_array_size(it_log("/size")), 0);
    ck_assert_int_eq(it_stat("requests"), 1);
    /* Not even a connection: the first request's, and three questions'. */
    ck_assert_int_eq(it_stat("connections"), 4);
}
END_TEST

START_TEST(refused_addresses_do_not_bring_an_origin_down)
{
    struct it_run done =
        it_haul(IT_ARGS("--host-fail-limit", "1", "-j", "1", "--deny-net", "127.0.0.1", "--format",
                        "jsonl", it_url("/1"), it_url("/2"), it_url("/3")));
    const json_t *rows = it_rows(done.out);

    ck_assert_uint_eq(json_array_size(rows), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(it_verdict(json_array_get(rows, i)), "failed address");
}
END_TEST

START_TEST(wrong_block_is_refused_before_anything_is_fetched)
{
    static const char *const wrong[] = {"300.0.0.0/8", "10.0.0.0/33", "localhost", "::1/129"};
    const char *option = _i % 2 ? "--allow-net" : "--deny-net";
    struct it_run done = run(it_text("%s %s", option, wrong[_i / 2]), it_url("/size?n=1"));

    ck_assert_int_eq(done.status, 2);
    ck_assert_str_eq(done.out, "");
    check_untouched();
}
END_TEST

/* ---- what is never shown ---- */

static const char *const formats[] = {"text", "csv", "tsv", "jsonl"};
enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

static void check_hidden(const struct it_run *done)
{
    ck_assert_msg(!strstr(done->out, "t0ken"), "%.2000s", done->out);
    ck_assert_msg(!strstr(done->err, "t0ken"), "%.2000s", done->err);
}

/* In all places: ok, failed, redirected, refused, invalid, no URL at all, duplicates of it. */
static const char *secret_list(void)
{
    const char *path = it_path("secrets");
    const char *text = it_text(
        "%s\n%s\n%s\n%s\n%s\nhttp://127.0.0.1:%d/?token=t0ken5\nftp://h/?token=t0ken6\n"
        "http://[oops/?token=t0ken7\nhttp://h:x/?a=1&TOKEN=t0ken8\n%s\n",
        it_url("/any/x?n=5&token=t0ken1"), it_url("/status/404?token=t0ken2#token=t0ken9"),
        it_url("/redirect?token=t0ken3&to=/any/y%%3Fn=5%%26token=t0ken4"),
        it_url("/fault/chunk-minus?token=t0kena"), it_url("/redirect?to=ftp://h/%%3Ftoken=t0ken4"),
        it_port("refused"), it_url("/any/z?n=5&Token=t0kenb&sig=t0kenc"));

    it_write(path, text, strlen(text));
    return path;
}

START_TEST(redacted_values_are_in_no_output)
{
    struct it_run done =
        it_haul(IT_ARGS("-v", "-j", "2", "--retry", "0", "--progress", "--redact", "token",
                        "--redact", "/t0ken[4c]/", "--format", formats[_i], "-i", secret_list()));

    ck_assert_uint_ge(it_lines(done.out), 10);
    ck_assert_msg(strstr(done.out, "***") != NULL, "%.2000s", done.out);
    check_hidden(&done);
}
END_TEST

START_TEST(redacted_url_is_requested_as_it_is)
{
    (void)fetch("--redact token", it_url("/any/x?n=5&token=t0ken1"));
    ck_assert_uint_eq(json_array_size(it_log("/any/x?n=5&token=t0ken1")), 1);
    ck_assert_int_eq(it_stat("requests"), 1);
}
END_TEST

START_TEST(redirect_of_a_redacted_url_is_followed_as_it_is)
{
    const json_t *row =
        fetch("--redact token", it_url("/redirect?to=/any/y%%3Ftoken=t0ken4%%26n=5"));

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(it_str(row, "url_effective"), it_url("/any/y?token=***&n=5"));
    ck_assert_uint_eq(json_array_size(it_log("/any/y?token=t0ken4")), 1);
}
END_TEST

START_TEST(without_redact_the_url_is_shown)
{
    const char *url = it_url("/any/x?n=5&token=t0ken1");

    ck_assert_str_eq(it_str(fetch("", url), "url"), url);
}
END_TEST

START_TEST(redacted_values_are_in_no_status_block)
{
    const char *gate = it_url("/gate?name=redact&token=t0ken1");
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("-j", "1", "--redact", "token", gate)});
    struct it_run done;

    it_await_gate("redact", 1);
    it_signal(process, SIGUSR1);
    it_await_error(process, "running for ");
    it_open_gate("redact");
    done = it_finish(process);
    ck_assert_msg(strstr(done.err, "token=***") != NULL, "%s", done.err);
    check_hidden(&done);
}
END_TEST

START_TEST(wrong_expression_is_refused_before_anything_is_fetched)
{
    struct it_run done = run("--redact /t0ken(/", it_url("/size?n=1"));

    ck_assert_int_eq(done.status, 2);
    ck_assert_str_eq(done.out, "");
    check_untouched();
}
END_TEST

/* ---- what goes along ---- */

static const char *const secrets[] = {"-H X-Secret:s3cret", "-u me:s3cret", ""};
static const char *const fields[] = {"X-Secret", "Authorization", "Authorization"};
enum { SECRET_COUNT = 3 };

/* To the URL, with userinfo if the secret is none of the options. */
static void fetch_secretly(int secret, const char *path)
{
    const char *user = secret == 2 ? "me:s3cret@" : "";
    const json_t *row =
        fetch(secrets[secret], it_text("http://%s127.0.0.1:%d%s", user, it_port("http"), path));

    ck_assert_str_eq(it_verdict(row), "ok");
}

static void check_log(const char *prefix, int secret, bool wanted)
{
    const json_t *log = it_log(prefix);

    ck_assert_uint_eq(json_array_size(log), 1);
    ck_assert_msg(it_log_has_header(json_array_get(log, 0), fields[secret]) == wanted, "%s",
                  prefix);
}

START_TEST(secret_goes_to_its_own_origin)
{
    fetch_secretly(_i, "/echo");
    check_log("/echo", _i, true);
}
END_TEST

START_TEST(secret_goes_along_within_its_own_origin)
{
    fetch_secretly(_i, it_text("/redirect?to=%s", it_url("/echo")));
    check_log("/redirect", _i, true);
    check_log("/echo", _i, true);
}
END_TEST

static const char *const ways[] = {"/redirect-port", "/redirect-host", "/redirect-secure"};
enum { WAY_COUNT = 3 };

START_TEST(secret_does_not_go_to_another_port_host_or_scheme)
{
    fetch_secretly(_i / WAY_COUNT, ways[_i % WAY_COUNT]);
    check_log(ways[_i % WAY_COUNT], _i / WAY_COUNT, true);
    check_log("/echo", _i / WAY_COUNT, false);
}
END_TEST

/* Home, away, and home again: the last one is the own origin. */
START_TEST(secret_comes_back_with_a_redirect_to_its_own_origin)
{
    const char *home = it_url("/echo");
    const char *away = it_text("http://127.0.0.1:%d/redirect?to=%s", it_port("http2nd"), home);

    fetch_secretly(_i, it_text("/redirect?to=%s", away));
    ck_assert_uint_eq(json_array_size(it_log("/redirect")), 2);
    ck_assert(it_log_has_header(json_array_get(it_log("/redirect"), 0), fields[_i]));
    ck_assert(!it_log_has_header(json_array_get(it_log("/redirect"), 1), fields[_i]));
    check_log("/echo", _i, true);
}
END_TEST

/* The handle that went without has to be given the secret again, and the other way round. */
START_TEST(next_url_after_a_redirect_elsewhere_has_its_secret)
{
    struct it_run done = it_haul(IT_ARGS("-j", "1", "-H", "X-Secret:s3cret", "-u", "me:s3cret",
                                         it_url("/redirect-port?path=/any/1"), it_url("/any/2"),
                                         it_url("/redirect-port?path=/any/3")));

    ck_assert_int_eq(done.status, 0);
    for (int secret = 0; secret < 2; secret++) {
        check_log("/any/1", secret, false);
        check_log("/any/2", secret, true);
        check_log("/any/3", secret, false);
    }
}
END_TEST

START_TEST(downgrade_is_refused)
{
    const char *url = tls_url(it_text("/redirect?to=%s", it_url("/echo")));

    ck_assert_str_eq(it_verdict(fetch("", url)), "failed downgrade");
    ck_assert_uint_eq(json_array_size(it_log("/echo")), 0);
}
END_TEST

START_TEST(downgrade_is_followed_if_allowed_and_takes_no_secret_along)
{
    const char *url = tls_url(it_text("/redirect?to=%s", it_url("/echo")));

    ck_assert_str_eq(it_verdict(fetch("--allow-downgrade -u me:s3cret -H X-Secret:s3cret", url)),
                     "ok");
    check_log("/redirect", 0, true);
    check_log("/echo", 0, false);
    check_log("/echo", 1, false);
}
END_TEST

/* http, https, and http again is a downgrade too. */
START_TEST(downgrade_after_an_upgrade_is_refused)
{
    const char *back = tls_url(it_text("/redirect?to=%s", it_url("/echo")));

    ck_assert_str_eq(it_verdict(fetch("", it_url("/redirect?to=%s", back))), "failed downgrade");
    ck_assert_uint_eq(json_array_size(it_log("/echo")), 0);
}
END_TEST

static void begin_server(void)
{
    it_begin_server_with(IT_ARGS("--addresses", it_text("%d", ADDRESSES)));
}

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_unchecked_fixture(tcase, begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static void add_addresses(TCase *tcase)
{
    tcase_add_loop_test(tcase, public_only_refuses_this_machine, 0, LOCAL_COUNT);
    tcase_add_test(tcase, without_an_option_this_machine_is_fine);
    tcase_add_test(tcase, refused_address_is_named_as_the_reason_and_not_tried_again);
    tcase_add_test(tcase, name_of_a_private_address_is_refused);
    tcase_add_test(tcase, allowed_net_goes_before_public_only);
    tcase_add_test(tcase, allowed_net_is_the_only_one);
    tcase_add_test(tcase, denied_net_goes_before_allowed_net);
    tcase_add_test(tcase, denied_net_alone_lets_the_rest_through);
    tcase_add_loop_test(tcase, redirect_to_a_refused_address_is_not_followed, 0, 3);
    tcase_add_test(tcase, refused_addresses_do_not_bring_an_origin_down);
    tcase_add_loop_test(tcase, wrong_block_is_refused_before_anything_is_fetched, 0, 8);
}

static void add_redaction(TCase *tcase)
{
    tcase_add_loop_test(tcase, redacted_values_are_in_no_output, 0, FORMAT_COUNT);
    tcase_add_test(tcase, redacted_url_is_requested_as_it_is);
    tcase_add_test(tcase, redirect_of_a_redacted_url_is_followed_as_it_is);
    tcase_add_test(tcase, without_redact_the_url_is_shown);
    tcase_add_test(tcase, redacted_values_are_in_no_status_block);
    tcase_add_test(tcase, wrong_expression_is_refused_before_anything_is_fetched);
}

static void add_secrets(TCase *tcase)
{
    tcase_add_loop_test(tcase, secret_goes_to_its_own_origin, 0, SECRET_COUNT);
    tcase_add_loop_test(tcase, secret_goes_along_within_its_own_origin, 0, SECRET_COUNT);
    tcase_add_loop_test(tcase, secret_does_not_go_to_another_port_host_or_scheme, 0,
                        SECRET_COUNT * WAY_COUNT);
    tcase_add_loop_test(tcase, secret_comes_back_with_a_redirect_to_its_own_origin, 0,
                        SECRET_COUNT);
    tcase_add_test(tcase, next_url_after_a_redirect_elsewhere_has_its_secret);
    tcase_add_test(tcase, downgrade_is_refused);
    tcase_add_test(tcase, downgrade_is_followed_if_allowed_and_takes_no_secret_along);
    tcase_add_test(tcase, downgrade_after_an_upgrade_is_refused);
}

int main(void)
{
    Suite *suite = suite_create("filter");

    add_addresses(add_case(suite, "addresses"));
    add_redaction(add_case(suite, "redaction"));
    add_secrets(add_case(suite, "secrets"));
    return it_main(suite);
}
