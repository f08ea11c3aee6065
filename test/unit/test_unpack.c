#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "input/unpack.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_buf got;
static const char *cause;

static void set_up(void)
{
    haul_buf_init(&got, 0);
}

static void tear_down(void)
{
    haul_buf_done(&got);
}

/* One gzip member of `text`. */
static void pack(struct haul_buf *to, const char *text, size_t len)
{
    z_stream stream = {.next_in = Z_NULL};
    size_t size = 1000 + 2 * len;
    char *at = haul_buf_reserve(to, size);

    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)len;
    stream.next_out = (unsigned char *)at;
    stream.avail_out = (uInt)size;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    haul_buf_grew(to, size - stream.avail_out);
    deflateEnd(&stream);
}

static enum haul_err take_all(struct haul_unpack *unpack)
{
    const char *bytes;
    size_t len;
    enum haul_err err;

    while ((err = haul_unpack_next(unpack, &bytes, &len)) == HAUL_OK) {
        ck_assert_uint_ge(len, 1);
        haul_buf_add(&got, bytes, len);
    }
    return err;
}

static enum haul_err unpack_pieces(const char *bytes, size_t len, size_t piece)
{
    struct haul_unpack *unpack;
    enum haul_err err = HAUL_ERR_END;

    haul_buf_clear(&got);
    ck_assert_int_eq(haul_unpack_create(&unpack), HAUL_OK);
    for (size_t at = 0; at < len && err == HAUL_ERR_END; at += piece) {
        haul_unpack_feed(unpack, bytes + at, len - at < piece ? len - at : piece);
        err = take_all(unpack);
    }
    if (err == HAUL_ERR_END) {
        haul_unpack_finish(unpack);
        err = take_all(unpack);
    }
    cause = haul_unpack_message(unpack);
    haul_unpack_free(unpack);
    return err;
}

static const char *const plains[] = {"", "x", "\x1f", "\x1fx", "\x1f\x1f\x8b", "plain text"};

START_TEST(plain_stream_passes_as_it_is)
{
    size_t len = strlen(plains[_i]);

    for (size_t piece = 1; piece <= len + 1; piece++) {
        ck_assert_int_eq(unpack_pieces(plains[_i], len, piece), HAUL_ERR_END);
        ck_assert_uint_eq(got.len, len);
        ck_assert_str_eq(haul_buf_str(&got), plains[_i]);
    }
}
END_TEST

START_TEST(members_and_padding_are_unpacked_in_any_pieces)
{
    struct haul_buf packed;

    haul_buf_init(&packed, 0);
    pack(&packed, "one ", 4);
    pack(&packed, "", 0);
    haul_buf_pad(&packed, '\0', 3);
    pack(&packed, "two", 3);
    haul_buf_pad(&packed, '\0', 5);
    for (size_t piece = 1; piece <= packed.len; piece++) {
        ck_assert_int_eq(unpack_pieces(packed.data, packed.len, piece), HAUL_ERR_END);
        ck_assert_str_eq(haul_buf_str(&got), "one two");
    }
    haul_buf_done(&packed);
}
END_TEST

START_TEST(stream_cut_anywhere_is_told)
{
    struct haul_buf packed;

    haul_buf_init(&packed, 0);
    pack(&packed, "something", 9);
    for (size_t len = 2; len < packed.len; len++) {
        ck_assert_int_eq(unpack_pieces(packed.data, len, 7), HAUL_ERR_SYNTAX);
        ck_assert_str_eq(cause, "the gzip data end too early");
    }
    haul_buf_done(&packed);
}
END_TEST

START_TEST(damage_is_told)
{
    struct haul_buf packed;

    haul_buf_init(&packed, 0);
    pack(&packed, "something", 9);
    packed.data[packed.len - 6] ^= 1; /* of the checksum */
    ck_assert_int_eq(unpack_pieces(packed.data, packed.len, 1), HAUL_ERR_SYNTAX);
    ck_assert_str_eq(cause, "damaged gzip");
    packed.data[packed.len - 6] ^= 1;
    haul_buf_add_str(&packed, "junk");
    ck_assert_int_eq(unpack_pieces(packed.data, packed.len, 1), HAUL_ERR_SYNTAX);
    ck_assert_str_eq(cause, "something else follows the end of the gzip data");
    haul_buf_done(&packed);
}
END_TEST

START_TEST(bomb_comes_in_pieces)
{
    enum { SIZE = 8 << 20 };
    char *zeros = calloc(1, SIZE);
    struct haul_buf packed;
    struct haul_unpack *unpack;
    const char *bytes;
    size_t len;

    ck_assert_ptr_nonnull(zeros);
    haul_buf_init(&packed, 0);
    pack(&packed, zeros, SIZE);
    ck_assert_uint_lt(packed.len, SIZE / 500);
    ck_assert_int_eq(haul_unpack_create(&unpack), HAUL_OK);
    haul_unpack_feed(unpack, packed.data, packed.len);
    ck_assert_int_eq(haul_unpack_next(unpack, &bytes, &len), HAUL_OK);
    ck_assert_uint_le(len, HAUL_UNPACK_PIECE);
    haul_unpack_free(unpack);
    ck_assert_int_eq(unpack_pieces(packed.data, packed.len, 1000), HAUL_ERR_END);
    ck_assert_uint_eq(got.len, SIZE);
    haul_buf_done(&packed);
    free(zeros);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unpack");
    TCase *tcase = tcase_create("unpack");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, plain_stream_passes_as_it_is, 0, COUNT(plains));
    tcase_add_test(tcase, members_and_padding_are_unpacked_in_any_pieces);
    tcase_add_test(tcase, stream_cut_anywhere_is_told);
    tcase_add_test(tcase, damage_is_told);
    tcase_add_test(tcase, bomb_comes_in_pieces);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
