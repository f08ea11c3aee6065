#include <check.h>
#include <stdio.h>
#include <string.h>

#include "model/target.h"

static const struct target_case {
    const char *text;
    const char *cause; /* a part of it; NULL: it is one */
    const char *file;
} cases[] = {
    {"text:a", NULL, "a"},
    {"csv:-", NULL, "-"},
    {"tsv:dir/a:b.tsv", NULL, "dir/a:b.tsv"},
    {"jsonl:/tmp/x", NULL, "/tmp/x"},
    {"json:x", NULL, "x"},
    {"html:x", NULL, "x"},
    {"markdown:x", NULL, "x"},
    {"prometheus:x", NULL, "x"},
    {"junit:x", NULL, "x"},
    {"github:x", NULL, "x"},
    {"", "must be FORMAT:FILE", NULL},
    {"csv", "must be FORMAT:FILE", NULL},
    {"csv:", "the file's name is missing", NULL},
    {":a", "the formats are", NULL},
    {"CSV:a", "the formats are", NULL},
    {"cs:a", "the formats are", NULL},
    {"csvx:a", "the formats are", NULL},
};

START_TEST(report_has_a_format_and_a_file)
{
    const struct target_case *wanted = &cases[_i];
    struct haul_report_target target;
    const char *cause = haul_report_target_read(wanted->text, &target);

    ck_assert_msg(!cause == !wanted->cause && (!cause || strstr(cause, wanted->cause)), "%s: %s",
                  wanted->text, cause ? cause : "fine");
    if (!cause)
        ck_assert_str_eq(target.file, wanted->file);
}
END_TEST

START_TEST(every_format_has_its_word_and_four_have_rows)
{
    struct haul_report_target target;
    enum haul_format format = (enum haul_format)_i;
    char text[32];

    snprintf(text, sizeof text, "%s:a", haul_report_format_words[_i]);
    ck_assert_ptr_null(haul_report_target_read(text, &target));
    ck_assert_int_eq(target.format, format);
    ck_assert((format < HAUL_FORMAT_ROWS) ==
              (format == HAUL_FORMAT_TEXT || format == HAUL_FORMAT_CSV ||
               format == HAUL_FORMAT_TSV || format == HAUL_FORMAT_JSONL));
    ck_assert_ptr_null(haul_report_format_words[HAUL_FORMAT_COUNT]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("target");
    TCase *read = tcase_create("read");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(read, report_has_a_format_and_a_file, 0,
                        (int)(sizeof cases / sizeof *cases));
    tcase_add_loop_test(read, every_format_has_its_word_and_four_have_rows, 0, HAUL_FORMAT_COUNT);
    suite_add_tcase(suite, read);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
