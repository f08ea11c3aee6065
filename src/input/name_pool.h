#ifndef HAUL_INPUT_NAME_POOL_H
#define HAUL_INPUT_NAME_POOL_H

#include <stddef.h>

/* Names that live until all of them are freed. One thread at a time. */
struct haul_name_pool {
    struct haul_pooled_name *last;
    size_t bytes, bytes_max; /* of all names */
};

/* Makes a pool without names, which takes up to `bytes_max` bytes. Allocates nothing. */
void haul_name_pool_init(struct haul_name_pool *pool, size_t bytes_max);
void haul_name_pool_done(struct haul_name_pool *pool);

/* Copies the `len` bytes of a name. Gives the copy, terminated, which is the pool's; NULL: no
 * memory, or more than `bytes_max`. */
const char *haul_name_pool_add(struct haul_name_pool *pool, const char *name, size_t len);

#endif
