#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/hash.h"
#include "sink/name.h"

/* Names of saved files: tables, and what must hold for any URL. */

static struct haul_buf made;

static void begin(void)
{
    haul_buf_init(&made, 0);
}

static void end(void)
{
    haul_buf_done(&made);
}

static const char *name_of(const char *form, const char *url, unsigned variant)
{
    const struct haul_name_facts facts = {.url = url,
                                          .hash = haul_hash(url, strlen(url)),
                                          .number = 7,
                                          .line = 12,
                                          .date = "2024-02-29"};

    haul_buf_clear(&made);
    ck_assert_int_eq(haul_name_build(form, &facts, variant, &made), HAUL_REASON_NONE);
    return haul_buf_str(&made);
}

static const struct {
    const char *form, *url, *name;
} plain[] = {
    {"path", "http://h/", "h/index.html"},
    {"path", "http://h/?q=1", "h/index.html%3Fq%3D1"},
    {"path", "http://h", "h/index.html"},
    {"path", "https://example.com/a/b.html", "example.com/a/b.html"},
    {"path", "http://h:8080/a", "h%3A8080/a"},
    {"path", "http://[::1]:80/a", "%5B%3A%3A1%5D%3A80/a"},
    {"path", "http://h/a/b/", "h/a/b/index.html"},
    {"path", "http://h/a//b", "h/a/b"},
    {"path", "http://h/a%20b/c%2Fd", "h/a%20b/c%2Fd"},
    {"path", "http://h/%41%7e", "h/A%7E"},
    {"path", "http://h/a+b,c;d", "h/a%2Bb%2Cc%3Bd"},
    {"path", "http://h/100%", "h/100%25"},
    {"path", "http://h/%4", "h/%254"},
    {"path", "http://h/%zz", "h/%25zz"},
    {"path", "http://h/.hidden", "h/%2Ehidden"},
    {"path", "http://h/-rf", "h/%2Drf"},
    {"path", "http://h/%2e%2e/x", "h/%2E./x"},
    {"path", "http://h/%2e%2e%2f%2e%2e%2fetc", "h/%2E.%2F..%2Fetc"},
    {"path", "http://h/..%5c..%5cx", "h/%2E.%5C..%5Cx"},
    {"path", "http://h/a%00b", "h/a%00b"},
    {"path", "http://h/%1b[31m", "h/%1B%5B31m"},
    {"path", "http://../x", "%2E./x"},
    {"path", "http://h/a?x=../../y", "h/a%3Fx%3D..%2F..%2Fy"},
    {"path", "http://h/a#frag?x", "h/a"},
    {"flat", "http://h/a/b.tar.gz", "b.tar.gz"},
    {"flat", "http://h/a/?q", "index.html%3Fq"},
    {"{n}{ext}", "http://h/a/b.html?x=1", "7.html"},
    {"{n}{ext}", "http://h/a/b", "7"},
    {"{line}-{name}", "http://h/a/b", "12-b"},
    {"{date}/{host}/{n}", "http://h/a/b", "2024-02-29/h/7"},
    {"{path}/{name}", "http://h/b", "b"},
    {"{path}", "http://h/b", "index.html"},
    {"x/{path}", "http://h/a/b/c", "x/a/b"},
    {"my files/{name}", "http://h/b", "my files/b"},
    {"{sha256}{ext}", "http://h/b.png", HAUL_NAME_SHA256 ".png"},
    {"-{name}", "http://h/b", "%2Db"},
};
enum { PLAIN_COUNT = sizeof plain / sizeof *plain };

START_TEST(url_and_form_give_the_name)
{
    ck_assert_str_eq(name_of(plain[_i].form, plain[_i].url, 0), plain[_i].name);
}
END_TEST

static const struct {
    const char *dir, *out, *name; /* NULL: refused */
} given[] = {
    {NULL, "a.txt", "a.txt"},
    {NULL, "my file.txt", "my file.txt"},
    {NULL, "B\xC3\xBC/x", "B\xC3\xBC/x"},
    {"sub", "a", "sub/a"},
    {"sub/", "./a", "sub/a"},
    {"sub", NULL, "sub/h/p"},
    {NULL, ".bashrc", "%2Ebashrc"},
    {"-d", "-o", "%2Dd/%2Do"},
    {NULL, "...", "%2E.."},
    {NULL, "/etc/passwd", NULL},
    {NULL, "../a", NULL},
    {NULL, "a/../../b", NULL},
    {NULL, "a/..", NULL},
    {"/tmp", "a", NULL},
    {"..", "a", NULL},
    {NULL, "", NULL},
    {"", "a", NULL},
    {NULL, "a/", NULL},
    {NULL, ".", NULL},
    {"sub", "a/.", NULL},
    {NULL, "a\x1b[31m", NULL},
    {NULL, "a\nb", NULL},
    {NULL, HAUL_NAME_SHA256, NULL},
};
enum { GIVEN_COUNT = sizeof given / sizeof *given };

START_TEST(names_of_the_list_stay_below_the_directory)
{
    const struct haul_name_facts facts = {
        .url = "http://h/p", .dir = given[_i].dir, .out = given[_i].out, .date = ""};
    enum haul_reason reason = haul_name_build("path", &facts, 0, &made);

    ck_assert_int_eq(reason, given[_i].name ? HAUL_REASON_NONE : HAUL_REASON_BAD_NAME);
    if (given[_i].name)
        ck_assert_str_eq(haul_buf_str(&made), given[_i].name);
}
END_TEST

START_TEST(wrong_forms_are_refused)
{
    static const char *const wrong[] = {
        "",      "/x", "x/",   "../{name}", "{name}/..", "{nam}",  "{name",
        "name}", "{}", "a\tb", "{host}/.",  "{{n}}",     "a/../b", HAUL_NAME_SHA256};
    static const char *const right[] = {"path", "flat", "{n}", "{host}/{path}/{name}",
                                        "..a",  "a b"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(haul_name_check(wrong[i]) != NULL, "accepted: %s", wrong[i]);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        ck_assert_ptr_null(haul_name_check(right[i]));
}
END_TEST

/* ---- what must hold for all names ---- */

/* Check's assertions are slow: one for each name. */
static bool is_safe_part(const char *part, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)part[i] <= 0x20 || (unsigned char)part[i] >= 0x7f)
            return false;
    return len && len <= HAUL_NAME_PART_MAX && part[0] != '.' && part[0] != '-';
}

static bool is_safe_name(const char *name)
{
    size_t parts = 0, len;

    for (const char *at = name; parts == 0 || at[-1]; at += len + 1) {
        len = strcspn(at, "/");
        if (!is_safe_part(at, len))
            return false;
        parts++;
    }
    return parts <= HAUL_NAME_PARTS_MAX && strlen(name) <= HAUL_NAME_MAX + HAUL_NAME_PART_MAX;
}

/* A URL of random bytes that a list could hold, biased to those that mean something. */
static const char *random_url(void)
{
    static const char some[] = "ab/.-%2eEfF5c&?=:~+";
    static char url[4096];
    size_t len = (size_t)rand() % (rand() % 50 ? 40 : 4000);
    int n = snprintf(url, sizeof url, "http://h%d/", rand() % 3);

    for (size_t i = 0; i < len; i++)
        url[n++] = some[(size_t)rand() % (sizeof some - 1)];
    url[n] = '\0';
    return url;
}

START_TEST(any_url_gives_a_safe_name)
{
    static const char *const forms[] = {"path", "flat", "{path}-{name}{ext}", "{ext}/{n}"};

    srand(1);
    for (int i = 0; i < 50000; i++) {
        const char *url = random_url();
        const char *name = name_of(forms[rand() % 4], url, (unsigned)(rand() % 3));

        if (!is_safe_name(name))
            ck_abort_msg("%s from %s", name, url);
    }
}
END_TEST

/* Variant 1 tells all URLs apart that the plain name does not. */
START_TEST(variants_differ_and_depend_on_the_url_alone)
{
    char one[HAUL_NAME_MAX * 2];

    snprintf(one, sizeof one, "%s", name_of("flat", "http://h/a/x.tar.gz", 1));
    ck_assert_str_eq(name_of("flat", "http://h/a/x.tar.gz", 1), one);
    ck_assert_str_eq(name_of("flat", "http://h/b/x.tar.gz", 0), "x.tar.gz");
    ck_assert_str_ne(name_of("flat", "http://h/b/x.tar.gz", 1), one);
    ck_assert_msg(strncmp(one, "x.tar~", 6) == 0 && strcmp(one + 6 + 16, ".gz") == 0, "%s", one);
    ck_assert_str_ne(name_of("flat", "http://h/a/x.tar.gz", 2), one);
    ck_assert_ptr_nonnull(strstr(name_of("flat", "http://h/a/x", 2), "-2"));
}
END_TEST

static const char *long_url(size_t len, const char *end)
{
    static char url[80000];
    int n = snprintf(url, sizeof url, "http://h/");

    memset(url + n, 'a', len);
    strcpy(url + n + len, end);
    return url;
}

START_TEST(long_parts_are_cut_and_stay_different)
{
    char one[HAUL_NAME_MAX];

    snprintf(one, sizeof one, "%s", name_of("path", long_url(198, ""), 0));
    ck_assert_uint_eq(strlen(one), 2 + 198);
    snprintf(one, sizeof one, "%s", name_of("path", long_url(201, ".html"), 0));
    ck_assert_uint_eq(strlen(one), 2 + HAUL_NAME_PART_MAX);
    ck_assert_str_eq(one + strlen(one) - 5, ".html");
    ck_assert_str_ne(name_of("path", long_url(202, ".html"), 0), one);
    ck_assert_uint_eq(strlen(name_of("path", long_url(202, ".html"), 1)), 2 + HAUL_NAME_PART_MAX);
}
END_TEST

START_TEST(deep_paths_keep_their_ends)
{
    static char url[70000];
    char one[HAUL_NAME_MAX];
    int n = snprintf(url, sizeof url, "http://h/");

    while (n < 60000)
        n += snprintf(url + n, sizeof url - (size_t)n, "a/");
    strcpy(url + n, "file.txt");
    snprintf(one, sizeof one, "%s", name_of("path", url, 0));
    ck_assert_uint_eq(strlen(one), strlen("h/~0123456789abcdef/file.txt"));
    ck_assert_msg(strncmp(one, "h/~", 3) == 0 && strstr(one, "/file.txt"), "%s", one);
    url[20] = 'b';
    ck_assert_str_ne(name_of("path", url, 0), one);
}
END_TEST

/* A name is decoded again: what differs but for equivalent escapes has another name. */
START_TEST(different_paths_have_different_names)
{
    static const char *const urls[] = {
        "http://h/a/b",  "http://h/a%2Fb", "http://h/a%252Fb", "http://h/a?b",  "http://h/a%3Fb",
        "http://h/a%25", "http://h/.a",    "http://h/%252Ea",  "http://h/A",    "http://h/a",
        "http://h/a.",   "http://h:1/a",   "http://h1/a",      "http://h/a b?", "http://h/a&b"};
    char *names[sizeof urls / sizeof *urls];
    size_t count = sizeof urls / sizeof *urls, same = 0;

    for (size_t i = 0; i < count; i++)
        names[i] = strdup(name_of("path", urls[i], 0));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            same += strcmp(names[i], names[k]) == 0;
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    ck_assert_uint_eq(same, 1); /* a?b and a%3Fb: the variants are for that */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("name");
    TCase *tcase = tcase_create("all");
    SRunner *runner;
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_loop_test(tcase, url_and_form_give_the_name, 0, PLAIN_COUNT);
    tcase_add_loop_test(tcase, names_of_the_list_stay_below_the_directory, 0, GIVEN_COUNT);
    tcase_add_test(tcase, wrong_forms_are_refused);
    tcase_add_test(tcase, any_url_gives_a_safe_name);
    tcase_add_test(tcase, variants_differ_and_depend_on_the_url_alone);
    tcase_add_test(tcase, long_parts_are_cut_and_stay_different);
    tcase_add_test(tcase, deep_paths_keep_their_ends);
    tcase_add_test(tcase, different_paths_have_different_names);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
