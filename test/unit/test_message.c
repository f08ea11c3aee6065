#include <check.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "fail_alloc.h"

static const struct haul_terminal ascii = {.utf8 = false};

START_TEST(line_is_escaped)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_message_add(&buf, &ascii, "a\033[1m", 5);
    ck_assert_ptr_null(strchr(haul_buf_str(&buf), '\033'));
    ck_assert_int_eq(strncmp(haul_buf_str(&buf), "haul: a", 7), 0);
    ck_assert_int_eq(buf.data[buf.len - 1], '\n');
    haul_buf_done(&buf);
}
END_TEST

START_TEST(line_is_cut_at_500_columns)
{
    char text[1000];
    struct haul_buf whole, cut;

    memset(text, 'x', sizeof text);
    haul_buf_init(&whole, 0);
    haul_buf_init(&cut, 0);
    haul_message_add(&whole, &ascii, text, 500);
    ck_assert_uint_eq(whole.len, 6 + 500 + 1);
    haul_message_add(&cut, &ascii, text, 501);
    ck_assert_uint_eq(cut.len, 6 + 500 + 1);
    ck_assert_str_ne(haul_buf_str(&whole), haul_buf_str(&cut));
    haul_buf_done(&whole);
    haul_buf_done(&cut);
}
END_TEST

START_TEST(each_line_of_a_message_is_one)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    for (int i = 0; i < 3; i++) {
        haul_message_next(&buf);
        haul_message_next(&buf);
        haul_buf_addf(&buf, "%d", i);
    }
    ck_assert_str_eq(haul_buf_str(&buf), "0\n1\n2");
    haul_buf_done(&buf);
}
END_TEST

static const struct {
    const char *text, *said;
} lines[] = {
    {"", ""},
    {"one", "haul: one\n"},
    {"one\n", "haul: one\n"},
    {"one\n\nthree", "haul: one\nhaul: \nhaul: three\n"},
};
enum { LINES = sizeof lines / sizeof *lines };

/* What is said of that text; the `failing`th allocation fails, if that is not 0. */
static const char *hear(const char *text, long failing)
{
    static char said[200];
    int end[2], before = dup(STDERR_FILENO);
    ssize_t len;

    ck_assert_int_eq(pipe(end), 0);
    ck_assert_int_ge(dup2(end[1], STDERR_FILENO), 0);
    fail_alloc_arm(failing);
    haul_message_say_lines(&ascii, text);
    (void)fail_alloc_disarm();
    ck_assert_int_ge(dup2(before, STDERR_FILENO), 0);
    close(end[1]);
    len = read(end[0], said, sizeof said - 1);
    ck_assert_int_ge(len, 0);
    said[len] = '\0';
    close(end[0]);
    close(before);
    return said;
}

START_TEST(each_line_is_said)
{
    ck_assert_str_eq(hear(lines[_i].text, 0), lines[_i].said);
}
END_TEST

/* Silence would say that nothing happened. */
START_TEST(line_without_memory_is_not_silent)
{
    ck_assert_str_eq(hear("one\ntwo", 1),
                     "haul: out of memory: what was to be said here is lost\nhaul: two\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message");
    TCase *tests = tcase_create("message");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tests, line_is_escaped);
    tcase_add_test(tests, line_is_cut_at_500_columns);
    tcase_add_test(tests, each_line_of_a_message_is_one);
    tcase_add_loop_test(tests, each_line_is_said, 0, LINES);
    tcase_add_test(tests, line_without_memory_is_not_silent);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
