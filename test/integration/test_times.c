#include <string.h>

#include "harness.h"
#include "servers.h"

/* What a row says about the moments of an attempt, and of those that never came. */

static const char *url_at(const char *listener)
{
    return it_text("%s://127.0.0.1:%d/size?n=10", strncmp(listener, "tls", 3) ? "http" : "https",
                   it_port(listener));
}

static const struct {
    const char *listener, *verdict;
    bool connected, secured, answered;
} moments[] = {
    {"http", "ok", true, false, true},
    {"tls", "ok", true, true, true},
    {"refused", "failed connect", false, false, false},
    {"tls-selfsigned", "failed tls", false, false, false},
    {"accept-close", "failed empty-reply", true, false, false},
    {"silent", "failed timeout", true, false, false},
};
enum { MOMENT_COUNT = sizeof moments / sizeof *moments };

static void check_moment(const json_t *row, const char *key, bool came)
{
    const json_t *value = json_object_get(row, key);

    ck_assert_msg(came ? json_real_value(value) > 0 : json_is_null(value), "%s %s: %s",
                  it_str(row, "url"), key, json_dumps(value, JSON_ENCODE_ANY));
}

static void check_moments(const json_t *row, int which)
{
    ck_assert_str_eq(it_verdict(row), moments[which].verdict);
    /* where TLS fails, some versions of libcurl do not say when the connection was made */
    if (strcmp(moments[which].verdict, "failed tls") != 0)
        check_moment(row, "time_connect", moments[which].connected);
    check_moment(row, "time_appconnect", moments[which].secured);
    check_moment(row, "time_starttransfer", moments[which].answered);
    check_moment(row, "time_total", true);
}

START_TEST(moment_that_never_came_is_unknown_also_in_the_journal)
{
    const char *url = url_at(moments[_i].listener);
    const char *journal = it_path(it_text("journal%d", _i));
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--retry", "0", "--max-time",
                                        strcmp(moments[_i].listener, "silent") ? "1m" : "300ms",
                                        "--cacert", it_ca_file(), "--journal", journal, url));

    check_moments(it_row(it_rows(run.out), url), _i);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    check_moments(it_row(it_rows(run.out), url), _i);
}
END_TEST

START_TEST(redirect_to_a_host_that_refuses_connects_at_no_time)
{
    const char *url = it_url("/redirect?to=%s", url_at("refused"));
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--retry", "0", url));
    const json_t *row = it_row(it_rows(run.out), url);

    check_moment(row, "time_connect", false);
    check_moment(row, "time_starttransfer", false);
    check_moment(row, "time_redirect", true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("times");
    TCase *tcase = tcase_create("times");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, moment_that_never_came_is_unknown_also_in_the_journal, 0,
                        MOMENT_COUNT);
    tcase_add_test(tcase, redirect_to_a_host_that_refuses_connects_at_no_time);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
