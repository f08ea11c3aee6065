#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "sitemap_world.h"

#define NS "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

struct good {
    const char *text, *wanted;
};

static const struct good goods[] = {
    {"<urlset " NS "><url><loc>http://a/</loc></url></urlset>", "1 http://a/\n"},
    {"<?xml version='1.0' encoding='UTF-8'?>\n<urlset " NS ">\n<url>\n<loc>\n http://a/?a=1&amp;b="
     "&#x32;\n</loc>\n<lastmod> 2024-01-01\n</lastmod></url>\n<url><lastmod>x</lastmod><loc>http://"
     "b/</loc></url></urlset>\n",
     "4 http://a/?a=1&b=2 @2024-01-01\n9 http://b/ @x\n"},
    {"<sitemapindex " NS "><sitemap><loc>http://a/1.xml</loc></sitemap></sitemapindex>",
     "> 1 http://a/1.xml\n"},
    /* any namespace of the root's, or none, whatever the prefix */
    {"<s:urlset xmlns:s='x'><s:url><s:loc>http://a/</s:loc></s:url><url><loc>http://b/</loc></url>"
     "</s:urlset>",
     "1 http://a/\n1 http://b/\n"},
    {"<urlset><url><loc>http://a/</loc></url></urlset>", "1 http://a/\n"},
    /* extensions are passed over */
    {"<urlset " NS " xmlns:image='i'><url><loc>http://a/</loc><image:image><image:loc>http://no/"
     "</image:loc></image:image><image:loc>http://no/</image:loc></url></urlset>",
     "1 http://a/\n"},
    {"<urlset><x><url><loc>http://no/</loc></url></x><sitemap><loc>http://b/</loc></sitemap>"
     "<url><loc>http://a/</loc></url></urlset>",
     "> 1 http://b/\n1 http://a/\n"},
    {"<urlset><url><loc><![CDATA[http://a/?x&y]]></loc></url></urlset>", "1 http://a/?x&y\n"},
    {"<urlset><url><loc>http://a/<!-- c -->b</loc></url></urlset>", "1 http://a/b\n"},
    /* a document type without declarations, comments, instructions, blanks and a mark before */
    {"\xef\xbb\xbf \n<!-- c --><!DOCTYPE urlset><?p i?><urlset><url><loc>http://a/</loc></url>"
     "</urlset>",
     "2 http://a/\n"},
    /* slips that are told, each in its row */
    {"<urlset><url><loc></loc></url></urlset>", "1  [bad-url]\n"},
    {"<urlset>\n<url><lastmod>x</lastmod></url></urlset>", "2  [bad-url] @x\n"},
    {"<urlset><url><loc>a.example/x</loc></url></urlset>", "1 a.example/x [bad-url]\n"},
    {"<urlset><url><loc>#x</loc></url></urlset>", "1 #x [bad-url]\n"},
    {"<urlset><url><loc>http://a/&#10;x</loc></url></urlset>",
     "1 http://a/\nx [control-character]\n"},
    {"<urlset></urlset>", ""},
    {"<urlset/>", ""},
    /* text */
    {"http://a/1\nhttp://a/2\r\n\n# c\n example \n", "1 http://a/1\n2 http://a/2\n5 example "
                                                     "[bad-url]\n"},
    {"\xef\xbb\xbf\nhttp://a/1", "2 http://a/1\n"},
    {"\xefx", "1 \xefx [bad-url]\n"},
    {"\xef\xbb\xbf \t\r\n\r\n  http://a/1 \t\r\n\xef\xbb\xbfhttp://a/2\n\xef\xbb\xbf\n",
     "3 http://a/1\n4 http://a/2\n"},
    {"http://a/1 2\nhttp://a/\xe2\x80\x8b"
     "3\n",
     "1 http://a/1 2\n2 http://a/\xe2\x80\x8b"
     "3\n"},
};

START_TEST(sitemap_gives_its_entries_in_any_pieces)
{
    const struct good *good = &goods[_i];
    size_t len = strlen(good->text);

    for (size_t piece = 1; piece <= len; piece++) {
        read_pieces(good->text, len, piece);
        ck_assert_str_eq(haul_buf_str(&got), good->wanted);
        ck_assert_msg(ending == HAUL_ERR_END, "%s", cause);
    }
}
END_TEST

struct bad {
    const char *text, *wanted, *cause;
    uint64_t line;
};

static const struct bad bads[] = {
    {"", "", "not a sitemap: it is empty", 1},
    {" \n", "", "not a sitemap: it is empty", 1},
    {"<html><body/></html>", "", "not a sitemap: its root element is 'html'", 1},
    {"\n<!DOCTYPE html><html>", "", "not a sitemap: its root element is 'html'", 2},
    /* what came before the end that came too early is given */
    {"<urlset>\n<url><loc>http://a/</loc></url>\n<url><loc>http://b", "2 http://a/\n",
     "it is cut short: its root element has no end", 3},
    {"<urlset><url><loc>http://a/</loc></url></urlset", "1 http://a/\n",
     "it is cut short: its root element has no end", 1},
    /* entities, in all the ways in which they come */
    {"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><urlset><url><loc>http://&b;/</loc>"
     "</url></urlset>",
     "", "a document type with declarations of its own (entities) is refused", 1},
    {"<!DOCTYPE x SYSTEM 'file:///etc/passwd' []><urlset/>", "",
     "a document type with declarations of its own (entities) is refused", 1},
    {"<!DOCTYPE x SYSTEM 'http://e/x.dtd'>\n<urlset><url><loc>http://&e;/</loc></url></urlset>", "",
     "an entity that is declared elsewhere is refused", 2},
    {"<?xml version='1.0' encoding='x-nonsense'?><urlset/>", "",
     "its encoding 'x-nonsense' is not known", 1},
};

START_TEST(what_is_no_sitemap_is_refused_with_cause_and_line)
{
    const struct bad *bad = &bads[_i];
    size_t len = strlen(bad->text);

    for (size_t piece = 1; piece <= len + 1; piece++) {
        read_pieces(bad->text, len, piece);
        ck_assert_int_eq(ending, HAUL_ERR_SYNTAX);
        ck_assert_str_eq(cause, bad->cause);
        ck_assert_uint_eq(cause_line, bad->line);
        ck_assert_str_eq(haul_buf_str(&got), bad->wanted);
    }
}
END_TEST

/* Texts in UTF-16 with its mark, of ASCII and what stands for "ä" and for a no-break space. */
static const struct {
    const char *text, *wanted, *told;
} wides[] = {
    {"<urlset><url><loc>http://a/</loc></url></urlset>", "1 http://a/\n", ""},
    {"<?xml version='1.0' encoding='UTF-16'?>\n<urlset><url><loc>http://a/\xe4</loc></url>"
     "</urlset>",
     "2 http://a/\xc3\xa4\n", ""},
    {"http://a/1\r\n\r\n# c\r\n \thttp://a/\xe4 \r\nhttp://a/3",
     "1 http://a/1\n4 http://a/\xc3\xa4"
     "\n5 http://a/3\n",
     ""},
    {"\r\n \r\nhttp://a/1\n", "3 http://a/1\n", ""},
    {"http://a/1\xa0\n", "1 http://a/1\n",
     "; line 1: characters that cannot be seen are left out around 1 URL, here U+00A0"},
    {"<sitemapindex><sitemap><loc>http://a/s</loc></sitemap></sitemapindex>", "> 1 http://a/s\n",
     ""},
};

START_TEST(utf16_is_read_as_any_other)
{
    for (int is_big = 0; is_big < 2; is_big++) {
        char wide[300] = "\xff\xfe";
        size_t len = 2;

        if (is_big)
            memcpy(wide, "\xfe\xff", 2);
        for (const char *at = wides[_i].text; *at; at++, len += 2)
            wide[len + (size_t)is_big] = *at;
        for (size_t piece = 1; piece <= len; piece++) {
            read_pieces(wide, len, piece);
            ck_assert_str_eq(haul_buf_str(&got), wides[_i].wanted);
            ck_assert_str_eq(told, wides[_i].told);
            ck_assert_int_eq(ending, HAUL_ERR_END);
        }
    }
}
END_TEST

/* ---- limits ---- */

static void make_loc(size_t len)
{
    haul_buf_init(&made, 0);
    make("<urlset><url><loc>\n http://", 1);
    make("a", len - 7);
    make("\n</loc></url></urlset>", 1);
}

START_TEST(longest_loc_is_taken_and_a_longer_one_told)
{
    make_loc(HAUL_LINE_MAX);
    read_made(1000);
    ck_assert_str_eq(haul_buf_str(&got), "1 htt\n");
    make_loc(HAUL_LINE_MAX + 1);
    read_made(1000);
    ck_assert_str_eq(haul_buf_str(&got), "1 htt [line-too-long]\n");
    make_loc(3 * HAUL_LINE_MAX);
    read_made(1 << 20);
    ck_assert_str_eq(haul_buf_str(&got), "1 htt [line-too-long]\n");
    ck_assert_int_eq(ending, HAUL_ERR_END);
}
END_TEST

START_TEST(blanks_around_a_loc_do_not_count)
{
    haul_buf_init(&made, 0);
    make("<urlset><url><loc>", 1);
    make("\n", 200000);
    make("http://a/</loc></url></urlset>", 1);
    read_made(1000);
    ck_assert_str_eq(haul_buf_str(&got), "1 http://a/\n");
}
END_TEST

START_TEST(long_lastmod_is_left_out)
{
    haul_buf_init(&made, 0);
    make("<urlset><url><lastmod>", 1);
    make("9", HAUL_SITEMAP_LASTMOD_MAX + 1);
    make("</lastmod><loc>http://a/</loc></url></urlset>", 1);
    read_made(10);
    ck_assert_str_eq(haul_buf_str(&got), "1 http://a/\n");
}
END_TEST

START_TEST(endless_depth_is_refused)
{
    haul_buf_init(&made, 0);
    make("<urlset>", 1);
    make("<a>", HAUL_SITEMAP_DEPTH_MAX);
    read_made(100);
    ck_assert_str_eq(cause, "more than 64 elements inside each other");
}
END_TEST

static void add_name(int kind, int number)
{
    switch (kind) { /* a format must be seen by the compiler */
    case 0:
        haul_buf_addf(&made, "<n%d/>", number);
        break;
    case 1:
        haul_buf_addf(&made, "<n a%d=''/>", number);
        break;
    case 2:
        haul_buf_addf(&made, "<n xmlns:p%d='u'/>", number);
        break;
    default:
        haul_buf_addf(&made, "<n xmlns='u%d'/>", number);
    }
}

START_TEST(endless_names_are_refused)
{
    haul_buf_init(&made, 0);
    make("<urlset>", 1);
    for (int i = 0; i <= HAUL_SITEMAP_NAMES_MAX; i++)
        add_name(_i, i);
    read_made(1000);
    ck_assert_str_eq(cause, "more than 512 different names of elements and attributes");
}
END_TEST

static const char *const endless[] = {"<urlset><a b='", "<urlset><!--", "<urlset><?p ",
                                      "<!DOCTYPE "};

START_TEST(endless_token_is_refused_with_bounded_memory)
{
    enum { PIECE = 65536 };
    char *text = malloc(PIECE);
    struct haul_sitemap *sitemap;
    struct haul_sitemap_entry found;
    enum haul_err err;
    size_t fed = 0;

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', PIECE);
    ck_assert_int_eq(haul_sitemap_create(&sitemap), HAUL_OK);
    haul_sitemap_feed(sitemap, endless[_i], strlen(endless[_i]));
    err = haul_sitemap_next(sitemap, &found);
    while (err == HAUL_ERR_END && fed < (size_t)100 << 20) {
        haul_sitemap_feed(sitemap, text, PIECE);
        err = haul_sitemap_next(sitemap, &found);
        fed += PIECE;
    }
    ck_assert_int_eq(err, HAUL_ERR_SYNTAX);
    ck_assert_uint_le(fed, HAUL_SITEMAP_TOKEN_MAX + 2 * PIECE);
    ck_assert_str_eq(haul_sitemap_message(sitemap), "a tag or the like is longer than 1 MiB");
    haul_sitemap_free(sitemap);
    free(text);
}
END_TEST

START_TEST(blanks_without_end_are_refused)
{
    haul_buf_init(&made, 0);
    make(" ", HAUL_SITEMAP_BLANKS_MAX + 10);
    read_made(10);
    ck_assert_str_eq(cause, "not a sitemap: it begins with too many blanks");
}
END_TEST

START_TEST(many_entries_need_no_memory)
{
    enum { ENTRIES = 50000 };
    haul_buf_init(&made, 0);
    make("<urlset>", 1);
    make("<url><loc>http://a/</loc></url>", ENTRIES);
    make("</urlset>", 1);
    read_made(65536);
    ck_assert_int_eq(ending, HAUL_ERR_END);
    ck_assert_uint_eq(got.len, ENTRIES * strlen("1 http://a/\n"));
}
END_TEST

START_TEST(allocation_fails_it_is_told)
{
    const char *text = goods[1].text;
    bool walking = true;

    for (long n = 1; walking; n++) {
        struct haul_sitemap *sitemap;
        struct haul_sitemap_entry found;
        enum haul_err err;

        fail_alloc_arm(n);
        err = haul_sitemap_create(&sitemap);
        if (!err) {
            haul_sitemap_feed(sitemap, text, strlen(text));
            while ((err = haul_sitemap_next(sitemap, &found)) == HAUL_OK)
                ;
        }
        walking = fail_alloc_disarm();
        haul_sitemap_free(sitemap);
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_ERR_END);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sitemap_text");
    TCase *tcase = tcase_create("sitemap");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, begin_sitemap, end_sitemap);
    tcase_add_loop_test(tcase, sitemap_gives_its_entries_in_any_pieces, 0, COUNT(goods));
    tcase_add_loop_test(tcase, what_is_no_sitemap_is_refused_with_cause_and_line, 0, COUNT(bads));
    tcase_add_loop_test(tcase, utf16_is_read_as_any_other, 0, sizeof wides / sizeof *wides);
    tcase_add_test(tcase, longest_loc_is_taken_and_a_longer_one_told);
    tcase_add_test(tcase, blanks_around_a_loc_do_not_count);
    tcase_add_test(tcase, long_lastmod_is_left_out);
    tcase_add_test(tcase, endless_depth_is_refused);
    tcase_add_loop_test(tcase, endless_names_are_refused, 0, 4);
    tcase_add_loop_test(tcase, endless_token_is_refused_with_bounded_memory, 0, COUNT(endless));
    tcase_add_test(tcase, blanks_without_end_are_refused);
    tcase_add_test(tcase, many_entries_need_no_memory);
    tcase_add_test(tcase, allocation_fails_it_is_told);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
