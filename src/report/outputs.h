#ifndef HAUL_REPORT_OUTPUTS_H
#define HAUL_REPORT_OUTPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/newfile.h"
#include "base/out.h"
#include "haul/config.h"
#include "haul/record.h"

/*
 * All reports of a run: that of --format and -o, and those of --report. Each has its own file,
 * which appears under its name when it is whole, and its own errors: one that cannot be written
 * does not keep the others from being written.
 *
 * With --quiet-unless what goes to standard output is held back in a file until it is known whether
 * anything is to be said. A text report to standard output is not made then: the brief report
 * replaces it.
 *
 * Where a function has `message`, it appends a line (ended by a newline, not escaped) for each
 * report that fails there, and never again for that one.
 *
 * Made on the main thread, then the collector's until it was joined, then main's again.
 */
struct haul_outputs;

/*
 * Opens all files, no two of which are one (haul_path_clash_check). On failure nothing is left
 * behind, and `message` has a line: HAUL_ERR_IO (a file cannot be made), HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_outputs_create(const struct haul_config *config,
                                                struct haul_outputs **out,
                                                struct haul_buf *message);

/*
 * Columns of the lists, which csv and tsv have behind the fields (report/layout.h). `add`, once for
 * each that is known before the first row, copies the name; the last such are what is attached to
 * the first row. HAUL_ERR_NOMEM. Are they of use at all? Not if no report has them, or if --fields
 * says which columns there are.
 */
HAUL_MUST_USE enum haul_err haul_outputs_add_column(struct haul_outputs *outputs, const char *name);
bool haul_outputs_want_columns(const struct haul_outputs *outputs);

/*
 * Says for how long a reader is waited for who takes nothing, as haul_out_wait_until. A report that
 * ends so is cut, and has failed as far as its own rows go. Before the first row.
 */
void haul_outputs_wait_until(struct haul_outputs *outputs, struct haul_patience *patience);

/*
 * Makes it those of a filter: a reader who closes the pipe that a report is written to has what he
 * wants. That report ends there, and has not failed. Before the first row.
 */
void haul_outputs_let_readers_leave(struct haul_outputs *outputs);

/* Has one done so? */
bool haul_outputs_reader_left(const struct haul_outputs *outputs);

/* Frees all; a report that was not published leaves nothing behind. NULL is fine. */
void haul_outputs_free(struct haul_outputs *outputs);

/* Its files that are not standard output, into `files`, which has room for haul_outputs_count. They
 * stay its own. Returns how many they are. */
size_t haul_outputs_files(struct haul_outputs *outputs, struct haul_newfile **files);
size_t haul_outputs_count(const struct haul_outputs *outputs);

/* Does a report go to a terminal, row by row? */
bool haul_outputs_on_terminal(const struct haul_outputs *outputs);

/* Is standard output free for what is said to people? */
bool haul_outputs_leave_stdout(const struct haul_outputs *outputs);

/* Is there one that needs the summary? */
bool haul_outputs_need_summary(const struct haul_outputs *outputs);

/* Has any of them failed, and not only been cut or left by its reader? Was any of them cut? Is
 * there none to which anything can still be written (have all failed, or been left)? */
bool haul_outputs_have_failed(const struct haul_outputs *outputs);
bool haul_outputs_are_cut(const struct haul_outputs *outputs);
bool haul_outputs_all_failed(const struct haul_outputs *outputs);

/* As haul_report_add, haul_report_flush and haul_report_finish, for every report with rows. `gaps`
 * is the largest number of any; and a line is told if in any of them data were changed for the log
 * of a CI system. They may block. */
void haul_outputs_add(struct haul_outputs *outputs, const struct haul_record *rec,
                      struct haul_buf *message);
void haul_outputs_flush(struct haul_outputs *outputs, struct haul_buf *message);
void haul_outputs_finish(struct haul_outputs *outputs, uint64_t *gaps, struct haul_buf *message);

/*
 * Writes the reports on the whole. Once, when all rows are there; may block. `write` adds the
 * report of a format without rows to `out`, which it does not flush: how a summary looks in it is
 * not known here (render/render.h).
 */
struct haul_summary;
typedef void haul_outputs_write_fn(enum haul_format format, struct haul_out *out,
                                   const struct haul_summary *summary);
void haul_outputs_write_summary(struct haul_outputs *outputs, haul_outputs_write_fn *write,
                                const struct haul_summary *summary, struct haul_buf *message);

/* Gives out what was held back for standard output. Without it, nothing is. May block. */
void haul_outputs_release(struct haul_outputs *outputs, struct haul_buf *message);

/* Gives the files that are whole their names. A report that needs a summary and never got one is
 * not whole. */
void haul_outputs_publish(struct haul_outputs *outputs, struct haul_buf *message);

#endif
