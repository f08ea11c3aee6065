#include <check.h>
#include <stdio.h>
#include <string.h>

#include "command_line.h"
#include "option_forms.h"

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
    ck_assert_uint_eq(a->connect_to.count, b->connect_to.count);
    ck_assert_pstr_eq(a->cert, b->cert);
    ck_assert_pstr_eq(a->key, b->key);
    ck_assert_pstr_eq(a->key_pass, b->key_pass);
    ck_assert_int_eq(a->tls_min, b->tls_min);
    ck_assert_pstr_eq(a->interface, b->interface);
    ck_assert_int_eq(a->ip_version, b->ip_version);
    ck_assert_int_eq(a->connect_timeout_ms, b->connect_timeout_ms);
    ck_assert_int_eq(a->max_time_ms, b->max_time_ms);
    ck_assert_int_eq(a->limit_rate, b->limit_rate);
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

START_TEST(every_option_of_connections_reaches_its_field)
{
    struct parsed parsed;
    const struct haul_config *config = &parsed.config;

    PARSE_OK(&parsed, "-E", "/dev/null", "--key=/dev/zero", "--pass=a phrase", "--limit-rate=1.5M",
             "--tlsv1.2", "--interface=if!lo", "--http2-prior-knowledge", "u");
    ck_assert_str_eq(config->cert, "/dev/null");
    ck_assert_str_eq(config->key, "/dev/zero");
    ck_assert_str_eq(config->key_pass, "a phrase");
    ck_assert_int_eq(config->limit_rate, 1572864);
    ck_assert_int_eq(config->tls_min, HAUL_TLS_1_2);
    ck_assert_str_eq(config->interface, "if!lo");
    ck_assert_int_eq(config->http_version, HAUL_HTTP_2_PRIOR);
    parsed_done(&parsed);
}
END_TEST

static const struct {
    const char *args[4];
    enum haul_tls_min tls;
    enum haul_http_version http;
} version_cases[] = {
    {{"--tls-min=any", "u"}, HAUL_TLS_ANY, HAUL_HTTP_ANY},
    {{"--tls-min=1.2", "u"}, HAUL_TLS_1_2, HAUL_HTTP_ANY},
    {{"--tls-min=1.3", "u"}, HAUL_TLS_1_3, HAUL_HTTP_ANY},
    {{"--tlsv1.3", "u"}, HAUL_TLS_1_3, HAUL_HTTP_ANY},
    {{"--tlsv1.3", "--tlsv1.2", "u"}, HAUL_TLS_1_2, HAUL_HTTP_ANY},
    {{"--tlsv1.2", "--tls-min=1.3", "u"}, HAUL_TLS_1_3, HAUL_HTTP_ANY},
    {{"--tlsv1.3", "--tls-min=any", "u"}, HAUL_TLS_ANY, HAUL_HTTP_ANY},
    {{"--http2-prior-knowledge", "--http1.1", "u"}, HAUL_TLS_ANY, HAUL_HTTP_1_1},
    {{"--http1.1", "--http2-prior-knowledge", "u"}, HAUL_TLS_ANY, HAUL_HTTP_2_PRIOR},
    {{"--http2-prior-knowledge", "--http2", "u"}, HAUL_TLS_ANY, HAUL_HTTP_2},
};

START_TEST(last_version_counts)
{
    struct parsed parsed;

    parse(&parsed, version_cases[_i].args);
    ck_assert_str_eq(haul_buf_str(&parsed.message), "");
    ck_assert_int_eq(parsed.config.tls_min, version_cases[_i].tls);
    ck_assert_int_eq(parsed.config.http_version, version_cases[_i].http);
    parsed_done(&parsed);
}
END_TEST

START_TEST(empty_value_means_none)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "--cert=/dev/null", "--cert=", "--key=/dev/null", "--key=", "--pass=a",
             "--pass=", "--interface=lo", "--interface=", "u");
    ck_assert_ptr_null(parsed.config.cert);
    ck_assert_ptr_null(parsed.config.key);
    ck_assert_ptr_null(parsed.config.key_pass);
    ck_assert_ptr_null(parsed.config.interface);
    parsed_done(&parsed);
}
END_TEST

static const char *const interfaces[] = {
    "lo", "if!lo", "127.0.0.1", "::1", "fe80::1%lo", "host!localhost", "host!192.0.2.1", "host!lo"};

START_TEST(interface_is_taken_in_every_form)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "--interface", interfaces[_i], "u");
    ck_assert_str_eq(parsed.config.interface, interfaces[_i]);
    parsed_done(&parsed);
}
END_TEST

static const char *const connect_tos[] = {
    "a:80:b:81",        ":::",           "::b:",        "a:::81",
    "a:80::",           ":443:b-c.d_e:", "1.2.3.4:1::", "[::1]:1:[::2]:2",
    "::[2001:db8::1]:", "a:65535:b:1",
};

START_TEST(connect_to_is_taken_in_every_form)
{
    struct parsed parsed;

    PARSE_OK(&parsed, "--connect-to=x:1:y:2", "--connect-to", connect_tos[_i], "u");
    ck_assert_uint_eq(parsed.config.connect_to.count, 2);
    ck_assert_str_eq(parsed.config.connect_to.item[0], "x:1:y:2");
    ck_assert_str_eq(parsed.config.connect_to.item[1], connect_tos[_i]);
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

START_TEST(empty_budget_is_what_the_word_says)
{
    static const char *const args[] = {"--budget-empty=warn", "--budget-empty=fail",
                                       "--budget-empty=ok"};
    struct parsed parsed;

    for (int i = HAUL_BUDGET_EMPTY_WARN; i <= HAUL_BUDGET_EMPTY_OK; i++) {
        PARSE_OK(&parsed, args[i], "u");
        ck_assert_int_eq((int)parsed.config.budget_empty, i);
        parsed_done(&parsed);
    }
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

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tcase = tcase_create("options");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, no_option_gives_the_defaults);
    tcase_add_loop_test(tcase, shown_default_is_the_default, 0, (int)option_count());
    tcase_add_loop_test(tcase, value_is_taken_in_every_form, 0, COUNT(value_forms));
    tcase_add_test(tcase, every_option_reaches_its_field);
    tcase_add_test(tcase, every_option_of_connections_reaches_its_field);
    tcase_add_loop_test(tcase, last_version_counts, 0, COUNT(version_cases));
    tcase_add_test(tcase, empty_value_means_none);
    tcase_add_loop_test(tcase, interface_is_taken_in_every_form, 0, COUNT(interfaces));
    tcase_add_loop_test(tcase, connect_to_is_taken_in_every_form, 0, COUNT(connect_tos));
    tcase_add_test(tcase, every_policy_reaches_its_field);
    tcase_add_loop_test(tcase, host_interval_is_the_larger_one_in_any_order, 0,
                        COUNT(host_interval_cases));
    tcase_add_loop_test(tcase, retried_statuses_are_chosen, 0, COUNT(retry_cases));
    tcase_add_test(tcase, halt_is_read_in_every_form);
    tcase_add_test(tcase, what_to_keep_is_a_number_or_an_age);
    tcase_add_test(tcase, nets_and_rules_add_one_by_one);
    tcase_add_test(tcase, empty_budget_is_what_the_word_says);
    tcase_add_test(tcase, word_gives_its_enumerator);
    tcase_add_test(tcase, switch_goes_both_ways_and_the_last_wins);
    tcase_add_test(tcase, repeated_list_options_add);
    tcase_add_test(tcase, sources_keep_the_order_of_the_command_line);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
