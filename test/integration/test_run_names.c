#include <sqlite3.h>
#include <string.h>

#include "harness.h"
#include "servers.h"

/*
 * How the runs of a history are named: by number, from the end, and by day. Each name below is one
 * case, with the run that it means, or what is said of it. The days are put into the history by
 * hand.
 */

static const char *history(void)
{
    return it_path("names.db");
}

static void change(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(history(), &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Runs 1 to 4, with so many pages; the third has not ended, the fourth began before the second. */
static void make_history(void)
{
    const char *url[4];

    for (int i = 0; i < 4; i++)
        url[i] = it_url("/size?n=%d", i + 1);
    for (int i = 0; i < 4; i++) {
        const char *argv[] = {"--history", history(), NULL, NULL, NULL, NULL, NULL};

        memcpy(argv + 2, url, (size_t)(i + 1) * sizeof *url);
        ck_assert_int_eq(it_haul(argv).status, 0);
    }
    change("UPDATE run SET started_us = 1000000 * unixepoch(CASE id"
           " WHEN 1 THEN '2026-10-31 23:59:59' WHEN 2 THEN '2026-11-02 00:00:00'"
           " WHEN 3 THEN '2026-11-03 12:00:00' ELSE '2026-11-01 00:00:00' END);"
           "UPDATE run SET ended_us = NULL WHERE id = 3");
}

static void begin(void)
{
    it_begin_server();
    make_history();
}

static const struct {
    const char *name;
    int run;          /* 0: there is none */
    const char *says; /* then */
} cases[] = {
    {"", 4, NULL},
    {"@1", 1, NULL},
    {"@-1", 4, NULL},
    {"@-3", 1, NULL},
    {"@3", 0, "no such run that has ended: @3"},
    {"@-4", 0, "no such run that has ended: @-4"},
    {"@2026-10-30", 0, "no run that has ended began on that day (UTC) or before"},
    {"@2026-10-31", 1, NULL},
    {"@2026-11-01", 4, NULL},
    {"@2026-11-02", 2, NULL},
    {"@2026-11-03", 2, NULL},
    {"@9999-12-31", 2, NULL},
    {"@2026-11-31", 0, "there is no such day"},
    {"@2026-02-29", 0, "there is no such day"},
    {"@2026-00-01", 0, "there is no such day"},
    {"@2026-13-01", 0, "there is no such day"},
    {"@1969-12-31", 0, "there is no such day"},
    {"@2026-11-1", 0, "No such file"},
    {"@2026-11-001", 0, "No such file"},
    {"@-2026-11-01", 0, "No such file"},
    {"@", 0, "No such file"},
};
enum { CASES = sizeof cases / sizeof *cases };

START_TEST(name_means_a_run_or_is_refused)
{
    const char *name = it_text("%s%s", history(), cases[_i].name);
    struct it_run run = it_haul(IT_ARGS("diff", name, name));

    if (cases[_i].run) {
        ck_assert_msg(run.status == 0, "%s: %s", name, run.err);
        ck_assert_msg(strstr(run.out, it_text("now: %d URL%s, ", cases[_i].run,
                                              cases[_i].run == 1 ? "" : "s")) != NULL,
                      "%s: %s", name, run.out);
        ck_assert_ptr_nonnull(strstr(run.out, it_text("(%s@%d, ", history(), cases[_i].run)));
    } else {
        ck_assert_msg(run.status == 2, "%s: %s", name, run.out);
        ck_assert_msg(strstr(run.err, cases[_i].says) != NULL, "%s: %s", name, run.err);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run_names");
    TCase *tcase = tcase_create("run_names");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_add_loop_test(tcase, name_means_a_run_or_is_refused, 0, CASES);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
