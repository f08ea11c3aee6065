#include <string.h>
#include <strings.h>

#include "harness.h"
#include "servers.h"

/* --method: how the size of a body is learnt, and what the record says about that. */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const json_t *ask(const char *method, const char *path)
{
    struct it_run run =
        it_haul(IT_ARGS("-j", "1", "--format", "jsonl", "--retry", "1", "--retry-delay", "10ms",
                        "--method", method, it_url("%s", path)));
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), 1);
    it_check_equation(run.err, 1);
    return json_array_get(rows, 0);
}

static const struct {
    const char *path;
    json_int_t size;
    const char *size_method;
    json_int_t requests;
    bool verified;
} probes[] = {
    {"/size?n=77", 77, "head", 1, false},
    /* what HEAD does not tell, a range does, if the server knows ranges */
    {"/head/405?ranges=1", 1000, "range", 2, false},
    {"/head/501?ranges=1", 1000, "range", 2, false},
    {"/head/403?ranges=1", 1000, "range", 2, false},
    {"/head/400?ranges=1", 1000, "range", 2, false},
    {"/head/404?ranges=1", 1000, "range", 2, false},
    {"/head/500?ranges=1", 1000, "range", 2, false},
    {"/head/999?ranges=1", 1000, "range", 2, false},
    {"/head/nolength?ranges=1", 1000, "range", 2, false},
    {"/head/zero?ranges=1", 1000, "range", 2, false},
    {"/head/chunked?ranges=1", 1000, "range", 2, false},
    {"/head/encoded?ranges=1", 1000, "range", 2, false},
    {"/head/405?ranges=1&n=1", 1, "range", 2, false},
    /* one that does not answers with the whole body, which is counted */
    {"/head/405", 1000, "get", 2, true},
    {"/head/400", 1000, "get", 2, true},
    {"/head/404", 1000, "get", 2, true},
    {"/head/500", 1000, "get", 2, true},
    {"/head/404?ranges=1&fault=416", 1000, "get", 3, true},
    {"/head/nolength", 1000, "get", 2, true},
    {"/head/zero?ranges=1&n=0", 0, "get", 3, true},
    {"/head/405?ranges=1&fault=ignored", 1000, "get", 2, true},
    /* and one that gets it wrong is asked for the body */
    {"/head/405?ranges=1&fault=unknown-total", 1000, "get", 3, true},
    /* (what looks as if meant for another request is asked for again on a fresh connection) */
    {"/head/405?ranges=1&fault=wrong-start", 1000, "get", 4, true},
    {"/head/405?ranges=1&fault=unlabelled", 1000, "get", 4, true},
    {"/head/405?ranges=1&fault=junk", 1000, "get", 4, true},
    {"/head/405?ranges=1&fault=416", 1000, "get", 3, true},
    {"/head/405?ranges=1&fault=multipart", 1000, "get", 4, true},
    /* what cannot be seen through, is at least not called verified */
    {"/head/lying", 999999, "head", 1, false},
    {"/head/body", 9, "head", 1, false},
};

START_TEST(size_is_learnt_with_the_fewest_requests)
{
    const json_t *row = ask("auto", probes[_i].path);

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "size_body"), probes[_i].size);
    ck_assert_str_eq(it_str(row, "size_method"), probes[_i].size_method);
    ck_assert_int_eq(it_stat("requests"), probes[_i].requests);
    ck_assert_int_eq(json_is_true(json_object_get(row, "verified")), probes[_i].verified);
    ck_assert_int_eq(it_int(row, "attempts"), 1);
    ck_assert_int_eq(it_int(row, "num_retries"), 0);
}
END_TEST

/* What is wrong whatever the method: how many requests it takes to be sure, of one attempt. */
static const struct {
    const char *path, *verdict;
    json_int_t requests, attempts;
} failures[] = {
    {"/status/404", "failed http-404", 2, 1},
    {"/status/400", "failed http-400", 3, 1},
    {"/status/403", "failed http-403", 3, 1},
    {"/status/405", "failed http-405", 3, 1},
    {"/status/501", "failed http-501", 3, 1},
    {"/status/401", "failed http-401", 1, 1},
    {"/status/410", "failed http-410", 1, 1},
    /* what may pass is tried again, from the first step */
    {"/status/500", "failed http-500", 4, 2},
    {"/status/999", "failed http-999", 4, 2},
    {"/status/503", "failed http-503", 2, 2},
};

START_TEST(failure_ends_the_probe)
{
    const json_t *row = ask("auto", failures[_i].path);

    ck_assert_str_eq(it_verdict(row), failures[_i].verdict);
    ck_assert(json_is_null(json_object_get(row, "size_method")));
    ck_assert_int_eq(it_stat("requests"), failures[_i].requests);
    ck_assert_int_eq(it_int(row, "attempts"), failures[_i].attempts);
}
END_TEST

START_TEST(passing_failure_begins_the_probe_again)
{
    const json_t *row = ask("auto", "/flaky?n=1&key=probe");

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "attempts"), 2);
    ck_assert_int_eq(it_stat("requests"), 2);
}
END_TEST

START_TEST(each_step_follows_the_redirects_anew)
{
    const json_t *row = ask("auto", "/redirect?to=/head/405%3franges=1");

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(it_str(row, "size_method"), "range");
    ck_assert_int_eq(it_int(row, "num_redirects"), 1);
    ck_assert_int_eq(it_stat("requests"), 4);
}
END_TEST

/* Since the program began: a request may be noted late, but not before it was sent. */
START_TEST(steps_are_as_far_apart_as_any_requests)
{
    json_int_t begun_us = it_now_ms() * 1000;
    struct it_run run = it_haul(
        IT_ARGS("--delay", "300ms", "--method", "auto", it_url("/head/405?ranges=1&fault=416")));
    const json_t *log = it_log("/head/405");

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(log), 3);
    for (size_t i = 1; i < 3; i++)
        ck_assert_int_ge(it_int(json_array_get(log, i), "time_us"),
                         begun_us + (json_int_t)i * 300000);
}
END_TEST

/* Each redirect takes its time: three are too many for one attempt, and two are not. */
START_TEST(steps_share_the_time_of_one_attempt)
{
    const char *url = it_url("/redirect?delay=900&to=/head/405%%3franges%%3d1%%26fault%%3d416");
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--retry", "1", "--retry-delay",
                                        "10ms", "--max-time", "2s", "--method", "auto", url));
    const json_t *row = json_array_get(it_rows(run.out), 0), *log = it_log("/head/405");
    int heads = 0;

    ck_assert_str_eq(it_verdict(row), "failed timeout");
    ck_assert_int_eq(it_int(row, "attempts"), 2);
    for (size_t i = 0; i < json_array_size(log); i++)
        heads += strcmp(it_str(json_array_get(log, i), "method"), "HEAD") == 0;
    ck_assert_int_eq(heads, 2); /* the second attempt has the whole time again */
}
END_TEST

static const char *header_of(const json_t *line, const char *name)
{
    const json_t *headers = json_object_get(line, "headers"), *pair;
    size_t i;

    json_array_foreach(headers, i, pair)
    {
        if (strcasecmp(json_string_value(json_array_get(pair, 0)), name) == 0)
            return json_string_value(json_array_get(pair, 1));
    }
    return "";
}

START_TEST(each_step_asks_for_what_it_needs)
{
    const json_t *log;

    (void)ask("auto", "/head/405?ranges=1&fault=416");
    log = it_log("/head/405");
    ck_assert_uint_eq(json_array_size(log), 3);
    ck_assert_str_eq(it_str(json_array_get(log, 0), "method"), "HEAD");
    ck_assert_str_eq(header_of(json_array_get(log, 0), "Accept-Encoding"), "identity");
    ck_assert_str_eq(header_of(json_array_get(log, 0), "Range"), "");
    ck_assert_str_eq(it_str(json_array_get(log, 1), "method"), "GET");
    ck_assert_str_eq(header_of(json_array_get(log, 1), "Accept-Encoding"), "identity");
    ck_assert_str_eq(header_of(json_array_get(log, 1), "Range"), "bytes=0-0");
    ck_assert_str_eq(it_str(json_array_get(log, 2), "method"), "GET");
    ck_assert_ptr_nonnull(strstr(header_of(json_array_get(log, 2), "Accept-Encoding"), "gzip"));
    ck_assert_str_eq(header_of(json_array_get(log, 2), "Range"), "");
}
END_TEST

START_TEST(steps_add_up_in_the_record)
{
    json_int_t head = it_int(ask("head", "/head/nolength?ranges=1"), "size_request");
    const json_t *row = ask("auto", "/head/nolength?ranges=1");

    ck_assert_int_gt(it_int(row, "size_request"), 3 * head / 2);
    ck_assert_int_eq(it_int(row, "num_connects"), 1);
}
END_TEST

START_TEST(many_urls_through_few_workers_come_out_right)
{
    enum { URLS = 300 };
    char list[URLS * 80] = "";
    struct it_run run;
    const json_t *rows;

    for (int i = 0; i < URLS; i++)
        strcat(list,
               it_text("%s\n", it_url(i % 3 ? "/head/405?ranges=1&n=%d" : "/size?n=%d", i + 1)));
    run = it_call(
        &(struct it_call){.argv = IT_ARGS("-j", "4", "--streams", "4", "--window", "16", "--format",
                                          "jsonl", "--order", "input", "--method", "auto"),
                          .input = list});
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(rows), URLS);
    for (int i = 0; i < URLS; i++) {
        const json_t *row = json_array_get(rows, (size_t)i);

        ck_assert_int_eq(it_int(row, "size_body"), i + 1);
        ck_assert_str_eq(it_str(row, "size_method"), i % 3 ? "range" : "head");
    }
    it_check_equation(run.err, URLS);
}
END_TEST

START_TEST(head_and_get_say_how_they_know)
{
    const json_t *row = ask("head", "/size?n=5");

    ck_assert_int_eq(it_int(row, "size_body"), 5);
    ck_assert_str_eq(it_str(row, "size_method"), "head");
    ck_assert(json_is_false(json_object_get(row, "verified")));
    row = ask("get", "/size?n=5");
    ck_assert_str_eq(it_str(row, "size_method"), "get");
    ck_assert(json_is_true(json_object_get(row, "verified")));
    row = ask("head", "/head/nolength");
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert(json_is_null(json_object_get(row, "size_body")));
    ck_assert(json_is_null(json_object_get(row, "size_method")));
    row = ask("head", "/head/encoded");
    ck_assert(json_is_null(json_object_get(row, "size_body")));
}
END_TEST

START_TEST(resumed_run_keeps_the_method)
{
    const char *journal = it_path("journal");
    struct it_run run;

    for (int i = 0; i < 2; i++)
        run = it_haul(IT_ARGS("--format", "jsonl", "--method", "auto", "--journal", journal,
                              i ? "--resume" : "--no-head", "--method=auto",
                              it_url("/head/405?ranges=1")));
    ck_assert_int_eq(it_stat("requests"), 2);
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "size_method"), "range");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("method");
    TCase *tcase = tcase_create("method");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, size_is_learnt_with_the_fewest_requests, 0, COUNT(probes));
    tcase_add_loop_test(tcase, failure_ends_the_probe, 0, COUNT(failures));
    tcase_add_test(tcase, passing_failure_begins_the_probe_again);
    tcase_add_test(tcase, each_step_follows_the_redirects_anew);
    tcase_add_test(tcase, steps_are_as_far_apart_as_any_requests);
    tcase_add_test(tcase, steps_share_the_time_of_one_attempt);
    tcase_add_test(tcase, each_step_asks_for_what_it_needs);
    tcase_add_test(tcase, steps_add_up_in_the_record);
    tcase_add_test(tcase, many_urls_through_few_workers_come_out_right);
    tcase_add_test(tcase, head_and_get_say_how_they_know);
    tcase_add_test(tcase, resumed_run_keeps_the_method);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
