/* setgroups */
#define _GNU_SOURCE
#include "planter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *shared, *victim;

static void begin_case(void)
{
    shared = it_path("shared");
    victim = it_path("victim");
    ck_assert_int_eq(chmod(it_path("."), 0711), 0);
    it_remove_tree(shared);
    it_remove_tree(it_path("home"));
    it_remove_tree(it_path("own"));
    ck_assert_int_eq(mkdir(shared, 0777), 0);
    ck_assert_int_eq(chmod(shared, 01777), 0);
    it_write(victim, "", 0);
    ck_assert_int_eq(chmod(victim, 0600), 0);
}

const char *in_shared(const char *name)
{
    return it_text("%s/%s", shared, name);
}

void become_nobody(void)
{
    umask(0);
    if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
        _exit(99);
}

void as_nobody(plant *what, const char *path)
{
    pid_t child = fork();
    int status;

    if (!child) {
        become_nobody();
        _exit(what(path) ? 98 : 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

int plant_fifo(const char *path)
{
    return mkfifo(path, 0666);
}

int plant_link(const char *path)
{
    return symlink(victim, path);
}

int plant_dangling_link(const char *path)
{
    return symlink(it_path("made"), path);
}

int plant_empty(const char *path)
{
    return close(open(path, O_CREAT | O_EXCL | O_WRONLY, 0666));
}

/* A hard link needs the right to write, on most systems; so this one stands for older systems. */
int plant_hard_link(const char *path)
{
    return link(victim, path);
}

int plant_directory(const char *path)
{
    return mkdir(path, 0777);
}

void check_refused(const struct it_run *run, const char *cause)
{
    ck_assert_msg(run->status == 2, "status %d: %s", run->status, run->err);
    ck_assert_msg(strstr(run->err, cause), "%s", run->err);
    ck_assert_msg(strstr(run->err, shared), "%s", run->err);
}

int planted_main(const char *name, void (*add)(TCase *tcase))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);

    if (geteuid() != 0) {
        printf("1..0 # SKIP needs root, to be two users\n");
        return 0;
    }
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, begin_case, NULL);
    tcase_set_timeout(tcase, 30);
    add(tcase);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
