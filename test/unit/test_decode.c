#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "sink/decode.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { GZIP_BITS = MAX_WBITS + 16, ZLIB_BITS = MAX_WBITS, BARE_BITS = -MAX_WBITS };

struct bytes {
    uint8_t *at;
    size_t len, cap;
};

static struct haul_decoder dec;
static struct bytes got;

static void add(struct bytes *to, const void *from, size_t len)
{
    if (to->len + len > to->cap) {
        to->cap = (to->len + len) * 2;
        to->at = realloc(to->at, to->cap);
        ck_assert_ptr_nonnull(to->at);
    }
    if (len > 0)
        memcpy(to->at + to->len, from, len);
    to->len += len;
}

static enum haul_reason collect(void *arg, const uint8_t *bytes, size_t len)
{
    add(arg, bytes, len);
    return HAUL_REASON_NONE;
}

static void set_up(void)
{
    haul_decoder_init(&dec);
    got = (struct bytes){0};
}

static void tear_down(void)
{
    haul_decoder_done(&dec);
    free(got.at);
}

static struct bytes deflated(const void *from, size_t len, int window_bits)
{
    struct bytes to = {0};
    z_stream z = {0};

    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
    to.cap = deflateBound(&z, len) + 1;
    to.at = malloc(to.cap);
    ck_assert_ptr_nonnull(to.at);
    z.next_in = from;
    z.avail_in = (uInt)len;
    z.next_out = to.at;
    z.avail_out = (uInt)to.cap;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    to.len = z.total_out;
    deflateEnd(&z);
    return to;
}

static struct bytes zstandard(const void *from, size_t len, int window_log, int with_size)
{
    struct bytes to = {.cap = ZSTD_compressBound(len)};
    ZSTD_CCtx *ctx = ZSTD_createCCtx();

    to.at = malloc(to.cap);
    ck_assert_ptr_nonnull(to.at);
    ck_assert_ptr_nonnull(ctx);
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_contentSizeFlag, with_size);
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
    to.len = ZSTD_compress2(ctx, to.at, to.cap, from, len);
    ck_assert(!ZSTD_isError(to.len));
    ZSTD_freeCCtx(ctx);
    return to;
}

/* Decodes `len` bytes in pieces of at most `piece` into `got`. */
static enum haul_reason decode(const char *coding, const struct haul_decode_limits *limits,
                               const uint8_t *from, size_t len, size_t piece)
{
    got.len = 0;
    (void)haul_decoder_begin(&dec, coding, limits, collect, &got);
    while (len > 0) {
        size_t part = len < piece ? len : piece;
        uint8_t *copy = malloc(part); /* so that a sanitizer sees every byte too far */

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, from, part);
        (void)haul_decoder_feed(&dec, copy, part);
        free(copy);
        from += part;
        len -= part;
    }
    return haul_decoder_end(&dec);
}

static enum haul_reason decode_bytes(const char *coding, struct bytes from)
{
    return decode(coding, NULL, from.at, from.len, from.len);
}

/* "haul\n" 20000 times; and 64 MiB of zeros, for which brotli needs no more than this. */
static const uint8_t brotli_body[] = {0x81, 0xfa, 0x34, 0x0c, 0xfc, 0x46, 0x4a, 0x37,
                                      0x6f, 0x5a, 0x2a, 0x84, 0xa1, 0x15, 0x5b, 0x5d,
                                      0xbc, 0x16, 0x05, 0x54, 0xf9, 0x05, 0x5c, 0x00};
static const uint8_t brotli_bomb[] = {
    0xcf, 0xff, 0xff, 0x7f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x9f,
    0xff, 0xff, 0xff, 0xf0, 0x4f, 0x00, 0xc4, 0x61, 0x01, 0x80, 0xee, 0xfd, 0x3f, 0xff,
    0xff, 0xff, 0xe1, 0x9f, 0x00, 0x88, 0xc3, 0x22, 0x00, 0xdd, 0xfb, 0x7f, 0xfe, 0xff,
    0xff, 0xc3, 0x3f, 0x01, 0x10, 0x87, 0x05, 0x00, 0xba, 0xf7, 0xff, 0x03};
enum { BODY_LEN = 100000 };

static void fill_body(uint8_t *body)
{
    for (size_t i = 0; i < BODY_LEN; i++)
        body[i] = (uint8_t) "haul\n"[i % 5];
}

/* The body, encoded as the n-th of these says. */
static const struct coding_case {
    const char *name;
    int window_bits; /* 0: see `name` */
    bool trailing_zeros_fine;
} coding_cases[] = {
    {"gzip", GZIP_BITS, true},
    {"x-gzip", GZIP_BITS, true},
    {"GZip", GZIP_BITS, true},
    {"deflate", ZLIB_BITS, false},
    {"deflate", BARE_BITS, false},
    {"br", 0, false},
    {"zstd", 0, false},
};

static struct bytes encoded(const struct coding_case *coding, const uint8_t *body, size_t len)
{
    struct bytes to = {0};

    if (coding->window_bits != 0)
        return deflated(body, len, coding->window_bits);
    if (strcmp(coding->name, "zstd") == 0)
        return zstandard(body, len, 20, 0);
    add(&to, brotli_body, sizeof brotli_body);
    return to;
}

static uint8_t body[BODY_LEN];

START_TEST(body_comes_back_in_any_pieces)
{
    static const size_t pieces[] = {1, 2, 3, 7, 1000, BODY_LEN};
    struct bytes wire;

    fill_body(body);
    wire = encoded(&coding_cases[_i], body, sizeof body);
    for (int i = 0; i < COUNT(pieces); i++) {
        ck_assert_int_eq(decode(coding_cases[_i].name, NULL, wire.at, wire.len, pieces[i]),
                         HAUL_REASON_NONE);
        ck_assert_uint_eq(got.len, sizeof body);
        ck_assert_mem_eq(got.at, body, sizeof body);
        ck_assert_int_eq(dec.size_body, BODY_LEN);
        ck_assert_int_eq(dec.wire_bytes, (int64_t)wire.len);
    }
    free(wire.at);
}
END_TEST

START_TEST(body_cut_anywhere_is_truncated)
{
    struct bytes wire;

    fill_body(body);
    wire = encoded(&coding_cases[_i], body, sizeof body);
    for (size_t len = 1; len < wire.len; len++)
        ck_assert_int_eq(decode(coding_cases[_i].name, NULL, wire.at, len, wire.len),
                         HAUL_REASON_TRUNCATED);
    ck_assert_ptr_null(dec.followed);
    free(wire.at);
}
END_TEST

static void check_followed(const struct coding_case *coding)
{
    ck_assert_ptr_nonnull(dec.followed);
    ck_assert_int_eq(strcasecmp(dec.followed, coding->name), 0);
}

/* And told as such, whether they come with the end or by themselves. */
START_TEST(bytes_after_the_end_are_refused)
{
    const struct coding_case *coding = &coding_cases[_i];
    struct bytes wire;
    size_t len;

    fill_body(body);
    wire = encoded(coding, body, sizeof body);
    len = wire.len;
    add(&wire, "\0\0\0\0", 4);
    ck_assert_int_eq(decode_bytes(coding->name, wire),
                     coding->trailing_zeros_fine ? HAUL_REASON_NONE : HAUL_REASON_BAD_ENCODING);
    add(&wire, "\x1f", 1); /* no member may follow padding */
    ck_assert_int_eq(decode(coding->name, NULL, wire.at, wire.len, 1), HAUL_REASON_BAD_ENCODING);
    check_followed(coding);
    wire.len = len;
    add(&wire, "x", 1);
    if (strcmp(coding->name, "zstd") != 0)
        ck_assert_int_eq(decode_bytes(coding->name, wire), HAUL_REASON_BAD_ENCODING);
    add(&wire, "tail", 4);
    ck_assert_int_eq(decode_bytes(coding->name, wire), HAUL_REASON_BAD_ENCODING);
    check_followed(coding);
    ck_assert_int_eq(decode(coding->name, NULL, wire.at, wire.len, 1), HAUL_REASON_BAD_ENCODING);
    check_followed(coding);
    ck_assert_int_eq(dec.size_body, BODY_LEN);
    free(wire.at);
}
END_TEST

/* The body is whole, and behind it is the first byte of what might go on. */
START_TEST(beginning_of_a_member_alone_follows_the_end)
{
    const struct coding_case *coding = &coding_cases[_i];
    struct bytes wire;

    fill_body(body);
    wire = encoded(coding, body, sizeof body);
    add(&wire, wire.at, 1);
    ck_assert_int_eq(decode_bytes(coding->name, wire), *coding->name == 'd' || *coding->name == 'b'
                                                           ? HAUL_REASON_BAD_ENCODING
                                                           : HAUL_REASON_TRUNCATED);
    check_followed(coding);
    free(wire.at);
}
END_TEST

START_TEST(junk_in_place_of_a_stream_fails)
{
    static const char junk[] = "<html><body>It works!</body></html> and more of the same";

    ck_assert_int_ne(
        decode(coding_cases[_i].name, NULL, (const uint8_t *)junk, sizeof junk - 1, 1000),
        HAUL_REASON_NONE);
    ck_assert_ptr_null(dec.followed);
}
END_TEST

START_TEST(empty_body_is_fine_in_any_coding)
{
    ck_assert_int_eq(decode(coding_cases[_i].name, NULL, NULL, 0, 1), HAUL_REASON_NONE);
    ck_assert_int_eq(dec.size_body, 0);
}
END_TEST

START_TEST(limit_is_reached_exactly)
{
    struct haul_decode_limits limits = {.body_max = BODY_LEN};
    struct bytes wire;

    fill_body(body);
    wire = encoded(&coding_cases[_i], body, sizeof body);
    for (size_t piece = 1; piece < 20; piece += 9) {
        limits.body_max = BODY_LEN;
        ck_assert_int_eq(decode(coding_cases[_i].name, &limits, wire.at, wire.len, piece),
                         HAUL_REASON_NONE);
        limits.body_max = BODY_LEN - 1;
        ck_assert_int_eq(decode(coding_cases[_i].name, &limits, wire.at, wire.len, piece),
                         HAUL_REASON_TOO_LARGE);
        ck_assert_int_eq(dec.size_body, BODY_LEN - 1);
        ck_assert_uint_eq(got.len, BODY_LEN - 1);
        ck_assert_mem_eq(got.at, body, got.len);
    }
    free(wire.at);
}
END_TEST

START_TEST(corrupt_byte_never_passes_as_another_body)
{
    struct bytes wire;

    /* Only gzip and zlib's own form carry a checksum of the body, and zstd with its flag. */
    if (coding_cases[_i].window_bits == BARE_BITS || strcmp(coding_cases[_i].name, "br") == 0)
        return;
    fill_body(body);
    wire = encoded(&coding_cases[_i], body, sizeof body);
    for (size_t i = 0; i < wire.len * 8; i++) {
        wire.at[i / 8] ^= (uint8_t)(1u << i % 8);
        if (decode_bytes(coding_cases[_i].name, wire) == HAUL_REASON_NONE) {
            ck_assert_uint_eq(got.len, sizeof body);
            ck_assert_mem_eq(got.at, body, sizeof body);
        }
        wire.at[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    free(wire.at);
}
END_TEST

static const struct name_case {
    const char *content_encoding; /* or NULL */
    int stages;                   /* -1: bad-encoding */
} name_cases[] = {
    {NULL, 0},
    {"", 0},
    {" , ,", 0},
    {"identity", 0},
    {"None", 0},
    {"gzip", 1},
    {" gzip ", 1},
    {"gzip,\tBR", 2},
    {"gzip, identity, zstd", 2},
    {"gzip, gzip, gzip", 3},
    {"gzip, gzip, gzip, gzip", -1},
    {"compress", -1},
    {"x-compress", -1},
    {"gzip;q=1", -1},
    {"gzip br", -1},
    {"gzi", -1},
    {"gzipp", -1},
    {"aws-chunked", -1},
    {"gzip, unknown", -1},
    {"%s%n", -1},
};

START_TEST(coding_is_known_or_refused)
{
    const struct name_case *wanted = &name_cases[_i];
    enum haul_reason reason = haul_decoder_begin(&dec, wanted->content_encoding, NULL, NULL, NULL);

    if (wanted->stages < 0) {
        ck_assert_int_eq(reason, HAUL_REASON_BAD_ENCODING);
        ck_assert_int_eq(haul_decoder_feed(&dec, (const uint8_t *)"x", 1), reason);
        ck_assert_int_eq(haul_decoder_end(&dec), reason);
    } else {
        ck_assert_int_eq(reason, HAUL_REASON_NONE);
        ck_assert_int_eq(dec.stages, wanted->stages);
    }
}
END_TEST

START_TEST(no_coding_passes_bytes_and_needs_no_memory)
{
    struct haul_decode_limits limits = {.body_max = 3};

    ck_assert_int_eq(decode("", &limits, (const uint8_t *)"abc", 3, 2), HAUL_REASON_NONE);
    ck_assert_mem_eq(got.at, "abc", 3);
    ck_assert_int_eq(dec.size_body, 3);
    ck_assert_ptr_null(dec.stage[0]);
    ck_assert_int_eq(decode("", &limits, (const uint8_t *)"abcd", 4, 4), HAUL_REASON_TOO_LARGE);
    ck_assert_int_eq(dec.size_body, 3);
}
END_TEST

START_TEST(codings_are_undone_from_the_last_to_the_first)
{
    struct bytes one, two, three;

    fill_body(body);
    one = deflated(body, sizeof body, GZIP_BITS);
    two = deflated(one.at, one.len, BARE_BITS);
    three = zstandard(two.at, two.len, 20, 1);
    for (size_t piece = 1; piece < 1000; piece *= 3) {
        ck_assert_int_eq(decode("gzip, deflate, zstd", NULL, three.at, three.len, piece),
                         HAUL_REASON_NONE);
        ck_assert_uint_eq(got.len, sizeof body);
        ck_assert_mem_eq(got.at, body, sizeof body);
    }
    ck_assert_int_ne(decode_bytes("zstd, deflate, gzip", three), HAUL_REASON_NONE);
    ck_assert_int_eq(decode("gzip, deflate", NULL, two.at, two.len - 1, 5), HAUL_REASON_TRUNCATED);
    /* whole outside, cut inside */
    free(two.at);
    two = deflated(one.at, one.len - 1, BARE_BITS);
    ck_assert_int_eq(decode_bytes("gzip, deflate", two), HAUL_REASON_TRUNCATED);
    free(two.at);
    two = deflated(NULL, 0, BARE_BITS);
    ck_assert_int_eq(decode_bytes("gzip, deflate", two), HAUL_REASON_TRUNCATED);
    free(one.at);
    free(two.at);
    free(three.at);
}
END_TEST

START_TEST(members_and_frames_continue_the_body)
{
    struct bytes wire = deflated("ab", 2, GZIP_BITS), next = deflated("cd", 2, GZIP_BITS);
    static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'x', 'y'};

    add(&wire, next.at, next.len);
    for (size_t piece = 1; piece <= wire.len; piece++) {
        ck_assert_int_eq(decode("gzip", NULL, wire.at, wire.len, piece), HAUL_REASON_NONE);
        ck_assert_uint_eq(got.len, 4);
        ck_assert_mem_eq(got.at, "abcd", 4);
    }
    ck_assert_int_eq(decode("gzip", NULL, wire.at, wire.len - 1, 1000), HAUL_REASON_TRUNCATED);
    ck_assert_int_eq(decode("gzip", NULL, wire.at, wire.len - next.len + 1, 1000),
                     HAUL_REASON_TRUNCATED);
    free(wire.at);
    free(next.at);

    wire = zstandard("ab", 2, 20, 1);
    next = zstandard("cd", 2, 20, 0);
    add(&wire, skippable, sizeof skippable);
    add(&wire, next.at, next.len);
    for (size_t piece = 1; piece <= wire.len; piece++) {
        ck_assert_int_eq(decode("zstd", NULL, wire.at, wire.len, piece), HAUL_REASON_NONE);
        ck_assert_uint_eq(got.len, 4);
        ck_assert_mem_eq(got.at, "abcd", 4);
    }
    free(wire.at);
    free(next.at);
}
END_TEST

/* 64 MiB of zeros in each coding that can shrink them beyond the ratio. */
static struct bytes bomb(int which)
{
    const size_t len = (size_t)64 << 20;
    uint8_t *zeros;
    struct bytes wire = {0};

    if (which == 0) {
        add(&wire, brotli_bomb, sizeof brotli_bomb);
        return wire;
    }
    zeros = calloc(1, len);
    ck_assert_ptr_nonnull(zeros);
    wire = which == 1 ? deflated(zeros, len, GZIP_BITS) : zstandard(zeros, len, 20, 0);
    free(zeros);
    return wire;
}

static const char *const bomb_codings[] = {"br", "gzip", "zstd"};

START_TEST(bomb_is_stopped_by_ratio)
{
    const struct haul_decode_limits any_ratio = {0};
    struct bytes wire = bomb(_i);

    ck_assert_int_eq(haul_decoder_begin(&dec, bomb_codings[_i], NULL, NULL, NULL),
                     HAUL_REASON_NONE);
    ck_assert_int_eq(haul_decoder_feed(&dec, wire.at, wire.len), HAUL_REASON_TOO_LARGE);
    ck_assert_int_le(dec.size_body,
                     HAUL_DECODE_RATIO_FROM + (int64_t)wire.len * HAUL_DECODE_RATIO_MAX);
    ck_assert_int_ge(dec.size_body, HAUL_DECODE_RATIO_FROM - 65536);
    (void)haul_decoder_begin(&dec, bomb_codings[_i], &any_ratio, NULL, NULL);
    ck_assert_int_eq(haul_decoder_feed(&dec, wire.at, wire.len), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_decoder_end(&dec), HAUL_REASON_NONE);
    ck_assert_int_eq(dec.size_body, 64 << 20);
    free(wire.at);
}
END_TEST

START_TEST(bomb_between_two_codings_is_stopped)
{
    struct bytes member = deflated(NULL, 0, GZIP_BITS), middle = {0}, wire;

    while (middle.len < (size_t)2 * HAUL_DECODE_RATIO_FROM)
        add(&middle, member.at, member.len);
    wire = zstandard(middle.at, middle.len, 20, 0);
    ck_assert_int_eq(decode_bytes("gzip, zstd", wire), HAUL_REASON_TOO_LARGE);
    ck_assert_int_eq(dec.size_body, 0);
    free(member.at);
    free(middle.at);
    free(wire.at);
}
END_TEST

START_TEST(modest_ratio_passes_whatever_the_size)
{
    const struct haul_decode_limits limits = {.ratio_max = 5000, .ratio_from = 0};
    const struct haul_decode_limits strict = {.ratio_max = 4000, .ratio_from = 0};

    /* 100000 bytes from 24: 4166 for each */
    ck_assert_int_eq(decode("br", &limits, brotli_body, sizeof brotli_body, 100), HAUL_REASON_NONE);
    ck_assert_int_eq(decode("br", &strict, brotli_body, sizeof brotli_body, 100),
                     HAUL_REASON_TOO_LARGE);
}
END_TEST

START_TEST(window_above_the_limit_is_refused)
{
    /* magic, no flags, a window of 2^23 bytes, and one last raw block of one byte */
    uint8_t wire[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (23 - 10) << 3, 0x09, 0, 0, 'x'};

    ck_assert_int_eq(decode("zstd", NULL, wire, sizeof wire, 100), HAUL_REASON_NONE);
    ck_assert_uint_eq(got.len, 1);
    wire[5]++; /* an eighth more */
    ck_assert_int_eq(decode("zstd", NULL, wire, sizeof wire, 100), HAUL_REASON_BAD_ENCODING);
}
END_TEST

START_TEST(dictionary_is_refused)
{
    /* zlib's header with FDICT, and the sum of a dictionary that nobody has */
    static const uint8_t wire[] = {0x78, 0xbb, 1, 2, 3, 4, 3, 0, 0, 0, 0, 1};

    ck_assert_int_eq(decode("deflate", NULL, wire, sizeof wire, 100), HAUL_REASON_BAD_ENCODING);
}
END_TEST

static enum haul_reason refuse_second(void *arg, const uint8_t *bytes, size_t len)
{
    int *calls = arg;

    (void)bytes;
    (void)len;
    return ++*calls == 2 ? HAUL_REASON_STOPPED : HAUL_REASON_NONE;
}

START_TEST(reason_of_the_sink_ends_the_decoding)
{
    struct bytes wire;
    int calls = 0;

    fill_body(body);
    wire = deflated(body, sizeof body, GZIP_BITS);
    (void)haul_decoder_begin(&dec, "gzip", NULL, refuse_second, &calls);
    ck_assert_int_eq(haul_decoder_feed(&dec, wire.at, wire.len), HAUL_REASON_STOPPED);
    ck_assert_int_eq(haul_decoder_feed(&dec, wire.at, wire.len), HAUL_REASON_STOPPED);
    ck_assert_int_eq(haul_decoder_end(&dec), HAUL_REASON_STOPPED);
    ck_assert_int_eq(calls, 2);
    free(wire.at);
}
END_TEST

START_TEST(decoder_is_used_again_for_any_coding)
{
    struct haul_decode_stage *stage = NULL;

    fill_body(body);
    for (int round = 0; round < 3 * COUNT(coding_cases); round++) {
        const struct coding_case *coding = &coding_cases[round * 5 % COUNT(coding_cases)];
        struct bytes wire = encoded(coding, body, sizeof body);

        /* left in the middle, and begun again */
        (void)haul_decoder_begin(&dec, coding->name, NULL, NULL, NULL);
        (void)haul_decoder_feed(&dec, wire.at, wire.len / 2);
        ck_assert_int_eq(decode_bytes(coding->name, wire), HAUL_REASON_NONE);
        ck_assert_mem_eq(got.at, body, sizeof body);
        ck_assert(stage == NULL || stage == dec.stage[0]);
        stage = dec.stage[0];
        free(wire.at);
    }
    ck_assert_ptr_null(dec.stage[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode");
    TCase *each = tcase_create("each coding");
    TCase *whole = tcase_create("whole");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(each, set_up, tear_down);
    tcase_add_checked_fixture(whole, set_up, tear_down);
    tcase_set_timeout(each, 60);
    tcase_set_timeout(whole, 60);
    tcase_add_loop_test(each, body_comes_back_in_any_pieces, 0, COUNT(coding_cases));
    tcase_add_loop_test(each, body_cut_anywhere_is_truncated, 0, COUNT(coding_cases));
    tcase_add_loop_test(each, bytes_after_the_end_are_refused, 0, COUNT(coding_cases));
    tcase_add_loop_test(each, beginning_of_a_member_alone_follows_the_end, 0, COUNT(coding_cases));
    tcase_add_loop_test(each, junk_in_place_of_a_stream_fails, 0, COUNT(coding_cases));
    tcase_add_loop_test(each, empty_body_is_fine_in_any_coding, 0, COUNT(coding_cases));
    tcase_add_loop_test(each, limit_is_reached_exactly, 0, COUNT(coding_cases));
    tcase_add_loop_test(each, corrupt_byte_never_passes_as_another_body, 0, COUNT(coding_cases));
    tcase_add_loop_test(whole, coding_is_known_or_refused, 0, COUNT(name_cases));
    tcase_add_test(whole, no_coding_passes_bytes_and_needs_no_memory);
    tcase_add_test(whole, codings_are_undone_from_the_last_to_the_first);
    tcase_add_test(whole, members_and_frames_continue_the_body);
    tcase_add_loop_test(whole, bomb_is_stopped_by_ratio, 0, COUNT(bomb_codings));
    tcase_add_test(whole, bomb_between_two_codings_is_stopped);
    tcase_add_test(whole, modest_ratio_passes_whatever_the_size);
    tcase_add_test(whole, window_above_the_limit_is_refused);
    tcase_add_test(whole, dictionary_is_refused);
    tcase_add_test(whole, reason_of_the_sink_ends_the_decoding);
    tcase_add_test(whole, decoder_is_used_again_for_any_coding);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, whole);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
