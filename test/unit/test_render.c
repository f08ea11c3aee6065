#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail_alloc.h"
#include "render/html.h"
#include "render/render.h"
#include "render/svg.h"
#include "sample_summary.h"

/* What real readers make of the reports is the business of integration/render.py. */

static void write_chart(struct haul_out *out, const struct haul_summary *summary)
{
    const struct haul_render_chart_style style = {.columns = 80, .utf8 = true};

    haul_render_write_chart(out, summary, &style);
}

static void write_plain_chart(struct haul_out *out, const struct haul_summary *summary)
{
    const struct haul_render_chart_style style = {.columns = 1};

    haul_render_write_chart(out, summary, &style);
}

static void write_coloured_chart(struct haul_out *out, const struct haul_summary *summary)
{
    const struct haul_render_chart_style style = {.columns = 500, .utf8 = true, .colour = true};

    haul_render_write_chart(out, summary, &style);
}

static void (*const writers[])(struct haul_out *out, const struct haul_summary *summary) = {
    write_chart,
    write_plain_chart,
    haul_render_write_github,
    haul_render_write_html,
    haul_render_write_json,
    haul_render_write_junit,
    haul_render_write_markdown,
    haul_render_write_prometheus,
};
enum { WRITERS = sizeof writers / sizeof *writers };

static int open_scratch(void)
{
    char path[] = "/tmp/haul-test-XXXXXX";
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    unlink(path);
    return fd;
}

/* What was written to `fd`; to be freed. */
static char *read_back(int fd)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = malloc((size_t)len + 1);

    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(pread(fd, text, (size_t)len, 0), len);
    text[len] = '\0';
    return text;
}

/* What a writer writes; to be freed. */
static char *render(void (*write)(struct haul_out *out, const struct haul_summary *summary),
                    const struct haul_summary *summary)
{
    int fd = open_scratch();
    struct haul_out *out = haul_out_create(fd);
    char *text;

    write(out, summary);
    ck_assert_int_eq(haul_out_flush(out), HAUL_OK);
    haul_out_free(out);
    text = read_back(fd);
    close(fd);
    return text;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* --- all writers ------------------------------------------------------------------------------ */

static const char *const samples[] = {"empty", "nothing", "zero", "one", "site", "hostile"};
enum { SAMPLES = sizeof samples / sizeof *samples };

START_TEST(same_summary_gives_the_same_bytes)
{
    struct sample first, second;
    char *a, *b;

    ck_assert(sample_make(&first, samples[_i % SAMPLES]));
    ck_assert(sample_make(&second, samples[_i % SAMPLES]));
    a = render(writers[_i / SAMPLES], &first.summary);
    b = render(writers[_i / SAMPLES], &second.summary);
    ck_assert_uint_gt(strlen(a), 0);
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
    sample_done(&first);
    sample_done(&second);
}
END_TEST

/* One write with the nth allocation failing; false if there were fewer. */
static bool fails_when_nth_fails(void (*write)(struct haul_out *out,
                                               const struct haul_summary *summary),
                                 const struct haul_summary *summary, long n)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct haul_out *out = haul_out_create(fd);
    bool happened;

    fail_alloc_arm(n);
    write(out, summary);
    happened = fail_alloc_disarm();
    ck_assert_int_eq(haul_out_error(out), happened ? ENOMEM : 0);
    ck_assert_int_eq(haul_out_flush(out), happened ? HAUL_ERR_IO : HAUL_OK);
    haul_out_free(out);
    close(fd);
    return happened;
}

START_TEST(without_memory_the_output_has_failed)
{
    struct sample sample;
    long n;

    ck_assert(sample_make(&sample, "one"));
    for (n = 1; fails_when_nth_fails(writers[_i], &sample.summary, n); n++)
        ;
    ck_assert_int_gt(n, 1);
    sample_done(&sample);
    ck_assert(sample_make(&sample, "site"));
    for (n = 1; fails_when_nth_fails(writers[_i], &sample.summary, n); n += n / 5 + 1)
        ;
    sample_done(&sample);
}
END_TEST

/* --- HTML ------------------------------------------------------------------------------------- */

static const struct {
    const char *url, *html;
} links[] = {
    {"javascript:alert(1)", "javascript:alert(1)"},
    {"data:text/html,x", "data:text/html,x"},
    {"//example.com/", "//example.com/"},
    {"http://", "http://"},
    {"https:///path", "https:///path"},
    {"http://me:secret@example.com/", "http://me:secret@example.com/"},
    {"http://good.com\\@evil.com/", "http://good.com\\\\@evil.com/"},
    {"http://\xe4\xbe\x8b.jp/", "http://\xe4\xbe\x8b.jp/"},
    {" http://example.com/", " http://example.com/"},
    {"HTTP://example.com", "<a rel=\"noopener noreferrer nofollow\" href=\"HTTP://example.com\">"
                           "HTTP://example.com</a>"},
    {"https://e.com/?a=1&b=\"<'\\ \n\xff",
     "<a rel=\"noopener noreferrer nofollow\""
     " href=\"https://e.com/?a=1&amp;b=%22%3C%27%5C%20%0A%FF\">"
     "https://e.com/?a=1&amp;b=&quot;&lt;&#39;\\\\ \\x0a\\xff</a>"},
};

static const struct haul_span none = {"", 0};

START_TEST(only_plain_http_urls_become_links)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_render_html_add_url(&buf, links[_i].url, none);
    ck_assert_str_eq(haul_buf_str(&buf), links[_i].html);
    haul_buf_done(&buf);
}
END_TEST

/* What it is of stands once, above all of them; what may be of another one is shown in whole. */
static const struct {
    const char *url, *shown;
} below[] = {
    {"https://e.com:8443/a/b?c", ">/a/b?c</a>"},
    {"https://e.com:8443/", ">/</a>"},
    {"https://e.com:8443", ">https://e.com:8443</a>"},
    {"https://e.com:8443?q", ">https://e.com:8443?q</a>"},
    {"https://e.com:84430/a", ">https://e.com:84430/a</a>"},
    {"https://e.com/a", ">https://e.com/a</a>"},
    {"http://e.com:8443/a", ">http://e.com:8443/a</a>"},
    {"https://e.com:8443@x/a", "https://e.com:8443@x/a"},
    {"e.com/a", "e.com/a"},
};
enum { BELOW = sizeof below / sizeof *below };

START_TEST(origin_is_left_out_of_what_is_below_it)
{
    struct haul_span origin = haul_render_html_origin("https://e.com:8443/x/y");
    struct haul_buf buf;
    const char *shown = below[_i].shown;

    ck_assert_uint_eq(origin.len, strlen("https://e.com:8443"));
    ck_assert_uint_eq(haul_render_html_origin("https://u@e.com/").len, 0);
    haul_buf_init(&buf, 0);
    haul_render_html_add_url(&buf, below[_i].url, origin);
    ck_assert_str_eq(haul_buf_str(&buf) + buf.len - strlen(shown), shown);
    ck_assert(strncmp(shown, ">", 1) != 0 || count_of(haul_buf_str(&buf), below[_i].url) >= 1);
    haul_buf_done(&buf);
}
END_TEST

START_TEST(long_url_is_cut_and_a_longer_one_is_no_link)
{
    char url[HAUL_RENDER_HTML_LINK_MAX + 2];
    struct haul_buf buf;

    memset(url, 'a', sizeof url);
    memcpy(url, "http://e.com/", 13);
    url[HAUL_RENDER_HTML_LINK_MAX] = '\0';
    haul_buf_init(&buf, 0);
    haul_render_html_add_url(&buf, url, none);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&buf), url));
    ck_assert_uint_eq(count_of(haul_buf_str(&buf), url), 1);
    ck_assert_uint_lt(buf.len, HAUL_RENDER_HTML_LINK_MAX + HAUL_RENDER_HTML_URL_MAX + 80);
    url[HAUL_RENDER_HTML_LINK_MAX] = 'a';
    url[HAUL_RENDER_HTML_LINK_MAX + 1] = '\0';
    haul_buf_clear(&buf);
    haul_render_html_add_url(&buf, url, none);
    ck_assert_uint_le(buf.len, HAUL_RENDER_HTML_URL_MAX + 2);
    haul_buf_done(&buf);
}
END_TEST

/*
 * --- single formats ----------------------------------------------------------------------------
 */

START_TEST(chart_has_colours_and_blocks_only_if_asked)
{
    struct sample sample;
    char *text;

    sample_make_hostile(&sample);
    for (size_t i = 0; i < sample.summary.page_count; i++)
        sample.summary.page[i].size = 1000 - (int64_t)i;
    text = render(write_plain_chart, &sample.summary);
    for (const char *at = text; *at; at++)
        ck_assert(*at == '\n' || (*at >= ' ' && *at <= '~'));
    ck_assert_uint_gt(count_of(text, "#####"), 0);
    free(text);
    text = render(write_chart, &sample.summary);
    ck_assert_uint_eq(count_of(text, "\x1b"), 0);
    ck_assert_uint_gt(count_of(text, "\u2588"), 0);
    free(text);
    text = render(write_coloured_chart, &sample.summary);
    ck_assert_uint_gt(count_of(text, "\x1b[36m"), 0);
    ck_assert_uint_eq(count_of(text, "\x1b["), 2 * count_of(text, "\x1b[0m"));
    free(text);
    sample_done(&sample);
}
END_TEST

static const struct {
    uint64_t failed;
    size_t shown;
    const char *last;
} annotations[] = {
    {1, 1, NULL}, {10, 10, NULL}, {11, 10, "and 2 more"}, {5000, 10, "and 4991 more"}};

START_TEST(github_tenth_line_counts_the_rest)
{
    struct sample sample;
    char *text;

    sample_make_site(&sample, 5000);
    sample.summary.budget_count = 0;
    ck_assert_uint_gt(sample.summary.failed_count, 10);
    if (annotations[_i].failed < sample.summary.failed_count)
        sample.summary.failed_count = (size_t)annotations[_i].failed;
    sample.summary.outcome[HAUL_OUTCOME_FAILED] = annotations[_i].failed;
    sample.summary.outcome[HAUL_OUTCOME_INVALID] = sample.summary.invalid_count = 0;
    text = render(haul_render_write_github, &sample.summary);
    ck_assert_uint_eq(count_of(text, "::error "), annotations[_i].shown);
    ck_assert_uint_eq(count_of(text, "more: see the report"), annotations[_i].last != NULL);
    if (annotations[_i].last)
        ck_assert_ptr_nonnull(strstr(text, annotations[_i].last));
    free(text);
    sample_done(&sample);
}
END_TEST

/* Programs get a word, people get words, and both are the same in all formats. */
START_TEST(change_has_one_word_for_programs_and_one_for_people)
{
    static const struct {
        void (*write)(struct haul_out *out, const struct haul_summary *summary);
        const char *const *words;
        const char *before, *after;
    } formats[] = {{haul_render_write_json, haul_change_words, "\"change\": \"", "\""},
                   {haul_render_write_markdown, haul_change_texts, "| ", " | `http://h/` |"},
                   {haul_render_write_html, haul_change_texts, "<tr><td class=\"w\">", "</td>"}};

    for (int i = 0; i < HAUL_CHANGE_COUNT * 3; i++) {
        struct haul_summary_mover mover = {
            (enum haul_change)(i / 3), "http://h/", 1, 2, "", "", 1, true, false};
        struct haul_summary summary;
        char wanted[100], *text;

        haul_summary_init(&summary);
        summary.has_before = true;
        summary.lines = 1;
        summary.mover = &mover;
        summary.mover_count = summary.change[i / 3] = 1;
        snprintf(wanted, sizeof wanted, "%s%s%s", formats[i % 3].before,
                 formats[i % 3].words[i / 3], formats[i % 3].after);
        text = render(formats[i % 3].write, &summary);
        ck_assert_msg(strstr(text, wanted) != NULL, "%s: %s", wanted, text);
        free(text);
    }
}
END_TEST

START_TEST(github_names_lines_that_are_invalid)
{
    struct haul_summary_page page[] = {
        {.url = "nothing://x",
         .outcome = HAUL_OUTCOME_INVALID,
         .reason = "scheme",
         .line = 7,
         .source = "http://h/sitemap%20a.xml"},
        {.url = "::error::%", .outcome = HAUL_OUTCOME_INVALID, .reason = "", .line = 9}};
    struct haul_summary summary;
    char *text;

    haul_summary_init(&summary);
    summary.complete = true;
    summary.lines = summary.outcome[HAUL_OUTCOME_INVALID] = 30;
    summary.invalid = page;
    summary.invalid_count = sizeof page / sizeof *page;
    text = render(haul_render_write_github, &summary);
    ck_assert_ptr_nonnull(
        strstr(text, "::error title=haul%3A line invalid::scheme: http://h/sitemap%2520a.xml:7: "
                     "nothing://x\n"
                     "::error title=haul%3A line invalid::invalid: line 9: ::error::%25\n"
                     "::error title=haul::and 28 more: see the report\n"));
    free(text);
}
END_TEST

static const struct {
    bool complete;
    uint64_t failed;
    uint64_t past_failed[2];
    const char *text;
} successes[] = {
    {true, 0, {1, 1}, " 1795409709.12\n"}, /* this run; 120 ms later it had ended */
    {true, 1, {0, 0}, " 2000\n"},          {true, 1, {0, 1}, " 1000\n"},
    {false, 0, {1, 0}, " 2000\n"},         {true, 1, {1, 1}, " 0\n"},
};

START_TEST(prometheus_knows_the_last_success)
{
    static const char name[] = "\nhaul_last_success_timestamp_seconds{site=\"example.com\"}";
    struct haul_summary_past past[3] = {{.started_us = 1000000000}, {.started_us = 2000000000}};
    struct sample sample;
    const char *found;
    char *text;

    sample_make_one(&sample, 1);
    past[0].failed = successes[_i].past_failed[0];
    past[1].failed = successes[_i].past_failed[1];
    past[2].started_us = sample.summary.started_us; /* this run, which may not be complete */
    sample.summary.past = past;
    sample.summary.past_count = 3;
    sample.summary.complete = successes[_i].complete;
    sample.summary.outcome[HAUL_OUTCOME_FAILED] = successes[_i].failed;
    text = render(haul_render_write_prometheus, &sample.summary);
    found = strstr(text, name);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(strncmp(found + strlen(name), successes[_i].text, strlen(successes[_i].text)),
                     0);
    free(text);
    sample_done(&sample);
}
END_TEST

/* How often `letter` stands in the path of that class. */
static int count_in_path(const char *page, const char *class, char letter)
{
    const char *at = strstr(page, class);
    int count = 0;

    ck_assert_ptr_nonnull(at);
    for (at += strlen(class); *at != '"'; at++)
        count += *at == letter;
    return count;
}

START_TEST(trend_of_bytes_on_the_wire_has_gaps_where_they_are_not_known)
{
    struct haul_summary_past past[5] = {{.size = 900, .wire = 300},
                                        {.size = 900, .wire = -1},
                                        {.size = 900, .wire = 300},
                                        {.size = 900, .wire = 310},
                                        {.size = 900, .wire = 0}};
    struct sample sample;
    char *text;

    sample_make_one(&sample, 1);
    for (int i = 0; i < 5; i++)
        past[i].started_us = INT64_C(1000000000) * (i + 1);
    sample.summary.past = past;
    sample.summary.past_count = 5;
    text = render(haul_render_write_html, &sample.summary);
    ck_assert_int_eq(count_in_path(text, "<path class=\"trend wire\" d=\"", 'M'), 2);
    ck_assert_int_eq(count_in_path(text, "<path class=\"trend wire\" d=\"", 'L'), 1);
    ck_assert_int_eq(count_in_path(text, "<path class=\"trend\" d=\"", 'L'), 4);
    ck_assert_ptr_nonnull(strstr(text, ", on the wire: 310 B</title>"));
    ck_assert_ptr_nonnull(strstr(text, "The dashed line is what it takes on the wire."));
    free(text);
    sample_done(&sample);
}
END_TEST

START_TEST(junit_shows_a_thousand_failures_and_errors_at_most)
{
    struct sample sample;
    struct haul_summary_page *page = calloc(2000, sizeof *page);
    char *text;

    ck_assert_ptr_nonnull(page);
    sample_make_one(&sample, 1);
    for (size_t i = 0; i < 2000; i++)
        page[i] = sample.summary.page[0];
    sample.summary.failed = sample.summary.invalid = page;
    sample.summary.failed_count = sample.summary.invalid_count = 2000;
    sample.summary.outcome[HAUL_OUTCOME_FAILED] = 2000;
    sample.summary.outcome[HAUL_OUTCOME_INVALID] = 3000;
    text = render(haul_render_write_junit, &sample.summary);
    ck_assert_uint_eq(count_of(text, "<failure "), 1000);
    ck_assert_ptr_nonnull(strstr(text, "1,000 URLs more failed"));
    ck_assert_uint_eq(count_of(text, "<error "), 1000);
    ck_assert_ptr_nonnull(strstr(text, "2,000 lines more are invalid"));
    free(text);
    free(page);
    sample_done(&sample);
}
END_TEST

/* Long URLs wherever there may be many. */
START_TEST(page_of_failures_and_of_long_urls_has_less_than_3_mb)
{
    enum { URLS = 5000 };
    struct haul_summary_page *pages = calloc(URLS, sizeof *pages);
    struct haul_summary summary;
    char url[2000], *text;

    snprintf(url, sizeof url, "http://h/%0*d", (int)sizeof url - 10, 0);
    haul_summary_init(&summary);
    for (size_t i = 0; i < URLS; i++)
        pages[i] = (struct haul_summary_page){.url = url,
                                              .outcome = HAUL_OUTCOME_FAILED,
                                              .reason = "dns",
                                              .type = "text/html",
                                              .source = url,
                                              .size = -1,
                                              .size_before = -1};
    summary.page = summary.failed = pages;
    summary.page_count = summary.failed_count = summary.lines = URLS;
    text = render(haul_render_write_html, &summary);
    ck_assert_uint_lt(strlen(text), 3000000);
    ck_assert_uint_gt(count_of(text, "<tr>"), 900);
    free(text);
    free(pages);
}
END_TEST

/* Drawn twice, for wide pages and for narrow ones; the last mark is at the right edge. */
START_TEST(time_at_the_end_stays_inside_the_picture)
{
    struct haul_summary_slice slice = {.worker = 1, .to_us = 1500000, .count = 1};
    struct haul_summary summary;
    struct haul_buf buf;
    int found = 0;

    haul_summary_init(&summary);
    summary.workers = 1;
    summary.duration_us = 1500000;
    summary.slice = &slice;
    summary.slice_count = 1;
    haul_buf_init(&buf, 0);
    haul_render_svg_add_timeline(&buf, &summary);
    for (const char *at = haul_buf_str(&buf); (at = strstr(at, ">1.5 s<")) != NULL; at++, found++) {
        const char *text = at;

        while (strncmp(text, "<text", 5) != 0)
            text--;
        ck_assert_msg(!strncmp(text, "<text class=\"t e\"", 17), "%.80s", text);
    }
    ck_assert_int_eq(found, 2);
    haul_buf_done(&buf);
}
END_TEST

static TCase *make_formats(void)
{
    TCase *formats = tcase_create("formats");

    tcase_add_loop_test(formats, only_plain_http_urls_become_links, 0,
                        (int)(sizeof links / sizeof *links));
    tcase_add_loop_test(formats, origin_is_left_out_of_what_is_below_it, 0, BELOW);
    tcase_add_test(formats, long_url_is_cut_and_a_longer_one_is_no_link);
    tcase_add_test(formats, chart_has_colours_and_blocks_only_if_asked);
    tcase_add_loop_test(formats, github_tenth_line_counts_the_rest, 0,
                        (int)(sizeof annotations / sizeof *annotations));
    tcase_add_test(formats, change_has_one_word_for_programs_and_one_for_people);
    tcase_add_test(formats, github_names_lines_that_are_invalid);
    tcase_add_loop_test(formats, prometheus_knows_the_last_success, 0,
                        (int)(sizeof successes / sizeof *successes));
    tcase_add_test(formats, trend_of_bytes_on_the_wire_has_gaps_where_they_are_not_known);
    tcase_add_test(formats, junit_shows_a_thousand_failures_and_errors_at_most);
    tcase_add_test(formats, page_of_failures_and_of_long_urls_has_less_than_3_mb);
    tcase_add_test(formats, time_at_the_end_stays_inside_the_picture);
    return formats;
}

int main(void)
{
    Suite *suite = suite_create("render");
    TCase *all = tcase_create("all writers");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_set_timeout(all, 20);
    tcase_add_loop_test(all, same_summary_gives_the_same_bytes, 0, WRITERS * SAMPLES);
    tcase_add_loop_test(all, without_memory_the_output_has_failed, 0, WRITERS);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, make_formats());
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
