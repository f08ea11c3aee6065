#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "input/charset.h"

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
};

START_TEST(text_of_the_table_comes_in_any_pieces)
{
    for (size_t piece = 1; piece <= table[_i].len + 1; piece++) {
        ck_assert_int_eq(read_text(table[_i].bytes, table[_i].len, piece), table[_i].err);
        ck_assert_str_eq(haul_buf_str(&text), table[_i].wanted);
    }
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
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    haul_buf_done(&text);
    return failures != 0;
}
