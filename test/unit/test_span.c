#include <check.h>

#include "base/ascii.h"
#include "base/span.h"

static struct haul_span trimmed(const char *text)
{
    return haul_span_trim(haul_span_of(text));
}

START_TEST(trim_takes_spaces_and_tabs_away)
{
    ck_assert(haul_span_is(trimmed(" \t a b\t "), "a b"));
    ck_assert(haul_span_is(trimmed("ab"), "ab"));
    ck_assert(haul_span_is(trimmed(" \t"), ""));
    ck_assert(haul_span_is(trimmed("\r"), "\r"));
    ck_assert_ptr_null(trimmed(NULL).at);
}
END_TEST

START_TEST(skip_takes_a_word_off_the_begin_only)
{
    struct haul_span text = haul_span_of("path:x");

    ck_assert(!haul_span_skip(&text, "host:"));
    ck_assert(!haul_span_skip(&text, "path:xy"));
    ck_assert(haul_span_is(text, "path:x"));
    ck_assert(haul_span_skip(&text, "path:"));
    ck_assert(haul_span_is(text, "x"));
    ck_assert(haul_span_is(haul_span_take(&text, 1), "x"));
    ck_assert_uint_eq(text.len, 0);
}
END_TEST

START_TEST(text_is_taken_before_its_first_mark)
{
    struct haul_span text = haul_span_of("a=b="), before;

    ck_assert(!haul_span_take_before(&text, ':', &before));
    ck_assert(haul_span_take_before(&text, '=', &before));
    ck_assert(haul_span_is(before, "a"));
    ck_assert(haul_span_take_before(&text, '=', &before));
    ck_assert(haul_span_is(before, "b"));
    ck_assert(!haul_span_take_before(&text, '=', &before));
    ck_assert(haul_span_is(text, ""));
}
END_TEST

START_TEST(word_is_the_whole_text)
{
    ck_assert(haul_span_is(haul_span_of("gzip"), "gzip"));
    ck_assert(!haul_span_is(haul_span_of("gzip"), "gzi"));
    ck_assert(!haul_span_is(haul_span_of("gzi"), "gzip"));
    ck_assert(!haul_span_is(haul_span_of("GZIP"), "gzip"));
    ck_assert(haul_span_is_word(haul_span_of("gZip"), "GziP"));
    ck_assert(!haul_span_is_word(haul_span_of("gzip"), "gzipx"));
    ck_assert(!haul_span_is_word(haul_span_of("gzipx"), "gzip"));
    ck_assert(!haul_span_is_word((struct haul_span){"a\0b", 3}, "a"));
    ck_assert(haul_span_is((struct haul_span){NULL, 0}, ""));
    ck_assert(haul_span_is_word((struct haul_span){NULL, 0}, ""));
}
END_TEST

/* Every byte. */
START_TEST(classes_are_those_of_ascii)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";

    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        bool is_lower = c >= 'a' && c <= 'z', is_upper = c >= 'A' && c <= 'Z';

        ck_assert_int_eq(haul_ascii_is_blank(byte), c == ' ' || c == '\t');
        ck_assert_int_eq(haul_ascii_is_digit(byte), c >= 48 && c <= 57);
        ck_assert_int_eq(haul_ascii_is_alpha(byte), is_lower || is_upper);
        ck_assert_int_eq(haul_ascii_is_alnum(byte), is_lower || is_upper || (c >= 48 && c <= 57));
        ck_assert_int_eq(haul_ascii_is_control(byte), c < 32 || c == 127);
        ck_assert_int_eq(haul_ascii_lower(byte), is_upper ? (char)(c + 32) : byte);
    }
    for (int i = 0; i < 32; i++)
        ck_assert_int_eq(haul_ascii_hex_value(digits[i]), i % 16);
    ck_assert_int_eq(haul_ascii_hex_value('g'), -1);
    ck_assert_int_eq(haul_ascii_hex_value('G'), -1);
    ck_assert_int_eq(haul_ascii_hex_value('\0'), -1);
    ck_assert_int_eq(haul_ascii_hex_value('@'), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("span");
    TCase *tests = tcase_create("span");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tests, trim_takes_spaces_and_tabs_away);
    tcase_add_test(tests, skip_takes_a_word_off_the_begin_only);
    tcase_add_test(tests, text_is_taken_before_its_first_mark);
    tcase_add_test(tests, word_is_the_whole_text);
    tcase_add_test(tests, classes_are_those_of_ascii);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
