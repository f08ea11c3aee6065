#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_walk.h"
#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * Exchanges in a web archive. look_warc.py reads it strictly: lengths, digests, what refers to
 * what. Whatever becomes of a run, what its journal believes in is in the archive.
 */

/* ---- looking at archives ---- */

enum { FILES_MAX = 60 };

/* The files of the archive, as arguments; how many there are. */
static size_t find_files(const char *prefix, const char *paths[FILES_MAX])
{
    size_t count = 0;

    for (; count < FILES_MAX; count++) {
        paths[count] = it_text("%s-%05zu.warc.gz", prefix, count);
        if (access(paths[count], F_OK))
            break;
    }
    return count;
}

static const json_t *look(const char *prefix, bool is_torn)
{
    const char *args[FILES_MAX + 4] = {
        "python3", it_text("%s/test/integration/look_warc.py", getenv("HAUL_SOURCE_ROOT")),
        is_torn ? "--torn" : "--"};
    struct it_run run;

    args[3 + find_files(prefix, args + 3)] = NULL;
    run = it_call(&(struct it_call){.program = "/usr/bin/env", .argv = args});
    ck_assert_msg(run.status == 0, "%s: %s", prefix, run.err);
    return it_rows(run.out);
}

/* The record of that kind, of that URL; NULL: there is none. */
static const json_t *record(const json_t *records, const char *type, const char *url)
{
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *one = json_array_get(records, i);

        if (strcmp(it_str(one, "type"), type) == 0 && strcmp(it_str(one, "uri"), url) == 0)
            return one;
    }
    return NULL;
}

static size_t count(const json_t *records, const char *type)
{
    size_t found = 0;

    for (size_t i = 0; i < json_array_size(records); i++)
        found += strcmp(it_str(json_array_get(records, i), "type"), type) == 0;
    return found;
}

/* Each row that is ok has its answer, with its digest. Returns how many there are. */
static unsigned check_believed(const json_t *rows, const json_t *records, const char *what)
{
    unsigned believed = 0;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *found;
        const char *url = it_str(row, "url");

        if (strcmp(it_str(row, "outcome"), "ok") != 0)
            continue;
        believed++;
        found = record(records, "response", url);
        if (!found)
            found = record(records, "revisit", url);
        ck_assert_msg(found != NULL, "%s: %s is not there", what, url);
        ck_assert_msg(strcmp(it_str(found, "sha256"), it_str(row, "sha256")) == 0,
                      "%s: %s is another body", what, url);
        ck_assert_ptr_nonnull(record(records, "request", url));
        ck_assert_ptr_nonnull(record(records, "metadata", url));
    }
    return believed;
}

#define WARC(prefix, ...)                                                                          \
    it_haul(IT_ARGS("-q", "--format", "jsonl", "--order", "input", "--hash", "sha256", "--warc",   \
                    prefix, __VA_ARGS__))

/* ---- what is in it ---- */

START_TEST(exchanges_are_archived_as_they_were)
{
    const char *prefix = it_path("some"), *plain = it_url("/size?n=70000");
    const char *chunked = it_url("/size?n=3000&framing=chunked"), *empty = it_url("/size?n=0");
    const char *none = it_url("/status/404");
    struct it_run run = WARC(it_text("%s.warc.gz", prefix), "-j", "1", plain, chunked, empty, none);
    const json_t *records = look(prefix, false), *found;

    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(check_believed(it_rows(run.out), records, "some"), 3);
    ck_assert_uint_eq(json_array_size(records), 1 + 4 * 3);
    found = record(records, "response", chunked);
    ck_assert_int_eq(it_int(found, "payload"), 3000);
    ck_assert_ptr_nonnull(strstr(it_str(found, "head"), "X-Crawl-Transfer-Encoding: chunked\r\n"));
    ck_assert_ptr_nonnull(
        strstr(it_str(record(records, "response", none), "head"), "HTTP/1.1 404 "));
    ck_assert_ptr_nonnull(strstr(it_str(record(records, "request", plain), "head"),
                                 "GET /size?n=70000 HTTP/1.1\r\nHost: 127.0.0.1:"));
}
END_TEST

/* The payload is what was sent: packed. Its digest is not that of the body. */
START_TEST(content_coding_stays)
{
    const char *prefix = it_path("coded"), *url = it_url("/size?n=50000&gzip=1");
    struct it_run run = WARC(prefix, url);
    const json_t *found = record(look(prefix, false), "response", url);

    ck_assert_int_eq(run.status, 0);
    ck_assert_int_lt(it_int(found, "payload"), 50000);
    ck_assert_ptr_nonnull(strstr(it_str(found, "head"), "Content-Encoding: gzip\r\n"));
    ck_assert_int_eq(it_int(json_array_get(it_rows(run.out), 0), "size_download"),
                     it_int(found, "payload"));
}
END_TEST

START_TEST(heads_of_http2_are_written_as_those_of_http1)
{
    const char *prefix = it_path("h2");
    const char *url = it_text("https://127.0.0.1:%d/size?n=100", it_port("h2"));
    struct it_run run = WARC(prefix, "--cacert", it_ca_file(), url);
    const json_t *found = record(look(prefix, false), "response", url);

    ck_assert_msg(run.status == 0, "%s%s", run.err, run.out);
    ck_assert_str_eq(it_str(found, "protocol"), "h2");
    ck_assert(strncmp(it_str(found, "head"), "HTTP/1.1 200 \r\n", 15) == 0);
}
END_TEST

START_TEST(redirects_are_archived_hop_by_hop)
{
    const char *prefix = it_path("hops"), *first = it_url("/redirect-chain?n=2");
    struct it_run run = WARC(prefix, first);
    const json_t *records = look(prefix, false);
    const char *last = it_str(json_array_get(it_rows(run.out), 0), "url_effective");

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(count(records, "response") + count(records, "revisit"), 3);
    ck_assert_ptr_nonnull(record(records, "response", first));
    ck_assert_ptr_nonnull(
        strstr(it_str(record(records, "metadata", last), "text"), "via: http://"));
    ck_assert_ptr_null(strstr(it_str(record(records, "metadata", first), "text"), "via: "));
}
END_TEST

/* Of attempts only the last is archived; and one that broke off says so. */
START_TEST(last_attempt_is_archived_even_if_it_was_cut)
{
    const char *prefix = it_path("cut"), *flaky = it_url("/flaky?n=2&id=warc");
    const char *cut = it_url("/range?n=200000&cut=100000");
    struct it_run run = WARC(prefix, "--retry", "3", "--retry-delay", "1ms", flaky, cut);
    const json_t *records = look(prefix, false), *found = record(records, "response", cut);

    ck_assert_int_ne(run.status, 0);
    ck_assert_str_eq(it_str(found, "truncated"), "disconnect");
    ck_assert_int_eq(it_int(found, "payload"), 100000);
    ck_assert_uint_eq(count(records, "response"), 2);
}
END_TEST

/* What was cut is no revisit, which could not say so, and nothing refers to it. */
START_TEST(answer_that_was_cut_is_archived_as_it_is)
{
    const char *prefix = it_path("cuts"), *first = it_url("/range?n=200000&cut=90000&id=a");
    const char *second = it_url("/range?n=200000&cut=90000&id=b"), *whole = it_url("/size?n=90000");
    struct it_run run = WARC(prefix, "-j", "1", "--retry", "0", first, second, whole);
    const json_t *records = look(prefix, false);

    ck_assert_int_ne(run.status, 0);
    ck_assert_uint_eq(count(records, "response"), 3);
    ck_assert_str_eq(it_str(record(records, "response", first), "truncated"), "disconnect");
    ck_assert_str_eq(it_str(record(records, "response", second), "truncated"), "disconnect");
    ck_assert_str_eq(it_str(record(records, "response", whole), "truncated"), "");
    ck_assert_str_eq(it_str(record(records, "response", whole), "sha256"),
                     it_str(record(records, "response", first), "sha256"));
}
END_TEST

/* A payload that the worker has seen, but of an attempt that was not the last: it is packed. */
START_TEST(payload_that_came_in_vain_is_archived_when_it_counts)
{
    const char *prefix = it_path("vain"), *busy = it_url("/status/503");
    struct it_run run = WARC(prefix, "-j", "1", "--retry", "2", "--retry-delay", "1ms", busy);
    const json_t *records = look(prefix, false), *found = record(records, "response", busy);

    ck_assert_int_ne(run.status, 0);
    ck_assert_int_eq(it_int(json_array_get(it_rows(run.out), 0), "attempts"), 3);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(it_int(found, "payload"), 9);
    ck_assert_uint_eq(count(records, "response"), 1);
}
END_TEST

START_TEST(secrets_are_withheld)
{
    const char *prefix = it_path("secret"), *url = it_url("/size?n=5");
    struct it_run run = WARC(prefix, "--user", "me:sesame", "-H", "X-Key: sesame", "-H",
                             "Cookie: a=sesame", "-H", "Accept-Language: de", url);
    const char *head = it_str(record(look(prefix, false), "request", url), "head");

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_null(strstr(head, "sesame"));
    ck_assert_ptr_null(strstr(head, "Basic"));
    ck_assert_ptr_nonnull(strstr(head, "Authorization: (withheld)\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "X-Key: (withheld)\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "Cookie: (withheld)\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "Accept-Language: de\r\n"));
}
END_TEST

/* Equal payloads are there once, whichever file has them, and whichever run. */
START_TEST(equal_payloads_are_revisits)
{
    const char *prefix = it_path("same"), *journal = it_path("same.jsonl");
    const char *list = it_path("same-list");
    struct haul_buf urls;
    struct it_run run;

    haul_buf_init(&urls, 0);
    for (int i = 0; i < 20; i++)
        haul_buf_addf(&urls, "%s\n", it_url("/size?n=%d&i=%d", 4000 + i % 4, i));
    it_write(list, urls.data, urls.len);
    haul_buf_add_str(&urls, it_url("/size?n=4002&i=new\n"));
    run = WARC(prefix, "-j", "1", "--warc-size", "4k", "--journal", journal, "-i", list);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(count(look(prefix, false), "revisit"), 16);
    ck_assert_uint_gt(count(look(prefix, false), "warcinfo"), 2);
    it_write(list, urls.data, urls.len);
    run =
        WARC(prefix, "-j", "1", "--warc-size", "4k", "--journal", journal, "--resume", "-i", list);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(count(look(prefix, false), "revisit"), 17);
    ck_assert_uint_eq(check_believed(it_rows(run.out), look(prefix, false), "same"), 21);
    haul_buf_done(&urls);
}
END_TEST

START_TEST(archive_without_an_exchange_is_one_all_the_same)
{
    const char *prefix = it_path("none"), *journal = it_path("none.jsonl");
    const char *url = it_text("http://127.0.0.1:%d/", it_port("refused"));

    for (int round = 0; round < 2; round++) {
        ck_assert_int_ne(WARC(prefix, "--retry", "0", "--journal", journal, "--resume", url).status,
                         0);
        ck_assert_uint_eq(json_array_size(look(prefix, false)), 1);
    }
}
END_TEST

START_TEST(archive_goes_beside_a_directory)
{
    const char *prefix = it_path("beside"), *url = it_url("/size?n=500&gzip=1");
    struct it_run run = WARC(prefix, "-d", it_path("dir"), "--name", "x", url);
    size_t len;

    ck_assert_int_eq(run.status, 0);
    (void)it_read(it_path("dir/x"), &len);
    ck_assert_uint_eq(len, 500);
    ck_assert_ptr_nonnull(record(look(prefix, false), "response", url));
}
END_TEST

/* Whichever number it has by then. */
START_TEST(archive_is_replaced_by_no_body)
{
    const char *dir = it_path("own"), *list = it_path("own-list");
    const char *text =
        it_text("%s\n out=a-00000.warc.gz\n%s\n out=b.warc.gz\n"
                "%s\n out=a-00001.warc.gz\n%s\n out=sub/a-00001.warc.gz\n",
                it_url("/size?n=5"), it_url("/size?n=6"), it_url("/size?n=7"), it_url("/size?n=8"));
    struct it_run run;

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    ck_assert_int_eq(symlink(dir, it_path("own-way")), 0);
    it_write(list, text, strlen(text));
    run = WARC(it_path("own-way/a"), "-d", dir, "-i", list);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "invalid bad-name");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 1)), "ok");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 2)), "invalid bad-name");
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 3)), "ok");
    ck_assert_int_eq(it_stat("requests"), 2);
    ck_assert_uint_eq(count(look(it_text("%s/a", dir), false), "response"), 2);
}
END_TEST

static const char *const row_clashes[] = {
    "--output=", "--report=csv:", "--journal=", "--history=", "--save-failed=",
    "--tar=",    "--input=",      "--sitemap=", "--cacert=",  "--config="};
enum { ROW_CLASHES = sizeof row_clashes / sizeof *row_clashes };

static void check_in_row(const char *form, const char *name, const char *row, const char *of_row)
{
    for (int is_dry = 0; is_dry < 2; is_dry++) {
        struct it_run run =
            it_haul(IT_ARGS("--quiet", it_text("%s%s", form, name), it_text("--warc=%s/a", row),
                            is_dry ? "--dry-run" : "--no-dry-run", it_url("/size?n=1")));

        ck_assert_ptr_nonnull(strstr(
            run.err, it_text("%s and --warc %s/a-%s.warc.gz are one file\n", name, row, of_row)));
        ck_assert_int_eq(run.status, 2);
    }
}

/* A file that --warc writes, by any name of it; and one that it may write later. */
START_TEST(file_of_a_web_archive_is_used_for_nothing_else)
{
    const char *form = row_clashes[_i], *row = it_path(it_text("row-%d", _i)),
               *way = it_text("%s-way", row);
    const char *first = it_text("%s/a-00000.warc.gz", row), *other = it_text("%s-other", row);

    ck_assert_int_eq(mkdir(row, 0755), 0);
    ck_assert_int_eq(symlink(row, way), 0);
    it_write(first, "", 0);
    ck_assert_int_eq(chmod(first, 0600), 0); /* a configuration is nobody else's */
    ck_assert_int_eq(link(first, other), 0);
    check_in_row(form, first, row, "00000");
    check_in_row(form, other, row, "00000");
    check_in_row(form, it_text("%s/a-00000.warc.gz", way), row, "00000");
    if (strcmp(form, "--config=") && strcmp(form, "--cacert="))
        check_in_row(form, it_text("%s/a-00003.warc.gz", way), row, "00003");
}
END_TEST

START_TEST(file_that_is_there_is_left_alone)
{
    const char *prefix = it_path("there"), *path = it_text("%s-00000.warc.gz", prefix);

    it_write(path, "mine", 4);
    ck_assert_int_eq(WARC(prefix, it_url("/size?n=5")).status, 2);
    ck_assert_int_eq(
        WARC(prefix, "--journal", it_path("there.j"), "--resume=force", it_url("/size?n=5")).status,
        2);
    ck_assert_str_eq(it_read(path, NULL), "mine");
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* Also one whose last file has been begun, and no more; only --resume goes on with it. */
START_TEST(archive_that_was_begun_is_left_alone)
{
    const char *prefix = it_path("begun"), *journal = it_path("begun.j");
    const char *url = it_url("/size?n=5");

    ck_assert_int_eq(WARC(prefix, "--journal", journal, url).status, 0);
    it_write(it_text("%s-00001.warc.gz", prefix), "", 0);
    ck_assert_int_eq(WARC(prefix, it_url("/size?n=6")).status, 2);
    ck_assert_uint_eq(count(look(prefix, false), "response"), 1);
    ck_assert_int_eq(
        WARC(prefix, "--journal", journal, "--resume", url, it_url("/size?n=7")).status, 0);
    ck_assert_uint_eq(count(look(prefix, false), "response"), 2);
}
END_TEST

/*
 * A byte of a mark in the middle that has changed, as disks do it: what comes behind is not taken
 * for what a killed run has left, and is cut off by force only.
 */
START_TEST(mark_that_has_rotted_is_damage)
{
    enum { MARK = 52, JOBS = 3 };
    const char *prefix = it_path("rot"), *path = it_text("%s-00000.warc.gz", prefix);
    const char *journal = it_path("rot.j"), *list = it_path("rot-list");
    size_t len, cut, second;
    struct it_run run;
    const char *whole;
    char *bytes;

    it_write(list, "", 0);
    for (int i = 0; i < JOBS; i++) {
        const char *urls = it_text("%s%s\n", it_read(list, NULL), it_url("/size?n=%d", 5 + i));

        it_write(list, urls, strlen(urls));
    }
    ck_assert_int_eq(WARC(prefix, "--journal", journal, "-j", "1", "-i", list).status, 0);
    whole = it_read(path, &len);
    bytes = malloc(len);
    memcpy(bytes, whole, len);
    memcpy(&second, bytes + 16, sizeof second); /* of the warcinfo: its size */
    ck_assert_uint_lt(second, len / 2);
    for (size_t i = second; i < second + MARK; i++) {
        bytes[i] ^= 0x40;
        it_write(path, bytes, len);
        bytes[i] ^= 0x40;
        run = WARC(prefix, "--journal", journal, "--resume", "-i", list);
        ck_assert_msg(run.status == 2 && strstr(run.err, "the archive is damaged"),
                      "byte %zu: %d, %s", i - second, run.status, run.err);
        (void)it_read(path, &cut);
        ck_assert_uint_eq(cut, len);
    }
    bytes[second + 16 + 5] ^= 0x40;
    it_write(path, bytes, len);
    free(bytes);
    run = WARC(prefix, "--journal", journal, "--resume=force", "-i", list);
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_uint_eq(count(look(prefix, false), "response"), JOBS);
}
END_TEST

/* There is no place for anything that comes, and nothing more is asked for. */
START_TEST(next_file_that_is_there_ends_the_run)
{
    const char *prefix = it_path("next"), *list = it_path("next-list");
    const char *path = it_text("%s-00002.warc.gz", prefix);
    struct haul_buf urls;
    struct it_run run;

    haul_buf_init(&urls, 0);
    for (int i = 0; i < 300; i++)
        haul_buf_addf(&urls, "%s\n", it_url("/size?n=%d", 4000 + i));
    it_write(list, urls.data, urls.len);
    it_write(path, "mine", 4);
    run = WARC(prefix, "-j", "1", "--window", "4", "--warc-size", "1", "-i", list);
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, it_text("%s: the archive cannot be written: File exists; the run "
                                          "is stopped\n",
                                          path)) != NULL,
                  "%s", run.err);
    ck_assert_int_lt(it_stat("requests"), 300);
    ck_assert_str_eq(it_read(path, NULL), "mine");
    haul_buf_done(&urls);
}
END_TEST

/* ---- a fault in any file operation: of the archive, its scratch files, and the journal ---- */

enum { WALK_URLS = 5 };

/* The second file is begun after the first job; the third body is a revisit. */
static const char *walk_list(void)
{
    static const char *const paths[WALK_URLS] = {"/size?n=3000&d=0", "/size?n=0",
                                                 "/size?n=3000&d=1", "/size?n=70000", "/size?n=7"};
    const char *path = it_path("walk-list");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < WALK_URLS; i++)
        haul_buf_addf(&list, "%s\n", it_url("%s", paths[i]));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static struct archive_walk make_walk(void)
{
    static const char *const others[] = {"--warc-size", "1500", NULL};

    return (struct archive_walk){.option = "--warc",
                                 .file = "x",
                                 .others = others,
                                 .list = walk_list(),
                                 .urls = WALK_URLS,
                                 .look = look,
                                 .check = check_believed};
}

START_TEST(run_that_is_stopped_leaves_a_whole_archive)
{
    const struct archive_walk walk = make_walk();

    archive_stop(&walk, _i);
}
END_TEST

START_TEST(fault_in_any_file_operation_leaves_no_half_record)
{
    const struct archive_walk walk = make_walk();
    long calls = archive_walk(&walk, _i);

    /* Two files at least, created and begun; a write for each job; the journal created and begun.
     * How often there is a sync, and a write of the journal, is up to how the jobs come. */
    if (calls)
        ck_assert_int_ge(calls, 2 * 2 + WALK_URLS + 1 + 2 + 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save_warc");
    TCase *tcase = tcase_create("archives"), *walks = tcase_create("walks");

    tcase_set_timeout(tcase, 60);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_test(tcase, exchanges_are_archived_as_they_were);
    tcase_add_test(tcase, content_coding_stays);
    tcase_add_test(tcase, heads_of_http2_are_written_as_those_of_http1);
    tcase_add_test(tcase, redirects_are_archived_hop_by_hop);
    tcase_add_test(tcase, last_attempt_is_archived_even_if_it_was_cut);
    tcase_add_test(tcase, answer_that_was_cut_is_archived_as_it_is);
    tcase_add_test(tcase, payload_that_came_in_vain_is_archived_when_it_counts);
    tcase_add_test(tcase, secrets_are_withheld);
    tcase_add_test(tcase, equal_payloads_are_revisits);
    tcase_add_test(tcase, archive_without_an_exchange_is_one_all_the_same);
    tcase_add_test(tcase, archive_goes_beside_a_directory);
    tcase_add_test(tcase, archive_is_replaced_by_no_body);
    tcase_add_loop_test(tcase, file_of_a_web_archive_is_used_for_nothing_else, 0, ROW_CLASHES);
    tcase_add_test(tcase, file_that_is_there_is_left_alone);
    tcase_add_test(tcase, archive_that_was_begun_is_left_alone);
    tcase_add_test(tcase, mark_that_has_rotted_is_damage);
    tcase_add_test(tcase, next_file_that_is_there_ends_the_run);
    tcase_add_loop_test(tcase, run_that_is_stopped_leaves_a_whole_archive, 0, ARCHIVE_STOPS);
    tcase_set_timeout(walks, 240);
    tcase_add_unchecked_fixture(walks, it_begin_server, it_end_server);
    tcase_add_checked_fixture(walks, it_reset_server, NULL);
    tcase_add_loop_test(walks, fault_in_any_file_operation_leaves_no_half_record, 0,
                        ARCHIVE_FAULTS);
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, walks);
    return it_main(suite);
}
