#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Memory that is not there when a test says so: preloaded (LD_PRELOAD), it counts allocations, of
 * the program and of every library, and fails some. Variables of the environment:
 *
 *   MEM_FAULT=once:N   the Nth fails, and no other
 *   MEM_FAULT=all:N    the Nth fails, and so do all after it
 *   MEM_COUNT=FILE     at the end, how many there were is written there
 *
 * The loader's own, and those before it calls `begin`, do not count. glibc does the work.
 */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static enum { NEVER, ONCE, ALL } mode;
static long nth;
static atomic_bool is_counting;
static atomic_long allocations;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("MEM_FAULT");
    const char *colon = text ? strchr(text, ':') : NULL;

    if (colon) {
        nth = strtol(colon + 1, NULL, 10);
        mode = strncmp(text, "all:", 4) == 0 ? ALL : ONCE;
    }
    atomic_store(&is_counting, true);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("MEM_COUNT");
    FILE *file;

    atomic_store(&is_counting, false);
    file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "%ld\n", atomic_load(&allocations));
    fclose(file);
}

static bool fails(void)
{
    long number;

    if (!atomic_load(&is_counting))
        return false;
    number = atomic_fetch_add(&allocations, 1) + 1;
    if (mode == NEVER || number < nth || (mode == ONCE && number > nth))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

/* To nothing, it frees, which cannot fail. */
void *realloc(void *old, size_t size)
{
    return size && fails() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *found = fails() ? NULL : __libc_memalign(alignment, size);

    if (!found)
        return ENOMEM;
    *out = found;
    return 0;
}
