#define _GNU_SOURCE /* clearenv, posix_openpt */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ci.h"
#include "base/escape.h"
#include "base/utf8.h"

static const struct text_case {
    const char *text, *wanted;
} anywhere[] = {
    {"##vso[task.setvariable variable=A]b", "\\x23#vso[task.setvariable variable=A]b"},
    {"a ##vso[x] ##[group]", "a \\x23#vso[x] \\x23#[group]"},
    {"##TEAMCITY[a", "\\x23#TEAMCITY[a"},
    {"###[x", "#\\x23#[x"},
    {"section_start:1:a", "\\x73ection_start:1:a"},
    {"section_end:1:a", "\\x73ection_end:1:a"},
    {"travis_fold:start:a", "\\x74ravis_fold:start:a"},
    {"travis_time:start:a", "\\x74ravis_time:start:a"},
    /* none */
    {"#[x", "#[x"},
    {"## [x", "## [x"},
    {"##vso", "##vso"},
    {"# #vso[", "# #vso["},
    {"section_", "section_"},
    {"http://h/?a=1##top", "http://h/?a=1##top"},
    {"", ""},
};

START_TEST(opener_is_broken_wherever_it_stands)
{
    const struct text_case *wanted = &anywhere[_i];
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_buf_add_str(&buf, "##[ ");
    haul_buf_add_str(&buf, wanted->text);
    haul_ci_break_text(&buf, 4, "\\x23");
    ck_assert_str_eq(haul_buf_str(&buf) + 4, wanted->wanted);
    ck_assert(!strncmp(haul_buf_str(&buf), "##[ ", 4));
    haul_buf_clear(&buf);
    haul_escape_terminal(&buf, wanted->text, strlen(wanted->text), true, 0);
    ck_assert_str_eq(haul_buf_str(&buf), wanted->wanted);
    haul_buf_clear(&buf);
    haul_escape_terminal_middle(&buf, wanted->text, strlen(wanted->text), false, 0);
    ck_assert_str_eq(haul_buf_str(&buf), wanted->wanted);
    haul_buf_done(&buf);
}
END_TEST

/* No cut puts one together, and none is left by one. */
START_TEST(cut_text_has_no_opener)
{
    static const char text[] = "##vso[a]##[b]##teamcity[c]section_start:1##";

    for (size_t width = 1; width < 80; width++)
        for (int utf8 = 0; utf8 < 2; utf8++) {
            struct haul_buf buf;

            haul_buf_init(&buf, 0);
            haul_escape_terminal_middle(&buf, text, strlen(text), utf8, width);
            for (size_t at = 0; at < buf.len; at++)
                ck_assert_msg(!haul_ci_is_opener(buf.data + at, buf.len - at), "%s",
                              haul_buf_str(&buf));
            haul_buf_done(&buf);
        }
}
END_TEST

static const struct text_case in_front[] = {
    {"::error::x", "\\x3a:error::x"},
    {"  ::set-output name=a::b", "  \\x3a:set-output name=a::b"},
    {"\t \v\f\xc2\xa0\xe3\x80\x80::a", "\t \v\f\xc2\xa0\xe3\x80\x80\\x3a:a"},
    {"---\xc2\xa0group", "\\x2d--\xc2\xa0group"},
    {"--- group", "\\x2d-- group"},
    {"+++ group", "\\x2b++ group"},
    {"~~~ group", "\\x7e~~ group"},
    {"^^^ +++", "\\x5e^^ +++"},
    {"---", "\\x2d--"},
    {"---\n", "\\x2d--\n"},
    /* none */
    {":a", ":a"},
    {"a::b", "a::b"},
    {"----", "----"},
    {"---a", "---a"},
    {"--+ a", "--+ a"},
    {"\xc2::a", "\xc2::a"},
    {"\xe2\x80\x8b::a", "\xe2\x80\x8b::a"},
    {"  ", "  "},
    {"", ""},
};

START_TEST(opener_in_front_is_broken)
{
    const struct text_case *wanted = &in_front[_i];
    struct haul_buf buf;
    size_t more;

    haul_buf_init(&buf, 0);
    haul_buf_add_str(&buf, "before\n");
    haul_buf_add_str(&buf, wanted->text);
    more = haul_ci_break_line(&buf, strlen("before\n"));
    ck_assert_str_eq(haul_buf_str(&buf) + strlen("before\n"), wanted->wanted);
    ck_assert_uint_eq(more, strlen(wanted->wanted) - strlen(wanted->text));
    haul_buf_done(&buf);
}
END_TEST

/* The property White_Space, as PropList.txt lists it. */
static bool is_white(uint32_t code)
{
    static const uint32_t white[] = {0x09,   0x0a,   0x0b,   0x0c,   0x0d,   0x20,   0x85,
                                     0xa0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
                                     0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028,
                                     0x2029, 0x202f, 0x205f, 0x3000};

    for (size_t i = 0; i < sizeof white / sizeof *white; i++)
        if (white[i] == code)
            return true;
    return false;
}

/* As a runner reads a line: whatever it trims, all of Unicode's white space, no command is left. */
START_TEST(trimmed_line_is_no_command)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    for (uint32_t code = 1; code <= 0x10ffff; code++) {
        char text[32], *end = haul_utf8_put(text, code);

        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        end = haul_utf8_put(end, ' ');
        end = haul_utf8_put(end, code);
        memcpy(end, "::stop-commands::x", sizeof "::stop-commands::x");
        haul_buf_clear(&buf);
        haul_buf_add_str(&buf, text);
        (void)haul_ci_break_line(&buf, 0);
        if (haul_utf8_is_space(code) != is_white(code) ||
            is_white(code) != !strstr(haul_buf_str(&buf), "::stop"))
            ck_abort_msg("U+%04X: %s", (unsigned)code, haul_buf_str(&buf));
    }
    haul_buf_done(&buf);
}
END_TEST

START_TEST(row_is_one_line)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_buf_add_str(&buf, "one\n::a,\"b\n::error::\r##[c\"\n");
    ck_assert(haul_ci_break_row(&buf, 4));
    ck_assert_str_eq(haul_buf_str(&buf), "one\n\\x3a:a,\"b\\x0a::error::\\x0d\\x23#[c\"\n");
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, "a\\travis_fold:##[\n");
    ck_assert(haul_ci_break_row(&buf, 0));
    ck_assert(!haul_ci_break_row(&buf, 0));
    ck_assert_str_eq(haul_buf_str(&buf), "a\\t\\x72avis_fold:\\x23#[\n");
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, "{\"a\":\"##vso[x travis_fold:\"}");
    haul_ci_break_text(&buf, 0, "\\u0023");
    ck_assert_str_eq(haul_buf_str(&buf), "{\"a\":\"\\u0023#vso[x travis_fold:\"}");
    haul_buf_done(&buf);
}
END_TEST

/* A row as long as they may be is not moved for each byte that is changed. */
START_TEST(many_openers_take_no_time)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    for (int i = 0; i < 1000 * 1000; i++)
        haul_buf_add_str(&buf, "\n##[");
    haul_buf_add_char(&buf, '\n');
    (void)haul_ci_break_row(&buf, 0);
    ck_assert_uint_eq(buf.len, 1000 * 1000 * strlen("\\x0a\\x23#[") + 1);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(full_buffer_keeps_its_error)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 5);
    ck_assert_uint_eq(haul_ci_break_line(&buf, 0), 0); /* nothing at all */
    haul_buf_add_str(&buf, "::a");
    ck_assert_uint_eq(haul_ci_break_line(&buf, 0), 0);
    ck_assert_int_eq(buf.err, HAUL_ERR_LIMIT);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(what_is_no_file_may_be_a_log_where_ci_is)
{
    int ends[2];
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(pipe(ends), 0);
    (void)clearenv();
    ck_assert(!haul_ci_may_be_log(ends[1]) && !haul_ci_is_log(ends[1]));
    (void)setenv("CI", "false", 1);
    ck_assert(!haul_ci_may_be_log(ends[1]) && !haul_ci_is_log(ends[1]));
    (void)setenv("TF_BUILD", "True", 1);
    ck_assert(haul_ci_may_be_log(ends[1]));
    ck_assert(!haul_ci_may_be_log(fileno(file)) && !haul_ci_is_log(fileno(file)));
    (void)fclose(file);
    (void)close(ends[0]);
    (void)close(ends[1]);
}
END_TEST

/* What a child of this process sees when its standard output is `output`. */
static bool is_log_of_child(int output, int error)
{
    pid_t child = fork();
    int status;

    ck_assert_int_ge(child, 0);
    if (!child)
        _exit(dup2(output, STDOUT_FILENO) == STDOUT_FILENO &&
                      dup2(error, STDERR_FILENO) == STDERR_FILENO
                  ? haul_ci_is_log(STDOUT_FILENO)
                  : 2);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    return WEXITSTATUS(status);
}

/* Another program's pipe is none; what this process has as its own stream, or a terminal, is. */
START_TEST(log_is_what_the_parent_has_too)
{
    int ends[2], other[2], terminal = posix_openpt(O_RDWR | O_NOCTTY), kept = dup(STDERR_FILENO);

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(pipe(other), 0);
    (void)setenv("CI", "true", 1);
    ck_assert(!is_log_of_child(ends[1], other[1]));
    ck_assert(is_log_of_child(ends[1], ends[1]));
    ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    ck_assert(is_log_of_child(ends[1], other[1]));
    ck_assert(!is_log_of_child(other[1], ends[1]));
    ck_assert_int_eq(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    if (terminal >= 0 && isatty(terminal))
        ck_assert(is_log_of_child(terminal, other[1]));
    (void)close(kept);
    (void)close(terminal);
    (void)close(other[0]);
    (void)close(other[1]);
    (void)close(ends[0]);
    (void)close(ends[1]);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("ci");
    TCase *all = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(all, opener_is_broken_wherever_it_stands, 0, COUNT(anywhere));
    tcase_add_test(all, cut_text_has_no_opener);
    tcase_add_loop_test(all, opener_in_front_is_broken, 0, COUNT(in_front));
    tcase_add_test(all, trimmed_line_is_no_command);
    tcase_add_test(all, row_is_one_line);
    tcase_add_test(all, many_openers_take_no_time);
    tcase_add_test(all, full_buffer_keeps_its_error);
    tcase_add_test(all, what_is_no_file_may_be_a_log_where_ci_is);
    tcase_add_test(all, log_is_what_the_parent_has_too);
    suite_add_tcase(suite, all);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
