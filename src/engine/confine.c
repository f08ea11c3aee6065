#include "engine/confine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/newfile.h"
#include "base/scratch.h"
#include "engine/confine_system.h"
#include "history/import.h"
#include "model/run_files.h"
#include "model/target.h"

/* Names are given and taken away, and no file is written by its name. */
static const unsigned rename_rights = HAUL_SANDBOX_MAKE | HAUL_SANDBOX_REMOVE;

/* Files come and go. */
static const unsigned work_rights =
    HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE | HAUL_SANDBOX_MAKE | HAUL_SANDBOX_REMOVE;

static const unsigned tree_rights = HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE | HAUL_SANDBOX_MAKE |
                                    HAUL_SANDBOX_REMOVE | HAUL_SANDBOX_MAKE_DIR | HAUL_SANDBOX_MOVE;

/* ---- places ---- */

static void add_directory_of(struct haul_sandbox_rules *rules, const char *path, unsigned rights,
                             bool is_needed)
{
    char *directory = haul_io_directory_of(path);

    if (directory)
        haul_sandbox_rules_add(rules, directory, rights, is_needed);
    else
        rules->err = HAUL_ERR_NOMEM;
    free(directory);
}

/* Of base/newfile.h, which will be opened inside; opening will tell what is wrong. */
static void add_new_file(struct haul_sandbox_rules *rules, const char *path)
{
    if (haul_newfile_is_direct(path))
        haul_sandbox_rules_add(rules, path, HAUL_SANDBOX_WRITE, false);
    else
        add_directory_of(rules, path, work_rights, false);
}

/* sqlite.org/tempfiles.html: the first that can be written to. NULL: none; SQLite would then take
 * the working directory, which may be somebody's home, and has to do without. */
static const char *sqlite_directory(void)
{
    const char *const candidate[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp",
                                     "/usr/tmp", "/tmp"};

    for (size_t i = 0; i < sizeof candidate / sizeof *candidate; i++)
        if (candidate[i] && access(candidate[i], W_OK | X_OK) == 0)
            return candidate[i];
    return NULL;
}

static void add_temporary(struct haul_sandbox_rules *rules)
{
    const char *of_sqlite = sqlite_directory();

    haul_sandbox_rules_add(rules, haul_scratch_directory(), work_rights, false);
    if (of_sqlite)
        haul_sandbox_rules_add(rules, of_sqlite, work_rights, false);
}

/*
 * A database that is there, and what SQLite has beside it. `is_open`: by this process, until its
 * end; then, where its log is there, too, nothing else will be written to. Without it, files of
 * other names may come (journal_mode), and who closes a database removes its log and the next one
 * makes it anew.
 */
static void add_database_file(struct haul_sandbox_rules *rules, const char *path, bool is_open)
{
    static const char *const companion[] = {"-wal", "-shm"};
    const unsigned rights = HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE;
    struct haul_buf name;
    int there = 0;

    haul_buf_init(&name, 0);
    haul_sandbox_rules_add(rules, path, rights, false);
    for (size_t i = 0; i < sizeof companion / sizeof *companion; i++) {
        haul_buf_clear(&name);
        haul_buf_addf(&name, "%s%s", path, companion[i]);
        there += access(haul_buf_str(&name), F_OK) == 0;
        haul_sandbox_rules_add(rules, haul_buf_str(&name), rights, false);
    }
    add_directory_of(rules, path, is_open && there == 2 ? rename_rights : work_rights, true);
    if (name.err)
        rules->err = name.err;
    haul_buf_done(&name);
}

/* Where a link leads to it, SQLite has its files beside it and not beside the link. */
static void add_database(struct haul_sandbox_rules *rules, const char *path, bool is_open)
{
    char *real = haul_io_follow(path);

    add_database_file(rules, real ? real : path, is_open);
    free(real);
}

/* ---- what a verb needs ---- */

static bool is_one_of(const char *option, const char *const *names)
{
    while (*names && strcmp(option, *names) != 0)
        names++;
    return *names;
}

/* Certificates are copied before (wire/kept.h), but for what is left out there. */
static void add_read(struct haul_sandbox_rules *rules, const struct haul_run_file *file)
{
    static const char *const done[] = {"configuration file", "--sums", NULL};

    if (!is_one_of(file->option, done)) /* which may hold passwords, too */
        haul_sandbox_rules_add(rules, file->name, HAUL_SANDBOX_READ, false);
}

static void add_run_file(struct haul_sandbox_rules *rules, const struct haul_run_file *file)
{
    bool is_tar = strcmp(file->option, "--tar") == 0;

    switch (file->use) {
    case HAUL_RUN_FILE_READ:
        add_read(rules, file);
        break;
    case HAUL_RUN_FILE_REPLACED:
    case HAUL_RUN_FILE_REPORT: /* which are open, and another process gives them their names */
        if (is_tar) /* what is appended to is open; what waits for its turn is beside it */
            add_directory_of(rules, file->name, work_rights, true);
        break;
    case HAUL_RUN_FILE_EXTENDED: /* the journal, which is open, and the history */
    case HAUL_RUN_FILE_STREAM:
        break;
    }
}

static void plan_run(const struct haul_config *config, int dir_fd, struct haul_sandbox_rules *rules)
{
    struct haul_run_files files;
    enum haul_err err = haul_run_files_list(config, &files);

    if (err)
        rules->err = err;
    for (size_t i = 0; i < files.count && !err; i++)
        add_run_file(rules, &files.item[i]);
    haul_run_files_done(&files);
    if (dir_fd >= 0)
        haul_sandbox_rules_add_fd(rules, dir_fd, tree_rights);
    if (config->warc)
        add_directory_of(rules, config->warc, work_rights, true);
    if (config->history)
        add_database(rules, config->history, true);
}

/* Nothing is saved. */
static void plan_dry_run(const struct haul_config *config, struct haul_sandbox_rules *rules)
{
    struct haul_run_files files;
    enum haul_err err = haul_run_files_list(config, &files);

    if (err)
        rules->err = err;
    for (size_t i = 0; i < files.count && !err; i++)
        if (files.item[i].use == HAUL_RUN_FILE_READ)
            add_run_file(rules, &files.item[i]);
    haul_run_files_done(&files);
}

/* FILE, or FILE@5 where there is no such file: a run in a history. */
static void add_named_run(struct haul_sandbox_rules *rules, const char *name)
{
    const char *at = access(name, F_OK) ? strrchr(name, '@') : NULL;
    char *path = at ? strndup(name, (size_t)(at - name)) : strdup(name);

    if (!path)
        rules->err = HAUL_ERR_NOMEM;
    else if (haul_import_is_history(path))
        add_database(rules, path, false);
    else
        haul_sandbox_rules_add(rules, path, HAUL_SANDBOX_READ, false);
    free(path);
}

static void plan_reading(const struct haul_config *config, enum haul_verb verb,
                         struct haul_sandbox_rules *rules)
{
    struct haul_report_target target;

    for (size_t i = 0; i < config->source_count; i++) {
        const struct haul_source *source = &config->source[i];

        if (verb != HAUL_VERB_REPORT && source->kind == HAUL_SOURCE_URL)
            add_named_run(rules, source->text);
        else if (verb == HAUL_VERB_REPORT)
            haul_sandbox_rules_add(rules, source->text, HAUL_SANDBOX_READ, false);
    }
    if (config->output && strcmp(config->output, "-") != 0)
        add_new_file(rules, config->output);
    if (verb != HAUL_VERB_REPORT)
        return;
    if (config->save_failed)
        add_new_file(rules, config->save_failed);
    for (size_t i = 0; i < config->reports.count; i++)
        if (!haul_report_target_read(config->reports.item[i], &target) &&
            strcmp(target.file, "-") != 0)
            add_new_file(rules, target.file);
}

void haul_confine_plan(const struct haul_config *config, enum haul_verb verb, int dir_fd,
                       struct haul_sandbox_rules *rules)
{
    haul_confine_add_system(rules);
    add_temporary(rules);
    /* A port is chosen for an address that is chosen; otherwise the kernel chooses both. */
    rules->binds = config->interface != NULL;
    /* "-", and names of descriptors: */
    haul_sandbox_rules_add(rules, "/dev/stdin", HAUL_SANDBOX_READ, false);
    if (verb == HAUL_VERB_RUN)
        plan_run(config, dir_fd, rules);
    else if (verb == HAUL_VERB_DRY_RUN)
        plan_dry_run(config, rules);
    else
        plan_reading(config, verb, rules);
}
