#include <check.h>
#include <string.h>

#include "model/field.h"
#include "report/row.h"
#include "sample_record.h"

/* Rows for programs: csv, tsv and jsonl. */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

typedef void render_fn(struct haul_buf *buf, const struct haul_record *rec,
                       const struct haul_layout *layout);

static void assert_laid_out(render_fn *render, const struct haul_record *rec,
                            const struct haul_layout *layout, const char *wanted)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    render(&buf, rec, layout);
    ck_assert_str_eq(haul_buf_str(&buf), wanted);
    haul_buf_done(&buf);
}

static void assert_row(render_fn *render, const struct haul_record *rec, const char *wanted)
{
    struct haul_layout all;

    ck_assert_int_eq(haul_layout_init(&all, NULL), HAUL_OK);
    assert_laid_out(render, rec, NULL, wanted);
    assert_laid_out(render, rec, &all, wanted);
    haul_layout_done(&all);
}

static void assert_header(const struct haul_layout *layout, const char *csv, const char *tsv)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_row_header(&buf, HAUL_FORMAT_CSV, layout);
    haul_row_header(&buf, HAUL_FORMAT_JSONL, layout);
    ck_assert_str_eq(haul_buf_str(&buf), csv);
    haul_buf_clear(&buf);
    haul_row_header(&buf, HAUL_FORMAT_TSV, layout);
    ck_assert_str_eq(haul_buf_str(&buf), tsv);
    haul_buf_done(&buf);
}

START_TEST(chosen_fields_come_in_the_order_asked_for)
{
    struct haul_record rec = sample_full_record();
    struct haul_layout layout;

    ck_assert_int_eq(haul_layout_init(&layout, "reason,col:tag,url,col:none,size_body,col:url"),
                     HAUL_OK);
    ck_assert_int_eq(haul_layout_add(&layout, "n\""), HAUL_OK); /* they are chosen */
    assert_header(&layout, "reason,tag,url,none,size_body,list_url\n",
                  "reason\ttag\turl\tnone\tsize_body\tlist_url\n");
    assert_laid_out(haul_row_csv, &rec, &layout, "http-404,\"a, \\b\",http://example.com/a,,30,\n");
    assert_laid_out(haul_row_tsv, &rec, &layout,
                    "http-404\ta, \\\\b\thttp://example.com/a\t\t30\t\n");
    assert_laid_out(haul_row_jsonl, &rec, &layout,
                    "{\"reason\":\"http-404\",\"tag\":\"a, \\\\b\","
                    "\"url\":\"http://example.com/a\",\"none\":null,\"size_body\":30,"
                    "\"list_url\":null}\n");
    haul_layout_done(&layout);
    ck_assert_int_eq(haul_layout_init(&layout, "col:tag,mirror"), HAUL_OK);
    assert_laid_out(haul_row_jsonl, &rec, &layout, "{\"tag\":\"a, \\\\b\",\"mirror\":2}\n");
    haul_layout_done(&layout);
}
END_TEST

/* An empty line is no row to a reader of CSV. */
START_TEST(row_of_one_empty_cell_is_not_an_empty_line)
{
    struct haul_record rec = sample_record("", 1);
    struct haul_layout layout;

    ck_assert_int_eq(haul_layout_init(&layout, "errormsg"), HAUL_OK);
    assert_header(&layout, "errormsg\n", "errormsg\n");
    assert_laid_out(haul_row_csv, &rec, &layout, "\"\"\n");
    assert_laid_out(haul_row_tsv, &rec, &layout, "\n");
    haul_layout_done(&layout);
}
END_TEST

START_TEST(columns_of_lists_come_behind_the_fields)
{
    static const struct haul_attached pairs[] = {{"id", "1"}, {"url", "=x"}, {"a,b", ""}};
    static const char *const names[] = {"id", "url", "a,b", "list_url", "id"};
    struct haul_record rec = sample_record("u", 1);
    struct haul_layout layout;
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    ck_assert_int_eq(haul_layout_init(&layout, NULL), HAUL_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_int_eq(haul_layout_add(&layout, names[i]), HAUL_OK);
    haul_row_header(&buf, HAUL_FORMAT_CSV, &layout);
    ck_assert_ptr_nonnull(
        strstr(haul_buf_str(&buf), ",time_elapsed,id,list_url,\"a,b\",list_list_url\n"));
    rec.attached = pairs;
    rec.attached_count = 3;
    haul_buf_clear(&buf);
    haul_row_csv(&buf, &rec, &layout);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&buf), ",,1,'=x,,\n"));
    rec.attached = pairs + 1; /* of another list */
    rec.attached_count = 1;
    haul_buf_clear(&buf);
    haul_row_csv(&buf, &rec, &layout);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&buf), ",,,'=x,,\n"));
    haul_buf_done(&buf);
    haul_layout_done(&layout);
}
END_TEST

static const struct {
    const char *text;
    bool is_good;
} choices[] = {
    {"url", true},
    {"url,outcome", true},
    {"col:a", true},
    {"sha512,col:a b", true},
    {"", false},
    {"url,", false},
    {",url", false},
    {"url,,outcome", false},
    {"url,url", false},
    {"col:", false},
    {"col:a,col:a", false},
    {"URL", false},
    {"url, outcome", false},
    {"urls", false},
    {"ur", false},
    {"help", false},
};

START_TEST(choice_of_fields_is_checked)
{
    const char *why = haul_fields_choice_check(choices[_i].text);

    ck_assert_msg(!why == choices[_i].is_good, "%s: %s", choices[_i].text, why ? why : "accepted");
}
END_TEST

START_TEST(wrong_field_is_refused_with_all_that_there_are)
{
    const char *why = haul_fields_choice_check("nonsense");

    for (size_t i = 0; i < haul_field_count; i++)
        ck_assert_ptr_nonnull(strstr(why, haul_fields[i].name));
}
END_TEST

START_TEST(full_record_fills_every_key)
{
    struct haul_record rec = sample_full_record();

    assert_row(haul_row_jsonl, &rec,
               "{\"url\":\"http://example.com/a\",\"outcome\":\"failed\",\"reason\":\"http-404\","
               "\"http_code\":404,\"size_body\":30,\"size_download\":2000000,"
               "\"content_length\":10,\"content_type\":\"text/html\",\"time_total\":2.000000,"
               "\"speed_download\":1000000,\"verified\":true,"
               "\"started\":\"2024-02-29T23:59:59.999Z\",\"attempts\":3,\"num_retries\":2,"
               "\"url_effective\":\"HTTP://example.com/b\",\"num_redirects\":1,"
               "\"method\":\"GET\",\"scheme\":\"http\",\"http_version\":\"1.1\","
               "\"remote_ip\":\"192.0.2.1\",\"remote_port\":80,\"num_connects\":2,"
               "\"num_headers\":3,\"size_header\":40,\"size_request\":50,"
               "\"time_namelookup\":0.000001,\"time_connect\":0.000020,"
               "\"time_appconnect\":0.000300,\"time_pretransfer\":0.004000,"
               "\"time_starttransfer\":0.050000,\"time_redirect\":0.000000,"
               "\"time_queue\":12.345678,\"time_parked\":0.000009,\"ssl_verify_result\":20,"
               "\"exitcode\":22,\"etag\":\"\\\"x\\\"\","
               "\"last_modified\":\"Thu, 29 Feb 2024 00:00:00 GMT\",\"worker\":7,\"line\":5,"
               "\"source\":\"urls.txt\",\"errormsg\":\"not, found\","
               "\"attached\":{\"tag\":\"a, \\\\b\",\"n\\\"\":\"\\u0009\\\\xff\"},\"mirror\":2,"
               "\"size_method\":\"range\","
               "\"filename_effective\":\"h/"
               "a\",\"md5\":\"m\",\"sha1\":\"s1\",\"sha256\":\"s2\",\"sha512\":\"s5\",\"time_"
               "elapsed\":5.000001}\n");
    assert_row(
        haul_row_csv, &rec,
        "http://example.com/a,failed,http-404,404,30,2000000,10,text/html,2.000000,1000000,"
        "true,2024-02-29T23:59:59.999Z,3,2,HTTP://example.com/b,1,GET,http,1.1,192.0.2.1,"
        "80,2,3,40,50,0.000001,0.000020,0.000300,0.004000,0.050000,0.000000,12.345678,"
        "0.000009,20,22,\"\"\"x\"\"\",\"Thu, 29 Feb 2024 00:00:00 GMT\",7,5,urls.txt,"
        "\"not, found\","
        "\"{\"\"tag\"\":\"\"a, "
        "\\\\b\"\",\"\"n\\\"\"\"\":\"\"\\u0009\\\\xff\"\"}\",2,range,h/a,m,s1,s2,s5,5.000001\n");
    assert_row(haul_row_tsv, &rec,
               "http://example.com/a\tfailed\thttp-404\t404\t30\t2000000\t10\ttext/html\t2.000000\t"
               "1000000\ttrue\t2024-02-29T23:59:59.999Z\t3\t2\tHTTP://example.com/b\t1\tGET\thttp\t"
               "1.1\t192.0.2.1\t80\t2\t3\t40\t50\t0.000001\t0.000020\t0.000300\t0.004000\t"
               "0.050000\t0.000000\t12.345678\t0.000009\t20\t22\t\"x\"\t"
               "Thu, 29 Feb 2024 00:00:00 GMT\t7\t5\turls.txt\tnot, found\t"
               "{\"tag\":\"a, "
               "\\\\\\\\b\",\"n\\\\\"\":\"\\\\u0009\\\\\\\\xff\"}\t2\trange\th/"
               "a\tm\ts1\ts2\ts5\t5.000001\n");
}
END_TEST

START_TEST(unknown_values_are_null_or_empty)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "u";
    rec.outcome = HAUL_OUTCOME_OK;
    rec.reason = HAUL_REASON_NONE;
    assert_row(haul_row_jsonl, &rec,
               "{\"url\":\"u\",\"outcome\":\"ok\",\"reason\":null,\"http_code\":null,"
               "\"size_body\":null,\"size_download\":null,\"content_length\":null,"
               "\"content_type\":null,\"time_total\":null,\"speed_download\":null,"
               "\"verified\":false,\"started\":null,\"attempts\":0,\"num_retries\":0,"
               "\"url_effective\":null,\"num_redirects\":0,\"method\":null,\"scheme\":null,"
               "\"http_version\":null,\"remote_ip\":null,\"remote_port\":null,"
               "\"num_connects\":0,\"num_headers\":0,\"size_header\":null,"
               "\"size_request\":null,\"time_namelookup\":null,\"time_connect\":null,"
               "\"time_appconnect\":null,\"time_pretransfer\":null,"
               "\"time_starttransfer\":null,\"time_redirect\":null,\"time_queue\":0.000000,"
               "\"time_parked\":0.000000,\"ssl_verify_result\":0,\"exitcode\":0,"
               "\"etag\":null,\"last_modified\":null,\"worker\":null,\"line\":0,"
               "\"source\":null,\"errormsg\":null,\"attached\":null,\"mirror\":null,"
               "\"size_method\":null,\"filename_effective\":null,\"md5\":null,\"sha1\":null,"
               "\"sha256\":null,\"sha512\":null,\"time_elapsed\":null}\n");
    assert_row(
        haul_row_csv, &rec,
        "u,ok,,,,,,,,,false,,0,0,,0,,,,,,0,0,,,,,,,,,0.000000,0.000000,0,0,,,,0,,,,,,,,,,,\n");
}
END_TEST

static const struct {
    int64_t us;
    const char *text; /* or NULL */
} started_rows[] = {
    {0, NULL},
    {-1, NULL},
    {1, "1970-01-01T00:00:00.000Z"},
    {INT64_C(951782400000000), "2000-02-29T00:00:00.000Z"},
    {INT64_C(951868799999999), "2000-02-29T23:59:59.999Z"},
    {INT64_C(951868800000000), "2000-03-01T00:00:00.000Z"},
    {INT64_C(1735689599001000), "2024-12-31T23:59:59.001Z"},
    {INT64_C(1735689600000000), "2025-01-01T00:00:00.000Z"},
    {INT64_C(4107542400000000), "2100-03-01T00:00:00.000Z"},
    {INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z"},
    {INT64_MAX, "294247-01-10T04:00:54.775Z"},
};

START_TEST(time_of_start_is_rfc_3339)
{
    struct haul_record rec = sample_record("u", 1);
    struct haul_value value;
    size_t i = 0;

    rec.started_us = started_rows[_i].us;
    while (strcmp(haul_fields[i].name, "started") != 0)
        i++;
    haul_fields[i].get(&rec, &value);
    ck_assert_int_eq(value.kind, started_rows[_i].text ? HAUL_VALUE_TEXT : HAUL_VALUE_NONE);
    if (!started_rows[_i].text)
        return;
    ck_assert_uint_eq(value.text_len, strlen(started_rows[_i].text));
    ck_assert_int_eq(memcmp(value.text, started_rows[_i].text, value.text_len), 0);
}
END_TEST

START_TEST(header_line_names_the_columns)
{
    struct haul_buf csv, tsv;

    haul_buf_init(&csv, 0);
    haul_buf_init(&tsv, 0);
    haul_row_header(&csv, HAUL_FORMAT_CSV, NULL);
    haul_row_header(&tsv, HAUL_FORMAT_TSV, NULL);
    ck_assert_int_eq(strncmp(csv.data, "url,outcome,reason,http_code,size_body,size_download,", 53),
                     0);
    ck_assert_str_eq(strrchr(csv.data, ',') + 1, "time_elapsed\n");
    for (size_t i = 0; i < csv.len; i++)
        ck_assert_int_eq(tsv.data[i], csv.data[i] == ',' ? '\t' : csv.data[i]);
    haul_buf_done(&csv);
    haul_buf_done(&tsv);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_fields");
    TCase *tcase = tcase_create("fields");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, full_record_fills_every_key);
    tcase_add_test(tcase, chosen_fields_come_in_the_order_asked_for);
    tcase_add_test(tcase, row_of_one_empty_cell_is_not_an_empty_line);
    tcase_add_test(tcase, columns_of_lists_come_behind_the_fields);
    tcase_add_loop_test(tcase, choice_of_fields_is_checked, 0, COUNT(choices));
    tcase_add_test(tcase, wrong_field_is_refused_with_all_that_there_are);
    tcase_add_test(tcase, unknown_values_are_null_or_empty);
    tcase_add_loop_test(tcase, time_of_start_is_rfc_3339, 0, COUNT(started_rows));
    tcase_add_test(tcase, header_line_names_the_columns);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
