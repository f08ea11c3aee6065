#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "input/lines.h"

/* Feeds `text` in pieces of `piece` bytes and writes down each entry as "line reason [text]". */
static void split(const char *text, size_t len, size_t piece, struct haul_buf *to)
{
    struct haul_lines lines;
    struct haul_list_entry entry;
    bool finished = false;

    haul_lines_init(&lines);
    for (size_t at = 0; !finished;) {
        size_t n = len - at < piece ? len - at : piece;
        enum haul_err err;

        if (n)
            haul_feed_add(&lines.feed, text + at, n);
        else
            haul_feed_finish(&lines.feed);
        finished = n == 0;
        at += n;
        while ((err = haul_lines_next(&lines, &entry)) == HAUL_OK) {
            haul_buf_addf(to, "%llu %d [", (unsigned long long)entry.line, (int)entry.reason);
            haul_buf_add(to, entry.text, entry.len);
            haul_buf_add_str(to, "]");
            ck_assert_ptr_null(entry.source);
        }
        ck_assert_int_eq(err, HAUL_ERR_END);
        ck_assert_int_eq(haul_lines_next(&lines, &entry), HAUL_ERR_END);
    }
    haul_lines_done(&lines);
}

#define CC "27" /* HAUL_REASON_CONTROL_CHARACTER, see reasons_have_expected_numbers */

static const struct {
    const char *text, *entries;
} plain[] = {
    {"", ""},
    {"\n", ""},
    {"\n\n \t\n\r\n", ""},
    {"a", "1 0 [a]"},
    {"a\n", "1 0 [a]"},
    {"a\nb", "1 0 [a]2 0 [b]"},
    {"a\r\nb\r\n", "1 0 [a]2 0 [b]"},
    {"a\n\n\nb\n", "1 0 [a]4 0 [b]"},
    {"# a\nb\n  #c\n#\n", "2 0 [b]"},
    {"b#c\n", "1 0 [b#c]"},
    {"  a \t\n\tb  \r\n", "1 0 [a]2 0 [b]"},
    {"a b\n", "1 0 [a b]"},
    {"\xef\xbb\xbf"
     "a\nb\n",
     "1 0 [a]2 0 [b]"},
    {"\xef\xbb\xbf", ""},
    {"\xef\xbb\xbf\n", ""},
    {"\xef\xbb\xbf# a\nb", "2 0 [b]"},
    {"a\n\xef\xbb\xbf"
     "b",
     "1 0 [a]2 0 [b]"},
    {"a\n\xc2\xa0\xef\xbb\xbf# c\n\xe2\x80\x8b\n b\xc2\xa0 \r\n", "1 0 [a]4 0 [b]"},
    {"\xc2\xa0\001\n", "1 " CC " [\001]"},
    {"\xef\xbb", "1 0 [\xef\xbb]"},
    {"-o\n--help\n", "1 0 [-o]2 0 [--help]"},
    {"a\tb\n", "1 " CC " [a\tb]"},
    {"a\rb\n", "1 " CC " [a\rb]"},
    {"\ra\n", "1 " CC " [\ra]"},
    {"a\033[31m\n", "1 " CC " [a\033[31m]"},
    {"a\177\n", "1 " CC " [a\177]"},
    {"a\001\nb", "1 " CC " [a\001]2 0 [b]"},
    {"12345678\0371234567\n", "1 " CC " [12345678\0371234567]"},
    {"1234567\0378\n", "1 " CC " [1234567\0378]"},
    {"# \001\n", ""},
    {"\xc3\xa4\xff\x80\xa0 ~\n", "1 0 [\xc3\xa4\xff\x80\xa0 ~]"},
    {"\x80\x81\x9f\xa0\xff\xfe\xdf\xc0\n", "1 0 [\x80\x81\x9f\xa0\xff\xfe\xdf\xc0]"},
};

START_TEST(reasons_have_expected_numbers)
{
    ck_assert_int_eq(HAUL_REASON_CONTROL_CHARACTER, atoi(CC));
}
END_TEST

START_TEST(list_in_pieces_of_any_size_gives_same_entries)
{
    const char *text = plain[_i].text;

    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        struct haul_buf got;

        haul_buf_init(&got, 0);
        split(text, strlen(text), piece, &got);
        ck_assert_str_eq(haul_buf_str(&got), plain[_i].entries);
        haul_buf_done(&got);
    }
}
END_TEST

START_TEST(every_control_byte_is_found_at_every_place)
{
    for (int byte = 0; byte < 256; byte++) {
        bool control = byte < 0x20 || byte == 0x7f;

        for (size_t at = 1; at < 18; at++) {
            char line[20] = "aaaaaaaaaaaaaaaaaaa";
            struct haul_list_entry entry;

            if (byte == '#')
                continue;
            line[at] = (char)byte;
            ck_assert(haul_lines_classify(line, 19, &entry));
            ck_assert_int_eq(entry.reason,
                             control ? HAUL_REASON_CONTROL_CHARACTER : HAUL_REASON_NONE);
            ck_assert_uint_eq(entry.len, 19);
        }
    }
}
END_TEST

/* A first line of `before`, `len` times 'a' and `after`; then the line "b". */
static void assert_long_line(const char *before, size_t len, const char *after, bool too_long)
{
    static const size_t pieces[] = {997, 4096, 65536, 65541, 1000000};
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, before);
    haul_buf_pad(&text, 'a', len);
    haul_buf_add_str(&text, after);
    haul_buf_add_str(&text, "\nb\n");
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct haul_buf got;
        size_t expected = too_long ? HAUL_LINE_EXCERPT_MAX : len;

        haul_buf_init(&got, 0);
        split(text.data, text.len, pieces[i], &got);
        ck_assert_uint_eq(got.len, strlen("1 0 []2 0 [b]") + too_long + expected);
        ck_assert_int_eq(strncmp(got.data, too_long ? "1 28 [a" : "1 0 [a", too_long ? 7 : 6), 0);
        ck_assert_str_eq(got.data + got.len - 8, "]2 0 [b]");
        haul_buf_done(&got);
    }
    haul_buf_done(&text);
}

START_TEST(line_of_longest_length_is_whole)
{
    assert_long_line("", HAUL_LINE_MAX, "", false);
    assert_long_line("", HAUL_LINE_MAX, "\r", false);
    assert_long_line("\xef\xbb\xbf", HAUL_LINE_MAX, "\r", false);
    assert_long_line(" ", HAUL_LINE_MAX - 1, "", false);
}
END_TEST

START_TEST(line_over_longest_length_is_cut_and_next_is_whole)
{
    ck_assert_int_eq(HAUL_REASON_LINE_TOO_LONG, 28);
    assert_long_line("", HAUL_LINE_MAX + 1, "", true);
    assert_long_line("", HAUL_LINE_MAX, " ", true);
    assert_long_line("", HAUL_LINE_MAX, "\r\r", true);
    assert_long_line("", HAUL_LINE_MAX + 1, "\r", true);
    assert_long_line("\xef\xbb\xbf", HAUL_LINE_MAX + 1, "", true);
    assert_long_line("\xef\xbb\xbf", HAUL_LINE_MAX + 1, "\r", true);
    assert_long_line(" \t", HAUL_LINE_MAX, "", true);
    assert_long_line("", 1000000, "", true);
}
END_TEST

START_TEST(long_comment_is_no_entry)
{
    struct haul_buf text, got;

    haul_buf_init(&text, 0);
    haul_buf_init(&got, 0);
    haul_buf_add_str(&text, "  #");
    haul_buf_pad(&text, 'a', 200000);
    haul_buf_add_str(&text, "\nb");
    split(text.data, text.len, 4096, &got);
    ck_assert_str_eq(got.data, "2 0 [b]");
    haul_buf_done(&got);
    haul_buf_done(&text);
}
END_TEST

START_TEST(endless_line_holds_bounded_memory)
{
    static char piece[65536];
    struct haul_lines lines;
    struct haul_list_entry entry;

    memset(piece, 'a', sizeof piece);
    haul_lines_init(&lines);
    for (int i = 0; i < 1000; i++) {
        haul_feed_add(&lines.feed, piece, sizeof piece);
        ck_assert_int_eq(haul_lines_next(&lines, &entry), HAUL_ERR_END);
        ck_assert_uint_le(lines.held.cap, 4 * HAUL_LINE_MAX);
    }
    haul_lines_done(&lines);
}
END_TEST

START_TEST(nul_inside_line_is_control_character)
{
    struct haul_buf got;

    haul_buf_init(&got, 0);
    split("a\0b\nc", 5, 2, &got);
    ck_assert_uint_eq(got.len, 17);
    ck_assert_mem_eq(got.data, "1 " CC " [a\0b]2 0 [c]", 17);
    haul_buf_done(&got);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("lines");
    TCase *tcase = tcase_create("lines");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, reasons_have_expected_numbers);
    tcase_add_loop_test(tcase, list_in_pieces_of_any_size_gives_same_entries, 0, COUNT(plain));
    tcase_add_test(tcase, every_control_byte_is_found_at_every_place);
    tcase_add_test(tcase, line_of_longest_length_is_whole);
    tcase_add_test(tcase, line_over_longest_length_is_cut_and_next_is_whole);
    tcase_add_test(tcase, long_comment_is_no_entry);
    tcase_add_test(tcase, endless_line_holds_bounded_memory);
    tcase_add_test(tcase, nul_inside_line_is_control_character);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
