#include "engine/conclude.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/message.h"
#include "base/out.h"
#include "haul/exit.h"
#include "render/brief.h"
#include "render/render.h"

/* ---- what is said ---- */

static void say_bytes(struct haul_wiring *w, const struct haul_buf *text)
{
    size_t len;
    const char *bytes = haul_message_bytes(text, &len);

    (void)haul_message_write_until(bytes, len, &w->patience);
}

static void say(struct haul_wiring *w, const char *text)
{
    struct haul_buf line;

    haul_buf_init(&line, 0);
    haul_message_add(&line, &w->error_term, text, strlen(text));
    say_bytes(w, &line);
    haul_buf_done(&line);
}

/* Each line of a text, whose lines end with newlines. */
static void say_lines(struct haul_wiring *w, const char *text)
{
    struct haul_buf lines;

    haul_buf_init(&lines, 0);
    while (*text) {
        size_t len = strcspn(text, "\n");

        haul_message_add(&lines, &w->error_term, text, len);
        text += len + (text[len] == '\n');
    }
    say_bytes(w, &lines);
    haul_buf_done(&lines);
}

/* ---- reports ---- */

static bool publish_reports(struct haul_wiring *w)
{
    struct haul_buf message;
    bool is_published;

    haul_buf_init(&message, 0);
    haul_outputs_publish(w->outputs, &message);
    is_published = !message.len;
    say_lines(w, haul_buf_str(&message));
    haul_buf_done(&message);
    return is_published;
}

/* haul: failed.txt: cannot be written: No space left on device */
static void say_cause(struct haul_wiring *w, const char *name, const char *what, const char *cause)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    haul_buf_addf(&message, "%s: %s: %s", name, what, cause);
    say(w, haul_buf_str(&message));
    haul_buf_done(&message);
}

static bool publish_failed(struct haul_wiring *w)
{
    const char *name = w->run.config->save_failed;
    char text[HAUL_IO_ERROR_MAX];
    struct haul_buf cause;

    if (!name || haul_newfile_publish(&w->failed_file) == HAUL_OK)
        return true;
    haul_buf_init(&cause, 0);
    haul_buf_add_str(&cause, haul_io_error_text(errno, text));
    haul_newfile_add_kept(&w->failed_file, &cause);
    say_cause(w, name, "cannot be written", haul_buf_str(&cause));
    haul_buf_done(&cause);
    return false;
}

/* ---- the summary on standard error ---- */

static void draw_chart(struct haul_wiring *w, const struct haul_summary *summary)
{
    const struct haul_terminal *term = &w->error_term;
    const char *no_colour = getenv("NO_COLOR");
    const struct haul_render_chart_style style = {.columns = term->columns,
                                                  .utf8 = term->utf8,
                                                  .colour = term->is_terminal &&
                                                            !(no_colour && *no_colour)};
    struct haul_out *out = haul_out_create(STDERR_FILENO);
    enum haul_err unheard = HAUL_OK; /* nobody is left to be told */

    if (out) {
        haul_out_wait_until(out, &w->patience);
        haul_render_write_chart(out, summary, &style);
        unheard = haul_out_flush(out);
    }
    (void)unheard;
    haul_out_free(out);
}

static void add_books(const struct haul_collector_end *end, int64_t elapsed_us, int signal,
                      struct haul_buf *text)
{
    if (end->old_rows)
        haul_buf_addf(text, "%llu done before, and not fetched again\n",
                      (unsigned long long)end->old_rows);
    haul_ledger_summary(&end->ledger, elapsed_us, signal, text);
}

/* With --quiet only what is wrong; with --quiet-unless nothing, for the collector has said it. */
static void summarise(struct haul_wiring *w, const struct haul_collector_end *end,
                      int64_t elapsed_us, int signal)
{
    bool balances = haul_ledger_balances(&end->ledger);
    bool is_silent = w->run.config->quiet_unless != 0, is_quiet = w->run.config->quiet;
    bool has_chart = end->has_summary && w->run.config->chart;
    struct haul_buf text;

    haul_buf_init(&text, 0);
    if ((!is_quiet && !is_silent) || !balances)
        add_books(end, elapsed_us, signal, &text);
    if (!is_silent && !is_quiet)
        haul_brief_add_changes(&text, &end->summary);
    if (!is_silent && (!is_quiet || end->has_exceeded)) {
        haul_brief_add_budgets(&text, &end->summary, w->error_term.utf8);
        haul_brief_add_wire(&text, &end->summary, w->error_term.utf8);
    }
    if (has_chart && text.len)
        haul_buf_add_char(&text, '\n');
    say_bytes(w, &text);
    haul_buf_done(&text);
    if (has_chart && !is_silent)
        draw_chart(w, &end->summary);
    if (!balances)
        say(w, "THE BOOKS DO NOT BALANCE: some input lines are not accounted for");
}

/* ---- journal and history ---- */

/* Writes the footer. False: it cannot be written. */
static bool finish_journal(struct haul_wiring *w, const struct haul_collector_end *end, int status)
{
    char text[HAUL_IO_ERROR_MAX];

    if (!w->journal ||
        haul_journal_finish(w->journal, &end->ledger, &end->inputs, status) == HAUL_OK)
        return true;
    if (!end->has_failed)
        say_cause(w, w->run.config->journal, "the journal cannot be written",
                  haul_io_error_text(haul_journal_errno(w->journal), text));
    return false;
}

/* False: the status or the pruning is missing. The run itself is in the history in any case. */
static bool finish_history(struct haul_wiring *w, const struct haul_collector_end *end, int status)
{
    const struct haul_config *config = w->run.config;
    struct haul_store_keep keep = {.runs = config->keep_runs};
    enum haul_err err;

    if (!end->has_stored || !config->history)
        return true;
    if (config->keep_ms)
        keep.newest_us = haul_clock_wall_us() - config->keep_ms * 1000;
    err = haul_store_set_status(w->store, status);
    if (!err && (keep.runs || keep.newest_us))
        err = haul_store_prune(w->store, &keep);
    if (err)
        say_cause(w, config->history, "the history cannot be written", haul_store_error(w->store));
    return !err;
}

/* What was said when the run began may be far above by now. */
static void remind_of_history(struct haul_wiring *w)
{
    if (w->lost_history.len && !w->run.config->quiet_unless)
        say(w, haul_buf_str(&w->lost_history));
}

/* ---- the exit status ---- */

/* --exit-zero: what is wrong with the URLs is in the report, and not in the exit status. */
static int without_url_faults(const struct haul_config *config, int status)
{
    bool is_of_urls =
        status == HAUL_EXIT_FAILED || status == HAUL_EXIT_BUDGET || status == HAUL_EXIT_TEMPFAIL;

    return config->exit_zero && is_of_urls ? HAUL_EXIT_OK : status;
}

int haul_conclude(struct haul_wiring *w, const struct haul_run_end *run)
{
    const struct haul_collector_end *end = haul_collector_end(w->collector);
    struct haul_ledger_flags flags = {.signal = run->signal,
                                      .budget = end->has_exceeded,
                                      .nothing_found = end->inputs.is_error,
                                      .unread = end->inputs.is_unread};
    int status;

    flags.report_failed = run->never_ran || (run->has_given_up && !run->signal) ||
                          end->has_failed || end->is_disk_full;
    if (!run->never_ran && !end->has_lost) {
        flags.report_failed = !publish_reports(w) || flags.report_failed;
        flags.report_failed = !publish_failed(w) || flags.report_failed;
    }
    flags.report_failed = flags.report_failed || haul_outputs_have_failed(w->outputs) ||
                          (haul_outputs_are_cut(w->outputs) && !run->signal);
    summarise(w, end, run->elapsed_us, run->signal);
    status = haul_ledger_exit_status(&end->ledger, &flags);
    if (!finish_journal(w, end, status))
        status = HAUL_EXIT_INTERNAL;
    if (!finish_history(w, end, status))
        status = HAUL_EXIT_INTERNAL;
    remind_of_history(w);
    return without_url_faults(w->run.config, status);
}
