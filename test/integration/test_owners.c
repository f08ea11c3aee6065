/* setgroups, makedev */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "planter.h"

/* Files of other users that are used all the same: of whoever owns everything on a file system, of
 * a directory's owner, of colleagues. The whole table: test_owned_place. */

enum { GROUP = 2000, ONE = 1001, OTHER = 1002 };

/* Of --journal, --history, --tar and --warc, which write where something is already. */
static const char *const files[] = {"x", "x", "x", "x-00000.warc.gz"};
enum { IN_PLACE = sizeof files / sizeof *files };

/* A directory of its own in each case. */
static const char *make_own(uid_t owner, gid_t group, mode_t mode)
{
    const char *own = it_path("own");

    ck_assert_int_eq(mkdir(own, 0700), 0);
    ck_assert_int_eq(chown(own, owner, group), 0);
    ck_assert_int_eq(chmod(own, mode), 0);
    return own;
}

static const char *in_own(const char *name)
{
    return it_path(it_text("own/%s", name));
}

/* One of those in `directory`; archives go on with a journal only. */
static struct it_run run_in(const char *directory, int which, void (*prepare)(void),
                            const char *preload)
{
    const char *path = it_text("%s/x", directory), *journal = it_text("%s/j", directory);
    const char *url = it_url("/size?n=100");
    const char *const *const argv[IN_PLACE] = {
        IT_ARGS("--journal", path, "--resume", "-q", url),
        IT_ARGS("--history", path, "-q", url),
        IT_ARGS("--tar", path, "--journal", journal, "--resume", "-q", url),
        IT_ARGS("--warc", path, "--journal", journal, "--resume", "-q", url),
    };

    return it_call(&(struct it_call){
        .argv = argv[which], .prepare = prepare, .env = preload ? IT_ARGS(preload) : NULL});
}

static void check_runs(const struct it_run *run)
{
    ck_assert_msg(run->status == 0, "status %d: %s", run->status, run->err);
}

/* ---- one owner for all ---- */

static const char *squash(void)
{
    return it_text("LD_PRELOAD=%s", getenv("HAUL_SQUASHLIB"));
}

START_TEST(what_a_squashing_file_system_has_made_is_used_again)
{
    const char *own = make_own(NOBODY, NOBODY, _i < IN_PLACE ? 0755 : 01775);
    struct stat info;

    for (int i = 0; i < 3; i++) {
        struct it_run run = run_in(own, _i % IN_PLACE, NULL, squash());

        check_runs(&run);
        ck_assert_msg(!strstr(run.err, "another user"), "%s", run.err);
    }
    ck_assert_int_eq(stat(in_own(files[_i % IN_PLACE]), &info), 0);
    ck_assert_uint_eq(info.st_uid, NOBODY);
}
END_TEST

/* There anybody could have made it, and it would look the same. */
START_TEST(where_anybody_may_write_a_squashing_file_system_is_named)
{
    struct it_run run = run_in(shared, _i, NULL, squash());

    check_runs(&run);
    ck_assert_msg(strstr(run.err, "x: the next run will not use it: it belongs to another user") ||
                      strstr(run.err, ".gz: the next run will not use it: "),
                  "%s", run.err);
    run = run_in(shared, _i, NULL, squash());
    check_refused(&run, "as all does that is made there");
}
END_TEST

START_TEST(directory_and_link_of_a_squashing_file_system_are_used)
{
    const char *own = make_own(NOBODY, NOBODY, 0755);

    ck_assert_int_eq(symlink("d", in_own("l")), 0);
    ck_assert_int_eq(lchown(in_own("l"), NOBODY, NOBODY), 0);
    ck_assert_int_eq(mkdir(in_own("d"), 0755), 0);
    ck_assert_int_eq(chown(in_own("d"), NOBODY, NOBODY), 0);
    for (int i = 0; i < 2; i++) {
        struct it_run run =
            it_call(&(struct it_call){.argv = IT_ARGS("--dir", it_text("%s/l", own), "-o",
                                                      in_own("r"), "-q", it_url("/size?n=100")),
                                      .env = IT_ARGS(squash())});

        check_runs(&run);
    }
}
END_TEST

/* ---- root, and a user's directory ---- */

static void become(uid_t user)
{
    const gid_t group = GROUP;

    umask(002);
    if (setgroups(1, &group) || setgid(GROUP) || setuid(user))
        _exit(99);
}

static void become_one(void)
{
    become(ONE);
}

static void become_other(void)
{
    become(OTHER);
}

START_TEST(users_file_is_used_by_root_who_is_told)
{
    const char *own = make_own(ONE, GROUP, 0755);
    struct it_run run = run_in(own, _i, become_one, NULL);
    struct stat info;

    check_runs(&run);
    ck_assert_ptr_null(strstr(run.err, "another user"));
    run = run_in(own, _i, NULL, NULL);
    check_runs(&run);
    ck_assert_msg(strstr(run.err, "another user (uid 1001), who can read and change"), "%s",
                  run.err);
    ck_assert_int_eq(stat(in_own(files[_i]), &info), 0);
    ck_assert_uint_eq(info.st_uid, ONE);
}
END_TEST

static int plant_fifo_as_one(const char *path)
{
    return mkfifo(path, 0666) || chown(path, ONE, GROUP);
}

static int plant_link_as_one(const char *path)
{
    return symlink(victim, path) || lchown(path, ONE, GROUP);
}

static int plant_hard_link_as_one(const char *path)
{
    const char *kept = it_text("%s-kept", path);

    return plant_empty(kept) || chown(kept, ONE, GROUP) || link(kept, path);
}

static plant *const plants[] = {plant_fifo_as_one, plant_link_as_one, plant_hard_link_as_one};
enum { PLANTS = sizeof plants / sizeof *plants };

START_TEST(links_and_fifos_of_a_user_are_not_used_by_root)
{
    const char *own = make_own(ONE, GROUP, 02775);
    struct it_run run;
    struct stat info;

    ck_assert_int_eq(plants[_i % PLANTS](in_own(files[_i / PLANTS])), 0);
    run = run_in(own, _i / PLANTS, NULL, NULL);
    ck_assert_msg(run.status == 2, "status %d: %s", run.status, run.err);
    ck_assert_int_eq(stat(victim, &info), 0);
    ck_assert_int_eq(info.st_size, 0);
}
END_TEST

/* It may lead anywhere, and root may write everywhere; but on the way the directory's owner says
 * what is where. */
START_TEST(link_of_a_user_is_followed_by_root_on_the_way_only)
{
    const char *own = make_own(ONE, GROUP, 0755);
    struct it_run run;

    ck_assert_int_eq(mkdir(it_path("home"), 0700), 0);
    ck_assert_int_eq(symlink(it_path("home"), in_own("l")), 0);
    ck_assert_int_eq(lchown(in_own("l"), ONE, GROUP), 0);
    run = it_haul(IT_ARGS("--dir", it_text("%s/l/.", own), "-q", it_url("/size?n=100")));
    ck_assert_msg(run.status == 2, "status %d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, "another user (uid 1001)"), "%s", run.err);
    run = it_haul(IT_ARGS("--dir", it_text("%s/l/sub", own), "-q", it_url("/size?n=100")));
    check_runs(&run);
    ck_assert_int_eq(access(it_path("home/sub"), F_OK), 0);
}
END_TEST

/* As in a container that is not root's. */
START_TEST(null_device_is_used_whoever_has_it)
{
    const char *null = in_own("null");
    struct it_run run;

    make_own(ONE, GROUP, 0755);
    if (mknod(null, S_IFCHR | 0666, makedev(1, 3)))
        return; /* some containers let nobody make one: test_owned has the rule */
    ck_assert_int_eq(chown(null, NOBODY, NOBODY), 0);
    run = it_haul(IT_ARGS("-o", null, "-q", it_url("/size?n=100")));
    check_runs(&run);
    run = it_haul(IT_ARGS("--journal", null, "-q", it_url("/size?n=100")));
    check_runs(&run);
}
END_TEST

/* ---- colleagues ---- */

START_TEST(colleagues_take_turns)
{
    const char *own = make_own(0, GROUP, 02775);

    for (int i = 0; i < 4; i++) {
        struct it_run run = run_in(own, _i, i % 2 ? become_other : become_one, NULL);

        check_runs(&run);
        ck_assert_msg(!strstr(run.err, "another user"), "%s", run.err);
    }
}
END_TEST

/* That is what the sticky bit says. */
START_TEST(colleagues_who_do_not_trust_each_other_do_not)
{
    const char *own = make_own(0, GROUP, 03775);
    struct it_run run = run_in(own, _i, become_one, NULL);

    check_runs(&run);
    run = run_in(own, _i, become_other, NULL);
    ck_assert_msg(run.status == 2, "status %d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, "another user (uid 1001)") || strstr(run.err, "ermission"), "%s",
                  run.err);
}
END_TEST

/* ---- a history whose companion somebody else has made ---- */

START_TEST(runs_exclude_each_other_without_a_companion)
{
    const char *const gate = it_text("both%d", _i), *const h = in_shared("h");
    struct it_process *first, *waiting;
    struct it_run run;

    as_nobody(plant_empty, in_shared("h-lock"));
    first =
        it_start(&(struct it_call){.argv = IT_ARGS("--history", h, it_url("/gate?name=%s", gate))});
    it_await_gate(gate, 1);
    run = it_haul(IT_ARGS("--history", h, it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 5);
    ck_assert_ptr_nonnull(strstr(run.err, "another run has this history"));
    if (_i)
        ck_assert_int_eq(unlink(in_shared("h-lock")), 0); /* the next has it, the first has not */
    waiting = it_start(
        &(struct it_call){.argv = IT_ARGS("--history", h, "--lock", "wait", it_url("/size?n=1"))});
    run = it_haul(IT_ARGS("--history", h, it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 5);
    it_open_gate(gate);
    ck_assert_int_eq(it_finish(first).status, 0);
    ck_assert_int_eq(it_finish(waiting).status, 0);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, what_a_squashing_file_system_has_made_is_used_again, 0,
                        2 * IN_PLACE);
    tcase_add_loop_test(tcase, where_anybody_may_write_a_squashing_file_system_is_named, 0,
                        IN_PLACE);
    tcase_add_test(tcase, directory_and_link_of_a_squashing_file_system_are_used);
    tcase_add_loop_test(tcase, users_file_is_used_by_root_who_is_told, 0, IN_PLACE);
    tcase_add_loop_test(tcase, links_and_fifos_of_a_user_are_not_used_by_root, 0,
                        PLANTS * IN_PLACE);
    tcase_add_test(tcase, link_of_a_user_is_followed_by_root_on_the_way_only);
    tcase_add_test(tcase, null_device_is_used_whoever_has_it);
    tcase_add_loop_test(tcase, colleagues_take_turns, 0, IN_PLACE);
    tcase_add_loop_test(tcase, colleagues_who_do_not_trust_each_other_do_not, 0, IN_PLACE);
    tcase_add_loop_test(tcase, runs_exclude_each_other_without_a_companion, 0, 2);
}

int main(void)
{
    return planted_main("owners", add_cases);
}
