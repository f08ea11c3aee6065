/* renameat2, fallocate, flock: nothing in POSIX renames without replacing. */
#define _GNU_SOURCE
#include "sink/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/escape.h"
#include "base/hash.h"

enum {
    BUFFER_SIZE = 32 << 10,
    RESERVE_FROM = 1 << 20, /* smaller files are not worth it */
    RESERVE_STEP = 64 << 20,
    SLOTS_MAX = 100, /* temporaries of one name */
    COPIES_MAX = 10000
};

void haul_file_init(struct haul_file *file, const struct haul_tree *tree)
{
    *file = (struct haul_file){.tree = tree, .dir_fd = -1, .fd = -1};
    haul_buf_init(&file->name, 0);
}

void haul_file_done(struct haul_file *file)
{
    haul_file_discard(file);
    free(file->buffer);
    file->buffer = NULL;
    haul_buf_done(&file->name);
}

bool haul_file_is_open(const struct haul_file *file)
{
    return file->is_begun;
}

static enum haul_reason fail(struct haul_file *file, int error)
{
    if (!file->error)
        file->error = error ? error : EIO;
    return haul_tree_reason(file->error);
}

/* ---- temporaries ---- */

enum { TEMPORARY_SIZE = sizeof((struct haul_file *)NULL)->temporary };

static void make_temporary_name(char *to, size_t size, const char *name, int slot)
{
    snprintf(to, size, ".haul-%016llx-%d.part", (unsigned long long)haul_hash(name, strlen(name)),
             slot);
}

static void make_info_name(char to[TEMPORARY_SIZE], const char *temporary)
{
    snprintf(to, TEMPORARY_SIZE, "%.*s.info", (int)(strlen(temporary) - strlen(".part")),
             temporary);
}

static void remove_info(int dir_fd, const char *temporary)
{
    char info[TEMPORARY_SIZE];
    int failed;

    make_info_name(info, temporary);
    HAUL_AGAIN(failed, unlinkat(dir_fd, info, 0));
    (void)failed; /* there is none, mostly; and it would not fit the next temporary */
}

static bool is_at(int dir_fd, const char *name, int fd)
{
    struct stat there, here;

    return fstatat(dir_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &here) == 0 &&
           there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

/* False: another has locked it. *is_locked: now it is locked; some file systems know no locks. */
static bool lock(int fd, bool *is_locked)
{
    int failed;

    HAUL_AGAIN(failed, flock(fd, LOCK_EX | LOCK_NB));
    *is_locked = !failed;
    return !failed || errno != EWOULDBLOCK;
}

/* Whether a file is one that haul could have made here, and nobody else has it locked. */
static bool take(int dir_fd, const char *name, int fd, bool *is_locked)
{
    struct stat info;

    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           info.st_nlink == 1 && lock(fd, is_locked) && is_at(dir_fd, name, fd);
}

/* Opens a temporary that a run which is no more has left. -1: there is none of that name. */
static int open_stale(int dir_fd, const char *name, bool *is_locked)
{
    int fd = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && !take(dir_fd, name, fd, is_locked)) {
        close(fd);
        errno = EEXIST;
        fd = -1;
    }
    return fd;
}

static bool remove_stale(int dir_fd, const char *name)
{
    bool is_locked;
    int fd = open_stale(dir_fd, name, &is_locked);
    int failed;

    if (fd < 0)
        return false;
    remove_info(dir_fd, name);
    HAUL_AGAIN(failed, unlinkat(dir_fd, name, 0));
    close(fd);
    return !failed;
}

/* From one slot on, as long as there are any. */
static void sweep_from(int dir_fd, const char *name, int slot)
{
    char temporary[TEMPORARY_SIZE];

    do {
        make_temporary_name(temporary, sizeof temporary, name, slot);
    } while (slot++ < SLOTS_MAX && remove_stale(dir_fd, temporary));
}

void haul_file_sweep(const struct haul_tree *tree, const char *name)
{
    const char *last;
    int fd = haul_tree_enter(tree, name, false, &last);

    if (fd < 0)
        return;
    sweep_from(fd, name, 0);
    close(fd);
}

/*
 * Locks what was just created. Until then, a sweeper may have taken it for a stale one, and removed it:
 * false.
 */
static bool keep_new(struct haul_file *file)
{
    struct stat info;

    if (!lock(file->fd, &file->is_locked) || fstat(file->fd, &info) || !info.st_nlink)
        return false;
    file->tells_late = file->tree->tells_late || info.st_dev != file->tree->device;
    return true;
}

/*
 * Creates and locks the temporary. False with errno; EEXIST: it is somebody's. *was_stale is set if one
 * was left there.
 */
static bool create_temporary(struct haul_file *file, bool *was_stale)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int dir_fd = file->dir_fd;

    HAUL_AGAIN(file->fd, openat(dir_fd, file->temporary, flags, 0666));
    if (file->fd < 0 && errno == EEXIST) {
        *was_stale = remove_stale(dir_fd, file->temporary);
        if (*was_stale)
            HAUL_AGAIN(file->fd, openat(dir_fd, file->temporary, flags, 0666));
        else
            errno = EEXIST;
    }
    if (file->fd < 0)
        return false;
    if (keep_new(file))
        return true;
    close(file->fd);
    file->fd = -1;
    errno = EEXIST;
    return false;
}

static enum haul_reason open_new(struct haul_file *file)
{
    const char *name = haul_buf_str(&file->name);

    for (int slot = 0; slot < SLOTS_MAX; slot++) {
        bool was_stale = false;

        file->slot = slot;
        make_temporary_name(file->temporary, sizeof file->temporary, name, slot);
        if (create_temporary(file, &was_stale)) {
            if (was_stale || slot)
                sweep_from(file->dir_fd, name, slot + 1);
            return HAUL_REASON_NONE;
        }
        if (errno != EEXIST)
            break;
    }
    return fail(file, errno);
}

/* ---- what is left ---- */

/* Opens what stands beside a temporary, if haul could have written it. -1: it is not there. */
static int open_info(int dir_fd, const char *temporary, int access)
{
    char name[TEMPORARY_SIZE];
    struct stat info;
    int fd;

    make_info_name(name, temporary);
    fd = openat(dir_fd, name, access | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                   info.st_nlink == 1))
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

/* A failure costs no more than that the file is not gone on with. */
static void write_info(struct haul_file *file)
{
    char name[TEMPORARY_SIZE];
    struct haul_buf text;
    int fd;

    file->has_info = true;
    haul_buf_init(&text, 0);
    haul_part_render(file->part, &text);
    make_info_name(name, file->temporary);
    HAUL_AGAIN(
        fd, openat(file->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd >= 0) {
        if (text.err || write(fd, text.data, text.len) != (ssize_t)text.len)
            remove_info(file->dir_fd, file->temporary);
        close(fd);
    }
    haul_buf_done(&text);
}

/* Ties the part to the file that was just made for it. */
static void name_part(struct haul_file *file)
{
    struct haul_part *part = file->part;
    struct stat info;

    remove_info(file->dir_fd, file->temporary); /* it would be another one's */
    if (fstat(file->fd, &info)) {
        file->part = NULL;
        return;
    }
    part->device = (uint64_t)info.st_dev;
    part->inode = (uint64_t)info.st_ino;
    part->synced = 0;
    memcpy(part->boot, file->tree->boot, sizeof part->boot);
}

/* After a crash of the machine, a file may be longer than what was written to it. */
static int64_t count_safe(const struct haul_tree *tree, const struct haul_part *part, int64_t size)
{
    if (tree->boot[0] && strcmp(tree->boot, part->boot) == 0)
        return size;
    return size < part->synced ? 0 : part->synced;
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
    left = count_safe(tree, part, info.st_size);
    if (part->total < 0 || left < part->total)
        return left;
    return left == part->total ? left - 1 : 0;
}

/*
 * The first temporary of which something is left to be asked for from `url`. Returns its descriptor,
 * its name and *left, or -1. One that cannot be locked is not gone on with: another run may do that.
 */
static int find_left(const struct haul_tree *tree, int dir_fd, const char *name, uint64_t url,
                     char temporary[TEMPORARY_SIZE], struct haul_part *part, int64_t *left)
{
    for (int slot = 0; slot < SLOTS_MAX; slot++) {
        bool is_locked;
        int fd;

        make_temporary_name(temporary, TEMPORARY_SIZE, name, slot);
        fd = open_stale(dir_fd, temporary, &is_locked);
        if (fd < 0 && errno == ENOENT)
            break;
        if (fd < 0)
            continue;
        *left = count_left(tree, dir_fd, temporary, fd, part);
        if (is_locked && *left > 0 && part->url == url)
            return fd;
        close(fd);
    }
    return -1;
}

int64_t haul_file_look(const struct haul_tree *tree, const char *name, uint64_t url,
                       struct haul_part *part)
{
    char temporary[TEMPORARY_SIZE];
    const char *last;
    int64_t left = 0;
    int dir_fd = haul_tree_enter(tree, name, false, &last), fd = -1;

    if (dir_fd >= 0) {
        fd = find_left(tree, dir_fd, name, url, temporary, part, &left);
        close(dir_fd);
    }
    if (fd < 0)
        return 0;
    close(fd);
    return left;
}

/* Goes on with what haul_file_look has found, if it is still the same. */
static enum haul_reason open_left(struct haul_file *file, int64_t offset)
{
    struct haul_part found;
    int64_t left;

    if (!file->part)
        return HAUL_REASON_BAD_RANGE;
    file->fd = find_left(file->tree, file->dir_fd, haul_buf_str(&file->name), file->part->url,
                         file->temporary, &found, &left);
    if (file->fd < 0)
        return HAUL_REASON_BAD_RANGE;
    file->has_info = file->is_locked = file->tells_late = true;
    if (left < offset || !haul_part_is_same(&found, file->part) ||
        ftruncate(file->fd, (off_t)offset) || lseek(file->fd, 0, SEEK_END) != (off_t)offset)
        return HAUL_REASON_BAD_RANGE;
    *file->part = found;
    file->size = offset;
    return HAUL_REASON_NONE;
}

ptrdiff_t haul_file_read(const struct haul_file *file, int64_t at, void *bytes, size_t len)
{
    ssize_t got;

    do {
        got = pread(file->fd, bytes, len, (off_t)at);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* ---- beginning ---- */

/* Asks for space for what is to come. Whether there is enough, writing tells. */
static void reserve(struct haul_file *file)
{
    int64_t len = file->expected - file->reserved;

    if (file->reserved < 0 || len <= 0 || file->expected < RESERVE_FROM)
        return;
    if (len > RESERVE_STEP)
        len = RESERVE_STEP;
    if (fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)file->reserved, (off_t)len) == 0)
        file->reserved += len;
    else if (errno != EINTR)
        file->reserved = -1;
}

static enum haul_reason enter(struct haul_file *file)
{
    const char *last;

    file->dir_fd = haul_tree_enter(file->tree, haul_buf_str(&file->name), true, &last);
    return file->dir_fd < 0 ? fail(file, errno) : HAUL_REASON_NONE;
}

/* Makes the temporary, with its directory. */
static enum haul_reason create(struct haul_file *file)
{
    enum haul_reason reason = enter(file);

    if (reason == HAUL_REASON_NONE)
        reason = open_new(file);
    if (reason == HAUL_REASON_NONE && file->part)
        name_part(file);
    return reason;
}

static enum haul_reason begin_large(struct haul_file *file)
{
    enum haul_reason reason = create(file);

    if (reason == HAUL_REASON_NONE)
        reserve(file);
    return reason;
}

static enum haul_reason begin_left(struct haul_file *file, int64_t offset)
{
    enum haul_reason reason = enter(file);

    if (reason == HAUL_REASON_NONE)
        reason = open_left(file, offset);
    if (reason == HAUL_REASON_NONE)
        reserve(file);
    return reason;
}

static void reset(struct haul_file *file)
{
    file->error = 0;
    file->held = 0;
    file->size = 0;
    file->has_info = file->is_locked = file->tells_late = false;
    haul_buf_clear(&file->name);
}

enum haul_reason haul_file_begin(struct haul_file *file, const char *name, int64_t expected,
                                 int64_t offset, struct haul_part *part)
{
    reset(file);
    file->is_begun = true;
    file->expected = expected;
    file->reserved = offset;
    file->part = part;
    haul_buf_add_str(&file->name, name);
    if (!file->buffer)
        file->buffer = malloc(BUFFER_SIZE);
    if (!file->buffer || file->name.err)
        return fail(file, ENOMEM);
    if (offset)
        return begin_left(file, offset);
    return expected > BUFFER_SIZE ? begin_large(file) : HAUL_REASON_NONE;
}

/* ---- writing ---- */

static enum haul_reason write_all(struct haul_file *file, const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(file->fd, bytes, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(file, written ? errno : ENOSPC);
        bytes += written;
        len -= (size_t)written;
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason flush(struct haul_file *file)
{
    size_t held = file->held;

    file->held = 0;
    if (file->error)
        return fail(file, 0);
    if (!held)
        return HAUL_REASON_NONE;
    if (file->reserved >= 0 && file->size > file->reserved - BUFFER_SIZE)
        reserve(file);
    return write_all(file, file->buffer, held);
}

enum haul_reason haul_file_write(struct haul_file *file, const void *bytes, size_t len)
{
    const char *at = bytes;

    if (file->error)
        return fail(file, 0);
    file->size += (int64_t)len;
    while (len) {
        size_t room = BUFFER_SIZE - file->held, some = len < room ? len : room;
        enum haul_reason reason;

        memcpy(file->buffer + file->held, at, some);
        file->held += some;
        at += some;
        len -= some;
        if (file->held < BUFFER_SIZE)
            break;
        reason = file->fd < 0 ? create(file) : HAUL_REASON_NONE;
        if (reason != HAUL_REASON_NONE)
            return reason;
        if (file->part && !file->has_info)
            write_info(file);
        reason = flush(file);
        if (reason != HAUL_REASON_NONE)
            return reason;
    }
    return HAUL_REASON_NONE;
}

/* ---- the end ---- */

static void close_all(struct haul_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->dir_fd >= 0)
        close(file->dir_fd);
    file->fd = file->dir_fd = -1;
    file->is_begun = false;
}

/* Without a lock, another may have taken it for a stale one, and have one of its own there now. */
static bool is_mine(const struct haul_file *file)
{
    return file->is_locked || is_at(file->dir_fd, file->temporary, file->fd);
}

static void remove_temporary(struct haul_file *file)
{
    int failed;

    if (!is_mine(file))
        return;
    if (file->has_info)
        remove_info(file->dir_fd, file->temporary);
    HAUL_AGAIN(failed, unlinkat(file->dir_fd, file->temporary, 0));
    (void)failed; /* the next run comes across it */
}

void haul_file_discard(struct haul_file *file)
{
    if (file->fd >= 0)
        remove_temporary(file);
    else if (file->is_begun)
        haul_file_sweep(file->tree, haul_buf_str(&file->name)); /* as creating one would have */
    close_all(file);
}

/*
 * In its place, for a disk that is full may have no room for another one. What was there stays true if
 * nothing can be written; and of what is written by half nothing counts.
 */
static int rewrite_info(struct haul_file *file)
{
    int fd = open_info(file->dir_fd, file->temporary, O_WRONLY), failed = -1;
    struct haul_buf text;
    ssize_t written;

    if (fd < 0)
        return -1;
    haul_buf_init(&text, 0);
    haul_part_render(file->part, &text);
    if (!text.err) {
        HAUL_AGAIN(written, pwrite(fd, text.data, text.len, 0));
        if (written == (ssize_t)text.len && ftruncate(fd, (off_t)text.len) == 0)
            HAUL_AGAIN(failed, fsync(fd));
    }
    haul_buf_done(&text);
    close(fd);
    return failed;
}

/*
 * Says in the second file how much is there by now, once that is certain; and makes that safe, with
 * the names of both.
 */
static void sync_left(struct haul_file *file, int64_t size)
{
    int failed;

    HAUL_AGAIN(failed, fdatasync(file->fd));
    if (failed)
        return;
    memcpy(file->part->boot, file->tree->boot, sizeof file->part->boot);
    file->part->synced = size;
    if (rewrite_info(file) == 0)
        HAUL_AGAIN(failed, fsync(file->dir_fd));
    (void)failed; /* then less of it counts after a crash, which is all that can be done */
}

void haul_file_leave(struct haul_file *file, bool syncs)
{
    struct stat info;

    if (file->fd < 0 && file->part && file->held && !file->error)
        (void)create(file);
    if (file->fd >= 0 && file->part) {
        if (!file->has_info)
            write_info(file);
        (void)flush(file);
    }
    if (file->fd < 0 || !file->part || fstat(file->fd, &info) || !info.st_size) {
        haul_file_discard(file);
        return;
    }
    if (file->reserved > info.st_size && ftruncate(file->fd, info.st_size))
        file->reserved = -1; /* then it takes more space than it needs */
    if (syncs)
        sync_left(file, info.st_size);
    close_all(file);
}

/*
 * Some file systems tell only when a file is closed that it could not be written. Closing a copy of
 * the descriptor makes them say it, and keeps the lock.
 */
static bool close_copy(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    return copy >= 0 && close(copy) == 0;
}

static void set_time(int fd, int64_t mtime_s)
{
    const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)mtime_s}};

    (void)futimens(fd, times); /* a time that the file system cannot hold is not worth a failure */
}

static enum haul_reason sync_fd(struct haul_file *file, int fd)
{
    int failed;

    HAUL_AGAIN(failed, fsync(fd));
    return failed ? fail(file, errno) : HAUL_REASON_NONE;
}

/* Gives back what was reserved in vain. */
static enum haul_reason trim(struct haul_file *file)
{
    int failed;

    if (file->reserved <= file->size)
        return HAUL_REASON_NONE;
    HAUL_AGAIN(failed, ftruncate(file->fd, (off_t)file->size));
    return failed ? fail(file, errno) : HAUL_REASON_NONE;
}

static enum haul_reason complete(struct haul_file *file, const struct haul_file_end *end)
{
    enum haul_reason reason = flush(file);

    if (reason == HAUL_REASON_NONE)
        reason = trim(file);
    if (reason == HAUL_REASON_NONE && end->has_mtime)
        set_time(file->fd, end->mtime_s);
    if (reason == HAUL_REASON_NONE && end->syncs)
        reason = sync_fd(file, file->fd);
    if (reason != HAUL_REASON_NONE || end->syncs || !file->tells_late || close_copy(file->fd))
        return reason;
    return fail(file, errno);
}

/* Renames without replacing, also where the file system cannot. */
static int rename_new(int from_fd, const char *from, int to_fd, const char *to)
{
    int failed;

    HAUL_AGAIN(failed, renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE));
    if (!failed || (errno != EINVAL && errno != ENOSYS))
        return failed;
    HAUL_AGAIN(failed, linkat(from_fd, from, to_fd, to, 0));
    if (!failed)
        HAUL_AGAIN(failed, unlinkat(from_fd, from, 0));
    return failed;
}

/*
 * Whoever had to take a temporary of a higher number may have been killed after the one with the lower
 * has given the name: where there is a file of that name, they are looked for. Mostly there is none,
 * and then renaming says so without an extra look.
 */
static int rename_over(struct haul_file *file, int to_fd, const char *to)
{
    int failed;

    if (!file->replaces) {
        HAUL_AGAIN(failed, renameat2(file->dir_fd, file->temporary, to_fd, to, RENAME_NOREPLACE));
        if (!failed || (errno != EEXIST && errno != EINVAL && errno != ENOSYS))
            return failed;
        file->replaces = true; /* the next ones will be there, too */
    }
    sweep_from(file->dir_fd, haul_buf_str(&file->name), file->slot + 1);
    HAUL_AGAIN(failed, renameat(file->dir_fd, file->temporary, to_fd, to));
    return failed;
}

/* NAME, NAME.1, NAME.2 ...: *copy is the number of the one that was free. */
static int rename_beside(struct haul_file *file, int to_fd, const char *last, int *copy)
{
    char numbered[256 + 16];
    int failed = rename_new(file->dir_fd, file->temporary, to_fd, last);

    if (failed && errno == EEXIST) {
        sweep_from(file->dir_fd, haul_buf_str(&file->name), file->slot + 1);
        errno = EEXIST;
    }
    for (*copy = 0; failed && errno == EEXIST && *copy < COPIES_MAX;) {
        snprintf(numbered, sizeof numbered, "%.255s.%d", last, ++*copy);
        failed = rename_new(file->dir_fd, file->temporary, to_fd, numbered);
    }
    return failed;
}

static enum haul_reason give_name(struct haul_file *file, int to_fd, const char *name,
                                  const char *last, const struct haul_file_end *end,
                                  struct haul_buf *published)
{
    int copy = 0;
    int failed =
        end->keeps_old ? rename_beside(file, to_fd, last, &copy) : rename_over(file, to_fd, last);

    if (failed)
        return fail(file, errno);
    haul_buf_add_str(published, name);
    if (copy)
        haul_buf_addf(published, ".%d", copy);
    /* From here on it is there: what cannot be made safe is told, and it stays. */
    if (end->syncs && sync_fd(file, to_fd) != HAUL_REASON_NONE)
        return fail(file, 0);
    return published->err ? fail(file, ENOMEM) : HAUL_REASON_NONE;
}

static bool is_same_directory(int fd, int other)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* Gives the name in the directory that is now in its place. */
static enum haul_reason give_name_there(struct haul_file *file, const char *name,
                                        const struct haul_file_end *end, struct haul_buf *published)
{
    enum haul_reason reason;
    const char *last;
    int to_fd = haul_tree_enter(file->tree, name, end->moves, &last);

    if (to_fd < 0)
        return fail(file, errno);
    if (!end->moves && !is_same_directory(to_fd, file->dir_fd))
        reason = fail(file, ESTALE);
    else
        reason = give_name(file, to_fd, name, last, end, published);
    close(to_fd);
    return reason;
}

static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

enum haul_reason haul_file_publish(struct haul_file *file, const char *name,
                                   const struct haul_file_end *end, struct haul_buf *published)
{
    bool is_small = file->fd < 0; /* then its directory was looked up only here */
    enum haul_reason reason = file->error ? fail(file, 0) : HAUL_REASON_NONE;

    if (reason == HAUL_REASON_NONE && is_small)
        reason = create(file);
    if (reason == HAUL_REASON_NONE)
        reason = complete(file, end);
    if (reason == HAUL_REASON_NONE && !is_mine(file))
        reason = fail(file, ESTALE);
    if (reason != HAUL_REASON_NONE)
        return reason;
    if (file->has_info)
        remove_info(file->dir_fd, file->temporary);
    file->has_info = false;
    reason = is_small && !end->moves
                 ? give_name(file, file->dir_fd, name, last_part(name), end, published)
                 : give_name_there(file, name, end, published);
    if (reason == HAUL_REASON_NONE)
        close_all(file);
    return reason;
}
