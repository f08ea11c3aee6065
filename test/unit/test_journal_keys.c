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

/* The line of the record that is taken; 0: none. */
static uint64_t take_url(const char *url, const char *shown, bool *is_by_old, bool *is_confirmed)
{
    static const struct haul_strings none;
    struct haul_key_line line = {.key = key_of(url), .shown = shown, .ignored = &none};
    struct haul_resume_place place;
    struct haul_record rec;

    if (!haul_resume_take(resume, &line.key, &place))
        return 0;
    ck_assert_int_eq(haul_resume_read(resume, &place, &rec), HAUL_OK);
    *is_by_old = place.is_by_old;
    *is_confirmed = haul_resume_confirms(resume, &place, &rec, &line);
    return rec.line;
}

START_TEST(twins_of_version_1_are_two)
{
    bool is_by_old, is_confirmed;

    add_old(TWIN_1, TWIN_1, 1, 0);
    add_old(TWIN_2, TWIN_2 "#fragment", 2, 0);
    add_old(TWIN_1, TWIN_1, 3, 1);
    load_and_settle();
    ck_assert_uint_eq(haul_resume_count(resume), 2);
    ck_assert_uint_eq(take_url(TWIN_2, TWIN_2, &is_by_old, &is_confirmed), 2);
    ck_assert(!is_by_old && is_confirmed);
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old, &is_confirmed), 3);
    ck_assert(!is_by_old && is_confirmed);
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old, &is_confirmed), 0);
    ck_assert_uint_eq(take_url(TWIN_2, TWIN_2, &is_by_old, &is_confirmed), 0);
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
        {"http://twins.example/size?n=***&x=Rl3J79rnLvF", TWIN_1, false},
        {"http://***/other?n=***", TWIN_1, false},
        {"http://twins.example/size?n=***&x=", TWIN_1, false},
        {"http://twins.example/", TWIN_1, false},
        {"", TWIN_1, false},
    };
    bool is_by_old = false, is_confirmed = !rows[_i].is_confirmed;

    add_old(TWIN_1, rows[_i].shown, 1, 0);
    load_and_settle();
    ck_assert_uint_eq(take_url(TWIN_1, rows[_i].shown_now, &is_by_old, &is_confirmed), 1);
    ck_assert(is_by_old);
    ck_assert_int_eq(is_confirmed, rows[_i].is_confirmed);
}
END_TEST

/* Of today's version, a text that is not hidden must be that of the line, too. */
START_TEST(record_of_another_text_is_not_confirmed)
{
    bool is_by_old, is_confirmed;
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
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old, &is_confirmed), 1);
    ck_assert(!is_by_old && !is_confirmed);
    ck_assert_uint_eq(take_url(TWIN_1, TWIN_1, &is_by_old, &is_confirmed), 2);
    ck_assert(!is_by_old && is_confirmed);
}
END_TEST

/* The header says which parameters made no difference then. */
START_TEST(rules_of_version_1_are_read_from_its_header)
{
    const char *ignored = "http://h.example/a?x=1";
    bool is_by_old, is_confirmed;

    haul_buf_add_str(&text, "{\"journal\":1,\"haul\":\"0\",\"options\":{\"head\":false"
                            ",\"ignore_params\":[\"sid\"]}}\n");
    add_old(ignored, "h.example/a?x=1&sid=7", 1, 0);
    load_and_settle();
    ck_assert_uint_eq(take_url(ignored, ignored, &is_by_old, &is_confirmed), 1);
    ck_assert(!is_by_old);
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
    tcase_add_loop_test(records, hidden_record_of_version_1_is_found_and_compared, 0, 9);
    tcase_add_test(records, record_of_another_text_is_not_confirmed);
    tcase_add_test(records, rules_of_version_1_are_read_from_its_header);
    suite_add_tcase(suite, records);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
