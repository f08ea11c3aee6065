#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "wire/meter.h"

#define S INT64_C(1000000) /* a second */

enum { READERS = 8, THREADS = 2, TAKES = 100000 };

static const int64_t T0 = 5000 * S;
static const int64_t slack_us = S / 10;

static struct haul_meter meter;

/* A reader that reads so much whenever it may, until `end_us`. Returns what it got. */
static int64_t read_alone(int64_t piece, int64_t begin_us, int64_t end_us)
{
    int64_t now_us = begin_us, sum = 0;

    while (now_us < end_us) {
        int64_t until_us = haul_meter_take(&meter, piece, now_us);

        sum += piece;
        if (until_us > now_us)
            now_us = until_us;
    }
    return sum;
}

/* The same with several, of which the one that may read first does. */
static int64_t read_together(const int64_t *pieces, int count, int64_t begin_us, int64_t end_us)
{
    int64_t free_us[READERS], sum = 0;

    for (int i = 0; i < count; i++)
        free_us[i] = begin_us;
    for (;;) {
        int first = 0;
        int64_t until_us;

        for (int i = 1; i < count; i++)
            if (free_us[i] < free_us[first])
                first = i;
        if (free_us[first] >= end_us)
            return sum;
        until_us = haul_meter_take(&meter, pieces[first], free_us[first]);
        sum += pieces[first];
        if (until_us > free_us[first])
            free_us[first] = until_us;
    }
}

START_TEST(no_rate_never_waits)
{
    static const int64_t rates[] = {0, -1, HAUL_METER_RATE_MAX + 1, INT64_MAX};

    haul_meter_init(&meter, rates[_i]);
    for (int i = 0; i < 10; i++)
        ck_assert_int_le(haul_meter_take(&meter, INT64_MAX, T0), T0);
}
END_TEST

START_TEST(nothing_read_takes_no_time)
{
    haul_meter_init(&meter, 1);
    for (int i = 0; i < 10; i++)
        ck_assert_int_le(haul_meter_take(&meter, 0, T0), T0);
    ck_assert_int_le(haul_meter_take(&meter, 1, T0), T0);
}
END_TEST

static const struct {
    int64_t rate, piece, time_us;
} rows[] = {
    {1, 1, 3600 * S},
    {1000, 1, 60 * S},
    {1000, 1000, 600 * S},
    {1000, 16384, 6000 * S},
    {100000, 16384, 600 * S},
    {1000000, 1, S},
    {1000000, 1460, 60 * S},
    {12500000, 16384, 60 * S},
    {1000000000, 100, S / 1000},
    {1000000000, 65536, 10 * S},
    {HAUL_METER_RATE_MAX, 1 << 20, 10 * S},
};

/* What the rate gives in a time, and at its end what one reader each may have before it waits. */
static void check_sum(int64_t sum, int64_t rate, int64_t time_us, int64_t last)
{
    int64_t least = rate / S * time_us + rate % S * time_us / S;

    ck_assert_int_ge(sum, least - least / 1000);
    ck_assert_int_le(sum, least + rate / 10 + last);
}

START_TEST(one_reader_gets_the_rate)
{
    int64_t rate = rows[_i].rate, piece = rows[_i].piece;
    int64_t time_us = rows[_i].time_us;

    haul_meter_init(&meter, rate);
    check_sum(read_alone(piece, T0, T0 + time_us), rate, time_us, 2 * piece);
}
END_TEST

START_TEST(eight_readers_share_the_rate)
{
    static const int64_t pieces[READERS] = {1, 100, 1000, 1460, 4096, 16384, 16384, 65536};
    int64_t last = 2 * 65536;

    for (int i = 0; i < READERS; i++)
        last += pieces[i];
    haul_meter_init(&meter, 1000000);
    check_sum(read_together(pieces, READERS, T0, T0 + 60 * S), 1000000, 60 * S, last);
}
END_TEST

START_TEST(readers_that_come_and_go_leave_the_rate_to_the_others)
{
    static const int64_t pieces[READERS] = {100, 100, 100, 100, 100, 100, 100, 100};
    int64_t sum = 0;

    haul_meter_init(&meter, 10000);
    for (int i = 0; i < 60; i++)
        sum += read_together(pieces, 1 + i % READERS, T0 + i * S, T0 + (i + 1) * S);
    check_sum(sum, 10000, 60 * S, INT64_C(60) * READERS * 100);
}
END_TEST

START_TEST(each_waits_until_where_his_bytes_began)
{
    haul_meter_init(&meter, 1000);
    ck_assert_int_eq(haul_meter_take(&meter, 5000, T0), T0 - slack_us);
    ck_assert_int_eq(haul_meter_take(&meter, 1000, T0), T0 - slack_us + 5 * S);
    ck_assert_int_eq(haul_meter_take(&meter, 1, T0 + S), T0 - slack_us + 6 * S);
    ck_assert_int_eq(haul_meter_take(&meter, 1, T0 + 2 * S), T0 - slack_us + 6 * S + 1000);
}
END_TEST

START_TEST(rest_allows_no_more_than_its_slack)
{
    int64_t sum = 0;

    haul_meter_init(&meter, 100000);
    (void)read_alone(1000, T0, T0 + S);
    while (haul_meter_take(&meter, 100, T0 + 3600 * S) <= T0 + 3600 * S)
        sum += 100;
    ck_assert_int_ge(sum, 10000); /* a tenth of a second's */
    ck_assert_int_le(sum, 10100);
}
END_TEST

START_TEST(many_small_reads_get_no_more_than_a_large_one)
{
    haul_meter_init(&meter, 3); /* a byte is no whole number of nanoseconds */
    for (int i = 0; i < 3000; i++)
        (void)haul_meter_take(&meter, 1, T0);
    ck_assert_int_ge(haul_meter_take(&meter, 1, T0), T0 - slack_us + 1000 * S);
    ck_assert_int_le(haul_meter_take(&meter, 1, T0), T0 - slack_us + 1000 * S + S);
}
END_TEST

START_TEST(large_numbers_do_not_overflow)
{
    static const int64_t rates[] = {1, 7, 1000, HAUL_METER_RATE_MAX};
    int64_t before_us = INT64_MIN;

    haul_meter_init(&meter, rates[_i]);
    (void)haul_meter_take(&meter, INT64_C(1) << 62, T0);
    ck_assert_int_gt(haul_meter_take(&meter, 1, T0), T0 + INT64_C(18) * 365 * 86400 * S);
    for (int i = 0; i < 100; i++) {
        int64_t until_us = haul_meter_take(&meter, i % 2 ? INT64_MAX : INT64_C(1) << 62, T0);

        ck_assert_int_ge(until_us, before_us);
        before_us = until_us;
    }
    ck_assert_int_gt(before_us, T0 + INT64_C(36) * 365 * 86400 * S);
}
END_TEST

/* ---- threads ---- */

static pthread_barrier_t barrier;

/* All read at one moment, so that the words they write are the only clock that moves. */
static void *take_all(void *arg)
{
    (void)arg;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < TAKES; i++)
        (void)haul_meter_take(&meter, 10, T0);
    return NULL;
}

START_TEST(threads_lose_no_byte)
{
    pthread_t threads[THREADS];
    int64_t bytes = INT64_C(10) * THREADS * TAKES;

    haul_meter_init(&meter, 1000);
    ck_assert_int_eq(pthread_barrier_init(&barrier, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_all, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    pthread_barrier_destroy(&barrier);
    ck_assert_int_eq(haul_meter_take(&meter, 1, T0), T0 - slack_us + bytes * S / 1000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("meter");
    TCase *tcase = tcase_create("meter");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, no_rate_never_waits, 0, 4);
    tcase_add_test(tcase, nothing_read_takes_no_time);
    tcase_add_loop_test(tcase, one_reader_gets_the_rate, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tcase, eight_readers_share_the_rate);
    tcase_add_test(tcase, readers_that_come_and_go_leave_the_rate_to_the_others);
    tcase_add_test(tcase, each_waits_until_where_his_bytes_began);
    tcase_add_test(tcase, rest_allows_no_more_than_its_slack);
    tcase_add_test(tcase, many_small_reads_get_no_more_than_a_large_one);
    tcase_add_loop_test(tcase, large_numbers_do_not_overflow, 0, 4);
    tcase_add_test(tcase, threads_lose_no_byte);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
