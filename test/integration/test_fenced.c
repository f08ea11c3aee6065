#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "confined_home.h"
#include "servers.h"

/*
 * Runs behind a filter of system calls that somebody else has set up (fence.c): what is there of
 * the sandbox is entered, whatever of it is refused, and nobody is killed for asking.
 */

static const char *const actions[] = {"", "kill "};
enum { ACTIONS = sizeof actions / sizeof *actions };

/* `words`: of fence; the rest is haul's, without --sandbox. */
static struct it_run fenced(const char *words, const char *script)
{
    return shell_with(NULL,
                      it_text("haul=\"%s %s $haul\"; %s", getenv("HAUL_FENCE"), words, script));
}

/* Says so, visibly: a case that tests nothing has not passed. */
static bool cannot(const char *name, bool needs_root)
{
    bool is_missing =
        it_is_sanitized() || !haul_sandbox_version() || (needs_root && geteuid() != 0);

    if (is_missing)
        fprintf(stderr, "%s: SKIPPED, nothing was tested: needs Landlock%s and no sanitizer\n",
                name, needs_root ? ", root" : "");
    return is_missing;
}

/* As somebody who has no capabilities: then there is none to be given up. */
START_TEST(unit_of_haul_lets_it_enter_all)
{
    struct it_run run;
    const char *words = it_text("bare %sunit", actions[_i]);

    if (cannot(__func__, false))
        return;
    /* SQLite, as root, asks for fchown(2), which the unit does not list. */
    run = fenced(words, it_text("$haul -d new --journal j %s -o r.txt $url/size?n=9; "
                                "grep -q 9 r.txt",
                                *actions[_i] && geteuid() == 0 ? "" : "--history h.db"));
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_str_eq(run.err, "");
    run = fenced(words, "$haul --no-quiet -v --sandbox auto $url/size?n=9");
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, "; system calls are filtered\n") != NULL, "%s", run.err);
    ck_assert_ptr_null(strstr(run.err, "capabilities"));
}
END_TEST

/* Who has some, and cannot give them up, is held by the rest all the same. */
START_TEST(capabilities_that_stay_do_not_keep_the_filter_away)
{
    struct it_run run;
    const char *words = it_text("%sunit", actions[_i]);

    if (cannot(__func__, true))
        return;
    run = fenced(words, "$haul --sandbox auto -o r.txt $url/size?n=9; grep -q 9 r.txt");
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    run = fenced(words, "$haul --no-quiet -v --sandbox auto $url/size?n=9");
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, "; capabilities cannot be given up: Operation not permitted; "
                                  "system calls are filtered\n") != NULL,
                  "%s", run.err);
    run = fenced(words, "$haul --no-quiet --sandbox auto $url/size?n=9");
    ck_assert_msg(strstr(run.err, "haul: sandbox: not all of it: capabilities cannot be given up: "
                                  "Operation not permitted\n") != NULL,
                  "%s", run.err);
}
END_TEST

START_TEST(required_run_does_nothing_where_capabilities_stay)
{
    struct it_run run;

    if (cannot(__func__, true))
        return;
    run = fenced(it_text("%sunit", actions[_i]),
                 "$haul -d d --journal j --history h.db -o r.txt $url/size?n=9");
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "--sandbox require: it cannot be entered: capabilities") != NULL,
                  "%s", run.err);
    ck_assert_str_eq(shell("ls -A").out, "tmp\ntrust\n");
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* Helpers of haul close what they do not need, as they can. */
START_TEST(helpers_work_where_descriptors_are_closed_one_by_one)
{
    struct it_run run;

    if (cannot(__func__, false))
        return;
    run = fenced("close_range", "echo $url/size?n=9 >l; $haul -o r.txt -i l; grep -q 9 r.txt; "
                                "$haul --no-quiet -v -i l >/dev/null 2>e; "
                                "grep -q 'sandbox: Landlock' e; $haul -i l | cat | grep -q 9");
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_str_eq(run.err, "");
}
END_TEST

/* Without them there is no sandbox, and no report is lost. */
START_TEST(helpers_that_are_killed_at_once_are_missed_at_once)
{
    static const struct {
        const char *args, *cause;
    } helpers[] = {{"-o r.txt $url/size?n=9", "no process to name reports: No such process"},
                   {"-o r.txt -i l", "no process to open lists: No such process"}};
    struct it_run run;

    if (cannot(__func__, false))
        return;
    run = fenced("kill close_range", it_text("echo $url/size?n=9 >l; $haul --no-quiet -v --sandbox "
                                             "auto %s; grep -q 9 r.txt",
                                             helpers[_i].args));
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, it_text("sandbox: none: %s", helpers[_i].cause)) != NULL, "%s",
                  run.err);
    run = fenced("kill close_range", it_text("$haul %s", helpers[_i].args));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, helpers[_i].cause) != NULL, "%s", run.err);
}
END_TEST

/* The helper's process number; haul has ended all others before it entered its own filter. */
#define WAIT_FOR_HELPER                                                                            \
    "p=$!; until grep -q '^Seccomp:.2' /proc/$p/status; do :; done; "                              \
    "helper=$(cat /proc/$p/task/$p/children); "

START_TEST(report_that_gets_no_name_is_kept_and_told)
{
    struct it_run run;

    if (cannot(__func__, false))
        return;
    run = shell("mkfifo c; $haul -o r.txt --save-failed f.txt - <c & exec 4>c; " WAIT_FOR_HELPER
                "kill -KILL $helper; echo $url/size?n=9 >&4; echo $url/status/404 >&4; "
                "exec 4>&-; wait $p");
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "haul: r.txt: the report cannot be written: ") != NULL, "%s",
                  run.err);
    ck_assert_msg(strstr(run.err, "; it is whole, and stays in .r.txt.") != NULL, "%s", run.err);
    ck_assert_msg(strstr(run.err, "; it is whole, and stays in .f.txt.") != NULL, "%s", run.err);
    check_shell("test ! -e r.txt; grep -q 'size?n=9' .r.txt.*.part; grep -q 404 .f.txt.*.part; "
                "$haul -o r.txt $url/size?n=8; grep -q 8 r.txt; test -e .r.txt.*.part; "
                "$haul --save-failed f.txt -o r.txt $url/size?n=8; test -e .f.txt.*.part");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fenced");
    TCase *tcase = tcase_create("run");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, make_home, NULL);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, unit_of_haul_lets_it_enter_all, 0, ACTIONS);
    tcase_add_loop_test(tcase, capabilities_that_stay_do_not_keep_the_filter_away, 0, ACTIONS);
    tcase_add_loop_test(tcase, required_run_does_nothing_where_capabilities_stay, 0, ACTIONS);
    tcase_add_test(tcase, helpers_work_where_descriptors_are_closed_one_by_one);
    tcase_add_loop_test(tcase, helpers_that_are_killed_at_once_are_missed_at_once, 0, 2);
    tcase_add_test(tcase, report_that_gets_no_name_is_kept_and_told);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
