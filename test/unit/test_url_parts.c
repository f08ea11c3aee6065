#include "model/url_parts.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

struct sample {
    const char *url;
    const char *scheme, *userinfo, *host, *port, *path, *query; /* NULL: not there */
};

static void expect(const struct sample *sample, const char *part, struct haul_span span,
                   const char *text)
{
    const char *end = sample->url + strlen(sample->url);

    ck_assert_msg((span.at != NULL) == (text != NULL), "%s of '%s'", part, sample->url);
    if (!text) {
        ck_assert_uint_eq(span.len, 0);
        return;
    }
    ck_assert_msg(span.len == strlen(text) && memcmp(span.at, text, span.len) == 0,
                  "%s of '%s' is '%.*s', not '%s'", part, sample->url, (int)span.len, span.at,
                  text);
    ck_assert(span.at >= sample->url && span.at + span.len <= end);
}

static void expect_parts(const struct sample *sample)
{
    struct haul_url_parts parts = haul_url_parts_of(sample->url, strlen(sample->url));

    expect(sample, "scheme", parts.scheme, sample->scheme);
    expect(sample, "userinfo", parts.userinfo, sample->userinfo);
    expect(sample, "host", parts.host, sample->host);
    expect(sample, "port", parts.port, sample->port);
    expect(sample, "path", parts.path, sample->path);
    expect(sample, "query", parts.query, sample->query);
}

static const struct sample urls[] = {
    {"http://a/b/c?d#e", "http", NULL, "a", NULL, "/b/c", "?d"},
    {"https://A.example:8443/", "https", NULL, "A.example", "8443", "/", NULL},
    {"http://u:p@a/x", "http", "u:p", "a", NULL, "/x", NULL},
    {"http://[::1]:8/x", "http", NULL, "[::1]", "8", "/x", NULL},
    {"http://[fe80::1%25eth0]/", "http", NULL, "[fe80::1%25eth0]", NULL, "/", NULL},
    {"https://a:80", "https", NULL, "a", "80", "", NULL},
    {"http://a?x=/y", "http", NULL, "a", NULL, "", "?x=/y"},
    {"http://a/?", "http", NULL, "a", NULL, "/", "?"},
    {"http://a/#?b", "http", NULL, "a", NULL, "/", NULL},
    {"http://a/b?c?d#e?f", "http", NULL, "a", NULL, "/b", "?c?d"},
    {"http://a//b", "http", NULL, "a", NULL, "//b", NULL},
    {"http://a/b:c@d", "http", NULL, "a", NULL, "/b:c@d", NULL},
    {"http://a/http://b/", "http", NULL, "a", NULL, "/http://b/", NULL},
};

START_TEST(url_is_cut_into_its_parts)
{
    expect_parts(&urls[_i]);
}
END_TEST

static const struct sample slips[] = {
    {"a.b:80/x", NULL, NULL, "a.b", "80", "/x", NULL},
    {"a.b/x?http://c/", NULL, NULL, "a.b", NULL, "/x", "?http://c/"},
    {"me:secret@a/x", NULL, "me:secret", "a", NULL, "/x", NULL},
    {"http:/a/x", "http", NULL, "a", NULL, "/x", NULL},
    {"http:///a/x", "http", NULL, "a", NULL, "/x", NULL},
    {"mailto:a@b", NULL, "mailto:a", "b", NULL, "", NULL},
};

START_TEST(slip_of_a_hand_is_read_as_it_is_meant)
{
    expect_parts(&slips[_i]);
}
END_TEST

static const struct sample texts[] = {
    {"", NULL, NULL, "", NULL, "", NULL},
    {":", NULL, NULL, "", "", "", NULL},
    {"/", NULL, NULL, "", NULL, "/", NULL},
    {"?", NULL, NULL, "", NULL, "", "?"},
    {"#", NULL, NULL, "", NULL, "", NULL},
    {"@", NULL, "", "", NULL, "", NULL},
    {"[", NULL, NULL, "[", NULL, "", NULL},
    {"://", "", NULL, "", NULL, "", NULL},
    {"http:", NULL, NULL, "http", "", "", NULL},
    {"http:/", "http", NULL, "", NULL, "", NULL},
    {"http://", "http", NULL, "", NULL, "", NULL},
    {"http://@", "http", "", "", NULL, "", NULL},
    {"http://:80/", "http", NULL, "", "80", "/", NULL},
    {"http://a:", "http", NULL, "a", "", "", NULL},
    {"http://a:b:c/", "http", NULL, "a", "b:c", "/", NULL},
    {"http://a@b@c/", "http", "a@b", "c", NULL, "/", NULL},
    {"http://u:p@[::1]:8", "http", "u:p", "[::1]", "8", "", NULL},
    {"http://[::1/x", "http", NULL, "[::1", NULL, "/x", NULL},
    {"http://[::1]x:80/", "http", NULL, "[::1]", NULL, "/", NULL},
    {"http://a]:1/", "http", NULL, "a]", "1", "/", NULL},
    {"http://a\\b/", "http", NULL, "a\\b", NULL, "/", NULL},
    {"//a/b", NULL, NULL, "", NULL, "//a/b", NULL},
    {"/http://a/", NULL, NULL, "", NULL, "/http://a/", NULL},
    {"\x01 \xff://\x02", "\x01 \xff", NULL, "\x02", NULL, "", NULL},
};

START_TEST(any_text_has_parts)
{
    expect_parts(&texts[_i]);
}
END_TEST

/*
 * The text is copied to memory of just its length, so that a sanitizer sees what is read behind it.
 */
START_TEST(every_beginning_of_a_url_has_parts_within_it)
{
    static const char url[] = "http://me:pw@[::1]:80/a?b#c";

    for (size_t len = 0; len < sizeof url; len++) {
        char *text = malloc(len ? len : 1);
        struct haul_url_parts parts;

        ck_assert_ptr_nonnull(text);
        memcpy(text, url, len);
        parts = haul_url_parts_of(text, len);
        ck_assert(parts.host.at >= text && parts.host.at + parts.host.len <= text + len);
        ck_assert(parts.path.at >= text && parts.path.at + parts.path.len <= text + len);
        free(text);
    }
}
END_TEST

START_TEST(what_stands_behind_the_text_is_not_looked_at)
{
    struct haul_url_parts parts = haul_url_parts_of("http://a:8/b?c", strlen("http:"));

    ck_assert_ptr_null(parts.scheme.at);
    ck_assert_uint_eq(parts.host.len, strlen("http"));
    parts = haul_url_parts_of("http://a:8/b?c", strlen("http://a"));
    ck_assert_ptr_null(parts.port.at);
    ck_assert_uint_eq(parts.path.len, 0);
    parts = haul_url_parts_of("http://a:8/b?c", strlen("http://a:8/b"));
    ck_assert_ptr_null(parts.query.at);
}
END_TEST

START_TEST(nul_is_a_byte_like_any_other)
{
    static const char url[] = "http://a\0b:1/c\0d?e\0f";
    struct haul_url_parts parts = haul_url_parts_of(url, sizeof url - 1);

    ck_assert_uint_eq(parts.host.len, 3);
    ck_assert_mem_eq(parts.host.at, "a\0b", 3);
    ck_assert_uint_eq(parts.path.len, 4);
    ck_assert_mem_eq(parts.path.at, "/c\0d", 4);
    ck_assert_uint_eq(parts.query.len, 4);
    ck_assert_mem_eq(parts.query.at, "?e\0f", 4);
}
END_TEST

START_TEST(authority_alone_is_read_to_its_end)
{
    static const char authority[] = "me@a/b?c:8";
    struct haul_url_parts parts = {.path = {authority, 1}};

    haul_url_parts_read_authority((struct haul_span){authority, sizeof authority - 1}, &parts);
    ck_assert_uint_eq(parts.userinfo.len, 2);
    ck_assert_uint_eq(parts.host.len, strlen("a/b?c"));
    ck_assert_uint_eq(parts.port.len, 1);
    ck_assert_uint_eq(parts.path.len, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url_parts");
    TCase *tc = tcase_create("parts");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, url_is_cut_into_its_parts, 0, COUNT(urls));
    tcase_add_loop_test(tc, slip_of_a_hand_is_read_as_it_is_meant, 0, COUNT(slips));
    tcase_add_loop_test(tc, any_text_has_parts, 0, COUNT(texts));
    tcase_add_test(tc, every_beginning_of_a_url_has_parts_within_it);
    tcase_add_test(tc, what_stands_behind_the_text_is_not_looked_at);
    tcase_add_test(tc, nul_is_a_byte_like_any_other);
    tcase_add_test(tc, authority_alone_is_read_to_its_end);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
