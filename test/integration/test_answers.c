#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "servers.h"

/*
 * Answers that every client takes, though no grammar has them: folded fields, names that are none,
 * "identity", codings that are none, statuses above 599. What is refused, and why, is in the
 * catalogue of faults; here is what comes of the rest, with curl beside it.
 */

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static bool has_curl(void)
{
    struct it_run run =
        it_call(&(struct it_call){.program = "/bin/sh", .argv = IT_ARGS("-c", "curl --version")});

    if (run.status != 0)
        (void)fprintf(stderr, "no curl on this system: it is NOT COMPARED with haul\n");
    return run.status == 0;
}

/* One run with an option; its row. */
static const json_t *ask(struct it_run *run, const char *option, const char *url)
{
    const json_t *rows;

    *run = it_haul(IT_ARGS("-j", "1", "--format", "jsonl", "--retry", "1", "--retry-delay", "10ms",
                           option, url));
    rows = it_rows(run->out);
    ck_assert_uint_eq(json_array_size(rows), 1);
    it_check_equation(run->err, 1);
    return json_array_get(rows, 0);
}

/* ---- heads ---- */

static const struct {
    const char *fault, *type; /* Content-Type, or "" */
} heads[] = {
    {"header-fold-space", ""},       {"header-fold-tab", ""},
    {"header-fold-lf", ""},          {"header-fold-blank", ""},
    {"header-fold-many", ""},        {"header-fold-type", "text/html; charset=utf-8"},
    {"header-space-colon", ""},      {"header-tab-colon", ""},
    {"header-empty-name", ""},       {"header-only-colon", ""},
    {"header-space-name", ""},       {"header-utf8-name", ""},
    {"header-control-name", ""},     {"header-paren-name", ""},
    {"coding-identity-chunked", ""}, {"framing-identity-cl", ""},
};

START_TEST(head_that_every_client_takes_is_taken)
{
    const char *url = it_url("/fault/%s", heads[_i].fault);
    struct it_run run;
    const json_t *row = ask(&run, "--compressed", url);

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "size_body"), 5);
    ck_assert(json_is_true(json_object_get(row, "verified")));
    ck_assert_str_eq(it_str_or_empty(row, "content_type"), heads[_i].type);
    if (!has_curl())
        return;
    run = it_call(
        &(struct it_call){.program = "/usr/bin/env", .argv = IT_ARGS("curl", "-q", "-sS", url)});
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, "hello");
}
END_TEST

/* Only what decides where the body ends: then nobody may be sure that he reads it as others do. */
static const char *const refused[] = {
    "header-fold-length",   "header-fold-coding",
    "length-space-colon",   "length-folded",
    "coding-space-colon",   "header-space-length",
    "header-utf8-length",   "header-control-coding",
    "header-second-status", "header-second-status-colon",
    "header-body",          "header-no-colon",
};

START_TEST(framing_that_is_odd_is_refused)
{
    struct it_run run;
    const json_t *row = ask(&run, "--compressed", it_url("/fault/%s", refused[_i]));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(row), "failed bad-header");
}
END_TEST

/* By one reading of "identity" the body ends with its length (browsers), by another with the
 * connection (curl). */
START_TEST(connection_behind_identity_is_not_used_again)
{
    struct it_run run = it_haul(IT_ARGS("-j", "1", "--format", "jsonl",
                                        it_url("/size?n=5&header=Transfer-Encoding:%%20identity"),
                                        it_url("/size?n=7")));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    ck_assert_int_eq(it_stat("connections"), 3); /* one asks for this number */
}
END_TEST

/* ---- codings ---- */

static const struct {
    const char *coding;
    bool is_none; /* it means nothing: the body comes as it is */
} codings[] = {
    {"utf-8", false},
    {"UTF8", false},
    {"binary", false},
    {"zip", false},
    {"8bit", false},
    {"aws-chunked", false},
    {"aws-chunked, gzip", false},
    {"gzip, aws-chunked", false},
    {"none", true},
    {"Identity", true},
};

static const char *coded(const char *coding)
{
    char escaped[64];
    size_t len = 0;

    for (const char *at = coding; *at; at++) {
        ck_assert_uint_lt(len + 4, sizeof escaped);
        len +=
            (size_t)snprintf(escaped + len, sizeof escaped - len, *at == ' ' ? "%%20" : "%c", *at);
    }
    return it_url("/bytes/a?hex=68656c6c6f&coding=%.*s", (int)len, escaped);
}

/* Too much is not said to be too little, nor damaged. */
START_TEST(bytes_behind_the_end_of_a_coding_are_named)
{
    struct it_run run;
    const json_t *row = ask(&run, "--compressed", it_url("/fault/gzip-garbage"));

    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(row), "failed bad-encoding");
    ck_assert_str_eq(it_str(row, "errormsg"), "the gzip data are followed by something else");
    row = ask(&run, "--compressed", it_url("/fault/gzip-bad-crc"));
    ck_assert_str_eq(it_verdict(row), "failed bad-encoding");
    ck_assert_str_eq(it_str(row, "errormsg"), "the body could not be decoded");
}
END_TEST

START_TEST(coding_that_is_none_is_refused_with_advice)
{
    struct it_run run;
    const json_t *row = ask(&run, "--compressed", coded(codings[_i].coding));

    if (codings[_i].is_none) {
        ck_assert_str_eq(it_verdict(row), "ok");
        return;
    }
    ck_assert_int_eq(run.status, 1);
    ck_assert_str_eq(it_verdict(row), "failed bad-encoding");
    ck_assert_ptr_nonnull(strstr(it_str(row, "errormsg"), codings[_i].coding));
    ck_assert_ptr_nonnull(strstr(it_str(row, "errormsg"), "--no-compressed"));
    ck_assert_int_eq(it_int(row, "attempts"), 1);
    if (!has_curl())
        return;
    run = it_call(&(struct it_call){
        .program = "/usr/bin/env",
        .argv = IT_ARGS("curl", "-q", "-sS", "--compressed", coded(codings[_i].coding))});
    ck_assert_int_eq(run.status, 61); /* CURLE_BAD_CONTENT_ENCODING */
}
END_TEST

START_TEST(coding_that_is_none_passes_undecoded_if_told_so)
{
    struct it_run run;
    const json_t *row = ask(&run, "--no-compressed", coded(codings[_i].coding));

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "size_body"), 5);
    ck_assert(json_is_true(json_object_get(row, "verified")));
}
END_TEST

/* A document is undone whatever is said of bodies, but not what cannot be. */
START_TEST(document_of_such_a_coding_is_read_if_told_so)
{
    const char *url = it_url("/bytes/sitemap.xml?coding=utf-8&hex=");
    char all[2000] = "";
    const char *map;
    struct it_run run;

    map = it_text("<urlset><url><loc>%s</loc></url></urlset>", it_url("/size?n=7"));
    for (const char *at = map; *at; at++)
        strcat(all, it_text("%02x", (unsigned char)*at));
    run = it_haul(IT_ARGS("--format", "jsonl", "--sitemap", it_text("%s%s", url, all)));
    ck_assert_int_ne(run.status, 0);
    ck_assert_msg(strstr(run.err, "--no-compressed") != NULL, "%s", run.err);
    run = it_haul(
        IT_ARGS("--format", "jsonl", "--no-compressed", "--sitemap", it_text("%s%s", url, all)));
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_int_eq(it_int(json_array_get(it_rows(run.out), 0), "size_body"), 7);
}
END_TEST

/* ---- statuses ---- */

static const int statuses[] = {600, 777, 999};

START_TEST(status_above_599_is_an_error_of_the_server)
{
    struct it_run run;
    const json_t *row = ask(&run, "--compressed", it_url("/status/%d", statuses[_i]));

    ck_assert_int_eq(run.status, 75);
    ck_assert_str_eq(it_verdict(row), it_text("failed http-%d", statuses[_i]));
    ck_assert_int_eq(it_int(row, "http_code"), statuses[_i]);
    ck_assert_int_eq(it_int(row, "attempts"), 2);
    row = ask(&run, it_text("--retry-on=!%d", statuses[_i]), it_url("/status/%d", statuses[_i]));
    ck_assert_int_eq(it_int(row, "attempts"), 1);
}
END_TEST

START_TEST(status_above_599_is_accepted_if_told_so)
{
    struct it_run run;
    const json_t *row =
        ask(&run, it_text("--accept=2xx,%d", statuses[_i]), it_url("/status/%d", statuses[_i]));

    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_int_eq(it_int(row, "size_body"), 9);
    ck_assert(json_is_true(json_object_get(row, "verified")));
}
END_TEST

/* In the journal, what is resumed from it, and the reports that are made of it. */
START_TEST(status_above_599_is_told_everywhere)
{
    const char *journal = it_path("high.journal");
    struct it_run run = it_haul(
        IT_ARGS("--retry", "0", "--journal", journal, "--format", "tsv", it_url("/status/999")));

    ck_assert_int_eq(run.status, 75);
    ck_assert_ptr_nonnull(strstr(run.out, "http-999"));
    run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed http-999");
    for (int i = 0; i < 3; i++) {
        static const char *const formats[] = {"html", "json", "markdown"};

        run = it_haul(IT_ARGS("report", "--format", formats[i], journal));
        ck_assert_msg(strstr(run.out, "http-999") != NULL, "%s: %s%s", formats[i], run.out,
                      run.err);
    }
    run = it_haul(IT_ARGS("--retry", "0", "--resume", "--journal", journal, "--format", "jsonl",
                          it_url("/status/999")));
    ck_assert_int_eq(run.status, 75);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed http-999");
    ck_assert_int_eq(it_stat("requests"), 1); /* what the journal says is not asked for again */
}
END_TEST

/* ---- the web archive ---- */

START_TEST(archive_has_the_head_as_it_came)
{
    const char *prefix = it_path("odd");
    struct it_run run = it_haul(IT_ARGS(
        "--warc", prefix, it_url("/fault/header-fold-type"), it_url("/fault/header-utf8-name"),
        it_url("/fault/framing-identity-cl"), it_url("/status/999"), "--accept", "2xx,999"));

    ck_assert_msg(run.status == 0, "%s", run.err);
    run = it_call(&(struct it_call){
        .program = "/bin/sh",
        .argv = IT_ARGS("-c", it_text("zcat %s-00000.warc.gz | tr -d '\\r'", prefix))});
    ck_assert_ptr_nonnull(strstr(run.out, "Content-Type: text/html;\n charset=utf-8\n"));
    ck_assert_ptr_nonnull(strstr(run.out, "X-\xc3\xa9: b\n"));
    ck_assert_ptr_nonnull(strstr(run.out, "X-Crawl-Transfer-Encoding: identity\n"));
    ck_assert_ptr_nonnull(strstr(run.out, "HTTP/1.1 999 "));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("answers");
    TCase *tcase = tcase_create("answers");

    suite_add_tcase(suite, tcase);
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, head_that_every_client_takes_is_taken, 0, COUNT(heads));
    tcase_add_loop_test(tcase, framing_that_is_odd_is_refused, 0, COUNT(refused));
    tcase_add_test(tcase, connection_behind_identity_is_not_used_again);
    tcase_add_test(tcase, bytes_behind_the_end_of_a_coding_are_named);
    tcase_add_loop_test(tcase, coding_that_is_none_is_refused_with_advice, 0, COUNT(codings));
    tcase_add_loop_test(tcase, coding_that_is_none_passes_undecoded_if_told_so, 0, COUNT(codings));
    tcase_add_test(tcase, document_of_such_a_coding_is_read_if_told_so);
    tcase_add_loop_test(tcase, status_above_599_is_an_error_of_the_server, 0, COUNT(statuses));
    tcase_add_loop_test(tcase, status_above_599_is_accepted_if_told_so, 0, COUNT(statuses));
    tcase_add_test(tcase, status_above_599_is_told_everywhere);
    tcase_add_test(tcase, archive_has_the_head_as_it_came);
    return it_main(suite);
}
