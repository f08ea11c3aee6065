#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/* Lists that say more than URLs: keys, mirrors, labels. */

static const char *list_of(const char *text)
{
    const char *path = it_path("list");

    it_write(path, text, strlen(text));
    return path;
}

static struct it_run run_list(const char *text)
{
    return it_haul(IT_ARGS("--cacert", it_ca_file(), "-j", "1", "--retry-delay", "0.001",
                           "--format", "jsonl", "--order", "input", "-i", list_of(text)));
}

static const json_t *only_row(struct it_run run)
{
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    it_check_equation(run.err, 1);
    return json_array_get(rows, 0);
}

static const json_t *log_line(const char *prefix)
{
    const json_t *log = it_log(prefix);

    ck_assert_uint_eq(json_array_size(log), 1);
    return json_array_get(log, 0);
}

/* A line of the log as one text. */
static const char *text_of(const json_t *line)
{
    char *dump = json_dumps(line, 0);
    const char *text = it_text("%s", dump);

    free(dump);
    return text;
}

static void check_sent(const json_t *line, bool sent)
{
    ck_assert_int_eq(it_log_has_header(line, "X-Token"), sent);
    ck_assert_int_eq(it_log_has_header(line, "Referer"), sent);
    ck_assert_int_eq(it_log_has_header(line, "Authorization"), sent);
}

/* ---- what is sent ---- */

static const char keys[] = "\n  header=X-Token: 1\n  referer=http://from/\n  user-agent=mine/1\n"
                           "  http-user=me\n  http-passwd=geheim\n";

START_TEST(what_the_list_says_is_sent)
{
    struct it_run run = run_list(it_text("%s%s", it_url("/echo"), keys));
    const char *headers;

    ck_assert_str_eq(it_verdict(only_row(run)), "ok");
    check_sent(log_line("/echo"), true);
    headers = text_of(log_line("/echo"));
    ck_assert_ptr_nonnull(strstr(headers, "mine/1"));
    ck_assert_ptr_nonnull(strstr(headers, "http://from/"));
    ck_assert_ptr_null(strstr(run.out, "geheim"));
    ck_assert_ptr_null(strstr(run.err, "geheim"));
}
END_TEST

static const char *const away[] = {"redirect-port", "redirect-host", "redirect-secure"};
enum { AWAY_COUNT = sizeof away / sizeof *away };

START_TEST(what_the_list_says_stays_with_its_origin)
{
    const json_t *row = only_row(run_list(it_text("%s%s", it_url("/%s", away[_i]), keys)));

    ck_assert_str_eq(it_verdict(row), "ok");
    check_sent(log_line(it_text("/%s", away[_i])), true);
    check_sent(log_line("/echo"), false);
    ck_assert_ptr_null(strstr(text_of(log_line("/echo")), "mine/1"));
}
END_TEST

START_TEST(what_the_list_says_is_not_sent_for_the_next_url)
{
    struct it_run run = run_list(it_text("%s%s%s\n", it_url("/echo?1"), keys, it_url("/echo?2")));

    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    check_sent(log_line("/echo?1"), true);
    check_sent(log_line("/echo?2"), false);
    ck_assert_ptr_null(strstr(text_of(log_line("/echo?2")), "mine/1"));
}
END_TEST

/* It is the same server under another name, which makes it another origin. */
START_TEST(what_the_list_says_is_not_sent_to_a_mirror_of_another_origin)
{
    const char *other = it_text("http://localhost%s", strrchr(it_url("/echo?far"), ':'));
    const char *near = it_url("/echo?near");
    const json_t *row =
        only_row(run_list(it_text("%s\t%s%s", it_url("/status/404"), _i ? near : other, keys)));
    const char *line = _i ? "/echo?near" : "/echo?far";

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "mirror"), 2);
    check_sent(log_line("/status/404"), true);
    check_sent(log_line(line), _i);
    ck_assert(!strstr(text_of(log_line(line)), "mine/1") == !_i);
    ck_assert(!strstr(text_of(log_line(line)), "http://from/") == !_i);
}
END_TEST

START_TEST(header_of_the_list_replaces_the_common_one)
{
    const char *list = list_of(it_text("%s\n header=x-token: list\n", it_url("/echo")));
    struct it_run run = it_haul(IT_ARGS("-H", "X-Token: common", "-H", "X-Common: 1", "-i", list));
    const char *headers = text_of(log_line("/echo"));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(headers, "\"list\""));
    ck_assert_ptr_null(strstr(headers, "\"common\""));
    ck_assert(it_log_has_header(log_line("/echo"), "X-Common"));
}
END_TEST

/* ---- limits ---- */

START_TEST(tries_of_the_list_go_before_the_common_ones)
{
    struct it_run run = run_list(it_text("%s\n max-tries=2\n retry-wait=0\n%s\n max-tries=1\n",
                                         it_url("/flaky?n=1"), it_url("/flaky?n=1&two")));
    const json_t *rows = it_rows(run.out);

    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "attempts"), 2);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "failed http-503");
    ck_assert_int_eq(it_int(json_array_get(rows, 1), "attempts"), 1);
}
END_TEST

/* ---- what is wrong ---- */

START_TEST(wrong_entry_costs_no_other)
{
    struct it_run run =
        run_list(it_text("%s\n otu=x\n%s\n split=4\n%s\n split=4\n", it_url("/size?n=1"),
                         it_url("/size?n=2"), it_url("/size?n=3")));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "invalid bad-entry");
    ck_assert_uint_eq(it_count(rows, "ok"), 2);
    it_check_equation(run.err, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "list:1: line 2: unknown key 'otu'"));
    ck_assert_ptr_nonnull(strstr(run.err, "list:3: the key 'split' means nothing"));
    ck_assert_ptr_null(strstr(run.err, "list:5:"));
    ck_assert_int_eq(it_stat("requests"), 2);
}
END_TEST

START_TEST(mirror_that_is_no_url_makes_its_entry_invalid)
{
    const json_t *row = only_row(run_list(it_text("%s\tftp://127.0.0.1/x\n", it_url("/size?n=1"))));

    ck_assert_str_eq(it_verdict(row), "invalid bad-entry");
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* ---- mirrors ---- */

START_TEST(mirror_serves_what_the_first_does_not_have)
{
    const char *second = it_text("http://me:geheim@127.0.0.1:%d/size?n=9", it_port("http2nd"));
    struct it_run run = run_list(it_text("%s\t%s\n", it_url("/status/404"), second));
    const json_t *row = only_row(run);

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(it_str(row, "url"), it_url("/status/404"));
    ck_assert_str_eq(it_str(row, "url_effective"),
                     it_text("http://127.0.0.1:%d/size?n=9", it_port("http2nd")));
    ck_assert_int_eq(it_int(row, "mirror"), 2);
    ck_assert_int_eq(it_int(row, "size_body"), 9);
    ck_assert(it_log_has_header(log_line("/size"), "Authorization"));
    ck_assert(!it_log_has_header(log_line("/status/404"), "Authorization"));
    ck_assert_ptr_null(strstr(run.out, "geheim"));
}
END_TEST

START_TEST(mirrors_that_all_fail_are_one_failure)
{
    const json_t *row =
        only_row(run_list(it_text("%s\t%s\t%s\n max-tries=2\n", it_url("/status/503"),
                                  it_url("/status/410"), it_url("/status/404"))));

    ck_assert_str_eq(it_verdict(row), "failed http-404");
    ck_assert_int_eq(it_int(row, "mirror"), 3);
    ck_assert_int_eq(it_int(row, "attempts"), 4); /* the first is tried again */
    ck_assert_int_eq(it_stat("requests"), 4);
}
END_TEST

/* More of them than fit into the window, and a host that is given up on the way. */
START_TEST(mirrors_take_over_from_a_dead_host)
{
    enum { ENTRIES = 60 };
    const char *text = "";
    struct it_run run;

    for (int i = 0; i < ENTRIES; i++)
        text = it_text("%shttp://127.0.0.1:%d/%d\t%s\n", text, it_port("refused"), i,
                       it_url("/size?n=3&i=%d", i));
    run = it_haul(IT_ARGS("-j", "4", "--window", "8", "--host-fail-limit", "5", "--retry", "0",
                          "--format", "jsonl", "-i", list_of(text)));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), ENTRIES);
    ck_assert_int_eq(it_stat("requests"), ENTRIES);
    it_check_equation(run.err, ENTRIES);
}
END_TEST

START_TEST(run_resumed_knows_entries_by_their_first_url)
{
    const char *list =
        list_of(it_text("%s\t%s\n header=Accept: b\n", it_url("/status/404"), it_url("/size?n=4")));
    const char *journal = it_path("journal");
    struct it_run run;

    it_haul(IT_ARGS("--journal", journal, "-i", list));
    ck_assert_int_eq(it_stat("requests"), 2);
    run = it_haul(IT_ARGS("--journal", journal, "--resume", "--format", "jsonl", "-i", list));
    ck_assert_int_eq(it_stat("requests"), 2);
    ck_assert_str_eq(it_verdict(only_row(run)), "ok");
    ck_assert_int_eq(it_int(only_row(run), "mirror"), 2);
}
END_TEST

/* ---- labels and notes ---- */

START_TEST(labels_behind_tabs_are_passed_through_and_nobody_is_asked_for_them)
{
    struct it_run run =
        run_list(it_text("%s\t0.97\tcat\n%s\tdog\n", it_url("/status/404"), it_url("/size?n=2")));
    const json_t *rows = it_rows(run.out), *first = json_array_get(rows, 0);

    ck_assert_str_eq(it_verdict(first), "failed http-404");
    ck_assert_int_eq(it_int(first, "attempts"), 1);
    ck_assert_str_eq(it_str(json_object_get(first, "attached"), "column2"), "0.97");
    ck_assert_str_eq(it_str(json_object_get(first, "attached"), "column3"), "cat");
    ck_assert_str_eq(it_str(json_object_get(json_array_get(rows, 1), "attached"), "column2"),
                     "dog");
    ck_assert_ptr_nonnull(strstr(run.err, "list:1: what stands behind a tab without a scheme"));
    ck_assert_ptr_null(strstr(run.err, "list:2:"));
}
END_TEST

START_TEST(note_behind_a_url_is_not_asked_for)
{
    struct it_run run = run_list(it_text("%s  # a note\n", it_url("/size?n=7")));

    ck_assert_str_eq(it_str(only_row(run), "url"), it_url("/size?n=7"));
    ck_assert_int_eq(it_int(only_row(run), "size_body"), 7);
    log_line("/size?n=7");
    ck_assert_ptr_nonnull(strstr(run.err, "list:1: what stands behind a blank and '#' is a note"));
}
END_TEST

/* ---- the plan ---- */

START_TEST(dry_run_tells_the_plan_and_fetches_nothing)
{
    const char *list = list_of("http://h/a?token=geheim\n http-user=u\n http-passwd=geheim\n"
                               "http://g/\thttp://m/x\nhttp://h/b\nhttp://h/b\nftp://x/\n"
                               "http://h/c\n otu=1\n");
    struct it_run run = it_haul(IT_ARGS("--dry-run", "--unique", "--redact", "token", "--journal",
                                        it_path("journal.plan"), "-i", list, it_url("/size?n=1")));

    ck_assert_str_eq(run.out, it_text("fetch\thttp://h/a?token=***\n"
                                      "fetch\thttp://g/\nmirror\thttp://m/x\n"
                                      "fetch\thttp://h/b\nduplicate\thttp://h/b\n"
                                      "invalid\tftp://x/\t%s:7: the scheme is neither http nor "
                                      "https\n"
                                      "invalid\thttp://h/c\t%s:8: line 9: unknown key 'otu'\n"
                                      "fetch\t%s\n"
                                      "host\t2\thttp://h:80\nhost\t1\t%s\n"
                                      "host\t1\thttp://g:80\n",
                                      list, list, it_url("/size?n=1"), it_url("%s", "")));
    ck_assert_int_eq(run.status, 1);
    ck_assert_ptr_nonnull(strstr(run.err, "7 entries: 4 to be fetched, 1 duplicate, 2 invalid"));
    ck_assert_int_eq(it_stat("requests"), 0);
    ck_assert_int_ne(access(it_path("journal.plan"), F_OK), 0);
}
END_TEST

START_TEST(dry_run_reads_sitemaps_that_are_files_and_only_these)
{
    static const char *const refused[][2] = {{"--sitemap", "http://u:geheim@h/s.xml"},
                                             {"--sitemap-from-robots", "http://u:geheim@h/"}};
    const char *file = it_path("sitemap.xml"), *text = "<urlset><url><loc>http://h/a</loc></url>"
                                                       "</urlset>";
    const char *index = it_path("index.xml");
    const char *names = it_text("<sitemapindex><sitemap>\n<loc>%s</loc></sitemap></sitemapindex>",
                                it_url("/size?n=1"));
    struct it_run run;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        run = it_haul(IT_ARGS("--dry-run", refused[i][0], refused[i][1]));
        ck_assert_int_eq(run.status, 2);
        ck_assert_ptr_nonnull(
            strstr(run.err, it_text("haul: %s: a dry run fetches nothing", refused[i][0])));
        ck_assert_ptr_null(strstr(run.err, "geheim"));
        ck_assert_str_eq(run.out, "");
    }
    it_write(file, text, strlen(text));
    run = it_haul(IT_ARGS("--dry-run", "--sitemap", file));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, "fetch\thttp://h/a\nhost\t1\thttp://h:80\n");
    it_write(index, names, strlen(names));
    run = it_haul(IT_ARGS("--dry-run", "--sitemap", index));
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "/size?n=1: not read, for a dry run fetches nothing"));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lists");
    TCase *tcase = tcase_create("lists");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, what_the_list_says_is_sent);
    tcase_add_loop_test(tcase, what_the_list_says_stays_with_its_origin, 0, AWAY_COUNT);
    tcase_add_test(tcase, what_the_list_says_is_not_sent_for_the_next_url);
    tcase_add_loop_test(tcase, what_the_list_says_is_not_sent_to_a_mirror_of_another_origin, 0, 2);
    tcase_add_test(tcase, header_of_the_list_replaces_the_common_one);
    tcase_add_test(tcase, tries_of_the_list_go_before_the_common_ones);
    tcase_add_test(tcase, wrong_entry_costs_no_other);
    tcase_add_test(tcase, mirror_that_is_no_url_makes_its_entry_invalid);
    tcase_add_test(tcase, mirror_serves_what_the_first_does_not_have);
    tcase_add_test(tcase, mirrors_that_all_fail_are_one_failure);
    tcase_add_test(tcase, mirrors_take_over_from_a_dead_host);
    tcase_add_test(tcase, run_resumed_knows_entries_by_their_first_url);
    tcase_add_test(tcase, labels_behind_tabs_are_passed_through_and_nobody_is_asked_for_them);
    tcase_add_test(tcase, note_behind_a_url_is_not_asked_for);
    tcase_add_test(tcase, dry_run_tells_the_plan_and_fetches_nothing);
    tcase_add_test(tcase, dry_run_reads_sitemaps_that_are_files_and_only_these);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
