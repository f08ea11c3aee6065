#ifndef HAUL_BASE_CI_H
#define HAUL_BASE_CI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * What systems for continuous integration take for commands when they find it in a job's log: text
 * of a list or a server must never say it there. A command can set variables of later steps, fold
 * or hide what follows, or mark the job as failed or done.
 *
 *   anywhere    "##vso[", "##[", "##teamcity[" (Azure Pipelines, GitHub Actions' older form,
 *               TeamCity): two '#', letters or none, and '['; "section_start:" and "section_end:"
 *               (GitLab), "travis_fold:" and "travis_time:"
 *   in front    of a line, behind blanks or none: "::" (GitHub Actions); "---", "+++", "~~~" and
 *               "^^^" with a blank behind or nothing (Buildkite). A blank is all that Unicode calls
 *               white space: what runs on .NET trims all of it before it looks
 *
 * Such an opener is broken by writing its first character as an escape. Pure, any thread.
 */

/* Whether an opener that counts anywhere begins at `at`, of which there are `left` bytes. */
bool haul_ci_is_opener(const void *at, size_t left);

/*
 * Breaks the opener in front of the line that begins at `from`, as \xNN. Returns the columns that
 * the line has become longer.
 */
size_t haul_ci_break_line(struct haul_buf *buf, size_t from);

/*
 * Breaks what counts anywhere, from `from` to the end: its first character, '#', becomes `hash`,
 * the escape that the format has for it; another one stays if `hash` is not \x23, for it needs
 * control characters that no format lets through.
 */
void haul_ci_break_text(struct haul_buf *buf, size_t from, const char *hash);

/* The same of a row, with its newline, of a format that has no escape but \xNN, or none at all:
 * also what is in front, and line ends inside of it, after which something would be in front. True:
 * something was changed. */
bool haul_ci_break_row(struct haul_buf *buf, size_t from);

/*
 * Whether what is written to a descriptor may get into such a log: the environment names a system
 * (CI and others), and it is no file. For formats that can say the same with an escape.
 */
bool haul_ci_may_be_log(int fd);

/*
 * Whether it is the log, as far as can be told: it may be, and it is a terminal, or what standard
 * error is, or what the process that has started this one has as a standard stream, as a step's
 * shell does, or that cannot be seen. Otherwise it is the pipe of another program, which has to get
 * data as they are. For formats in which an escape is other data.
 *
 * Neither is pure; main thread, before the sandbox.
 */
bool haul_ci_is_log(int fd);

/* What is told, once, where data were changed for it. */
extern const char haul_ci_changed[];

#endif
