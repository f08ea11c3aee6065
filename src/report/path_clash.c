#include "report/path_clash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/run_files.h"
#include "model/warc_row.h"

/* A file of the run, and what the system says of it. */
struct file {
    const struct haul_run_file *named;
    struct stat info;
    bool is_there; /* and `info` is of it */
};

static bool is_one(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static size_t directory_length(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? (size_t)(slash - name) + 1 : 0;
}

/* False, too: it is not there. */
static bool look_at_directory(const char *name, struct stat *info)
{
    size_t len = directory_length(name);
    char *directory = len ? strndup(name, len) : strdup(".");
    bool is_there = directory && stat(directory, info) == 0;

    free(directory);
    return is_there;
}

static bool are_in_one_directory(const char *a, const char *b)
{
    struct stat of_a, of_b;

    return look_at_directory(a, &of_a) && look_at_directory(b, &of_b) && is_one(&of_a, &of_b);
}

/* Of two that are not there yet: whether they will be one file. */
static bool will_be_one(const char *a, const char *b)
{
    return strcmp(a + directory_length(a), b + directory_length(b)) == 0 &&
           are_in_one_directory(a, b);
}

static bool are_one(const struct file *a, const struct file *b)
{
    const char *name = a->named->name, *other = b->named->name;

    if (a->is_there && b->is_there)
        return S_ISREG(a->info.st_mode) && is_one(&a->info, &b->info);
    return !a->is_there && !b->is_there && (strcmp(name, other) == 0 || will_be_one(name, other));
}

/* Two reports may not share what is no regular file either: their bytes would mix. What goes to
 * standard output unasked may be there beside a report that was asked for there. */
static bool clashes(const struct file *file, const struct file *other, struct haul_buf *message)
{
    const struct haul_run_file *a = file->named, *b = other->named;

    if ((a->use == HAUL_RUN_FILE_STREAM && b->use == HAUL_RUN_FILE_REPORT) ||
        (a->use == HAUL_RUN_FILE_REPORT && b->use == HAUL_RUN_FILE_STREAM))
        return false;
    if ((a->use != HAUL_RUN_FILE_READ || b->use != HAUL_RUN_FILE_READ) && are_one(file, other))
        haul_buf_addf(message, "%s %s and %s %s are one file", a->option, a->name, b->option,
                      b->name);
    else if (a->use == HAUL_RUN_FILE_REPORT && b->use == HAUL_RUN_FILE_REPORT &&
             !strcmp(a->name, b->name))
        haul_buf_addf(message, "two reports cannot go to one place: %s", a->name);
    else
        return false;
    return true;
}

static enum haul_err compare(const struct haul_run_files *files, struct file *file,
                             struct haul_buf *message)
{
    for (size_t i = 0; i < files->count; i++) {
        file[i].named = &files->item[i];
        file[i].is_there = stat(files->item[i].name, &file[i].info) == 0;
        for (size_t k = 0; k < i; k++)
            if (clashes(&file[k], &file[i], message))
                return HAUL_ERR_USAGE;
    }
    return HAUL_OK;
}

/* ---- the files of a web archive ---- */

static enum haul_err refuse_in_row(const struct file *file, const char *path,
                                   struct haul_buf *message)
{
    haul_buf_addf(message, "%s %s and --warc %s are one file", file->named->option,
                  file->named->name, path);
    return HAUL_ERR_USAGE;
}

/* By its name: then it may be one of those that are not there yet. */
static bool will_be_in_row(const char *prefix, const char *name, struct haul_buf *path)
{
    const char *last = name + directory_length(name);

    if (!haul_warc_row_has(prefix, last, strlen(last), false) ||
        !are_in_one_directory(prefix, name))
        return false;
    haul_buf_clear(path);
    haul_buf_add(path, prefix, directory_length(prefix));
    haul_buf_add_str(path, last);
    return true;
}

/* A file of the row is written: it is used for nothing else. */
static enum haul_err compare_with_row(const struct haul_run_files *files, const struct file *file,
                                      struct haul_buf *path, struct haul_buf *message)
{
    bool is_there = true;
    struct stat info;

    for (size_t i = 0; i < files->count; i++)
        if (will_be_in_row(files->warc, files->item[i].name, path))
            return refuse_in_row(&file[i], haul_buf_str(path), message);
    for (unsigned number = 0; is_there && number < HAUL_WARC_ROW_MAX; number++) {
        if (!haul_warc_row_name(files->warc, number, path))
            return HAUL_ERR_NOMEM;
        is_there = stat(haul_buf_str(path), &info) == 0;
        for (size_t i = 0; is_there && i < files->count; i++)
            if (file[i].is_there && S_ISREG(info.st_mode) && is_one(&file[i].info, &info))
                return refuse_in_row(&file[i], haul_buf_str(path), message);
        is_there |= !number; /* as --warc does that looks for its last file */
    }
    return HAUL_OK;
}

enum haul_err haul_path_clash_check(const struct haul_config *config, struct haul_buf *message)
{
    struct haul_run_files files;
    enum haul_err err = haul_run_files_list(config, &files);
    struct file *file = err ? NULL : calloc(files.count + 1, sizeof *file);
    struct haul_buf path;

    haul_buf_init(&path, 0);
    if (!err)
        err = file ? compare(&files, file, message) : HAUL_ERR_NOMEM;
    if (!err && files.warc)
        err = compare_with_row(&files, file, &path, message);
    haul_buf_done(&path);
    free(file);
    haul_run_files_done(&files);
    return err;
}
