#include <check.h>

#include "base/hash.h"

START_TEST(hash_is_fnv_1a)
{
    /* test vectors of draft-eastlake-fnv */
    ck_assert_uint_eq(haul_hash("", 0), UINT64_C(0xcbf29ce484222325));
    ck_assert_uint_eq(haul_hash("a", 1), UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert_uint_eq(haul_hash("foobar", 6), UINT64_C(0x85944171f73967e8));
}
END_TEST

START_TEST(mix_is_the_end_of_murmurhash3)
{
    /* computed from the definition */
    ck_assert_uint_eq(haul_hash_mix(0), 0);
    ck_assert_uint_eq(haul_hash_mix(1), UINT64_C(0xb456bcfc34c2cb2c));
    ck_assert_uint_eq(haul_hash_mix(UINT64_MAX), UINT64_C(0x64b5720b4b825f21));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hash");
    TCase *tests = tcase_create("hash");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tests, hash_is_fnv_1a);
    tcase_add_test(tests, mix_is_the_end_of_murmurhash3);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
