#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fake_history.h"
#include "history/lookup.h"
#include "model/key.h"

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

/* ---- validators ---- */

static const char *known_etag(const char *url)
{
    static char text[80];
    struct haul_history_lookup *known;
    struct haul_history_page page;
    struct haul_key key;
    struct haul_buf message;

    haul_buf_init(&message, 0);
    ck_assert(!haul_history_lookup_open(fake_path(), NULL, &(const struct haul_key_today){0},
                                        &known, &message));
    text[0] = '\0';
    key = haul_key_make(HAUL_KEY_URL, url, strlen(url));
    if (haul_history_lookup_find(known, &key, url, &page) == HAUL_OK)
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

/* ---- bytes on the wire ---- */

/* What a record says, and what of it is what the whole body takes. */
static const struct {
    enum haul_outcome outcome;
    const char *method;
    int http_code;
    int64_t size, content_length, download, wire; /* -1: not known */
} bodies[] = {
    {HAUL_OUTCOME_OK, "GET", 200, 1000, 1000, 1000, 1000},
    {HAUL_OUTCOME_OK, "GET", 200, 1000, 120, 120, 120},
    {HAUL_OUTCOME_OK, "GET", 200, 0, 0, 0, 0},
    {HAUL_OUTCOME_OK, "GET", 200, 0, 20, 20, 20},      /* nothing, packed */
    {HAUL_OUTCOME_OK, "GET", 206, 1000, 400, 400, -1}, /* the rest was there */
    {HAUL_OUTCOME_OK, "GET", 206, 100, 100, 100, 100}, /* that is what was asked for */
    {HAUL_OUTCOME_OK, "GET", 206, 1000, 1, 1, -1},     /* only the size was asked for */
    {HAUL_OUTCOME_OK, "HEAD", 200, 0, 1000, 0, -1},    /* the same */
    {HAUL_OUTCOME_OK, "HEAD", 200, 0, 0, 0, 0},
    {HAUL_OUTCOME_OK, NULL, 0, 1000, -1, -1, -1},          /* of an earlier version */
    {HAUL_OUTCOME_UNCHANGED, "GET", 304, 1000, -1, 0, -1}, /* nobody knows what it took */
    {HAUL_OUTCOME_FAILED, "GET", 404, 0, 77, 77, -1},
};

START_TEST(bytes_on_the_wire_are_those_of_the_whole_body)
{
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, "http://a/", strlen("http://a/"));
    struct haul_store *store = fake_open();
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "http://a/";
    rec.outcome = bodies[_i].outcome;
    rec.reason = rec.outcome == HAUL_OUTCOME_FAILED ? HAUL_REASON_HTTP_STATUS : HAUL_REASON_NONE;
    rec.method = bodies[_i].method;
    rec.http_code = bodies[_i].http_code;
    rec.size_body = bodies[_i].size;
    rec.content_length = bodies[_i].content_length;
    rec.size_download = bodies[_i].download;
    fake_start(store);
    ck_assert(!haul_store_add(store, &rec, &key, false));
    fake_finish(store, true);
    ck_assert_int_eq(fake_number(store, "SELECT coalesce(wire, -1) FROM now_page"),
                     bodies[_i].wire);
    ck_assert_int_eq(fake_number(store, "SELECT coalesce(wire, -1) FROM page"), bodies[_i].wire);
    ck_assert_int_eq(fake_number(store, "SELECT coalesce(page_wire, -1) FROM run"),
                     bodies[_i].wire);
    haul_store_free(store);
}
END_TEST

START_TEST(unchanged_body_takes_on_the_wire_what_it_took)
{
    static const struct fake_row first = {"http://a/", HAUL_OUTCOME_OK, 9, "text/css", "\"x\""};
    static const struct fake_row again = {"http://a/", HAUL_OUTCOME_UNCHANGED, 9, NULL, NULL};
    static const struct fake_row other = {"http://a/", HAUL_OUTCOME_UNCHANGED, 8, NULL, NULL};
    struct haul_store *store = fake_open();

    fake_run(store, &first, 1);
    for (int i = 0; i < 2; i++) {
        fake_run(store, &again, 1);
        ck_assert_int_eq(fake_number(store, "SELECT wire FROM now_page"), 9);
        ck_assert_int_eq(fake_number(store, "SELECT page_wire FROM run ORDER BY id DESC"), 9);
    }
    fake_run(store, &other, 1); /* it is not that body */
    ck_assert_int_eq(fake_number(store, "SELECT wire IS NULL FROM now_page"), 1);
    haul_store_free(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tcase = tcase_create("ask");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_add_test(tcase, private_store_shows_this_run_only);
    tcase_add_test(tcase, columns_are_as_promised);
    tcase_add_test(tcase, next_run_sees_the_one_before);
    tcase_add_test(tcase, url_that_comes_twice_is_two_pages);
    tcase_add_test(tcase, unchanged_page_keeps_type_and_validator);
    tcase_add_test(tcase, unchanged_page_takes_no_room);
    tcase_add_test(tcase, hostile_texts_come_back_as_they_were);
    tcase_add_test(tcase, validators_are_those_of_what_was_fetched_last);
    tcase_add_loop_test(tcase, bytes_on_the_wire_are_those_of_the_whole_body, 0,
                        sizeof bodies / sizeof *bodies);
    tcase_add_test(tcase, unchanged_body_takes_on_the_wire_what_it_took);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
