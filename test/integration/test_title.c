#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/*
 * What a run is called (--title), wherever it is told. Each name below is seen in each format, as
 * that format has to write it; and two jobs on one host are told apart by it.
 */

#define PLAIN "Main site"
#define HARSH "a\"b<d>&%{e}`f` g\xc3\xa4"

enum { NAMES = 2 };
static const char *const names[NAMES] = {PLAIN, HARSH};

/* In the order of the names; where the format writes it. */
static const struct {
    const char *format, *holds[NAMES];
} formats[] = {
    {"prometheus",
     {"haul_size_bytes{site=\"Main site\"} 1000\n",
      "haul_size_bytes{site=\"a\\\"b<d>&%{e}`f` g\xc3\xa4\"} 1000\n"}},
    {"json", {"\"title\": \"Main site\"", "\"title\": \"a\\\"b<d>&%{e}`f` g\xc3\xa4\""}},
    {"html",
     {"<title>haul: Main site</title>",
      "<title>haul: a&quot;b&lt;d&gt;&amp;%{e}`f` g\xc3\xa4</title>"}},
    {"html", {"<h1>Main site</h1>", "<h1>a&quot;b&lt;d&gt;&amp;%{e}`f` g\xc3\xa4</h1>"}},
    {"markdown", {"## haul: `Main site`\n", "## haul: `` a\"b<d>&%{e}`f` g\xc3\xa4 ``\n"}},
    {"junit",
     {"<testsuites name=\"Main site\">",
      "<testsuites name=\"a&quot;b&lt;d&gt;&amp;%{e}`f` g\xc3\xa4\">"}},
    {"junit",
     {"<testsuite name=\"Main site: haul.run\" ",
      "<testsuite name=\"a&quot;b&lt;d&gt;&amp;%{e}`f` g\xc3\xa4: haul.run\" "}},
    {"junit",
     {"<testsuite name=\"Main site: haul.urls\" ",
      "<testsuite name=\"a&quot;b&lt;d&gt;&amp;%{e}`f` g\xc3\xa4: haul.urls\" "}},
    {"github", {"::Main site: ", "::a\"b<d>&%25{e}`f` g\xc3\xa4: "}},
};
enum { FORMATS = sizeof formats / sizeof *formats };

static const char *journal(void)
{
    return it_path("titled.journal");
}

static const char *history(void)
{
    return it_path("titled.db");
}

static struct it_run run_titled(const char *title, const char *format)
{
    unlink(journal());
    return it_haul(IT_ARGS("--title", title, "--format", format, "--journal", journal(),
                           it_url("/size?n=1000"), it_url("/status/404")));
}

START_TEST(each_format_calls_the_run_so)
{
    int format = _i / NAMES, name = _i % NAMES;
    struct it_run run = run_titled(names[name], formats[format].format);
    const char *holds = formats[format].holds[name];

    ck_assert_int_eq(run.status, 1);
    ck_assert_msg(strstr(run.out, holds) != NULL, "%s in %s", holds, run.out);
}
END_TEST

/* From the journal, unless it is to be called something else. */
START_TEST(report_calls_it_as_the_run_did)
{
    int format = _i / NAMES, name = _i % NAMES;
    const char *holds = formats[format].holds[name];
    struct it_run run;

    run_titled(names[name], "text");
    run = it_haul(IT_ARGS("report", "--format", formats[format].format, journal()));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(strstr(run.out, holds) != NULL, "%s in %s", holds, run.out);
    run_titled("Another", "text");
    run = it_haul(
        IT_ARGS("report", "--title", names[name], "--format", formats[format].format, journal()));
    ck_assert_msg(strstr(run.out, holds) != NULL, "%s in %s", holds, run.out);
    ck_assert_ptr_null(strstr(run.out, "Another"));
}
END_TEST

/* node_exporter refuses files that have the same sample: no line of one is in the other but what
 * tells the metrics. */
START_TEST(two_jobs_on_one_host_have_no_sample_in_common)
{
    const char *one = run_titled("one", "prometheus").out;
    const char *two = run_titled("two", "prometheus").out;
    size_t samples = 0;

    for (const char *line = one; *line; line = strchr(line, '\n') + 1) {
        size_t len = strcspn(line, " \n");

        if (*line == '#')
            continue;
        samples++;
        ck_assert_msg(!strstr(two, it_text("\n%.*s ", (int)len, line)), "%.*s", (int)len, line);
    }
    ck_assert_uint_ge(samples, 20);
}
END_TEST

START_TEST(mail_begins_with_it)
{
    struct it_run run = it_haul(
        IT_ARGS("--title", PLAIN, "--quiet-unless", "always", "--history", history(), it_url("/")));

    ck_assert_ptr_eq(strstr(run.out, "haul: Main site: 1 URL"), run.out);
    run = it_haul(IT_ARGS("--title", PLAIN, "--quiet-unless", "always", "-i", "/dev/null"));
    ck_assert_msg(strstr(run.out, "haul: Main site: nothing was found") == run.out, "%s", run.out);
    unlink(history());
}
END_TEST

START_TEST(history_keeps_it)
{
    struct it_run run =
        it_haul(IT_ARGS("--title", HARSH, "--history", history(), it_url("/size?n=1")));
    const json_t *rows;

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("--history", history(), it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 0);
    rows = it_rows(it_haul(IT_ARGS("history", "--format", "jsonl", history())).out);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "title"), HARSH);
    ck_assert(json_is_null(json_object_get(json_array_get(rows, 1), "title")));
    run = it_haul(IT_ARGS("history", history()));
    ck_assert_ptr_nonnull(strstr(run.out, "complete, status 0  a\"b<d>"));
    ck_assert_uint_eq(it_lines(run.out), 2);
    unlink(history());
}
END_TEST

START_TEST(title_is_a_line)
{
    char longest[202] = "";
    struct it_run run;

    memset(longest, 'a', 200);
    ck_assert_int_eq(run_titled(longest, "json").status, 1);
    longest[200] = 'a';
    run = run_titled(longest, "json");
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "a title has 200 bytes at most"));
    run = run_titled("a\nb", "json");
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "control characters are not allowed"));
    run = run_titled("  ", "json");
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "a title must not be blank"));
    run = it_haul(IT_ARGS("--title", "one", "--title", "", "--format", "json", it_url("/")));
    ck_assert_ptr_nonnull(strstr(run.out, "\"title\": \"127.0.0.1\"")); /* back to the default */
}
END_TEST

/* What is hidden everywhere is hidden here. */
START_TEST(secret_in_it_is_hidden)
{
    struct it_run run = it_haul(IT_ARGS("--redact", "/geh[a-z]*/", "--title", "is geheim",
                                        "--format", "prometheus", it_url("/")));

    ck_assert_ptr_nonnull(strstr(run.out, "{site=\"is ***\"}"));
    ck_assert_ptr_null(strstr(run.out, "geheim"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("title");
    TCase *tcase = tcase_create("title");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, each_format_calls_the_run_so, 0, FORMATS * NAMES);
    tcase_add_loop_test(tcase, report_calls_it_as_the_run_did, 0, FORMATS * NAMES);
    tcase_add_test(tcase, two_jobs_on_one_host_have_no_sample_in_common);
    tcase_add_test(tcase, mail_begins_with_it);
    tcase_add_test(tcase, history_keeps_it);
    tcase_add_test(tcase, title_is_a_line);
    tcase_add_test(tcase, secret_in_it_is_hidden);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
