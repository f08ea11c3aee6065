#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sitemap_site.h"

/*
 * Hostile sitemaps: they have to end in a message, a status and bounded memory, with everything
 * that was read before in the report.
 */

/* ---- those that cannot be read ---- */

/* A loop that never ends is a failure with a name, whatever haul does about signals. */
static void limit_processor(void)
{
    const struct rlimit limit = {.rlim_cur = 20, .rlim_max = 20}; /* seconds; it needs one */

    if (setrlimit(RLIMIT_CPU, &limit))
        _exit(127);
}

/* Two pages before the fault, or none; the fault is told with the sitemap's name. */
static void check_fault(const char *const *argv, size_t rows, const char *message)
{
    struct it_run run = it_call(&(struct it_call){.argv = argv, .prepare = limit_processor});

    ck_assert_msg(!run.signal, "hangs: %s", message);
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

/* Half an answer, or an error's words, and then a good one that is empty: nothing is left. */
static const char *const befores[] = {"mode=truncate&with=http://127.0.0.1/half", "code=503"};

START_TEST(empty_answer_has_nothing_of_the_one_before)
{
    const char *url = it_url("/flaky?n=1&then=&%s", befores[_i]);
    struct it_run run =
        it_haul(IT_ARGS("--format", "jsonl", "--retry-delay", "1ms", "--sitemap", url));

    ck_assert_int_eq(it_stat("requests"), 2);
    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 0);
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, "not a sitemap: it is empty") != NULL, "%.1000s", run.err);
}
END_TEST

START_TEST(damaged_sitemap_keeps_what_came_before)
{
    const char *two;

    if (!has_nginx)
        return;
    two = it_read(site_file("two.xml"), NULL);
    publish("cut.xml", it_text("%.*s", (int)strlen(two) - 5, two));
    CHECK_FAULT(2, "/cut.xml:4: it is cut short", "--sitemap", site_url("cut.xml"));
    CHECK_FAULT(2, "cut.xml:4: it is cut short", "--sitemap", site_file("cut.xml"));
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
    CHECK_FAULT(PAGES_OF_PART, "the gzip data end before their end", "--sitemap",
                site_url("cut.xml.gz"));
}
END_TEST

START_TEST(packed_sitemap_with_more_behind_its_end_is_told)
{
    struct haul_buf more;
    const char *packed;
    size_t len;

    if (!has_nginx)
        return;
    packed = it_read(site_file("part0.xml.gz"), &len);
    haul_buf_init(&more, 0);
    haul_buf_add(&more, packed, len);
    haul_buf_add_str(&more, "<!-- served in 2 ms -->");
    it_write(site_file("more.xml.gz"), haul_buf_str(&more), more.len);
    haul_buf_done(&more);
    CHECK_FAULT(PAGES_OF_PART, "the gzip data are followed by something else", "--sitemap",
                site_url("more.xml.gz"));
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

/* What one tag may hold more of than there is memory for, and where the tag is. */
static const char *const crowd_names[][2] = {{" a", "=''"}, {" xmlns:p", "='u'"}};
static const char *const crowd_tags[][2] = {
    {"\n<urlset", "><url><loc>http://127.0.0.1/</loc></url></urlset>"},
    {"\n<html", "/>"},
    {"<urlset>\n<url", "><loc>http://127.0.0.1/</loc></url></urlset>"},
    {"<urlset><url>\n<loc", ">http://127.0.0.1/</loc></url></urlset>"},
    {"<sitemapindex><sitemap>\n<loc", ">http://127.0.0.1/</loc></sitemap></sitemapindex>"},
};

enum { CROWDS = 2 * sizeof crowd_tags / sizeof *crowd_tags };

START_TEST(tag_with_1022_names_is_told)
{
    const char *const *name = crowd_names[_i % 2], *const *tag = crowd_tags[_i / 2];
    static const char cause[] = ":2: more than 512 different names of elements and attributes; ";
    const char *path = it_path("crowd.xml");
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, tag[0]);
    for (int i = 0; i < 1022; i++)
        haul_buf_addf(&text, "%s%d%s", name[0], i, name[1]);
    haul_buf_add_str(&text, tag[1]);
    it_write(path, text.data, text.len);
    CHECK_FAULT(0, it_text("%s%s", path, cause), "--sitemap", path);
    if (has_nginx) {
        publish("crowd.xml", text.data);
        CHECK_FAULT(0, it_text("/crowd.xml%s", cause), "--sitemap", site_url("crowd.xml"));
    }
    haul_buf_done(&text);
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
    pack_member(&member, spaces.data, spaces.len);
    pack_member(&bomb, head, sizeof head - 1);
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
    Suite *suite = suite_create("sitemap_faults");
    TCase *tcase = tcase_create("bad");

    tcase_add_unchecked_fixture(tcase, begin_site, end_site);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, sitemap_that_is_not_there_is_told);
    tcase_add_test(tcase, answer_cut_short_is_no_half_a_sitemap);
    tcase_add_test(tcase, endless_answer_ends_at_the_limit);
    tcase_add_test(tcase, page_that_is_no_sitemap_is_told);
    tcase_add_loop_test(tcase, empty_answer_has_nothing_of_the_one_before, 0, 2);
    tcase_add_test(tcase, damaged_sitemap_keeps_what_came_before);
    tcase_add_test(tcase, packed_sitemap_cut_short_is_told);
    tcase_add_test(tcase, packed_sitemap_with_more_behind_its_end_is_told);
    tcase_add_test(tcase, entities_are_refused);
    tcase_add_loop_test(tcase, tag_with_1022_names_is_told, 0, CROWDS);
    tcase_add_test(tcase, index_that_names_itself_is_told_and_the_rest_read);
    tcase_add_test(tcase, limits_of_depth_and_count_are_told);
    tcase_add_test(tcase, robots_without_sitemaps_is_told);
    tcase_add_test(tcase, endless_robots_is_read_up_to_its_limit);
    tcase_add_test(tcase, many_faults_are_told_in_few_lines);
    tcase_add_test(tcase, bomb_of_50_gb_ends_soon_and_small);
    tcase_add_test(tcase, signal_ends_the_wait_for_a_sitemap_at_once);
    tcase_add_test(tcase, signal_ends_the_wait_for_a_retry_at_once);
    tcase_add_test(tcase, login_and_what_is_redacted_are_shown_nowhere);
    tcase_add_test(tcase, what_cannot_be_a_sitemap_is_refused_before_anything_is_fetched);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
