#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/file.h"
#include "cli/ini.h"
#include "cli/secret.h"
#include "config_world.h"

/* ---- lines ---- */

static const struct line_case {
    const char *line;
    enum haul_ini_kind kind;
    const char *name, *value; /* name NULL: refused, and value is the cause's beginning */
} line_cases[] = {
    {"", HAUL_INI_NOTHING, "", ""},
    {" \t\r", HAUL_INI_NOTHING, "", ""},
    {"# jobs = 8", HAUL_INI_NOTHING, "", ""},
    {"  ; jobs = 8", HAUL_INI_NOTHING, "", ""},
    {"jobs=8", HAUL_INI_PAIR, "jobs", "8"},
    {"\tjobs\t =\t 8 \r", HAUL_INI_PAIR, "jobs", "8"},
    {"jobs =", HAUL_INI_PAIR, "jobs", ""},
    {"a b = c d", HAUL_INI_PAIR, "a b", "c d"},
    {"a = b = c", HAUL_INI_PAIR, "a", "b = c"},
    {"a = b#c", HAUL_INI_PAIR, "a", "b#c"},
    {"a = #c", HAUL_INI_PAIR, "a", "#c"},
    {"a = b; c", HAUL_INI_PAIR, "a", "b; c"},
    {"a = b\"c\"", HAUL_INI_PAIR, "a", "b\"c\""},
    {"a = b\\n", HAUL_INI_PAIR, "a", "b\\n"},
    {"a = \"\"", HAUL_INI_PAIR, "a", ""},
    {"a = \" b # c \"", HAUL_INI_PAIR, "a", " b # c "},
    {"a = \"\\\"\\\\\\t\\n\\r\\x41\\xe4\"", HAUL_INI_PAIR, "a", "\"\\\t\n\rA\xe4"},
    {"a = \xc3\xa4", HAUL_INI_PAIR, "a", "\xc3\xa4"},
    {"[host \"x\"]", HAUL_INI_SECTION, "host", "x"},
    {" [ host x ] ", HAUL_INI_SECTION, "host", "x"},
    {"[host]", HAUL_INI_SECTION, "host", ""},
    {"[]", HAUL_INI_SECTION, "", ""},
    {"[host \"[::1]:80\"]", HAUL_INI_SECTION, "host", "[::1]:80"},
    {"jobs", HAUL_INI_NOTHING, NULL, "not of the form"},
    {"= 8", HAUL_INI_NOTHING, NULL, "there is no name"},
    {"jobs = 8 # many", HAUL_INI_NOTHING, NULL, "a comment stands"},
    {"a = \"b", HAUL_INI_NOTHING, NULL, "the quotation mark"},
    {"a = \"", HAUL_INI_NOTHING, NULL, "the quotation mark"},
    {"a = \"b\\\"", HAUL_INI_NOTHING, NULL, "the quotation mark"},
    {"a = \"b\" c", HAUL_INI_NOTHING, NULL, "something follows"},
    {"a = \"\\q\"", HAUL_INI_NOTHING, NULL, "a backslash"},
    {"a = \"\\x4\"", HAUL_INI_NOTHING, NULL, "a backslash"},
    {"a = \"\\xg0\"", HAUL_INI_NOTHING, NULL, "a backslash"},
    {"a = \"\\x00\"", HAUL_INI_NOTHING, NULL, "a backslash"},
    {"a = \"\\", HAUL_INI_NOTHING, NULL, "a backslash"},
    {"[host", HAUL_INI_NOTHING, NULL, "a section is written"},
    {"[", HAUL_INI_NOTHING, NULL, "a section is written"},
    {"[host \"x]", HAUL_INI_NOTHING, NULL, "the quotation mark"},
    {"a = b\x1b[2J", HAUL_INI_NOTHING, NULL, "a control character"},
    {"a\x7f = b", HAUL_INI_NOTHING, NULL, "a control character"},
};

START_TEST(line_is_read_or_refused)
{
    const struct line_case *row = &line_cases[_i];
    struct haul_buf store;
    struct haul_ini_line line;
    const char *cause = "";
    enum haul_err err;

    haul_buf_init(&store, 0);
    err = haul_ini_read_line(row->line, strlen(row->line), &store, &line, &cause);
    ck_assert_int_eq(err, row->name ? HAUL_OK : HAUL_ERR_SYNTAX);
    if (!row->name) {
        ck_assert_msg(!strncmp(cause, row->value, strlen(row->value)), "%s", cause);
    } else {
        ck_assert_int_eq(line.kind, row->kind);
        ck_assert(haul_span_is(line.name, row->name));
        ck_assert_str_eq(line.kind == HAUL_INI_NOTHING ? "" : line.value, row->value);
    }
    haul_buf_done(&store);
}
END_TEST

static const char *const values[] = {"8",     "",     " a", "a ", "\"a\"",
                                     "a # b", "a\tb", "\n", "\\", "\x01\x7f\xc3\xa4\xff",
                                     "a\\xb", "#",    ";",  "[",  "="};

START_TEST(written_value_is_read_back)
{
    struct haul_buf text, store;
    struct haul_ini_line line;
    const char *cause;

    haul_buf_init(&text, 0);
    haul_buf_init(&store, 0);
    haul_buf_add_str(&text, "a = ");
    haul_ini_add_value(&text, values[_i]);
    for (size_t i = 0; i < text.len; i++)
        ck_assert(text.data[i] >= 0x20 && text.data[i] < 0x7f);
    ck_assert_int_eq(haul_ini_read_line(text.data, text.len, &store, &line, &cause), HAUL_OK);
    ck_assert_str_eq(line.value, values[_i]);
    haul_buf_done(&text);
    haul_buf_done(&store);
}
END_TEST

/* ---- files ---- */

START_TEST(file_sets_options_of_every_kind)
{
    struct world w;

    world_init(&w);
    parse(&w,
          "\xef\xbb\xbfjobs = 4\r\n"
          "threads = 5\n"
          "quiet = YES\n"
          "compressed = off\n"
          "http2 = yes\n"
          "ipv4 = 0\n"
          "resume = force\n"
          "progress = plain\n"
          "header = X-A: 1\n"
          "header = X-B;\n"
          "max-filesize = 2k\n"
          "delay = 1.5\n"
          "rate-per-host = 1/s\n"
          "proxy = http://p:1",
          NULL, ARGS("u"));
    ck_assert_msg(w.err == HAUL_OK, "%s", haul_buf_str(&w.message));
    ck_assert_int_eq(w.config.jobs, 5);
    ck_assert(w.config.quiet && !w.config.compressed);
    ck_assert_int_eq(w.config.http_version, HAUL_HTTP_2);
    ck_assert_int_eq(w.config.ip_version, HAUL_IP_ANY);
    ck_assert_int_eq(w.config.resume, HAUL_RESUME_FORCE);
    ck_assert_int_eq(w.config.progress, HAUL_PROGRESS_PLAIN);
    ck_assert_uint_eq(w.config.headers.count, 2);
    ck_assert_str_eq(w.config.headers.item[1], "X-B;");
    ck_assert_int_eq(w.config.max_filesize, 2048);
    ck_assert_int_eq(w.config.host_interval_us, 1500000);
    ck_assert_str_eq(w.config.proxy, "http://p:1");
    ck_assert_uint_eq(w.config.source_count, 1);
    world_done(&w);
}
END_TEST

static const struct refused_case {
    const char *text, *message;
} refused_cases[] = {
    {"\n\njbos = 8", "haul: f:3: unknown option 'jbos'; did you mean jobs?"},
    {"--jobs = 8", "haul: f:1: unknown option '--jobs'; did you mean jobs?"},
    {"no-compressed = yes", "haul: f:1: unknown option 'no-compressed'; did you mean compressed?"},
    {"zzzzzz = 8", "haul: f:1: unknown option 'zzzzzz'; haul --help lists them"},
    {"a\xff = 8", "haul: f:1: unknown option 'a\\xff'; haul --help lists them"},
    {"jobs = 0", "haul: f:1: jobs = 0: workers must be 1 to 1024"},
    {"jobs =", "haul: f:1: jobs = : not a whole number; workers must be 1 to 1024"},
    {"quiet = perhaps", "haul: f:1: quiet = perhaps: must be yes or no"},
    {"quiet =", "haul: f:1: quiet = : must be yes or no"},
    {"http2 = 2", "haul: f:1: http2 = 2: must be yes or no"},
    {"help = yes", "haul: f:1: help: only on the command line"},
    {"version = yes", "haul: f:1: version: only on the command line"},
    {"config = x", "haul: f:1: config: only on the command line"},
    {"no-config = yes", "haul: f:1: no-config: only on the command line"},
    {"print-config = yes", "haul: f:1: print-config: only on the command line"},
    {"user = nothing", "haul: f:1: user: "},
    {"user-file = /nonexistent/x",
     "haul: f:1: user-file = /nonexistent/x: No such file or directory"},
    {"jobs", "haul: f:1: not of the form NAME = VALUE"},
    {"[hots \"x\"]", "haul: f:1: the only sections are [host \"NAME\"]"},
    {"[host]", "haul: f:1: a section needs a host name: [host \"NAME\"]"},
    {"[host \":80\"]", "haul: f:1: a section needs a host name: [host \"NAME\"]"},
    {"[host \"http://x/\"]", "haul: f:1: a section is for a host name, such as "},
    {"[host \"ftp://x\"]", "haul: f:1: a section is for a host name, such as "},
    {"[host \"https:/x\"]", "haul: f:1: a section is for a host name, such as "},
    {"[host \"https://https://x\"]", "haul: f:1: a section is for a host name, such as "},
    {"[host \"https://\"]", "haul: f:1: a section needs a host name: [host \"NAME\"]"},
    {"[host \"https://x:0\"]", "haul: f:1: the port behind the host name must be 1 to 65535"},
    {"[host \"b\xc3\xbc"
     "cher.de\"]",
     "haul: f:1: a section is for a host name, such as "},
    {"[host \"x:0\"]", "haul: f:1: the port behind the host name must be 1 to 65535"},
    {"[host \"x:\"]", "haul: f:1: the port behind the host name must be 1 to 65535"},
    {"[host \"::x\"]", "haul: f:1: the port behind the host name must be 1 to 65535"},
    {"[host \"x\"]\njobs = 2",
     "haul: f:2: jobs: not for single hosts; it stands before the first section"},
    {"[host \"x\"]\ntls-min = 1.3",
     "haul: f:2: tls-min: not for single hosts; it stands before the first section"},
    {"[host \"x\"]\ncert = /nonexistent/x",
     "haul: f:2: cert = /nonexistent/x: No such file or directory"},
    {"pass-file = /nonexistent/x",
     "haul: f:1: pass-file = /nonexistent/x: No such file or directory"},
    {"[host \"x\"]\nper-host = -1",
     "haul: f:2: per-host = -1: transfers per origin must be 0 to 1024"},
    {"[host \"x\"]\nper-hots = 1", "haul: f:2: unknown option 'per-hots'; did you mean per-host?"},
};

START_TEST(wrong_line_is_named_with_its_cause)
{
    const char *text = refused_cases[_i].text, *message = refused_cases[_i].message;
    struct world w;

    world_init(&w);
    read_text(&w, text, strlen(text));
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    ck_assert_msg(!strncmp(haul_buf_str(&w.message), message, strlen(message)), "%s",
                  haul_buf_str(&w.message));
    world_done(&w);
}
END_TEST

START_TEST(nul_in_a_file_is_refused)
{
    struct world w;

    world_init(&w);
    read_text(&w, "jobs = 2\0", 9);
    ck_assert_str_eq(haul_buf_str(&w.message), "haul: f:1: a control character");
    world_done(&w);
}
END_TEST

START_TEST(secret_of_a_file_is_not_in_its_message)
{
    static const char text[] = "user = s3cret";
    struct world w;

    world_init(&w);
    read_text(&w, text, sizeof text - 1);
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    ck_assert_ptr_null(strstr(haul_buf_str(&w.message), "s3cret"));
    world_done(&w);
}
END_TEST

START_TEST(file_that_cannot_be_read_is_named)
{
    struct world w;

    world_init(&w);
    parse(&w, NULL, NULL, ARGS("-K", "/nonexistent/x", "u"));
    ck_assert_int_eq(w.err, HAUL_ERR_USAGE);
    ck_assert_str_eq(haul_buf_str(&w.message), "haul: /nonexistent/x: No such file or directory");
    parse(&w, NULL, NULL, ARGS("-K", "/tmp", "u"));
    ck_assert_str_eq(haul_buf_str(&w.message), "haul: /tmp: Is a directory");
    parse(&w, NULL, NULL, ARGS("-K", "/dev/zero", "u"));
    ck_assert_str_eq(haul_buf_str(&w.message),
                     "haul: /dev/zero: longer than a configuration file may be (1 MiB)");
    world_done(&w);
}
END_TEST

START_TEST(later_file_wins_and_none_is_forgotten)
{
    struct world w;

    world_init(&w);
    parse(&w, "jobs = 2\nretry = 1\nheader = A: 1\n", NULL, ARGS("-K", "/dev/null", "u"));
    ck_assert_int_eq(w.err, HAUL_OK);
    ck_assert_int_eq(w.config.jobs, 2);
    parse(&w, "jobs = 2\n", NULL, ARGS("--no-config", "u"));
    ck_assert_int_eq(w.config.jobs, 8);
    parse(&w, "jobs = 2\n", NULL, ARGS("--no-config", "-K", w.file, "u"));
    ck_assert_int_eq(w.config.jobs, 2);
    world_done(&w);
}
END_TEST

/* ---- sections ---- */

START_TEST(section_becomes_a_rule)
{
    static const char text[] = "per-host = 7\n"
                               "[host \"*.Example.COM:8080\"]\n"
                               "per-host = 2\n"
                               "delay = 2s\n"
                               "rate-per-host = 1/s\n"
                               "header = A: 1\n"
                               "header = B: 2\n"
                               "user-agent = me\n"
                               "user = ann:pw\n"
                               "connect-timeout = 3s\n"
                               "max-time = 4s\n"
                               "speed-limit = 5\n"
                               "speed-time = 6s\n"
                               "cert = /dev/null\n"
                               "key = /dev/zero\n"
                               "pass = phrase\n"
                               "limit-rate = 7k\n"
                               "[host \"[::1]\"]\n"
                               "[host x]\n"
                               "per-host = 0\n"
                               "[host \"https://Www.Example.com.:8443\"]\n"
                               "[host \"intranet.\"]\n";
    const struct haul_host_rule *rule;
    struct world w;

    world_init(&w);
    read_text(&w, text, sizeof text - 1);
    ck_assert_msg(w.err == HAUL_OK, "%s", haul_buf_str(&w.message));
    ck_assert_int_eq(w.config.per_host, 7);
    ck_assert_uint_eq(w.config.headers.count, 0);
    ck_assert_uint_eq(w.config.host_rule_count, 5);
    rule = &w.config.host_rule[0];
    ck_assert_str_eq(rule->pattern, "*.example.com");
    ck_assert_int_eq(rule->port, 8080);
    ck_assert_uint_eq(rule->says, 2047);
    ck_assert_int_eq(rule->per_host, 2);
    ck_assert_int_eq(rule->host_interval_us, 2000000);
    ck_assert_uint_eq(rule->headers.count, 2);
    ck_assert_str_eq(rule->headers.item[1], "B: 2");
    ck_assert_str_eq(rule->user_agent, "me");
    ck_assert_str_eq(rule->user, "ann:pw");
    ck_assert_int_eq(rule->connect_timeout_ms, 3000);
    ck_assert_int_eq(rule->max_time_ms, 4000);
    ck_assert_int_eq(rule->speed_limit, 5);
    ck_assert_int_eq(rule->speed_time_s, 6);
    ck_assert_str_eq(rule->cert, "/dev/null");
    ck_assert_str_eq(rule->key, "/dev/zero");
    ck_assert_str_eq(rule->key_pass, "phrase");
    ck_assert_int_eq(rule->limit_rate, 7168);
    ck_assert_ptr_null(w.config.cert);
    ck_assert_int_eq(w.config.limit_rate, 0);
    ck_assert_str_eq(rule[1].pattern, "[::1]");
    ck_assert_int_eq(rule[1].port, 0);
    ck_assert_uint_eq(rule[1].says, 0);
    ck_assert_str_eq(rule[2].pattern, "x");
    ck_assert_uint_eq(rule[2].says, HAUL_HOST_SAYS_PER_HOST);
    ck_assert_str_eq(rule[3].pattern, "www.example.com"); /* as origins have it */
    ck_assert_int_eq(rule[3].port, 8443);
    ck_assert_str_eq(rule[4].pattern, "intranet.");
    world_done(&w);
}
END_TEST

START_TEST(section_may_have_no_certificate)
{
    static const char text[] = "cert = /dev/null\n[host x]\ncert = \"\"\n";
    struct world w;

    world_init(&w);
    read_text(&w, text, sizeof text - 1);
    ck_assert_msg(w.err == HAUL_OK, "%s", haul_buf_str(&w.message));
    ck_assert_uint_eq(w.config.host_rule[0].says, HAUL_HOST_SAYS_CERT);
    ck_assert_ptr_null(w.config.host_rule[0].cert);
    ck_assert_str_eq(w.config.cert, "/dev/null");
    world_done(&w);
}
END_TEST

START_TEST(more_sections_than_allowed_are_refused)
{
    struct haul_buf text;
    struct world w;

    world_init(&w);
    haul_buf_init(&text, 0);
    for (int i = 0; i < HAUL_HOST_RULES_MAX; i++)
        haul_buf_add_str(&text, "[host \"x\"]\n");
    read_text(&w, text.data, text.len);
    ck_assert_int_eq(w.err, HAUL_OK);
    ck_assert_uint_eq(w.config.host_rule_count, HAUL_HOST_RULES_MAX);
    haul_buf_add_str(&text, "[host \"x\"]\n");
    read_text(&w, text.data, text.len);
    ck_assert_str_eq(haul_buf_str(&w.message), "haul: f:1001: more than 1000 sections");
    haul_buf_done(&text);
    world_done(&w);
}
END_TEST

/* ---- passwords ---- */

static const struct mode_case {
    mode_t mode;
    bool good;
} mode_cases[] = {{0600, true},  {0400, true},  {0640, false}, {0604, false},
                  {0602, false}, {0601, false}, {0644, false}};

START_TEST(password_file_within_reach_of_others_is_refused)
{
    struct haul_buf user;
    char text[HAUL_IO_ERROR_MAX];
    const char *cause = "";
    struct world w;

    world_init(&w);
    write_file(w.file, "ann:pw\nmore\n", mode_cases[_i].mode);
    haul_buf_init(&user, 0);
    ck_assert_int_eq(haul_secret_read_line(w.file, haul_check_user, &user, text, &cause),
                     mode_cases[_i].good ? HAUL_OK : HAUL_ERR_USAGE);
    if (mode_cases[_i].good)
        ck_assert_str_eq(haul_buf_str(&user), "ann:pw");
    else
        ck_assert_str_eq(cause, "others can get at the password in it (chmod 600 helps)");
    haul_buf_done(&user);
    world_done(&w);
}
END_TEST

START_TEST(group_of_anothers_file_may_read_it)
{
    struct stat info = {.st_uid = geteuid() + 1, .st_mode = S_IFREG | 0640};

    ck_assert(!haul_secret_is_exposed(&info));
    info.st_mode |= S_IROTH;
    ck_assert(haul_secret_is_exposed(&info));
}
END_TEST

static const struct user_case {
    const char *text, *user; /* NULL: refused */
} user_cases[] = {{"ann:pw", "ann:pw"},
                  {"ann:pw\r\n", "ann:pw"},
                  {"ann:p w:x \nb:c", "ann:p w:x "},
                  {"", NULL},
                  {"\nann:pw", NULL},
                  {"ann\n", NULL},
                  {"ann:p\tw\n", NULL},
                  {"\xef\xbb\xbf"
                   "ann:pw\n",
                   "ann:pw"},
                  {"\xff\xfe"
                   "ann:pw\n",
                   NULL}};

START_TEST(first_line_of_a_password_file_counts)
{
    struct haul_buf user;
    char text[HAUL_IO_ERROR_MAX];
    const char *cause = "";
    struct world w;

    world_init(&w);
    write_file(w.file, user_cases[_i].text, 0600);
    haul_buf_init(&user, 0);
    ck_assert_int_eq(haul_secret_read_line(w.file, haul_check_user, &user, text, &cause),
                     user_cases[_i].user ? HAUL_OK : HAUL_ERR_USAGE);
    if (user_cases[_i].user)
        ck_assert_str_eq(haul_buf_str(&user), user_cases[_i].user);
    haul_buf_done(&user);
    world_done(&w);
}
END_TEST

static const struct exposed_case {
    const char *text;
    bool good;
} exposed_cases[] = {{"user = ann:s3cret\n", false},
                     {"proxy = http://ann:s3cret@p/\n", false},
                     {"proxy = http://p/\n", true},
                     {"[host \"x\"]\nuser = ann:s3cret\n", false},
                     {"pass = s3cret\n", false},
                     {"[host \"x\"]\npass = s3cret\n", false},
                     {"jobs = 2\n", true}};

START_TEST(password_in_a_file_that_others_can_read_is_refused)
{
    struct world w;
    char *args[] = {strdup("haul"), strdup("-K"), NULL, strdup("u"), NULL};

    world_init(&w);
    write_file(w.file, exposed_cases[_i].text, 0644);
    args[2] = strdup(w.file);
    w.err = haul_options_parse(4, args, NULL, &w.config, &w.result, &w.message);
    ck_assert_int_eq(w.err, exposed_cases[_i].good ? HAUL_OK : HAUL_ERR_USAGE);
    if (!exposed_cases[_i].good) {
        ck_assert_ptr_nonnull(strstr(haul_buf_str(&w.message), "others can read this file"));
        ck_assert_ptr_null(strstr(haul_buf_str(&w.message), "s3cret"));
    }
    for (int i = 0; i < 4; i++)
        free(args[i]);
    world_done(&w);
}
END_TEST

static const struct pass_case {
    const char *text, *pass; /* NULL: refused with `cause` */
    const char *cause;
} pass_cases[] = {{"a : b \nmore\n", "a : b ", NULL},
                  {"\xc3\xa4", "\xc3\xa4", NULL},
                  {"", NULL, "there is no passphrase in its first line"},
                  {"\npw", NULL, "there is no passphrase in its first line"},
                  {"p\x01w\n", NULL, "control characters are not allowed"}};

START_TEST(passphrase_file_sets_the_passphrase)
{
    const struct pass_case *row = &pass_cases[_i];
    char option[100];
    struct world w;

    world_init(&w);
    write_file(w.file, row->text, 0600);
    snprintf(option, sizeof option, "--pass-file=%s", w.file);
    parse(&w, NULL, NULL, ARGS("--pass=old", option, "u"));
    ck_assert_int_eq(w.err, row->pass ? HAUL_OK : HAUL_ERR_USAGE);
    ck_assert_str_eq(w.config.key_pass, row->pass ? row->pass : "old");
    if (row->cause)
        check_contains(&w.message, row->cause);
    write_file(w.file, "pw\n", 0640);
    parse(&w, NULL, NULL, ARGS(option, "u"));
    check_contains(&w.message, "others can get at the password in it");
    world_done(&w);
}
END_TEST

START_TEST(password_file_sets_the_user)
{
    char option[100];
    struct world w;

    world_init(&w);
    write_file(w.file, "ann:pw\n", 0600);
    snprintf(option, sizeof option, "--user-file=%s", w.file);
    parse(&w, NULL, NULL, ARGS(option, "u"));
    ck_assert_int_eq(w.err, HAUL_OK);
    ck_assert_str_eq(w.config.user, "ann:pw");
    parse(&w, NULL, NULL, ARGS(option, "-ube:la", "u"));
    ck_assert_str_eq(w.config.user, "be:la");
    world_done(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_file");
    TCase *tcase = tcase_create("config_file");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, line_is_read_or_refused, 0, COUNT(line_cases));
    tcase_add_loop_test(tcase, written_value_is_read_back, 0, COUNT(values));
    tcase_add_test(tcase, file_sets_options_of_every_kind);
    tcase_add_loop_test(tcase, wrong_line_is_named_with_its_cause, 0, COUNT(refused_cases));
    tcase_add_test(tcase, nul_in_a_file_is_refused);
    tcase_add_test(tcase, secret_of_a_file_is_not_in_its_message);
    tcase_add_test(tcase, file_that_cannot_be_read_is_named);
    tcase_add_test(tcase, later_file_wins_and_none_is_forgotten);
    tcase_add_test(tcase, section_becomes_a_rule);
    tcase_add_test(tcase, section_may_have_no_certificate);
    tcase_add_test(tcase, more_sections_than_allowed_are_refused);
    tcase_add_loop_test(tcase, password_file_within_reach_of_others_is_refused, 0,
                        COUNT(mode_cases));
    tcase_add_test(tcase, group_of_anothers_file_may_read_it);
    tcase_add_loop_test(tcase, first_line_of_a_password_file_counts, 0, COUNT(user_cases));
    tcase_add_loop_test(tcase, password_in_a_file_that_others_can_read_is_refused, 0,
                        COUNT(exposed_cases));
    tcase_add_test(tcase, password_file_sets_the_user);
    tcase_add_loop_test(tcase, passphrase_file_sets_the_passphrase, 0, COUNT(pass_cases));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
