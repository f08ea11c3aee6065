#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/size_probe.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define LENGTH(n) "Content-Length: " #n "\r\n"
#define PART(text) "Content-Range: bytes " text "\r\nContent-Length: 1\r\n"
#define GZIP "Content-Encoding: gzip\r\n"

enum { HEAD = HAUL_STEP_HEAD, RANGE = HAUL_STEP_RANGE, GET = HAUL_STEP_GET, OVER = 3 };

static const struct {
    int step;
    const char *status, *fields;
    int next;
    int size;
} rows[] = {
    {HEAD, "200 OK", LENGTH(5), OVER, 5},
    {HEAD, "200 OK", LENGTH(0), RANGE, -1},
    {HEAD, "200 OK", "", RANGE, -1},
    {HEAD, "200 OK", "Transfer-Encoding: chunked\r\n", RANGE, -1},
    {HEAD, "200 OK", GZIP LENGTH(5), RANGE, -1},
    {HEAD, "204 No Content", "", RANGE, -1},
    {HEAD, "405 No", LENGTH(3), RANGE, -1},
    {HEAD, "501 No", LENGTH(3), RANGE, -1},
    {HEAD, "403 No", LENGTH(3), RANGE, -1},
    {HEAD, "400 No", LENGTH(3), RANGE, -1},
    {HEAD, "404 No", LENGTH(3), RANGE, -1},
    {HEAD, "500 No", LENGTH(3), RANGE, -1},
    {HEAD, "999 No", LENGTH(3), RANGE, -1},
    {HEAD, "404 No", LENGTH(x), OVER, -1}, /* malformed: nothing of it is believed */
    {HEAD, "401 No", LENGTH(3), OVER, -1},
    {HEAD, "410 No", LENGTH(3), OVER, -1},
    {HEAD, "429 No", LENGTH(3), OVER, -1},
    {HEAD, "502 No", LENGTH(3), OVER, -1},
    {HEAD, "503 No", LENGTH(3), OVER, -1},
    {HEAD, "200 OK", LENGTH(x), OVER, -1},
    {HEAD, "206 Part", PART("0-0/7"), OVER, -1}, /* nobody asked for a part */
    {RANGE, "206 Part", PART("0-0/7"), OVER, 7},
    {RANGE, "206 Part", PART("0-0/1"), OVER, 1},
    {RANGE, "206 Part", PART("0-0/*"), GET, -1},
    {RANGE, "206 Part", PART("0-0/7") GZIP, GET, -1},
    {RANGE, "206 Part", PART("1-1/7"), GET, -1},
    {RANGE, "206 Part", PART("0-6/7"), GET, -1},
    {RANGE, "206 Part", "Content-Type: multipart/byteranges\r\n", GET, -1},
    {RANGE, "200 OK", LENGTH(1), OVER, -1}, /* the whole body: counted */
    {RANGE, "416 No", LENGTH(1), GET, -1},
    {RANGE, "405 No", LENGTH(1), GET, -1},
    {RANGE, "501 No", LENGTH(1), GET, -1},
    {RANGE, "400 No", LENGTH(1), GET, -1},
    {RANGE, "403 No", LENGTH(1), GET, -1},
    {RANGE, "404 No", LENGTH(1), OVER, -1},
    {RANGE, "500 No", LENGTH(1), OVER, -1},
    {RANGE, "999 No", LENGTH(1), OVER, -1},
    {RANGE, "429 No", LENGTH(1), OVER, -1},
    {RANGE, "503 No", LENGTH(1), OVER, -1},
    /* the file's own coding is not undone, and counts */
    {HEAD, "200 OK", GZIP "Content-Type: application/gzip\r\n" LENGTH(5), OVER, 5},
    {HEAD, "200 OK", GZIP "Content-Type: application/zstd\r\n" LENGTH(5), RANGE, -1},
    {RANGE, "206 Part", PART("0-0/7") GZIP "Content-Type: application/gzip\r\n", OVER, 7},
    {GET, "200 OK", LENGTH(1), OVER, -1},
    {GET, "405 No", LENGTH(1), OVER, -1},
};

static void add_line(struct haul_response *res, const char *text, size_t len)
{
    (void)haul_response_header_line(res, text, len);
}

static void add_fields(struct haul_response *res, const char *fields)
{
    while (*fields) {
        size_t len = (size_t)(strchr(fields, '\n') + 1 - fields);

        add_line(res, fields, len);
        fields += len;
    }
}

static struct haul_size_probe judge(int step, const char *status, const char *fields)
{
    static const struct haul_status_set accept = {.range = {{200, 299}}, .count = 1};
    const struct haul_request_facts facts = {.head = step == HEAD,
                                             .range = step == RANGE,
                                             .range_probe = step == RANGE,
                                             .range_total = -1,
                                             .coding = HAUL_CODING_BY_FILE};
    struct haul_transfer_end end = {.reason = HAUL_REASON_NONE};
    struct haul_response res;
    struct haul_verdict verdict;
    struct haul_size_probe ladder;
    char line[64];

    haul_response_init(&res);
    haul_response_begin(&res, &facts, NULL);
    ck_assert_int_lt(snprintf(line, sizeof line, "HTTP/1.1 %s\r\n", status), (int)sizeof line);
    add_line(&res, line, strlen(line));
    add_fields(&res, fields);
    add_line(&res, "\r\n", 2);
    if (step != HEAD)
        (void)haul_response_body(&res, 1);
    end.reason = res.reason;
    verdict = haul_verdict(&res, &end, &accept);
    ladder = haul_size_probe_evaluate((enum haul_step)step, &res, &verdict);
    haul_response_done(&res);
    return ladder;
}

START_TEST(answer_leads_to_its_step)
{
    struct haul_size_probe ladder = judge(rows[_i].step, rows[_i].status, rows[_i].fields);

    ck_assert_int_eq(ladder.over ? (int)OVER : (int)ladder.next, rows[_i].next);
    ck_assert_int_eq(ladder.size, rows[_i].size);
}
END_TEST

START_TEST(connection_that_failed_is_no_reason_for_another_step)
{
    const struct haul_request_facts facts = {.head = true, .range_total = -1};
    const struct haul_verdict verdict = {.outcome = HAUL_OUTCOME_FAILED,
                                         .reason = HAUL_REASON_RESET};
    struct haul_response res;

    haul_response_init(&res);
    haul_response_begin(&res, &facts, NULL);
    ck_assert(haul_size_probe_evaluate(HAUL_STEP_HEAD, &res, &verdict).over);
    ck_assert(haul_size_probe_evaluate(HAUL_STEP_RANGE, &res, &verdict).over);
    haul_response_done(&res);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ladder");
    TCase *tcase = tcase_create("ladder");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, answer_leads_to_its_step, 0, COUNT(rows));
    tcase_add_test(tcase, connection_that_failed_is_no_reason_for_another_step);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
