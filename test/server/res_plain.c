/* The well-behaved resources, and those that are merely slow. */
#include "entity.h"
#include "pattern.h"
#include "resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Delays add up to 15.0 s and the slowest takes 1.8 s. */
static const struct {
    unsigned delay_ms;
    unsigned size;
} sample[] = {
    {1800, 12034}, {1750, 59873}, {1700, 1117},  {1700, 34512}, {1650, 8190},
    {1650, 23456}, {1600, 45001}, {1600, 16385}, {1550, 2741},
};

enum { SAMPLE_COUNT = sizeof(sample) / sizeof(sample[0]) };

void ts_res_size(struct ts_conn *conn)
{
    struct ts_entity entity = {.size = ts_request_number(&conn->request, "n", 0)};
    entity.version = (unsigned)ts_request_number(&conn->request, "version", 0);
    ts_entity_answer(conn, &entity);
}

void ts_res_any(struct ts_conn *conn)
{
    ts_entity_answer(conn, &(struct ts_entity){.size = ts_request_number(&conn->request, "n", 5)});
}

void ts_res_index(struct ts_conn *conn)
{
    ts_entity_answer_text(conn, 200, "haul-testserver\n");
}

void ts_res_delay(struct ts_conn *conn)
{
    ts_script_add_delay(&conn->script, ts_request_number(&conn->request, "ms", 0));
    ts_entity_answer_text(conn, 200, "late\n");
}

void ts_res_hang(struct ts_conn *conn)
{
    ts_script_add_end(&conn->script, TS_END_HANG);
}

void ts_res_stall_headers(struct ts_conn *conn)
{
    ts_script_add_text(&conn->script, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Half: ");
    ts_script_add_end(&conn->script, TS_END_HANG);
}

void ts_res_stall_body(struct ts_conn *conn)
{
    uint64_t after = ts_request_number(&conn->request, "after", 0);
    ts_script_add_text(&conn->script, "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
                       (unsigned long long)after + 1000);
    ts_script_add_pattern(&conn->script, 0, after, 0, 0);
    ts_script_add_end(&conn->script, TS_END_HANG);
}

void ts_res_drip(struct ts_conn *conn)
{
    uint64_t size = ts_request_number(&conn->request, "n", 10);
    uint64_t gap_ms = ts_request_number(&conn->request, "ms", 100);
    ts_script_add_text(&conn->script, "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n",
                       (unsigned long long)size);
    if (!conn->request.is_head) {
        ts_script_add_pace(&conn->script, 1, gap_ms);
        ts_script_add_pattern(&conn->script, 0, size, 0, 0);
    }
    ts_entity_add_end(conn, !conn->request.keep_alive);
}

void ts_res_sample(struct ts_conn *conn)
{
    struct ts_buf page = {0};
    ts_buf_add_text(&page, "<!DOCTYPE html>\n<title>Nine pages</title>\n");
    for (unsigned i = 1; i <= SAMPLE_COUNT; i++)
        ts_buf_add_format(&page, "<a href=\"/sample/%u\">page %u</a>\n", i, i);
    ts_entity_answer(
        conn, &(struct ts_entity){.type = "text/html", .body = page.data, .size = page.size});
    ts_buf_done(&page);
}

static void add_page(struct ts_buf *page, unsigned number, size_t size)
{
    static const char end[] = "\n</body>\n</html>\n";
    ts_buf_add_format(
        page, "<!DOCTYPE html>\n<html>\n<head><title>Page %u</title></head>\n<body>\n", number);
    while (page->size + 64 + sizeof(end) < size)
        ts_buf_add_text(page, "<p>The quick brown fox jumps over the lazy dog.</p>\n");
    while (page->size + sizeof(end) - 1 < size)
        ts_buf_add_text(page, ".");
    ts_buf_add_text(page, end);
}

void ts_res_sample_page(struct ts_conn *conn)
{
    struct ts_text path = conn->request.path;
    unsigned number = path.size == 9 ? (unsigned)(path.data[8] - '0') : 0;
    if (number < 1 || number > SAMPLE_COUNT) {
        ts_entity_answer_text(conn, 404, "not here\n");
        return;
    }
    uint64_t percent = ts_request_number(&conn->request, "scale", 100);
    uint64_t delay_ms = sample[number - 1].delay_ms * percent / 100;
    struct ts_buf page = {0};
    add_page(&page, number, sample[number - 1].size);
    ts_script_add_delay(&conn->script, delay_ms);
    ts_entity_answer(
        conn, &(struct ts_entity){.type = "text/html", .body = page.data, .size = page.size});
    ts_buf_done(&page);
}

void ts_res_status(struct ts_conn *conn)
{
    struct ts_text path = conn->request.path;
    unsigned status = 0;
    for (size_t i = strlen("/status/"); i < path.size && status < 1000; i++)
        status = status * 10 + (unsigned)(path.data[i] - '0') % 10;
    char page[16];
    (void)snprintf(page, sizeof(page), "page %03u\n", status % 1000);
    ts_entity_answer_text(conn, status % 1000, page);
}

void ts_res_echo(struct ts_conn *conn)
{
    const struct ts_buf *head = &conn->request.head;
    ts_entity_answer(conn, &(struct ts_entity){.body = head->data, .size = head->size});
}

void ts_res_stats(struct ts_conn *conn)
{
    struct ts_buf json = {0};
    ts_stats_add_json(&conn->server->stats, &json);
    ts_entity_answer(conn, &(struct ts_entity){
                               .type = "application/json", .body = json.data, .size = json.size});
    ts_buf_done(&json);
}

void ts_res_stats_reset(struct ts_conn *conn)
{
    ts_stats_reset(&conn->server->stats);
    ts_map_clear(&conn->server->counters);
    ts_map_clear(&conn->server->robots);
    ts_entity_answer_text(conn, 200, "reset\n");
}

void ts_res_log(struct ts_conn *conn)
{
    char prefix[4096] = "";
    (void)ts_request_option(&conn->request, "path", prefix, sizeof(prefix), NULL);
    struct ts_buf lines = {0};
    ts_stats_add_log(&conn->server->stats, prefix, &lines);
    struct ts_entity entity = {.type = "application/jsonl", .body = lines.data, .size = lines.size};
    ts_entity_answer(conn, &entity);
    ts_buf_done(&lines);
}

void ts_res_log_reset(struct ts_conn *conn)
{
    ts_stats_reset_log(&conn->server->stats);
    ts_entity_answer_text(conn, 200, "reset\n");
}
