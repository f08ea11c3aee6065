#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/robots.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static const struct {
    const char *text, *wanted;
    size_t len; /* 0: a string */
} rows[] = {
    {"", "", 0},
    {"Sitemap: http://a/s.xml", "1 http://a/s.xml\n", 0},
    {"User-agent: *\nDisallow: /\n\nsItEmAp\t: \thttp://a/1 \nAllow: /\nSITEMAP:http://a/2\n",
     "4 http://a/1\n6 http://a/2\n", 0},
    {"\xef\xbb\xbfSitemap: x", "1 x\n", 0},
    {"Sitemap: 1\r\nSitemap: 2\rSitemap: 3\n\rSitemap: 4", "1 1\n2 2\n3 3\n5 4\n", 0},
    {"Sitemap: http://a/x#y # z\n#Sitemap: no\n # Sitemap: no\nSitemap: #no\nSitemap:\n",
     "1 http://a/x\n", 0},
    {"Sitemap: \xc2\xa0http://a/\xe2\x80\x8b\nSitemap: \xc2\xa0\n", "1 http://a/\n", 0},
    {"Sitemaps: no\nSite map: no\nSitemap http://no/\nxSitemap: no\n", "", 0},
    {"sitemap\0xx: no\nsitema\0: no\nsitemap: a\0b\n", "3 a",
     sizeof "sitemap\0xx: no\nsitema\0: no\nsitemap: a\0b\n" - 1},
};

START_TEST(sitemap_lines_are_found_and_nothing_else)
{
    size_t len = rows[_i].len ? rows[_i].len : strlen(rows[_i].text);
    char *copy = malloc(len + 1);
    struct haul_robots robots;
    struct haul_span url;
    struct haul_buf got;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, rows[_i].text, len);
    robots = (struct haul_robots){.at = copy, .end = copy + len};
    haul_buf_init(&got, 0);
    while (haul_robots_next(&robots, &url)) {
        haul_buf_addf(&got, "%llu ", (unsigned long long)robots.line);
        haul_buf_add(&got, url.at, url.len);
        haul_buf_add_char(&got, '\n');
    }
    ck_assert_str_eq(haul_buf_str(&got), rows[_i].wanted);
    haul_buf_done(&got);
    free(copy);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    bool was_cut;
    const char *wanted; /* NULL: it is refused */
} files[] = {
    {"Sitemap: 1\nSitemap: 2", 21, false, "1 2 "},
    {"Sitemap: 1\nSitemap: 2", 21, true, "1 "},
    {"\xff\xfeS\0i\0t\0e\0m\0a\0p\0:\0\xfc\0\n\0S\0i\0t\0e\0m\0a\0p\0:\0x\0", 40, false,
     "\xc3\xbc x "},
    {"\xff\xfeS\0i\0t\0e\0m\0a\0p\0:\0\xfc\0\n\0S\0i\0t\0e\0m\0a\0p\0:\0x", 39, true, "\xc3\xbc "},
    {"\xfe\xff\0S\0i\0t\0e\0m\0a\0p\0:\0x\0\n", 22, false, "x "},
    {"\xff\xfeS", 3, false, NULL},
    {"S\0i\0t\0", 6, false, NULL},
    {"\xff\xfe\0\0S\0\0\0", 8, false, NULL},
};

START_TEST(file_is_read_in_its_character_set)
{
    struct haul_robots robots;
    struct haul_span url;
    struct haul_buf bytes, got;
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(files[_i].bytes, 1, files[_i].len, file), files[_i].len);
    rewind(file);
    haul_buf_init(&bytes, 2 * HAUL_ROBOTS_MAX);
    haul_buf_init(&got, 0);
    ck_assert_int_eq(haul_robots_read(&robots, fileno(file), files[_i].was_cut, &bytes),
                     files[_i].wanted ? HAUL_OK : HAUL_ERR_SYNTAX);
    ck_assert_int_eq(!files[_i].wanted, robots.problem != NULL);
    while (haul_robots_next(&robots, &url)) {
        haul_buf_add(&got, url.at, url.len);
        haul_buf_add_char(&got, ' ');
    }
    ck_assert_str_eq(haul_buf_str(&got), files[_i].wanted ? files[_i].wanted : "");
    haul_buf_done(&got);
    haul_buf_done(&bytes);
    fclose(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robots");
    TCase *tcase = tcase_create("robots");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, sitemap_lines_are_found_and_nothing_else, 0, COUNT(rows));
    tcase_add_loop_test(tcase, file_is_read_in_its_character_set, 0, COUNT(files));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
