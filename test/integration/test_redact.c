#include <string.h>

#include "harness.h"
#include "leak.h"
#include "servers.h"

/*
 * One marked secret stands in every place where one can stand: URLs of lists, encoded ones too,
 * userinfo, keys, cells, sitemaps, and what servers say. Whatever haul writes is searched for it,
 * in all its forms: every verb, every format, the files as well as the streams.
 */

static void check_run(const char *what, const struct it_run *run)
{
    leak_check(it_text("%s, standard output", what), run->out, run->out_len);
    leak_check(it_text("%s, standard error", what), run->err, run->err_len);
}

static void check_file(const char *what, const char *name)
{
    size_t len;
    const char *bytes = it_read(it_path(name), &len);

    ck_assert_uint_gt(len, 0);
    leak_check(it_text("%s, %s", what, name), bytes, len);
}

/* ---- the lists ---- */

static const char *write_file(const char *name, const char *text)
{
    const char *path = it_path(name);

    it_write(path, text, strlen(text));
    return path;
}

/* Entries in which the secret is the value of a parameter that is hidden: however it is written. */
static const char *const lines[] = {
    "/any/1?token=" SECRET,
    "/any/2?a=1&TOKEN=" SECRET ";b=2",
    "/any/3?t%6fken=" SECRET "%26x",
    "/any/4;token=" SECRET "?x=1",
    "/any/5#token=" SECRET,
    "/any/6?next=https%3A%2F%2Fh%2F%3Ftoken%3D" SECRET "%26b%3d1&c=1",
    "/any/7?next=i%253ftoken%253d" SECRET,
    "/any/8?next=i%25253ftoken%25253d" SECRET "%252526",
    "/any/9?q=a+token=" SECRET,
    "/any/10?next=https://me:" SECRET "@h/",
    "/any/11?next=https%3A%2F%2Fme%3A" SECRET "%40h%2F",
    "/status/404?12&token=" SECRET,
    "/status/500?13&token=" SECRET,
    /* what the server says */
    "/size?n=5&14&etag=" SECRET,
    "/size?n=5&15&type=text/" SECRET "%3b%20a%3d1",
    "/size?n=5&16&lm=Mon," SECRET,
    "/size?n=5&17&header=X-Token:" SECRET "&etag=%2547eheim7Marke",
    "/redirect?18&to=/any/" SECRET "/x?y=" SECRET,
    "/redirect?19&to=/status/404?token=" SECRET,
    "/redirect?20&to=ftp://h/" SECRET,
    "/redirect?21&to=/any/%2547eheim7Marke",
    "/redirect?22&to=http://me:" SECRET "@h:0/",
    "/redirect?23&to=http://[" SECRET "/",
    "/echo?24&token=" SECRET "\n header=Authorization: Bearer " SECRET,
    "/status/404?25&etag=" SECRET "\n referer=http://h/?token=" SECRET,
    "/status/404?26\n http-user=me\n http-passwd=" SECRET,
    "/status/404?27\n header=X-Requested-With: token=" SECRET,
    "/status/404?28\n dir=a?token=" SECRET,
    /* in paths, and in what is no name of a file */
    "/any/32/token=" SECRET "/x?y=1",
    "/status/404/token=" SECRET,
    "/any/33/%74oken%3D" SECRET "%2Fx",
    "/any/34\n out=d/token=" SECRET "/..",
};

static const char *write_entries(const char *name)
{
    const char *text = "";

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        text = it_text("%s%s\n", text, it_url("%s", lines[i]));
    text = it_text("%s%s\t%s\n", text, it_url("/status/404?29"), it_url("/any/30?token=" SECRET));
    text = it_text("%shttp://me:" SECRET "@127.0.0.1:%d/status/404?etag=" SECRET "\n", text,
                   it_port("http"));
    text = it_text("%shtp:/?token=" SECRET "\nhttp://[/?token=" SECRET "\n", text);
    return write_file(name, text);
}

/* A sitemap over HTTP, whose own URL has the secret, too. */
static const char *sitemap_url(void)
{
    static const char begin[] =
        "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc>",
                      end[] = "</loc></url><url><loc>http://other.test/?token=" SECRET
                              "</loc></url></urlset>";
    const char *text = it_text("%s%s%s", begin,
                               it_url("/any/31?token=" SECRET "&amp;a=%%3Ftoken%%3D" SECRET), end);
    const char *hex = "";

    for (; *text; text++)
        hex = it_text("%s%02x", hex, (unsigned)(unsigned char)*text);
    return it_url("/bytes/map.xml?token=" SECRET "&hex=%s", hex);
}

#define RULES                                                                                      \
    "--redact", "token", "--redact", "etag", "--redact", "type", "--redact", "lm", "--redact",     \
        "to", "--redact", "header", "--redact", "hex"
static const char rules_in_a_file[] = "redact = token\nredact = etag\nredact = type\nredact = lm\n"
                                      "redact = to\nredact = header\nredact = hex\n";

static const char *const row_formats[] = {"text", "csv", "tsv", "jsonl"};
static const char *const formats[] = {"text", "csv",      "tsv",        "jsonl", "json",
                                      "html", "markdown", "prometheus", "junit", "github"};
enum { FORMATS = sizeof formats / sizeof *formats };

/* ---- runs ---- */

static const char *target(const char *format)
{
    return it_text("%s:%s", format, it_path(it_text("report.%s", format)));
}

static void check_reports(const char *what)
{
    for (size_t i = 0; i < FORMATS; i++)
        check_file(what, it_text("report.%s", formats[i]));
}

#define ALL_REPORTS                                                                                \
    "--report", target("text"), "--report", target("csv"), "--report", target("tsv"), "--report",  \
        target("jsonl"), "--report", target("json"), "--report", target("html"), "--report",       \
        target("markdown"), "--report", target("prometheus"), "--report", target("junit"),         \
        "--report", target("github")
#define QUICK "--retry", "0", "--list-keys", "all", "-v", "--chart"

START_TEST(run_writes_no_secret_anywhere)
{
    const char *list = write_entries("list"), *history = it_path("run.db");
    struct it_run run =
        it_haul(IT_ARGS(QUICK, RULES, ALL_REPORTS, "-i", list, "--sitemap", sitemap_url(),
                        "--journal", it_path("journal"), "--history", history, "--save-failed",
                        it_path("failed"), "--budget", "url<2", "--group-by", "path:3"));

    ck_assert_msg(run.status == 3 || run.status == 4 || run.status == 1, "%d: %s", run.status,
                  run.err);
    check_run("run", &run);
    check_reports("run");
    check_file("run", "journal");
    check_file("run", "run.db");
    check_file("run", "failed");
}
END_TEST

START_TEST(rules_count_wherever_they_are_written)
{
    const char *list = write_entries("list"), *config = write_file("conf", rules_in_a_file);
    struct it_run run = it_haul(IT_ARGS(QUICK, "-K", config, ALL_REPORTS, "-i", list));
    const struct it_call call = {
        .argv = IT_ARGS(QUICK, "-i", write_file("one", it_url("/any/1?token=" SECRET))),
        .env = IT_ARGS("HAUL_REDACT=token")};

    check_run("run with a file", &run);
    check_reports("run with a file");
    run = it_call(&call);
    check_run("run with the environment", &run);
    run = it_haul(IT_ARGS(QUICK, "--redact", "/" SECRET "/", "--redact",
                          "/%[0-9a-f]{2}eheim7Marke/", "-i", list, ALL_REPORTS));
    check_run("run with expressions", &run);
    check_reports("run with expressions");
}
END_TEST

START_TEST(dry_run_shows_no_secret)
{
    struct it_run run = it_haul(
        IT_ARGS(QUICK, RULES, "--dry-run", "-i", write_entries("list"), "--dir", it_path("dry")));

    /* The names that keys give are what is asked for. */
    ck_assert_ptr_nonnull(strstr(run.out, "fetch\t"));
    check_run("dry run", &run);
}
END_TEST

/* ---- what earlier runs have written in the open ---- */

static const char *open_journal(const char *name, const char *list)
{
    const char *journal = it_path(name);

    (void)it_haul(IT_ARGS("--retry", "0", "--list-keys", "all", "-i", list, "--journal", journal,
                          "-o", "/dev/null", "--history", it_path("open.db")));
    return journal;
}

START_TEST(report_shows_no_secret_of_an_open_journal)
{
    const char *list = write_entries("list"), *journal = open_journal("open", list);
    struct it_run run;

    ck_assert_ptr_nonnull(strstr(it_read(journal, NULL), SECRET));
    run = it_haul(IT_ARGS("report", RULES, ALL_REPORTS, "--save-failed", it_path("failed"),
                          "--group-by", "path:3", journal));
    ck_assert_int_eq(run.status, 0);
    check_run("report", &run);
    check_reports("report");
    check_file("report", "failed");
    run = it_haul(IT_ARGS("report", RULES, ALL_REPORTS, "--save-failed", it_path("failed"), "-i",
                          list, "--list-keys", "all", journal));
    ck_assert_int_eq(run.status, 0);
    check_run("report of a list", &run);
    check_reports("report of a list");
    check_file("report of a list", "failed");
    run = it_haul(IT_ARGS("report", "-K", write_file("conf", rules_in_a_file), journal));
    check_run("report with a file", &run);
}
END_TEST

/* The other list lacks most of it, and has one page that is larger. */
START_TEST(diff_and_history_show_no_secret_of_an_open_run)
{
    const char *list = write_entries("list"), *journal = open_journal("open", list);
    const char *other = open_journal("other", write_file("short", it_url("/any/1?token=" SECRET)));
    const char *config = write_file("conf", rules_in_a_file);
    static const char *const diff_formats[] = {"text", "markdown", "csv", "tsv", "jsonl"};

    for (size_t i = 0; i < 5; i++) {
        struct it_run run =
            it_haul(IT_ARGS("diff", RULES, "--format", diff_formats[i], journal, other));

        ck_assert_msg(run.status == 1, "%s", run.err);
        ck_assert_ptr_nonnull(strstr(run.out, "***"));
        check_run(it_text("diff %s", diff_formats[i]), &run);
        run = it_haul(IT_ARGS("diff", "-K", config, "--format", diff_formats[i], "--group-by",
                              "path:3", it_path("open.db")));
        ck_assert_msg(run.status == 1, "%s", run.err);
        check_run(it_text("diff of a history, %s", diff_formats[i]), &run);
    }
    for (size_t i = 0; i < 4; i++) {
        struct it_run run = it_haul(IT_ARGS("history", RULES, "--format", row_formats[i],
                                            it_path("open.db"), it_url("/any/1?token=" SECRET)));

        ck_assert_msg(run.status == 0, "%s", run.err);
        ck_assert_ptr_nonnull(strstr(run.out, "token=***"));
        check_run(it_text("history %s", row_formats[i]), &run);
        run = it_haul(IT_ARGS("history", "-K", config, "--format", row_formats[i],
                              it_path("open.db"), it_url("/none?token=" SECRET)));
        ck_assert_int_eq(run.status, 2);
        check_run(it_text("history, none, %s", row_formats[i]), &run);
    }
}
END_TEST

/* What is gone since an open run is told by its URL of that time; what is resumed, as it was. */
START_TEST(run_shows_no_secret_of_the_open_runs_before_it)
{
    const char *list = write_entries("list"), *journal = open_journal("open", list);
    const char *rest = write_file("short", it_url("/any/1?token=" SECRET));
    struct it_run run;

    run = it_haul(IT_ARGS(QUICK, RULES, ALL_REPORTS, "--resume", "--journal", journal, "-i", list,
                          "--save-failed", it_path("failed")));
    check_run("resumed run", &run);
    check_reports("resumed run");
    check_file("resumed run", "failed");
    run = it_haul(IT_ARGS(QUICK, RULES, ALL_REPORTS, "--history", it_path("open.db"), "-i", rest));
    check_run("run after an open one", &run);
    check_reports("run after an open one");
}
END_TEST

/* ---- what is not broken by it ---- */

/* Nothing that was done is done again, for the keys are those of the real URLs. */
START_TEST(resumed_run_asks_for_nothing_twice)
{
    const char *list = write_entries("list"), *journal = it_path("resume");

    (void)it_haul(IT_ARGS("--retry", "0", RULES, "-i", list, "--journal", journal));
    it_reset_server();
    (void)it_haul(IT_ARGS("--retry", "0", RULES, "-i", list, "--journal", journal, "--resume"));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* Where a validator has been hidden, nothing is asked with what is left of it. */
START_TEST(hidden_validator_is_not_sent)
{
    const char *list = write_file("tagged", it_text("%s\n%s\n", it_url("/size?n=5&etag=" SECRET),
                                                    it_url("/size?n=6&etag=open")));
    const char *journal = it_path("tagged.journal");

    (void)it_haul(IT_ARGS("--redact", "/" SECRET "/", "-i", list, "--journal", journal));
    it_reset_server();
    (void)it_haul(IT_ARGS("--redact", "/" SECRET "/", "-i", list, "--etags", "--since", journal));
    ck_assert(!it_log_has_header(json_array_get(it_log("/size?n=5"), 0), "If-None-Match"));
    ck_assert(it_log_has_header(json_array_get(it_log("/size?n=6"), 0), "If-None-Match"));
}
END_TEST

/* Of files that a list names, reports hide what the journal needs: where they are. */
START_TEST(name_of_a_file_is_hidden_in_reports_and_kept_in_the_journal)
{
    const char *list =
        write_file("named", it_text("%s\n out=" SECRET ".bin\n", it_url("/any/1?n=9")));
    const char *journal = it_path("named.journal"), *dir = it_path("named.d");
    struct it_run run = it_haul(IT_ARGS("--redact", "/" SECRET "/", "--list-keys", "all", "-i",
                                        list, "--journal", journal, "--dir", dir, ALL_REPORTS));

    ck_assert_int_eq(run.status, 0);
    check_run("named", &run);
    check_reports("named");
    ck_assert_ptr_nonnull(strstr(it_read(it_path("report.jsonl"), NULL), "\"***.bin\""));
    ck_assert_ptr_nonnull(strstr(it_read(journal, NULL), SECRET ".bin"));
    ck_assert_uint_eq(strlen(it_read(it_text("%s/" SECRET ".bin", dir), NULL)), 9);
    it_reset_server();
    run = it_haul(IT_ARGS("--redact", "/" SECRET "/", "--list-keys", "all", "-i", list, "--resume",
                          "--journal", journal, "--dir", dir, ALL_REPORTS));
    ck_assert_int_eq(it_stat("requests"), 0);
    check_reports("named, resumed");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redact");
    TCase *runs = tcase_create("runs"), *verbs = tcase_create("verbs"),
          *whole = tcase_create("whole");

    tcase_add_unchecked_fixture(runs, it_begin_server, it_end_server);
    tcase_add_unchecked_fixture(verbs, it_begin_server, it_end_server);
    tcase_add_unchecked_fixture(whole, it_begin_server, it_end_server);
    tcase_add_test(runs, run_writes_no_secret_anywhere);
    tcase_add_test(runs, rules_count_wherever_they_are_written);
    tcase_add_test(runs, dry_run_shows_no_secret);
    tcase_add_test(verbs, report_shows_no_secret_of_an_open_journal);
    tcase_add_test(verbs, diff_and_history_show_no_secret_of_an_open_run);
    tcase_add_test(verbs, run_shows_no_secret_of_the_open_runs_before_it);
    tcase_add_test(whole, resumed_run_asks_for_nothing_twice);
    tcase_add_test(whole, hidden_validator_is_not_sent);
    tcase_add_test(whole, name_of_a_file_is_hidden_in_reports_and_kept_in_the_journal);
    suite_add_tcase(suite, runs);
    suite_add_tcase(suite, verbs);
    suite_add_tcase(suite, whole);
    return it_main(suite);
}
