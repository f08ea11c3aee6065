#include <check.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "fail_alloc.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

START_TEST(appends_of_every_kind_make_one_text)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    ck_assert_str_eq(haul_buf_str(&buf), "");
    haul_buf_add(&buf, "abc", 2);
    haul_buf_add_str(&buf, "/");
    haul_buf_add_char(&buf, 'x');
    haul_buf_pad(&buf, '.', 3);
    haul_buf_addf(&buf, "%d-%s", 7, "y");
    ck_assert_str_eq(haul_buf_str(&buf), "ab/x...7-y");
    ck_assert_uint_eq(buf.len, 10);
    ck_assert_int_eq(buf.err, HAUL_OK);
    haul_buf_done(&buf);
    ck_assert_str_eq(haul_buf_str(&buf), "");
}
END_TEST

START_TEST(integers_at_their_limits_are_written_whole)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_buf_add_u64(&buf, 0);
    haul_buf_add_char(&buf, ' ');
    haul_buf_add_u64(&buf, ULLONG_MAX);
    haul_buf_add_char(&buf, ' ');
    haul_buf_add_i64(&buf, LLONG_MIN);
    haul_buf_add_char(&buf, ' ');
    haul_buf_add_i64(&buf, LLONG_MAX);
    haul_buf_add_i64(&buf, -1);
    ck_assert_str_eq(haul_buf_str(&buf),
                     "0 18446744073709551615 -9223372036854775808 9223372036854775807-1");
    haul_buf_done(&buf);
}
END_TEST

START_TEST(bytes_with_nul_are_kept)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_buf_add(&buf, "a\0b", 3);
    haul_buf_add(&buf, NULL, 0);
    ck_assert_uint_eq(buf.len, 3);
    ck_assert_mem_eq(buf.data, "a\0b", 4);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(content_at_the_maximum_fits_one_byte_more_does_not)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 5);
    haul_buf_add_str(&buf, "12345");
    ck_assert_int_eq(buf.err, HAUL_OK);
    haul_buf_add_char(&buf, '6');
    ck_assert_int_eq(buf.err, HAUL_ERR_LIMIT);
    ck_assert_str_eq(haul_buf_str(&buf), "12345");
    haul_buf_clear(&buf);
    haul_buf_addf(&buf, "%s", "123456");
    ck_assert_int_eq(buf.err, HAUL_ERR_LIMIT);
    haul_buf_add_str(&buf, "1"); /* would fit, but a row with a hole is no row */
    ck_assert_str_eq(haul_buf_str(&buf), "");
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, "1");
    ck_assert_str_eq(haul_buf_str(&buf), "1");
    haul_buf_done(&buf);
    haul_buf_pad(&buf, 'x', 6);
    ck_assert_int_eq(buf.err, HAUL_ERR_LIMIT); /* done keeps the maximum */
    haul_buf_done(&buf);
}
END_TEST

START_TEST(number_that_does_not_fit_leaves_nothing)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 3);
    haul_buf_add_i64(&buf, -123);
    ck_assert_int_eq(buf.err, HAUL_ERR_LIMIT);
    ck_assert_str_eq(haul_buf_str(&buf), "");
    haul_buf_done(&buf);
}
END_TEST

static const size_t absurd_sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 2, SIZE_MAX - 3};

START_TEST(absurd_size_is_refused)
{
    static const size_t maxima[] = {100, SIZE_MAX};
    struct haul_buf buf;

    for (int i = 0; i < COUNT(maxima); i++) {
        haul_buf_init(&buf, maxima[i]);
        haul_buf_add_str(&buf, "abc");
        ck_assert_ptr_null(haul_buf_reserve(&buf, absurd_sizes[_i]));
        ck_assert_int_ne(buf.err, HAUL_OK);
        ck_assert_str_eq(haul_buf_str(&buf), "abc");
        haul_buf_done(&buf);
    }
}
END_TEST

START_TEST(reserved_place_is_filled_and_grown)
{
    struct haul_buf buf;
    char *to;

    haul_buf_init(&buf, 0);
    to = haul_buf_reserve(&buf, 300);
    ck_assert_str_eq(haul_buf_str(&buf), ""); /* nothing was grown yet */
    memcpy(to, "xyz", 3);
    haul_buf_grew(&buf, 3);
    ck_assert_str_eq(haul_buf_str(&buf), "xyz");
    ck_assert_ptr_nonnull(haul_buf_reserve(&buf, 1000));
    ck_assert_str_eq(haul_buf_str(&buf), "xyz");
    haul_buf_done(&buf);
}
END_TEST

/* Consumed, and what must be left of "abcdef". */
static const struct consume_row {
    size_t len;
    const char *left;
} consume_rows[] = {{0, "abcdef"}, {1, "bcdef"}, {5, "f"}, {6, ""}, {7, ""}, {SIZE_MAX, ""}};

START_TEST(front_consumed_leaves_the_rest)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_buf_consume(&buf, 3);
    ck_assert_uint_eq(buf.len, 0);
    haul_buf_add_str(&buf, "abcdef");
    haul_buf_consume(&buf, consume_rows[_i].len);
    ck_assert_str_eq(haul_buf_str(&buf), consume_rows[_i].left);
    ck_assert_uint_eq(buf.len, strlen(consume_rows[_i].left));
    haul_buf_add_char(&buf, '+');
    ck_assert_int_eq(buf.data[buf.len - 1], '+');
    haul_buf_done(&buf);
}
END_TEST

START_TEST(append_without_memory_keeps_what_is_there)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    fail_alloc_arm(1);
    haul_buf_add_str(&buf, "x");
    ck_assert(fail_alloc_disarm());
    ck_assert_int_eq(buf.err, HAUL_ERR_NOMEM);
    ck_assert_str_eq(haul_buf_str(&buf), "");
    haul_buf_clear(&buf);
    haul_buf_add_str(&buf, "kept");
    fail_alloc_arm(1);
    haul_buf_pad(&buf, '.', 4096);
    haul_buf_add_str(&buf, "more"); /* there is room, but the error sticks */
    ck_assert(fail_alloc_disarm());
    ck_assert_int_eq(buf.err, HAUL_ERR_NOMEM);
    ck_assert_str_eq(haul_buf_str(&buf), "kept");
    haul_buf_done(&buf);
    ck_assert_int_eq(buf.err, HAUL_OK);
}
END_TEST

START_TEST(buffer_grown_byte_by_byte_allocates_seldom)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    fail_alloc_arm(20); /* 2^20 times the first capacity: never reached */
    for (int i = 0; i < 1000000; i++)
        haul_buf_add_char(&buf, 'x');
    ck_assert(!fail_alloc_disarm());
    ck_assert_int_eq(buf.err, HAUL_OK);
    ck_assert_uint_eq(buf.len, 1000000);
    haul_buf_done(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buf");
    TCase *tcase = tcase_create("buf");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, appends_of_every_kind_make_one_text);
    tcase_add_test(tcase, integers_at_their_limits_are_written_whole);
    tcase_add_test(tcase, bytes_with_nul_are_kept);
    tcase_add_test(tcase, content_at_the_maximum_fits_one_byte_more_does_not);
    tcase_add_test(tcase, number_that_does_not_fit_leaves_nothing);
    tcase_add_loop_test(tcase, absurd_size_is_refused, 0, COUNT(absurd_sizes));
    tcase_add_test(tcase, reserved_place_is_filled_and_grown);
    tcase_add_loop_test(tcase, front_consumed_leaves_the_rest, 0, COUNT(consume_rows));
    tcase_add_test(tcase, append_without_memory_keeps_what_is_there);
    tcase_add_test(tcase, buffer_grown_byte_by_byte_allocates_seldom);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
