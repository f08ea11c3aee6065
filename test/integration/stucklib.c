/* RTLD_NEXT */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * A thread that is lost in a library: preloaded (LD_PRELOAD), one call of a parser never returns.
 * Variables of the environment:
 *
 *   STUCK=inflate      zlib: a worker that decodes a body
 *   STUCK=XML_Parse    expat: the dispatcher that reads a sitemap
 *   STUCK_FILE=FILE    is created at the start, and written to when the thread is lost
 *
 * It sleeps instead of spinning: nobody who waits for it can tell, and others need the processor.
 */

/* Nothing here needs the libraries' headers: pointers and numbers are passed on. */
int inflate(void *stream, int flush);
int XML_Parse(void *parser, const char *text, int len, int is_final);

static atomic_bool is_lost; /* one thread is enough */
static int lost_fd = -1;    /* opened first, for haul gives up such rights */

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("STUCK_FILE");

    lost_fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
}

static bool is_wanted(const char *function)
{
    const char *wanted = getenv("STUCK");

    return wanted && strcmp(wanted, function) == 0 && !atomic_exchange(&is_lost, true);
}

static void be_lost(void)
{
    const struct timespec moment = {.tv_nsec = 100 * 1000 * 1000};

    if (lost_fd >= 0 && write(lost_fd, "lost\n", 5) < 0)
        _exit(99);
    for (;;)
        (void)nanosleep(&moment, NULL);
}

/* dlsym gives data pointers; POSIX says that these may be called. */
int inflate(void *stream, int flush)
{
    int (*real)(void *, int);
    void *found = dlsym(RTLD_NEXT, "inflate");

    if (is_wanted("inflate"))
        be_lost();
    memcpy(&real, &found, sizeof real);
    return real(stream, flush);
}

int XML_Parse(void *parser, const char *text, int len, int is_final)
{
    int (*real)(void *, const char *, int, int);
    void *found = dlsym(RTLD_NEXT, "XML_Parse");

    if (is_wanted("XML_Parse"))
        be_lost();
    memcpy(&real, &found, sizeof real);
    return real(parser, text, len, is_final);
}
