#include "model/config_rules.h"

#include <stdbool.h>
#include <string.h>

#include "model/budget.h"
#include "model/source.h"
#include "model/target.h"

enum {
    RUNS = 1 << HAUL_VERB_RUN | 1 << HAUL_VERB_DRY_RUN,
    DRY_RUN = 1 << HAUL_VERB_DRY_RUN,
    REPORT = 1 << HAUL_VERB_REPORT,
    DIFF = 1 << HAUL_VERB_DIFF,
    HISTORY = 1 << HAUL_VERB_HISTORY
};

/* ---- journal and history ---- */

static bool resumes_nothing(const struct haul_config *config)
{
    return config->resume && !config->journal;
}

static bool retries_without_resume(const struct haul_config *config)
{
    return config->retry_failed && !config->resume;
}

static bool keeps_without_history(const struct haul_config *config)
{
    return (config->keep_runs || config->keep_ms) && !config->history;
}

static bool asks_for_change(const struct haul_config *config)
{
    return config->etags || config->timestamping;
}

static bool compares_nothing_since(const struct haul_config *config)
{
    return config->since && !asks_for_change(config);
}

/* With --timestamping the files of --dir tell when they were changed. */
static bool has_no_validators(const struct haul_config *config)
{
    return asks_for_change(config) && !config->since && !config->history &&
           !(config->timestamping && config->dir);
}

/* ---- what is told ---- */

static bool tells_change_without_history(const struct haul_config *config)
{
    return (config->quiet_unless & HAUL_TELL_CHANGE) && !config->history;
}

static bool tells_no_budget(const struct haul_config *config)
{
    return (config->quiet_unless & HAUL_TELL_BUDGET) && !config->budgets.count;
}

static bool is_for_stdout(const char *report)
{
    const char *colon = strchr(report, ':');

    return colon && !strcmp(colon + 1, "-");
}

/* That of --format gives way to one of --report. */
static bool has_two_reports_on_stdout(const struct haul_config *config)
{
    size_t count = config->output && !strcmp(config->output, "-");

    for (size_t i = 0; i < config->reports.count; i++)
        count += is_for_stdout(config->reports.item[i]);
    return count > 1;
}

static bool has_no_format_of_diff(const struct haul_config *config)
{
    return !haul_report_format_has_rows(config->format) && config->format != HAUL_FORMAT_MARKDOWN;
}

static bool has_no_format_of_history(const struct haul_config *config)
{
    return !haul_report_format_has_rows(config->format);
}

/* ---- saving ---- */

static bool saves_no_body(const struct haul_config *config)
{
    return config->dir && config->method != HAUL_METHOD_GET;
}

static bool hashes_no_body(const struct haul_config *config)
{
    return config->hash != HAUL_HASH_NONE && config->method != HAUL_METHOD_GET;
}

static bool skips_without_dir(const struct haul_config *config)
{
    return config->skip_existing && !config->dir;
}

static bool continues_without_dir(const struct haul_config *config)
{
    return config->continues && !config->dir;
}

static bool sums_without_dir(const struct haul_config *config)
{
    return config->sums && !config->dir;
}

static bool keeps_free_without_dir(const struct haul_config *config)
{
    return config->keep_free && !config->dir;
}

/* ---- sources ---- */

static size_t count_sources(const struct haul_config *config, enum haul_source_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < config->source_count; i++)
        count += config->source[i].kind == kind;
    return count;
}

/* What follows a verb is of kind URL. A configuration file's lists are for runs. */
static bool names_nothing(const struct haul_config *config)
{
    return !count_sources(config, HAUL_SOURCE_URL);
}

static bool reads_robots(const struct haul_config *config)
{
    return count_sources(config, HAUL_SOURCE_ROBOTS);
}

static bool reads_sitemap_of_network(const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (config->source[i].kind == HAUL_SOURCE_SITEMAP &&
            haul_source_is_url(config->source[i].text))
            return true;
    return false;
}

/* ---- rules whose words name what was given ---- */

static bool has_bad_budget(const struct haul_config *config, struct haul_buf *message)
{
    for (size_t i = 0; i < config->budgets.count; i++) {
        const char *text = config->budgets.item[i];
        struct haul_budget budget;
        struct haul_budget_error error;

        if (haul_budget_parse(text, &budget, &error)) {
            haul_buf_addf(message, "--budget %s: at character %zu: %s", text, error.at + 1,
                          error.cause);
            return true;
        }
        if (budget.measure == HAUL_MEASURE_GROWTH && !config->history) {
            haul_buf_addf(message, "--budget %s: growth since which run? This needs --history FILE",
                          text);
            return true;
        }
    }
    return false;
}

static bool has_bad_report(const struct haul_config *config, struct haul_buf *message)
{
    for (size_t i = 0; i < config->reports.count; i++) {
        struct haul_report_target target;
        const char *cause = haul_report_target_read(config->reports.item[i], &target);

        if (cause) {
            haul_buf_addf(message, "--report %s: %s", config->reports.item[i], cause);
            return true;
        }
    }
    return false;
}

/* ---- all of them ---- */

/* In the order in which they are looked at: the first one that is broken is told. */
static const struct rule {
    unsigned verbs; /* a set of bits 1 << HAUL_VERB_... */
    bool (*is_broken)(const struct haul_config *config);
    const char *words;
    /* instead of both: writes the words itself */
    bool (*has_bad)(const struct haul_config *config, struct haul_buf *message);
} rules[] = {
    {RUNS, .is_broken = resumes_nothing, .words = "--resume needs --journal FILE"},
    {RUNS, .is_broken = retries_without_resume, .words = "--retry-failed needs --resume"},
    {RUNS, .is_broken = keeps_without_history, .words = "--keep needs --history FILE"},
    {RUNS, .has_bad = has_bad_budget},
    {RUNS, .is_broken = tells_change_without_history,
     .words = "--quiet-unless change: since which run? This needs --history FILE"},
    {RUNS, .is_broken = tells_no_budget, .words = "--quiet-unless budget needs a --budget"},
    {RUNS, .is_broken = saves_no_body,
     .words = "--dir saves bodies, and --head and --method ask for none"},
    {RUNS, .is_broken = hashes_no_body,
     .words = "--hash reads bodies, and --head and --method ask for none"},
    {RUNS, .is_broken = skips_without_dir, .words = "--skip-existing needs --dir DIR"},
    {RUNS, .is_broken = continues_without_dir, .words = "--continue needs --dir DIR"},
    {RUNS, .is_broken = sums_without_dir, .words = "--sums needs --dir DIR"},
    {RUNS, .is_broken = keeps_free_without_dir, .words = "--keep-free needs --dir DIR"},
    {REPORT, .is_broken = names_nothing,
     .words = "name at least one journal: haul report JOURNAL..."},
    {RUNS | REPORT, .has_bad = has_bad_report},
    {RUNS | REPORT, .is_broken = has_two_reports_on_stdout,
     .words = "two reports cannot go to one place: standard output"},
    {RUNS, .is_broken = compares_nothing_since,
     .words = "--since is of use with --etags or --timestamping only"},
    {RUNS, .is_broken = has_no_validators,
     .words = "--etags and --timestamping need --since JOURNAL or --history; for --timestamping, "
              "--dir will "
              "do"},
    {DIFF, .is_broken = has_no_format_of_diff,
     .words = "--format: haul diff writes text, csv, tsv, jsonl and markdown"},
    {HISTORY, .is_broken = has_no_format_of_history,
     .words = "--format: haul history writes text, csv, tsv and jsonl"},
    {HISTORY, .is_broken = names_nothing, .words = "name a history: haul history FILE [URL]"},
    /* The names are left out: a URL may hold a password. */
    {DRY_RUN, .is_broken = reads_robots,
     .words = "--sitemap-from-robots: a dry run fetches nothing, and robots.txt would have to be"},
    {DRY_RUN, .is_broken = reads_sitemap_of_network,
     .words = "--sitemap: a dry run fetches nothing, so a sitemap must be a file"},
};

enum haul_err haul_config_check(const struct haul_config *config, enum haul_verb verb,
                                struct haul_buf *message)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];

        if (!(rule->verbs & 1U << verb))
            continue;
        if (rule->has_bad && rule->has_bad(config, message))
            return HAUL_ERR_USAGE;
        if (rule->is_broken && rule->is_broken(config)) {
            haul_buf_add_str(message, rule->words);
            return HAUL_ERR_USAGE;
        }
    }
    return HAUL_OK;
}
