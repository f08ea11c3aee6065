#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "model/host.h"
#include "url_world.h"

/* Hosts that stand in the lists of people, and that no parser reads without rules of its own. */

static const struct name {
    const char *text, *host;
} names[] = {
    /* symbols: not in IDNA 2008, but registered, and what curl and wget ask for */
    {"http://i\xe2\x9d\xa4.ws/", "xn--i-7iq.ws"},
    {"http://I\xe2\x9d\xa4.WS/", "xn--i-7iq.ws"},
    {"http://i\xe2\x9d\xa4\xef\xb8\x8f.ws/", "xn--i-7iq.ws"}, /* VARIATION SELECTOR-16 */
    {"http://\xe2\x98\x83.net/", "xn--n3h.net"},
    {"http://%E2%98%83.net/", "xn--n3h.net"},
    {"http://\xf0\x9f\x92\xa9.la/", "xn--ls8h.la"},
    {"http://\xe2\x86\x92.com/", "xn--55g.com"},
    {"http://\xc2\xa9.com/", "xn--gba.com"},
    {"http://\xe2\x99\xa5.\xc3\xa4.com/", "xn--g6h.xn--4ca.com"},
    {"http://xn--n3h.\xe2\x98\x83.de/", "xn--n3h.xn--n3h.de"},
    {"http://xn--i-7iq.ws/", "xn--i-7iq.ws"},
    /* IDNA 2008 comes first: no "ss" where the sharp s is meant */
    {"http://fa\xc3\x9f.de/", "xn--fa-hia.de"},
    {"http://\xcf\x83\xcf\x8c\xcf\x82.gr/", "xn--3xab1a.gr"},
    /* percent-encoded, once */
    {"http://exam%70le.com/", "example.com"},
    {"http://EXAM%50LE.com/", "example.com"},
    {"http://a%2eb/", "a.b"},
    {"http://%C3%A4.example/", "xn--4ca.example"},
    {"http://%31%32%37.0.0.1/", "127.0.0.1"},
    {"http://%31%32%37%2e1/", "127.0.0.1"},
    {"%65xample.com/x", "example.com"},
    /* a dot at the end */
    {"http://example.com./", "example.com"},
    {"http://example.com%2e/", "example.com"},
    {"http://EXAMPLE.com.:80/", "example.com"},
    {"http://\xc3\xa4.example\xe3\x80\x82/", "xn--4ca.example"}, /* IDEOGRAPHIC FULL STOP */
    {"http://\xe2\x98\x83.net./", "xn--n3h.net"},
    {"http://intranet./", "intranet."},
    {"http://127.0.0.1./", "127.0.0.1"},
    {"http://127.1./", "127.0.0.1"},
    {"http://0x7f.1./", "127.0.0.1"},
    {"http://2130706433./", "127.0.0.1"},
    {"http://%31%32%37.0.0.1%2E/", "127.0.0.1"},
    {"http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1./", "127.0.0.1"}, /* CIRCLED DIGITs */
};

START_TEST(host_is_read_as_peers_read_it)
{
    const struct haul_url url = parse(names[_i].text);

    ck_assert_str_eq(url.host, names[_i].host);
    ck_assert_ptr_nonnull(strstr(url.origin, names[_i].host));
}
END_TEST

/* What is asked for is asked for again: journals and reports are read back. */
START_TEST(url_of_such_a_host_is_the_same_when_read_again)
{
    char *url = strdup(parse(names[_i].text).url);
    char *origin = strdup(parse(names[_i].text).origin);
    struct haul_url again = parse(url);

    ck_assert_str_eq(again.url, url);
    ck_assert_str_eq(again.origin, origin);
    free(url);
    free(origin);
}
END_TEST

/* The dot is the URL's: it has the key that it had, and the server sees it. */
START_TEST(dot_at_the_end_stays_in_the_url_and_not_in_the_origin)
{
    struct haul_url url = parse("https://u:p@Example.com.:8443/x?y");

    ck_assert_str_eq(url.url, "https://example.com.:8443/x?y");
    ck_assert_str_eq(url.origin, "https://example.com:8443");
    ck_assert_uint_eq(url.host_len, strlen("example.com"));
    url = parse("http://example.com./");
    ck_assert_str_eq(url.url, "http://example.com./");
    ck_assert_str_eq(url.origin, "http://example.com:80");
    url = parse("http://127.0.0.1.:8080/");
    ck_assert_str_eq(url.url, "http://127.0.0.1:8080/");
}
END_TEST

static const char *const refused[] = {
    /* percent-encoding is undone once, and strictly */
    "http://x%00.com/",
    "http://x%2fy.com/",
    "http://x%5cy.com/",
    "http://x%40y.com/",
    "http://x%3a80/",
    "http://x%3fy/",
    "http://x%23y/",
    "http://x%20y/",
    "http://x%25.com/",
    "http://x%2500.com/",
    "http://x%252fy.com/",
    "http://x%2540y.com/",
    "http://%5b::1%5d/",
    "http://%5B%3A%3A1%5D/",
    "http://x%/",
    "http://x%4/",
    "http://x%zz/",
    "http://x%E2%98.com/",
    "http://x%ED%A0%80.com/",
    "http://%2e/",
    "http://x%2e%2e/",
    "http://x%2e.y/",
    /* of symbols, those that would become something else than a name */
    "http://x\xef\xbc\x8f\xe2\x98\x83.com/", /* FULLWIDTH SOLIDUS */
    "http://x\xef\xbc\xa0\xe2\x98\x83.com/", /* FULLWIDTH COMMERCIAL AT */
    "http://x\xef\xbc\x9a\xe2\x98\x83.com/", /* FULLWIDTH COLON */
    "http://x\xef\xbc\x9f\xe2\x98\x83.com/", /* FULLWIDTH QUESTION MARK */
    "http://x\xef\xbc\x83\xe2\x98\x83.com/", /* FULLWIDTH NUMBER SIGN */
    "http://x\xef\xbc\x85\x30\x30.com/",     /* FULLWIDTH PERCENT SIGN */
    "http://\xe2\x84\x80\xe2\x98\x83.com/",  /* ACCOUNT OF: a/c */
    "http://x\xe2\x98\x83 y.com/",
    "http://x\xe2\x98\x83%2f.com/",
    "http://\xe2\x98\x83..com/",
    "http://.\xe2\x98\x83.com/",
    "http://\xe2\x98\x83.com../",
    "http://\xe2\x98\x83\xe3\x80\x82\xe3\x80\x82/",
    "http://-\xe2\x98\x83.com/",
    "http://\xe2\x98\x83-.com/",
    "http://\xee\x80\x80.com/",             /* private use */
    "http://\xe2\x80\x8e\xe2\x98\x83.com/", /* LEFT-TO-RIGHT MARK */
    /* of which browsers and programs that use the rules of 2003 make two hosts */
    "http://fa\xc3\x9f.\xe2\x98\x83.de/",
    "http://fa\xe1\xba\x9e.\xe2\x98\x83.de/",
    "http://\xcf\x82\xe2\x98\x83.gr/",
    "http://\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9.ws/",
    "http://a\xe2\x80\x8c\xe2\x98\x83.ws/",
    /* dots */
    "http://example.com../",
    "http://example.com.%2e/",
    "http://../",
    "http://127.0.0.1../",
    "http://./",
};

START_TEST(host_that_is_none_is_refused)
{
    struct haul_url url;
    enum haul_reason reason = haul_url_parse(parser, refused[_i], strlen(refused[_i]), &url);

    ck_assert_msg(reason == HAUL_REASON_BAD_URL, "'%s' gives '%s' (%s)", refused[_i],
                  haul_reason_text(reason), reason ? "" : url.url);
    ck_assert_str_eq(url.url, "");
}
END_TEST

/* A redirect is no way around. */
START_TEST(host_that_is_none_is_refused_in_a_redirect)
{
    struct haul_url url;

    ck_assert_int_eq(haul_url_join(parser, "http://a/b", refused[_i], strlen(refused[_i]), &url),
                     HAUL_REASON_BAD_URL);
}
END_TEST

static const struct {
    const char *host, *without;
} dots[] = {{"example.com.", "example.com"},
            {"example.com", "example.com"},
            {"a.b.c.", "a.b.c"},
            {"intranet.", "intranet."},
            {"intranet", "intranet"},
            {"[::1]", "[::1]"},
            {"*.example.com.", "*.example.com"},
            {"*", "*"},
            {".", "."},
            {"", ""}};

START_TEST(name_of_several_labels_is_the_same_without_its_dot)
{
    struct haul_span host = haul_host_without_dot(haul_span_of(dots[_i].host));

    ck_assert_ptr_eq(host.at, dots[_i].host);
    ck_assert(haul_span_is(host, dots[_i].without));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url_hosts");
    TCase *tcase = tcase_create("url_hosts");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, host_is_read_as_peers_read_it, 0, COUNT(names));
    tcase_add_loop_test(tcase, url_of_such_a_host_is_the_same_when_read_again, 0, COUNT(names));
    tcase_add_test(tcase, dot_at_the_end_stays_in_the_url_and_not_in_the_origin);
    tcase_add_loop_test(tcase, host_that_is_none_is_refused, 0, COUNT(refused));
    tcase_add_loop_test(tcase, host_that_is_none_is_refused_in_a_redirect, 0, COUNT(refused));
    tcase_add_loop_test(tcase, name_of_several_labels_is_the_same_without_its_dot, 0, COUNT(dots));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
