#include "sink/partial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/temporary.h"
#include "model/key.h"

/* ---- temporaries ---- */

enum { BASE_MAX = sizeof ".haul-" + 32 };

/* What all temporaries of a name begin with. */
static void make_base(char base[BASE_MAX], const char *name)
{
    const struct haul_key key = haul_key_make(HAUL_KEY_FILE, name, strlen(name));

    snprintf(base, BASE_MAX, ".haul-%016llx%016llx", (unsigned long long)key.high,
             (unsigned long long)key.low);
}

static void make_old_base(char base[BASE_MAX], const char *name)
{
    snprintf(base, BASE_MAX, ".haul-%016llx", (unsigned long long)haul_hash(name, strlen(name)));
}

static void make_name(char temporary[HAUL_PARTIAL_NAME_MAX], const char base[BASE_MAX], int slot)
{
    snprintf(temporary, HAUL_PARTIAL_NAME_MAX, "%s-%d.part", base, slot);
}

static void make_info_name(char to[HAUL_PARTIAL_NAME_MAX], const char *temporary)
{
    snprintf(to, HAUL_PARTIAL_NAME_MAX, "%.*s.info", (int)(strlen(temporary) - strlen(".part")),
             temporary);
}

void haul_partial_remove_info(int dir_fd, const char *temporary)
{
    char info[HAUL_PARTIAL_NAME_MAX];
    int failed;

    make_info_name(info, temporary);
    HAUL_AGAIN(failed, unlinkat(dir_fd, info, 0));
    (void)failed; /* there is none, mostly; and it would not fit the next temporary */
}

static bool remove_stale(int dir_fd, const char *temporary)
{
    bool is_locked;
    int fd = haul_temporary_open_stale(dir_fd, temporary, &is_locked);
    int failed;

    if (fd < 0)
        return false;
    haul_partial_remove_info(dir_fd, temporary);
    HAUL_AGAIN(failed, unlinkat(dir_fd, temporary, 0));
    close(fd);
    return !failed;
}

static void sweep_base(int dir_fd, const char base[BASE_MAX], int slot)
{
    char temporary[HAUL_PARTIAL_NAME_MAX];

    do {
        make_name(temporary, base, slot);
    } while (slot++ < HAUL_PARTIAL_SLOTS && remove_stale(dir_fd, temporary));
}

void haul_partial_sweep_from(int dir_fd, const char *name, int slot)
{
    char base[BASE_MAX];

    make_base(base, name);
    sweep_base(dir_fd, base, slot);
}

static void sweep_old(int dir_fd, const char *name)
{
    char base[BASE_MAX];

    make_old_base(base, name);
    sweep_base(dir_fd, base, 0);
}

void haul_partial_sweep(const struct haul_tree *tree, const char *name)
{
    const char *last;
    int fd = haul_tree_enter(tree, name, false, &last);

    if (fd < 0)
        return;
    haul_partial_sweep_from(fd, name, 0);
    sweep_old(fd, name);
    close(fd);
}

void haul_partial_sweep_old(const struct haul_tree *tree, const char *name)
{
    const char *last;
    int fd = haul_tree_enter(tree, name, false, &last);

    if (fd < 0)
        return;
    sweep_old(fd, name);
    close(fd);
}

/*
 * Creates and locks one temporary. -1 with errno; EEXIST: it is somebody's. *was_stale is set if
 * one was left there.
 */
static int create_slot(int dir_fd, const char *temporary, bool *was_stale, bool *is_locked,
                       dev_t *device)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    struct stat info;
    int fd;

    HAUL_AGAIN(fd, openat(dir_fd, temporary, flags, 0666));
    if (fd < 0 && errno == EEXIST) {
        *was_stale = remove_stale(dir_fd, temporary);
        if (*was_stale)
            HAUL_AGAIN(fd, openat(dir_fd, temporary, flags, 0666));
        else
            errno = EEXIST;
    }
    if (fd < 0)
        return fd;
    if (haul_temporary_claim(fd, is_locked, &info)) {
        *device = info.st_dev;
        return fd;
    }
    close(fd);
    errno = EEXIST;
    return -1;
}

/* ---- names that nobody can have taken ---- */

static bool is_random(const char *entry, const void *beginning)
{
    size_t len = strlen(beginning);

    return strncmp(entry, beginning, len) == 0 && strlen(entry) == len + 16 + strlen(".part") &&
           strcmp(entry + len + 16, ".part") == 0;
}

static int create_random(int dir_fd, const char base[BASE_MAX],
                         char temporary[HAUL_PARTIAL_NAME_MAX], bool *is_locked, dev_t *device)
{
    char beginning[BASE_MAX + 2];
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    bool was_stale;

    snprintf(beginning, sizeof beginning, "%s-r", base);
    if (dir)
        haul_temporary_sweep(dir, is_random, beginning);
    else if (fd >= 0)
        close(fd);
    snprintf(temporary, HAUL_PARTIAL_NAME_MAX, "%s%016llx.part", beginning,
             (unsigned long long)haul_temporary_number());
    return create_slot(dir_fd, temporary, &was_stale, is_locked, device);
}

int haul_partial_create(int dir_fd, const char *name, char temporary[HAUL_PARTIAL_NAME_MAX],
                        int *slot, bool *is_locked, dev_t *device)
{
    char base[BASE_MAX];

    sweep_old(dir_fd, name);
    make_base(base, name);
    for (*slot = 0; *slot < HAUL_PARTIAL_SLOTS; ++*slot) {
        bool was_stale = false;
        int fd;

        make_name(temporary, base, *slot);
        fd = create_slot(dir_fd, temporary, &was_stale, is_locked, device);
        if (fd >= 0 && (was_stale || *slot))
            sweep_base(dir_fd, base, *slot + 1);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    *slot = HAUL_PARTIAL_SLOTS;
    return create_random(dir_fd, base, temporary, is_locked, device);
}

/* ---- what is known of them ---- */

/* Opens what stands beside a temporary, if haul could have written it. -1: it is not there. */
static int open_info(int dir_fd, const char *temporary, int access)
{
    char name[HAUL_PARTIAL_NAME_MAX];
    struct stat info;
    int fd;

    make_info_name(name, temporary);
    fd = openat(dir_fd, name, access | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &info) == 0 && haul_temporary_is_ours(&info)))
        return fd;
    close(fd);
    return -1;
}

static bool read_info(int dir_fd, const char *temporary, struct haul_part *part)
{
    int fd = open_info(dir_fd, temporary, O_RDONLY);
    char text[HAUL_PART_TEXT_MAX];
    ssize_t len;

    if (fd < 0)
        return false;
    len = pread(fd, text, sizeof text, 0);
    close(fd);
    return len > 0 && haul_part_parse(text, (size_t)len, part);
}

bool haul_partial_bind(const struct haul_tree *tree, int dir_fd, const char *temporary, int fd,
                       struct haul_part *part)
{
    struct stat info;

    haul_partial_remove_info(dir_fd, temporary); /* it would be another one's */
    if (fstat(fd, &info))
        return false;
    part->device = (uint64_t)info.st_dev;
    part->inode = (uint64_t)info.st_ino;
    part->synced = 0;
    memcpy(part->boot, tree->boot, sizeof part->boot);
    return true;
}

void haul_partial_write_info(int dir_fd, const char *temporary, const struct haul_part *part)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    char name[HAUL_PARTIAL_NAME_MAX];
    struct haul_buf text;
    int fd;

    haul_buf_init(&text, 0);
    haul_part_render(part, &text);
    make_info_name(name, temporary);
    HAUL_AGAIN(fd, openat(dir_fd, name, flags, 0600));
    if (fd >= 0) {
        if (text.err || haul_io_write_all(fd, text.data, text.len, NULL))
            haul_partial_remove_info(dir_fd, temporary);
        close(fd);
    }
    haul_buf_done(&text);
}

/*
 * In its place, for a disk that is full may have no room for another one. What was there stays true
 * if nothing can be written; and of what is written by half nothing counts.
 */
bool haul_partial_rewrite_info(int dir_fd, const char *temporary, const struct haul_part *part)
{
    int fd = open_info(dir_fd, temporary, O_WRONLY), failed = -1;
    struct haul_buf text;
    ssize_t written;

    if (fd < 0)
        return false;
    haul_buf_init(&text, 0);
    haul_part_render(part, &text);
    if (!text.err) {
        HAUL_AGAIN(written, pwrite(fd, text.data, text.len, 0));
        if (written == (ssize_t)text.len && ftruncate(fd, (off_t)text.len) == 0)
            HAUL_AGAIN(failed, fsync(fd));
    }
    haul_buf_done(&text);
    close(fd);
    return !failed;
}

/* How many bytes of a temporary count, and of what. */
static int64_t count_left(const struct haul_tree *tree, int dir_fd, const char *temporary, int fd,
                          struct haul_part *part)
{
    struct stat info;
    int64_t left;

    if (fstat(fd, &info) || !read_info(dir_fd, temporary, part) ||
        part->device != (uint64_t)info.st_dev || part->inode != (uint64_t)info.st_ino)
        return 0;
    left = info.st_size;
    /* After a crash of the machine, a file may be longer than what was written to it. */
    if (!tree->boot[0] || strcmp(tree->boot, part->boot) != 0)
        left = left < part->synced ? 0 : part->synced;
    if (part->total < 0 || left < part->total)
        return left;
    return left == part->total ? left - 1 : 0;
}

int haul_partial_find(const struct haul_tree *tree, int dir_fd, const char *name,
                      const struct haul_key *url, char temporary[HAUL_PARTIAL_NAME_MAX],
                      struct haul_part *part, int64_t *left)
{
    char base[BASE_MAX];

    make_base(base, name);
    for (int slot = 0; slot < HAUL_PARTIAL_SLOTS; slot++) {
        bool is_locked;
        int fd;

        make_name(temporary, base, slot);
        fd = haul_temporary_open_stale(dir_fd, temporary, &is_locked);
        if (fd < 0 && errno == ENOENT)
            break;
        if (fd < 0)
            continue;
        *left = count_left(tree, dir_fd, temporary, fd, part);
        if (is_locked && *left > 0 && haul_key_is_same(&part->url, url))
            return fd;
        close(fd);
    }
    return -1;
}

int64_t haul_partial_look(const struct haul_tree *tree, const char *name,
                          const struct haul_key *url, struct haul_part *part)
{
    char temporary[HAUL_PARTIAL_NAME_MAX];
    const char *last;
    int64_t left = 0;
    int dir_fd = haul_tree_enter(tree, name, false, &last), fd = -1;

    if (dir_fd >= 0) {
        fd = haul_partial_find(tree, dir_fd, name, url, temporary, part, &left);
        close(dir_fd);
    }
    if (fd < 0)
        return 0;
    close(fd);
    return left;
}
