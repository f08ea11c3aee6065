#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/units.h"
#include "cli/call.h"
#include "cli/check.h"
#include "cli/options.h"

/*
 * What each option is and does. First the few ways a value gets into the configuration, then the
 * table. A row's offset says where; its type is the setter's business.
 */

static_assert(sizeof(enum haul_format) == sizeof(unsigned) &&
                  sizeof(enum haul_order) == sizeof(unsigned) &&
                  sizeof(enum haul_progress) == sizeof(unsigned) &&
                  sizeof(enum haul_http_version) == sizeof(unsigned) &&
                  sizeof(enum haul_ip_version) == sizeof(unsigned),
              "set_enum writes any of them as an unsigned int");

static void *field_of(struct haul_option_call *call)
{
    return (char *)call->config + call->option->offset;
}

static enum haul_err set_result(struct haul_option_call *call)
{
    bool *asked = (bool *)((char *)call->result + call->option->offset);

    *asked = true;
    return HAUL_OK;
}

static enum haul_err set_bool(struct haul_option_call *call)
{
    *(bool *)field_of(call) = call->on;
    return HAUL_OK;
}

static void set_enum(struct haul_option_call *call, unsigned choice)
{
    memcpy(field_of(call), &choice, sizeof choice);
}

static enum haul_err set_choice(struct haul_option_call *call)
{
    set_enum(call, (unsigned)call->option->min);
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

static enum haul_err set_word(struct haul_option_call *call)
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
static enum haul_err set_progress(struct haul_option_call *call)
{
    if (!call->value) {
        set_enum(call, HAUL_PROGRESS_PLAIN);
        return HAUL_OK;
    }
    return set_word(call);
}

static enum haul_err fail_int(struct haul_option_call *call, const char *cause)
{
    const struct haul_option *option = call->option;
    enum haul_err err = haul_option_fail(call, cause);

    haul_buf_addf(call->message, "%s must be %lld to %lld", option->what, (long long)option->min,
                  (long long)option->max);
    return err;
}

static enum haul_err set_int(struct haul_option_call *call)
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

static enum haul_err set_size(struct haul_option_call *call)
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
    haul_units_add_duration(call->message, call->option->min);
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

static enum haul_err set_duration(struct haul_option_call *call)
{
    return parse_duration(call, field_of(call));
}

static enum haul_err set_short_duration(struct haul_option_call *call)
{
    int64_t value;
    enum haul_err err = parse_duration(call, &value);

    assert(call->option->max <= INT_MAX);
    if (!err)
        *(int *)field_of(call) = (int)value;
    return err;
}

static enum haul_err set_seconds(struct haul_option_call *call)
{
    int64_t value;
    enum haul_err err = parse_duration(call, &value);

    if (err)
        return err;
    if (value % 1000)
        return haul_option_fail(call, "must be whole seconds");
    *(int *)field_of(call) = (int)(value / 1000);
    return HAUL_OK;
}

static enum haul_err set_statuses(struct haul_option_call *call)
{
    const char *cause;

    if (haul_units_parse_statuses(call->value, field_of(call), &cause))
        return haul_option_fail(call, cause);
    return HAUL_OK;
}

static enum haul_err check_text(struct haul_option_call *call)
{
    const char *cause = call->option->check(call->value);

    return cause ? haul_option_fail(call, cause) : HAUL_OK;
}

static enum haul_err set_text(struct haul_option_call *call)
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
static enum haul_err set_proxy(struct haul_option_call *call)
{
    if (*call->value)
        return set_text(call);
    call->config->proxy = NULL;
    return HAUL_OK;
}

static enum haul_err add_text(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);

    return err ? err : haul_config_add_string(call->config, field_of(call), call->value);
}

static enum haul_err add_input(struct haul_option_call *call)
{
    enum haul_err err = check_text(call);

    return err ? err : haul_config_add_source(call->config, HAUL_SOURCE_FILE, call->value);
}

static const char *const format_words[] = {"text", "csv", "tsv", "jsonl", NULL};
static const char *const order_words[] = {"auto", "input", "done", NULL};
static const char *const progress_words[] = {"auto", "none", "plain", NULL};

enum { DAY_MS = 24 * 3600 * 1000 };

#define FIELD(name) .offset = offsetof(struct haul_config, name)
#define RESULT(name) .offset = offsetof(struct haul_options_result, name)

static const struct haul_option table[] = {
    {.name = "input",
     .letter = 'i',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "FILE",
     .group = HAUL_OPTION_GROUP_INPUT,
     .help = "read URLs from FILE, one on a line (- is standard input); may be repeated",
     .set = add_input,
     .check = haul_check_name},

    {.name = "jobs",
     .alias = {"threads", "max-concurrent-downloads"},
     .letter = 'j',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "N",
     .group = HAUL_OPTION_GROUP_ENGINE,
     .help = "number of workers, 1 to 1024",
     .shown = "8",
     .set = set_int,
     FIELD(jobs),
     .min = 1,
     .max = 1024,
     .what = "workers"},
    {.name = "streams",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "N",
     .group = HAUL_OPTION_GROUP_ENGINE,
     .help = "transfers at a time per worker, 1 to 256",
     .shown = "1",
     .set = set_int,
     FIELD(streams),
     .min = 1,
     .max = 256,
     .what = "streams"},
    {.name = "window",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "N",
     .group = HAUL_OPTION_GROUP_ENGINE,
     .help = "URLs held in memory at a time, 1 to 1000000",
     .shown = "4096",
     .set = set_int,
     FIELD(window),
     .min = 1,
     .max = 1000000,
     .what = "URLs in the window"},
    {.name = "grace",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "DURATION",
     .group = HAUL_OPTION_GROUP_ENGINE,
     .help = "time for what is in flight to end after a first signal",
     .shown = "10s",
     .set = set_short_duration,
     FIELD(grace_ms),
     .min = 0,
     .max = DAY_MS},

    {.name = "header",
     .letter = 'H',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "FIELD",
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "send the header field \"Name: value\"; may be repeated",
     .set = add_text,
     FIELD(headers),
     .check = haul_check_header,
     .secret = HAUL_OPTION_SECRET_FIELD},
    {.name = "user-agent",
     .letter = 'A',
     .letter_alias = 'U',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "NAME",
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "what haul calls itself",
     .shown = "haul/VERSION",
     .set = set_text,
     FIELD(user_agent),
     .check = haul_check_line},
    {.name = "user",
     .letter = 'u',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "NAME:PASSWORD",
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "log in with HTTP Basic authentication; never sent on to another origin",
     .set = set_text,
     FIELD(user),
     .check = haul_check_user,
     .secret = HAUL_OPTION_SECRET},
    {.name = "head",
     .letter = 'I',
     .arg = HAUL_OPTION_ARG_SWITCH,
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "ask for the headers only (HEAD)",
     .set = set_bool,
     FIELD(head)},
    {.name = "compressed",
     .arg = HAUL_OPTION_ARG_SWITCH,
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "accept compressed answers and decode them",
     .shown = "on",
     .set = set_bool,
     FIELD(compressed)},
    {.name = "location",
     .letter = 'L',
     .arg = HAUL_OPTION_ARG_SWITCH,
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "follow redirects",
     .shown = "on",
     .set = set_bool,
     FIELD(follow)},
    {.name = "max-redirs",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "N",
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "redirects followed for one URL, 0 to 1000",
     .shown = "10",
     .set = set_int,
     FIELD(max_redirs),
     .min = 0,
     .max = 1000,
     .what = "redirects"},
    {.name = "accept",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "STATUSES",
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "statuses that count as ok, such as 200-299,404 or 2xx",
     .shown = "200-299",
     .set = set_statuses,
     FIELD(accept)},
    {.name = "http1.1",
     .arg = HAUL_OPTION_ARG_NONE,
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "speak HTTP/1.1 only",
     .set = set_choice,
     FIELD(http_version),
     .min = HAUL_HTTP_1_1},
    {.name = "http2",
     .arg = HAUL_OPTION_ARG_NONE,
     .group = HAUL_OPTION_GROUP_REQUEST,
     .help = "speak HTTP/2 where the server can",
     .set = set_choice,
     FIELD(http_version),
     .min = HAUL_HTTP_2},

    {.name = "proxy",
     .letter = 'x',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "URL",
     .group = HAUL_OPTION_GROUP_NETWORK,
     .help = "go through this proxy; \"\" is none",
     .set = set_proxy,
     FIELD(proxy),
     .check = haul_check_line,
     .secret = HAUL_OPTION_SECRET},
    {.name = "proxy-from-env",
     .arg = HAUL_OPTION_ARG_SWITCH,
     .group = HAUL_OPTION_GROUP_NETWORK,
     .help = "take proxies from http_proxy, https_proxy, all_proxy and no_proxy",
     .set = set_bool,
     FIELD(proxy_from_env)},
    {.name = "insecure",
     .letter = 'k',
     .arg = HAUL_OPTION_ARG_SWITCH,
     .group = HAUL_OPTION_GROUP_NETWORK,
     .help = "do not verify TLS certificates",
     .set = set_bool,
     FIELD(insecure)},
    {.name = "cacert",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "FILE",
     .group = HAUL_OPTION_GROUP_NETWORK,
     .help = "trust the certificates in FILE (PEM) and no others",
     .set = set_text,
     FIELD(ca_file),
     .check = haul_check_readable},
    {.name = "resolve",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "HOST:PORT:ADDRESS",
     .group = HAUL_OPTION_GROUP_NETWORK,
     .help = "use ADDRESS for that host and port; may be repeated",
     .set = add_text,
     FIELD(resolve),
     .check = haul_check_resolve},
    {.name = "ipv4",
     .letter = '4',
     .arg = HAUL_OPTION_ARG_NONE,
     .group = HAUL_OPTION_GROUP_NETWORK,
     .help = "use IPv4 only",
     .set = set_choice,
     FIELD(ip_version),
     .min = HAUL_IP_4},
    {.name = "ipv6",
     .letter = '6',
     .arg = HAUL_OPTION_ARG_NONE,
     .group = HAUL_OPTION_GROUP_NETWORK,
     .help = "use IPv6 only",
     .set = set_choice,
     FIELD(ip_version),
     .min = HAUL_IP_6},

    {.name = "connect-timeout",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "DURATION",
     .group = HAUL_OPTION_GROUP_LIMITS,
     .help = "time to reach a server, TLS included",
     .shown = "10s",
     .set = set_short_duration,
     FIELD(connect_timeout_ms),
     .min = 1,
     .max = DAY_MS},
    {.name = "max-time",
     .letter = 'm',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "DURATION",
     .group = HAUL_OPTION_GROUP_LIMITS,
     .help = "time for one attempt, redirects included; 0 is no limit",
     .shown = "0",
     .set = set_duration,
     FIELD(max_time_ms),
     .min = 0,
     .max = 7 * DAY_MS},
    {.name = "speed-limit",
     .letter = 'Y',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "SIZE",
     .group = HAUL_OPTION_GROUP_LIMITS,
     .help = "give up on what is slower than SIZE a second for --speed-time; 0 never does",
     .shown = "1",
     .set = set_size,
     FIELD(speed_limit)},
    {.name = "speed-time",
     .letter = 'y',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "DURATION",
     .group = HAUL_OPTION_GROUP_LIMITS,
     .help = "how long a transfer may be slower than --speed-limit",
     .shown = "30s",
     .set = set_seconds,
     FIELD(speed_time_s),
     .min = 1000,
     .max = DAY_MS},
    {.name = "max-filesize",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "SIZE",
     .group = HAUL_OPTION_GROUP_LIMITS,
     .help = "give up on a body larger than SIZE once decoded; 0 is no limit",
     .shown = "0",
     .set = set_size,
     FIELD(max_filesize)},

    {.name = "format",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "FORMAT",
     .group = HAUL_OPTION_GROUP_REPORT,
     .help = "form of the report: text, csv, tsv or jsonl",
     .shown = "text",
     .set = set_word,
     FIELD(format),
     .words = format_words},
    {.name = "order",
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "ORDER",
     .group = HAUL_OPTION_GROUP_REPORT,
     .help = "order of its rows: input, done (as they end) or auto",
     .shown = "auto",
     .set = set_word,
     FIELD(order),
     .words = order_words},
    {.name = "output",
     .letter = 'o',
     .arg = HAUL_OPTION_ARG_REQUIRED,
     .metavar = "FILE",
     .group = HAUL_OPTION_GROUP_REPORT,
     .help = "write the report to FILE instead of standard output",
     .set = set_text,
     FIELD(output),
     .check = haul_check_name},
    {.name = "progress",
     .arg = HAUL_OPTION_ARG_OPTIONAL,
     .metavar = "WHEN",
     .group = HAUL_OPTION_GROUP_REPORT,
     .help = "show progress: auto (on a terminal only), plain (as lines) or none; plain if WHEN is "
             "left out",
     .shown = "auto",
     .set = set_progress,
     FIELD(progress),
     .words = progress_words},
    {.name = "quiet",
     .alias = {"silent"},
     .letter = 'q',
     .letter_alias = 's',
     .arg = HAUL_OPTION_ARG_SWITCH,
     .group = HAUL_OPTION_GROUP_REPORT,
     .help = "only the report and errors",
     .set = set_bool,
     FIELD(quiet)},
    {.name = "verbose",
     .letter = 'v',
     .arg = HAUL_OPTION_ARG_SWITCH,
     .group = HAUL_OPTION_GROUP_REPORT,
     .help = "say more on standard error",
     .set = set_bool,
     FIELD(verbose)},

    {.name = "help",
     .letter = 'h',
     .arg = HAUL_OPTION_ARG_NONE,
     .group = HAUL_OPTION_GROUP_MISC,
     .help = "show this text",
     .set = set_result,
     RESULT(help)},
    {.name = "version",
     .letter = 'V',
     .arg = HAUL_OPTION_ARG_NONE,
     .group = HAUL_OPTION_GROUP_MISC,
     .help = "show the versions of haul and its libraries",
     .set = set_result,
     RESULT(version)},
};

const struct haul_option *haul_options_table(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}
