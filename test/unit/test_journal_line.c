#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/line.h"
#include "model/key.h"
#include "numbered_key.h"
#include "report/row.h"

static const struct haul_attached attached[] = {
    {"tag", "a"}, {"\\x41\"", "\xff\t\\"}, {"empty", ""}};

/* One record with every member set, and text that every escape has something to do with. */
static struct haul_record full_record(void)
{
    return (struct haul_record){.seq = 41,
                                .line = 42,
                                .mirror = 3,
                                .attached = attached,
                                .attached_count = 3,
                                .entry = "http://h/\\\t\"\xff\n out=x\n",
                                .url_place = 2,
                                .url_column = "a\\x41\"",
                                .source = "a\\x41\\\\b\".txt",
                                .url = "http://h\xc3\xa9/\xff\xfe\\x/?q=\x01\t",
                                .outcome = HAUL_OUTCOME_FAILED,
                                .reason = HAUL_REASON_HTTP_STATUS,
                                .verified = true,
                                .exitcode = 22,
                                .http_code = 503,
                                .errormsg = "%s%n \xf0\x9f\x98\x80 \xe2\x80\xae \\",
                                .content_length = 1,
                                .size_download = INT64_MAX,
                                .size_body = 3,
                                .size_header = 4,
                                .size_request = 5,
                                .started_us = 1709251199999000, /* 2024-02-29T23:59:59.999Z */
                                .time_namelookup_us = 6,
                                .time_connect_us = 7,
                                .time_appconnect_us = 8,
                                .time_pretransfer_us = 9,
                                .time_starttransfer_us = 10,
                                .time_redirect_us = 123456789,
                                .time_total_us = 999999999999999,
                                .time_queue_us = 0,
                                .time_parked_us = 1,
                                .url_effective = "http://x/",
                                .method = "GET",
                                .size_method = "range",
                                .http_version = "1.1",
                                .content_type = "text/\\",
                                .etag = "\"\\\\\\\\\"",
                                .last_modified = "\x7f",
                                .remote_ip = "::1",
                                .remote_port = 65535,
                                .num_redirects = 1,
                                .num_connects = 2,
                                .num_headers = 3,
                                .attempts = 3,
                                .worker = 8,
                                .ssl_verify_result = 20};
}

static struct haul_buf line;

static void begin(void)
{
    haul_buf_init(&line, 0);
}

static void end(void)
{
    haul_buf_done(&line);
}

static void check_same(const struct haul_record *a, const struct haul_record *b)
{
    struct haul_buf one, other;

    haul_buf_init(&one, 0);
    haul_buf_init(&other, 0);
    haul_row_jsonl(&one, a, NULL);
    haul_row_jsonl(&other, b, NULL);
    ck_assert_str_eq(haul_buf_str(&one), haul_buf_str(&other));
    haul_buf_done(&one);
    haul_buf_done(&other);
}

/* Writes a record, and reads it again. */
static void check_round_trip(const struct haul_record *rec)
{
    struct haul_journal_parser parser;
    struct haul_journal_mark mark;
    struct haul_record read;

    haul_buf_clear(&line);
    haul_journal_add_record(&line, rec, NUMBERED_KEY(0x0123456789abcdef), 7);
    ck_assert_int_eq(line.data[line.len - 1], '\n');
    ck_assert_ptr_eq(memchr(line.data, '\n', line.len), line.data + line.len - 1);
    ck_assert_int_eq(haul_journal_peek(line.data, line.len - 1, &mark), HAUL_OK);
    ck_assert_int_eq(mark.kind, HAUL_JOURNAL_RECORD);
    ck_assert_uint_eq(mark.key.high, 0x0123456789abcdef);
    ck_assert_uint_eq(mark.key.low, 1);
    ck_assert_uint_eq(mark.seq, rec->seq);
    ck_assert_uint_eq(mark.replaces, 7);
    ck_assert_int_eq(mark.outcome, rec->outcome);
    haul_journal_parser_init(&parser);
    ck_assert_int_eq(haul_journal_parse(&parser, line.data, line.len - 1, &read), HAUL_OK);
    check_same(&read, rec);
    ck_assert_uint_eq(read.seq, rec->seq);
    ck_assert_str_eq(read.url, rec->url);
    haul_journal_parser_done(&parser);
}

/* Also when another program has laid out the line anew; and it says nothing of itself. */
START_TEST(entry_comes_back_from_any_hands)
{
    static const char foreign[] = "{\"url_column\": \"c\", \"url_place\": 2, \"entry\": \"x\\n\", "
                                  "\"url\": \"http://h/\", \"outcome\": \"failed\", \"seq\": 1, "
                                  "\"key\": \"0123456789abcdef\"}";
    struct haul_journal_parser parser;
    struct haul_record rec, read;

    haul_journal_parser_init(&parser);
    ck_assert_int_eq(haul_journal_parse(&parser, foreign, strlen(foreign), &read), HAUL_OK);
    ck_assert_str_eq(read.entry, "x\n");
    ck_assert_uint_eq(read.url_place, 2);
    ck_assert_str_eq(read.url_column, "c");
    haul_record_init(&rec);
    rec.url = "http://h/";
    for (int known = 0; known < 2; known++) {
        rec.entry = known ? "" : NULL;
        haul_buf_clear(&line);
        haul_journal_add_record(&line, &rec, NUMBERED_KEY(1), 0);
        ck_assert_int_eq(strstr(line.data, "\"entry\":") != NULL, known);
        ck_assert_ptr_null(strstr(line.data, "\"url_"));
        ck_assert_int_eq(haul_journal_parse(&parser, line.data, line.len - 1, &read), HAUL_OK);
        ck_assert_int_eq(read.entry != NULL, known);
        ck_assert_uint_eq(read.url_place, 0);
    }
    haul_journal_parser_done(&parser);
}
END_TEST

/* Of one attempt it is mostly what the attempt took, and then takes no room. */
START_TEST(time_elapsed_comes_back_as_it_was)
{
    static const struct {
        int attempts;
        int64_t elapsed_us;
        bool is_written;
    } rows[] = {{1, 2000000, false}, {1, 2000001, true}, {1, -1, true}, {0, -1, false},
                {3, 2000000, true},  {3, 9000000, true}, {3, -1, false}};
    struct haul_record rec = full_record();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rec.attempts = rows[i].attempts;
        rec.time_total_us = 2000000;
        rec.time_elapsed_us = rows[i].elapsed_us;
        check_round_trip(&rec);
        ck_assert_int_eq(strstr(line.data, "time_elapsed") != NULL, rows[i].is_written);
    }
}
END_TEST

START_TEST(full_record_comes_back_as_it_was)
{
    struct haul_record rec = full_record();
    struct haul_journal_parser parser;
    struct haul_record read;

    check_round_trip(&rec);
    haul_journal_parser_init(&parser);
    ck_assert_int_eq(haul_journal_parse(&parser, line.data, line.len - 1, &read), HAUL_OK);
    ck_assert_str_eq(read.source, rec.source);
    ck_assert_str_eq(read.errormsg, rec.errormsg);
    ck_assert_str_eq(read.etag, rec.etag);
    ck_assert_str_eq(read.last_modified, rec.last_modified);
    ck_assert_int_eq(read.time_total_us, rec.time_total_us);
    ck_assert_int_eq(read.started_us, rec.started_us);
    ck_assert_int_eq(read.reason, rec.reason);
    ck_assert_uint_eq(read.attached_count, rec.attached_count);
    ck_assert_str_eq(read.entry, rec.entry);
    ck_assert_uint_eq(read.url_place, rec.url_place);
    ck_assert_str_eq(read.url_column, rec.url_column);
    for (size_t i = 0; i < rec.attached_count; i++) {
        ck_assert_str_eq(read.attached[i].name, rec.attached[i].name);
        ck_assert_str_eq(read.attached[i].value, rec.attached[i].value);
    }
    haul_journal_parser_done(&parser);
}
END_TEST

START_TEST(empty_record_comes_back_as_it_was)
{
    struct haul_record rec;

    haul_record_init(&rec);
    check_round_trip(&rec);
}
END_TEST

/* Every reason, and so every word, has its way back. */
/* What most records have alike is not written: unknown, zero and the usual must stay apart. */
START_TEST(usual_value_is_told_from_an_unknown_one)
{
    static const char *const effective[] = {NULL, "http://h/", "http://h/other"};
    static const int64_t time_us[] = {-1, 0, 1};
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "http://h/";
    rec.attempts = _i % 2;
    rec.url_effective = effective[_i / 2 % 3];
    rec.time_appconnect_us = time_us[_i / 6 % 3];
    rec.time_redirect_us = time_us[_i / 18 % 3];
    rec.time_queue_us = rec.time_parked_us = _i / 54;
    rec.num_redirects = rec.exitcode = _i / 54;
    check_round_trip(&rec);
    if (rec.attempts && rec.url_effective == effective[1])
        ck_assert_ptr_null(strstr(line.data, "url_effective"));
}
END_TEST

START_TEST(reason_comes_back_with_its_word)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.outcome = _i ? HAUL_OUTCOME_FAILED : HAUL_OUTCOME_OK;
    rec.reason = (enum haul_reason)_i;
    rec.http_code = rec.reason == HAUL_REASON_HTTP_STATUS ? 404 : 0;
    check_round_trip(&rec);
}
END_TEST

START_TEST(outcome_comes_back_with_its_word)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.outcome = (enum haul_outcome)_i;
    check_round_trip(&rec);
}
END_TEST

static const struct {
    enum haul_outcome outcome;
    enum haul_reason reason;
    int http_code;
    bool has_failed, is_transient;
} passing[] = {
    {HAUL_OUTCOME_FAILED, HAUL_REASON_TIMEOUT, 0, true, true},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_TLS, 0, true, false},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_HTTP_STATUS, 503, true, true},
    {HAUL_OUTCOME_FAILED, HAUL_REASON_HTTP_STATUS, 404, true, false},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_HOST_DOWN, 0, true, true},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_THROTTLED, 429, true, true},
    {HAUL_OUTCOME_SKIPPED, HAUL_REASON_EXISTS, 0, false, false},
    {HAUL_OUTCOME_OK, HAUL_REASON_NONE, 200, false, false},
};

START_TEST(failure_that_passes_is_told_from_one_for_good)
{
    struct haul_journal_mark mark;
    struct haul_record rec;

    haul_record_init(&rec);
    rec.outcome = passing[_i].outcome;
    rec.reason = passing[_i].reason;
    rec.http_code = passing[_i].http_code;
    haul_journal_add_record(&line, &rec, NUMBERED_KEY(1), 0);
    ck_assert_int_eq(haul_journal_peek(line.data, line.len - 1, &mark), HAUL_OK);
    ck_assert_int_eq(mark.has_failed, passing[_i].has_failed);
    ck_assert_int_eq(mark.is_transient, passing[_i].is_transient);
    ck_assert_uint_eq(mark.replaces, 0);
}
END_TEST

/* What the beginning of the line says, and so what is tried again, is what the record says. */
START_TEST(reason_of_a_foreign_line_has_the_last_word_on_its_status)
{
    static const char text[] = "{\"key\":\"0000000000000001\",\"outcome\":\"failed\","
                               "\"reason\":\"http-503\",\"http_code\":404,\"url\":\"u\"}";
    struct haul_journal_mark mark;
    struct haul_journal_parser parser;
    struct haul_record rec;

    haul_journal_parser_init(&parser);
    ck_assert_int_eq(haul_journal_peek(text, strlen(text), &mark), HAUL_OK);
    ck_assert_int_eq(haul_journal_parse(&parser, text, strlen(text), &rec), HAUL_OK);
    ck_assert(mark.is_transient);
    ck_assert_int_eq(rec.http_code, 503);
    haul_journal_parser_done(&parser);
}
END_TEST

/* Any byte of a line, changed in any way, makes it a damaged one. */
START_TEST(line_with_one_wrong_byte_is_refused)
{
    struct haul_record rec = full_record();
    struct haul_journal_mark mark;

    haul_journal_add_record(&line, &rec, NUMBERED_KEY(1), 0);
    for (size_t i = 0; i + 1 < line.len; i++) {
        char right = line.data[i];

        for (int bit = 0; bit < 8; bit++) {
            line.data[i] = (char)(right ^ 1 << bit);
            ck_assert_int_eq(haul_journal_peek(line.data, line.len - 1, &mark), HAUL_ERR_SYNTAX);
        }
        line.data[i] = '\0';
        ck_assert_int_eq(haul_journal_peek(line.data, line.len - 1, &mark), HAUL_ERR_SYNTAX);
        line.data[i] = right;
    }
    ck_assert_int_eq(haul_journal_peek(line.data, line.len - 1, &mark), HAUL_OK);
}
END_TEST

START_TEST(line_cut_anywhere_is_refused)
{
    struct haul_record rec = full_record();
    struct haul_journal_mark mark;

    haul_journal_add_record(&line, &rec, NUMBERED_KEY(1), 0);
    for (size_t len = 0; len + 1 < line.len; len++)
        ck_assert_int_eq(haul_journal_peek(line.data, len, &mark), HAUL_ERR_SYNTAX);
}
END_TEST

static const struct {
    const char *text;
    enum haul_err err;
} foreign[] = {
    {"{\"outcome\":\"ok\",\"url\":\"http://x/\",\"key\":\"00000000000000ff\"}", HAUL_OK},
    {" {\"url\":\"u\", \"key\":\"00000000000000ff\", \"outcome\":\"ok\", \"new\":[1]} ", HAUL_OK},
    {"{\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"ff\"}", HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"00000000000000FF\"}", HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"fine\",\"url\":\"u\",\"key\":\"00000000000000ff\"}", HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"url\":7,\"key\":\"00000000000000ff\"}", HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"00000000000000ff\",\"line\":-1}",
     HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"00000000000000ff\",\"http_code\":99999999999}",
     HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"00000000000000ff\",\"time_total\":-1}",
     HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"00000000000000ff\",\"started\":\"now\"}",
     HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"00000000000000ff\",\"crc\":\"0\"}",
     HAUL_ERR_SYNTAX},
    {"{\"outcome\":\"ok\",\"outcome\":\"ok\",\"url\":\"u\",\"key\":\"00000000000000ff\"}",
     HAUL_ERR_SYNTAX},
    {"{\"journal\":1}", HAUL_ERR_SYNTAX}, /* another program's journal */
    {"{\"journal\":\"Nature\",\"haul\":\"0\"}", HAUL_ERR_SYNTAX},
    {"[]", HAUL_ERR_SYNTAX},
    {"", HAUL_ERR_SYNTAX},
    {"http://example.com/", HAUL_ERR_SYNTAX},
};

START_TEST(line_of_another_hand_is_read_strictly)
{
    struct haul_journal_mark mark;
    const char *text = foreign[_i].text;

    ck_assert_int_eq(haul_journal_peek(text, strlen(text), &mark), foreign[_i].err);
    if (!foreign[_i].err)
        ck_assert_uint_eq(mark.key.old, 0xff);
}
END_TEST

START_TEST(footer_of_another_hand_tells_what_is_pending)
{
    static const char text[] = "{ \"empty_is_error\": true, \"pending\": 589, \"footer\": 1, "
                               "\"unread\": true, \"empty_inputs\": 3 }";
    struct haul_journal_mark mark;

    ck_assert_int_eq(haul_journal_peek(text, strlen(text), &mark), HAUL_OK);
    ck_assert_int_eq(mark.kind, HAUL_JOURNAL_FOOTER);
    ck_assert_uint_eq(mark.pending, 589);
    ck_assert_uint_eq(mark.inputs.empty, 3);
    ck_assert(mark.inputs.is_unread && mark.inputs.is_error);
}
END_TEST

/* Those of earlier versions. */
START_TEST(footer_without_inputs_says_that_they_were_well)
{
    static const char text[] = "{\"footer\":2,\"status\":0,\"lines\":1,\"pending\":0}";
    struct haul_journal_mark mark;

    ck_assert_int_eq(haul_journal_peek(text, strlen(text), &mark), HAUL_OK);
    ck_assert(!mark.inputs.is_unread && !mark.inputs.is_error && !mark.inputs.empty);
}
END_TEST

START_TEST(header_and_footer_are_known_again)
{
    struct haul_journal_head head = {
        .version = "1", .libcurl = "2", .started_us = 1, .pid = 3, .options = "{}"};
    struct haul_ledger ledger = {.lines = 8, .count[HAUL_OUTCOME_PENDING] = 7};
    struct haul_inputs inputs = {
        .is_unread = _i & 1, .is_error = _i & 2, .empty = _i & 4 ? UINT32_MAX : 0};
    struct haul_journal_mark mark;

    haul_journal_add_header(&line, &head);
    ck_assert_int_eq(haul_journal_peek(line.data, line.len - 1, &mark), HAUL_OK);
    ck_assert_int_eq(mark.kind, HAUL_JOURNAL_HEADER);
    ck_assert_int_eq(mark.version, HAUL_JOURNAL_VERSION);
    haul_buf_clear(&line);
    haul_journal_add_footer(&line, &ledger, &inputs, 1789000000123456, 75);
    ck_assert_int_eq(haul_journal_peek(line.data, line.len - 1, &mark), HAUL_OK);
    ck_assert_int_eq(mark.kind, HAUL_JOURNAL_FOOTER);
    ck_assert_uint_eq(mark.pending, 7);
    ck_assert_uint_eq(mark.inputs.empty, inputs.empty);
    ck_assert(mark.inputs.is_unread == inputs.is_unread && mark.inputs.is_error == inputs.is_error);
    ck_assert_int_eq(mark.ended_us, 1789000000123000);
}
END_TEST

static void check_apart(struct haul_key a, struct haul_key b)
{
    ck_assert_uint_ne(a.high, b.high);
    ck_assert_uint_ne(a.low, b.low);
}

START_TEST(keys_stay_the_same_and_apart)
{
    const struct haul_key key = haul_key_make(HAUL_KEY_URL, "http://example.com/", 19);

    /* The very numbers are part of the format: journals outlive the program. `old` is that of
     * version 1; the others are what `printf haul-key-2:u:http://example.com/ | sha256sum` says. */
    ck_assert_uint_eq(key.old, 0x22e692fac52b31eb);
    ck_assert_uint_eq(key.high, 0x1c00a6eb38542d4f);
    ck_assert_uint_eq(key.low, 0xaabd9835610eb3a1);
    check_apart(haul_key_make(HAUL_KEY_URL, "a", 1), haul_key_make(HAUL_KEY_INVALID, "a", 1));
    check_apart(haul_key_make(HAUL_KEY_URL, "a", 1), haul_key_make(HAUL_KEY_DUPLICATE, "a", 1));
    check_apart(haul_key_make(HAUL_KEY_URL, "a", 1), haul_key_make(HAUL_KEY_URL, "b", 1));
}
END_TEST

START_TEST(urls_with_one_old_key_have_two)
{
    const struct haul_key one = haul_key_make(HAUL_KEY_URL, TWIN_1, strlen(TWIN_1));
    const struct haul_key other = haul_key_make(HAUL_KEY_URL, TWIN_2, strlen(TWIN_2));

    ck_assert_uint_eq(one.old, other.old);
    check_apart(one, other);
    ck_assert_uint_ne(haul_key_number(&one), haul_key_number(&other));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_line");
    TCase *lines = tcase_create("lines");
    TCase *damage = tcase_create("damage");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(lines, begin, end);
    tcase_add_checked_fixture(damage, begin, end);
    tcase_add_test(lines, entry_comes_back_from_any_hands);
    tcase_add_test(lines, full_record_comes_back_as_it_was);
    tcase_add_test(lines, time_elapsed_comes_back_as_it_was);
    tcase_add_test(lines, empty_record_comes_back_as_it_was);
    tcase_add_loop_test(lines, usual_value_is_told_from_an_unknown_one, 0, 108);
    tcase_add_loop_test(lines, reason_comes_back_with_its_word, 0, HAUL_REASON_COUNT);
    tcase_add_loop_test(lines, outcome_comes_back_with_its_word, 0, HAUL_OUTCOME_COUNT);
    tcase_add_loop_test(lines, failure_that_passes_is_told_from_one_for_good, 0,
                        (int)(sizeof passing / sizeof *passing));
    tcase_add_test(lines, reason_of_a_foreign_line_has_the_last_word_on_its_status);
    tcase_add_loop_test(lines, header_and_footer_are_known_again, 0, 8);
    tcase_add_test(lines, footer_of_another_hand_tells_what_is_pending);
    tcase_add_test(lines, footer_without_inputs_says_that_they_were_well);
    tcase_add_test(lines, keys_stay_the_same_and_apart);
    tcase_add_test(lines, urls_with_one_old_key_have_two);
    tcase_add_test(damage, line_with_one_wrong_byte_is_refused);
    tcase_add_test(damage, line_cut_anywhere_is_refused);
    tcase_add_loop_test(damage, line_of_another_hand_is_read_strictly, 0,
                        (int)(sizeof foreign / sizeof *foreign));
    suite_add_tcase(suite, lines);
    suite_add_tcase(suite, damage);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
