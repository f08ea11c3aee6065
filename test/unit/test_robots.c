#include <check.h>
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

int main(void)
{
    Suite *suite = suite_create("robots");
    TCase *tcase = tcase_create("robots");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, sitemap_lines_are_found_and_nothing_else, 0, COUNT(rows));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
