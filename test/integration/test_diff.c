#include <string.h>
#include <unistd.h>

#include "harness.h"

/*
 * What `haul diff` says to people: which runs, what they are called, and of each change what it is.
 * Journals are written here, so the figures are this file's own.
 */

struct page {
    const char *name, *outcome, *reason, *type;
    int size;
};

static const char *write_run(const char *name, const char *title, const char *day,
                             const struct page *page, size_t count)
{
    const char *path = it_path(name);
    const char *text =
        it_text("{\"journal\":1,\"haul\":\"0\",\"options\":{\"title\":\"%s\"}}\n", title);

    for (size_t i = 0; i < count; i++)
        text = it_text("%s{\"key\":\"%016zx\",\"seq\":%zu,\"outcome\":\"%s\",\"reason\":\"%s\","
                       "\"url\":\"http://h/%s\",\"size_body\":%d,\"content_type\":\"%s\","
                       "\"started\":\"%sT03:%02zu:59.000Z\",\"attempts\":1,\"worker\":1}\n",
                       text, i + 1, i + 1, page[i].outcome, page[i].reason, page[i].name,
                       page[i].size, page[i].type, day, 59 - i);
    text = it_text("%s{\"footer\":1,\"lines\":%zu}\n", text, count);
    it_write(path, text, strlen(text));
    return path;
}

#define OK(name, type, size)                                                                       \
    {                                                                                              \
        name, "ok", "", type, size                                                                 \
    }
#define BAD(name, reason)                                                                          \
    {                                                                                              \
        name, "failed", reason, "", 0                                                              \
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
    ck_assert_ptr_nonnull(strstr(run.out, "\nfailing,http://h/fails,40,,-40,x/y,,,http-410\n"));
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
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
