#include "sink/saved.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"

enum { READ_SIZE = 64 << 10 };

void haul_saved_done(struct haul_saved *saved)
{
    haul_digester_free(saved->digester);
    saved->digester = NULL;
}

/* The digest that a record has; one is enough. hash NONE: it has none. */
static struct haul_checksum checksum_of(const struct haul_record *rec)
{
    const char *const hex[] = {rec->sha256, rec->sha512, rec->sha1, rec->md5};
    struct haul_checksum checksum = {.hash = HAUL_HASH_NONE};

    for (size_t i = 0; i < sizeof hex / sizeof *hex && checksum.hash == HAUL_HASH_NONE; i++)
        if (hex[i] && haul_digest_of_length(strlen(hex[i])) != HAUL_HASH_NONE)
            haul_checksum_set(&checksum, hex[i]);
    return checksum;
}

static bool read_all(struct haul_saved *saved, int fd)
{
    char bytes[READ_SIZE];
    ssize_t got;

    do {
        HAUL_AGAIN(got, read(fd, bytes, sizeof bytes));
        if (got > 0)
            haul_digester_add(saved->digester, bytes, (size_t)got);
    } while (got > 0 && haul_stop_level(saved->stop) == HAUL_STOP_NONE);
    return got == 0;
}

static bool has_digest(struct haul_saved *saved, int fd, const struct haul_checksum *checksum)
{
    if (!saved->digester && haul_digester_create(&saved->digester))
        return false;
    return !haul_digester_begin(saved->digester, 1u << checksum->hash) && read_all(saved, fd) &&
           !haul_digester_end(saved->digester) &&
           strcmp(haul_digester_hex(saved->digester, checksum->hash), checksum->hex) == 0;
}

/* The regular file of a name; -1: there is none. */
static int open_file(const struct haul_tree *tree, const char *name)
{
    const char *last;
    int dir_fd = haul_tree_enter(tree, name, false, &last), fd = -1;

    if (dir_fd < 0)
        return -1;
    HAUL_AGAIN(fd, openat(dir_fd, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    close(dir_fd);
    return fd;
}

bool haul_saved_holds(struct haul_saved *saved, const struct haul_record *rec)
{
    const char *name = rec->filename_effective;
    struct haul_checksum checksum;
    bool holds;
    int fd;

    if (!name || haul_tree_size(saved->tree, name) != rec->size_body)
        return false;
    checksum = checksum_of(rec);
    if (checksum.hash == HAUL_HASH_NONE)
        return true;
    fd = open_file(saved->tree, name);
    if (fd < 0)
        return false;
    holds = has_digest(saved, fd, &checksum);
    close(fd);
    return holds;
}
