#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "input/gunzip.h"

static struct haul_buf packed, text;

static void pack(const void *bytes, size_t len)
{
    z_stream stream = {.avail_in = (uInt)len};
    unsigned char out[4096];
    int code;

    memcpy(&stream.next_in, &bytes, sizeof bytes);
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    do {
        stream.next_out = out;
        stream.avail_out = sizeof out;
        code = deflate(&stream, Z_FINISH);
        haul_buf_add(&packed, out, sizeof out - stream.avail_out);
    } while (code == Z_OK);
    ck_assert_int_eq(code, Z_STREAM_END);
    deflateEnd(&stream);
}

/* How the reading of `packed` ends: HAUL_ERR_END is well. Its text goes to `text`. */
static enum haul_err unpack(size_t piece, bool *whole)
{
    struct haul_gunzip *gunzip = haul_gunzip_create();
    enum haul_err err = HAUL_ERR_END;
    const char *part;
    size_t len;

    haul_buf_clear(&text);
    for (size_t at = 0; at < packed.len && err == HAUL_ERR_END; at += piece) {
        haul_gunzip_feed(gunzip, packed.data + at,
                         packed.len - at < piece ? packed.len - at : piece);
        while ((err = haul_gunzip_next(gunzip, &part, &len)) == HAUL_OK) {
            ck_assert_uint_gt(len, 0);
            if (text.len < 1 << 20)
                haul_buf_add(&text, part, len);
        }
    }
    *whole = haul_gunzip_is_whole(gunzip);
    haul_gunzip_free(gunzip);
    return err;
}

static void begin(void)
{
    haul_buf_init(&packed, 0);
    haul_buf_init(&text, 0);
}

static void end(void)
{
    haul_buf_done(&packed);
    haul_buf_done(&text);
}

START_TEST(text_of_two_members_comes_whole_in_any_pieces)
{
    bool whole;

    pack("one\n", 4);
    pack("two\n", 4);
    haul_buf_pad(&packed, '\0', 5);
    for (size_t piece = 1; piece <= packed.len; piece++) {
        ck_assert_int_eq(unpack(piece, &whole), HAUL_ERR_END);
        ck_assert_str_eq(haul_buf_str(&text), "one\ntwo\n");
        ck_assert(whole);
    }
}
END_TEST

START_TEST(text_cut_anywhere_is_not_whole)
{
    bool whole;
    size_t len;

    pack("a list that is not whole\n", 25);
    for (len = packed.len - 1; len; len--) {
        packed.len = len;
        ck_assert_int_eq(unpack(7, &whole), HAUL_ERR_END);
        ck_assert(!whole);
    }
}
END_TEST

START_TEST(damaged_text_is_an_error)
{
    bool whole;

    pack("a list that is damaged at its end\n", 34);
    packed.data[packed.len - 6] ^= 1; /* of the checksum */
    ck_assert_int_eq(unpack(packed.len, &whole), HAUL_ERR_SYNTAX);
}
END_TEST

START_TEST(foreign_bytes_behind_the_end_are_an_error)
{
    bool whole;

    pack("x\n", 2);
    haul_buf_add_str(&packed, "http://a/\n");
    ck_assert_int_eq(unpack(packed.len, &whole), HAUL_ERR_SYNTAX);
}
END_TEST

START_TEST(bomb_is_given_up_at_its_ratio)
{
    size_t len = (size_t)HAUL_GUNZIP_RATIO_FROM * 2;
    char *zeros = calloc(1, len);
    bool whole;

    pack(zeros, len / 4);
    ck_assert_int_eq(unpack(65536, &whole), HAUL_ERR_END); /* not long enough to be one */
    haul_buf_clear(&packed);
    pack(zeros, len);
    ck_assert_int_eq(unpack(65536, &whole), HAUL_ERR_LIMIT);
    free(zeros);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gunzip");
    TCase *tcase = tcase_create("gunzip");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, text_of_two_members_comes_whole_in_any_pieces);
    tcase_add_test(tcase, text_cut_anywhere_is_not_whole);
    tcase_add_test(tcase, damaged_text_is_an_error);
    tcase_add_test(tcase, foreign_bytes_behind_the_end_are_an_error);
    tcase_add_test(tcase, bomb_is_given_up_at_its_ratio);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
