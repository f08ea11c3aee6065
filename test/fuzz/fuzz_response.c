/*
 * Input: one byte of request facts, one byte that says how the transfer ended, then what the server
 * sent; up to the final blank line in lines, after that as body.
 *
 * A reason never goes away again; limits hold; an accepted Content-Length is what its digits say;
 * and a good verdict is only given to a complete, fitting response.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER_BYTES = 2000, HEADER_FIELDS = 20, INTERIM = 3 };

static const struct haul_status_set accept = {.range = {{200, 299}}, .count = 1};

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Whether the line's value is `length`, over and over, as text: no arithmetic. */
static void check_length_line(const char *line, size_t len, int64_t length)
{
    static const char name[] = "content-length:";
    char digits[32];
    size_t wanted = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)length);
    const char *end = line + len, *at = line + sizeof name - 1;

    if (len < sizeof name - 1 || strncasecmp(line, name, sizeof name - 1) != 0)
        return;
    while (at < end && *at != '\r' && *at != '\n') {
        size_t run = 0;

        while (at < end && strchr(" \t,", *at))
            at++;
        while (at + 1 < end && at[0] == '0' && at[1] >= '0' && at[1] <= '9')
            at++;
        while (at + run < end && at[run] >= '0' && at[run] <= '9')
            run++;
        if (run == 0)
            break;
        require(run == wanted && memcmp(at, digits, run) == 0);
        at += run;
    }
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    require(at == end);
}

static size_t feed_line(struct haul_response *res, const char *text, size_t len)
{
    const char *newline = memchr(text, '\n', len);
    size_t line = newline ? (size_t)(newline - text) + 1 : len;
    bool in_final = res->state == HAUL_RESPONSE_FIELDS && (res->status < 100 || res->status > 199);
    enum haul_reason before = res->reason;
    enum haul_reason reason = haul_response_header_line(res, text, line);

    require(reason == res->reason && (!before || reason == before));
    require(res->header_bytes <= HEADER_BYTES);
    require(res->interim <= INTERIM || reason);
    require(res->fields_seen <= HEADER_FIELDS || reason);
    if (in_final && !reason)
        check_length_line(text, line, res->content_length);
    return line;
}

static void check_verdict(const struct haul_response *res, const struct haul_transfer_end *end)
{
    struct haul_verdict verdict = haul_verdict(res, end, &accept);

    require((verdict.reason == HAUL_REASON_NONE) == (verdict.outcome != HAUL_OUTCOME_FAILED));
    if (verdict.outcome == HAUL_OUTCOME_FAILED) {
        require(!verdict.verified);
        return;
    }
    require(haul_response_is_complete(res) && !res->reason && !end->reason);
    require(res->status == 206 ? res->request.range && res->range_first == res->request.range_start
                               : true);
    if (verdict.outcome == HAUL_OUTCOME_UNCHANGED) {
        require(res->status == 304 && res->request.validator && res->wire_bytes == 0);
        return;
    }
    require(verdict.outcome == HAUL_OUTCOME_OK && !end->decode);
    require(res->status >= 200 && res->status <= 299);
    if (res->request.head || res->status == 204)
        require(res->wire_bytes == 0);
    else if (res->content_length >= 0)
        require(res->wire_bytes == res->content_length && !res->chunked);
    else
        require(!verdict.verified || end->is_proved);
}

/* What is undone is an end of the list, or all of it. */
static void check_coding(const struct haul_response *res)
{
    const char *list = res->content_encoding, *rest = haul_response_coding(res);

    require(rest >= list && rest <= list + strlen(list));
    require(res->request.coding != HAUL_CODING_UNDO_NONE || !rest[0]);
    require(haul_coding_rest(rest, 0) == rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct haul_response_limits limits = {HEADER_BYTES, HEADER_FIELDS, INTERIM};
    struct haul_request_facts request = {.range_total = -1};
    struct haul_transfer_end end = {0};
    struct haul_response res;
    const char *text;

    if (size < 2)
        return 0;
    request.head = data[0] & 1;
    request.validator = data[0] & 2;
    request.range = data[0] & 4;
    request.range_start = data[0] >> 5;
    request.range_total = data[0] & 8 ? 20 : -1;
    request.coding = (enum haul_coding_rule)((data[1] >> 3) % 3);
    request.packed = data[1] >> 5;
    end.is_proved = data[1] & 1;
    end.decode = data[1] & 2 ? HAUL_REASON_BAD_ENCODING : HAUL_REASON_NONE;
    end.reason = data[1] & 4 ? HAUL_REASON_TIMEOUT : HAUL_REASON_NONE;
    text = (const char *)data + 2;
    size -= 2;
    haul_response_init(&res);
    haul_response_begin(&res, &request, &limits);
    while (size > 0 && !haul_response_is_complete(&res)) {
        size_t line = feed_line(&res, text, size);

        text += line;
        size -= line;
        check_verdict(&res, &end);
    }
    if (size > 0)
        (void)haul_response_body(&res, size);
    check_verdict(&res, &end);
    check_coding(&res);
    (void)haul_response_retry_after_s(&res, 1767225600);
    if (haul_response_is_redirect(&res))
        require(haul_response_location(&res)[0] != '\0');
    haul_response_done(&res);
    return 0;
}
