#include <check.h>
#include <string.h>

#include "http/verdict.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum request { GET, HEAD, CONDITIONAL, RESUME, RESUME_BLIND };

static const struct haul_request_facts requests[] = {
    [GET] = {.range_total = -1},
    [HEAD] = {.head = true, .range_total = -1},
    [CONDITIONAL] = {.validator = true, .range_total = -1},
    [RESUME] = {.range = true, .range_start = 5, .range_total = 20},
    [RESUME_BLIND] = {.range = true, .range_start = 5, .range_total = -1},
};

enum accept { ACCEPT_2XX, ACCEPT_200, ACCEPT_ALL };

static const struct haul_status_set accepts[] = {
    [ACCEPT_2XX] = {.range = {{200, 299}}, .count = 1},
    [ACCEPT_200] = {.range = {{404, 404}, {200, 200}}, .count = 2},
    [ACCEPT_ALL] = {.range = {{0, 999}}, .count = 1},
};

#define NONE HAUL_REASON_NONE
#define OK HAUL_OUTCOME_OK, NONE
#define UNCHANGED HAUL_OUTCOME_UNCHANGED, NONE
#define FAILED(reason) HAUL_OUTCOME_FAILED, HAUL_REASON_##reason, false
#define OK11 "HTTP/1.1 200 OK\r\n"

/* The ends of a transfer. */
#define CUT(word)                                                                                  \
    {                                                                                              \
        .reason = HAUL_REASON_##word                                                               \
    }
#define UNPROVED CUT(NONE)
#define FINE                                                                                       \
    {                                                                                              \
        .is_proved = true                                                                          \
    }
#define DECODER(word)                                                                              \
    {                                                                                              \
        .decode = HAUL_REASON_##word, .is_proved = true                                            \
    }

static const struct verdict_case {
    const char *name;
    enum request request;
    const char *header;
    size_t body_bytes;
    struct haul_transfer_end end;
    enum accept accept;
    enum haul_outcome outcome;
    enum haul_reason reason;
    bool verified;
} cases[] = {
    /* the end of the body */
    {"length", GET, OK11 "Content-Length: 5\r\n\r\n", 5, FINE, ACCEPT_2XX, OK, true},
    {"length 0", GET, OK11 "Content-Length: 0\r\n\r\n", 0, FINE, ACCEPT_2XX, OK, true},
    {"one short", GET, OK11 "Content-Length: 5\r\n\r\n", 4, FINE, ACCEPT_2XX, FAILED(TRUNCATED)},
    {"one long", GET, OK11 "Content-Length: 5\r\n\r\n", 6, FINE, ACCEPT_2XX, FAILED(BAD_LENGTH)},
    {"until close", GET, OK11 "\r\n", 5, UNPROVED, ACCEPT_2XX, OK, false},
    {"nothing until close", GET, OK11 "\r\n", 0, UNPROVED, ACCEPT_2XX, OK, false},
    {"chunked", GET, OK11 "Transfer-Encoding: chunked\r\n\r\n", 5, FINE, ACCEPT_2XX, OK, true},
    {"chunked, cut", GET, OK11 "Transfer-Encoding: chunked\r\n\r\n", 5, CUT(TRUNCATED), ACCEPT_2XX,
     FAILED(TRUNCATED)},
    {"http2", GET, "HTTP/2 200 \r\n\r\n", 5, FINE, ACCEPT_2XX, OK, true},
    {"http2 without an end", GET, "HTTP/2 200 \r\n\r\n", 5, UNPROVED, ACCEPT_2XX, OK, false},
    {"http2, short", GET, "HTTP/2 200 \r\ncontent-length: 5\r\n\r\n", 4, FINE, ACCEPT_2XX,
     FAILED(TRUNCATED)},
    {"decoder", GET, OK11 "Content-Length: 5\r\n\r\n", 5, DECODER(BAD_ENCODING), ACCEPT_2XX,
     FAILED(BAD_ENCODING)},
    {"short, and so the decoder", GET, OK11 "Content-Length: 5\r\n\r\n", 4, DECODER(BAD_ENCODING),
     ACCEPT_2XX, FAILED(TRUNCATED)},
    {"timeout", GET, OK11 "Content-Length: 5\r\n\r\n", 5, CUT(TIMEOUT), ACCEPT_2XX,
     FAILED(TIMEOUT)},

    /* no body */
    {"HEAD", HEAD, OK11 "Content-Length: 5\r\n\r\n", 0, FINE, ACCEPT_2XX, OK, true},
    {"HEAD chunked", HEAD, OK11 "Transfer-Encoding: chunked\r\n\r\n", 0, FINE, ACCEPT_2XX, OK,
     true},
    {"HEAD with body", HEAD, OK11 "\r\n", 5, FINE, ACCEPT_2XX, FAILED(BAD_FRAMING)},
    {"HEAD refused", HEAD, "HTTP/1.1 405 N\r\n\r\n", 0, FINE, ACCEPT_2XX, FAILED(HTTP_STATUS)},
    {"204", GET, "HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", 0, FINE, ACCEPT_2XX, OK, true},
    {"204 with body", GET, "HTTP/1.1 204 N\r\n\r\n", 1, FINE, ACCEPT_2XX, FAILED(BAD_FRAMING)},

    /* the header block */
    {"nothing", GET, "", 0, FINE, ACCEPT_2XX, FAILED(EMPTY_REPLY)},
    {"nothing, and why", GET, "", 0, CUT(CONNECT), ACCEPT_2XX, FAILED(CONNECT)},
    {"status line", GET, OK11, 0, FINE, ACCEPT_2XX, FAILED(TRUNCATED)},
    {"in the fields", GET, OK11 "Content-Length: 0\r\n", 0, FINE, ACCEPT_2XX, FAILED(TRUNCATED)},
    {"404 in the fields", GET, "HTTP/1.1 404 N\r\nA: b\r\n", 0, CUT(RESET), ACCEPT_2XX,
     FAILED(RESET)},
    {"only interim", GET, "HTTP/1.1 100 C\r\n\r\n", 0, FINE, ACCEPT_2XX, FAILED(TRUNCATED)},
    {"endless line", GET, OK11, 0, CUT(HEADERS_TOO_LARGE), ACCEPT_2XX, FAILED(HEADERS_TOO_LARGE)},
    {"no memory", GET, "", 0, CUT(NO_MEMORY), ACCEPT_2XX, FAILED(NO_MEMORY)},
    {"no memory later", GET, OK11 "\r\n", 0, CUT(NO_MEMORY), ACCEPT_2XX, FAILED(NO_MEMORY)},
    {"own abort", GET, OK11 "Content-Length: x\r\n", 0, CUT(INTERNAL), ACCEPT_ALL,
     FAILED(BAD_LENGTH)},
    {"malformed 404", GET, "HTTP/1.1 404 N\r\nno colon\r\n", 0, CUT(INTERNAL), ACCEPT_2XX,
     FAILED(BAD_HEADER)},

    /* the status */
    {"201", GET, "HTTP/1.1 201 C\r\nContent-Length: 0\r\n\r\n", 0, FINE, ACCEPT_2XX, OK, true},
    {"201, only 200 wanted", GET, "HTTP/1.1 201 C\r\n\r\n", 0, FINE, ACCEPT_200,
     FAILED(HTTP_STATUS)},
    {"404", GET, "HTTP/1.1 404 N\r\nContent-Length: 5\r\n\r\n", 5, FINE, ACCEPT_2XX,
     FAILED(HTTP_STATUS)},
    {"404 wanted", GET, "HTTP/1.1 404 N\r\nContent-Length: 5\r\n\r\n", 5, FINE, ACCEPT_200, OK,
     true},
    {"404 wanted, short", GET, "HTTP/1.1 404 N\r\nContent-Length: 5\r\n\r\n", 4, FINE, ACCEPT_200,
     FAILED(TRUNCATED)},
    {"404, short", GET, "HTTP/1.1 404 N\r\nContent-Length: 5\r\n\r\n", 4, CUT(TRUNCATED),
     ACCEPT_2XX, FAILED(HTTP_STATUS)},
    {"500, decoder", GET, "HTTP/1.1 500 N\r\nContent-Length: 5\r\n\r\n", 5, DECODER(BAD_ENCODING),
     ACCEPT_2XX, FAILED(HTTP_STATUS)},
    {"101", GET, "HTTP/1.1 101 S\r\n\r\n", 0, FINE, ACCEPT_ALL, FAILED(BAD_STATUS)},
    {"600", GET, "HTTP/1.1 600 ?\r\n\r\n", 0, FINE, ACCEPT_2XX, FAILED(HTTP_STATUS)},
    {"600 wanted", GET, "HTTP/1.1 600 ?\r\n\r\n", 0, FINE, ACCEPT_ALL, OK, true},
    {"999", GET, "HTTP/1.1 999 ?\r\n\r\n", 0, FINE, ACCEPT_2XX, FAILED(HTTP_STATUS)},
    {"999 wanted", GET, "HTTP/1.1 999 ?\r\n\r\n", 0, FINE, ACCEPT_ALL, OK, true},

    /* redirects that were not followed */
    {"301", GET, "HTTP/1.1 301 M\r\nLocation: /a\r\n\r\n", 0, FINE, ACCEPT_2XX,
     FAILED(HTTP_STATUS)},
    {"301, one too many", GET, "HTTP/1.1 301 M\r\nLocation: /a\r\n\r\n", 0, CUT(REDIRECTS),
     ACCEPT_2XX, FAILED(REDIRECTS)},
    {"301 wanted", GET, "HTTP/1.1 301 M\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n", 0, FINE,
     ACCEPT_ALL, OK, true},
    {"301 to nowhere", GET, "HTTP/1.1 301 M\r\n\r\n", 0, FINE, ACCEPT_2XX, FAILED(BAD_REDIRECT)},
    {"308 to nothing", GET, "HTTP/1.1 308 M\r\nLocation:\r\n\r\n", 0, FINE, ACCEPT_2XX,
     FAILED(BAD_REDIRECT)},
    {"300", GET, "HTTP/1.1 300 M\r\n\r\n", 0, FINE, ACCEPT_2XX, FAILED(HTTP_STATUS)},

    /* conditions and ranges */
    {"304", CONDITIONAL, "HTTP/1.1 304 N\r\n\r\n", 0, FINE, ACCEPT_200, UNCHANGED, true},
    {"304 broken", CONDITIONAL, "HTTP/1.1 304 N\r\n\r\n", 0, CUT(RESET), ACCEPT_2XX, FAILED(RESET)},
    {"304 with body", CONDITIONAL, "HTTP/1.1 304 N\r\n\r\n", 1, FINE, ACCEPT_2XX,
     FAILED(BAD_FRAMING)},
    {"304 unasked", GET, "HTTP/1.1 304 N\r\n\r\n", 0, FINE, ACCEPT_ALL, FAILED(BAD_STATUS)},
    {"200 after validator", CONDITIONAL, OK11 "Content-Length: 5\r\n\r\n", 5, FINE, ACCEPT_2XX, OK,
     true},
    {"206", RESUME, "HTTP/1.1 206 P\r\nContent-Range: bytes 5-19/20\r\n\r\n", 15, FINE, ACCEPT_200,
     OK, true},
    {"206 short", RESUME, "HTTP/1.1 206 P\r\nContent-Range: bytes 5-19/20\r\n\r\n", 14, FINE,
     ACCEPT_2XX, FAILED(TRUNCATED)},
    {"206 long", RESUME, "HTTP/1.1 206 P\r\nContent-Range: bytes 5-19/20\r\n\r\n", 16, FINE,
     ACCEPT_2XX, FAILED(BAD_RANGE)},
    {"206 from elsewhere", RESUME, "HTTP/1.1 206 P\r\nContent-Range: bytes 0-19/20\r\n\r\n", 0,
     FINE, ACCEPT_2XX, FAILED(BAD_RANGE)},
    {"206 of unknown total", RESUME_BLIND, "HTTP/1.1 206 P\r\nContent-Range: bytes 5-19/*\r\n\r\n",
     15, FINE, ACCEPT_2XX, OK, false},
    {"206 unasked", GET, "HTTP/1.1 206 P\r\nContent-Range: bytes 0-4/5\r\n\r\n", 0, FINE,
     ACCEPT_ALL, FAILED(BAD_STATUS)},
    {"200 after range", RESUME, OK11 "Content-Length: 20\r\n\r\n", 20, FINE, ACCEPT_2XX, OK, true},
    {"416", RESUME, "HTTP/1.1 416 R\r\nContent-Range: bytes */20\r\n\r\n", 0, FINE, ACCEPT_2XX,
     FAILED(HTTP_STATUS)},
};

static void observe(struct haul_response *res, const char *header)
{
    while (*header) {
        const char *end = strchr(header, '\n');
        size_t len = end ? (size_t)(end - header) + 1 : strlen(header);

        (void)haul_response_header_line(res, header, len);
        header += len;
    }
}

START_TEST(answer_gets_its_verdict)
{
    const struct verdict_case *wanted = &cases[_i];
    struct haul_response res;
    struct haul_verdict verdict;

    haul_response_init(&res);
    haul_response_begin(&res, &requests[wanted->request], NULL);
    observe(&res, wanted->header);
    if (wanted->body_bytes > 0)
        (void)haul_response_body(&res, wanted->body_bytes);
    verdict = haul_verdict(&res, &wanted->end, &accepts[wanted->accept]);
    haul_response_done(&res);
    ck_assert_msg(verdict.outcome == wanted->outcome, "%s: %s", wanted->name,
                  haul_outcome_word(verdict.outcome));
    ck_assert_msg(verdict.reason == wanted->reason, "%s: %s", wanted->name,
                  haul_reason_text(verdict.reason));
    ck_assert_msg(verdict.verified == wanted->verified, "%s", wanted->name);
}
END_TEST

START_TEST(status_at_the_edge_of_a_range_is_in)
{
    const struct haul_status_set set = {.range = {{200, 204}, {404, 404}}, .count = 2};

    ck_assert(haul_status_set_has(&set, 200));
    ck_assert(haul_status_set_has(&set, 204));
    ck_assert(haul_status_set_has(&set, 404));
    ck_assert(!haul_status_set_has(&set, 199));
    ck_assert(!haul_status_set_has(&set, 205));
    ck_assert(!haul_status_set_has(&set, 403));
    ck_assert(!haul_status_set_has(&(struct haul_status_set){.count = 0}, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verdict");
    TCase *verdict = tcase_create("verdict");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(verdict, answer_gets_its_verdict, 0, COUNT(cases));
    tcase_add_test(verdict, status_at_the_edge_of_a_range_is_in);
    suite_add_tcase(suite, verdict);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
