#include "haul/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "haul/record.h"
#include "model/version.h"

/* Copies are chained and freed together: no array of the caller's is ever freed by mistake. */
struct haul_config_block {
    struct haul_config_block *next;
    size_t size;
    max_align_t bytes[];
};

void haul_config_init(struct haul_config *config)
{
    *config = (struct haul_config){
        /* sitemaps.org: 50 MB, and 50,000 of them in an index, which names no other index */
        .sitemap_depth = 3,
        .sitemap_max_count = 50001,
        .sitemap_max_size = 50 << 20,
        .jobs = 8,
        .streams = 1,
        .window = 4096,
        .spill_max = (int64_t)4 << 30,
        .decode_memory = (int64_t)1 << 30,
        .grace_ms = 10000,
        .user_agent = "haul/" HAUL_VERSION,
        .compressed = true,
        .cookies = true,
        .connect_timeout_ms = 10000,
        .speed_limit = 1,
        .speed_time_s = 30,
        .max_redirs = 10,
        .follow = true,
        .accept = {.range = {{200, 299}}, .count = 1},
        .host_fail_limit = 10,
        .retry = 2,
        .name = "path",
        .warc_size = (int64_t)1 << 30,
        .clobber = true,
        .mtime = true,
        .sync = HAUL_SYNC_BATCH,
        .top = 10,
        .retry_on = haul_transient_statuses,
    };
}

void haul_config_done(struct haul_config *config)
{
    struct haul_config_block *block = config->memory, *next;

    for (; block; block = next) {
        next = block->next;
        haul_wipe(block->bytes, block->size);
        free(block);
    }
    haul_config_init(config);
}

static void *take(struct haul_config *config, size_t size)
{
    struct haul_config_block *block = NULL;

    if (size <= SIZE_MAX - sizeof *block)
        block = malloc(sizeof *block + size);
    if (!block)
        return NULL;
    block->next = config->memory;
    block->size = size;
    config->memory = block;
    return block->bytes;
}

const char *haul_config_keep(struct haul_config *config, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = take(config, size);

    if (copy)
        memcpy(copy, text, size);
    return copy;
}

/*
 * Room for one more element. An array is as large as the power of two that holds its count, so it
 * is full exactly when the count is one; the old array stays among the copies, which wastes at most
 * as much again.
 */
void *haul_config_grow(struct haul_config *config, void *array, size_t count, size_t element)
{
    size_t bigger = count ? count * 2 : 1;
    void *moved;

    if (count & (count - 1))
        return array;
    if (bigger > SIZE_MAX / element)
        return NULL;
    moved = take(config, bigger * element);
    if (moved && count)
        memcpy(moved, array, count * element);
    return moved;
}

enum haul_err haul_config_add_string(struct haul_config *config, struct haul_strings *list,
                                     const char *text)
{
    const char **item = haul_config_grow(config, list->item, list->count, sizeof *item);
    const char *copy = item ? haul_config_keep(config, text) : NULL;

    if (item)
        list->item = item;
    if (!copy)
        return HAUL_ERR_NOMEM;
    list->item[list->count++] = copy;
    return HAUL_OK;
}

enum haul_err haul_config_add_source(struct haul_config *config, enum haul_source_kind kind,
                                     const char *text)
{
    struct haul_source *source =
        haul_config_grow(config, config->source, config->source_count, sizeof *source);
    const char *copy = source ? haul_config_keep(config, text) : NULL;

    if (source)
        config->source = source;
    if (!copy)
        return HAUL_ERR_NOMEM;
    config->source[config->source_count++] = (struct haul_source){.kind = kind, .text = copy};
    return HAUL_OK;
}

enum haul_err haul_config_add_host_rule(struct haul_config *config,
                                        const struct haul_host_rule *rule)
{
    struct haul_host_rule *rules =
        haul_config_grow(config, config->host_rule, config->host_rule_count, sizeof *rules);

    if (!rules)
        return HAUL_ERR_NOMEM;
    config->host_rule = rules;
    config->host_rule[config->host_rule_count++] = *rule;
    return HAUL_OK;
}

void haul_config_adopt(struct haul_config *config, struct haul_config *other)
{
    struct haul_config_block **end = &other->memory;

    while (*end)
        end = &(*end)->next;
    *end = config->memory;
    config->memory = other->memory;
    haul_config_init(other);
}
