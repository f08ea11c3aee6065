#include "wire/h1.h"

#include <string.h>

#include "base/ascii.h"
#include "wire/exchange.h"

enum { LINE_KEPT = 4096 }; /* bytes of memory that an idle connection may keep */

static enum haul_h1_event fail(struct haul_h1 *h1, enum haul_reason reason)
{
    h1->state = HAUL_H1_BROKEN;
    h1->reason = reason;
    return HAUL_H1_FAILED;
}

static void forget_line(struct haul_h1 *h1)
{
    if (h1->line.cap > LINE_KEPT)
        haul_buf_done(&h1->line);
    else
        haul_buf_clear(&h1->line);
}

void haul_h1_init(struct haul_h1 *h1)
{
    *h1 = (struct haul_h1){.state = HAUL_H1_IN_HEAD};
}

void haul_h1_done(struct haul_h1 *h1)
{
    haul_buf_done(&h1->line);
}

void haul_h1_begin(struct haul_h1 *h1, struct haul_response *response)
{
    forget_line(h1);
    h1->line.max = (size_t)response->limits.header_bytes;
    h1->response = response;
    h1->state = HAUL_H1_IN_HEAD;
    h1->reason = HAUL_REASON_NONE;
    h1->left = 0;
    h1->chunked = (struct haul_chunked){.left = 0};
    h1->has_begun = false;
}

/* ---- the head ---- */

/* How many bytes may follow those of the line that are there. */
static size_t line_room(const struct haul_h1 *h1)
{
    const struct haul_response *res = h1->response;

    return (size_t)(res->limits.header_bytes - res->header_bytes) - h1->line.len;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * What speaks another protocol may never send a line's end, and is to be known by its first bytes.
 * The response would take a status line of HTTP/2, too. A line that is too long is that and nothing
 * else, however it is cut: so what is beyond the limit is not looked at.
 */
static bool may_be_status_line(const struct haul_h1 *h1, const char *at, size_t len)
{
    static const char start[] = "HTTP/1.";
    size_t known = smaller(h1->line.len, sizeof start - 1);
    size_t compared = smaller(smaller(len, line_room(h1)), sizeof start - 1 - known);

    return h1->response->state != HAUL_RESPONSE_STATUS_LINE ||
           memcmp(start + known, at, compared) == 0;
}

static bool is_blank_line(const struct haul_h1 *h1, const char *at, size_t len)
{
    if (h1->line.len)
        return len == 1 && h1->line.len == 1 && *h1->line.data == '\r';
    return len == 1 || (len == 2 && *at == '\r');
}

/*
 * A field goes on in the next line if that begins with a blank (RFC 9112, 5.2): the first byte of
 * that has to have come. `at` are the bytes up to the line's end, `end` is that of what has come.
 */
static bool may_go_on(const struct haul_h1 *h1, const char *at, size_t len, const char *end)
{
    return h1->response->state == HAUL_RESPONSE_FIELDS && !is_blank_line(h1, at, len) &&
           (at + len == end || haul_ascii_is_blank(at[len]));
}

/* Whether the line that is kept has its end, and may still go on. */
static bool has_waiting_line(const struct haul_h1 *h1)
{
    return h1->line.len && h1->line.data[h1->line.len - 1] == '\n';
}

static enum haul_reason give_kept_line(struct haul_h1 *h1)
{
    enum haul_reason reason = haul_response_header_line(h1->response, h1->line.data, h1->line.len);

    haul_buf_clear(&h1->line);
    return reason;
}

/* The next `len` bytes of a line: a part is kept, a whole line goes to the response. */
static enum haul_reason take_line(struct haul_h1 *h1, const char *at, size_t len, const char *end)
{
    bool is_whole = at[len - 1] == '\n' && !may_go_on(h1, at, len, end);

    if (is_whole && !h1->line.len)
        return haul_response_header_line(h1->response, at, len);
    haul_buf_add(&h1->line, at, len);
    if (h1->line.err)
        return HAUL_REASON_NO_MEMORY;
    return is_whole ? give_kept_line(h1) : HAUL_REASON_NONE;
}

/* RFC 9112, 6.3. What its rules refuse, the response has refused. */
static enum haul_h1_event end_head(struct haul_h1 *h1)
{
    const struct haul_response *res = h1->response;
    int64_t expected = haul_response_expected_bytes(res);

    forget_line(h1);
    if (expected == 0 && (!res->chunked || haul_response_has_no_body(res))) {
        h1->state = HAUL_H1_DONE;
    } else if (res->chunked) {
        h1->state = HAUL_H1_IN_CHUNKS;
        haul_chunked_begin(&h1->chunked, res->limits.header_bytes - res->header_bytes,
                           res->limits.header_fields - res->fields_seen);
    } else if (expected > 0) {
        h1->state = HAUL_H1_IN_BODY;
        h1->left = expected;
    } else {
        h1->state = HAUL_H1_UNTIL_CLOSE;
    }
    return HAUL_H1_HEAD;
}

/* What can be read of the next line, which begins, or goes on, at *at. */
static enum haul_reason read_line(struct haul_h1 *h1, const char **at, const char *end)
{
    const char *start = *at, *lf;
    size_t len = (size_t)(end - start);

    if (has_waiting_line(h1) && !haul_ascii_is_blank(*start))
        return give_kept_line(h1);
    if (!may_be_status_line(h1, start, len))
        return HAUL_REASON_PROTOCOL;
    lf = memchr(start, '\n', len);
    if (lf)
        len = (size_t)(lf - start) + 1;
    if (len > line_room(h1))
        return HAUL_REASON_HEADERS_TOO_LARGE;
    *at += len;
    return take_line(h1, start, len, end);
}

static enum haul_h1_event read_head(struct haul_h1 *h1, const char **at, const char *end)
{
    while (*at < end) {
        enum haul_reason reason = read_line(h1, at, end);

        if (reason)
            return fail(h1, reason);
        if (haul_response_is_complete(h1->response))
            return end_head(h1);
    }
    return HAUL_H1_MORE;
}

/* ---- the body ---- */

static enum haul_h1_event give_body(struct haul_h1 *h1, size_t len)
{
    enum haul_reason reason = haul_response_body(h1->response, len);

    return reason ? fail(h1, reason) : HAUL_H1_BODY;
}

static enum haul_h1_event read_plain(struct haul_h1 *h1, const char **at, const char *end,
                                     const char **body, size_t *body_len)
{
    size_t len = (size_t)(end - *at);

    if (!len)
        return HAUL_H1_MORE;
    if (h1->state == HAUL_H1_IN_BODY) {
        if ((uint64_t)len > (uint64_t)h1->left)
            len = (size_t)h1->left;
        h1->left -= (int64_t)len;
        if (!h1->left)
            h1->state = HAUL_H1_DONE;
    }
    *body = *at;
    *body_len = len;
    *at += len;
    return give_body(h1, len);
}

static enum haul_h1_event end_chunks(struct haul_h1 *h1)
{
    enum haul_reason reason =
        haul_response_trailers(h1->response, h1->chunked.trailer_bytes, h1->chunked.trailer_fields);

    if (reason)
        return fail(h1, reason);
    h1->state = HAUL_H1_DONE;
    return HAUL_H1_END;
}

static enum haul_h1_event read_chunks(struct haul_h1 *h1, const char **at, const char *end,
                                      const char **body, size_t *body_len)
{
    enum haul_reason reason = haul_chunked_next(&h1->chunked, at, end, body, body_len);

    if (reason)
        return fail(h1, reason);
    if (*body_len)
        return give_body(h1, *body_len);
    return haul_chunked_is_done(&h1->chunked) ? end_chunks(h1) : HAUL_H1_MORE;
}

enum haul_h1_event haul_h1_next(struct haul_h1 *h1, const char **at, const char *end,
                                const char **body, size_t *body_len)
{
    h1->has_begun = h1->has_begun || *at < end;
    switch (h1->state) {
    case HAUL_H1_IN_HEAD:
        return read_head(h1, at, end);
    case HAUL_H1_IN_BODY:
    case HAUL_H1_UNTIL_CLOSE:
        return read_plain(h1, at, end, body, body_len);
    case HAUL_H1_IN_CHUNKS:
        return read_chunks(h1, at, end, body, body_len);
    case HAUL_H1_DONE:
        return HAUL_H1_END;
    default:
        return HAUL_H1_FAILED;
    }
}

enum haul_h1_event haul_h1_close(struct haul_h1 *h1)
{
    enum haul_reason reason = h1->has_begun ? HAUL_REASON_TRUNCATED : HAUL_REASON_EMPTY_REPLY;

    switch (h1->state) {
    case HAUL_H1_UNTIL_CLOSE:
    case HAUL_H1_DONE:
        h1->state = HAUL_H1_DONE;
        return HAUL_H1_END;
    case HAUL_H1_BROKEN:
        return HAUL_H1_FAILED;
    case HAUL_H1_IN_HEAD:
        if (has_waiting_line(h1) && give_kept_line(h1)) /* what is wrong in it goes before */
            reason = h1->response->reason;
        return fail(h1, reason);
    default:
        return fail(h1, reason);
    }
}

bool haul_h1_ends_with_close(const struct haul_h1 *h1)
{
    const struct haul_response *res = h1->response;

    return haul_response_is_complete(res) && !res->chunked && haul_response_expected_bytes(res) < 0;
}

/* ---- the request ---- */

void haul_h1_write_request(const struct haul_request *request, bool absolute, const char *extra,
                           struct haul_buf *out)
{
    const char *authority = strstr(request->url, "://");
    const char *path = authority ? authority + 3 : request->url;

    path += strcspn(path, "/?");
    haul_buf_add_str(out, request->method);
    haul_buf_add_char(out, ' ');
    if (absolute)
        haul_buf_add(out, request->url, (size_t)(path - request->url));
    if (*path != '/')
        haul_buf_add_char(out, '/');
    haul_buf_add_str(out, path);
    haul_buf_add_str(out, " HTTP/1.1\r\nHost: ");
    haul_buf_add_str(out, request->authority);
    haul_buf_add_str(out, "\r\n");
    if (extra)
        haul_buf_add_str(out, extra);
    if (request->fields->len)
        haul_buf_add(out, request->fields->data, request->fields->len);
    haul_buf_add_str(out, "\r\n");
}
