#include "http/response_field.h"

#include <string.h>

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

static struct haul_text trim(struct haul_text t)
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
static bool is_word(struct haul_text t, const char *word)
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
static bool next_member(struct haul_text *list, struct haul_text *member)
{
    const char *comma;
    size_t len;

    if (!list->at)
        return false;
    comma = memchr(list->at, ',', list->len);
    len = comma ? (size_t)(comma - list->at) : list->len;
    *member = trim((struct haul_text){list->at, len});
    if (comma)
        *list = (struct haul_text){comma + 1, list->len - len - 1};
    else
        *list = (struct haul_text){NULL, 0};
    return true;
}

bool haul_text_parse_number(struct haul_text t, int64_t *number)
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
static bool keep(char *place, size_t size, struct haul_text value)
{
    place[0] = '\0';
    if (value.len >= size)
        return false;
    memcpy(place, value.at, value.len);
    place[value.len] = '\0';
    return true;
}

/* Keeps a validator unless two differ: then neither says anything about the body. */
static void keep_unambiguous(char *place, size_t size, bool *ambiguous, struct haul_text value)
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

static enum haul_reason on_accept_ranges(struct haul_response *res, struct haul_text value)
{
    struct haul_text member;

    while (next_member(&value, &member)) {
        if (is_word(member, "bytes"))
            res->accepts_ranges = true;
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason on_connection(struct haul_response *res, struct haul_text value)
{
    struct haul_text member;

    while (next_member(&value, &member)) {
        if (is_word(member, "close"))
            res->says_close = true;
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason on_content_encoding(struct haul_response *res, struct haul_text value)
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

static enum haul_reason on_content_length(struct haul_response *res, struct haul_text value)
{
    struct haul_text member;
    int64_t length;

    while (next_member(&value, &member)) {
        if (!haul_text_parse_number(member, &length))
            return HAUL_REASON_BAD_LENGTH;
        if (res->content_length >= 0 && res->content_length != length)
            return HAUL_REASON_BAD_LENGTH;
        res->content_length = length;
    }
    return HAUL_REASON_NONE;
}

/* "bytes FIRST-LAST/TOTAL", TOTAL a number or "*" (RFC 9110, 14.4). */
static bool parse_content_range(struct haul_text value, int64_t *first, int64_t *last,
                                int64_t *total)
{
    const size_t unit = strlen("bytes ");
    const char *dash, *slash;
    struct haul_text range, size;

    if (value.len < unit || !is_word((struct haul_text){value.at, unit}, "bytes "))
        return false;
    range = trim((struct haul_text){value.at + unit, value.len - unit});
    slash = memchr(range.at, '/', range.len);
    if (!slash)
        return false;
    size = (struct haul_text){slash + 1, range.len - (size_t)(slash + 1 - range.at)};
    range.len = (size_t)(slash - range.at);
    dash = memchr(range.at, '-', range.len);
    if (!dash)
        return false;
    *total = -1;
    return haul_text_parse_number((struct haul_text){range.at, (size_t)(dash - range.at)}, first) &&
           haul_text_parse_number((struct haul_text){dash + 1, (size_t)(slash - dash - 1)}, last) &&
           *first <= *last && *last < INT64_MAX &&
           (is_word(size, "*") || (haul_text_parse_number(size, total) && *last < *total));
}

static enum haul_reason on_content_range(struct haul_response *res, struct haul_text value)
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

static enum haul_reason on_content_type(struct haul_response *res, struct haul_text value)
{
    keep(res->content_type, sizeof res->content_type, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_date(struct haul_response *res, struct haul_text value)
{
    keep(res->date, sizeof res->date, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_etag(struct haul_response *res, struct haul_text value)
{
    res->etag_seen = true;
    keep_unambiguous(res->etag, sizeof res->etag, &res->etag_ambiguous, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_last_modified(struct haul_response *res, struct haul_text value)
{
    keep_unambiguous(res->last_modified, sizeof res->last_modified, &res->date_ambiguous, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_location(struct haul_response *res, struct haul_text value)
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

static enum haul_reason on_rate_reset(struct haul_response *res, struct haul_text value)
{
    keep(res->rate_reset, sizeof res->rate_reset, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_retry_after(struct haul_response *res, struct haul_text value)
{
    keep(res->retry_after, sizeof res->retry_after, value);
    return HAUL_REASON_NONE;
}

static enum haul_reason on_transfer_encoding(struct haul_response *res, struct haul_text value)
{
    if (res->chunked || !is_word(value, "chunked"))
        return HAUL_REASON_BAD_FRAMING;
    res->chunked = true;
    return HAUL_REASON_NONE;
}

static const struct {
    const char *name;
    size_t len; /* of the name */
    enum haul_reason (*handle)(struct haul_response *res, struct haul_text value);
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

bool haul_response_field_split(struct haul_text line, struct haul_text *name,
                               struct haul_text *value)
{
    *name = (struct haul_text){line.at, 0};
    while (name->len < line.len && is_token_char(line.at[name->len]))
        name->len++;
    if (name->len == 0 || name->len == line.len || line.at[name->len] != ':')
        return false;
    *value = trim((struct haul_text){line.at + name->len + 1, line.len - name->len - 1});
    return true;
}

enum haul_reason haul_response_field_take(struct haul_response *res, struct haul_text name,
                                          struct haul_text value)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (name.len == fields[i].len && is_word(name, fields[i].name))
            return fields[i].handle(res, value);
    }
    return HAUL_REASON_NONE;
}
