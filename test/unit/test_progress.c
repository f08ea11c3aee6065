#include <check.h>
#include <string.h>

#include "report/progress.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define SECONDS(n) ((int64_t)(n)*1000000)

/* The meter has seen the beginning, then `before`, then `now`; the line is made of `now`. */
static const struct line_row {
    struct haul_progress_view before, now;
    int width;
    bool utf8;
    const char *line;
} line_rows[] = {
    {{0}, {0}, 80, false, "0 done"},
    {{0}, {.done = 5, .elapsed_us = SECONDS(1)}, 80, false, "5 done, 0 B/s"},
    {{0},
     {.done = 120,
      .total = 1000,
      .failed = 3,
      .in_flight = 16,
      .parked = 2,
      .bytes = 20 * 1048576,
      .elapsed_us = SECONDS(10)},
     80,
     false,
     "120 of 1,000, 3 failed, 16 in flight, 2 parked, 2.0 MiB/s, 1 m 13 s left"},
    /* the time left goes first, then the rate, and so on from the right */
    {{0},
     {.done = 120, .total = 1000, .in_flight = 16, .elapsed_us = SECONDS(10)},
     40,
     false,
     "120 of 1,000, 16 in flight, 0 B/s"},
    {{0},
     {.done = 120, .total = 1000, .in_flight = 16, .elapsed_us = SECONDS(10)},
     30,
     false,
     "120 of 1,000, 16 in flight"},
    {{0}, {.done = 120, .total = 1000, .in_flight = 16}, 14, false, "120 of 1,000"},
    {{0}, {.done = 120, .total = 1000}, 13, false, "120 of 1,000"},
    {{0}, {.done = 120, .total = 1000}, 12, false, ""},
    {{0}, {.done = 120, .total = 1000}, 1, false, ""},
    {{0}, {.done = 120, .total = 1000}, 0, false, "120 of 1,000"},
    /* finished: nothing is left */
    {{0}, {.done = 8, .total = 8, .elapsed_us = SECONDS(4)}, 80, false, "8 of 8, 0 B/s"},
    /* waiting, exactly at the limit not yet */
    {{.done = 7, .elapsed_us = SECONDS(10)},
     {.done = 7,
      .total = 8,
      .in_flight = 1,
      .elapsed_us = SECONDS(12),
      .oldest_url = "http://example.com/",
      .oldest_us = SECONDS(12)},
     80,
     false,
     "7 of 8, 1 in flight, 0 B/s, 1 s left"},
    {{.done = 7, .elapsed_us = SECONDS(10)},
     {.done = 7,
      .total = 8,
      .in_flight = 1,
      .elapsed_us = SECONDS(13),
      .oldest_url = "http://example.com/",
      .oldest_us = 12999999},
     80,
     false,
     "7 of 8, 1 in flight, waiting 12 s for http://example.com/"},
    {{.done = 7, .elapsed_us = SECONDS(10)},
     {.done = 7,
      .total = 8,
      .in_flight = 1,
      .elapsed_us = SECONDS(13),
      .oldest_url = "http://example.com/a/long/path/index.html",
      .oldest_us = SECONDS(12)},
     60,
     true,
     "7 of 8, 1 in flight, waiting 12 s for http://exa\xe2\x80\xa6"
     "index.html"},
    /* no room for a URL that says something */
    {{.done = 7, .elapsed_us = SECONDS(10)},
     {.done = 7,
      .total = 8,
      .in_flight = 1,
      .elapsed_us = SECONDS(13),
      .oldest_url = "http://example.com/a/long/path/index.html",
      .oldest_us = SECONDS(12)},
     46,
     false,
     "7 of 8, 1 in flight, waiting 12 s"},
    {{.done = 7, .elapsed_us = SECONDS(10)},
     {.done = 7,
      .in_flight = 1,
      .elapsed_us = SECONDS(13),
      .oldest_url = "\x1b]0;x\x07%s",
      .oldest_us = SECONDS(3)},
     80,
     true,
     "7 done, 1 in flight, waiting 3 s for \\x1b]0;x\\x07%s"},
    /* nobody is in flight: nothing to wait for */
    {{.done = 7, .elapsed_us = SECONDS(10)},
     {.done = 7, .parked = 1, .elapsed_us = SECONDS(13)},
     80,
     false,
     "7 done, 1 parked, 0 B/s"},
    /* hosts that must wait may take longer than the rate of late would have it, or not */
    {{0},
     {.done = 120, .total = 1000, .left_us = SECONDS(600), .elapsed_us = SECONDS(10)},
     80,
     false,
     "120 of 1,000, 0 B/s, 10 m left"},
    {{0},
     {.done = 120, .total = 1000, .left_us = SECONDS(60), .elapsed_us = SECONDS(10)},
     80,
     false,
     "120 of 1,000, 0 B/s, 1 m 13 s left"},
    {{0},
     {.total = 1000, .left_us = SECONDS(60), .window_full = true, .elapsed_us = SECONDS(10)},
     80,
     false,
     "0 of 1,000, window full, 0 B/s, 1 m left"},
};

START_TEST(line_says_what_fits)
{
    const struct line_row *row = &line_rows[_i];
    struct haul_progress_meter meter = {0};
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_progress_update(&meter, &row->before);
    haul_progress_update(&meter, &row->now);
    haul_progress_render(&buf, &meter, &row->now, row->width, row->utf8);
    ck_assert_str_eq(haul_buf_str(&buf), row->line);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(largest_numbers_fit_every_width)
{
    const struct haul_progress_view view = {
        INT64_MAX, INT64_MAX,  INT64_MAX, INT64_MAX,
        INT64_MAX, UINT64_MAX, INT64_MAX, "http://example.com/aaaaaaaaaa",
        INT64_MAX, true,       INT64_MAX};
    struct haul_progress_meter meter = {0};
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    for (int width = 1; width < 300; width++) {
        haul_buf_clear(&buf);
        haul_progress_render(&buf, &meter, &view, width, false);
        ck_assert_uint_lt(buf.len, (size_t)width);
        ck_assert_int_eq(buf.err, HAUL_OK);
        haul_progress_update(&meter, &view);
    }
    haul_buf_done(&buf);
}
END_TEST

START_TEST(line_for_a_log_is_whole)
{
    const struct haul_progress_view view = {.done = 1, .total = 2, .in_flight = 1};
    struct haul_progress_meter meter = {0};
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_progress_render_plain(&buf, &meter, &view, false);
    ck_assert_str_eq(haul_buf_str(&buf), "haul: 1 of 2, 1 in flight\n");
    haul_buf_done(&buf);
}
END_TEST

/* 100 per second for a minute, then 200: after two windows it is believed, after a blink not. */
START_TEST(rate_follows_slowly)
{
    struct haul_progress_meter meter = {0};
    struct haul_progress_view view = {0};

    for (int i = 0; i < 600; i++) {
        view.elapsed_us += SECONDS(1) / 10;
        view.done += 10;
        view.bytes += 1000;
        haul_progress_update(&meter, &view);
    }
    ck_assert_double_eq_tol(meter.urls_per_second, 100, 0.1);
    ck_assert_double_eq_tol(meter.bytes_per_second, 10000, 10);
    for (int i = 0; i < 300; i++) {
        view.elapsed_us += SECONDS(1) / 10;
        view.done += 20;
        haul_progress_update(&meter, &view);
        if (i == 4)
            ck_assert_double_lt(meter.urls_per_second, 110);
    }
    ck_assert_double_gt(meter.urls_per_second, 190);
    ck_assert_double_lt(meter.bytes_per_second, 1000);
}
END_TEST

/* Time that stands still or runs backwards, and counters that shrink. */
static const struct haul_progress_view past[] = {
    {.done = 50, .bytes = 500, .elapsed_us = SECONDS(5)},
    {.done = 60, .bytes = 600, .elapsed_us = SECONDS(4)},
    {.done = 40, .bytes = 600, .elapsed_us = SECONDS(6)},
    {.done = 60, .bytes = 400, .elapsed_us = SECONDS(6)},
};

START_TEST(update_from_the_past_is_ignored)
{
    struct haul_progress_meter meter, before;

    memset(&meter, 0, sizeof meter);
    haul_progress_update(&meter, &past[0]);
    before = meter;
    haul_progress_update(&meter, &past[_i]);
    ck_assert_int_eq(meter.elapsed_us, before.elapsed_us);
    ck_assert_uint_eq(meter.done, before.done);
    ck_assert_uint_eq(meter.bytes, before.bytes);
    ck_assert_double_eq(meter.urls_per_second, before.urls_per_second);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *line = tcase_create("line");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(line, line_says_what_fits, 0, COUNT(line_rows));
    tcase_add_test(line, largest_numbers_fit_every_width);
    tcase_add_test(line, line_for_a_log_is_whole);
    tcase_add_test(line, rate_follows_slowly);
    tcase_add_loop_test(line, update_from_the_past_is_ignored, 0, COUNT(past));
    suite_add_tcase(suite, line);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
