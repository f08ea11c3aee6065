#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sitemap_site.h"

/*
 * What haul reads as text, in the character sets and with the marks in which spreadsheets, editors
 * and shells leave it: the same as in UTF-8, or a message that names what it is.
 */

static const struct way {
    const char *charset, *mark;
    size_t mark_len;
    const char *refusal; /* NULL: it is read */
} ways[] = {
    {"UTF-8", "", 0, NULL},
    {"UTF-8", "\xef\xbb\xbf", 3, NULL},
    {"UTF-16LE", "\xff\xfe", 2, NULL},
    {"UTF-16BE", "\xfe\xff", 2, NULL},
    {"UTF-16LE", "", 0, "the text is UTF-16 without a byte order mark"},
    {"UTF-16BE", "", 0, "the text is UTF-16 without a byte order mark"},
    {"UTF-32LE", "\xff\xfe\0\0", 4, "the text is UTF-32"},
    {"UTF-32BE", "\0\0\xfe\xff", 4, "the text is UTF-32"},
    {"UTF-32LE", "", 0, "the text is UTF-32"},
    {"UTF-32BE", "", 0, "the text is UTF-32"},
};
enum { WAYS = sizeof ways / sizeof *ways };

/* What the text is that way. */
static void write_as(const struct way *way, const char *text, struct haul_buf *to)
{
    iconv_t iconv_to = iconv_open(way->charset, "UTF-8");
    char *copy = strdup(text), *in = copy, *out;
    size_t left = strlen(text), room = 4 * left;

    ck_assert_ptr_ne(iconv_to, (iconv_t)-1);
    ck_assert_ptr_nonnull(copy);
    haul_buf_clear(to);
    haul_buf_add(to, way->mark, way->mark_len);
    out = haul_buf_reserve(to, room);
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_ne(iconv(iconv_to, &in, &left, &out, &room), (size_t)-1);
    haul_buf_grew(to, 4 * strlen(text) - room);
    iconv_close(iconv_to);
    free(copy);
}

/* The text that way in a file; its mode is that of a file with passwords. */
static const char *file_as(const struct way *way, const char *name, const char *text)
{
    const char *path = it_path(name);
    struct haul_buf bytes;

    haul_buf_init(&bytes, 0);
    write_as(way, text, &bytes);
    it_write(path, bytes.data, bytes.len);
    ck_assert_int_eq(chmod(path, 0600), 0);
    haul_buf_done(&bytes);
    return path;
}

/* ---- lists ---- */

#define FIRST "http://127.0.0.1/\xc3\xbc"
#define SECOND "http://127.0.0.1/2"

static const struct kind {
    const char *text;
    const char *column; /* or NULL: it is no table */
} kinds[] = {
    {FIRST "\r\n" SECOND "\r\n", NULL},
    {"# list\n" FIRST "\tlabel\n  out=\xc3\xbc.txt\n" SECOND, NULL},
    {"name,url\n\"a, b\"," FIRST "\n\xe6\x97\xa5," SECOND "\n", "url"},
    {"url\tname\n" FIRST "\ta\n" SECOND "\tb\n", "url"},
    {"{\"url\":\"" FIRST "\"}\n{\"url\":\"" SECOND "\"}\n", "url"},
    {"outcome,url\nok," FIRST "\nfailed," SECOND "\n", NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

START_TEST(list_is_read_whatever_its_character_set)
{
    const struct way *way = &ways[_i % WAYS];
    const struct kind *kind = &kinds[_i / WAYS];
    const char *path = file_as(way, "list", kind->text);
    struct it_run run = it_haul(
        IT_ARGS("--dry-run", "-i", path, kind->column ? "--url-column" : NULL, kind->column));

    if (way->refusal) {
        ck_assert_int_eq(run.status, kind->column ? 2 : 3); /* a header line is looked at before */
        ck_assert_ptr_nonnull(strstr(run.err, it_text("list: %s", way->refusal)));
        ck_assert_ptr_null(strstr(run.out, "127.0.0.1"));
        return;
    }
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.out, "fetch\t" FIRST "\n"));
    ck_assert_ptr_nonnull(strstr(run.out, "fetch\t" SECOND "\n"));
    ck_assert_ptr_nonnull(strstr(run.err, "2 to be fetched, 0 duplicate, 0 invalid"));
}
END_TEST

/* A pipe cannot be looked at before, and may come byte by byte. */
START_TEST(list_in_a_pipe_is_read_whatever_its_character_set)
{
    const struct way *way = &ways[_i];
    struct haul_buf bytes;
    struct it_run run;

    haul_buf_init(&bytes, 0);
    write_as(way, it_text("%s\n", it_url("/size?n=1&x=\xc3\xbc")), &bytes);
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("--format", "jsonl"), .input = bytes.data, .input_len = bytes.len});
    haul_buf_done(&bytes);
    ck_assert_int_eq(run.status, way->refusal ? 3 : 0);
    if (way->refusal)
        ck_assert_ptr_nonnull(strstr(run.err, it_text("standard input: %s", way->refusal)));
    else
        ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 1);
}
END_TEST

/* ---- what else is text ---- */

/* What PowerShell's '>' leaves of sha256sum. */
START_TEST(sums_are_read_whatever_their_character_set)
{
    const struct way *way = &ways[_i];
    const char *sums = file_as(way, "sums",
                               "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
                               "  x\xc3\xbc.txt\r\n");
    struct it_run run =
        it_haul(IT_ARGS("--dir", it_path("saved"), "--name", "x\xc3\xbc.txt", "--sums", sums,
                        "--format", "jsonl", it_url("/bytes/x?hex=78")));

    if (way->refusal) {
        ck_assert_int_eq(run.status, 2);
        ck_assert_ptr_nonnull(strstr(run.err, it_text("sums: %s", way->refusal)));
        return;
    }
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "ok");
}
END_TEST

START_TEST(configuration_is_read_whatever_its_character_set)
{
    const struct way *way = &ways[_i];
    const char *conf =
        file_as(way, "conf", "# \xc3\xbc\r\nuser = ann:\xc3\xbc\r\nheader = X-A: b\r\n");
    struct it_run run = it_haul(IT_ARGS("--config", conf, it_url("/size?n=1")));

    ck_assert_int_eq(run.status, way->refusal ? 2 : 0);
    if (way->refusal)
        ck_assert_ptr_nonnull(strstr(run.err, it_text("conf: %s", way->refusal)));
    else
        ck_assert(it_log_has_header(json_array_get(it_log("/size"), 0), "X-A"));
}
END_TEST

/* Of a password no copies are made: it is named, and not converted. */
START_TEST(password_is_told_what_it_is)
{
    const struct way *way = &ways[_i];
    const char *file = file_as(way, "user", "ann:pw\r\n");
    struct it_run run = it_haul(IT_ARGS("--user-file", file, it_url("/echo")));

    if (strcmp(way->charset, "UTF-8") != 0) {
        ck_assert_int_eq(run.status, 2);
        ck_assert_ptr_nonnull(strstr(run.err, way->refusal ? way->refusal : "the text is UTF-16;"));
        return;
    }
    ck_assert_int_eq(run.status, 0);
    ck_assert(it_log_has_header(json_array_get(it_log("/echo"), 0), "Authorization"));
}
END_TEST

/* ---- from the network ---- */

START_TEST(robots_txt_is_read_whatever_its_character_set)
{
    const struct way *way = &ways[_i];
    struct haul_buf bytes;
    struct it_run run;

    if (!has_nginx)
        return;
    haul_buf_init(&bytes, 0);
    write_as(way, it_text("# \xc3\xbc\r\nSitemap: %s\r\n", site_url("two.xml")), &bytes);
    it_write(site_file("robots.txt"), bytes.data, bytes.len);
    haul_buf_done(&bytes);
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap-from-robots", site_url("")));
    ck_assert_int_eq(run.status, way->refusal ? 3 : 0);
    if (way->refusal)
        ck_assert_ptr_nonnull(strstr(run.err, it_text("/robots.txt: %s", way->refusal)));
    else
        ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("texts");
    TCase *tcase = tcase_create("texts");

    tcase_add_unchecked_fixture(tcase, begin_site, end_site);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, list_is_read_whatever_its_character_set, 0, KINDS * WAYS);
    tcase_add_loop_test(tcase, list_in_a_pipe_is_read_whatever_its_character_set, 0, WAYS);
    tcase_add_loop_test(tcase, sums_are_read_whatever_their_character_set, 0, WAYS);
    tcase_add_loop_test(tcase, configuration_is_read_whatever_its_character_set, 0, WAYS);
    tcase_add_loop_test(tcase, password_is_told_what_it_is, 0, WAYS);
    tcase_add_loop_test(tcase, robots_txt_is_read_whatever_its_character_set, 0, WAYS);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
