#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "harness.h"
#include "leak.h"
#include "saved.h"
#include "servers.h"

/*
 * A document that haul reads from a server gives back what was sent for it, wherever it can say
 * something: as lines that are no URL, in URLs, hosts and names of further documents, in dates, and
 * in what is wrong with it. Whatever haul writes is searched for it: rows, reports, the journal,
 * the history, --save-failed, names of files, and messages.
 */

/* ---- documents ---- */

/* Each "$" is the server, "@" the secret, "~" the login as Basic has it, and "^" the next text as
 * another document, which is not sent all that this one was. */
static const char child[] = "@\n$/any/@/b\n";
static const char text[] = "Authorization: Basic ~\n@\n ~ \n"
                           "$/any/@/a\n$/any/b?x=@&y=~\n$/any/c?x=%2547eheim7Marke\n"
                           "$/status/404?@\nftp://h/@\nhttp://@.test/\nhttp://me:@@[/@\n\x01@\n";
static const char urlset[] =
    "<urlset><url><loc>$/any/@/a</loc><lastmod>@</lastmod></url>"
    "<url><loc>@</loc><lastmod>2026-01-01</lastmod></url><url><loc>$/status/404?@</loc></url>"
    "<url><loc>http://@.test/</loc></url><@/></urlset>";
static const char slips[] =
    "<urlset><@:image/><url><loc>$/any/@/a</loc></url><url><loc>&@; @</loc><lastmod>@</lastmod>"
    "</url><loc>@</loc></@><url><loc>$/status/404?@</loc></url></urlset>";
static const char damaged[] = "<?xml version=\"1.0\" encoding=\"@\"?><urlset/>";
static const char no_sitemap[] = "<html:@ @=\"@\">$/any/@/a</html:@>";
static const char cut[] = "<urlset><url><loc>$/any/@/a</loc></url><url @='";
static const char rss[] =
    "<rss version=\"2.0\"><channel><link>/@/</link>"
    "<item><link>/any/@/a</link><pubDate>@</pubDate></item>"
    "<item><guid>@</guid></item><item><link>//@.test/</link></item>"
    "<item><link>/status/404?@</link></item><item><title>@</title></item></channel></rss>";
static const char atom[] =
    "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"$/any/@/\">"
    "<entry><link href=\"a\"/><updated>@</updated></entry>"
    "<entry><link href=\"/status/404?@\"/></entry><entry><link href=\"//@.test/\"/></entry></feed>";
static const char robots[] = "Sitemap: @\nSitemap: $/status/404?@\nSitemap: http://@.test/\n"
                             "Sitemap: /status/404?~\nSitemap: ftp://h/@\n"
                             "Sitemap: $/bytes/@.txt?hex=^\n";
static const char sitemapindex[] =
    "<sitemapindex><sitemap><loc>$/bytes/@.txt?hex=^</loc></sitemap>"
    "<sitemap><loc>$/status/404?@</loc></sitemap><sitemap><loc>http://@.test/</loc></sitemap>"
    "<sitemap><loc>@</loc><lastmod>@</lastmod></sitemap>"
    "</sitemapindex>";

struct document {
    const char *text;
    int rows;         /* that it makes, or has others make */
    const char *says; /* on standard error */
    const char *asks; /* a request that comes of it, as it is; or NULL */
    bool is_unread;   /* there is a sitemap that it names in vain: no reports are published */
};

static const struct document documents[] = {
    {text, 11, "not a URL: '***'", "/any/@/a", false},
    {urlset, 4, "not a URL: '***'", "/any/@/a", false},
    {slips, 3, "read tolerantly", "/any/@/a", false},
    {damaged, 0, "encoding", NULL, false},
    {no_sitemap, 0, "not a sitemap", NULL, false},
    {cut, 0, "cut short", NULL, false},
    {rss, 4, "***", "/any/@/a", false},
    {atom, 3, "***", "/any/@/a", false},
    {sitemapindex, 2, "status/404?***", "/any/@/b", true},
    {robots, 2, "status/404?***", "/any/@/b", true},
};
enum { DOCUMENTS = sizeof documents / sizeof *documents, ROBOTS = DOCUMENTS - 1 };

/* To the end of the case. */
static const char *kept(struct haul_buf *buf)
{
    const char *copy = it_text("%s", haul_buf_str(buf));

    haul_buf_done(buf);
    return copy;
}

static const char *hex_of(const char *bytes)
{
    struct haul_buf hex;

    haul_buf_init(&hex, 0);
    for (; *bytes; bytes++)
        haul_buf_addf(&hex, "%02x", (unsigned)(unsigned char)*bytes);
    return kept(&hex);
}

/* `login`: what "~" is. */
static const char *filled(const char *from, const char *login)
{
    struct haul_buf to;

    haul_buf_init(&to, 0);
    for (; *from; from++)
        if (*from == '^')
            haul_buf_add_str(&to, hex_of(filled(child, login)));
        else if (*from == '$')
            haul_buf_add_str(&to, it_url("%s", ""));
        else if (*from == '@')
            haul_buf_add_str(&to, SECRET);
        else if (*from == '~')
            haul_buf_add_str(&to, login);
        else
            haul_buf_add_char(&to, *from);
    return kept(&to);
}

/* ---- what is sent ---- */

struct sent {
    const char *args[4];
    const char *user;  /* in the document's URL, before its host */
    const char *query; /* and behind it */
    bool is_bare;      /* the login is not sent */
};

static const char a_file[] = "(the file)";

static const struct sent sent[] = {
    {{"-u", "me:" SECRET}, "", "", false},
    {{"-H", "Authorization: Bearer " SECRET}, "", "", true},
    {{"-H", "Authorization: Basic ~"}, "", "", false},
    {{"-H", "Cookie: lang=en; session=" SECRET "; login=~"}, "", "", false},
    {{"-H", "X-Api-Key: " SECRET}, "", "", true},
    {{"--netrc-file", a_file}, "", "", false},
    {{"--cookie", a_file}, "", "", false},
    {{"-K", a_file}, "", "", false},
    {{NULL}, "me:" SECRET "@", "", false},
    {{"--redact", "token"}, "", "?token=" SECRET "&token=~", false},
};
enum { SENT = sizeof sent / sizeof *sent, PASSWORD = 0, COOKIE = 3 };

static const char *login_of(const struct sent *with)
{
    return with->is_bare ? "bm9uZQ==" : leak_basic();
}

static const char *text_of_file(const char *option)
{
    if (strcmp(option, "--netrc-file") == 0)
        return "machine 127.0.0.1 login me password " SECRET "\n";
    if (strcmp(option, "--cookie") == 0)
        return it_text(
            "127.0.0.1\tFALSE\t/\tFALSE\t0\tid\t%s\n127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t%s\n", SECRET,
            leak_basic());
    return "[host \"127.0.0.1\"]\nuser = me:" SECRET "\n";
}

static const char *private_file(const char *option)
{
    const char *path = it_path(it_text("private%s", option)), *said = text_of_file(option);

    it_write(path, said, strlen(said));
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

/* ---- runs ---- */

static const char *const formats[] = {"text", "csv",      "tsv",        "jsonl", "json",
                                      "html", "markdown", "prometheus", "junit", "github"};
enum { FORMATS = sizeof formats / sizeof *formats, ARGS_MAX = 64 };

static void check_file(const char *name)
{
    size_t len;
    const char *bytes = it_read(it_path(name), &len);

    ck_assert_msg(len > 0, "%s", name);
    leak_check(name, bytes, len);
}

static const char *name_of(const char *what, int number)
{
    return it_text("%s-%d", what, number);
}

static size_t add_outputs(const char **argv, size_t count, int number)
{
    static const char *const option[] = {"--journal", "--history", "--save-failed", "--dir"};

    for (size_t i = 0; i < sizeof option / sizeof *option; i++) {
        argv[count++] = option[i];
        argv[count++] = it_path(name_of(option[i] + 2, number));
    }
    for (size_t i = 0; i < FORMATS; i++) {
        argv[count++] = "--report";
        argv[count++] = it_text("%s:%s", formats[i], it_path(name_of(formats[i], number)));
    }
    return count;
}

static const char *place_of(const struct document *document, const struct sent *with)
{
    (void)it_ask("/robots/set?to=/bytes/map%%3Fhex%%3D%s",
                 hex_of(filled(document->text, login_of(with))));
    return it_text("http://%s127.0.0.1:%d/robots.txt%s", with->user, it_port("http"),
                   filled(with->query, login_of(with)));
}

static struct it_run run(const struct document *document, const struct sent *with, int number)
{
    const char *argv[ARGS_MAX] = {"--retry", "0", "-v", "--chart", "--group-by", "path:3"};
    size_t count = 6;

    for (size_t i = 0; i < 4 && with->args[i]; i++)
        argv[count++] = with->args[i] == a_file ? private_file(with->args[i - 1])
                                                : filled(with->args[i], login_of(with));
    argv[count++] = document == &documents[ROBOTS] ? "--sitemap-from-robots" : "--sitemap";
    argv[count++] = place_of(document, with);
    (void)add_outputs(argv, count, number);
    return it_haul(argv);
}

static const char *tail_of(const struct document *document)
{
    return document->asks ? filled(document->asks, "") : NULL;
}

/* What a document gives back is asked for as it is, and shown nowhere. */
static void check(const struct document *document, const struct sent *with, int number)
{
    struct it_run done = run(document, with, number);
    const char *names = look_at_tree(it_path(name_of("dir", number)), NULL);

    leak_check("standard output", done.out, done.out_len);
    leak_check("standard error", done.err, done.err_len);
    ck_assert_msg(strstr(done.err, document->says), "%s", done.err);
    if (!document->rows)
        return;
    check_file(name_of("journal", number));
    check_file(name_of("history", number));
    if (document->rows > 2)
        check_file(name_of("save-failed", number));
    for (size_t i = 0; i < FORMATS && !document->is_unread; i++)
        check_file(name_of(formats[i], number));
    leak_check("names of files", names, strlen(names));
    ck_assert_msg(
        strstr(done.err, it_text("%d line%s = ", document->rows, document->rows == 1 ? "" : "s")),
        "%s", done.err);
    if (document->asks)
        ck_assert_uint_ge(json_array_size(it_log(tail_of(document))), 1);
}

START_TEST(whatever_was_sent_shows_nowhere)
{
    check(&documents[0], &sent[_i], _i);
}
END_TEST

START_TEST(no_kind_of_document_shows_it)
{
    check(&documents[_i / 2], &sent[_i % 2 ? PASSWORD : COOKIE], SENT + _i);
}
END_TEST

/* The page of a test server that says what it was asked with, read as a text sitemap. */
START_TEST(echo_of_the_request_shows_no_secret)
{
    struct it_run done = it_haul(IT_ARGS("--format", "jsonl", "-u", "me:" SECRET, "-H",
                                         "Cookie: id=" SECRET, "--sitemap", it_url("/echo")));
    const json_t *rows = it_rows(done.out);
    size_t hidden = 0;

    leak_check("standard output", done.out, done.out_len);
    leak_check("standard error", done.err, done.err_len);
    for (size_t i = 0; i < json_array_size(rows); i++)
        hidden += strstr(it_str(json_array_get(rows, i), "url"), "***") != NULL;
    ck_assert_msg(hidden == 2, "%s", done.out);
    ck_assert_ptr_nonnull(strstr(done.out, "Authorization: Basic ***"));
    ck_assert_ptr_nonnull(strstr(done.out, "Cookie: id=***"));
    ck_assert_ptr_nonnull(strstr(done.out, "GET /echo HTTP/1.1"));
}
END_TEST

/* What is hidden of where a redirect leads is not lost for the links that are relative to it. */
START_TEST(links_are_relative_to_where_the_feed_was)
{
    const char *feed = it_text("/bytes/%s/feed.rss?hex=%s", SECRET,
                               hex_of("<rss><channel><item><link>../../any/x</link></item>"
                                      "<item><link>y</link></item></channel></rss>"));
    struct it_run done =
        it_haul(IT_ARGS("--format", "jsonl", "--order", "input", "-u", "me:" SECRET, "--sitemap",
                        it_url("/redirect?to=%s", feed)));
    const json_t *rows = it_rows(done.out);

    ck_assert_msg(json_array_size(rows) == 2, "%s", done.err);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "url"), it_url("/any/x"));
    ck_assert_str_eq(it_str(json_array_get(rows, 1), "url"), it_url("/bytes/***/y"));
    ck_assert_uint_eq(json_array_size(it_log("/bytes/" SECRET "/y")), 1);
}
END_TEST

/* What is no secret of the request stays, and so does what a list of the user's own says. */
START_TEST(nothing_else_is_hidden)
{
    const char *list = it_path("list"), *url = it_url("/any/%s", SECRET);
    const char *map = it_url("/bytes/map.txt?hex=%s", hex_of(it_text("%s\n", it_url("/any/a"))));
    struct it_run done;

    it_write(list, url, strlen(url));
    done = it_haul(IT_ARGS("--format", "jsonl", "--order", "input", "-u", "me:" SECRET, "-i", list,
                           "--sitemap", map));
    ck_assert_str_eq(it_verdict(it_row(it_rows(done.out), url)), "ok");
    ck_assert_str_eq(it_verdict(it_row(it_rows(done.out), it_url("/any/a"))), "ok");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("echoed");
    TCase *all = tcase_create("all");

    tcase_add_unchecked_fixture(all, it_begin_server, it_end_server);
    tcase_add_checked_fixture(all, it_reset_server, NULL);
    tcase_add_loop_test(all, whatever_was_sent_shows_nowhere, 0, SENT);
    tcase_add_loop_test(all, no_kind_of_document_shows_it, 0, 2 * DOCUMENTS);
    tcase_add_test(all, echo_of_the_request_shows_no_secret);
    tcase_add_test(all, links_are_relative_to_where_the_feed_was);
    tcase_add_test(all, nothing_else_is_hidden);
    suite_add_tcase(suite, all);
    return it_main(suite);
}
