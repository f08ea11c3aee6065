#ifndef TEST_FUZZ_LARGEST_H
#define TEST_FUZZ_LARGEST_H

#include <stddef.h>

/*
 * The largest block that was allocated since the last fuzz_largest_reset, in bytes, so that a
 * target can say how much a reader takes at once for what it was only told. Always 0 without a
 * sanitizer, which alone tells of allocations. One thread.
 */

/* Of the sanitizers' runtime (sanitizer/allocator_interface.h); absent without one. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *))
    __attribute__((weak));

static size_t fuzz_largest;

static void fuzz_on_malloc(const volatile void *block, size_t size)
{
    (void)block;
    if (size > fuzz_largest)
        fuzz_largest = size;
}

static void fuzz_on_free(const volatile void *block)
{
    (void)block;
}

static inline void fuzz_largest_reset(void)
{
    static int is_installed;

    if (!is_installed && __sanitizer_install_malloc_and_free_hooks)
        (void)__sanitizer_install_malloc_and_free_hooks(fuzz_on_malloc, fuzz_on_free);
    is_installed = 1;
    fuzz_largest = 0;
}

#endif
