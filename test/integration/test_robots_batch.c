#include <signal.h>
#include <string.h>

#include "robots_site.h"

/*
 * --robots obey in a batch: nobody waits for another's robots.txt, the pace is kept, and no row is
 * lost, whatever happens meanwhile.
 */

/* ---- politeness ---- */

START_TEST(crawl_delay_is_kept_from_the_asking_on)
{
    struct it_run done;

    set_robots("", rules("User-agent: *\nCrawl-delay: 0.3\nDisallow: /size?n=2\n", ""));
    begin_list();
    add(it_url("/size?n=1&i=1"));
    add_many("/size?n=2", 50);
    add(it_url("/size?n=1&i=2"));
    done = run(OBEY " -j 4", end_list());
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "skipped robots"), 50);
    ck_assert_uint_eq(asked(""), 3);
    for (size_t i = 1; i < 3; i++)
        ck_assert_int_ge(arrival_us(it_log(""), i) - arrival_us(it_log(""), i - 1), 280000);
}
END_TEST

/* All robots.txt wait for one another: nobody asks for one after the other. */
START_TEST(origins_are_asked_at_the_same_time)
{
    struct it_run done;

    set_robots("", "/latch?n=12&name=robots&timeout=30000");
    begin_list();
    for (int i = 0; i < 36; i++)
        add(it_text("http://127.0.1.%d:%d/size?n=1&i=%d", i % 12 + 1, it_port("many"), i));
    done = run(_i ? OBEY " -j 2 --streams 6" : OBEY " -j 12", end_list());
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 36);
    ck_assert_uint_eq(asked("/robots.txt"), 12);
}
END_TEST

/* One origin's robots.txt does not come: the others do not wait, in a window that is smaller. */
START_TEST(origin_that_does_not_answer_holds_nobody_up)
{
    struct it_process *process;
    struct it_run done;

    set_robots(first_host(), gate());
    begin_list();
    add_many("/size?n=1", 40);
    for (int i = 0; i < 40; i++)
        add(second_url(it_text("/size?n=2&i=%d", i)));
    process = start(OBEY " -j 2 --window 8 --order done", end_list());
    it_await_requests(42);
    ck_assert_uint_eq(asked("/size?n=2"), 40);
    it_open_gate(gate_name());
    done = it_finish(process);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 80);
}
END_TEST

/* ---- stops, journals, mirrors ---- */

static const struct {
    const char *options;
    int signals;
} stops[] = {{OBEY " --grace 60s", 1},
             {OBEY " --grace 60s", 2},
             {OBEY " --grace 100ms", 1},
             {OBEY " --max-duration 300ms --grace 1s", 0}};

START_TEST(stop_while_robots_are_asked_for_loses_no_row)
{
    const char *journal = it_path(it_text("stop%d", _i)), *list;
    struct it_process *process;
    struct it_run done;

    set_robots("", gate());
    begin_list();
    add_many("/size?n=1", 7);
    list = end_list();
    process = start(it_text("%s --journal %s", stops[_i].options, journal), list);
    it_await_gate(gate_name(), 1);
    for (int i = 0; i < stops[_i].signals; i++)
        it_signal(process, SIGINT);
    if (_i == 0) {
        it_await_error(process, "nothing more is started");
        it_open_gate(gate_name());
    }
    done = it_finish(process);
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "pending stopped"), 7);
    it_open_gate(gate_name());
    done = run(it_text(OBEY " --resume --journal %s", journal), list);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 7);
}
END_TEST

START_TEST(what_was_disallowed_is_done_when_a_run_is_resumed)
{
    const char *journal = it_path("disallowed"), *list, *saved = it_path("none");
    struct it_run done;

    set_robots("", rules("User-agent: *\nDisallow: /size?n=3\n", ""));
    begin_list();
    add_many("/size?n=3", 3);
    list = end_list();
    (void)run(it_text(OBEY " --journal %s", journal), list);
    done =
        run(it_text(OBEY " --resume --retry-failed --journal %s --save-failed %s", journal, saved),
            list);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "skipped robots"), 3);
    ck_assert_uint_eq(asked("/robots.txt"), 1);
    ck_assert_str_eq(it_read(saved, NULL), "");
}
END_TEST

START_TEST(what_could_not_be_asked_for_is_tried_again_in_another_run)
{
    const char *journal = it_path("unreachable"), *list, *saved = it_path("saved");
    struct it_run done;

    set_robots("", "/status/500");
    begin_list();
    add_many("/size?n=3", 3);
    list = end_list();
    (void)run(it_text(OBEY " --journal %s --save-failed %s", journal, saved), list);
    ck_assert_ptr_nonnull(strstr(it_read(saved, NULL), "# failed: robots-unreachable: "));
    set_robots("", rules("", ""));
    done = run(it_text(OBEY " --resume --retry-failed=transient --journal %s", journal), list);
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 3);
}
END_TEST

/* The attempt is the row's own: it is not asked again whether it may be made. */
START_TEST(row_that_is_retried_asks_once)
{
    check_attempts(run_one(OBEY, it_url("/flaky?n=2&code=500&key=obey")), "ok", 3);
    ck_assert_uint_eq(asked("/robots.txt"), 1);
}
END_TEST

static const struct {
    const char *first, *second; /* robots.txt of both mirrors */
    const char *verdict;
} mirrors[] = {
    {"Disallow: /size", "Allow: /", "ok"},
    {"Disallow: /size", "Disallow: /size", "skipped robots"},
    {"Allow: /", "Disallow: /", "ok"},
    {"Disallow: /redirect", "Disallow: /", "ok"},
    {NULL, "Allow: /", "ok"},
    {NULL, "Disallow: /", "failed robots-unreachable"},
    {"Disallow: /", NULL, "failed robots-unreachable"},
};

static const char *mirror_rules(const char *text)
{
    return text ? rules(it_text("User-agent: *\n%s\n", text), "") : "/status/500";
}

START_TEST(mirror_is_tried_where_the_first_is_not_allowed)
{
    const json_t *row;

    set_robots(first_host(), mirror_rules(mirrors[_i].first));
    set_robots(second_host(), mirror_rules(mirrors[_i].second));
    row = run_one(OBEY, it_text("%s\t%s", it_url("/size?n=1"), second_url("/size?n=1")));
    assert_verdict(row, mirrors[_i].verdict);
    ck_assert_uint_eq(asked("/size"), strcmp(mirrors[_i].verdict, "ok") == 0);
}
END_TEST

START_TEST(mirror_is_tried_where_a_redirect_is_not_allowed)
{
    set_robots(first_host(), rules("User-agent: *\nDisallow: /size\n", ""));
    assert_verdict(
        run_one(OBEY, it_text("%s\t%s", it_url("/redirect?to=/size?n=1"), second_url("/size?n=1"))),
        "ok");
}
END_TEST

/* Bytes of a robots.txt are bytes that were received. */
START_TEST(robots_count_for_the_limit_of_the_batch)
{
    struct it_run done;

    set_robots("", rules("", "&pad=100000"));
    begin_list();
    add_many("/size?n=1", 5);
    done = run(OBEY " -j 1 --max-total 50k", end_list());
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), 1);
}
END_TEST

/* ---- many at a time ---- */

START_TEST(all_rows_are_there_with_many_workers_and_streams)
{
    struct it_run done;
    const json_t *rows;

    set_robots("", rules("User-agent: *\nDisallow: /size?n=2\n", ""));
    begin_list();
    for (int i = 0; i < 600; i++)
        add(it_text("http://127.0.1.%d:%d/size?n=%d&i=%d", i % 12 + 1, it_port("many"), i % 3 + 1,
                    i));
    done = run(OBEY " -j 8 --streams 4 --window 50", end_list());
    ck_assert_int_eq(done.status, 0);
    rows = check_rows(&done);
    ck_assert_uint_eq(it_count(rows, "ok"), 400);
    ck_assert_uint_eq(count_verdicts(rows, "skipped robots"), 200);
    ck_assert_uint_eq(asked("/robots.txt"), 12);
    ck_assert_uint_eq(asked("/size"), 400);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robots_batch");
    TCase *tcase = robots_case("batch");

    tcase_add_test(tcase, crawl_delay_is_kept_from_the_asking_on);
    tcase_add_loop_test(tcase, origins_are_asked_at_the_same_time, 0, 2);
    tcase_add_test(tcase, origin_that_does_not_answer_holds_nobody_up);
    tcase_add_loop_test(tcase, stop_while_robots_are_asked_for_loses_no_row, 0, COUNT(stops));
    tcase_add_test(tcase, what_was_disallowed_is_done_when_a_run_is_resumed);
    tcase_add_test(tcase, what_could_not_be_asked_for_is_tried_again_in_another_run);
    tcase_add_test(tcase, row_that_is_retried_asks_once);
    tcase_add_loop_test(tcase, mirror_is_tried_where_the_first_is_not_allowed, 0, COUNT(mirrors));
    tcase_add_test(tcase, mirror_is_tried_where_a_redirect_is_not_allowed);
    tcase_add_test(tcase, robots_count_for_the_limit_of_the_batch);
    tcase_add_test(tcase, all_rows_are_there_with_many_workers_and_streams);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
