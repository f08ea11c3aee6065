#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness.h"
#include "servers.h"

/*
 * Who haul says it is: cookies are for one URL of the list, and each request has the credentials of
 * its own URL, whatever connection it goes over. The server's log of requests is the proof.
 *
 * What the advisories of other tools teach, and where haul's tests show it:
 *
 *   no secret follows a redirect            test_filter: secret_*, test_redirect: *_do(es)_not_go_*
 *   no cookies but within one URL           here: cookie_*, test_cookies
 *   names of files come from the list       test_options, test_url (no body is saved yet)
 *   planted links, half-written files       test_newfile, test_journal
 *   secrets in no output                    test_redirect: password_*, test_filter: redacted_*,
 *                                           test_redactor
 *   no escapes on a terminal                test_escape, test_input: escape_sequence_*
 *   memory stays bounded                    test_faults_alone: endless-*, test_memory
 *   names of certificates                   test_tls: spoilt_*, name_of_resolve_is_checked
 *   credentials and reused connections      here: credentials_*
 *   list entries are no options             test_input: line_that_looks_like_an_option_is_none
 *   one row for each line, whatever is in it  test_formats, test_report
 *   no format strings                       test_faults_alone: text-*
 *   no other schemes                        test_input: other_schemes_are_invalid,
 *                                           test_redirect: other_scheme_*
 *   addresses are checked after the look-up test_filter: *_refused
 *   decompression is capped                 test_faults_alone: bomb-*, test_decode
 *   a body cut short is no success          test_faults_alone: end-*, gzip-*, test_verdict
 */

/* The value of a header field in a request of the log, or NULL. */
static const char *field_of(const json_t *line, const char *name)
{
    const json_t *fields = json_object_get(line, "headers");

    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);

        if (strcasecmp(json_string_value(json_array_get(field, 0)), name) == 0)
            return json_string_value(json_array_get(field, 1));
    }
    return NULL;
}

static void check_no_cookie(size_t requests)
{
    const json_t *log = it_log("/");

    ck_assert_uint_eq(json_array_size(log), requests);
    for (size_t i = 0; i < requests; i++)
        ck_assert_ptr_null(field_of(json_array_get(log, i), "Cookie"));
}

#define COOKIE "header=Set-Cookie:%%20id=secret;%%20path=/"

START_TEST(cookie_is_not_sent_with_the_next_request)
{
    struct it_run run = it_haul(
        IT_ARGS("-j", "1", it_url("/size?n=5&" COOKIE), it_url("/size?n=6"), it_url("/size?n=7")));

    ck_assert_int_eq(run.status, 0);
    check_no_cookie(3);
}
END_TEST

START_TEST(cookie_is_not_sent_by_a_resumed_run)
{
    const char *journal = it_path("cookie.journal");
    struct it_run run = it_haul(IT_ARGS("--journal", journal, it_url("/size?n=5&" COOKIE)));

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("--journal", journal, "--resume", it_url("/size?n=5&" COOKIE),
                          it_url("/size?n=6")));
    ck_assert_msg(run.status == 0, "%s", run.err);
    check_no_cookie(2);
}
END_TEST

static const char *url_as(const char *user, const char *path)
{
    return it_text("http://%s127.0.0.1:%d%s", user, it_port("http"), path);
}

/* Basic: "alice:one", "bob:two", "carol:three". */
#define ALICE "Basic YWxpY2U6b25l"
#define BOB "Basic Ym9iOnR3bw=="
#define CAROL "Basic Y2Fyb2w6dGhyZWU="

static void check_credentials(const char *path, const char *wanted)
{
    const json_t *log = it_log(path);
    const char *found;

    ck_assert_uint_eq(json_array_size(log), 1);
    found = field_of(json_array_get(log, 0), "Authorization");
    ck_assert_msg(wanted ? found && strcmp(found, wanted) == 0 : !found, "%s: %s", path,
                  found ? found : "none");
}

START_TEST(credentials_are_those_of_each_url)
{
    struct it_run run =
        it_haul(IT_ARGS("-j", "1", url_as("alice:one@", "/any/a"), url_as("bob:two@", "/any/b"),
                        url_as("", "/any/c"), url_as("alice:one@", "/any/d")));

    ck_assert_int_eq(run.status, 0);
    check_credentials("/any/a", ALICE);
    check_credentials("/any/b", BOB);
    check_credentials("/any/c", NULL);
    check_credentials("/any/d", ALICE);
}
END_TEST

START_TEST(credentials_of_an_option_fill_in_for_urls_without)
{
    struct it_run run = it_haul(IT_ARGS("-j", "1", "-u", "carol:three", url_as("", "/any/a"),
                                        url_as("bob:two@", "/any/b"), url_as("", "/any/c")));

    ck_assert_int_eq(run.status, 0);
    check_credentials("/any/a", CAROL);
    check_credentials("/any/b", BOB);
    check_credentials("/any/c", CAROL);
}
END_TEST

START_TEST(credentials_of_a_redirect_do_not_replace_the_own_ones)
{
    const char *there = it_text("http://bob:two@127.0.0.1:%d/any/there", it_port("http"));
    struct it_run run =
        it_haul(IT_ARGS("-j", "1", url_as("alice:one@", it_text("/redirect?to=%s", there)),
                        url_as("", "/any/next")));

    ck_assert_int_ne(run.status, 3);
    ck_assert_uint_le(json_array_size(it_log("/any/there")), 1);
    if (json_array_size(it_log("/any/there")))
        check_credentials("/any/there", ALICE);
    check_credentials("/any/next", NULL);
}
END_TEST

START_TEST(no_referer_and_no_proxy_header_is_sent)
{
    struct it_run run = it_haul(
        IT_ARGS("-j", "1", url_as("alice:one@", it_text("/redirect-port?path=/any/elsewhere"))));
    const json_t *log = it_log("/");

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(log), 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_ptr_null(field_of(json_array_get(log, i), "Referer"));
        ck_assert_ptr_null(field_of(json_array_get(log, i), "Proxy-Authorization"));
        ck_assert_ptr_null(field_of(json_array_get(log, i), "Proxy-Connection"));
    }
    check_credentials("/any/elsewhere", NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("identity");
    TCase *tcase = tcase_create("identity");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, cookie_is_not_sent_with_the_next_request);
    tcase_add_test(tcase, cookie_is_not_sent_by_a_resumed_run);
    tcase_add_test(tcase, credentials_are_those_of_each_url);
    tcase_add_test(tcase, credentials_of_an_option_fill_in_for_urls_without);
    tcase_add_test(tcase, credentials_of_a_redirect_do_not_replace_the_own_ones);
    tcase_add_test(tcase, no_referer_and_no_proxy_header_is_sent);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
