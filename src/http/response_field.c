#include "http/response_field.h"

#include <string.h>

#include "base/ascii.h"

/* Cuts the next member off a comma-separated list; false when the list is used up. */
static bool next_member(struct haul_span *list, struct haul_span *member)
{
    if (!list->at)
        return false;
    if (!haul_span_take_before(list, ',', member)) {
        *member = *list;
        *list = haul_span_of(NULL);
    }
    *member = haul_span_trim(*member);
    return true;
}

bool haul_response_parse_number(struct haul_span t, int64_t *number)
{
    int64_t sum = 0;

    if (t.len == 0)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        int digit = t.at[i] - '0';

        if (!haul_ascii_is_digit(t.at[i]) || sum > (INT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return true;
}

/* Keeps a value with its NUL; one that does not fit counts as absent. Says whether it fitted. */
static bool keep(char *place, size_t size, struct haul_span value)
{
    place[0] = '\0';
    if (value.len >= size)
        return false;
    memcpy(place, value.at, value.len);
    place[value.len] = '\0';
    return true;
}

/* Keeps a validator unless two differ: then neither says anything about the body. */
static void keep_unambiguous(char *place, size_t size, bool *ambiguous, struct haul_span value)
{
    bool differs = place[0] && !haul_span_is(value, place);

    if (*ambiguous || differs || !keep(place, size, value)) {
        *ambiguous = true;
        place[0] = '\0';
    }
}

static enum haul_reason on_connection(struct haul_response *res, struct haul_span value)
{
    struct haul_span member;

    while (next_member(&value, &member))
        if (haul_span_is_word(member, "close"))
            res->says_close = true;
    return HAUL_REASON_NONE;
}

static enum haul_reason on_content_encoding(struct haul_response *res, struct haul_span value)
{
    size_t used = strlen(res->content_encoding);
    size_t comma = used > 0 ? 2 : 0;

    if (used + comma + value.len >= sizeof res->content_encoding)
        return HAUL_REASON_BAD_ENCODING;
    memcpy(res->content_encoding + used, ", ", comma);
    memcpy(res->content_encoding + used + comma, value.at, value.len);
    res->content_encoding[used + comma + value.len] = '\0';
    return HAUL_REASON_NONE;
}

static enum haul_reason on_content_length(struct haul_response *res, struct haul_span value)
{
    struct haul_span member;
    int64_t length;

    while (next_member(&value, &member)) {
        if (!haul_response_parse_number(member, &length))
            return HAUL_REASON_BAD_LENGTH;
        if (res->content_length >= 0 && res->content_length != length)
            return HAUL_REASON_BAD_LENGTH;
        res->content_length = length;
    }
    return HAUL_REASON_NONE;
}

/* "bytes FIRST-LAST/TOTAL", TOTAL a number or "*" (RFC 9110, 14.4). */
static bool parse_content_range(struct haul_span value, int64_t *first, int64_t *last,
                                int64_t *total)
{
    const size_t unit = strlen("bytes ");
    struct haul_span range, begin;

    if (value.len < unit || !haul_span_is_word(haul_span_take(&value, unit), "bytes "))
        return false;
    value = haul_span_trim(value);
    if (!haul_span_take_before(&value, '/', &range) || !haul_span_take_before(&range, '-', &begin))
        return false;
    *total = -1;
    return haul_response_parse_number(begin, first) && haul_response_parse_number(range, last) &&
           *first <= *last && *last < INT64_MAX &&
           (haul_span_is(value, "*") ||
            (haul_response_parse_number(value, total) && *last < *total));
}

static enum haul_reason on_content_range(struct haul_response *res, struct haul_span value)
{
    int64_t first, last, total;

    /* Not a failure by itself: on anything but a 206 this field may be ignored. */
    if (!parse_content_range(value, &first, &last, &total)) {
        res->range_bad = true;
        return HAUL_REASON_NONE;
    }
    if (res->range_seen &&
        (first != res->range_first || last != res->range_last || total != res->range_total))
        res->range_bad = true;
    res->range_seen = true;
    res->range_first = first;
    res->range_last = last;
    res->range_total = total;
    return HAUL_REASON_NONE;
}

static enum haul_reason on_etag(struct haul_response *res, struct haul_span value)
{
    res->etag_seen = true;
    keep_unambiguous(res->etag, sizeof res->etag, &res->etag_ambiguous, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_last_modified(struct haul_response *res, struct haul_span value)
{
    keep_unambiguous(res->last_modified, sizeof res->last_modified, &res->date_ambiguous, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_location(struct haul_response *res, struct haul_span value)
{
    if (value.len > HAUL_RESPONSE_LOCATION_MAX)
        return HAUL_REASON_BAD_REDIRECT;
    if (res->location_seen) {
        bool same = haul_span_is(value, haul_buf_str(&res->location));

        return same ? HAUL_REASON_NONE : HAUL_REASON_BAD_REDIRECT;
    }
    haul_buf_clear(&res->location);
    haul_buf_add(&res->location, value.at, value.len);
    res->location_seen = true;
    return res->location.err ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}

/* One that is not kept is as if it had not come: without it, the server asks for it again. */
static enum haul_reason on_set_cookie(struct haul_response *res, struct haul_span value)
{
    if (res->request.cookies && value.len <= HAUL_RESPONSE_COOKIE_MAX && !res->cookies.err &&
        res->cookies.len + value.len < HAUL_RESPONSE_COOKIES_MAX) {
        haul_buf_add(&res->cookies, value.at, value.len);
        haul_buf_add_char(&res->cookies, '\0');
    }
    return HAUL_REASON_NONE;
}

/*
 * "identity" was no coding (RFC 2616, 3.6), and the length of such a body what Content-Length says
 * (4.4), as browsers read it still. There is no such word any more, and to who has never heard of
 * it, or to curl, the body ends with the connection (RFC 9112, 6.3): so nothing else is asked for
 * on that.
 */
static enum haul_reason on_transfer_encoding(struct haul_response *res, struct haul_span value)
{
    struct haul_span member;

    if (res->version > 11)
        return HAUL_REASON_BAD_FRAMING;
    while (next_member(&value, &member)) {
        bool is_none = haul_span_is_word(member, "identity");

        if (res->chunked || (!is_none && !haul_span_is_word(member, "chunked")))
            return HAUL_REASON_BAD_FRAMING;
        res->chunked = !is_none;
        res->says_close = res->says_close || is_none;
    }
    return HAUL_REASON_NONE;
}

/* A field has a handler, or its value is kept as it is: that of the last one, if it fits. */
static const struct {
    const char *name;
    size_t len; /* of the name */
    enum haul_reason (*handle)(struct haul_response *res, struct haul_span value);
    size_t place, size; /* of the value that is kept, in the response */
} fields[] = {
#define FIELD(name, handle)                                                                        \
    {                                                                                              \
        name, sizeof name - 1, handle, 0, 0                                                        \
    }
#define KEPT(name, member)                                                                         \
    {                                                                                              \
        name, sizeof name - 1, NULL, offsetof(struct haul_response, member),                       \
            sizeof((struct haul_response *)0)->member                                              \
    }
    FIELD("connection", on_connection),
    FIELD("content-encoding", on_content_encoding),
    FIELD("content-length", on_content_length),
    FIELD("content-range", on_content_range),
    KEPT("content-type", content_type),
    KEPT("date", date),
    FIELD("etag", on_etag),
    FIELD("last-modified", on_last_modified),
    FIELD("location", on_location),
    KEPT("ratelimit-reset", rate_reset),
    KEPT("retry-after", retry_after),
    FIELD("set-cookie", on_set_cookie),
    FIELD("transfer-encoding", on_transfer_encoding),
    KEPT("x-ratelimit-reset", rate_reset),
#undef FIELD
#undef KEPT
};

enum haul_reason haul_response_field_take(struct haul_response *res, struct haul_span name,
                                          struct haul_span value)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (name.len != fields[i].len || !haul_span_is_word(name, fields[i].name))
            continue;
        if (fields[i].handle)
            return fields[i].handle(res, value);
        keep((char *)res + fields[i].place, fields[i].size, value);
        break;
    }
    return HAUL_REASON_NONE;
}
