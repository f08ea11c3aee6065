#include <string.h>
#include <unistd.h>

#include "harness.h"

/*
 * What `haul diff` says to people: which runs, what they are called, and of each change what it is.
 * Journals are written here, so the figures are this file's own.
 */

struct page {
    const char *name, *outcome, *reason, *type;
    int size, wire; /* 0: that is not in the journal */
};

static const char *write_run(const char *name, const char *title, const char *day,
                             const struct page *page, size_t count)
{
    const char *path = it_path(name);
    const char *text =
        it_text("{\"journal\":1,\"haul\":\"0\",\"options\":{\"title\":\"%s\"}}\n", title);

    for (size_t i = 0; i < count; i++)
        text = it_text("%s{\"key\":\"%016zx\",\"seq\":%zu,\"outcome\":\"%s\",\"reason\":\"%s\","
                       "%s\"url\":\"http://h/%s\",\"size_body\":%d,\"content_type\":\"%s\","
                       "\"started\":\"%sT03:%02zu:59.000Z\",\"attempts\":1,\"worker\":1}\n",
                       text, i + 1, i + 1, page[i].outcome, page[i].reason,
                       page[i].wire ? it_text("\"size_download\":%d,", page[i].wire) : "",
                       page[i].name, page[i].size, page[i].type, day, 59 - i);
    text = it_text("%s{\"footer\":1,\"lines\":%zu}\n", text, count);
    it_write(path, text, strlen(text));
    return path;
}

#define OK(page, media_type, bytes)                                                                \
    {                                                                                              \
        .name = (page), .outcome = "ok", .reason = "", .type = (media_type), .size = (bytes)       \
    }
#define BAD(page, why)                                                                             \
    {                                                                                              \
        .name = (page), .outcome = "failed", .reason = (why), .type = ""                           \
    }

static const struct page before[] = {
    OK("same", "text/html", 10),   OK("typed", "text/html", 20), OK("untyped", "", 30),
    OK("grown", "text/css", 1024), OK("fails", "x/y", 40),       BAD("back", "connect"),
    BAD("stays", "http-503"),
};
static const struct page now[] = {
    OK("same", "text/html", 10),    OK("typed", "text/css", 20), OK("untyped", "x/z", 30),
    OK("grown", "text/html", 3072), BAD("fails", "http-410"),    OK("back", "text/html", 50),
    BAD("stays", "timeout-stall"),
};
enum { PAGES = sizeof now / sizeof *now };

static const char *write_before(const char *title)
{
    return write_run("old", title, "2026-01-31", before, PAGES);
}

static const char *write_now(const char *title)
{
    return write_run("new", title, "2026-02-28", now, PAGES);
}

START_TEST(each_change_says_what_it_is)
{
    const char *old = write_before(""), *new = write_now("");
    struct it_run run = it_haul(IT_ARGS("diff", old, new));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(
        run.out,
        it_text("h: 1 now failing, the rest +2.0 KiB (+188.9 %%), 1 newly known: 1 grown,"
                " 2 new type, 1 recovered\n"
                "before: 7 URLs, 1.1 KiB, 2 failed (%s, 2026-01-31 03:53 UTC)\n"
                "now: 7 URLs, 3.1 KiB, 2 failed (%s, 2026-02-28 03:53 UTC)\n\n"
                "grown            +2.0 KiB         1.0 KiB > 3.0 KiB  text/css to text/html: "
                "http://h/grown\n"
                "recovered               -                  - > 50 B  from connect: http://h/back\n"
                "now failing             -                  40 B > -  http-410: http://h/fails\n"
                "new type              0 B               20 B > 20 B  text/html to text/css: "
                "http://h/typed\n"
                "new type              0 B               30 B > 30 B  (none) to x/z: "
                "http://h/untyped\n",
                old, new));
}
END_TEST

START_TEST(rows_have_reasons)
{
    struct it_run run =
        it_haul(IT_ARGS("diff", "--format", "jsonl", write_before(""), write_now("")));
    const json_t *rows = it_rows(run.out), *row = it_row(rows, "http://h/fails");

    ck_assert_str_eq(it_str(row, "reason_before"), "");
    ck_assert_str_eq(it_str(row, "reason_after"), "http-410");
    row = it_row(rows, "http://h/back");
    ck_assert_str_eq(it_str(row, "reason_before"), "connect");
    ck_assert_str_eq(it_str(row, "reason_after"), "");
    run = it_haul(IT_ARGS("diff", "--format", "csv", it_path("old"), it_path("new")));
    ck_assert_ptr_nonnull(strstr(run.out, "\nfailing,http://h/fails,40,,-40,x/y,,,http-410,,,\n"));
}
END_TEST

/* Of the option before the new run's before the old one's; and of one history alone. */
START_TEST(head_has_the_title)
{
    static const char *const titles[][4] = {{"", "", NULL, "h: "},
                                            {"Old", "", NULL, "Old: "},
                                            {"Old", "New", NULL, "New: "},
                                            {"Old", "New", "Mine", "Mine: "},
                                            {"", "a\\u0007b", NULL, "h: "}};

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        const char *old = write_before(titles[i][0]), *new = write_now(titles[i][1]);
        const char *option = titles[i][2] ? titles[i][2] : "";
        struct it_run run = it_haul(IT_ARGS("diff", "--title", option, old, new));

        ck_assert_msg(strstr(run.out, titles[i][3]) == run.out, "%s", run.out);
        run = it_haul(IT_ARGS("diff", "--title", option, old, old));
        ck_assert_ptr_nonnull(
            strstr(run.out, ": no difference\nbefore: 7 URLs, 1.1 KiB, 2 failed ("));
    }
}
END_TEST

/* A group of which nothing is known any more has not "changed by 0 B"; and of groups, too, it is
 * said how many more there are. */
START_TEST(group_that_fails_as_a_whole_has_no_figure)
{
    const char *old = write_before(""), *new = write_now("");
    struct it_run run = it_haul(IT_ARGS("diff", "--top", "20", "--group-by", "type", old, new));

    ck_assert_ptr_nonnull(
        strstr(run.out, "\n     1 changed             -                  40 B > -  x/y\n"));
    run = it_haul(IT_ARGS("diff", "--top", "1", "--group-by", "type", old, new));
    ck_assert_ptr_nonnull(strstr(run.out, "\nand 4 more (--top)\n\n     3 changed")); /* changes */
    ck_assert_ptr_nonnull(strstr(run.out, "text/html\nand 4 more (--top)\n"));        /* groups */
}
END_TEST

/* A server that gives back in its type what it was asked for. */
START_TEST(secret_of_a_url_is_hidden_in_its_types)
{
    static const struct page old[] = {OK("a?token=geheimnis1", "text/geheimnis1", 5)};
    static const struct page new[] = {OK("a?token=geheimnis1", "text/plain", 5)};
    const char *paths[] = {write_run("secret.old", "", "2026-01-31", old, 1),
                           write_run("secret.new", "geheimnis1", "2026-02-28", new, 1)};
    static const char *const formats[] = {"text", "markdown", "csv", "jsonl"};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct it_run run = it_haul(IT_ARGS("diff", "--redact", "token", "--title", "t", "--format",
                                            formats[i], paths[0], paths[1]));

        ck_assert_int_eq(run.status, 1);
        ck_assert_ptr_nonnull(strstr(run.out, "text/***"));
        ck_assert_msg(!strstr(run.out, "geheim"), "%s", run.out);
    }
}
END_TEST

START_TEST(names_of_others_cannot_draw_on_a_terminal)
{
    const char *old = write_run("o\x1b[2Jl`d", "", "2026-01-31", before, PAGES);
    static const struct page hostile[] = {OK("x", "t/`\\u001b[2J|", 1),
                                          BAD("fails", "`\\u001b[1m|")};
    const char *new = write_run("hostile", "", "2026-02-28", hostile, 2);
    static const char *const formats[] = {"text", "markdown"};

    for (size_t i = 0; i < 2; i++) {
        struct it_run run = it_haul(IT_ARGS("diff", "--format", formats[i], old, new));

        ck_assert_int_eq(run.status, 1);
        ck_assert_ptr_null(strchr(run.out, '\x1b'));
        ck_assert_ptr_nonnull(strstr(run.out, "o\\x1b[2Jl`d"));
    }
    unlink(old);
}
END_TEST

/* ---- what is no change ---- */

/* Sizes before and after; whether the difference reaches 100 bytes, and a tenth. */
static const struct {
    int before, after;
    bool in_bytes, in_share;
} sizes[] = {{1000, 1099, false, false}, {1000, 1100, true, true},  {1000, 901, false, false},
             {1000, 900, true, true},    {500, 550, false, true},   {500, 549, false, false},
             {2000, 2100, true, false},  {2000, 2199, true, false}, {2000, 2200, true, true},
             {0, 1, false, true},        {1, 0, false, true},       {5000, 5000, false, false}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static const struct {
    const char *min;
    bool bytes, share;
} minima[] = {{"0", false, false},      {"100", true, false},     {"100B", true, false},
              {"10%", false, true},     {"100B,10%", true, true}, {"10%,100B", true, true},
              {"0.0001%", false, false}};

static const char *write_sizes(const char *name, bool is_after)
{
    struct page page[SIZES];

    for (size_t i = 0; i < SIZES; i++)
        page[i] =
            (struct page)OK(it_text("%zu", i), "x/y", is_after ? sizes[i].after : sizes[i].before);
    return write_run(name, "", "2026-01-31", page, SIZES);
}

START_TEST(what_differs_by_less_is_no_change)
{
    const char *old = write_sizes("old", false), *new = write_sizes("new", true);
    const char *min = minima[_i].min;
    struct it_run run =
        it_haul(IT_ARGS("diff", "--format", "jsonl", "--change-min", min, old, new));
    const json_t *rows = it_rows(run.out);
    size_t left_out = 0, told = 0;

    for (size_t i = 0; i < SIZES; i++) {
        bool differs = sizes[i].before != sizes[i].after;
        bool wanted = differs && (!minima[_i].bytes || sizes[i].in_bytes) &&
                      (!minima[_i].share || sizes[i].in_share);
        const char *url = it_text("\"http://h/%zu\"", i);

        ck_assert_msg(!strstr(run.out, url) == !wanted, "%s of %s", url, min);
        told += wanted;
        left_out += differs && !wanted;
    }
    ck_assert_uint_eq(json_array_size(rows), told);
    run = it_haul(IT_ARGS("diff", "--change-min", min, old, new));
    ck_assert_int_eq(
        !strstr(run.out, it_text(", %zu left out (--change-min, --ignore-change)\n", left_out)),
        !left_out);
    ck_assert_ptr_nonnull(strstr(run.out, "h: +598 B (+3.7 %)")); /* the sum is that of all */
}
END_TEST

START_TEST(pages_whose_changes_are_ignored_are_told_when_they_fail)
{
    const char *old = write_before(""), *new = write_now("");
    struct it_run run =
        it_haul(IT_ARGS("diff", "--format", "jsonl", "--ignore-change", "path:/**", old, new));

    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 2); /* it fails, or is back */
    ck_assert_ptr_nonnull(strstr(run.out, "http://h/fails"));
    ck_assert_ptr_nonnull(strstr(run.out, "http://h/back"));
    run = it_haul(IT_ARGS("diff", "--ignore-change", "type:Text/**", "--ignore-change",
                          "path:/untyp*", old, new));
    ck_assert_ptr_eq(strstr(run.out,
                            "h: 1 now failing, the rest +2.0 KiB (+188.9 %), 1 newly known:"
                            " 1 recovered, 3 left out (--change-min, --ignore-change)\n"),
                     run.out);
    run = it_haul(IT_ARGS("diff", "--ignore-change", "host:H", old, new));
    ck_assert_ptr_nonnull(strstr(run.out, ": 1 recovered, 3 left out"));
    run = it_haul(IT_ARGS("diff", "--ignore-change", "size:9", old, new));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "must be path:GLOB, host:GLOB or type:GLOB"));
    run = it_haul(IT_ARGS("diff", "--change-min", "9,x%", old, new));
    ck_assert_int_eq(run.status, 2);
}
END_TEST

/* The same page, packed better: 20 bytes of 400, which is 5 %. */
START_TEST(threshold_is_one_for_bytes_on_the_wire_too)
{
    static const struct page old[] = {{"a", "ok", "", "x/y", 1000, 400}};
    static const struct page new[] = {{"a", "ok", "", "x/y", 1000, 380}};
    const char *paths[] = {write_run("old", "", "2026-01-31", old, 1),
                           write_run("new", "", "2026-02-28", new, 1)};
    static const struct {
        const char *min;
        int status;
    } cases[] = {{"20", 1}, {"21", 0}, {"5%", 1}, {"5.1%", 0}, {"20,5.1%", 0}, {"20,5%", 1}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(
            it_haul(IT_ARGS("diff", "--change-min", cases[i].min, paths[0], paths[1])).status,
            cases[i].status);
    ck_assert_int_eq(
        it_haul(IT_ARGS("diff", "--ignore-change", "path:/a", paths[0], paths[1])).status, 0);
}
END_TEST

START_TEST(nothing_but_what_is_left_out_is_no_difference)
{
    static const struct page old[] = {OK("a", "x/y", 1000)}, new[] = {OK("a", "x/y", 1006)};
    const char *paths[] = {write_run("old", "", "2026-01-31", old, 1),
                           write_run("new", "", "2026-02-28", new, 1)};
    struct it_run run = it_haul(IT_ARGS("diff", "--change-min", "100B", paths[0], paths[1]));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_eq(
        strstr(run.out, "h: no difference, 1 left out (--change-min, --ignore-change)\n"), run.out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diff");
    TCase *tcase = tcase_create("diff");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin, it_end);
    tcase_add_test(tcase, each_change_says_what_it_is);
    tcase_add_test(tcase, rows_have_reasons);
    tcase_add_test(tcase, head_has_the_title);
    tcase_add_test(tcase, group_that_fails_as_a_whole_has_no_figure);
    tcase_add_test(tcase, secret_of_a_url_is_hidden_in_its_types);
    tcase_add_test(tcase, names_of_others_cannot_draw_on_a_terminal);
    tcase_add_loop_test(tcase, what_differs_by_less_is_no_change, 0,
                        sizeof minima / sizeof *minima);
    tcase_add_test(tcase, pages_whose_changes_are_ignored_are_told_when_they_fail);
    tcase_add_test(tcase, threshold_is_one_for_bytes_on_the_wire_too);
    tcase_add_test(tcase, nothing_but_what_is_left_out_is_no_difference);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
