#include <check.h>
#include <stdlib.h>

#include "base/keyset.h"
#include "fail_alloc.h"

/* A search that never ends is ended by the case's timeout. */

enum { KEYS = 10000 };

static struct haul_keyset *set;

static void begin(void)
{
    ck_assert_int_eq(haul_keyset_create(&set), HAUL_OK);
}

static void end(void)
{
    haul_keyset_free(set);
}

static bool add(uint64_t key, uint64_t tag)
{
    uint64_t first = 0;
    bool is_new;

    ck_assert_int_eq(haul_keyset_add(set, key, tag, &is_new, &first), HAUL_OK);
    ck_assert(is_new || first);
    return is_new;
}

/* Keys that differ in few bits, at either end of the number, or in all. */
static uint64_t key_of(int kind, uint64_t number)
{
    static const uint64_t factors[] = {1, UINT64_C(1) << 46, UINT64_C(0x9e3779b97f4a7c15)};

    return number * factors[kind];
}

START_TEST(keys_are_kept_with_their_tags)
{
    uint64_t tag = 0;

    for (uint64_t i = 1; i <= KEYS; i++)
        ck_assert(add(key_of(_i, i), i));
    for (uint64_t i = 1; i <= KEYS; i++) {
        ck_assert(!add(key_of(_i, i), i + 1));
        ck_assert(haul_keyset_find(set, key_of(_i, i), &tag));
        ck_assert_uint_eq(tag, i);
        ck_assert(haul_keyset_has_tag(set, key_of(_i, i), i));
        ck_assert(!haul_keyset_has_tag(set, key_of(_i, i), i + 1));
        ck_assert(!haul_keyset_has(set, key_of(_i, i + KEYS)));
    }
    ck_assert_int_eq(haul_keyset_put(set, key_of(_i, 1), 7), HAUL_OK);
    ck_assert(haul_keyset_has_tag(set, key_of(_i, 1), 7));
    haul_keyset_clear(set);
    for (size_t i = 1; i <= KEYS; i++)
        ck_assert(!haul_keyset_has(set, key_of(_i, i)));
    ck_assert_int_eq(haul_keyset_put(set, key_of(_i, 1), 7), HAUL_OK);
    ck_assert(haul_keyset_has_tag(set, key_of(_i, 1), 7));
}
END_TEST

/* Keys that are chosen to meet: the hash is no secret. All begin at one slot. */
START_TEST(keys_of_one_slot_are_kept)
{
    enum { MEETING = 2000 };
    const uint64_t inverse = UINT64_C(0xf1de83e19937733d); /* of the factor that spreads them */

    for (uint64_t i = 1; i <= MEETING; i++)
        ck_assert(add(i * inverse, i));
    for (uint64_t i = 1; i <= MEETING; i++)
        ck_assert(haul_keyset_has_tag(set, i * inverse, i));
    ck_assert(!haul_keyset_has(set, (MEETING + 1) * inverse));
}
END_TEST

/* The table cannot grow: it refuses what it has no room for, and is searched to no avail. */
START_TEST(full_table_refuses_and_is_still_searched)
{
    uint64_t first, held = 0;
    bool is_new;

    while (add(held + 1, held + 1) && ++held < 816)
        ;
    for (uint64_t key = held + 1; key <= 5000; key++) {
        fail_alloc_arm(1);
        ck_assert_int_eq(haul_keyset_add(set, key, key, &is_new, &first), HAUL_ERR_NOMEM);
        ck_assert(fail_alloc_disarm());
        fail_alloc_arm(1);
        ck_assert_int_eq(haul_keyset_put(set, key, key), HAUL_ERR_NOMEM);
        ck_assert(fail_alloc_disarm());
        ck_assert(!haul_keyset_has(set, key));
    }
    for (uint64_t key = 1; key <= held; key++)
        ck_assert(haul_keyset_has_tag(set, key, key));
    ck_assert(add(held + 1, 1));
}
END_TEST

START_TEST(allocation_fails_it_is_told)
{
    struct haul_keyset *other;

    for (long n = 1; n <= 2; n++) {
        fail_alloc_arm(n);
        ck_assert_int_eq(haul_keyset_create(&other), HAUL_ERR_NOMEM);
        ck_assert(fail_alloc_disarm());
        ck_assert_ptr_null(other);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyset");
    TCase *tests = tcase_create("keyset");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tests, begin, end);
    tcase_set_timeout(tests, 20);
    tcase_add_loop_test(tests, keys_are_kept_with_their_tags, 0, 3);
    tcase_add_test(tests, keys_of_one_slot_are_kept);
    tcase_add_test(tests, full_table_refuses_and_is_still_searched);
    tcase_add_test(tests, allocation_fails_it_is_told);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
