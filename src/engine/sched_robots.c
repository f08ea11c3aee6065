#include "engine/sched_robots.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is known ---- */

struct haul_robots_known *haul_robots_known_create(struct haul_robots_rules *rules,
                                                   enum haul_reason reason, int exitcode,
                                                   const char *text, const char *also)
{
    size_t text_size = strlen(text) + 1, also_size = also ? strlen(also) + 1 : 0;
    size_t size = sizeof(struct haul_robots_known) + text_size + also_size;
    struct haul_robots_known *known = malloc(size);

    if (!known)
        return NULL;
    *known =
        (struct haul_robots_known){.rules = rules,
                                   .reason = reason,
                                   .exitcode = exitcode,
                                   .bytes = size + (rules ? haul_robots_rules_size(rules) : 0)};
    known->text = memcpy(known->storage, text, text_size);
    if (also)
        known->also = memcpy(known->storage + text_size, also, also_size);
    return known;
}

void haul_robots_known_free(struct haul_robots_known *known)
{
    if (!known)
        return;
    assert(!known->of && !known->holders);
    haul_robots_rules_free(known->rules);
    free(known);
}

/* ---- the order of use ---- */

static void line_remove(struct haul_robots_store *store, struct haul_robots_known *known)
{
    if (known->older)
        known->older->newer = known->newer;
    else
        store->oldest = known->newer;
    if (known->newer)
        known->newer->older = known->older;
    else
        store->newest = known->older;
    known->older = known->newer = NULL;
}

static void line_add(struct haul_robots_store *store, struct haul_robots_known *known)
{
    known->older = store->newest;
    if (known->older)
        known->older->newer = known;
    else
        store->oldest = known;
    store->newest = known;
}

/* ---- one origin ---- */

void haul_robots_forget(struct haul_robots_store *store, struct haul_robots_state *state)
{
    struct haul_robots_known *known = state->known;

    if (state->gate == HAUL_ROBOTS_KNOWN)
        state->gate = HAUL_ROBOTS_UNASKED;
    if (!known)
        return;
    state->known = NULL;
    line_remove(store, known);
    store->bytes -= known->bytes;
    known->of = NULL;
    if (!known->holders)
        haul_robots_known_free(known);
}

void haul_robots_start(struct haul_robots_store *store, struct haul_robots_state *state,
                       struct haul_job *job, int64_t now_us)
{
    struct haul_robots_known *known = state->known;

    job->robots = (struct haul_job_robots){.asks = false};
    if (!store->max)
        return;
    if (state->gate == HAUL_ROBOTS_UNASKED || state->until_us <= now_us ||
        (state->is_strangers && job->named_by != HAUL_NAMED_BY_STRANGER)) {
        haul_robots_forget(store, state);
        state->gate = HAUL_ROBOTS_ASKING;
        job->robots.asks = true;
        job->robots.tries = state->tries;
    } else if (known) {
        line_remove(store, known);
        line_add(store, known);
        known->holders++;
        job->robots.known = known;
    }
}

void haul_robots_end(struct haul_robots_state *state, struct haul_job *job)
{
    struct haul_robots_known *known = job->robots.known;

    if (job->robots.asks)
        state->gate = HAUL_ROBOTS_UNASKED;
    job->robots = (struct haul_job_robots){.asks = false};
    if (known && !--known->holders && !known->of)
        haul_robots_known_free(known);
}

void haul_robots_learn(struct haul_robots_store *store, struct haul_robots_state *state,
                       const struct haul_robots_answer *answer, int64_t now_us)
{
    state->tries = answer->tries;
    if (answer->again)
        return;
    state->tries = (struct haul_robots_tries){.attempts = 0};
    state->gate = HAUL_ROBOTS_KNOWN;
    state->until_us = now_us + answer->keep_us;
    state->is_strangers = answer->is_strangers;
    state->known = answer->known;
    if (!answer->known)
        return;
    answer->known->of = state;
    store->bytes += answer->known->bytes;
    line_add(store, answer->known);
    while (store->bytes > store->max && store->oldest != answer->known)
        haul_robots_forget(store, store->oldest->of);
}

bool haul_robots_is_worth_keeping(const struct haul_robots_state *state, int64_t now_us)
{
    return state->tries.attempts || (state->gate == HAUL_ROBOTS_KNOWN && state->until_us > now_us);
}
