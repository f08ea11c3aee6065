#include "model/config_rules.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "model/budget.h"
#include "model/target.h"
#include "model/url_parts.h"

/*
 * Each check_ function looks at some rules in their order, and returns the words of the first one
 * that is broken, or NULL.
 */

static const char *check_journal(const struct haul_config *config)
{
    if (config->resume && !config->journal)
        return "--resume needs --journal FILE";
    if (config->retry_failed && !config->resume)
        return "--retry-failed needs --resume";
    if ((config->keep_runs || config->keep_ms) && !config->history)
        return "--keep needs --history FILE";
    return NULL;
}

static const char *check_tables(const struct haul_config *config)
{
    if (config->table_head == HAUL_TABLE_HEAD_NO && !config->url_column)
        return "--no-header needs --url-column N";
    if (config->delimiter && !config->url_column)
        return "--delimiter needs --url-column COLUMN";
    return NULL;
}

static const char *check_quiet(const struct haul_config *config)
{
    if ((config->quiet_unless & HAUL_TELL_CHANGE) && !config->history)
        return "--quiet-unless change: since which run? This needs --history FILE";
    if ((config->quiet_unless & HAUL_TELL_BUDGET) && !config->budgets.count)
        return "--quiet-unless budget needs a --budget";
    return NULL;
}

bool haul_config_saves(const struct haul_config *config)
{
    return config->dir || config->tar;
}

bool haul_config_streams_tar(const struct haul_config *config)
{
    return config->tar && strcmp(config->tar, "-") == 0;
}

static const char *check_tar(const struct haul_config *config)
{
    bool is_stream = haul_config_streams_tar(config);

    if (!config->tar)
        return NULL;
    if (config->dir)
        return "--tar and --dir: bodies are saved in one of them only";
    if (config->method != HAUL_METHOD_GET)
        return "--tar saves bodies, and --head and --method ask for none";
    if (config->skip_existing || config->continues || !config->clobber)
        return "--skip-existing, --continue and --no-clobber are for the files of --dir DIR, and "
               "an archive has none; --resume goes on with it";
    if (is_stream && config->resume)
        return "--tar -: what went to standard output cannot be gone on with (--resume)";
    if (is_stream && config->keep_free)
        return "--keep-free needs a file system, and --tar - writes to none";
    return NULL;
}

/* Of files that are called like a prefix: there is nothing that they could be called by. */
static bool is_directory(const char *prefix)
{
    const char *slash = strrchr(prefix, '/'), *last = slash ? slash + 1 : prefix;

    return !*last || strcmp(last, ".warc.gz") == 0 || strcmp(last, ".warc") == 0;
}

/* Each archive says how it is called, in a line of its own. */
static bool has_control(const char *text)
{
    while (*text && !haul_ascii_is_control(*text))
        text++;
    return *text;
}

static const char *check_warc(const struct haul_config *config)
{
    if (!config->warc)
        return NULL;
    if (strcmp(config->warc, "-") == 0)
        return "--warc names files, and standard output is none";
    if (is_directory(config->warc))
        return "--warc wants the beginning of the files' names, too, such as DIR/pages";
    if (has_control(config->warc))
        return "--warc wants a name without control characters";
    if (config->method != HAUL_METHOD_GET)
        return "--warc archives bodies, and --head and --method ask for none";
    if (config->continues)
        return "--continue asks for parts of bodies, and --warc archives whole answers";
    if (config->redact.count)
        return "--warc archives URLs as they were asked for, and --redact hides parts of them";
    return NULL;
}

static const char *check_saving(const struct haul_config *config)
{
    if (config->dir && config->method != HAUL_METHOD_GET)
        return "--dir saves bodies, and --head and --method ask for none";
    if (config->hash != HAUL_HASH_NONE && config->method != HAUL_METHOD_GET)
        return "--hash reads bodies, and --head and --method ask for none";
    if (config->skip_existing && !haul_config_saves(config))
        return "--skip-existing needs --dir DIR";
    if (config->continues && !haul_config_saves(config))
        return "--continue needs --dir DIR";
    if (config->sums && !haul_config_saves(config))
        return "--sums needs --dir DIR or --tar FILE";
    if (config->keep_free && !haul_config_saves(config))
        return "--keep-free needs --dir DIR or --tar FILE";
    return NULL;
}

static const char *check_client(const struct haul_config *config)
{
    if (config->key && !config->cert)
        return "--key needs --cert FILE";
    if (config->key_pass && !config->cert)
        return "--pass and --pass-file need --cert FILE";
    return NULL;
}

/* What a proxy connects to, nobody here sees; but --allow-net may name the proxy itself. */
static const char *check_network(const struct haul_config *config)
{
    bool has_proxy = (config->proxy && *config->proxy) || config->proxy_from_env;

    if (config->public_only && !config->allow_net.count && has_proxy)
        return "--public-only cannot be kept through a proxy, which looks up names and connects by "
               "itself: leave --proxy or --proxy-from-env out, or have the proxy refuse";
    return NULL;
}

static const char *check_validators(const struct haul_config *config)
{
    bool asks_for_change = config->etags || config->timestamping;
    /* with --timestamping the files of --dir tell when they were changed */
    bool has_validators = config->since || config->history || (config->timestamping && config->dir);

    if (config->since && !asks_for_change)
        return "--since is of use with --etags or --timestamping only";
    if (asks_for_change && !has_validators)
        return "--etags and --timestamping need --since JOURNAL or --history; for --timestamping, "
               "--dir will do";
    return NULL;
}

/* What follows a verb is of kind URL. A configuration file's lists are for runs. */
static bool names_nothing(const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (config->source[i].kind == HAUL_SOURCE_URL)
            return false;
    return true;
}

/* The names are left out: a URL may hold a password. */
static const char *check_dry_run(const struct haul_config *config)
{
    bool has_robots = false, has_remote_sitemap = false;

    for (size_t i = 0; i < config->source_count; i++) {
        const struct haul_source *source = &config->source[i];

        has_robots |= source->kind == HAUL_SOURCE_ROBOTS;
        has_remote_sitemap |=
            source->kind == HAUL_SOURCE_SITEMAP && haul_source_is_url(source->text);
    }
    if (has_robots)
        return "--sitemap-from-robots: a dry run fetches nothing, and robots.txt would have to be";
    if (has_remote_sitemap)
        return "--sitemap: a dry run fetches nothing, so a sitemap must be a file";
    return NULL;
}

/* ---- rules whose words name what was given, or that hold for several verbs ---- */

static bool is_broken(const char *words, struct haul_buf *message)
{
    if (words)
        haul_buf_add_str(message, words);
    return words != NULL;
}

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
    /* that of --format gives way to one of --report */
    size_t on_stdout = config->output && !strcmp(config->output, "-");

    for (size_t i = 0; i < config->reports.count; i++) {
        struct haul_report_target target;
        const char *cause = haul_report_target_read(config->reports.item[i], &target);

        if (cause) {
            haul_buf_addf(message, "--report %s: %s", config->reports.item[i], cause);
            return true;
        }
        on_stdout += !strcmp(target.file, "-");
    }
    if (on_stdout && haul_config_streams_tar(config))
        return is_broken("--tar -: standard output is the archive's, and no place for a report",
                         message);
    return is_broken(on_stdout > 1 ? "two reports cannot go to one place: standard output" : NULL,
                     message);
}

/* A certificate, its key and its passphrase are replaced together (model/host.h). */
static bool has_bad_host_rule(const struct haul_config *config, struct haul_buf *message)
{
    for (size_t i = 0; i < config->host_rule_count; i++) {
        const struct haul_host_rule *rule = &config->host_rule[i];
        bool is_bad = (rule->says & HAUL_HOST_SAYS_CERT) && !rule->cert;

        if (is_bad && (rule->key || rule->key_pass)) {
            static const char *const scheme[] = {"", "http://", "https://"};

            haul_buf_addf(message, "[host \"%s%s", scheme[rule->scheme], rule->pattern);
            if (rule->port)
                haul_buf_addf(message, ":%d", rule->port);
            haul_buf_add_str(message, "\"]: key, pass and pass-file need cert in the same section");
            return true;
        }
    }
    return false;
}

/* ---- all of them ---- */

static bool is_run_broken(const struct haul_config *config, struct haul_buf *message)
{
    return is_broken(check_tables(config), message) || is_broken(check_journal(config), message) ||
           has_bad_budget(config, message) || is_broken(check_quiet(config), message) ||
           is_broken(check_saving(config), message) || is_broken(check_tar(config), message) ||
           is_broken(check_warc(config), message) || has_bad_report(config, message) ||
           is_broken(check_validators(config), message) ||
           is_broken(check_client(config), message) || is_broken(check_network(config), message) ||
           has_bad_host_rule(config, message);
}

static bool is_verb_broken(const struct haul_config *config, enum haul_verb verb,
                           struct haul_buf *message)
{
    bool has_rows = config->format < HAUL_FORMAT_ROWS;

    switch (verb) {
    case HAUL_VERB_RUN:
        return is_run_broken(config, message);
    case HAUL_VERB_DRY_RUN:
        return is_run_broken(config, message) || is_broken(check_dry_run(config), message);
    case HAUL_VERB_REPORT:
        if (names_nothing(config))
            return is_broken("name at least one journal: haul report JOURNAL...", message);
        return has_bad_report(config, message);
    case HAUL_VERB_DIFF:
        if (!has_rows && config->format != HAUL_FORMAT_MARKDOWN)
            return is_broken("--format: haul diff writes text, csv, tsv, jsonl and markdown",
                             message);
        return false;
    default:
        if (!has_rows)
            return is_broken("--format: haul history writes text, csv, tsv and jsonl", message);
        if (names_nothing(config))
            return is_broken("name a history: haul history FILE [URL]", message);
        return false;
    }
}

enum haul_err haul_config_check(const struct haul_config *config, enum haul_verb verb,
                                struct haul_buf *message)
{
    return is_verb_broken(config, verb, message) ? HAUL_ERR_USAGE : HAUL_OK;
}
