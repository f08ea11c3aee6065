#include <string.h>

#include "input/robots.h"
#include "robots_site.h"

/* --robots obey: what is asked first, and what its answer means for the rows. */

/* One URL is fetched, or not, and the server is asked for it or not. */
static void assert_fetched(const char *options, bool is_fetched)
{
    assert_verdict(run_one(options, it_url("/size?n=1&robots")),
                   is_fetched ? "ok" : "skipped robots");
    ck_assert_uint_eq(asked("/size?n=1&robots"), is_fetched);
}

/* ---- rules ---- */

START_TEST(disallowed_rows_are_skipped_and_others_are_not)
{
    struct it_run done;
    const json_t *rows, *row;

    set_robots("", rules("User-agent: *\nDisallow: /size?n=3\nAllow: /size?n=3&i=4\n", ""));
    begin_list();
    add_many("/size?n=2", 6);
    add_many("/size?n=3", 6);
    done = run(OBEY " -j 4", end_list());
    ck_assert_int_eq(done.status, 0);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), 7);
    ck_assert_uint_eq(count_verdicts(rows, "skipped robots"), 5);
    ck_assert_uint_eq(asked("/robots.txt"), 1);
    ck_assert_uint_eq(asked("/size"), 7);
    ck_assert_str_eq(it_str(json_array_get(it_log(""), 0), "path"), "/robots.txt");
    row = it_row(rows, it_url("/size?n=3&i=0"));
    ck_assert_int_eq(it_int(row, "attempts"), 0);
    ck_assert_str_eq(it_str(row, "errormsg"), "the host's robots.txt does not allow it");
}
END_TEST

START_TEST(nothing_is_asked_for_unless_it_is_obeyed)
{
    set_robots("", rules("User-agent: *\nDisallow: /\n", ""));
    assert_fetched("", true);
    ck_assert_uint_eq(asked("/robots.txt"), 0);
}
END_TEST

START_TEST(dry_run_asks_for_nothing)
{
    struct it_run done;

    begin_list();
    add(it_url("/size?n=1"));
    done = it_haul(IT_ARGS("--robots", "obey", "--dry-run", "-i", end_list()));
    ck_assert_int_eq(done.status, 0);
    ck_assert_ptr_nonnull(strstr(done.err, "robots.txt"));
    ck_assert_uint_eq(asked(""), 0);
}
END_TEST

static const char *const permissive[] = {"/status/404",
                                         "/status/401",
                                         "/status/403",
                                         "/status/410",
                                         "/redirect-loop",
                                         "/redirect-missing",
                                         "/redirect-scheme?s=ftp",
                                         "/size?n=0"};

START_TEST(no_rules_forbid_nothing)
{
    set_robots("", permissive[_i]);
    assert_fetched(OBEY, true);
}
END_TEST

/* An answer that was cut off forbade all; the next one is whole and has no rules. */
START_TEST(empty_rules_have_nothing_of_those_before)
{
    set_robots("", "/flaky?n=1&mode=truncate&then=&with=User-agent:%20*%0aDisallow:%20/%0a");
    assert_fetched(OBEY, true);
    ck_assert_uint_eq(asked("/robots.txt"), 2);
}
END_TEST

static const struct {
    const char *options; /* of the run */
    const char *text;
    bool is_fetched;
} products[] = {
    {OBEY, "User-agent: haul\nDisallow: /\n\nUser-agent: *\nAllow: /\n", false},
    {OBEY, "User-agent: other\nDisallow: /\n\nUser-agent: *\nAllow: /\n", true},
    {OBEY " -A Other/1.0", "User-agent: other\nDisallow: /\n", false},
    {OBEY " -A Other/1.0", "User-agent: haul\nDisallow: /\n", true},
    {OBEY " -A (odd)", "User-agent: haul\nDisallow: /\n", false},
    {OBEY " -H User-Agent:Other/1.0", "User-agent: other\nDisallow: /\n", false},
    {OBEY " -H User-Agent:Other/1.0", "User-agent: haul\nDisallow: /\n", true},
    {OBEY " -A Third -H user-agent:Other", "User-agent: other\nDisallow: /\n", false},
    {OBEY " -A Third -H user-agent:Other", "User-agent: third\nDisallow: /\n", true},
    {OBEY " -A Third -H User-Agent:", "User-agent: haul\nDisallow: /\n", false},
    {OBEY " -A Third -H User-Agent;", "User-agent: third\nDisallow: /\n", true},
    {OBEY " --method auto", "User-agent: *\nDisallow: /size\n", false},
    {OBEY " --accept 404", "User-agent: *\nDisallow: /size\n", false},
    {OBEY " --max-filesize 3", "User-agent: *\nDisallow: /size\n", false},
};

START_TEST(rules_are_those_for_the_name_that_is_told)
{
    set_robots("", rules(products[_i].text, ""));
    assert_fetched(products[_i].options, products[_i].is_fetched);
}
END_TEST

/* Of a host's own section, the field goes before its agent, and both before what is for all. */
static const char *const sections[] = {"header = User-Agent: Other/1.0\nuser-agent = Third\n",
                                       "user-agent = Other/1.0\n"};

START_TEST(rules_are_those_for_the_name_that_is_told_to_the_host)
{
    const char *text = it_text("[host 127.0.0.1]\n%s", sections[_i]);

    it_write(it_path("agents.conf"), text, strlen(text));
    set_robots("", rules("User-agent: other\nDisallow: /\n", ""));
    assert_fetched(it_text(OBEY " -A Fourth --config %s", it_path("agents.conf")), false);
    set_robots("",
               rules("User-agent: third\nDisallow: /\n\nUser-agent: fourth\nDisallow: /\n", ""));
    assert_fetched(it_text(OBEY " -A Fourth --config %s", it_path("agents.conf")), true);
}
END_TEST

/* "User-agent: *" and "Disallow: /", after a byte order mark, in UTF-16 of both orders. */
static const char *const orders[] = {"fffe", "feff"};

START_TEST(rules_may_be_utf_16)
{
    struct haul_buf path;

    haul_buf_init(&path, 0);
    haul_buf_addf(&path, "/bytes/x?hex=%s", orders[_i]);
    for (const char *c = "User-agent: *\nDisallow: /"; *c; c++)
        haul_buf_addf(&path, _i ? "00%02x" : "%02x00", (unsigned)*c);
    set_robots("", haul_buf_str(&path));
    haul_buf_done(&path);
    assert_fetched(OBEY, false);
}
END_TEST

/* ---- in vain ---- */

START_TEST(robots_that_are_there_again_are_obeyed)
{
    struct it_run done;

    set_robots("", "/flaky?n=2&code=503");
    begin_list();
    add_many("/size?n=1", 5);
    done = run(OBEY, end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 5);
    ck_assert_uint_eq(asked("/robots.txt"), 3);
}
END_TEST

static const char *const broken[] = {"/status/500", "/status/503", "/status/429",
                                     "/fault/end-in-body", "/size?n=9&framing=chunked&cut=1"};

START_TEST(rows_fail_where_robots_cannot_be_had)
{
    struct it_run done;
    const json_t *rows;

    set_robots("", broken[_i]);
    begin_list();
    add_many("/size?n=1", 5);
    done = run(OBEY " --retry 3 -j 4", end_list());
    ck_assert_int_eq(done.status, 75);
    rows = check_rows(&done);
    ck_assert_uint_eq(count_verdicts(rows, "failed robots-unreachable"), 5);
    ck_assert_ptr_nonnull(strstr(it_str(json_array_get(rows, 0), "errormsg"), "its robots.txt: "));
    ck_assert_uint_eq(asked("/robots.txt"), 4);
    ck_assert_uint_eq(asked("/size?n=1"), 0);
}
END_TEST

START_TEST(origin_that_is_not_reached_fails_for_that)
{
    struct it_run done;

    begin_list();
    for (int i = 0; i < 3; i++)
        add(refused_url(i));
    done = run(OBEY, end_list());
    ck_assert_int_eq(done.status, 75);
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "failed connect"), 3);
}
END_TEST

START_TEST(robots_that_never_come_end_with_the_time_for_them)
{
    set_robots("", "/hang");
    assert_verdict(run_one(OBEY " --max-time 300ms --retry 0", it_url("/size?n=1")),
                   "failed robots-unreachable");
}
END_TEST

/* ---- redirects ---- */

START_TEST(redirect_of_robots_is_followed_to_another_host)
{
    set_robots(first_host(),
               it_text("/redirect?to=%s", second_url("/rules?text=User-agent:*%250aDisallow:/")));
    assert_fetched(OBEY " --max-redirs 0 --no-location", false);
}
END_TEST

START_TEST(five_redirects_are_followed_and_no_more)
{
    set_robots("", "/redirect-chain?n=9");
    assert_fetched(OBEY, true);
    ck_assert_uint_eq(asked("/robots.txt") + asked("/redirect-chain"), 6);
}
END_TEST

START_TEST(redirect_of_a_row_is_not_followed_to_what_is_disallowed)
{
    const json_t *row;

    set_robots("", rules("User-agent: *\nDisallow: /size\n", ""));
    row = run_one(OBEY, it_url("/redirect?to=/size?n=1"));
    assert_verdict(row, "skipped robots");
    ck_assert_int_eq(it_int(row, "http_code"), 302);
    ck_assert_uint_eq(asked("/redirect"), 1);
    ck_assert_uint_eq(asked("/size"), 0);
}
END_TEST

/* Its own robots.txt leads to that of the other host, which so is known. */
START_TEST(redirect_of_a_row_is_judged_where_the_rules_came_from)
{
    set_robots(first_host(), it_text("/redirect?to=%s", second_url("/robots.txt")));
    set_robots(second_host(), rules("User-agent: *\nDisallow: /size\n", ""));
    assert_verdict(run_one(OBEY, it_url("/redirect?to=%s", second_url("/size?n=1"))),
                   "skipped robots");
    ck_assert_uint_eq(asked("/size"), 0);
}
END_TEST

START_TEST(redirect_of_a_row_to_a_host_that_was_not_asked_is_followed)
{
    set_robots(first_host(), rules("User-agent: *\nDisallow: /size\n", ""));
    set_robots(second_host(), rules("User-agent: *\nDisallow: /\n", ""));
    assert_verdict(run_one(OBEY, it_url("/redirect?to=%s", second_url("/size?n=1"))), "ok");
    ck_assert_uint_eq(asked("/robots.txt"), 1);
}
END_TEST

/* ---- large and hostile ---- */

START_TEST(beginning_of_a_large_file_counts)
{
    set_robots("", rules("User-agent: *\n", "&pad=614400&tail=Disallow:/"));
    assert_fetched(OBEY, true);
    it_reset_server();
    set_robots("", rules("User-agent: *\n", "&pad=409600&tail=Disallow:/"));
    assert_fetched(OBEY, false);
    it_reset_server();
    set_robots("", rules("User-agent: *\nDisallow: /size\n", "&pad=614400"));
    assert_fetched(OBEY, false);
}
END_TEST

/* Of "Disallow:/s-other" only "Disallow:/s" is read, which would forbid more than it says. */
START_TEST(half_a_line_at_the_cut_is_no_rule)
{
    const char *text = "User-agent: *\n#\n", *half = "Disallow:/s";
    int pad = HAUL_ROBOTS_MAX / 64 * 64 - 64;
    int comment = HAUL_ROBOTS_MAX - (int)strlen(text) - pad - (int)strlen(half) - 2;

    set_robots("",
               rules(text, it_text("&pad=%d&tail=%%23%0*d%%0a%s-other", pad, comment, 1, half)));
    assert_fetched(OBEY, true);
}
END_TEST

static const char *const hostile[] = {"/size?n=50000000", "/size?n=3000000&gzip=1",
                                      "/drip?n=100000&ms=0", "/bytes/x?hex=00ff0d0a000a",
                                      "/fault/bomb"};

/* Whatever it is, the run ends, and the row is there. */
START_TEST(hostile_robots_end_the_row_and_not_the_run)
{
    const json_t *row;

    set_robots("", hostile[_i]);
    row = run_one(OBEY " --retry 0 --max-time 5s", it_url("/size?n=1"));
    ck_assert(strcmp(it_verdict(row), "ok") == 0 ||
              strcmp(it_verdict(row), "failed robots-unreachable") == 0);
}
END_TEST

/* ---- what is sent ---- */

static bool has_login(const char *prefix)
{
    return it_log_has_header(json_array_get(it_log(prefix), 0), "Authorization");
}

/* A login in a URL is for that URL. */
START_TEST(login_of_a_url_is_not_sent_with_the_request_for_robots)
{
    const char *url = it_text("http://me:secret@%s/size?n=1", first_host());
    struct it_run done;

    begin_list();
    add(url);
    done = run(OBEY, end_list());
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 1);
    ck_assert(has_login("/size"));
    ck_assert(!has_login("/robots.txt"));
}
END_TEST

START_TEST(login_of_the_run_goes_to_the_host_and_not_past_a_redirect)
{
    set_robots(first_host(), it_text("/redirect?to=%s", second_url("/rules")));
    assert_verdict(run_one(OBEY " --user me:secret", it_url("/size?n=1")), "ok");
    ck_assert(has_login("/robots.txt"));
    ck_assert(!has_login("/rules"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robots_obey");
    TCase *tcase = robots_case("answers");

    tcase_add_test(tcase, disallowed_rows_are_skipped_and_others_are_not);
    tcase_add_test(tcase, nothing_is_asked_for_unless_it_is_obeyed);
    tcase_add_test(tcase, dry_run_asks_for_nothing);
    tcase_add_test(tcase, empty_rules_have_nothing_of_those_before);
    tcase_add_loop_test(tcase, no_rules_forbid_nothing, 0, COUNT(permissive));
    tcase_add_loop_test(tcase, rules_are_those_for_the_name_that_is_told, 0, COUNT(products));
    tcase_add_loop_test(tcase, rules_are_those_for_the_name_that_is_told_to_the_host, 0,
                        COUNT(sections));
    tcase_add_loop_test(tcase, rules_may_be_utf_16, 0, COUNT(orders));
    tcase_add_test(tcase, robots_that_are_there_again_are_obeyed);
    tcase_add_loop_test(tcase, rows_fail_where_robots_cannot_be_had, 0, COUNT(broken));
    tcase_add_test(tcase, origin_that_is_not_reached_fails_for_that);
    tcase_add_test(tcase, robots_that_never_come_end_with_the_time_for_them);
    tcase_add_test(tcase, redirect_of_robots_is_followed_to_another_host);
    tcase_add_test(tcase, five_redirects_are_followed_and_no_more);
    tcase_add_test(tcase, redirect_of_a_row_is_not_followed_to_what_is_disallowed);
    tcase_add_test(tcase, redirect_of_a_row_is_judged_where_the_rules_came_from);
    tcase_add_test(tcase, redirect_of_a_row_to_a_host_that_was_not_asked_is_followed);
    tcase_add_test(tcase, beginning_of_a_large_file_counts);
    tcase_add_test(tcase, half_a_line_at_the_cut_is_no_rule);
    tcase_add_loop_test(tcase, hostile_robots_end_the_row_and_not_the_run, 0, COUNT(hostile));
    tcase_add_test(tcase, login_of_a_url_is_not_sent_with_the_request_for_robots);
    tcase_add_test(tcase, login_of_the_run_goes_to_the_host_and_not_past_a_redirect);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
