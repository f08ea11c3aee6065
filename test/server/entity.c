#include "entity.h"

#include "pattern.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 4096, GZIP_MAX = 64 * 1024 * 1024 };

enum framing { FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_CLOSE };

/* An answer on its way into a script. */
struct plan {
    const struct ts_entity *entity;
    enum framing framing;
    unsigned status;
    bool close;
    bool is_gzip;
    bool is_held;         /* in front of a gate, before its end */
    bool is_cut;          /* it has no end */
    struct ts_buf packed; /* the gzip body */
};

static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {416, "Range Not Satisfiable"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

const char *ts_entity_reason(unsigned status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Unknown";
}

/* Names are written out here: strftime would take them from the locale. */
void ts_entity_add_date(struct ts_buf *out, int64_t seconds)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t time = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&time, &tm) == NULL)
        return;
    ts_buf_add_format(out, "%.3s, %02d %.3s %04lld %02d:%02d:%02d GMT", days + 3 * tm.tm_wday,
                      tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900LL, tm.tm_hour,
                      tm.tm_min, tm.tm_sec);
}

static void add_etag(const struct ts_request *request, struct ts_buf *out)
{
    char value[4096];
    if (!ts_request_option(request, "etag", value, sizeof(value), NULL))
        return;
    bool has_quotes = value[0] == '"' || strncmp(value, "W/", 2) == 0;
    ts_buf_add_format(out, has_quotes ? "ETag: %s\r\n" : "ETag: \"%s\"\r\n", value);
}

static void add_last_modified(const struct ts_request *request, struct ts_buf *out)
{
    char value[256];
    if (!ts_request_option(request, "lm", value, sizeof(value), NULL))
        return;
    char *end = NULL;
    long long seconds = strtoll(value, &end, 10);
    ts_buf_add_text(out, "Last-Modified: ");
    if (end != value && *end == '\0')
        ts_entity_add_date(out, seconds);
    else
        ts_buf_add_text(out, value);
    ts_buf_add_text(out, "\r\n");
}

void ts_entity_add_validators(const struct ts_request *request, struct ts_buf *out)
{
    add_etag(request, out);
    add_last_modified(request, out);
}

static void read_options(struct plan *plan, const struct ts_request *request)
{
    char value[16];
    if (ts_request_option(request, "framing", value, sizeof(value), NULL)) {
        if (strcmp(value, "chunked") == 0)
            plan->framing = FRAMING_CHUNKED;
        else if (strcmp(value, "close") == 0)
            plan->framing = FRAMING_CLOSE;
    }
    unsigned otherwise = plan->entity->status == 0 ? 200 : plan->entity->status;
    plan->status = (unsigned)ts_request_number(request, "status", otherwise);
    plan->close = !request->keep_alive || plan->framing == FRAMING_CLOSE ||
                  ts_request_number(request, "close", 0) != 0;
    plan->is_gzip = ts_request_number(request, "gzip", 0) != 0;
    plan->is_cut = ts_request_number(request, "cut", 0) != 0;
    plan->is_held = ts_request_option(request, "hold", value, sizeof(value), NULL);
}

static void pack(struct plan *plan)
{
    const struct ts_entity *entity = plan->entity;
    size_t size = entity->size > GZIP_MAX ? GZIP_MAX : (size_t)entity->size;
    if (entity->body != NULL) {
        ts_gzip_add(&plan->packed, entity->body, size);
        return;
    }
    struct ts_buf plain = {0};
    ts_pattern_add(&plain, entity->first, size, entity->version);
    ts_gzip_add(&plan->packed, plain.data, plain.size);
    ts_buf_done(&plain);
}

static bool has_no_body(unsigned status)
{
    return status == 204 || status == 304 || status < 200;
}

static void add_option_headers(const struct ts_request *request, struct ts_buf *head)
{
    char line[8192];
    size_t size = 0;
    ts_entity_add_validators(request, head);
    if (ts_request_option(request, "header", line, sizeof(line), &size)) {
        ts_buf_add(head, line, size);
        ts_buf_add_text(head, "\r\n");
    }
}

static void add_framing(const struct plan *plan, struct ts_buf *head)
{
    uint64_t size = plan->is_gzip ? plan->packed.size : plan->entity->size;
    if (plan->is_gzip)
        ts_buf_add_text(head, "Content-Encoding: gzip\r\n");
    if (has_no_body(plan->status))
        return;
    if (plan->framing == FRAMING_LENGTH)
        ts_buf_add_format(head, "Content-Length: %llu\r\n", (unsigned long long)size);
    else if (plan->framing == FRAMING_CHUNKED)
        ts_buf_add_text(head, "Transfer-Encoding: chunked\r\n");
}

static void add_head(const struct plan *plan, struct ts_conn *conn)
{
    const struct ts_entity *entity = plan->entity;
    struct ts_buf head = {0};
    char type[4096];
    bool has_type = ts_request_option(&conn->request, "type", type, sizeof(type), NULL);
    ts_buf_add_format(&head, "HTTP/1.1 %u %s\r\n", plan->status, ts_entity_reason(plan->status));
    if (has_type)
        ts_buf_add_format(&head, "Content-Type: %s\r\n", type);
    else
        ts_buf_add_format(&head, "Content-Type: %s\r\n",
                          entity->type == NULL ? "text/plain" : entity->type);
    add_framing(plan, &head);
    if (entity->headers != NULL)
        ts_buf_add_text(&head, entity->headers);
    if (conn->request.query.size > 0)
        add_option_headers(&conn->request, &head);
    if (plan->close)
        ts_buf_add_text(&head, "Connection: close\r\n");
    else if (conn->request.is_old)
        ts_buf_add_text(&head, "Connection: keep-alive\r\n");
    ts_buf_add_text(&head, "\r\n");
    ts_script_add_bytes(&conn->script, head.data, head.size);
    ts_buf_done(&head);
}

static void add_chunked(struct ts_script *script, const char *data, size_t size)
{
    for (size_t at = 0; at < size; at += CHUNK) {
        size_t part = size - at < CHUNK ? size - at : CHUNK;
        ts_script_add_text(script, "%zx\r\n", part);
        ts_script_add_bytes(script, data + at, part);
        ts_script_add_static(script, "\r\n", 2);
    }
}

static void add_body(const struct plan *plan, struct ts_script *script)
{
    const struct ts_entity *entity = plan->entity;
    const char *data = plan->is_gzip ? plan->packed.data : entity->body;
    size_t size = plan->is_gzip ? plan->packed.size : (size_t)entity->size;
    bool chunked = plan->framing == FRAMING_CHUNKED;
    if (data == NULL)
        ts_script_add_pattern(script, entity->first, entity->size, entity->version,
                              chunked ? CHUNK : 0);
    else if (chunked)
        add_chunked(script, data, size);
    else
        ts_script_add_bytes(script, data, size);
    if (plan->is_held)
        ts_script_add_gate(script);
    if (chunked)
        add_chunked(script, entity->rest, entity->rest_size);
    if (plan->is_cut)
        ts_script_add_end(script, TS_END_CLOSE);
    else if (chunked)
        ts_script_add_static(script, "0\r\n\r\n", 5);
}

/* Small rates: single bytes far apart. Others: twenty pieces in a second. */
static void add_rate(struct ts_conn *conn)
{
    uint64_t rate = ts_request_number(&conn->request, "rate", 0);
    if (rate == 0)
        return;
    if (rate < 20)
        ts_script_add_pace(&conn->script, 1, 1000 / rate);
    else
        ts_script_add_pace(&conn->script, (size_t)rate / 20, 50);
}

static void add_start(struct ts_conn *conn)
{
    uint64_t delay_ms = ts_request_number(&conn->request, "delay", 0);
    if (delay_ms > 0)
        ts_script_add_delay(&conn->script, delay_ms);
    conn->pace_size = ts_request_number(&conn->request, "write", conn->pace_size);
}

void ts_entity_add_end(struct ts_conn *conn, bool close)
{
    ts_script_add_end(&conn->script, close ? TS_END_CLOSE : TS_END_KEEP);
}

void ts_entity_answer(struct ts_conn *conn, const struct ts_entity *entity)
{
    struct plan plan = {.entity = entity};
    read_options(&plan, &conn->request);
    if (plan.is_gzip)
        pack(&plan);
    add_start(conn);
    add_head(&plan, conn);
    if (!conn->request.is_head && !has_no_body(plan.status)) {
        add_rate(conn);
        add_body(&plan, &conn->script);
    }
    ts_entity_add_end(conn, plan.close);
    ts_buf_done(&plan.packed);
}

void ts_entity_answer_text(struct ts_conn *conn, unsigned status, const char *text)
{
    ts_entity_answer(conn,
                     &(struct ts_entity){.status = status, .body = text, .size = strlen(text)});
}
