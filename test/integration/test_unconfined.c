#include <stdlib.h>
#include <string.h>

#include "base/sandbox.h"
#include "confined_home.h"
#include "servers.h"

/* What haul says of the sandbox, and does without one: on any kernel (test_confined.c: inside). */

static int kernel; /* version of its interface; 0: it has none */

/* ---- what is said ---- */

START_TEST(version_tells_what_the_kernel_has)
{
    struct it_run run = it_haul(IT_ARGS("-V"));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(
        strstr(run.out, kernel ? it_text("\nsandbox: Landlock ABI %d, seccomp\n", kernel)
                               : "\nsandbox: none: "));
}
END_TEST

START_TEST(switched_off_nothing_is_asked_of_the_kernel)
{
    const char *const env[] = {it_text("PROBELIB=%s", getenv("HAUL_PROBELIB")),
                               it_text("PROBE_FILE=%s", it_path("home/told")), NULL};
    struct it_run run = shell_with(env, "$haul --sandbox off $url/size?n=9");

    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_str_eq(it_read(it_path("home/told"), NULL), "");
    run = shell_with(env, "$haul --sandbox auto $url/size?n=9");
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_ptr_nonnull(strstr(it_read(it_path("home/told"), NULL), "ask done"));
}
END_TEST

/* As a kernel without it does; and as one that refuses it when it comes to it. */
START_TEST(run_without_a_sandbox_goes_on_unless_it_is_required)
{
    static const struct {
        const char *version, *require;
        int status;
    } kernels[] = {{"-1", "--sandbox require: there is none", 2},
                   {"5000", "--sandbox require: it cannot be entered", 3}};
    const char *const env[] = {it_text("PROBELIB=%s", getenv("HAUL_PROBELIB")),
                               it_text("PROBE_VERSION=%s", kernels[_i].version), "PROBE_REFUSE=1",
                               NULL};
    struct it_run run;

    run = shell_with(env, "$haul --journal j --history h.db -d d -o r.txt $url/size?n=9");
    ck_assert_int_eq(run.status, kernels[_i].status);
    ck_assert_str_eq(shell("ls").out, "tmp\ntrust\n"); /* nothing was done */
    ck_assert_msg(strstr(run.err, kernels[_i].require) != NULL, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), 0);
    run = shell_with(env, "$haul --sandbox auto $url/size?n=9");
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_str_eq(run.err, "");
    run = shell_with(env, "$haul --no-quiet -v --sandbox auto $url/size?n=9");
    ck_assert_msg(strstr(run.err, "haul: sandbox: none: ") != NULL, "%s", run.err);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unconfined");
    TCase *tcase = tcase_create("run");

    kernel = haul_sandbox_version();
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, make_home, NULL);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, version_tells_what_the_kernel_has);
    tcase_add_test(tcase, switched_off_nothing_is_asked_of_the_kernel);
    tcase_add_loop_test(tcase, run_without_a_sandbox_goes_on_unless_it_is_required, 0, 2);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
