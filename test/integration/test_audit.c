#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_site.h"
#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * The audit of a site, night after night, as conf/haul.cron has it: nginx serves 10,000 pages and
 * the sitemaps that name them, and the line of the crontab is run as cron would. The set-up lives
 * through five nights; the cases look at what is left of each.
 *
 * FIRST: there is nothing to compare with. SAME: nothing has changed. WORSE: pages have grown,
 * shrunk, come, gone, and one is broken. MENDED: that one is back, and a large one smaller. AGAIN:
 * nothing has changed.
 */

enum night { FIRST, SAME, WORSE, MENDED, AGAIN, NIGHTS };

static struct it_run night[NIGHTS];
static const char *log_of[NIGHTS];
static bool has_nginx;

/* ---- the nights ---- */

static const char *home(void)
{
    return it_path("home");
}

static const char *kept(const char *name)
{
    return it_text("%s/haul/%s", home(), name);
}

/* A report of that night. */
static const char *report(const char *format, enum night when)
{
    return kept(it_text("%d.%s", (int)when, format));
}

/* What cron runs for the entry, with this site for the one of the sample: crontab(5). */
static const char *crontab_command(void)
{
    static const char entry[] = "\n47 3 * * *  ";
    static const char sample[] = "https://www.example.com/sitemap.xml";
    const char *line =
        strstr(it_read(it_text("%s/conf/haul.cron", getenv("HAUL_SOURCE_ROOT")), NULL), entry);
    struct haul_buf command;

    ck_assert_msg(line != NULL, "no such entry in haul.cron");
    haul_buf_init(&command, 0);
    for (line += sizeof entry - 1; *line && *line != '\n'; line++) {
        ck_assert_msg(*line != '%', "a percent sign ends the command");
        if (!strncmp(line, sample, sizeof sample - 1)) {
            haul_buf_add_str(&command, site_url("/sitemap.xml"));
            line += sizeof sample - 1;
        }
        if (line[0] == '\\' && line[1] == '%')
            line++;
        haul_buf_add_char(&command, *line);
    }
    line = it_text("%s", haul_buf_str(&command));
    haul_buf_done(&command);
    return line;
}

/* No terminal, and nothing in the environment but what cron gives. */
static struct it_run run_as_cron(const char *command)
{
    return it_call(&(struct it_call){
        .program = "/usr/bin/setsid",
        .argv = IT_ARGS("-w", "/usr/bin/env", "-i", it_text("HOME=%s", home()),
                        it_text("PATH=%s/bin:/usr/bin:/bin", home()), "SHELL=/bin/sh",
                        "LOGNAME=cron", "/bin/sh", "-c", command)});
}

static void pass(enum night when)
{
    static const char *const more[] = {"csv", "jsonl", "json", "markdown", "junit", "prometheus"};
    const char *command = crontab_command();

    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        command = it_text("%s --report %s:%d.%s", command, more[i], (int)when, more[i]);
    night[when] = run_as_cron(command);
    log_of[when] = it_nginx_take_log();
    (void)rename(kept("audit.html"), report("html", when));
}

static void make_home(void)
{
    ck_assert_int_eq(mkdir(home(), 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/haul", home()), 0755), 0);
    ck_assert_int_eq(mkdir(it_text("%s/bin", home()), 0755), 0);
    ck_assert_int_eq(symlink(getenv("HAUL_BIN"), it_text("%s/bin/haul", home())), 0);
}

static void begin(void)
{
    const char *bytes;
    size_t len;

    it_begin_server();
    ck_assert_int_eq(mkdir(it_path("site"), 0755), 0);
    has_nginx = it_nginx_start(it_path("site"));
    if (!has_nginx) {
        (void)fputs("no nginx on this system: NOTHING IS TESTED HERE\n", stderr);
        return;
    }
    make_home();
    make_site();
    pass(FIRST);
    pass(SAME);
    bytes = it_read(kept("site.db"), &len);
    it_write(kept("same.db"), bytes, len);
    make_worse();
    pass(WORSE);
    mend();
    pass(MENDED);
    pass(AGAIN);
}

static void end(void)
{
    it_nginx_stop();
    it_end_server();
}

/* ---- what cron sends ---- */

static void check_text(const char *text, const char *wanted)
{
    ck_assert_msg(strcmp(text, wanted) == 0, "got:\n%swanted:\n%s", text, wanted);
}

static void check_mail(enum night when, int status, const char *text)
{
    ck_assert_int_eq(night[when].status, status);
    ck_assert_str_eq(night[when].err, "");
    check_text(night[when].out, text);
}

/* As a line of its own it is kept, and freed, as all rows are. */
static const json_t *summary_of(enum night when)
{
    struct haul_buf line;
    const json_t *summary;

    haul_buf_init(&line, 0);
    haul_buf_add_str(&line, it_read(report("json", when), NULL));
    for (size_t i = 0; i + 1 < line.len; i++)
        if (line.data[i] == '\n')
            line.data[i] = ' ';
    summary = json_array_get(it_rows(haul_buf_str(&line)), 0);
    haul_buf_done(&line);
    return summary;
}

/* When the run before began, as mails have it. */
static const char *night_before(enum night when)
{
    const char *started = it_str(json_object_get(summary_of(when), "before"), "started");

    return it_text("%.10s %.5s UTC", started, started + 11);
}

static const char *reports_of(enum night when)
{
    return it_text("reports: audit.html, %d.csv, %d.jsonl, %d.json, %d.markdown, %d.junit, "
                   "%d.prometheus\n",
                   when, when, when, when, when, when);
}

START_TEST(first_night_says_that_there_was_none_before)
{
    if (!has_nginx)
        return;
    check_mail(
        FIRST, 0,
        it_text("haul: 127.0.0.1: 10,000 URLs, none failed, 188.8 MiB in all, 1 budget not known\n"
                "budget growth<5%%: not known: limit 5 %%; there is no earlier complete run\n%s",
                reports_of(FIRST)));
}
END_TEST

/* How many lines of the log begin so. */
static size_t count_log(enum night when, const char *status)
{
    size_t count = 0;

    for (const char *at = log_of[when]; *at; at += strcspn(at, "\n") + 1)
        count += !strncmp(at, status, strlen(status));
    return count;
}

static const enum night quiet_nights[] = {SAME, AGAIN};

START_TEST(night_without_changes_is_silent_and_fetches_sitemaps_only)
{
    enum night when = quiet_nights[_i];

    if (!has_nginx)
        return;
    ck_assert_int_eq(night[when].status, 0);
    ck_assert_uint_eq(night[when].out_len, 0);
    ck_assert_uint_eq(night[when].err_len, 0);
    ck_assert_uint_eq(count_log(when, "304 "), PAGES);
    ck_assert_uint_eq(count_log(when, "200 /sitemap"), 1 + PARTS);
    ck_assert_uint_eq(count_log(when, ""), PAGES + 1 + PARTS);
}
END_TEST

START_TEST(night_with_changes_is_told_in_one_mail)
{
    const char *text;

    if (!has_nginx)
        return;
    text =
        it_text("haul: 127.0.0.1: 1 of 10,000 failed, 1 now failing, the rest +1.0 MiB (+0.6 %%) "
                "since %s, 2 budgets exceeded\n"
                "now failing: http-404: %s\n"
                "budget url:type:image/*<300k: EXCEEDED: 400.0 KiB (409,600 bytes), limit "
                "300.0 KiB (307,200 bytes)\n"
                "  %s (400.0 KiB)\n"
                "budget failed=0: EXCEEDED: 1 URL, limit 0 URLs\n",
                night_before(WORSE), site_url(BROKEN), site_url(NEW));
    text = it_text("%sadded: +400.0 KiB: %s\nadded: +2.0 KiB: %s\ngone: -317.5 KiB: %s\n"
                   "gone: -11.0 KiB: %s\ngrown: +1.0 MiB: %s\nshrunk: -31.5 KiB: %s\n"
                   "grown: +512 B: %s\n%s",
                   text, site_url(NEW), site_url(NEW_2), site_url(GONE_2), site_url(GONE),
                   site_url(GROWN), site_url(SHRUNK), site_url(GROWN_2), reports_of(WORSE));
    check_mail(WORSE, 4, text);
}
END_TEST

START_TEST(only_what_has_changed_is_fetched)
{
    static const char *const changed[] = {GROWN, GROWN_2, SHRUNK, NEW, NEW_2};
    size_t count = sizeof changed / sizeof *changed;

    if (!has_nginx)
        return;
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(count_log(WORSE, it_text("200 %s\n", changed[i])), 1);
    ck_assert_uint_eq(count_log(WORSE, "200 "), count + 1 + PARTS);
    ck_assert_uint_eq(count_log(WORSE, "404 " BROKEN "\n"), 1);
    ck_assert_uint_eq(count_log(WORSE, "304 "), PAGES - count - 1);
    ck_assert_uint_eq(count_log(WORSE, ""), PAGES + 1 + PARTS);
}
END_TEST

START_TEST(night_after_the_repair_is_told_too)
{
    if (!has_nginx)
        return;
    check_mail(MENDED, 0,
               it_text("haul: 127.0.0.1: 10,000 URLs, none failed, -150.0 KiB (-0.1 %%) since %s\n"
                       "recovered: %s\nshrunk: -150.0 KiB: %s\n%s",
                       night_before(MENDED), site_url(BROKEN), site_url(NEW), reports_of(MENDED)));
}
END_TEST

/* ---- what is left of each night ---- */

/* From the files, and not from what haul says. */
static json_int_t size_of_site(enum night when)
{
    json_int_t size = 0;

    for (int i = 0; i < PAGES; i++)
        size += page_size(i);
    if (when < WORSE)
        return size;
    size += MIB + 512 - (page_size(7) - page_size(7) / 2);
    size += 2048 - page_size(9) - page_size(503);
    return size + (when == WORSE ? (400 << 10) - page_size(8) : 250 << 10);
}

START_TEST(reports_of_each_night_agree_with_the_site)
{
    enum night when = (enum night)_i;
    const json_t *summary;

    if (!has_nginx)
        return;
    summary = summary_of(when);
    ck_assert_int_eq(it_int(summary, "size"), size_of_site(when));
    ck_assert_int_eq(it_int(summary, "lines"), PAGES);
    ck_assert_int_eq(it_int(summary, "exit_status"), night[when].status);
    ck_assert_uint_eq(it_lines(it_read(report("csv", when), NULL)), PAGES + 1);
    ck_assert_uint_eq(json_array_size(it_rows(it_read(report("jsonl", when), NULL))), PAGES);
    ck_assert_ptr_nonnull(strstr(it_read(report("markdown", when), NULL), "\n**10,000 URLs, "));
    ck_assert_ptr_nonnull(strstr(it_read(report("junit", when), NULL), "</testsuites>\n"));
    ck_assert_ptr_nonnull(
        strstr(it_read(report("prometheus", when), NULL),
               it_text("\nhaul_exit_status{site=\"127.0.0.1\"} %d\n", night[when].status)));
}
END_TEST

/* A run by its name and time, as `diff` has them in its head; the time as `history` has it. */
static const char *name_of(int run)
{
    const char *history = kept("site.db");
    const json_t *rows = it_rows(it_haul(IT_ARGS("history", "--format", "jsonl", history)).out);
    const char *when = it_str(json_array_get(rows, (size_t)run - 1), "started");

    return it_text("(%s@%d, %.10s %.5s UTC)", history, run, when, when + 11);
}

START_TEST(comparison_of_two_nights_shows_what_has_changed)
{
    const char *old = it_text("%s@2", kept("site.db")), *new = it_text("%s@3", kept("site.db"));
    struct it_run run;

    if (!has_nginx)
        return;
    run = it_haul(IT_ARGS("diff", old, new));
    ck_assert_int_eq(run.status, 1);
    check_text(
        run.out,
        it_text("127.0.0.1: 1 now failing, the rest +1.0 MiB (+0.6 %%): 2 added, 2 gone, 2 grown, "
                "1 shrunk\n"
                "before: 10,000 URLs, 188.8 MiB, 0 failed %s\n"
                "now: 10,000 URLs, 189.8 MiB, 1 failed %s\n\n"
                "grown            +1.0 MiB         2.0 KiB > 1.0 MiB  %s\n"
                "added          +400.0 KiB             - > 400.0 KiB  %s\n"
                "gone           -317.5 KiB             317.5 KiB > -  %s\n"
                "shrunk          -31.5 KiB       62.9 KiB > 31.5 KiB  %s\n"
                "now failing             -              22.8 KiB > -  http-404: %s\n"
                "gone            -11.0 KiB              11.0 KiB > -  %s\n"
                "added            +2.0 KiB               - > 2.0 KiB  %s\n"
                "grown              +512 B        9.7 KiB > 10.2 KiB  %s\n",
                name_of(2), name_of(3), site_url(GROWN), site_url(NEW), site_url(GONE_2),
                site_url(SHRUNK), site_url(BROKEN), site_url(GONE), site_url(NEW_2),
                site_url(GROWN_2)));
    run = it_haul(IT_ARGS("diff", "--top", "1", old, new));
    ck_assert_uint_eq(it_lines(run.out), 6);
    ck_assert_ptr_nonnull(strstr(run.out, "\nand 7 more (--top)\n"));
    run = it_haul(IT_ARGS("diff", kept("site.db"))); /* the last two */
    ck_assert_int_eq(run.status, 0);
    check_text(run.out, it_text("127.0.0.1: no difference\n"
                                "before: 10,000 URLs, 189.7 MiB, 0 failed %s\n"
                                "now: 10,000 URLs, 189.7 MiB, 0 failed %s\n",
                                name_of(NIGHTS - 1), name_of(NIGHTS)));
}
END_TEST

/* Whoever copies the history between two runs has all of it. */
START_TEST(history_is_one_file_when_no_run_has_it)
{
    if (!has_nginx)
        return;
    ck_assert_int_eq(access(kept("site.db"), F_OK), 0);
    ck_assert_int_ne(access(kept("site.db-wal"), F_OK), 0);
    ck_assert_int_ne(access(kept("site.db-shm"), F_OK), 0);
}
END_TEST

/* A page has a row for each time that it was found otherwise; "304" is not otherwise. */
START_TEST(history_has_a_row_for_what_has_changed)
{
    static const struct {
        const char *path;
        size_t rows;
    } pages[] = {{GROWN, 2}, {BROKEN, 3}, {NEW, 2}, {GONE, 1}, {"/img/6.png", 1}};
    struct it_run run;

    if (!has_nginx)
        return;
    run = it_haul(IT_ARGS("history", "--format", "jsonl", kept("site.db")));
    ck_assert_uint_eq(json_array_size(it_rows(run.out)), NIGHTS);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        run = it_haul(IT_ARGS("history", kept("site.db"), site_url(pages[i].path)));
        ck_assert_int_eq(run.status, 0);
        ck_assert_msg(it_lines(run.out) == pages[i].rows, "%s", run.out);
    }
}
END_TEST

START_TEST(page_of_the_run_is_shown_by_a_browser)
{
    struct it_run run;

    if (!has_nginx)
        return;
    run = it_call(&(struct it_call){
        .program = "/usr/bin/env",
        .argv =
            IT_ARGS("python3", it_text("%s/test/integration/look.py", getenv("HAUL_SOURCE_ROOT")),
                    report("html", WORSE), "5000", "127.0.0.1", "189.8 MiB", "+1.0 MiB (+0.6 %)",
                    "2 added (+402.0 KiB), 2 gone", site_url(NEW), "189.8 MiB of 250.0 MiB",
                    "1 URL of 0 URLs", "http-404")});
    ck_assert_msg(run.status == 0, "%s", run.err);
}
END_TEST

/* The same by hand, three nights later: what stands below the times and the bytes. */
START_TEST(run_by_hand_tells_changes_budgets_and_draws)
{
    struct it_run run;
    const char *text;

    if (!has_nginx)
        return;
    run = it_call(&(struct it_call){
        .argv =
            IT_ARGS("--sitemap", site_url("/sitemap.xml"), "--history", kept("same.db"), "--etags",
                    "--chart", "--budget", "total<150M", "--group-by", "path:1", "--report",
                    it_text("json:%s", report("json", NIGHTS)), "-o", it_path("by-hand")),
        .env = IT_ARGS("LC_ALL=C")});
    ck_assert_int_eq(run.status, 4);
    ck_assert_ptr_nonnull(strstr(run.err, "\n10,000 lines = 6 ok + 9,994 unchanged\nbodies: "));
    ck_assert_ptr_nonnull(strstr(run.err, " bytes); unchanged: 188."));
    text = it_text("\n+916.5 KiB (+0.5 %%) since %s: 2 added, 2 gone, 2 grown, 1 shrunk\n"
                   "budget total<150M: EXCEEDED: 189.7 MiB (198,894,358 bytes), limit 150.0 MiB "
                   "(157,286,400 bytes)\n  %s (1.0 MiB)\n  ",
                   night_before(WORSE), site_url(GROWN));
    ck_assert_msg(strstr(run.err, text) != NULL, "%s", run.err);
    ck_assert_ptr_nonnull(
        strstr(run.err, "\n  and 9,995 more\n\nHow large they are (URLs by size)\n"));
    ck_assert_ptr_nonnull(strstr(run.err, "\n    1.0 KiB - 4.0 KiB  ########   "));
    ck_assert_ptr_nonnull(strstr(run.err, "\n\nThe largest\nhttp://"));
    ck_assert_uint_eq(json_array_size(json_object_get(summary_of(NIGHTS), "groups")), 6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("audit");
    TCase *tcase = tcase_create("nights");

    tcase_add_unchecked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, first_night_says_that_there_was_none_before);
    tcase_add_loop_test(tcase, night_without_changes_is_silent_and_fetches_sitemaps_only, 0, 2);
    tcase_add_test(tcase, night_with_changes_is_told_in_one_mail);
    tcase_add_test(tcase, only_what_has_changed_is_fetched);
    tcase_add_test(tcase, night_after_the_repair_is_told_too);
    tcase_add_loop_test(tcase, reports_of_each_night_agree_with_the_site, FIRST, NIGHTS);
    tcase_add_test(tcase, comparison_of_two_nights_shows_what_has_changed);
    tcase_add_test(tcase, history_is_one_file_when_no_run_has_it);
    tcase_add_test(tcase, history_has_a_row_for_what_has_changed);
    tcase_add_test(tcase, page_of_the_run_is_shown_by_a_browser);
    tcase_add_test(tcase, run_by_hand_tells_changes_budgets_and_draws);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
