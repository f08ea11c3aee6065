#define _GNU_SOURCE /* pipe2 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * The file of --save-failed asks for what has failed as it was asked for: the same requests, and
 * the same files. The units have every form of a list (test_failed.c); here are whole runs.
 */

static const char *write_list(const char *name, const char *text)
{
    const char *path = it_path(name);

    it_write(path, text, strlen(text));
    return path;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of a text in their order as words: which URL is done first is not said. */
static const char *sorted(const char *text)
{
    enum { LINES_MAX = 200 };
    char *copy = strdup(text), *line[LINES_MAX], *rest = NULL;
    const char *result = "";
    size_t count = 0;

    for (char *at = strtok_r(copy, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
        ck_assert_uint_lt(count, LINES_MAX);
        line[count++] = at;
    }
    qsort(line, count, sizeof *line, compare_lines);
    for (size_t i = 0; i < count; i++)
        result = it_text("%s%s\n", result, line[i]);
    free(copy);
    return result;
}

/* What the server was asked for since it was reset, as one text; and it is reset. */
static const char *take_requests(void)
{
    static const char *const what[] = {"method", "path", "host", "headers"};
    const json_t *log = it_log("/"), *line;
    const char *text = "";
    size_t i;

    json_array_foreach(log, i, line)
    {
        for (size_t k = 0; k < sizeof what / sizeof *what; k++) {
            char *dump = json_dumps(json_object_get(line, what[k]), JSON_ENCODE_ANY);

            text = it_text("%s %s", text, dump ? dump : "-");
            free(dump);
        }
        text = it_text("%s\n", text);
    }
    it_reset_server();
    return sorted(text);
}

/* What a run would save, and where: the lines of its plan, without those of hosts. */
static const char *plan_of(const char *const *argv)
{
    struct it_run run = it_haul(argv);
    const char *hosts = strstr(run.out, "\nhost\t");

    return sorted(it_text("%.*s", hosts ? (int)(hosts - run.out) : 0, run.out));
}

static const char *full_list(void)
{
    return write_list(
        "full",
        it_text("%s\t%s\tlabel\n out=a b\n dir=/iso\n header=X-Requested-With: 1\n header=DNT;\n"
                " referer=http://from/\n user-agent=me/1\n http-user=u\n max-tries=2\n"
                " retry-wait=0\n"
                "%s\t\t0.97\n"
                "%s # a note\n"
                "%s\n checksum=MD5=d41d8cd98f00b204e9800998ecf8427e\n",
                it_url("/status/503?1"), it_url("/status/404?m"), it_url("/status/404?2"),
                it_url("/status/404?3"), it_url("/status/410?\xc3\xbc x")));
}

#define LISTS(list) "-j", "1", "--retry", "0", "-d", it_path("files"), "-i", list

START_TEST(plain_list_goes_around)
{
    const char *list = full_list(), *saved = it_path("saved");
    const char *sitemap =
        write_list("sitemap", it_text("<urlset><url><loc>%s</loc><lastmod>2024-01-01</lastmod>"
                                      "</url></urlset>",
                                      it_url("/status/404?s&amp;t")));
    const char *requests, *plan;
    struct it_run run;

    run = it_haul(IT_ARGS("--save-failed", saved, "--sitemap", sitemap, LISTS(list),
                          it_url("/status/404?#c")));
    ck_assert_int_eq(run.status, 1);
    requests = take_requests();
    plan =
        plan_of(IT_ARGS("--dry-run", "--sitemap", sitemap, LISTS(list), it_url("/status/404?#c")));
    ck_assert_ptr_nonnull(strstr(plan, "file\tiso/a b"));
    ck_assert_str_eq(plan_of(IT_ARGS("--dry-run", LISTS(saved))), plan);
    run = it_haul(IT_ARGS(LISTS(saved)));
    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(take_requests(), requests);
    it_check_equation(run.err, 6);
}
END_TEST

START_TEST(table_goes_around_and_the_command_is_told)
{
    const char *saved = it_path("saved"), *more = it_path("saved2");
    const char *list = write_list(
        "table", it_text("tag,link,\"a \"\"b\"\"\"\r\nx,%s,\"1,\r\n2\"\r\n\xc3\xa4,%s,\r\n"
                         "ok,%s,=1\r\n",
                         it_url("/status/503?1"), it_url("/status/404?2"), it_url("/size?n=1")));
    struct it_run run;

    run = it_haul(IT_ARGS("-j", "1", "--retry", "0", "--url-column", "link", "--save-failed", saved,
                          "-i", list));
    ck_assert_ptr_nonnull(
        strstr(run.err, "saved: this is a table; it is read again with --url-column 'link'"));
    ck_assert_str_eq(
        sorted(it_read(saved, NULL)),
        sorted(it_text("tag,link,\"a \"\"b\"\"\"\nx,%s,\"1,\r\n2\"\n\xc3\xa4,%s,\"\"\n",
                       it_url("/status/503?1"), it_url("/status/404?2"))));
    run = it_haul(IT_ARGS("-j", "1", "--retry", "0", "--url-column", "link", "--save-failed", more,
                          "-i", saved));
    ck_assert_str_eq(sorted(it_read(more, NULL)), sorted(it_read(saved, NULL)));
    it_check_equation(run.err, 2);
}
END_TEST

/* ---- names of files ---- */

#define NAMED(form) "--name", form, "-j", "1", "--retry", "0", "-q", "-d", it_path("named")

/* What the server says of a URL's path when it is fetched once more: not that it is missing. */
static const char *heal(const char *saved)
{
    const char *text = it_read(saved, NULL), *healed = "", *at;

    while ((at = strstr(text, "/status/404"))) {
        healed = it_text("%s%.*s/size", healed, (int)(at - text), text);
        text = at + strlen("/status/404");
    }
    return write_list("healed", it_text("%s%s", healed, text));
}

static void check_file(const char *name, size_t size)
{
    size_t len;

    (void)it_read(it_path(it_text("named/%s", name)), &len);
    ck_assert_uint_eq(len, size);
}

/* Of three, the second one fails, and takes nobody's place when it is fetched alone. */
static void check_second(const char *form, const char *first, const char *second, const char *third)
{
    const char *saved = it_path("saved"), *journal = it_path(it_text("%s.j", first));
    const char *list = write_list("three", it_text("%s\n%s\n%s\n", it_url("/size?n=1"),
                                                   it_url("/status/404?n=2"), it_url("/size?n=3")));

    for (int way = 0; way < 4; way++) {
        if (way == 0)
            (void)it_haul(
                IT_ARGS(NAMED(form), "--journal", journal, "--save-failed", saved, "-i", list));
        else if (way == 1)
            (void)it_haul(IT_ARGS(NAMED(form), "--journal", journal, "--resume", "--save-failed",
                                  saved, "-i", list));
        else if (way == 2)
            (void)it_haul(IT_ARGS("report", "-q", "--save-failed", saved, journal));
        else
            (void)it_haul(IT_ARGS("report", "-q", "-i", list, "--save-failed", saved, journal));
        ck_assert_ptr_nonnull(strstr(it_read(saved, NULL), it_text("\n out=%s\n", second)));
        (void)it_haul(IT_ARGS(NAMED(form), "-i", heal(saved)));
        check_file(first, 1);
        check_file(second, 2);
        check_file(third, 3);
        (void)remove(it_path(it_text("named/%s", second)));
    }
}

START_TEST(list_of_what_has_failed_takes_no_other_files_name)
{
    check_second("{n}", "1", "2", "3");
    check_second("l{line:03}", "l001", "l002", "l003");
}
END_TEST

START_TEST(name_that_no_list_can_say_is_told)
{
    const char *saved = it_path("saved"), *url = it_url("/status/404?1");
    struct it_run run = it_haul(
        IT_ARGS("--name", "{n}{type-ext}", "-d", it_path("late"), "--save-failed", saved, url));

    ck_assert_str_eq(it_read(saved, NULL),
                     it_text("# failed: http-404\n%s\n"
                             "# its name depends on the rest of its list, and cannot be written in "
                             "one\n",
                             url));
    ck_assert_ptr_nonnull(strstr(run.err, "saved: 1 entry whose files have names that depend"));
    (void)write_list("named.csv", it_text("url,x\n%s,y\n", url));
    run = it_haul(IT_ARGS("--name", "{n}", "-d", it_path("late"), "--save-failed", saved,
                          "--url-column", "url", "-i", it_path("named.csv")));
    ck_assert_str_eq(it_read(saved, NULL), it_text("url,x\n%s,y\n", url));
    ck_assert_ptr_nonnull(strstr(run.err, "saved: 1 entry whose files have names that depend"));
}
END_TEST

/* ---- secrets ---- */

START_TEST(secret_becomes_a_comment_and_a_warning)
{
    const char *saved = it_path("saved"), *journal = it_path("secret.journal"), *text;
    const char *url = it_text("http://u:geheim@%s", it_url("/status/404?1") + strlen("http://"));
    const char *list = write_list(
        "secrets", it_text("%s\n%s\n http-user=u\n http-passwd=geheim\n%s\n%s\n header=Cookie: "
                           "geheim\n",
                           url, it_url("/status/404?2"), it_url("/status/404?token=geheim"),
                           it_url("/status/404?3")));
    struct it_run run = it_haul(IT_ARGS("-j", "1", "--redact", "token", "--journal", journal,
                                        "--save-failed", saved, "-i", list));

    text = it_read(saved, NULL);
    ck_assert_ptr_null(strstr(text, "geheim"));
    ck_assert_ptr_null(strstr(it_read(journal, NULL), "geheim"));
    ck_assert_ptr_null(strstr(text, "\nhttp"));
    ck_assert_uint_eq(it_lines(text), 4);
    ck_assert_ptr_nonnull(strstr(text, "# failed: http-404: "));
    ck_assert_ptr_nonnull(strstr(run.err, "saved: 4 entries with a password, another secret"));
    it_reset_server();
    (void)it_haul(IT_ARGS("-i", saved));
    ck_assert_int_eq(it_stat("requests"), 0);
    run = it_haul(IT_ARGS("report", "-q", "--save-failed", it_path("saved2"), journal));
    ck_assert_str_eq(sorted(it_read(it_path("saved2"), NULL)), sorted(text));
    ck_assert_ptr_nonnull(strstr(run.err, "saved2: 4 entries with a password"));
}
END_TEST

START_TEST(what_is_wrong_with_a_name_is_said_without_what_is_hidden)
{
    const char *journal = it_path("name.journal"), *saved = it_path("saved");
    const char *list = write_list("names", it_text("%s\n out=../geheim\n%s\n dir=/geheim\n",
                                                   it_url("/size?n=1"), it_url("/status/404")));
    struct it_run run = it_haul(IT_ARGS("--redact", "/geheim/", "--journal", journal, "--format",
                                        "jsonl", "--save-failed", saved, LISTS(list)));

    ck_assert_ptr_nonnull(strstr(run.out, "\"bad-name\""));
    ck_assert_ptr_nonnull(strstr(run.out, "out=../***"));
    ck_assert_ptr_nonnull(strstr(run.err, "dir=/***"));
    ck_assert_ptr_null(
        strstr(it_text("%s%s%s%s", run.out, run.err, it_read(journal, NULL), it_read(saved, NULL)),
               "geheim"));
    run = it_haul(IT_ARGS("--redact", "/geheim/", "--dry-run", LISTS(list)));
    ck_assert_ptr_null(strstr(run.out, "../geheim")); /* the other file's name is what it is */
    ck_assert_ptr_null(strstr(run.err, "geheim"));
}
END_TEST

/* What is advised must help. */
START_TEST(directory_that_no_setting_saves_is_not_said_to_be_saved_by_one)
{
    static const char *const dirs[][2] = {{"/..", "mend the list"},
                                          {"/a/../b", "mend the list"},
                                          {"/a", "--list-keys safe puts it there"}};

    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        const char *list =
            write_list("dirs", it_text("%s\n dir=%s\n", it_url("/size?n=1"), dirs[i][0]));
        struct it_run run = it_haul(IT_ARGS("--list-keys", "all", "--dry-run", LISTS(list)));

        ck_assert_msg(strstr(run.out, dirs[i][1]) != NULL, "%s: %s", dirs[i][0], run.out);
    }
}
END_TEST

/* ---- where it is made ---- */

START_TEST(no_other_directory_is_needed)
{
    const char *saved = it_path("saved"), *url = it_url("/status/404?tmp");
    struct it_run run = it_call(
        &(struct it_call){.program = "/bin/bash",
                          .argv = IT_ARGS("-c", "TMPDIR=/nowhere exec \"$@\"", "-",
                                          getenv("HAUL_BIN"), "-q", "--save-failed", saved, url)});

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(run.err, "");
    ck_assert_str_eq(it_read(saved, NULL), it_text("# failed: http-404\n%s\n", url));
    it_reset_server();
    run = it_call(&(struct it_call){.program = "/bin/bash",
                                    .argv = IT_ARGS("-c", "TMPDIR=/nowhere exec \"$@\"", "-",
                                                    getenv("HAUL_BIN"), "--save-failed",
                                                    "/proc/self/fd/2", url)});
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "/proc/self/fd/2: no file can be made beside it"));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* What head(1) does with the rows is nothing to the file. */
START_TEST(file_is_made_though_nobody_reads_the_report)
{
    enum { ROWS = 3000 };
    const char *journal = it_path("left.journal"), *saved = it_path("saved"), *list;
    struct it_process *process;
    struct haul_buf text;
    struct it_run run;
    int pipe_end[2];

    haul_buf_init(&text, 0);
    for (int i = 0; i < ROWS; i++)
        haul_buf_addf(&text, "ftp://example.com/some/path/that/is/not/short/%d\n", i);
    list = write_list("left", haul_buf_str(&text));
    haul_buf_done(&text);
    (void)it_haul(IT_ARGS("--journal", journal, "-q", "-o", "/dev/null", "-i", list));
    (void)remove(saved);
    ck_assert_int_eq(pipe2(pipe_end, O_CLOEXEC), 0);
    (void)close(pipe_end[0]);
    process = it_start(&(struct it_call){.argv = IT_ARGS("report", "--save-failed", saved, journal),
                                         .output = pipe_end[1]});
    (void)close(pipe_end[1]);
    run = it_finish(process);
    ck_assert_str_eq(run.err, "");
    ck_assert_uint_eq(it_lines(it_read(saved, NULL)), ROWS);
}
END_TEST

/* By two signals, or because nobody reads its rows: what has failed is in the file, and after a
 * signal all that is pending, too. */
START_TEST(file_is_made_by_a_run_that_is_stopped)
{
    enum { GATES = 6 };
    const char *gate = it_text("stopped-%d", _i), *list = it_path("stopped-list"),
               *saved = it_path(gate), *bad = it_url("/status/404");
    const char *text = it_text("%s\n", bad);
    struct it_process *process;
    struct it_run run;

    for (int i = 0; i < GATES; i++)
        text = it_text("%s%s\n", text, it_url("/gate?name=%s&i=%d", gate, i));
    it_write(list, text, strlen(text));
    it_write(saved, "old\n", 4);
    process =
        it_start(&(struct it_call){.argv = IT_ARGS("-j", "2", "--grace", "1h", "--format", "jsonl",
                                                   "--save-failed", saved, "-i", list)});
    it_await_gate(gate, 2);
    it_await_output(process, "http-404");
    ck_assert_str_eq(it_read(saved, NULL), "old\n");
    if (_i) {
        it_close_output(process);
        it_open_gate(gate);
    } else {
        it_signal(process, SIGINT);
        it_await_error(process, "a second signal ends all now");
        it_signal(process, SIGINT);
    }
    run = it_finish(process);
    ck_assert_int_eq(run.status, _i ? 3 : 128 + SIGINT);
    text = it_read(saved, NULL);
    ck_assert_ptr_eq(strstr(text, it_text("# failed: http-404: %s:1\n%s\n", list, bad)), text);
    for (int i = 0; !_i && i < GATES; i++)
        ck_assert_ptr_nonnull(strstr(text, it_url("/gate?name=%s&i=%d\n", gate, i)));
}
END_TEST

/* ---- from journals ---- */

START_TEST(journals_give_the_same_file)
{
    const char *one = it_path("one.journal"), *other = it_path("other.journal");
    const char *saved = it_path("saved"), *again = it_path("saved2");
    const char *list = full_list(), *first;
    const char *table = write_list(
        "table", it_text("a,url\n\"x,\ny\",%s\n,%s\n", it_url("/status/404?t"), "ftp://x/"));
    struct it_run run;

    (void)it_haul(IT_ARGS("--journal", one, "--save-failed", saved, LISTS(list)));
    first = sorted(it_read(saved, NULL));
    run = it_haul(IT_ARGS("report", "--order", "input", "--save-failed", again, one));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(sorted(it_read(again, NULL)), first);
    (void)it_haul(IT_ARGS("--journal", other, "-j", "1", it_url("/status/404?x")));
    (void)it_haul(IT_ARGS("report", "--order", "input", "--save-failed", again, one, other));
    ck_assert_ptr_nonnull(strstr(it_read(again, NULL), it_url("/status/404?x")));
    ck_assert_uint_eq(it_lines(it_read(again, NULL)), it_lines(first) + 2);

    other = it_path("table.journal");
    (void)it_haul(IT_ARGS("--journal", other, "--save-failed", saved, "--url-column", "url", "-j",
                          "1", "-i", table));
    run = it_haul(IT_ARGS("report", "--order", "input", "--save-failed", again, other));
    ck_assert_ptr_nonnull(strstr(run.err, "read again with --url-column 'url'"));
    ck_assert_ptr_nonnull(
        strstr(it_read(again, NULL), it_text("a,url\n\"x,\ny\",%s\n", it_url("/status/404?t"))));
    it_reset_server();
    (void)it_haul(IT_ARGS("--url-column", "url", "-i", again));
    ck_assert_int_eq(it_stat("requests"), 1);
}
END_TEST

/* A journal of an earlier version has no entries; the list has them. */
START_TEST(journal_without_entries_says_so_and_the_list_helps)
{
    /* As a version wrote it that knew no entries. */
    static const char old[] =
        "{\"key\":\"aef2d5018428e37f\",\"seq\":0,\"outcome\":\"failed\",\"reason\":\"timeout\","
        "\"line\":1,\"url\":\"http://a.example/\"}\n";
    const char *journal = write_list("old.journal", old), *saved = it_path("saved");
    const char *list = write_list("old.list", "http://a.example/\n out=x\nhttp://b.example/\n");
    struct it_run run = it_haul(IT_ARGS("report", "--save-failed", saved, journal));

    ck_assert_str_eq(it_read(saved, NULL), "# failed: timeout\nhttp://a.example/\n");
    ck_assert_ptr_nonnull(
        strstr(run.err, "saved: 1 entry of a journal without what the list said"));
    run = it_haul(IT_ARGS("report", "--save-failed", saved, "-i", list, journal));
    ck_assert_ptr_null(strstr(run.err, "without what"));
    ck_assert_str_eq(it_read(saved, NULL),
                     it_text("# failed: timeout: %s:1\nhttp://a.example/\n out=x\n"
                             "# pending: stopped: %s:3\nhttp://b.example/\n",
                             list, list));
}
END_TEST

/* What hid it is no option of the report, and the list says it openly. */
START_TEST(what_a_journal_has_hidden_stays_hidden_in_a_report_on_its_list)
{
    const char *journal = it_path("hidden.journal"), *saved = it_path("saved"), *text;
    const char *query = it_url("/status/404?token=geheim"), *path = it_url("/status/404?2");
    const char *list =
        write_list("hidden", it_text("%s\n%s\n header=X-Requested-With: token=geheim\n%s\n", query,
                                     path, it_url("/status/404?3")));
    struct it_run run;

    (void)it_haul(
        IT_ARGS("--redact", "token", "--redact", "/geheim/", "--journal", journal, LISTS(list)));
    run = it_haul(IT_ARGS("report", "-i", list, "--save-failed", saved, journal));
    ck_assert_int_eq(run.status, 0);
    text = it_read(saved, NULL);
    ck_assert_ptr_null(strstr(text, "geheim"));
    ck_assert_ptr_null(strstr(text, "\nhttp://127.0.0.1:***"));
    ck_assert_ptr_null(strstr(text, it_text("\n%s?token=", it_url("/status/404"))));
    ck_assert_ptr_null(strstr(text, it_text("\n%s", path)));
    ck_assert_ptr_nonnull(strstr(text, it_text("\n%s\n", it_url("/status/404?3"))));
    ck_assert_ptr_nonnull(strstr(run.err, "saved: 2 entries with a password"));
}
END_TEST

START_TEST(report_hides_what_its_journal_shows)
{
    const char *journal = it_path("open.journal"), *saved = it_path("saved");
    const char *list = write_list("open", it_url("/status/404?token=geheim"));
    struct it_run run;

    (void)it_haul(IT_ARGS("--journal", journal, LISTS(list)));
    run = it_haul(
        IT_ARGS("report", "--redact", "token", "-i", list, "--save-failed", saved, journal));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_null(strstr(it_read(saved, NULL), "geheim"));
    ck_assert_ptr_null(strstr(run.out, "geheim"));
}
END_TEST

/* The same URL written otherwise is no secret, and is asked for as the list says now. */
START_TEST(list_that_writes_its_urls_otherwise_is_followed)
{
    const char *journal = it_path("spelled.journal"), *saved = it_path("saved");
    const char *url = it_url("/status/404?1"), *again = it_text("HTTP%s", url + strlen("http"));

    (void)it_haul(IT_ARGS("--journal", journal, LISTS(write_list("one", url))));
    (void)it_haul(
        IT_ARGS("report", "-i", write_list("two", again), "--save-failed", saved, journal));
    ck_assert_ptr_nonnull(strstr(it_read(saved, NULL), it_text("two:1\n%s\n", again)));
}
END_TEST

/* Nothing of it is in the journal's URL: the list alone tells. */
START_TEST(report_on_a_list_with_secrets_writes_comments_only)
{
    const char *journal = it_path("kept.journal"), *saved = it_path("saved"), *text;
    const char *list = write_list(
        "kept", it_text("%s\n http-user=u\n http-passwd=geheim\n%s\n header=Cookie: geheim\n"
                        "%s\thttp://u:geheim@127.0.0.1:1/\n",
                        it_url("/status/404?1"), it_url("/status/404?2"), it_url("/status/404?3")));
    struct it_run run;

    (void)it_haul(
        IT_ARGS("--journal", journal, LISTS(write_list("before", "http://127.0.0.1:1/"))));
    run = it_haul(IT_ARGS("report", "-i", list, "--save-failed", saved, journal));
    ck_assert_int_eq(run.status, 0);
    text = it_read(saved, NULL);
    ck_assert_ptr_null(strstr(text, "geheim"));
    ck_assert_ptr_null(strstr(text, "\nhttp"));
    ck_assert_uint_eq(it_lines(text), 3);
    ck_assert_ptr_nonnull(strstr(run.err, "saved: 3 entries with a password"));
}
END_TEST

START_TEST(configuration_file_does_not_have_a_report_replace_what_was_saved)
{
    const char *journal = it_path("conf.journal"), *saved = it_path("conf.saved");
    const char *conf = write_list("conf", it_text("save-failed = %s\n", saved));

    (void)write_list("conf.saved", "mine");
    (void)it_haul(IT_ARGS("--journal", journal, it_url("/status/404")));
    (void)it_haul(IT_ARGS("report", "--config", conf, journal));
    ck_assert_str_eq(it_read(saved, NULL), "mine");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save_failed");
    TCase *tcase = tcase_create("save_failed");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, plain_list_goes_around);
    tcase_add_test(tcase, table_goes_around_and_the_command_is_told);
    tcase_add_test(tcase, list_of_what_has_failed_takes_no_other_files_name);
    tcase_add_test(tcase, name_that_no_list_can_say_is_told);
    tcase_add_test(tcase, secret_becomes_a_comment_and_a_warning);
    tcase_add_test(tcase, what_is_wrong_with_a_name_is_said_without_what_is_hidden);
    tcase_add_test(tcase, directory_that_no_setting_saves_is_not_said_to_be_saved_by_one);
    tcase_add_test(tcase, no_other_directory_is_needed);
    tcase_add_test(tcase, file_is_made_though_nobody_reads_the_report);
    tcase_add_loop_test(tcase, file_is_made_by_a_run_that_is_stopped, 0, 2);
    tcase_add_test(tcase, journals_give_the_same_file);
    tcase_add_test(tcase, journal_without_entries_says_so_and_the_list_helps);
    tcase_add_test(tcase, what_a_journal_has_hidden_stays_hidden_in_a_report_on_its_list);
    tcase_add_test(tcase, report_hides_what_its_journal_shows);
    tcase_add_test(tcase, list_that_writes_its_urls_otherwise_is_followed);
    tcase_add_test(tcase, report_on_a_list_with_secrets_writes_comments_only);
    tcase_add_test(tcase, configuration_file_does_not_have_a_report_replace_what_was_saved);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
