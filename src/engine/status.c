#include "engine/status.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "engine/pace.h"

enum { ORIGINS_MAX = 50, RUNNING_MAX = 10, BLOCK_MAX = 65536 };

static void look_at_figures(void *arg, const struct haul_sched *sched, int64_t now_us)
{
    struct haul_status *status = arg;
    struct haul_sched_counts counts = haul_sched_count(sched);
    const struct haul_job *oldest = haul_sched_oldest(sched);

    status->running = counts.running;
    status->parked = counts.parked;
    status->left_us = haul_sched_time_left(sched, now_us);
    if (!oldest)
        return;
    status->oldest_us = now_us - oldest->since_us;
    snprintf(status->url, sizeof status->url, "%s", oldest->shown);
}

void haul_status_post_figures(struct haul_workq *workq, struct haul_resultq *resultq)
{
    struct haul_note *note = haul_note_create(HAUL_NOTE_STATUS, NULL);

    if (!note)
        return;
    haul_workq_inspect(workq, look_at_figures, &note->status);
    note->status.is_starved = haul_workq_is_starved(workq);
    haul_resultq_post(resultq, note);
}

struct block {
    struct haul_buf text; /* lines, each with its newline */
    int64_t now_us;
    bool is_starved;
    size_t origins; /* all of them, also those that are left out */
};

static double seconds(int64_t time_us)
{
    return (double)time_us / 1e6;
}

static void add_origin(void *arg, const struct haul_origin_status *origin)
{
    struct block *block = arg;
    char incidents[HAUL_INCIDENTS_TEXT_MAX];

    if (block->origins++ >= ORIGINS_MAX)
        return;
    haul_buf_addf(&block->text, "  %.150s: %zu ready, %zu running, %zu parked", origin->key,
                  origin->ready, origin->running, origin->parked);
    if (origin->spilled)
        haul_buf_addf(&block->text, ", %zu spilled", origin->spilled);
    if (origin->not_before_us > block->now_us)
        haul_buf_addf(&block->text, ", paused for %.1f s",
                      seconds(origin->not_before_us - block->now_us));
    if (origin->down)
        haul_buf_add_str(&block->text, ", given up");
    if (origin->incidents.count) {
        haul_incidents_say(&origin->incidents, origin->of, block->now_us, incidents);
        haul_buf_addf(&block->text, ", %s", incidents);
    }
    haul_buf_add_char(&block->text, '\n');
}

static void add_running(void *arg, const struct haul_job *job)
{
    struct block *block = arg;

    haul_buf_addf(&block->text, "  running for %.1f s: %s%.300s\n",
                  seconds(block->now_us - job->since_us), job->robots.asks ? "robots.txt for " : "",
                  job->shown);
}

static void look_at_all(void *arg, const struct haul_sched *sched, int64_t now_us)
{
    struct block *block = arg;
    struct haul_sched_counts counts = haul_sched_count(sched);
    const struct haul_job *parked = haul_sched_next_parked(sched);

    block->now_us = now_us;
    haul_buf_addf(&block->text, "status: %zu ready, %zu running, %zu parked, ", counts.ready,
                  counts.running, counts.parked);
    if (counts.spilled)
        haul_buf_addf(&block->text, "%zu spilled, ", counts.spilled);
    haul_buf_addf(&block->text, "%zu origins%s\n", counts.origins,
                  block->is_starved ? ", window full" : "");
    if (parked)
        haul_buf_addf(&block->text, "  the first parked one is due in %.1f s: %.300s\n",
                      seconds(parked->due_us - now_us), parked->shown);
    haul_sched_each_origin(sched, add_origin, block);
    if (block->origins > ORIGINS_MAX)
        haul_buf_addf(&block->text, "  and %zu more origins\n", block->origins - ORIGINS_MAX);
    haul_sched_each_running(sched, RUNNING_MAX, add_running, block);
}

static void post_lines(struct haul_resultq *resultq, char *text)
{
    char *end;

    for (; (end = strchr(text, '\n')); text = end + 1) {
        *end = '\0';
        haul_resultq_tell(resultq, HAUL_NOTE_MESSAGE, text);
    }
}

void haul_status_post_block(struct haul_workq *workq, struct haul_resultq *resultq)
{
    struct block block = {.origins = 0};

    /* All memory is there before the lock is taken. */
    haul_buf_init(&block.text, BLOCK_MAX);
    if (haul_buf_reserve(&block.text, BLOCK_MAX - 1)) {
        block.is_starved = haul_workq_is_starved(workq);
        haul_workq_inspect(workq, look_at_all, &block);
        if (block.text.len)
            post_lines(resultq, block.text.data);
    }
    haul_buf_done(&block.text);
}
