#include "model/run_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/target.h"
#include "model/url_parts.h"

/* sqlite.org/tempfiles.html, and history/lock.c. */
static const char *const companions[HAUL_RUN_FILES_COMPANIONS] = {"-wal", "-shm", "-journal",
                                                                  "-lock"};

enum { OPTIONS_MAX = 16 + HAUL_RUN_FILES_COMPANIONS }; /* files that are named once at most */

static void add(struct haul_run_files *files, const char *option, const char *name,
                enum haul_run_file_use use)
{
    if (name)
        files->item[files->count++] =
            (struct haul_run_file){.option = option, .name = name, .use = use};
}

/* ---- what is written ---- */

static bool is_stdout(const char *name)
{
    return strcmp(name, "-") == 0;
}

static void add_reports(struct haul_run_files *files, const struct haul_config *config)
{
    bool is_said = config->output && is_stdout(config->output);
    bool on_stdout = !config->output || is_said;
    struct haul_report_target target;

    if (!on_stdout)
        add(files, "--output", config->output, HAUL_RUN_FILE_REPORT);
    for (size_t i = 0; i < config->reports.count; i++) {
        if (haul_report_target_read(config->reports.item[i], &target))
            continue;
        if (is_stdout(target.file))
            on_stdout = is_said = true;
        else
            add(files, "--report", target.file, HAUL_RUN_FILE_REPORT);
    }
    if (on_stdout)
        add(files, "standard output", "/dev/stdout",
            is_said ? HAUL_RUN_FILE_REPORT : HAUL_RUN_FILE_STREAM);
}

static enum haul_err add_history(struct haul_run_files *files, const char *name)
{
    size_t size;

    if (!name)
        return HAUL_OK;
    add(files, "--history", name, HAUL_RUN_FILE_EXTENDED);
    for (int i = 0; i < HAUL_RUN_FILES_COMPANIONS; i++) {
        size = strlen(name) + strlen(companions[i]) + 1;
        files->companion[i] = malloc(size);
        if (!files->companion[i])
            return HAUL_ERR_NOMEM;
        snprintf(files->companion[i], size, "%s%s", name, companions[i]);
        add(files, "--history", files->companion[i], HAUL_RUN_FILE_EXTENDED);
    }
    return HAUL_OK;
}

/* ---- what is read ---- */

static void add_source(struct haul_run_files *files, const struct haul_source *source)
{
    bool is_list = source->kind == HAUL_SOURCE_FILE;
    bool is_stdin = is_list && strcmp(source->text, "-") == 0;

    if (is_stdin)
        add(files, "standard input", "/dev/stdin", HAUL_RUN_FILE_READ);
    else if (is_list)
        add(files, "--input", source->text, HAUL_RUN_FILE_READ);
    else if (source->kind == HAUL_SOURCE_SITEMAP && !haul_source_is_url(source->text))
        add(files, "--sitemap", source->text, HAUL_RUN_FILE_READ);
}

static void add_inputs(struct haul_run_files *files, const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        add_source(files, &config->source[i]);
    for (size_t i = 0; i < config->read_files.count; i++)
        add(files, "configuration file", config->read_files.item[i], HAUL_RUN_FILE_READ);
    for (size_t i = 0; i < config->host_rule_count; i++) {
        add(files, "cert", config->host_rule[i].cert, HAUL_RUN_FILE_READ);
        add(files, "key", config->host_rule[i].key, HAUL_RUN_FILE_READ);
    }
    add(files, "--since", config->since, HAUL_RUN_FILE_READ);
    add(files, "--sums", config->sums, HAUL_RUN_FILE_READ);
    add(files, "--cacert", config->ca_file, HAUL_RUN_FILE_READ);
    add(files, "--cert", config->cert, HAUL_RUN_FILE_READ);
    add(files, "--key", config->key, HAUL_RUN_FILE_READ);
}

bool haul_source_is_file(const struct haul_source *source)
{
    return source->kind == HAUL_SOURCE_FILE ||
           (source->kind == HAUL_SOURCE_SITEMAP && !haul_source_is_url(source->text));
}

/* ---- all of them ---- */

enum haul_err haul_run_files_list(const struct haul_config *config, struct haul_run_files *files)
{
    size_t max = OPTIONS_MAX + config->reports.count + config->source_count +
                 config->read_files.count + 2 * config->host_rule_count;

    *files = (struct haul_run_files){.item = calloc(max, sizeof *files->item)};
    if (!files->item)
        return HAUL_ERR_NOMEM;
    add_reports(files, config);
    add(files, "--save-failed", config->save_failed, HAUL_RUN_FILE_REPLACED);
    if (config->tar && !is_stdout(config->tar))
        add(files, "--tar", config->tar, HAUL_RUN_FILE_REPLACED);
    files->warc = config->warc;
    add(files, "--journal", config->journal, HAUL_RUN_FILE_EXTENDED);
    add_inputs(files, config);
    return add_history(files, config->history);
}

void haul_run_files_done(struct haul_run_files *files)
{
    for (int i = 0; i < HAUL_RUN_FILES_COMPANIONS; i++)
        free(files->companion[i]);
    free(files->item);
    *files = (struct haul_run_files){.item = NULL};
}
