#include <check.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "input/unpack.h"

static struct haul_buf packed, text;
static bool is_followed;

static void pack_gzip(const void *bytes, size_t len)
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

static void pack_zstd_with(const void *bytes, size_t len, int level, int window_log)
{
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(len), made;

    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    if (window_log) {
        ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, window_log);
        ZSTD_CCtx_setParameter(zstd, ZSTD_c_contentSizeFlag, 0);
    }
    made = ZSTD_compress2(zstd, haul_buf_reserve(&packed, room), room, bytes, len);
    ck_assert(!ZSTD_isError(made));
    haul_buf_grew(&packed, made);
    ZSTD_freeCCtx(zstd);
}

static void pack_zstd(const void *bytes, size_t len)
{
    pack_zstd_with(bytes, len, 3, 0);
}

static void pack_xz(const void *bytes, size_t len)
{
    size_t room = lzma_stream_buffer_bound(len), made = 0;
    void *to = haul_buf_reserve(&packed, room);

    ck_assert_int_eq(
        lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, bytes, len, to, &made, room), LZMA_OK);
    haul_buf_grew(&packed, made);
}

static const struct {
    const char *name;
    void (*pack)(const void *bytes, size_t len);
    size_t bomb; /* bytes of zeros that are one */
} codings[] = {
    {"gzip", pack_gzip, (size_t)HAUL_UNPACK_RATIO_FROM * 2},
    {"zstd", pack_zstd, (size_t)HAUL_UNPACK_RATIO_FROM * 2},
    {"xz", pack_xz, (size_t)HAUL_UNPACK_RATIO_FROM * 2},
};

/* How the reading of `packed` ends: HAUL_ERR_END is well. Its text goes to `text`. */
static enum haul_err unpack(size_t piece, bool *whole)
{
    bool is_open;
    const struct haul_coding *coding = haul_unpack_detect(packed.data, packed.len, &is_open);
    struct haul_unpack *unpack;
    enum haul_err err = HAUL_ERR_END;
    const char *part;
    size_t len;

    *whole = false;
    if (!coding)
        return is_open ? HAUL_ERR_END : HAUL_ERR_SYNTAX;
    unpack = haul_unpack_create(coding);
    haul_buf_clear(&text);
    for (size_t at = 0; at < packed.len && err == HAUL_ERR_END; at += piece) {
        haul_unpack_feed(unpack, packed.data + at,
                         packed.len - at < piece ? packed.len - at : piece);
        while ((err = haul_unpack_next(unpack, &part, &len)) == HAUL_OK) {
            ck_assert_uint_gt(len, 0);
            if (text.len < 1 << 20)
                haul_buf_add(&text, part, len);
        }
    }
    *whole = haul_unpack_is_whole(unpack);
    is_followed = haul_unpack_is_followed(unpack);
    haul_unpack_free(unpack);
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

    codings[_i].pack("one\n", 4);
    codings[_i].pack("two\n", 4);
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

    codings[_i].pack("a list that is not whole\n", 25);
    for (len = packed.len - 1; len; len--) {
        packed.len = len;
        ck_assert_int_eq(unpack(7, &whole), HAUL_ERR_END);
        ck_assert(!whole && !is_followed);
    }
}
END_TEST

/* Of the checksum, counted from the end: of gzip's and zstd's last bytes, and of xz's index. */
static const size_t damage[] = {6, 2, 14};

START_TEST(damaged_text_is_an_error)
{
    bool whole;

    codings[_i].pack("a list that is damaged at its end\n", 34);
    packed.data[packed.len - damage[_i]] ^= 1;
    for (size_t piece = 1; piece <= packed.len; piece++) {
        ck_assert_int_eq(unpack(piece, &whole), HAUL_ERR_SYNTAX);
        ck_assert(!is_followed);
    }
}
END_TEST

/* It is too much that is there, not too little, and nothing is damaged. */
START_TEST(foreign_bytes_behind_the_end_are_an_error)
{
    static const char *const behind[] = {"http://a/\n", "x", "<!-- served in 2 ms -->"};
    bool whole;

    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        haul_buf_clear(&packed);
        codings[_i].pack("x\n", 2);
        haul_buf_add_str(&packed, behind[i]);
        for (size_t piece = 1; piece <= packed.len; piece++) {
            ck_assert_int_eq(unpack(piece, &whole), HAUL_ERR_SYNTAX);
            ck_assert(is_followed);
            ck_assert_str_eq(haul_buf_str(&text), "x\n");
        }
    }
}
END_TEST

/* Whole data, and the first byte of what might be more. */
START_TEST(beginning_of_a_member_alone_follows_the_end)
{
    bool whole;

    codings[_i].pack("x\n", 2);
    haul_buf_add(&packed, packed.data, 1);
    for (size_t piece = 1; piece <= packed.len; piece++) {
        ck_assert_int_eq(unpack(piece, &whole), HAUL_ERR_END);
        ck_assert(!whole && is_followed);
    }
}
END_TEST

START_TEST(bomb_is_given_up_at_its_ratio)
{
    size_t len = codings[_i].bomb;
    char *zeros = calloc(1, len);
    bool whole;

    codings[_i].pack(zeros, len / 4);
    ck_assert_int_eq(unpack(65536, &whole), HAUL_ERR_END); /* not long enough to be one */
    haul_buf_clear(&packed);
    codings[_i].pack(zeros, len);
    ck_assert_int_eq(unpack(65536, &whole), HAUL_ERR_LIMIT);
    free(zeros);
}
END_TEST

START_TEST(name_is_that_of_the_coding)
{
    bool is_open;

    codings[_i].pack("x", 1);
    for (size_t len = 0; len < packed.len; len++) {
        const struct haul_coding *coding = haul_unpack_detect(packed.data, len, &is_open);

        ck_assert(coding || is_open || len > HAUL_UNPACK_MAGIC_MAX);
        ck_assert(!coding || !is_open);
        if (coding)
            ck_assert_str_eq(haul_unpack_name(coding), codings[_i].name);
    }
    ck_assert_ptr_null(haul_unpack_detect("(http://a/)\n", 12, &is_open));
    ck_assert(!is_open);
}
END_TEST

/* What a header asks for is not allocated before it is looked at. */
START_TEST(window_above_the_limit_is_refused)
{
    static const char greedy_xz[] = "\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46"
                                    "\x02\x00\x21\x01\x1c\x00\x00\x00\x10\xcf\x58\xcc";
    bool whole;

    if (_i) {
        haul_buf_add(&packed, greedy_xz, sizeof greedy_xz - 1);
        packed.data[16] = 0x28; /* the dictionary's size: 4 GiB - 1; then the header's CRC-32 */
        for (size_t i = 0; i < 4; i++)
            packed.data[20 + i] = (char)(lzma_crc32((uint8_t *)packed.data + 12, 8, 0) >> 8 * i);
    } else {
        haul_buf_add(&packed, "\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00", 9); /* 2^28 bytes */
    }
    ck_assert_int_eq(unpack(1, &whole), HAUL_ERR_RANGE);
}
END_TEST

START_TEST(largest_window_that_is_allowed_is_read)
{
    bool whole;

    pack_zstd_with("one\n", 4, 1, 27);
    ck_assert_int_eq(unpack(3, &whole), HAUL_ERR_END);
    ck_assert(whole);
    ck_assert_str_eq(haul_buf_str(&text), "one\n");
}
END_TEST

/* pzstd(1) begins a file with one; there may be some between frames. */
START_TEST(skippable_frames_hold_no_text)
{
    static const char skippable[] = "\x53\x2a\x4d\x18\x03\x00\x00\x00xyz";
    bool whole;

    haul_buf_add(&packed, skippable, sizeof skippable - 1);
    pack_zstd("one\n", 4);
    haul_buf_add(&packed, skippable, sizeof skippable - 1);
    pack_zstd("two\n", 4);
    for (size_t piece = 1; piece <= packed.len; piece++) {
        ck_assert_int_eq(unpack(piece, &whole), HAUL_ERR_END);
        ck_assert_str_eq(haul_buf_str(&text), "one\ntwo\n");
        ck_assert(whole);
    }
}
END_TEST

static void add_tests(TCase *tcase)
{
    const int count = sizeof codings / sizeof *codings;

    tcase_add_loop_test(tcase, text_of_two_members_comes_whole_in_any_pieces, 0, count);
    tcase_add_loop_test(tcase, text_cut_anywhere_is_not_whole, 0, count);
    tcase_add_loop_test(tcase, damaged_text_is_an_error, 0, count);
    tcase_add_loop_test(tcase, foreign_bytes_behind_the_end_are_an_error, 0, count);
    tcase_add_loop_test(tcase, beginning_of_a_member_alone_follows_the_end, 0, count);
    tcase_add_loop_test(tcase, bomb_is_given_up_at_its_ratio, 0, count);
    tcase_add_loop_test(tcase, name_is_that_of_the_coding, 0, count);
    tcase_add_loop_test(tcase, window_above_the_limit_is_refused, 0, 2);
    tcase_add_test(tcase, largest_window_that_is_allowed_is_read);
    tcase_add_test(tcase, skippable_frames_hold_no_text);
}

int main(void)
{
    Suite *suite = suite_create("unpack");
    TCase *tcase = tcase_create("unpack");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 30);
    add_tests(tcase);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
