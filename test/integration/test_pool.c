#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * How many transfers are under way at a time. A latch of the server lets nobody go before `n`
 * requests are in at once: a pool that is too small would wait there for ever, and one that is too
 * large shows in the server's peak.
 */

static const int sizes[] = {1, 4, 9, 64, 512, 1024};

static const char *latch_list(const char *name, int latch, int urls)
{
    const char *path = it_path(name);
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < urls; i++)
        haul_buf_addf(&list, "%s\n",
                      it_url("/latch?name=%s&n=%d&timeout=10000&i=%d", name, latch, i));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static void check_each_once(const char *jsonl, int urls)
{
    const json_t *rows = it_rows(jsonl);
    json_t *seen = json_object();

    ck_assert_uint_eq(json_array_size(rows), (size_t)urls);
    ck_assert_uint_eq(it_count(rows, "ok"), (size_t)urls);
    for (size_t i = 0; i < json_array_size(rows); i++)
        json_object_set_new(seen, it_str(json_array_get(rows, i), "url"), json_true());
    ck_assert_uint_eq(json_object_size(seen), (size_t)urls);
    json_decref(seen);
    ck_assert_int_eq(it_stat("requests"), urls);
}

static void check_peak(int workers, int streams, int peak, int urls)
{
    const char *list = latch_list("latch", peak, urls);
    struct it_run run = it_haul(IT_ARGS("-j", it_text("%d", workers), "--streams",
                                        it_text("%d", streams), "--format", "jsonl", "-i", list));

    ck_assert_int_eq(run.status, 0);
    check_each_once(run.out, urls);
    ck_assert_int_eq(it_stat("peak"), peak);
}

START_TEST(as_many_urls_as_workers_all_run_at_once)
{
    check_peak(sizes[_i], 1, sizes[_i], sizes[_i]);
}
END_TEST

START_TEST(three_times_as_many_urls_as_workers_never_exceed_the_pool)
{
    check_peak(sizes[_i], 1, sizes[_i], 3 * sizes[_i]);
}
END_TEST

START_TEST(fewer_urls_than_workers_run_all_at_once)
{
    int urls = sizes[_i] > 1 ? sizes[_i] - 1 : 1;

    check_peak(sizes[_i], 1, urls, urls);
}
END_TEST

START_TEST(streams_multiply_the_workers)
{
    check_peak(2, 8, 16, 48);
}
END_TEST

START_TEST(many_streams_of_one_worker_all_run_at_once)
{
    check_peak(1, 256, 256, 256);
}
END_TEST

START_TEST(small_window_bounds_the_transfers)
{
    const char *list = latch_list("window", 3, 12);
    struct it_run run =
        it_haul(IT_ARGS("-j", "8", "--window", "3", "--format", "jsonl", "-i", list));

    ck_assert_int_eq(run.status, 0);
    check_each_once(run.out, 12);
    ck_assert_int_eq(it_stat("peak"), 3);
}
END_TEST

START_TEST(connections_are_used_again)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < 200; i++)
        haul_buf_addf(&list, "%s\n", it_url("/size?n=10&i=%d", i));
    run = it_call(&(struct it_call){.argv = IT_ARGS("-j", "4", "--format", "jsonl"),
                                    .input = haul_buf_str(&list)});
    haul_buf_done(&list);
    check_each_once(run.out, 200);
    /* The questions of the test itself are connections too. */
    ck_assert_int_le(it_stat("connections"), 4 + 5);
}
END_TEST

START_TEST(wrong_number_of_workers_is_refused)
{
    static const char *const wrong[] = {"0", "1025", "abc", "", "-1", "1.5", "8x", "99999999999"};
    struct it_run run = it_haul(IT_ARGS("-j", wrong[_i], it_url("/size?n=1")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(run.out, "");
    ck_assert_msg(strstr(run.err, "1 to 1024") != NULL, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(environment_has_no_say_in_the_pool)
{
    const char *list = latch_list("environment", 4, 12);
    struct it_run run =
        it_call(&(struct it_call){.argv = IT_ARGS("-j", "4", "--format", "jsonl", "-i", list),
                                  .env = IT_ARGS("UV_THREADPOOL_SIZE=1")});

    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("peak"), 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool");
    TCase *tcase = tcase_create("pool");
    int count = sizeof sizes / sizeof *sizes;

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, as_many_urls_as_workers_all_run_at_once, 0, count);
    tcase_add_loop_test(tcase, three_times_as_many_urls_as_workers_never_exceed_the_pool, 0, count);
    tcase_add_loop_test(tcase, fewer_urls_than_workers_run_all_at_once, 0, count);
    tcase_add_test(tcase, streams_multiply_the_workers);
    tcase_add_test(tcase, many_streams_of_one_worker_all_run_at_once);
    tcase_add_test(tcase, small_window_bounds_the_transfers);
    tcase_add_test(tcase, connections_are_used_again);
    tcase_add_loop_test(tcase, wrong_number_of_workers_is_refused, 0, 8);
    tcase_add_test(tcase, environment_has_no_say_in_the_pool);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
