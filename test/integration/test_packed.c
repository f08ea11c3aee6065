#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "packed_files.h"
#include "saved.h"
#include "servers.h"

/*
 * What was published is what is saved: files that are packed, served with and without a
 * Content-Encoding that says so.
 */

/* ---- every combination ---- */

enum sum { SUM_NONE, SUM_RAW, SUM_PLAIN, SUM_WRONG, SUMS };

static const struct packed_bytes *summed(const struct packed_file *file, int sum)
{
    if (sum == SUM_RAW)
        return file->coding->raw;
    if (sum == SUM_WRONG)
        return &packed_twice;
    return sum == SUM_PLAIN ? file->coding->plain : NULL;
}

/* What is saved, or NULL and why not. */
static const struct packed_bytes *wanted(const struct packed_file *file, int sum, bool decodes,
                                         const char **verdict)
{
    const struct packed_coding *coding = file->coding;
    const struct packed_bytes *first = file->is_own ? coding->without_transfer : coding->plain;
    const struct packed_bytes *sum_of = summed(file, sum);

    *verdict = "ok";
    if (!decodes)
        first = coding->raw;
    if (!sum_of || first == sum_of)
        *verdict = first ? "ok" : "failed bad-encoding";
    else if (decodes && sum_of == coding->raw)
        first = coding->raw;
    else if (decodes && first == coding->raw && sum_of == coding->plain)
        first = coding->plain;
    else
        *verdict = first || sum == SUM_WRONG ? "failed checksum" : "failed bad-encoding";
    return strcmp(*verdict, "ok") == 0 ? first : NULL;
}

static const char *list_of_all(const char *authority)
{
    const char *path = it_path("all.list");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < PACKED_FILES * SUMS; i++) {
        struct packed_file file = packed_file(i / SUMS);
        const struct packed_bytes *sum_of = summed(&file, i % SUMS);

        haul_buf_addf(&list, "%s%s\n", authority, packed_path(&file, it_text("&i=%d", i)));
        if (sum_of)
            haul_buf_addf(&list, " checksum=%s\n", packed_checksum(sum_of));
    }
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static void check_row(const json_t *row, int i, bool decodes, const char *dir)
{
    struct packed_file file = packed_file(i / SUMS);
    const char *verdict, *path;
    const struct packed_bytes *bytes = wanted(&file, i % SUMS, decodes, &verdict);

    ck_assert_msg(strcmp(it_verdict(row), verdict) == 0,
                  "'%s' as '%s', %s, sum %d, decodes %d: %s, and not %s", file.coding->label,
                  file.name->text, file.type->text, i % SUMS, decodes, it_verdict(row), verdict);
    if (!bytes)
        return;
    path = it_text("%s/%s", dir, it_str(row, "filename_effective"));
    ck_assert_msg(packed_is_in(path, bytes), "'%s' as '%s', %s, sum %d, decodes %d: other bytes",
                  file.coding->label, file.name->text, file.type->text, i % SUMS, decodes);
    ck_assert_int_eq(it_int(row, "size_body"), (json_int_t)bytes->len);
    ck_assert_int_eq(it_int(row, "size_download"), (json_int_t)file.coding->raw->len);
    ck_assert_int_eq(it_int(row, "content_length"), (json_int_t)file.coding->raw->len);
}

static const struct {
    const char *option, *version;
    bool decodes, is_h2;
} ways[] = {
    {"--compressed", "--http1.1", true, false},
    {"--no-compressed", "--http1.1", false, false},
    {"--compressed", "--http2", true, true},
    {"--no-compressed", "--http2", false, true},
};

START_TEST(every_combination_is_saved_as_the_rule_says)
{
    const char *dir = it_path(it_text("all-%d", _i)), *authority;
    const json_t *rows;
    struct it_run run;

    authority = ways[_i].is_h2 ? it_text("https://127.0.0.1:%d", it_port("h2"))
                               : it_text("http://127.0.0.1:%d", it_port("http"));
    run = SAVE(dir, ways[_i].option, ways[_i].version, "--cacert", it_ca_file(), "-j", "4",
               "--streams", "4", "--name", "{n}", "-i", list_of_all(authority));
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), PACKED_FILES * SUMS);
    for (int i = 0; i < PACKED_FILES * SUMS; i++)
        check_row(json_array_get(rows, (size_t)i), i, ways[_i].decodes, dir);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "http_version"), ways[_i].is_h2 ? "2" : "1.1");
}
END_TEST

/* ---- what others save ---- */

/* A list in the form of a client: the parts before, between and behind a file and its URL. */
struct form {
    const char *before, *between, *behind;
    bool is_turned; /* the URL comes first, and the file lies in the client's directory */
};

/* A process for each file takes its time: two of the types will do. */
static bool is_for_others(int i)
{
    return i % PACKED_TYPES % 3 == 0;
}

static const char *write_list(const struct form *form, const char *dir)
{
    const char *path = it_path("others.list");
    struct haul_buf lines;

    haul_buf_init(&lines, 0);
    for (int i = 0; i < PACKED_FILES; i++) {
        struct packed_file file = packed_file(i);
        const char *url = it_url("%s", packed_path(&file, ""));
        const char *name = form->is_turned ? it_text("%d", i) : it_text("%s/%d", dir, i);

        if (!is_for_others(i))
            continue;
        haul_buf_addf(&lines, "%s%s%s%s%s\n", form->before, form->is_turned ? url : name,
                      form->between, form->is_turned ? name : url, form->behind);
    }
    it_write(path, lines.data, lines.len);
    haul_buf_done(&lines);
    return path;
}

/* wget2, which some systems call wget, undoes codings. */
static const struct {
    const char *look, *program, *options;
    struct form form;
} others[] = {
    {"curl --version", "curl", "-q -s -K", {"output=\"", "\"\nurl=\"", "\"", false}},
    {"wget --version | grep 'GNU Wget 1[.]'",
     "xargs",
     "-n 2 wget -q --no-config -O <",
     {"", " ", "", false}},
    {"aria2c --version",
     "aria2c",
     "--no-conf -q -j4 --file-allocation=none -i",
     {"", "\n out=", "", true}},
    {"curl --version", "curl", "-q -s --compressed -K", {"output=\"", "\"\nurl=\"", "\"", false}},
};

static bool is_there(int which)
{
    const char *look = others[which].look;
    struct it_run run =
        it_call(&(struct it_call){.program = "/bin/sh", .argv = IT_ARGS("-c", look)});

    if (run.status != 0)
        (void)fprintf(stderr, "no '%s' on this system: NOTHING IS TESTED HERE\n", look);
    return run.status == 0;
}

static void save_with(int which, const char *dir)
{
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    (void)it_call(&(struct it_call){
        .program = "/bin/sh",
        .argv =
            IT_ARGS("-c", it_text("cd %s && %s %s %s", dir, others[which].program,
                                  others[which].options, write_list(&others[which].form, dir)))});
}

/*
 * curl, wget and aria2 undo nothing unless they are told to, and save what was sent: as haul does
 * with --no-compressed, and by default where it is the file's own. Where the coding is the
 * transfer's haul undoes it, as curl does with --compressed.
 */
START_TEST(others_save_the_same)
{
    const char *dir = it_path(it_text("others-%d", _i));
    bool decodes = _i == 3;

    if (!is_there(_i))
        return;
    save_with(_i, dir);
    for (int i = 0; i < PACKED_FILES; i++) {
        struct packed_file file = packed_file(i);
        const char *verdict;
        const struct packed_bytes *ours = wanted(&file, SUM_NONE, decodes, &verdict);

        if (!is_for_others(i) || !ours ||
            (decodes && file.is_own)) /* it cannot undo that; it undoes the file's own */
            continue;
        ck_assert_msg(packed_is_in(it_text("%s/%d", dir, i), ours), "%s: '%s' as '%s', %s",
                      others[_i].options, file.coding->label, file.name->text, file.type->text);
    }
}
END_TEST

/* ---- what is asked for ---- */

static const char *sent(const json_t *line, const char *name)
{
    const json_t *pair;
    size_t i;

    json_array_foreach(json_object_get(line, "headers"), i, pair)
    {
        if (strcasecmp(json_string_value(json_array_get(pair, 0)), name) == 0)
            return json_string_value(json_array_get(pair, 1));
    }
    return "";
}

/* One run for one URL that has that checksum, or NULL, and entry line, or "". Its row. */
static const json_t *save_one(const char *dir, const char *option, const char *path,
                              const struct packed_bytes *sum_of, const char *more)
{
    const char *list = it_path("one.list"), *text = it_url("%s\n", path);
    struct it_run run;

    if (sum_of)
        text = it_text("%s checksum=%s\n", text, packed_checksum(sum_of));
    text = it_text("%s%s", text, more);
    it_write(list, text, strlen(text));
    it_reset_server();
    (void)it_ask("/log/reset");
    run = SAVE(dir, option, "--name", "{n}", "-i", list);
    return json_array_get(it_rows(run.out), 0);
}

static void check_saved(const char *dir, const json_t *row, const struct packed_bytes *bytes)
{
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert(packed_is_in(it_text("%s/%s", dir, it_str(row, "filename_effective")), bytes));
    ck_assert_int_eq(it_int(row, "size_body"), (json_int_t)bytes->len);
}

static void check_asked(json_int_t requests, bool offers_at_last)
{
    const json_t *log = it_log("/");
    const char *coding;

    ck_assert_uint_eq(json_array_size(log), (size_t)requests);
    coding = sent(json_array_get(log, (size_t)requests - 1), "Accept-Encoding");
    ck_assert_str_eq(coding, offers_at_last ? "gzip, deflate, br, zstd" : "identity");
}

/* The server packs whatever it sends, for clients that let it. */
START_TEST(what_is_packed_already_is_asked_for_as_it_is)
{
    const char *dir = it_path("asked"),
               *one = packed_path_of("pkg.tar.gz", &packed_gzip, "&packs=1");
    const char *page = packed_path_of("page", &packed_plain, "&packs=1");
    const char *typed = packed_path_of("page", &packed_gzip, "&packs=1&type=application/gzip");

    check_saved(dir, save_one(dir, "--compressed", one, NULL, ""), &packed_gzip);
    check_asked(1, false);
    check_saved(dir, save_one(dir, "--compressed", page, NULL, ""), &packed_plain);
    check_asked(1, true);
    check_saved(dir, save_one(dir, "--no-compressed", page, NULL, ""), &packed_plain);
    check_asked(1, false);
    check_saved(dir, save_one(dir, "--compressed", typed, NULL, ""), &packed_gzip);
    check_asked(2, false);
}
END_TEST

START_TEST(checksum_decides_and_only_one_that_fits_is_worth_a_request)
{
    const char *dir = it_path("sum"), *page = packed_path_of("page", &packed_gzip, "&coding=gzip");
    const char *unknown = packed_path_of("page", &packed_gzip, "&coding=x-own");
    const char *lie = packed_path_of("page", &packed_plain, "&coding=gzip");
    const char *file = packed_path_of("pkg.tar.gz", &packed_twice, "&coding=gzip");

    check_saved(dir, save_one(dir, "--compressed", page, &packed_plain, ""), &packed_plain);
    check_asked(1, true);
    check_saved(dir, save_one(dir, "--compressed", page, &packed_gzip, ""), &packed_gzip);
    check_asked(2, true);
    ck_assert_str_eq(it_verdict(save_one(dir, "--compressed", page, &packed_twice, "")),
                     "failed checksum");
    check_asked(1, true);
    check_saved(dir, save_one(dir, "--compressed", unknown, &packed_gzip, ""), &packed_gzip);
    check_asked(2, true);
    check_saved(dir, save_one(dir, "--compressed", lie, &packed_plain, ""), &packed_plain);
    check_asked(2, true);
    ck_assert_str_eq(it_verdict(save_one(dir, "--compressed", lie, &packed_gzip, "")),
                     "failed checksum");
    check_asked(2, true);
    ck_assert_str_eq(it_verdict(save_one(dir, "--compressed", lie, NULL, "")),
                     "failed bad-encoding");
    check_asked(1, true);
    /* Packed once more by a server that was asked not to. */
    check_saved(dir, save_one(dir, "--compressed", file, &packed_gzip, ""), &packed_gzip);
    check_asked(2, false);
}
END_TEST

static const char *redirect(const char *name, const char *to)
{
    struct haul_buf path;
    const char *text;

    haul_buf_init(&path, 0);
    haul_buf_addf(&path, "/redirect%s?to=", name);
    for (; *to; to++)
        haul_buf_addf(&path, "%%%02X", (unsigned char)*to);
    text = it_text("%s", haul_buf_str(&path));
    haul_buf_done(&path);
    return text;
}

START_TEST(every_name_of_the_file_counts)
{
    const char *dir = it_path("names"), *tail = "&coding=x-gzip";
    const char *page = packed_path_of("page", &packed_gzip, tail);
    const char *file = packed_path_of("x.gz", &packed_gzip, tail);

    check_saved(dir, save_one(dir, "--compressed", redirect("/latest.tgz", page), NULL, ""),
                &packed_gzip);
    check_saved(dir, save_one(dir, "--compressed", redirect("", file), NULL, ""), &packed_gzip);
    check_asked(2, false);
    check_saved(dir, save_one(dir, "--compressed", redirect("", page), NULL, ""), &packed_plain);
    check_saved(dir, save_one(dir, "--compressed", page, NULL, " out=a.tar.gz\n"), &packed_gzip);
    check_asked(1, false);
    check_saved(dir, save_one(dir, "--compressed", page, NULL, " out=a.tar\n"), &packed_plain);
}
END_TEST

/* ---- sizes ---- */

static bool is_asked_for_its_size(int i)
{
    struct packed_file file = packed_file(i);
    const char *ignored;

    return i % PACKED_TYPES % 3 == 0 && wanted(&file, SUM_NONE, true, &ignored);
}

static void check_told_size(const json_t *row, const struct packed_file *file, const char *method)
{
    const char *ignored;
    const struct packed_bytes *bytes = wanted(file, SUM_NONE, true, &ignored);
    bool is_told = bytes == file->coding->raw;

    ck_assert_str_eq(it_verdict(row), "ok");
    if (strcmp(method, "head") != 0 || is_told)
        ck_assert_int_eq(it_int(row, "size_body"), (json_int_t)bytes->len);
    else
        ck_assert(json_is_null(json_object_get(row, "size_body")));
    if (strcmp(method, "auto") == 0)
        ck_assert_str_eq(it_str(row, "size_method"), is_told ? "head" : "get");
}

/* What would not be decoded is as large as the server says. */
START_TEST(told_sizes_are_those_that_are_counted)
{
    static const char *const methods[] = {"head", "auto", "get"};
    struct haul_buf list;
    const json_t *rows;
    struct it_run run;
    size_t n = 0;

    haul_buf_init(&list, 0);
    for (int i = 0; i < PACKED_FILES; i++) {
        struct packed_file file = packed_file(i);

        if (is_asked_for_its_size(i))
            haul_buf_addf(&list, "%s\n", it_url("%s", packed_path(&file, "")));
    }
    run = it_call(&(struct it_call){
        .argv = IT_ARGS("-q", "--format", "jsonl", "--order", "input", "--method", methods[_i]),
        .input = haul_buf_str(&list)});
    haul_buf_done(&list);
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    for (int i = 0; i < PACKED_FILES; i++) {
        struct packed_file file = packed_file(i);

        if (is_asked_for_its_size(i))
            check_told_size(json_array_get(rows, n++), &file, methods[_i]);
    }
    ck_assert_uint_eq(json_array_size(rows), n);
}
END_TEST

START_TEST(too_large_is_told_by_the_size_of_what_is_saved)
{
    const char *url = it_url("%s", packed_path_of("a.gz", &packed_gzip, "&coding=gzip"));
    const char *under = it_text("%zu", packed_gzip.len - 1),
               *just = it_text("%zu", packed_gzip.len);
    struct it_run run;

    run = it_haul(IT_ARGS("-q", "--format", "jsonl", "--max-filesize", just, url));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "ok");
    run = it_haul(IT_ARGS("-q", "--format", "jsonl", "--max-filesize", under, url));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed too-large");
    ck_assert_int_eq(it_int(json_array_get(it_rows(run.out), 0), "size_download"), 0);
}
END_TEST

/* ---- going on, and skipping ---- */

START_TEST(part_of_what_is_not_decoded_is_gone_on_with)
{
    const char *dir = it_path("part"), *name = "/range/pkg.tar.gz";
    const char *url = it_url("%s?n=90000&cut=50000&coding=x-gzip&etag=one", name);
    const json_t *rows, *log;
    struct it_run run;

    run = SAVE(dir, "-C", "--retry", "1", "--retry-delay", "1ms", url);
    rows = it_rows(run.out);
    log = it_log(name);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_uint_eq(json_array_size(log), 2);
    ck_assert_str_eq(sent(json_array_get(log, 1), "Range"), "bytes=50000-");
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "size_body"), 90000);
    check_rows_have_files(rows, dir);
    run = SAVE(dir, "--skip-existing", url);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "skipped exists");
}
END_TEST

/* The same of a body whose coding is the transfer's: it is begun anew, as ever. */
START_TEST(part_of_what_is_decoded_is_not)
{
    const char *name = "/range/page";
    const char *url = it_url("%s?n=90000&cut=50000&coding=x-gzip&etag=one", name);

    (void)SAVE(it_path("no-part"), "-C", "--retry", "1", "--retry-delay", "1ms", url);
    ck_assert_str_eq(sent(json_array_get(it_log(name), 0), "Range"), "");
    ck_assert_uint_eq(count_files(it_path("no-part")), 0);
}
END_TEST

/*
 * Kept only because of a checksum, after codings were offered: the rest, for which none may be,
 * could be that of another body.
 */
START_TEST(part_of_what_was_asked_for_once_more_is_not)
{
    const char *dir = it_path("offered"), *list = it_path("offered.list"), *name = "/range/page";
    const char *text = it_text("%s?n=90000&cut=50000&coding=x-own&etag=one\n checksum=%s\n",
                               it_url("%s", name), packed_checksum(&packed_plain));
    const json_t *log;

    it_write(list, text, strlen(text));
    (void)SAVE(dir, "-C", "--retry", "1", "--retry-delay", "1ms", "-i", list);
    log = it_log(name);
    ck_assert_uint_eq(json_array_size(log), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(sent(json_array_get(log, i), "Range"), "");
        ck_assert_str_ne(sent(json_array_get(log, i), "Accept-Encoding"), "identity");
    }
    ck_assert_uint_eq(count_files(dir), 0);
}
END_TEST

/* ---- what haul reads itself ---- */

START_TEST(sitemaps_are_read_however_they_are_sent)
{
    static const char *const codings[] = {"", "&coding=gzip", "&coding=x-gzip", "&packs=1"};
    const char *option = _i ? "--no-compressed" : "--compressed";
    struct packed_bytes text = {.len = 0}, once = {.len = 0}, twice = {.len = 0};
    const char *xml = it_text("<urlset><url><loc>%s</loc></url></urlset>", it_url("/any/p"));

    text.len = strlen(xml);
    memcpy(text.at, xml, text.len);
    packed_with_gzip(&text, &once);
    packed_with_gzip(&once, &twice);
    for (size_t i = 0; i < 5; i++) {
        const char *path = packed_path_of("map.xml.gz", i < 4 ? &once : &twice,
                                          i < 4 ? codings[i] : "&coding=gzip");
        struct it_run run =
            it_haul(IT_ARGS("-q", "--format", "jsonl", option, "--sitemap", it_url("%s", path)));

        ck_assert_msg(run.status == 0, "%zu: %s", i, run.err);
        ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "url"), it_url("/any/p"));
    }
}
END_TEST

static void begin(void)
{
    packed_prepare();
    it_begin_server();
}

int main(void)
{
    Suite *suite = suite_create("packed");
    TCase *tcase = tcase_create("all");

    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, every_combination_is_saved_as_the_rule_says, 0, 4);
    tcase_add_loop_test(tcase, others_save_the_same, 0, 4);
    tcase_add_test(tcase, what_is_packed_already_is_asked_for_as_it_is);
    tcase_add_test(tcase, checksum_decides_and_only_one_that_fits_is_worth_a_request);
    tcase_add_test(tcase, every_name_of_the_file_counts);
    tcase_add_loop_test(tcase, told_sizes_are_those_that_are_counted, 0, 3);
    tcase_add_test(tcase, too_large_is_told_by_the_size_of_what_is_saved);
    tcase_add_test(tcase, part_of_what_is_not_decoded_is_gone_on_with);
    tcase_add_test(tcase, part_of_what_is_decoded_is_not);
    tcase_add_test(tcase, part_of_what_was_asked_for_once_more_is_not);
    tcase_add_loop_test(tcase, sitemaps_are_read_however_they_are_sent, 0, 2);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
