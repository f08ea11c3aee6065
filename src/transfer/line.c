#include "transfer/line.h"

enum haul_err haul_line_init(struct haul_line *line, struct haul_allowance *memory)
{
    *line = (struct haul_line){.memory = memory};
    return uv_mutex_init(&line->lock) ? HAUL_ERR_SYSTEM : HAUL_OK;
}

void haul_line_done(struct haul_line *line)
{
    uv_mutex_destroy(&line->lock);
}

static void note_returned_locked(struct haul_line *line, int64_t now_us)
{
    uint64_t returned = atomic_load(&line->memory->returned);

    if (returned != line->returned || !line->first)
        line->since_us = now_us;
    line->returned = returned;
}

void haul_line_enter(struct haul_line *line, struct haul_waiter *waiter, int64_t now_us)
{
    struct haul_waiter **place = &line->first;

    uv_mutex_lock(&line->lock);
    note_returned_locked(line, now_us);
    while (*place)
        place = &(*place)->next;
    *place = waiter;
    waiter->next = NULL;
    atomic_fetch_add(&line->memory->waiting, 1);
    uv_mutex_unlock(&line->lock);
}

bool haul_line_is_first(struct haul_line *line, const struct haul_waiter *waiter)
{
    bool is_first;

    uv_mutex_lock(&line->lock);
    is_first = line->first == waiter;
    uv_mutex_unlock(&line->lock);
    return is_first;
}

bool haul_line_is_in_vain(struct haul_line *line, int64_t now_us)
{
    bool in_vain;

    uv_mutex_lock(&line->lock);
    note_returned_locked(line, now_us);
    if (now_us - line->since_us >= HAUL_LINE_PATIENCE_US)
        line->is_in_vain = true;
    in_vain = line->is_in_vain;
    uv_mutex_unlock(&line->lock);
    return in_vain;
}

void haul_line_leave(struct haul_line *line, struct haul_waiter *waiter, bool is_served)
{
    struct haul_waiter **place = &line->first;

    uv_mutex_lock(&line->lock);
    while (*place != waiter)
        place = &(*place)->next;
    *place = waiter->next;
    atomic_fetch_sub(&line->memory->waiting, 1);
    if (is_served)
        line->is_in_vain = false;
    uv_mutex_unlock(&line->lock);
}
