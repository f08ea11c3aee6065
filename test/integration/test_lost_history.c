#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/*
 * A history that is damaged, locked, full or not to be had costs a run its place in it, and nothing
 * else: all is fetched and reported, what is wrong is said when it is known and at the end, and the
 * status is 3.
 */

static const char *history(void)
{
    return it_path("lost.history");
}

static const char *report(void)
{
    return it_path("lost.json");
}

/* Two runs: 100 and 200 bytes in all, so that there is something to be compared with. */
static void make_history(void)
{
    static const int size[] = {100, 200};

    for (int i = 0; i < 2; i++) {
        struct it_run run = it_haul(IT_ARGS("-q", "--history", history(), it_url("/size?n=0"),
                                            it_url("/status/404"), it_url("/size?n=%d", size[i])));

        ck_assert_msg(run.status == 0 || run.status == 1, "%s", run.err);
    }
    it_reset_server();
}

static void forget(void)
{
    static const char *const ending[] = {"", "-wal", "-shm", "-journal", "-lock"};

    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        unlink(it_text("%s%s", history(), ending[i]));
    unlink(report());
}

static int64_t ask(const char *sql, const char *name)
{
    sqlite3_stmt *row;
    int64_t number;
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(history(), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    if (name)
        sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
    number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return number;
}

/* Overwrites the first page of a table or an index, as a bad block does; NULL: the schema's. */
static void damage(const char *object)
{
    int64_t size = ask("PRAGMA page_size", NULL);
    int64_t page = object ? ask("SELECT rootpage FROM sqlite_schema WHERE name = ?", object) : 1;
    size_t len, from = (size_t)((page - 1) * size);
    char *bytes = (char *)(uintptr_t)it_read(history(), &len);

    ck_assert_uint_ge(len, (size_t)(page * size));
    memset(bytes + from + (object ? 0 : 100), 0x5a, (size_t)size - (object ? 0 : 100));
    it_write(history(), bytes, len);
}

static struct it_run run_without(const char *option, void (*prepare)(void))
{
    return it_call(&(struct it_call){
        .argv = IT_ARGS("--history", history(), "--etags", "--format", "jsonl", "--report",
                        it_text("json:%s", report()), "--budget", "growth<1M", it_url("/size?n=0"),
                        it_url("/size?n=1000"), it_url("/status/404"), option),
        .prepare = prepare});
}

/* Rows and summary: 1,000 bytes of two pages, and one that failed; `before`: the earlier run was
 * known, of 200 bytes. */
static void check_reported(const struct it_run *run, bool before)
{
    const json_t *rows = it_rows(run->out), *summary;

    ck_assert_msg(run->status == 3, "%d: %s", run->status, run->err);
    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert_uint_eq(it_count(rows, "ok"), 2);
    ck_assert_int_eq(it_int(it_row(rows, it_url("/size?n=1000")), "size_body"), 1000);
    ck_assert_int_eq(it_stat("requests"), 3);
    summary = it_json(it_read(report(), NULL));
    ck_assert_int_eq(it_int(summary, "lines"), 3);
    ck_assert_int_eq(it_int(summary, "size"), 1000);
    ck_assert_int_eq(it_int(summary, "exit_status"), 3);
    if (before)
        ck_assert_int_eq(it_int(json_object_get(summary, "before"), "size"), 200);
}

/* `first`: nothing was fetched before it was said; then it is said at the end once more. */
static void check_said(const struct it_run *run, const char *cause, bool first)
{
    const char *last;

    ck_assert_msg(strstr(run->err, cause) != NULL, "%s", run->err);
    if (!first) {
        ck_assert_msg(strstr(run->err, "; this run will not be in it\n") != NULL, "%s", run->err);
        return;
    }
    ck_assert_msg(strstr(run->err, "; the run goes on without it\n") < strstr(run->err, "3 URLs"),
                  "%s", run->err);
    last = strrchr(it_text("%.*s", (int)run->err_len - 1, run->err), '\n');
    ck_assert_msg(last && strstr(last, cause) && strstr(last, "; this run is not in it"), "%s",
                  run->err);
}

/* ---- damage ---- */

static const struct {
    const char *object;
    bool is_first, has_before; /* it is known at the beginning; the earlier run can still be read */
} damages[] = {{NULL, true, false},    {"run", true, false},   {"word", false, false},
               {"page", false, false}, {"past", false, false}, {"page_key", false, true}};

START_TEST(damage_is_said_and_all_is_reported)
{
    struct it_run run;
    size_t len;

    make_history();
    damage(damages[_i].object);
    run = run_without(NULL, NULL);
    check_reported(&run, damages[_i].has_before);
    check_said(&run, "malformed", damages[_i].is_first);
    ck_assert_ptr_nonnull(it_read(history(), &len)); /* for who repairs it */
    ck_assert_uint_gt(len, 4096);
}
END_TEST

START_TEST(damage_is_said_though_all_else_is_silent)
{
    struct it_run run;

    make_history();
    damage(damages[_i].object);
    run = run_without("--quiet-unless=budget", NULL);
    check_reported(&run, false);
    ck_assert_msg(strstr(run.err, "malformed") != NULL, "%s", run.err);
}
END_TEST

/* ---- locks of other programs ---- */

/* In a log, who writes keeps others from writing; without, from reading, too. */
static const char *const locks[] = {"BEGIN IMMEDIATE",
                                    "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE"};

START_TEST(lock_of_another_program_is_said_and_all_is_reported)
{
    struct it_run run;
    sqlite3 *db;

    make_history();
    ck_assert_int_eq(sqlite3_open(history(), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, locks[_i], NULL, NULL, NULL), SQLITE_OK);
    run = run_without(NULL, NULL);
    sqlite3_close(db);
    check_reported(&run, true);
    check_said(&run, "database is locked", true);
    ck_assert_int_eq(ask("SELECT count(*) FROM run", NULL), 2);
}
END_TEST

/* ---- where it cannot be ---- */

START_TEST(place_where_no_history_can_be_is_said_and_all_is_reported)
{
    static const char *const place[] = {"/proc/self/x/history", NULL};
    const char *path = place[_i] ? place[_i] : it_path("none/history");
    struct it_run run;

    it_reset_server();
    run = it_haul(IT_ARGS("--history", path, "--report", it_text("json:%s", report()), "--format",
                          "jsonl", it_url("/size?n=0"), it_url("/size?n=1000"),
                          it_url("/status/404")));
    check_reported(&run, false);
    check_said(&run, "No such file", true);
}
END_TEST

static void limit_files(void)
{
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){48 << 10, 48 << 10});
}

/* The history is as it was, and is compared with. */
START_TEST(full_disk_is_said_and_all_is_compared)
{
    const char *list = it_path("many");
    struct it_run run;
    const json_t *summary;
    const char *text = "";

    make_history();
    for (int i = 0; i < 220; i++)
        text = it_text("%s%s\n", text, it_url("/size?n=%d", i));
    it_write(list, text, strlen(text));
    run = it_call(&(struct it_call){.argv = IT_ARGS("-q", "--history", history(), "--report",
                                                    it_text("json:%s", report()), "-o", "/dev/null",
                                                    "-i", list),
                                    .prepare = limit_files});
    ck_assert_msg(run.status == 3, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, "cannot be written") != NULL, "%s", run.err);
    summary = it_json(it_read(report(), NULL));
    ck_assert_int_eq(it_int(summary, "size"), 220 * 219 / 2);
    ck_assert_int_eq(it_int(json_object_get(summary, "before"), "size"), 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lost_history");
    TCase *tcase = tcase_create("lost");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, forget);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, damage_is_said_and_all_is_reported, 0,
                        sizeof damages / sizeof *damages);
    tcase_add_loop_test(tcase, damage_is_said_though_all_else_is_silent, 0,
                        sizeof damages / sizeof *damages);
    tcase_add_loop_test(tcase, lock_of_another_program_is_said_and_all_is_reported, 0, 2);
    tcase_add_loop_test(tcase, place_where_no_history_can_be_is_said_and_all_is_reported, 0, 2);
    tcase_add_test(tcase, full_disk_is_said_and_all_is_compared);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
