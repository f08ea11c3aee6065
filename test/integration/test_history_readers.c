#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planter.h"

/* Who only reads a history needs no right to write, and is told what keeps him from reading. */

static const char *history(void)
{
    return in_shared("h");
}

static void run_once(int size)
{
    struct it_run run = it_haul(IT_ARGS("--history", history(), "-q", it_url("/size?n=%d", size)));

    ck_assert_msg(run.status == 0, "%s", run.err);
}

static void ask(const char *sql)
{
    char *error = NULL;
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(history(), &db), SQLITE_OK);
    ck_assert_msg(!sqlite3_exec(db, sql, NULL, NULL, &error), "%s", error);
    sqlite3_close(db);
}

/* Two runs, and in the log beside it a third one that was killed; everybody may read all. */
static void make_logged(void)
{
    struct it_process *process;

    run_once(100);
    run_once(200);
    process = it_start(
        &(struct it_call){.argv = IT_ARGS("--history", history(), "-q", it_url("/gate?name=log"))});
    it_await_gate("log", 1);
    it_signal(process, SIGKILL);
    ck_assert_int_eq(it_finish(process).signal, SIGKILL);
    ck_assert_int_eq(chmod(history(), 0644), 0);
    ck_assert_int_eq(chmod(in_shared("h-wal"), 0644), 0);
    ck_assert_int_eq(unlink(in_shared("h-shm")), 0);
}

static struct it_run read_as(bool is_nobody, const char *verb, const char *path)
{
    return it_call(&(struct it_call){.argv = IT_ARGS(verb, "--format", "jsonl", path),
                                     .prepare = is_nobody ? become_nobody : NULL});
}

/* ---- without the right to write ---- */

/* By its owner and by another user, in a directory that may be written to or not. */
START_TEST(log_without_an_index_is_read_and_nothing_is_left)
{
    bool is_nobody = _i % 2;
    struct it_run run;

    make_logged();
    ck_assert_int_eq(chmod(shared, _i / 2 ? 0555 : 0777), 0);
    run = read_as(is_nobody, "history", history());
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_uint_eq(it_lines(run.out), 3);
    run = read_as(is_nobody, "diff", history());
    ck_assert_msg(run.status == 1, "%d: %s", run.status, run.err);
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_int_ne(access(in_shared("h-shm"), F_OK), 0);
    ck_assert_int_eq(chmod(shared, 0755), 0);
    run_once(300); /* and nothing is in the way of who writes */
}
END_TEST

/* SQLite has its log beside the file, and not beside the link. */
START_TEST(log_behind_a_link_is_read)
{
    const char *link = it_text("%s/link-%d", it_path("."), _i);
    struct it_run run;

    make_logged();
    ck_assert_int_eq(symlink(history(), link), 0);
    run = read_as(_i, "history", link);
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_uint_eq(it_lines(run.out), 3);
}
END_TEST

/* ---- what is told ---- */

static const char *const verbs[] = {"history", "diff"};

START_TEST(log_that_must_not_be_read_is_named)
{
    struct it_run run;

    make_logged();
    ck_assert_int_eq(chmod(in_shared("h-wal"), 0600), 0);
    run = read_as(true, verbs[_i], history());
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "h-wal belongs to it, and must be readable") != NULL, "%s",
                  run.err);
}
END_TEST

static void copy(const char *from, const char *to)
{
    size_t len;
    const char *bytes = it_read(from, &len);

    it_write(to, bytes, len);
}

/* As a process leaves it that dies in the middle of writing where there is no log. */
static void cut_off_a_writer(void)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(history(), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db,
                                  "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN;"
                                  "UPDATE page SET url = url || hex(zeroblob(30000))",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    copy(history(), in_shared("cut"));
    copy(in_shared("h-journal"), in_shared("cut-journal"));
    sqlite3_close(db);
    ck_assert_int_eq(rename(in_shared("cut"), history()), 0);
    ck_assert_int_eq(rename(in_shared("cut-journal"), in_shared("h-journal")), 0);
}

START_TEST(writer_that_was_cut_off_is_told_and_mended_by_the_next_one)
{
    struct it_run run;

    run_once(100);
    run_once(200);
    cut_off_a_writer();
    run = it_haul(IT_ARGS(verbs[_i], history()));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "a run was cut off while it wrote") != NULL, "%s", run.err);
    run_once(300);
    run = it_haul(IT_ARGS("history", "--format", "jsonl", history()));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_uint_eq(it_lines(run.out), 3);
}
END_TEST

/* The reader waits for who takes its rows, which are more than a pipe holds. */
START_TEST(run_that_ends_while_its_history_is_read_is_told)
{
    struct it_process *process;
    struct it_run run;
    char bytes[4096];
    int end[2];

    run_once(100);
    ask("WITH RECURSIVE n(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < 20000)"
        " INSERT INTO run(id, started_us, ended_us, complete, version, options)"
        " SELECT x, x, x, 1, '0', '{}' FROM n");
    ck_assert_int_eq(pipe(end), 0);
    process = it_start(&(struct it_call){.argv = IT_ARGS("history", history()), .output = end[1]});
    close(end[1]);
    ck_assert_int_eq(poll(&(struct pollfd){.fd = end[0], .events = POLLIN}, 1, 30000), 1);
    run_once(200);
    while (read(end[0], bytes, sizeof bytes) > 0)
        ;
    close(end[0]);
    run = it_finish(process);
    ck_assert_msg(run.status == 3, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, "has changed it while it was read: ask again") != NULL, "%s",
                  run.err);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, log_without_an_index_is_read_and_nothing_is_left, 0, 4);
    tcase_add_loop_test(tcase, log_behind_a_link_is_read, 0, 2);
    tcase_add_loop_test(tcase, log_that_must_not_be_read_is_named, 0, 2);
    tcase_add_loop_test(tcase, writer_that_was_cut_off_is_told_and_mended_by_the_next_one, 0, 2);
    tcase_add_test(tcase, run_that_ends_while_its_history_is_read_is_told);
}

int main(void)
{
    return planted_main("history_readers", add_cases);
}
