#define _XOPEN_SOURCE 700 /* posix_openpt: standard input that is a terminal */

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/options.h"
#include "haul/record.h"
#include "model/field.h"
#include "option_forms.h"

enum { ARGS_MAX = 16 };

/* A command line in memory that may be written to, as argv is, and what comes of it. */
struct parsed {
    char *argv[ARGS_MAX + 1];
    int argc;
    struct haul_config config;
    struct haul_options_result result;
    struct haul_buf message;
    enum haul_err err;
};

static void parse(struct parsed *parsed, const char *const *args)
{
    *parsed = (struct parsed){.argc = 0};
    haul_buf_init(&parsed->message, 0);
    parsed->argv[parsed->argc++] = strdup("haul");
    for (; *args; args++) {
        ck_assert_int_lt(parsed->argc, ARGS_MAX);
        parsed->argv[parsed->argc++] = strdup(*args);
    }
    parsed->err = haul_options_parse(parsed->argc, parsed->argv, NULL, &parsed->config,
                                     &parsed->result, &parsed->message);
}

static void parsed_done(struct parsed *parsed)
{
    haul_config_done(&parsed->config);
    haul_buf_done(&parsed->message);
    while (parsed->argc)
        free(parsed->argv[--parsed->argc]);
}

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define PARSE_OK(parsed, ...)                                                                      \
    do {                                                                                           \
        parse(parsed, ARGS(__VA_ARGS__));                                                          \
        ck_assert_msg((parsed)->err == HAUL_OK, "%s", haul_buf_str(&(parsed)->message));           \
        ck_assert_str_eq(haul_buf_str(&(parsed)->message), "");                                    \
    } while (0)

static void check_same_statuses(const struct haul_status_set *a, const struct haul_status_set *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_mem_eq(a->range, b->range, a->count * sizeof *a->range);
}

static void check_same_policy(const struct haul_config *a, const struct haul_config *b)
{
    ck_assert_int_eq(a->allow_downgrade, b->allow_downgrade);
    ck_assert_int_eq(a->public_only, b->public_only);
    ck_assert_uint_eq(a->allow_net.count, b->allow_net.count);
    ck_assert_uint_eq(a->deny_net.count, b->deny_net.count);
    ck_assert_int_eq(a->per_host, b->per_host);
    ck_assert_int_eq(a->interval_us, b->interval_us);
    ck_assert_int_eq(a->host_interval_us, b->host_interval_us);
    ck_assert_int_eq(a->host_fail_limit, b->host_fail_limit);
    ck_assert_int_eq(a->retry, b->retry);
    ck_assert_int_eq(a->retry_delay_ms, b->retry_delay_ms);
    ck_assert_int_eq(a->retry_max_time_ms, b->retry_max_time_ms);
    ck_assert_int_eq(a->retry_connrefused, b->retry_connrefused);
    ck_assert_int_eq(a->retry_all_errors, b->retry_all_errors);
    check_same_statuses(&a->retry_on, &b->retry_on);
    check_same_statuses(&a->retry_not, &b->retry_not);
    ck_assert_int_eq(a->halt, b->halt);
    ck_assert_int_eq(a->halt_failures, b->halt_failures);
    ck_assert_int_eq(a->halt_percent, b->halt_percent);
    ck_assert_int_eq(a->max_duration_ms, b->max_duration_ms);
    ck_assert_uint_eq(a->redact.count, b->redact.count);
}

/* Every setting, but not the sources. */
static void check_same_settings(const struct haul_config *a, const struct haul_config *b)
{
    ck_assert_int_eq(a->jobs, b->jobs);
    ck_assert_int_eq(a->streams, b->streams);
    ck_assert_int_eq(a->window, b->window);
    ck_assert_int_eq(a->grace_ms, b->grace_ms);
    ck_assert_int_eq(a->method, b->method);
    ck_assert_uint_eq(a->headers.count, b->headers.count);
    ck_assert_str_eq(a->user_agent, b->user_agent);
    ck_assert_pstr_eq(a->user, b->user);
    ck_assert_int_eq(a->compressed, b->compressed);
    ck_assert_int_eq(a->http_version, b->http_version);
    ck_assert_pstr_eq(a->proxy, b->proxy);
    ck_assert_int_eq(a->proxy_from_env, b->proxy_from_env);
    ck_assert_int_eq(a->insecure, b->insecure);
    ck_assert_pstr_eq(a->ca_file, b->ca_file);
    ck_assert_uint_eq(a->resolve.count, b->resolve.count);
    ck_assert_int_eq(a->ip_version, b->ip_version);
    ck_assert_int_eq(a->connect_timeout_ms, b->connect_timeout_ms);
    ck_assert_int_eq(a->max_time_ms, b->max_time_ms);
    ck_assert_int_eq(a->speed_limit, b->speed_limit);
    ck_assert_int_eq(a->speed_time_s, b->speed_time_s);
    ck_assert_int_eq(a->max_filesize, b->max_filesize);
    ck_assert_int_eq(a->max_redirs, b->max_redirs);
    ck_assert_int_eq(a->follow, b->follow);
    check_same_statuses(&a->accept, &b->accept);
    check_same_policy(a, b);
    ck_assert_int_eq(a->format, b->format);
    ck_assert_int_eq(a->order, b->order);
    ck_assert_int_eq(a->progress, b->progress);
    ck_assert_pstr_eq(a->output, b->output);
    ck_assert_int_eq(a->quiet, b->quiet);
    ck_assert_int_eq(a->verbose, b->verbose);
}

START_TEST(no_option_gives_the_defaults)
{
    struct parsed parsed;
    struct haul_config defaults;

    PARSE_OK(&parsed, "http://a/");
    haul_config_init(&defaults);
    check_same_settings(&parsed.config, &defaults);
    ck_assert_uint_eq(parsed.config.source_count, 1);
    parsed_done(&parsed);
}
END_TEST

/* The table says what the default is; haul_config_init decides it. */
START_TEST(shown_default_is_the_default)
{
    size_t count = option_count();
    const struct haul_option *option = haul_options_row((size_t)_i);
    struct haul_config defaults;
    struct parsed parsed;
    char arg[128];

    ck_assert_uint_lt((size_t)_i, count);
    if (!option->shown || !strcmp(option->name, "user-agent"))
        return;
    if (option->arg == HAUL_OPTION_ARG_SWITCH)
        snprintf(arg, sizeof arg, "--%s", option->name);
    else
        snprintf(arg, sizeof arg, "--%s=%s", option->name, option->shown);
    PARSE_OK(&parsed, arg, "http://a/");
    haul_config_init(&defaults);
    check_same_settings(&parsed.config, &defaults);
    parsed_done(&parsed);
}
END_TEST

/* The four forms of a value, with the number each must give. */
static const struct {
    const char *args[4];
    int jobs;
} value_forms[] = {
    {{"-j16", "u"}, 16},       {{"-j", "16", "u"}, 16},
    {{"--jobs=16", "u"}, 16},  {{"--jobs", "16", "u"}, 16},
    {{"--threads=1", "u"}, 1}, {{"--max-concurrent-downloads=1024", "u"}, 1024},
    {{"-kvj3", "u"}, 3},       {{"u", "-j7"}, 7},
    {{"-j2", "-j9", "u"}, 9},
};

START_TEST(value_is_taken_in_every_form)
{
    struct parsed parsed;

    parse(&parsed, value_forms[_i].args);
    ck_assert_str_eq(haul_buf_str(&parsed.message), "");
    ck_assert_int_eq(parsed.config.jobs, value_forms[_i].jobs);
    ck_assert_uint_eq(parsed.config.source_count, 1);
    ck_assert_str_eq(parsed.config.source[0].text, "u");
    parsed_done(&parsed);
}
END_TEST

START_TEST(every_option_reaches_its_field)
{
    struct parsed parsed;
    const struct haul_config *config = &parsed.config;

    PARSE_OK(&parsed, "--streams=4", "--window=1000000", "--grace=1.5", "-A", "me", "-I",
             "--no-compressed", "--no-location", "--max-redirs=0", "--accept=4xx", "--http2", "-6",
             "u");
    ck_assert_int_eq(config->streams, 4);
    ck_assert_int_eq(config->window, 1000000);
    ck_assert_int_eq(config->grace_ms, 1500);
    ck_assert_str_eq(config->user_agent, "me");
    ck_assert(config->method == HAUL_METHOD_HEAD && !config->compressed && !config->follow);
    ck_assert_int_eq(config->max_redirs, 0);
    ck_assert_int_eq(config->accept.range[0].first, 400);
    ck_assert_int_eq(config->http_version, HAUL_HTTP_2);
    ck_assert_int_eq(config->ip_version, HAUL_IP_6);
    parsed_done(&parsed);

    PARSE_OK(&parsed, "-m", "2m", "--connect-timeout=500ms", "-Y", "1k", "-y", "1m",
             "--max-filesize=2.5M", "--proxy-from-env", "--cacert=/dev/null", "-4", "--http1.1",
             "-U", "you", "u");
    ck_assert_int_eq(config->max_time_ms, 120000);
    ck_assert_int_eq(config->connect_timeout_ms, 500);
    ck_assert_int_eq(config->speed_limit, 1024);
    ck_assert_int_eq(config->speed_time_s, 60);
    ck_assert_int_eq(config->max_filesize, 2621440);
    ck_assert(config->proxy_from_env);
    ck_assert_str_eq(config->ca_file, "/dev/null");
    ck_assert_int_eq(config->ip_version, HAUL_IP_4);
    ck_assert_int_eq(config->http_version, HAUL_HTTP_1_1);
    ck_assert_str_eq(config->user_agent, "you");
    parsed_done(&parsed);

    PARSE_OK(&parsed, "-kqv", "--format=jsonl", "--order=done", "--progress=none", "-o", "-x", "-u",
             "a:b", "-x", "http://p/", "u");
    ck_assert(config->insecure && config->quiet && config->verbose);
    ck_assert_int_eq(config->format, HAUL_FORMAT_JSONL);
    ck_assert_int_eq(config->order, HAUL_ORDER_DONE);
    ck_assert_int_eq(config->progress, HAUL_PROGRESS_NONE);
    ck_assert_str_eq(config->output, "-x");
    ck_assert_str_eq(config->user, "a:b");
    ck_assert_str_eq(config->proxy, "http://p/");
    parsed_done(&parsed);
}
END_TEST

START_TEST(every_policy_reaches_its_field)
{
    struct parsed parsed;
    const struct haul_config *config = &parsed.config;

    PARSE_OK(&parsed, "--per-host=3", "--rate=7/s", "--host-fail-limit=0", "--retry=1000",
             "--retry-delay=1.5", "--retry-max-time=7d", "--retry-connrefused",
             "--retry-all-errors", "--max-duration=365d", "--allow-downgrade", "--public-only",
             "u");
    ck_assert_int_eq(config->per_host, 3);
    ck_assert_int_eq(config->interval_us, 142858);
    ck_assert_int_eq(config->host_fail_limit, 0);
    ck_assert_int_eq(config->retry, 1000);
    ck_assert_int_eq(config->retry_delay_ms, 1500);
    ck_assert_int_eq(config->retry_max_time_ms, 604800000);
    ck_assert(config->retry_connrefused && config->retry_all_errors);
    ck_assert_int_eq(config->max_duration_ms, INT64_C(31536000000));
    ck_assert(config->allow_downgrade && config->public_only);
    parsed_done(&parsed);
    PARSE_OK(&parsed, "--max-per-host=3", "--parallel-max-host=4", "--no-allow-downgrade",
             "--no-public-only", "u");
    ck_assert_int_eq(config->per_host, 4);
    ck_assert(!config->allow_downgrade && !config->public_only);
    parsed_done(&parsed);
}
END_TEST

static const struct {
    const char *args[5];
    int64_t interval_us;
} host_interval_cases[] = {
    {{"--delay=2", "u"}, 2000000},
    {{"--rate-per-host=4/s", "u"}, 250000},
    {{"--rate-per-host=4/s", "--delay=2", "u"}, 2000000},
    {{"--delay=2", "--rate-per-host=4/s", "u"}, 2000000},
    {{"--delay=100ms", "--rate-per-host=4/s", "u"}, 250000},
    {{"--rate-per-host=4/s", "--delay=100ms", "u"}, 250000},
    {{"--delay=9", "--rate-per-host=4/s", "--delay=0", "u"}, 250000},
    {{"--rate-per-host=1/h", "--delay=2", "--rate-per-host=4/s", "u"}, 2000000},
};

START_TEST(host_interval_is_the_larger_one_in_any_order)
{
    struct parsed parsed;

    parse(&parsed, host_interval_cases[_i].args);
    ck_assert_str_eq(haul_buf_str(&parsed.message), "");
    ck_assert_int_eq(parsed.config.host_interval_us, host_interval_cases[_i].interval_us);
    parsed_done(&parsed);
}
END_TEST

static const struct retry_case {
    const char *args[4];
    int retried[3], not_retried[3]; /* 0: no more */
} retry_cases[] = {
    {{"u"}, {408, 429, 503}, {501, 505, 404}},
    {{"--retry-on=404", "u"}, {404}, {408, 429, 500}},
    {{"--retry-on=429,500,502..=504,!501", "u"}, {429, 500, 503}, {501, 408, 522}},
    {{"--retry-on=*", "u"}, {400, 501, 599}, {399, 200}},
    {{"--retry-on=*,!4xx", "u"}, {500, 501, 599}, {400, 429, 499}},
    {{"--retry-on=!500,!524", "u"}, {408, 503, 522}, {500, 524, 404}},
    {{"--retry-on=404", "--retry-on=!500", "u"}, {408, 429, 503}, {404, 500}},
    {{"--retry-on=!429", "--retry-on=5xx", "u"}, {500, 501, 599}, {429}},
    {{"--retry-on=!500", "--retry-on=500", "u"}, {500}, {429}},
};

static bool has_status(const struct haul_status_set *set, int status)
{
    size_t i;

    for (i = 0; i < set->count; i++)
        if (status >= set->range[i].first && status <= set->range[i].last)
            return true;
    return false;
}

static void check_retried(const struct haul_config *config, const int *statuses, bool retried)
{
    size_t i;

    for (i = 0; i < 3 && statuses[i]; i++)
        ck_assert_msg((has_status(&config->retry_on, statuses[i]) &&
                       !has_status(&config->retry_not, statuses[i])) == retried,
                      "%d", statuses[i]);
}

START_TEST(retried_statuses_are_chosen)
{
    struct parsed parsed;

    parse(&parsed, retry_cases[_i].args);
    ck_assert_str_eq(haul_buf_str(&parsed.message), "");
    check_retried(&parsed.config, retry_cases[_i].retried, true);
    check_retried(&parsed.config, retry_cases[_i].not_retried, false);
    parsed_done(&parsed);
}
END_TEST

START_TEST(halt_is_read_in_every_form)
{
    static const struct {
        const char *args[3];
        enum haul_halt halt;
        int failures, percent;
    } cases[] = {
        {{"--halt=never", "u"}, HAUL_HALT_NEVER, 0, 0},
        {{"--halt=now,fail=1", "u"}, HAUL_HALT_NOW, 1, 0},
        {{"--halt=soon,fail=1000000000", "u"}, HAUL_HALT_SOON, 1000000000, 0},
        {{"--halt=soon,fail=5%", "u"}, HAUL_HALT_SOON, 0, 5},
        {{"--halt=now,fail=100%", "u"}, HAUL_HALT_NOW, 0, 100},
        {{"--halt=now,fail=3", "--halt=never", "u"}, HAUL_HALT_NEVER, 0, 0},
    };
    struct parsed parsed;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(&parsed, cases[i].args);
        ck_assert_str_eq(haul_buf_str(&parsed.message), "");
        ck_assert_int_eq(parsed.config.halt, cases[i].halt);
        ck_assert_int_eq(parsed.config.halt_failures, cases[i].failures);
        ck_assert_int_eq(parsed.config.halt_percent, cases[i].percent);
        parsed_done(&parsed);
    }
}
END_TEST

START_TEST(nets_and_rules_add_one_by_one)
{
    static const char *const allowed[] = {"10.0.0.0/8", "::1", "192.0.2.7"};
    struct parsed parsed;
    size_t i;

    PARSE_OK(&parsed, "--allow-net=10.0.0.0/8,::1", "--allow-net", "192.0.2.7", "--deny-net=::/0",
             "--redact=token", "--redact=/[0-9]{16}/", "u");
    ck_assert_uint_eq(parsed.config.allow_net.count, 3);
    for (i = 0; i < 3; i++)
        ck_assert_str_eq(parsed.config.allow_net.item[i], allowed[i]);
    ck_assert_uint_eq(parsed.config.deny_net.count, 1);
    ck_assert_str_eq(parsed.config.deny_net.item[0], "::/0");
    ck_assert_uint_eq(parsed.config.redact.count, 2);
    ck_assert_str_eq(parsed.config.redact.item[1], "/[0-9]{16}/");
    parsed_done(&parsed);
}
END_TEST

/* The words of a choice stand in the order of its enumeration; nothing but this test sees to it. */
START_TEST(what_to_keep_is_a_number_or_an_age)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "--keep=90d", "--keep=30", "--history=h", "--lock=wait", "u");
    ck_assert_int_eq(parsed.config.keep_runs, 30);
    ck_assert_int_eq(parsed.config.keep_ms, 0);
    ck_assert_str_eq(parsed.config.history, "h");
    ck_assert_int_eq(parsed.config.lock, HAUL_LOCK_WAIT);
    parsed_done(&parsed);
    PARSE_OK(&parsed, "--keep=30", "--keep=90d", "u");
    ck_assert_int_eq(parsed.config.keep_runs, 0);
    ck_assert_int_eq(parsed.config.keep_ms, INT64_C(7776000000));
    parsed_done(&parsed);
}
END_TEST

START_TEST(word_gives_its_enumerator)
{
    static const struct {
        const char *arg;
        enum haul_format format;
        enum haul_order order;
        enum haul_progress progress;
    } cases[] = {
        {"--format=text", HAUL_FORMAT_TEXT, HAUL_ORDER_AUTO, HAUL_PROGRESS_AUTO},
        {"--format=csv", HAUL_FORMAT_CSV, HAUL_ORDER_AUTO, HAUL_PROGRESS_AUTO},
        {"--format=tsv", HAUL_FORMAT_TSV, HAUL_ORDER_AUTO, HAUL_PROGRESS_AUTO},
        {"--format=jsonl", HAUL_FORMAT_JSONL, HAUL_ORDER_AUTO, HAUL_PROGRESS_AUTO},
        {"--order=auto", HAUL_FORMAT_TEXT, HAUL_ORDER_AUTO, HAUL_PROGRESS_AUTO},
        {"--order=input", HAUL_FORMAT_TEXT, HAUL_ORDER_INPUT, HAUL_PROGRESS_AUTO},
        {"--order=done", HAUL_FORMAT_TEXT, HAUL_ORDER_DONE, HAUL_PROGRESS_AUTO},
        {"--progress=auto", HAUL_FORMAT_TEXT, HAUL_ORDER_AUTO, HAUL_PROGRESS_AUTO},
        {"--progress=none", HAUL_FORMAT_TEXT, HAUL_ORDER_AUTO, HAUL_PROGRESS_NONE},
        {"--progress=plain", HAUL_FORMAT_TEXT, HAUL_ORDER_AUTO, HAUL_PROGRESS_PLAIN},
        {"--progress", HAUL_FORMAT_TEXT, HAUL_ORDER_AUTO, HAUL_PROGRESS_PLAIN},
    };
    struct parsed parsed;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        PARSE_OK(&parsed, cases[i].arg, "none");
        ck_assert_int_eq(parsed.config.format, cases[i].format);
        ck_assert_int_eq(parsed.config.order, cases[i].order);
        ck_assert_int_eq(parsed.config.progress, cases[i].progress);
        ck_assert_str_eq(parsed.config.source[0].text, "none");
        parsed_done(&parsed);
    }
}
END_TEST

START_TEST(switch_goes_both_ways_and_the_last_wins)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "-k", "--no-insecure", "--no-location", "-L", "-s", "--no-silent", "u");
    ck_assert(!parsed.config.insecure);
    ck_assert(parsed.config.follow);
    ck_assert(!parsed.config.quiet);
    parsed_done(&parsed);
}
END_TEST

START_TEST(repeated_list_options_add)
{
    struct parsed parsed;
    size_t i;
    char wanted[8];

    PARSE_OK(&parsed, "-HA: 0", "-HA: 1", "-HA: 2", "-HA: 3", "-HA: 4", "--resolve=a:80:1.2.3.4",
             "--resolve=+b:443:[::1],1.2.3.4", "u");
    ck_assert_uint_eq(parsed.config.headers.count, 5);
    for (i = 0; i < 5; i++) {
        snprintf(wanted, sizeof wanted, "A: %zu", i);
        ck_assert_str_eq(parsed.config.headers.item[i], wanted);
    }
    ck_assert_uint_eq(parsed.config.resolve.count, 2);
    ck_assert_str_eq(parsed.config.resolve.item[1], "+b:443:[::1],1.2.3.4");
    parsed_done(&parsed);
}
END_TEST

START_TEST(sources_keep_the_order_of_the_command_line)
{
    static const struct haul_source wanted[] = {
        {HAUL_SOURCE_URL, "http://a/"}, {HAUL_SOURCE_FILE, "one"}, {HAUL_SOURCE_FILE, "two"},
        {HAUL_SOURCE_URL, "http://b/"}, {HAUL_SOURCE_FILE, "-"},   {HAUL_SOURCE_URL, "--jobs=0"},
        {HAUL_SOURCE_URL, "-v"},        {HAUL_SOURCE_FILE, "x"},
    };
    struct parsed parsed;
    size_t i;

    PARSE_OK(&parsed, "http://a/", "-i", "one", "@two", "http://b/", "-", "--", "--jobs=0", "-v",
             "@x");
    ck_assert_uint_eq(parsed.config.source_count, sizeof wanted / sizeof *wanted);
    for (i = 0; i < parsed.config.source_count; i++) {
        ck_assert_int_eq(parsed.config.source[i].kind, wanted[i].kind);
        ck_assert_str_eq(parsed.config.source[i].text, wanted[i].text);
    }
    ck_assert(!parsed.config.verbose);
    parsed_done(&parsed);
}
END_TEST

static const struct error_case {
    const char *args[4];
    const char *message;
} error_cases[] = {
    {{"-j", "0", "u"}, "haul: -j 0: workers must be 1 to 1024"},
    {{"-j1025", "u"}, "haul: -j 1025: workers must be 1 to 1024"},
    {{"--jobs=-1", "u"}, "haul: --jobs -1: workers must be 1 to 1024"},
    {{"--threads", "x", "u"}, "haul: --threads x: not a whole number; workers must be 1 to 1024"},
    {{"--streams=257", "u"}, "haul: --streams 257: streams must be 1 to 256"},
    {{"--window=0", "u"}, "haul: --window 0: URLs in the window must be 1 to 1000000"},
    {{"--max-redirs=1001", "u"}, "haul: --max-redirs 1001: redirects must be 0 to 1000"},
    {{"--grace=2d", "u"}, "haul: --grace 2d: too long; must be 0 to 1 d"},
    {{"--connect-timeout=0", "u"}, "haul: --connect-timeout 0: too short; must be 1 ms to 1 d"},
    {{"-m", "8d", "u"}, "haul: -m 8d: too long; must be 0 to 7 d"},
    {{"-m", "1x", "u"}, "haul: -m 1x: not a duration in ms, s, m, h or d; must be 0 to 7 d"},
    {{"-y1.5", "u"}, "haul: -y 1.5: must be whole seconds"},
    {{"-Y1x", "u"}, "haul: -Y 1x: not a size; the units are k, M, G, T and P"},
    {{"--max-filesize=8192P", "u"}, "haul: --max-filesize 8192P: too large"},
    {{"--accept=700", "u"}, "haul: --accept 700: statuses go from 100 to 599, the lower one first"},
    {{"--format=xml", "u"},
     "haul: --format xml: must be text, csv, tsv, jsonl, json, html, markdown, prometheus, junit "
     "or github"},
    {{"--order=", "u"}, "haul: --order : must be auto, input or done"},
    {{"--progress=x", "u"}, "haul: --progress x: must be auto, none or plain"},
    {{"--per-host=1025", "u"}, "haul: --per-host 1025: transfers per origin must be 0 to 1024"},
    {{"--rate=5", "u"}, "haul: --rate 5: not a rate such as 5/s or 100/15m"},
    {{"--rate-per-host=0/s", "u"}, "haul: --rate-per-host 0/s: the count must be 1 to 1000000000"},
    {{"--delay=2d", "u"}, "haul: --delay 2d: too long; must be 0 to 1 d"},
    {{"--retry=-1", "u"}, "haul: --retry -1: retries must be 0 to 1000"},
    {{"--host-fail-limit=x", "u"},
     "haul: --host-fail-limit x: not a whole number; failures must be 0 to 1000000"},
    {{"--retry-max-time=8d", "u"}, "haul: --retry-max-time 8d: too long; must be 0 to 7 d"},
    {{"--max-duration=366d", "u"}, "haul: --max-duration 366d: too long; must be 0 to 365 d"},
    {{"--max-duration=25mins", "u"},
     "haul: --max-duration 25mins: not a duration in ms, s, m, h or d; must be 0 to 365 d"},
    {{"--max-duration=x", "u"}, "haul: --max-duration x: not a number; must be 0 to 365 d"},
    {{"--proxy=foo://x", "u"},
     "haul: --proxy: the scheme must be http, https, socks4, socks4a, socks5 or socks5h"},
    {{"-x", "http://x:99999", "u"}, "haul: -x: not a proxy such as http://HOST:PORT"},
    {{"-x", "socks5://", "u"}, "haul: -x: not a proxy such as http://HOST:PORT"},
    {{"--retry-on=", "u"}, "haul: --retry-on : statuses are written 429, 5xx, 502-504, * or !501"},
    {{"--retry-on=!600", "u"},
     "haul: --retry-on !600: statuses go from 100 to 599, the lower one first"},
    {{"--keep=0", "u"}, "haul: --keep 0: must be a number of runs, or a duration such as 90d"},
    {{"--keep=0d", "u"}, "haul: --keep 0d: must be a number of runs, or a duration such as 90d"},
    {{"--keep=9x", "u"}, "haul: --keep 9x: must be a number of runs, or a duration such as 90d"},
    {{"--keep=", "u"}, "haul: --keep : must be a number of runs, or a duration such as 90d"},
    {{"--halt=now", "u"},
     "haul: --halt now: must be never, now,fail=N, soon,fail=N or soon,fail=N%"},
    {{"--halt=soon,fail=0", "u"},
     "haul: --halt soon,fail=0: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--halt=soon,fail=101%", "u"},
     "haul: --halt soon,fail=101%: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--halt=soon,fail=5%%", "u"},
     "haul: --halt soon,fail=5%%: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--halt=now,fail=10000000000", "u"},
     "haul: --halt now,fail=10000000000: failures must be 1 to 1000000000, or 1% to 100%"},
    {{"--deny-net=10.0.0.1/8", "u"}, "haul: --deny-net 10.0.0.1/8: bits are set beyond the prefix"},
    {{"--allow-net=::1,", "u"},
     "haul: --allow-net ::1,: not an address or block such as 192.0.2.0/24 or 2001:db8::/32"},
    {{"--redact=", "u"}, "haul: --redact : the name is empty"},
    {{"--redact=a=b", "u"},
     "haul: --redact a=b: must be the name of one query parameter, or /REGEX/ between slashes"},
    {{"--redact=/(/", "u"}, "haul: --redact /(/: not a POSIX extended regular expression"},
    {{"--redact=/a", "u"}, "haul: --redact /a: an expression is written /REGEX/, between slashes"},
    {{"-i", ""}, "haul: -i : the name is empty"},
    {{"-o", "", "u"}, "haul: -o : the name is empty"},
    {{"--cacert=/nowhere", "u"}, "haul: --cacert /nowhere: No such file or directory"},
    {{"--sums=/nowhere", "u"}, "haul: --sums /nowhere: No such file or directory"},
    {{"--sums=/dev/null/x", "u"}, "haul: --sums /dev/null/x: Not a directory"},
    {{"--sums=/", "u"}, "haul: --sums /: that is a directory"},
    {{"--cacert=/", "u"}, "haul: --cacert /: that is a directory"},
    {{"-A", "a\r\nb", "u"}, "haul: -A a\\x0d\\x0ab: control characters are not allowed"},
    {{"--resolve=a:0:1.2.3.4", "u"}, "haul: --resolve a:0:1.2.3.4: the port must be 1 to 65535"},
    {{"--resolve=a:1", "u"}, "haul: --resolve a:1: the address must be an IPv4 or IPv6 address"},
    {{"--resolve=a:1:b", "u"},
     "haul: --resolve a:1:b: the address must be an IPv4 or IPv6 address"},
    {{"--resolve=:1:b", "u"}, "haul: --resolve :1:b: must be HOST:PORT:ADDRESS"},
    {{"u", "-j"}, "haul: -j: needs a value: N"},
    {{"u", "--user"}, "haul: --user: needs a value: NAME:PASSWORD"},
    {{"--head=1", "u"}, "haul: --head: takes no value"},
    {{"--no-head=1", "u"}, "haul: --no-head: takes no value"},
    {{"--no-http2", "u"}, "haul: --no-http2: unknown option; haul --help lists them"},
    {{"--jbos=3", "u"}, "haul: --jbos: unknown option; did you mean --jobs?"},
    {{"--max-r", "3", "u"}, "haul: --max-r: unknown option; did you mean --max-redirs?"},
    {{"--job=3", "u"}, "haul: --job: unknown option; did you mean --jobs?"},
    {{"--frobnicate", "u"}, "haul: --frobnicate: unknown option; haul --help lists them"},
    {{"--\033[2J", "u"}, "haul: --\\x1b[2J: unknown option; haul --help lists them"},
    {{"--=x", "u"}, "haul: --: unknown option; haul --help lists them"},
    {{"-kZ", "u"},
     "haul: -Z: unknown option; haul always fetches in parallel; --jobs N says how many at a time"},
    {{"-\033", "u"}, "haul: -\\x1b: unknown option; haul --help lists them"},
    {{"@"}, "haul: @: names no file; a list is written @FILE"},
    {{"u", ""}, "haul: an argument is empty; a URL was expected"},
    {{"-", "-i-"}, "haul: -: standard input can be read only once"},
};

START_TEST(wrong_argument_is_named_with_its_cause)
{
    struct parsed parsed;

    parse(&parsed, error_cases[_i].args);
    ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&parsed.message), error_cases[_i].message);
    parsed_done(&parsed);
}
END_TEST

static const struct {
    const char *field;
    bool good;
} header_cases[] = {
    {"Accept: text/html", true},
    {"X-Empty;", true},
    {"Accept:", true},
    {"A:\tb", true},
    {"A: \xc3\xa9", true},
    {"A: b\r\nC: d", false},
    {"A: b\nC: d", false},
    {"A: b\r", false},
    {"A: \x7f", false},
    {"A\n: b", false},
    {"no colon", false},
    {": b", false},
    {"", false},
    {"A : b", false},
    {"X-Empty;b", false},
    {"@file", false},
};

START_TEST(header_is_a_field_or_refused)
{
    struct parsed parsed;

    parse(&parsed, ARGS("-H", header_cases[_i].field, "u"));
    ck_assert_int_eq(parsed.err, header_cases[_i].good ? HAUL_OK : HAUL_ERR_USAGE);
    ck_assert_uint_eq(parsed.config.headers.count, header_cases[_i].good);
    parsed_done(&parsed);
}
END_TEST

START_TEST(secrets_leave_argv_and_stay_in_the_configuration)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "-uann:pw", "--proxy=http://p:w@h", "-H", "Authorization: Bearer t", "-k",
             "https://ann:pw@h/a@b", "u:p@h", "http://h/a@b", "http:/u:p@h");
    ck_assert_str_eq(parsed.config.user, "ann:pw");
    ck_assert_str_eq(parsed.config.proxy, "http://p:w@h");
    ck_assert_str_eq(parsed.config.headers.item[0], "Authorization: Bearer t");
    ck_assert_str_eq(parsed.config.source[0].text, "https://ann:pw@h/a@b");
    ck_assert_str_eq(parsed.argv[1], "-u******");
    ck_assert_str_eq(parsed.argv[2], "--proxy=************");
    ck_assert_str_eq(parsed.argv[4], "Authorization**********");
    ck_assert_str_eq(parsed.argv[6], "https://******@h/a@b");
    ck_assert_str_eq(parsed.argv[7], "***@h");
    ck_assert_str_eq(parsed.argv[8], "http://h/a@b");
    ck_assert_str_eq(parsed.argv[9], "http:/***@h");
    parsed_done(&parsed);
}
END_TEST

START_TEST(refused_secret_is_neither_shown_nor_left)
{
    static const char *const args[][3] = {
        {"-u", "s3cret", NULL},
        {"-x", "http://s3cret\n", NULL},
        {"-H", "A: s3cret\n", NULL},
    };
    struct parsed parsed;
    size_t i;

    for (i = 0; i < sizeof args / sizeof *args; i++) {
        parse(&parsed, args[i]);
        ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
        ck_assert_ptr_null(strstr(haul_buf_str(&parsed.message), "s3cret"));
        ck_assert_ptr_null(strstr(parsed.argv[2], "s3cret"));
        parsed_done(&parsed);
    }
}
END_TEST

START_TEST(empty_proxy_is_none)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "-x", "http://p/", "-x", "", "u");
    ck_assert_ptr_null(parsed.config.proxy);
    parsed_done(&parsed);
}
END_TEST

START_TEST(help_and_version_stop_parsing)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "-vh", "--bad");
    ck_assert(parsed.result.help && !parsed.result.version);
    parsed_done(&parsed);
    PARSE_OK(&parsed, "--version", "-j0");
    ck_assert(parsed.result.version && !parsed.result.help);
    parsed_done(&parsed);
}
END_TEST

START_TEST(no_source_and_a_terminal_is_a_usage_error)
{
    struct parsed parsed;
    int master = posix_openpt(O_RDWR | O_NOCTTY), terminal;

    ck_assert_int_ge(master, 0);
    ck_assert(!grantpt(master) && !unlockpt(master));
    terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_eq(dup2(terminal, STDIN_FILENO), STDIN_FILENO);
    parse(&parsed, ARGS("-v"));
    ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&parsed.message), "haul: nothing to fetch; name a URL or a list "
                                                    "(haul -i FILE), or see haul --help");
    parsed_done(&parsed);
    close(terminal);
    close(master);
}
END_TEST

START_TEST(no_source_and_no_terminal_reads_standard_input)
{
    struct parsed parsed;
    int null = open("/dev/null", O_RDONLY);

    ck_assert_int_eq(dup2(null, STDIN_FILENO), STDIN_FILENO);
    close(null);
    PARSE_OK(&parsed, "-v");
    ck_assert_uint_eq(parsed.config.source_count, 1);
    ck_assert_int_eq(parsed.config.source[0].kind, HAUL_SOURCE_FILE);
    ck_assert_str_eq(parsed.config.source[0].text, "-");
    parsed_done(&parsed);
}
END_TEST

START_TEST(table_is_consistent)
{
    size_t count = option_count(), i, j;
    bool takes_value;

    for (i = 0; i < count; i++) {
        takes_value = haul_options_row(i)->arg >= HAUL_OPTION_ARG_REQUIRED;
        ck_assert_int_eq(takes_value, haul_options_row(i)->metavar != NULL);
        ck_assert(haul_options_row(i)->set != NULL);
        ck_assert_msg(!i || haul_options_row(i)->group >= haul_options_row(i - 1)->group, "--%s",
                      haul_options_row(i)->name);
        for (j = 0; j < count; j++)
            ck_assert_msg(haul_options_row(j)->arg != HAUL_OPTION_ARG_SWITCH ||
                              strncmp(haul_options_row(i)->name, "no-", 3) != 0 ||
                              strcmp(haul_options_row(i)->name + 3, haul_options_row(j)->name) != 0,
                          "--%s", haul_options_row(i)->name);
        for (j = 0; j < i; j++) {
            ck_assert_str_ne(haul_options_row(i)->name, haul_options_row(j)->name);
            ck_assert(!haul_options_row(i)->letter ||
                      (haul_options_row(i)->letter != haul_options_row(j)->letter &&
                       haul_options_row(i)->letter != haul_options_row(j)->letter_alias));
        }
    }
}
END_TEST

START_TEST(help_shows_every_option_in_eighty_columns)
{
    size_t count = option_count(), i, width;
    struct haul_buf help;
    char name[64];
    const char *at;

    haul_buf_init(&help, 0);
    haul_help_add(&help);
    ck_assert_int_eq(help.err, HAUL_OK);
    for (at = help.data; *at; at += width + 1) {
        width = strcspn(at, "\n");
        ck_assert_msg(width < 80, "%.*s", (int)width, at);
        ck_assert_msg(!width || at[width - 1] != ' ', "%.*s", (int)width, at);
    }
    for (i = 0; i < count; i++) {
        snprintf(name, sizeof name, "--%s%s",
                 haul_options_row(i)->arg == HAUL_OPTION_ARG_SWITCH ? "[no-]" : "",
                 haul_options_row(i)->name);
        ck_assert_msg(strstr(help.data, name) != NULL, "%s", name);
    }
    haul_buf_done(&help);
}
END_TEST

START_TEST(version_names_the_libraries)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_help_add_version(&text, "libcurl/7", "libuv 1", NULL);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "haul "));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&text), "\nlibcurl/7\nlibuv 1\n"));
    haul_buf_done(&text);
}
END_TEST

/* The manual page, one logical line at a time. */
struct manual {
    char *text;
    char *next;
};

static void manual_open(struct manual *manual)
{
    const char *root = getenv("HAUL_SOURCE_ROOT");
    char path[4096];
    size_t size;
    FILE *file;

    ck_assert_msg(root != NULL, "HAUL_SOURCE_ROOT does not say where the sources are");
    snprintf(path, sizeof path, "%s/src/haul.1", root);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    manual->text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(manual->text);
    size = fread(manual->text, 1, (1 << 20) - 1, file);
    fclose(file);
    ck_assert_uint_gt(size, 0);
    manual->next = manual->text;
}

static void manual_close(struct manual *manual)
{
    free(manual->text);
}

static char *manual_line(struct manual *manual)
{
    char *line = manual->next, *end;

    if (!*line)
        return NULL;
    end = line + strcspn(line, "\n");
    manual->next = *end ? end + 1 : end;
    *end = '\0';
    return line;
}

/* Whether `word` is the argument of the macro `macro` somewhere in a line that is a macro line. */
static bool line_has(const char *line, const char *macro, const char *word)
{
    char wanted[80];
    const char *at = line;
    size_t len = (size_t)snprintf(wanted, sizeof wanted, "%s %s", macro, word);

    while (*line == '.' && (at = strstr(at, wanted))) {
        if ((at[-1] == ' ' || at[-1] == '.') && (at[len] == ' ' || at[len] == '\0'))
            return true;
        at++;
    }
    return false;
}

/* Whether an item (".It") of the section documents the word with that macro. */
static bool manual_documents(const char *section, const char *macro, const char *word)
{
    struct manual manual;
    bool in_section = false, found = false;
    char *line;

    manual_open(&manual);
    while (!found && (line = manual_line(&manual))) {
        if (!strncmp(line, ".Sh ", 4))
            in_section = !strcmp(line + 4, section);
        found = in_section && !strncmp(line, ".It ", 4) && line_has(line, macro, word);
    }
    manual_close(&manual);
    return found;
}

static void check_documented(const char *dash, const char *name)
{
    char flag[80];

    snprintf(flag, sizeof flag, "%s%s", dash, name);
    ck_assert_msg(manual_documents("OPTIONS", "Fl", flag), "-%s is not in the manual", flag);
}

START_TEST(manual_documents_every_option)
{
    size_t count = option_count(), i, j;

    for (i = 0; i < count; i++) {
        check_documented("-", haul_options_row(i)->name);
        if (haul_options_row(i)->arg == HAUL_OPTION_ARG_SWITCH)
            check_documented("-no-", haul_options_row(i)->name);
        if (haul_options_row(i)->letter)
            check_documented("", (char[]){haul_options_row(i)->letter, '\0'});
        if (haul_options_row(i)->letter_alias)
            check_documented("", (char[]){haul_options_row(i)->letter_alias, '\0'});
        for (j = 0; j < HAUL_OPTION_ALIASES_MAX && haul_options_row(i)->alias[j]; j++)
            check_documented("-", haul_options_row(i)->alias[j]);
    }
}
END_TEST

/* Whether an option is in the lines from the one that begins with `first` to that with `last`. */
static bool manual_has(const char *first, const char *last, const struct haul_option *option)
{
    char name[80], letter[] = {option->letter, '\0'};
    struct manual manual;
    bool is_inside = false, found = false, is_over = false;
    char *line;

    snprintf(name, sizeof name, "-%s", option->name);
    manual_open(&manual);
    while (!found && !is_over && (line = manual_line(&manual))) {
        is_inside = is_inside || !strncmp(line, first, strlen(first));
        is_over = is_inside && !strncmp(line, last, strlen(last));
        found =
            is_inside && (line_has(line, "Fl", name) || (*letter && line_has(line, "Fl", letter)));
    }
    manual_close(&manual);
    return found;
}

START_TEST(manual_names_options_that_add)
{
    size_t count = option_count();

    for (size_t i = 0; i < count; i++) {
        bool adds =
            haul_options_row(i)->many || strstr(haul_options_row(i)->help, "may be repeated");

        ck_assert_msg(manual_has("If an option is repeated", "which add", haul_options_row(i)) ==
                          adds,
                      "--%s", haul_options_row(i)->name);
    }
}
END_TEST

START_TEST(synopsis_has_every_letter_without_a_value)
{
    static const char start[] = ".Op Fl ";
    struct manual manual;
    char *line;
    size_t count = option_count();

    manual_open(&manual);
    do {
        line = manual_line(&manual);
        ck_assert_ptr_nonnull(line);
    } while (strncmp(line, start, strlen(start)) != 0);
    for (size_t i = 0; i < count; i++) {
        bool has_value = haul_options_row(i)->arg == HAUL_OPTION_ARG_REQUIRED;

        if (haul_options_row(i)->letter)
            ck_assert_msg((strchr(line + strlen(start), haul_options_row(i)->letter) == NULL) ==
                              has_value,
                          "-%c", haul_options_row(i)->letter);
    }
    manual_close(&manual);
}
END_TEST

static bool is_long_option(const struct haul_option *option, const char *name)
{
    size_t i;

    if (option->arg == HAUL_OPTION_ARG_SWITCH && !strncmp(name, "no-", 3))
        name += 3;
    if (!strcmp(option->name, name))
        return true;
    for (i = 0; i < HAUL_OPTION_ALIASES_MAX && option->alias[i]; i++)
        if (!strcmp(option->alias[i], name))
            return true;
    return false;
}

static bool is_known_long(const char *name)
{
    size_t count = option_count(), i;

    for (i = 0; i < count; i++)
        if (is_long_option(haul_options_row(i), name))
            return true;
    return false;
}

static bool is_known_letter(char letter)
{
    size_t count = option_count(), i;

    for (i = 0; i < count; i++)
        if (haul_options_row(i)->letter == letter || haul_options_row(i)->letter_alias == letter)
            return true;
    return false;
}

/* The argument of an Fl macro: "-name", a letter, a bundle of letters, or the "-" of "--". */
static bool is_option(const char *flag)
{
    if (!strcmp(flag, "-"))
        return true;
    if (*flag == '-')
        return is_known_long(flag + 1);
    while (*flag && is_known_letter(*flag))
        flag++;
    return !*flag;
}

START_TEST(manual_names_no_unknown_option)
{
    struct manual manual;
    char *line, *word, *rest;
    int flags = 0;

    manual_open(&manual);
    while ((line = manual_line(&manual))) {
        if (*line != '.')
            continue;
        for (word = strtok_r(line + 1, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
            if (strcmp(word, "Fl") != 0)
                continue;
            word = strtok_r(NULL, " ", &rest);
            ck_assert_ptr_nonnull(word);
            ck_assert_msg(is_option(word), "the manual names -%s", word);
            flags++;
        }
    }
    ck_assert_int_gt(flags, 40);
    manual_close(&manual);
}
END_TEST

/* In examples and the like options are written out. */
START_TEST(manual_shows_no_unknown_option)
{
    struct manual manual;
    char *at, name[64];
    size_t len;
    int shown = 0;

    manual_open(&manual);
    for (at = manual.text; (at = strstr(at, "--")); at += len) {
        at += 2;
        len = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-.");
        ck_assert_uint_lt(len, sizeof name);
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        ck_assert_msg(!len || is_known_long(name), "the manual shows --%s", name);
        shown += len > 0;
    }
    ck_assert_int_gt(shown, 5);
    manual_close(&manual);
}
END_TEST

START_TEST(manual_documents_every_field)
{
    static const char *const fields[] = {
#define FIELD_NAME(kind, member, name) #name,
        HAUL_FIELDS(FIELD_NAME)
#undef FIELD_NAME
    };
    size_t i;

    for (i = 0; i < sizeof fields / sizeof *fields; i++)
        ck_assert_msg(manual_documents("THE REPORT", "Cm", fields[i]), "%s", fields[i]);
}
END_TEST

START_TEST(manual_documents_every_reason_and_outcome)
{
    static const char *const reasons[] = {
#define REASON_WORD(name, word, transient, text) word,
        HAUL_REASONS(REASON_WORD)
#undef REASON_WORD
    };
    static const char *const outcomes[] = {
#define OUTCOME_WORD(name, word) word,
        HAUL_OUTCOMES(OUTCOME_WORD)
#undef OUTCOME_WORD
    };
    size_t i;

    for (i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (i == HAUL_REASON_HTTP_STATUS)
            ck_assert(manual_documents("REASONS", "Cm", "http- Ns Ar NNN"));
        else if (*reasons[i])
            ck_assert_msg(manual_documents("REASONS", "Cm", reasons[i]), "%s", reasons[i]);
    for (i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        ck_assert_msg(manual_documents("THE REPORT", "Cm", outcomes[i]), "%s", outcomes[i]);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static TCase *make_parse_cases(void)
{
    TCase *tcase = tcase_create("parse");
    size_t count = option_count();

    tcase_add_test(tcase, no_option_gives_the_defaults);
    tcase_add_loop_test(tcase, shown_default_is_the_default, 0, (int)count);
    tcase_add_loop_test(tcase, value_is_taken_in_every_form, 0, COUNT(value_forms));
    tcase_add_test(tcase, every_option_reaches_its_field);
    tcase_add_test(tcase, every_policy_reaches_its_field);
    tcase_add_loop_test(tcase, host_interval_is_the_larger_one_in_any_order, 0,
                        COUNT(host_interval_cases));
    tcase_add_loop_test(tcase, retried_statuses_are_chosen, 0, COUNT(retry_cases));
    tcase_add_test(tcase, halt_is_read_in_every_form);
    tcase_add_test(tcase, what_to_keep_is_a_number_or_an_age);
    tcase_add_test(tcase, nets_and_rules_add_one_by_one);
    tcase_add_test(tcase, word_gives_its_enumerator);
    tcase_add_test(tcase, switch_goes_both_ways_and_the_last_wins);
    tcase_add_test(tcase, repeated_list_options_add);
    tcase_add_test(tcase, sources_keep_the_order_of_the_command_line);
    tcase_add_loop_test(tcase, wrong_argument_is_named_with_its_cause, 0, COUNT(error_cases));
    tcase_add_loop_test(tcase, header_is_a_field_or_refused, 0, COUNT(header_cases));
    tcase_add_test(tcase, secrets_leave_argv_and_stay_in_the_configuration);
    tcase_add_test(tcase, refused_secret_is_neither_shown_nor_left);
    tcase_add_test(tcase, empty_proxy_is_none);
    tcase_add_test(tcase, help_and_version_stop_parsing);
    tcase_add_test(tcase, no_source_and_a_terminal_is_a_usage_error);
    tcase_add_test(tcase, no_source_and_no_terminal_reads_standard_input);
    return tcase;
}

static TCase *make_text_cases(void)
{
    TCase *tcase = tcase_create("texts");

    tcase_add_test(tcase, table_is_consistent);
    tcase_add_test(tcase, help_shows_every_option_in_eighty_columns);
    tcase_add_test(tcase, version_names_the_libraries);
    tcase_add_test(tcase, manual_documents_every_option);
    tcase_add_test(tcase, manual_names_options_that_add);
    tcase_add_test(tcase, synopsis_has_every_letter_without_a_value);
    tcase_add_test(tcase, manual_names_no_unknown_option);
    tcase_add_test(tcase, manual_shows_no_unknown_option);
    tcase_add_test(tcase, manual_documents_every_field);
    tcase_add_test(tcase, manual_documents_every_reason_and_outcome);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("options");
    SRunner *runner;
    int failures;

    suite_add_tcase(suite, make_parse_cases());
    suite_add_tcase(suite, make_text_cases());
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
