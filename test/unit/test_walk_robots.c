#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/scratch.h"
#include "input/walk.h"

/*
 * Where a robots.txt may lead a walk, and as whom. The network is this program: a world has pages,
 * and all that the walk asks for and gives is written down.
 */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

struct page {
    const char *url, *text;
    const char *effective; /* or NULL: no redirect */
};

struct world {
    const struct page *pages;
    struct haul_buf told;
};

static const struct page *find_page(const struct world *world, const char *url)
{
    const struct page *page = world->pages;

    while (page->url && strcmp(page->url, url) != 0)
        page++;
    return page->url ? page : NULL;
}

static const char *const as_whom[] = {[HAUL_NAMED_BY_USER] = "",
                                      [HAUL_NAMED_BY_SITE] = "",
                                      [HAUL_NAMED_BY_SITEMAP] = " by-sitemap",
                                      [HAUL_NAMED_BY_STRANGER] = " foreign"};

static enum haul_err fetch(void *arg, const struct haul_walk_request *request,
                           struct haul_walk_answer *answer, struct haul_buf *message)
{
    struct world *world = arg;
    const struct page *page = find_page(world, request->url->url);

    /* What robots.txt names, the user has not. */
    if (world->told.len && strstr(haul_buf_str(&world->told), "/robots.txt\n"))
        ck_assert_int_ne(request->named_by, HAUL_NAMED_BY_USER);
    haul_buf_addf(&world->told, "get %s%s\n", request->url->url, as_whom[request->named_by]);
    if (!page) {
        haul_buf_add_str(message, "404");
        return HAUL_ERR_IO;
    }
    answer->fd = haul_scratch_open(NULL);
    answer->was_cut = false;
    ck_assert_int_eq(write(answer->fd, page->text, strlen(page->text)), (int)strlen(page->text));
    ck_assert_int_eq(lseek(answer->fd, 0, SEEK_SET), 0);
    haul_buf_add_str(&answer->effective, page->effective ? page->effective : page->url);
    return HAUL_OK;
}

static void tell(struct world *world, const struct haul_walk *walk, enum haul_err err,
                 const struct haul_list_entry *entry)
{
    if (err)
        haul_buf_addf(&world->told, "! %s\n", haul_walk_message(walk));
    else
        haul_buf_addf(&world->told, "%s %.*s%s\n", entry->reason ? "no " : "yes", (int)entry->len,
                      entry->text, entry->reason ? "" : as_whom[entry->named_by]);
}

static void check_walk(const struct page *pages, enum haul_source_kind kind, const char *text,
                       bool any_host, const char *wanted)
{
    const struct haul_source source = {.kind = kind, .text = text};
    struct haul_config config;
    struct world world = {.pages = pages};
    struct haul_walk_env env = {.config = &config, .fetch = fetch, .arg = &world};
    struct haul_walk *walk;
    struct haul_list_entry entry;
    enum haul_err err = HAUL_OK;

    haul_config_init(&config);
    config.sitemap_any_host = any_host;
    haul_buf_init(&world.told, 0);
    ck_assert_int_eq(haul_walk_create(&env, &walk), HAUL_OK);
    haul_walk_begin(walk, &source, -1);
    while (err != HAUL_ERR_END) {
        err = haul_walk_next(walk, &entry);
        ck_assert(err == HAUL_OK || err == HAUL_ERR_IO || err == HAUL_ERR_END);
        if (err != HAUL_ERR_END)
            tell(&world, walk, err, &entry);
    }
    haul_walk_free(walk);
    haul_config_done(&config);
    ck_assert_str_eq(haul_buf_str(&world.told), wanted);
    haul_buf_done(&world.told);
}

/* ---- names without a scheme ---- */

/* What a robots.txt of https://a.test:8443 names, and what is asked for. */
static const struct {
    const char *line, *url;
} relative[] = {
    {"Sitemap: /s.xml", "https://a.test:8443/s.xml"},
    {"Sitemap: s.xml", "https://a.test:8443/s.xml"},
    {"Sitemap: ./en/../s.xml # ours", "https://a.test:8443/s.xml"},
    {"Sitemap: ?sitemap=1", "https://a.test:8443/robots.txt?sitemap=1"},
    {"Sitemap: //a.test/s.xml", "https://a.test/s.xml"},
    {"Sitemap /s.xml", "https://a.test:8443/s.xml"},
    {"site-map: /s.xml", "https://a.test:8443/s.xml"},
    {"Sitemap: A.test/s.xml", "https://a.test/s.xml"},
    {"Sitemap: /a.test/s.xml", "https://a.test:8443/a.test/s.xml"},
    {"Sitemap: b.test/s.xml", "https://a.test:8443/b.test/s.xml"},
    {"Sitemap: https:/s.xml", "https://a.test:8443/s.xml"},
    {"Sitemap: HTTP:/s.xml", "https://a.test:8443/s.xml"},
    {"Sitemap: http:s.xml", "https://a.test:8443/s.xml"},
    {"Sitemap: http:///en/s.xml", "https://a.test:8443/en/s.xml"},
    {"Sitemap: http:/b.test/s.xml", "https://a.test:8443/b.test/s.xml"},
    {"Sitemap: http:?sitemap=1", "https://a.test:8443/robots.txt?sitemap=1"},
    {"Sitemap: http:/a.test/s.xml", "http://a.test/s.xml"},
    {"Sitemap: https:///A.test:8443/s.xml", "https://a.test:8443/s.xml"},
};

START_TEST(relative_name_is_resolved)
{
    char wanted[400], robots[200];
    const struct page pages[] = {{"https://a.test:8443/robots.txt", robots, NULL},
                                 {NULL, NULL, NULL}};

    snprintf(robots, sizeof robots, "User-agent: *\n%s\n", relative[_i].line);
    snprintf(wanted, sizeof wanted, "get %s\nget %s\n! %s: 404\n", pages[0].url, relative[_i].url,
             relative[_i].url);
    check_walk(pages, HAUL_SOURCE_ROBOTS, "https://a.test:8443/any/page", false, wanted);
}
END_TEST

/* Of the robots.txt that was read at last, wherever the first one was. */
START_TEST(relative_name_belongs_to_where_redirects_led)
{
    static const struct page pages[] = {
        {"http://a.test/robots.txt", "Sitemap: s.xml\n", "https://www.a.test/en/robots.txt"},
        {"https://www.a.test/en/s.xml", "http://a.test/1\nhttps://www.a.test/2\nhttp://c.test/3\n",
         NULL},
        {NULL, NULL, NULL}};

    check_walk(pages, HAUL_SOURCE_ROBOTS, "http://a.test/", false,
               "get http://a.test/robots.txt\nget https://www.a.test/en/s.xml\n"
               "yes http://a.test/1\nyes https://www.a.test/2\nno  http://c.test/3\n");
}
END_TEST

START_TEST(name_that_resolves_to_nothing_is_told_with_its_line)
{
    static const struct page pages[] = {
        {"http://a.test/robots.txt",
         "\nSitemap: http:///\nSitemap: ftp://a.test/s\nSitemap: //\n"
         "Sitemap: http:\nSitemap: ftp:/s.xml\n",
         NULL},
        {NULL, NULL, NULL}};

    check_walk(pages, HAUL_SOURCE_ROBOTS, "http://a.test/", false,
               "get http://a.test/robots.txt\n"
               "! http://a.test/robots.txt:2: the sitemap named here is not read: not a URL\n"
               "! http://a.test/robots.txt:3: the sitemap named here is not read: "
               "the scheme is neither http nor https\n"
               "! http://a.test/robots.txt:4: the sitemap named here is not read: not a URL\n"
               "! http://a.test/robots.txt:5: the sitemap named here is not read: not a URL\n"
               "! http://a.test/robots.txt:6: the sitemap named here is not read: "
               "the scheme is neither http nor https\n");
}
END_TEST

/* ---- other hosts ---- */

#define ALL_HOSTS "http://a.test/1\nhttp://b.test/2\nhttp://c.test/3\n"
#define ALL_TAKEN                                                                                  \
    "yes http://a.test/1\nyes http://b.test/2 by-sitemap\nyes http://c.test/3 by-sitemap\n"
#define INDEX(list) "<sitemapindex>" list "</sitemapindex>"
#define PART(url) "<sitemap><loc>" url "</loc></sitemap>\n"
#define REFUSED(where)                                                                             \
    "! " where ": the sitemap named here is not read: on another host than its sitemap "           \
    "(--sitemap-any-host takes it)\n"

static const struct page elsewhere[] = {
    {"http://a.test/robots.txt",
     "Sitemap: http://b.test/s.txt\nSitemap: http://a.test/s.txt\nSitemap: http://B.test/t.txt\n",
     NULL},
    {"http://a.test/s.txt", ALL_HOSTS, NULL},
    {"http://b.test/s.txt", ALL_HOSTS, NULL},
    {"http://b.test/t.txt", ALL_HOSTS, "http://c.test/t.txt"},
    {NULL, NULL, NULL},
};

START_TEST(sitemap_elsewhere_speaks_for_the_site_that_named_it)
{
    check_walk(elsewhere, HAUL_SOURCE_ROBOTS, "http://a.test/", false,
               "get http://a.test/robots.txt\nget http://b.test/s.txt foreign\n"
               "yes http://a.test/1\nno  http://b.test/2\nno  http://c.test/3\n"
               "get http://a.test/s.txt\n"
               "yes http://a.test/1\nno  http://b.test/2\nno  http://c.test/3\n"
               "get http://b.test/t.txt foreign\n"
               "yes http://a.test/1\nno  http://b.test/2\nno  http://c.test/3\n");
    check_walk(elsewhere, HAUL_SOURCE_ROBOTS, "http://a.test/", true,
               "get http://a.test/robots.txt\nget http://b.test/s.txt by-sitemap\n" ALL_TAKEN
               "get http://a.test/s.txt\n" ALL_TAKEN
               "get http://b.test/t.txt by-sitemap\n" ALL_TAKEN);
}
END_TEST

static const struct page indexes[] = {
    {"http://a.test/robots.txt", "Sitemap: http://b.test/i.xml\nSitemap: http://a.test/i.xml\n",
     NULL},
    {"http://b.test/i.xml",
     INDEX(PART("http://b.test/s.txt") PART("http://a.test/s.txt") PART("http://c.test/s.txt")
               PART("http://d.test/s.txt")),
     "http://d.test/moved.xml"},
    {"http://a.test/i.xml", INDEX(PART("http://b.test/t.txt")), NULL},
    {"http://a.test/s.txt", ALL_HOSTS, NULL},
    {"http://b.test/s.txt", ALL_HOSTS, NULL},
    {"http://d.test/s.txt", "http://a.test/4\nhttp://d.test/5\n", NULL},
    {NULL, NULL, NULL},
};

START_TEST(index_elsewhere_names_sitemaps_there_and_of_the_site)
{
    check_walk(
        indexes, HAUL_SOURCE_ROBOTS, "http://a.test/", false,
        "get http://a.test/robots.txt\nget http://b.test/i.xml foreign\n"
        "get http://b.test/s.txt foreign\n"
        "yes http://a.test/1\nno  http://b.test/2\nno  http://c.test/3\n"
        "get http://a.test/s.txt\n"
        "yes http://a.test/1\nno  http://b.test/2\nno  http://c.test/3\n" REFUSED(
            "http://b.test/i.xml:3") "get http://d.test/s.txt foreign\n"
                                     "yes http://a.test/4\nno  http://d.test/5\n"
                                     "get http://a.test/i.xml\n" REFUSED("http://a.test/i.xml:1"));
}
END_TEST

/* The site has moved its sitemaps to another of its names, which the user has not named. */
static const struct page moved[] = {
    {"http://a.test/robots.txt",
     "Sitemap: http://a.test/i.xml\nSitemap: http://a.test/s.txt\nSitemap: http://b.test/s.txt\n",
     NULL},
    {"http://a.test/i.xml",
     INDEX(PART("http://www.a.test/s.txt") PART("http://a.test/t.txt") PART("http://b.test/s.txt")),
     "http://www.a.test/i.xml"},
    {"http://www.a.test/s.txt", "http://a.test/1\nhttp://www.a.test/2\nhttp://b.test/3\n", NULL},
    {"http://a.test/t.txt", "http://a.test/4\nhttp://www.a.test/5\n", "http://c.test/t.txt"},
    {"http://a.test/s.txt", "http://a.test/6\nhttp://www.a.test/7\n", NULL},
    {"http://b.test/s.txt", "http://a.test/8\nhttp://b.test/9\n", NULL},
    {NULL, NULL, NULL},
};

START_TEST(host_behind_a_redirect_is_asked_as_a_stranger)
{
    check_walk(moved, HAUL_SOURCE_ROBOTS, "http://a.test/", false,
               "get http://a.test/robots.txt\nget http://a.test/i.xml\n"
               "get http://www.a.test/s.txt foreign\n"
               "yes http://a.test/1\nyes http://www.a.test/2 foreign\nno  http://b.test/3\n"
               "get http://a.test/t.txt\n"
               "yes http://a.test/4\nyes http://www.a.test/5 foreign\n" REFUSED(
                   "http://a.test/i.xml:3") "get http://a.test/s.txt\n"
                                            "yes http://a.test/6\nno  http://www.a.test/7\n"
                                            "get http://b.test/s.txt foreign\n"
                                            "yes http://a.test/8\nno  http://b.test/9\n");
}
END_TEST

/* Where the user has named the document itself, he has named where it is by now. */
START_TEST(host_behind_a_redirect_of_what_the_user_named_is_his)
{
    static const struct page robots[] = {
        {"http://a.test/robots.txt", "Sitemap: i.xml\n", "http://www.a.test/robots.txt"},
        {"http://www.a.test/i.xml", INDEX(PART("http://a.test/s.txt")), NULL},
        {"http://a.test/s.txt", "http://a.test/1\nhttp://www.a.test/2\n", NULL},
        {NULL, NULL, NULL}};

    check_walk(robots, HAUL_SOURCE_ROBOTS, "http://a.test/", false,
               "get http://a.test/robots.txt\nget http://www.a.test/i.xml\n"
               "get http://a.test/s.txt\nyes http://a.test/1\nyes http://www.a.test/2\n");
    check_walk(moved, HAUL_SOURCE_SITEMAP, "http://a.test/i.xml", false,
               "get http://a.test/i.xml\nget http://www.a.test/s.txt\n"
               "yes http://a.test/1\nyes http://www.a.test/2\nno  http://b.test/3\n"
               "get http://a.test/t.txt\n"
               "yes http://a.test/4\nyes http://www.a.test/5\n" REFUSED("http://a.test/i.xml:3"));
    check_walk(moved, HAUL_SOURCE_SITEMAP, "http://a.test/i.xml", true,
               "get http://a.test/i.xml\nget http://www.a.test/s.txt\n"
               "yes http://a.test/1\nyes http://www.a.test/2\nyes http://b.test/3 by-sitemap\n"
               "get http://a.test/t.txt\n"
               "yes http://a.test/4\nyes http://www.a.test/5\n"
               "get http://b.test/s.txt by-sitemap\n"
               "yes http://a.test/8\nyes http://b.test/9 by-sitemap\n");
}
END_TEST

/* What a file of the user names is his, and so is the site of a sitemap that it names; but he has
 * not written who that one names. */
START_TEST(sitemap_that_a_file_names_may_name_strangers)
{
    static const char index[] =
        INDEX(PART("http://d.test/s.txt") "<url><loc>http://c.test/0</loc></url>\n" PART(
            "http://a.test/i.xml"));
    char name[32];
    int fd = haul_scratch_open(NULL);

    ck_assert_int_eq(write(fd, index, sizeof index - 1), (int)sizeof index - 1);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    check_walk(moved, HAUL_SOURCE_SITEMAP, name, false,
               "get http://d.test/s.txt\n! http://d.test/s.txt: 404\nyes http://c.test/0\n"
               "get http://a.test/i.xml\nget http://www.a.test/s.txt\n"
               "yes http://a.test/1\nyes http://www.a.test/2\nyes http://b.test/3 foreign\n"
               "get http://a.test/t.txt\n"
               "yes http://a.test/4\nyes http://www.a.test/5\n"
               "get http://b.test/s.txt foreign\n"
               "yes http://a.test/8\nyes http://b.test/9 foreign\n");
    close(fd);
}
END_TEST

/* Only a robots.txt is a proof. */
START_TEST(sitemap_that_was_named_itself_leads_nowhere_else)
{
    check_walk(indexes, HAUL_SOURCE_SITEMAP, "http://a.test/i.xml", false,
               "get http://a.test/i.xml\n" REFUSED("http://a.test/i.xml:1"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walk_robots");
    TCase *tcase = tcase_create("walk_robots");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, relative_name_is_resolved, 0, COUNT(relative));
    tcase_add_test(tcase, relative_name_belongs_to_where_redirects_led);
    tcase_add_test(tcase, name_that_resolves_to_nothing_is_told_with_its_line);
    tcase_add_test(tcase, sitemap_elsewhere_speaks_for_the_site_that_named_it);
    tcase_add_test(tcase, index_elsewhere_names_sitemaps_there_and_of_the_site);
    tcase_add_test(tcase, host_behind_a_redirect_is_asked_as_a_stranger);
    tcase_add_test(tcase, host_behind_a_redirect_of_what_the_user_named_is_his);
    tcase_add_test(tcase, sitemap_that_a_file_names_may_name_strangers);
    tcase_add_test(tcase, sitemap_that_was_named_itself_leads_nowhere_else);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
