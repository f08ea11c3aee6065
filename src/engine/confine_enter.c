#include "engine/confine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/callfilter.h"
#include "base/io.h"
#include "base/message.h"
#include "base/newfile.h"
#include "model/run_files.h"

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

/* In `cause` is why it could not be entered. What the kernel does not have is no news. */
static enum haul_err settle(const struct haul_config *config, int version, enum haul_err err,
                            const struct haul_buf *cause, struct haul_buf *message)
{
    bool is_required = config->sandbox == HAUL_CONFINE_REQUIRE,
         is_kernels = !version || err == HAUL_ERR_RANGE;

    if (err == HAUL_ERR_NOMEM)
        return err;
    if (is_required)
        haul_buf_addf(message, "--sandbox require: it cannot be entered: %s", haul_buf_str(cause));
    else if (!config->quiet_unless && (config->verbose || (!is_kernels && !config->quiet)))
        haul_buf_addf(message, "sandbox: none: %s", haul_buf_str(cause));
    if (!is_required)
        return HAUL_OK;
    return err == HAUL_ERR_RANGE ? HAUL_ERR_USAGE : HAUL_ERR_SYSTEM;
}

/* What needs no Landlock, and is given up where there is none, too. To what is told already it adds
 * this. */
static enum haul_err give_up_rest(const struct haul_config *config,
                                  const struct haul_sandbox_rules *rules, struct haul_buf *message)
{
    struct haul_buf cause;
    enum haul_err err;
    bool filters;

    haul_buf_init(&cause, 0);
    err = haul_sandbox_give_up(rules->connects, &filters, &cause);
    if (err == HAUL_ERR_SYSTEM && config->sandbox == HAUL_CONFINE_REQUIRE) {
        haul_buf_clear(message);
        haul_buf_addf(message, "--sandbox require: it cannot be entered: %s", haul_buf_str(&cause));
    } else if (message->len) {
        haul_buf_addf(message, "%s%s%s", err ? "; " : "", haul_buf_str(&cause),
                      filters ? "; system calls are filtered" : "");
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
