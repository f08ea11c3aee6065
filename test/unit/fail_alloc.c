#include "fail_alloc.h"

#include <stdatomic.h>
#include <stddef.h>

/* The linker's names for "the one that is wrapped" and "the wrapper". */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static _Atomic long countdown; /* 0 or less: none fails */

static bool is_its_turn(void)
{
    return atomic_load(&countdown) > 0 && atomic_fetch_sub(&countdown, 1) == 1;
}

void fail_alloc_arm(long nth)
{
    atomic_store(&countdown, nth);
}

bool fail_alloc_disarm(void)
{
    return atomic_exchange(&countdown, 0) <= 0;
}

void *__wrap_malloc(size_t size)
{
    return is_its_turn() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_its_turn() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_its_turn() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return is_its_turn() ? NULL : __real_strdup(text);
}
