#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "summary/summary.h"

START_TEST(new_summary_is_empty_and_unknown)
{
    struct haul_summary summary;

    haul_summary_init(&summary);
    ck_assert_str_eq(summary.title, "");
    ck_assert_str_eq(summary.version, "");
    ck_assert_ptr_null(summary.group_by);
    ck_assert_int_eq(summary.before_size, -1);
    ck_assert_ptr_null(summary.memory);
    haul_summary_done(&summary);
}
END_TEST

START_TEST(kept_text_is_a_copy)
{
    struct haul_summary summary;
    char text[] = "http://a/";
    const char *copy;

    haul_summary_init(&summary);
    copy = haul_summary_keep(&summary, text);
    memset(text, 'x', sizeof text - 1);
    ck_assert_str_eq(copy, "http://a/");
    haul_summary_done(&summary);
    ck_assert_ptr_null(summary.memory);
}
END_TEST

START_TEST(memory_is_zeroed_and_fit_for_any_type)
{
    struct haul_summary summary;

    haul_summary_init(&summary);
    for (size_t size = 0; size < 100; size++) {
        unsigned char *bytes = haul_summary_alloc(&summary, size);

        ck_assert_ptr_nonnull(bytes);
        ck_assert_uint_eq((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(bytes[i], 0);
        memset(bytes, 0xff, size);
    }
    haul_summary_done(&summary);
}
END_TEST

START_TEST(failed_allocation_changes_nothing)
{
    struct haul_summary summary;
    const char *first;

    haul_summary_init(&summary);
    first = haul_summary_keep(&summary, "first");
    fail_alloc_arm(1);
    ck_assert_ptr_null(haul_summary_keep(&summary, "second"));
    ck_assert(fail_alloc_disarm());
    ck_assert_ptr_null(haul_summary_alloc(&summary, SIZE_MAX));
    ck_assert_str_eq(first, "first");
    haul_summary_done(&summary);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("summary");
    TCase *tcase = tcase_create("memory");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, new_summary_is_empty_and_unknown);
    tcase_add_test(tcase, kept_text_is_a_copy);
    tcase_add_test(tcase, memory_is_zeroed_and_fit_for_any_type);
    tcase_add_test(tcase, failed_allocation_changes_nothing);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
