/* syscall */
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/privilege.h"

/* Capabilities that are given up, in a child, for they never come back. */

#define WANT(is, wanted)                                                                           \
    do {                                                                                           \
        long found = (long)(is);                                                                   \
        if (found != (long)(wanted)) {                                                             \
            fprintf(stderr, "%s:%d: %s is %ld\n", __FILE__, __LINE__, #is, found);                 \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static char top[64];

static void make_world(void)
{
    snprintf(top, sizeof top, "/tmp/haul-privilege-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(chdir(top), 0);
}

static void remove_world(void)
{
    char command[128];

    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

static void check_child(void (*run)(void))
{
    int status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (!child) {
        run();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static void get(struct __user_cap_data_struct sets[2])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

    WANT(syscall(SYS_capget, &header, sets), 0);
}

/* What it has of two is handed on to programs that it starts: one that stays, and one that goes. */
static void hand_on(void)
{
    static const int handed_on[] = {CAP_DAC_OVERRIDE, CAP_CHOWN};
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];

    get(sets);
    for (int i = 0; i < 2; i++)
        sets[0].inheritable |= sets[0].permitted & 1U << handed_on[i];
    WANT(syscall(SYS_capset, &header, sets), 0);
    for (int i = 0; i < 2; i++)
        if (sets[0].permitted & 1U << handed_on[i])
            WANT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, handed_on[i], 0, 0), 0);
}

static void drop_and_look(void)
{
    const uint32_t kept = 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER;
    struct __user_cap_data_struct before[2], after[2];

    hand_on();
    get(before);
    WANT(haul_privilege_drop(), true);
    get(after);
    WANT(after[0].permitted, before[0].permitted & kept);
    WANT(after[0].effective, before[0].effective & kept);
    WANT(after[1].permitted | after[1].effective, 0);
    WANT(after[0].inheritable | after[1].inheritable, 0);
    WANT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0), 0);
    WANT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_DAC_OVERRIDE, 0, 0), 0);
    if (before[0].effective & 1U << CAP_SETPCAP)
        WANT(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0), 0);
    WANT(haul_privilege_drop(), true); /* there is nothing left to be given up */
}

START_TEST(who_has_given_up_keeps_what_saving_needs)
{
    check_child(drop_and_look);
}
END_TEST

/* A directory of another user, who lets nobody in, and a file of his. */
static void work_for_another(void)
{
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    int fd;

    WANT(mkdir("home", 0700), 0);
    WANT(chown("home", 65534, 65534), 0);
    fd = open("home/his", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    WANT(fchown(fd, 65534, 65534), 0);
    WANT(haul_privilege_drop(), true);
    WANT(futimens(fd, times), 0);
    WANT(close(fd), 0);
    fd = open("home/new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    WANT(fd >= 0, 1);
    WANT(fchown(fd, 65534, 65534) ? errno : 0, EPERM);
    WANT(close(fd), 0);
    WANT(rename("home/new", "home/his"), 0);
    WANT(mknod("home/disk", S_IFBLK | 0600, 0x700) ? errno : 0, EPERM);
    WANT(chroot("home") ? errno : 0, EPERM);
    WANT(unlink("home/his"), 0);
}

START_TEST(root_still_saves_in_directories_of_others)
{
    if (geteuid() == 0)
        check_child(work_for_another);
    else
        fprintf(stderr, "%s: SKIPPED, nothing was tested: needs root\n", __func__);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("privilege");
    TCase *tcase = tcase_create("given up");

    tcase_add_checked_fixture(tcase, make_world, remove_world);
    tcase_add_test(tcase, who_has_given_up_keeps_what_saving_needs);
    tcase_add_test(tcase, root_still_saves_in_directories_of_others);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
