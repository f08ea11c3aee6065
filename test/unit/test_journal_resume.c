#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/keyset.h"
#include "journal/line.h"
#include "journal/pairs.h"
#include "journal/resume.h"
#include "journal/scan.h"
#include "numbered_key.h"
#include "report/row.h"

/* ---- pairs ---- */

/* The same numbers every time; the lowest bits are not worth much, so they are not used. */
static uint64_t random_state;
static uint64_t next_random(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 16 | random_state << 48;
}

enum { KINDS = 4, MANY = 20000 };

static uint64_t high_of(int kind)
{
    switch (kind) {
    case 0:
        return next_random();
    case 1:
        return next_random() % 7;
    case 2:
        return 5;
    default:
        return next_random() << 60;
    }
}

static const size_t counts[] = {0, 1, 2, 48, 49, 300, MANY};
enum { COUNTS = sizeof counts / sizeof *counts };

static int compare(const void *a, const void *b)
{
    const struct haul_pair *x = a, *y = b;

    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    return x->low == y->low ? 0 : x->low < y->low ? -1 : 1;
}

static void check_find(const struct haul_pairs *pairs, uint64_t high)
{
    size_t first, count = haul_pairs_find(pairs, high, &first), expected = 0, at = 0;

    while (at < pairs->count && pairs->item[at].high < high)
        at++;
    while (at + expected < pairs->count && pairs->item[at + expected].high == high)
        expected++;
    ck_assert_uint_eq(count, expected);
    ck_assert_uint_eq(first, at);
}

START_TEST(pairs_are_sorted_and_found)
{
    size_t count = counts[_i / KINDS];
    struct haul_pair *expected = calloc(count + 1, sizeof *expected);
    struct haul_pairs pairs = {0};

    for (size_t i = 0; i < count; i++) {
        expected[i] = (struct haul_pair){high_of(_i % KINDS), next_random() % 1000};
        ck_assert_int_eq(haul_pairs_add(&pairs, expected[i].high, expected[i].low), HAUL_OK);
    }
    qsort(expected, count, sizeof *expected, compare);
    haul_pairs_sort(&pairs);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(compare(&expected[i], &pairs.item[i]), 0);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i += 1 + count / 50)
            check_find(&pairs, expected[i].high);
        check_find(&pairs, 0);
        check_find(&pairs, 6);
        check_find(&pairs, UINT64_MAX);
        haul_pairs_index(&pairs);
    }
    haul_pairs_done(&pairs);
    free(expected);
}
END_TEST

/* ---- a journal to be read ---- */

static struct haul_buf text;
static FILE *file;
static struct haul_resume *resume;
static struct haul_resume_stats stats;

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

static void add_header(void)
{
    struct haul_journal_head head = {
        .version = "1", .libcurl = "2", .started_us = 1, .pid = 3, .options = "{}"};

    haul_journal_add_header(&text, &head);
}

/* A record is known by its line. */
static void add_record(uint64_t key, uint64_t line, enum haul_outcome outcome, uint32_t replaces)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.outcome = outcome;
    rec.reason = outcome == HAUL_OUTCOME_FAILED ? HAUL_REASON_TIMEOUT : HAUL_REASON_NONE;
    rec.seq = 100000 - line;
    rec.line = line;
    rec.started_us = (int64_t)line * 1000;
    haul_journal_add_record(&text, &rec, NUMBERED_KEY(key), replaces);
}

static enum haul_err load(FILE *from)
{
    ck_assert_uint_eq(fwrite(text.data, 1, text.len, from), text.len);
    fflush(from);
    return haul_resume_add(resume, fileno(from), &stats);
}

static void load_and_settle(void)
{
    ck_assert_int_eq(load(file), HAUL_OK);
    ck_assert_int_eq(haul_resume_settle(resume), HAUL_OK);
}

/* 0: there is none. */
static uint64_t take(uint64_t key)
{
    struct haul_resume_place place;
    struct haul_record rec;

    if (!haul_resume_take(resume, NUMBERED_KEY(key), &place))
        return 0;
    ck_assert_int_eq(haul_resume_read(resume, &place, &rec), HAUL_OK);
    ck_assert_int_eq(rec.outcome == HAUL_OUTCOME_FAILED, place.has_failed);
    ck_assert_int_eq(rec.outcome == HAUL_OUTCOME_FAILED, place.is_transient);
    return rec.line;
}

START_TEST(record_is_found_by_key_and_occurrence)
{
    add_header();
    add_record(7, 1, HAUL_OUTCOME_OK, 0);
    add_record(9, 2, HAUL_OUTCOME_FAILED, 0);
    add_record(7, 3, HAUL_OUTCOME_OK, 0);
    load_and_settle();
    ck_assert_uint_eq(stats.records, 3);
    ck_assert_uint_eq(stats.headers, 1);
    ck_assert_uint_eq(haul_resume_count(resume), 3);
    ck_assert_uint_eq(take(9), 2);
    ck_assert_uint_eq(take(9), 0);
    ck_assert_uint_eq(take(7), 1);
    ck_assert_uint_eq(take(8), 0);
    ck_assert_uint_eq(take(7), 3);
    ck_assert_uint_eq(take(7), 0);
}
END_TEST

START_TEST(newer_record_replaces_its_occurrence)
{
    struct haul_resume_place place;

    add_record(7, 1, HAUL_OUTCOME_OK, 0);
    add_record(7, 2, HAUL_OUTCOME_FAILED, 0);
    add_record(7, 3, HAUL_OUTCOME_OK, 0);
    add_record(7, 4, HAUL_OUTCOME_FAILED, 2);
    add_record(7, 5, HAUL_OUTCOME_FAILED, 2);
    load_and_settle();
    ck_assert_uint_eq(haul_resume_count(resume), 3);
    ck_assert_uint_eq(take(7), 1);
    ck_assert(haul_resume_take(resume, NUMBERED_KEY(7), &place));
    ck_assert_uint_eq(place.occurrence, 2);
    ck_assert(place.has_failed);
    ck_assert_uint_eq(take(7), 3);
    ck_assert_uint_eq(take(7), 0);
}
END_TEST

START_TEST(pending_record_is_not_done)
{
    add_record(7, 1, HAUL_OUTCOME_PENDING, 0);
    load_and_settle();
    ck_assert_uint_eq(take(7), 0);
}
END_TEST

static enum haul_err note_name(void *arg, const char *name, const struct haul_key *key)
{
    uint64_t number = haul_key_is_old(key) ? key->old : key->high;

    haul_buf_addf(arg, "%d=%s\n", (int)number, name);
    return HAUL_OK;
}

static void add_named(uint64_t key, const char *name, const struct haul_attached *attached)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "http://x/,\"filename_effective\":\"no\"";
    rec.outcome = HAUL_OUTCOME_OK;
    rec.filename_effective = name;
    rec.attached = attached;
    rec.attached_count = attached ? 1 : 0;
    rec.sha256 = "00";
    haul_journal_add_record(&text, &rec, NUMBERED_KEY(key), 0);
}

/* Whoever wrote the line, and whatever else is called so in it. */
START_TEST(names_are_told_as_they_are_read)
{
    static const struct haul_attached same = {"filename_effective", "no"};
    struct haul_buf told;
    const struct haul_resume_names names = {.take = note_name, .arg = &told};

    haul_buf_init(&told, 0);
    haul_resume_set_names(resume, &names);
    add_header();
    add_named(1, "plain", NULL);
    add_named(2, NULL, NULL);
    add_named(3, "a\"b\\c\xff\t", NULL);
    add_named(4, "with", &same);
    add_named(5, NULL, &same);
    haul_buf_add_str(&text, "{\"seq\": 6, \"key\": \"0000000000000006\", \"url\": \"x\", "
                            "\"outcome\": \"ok\", \"filename_effective\": \"of\\u0020another\"}\n");
    add_named(1, "again", NULL);
    load_and_settle();
    ck_assert_uint_eq(stats.records, 7);
    ck_assert_str_eq(haul_buf_str(&told),
                     "1=plain\n3=a\"b\\c\xff\t\n4=with\n6=of another\n1=again\n");
    haul_buf_done(&told);
}
END_TEST

START_TEST(journals_merge_and_the_newest_wins)
{
    FILE *second = tmpfile();

    add_record(7, 20, HAUL_OUTCOME_OK, 0);
    add_record(8, 10, HAUL_OUTCOME_OK, 0);
    ck_assert_int_eq(load(file), HAUL_OK);
    haul_buf_clear(&text);
    add_record(8, 11, HAUL_OUTCOME_OK, 0);
    add_record(7, 19, HAUL_OUTCOME_OK, 0);
    add_record(7, 18, HAUL_OUTCOME_OK, 0);
    add_record(6, 1, HAUL_OUTCOME_OK, 0);
    ck_assert_int_eq(load(second), HAUL_OK);
    ck_assert_int_eq(haul_resume_settle(resume), HAUL_OK);
    ck_assert_uint_eq(haul_resume_count(resume), 4);
    ck_assert_uint_eq(take(7), 20);
    ck_assert_uint_eq(take(7), 18);
    ck_assert_uint_eq(take(8), 11);
    ck_assert_uint_eq(take(6), 1);
    fclose(second);
}
END_TEST

/* What is read, as the line of each record; the test's records have seq = 100000 - line. */
static void check_walk(bool by_seq, const uint64_t *lines, size_t count)
{
    struct haul_record rec;
    struct haul_key key;

    ck_assert_int_eq(haul_resume_walk(resume, by_seq), HAUL_OK);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(haul_resume_next(resume, &rec, &key), HAUL_OK);
        ck_assert_uint_eq(rec.line, lines[i]);
    }
    ck_assert_int_eq(haul_resume_next(resume, &rec, &key), HAUL_ERR_END);
}

START_TEST(walk_goes_by_file_or_by_seq)
{
    add_record(9, 5, HAUL_OUTCOME_OK, 0);
    add_record(1, 8, HAUL_OUTCOME_FAILED, 0);
    add_record(5, 2, HAUL_OUTCOME_OK, 0);
    add_record(1, 9, HAUL_OUTCOME_OK, 1);
    load_and_settle();
    check_walk(false, (const uint64_t[]){5, 2, 9}, 3);
    check_walk(true, (const uint64_t[]){9, 5, 2}, 3);
}
END_TEST

/* More than a window, in the order of the file, backwards, and jumping. */
START_TEST(many_records_are_read_in_any_order)
{
    enum { RECORDS = 5000 };

    for (uint64_t i = 1; i <= RECORDS; i++)
        add_record(i, i, HAUL_OUTCOME_OK, 0);
    load_and_settle();
    for (uint64_t i = 0; i < RECORDS; i++) {
        uint64_t key = _i == 0 ? i + 1 : _i == 1 ? RECORDS - i : i * 7 % RECORDS + 1;

        ck_assert_uint_eq(take(key), key);
    }
    ck_assert_uint_le(haul_resume_memory(resume), 24 * RECORDS + 1024 * 16);
}
END_TEST

/* ---- damage ---- */

static const struct {
    const char *bytes; /* behind two sound records */
    size_t len;
    bool more; /* and one more record behind it */
    uint64_t tail, tail_line, damaged, damaged_line;
} damages[] = {
    {"", 0, false, 0, 0, 0, 0},
    {"{\"key\":\"00", 10, false, 10, 4, 0, 0},          /* torn */
    {"\0\0\0\0\0", 5, false, 5, 4, 0, 0},               /* zero-filled */
    {"http://example.com/\n", 20, false, 20, 4, 0, 0},  /* foreign */
    {"{\"outcome\":\"ok\"}\n", 17, false, 17, 4, 0, 0}, /* foreign, and JSON */
    {"\n", 1, false, 1, 4, 0, 0},                       /* blank */
    {"{\"key\":\"00\n", 11, true, 0, 0, 1, 4},
    {"\0\0\0\0\n", 5, true, 0, 0, 1, 4},
    {"x\ny\nz", 5, false, 1, 6, 2, 4},
    {"x\ny\n", 4, true, 0, 0, 2, 4},
};

START_TEST(damage_is_told_where_it_is)
{
    size_t sound;

    add_header();
    add_record(7, 1, HAUL_OUTCOME_OK, 0);
    add_record(8, 2, HAUL_OUTCOME_OK, 0);
    sound = text.len;
    haul_buf_add(&text, damages[_i].bytes, damages[_i].len);
    if (damages[_i].more)
        add_record(9, 3, HAUL_OUTCOME_OK, 0);
    load_and_settle();
    ck_assert_uint_eq(stats.tail, damages[_i].tail);
    ck_assert_uint_eq(stats.tail_line, damages[_i].tail_line);
    ck_assert_uint_eq(stats.damaged, damages[_i].damaged);
    ck_assert_uint_eq(stats.damaged_line, damages[_i].damaged_line);
    ck_assert_uint_eq(stats.keep, text.len - stats.tail);
    if (!damages[_i].damaged)
        ck_assert_uint_eq(stats.keep, sound);
    ck_assert_uint_eq(take(7), 1);
    ck_assert_uint_eq(take(8), 2);
    ck_assert_uint_eq(take(9), damages[_i].more ? 3 : 0);
}
END_TEST

/* The last line cut at every byte: nothing but that line is lost, whatever is left of it. */
START_TEST(journal_cut_anywhere_keeps_the_whole_lines)
{
    size_t whole, full;

    add_header();
    add_record(7, 1, HAUL_OUTCOME_OK, 0);
    whole = text.len;
    add_record(8, 2, HAUL_OUTCOME_OK, 0);
    full = text.len;
    for (size_t len = whole; len <= full; len++) {
        haul_resume_free(resume);
        ck_assert_int_eq(haul_resume_create(&resume), HAUL_OK);
        rewind(file);
        ck_assert_int_eq(ftruncate(fileno(file), 0), 0);
        text.len = len;
        load_and_settle();
        ck_assert_uint_eq(stats.keep, len == full ? full : whole);
        ck_assert_uint_eq(take(7), 1);
        ck_assert_uint_eq(take(8), len == full ? 2 : 0);
    }
}
END_TEST

/* Longer than any line may be, and so than the memory for one. */
START_TEST(huge_damaged_line_costs_no_memory)
{
    enum { HUGE_LINE = 3 * HAUL_JOURNAL_LINE_MAX + 12345 };

    add_record(7, 1, HAUL_OUTCOME_OK, 0);
    haul_buf_pad(&text, '\0', HUGE_LINE);
    if (_i) {
        haul_buf_add_char(&text, '\n');
        add_record(8, 2, HAUL_OUTCOME_OK, 0);
    }
    load_and_settle();
    ck_assert_uint_eq(stats.tail, _i ? 0 : HUGE_LINE);
    ck_assert_uint_eq(stats.damaged_line, _i ? 2 : 0);
    ck_assert_uint_eq(take(7), 1);
    ck_assert_uint_eq(take(8), _i ? 2 : 0);
}
END_TEST

START_TEST(long_lines_are_read_whole)
{
    struct haul_record rec;
    char *url = malloc(3 << 20);

    memset(url, 'u', (3 << 20) - 1);
    url[(3 << 20) - 1] = '\0';
    for (uint64_t i = 1; i <= 3; i++) {
        haul_record_init(&rec);
        rec.url = url;
        rec.line = i;
        haul_journal_add_record(&text, &rec, NUMBERED_KEY(i), 0);
        add_record(i + 3, i + 3, HAUL_OUTCOME_OK, 0);
    }
    load_and_settle();
    for (uint64_t i = 6; i; i--)
        ck_assert_uint_eq(take(i), i);
    free(url);
}
END_TEST

START_TEST(later_version_is_refused)
{
    haul_buf_add_str(&text, "{\"journal\":3,\"haul\":\"9\"}\n");
    ck_assert_int_eq(load(file), HAUL_ERR_RANGE);
}
END_TEST

START_TEST(file_that_became_shorter_is_an_error)
{
    struct haul_resume_place place;
    struct haul_record rec;

    add_record(7, 1, HAUL_OUTCOME_OK, 0);
    load_and_settle();
    ck_assert(haul_resume_take(resume, NUMBERED_KEY(7), &place));
    ck_assert_int_eq(ftruncate(fileno(file), 10), 0);
    ck_assert_int_eq(haul_resume_read(resume, &place, &rec), HAUL_ERR_IO);
}
END_TEST

/* ---- --unique ---- */

START_TEST(repeated_key_gives_the_first_tag)
{
    struct haul_keyset *unique;
    uint64_t first = 0;
    bool is_new;

    ck_assert_int_eq(haul_keyset_create(&unique), HAUL_OK);
    for (int round = 0; round < 2; round++)
        for (uint64_t i = 1; i <= MANY; i++) {
            ck_assert_int_eq(
                haul_keyset_add(unique, i << 20, i + (round ? MANY : 0), &is_new, &first), HAUL_OK);
            ck_assert_int_eq(is_new, !round);
            if (round)
                ck_assert_uint_eq(first, i);
        }
    haul_keyset_free(unique);
}
END_TEST

START_TEST(key_that_is_put_has_the_last_tag)
{
    struct haul_keyset *set;

    ck_assert_int_eq(haul_keyset_create(&set), HAUL_OK);
    ck_assert(!haul_keyset_has_tag(set, 1, 0));
    for (uint64_t round = 0; round < 2; round++)
        for (uint64_t i = 1; i <= MANY; i++)
            ck_assert_int_eq(haul_keyset_put(set, i << 20, i + round), HAUL_OK);
    for (uint64_t i = 1; i <= MANY; i++) {
        ck_assert(haul_keyset_has_tag(set, i << 20, i + 1));
        ck_assert(!haul_keyset_has_tag(set, i << 20, i));
        ck_assert(!haul_keyset_has_tag(set, (i << 20) + 1, i + 1));
    }
    haul_keyset_free(set);
}
END_TEST

/* ---- --save-failed ---- */

static const struct {
    enum haul_outcome outcome;
    enum haul_reason reason;
    const char *source, *url, *text;
} saved[] = {
    {HAUL_OUTCOME_OK, HAUL_REASON_NONE, "l", "http://x/", ""},
    {HAUL_OUTCOME_UNCHANGED, HAUL_REASON_NONE, "l", "http://x/", ""},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_NONE, "l", "http://x/", ""},
    {HAUL_OUTCOME_DUPLICATE, HAUL_REASON_NONE, "l", "http://x/", ""},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_TIMEOUT, "l", "http://x/",
     "# failed: timeout: l:3\nhttp://x/\n"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_TIMEOUT, NULL, "http://x/", "# failed: timeout\nhttp://x/\n"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_TIMEOUT, "a\nb", "http://x/",
     "# failed: timeout: a\\x0ab:3\nhttp://x/\n"},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_HOST_DOWN, "l", "http://x/",
     "# skipped: host-down: l:3\nhttp://x/\n"},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_EXISTS, "l", "http://x/", ""},
    {HAUL_OUTCOME_PENDING, HAUL_REASON_STOPPED, "l", "x", "# pending: stopped: l:3\nx\n"},
    {HAUL_OUTCOME_INVALID, HAUL_REASON_BAD_URL, "l", "x\ny", "# invalid: bad-url: l:3: x\\x0ay\n"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_DNS, "l", "a\nb", "# failed: dns: l:3: a\\x0ab\n"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_DNS, "l", "#a", "# failed: dns: l:3: #a\n"},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_DNS, "l", " a", "# failed: dns: l:3:  a\n"},
};

START_TEST(what_did_not_end_well_is_saved_as_a_list)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.outcome = saved[_i].outcome;
    rec.reason = saved[_i].reason;
    rec.source = saved[_i].source;
    rec.line = 3;
    rec.url = saved[_i].url;
    haul_row_save_failed(&text, &rec);
    ck_assert_str_eq(haul_buf_str(&text), saved[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_resume");
    TCase *pairs = tcase_create("pairs");
    TCase *records = tcase_create("records");
    TCase *damage = tcase_create("damage");
    TCase *lists = tcase_create("lists");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(pairs, pairs_are_sorted_and_found, 0, COUNTS * KINDS);
    tcase_add_checked_fixture(records, begin, end);
    tcase_add_test(records, record_is_found_by_key_and_occurrence);
    tcase_add_test(records, newer_record_replaces_its_occurrence);
    tcase_add_test(records, pending_record_is_not_done);
    tcase_add_test(records, names_are_told_as_they_are_read);
    tcase_add_test(records, journals_merge_and_the_newest_wins);
    tcase_add_test(records, walk_goes_by_file_or_by_seq);
    tcase_add_loop_test(records, many_records_are_read_in_any_order, 0, 3);
    tcase_add_test(records, long_lines_are_read_whole);
    tcase_add_test(records, later_version_is_refused);
    tcase_add_test(records, file_that_became_shorter_is_an_error);
    tcase_add_checked_fixture(damage, begin, end);
    tcase_add_loop_test(damage, damage_is_told_where_it_is, 0,
                        (int)(sizeof damages / sizeof *damages));
    tcase_add_test(damage, journal_cut_anywhere_keeps_the_whole_lines);
    tcase_add_loop_test(damage, huge_damaged_line_costs_no_memory, 0, 2);
    tcase_add_checked_fixture(lists, begin, end);
    tcase_add_test(lists, repeated_key_gives_the_first_tag);
    tcase_add_test(lists, key_that_is_put_has_the_last_tag);
    tcase_add_loop_test(lists, what_did_not_end_well_is_saved_as_a_list, 0,
                        (int)(sizeof saved / sizeof *saved));
    suite_add_tcase(suite, pairs);
    suite_add_tcase(suite, records);
    suite_add_tcase(suite, damage);
    suite_add_tcase(suite, lists);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
