#ifndef HAUL_FUZZ_VERB_WORLD_H
#define HAUL_FUZZ_VERB_WORLD_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haul/config.h"

/*
 * For targets that give a file to verbs: a directory of the process's own, in memory where there is
 * such a place, and what the verbs print, kept in files instead of shown.
 */
enum { SAID_MAX = 1 << 20 };

static inline void require(bool holds)
{
    if (!holds)
        abort();
}

static char world[64];

/* A path in it, valid until the eighth call from now. */
static inline const char *world_path(const char *name)
{
    static char path[8][128];
    static unsigned next;
    char *to = path[next++ % 8];

    if (!*world) {
        snprintf(world, sizeof world, "%s/haul-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
        require(mkdtemp(world) != NULL);
    }
    snprintf(to, sizeof path[0], "%s/%s", world, name);
    return to;
}

static inline void world_write(const char *name, const void *bytes, size_t size)
{
    int fd = open(world_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    require(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

/* Removes these, which must be all that is there, and the directory. */
static inline void world_clear(const char *const *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        unlink(world_path(name[i]));
    require(rmdir(world) == 0);
    *world = '\0';
}

/* What a verb has printed on the two streams. */
struct said {
    char *text[2];
    int status;
};

static inline char *read_back(int fd)
{
    char *text = malloc(SAID_MAX + 1);
    ssize_t len;

    require(text != NULL);
    len = pread(fd, text, SAID_MAX, 0);
    require(len >= 0);
    text[len] = '\0';
    /* Text that a terminal obeys, and bytes that end it, are none of what a verb prints. */
    for (ssize_t i = 0; i < len; i++)
        require((unsigned char)text[i] >= ' ' ? text[i] != 0x7f
                                              : strchr("\n\t\r", text[i]) && text[i]);
    return text;
}

/* Runs a verb on up to two names, with its streams in files. */
static inline struct said say(int (*verb)(const struct haul_config *),
                              const struct haul_config *style, const char *name, const char *second)
{
    const struct haul_source source[2] = {{HAUL_SOURCE_URL, name}, {HAUL_SOURCE_URL, second}};
    struct haul_config config = *style;
    int saved[2], file[2];
    struct said said;

    fflush(NULL);
    config.source = (struct haul_source *)(uintptr_t)source;
    config.source_count = second ? 2 : 1;
    for (int i = 0; i < 2; i++) {
        file[i] = open(world_path(i ? "err" : "out"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        saved[i] = fcntl(STDOUT_FILENO + i, F_DUPFD_CLOEXEC, 10);
        require(file[i] >= 0 && saved[i] >= 0 && dup2(file[i], STDOUT_FILENO + i) >= 0);
    }
    said.status = verb(&config);
    for (int i = 0; i < 2; i++) {
        require(dup2(saved[i], STDOUT_FILENO + i) >= 0);
        close(saved[i]);
        said.text[i] = read_back(file[i]);
        close(file[i]);
    }
    return said;
}

static inline void said_done(struct said *said)
{
    free(said->text[0]);
    free(said->text[1]);
}

#endif
