#include <string.h>

#include "harness.h"
#include "servers.h"

/* Lists from strangers: what they may ask for, beside what the user has said. */

static const char *list_of(const char *text)
{
    const char *path = it_path("list");

    it_write(path, text, strlen(text));
    return path;
}

static const json_t *only_row(struct it_run run)
{
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    return json_array_get(rows, 0);
}

static const char told[] = "asks for more than this run allows, and had what it allows";

/* ---- what costs ---- */

/* How often it is tried is what the server sees. */
START_TEST(tries_of_a_list_are_not_more_than_the_users)
{
    static const char *const asked[] = {"max-tries=1000000", "max-tries=0", "max-tries=5"};
    struct it_run run = it_haul(IT_ARGS(
        "--retry", "0", "--format", "jsonl", "-i",
        list_of(it_text("%s\n %s\n retry-wait=1\n", it_url("/flaky?n=4&k=%d", _i), asked[_i]))));

    ck_assert_str_eq(it_verdict(only_row(run)), "failed http-503");
    ck_assert_int_eq(it_int(only_row(run), "attempts"), 1);
    ck_assert_int_eq(it_stat("requests"), 1);
    ck_assert_ptr_nonnull(
        strstr(run.err, it_text("list:1: max-tries of the list: 1 entry %s", told)));
}
END_TEST

START_TEST(all_keys_of_a_trusted_list_are_followed)
{
    struct it_run run = it_haul(
        IT_ARGS("--retry", "0", "--list-keys", "all", "--format", "jsonl", "-i",
                list_of(it_text("%s\n max-tries=5\n retry-wait=0\n header=Host: other.test\n",
                                it_url("/flaky?n=4")))));
    const json_t *log = it_log("/flaky");

    ck_assert_str_eq(it_verdict(only_row(run)), "ok");
    ck_assert_int_eq(it_int(only_row(run), "attempts"), 5);
    ck_assert_str_eq(it_str(json_array_get(log, 0), "host"), "other.test");
    ck_assert_ptr_null(strstr(run.err, "asks for more"));
}
END_TEST

/* -m would end it, too, but with another reason. */
START_TEST(stall_of_a_list_is_not_longer_than_the_users)
{
    static const char *const asked[] = {"timeout=600", "lowest-speed-limit=0",
                                        "timeout=600\n lowest-speed-limit=0"};
    struct it_run run =
        it_haul(IT_ARGS("--retry", "0", "-y", "1", "-m", "30", "--format", "jsonl", "-i",
                        list_of(it_text("%s\n %s\n", it_url("/stall/body?after=9"), asked[_i]))));

    ck_assert_str_eq(it_verdict(only_row(run)), "failed stall");
    ck_assert_ptr_nonnull(strstr(run.err, told));
}
END_TEST

START_TEST(connect_timeout_of_a_list_is_not_longer_than_the_users)
{
    const char *url = it_text("http://127.0.0.1:%d/", it_port("blackhole"));
    struct it_run run =
        it_haul(IT_ARGS("--retry", "0", "--connect-timeout", "200ms", "-m", "30", "--format",
                        "jsonl", "-i", list_of(it_text("%s\n connect-timeout=600\n", url))));

    ck_assert_str_eq(it_verdict(only_row(run)), "failed timeout");
    ck_assert(json_real_value(json_object_get(only_row(run), "time_total")) < 20);
    ck_assert_ptr_nonnull(strstr(run.err, told));
}
END_TEST

START_TEST(max_time_holds_whatever_a_list_says)
{
    struct it_run run =
        it_haul(IT_ARGS("--retry", "0", "-m", "0.5", "--format", "jsonl", "-i",
                        list_of(it_text("%s\n timeout=600\n connect-timeout=600\n max-tries=1\n",
                                        it_url("/hang")))));

    ck_assert_str_eq(it_verdict(only_row(run)), "failed timeout");
}
END_TEST

/* Never one line for each of millions. */
START_TEST(asking_for_more_is_told_once_with_the_number)
{
    enum { ENTRIES = 500 };
    const char *text = it_text("%s\n timeout=2\n", it_url("/size?n=1"));
    struct it_run run;
    const char *said;

    for (int i = 0; i < ENTRIES; i++)
        text = it_text("%s%s\n %s=0\n", text, it_url("/size?n=2"),
                       i % 2 ? "max-tries" : "lowest-speed-limit");
    run = it_haul(IT_ARGS("--unique", "--format", "jsonl", "-i", list_of(text)));
    said = strstr(run.err, "list:3: max-tries, lowest-speed-limit of the list: 500 entries ask for "
                           "more than this run allows, and had what it allows");
    ck_assert_msg(said != NULL, "%.2000s", run.err);
    ck_assert_ptr_null(strstr(strchr(said, '\n'), "than this run allows"));
    ck_assert_int_eq(run.status, 0);
}
END_TEST

/* ---- forms of lists ---- */

/* Only what is indented below a URL is a key; a cell says nothing to haul but where the URL is. */
static const char *form_of(int which, const char *url)
{
    switch (which) {
    case 0: /* a line of its own is a URL */
        return it_text("%s\nmax-tries=9\n", url);
    case 1:
        return it_text("%s\tmax-tries=1000000\n", url); /* a label */
    case 2:
        return it_text("url,max-tries,retry-wait,header\n%s,1000000,0,Host: a\n", url);
    default:
        return it_text("{\"url\":\"%s\",\"max-tries\":1000000,\"retry-wait\":0,"
                       "\"header\":\"Host: a\"}\n",
                       url);
    }
}

START_TEST(limits_in_other_forms_of_lists_are_no_limits)
{
    const char *list = list_of(form_of(_i, it_url("/status/503")));
    struct it_run run = _i < 2 ? it_haul(IT_ARGS("--retry", "0", "--format", "jsonl", "-i", list))
                               : it_haul(IT_ARGS("--retry", "0", "--format", "jsonl",
                                                 "--url-column", "url", "-i", list));

    ck_assert_int_eq(it_stat("requests"), 1);
    ck_assert_int_eq(it_int(it_row(it_rows(run.out), it_url("/status/503")), "attempts"), 1);
    ck_assert_ptr_null(strstr(run.err, "allows"));
}
END_TEST

/* ---- headers ---- */

static const char *const refused[] = {"Host: evil.test",
                                      "host;",
                                      "X-Forwarded-Host: evil.test",
                                      "X-HTTP-Method: DELETE",
                                      "Forwarded: for=1",
                                      "Proxy-Authorization: Basic eDp5",
                                      "Metadata-Flavor: Google",
                                      "X-aliyun-ecs-metadata-token: a",
                                      "Remote_User: root",
                                      "X-SSL-Client-Verify: SUCCESS",
                                      "X-Envoy-Original-Path: /admin",
                                      "X-Any: what nobody knows"};
enum { REFUSED = sizeof refused / sizeof *refused };

START_TEST(header_that_may_do_harm_makes_its_entry_invalid)
{
    struct it_run run =
        it_haul(IT_ARGS("--format", "jsonl", "-u", "me:geheim", "-i",
                        list_of(it_text("%s\n header=%s\n", it_url("/echo"), refused[_i]))));

    ck_assert_str_eq(it_verdict(only_row(run)), "invalid bad-entry");
    ck_assert_int_eq(it_stat("requests"), 0);
    ck_assert_ptr_nonnull(strstr(run.err, "list:1: line 2: header: a list may not set this field"));
}
END_TEST

/* ---- checksums ---- */

static const char other_digest[] = "5d41402abc4b2a76b9719d911017c592";

START_TEST(checksum_of_the_user_goes_before_that_of_a_list)
{
    const char *dir = it_path("sums-dir"), *sums = it_path("sums"), *text, *digest;
    const char *url = it_url("/size?n=1000");
    struct it_run run = it_haul(IT_ARGS("-q", "--format", "jsonl", "--hash", "md5", url));

    digest = it_str(only_row(run), "md5");
    text = it_text("%s  wanted\n", other_digest);
    it_write(sums, text, strlen(text));
    run = it_haul(IT_ARGS("-d", dir, "--sums", sums, "--format", "jsonl", "--list-keys",
                          _i ? "all" : "safe", "-i",
                          list_of(it_text("%s\n out=wanted\n checksum=md5=%s\n", url, digest))));
    ck_assert_str_eq(it_verdict(only_row(run)), _i ? "ok" : "failed checksum");
    it_remove_tree(dir);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("list_strangers");
    TCase *tcase = tcase_create("list_strangers");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, tries_of_a_list_are_not_more_than_the_users, 0, 3);
    tcase_add_test(tcase, all_keys_of_a_trusted_list_are_followed);
    tcase_add_loop_test(tcase, stall_of_a_list_is_not_longer_than_the_users, 0, 3);
    tcase_add_test(tcase, connect_timeout_of_a_list_is_not_longer_than_the_users);
    tcase_add_test(tcase, max_time_holds_whatever_a_list_says);
    tcase_add_test(tcase, asking_for_more_is_told_once_with_the_number);
    tcase_add_loop_test(tcase, limits_in_other_forms_of_lists_are_no_limits, 0, 4);
    tcase_add_loop_test(tcase, header_that_may_do_harm_makes_its_entry_invalid, 0, REFUSED);
    tcase_add_loop_test(tcase, checksum_of_the_user_goes_before_that_of_a_list, 0, 2);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
