#include "http/response.h"

#include <string.h>

#include "http/date.h"

enum { DEFAULT_HEADER_BYTES = 512 * 1024, DEFAULT_HEADER_FIELDS = 5000, DEFAULT_INTERIM = 100 };

/* Bytes that are looked at, without NUL and not owned. */
struct text {
    const char *at;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* RFC 9110, 5.6.2: tchar, one bit for each. The locale has no say. */
#define BIT(c) (UINT64_C(1) << ((c)&63))
#define RUN(first, count) (((UINT64_C(1) << (count)) - 1) << ((first)&63))
#define TOKEN_BELOW_64                                                                             \
    (RUN('0', 10) | BIT('!') | BIT('#') | BIT('$') | BIT('%') | BIT('&') | BIT('\'') | BIT('*') |  \
     BIT('+') | BIT('-') | BIT('.'))
#define TOKEN_FROM_64                                                                              \
    (RUN('A', 26) | RUN('a', 26) | BIT('^') | BIT('_') | BIT('`') | BIT('|') | BIT('~'))

static bool is_token_char(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte < 128 && ((byte < 64 ? TOKEN_BELOW_64 : TOKEN_FROM_64) & BIT(byte));
}

static struct text trim(struct text t)
{
    while (t.len > 0 && is_blank(t.at[0])) {
        t.at++;
        t.len--;
    }
    while (t.len > 0 && is_blank(t.at[t.len - 1]))
        t.len--;
    return t;
}

/* Whether `t` is `word`, which is in lower case, in any case. */
static bool is_word(struct text t, const char *word)
{
    if (t.len != strlen(word))
        return false;
    for (size_t i = 0; i < t.len; i++) {
        if (to_lower(t.at[i]) != word[i])
            return false;
    }
    return true;
}

/* Cuts the next member off a comma-separated list; false when the list is used up. */
static bool next_member(struct text *list, struct text *member)
{
    const char *comma;
    size_t len;

    if (!list->at)
        return false;
    comma = memchr(list->at, ',', list->len);
    len = comma ? (size_t)(comma - list->at) : list->len;
    *member = trim((struct text){list->at, len});
    if (comma)
        *list = (struct text){comma + 1, list->len - len - 1};
    else
        *list = (struct text){NULL, 0};
    return true;
}

/* All of `t` as a number: digits only, at least one, at most INT64_MAX. */
static bool parse_number(struct text t, int64_t *number)
{
    int64_t sum = 0;

    if (t.len == 0)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        int digit = t.at[i] - '0';

        if (!is_digit(t.at[i]) || sum > (INT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return true;
}

/* Keeps a value with its NUL; one that does not fit counts as absent. Says whether it fitted. */
static bool keep(char *place, size_t size, struct text value)
{
    place[0] = '\0';
    if (value.len >= size)
        return false;
    memcpy(place, value.at, value.len);
    place[value.len] = '\0';
    return true;
}

/* Keeps a validator unless two differ: then neither says anything about the body. */
static void keep_unambiguous(char *place, size_t size, bool *ambiguous, struct text value)
{
    bool first = place[0] == '\0' && !*ambiguous;
    bool same = strlen(place) == value.len && memcmp(place, value.at, value.len) == 0;

    if (!first && !same)
        *ambiguous = true;
    if (*ambiguous)
        place[0] = '\0';
    else if (!keep(place, size, value))
        *ambiguous = true;
}

static enum haul_reason on_accept_ranges(struct haul_response *res, struct text value)
{
    struct text member;

    while (next_member(&value, &member)) {
        if (is_word(member, "bytes"))
            res->accepts_ranges = true;
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason on_connection(struct haul_response *res, struct text value)
{
    struct text member;

    while (next_member(&value, &member)) {
        if (is_word(member, "close"))
            res->says_close = true;
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason on_content_encoding(struct haul_response *res, struct text value)
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

static enum haul_reason on_content_length(struct haul_response *res, struct text value)
{
    struct text member;
    int64_t length;

    while (next_member(&value, &member)) {
        if (!parse_number(member, &length))
            return HAUL_REASON_BAD_LENGTH;
        if (res->content_length >= 0 && res->content_length != length)
            return HAUL_REASON_BAD_LENGTH;
        res->content_length = length;
    }
    return HAUL_REASON_NONE;
}

/* "bytes FIRST-LAST/TOTAL", TOTAL a number or "*" (RFC 9110, 14.4). */
static bool parse_content_range(struct text value, int64_t *first, int64_t *last, int64_t *total)
{
    const size_t unit = strlen("bytes ");
    const char *dash, *slash;
    struct text range, size;

    if (value.len < unit || !is_word((struct text){value.at, unit}, "bytes "))
        return false;
    range = trim((struct text){value.at + unit, value.len - unit});
    slash = memchr(range.at, '/', range.len);
    if (!slash)
        return false;
    size = (struct text){slash + 1, range.len - (size_t)(slash + 1 - range.at)};
    range.len = (size_t)(slash - range.at);
    dash = memchr(range.at, '-', range.len);
    if (!dash)
        return false;
    *total = -1;
    return parse_number((struct text){range.at, (size_t)(dash - range.at)}, first) &&
           parse_number((struct text){dash + 1, (size_t)(slash - dash - 1)}, last) &&
           *first <= *last && *last < INT64_MAX &&
           (is_word(size, "*") || (parse_number(size, total) && *last < *total));
}

static enum haul_reason on_content_range(struct haul_response *res, struct text value)
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

static enum haul_reason on_content_type(struct haul_response *res, struct text value)
{
    keep(res->content_type, sizeof res->content_type, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_date(struct haul_response *res, struct text value)
{
    keep(res->date, sizeof res->date, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_etag(struct haul_response *res, struct text value)
{
    res->etag_seen = true;
    keep_unambiguous(res->etag, sizeof res->etag, &res->etag_ambiguous, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_last_modified(struct haul_response *res, struct text value)
{
    keep_unambiguous(res->last_modified, sizeof res->last_modified, &res->date_ambiguous, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_location(struct haul_response *res, struct text value)
{
    if (value.len > HAUL_RESPONSE_LOCATION_MAX)
        return HAUL_REASON_BAD_REDIRECT;
    if (res->location_seen) {
        bool same = res->location.len == value.len &&
                    memcmp(haul_buf_str(&res->location), value.at, value.len) == 0;

        return same ? HAUL_REASON_NONE : HAUL_REASON_BAD_REDIRECT;
    }
    haul_buf_clear(&res->location);
    haul_buf_add(&res->location, value.at, value.len);
    res->location_seen = true;
    return res->location.err ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}

static enum haul_reason on_rate_reset(struct haul_response *res, struct text value)
{
    keep(res->rate_reset, sizeof res->rate_reset, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_retry_after(struct haul_response *res, struct text value)
{
    keep(res->retry_after, sizeof res->retry_after, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_transfer_encoding(struct haul_response *res, struct text value)
{
    if (res->chunked || !is_word(value, "chunked"))
        return HAUL_REASON_BAD_FRAMING;
    res->chunked = true;
    return HAUL_REASON_NONE;
}

static const struct {
    const char *name;
    size_t len; /* of the name */
    enum haul_reason (*handle)(struct haul_response *res, struct text value);
} fields[] = {
#define FIELD(name, handle)                                                                        \
    {                                                                                              \
        name, sizeof name - 1, handle                                                              \
    }
    FIELD("accept-ranges", on_accept_ranges),
    FIELD("connection", on_connection),
    FIELD("content-encoding", on_content_encoding),
    FIELD("content-length", on_content_length),
    FIELD("content-range", on_content_range),
    FIELD("content-type", on_content_type),
    FIELD("date", on_date),
    FIELD("etag", on_etag),
    FIELD("last-modified", on_last_modified),
    FIELD("location", on_location),
    FIELD("ratelimit-reset", on_rate_reset),
    FIELD("retry-after", on_retry_after),
    FIELD("transfer-encoding", on_transfer_encoding),
    FIELD("x-ratelimit-reset", on_rate_reset),
#undef FIELD
};

static bool is_interim(const struct haul_response *res)
{
    return res->status >= 100 && res->status <= 199 && res->status != 101;
}

static void void_block(struct haul_response *res)
{
    res->version = res->status = res->fields = 0;
    res->content_length = -1;
    res->chunked = res->range_seen = res->range_bad = res->accepts_ranges = false;
    res->says_close = res->etag_seen = false;
    res->etag_ambiguous = res->date_ambiguous = res->location_seen = false;
    res->content_encoding[0] = res->content_type[0] = res->etag[0] = '\0';
    res->last_modified[0] = res->date[0] = res->retry_after[0] = res->rate_reset[0] = '\0';
}

/* Takes off the line's end and refuses what RFC 9110, 5.5 calls dangerous. */
static bool unwrap_line(struct text *line)
{
    if (line->len == 0 || line->at[line->len - 1] != '\n')
        return false;
    line->len--;
    if (line->len > 0 && line->at[line->len - 1] == '\r')
        line->len--;
    return memchr(line->at, '\r', line->len) == NULL && memchr(line->at, '\n', line->len) == NULL &&
           memchr(line->at, '\0', line->len) == NULL;
}

static enum haul_reason take_status_line(struct haul_response *res, struct text line)
{
    static const struct {
        const char *text;
        int version;
    } versions[] = {{"HTTP/1.1 ", 11}, {"HTTP/1.0 ", 10}, {"HTTP/2 ", 20}, {"HTTP/3 ", 30}};
    int64_t status;

    void_block(res);
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        size_t len = strlen(versions[i].text);

        if (line.len < len + 3 || memcmp(line.at, versions[i].text, len) != 0)
            continue;
        /* The space after the number is not optional, but many servers without a phrase omit it. */
        if (!parse_number((struct text){line.at + len, 3}, &status) ||
            (line.len > len + 3 && line.at[len + 3] != ' '))
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
    if (res->status < 200 || res->status > 599)
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

static enum haul_reason take_field(struct haul_response *res, struct text line)
{
    struct text name = {line.at, 0}, value;
    enum haul_reason reason = count_field(res);

    if (reason)
        return reason;
    while (name.len < line.len && is_token_char(line.at[name.len]))
        name.len++;
    if (name.len == 0 || name.len == line.len || line.at[name.len] != ':')
        return HAUL_REASON_BAD_HEADER;
    res->fields++;
    value = trim((struct text){line.at + name.len + 1, line.len - name.len - 1});
    if (is_interim(res))
        return HAUL_REASON_NONE;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (name.len == fields[i].len && is_word(name, fields[i].name))
            return fields[i].handle(res, value);
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason take_trailer(struct haul_response *res, struct text line)
{
    bool blank = line.len == 0 || line.at[0] == '\n' || line.at[0] == '\r';

    return blank ? HAUL_REASON_NONE : count_field(res);
}

static enum haul_reason take_line(struct haul_response *res, struct text line)
{
    /* Subtracting keeps the sum in range whatever the limit is. */
    if ((uint64_t)line.len > (uint64_t)(res->limits.header_bytes - res->header_bytes))
        return HAUL_REASON_HEADERS_TOO_LARGE;
    res->header_bytes += (int64_t)line.len;
    if (res->state == HAUL_RESPONSE_BODY)
        return take_trailer(res, line);
    if (!unwrap_line(&line))
        return HAUL_REASON_BAD_HEADER;
    if (res->state == HAUL_RESPONSE_STATUS_LINE)
        return take_status_line(res, line);
    return line.len == 0 ? end_block(res) : take_field(res, line);
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

void haul_response_init(struct haul_response *res)
{
    memset(res, 0, sizeof *res);
    haul_buf_init(&res->location, HAUL_RESPONSE_LOCATION_MAX);
    haul_response_begin(res, &(struct haul_request_facts){.range_total = -1}, NULL);
}

void haul_response_done(struct haul_response *res)
{
    haul_buf_done(&res->location);
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
    void_block(res);
}

enum haul_reason haul_response_header_line(struct haul_response *res, const char *line, size_t len)
{
    if (!res->reason)
        res->reason = take_line(res, (struct text){line, len});
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
    bool has_end =
        haul_response_expected_bytes(res) >= 0 || res->chunked || haul_response_has_no_body(res);

    return haul_response_is_complete(res) && res->version >= 11 && !res->says_close && has_end;
}

bool haul_response_is_redirect(const struct haul_response *res)
{
    return !res->reason && haul_response_location(res) && res->location.len > 0 &&
           (res->status == 301 || res->status == 302 || res->status == 303 || res->status == 307 ||
            res->status == 308);
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
