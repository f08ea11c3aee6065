#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "report/order.h"

/*
 * Rows say their own place: "<place>:" and then as many letters as the place decides. The receiver
 * checks that they come in rising order and whole.
 */
enum { ROW_ROOM = 200000 };

struct receiver {
    uint64_t next;     /* the lowest place that may come */
    uint64_t received; /* rows */
    uint64_t fail_at;  /* after so many rows, 0: never */
    size_t (*length)(uint64_t place);
    char row[ROW_ROOM];
};

static struct receiver receiver;

static size_t short_rows(uint64_t place)
{
    return (size_t)(place % 97);
}

/* Some longer than every buffer on the way, and some empty but for the place. */
static size_t uneven_rows(uint64_t place)
{
    return place % 50 == 0 ? 150000 : place % 7 == 0 ? 20000 : (size_t)(place % 3);
}

static size_t make_row(char *row, uint64_t place, size_t letters)
{
    int n = snprintf(row, ROW_ROOM, "%llu:", (unsigned long long)place);

    memset(row + n, 'a' + (int)(place % 26), letters);
    return (size_t)n + letters;
}

static enum haul_err receive(void *context, const char *bytes, size_t len)
{
    struct receiver *to = context;
    uint64_t place = strtoull(bytes, NULL, 10);
    size_t wanted = make_row(to->row, place, to->length(place));

    if (to->fail_at && to->received == to->fail_at)
        return HAUL_ERR_LIMIT;
    ck_assert_uint_ge(place, to->next);
    ck_assert_uint_eq(len, wanted);
    ck_assert_int_eq(memcmp(bytes, to->row, len), 0);
    to->next = place + 1;
    to->received++;
    return HAUL_OK;
}

static struct haul_order_queue *create(size_t memory_max, size_t (*length)(uint64_t place))
{
    struct haul_order_queue *order;

    memset(&receiver, 0, sizeof receiver);
    receiver.length = length;
    ck_assert_int_eq(haul_order_create(&order, memory_max, receive, &receiver), HAUL_OK);
    return order;
}

static enum haul_err add(struct haul_order_queue *order, uint64_t place)
{
    static char row[ROW_ROOM];

    return haul_order_add(order, place, row, make_row(row, place, receiver.length(place)));
}

/* --- every order, every store ----------------------------------------------------------------- */

static uint64_t forward(uint64_t i, uint64_t count)
{
    (void)count;
    return i;
}

static uint64_t backward(uint64_t i, uint64_t count)
{
    return count - 1 - i;
}

static uint64_t first_comes_last(uint64_t i, uint64_t count)
{
    return (i + 1) % count;
}

static uint64_t odd_then_even(uint64_t i, uint64_t count)
{
    return i < count / 2 ? 2 * i + 1 : 2 * (i - count / 2);
}

/* Neighbours change places, and one in a thousand is late by far: what a pool of workers does. */
static uint64_t jittered(uint64_t i, uint64_t count)
{
    uint64_t rest = i % 1000;

    (void)count;
    if (rest == 0 || rest == 999)
        return i - rest + (999 - rest);
    return i - rest + ((rest - 1) ^ 1) + 1;
}

/* A permutation without a pattern: the factor has no divisor in common with 20000 or 2000. */
static uint64_t scattered(uint64_t i, uint64_t count)
{
    return i * 7919 % count;
}

static uint64_t (*const orders[])(uint64_t i, uint64_t count) = {
    forward, backward, first_comes_last, odd_then_even, jittered, scattered};
static const size_t memories[] = {1, 2000, 0};

enum { ORDERS = sizeof orders / sizeof *orders, MEMORIES = sizeof memories / sizeof *memories };

static void check_matrix_cell(int cell, uint64_t count, size_t (*length)(uint64_t place))
{
    struct haul_order_queue *order = create(memories[cell % MEMORIES], length);
    uint64_t gaps = 77;

    for (uint64_t i = 0; i < count; i++)
        ck_assert_int_eq(add(order, orders[cell / MEMORIES](i, count)), HAUL_OK);
    ck_assert_uint_eq(receiver.received, count);
    ck_assert_int_eq(haul_order_finish(order, &gaps), HAUL_OK);
    ck_assert_uint_eq(gaps, 0);
    ck_assert_uint_eq(receiver.received, count);
    /* With one byte of memory, every early row went through the files. */
    if (memories[cell % MEMORIES] == 1 && cell / MEMORIES > 0)
        ck_assert_uint_ge(haul_order_spilled(order), count / 2);
    if (cell / MEMORIES == 0)
        ck_assert_uint_eq(haul_order_spilled(order), 0);
    haul_order_free(order);
}

START_TEST(rows_in_any_order_come_out_in_theirs)
{
    check_matrix_cell(_i, 20000, short_rows);
}
END_TEST

START_TEST(long_rows_in_any_order_come_out_whole)
{
    check_matrix_cell(_i, 2000, uneven_rows);
}
END_TEST

START_TEST(early_rows_in_a_small_number_stay_in_memory)
{
    struct haul_order_queue *order = create(0, short_rows);

    for (uint64_t place = 1000; place; place--)
        ck_assert_int_eq(add(order, place), HAUL_OK);
    ck_assert_uint_eq(receiver.received, 0);
    ck_assert_int_eq(add(order, 0), HAUL_OK);
    ck_assert_uint_eq(receiver.received, 1001);
    ck_assert_uint_eq(haul_order_spilled(order), 0);
    haul_order_free(order);
}
END_TEST

/* Files are emptied in between; what they held before must not come back. */
START_TEST(waves_of_early_rows_come_out_in_order)
{
    enum { WAVE = 300, WAVES = 6 };
    struct haul_order_queue *order = create(1, uneven_rows);

    for (uint64_t wave = 0; wave < WAVES; wave++) {
        for (uint64_t i = WAVE; i; i--)
            ck_assert_int_eq(add(order, wave * WAVE + i - 1), HAUL_OK);
        ck_assert_uint_eq(receiver.received, (wave + 1) * WAVE);
    }
    ck_assert_int_eq(haul_order_finish(order, NULL), HAUL_OK);
    haul_order_free(order);
}
END_TEST

START_TEST(rows_after_a_drained_gap_are_found_in_the_files)
{
    struct haul_order_queue *order = create(1, short_rows);

    /* 5 is looked for before it is there, and 7 too: neither may be remembered as a hole. */
    ck_assert_int_eq(add(order, 3), HAUL_OK);
    ck_assert_int_eq(add(order, 1), HAUL_OK);
    ck_assert_int_eq(add(order, 0), HAUL_OK);
    ck_assert_int_eq(add(order, 7), HAUL_OK);
    ck_assert_int_eq(add(order, 4), HAUL_OK);
    ck_assert_int_eq(add(order, 2), HAUL_OK);
    ck_assert_uint_eq(receiver.received, 5);
    ck_assert_int_eq(add(order, 6), HAUL_OK);
    ck_assert_int_eq(add(order, 5), HAUL_OK);
    ck_assert_uint_eq(receiver.received, 8);
    haul_order_free(order);
}
END_TEST

static size_t kilobyte_rows(uint64_t place)
{
    (void)place;
    return 1000;
}

/* Rows are read from the file while it still grows. */
START_TEST(row_in_a_file_that_grows_is_whole)
{
    struct haul_order_queue *order = create(1, kilobyte_rows);

    for (uint64_t place = 1; place <= 65; place++)
        ck_assert_int_eq(add(order, place), HAUL_OK);
    ck_assert_int_eq(add(order, 67), HAUL_OK);
    ck_assert_int_eq(add(order, 0), HAUL_OK);
    ck_assert_uint_eq(receiver.received, 66);
    for (uint64_t place = 68; place <= 140; place++)
        ck_assert_int_eq(add(order, place), HAUL_OK);
    ck_assert_int_eq(add(order, 66), HAUL_OK);
    ck_assert_uint_eq(receiver.received, 141);
    haul_order_free(order);
}
END_TEST

/* --- what may be missing, double, or go wrong ------------------------------------------------- */

START_TEST(gaps_are_skipped_and_counted)
{
    struct haul_order_queue *order = create(memories[_i], short_rows);
    uint64_t gaps;

    for (uint64_t place = 0; place < 30000; place++) {
        if (place % 10 != 3)
            ck_assert_int_eq(add(order, place), HAUL_OK);
    }
    ck_assert_uint_eq(receiver.received, 3);
    ck_assert_int_eq(haul_order_finish(order, &gaps), HAUL_OK);
    ck_assert_uint_eq(receiver.received, 27000);
    ck_assert_uint_eq(gaps, 3000);
    haul_order_free(order);
}
END_TEST

START_TEST(nothing_added_leaves_no_gap)
{
    struct haul_order_queue *order = create(0, short_rows);
    uint64_t gaps = 77;

    ck_assert_int_eq(haul_order_finish(order, &gaps), HAUL_OK);
    ck_assert_uint_eq(gaps, 0);
    haul_order_free(order);
}
END_TEST

START_TEST(place_that_was_emitted_is_refused)
{
    struct haul_order_queue *order = create(0, short_rows);

    ck_assert_int_eq(add(order, 0), HAUL_OK);
    ck_assert_int_eq(add(order, 0), HAUL_ERR_RANGE);
    ck_assert_int_eq(add(order, 1), HAUL_ERR_RANGE);
    haul_order_free(order);
}
END_TEST

START_TEST(place_held_twice_in_memory_is_refused)
{
    struct haul_order_queue *order = create(0, short_rows);

    ck_assert_int_eq(add(order, 5), HAUL_OK);
    ck_assert_int_eq(add(order, 5), HAUL_ERR_RANGE);
    haul_order_free(order);
}
END_TEST

START_TEST(place_held_twice_in_files_is_seen_at_the_end)
{
    struct haul_order_queue *order = create(1, short_rows);

    ck_assert_int_eq(add(order, 1), HAUL_OK);
    ck_assert_int_eq(add(order, 1), HAUL_OK);
    ck_assert_int_eq(haul_order_finish(order, NULL), HAUL_ERR_RANGE);
    haul_order_free(order);
}
END_TEST

START_TEST(receiver_that_fails_ends_it)
{
    struct haul_order_queue *order = create(memories[_i], short_rows);

    receiver.fail_at = 2;
    for (uint64_t place = 1; place < 5; place++)
        ck_assert_int_eq(add(order, place), HAUL_OK);
    ck_assert_int_eq(add(order, 0), HAUL_ERR_LIMIT);
    ck_assert_int_eq(add(order, 9), HAUL_ERR_LIMIT);
    ck_assert_int_eq(haul_order_finish(order, NULL), HAUL_ERR_LIMIT);
    haul_order_free(order);
}
END_TEST

START_TEST(no_directory_for_the_files_is_an_error)
{
    struct haul_order_queue *order;

    receiver.length = short_rows;
    ck_assert_int_eq(setenv("TMPDIR", "/nonexistent/x", 1), 0);
    ck_assert_int_eq(haul_order_create(&order, 1, receive, &receiver), HAUL_OK);
    ck_assert_int_eq(add(order, 1), HAUL_ERR_SYSTEM);
    ck_assert_int_eq(haul_order_errno(order), ENOENT);
    ck_assert_int_eq(haul_order_finish(order, NULL), HAUL_ERR_SYSTEM);
    haul_order_free(order);
}
END_TEST

/* The kernel's file size limit plays the full disk. Loop: 0 hits data, 1 hits the index. */
START_TEST(full_disk_is_an_error_and_not_a_lost_row)
{
    const struct rlimit limit = {100000, 100000};
    struct haul_order_queue *order = create(1, short_rows);
    enum haul_err err = HAUL_OK;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    if (_i)
        err = add(order, 1000000);
    for (uint64_t place = 1; place < 100000 && !_i && !err; place++)
        err = add(order, place);
    ck_assert_int_eq(err, HAUL_ERR_IO);
    ck_assert_int_eq(haul_order_finish(order, NULL), HAUL_ERR_IO);
    ck_assert_int_eq(haul_order_errno(order), EFBIG);
    ck_assert_uint_eq(receiver.received, 0);
    haul_order_free(order);
}
END_TEST

START_TEST(place_beyond_all_offsets_is_refused)
{
    struct haul_order_queue *order = create(0, short_rows);

    ck_assert_int_eq(add(order, UINT64_MAX - 1), HAUL_ERR_LIMIT);
    haul_order_free(order);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order");
    TCase *orders_case = tcase_create("orders");
    TCase *faults = tcase_create("faults");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(orders_case, 60);
    tcase_add_loop_test(orders_case, rows_in_any_order_come_out_in_theirs, 0, ORDERS * MEMORIES);
    tcase_add_loop_test(orders_case, long_rows_in_any_order_come_out_whole, 0, ORDERS * MEMORIES);
    tcase_add_test(orders_case, early_rows_in_a_small_number_stay_in_memory);
    tcase_add_test(orders_case, waves_of_early_rows_come_out_in_order);
    tcase_add_test(orders_case, rows_after_a_drained_gap_are_found_in_the_files);
    tcase_add_test(orders_case, row_in_a_file_that_grows_is_whole);
    tcase_add_loop_test(faults, gaps_are_skipped_and_counted, 0, MEMORIES);
    tcase_add_test(faults, nothing_added_leaves_no_gap);
    tcase_add_test(faults, place_that_was_emitted_is_refused);
    tcase_add_test(faults, place_held_twice_in_memory_is_refused);
    tcase_add_test(faults, place_held_twice_in_files_is_seen_at_the_end);
    tcase_add_loop_test(faults, receiver_that_fails_ends_it, 0, MEMORIES);
    tcase_add_test(faults, no_directory_for_the_files_is_an_error);
    tcase_add_loop_test(faults, full_disk_is_an_error_and_not_a_lost_row, 0, 2);
    tcase_add_test(faults, place_beyond_all_offsets_is_refused);
    suite_add_tcase(suite, orders_case);
    suite_add_tcase(suite, faults);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
