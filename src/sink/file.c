/* renameat2, fallocate: nothing in POSIX renames without replacing. */
#define _GNU_SOURCE
#include "sink/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/again.h"
#include "base/io.h"
#include "base/temporary.h"

enum {
    BUFFER_SIZE = 32 << 10,
    RESERVE_FROM = 1 << 20, /* less is not worth it */
    RESERVE_STEP = 64 << 20,
    COPIES_MAX = 10000
};

static const struct haul_sink_kind file_kind;

void haul_file_init(struct haul_file *file, const struct haul_tree *tree)
{
    *file = (struct haul_file){.sink = {.kind = &file_kind}, .tree = tree, .dir_fd = -1, .fd = -1};
    haul_buf_init(&file->name, 0);
}

void haul_file_done(struct haul_file *file)
{
    haul_file_discard(file);
    free(file->buffer);
    file->buffer = NULL;
    haul_buf_done(&file->name);
}

static enum haul_reason fail(struct haul_file *file, int error)
{
    if (!file->error)
        file->error = error ? error : EIO;
    return haul_tree_reason(file->error);
}

/* ---- beginning ---- */

/* Goes on with what haul_partial_look has found, if it is still the same. */
static enum haul_reason open_left(struct haul_file *file, int64_t offset)
{
    struct haul_part found;
    int64_t left;

    if (!file->part)
        return HAUL_REASON_BAD_RANGE;
    file->fd = haul_partial_find(file->tree, file->dir_fd, haul_buf_str(&file->name),
                                 &file->part->url, file->temporary, &found, &left);
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

/*
 * Asks for space for what is to come, but never for more than has come so far: what a server only
 * announces takes none. Whether there is enough, writing tells.
 */
static void reserve(struct haul_file *file)
{
    int64_t from = file->reserved > file->size ? file->reserved : file->size;
    int64_t len = file->size < RESERVE_STEP ? file->size : RESERVE_STEP;

    if (file->reserved < 0 || file->size < RESERVE_FROM)
        return;
    if (len > file->expected - from)
        len = file->expected - from;
    if (len <= 0)
        return;
    if (fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)len) == 0)
        file->reserved = from + len;
    else if (errno != EINTR)
        file->reserved = -1;
}

/* Opens the directory, and the temporary in it: a new one, or the one that was left. */
static enum haul_reason open_temporary(struct haul_file *file, int64_t offset)
{
    const char *name = haul_buf_str(&file->name), *last;
    dev_t device;

    file->dir_fd = haul_tree_enter(file->tree, name, true, &last);
    if (file->dir_fd < 0)
        return fail(file, errno);
    if (offset)
        return open_left(file, offset);
    file->fd = haul_partial_create(file->dir_fd, name, file->temporary, &file->slot,
                                   &file->is_locked, &device);
    if (file->fd < 0)
        return fail(file, errno);
    file->tells_late = file->tree->tells_late || device != file->tree->device;
    if (file->part &&
        (file->slot == HAUL_PARTIAL_SLOTS ||
         !haul_partial_bind(file->tree, file->dir_fd, file->temporary, file->fd, file->part)))
        file->part = NULL;
    return HAUL_REASON_NONE;
}

enum haul_reason haul_file_begin(struct haul_file *file, const char *name, int64_t expected,
                                 int64_t offset, struct haul_part *part)
{
    file->error = 0;
    file->held = 0;
    file->size = 0;
    file->has_info = file->is_locked = file->tells_late = false;
    file->is_begun = true;
    file->expected = expected;
    file->reserved = offset;
    file->part = part;
    haul_buf_clear(&file->name);
    haul_buf_add_str(&file->name, name);
    if (!file->buffer)
        file->buffer = malloc(BUFFER_SIZE);
    if (!file->buffer || file->name.err)
        return fail(file, ENOMEM);
    if (!offset && expected <= BUFFER_SIZE)
        return HAUL_REASON_NONE;
    return open_temporary(file, offset);
}

/* ---- writing ---- */

static enum haul_reason flush(struct haul_file *file)
{
    size_t held = file->held;
    int error;

    file->held = 0;
    if (file->error)
        return fail(file, 0);
    if (!held)
        return HAUL_REASON_NONE;
    if (file->reserved >= 0 && file->size > file->reserved - BUFFER_SIZE)
        reserve(file);
    error = haul_io_write_all(file->fd, file->buffer, held, NULL);
    return error ? fail(file, error) : HAUL_REASON_NONE;
}

/* Writes what is held to the temporary, which is made first if there is none. */
static enum haul_reason spill(struct haul_file *file)
{
    enum haul_reason reason = file->fd < 0 ? open_temporary(file, 0) : HAUL_REASON_NONE;

    if (reason != HAUL_REASON_NONE)
        return reason;
    if (file->part && !file->has_info) {
        file->has_info = true; /* a failure costs no more than that the file is not gone on with */
        haul_partial_write_info(file->dir_fd, file->temporary, file->part);
    }
    return flush(file);
}

enum haul_reason haul_file_write(struct haul_file *file, const void *bytes, size_t len)
{
    enum haul_reason reason = HAUL_REASON_NONE;
    const char *at = bytes;

    if (file->error)
        return fail(file, 0);
    file->size += (int64_t)len;
    while (len && reason == HAUL_REASON_NONE) {
        size_t room = BUFFER_SIZE - file->held, some = len < room ? len : room;

        memcpy(file->buffer + file->held, at, some);
        file->held += some;
        at += some;
        len -= some;
        if (file->held == BUFFER_SIZE)
            reason = spill(file);
    }
    return reason;
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
    return file->is_locked || haul_temporary_is_at(file->dir_fd, file->temporary, file->fd);
}

void haul_file_discard(struct haul_file *file)
{
    int failed = 0;

    if (file->fd >= 0 && is_mine(file)) {
        if (file->has_info)
            haul_partial_remove_info(file->dir_fd, file->temporary);
        HAUL_AGAIN(failed, unlinkat(file->dir_fd, file->temporary, 0));
    } else if (file->fd < 0 && file->is_begun) {
        haul_partial_sweep(file->tree, haul_buf_str(&file->name)); /* as creating one would have */
    }
    (void)failed; /* the next run comes across it */
    close_all(file);
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
    if (haul_partial_rewrite_info(file->dir_fd, file->temporary, file->part))
        HAUL_AGAIN(failed, fsync(file->dir_fd));
    (void)failed; /* then less of it counts after a crash, which is all that can be done */
}

void haul_file_leave(struct haul_file *file, bool syncs)
{
    struct stat info;

    if (file->part && (file->fd >= 0 || (file->held && !file->error)))
        (void)spill(file);
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

static enum haul_reason sync_fd(struct haul_file *file, int fd)
{
    int failed;

    HAUL_AGAIN(failed, fsync(fd));
    return failed ? fail(file, errno) : HAUL_REASON_NONE;
}

static enum haul_reason complete(struct haul_file *file, const struct haul_sink_end *end)
{
    const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)end->mtime_s}};
    enum haul_reason reason = flush(file);
    int failed = 0, copy;

    if (reason != HAUL_REASON_NONE)
        return reason;
    if (file->reserved > file->size) /* in vain */
        HAUL_AGAIN(failed, ftruncate(file->fd, (off_t)file->size));
    if (failed)
        return fail(file, errno);
    if (end->has_mtime)
        (void)futimens(file->fd, times); /* what the file system cannot hold is no failure */
    if (end->syncs)
        return sync_fd(file, file->fd);
    if (!file->tells_late)
        return HAUL_REASON_NONE;
    /*
     * Some file systems tell only when a file is closed that it could not be written. Closing a
     * copy of the descriptor makes them say it, and keeps the lock.
     */
    copy = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    return copy < 0 || close(copy) ? fail(file, errno) : HAUL_REASON_NONE;
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
 * Whoever had to take a temporary of a higher number may have been killed after the one with the
 * lower has given the name: where there is a file of that name, they are looked for. Mostly there
 * is none, and then renaming says so without an extra look.
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
    haul_partial_sweep_from(file->dir_fd, haul_buf_str(&file->name), file->slot + 1);
    HAUL_AGAIN(failed, renameat(file->dir_fd, file->temporary, to_fd, to));
    return failed;
}

/* The same, but never to a name that is guarded: what is there to be looks as if it were there. */
static int rename_new_unless_guarded(struct haul_file *file, int to_fd, const char *to,
                                     const struct haul_guard *guard)
{
    if (guard && haul_guard_check_at(guard, to_fd, to) != HAUL_REASON_NONE) {
        errno = EEXIST;
        return -1;
    }
    return rename_new(file->dir_fd, file->temporary, to_fd, to);
}

/* NAME, NAME.1, NAME.2 ...: *copy is the number of the one that was free. */
static int rename_beside(struct haul_file *file, int to_fd, const char *last,
                         const struct haul_guard *guard, int *copy)
{
    char numbered[256 + 16];
    int failed = rename_new(file->dir_fd, file->temporary, to_fd, last);

    if (failed && errno == EEXIST) {
        haul_partial_sweep_from(file->dir_fd, haul_buf_str(&file->name), file->slot + 1);
        errno = EEXIST;
    }
    for (*copy = 0; failed && errno == EEXIST && *copy < COPIES_MAX;) {
        snprintf(numbered, sizeof numbered, "%.255s.%d", last, ++*copy);
        failed = rename_new_unless_guarded(file, to_fd, numbered, guard);
    }
    return failed;
}

static enum haul_reason give_name(struct haul_file *file, int to_fd, const char *name,
                                  const struct haul_sink_end *end, struct haul_buf *published)
{
    const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
    enum haul_reason reason =
        end->guard ? haul_guard_check_at(end->guard, to_fd, last) : HAUL_REASON_NONE;
    int copy = 0, failed;

    if (reason != HAUL_REASON_NONE)
        return reason;
    failed = end->keeps_old ? rename_beside(file, to_fd, last, end->guard, &copy)
                            : rename_over(file, to_fd, last);
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

/* Gives the name in the directory that is now in its place. */
static enum haul_reason give_name_there(struct haul_file *file, const char *name,
                                        const struct haul_sink_end *end, struct haul_buf *published)
{
    enum haul_reason reason;
    const char *last;
    int to_fd = haul_tree_enter(file->tree, name, end->moves, &last);

    if (to_fd < 0)
        return fail(file, errno);
    if (!end->moves && !haul_temporary_is_at(to_fd, ".", file->dir_fd))
        reason = fail(file, ESTALE);
    else
        reason = give_name(file, to_fd, name, end, published);
    close(to_fd);
    return reason;
}

enum haul_reason haul_file_publish(struct haul_file *file, const char *name,
                                   const struct haul_sink_end *end, struct haul_buf *published)
{
    bool is_small = file->fd < 0; /* then its directory was looked up only here */
    enum haul_reason reason = file->error ? fail(file, 0) : HAUL_REASON_NONE;

    if (reason == HAUL_REASON_NONE && is_small)
        reason = open_temporary(file, 0);
    if (reason == HAUL_REASON_NONE)
        reason = complete(file, end);
    if (reason == HAUL_REASON_NONE && !is_mine(file))
        reason = fail(file, ESTALE);
    if (reason != HAUL_REASON_NONE)
        return reason;
    if (file->has_info)
        haul_partial_remove_info(file->dir_fd, file->temporary);
    file->has_info = false;
    reason = is_small && !end->moves ? give_name(file, file->dir_fd, name, end, published)
                                     : give_name_there(file, name, end, published);
    if (reason == HAUL_REASON_NONE)
        close_all(file);
    return reason;
}

/* ---- as a sink ---- */

static struct haul_file *file_of(struct haul_sink *sink)
{
    return (struct haul_file *)sink; /* its first field */
}

static enum haul_reason sink_begin(struct haul_sink *sink, const struct haul_sink_plan *plan)
{
    return haul_file_begin(file_of(sink), plan->name, plan->expected, plan->offset, plan->part);
}

static enum haul_reason sink_write(struct haul_sink *sink, const void *bytes, size_t len)
{
    return haul_file_write(file_of(sink), bytes, len);
}

static enum haul_reason sink_publish(struct haul_sink *sink, const char *name,
                                     const struct haul_sink_end *end, struct haul_buf *published)
{
    return haul_file_publish(file_of(sink), name, end, published);
}

static void sink_leave(struct haul_sink *sink, bool syncs)
{
    haul_file_leave(file_of(sink), syncs);
}

static void sink_discard(struct haul_sink *sink)
{
    haul_file_discard(file_of(sink));
}

static int sink_error(const struct haul_sink *sink)
{
    return ((const struct haul_file *)sink)->error;
}

static const struct haul_sink_kind file_kind = {.begin = sink_begin,
                                                .write = sink_write,
                                                .publish = sink_publish,
                                                .leave = sink_leave,
                                                .discard = sink_discard,
                                                .error = sink_error};
