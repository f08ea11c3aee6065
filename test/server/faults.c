#include "faults.h"

#include "catalogue.h"
#include "entity.h"
#include "pattern.h"
#include "resources.h"

#include <string.h>

enum { BODY_SIZE = 1000, BOMB_BLOCKS = 1024 };

/* ---- recipes ---- */

static void add_recipe(struct ts_script *script, const struct ts_fault *fault)
{
    if (fault->pace_ms > 0 || fault->bytewise)
        ts_script_add_pace(script, 1, fault->pace_ms);
    ts_script_add_static(script, fault->head.data, fault->head.size);
    if (fault->times > 0)
        ts_script_add_repeat(script, fault->unit.data, fault->unit.size, fault->times,
                             fault->numbered);
    if (fault->pause_ms > 0)
        ts_script_add_delay(script, fault->pause_ms);
    if (fault->records != NULL)
        ts_script_add_records(script, fault->records);
    if (fault->renegotiates)
        ts_script_add_renegotiate(script);
    ts_script_add_static(script, fault->tail.data, fault->tail.size);
    if (fault->reuse != TS_END_KEEP)
        ts_script_add_reuse(script, fault->reuse);
    if (fault->ahead.size > 0)
        ts_script_add_ahead(script, fault->ahead.data, fault->ahead.size);
    if (fault->idle_ms > 0)
        ts_script_add_idle(script, fault->idle_ms, fault->idle.data, fault->idle.size,
                           fault->idle_end);
    ts_script_add_end(script, fault->frames != NULL ? fault->end_1_1 : fault->end);
}

void ts_faults_answer_alias(struct ts_conn *conn, const char *alias)
{
    struct ts_request *request = &conn->request;
    ts_buf_clear(&conn->alias);
    ts_buf_add_text(&conn->alias, alias);
    ts_buf_add_text(&conn->alias, strchr(alias, '?') == NULL ? "?" : "&");
    ts_buf_add(&conn->alias, request->query.data, request->query.size);
    const char *data = conn->alias.data;
    size_t path_size = strcspn(alias, "?");
    request->path = (struct ts_text){data, path_size};
    request->query = (struct ts_text){data + path_size + 1, conn->alias.size - path_size - 1};
    ts_resources_answer(conn);
}

void ts_res_fault(struct ts_conn *conn)
{
    const size_t skip = strlen("/fault/");
    struct ts_text path = conn->request.path;
    const struct ts_fault *fault =
        ts_catalogue_find((struct ts_text){path.data + skip, path.size - skip});
    if (fault == NULL || (fault->frames != NULL && fault->head.size == 0)) {
        ts_entity_answer_text(conn, 404, "no such fault\n");
        return;
    }
    conn->pace_size = ts_request_number(&conn->request, "write", conn->pace_size);
    if (fault->alias != NULL)
        ts_faults_answer_alias(conn, fault->alias);
    else if (fault->play != NULL)
        fault->play(conn);
    else
        add_recipe(&conn->script, fault);
}

/* ---- content codings ---- */

static void pack_once(struct ts_buf *packed)
{
    struct ts_buf plain = {0};
    ts_pattern_add(&plain, 0, BODY_SIZE, 0);
    ts_gzip_add(packed, plain.data, plain.size);
    ts_buf_done(&plain);
}

static void pack_again(struct ts_buf *packed)
{
    struct ts_buf inner = *packed;
    *packed = (struct ts_buf){0};
    ts_gzip_add(packed, inner.data, inner.size);
    ts_buf_done(&inner);
}

static void pack_zlib(struct ts_buf *packed)
{
    struct ts_buf plain = {0};
    ts_pattern_add(&plain, 0, BODY_SIZE, 0);
    ts_zlib_add(packed, plain.data, plain.size);
    ts_buf_done(&plain);
}

/* Sends the body with a right Content-Length and frees it. */
static void answer_coded(struct ts_conn *conn, const char *coding, struct ts_buf *body)
{
    ts_script_add_text(&conn->script, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n", body->size);
    if (coding != NULL)
        ts_script_add_text(&conn->script, "Content-Encoding: %s\r\n", coding);
    ts_script_add_static(&conn->script, "\r\n", 2);
    ts_script_add_bytes(&conn->script, body->data, body->size);
    ts_entity_add_end(conn, !conn->request.keep_alive);
    ts_buf_done(body);
}

static void answer_labelled(struct ts_conn *conn, const char *coding)
{
    struct ts_buf body = {0};
    pack_once(&body);
    answer_coded(conn, coding, &body);
}

static void answer_cut(struct ts_conn *conn, size_t missing)
{
    struct ts_buf body = {0};
    pack_once(&body);
    body.size -= missing;
    answer_coded(conn, "gzip", &body);
}

/* One byte is wrong, counted from the end. */
static void answer_flipped(struct ts_conn *conn, size_t from_end)
{
    struct ts_buf body = {0};
    pack_once(&body);
    body.data[body.size - from_end] = (char)~body.data[body.size - from_end];
    answer_coded(conn, "gzip", &body);
}

static void answer_nested(struct ts_conn *conn, unsigned times, const char *coding)
{
    struct ts_buf body = {0};
    pack_once(&body);
    for (unsigned i = 1; i < times; i++)
        pack_again(&body);
    answer_coded(conn, coding, &body);
}

static void answer_until_close(struct ts_conn *conn, size_t missing)
{
    struct ts_buf body = {0};
    pack_once(&body);
    ts_script_add_text(&conn->script, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    ts_script_add_bytes(&conn->script, body.data, body.size - missing);
    ts_script_add_end(&conn->script, TS_END_CLOSE);
    ts_buf_done(&body);
}

void ts_fault_gzip(struct ts_conn *conn)
{
    answer_labelled(conn, "gzip");
}

void ts_fault_gzip_upper(struct ts_conn *conn)
{
    answer_labelled(conn, "GZIP");
}

void ts_fault_gzip_x(struct ts_conn *conn)
{
    answer_labelled(conn, "x-gzip");
}

void ts_fault_gzip_unlabelled(struct ts_conn *conn)
{
    answer_labelled(conn, NULL);
}

void ts_fault_gzip_said_twice(struct ts_conn *conn)
{
    answer_labelled(conn, "gzip, gzip");
}

void ts_fault_gzip_as_deflate(struct ts_conn *conn)
{
    answer_labelled(conn, "deflate");
}

void ts_fault_gzip_as_brotli(struct ts_conn *conn)
{
    answer_labelled(conn, "br");
}

void ts_fault_gzip_unknown(struct ts_conn *conn)
{
    answer_labelled(conn, "squeeze");
}

void ts_fault_gzip_truncated(struct ts_conn *conn)
{
    answer_cut(conn, 20);
}

void ts_fault_gzip_no_trailer(struct ts_conn *conn)
{
    answer_cut(conn, 8);
}

void ts_fault_gzip_corrupt(struct ts_conn *conn)
{
    answer_flipped(conn, 24);
}

void ts_fault_gzip_bad_crc(struct ts_conn *conn)
{
    answer_flipped(conn, 8);
}

void ts_fault_gzip_bad_size(struct ts_conn *conn)
{
    answer_flipped(conn, 4);
}

void ts_fault_gzip_garbage(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    pack_once(&body);
    ts_buf_add_text(&body, "garbage behind the end");
    answer_coded(conn, "gzip", &body);
}

void ts_fault_gzip_two_members(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    pack_once(&body);
    pack_once(&body);
    answer_coded(conn, "gzip", &body);
}

void ts_fault_gzip_head_only(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    ts_bomb_add_head(&body);
    answer_coded(conn, "gzip", &body);
}

void ts_fault_gzip_of_nothing(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    ts_gzip_add(&body, "", 0);
    answer_coded(conn, "gzip", &body);
}

void ts_fault_gzip_twice(struct ts_conn *conn)
{
    answer_nested(conn, 2, "gzip, gzip");
}

void ts_fault_gzip_six_times(struct ts_conn *conn)
{
    answer_nested(conn, 6, "gzip, gzip, gzip, gzip, gzip, gzip");
}

void ts_fault_gzip_close(struct ts_conn *conn)
{
    answer_until_close(conn, 0);
}

void ts_fault_gzip_close_truncated(struct ts_conn *conn)
{
    answer_until_close(conn, 20);
}

void ts_fault_gzip_transfer(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    pack_once(&body);
    ts_script_add_text(&conn->script,
                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n%zx\r\n",
                       body.size);
    ts_script_add_bytes(&conn->script, body.data, body.size);
    ts_script_add_text(&conn->script, "\r\n0\r\n\r\n");
    ts_script_add_end(&conn->script, TS_END_KEEP);
    ts_buf_done(&body);
}

void ts_fault_deflate(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    pack_zlib(&body);
    answer_coded(conn, "deflate", &body);
}

void ts_fault_deflate_truncated(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    pack_zlib(&body);
    body.size -= 12;
    answer_coded(conn, "deflate", &body);
}

void ts_fault_deflate_as_gzip(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    pack_zlib(&body);
    answer_coded(conn, "gzip", &body);
}

/* ---- bombs ---- */

/* The block is the same for every bomb: it is made once. */
static struct ts_text bomb_block(void)
{
    static char data[TS_BOMB_BLOCK / 256];
    static size_t size;
    if (size == 0) {
        struct ts_buf block = {0};
        ts_bomb_add_block(&block);
        size = block.size < sizeof(data) ? block.size : 0;
        memcpy(data, block.data, size);
        ts_buf_done(&block);
    }
    return (struct ts_text){data, size};
}

static void add_bomb_head(struct ts_conn *conn)
{
    struct ts_buf head = {0};
    ts_script_add_text(&conn->script, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    ts_bomb_add_head(&head);
    ts_script_add_bytes(&conn->script, head.data, head.size);
    ts_buf_done(&head);
}

void ts_fault_bomb(struct ts_conn *conn)
{
    struct ts_text block = bomb_block();
    struct ts_buf end = {0};
    add_bomb_head(conn);
    ts_script_add_repeat(&conn->script, block.data, block.size, BOMB_BLOCKS, false);
    ts_bomb_add_end(&end, BOMB_BLOCKS);
    ts_script_add_bytes(&conn->script, end.data, end.size);
    ts_script_add_end(&conn->script, TS_END_CLOSE);
    ts_buf_done(&end);
}

void ts_fault_bomb_endless(struct ts_conn *conn)
{
    struct ts_text block = bomb_block();
    add_bomb_head(conn);
    ts_script_add_repeat(&conn->script, block.data, block.size, TS_FOREVER, false);
    ts_script_add_end(&conn->script, TS_END_CLOSE);
}

void ts_fault_bomb_nested(struct ts_conn *conn)
{
    struct ts_buf body = {0};
    struct ts_text block = bomb_block();
    ts_bomb_add_head(&body);
    for (unsigned i = 0; i < BOMB_BLOCKS; i++)
        ts_buf_add(&body, block.data, block.size);
    ts_bomb_add_end(&body, BOMB_BLOCKS);
    pack_again(&body);
    answer_coded(conn, "gzip, gzip", &body);
}

/* ---- redirects ---- */

static void answer_location(struct ts_conn *conn, const char *before, const char *port)
{
    ts_script_add_text(&conn->script,
                       "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s:%d/echo\r\n\r\n",
                       before, ts_resources_port(conn->server, port));
    ts_script_add_end(&conn->script, TS_END_KEEP);
}

void ts_fault_redirect_refused(struct ts_conn *conn)
{
    answer_location(conn, "http://127.0.0.1", "refused");
}

void ts_fault_redirect_blackhole(struct ts_conn *conn)
{
    answer_location(conn, "http://127.0.0.1", "blackhole");
}

void ts_fault_redirect_userinfo(struct ts_conn *conn)
{
    answer_location(conn, "http://user:secret@127.0.0.1", "http2nd");
}

void ts_fault_redirect_relative_scheme(struct ts_conn *conn)
{
    answer_location(conn, "//127.0.0.1", "http2nd");
}
