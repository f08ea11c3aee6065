/* /range: a correct server of ranges and conditions (RFC 9110, sections 13 and 14), and
 * the ways in which others are not.
 *
 *   n=BYTES etag= lm=   what it has
 *   coding=TEXT         Content-Encoding, literal; the body is sent as it is all the same
 *   change=K            from request K+1 on another content with another ETag
 *   cut=N               a request without Range gets only N bytes, then the end, or with
 *   stall=1             silence
 *   fault=NAME          see ranges[] below; only requests with Range notice
 */
#include "entity.h"
#include "pattern.h"
#include "resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DEFAULT_SIZE = 1000, DAY_S = 24 * 60 * 60 };

/* More is taken for this: sums with it must not overflow. */
#define SIZE_MAX_SERVED ((uint64_t)1 << 62)

/* What is served, and the part of it that was asked for. */
struct subject {
    uint64_t size;
    unsigned version;
    char etag[512];          /* with quotes, or "" */
    char last_modified[128]; /* or "" */
    uint64_t first;          /* of the part */
    uint64_t last;
    char coding[32];
    char fault[32];
};

static void read_subject(struct ts_conn *conn, struct subject *subject)
{
    const struct ts_request *request = &conn->request;
    subject->size = ts_request_number(request, "n", DEFAULT_SIZE);
    if (subject->size > SIZE_MAX_SERVED)
        subject->size = SIZE_MAX_SERVED;
    (void)ts_request_option(request, "fault", subject->fault, sizeof(subject->fault), NULL);
    (void)ts_request_option(request, "coding", subject->coding, sizeof(subject->coding), NULL);
    uint64_t change = ts_request_number(request, "change", TS_FOREVER);
    subject->version = ts_resources_count(conn)->count > change ? 1 : 0;
    char value[256];
    bool has_etag = ts_request_option(request, "etag", value, sizeof(value), NULL);
    bool has_quotes = has_etag && (value[0] == '"' || strncmp(value, "W/", 2) == 0);
    if (has_etag && subject->version > 0)
        (void)snprintf(subject->etag, sizeof(subject->etag), "\"another\"");
    else if (has_etag)
        (void)snprintf(subject->etag, sizeof(subject->etag), has_quotes ? "%s" : "\"%s\"", value);
}

static void read_date(struct ts_conn *conn, struct subject *subject)
{
    char value[128];
    if (!ts_request_option(&conn->request, "lm", value, sizeof(value), NULL))
        return;
    char *end = NULL;
    int64_t seconds = strtoll(value, &end, 10);
    struct ts_buf date = {0};
    if (end == value || *end != '\0')
        ts_buf_add_text(&date, value);
    else
        ts_entity_add_date(
            &date, subject->version > 0 && seconds < INT64_MAX - DAY_S ? seconds + DAY_S : seconds);
    (void)snprintf(subject->last_modified, sizeof(subject->last_modified), "%.*s", (int)date.size,
                   date.data);
    ts_buf_done(&date);
}

/* ---- conditions ---- */

static bool contains(struct ts_text list, const char *tag)
{
    return list.size > 0 && memmem(list.data, list.size, tag, strlen(tag)) != NULL;
}

static int64_t date_of(struct ts_text text)
{
    char copy[128];
    struct tm tm = {0};
    (void)snprintf(copy, sizeof(copy), "%.*s", (int)text.size, text.data == NULL ? "" : text.data);
    return strptime(copy, "%a, %d %b %Y %H:%M:%S GMT", &tm) == NULL ? -1 : (int64_t)timegm(&tm);
}

static bool is_unmodified(const struct ts_request *request, const struct subject *subject)
{
    struct ts_text tags = ts_request_header(request, "If-None-Match");
    if (tags.data != NULL) {
        const char *opaque = subject->etag[0] == 'W' ? subject->etag + 2 : subject->etag;
        return ts_text_is(tags, "*") || (subject->etag[0] != '\0' && contains(tags, opaque));
    }
    int64_t since = date_of(ts_request_header(request, "If-Modified-Since"));
    int64_t modified =
        date_of((struct ts_text){subject->last_modified, strlen(subject->last_modified)});
    return since >= 0 && modified >= 0 && modified <= since;
}

static bool range_may_apply(const struct ts_request *request, const struct subject *subject)
{
    struct ts_text condition = ts_request_header(request, "If-Range");
    if (condition.data == NULL)
        return true;
    if (ts_text_begins(condition, "\""))
        return ts_text_is(condition, subject->etag);
    return subject->last_modified[0] != '\0' && ts_text_is(condition, subject->last_modified);
}

/* ---- the Range header ---- */

enum range { RANGE_NONE, RANGE_PART, RANGE_OUTSIDE };

static enum range take_suffix(struct subject *subject, uint64_t size)
{
    if (size == 0 || subject->size == 0)
        return RANGE_OUTSIDE;
    subject->first = size >= subject->size ? 0 : subject->size - size;
    subject->last = subject->size - 1;
    return RANGE_PART;
}

static enum range take_from(struct subject *subject, uint64_t first, const char *rest)
{
    if (*rest != '-')
        return RANGE_NONE;
    uint64_t last = rest[1] == '\0' ? TS_FOREVER : strtoull(rest + 1, NULL, 10);
    if (last < first)
        return RANGE_NONE;
    if (first >= subject->size)
        return RANGE_OUTSIDE;
    subject->first = first;
    subject->last = last >= subject->size ? subject->size - 1 : last;
    return RANGE_PART;
}

static enum range parse_range(const struct ts_request *request, struct subject *subject)
{
    struct ts_text text = ts_request_header(request, "Range");
    char copy[64];
    if (!ts_text_begins(text, "bytes=") || text.size >= sizeof(copy) ||
        memchr(text.data, ',', text.size) != NULL)
        return RANGE_NONE;
    (void)snprintf(copy, sizeof(copy), "%.*s", (int)text.size - 6, text.data + 6);
    if (copy[0] == '-')
        return take_suffix(subject, strtoull(copy + 1, NULL, 10));
    char *rest = NULL;
    uint64_t first = strtoull(copy, &rest, 10);
    return rest == copy ? RANGE_NONE : take_from(subject, first, rest);
}

/* ---- answers ---- */

static void add_validators(const struct subject *subject, struct ts_buf *out)
{
    if (subject->etag[0] != '\0')
        ts_buf_add_format(out, "ETag: %s\r\n", subject->etag);
    if (subject->last_modified[0] != '\0')
        ts_buf_add_format(out, "Last-Modified: %s\r\n", subject->last_modified);
    if (subject->coding[0] != '\0')
        ts_buf_add_format(out, "Content-Encoding: %s\r\n", subject->coding);
    ts_buf_add_text(out, "Accept-Ranges: bytes\r\n");
}

/* Head with that many bytes of body, which are bytes first.. of the pattern. */
static void answer(struct ts_conn *conn, const struct subject *subject, unsigned status,
                   uint64_t first, uint64_t size, const char *content_range)
{
    struct ts_buf head = {0};
    ts_buf_add_format(&head, "HTTP/1.1 %u %s\r\n", status, ts_entity_reason(status));
    add_validators(subject, &head);
    if (content_range != NULL)
        ts_buf_add_format(&head, "Content-Range: %s\r\n", content_range);
    if (status != 304)
        ts_buf_add_format(&head, "Content-Length: %llu\r\n", (unsigned long long)size);
    ts_buf_add_text(&head, "\r\n");
    ts_script_add_bytes(&conn->script, head.data, head.size);
    ts_buf_done(&head);
    if (!conn->request.is_head && status != 304)
        ts_script_add_pattern(&conn->script, first, size, subject->version, 0);
    ts_entity_add_end(conn, !conn->request.keep_alive);
}

static void answer_whole(struct ts_conn *conn, const struct subject *subject)
{
    uint64_t cut = ts_request_number(&conn->request, "cut", TS_FOREVER);
    bool has_range = ts_request_header(&conn->request, "Range").data != NULL;
    if (cut >= subject->size || has_range || conn->request.is_head) {
        answer(conn, subject, 200, 0, subject->size, NULL);
        return;
    }
    struct ts_buf head = {0};
    ts_buf_add_text(&head, "HTTP/1.1 200 OK\r\n");
    add_validators(subject, &head);
    ts_buf_add_format(&head, "Content-Length: %llu\r\n\r\n", (unsigned long long)subject->size);
    ts_script_add_bytes(&conn->script, head.data, head.size);
    ts_buf_done(&head);
    ts_script_add_pattern(&conn->script, 0, cut, subject->version, 0);
    ts_script_add_end(&conn->script,
                      ts_request_number(&conn->request, "stall", 0) ? TS_END_HANG : TS_END_CLOSE);
}

static void answer_outside(struct ts_conn *conn, const struct subject *subject)
{
    char content_range[64];
    (void)snprintf(content_range, sizeof(content_range), "bytes */%llu",
                   (unsigned long long)subject->size);
    answer(conn, subject, 416, 0, 0, content_range);
}

static void answer_part(struct ts_conn *conn, const struct subject *subject, int64_t shift,
                        int64_t more_total)
{
    char content_range[128];
    (void)snprintf(content_range, sizeof(content_range), "bytes %llu-%llu/%llu",
                   (unsigned long long)((int64_t)subject->first + shift),
                   (unsigned long long)((int64_t)subject->last + shift),
                   (unsigned long long)((int64_t)subject->size + more_total));
    answer(conn, subject, 206, subject->first, subject->last - subject->first + 1, content_range);
}

static void answer_correctly(struct ts_conn *conn, const struct subject *subject)
{
    answer_part(conn, subject, 0, 0);
}

static void answer_wrong_start(struct ts_conn *conn, const struct subject *subject)
{
    answer_part(conn, subject, 1, 1);
}

static void answer_wrong_total(struct ts_conn *conn, const struct subject *subject)
{
    answer_part(conn, subject, 0, 7);
}

/* A 206 that begins at 0 whatever was asked for, and says so. */
static void answer_from_zero(struct ts_conn *conn, const struct subject *subject)
{
    struct subject all = *subject;
    all.first = 0;
    all.last = subject->size - 1;
    answer_part(conn, &all, 0, 0);
}

static void answer_unlabelled(struct ts_conn *conn, const struct subject *subject)
{
    answer(conn, subject, 206, subject->first, subject->last - subject->first + 1, NULL);
}

static void answer_unknown_total(struct ts_conn *conn, const struct subject *subject)
{
    char content_range[128];
    (void)snprintf(content_range, sizeof(content_range), "bytes %llu-%llu/*",
                   (unsigned long long)subject->first, (unsigned long long)subject->last);
    answer(conn, subject, 206, subject->first, subject->last - subject->first + 1, content_range);
}

static void answer_other_unit(struct ts_conn *conn, const struct subject *subject)
{
    answer(conn, subject, 206, subject->first, subject->last - subject->first + 1, "lines 1-2/3");
}

static void answer_junk(struct ts_conn *conn, const struct subject *subject)
{
    answer(conn, subject, 206, subject->first, subject->last - subject->first + 1, "bytes -x/y");
}

/* The part of another version, If-Range or not: bytes of two files would mix. */
static void answer_changed(struct ts_conn *conn, const struct subject *subject)
{
    struct subject other = *subject;
    other.version = subject->version + 1;
    if (other.etag[0] != '\0')
        (void)snprintf(other.etag, sizeof(other.etag), "\"changed\"");
    answer_part(conn, &other, 0, 0);
}

static void answer_416(struct ts_conn *conn, const struct subject *subject)
{
    answer_outside(conn, subject);
}

/* "You have it all": the size is what the client says that it has. */
static void answer_416_complete(struct ts_conn *conn, const struct subject *subject)
{
    struct subject shorter = *subject;
    shorter.size = subject->first;
    answer_outside(conn, &shorter);
}

static void answer_multipart(struct ts_conn *conn, const struct subject *subject)
{
    struct ts_buf body = {0};
    ts_buf_add_format(&body, "--part\r\nContent-Range: bytes %llu-%llu/%llu\r\n\r\n",
                      (unsigned long long)subject->first, (unsigned long long)subject->last,
                      (unsigned long long)subject->size);
    ts_pattern_add(&body, subject->first, (size_t)(subject->last - subject->first + 1),
                   subject->version);
    ts_buf_add_text(&body, "\r\n--part--\r\n");
    ts_script_add_text(
        &conn->script,
        "HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=part\r\n"
        "Content-Length: %zu\r\n\r\n",
        body.size);
    ts_script_add_bytes(&conn->script, body.data, body.size);
    ts_buf_done(&body);
    ts_entity_add_end(conn, !conn->request.keep_alive);
}

/* Labelled and counted rightly, but one byte less than the label says. */
static void answer_short(struct ts_conn *conn, const struct subject *subject)
{
    char content_range[128];
    (void)snprintf(content_range, sizeof(content_range), "bytes %llu-%llu/%llu",
                   (unsigned long long)subject->first, (unsigned long long)subject->last,
                   (unsigned long long)subject->size);
    answer(conn, subject, 206, subject->first, subject->last - subject->first, content_range);
}

static void answer_ignored(struct ts_conn *conn, const struct subject *subject)
{
    answer(conn, subject, 200, 0, subject->size, NULL);
}

static const struct {
    const char *fault;
    void (*answer)(struct ts_conn *conn, const struct subject *subject);
} ranges[] = {
    {"", answer_correctly},
    {"ignored", answer_ignored},
    {"wrong-start", answer_wrong_start},
    {"wrong-total", answer_wrong_total},
    {"from-zero", answer_from_zero},
    {"unlabelled", answer_unlabelled},
    {"unknown-total", answer_unknown_total},
    {"other-unit", answer_other_unit},
    {"junk", answer_junk},
    {"changed", answer_changed},
    {"416", answer_416},
    {"416-complete", answer_416_complete},
    {"multipart", answer_multipart},
    {"short", answer_short},
};

static void answer_range(struct ts_conn *conn, const struct subject *subject)
{
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (strcmp(ranges[i].fault, subject->fault) == 0) {
            ranges[i].answer(conn, subject);
            return;
        }
    }
    ts_entity_answer_text(conn, 400, "no such fault\n");
}

void ts_res_range(struct ts_conn *conn)
{
    struct subject subject = {0};
    read_subject(conn, &subject);
    read_date(conn, &subject);
    if (is_unmodified(&conn->request, &subject)) {
        answer(conn, &subject, 304, 0, 0, NULL);
        return;
    }
    enum range range = parse_range(&conn->request, &subject);
    bool spoilt = subject.fault[0] != '\0';
    if (range == RANGE_NONE || (!spoilt && !range_may_apply(&conn->request, &subject)))
        answer_whole(conn, &subject);
    else if (range == RANGE_OUTSIDE)
        answer_outside(conn, &subject);
    else
        answer_range(conn, &subject);
}
