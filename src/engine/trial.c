/* MAP_ANONYMOUS, MAP_STACK */
#define _DEFAULT_SOURCE /* NOLINT: the name that the C library gives */
#include "engine/trial.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

/*
 * A thousand threads are made and ended within a tenth of a second if their stacks come and go by
 * the dozen; one by one, each stack that goes interrupts the other processors.
 */
enum {
    CHUNK_THREADS = 32,
    POOL_STACK_BYTES = 8 << 20,
    POOL_STACK_SINCE = 1 << 16 | 45 << 8, /* libuv 1.45; before, it takes the soft limit */
    UNLIMITED_STACK_BYTES = 2 << 20
};

struct trial {
    pthread_rwlock_t gate; /* they all leave at once */
    pthread_t *thread;
    void **chunk;
    size_t stack_bytes, chunk_bytes;
    int count, made, chunks;
};

static void *pass_gate(void *arg)
{
    struct trial *trial = arg;

    pthread_rwlock_rdlock(&trial->gate);
    pthread_rwlock_unlock(&trial->gate);
    return NULL;
}

/* Too little for any thread is as no limit. */
static bool is_limit(rlim_t bytes)
{
    return bytes != RLIM_INFINITY && bytes >= (rlim_t)sysconf(_SC_THREAD_STACK_MIN);
}

/* As the pool's, with the guard page. */
static size_t stack_bytes(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = UNLIMITED_STACK_BYTES;
    struct rlimit limit;

    if (uv_version() >= POOL_STACK_SINCE)
        bytes = POOL_STACK_BYTES;
    else if (!getrlimit(RLIMIT_STACK, &limit) && is_limit(limit.rlim_cur))
        bytes = (size_t)limit.rlim_cur;
    return (bytes + page - 1) / page * page + page;
}

static bool add_chunk(struct trial *trial)
{
    void *chunk = mmap(NULL, trial->chunk_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

    if (chunk == MAP_FAILED)
        return false;
    trial->chunk[trial->chunks++] = chunk;
    return true;
}

static bool start_one(struct trial *trial)
{
    size_t place = (size_t)(trial->made % CHUNK_THREADS);
    pthread_attr_t attr;
    bool is_made;
    char *stack;

    if (!place && !add_chunk(trial))
        return false;
    if (pthread_attr_init(&attr))
        return false;
    stack = (char *)trial->chunk[trial->chunks - 1] + place * trial->stack_bytes;
    is_made = !pthread_attr_setstack(&attr, stack, trial->stack_bytes) &&
              !pthread_create(&trial->thread[trial->made], &attr, pass_gate, trial);
    pthread_attr_destroy(&attr);
    trial->made += is_made;
    return is_made;
}

static void start_all(struct trial *trial)
{
    if (pthread_rwlock_init(&trial->gate, NULL))
        return;
    pthread_rwlock_wrlock(&trial->gate);
    while (trial->made < trial->count && start_one(trial))
        ;
    pthread_rwlock_unlock(&trial->gate);
    for (int i = 0; i < trial->made; i++)
        pthread_join(trial->thread[i], NULL);
    for (int i = 0; i < trial->chunks; i++)
        munmap(trial->chunk[i], trial->chunk_bytes);
    pthread_rwlock_destroy(&trial->gate);
}

bool haul_trial_passes(int count)
{
    int threads = count < CHUNK_THREADS ? count : CHUNK_THREADS;
    size_t chunks = (size_t)(count + CHUNK_THREADS - 1) / CHUNK_THREADS;
    struct trial trial = {.count = count, .stack_bytes = stack_bytes()};

    trial.chunk_bytes = (size_t)threads * trial.stack_bytes;
    trial.thread = calloc((size_t)count, sizeof *trial.thread);
    trial.chunk = calloc(chunks, sizeof *trial.chunk);
    if (trial.thread && trial.chunk)
        start_all(&trial);
    free(trial.thread);
    free(trial.chunk);
    return trial.made == count;
}
