#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fake_history.h"
#include "history/lookup.h"
#include "history/schema.h"
#include "history/sql.h"
#include "model/key.h"
#include "numbered_key.h"

/* What version 1 has left in a history, and whose it is today. */

static int64_t old_key_of(const char *url)
{
    return (int64_t)haul_key_make_old(HAUL_KEY_URL, url, strlen(url));
}

/* A history as version 1 has left it, with three pages: two have one key; one is hidden. */
static void write_version_1(void)
{
    struct haul_buf message;
    sqlite3 *db;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert(!haul_schema_migrate(db, haul_schema_steps, 1, &message));
    ck_assert(!haul_sql_runf(
        db,
        "INSERT INTO run(id, started_us, ended_us, complete, version, options)"
        " VALUES(1, 1, 2, 1, '0.1.0', '{\"ignore_params\":[\"sid\"]}');"
        "INSERT INTO word(id, text) VALUES(1, 'ok'), (2, ''), (3, 'text/plain');"
        "INSERT INTO page(id, key, occurrence, url, since, outcome, reason, type, tags, http_code,"
        " size, wire, etag) VALUES"
        " (1, %lld, 1, '%s', 1, 1, 2, 3, 2, 200, 5, 5, 'one'),"
        " (2, %lld, 2, '%s', 1, 1, 2, 3, 2, 200, 6, 6, 'two'),"
        " (3, %lld, 1, 'http://h.example/?token=***', 1, 1, 2, 3, 2, 200, 7, 7, 'three'),"
        " (4, %lld, 1, 'http://h.example/?sid=1', 1, 1, 2, 3, 2, 200, 8, 8, 'four')",
        (long long)old_key_of(TWIN_1), TWIN_1, (long long)old_key_of(TWIN_2), TWIN_2,
        (long long)old_key_of("http://h.example/?token=1"),
        (long long)old_key_of("http://h.example/")));
    sqlite3_close(db);
    haul_buf_done(&message);
}

/* The etag that is known for a URL. */
static const char *etag_of(const char *url, const char *shown)
{
    static char text[20];
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, url, strlen(url));
    struct haul_history_lookup *lookup;
    struct haul_history_page page;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert(!haul_history_lookup_open(fake_path(), NULL, &(const struct haul_key_today){0},
                                        &lookup, &message));
    snprintf(text, sizeof text, "%s",
             haul_history_lookup_find(lookup, &key, shown, &page) ? "" : page.etag);
    haul_history_lookup_free(lookup);
    haul_buf_done(&message);
    return text;
}

START_TEST(pages_of_version_1_get_their_keys_from_their_urls)
{
    struct haul_store *store;

    write_version_1();
    store = fake_open();
    ck_assert_int_eq(fake_number(store, "PRAGMA user_version"), HAUL_SCHEMA_VERSION);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), 4);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page WHERE length(key) = 16"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT count(DISTINCT key) FROM page"), 4);
    ck_assert_str_eq(etag_of(TWIN_1, TWIN_1), "one");
    ck_assert_str_eq(etag_of(TWIN_2, TWIN_2), "two");
    ck_assert_str_eq(etag_of("http://h.example/", "http://h.example/?sid=2"), "four");
    ck_assert_str_eq(etag_of("http://h.example/?token=1", "http://h.example/?token=***"), "three");
    ck_assert_str_eq(etag_of("http://h.example/?token=1", "http://h.example/?token=1"), "three");
    ck_assert_str_eq(etag_of("http://h.example/?token=1", "H.example?token=***"), "three");
    ck_assert_str_eq(etag_of("http://h.example/?token=1", "http://h.example/?taken=1"), "");
    haul_store_free(store);
}
END_TEST

/* Once: whoever lets others read it may mean it. */
START_TEST(history_that_others_may_open_is_told_when_it_is_brought_up_to_date)
{
    const struct haul_store_options options = {.path = fake_path()};
    struct haul_store *store;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    write_version_1();
    ck_assert_int_eq(chmod(fake_path(), _i ? 0600 : 0640), 0);
    ck_assert_int_eq(haul_store_open(&options, &store, &message), HAUL_OK);
    haul_store_free(store);
    ck_assert_int_eq(strstr(haul_buf_str(&message), "others may open it (mode 640)") != NULL, !_i);
    haul_buf_clear(&message);
    ck_assert_int_eq(haul_store_open(&options, &store, &message), HAUL_OK);
    haul_store_free(store);
    ck_assert_str_eq(haul_buf_str(&message), "");
    haul_buf_done(&message);
}
END_TEST

/* What was hidden then and is hidden alike now is the same page, and has its key from now on. */
START_TEST(hidden_page_of_version_1_is_known_again)
{
    static const char url[] = "http://h.example/?token=1";
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, url, strlen(url));
    const struct haul_store_run run = {.started_us = 5, .version = "0", .options = "{}"};
    struct haul_ledger ledger = {.lines = 1};
    const struct haul_store_end end = {.ledger = &ledger, .ended_us = 6, .complete = true};
    struct haul_record rec;
    struct haul_store *store;

    write_version_1();
    store = fake_open();
    haul_record_init(&rec);
    rec.url = "http://h.example/?token=***";
    rec.outcome = HAUL_OUTCOME_OK;
    rec.size_body = rec.size_download = 7;
    ck_assert(!haul_store_begin(store, &run));
    ck_assert(!haul_store_add(store, &rec, &key, false));
    ck_assert(!haul_store_finish(store, &end));
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), 4);
    ck_assert_int_eq(fake_number(store, "SELECT page FROM now_page"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT length(key) FROM page WHERE id = 3"), 16);
    haul_store_free(store);
}
END_TEST

/* ---- what was hidden, as of today ---- */

static const char *const sid[] = {"sid"}, *const token[] = {"token"};
static const struct haul_strings ignored = {.item = (const char **)(uintptr_t)sid, .count = 1};
static const struct haul_strings redacted = {.item = (const char **)(uintptr_t)token, .count = 1};

/* A page of a run that is no more: what its URL was, and how it was shown. */
struct page {
    const char *url, *shown;
};

static void write_pages(const struct page *page, size_t count)
{
    struct haul_buf message;
    sqlite3 *db;

    haul_buf_init(&message, 0);
    ck_assert_int_eq(sqlite3_open(fake_path(), &db), SQLITE_OK);
    ck_assert(!haul_schema_migrate(db, haul_schema_steps, 1, &message));
    ck_assert(!haul_sql_run(db, "INSERT INTO run(id, started_us, ended_us, complete, version,"
                                " options) VALUES(1, 1, 2, 1, '0.1.0', '{}');"
                                "INSERT INTO word(id, text) VALUES(1, 'ok'), (2, '')"));
    for (size_t i = 0; i < count; i++)
        ck_assert(!haul_sql_runf(
            db,
            "INSERT INTO page SELECT %d, %lld, 1 + (SELECT count(*) FROM page WHERE key = %lld),"
            " '%s', 1, 1, 2, 2, 2, 200, 5, 5, NULL, NULL",
            (int)i + 1, (long long)old_key_of(page[i].url), (long long)old_key_of(page[i].url),
            page[i].shown));
    sqlite3_close(db);
    haul_buf_done(&message);
}

static struct haul_redactor *redactor; /* the store's, until it is closed */

static void close_today(struct haul_store *store)
{
    haul_store_free(store);
    haul_redactor_free(redactor);
}

/* What a run of today finds, which hides tokens and ignores sessions. `is_from_journal`: out of one
 * of today's version, which does not say the 64 bits. */
static struct haul_store *run_today(const struct page *page, size_t count, bool is_from_journal)
{
    const char *cause;
    struct haul_store_options options = {.path = fake_path(), .today = {.ignored = &ignored}};
    struct haul_store *store;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert(!haul_redactor_create(&redactor, &redacted, &cause));
    options.today.redactor = redactor;
    ck_assert_msg(!haul_store_open(&options, &store, &message), "%s", haul_buf_str(&message));
    fake_start(store);
    for (size_t i = 0; i < count; i++) {
        const struct fake_row row = {page[i].shown, HAUL_OUTCOME_OK, 5, NULL, NULL};
        struct haul_record rec = fake_record(&row, i);
        struct haul_key key =
            haul_key_of_url(HAUL_KEY_URL, &ignored, page[i].url, strlen(page[i].url));

        if (is_from_journal)
            key.old = 0;
        ck_assert(!haul_store_add(store, &rec, &key, false));
    }
    fake_finish(store, true);
    haul_buf_done(&message);
    return store;
}

#define IN_A "http://h.example/?a=1&token=secret"
#define WITH "&u=http%3A%2F%2Fx%2F%3Ftoken%3D"

START_TEST(hidden_page_is_compared_as_of_today)
{
    static const struct {
        const char *then, *now;
        bool is_same, needs_bits;
    } rows[] = {
        {"http://h.example/?a=1&token=***", "http://h.example/?a=1&token=***", true, false},
        {"http://h.example/?a=1&sid=1&token=***", "H.example?a=1&token=***&sid=2", true, false},
        {"http://h.example/?a=***&token=secret", "http://h.example/?a=1&token=***", true, true},
        {"http://h.example/?a=1&token=***" WITH "1", "http://h.example/?a=1&token=***" WITH "***",
         true, false},
        {"http://h.example/?a=2&token=***", "http://h.example/?a=1&token=***", false, false},
    };
    const struct page then = {IN_A, rows[_i / 2].then}, now = {IN_A, rows[_i / 2].now};
    bool is_from_journal = _i % 2;
    bool is_same = rows[_i / 2].is_same && !(is_from_journal && rows[_i / 2].needs_bits);
    struct haul_store *store;

    write_pages(&then, 1);
    store = run_today(&now, 1, is_from_journal);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), is_same ? 1 : 2);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM before_page b JOIN now_page n"
                                        " USING (page)"),
                     is_same);
    close_today(store);
}
END_TEST

/* Which of those with one key is whose is told by the rest of the text, not by their order. */
START_TEST(hidden_pages_of_one_key_are_told_apart)
{
    static const struct page then[] = {
        {TWIN_1, "http://twins.example/size?n=100&x=m***&sid=1"},
        {TWIN_2, "http://twins.example/size?n=100&x=R***"},
        {TWIN_1, "http://twins.example/size?n=100&x=m***&sid=2"},
    };
    static const struct page now[] = {
        {TWIN_2, "http://twins.example/size?n=100&x=R***&sid=3"},
        {TWIN_1, "http://twins.example/size?n=100&x=m***"},
        {TWIN_1, "http://twins.example/size?n=100&x=m***"},
    };
    struct haul_store *store;

    write_pages(then, 3);
    store = run_today(now, 3, false);
    ck_assert_int_eq(fake_number(store, "SELECT count(*) FROM page"), 3);
    ck_assert_int_eq(fake_number(store, "SELECT page FROM now_page WHERE seq = 0"), 2);
    ck_assert_int_eq(fake_number(store, "SELECT page FROM now_page WHERE seq = 1"), 1);
    ck_assert_int_eq(fake_number(store, "SELECT page FROM now_page WHERE seq = 2"), 3);
    close_today(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_version_1");
    TCase *tcase = tcase_create("pages");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_add_test(tcase, pages_of_version_1_get_their_keys_from_their_urls);
    tcase_add_loop_test(tcase, history_that_others_may_open_is_told_when_it_is_brought_up_to_date,
                        0, 2);
    tcase_add_test(tcase, hidden_page_of_version_1_is_known_again);
    tcase_add_loop_test(tcase, hidden_page_is_compared_as_of_today, 0, 10);
    tcase_add_test(tcase, hidden_pages_of_one_key_are_told_apart);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
