#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/report.h"
#include "sample_record.h"

/* The report as a whole: the order of its rows, and what may go wrong. */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static int open_scratch(char path[])
{
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    return fd;
}

static struct haul_report *create(enum haul_format format, enum haul_order order, int fd,
                                  bool is_terminal)
{
    const struct haul_report_options options = {.format = format,
                                                .order = order,
                                                .fd = fd,
                                                .terminal = {.is_terminal = is_terminal},
                                                .memory_max = 100};
    struct haul_report *report;

    ck_assert_int_eq(haul_report_create(&report, &options), HAUL_OK);
    return report;
}

static void add(struct haul_report *report, uint64_t seq, const char *url)
{
    struct haul_record rec = sample_record(url, 1);

    rec.seq = seq;
    ck_assert_int_eq(haul_report_add(report, &rec), HAUL_OK);
}

static const struct order_row {
    enum haul_order order;
    bool is_terminal;
    const char *urls; /* first letters of the rows in the file after a flush, and at the end */
    const char *all;
} order_rows[] = {
    {HAUL_ORDER_INPUT, false, "", "abc"},  {HAUL_ORDER_INPUT, true, "", "abc"},
    {HAUL_ORDER_DONE, false, "cb", "cba"}, {HAUL_ORDER_DONE, true, "cb", "cba"},
    {HAUL_ORDER_AUTO, false, "", "abc"},   {HAUL_ORDER_AUTO, true, "", "abc"},
};

START_TEST(only_text_is_in_input_order_unless_asked_otherwise)
{
    enum haul_format format = (enum haul_format)_i;

    ck_assert(haul_report_is_in_input_order(HAUL_ORDER_INPUT, format));
    ck_assert(!haul_report_is_in_input_order(HAUL_ORDER_DONE, format));
    ck_assert(haul_report_is_in_input_order(HAUL_ORDER_AUTO, format) ==
              (format == HAUL_FORMAT_TEXT));
}
END_TEST

static void assert_first_letters(int fd, const char *letters)
{
    char text[1000];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    const char *at = text;

    ck_assert_int_ge(len, 0);
    text[len] = '\0';
    for (; *letters; letters++) {
        ck_assert_int_eq(*at, *letters);
        at = strchr(at, '\n') + 1;
    }
    ck_assert_int_eq(*at, '\0');
}

START_TEST(rows_come_in_the_order_asked_for)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report =
        create(HAUL_FORMAT_TEXT, order_rows[_i].order, fd, order_rows[_i].is_terminal);
    uint64_t gaps = 77;

    add(report, 2, "c");
    add(report, 1, "b");
    ck_assert_int_eq(haul_report_flush(report), HAUL_OK);
    assert_first_letters(fd, order_rows[_i].urls);
    add(report, 0, "a");
    ck_assert_int_eq(haul_report_finish(report, &gaps), HAUL_OK);
    assert_first_letters(fd, order_rows[_i].all);
    ck_assert_uint_eq(gaps, 0);
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(lost_records_are_counted_at_the_end)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report = create(HAUL_FORMAT_TEXT, HAUL_ORDER_INPUT, fd, false);
    uint64_t gaps;

    add(report, 3, "d");
    add(report, 0, "a");
    ck_assert_int_eq(haul_report_finish(report, &gaps), HAUL_OK);
    ck_assert_uint_eq(gaps, 2);
    assert_first_letters(fd, "ad");
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(report_without_rows_has_its_header)
{
    static const char *const letters[] = {"", "u", "u", ""};
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report = create((enum haul_format)_i, HAUL_ORDER_INPUT, fd, false);

    ck_assert_int_eq(haul_report_finish(report, NULL), HAUL_OK);
    assert_first_letters(fd, letters[_i]);
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(full_disk_fails_the_report)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct haul_report *report = create(HAUL_FORMAT_TEXT, HAUL_ORDER_INPUT, fd, false);
    struct haul_record rec = sample_record("u", 1);

    add(report, 0, "a");
    ck_assert_int_eq(haul_report_flush(report), HAUL_ERR_IO);
    ck_assert_int_eq(haul_report_errno(report), ENOSPC);
    rec.seq = 1;
    ck_assert_int_eq(haul_report_add(report, &rec), HAUL_ERR_IO);
    ck_assert_int_eq(haul_report_finish(report, NULL), HAUL_ERR_IO);
    haul_report_free(report);
    close(fd);
}
END_TEST

START_TEST(record_that_comes_twice_fails_the_report)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = open_scratch(path);
    struct haul_report *report = create(HAUL_FORMAT_TEXT, HAUL_ORDER_INPUT, fd, false);
    struct haul_record rec = sample_record("u", 1);

    add(report, 0, "a");
    ck_assert_int_eq(haul_report_add(report, &rec), HAUL_ERR_RANGE);
    ck_assert_int_eq(haul_report_finish(report, NULL), HAUL_ERR_RANGE);
    haul_report_free(report);
    close(fd);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tcase = tcase_create("whole");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, rows_come_in_the_order_asked_for, 0, COUNT(order_rows));
    tcase_add_loop_test(tcase, only_text_is_in_input_order_unless_asked_otherwise, 0, 4);
    tcase_add_test(tcase, lost_records_are_counted_at_the_end);
    tcase_add_loop_test(tcase, report_without_rows_has_its_header, 0, 4);
    tcase_add_test(tcase, full_disk_fails_the_report);
    tcase_add_test(tcase, record_that_comes_twice_fails_the_report);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
