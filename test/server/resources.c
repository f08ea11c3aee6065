#include "resources.h"

#include "entity.h"

#include <string.h>

struct route {
    const char *path;
    void (*answer)(struct ts_conn *conn);
    bool is_prefix; /* for every path that begins so */
    bool is_quiet;
};

static const struct route routes[] = {
    {"/size", ts_res_size, false, false},
    {"/any/", ts_res_any, true, false},
    {"/bytes/", ts_res_bytes, true, false},
    {"/fault/", ts_res_fault, true, false},
    {"/latch", ts_res_latch, false, false},
    {"/gate", ts_res_gate, false, false},
    {"/gate/open", ts_res_gate_open, false, true},
    {"/gate/close", ts_res_gate_close, false, true},
    {"/gate/waiting", ts_res_gate_waiting, false, true},
    {"/delay", ts_res_delay, false, false},
    {"/hang", ts_res_hang, false, false},
    {"/stall/headers", ts_res_stall_headers, false, false},
    {"/stall/body", ts_res_stall_body, false, false},
    {"/drip", ts_res_drip, false, false},
    {"/sample/", ts_res_sample_page, true, false},
    {"/sample", ts_res_sample, false, false},
    {"/status/", ts_res_status, true, false},
    {"/echo", ts_res_echo, false, false},
    {"/head/", ts_res_head, true, false},
    {"/range", ts_res_range, false, false},
    {"/range/", ts_res_range, true, false},
    {"/redirect", ts_res_redirect, false, false},
    {"/redirect/", ts_res_redirect, true, false},
    {"/redirect-chain", ts_res_redirect_chain, false, false},
    {"/redirect-loop", ts_res_redirect_loop, false, false},
    {"/redirect-grow", ts_res_redirect_grow, false, false},
    {"/redirect-scheme", ts_res_redirect_scheme, false, false},
    {"/redirect-two", ts_res_redirect_two, false, false},
    {"/redirect-missing", ts_res_redirect_missing, false, false},
    {"/redirect-port", ts_res_redirect_port, false, false},
    {"/redirect-host", ts_res_redirect_host, false, false},
    {"/redirect-secure", ts_res_redirect_secure, false, false},
    {"/redirect-plain", ts_res_redirect_plain, false, false},
    {"/door", ts_res_door, false, false},
    {"/flaky", ts_res_flaky, false, false},
    {"/throttle", ts_res_throttle, false, false},
    {"/retry-after", ts_res_retry_after, false, false},
    {"/ratelimit", ts_res_ratelimit, false, false},
    {"/robots.txt", ts_res_robots, false, false},
    {"/robots/set", ts_res_robots_set, false, true},
    {"/rules", ts_res_rules, false, false},
    {"/stats", ts_res_stats, false, true},
    {"/stats/reset", ts_res_stats_reset, false, true},
    {"/log", ts_res_log, false, true},
    {"/log/reset", ts_res_log_reset, false, true},
    {"/", ts_res_index, false, false},
};

static const struct route *find_route(struct ts_text path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        const struct route *route = &routes[i];
        if (route->is_prefix ? ts_text_begins(path, route->path) : ts_text_is(path, route->path))
            return route;
    }
    return NULL;
}

bool ts_resources_are_quiet(const struct ts_request *request)
{
    const struct route *route = find_route(request->path);
    return route != NULL && route->is_quiet;
}

void ts_resources_answer(struct ts_conn *conn)
{
    const struct route *route = find_route(conn->request.path);
    if (route != NULL) {
        route->answer(conn);
        return;
    }
    ts_entity_answer(conn, &(struct ts_entity){.status = 404, .body = "not here\n", .size = 9});
}

struct ts_counter *ts_resources_count(struct ts_conn *conn)
{
    static struct ts_counter overflow;
    struct ts_server *server = conn->server;
    struct ts_text target = conn->request.target;
    struct ts_counter *counter = ts_map_take(&server->counters, target.data, target.size);
    if (counter == NULL)
        counter = &overflow;
    if (counter->count == 0)
        counter->first_ms = uv_now(&server->loop);
    counter->count++;
    return counter;
}

int ts_resources_port(const struct ts_server *server, const char *name)
{
    for (size_t i = 0; i < server->port_count; i++) {
        if (strcmp(server->ports[i].name, name) == 0)
            return server->ports[i].port;
    }
    return 0;
}
