#include "blocked.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <uv.h>

void __real_uv_cond_wait(uv_cond_t *cond, uv_mutex_t *mutex);
int __real_uv_cond_timedwait(uv_cond_t *cond, uv_mutex_t *mutex, uint64_t timeout_ns);
void __wrap_uv_cond_wait(uv_cond_t *cond, uv_mutex_t *mutex);
int __wrap_uv_cond_timedwait(uv_cond_t *cond, uv_mutex_t *mutex, uint64_t timeout_ns);

static _Atomic int begun;

int blocked_count(void)
{
    return atomic_load(&begun);
}

void blocked_await(int count)
{
    while (blocked_count() < count)
        sched_yield();
}

void __wrap_uv_cond_wait(uv_cond_t *cond, uv_mutex_t *mutex)
{
    atomic_fetch_add(&begun, 1);
    __real_uv_cond_wait(cond, mutex);
}

int __wrap_uv_cond_timedwait(uv_cond_t *cond, uv_mutex_t *mutex, uint64_t timeout_ns)
{
    atomic_fetch_add(&begun, 1);
    return __real_uv_cond_timedwait(cond, mutex, timeout_ns);
}
