#include <string.h>

#include "harness.h"
#include "servers.h"

/* Whom haul trusts, and what one connection leaves for the next. */

static const char *tls_url(const char *listener)
{
    return it_text("https://127.0.0.1:%d/size?n=1000", it_port(listener));
}

static const json_t *only_row(const struct it_run *run)
{
    const json_t *rows = it_rows(run->out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    return json_array_get(rows, 0);
}

static const char *const spoilt[] = {"tls-wrongname", "tls-expired", "tls-selfsigned",
                                     "tls-notyet"};
enum { SPOILT_COUNT = sizeof spoilt / sizeof *spoilt };

START_TEST(spoilt_certificate_fails)
{
    struct it_run run =
        it_haul(IT_ARGS("--format", "jsonl", "--cacert", it_ca_file(), tls_url(spoilt[_i])));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(only_row(&run)), "failed tls");
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(spoilt_certificate_with_k_is_ok)
{
    struct it_run run = it_haul(IT_ARGS("-k", "--format", "jsonl", tls_url(spoilt[_i])));

    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_int(only_row(&run), "size_body"), 1000);
}
END_TEST

START_TEST(unknown_authority_fails)
{
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", tls_url("tls")));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(only_row(&run)), "failed tls");
}
END_TEST

/* What OpenSSL says of the certificate, of whom, and that there was a connection. */
START_TEST(row_tells_what_is_wrong_with_a_certificate)
{
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", tls_url("tls-selfsigned")));

    ck_assert_str_eq(it_verdict(only_row(&run)), "failed tls");
    ck_assert_int_eq(it_int(only_row(&run), "ssl_verify_result"), 18);
    ck_assert_str_eq(it_str(only_row(&run), "remote_ip"), "127.0.0.1");
    ck_assert_int_eq(it_int(only_row(&run), "num_connects"), 1);
}
END_TEST

START_TEST(authority_of_cacert_is_ok)
{
    struct it_run run =
        it_haul(IT_ARGS("--format", "jsonl", "--cacert", it_ca_file(), tls_url("tls")));

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(only_row(&run)), "ok");
    ck_assert_int_eq(it_int(only_row(&run), "size_body"), 1000);
    ck_assert_int_eq(it_int(only_row(&run), "ssl_verify_result"), 0);
}
END_TEST

START_TEST(spoilt_host_among_good_ones_fails_alone)
{
    struct it_run run =
        it_haul(IT_ARGS("-j", "1", "--format", "jsonl", "--cacert", it_ca_file(), tls_url("tls"),
                        tls_url("tls-expired"), it_text("%s&again", tls_url("tls"))));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(it_count(rows, "ok"), 2);
    ck_assert_str_eq(it_verdict(it_row(rows, tls_url("tls-expired"))), "failed tls");
}
END_TEST

START_TEST(missing_cacert_fetches_nothing_and_names_it)
{
    struct it_run run = it_haul(IT_ARGS("--cacert", it_path("no-ca.pem"), tls_url("tls")));

    ck_assert_int_ne(run.status, 0);
    ck_assert_msg(strstr(run.err, "no-ca.pem") || strstr(run.out, "no-ca.pem"), "%s%s", run.err,
                  run.out);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(name_of_resolve_is_checked)
{
    int port = it_port("tls");
    struct it_run good =
        it_haul(IT_ARGS("--cacert", it_ca_file(), "--resolve", it_text("a.test:%d:127.0.0.1", port),
                        it_text("https://a.test:%d/", port)));
    struct it_run bad = it_haul(IT_ARGS("--cacert", it_ca_file(), "--resolve",
                                        it_text("other.invalid:%d:127.0.0.1", port),
                                        it_text("https://other.invalid:%d/", port)));

    ck_assert_int_eq(good.status, 0);
    ck_assert_int_eq(bad.status, 1);
    ck_assert_msg(strstr(bad.out, "failed: tls") != NULL, "%s", bad.out);
}
END_TEST

static const char *closing_url(const char *path)
{
    return it_text("https://127.0.0.1:%d%s&close=1\n", it_port("tls"), path);
}

/*
 * One worker has a session when the latch makes both shake hands. Threads that share one write to
 * it without a lock (transfer/net.h): only the first may resume it.
 */
START_TEST(session_is_resumed_by_its_own_worker_only)
{
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("-j", "2", "--http1.1", "--format", "jsonl",
                                                   "--cacert", it_ca_file(), "-i", "-"),
                                   .keep_input = true});
    struct it_run run;

    it_send(process, closing_url("/size?n=5"));
    it_await_output(process, "\"outcome\":\"ok\"");
    it_send(process, closing_url("/latch?n=2&name=resumed&k=1"));
    it_send(process, closing_url("/latch?n=2&name=resumed&k=2"));
    run = it_finish(process);
    ck_assert_msg(run.status == 0, "%s%s", run.out, run.err);
    ck_assert_int_eq(it_stat("tls_handshakes"), 3);
    ck_assert_int_eq(it_stat("tls_resumed"), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls");
    TCase *tcase = tcase_create("tls");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, spoilt_certificate_fails, 0, SPOILT_COUNT);
    tcase_add_loop_test(tcase, spoilt_certificate_with_k_is_ok, 0, SPOILT_COUNT);
    tcase_add_test(tcase, unknown_authority_fails);
    tcase_add_test(tcase, row_tells_what_is_wrong_with_a_certificate);
    tcase_add_test(tcase, authority_of_cacert_is_ok);
    tcase_add_test(tcase, spoilt_host_among_good_ones_fails_alone);
    tcase_add_test(tcase, missing_cacert_fetches_nothing_and_names_it);
    tcase_add_test(tcase, name_of_resolve_is_checked);
    tcase_add_test(tcase, session_is_resumed_by_its_own_worker_only);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
