#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fake_history.h"
#include "history/import.h"
#include "history/schema.h"
#include "history/sql.h"
#include "history/sql_functions.h"
#include "history/sql_keys.h"
#include "model/key.h"

/* What a list says of a page's last change stands beside what runs found, and makes no row. */

/* A page as a sitemap lists it. NULL: without a lastmod, without a tag. */
struct listed {
    const char *url;
    int64_t size;
    const char *lastmod, *team;
};

static void add_listed(struct haul_store *store, const struct listed *page, uint64_t seq)
{
    const struct fake_row row = {page->url, HAUL_OUTCOME_OK, page->size, "text/html",
                                 "\"5e9d-61f2a3b4c5d6e\""};
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, page->url, strlen(page->url));
    struct haul_record rec = fake_record(&row, seq);
    struct haul_attached attached[2];

    rec.last_modified = "Mon, 02 Nov 2026 03:00:00 GMT";
    rec.attached = attached;
    if (page->lastmod)
        attached[rec.attached_count++] = (struct haul_attached){"lastmod", page->lastmod};
    if (page->team)
        attached[rec.attached_count++] = (struct haul_attached){"team", page->team};
    ck_assert_msg(!haul_store_add(store, &rec, &key, false), "%s", haul_store_error(store));
}

/* Opened and closed as by a night of its own. */
static void run_night(const struct listed *page, size_t count)
{
    struct haul_store *store = fake_open();

    fake_start(store);
    for (size_t i = 0; i < count; i++)
        add_listed(store, &page[i], i);
    fake_finish(store, true);
    haul_store_free(store);
}

static void run_one(int64_t size, const char *lastmod, const char *team)
{
    const struct listed page = {"http://a.example/", size, lastmod, team};

    run_night(&page, 1);
}

static int64_t number(const char *sql)
{
    struct haul_store *store = fake_open();
    int64_t value = fake_number(store, sql);

    haul_store_free(store);
    return value;
}

static const char *text(const char *sql)
{
    struct haul_store *store = fake_open();
    const char *value = fake_text(store, sql);

    haul_store_free(store);
    return value;
}

START_TEST(page_that_is_only_listed_otherwise_makes_no_row)
{
    int64_t words;

    run_one(5, "2026-11-01", "web");
    words = number("SELECT count(*) FROM word");
    run_one(5, "2026-11-02", "web");
    run_one(5, "2026-11-03T04:05:06+00:00", "web");
    ck_assert_int_eq(number("SELECT count(*) FROM past"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM word"), words);
    ck_assert_str_eq(text("SELECT since || ' ' || lastmod FROM page"),
                     "1 2026-11-03T04:05:06+00:00");
    run_one(5, NULL, "web");
    ck_assert_int_eq(number("SELECT count(*) FROM page WHERE since = 1 AND lastmod IS NULL"), 1);
}
END_TEST

START_TEST(what_has_changed_makes_a_row_with_the_lastmod_that_it_had)
{
    run_one(5, "2026-11-01", "web");
    run_one(5, "2026-11-02", "web");
    run_one(6, "2026-11-03", "web");
    run_one(6, "2026-11-04", "shop");
    ck_assert_str_eq(text("SELECT group_concat(first || '-' || last || ' ' || size || ' ' ||"
                          " lastmod, '|') FROM (SELECT * FROM past ORDER BY last)"),
                     "1-2 5 2026-11-02|3-3 6 2026-11-03");
    ck_assert_str_eq(text("SELECT since || ' ' || lastmod FROM page"), "4 2026-11-04");
}
END_TEST

/* Budgets and tables by tags ask these, of both runs. */
START_TEST(lastmod_is_a_tag_of_this_run_and_of_the_one_before)
{
    struct haul_store *store;

    run_one(5, "2026-11-01", _i ? "web" : NULL);
    store = fake_open();
    fake_start(store);
    add_listed(store,
               &(const struct listed){"http://a.example/", _i == 2 ? 6 : 5, "2026-11-02",
                                      _i ? "web" : NULL},
               0);
    fake_finish(store, true);
    ck_assert_str_eq(fake_text(store, "SELECT group_concat(name || '=' || value, ' ') FROM"
                                      " (SELECT name, value FROM now_tag ORDER BY name)"),
                     _i ? "lastmod=2026-11-02 team=web" : "lastmod=2026-11-02");
    ck_assert_str_eq(fake_text(store, "SELECT group_concat(name || '=' || value, ' ') FROM"
                                      " (SELECT name, value FROM before_tag ORDER BY name)"),
                     _i ? "lastmod=2026-11-01 team=web" : "lastmod=2026-11-01");
    haul_store_free(store);
}
END_TEST

/* ---- what earlier versions have left ---- */

#define OLD_WORDS                                                                                  \
    "INSERT INTO word(id, text) VALUES(1, 'ok'), (2, ''), (3, 'text/html'),"                       \
    " (11, '{\"lastmod\":\"2026-11-01\"}'), (12, '{\"lastmod\":\"2026-11-02\"}'),"                 \
    " (13, '{\"lastmod\":\"2026-11-03\"}'), (14, '{\"lastmod\":\"2026-11-04\"}'),"                 \
    " (21, '{\"lastmod\":\"2026-11-01\",\"team\":\"web\"}'),"                                      \
    " (22, '{\"team\":\"web\",\"lastmod\":\"2026-11-02\"}'), (23, '{\"team\":\"web\"}'),"          \
    " (31, '{\"lastmod\":5}'), (32, '{\"lastmod\"');"

/* Runs 1 to 5, of which 3 was killed. */
#define OLD_RUNS                                                                                   \
    "INSERT INTO run(id, started_us, ended_us, complete, version, options) VALUES"                 \
    " (1, 1000000, 2, 1, '0', '{}'), (2, 2000000, 3, 1, '0', '{}'),"                               \
    " (3, 3000000, NULL, 0, '0', '{}'), (4, 4000000, 5, 1, '0', '{}'),"                            \
    " (5, 5000000, 6, 1, '0', '{}');"

#define PAGE(id, since, tags, size)                                                                \
    "INSERT INTO page(id, key, occurrence, url, since, outcome, reason, type, tags, http_code,"    \
    " size, wire) VALUES(" #id ", CAST(substr(hex(zeroblob(8)), 1, 15) || char(64 + " #id          \
    ") AS BLOB), 1,"                                                                               \
    " 'http://a.example/" #id "', " #since ", 1, 2, 3, " #tags ", 200, " #size ", " #size ");"
#define PAST(page, first, last, tags, size)                                                        \
    "INSERT INTO past(last, page, first, outcome, reason, type, tags, http_code, size, wire)"      \
    " VALUES(" #last ", " #page ", " #first ", 1, 2, 3, " #tags ", 200, " #size ", " #size ");"

static void write_version_2(const char *rows)
{
    struct haul_buf message;
    sqlite3 *db;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert(!haul_sql_add_functions(db) && !haul_sql_add_key_functions(db, NULL));
    ck_assert(!haul_schema_migrate(db, haul_schema_steps, 2, &message));
    ck_assert(!haul_sql_run(db, OLD_RUNS OLD_WORDS));
    ck_assert_msg(!haul_sql_run(db, rows), "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    haul_buf_done(&message);
}

/* What is in it afterwards: the pages, "since size lastmod tags", and what they were before, "first
 * last size lastmod tags". */
static const struct {
    const char *rows, *page, *past;
} old[] = {
    /* Each night another lastmod, and nothing else; what was killed has found nothing. */
    {PAST(1, 1, 1, 11, 5) PAST(1, 2, 2, 12, 5) PAST(1, 4, 4, 13, 5) PAGE(1, 5, 14, 5),
     "1 5 2026-11-04 ", ""},
    /* Run 2 has not found it. */
    {PAST(1, 1, 1, 11, 5) PAST(1, 4, 4, 13, 5) PAGE(1, 5, 14, 5), "4 5 2026-11-04 ",
     "1-1 5 2026-11-01 "},
    /* It has grown, and shrunk again. */
    {PAST(1, 1, 1, 11, 5) PAST(1, 2, 2, 12, 6) PAST(1, 4, 4, 13, 6) PAGE(1, 5, 14, 5),
     "5 5 2026-11-04 ", "1-1 5 2026-11-01 |2-4 6 2026-11-03 "},
    /* Another tag stays, in whatever order it stood. */
    {PAST(1, 1, 1, 21, 5) PAST(1, 2, 2, 22, 5) PAST(1, 4, 4, 13, 5) PAGE(1, 5, 14, 5),
     "4 5 2026-11-04 ", "1-2 5 2026-11-02 {\"team\":\"web\"}"},
    {PAST(1, 1, 1, 21, 5) PAST(1, 2, 2, 22, 5) PAGE(1, 4, 23, 5), "1 5 - {\"team\":\"web\"}", ""},
    /* It is no more. */
    {PAST(1, 1, 1, 11, 5) PAST(1, 2, 4, 12, 5) PAGE(1, NULL, 14, 5), "- 5 2026-11-04 ",
     "1-4 5 2026-11-02 "},
    /* Of two pages each has its own. */
    {PAST(1, 1, 1, 11, 5) PAST(2, 1, 1, 11, 5) PAST(2, 2, 4, 12, 5) PAGE(1, 2, 12, 5)
         PAGE(2, 5, 13, 7),
     "1 5 2026-11-02 |5 7 2026-11-03 ", "1-4 5 2026-11-02 "},
    /* What is no text, or no JSON, is left as it is. */
    {PAST(1, 1, 1, 31, 5) PAST(1, 2, 4, 32, 5) PAGE(1, 5, 31, 5), "5 5 - {\"lastmod\":5}",
     "1-1 5 - {\"lastmod\":5}|2-4 5 - {\"lastmod\""},
    {"", "", ""},
};

START_TEST(history_of_an_earlier_version_loses_the_rows_that_only_a_lastmod_made)
{
    write_version_2(old[_i].rows);
    ck_assert_str_eq(
        text("SELECT group_concat(coalesce(since, '-') || ' ' || size || ' ' ||"
             " coalesce(lastmod, '-') || ' ' || (SELECT text FROM word WHERE id = tags), '|') FROM"
             " (SELECT * FROM page ORDER BY id)"),
        old[_i].page);
    ck_assert_str_eq(
        text("SELECT group_concat(first || '-' || last || ' ' || size || ' ' ||"
             " coalesce(lastmod, '-') || ' ' || (SELECT text FROM word WHERE id = tags), '|') FROM"
             " (SELECT * FROM past ORDER BY page, last)"),
        old[_i].past);
    ck_assert_int_eq(number("SELECT count(*) FROM word WHERE text GLOB '{*lastmod*:\"*'"), 0);
    ck_assert_int_eq(number("PRAGMA user_version"), HAUL_SCHEMA_VERSION);
    ck_assert_int_eq(number("PRAGMA freelist_count"), 0); /* its room is given back */
}
END_TEST

/* As the file stands there: nobody brings it up to date who only reads. */
START_TEST(history_of_an_earlier_version_shows_its_lastmod_to_readers)
{
    struct haul_buf message;
    sqlite3_stmt *query;
    sqlite3 *db;
    int64_t runs;

    write_version_2(PAST(1, 1, 1, 21, 5) PAST(1, 2, 4, 23, 5) PAGE(1, 5, 14, 5));
    haul_buf_init(&message, 0);
    ck_assert_msg(!haul_import_open(fake_path(), NULL, &db, &message), "%s",
                  haul_buf_str(&message));
    ck_assert(!haul_sql_prepare(db,
                                "SELECT group_concat(coalesce(lastmod, '-'), ' ') FROM"
                                " (SELECT * FROM (SELECT since AS at, lastmod FROM page UNION ALL"
                                " SELECT first, lastmod FROM past) ORDER BY at)",
                                &query));
    ck_assert(!haul_sql_step(query));
    ck_assert_str_eq(haul_sql_text(query, 0), "2026-11-01 - 2026-11-04");
    sqlite3_finalize(query);
    ck_assert(!haul_sql_number(db, "SELECT count(*) FROM run WHERE page_wire IS NULL", &runs));
    ck_assert_int_eq(runs, 5);
    sqlite3_close(db);
    haul_buf_done(&message);
}
END_TEST

/* ---- how large it becomes ---- */

enum { PAGES = 1000, NIGHTS = 30 };

/* One page in a hundred is another size each night. `lastmod`: NULL, or its form. */
static int64_t size_of_nights(const char *lastmod)
{
    static char url[PAGES][80];
    static struct listed page[PAGES];
    struct stat status;
    char day[40] = "";

    fake_remove("");
    for (int night = 1; night <= NIGHTS; night++) {
        snprintf(day, sizeof day, "2026-%s-%02dT03:00:00+00:00", lastmod ? lastmod : "", night);
        if (lastmod && *lastmod == '=')
            snprintf(day, sizeof day, "2026-11-01T03:00:00+00:00");
        for (int i = 0; i < PAGES; i++) {
            snprintf(url[i], sizeof url[i], "https://www.example.com/topic-%d/page-%d.html", i % 30,
                     i);
            page[i] = (struct listed){url[i], 1000 + i + (i % 100 == night ? night : 0),
                                      lastmod ? day : NULL, NULL};
        }
        run_night(page, PAGES);
    }
    ck_assert_int_eq(stat(fake_path(), &status), 0);
    return status.st_size;
}

/* Must be so of 100 nights of 100,000 pages: test/bench/lastmod. */
START_TEST(lastmod_that_changes_every_night_costs_next_to_nothing)
{
    int64_t changing = size_of_nights("11"), fixed = size_of_nights("="),
            none = size_of_nights(NULL);

    ck_assert_msg(changing * 10 <= fixed * 12, "%lld > 1.2 * %lld", (long long)changing,
                  (long long)fixed);
    ck_assert_msg(changing * 10 <= none * 12, "%lld > 1.2 * %lld", (long long)changing,
                  (long long)none);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_lastmod");
    TCase *rows = tcase_create("rows"), *earlier = tcase_create("earlier"),
          *size = tcase_create("size");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(rows, fake_begin, fake_end);
    tcase_add_test(rows, page_that_is_only_listed_otherwise_makes_no_row);
    tcase_add_test(rows, what_has_changed_makes_a_row_with_the_lastmod_that_it_had);
    tcase_add_loop_test(rows, lastmod_is_a_tag_of_this_run_and_of_the_one_before, 0, 3);
    suite_add_tcase(suite, rows);
    tcase_add_checked_fixture(earlier, fake_begin, fake_end);
    tcase_add_loop_test(earlier,
                        history_of_an_earlier_version_loses_the_rows_that_only_a_lastmod_made, 0,
                        sizeof old / sizeof *old);
    tcase_add_test(earlier, history_of_an_earlier_version_shows_its_lastmod_to_readers);
    suite_add_tcase(suite, earlier);
    tcase_add_checked_fixture(size, fake_begin, fake_end);
    tcase_set_timeout(size, 120);
    tcase_add_test(size, lastmod_that_changes_every_night_costs_next_to_nothing);
    suite_add_tcase(suite, size);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
