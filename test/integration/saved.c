/* nftw */
#define _GNU_SOURCE
#include "saved.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "servers.h"

static struct haul_buf snapshot;
static const char *snapshot_without; /* a directory that does not count */
static unsigned files_found, temporaries_found;

static int look_at_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    const char *name = path + where->base;

    if (snapshot_without && strncmp(path, snapshot_without, strlen(snapshot_without)) == 0)
        return 0;
    files_found += S_ISREG(info->st_mode);
    temporaries_found += strncmp(name, ".haul-", 6) == 0;
    haul_buf_addf(&snapshot, "%s %o %lld", path, info->st_mode, (long long)info->st_size * !!type);
    if (S_ISREG(info->st_mode))
        haul_buf_addf(&snapshot, " %ld.%ld", (long)info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
    haul_buf_add_char(&snapshot, '\n');
    return 0;
}

const char *look_at_tree(const char *path, const char *without)
{
    const char *text;

    files_found = temporaries_found = 0;
    snapshot_without = without;
    haul_buf_init(&snapshot, 0);
    (void)nftw(path, look_at_one, DIRECTORIES_MAX, FTW_PHYS);
    text = it_text("%s", haul_buf_str(&snapshot));
    haul_buf_done(&snapshot);
    return text;
}

bool has_temporary(const char *path)
{
    (void)look_at_tree(path, NULL);
    return temporaries_found > 0;
}

unsigned count_files(const char *path)
{
    (void)look_at_tree(path, NULL);
    ck_assert_msg(!temporaries_found, "temporaries are left in %s", path);
    return files_found;
}

bool has_file(const char *path, const char *text)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           strcmp(it_read(path, NULL), text) == 0;
}

const char *host_dir(const char *dir)
{
    return it_text("%s/127.0.0.1%%3A%d", dir, it_port("http"));
}

void check_rows_have_files(const json_t *rows, const char *dir)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *path;
        struct stat info;

        if (strcmp(it_str(row, "outcome"), "ok") != 0)
            continue;
        path = it_text("%s/%s", dir, it_str(row, "filename_effective"));
        ck_assert_msg(lstat(path, &info) == 0 && S_ISREG(info.st_mode), "%s: no file", path);
        ck_assert_int_eq(info.st_size, it_int(row, "size_body"));
    }
}

const char *name_in(const json_t *rows, size_t i)
{
    return it_str(json_array_get(rows, i), "filename_effective");
}
