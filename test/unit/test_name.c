#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/hash.h"
#include "sink/name.h"
#include "sink/name_form.h"
#include "sink/name_late.h"

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

static const struct haul_attached columns[] = {
    {"id", "A-17"},
    {"title", "../M\xC3\xBC & 100%2f\n"},
    {"empty", ""},
    {"long:name", "x"},
};

static const char *name_of(const char *form, const char *url, unsigned variant)
{
    const struct haul_name_facts facts = {.url = url,
                                          .hash = haul_hash(url, strlen(url)),
                                          .number = 7,
                                          .line = 12,
                                          .date = "2024-02-29",
                                          .attached = columns,
                                          .attached_count = sizeof columns / sizeof *columns};

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
    {"{file}", "http://h/a/part-00001.parquet?X-Amz-Signature=1f&e=/x.y", "part-00001.parquet"},
    {"{stem}-{n}{ext}", "http://h/a.tar.gz?b.c", "a.tar-7.gz"},
    {"{stem}{ext}", "http://h/a/?q", "index.html"},
    {"{stem}{ext}", "http://h/a%2Egz", "a.gz"},
    {"{stem}{ext}", "http://h/.profile", "%2Eprofile"},
    {"{stem}", "http://h/b.c%20d.e", "b.c%20d"},
    {"{n:06}{ext}", "http://h/a.jpg", "000007.jpg"},
    {"{n:01}-{line:03}", "http://h/a.jpg", "7-012"},
    {"{n:020}", "http://h/a.jpg", "00000000000000000007"},
    {"{col:id}{ext}", "http://h/b.png", "A-17.png"},
    {"{col:title}", "http://h/b", "%2E.%2FM%C3%BC%20%26%20100%252f%0A"},
    {"{col:empty}{ext}", "http://h/b.png", "%2Epng"},
    {"{col:empty}", "http://h/b.png", "index.html"},
    {"{col:long:name}", "http://h/b", "x"},
    {"{sha256}{ext}", "http://h/b.png", HAUL_NAME_MARK_SHA256 ".png"},
    {"{sha256:2}/{file}", "http://h/ab", "\x03\x04/ab"},
    {"{sha256:1}/{sha256:3}/{path}/{file}", "http://h/a/abc/abcd/b",
     "\x03/\x03\x04\x04/a~af63dc4c8601ec8c/abc~e71fa2190541574b/abcd/b"},
    {"{file}{type-ext}", "http://h/a/b?c.html", "b\x02"},
    {"{file}{type-ext}", "http://h/a/b.html?c", "b.html"},
    {"{file}{type-ext}", "http://h/v1.2", "v1.2\x02"},
    {"{file}{type-ext}", "http://h/x.7z", "x.7z"},
    {"{n}{ext}{type-ext}", "http://h/x.7z", "7.7z"},
    {"{n}{type-ext}", "http://h/x.7z", "7\x02"},
    {"{host}/{col:empty}{type-ext}", "http://h/x", "h/index\x02"},
    {"{type-ext}", "http://h/x", "index\x02"},
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
    /* no text that can be seen: bidirectional, C1, invisible, separators, tags, not UTF-8 */
    {NULL, "a\xE2\x80\xAEgpj.exe", "a%E2%80%AEgpj.exe"},
    {NULL,
     "\xE2\x81\xA6"
     "a\xD8\x9C",
     "%E2%81%A6a%D8%9C"},
    {NULL,
     "a\xC2\x9B"
     "31m",
     "a%C2%9B31m"},
    {NULL, "a\xC2\x80\xC2\x9F\xC2\xA0", "a%C2%80%C2%9F\xC2\xA0"},
    {NULL, "pay\xE2\x80\x8Bpal\xE2\x80\x8D\xEF\xBB\xBF", "pay%E2%80%8Bpal%E2%80%8D%EF%BB%BF"},
    {NULL, "pay\xE2\x80\x8Cpal", "pay%E2%80%8Cpal"},
    /* joiners where they join: Persian, Sinhala; base/visible.h has the rest */
    {"\xD9\x87\xE2\x80\x8C\xD9\x87", "\xE0\xB6\x9A\xE0\xB7\x8A\xE2\x80\x8D\xE0\xB6\xBB",
     "\xD9\x87\xE2\x80\x8C\xD9\x87/\xE0\xB6\x9A\xE0\xB7\x8A\xE2\x80\x8D\xE0\xB6\xBB"},
    {NULL, "a\xC2\xAD\xE3\x85\xA4", "a%C2%AD%E3%85%A4"},
    {NULL, "a\xE2\x80\xA8\xE2\x80\xA9", "a%E2%80%A8%E2%80%A9"},
    {NULL, "a\xF3\xA0\x80\x81", "a%F3%A0%80%81"},
    {NULL, "a\xED\xA0\x80", "a%ED%A0%80"},
    {NULL, "caf\xE9", "caf%E9"},
    {NULL, "a\xC0\xAE\xC0\xAE/b", "a%C0%AE%C0%AE/b"},
    {NULL, "a\xF4\x90\x80\x80\xFF", "a%F4%90%80%80%FF"},
    {NULL, "a\xEF\xBF\xBE", "a%EF%BF%BE"},
    {"\xE2\x80\xAE"
     "b",
     "\xC2\x85", "%E2%80%AEb/%C2%85"},
    {"\xE2\x80\xAE", NULL, "%E2%80%AE/h/p"},
    {NULL, "\xF0\x9F\x98\x80\xEF\xB8\x8F", "\xF0\x9F\x98\x80\xEF\xB8\x8F"},
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
    {NULL, HAUL_NAME_MARK_SHA256, NULL},
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

START_TEST(names_of_earlier_versions_had_all_of_what_the_list_says)
{
    const struct haul_name_facts facts = {.url = "http://h/p",
                                          .dir = given[_i].dir,
                                          .out = given[_i].out,
                                          .date = "",
                                          .spelling = HAUL_NAME_EARLIER};
    enum haul_reason reason = haul_name_build("path", &facts, 0, &made);
    const char *text = given[_i].out ? given[_i].out : given[_i].dir;

    ck_assert_int_eq(reason, given[_i].name ? HAUL_REASON_NONE : HAUL_REASON_BAD_NAME);
    if (given[_i].name && strchr(given[_i].name, '%') && *text != '.' && *text != '-')
        ck_assert_ptr_nonnull(strstr(haul_buf_str(&made), text));
    else if (given[_i].name)
        ck_assert_str_eq(haul_buf_str(&made), given[_i].name);
}
END_TEST

START_TEST(text_of_a_form_is_the_users_own)
{
    ck_assert_str_eq(name_of("a\xE2\x80\x8C\xE2\x80\xAE\xFF/{file}", "http://h/p", 0),
                     "a\xE2\x80\x8C\xE2\x80\xAE\xFF/p");
}
END_TEST

/* What the user typed, and a piece of what he is told. */
static const char *const wrong[][2] = {
    {"", "empty"},
    {"/x", "relative"},
    {"x/", "no file's name"},
    {"../{name}", "\"..\""},
    {"{name}/..", "\"..\""},
    {"{nam}", "the fields are"},
    {"{name", "braces"},
    {"name}", "braces"},
    {"{}", "the fields are"},
    {"a\tb", "control"},
    {"{host}/.", "no file's name"},
    {"{{n}}", "braces"},
    {"a/../b", "\"..\""},
    {HAUL_NAME_MARK_SHA256, "control"},
    {"{n:6}", "zeros"},
    {"{n:}", "zeros"},
    {"{n:0}", "zeros"},
    {"{n:021}", "20 digits"},
    {"{n:0000000000000000000000000021}", "20 digits"},
    {"{line:0x}", "zeros"},
    {"{file:3}", "behind a colon"},
    {"{type-ext:3}", "behind a colon"},
    {"{col}", "names a column"},
    {"{col:}", "names a column"},
    {"{column:x}", "the fields are"},
    {"{sha256:0}/{n}", "1 to 64 digits"},
    {"{sha256:65}/{n}", "1 to 64 digits"},
    {"{sha256:99999999999}/{n}", "1 to 64 digits"},
    {"{sha256:}/{n}", "1 to 64 digits"},
    {"{sha256:2}{n}", "directory of its own"},
    {"x{sha256:2}/{n}", "directory of its own"},
    {"{n}/{sha256:2}", "directory of its own"},
    {"{type-ext}{n}", "at the end"},
    {"{type-ext}/{n}", "at the end"},
};
enum { WRONG_COUNT = sizeof wrong / sizeof *wrong };

START_TEST(wrong_form_is_refused_with_its_reason)
{
    const char *cause = haul_name_check(wrong[_i][0]);

    ck_assert_msg(cause != NULL, "accepted: %s", wrong[_i][0]);
    ck_assert_msg(strstr(cause, wrong[_i][1]) != NULL, "%s: %s", wrong[_i][0], cause);
}
END_TEST

START_TEST(good_forms_are_accepted)
{
    static const char *const right[] = {"path",
                                        "flat",
                                        "{n}",
                                        "{host}/{path}/{name}",
                                        "..a",
                                        "a b",
                                        "{n:06}{ext}",
                                        "{n:020}",
                                        "{col:a b}/{col:x:y}",
                                        "{sha256:2}/{sha256:64}/{sha256}{type-ext}"};

    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        ck_assert_msg(!haul_name_check(right[i]), "%s: %s", right[i], haul_name_check(right[i]));
}
END_TEST

START_TEST(missing_column_is_no_name)
{
    struct haul_name_facts facts = {.url = "http://h/p", .date = "", .attached = columns};

    facts.attached_count = sizeof columns / sizeof *columns;
    ck_assert_int_eq(haul_name_build("{col:ID}", &facts, 0, &made), HAUL_REASON_BAD_NAME);
    facts.attached_count = 0;
    ck_assert_int_eq(haul_name_build("{n}{col:id}", &facts, 0, &made), HAUL_REASON_BAD_NAME);
    facts.out = "given"; /* then the form is not asked */
    ck_assert_int_eq(haul_name_build("{n}{col:id}", &facts, 0, &made), HAUL_REASON_NONE);
    ck_assert_str_eq(haul_buf_str(&made), "given");
}
END_TEST

/* What the list says must not look like a bucket that another body comes into. */
START_TEST(given_names_are_no_buckets)
{
    const struct haul_name_facts facts = {
        .url = "http://h/p", .dir = "AB/abc", .out = "0f", .date = ""};

    ck_assert_int_eq(haul_name_build("{sha256:2}/{n}", &facts, 0, &made), HAUL_REASON_NONE);
    ck_assert_msg(strncmp(made.data, "AB~", 3) == 0 && strstr(made.data, "/abc/0f~"), "%s",
                  made.data);
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
    static const char *const forms[] = {
        "path",         "flat", "{path}-{name}{ext}", "{ext}/{n}", "{stem}/{col:title}/{file}",
        "{n:04}/{stem}"};

    srand(1);
    for (int i = 0; i < 50000; i++) {
        const char *url = random_url();
        const char *name = name_of(forms[rand() % 6], url, (unsigned)(rand() % 3));

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
    tcase_add_loop_test(tcase, names_of_earlier_versions_had_all_of_what_the_list_says, 0,
                        GIVEN_COUNT);
    tcase_add_test(tcase, text_of_a_form_is_the_users_own);
    tcase_add_loop_test(tcase, wrong_form_is_refused_with_its_reason, 0, WRONG_COUNT);
    tcase_add_test(tcase, good_forms_are_accepted);
    tcase_add_test(tcase, missing_column_is_no_name);
    tcase_add_test(tcase, given_names_are_no_buckets);
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
