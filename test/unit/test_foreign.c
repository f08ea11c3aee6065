#include <check.h>
#include <stdio.h>
#include <string.h>

#include "cli/foreign.h"
#include "cli/option.h"
#include "command_line.h"

/* What is said to those who type the options of other programs. */

enum { TYPED_MAX = 64 };

static bool is_long(const struct haul_option *option, struct haul_span name)
{
    if (option->arg == HAUL_OPTION_ARG_SWITCH)
        (void)haul_span_skip(&name, "no-");
    if (haul_span_is(name, option->name))
        return true;
    for (size_t i = 0; i < HAUL_OPTION_ALIASES_MAX && option->alias[i]; i++)
        if (haul_span_is(name, option->alias[i]))
            return true;
    return false;
}

static bool has_long(struct haul_span name)
{
    const struct haul_option *option;
    bool has = false;

    for (size_t i = 0; (option = haul_options_row(i)) != NULL && !has; i++)
        has = is_long(option, name);
    return has;
}

static bool has_letter(char letter)
{
    const struct haul_option *option;
    bool has = false;

    for (size_t i = 0; (option = haul_options_row(i)) != NULL && !has; i++)
        has = option->letter == letter || option->letter_alias == letter;
    return has;
}

/* Takes the next one off a row; its length, or 0. */
static size_t next_typed(const char **at, char typed[TYPED_MAX])
{
    size_t len = strcspn(*at, " ");

    ck_assert_uint_lt(len, TYPED_MAX);
    snprintf(typed, TYPED_MAX, "%.*s", (int)len, *at);
    *at += len + ((*at)[len] == ' ');
    return len;
}

static size_t count_rows(void)
{
    size_t rows = 0;

    while (haul_foreign_row(rows))
        rows++;
    return rows;
}

static void check_shadows_nothing(const char *typed)
{
    ck_assert_msg(typed[0] == '-' && typed[1], "'%s'", typed);
    if (typed[1] == '-')
        ck_assert_msg(!has_long(haul_span_of(typed + 2)), "%s is an option of haul's", typed);
    else
        ck_assert_msg(!has_letter(typed[1]), "%s begins with a letter of haul's", typed);
}

/* Each one gets its own row's words, so none stands in two. */
static void check_is_told(const char *typed, const char *hint)
{
    struct parsed parsed;

    parse(&parsed, ARGS(typed, "u"));
    ck_assert_int_eq(parsed.err, HAUL_ERR_USAGE);
    ck_assert_msg(strstr(haul_buf_str(&parsed.message), hint) != NULL, "%s: %s", typed,
                  haul_buf_str(&parsed.message));
    parsed_done(&parsed);
}

START_TEST(every_entry_is_told_and_shadows_no_option)
{
    char typed[TYPED_MAX];
    size_t count = 0;

    for (size_t i = 0; i < count_rows(); i++) {
        const char *at = haul_foreign_row(i)->typed;

        while (next_typed(&at, typed)) {
            check_shadows_nothing(typed);
            check_is_told(typed, haul_foreign_row(i)->hint);
            count++;
        }
    }
    ck_assert_uint_gt(count, 250);
}
END_TEST

/* "--name FORM" and "--progress=plain" name options; a hint without one says what haul is like. */
START_TEST(every_hint_names_what_haul_has)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";

    for (size_t i = 0; i < count_rows(); i++) {
        const char *hint = haul_foreign_row(i)->hint;
        size_t named = 0;

        for (const char *at = hint; (at = strstr(at, "--")) != NULL; named++) {
            struct haul_span name = {at + 2, strspn(at + 2, letters)};

            ck_assert_msg(has_long(name), "'%s' names --%.*s", hint, (int)name.len, name.at);
            at += 2 + name.len;
        }
        ck_assert_msg(named || !strncmp(hint, "haul ", 5), "'%s'", hint);
    }
}
END_TEST

/* The words of the issue, as somebody types them. */
static const struct {
    const char *args[4];
    const char *says; /* NULL: fine */
} typed_cases[] = {
    {{"-O", "u"}, "--dir DIR saves each body"},
    {{"-c", "u"}, "--continue"},
    {{"-e", "http://r/", "u"}, "--header \"Referer: URL\""},
    {{"--referer=http://r/", "u"}, "--header \"Referer: URL\""},
    {{"--checksum=sha-256=0", "u"}, "--sums FILE"},
    {{"--save-session=f", "u"}, "--save-failed FILE"},
    {{"--directory-prefix=d", "u"}, "--dir DIR"},
    {{"--save-cookies", "f", "u"}, "--cookie FILE"},
    {{"-b", "id=geheim", "u"}, "--header \"Cookie: NAME=VALUE\""},
    {{"--range", "0-1", "u"}, "--method auto"},
    {{"--json", "{}", "u"}, "haul only asks"},
    {{"--data", "a=b", "u"}, "haul only asks"},
    {{"--content-disposition", "u"}, "--name says"},
    {{"-z", "d", "u"}, "--timestamping"},
    {{"-R", "u"}, "--mtime"},
    {{"--eta", "u"}, "--progress"},
    {{"-fsSL", "u"}, "haul: -f: unknown option; leave it out"},
    {{"-sSL", "u"}, "haul: -S: unknown option; leave it out"},
    {{"-nc", "u"}, "haul: -nc: unknown option; --skip-existing=name"},
    {{"-d", "a=b", "u"}, "haul: -d a=b: that looks like curl's data"},
    {{"-d@file", "u"}, "that looks like curl's data"},
    {{"-d", "{\"a\":1}", "u"}, "that looks like curl's data"},
    {{"-P", "8", "u"}, "which is --jobs N"},
    {{"-P8", "u"}, "which is --jobs N"},
    {{"-x16", "u"}, "which is --per-host N"},
    {{"-H", "Range: bytes=0-9", "u"}, "a part of a body would count as the whole"},
    {{"--header=range:bytes=0-9", "u"}, "a part of a body would count as the whole"},
    {{"-H", "https://h/", "u"}, "that is a URL"},
    {{"-H", "Range:", "u"}, NULL},
    {{"-H", "Referer: http://h/", "u"}, NULL},
    {{"-d", "/data/dt=2024-02-29", "u"}, NULL},
    {{"-d", "./8", "u"}, NULL},
    {{"--dir=a=b", "u"}, NULL},
    {{"--dir=8", "u"}, NULL},
    {{"-P", "d8", "u"}, NULL},
    {{"-x", "16:1080", "u"}, NULL},
};

START_TEST(what_would_do_something_else_is_refused)
{
    struct parsed parsed;

    parse(&parsed, typed_cases[_i].args);
    ck_assert_msg((parsed.err == HAUL_ERR_USAGE) == (typed_cases[_i].says != NULL), "%s",
                  haul_buf_str(&parsed.message));
    if (typed_cases[_i].says)
        ck_assert_msg(strstr(haul_buf_str(&parsed.message), typed_cases[_i].says) != NULL, "%s",
                      haul_buf_str(&parsed.message));
    parsed_done(&parsed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("foreign");
    TCase *tcase = tcase_create("foreign");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tcase, every_entry_is_told_and_shadows_no_option);
    tcase_add_test(tcase, every_hint_names_what_haul_has);
    tcase_add_loop_test(tcase, what_would_do_something_else_is_refused, 0, COUNT(typed_cases));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
