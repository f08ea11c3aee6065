#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/* What visitors download: the bytes that bodies take on the wire, from run to run. */

enum { LARGE = 1500, SMALL = 300, OK = 0, CHANGED = 1, EXCEEDED = 4 };

static const char *history(void)
{
    return it_path("wire.history");
}

/* The server packs it for whoever accepts that. */
static const char *large(void)
{
    char hex[2 * LARGE + 1];

    for (int i = 0; i < LARGE; i++)
        memcpy(hex + (ptrdiff_t)(2 * i), i % 9 ? "61" : "62", 3);
    return it_url("/bytes/large?packs=1&type=text/html&hex=%s", hex);
}

static const char *small(void)
{
    return it_url("/size?n=%d&type=image/png", SMALL);
}

static void forget(void)
{
    unlink(history());
    unlink(it_text("%s-wal", history()));
    unlink(it_text("%s-shm", history()));
}

/* A night with one more option, or NULL; the rows of its report. */
static const json_t *run_night(const char *option)
{
    struct it_run run =
        option ? it_haul(
                     IT_ARGS("--format", "jsonl", "--history", history(), option, large(), small()))
               : it_haul(IT_ARGS("--format", "jsonl", "--history", history(), large(), small()));

    ck_assert_msg(run.status == OK, "%s", run.err);
    return it_rows(run.out);
}

/* What the server has packed the large page to. */
static json_int_t packed_size(void)
{
    json_int_t packed = it_int(it_row(run_night(NULL), large()), "size_download");

    ck_assert_int_gt(packed, 0);
    ck_assert_int_lt(packed, LARGE / 2);
    return packed;
}

static const json_t *diff(const char *option, const char *value)
{
    struct it_run run = it_haul(IT_ARGS("diff", "--format", "jsonl", option, value, history()));

    ck_assert_msg(run.status == OK || run.status == CHANGED, "%s", run.err);
    ck_assert_int_eq(run.status == CHANGED, run.out_len > 0);
    return it_rows(run.out);
}

START_TEST(server_that_no_longer_packs_is_told)
{
    json_int_t packed = packed_size(), more = LARGE - packed;
    const json_t *row, *rows;
    struct it_run run;

    (void)run_night("--no-compressed");
    rows = diff("--top", "9");
    ck_assert_uint_eq(json_array_size(rows), 1);
    row = json_array_get(rows, 0);
    ck_assert_str_eq(it_str(row, "url"), large());
    ck_assert_str_eq(it_str(row, "change"), "wire");
    ck_assert_int_eq(it_int(row, "before"), LARGE);
    ck_assert_int_eq(it_int(row, "after"), LARGE);
    ck_assert_int_eq(it_int(row, "delta"), 0);
    ck_assert_int_eq(it_int(row, "wire_before"), packed);
    ck_assert_int_eq(it_int(row, "wire_after"), LARGE);
    ck_assert_int_eq(it_int(row, "wire_delta"), more);
    run = it_haul(IT_ARGS("diff", history()));
    ck_assert_int_eq(run.status, CHANGED);
    ck_assert_ptr_nonnull(strstr(run.out, ": 0 B (0.0 %), on the wire +"));
    ck_assert_ptr_nonnull(strstr(run.out, "): 1 wire only\n"));
    ck_assert_ptr_nonnull(strstr(run.out, " on the wire, 0 failed ("));
    forget();
}
END_TEST

START_TEST(groups_have_their_bytes_on_the_wire)
{
    json_int_t packed = packed_size();
    const json_t *rows;

    (void)run_night("--no-compressed");
    rows = diff("--group-by", "type");
    ck_assert_uint_eq(json_array_size(rows), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *row = json_array_get(rows, i);
        bool is_large = !strcmp(it_str(row, "group"), "text/html");

        ck_assert_int_eq(it_int(row, "wire_before"), is_large ? packed : SMALL);
        ck_assert_int_eq(it_int(row, "wire_after"), is_large ? LARGE : SMALL);
        ck_assert_int_eq(it_int(row, "wire_delta"), is_large ? LARGE - packed : 0);
        ck_assert_int_eq(it_int(row, "delta"), 0);
    }
    forget();
}
END_TEST

/* A 304 brings nothing, and takes nothing from what a page takes. */
START_TEST(unchanged_page_takes_what_it_took)
{
    const char *url = it_url("/range?n=%d&etag=one", SMALL);
    struct it_run run;

    for (int night = 0; night < 3; night++) {
        run = it_haul(IT_ARGS("--format", "jsonl", "--etags", "--history", history(), "--budget",
                              it_text("wire:total=%d", SMALL), url));
        ck_assert_msg(run.status == OK, "%s", run.err);
        ck_assert_int_eq(it_int(it_row(it_rows(run.out), url), "size_download"), night ? 0 : SMALL);
    }
    ck_assert_uint_eq(json_array_size(diff("--top", "9")), 0);
    run = it_haul(IT_ARGS("history", "--format", "jsonl", history()));
    for (size_t night = 0; night < 3; night++) {
        const json_t *row = json_array_get(it_rows(run.out), night);

        ck_assert_int_eq(it_int(row, "wire"), night ? 0 : SMALL);
        ck_assert_int_eq(it_int(row, "page_wire"), SMALL);
    }
    forget();
}
END_TEST

START_TEST(size_that_is_only_told_is_not_known_on_the_wire)
{
    struct it_run run;

    (void)packed_size();
    run = it_haul(IT_ARGS("--head", "--history", history(), "--budget", "wire:total<1G", "--budget",
                          "total<1G", small()));
    ck_assert_int_eq(run.status, OK);
    ck_assert_ptr_nonnull(strstr(run.err, "wire:total<1G: not known"));
    ck_assert_ptr_nonnull(strstr(run.err, "total<1G: kept"));
    ck_assert_ptr_nonnull(strstr(run.err, "1 URL has no known length on the wire"));
    run = it_haul(IT_ARGS("history", "--format", "jsonl", history(), small()));
    ck_assert_ptr_nonnull(strstr(run.out, "\"size_download\":null"));
    forget();
}
END_TEST

static const struct {
    const char *budget;
    int status;
} budgets[] = {
    {"wire:total<1k", EXCEEDED},
    {"total<1k", EXCEEDED},
    {"total<2k", OK},
    {"wire:total<2k", OK},
    {"wire:type:image/*<=300", OK},
    {"wire:type:image/*<300", EXCEEDED},
    {"wire:growth<10%", EXCEEDED},
    {"growth<10%", OK},
    {"wire:url:type:text/*<1000", EXCEEDED},
};

/* Of a night without packing, after one with it. */
START_TEST(budget_is_about_the_bytes_on_the_wire)
{
    struct it_run run;

    (void)packed_size();
    run = it_haul(IT_ARGS("--no-compressed", "--history", history(), "--budget", budgets[_i].budget,
                          large(), small()));
    ck_assert_msg(run.status == budgets[_i].status, "%d: %s", run.status, run.err);
    forget();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_bytes");
    TCase *tcase = tcase_create("wire_bytes");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, forget);
    tcase_add_test(tcase, server_that_no_longer_packs_is_told);
    tcase_add_test(tcase, groups_have_their_bytes_on_the_wire);
    tcase_add_test(tcase, unchanged_page_takes_what_it_took);
    tcase_add_test(tcase, size_that_is_only_told_is_not_known_on_the_wire);
    tcase_add_loop_test(tcase, budget_is_about_the_bytes_on_the_wire, 0,
                        sizeof budgets / sizeof *budgets);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
