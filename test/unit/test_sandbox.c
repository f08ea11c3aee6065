#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/sandbox.h"

/*
 * The sandbox, with what each version of the kernel's interface has: what is refused inside, and
 * what is not. Where the kernel has an earlier one, the later ones are told and not tried.
 *
 * Each case works in a child, for nobody leaves a sandbox.
 */

enum { VERSIONS = 7 };

/* ---- masks ---- */

static const struct {
    uint64_t fs, net, scoped;
} known[VERSIONS + 1] = {
    [1] = {0x1fff, 0, 0}, [2] = {0x3fff, 0, 0}, [3] = {0x7fff, 0, 0}, [4] = {0x7fff, 1, 0},
    [5] = {0xffff, 1, 0}, [6] = {0xffff, 1, 3}, [7] = {0xffff, 1, 3},
};

START_TEST(masks_ask_for_all_that_a_version_has_and_no_more)
{
    const struct haul_sandbox_rules rules = {.item = NULL};
    struct haul_sandbox_masks masks = haul_sandbox_masks(&rules, _i);

    ck_assert_uint_eq(masks.fs, known[_i].fs);
    ck_assert_uint_eq(masks.net, known[_i].net);
    ck_assert_uint_eq(masks.scoped, known[_i].scoped);
    ck_assert(masks.is_enough);
}
END_TEST

START_TEST(masks_of_a_later_version_are_those_of_the_last_known)
{
    const struct haul_sandbox_rules rules = {.item = NULL};
    struct haul_sandbox_masks masks = haul_sandbox_masks(&rules, 99);

    ck_assert_uint_eq(masks.fs, known[VERSIONS].fs);
    ck_assert_uint_eq(masks.scoped, known[VERSIONS].scoped);
}
END_TEST

START_TEST(masks_without_limits_on_reading_keep_all_others)
{
    const struct haul_sandbox_rules rules = {.reads_all = true};

    ck_assert_uint_eq(haul_sandbox_masks(&rules, _i).fs,
                      known[_i].fs & ~(uint64_t)(HAUL_LANDLOCK_READ_FILE | HAUL_LANDLOCK_READ_DIR));
}
END_TEST

START_TEST(masks_of_the_first_version_are_not_enough_for_moves)
{
    struct haul_sandbox_rules rules = {.item = NULL};

    haul_sandbox_rules_add(&rules, "/", HAUL_SANDBOX_READ | HAUL_SANDBOX_MOVE, true);
    ck_assert(!haul_sandbox_masks(&rules, 1).is_enough);
    ck_assert(haul_sandbox_masks(&rules, 2).is_enough);
    haul_sandbox_rules_done(&rules);
}
END_TEST

/* A rule that asks for what is not handled is refused by the kernel (EINVAL). */
START_TEST(access_is_within_what_is_handled_and_fits_the_kind_of_file)
{
    const struct haul_sandbox_rules rules = {.item = NULL};
    struct haul_sandbox_masks masks = haul_sandbox_masks(&rules, _i);
    const uint64_t of_files = HAUL_LANDLOCK_EXECUTE | HAUL_LANDLOCK_WRITE_FILE |
                              HAUL_LANDLOCK_READ_FILE | HAUL_LANDLOCK_TRUNCATE |
                              HAUL_LANDLOCK_IOCTL_DEV;

    for (unsigned rights = 0; rights < 64; rights++) {
        uint64_t in_directory = haul_sandbox_access(rights, true, &masks);
        uint64_t in_file = haul_sandbox_access(rights, false, &masks);

        ck_assert_uint_eq(in_directory & ~masks.fs, 0);
        ck_assert_uint_eq(in_file, in_directory & of_files);
        ck_assert_uint_eq(in_directory & HAUL_LANDLOCK_EXECUTE, 0);
        ck_assert_uint_eq(in_directory & HAUL_LANDLOCK_IOCTL_DEV, 0);
    }
}
END_TEST

/* ---- inside ---- */

static char top[64];

static const char *path(const char *name)
{
    static char text[4][128];
    static int next;
    char *at = text[next++ % 4];

    snprintf(at, sizeof text[0], "%s/%s", top, name);
    return at;
}

static void put_file(const char *name)
{
    int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "text", 4), 4);
    close(fd);
}

static void make_world(void)
{
    snprintf(top, sizeof top, "/tmp/haul-sandbox-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    ck_assert_int_eq(mkdir(path("in"), 0700), 0);
    ck_assert_int_eq(mkdir(path("in/deep"), 0700), 0);
    ck_assert_int_eq(mkdir(path("names"), 0700), 0);
    ck_assert_int_eq(mkdir(path("out"), 0700), 0);
    put_file("in/file");
    put_file("names/file");
    put_file("out/file");
    put_file("open");
}

static void remove_world(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

/* 0, or the errno of a call. */
static int result(int returned)
{
    return returned < 0 ? errno : 0;
}

static int try_open(const char *name, int flags)
{
    int fd = open(path(name), flags | O_CLOEXEC, 0600), error = result(fd);

    if (fd >= 0)
        close(fd);
    return error;
}

static int try_execute(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return errno;
}

/* 0: as bind(2) to any port of loopback says. */
static int try_bind(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

    error = result(bind(fd, (const struct sockaddr *)&any, sizeof any));
    close(fd);
    return error;
}

/* The child's assertions: what is wrong is its exit status, a line of this file. */
#define WANT(what, wanted)                                                                         \
    do {                                                                                           \
        int got = (int)(what);                                                                     \
        if (got != (wanted)) {                                                                     \
            fprintf(stderr, "%d: %s is %d and not %d\n", __LINE__, #what, got, (wanted));          \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void enter(struct haul_sandbox_rules *rules, int version)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    haul_sandbox_harden();
    WANT(haul_sandbox_enter(rules, version, &message), HAUL_OK);
    haul_buf_done(&message);
    haul_sandbox_rules_done(rules);
}

static void allow_world(struct haul_sandbox_rules *rules, int version)
{
    unsigned all = HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE | HAUL_SANDBOX_MAKE |
                   HAUL_SANDBOX_REMOVE | HAUL_SANDBOX_MAKE_DIR;

    haul_sandbox_rules_add(rules, path("in"), version > 1 ? all | HAUL_SANDBOX_MOVE : all, true);
    haul_sandbox_rules_add(rules, path("names"), HAUL_SANDBOX_MAKE | HAUL_SANDBOX_REMOVE, true);
    haul_sandbox_rules_add(rules, path("not there"), HAUL_SANDBOX_READ, false);
}

static void try_what_is_allowed(int version)
{
    WANT(try_open("in/file", O_RDWR), 0);
    WANT(try_open("in/file", O_RDWR | O_TRUNC), 0);
    WANT(try_open("in/deep/new", O_WRONLY | O_CREAT), 0);
    WANT(try_open("in", O_RDONLY | O_DIRECTORY), 0);
    WANT(result(mkdir(path("in/made"), 0700)), 0);
    WANT(result(rename(path("in/deep/new"), path("in/deep/renamed"))), 0);
    WANT(result(rename(path("in/deep/renamed"), path("in/made/moved"))), version > 1 ? 0 : EXDEV);
    WANT(result(rename(path("names/file"), path("names/other"))), 0);
    WANT(result(unlink(path("names/other"))), 0);
}

static void try_what_is_not(int version)
{
    WANT(try_open("out/file", O_RDONLY), EACCES);
    WANT(try_open("out/file", O_WRONLY), EACCES);
    WANT(try_open("out", O_RDONLY | O_DIRECTORY), EACCES);
    WANT(try_open("out/new", O_WRONLY | O_CREAT), EACCES);
    WANT(try_open("names/new", O_WRONLY | O_CREAT), EACCES);
    WANT(result(unlink(path("out/file"))), EACCES);
    WANT(result(mkdir(path("out/made"), 0700)), EACCES);
    WANT(result(mkdir(path("names/made"), 0700)), EACCES);
    WANT(result(rename(path("out/file"), path("out/other"))), EACCES);
    WANT(result(rename(path("in/file"), path("out/other"))) != 0, 1);
    WANT(result(symlink("/etc", path("in/link"))), EACCES);
    WANT(result(mkfifo(path("in/fifo"), 0600)), EACCES);
    WANT(result(truncate(path("out/file"), 0)), version >= 3 ? EACCES : 0);
    WANT(try_execute(), EACCES);
    WANT(try_bind(), version >= 4 ? EACCES : 0);
    WANT(result(kill(getppid(), 0)), version >= 6 ? EPERM : 0);
}

static void try_all(int version)
{
    struct haul_sandbox_rules rules = {.item = NULL};
    int fd = open(path("open"), O_RDWR | O_CLOEXEC);

    allow_world(&rules, version);
    enter(&rules, version);
    try_what_is_allowed(version);
    try_what_is_not(version);
    WANT(result(ftruncate(fd, 0)), 0); /* what was open keeps its rights */
    WANT((int)write(fd, "more", 4), 4);
}

/* In a child of this one. */
static void check_child(void (*run)(int version), int version)
{
    pid_t child = fork();
    int status;

    ck_assert_int_ge(child, 0);
    if (!child) {
        run(version);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "version %d: see above", version);
}

/* Says so where it is not tried. */
static bool kernel_has(int version)
{
    int there = haul_sandbox_version();

    if (there < version)
        fprintf(stderr, "NOT TRIED: Landlock ABI %d; this kernel has %d\n", version, there);
    return there >= version;
}

START_TEST(inside_only_what_rules_allow_can_be_done)
{
    if (kernel_has(_i))
        check_child(try_all, _i);
}
END_TEST

static void try_binding(int version)
{
    struct haul_sandbox_rules rules = {.binds = true};

    enter(&rules, version);
    WANT(try_bind(), 0);
}

START_TEST(inside_an_address_can_be_chosen_where_that_was_asked_for)
{
    if (kernel_has(_i))
        check_child(try_binding, _i);
}
END_TEST

static void try_reading(int version)
{
    struct haul_sandbox_rules rules = {.reads_all = true};

    enter(&rules, version);
    WANT(try_open("out/file", O_RDONLY), 0);
    WANT(try_open("out", O_RDONLY | O_DIRECTORY), 0);
    WANT(try_open("out/file", O_WRONLY), EACCES);
    WANT(try_execute(), EACCES);
}

START_TEST(inside_all_can_be_read_where_reading_is_open)
{
    if (kernel_has(_i))
        check_child(try_reading, _i);
}
END_TEST

/* ---- what keeps one from entering ---- */

static void try_missing(int version)
{
    struct haul_sandbox_rules rules = {.item = NULL};
    struct haul_buf message;

    haul_buf_init(&message, 0);
    haul_sandbox_harden();
    haul_sandbox_rules_add(&rules, path("not there"), HAUL_SANDBOX_WRITE, true);
    WANT(haul_sandbox_enter(&rules, version, &message), HAUL_ERR_IO);
    WANT(strstr(haul_buf_str(&message), "not there: No such file") != NULL, 1);
    WANT(try_open("out/file", O_WRONLY), 0); /* and nothing is restricted */
}

START_TEST(entering_without_a_needed_path_is_refused)
{
    if (kernel_has(1))
        check_child(try_missing, 1);
}
END_TEST

enum { LAYERS = 16 }; /* landlock(7): sandboxes within one another */

static void try_many(int version)
{
    struct haul_buf message;

    haul_buf_init(&message, 0);
    WANT(haul_sandbox_try(version, &message), HAUL_OK);
    WANT((int)message.len, 0);
    WANT(try_open("out/file", O_WRONLY), 0); /* nothing is restricted */
    for (int i = 0; i < LAYERS; i++) {
        struct haul_sandbox_rules rules = {.item = NULL};

        WANT(haul_sandbox_try(version, &message), HAUL_OK);
        enter(&rules, version);
    }
    WANT(haul_sandbox_try(version, &message), HAUL_ERR_SYSTEM);
    WANT(message.len > 0, 1);
}

START_TEST(sandbox_that_cannot_be_entered_is_known_before)
{
    if (kernel_has(1))
        check_child(try_many, 1);
}
END_TEST

static void try_first_version(int version)
{
    struct haul_sandbox_rules rules = {.item = NULL};
    struct haul_buf message;

    haul_buf_init(&message, 0);
    haul_sandbox_harden();
    haul_sandbox_rules_add(&rules, path("in"), HAUL_SANDBOX_MOVE, true);
    WANT(haul_sandbox_enter(&rules, version, &message), HAUL_ERR_RANGE);
    WANT(message.len > 0, 1);
    WANT(try_open("out/file", O_WRONLY), 0);
}

START_TEST(entering_with_too_old_a_version_is_refused)
{
    check_child(try_first_version, 1);
}
END_TEST

/* As systemd's: every call but those of Landlock is let through, with which `action` is done. */
static void filter_calls(unsigned action)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_landlock_create_ruleset, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_landlock_restrict_self, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, action), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const struct sock_fprog filter = {.len = sizeof code / sizeof *code, .filter = code};

    WANT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    WANT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

static void try_filtered(int version)
{
    struct haul_buf text;

    (void)version;
    haul_buf_init(&text, 0);
    filter_calls(SECCOMP_RET_KILL_PROCESS);
    WANT(haul_sandbox_version(), 0);
    WANT(haul_sandbox_describe(&text), false);
    WANT(strcmp(haul_buf_str(&text), "Landlock cannot be used: Operation not permitted"), 0);
}

START_TEST(filter_that_kills_is_met_by_a_child)
{
    check_child(try_filtered, 0);
}
END_TEST

/* Which a process inherits over exec; then nobody learns how a child has ended. */
static void try_ignoring_children(int version)
{
    WANT(signal(SIGCHLD, SIG_IGN) != SIG_ERR, 1);
    filter_calls(SECCOMP_RET_ALLOW);
    WANT(haul_sandbox_version(), version);
}

START_TEST(filter_that_allows_it_is_seen_though_children_are_ignored)
{
    check_child(try_ignoring_children, haul_sandbox_version());
}
END_TEST

static void try_ignoring_killed_children(int version)
{
    (void)version;
    WANT(signal(SIGCHLD, SIG_IGN) != SIG_ERR, 1);
    filter_calls(SECCOMP_RET_KILL_PROCESS);
    WANT(haul_sandbox_version(), 0);
    WANT(errno, EPERM);
}

START_TEST(filter_that_kills_is_seen_though_children_are_ignored)
{
    check_child(try_ignoring_killed_children, 0);
}
END_TEST

static int protection[2]; /* a pipe: a byte from whoever was caught at asking */

/* Instead of being killed. */
static void tell_protection(int number)
{
    struct rlimit limit = {.rlim_cur = 1};
    bool is_sure = getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
                   limit.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0;

    (void)number;
    (void)!write(protection[1], is_sure ? "y" : "n", 1);
    _exit(EXIT_FAILURE);
}

/* As with `ulimit -c unlimited`; the limit that a test may have is as good. */
static void try_asking_without_core(int version)
{
    const struct rlimit some = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    char byte = 0;

    (void)version;
    (void)setrlimit(RLIMIT_CORE, &some);
    WANT(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
    WANT(pipe(protection), 0);
    WANT(signal(SIGSYS, tell_protection) != SIG_ERR, 1);
    filter_calls(SECCOMP_RET_TRAP);
    WANT(haul_sandbox_version(), 0);
    WANT((int)read(protection[0], &byte, 1), 1);
    WANT(byte, 'y');
    WANT(prctl(PR_GET_DUMPABLE), 1); /* of the child only */
}

START_TEST(child_that_may_be_killed_leaves_no_core)
{
    check_child(try_asking_without_core, 0);
}
END_TEST

static void try_hardening(int version)
{
    struct rlimit limit;

    (void)version;
    haul_sandbox_harden();
    WANT(prctl(PR_GET_DUMPABLE), 0);
    WANT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    WANT(getrlimit(RLIMIT_CORE, &limit), 0);
    WANT(limit.rlim_max == 0, 1);
}

START_TEST(hardened_process_has_no_core_and_gains_nothing)
{
    check_child(try_hardening, 0);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("sandbox");
    TCase *masks = tcase_create("masks"), *inside = tcase_create("inside");

    tcase_add_loop_test(masks, masks_ask_for_all_that_a_version_has_and_no_more, 1, VERSIONS + 1);
    tcase_add_test(masks, masks_of_a_later_version_are_those_of_the_last_known);
    tcase_add_loop_test(masks, masks_without_limits_on_reading_keep_all_others, 1, VERSIONS + 1);
    tcase_add_test(masks, masks_of_the_first_version_are_not_enough_for_moves);
    tcase_add_loop_test(masks, access_is_within_what_is_handled_and_fits_the_kind_of_file, 1,
                        VERSIONS + 1);
    suite_add_tcase(suite, masks);
    tcase_add_checked_fixture(inside, make_world, remove_world);
    tcase_add_loop_test(inside, inside_only_what_rules_allow_can_be_done, 1, VERSIONS + 1);
    tcase_add_loop_test(inside, inside_an_address_can_be_chosen_where_that_was_asked_for, 1,
                        VERSIONS + 1);
    tcase_add_loop_test(inside, inside_all_can_be_read_where_reading_is_open, 1, VERSIONS + 1);
    tcase_add_test(inside, entering_without_a_needed_path_is_refused);
    tcase_add_test(inside, sandbox_that_cannot_be_entered_is_known_before);
    tcase_add_test(inside, entering_with_too_old_a_version_is_refused);
    tcase_add_test(inside, filter_that_kills_is_met_by_a_child);
    tcase_add_test(inside, filter_that_allows_it_is_seen_though_children_are_ignored);
    tcase_add_test(inside, filter_that_kills_is_seen_though_children_are_ignored);
    tcase_add_test(inside, child_that_may_be_killed_leaves_no_core);
    tcase_add_test(inside, hardened_process_has_no_core_and_gains_nothing);
    suite_add_tcase(suite, inside);
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
