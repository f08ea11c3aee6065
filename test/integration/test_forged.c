#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "hot_journal.h"
#include "servers.h"

/*
 * Histories and journals that mean harm: whoever has written the file, reading it ends soon, with a
 * message or with a result in which nothing is raw. The time limit of the cases is the watchdog.
 */

static const char *history(void)
{
    return it_path("forged.history");
}

static void forget(void)
{
    static const char *const suffix[] = {"", "-wal", "-shm", "-lock"};

    for (size_t i = 0; i < 4; i++)
        unlink(it_text("%s%s", history(), suffix[i]));
}

static struct it_run run_list(void)
{
    return it_call(&(struct it_call){.argv = IT_ARGS("-q", "--history", history(), "-i", "-"),
                                     .input = "htp//one\nhtp//two\n"});
}

static void run_sql(const char *sql)
{
    char *error = NULL;
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(history(), &db), SQLITE_OK);
    ck_assert_msg(!sqlite3_exec(db, sql, NULL, NULL, &error), "%s: %s", sql, error);
    sqlite3_close(db);
}

/* A sound one of two runs, and then what these statements make of it. */
static void forge(const char *sql)
{
    forget();
    ck_assert_int_eq(run_list().status, 1);
    ck_assert_int_eq(run_list().status, 1);
    run_sql(sql);
}

/* ---- what a history may hold besides rows ---- */

#define ENDLESS "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "

/* A view in the place of a table: the columns are those of the table. */
#define VIEW_OF(table)                                                                             \
    "ALTER TABLE " table " RENAME TO real;"                                                        \
    "CREATE VIEW " table " AS " ENDLESS "SELECT real.* FROM c, real WHERE x < 0"

static const struct {
    const char *sql, *named;
} objects[] = {
    {VIEW_OF("run"), "'real' has no place"},
    {"DROP INDEX page_key", "'page_key' is missing"},
    {VIEW_OF("word"), "not a history"},
    {VIEW_OF("page"), "not a history"},
    {VIEW_OF("past"), "not a history"},
    {"CREATE VIEW other AS SELECT 1", "'other' has no place"},
    {"CREATE TRIGGER run_end AFTER UPDATE ON run BEGIN DELETE FROM page; END", "'run_end'"},
    {"CREATE TRIGGER a BEFORE INSERT ON run BEGIN SELECT raise(abort, 'no'); END", "'a' has no"},
    {"CREATE INDEX by_url ON page(url)", "DROP INDEX \"by_url\";"},
    {"CREATE INDEX \"by \"\"url\"\"\033[31m\" ON page(url)",
     "DROP INDEX \"by \"\"url\"\"\\x1b[31m\";"},
    {"CREATE INDEX by_what ON page(length(url))", "'by_what'"},
    {"CREATE TABLE more(x)", "'more' has no place"},
    {"CREATE VIRTUAL TABLE words USING fts5(x)", "'words"},
    {"CREATE VIRTUAL TABLE boxes USING rtree(a, b, c)", "'boxes"},
    {"ALTER TABLE run ADD COLUMN more AS (zeroblob(1000000000))", "'run' is not as"},
    {"ALTER TABLE run ADD COLUMN more DEFAULT 1", "'run' is not as"},
    {"DROP TABLE past", "'past' is missing"},
    {"ALTER TABLE past RENAME TO \"\x1b]0;x\x07\"", "not a history"},
    {"ANALYZE; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql ="
     " 'CREATE TABLE sqlite_stat1(tbl, idx, stat, more AS (zeroblob(900000000)))'"
     " WHERE name = 'sqlite_stat1'",
     "'sqlite_stat1' has no place"},
    {"PRAGMA user_version = -3", "another program's"},
    {"PRAGMA user_version = 0", "another program's"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE run(id INTEGER "
     "PRIMARY KEY, more AS (zeroblob(900000000)))' WHERE name = 'run'",
     "'run' is not as"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' -- ' ||"
     " hex(zeroblob(100000)) WHERE name = 'run'",
     "cannot be read"},
};

static const char *const verbs[][6] = {
    {"history", "-q"}, {"history", "--format", "jsonl"}, {"diff"}, {"diff", "--group-by", "tag:a"}};
enum { VERBS = sizeof verbs / sizeof *verbs };

static struct it_run read_with(int verb)
{
    const char *argv[8] = {NULL};
    size_t n = 0;

    for (; verbs[verb][n]; n++)
        argv[n] = verbs[verb][n];
    argv[n] = history();
    return it_haul(argv);
}

/* Nothing that a terminal obeys; JSON has its own check. */
static void check_plain(const char *text)
{
    for (const char *at = text; *at; at++)
        ck_assert_msg(((unsigned char)*at >= ' ' && *at != 0x7f) || strchr("\n\t\r", *at), "%s",
                      text);
}

START_TEST(history_with_something_of_others_is_refused)
{
    struct it_run run;

    forge(objects[_i].sql);
    for (int verb = 0; verb < VERBS; verb++) {
        run = read_with(verb);
        ck_assert_msg(run.status == 2 || run.status == 3, "%d: %s", run.status, run.err);
        ck_assert_msg(strstr(run.err, objects[_i].named) != NULL, "%s", run.err);
        check_plain(run.err);
    }
    run = run_list();
    ck_assert_msg(run.status == 2 || run.status == 3, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, objects[_i].named) != NULL, "%s", run.err);
    forget();
}
END_TEST

/* ---- what stands in its rows ---- */

#define WORD(value) "UPDATE word SET text = " value " || id WHERE text <> ''"

/* Rows that haul would not write; what is read may say that it cannot, and says nothing raw. */
static const char *const rows[] = {
    WORD("char(27, 93, 48, 59, 112, 7, 27) || '[31m'"),
    WORD("char(0x9b) || '31m'"),
    WORD("char(0x202e) || 'gnp'"),
    WORD("'a' || char(10) || '::error::x' || char(13)"),
    WORD("CAST(x'ff1b5b33316d00' AS TEXT)"),
    WORD("x'1b5b41'"),
    WORD("replace(hex(zeroblob(500000)), '0', char(27))"),
    "UPDATE word SET text = zeroblob(70000000) WHERE id = 2",
    "UPDATE run SET version = char(27) || '[2J', options = char(27) || 'c'",
    "UPDATE run SET version = zeroblob(70000000)",
    "UPDATE run SET started_us = 9223372036854775807, elapsed_us = -1, status = -99999999999",
    "UPDATE run SET started_us = -9223372036854775808, ended_us = 'never', complete = 'x'",
    "UPDATE run SET started_us = 1e300, ended_us = 1e308, elapsed_us = 9e999, lines = -9e999",
    "UPDATE run SET lines = -5, ok = -9223372036854775808, failed = 'many', size = -1, wire = 1.5",
    "UPDATE run SET ok = 9223372036854775807, failed = 9223372036854775807,"
    " size = 9223372036854775807, time_us = 9223372036854775807",
    "UPDATE run SET id = id + 9223372036854775805",
    "UPDATE run SET id = -id",
    "UPDATE page SET since = -1",
    "UPDATE page SET since = NULL",
    "UPDATE page SET url = char(27) || '[31m' || id",
    "UPDATE page SET url = x'1b5b41'",
    "UPDATE page SET url = zeroblob(70000000)",
    "UPDATE page SET url = CAST(zeroblob(10) AS TEXT)",
    "UPDATE page SET size = -1, wire = 'x', http_code = 1e400, occurrence = 'first'",
    "UPDATE page SET outcome = NULL, reason = 7777, type = 'x', tags = x'00'",
    "UPDATE word SET text = '{\"a\":' WHERE id = 1",
    "UPDATE word SET text = replace(hex(zeroblob(900)), '0', '[') WHERE id = 1",
    "UPDATE word SET text = '{\"a\":{\"b\":[1e999,\"' || char(92) || 'u001b\"]}}' WHERE id = 1",
    "INSERT INTO past SELECT 9223372036854775807, id, -1, outcome, reason, type, tags, 1, 2, 3,"
    " lastmod FROM page",
    "INSERT INTO past SELECT 1, id, 1, outcome, reason, type, tags, 1, -2, 3, 5 FROM page",
    "UPDATE page SET lastmod = x'1b5b'",
    "UPDATE page SET lastmod = char(27) || '[31m'",
    "UPDATE page SET lastmod = zeroblob(1000000)",
    "UPDATE page SET lastmod = '2026', tags = (SELECT max(id) + 1 FROM word);"
    "INSERT INTO word(text) VALUES('[1]')",
    "DELETE FROM word",
    "DELETE FROM run",
    "DELETE FROM page",
};

/* That is no fault of haul's or of its input's, and told all the same. */
static bool tells_of_nothing(const char *err)
{
    return strstr(err, "there is no run in it") || strstr(err, "no URL was found");
}

START_TEST(rows_that_haul_would_not_write_end_in_a_result_or_a_message)
{
    struct it_run run;

    forge(rows[_i]);
    for (int verb = 0; verb < VERBS; verb++) {
        run = read_with(verb);
        ck_assert_msg(run.status >= 0 && run.status <= 3, "%d: %s", run.status, run.err);
        ck_assert_msg(run.status < 2 || run.err_len > 0, "%d: nothing is said", run.status);
        ck_assert_msg(run.status >= 2 || !run.err_len || tells_of_nothing(run.err), "%s", run.err);
        ck_assert_msg(!strstr(run.err, "runtime error"), "%s", run.err);
        check_plain(run.out);
        check_plain(run.err);
        ck_assert(it_is_sanitized() || run.memory_kb < 90 << 10);
    }
    (void)it_rows(read_with(1).out);
    run = it_haul(IT_ARGS("history", history(), "htp//one"));
    ck_assert_msg(run.status == 0 || run.err_len > 0, "%s", run.out);
    check_plain(run.out);
    check_plain(run.err);
    run = run_list();
    ck_assert_msg(run.status == 1 || run.status == 3, "%d: %s", run.status, run.err);
    check_plain(run.err);
    forget();
}
END_TEST

START_TEST(unknown_outcome_is_shown_escaped)
{
    struct it_run run;

    forge("UPDATE word SET text = char(27) || '[31mred' WHERE text = 'invalid'");
    run = it_haul(IT_ARGS("history", history(), "htp//one"));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(strstr(run.out, "  \\x1b[31mred: bad-url  htp//one") != NULL, "%s", run.out);
    forget();
}
END_TEST

/* SQLite, playing such a journal back, removes the file that it names. */
START_TEST(journal_beside_a_history_that_names_another_file_removes_none)
{
    const char *dear = it_path("dear"), *companion = it_text("%s-journal", history());
    const char *link = it_path("link.db");
    struct it_run run;

    forge("PRAGMA journal_mode = DELETE");
    it_write(dear, "x", 1);
    hot_journal_write(companion, dear);
    run = run_list();
    ck_assert_int_eq(access(dear, F_OK), 0);
    ck_assert_msg(run.status == 2 && strstr(run.err, "-journal: not a journal"), "%s", run.err);
    (void)read_with(0);
    (void)read_with(2);
    ck_assert_int_eq(access(dear, F_OK), 0);
    ck_assert_int_eq(symlink(history(), link), 0);
    run = it_haul(IT_ARGS("history", "--sandbox", "off", link));
    ck_assert_msg(run.status == 2 && strstr(run.err, "-journal: not a journal"), "%s", run.err);
    ck_assert_int_eq(access(dear, F_OK), 0);
    unlink(link);
    unlink(companion);
    forget();
}
END_TEST

/* ---- sums ---- */

#define LARGEST "9223372036854775807"

static const char *const formats[] = {"text", "csv",      "tsv",        "jsonl", "json",
                                      "html", "markdown", "prometheus", "junit", "github"};
enum { FORMATS = sizeof formats / sizeof *formats };

/* Two pages of 2^62 bytes, that took 2^62 us each. */
static const char *huge_journal(void)
{
    static const char text[] =
        "{\"journal\":1,\"haul\":\"0\"}\n"
        "{\"key\":\"0000000000000001\",\"seq\":0,\"outcome\":\"ok\",\"url\":\"http://h/a/1\","
        "\"size_body\":4611686018427387904,\"size_download\":4611686018427387904,\"worker\":1,"
        "\"size_header\":4611686018427387904,\"time_total\":4611686018427.387904,\"attempts\":1,"
        "\"started\":\"199999-12-31T23:59:59.999Z\"}\n"
        "{\"key\":\"0000000000000002\",\"seq\":1,\"outcome\":\"ok\",\"url\":\"http://h/b/2\","
        "\"size_body\":4611686018427387904,\"size_download\":4611686018427387904,\"worker\":1,"
        "\"size_header\":4611686018427387904,\"time_total\":4611686018427.387904,\"attempts\":1,"
        "\"started\":\"2024-01-01T00:00:00.000Z\"}\n"
        "{\"key\":\"0000000000000003\",\"seq\":2,\"outcome\":\"failed\",\"url\":\"http://h/c\","
        "\"size_download\":" LARGEST ",\"reason\":\"connect\",\"attempts\":1}\n"
        "{\"footer\":1,\"lines\":3}\n";

    it_write(it_path("huge.journal"), text, sizeof text - 1);
    return it_path("huge.journal");
}

START_TEST(sum_of_a_journal_stops_at_the_largest_number)
{
    struct it_run run = it_haul(IT_ARGS("report", "--format", formats[_i], huge_journal()));

    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(!strstr(run.err, "runtime error"), "%s", run.err);
    ck_assert_msg(strstr(run.err, "bodies: 8.0+ EiB (") != NULL, "%s", run.err);
    ck_assert_ptr_null(strstr(run.out, "-9223372036854775808"));
    if (strcmp(formats[_i], "json") == 0)
        ck_assert_msg(strstr(run.out, "\"size\": " LARGEST) != NULL, "%s", run.out);
    if (strcmp(formats[_i], "html") == 0 || strcmp(formats[_i], "markdown") == 0)
        ck_assert_msg(strstr(run.out, "8.0+ EiB") != NULL, "%s", run.out);
}
END_TEST

/* The same pages, of no byte. */
static const char *tiny_journal(void)
{
    static const char text[] =
        "{\"journal\":1,\"haul\":\"0\"}\n"
        "{\"key\":\"0000000000000001\",\"seq\":0,\"outcome\":\"ok\",\"url\":\"http://h/a/1\","
        "\"size_body\":0,\"attempts\":1}\n"
        "{\"key\":\"0000000000000002\",\"seq\":1,\"outcome\":\"ok\",\"url\":\"http://h/b/2\","
        "\"size_body\":0,\"attempts\":1}\n"
        "{\"footer\":1,\"lines\":2}\n";

    it_write(it_path("tiny.journal"), text, sizeof text - 1);
    return it_path("tiny.journal");
}

static void compare(const char *old, const char *new, const char *wanted)
{
    static const char *const groups[] = {"type", "host", "path:1", "tag:a"};

    for (int i = 0; i < 4; i++)
        for (int f = 0; f < 2; f++) {
            struct it_run run = it_haul(IT_ARGS("diff", "--group-by", groups[i], "--format",
                                                f ? "jsonl" : "text", old, new));

            ck_assert_msg(run.status <= 1, "%d: %s", run.status, run.err);
            ck_assert_msg(!strstr(run.err, "runtime error"), "%s", run.err);
            ck_assert_msg(f || strstr(run.out, wanted), "%s", run.out);
        }
}

START_TEST(difference_of_sums_stops_there_too)
{
    const char *journal = huge_journal();
    struct it_run run;

    it_write(it_path("none.journal"), "{\"journal\":1,\"haul\":\"0\"}\n{\"footer\":1}\n", 39);
    compare(tiny_journal(), journal, "+8.0+ EiB");
    compare(journal, tiny_journal(), "-8.0+ EiB");
    compare(it_path("none.journal"), journal, "now: 3 URLs, 8.0+ EiB");
    compare(journal, it_path("none.journal"), "before: 3 URLs, 8.0+ EiB");
    forge("UPDATE word SET text = 'ok' WHERE text = 'invalid';"
          "UPDATE page SET url = 'http://h/' || id, size = 4611686018427387904, wire = size;"
          "UPDATE run SET ok = 2, invalid = 0, size = 9223372036854775807, wire = size");
    compare(it_path("none.journal"), history(), "8.0+ EiB");
    compare(history(), it_path("none.journal"), "8.0+ EiB");
    compare(history(), journal, "8.0+ EiB");
    for (int i = 0; i < FORMATS; i++) {
        run = it_call(&(struct it_call){.argv = IT_ARGS("--history", history(), "--format",
                                                        formats[i], "--budget", "growth<1%",
                                                        "--budget", "total<1k", "-i", "-"),
                                        .input = "htp//three\n"});
        ck_assert_msg(run.status == 4 || run.status == 1, "%d: %s", run.status, run.err);
        ck_assert_msg(!strstr(run.err, "runtime error"), "%s", run.err);
    }
    forget();
}
END_TEST

/* ---- names of files ---- */

/* What stands behind `begin` in a text, up to `end`. */
static const char *cut(const char *text, const char *begin, const char *end)
{
    const char *at = strstr(text, begin);

    ck_assert_ptr_nonnull(at);
    at += strlen(begin);
    return it_text("%.*s", (int)(strstr(at, end) - at), at);
}

/* "secret" lies beside the directory, and has the size of the body. */
static const char *const names[] = {
    "../secret",  "./../secret",      "x/../../secret", "..\\u002fsecret",
    "/../secret", "../dir/../secret", "link/secret",    ""};

/* Where the name were believed, the URL would count as done, and whoever has made the journal could
 * ask whether a file has this size, or this digest. */
START_TEST(file_of_a_forged_record_is_not_looked_up_outside)
{
    const char *dir = it_path("dir"), *journal = it_path("journal"), *text;
    const char *url = it_url("/size?n=100");
    struct it_run run;
    char secret[100];

    unlink(journal);
    it_remove_tree(dir);
    memset(secret, 'x', sizeof secret);
    it_write(it_path("secret"), secret, sizeof secret);
    run = it_haul(IT_ARGS("-q", "--dir", dir, "--journal", journal, url));
    ck_assert_msg(run.status == 0, "%s", run.err);
    text = it_read(journal, NULL);
    text = it_text("%s\n{\"key\":\"%s\",\"seq\":0,\"outcome\":\"ok\",\"url\":\"%s\",\"attempts\":1,"
                   "\"http_code\":200,\"size_body\":100,\"filename_effective\":\"%s%s\"}\n",
                   cut(text, "", "\n"), cut(text, "\"key\":\"", "\""), url,
                   names[_i][0] == '/' ? dir : "", names[_i]);
    it_write(journal, text, strlen(text));
    (void)!symlink("..", it_path("dir/link"));
    it_reset_server();
    run = it_haul(IT_ARGS("-q", "--dir", dir, "--journal", journal, "--resume", url));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), 1);
    ck_assert_str_eq(it_read(it_path("secret"), NULL), it_text("%.100s", secret));
}
END_TEST

/* ---- lines of journals ---- */

#define RECORD "{\"key\":\"0000000000000009\",\"seq\":0,\"outcome\":\"ok\",\"url\":\"http://h/\""

/* With 0x1 instead of "[" and 0x2 instead of "]", so many times. */
static const struct {
    const char *line;
    bool is_taken;
} lines[] = {
    {RECORD ",\"attached\":\x01\x02}", false},
    {RECORD ",\"other\":\x01\x02}", false},
    {RECORD ",\"other\":[[[[1]]]]}", true},
    {RECORD ",\"url\":\"http://i/\"}", false},
    {RECORD ",\"size_body\":1e400}", false},
    {RECORD ",\"size_body\":-0}", true},
    {RECORD ",\"size_body\":-1}", false},
    {RECORD ",\"size_body\":1.5}", false},
    {RECORD ",\"size_body\":9223372036854775807}", true},
    {RECORD ",\"size_body\":9223372036854775808}", false},
    {RECORD ",\"size_body\":18446744073709551616}", false},
    {RECORD ",\"size_body\":\"7\"}", false},
    {RECORD ",\"time_total\":1e308}", false},
    {RECORD ",\"time_total\":-1}", false},
    {RECORD ",\"started\":\"1969-12-31T23:59:59.999Z\"}", false},
    {RECORD ",\"started\":\"2024-13-01T00:00:00.000Z\"}", false},
    {RECORD ",\"started\":\"2024-00-00T00:00:00.000Z\"}", false},
    {RECORD ",\"started\":\"2024-01-01T99:99:99.000Z\"}", false},
    {RECORD ",\"started\":\"99999-12-31T23:59:59.999Z\"}", true},
    {RECORD ",\"started\":\"1048575-12-31T23:59:59.999Z\"}", false},
    {RECORD ",\"errormsg\":\"\xff\xfe\x1b[31m\"}", false},
    {RECORD ",\"errormsg\":\"\\u001b[31m\\u0000\"}", false},
    {RECORD ",\"errormsg\":\"\\ud800\"}", false},
    {RECORD ",\"errormsg\":\"\\u001b[31m\"}", true},
    {RECORD ",\"worker\":2147483647,\"attempts\":2147483647}", true},
    {RECORD ",\"worker\":2147483648}", false},
    {RECORD ",\"replaces\":4294967296}", false},
    {"{\"journal\":99999999999999999999,\"haul\":\"0\"}", false},
    {"{\"journal\":1,\"haul\":7}", false},
    {"{\"footer\":1,\"pending\":9223372036854775807}", false},
    {"{\"footer\":1,\"pending\":1e30}", true},
    {"{\"footer\":1,\"pending\":-5}", true},
    {"null", false},
    {"\x01\x02", false},
};

static const char *expand(const char *line)
{
    struct haul_buf buf;
    const char *text;

    haul_buf_init(&buf, 0);
    for (; *line; line++)
        haul_buf_pad(&buf, *line == 1 ? '[' : *line == 2 ? ']' : *line, *line < 3 ? 100000 : 1);
    text = it_text("%s", haul_buf_str(&buf));
    haul_buf_done(&buf);
    return text;
}

static void check_verb(const char *const *argv, bool is_told)
{
    struct it_run run = it_haul(argv);

    ck_assert_msg(run.status == 0 || run.status == 2 || run.status == 3, "%d: %s", run.status,
                  run.err);
    ck_assert_msg(!is_told || strstr(run.err, "damaged") || strstr(run.err, "left out"), "%s",
                  run.err);
    ck_assert_msg(!strstr(run.err, "do not balance"), "%s", run.err);
    check_plain(run.out);
    check_plain(run.err);
}

START_TEST(line_that_haul_would_not_write_is_told_or_taken)
{
    const char *journal = it_path("lines"), *dir = it_path("lines.dir"), *url = it_url("/size?n=1");
    const char *text =
        it_text("{\"journal\":1,\"haul\":\"0\"}\n%s\n{\"footer\":1}\n", expand(lines[_i].line));
    bool is_told = !lines[_i].is_taken;

    it_write(journal, text, strlen(text));
    check_verb(IT_ARGS("report", journal), is_told);
    check_verb(IT_ARGS("report", "--format", "html", journal), is_told);
    check_verb(IT_ARGS("diff", "--group-by", "tag:a", journal, journal), is_told);
    check_verb(IT_ARGS("--since", journal, "--etags", "--dir", dir, url), is_told);
    check_verb(IT_ARGS("--journal", journal, "--resume", "--dir", dir, url), is_told);
    it_remove_tree(dir);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forged");
    TCase *tcase = tcase_create("forged");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_loop_test(tcase, history_with_something_of_others_is_refused, 0,
                        (int)(sizeof objects / sizeof *objects));
    tcase_add_loop_test(tcase, rows_that_haul_would_not_write_end_in_a_result_or_a_message, 0,
                        (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tcase, unknown_outcome_is_shown_escaped);
    tcase_add_test(tcase, journal_beside_a_history_that_names_another_file_removes_none);
    tcase_add_loop_test(tcase, sum_of_a_journal_stops_at_the_largest_number, 0, FORMATS);
    tcase_add_test(tcase, difference_of_sums_stops_there_too);
    tcase_add_loop_test(tcase, file_of_a_forged_record_is_not_looked_up_outside, 0,
                        (int)(sizeof names / sizeof *names));
    tcase_add_loop_test(tcase, line_that_haul_would_not_write_is_told_or_taken, 0,
                        (int)(sizeof lines / sizeof *lines));
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
