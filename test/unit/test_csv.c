#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/table.h"
#include "tell_entry.h"

static struct haul_buf told;

static void read_rows(struct haul_csv *csv)
{
    struct haul_csv_row row;

    while (haul_csv_next(csv, &row) == HAUL_OK) {
        haul_buf_addf(&told, "%llu:", (unsigned long long)row.line);
        for (size_t i = 0; i < row.count; i++)
            haul_buf_addf(&told, "[%s]", row.cell[i]);
        if (row.reason != HAUL_REASON_NONE)
            haul_buf_addf(&told, "!%d %s", (int)row.reason, row.problem ? row.problem : "");
        haul_buf_add_char(&told, ' ');
    }
}

static const char *read_csv(const char *text, size_t len, size_t piece)
{
    struct haul_csv csv;

    haul_buf_done(&told);
    haul_csv_init(&csv);
    for (size_t at = 0; at < len; at += piece) {
        haul_feed_add(&csv.feed, text + at, len - at < piece ? len - at : piece);
        read_rows(&csv);
    }
    haul_feed_finish(&csv.feed);
    read_rows(&csv);
    haul_csv_done(&csv);
    return haul_buf_str(&told);
}

/* RFC 4180, and what is not in it. */
static const struct {
    const char *text, *wanted;
} table[] = {
    {"", ""},
    {"a,b\n", "1:[a][b] "},
    {"a,b\r\nc,d", "1:[a][b] 2:[c][d] "},
    {",\n", "1:[][] "},
    {"a,\n", "1:[a][] "},
    {"a,", "1:[a][] "},
    {"\n\r\n\na\n", "4:[a] "},
    {"\"\"\n", "1:[] "},
    {"\"a,b\",\"c\"\"d\"\n", "1:[a,b][c\"d] "},
    {"\"a\nb\r\nc\",d\ne\n", "1:[a\nb\r\nc][d] 4:[e] "},
    {"\"a\"\r\n\"b\"", "1:[a] 2:[b] "},
    {"a\"b,c\n", "1:[a\"b][c] "},
    {" a , b\n", "1:[ a ][ b] "},
    {"a\rb\n", "1:[a\rb] "},
    {"\xef\xbb\xbf"
     "a\n",
     "1:[a] "},
    {"\xef\xbb"
     "a\n",
     "1:[\xef\xbb"
     "a] "},
    {"a\n\xef\xbb\xbf"
     "b\n",
     "1:[a] 2:[\xef\xbb\xbf"
     "b] "},
    {"\"a\"b,c\nd\n", NULL},
    {"\"a\nb", NULL},
};

START_TEST(text_of_the_table_is_cut_in_any_pieces)
{
    size_t len = strlen(table[_i].text);

    for (size_t piece = 1; piece <= len + 1; piece++) {
        const char *read = read_csv(table[_i].text, len, piece);

        if (table[_i].wanted)
            ck_assert_str_eq(read, table[_i].wanted);
        else
            ck_assert_ptr_nonnull(strstr(read, "quotation mark"));
    }
}
END_TEST

START_TEST(nul_in_a_cell_spoils_its_row)
{
    char wanted[64];

    snprintf(wanted, sizeof wanted, "1:[a]!%d  2:[c] ", (int)HAUL_REASON_CONTROL_CHARACTER);
    ck_assert_str_eq(read_csv("a\0b,x\nc\n", 8, 3), wanted);
}
END_TEST

/* A quotation mark that is never closed costs one row's worth, not the list. */
START_TEST(row_without_end_is_given_up_at_a_line)
{
    struct haul_buf text;
    const char *read;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "\"a\n");
    for (int i = 0; i < HAUL_CSV_ROW_MAX / 8; i++)
        haul_buf_add_str(&text, "1234567\n");
    haul_buf_add_str(&text, "b\nc\n");
    read = read_csv(text.data, text.len, 1000);
    ck_assert_ptr_nonnull(strstr(read, ":[c] "));
    ck_assert_uint_le(strlen(read), HAUL_CSV_ROW_MAX + 100);
    haul_buf_done(&text);
}
END_TEST

START_TEST(row_at_the_limits_is_fine_and_one_above_is_not)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_pad(&text, 'x', HAUL_CSV_ROW_MAX);
    ck_assert_ptr_null(strchr(read_csv(text.data, text.len, 999), '!'));
    haul_buf_add_str(&text, "x\nb\n");
    ck_assert_ptr_nonnull(strchr(read_csv(text.data, text.len, 999), '!'));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), "2:[b]"));
    haul_buf_clear(&text);
    haul_buf_pad(&text, ',', HAUL_CSV_COLUMNS_MAX - 1);
    ck_assert_ptr_null(strchr(read_csv(text.data, text.len, 999), '!'));
    haul_buf_add_str(&text, ",\nb\n");
    ck_assert_ptr_nonnull(strstr(read_csv(text.data, text.len, 999), "more than 256 cells"));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), "2:[b]"));
    haul_buf_done(&text);
}
END_TEST

/* --- tables ----------------------------------------------------------------------------------- */

static enum haul_err read_items(struct haul_table *list)
{
    struct haul_list_entry entry;
    enum haul_err err;

    while ((err = haul_table_next(list, &entry)) == HAUL_OK)
        tell_entry(&told, &entry);
    return err;
}

static const char *read_form(const char *text, const struct haul_table_form *form)
{
    struct haul_table list;

    haul_buf_done(&told);
    haul_table_init(&list, form);
    haul_feed_add(&list.csv.feed, text, strlen(text));
    if (read_items(&list) == HAUL_ERR_END) {
        haul_feed_finish(&list.csv.feed);
        if (read_items(&list) == HAUL_ERR_END) {
            haul_buf_add_str(&told, haul_table_warning(&list));
            ck_assert_str_eq(haul_table_warning(&list), "");
            haul_table_done(&list);
            return haul_buf_str(&told);
        }
    }
    haul_buf_addf(&told, "ERROR %s", haul_table_problem(&list));
    haul_table_done(&list);
    return haul_buf_str(&told);
}

static const struct {
    const char *text, *column, *wanted;
} lists[] = {
    {"url,tag\nhttp://a/,x\n http://b/ ,\n", "url", "2 [http://a/] tag=x\n3 [http://b/] tag=\n"},
    {"tag,url\nx,http://a/\n", "2", "2 [http://a/] tag=x\n"},
    {"1,2\nhttp://a/,x\n", "1", "2 [http://a/] 2=x\n"},
    {"url\n\n#\n", "url", "3 [#]\n"},
    {"url,a\nx\ny,1,2\nz,3\n", "url",
     "2 [x] !1 cell, where the header line has 2\n"
     "3 [y] a=1 !3 cells, where the header line has 2\n4 [z] a=3\n"},
    {"url,a\n\"x\ny\",1\n", "url", "2 [x\ny] a=1 !the line holds a control character\n"},
    {"url,a\n,1\n", "url", "2 [] a=1\n"},
    {"a,url\n1,# failed: x\n2,http://a/\n3,\"# \"\"\"\n# x,#y\n", "url",
     "3 [http://a/] a=2\n5 [#y] a=# x\n"},
    {"", "url", ""},
    {"a,b\n", "url", "ERROR there is no column 'url'; there are 'a', 'b'"},
    {"a,b\n", "3", "ERROR there is no column '3'; there are 'a', 'b'"},
    {"a,b,a\n", "b", "ERROR columns 1 and 3 have the same name: 'a'"},
    {",url,,x,\n0,http://a/,1,2,\n", "url", "2 [http://a/] column1=0 column3=1 x=2 column5=\n"},
    {"url,,column2\n", "url", "ERROR columns 2 and 3 have the same name: 'column2'"},
    {"url,a\rhttp://a/,1\rhttp://b/,2\r", "url",
     "ERROR a carriage return ends no line without a line feed behind it"},
    {"url\rhttp://a/\r", "1", "ERROR a carriage return ends no line without a line feed behind it"},
    {"url,\"a\r\n(b)\"\r\nhttp://a/,1\r\n", "url", "3 [http://a/] a\r\n(b)=1\n"},
    {"\"a\"x\n", "b", "ERROR text behind a closing quotation mark"},
};

START_TEST(list_of_the_table_gives_its_entries)
{
    const struct haul_table_form form = {.column = lists[_i].column};

    ck_assert_str_eq(read_form(lists[_i].text, &form), lists[_i].wanted);
}
END_TEST

static const struct {
    const char *text, *column, *wanted;
} headless[] = {
    {"1,example.com\n2,http://b/\n", "2", "1 [example.com] column1=1\n2 [http://b/] column1=2\n"},
    {"a,1\nb\n", "1", "1 [a] column2=1\n2 [b] !1 cell, where the first row has 2\n"},
    {"a,b\n", "column2", "1 [b] column1=a\n"},
    {"\"a\"x,1\nb,1,2\nc,3,4\n", "1",
     "1 [a] !text behind a closing quotation mark\n2 [b] column2=1 column3=2\n"
     "3 [c] column2=3 column3=4\n"},
    {"a,b\n", "3", "ERROR there is no column '3'; there are 'column1', 'column2'"},
    {"a,b\n", "url", "ERROR there is no column 'url'; there are 'column1', 'column2'"},
};

START_TEST(table_without_header_line_gives_its_first_row)
{
    const struct haul_table_form form = {.column = headless[_i].column, .head = HAUL_TABLE_HEAD_NO};

    ck_assert_str_eq(read_form(headless[_i].text, &form), headless[_i].wanted);
}
END_TEST

static const struct {
    const char *cell, *column;
    bool warns;
} headers[] = {
    {"example.com", "2", true},
    {"http://x", "2", true},
    {" http://x ", "2", true},
    {"b\xc3\xbc.de/x", "2", true},
    {"127.0.0.1", "2", true},
    {"127.0.0.1:80", "2", true},
    {"a-b.co.uk:8/?q", "2", true},
    {"url", "2", false},
    {"", "2", false},
    {"the url", "2", false},
    {"v1.2", "2", false},
    {"1.5", "2", false},
    {".url", "2", false},
    {"a.", "2", false},
    {"No.", "2", false},
    {"example.com", "example.com", false},
};

START_TEST(header_that_looks_like_a_url_is_warned_of)
{
    const struct haul_table_form form = {.column = headers[_i].column};
    char text[64];

    snprintf(text, sizeof text, "1,%s\n", headers[_i].cell);
    ck_assert_int_eq(strstr(read_form(text, &form), "say --no-header") != NULL, headers[_i].warns);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tcase = tcase_create("csv");
    SRunner *runner = srunner_create(suite);
    int failures;

    haul_buf_init(&told, 0);
    tcase_add_loop_test(tcase, text_of_the_table_is_cut_in_any_pieces, 0,
                        sizeof table / sizeof *table);
    tcase_add_test(tcase, nul_in_a_cell_spoils_its_row);
    tcase_add_test(tcase, row_without_end_is_given_up_at_a_line);
    tcase_add_test(tcase, row_at_the_limits_is_fine_and_one_above_is_not);
    tcase_add_loop_test(tcase, list_of_the_table_gives_its_entries, 0,
                        sizeof lists / sizeof *lists);
    tcase_add_loop_test(tcase, table_without_header_line_gives_its_first_row, 0,
                        sizeof headless / sizeof *headless);
    tcase_add_loop_test(tcase, header_that_looks_like_a_url_is_warned_of, 0,
                        sizeof headers / sizeof *headers);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    haul_buf_done(&told);
    return failures != 0;
}
