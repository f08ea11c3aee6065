#include "report/path_clash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/target.h"

/* What a file is to this run. */
enum use { USED, REPLACED };

struct place {
    const char *option, *name;
    enum use use;
};

struct places {
    struct place *item;
    size_t count;
};

static void add(struct places *places, struct place place)
{
    if (place.name && strcmp(place.name, "-") != 0)
        places->item[places->count++] = place;
}

static void add_reports(struct places *places, const struct haul_config *config)
{
    add(places, (struct place){"--output", config->output, REPLACED});
    for (size_t i = 0; i < config->reports.count; i++) {
        struct haul_report_target target;

        if (!haul_report_target_read(config->reports.item[i], &target))
            add(places, (struct place){"--report", target.file, REPLACED});
    }
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

static enum haul_err compare(const struct places *places, struct haul_buf *message)
{
    for (size_t i = 0; i < places->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct place *a = &places->item[k], *b = &places->item[i];

            if ((a->use == USED && b->use == USED) || !are_one(a->name, b->name))
                continue;
            haul_buf_addf(message, "%s %s and %s %s are one file", a->option, a->name, b->option,
                          b->name);
            return HAUL_ERR_USAGE;
        }
    return HAUL_OK;
}

enum haul_err haul_path_clash_check(const struct haul_config *config, struct haul_buf *message)
{
    struct places places = {.count = 0};
    enum haul_err err;

    places.item = calloc(config->reports.count + 6, sizeof *places.item);
    if (!places.item)
        return HAUL_ERR_NOMEM;
    add_reports(&places, config);
    add(&places, (struct place){"--save-failed", config->save_failed, REPLACED});
    add(&places, (struct place){"--journal", config->journal, USED});
    add(&places, (struct place){"--since", config->since, USED});
    add(&places, (struct place){"--history", config->history, USED});
    add(&places, (struct place){"--sums", config->sums, USED});
    err = compare(&places, message);
    free(places.item);
    return err;
}
