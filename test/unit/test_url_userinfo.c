#include <check.h>
#include <string.h>

#include "url_world.h"

static const struct login {
    const char *text, *url, *display, *user, *password;
} logins[] = {
    {"http://u:p@x/y", "http://x/y", "http://x/y", "u", "p"},
    {"http://u@x/y", "http://x/y", "http://x/y", "u", NULL},
    {"http://u:@x/y", "http://x/y", "http://x/y", "u", ""},
    {"http://:p@x/y", "http://x/y", "http://x/y", "", "p"},
    {"http://:@x/y", "http://x/y", "http://x/y", "", ""},
    {"http://@x/y", "http://x/y", "http://x/y", NULL, NULL},
    {"HTTPS://u:p@X:444/y#f", "https://x:444/y", "HTTPS://X:444/y#f", "u", "p"},
    {"http://us%40er:p%3Aw%2f@x/", "http://x/", "http://x/", "us@er", "p:w/"},
    {"http://u:p:q@x/", "http://x/", "http://x/", "u", "p:q"},
    {"http://me@home:p@x/", "http://x/", "http://x/", "me@home", "p"},
    {"http://u:p@ss@x/", "http://x/", "http://x/", "u", "p@ss"},
    {"http://u%zz:%@x/", "http://x/", "http://x/", "u%zz", "%"},
    {"http://\xc3\xa4:p w@x/", "http://x/", "http://x/", "\xc3\xa4", "p w"},
    {"u@example.com", "http://example.com/", "example.com", "u", NULL},
    {"u:p@example.com/x", "http://example.com/x", "example.com/x", "u", "p"},
    {"u:99@example.com/x", "http://example.com/x", "example.com/x", "u", "99"},
    {"u:p@[::1]:81/x", "http://[::1]:81/x", "[::1]:81/x", "u", "p"},
    {"http:/u:p@x/y", "http://x/y", "http:/x/y", "u", "p"},
};

static void assert_string(const char *got, const char *expected)
{
    if (expected) {
        ck_assert_ptr_nonnull(got);
        ck_assert_str_eq(got, expected);
    } else {
        ck_assert_ptr_null(got);
    }
}

START_TEST(userinfo_is_taken_out_and_decoded)
{
    const struct login *row = &logins[_i];
    struct haul_url url = parse(row->text);

    ck_assert_str_eq(url.url, row->url);
    ck_assert_str_eq(url.display, row->display);
    assert_string(url.user, row->user);
    assert_string(url.password, row->password);
}
END_TEST

static const struct secret {
    const char *text, *display;
    bool cut;
} secrets[] = {
    {"ftp://u:s3cret@x/", "ftp://x/", false},
    {"http://u:s3cret@x y/", "http://x y/", false},
    {"http://u:s3/cret@x/", "http://x/", false},
    {"http://u:s?3/cret@x/", "http://x/", false},
    {"htp//u:s3cret@x/", "htp//x/", false},
    {"http:\\\\u:s3cret@x/", "http:\\\\x/", false},
    {"http:////u:s3cret@x/", "http:////x/", false},
    {"http:/u:s3cret@x:0/", "http:/x:0/", false},
    {"view-source:http://u:s3cret@x/", "view-source:http://x/", false},
    {"http://x y/http://u:s3cret@z/", "http://x y/http://z/", false},
    {"u:s3cret@x y", "x y", false},
    {"mailto:u@x", "mailto:u@x", false},
    {"http://x y/a@b", "http://x y/a@b", false},
    {"http://x y:80/a@b", "http://x y:80/a@b", false},
    {"http://[x]:80/a@b", "http://[x]:80/a@b", false},
    {"http://u:s3cre", "http://", true},
    {"http://s3cre", "http://", true},
    {"u:s3cre", "", true},
    {"some words", "some words", true},
    {"http://x/some", "http://x/some", true},
    {"http://u:s3cre", "http://u:s3cre", false},
    {"", "", false},
    {"http://example.com/", "http://example.com/", false},
    {"http://me:secret@example.com/", "http://example.com/", false},
    {"http://token@example.com", "http://example.com", false},
    {"HTTPS://me:se@cret@example.com:8080/a", "HTTPS://example.com:8080/a", false},
    {"http://me:secret@[::1]:80/", "http://[::1]:80/", false},
    {"me:secret@example.com/a", "example.com/a", false},
    {"http://example.com/a@b", "http://example.com/a@b", false},
    {"http://example.com/a:b@c/", "http://example.com/a:b@c/", false},
    {"http://example.com?mail=me@example.org", "http://example.com?mail=me@example.org", false},
    {"http://example.com#a@b", "http://example.com#a@b", false},
    {"http://example.com:80/a@b", "http://example.com:80/a@b", false},
    {"http://example.com:/a@b", "http://example.com:/b", false},
    {"http://[::1]/a@b", "http://[::1]/a@b", false},
    {"http://example.com//a:b@c", "http://example.com//c", false},
    {"example.com/a@b", "example.com/a@b", false},
    {"example.com//a@b", "example.com//b", false},
    {"/a@b", "/a@b", false},
    {"?a@b", "?a@b", false},
    {"mailto:me@example.com", "mailto:me@example.com", false},
    {"file:///C:/a@b", "file:///C:/b", false},
    {" http://me:secret@h/", " http://h/", false},
    {"http:/me:secret@h/", "http:/h/", false},
    {"http:///me:secret@h/", "http:///h/", false},
    {"http:me:secret@h/", "h/", false},
    {"htp//me:secret@h/", "htp//h/", false},
    {"//me:secret@h/", "//h/", false},
    {"://me:secret@h/", "://h/", false},
    {"http://me:sec ret@h/", "http://h/", false},
    {"http:\\\\me:secret@h/", "http:\\\\h/", false},
    {"http://me:se\\cret@h/", "http://h/", false},
    {"http://me:se/cret@h/", "http://h/", false},
    {"me:se/cret@h/", "h/", false},
    {"http://me:se?cret@h/", "http://h/", false},
    {"http://me:se#cr@et@h/", "http://h/", false},
    {"mailto://me:secret@h/", "mailto://h/", false},
    {"a@http://me:secret@h/", "http://h/", false},
    {"http://a@/me:secret@h/", "http:///h/", false},
    {"http://@@h/", "http://h/", false},
    {"@", "", false},
};

START_TEST(refused_text_is_shown_without_userinfo)
{
    const struct secret *row = &secrets[_i];
    struct haul_url url;

    ck_assert_int_eq(haul_url_redact(parser, row->text, strlen(row->text), row->cut, &url),
                     HAUL_REASON_NONE);
    ck_assert_str_eq(url.display, row->display);
    ck_assert_uint_eq(url.display_len, strlen(row->display));
    if (!row->cut && haul_url_parse(parser, row->text, strlen(row->text), &url))
        ck_assert_str_eq(url.display, row->display);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url_userinfo");
    TCase *tcase = tcase_create("userinfo");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, userinfo_is_taken_out_and_decoded, 0, COUNT(logins));
    tcase_add_loop_test(tcase, refused_text_is_shown_without_userinfo, 0, COUNT(secrets));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
