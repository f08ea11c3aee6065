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

/* Where its bytes are. */
struct extent {
    int fd;
    int64_t at, size;
};

static bool read_all(struct haul_saved *saved, const struct extent *extent)
{
    const int64_t end = extent->at + extent->size;
    char bytes[READ_SIZE];
    int64_t at = extent->at;
    ssize_t got = 0;

    while (at < end && haul_stop_level(saved->stop) == HAUL_STOP_NONE) {
        size_t some = end - at < READ_SIZE ? (size_t)(end - at) : READ_SIZE;

        HAUL_AGAIN(got, pread(extent->fd, bytes, some, (off_t)at));
        if (got <= 0)
            return false;
        haul_digester_add(saved->digester, bytes, (size_t)got);
        at += got;
    }
    return at == end;
}

static bool has_digest(struct haul_saved *saved, const struct extent *extent,
                       const struct haul_checksum *checksum)
{
    if (!saved->digester && haul_digester_create(&saved->digester))
        return false;
    return !haul_digester_begin(saved->digester, 1u << checksum->hash) && read_all(saved, extent) &&
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

static bool member_holds(struct haul_saved *saved, const struct haul_record *rec,
                         const struct haul_checksum *checksum)
{
    struct extent extent = {.fd = saved->archive_fd, .size = rec->size_body};

    return haul_members_find(saved->members, rec->filename_effective, rec->size_body, &extent.at) &&
           (checksum->hash == HAUL_HASH_NONE || has_digest(saved, &extent, checksum));
}

static bool file_holds(struct haul_saved *saved, const struct haul_record *rec,
                       const struct haul_checksum *checksum)
{
    struct extent extent = {.size = rec->size_body};
    bool holds;

    if (haul_tree_size(saved->tree, rec->filename_effective) != rec->size_body)
        return false;
    if (checksum->hash == HAUL_HASH_NONE)
        return true;
    extent.fd = open_file(saved->tree, rec->filename_effective);
    if (extent.fd < 0)
        return false;
    holds = has_digest(saved, &extent, checksum);
    close(extent.fd);
    return holds;
}

bool haul_saved_holds(struct haul_saved *saved, const struct haul_record *rec)
{
    const struct haul_checksum checksum = checksum_of(rec);

    if (!rec->filename_effective)
        return false;
    return saved->members ? member_holds(saved, rec, &checksum) : file_holds(saved, rec, &checksum);
}
