#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

static const char *program; /* this one */

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

START_TEST(keyed_hash_is_of_all_bytes_and_never_0)
{
    unsigned char bytes[64] = {0};
    uint64_t whole = haul_hash_keyed(bytes, sizeof bytes);

    ck_assert_uint_eq(haul_hash_keyed(bytes, sizeof bytes), whole);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 0x80;
        ck_assert_uint_ne(haul_hash_keyed(bytes, sizeof bytes), whole);
        bytes[i] ^= 0x80;
        ck_assert_uint_ne(haul_hash_keyed(bytes, i), 0);
        ck_assert_uint_ne(haul_hash_keyed(bytes, i), whole);
    }
    ck_assert_uint_ne(haul_hash_keyed_pair(1, 2), haul_hash_keyed_pair(2, 1));
}
END_TEST

/* As text, which two of these processes must not have alike. */
static void print_hash(void)
{
    printf("%016llx\n", (unsigned long long)haul_hash_keyed("haul", 4));
}

START_TEST(keyed_hash_is_another_one_in_each_process)
{
    char command[4096], first[32] = "", other[32] = "";
    FILE *run;

    snprintf(command, sizeof command, "'%s' --print; '%s' --print", program, program);
    run = popen(command, "r");
    ck_assert_ptr_nonnull(run);
    ck_assert(fgets(first, sizeof first, run) && fgets(other, sizeof other, run));
    ck_assert_int_eq(pclose(run), 0);
    ck_assert_uint_eq(strlen(first), 17);
    ck_assert_str_ne(first, other);
}
END_TEST

/* Names that a list can hold so that a table by the unkeyed hash has all of them in one place. */
START_TEST(chosen_names_do_not_meet_in_one_place)
{
    enum { PLACES = 256, NAMES = 2000, WORST = 40 /* by chance: one in 10^12 */ };
    int count[PLACES] = {0}, found = 0;
    char name[32];

    for (unsigned i = 0; found < NAMES; i++) {
        int len = snprintf(name, sizeof name, "http://h%u.example:80", i);

        if (haul_hash(name, (size_t)len) % PLACES)
            continue;
        found++;
        count[haul_hash_keyed(name, (size_t)len) % PLACES]++;
    }
    for (int i = 0; i < PLACES; i++)
        ck_assert_int_le(count[i], WORST);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite;
    TCase *tests;
    SRunner *runner;
    int failures;

    program = argv[0];
    if (argc > 1) {
        print_hash();
        return 0;
    }
    suite = suite_create("hash");
    tests = tcase_create("hash");
    runner = srunner_create(suite);
    tcase_add_test(tests, hash_is_fnv_1a);
    tcase_add_test(tests, mix_is_the_end_of_murmurhash3);
    tcase_add_test(tests, keyed_hash_is_of_all_bytes_and_never_0);
    tcase_add_test(tests, keyed_hash_is_another_one_in_each_process);
    tcase_add_test(tests, chosen_names_do_not_meet_in_one_place);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
