#include "h2.h"

#include "catalogue.h"
#include "conn.h"
#include "frames.h"
#include "hpack.h"
#include "pattern.h"
#include "res_bytes.h"
#include "resources.h"
#include "rooms.h"

#include <stdlib.h>
#include <string.h>

enum {
    PREFACE_SIZE = 24,
    PRIORITY_SIZE = 5,
    FRAME_MAX = 16384,
    WAITING_MAX = 1024,
    HELD_MAX = 256,
    NEVER_OPENED = 2000
};

struct waiting {
    uint32_t stream;
    char *head; /* as of HTTP/1.1; owned */
    bool is_refused;
    bool is_gated;
};

struct held {
    uint32_t stream;
    uint64_t first; /* of the pattern, still to send */
    uint64_t size;
};

struct ts_h2 {
    bool is_begun;   /* the client's preface was read */
    bool is_greeted; /* the server's was written */
    bool is_heard;   /* the client has said that it read them */
    bool is_over;    /* the client said GOAWAY */
    uint32_t stream; /* of conn->request */
    bool is_refused; /* so is it */
    uint32_t over;   /* the last stream whose answer was whole, or 0 */
    unsigned limit;  /* of streams at a time; 0: none */
    struct ts_hpack_request fields;
    struct waiting waiting[WAITING_MAX]; /* in their order */
    size_t waiting_count;
    struct held held[HELD_MAX];
    size_t held_count;
};

struct ts_h2 *ts_h2_create(unsigned limit)
{
    struct ts_h2 *h2 = ts_memory_take(1, sizeof(*h2));
    h2->limit = limit;
    return h2;
}

void ts_h2_free(struct ts_h2 *h2)
{
    if (h2 == NULL)
        return;
    while (h2->waiting_count > 0)
        free(h2->waiting[--h2->waiting_count].head);
    ts_hpack_done(&h2->fields);
    free(h2);
}

/* ---- reading ---- */

static uint32_t number_at(const char *data, unsigned bytes)
{
    uint32_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number = number << 8 | (unsigned char)data[i];
    return number;
}

static const char *text_of(struct ts_buf *buf, const char *otherwise)
{
    *ts_buf_reserve(buf, 1) = '\0';
    return buf->size > 0 ? buf->data : otherwise;
}

/* ---- the gate ---- */

static struct ts_room *gate_of(const struct ts_conn *conn)
{
    static const char key[] = "h2";
    return ts_map_take(&conn->server->rooms, key, sizeof(key) - 1);
}

static void wake_all(const struct ts_server *server)
{
    for (struct ts_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        if (conn->h2 != NULL && conn->state == TS_CONN_READING && conn->h2->waiting_count > 0)
            ts_conn_go_on(conn);
    }
}

static void come_to_gate(struct ts_conn *conn, struct waiting *waiting)
{
    static const char path[] = "GET /gate?n=";
    struct ts_room *gate = gate_of(conn);
    if (gate == NULL || strncmp(waiting->head, path, sizeof(path) - 1) != 0)
        return;
    waiting->is_gated = true;
    gate->count++;
    if (gate->is_open || gate->count < strtoull(waiting->head + sizeof(path) - 1, NULL, 10))
        return;
    gate->is_open = true;
    wake_all(conn->server);
}

static void leave_gate(const struct ts_conn *conn, const struct waiting *waiting)
{
    struct ts_room *gate = gate_of(conn);
    if (waiting->is_gated && gate != NULL)
        gate->count--;
}

/* ---- requests that wait for their turn ---- */

/* Those that are under way, with the one that is being answered. */
static size_t count_open(const struct ts_conn *conn)
{
    size_t count = conn->state == TS_CONN_RUNNING ? 1 : 0;
    for (size_t i = 0; i < conn->h2->waiting_count; i++)
        count += conn->h2->waiting[i].is_refused ? 0 : 1;
    return count;
}

static void add_line(struct ts_buf *head, const char *name, struct ts_buf *value)
{
    if (value->size > 0)
        ts_buf_add_format(head, "%s: %s\r\n", name, text_of(value, ""));
}

/* The rest of the server reads heads of HTTP/1.1. */
static bool queue_request(struct ts_conn *conn, uint32_t stream)
{
    struct ts_h2 *h2 = conn->h2;
    struct ts_hpack_request *fields = &h2->fields;
    struct ts_buf head = {0};
    if (h2->waiting_count == WAITING_MAX)
        return false;
    ts_buf_add_format(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", text_of(&fields->method, "GET"),
                      text_of(&fields->path, "/"), text_of(&fields->authority, "h2"));
    add_line(&head, "Authorization", &fields->authorization);
    add_line(&head, "Cookie", &fields->cookie);
    ts_buf_add_text(&head, "\r\n");
    ts_buf_add(&head, "", 1);
    struct waiting *waiting = &h2->waiting[h2->waiting_count];
    *waiting = (struct waiting){.stream = stream, .head = head.data};
    waiting->is_refused = h2->limit > 0 && count_open(conn) >= h2->limit;
    h2->waiting_count++;
    if (!waiting->is_refused)
        come_to_gate(conn, waiting);
    return true;
}

/* Requests fit one frame: the client has no reason to send long ones. */
static bool take_headers(struct ts_conn *conn, unsigned flags, uint32_t stream, struct ts_text body)
{
    size_t padding = 0;
    if ((flags & TS_FLAG_PADDED) != 0 && body.size > 0) {
        padding = (unsigned char)body.data[0];
        body = (struct ts_text){body.data + 1, body.size - 1};
    }
    size_t skip = (flags & TS_FLAG_PRIORITY) != 0 ? PRIORITY_SIZE : 0;
    if (body.size < skip + padding || (flags & TS_FLAG_END_HEADERS) == 0)
        return false;
    return ts_hpack_read(&conn->h2->fields, body.data + skip, body.size - skip - padding) &&
           queue_request(conn, stream);
}

static void forget_waiting(struct ts_conn *conn, uint32_t stream)
{
    struct ts_h2 *h2 = conn->h2;
    for (size_t i = 0; i < h2->waiting_count; i++) {
        if (h2->waiting[i].stream != stream)
            continue;
        leave_gate(conn, &h2->waiting[i]);
        free(h2->waiting[i].head);
        h2->waiting_count--;
        memmove(&h2->waiting[i], &h2->waiting[i + 1],
                (h2->waiting_count - i) * sizeof(h2->waiting[0]));
        return;
    }
}

static void forget_held(struct ts_h2 *h2, uint32_t stream)
{
    for (size_t i = 0; i < h2->held_count; i++) {
        if (h2->held[i].stream == stream)
            h2->held[i] = h2->held[--h2->held_count];
    }
}

static void give_up(struct ts_conn *conn, uint32_t stream)
{
    struct ts_h2 *h2 = conn->h2;
    forget_waiting(conn, stream);
    forget_held(h2, stream);
    if (conn->state == TS_CONN_RUNNING && h2->stream == stream) {
        ts_script_shorten(&conn->script);
        conn->pace_gap_ms = 0;
    }
}

void ts_h2_leave(struct ts_conn *conn)
{
    struct ts_h2 *h2 = conn->h2;
    while (h2 != NULL && h2->waiting_count > 0)
        forget_waiting(conn, h2->waiting[0].stream);
}

static void end_all(struct ts_conn *conn)
{
    struct ts_h2 *h2 = conn->h2;
    ts_h2_leave(conn);
    h2->held_count = 0;
    h2->is_over = true;
    give_up(conn, h2->stream);
}

static bool take_frame(struct ts_conn *conn, const char *frame, size_t size)
{
    unsigned type = number_at(frame + 3, 1);
    uint32_t stream = number_at(frame + 5, 4) & 0x7fffffff;
    if (type == TS_FRAME_HEADERS)
        return take_headers(conn, number_at(frame + 4, 1), stream,
                            (struct ts_text){frame + TS_FRAME_HEAD_SIZE, size});
    if (type == TS_FRAME_SETTINGS && (number_at(frame + 4, 1) & TS_FLAG_ACK) != 0)
        conn->h2->is_heard = true;
    if (type == TS_FRAME_RST_STREAM)
        give_up(conn, stream);
    if (type == TS_FRAME_GOAWAY)
        end_all(conn);
    return true;
}

static bool take_preface(struct ts_conn *conn)
{
    if (conn->h2->is_begun)
        return true;
    if (memcmp(conn->in.data, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", PREFACE_SIZE) != 0)
        return false;
    conn->h2->is_begun = true;
    ts_buf_drop_front(&conn->in, PREFACE_SIZE);
    return true;
}

bool ts_h2_read(struct ts_conn *conn)
{
    size_t at = 0;
    if (conn->in.size < PREFACE_SIZE && !conn->h2->is_begun)
        return true;
    if (!take_preface(conn))
        return false;
    while (conn->in.size - at >= TS_FRAME_HEAD_SIZE) {
        const char *frame = conn->in.data + at;
        size_t size = number_at(frame, 3);
        if (size > FRAME_MAX)
            return false;
        if (conn->in.size - at < TS_FRAME_HEAD_SIZE + size)
            break;
        if (!take_frame(conn, frame, size))
            return false;
        at += TS_FRAME_HEAD_SIZE + size;
    }
    ts_buf_drop_front(&conn->in, at);
    return true;
}

bool ts_h2_is_over(const struct ts_conn *conn)
{
    return conn->h2->is_over;
}

/* A refusal does not wait for what stands at the gate. */
static const struct waiting *find_ready(const struct ts_conn *conn)
{
    const struct ts_h2 *h2 = conn->h2;
    const struct ts_room *gate = gate_of(conn);
    for (size_t i = 0; i < h2->waiting_count; i++) {
        const struct waiting *at = &h2->waiting[i];
        if (!at->is_gated || gate == NULL || gate->is_open)
            return at;
    }
    return NULL;
}

bool ts_h2_begin(struct ts_conn *conn)
{
    struct ts_h2 *h2 = conn->h2;
    const struct waiting *ready = find_ready(conn);
    if (ready == NULL)
        return false;
    h2->stream = ready->stream;
    h2->is_refused = ready->is_refused;
    bool parsed = ts_request_parse(&conn->request, ready->head, strlen(ready->head));
    forget_waiting(conn, h2->stream);
    return parsed;
}

/* ---- answering ---- */

bool ts_h2_owes_greeting(const struct ts_conn *conn)
{
    return !conn->h2->is_greeted && conn->h2->waiting_count > 0;
}

/* It has no table for the client's fields, so that it need not keep one. */
void ts_h2_greet(struct ts_conn *conn)
{
    static const char settings[] = "\0\0\x06\x04\0\0\0\0\0\0\x01\0\0\0\0"
                                   "\0\0\0\x04\x01\0\0\0\0";
    unsigned limit = conn->h2->limit;
    const char limits[] = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, (char)(limit >> 8), (char)limit};
    if (conn->h2->is_greeted)
        return;
    conn->h2->is_greeted = true;
    ts_script_add_static(&conn->script, settings, sizeof(settings) - 1);
    if (limit > 0)
        ts_script_add_bytes(&conn->script, limits, sizeof(limits));
}

static struct ts_streams streams_of(const struct ts_conn *conn)
{
    return (struct ts_streams){conn->h2->stream, conn->h2->over};
}

static void add_fields(struct ts_conn *conn, const char *lines, unsigned flags)
{
    struct ts_buf frame = {0};
    ts_frame_add(&frame,
                 &(struct ts_frame){.body = TS_BODY_FIELDS,
                                    .type = TS_FRAME_HEADERS,
                                    .flags = (uint8_t)(TS_FLAG_END_HEADERS | flags),
                                    .text = lines,
                                    .text_size = strlen(lines)},
                 streams_of(conn));
    ts_script_add_bytes(&conn->script, frame.data, frame.size);
    ts_buf_done(&frame);
}

static void add_pattern(struct ts_conn *conn, const struct held *part, bool is_last)
{
    uint64_t first = part->first;
    uint64_t left = part->size;
    do {
        struct ts_buf piece = {0};
        struct ts_buf frame = {0};
        size_t size = left < FRAME_MAX ? (size_t)left : FRAME_MAX;
        left -= size;
        ts_pattern_add(&piece, first, size, 0);
        first += size;
        ts_frame_add(&frame,
                     &(struct ts_frame){.type = TS_FRAME_DATA,
                                        .flags = is_last && left == 0 ? TS_FLAG_END_STREAM : 0,
                                        .text = piece.data,
                                        .text_size = piece.size},
                     (struct ts_streams){.ours = part->stream});
        ts_script_add_bytes(&conn->script, frame.data, frame.size);
        ts_buf_done(&frame);
        ts_buf_done(&piece);
    } while (left > 0);
}

static bool is_to_be_held(const struct ts_conn *conn)
{
    return ts_request_number(&conn->request, "hold", 0) != 0 && conn->h2->held_count < HELD_MAX;
}

static void answer_size(struct ts_conn *conn, const char *option)
{
    struct ts_h2 *h2 = conn->h2;
    uint64_t size = ts_request_number(&conn->request, option, 0);
    bool is_held = is_to_be_held(conn);
    struct ts_buf lines = {0};
    ts_buf_add_format(&lines, ":status: 200\ncontent-type: text/plain\n");
    if (ts_request_number(&conn->request, "unsized", 0) == 0)
        ts_buf_add_format(&lines, "content-length: %llu\n", (unsigned long long)size);
    ts_buf_add(&lines, "", 1);
    add_fields(conn, lines.data, conn->request.is_head ? TS_FLAG_END_STREAM : 0);
    ts_buf_done(&lines);
    if (conn->request.is_head)
        return;
    struct held whole = {h2->stream, 0, is_held ? size / 2 : size};
    add_pattern(conn, &whole, !is_held);
    if (!is_held)
        h2->over = h2->stream;
    else
        h2->held[h2->held_count++] = (struct held){h2->stream, whole.size, size - whole.size};
}

static void answer_bytes(struct ts_conn *conn)
{
    struct ts_h2 *h2 = conn->h2;
    struct ts_bytes bytes;
    bool is_held = !conn->request.is_head && is_to_be_held(conn);
    struct ts_buf lines = {0};
    char type[256] = "text/plain";
    ts_bytes_read(&conn->request, &bytes);
    (void)ts_request_option(&conn->request, "type", type, sizeof(type), NULL);
    ts_buf_add_format(&lines, ":status: 200\ncontent-type: %s\ncontent-length: %zu\n", type,
                      bytes.body.size);
    if (bytes.coding[0] != '\0')
        ts_buf_add_format(&lines, "content-encoding: %s\n", bytes.coding);
    ts_buf_add(&lines, "", 1);
    add_fields(conn, lines.data, conn->request.is_head ? TS_FLAG_END_STREAM : 0);
    if (!conn->request.is_head) {
        struct ts_buf frame = {0};
        ts_frame_add(&frame,
                     &(struct ts_frame){.type = TS_FRAME_DATA,
                                        .flags = is_held ? 0 : TS_FLAG_END_STREAM,
                                        .text = bytes.body.data,
                                        .text_size = bytes.body.size},
                     (struct ts_streams){.ours = h2->stream});
        ts_script_add_bytes(&conn->script, frame.data, frame.size);
        ts_buf_done(&frame);
    }
    if (is_held)
        h2->held[h2->held_count++] = (struct held){h2->stream, 0, 0};
    else
        h2->over = h2->stream;
    ts_buf_done(&lines);
    ts_buf_done(&bytes.body);
}

static void answer_door(struct ts_conn *conn)
{
    struct ts_buf lines = {0};
    bool is_open = ts_door_is_open(&conn->request);
    ts_buf_add_format(&lines, ":status: %d\ncontent-length: 0", is_open ? 200 : 302);
    if (!is_open) {
        ts_buf_add_format(&lines, "\nlocation: %.*s\nset-cookie: ", (int)conn->request.target.size,
                          conn->request.target.data);
        ts_door_add_cookie(&conn->request, &lines);
    }
    ts_buf_add(&lines, "", 1);
    add_fields(conn, lines.data, TS_FLAG_END_STREAM);
    conn->h2->over = conn->h2->stream;
    ts_buf_done(&lines);
}

static const struct ts_fault *find_fault(const struct ts_request *request)
{
    const size_t skip = strlen("/fault/");
    if (!ts_text_begins(request->path, "/fault/"))
        return NULL;
    return ts_catalogue_find(
        (struct ts_text){request->path.data + skip, request->path.size - skip});
}

static void redirect_again(struct ts_conn *conn)
{
    const struct ts_request *request = &conn->request;
    struct ts_buf lines = {0};
    ts_buf_add_format(&lines, ":status: 302\ncontent-length: 0\nlocation: %.*s?%.*s&again=1",
                      (int)request->path.size, request->path.data, (int)request->query.size,
                      request->query.data);
    ts_buf_add(&lines, "", 1);
    add_fields(conn, lines.data, TS_FLAG_END_STREAM);
    ts_script_add_end(&conn->script, TS_END_KEEP);
    ts_buf_done(&lines);
    conn->h2->over = conn->h2->stream;
}

static void answer_fault(struct ts_conn *conn, const struct ts_fault *fault)
{
    bool is_again = ts_request_number(&conn->request, "again", 0) != 0;
    struct ts_streams streams = streams_of(conn);
    uint64_t number = ts_resources_count(conn)->count;
    /* That one needs a used connection, even if the client has lost the one of the redirect. */
    bool is_first = number == 1 && fault->frames_once != NULL;
    if (fault->asks_twice && streams.over == 0 && (is_first || !is_again)) {
        redirect_again(conn);
        return;
    }
    /* The client gave the connection up for what it saw there: it is to see no better here. */
    if (streams.over == 0)
        streams.over = streams.ours + NEVER_OPENED;
    if (is_first) {
        ts_frames_write(&conn->script, fault->frames_once, streams);
        ts_script_add_end(&conn->script, fault->end_once);
        return;
    }
    if (number == 2 && fault->frames_second != NULL) {
        ts_frames_write(&conn->script, fault->frames_second, streams);
        ts_script_add_end(&conn->script, TS_END_KEEP);
        return;
    }
    if (fault->pace_ms > 0 || fault->bytewise)
        ts_script_add_pace(&conn->script, 1, fault->pace_ms);
    ts_frames_write(&conn->script, fault->frames, streams);
    if (fault->idle_ms > 0)
        ts_script_add_idle(&conn->script, fault->idle_ms, fault->idle.data, fault->idle.size,
                           fault->idle_end);
    ts_script_add_end(&conn->script, fault->end);
}

void ts_h2_answer(struct ts_conn *conn)
{
    const struct ts_fault *fault = find_fault(&conn->request);
    conn->pace_size = ts_request_number(&conn->request, "write", conn->pace_size);
    if (conn->h2->is_refused) {
        static const struct ts_frame refusal[] = {
            {.type = TS_FRAME_RST_STREAM, .text = "\0\0\0\x07", .text_size = 4},
            {.body = TS_BODY_LAST}};
        ts_frames_write(&conn->script, refusal, streams_of(conn));
        ts_script_add_end(&conn->script, TS_END_KEEP);
        return;
    }
    if (fault != NULL && fault->frames != NULL) {
        answer_fault(conn, fault);
        return;
    }
    if (ts_text_is(conn->request.path, "/size"))
        answer_size(conn, "n");
    else if (ts_text_is(conn->request.path, "/gate"))
        answer_size(conn, "size");
    else if (ts_text_begins(conn->request.path, "/bytes/"))
        answer_bytes(conn);
    else if (ts_text_is(conn->request.path, "/door"))
        answer_door(conn);
    else
        add_fields(conn, ":status: 404", TS_FLAG_END_STREAM);
    ts_script_add_end(&conn->script, TS_END_KEEP);
}

bool ts_h2_is_unheard(const struct ts_conn *conn)
{
    return conn->h2 != NULL && conn->h2->is_greeted && !conn->h2->is_heard;
}

bool ts_h2_holds(const struct ts_conn *conn)
{
    return conn->h2 != NULL && conn->h2->held_count > 0;
}

void ts_h2_release(struct ts_conn *conn)
{
    struct ts_h2 *h2 = conn->h2;
    for (size_t i = 0; i < h2->held_count; i++)
        add_pattern(conn, &h2->held[i], true);
    h2->held_count = 0;
    h2->stream = 0;
    ts_script_add_end(&conn->script, TS_END_KEEP);
}

/* ---- TLS ---- */

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                   const unsigned char *offered, unsigned offered_size, void *arg)
{
    static const unsigned char wanted[] = "\x02h2\x08http/1.1";
    unsigned char *chosen = NULL;
    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_size, wanted, sizeof(wanted) - 1, offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

void ts_h2_offer(SSL_CTX *context)
{
    SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
}

bool ts_h2_was_chosen(const SSL *ssl)
{
    const unsigned char *name = NULL;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    return size == 2 && memcmp(name, "h2", 2) == 0;
}
