/* fallocate, nftw, the prototype of renameat2 */
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sink/body.h"
#include "sink/file.h"
#include "sink/tree.h"

/* ---- file operations that fail on demand ---- */

enum operation {
    WRITE,
    PWRITE,
    FSYNC,
    RENAME,
    RENAME_NEW,
    MKDIR,
    FALLOCATE,
    FLOCK,
    OPENAT2,
    OPERATION_COUNT
};
static int failing[OPERATION_COUNT]; /* the errno with which it fails, 0: it works */
static int times[OPERATION_COUNT];   /* how often still; -1: always */
static int calls[OPERATION_COUNT];
static bool short_writes;

static bool fails(enum operation operation)
{
    calls[operation]++;
    if (!failing[operation] || !times[operation])
        return false;
    if (times[operation] > 0)
        times[operation]--;
    errno = failing[operation];
    return true;
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t len, off_t offset);
int __real_fsync(int fd);
int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __real_mkdirat(int fd, const char *path, mode_t mode);
int __real_fallocate64(int fd, int mode, off_t offset, off_t len);
int __real_flock(int fd, int how);
long __real_syscall(long number, ...);
int __wrap_flock(int fd, int how);
long __wrap_syscall(long number, ...);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_fsync(int fd);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_mkdirat(int fd, const char *path, mode_t mode);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len);

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    struct stat info;

    if (fstat(fd, &info) || !S_ISREG(info.st_mode))
        return __real_write(fd, bytes, len);
    if (fails(WRITE))
        return -1;
    return __real_write(fd, bytes, short_writes && len > 1 ? len / 2 : len);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    return fails(PWRITE)
               ? -1
               : __real_pwrite64(fd, bytes, short_writes && len > 1 ? len / 2 : len, offset);
}

int __wrap_fsync(int fd)
{
    return fails(FSYNC) ? -1 : __real_fsync(fd);
}

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return fails(RENAME) ? -1 : __real_renameat(from_fd, from, to_fd, to);
}

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return fails(RENAME_NEW) ? -1 : __real_renameat2(from_fd, from, to_fd, to, flags);
}

int __wrap_mkdirat(int fd, const char *path, mode_t mode)
{
    return fails(MKDIR) ? -1 : __real_mkdirat(fd, path, mode);
}

int __wrap_flock(int fd, int how)
{
    return fails(FLOCK) ? -1 : __real_flock(fd, how);
}

/* The one that is called here takes four arguments. */
long __wrap_syscall(long number, ...)
{
    long arg[4];
    va_list args;

    va_start(args, number);
    for (size_t i = 0; i < 4; i++)
        arg[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_openat2 && fails(OPENAT2))
        return -1;
    return __real_syscall(number, arg[0], arg[1], arg[2], arg[3]);
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len)
{
    return fails(FALLOCATE) ? -1 : __real_fallocate64(fd, mode, offset, len);
}

static void let_fail(enum operation operation, int error, int how_often)
{
    failing[operation] = error;
    times[operation] = how_often;
}

/* ---- a directory ---- */

static char top[64];
static struct haul_tree tree;
static struct haul_file file;
static struct haul_buf got;
static const struct haul_file_end plain_end;

static const char *below(const char *name)
{
    static char path[4][1024];
    static unsigned next;
    char *to = path[next++ % 4];

    snprintf(to, sizeof path[0], "%s/%s", top, name);
    return to;
}

static void begin(void)
{
    struct haul_buf message;

    memset(failing, 0, sizeof failing);
    memset(calls, 0, sizeof calls);
    short_writes = false;
    strcpy(top, "/tmp/haul-save.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_tree_open(&tree, below("dir"), false, &message), HAUL_OK);
    haul_buf_done(&message);
    ck_assert(!tree.folds_case);
    haul_file_init(&file, &tree);
    haul_buf_init(&got, 0);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static void end(void)
{
    haul_file_done(&file);
    haul_buf_done(&got);
    haul_tree_close(&tree);
    nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *read_file(const char *path)
{
    static char text[4096];
    FILE *stream = fopen(path, "r");
    size_t len = stream ? fread(text, 1, sizeof text - 1, stream) : 0;

    ck_assert_msg(stream != NULL, "%s: %s", path, strerror(errno));
    fclose(stream);
    text[len] = '\0';
    return text;
}

static void write_file(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    ck_assert_ptr_nonnull(stream);
    fputs(text, stream);
    fclose(stream);
}

/* Of this size, a file is not held in memory. */
enum { LARGE = 40000 };
static const char large[LARGE];

static unsigned found;
static int count_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    found += strstr(path, ".part") != NULL;
    return 0;
}

static unsigned count_temporaries(void)
{
    found = 0;
    nftw(top, count_one, 16, FTW_PHYS);
    return found;
}

static enum haul_reason save(const char *name, const char *text, const struct haul_file_end *how)
{
    enum haul_reason reason = haul_file_begin(&file, name, -1, 0, NULL);

    haul_buf_clear(&got);
    if (reason == HAUL_REASON_NONE)
        reason = haul_file_write(&file, text, strlen(text));
    if (reason == HAUL_REASON_NONE)
        reason = haul_file_publish(&file, name, how, &got);
    if (reason != HAUL_REASON_NONE)
        haul_file_discard(&file);
    ck_assert(!file.is_begun);
    return reason;
}

/* ---- writing ---- */

/* Announced or not, a large one is not held in memory; a small one is, until it is whole. */
START_TEST(file_appears_when_it_is_whole)
{
    static const int64_t announced[] = {LARGE, -1, 5};
    size_t len = _i < 2 ? LARGE : 5;
    struct stat info;

    ck_assert_int_eq(haul_file_begin(&file, "h/a/b", announced[_i], 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, large, len), HAUL_REASON_NONE);
    ck_assert_int_ne(access(below("dir/h/a/b"), F_OK), 0);
    ck_assert_uint_eq(count_temporaries(), _i < 2);
    ck_assert_int_eq(access(below("dir/h"), F_OK) == 0, _i < 2);
    ck_assert_int_eq(haul_file_publish(&file, "h/a/b", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "h/a/b");
    ck_assert_int_eq(stat(below("dir/h/a/b"), &info), 0);
    ck_assert_int_eq(info.st_size, (off_t)len);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(small_file_that_fails_never_was_on_the_disk)
{
    ck_assert_int_eq(haul_file_begin(&file, "h/a", 5, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "hel", 3), HAUL_REASON_NONE);
    haul_file_discard(&file);
    ck_assert_int_ne(access(below("dir/h"), F_OK), 0);
    ck_assert_int_eq(calls[WRITE] + calls[MKDIR], 0);
}
END_TEST

START_TEST(file_has_what_was_written)
{
    ck_assert_int_eq(save("h/a/b", "hello", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/h/a/b")), "hello");
    ck_assert_uint_eq(count_temporaries(), 0);
    ck_assert_int_eq(haul_tree_size(&tree, "h/a/b"), 5);
    ck_assert_int_eq(haul_tree_size(&tree, "h/a"), -1);
    ck_assert_int_eq(haul_tree_size(&tree, "h/x/y"), -1);
}
END_TEST

START_TEST(pieces_of_any_size_make_the_same_file)
{
    char bytes[70000];
    struct stat info;
    size_t sent = 0;

    short_writes = true;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i % 251);
    ck_assert_int_eq(haul_file_begin(&file, "x", -1, 0, NULL), HAUL_REASON_NONE);
    for (size_t piece = 1; sent < sizeof bytes; piece = piece * 3 % 40009 + 1) {
        size_t some = piece < sizeof bytes - sent ? piece : sizeof bytes - sent;

        ck_assert_int_eq(haul_file_write(&file, bytes + sent, some), HAUL_REASON_NONE);
        sent += some;
    }
    ck_assert_int_eq(haul_file_publish(&file, "x", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_int_eq(stat(below("dir/x"), &info), 0);
    ck_assert_int_eq(info.st_size, sizeof bytes);
    {
        FILE *stream = fopen(below("dir/x"), "r");
        for (size_t i = 0; i < sizeof bytes; i++)
            ck_assert_int_eq((char)fgetc(stream), bytes[i]);
        fclose(stream);
    }
}
END_TEST

START_TEST(old_file_is_replaced_or_kept_as_asked)
{
    const struct haul_file_end keeping = {.keeps_old = true};

    ck_assert_int_eq(save("a", "one", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(save("a", "two", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "two");
    ck_assert_int_eq(save("a", "three", &keeping), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "a.1");
    let_fail(RENAME_NEW, EINVAL, -1); /* a file system that knows no such rename */
    ck_assert_int_eq(save("a", "four", &keeping), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "a.2");
    ck_assert_int_eq(save("b", "five", &keeping), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&got), "b");
    ck_assert_str_eq(read_file(below("dir/a")), "two");
    ck_assert_str_eq(read_file(below("dir/a.1")), "three");
    ck_assert_str_eq(read_file(below("dir/a.2")), "four");
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(time_and_permissions_are_set)
{
    const struct haul_file_end dated = {.has_mtime = true, .mtime_s = 784111777};
    mode_t before = umask(027);
    struct stat info;

    ck_assert_int_eq(save("a", "x", &dated), HAUL_REASON_NONE);
    umask(before);
    ck_assert_int_eq(stat(below("dir/a"), &info), 0);
    ck_assert_int_eq(info.st_mtime, 784111777);
    ck_assert_uint_eq(info.st_mode & 0777, 0640);
}
END_TEST

START_TEST(large_announcement_reserves_no_more_than_a_step)
{
    struct stat info;

    ck_assert_int_eq(haul_file_begin(&file, "a", INT64_MAX, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(fstat(file.fd, &info), 0);
    ck_assert_int_eq(info.st_size, 0);
    ck_assert_int_le(info.st_blocks, (65 << 20) / 512);
    ck_assert_int_eq(calls[FALLOCATE], 1);
    haul_file_discard(&file);
    ck_assert_int_eq(haul_file_begin(&file, "a", 1000, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FALLOCATE], 1);
    haul_file_discard(&file);
    let_fail(FALLOCATE, ENOSPC, -1); /* that is not for it to say */
    ck_assert_int_eq(haul_file_begin(&file, "a", 2 << 20, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "x", 1), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_publish(&file, "a", &plain_end, &got), HAUL_REASON_NONE);
}
END_TEST

START_TEST(synced_file_is_synced_with_its_directory_before_it_is_told)
{
    const struct haul_file_end synced = {.syncs = true};

    ck_assert_int_eq(save("a", "x", &synced), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FSYNC], 2);
    ck_assert_int_eq(save("a", "x", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FSYNC], 2);
    tree.syncs = true;
    ck_assert_int_eq(save("new/dir/a", "x", &synced), HAUL_REASON_NONE);
    ck_assert_int_eq(calls[FSYNC], 2 + 2 + 2);
}
END_TEST

/* ---- faults ---- */

static const struct {
    enum operation operation;
    int error;
    enum haul_reason reason;
} faults[] = {
    {WRITE, ENOSPC, HAUL_REASON_DISK_FULL},
    {WRITE, EDQUOT, HAUL_REASON_DISK_FULL},
    {WRITE, EIO, HAUL_REASON_FILE_ERROR},
    {WRITE, EFBIG, HAUL_REASON_TOO_LARGE},
    {FSYNC, EIO, HAUL_REASON_FILE_ERROR},
    {FSYNC, ENOSPC, HAUL_REASON_DISK_FULL},
    {RENAME, EACCES, HAUL_REASON_PERMISSION},
    {RENAME, ENOSPC, HAUL_REASON_DISK_FULL},
    {MKDIR, EACCES, HAUL_REASON_PERMISSION},
    {MKDIR, EROFS, HAUL_REASON_PERMISSION},
    {MKDIR, ENAMETOOLONG, HAUL_REASON_NAME_TOO_LONG},
};
enum { FAULT_COUNT = sizeof faults / sizeof *faults };

START_TEST(fault_is_told_and_leaves_nothing)
{
    const struct haul_file_end synced = {.syncs = true};

    write_file(below("dir/old"), "old");
    let_fail(faults[_i].operation, faults[_i].error, -1);
    if (faults[_i].operation == RENAME)
        let_fail(RENAME_NEW, faults[_i].error, -1);
    ck_assert_int_eq(save("sub/a", "x", &synced), faults[_i].reason);
    if (faults[_i].operation != MKDIR)
        ck_assert_int_eq(save("old", "new", &synced), faults[_i].reason);
    ck_assert_int_eq(file.error, faults[_i].error);
    ck_assert_uint_eq(count_temporaries(), 0);
    ck_assert_str_eq(read_file(below("dir/old")), "old");
    failing[faults[_i].operation] = failing[RENAME_NEW] = 0;
    ck_assert_int_eq(save("sub/a", "x", &synced), HAUL_REASON_NONE);
}
END_TEST

START_TEST(interrupted_calls_are_made_again)
{
    const struct haul_file_end synced = {.syncs = true, .keeps_old = true};

    for (int i = 0; i < OPERATION_COUNT; i++)
        let_fail((enum operation)i, EINTR, 1);
    ck_assert_int_eq(save("sub/a", "x", &synced), HAUL_REASON_NONE);
    let_fail(RENAME, EINTR, 1);
    ck_assert_int_eq(save("sub/b", "x", &plain_end), HAUL_REASON_NONE);
}
END_TEST

START_TEST(part_that_is_too_long_is_told)
{
    char name[600];

    memset(name, 'a', sizeof name);
    name[300] = '/';
    name[599] = '\0';
    ck_assert_int_eq(save(name, "x", &plain_end), HAUL_REASON_NAME_TOO_LONG);
}
END_TEST

/* ---- what others have put there ---- */

START_TEST(planted_links_are_not_followed)
{
    char temporary[600];

    write_file(below("secret"), "secret");
    ck_assert_int_eq(mkdir(below("outside"), 0777), 0);
    ck_assert_int_eq(symlink(below("secret"), below("dir/final")), 0);
    ck_assert_int_eq(symlink(below("outside"), below("dir/sub")), 0);
    ck_assert_int_eq(symlink("..", below("dir/up")), 0);
    /* at the final name: replaced itself */
    ck_assert_int_eq(save("final", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("secret")), "secret");
    ck_assert_str_eq(read_file(below("dir/final")), "body");
    /* at a directory: not entered */
    ck_assert_int_eq(save("sub/a", "body", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_eq(save("up/a", "body", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_eq(haul_tree_size(&tree, "up/secret"), -1);
    ck_assert_int_ne(access(below("outside/a"), F_OK), 0);
    /* at the temporary name: another one is taken */
    ck_assert_int_eq(haul_file_begin(&file, "t", LARGE, 0, NULL), HAUL_REASON_NONE);
    snprintf(temporary, sizeof temporary, "dir/%s", file.temporary);
    haul_file_discard(&file);
    ck_assert_int_eq(symlink(below("secret"), below(temporary)), 0);
    ck_assert_int_eq(save("t", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("secret")), "secret");
    ck_assert_str_eq(read_file(below("dir/t")), "body");
    /* a pipe there keeps nobody waiting */
    unlink(below(temporary));
    ck_assert_int_eq(mkfifo(below(temporary), 0666), 0);
    ck_assert_int_eq(save("t", "again", &plain_end), HAUL_REASON_NONE);
}
END_TEST

START_TEST(hard_link_at_the_temporary_name_is_left_alone)
{
    char temporary[600];

    write_file(below("secret"), "secret");
    ck_assert_int_eq(haul_file_begin(&file, "t", LARGE, 0, NULL), HAUL_REASON_NONE);
    snprintf(temporary, sizeof temporary, "dir/%s", file.temporary);
    haul_file_discard(&file);
    ck_assert_int_eq(link(below("secret"), below(temporary)), 0);
    ck_assert_int_eq(save("t", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("secret")), "secret");
}
END_TEST

START_TEST(directory_that_was_moved_gets_nothing)
{
    ck_assert_int_eq(haul_file_begin(&file, "sub/a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "body", 4), HAUL_REASON_NONE);
    ck_assert_int_eq(rename(below("dir/sub"), below("moved")), 0);
    ck_assert_int_eq(symlink(below("moved"), below("dir/sub")), 0);
    ck_assert_int_eq(haul_file_publish(&file, "sub/a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    unlink(below("dir/sub"));
    ck_assert_int_eq(mkdir(below("dir/sub"), 0777), 0);
    ck_assert_int_eq(haul_file_publish(&file, "sub/a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    haul_file_discard(&file);
    ck_assert_int_ne(access(below("moved/a"), F_OK), 0);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

/* There is nothing of it yet that could be in the wrong place. */
START_TEST(small_file_goes_to_the_directory_that_is_there_at_its_end)
{
    ck_assert_int_eq(save("sub/b", "b", &plain_end), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "sub/a", 4, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "body", 4), HAUL_REASON_NONE);
    ck_assert_int_eq(rename(below("dir/sub"), below("moved")), 0);
    ck_assert_int_eq(symlink(below("moved"), below("dir/sub")), 0);
    ck_assert_int_eq(haul_file_publish(&file, "sub/a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    haul_file_discard(&file);
    unlink(below("dir/sub"));
    ck_assert_int_eq(save("sub/a", "body", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/sub/a")), "body");
    ck_assert_int_ne(access(below("moved/a"), F_OK), 0);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

/* Links in the middle of the way, too; on kernels that know openat2 and on those that do not. */
START_TEST(link_anywhere_on_the_way_is_not_followed)
{
    failing[OPENAT2] = _i ? ENOSYS : 0;
    times[OPENAT2] = -1;
    ck_assert_int_eq(save("a/b/c/x", "1", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a/b/c/x")), "1");
    ck_assert_int_eq(rename(below("dir/a"), below("moved")), 0);
    ck_assert_int_eq(symlink(below("moved"), below("dir/a")), 0);
    ck_assert_int_eq(save("a/b/c/y", "2", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_eq(haul_tree_size(&tree, "a/b/c/x"), -1);
    ck_assert_int_ne(access(below("moved/b/c/y"), F_OK), 0);
    ck_assert_int_eq(unlink(below("dir/a")), 0);
    ck_assert_int_eq(symlink("../moved", below("dir/a")), 0);
    ck_assert_int_eq(save("a/b/y", "2", &plain_end), HAUL_REASON_FILE_ERROR);
    ck_assert_int_ge(calls[OPENAT2], 4);
}
END_TEST

/* ---- temporaries ---- */

/* Begins a file of 8 bytes. */
static void begin_part(const char *name, const char *text, struct haul_file *with)
{
    static struct haul_part part;

    part = (struct haul_part){.url = 7, .total = 8, .etag = "\"e\""};
    ck_assert_int_eq(haul_file_begin(with, name, 8, 0, &part), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(with, text, strlen(text)), HAUL_REASON_NONE);
}

static void leave_part(const char *name, const char *text, struct haul_file *with)
{
    begin_part(name, text, with);
    haul_file_leave(with, false);
}

START_TEST(stale_temporaries_are_removed_and_busy_ones_are_not)
{
    struct haul_part part = {.url = 7, .total = 8, .etag = "\"e\""}, same = part;
    struct haul_file other;

    haul_file_init(&other, &tree);
    ck_assert_int_eq(haul_file_begin(&other, "h/a", LARGE, 0, &part), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "h/a", LARGE, 0, &same), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&other, "x", 1), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "x", 1), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 2);
    haul_partial_sweep(&tree, "h/a");
    ck_assert_uint_eq(count_temporaries(), 2);
    haul_file_leave(&other, false);
    haul_file_leave(&file, false);
    ck_assert_uint_eq(count_temporaries(), 2);
    haul_partial_sweep(&tree, "h/other");
    ck_assert_uint_eq(count_temporaries(), 2);
    ck_assert_int_eq(save("h/a", "x", &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("h/a", "one", &other);
    haul_partial_sweep(&tree, "h/a");
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("h/a", "one", &other);
    ck_assert_int_eq(haul_file_begin(&file, "h/a", 5, 0, NULL), HAUL_REASON_NONE);
    haul_file_discard(&file);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_file_done(&other);
}
END_TEST

/* Two at once: the first has given the name, and the second was killed; its temporary stays. */
START_TEST(stale_temporary_of_the_second_is_removed_where_the_first_gave_the_name)
{
    const struct haul_file_end keeping = {.keeps_old = true};
    struct haul_file other;
    char second[sizeof file.temporary + 8];

    haul_file_init(&other, &tree);
    ck_assert_int_eq(haul_file_begin(&other, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    snprintf(second, sizeof second, "dir/%s", file.temporary);
    ck_assert_int_eq(haul_file_publish(&other, "a", &plain_end, &got), HAUL_REASON_NONE);
    haul_file_discard(&file);
    write_file(below(second), "killed");
    ck_assert_uint_eq(count_temporaries(), 1);
    ck_assert_int_eq(save("a", "x", _i ? &keeping : &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_file_done(&other);
}
END_TEST

/* ---- a file system without locks ---- */

START_TEST(without_locks_nothing_is_left_and_nothing_is_gone_on_with)
{
    struct haul_part left = {.url = 7, .total = 8, .etag = "\"e\""};

    let_fail(FLOCK, ENOLCK, -1);
    ck_assert_int_eq(save("a", "one", &plain_end), HAUL_REASON_NONE);
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("a", "onexx", &file);
    ck_assert_uint_eq(count_temporaries(), 1);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 0);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 5, &left), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    ck_assert_uint_eq(count_temporaries(), 0);
    leave_part("a", "onexx", &file);
    ck_assert_int_eq(save("a", "two", &plain_end), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "two");
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(without_locks_whoever_lost_its_temporary_names_nothing_and_removes_nothing)
{
    struct haul_file other;

    let_fail(FLOCK, ENOLCK, -1);
    haul_file_init(&other, &tree);
    ck_assert_int_eq(haul_file_begin(&other, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&other, "first", 5), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_begin(&file, "a", LARGE, 0, NULL), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "second", 6), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_publish(&other, "a", &plain_end, &got), HAUL_REASON_FILE_ERROR);
    haul_file_discard(&other);
    ck_assert_uint_eq(count_temporaries(), 1);
    ck_assert_int_ne(access(below("dir/a"), F_OK), 0);
    ck_assert_int_eq(haul_file_publish(&file, "a", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "second");
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_file_done(&other);
}
END_TEST

START_TEST(file_goes_on_where_an_earlier_run_left_it)
{
    struct haul_part left;

    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 3, NULL), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    leave_part("a", "onexx", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 6, &left), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "b", 7, &left), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 5);
    ck_assert_str_eq(left.etag, "\"e\"");
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 3, &left), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "three", 5), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_publish(&file, "a", &plain_end, &got), HAUL_REASON_NONE);
    ck_assert_str_eq(read_file(below("dir/a")), "onethree");
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(part_that_is_not_the_same_any_more_is_not_gone_on_with)
{
    struct haul_part left;

    leave_part("a", "onexx", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 5);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 6, &left), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    leave_part("a", "onexx", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 5);
    strcpy(left.etag, "\"f\"");
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 3, &left), HAUL_REASON_BAD_RANGE);
    haul_file_discard(&file);
    ck_assert_uint_eq(count_temporaries(), 0);
}
END_TEST

START_TEST(part_that_is_whole_leaves_a_byte_to_be_asked_for)
{
    struct haul_part left;

    leave_part("a", "12345678", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 7);
    leave_part("a", "123456789", &file);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 0);
}
END_TEST

START_TEST(part_from_before_the_machine_started_counts_as_far_as_it_was_synced)
{
    struct haul_tree later = tree;
    struct haul_part left;

    strcpy(later.boot, "another");
    leave_part("a", "12345", &file);
    ck_assert_int_eq(haul_partial_look(&later, "a", 7, &left), 0);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 5);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 5, &left), HAUL_REASON_NONE);
    haul_file_leave(&file, true);
    ck_assert_int_eq(haul_partial_look(&later, "a", 7, &left), 5);
    ck_assert_int_eq(haul_file_begin(&file, "a", 8, 5, &left), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, "67", 2), HAUL_REASON_NONE);
    haul_file_leave(&file, false);
    ck_assert_int_eq(haul_partial_look(&later, "a", 7, &left), 5);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), 7);
}
END_TEST

/* What says how much counts, and the names of both, have to be there after a crash as well. */
START_TEST(what_is_left_is_synced_with_what_is_known_of_it)
{
    leave_part("a", "12345", &file);
    ck_assert_int_eq(calls[FSYNC], 0);
    begin_part("a", "12345", &file);
    haul_file_leave(&file, true);
    ck_assert_int_eq(calls[FSYNC], 2);
}
END_TEST

static const struct {
    enum operation operation;
    int error;
    int64_t left, left_later; /* in this start of the machine, in a later one */
} full_disks[] = {
    {WRITE, ENOSPC, LARGE - LARGE % (32 << 10), LARGE - LARGE % (32 << 10)},
    {PWRITE, ENOSPC, LARGE, 0},
    {PWRITE, EINTR, LARGE, LARGE},
    {OPERATION_COUNT, 0, 0, 0}, /* half of it is written */
};
enum { FULL_DISKS = sizeof full_disks / sizeof *full_disks };

START_TEST(full_disk_does_not_take_away_what_is_left)
{
    struct haul_tree later = tree;
    struct haul_part part = {.url = 7, .total = 2 * LARGE, .etag = "\"e\""}, left;

    strcpy(later.boot, "another");
    ck_assert_int_eq(haul_file_begin(&file, "a", 2 * LARGE, 0, &part), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_file_write(&file, large, LARGE), HAUL_REASON_NONE);
    if (full_disks[_i].operation < OPERATION_COUNT)
        let_fail(full_disks[_i].operation, full_disks[_i].error,
                 full_disks[_i].error == EINTR ? 1 : -1);
    else
        short_writes = true;
    haul_file_leave(&file, true);
    ck_assert_int_eq(haul_partial_look(&tree, "a", 7, &left), full_disks[_i].left);
    ck_assert_int_eq(haul_partial_look(&later, "a", 7, &left), full_disks[_i].left_later);
}
END_TEST

START_TEST(text_of_a_part_is_read_back_and_nothing_else_is)
{
    struct haul_part part = {.device = 1,
                             .inode = UINT64_MAX,
                             .url = 3,
                             .total = -1,
                             .synced = INT64_MAX,
                             .boot = "b",
                             .etag = "\"e e\"",
                             .content_type = "text/plain"};
    struct haul_part back;
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_part_render(&part, &text);
    ck_assert(haul_part_parse(text.data, text.len, &back));
    ck_assert(haul_part_is_same(&part, &back));
    ck_assert_uint_eq(back.inode, part.inode);
    ck_assert_int_eq(back.synced, part.synced);
    ck_assert_str_eq(back.content_type, "text/plain");
    ck_assert_str_eq(back.boot, "b");
    for (size_t len = 0; len < text.len; len++)
        ck_assert(!haul_part_parse(text.data, len, &back));
    for (size_t at = 0; at < text.len; at++) {
        text.data[at] ^= 1;
        ck_assert(!haul_part_parse(text.data, text.len, &back));
        text.data[at] ^= 1;
    }
    haul_buf_clear(&text);
    part.etag[0] = '\0';
    haul_part_render(&part, &text);
    ck_assert(!haul_part_parse(text.data, text.len, &back));
    haul_buf_done(&text);
}
END_TEST

/* ---- bodies: digests, checksums, names made of them ---- */

static const char abc_sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

START_TEST(body_is_published_only_with_the_right_checksum)
{
    struct haul_config config;
    struct haul_body_store store;
    struct haul_body body;
    char checksum[100];
    struct haul_body_plan plan = {.url = "u", .name = "d/x", .checksum = checksum, .expected = 3};

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    snprintf(checksum, sizeof checksum, "sha-256=%s", abc_sha256);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
        ck_assert_int_eq(haul_body_write(&body, round ? "abd" : "abc", 3), HAUL_REASON_NONE);
        ck_assert_int_eq(haul_body_publish(&body, ""),
                         round ? HAUL_REASON_CHECKSUM : HAUL_REASON_NONE);
        ck_assert_str_eq(read_file(below("dir/d/x")), "abc");
        ck_assert_int_eq(haul_body_message(&body) != NULL, round);
    }
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_body_done(&body);
}
END_TEST

START_TEST(body_is_named_by_its_digest)
{
    struct haul_config config;
    struct haul_body_store store;
    struct haul_body body;
    const struct haul_body_plan plan = {
        .url = "http://h/x", .name = "sub/\x01.txt", .expected = -1};
    char name[100];

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_body_write(&body, "abc", 3), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_body_publish(&body, ""), HAUL_REASON_NONE);
    snprintf(name, sizeof name, "sub/%s.txt", abc_sha256);
    ck_assert_str_eq(haul_body_name(&body), name);
    ck_assert_str_eq(haul_body_hex(&body, HAUL_HASH_SHA256), abc_sha256);
    ck_assert_int_eq(haul_tree_size(&tree, name), 3);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_body_done(&body);
}
END_TEST

/* What a server only claims is its own failure, and does not look like a full disk. */
START_TEST(free_space_is_kept)
{
    struct haul_config config;
    struct haul_body_store store;
    struct haul_body body;
    struct haul_body_plan plan = {.url = "u", .name = "x", .expected = 3};

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    config.keep_free = INT64_MAX;
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_DISK_FULL);
    haul_body_discard(&body);
    config.keep_free = 1;
    plan.expected = INT64_MAX;
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_TOO_LARGE);
    haul_body_discard(&body);
    plan.expected = 3;
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
    haul_body_discard(&body);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_body_done(&body);
}
END_TEST

START_TEST(directory_that_was_made_is_synced_in_its_parent)
{
    struct haul_buf message;
    struct haul_tree made;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_tree_open(&made, below("made"), true, &message), HAUL_OK);
    ck_assert_int_eq(calls[FSYNC], 1);
    haul_tree_close(&made);
    ck_assert_int_eq(haul_tree_open(&made, below("made"), true, &message), HAUL_OK);
    ck_assert_int_eq(calls[FSYNC], 1);
    haul_tree_close(&made);
    let_fail(FSYNC, EIO, -1);
    ck_assert_int_eq(haul_tree_open(&made, below("other"), true, &message), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), strerror(EIO)));
    haul_buf_done(&message);
}
END_TEST

START_TEST(directory_that_cannot_be_used_is_told)
{
    struct haul_tree bad;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    write_file(below("plain"), "x");
    ck_assert_int_eq(haul_tree_open(&bad, below("plain"), false, &message), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&message), below("plain")));
    ck_assert_int_eq(haul_tree_open(&bad, below("no/such"), false, &message), HAUL_ERR_USAGE);
    haul_buf_done(&message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("savefile");
    TCase *tcase = tcase_create("all");
    SRunner *runner;
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_loop_test(tcase, file_appears_when_it_is_whole, 0, 3);
    tcase_add_test(tcase, small_file_that_fails_never_was_on_the_disk);
    tcase_add_test(tcase, file_has_what_was_written);
    tcase_add_test(tcase, pieces_of_any_size_make_the_same_file);
    tcase_add_test(tcase, old_file_is_replaced_or_kept_as_asked);
    tcase_add_test(tcase, time_and_permissions_are_set);
    tcase_add_test(tcase, large_announcement_reserves_no_more_than_a_step);
    tcase_add_test(tcase, synced_file_is_synced_with_its_directory_before_it_is_told);
    tcase_add_loop_test(tcase, fault_is_told_and_leaves_nothing, 0, FAULT_COUNT);
    tcase_add_test(tcase, interrupted_calls_are_made_again);
    tcase_add_test(tcase, part_that_is_too_long_is_told);
    tcase_add_test(tcase, planted_links_are_not_followed);
    tcase_add_test(tcase, hard_link_at_the_temporary_name_is_left_alone);
    tcase_add_test(tcase, directory_that_was_moved_gets_nothing);
    tcase_add_test(tcase, small_file_goes_to_the_directory_that_is_there_at_its_end);
    tcase_add_loop_test(tcase, link_anywhere_on_the_way_is_not_followed, 0, 2);
    tcase_add_test(tcase, stale_temporaries_are_removed_and_busy_ones_are_not);
    tcase_add_loop_test(
        tcase, stale_temporary_of_the_second_is_removed_where_the_first_gave_the_name, 0, 2);
    tcase_add_test(tcase, without_locks_nothing_is_left_and_nothing_is_gone_on_with);
    tcase_add_test(tcase,
                   without_locks_whoever_lost_its_temporary_names_nothing_and_removes_nothing);
    tcase_add_test(tcase, file_goes_on_where_an_earlier_run_left_it);
    tcase_add_test(tcase, part_that_is_not_the_same_any_more_is_not_gone_on_with);
    tcase_add_test(tcase, part_that_is_whole_leaves_a_byte_to_be_asked_for);
    tcase_add_test(tcase, part_from_before_the_machine_started_counts_as_far_as_it_was_synced);
    tcase_add_test(tcase, what_is_left_is_synced_with_what_is_known_of_it);
    tcase_add_loop_test(tcase, full_disk_does_not_take_away_what_is_left, 0, FULL_DISKS);
    tcase_add_test(tcase, text_of_a_part_is_read_back_and_nothing_else_is);
    tcase_add_test(tcase, body_is_published_only_with_the_right_checksum);
    tcase_add_test(tcase, body_is_named_by_its_digest);
    tcase_add_test(tcase, free_space_is_kept);
    tcase_add_test(tcase, directory_that_was_made_is_synced_in_its_parent);
    tcase_add_test(tcase, directory_that_cannot_be_used_is_told);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
