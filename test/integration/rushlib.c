/* RTLD_NEXT; and both names of fcntl */
#undef _FILE_OFFSET_BITS
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Somebody who is quick: preloaded (LD_PRELOAD), a file of his gets another name when SQLite first
 * locks a database. All that haul asks of names beforehand is asked then, and nothing is read yet:
 * the journal of a run that died would be looked for next. Variables of the environment:
 *
 *   RUSH_FROM=FILE  the file, which is whoever's it is
 *   RUSH_TO=FILE    its name from then on
 */

int fcntl(int fd, int command, ...);
int fcntl64(int fd, int command, ...);

enum { PENDING_BYTE = 0x40000000 }; /* sqlite.org/fileformat2.html, 1.2, the lock-byte page */

static void rush(int command, const void *arg)
{
    const char *from = getenv("RUSH_FROM"), *to = getenv("RUSH_TO");

    if (command != F_SETLK || ((const struct flock64 *)arg)->l_start != PENDING_BYTE)
        return;
    if (!from || !to || rename(from, to))
        return; /* it was done */
    dprintf(2, "rushed\n");
}

static int pass(int fd, int command, void *arg)
{
    int (*real)(int, int, ...);
    void *found = dlsym(RTLD_NEXT, "fcntl64");

    memcpy(&real, &found, sizeof real);
    rush(command, arg);
    return real(fd, command, arg);
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    void *arg;

    va_start(args, command);
    arg = va_arg(args, void *);
    va_end(args);
    return pass(fd, command, arg);
}

int fcntl64(int fd, int command, ...)
{
    va_list args;
    void *arg;

    va_start(args, command);
    arg = va_arg(args, void *);
    va_end(args);
    return pass(fd, command, arg);
}
