#include "input/name_pool.h"

#include <stdlib.h>
#include <string.h>

struct haul_pooled_name {
    struct haul_pooled_name *before;
    char text[];
};

void haul_name_pool_init(struct haul_name_pool *pool, size_t bytes_max)
{
    *pool = (struct haul_name_pool){.bytes_max = bytes_max};
}

void haul_name_pool_done(struct haul_name_pool *pool)
{
    struct haul_pooled_name *name;

    while ((name = pool->last)) {
        pool->last = name->before;
        free(name);
    }
}

const char *haul_name_pool_add(struct haul_name_pool *pool, const char *text, size_t len)
{
    struct haul_pooled_name *name = NULL;

    if (len <= pool->bytes_max - pool->bytes)
        name = malloc(sizeof *name + len + 1);
    if (!name)
        return NULL;
    memcpy(name->text, text, len);
    name->text[len] = '\0';
    name->before = pool->last;
    pool->last = name;
    pool->bytes += len;
    return name->text;
}
