#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/identity.h"
#include "model/key.h"

/* Which URLs are one, where some query parameters make no difference. */

static const char *items[] = {"sig", "utm_*", "X-Amz-*", "filter[x]", "a b"};
static const struct haul_strings rules = {.item = items, .count = sizeof items / sizeof *items};
static const struct haul_strings none = {.count = 0};

static const struct {
    const char *url, *identity;
} cases[] = {
    {"http://h/", "http://h/"},
    {"http://h/?", "http://h/?"},
    {"http://h/?a=1", "http://h/?a=1"},
    {"http://h/?sig=1", "http://h/"},
    {"http://h/?sig", "http://h/"},
    {"http://h/?sig=", "http://h/"},
    {"http://h?sig=1", "http://h"},
    {"http://h/?a=1&sig=2", "http://h/?a=1"},
    {"http://h/?sig=2&a=1", "http://h/?a=1"},
    {"http://h/?a=1&sig=2&b=3", "http://h/?a=1&b=3"},
    {"http://h/?sig=1&sig=2&utm_source=x&utm_=y", "http://h/"},
    {"http://h/?X-Amz-Signature=1&X-Amz-Date=2&id=3", "http://h/?id=3"},
    {"http://h/?x-amz-signature=1", "http://h/?x-amz-signature=1"},
    {"http://h/?s%69g=1", "http://h/"},
    {"http://h/?filter%5Bx%5d=1&filter[y]=2", "http://h/?filter[y]=2"},
    {"http://h/?a%20b=1", "http://h/"},
    {"http://h/?a+b=1", "http://h/?a+b=1"},
    {"http://h/?sig%=1", "http://h/?sig%=1"},
    {"http://h/?a&&b", "http://h/?a&&b"},
    {"http://h/?a&sig&", "http://h/?a&"},
    {"http://h/?a=sig=1", "http://h/?a=sig=1"},
    {"http://h/?a=?sig=1", "http://h/?a=?sig=1"},
    {"http://h/sig=1/utm_x", "http://h/sig=1/utm_x"},
    {"http://h/?a=1;sig=2", "http://h/?a=1;sig=2"},
    {"http://h/?sig=2;a=1", "http://h/"},
};
enum { CASES = sizeof cases / sizeof *cases };

START_TEST(parameters_are_left_out)
{
    struct haul_buf made;

    haul_buf_init(&made, 0);
    haul_identity_add(&made, &rules, cases[_i].url, strlen(cases[_i].url));
    ck_assert_str_eq(haul_buf_str(&made), cases[_i].identity);
    haul_buf_clear(&made);
    haul_identity_add(&made, &none, cases[_i].url, strlen(cases[_i].url));
    ck_assert_str_eq(haul_buf_str(&made), cases[_i].url);
    ck_assert(haul_identity_is_same(&rules, cases[_i].url, cases[_i].identity));
    ck_assert_int_eq(haul_identity_is_same(&none, cases[_i].url, cases[_i].identity),
                     strcmp(cases[_i].url, cases[_i].identity) == 0);
    haul_buf_done(&made);
}
END_TEST

static void check_same(struct haul_key a, struct haul_key b)
{
    ck_assert_uint_eq(a.high, b.high);
    ck_assert_uint_eq(a.low, b.low);
    ck_assert_uint_eq(a.old, b.old);
}

/* Journals of all versions have the keys of URLs without rules. */
START_TEST(keys_are_those_of_the_rest)
{
    const char *url = cases[_i].url, *rest = cases[_i].identity;

    for (int kind = HAUL_KEY_URL; kind <= HAUL_KEY_DUPLICATE; kind++) {
        check_same(haul_key_of_url((enum haul_key_kind)kind, &none, url, strlen(url)),
                   haul_key_make((enum haul_key_kind)kind, url, strlen(url)));
        check_same(haul_key_of_url((enum haul_key_kind)kind, &rules, url, strlen(url)),
                   haul_key_make((enum haul_key_kind)kind, rest, strlen(rest)));
    }
    ck_assert_uint_eq(haul_identity_hash(&rules, url, strlen(url)), haul_hash(rest, strlen(rest)));
}
END_TEST

START_TEST(rules_that_name_nothing_are_refused)
{
    static const char *const wrong[] = {"", "a=b", "a&b", "?a", "a#", "a\n"};
    char *text = calloc(1, 1002);

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(haul_identity_check(wrong[i]) != NULL, "'%s'", wrong[i]);
    for (size_t i = 0; i < rules.count; i++)
        ck_assert_ptr_null(haul_identity_check(rules.item[i]));
    memset(text, 'a', 1001);
    ck_assert_ptr_nonnull(haul_identity_check(text));
    text[1000] = '\0';
    ck_assert_ptr_null(haul_identity_check(text));
    free(text);
}
END_TEST

/* A name may be as long as the URL; no rule is about it. */
START_TEST(long_names_are_kept)
{
    static char url[100000];
    const char *all[] = {"**"};
    const struct haul_strings rule = {.item = all, .count = 1};
    struct haul_buf made;

    memset(url, 'a', sizeof url - 1);
    memcpy(url, "http://h/?", 10);
    haul_buf_init(&made, 0);
    haul_identity_add(&made, &rule, url, sizeof url - 1);
    ck_assert_str_eq(haul_buf_str(&made), url);
    haul_buf_done(&made);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url_identity");
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, parameters_are_left_out, 0, CASES);
    tcase_add_loop_test(tcase, keys_are_those_of_the_rest, 0, CASES);
    tcase_add_test(tcase, rules_that_name_nothing_are_refused);
    tcase_add_test(tcase, long_names_are_kept);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
