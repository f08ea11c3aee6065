/*
 * Input: one byte of request facts, one byte that says how the transfer ended, then what the server
 * sent; up to the final blank line in lines, after that as body.
 *
 * A reason never goes away again; limits hold; an accepted Content-Length is what its digits say;
 * and a good verdict is only given to a complete, fitting response. A head that is folded says what
 * it says with blanks in place of the folds; and to one who takes each line for a field, whatever
 * its name has between its letters, an accepted head is framed no otherwise.
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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A line that goes on in the next is one, but for a status line and the blank one. */
static size_t line_of(const struct haul_response *res, const char *text, size_t len)
{
    bool folds = res->state == HAUL_RESPONSE_FIELDS && *text != '\r' && *text != '\n';
    size_t line = 0;

    do {
        const char *newline = memchr(text + line, '\n', len - line);

        line = newline ? (size_t)(newline - text) + 1 : len;
    } while (folds && line < len && is_blank(text[line]));
    return line;
}

/* ---- folds ---- */

/* The same head without folds: `made` has room for all of it. */
static size_t write_unfolded(const char *text, size_t len, char *made)
{
    size_t size = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n' && i + 1 < len && is_blank(text[i + 1])) {
            size -= size > 0 && made[size - 1] == '\r';
            while (size > 0 && is_blank(made[size - 1]))
                size--;
            made[size++] = ' ';
            while (i + 1 < len && is_blank(text[i + 1]))
                i++;
        } else {
            made[size++] = text[i];
        }
    }
    return size;
}

/* `text` is the head of `folded`, which was accepted. */
static void check_unfolded(const struct haul_response *folded, const char *text, size_t len)
{
    const struct haul_response_limits limits = {HEADER_BYTES, HEADER_FIELDS, INTERIM};
    const char *location = haul_response_location(folded), *other;
    char *made = malloc(len + 1);
    struct haul_response res;
    size_t size;

    require(made != NULL);
    size = write_unfolded(text, len, made);
    haul_response_init(&res);
    haul_response_begin(&res, &folded->request, &limits);
    for (size_t at = 0, line; at < size; at += line) {
        line = line_of(&res, made + at, size - at);
        (void)haul_response_header_line(&res, made + at, line);
    }
    require(haul_response_is_complete(&res) && !res.reason);
    require(res.status == folded->status && res.version == folded->version);
    require(res.fields == folded->fields && res.fields_seen == folded->fields_seen);
    require(res.content_length == folded->content_length && res.chunked == folded->chunked);
    require(haul_response_expected_bytes(&res) == haul_response_expected_bytes(folded));
    require(haul_response_keeps_open(&res) == haul_response_keeps_open(folded));
    require(!strcmp(res.content_encoding, folded->content_encoding));
    require(!strcmp(res.content_type, folded->content_type) && !strcmp(res.etag, folded->etag));
    require(!strcmp(res.last_modified, folded->last_modified) && !strcmp(res.date, folded->date));
    require(!strcmp(res.retry_after, folded->retry_after));
    other = haul_response_location(&res);
    require(location ? other && !strcmp(location, other) : !other);
    haul_response_done(&res);
    free(made);
}

/* ---- framing, as the loosest of readers finds it ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Does the name consist of these letters, and of something else, which no token has? */
static bool is_odd_form_of(const char *name, size_t len, const char *letters)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789";
    bool is_odd = false;

    for (size_t i = 0; i < len; i++) {
        if (!is_letter(name[i]))
            is_odd = is_odd || !memchr(token, name[i], sizeof token - 1);
        else if (!*letters || (name[i] | 0x20) != *letters++)
            return false;
    }
    return is_odd && !*letters;
}

static void check_framing_line(const char *line, size_t len)
{
    static const char *const names[] = {"contentlength", "contentrange", "transferencoding"};
    const char *colon = memchr(line, ':', len);

    for (size_t i = 0; colon && i < sizeof names / sizeof *names; i++)
        require(!is_odd_form_of(line, (size_t)(colon - line), names[i]));
}

/* Each line that a field has on the wire. */
static void check_framing(const char *text, size_t len)
{
    while (len > 0) {
        const char *newline = memchr(text, '\n', len);
        size_t line = newline ? (size_t)(newline - text) + 1 : len;

        check_framing_line(text, line);
        text += line;
        len -= line;
    }
}

/* ---- one response ---- */

static size_t feed_line(struct haul_response *res, const char *text, size_t len)
{
    size_t line = line_of(res, text, len);
    bool is_field = res->state == HAUL_RESPONSE_FIELDS;
    bool in_final = res->state == HAUL_RESPONSE_FIELDS && (res->status < 100 || res->status > 199);
    enum haul_reason before = res->reason;
    enum haul_reason reason = haul_response_header_line(res, text, line);

    require(reason == res->reason && (!before || reason == before));
    require(res->header_bytes <= HEADER_BYTES);
    require(res->interim <= INTERIM || reason);
    require(res->fields_seen <= HEADER_FIELDS || reason);
    if (in_final && !reason)
        check_length_line(text, line, res->content_length);
    if (is_field && !reason)
        check_framing(text, line);
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
    const char *text, *head;

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
    text = head = (const char *)data + 2;
    size -= 2;
    haul_response_init(&res);
    haul_response_begin(&res, &request, &limits);
    while (size > 0 && !haul_response_is_complete(&res)) {
        size_t line = feed_line(&res, text, size);

        text += line;
        size -= line;
        check_verdict(&res, &end);
    }
    if (haul_response_is_complete(&res) && !res.reason)
        check_unfolded(&res, head, (size_t)(text - head));
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
