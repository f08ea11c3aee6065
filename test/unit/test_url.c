#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "url_world.h"

/* ---- what is requested ----------------------------------------------------------------------- */

static const struct good {
    const char *text, *url, *origin;
} good[] = {
    {"http://example.com/", "http://example.com/", "http://example.com:80"},
    {"https://example.com/", "https://example.com/", "https://example.com:443"},
    {"http://example.com", "http://example.com/", "http://example.com:80"},
    {"https://example.com/a/b?c=d&e", "https://example.com/a/b?c=d&e", "https://example.com:443"},
    {"HTTP://EXAMPLE.com/A", "http://example.com/A", "http://example.com:80"},
    {"hTTps://x/", "https://x/", "https://x:443"},
    {"http://x:80/", "http://x/", "http://x:80"},
    {"https://x:443/", "https://x/", "https://x:443"},
    {"http://x:443/", "http://x:443/", "http://x:443"},
    {"https://x:80", "https://x:80/", "https://x:80"},
    {"http://x:8080/y", "http://x:8080/y", "http://x:8080"},
    {"http://x:08080/y", "http://x:8080/y", "http://x:8080"},
    {"http://x:65535/", "http://x:65535/", "http://x:65535"},
    {"http://x:/y", "http://x/y", "http://x:80"},
    {"http://a_b.example/", "http://a_b.example/", "http://a_b.example:80"},
    {"http://example.com./", "http://example.com./", "http://example.com:80"},
    {"http://-a-/", "http://-a-/", "http://-a-:80"},
    {"http://h%41.com/", "http://ha.com/", "http://ha.com:80"},
    /* no scheme */
    {"example.com", "http://example.com/", "http://example.com:80"},
    {"example.com:8080/x", "http://example.com:8080/x", "http://example.com:8080"},
    {"localhost:8080", "http://localhost:8080/", "http://localhost:8080"},
    {"localhost:8080?q", "http://localhost:8080/?q", "http://localhost:8080"},
    {"localhost/x:y", "http://localhost/x:y", "http://localhost:80"},
    {"ftp.example.com/x", "http://ftp.example.com/x", "http://ftp.example.com:80"},
    {"example.com:/x", "http://example.com/x", "http://example.com:80"},
    {"127.0.0.1:99/x", "http://127.0.0.1:99/x", "http://127.0.0.1:99"},
    {"[::1]:99/x", "http://[::1]:99/x", "http://[::1]:99"},
    {"-o/etc/passwd", "http://-o/etc/passwd", "http://-o:80"},
    {"example.com/http://other/", "http://example.com/http://other/", "http://example.com:80"},
    /* slashes as in curl */
    {"http:/example.com/", "http://example.com/", "http://example.com:80"},
    {"http:///example.com/", "http://example.com/", "http://example.com:80"},
    /* addresses */
    {"http://127.1/", "http://127.0.0.1/", "http://127.0.0.1:80"},
    {"http://192.0.2.255:8080/a", "http://192.0.2.255:8080/a", "http://192.0.2.255:8080"},
    {"http://0.0.0.0", "http://0.0.0.0/", "http://0.0.0.0:80"},
    {"http://010.1.1.1/", "http://8.1.1.1/", "http://8.1.1.1:80"},
    {"http://1.2.3/", "http://1.2.0.3/", "http://1.2.0.3:80"},
    {"http://192.0.2.1.5/", "http://192.0.2.1.5/", "http://192.0.2.1.5:80"},
    {"http://0x7f000001/", "http://127.0.0.1/", "http://127.0.0.1:80"},
    {"http://2130706433/", "http://127.0.0.1/", "http://127.0.0.1:80"},
    {"http://1.2.3.4.5/", "http://1.2.3.4.5/", "http://1.2.3.4.5:80"},
    {"http://4chan.org/", "http://4chan.org/", "http://4chan.org:80"},
    {"https://[::1]:443/", "https://[::1]/", "https://[::1]:443"},
    {"https://[FE80:0:0::1]/", "https://[fe80::1]/", "https://[fe80::1]:443"},
    {"http://[::ffff:1.2.3.4]/", "http://[::ffff:1.2.3.4]/", "http://[::ffff:1.2.3.4]:80"},
    {"http://[fe80::1%25eth0]:81/x", "http://[fe80::1%25eth0]:81/x", "http://[fe80::1%25eth0]:81"},
    {"http://[fe80::1%eth0]/x", "http://[fe80::1%25eth0]/x", "http://[fe80::1%25eth0]:80"},
    /* paths and queries */
    {"http://x/a b", "http://x/a%20b", "http://x:80"},
    {"http://x/?a b", "http://x/?a%20b", "http://x:80"},
    {"http://x/\xc3\xa4?\xc3\xbc", "http://x/%C3%A4?%C3%BC", "http://x:80"},
    {"http://x/\xff", "http://x/%FF", "http://x:80"},
    {"http://x/a|b<c>\"d\"^`{}", "http://x/a%7Cb%3Cc%3E%22d%22%5E%60%7B%7D", "http://x:80"},
    {"http://x/a\\b", "http://x/a%5Cb", "http://x:80"},
    {"http://x/[a]?b[]=1", "http://x/[a]?b[]=1", "http://x:80"},
    {"http://x/%zz%", "http://x/%zz%", "http://x:80"},
    {"http://x/%7euser%aF", "http://x/%7euser%aF", "http://x:80"},
    {"http://x?q", "http://x/?q", "http://x:80"},
    {"http://x?", "http://x/?", "http://x:80"},
    {"http://x/y?", "http://x/y?", "http://x:80"},
    {"http://x/y?a?b", "http://x/y?a?b", "http://x:80"},
    {"http://x#f", "http://x/", "http://x:80"},
    {"http://x/y#", "http://x/y", "http://x:80"},
    {"http://x/y?z#f g\xc3\xa4?@", "http://x/y?z", "http://x:80"},
    {"http://x/a/../b/./c/../d", "http://x/b/d", "http://x:80"},
    {"http://x/../../a", "http://x/a", "http://x:80"},
    {"http://x/a/..", "http://x/", "http://x:80"},
    {"http://x/a/.", "http://x/a/", "http://x:80"},
    {"http://x/..a/.b/...", "http://x/..a/.b/...", "http://x:80"},
    {"http://x//a//b", "http://x//a//b", "http://x:80"},
    {"http://x/a?b/../c", "http://x/a?b/../c", "http://x:80"},
    {"http://x/a#b/../c", "http://x/a", "http://x:80"},
    {"http://x/a:b@c", "http://x/a:b@c", "http://x:80"},
    {"http://x/?u=http://a:b@c/", "http://x/?u=http://a:b@c/", "http://x:80"},
};

START_TEST(good_text_gives_url_and_origin)
{
    const struct good *row = &good[_i];
    struct haul_url url = parse(row->text);
    char port[16];

    ck_assert_str_eq(url.url, row->url);
    ck_assert_str_eq(url.origin, row->origin);
    ck_assert_str_eq(url.display, row->text);
    ck_assert_ptr_null(url.user);
    ck_assert_ptr_null(url.password);
    ck_assert_uint_eq(url.url_len, strlen(url.url));
    ck_assert_uint_eq(url.origin_len, strlen(url.origin));
    ck_assert_uint_eq(url.display_len, strlen(url.display));
    ck_assert_uint_eq(url.host_len, strlen(url.host));
    ck_assert_int_eq(url.is_https, strncmp(url.url, "https", 5) == 0);
    snprintf(port, sizeof port, ":%d", url.port);
    ck_assert_str_eq(strrchr(url.origin, ':'), port);
    ck_assert_mem_eq(strstr(url.origin, "//") + 2, url.host, url.host_len);
}
END_TEST

START_TEST(good_url_parsed_again_is_same)
{
    char *first = strdup(parse(good[_i].text).url);

    ck_assert_str_eq(parse(first).url, first);
    free(first);
}
END_TEST

/* A scheme in upper case keeps a text from the shortcut for plain URLs, and changes nothing else.
 */
START_TEST(plain_url_is_read_as_libcurl_reads_it)
{
    const char *text = good[_i].text;
    char shouted[256];
    struct haul_url url;
    char *expected;

    if (strncmp(text, "http", 4) != 0)
        return;
    url = parse(text);
    expected = strdup(url.url);
    snprintf(shouted, sizeof shouted, "HTTP%s", text + 4);
    url = parse(shouted);
    ck_assert_str_eq(url.url, expected);
    ck_assert_str_eq(url.origin, good[_i].origin);
    free(expected);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------- */

static const struct bad {
    const char *text;
    enum haul_reason reason;
} bad[] = {
    {"ftp://x/y", HAUL_REASON_SCHEME},
    {"ftps://x/y", HAUL_REASON_SCHEME},
    {"file:///etc/passwd", HAUL_REASON_SCHEME},
    {"file:/etc/passwd", HAUL_REASON_SCHEME},
    {"FILE:///etc/passwd", HAUL_REASON_SCHEME},
    {"gopher://x/", HAUL_REASON_SCHEME},
    {"gophers://x/", HAUL_REASON_SCHEME},
    {"dict://x/", HAUL_REASON_SCHEME},
    {"ldap://x/", HAUL_REASON_SCHEME},
    {"ldaps://x/", HAUL_REASON_SCHEME},
    {"imap://x/", HAUL_REASON_SCHEME},
    {"pop3://x/", HAUL_REASON_SCHEME},
    {"smtp://x/", HAUL_REASON_SCHEME},
    {"rtsp://x/", HAUL_REASON_SCHEME},
    {"telnet://x/", HAUL_REASON_SCHEME},
    {"tftp://x/", HAUL_REASON_SCHEME},
    {"scp://x/", HAUL_REASON_SCHEME},
    {"sftp://x/", HAUL_REASON_SCHEME},
    {"smb://x/", HAUL_REASON_SCHEME},
    {"ws://x/", HAUL_REASON_SCHEME},
    {"mqtt://x/", HAUL_REASON_SCHEME},
    {"httpx://x/", HAUL_REASON_SCHEME},
    {"h-t+t.p://x/", HAUL_REASON_SCHEME},
    {"javascript:alert(1)", HAUL_REASON_SCHEME},
    {"javascript:alert('a@b')", HAUL_REASON_SCHEME},
    {"data:text/html,x", HAUL_REASON_SCHEME},
    {"mailto:x@y.z", HAUL_REASON_SCHEME},
    {"MailTo:x@y.z", HAUL_REASON_SCHEME},
    {"tel:123", HAUL_REASON_SCHEME},
    {"about:blank", HAUL_REASON_SCHEME},
    {"foo:bar", HAUL_REASON_SCHEME},
    {"C:\\x", HAUL_REASON_SCHEME},
    {"", HAUL_REASON_BAD_URL},
    {" http://x/", HAUL_REASON_BAD_URL},
    {"htp//x", HAUL_REASON_BAD_URL},
    {"http", HAUL_REASON_NONE},
    {"http:", HAUL_REASON_BAD_URL},
    {"http:x", HAUL_REASON_BAD_URL},
    {"http:/", HAUL_REASON_BAD_URL},
    {"http://", HAUL_REASON_BAD_URL},
    {"http:////x/", HAUL_REASON_BAD_URL},
    {"http://?q", HAUL_REASON_BAD_URL},
    {"http://#f", HAUL_REASON_BAD_URL},
    {"//x/y", HAUL_REASON_BAD_URL},
    {"/x", HAUL_REASON_BAD_URL},
    {"?x", HAUL_REASON_BAD_URL},
    {":80/", HAUL_REASON_BAD_URL},
    {"://x", HAUL_REASON_BAD_URL},
    {"1http://x/", HAUL_REASON_BAD_URL},
    {"http://:80/", HAUL_REASON_BAD_URL},
    {"http://u@/", HAUL_REASON_BAD_URL},
    {"http://x:0/", HAUL_REASON_BAD_URL},
    {"http://x:65536/", HAUL_REASON_BAD_URL},
    {"http://x:99999999999999999999/", HAUL_REASON_BAD_URL},
    {"http://x:80x/", HAUL_REASON_BAD_URL},
    {"http://x:+80/", HAUL_REASON_BAD_URL},
    {"http://x:80:80/", HAUL_REASON_BAD_URL},
    {"http://x y/", HAUL_REASON_BAD_URL},
    {"x y", HAUL_REASON_BAD_URL},
    {"http://x\\y/", HAUL_REASON_BAD_URL},
    {"http://good\\@evil/", HAUL_REASON_BAD_URL},
    {"http:\\\\x\\y", HAUL_REASON_BAD_URL},
    {"http://./", HAUL_REASON_BAD_URL},
    {"http://.x/", HAUL_REASON_BAD_URL},
    {"http://x..y/", HAUL_REASON_BAD_URL},
    {"http://x../", HAUL_REASON_BAD_URL},
    {"http://x%00/", HAUL_REASON_BAD_URL},
    {"http://x%0a/", HAUL_REASON_BAD_URL},
    {"http://x%2fy/", HAUL_REASON_BAD_URL},
    {"http://x%40y/", HAUL_REASON_BAD_URL},
    {"http://x%/", HAUL_REASON_BAD_URL},
    {"http://x|y/", HAUL_REASON_BAD_URL},
    {"http://x*y/", HAUL_REASON_BAD_URL},
    {"http://x,y/", HAUL_REASON_BAD_URL},
    {"http://\xff\xfe/", HAUL_REASON_BAD_URL},
    {"http://x\xef\xbc\x8fy/", HAUL_REASON_BAD_URL}, /* FULLWIDTH SOLIDUS */
    {"http://[::1", HAUL_REASON_BAD_URL},
    {"http://[]/", HAUL_REASON_BAD_URL},
    {"http://[/", HAUL_REASON_BAD_URL},
    {"http://[x]/", HAUL_REASON_BAD_URL},
    {"http://[1.2.3.4]/", HAUL_REASON_BAD_URL},
    {"http://[::1]x/", HAUL_REASON_BAD_URL},
    {"http://[::1]80/", HAUL_REASON_BAD_URL},
    {"http://[::1%25]/", HAUL_REASON_NONE}, /* the zone "25" */
    {"http://[::1%]/", HAUL_REASON_BAD_URL},
    {"http://[::1%25a/b]/", HAUL_REASON_BAD_URL},
    {"http://[fe80::1%251234567890123456]/", HAUL_REASON_BAD_URL},
    {"http://::1/", HAUL_REASON_BAD_URL},
    {"http://x/\x01", HAUL_REASON_CONTROL_CHARACTER},
    {"http://x/\x7f", HAUL_REASON_CONTROL_CHARACTER},
    {"http://x/a\tb", HAUL_REASON_CONTROL_CHARACTER},
    {"http://x/\r\nHost: y", HAUL_REASON_CONTROL_CHARACTER},
    {"http://x/#\n", HAUL_REASON_CONTROL_CHARACTER},
    {"http://u%0d%0ax:p@x/", HAUL_REASON_CONTROL_CHARACTER},
    {"http://u:%00@x/", HAUL_REASON_CONTROL_CHARACTER},
};

START_TEST(bad_text_gives_reason_and_nothing_to_request)
{
    struct haul_url url;
    enum haul_reason reason = haul_url_parse(parser, bad[_i].text, strlen(bad[_i].text), &url);

    ck_assert_msg(reason == bad[_i].reason, "'%s' gives '%s'", bad[_i].text,
                  haul_reason_text(reason));
    if (!reason)
        return;
    ck_assert_str_eq(url.url, "");
    ck_assert_str_eq(url.origin, "");
    ck_assert_str_eq(url.host, "");
    ck_assert_int_eq(url.port, 0);
    ck_assert_uint_eq(url.display_len, strlen(url.display));
}
END_TEST

START_TEST(nul_inside_text_is_control_character)
{
    struct haul_url url;

    ck_assert_int_eq(haul_url_parse(parser, "http://x/\0y", 11, &url),
                     HAUL_REASON_CONTROL_CHARACTER);
    ck_assert_uint_eq(url.display_len, 11);
}
END_TEST

/* ---- limits ---------------------------------------------------------------------------------- */

START_TEST(url_of_longest_length_is_fine)
{
    char *text = long_text("http://x/", 'a', HAUL_URL_MAX);
    struct haul_url url = parse(text);

    ck_assert_uint_eq(url.url_len, HAUL_URL_MAX);
    ck_assert_str_eq(url.url, text);
    free(text);
}
END_TEST

START_TEST(text_over_longest_length_is_refused)
{
    char *text = long_text("http://x/", 'a', HAUL_URL_MAX + 1);
    struct haul_url url;

    ck_assert_int_eq(haul_url_parse(parser, text, HAUL_URL_MAX + 1, &url),
                     HAUL_REASON_LINE_TOO_LONG);
    ck_assert_uint_eq(url.display_len, 200);
    free(text);
}
END_TEST

START_TEST(url_that_grows_over_longest_length_is_refused)
{
    char *text = long_text("http://x/", ' ', HAUL_URL_MAX);
    struct haul_url url;

    text[HAUL_URL_MAX - 1] = 'a';
    ck_assert_int_eq(haul_url_parse(parser, text, HAUL_URL_MAX, &url), HAUL_REASON_BAD_URL);
    free(text);
}
END_TEST

START_TEST(label_and_name_lengths_have_dns_limits)
{
    static const struct {
        int label, count, last;
        enum haul_reason reason;
    } row[] = {{63, 1, 1, HAUL_REASON_NONE},
               {64, 1, 1, HAUL_REASON_BAD_URL},
               {63, 3, 61, HAUL_REASON_NONE},
               {63, 3, 62, HAUL_REASON_BAD_URL}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[512] = "http://";
        struct haul_url url;

        for (int k = 0; k < row[i].count; k++) {
            memset(text + strlen(text), 'a', (size_t)row[i].label);
            strcat(text, ".");
        }
        memset(text + strlen(text), 'b', (size_t)row[i].last);
        ck_assert_int_eq(haul_url_parse(parser, text, strlen(text), &url), row[i].reason);
    }
}
END_TEST

/* ---- international names --------------------------------------------------------------------- */

static const char *const locales[] = {"C", "C.UTF-8"};

START_TEST(name_in_utf_8_becomes_ascii_in_every_locale)
{
    static const struct {
        const char *text, *host;
    } row[] = {
        {"http://ex\xc3\xa4mple.com/", "xn--exmple-cua.com"},
        {"http://EX\xc3\x84MPLE.com/", "xn--exmple-cua.com"},
        {"http://exa\xcc\x88mple.com/", "xn--exmple-cua.com"}, /* a, COMBINING DIAERESIS */
        {"http://ex%C3%A4mple.com/", "xn--exmple-cua.com"},
        {"http://xn--exmple-cua.com/", "xn--exmple-cua.com"},
        {"http://fa\xc3\x9f.de/", "xn--fa-hia.de"},
        {"http://\xef\xbd\x81.com/", "a.com"}, /* FULLWIDTH LATIN SMALL LETTER A */
        {"http://a\xe3\x80\x82"
         "com/",
         "a.com"}, /* IDEOGRAPHIC FULL STOP */
        {"http://\xe4\xbe\x8b\xe3\x81\x88.jp/", "xn--r8jz45g.jp"},
        {"\xe4\xbe\x8b\xe3\x81\x88.jp:81/x", "xn--r8jz45g.jp"},
        {"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.1/", "127.0.0.1"}, /* fullwidth 127 */
    };

    ck_assert_ptr_nonnull(setlocale(LC_ALL, locales[_i]));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        ck_assert_str_eq(parse(row[i].text).host, row[i].host);
}
END_TEST

/* ---- two parsers ----------------------------------------------------------------------------- */

START_TEST(result_of_one_parser_outlives_calls_to_another)
{
    struct haul_url_parser *other;
    struct haul_url url = parse("http://u:p@a/b"), second;

    ck_assert_int_eq(haul_url_parser_create(&other), HAUL_OK);
    ck_assert_int_eq(haul_url_parse(other, "http://c/d", 10, &second), HAUL_REASON_NONE);
    ck_assert_str_eq(url.url, "http://a/b");
    ck_assert_str_eq(url.password, "p");
    haul_url_parser_free(other);
    haul_url_parser_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url");
    TCase *tcase = tcase_create("url");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, good_text_gives_url_and_origin, 0, COUNT(good));
    tcase_add_loop_test(tcase, good_url_parsed_again_is_same, 0, COUNT(good));
    tcase_add_loop_test(tcase, plain_url_is_read_as_libcurl_reads_it, 0, COUNT(good));
    tcase_add_loop_test(tcase, bad_text_gives_reason_and_nothing_to_request, 0, COUNT(bad));
    tcase_add_test(tcase, nul_inside_text_is_control_character);
    tcase_add_test(tcase, url_of_longest_length_is_fine);
    tcase_add_test(tcase, text_over_longest_length_is_refused);
    tcase_add_test(tcase, url_that_grows_over_longest_length_is_refused);
    tcase_add_test(tcase, label_and_name_lengths_have_dns_limits);
    tcase_add_loop_test(tcase, name_in_utf_8_becomes_ascii_in_every_locale, 0, COUNT(locales));
    tcase_add_test(tcase, result_of_one_parser_outlives_calls_to_another);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
