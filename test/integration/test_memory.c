#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "servers.h"

/*
 * Memory does not depend on the length of the list. The lists are files that are written piece by
 * piece, and reports go to files: the memory of a child is at least that of the test itself at the
 * start (getrusage(2)).
 */

enum { SHORT_LIST = 10000, LONG_LIST = 200000, INVALID_EVERY = 50, MEMORY_MAX_KB = 24 * 1024 };

static const char *write_list(const char *name, int lines)
{
    const char *path = it_path(name), *valid = it_url("/any/x?n=3");
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < lines; i++) {
        if (i % INVALID_EVERY == 0)
            ck_assert_int_gt(fprintf(file, "nothing://%d/\n", i), 0);
        else
            ck_assert_int_gt(fprintf(file, "%s&i=%d\n", valid, i), 0);
    }
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static size_t count_lines(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t count = 0;
    int c;

    ck_assert_ptr_nonnull(file);
    while ((c = getc(file)) != EOF)
        count += c == '\n';
    (void)fclose(file);
    return count;
}

static long run_list(const char *order, const char *list, int lines)
{
    const char *report = it_path("report");
    struct it_run run = it_haul(
        IT_ARGS("-j", "64", "--format", "jsonl", "--order", order, "-o", report, "-i", list));

    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(count_lines(report), (size_t)lines);
    it_check_equation(run.err, (uint64_t)lines);
    return run.memory_kb;
}

static void check_memory(int few, long few_kb, long many_kb)
{
    (void)fprintf(stderr, "peak memory: %d lines %ld kB, %d lines %ld kB\n", few, few_kb, LONG_LIST,
                  many_kb);
    if (it_is_sanitized()) {
        (void)fputs("built with sanitizers: memory is not looked at\n", stderr);
        return;
    }
    ck_assert_int_le(many_kb, few_kb * 12 / 10);
    ck_assert_int_le(many_kb, MEMORY_MAX_KB);
}

START_TEST(long_list_takes_no_more_memory_than_a_short_one)
{
    long few_kb = run_list("done", write_list("few", SHORT_LIST), SHORT_LIST);
    long many_kb = run_list("done", write_list("many", LONG_LIST), LONG_LIST);

    check_memory(SHORT_LIST, few_kb, many_kb);
}
END_TEST

/* Rows that wait for an earlier one may take 1 MiB, which a short list does not use up. */
START_TEST(long_list_in_order_takes_no_more_memory_than_a_shorter_one)
{
    long few_kb = run_list("input", write_list("few", SHORT_LIST), SHORT_LIST);
    long many_kb = run_list("input", write_list("many", LONG_LIST), LONG_LIST);

    check_memory(SHORT_LIST, few_kb, many_kb);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tcase = tcase_create("memory");

    (void)unsetenv("MALLOC_PERTURB_"); /* it fills, and so makes resident, what is only reserved */
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_set_timeout(tcase, 180);
    tcase_add_test(tcase, long_list_takes_no_more_memory_than_a_short_one);
    tcase_add_test(tcase, long_list_in_order_takes_no_more_memory_than_a_shorter_one);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
