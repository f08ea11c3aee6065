#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "sitemap_world.h"

/*
 * Sitemaps as the web has them: what is wrong with each costs nothing but itself. Whatever the
 * pieces are, what is read and what is told of it is the same.
 */

#define NS " xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""
#define PAGE(name) "<url><loc>http://a/" name "</loc></url>"

struct kind {
    const char *text, *wanted;
    const char *told; /* as haul_sitemap_add_slips */
};

#define SAVED(count) "; read tolerantly from there, which saved " count " entries"
#define PASSED(line, count)                                                                        \
    "; line " line ": " count                                                                      \
    " <loc> or items passed over, which are none of an entry or link to nothing"

/* Names in whichever namespace, and elements in whichever other. */
static const struct kind names[] = {
    {"<urlset" NS "><url xmlns=''><loc>http://a/</loc></url></urlset>", "1 http://a/\n", ""},
    {"<urlset><url" NS "><loc>http://a/</loc></url></urlset>", "1 http://a/\n", ""},
    {"<urlset xmlns='https://sitemaps.org/schemas/sitemap/0.9/'>"
     "<s:url xmlns:s='http://www.google.com/schemas/sitemap/0.84'><s:loc>http://a/</s:loc></s:url>"
     "</urlset>",
     "1 http://a/\n", ""},
    {"<s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'>" PAGE("1") "</s:urlset>",
     "1 http://a/1\n", ""},
    {"<urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'><s:url><s:loc>http://a/</s:loc>"
     "</s:url></urlset>",
     "1 http://a/\n", ""},
    {"<urlset" NS "><urlset" NS ">" PAGE("1") "</urlset>" PAGE("2") "</urlset>",
     "1 http://a/1\n1 http://a/2\n", ""},
    {"<sitemapindex" NS ">" PAGE("1") "</sitemapindex>", "1 http://a/1\n", ""},
    {"<urlset" NS "><sitemap><loc>http://a/s</loc></sitemap></urlset>", "> 1 http://a/s\n", ""},
    {"<urlset><URL><Loc>http://a/</Loc></URL></urlset>", "1 http://a/\n", ""},
    {"<urlset><url><loc>http://a/</loc><url><loc>http://b/</loc></url></url></urlset>",
     "1 http://a/\n1 http://b/\n", ""},
    {"<urlset" NS ">\n<x:url xmlns:x='http://x/'><x:loc>http://no/</x:loc></x:url></urlset>", "",
     PASSED("2", "1")},
    {"<urlset" NS " xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'><url>"
     "<loc>http://a/</loc><image:image><image:loc>http://no/</image:loc></image:image></url>"
     "</urlset>",
     "1 http://a/\n", ""},
    {"<urlset><x>" PAGE("no") PAGE("no") "</x>" PAGE("1") "</urlset>", "1 http://a/1\n",
     PASSED("1", "2")},
};

/* What is no sitemap by the letter, and what is saved. */
static const struct kind slips[] = {
    {"<urlset>\n<url><loc>http://a/1</loc><image:image><image:loc>http://no/</image:loc>"
     "</image:image></url>\n" PAGE("2") "</urlset>",
     "2 http://a/1\n3 http://a/2\n", "; line 2: unbound prefix" SAVED("2")},
    {"<urlset>" PAGE("1") "\n<url><loc>http://a/?a=1&b=2&copy=3</loc></url>\n" PAGE(
         "2") "</urlset>",
     "1 http://a/1\n2 http://a/?a=1&b=2&copy=3\n3 http://a/2\n",
     "; line 2: not well-formed (invalid token)" SAVED("2")},
    {"<urlset><url><loc>http://a/&eacute;&nosuch;&hellip;</loc></url></urlset>",
     "1 http://a/\xc3\xa9&nosuch;\xe2\x80\xa6\n", "; line 1: undefined entity" SAVED("1")},
    {"<urlset><url><loc>http://a/1</loc>\n<loc>http://a/2</loc><lastmod>x</lastmod></url></urlset>",
     "1 http://a/1\n2 http://a/2 @x\n", "; line 2: two <loc> in one entry"},
    {"<sitemapindex>\n<sitemap> http://a/1 </sitemap><sitemap><loc>http://a/2</loc></sitemap>"
     "</sitemapindex>",
     "> 2 http://a/1\n> 2 http://a/2\n", "; line 2: a <sitemap> without <loc> that names a URL"},
    {"<urlset>" PAGE("1") "</urlset>\nfoo<urlset>" PAGE("2") "</urlset>",
     "1 http://a/1\n2 http://a/2\n", "; line 2: junk after document element" SAVED("1")},
    {"<urlset>" PAGE("1") "</urlset>\n" PAGE("2"), "1 http://a/1\n2 http://a/2\n",
     "; line 2: junk after document element" SAVED("1")},
    {"Warning: no such thing in x.php\n<?xml version='1.0'?>\n<urlset>" PAGE("1") "</urlset>",
     "3 http://a/1\n", "; line 1: text before the XML declaration"},
    {"<br />\n<b>Warning</b>: in x.php<br />\n<?xml version='1.0'?><urlset>" PAGE("1") "</urlset>",
     "3 http://a/1\n", "; line 1: text before the XML declaration"},
    {"<!-- c -->\n<?xml version='1.0'?><urlset>" PAGE("1") "</urlset>", "2 http://a/1\n",
     "; line 2: XML or text declaration not at start of entity" SAVED("1")},
    {"some text\n<urlset>" PAGE("1") "</urlset>", "2 http://a/1\n",
     "; line 1: text before the XML declaration"},
    {"<urlset>\n<url>" PAGE("1") "<url><loc>http://a/2</url>" PAGE("3") "</urlset>",
     "2 http://a/1\n2 http://a/2\n2 http://a/3\n", "; line 2: mismatched tag" SAVED("2")},
    {"<urlset>\n<url id=7 x><loc>http://a/1</loc></url>" PAGE("2") "</urlset>",
     "2 http://a/1\n2 http://a/2\n", "; line 2: not well-formed (invalid token)" SAVED("2")},
    {"<urlset><url><loc>http://a/\xff</loc></url>" PAGE("2") "</urlset>",
     "1 http://a/\xff\n1 http://a/2\n", "; line 1: not well-formed (invalid token)" SAVED("2")},
    {"<urlset><url><loc><![CDATA[http://a/\x01]]>b</loc></url>" PAGE("2") "</urlset>",
     "1 http://a/\x01"
     "b [control-character]\n1 http://a/2\n",
     "; line 1: not well-formed (invalid token)" SAVED("2")},
    {"<urlset><url\n<loc>http://a/1</loc></url></urlset>", "2 http://a/1\n",
     "; line 2: not well-formed (invalid token)" SAVED("1")},
    {"<!doctype urlset><urlset>" PAGE("1") "</urlset>", "1 http://a/1\n",
     "; line 1: syntax error" SAVED("1")},
};

/* Feeds, and what is declared. */
static const struct kind feeds[] = {
    {"<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><link>http://no/</link>"
     "<atom:link href='http://no/'/><item><title>t</title><link>http://a/1</link>"
     "<guid>http://no/</guid><pubDate>Tue, 05 May 2026 10:00:00 GMT</pubDate></item>\n"
     "<item><guid>http://a/2</guid></item><item><guid isPermaLink='false'>http://no/</guid></item>"
     "</channel></rss>",
     "1 http://a/1 @Tue, 05 May 2026 10:00:00 GMT\n2 http://a/2\n", PASSED("2", "1")},
    {"<feed xmlns='http://www.w3.org/2005/Atom'><link href='http://no/'/><entry>"
     "<link rel='edit' href='http://no/'/><link rel='alternate' href='http://a/?1&amp;2'/>"
     "<updated>2026-05-05</updated></entry><entry><link href='http://a/2'/></entry></feed>",
     "1 http://a/?1&2 @2026-05-05\n1 http://a/2\n", ""},
    {"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
     "xmlns='http://purl.org/rss/1.0/'>"
     "<channel><link>http://no/</link></channel><item><link>http://a/1</link></item></r:RDF>",
     "1 http://a/1\n", ""},
    {"<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><link href=http://a/1></entry></feed>",
     "1 http://a/1\n", "; line 1: not well-formed (invalid token)" SAVED("1")},
    /* encodings */
    {"<?xml version='1.0' encoding='utf8'?><urlset>" PAGE("1") "</urlset>", "1 http://a/1\n", ""},
    {"<?xml version='1.0' encoding='UTF-16'?><urlset>" PAGE("1") "</urlset>", "1 http://a/1\n", ""},
    {"<?xml version='1.0' encoding='ISO-8859-1'?><urlset>" PAGE("\xe9") "</urlset>",
     "1 http://a/\xc3\xa9\n", ""},
    {"<?xml version=\"1.0\" encoding = \"Windows-1251\"?>\n<urlset>" PAGE("\xe6") "</urlset>",
     "2 http://a/\xd0\xb6\n", ""},
    {"<?xml version='1.0' encoding='windows-1253'?>\n<urlset>" PAGE("\xd2") PAGE("2") "</urlset>",
     "2 http://a/\xef\xbf\xbd\n2 http://a/2\n", "; line 2: bytes that its encoding does not have"},
    {"\xef\xbb\xbf<?xml version='1.0' encoding='windows-1251'?><urlset>" PAGE(
         "\xc3\xa9") "</urlset>",
     "1 http://a/\xc3\xa9\n", ""},
};

static void check(const struct kind *kind)
{
    size_t len = strlen(kind->text);

    for (size_t piece = 1; piece <= len; piece++) {
        read_pieces(kind->text, len, piece);
        ck_assert_str_eq(haul_buf_str(&got), kind->wanted);
        ck_assert_msg(ending == HAUL_ERR_END, "%s", cause);
        ck_assert_str_eq(told, kind->told);
    }
}

START_TEST(name_is_read_wherever_it_may_mean_something)
{
    check(&names[_i]);
}
END_TEST

START_TEST(slip_costs_itself_and_is_told)
{
    check(&slips[_i]);
}
END_TEST

START_TEST(feed_or_declared_encoding_is_read)
{
    check(&feeds[_i]);
}
END_TEST

/* What needs a converter that not every system has: letters, and what they are in UTF-8. */
static const char *const encodings[][3] = {
    {"gb2312", "\xd6\xd0", "\xe4\xb8\xad"},  {"GBK", "\xd6\xd0", "\xe4\xb8\xad"},
    {"gb18030", "\xd6\xd0", "\xe4\xb8\xad"}, {"Shift_JIS", "\x93\xfa", "\xe6\x97\xa5"},
    {"EUC-JP", "\xc6\xfc", "\xe6\x97\xa5"},  {"euc-kr", "\xc7\xd1", "\xed\x95\x9c"},
    {"Big5", "\xa4\xa4", "\xe4\xb8\xad"},    {"KOI8-R", "\xd6", "\xd0\xb6"},
    {"iso-8859-2", "\xb9", "\xc5\xa1"},      {"windows-1250", "\x9a", "\xc5\xa1"},
    {"ISO-8859-15", "\xa4", "\xe2\x82\xac"}, {"latin1", "\xe9", "\xc3\xa9"},
    {"windows-1258", "\xe9", "\xc3\xa9"},
};

START_TEST(encoding_is_made_utf8_in_any_pieces)
{
    char text[200], wanted[40];
    size_t len;

    (void)snprintf(text, sizeof text,
                   "<?xml version='1.0' encoding='%s'?><urlset><url><loc>http://a/%s</loc></url>"
                   "</urlset>",
                   encodings[_i][0], encodings[_i][1]);
    (void)snprintf(wanted, sizeof wanted, "1 http://a/%s\n", encodings[_i][2]);
    len = strlen(text);
    for (size_t piece = 1; piece <= len; piece++) {
        read_pieces(text, len, piece);
        if (strstr(cause, "none that iconv(3) has")) {
            (void)fprintf(stderr, "no %s on this system: IT IS NOT TESTED\n", encodings[_i][0]);
            return;
        }
        ck_assert_str_eq(haul_buf_str(&got), wanted);
        ck_assert_int_eq(ending, HAUL_ERR_END);
    }
}
END_TEST

/* Behind a slip everything is refused that is refused before one. */
static const char *const refusals[][2] = {
    {"<!doctype x [<!ENTITY a 'b'>]><urlset/>",
     "a document type with declarations of its own (entities) is refused"},
    {"<urlset><url a=b><!ENTITY a 'b'></url></urlset>",
     "a document type with declarations of its own (entities) is refused"},
    {"<!DOCTYPE x SYSTEM 'u'><urlset><url a=b><loc>http://a/&e;</loc></url></urlset>",
     "an entity that is declared elsewhere is refused"},
    {"<html lang=en><body/></html>", "not a sitemap: its root element is 'html'"},
    {"<?xml version='1.0' encoding='utf-7'?><urlset/>", "its encoding 'utf-7' is not known"},
    {"<?xml version='1.0'?>", "not a sitemap: it has no root element"},
};

START_TEST(refusal_stays_a_refusal)
{
    size_t len = strlen(refusals[_i][0]);

    for (size_t piece = 1; piece <= len; piece++) {
        read_pieces(refusals[_i][0], len, piece);
        ck_assert_int_eq(ending, HAUL_ERR_SYNTAX);
        ck_assert_str_eq(cause, refusals[_i][1]);
        ck_assert_uint_eq(got.len, 0);
    }
}
END_TEST

static const char *const limits[][3] = {
    {"<urlset a=b>", "<a>", "more than 64 elements inside each other"},
    {"<urlset a=b><url ", "x", "a tag or the like is longer than 1 MiB"},
    {"<urlset a=b><!--", "x", "a tag or the like is longer than 1 MiB"},
};

START_TEST(limit_holds_behind_a_slip)
{
    haul_buf_init(&made, 0);
    make(limits[_i][0], 1);
    make(limits[_i][1], HAUL_SITEMAP_TOKEN_MAX + 200000);
    read_made(1000);
    ck_assert_str_eq(cause, limits[_i][2]);
}
END_TEST

/* Quadratic work would take minutes. */
START_TEST(token_that_comes_byte_by_byte_is_looked_at_once)
{
    static const char *const begins[] = {"<urlset a=b><url x='", "<urlset a=b><!--",
                                         "<urlset a=b><?", "<urlset a=b><url><loc>&"};

    haul_buf_init(&made, 0);
    make(begins[_i], 1);
    make(_i == 3 ? "&" : "x", 1000000);
    read_made(1);
    ck_assert_int_eq(ending, HAUL_ERR_SYNTAX);
}
END_TEST

/* With a prefix, a slip, and what has to be converted. */
START_TEST(allocation_fails_it_is_told)
{
    static const char text[] = "<?xml version='1.0' encoding='koi8-r'?><s:urlset xmlns:s='u'>"
                               "<s:url a=b><s:loc>http://a/</s:loc></s:url></s:urlset>";
    bool walking = true;

    for (long n = 1; walking; n++) {
        struct haul_sitemap *sitemap;
        struct haul_sitemap_entry found;
        enum haul_err err;

        fail_alloc_arm(n);
        err = haul_sitemap_create(&sitemap);
        if (!err) {
            haul_sitemap_feed(sitemap, text, sizeof text - 1);
            while ((err = haul_sitemap_next(sitemap, &found)) == HAUL_OK)
                ;
        }
        if (err == HAUL_ERR_END) {
            haul_sitemap_finish(sitemap);
            while ((err = haul_sitemap_next(sitemap, &found)) == HAUL_OK)
                ;
        }
        walking = fail_alloc_disarm();
        haul_sitemap_free(sitemap);
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_ERR_END);
    }
}
END_TEST

START_TEST(entries_before_a_cut_are_given)
{
    static const char text[] = "<urlset>" PAGE("1") "<url><loc>http://a/2</loc><lastmod>x";

    read_pieces(text, sizeof text - 1, 7);
    ck_assert_str_eq(haul_buf_str(&got), "1 http://a/1\n1 http://a/2 @x\n");
    ck_assert_int_eq(ending, HAUL_ERR_SYNTAX);
    ck_assert_str_eq(cause, "it is cut short: its root element has no end");
    ck_assert_str_eq(told, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sitemap_slips");
    TCase *tcase = tcase_create("slips");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, begin_sitemap, end_sitemap);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, name_is_read_wherever_it_may_mean_something, 0, COUNT(names));
    tcase_add_loop_test(tcase, slip_costs_itself_and_is_told, 0, COUNT(slips));
    tcase_add_loop_test(tcase, feed_or_declared_encoding_is_read, 0, COUNT(feeds));
    tcase_add_loop_test(tcase, encoding_is_made_utf8_in_any_pieces, 0, COUNT(encodings));
    tcase_add_loop_test(tcase, refusal_stays_a_refusal, 0, COUNT(refusals));
    tcase_add_loop_test(tcase, limit_holds_behind_a_slip, 0, COUNT(limits));
    tcase_add_loop_test(tcase, token_that_comes_byte_by_byte_is_looked_at_once, 0, 4);
    tcase_add_test(tcase, allocation_fails_it_is_told);
    tcase_add_test(tcase, entries_before_a_cut_are_given);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
