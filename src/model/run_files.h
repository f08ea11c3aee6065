#ifndef HAUL_MODEL_RUN_FILES_H
#define HAUL_MODEL_RUN_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "haul/config.h"

/*
 * The files of the user's that a run reads or writes, but for the bodies that it saves: the one
 * list of them. Who adds an option that names a file adds it here, and no body will ever take its
 * place (sink/guard.h), nor will another file of the run (report/path_clash.h).
 *
 * Temporaries have no place in it: haul names its own with a dot in front, and no body's name
 * begins with one (sink/name.h); what spills has no name at all (base/scratch.h).
 */

/* What a file is to this run. */
enum haul_run_file_use {
    HAUL_RUN_FILE_READ,
    HAUL_RUN_FILE_EXTENDED, /* what is in it stays, and more is added */
    HAUL_RUN_FILE_REPLACED,
    HAUL_RUN_FILE_REPORT, /* which is replaced, too */
    HAUL_RUN_FILE_STREAM  /* standard output, where nothing says where the rows go */
};

struct haul_run_file {
    const char *option; /* that names it, for messages: "--journal" */
    const char *name;   /* as a path; a standard stream is "/dev/stdin" or "/dev/stdout" */
    enum haul_run_file_use use;
};

enum { HAUL_RUN_FILES_COMPANIONS = 4 };

struct haul_run_files {
    struct haul_run_file *item;
    size_t count;
    const char *warc; /* what --warc says, or NULL: a row of files, with names of which it is the
                         beginning (model/warc_row.h), and to which more are added */
    char *companion[HAUL_RUN_FILES_COMPANIONS]; /* of the history: names of SQLite's and its lock */
};

/*
 * Lists them. Names are the configuration's, which must live as long. HAUL_ERR_NOMEM. To be freed
 * with haul_run_files_done whatever is returned. Pure; any thread.
 */
HAUL_MUST_USE enum haul_err haul_run_files_list(const struct haul_config *config,
                                                struct haul_run_files *files);
void haul_run_files_done(struct haul_run_files *files);

/* Whether a source is read from a file: a list, "-" too, or a sitemap that is no URL. Pure. */
bool haul_source_is_file(const struct haul_source *source);

#endif
