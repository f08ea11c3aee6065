#include "report/outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/again.h"
#include "base/ci.h"
#include "base/io.h"
#include "base/newfile.h"
#include "base/out.h"
#include "base/scratch.h"
#include "base/terminal.h"
#include "model/config_rules.h"
#include "model/target.h"
#include "report/layout.h"
#include "report/report.h"

enum { COPY_BYTES = 64 << 10 };

/* One report. [owner] */
struct output {
    struct haul_report_target target; /* "-": standard output */
    struct haul_newfile file;
    int fd;                     /* where it is written; the file's, standard output, or `held` */
    struct haul_report *report; /* of one with rows */
    bool is_log;                /* of a CI system (base/ci.h): it, or what is held back for it */
    bool is_written;            /* whole */
    bool has_failed;
};

struct haul_outputs {
    bool holds;                     /* standard output is held back */
    bool is_stdout_taken;           /* by an archive: what is for it goes to standard error */
    bool is_on_terminal;            /* a report with rows goes to one */
    bool is_cut;                    /* a reader was no longer waited for */
    int held_fd;                    /* what is held back, or -1 */
    struct haul_patience *patience; /* as haul_out_wait_until */
    struct haul_layout layout;      /* of csv and tsv, and of jsonl where it is chosen */
    bool has_rows;                  /* the layout is as it stays */
    size_t count;                   /* open or being opened */
    size_t failed;
    size_t left;      /* by their readers; not among those that failed */
    bool may_be_left; /* that is no failure */
    struct output output[];
};

/* What "-" is: no other report goes to standard output where an archive does (config_rules.h). */
static int standard_fd(const struct haul_outputs *outputs)
{
    return outputs->is_stdout_taken ? STDERR_FILENO : STDOUT_FILENO;
}

/* ---- failing ---- */

static bool is_stdout(const struct output *output)
{
    return strcmp(output->target.file, "-") == 0;
}

static void fail(struct haul_outputs *outputs, struct output *output, enum haul_err err, int error,
                 struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];

    if (!err || output->has_failed)
        return;
    output->has_failed = true;
    if (error == EPIPE && outputs->may_be_left) {
        outputs->left++;
        return;
    }
    if (!is_stdout(output))
        haul_buf_addf(message, "%s: ", output->target.file);
    if (error == ECANCELED) {
        outputs->is_cut = true;
        haul_buf_add_str(message, "the report is cut: nobody reads it, and the run is stopped\n");
        return;
    }
    outputs->failed++;
    haul_buf_addf(message, "the report cannot be written: %s",
                  error ? haul_io_error_text(error, text) : haul_err_text(err));
    haul_newfile_add_kept(&output->file, message);
    haul_buf_add_char(message, '\n');
}

static void fail_rows(struct haul_outputs *outputs, struct output *output, enum haul_err err,
                      struct haul_buf *message)
{
    if (err)
        fail(outputs, output, err, haul_report_errno(output->report), message);
}

/* ---- opening ---- */

static bool has_columns(const struct output *output)
{
    return output->target.format == HAUL_FORMAT_CSV || output->target.format == HAUL_FORMAT_TSV;
}

/* In jsonl the columns of lists have a place of their own. */
static const struct haul_layout *layout_for(const struct haul_outputs *outputs,
                                            const struct output *output)
{
    return has_columns(output) || outputs->layout.is_chosen ? &outputs->layout : NULL;
}

static enum haul_err open_rows(struct haul_outputs *outputs, const struct haul_config *config,
                               struct output *output)
{
    const struct haul_report_options options = {.format = output->target.format,
                                                .order = config->order,
                                                .fd = output->fd,
                                                .is_verbose = config->verbose,
                                                .layout = layout_for(outputs, output),
                                                .is_log = output->is_log,
                                                .terminal = haul_terminal_look(output->fd)};

    outputs->is_on_terminal = outputs->is_on_terminal || options.terminal.is_terminal;
    return haul_report_create(&output->report, &options);
}

static enum haul_err open_held(struct haul_outputs *outputs, struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];

    outputs->held_fd = haul_scratch_open(NULL);
    if (outputs->held_fd >= 0)
        return HAUL_OK;
    haul_buf_addf(message, "no temporary file can be made for --quiet-unless: %s",
                  haul_io_error_text(errno, text));
    return HAUL_ERR_SYSTEM;
}

/* Of formats that have an escape which says the same, also what may be one. */
static bool looks_like_log(const struct output *output, int fd)
{
    enum haul_format format = output->target.format;

    if (format == HAUL_FORMAT_CSV || format == HAUL_FORMAT_TSV || format == HAUL_FORMAT_PROMETHEUS)
        return haul_ci_is_log(fd);
    return haul_ci_may_be_log(fd);
}

static enum haul_err open_one(struct haul_outputs *outputs, const struct haul_config *config,
                              struct output *output, struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;

    if (!is_stdout(output)) {
        err = haul_newfile_open(&output->file, output->target.file, message);
        output->fd = output->file.fd;
    } else if (outputs->holds) {
        err = open_held(outputs, message);
        output->fd = outputs->held_fd;
    } else {
        output->fd = standard_fd(outputs);
    }
    output->is_log = looks_like_log(output, is_stdout(output) ? standard_fd(outputs) : output->fd);
    if (!err && output->target.format < HAUL_FORMAT_ROWS)
        err = open_rows(outputs, config, output);
    return err;
}

size_t haul_outputs_count(const struct haul_outputs *outputs)
{
    return outputs->count;
}

size_t haul_outputs_files(struct haul_outputs *outputs, struct haul_newfile **files)
{
    size_t count = 0;

    for (size_t i = 0; i < outputs->count; i++)
        if (!is_stdout(&outputs->output[i]))
            files[count++] = &outputs->output[i].file;
    return count;
}

static void add_target(struct haul_outputs *outputs, struct haul_report_target target)
{
    outputs->output[outputs->count++] =
        (struct output){.target = target, .file = {.fd = -1}, .fd = -1};
}

/*
 * --report FORMAT:- takes the place of the report that would go there; and so does the brief report
 * that --quiet-unless gives, if that report is text. Where an archive goes to standard output, it
 * goes to standard error, as what tar lists does.
 */
static void add_main(struct haul_outputs *outputs, const struct haul_config *config)
{
    struct haul_report_target target = {.format = config->format, .file = config->output};

    if (!target.file) {
        target.file = "-";
        if (config->quiet_unless && config->format == HAUL_FORMAT_TEXT)
            return;
        if (!outputs->is_stdout_taken && !haul_outputs_leave_stdout(outputs))
            return;
    }
    add_target(outputs, target);
}

enum haul_err haul_outputs_create(const struct haul_config *config, struct haul_outputs **out,
                                  struct haul_buf *message)
{
    size_t most = config->reports.count + 1;
    struct haul_report_target target;
    struct haul_outputs *outputs = calloc(1, sizeof *outputs + most * sizeof *outputs->output);
    enum haul_err err;

    *out = NULL;
    if (!outputs)
        return HAUL_ERR_NOMEM;
    err = haul_layout_init(&outputs->layout, config->fields);
    outputs->held_fd = -1;
    outputs->holds = config->quiet_unless != 0;
    outputs->is_stdout_taken = haul_config_streams_tar(config);
    for (size_t i = 0; i < config->reports.count; i++) /* bad ones are refused (config_rules.h) */
        if (!haul_report_target_read(config->reports.item[i], &target))
            add_target(outputs, target);
    add_main(outputs, config);
    for (size_t i = 0; i < outputs->count && !err; i++)
        err = open_one(outputs, config, &outputs->output[i], message);
    if (err)
        haul_outputs_free(outputs);
    else
        *out = outputs;
    return err;
}

void haul_outputs_wait_until(struct haul_outputs *outputs, struct haul_patience *patience)
{
    outputs->patience = patience;
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->output[i].report)
            haul_report_wait_until(outputs->output[i].report, patience);
}

void haul_outputs_let_readers_leave(struct haul_outputs *outputs)
{
    outputs->may_be_left = true;
}

bool haul_outputs_reader_left(const struct haul_outputs *outputs)
{
    return outputs->left > 0;
}

void haul_outputs_free(struct haul_outputs *outputs)
{
    if (!outputs)
        return;
    for (size_t i = 0; i < outputs->count; i++) {
        haul_report_free(outputs->output[i].report);
        haul_newfile_discard(&outputs->output[i].file);
    }
    if (outputs->held_fd >= 0)
        close(outputs->held_fd);
    haul_layout_done(&outputs->layout);
    free(outputs);
}

/* ---- asking ---- */

bool haul_outputs_on_terminal(const struct haul_outputs *outputs)
{
    return outputs->is_on_terminal;
}

bool haul_outputs_leave_stdout(const struct haul_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (is_stdout(&outputs->output[i]))
            return false;
    return !outputs->is_stdout_taken;
}

bool haul_outputs_need_summary(const struct haul_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (!outputs->output[i].report)
            return true;
    return false;
}

bool haul_outputs_have_failed(const struct haul_outputs *outputs)
{
    return outputs->failed > 0;
}

bool haul_outputs_are_cut(const struct haul_outputs *outputs)
{
    return outputs->is_cut;
}

bool haul_outputs_all_failed(const struct haul_outputs *outputs)
{
    return outputs->count && outputs->failed + outputs->left == outputs->count;
}

/* ---- rows ---- */

enum haul_err haul_outputs_add_column(struct haul_outputs *outputs, const char *name)
{
    return haul_layout_add(&outputs->layout, name);
}

bool haul_outputs_want_columns(const struct haul_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count && !outputs->layout.is_chosen; i++)
        if (has_columns(&outputs->output[i]))
            return true;
    return false;
}

/* What a list that could not be looked at before has, a pipe, is seen in its first row. */
static void settle_layout(struct haul_outputs *outputs, const struct haul_record *rec,
                          struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;

    outputs->has_rows = true;
    for (size_t i = 0; i < rec->attached_count && !err; i++)
        err = haul_layout_add(&outputs->layout, rec->attached[i].name);
    for (size_t i = 0; i < outputs->count && err; i++)
        if (has_columns(&outputs->output[i]))
            fail(outputs, &outputs->output[i], err, 0, message);
}

void haul_outputs_add(struct haul_outputs *outputs, const struct haul_record *rec,
                      struct haul_buf *message)
{
    if (!outputs->has_rows)
        settle_layout(outputs, rec, message);
    for (size_t i = 0; i < outputs->count; i++) {
        struct output *output = &outputs->output[i];

        if (output->report && !output->has_failed)
            fail_rows(outputs, output, haul_report_add(output->report, rec), message);
    }
}

void haul_outputs_flush(struct haul_outputs *outputs, struct haul_buf *message)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct output *output = &outputs->output[i];

        if (output->report && !output->has_failed)
            fail_rows(outputs, output, haul_report_flush(output->report), message);
    }
}

void haul_outputs_finish(struct haul_outputs *outputs, uint64_t *gaps, struct haul_buf *message)
{
    bool is_changed = false;

    *gaps = 0;
    for (size_t i = 0; i < outputs->count; i++) {
        struct output *output = &outputs->output[i];
        uint64_t own_gaps = 0;

        if (!output->report || output->has_failed)
            continue;
        fail_rows(outputs, output, haul_report_finish(output->report, &own_gaps), message);
        if (own_gaps > *gaps)
            *gaps = own_gaps;
        output->is_written = !output->has_failed;
        is_changed = is_changed || haul_report_is_changed(output->report);
    }
    if (is_changed)
        haul_buf_addf(message, "%s\n", haul_ci_changed);
}

/* ---- the whole ---- */

static void write_one(struct haul_outputs *outputs, struct output *output,
                      haul_outputs_write_fn *write, const struct haul_summary *summary,
                      struct haul_buf *message)
{
    struct haul_out *out = haul_out_create(output->fd);
    enum haul_err err = out ? HAUL_OK : HAUL_ERR_NOMEM;

    if (out) {
        haul_out_wait_until(out, outputs->patience);
        haul_out_set_log(out, output->is_log);
        write(output->target.format, out, summary);
        err = haul_out_flush(out);
    }
    fail(outputs, output, err, out ? haul_out_error(out) : 0, message);
    haul_out_free(out);
    output->is_written = !output->has_failed;
}

void haul_outputs_write_summary(struct haul_outputs *outputs, haul_outputs_write_fn *write,
                                const struct haul_summary *summary, struct haul_buf *message)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (!outputs->output[i].report && !outputs->output[i].has_failed)
            write_one(outputs, &outputs->output[i], write, summary, message);
}

/* ---- the end ---- */

/* From the beginning of the file. Returns an errno, or 0. */
static int copy(int from, struct haul_out *out)
{
    char bytes[COPY_BYTES];
    ssize_t got;
    off_t at = 0;

    for (;;) {
        HAUL_AGAIN(got, pread(from, bytes, sizeof bytes, at));
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        haul_out_add(out, bytes, (size_t)got);
        at += got;
    }
    return haul_out_flush(out) ? haul_out_error(out) : 0;
}

void haul_outputs_release(struct haul_outputs *outputs, struct haul_buf *message)
{
    struct haul_out *out;
    int error;

    if (outputs->held_fd < 0)
        return;
    out = haul_out_create(standard_fd(outputs));
    if (out)
        haul_out_wait_until(out, outputs->patience);
    error = out ? copy(outputs->held_fd, out) : ENOMEM;
    haul_out_free(out);
    for (size_t i = 0; i < outputs->count; i++)
        if (error && is_stdout(&outputs->output[i]))
            fail(outputs, &outputs->output[i], HAUL_ERR_IO, error, message);
}

void haul_outputs_publish(struct haul_outputs *outputs, struct haul_buf *message)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct output *output = &outputs->output[i];
        enum haul_err err;

        if (is_stdout(output) || !output->is_written || output->has_failed)
            continue;
        err = haul_newfile_publish(&output->file);
        fail(outputs, output, err, errno, message);
    }
}
