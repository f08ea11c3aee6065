#include "engine/confine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/callfilter.h"
#include "base/io.h"
#include "base/message.h"
#include "base/newfile.h"
#include "base/privilege.h"
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

/* sqlite.org/tempfiles.html: the first that can be written to. */
static const char *sqlite_directory(void)
{
    const char *const candidate[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp",
                                     "/usr/tmp", "/tmp"};

    for (size_t i = 0; i < sizeof candidate / sizeof *candidate; i++)
        if (candidate[i] && access(candidate[i], W_OK | X_OK) == 0)
            return candidate[i];
    return ".";
}

static void add_temporary(struct haul_sandbox_rules *rules)
{
    haul_sandbox_rules_add(rules, haul_scratch_directory(), work_rights, false);
    haul_sandbox_rules_add(rules, sqlite_directory(), work_rights, false);
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

/* ---- entering ---- */

static enum haul_err try_it(int version, struct haul_buf *message)
{
    struct haul_buf cause;
    enum haul_err err;

    haul_buf_init(&cause, 0);
    err = haul_sandbox_try(version, &cause);
    if (err)
        haul_buf_addf(message, "--sandbox require: it cannot be entered: %s", haul_buf_str(&cause));
    haul_buf_done(&cause);
    return err;
}

enum haul_err haul_confine_check(const struct haul_config *config, struct haul_buf *message)
{
    struct haul_buf kernel;
    int version;

    if (config->sandbox != HAUL_CONFINE_REQUIRE)
        return HAUL_OK;
    version = haul_sandbox_version();
    if (config->dir && version == 1) {
        haul_buf_add_str(message, "--sandbox require: that of this kernel (Landlock ABI 1) cannot "
                                  "be used with --dir");
        return HAUL_ERR_USAGE;
    }
    if (version && haul_callfilter_is_there())
        return try_it(version, message);
    haul_buf_init(&kernel, 0);
    if (version)
        haul_buf_add_str(&kernel, "this kernel has no filters of system calls (seccomp)");
    else
        (void)haul_sandbox_describe(&kernel);
    haul_buf_addf(message, "--sandbox require: there is none: %s", haul_buf_str(&kernel));
    haul_buf_done(&kernel);
    return HAUL_ERR_USAGE;
}

static bool is_told_before(const struct haul_sandbox_rules *rules, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (rules->item[j].path && rules->item[i].path &&
            strcmp(rules->item[j].path, rules->item[i].path) == 0)
            return true;
    return false;
}

/* sandbox: Landlock ABI 7; writing only in /srv/pages, /tmp; reading only what is named, and the
 * system's files */
static void tell(const struct haul_sandbox_rules *rules, int version, const char *dir,
                 struct haul_buf *message)
{
    const char *between = "; writing only in ";

    haul_buf_addf(message, "sandbox: Landlock ABI %d", version);
    for (size_t i = 0; i < rules->count; i++) {
        const struct haul_sandbox_rule *rule = &rules->item[i];

        if (!(rule->rights & ~(unsigned)HAUL_SANDBOX_READ) || is_told_before(rules, i))
            continue;
        haul_buf_addf(message, "%s%s", between, rule->path ? rule->path : dir);
        between = ", ";
    }
    haul_buf_add_str(message, rules->reads_all
                                  ? "; reading anything, for nsswitch.conf has plugins that haul "
                                    "does not know"
                                  : "; reading only what is named, and the system's files");
}

/* HAUL_ERR_SYSTEM: `cause` says why nobody can be had who opens them. */
static enum haul_err let_lists_open(const struct haul_config *config, struct haul_opener **opener,
                                    struct haul_buf *cause)
{
    const char **names = calloc(config->source_count + 1, sizeof *names);
    char text[HAUL_IO_ERROR_MAX];
    enum haul_err err = HAUL_OK;
    size_t count = 0;

    if (!names)
        return HAUL_ERR_NOMEM;
    for (size_t i = 0; i < config->source_count; i++)
        if (haul_source_is_file(&config->source[i]) && strcmp(config->source[i].text, "-") != 0)
            names[count++] = config->source[i].text;
    if (count)
        err = haul_opener_start(names, count, opener);
    if (err == HAUL_ERR_SYSTEM)
        haul_buf_addf(cause, "no process to open lists: %s", haul_io_error_text(errno, text));
    free(names);
    return err;
}

/* As let_lists_open, for reports. */
static enum haul_err let_reports_appear(struct haul_confine_reports *reports,
                                        struct haul_buf *cause)
{
    enum haul_err err = haul_newfile_delegate(reports->file, reports->count, &reports->publisher);
    char text[HAUL_IO_ERROR_MAX];

    if (err == HAUL_ERR_SYSTEM)
        haul_buf_addf(cause, "no process to name reports: %s", haul_io_error_text(errno, text));
    return err;
}

static enum haul_err enter(const struct haul_config *config, int version,
                           const struct haul_sandbox_rules *rules, struct haul_opener **opener,
                           struct haul_confine_reports *reports, struct haul_buf *cause)
{
    enum haul_err err = opener ? let_lists_open(config, opener, cause) : HAUL_OK;

    if (!err && reports)
        err = let_reports_appear(reports, cause);
    if (!err)
        err = haul_sandbox_enter(rules, version, cause);
    if (err && opener) {
        haul_opener_free(*opener);
        *opener = NULL;
    }
    return err;
}

/* In `cause` is why it could not be entered. That the kernel has none is no news. */
static enum haul_err settle(const struct haul_config *config, int version, enum haul_err err,
                            const struct haul_buf *cause, struct haul_buf *message)
{
    bool is_required = config->sandbox == HAUL_CONFINE_REQUIRE;

    if (err == HAUL_ERR_NOMEM)
        return err;
    if (is_required)
        haul_buf_addf(message, "--sandbox require: it cannot be entered: %s", haul_buf_str(cause));
    else if (!config->quiet_unless && (config->verbose || (version && !config->quiet)))
        haul_buf_addf(message, "sandbox: none: %s", haul_buf_str(cause));
    if (!is_required)
        return HAUL_OK;
    return err == HAUL_ERR_RANGE ? HAUL_ERR_USAGE : HAUL_ERR_SYSTEM;
}

/* Capabilities and system calls, in this order, for the calls that change capabilities are among
 * those. HAUL_ERR_SYSTEM: `cause` says what could not be given up. */
static enum haul_err give_up(const struct haul_sandbox_rules *rules, struct haul_buf *cause)
{
    char text[HAUL_IO_ERROR_MAX];

    if (haul_privilege_drop())
        return haul_callfilter_enter(rules->connects, cause);
    haul_buf_addf(cause, "capabilities cannot be given up: %s", haul_io_error_text(errno, text));
    return HAUL_ERR_SYSTEM;
}

/* What needs no Landlock, and is given up where there is none, too. To what is told already it adds
 * this. */
static enum haul_err give_up_rest(const struct haul_config *config,
                                  const struct haul_sandbox_rules *rules, struct haul_buf *message)
{
    struct haul_buf cause;
    enum haul_err err;

    haul_buf_init(&cause, 0);
    err = give_up(rules, &cause);
    if (err == HAUL_ERR_SYSTEM && config->sandbox == HAUL_CONFINE_REQUIRE) {
        haul_buf_clear(message);
        haul_buf_addf(message, "--sandbox require: it cannot be entered: %s", haul_buf_str(&cause));
    } else if (message->len) {
        haul_buf_addf(message, "; %s", err ? haul_buf_str(&cause) : "system calls are filtered");
    } else if (err == HAUL_ERR_SYSTEM && !config->quiet && !config->quiet_unless &&
               haul_callfilter_is_there()) {
        haul_buf_addf(message, "sandbox: not all of it: %s", haul_buf_str(&cause));
    }
    haul_buf_done(&cause);
    return config->sandbox == HAUL_CONFINE_REQUIRE || err == HAUL_ERR_NOMEM ? err : HAUL_OK;
}

enum haul_err haul_confine_enter(const struct haul_config *config, enum haul_verb verb, int dir_fd,
                                 struct haul_opener **opener, struct haul_confine_reports *reports,
                                 struct haul_buf *message)
{
    struct haul_sandbox_rules rules = {.item = NULL};
    struct haul_buf cause;
    enum haul_err err = HAUL_ERR_SYSTEM;
    int version;

    if (opener)
        *opener = NULL;
    if (config->sandbox == HAUL_CONFINE_OFF)
        return HAUL_OK;
    haul_sandbox_harden();
    version = haul_sandbox_version();
    haul_buf_init(&cause, 0);
    haul_confine_plan(config, verb, dir_fd, &rules);
    if (version)
        err = enter(config, version, &rules, opener, reports, &cause);
    else
        (void)haul_sandbox_describe(&cause);
    if (!err && config->verbose && !config->quiet_unless)
        tell(&rules, version, config->dir, message);
    else if (err)
        err = settle(config, version, err, &cause, message);
    if (!err)
        err = give_up_rest(config, &rules, message);
    haul_sandbox_rules_done(&rules);
    haul_buf_done(&cause);
    return err;
}

enum haul_err haul_confine_command(const struct haul_config *config, enum haul_verb verb,
                                   struct haul_opener **opener, struct haul_buf *message)
{
    const struct haul_terminal error_term = haul_terminal_look(STDERR_FILENO);
    enum haul_err err = haul_confine_check(config, message);

    if (!err)
        err = haul_confine_enter(config, verb, -1, opener, NULL, message);
    if (err)
        return err;
    haul_message_say_lines(&error_term, haul_buf_str(message));
    haul_buf_clear(message);
    return HAUL_OK;
}
