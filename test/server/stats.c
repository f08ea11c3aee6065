#include "stats.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { HOSTS_MAX = 8192 };

void ts_stats_init(struct ts_stats *stats)
{
    *stats = (struct ts_stats){0};
    ts_map_init(&stats->hosts, sizeof(struct ts_count), HOSTS_MAX);
    stats->log = ts_memory_take(TS_LOG_MAX, sizeof(*stats->log));
}

static void drop_oldest(struct ts_stats *stats)
{
    struct ts_log_line *line = &stats->log[stats->log_first];
    stats->log_bytes -= line->head_size;
    free(line->head);
    *line = (struct ts_log_line){0};
    stats->log_first = (stats->log_first + 1) % TS_LOG_MAX;
    stats->log_count--;
}

void ts_stats_reset_log(struct ts_stats *stats)
{
    while (stats->log_count > 0)
        drop_oldest(stats);
}

void ts_stats_done(struct ts_stats *stats)
{
    ts_stats_reset_log(stats);
    free(stats->log);
    ts_map_clear(&stats->hosts);
}

static void reset_count(struct ts_count *count)
{
    count->requests = 0;
    count->peak = count->in_progress;
}

/* Hosts stay in the map: requests in progress hold their addresses. */
void ts_stats_reset(struct ts_stats *stats)
{
    ts_stats_reset_log(stats);
    reset_count(&stats->all);
    for (struct ts_map_entry *host = stats->hosts.first; host != NULL; host = host->next)
        reset_count(host->value);
    stats->connections = 0;
    stats->tls_handshakes = 0;
    stats->tls_resumed = 0;
}

static void count_begin(struct ts_count *count)
{
    count->requests++;
    count->in_progress++;
    if (count->in_progress > count->peak)
        count->peak = count->in_progress;
}

struct ts_count *ts_stats_begin(struct ts_stats *stats, struct ts_text host)
{
    count_begin(&stats->all);
    struct ts_count *count =
        ts_map_take(&stats->hosts, host.data != NULL ? host.data : "", host.size);
    if (count != NULL)
        count_begin(count);
    return count;
}

void ts_stats_end(struct ts_stats *stats, struct ts_count *host)
{
    stats->all.in_progress--;
    if (host != NULL)
        host->in_progress--;
}

void ts_stats_log(struct ts_stats *stats, uint64_t connection, const char *listener,
                  struct ts_text head)
{
    while (stats->log_count == TS_LOG_MAX ||
           (stats->log_count > 0 && stats->log_bytes > TS_LOG_BYTES_MAX))
        drop_oldest(stats);
    struct ts_log_line *line = &stats->log[(stats->log_first + stats->log_count) % TS_LOG_MAX];
    line->time_us = uv_hrtime() / 1000;
    line->connection = connection;
    line->listener = listener;
    line->head = ts_memory_copy(head.data, head.size);
    line->head_size = head.size;
    stats->log_count++;
    stats->log_bytes += head.size;
}

static void add_host(const struct ts_map_entry *entry, struct ts_buf *out)
{
    const struct ts_count *count = entry->value;
    ts_buf_add_json(out, entry->key, entry->key_size);
    ts_buf_add_format(out, ":{\"requests\":%llu,\"peak\":%llu,\"in_progress\":%llu}",
                      (unsigned long long)count->requests, (unsigned long long)count->peak,
                      (unsigned long long)count->in_progress);
}

void ts_stats_add_json(const struct ts_stats *stats, struct ts_buf *out)
{
    ts_buf_add_format(out, "{\"requests\":%llu,\"connections\":%llu,\"open\":%llu,",
                      (unsigned long long)stats->all.requests,
                      (unsigned long long)stats->connections, (unsigned long long)stats->open);
    ts_buf_add_format(out, "\"peak\":%llu,\"in_progress\":%llu,",
                      (unsigned long long)stats->all.peak,
                      (unsigned long long)stats->all.in_progress);
    ts_buf_add_format(out, "\"tls_handshakes\":%llu,\"tls_resumed\":%llu,\"hosts\":{",
                      (unsigned long long)stats->tls_handshakes,
                      (unsigned long long)stats->tls_resumed);
    const char *comma = "";
    for (const struct ts_map_entry *entry = stats->hosts.first; entry != NULL;
         entry = entry->next) {
        const struct ts_count *count = entry->value;
        if (count->requests == 0 && count->in_progress == 0)
            continue;
        ts_buf_add_text(out, comma);
        add_host(entry, out);
        comma = ",";
    }
    ts_buf_add_text(out, "}}\n");
}

static void add_headers(const struct ts_request *request, struct ts_buf *out)
{
    ts_buf_add_text(out, ",\"headers\":[");
    for (size_t i = 0; i < request->header_count; i++) {
        ts_buf_add_text(out, i == 0 ? "[" : ",[");
        ts_buf_add_json(out, request->headers[i].name.data, request->headers[i].name.size);
        ts_buf_add_text(out, ",");
        ts_buf_add_json(out, request->headers[i].value.data, request->headers[i].value.size);
        ts_buf_add_text(out, "]");
    }
    ts_buf_add_text(out, "]}\n");
}

static void add_line(const struct ts_log_line *line, const struct ts_request *request,
                     struct ts_buf *out)
{
    struct ts_text host = ts_request_header(request, "Host");
    ts_buf_add_format(out, "{\"time_us\":%llu,\"connection\":%llu,\"listener\":\"%s\",\"method\":",
                      (unsigned long long)line->time_us, (unsigned long long)line->connection,
                      line->listener);
    ts_buf_add_json(out, request->method.data, request->method.size);
    ts_buf_add_text(out, ",\"path\":");
    ts_buf_add_json(out, request->target.data, request->target.size);
    ts_buf_add_text(out, ",\"host\":");
    ts_buf_add_json(out, host.data, host.size);
    add_headers(request, out);
}

void ts_stats_add_log(const struct ts_stats *stats, const char *prefix, struct ts_buf *out)
{
    struct ts_request request = {0};
    for (size_t i = 0; i < stats->log_count; i++) {
        const struct ts_log_line *line = &stats->log[(stats->log_first + i) % TS_LOG_MAX];
        if (ts_request_parse(&request, line->head, line->head_size) &&
            ts_text_begins(request.target, prefix))
            add_line(line, &request, out);
    }
    ts_request_done(&request);
}
