#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "servers.h"

/*
 * Where haul's output is the log of a CI system, nothing that a list or a server says is a command
 * in it: lists of nothing but commands, through every verb and every format, and each line of the
 * two streams is looked at as such systems do.
 */

/* Lines that are no URLs, URLs, cells, and what servers say. "@/": of the server. */
static const char list_text[] =
    "\xc2\xa0::error::a\n\xe3\x80\x80\xe2\x80\x87::stop-commands::a\n\xe2\x80\xaf \xc2\x85::a::b\n"
    "\xe1\x9a\x80::a::b\n\xe2\x80\xa8::a::b\n"
    "::error::a\n::set-output name=a::b\n ::warning::c\n--- group\n+++ group\n~~~ group\n^^^ +++\n"
    "##vso[task.setvariable variable=A]b\n##[error]d\n##teamcity[buildStatus status='FAILURE']\n"
    "travis_fold:start:a\nsection_start:1:a\n---\n"
    "@/any/1##vso[task.complete result=Failed;]\n@/any/2?##[group]a\n"
    "@/size?n=5&etag=##vso[task.a]\n@/size?n=6&type=text/##teamcity[b\n"
    "@/size?n=7&type=##[group]c\n@/redirect?to=/any/##[debug]x\n"
    "@/redirect?to=ftp://##vso[task.a]/\n@/any/3\t##vso[task.cell]a\n"
    "@/status/404?##vso[task.d]\n@/any/##[e/f\n";

/* Cells of several lines, and titles that are commands. */
static const char table_text[] = "url,::error::title,##vso[title\n"
                                 "@/any/4,\"a\n::error::b\n--- c\",##vso[d]\n"
                                 "::error::e,\"\n::error::f\",g\n";

static const char *write_file(const char *name, const char *text)
{
    const char *path = it_path(name);

    it_write(path, text, strlen(text));
    return path;
}

/* The text with the server's URL for "@". */
static const char *filled(const char *text)
{
    const char *result = "", *at;

    for (; (at = strchr(text, '@')); text = at + 1)
        result = it_text("%s%.*s%s", result, (int)(at - text), text, it_url("%s", ""));
    return it_text("%s%s", result, text);
}

static const char *write_list(void)
{
    return write_file("list", filled(list_text));
}

static const char *write_table(void)
{
    return write_file("table.csv", filled(table_text));
}

/* Without the white space in front, of all kinds that Unicode has and a line can hold. */
static const char *trimmed(const char *line)
{
    static const char *const white[] = {" ",
                                        "\t",
                                        "\v",
                                        "\f",
                                        "\xc2\x85",
                                        "\xc2\xa0",
                                        "\xe1\x9a\x80",
                                        "\xe2\x80\x80",
                                        "\xe2\x80\x83",
                                        "\xe2\x80\x87",
                                        "\xe2\x80\x89",
                                        "\xe2\x80\xa8",
                                        "\xe2\x80\xaf",
                                        "\xe2\x81\x9f",
                                        "\xe3\x80\x80"};

    for (size_t i = 0; i < sizeof white / sizeof *white; i++)
        if (strncmp(line, white[i], strlen(white[i])) == 0)
            return trimmed(line + strlen(white[i]));
    return line;
}

/* As GitHub Actions, Azure Pipelines, TeamCity, GitLab, Buildkite and Travis find their commands.
 * */
static const char *command_in(const char *line)
{
    static const char *const words[] = {"##[", "##vso[", "##teamcity[",
                                        "section_start:", "travis_fold:"};
    const char *front = trimmed(line);

    for (size_t i = 0; i < 3; i++)
        if (strstr(line, words[i]))
            return strstr(line, words[i]);
    if (strncmp(front, "::", 2) == 0 || strchr(line, '\r'))
        return front;
    if (strlen(line) >= 3 && strchr("-+~^", *line) && line[1] == *line && line[2] == *line &&
        (!line[3] || line[3] == ' '))
        return line;
    return NULL;
}

static void check_text(const char *what, const char *text, bool is_github)
{
    char *copy = strdup(text), *rest = NULL;

    ck_assert_ptr_nonnull(copy);
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        const char *found = command_in(line);
        bool is_own = is_github && (!strncmp(line, "::error title=haul", 18) ||
                                    !strncmp(line, "::warning title=haul", 20) ||
                                    !strncmp(line, "::notice title=haul", 19));

        ck_assert_msg(!found || (is_own && found == line), "%s: %s", what, line);
    }
    free(copy);
}

static struct it_run call_in_ci(const char *what, const char *program, const char *const *argv)
{
    const struct it_call call = {
        .program = program, .argv = argv, .env = IT_ARGS("CI=true", "LC_ALL=C.UTF-8")};
    struct it_run run = it_call(&call);

    ck_assert_msg(run.status >= 0 && run.status != 2, "%s: %s", what, run.err);
    ck_assert_uint_eq(strlen(run.out), run.out_len);
    return run;
}

enum { ARGS_MAX = 32 };

/* As a step of a job, whose shell has the log as its streams. */
static struct it_run run_in_ci(const char *what, const char *const *argv, bool is_github)
{
    const char *shell[ARGS_MAX + 4] = {"-c", "\"$0\" \"$@\"; exit $?", getenv("HAUL_BIN")};
    struct it_run run;

    for (size_t i = 0; argv[i]; i++) {
        ck_assert_uint_lt(i, ARGS_MAX);
        shell[3 + i] = argv[i];
    }
    run = call_in_ci(what, "/bin/sh", shell);
    check_text(it_text("%s, standard output", what), run.out, is_github);
    check_text(it_text("%s, standard error", what), run.err, false);
    return run;
}

static const char *const formats[] = {"text", "csv",      "tsv",        "jsonl", "json",
                                      "html", "markdown", "prometheus", "junit", "github"};
enum { FORMATS = sizeof formats / sizeof *formats, ROWS = 4 };

START_TEST(run_gives_no_commands)
{
    const char *format = formats[_i];
    bool is_github = strcmp(format, "github") == 0;

    (void)run_in_ci(format,
                    IT_ARGS("--retry", "0", "-v", "--chart", "--format", format, "--budget",
                            "url<2", "--group-by", "type", "-i", write_list()),
                    is_github);
    (void)run_in_ci(it_text("%s of a table", format),
                    IT_ARGS("--retry", "0", "-v", "--format", format, "--group-by",
                            "tag:::error::title", "-i", write_table(), "--url-column", "url"),
                    is_github);
    if (_i < ROWS)
        (void)run_in_ci(it_text("%s, cells first", format),
                        IT_ARGS("--format", format, "--fields",
                                "col:::error::title,col:##vso[title,etag,content_type,url",
                                "--order", "input", "-i", write_table(), "--url-column", "url"),
                        false);
}
END_TEST

START_TEST(verbs_give_no_commands)
{
    const char *journal = it_path("journal"), *table = it_path("table.journal");
    const char *history = it_path("history"), *const audit[] = {"text", "csv", "tsv", "jsonl",
                                                                "markdown"};

    (void)run_in_ci("dry run", IT_ARGS("--dry-run", "--dir", it_path("d"), "-i", write_list()),
                    false);
    (void)run_in_ci("run",
                    IT_ARGS("-q", "--retry", "0", "-i", write_list(), "--journal", journal,
                            "--history", history),
                    false);
    (void)run_in_ci("run of a table",
                    IT_ARGS("-q", "--retry", "0", "-i", write_table(), "--url-column", "url",
                            "--journal", table, "--history", history),
                    false);
    for (size_t i = 0; i < FORMATS; i++)
        (void)run_in_ci(it_text("report %s", formats[i]),
                        IT_ARGS("report", "--format", formats[i], journal, table),
                        strcmp(formats[i], "github") == 0);
    for (size_t i = 0; i < 5; i++) {
        (void)run_in_ci(it_text("diff %s", audit[i]),
                        IT_ARGS("diff", "--format", audit[i], journal, table), false);
        (void)run_in_ci(it_text("diff %s by type", audit[i]),
                        IT_ARGS("diff", "--group-by", "type", "--format", audit[i], journal, table),
                        false);
        (void)run_in_ci(it_text("diff %s by tag", audit[i]),
                        IT_ARGS("diff", "--group-by", "tag:::error::title", "--format", audit[i],
                                journal, table),
                        false);
        if (i < ROWS)
            (void)run_in_ci(it_text("history %s", audit[i]),
                            IT_ARGS("history", "--format", audit[i], history,
                                    it_url("/size?n=7&type=##[group]c")),
                            false);
    }
}
END_TEST

/* In another program's pipe, too, data are what they are; and where they are not, it is told. */
START_TEST(data_in_a_pipe_are_as_without_ci)
{
    static const char cells[] = "\"a\n::error::b\"", changed[] = "log of a CI system";
    const char *list = write_table(), *format = formats[1 + _i], *shown;
    const char *const argv[] = {
        "--format", format,         "--fields", "url,col:::error::title,col:##vso[title",
        "--order",  "input",        "-q",       "-i",
        list,       "--url-column", "url",      NULL};
    struct it_run plain = it_haul(argv), piped = call_in_ci("a pipe", NULL, argv), logged;

    ck_assert_str_eq(piped.out, plain.out);
    ck_assert(_i || strstr(piped.out, "::error::b"));
    ck_assert_ptr_null(strstr(piped.err, changed));
    logged = run_in_ci("a log", argv, false);
    ck_assert(_i || !strstr(logged.out, cells));
    shown = strstr(logged.err, changed);
    ck_assert_msg(shown && !strstr(shown + 1, changed), "%s", logged.err);
}
END_TEST

/* A list that one haul makes for another one has the URLs that it had. */
START_TEST(haul_reads_what_haul_writes)
{
    const char *list = write_file("start", filled("@/any/section_start:1\n"));
    struct it_run run;

    it_reset_server();
    run = call_in_ci("haul to haul", "/bin/sh",
                     IT_ARGS("-c",
                             "\"$0\" -q --format csv --fields url -i \"$1\" | "
                             "\"$0\" --url-column url -i -",
                             getenv("HAUL_BIN"), list));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(it_log("/any/section_start:1")), 2);
}
END_TEST

/* What is data stays what it was: in a file, and in JSON wherever it goes. */
START_TEST(data_are_as_without_ci)
{
    const char *list = write_file("one", it_url("/any/1?##vso[a]")), *file = it_path("rows.tsv");
    struct it_run run;

    run = run_in_ci("to a file",
                    IT_ARGS("--format", "tsv", "--fields", "url", "-i", list, "-o", file), false);
    ck_assert_ptr_nonnull(strstr(it_read(file, NULL), "?##vso[a]"));
    run = run_in_ci("json", IT_ARGS("--format", "jsonl", "-i", list), false);
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "url"), it_url("/any/1?##vso[a]"));
    run = it_haul(IT_ARGS("--format", "tsv", "--fields", "url", "-i", list));
    ck_assert_ptr_nonnull(strstr(run.out, "?##vso[a]"));
}
END_TEST

/* Of haul's own commands nothing is changed, and what is in them is escaped as GitHub says. */
START_TEST(own_annotations_work)
{
    const char *list = write_file("bad", "::error file=a,line=1::%0A%25\n");
    struct it_run run = run_in_ci("github", IT_ARGS("--format", "github", "-i", list), true);

    ck_assert_ptr_nonnull(strstr(run.out, "::error title=haul%3A line invalid::"));
    ck_assert_ptr_nonnull(strstr(run.out, "::error file=a,line=1::%250A%2525"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ci_log");
    TCase *all = tcase_create("all");

    tcase_add_unchecked_fixture(all, it_begin_server, it_end_server);
    tcase_add_loop_test(all, run_gives_no_commands, 0, FORMATS);
    tcase_add_test(all, verbs_give_no_commands);
    tcase_add_test(all, data_are_as_without_ci);
    tcase_add_loop_test(all, data_in_a_pipe_are_as_without_ci, 0, 2);
    tcase_add_test(all, haul_reads_what_haul_writes);
    tcase_add_test(all, own_annotations_work);
    suite_add_tcase(suite, all);
    return it_main(suite);
}
