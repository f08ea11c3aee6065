#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_history.h"
#include "history/sql.h"

/* ---- against a naive model ---- */

enum { RUNS = 50, URLS = 40 };

/* What each run found of each URL: "" nothing. */
static char model[RUNS + 1][URLS][64];
static bool model_complete[RUNS + 1];
static bool model_stored[RUNS + 1];

static uint64_t random_state;

static unsigned draw(unsigned below)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)((random_state >> 33) % below);
}

static void model_text(char *to, const struct fake_row *row)
{
    struct haul_record rec = fake_record(row, 0);
    char word[HAUL_REASON_WORD_MAX];
    bool good = row->outcome == HAUL_OUTCOME_OK;

    snprintf(to, 64, "%s %s %s %d %lld %lld", haul_outcome_word(row->outcome),
             haul_reason_word(&rec, word), row->type, rec.http_code,
             good ? (long long)row->size : -1LL, good ? (long long)row->size : -1LL);
}

/* Mostly what the last run found. */
static struct fake_row draw_row(const char *url, struct fake_row *last)
{
    static const enum haul_outcome outcome[] = {HAUL_OUTCOME_OK, HAUL_OUTCOME_OK,
                                                HAUL_OUTCOME_FAILED};
    static const char *const type[] = {"text/html", "image/png"};

    if (!last->url || draw(4) == 0)
        *last = (struct fake_row){.url = url,
                                  .outcome = outcome[draw(3)],
                                  .size = draw(5),
                                  .type = type[draw(2)],
                                  .etag = draw(2) ? "\"e\"" : NULL};
    return *last;
}

static void add_random(struct haul_store *store, int run, bool complete, struct fake_row *last)
{
    static char url[URLS][32];

    for (unsigned i = 0; i < URLS; i++) {
        struct fake_row row;

        model[run][i][0] = '\0';
        if (draw(8) == 0)
            continue;
        snprintf(url[i], sizeof url[i], "http://h/%u", i);
        row = draw_row(url[i], &last[i]);
        if (!complete && draw(3) == 0)
            row = (struct fake_row){.url = url[i], .outcome = HAUL_OUTCOME_PENDING, .size = -1};
        else
            model_text(model[run][i], &row);
        fake_add(store, &row, i);
    }
}

static void check_pages(struct haul_store *store, const char *sql, int run)
{
    sqlite3_stmt *statement;
    unsigned expected = 0, found = 0;

    for (unsigned i = 0; i < URLS; i++)
        expected += model[run][i][0] != '\0';
    ck_assert_msg(!haul_sql_prepare(haul_store_db(store), sql, &statement), "%s",
                  sqlite3_errmsg(haul_store_db(store)));
    sqlite3_bind_int(statement, 1, run);
    for (; haul_sql_step(statement) == HAUL_OK; found++) {
        unsigned i = (unsigned)atoi(haul_sql_text(statement, 0) + strlen("http://h/"));

        ck_assert_str_eq(haul_sql_text(statement, 1), model[run][i]);
    }
    ck_assert_uint_eq(found, expected);
    sqlite3_finalize(statement);
}

/* As schema.h says how the pages of a run are found. */
static void check_run(struct haul_store *store, int run)
{
    check_pages(store,
                "SELECT p.url, o.text || ' ' || r.text || ' ' || t.text || ' ' || s.http_code ||"
                " ' ' || coalesce(s.size, -1) || ' ' || coalesce(s.wire, -1) FROM"
                " (SELECT id AS page, outcome, reason, type, http_code, size, wire FROM page"
                "   WHERE since <= ?1 UNION ALL"
                "  SELECT page, outcome, reason, type, http_code, size, wire FROM past"
                "   WHERE first <= ?1 AND last >= ?1) s JOIN page p ON p.id = s.page"
                " JOIN word o ON o.id = s.outcome JOIN word r ON r.id = s.reason"
                " JOIN word t ON t.id = s.type",
                run);
}

static void check_before(struct haul_store *store, int before)
{
    ck_assert_int_eq(haul_store_before(store), before);
    if (before)
        check_pages(store,
                    "SELECT url, outcome || ' ' || reason || ' ' || type || ' ' || http_code ||"
                    " ' ' || coalesce(size, -1) || ' ' || coalesce(wire, -1) FROM before_page"
                    " WHERE ?1",
                    before);
}

static int last_complete(int before)
{
    while (--before > 0 && !model_complete[before])
        ;
    return before;
}

/* One in eight is killed, one in four stopped. */
static struct haul_store *do_run(struct haul_store *store, int run, struct fake_row *last)
{
    bool complete = draw(4) != 0, killed = draw(8) == 0;

    fake_start(store);
    add_random(store, run, complete, last);
    model_stored[run] = !killed;
    model_complete[run] = complete && !killed;
    if (killed) {
        haul_store_free(store);
        return fake_open();
    }
    fake_finish(store, complete);
    check_before(store, last_complete(run));
    return store;
}

static void check_random_runs(uint64_t seed)
{
    struct fake_row last[URLS] = {{0}};
    struct haul_store *store = fake_open();
    int from = 1;

    random_state = seed;
    for (int run = 1; run <= RUNS; run++)
        store = do_run(store, run, last);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM run"), RUNS);
    for (int run = 1; run <= RUNS; run++)
        if (model_stored[run])
            check_run(store, run);
    ck_assert(!haul_store_prune(store, &(struct haul_store_keep){.runs = 20}));
    from = (int)fake_number(store, "SELECT min(id) FROM run");
    ck_assert_int_le(from, RUNS - 19);
    ck_assert_int_eq(fake_number(store,
                                 "SELECT count(*) FROM past WHERE last < (SELECT min(id) FROM"
                                 " run)"),
                     0);
    for (int run = from; run <= RUNS; run++)
        if (model_stored[run])
            check_run(store, run);
    ck_assert_int_eq(fake_number(store,
                                 "SELECT count(*) FROM page WHERE since IS NULL AND id NOT IN"
                                 " (SELECT page FROM past)"),
                     0);
    ck_assert_str_eq(fake_text(store, "PRAGMA integrity_check"), "ok");
    haul_store_free(store);
    fake_remove("");
}

START_TEST(fifty_random_runs_are_as_in_a_naive_model)
{
    for (uint64_t seed = 1; seed <= 8; seed++)
        check_random_runs(seed);
}
END_TEST

START_TEST(run_without_changes_writes_no_page)
{
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    for (int i = 0; i < 5; i++)
        fake_run(store, three, 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM past"), 0);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page WHERE since = 1"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM run"), 6);
    haul_store_free(store);
}
END_TEST

/* ---- how runs end ---- */

START_TEST(killed_run_is_marked_and_damages_nothing)
{
    struct haul_store *store = fake_open();
    pid_t child;
    int status;

    fake_run(store, three, 3);
    haul_store_free(store);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (!child) {
        store = fake_open();
        fake_start(store);
        for (uint64_t i = 0; i < 3; i++)
            fake_add(store, &three[i], i);
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(WTERMSIG(status), SIGKILL);
    store = fake_open();
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM run WHERE ended_us IS NULL"), 1);
    fake_run(store, three, 3);
    ck_assert_int_eq(haul_store_run(store), 3);
    ck_assert_int_eq(haul_store_before(store), 1);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM past"), 0);
    ck_assert_str_eq(fake_text(store, "PRAGMA integrity_check"), "ok");
    haul_store_free(store);
}
END_TEST

START_TEST(incomplete_run_is_kept_and_not_compared_with)
{
    static const struct fake_row pending = {"http://p/", HAUL_OUTCOME_PENDING, -1, NULL, NULL};
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    fake_start(store);
    fake_add(store, &three[0], 0);
    fake_add(store, &pending, 1);
    fake_finish(store, false);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM now_page WHERE outcome = 'pending'"),
                     1);
    fake_run(store, three, 3);
    ck_assert_int_eq(haul_store_before(store), 1);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM before_page"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM run WHERE ended_us IS NOT NULL"), 3);
    haul_store_free(store);
}
END_TEST

START_TEST(exit_status_is_written_down)
{
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    ck_assert_int_eq(fake_number(store, "SELECT status IS NULL FROM run"), 1);
    ck_assert(!haul_store_set_status(store, 75));
    ck_assert_int_eq(fake_number(store, "SELECT status FROM run"), 75);
    haul_store_free(store);
}
END_TEST

/* ---- prune ---- */

START_TEST(pruned_history_gives_space_back)
{
    struct haul_store *store = fake_open();
    struct stat before, after;
    char url[300];

    for (int run = 0; run < 10; run++) {
        fake_start(store);
        for (unsigned i = 0; i < 300; i++) {
            const struct fake_row row = {url, HAUL_OUTCOME_OK, run, "text/html", NULL};

            snprintf(url, sizeof url, "http://h/%d/%0200u", run, i); /* each run other pages */
            fake_add(store, &row, i);
        }
        fake_finish(store, true);
    }
    haul_store_free(store);
    ck_assert_int_eq(stat(fake_path(), &before), 0);
    store = fake_open();
    ck_assert(!haul_store_prune(store, &(struct haul_store_keep){.runs = 2}));
    ck_assert_int_eq(fake_number(store, "SELECT min(id) FROM run"), 9);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), 600);
    haul_store_free(store);
    ck_assert_int_eq(stat(fake_path(), &after), 0);
    ck_assert_int_lt(after.st_size, before.st_size / 2);
}
END_TEST

START_TEST(prune_keeps_the_last_complete_run)
{
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    for (int i = 0; i < 3; i++) {
        fake_start(store);
        fake_add(store, &three[0], 0);
        fake_finish(store, false);
    }
    ck_assert(!haul_store_prune(store, &(struct haul_store_keep){.runs = 1}));
    ck_assert_int_eq(fake_number(store, "SELECT min(id) FROM run"), 1);
    ck_assert(!haul_store_prune(store, &(struct haul_store_keep){.newest_us = INT64_MAX}));
    ck_assert_int_eq(fake_number(store, "SELECT min(id) FROM run"), 1);
    haul_store_free(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_runs");
    TCase *tcase = tcase_create("keep");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_add_test(tcase, fifty_random_runs_are_as_in_a_naive_model);
    tcase_add_test(tcase, run_without_changes_writes_no_page);
    tcase_add_test(tcase, killed_run_is_marked_and_damages_nothing);
    tcase_add_test(tcase, incomplete_run_is_kept_and_not_compared_with);
    tcase_add_test(tcase, exit_status_is_written_down);
    tcase_add_test(tcase, pruned_history_gives_space_back);
    tcase_add_test(tcase, prune_keeps_the_last_complete_run);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
