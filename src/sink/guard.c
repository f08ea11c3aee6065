#define _GNU_SOURCE /* realpath */
#include "sink/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/keyset.h"
#include "model/warc_row.h"

/* A name in a directory; or, without a name, a file by itself. */
struct place {
    dev_t device;
    ino_t inode;
    char *last; /* or NULL */
};

struct haul_guard {
    const struct haul_tree *tree;
    struct haul_keyset *names; /* hashes of all `last` */
    struct place *place;
    size_t count;
    bool has_files;   /* some places are files by themselves */
    struct place row; /* the directory of a row of files, and how their names begin; or NULL */
};

enum haul_err haul_guard_create(const struct haul_tree *tree, struct haul_guard **out)
{
    struct haul_guard *guard = calloc(1, sizeof *guard);

    *out = guard;
    if (!guard)
        return HAUL_ERR_NOMEM;
    guard->tree = tree;
    if (haul_keyset_create(&guard->names) == HAUL_OK)
        return HAUL_OK;
    free(guard);
    *out = NULL;
    return HAUL_ERR_NOMEM;
}

void haul_guard_free(struct haul_guard *guard)
{
    if (!guard)
        return;
    for (size_t i = 0; i < guard->count; i++)
        free(guard->place[i].last);
    free(guard->row.last);
    free(guard->place);
    haul_keyset_free(guard->names);
    free(guard);
}

/* ---- names ---- */

static bool is_same_name(const struct haul_guard *guard, const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i] &&
            !(guard->tree->folds_case && haul_ascii_lower(a[i]) == haul_ascii_lower(b[i])))
            return false;
    return true;
}

/* Of a name in any case; longer ones no file has. */
static uint64_t hash_name(const char *name, size_t len)
{
    char lower[NAME_MAX];

    if (len > sizeof lower)
        return 1;
    for (size_t i = 0; i < len; i++)
        lower[i] = haul_ascii_lower(name[i]);
    return haul_hash_keyed(lower, len);
}

/* ---- protecting ---- */

static enum haul_err add_place(struct haul_guard *guard, struct place place)
{
    struct place *more = realloc(guard->place, (guard->count + 1) * sizeof *more);

    if (!more)
        return HAUL_ERR_NOMEM;
    guard->place = more;
    guard->place[guard->count++] = place;
    return HAUL_OK;
}

static enum haul_err add_name(struct haul_guard *guard, const struct stat *directory,
                              const char *last)
{
    struct place place = {directory->st_dev, directory->st_ino, strdup(last)};
    enum haul_err err = place.last ? HAUL_OK : HAUL_ERR_NOMEM;

    if (!err)
        err = haul_keyset_put(guard->names, hash_name(last, strlen(last)), 0);
    if (!err)
        err = add_place(guard, place);
    if (err)
        free(place.last);
    return err;
}

/* Its directory; *is_there: there is one. */
static enum haul_err look_at_directory(const char *path, struct stat *info, bool *is_there)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

    *is_there = directory && stat(directory, info) == 0;
    free(directory);
    return directory ? HAUL_OK : HAUL_ERR_NOMEM;
}

static enum haul_err add_path(struct haul_guard *guard, const char *path)
{
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
    struct stat info;
    bool is_there;
    enum haul_err err = look_at_directory(path, &info, &is_there);

    return err || !is_there || !*last ? err : add_name(guard, &info, last);
}

static enum haul_err add_file(struct haul_guard *guard, const struct stat *info)
{
    if (info->st_nlink < 2 && !guard->tree->folds_case)
        return HAUL_OK;
    guard->has_files = true;
    return add_place(guard, (struct place){info->st_dev, info->st_ino, NULL});
}

/* A descriptor's name in /dev/fd leads to a file's own. */
enum haul_err haul_guard_add(struct haul_guard *guard, const char *path)
{
    char *resolved = realpath(path, NULL);
    enum haul_err err = add_path(guard, path);
    struct stat info;

    if (!resolved && errno == ENOMEM)
        err = HAUL_ERR_NOMEM;
    if (!err && resolved && strcmp(resolved, path) != 0)
        err = add_path(guard, resolved);
    free(resolved);
    if (!err && stat(path, &info) == 0 && S_ISREG(info.st_mode))
        err = add_file(guard, &info);
    return err;
}

/* Those that are there, one after the other as --warc looks for them, may be links. */
static enum haul_err add_files_of_row(struct haul_guard *guard, const char *prefix)
{
    enum haul_err err = HAUL_OK;
    bool is_there = true;
    struct haul_buf path;

    haul_buf_init(&path, 0);
    for (unsigned number = 0; !err && is_there && number < HAUL_WARC_ROW_MAX; number++) {
        if (!haul_warc_row_name(prefix, number, &path))
            err = HAUL_ERR_NOMEM;
        is_there = !err && (!number || access(haul_buf_str(&path), F_OK) == 0);
        if (is_there)
            err = haul_guard_add(guard, haul_buf_str(&path));
    }
    haul_buf_done(&path);
    return err;
}

enum haul_err haul_guard_add_row(struct haul_guard *guard, const char *prefix)
{
    struct stat info;
    bool is_there;
    enum haul_err err = look_at_directory(prefix, &info, &is_there);

    if (err || !is_there)
        return err;
    guard->row = (struct place){info.st_dev, info.st_ino, strdup(prefix)};
    return guard->row.last ? add_files_of_row(guard, prefix) : HAUL_ERR_NOMEM;
}

/* ---- asking ---- */

static bool is_in_row(const struct haul_guard *guard, const char *name, size_t len)
{
    return guard->row.last &&
           haul_warc_row_has(guard->row.last, name, len, guard->tree->folds_case);
}

static bool has_name(const struct haul_guard *guard, const char *name, size_t len)
{
    return haul_keyset_has(guard->names, hash_name(name, len)) || is_in_row(guard, name, len);
}

static bool is_at(const struct place *place, const struct stat *info)
{
    return place->device == info->st_dev && place->inode == info->st_ino;
}

static bool is_protected(const struct haul_guard *guard, const struct stat *info, const char *name,
                         size_t len)
{
    for (size_t i = 0; i < guard->count; i++) {
        const struct place *place = &guard->place[i];

        if (!is_at(place, info))
            continue;
        if (name ? place->last && strlen(place->last) == len &&
                       is_same_name(guard, place->last, name, len)
                 : !place->last)
            return true;
    }
    return name && is_at(&guard->row, info) && is_in_row(guard, name, len);
}

/* `len` bytes at `last` are a name in the directory. */
static enum haul_reason check_part(const struct haul_guard *guard, int dir_fd, const char *last,
                                   size_t len)
{
    struct stat info;

    if (fstat(dir_fd, &info))
        return haul_tree_reason(errno);
    return is_protected(guard, &info, last, len) ? HAUL_REASON_BAD_NAME : HAUL_REASON_NONE;
}

enum haul_reason haul_guard_check_at(const struct haul_guard *guard, int dir_fd, const char *last)
{
    enum haul_reason reason = HAUL_REASON_NONE;
    struct stat info;

    if (has_name(guard, last, strlen(last)))
        reason = check_part(guard, dir_fd, last, strlen(last));
    if (reason == HAUL_REASON_NONE && guard->has_files &&
        fstatat(dir_fd, last, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        is_protected(guard, &info, NULL, 0))
        reason = HAUL_REASON_BAD_NAME;
    return reason;
}

/* A directory that is not there, or is none, holds no protected file. */
static enum haul_reason enter_and_check(const struct haul_guard *guard, const char *name,
                                        const char *part, size_t len)
{
    const char *last;
    int fd = haul_tree_enter(guard->tree, name, false, &last);
    enum haul_reason reason;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? HAUL_REASON_NONE
                                                                     : haul_tree_reason(errno);
    reason = part[len] ? check_part(guard, fd, part, len) : haul_guard_check_at(guard, fd, part);
    close(fd);
    return reason;
}

enum haul_reason haul_guard_check(const struct haul_guard *guard, const char *name)
{
    enum haul_reason reason = HAUL_REASON_NONE;
    const char *part = name;
    struct haul_buf way;
    size_t len;

    haul_buf_init(&way, 0);
    for (; reason == HAUL_REASON_NONE; part += len + 1) {
        len = strcspn(part, "/");
        if (has_name(guard, part, len) || (guard->has_files && !part[len])) {
            haul_buf_clear(&way);
            haul_buf_add(&way, name, (size_t)(part - name) + len);
            reason = way.err ? HAUL_REASON_NO_MEMORY
                             : enter_and_check(guard, haul_buf_str(&way), part, len);
        }
        if (!part[len])
            break;
    }
    haul_buf_done(&way);
    return reason;
}
