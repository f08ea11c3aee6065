#include "http/response.h"

#include <string.h>

#include "base/wipe.h"
#include "http/date.h"
#include "http/response_field.h"
#include "http/response_line.h"

enum { DEFAULT_HEADER_BYTES = 512 * 1024, DEFAULT_HEADER_FIELDS = 5000, DEFAULT_INTERIM = 100 };

static bool is_interim(const struct haul_response *res)
{
    return res->status >= 100 && res->status <= 199 && res->status != 101;
}

static void void_block(struct haul_response *res)
{
    res->version = res->status = res->fields = 0;
    res->content_length = -1;
    res->chunked = res->range_seen = res->range_bad = false;
    res->says_close = res->etag_seen = false;
    res->etag_ambiguous = res->date_ambiguous = res->location_seen = false;
    haul_buf_clear(&res->cookies);
    res->content_encoding[0] = res->content_type[0] = res->etag[0] = '\0';
    res->last_modified[0] = res->date[0] = res->retry_after[0] = res->rate_reset[0] = '\0';
}

static enum haul_reason take_status_line(struct haul_response *res, struct haul_span line)
{
    static const struct {
        const char *text;
        int version;
    } versions[] = {{"HTTP/1.1 ", 11}, {"HTTP/1.0 ", 10}, {"HTTP/2 ", 20}, {"HTTP/3 ", 30}};
    int64_t status;

    void_block(res);
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (!haul_span_skip(&line, versions[i].text))
            continue;
        /* The space after the number is not optional, but many servers without a phrase omit it. */
        if (line.len < 3 || !haul_response_parse_number(haul_span_take(&line, 3), &status) ||
            (line.len > 0 && *line.at != ' '))
            break;
        res->version = versions[i].version;
        res->status = (int)status;
        res->state = HAUL_RESPONSE_FIELDS;
        return HAUL_REASON_NONE;
    }
    return HAUL_REASON_PROTOCOL;
}

/* A 206 that does not continue exactly where haul stopped would mix two bodies in one file. */
static enum haul_reason check_range(const struct haul_response *res)
{
    const struct haul_request_facts *request = &res->request;
    int64_t length = res->range_last - res->range_first + 1;

    if (!res->range_seen || res->range_bad || res->range_first != request->range_start)
        return HAUL_REASON_BAD_RANGE;
    if (request->range_total >= 0 && res->range_total != request->range_total)
        return HAUL_REASON_BAD_RANGE;
    if (request->range_probe && res->range_last != 0)
        return HAUL_REASON_BAD_RANGE;
    if (!request->range_probe && res->range_total >= 0 && res->range_last != res->range_total - 1)
        return HAUL_REASON_BAD_RANGE;
    if (!request->head && res->content_length >= 0 && res->content_length != length)
        return HAUL_REASON_BAD_RANGE;
    return HAUL_REASON_NONE;
}

static enum haul_reason end_final_block(struct haul_response *res)
{
    if (res->chunked && (res->content_length >= 0 || res->version != 11))
        return HAUL_REASON_BAD_FRAMING;
    if (res->status < 200)
        return HAUL_REASON_BAD_STATUS;
    if (res->status == 206 && !res->request.range)
        return HAUL_REASON_BAD_STATUS;
    if (res->status == 304 && !res->request.validator)
        return HAUL_REASON_BAD_STATUS;
    if (res->status == 206)
        return check_range(res);
    return HAUL_REASON_NONE;
}

static enum haul_reason end_block(struct haul_response *res)
{
    if (!is_interim(res)) {
        res->state = HAUL_RESPONSE_BODY;
        return end_final_block(res);
    }
    res->state = HAUL_RESPONSE_STATUS_LINE;
    if (++res->interim > res->limits.interim)
        return HAUL_REASON_TOO_MANY_HEADERS;
    return HAUL_REASON_NONE;
}

static enum haul_reason count_field(struct haul_response *res)
{
    if (++res->fields_seen > res->limits.header_fields)
        return HAUL_REASON_TOO_MANY_HEADERS;
    return HAUL_REASON_NONE;
}

static enum haul_reason take_field(struct haul_response *res, struct haul_span line,
                                   bool was_folded)
{
    struct haul_span name, value;
    enum haul_reason reason = count_field(res);
    enum haul_response_line kind;

    if (reason)
        return reason;
    kind = haul_response_line_split(line, was_folded, res->version > 11, &name, &value);
    if (kind == HAUL_RESPONSE_LINE_REFUSED)
        return HAUL_REASON_BAD_HEADER;
    res->fields++;
    if (kind == HAUL_RESPONSE_LINE_PASSED_OVER || is_interim(res))
        return HAUL_REASON_NONE;
    return haul_response_field_take(res, name, value);
}

/* They are rare: no memory is kept for them. */
static enum haul_reason take_folded(struct haul_response *res, struct haul_span line)
{
    enum haul_reason reason = HAUL_REASON_BAD_HEADER;
    struct haul_buf whole;

    haul_buf_init(&whole, 0);
    if (res->version <= 11 && haul_response_line_unfold(line, &whole))
        reason = take_field(res, (struct haul_span){whole.data, whole.len}, true);
    else if (whole.err)
        reason = HAUL_REASON_NO_MEMORY;
    haul_buf_done(&whole);
    return reason;
}

static enum haul_reason take_trailer(struct haul_response *res, struct haul_span line)
{
    bool blank = line.len == 0 || line.at[0] == '\n' || line.at[0] == '\r';

    return blank ? HAUL_REASON_NONE : count_field(res);
}

static void keep_line(struct haul_response *res, struct haul_span line)
{
    if (!res->verbatim || res->state == HAUL_RESPONSE_BODY)
        return;
    if (res->state == HAUL_RESPONSE_STATUS_LINE)
        haul_buf_clear(res->verbatim);
    haul_buf_add(res->verbatim, line.at, line.len);
}

static enum haul_reason take_line(struct haul_response *res, struct haul_span line)
{
    /* Subtracting keeps the sum in range whatever the limit is. */
    if ((uint64_t)line.len > (uint64_t)(res->limits.header_bytes - res->header_bytes))
        return HAUL_REASON_HEADERS_TOO_LARGE;
    res->header_bytes += (int64_t)line.len;
    keep_line(res, line);
    if (res->state == HAUL_RESPONSE_BODY)
        return take_trailer(res, line);
    if (res->state == HAUL_RESPONSE_FIELDS && haul_response_line_is_folded(line))
        return take_folded(res, line);
    if (!haul_response_line_unwrap(&line))
        return HAUL_REASON_BAD_HEADER;
    if (res->state == HAUL_RESPONSE_STATUS_LINE)
        return take_status_line(res, line);
    return line.len == 0 ? end_block(res) : take_field(res, line, false);
}

static enum haul_reason count_trailers(struct haul_response *res, int64_t bytes, int fields)
{
    if (bytes > res->limits.header_bytes - res->header_bytes)
        return HAUL_REASON_HEADERS_TOO_LARGE;
    if (fields > res->limits.header_fields - res->fields_seen)
        return HAUL_REASON_TOO_MANY_HEADERS;
    res->header_bytes += bytes;
    res->fields_seen += fields;
    return HAUL_REASON_NONE;
}

static enum haul_reason count_body(struct haul_response *res, size_t len)
{
    int64_t expected = haul_response_expected_bytes(res);

    if (!haul_response_is_complete(res))
        return HAUL_REASON_PROTOCOL;
    if ((uint64_t)len > (uint64_t)(INT64_MAX - res->wire_bytes))
        return HAUL_REASON_TOO_LARGE;
    res->wire_bytes += (int64_t)len;
    if (haul_response_has_no_body(res) && len > 0)
        return HAUL_REASON_BAD_FRAMING;
    if (expected >= 0 && res->wire_bytes > expected)
        return res->status == 206 ? HAUL_REASON_BAD_RANGE : HAUL_REASON_BAD_LENGTH;
    return HAUL_REASON_NONE;
}

/* They are as good as passwords. */
static void forget_cookies(struct haul_response *res)
{
    haul_wipe(res->cookies.data, res->cookies.cap);
    haul_buf_done(&res->cookies);
}

void haul_response_init(struct haul_response *res)
{
    memset(res, 0, sizeof *res);
    haul_buf_init(&res->location, HAUL_RESPONSE_LOCATION_MAX);
    haul_buf_init(&res->cookies, HAUL_RESPONSE_COOKIES_MAX);
    haul_response_begin(res, &(struct haul_request_facts){.range_total = -1}, NULL);
}

void haul_response_done(struct haul_response *res)
{
    haul_buf_done(&res->location);
    forget_cookies(res);
}

void haul_response_begin(struct haul_response *res, const struct haul_request_facts *request,
                         const struct haul_response_limits *limits)
{
    res->request = *request;
    res->limits = limits ? *limits : (struct haul_response_limits){0};
    if (res->limits.header_bytes <= 0)
        res->limits.header_bytes = DEFAULT_HEADER_BYTES;
    if (res->limits.header_fields <= 0)
        res->limits.header_fields = DEFAULT_HEADER_FIELDS;
    if (res->limits.interim <= 0)
        res->limits.interim = DEFAULT_INTERIM;
    res->state = HAUL_RESPONSE_STATUS_LINE;
    res->reason = HAUL_REASON_NONE;
    res->interim = res->fields_seen = 0;
    res->header_bytes = res->wire_bytes = 0;
    forget_cookies(res);
    void_block(res);
}

enum haul_reason haul_response_header_line(struct haul_response *res, const char *line, size_t len)
{
    if (!res->reason)
        res->reason = take_line(res, (struct haul_span){line, len});
    return res->reason;
}

enum haul_reason haul_response_trailers(struct haul_response *res, int64_t bytes, int fields)
{
    if (!res->reason)
        res->reason = count_trailers(res, bytes, fields);
    return res->reason;
}

enum haul_reason haul_response_body(struct haul_response *res, size_t len)
{
    if (!res->reason)
        res->reason = count_body(res, len);
    return res->reason;
}

bool haul_response_is_complete(const struct haul_response *res)
{
    return res->state == HAUL_RESPONSE_BODY;
}

bool haul_response_has_no_body(const struct haul_response *res)
{
    return res->request.head || res->status == 204 || res->status == 304;
}

const char *haul_response_coding(const struct haul_response *res)
{
    const char *list = res->content_encoding;

    switch (res->request.coding) {
    case HAUL_CODING_UNDO_NONE:
        return list + strlen(list);
    case HAUL_CODING_BY_FILE:
        return haul_coding_rest(list,
                                res->request.packed | 1u << haul_coding_of_type(res->content_type));
    case HAUL_CODING_UNDO_ALL:
    default:
        return haul_coding_rest(list, 0);
    }
}

bool haul_response_keeps_coding(const struct haul_response *res)
{
    return haul_response_coding(res) != haul_coding_rest(res->content_encoding, 0);
}

int64_t haul_response_expected_bytes(const struct haul_response *res)
{
    if (haul_response_has_no_body(res))
        return 0;
    if (res->status == 206 && res->range_seen)
        return res->range_last - res->range_first + 1;
    return res->content_length;
}

bool haul_response_keeps_open(const struct haul_response *res)
{
    bool has_end = haul_response_expected_bytes(res) >= 0 || res->chunked;

    return haul_response_is_complete(res) && res->version >= 11 && !res->says_close && has_end;
}

bool haul_response_has_redirect_status(const struct haul_response *res)
{
    return (res->status >= 301 && res->status <= 303) || res->status == 307 || res->status == 308;
}

bool haul_response_is_redirect(const struct haul_response *res)
{
    return !res->reason && haul_response_location(res) && res->location.len > 0 &&
           haul_response_has_redirect_status(res);
}

const char *haul_response_location(const struct haul_response *res)
{
    if (!haul_response_is_complete(res) || !res->location_seen)
        return NULL;
    return haul_buf_str(&res->location);
}

int64_t haul_response_retry_after_s(const struct haul_response *res, int64_t now_s)
{
    int64_t delay_s = haul_http_retry_after_s(res->retry_after, strlen(res->retry_after), now_s);

    if (delay_s < 0 && (res->status == 429 || res->status == 503))
        return haul_http_rate_reset_s(res->rate_reset, strlen(res->rate_reset), now_s);
    return delay_s;
}

/* ---- the validator ---- */

/* Both clocks may be a little wrong, and the file may have changed twice in that time. */
enum { SETTLED_S = 60 };

/* RFC 9110, 8.8.3: quoted, and no quote inside. */
static bool is_strong_tag(const char *tag)
{
    const char *end = tag[0] == '"' ? strchr(tag + 1, '"') : NULL;

    return end && !end[1];
}

static bool is_strong_date(const struct haul_response *res, int64_t now_s)
{
    const char *modified = res->last_modified;
    int64_t modified_s, sent_s;

    if (!haul_http_date_parse(modified, strlen(modified), now_s, &modified_s))
        return false;
    if (!haul_http_date_parse(res->date, strlen(res->date), now_s, &sent_s))
        sent_s = now_s;
    return modified_s <= sent_s - SETTLED_S;
}

const char *haul_response_strong_validator(const struct haul_response *res, int64_t now_s)
{
    if (res->etag[0])
        return is_strong_tag(res->etag) ? res->etag : NULL;
    if (res->etag_seen)
        return NULL;
    return is_strong_date(res, now_s) ? res->last_modified : NULL;
}
