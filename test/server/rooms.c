#include "rooms.h"

#include "entity.h"
#include "resources.h"

#include <stdio.h>
#include <string.h>

/* Rooms of one kind and name; "" is a name too. NULL when there are too many. */
static struct ts_room *find_room_by(struct ts_conn *conn, const char *kind, const char *option)
{
    char key[256];
    char name[200] = "";
    (void)ts_request_option(&conn->request, option, name, sizeof(name), NULL);
    (void)snprintf(key, sizeof(key), "%s:%s", kind, name);
    return ts_map_take(&conn->server->rooms, key, strlen(key));
}

static struct ts_room *find_room(struct ts_conn *conn, const char *kind)
{
    return find_room_by(conn, kind, "name");
}

static void enter(struct ts_room *room, struct ts_conn *conn)
{
    conn->room = room;
    conn->room_prev = NULL;
    conn->room_next = room->first;
    if (room->first != NULL)
        room->first->room_prev = conn;
    room->first = conn;
    room->count++;
    ts_conn_wait(conn, ts_request_number(&conn->request, "timeout", 0));
}

void ts_rooms_leave(struct ts_conn *conn)
{
    struct ts_room *room = conn->room;
    if (room == NULL)
        return;
    if (conn->room_prev != NULL)
        conn->room_prev->room_next = conn->room_next;
    else
        room->first = conn->room_next;
    if (conn->room_next != NULL)
        conn->room_next->room_prev = conn->room_prev;
    room->count--;
    conn->room = NULL;
}

/* The body of a request that waited: "open\n", or size=N bytes of the pattern. */
static void answer(struct ts_conn *conn)
{
    uint64_t size = ts_request_number(&conn->request, "size", TS_FOREVER);
    if (size == TS_FOREVER)
        ts_entity_answer_text(conn, 200, "open\n");
    else
        ts_entity_answer(conn, &(struct ts_entity){.size = size});
}

static void release_all(struct ts_room *room)
{
    while (room->first != NULL) {
        struct ts_conn *conn = room->first;
        ts_rooms_leave(conn);
        if (!conn->is_in_answer)
            answer(conn);
        conn->is_in_answer = false;
        ts_conn_wake(conn);
    }
}

void ts_rooms_timeout(struct ts_conn *conn)
{
    ts_rooms_leave(conn);
    ts_entity_answer_text(conn, 504, "nobody else came\n");
    ts_conn_wake(conn);
}

void ts_res_latch(struct ts_conn *conn)
{
    struct ts_room *room = find_room(conn, "latch");
    if (room == NULL) {
        ts_entity_answer_text(conn, 500, "too many latches\n");
        return;
    }
    enter(room, conn);
    if (room->count >= ts_request_number(&conn->request, "n", 1))
        release_all(room);
}

void ts_res_gate(struct ts_conn *conn)
{
    struct ts_room *room = find_room(conn, "gate");
    if (room == NULL)
        ts_entity_answer_text(conn, 500, "too many gates\n");
    else if (room->is_open)
        answer(conn);
    else
        enter(room, conn);
}

bool ts_rooms_pass(struct ts_conn *conn)
{
    struct ts_room *room = find_room_by(conn, "gate", "hold");
    if (room == NULL || room->is_open)
        return true;
    conn->is_in_answer = true;
    enter(room, conn);
    return false;
}

static void answer_count(struct ts_conn *conn, size_t count)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%zu\n", count);
    ts_entity_answer_text(conn, 200, text);
}

static void set_gate(struct ts_conn *conn, bool is_open)
{
    struct ts_room *room = find_room(conn, "gate");
    size_t count = room == NULL ? 0 : room->count;
    if (room != NULL)
        room->is_open = is_open;
    if (room != NULL && is_open)
        release_all(room);
    answer_count(conn, count);
}

void ts_rooms_tell(struct ts_conn *conn)
{
    struct ts_room *room = find_room_by(conn, "gate", "tell");
    if (room == NULL)
        return;
    room->is_open = true;
    release_all(room);
}

void ts_res_gate_open(struct ts_conn *conn)
{
    set_gate(conn, true);
}

void ts_res_gate_close(struct ts_conn *conn)
{
    set_gate(conn, false);
}

void ts_res_gate_waiting(struct ts_conn *conn)
{
    const struct ts_room *room = find_room(conn, "gate");
    answer_count(conn, room == NULL ? 0 : room->count);
}
