#include "engine/checks.h"

#include "report/path_clash.h"
#include "summary/budget.h"

static enum haul_err check_journal_options(const struct haul_config *config,
                                           struct haul_buf *message)
{
    if (config->resume && !config->journal)
        haul_buf_add_str(message, "--resume needs --journal FILE");
    else if (config->retry_failed && !config->resume)
        haul_buf_add_str(message, "--retry-failed needs --resume");
    else if ((config->keep_runs || config->keep_ms) && !config->history)
        haul_buf_add_str(message, "--keep needs --history FILE");
    return message->len ? HAUL_ERR_USAGE : HAUL_OK;
}

static enum haul_err check_saving_options(const struct haul_config *config,
                                          struct haul_buf *message)
{
    if (config->dir && config->method != HAUL_METHOD_GET)
        haul_buf_add_str(message, "--dir saves bodies, and --head and --method ask for none");
    else if (config->hash != HAUL_HASH_NONE && config->method != HAUL_METHOD_GET)
        haul_buf_add_str(message, "--hash reads bodies, and --head and --method ask for none");
    else if (config->skip_existing && !config->dir)
        haul_buf_add_str(message, "--skip-existing needs --dir DIR");
    else if (config->continues && !config->dir)
        haul_buf_add_str(message, "--continue needs --dir DIR");
    else if (config->sums && !config->dir)
        haul_buf_add_str(message, "--sums needs --dir DIR");
    else if (config->keep_free && !config->dir)
        haul_buf_add_str(message, "--keep-free needs --dir DIR");
    return message->len ? HAUL_ERR_USAGE : HAUL_OK;
}

static enum haul_err check_budget(const struct haul_config *config, const char *text,
                                  struct haul_buf *message)
{
    struct haul_budget budget;
    struct haul_budget_error error;

    if (haul_budget_parse(text, &budget, &error))
        haul_buf_addf(message, "--budget %s: at character %zu: %s", text, error.at + 1,
                      error.cause);
    else if (budget.measure == HAUL_MEASURE_GROWTH && !config->history)
        haul_buf_addf(message, "--budget %s: growth since which run? This needs --history FILE",
                      text);
    return message->len ? HAUL_ERR_USAGE : HAUL_OK;
}

static enum haul_err check_summary_options(const struct haul_config *config,
                                           struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;

    for (size_t i = 0; i < config->budgets.count && !err; i++)
        err = check_budget(config, config->budgets.item[i], message);
    if (!err && (config->quiet_unless & HAUL_TELL_CHANGE) && !config->history) {
        haul_buf_add_str(message,
                         "--quiet-unless change: since which run? This needs --history FILE");
        err = HAUL_ERR_USAGE;
    }
    if (!err && (config->quiet_unless & HAUL_TELL_BUDGET) && !config->budgets.count) {
        haul_buf_add_str(message, "--quiet-unless budget needs a --budget");
        err = HAUL_ERR_USAGE;
    }
    return err;
}

enum haul_err haul_checks(const struct haul_config *config, struct haul_buf *message)
{
    enum haul_err err = check_journal_options(config, message);

    if (!err)
        err = haul_path_clash_check(config, message);
    if (!err)
        err = check_summary_options(config, message);
    return err ? err : check_saving_options(config, message);
}
