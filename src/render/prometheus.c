#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/saturate.h"
#include "render/number.h"
#include "render/render.h"
#include "render/writer.h"

/*
 * A label and its value. \\ and \" are the format's own escapes; a line end cannot be left after
 * haul_escape_tsv, which is used because it keeps different texts different: a sample that is there
 * twice would make node_exporter refuse the whole file.
 */
static void add_label(struct haul_buf *buf, const char *name, const char *value)
{
    struct haul_buf plain;

    haul_buf_init(&plain, 0);
    haul_escape_tsv(&plain, value, strlen(value));
    haul_buf_addf(buf, "%s=\"", name);
    for (size_t i = 0; i < plain.len; i++) {
        if (plain.data[i] == '"' || plain.data[i] == '\\')
            haul_buf_add_char(buf, '\\');
        haul_buf_add_char(buf, plain.data[i]);
    }
    haul_buf_add_char(buf, '"');
    haul_writer_scratch_done(&plain, buf);
}

static void begin_metric(struct haul_buf *buf, const char *name, const char *help)
{
    haul_buf_addf(buf, "# HELP haul_%s %s\n# TYPE haul_%s gauge\n", name, help, name);
}

/* "haul_NAME{site="..."[,label="value"]} "; the number and the line end are the caller's. Of a run
 * that is about no host there is no site: a label that is empty is none. */
static void begin_sample(struct haul_buf *buf, const struct haul_summary *summary, const char *name,
                         const char *label, const char *value)
{
    const char *comma = "{";

    haul_buf_addf(buf, "haul_%s", name);
    if (*summary->title) {
        haul_buf_add_str(buf, comma);
        add_label(buf, "site", summary->title);
        comma = ",";
    }
    if (label) {
        haul_buf_add_str(buf, comma);
        add_label(buf, label, value);
        comma = ",";
    }
    haul_buf_add_str(buf, *comma == ',' ? "} " : " ");
}

static void add_sample(struct haul_buf *buf, const struct haul_summary *summary, const char *name,
                       const char *label, const char *value, double number)
{
    begin_sample(buf, summary, name, label, value);
    haul_buf_addf(buf, "%s\n", haul_render_short_decimal(number, 6).text);
}

static void add_single(struct haul_buf *buf, const struct haul_summary *summary, const char *name,
                       const char *help, double value)
{
    begin_metric(buf, name, help);
    add_sample(buf, summary, name, NULL, NULL, value);
}

static void add_outcomes(struct haul_buf *buf, const struct haul_summary *summary)
{
    begin_metric(buf, "urls", "URLs of the last run by outcome.");
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++) {
        begin_sample(buf, summary, "urls", "outcome", haul_outcome_word((enum haul_outcome)i));
        haul_buf_add_u64(buf, summary->outcome[i]);
        haul_buf_add_char(buf, '\n');
    }
}

/* What groups are by, and which of them. */
struct group_kind {
    const char *label;
    const struct haul_summary_group *group;
    size_t count;
};

/* What is not known has no sample. */
static double wire_of(const struct haul_summary_wire *wire)
{
    return wire->known ? (double)wire->bytes : HUGE_VAL;
}

static double ratio_of(const struct haul_summary_wire *wire)
{
    return haul_render_has_ratio(wire) ? (double)wire->decoded / (double)wire->bytes : HUGE_VAL;
}

static bool is_group_repeated(const struct group_kind *kind, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(kind->group[i].name, kind->group[index].name) == 0)
            return true;
    return false;
}

static void add_groups(struct haul_buf *buf, const struct haul_summary *summary,
                       const struct group_kind *kind)
{
    static const char *const metric[][2] = {{"size_bytes", "Decoded bytes of what is known"},
                                            {"urls", "URLs"},
                                            {"failed_urls", "URLs that failed"},
                                            {"wire_bytes", "Bytes on the wire of what is known"},
                                            {"compression_ratio", "Decoded bytes by those on the "
                                                                  "wire"}};
    char name[64], help[128];

    for (size_t m = 0; m < sizeof metric / sizeof *metric && kind->count; m++) {
        snprintf(name, sizeof name, "%s_%s", kind->label, metric[m][0]);
        snprintf(help, sizeof help, "%s, by %s.", metric[m][1], kind->label);
        begin_metric(buf, name, help);
        for (size_t i = 0; i < kind->count; i++) {
            const struct haul_summary_group *group = &kind->group[i];
            const double value[] = {group->size > 0 ? (double)group->size : 0, (double)group->count,
                                    (double)group->failed, wire_of(&group->wire),
                                    ratio_of(&group->wire)};

            if (!is_group_repeated(kind, i) && isfinite(value[m]))
                add_sample(buf, summary, name, kind->label, group->name, value[m]);
        }
    }
}

static bool is_budget_repeated(const struct haul_summary *summary, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(summary->budget[i].expression, summary->budget[index].expression) == 0)
            return true;
    return false;
}

static void add_budgets(struct haul_buf *buf, const struct haul_summary *summary)
{
    enum { MOST = 2 };
    static const char *const metric[][2] = {
        {"budget_exceeded",
         "1 if the budget is exceeded, 0 if not; no sample if that is unknown, or no URL matches."},
        {"budget_actual",
         "What the budget came to, in its unit; where that is not known, at least."},
        [MOST] = {"budget_most",
                  "What the budget came to at most, in its unit; no sample if there is no bound."},
        {"budget_limit", "The budget's limit, in its unit."}};

    for (size_t m = 0; m < sizeof metric / sizeof *metric && summary->budget_count; m++) {
        begin_metric(buf, metric[m][0], metric[m][1]);
        for (size_t i = 0; i < summary->budget_count; i++) {
            const struct haul_summary_budget *budget = &summary->budget[i];
            const double value[] = {budget->state == HAUL_BUDGET_EXCEEDED, budget->actual,
                                    budget->is_partial ? HUGE_VAL : budget->most, budget->limit};

            if (budget->state <= HAUL_BUDGET_EXCEEDED && !is_budget_repeated(summary, i) &&
                (m != MOST || isfinite(value[m])))
                add_sample(buf, summary, metric[m][0], "budget", budget->expression, value[m]);
        }
    }
}

/* When the last run that was complete and without failures ended, in seconds; 0: none known. */
static double last_success(const struct haul_summary *summary)
{
    if (summary->complete && !haul_summary_count(summary, HAUL_OUTCOME_FAILED) &&
        !haul_summary_is_disallowed(summary))
        return (double)haul_saturate_add(summary->started_us, summary->duration_us) / 1e6;
    for (size_t i = summary->past_count; i > 0; i--) {
        const struct haul_summary_past *past = &summary->past[i - 1];

        if (!past->failed && past->started_us < summary->started_us)
            return (double)past->started_us / 1e6;
    }
    return 0;
}

static void add_run(struct haul_buf *buf, const struct haul_summary *summary)
{
    add_single(buf, summary, "failed_urls",
               "URLs that failed, or were skipped because their host was given up.",
               (double)haul_summary_count(summary, HAUL_OUTCOME_FAILED));
    add_single(buf, summary, "disallowed_urls", "URLs that robots.txt does not allow.",
               (double)summary->disallowed);
    add_single(buf, summary, "size_bytes", "Decoded bytes of all bodies.", (double)summary->size);
    add_single(buf, summary, "wire_bytes", "Body bytes on the wire.", (double)summary->wire);
    if (summary->page_wire.known)
        add_single(buf, summary, "page_wire_bytes",
                   "Bytes that all bodies take on the wire, what has not changed as it was.",
                   wire_of(&summary->page_wire));
    if (haul_render_has_ratio(&summary->page_wire))
        add_single(buf, summary, "compression_ratio", "Their decoded bytes by those.",
                   ratio_of(&summary->page_wire));
    add_single(buf, summary, "size_unknown_urls", "URLs that are ok, but whose size is not known.",
               (double)summary->size_unknown);
    add_single(buf, summary, "duration_seconds", "How long the run took.",
               (double)summary->duration_us / 1e6);
    add_single(buf, summary, "serial_seconds", "The sum of the times of the single URLs.",
               (double)summary->serial_us / 1e6);
    add_single(buf, summary, "workers", "Workers of the run.", summary->workers);
    add_single(buf, summary, "complete", "1 if the run was complete, 0 if it was stopped.",
               summary->complete);
    add_single(buf, summary, "nothing_found",
               "1 if no input had a URL, so that the run is not complete; else 0.",
               summary->inputs.nothing_found);
    add_single(buf, summary, "empty_inputs",
               "Inputs, and sitemaps that they lead to, without a URL.",
               (double)summary->inputs.empty);
    add_single(buf, summary, "empty_is_error",
               "1 if it is an error that an input had no URL, so that the run is not complete; else"
               " 0.",
               summary->inputs.is_error);
    add_single(buf, summary, "unread",
               "1 if an input was not read to its end, so that the run is not complete; else 0.",
               summary->inputs.is_unread);
    add_single(buf, summary, "exit_status", "Exit status of the run, as far as known then.",
               summary->exit_status);
    add_single(buf, summary, "last_run_timestamp_seconds", "When the last run began.",
               (double)summary->started_us / 1e6);
    add_single(buf, summary, "last_success_timestamp_seconds",
               "When the last complete run without failures was; 0 if none is known.",
               last_success(summary));
}

void haul_render_write_prometheus(struct haul_out *out, const struct haul_summary *summary)
{
    const struct group_kind kinds[] = {{"host", summary->host, summary->host_count},
                                       {"type", summary->type, summary->type_count},
                                       {"group", summary->group, summary->group_count}};
    struct haul_writer writer;

    haul_writer_init(&writer, out);
    writer.hash = "\\\\x23";
    add_outcomes(&writer.buf, summary);
    add_run(&writer.buf, summary);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        add_groups(&writer.buf, summary, &kinds[i]);
        haul_writer_pass(&writer);
    }
    add_budgets(&writer.buf, summary);
    haul_writer_done(&writer);
}
