#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/file.h"
#include "cli/print.h"
#include "config_world.h"
#include "option_forms.h"

/* ---- the environment ---- */

START_TEST(environment_sets_options_of_every_kind)
{
    struct world w;

    world_init(&w);
    parse(&w, NULL,
          ENV("HAUL_PER_HOST=2", "HAUL_HTTP1_1=yes", "HAUL_QUIET=on", "HAUL_LOCATION=no",
              "HAUL_HEADER=A: 1\nB: 2\n", "HAUL_RESUME=yes", "HAUL_RETRY=", "PATH=/bin"),
          ARGS("u"));
    ck_assert_msg(w.err == HAUL_OK, "%s", haul_buf_str(&w.message));
    ck_assert_int_eq(w.config.per_host, 2);
    ck_assert_int_eq(w.config.http_version, HAUL_HTTP_1_1);
    ck_assert(w.config.quiet && !w.config.follow);
    ck_assert_uint_eq(w.config.headers.count, 2);
    ck_assert_str_eq(w.config.headers.item[1], "B: 2");
    ck_assert_int_eq(w.config.resume, HAUL_RESUME_YES);
    ck_assert_int_eq(w.config.retry, 2);
    ck_assert_str_eq(haul_buf_str(&w.message), "");
    world_done(&w);
}
END_TEST

START_TEST(wrong_variable_is_named_with_its_cause)
{
    struct world w;

    world_init(&w);
    parse(&w, NULL, ENV("HAUL_JOBS=0"), ARGS("u"));
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&w.message), "haul: HAUL_JOBS=0: workers must be 1 to 1024");
    parse(&w, NULL, ENV("HAUL_QUIET=x"), ARGS("u"));
    ck_assert_str_eq(haul_buf_str(&w.message), "haul: HAUL_QUIET=x: must be yes or no");
    parse(&w, NULL, ENV("HAUL_USER=s3cret"), ARGS("u"));
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    ck_assert_ptr_null(strstr(haul_buf_str(&w.message), "s3cret"));
    world_done(&w);
}
END_TEST

/* Variables of haul's own tests, of other programs, and of options that are no settings. */
START_TEST(foreign_variables_are_left_alone)
{
    struct world w;

    world_init(&w);
    parse(&w, NULL,
          ENV("HAUL_BIN=x", "HAUL_TESTSERVER=x", "HAUL_FAULTLIB=x", "HAUL_SOURCE_ROOT=x",
              "HAUL_SANITIZED=1", "HAUL_NO_SETUP=1", "HAUL_VERSION=1", "HAUL_HELP=1",
              "HAUL_PRINT_CONFIG=1", "HAUL_NO_CONFIG=1", "HAUL_", "HAUL_=", "HAUL"),
          ARGS("u"));
    ck_assert_int_eq(w.err, HAUL_OK);
    ck_assert_str_eq(haul_buf_str(&w.message), "");
    world_done(&w);
}
END_TEST

START_TEST(variable_that_looks_like_a_slip_is_a_warning)
{
    struct world w;

    world_init(&w);
    parse(&w, NULL, ENV("HAUL_PERHOST=2", "HAUL_NO_COMPRESSED=1"), ARGS("u"));
    ck_assert_int_eq(w.err, HAUL_OK);
    ck_assert_int_eq(w.config.per_host, 0);
    ck_assert_str_eq(haul_buf_str(&w.message),
                     "haul: HAUL_PERHOST has no effect; did you mean HAUL_PER_HOST?\n"
                     "haul: HAUL_NO_COMPRESSED has no effect; did you mean HAUL_COMPRESSED?");
    world_done(&w);
}
END_TEST

START_TEST(environment_names_files_unless_the_command_line_does)
{
    char variable[100];
    struct world w;

    world_init(&w);
    write_file(w.file, "jobs = 3\n", 0600);
    snprintf(variable, sizeof variable, "HAUL_CONFIG=/dev/null\n%s", w.file);
    parse(&w, NULL, ENV(variable), ARGS("u"));
    ck_assert_int_eq(w.config.jobs, 3);
    parse(&w, NULL, ENV(variable), ARGS("-K/dev/null", "u"));
    ck_assert_int_eq(w.config.jobs, 8);
    parse(&w, NULL, ENV(variable), ARGS("--no-config", "u"));
    ck_assert_int_eq(w.config.jobs, 8);
    world_done(&w);
}
END_TEST

START_TEST(every_option_has_a_variable_of_its_own)
{
    size_t count = option_count();
    struct haul_buf one, other;

    haul_buf_init(&one, 0);
    haul_buf_init(&other, 0);
    for (size_t i = 0; i < count; i++) {
        haul_buf_clear(&one);
        haul_environment_add_name(&one, haul_options_row(i)->name);
        ck_assert_uint_eq(strspn(one.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), one.len);
        for (size_t j = 0; j < i; j++) {
            haul_buf_clear(&other);
            haul_environment_add_name(&other, haul_options_row(j)->name);
            ck_assert_str_ne(one.data, other.data);
        }
    }
    haul_buf_done(&one);
    haul_buf_done(&other);
}
END_TEST

/* ---- who wins ---- */

/* Each of the three layers says something or not: 8 rows; bits: file, environment, command line. */
START_TEST(higher_layer_wins_for_a_number)
{
    static const int expected[] = {8, 2, 3, 3, 4, 4, 4, 4};
    struct world w;

    world_init(&w);
    parse(&w, _i & 1 ? "jobs = 2\n" : "", _i & 2 ? ENV("HAUL_JOBS=3") : NULL,
          _i & 4 ? ARGS("u", "-j4") : ARGS("u"));
    ck_assert_int_eq(w.err, HAUL_OK);
    ck_assert_int_eq(w.config.jobs, expected[_i]);
    world_done(&w);
}
END_TEST

START_TEST(higher_layer_replaces_a_list)
{
    static const char *const expected[] = {NULL, "F", "E", "E", "C", "C", "C", "C"};
    struct world w;

    world_init(&w);
    parse(&w, _i & 1 ? "header = F: 1\nheader = F: 2\n" : "",
          _i & 2 ? ENV("HAUL_HEADER=E: 1\nE: 2") : NULL,
          _i & 4 ? ARGS("u", "-HC: 1", "-H", "C: 2") : ARGS("u"));
    ck_assert_int_eq(w.err, HAUL_OK);
    ck_assert_uint_eq(w.config.headers.count, expected[_i] ? 2 : 0);
    if (expected[_i])
        ck_assert(w.config.headers.item[0][0] == *expected[_i] &&
                  w.config.headers.item[1][0] == *expected[_i]);
    world_done(&w);
}
END_TEST

START_TEST(options_of_one_field_are_one_for_layers)
{
    struct world w;

    world_init(&w);
    parse(&w, "http2 = yes\nipv6 = yes\nuser = f:f\n", ENV("HAUL_HTTP1_1=yes"),
          ARGS("-4", "-uc:c", "u"));
    ck_assert_int_eq(w.config.http_version, HAUL_HTTP_1_1);
    ck_assert_int_eq(w.config.ip_version, HAUL_IP_4);
    ck_assert_str_eq(w.config.user, "c:c");
    parse(&w, "http2 = yes\nhttp2 = no\nipv4 = yes\nipv6 = no\n", NULL, ARGS("u"));
    ck_assert_int_eq(w.config.http_version, HAUL_HTTP_ANY);
    ck_assert_int_eq(w.config.ip_version, HAUL_IP_4);
    parse(&w, "pass = f\ntls-min = 1.3\n", ENV("HAUL_TLSV1_2=yes"), ARGS("--pass=c", "u"));
    ck_assert_str_eq(w.config.key_pass, "c");
    ck_assert_int_eq(w.config.tls_min, HAUL_TLS_1_2);
    parse(&w, "http2-prior-knowledge = yes\ntlsv1.3 = yes\ntlsv1.3 = no\n", NULL, ARGS("u"));
    ck_assert_int_eq(w.config.http_version, HAUL_HTTP_2_PRIOR);
    ck_assert_int_eq(w.config.tls_min, HAUL_TLS_ANY);
    parse(&w, "method = auto\n", NULL, ARGS("-I", "u"));
    ck_assert_int_eq(w.config.method, HAUL_METHOD_HEAD);
    parse(&w, "quiet = yes\ncompressed = no\n", NULL, ARGS("--no-quiet", "--compressed", "u"));
    ck_assert(!w.config.quiet && w.config.compressed);
    world_done(&w);
}
END_TEST

START_TEST(lists_of_a_file_yield_to_what_is_typed)
{
    struct world w;

    world_init(&w);
    parse(&w, "input = a\ninput = b\n", NULL, ARGS("-q"));
    ck_assert_uint_eq(w.config.source_count, 2);
    parse(&w, "input = a\n", NULL, ARGS("http://x/"));
    ck_assert_uint_eq(w.config.source_count, 1);
    ck_assert_int_eq(w.config.source[0].kind, HAUL_SOURCE_URL);
    parse(&w, "input = a\n", ENV("HAUL_INPUT=b"), ARGS("@c"));
    ck_assert_uint_eq(w.config.source_count, 1);
    ck_assert_str_eq(w.config.source[0].text, "c");
    world_done(&w);
}
END_TEST

START_TEST(wrong_value_is_refused_though_it_would_not_count)
{
    struct world w;

    world_init(&w);
    parse(&w, "jobs = 0\n", NULL, ARGS("-j2", "u"));
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    parse(&w, "", ENV("HAUL_JOBS=0"), ARGS("-j2", "u"));
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    parse(&w, "jobs = 0\n", ENV("HAUL_JOBS=3"), ARGS("u"));
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    world_done(&w);
}
END_TEST

START_TEST(output_to_a_dash_is_standard_output)
{
    struct world w;

    world_init(&w);
    parse(&w, "output = report.txt\n", NULL, ARGS("u"));
    ck_assert_str_eq(w.config.output, "report.txt");
    parse(&w, "output = report.txt\n", NULL, ARGS("-o", "-", "u"));
    ck_assert_ptr_null(w.config.output);
    world_done(&w);
}
END_TEST

/* ---- --print-config ---- */

static void print(struct world *w, struct haul_buf *to)
{
    haul_buf_clear(to);
    haul_print_config_add(to, &w->result);
    ck_assert_int_eq(to->err, HAUL_OK);
}

START_TEST(printed_configuration_tells_where_each_value_is_from)
{
    char expected[200];
    struct haul_buf text;
    struct world w;

    world_init(&w);
    haul_buf_init(&text, 0);
    parse(&w, "\njobs = 4\nretry = 9\n[host \"*.x:80\"]\ndelay = 2s\n",
          ENV("HAUL_RETRY=5", "HAUL_REDACT=a\nb"),
          ARGS("-k", "--progress", "-u", "ann:s3cret", "-HA: s3cret", "--pass", "s3cret", "@list",
               "--print-config"));
    ck_assert_msg(w.err == HAUL_OK, "%s", haul_buf_str(&w.message));
    ck_assert(w.result.print_config);
    print(&w, &text);
    snprintf(expected, sizeof expected, "# %s:2\njobs = 4\n", w.file);
    check_contains(&text, expected);
    snprintf(expected, sizeof expected, "\n[host \"*.x:80\"]\n# %s:5\ndelay = 2s\n", w.file);
    check_contains(&text, expected);
    check_contains(&text, "# environment HAUL_RETRY\nretry = 5\n");
    check_contains(&text, "# environment HAUL_REDACT\nredact = a\n"
                          "# environment HAUL_REDACT\nredact = b\n");
    check_contains(&text, "# command line\ninsecure = yes\n");
    check_contains(&text, "# command line\nprogress = plain\n");
    check_contains(&text, "# command line\ninput = list\n");
    check_contains(&text, "# default\nstreams = 1\n");
    check_contains(&text, "# default\n# journal =\n");
    check_contains(&text, "# command line; the value is not shown\n# user = ***\n");
    check_contains(&text, "# command line; the value is not shown\n# pass = ***\n");
    check_contains(&text, "# see pass\n# pass-file =\n");
    check_contains(&text, "# command line; the value is not shown\n# header = A: ***\n");
    ck_assert_ptr_null(strstr(text.data, "s3cret"));
    ck_assert_ptr_null(strstr(text.data, "retry = 9"));
    haul_buf_done(&text);
    world_done(&w);
}
END_TEST

static void check_same_list(const struct haul_strings *a, const struct haul_strings *b)
{
    ck_assert_uint_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        ck_assert_str_eq(a->item[i], b->item[i]);
}

/* Numbers, switches and choices lie in the structure itself; texts and arrays are told apart. */
static void check_same(const struct haul_config *a, const struct haul_config *b)
{
    size_t count = option_count();

    check_same_list(&a->redact, &b->redact);
    check_same_list(&a->resolve, &b->resolve);
    check_same_list(&a->deny_net, &b->deny_net);
    check_same_list(&a->connect_to, &b->connect_to);
    ck_assert_pstr_eq(a->cert, b->cert);
    ck_assert_pstr_eq(a->key, b->key);
    ck_assert_pstr_eq(a->interface, b->interface);
    ck_assert_int_eq(a->tls_min, b->tls_min);
    ck_assert_int_eq(a->method, b->method);
    ck_assert_int_eq(a->limit_rate, b->limit_rate);
    ck_assert_str_eq(a->user_agent, b->user_agent);
    ck_assert_int_eq(a->host_interval_us, b->host_interval_us);
    ck_assert_int_eq(a->halt, b->halt);
    ck_assert_int_eq(a->halt_percent, b->halt_percent);
    ck_assert_mem_eq(&a->retry_on, &b->retry_on, sizeof a->retry_on);
    ck_assert_mem_eq(&a->retry_not, &b->retry_not, sizeof a->retry_not);
    ck_assert_mem_eq(&a->accept, &b->accept, sizeof a->accept);
    for (size_t i = 0; i < count; i++)
        if (haul_options_row(i)->what || haul_options_row(i)->arg == HAUL_OPTION_ARG_SWITCH)
            ck_assert_msg(!memcmp((const char *)a + haul_options_row(i)->offset,
                                  (const char *)b + haul_options_row(i)->offset,
                                  haul_options_row(i)->what ? sizeof(int) : sizeof(bool)),
                          "--%s", haul_options_row(i)->name);
}

static const char *const round_files[] = {
    "",
    "jobs = 3\nquiet = yes\ncompressed = no\nhttp2 = yes\nretry-on = 5xx,!501\naccept = 2xx\n"
    "halt = soon,fail=10%\ndelay = 2s\nuser-agent = \" a \\\"b\\\" # c\"\nredact = /a b/\n"
    "redact = \"\\xff\"\ndeny-net = 10.0.0.0/8,::1\nresolve = a:80:127.0.0.1\nresume = force\n"
    "max-filesize = 1.5M\nspeed-time = 5s\nprogress = none\nipv6 = yes\n"
    "[host \"a\"]\nper-host = 1\nuser-agent = \"\"\n[host \"b:1\"]\ndelay = 1s\nmax-time = 5\n",
    "http2-prior-knowledge = yes\ncert = /dev/null\nkey = /dev/null\ntlsv1.3 = yes\n"
    "interface = if!lo\nconnect-to = a:1:b:2\nconnect-to = :::\nlimit-rate = 1.5k\n"
    "[host \"a\"]\ncert = \"\"\nlimit-rate = 1\n",
    "tls-min = 1.2\nhttp1.1 = no\nhead = yes\n",
};

START_TEST(printed_configuration_is_read_back)
{
    struct haul_buf text, again;
    struct world one, other;

    world_init(&one);
    world_init(&other);
    haul_buf_init(&text, 0);
    haul_buf_init(&again, 0);
    parse(&one, round_files[_i], NULL, ARGS("--print-config"));
    ck_assert_msg(one.err == HAUL_OK, "%s", haul_buf_str(&one.message));
    print(&one, &text);
    parse(&other, text.data, NULL, ARGS("--print-config"));
    ck_assert_msg(other.err == HAUL_OK, "%s", haul_buf_str(&other.message));
    check_same(&one.config, &other.config);
    ck_assert_int_eq(one.config.http_version, other.config.http_version);
    ck_assert_int_eq(one.config.ip_version, other.config.ip_version);
    ck_assert_int_eq(one.config.resume, other.config.resume);
    ck_assert_uint_eq(one.config.host_rule_count, other.config.host_rule_count);
    for (size_t i = 0; i < one.config.host_rule_count; i++) {
        ck_assert_str_eq(one.config.host_rule[i].pattern, other.config.host_rule[i].pattern);
        ck_assert_int_eq(one.config.host_rule[i].port, other.config.host_rule[i].port);
        ck_assert_uint_eq(one.config.host_rule[i].says, other.config.host_rule[i].says);
        ck_assert_int_eq(one.config.host_rule[i].per_host, other.config.host_rule[i].per_host);
    }
    haul_buf_done(&text);
    haul_buf_done(&again);
    world_done(&one);
    world_done(&other);
}
END_TEST

/* What is said to be the default must be what is in force without it. */
START_TEST(shown_defaults_are_those_of_the_configuration)
{
    struct haul_config defaults;
    struct haul_buf text;
    struct world w;

    world_init(&w);
    haul_buf_init(&text, 0);
    haul_config_init(&defaults);
    parse(&w, NULL, NULL, ARGS("--print-config"));
    print(&w, &text);
    read_text(&w, text.data, text.len);
    ck_assert_msg(w.err == HAUL_OK, "%s", haul_buf_str(&w.message));
    check_same(&w.config, &defaults);
    ck_assert_int_eq(w.config.connect_timeout_ms, defaults.connect_timeout_ms);
    ck_assert_int_eq(w.config.grace_ms, defaults.grace_ms);
    ck_assert_int_eq(w.config.speed_time_s, defaults.speed_time_s);
    ck_assert_int_eq(w.config.speed_limit, defaults.speed_limit);
    ck_assert_int_eq(w.config.max_filesize, defaults.max_filesize);
    ck_assert_int_eq(w.config.sync, defaults.sync);
    ck_assert_int_eq(w.config.order, defaults.order);
    ck_assert_int_eq(w.config.format, defaults.format);
    haul_buf_done(&text);
    world_done(&w);
}
END_TEST

START_TEST(every_repeatable_option_is_marked)
{
    size_t count = option_count();

    for (size_t i = 0; i < count; i++)
        ck_assert_msg(!strstr(haul_options_row(i)->help, "may be repeated") ||
                          haul_options_row(i)->many || haul_options_row(i)->only_typed,
                      "--%s", haul_options_row(i)->name);
}
END_TEST

/* ---- haul report ---- */

static const struct report_case {
    const char *option;
    bool good;
} report_cases[] = {{"--format=csv", true}, {"-o-", true},       {"-ilist", true},
                    {"--order=done", true}, {"-q", true},        {"--redact=a", true},
                    {"-j4", false},         {"--jobs=4", false}, {"--resume", false},
                    {"-k", false},          {"-uann:pw", false}, {"--no-compressed", false}};

START_TEST(option_that_means_nothing_to_report_is_refused)
{
    const struct report_case *row = &report_cases[_i];
    struct world w;

    world_init(&w);
    parse(&w, NULL, NULL, ARGS("report", row->option, "journal"));
    ck_assert_int_eq(w.err, row->good ? HAUL_OK : HAUL_ERR_USAGE);
    ck_assert_int_eq(w.result.verb, HAUL_VERB_REPORT);
    if (!row->good)
        check_contains(&w.message, "means nothing to haul report");
    parse(&w, "jobs = 4\n", ENV("HAUL_RETRY=3"), ARGS("report", "journal"));
    ck_assert_int_eq(w.err, HAUL_OK); /* a file serves both */
    world_done(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_layers");
    TCase *tcase = tcase_create("config_layers");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, environment_sets_options_of_every_kind);
    tcase_add_test(tcase, wrong_variable_is_named_with_its_cause);
    tcase_add_test(tcase, foreign_variables_are_left_alone);
    tcase_add_test(tcase, variable_that_looks_like_a_slip_is_a_warning);
    tcase_add_test(tcase, environment_names_files_unless_the_command_line_does);
    tcase_add_test(tcase, every_option_has_a_variable_of_its_own);
    tcase_add_loop_test(tcase, higher_layer_wins_for_a_number, 0, 8);
    tcase_add_loop_test(tcase, higher_layer_replaces_a_list, 0, 8);
    tcase_add_test(tcase, options_of_one_field_are_one_for_layers);
    tcase_add_test(tcase, lists_of_a_file_yield_to_what_is_typed);
    tcase_add_test(tcase, wrong_value_is_refused_though_it_would_not_count);
    tcase_add_test(tcase, output_to_a_dash_is_standard_output);
    tcase_add_loop_test(tcase, option_that_means_nothing_to_report_is_refused, 0,
                        COUNT(report_cases));
    tcase_add_test(tcase, printed_configuration_tells_where_each_value_is_from);
    tcase_add_loop_test(tcase, printed_configuration_is_read_back, 0, COUNT(round_files));
    tcase_add_test(tcase, shown_defaults_are_those_of_the_configuration);
    tcase_add_test(tcase, every_repeatable_option_is_marked);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
