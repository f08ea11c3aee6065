#include <check.h>
#include <pthread.h>
#include <stdio.h>

#include "fail_alloc.h"
#include "wire/meters.h"

#define S INT64_C(1000000) /* a second */
#define ORIGIN "http://a.test:80"

enum { THREADS = 4, TAKES = 20000, MANY = 5000, RATE = 1000 };

static const int64_t T0 = 5000 * S;

static struct haul_meters *meters;

static void begin(void)
{
    ck_assert_int_eq(haul_meters_create(&meters), HAUL_OK);
}

static void end(void)
{
    haul_meters_free(meters);
}

/* ---- one origin ---- */

START_TEST(those_of_an_origin_share_its_meter)
{
    struct haul_meter *one = haul_meters_take(meters, ORIGIN, RATE, T0);
    struct haul_meter *same = haul_meters_take(meters, ORIGIN, RATE, T0);
    struct haul_meter *other = haul_meters_take(meters, "http://a.test:81", 2 * RATE, T0);

    ck_assert_ptr_eq(one, same);
    ck_assert_ptr_ne(one, other);
    ck_assert_int_eq(one->rate, RATE);
    ck_assert_int_eq(other->rate, 2 * RATE);
    ck_assert_uint_eq(haul_meters_count(meters), 2);
    haul_meters_give_back(meters, one);
    haul_meters_give_back(meters, same);
    haul_meters_give_back(meters, other);
}
END_TEST

/* Else who closes his connections and makes new ones has no limit. */
START_TEST(bytes_are_not_forgotten_before_they_had_their_time)
{
    struct haul_meter *meter = haul_meters_take(meters, ORIGIN, RATE, T0);

    haul_meter_take(meter, 10 * RATE, T0);
    haul_meters_give_back(meters, meter);
    for (int i = 0; i < MANY; i++) { /* in each bucket something is swept */
        char origin[64];

        snprintf(origin, sizeof origin, "http://h%d.test:80", i);
        haul_meters_give_back(meters, haul_meters_take(meters, origin, RATE, T0 + 9 * S));
    }
    meter = haul_meters_take(meters, ORIGIN, RATE, T0 + 9 * S);
    ck_assert_int_gt(haul_meter_take(meter, 1, T0 + 9 * S), T0 + 9 * S);
    haul_meters_give_back(meters, meter);
}
END_TEST

/* ---- many origins ---- */

START_TEST(those_that_nobody_uses_are_not_kept)
{
    for (int i = 0; i < 4 * MANY; i++) {
        char origin[64];
        struct haul_meter *meter;

        snprintf(origin, sizeof origin, "http://h%d.test:80", i);
        meter = haul_meters_take(meters, origin, RATE, T0 + i * S);
        ck_assert_ptr_nonnull(meter);
        haul_meter_take(meter, RATE, T0 + i * S);
        haul_meters_give_back(meters, meter);
    }
    ck_assert_uint_le(haul_meters_count(meters), 512); /* one or two of each bucket */
}
END_TEST

START_TEST(one_that_is_used_is_kept)
{
    struct haul_meter *meter = haul_meters_take(meters, ORIGIN, RATE, T0);

    for (int i = 0; i < MANY; i++) {
        char origin[64];

        snprintf(origin, sizeof origin, "http://h%d.test:80", i);
        haul_meters_give_back(meters, haul_meters_take(meters, origin, RATE, T0 + 100 * S));
    }
    ck_assert_ptr_eq(haul_meters_take(meters, ORIGIN, RATE, T0 + 100 * S), meter);
    haul_meters_give_back(meters, meter);
    haul_meters_give_back(meters, meter);
}
END_TEST

START_TEST(no_memory_leaves_all_as_it_was)
{
    struct haul_meters *none = NULL;

    fail_alloc_arm(1);
    ck_assert_int_eq(haul_meters_create(&none), HAUL_ERR_NOMEM);
    ck_assert(fail_alloc_disarm());
    fail_alloc_arm(1);
    ck_assert_ptr_null(haul_meters_take(meters, ORIGIN, RATE, T0));
    ck_assert(fail_alloc_disarm());
    ck_assert_uint_eq(haul_meters_count(meters), 0);
}
END_TEST

/* ---- threads ---- */

static void *take_and_give_back(void *arg)
{
    (void)arg;
    for (int i = 0; i < TAKES; i++) {
        char origin[64];
        struct haul_meter *meter;

        snprintf(origin, sizeof origin, "http://h%d.test:80", i % 300);
        meter = haul_meters_take(meters, origin, RATE, T0 + i * S);
        haul_meter_take(meter, 1, T0 + i * S);
        haul_meters_give_back(meters, meter);
    }
    return NULL;
}

START_TEST(threads_take_turns)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give_back, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_le(haul_meters_count(meters), 300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("meters");
    TCase *tcase = tcase_create("meters");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, those_of_an_origin_share_its_meter);
    tcase_add_test(tcase, bytes_are_not_forgotten_before_they_had_their_time);
    tcase_add_test(tcase, those_that_nobody_uses_are_not_kept);
    tcase_add_test(tcase, one_that_is_used_is_kept);
    tcase_add_test(tcase, no_memory_leaves_all_as_it_was);
    tcase_add_test(tcase, threads_take_turns);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
