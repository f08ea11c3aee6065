#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * Sitemaps as a source: served by nginx as any site does it, and the hostile ones, which have to
 * end in a message, a status and bounded memory, with everything that was read before in the
 * report.
 */

#define NS "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""
enum { PARTS = 4, PAGES_OF_PART = 2500, PAGES = PARTS * PAGES_OF_PART };

static bool has_nginx;

static const char *site_file(const char *name)
{
    return it_path(it_text("site/%s", name));
}

static const char *site_url(const char *name)
{
    return it_text("http://127.0.0.1:%d/%s", it_nginx_port(IT_NGINX_PLAIN), name);
}

static void publish(const char *name, const char *text)
{
    it_write(site_file(name), text, strlen(text));
}

/* One gzip member. */
static void pack(struct haul_buf *to, const void *bytes, size_t len)
{
    z_stream stream = {.next_in = Z_NULL};
    size_t size = 1000 + len;
    char *at = haul_buf_reserve(to, size);

    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (uInt)len;
    stream.next_out = (unsigned char *)at;
    stream.avail_out = (uInt)size;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    haul_buf_grew(to, size - stream.avail_out);
    deflateEnd(&stream);
}

static void publish_packed(const char *name, const char *text, size_t len)
{
    struct haul_buf packed;

    haul_buf_init(&packed, 0);
    pack(&packed, text, len);
    it_write(site_file(name), packed.data, packed.len);
    haul_buf_done(&packed);
}

static void publish_part(int part)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset " NS ">\n");
    for (int i = 0; i < PAGES_OF_PART; i++)
        haul_buf_addf(&text,
                      "<url><loc>%s?part=%d&amp;n=%d</loc><lastmod>2024-05-06</lastmod></url>\n",
                      site_url("page"), part, i);
    haul_buf_add_str(&text, "</urlset>\n");
    publish_packed(it_text("part%d.xml.gz", part), text.data, text.len);
    haul_buf_done(&text);
}

static void publish_index(const char *name, const char *const *parts)
{
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "<sitemapindex " NS ">\n");
    for (; *parts; parts++)
        haul_buf_addf(&text, "<sitemap><loc>%s</loc></sitemap>\n", *parts);
    haul_buf_add_str(&text, "</sitemapindex>\n");
    it_write(site_file(name), text.data, text.len);
    haul_buf_done(&text);
}

static void publish_site(void)
{
    const char *parts[PARTS + 1] = {NULL};

    publish("page", "page\n");
    publish("two.xml", it_text("<urlset " NS ">\n<url><loc>%s?1</loc></url>\n<url><loc>%s?2</loc>"
                               "</url>\n</urlset>",
                               site_url("page"), site_url("page")));
    publish("two.txt", it_text("%s?1\r\n\r\n%s?2\r\n", site_url("page"), site_url("page")));
    for (int i = 0; i < PARTS; i++) {
        publish_part(i);
        parts[i] = site_url(it_text("part%d.xml.gz", i));
    }
    publish_index("index.xml", parts);
}

static void begin(void)
{
    it_begin_server();
    ck_assert_int_eq(mkdir(it_path("site"), 0755), 0);
    has_nginx = it_nginx_start(it_path("site"));
    if (has_nginx)
        publish_site();
    else
        (void)fputs("no nginx on this system: NOTHING IS TESTED HERE\n", stderr);
}

static void end(void)
{
    it_nginx_stop();
    it_end_server();
}

/* ---- good ones ---- */

static const json_t *good_rows(const char *option, const char *value, size_t count)
{
    struct it_run run =
        it_haul(IT_ARGS("-j", "16", "--format", "jsonl", "--order", "input", option, value));
    const json_t *rows = it_rows(run.out);

    ck_assert_msg(run.status == 0, "status %d: %.1000s", run.status, run.err);
    ck_assert_uint_eq(json_array_size(rows), count);
    ck_assert_uint_eq(it_count(rows, "ok"), count);
    it_check_equation(run.err, count);
    return rows;
}

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

/* Headers and credentials would go there, too. */
START_TEST(robots_lures_nowhere_unasked)
{
    const char *elsewhere = it_text("http://localhost:%d/size?n=5", it_port("http"));
    struct it_run run;

    if (!has_nginx)
        return;
    publish("robots.txt", it_text("Sitemap: %s\nSitemap: %s\n", elsewhere, site_url("two.xml")));
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap-from-robots", site_url("")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "robots.txt:1: the sitemap named here is not read"));
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_int_eq(it_stat("requests"), 0);
    (void)it_haul(IT_ARGS("--sitemap-any-host", "--sitemap-from-robots", site_url("")));
    ck_assert_int_eq(it_stat("requests"), 1);
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

/* ---- those that cannot be read ---- */

/* Two pages before the fault, or none; the fault is told with the sitemap's name. */
static void check_fault(const char *const *argv, size_t rows, const char *message)
{
    struct it_run run = it_haul(argv);

    ck_assert_msg(run.status == 3, "status %d: %.1000s", run.status, run.err);
    ck_assert_msg(strstr(run.err, message) != NULL, "%.1000s", run.err);
    ck_assert_msg(strstr(run.err, "the input was not read to its end") != NULL, "%.1000s", run.err);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), rows);
    it_check_equation(run.err, rows);
}

#define CHECK_FAULT(rows, message, ...)                                                            \
    check_fault(IT_ARGS("--format", "jsonl", "--retry", "0", __VA_ARGS__), rows, message)

START_TEST(sitemap_that_is_not_there_is_told)
{
    CHECK_FAULT(0, it_text("%s: cannot be fetched: http-404", it_url("/status/404")), "--sitemap",
                it_url("/status/404"));
    CHECK_FAULT(0, "cannot be fetched: http-404", "--accept", "404", "--sitemap",
                it_url("/status/404"));
    CHECK_FAULT(0, "cannot be fetched: connect", "--sitemap",
                it_text("http://127.0.0.1:%d/", it_port("refused")));
    CHECK_FAULT(0, "/robots.txt: cannot be fetched: http-404", "--sitemap-from-robots",
                it_url("/"));
}
END_TEST

START_TEST(answer_cut_short_is_no_half_a_sitemap)
{
    CHECK_FAULT(0, "cannot be fetched: truncated", "--sitemap", it_url("/fault/end-in-body"));
}
END_TEST

START_TEST(endless_answer_ends_at_the_limit)
{
    CHECK_FAULT(0, "cannot be fetched: too-large, more than 1000000 bytes", "--sitemap-max-size",
                "1000000", "--sitemap", it_url("/fault/endless-body"));
    CHECK_FAULT(0, "cannot be fetched: too-large", "--sitemap-max-size", "1000000", "--sitemap",
                it_url("/fault/endless-gzip"));
}
END_TEST

START_TEST(page_that_is_no_sitemap_is_told)
{
    if (!has_nginx)
        return;
    publish("page.html", "<!DOCTYPE html>\n<html><body>Not found</body></html>");
    CHECK_FAULT(0, "/page.html:2: not a sitemap: its root element is 'html'", "--sitemap",
                site_url("page.html"));
    publish("empty.xml", "");
    CHECK_FAULT(0, "/empty.xml:1: not a sitemap: it is empty", "--sitemap", site_url("empty.xml"));
}
END_TEST

START_TEST(damaged_sitemap_keeps_what_came_before)
{
    const char *two;

    if (!has_nginx)
        return;
    two = it_read(site_file("two.xml"), NULL);
    publish("cut.xml", it_text("%.*s", (int)strlen(two) - 5, two));
    CHECK_FAULT(2, "/cut.xml:4: not well-formed XML", "--sitemap", site_url("cut.xml"));
    CHECK_FAULT(2, "cut.xml:4: not well-formed XML", "--sitemap", site_file("cut.xml"));
}
END_TEST

START_TEST(packed_sitemap_cut_short_is_told)
{
    const char *packed;
    size_t len;

    if (!has_nginx)
        return;
    packed = it_read(site_file("part0.xml.gz"), &len);
    it_write(site_file("cut.xml.gz"), packed, len - 6);
    CHECK_FAULT(PAGES_OF_PART, "the gzip data end too early", "--sitemap", site_url("cut.xml.gz"));
}
END_TEST

START_TEST(entities_are_refused)
{
    if (!has_nginx)
        return;
    publish("laughs.xml", "<?xml version='1.0'?>\n<!DOCTYPE x [\n<!ENTITY a 'lol'>\n<!ENTITY b "
                          "'&a;&a;&a;'>]>\n<urlset><url><loc>http://&b;/</loc></url></urlset>");
    CHECK_FAULT(0, "/laughs.xml:2: a document type with declarations of its own", "--sitemap",
                site_url("laughs.xml"));
}
END_TEST

START_TEST(index_that_names_itself_is_told_and_the_rest_read)
{
    const char *self, *two;

    if (!has_nginx)
        return;
    self = site_url("self.xml");
    two = site_url("two.xml");
    publish_index("self.xml", (const char *const[]){self, two, NULL});
    CHECK_FAULT(2, "/self.xml:2: the sitemap names itself, or an index above it", "--sitemap",
                self);
    publish_index("ring1.xml", (const char *const[]){site_url("ring2.xml"), NULL});
    publish_index("ring2.xml", (const char *const[]){site_url("ring1.xml"), two, NULL});
    CHECK_FAULT(2, "/ring2.xml:2: the sitemap names itself, or an index above it", "--sitemap",
                site_url("ring1.xml"));
}
END_TEST

START_TEST(limits_of_depth_and_count_are_told)
{
    if (!has_nginx)
        return;
    publish_index("deep1.xml", (const char *const[]){site_url("deep2.xml"), NULL});
    publish_index("deep2.xml",
                  (const char *const[]){site_url("deep3.xml"), site_url("two.xml"), NULL});
    publish_index("deep3.xml", (const char *const[]){site_url("two.txt"), NULL});
    CHECK_FAULT(2, "/deep3.xml:2: sitemaps inside each other, more than allowed", "--sitemap",
                site_url("deep1.xml"));
    (void)good_rows("--sitemap-depth=4", it_text("--sitemap=%s", site_url("deep1.xml")), 4);
    CHECK_FAULT(PAGES_OF_PART, "/index.xml:3: more sitemaps than allowed", "--sitemap-max-count",
                "2", "--sitemap", site_url("index.xml"));
}
END_TEST

START_TEST(robots_without_sitemaps_is_told)
{
    if (!has_nginx)
        return;
    publish("robots.txt", "User-agent: *\nDisallow:\n");
    CHECK_FAULT(0, "/robots.txt: names no sitemap", "--sitemap-from-robots", site_url(""));
}
END_TEST

START_TEST(endless_robots_is_read_up_to_its_limit)
{
    struct haul_buf text;

    if (!has_nginx)
        return;
    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "Sitemap: %s\n", site_url("two.xml"));
    while (text.len < 500 * 1024 - 20)
        haul_buf_add_str(&text, "#234567890123456789\n");
    haul_buf_addf(&text, "Sitemap: %s\n", site_url("part0.xml.gz"));
    it_write(site_file("robots.txt"), text.data, text.len);
    haul_buf_done(&text);
    (void)good_rows("--sitemap-from-robots", site_url(""), 2);
}
END_TEST

START_TEST(many_faults_are_told_in_few_lines)
{
    struct haul_buf text;
    struct it_run run;

    if (!has_nginx)
        return;
    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "<sitemapindex>");
    for (int i = 0; i < 300; i++)
        haul_buf_addf(&text, "<sitemap><loc>%s</loc></sitemap>", site_url(it_text("no%d", i)));
    haul_buf_add_str(&text, "</sitemapindex>");
    it_write(site_file("many.xml"), text.data, text.len);
    haul_buf_done(&text);
    run = it_haul(IT_ARGS("--sitemap", site_url("many.xml")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_uint_lt(it_lines(run.err), 110);
    ck_assert_msg(strstr(run.err, "200 more sitemaps could not be read") != NULL, "%.200s",
                  run.err + (run.err_len > 200 ? run.err_len - 200 : 0));
}
END_TEST

/* 50 GB: a member of 64 MiB, again and again. */
START_TEST(bomb_of_50_gb_ends_soon_and_small)
{
    enum { MEMBER = 64 << 20, MEMBERS = 746 };
    static const char head[] = "<urlset><url><loc>http://127.0.0.1/</loc></url>";
    struct haul_buf spaces, member, bomb;
    struct it_run run;

    if (!has_nginx)
        return;
    haul_buf_init(&spaces, 0);
    haul_buf_pad(&spaces, ' ', MEMBER);
    haul_buf_init(&member, 0);
    haul_buf_init(&bomb, 0);
    pack(&member, spaces.data, spaces.len);
    pack(&bomb, head, sizeof head - 1);
    for (int i = 0; i < MEMBERS; i++)
        haul_buf_add(&bomb, member.data, member.len);
    it_write(site_file("bomb.xml.gz"), bomb.data, bomb.len);
    haul_buf_done(&spaces);
    haul_buf_done(&member);
    haul_buf_done(&bomb);
    run = it_haul(
        IT_ARGS("--halt", "now,fail=1", "--retry", "0", "--sitemap", site_url("bomb.xml.gz")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "larger than 52428800 bytes (--sitemap-max-size)") != NULL,
                  "%.1000s", run.err);
    ck_assert_int_lt(run.wall_ms, 60000);
    if (!it_is_sanitized())
        ck_assert_int_lt(run.memory_kb, 64 << 10);
    unlink(site_file("bomb.xml.gz"));
}
END_TEST

/* ---- stopping, names, usage ---- */

START_TEST(signal_ends_the_wait_for_a_sitemap_at_once)
{
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("--format", "jsonl", it_url("/size?n=1"), "--sitemap", it_url("/hang"))});
    int64_t begun_ms;
    struct it_run run;

    it_await_requests(2);
    it_await_output(process, "/size?n=1");
    begun_ms = it_now_ms();
    it_signal(process, 15);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    ck_assert_int_lt(it_now_ms() - begun_ms, 5000); /* the grace is 10 s */
    ck_assert_uint_eq(it_lines(run.out), 1);
    ck_assert_msg(strstr(run.err, "not read to its end") != NULL, "%.1000s", run.err);
}
END_TEST

START_TEST(signal_ends_the_wait_for_a_retry_at_once)
{
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("--retry-delay", "60", "--sitemap", it_url("/status/503"))});
    struct it_run run;

    it_await_requests(1);
    it_signal(process, 15);
    run = it_finish(process);
    ck_assert_int_eq(run.status, 143);
    ck_assert_int_lt(run.wall_ms, 30000);
}
END_TEST

START_TEST(login_and_what_is_redacted_are_shown_nowhere)
{
    struct it_run run;
    const char *journal = it_path("secret-journal");

    if (!has_nginx)
        return;
    run = it_haul(IT_ARGS("--format", "jsonl", "-v", "--redact", "token", "--journal", journal,
                          "--sitemap",
                          it_text("http://me:topsecret@127.0.0.1:%d/two.xml?token=hushhush",
                                  it_nginx_port(IT_NGINX_PLAIN)),
                          "--sitemap",
                          it_text("http://me:topsecret@127.0.0.1:%d/none?token=hushhush",
                                  it_nginx_port(IT_NGINX_PLAIN))));
    ck_assert_int_eq(run.status, 3);
    ck_assert_uint_eq(it_lines(run.out), 2);
    ck_assert_ptr_null(strstr(run.out, "topsecret"));
    ck_assert_ptr_null(strstr(run.err, "topsecret"));
    ck_assert_ptr_null(strstr(run.out, "hushhush"));
    ck_assert_ptr_null(strstr(run.err, "hushhush"));
    ck_assert_ptr_null(strstr(it_read(journal, NULL), "topsecret"));
    ck_assert_ptr_null(strstr(it_read(journal, NULL), "hushhush"));
}
END_TEST

START_TEST(what_cannot_be_a_sitemap_is_refused_before_anything_is_fetched)
{
    const char *page = it_url("/size?n=1");

    ck_assert_int_eq(it_haul(IT_ARGS(page, "--sitemap", it_path("not-there.xml"))).status, 2);
    ck_assert_int_eq(it_haul(IT_ARGS(page, "--sitemap", "ftp://a/s.xml")).status, 2);
    ck_assert_int_eq(it_haul(IT_ARGS(page, "--sitemap-from-robots", "example.com")).status, 2);
    ck_assert_int_eq(it_haul(IT_ARGS(page, "--sitemap", "")).status, 2);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sitemap");
    TCase *good = tcase_create("good"), *bad = tcase_create("bad");

    tcase_add_unchecked_fixture(good, begin, end);
    tcase_add_checked_fixture(good, it_reset_server, NULL);
    tcase_set_timeout(good, 60);
    tcase_add_loop_test(good, index_with_packed_parts_gives_every_page, 0, 2);
    tcase_add_test(good, text_and_xml_are_read_from_file_and_network);
    tcase_add_test(good, standard_input_may_be_a_sitemap);
    tcase_add_test(good, robots_names_sitemaps_in_any_case);
    tcase_add_test(good, sitemap_named_twice_is_read_once);
    tcase_add_test(good, several_sources_are_read_in_their_order);
    tcase_add_test(good, flaky_sitemap_is_tried_again);
    tcase_add_test(good, sitemap_is_got_with_get_whatever_the_method);
    tcase_add_test(good, resumed_run_asks_for_no_page_again);
    tcase_add_test(good, page_of_another_host_is_told_and_not_fetched);
    tcase_add_test(good, file_and_option_may_name_any_host);
    tcase_add_test(good, sitemap_of_another_host_is_not_asked_for);
    tcase_add_test(good, robots_lures_nowhere_unasked);
    tcase_add_test(good, index_that_robots_names_lures_nowhere);
    tcase_add_test(good, url_that_comes_again_names_the_sitemap_of_the_first);
    tcase_add_test(good, host_behind_a_redirect_of_the_first_one_counts);
    suite_add_tcase(suite, good);

    tcase_add_unchecked_fixture(bad, begin, end);
    tcase_add_checked_fixture(bad, it_reset_server, NULL);
    tcase_set_timeout(bad, 60);
    tcase_add_test(bad, sitemap_that_is_not_there_is_told);
    tcase_add_test(bad, answer_cut_short_is_no_half_a_sitemap);
    tcase_add_test(bad, endless_answer_ends_at_the_limit);
    tcase_add_test(bad, page_that_is_no_sitemap_is_told);
    tcase_add_test(bad, damaged_sitemap_keeps_what_came_before);
    tcase_add_test(bad, packed_sitemap_cut_short_is_told);
    tcase_add_test(bad, entities_are_refused);
    tcase_add_test(bad, index_that_names_itself_is_told_and_the_rest_read);
    tcase_add_test(bad, limits_of_depth_and_count_are_told);
    tcase_add_test(bad, robots_without_sitemaps_is_told);
    tcase_add_test(bad, endless_robots_is_read_up_to_its_limit);
    tcase_add_test(bad, many_faults_are_told_in_few_lines);
    tcase_add_test(bad, bomb_of_50_gb_ends_soon_and_small);
    tcase_add_test(bad, signal_ends_the_wait_for_a_sitemap_at_once);
    tcase_add_test(bad, signal_ends_the_wait_for_a_retry_at_once);
    tcase_add_test(bad, login_and_what_is_redacted_are_shown_nowhere);
    tcase_add_test(bad, what_cannot_be_a_sitemap_is_refused_before_anything_is_fetched);
    suite_add_tcase(suite, bad);
    return it_main(suite);
}
