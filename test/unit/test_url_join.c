#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "url_world.h"

#define RFC_BASE "http://a/b/c/d;p?q"

static const struct reference {
    const char *base, *location, *url; /* url NULL: refused */
} references[] = {
    /* RFC 3986 5.4.1, fragments left out */
    {RFC_BASE, "g:h", NULL},
    {RFC_BASE, "g", "http://a/b/c/g"},
    {RFC_BASE, "./g", "http://a/b/c/g"},
    {RFC_BASE, "g/", "http://a/b/c/g/"},
    {RFC_BASE, "/g", "http://a/g"},
    {RFC_BASE, "//g", "http://g/"},
    {RFC_BASE, "?y", "http://a/b/c/d;p?y"},
    {RFC_BASE, "g?y", "http://a/b/c/g?y"},
    {RFC_BASE, "#s", "http://a/b/c/d;p?q"},
    {RFC_BASE, "g#s", "http://a/b/c/g"},
    {RFC_BASE, "g?y#s", "http://a/b/c/g?y"},
    {RFC_BASE, ";x", "http://a/b/c/;x"},
    {RFC_BASE, "g;x", "http://a/b/c/g;x"},
    {RFC_BASE, "g;x?y#s", "http://a/b/c/g;x?y"},
    {RFC_BASE, "", "http://a/b/c/d;p?q"},
    {RFC_BASE, ".", "http://a/b/c/"},
    {RFC_BASE, "./", "http://a/b/c/"},
    {RFC_BASE, "..", "http://a/b/"},
    {RFC_BASE, "../", "http://a/b/"},
    {RFC_BASE, "../g", "http://a/b/g"},
    {RFC_BASE, "../..", "http://a/"},
    {RFC_BASE, "../../", "http://a/"},
    {RFC_BASE, "../../g", "http://a/g"},
    /* RFC 3986 5.4.2 */
    {RFC_BASE, "../../../g", "http://a/g"},
    {RFC_BASE, "../../../../g", "http://a/g"},
    {RFC_BASE, "/./g", "http://a/g"},
    {RFC_BASE, "/../g", "http://a/g"},
    {RFC_BASE, "g.", "http://a/b/c/g."},
    {RFC_BASE, ".g", "http://a/b/c/.g"},
    {RFC_BASE, "g..", "http://a/b/c/g.."},
    {RFC_BASE, "..g", "http://a/b/c/..g"},
    {RFC_BASE, "./../g", "http://a/b/g"},
    {RFC_BASE, "./g/.", "http://a/b/c/g/"},
    {RFC_BASE, "g/./h", "http://a/b/c/g/h"},
    {RFC_BASE, "g/../h", "http://a/b/c/h"},
    {RFC_BASE, "g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {RFC_BASE, "g;x=1/../y", "http://a/b/c/y"},
    {RFC_BASE, "g?y/./x", "http://a/b/c/g?y/./x"},
    {RFC_BASE, "g?y/../x", "http://a/b/c/g?y/../x"},
    {RFC_BASE, "g#s/../x", "http://a/b/c/g"},
    {RFC_BASE, "http:g", NULL},
    /* what servers send */
    {"http://a/", "b", "http://a/b"},
    {"http://a:81/b", "/c", "http://a:81/c"},
    {"https://a/b", "//c:444/d", "https://c:444/d"},
    {"http://a/b?x=/y/", "c", "http://a/c"},
    {"http://a/b", "HTTPS://C/D", "https://c/D"},
    {"http://a/b", "/c d\xc3\xa4", "http://a/c%20d%C3%A4"},
    {"http://a/b", "  /c\t", "http://a/c"},
    {"http://a/b", "c:d", NULL},
    {"http://a/b", "./c:d", "http://a/c:d"},
    {"http://a/b", "c/d:e", "http://a/c/d:e"},
    {"http://a/b", "?c:d", "http://a/b?c:d"},
    {"http://a/b", "http://\xc3\xa4.example/", "http://xn--4ca.example/"},
    {"http://a/b", "//good\\@evil/", NULL},
    {"http://a/b", "/\\evil/", "http://a/%5Cevil/"},
    {"http://a/b", "\\\\evil/", "http://a/%5C%5Cevil/"},
    {"http://a/b", "///evil/", NULL},
    {"http://a/b", "http:/evil/", NULL},
    {"http://a/b", "http:///evil/", NULL},
    {"http://a/b", "example.com:80/x", NULL},
    {"http://a/b", "ftp://a/", NULL},
    {"http://a/b", "file:///etc/passwd", NULL},
    {"http://a/b", "javascript:alert(1)", NULL},
    {"http://a/b", "http://", NULL},
    {"http://a/b", "/\x01", NULL},
    {"http://a/b", "/c\r\nX: y", NULL},
};

START_TEST(reference_is_resolved_by_rfc_3986)
{
    const struct reference *row = &references[_i];
    struct haul_url url;
    enum haul_reason reason =
        haul_url_join(parser, row->base, row->location, strlen(row->location), &url);

    ck_assert_msg(!reason == !!row->url, "'%s': '%s'", row->location, haul_reason_text(reason));
    ck_assert_str_eq(url.url, row->url ? row->url : "");
    if (!reason)
        ck_assert_str_eq(url.display, url.url);
}
END_TEST

START_TEST(reference_to_foreign_scheme_says_so)
{
    static const char *const text[] = {"ftp://x/", "mailto:a@b", "data:,x", "g:h", "x.y:80/"};
    struct haul_url url;

    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        ck_assert_int_eq(haul_url_join(parser, "http://a/", text[i], strlen(text[i]), &url),
                         HAUL_REASON_SCHEME);
}
END_TEST

START_TEST(reference_with_userinfo_gives_it_apart)
{
    struct haul_url url;

    ck_assert_int_eq(haul_url_join(parser, "http://a/", "//u:p@b/c", 9, &url), HAUL_REASON_NONE);
    ck_assert_str_eq(url.url, "http://b/c");
    ck_assert_str_eq(url.display, "http://b/c");
    ck_assert_str_eq(url.user, "u");
    ck_assert_str_eq(url.password, "p");
    ck_assert_int_ne(haul_url_join(parser, "http://a/", "//u:p@b c/", 10, &url), HAUL_REASON_NONE);
    ck_assert_str_eq(url.display, "//b c/");
}
END_TEST

START_TEST(reference_to_own_last_result_is_fine)
{
    struct haul_url url = parse("http://a/b/c");

    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(haul_url_join(parser, url.url, "d/e", 3, &url), HAUL_REASON_NONE);
    ck_assert_uint_eq(url.url_len, strlen("http://a/b/d/e") + 2 * 99);
}
END_TEST

START_TEST(references_that_grow_end_at_longest_length)
{
    struct haul_url url = parse("http://a/");
    enum haul_reason reason = HAUL_REASON_NONE;
    char *step = long_text("", 'x', 1000);
    int steps = 0;

    step[999] = '/';
    for (; !reason; steps++)
        reason = haul_url_join(parser, url.url, step, 1000, &url);
    ck_assert_int_eq(reason, HAUL_REASON_BAD_URL);
    ck_assert_int_eq(steps, HAUL_URL_MAX / 1000 + 1);
    free(step);
}
END_TEST

START_TEST(same_origin_compares_scheme_host_and_port)
{
    ck_assert(haul_url_same_origin("http://a/b", "http://a/"));
    ck_assert(haul_url_same_origin("http://a:81/b?c", "http://a:81/d"));
    ck_assert(!haul_url_same_origin("http://a/", "https://a/"));
    ck_assert(!haul_url_same_origin("http://a/", "http://a:81/"));
    ck_assert(!haul_url_same_origin("http://a/", "http://ab/"));
    ck_assert(!haul_url_same_origin("http://ab/", "http://a/"));
    ck_assert(!haul_url_same_origin("http://a/", "http://b/"));
    ck_assert(!haul_url_same_origin("", ""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url_join");
    TCase *tcase = tcase_create("join");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, reference_is_resolved_by_rfc_3986, 0, COUNT(references));
    tcase_add_test(tcase, reference_to_foreign_scheme_says_so);
    tcase_add_test(tcase, reference_with_userinfo_gives_it_apart);
    tcase_add_test(tcase, reference_to_own_last_result_is_fine);
    tcase_add_test(tcase, references_that_grow_end_at_longest_length);
    tcase_add_test(tcase, same_origin_compares_scheme_host_and_port);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
