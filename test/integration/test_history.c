#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* Histories and comparisons, as their users see them. */

static const char *history(void)
{
    return it_path("site.history");
}

/* A list of pages with these sizes, and of one that fails. */
static const char *write_list(const int *size, size_t count)
{
    const char *path = it_path("list"), *text = it_text("%s\n", it_url("/status/404"));

    for (size_t i = 0; i < count; i++)
        text = it_text("%s%s\n", text, it_url("/size?n=%d", size[i]));
    it_write(path, text, strlen(text));
    return path;
}

static struct it_run run_list(const char *list)
{
    return it_haul(IT_ARGS("--history", history(), "--format", "jsonl", "-i", list));
}

static const json_t *runs(void)
{
    struct it_run run = it_haul(IT_ARGS("history", "--format", "jsonl", history()));

    ck_assert_msg(run.status == 0, "%s", run.err);
    return it_rows(run.out);
}

static const json_t *diff(const char *old, const char *new)
{
    struct it_run run = it_haul(IT_ARGS("diff", "--format", "jsonl", old, new));

    ck_assert_msg(run.status == 0 || run.status == 1, "%s", run.err);
    ck_assert_int_eq(run.status, run.out_len > 0);
    return it_rows(run.out);
}

static void forget(void)
{
    unlink(history());
    unlink(it_text("%s-wal", history()));
    unlink(it_text("%s-shm", history()));
}

/* ---- runs ---- */

START_TEST(three_runs_are_listed_and_compared)
{
    static const int sizes[][2] = {{100, 200}, {100, 200}, {100, 300}};
    const json_t *rows;
    struct it_run run;

    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(run_list(write_list(sizes[i], 2)).status, 1);
    rows = runs();
    ck_assert_uint_eq(json_array_size(rows), 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(it_int(json_array_get(rows, i), "run"), (int)i + 1);
        ck_assert_str_eq(it_str(json_array_get(rows, i), "state"), "complete");
        ck_assert_int_eq(it_int(json_array_get(rows, i), "status"), 1);
        ck_assert_int_eq(it_int(json_array_get(rows, i), "size"), i < 2 ? 300 : 400);
    }
    ck_assert_uint_eq(json_array_size(diff(it_text("%s@1", history()), history())), 2);
    ck_assert_uint_eq(
        json_array_size(diff(it_text("%s@1", history()), it_text("%s@-2", history()))), 0);
    run = it_haul(IT_ARGS("diff", history()));
    ck_assert_int_eq(run.status, 1);
    ck_assert_ptr_eq(strstr(run.out, "127.0.0.1: +100 B (+33.3 %): 1 added, 1 gone\n"), run.out);
    run = it_haul(IT_ARGS("history", history(), it_url("/size?n=200")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 1);
    ck_assert_ptr_nonnull(strstr(run.out, "200 B"));
    ck_assert_int_eq(it_haul(IT_ARGS("history", history(), "http://never/")).status, 2);
    run = it_haul(IT_ARGS("history", history(), "http://never/", it_url("/size?n=200"),
                          "http://nor.this/", it_url("/size?n=300")));
    ck_assert_int_eq(run.status, 2); /* and the others are told */
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_str_eq(run.err, "haul: http://never/: not in this history, and 1 more\n");
    forget();
}
END_TEST

static const struct {
    const char *pattern;
    size_t pages; /* that it matches */
} patterns[] = {{"/size?n=*", 2}, {"/*?n=2*", 1}, {"**", 3},       {"/size?n=2**0", 1},
                {"*", 0},         {"/SIZE*", 0},  {"/size?*1", 0}, {"/status/*", 1}};

START_TEST(pages_are_asked_for_by_pattern)
{
    static const int sizes[] = {100, 200};
    size_t pages = patterns[_i].pages;
    struct it_run run;

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(run_list(write_list(sizes, 2)).status, 1);
    run = it_haul(
        IT_ARGS("history", "--format", "jsonl", history(), it_url("%s", patterns[_i].pattern)));
    ck_assert_msg(run.status == (pages ? 0 : 2), "%d: %s", run.status, run.err);
    ck_assert_uint_eq(it_lines(run.out), pages);
    ck_assert_msg(pages || strstr(run.err, ": not in this history\n"), "%s", run.err);
    forget();
}
END_TEST

START_TEST(page_with_a_star_in_its_name_is_itself)
{
    const char *star = it_url("/size?n=1&q=*"), *other = it_url("/size?n=1&q=x");
    struct it_run run = it_haul(IT_ARGS("-q", "--history", history(), star, other));

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("history", "--format", "jsonl", history(), star));
    ck_assert_uint_eq(it_lines(run.out), 1);
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "url"), star);
    forget();
}
END_TEST

START_TEST(history_knows_what_need_not_be_fetched_again)
{
    const char *url = it_url("/range?n=1000&etag=one");

    for (int i = 0; i < 3; i++) {
        struct it_run run =
            it_haul(IT_ARGS("--history", history(), "--etags", "--format", "jsonl", url));
        const json_t *row = it_row(it_rows(run.out), url);

        ck_assert_int_eq(run.status, 0);
        ck_assert_str_eq(it_verdict(row), i ? "unchanged" : "ok");
        ck_assert_int_eq(it_int(row, "size_body"), 1000);
        ck_assert_int_eq(it_int(json_array_get(runs(), (size_t)i), "size"), 1000);
    }
    ck_assert_uint_eq(json_array_size(diff(it_text("%s@1", history()), history())), 0);
    forget();
}
END_TEST

/*
 * The ETag is that of the page behind it: asked with it, the redirect itself could say "unchanged".
 */
START_TEST(redirect_is_not_asked_with_what_its_page_said)
{
    const char *url = it_url("/redirect?to=/range%%3Fn=1000%%26etag=one");
    const json_t *log;

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(it_haul(IT_ARGS("--history", history(), "--etags", url)).status, 0);
    log = it_log("/redirect");
    ck_assert_uint_eq(json_array_size(log), 2);
    ck_assert(!it_log_has_header(json_array_get(log, 1), "If-None-Match"));
    forget();
}
END_TEST

static struct it_run run_sitemap(int night, int size)
{
    const char *sitemap = it_path("site.xml");
    const char *text = it_text("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>"
                               "<loc>%s</loc><lastmod>2026-11-%02d</lastmod></url></urlset>",
                               it_url("/size?n=%d&amp;page=1", size), night);

    it_write(sitemap, text, strlen(text));
    return it_haul(IT_ARGS("-q", "--history", history(), "--sitemap", sitemap));
}

START_TEST(page_that_its_sitemap_alone_calls_new_is_one_row)
{
    const char *url = it_url("/size?n=10&page=1");
    const json_t *rows;
    struct it_run run;

    for (int night = 1; night <= 3; night++)
        ck_assert_int_eq(run_sitemap(night, 10).status, 0);
    run = it_haul(IT_ARGS("history", "--format", "jsonl", history(), url));
    ck_assert_int_eq(run.status, 0);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 1);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "first_run"), 1);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "last_run"), 3);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "lastmod"), "2026-11-03");
    run = it_haul(IT_ARGS("history", history(), url));
    ck_assert_uint_eq(it_lines(run.out), 1);
    ck_assert_ptr_nonnull(strstr(run.out, "  ok, lastmod 2026-11-03  http://"));
    forget();
}
END_TEST

/* What the list attaches is kept for each run, but is not shown here. */
START_TEST(rows_that_look_the_same_are_shown_as_one)
{
    static const char *const team[] = {"web", "shop", "web"};
    const char *list = it_path("list.csv"), *url = it_url("/size?n=10");
    const json_t *rows;
    struct it_run run;

    for (int i = 0; i < 3; i++) {
        const char *text = it_text("url,team\n%s,%s\n", url, team[i]);

        it_write(list, text, strlen(text));
        ck_assert_int_eq(
            it_haul(IT_ARGS("-q", "--history", history(), "--url-column", "url", "-i", list))
                .status,
            0);
    }
    ck_assert_int_eq(it_haul(IT_ARGS("-q", "--history", history(), it_url("/size?n=9"))).status, 0);
    ck_assert_int_eq(it_haul(IT_ARGS("-q", "--history", history(), url)).status, 0);
    run = it_haul(IT_ARGS("history", "--format", "jsonl", history(), url));
    ck_assert_int_eq(run.status, 0);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 2);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "first_run"), 1);
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "last_run"), 3);
    ck_assert_int_eq(it_int(json_array_get(rows, 1), "first_run"), 5); /* run 4 had none */
    ck_assert_int_eq(it_int(json_array_get(rows, 1), "last_run"), 5);
    forget();
}
END_TEST

START_TEST(history_keeps_what_it_is_told)
{
    static const int size = 10;
    const char *list = write_list(&size, 1);

    for (int i = 0; i < 4; i++)
        it_haul(IT_ARGS("-q", "--history", history(), "--keep", "2", "-i", list));
    ck_assert_uint_eq(json_array_size(runs()), 2);
    ck_assert_int_eq(it_int(json_array_get(runs(), 0), "run"), 3);
    forget();
}
END_TEST

START_TEST(second_run_is_refused_or_waits)
{
    const char *url = it_url("/gate?name=both");
    struct it_process *first =
        it_start(&(struct it_call){.argv = IT_ARGS("--history", history(), url)});
    struct it_process *waiting;
    struct it_run run;

    it_await_gate("both", 1);
    run = it_haul(IT_ARGS("--history", history(), it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 5);
    ck_assert_ptr_nonnull(strstr(run.err, "another run has this history"));
    waiting = it_start(&(struct it_call){
        .argv = IT_ARGS("--history", history(), "--lock", "wait", it_url("/size?n=1"))});
    ck_assert_uint_eq(json_array_size(runs()), 1); /* reading needs no lock */
    it_open_gate("both");
    ck_assert_int_eq(it_finish(first).status, 0);
    ck_assert_int_eq(it_finish(waiting).status, 0);
    ck_assert_uint_eq(json_array_size(runs()), 2);
    ck_assert_int_ne(access(it_text("%s-lock", history()), F_OK), 0);
    forget();
}
END_TEST

START_TEST(killed_run_leaves_a_history_that_goes_on)
{
    static const int size = 10;
    const char *url = it_url("/gate?name=kill");
    struct it_process *process;
    const json_t *rows;

    ck_assert_int_eq(run_list(write_list(&size, 1)).status, 1);
    process = it_start(&(struct it_call){.argv = IT_ARGS("--history", history(), url)});
    it_await_gate("kill", 1);
    it_signal(process, SIGKILL);
    ck_assert_int_eq(it_finish(process).signal, SIGKILL);
    ck_assert_int_eq(run_list(write_list(&size, 1)).status, 1);
    rows = runs();
    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert_str_eq(it_str(json_array_get(rows, 1), "state"), "killed or running");
    ck_assert_str_eq(it_str(json_array_get(rows, 2), "state"), "complete");
    ck_assert_uint_eq(json_array_size(diff(it_text("%s@1", history()), history())), 0);
    forget();
}
END_TEST

START_TEST(stopped_run_is_in_the_history_as_incomplete)
{
    const char *url = it_url("/gate?name=stop");
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("-j", "1", "--grace", "0", "--history",
                                                   history(), url, it_url("/size?n=1"))});

    it_await_gate("stop", 1);
    it_signal(process, SIGTERM);
    ck_assert_int_eq(it_finish(process).status, 128 + SIGTERM);
    ck_assert_str_eq(it_str(json_array_get(runs(), 0), "state"), "incomplete");
    ck_assert_int_eq(it_int(json_array_get(runs(), 0), "status"), 128 + SIGTERM);
    forget();
}
END_TEST

/* ---- what goes wrong ---- */

/* It may be a slip, and another's file. (One that is damaged or locked: test_lost_history.c.) */
START_TEST(what_is_no_history_is_refused_before_anything_is_fetched)
{
    static const int size = 10;
    const char *list = write_list(&size, 1);
    struct it_run run;
    size_t len;

    ck_assert_int_eq(run_list(list).status, 1);
    it_reset_server();
    len = strlen(it_read(list, NULL));
    run = it_haul(IT_ARGS("--history", list, it_url("/size?n=1"))); /* no history */
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "not a history"));
    ck_assert_uint_eq(strlen(it_read(list, NULL)), len);
    ck_assert_int_eq(it_stat("requests"), 0);
    forget();
}
END_TEST

/* No file may grow beyond that. */
static rlim_t file_max;
static void limit_files(void)
{
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){file_max, file_max});
}

START_TEST(full_disk_costs_the_run_its_place_and_nothing_else)
{
    enum { PAGES = 400 };
    int size[PAGES];
    struct it_run run;
    const char *list;
    const json_t *rows;

    for (int i = 0; i < PAGES; i++)
        size[i] = i;
    ck_assert_int_eq(run_list(write_list(size, 1)).status, 1);
    list = write_list(size, PAGES);
    file_max = 48 << 10;
    run = it_call(
        &(struct it_call){.argv = IT_ARGS("--history", history(), "--format", "jsonl", "-i", list),
                          .prepare = limit_files});
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "the history cannot be written"));
    ck_assert_uint_eq(json_array_size(it_rows(run.out)), PAGES + 1);
    ck_assert_int_eq(run_list(list).status, 1);
    rows = runs();
    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "state"), "complete");
    ck_assert_str_eq(it_str(json_array_get(rows, 1), "state"), "killed or running");
    ck_assert_str_eq(it_str(json_array_get(rows, 2), "state"), "complete");
    forget();
}
END_TEST

/* ---- comparisons ---- */

static const char *write_journal(const char *name, const char *lines, bool closed)
{
    const char *path = it_path(name);
    const char *text = it_text("{\"journal\":1,\"haul\":\"0\"}\n%s%s", lines,
                               closed ? "{\"footer\":1,\"lines\":1}\n" : "");

    it_write(path, text, strlen(text));
    return path;
}

static const char *line(int key, const char *outcome, int size, const char *type)
{
    return it_text("{\"key\":\"%016x\",\"seq\":%d,\"outcome\":\"%s\"%s,\"url\":\"http://h/%d\","
                   "\"size_body\":%d,\"content_type\":\"%s\"}\n",
                   (unsigned)key, key, outcome,
                   strcmp(outcome, "failed") ? "" : ",\"reason\":\"connect\"", key, size, type);
}

static const char *kind_of(const json_t *rows, const char *url)
{
    return it_str(it_row(rows, url), "change");
}

START_TEST(journals_are_compared)
{
    const char *old = write_journal(
        "old",
        it_text("%s%s%s%s%s%s%s", line(1, "ok", 10, "text/html"), line(2, "ok", 10, "text/html"),
                line(3, "ok", 10, "text/html"), line(4, "ok", 10, "text/html"),
                line(5, "failed", 10, ""), line(6, "ok", 10, ""), line(7, "ok", 1, "")),
        true);
    const char *lines =
        it_text("%s%s%s%s%s%s%s", line(8, "ok", 5, ""), line(1, "ok", 10, "text/html"),
                line(2, "ok", 15, "text/html"), line(3, "ok", 3, "text/html"),
                line(4, "ok", 10, "text/css"), line(5, "ok", 8, ""), line(6, "failed", 10, ""));
    const json_t *rows = diff(old, write_journal("new", lines, true));
    struct it_run run;

    ck_assert_uint_eq(json_array_size(rows), 7);
    ck_assert_str_eq(kind_of(rows, "http://h/2"), "grown");
    ck_assert_str_eq(kind_of(rows, "http://h/3"), "shrunk");
    ck_assert_str_eq(kind_of(rows, "http://h/4"), "type");
    ck_assert_str_eq(kind_of(rows, "http://h/5"), "recovered");
    ck_assert_str_eq(kind_of(rows, "http://h/6"), "failing");
    ck_assert_str_eq(kind_of(rows, "http://h/7"), "gone");
    ck_assert_str_eq(kind_of(rows, "http://h/8"), "added");
    ck_assert_int_eq(it_int(it_row(rows, "http://h/3"), "delta"), -7);
    ck_assert_uint_eq(json_array_size(diff(old, write_journal("new", lines, false))), 6);
    run = it_haul(IT_ARGS("diff", "--top", "2", "--group-by", "type", old, it_path("new")));
    ck_assert_int_eq(run.status, 1);
    ck_assert_ptr_nonnull(strstr(run.out, "not complete"));
    run = it_haul(IT_ARGS("diff", "--format", "csv", "--group-by", "host", old, it_path("new")));
    ck_assert_ptr_nonnull(strstr(run.out, "\nh,7,7,6,51,51,3,,,\n"));
    run = it_haul(IT_ARGS("diff", "--format", "csv", "--group-by", "type", old, it_path("new")));
    ck_assert_ptr_nonnull(strstr(run.out, "\ntext/css,0,1,1,,10,10,,,\n")); /* it came from HTML */
    ck_assert_ptr_nonnull(strstr(run.out, "\ntext/html,4,3,3,40,28,-12,,,\n"));
    ck_assert_int_eq(it_haul(IT_ARGS("diff", old, old)).status, 0);
}
END_TEST

START_TEST(comparison_in_markdown_is_tables_of_code_spans)
{
    const char *old = write_journal(
        "old", it_text("%s%s", line(1, "ok", 10, "x/`a|b`"), line(2, "ok", 20, "x/y")), true);
    const char *new = write_journal(
        "new", it_text("%s%s", line(1, "ok", 17, "x/`a|b`"), line(2, "failed", 0, "x/y")), false);
    struct it_run run = it_haul(
        IT_ARGS("diff", "--format", "markdown", "--top", "1", "--group-by", "type", old, new));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(
        run.out,
        it_text(
            "## haul: `h`: changes\n\n**1 now failing, the rest +7 B (+70.0 %%): 1 grown**\n\n"
            "- before: 2 URLs, 30 B, 0 failed (`%s`)\n- now: 2 URLs, 17 B, 1 failed (`%s`)\n\n"
            "the run is not complete: what is missing from it does not count as gone\n\n"
            "### Largest changes\n\n| change | bytes | before > now | why | URL |\n"
            "|---|--:|--:|---|---|\n"
            "| now failing | - | 20 B > - | `connect` | `http://h/2` |\n\nand 1 more (--top)\n\n"
            "### Groups\n\n| URLs | bytes | before > now | group |\n|--:|--:|--:|---|\n"
            "| 1 changed | +7 B | 10 B > 17 B | `` x/`a\\|b` `` |\n\nand 1 more (--top)\n",
            old, new));
    run = it_haul(IT_ARGS("diff", "--format", "markdown", old, old));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.out, "\n\n**no difference**\n\n- before: 2 URLs"));
    run = it_haul(IT_ARGS("diff", "--format", "html", old, new));
    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(run.err,
                     "haul: --format: haul diff writes text, csv, tsv, jsonl and markdown\n");
    run = it_haul(IT_ARGS("history", "--format", "markdown", old));
    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(run.err, "haul: --format: haul history writes text, csv, tsv and jsonl\n");
}
END_TEST

static const char *const wrong[][4] = {{"diff", "/no/such", "/no/such"},
                                       {"diff", "/etc/passwd", "/etc/passwd"},
                                       {"diff", "/dev/null"},
                                       {"diff", "a", "b", "c"},
                                       {"diff", "--group-by", "path:0", "a"},
                                       {"history", "/no/such"},
                                       {"history", "/etc/passwd"},
                                       {"history", "-i", "/dev/null"}};

START_TEST(wrong_use_is_told)
{
    const char *argv[5] = {NULL};

    memcpy(argv, wrong[_i], sizeof wrong[_i]);
    ck_assert_int_eq(it_haul(argv).status, 2);
}
END_TEST

START_TEST(run_that_is_not_there_is_told)
{
    static const int size = 10;
    struct it_run run;

    run_list(write_list(&size, 1));
    run = it_haul(IT_ARGS("diff", it_text("%s@7", history()), history()));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "no such run that has ended: @7"));
    run = it_haul(IT_ARGS("diff", it_text("%s@0", history()), history()));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, ": no such run that has ended: @0; haul history lists "
                                          "them, from @1, and @-1 is the last\n"));
    run = it_haul(IT_ARGS("diff", it_text("%s@-99999999999999999999", history()), history()));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, ": no such run that has ended: @-9223372036854775807;"));
    ck_assert_int_eq(it_haul(IT_ARGS("diff", history())).status, 2); /* there is only one */
    forget();
}
END_TEST

/* A page that is made anew, with six bytes more than the night before, is no news for cron. */
START_TEST(change_below_the_threshold_makes_no_mail)
{
    static const struct {
        const char *option, *value;
        int size;
        bool is_told;
    } nights[] = {
        {"--change-min", "100B", 1000, true},       {"--change-min", "100B", 1006, false},
        {"--change-min", "1%", 1012, false},        {"--ignore-change", "path:/size", 5000, false},
        {"--ignore-change", "path:/x", 5006, true}, {"--change-min", "1%,1k", 9000, true}};

    for (size_t i = 0; i < sizeof nights / sizeof *nights; i++) {
        struct it_run run = it_haul(IT_ARGS("--quiet-unless", "change", "--history", history(),
                                            "--ignore-param", "n", nights[i].option,
                                            nights[i].value, it_url("/size?n=%d", nights[i].size)));

        ck_assert_int_eq(run.status, 0);
        ck_assert_msg(!*run.out == !nights[i].is_told, "night %zu: %s", i, run.out);
    }
    forget();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history");
    TCase *tcase = tcase_create("history");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, three_runs_are_listed_and_compared);
    tcase_add_test(tcase, change_below_the_threshold_makes_no_mail);
    tcase_add_loop_test(tcase, pages_are_asked_for_by_pattern, 0,
                        sizeof patterns / sizeof *patterns);
    tcase_add_test(tcase, page_with_a_star_in_its_name_is_itself);
    tcase_add_test(tcase, history_knows_what_need_not_be_fetched_again);
    tcase_add_test(tcase, redirect_is_not_asked_with_what_its_page_said);
    tcase_add_test(tcase, page_that_its_sitemap_alone_calls_new_is_one_row);
    tcase_add_test(tcase, rows_that_look_the_same_are_shown_as_one);
    tcase_add_test(tcase, history_keeps_what_it_is_told);
    tcase_add_test(tcase, second_run_is_refused_or_waits);
    tcase_add_test(tcase, killed_run_leaves_a_history_that_goes_on);
    tcase_add_test(tcase, stopped_run_is_in_the_history_as_incomplete);
    tcase_add_test(tcase, what_is_no_history_is_refused_before_anything_is_fetched);
    tcase_add_test(tcase, full_disk_costs_the_run_its_place_and_nothing_else);
    tcase_add_test(tcase, journals_are_compared);
    tcase_add_test(tcase, comparison_in_markdown_is_tables_of_code_spans);
    tcase_add_loop_test(tcase, wrong_use_is_told, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tcase, run_that_is_not_there_is_told);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
