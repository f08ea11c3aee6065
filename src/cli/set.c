#include "cli/set.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/cidr.h"
#include "base/units.h"
#include "cli/secret.h"
#include "model/budget.h"

static_assert(sizeof(enum haul_format) == sizeof(unsigned) &&
                  sizeof(enum haul_order) == sizeof(unsigned) &&
                  sizeof(enum haul_method) == sizeof(unsigned) &&
                  sizeof(enum haul_progress) == sizeof(unsigned) &&
                  sizeof(enum haul_http_version) == sizeof(unsigned) &&
                  sizeof(enum haul_ip_version) == sizeof(unsigned),
              "set_enum writes any of them as an unsigned int");

static void *field_of(struct haul_option_call *call)
{
    return (char *)call->config + call->option->offset;
}

enum haul_err haul_option_set_result(struct haul_option_call *call)
{
    bool *asked = (bool *)((char *)call->result + call->option->offset);

    *asked = true;
    return HAUL_OK;
}

enum haul_err haul_option_set_bool(struct haul_option_call *call)
{
    *(bool *)field_of(call) = call->on;
    return HAUL_OK;
}

enum haul_err haul_option_set_head(struct haul_option_call *call)
{
    call->config->method = call->on ? HAUL_METHOD_HEAD : HAUL_METHOD_GET;
    return HAUL_OK;
}

static void set_enum(struct haul_option_call *call, unsigned choice)
{
    memcpy(field_of(call), &choice, sizeof choice);
}

enum haul_err haul_option_set_choice(struct haul_option_call *call)
{
    unsigned choice = (unsigned)call->option->min, now;

    memcpy(&now, field_of(call), sizeof now);
    if (call->on)
        set_enum(call, choice);
    else if (now == choice)
        set_enum(call, 0);
    return HAUL_OK;
}

static enum haul_err fail_word(struct haul_option_call *call)
{
    const char *const *words = call->option->words;
    enum haul_err err = haul_option_fail(call, "must be ");
    size_t i;

    for (i = 0; words[i]; i++)
        haul_buf_addf(call->message, "%s%s", !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
    return err;
}

enum haul_err haul_option_set_word(struct haul_option_call *call)
{
    const char *const *words = call->option->words;
    unsigned i;

    for (i = 0; words[i]; i++)
        if (!strcmp(call->value, words[i])) {
            set_enum(call, i);
            return HAUL_OK;
        }
    return fail_word(call);
}

/* Bare --progress asks for progress also where nobody would expect it: in a log. */
enum haul_err haul_option_set_progress(struct haul_option_call *call)
{
    if (!call->value) {
        set_enum(call, HAUL_PROGRESS_PLAIN);
        return HAUL_OK;
    }
    return haul_option_set_word(call);
}

enum haul_err haul_option_set_optional_word(struct haul_option_call *call)
{
    return call->value ? haul_option_set_word(call) : haul_option_set_choice(call);
}

static enum haul_err fail_int(struct haul_option_call *call, const char *cause)
{
    const struct haul_option *option = call->option;
    enum haul_err err = haul_option_fail(call, cause);

    haul_buf_addf(call->message, "%s must be %lld to %lld", option->what, (long long)option->min,
                  (long long)option->max);
    return err;
}

enum haul_err haul_option_set_int(struct haul_option_call *call)
{
    const struct haul_option *option = call->option;
    const char *cause;
    int64_t value;
    enum haul_err err = haul_units_parse_int(call->value, option->min, option->max, &value, &cause);

    if (err)
        return fail_int(call, err == HAUL_ERR_SYNTAX ? "not a whole number; " : "");
    *(int *)field_of(call) = (int)value;
    return HAUL_OK;
}

enum haul_err haul_option_set_size(struct haul_option_call *call)
{
    const char *cause;
    int64_t bytes;

    if (haul_units_parse_size(call->value, &bytes, &cause))
        return haul_option_fail(call, cause);
    *(int64_t *)field_of(call) = bytes;
    return HAUL_OK;
}

static enum haul_err fail_duration(struct haul_option_call *call, const char *cause)
{
    enum haul_err err = haul_option_fail(call, cause);

    haul_buf_add_str(call->message, "; must be ");
    if (call->option->min)
        haul_units_add_duration(call->message, call->option->min);
    else
        haul_buf_add_char(call->message, '0');
    haul_buf_add_str(call->message, " to ");
    haul_units_add_duration(call->message, call->option->max);
    return err;
}

/* min and max are milliseconds. */
static enum haul_err parse_duration(struct haul_option_call *call, int64_t *duration_ms)
{
    const char *cause;
    int64_t value;

    if (haul_units_parse_duration(call->value, &value, &cause))
        return fail_duration(call, cause);
    if (value < call->option->min)
        return fail_duration(call, "too short");
    if (value > call->option->max)
        return fail_duration(call, "too long");
    *duration_ms = value;
    return HAUL_OK;
}

enum haul_err haul_option_set_duration(struct haul_option_call *call)
{
    return parse_duration(call, field_of(call));
}

enum haul_err haul_option_set_short_duration(struct haul_option_call *call)
{
    int64_t value = 0;
    enum haul_err err = parse_duration(call, &value);

    assert(call->option->max <= INT_MAX);
    if (!err)
        *(int *)field_of(call) = (int)value;
    return err;
}

enum haul_err haul_option_set_seconds(struct haul_option_call *call)
{
    int64_t value = 0;
    enum haul_err err = parse_duration(call, &value);

    if (err)
        return err;
    if (value % 1000)
        return haul_option_fail(call, "must be whole seconds");
    *(int *)field_of(call) = (int)(value / 1000);
    return HAUL_OK;
}

static enum haul_err parse_rate(struct haul_option_call *call, int64_t *interval_us)
{
    struct haul_rate rate;
    const char *cause;

    if (haul_units_parse_rate(call->value, &rate, &cause))
        return haul_option_fail(call, cause);
    *interval_us = haul_units_rate_interval_us(&rate);
    return HAUL_OK;
}

enum haul_err haul_option_set_rate(struct haul_option_call *call)
{
    return parse_rate(call, field_of(call));
}

static void settle_host_interval(struct haul_option_call *call)
{
    int64_t rate_us = call->result->host_rate_us, delay_us = call->result->delay_us;

    call->config->host_interval_us = rate_us > delay_us ? rate_us : delay_us;
}

enum haul_err haul_option_set_host_rate(struct haul_option_call *call)
{
    enum haul_err err = parse_rate(call, &call->result->host_rate_us);

    settle_host_interval(call);
    return err;
}

enum haul_err haul_option_set_delay(struct haul_option_call *call)
{
    int64_t delay_ms = 0;
    enum haul_err err = parse_duration(call, &delay_ms);

    if (err)
        return err;
    call->result->delay_us = delay_ms * 1000;
    settle_host_interval(call);
    return HAUL_OK;
}

enum haul_err haul_option_set_statuses(struct haul_option_call *call)
{
    const char *cause;

    if (haul_units_parse_statuses(call->value, field_of(call), &cause))
        return haul_option_fail(call, cause);
    return HAUL_OK;
}

enum haul_err haul_option_set_retry_on(struct haul_option_call *call)
{
    struct haul_config defaults;
    struct haul_status_set on, excluded;
    const char *cause;

    if (haul_units_parse_status_choice(call->value, &on, &excluded, &cause))
        return haul_option_fail(call, cause);
    haul_config_init(&defaults);
    call->config->retry_on = on.count ? on : defaults.retry_on;
    call->config->retry_not = excluded;
    return HAUL_OK;
}

/* What follows "fail=": a number, or a number and '%'. */
static bool read_failures(const char *text, int *failures, int *percent)
{
    char digits[sizeof "1000000000"];
    size_t len = strspn(text, "0123456789");
    bool is_percent = !strcmp(text + len, "%");
    const char *ignored;
    int64_t number;

    if (len >= sizeof digits || (text[len] && !is_percent))
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    if (haul_units_parse_int(digits, 1, is_percent ? 100 : 1000000000, &number, &ignored))
        return false;
    *failures = is_percent ? 0 : (int)number;
    *percent = is_percent ? (int)number : 0;
    return true;
}

/* Moves `*text` behind `word` if it begins with it. */
static bool skip_word(const char **text, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(*text, word, len) != 0)
        return false;
    *text += len;
    return true;
}

enum haul_err haul_option_set_halt(struct haul_option_call *call)
{
    struct haul_config *config = call->config;
    const char *at = call->value;
    enum haul_halt halt = HAUL_HALT_NEVER;
    int failures = 0, percent = 0;

    if (skip_word(&at, "now,fail="))
        halt = HAUL_HALT_NOW;
    else if (skip_word(&at, "soon,fail="))
        halt = HAUL_HALT_SOON;
    else if (strcmp(at, "never") != 0)
        return haul_option_fail(call, "must be never, now,fail=N, soon,fail=N or soon,fail=N%");
    if (halt != HAUL_HALT_NEVER && !read_failures(at, &failures, &percent))
        return haul_option_fail(call, "failures must be 1 to 1000000000, or 1% to 100%");
    config->halt = halt;
    config->halt_failures = failures;
    config->halt_percent = percent;
    return HAUL_OK;
}

/* A number alone is one of runs: seconds would be of no use here. */
enum haul_err haul_option_set_keep(struct haul_option_call *call)
{
    struct haul_config *config = call->config;
    bool is_number = !call->value[strspn(call->value, "0123456789")];
    int64_t runs = 0, age_ms = 0;
    const char *cause;
    enum haul_err err;

    if (is_number)
        err = haul_units_parse_int(call->value, 1, 1000000000, &runs, &cause);
    else
        err = haul_units_parse_duration(call->value, &age_ms, &cause);
    if (err || (!runs && !age_ms) || age_ms > INT64_MAX / 1000000)
        return haul_option_fail(call, "must be a number of runs, or a duration such as 90d");
    config->keep_runs = runs;
    config->keep_ms = age_ms;
    return HAUL_OK;
}

static enum haul_err check_text(struct haul_option_call *call)
{
    const char *cause = call->option->check(call->value);

    return cause ? haul_option_fail(call, cause) : HAUL_OK;
}

enum haul_err haul_option_set_text(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);
    const char *copy;

    if (err)
        return err;
    copy = haul_config_keep(call->config, call->value);
    if (!copy)
        return HAUL_ERR_NOMEM;
    *(const char **)field_of(call) = copy;
    return HAUL_OK;
}

/* As with curl, an empty proxy means none. */
enum haul_err haul_option_set_proxy(struct haul_option_call *call)
{
    if (*call->value)
        return haul_option_set_text(call);
    call->config->proxy = NULL;
    return HAUL_OK;
}

enum haul_err haul_option_add_text(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);

    return err ? err : haul_config_add_string(call->config, field_of(call), call->value);
}

enum haul_err haul_option_add_input(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);

    return err ? err : haul_config_add_source(call->config, HAUL_SOURCE_FILE, call->value);
}

/* As with other programs, "-" is standard output. */
enum haul_err haul_option_set_output(struct haul_option_call *call)
{
    if (strcmp(call->value, "-") != 0)
        return haul_option_set_text(call);
    call->config->output = NULL;
    return HAUL_OK;
}

enum haul_err haul_option_set_user_file(struct haul_option_call *call)
{
    struct haul_buf user;
    const char *cause, *copy;
    enum haul_err err;

    haul_buf_init(&user, 0);
    err = haul_secret_read_user(call->value, &user, &cause);
    if (err == HAUL_ERR_USAGE) {
        err = haul_option_fail(call, cause);
    } else if (!err) {
        copy = haul_config_keep(call->config, haul_buf_str(&user));
        err = copy ? HAUL_OK : HAUL_ERR_NOMEM;
        call->config->user = copy ? copy : call->config->user;
    }
    if (user.data)
        memset(user.data, 0, user.len);
    haul_buf_done(&user);
    return err;
}

enum haul_err haul_option_add_config(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);

    return err ? err : haul_config_add_string(call->config, &call->result->files, call->value);
}

enum haul_err haul_option_set_no_config(struct haul_option_call *call)
{
    call->result->no_config = true;
    call->result->files.count = 0;
    return HAUL_OK;
}

enum haul_err haul_option_add_sitemap(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);

    return err ? err : haul_config_add_source(call->config, HAUL_SOURCE_SITEMAP, call->value);
}

enum haul_err haul_option_add_robots(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);

    return err ? err : haul_config_add_source(call->config, HAUL_SOURCE_ROBOTS, call->value);
}

/* Checked here already: a block with a slip in it must not wait for the first connection. */
static enum haul_err add_net(struct haul_option_call *call, const char *text, size_t len)
{
    enum { NET_MAX = 63 }; /* longer than any block can be written */
    char net[NET_MAX + 1] = "";
    const char *cause;
    struct haul_cidr ignored;

    if (len <= NET_MAX)
        memcpy(net, text, len);
    if (haul_cidr_parse(net, &ignored, &cause))
        return haul_option_fail(call, cause);
    return haul_config_add_string(call->config, field_of(call), net);
}

enum haul_err haul_option_add_nets(struct haul_option_call *call)
{
    const char *at = call->value;
    size_t len = strcspn(at, ",");
    enum haul_err err = add_net(call, at, len);

    while (!err && at[len]) {
        at += len + 1;
        len = strcspn(at, ",");
        err = add_net(call, at, len);
    }
    return err;
}

enum haul_err haul_option_add_budget(struct haul_option_call *call)
{
    struct haul_budget ignored;
    struct haul_budget_error error;
    enum haul_err err = haul_budget_parse(call->value, &ignored, &error);

    if (!err)
        return haul_config_add_string(call->config, field_of(call), call->value);
    err = haul_option_fail(call, "");
    haul_buf_addf(call->message, "at character %zu: %s", error.at + 1, error.cause);
    return err;
}

/* The bit of a word of `len` bytes, or 0. */
static unsigned tell_of(const char *word, size_t len)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {{"change", HAUL_TELL_CHANGE},
                 {"fail", HAUL_TELL_FAIL},
                 {"budget", HAUL_TELL_BUDGET},
                 {"always", HAUL_TELL_ALWAYS}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == len && !memcmp(words[i].word, word, len))
            return words[i].bit;
    return 0;
}

enum haul_err haul_option_set_quiet_unless(struct haul_option_call *call)
{
    const char *at = call->value;
    unsigned tells = 0, bit;
    size_t len;

    for (;; at += len + 1) {
        len = strcspn(at, ",");
        bit = tell_of(at, len);
        if (!bit)
            return haul_option_fail(call,
                                    "must be change, fail, budget or always, with commas between");
        tells |= bit;
        if (!at[len])
            break;
    }
    call->config->quiet_unless = tells;
    return HAUL_OK;
}
