#include <stdio.h>
#include <string.h>

#include "sitemap_site.h"

/*
 * Sitemaps as a source, and which hosts they may lead to.
 */

/* ---- good ones ---- */

static void check_page(const json_t *row, int part, int n)
{
    ck_assert_str_eq(it_str(row, "url"), it_text("%s?part=%d&n=%d", site_url("page"), part, n));
    ck_assert_str_eq(it_str(row, "source"), site_url(it_text("part%d.xml.gz", part)));
    ck_assert_int_eq(it_int(row, "line"), n + 3);
    ck_assert_str_eq(it_str(json_object_get(row, "attached"), "lastmod"), "2024-05-06");
}

START_TEST(index_with_packed_parts_gives_every_page)
{
    const json_t *rows;

    if (!has_nginx)
        return;
    rows = good_rows("--sitemap", _i ? site_file("index.xml") : site_url("index.xml"), PAGES);
    for (int i = 0; i < PAGES; i++)
        check_page(json_array_get(rows, (size_t)i), i / PAGES_OF_PART, i % PAGES_OF_PART);
}
END_TEST

static void check_two(const json_t *rows, const char *source, int second_line)
{
    for (int i = 0; i < 2; i++) {
        const json_t *row = json_array_get(rows, (size_t)i);

        ck_assert_str_eq(it_str(row, "url"), it_text("%s?%d", site_url("page"), i + 1));
        ck_assert_str_eq(it_str(row, "source"), source);
    }
    ck_assert_int_eq(it_int(json_array_get(rows, 1), "line"), second_line);
}

START_TEST(text_and_xml_are_read_from_file_and_network)
{
    if (!has_nginx)
        return;
    check_two(good_rows("--sitemap", site_url("two.xml"), 2), site_url("two.xml"), 3);
    check_two(good_rows("--sitemap", site_file("two.xml"), 2), site_file("two.xml"), 3);
    check_two(good_rows("--sitemap", site_url("two.txt"), 2), site_url("two.txt"), 3);
    check_two(good_rows("--sitemap", site_file("two.txt"), 2), site_file("two.txt"), 3);
}
END_TEST

START_TEST(standard_input_may_be_a_sitemap)
{
    struct it_run run;

    if (!has_nginx)
        return;
    run = it_call(&(struct it_call){.argv = IT_ARGS("--format", "jsonl", "--sitemap", "-"),
                                    .input = it_read(site_file("two.xml"), NULL)});
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 2);
}
END_TEST

START_TEST(robots_names_sitemaps_in_any_case)
{
    if (!has_nginx)
        return;
    publish("robots.txt", it_text("User-agent: *\nDisallow: /\nSITEMAP: %s # ours\n\nsitemap:%s\n",
                                  site_url("two.xml"), site_url("part1.xml.gz")));
    (void)good_rows("--sitemap-from-robots", site_url("any/where?x"), 2 + PAGES_OF_PART);
}
END_TEST

START_TEST(sitemap_named_twice_is_read_once)
{
    const char *two = site_url("two.xml");

    if (!has_nginx)
        return;
    publish_index("twice.xml", (const char *const[]){two, two, NULL});
    check_two(good_rows("--sitemap", site_url("twice.xml"), 2), two, 3);
}
END_TEST

START_TEST(several_sources_are_read_in_their_order)
{
    struct it_run run;
    const json_t *rows;

    if (!has_nginx)
        return;
    run = it_haul(IT_ARGS("--format", "jsonl", "--order", "input", site_url("page?first"),
                          "--sitemap", site_url("two.xml"), site_url("page?last"), "--sitemap",
                          site_file("two.txt")));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(rows), 6);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "url"), site_url("page?first"));
    ck_assert_str_eq(it_str(json_array_get(rows, 1), "source"), site_url("two.xml"));
    ck_assert_str_eq(it_str(json_array_get(rows, 3), "url"), site_url("page?last"));
    ck_assert_str_eq(it_str(json_array_get(rows, 5), "source"), site_file("two.txt"));
}
END_TEST

START_TEST(flaky_sitemap_is_tried_again)
{
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--retry-delay", "10ms", "--sitemap",
                                        it_url("/flaky?n=2&key=sitemap")));
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(it_stat("requests"), 3);
    ck_assert_uint_eq(json_array_size(rows), 1); /* what it says at last is a text, and no URL */
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "invalid bad-url");
    ck_assert_int_eq(run.status, 1);
}
END_TEST

START_TEST(sitemap_is_got_with_get_whatever_the_method)
{
    struct it_run run;

    if (!has_nginx)
        return;
    run = it_haul(IT_ARGS("-I", "--format", "jsonl", "--sitemap", site_url("two.xml")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 2);
}
END_TEST

START_TEST(resumed_run_asks_for_no_page_again)
{
    const char *journal = it_path("journal");
    struct it_run run;

    if (!has_nginx)
        return;
    publish("pages.txt", it_text("%s\n%s\n", it_url("/size?n=1"), it_url("/size?n=2")));
    run = it_haul(IT_ARGS("--journal", journal, "--sitemap", site_url("pages.txt")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 2);
    run = it_haul(IT_ARGS("--journal", journal, "--resume", "--sitemap", site_url("pages.txt")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_int_eq(it_stat("requests"), 2);
}
END_TEST

/* ---- what is not quite a sitemap ---- */

/* Each names the page twice; what is told of it, and "" for nothing. */
static const char *const slips[][2] = {
    {"<urlset " NS ">\n<url xmlns=''><loc>%s?1</loc></url><url><loc>%s?2</loc></url></urlset>", ""},
    {"<urlset " NS "><url><loc>%s?1</loc><image:image/></url>\n<url><loc>%s?2</loc></url></urlset>",
     "; line 1: unbound prefix; read tolerantly from there, which saved 2 entries"},
    {"<?xml version='1.0' encoding='windows-1251'?>\n<urlset><url><loc>%s?1</loc><x>\xe6</x></url>"
     "<url><loc>%s?2</loc></url></urlset>",
     ""},
    {"<rss version='2.0'><channel><item><link>%s?1</link></item><item><guid>%s?2</guid></item>"
     "</channel></rss>",
     ""},
    {"<urlset><url><loc>%s?1</loc><loc>%s?2</loc></url></urlset>",
     "; line 1: two <loc> in one entry"},
};

START_TEST(slip_is_told_once_and_the_run_is_good)
{
    const char *page = site_url("page");
    struct it_run run;
    char text[600];

    if (!has_nginx)
        return;
    (void)snprintf(text, sizeof text, "%s", slips[_i][0]);
    /* Each %s once: a format that is no literal is none. */
    for (char *at; (at = strstr(text, "%s")) != NULL;) {
        char rest[600];

        (void)snprintf(rest, sizeof rest, "%s", at + 2);
        (void)snprintf(at, sizeof text - (size_t)(at - text), "%s%s", page, rest);
    }
    publish("slip.xml", text);
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap", site_url("slip.xml")));
    ck_assert_msg(run.status == 0, "status %d: %.1000s", run.status, run.err);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    if (*slips[_i][1])
        ck_assert_msg(strstr(run.err, it_text("%s%s", site_url("slip.xml"), slips[_i][1])) != NULL,
                      "%.1000s", run.err);
    else
        ck_assert_ptr_null(strstr(run.err, "slip.xml"));
}
END_TEST

/* Of what is not quite a sitemap, what a run with --quiet-unless says: %s is the page. */
static const struct {
    const char *text, *says; /* NULL: nothing at all */
    int status;
} quiet[] = {
    {"<urlset><url><loc>%s</loc></url><url><x:y/></url></urlset> junk", NULL, 1},
    {"<urlset><url><loc>%s</loc></url></urlset> junk", NULL, 0},
    {"<urlset><url><loc>%s</loc><image:image/></url></urlset>", NULL, 0},
    {"<urlset><url><loc>%s?a=1&b=2</loc></url></urlset>", NULL, 0},
    {"<urlset><url>%s</url></urlset>", NULL, 0},
    {"<urlset><url><loc>%s</loc></url>\n<loc>http://lost.test/</loc></urlset>",
     "; line 2: 1 <loc> or items passed over", 0},
    {"<urlset><page><loc>http://lost.test/</loc></page><url><loc>%s</loc><a:b/></url></urlset>",
     "; line 1: 1 <loc> or items passed over", 0},
    {"<rss><channel><item><link>%s</link></item><item><title>t</title></item></channel></rss>",
     "; line 1: 1 <loc> or items passed over", 0},
    {"<urlset><url><loc>%s</loc></url>\n<url><loc>http://lo", "it is cut short", 3},
    {"<urlset><url><loc>%s</loc></url><!DOCTYPE a [<!ENTITY b 'c'>]></urlset>", "is refused", 3},
};

START_TEST(sitemap_that_loses_entries_is_not_silent)
{
    struct it_run run;
    const char *text, *at = strstr(quiet[_i].text, "%s");

    if (!has_nginx)
        return;
    text = it_text("%.*s%s%s", (int)(at - quiet[_i].text), quiet[_i].text, site_url("page"),
                   at + strlen("%s"));
    publish("quiet.xml", text);
    run = it_haul(IT_ARGS("--quiet-unless", "budget", "--budget", "failed<9", "-s", "--sitemap",
                          site_url("quiet.xml")));
    ck_assert_msg(run.status == quiet[_i].status, "status %d: %.1000s", run.status, run.err);
    if (!quiet[_i].says)
        ck_assert_msg(!*run.err && !*run.out, "%.1000s", run.err);
    else
        ck_assert_msg(strstr(run.err, site_url("quiet.xml")) != NULL &&
                          strstr(run.err, quiet[_i].says) != NULL,
                      "%.1000s", run.err);
}
END_TEST

/* ---- hosts ---- */

static const char *publish_foreign(void)
{
    publish("foreign.xml", it_text("<urlset><url><loc>%s</loc></url><url><loc>http://localhost:%d/"
                                   "page</loc></url></urlset>",
                                   site_url("page"), it_nginx_port(IT_NGINX_PLAIN)));
    return site_url("foreign.xml");
}

START_TEST(page_of_another_host_is_told_and_not_fetched)
{
    struct it_run run;
    const json_t *rows;

    if (!has_nginx)
        return;
    run = it_haul(IT_ARGS("--format", "jsonl", "--order", "input", "--sitemap", publish_foreign()));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "invalid other-host");
    it_check_equation(run.err, 2);
}
END_TEST

START_TEST(file_and_option_may_name_any_host)
{
    struct it_run run;

    if (!has_nginx)
        return;
    run = it_haul(IT_ARGS("--sitemap-any-host", "--sitemap", publish_foreign()));
    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("--sitemap", site_file("foreign.xml")));
    ck_assert_int_eq(run.status, 0);
}
END_TEST

START_TEST(sitemap_of_another_host_is_not_asked_for)
{
    const char *elsewhere = it_text("http://localhost:%d/size?n=5", it_port("http"));
    struct it_run run;

    if (!has_nginx)
        return;
    publish_index("lured.xml", (const char *const[]){elsewhere, site_url("two.xml"), NULL});
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap", site_url("lured.xml")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, it_text("%s:2: the sitemap named here is not read: on another "
                                          "host than its sitemap",
                                          site_url("lured.xml"))) != NULL,
                  "%.1000s", run.err);
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(index_that_robots_names_lures_nowhere)
{
    const char *elsewhere = it_text("http://localhost:%d/size?n=5", it_port("http"));
    struct it_run run;

    if (!has_nginx)
        return;
    publish_index("lured.xml", (const char *const[]){elsewhere, site_url("two.xml"), NULL});
    publish("robots.txt", it_text("Sitemap: %s\n", site_url("lured.xml")));
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap-from-robots", site_url("")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "is not read: on another host"));
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* An index leads to the sitemap, so that no option names it. */
START_TEST(url_that_comes_again_names_the_sitemap_of_the_first)
{
    const char *parts[] = {site_url("two.xml"), site_url("two.txt"), NULL};
    const json_t *rows;
    struct it_run run;

    publish_index("both.xml", parts);
    run = it_haul(IT_ARGS("--unique", "--format", "jsonl", "--order", "input", "--sitemap",
                          site_url("both.xml"), it_text("%s?2", site_url("page"))));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(rows, "duplicate"), 3);
    ck_assert_str_eq(it_str(json_array_get(rows, 2), "errormsg"),
                     it_text("the same URL as %s:2", site_url("two.xml")));
    ck_assert_str_eq(it_str(json_array_get(rows, 4), "errormsg"),
                     it_text("the same URL as %s:3", site_url("two.xml")));
}
END_TEST

START_TEST(host_behind_a_redirect_of_the_first_one_counts)
{
    struct it_run run;
    const char *to;

    if (!has_nginx)
        return;
    to = it_text("http://localhost:%d/redirect?to=%s", it_port("http"), site_url("two.xml"));
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap", to));
    ck_assert_msg(run.status == 0, "%.1000s", run.err);
    ck_assert_uint_eq(it_lines(run.out), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sitemap");
    TCase *tcase = tcase_create("good");

    tcase_add_unchecked_fixture(tcase, begin_site, end_site);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, index_with_packed_parts_gives_every_page, 0, 2);
    tcase_add_loop_test(tcase, slip_is_told_once_and_the_run_is_good, 0,
                        (int)(sizeof slips / sizeof *slips));
    tcase_add_loop_test(tcase, sitemap_that_loses_entries_is_not_silent, 0,
                        (int)(sizeof quiet / sizeof *quiet));
    tcase_add_test(tcase, text_and_xml_are_read_from_file_and_network);
    tcase_add_test(tcase, standard_input_may_be_a_sitemap);
    tcase_add_test(tcase, robots_names_sitemaps_in_any_case);
    tcase_add_test(tcase, sitemap_named_twice_is_read_once);
    tcase_add_test(tcase, several_sources_are_read_in_their_order);
    tcase_add_test(tcase, flaky_sitemap_is_tried_again);
    tcase_add_test(tcase, sitemap_is_got_with_get_whatever_the_method);
    tcase_add_test(tcase, resumed_run_asks_for_no_page_again);
    tcase_add_test(tcase, page_of_another_host_is_told_and_not_fetched);
    tcase_add_test(tcase, file_and_option_may_name_any_host);
    tcase_add_test(tcase, sitemap_of_another_host_is_not_asked_for);
    tcase_add_test(tcase, index_that_robots_names_lures_nowhere);
    tcase_add_test(tcase, url_that_comes_again_names_the_sitemap_of_the_first);
    tcase_add_test(tcase, host_behind_a_redirect_of_the_first_one_counts);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
