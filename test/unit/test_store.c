#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_history.h"
#include "history/lookup.h"
#include "history/schema.h"
#include "history/sql.h"
#include "journal/key.h"

static const struct fake_row three[] = {
    {"http://A.example:8080/one?q", HAUL_OUTCOME_OK, 10, "Text/HTML; charset=utf-8", "\"1\""},
    {"b.example", HAUL_OUTCOME_FAILED, 7, "text/plain", "\"2\""},
    {"http://a.example/dir/x#f", HAUL_OUTCOME_OK, -1, NULL, NULL},
};

/* ---- what can be asked ---- */

START_TEST(private_store_shows_this_run_only)
{
    const struct haul_store_options options = {0};
    struct haul_store *store;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert(!haul_store_open(&options, &store, &message));
    fake_run(store, three, 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM now_page"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM before_page"), 0);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), 0);
    ck_assert_int_eq(haul_store_before(store), 0);
    haul_store_free(store);
    haul_buf_done(&message);
}
END_TEST

START_TEST(columns_are_as_promised)
{
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    ck_assert_str_eq(fake_text(store,
                               "SELECT group_concat(host || ' ' || path || ' ' || type || ' ' ||"
                               " outcome || ' ' || reason || ' ' || coalesce(size, '-') || ' ' ||"
                               " coalesce(wire, '-') || ' ' || line || ' ' || worker, '|')"
                               " FROM (SELECT * FROM now_page ORDER BY id)"),
                     "a.example /one text/html ok  10 10 1 1|"
                     "b.example / text/plain failed http-503 - - 2 1|"
                     "a.example /dir/x  ok  - - 3 1");
    haul_store_free(store);
}
END_TEST

START_TEST(next_run_sees_the_one_before)
{
    static const struct fake_row later[] = {
        {"http://A.example:8080/one?q", HAUL_OUTCOME_OK, 12, "text/html", "\"1\""},
        {"http://new.example/", HAUL_OUTCOME_OK, 5, "text/html", NULL},
    };
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    haul_store_free(store);
    store = fake_open();
    fake_run(store, later, 2);
    ck_assert_int_eq(haul_store_run(store), 2);
    ck_assert_int_eq(haul_store_before(store), 1);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM before_page"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT b.size FROM now_page n JOIN before_page b"
                                        " ON b.page = n.page WHERE n.size = 12"),
                     10);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM now_page n JOIN before_page b"
                                        " ON b.page = n.page"),
                     1);
    ck_assert_str_eq(fake_text(store,
                               "SELECT host || path || type || outcome || reason || http_code FROM"
                               " before_page WHERE outcome = 'failed'"),
                     "b.example/text/plainfailedhttp-503503");
    haul_store_free(store);
}
END_TEST

START_TEST(url_that_comes_twice_is_two_pages)
{
    static const struct fake_row twice[] = {{"http://a/", HAUL_OUTCOME_OK, 1, NULL, NULL},
                                            {"http://b/", HAUL_OUTCOME_OK, 2, NULL, NULL},
                                            {"http://a/", HAUL_OUTCOME_OK, 3, NULL, NULL}};
    struct haul_store *store = fake_open();

    fake_start(store);
    fake_add(store, &twice[2], 2); /* done first, but the second in the list */
    fake_add(store, &twice[1], 1);
    fake_add(store, &twice[0], 0);
    fake_finish(store, true);
    fake_start(store);
    for (uint64_t i = 0; i < 3; i++)
        fake_add(store, &twice[i], i);
    fake_finish(store, true);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM now_page n JOIN before_page b ON"
                                        " b.page = n.page AND b.size = n.size"),
                     3);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM past"), 0);
    haul_store_free(store);
}
END_TEST

START_TEST(unchanged_page_keeps_type_and_validator)
{
    static const struct fake_row first = {"http://a/", HAUL_OUTCOME_OK, 9, "text/css", "\"x\""};
    static const struct fake_row again = {"http://a/", HAUL_OUTCOME_UNCHANGED, 9, NULL, NULL};
    struct haul_store *store = fake_open();

    fake_run(store, &first, 1);
    fake_run(store, &again, 1);
    ck_assert_str_eq(fake_text(store, "SELECT type || size FROM now_page"), "text/css9");
    ck_assert_str_eq(fake_text(store, "SELECT etag FROM page"), "\"x\"");
    haul_store_free(store);
}
END_TEST

START_TEST(unchanged_page_takes_no_room)
{
    static const struct fake_row first = {"http://a/", HAUL_OUTCOME_OK, 9, "text/css", "\"x\""};
    static const struct fake_row again = {"http://a/", HAUL_OUTCOME_UNCHANGED, 9, NULL, NULL};
    static const struct fake_row other = {"http://a/", HAUL_OUTCOME_UNCHANGED, 8, NULL, NULL};
    struct haul_store *store = fake_open();

    fake_run(store, &first, 1);
    fake_run(store, &again, 1);
    ck_assert_str_eq(fake_text(store, "SELECT outcome FROM now_page"), "unchanged");
    fake_run(store, &again, 1);
    ck_assert_str_eq(fake_text(store, "SELECT outcome FROM before_page"), "ok");
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM past"), 0);
    ck_assert_int_eq(fake_number(store, "SELECT since FROM page"), 1);
    fake_run(store, &other, 1); /* found elsewhere, in a journal: that is news */
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM past"), 1);
    haul_store_free(store);
}
END_TEST

START_TEST(hostile_texts_come_back_as_they_were)
{
    static const char url[] = "http://a/'\"\xff\xfe;DROP TABLE page;--%s%n\\x";
    const struct fake_row row = {url, HAUL_OUTCOME_OK, 1, "text/html\"; x", "'\xff"};
    struct haul_store *store = fake_open();

    fake_run(store, &row, 1);
    ck_assert_str_eq(fake_text(store, "SELECT url FROM now_page"), url);
    ck_assert_str_eq(fake_text(store, "SELECT url FROM page"), url);
    ck_assert_str_eq(fake_text(store, "SELECT etag FROM page"), "'\xff");
    ck_assert_str_eq(fake_text(store, "SELECT type FROM now_page"), "");
    haul_store_free(store);
}
END_TEST

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

/* ---- what is refused ---- */

static enum haul_err try_open(const char **cause)
{
    static char said[500];
    const struct haul_store_options options = {.path = fake_path()};
    struct haul_store *store;
    struct haul_buf message;
    enum haul_err err;

    haul_buf_init(&message, 0);
    err = haul_store_open(&options, &store, &message);
    snprintf(said, sizeof said, "%s", haul_buf_str(&message));
    *cause = said;
    haul_buf_done(&message);
    haul_store_free(store);
    return err;
}

static void write_file(const char *bytes, size_t len)
{
    int fd = open(fake_path(), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void run_sql(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert_msg(!sqlite3_exec(db, sql, NULL, NULL, NULL), "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

START_TEST(foreign_file_is_refused_and_left_alone)
{
    static const char line[] = "{\"journal\":1}\n0123456789012345678901234567890123456789"
                               "0123456789012345678901234567890123456789012345678901234567890\n";
    char now[sizeof line] = "";
    const char *cause;
    int fd;

    write_file(line, sizeof line - 1);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(cause, "not a history of haul's"));
    fd = open(fake_path(), O_RDONLY);
    ck_assert_int_eq(read(fd, now, sizeof now), sizeof line - 1);
    close(fd);
    ck_assert_str_eq(now, line);
}
END_TEST

START_TEST(database_of_another_program_is_refused)
{
    const char *cause;

    run_sql("CREATE TABLE page(x)");
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(cause, "another program"));
}
END_TEST

START_TEST(later_version_is_refused)
{
    const char *cause;

    haul_store_free(fake_open());
    run_sql("PRAGMA user_version = 99");
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(cause, "later version"));
}
END_TEST

START_TEST(empty_file_becomes_a_history)
{
    struct haul_store *store;

    write_file("", 0);
    store = fake_open();
    ck_assert_int_eq(fake_number(store, "PRAGMA user_version"), HAUL_SCHEMA_VERSION);
    ck_assert_str_eq(fake_text(store, "PRAGMA journal_mode"), "wal");
    haul_store_free(store);
}
END_TEST

START_TEST(symbolic_link_and_directory_are_refused)
{
    const char *cause;

    ck_assert_int_eq(symlink("elsewhere", fake_path()), 0);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_int_eq(unlink(fake_path()), 0);
    ck_assert_int_eq(mkdir(fake_path(), 0700), 0);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_USAGE);
    ck_assert_int_eq(rmdir(fake_path()), 0);
}
END_TEST

START_TEST(damaged_history_is_an_error_that_says_so)
{
    struct haul_store *store = fake_open();
    const char *cause;
    char junk[4096];
    int fd;

    fake_run(store, three, 3);
    haul_store_free(store);
    memset(junk, 0x5a, sizeof junk);
    fd = open(fake_path(), O_WRONLY);
    ck_assert_int_eq(pwrite(fd, junk, sizeof junk - 100, 100), sizeof junk - 100);
    close(fd);
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_IO);
    ck_assert_ptr_nonnull(strstr(cause, fake_path()));
    ck_assert_ptr_nonnull(strstr(cause, "malformed"));
}
END_TEST

START_TEST(second_run_on_one_history_is_refused)
{
    struct haul_store *store = fake_open();
    char lock[80];
    const char *cause;

    snprintf(lock, sizeof lock, "%s-lock", fake_path());
    ck_assert_int_eq(try_open(&cause), HAUL_ERR_LOCKED);
    ck_assert_ptr_nonnull(strstr(cause, "another run"));
    haul_store_free(store);
    ck_assert_int_ne(access(lock, F_OK), 0);
    ck_assert_int_eq(try_open(&cause), HAUL_OK);
}
END_TEST

START_TEST(history_that_cannot_be_locked_is_named_and_not_its_companion)
{
    struct haul_store_options options = {.path = "/nowhere/at/all/history"};
    struct haul_store *store = NULL;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(haul_store_open(&options, &store, &message), HAUL_ERR_IO);
    ck_assert_str_eq(haul_buf_str(&message), "/nowhere/at/all/history: the history cannot be "
                                             "locked: No such file or directory");
    haul_buf_done(&message);
}
END_TEST

/* ---- migrations ---- */

START_TEST(older_version_is_brought_up_to_date_at_once)
{
    static const char *const step[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x)",
                                       "INSERT INTO b SELECT x FROM a"};
    struct haul_buf message;
    sqlite3 *db;
    int64_t value;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert(!haul_schema_migrate(db, step, 1, &message));
    ck_assert(!haul_sql_run(db, "INSERT INTO a VALUES(7)"));
    ck_assert(!haul_schema_migrate(db, step, 3, &message));
    ck_assert(!haul_sql_number(db, "SELECT x FROM b", &value));
    ck_assert_int_eq(value, 7);
    ck_assert(!haul_schema_migrate(db, step, 3, &message)); /* nothing to do */
    ck_assert_int_eq(haul_schema_migrate(db, step, 2, &message), HAUL_ERR_USAGE);
    sqlite3_close(db);
    haul_buf_done(&message);
}
END_TEST

START_TEST(migration_that_fails_changes_nothing)
{
    static const char *const step[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x)", "nonsense"};
    struct haul_buf message;
    sqlite3 *db;
    int64_t value;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert(!haul_schema_migrate(db, step, 1, &message));
    ck_assert_int_eq(haul_schema_migrate(db, step, 3, &message), HAUL_ERR_IO);
    ck_assert(!haul_sql_number(db, "PRAGMA user_version", &value));
    ck_assert_int_eq(value, 1);
    ck_assert(!haul_sql_number(db, "SELECT count(*) FROM sqlite_schema", &value));
    ck_assert_int_eq(value, 1);
    sqlite3_close(db);
    haul_buf_done(&message);
}
END_TEST

/* ---- validators ---- */

static const char *known_etag(const char *url)
{
    static char text[80];
    struct haul_history_lookup *known;
    struct haul_history_page page;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert(!haul_history_lookup_open(fake_path(), &known, &message));
    text[0] = '\0';
    if (haul_history_lookup_find(known, haul_key_make(HAUL_KEY_URL, url, strlen(url)), &page) ==
        HAUL_OK)
        snprintf(text, sizeof text, "%s %lld", page.etag, (long long)page.size);
    haul_history_lookup_free(known);
    haul_buf_done(&message);
    return text;
}

START_TEST(validators_are_those_of_what_was_fetched_last)
{
    static const struct fake_row gone = {"http://new/", HAUL_OUTCOME_OK, 1, NULL, "\"n\""};
    struct haul_store *store = fake_open();

    fake_run(store, three, 3);
    ck_assert_str_eq(known_etag(three[0].url), "\"1\" 10");
    ck_assert_str_eq(known_etag(three[1].url), ""); /* failed */
    ck_assert_str_eq(known_etag(three[2].url), ""); /* has none */
    ck_assert_str_eq(known_etag("http://never/"), "");
    fake_run(store, &gone, 1);
    fake_start(store); /* readers are not in the way of a run */
    fake_add(store, &gone, 0);
    ck_assert_str_eq(known_etag(three[0].url), "\"1\" 10");
    ck_assert_str_eq(known_etag(gone.url), "\"n\" 1");
    fake_finish(store, true);
    haul_store_free(store);
}
END_TEST

static TCase *make_case(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    return tcase;
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("store");
    TCase *ask = make_case("ask"), *keep = make_case("keep"), *refuse = make_case("refuse");

    tcase_add_test(ask, private_store_shows_this_run_only);
    tcase_add_test(ask, columns_are_as_promised);
    tcase_add_test(ask, next_run_sees_the_one_before);
    tcase_add_test(ask, url_that_comes_twice_is_two_pages);
    tcase_add_test(ask, unchanged_page_keeps_type_and_validator);
    tcase_add_test(ask, unchanged_page_takes_no_room);
    tcase_add_test(ask, hostile_texts_come_back_as_they_were);
    tcase_add_test(ask, validators_are_those_of_what_was_fetched_last);
    tcase_add_test(keep, fifty_random_runs_are_as_in_a_naive_model);
    tcase_add_test(keep, run_without_changes_writes_no_page);
    tcase_add_test(keep, killed_run_is_marked_and_damages_nothing);
    tcase_add_test(keep, incomplete_run_is_kept_and_not_compared_with);
    tcase_add_test(keep, exit_status_is_written_down);
    tcase_add_test(keep, pruned_history_gives_space_back);
    tcase_add_test(keep, prune_keeps_the_last_complete_run);
    tcase_set_timeout(keep, 30);
    tcase_add_test(refuse, foreign_file_is_refused_and_left_alone);
    tcase_add_test(refuse, database_of_another_program_is_refused);
    tcase_add_test(refuse, later_version_is_refused);
    tcase_add_test(refuse, empty_file_becomes_a_history);
    tcase_add_test(refuse, symbolic_link_and_directory_are_refused);
    tcase_add_test(refuse, damaged_history_is_an_error_that_says_so);
    tcase_add_test(refuse, second_run_on_one_history_is_refused);
    tcase_add_test(refuse, history_that_cannot_be_locked_is_named_and_not_its_companion);
    tcase_add_test(refuse, older_version_is_brought_up_to_date_at_once);
    tcase_add_test(refuse, migration_that_fails_changes_nothing);
    suite_add_tcase(suite, ask);
    suite_add_tcase(suite, keep);
    suite_add_tcase(suite, refuse);
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
