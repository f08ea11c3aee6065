#include "engine/run_summary.h"

#include <stdlib.h>
#include <string.h>

#include "model/target.h"
#include "model/version.h"
#include "render/brief.h"
#include "summary/budget_eval.h"
#include "summary/hide.h"
#include "summary/query.h"

static bool has_summary_report(const struct haul_config *config)
{
    if (config->format >= HAUL_FORMAT_ROWS)
        return true;
    for (size_t i = 0; i < config->reports.count; i++) {
        struct haul_report_target target;

        if (!haul_report_target_read(config->reports.item[i], &target) &&
            target.format >= HAUL_FORMAT_ROWS)
            return true;
    }
    return false;
}

bool haul_run_summary_is_needed(const struct haul_config *config)
{
    return config->budgets.count || config->quiet_unless || config->chart ||
           has_summary_report(config);
}

enum haul_err haul_run_summary_make(const struct haul_config *config, struct haul_store *store,
                                    const struct haul_redactor *redactor,
                                    const struct haul_inputs *inputs, struct haul_summary *summary,
                                    struct haul_buf *message)
{
    const struct haul_change_rules rules = haul_change_rules_of(config);
    const struct haul_summary_options options = {.version = HAUL_VERSION,
                                                 .workers = config->jobs,
                                                 .streams = config->streams,
                                                 .inputs = *inputs,
                                                 .rules = &rules,
                                                 .title = config->title,
                                                 .group_by = config->group_by};
    enum haul_err err = haul_summary_make(store, &options, summary);
    const char *cause = haul_store_error(store);

    if (!err) {
        err = haul_budget_evaluate(haul_store_db(store), &config->budgets, config->budget_empty,
                                   summary);
        cause = sqlite3_errmsg(haul_store_db(store));
    }
    if (!err)
        err = haul_summary_hide(summary, redactor);
    if (err)
        haul_buf_addf(message, "the summary cannot be made: %s",
                      err == HAUL_ERR_IO ? cause : haul_err_text(err));
    return err;
}

bool haul_run_summary_exceeds_budget(const struct haul_summary *summary)
{
    for (size_t i = 0; i < summary->budget_count; i++)
        if (summary->budget[i].state == HAUL_BUDGET_EXCEEDED)
            return true;
    return false;
}

static bool keeps_budgets(const struct haul_summary *summary)
{
    for (size_t i = 0; i < summary->budget_count; i++)
        if (summary->budget[i].state != HAUL_BUDGET_KEPT)
            return false;
    return true;
}

static bool has_changed(const struct haul_summary *summary)
{
    for (int i = 0; i < HAUL_CHANGE_COUNT; i++)
        if (summary->change[i])
            return true;
    return !summary->has_before;
}

bool haul_run_summary_is_reported(const struct haul_config *config,
                                  const struct haul_ledger *ledger,
                                  const struct haul_summary *summary)
{
    unsigned tell = config->quiet_unless;

    if (tell & HAUL_TELL_ALWAYS)
        return true;
    if ((tell & (HAUL_TELL_FAIL | HAUL_TELL_FAILING)) && ledger->count[HAUL_OUTCOME_PENDING])
        return true;
    if ((tell & HAUL_TELL_FAIL) && (summary->newly_failing || summary->newly_invalid))
        return true;
    if ((tell & HAUL_TELL_FAILING) && (ledger->count[HAUL_OUTCOME_FAILED] || ledger->given_up ||
                                       ledger->count[HAUL_OUTCOME_INVALID]))
        return true;
    if ((tell & HAUL_TELL_BUDGET) && !keeps_budgets(summary))
        return true;
    return (tell & HAUL_TELL_CHANGE) && has_changed(summary);
}

/* ---- the brief report ---- */

static bool is_kept(const char *file)
{
    return strcmp(file, "-") != 0 && strncmp(file, "/dev/", 5) != 0;
}

/* Where the reports are that can be read later. */
static void add_files(const struct haul_config *config, bool utf8, struct haul_buf *text)
{
    const char **file = calloc(config->reports.count + 1, sizeof *file);
    struct haul_report_target target;
    size_t count = 0;

    if (!file) {
        text->err = HAUL_ERR_NOMEM;
        return;
    }
    if (config->output && is_kept(config->output))
        file[count++] = config->output;
    for (size_t i = 0; i < config->reports.count; i++)
        if (!haul_report_target_read(config->reports.item[i], &target) && is_kept(target.file))
            file[count++] = target.file;
    haul_brief_add_reports(text, file, count, utf8);
    free(file);
}

void haul_run_summary_add_brief(const struct haul_config *config,
                                const struct haul_summary *summary, bool utf8,
                                struct haul_buf *text)
{
    haul_brief_add(text, summary, utf8);
    add_files(config, utf8, text);
}
