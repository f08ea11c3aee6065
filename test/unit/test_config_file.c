#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/file.h"
#include "cli/ini.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/secret.h"
#include "option_forms.h"

enum { ARGS_MAX = 16 };

/* A run's command line, environment and configuration file, and what comes of them. */
struct world {
    char directory[32];
    char file[64];
    struct haul_config config;
    struct haul_options_result result;
    struct haul_buf message;
    enum haul_err err;
};

static void world_init(struct world *w)
{
    *w = (struct world){.directory = "/tmp/haul-test-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(w->directory));
    snprintf(w->file, sizeof w->file, "%s/f", w->directory);
    haul_buf_init(&w->message, 0);
    haul_config_init(&w->config);
}

static void world_done(struct world *w)
{
    haul_config_done(&w->config);
    haul_buf_done(&w->message);
    unlink(w->file);
    ck_assert_int_eq(rmdir(w->directory), 0);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
}

/* "haul --config FILE ARGS", with FILE left out where `file` is NULL. */
static void parse(struct world *w, const char *file, const char *const *environment,
                  const char *const *args)
{
    char *argv[ARGS_MAX + 4];
    int argc = 0;

    argv[argc++] = strdup("haul");
    if (file) {
        write_file(w->file, file, 0600);
        argv[argc++] = strdup("--config");
        argv[argc++] = strdup(w->file);
    }
    for (; *args && argc < ARGS_MAX; args++)
        argv[argc++] = strdup(*args);
    argv[argc] = NULL;
    haul_config_done(&w->config);
    haul_buf_clear(&w->message);
    w->err = haul_options_parse(argc, argv, environment, &w->config, &w->result, &w->message);
    while (argc)
        free(argv[--argc]);
}

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Reads a file that is in memory, and nothing else. */
static void read_text(struct world *w, const char *text, size_t len)
{
    const struct haul_config_text content = {.name = "f", .bytes = text, .len = len};

    haul_config_done(&w->config);
    w->result = (struct haul_options_result){.help = false};
    haul_buf_clear(&w->message);
    w->err = haul_config_text_read(&content, &w->config, &w->result, &w->message);
}

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
        ck_assert_uint_eq(line.name_len, strlen(row->name));
        ck_assert(!line.name_len || !memcmp(line.name, row->name, line.name_len));
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
    {"[host \"b\xc3\xbc"
     "cher.de\"]",
     "haul: f:1: a section is for a host name, such as "},
    {"[host \"x:0\"]", "haul: f:1: the port behind the host name must be 1 to 65535"},
    {"[host \"x:\"]", "haul: f:1: the port behind the host name must be 1 to 65535"},
    {"[host \"::x\"]", "haul: f:1: the port behind the host name must be 1 to 65535"},
    {"[host \"x\"]\njobs = 2",
     "haul: f:2: jobs: not for single hosts; it stands before the first section"},
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
                               "[host \"[::1]\"]\n"
                               "[host x]\n"
                               "per-host = 0\n";
    const struct haul_host_rule *rule;
    struct world w;

    world_init(&w);
    read_text(&w, text, sizeof text - 1);
    ck_assert_msg(w.err == HAUL_OK, "%s", haul_buf_str(&w.message));
    ck_assert_int_eq(w.config.per_host, 7);
    ck_assert_uint_eq(w.config.headers.count, 0);
    ck_assert_uint_eq(w.config.host_rule_count, 3);
    rule = &w.config.host_rule[0];
    ck_assert_str_eq(rule->pattern, "*.example.com");
    ck_assert_int_eq(rule->port, 8080);
    ck_assert_uint_eq(rule->says, 511);
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
    ck_assert_str_eq(rule[1].pattern, "[::1]");
    ck_assert_int_eq(rule[1].port, 0);
    ck_assert_uint_eq(rule[1].says, 0);
    ck_assert_str_eq(rule[2].pattern, "x");
    ck_assert_uint_eq(rule[2].says, HAUL_HOST_SAYS_PER_HOST);
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
    ck_assert_int_eq(haul_secret_read_user(w.file, &user, text, &cause),
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
} user_cases[] = {{"ann:pw", "ann:pw"}, {"ann:pw\r\n", "ann:pw"}, {"ann:p w:x \nb:c", "ann:p w:x "},
                  {"", NULL},           {"\nann:pw", NULL},       {"ann\n", NULL},
                  {"ann:p\tw\n", NULL}};

START_TEST(first_line_of_a_password_file_counts)
{
    struct haul_buf user;
    char text[HAUL_IO_ERROR_MAX];
    const char *cause = "";
    struct world w;

    world_init(&w);
    write_file(w.file, user_cases[_i].text, 0600);
    haul_buf_init(&user, 0);
    ck_assert_int_eq(haul_secret_read_user(w.file, &user, text, &cause),
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
} exposed_cases[] = {{"user = ann:pw\n", false},
                     {"proxy = http://ann:pw@p/\n", false},
                     {"proxy = http://p/\n", true},
                     {"[host \"x\"]\nuser = ann:pw\n", false},
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
        ck_assert_ptr_null(strstr(haul_buf_str(&w.message), "pw"));
    }
    for (int i = 0; i < 4; i++)
        free(args[i]);
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

static void check_contains(const struct haul_buf *text, const char *part)
{
    ck_assert_msg(strstr(text->data, part) != NULL, "%s is not in:\n%s", part, text->data);
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
          ARGS("-k", "--progress", "-u", "ann:s3cret", "-HA: s3cret", "@list", "--print-config"));
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

/* ---- ---- */

static void add_files(Suite *suite)
{
    TCase *tcase = tcase_create("file");

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))
    tcase_add_loop_test(tcase, line_is_read_or_refused, 0, COUNT(line_cases));
    tcase_add_loop_test(tcase, written_value_is_read_back, 0, COUNT(values));
    tcase_add_test(tcase, file_sets_options_of_every_kind);
    tcase_add_loop_test(tcase, wrong_line_is_named_with_its_cause, 0, COUNT(refused_cases));
    tcase_add_test(tcase, nul_in_a_file_is_refused);
    tcase_add_test(tcase, secret_of_a_file_is_not_in_its_message);
    tcase_add_test(tcase, file_that_cannot_be_read_is_named);
    tcase_add_test(tcase, later_file_wins_and_none_is_forgotten);
    tcase_add_test(tcase, section_becomes_a_rule);
    tcase_add_test(tcase, more_sections_than_allowed_are_refused);
    tcase_add_loop_test(tcase, password_file_within_reach_of_others_is_refused, 0,
                        COUNT(mode_cases));
    tcase_add_test(tcase, group_of_anothers_file_may_read_it);
    tcase_add_loop_test(tcase, first_line_of_a_password_file_counts, 0, COUNT(user_cases));
    tcase_add_loop_test(tcase, password_in_a_file_that_others_can_read_is_refused, 0,
                        COUNT(exposed_cases));
    tcase_add_test(tcase, password_file_sets_the_user);
    suite_add_tcase(suite, tcase);
}

static void add_layers(Suite *suite)
{
    TCase *tcase = tcase_create("layers");

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
    suite_add_tcase(suite, tcase);
}

static void add_printing(Suite *suite)
{
    TCase *tcase = tcase_create("print");

    tcase_add_test(tcase, printed_configuration_tells_where_each_value_is_from);
    tcase_add_loop_test(tcase, printed_configuration_is_read_back, 0, COUNT(round_files));
    tcase_add_test(tcase, shown_defaults_are_those_of_the_configuration);
    tcase_add_test(tcase, every_repeatable_option_is_marked);
    suite_add_tcase(suite, tcase);
}

int main(void)
{
    Suite *suite = suite_create("config_file");
    SRunner *runner;
    int failed;

    add_files(suite);
    add_layers(suite);
    add_printing(suite);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
