#include <check.h>
#include <stdio.h>
#include <string.h>

#include "http/coding.h"
#include "http/response.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define GZIP HAUL_CODING_GZIP
#define NONE HAUL_CODING_NONE

/* ---- names and types ---- */

static const struct {
    const char *url;
    enum haul_coding coding;
} urls[] = {
    {"http://h/pkg.tar.gz", GZIP},
    {"http://h/PKG.TAR.GZ", GZIP},
    {"http://h:8/a.b/pkg.tgz?x=y.zst", GZIP},
    {"http://h/drawing.svgz", GZIP},
    {"http://h/a.gz#x.br", GZIP},
    {"http://h/a.Z", HAUL_CODING_COMPRESS},
    {"http://h/a.zz", HAUL_CODING_DEFLATE},
    {"http://h/app.js.br", HAUL_CODING_BR},
    {"http://h/a.zst", HAUL_CODING_ZSTD},
    {"http://h/a.tzst", HAUL_CODING_ZSTD},
    {"http://h/a.tbz2", HAUL_CODING_BZIP2},
    {"http://h/a.bz2", HAUL_CODING_BZIP2},
    {"http://h/a.tar.xz", HAUL_CODING_XZ},
    {"http://h/a.lzma", HAUL_CODING_LZMA},
    {"http://h/a.tar.lz", HAUL_CODING_LZIP},
    {"http://h/a.lz4", HAUL_CODING_LZ4},
    {"http://h/.gz", NONE},
    {"http://h/x/.gz", NONE},
    {"http://h/gz", NONE},
    {"http://h/a.gz/", NONE},
    {"http://h/a.gz/b", NONE},
    {"http://h/a.gz.sig", NONE},
    {"http://h/a.gzx", NONE},
    {"http://h/a.", NONE},
    {"http://h/get?file=a.gz", NONE},
    {"http://user.gz", NONE},
    {"http://h.gz/", NONE},
    {"http://h/a.zip", NONE},
    {"http://h", NONE},
    {"", NONE},
};

START_TEST(name_says_how_a_file_is_packed)
{
    const char *url = urls[_i].url;

    ck_assert_msg(haul_coding_of_url(url, strlen(url)) == urls[_i].coding, "%s", url);
}
END_TEST

START_TEST(path_need_be_no_url)
{
    ck_assert_int_eq(haul_coding_of_path(haul_span_of("a.tar.gz")), GZIP);
    ck_assert_int_eq(haul_coding_of_path(haul_span_of("b.gz/a.xz")), HAUL_CODING_XZ);
    ck_assert_int_eq(haul_coding_of_path(haul_span_of("a")), NONE);
    ck_assert_int_eq(haul_coding_of_path(haul_span_of(NULL)), NONE);
}
END_TEST

static const struct {
    const char *type;
    enum haul_coding coding;
} types[] = {
    {"application/gzip", GZIP},
    {"application/x-gzip; charset=binary", GZIP},
    {"Application/X-GZIP ;x", GZIP},
    {"application/x-tar+gzip", GZIP},
    {"application/zstd", HAUL_CODING_ZSTD},
    {"application/x-bzip2", HAUL_CODING_BZIP2},
    {"application/x-xz", HAUL_CODING_XZ},
    {"application/x-compress", HAUL_CODING_COMPRESS},
    {"application/x-tar", NONE},
    {"application/octet-stream", NONE},
    {"image/svg+xml", NONE},
    {"application/gzip2", NONE},
    {"; application/gzip", NONE},
    {"", NONE},
};

START_TEST(type_says_how_a_file_is_packed)
{
    ck_assert_msg(haul_coding_of_type(types[_i].type) == types[_i].coding, "%s", types[_i].type);
}
END_TEST

/* ---- the codings that are undone ---- */

#define OWN(coding) (1u << (coding))

static const struct {
    const char *list;
    unsigned own;
    const char *rest;
} lists[] = {
    {"", OWN(GZIP), ""},
    {"gzip", 0, "gzip"},
    {"gzip", OWN(GZIP), ""},
    {"X-GZIP", OWN(GZIP), ""},
    {" gzip ", OWN(GZIP), ""},
    {"gzip", OWN(HAUL_CODING_ZSTD), "gzip"},
    {"gzip", OWN(HAUL_CODING_ZSTD) | OWN(GZIP), ""},
    {"gzip, br", OWN(GZIP), " br"},
    {"gzip, br", OWN(HAUL_CODING_BR), "gzip, br"}, /* br was put upon something else */
    {"gzip, gzip", OWN(GZIP), " gzip"},
    {"zstd,gzip", OWN(HAUL_CODING_ZSTD) | OWN(GZIP), "gzip"},
    {"identity, gzip", OWN(GZIP), ""},
    {"identity", 0, ""},
    {", none ,", OWN(GZIP), ""},
    {"gzip, identity", OWN(GZIP), ""},
    {"gzip, identity", 0, "gzip, identity"},
    {"x-bzip2", OWN(HAUL_CODING_BZIP2), ""},
    {"compress", OWN(HAUL_CODING_COMPRESS), ""},
    {"x-own", OWN(GZIP), "x-own"},
    {"x-own", OWN(NONE), "x-own"}, /* nobody's */
    {"x-own", ~0u, "x-own"},
};

START_TEST(own_coding_is_left_out)
{
    ck_assert_str_eq(haul_coding_rest(lists[_i].list, lists[_i].own), lists[_i].rest);
}
END_TEST

/* ---- a response ---- */

static const struct {
    enum haul_coding_rule rule;
    unsigned packed;
    const char *coding, *type, *undone;
    bool keeps;
} answers[] = {
    {HAUL_CODING_BY_FILE, 0, "gzip", "text/html", "gzip", false},
    {HAUL_CODING_BY_FILE, OWN(GZIP), "gzip", "text/html", "", true},
    {HAUL_CODING_BY_FILE, 0, "gzip", "application/gzip", "", true},
    {HAUL_CODING_BY_FILE, 0, "x-own", "text/html", "x-own", false},
    {HAUL_CODING_BY_FILE, OWN(GZIP), "gzip, br", "text/html", " br", true},
    {HAUL_CODING_BY_FILE, OWN(GZIP), "identity", "text/html", "", false},
    {HAUL_CODING_BY_FILE, OWN(GZIP), "", "application/gzip", "", false},
    {HAUL_CODING_UNDO_ALL, OWN(GZIP), "gzip", "application/gzip", "gzip", false},
    {HAUL_CODING_UNDO_NONE, 0, "gzip, x-own", "text/html", "", true},
    {HAUL_CODING_UNDO_NONE, 0, "", "text/html", "", false},
};

static void add(struct haul_response *res, const char *line)
{
    ck_assert_int_eq(haul_response_header_line(res, line, strlen(line)), HAUL_REASON_NONE);
}

START_TEST(response_tells_what_is_undone)
{
    const struct haul_request_facts facts = {
        .range_total = -1, .coding = answers[_i].rule, .packed = answers[_i].packed};
    struct haul_response res;
    char line[200];

    haul_response_init(&res);
    haul_response_begin(&res, &facts, NULL);
    add(&res, "HTTP/1.1 200 OK\r\n");
    snprintf(line, sizeof line, "Content-Type: %s\r\n", answers[_i].type);
    add(&res, line);
    snprintf(line, sizeof line, "Content-Encoding: %s\r\n", answers[_i].coding);
    add(&res, line);
    add(&res, "\r\n");
    ck_assert_str_eq(haul_response_coding(&res), answers[_i].undone);
    ck_assert_int_eq(haul_response_keeps_coding(&res), answers[_i].keeps);
    haul_response_done(&res);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("coding");
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, name_says_how_a_file_is_packed, 0, COUNT(urls));
    tcase_add_test(tcase, path_need_be_no_url);
    tcase_add_loop_test(tcase, type_says_how_a_file_is_packed, 0, COUNT(types));
    tcase_add_loop_test(tcase, own_coding_is_left_out, 0, COUNT(lists));
    tcase_add_loop_test(tcase, response_tells_what_is_undone, 0, COUNT(answers));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
