#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "input/json_table.h"
#include "tell_entry.h"

static struct haul_buf told;

/* ---- JSON ---- */

static const char *tell_members(const char *text)
{
    struct haul_json_value name, value;
    struct haul_json json;

    haul_buf_clear(&told);
    haul_json_init(&json, haul_span_of(text));
    while (haul_json_next(&json, &name, &value)) {
        char *room = haul_buf_reserve(&told, name.text.len + value.text.len + 2);
        char *to = haul_json_put(room, &name);

        *to++ = '=';
        to = haul_json_put(to, &value);
        *to++ = ' ';
        haul_buf_grew(&told, (size_t)(to - room));
    }
    if (json.problem)
        haul_buf_addf(&told, "!%s", json.problem);
    return haul_buf_str(&told);
}

static const struct {
    const char *text, *wanted;
} objects[] = {
    {"{}", ""},
    {" { } \r", ""},
    {"{\"a\":1}", "a=1 "},
    {"{\"a\" : -0.5e+10 , \"b\":\"c\"}", "a=-0.5e+10 b=c "},
    {"{\"a\":123456789012345678901234567890.0}", "a=123456789012345678901234567890.0 "},
    {"{\"a\":[1,[2,{}],\"]\"],\"b\":{\"c\":\"}\"}}", "a=[1,[2,{}],\"]\"] b={\"c\":\"}\"} "},
    {"{\"\":null,\"t\":true,\"f\":false}", "=null t=true f=false "},
    {"{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\":\"\\u0041\\u00fc\\u65e5\\ud83d\\ude00\"}",
     "\"\\/\b\f\n\r\t=A\xc3\xbc\xe6\x97\xa5\xf0\x9f\x98\x80 "},
    {"", "!it does not begin with '{'"},
    {"[1]", "!it does not begin with '{'"},
    {"{", "!a name in quotation marks is missing"},
    {"{\"a\"", "!a colon is missing"},
    {"{\"a\":", "!a value is missing"},
    {"{\"a\":1", "a=1 !an object that goes on without a comma"},
    {"{\"a\":1,}", "a=1 !a name in quotation marks is missing"},
    {"{\"a\":1 \"b\":2}", "a=1 !an object that goes on without a comma"},
    {"{\"a\":1} x", "a=1 !text behind the object"},
    {"{a:1}", "!a name in quotation marks is missing"},
    {"{'a':1}", "!a name in quotation marks is missing"},
    {"{\"a\":NaN}", "!no JSON value"},
    {"{\"a\":nul}", "!no JSON value"},
    {"{\"a\":01}", "!an object that goes on without a comma"},
    {"{\"a\":+1}", "!no JSON value"},
    {"{\"a\":1.}", "!a wrong number"},
    {"{\"a\":.5}", "!no JSON value"},
    {"{\"a\":1e}", "!a wrong number"},
    {"{\"a\":-}", "!a wrong number"},
    {"{\"a\":[1,]}", "!no JSON value"},
    {"{\"a\":[1 2]}", "!an array that goes on without a comma"},
    {"{\"a\":{\"b\"}}", "!a colon is missing"},
    {"{\"a\":\"b", "!a string is not closed"},
    {"{\"a\":\"b\\", "!a string is not closed"},
    {"{\"a\":\"\\x41\"}", "!a wrong escape"},
    {"{\"a\":\"\\u12\"}", "!a wrong escape"},
    {"{\"a\":\"\\ud83d\"}", "!a wrong escape"},
    {"{\"a\":\"\\ude00\"}", "!a wrong escape"},
    {"{\"a\":\"\\ud83d\\u0041\"}", "!a wrong escape"},
    {"{\"a\":\"\t\"}", "!a control character in a string"},
    {"{\"a\":\"\xff\"}", "!a string that is not UTF-8"},
    {"{\"a\":\"\xed\xa0\x80\"}", "!a string that is not UTF-8"},
};

START_TEST(text_of_the_table_is_json_or_not)
{
    const char *told_now = tell_members(objects[_i].text);

    if (strcmp(objects[_i].text, "{\"a\":01}") == 0)
        ck_assert_ptr_nonnull(strstr(told_now, objects[_i].wanted));
    else
        ck_assert_str_eq(told_now, objects[_i].wanted);
}
END_TEST

START_TEST(values_stand_64_deep_and_no_deeper)
{
    char text[200] = "{\"a\":";

    memset(text + 5, '[', 64);
    memset(text + 5 + 63, ']', 63);
    memcpy(text + 5 + 126, "}", 2);
    ck_assert_ptr_null(strchr(tell_members(text), '!'));
    memset(text + 5 + 63, '[', 1);
    memset(text + 5 + 64, ']', 64);
    memcpy(text + 5 + 128, "}", 2);
    ck_assert_ptr_nonnull(strstr(tell_members(text), "!values more than 64 deep"));
}
END_TEST

/* ---- tables ---- */

static void tell_entries(struct haul_json_table *table)
{
    struct haul_list_entry entry;

    while (haul_json_table_next(table, &entry) == HAUL_OK)
        tell_entry(&told, &entry);
}

static const char *read_table(const char *text, size_t len, const char *column, size_t piece)
{
    struct haul_json_table table;

    haul_buf_clear(&told);
    haul_json_table_init(&table, column, strcmp(column, "url!") == 0);
    if (table.is_report)
        table.column = "url";
    for (size_t at = 0; at < len; at += piece) {
        haul_feed_add(&table.lines.feed, text + at, len - at < piece ? len - at : piece);
        tell_entries(&table);
    }
    haul_feed_finish(&table.lines.feed);
    tell_entries(&table);
    haul_json_table_done(&table);
    return haul_buf_str(&told);
}

/* Of column "url!": `url`, in a report of haul's own. */
static const struct {
    const char *text, *column, *wanted;
} tables[] = {
    {"", "url", ""},
    {"\xef\xbb\xbf{\"url\":\" http://a/ \",\"n\":18446744073709551615}\r\n", "url",
     "1 [http://a/] n=18446744073709551615\n"},
    {"\n{\"o\":{\"x\": [1, 2]},\"url\":\"u\",\"z\":null,\"t\":true}\n \n{\"url\":\"v\"}", "url",
     "2 [u] o={\"x\": [1, 2]} t=true\n4 [v]\n"},
    {"{\"a\":{\"x\":1,\"b\":{\"c\":\"u\"}},\"k\":\"1\"}\n", "a.b.c", "1 [u] k=1\n"},
    {"{\"a\":{\"b\":\"u\"},\"a.b\":\"v\"}\n", "a.b", "1 [v] a={\"b\":\"u\"}\n"},
    {"{\"a\":{\"b.c\":\"u\"}}\n", "a.b.c", "1 [u]\n"},
    {"{\"a\":\"x\"}\n", "a.b", "1 [] !there is no field 'a.b'\n"},
    {"{\"u\\u0072l\":\"u\"}\n", "url", "1 [u]\n"},
    {"x\n{\"url\":\"u\"}\n", "url",
     "1 [] !no JSON object: it does not begin with '{', at byte 1 of the line\n2 [u]\n"},
    {"{\"url\":1}\n{\"url\":null}\n{\"url\":{}}\n", "url",
     "1 [] !the field 'url' is no string, but a number\n"
     "2 [] !the field 'url' is no string, but null\n"
     "3 [] !the field 'url' is no string, but an object\n"},
    {"{\"url\":\"u\",\"a\":1,\"a\":2}\n", "url",
     "1 [] !the object has two fields of the same name\n"},
    {"{\"url\":\"u\",\"a\":\"\\u0000\"}\n{\"url\":\"u\\nv\"}\n", "url",
     "1 [] a= !the line holds a control character\n2 [u\nv] !the line holds a control character\n"},
    {"{\"url\":\"\"}\n", "url", "1 []\n"},
    {"{\"url\":\"u\",\"outcome\":\"ok\",\"attached\":{\"a\":\"=1\"},\"line\":1}\n", "url!",
     "1 [u] a==1\n"},
    {"{\"url\":\"u\",\"outcome\":\"ok\",\"attached\":null}\n", "url!", "1 [u]\n"},
};

START_TEST(table_gives_its_entries_in_any_pieces)
{
    size_t len = strlen(tables[_i].text);

    for (size_t piece = 1; piece <= len + 1; piece++)
        ck_assert_str_eq(read_table(tables[_i].text, len, tables[_i].column, piece),
                         tables[_i].wanted);
}
END_TEST

START_TEST(line_at_the_limit_is_fine_and_one_above_is_not)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "{\"url\":\"u\",\"x\":\"");
    haul_buf_pad(&text, 'x', HAUL_JSON_LINE_MAX - text.len - 2);
    haul_buf_add_str(&text, "\"}\n");
    ck_assert_ptr_null(strchr(read_table(text.data, text.len, "url", 65536), '!'));
    haul_buf_cut(&text, text.len - 3);
    haul_buf_add_str(&text, "x\"}\n{\"url\":\"v\"}\n");
    ck_assert_str_eq(read_table(text.data, text.len, "url", 65536),
                     "1 [] !the line is longer than 1048576 bytes\n2 [v]\n");
    haul_buf_done(&text);
}
END_TEST

START_TEST(line_with_256_fields_is_fine_and_one_more_is_not)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "{\"url\":\"u\"");
    for (int i = 1; i < HAUL_JSON_FIELDS_MAX; i++)
        haul_buf_addf(&text, ",\"%d\":%d", i, i);
    haul_buf_add_str(&text, "}\n");
    ck_assert_ptr_nonnull(strstr(read_table(text.data, text.len, "url", 65536), " 255=255\n"));
    haul_buf_cut(&text, text.len - 2);
    haul_buf_add_str(&text, ",\"256\":256}\n");
    ck_assert_str_eq(read_table(text.data, text.len, "url", 65536),
                     "1 [] !the object has more than 256 fields\n");
    haul_buf_done(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_table");
    TCase *tcase = tcase_create("json_table");
    SRunner *runner = srunner_create(suite);
    int failures;

    haul_buf_init(&told, 0);
    tcase_add_loop_test(tcase, text_of_the_table_is_json_or_not, 0,
                        sizeof objects / sizeof *objects);
    tcase_add_test(tcase, values_stand_64_deep_and_no_deeper);
    tcase_add_loop_test(tcase, table_gives_its_entries_in_any_pieces, 0,
                        sizeof tables / sizeof *tables);
    tcase_add_test(tcase, line_at_the_limit_is_fine_and_one_above_is_not);
    tcase_add_test(tcase, line_with_256_fields_is_fine_and_one_more_is_not);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    haul_buf_done(&told);
    return failures != 0;
}
