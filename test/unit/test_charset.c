#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "base/charset.h"

static struct haul_buf text;

static enum haul_err take(struct haul_charset *charset)
{
    const char *part;
    size_t len;
    enum haul_err err;

    while ((err = haul_charset_next(charset, &part, &len)) == HAUL_OK) {
        ck_assert_uint_gt(len, 0);
        haul_buf_add(&text, part, len);
    }
    return err;
}

/* How the reading ends: HAUL_ERR_END is well. The text goes to `text`. */
static enum haul_err read_text(const char *bytes, size_t size, size_t piece)
{
    struct haul_charset charset;
    enum haul_err err = HAUL_ERR_END;
    const char *part;
    size_t len;

    haul_buf_clear(&text);
    haul_charset_init(&charset);
    for (size_t at = 0; at < size && err == HAUL_ERR_END; at += piece) {
        haul_charset_feed(&charset, bytes + at, size - at < piece ? size - at : piece);
        err = take(&charset);
    }
    while (err == HAUL_ERR_END && (err = haul_charset_end(&charset, &part, &len)) == HAUL_OK) {
        haul_buf_add(&text, part, len);
        err = HAUL_ERR_END;
    }
    haul_charset_done(&charset);
    return err;
}

#define BYTES(literal) literal, sizeof(literal) - 1
static const struct {
    const char *bytes;
    size_t len;
    const char *wanted;
    enum haul_err err;
} table[] = {
    {BYTES(""), "", HAUL_ERR_END},
    {BYTES("http://a/\n"), "http://a/\n", HAUL_ERR_END},
    {BYTES("\xef\xbb\xbfx"), "\xef\xbb\xbfx", HAUL_ERR_END},
    {BYTES("\xff"), "\xff", HAUL_ERR_END},
    {BYTES("\xfe"
           "a"),
     "\xfe"
     "a",
     HAUL_ERR_END},
    {BYTES("\xff\xff\xfe"), "\xff\xff\xfe", HAUL_ERR_END},
    {BYTES("\xff\xfe"), "", HAUL_ERR_END},
    {BYTES("\xff\xfe"
           "a\0\n\0"),
     "a\n", HAUL_ERR_END},
    {BYTES("\xfe\xff\0a\0\n"), "a\n", HAUL_ERR_END},
    {BYTES("\xff\xfe\xfc\0\xe5\x65\x3d\xd8\x00\xde"), "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x98\x80",
     HAUL_ERR_END},
    {BYTES("\xfe\xff\0\xfc\x65\xe5\xd8\x3d\xde\x00"), "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x98\x80",
     HAUL_ERR_END},
    {BYTES("\xff\xfe"
           "a\0\n"),
     "a", HAUL_ERR_SYNTAX}, /* half a unit */
    {BYTES("\xff\xfe"
           "a\0\x3d\xd8"),
     "a", HAUL_ERR_SYNTAX}, /* half a pair */
    {BYTES("\xff\xfe"
           "a\0\x00\xde"
           "b\0"),
     "a", HAUL_ERR_SYNTAX}, /* the other half */
    {BYTES("\xff\xfe"
           "a\0\x3d\xd8"
           "b\0"),
     "a", HAUL_ERR_SYNTAX},
    {BYTES("\xff\xfe"
           "a"),
     "", HAUL_ERR_SYNTAX},
    {BYTES("\xfe\xff\0\0\0a"), "", HAUL_ERR_END}, /* a NUL of UTF-16, and no UTF-32 */
    {BYTES("\xff\xfe\0a"), "\xe6\x84\x80", HAUL_ERR_END},
    {BYTES("a"), "a", HAUL_ERR_END},
    {BYTES("a\0"), "a", HAUL_ERR_END},
    {BYTES("ab\0c\0"), "ab", HAUL_ERR_END},
    {BYTES("\xe9\0\xe9\0"), "\xe9", HAUL_ERR_END},
    /* refused by name */
    {BYTES("\xff\xfe\0\0"), "", HAUL_ERR_SYNTAX},
    {BYTES("\xff\xfe\0\0a\0\0\0"), "", HAUL_ERR_SYNTAX},
    {BYTES("\0\0\xfe\xff\0\0\0a"), "", HAUL_ERR_SYNTAX},
    {BYTES("a\0\0\0b\0\0\0"), "", HAUL_ERR_SYNTAX},
    {BYTES("\0\0\0a\0\0\0b"), "", HAUL_ERR_SYNTAX},
    {BYTES("a\0b\0"), "", HAUL_ERR_SYNTAX},
    {BYTES("\0a\0b"), "", HAUL_ERR_SYNTAX},
};

START_TEST(text_of_the_table_comes_in_any_pieces)
{
    for (size_t piece = 1; piece <= table[_i].len + 1; piece++) {
        ck_assert_int_eq(read_text(table[_i].bytes, table[_i].len, piece), table[_i].err);
        ck_assert_str_eq(haul_buf_str(&text), table[_i].wanted);
    }
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    const char *problem;
} refused[] = {
    {BYTES("\xff\xfe\0\0h\0\0\0"), "the text is UTF-32, which is not read; save it as UTF-8"},
    {BYTES("\0\0\xfe\xff"), "the text is UTF-32, which is not read; save it as UTF-8"},
    {BYTES("\0\0\0h"), "the text is UTF-32, which is not read; save it as UTF-8"},
    {BYTES("h\0t\0t\0p\0"),
     "the text is UTF-16 without a byte order mark; save it as UTF-8, or with the mark"},
    {BYTES("\0\n\0h"),
     "the text is UTF-16 without a byte order mark; save it as UTF-8, or with the mark"},
    {BYTES("\xff\xfe\x00\xdc"), "the UTF-16 text is damaged, or ends within a character"},
    {BYTES("\xff\xfe\x00"), "the UTF-16 text is damaged, or ends within a character"},
};

START_TEST(what_is_not_read_is_named)
{
    struct haul_buf whole;
    const char *problem = NULL;

    haul_buf_init(&whole, 0);
    haul_buf_add(&whole, refused[_i].bytes, refused[_i].len);
    ck_assert_int_eq(haul_charset_decode(&whole, false, &problem), HAUL_ERR_SYNTAX);
    ck_assert_str_eq(problem, refused[_i].problem);
    ck_assert_uint_eq(whole.len, refused[_i].len);
    ck_assert_mem_eq(whole.data, refused[_i].bytes, refused[_i].len);
    haul_buf_done(&whole);
}
END_TEST

/* As in the table, but for a mark of UTF-8; and the end of a text that was cut is left out. */
START_TEST(text_in_memory_is_decoded_as_a_whole)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool was_cut;
        const char *wanted;
    } row[] = {{BYTES(""), false, ""},
               {BYTES("a\n"), false, "a\n"},
               {BYTES("\xef\xbb\xbfx"), false, "x"},
               {BYTES("\xef\xbb"), false, "\xef\xbb"},
               {BYTES("\xff\xfe"), false, ""},
               {BYTES("\xff\xfe\x61\0\xe5\x65"), false, "a\xe6\x97\xa5"},
               {BYTES("\xfe\xff\0\x61\x65\xe5"), false, "a\xe6\x97\xa5"},
               {BYTES("\xff\xfe\x61\0\x3d\xd8"), true, "a"},
               {BYTES("\xff\xfe\x61\0\x3d"), true, "a"},
               {BYTES("\xff\xfe\x61"), true, ""}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *problem;
        struct haul_buf whole;

        haul_buf_init(&whole, 6);
        haul_buf_add(&whole, row[i].bytes, row[i].len);
        ck_assert_int_eq(haul_charset_decode(&whole, row[i].was_cut, &problem), HAUL_OK);
        ck_assert_str_eq(haul_buf_str(&whole), row[i].wanted);
        ck_assert_uint_eq(whole.max, 6);
        haul_buf_done(&whole);
    }
}
END_TEST

/* What is longer as UTF-8 than the buffer may be. */
START_TEST(text_that_grows_over_the_maximum_is_refused)
{
    const char *problem;
    struct haul_buf whole;

    haul_buf_init(&whole, 6);
    haul_buf_add(&whole, "\xff\xfe\xe5\x65\xe5\x65", 6);
    ck_assert_int_eq(haul_charset_decode(&whole, false, &problem), HAUL_OK);
    haul_buf_clear(&whole);
    haul_buf_done(&whole);
    haul_buf_init(&whole, 8);
    haul_buf_add(&whole, "\xff\xfe\xe5\x65\xe5\x65\xe5\x65", 8);
    ck_assert_int_eq(haul_charset_decode(&whole, false, &problem), HAUL_ERR_LIMIT);
    haul_buf_done(&whole);
}
END_TEST

/* Longer than any buffer, with characters that lie across its end. */
START_TEST(long_text_comes_whole)
{
    struct haul_buf bytes, wanted;

    haul_buf_init(&bytes, 0);
    haul_buf_init(&wanted, 0);
    haul_buf_add(&bytes, "\xff\xfe\n\0", 4);
    haul_buf_add_str(&wanted, "\n");
    for (int i = 0; i < 20000; i++) {
        haul_buf_add(&bytes, "\x3d\xd8\x00\xde", 4);
        haul_buf_add_str(&wanted, "\xf0\x9f\x98\x80");
    }
    ck_assert_int_eq(read_text(bytes.data, bytes.len, 65536), HAUL_ERR_END);
    ck_assert_str_eq(haul_buf_str(&text), wanted.data);
    ck_assert_int_eq(read_text(bytes.data, bytes.len, 4097), HAUL_ERR_END);
    ck_assert_str_eq(haul_buf_str(&text), wanted.data);
    haul_buf_done(&bytes);
    haul_buf_done(&wanted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("charset");
    TCase *tcase = tcase_create("charset");
    SRunner *runner = srunner_create(suite);
    int failures;

    haul_buf_init(&text, 0);
    tcase_add_loop_test(tcase, text_of_the_table_comes_in_any_pieces, 0,
                        sizeof table / sizeof *table);
    tcase_add_test(tcase, long_text_comes_whole);
    tcase_add_loop_test(tcase, what_is_not_read_is_named, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, text_in_memory_is_decoded_as_a_whole);
    tcase_add_test(tcase, text_that_grows_over_the_maximum_is_refused);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    haul_buf_done(&text);
    return failures != 0;
}
