#include <check.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "input/unpack.h"
#include "sink/decode.h"

/*
 * What a server, or a list, can have haul allocate to decode: at the head alone, and at most.
 */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)

static struct haul_allowance allowance;

static void begin(void)
{
    allowance = (struct haul_allowance){.max = 0};
}

static int64_t used(void)
{
    return atomic_load(&allowance.used);
}

/* ---- bodies ---- */

#define ZSTD_WINDOW "\x28\xb5\x2f\xfd\0\x68"
#define ZSTD_BLOCK "\x02\0\x10x"
#define ZSTD_BLOCKS ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK ZSTD_BLOCK

static const struct body_case {
    const char *coding;
    const char *head; /* what makes it allocate */
    size_t head_len;
    int64_t head_max, max; /* bytes; sink/decode.h has them in a table */
} bodies[] = {
    {"gzip", "\x1f\x8b\x08\0\0\0\0\0\0\3", 10, 28 * KIB, 64 * KIB},
    {"deflate", "\x78\x9c", 2, 28 * KIB, 64 * KIB},
    /* a window of 2^24 bytes, and a block that is not the last: 64 MiB of zeros in all */
    {"br",
     "\xcf\xff\xff\x7f\xf8\x27\x00\xe2\xb1\x40\x20\xf7\xfe\x9f\xff\xff\xff\xf0\x4f\x00\xc4\x61\x01"
     "\x80\xee\xfd\x3f\xff\xff\xff\xe1\x9f\x00\x88\xc3\x22\x00\xdd\xfb\x7f\xfe\xff\xff\xc3\x3f\x01"
     "\x10\x87\x05\x00\xba\xf7\xff\x03",
     54, 17 * MIB, 21 * MIB},
    /* a window of 2^23 bytes, and blocks of 128 KiB of one byte, of which none is the last */
    {"zstd",
     ZSTD_WINDOW ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS
         ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS ZSTD_BLOCKS,
     6 + 66 * 4, 256 * KIB, 9 * MIB},
};

static enum haul_reason count(void *arg, const uint8_t *bytes, size_t len)
{
    (void)bytes;
    *(size_t *)arg += len;
    return HAUL_REASON_NONE;
}

/* Its beginning, which takes as much. */
static size_t begin_of(const struct body_case *body)
{
    return body->head_len == 54 ? 12 : body->head_len;
}

static enum haul_reason feed(struct haul_decoder *dec, const char *coding, const void *bytes,
                             size_t len)
{
    const struct haul_decode_limits limits = {.memory = &allowance};

    (void)haul_decoder_begin(dec, coding, &limits, NULL, NULL);
    return haul_decoder_feed(dec, bytes, len);
}

START_TEST(head_and_body_take_what_the_table_says)
{
    const struct body_case *body = &bodies[_i];
    const struct haul_decode_limits limits = {.memory = &allowance};
    struct haul_decoder dec;
    size_t made = 0;

    haul_decoder_init(&dec);
    ck_assert_int_eq(haul_decoder_begin(&dec, body->coding, &limits, count, &made), 0);
    for (size_t i = 0; i < body->head_len; i++) {
        ck_assert_int_eq(haul_decoder_feed(&dec, (const uint8_t *)body->head + i, 1), 0);
        if (!made)
            ck_assert_int_le(used(), body->head_max);
        ck_assert_int_le(used(), body->max);
    }
    ck_assert_int_gt(used(), body->head_max / 2); /* else the table says nothing */
    haul_decoder_done(&dec);
    ck_assert_int_eq(used(), 0);
}
END_TEST

static void deflate_zeros(unsigned char *out, size_t room, size_t *len)
{
    static const unsigned char zeros[1 << 20];
    z_stream z = {.avail_in = sizeof zeros, .next_out = out, .avail_out = (uInt)room};
    const unsigned char *from = zeros;

    memcpy(&z.next_in, &from, sizeof from);
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    *len = z.total_out;
    deflateEnd(&z);
}

START_TEST(gzip_takes_64_kib_at_most_and_keeps_it)
{
    unsigned char wire[4096];
    struct haul_decoder dec;
    size_t len;

    deflate_zeros(wire, sizeof wire, &len);
    haul_decoder_init(&dec);
    ck_assert_int_eq(feed(&dec, "gzip", wire, len), HAUL_REASON_NONE);
    ck_assert_int_le(used(), 64 * KIB);
    ck_assert_int_gt(used(), 32 * KIB);
    ck_assert_int_eq(haul_decoder_end(&dec), HAUL_REASON_NONE);
    ck_assert_int_gt(used(), 32 * KIB);
    haul_decoder_done(&dec);
    ck_assert_int_eq(used(), 0);
}
END_TEST

START_TEST(nothing_is_kept_where_memory_is_short)
{
    unsigned char wire[4096];
    struct haul_decoder dec;
    size_t len;

    deflate_zeros(wire, sizeof wire, &len);
    haul_decoder_init(&dec);
    allowance.max = 70 * KIB;
    ck_assert_int_eq(feed(&dec, "gzip", wire, len), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_decoder_end(&dec), HAUL_REASON_NONE);
    ck_assert_int_eq(used(), 0);
    haul_decoder_done(&dec);
}
END_TEST

START_TEST(windows_and_further_codings_are_given_back_at_the_end)
{
    struct haul_decoder dec;

    haul_decoder_init(&dec);
    ck_assert_int_eq(feed(&dec, "gzip, gzip, br", bodies[2].head, bodies[2].head_len),
                     HAUL_REASON_BAD_ENCODING); /* zeros are no gzip */
    ck_assert_int_gt(used(), 16 * MIB);
    (void)haul_decoder_end(&dec);
    ck_assert_int_le(used(), 64 * KIB);
    ck_assert_int_eq(feed(&dec, "zstd", bodies[3].head, bodies[3].head_len), HAUL_REASON_NONE);
    ck_assert_int_gt(used(), 8 * MIB);
    (void)haul_decoder_end(&dec);
    ck_assert_int_le(used(), 64 * KIB);
    haul_decoder_done(&dec);
    ck_assert_int_eq(used(), 0);
}
END_TEST

/* 64 servers that mean harm, and a limit for all. */
START_TEST(many_decoders_take_no_more_than_is_allowed)
{
    enum { MANY = 64 };
    const struct body_case *body = &bodies[_i];
    static struct haul_decoder dec[MANY];
    int refused = 0;

    allowance.max = 11 * body->max; /* less what large ones leave */
    for (int i = 0; i < MANY; i++) {
        enum haul_reason reason;

        haul_decoder_init(&dec[i]);
        reason = feed(&dec[i], body->coding, body->head, begin_of(body));
        ck_assert(reason == HAUL_REASON_NONE || reason == HAUL_REASON_NO_MEMORY);
        ck_assert_int_eq(dec[i].memory.was_refused, reason == HAUL_REASON_NO_MEMORY);
        ck_assert_int_le(used(), allowance.max);
        refused += reason == HAUL_REASON_NO_MEMORY;
        if (reason)
            haul_decoder_done(&dec[i]); /* who is refused keeps nothing */
    }
    ck_assert_int_gt(refused, 0);
    ck_assert_int_ge(MANY - refused, 10);
    (void)haul_decoder_end(&dec[0]); /* and then there is room for another */
    ck_assert_int_eq(feed(&dec[MANY - 1], body->coding, body->head, begin_of(body)),
                     HAUL_REASON_NONE);
    ck_assert(!dec[MANY - 1].memory.was_refused);
    for (int i = 0; i < MANY; i++)
        haul_decoder_done(&dec[i]);
    ck_assert_int_eq(used(), 0);
}
END_TEST

/* ---- what is reserved ---- */

/* All that the table says, and no byte more, is there. */
START_TEST(who_has_reserved_the_most_is_not_refused)
{
    const struct body_case *body = &bodies[_i];
    struct haul_decoder dec;

    haul_decoder_init(&dec);
    (void)haul_decoder_begin(&dec, body->coding, NULL, NULL, NULL);
    ck_assert_int_eq(dec.most, body->max);
    haul_decoder_done(&dec);
    allowance.max = body->max;
    if (body->max > MIB)
        allowance.max += body->max / 15;
    ck_assert(haul_decoder_reserve(&dec, &allowance, body->max));
    ck_assert(!haul_allowance_take(&allowance, 1, body->max > MIB));
    ck_assert_int_eq(feed(&dec, body->coding, body->head, body->head_len), HAUL_REASON_NONE);
    (void)haul_decoder_end(&dec);
    haul_decoder_done(&dec);
    ck_assert_int_eq(used(), 0);
}
END_TEST

static const struct reserve_case {
    const char *coding, *head;
    size_t head_len;
    int64_t least, most; /* bytes that are still reserved behind it */
} reserves[] = {
    {"", "x", 1, 0, 0},
    {"identity", "x", 1, 0, 0},
    {"gzip", "\x1f\x8b", 2, 64 * KIB, 64 * KIB},
    {"br, gzip", "\x1f\x8b", 2, 21 * MIB, 22 * MIB},
    {"br", "\x0f", 1, 21 * MIB, 21 * MIB}, /* windows of 2^24 bytes, 2^16, 2^18 and 2^10 */
    {"br", "\x0c", 1, 5 * MIB, 5 * MIB + 64 * KIB},
    {"br", "\x03", 1, 5 * MIB, 5 * MIB + 256 * KIB},
    {"br", "\x21", 1, 5 * MIB, 5 * MIB + KIB},
    {"zstd", ZSTD_WINDOW, 6, 9 * MIB, 9 * MIB},
    {"zstd", ZSTD_WINDOW ZSTD_BLOCK ZSTD_BLOCK, 14, 9 * MIB, 9 * MIB},
    /* a window of 1 KiB; a single segment of 3 bytes: another frame may have a larger one */
    {"zstd", "\x28\xb5\x2f\xfd\0\0\x1a\0\0x\x1a\0\0x", 14, 9 * MIB, 9 * MIB},
    {"zstd", "\x28\xb5\x2f\xfd\x20\3\x1b\0\0x", 10, 9 * MIB, 9 * MIB},
};

START_TEST(reserve_becomes_smaller_when_less_will_do)
{
    const struct reserve_case *c = &reserves[_i];
    struct haul_decoder dec;

    haul_decoder_init(&dec);
    ck_assert(haul_decoder_reserve(&dec, &allowance, 63 * MIB));
    ck_assert_int_eq(used(), 63 * MIB);
    ck_assert_int_eq(feed(&dec, c->coding, c->head, c->head_len), HAUL_REASON_NONE);
    ck_assert_int_ge(used(), c->least);
    ck_assert_int_le(used(), c->most);
    haul_decoder_done(&dec);
    ck_assert_int_eq(used(), 0);
}
END_TEST

/* A small frame, then one with the largest window, and what others take between them. */
START_TEST(reserve_is_there_for_each_frame)
{
    static const char small[] = "\x28\xb5\x2f\xfd\x20\3\x19\0\0xyz";
    const struct body_case *body = &bodies[3];
    struct haul_decoder dec;
    int64_t others = 0;

    allowance.max = 20 * MIB;
    haul_decoder_init(&dec);
    ck_assert(haul_decoder_reserve(&dec, &allowance, body->max));
    ck_assert_int_eq(feed(&dec, body->coding, small, sizeof small - 1), HAUL_REASON_NONE);
    ck_assert_int_eq(dec.size_body, 3);
    while (haul_allowance_take(&allowance, KIB, true))
        others += KIB;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(haul_decoder_feed(&dec, (const uint8_t *)body->head, body->head_len), 0);
        ck_assert_int_eq(haul_decoder_feed(&dec, (const uint8_t *)"\1\0\0", 3), 0); /* its end */
    }
    ck_assert_int_eq(haul_decoder_end(&dec), HAUL_REASON_NONE);
    haul_decoder_done(&dec);
    haul_allowance_give(&allowance, others);
    ck_assert_int_eq(used(), 0);
}
END_TEST

START_TEST(reserve_of_which_nothing_comes_is_given_back)
{
    struct haul_decoder dec;

    haul_decoder_init(&dec);
    allowance.max = 16 * MIB;
    ck_assert(!haul_decoder_reserve(&dec, &allowance, 15 * MIB + 1));
    ck_assert_int_eq(used(), 0);
    ck_assert(haul_decoder_reserve(&dec, &allowance, 15 * MIB));
    haul_decoder_rest(&dec);
    ck_assert_int_eq(used(), 0);
    ck_assert(haul_decoder_reserve(&dec, &allowance, 15 * MIB));
    ck_assert_int_eq(haul_decoder_begin(&dec, "nothing", NULL, NULL, NULL),
                     HAUL_REASON_BAD_ENCODING);
    (void)haul_decoder_end(&dec);
    ck_assert_int_eq(used(), 0);
    haul_decoder_done(&dec);
}
END_TEST

/* What idle ones keep leaves room for the largest that may wait. */
START_TEST(what_is_kept_leaves_the_largest_reserve)
{
    enum { MANY = 64 };
    static struct haul_decoder dec[MANY];
    struct haul_decoder last;
    unsigned char wire[4096];
    size_t len;

    deflate_zeros(wire, sizeof wire, &len);
    allowance.max = 4 * MIB;
    for (int i = 0; i < MANY; i++) {
        haul_decoder_init(&dec[i]);
        ck_assert_int_eq(feed(&dec[i], "gzip", wire, len), HAUL_REASON_NONE);
        (void)haul_decoder_end(&dec[i]);
    }
    ck_assert_int_gt(used(), 0); /* else nothing is kept */
    haul_decoder_init(&last);
    ck_assert(haul_decoder_reserve(&last, &allowance, haul_allowance_largest(&allowance)));
    haul_decoder_done(&last);
    for (int i = 0; i < MANY; i++)
        haul_decoder_done(&dec[i]);
    ck_assert_int_eq(used(), 0);
}
END_TEST

/* All that large windows can have is taken, and gzip goes on. */
START_TEST(large_ones_leave_room_for_small_ones)
{
    struct haul_decoder large, small;

    haul_decoder_init(&large);
    haul_decoder_init(&small);
    allowance.max = 16 * MIB;
    ck_assert(haul_decoder_reserve(&large, &allowance, 15 * MIB));
    ck_assert_int_eq(feed(&small, "br", bodies[2].head, bodies[2].head_len), HAUL_REASON_NO_MEMORY);
    ck_assert_int_eq(feed(&small, "gzip", bodies[0].head, bodies[0].head_len), HAUL_REASON_NONE);
    haul_decoder_done(&small);
    haul_decoder_done(&large);
    ck_assert_int_eq(used(), 0);
}
END_TEST

/* ---- threads ---- */

enum { THREADS = 6, BODIES = 10 };

/* As a transfer does: what is refused gives all back, and is begun anew with all reserved. */
static void *decode_many(void *arg)
{
    const struct body_case *body = &bodies[(size_t)arg % 2 ? 3 : 2];
    struct haul_decoder dec;

    haul_decoder_init(&dec);
    for (int i = 0; i < BODIES; i++) {
        int64_t most;

        if (feed(&dec, body->coding, body->head, begin_of(body)) == HAUL_REASON_NO_MEMORY) {
            most = dec.most;
            haul_decoder_done(&dec);
            while (!haul_decoder_reserve(&dec, &allowance, most))
                sched_yield();
            if (feed(&dec, body->coding, body->head, begin_of(body)))
                return NULL;
        }
        if (used() > allowance.max)
            return NULL;
        (void)haul_decoder_end(&dec);
    }
    haul_decoder_done(&dec);
    return arg;
}

/* Room for one and a half. */
START_TEST(threads_that_wait_with_nothing_in_hand_all_come_through)
{
    pthread_t thread[THREADS];
    void *done;

    allowance.max = 32 * MIB;
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, decode_many, (void *)(i + 1)), 0);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(thread[i], &done), 0);
        ck_assert_ptr_eq(done, (void *)(i + 1));
    }
    ck_assert_int_eq(used(), 0);
}
END_TEST

START_TEST(any_limit_is_kept)
{
    const struct body_case *body = &bodies[_i];
    enum haul_reason reason = HAUL_REASON_NO_MEMORY;

    for (int64_t max = 1; reason; max += max / 8 + 1) {
        struct haul_decoder dec;

        allowance.max = max;
        haul_decoder_init(&dec);
        reason = feed(&dec, body->coding, body->head, begin_of(body));
        ck_assert(!reason || (reason == HAUL_REASON_NO_MEMORY && dec.memory.was_refused));
        ck_assert_int_le(used(), max);
        haul_decoder_done(&dec);
        ck_assert_int_eq(used(), 0);
        ck_assert_int_le(max, body->max * 2);
    }
}
END_TEST

/* RFC 7932 has no window above 2^24; the head here says 2^30, as brotli's extension has it. */
START_TEST(large_window_of_brotli_is_refused)
{
    struct haul_decoder dec;

    haul_decoder_init(&dec);
    ck_assert_int_eq(feed(&dec, "br", "\x11\x1e\xff\xff\x7f", 5), HAUL_REASON_BAD_ENCODING);
    ck_assert_int_le(used(), 64 * KIB);
    haul_decoder_done(&dec);
}
END_TEST

/* ---- lists, sitemaps and journals ---- */

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* A sanitizer's allocator tells mallinfo2 nothing. */
static bool can_count(void)
{
    size_t before = allocated();
    char *volatile probe = malloc((size_t)MIB);
    bool is_counted = allocated() >= before + (size_t)MIB;

    free(probe);
    if (!is_counted)
        (void)fputs("not the C library's allocator: memory is not looked at\n", stderr);
    return is_counted;
}

#define GZIP_HEAD "\x1f\x8b\x08\0\0\0\0\0\0\3"
#define XZ_HEAD "\xfd\x37zXZ\0\0\0\xff\x12\xd9\x41"

static const struct list_case {
    const char *head;
    size_t len;
    enum haul_err err;
    int64_t min, max;
} lists[] = {
    {GZIP_HEAD, 10, HAUL_ERR_END, 64 * KIB, 128 * KIB},
    {"\x28\xb5\x2f\xfd\0\x88", 6, HAUL_ERR_END, 128 * MIB, 129 * MIB}, /* a window of 2^27 */
    {"\x28\xb5\x2f\xfd\0\x90", 6, HAUL_ERR_RANGE, 64 * KIB, 512 * KIB},
    {"\x28\xb5\x2f\xfd\xa0\1\0\0\x08", 9, HAUL_ERR_RANGE, 64 * KIB, 512 * KIB},
    /* the dictionaries of xz -9 and of the largest that is allowed, and one beyond */
    {XZ_HEAD "\2\0\x21\1\x1c\0\0\0", 20, HAUL_ERR_END, 64 * MIB, 66 * MIB},
    {XZ_HEAD "\2\0\x21\1\x1d\0\0\0", 20, HAUL_ERR_END, 96 * MIB, 98 * MIB},
    {XZ_HEAD "\2\0\x21\1\x1e\0\0\0", 20, HAUL_ERR_RANGE, 64 * KIB, 512 * KIB},
};

/* A block's head in xz ends in its checksum. */
static size_t fill_head(const struct list_case *list, char *head)
{
    const unsigned char *block = (const unsigned char *)list->head + 12;
    uLong sum;

    memcpy(head, list->head, list->len);
    if (list->len != 20)
        return list->len;
    sum = crc32(0, block, 8);
    for (int i = 0; i < 4; i++)
        head[20 + i] = (char)(sum >> 8 * i & 0xff);
    return 24;
}

START_TEST(head_of_a_list_takes_what_is_allowed)
{
    const struct list_case *list = &lists[_i];
    size_t before = allocated(), len, taken;
    struct haul_unpack *unpack;
    bool is_open;
    char head[32];
    const char *text;

    len = fill_head(list, head);
    unpack = haul_unpack_create(haul_unpack_detect(head, len, &is_open));
    ck_assert_ptr_nonnull(unpack);
    haul_unpack_feed(unpack, head, len);
    ck_assert_int_eq(haul_unpack_next(unpack, &text, &len), list->err);
    taken = allocated() - before;
    haul_unpack_free(unpack);
    if (!can_count())
        return;
    ck_assert_int_ge((int64_t)taken, list->min);
    ck_assert_int_le((int64_t)taken, list->max);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decode_memory");
    TCase *tests = tcase_create("memory");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tests, begin, NULL);
    tcase_add_loop_test(tests, head_and_body_take_what_the_table_says, 0, COUNT(bodies));
    tcase_add_test(tests, gzip_takes_64_kib_at_most_and_keeps_it);
    tcase_add_test(tests, nothing_is_kept_where_memory_is_short);
    tcase_add_test(tests, windows_and_further_codings_are_given_back_at_the_end);
    tcase_add_loop_test(tests, many_decoders_take_no_more_than_is_allowed, 0, COUNT(bodies));
    tcase_add_loop_test(tests, who_has_reserved_the_most_is_not_refused, 0, COUNT(bodies));
    tcase_add_loop_test(tests, reserve_becomes_smaller_when_less_will_do, 0, COUNT(reserves));
    tcase_add_test(tests, reserve_is_there_for_each_frame);
    tcase_add_test(tests, reserve_of_which_nothing_comes_is_given_back);
    tcase_add_test(tests, what_is_kept_leaves_the_largest_reserve);
    tcase_add_test(tests, large_ones_leave_room_for_small_ones);
    tcase_add_test(tests, threads_that_wait_with_nothing_in_hand_all_come_through);
    tcase_add_loop_test(tests, any_limit_is_kept, 0, COUNT(bodies));
    tcase_add_test(tests, large_window_of_brotli_is_refused);
    tcase_add_loop_test(tests, head_of_a_list_takes_what_is_allowed, 0, COUNT(lists));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
