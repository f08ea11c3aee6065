/* strsep */
#define _GNU_SOURCE
#include "batch.h"

#include <stdlib.h>
#include <string.h>

/*
 * How often a URL is asked for: which failures deserve another attempt, after how long, and what
 * the report says of the wait.
 */

/* ---- how often ---- */

static const struct {
    const char *options, *path, *verdict;
    int requests;
} attempts[] = {
    {"", "/flaky?n=2", "ok", 3},
    {"", "/flaky?n=3", "failed http-503", 3},
    {"--retry 0", "/flaky?n=2", "failed http-503", 1},
    {"--retry 1", "/flaky?n=1", "ok", 2},
    {"--retry 5", "/flaky?n=5", "ok", 6},
    {"", "/flaky?n=1&code=408", "ok", 2},
    {"", "/flaky?n=1&code=429", "ok", 2},
    {"", "/flaky?n=1&code=500", "ok", 2},
    {"", "/flaky?n=1&code=502", "ok", 2},
    {"", "/flaky?n=1&code=504", "ok", 2},
    {"", "/flaky?n=1&code=501", "failed http-501", 1},
    {"", "/flaky?n=1&code=404", "failed http-404", 1},
    {"--retry-on 404", "/flaky?n=1&code=404", "ok", 2},
    {"--retry-on 404", "/flaky?n=1&code=503", "failed http-503", 1},
    {"--retry-on !503", "/flaky?n=1&code=503", "failed http-503", 1},
    {"--retry-on !503", "/flaky?n=1&code=500", "ok", 2},
    {"--retry-all-errors", "/flaky?n=1&code=404", "ok", 2},
    {"--accept 503", "/flaky?n=1", "ok", 1},
    {"", "/flaky?n=2&mode=reset", "ok", 3},
    {"", "/flaky?n=2&mode=truncate", "ok", 3},
    {"-m 0.3", "/flaky?n=1&mode=hang", "ok", 2},
    {"--retry 0", "/flaky?n=1&mode=truncate", "failed truncated", 1},
    {"", "/status/404", "failed http-404", 1},
    {"", "/fault/chunk-minus", "failed bad-framing", 1},
    {"--retry-all-errors", "/fault/chunk-minus", "failed bad-framing", 3},
};
enum { ATTEMPT_COUNT = sizeof attempts / sizeof *attempts };

START_TEST(attempts_are_as_many_as_the_failure_deserves)
{
    const json_t *row = run_one(it_text("-j 2 --retry-delay 1ms %s", attempts[_i].options),
                                it_url("%s", attempts[_i].path));

    check_attempts(row, attempts[_i].verdict, attempts[_i].requests);
    ck_assert_int_eq(it_stat("requests"), attempts[_i].requests);
}
END_TEST

START_TEST(default_wait_before_another_attempt_ends_well)
{
    check_attempts(run_one("-j 1", it_url("/flaky?n=2")), "ok", 3);
}
END_TEST

START_TEST(refused_connection_is_tried_again_only_if_asked_for)
{
    const char *options = _i ? "--retry-delay 1ms --retry-connrefused" : "--retry-delay 1ms";

    check_attempts(run_one(options, refused_url(0)), "failed connect", _i ? 3 : 1);
}
END_TEST

START_TEST(retry_delay_is_kept)
{
    const json_t *log;

    check_attempts(run_one("--retry-delay 300ms", it_url("/flaky?n=2")), "ok", 3);
    log = it_log("/flaky");
    ck_assert_int_ge(arrival_us(log, 1) - arrival_us(log, 0), 300000);
    ck_assert_int_ge(arrival_us(log, 2) - arrival_us(log, 1), 300000);
}
END_TEST

START_TEST(retry_max_time_ends_the_attempts)
{
    check_attempts(run_one("--retry-delay 1h --retry-max-time 10", it_url("/flaky?n=1")),
                   "failed http-503", 1);
}
END_TEST

/* ---- times in the report ---- */

static double seconds(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    ck_assert_msg(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

/* Far below what must be: the clock is read a moment after the event, on a busy machine. */
START_TEST(time_parked_holds_the_wait_for_another_attempt)
{
    const json_t *row = run_one("--retry-delay 1", it_url("/flaky?n=2"));

    check_attempts(row, "ok", 3);
    ck_assert_double_ge(seconds(row, "time_parked"), 1.5);
}
END_TEST

START_TEST(time_parked_holds_the_wait_for_politeness)
{
    struct it_run done;

    begin_list();
    add_many("/size?n=1", 2);
    done = run("-j 2 --delay 1", end_list());
    ck_assert_double_ge(seconds(it_row(check_rows(&done), it_url("/size?n=1&i=1")), "time_parked"),
                        0.5);
}
END_TEST

START_TEST(time_queue_holds_the_wait_for_a_worker)
{
    const json_t *row;
    struct it_run done;

    begin_list();
    add(it_url("/size?n=1&delay=1000"));
    add(it_url("/size?n=2"));
    done = run("-j 1", end_list());
    row = it_row(check_rows(&done), it_url("/size?n=2"));
    ck_assert_double_ge(seconds(row, "time_queue"), 0.5);
    ck_assert(seconds(row, "time_parked") == 0.0);
}
END_TEST

/* ---- each attempt ---- */

/* The last record of a journal. */
static const json_t *last_record(const char *path)
{
    const json_t *lines = it_rows(it_read(path, NULL)), *record = NULL;

    for (size_t i = 0; i < json_array_size(lines); i++)
        if (json_object_get(json_array_get(lines, i), "url"))
            record = json_array_get(lines, i);
    ck_assert_ptr_nonnull(record);
    return record;
}

/* How many shapes a path of the page's wide timeline has; it comes before the narrow one. */
static int shapes_of(const char *page, const char *class)
{
    const char *at = strstr(page, "aria-labelledby=\"timeline-wide-t");
    int count = 0;

    ck_assert_ptr_nonnull(at);
    at = strstr(at, it_text("<path class=\"%s\" d=\"", class));
    ck_assert_ptr_nonnull(at);
    for (at = strstr(at, "d=\"") + 3; *at != '"'; at++)
        count += *at == 'M';
    return count;
}

/* Times are lower bounds, and each is what the one before must have come before. */
START_TEST(each_attempt_is_recorded_and_drawn)
{
    const char *journal = it_path("attempts");
    const char *pages[] = {it_path("run.html"), it_path("report.html")};
    const json_t *record, *tried, *row;
    double end = 0;

    row = run_one(
        it_text("-j 2 --retry-delay 300ms --journal %s --report html:%s", journal, pages[0]),
        it_url("/flaky?n=2"));
    check_attempts(row, "ok", 3);
    record = last_record(journal);
    tried = json_object_get(record, "tried");
    ck_assert_uint_eq(json_array_size(tried), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *attempt = json_array_get(tried, i);
        json_int_t worker = json_integer_value(json_object_get(attempt, "worker"));

        ck_assert_str_eq(json_string_value(json_object_get(attempt, "reason")), "http-503");
        ck_assert(worker == 1 || worker == 2);
        ck_assert_double_ge(seconds(attempt, "at"), i ? end + 0.3 : 0);
        end = seconds(attempt, "at") + seconds(attempt, "took");
    }
    ck_assert(seconds(json_array_get(tried, 0), "at") == 0);
    ck_assert_double_ge(seconds(row, "time_elapsed") - seconds(row, "time_total"), end + 0.299);
    ck_assert_int_eq(it_haul(IT_ARGS("report", "--format", "html", "-o", pages[1], journal)).status,
                     0);
    for (int i = 0; i < 2; i++) {
        const char *page = it_read(pages[i], NULL);

        ck_assert_int_eq(shapes_of(page, "busy"), 1);
        ck_assert_int_eq(shapes_of(page, "busy over"), 2);
        ck_assert_int_eq(shapes_of(page, "busy wait"), 2);
    }
}
END_TEST

/* Also those of workers that have ended nothing. */
START_TEST(attempt_of_any_worker_is_drawn_from_a_journal)
{
    static const char line[] =
        "{\"key\":\"3c7f90e70b2e4f8e3ef62b4533844228\",\"seq\":0,\"outcome\":\"ok\",\"url\":"
        "\"http://a/\",\"http_code\":200,\"size_body\":2,\"size_download\":2,\"time_total\":1,"
        "\"started\":\"2026-12-01T06:43:50.761Z\",\"attempts\":3,\"method\":\"GET\",\"worker\":1,"
        "\"line\":1,\"time_elapsed\":9,\"tried\":[{\"at\":0,\"took\":1,\"worker\":3,\"reason\":"
        "\"http-503\"},{\"at\":4,\"took\":1,\"worker\":2,\"reason\":\"http-503\"}]}\n";
    const char *journal = it_path("foreign"), *page = it_path("foreign.html");

    it_write(journal, line, sizeof line - 1);
    ck_assert_int_eq(it_haul(IT_ARGS("report", "--format", "html", "-o", page, journal)).status, 0);
    page = it_read(page, NULL);
    ck_assert_int_eq(shapes_of(page, "busy"), 1);
    ck_assert_int_eq(shapes_of(page, "busy over"), 2);
    ck_assert_int_eq(shapes_of(page, "busy wait"), 2);
    ck_assert_ptr_nonnull(strstr(page, "3 workers over 9"));
}
END_TEST

/* With --method auto an attempt may have several requests: each stands where it was made. */
START_TEST(each_step_of_an_attempt_is_recorded)
{
    const char *journal = it_path("steps");
    const json_t *row = run_one(it_text("-j 1 --method auto --delay 0.3 --journal %s", journal),
                                it_url("/head/nolength?ranges=1"));
    const json_t *record = last_record(journal), *tried = json_object_get(record, "tried");

    ck_assert_int_eq(json_integer_value(json_object_get(row, "attempts")), 1);
    ck_assert_uint_ge(json_array_size(tried), 1);
    ck_assert_ptr_null(json_object_get(json_array_get(tried, 0), "reason"));
    ck_assert_uint_eq(json_array_size(tried) + 1, (size_t)it_stat("requests"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("attempts");
    TCase *tcase = tcase_create("attempts");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, attempts_are_as_many_as_the_failure_deserves, 0, ATTEMPT_COUNT);
    tcase_add_test(tcase, default_wait_before_another_attempt_ends_well);
    tcase_add_loop_test(tcase, refused_connection_is_tried_again_only_if_asked_for, 0, 2);
    tcase_add_test(tcase, retry_delay_is_kept);
    tcase_add_test(tcase, retry_max_time_ends_the_attempts);
    tcase_add_test(tcase, time_parked_holds_the_wait_for_another_attempt);
    tcase_add_test(tcase, time_parked_holds_the_wait_for_politeness);
    tcase_add_test(tcase, time_queue_holds_the_wait_for_a_worker);
    tcase_add_test(tcase, each_attempt_is_recorded_and_drawn);
    tcase_add_test(tcase, attempt_of_any_worker_is_drawn_from_a_journal);
    tcase_add_test(tcase, each_step_of_an_attempt_is_recorded);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
