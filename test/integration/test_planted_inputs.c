#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planter.h"

/* What haul reads whole before it begins: configurations, passwords, sums, earlier journals. */

static const char *const inputs[] = {"--config",    "--sums",   "--since", "--user-file",
                                     "--pass-file", "--cacert", "--cert",  "--key"};
enum { INPUTS = sizeof inputs / sizeof *inputs };

START_TEST(fifo_as_an_input_is_refused)
{
    const char *url = it_url("/size?n=100");
    struct it_run run;

    as_nobody(plant_fifo, in_shared("x"));
    run = strcmp(inputs[_i], "--since") != 0
              ? it_haul(IT_ARGS(inputs[_i], in_shared("x"), "--dir", it_path("."), "-q", url))
              : it_haul(IT_ARGS("--since", in_shared("x"), "--etags", "-q", url));
    check_refused(&run, "not a regular file");
}
END_TEST

START_TEST(fifo_as_a_journal_to_be_read_is_refused)
{
    static const char *const verbs[] = {"report", "diff"};
    struct it_run run;

    as_nobody(plant_fifo, in_shared("x"));
    it_write(it_path("j"), "", 0);
    run = _i ? it_haul(IT_ARGS(verbs[_i], in_shared("x"), it_path("j")))
             : it_haul(IT_ARGS(verbs[_i], in_shared("x")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, in_shared("x")), "%s", run.err);
}
END_TEST

static struct it_run run_config(const char *path)
{
    return it_haul(IT_ARGS("--config", path, it_url("/size?n=100")));
}

START_TEST(configuration_that_anybody_may_write_to_is_refused)
{
    const char *path = it_path("haul.conf");
    struct it_run run;

    it_write(path, "retry = 1\n", 10);
    ck_assert_int_eq(chmod(path, 0646), 0);
    run = run_config(path);
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, "anybody may write to it (chmod o-w helps)"), "%s", run.err);
}
END_TEST

START_TEST(configuration_of_another_user_is_told_or_refused)
{
    const char *own = it_path("haul.conf"), *path = _i ? in_shared("haul.conf") : own;
    struct it_run run;

    it_write(path, "retry = 1\n", 10);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(chown(path, NOBODY, NOBODY), 0);
    run = run_config(path);
    ck_assert_msg(run.status == (_i ? 2 : 0), "%s", run.err);
    ck_assert_msg(strstr(run.err, NOBODYS), "%s", run.err);
}
END_TEST

/* What a shell makes of <(...), and standard input. */
static const char *const streams[] = {
    "'%s' --config /dev/fd/3 -q '%s' 3<<E\nretry = 1\nE\n",
    "echo retry = 1 | '%s' --config /dev/stdin -q '%s'",
    "echo retry = 1 | '%s' --config /proc/self/fd/0 -q '%s'",
    "'%s' --config /dev/null -q '%s'",
    "'%s' --sums /dev/null --dir . -q '%s'",
    "true | '%s' --sums /dev/stdin --dir . -q '%s'",
    "echo a:b | { exec 3<&0 </dev/null; '%s' --user-file /dev/fd/3 -q '%s'; }",
    "true | { exec 3<&0 </dev/null; '%s' -i /dev/fd/3 -q '%s'; }",
    "'%s' -o /dev/stdout -q '%s' | grep -q http",
    "'%s' -o /dev/fd/3 -q '%s' 3>&1 | grep -q http",
    "'%s' -o /dev/null -q '%s'",
    "'%s' -o /dev/stderr -q '%s' 2>&1 | grep -q http",
    "mkfifo own && { grep -q http own & '%s' -o own -q '%s' && wait $!; }",
};

START_TEST(streams_that_were_given_work)
{
    const char *command = it_text("set -e; cd '%s'; rm -rf own; ", it_path("."));
    struct it_run run;
    char text[1000];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, streams[_i], getenv("HAUL_BIN"), it_url("/size?n=100"));
#pragma GCC diagnostic pop
    run = it_call(&(struct it_call){.program = "/bin/sh",
                                    .argv = IT_ARGS("-c", it_text("%s%s", command, text))});
    ck_assert_msg(run.status == 0, "%s: %s", text, run.err);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, fifo_as_an_input_is_refused, 0, INPUTS);
    tcase_add_loop_test(tcase, fifo_as_a_journal_to_be_read_is_refused, 0, 2);
    tcase_add_test(tcase, configuration_that_anybody_may_write_to_is_refused);
    tcase_add_loop_test(tcase, configuration_of_another_user_is_told_or_refused, 0, 2);
    tcase_add_loop_test(tcase, streams_that_were_given_work, 0,
                        (int)(sizeof streams / sizeof *streams));
}

int main(void)
{
    return planted_main("planted_inputs", add_cases);
}
