#include <check.h>
#include <stdio.h>
#include <string.h>

#include "journal/line.h"
#include "journal/resume.h"
#include "numbered_key.h"

/* Whose a record is: by the key of today, by that of version 1, and by its text. */

static struct haul_buf text;
static FILE *file;
static struct haul_resume *resume;

static void begin(void)
{
    haul_buf_init(&text, 0);
    file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(haul_resume_create(&resume), HAUL_OK);
}

static void end(void)
{
    haul_resume_free(resume);
    haul_buf_done(&text);
    fclose(file);
}

static void load_and_settle(void)
{
    struct haul_resume_stats stats;

    ck_assert_uint_eq(fwrite(text.data, 1, text.len, file), text.len);
    fflush(file);
    ck_assert_int_eq(haul_resume_add(resume, fileno(file), &stats), HAUL_OK);
    ck_assert_uint_eq(stats.damaged + stats.tail, 0);
    ck_assert_int_eq(haul_resume_settle(resume), HAUL_OK);
}

static struct haul_key key_of(const char *url)
{
    return haul_key_make(HAUL_KEY_URL, url, strlen(url));
}

/* As version 1 has written it, of what is shown as `shown`. */
static void add_old(const char *url, const char *shown, uint64_t line, uint32_t replaces)
{
    const struct haul_key old = {.old = key_of(url).old};
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = shown;
    rec.outcome = HAUL_OUTCOME_OK;
    rec.line = line;
    haul_journal_add_record(&text, &rec, &old, replaces);
}

/* Of today. */
static const char *const sid[] = {"sid"}, *const token[] = {"token"};
static const struct haul_strings ignored = {.item = (const char **)(uintptr_t)sid, .count = 1};
static const struct haul_strings redacted = {.item = (const char **)(uintptr_t)token, .count = 1};
/* Of such lines as take_url takes, which have no such parameter. */
static const char *const names[] = {"sid", "p*"};
static const struct haul_strings ignored_by_name = {.item = (const char **)(uintptr_t)names,
                                                    .count = 2};

/* The line of the record that is taken; 0: none. */
static uint64_t take_line(const struct haul_key_line *line, struct haul_resume_place *place)
{
    struct haul_record rec;
    enum haul_err err = haul_resume_take_line(resume, line, place, &rec);

    ck_assert(!err || err == HAUL_ERR_END);
    return err ? 0 : rec.line;
}

static uint64_t take_url(const char *url, const char *shown, bool *is_by_old)
{
    struct haul_key_line line = {
        .key = key_of(url), .shown = shown, .today = {.ignored = &ignored_by_name}};
    struct haul_resume_place place = {.is_by_old = false};
    uint64_t number = take_line(&line, &place);

    *is_by_old = place.is_by_old;
    return number;
}

/* With what is ignored and hidden today. */
static uint64_t take_today(const char *url, const char *shown, struct haul_resume_place *place)
{
    const char *cause;
    struct haul_redactor *redactor;
    struct haul_key_line line = {.key = haul_key_of_url(HAUL_KEY_URL, &ignored, url, strlen(url)),
                                 .shown = shown};
    uint64_t number;

    ck_assert(!haul_redactor_create(&redactor, &redacted, &cause));
    line.today = (struct haul_key_today){.ignored = &ignored, .redactor = redactor};
    number = take_line(&line, place);
    haul_redactor_free(redactor);
    return number;
}

START_TEST(twins_of_version_1_are_two)
{
    bool is_by_old;

    add_old(TWIN_1, TWIN_1, 1, 0);
    add_old(TWIN_2, TWIN_2 "#fragment", 2, 0);
    add_old(TWIN_1, TWIN_1, 3, 1);
    load_and_settle();
    ck_assert_uint_eq(haul_resume_count(resume), 2);
    ck_assert_uint_eq(take_url(TWIN_2, TWIN_2, &is_by_old), 2);
    ck_assert(!is_by_old);
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old), 3);
    ck_assert(!is_by_old);
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old), 0);
    ck_assert_uint_eq(take_url(TWIN_2, TWIN_2, &is_by_old), 0);
}
END_TEST

/* Behind what is hidden, the texts say nothing; in front of it and behind it they do. */
START_TEST(hidden_record_of_version_1_is_found_and_compared)
{
    static const struct {
        const char *shown, *shown_now;
        bool is_confirmed;
    } rows[] = {
        {"http://twins.example/size?n=***", "http://twins.example/size?n=***", true},
        {"http://twins.example/size?n=***", TWIN_1, true},
        {"http://twins.example/size?n=***&x=mYFK-Zf9eRC", TWIN_1, true},
        {"http://twins.example/size?n=***&x=***", TWIN_1, true},
        {"HTTP://Twins.example/a/../size?n=***&x=***#fragment", TWIN_1, true},
        {"***://twins.example/size?n=***", TWIN_1, true},
        {"http://twins.example/size?n=***&x=Rl3J79rnLvF", TWIN_1, false},
        {"http://***/other?n=***", TWIN_1, false},
        {"http://twins.example/size?n=***&x=", TWIN_1, false},
        {"http://twins.example/", TWIN_1, false},
        {"", TWIN_1, false},
    };
    bool is_by_old;

    add_old(TWIN_1, rows[_i].shown, 1, 0);
    load_and_settle();
    ck_assert_uint_eq(take_url(TWIN_1, rows[_i].shown_now, &is_by_old), rows[_i].is_confirmed);
    ck_assert(is_by_old);
    ck_assert_uint_eq(haul_resume_count(resume), 1);
}
END_TEST

/* What was written then of a URL that is `url` today, and is shown as `now`. */
START_TEST(hidden_record_of_version_1_is_compared_as_of_today)
{
    static const char url[] = "http://h.example/a%20b?x=1&token=secret";
    static const struct {
        const char *shown, *now;
        bool is_same;
    } rows[] = {
        {"http://h.example/a b?x=1&token=***", "http://h.example/a%20b?x=1&token=***", true},
        {"HTTP://H.EXAMPLE/a%20b?x=1&token=***", "h.example:80/a b?x=1&token=***", true},
        {"http://h.example/a b?sid=1&x=1&token=***", "http://h.example/a b?x=1&token=***&sid=22",
         true},
        {"http://h.example/a b?x=***&token=secret", "http://h.example/a b?x=1&token=***", true},
        {"http://h.example/a b?x=***&token=***", "http://h.example/a b?x=1&token=***", true},
        {"http://h.example/a b?x=1&***", "http://h.example/a b?x=1&token=***&sid=2", true},
        {"http://h.example/a b?x=2&token=***", "http://h.example/a b?x=1&token=***", false},
        {"http://h.example/b?x=1&token=***", "http://h.example/a b?x=1&token=***", false},
    };
    struct haul_resume_place place = {.is_by_old = false};

    add_old(url, rows[_i].shown, 1, 0);
    load_and_settle();
    ck_assert_uint_eq(take_today(url, rows[_i].now, &place), rows[_i].is_same);
    ck_assert(place.is_by_old || !rows[_i].is_same);
}
END_TEST

/* Of two with one key each has its own, in whatever order they come, and keeps its place. */
START_TEST(record_of_another_line_is_left_to_it)
{
    static const char one[] = "http://twins.example/size?n=100&x=m***",
                      other[] = "http://twins.example/size?n=100&x=R***";
    struct haul_resume_place place = {.occurrence = 0};

    add_old(TWIN_1, one, 1, 0);
    add_old(TWIN_1, one, 2, 0);
    add_old(TWIN_2, other, 3, 0);
    load_and_settle();
    ck_assert_uint_eq(take_today(TWIN_2, other, &place), 3);
    ck_assert_uint_eq(place.occurrence, 3);
    ck_assert_uint_eq(take_today(TWIN_2, other, &place), 0);
    ck_assert_uint_eq(take_today(TWIN_1, one, &place), 1);
    ck_assert_uint_eq(place.occurrence, 1);
    ck_assert_uint_eq(take_today(TWIN_1, one, &place), 2);
    ck_assert_uint_eq(place.occurrence, 2);
    ck_assert_uint_eq(take_today(TWIN_1, one, &place), 0);
}
END_TEST

/* Who makes many of one key has few of them read. */
START_TEST(records_of_one_key_are_tried_up_to_a_bound)
{
    bool is_by_old;

    for (uint64_t i = 1; i <= HAUL_KEY_TRIES_MAX; i++)
        add_old(TWIN_2, "http://twins.example/size?n=100&x=R***", i, 0);
    add_old(TWIN_1, "http://twins.example/size?n=100&x=m***", 1000, 0);
    load_and_settle();
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old), 0);
    ck_assert_uint_eq(take_url(TWIN_2, TWIN_2, &is_by_old), 1);
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old), 1000);
}
END_TEST

/* Of today's version, a text that is not hidden must be that of the line, too. */
START_TEST(record_of_another_text_is_not_confirmed)
{
    bool is_by_old;
    struct haul_record rec;

    for (int is_same = 0; is_same < 2; is_same++) {
        const struct haul_key key = key_of(TWIN_1);

        haul_record_init(&rec);
        rec.url = is_same ? "twins.EXAMPLE/size?n=100&x=mYFK-Zf9eRC" : TWIN_2;
        rec.outcome = HAUL_OUTCOME_OK;
        rec.line = (uint64_t)is_same + 1;
        haul_journal_add_record(&text, &rec, &key, 0);
    }
    load_and_settle();
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old), 2);
    ck_assert(!is_by_old);
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old), 0);
}
END_TEST

/* The header says which parameters made no difference then. */
START_TEST(rules_of_version_1_are_read_from_its_header)
{
    const char *url = "http://h.example/a?x=1";
    bool is_by_old;

    haul_buf_add_str(&text, "{\"journal\":1,\"haul\":\"0\",\"options\":{\"head\":false"
                            ",\"ignore_params\":[\"sid\"]}}\n");
    add_old(url, "h.example/a?x=1&sid=7", 1, 0);
    load_and_settle();
    ck_assert_uint_eq(take_url(url, url, &is_by_old), 1);
    ck_assert(!is_by_old);
}
END_TEST

/* A journal of more runs with other rules each than are known: each record has its own run's. */
START_TEST(rules_of_every_run_are_known_to_its_records)
{
    enum { RUNS = HAUL_KEY_RULES_MAX + 4 };
    bool is_by_old;
    char url[40], shown[60];

    for (int i = 0; i < RUNS; i++) {
        haul_buf_addf(&text,
                      "{\"journal\":1,\"haul\":\"0\",\"options\":{\"head\":false"
                      ",\"ignore_params\":[\"p%d\"]}}\n",
                      i);
        snprintf(url, sizeof url, "http://h.example/%d", i);
        snprintf(shown, sizeof shown, "http://h.example/%d?p%d=1", i, i);
        add_old(url, shown, (uint64_t)i + 1, 0);
    }
    load_and_settle();
    for (int i = 0; i < RUNS; i++) {
        snprintf(url, sizeof url, "http://h.example/%d", i);
        ck_assert_uint_eq(take_url(url, url, &is_by_old), (uint64_t)i + 1);
        ck_assert_msg(!is_by_old, "run %d", i);
    }
}
END_TEST

/* Where all are noted first, as in a history, the latest are known; one that comes again is. */
START_TEST(rules_of_the_latest_runs_are_kept)
{
    enum { RUNS = HAUL_KEY_RULES_MAX + 4 };
    struct haul_key_reader reader = {.urls = NULL};
    struct haul_record rec;
    char options[60], shown[60];

    for (int i = 0; i <= RUNS; i++) {
        snprintf(options, sizeof options, "{\"ignore_params\":[\"p%d\"]}", i < RUNS ? i : 8);
        haul_key_reader_note_rules(&reader, options, strlen(options));
    }
    ck_assert_uint_eq(reader.rules_count, HAUL_KEY_RULES_MAX);
    ck_assert_str_eq(reader.rules[0].item[0], "p8");
    haul_record_init(&rec);
    rec.url = shown;
    for (int i = 0; i < RUNS; i++) {
        struct haul_key key = {.old = key_of("http://h.example/").old};

        snprintf(shown, sizeof shown, "http://h.example/?p%d=1", i);
        haul_key_reader_renew(&reader, &rec, &key);
        ck_assert_int_eq(haul_key_is_old(&key), i < RUNS - HAUL_KEY_RULES_MAX);
    }
    haul_key_reader_done(&reader);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_keys");
    TCase *records = tcase_create("records");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(records, begin, end);
    tcase_add_test(records, twins_of_version_1_are_two);
    tcase_add_loop_test(records, hidden_record_of_version_1_is_found_and_compared, 0, 11);
    tcase_add_loop_test(records, hidden_record_of_version_1_is_compared_as_of_today, 0, 8);
    tcase_add_test(records, record_of_another_line_is_left_to_it);
    tcase_add_test(records, records_of_one_key_are_tried_up_to_a_bound);
    tcase_add_test(records, record_of_another_text_is_not_confirmed);
    tcase_add_test(records, rules_of_version_1_are_read_from_its_header);
    tcase_add_test(records, rules_of_every_run_are_known_to_its_records);
    tcase_add_test(records, rules_of_the_latest_runs_are_kept);
    suite_add_tcase(suite, records);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
