#include "summary/summary.h"

#include <stdlib.h>
#include <string.h>

/* Freed together: nobody keeps account of single strings. */
struct haul_summary_block {
    struct haul_summary_block *next;
    max_align_t bytes[];
};

void haul_summary_init(struct haul_summary *summary)
{
    *summary = (struct haul_summary){.title = "", .version = "", .before_size = -1};
}

void haul_summary_done(struct haul_summary *summary)
{
    struct haul_summary_block *block = summary->memory, *next;

    for (; block; block = next) {
        next = block->next;
        free(block);
    }
    haul_summary_init(summary);
}

uint64_t haul_summary_urls(const struct haul_summary *summary)
{
    uint64_t others =
        summary->outcome[HAUL_OUTCOME_DUPLICATE] + summary->outcome[HAUL_OUTCOME_INVALID];

    return summary->lines > others ? summary->lines - others : 0;
}

uint64_t haul_summary_count(const struct haul_summary *summary, enum haul_outcome outcome)
{
    uint64_t count = summary->outcome[outcome];

    if (outcome == HAUL_OUTCOME_FAILED)
        return count + summary->given_up;
    return outcome == HAUL_OUTCOME_SKIPPED ? count - summary->given_up : count;
}

bool haul_summary_is_disallowed(const struct haul_summary *summary)
{
    return summary->disallowed && summary->disallowed == haul_summary_urls(summary);
}

bool haul_summary_is_bare(const struct haul_summary *summary)
{
    return summary->inputs.nothing_found || (!summary->lines && !summary->complete);
}

void *haul_summary_alloc(struct haul_summary *summary, size_t bytes)
{
    struct haul_summary_block *block = NULL;

    if (bytes <= SIZE_MAX - sizeof *block)
        block = calloc(1, sizeof *block + bytes);
    if (!block)
        return NULL;
    block->next = summary->memory;
    summary->memory = block;
    return block->bytes;
}

const char *haul_summary_keep(struct haul_summary *summary, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = haul_summary_alloc(summary, size);

    return copy ? memcpy(copy, text, size) : NULL;
}
