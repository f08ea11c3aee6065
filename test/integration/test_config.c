#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/option_forms.h"
#include "base/buf.h"
#include "cli/options.h"
#include "harness.h"
#include "model/config_rules.h"
#include "servers.h"

/* Configuration files and the environment as the program takes them, and the samples in conf/. */

static const char *sample(const char *name)
{
    const char *root = getenv("HAUL_SOURCE_ROOT");

    ck_assert_msg(root != NULL, "HAUL_SOURCE_ROOT is not set");
    return it_text("%s/conf/%s", root, name);
}

static void write_text(const char *path, const char *text)
{
    it_write(path, text, strlen(text));
    ck_assert_int_eq(chmod(path, 0600), 0);
}

/* Runs a command of the shell. */
static struct it_run shell(const char *command)
{
    return it_call(&(struct it_call){.program = "/bin/sh", .argv = IT_ARGS("-c", command)});
}

static bool is_installed(const char *program)
{
    return shell(it_text("command -v %s >/dev/null", program)).status == 0;
}

/* ---- what a run does with it ---- */

static const char *config_with(const char *text)
{
    const char *path = it_path("haul.conf");

    write_text(path, text);
    return path;
}

static const char *header_of(const json_t *line, const char *name)
{
    const json_t *headers = json_object_get(line, "headers");

    for (size_t i = 0; i < json_array_size(headers); i++) {
        const json_t *header = json_array_get(headers, i);

        if (!strcasecmp(json_string_value(json_array_get(header, 0)), name))
            return json_string_value(json_array_get(header, 1));
    }
    return "";
}

static const json_t *first_request(const char *path)
{
    const json_t *log = it_log(path);

    ck_assert_uint_ge(json_array_size(log), 1);
    return json_array_get(log, 0);
}

START_TEST(section_sends_its_headers_and_credentials)
{
    struct it_run run;
    const json_t *line;

    write_text(it_path("user"), "ann:s3cret\n");
    run = it_haul(IT_ARGS("--config",
                          config_with(it_text("header = X-All: 1\nheader = X-Both: general\n"
                                              "[host \"127.0.0.1\"]\nheader = X-Both: special\n"
                                              "user-agent = me\nuser-file = %s\n"
                                              "[host \"127.0.0.1:1\"]\nuser-agent = you\n",
                                              it_path("user"))),
                          it_url("/echo")));
    ck_assert_msg(run.status == 0, "%s", run.err);
    line = first_request("/echo");
    ck_assert_str_eq(header_of(line, "X-All"), "1");
    ck_assert_str_eq(header_of(line, "X-Both"), "special");
    ck_assert_str_eq(header_of(line, "User-Agent"), "me");
    ck_assert_str_eq(header_of(line, "Authorization"), "Basic YW5uOnMzY3JldA==");
}
END_TEST

START_TEST(section_of_another_host_does_nothing)
{
    struct it_run run = it_haul(
        IT_ARGS("--config", config_with("[host \"127.0.0.2\"]\nheader = X-S: 1\nuser-agent = me\n"),
                it_url("/echo")));

    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert(!it_log_has_header(first_request("/echo"), "X-S"));
    ck_assert_ptr_nonnull(strstr(header_of(first_request("/echo"), "User-Agent"), "haul/"));
}
END_TEST

/* Neither the secrets of where it came from, nor those of where it leads. */
static const char *const away[] = {"redirect-port", "redirect-host"};

START_TEST(secrets_of_sections_do_not_follow_a_redirect)
{
    const char *rules = it_text("[host \"127.0.0.1:%d\"]\nheader = X-Home: 1\nuser-agent = me\n"
                                "[host \"*:%d\"]\nheader = X-There: 1\n"
                                "[host \"localhost\"]\nheader = X-There: 1\n",
                                it_port("http"), it_port("http2nd"));
    struct it_run run = it_haul(IT_ARGS("--config", config_with(rules), it_url("/%s", away[_i])));
    const json_t *line;

    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert(it_log_has_header(first_request(it_text("/%s", away[_i])), "X-Home"));
    line = first_request("/echo");
    ck_assert(!it_log_has_header(line, "X-Home") && !it_log_has_header(line, "X-There"));
    ck_assert_str_ne(header_of(line, "User-Agent"), "me");
}
END_TEST

/* Each hop's time limit is that of the host in the list. */
START_TEST(time_limit_of_a_section_ends_a_transfer)
{
    struct it_run run = it_haul(
        IT_ARGS("--config", config_with("max-time = 1h\n[host \"127.*\"]\nmax-time = 300ms\n"),
                "--retry=0", "--format=jsonl", it_url("/hang")));

    ck_assert_int_eq(run.status, 75);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed timeout");
}
END_TEST

static json_int_t host_peak(const char *port)
{
    const json_t *stats = json_array_get(it_rows(it_ask("/stats")), 0);
    const json_t *host =
        json_object_get(json_object_get(stats, "hosts"), it_text("127.0.0.1:%d", it_port(port)));

    ck_assert_msg(host != NULL, "nobody asked %s", port);
    return it_int(host, "peak");
}

/* The other host's requests meet at a latch, which needs all of them at the same time. */
START_TEST(cap_of_a_section_is_for_its_host_only)
{
    enum { EACH = 4 };
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < EACH; i++) {
        haul_buf_addf(&list, "%s\n", it_url("/size?n=%d", i));
        haul_buf_addf(&list, "http://127.0.0.1:%d/latch?n=%d\n", it_port("http2nd"), EACH);
    }
    run = it_call(&(struct it_call){
        .argv = IT_ARGS(
            "-j8", "--config",
            config_with(it_text("[host \"127.0.0.1:%d\"]\nper-host = 1\n", it_port("http"))),
            "-i-"),
        .input = haul_buf_str(&list)});
    haul_buf_done(&list);
    ck_assert_msg(run.status == 0, "%s%s", run.out, run.err);
    ck_assert_int_eq(host_peak("http"), 1);
    ck_assert_int_eq(host_peak("http2nd"), EACH);
}
END_TEST

START_TEST(wrong_file_is_named_and_nothing_is_fetched)
{
    struct it_run run =
        it_haul(IT_ARGS("--config", config_with("jobs = 2\njbos = 3\n"), it_url("/echo")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(run.out, "");
    ck_assert_str_eq(run.err, it_text("haul: %s:2: unknown option 'jbos'; did you mean jobs?\n",
                                      it_path("haul.conf")));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(environment_is_read_and_a_slip_is_a_warning)
{
    struct it_call call = {.argv = IT_ARGS(it_url("/echo")),
                           .env = IT_ARGS("HAUL_FORMAT=tsv", "HAUL_PERHOST=1")};
    struct it_run run = it_call(&call);

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_ptr_nonnull(strstr(run.err, "HAUL_PERHOST has no effect"));
    call.argv = IT_ARGS("-q", it_url("/echo"));
    ck_assert_str_eq(it_call(&call).err, "");
}
END_TEST

START_TEST(output_to_a_dash_goes_to_standard_output)
{
    struct it_run run = it_haul(IT_ARGS("-o", "-", "--format=tsv", it_url("/echo")));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 2);
}
END_TEST

/* ---- what a run and a dry run refuse ---- */

enum { WORDS_MAX = 50 };

/* Options that a run refuses to take together, and its words for it. */
struct refusal {
    const char *one, *other, *words;
};

/* The words of the rule that the two break, or "". */
static const char *ask_rules(const char *one, const char *other)
{
    char *argv[] = {strdup("haul"), strdup(one), strdup(other), strdup("http://127.0.0.1:1/")};
    struct haul_config config;
    struct haul_options_result result;
    struct haul_buf message;
    enum haul_err err;
    const char *words = "";

    haul_buf_init(&message, 0);
    err = haul_options_parse(4, argv, NULL, &config, &result, &message);
    ck_assert_msg(!err, "%s", haul_buf_str(&message));
    haul_buf_clear(&message);
    if (haul_config_check(&config, HAUL_VERB_RUN, &message))
        words = it_text("%s", haul_buf_str(&message));
    haul_buf_done(&message);
    haul_config_done(&config);
    for (size_t i = 0; i < sizeof argv / sizeof *argv; i++)
        free(argv[i]);
    return words;
}

/* One for each rule that a pair of options, or one of them alone, can break. */
static size_t find_refusals(struct refusal *refusal)
{
    const char *form[OPTION_FORMS_MAX], *file = it_path("user");
    size_t forms, count = 0;

    write_text(file, "a:b\n");
    forms = option_forms(file, form);
    for (size_t i = 0; i < forms; i++)
        for (size_t k = 0; k <= i; k++) {
            const char *words = ask_rules(form[k], form[i]);
            size_t known = 0;

            while (known < count && strcmp(refusal[known].words, words) != 0)
                known++;
            if (!*words || known < count)
                continue;
            ck_assert_uint_lt(count, WORDS_MAX);
            refusal[count++] = (struct refusal){form[k], form[i], words};
        }
    return count;
}

/* A run and a dry run with two options both end with 2 and these words, and nothing else. */
static void check_refused(const char *one, const char *other, const char *words)
{
    const char *text = it_text("haul: %s\n", words);

    for (int is_dry = 0; is_dry < 2; is_dry++) {
        struct it_run run = it_haul(
            IT_ARGS(one, other, is_dry ? "--dry-run" : "--no-dry-run", it_url("/size?n=1")));

        ck_assert_str_eq(run.err, text);
        ck_assert_str_eq(run.out, "");
        ck_assert_int_eq(run.status, 2);
    }
    ck_assert_int_eq(it_stat("requests"), 0);
}

START_TEST(dry_run_refuses_what_a_run_refuses_with_the_same_words)
{
    struct refusal refusal[WORDS_MAX];
    size_t count = find_refusals(refusal);

    ck_assert_uint_ge(count, 15);
    for (size_t i = 0; i < count; i++)
        check_refused(refusal[i].one, refusal[i].other, refusal[i].words);
}
END_TEST

/* "--report=csv:" is for a name behind it; "" for nothing more. */
static const char *const clashes[][2] = {
    {"--output=", "--journal="},      {"--output=", "--history="},
    {"--output=", "--since="},        {"--output=", "--save-failed="},
    {"--save-failed=", "--journal="}, {"--output=", "--report=csv:"},
    {"--report=csv:", "--journal="},  {"--journal=", "--since="},
    {"--journal=", "--input="},       {"--input=", "--history="},
    {"--save-failed=", "--input="},   {"--journal=", "--history="},
};

/* "--report=csv:NAME" is "--report NAME" in messages. */
static const char *option_of(const char *form)
{
    return it_text("%.*s %s", (int)strcspn(form, "="), form, it_path("clash"));
}

START_TEST(dry_run_refuses_files_that_are_one_with_the_same_words)
{
    const char *one = clashes[_i][0], *other = clashes[_i][1];
    const char *words = it_text("%s and %s are one file", option_of(one), option_of(other));
    const char *extra = strstr(other, "since") ? "--etags" : "--quiet";

    for (int is_dry = 0; is_dry < 2; is_dry++) {
        struct it_run run = it_haul(IT_ARGS(
            it_text("%s%s", one, it_path("clash")), it_text("%s%s", other, it_path("clash")), extra,
            is_dry ? "--dry-run" : "--no-dry-run", it_url("/size?n=1")));

        ck_assert_str_eq(run.err, it_text("haul: %s\n", words));
        ck_assert_int_eq(run.status, 2);
    }
}
END_TEST

START_TEST(two_reports_for_one_device_are_refused)
{
    check_refused("--report=csv:/dev/null", "--output=/dev/null",
                  "two reports cannot go to one place: /dev/null");
}
END_TEST

/* Nobody has asked for the rows there, so a report that is asked for there is no second one. */
START_TEST(report_on_the_device_of_standard_output_is_fine)
{
    const char *const calls[] = {"exec \"$@\"", "exec \"$@\" > \"$0.out\""};

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct it_run run = it_call(&(struct it_call){
            .program = "/bin/bash",
            .argv = IT_ARGS("-c", calls[i], it_path("stream"), getenv("HAUL_BIN"), "-q",
                            "--no-config", "--report", "json:/dev/stdout", it_url("/size?n=1"))});

        ck_assert_str_eq(run.err, "");
        ck_assert_int_eq(run.status, 0);
    }
}
END_TEST

/* ---- the sample configuration ---- */

/* The lines of print-config that are no comments. */
static const char *print_config(const char *file)
{
    struct it_run run = it_haul(IT_ARGS("--no-config", "--config", file, "--print-config"));
    struct haul_buf lines;
    const char *text;

    ck_assert_msg(run.status == 0, "%s", run.err);
    haul_buf_init(&lines, 0);
    for (const char *at = run.out; *at; at += strcspn(at, "\n") + 1)
        if (*at != '#')
            haul_buf_add(&lines, at, strcspn(at, "\n") + 1);
    text = it_text("%s", haul_buf_str(&lines));
    haul_buf_done(&lines);
    return text;
}

/* The sample with a "#" less before each line that begins with `mark` and a letter or '['. */
static const char *uncommented(const char *mark)
{
    const char *text = it_read(sample("haul.conf"), NULL);
    size_t mark_len = strlen(mark), count = 0;
    struct haul_buf out;

    haul_buf_init(&out, 0);
    for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
        bool hit = !strncmp(at, mark, mark_len) &&
                   ((at[mark_len] >= 'a' && at[mark_len] <= 'z') || at[mark_len] == '[');

        count += hit;
        haul_buf_add(&out, at + (hit ? mark_len : 0), strcspn(at, "\n") + 1 - (hit ? mark_len : 0));
    }
    ck_assert_uint_gt(count, 10);
    write_text(it_path("sample.conf"), haul_buf_str(&out));
    haul_buf_done(&out);
    return it_path("sample.conf");
}

START_TEST(sample_changes_nothing_as_it_is)
{
    ck_assert_str_eq(print_config(sample("haul.conf")), print_config("/dev/null"));
}
END_TEST

START_TEST(sample_shows_the_true_defaults)
{
    ck_assert_str_eq(print_config(uncommented("#")), print_config("/dev/null"));
}
END_TEST

START_TEST(examples_of_the_sample_are_accepted)
{
    const char *printed = print_config(uncommented("#   "));

    ck_assert_ptr_nonnull(strstr(printed, "[host \"*.example.com\"]\nper-host = 16\n"));
    ck_assert_ptr_nonnull(strstr(printed, "\nrate-per-host = 5/s\n"));
}
END_TEST

/* ---- the sample crontab ---- */

/* What cron runs for the one entry of the sample: crontab(5), "The sixth field". */
static const char *crontab_command(void)
{
    const char *line = strstr(it_read(sample("haul.cron"), NULL), "\n17 3 * * *  ");
    struct haul_buf command;
    const char *text;

    ck_assert_msg(line != NULL, "no entry in haul.cron");
    haul_buf_init(&command, 0);
    for (line += strlen("\n17 3 * * *  "); *line && *line != '\n'; line++) {
        ck_assert_msg(*line != '%', "a percent sign ends the command");
        if (line[0] == '\\' && line[1] == '%')
            line++;
        haul_buf_add_char(&command, *line);
    }
    text = it_text("%s", haul_buf_str(&command));
    haul_buf_done(&command);
    return text;
}

/* Runs it as cron does, with no terminal, and a home of its own in which haul is found. */
static struct it_run run_as_cron(const char *list)
{
    const char *home = it_path("home");

    ck_assert_int_eq(shell(it_text("mkdir -p '%s/haul' '%s/bin' && ln -sf '%s' '%s/bin/haul'", home,
                                   home, getenv("HAUL_BIN"), home))
                         .status,
                     0);
    write_text(it_text("%s/haul/urls.txt", home), list);
    return it_call(&(struct it_call){
        .program = "/usr/bin/setsid",
        .argv = IT_ARGS("-w", "/usr/bin/env", "-i", it_text("HOME=%s", home),
                        it_text("PATH=%s/bin:/usr/bin:/bin", home), "SHELL=/bin/sh", "LOGNAME=cron",
                        "/bin/sh", "-c", crontab_command())});
}

START_TEST(crontab_entry_is_silent_when_all_is_well)
{
    struct it_run run = run_as_cron(it_text("%s\n%s\n", it_url("/size?n=5"), it_url("/size?n=6")));
    struct it_run report;

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, "");
    ck_assert_str_eq(run.err, "");
    report = shell(
        it_text("cat '%s'/haul/report-2[0-9][0-9][0-9]-[01][0-9]-[0-3][0-9].txt", it_path("home")));
    ck_assert_uint_eq(it_lines(report.out), 2);
}
END_TEST

START_TEST(crontab_entry_tells_what_failed)
{
    struct it_run run = run_as_cron(it_text("%s\n", it_url("/status/404")));

    ck_assert_ptr_nonnull(strstr(run.out, "failed: http-404"));
    ck_assert_ptr_nonnull(strstr(run.out, "haul ended with status 1"));
}
END_TEST

/* Each job of a sample has a limit of its own, and one above it for a program that hangs. */
START_TEST(sample_jobs_end_by_themselves)
{
    static const struct {
        const char *file, *job, *guard;
        size_t jobs;
    } limited[] = {{"haul.cron", "haul --max-duration 6h ", "timeout -k 1m 365m haul ", 2},
                   {"haul.service", " --max-duration 6h ", "\nTimeoutStartSec=6h 5min\n", 1}};
    const char *text = it_read(sample(limited[_i].file), NULL);
    size_t jobs = 0;

    for (const char *at = text; (at = strstr(at, limited[_i].job)); at++)
        jobs++;
    ck_assert_uint_eq(jobs, limited[_i].jobs);
    for (const char *at = text; (at = strstr(at, limited[_i].guard)); at++)
        jobs--;
    ck_assert_uint_eq(jobs, 0);
}
END_TEST

/* ---- what other programs say of the samples ---- */

START_TEST(units_are_accepted_by_systemd)
{
    const char *directory = it_path("units");
    struct it_run run;

    if (!is_installed("systemd-analyze")) {
        fprintf(stderr, "units_are_accepted_by_systemd: no systemd-analyze, nothing was tested\n");
        return;
    }
    run =
        shell(it_text("mkdir '%s' && sed 's|/usr/bin/haul|%s|' '%s' >'%s/haul.service' && "
                      "cp '%s' '%s' '%s' && cd '%s' && systemd-analyze verify --man=no "
                      "./haul.service ./haul.timer ./haul-failed@haul.service.service",
                      directory, getenv("HAUL_BIN"), sample("haul.service"), directory,
                      sample("haul.timer"), sample("haul-failed@.service"), directory, directory));
    ck_assert_msg(run.status == 0 && !strstr(run.err, directory), "%s%s", run.out, run.err);
    ck_assert_msg(!strstr(run.err, "haul."), "%s", run.err);
}
END_TEST

/* What it does, with a program that tells what it is asked in the place of systemctl(1). */
START_TEST(mail_of_a_unit_that_failed_says_which_and_why)
{
    const char *text = strstr(it_read(sample("haul-failed@.service"), NULL), "\nExecStart=/bin/sh");
    const char *stubs = it_path("stubs"), *end;
    struct it_run run;

    end = text ? strstr(text, "/usr/sbin/sendmail -t -oi'\n") : NULL;
    ck_assert_ptr_nonnull(end);
    text += strlen("\nExecStart=");
    run = shell(it_text("mkdir '%s' && printf '#!/bin/sh\necho asked \"$@\"' >'%s/systemctl' && "
                        "chmod 755 '%s/systemctl' && PATH='%s':$PATH && %.*s cat'",
                        stubs, stubs, stubs, stubs, (int)(end - text), text));
    ck_assert_msg(run.status == 0 && !run.err_len, "%s", run.err);
    ck_assert_str_eq(run.out, "To: root\nSubject: %i failed on %H\n\n"
                              "asked status --full --no-pager --lines=50 -- %i\n");
    ck_assert_ptr_nonnull(
        strstr(it_read(sample("haul.service"), NULL), "\nOnFailure=haul-failed@%n.service\n"));
}
END_TEST

/* The options of the unit are options. */
START_TEST(command_of_the_unit_is_accepted)
{
    const char *text = strstr(it_read(sample("haul.service"), NULL), "\nExecStart=/usr/bin/haul ");
    struct it_run run;

    ck_assert_ptr_nonnull(text);
    text += strlen("\nExecStart=/usr/bin/haul ");
    run = shell(
        it_text("'%s' --print-config %.*s", getenv("HAUL_BIN"), (int)strcspn(text, "\n"), text));
    ck_assert_msg(run.status == 0, "%s", run.err);
}
END_TEST

START_TEST(rotation_is_accepted_by_logrotate)
{
    struct it_run run;

    if (!is_installed("logrotate")) {
        fprintf(stderr, "rotation_is_accepted_by_logrotate: no logrotate, nothing was tested\n");
        return;
    }
    write_text(it_path("rotate"), it_read(sample("haul.logrotate"), NULL));
    run = shell(it_text("logrotate -d -s '%s' '%s'", it_path("state"), it_path("rotate")));
    ck_assert_msg(run.status == 0 && !strstr(run.err, "error"), "%s", run.err);
    ck_assert_ptr_nonnull(strstr(run.err, "/var/lib/haul/report.txt"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tcase = tcase_create("run"), *samples = tcase_create("samples");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, section_sends_its_headers_and_credentials);
    tcase_add_test(tcase, section_of_another_host_does_nothing);
    tcase_add_loop_test(tcase, secrets_of_sections_do_not_follow_a_redirect, 0, 2);
    tcase_add_test(tcase, time_limit_of_a_section_ends_a_transfer);
    tcase_add_test(tcase, cap_of_a_section_is_for_its_host_only);
    tcase_add_test(tcase, wrong_file_is_named_and_nothing_is_fetched);
    tcase_add_test(tcase, environment_is_read_and_a_slip_is_a_warning);
    tcase_add_test(tcase, output_to_a_dash_goes_to_standard_output);
    tcase_add_test(tcase, crontab_entry_is_silent_when_all_is_well);
    tcase_add_test(tcase, crontab_entry_tells_what_failed);
    tcase_add_test(tcase, dry_run_refuses_what_a_run_refuses_with_the_same_words);
    tcase_add_loop_test(tcase, dry_run_refuses_files_that_are_one_with_the_same_words, 0,
                        (int)(sizeof clashes / sizeof *clashes));
    tcase_add_test(tcase, two_reports_for_one_device_are_refused);
    tcase_add_test(tcase, report_on_the_device_of_standard_output_is_fine);
    suite_add_tcase(suite, tcase);
    tcase_add_unchecked_fixture(samples, it_begin, it_end);
    tcase_set_timeout(samples, 60);
    tcase_add_test(samples, sample_changes_nothing_as_it_is);
    tcase_add_test(samples, sample_shows_the_true_defaults);
    tcase_add_test(samples, examples_of_the_sample_are_accepted);
    tcase_add_loop_test(samples, sample_jobs_end_by_themselves, 0, 2);
    tcase_add_test(samples, units_are_accepted_by_systemd);
    tcase_add_test(samples, mail_of_a_unit_that_failed_says_which_and_why);
    tcase_add_test(samples, command_of_the_unit_is_accepted);
    tcase_add_test(samples, rotation_is_accepted_by_logrotate);
    suite_add_tcase(suite, samples);
    return it_main(suite);
}
