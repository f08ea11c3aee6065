#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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
 * What the loader did before it calls `begin` does not count. Nor does what libuv and the loader
 * ask for later: libuv aborts where there is no memory for a descriptor to watch (maybe_resize) or
 * for a thread of its pool (init_threads), whose stack and variables the loader allocates. glibc
 * does the work.
 */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static enum { NEVER, ONCE, ALL } mode;
static long nth;
static atomic_bool is_counting;
static atomic_long allocations;

/* ---- who asks ---- */

/* Where the code of libuv and of the loader is, the whole of each library. */
static struct range {
    uintptr_t from, to;
} exempt[4];
static size_t exempt_count;

static int note_library(struct dl_phdr_info *library, size_t size, void *arg)
{
    struct range range = {UINTPTR_MAX, 0};

    (void)size;
    (void)arg;
    if (!strstr(library->dlpi_name, "/libuv.so") && !strstr(library->dlpi_name, "/ld-linux"))
        return 0;
    for (size_t i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        uintptr_t from = library->dlpi_addr + part->p_vaddr;

        if (part->p_type != PT_LOAD)
            continue;
        range.from = from < range.from ? from : range.from;
        range.to = from + part->p_memsz > range.to ? from + part->p_memsz : range.to;
    }
    if (exempt_count < sizeof exempt / sizeof *exempt)
        exempt[exempt_count++] = range;
    return 0;
}

static bool is_exempt(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;

    for (size_t i = 0; i < exempt_count; i++)
        if (at >= exempt[i].from && at < exempt[i].to)
            return true;
    return false;
}

static FILE *count_file; /* or NULL */

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("MEM_FAULT");
    const char *colon = text ? strchr(text, ':') : NULL, *count = getenv("MEM_COUNT");

    count_file = count ? fopen(count, "we") : NULL; /* first, for haul gives up such rights */
    if (colon) {
        nth = strtol(colon + 1, NULL, 10);
        mode = strncmp(text, "all:", 4) == 0 ? ALL : ONCE;
    }
    dl_iterate_phdr(note_library, NULL);
    atomic_store(&is_counting, true);
}

__attribute__((destructor)) static void end(void)
{
    atomic_store(&is_counting, false);
    if (!count_file)
        return;
    fprintf(count_file, "%ld\n", atomic_load(&allocations));
    fclose(count_file);
}

/* ---- the failures ---- */

static bool fails(const void *caller)
{
    long number;

    if (!atomic_load(&is_counting) || is_exempt(caller))
        return false;
    number = atomic_fetch_add(&allocations, 1) + 1;
    if (mode == NEVER || number < nth || (mode == ONCE && number > nth))
        return false;
    errno = ENOMEM;
    return true;
}

#define FAILS() fails(__builtin_return_address(0))

void *malloc(size_t size)
{
    return FAILS() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return FAILS() ? NULL : __libc_calloc(count, size);
}

/* To nothing, it frees, which cannot fail. */
void *realloc(void *old, size_t size)
{
    return size && FAILS() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return FAILS() ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size)
{
    return FAILS() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *found = FAILS() ? NULL : __libc_memalign(alignment, size);

    if (!found)
        return ENOMEM;
    *out = found;
    return 0;
}
