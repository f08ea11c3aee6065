#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/scratch.h"
#include "fail_alloc.h"
#include "input/walk.h"

/*
 * A walk whose network is this program: what it does with what it is given when memory runs out.
 * What it reads in sitemaps and robots.txt is tested with servers.
 */

enum { DESCRIPTORS_MAX = 256 };

static const char *page_of(const struct haul_walk_request *request)
{
    if (strstr(request->url->url, "/robots.txt"))
        return "Sitemap: index.xml\nSitemap: http://foreign.test/index.xml\n";
    if (strstr(request->url->url, "/twins.xml"))
        return "<sitemapindex><sitemap><loc>http://twins.example/size?n=100&amp;x=mYFK-Zf9eRC</loc>"
               "</sitemap><sitemap><loc>http://twins.example/size?n=100&amp;x=Rl3J79rnLvF</loc>"
               "</sitemap></sitemapindex>";
    if (strstr(request->url->url, "/feed.xml"))
        return "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='1?a'/></entry>"
               "<entry xml:base='/b/'><link href='2'/></entry>"
               "<entry><link xml:base='http://a.test/c/' href='../3'/></entry>"
               "<entry><link href='//other.test/4'/></entry></feed>";
    if (strstr(request->url->url, "/index.xml"))
        return "<sitemapindex><sitemap><loc>http://www.a.test/one.xml</loc></sitemap>"
               "</sitemapindex>";
    return "<urlset><url><loc>http://a.test/x</loc></url><url><loc>http://www.a.test/y</loc></url>"
           "</urlset>";
}

/* Every document has been moved to the host www.a.test. */
static enum haul_err fetch(void *arg, const struct haul_walk_request *request,
                           struct haul_walk_answer *answer, struct haul_buf *message)
{
    const char *page = page_of(request);
    int *fetched = arg;

    (void)message;
    answer->fd = haul_scratch_open(NULL);
    answer->was_cut = false;
    if (write(answer->fd, page, strlen(page)) != (ssize_t)strlen(page) ||
        lseek(answer->fd, 0, SEEK_SET) != 0)
        abort(); /* an assertion allocates, which may fail here */
    haul_buf_add_str(&answer->effective, "http://www.a.test/moved");
    ++*fetched;
    return HAUL_OK;
}

static int open_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/*
 * Returns how the walk ended, and how many entries it gave that may be fetched; negative: not all
 * may.
 */
static enum haul_err walk_through(const struct haul_walk_env *env, const struct haul_source *source,
                                  int *good)
{
    struct haul_walk *walk = NULL;
    struct haul_list_entry entry;
    enum haul_err err = haul_walk_create(env, &walk);

    *good = 0;
    if (!err)
        haul_walk_begin(walk, source, -1);
    while (!err || err == HAUL_ERR_IO) {
        err = haul_walk_next(walk, &entry);
        if (!err && entry.reason == HAUL_REASON_OTHER_HOST)
            *good = -DESCRIPTORS_MAX;
        *good += !err && !entry.reason;
    }
    haul_walk_free(walk);
    return err;
}

static const struct haul_source sources[] = {
    {.kind = HAUL_SOURCE_SITEMAP, .text = "http://a.test/index.xml"},
    {.kind = HAUL_SOURCE_ROBOTS, .text = "http://a.test/"},
};

START_TEST(walk_without_memory_leaves_no_descriptor_and_no_host_out)
{
    int before, good, fetched = 0;
    struct haul_config config;
    struct haul_walk_env env = {.config = &config, .fetch = fetch, .arg = &fetched};
    bool walking = true;

    haul_config_init(&config);
    ck_assert_int_eq(walk_through(&env, &sources[_i], &good), HAUL_ERR_END);
    ck_assert_int_eq(good, 2);
    ck_assert_int_eq(fetched, 2 + 2 * _i);
    before = open_descriptors();
    for (long n = 1; walking; n++) {
        fail_alloc_arm(n);
        (void)walk_through(&env, &sources[_i], &good);
        walking = fail_alloc_disarm();
        ck_assert_msg(open_descriptors() == before, "allocation %ld", n);
        ck_assert_int_ge(good, walking ? 0 : 2);
    }
    haul_config_done(&config);
}
END_TEST

/* Two sitemaps for which somebody has searched, so that an unkeyed hash has them as one: FNV-1a. */
START_TEST(sitemaps_with_one_hash_are_both_read)
{
    const struct haul_source source = {.kind = HAUL_SOURCE_SITEMAP,
                                       .text = "http://twins.example/twins.xml"};
    int good, fetched = 0;
    struct haul_config config;
    struct haul_walk_env env = {.config = &config, .fetch = fetch, .arg = &fetched};

    haul_config_init(&config);
    (void)walk_through(&env, &source, &good);
    ck_assert_int_eq(fetched, 3);
    haul_config_done(&config);
}
END_TEST

/* Relative to where the feed was moved to. */
START_TEST(link_of_a_feed_may_be_relative)
{
    static const char *const wanted[] = {"http://www.a.test/1?a", "http://www.a.test/b/2",
                                         "http://a.test/3", "http://other.test/4"};
    const struct haul_source source = {.kind = HAUL_SOURCE_SITEMAP,
                                       .text = "http://a.test/feed.xml"};
    int fetched = 0;
    struct haul_config config;
    struct haul_walk_env env = {.config = &config, .fetch = fetch, .arg = &fetched};
    struct haul_walk *walk;
    struct haul_list_entry entry;

    haul_config_init(&config);
    ck_assert_int_eq(haul_walk_create(&env, &walk), HAUL_OK);
    haul_walk_begin(walk, &source, -1);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(haul_walk_next(walk, &entry), HAUL_OK);
        ck_assert_int_eq((int)entry.len, (int)strlen(wanted[i]));
        ck_assert_int_eq(strncmp(entry.text, wanted[i], entry.len), 0);
        ck_assert_int_eq(entry.reason, i < 3 ? HAUL_REASON_NONE : HAUL_REASON_OTHER_HOST);
    }
    ck_assert_int_eq(haul_walk_next(walk, &entry), HAUL_ERR_END);
    haul_walk_free(walk);
    haul_config_done(&config);
}
END_TEST

/* An index of as many sitemaps as are told of each kind, and some more: each has a page and a loc
 * that belongs to no entry; every second one only a slip. */
enum { TOLD = 100, LOSSY = TOLD + 7, SLIPPED = TOLD + 3 };

static enum haul_err fetch_lossy(void *arg, const struct haul_walk_request *request,
                                 struct haul_walk_answer *answer, struct haul_buf *message)
{
    const char *url = request->url->url;
    struct haul_buf page;

    (void)arg;
    (void)message;
    haul_buf_init(&page, 0);
    if (strstr(url, "index"))
        haul_buf_add_str(&page, "<sitemapindex>");
    for (int i = 0; strstr(url, "index") && i < LOSSY + SLIPPED; i++)
        haul_buf_addf(&page, "<sitemap><loc>http://a.test/%s?%d</loc></sitemap>",
                      i < SLIPPED ? "slip" : "loss", i);
    if (strstr(url, "index"))
        haul_buf_add_str(&page, "</sitemapindex>");
    else
        haul_buf_addf(&page, "<urlset><url><loc>http://a.test/</loc></url>%s</urlset>",
                      strstr(url, "loss") ? "<loc>http://a.test/lost</loc>" : "<a:b/>");
    answer->fd = haul_scratch_open(NULL);
    answer->was_cut = false;
    ck_assert_int_eq(write(answer->fd, page.data, page.len), (int)page.len);
    ck_assert_int_eq(lseek(answer->fd, 0, SEEK_SET), 0);
    haul_buf_add_str(&answer->effective, url);
    haul_buf_done(&page);
    return HAUL_OK;
}

START_TEST(many_sitemaps_that_lose_something_are_counted)
{
    const struct haul_source source = {.kind = HAUL_SOURCE_SITEMAP,
                                       .text = "http://a.test/index.xml"};
    int told = 0, lost = 0, good = 0;
    struct haul_config config;
    struct haul_walk_env env = {.config = &config, .fetch = fetch_lossy};
    struct haul_walk *walk;
    struct haul_list_entry entry;
    enum haul_err err = HAUL_OK;

    haul_config_init(&config);
    ck_assert_int_eq(haul_walk_create(&env, &walk), HAUL_OK);
    haul_walk_begin(walk, &source, -1);
    while (err != HAUL_ERR_END) {
        const char *warning;

        err = haul_walk_next(walk, &entry);
        warning = haul_walk_warning(walk);
        good += !err;
        told += *warning != '\0';
        lost += haul_walk_has_lost(walk);
        ck_assert_int_eq(haul_walk_has_lost(walk), strstr(warning, "passed over") != NULL);
        if (lost > TOLD)
            ck_assert_str_eq(warning, err == HAUL_ERR_END ? ""
                                                          : "what 7 more sitemaps name was passed "
                                                            "over in part");
    }
    ck_assert_int_eq(good, LOSSY + SLIPPED);
    ck_assert_int_eq(lost, TOLD + 1);
    ck_assert_int_eq(told, TOLD + TOLD + 1);
    haul_walk_free(walk);
    haul_config_done(&config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walk");
    TCase *memory = tcase_create("memory");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(memory, walk_without_memory_leaves_no_descriptor_and_no_host_out, 0, 2);
    tcase_add_test(memory, sitemaps_with_one_hash_are_both_read);
    tcase_add_test(memory, many_sitemaps_that_lose_something_are_counted);
    tcase_add_test(memory, link_of_a_feed_may_be_relative);
    suite_add_tcase(suite, memory);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
