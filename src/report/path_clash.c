#include "report/path_clash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/target.h"

/* What a file is to this run. */
enum use { READ_OR_EXTENDED, REPLACED, REPORT /* which is replaced, too */ };

struct file {
    const char *option, *name;
    enum use use;
};

struct files {
    struct file *item;
    size_t count;
};

static void add(struct files *files, struct file file)
{
    if (file.name && strcmp(file.name, "-") != 0)
        files->item[files->count++] = file;
}

/* ---- comparing ---- */

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

/* Of two that are not there yet: whether they will be one file. */
static bool will_be_one(const char *a, const char *b)
{
    struct stat of_a, of_b;

    return strcmp(a + directory_length(a), b + directory_length(b)) == 0 &&
           look_at_directory(a, &of_a) && look_at_directory(b, &of_b) && is_one(&of_a, &of_b);
}

static bool are_one(const char *a, const char *b)
{
    struct stat of_a, of_b;
    bool has_a = stat(a, &of_a) == 0, has_b = stat(b, &of_b) == 0;

    if (has_a && has_b)
        return S_ISREG(of_a.st_mode) && is_one(&of_a, &of_b);
    return !has_a && !has_b && (strcmp(a, b) == 0 || will_be_one(a, b));
}

/* Two reports may not share what is no regular file either: their bytes would mix. */
static bool clashes(const struct file *a, const struct file *b, struct haul_buf *message)
{
    if ((a->use != READ_OR_EXTENDED || b->use != READ_OR_EXTENDED) && are_one(a->name, b->name))
        haul_buf_addf(message, "%s %s and %s %s are one file", a->option, a->name, b->option,
                      b->name);
    else if (a->use == REPORT && b->use == REPORT && !strcmp(a->name, b->name))
        haul_buf_addf(message, "two reports cannot go to one place: %s", a->name);
    else
        return false;
    return true;
}

enum haul_err haul_path_clash_check(const struct haul_config *config, struct haul_buf *message)
{
    struct files files = {.count = 0};
    struct haul_report_target target;
    enum haul_err err = HAUL_OK;

    files.item = calloc(config->reports.count + 6, sizeof *files.item);
    if (!files.item)
        return HAUL_ERR_NOMEM;
    add(&files, (struct file){"--output", config->output, REPORT});
    for (size_t i = 0; i < config->reports.count; i++)
        if (!haul_report_target_read(config->reports.item[i], &target))
            add(&files, (struct file){"--report", target.file, REPORT});
    add(&files, (struct file){"--save-failed", config->save_failed, REPLACED});
    add(&files, (struct file){"--journal", config->journal, READ_OR_EXTENDED});
    add(&files, (struct file){"--since", config->since, READ_OR_EXTENDED});
    add(&files, (struct file){"--history", config->history, READ_OR_EXTENDED});
    add(&files, (struct file){"--sums", config->sums, READ_OR_EXTENDED});
    for (size_t i = 0; i < files.count && !err; i++)
        for (size_t k = 0; k < i && !err; k++)
            if (clashes(&files.item[k], &files.item[i], message))
                err = HAUL_ERR_USAGE;
    free(files.item);
    return err;
}
