#include "transfer/memory.h"

#include <curl/curl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__

enum {
    SMALL_MAX = 1032, /* the largest block that glibc keeps for a thread */
    BUFFER_BYTES = HAUL_MEMORY_RECEIVE_BUFFER + 1,
    BUFFER_BYTES_MIN = HAUL_MEMORY_RECEIVE_BUFFER, /* what libcurl sends from: over TLS, too */
    BUFFER_BYTES_MAX = BUFFER_BYTES + 64, /* glibc may give a little more than was asked for */
    KEPT_MAX = 8
};

static _Thread_local struct {
    void *block[KEPT_MAX];
    int count;
} kept;

static void *taken(size_t size)
{
    if (size < BUFFER_BYTES_MIN || size > BUFFER_BYTES)
        return malloc(size);
    return kept.count ? kept.block[--kept.count] : malloc(BUFFER_BYTES);
}

static void given_back(void *block)
{
    size_t size;

    if (!block)
        return;
    size = malloc_usable_size(block);
    if (size >= BUFFER_BYTES && size <= BUFFER_BYTES_MAX && kept.count < KEPT_MAX)
        kept.block[kept.count++] = block;
    else
        free(block);
}

void haul_memory_release(void)
{
    while (kept.count)
        free(kept.block[--kept.count]);
}

static void *zeroed(size_t count, size_t size)
{
    size_t bytes;
    void *block;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SMALL_MAX)
        return calloc(count, size);
    block = malloc(bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

static void *resized(void *old, size_t size)
{
    size_t have = old ? malloc_usable_size(old) : 0;
    void *block;

    if (!have || !size || have > SMALL_MAX || size > SMALL_MAX)
        return realloc(old, size ? size : 1);
    if (size <= have)
        return old;
    block = malloc(size);
    if (!block)
        return NULL;
    memcpy(block, old, have);
    free(old);
    return block;
}

int haul_memory_init_curl(void)
{
    return (int)curl_global_init_mem(CURL_GLOBAL_DEFAULT, taken, given_back, resized, strdup,
                                     zeroed);
}

#else

void haul_memory_release(void)
{
}

int haul_memory_init_curl(void)
{
    return (int)curl_global_init(CURL_GLOBAL_DEFAULT);
}

#endif
