#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* Where URLs come from, and what a list may look like. */

static struct it_run run_list(const char *bytes, size_t len)
{
    return it_call(&(struct it_call){.argv = IT_ARGS("--format", "jsonl", "--order", "input"),
                                     .input = bytes,
                                     .input_len = len});
}

static const json_t *rows_of(const char *list, size_t count)
{
    struct it_run run = run_list(list, strlen(list));
    const json_t *rows = it_rows(run.out);

    ck_assert_uint_eq(json_array_size(rows), count);
    it_check_equation(run.err, count);
    return rows;
}

static json_int_t line_of(const json_t *rows, size_t i)
{
    return it_int(json_array_get(rows, i), "line");
}

/* ---- as it arrives ---- */

START_TEST(pipe_is_worked_on_as_it_arrives)
{
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("--format", "jsonl"), .keep_input = true});
    struct it_run run;

    for (int i = 1; i <= 5; i++) {
        it_send(process, it_text("%s\n", it_url("/size?n=%d", i)));
        it_await_requests(i);
        it_await_output(process, it_text("/size?n=%d\"", i));
    }
    run = it_finish(process);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 5);
}
END_TEST

START_TEST(half_a_line_waits_for_the_rest)
{
    struct it_process *process =
        it_start(&(struct it_call){.argv = IT_ARGS("--format", "jsonl"), .keep_input = true});
    struct it_run run;

    it_send(process, it_url("/size?n=1"));
    it_send(process, it_text("2\n%s\n", it_url("/size?n=3")));
    it_await_output(process, "/size?n=3");
    run = it_finish(process);
    ck_assert_int_eq(it_int(it_row(it_rows(run.out), it_url("/size?n=12")), "size_body"), 12);
}
END_TEST

/* ---- what a list may look like ---- */

START_TEST(marks_line_ends_comments_and_blanks_are_no_urls)
{
    const json_t *rows = rows_of(
        it_text("\xEF\xBB\xBF%s\r\n# comment\r\n\r\n  \t \n\t%s \r\n# %s\n%s", it_url("/size?n=1"),
                it_url("/size?n=2"), it_url("/size?n=9"), it_url("/size?n=3")),
        3);

    ck_assert_uint_eq(it_count(rows, "ok"), 3);
    ck_assert_str_eq(it_str(json_array_get(rows, 0), "url"), it_url("/size?n=1"));
    ck_assert_int_eq(line_of(rows, 0), 1);
    ck_assert_int_eq(line_of(rows, 1), 5);
    ck_assert_int_eq(line_of(rows, 2), 7);
    ck_assert_int_eq(it_int(json_array_get(rows, 2), "size_body"), 3);
}
END_TEST

START_TEST(line_of_ten_megabytes_is_invalid_and_the_next_one_fetched)
{
    struct haul_buf list;
    struct it_run run;
    const json_t *rows;

    haul_buf_init(&list, 0);
    haul_buf_add_str(&list, it_url("/"));
    haul_buf_pad(&list, 'a', 10 << 20);
    haul_buf_addf(&list, "\n%s\n", it_url("/size?n=5"));
    run = run_list(list.data, list.len);
    haul_buf_done(&list);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 2);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "invalid line-too-long");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "ok");
    ck_assert_int_eq(line_of(rows, 1), 2);
    ck_assert_uint_lt(run.err_len, 4000);
}
END_TEST

START_TEST(line_at_the_limit_is_fetched)
{
    enum { LONGEST = 65536 };
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    haul_buf_add_str(&list, it_url("/any/"));
    haul_buf_pad(&list, 'a', LONGEST - list.len);
    haul_buf_add_str(&list, "\r\n");
    run = run_list(list.data, list.len);
    ck_assert_str_ne(it_verdict(json_array_get(it_rows(run.out), 0)), "invalid line-too-long");
    haul_buf_clear(&list);
    haul_buf_add_str(&list, it_url("/any/"));
    haul_buf_pad(&list, 'a', LONGEST + 1 - list.len);
    run = run_list(list.data, list.len);
    haul_buf_done(&list);
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "invalid line-too-long");
}
END_TEST

START_TEST(nul_in_a_line_is_invalid_and_the_next_one_fetched)
{
    const char *good = it_url("/size?n=5");
    struct haul_buf list;
    struct it_run run;
    const json_t *rows;

    haul_buf_init(&list, 0);
    haul_buf_addf(&list, "http://127.0.0.1/");
    haul_buf_add(&list, "\0x\n", 3);
    haul_buf_addf(&list, "%s\n", good);
    run = run_list(list.data, list.len);
    haul_buf_done(&list);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 2);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "invalid control-character");
    ck_assert_str_eq(it_verdict(json_array_get(rows, 1)), "ok");
}
END_TEST

START_TEST(line_that_looks_like_an_option_is_none)
{
    const json_t *rows =
        rows_of(it_text("-o %s\n--help\n-k\n%s\n", it_path("never"), it_url("/size?n=1")), 4);

    ck_assert_uint_eq(it_count(rows, "ok"), 1);
    ck_assert_uint_eq(it_count(rows, NULL) - it_count(rows, "ok"), 3);
}
END_TEST

START_TEST(url_without_scheme_is_http)
{
    const json_t *rows = rows_of(it_text("127.0.0.1:%d/size?n=8\n", it_port("http")), 1);

    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_int_eq(it_int(json_array_get(rows, 0), "size_body"), 8);
}
END_TEST

START_TEST(odd_bytes_of_a_path_are_encoded)
{
    const json_t *rows = rows_of(it_text("%s\n", it_url("/any/a b\xC3\xA9?n=3")), 1);

    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "ok");
    ck_assert_str_eq(it_str(json_array_get(it_log("/any/"), 0), "path"), "/any/a%20b%C3%A9?n=3");
}
END_TEST

START_TEST(other_schemes_are_invalid)
{
    const json_t *rows = rows_of("file:///etc/passwd\nftp://127.0.0.1/x\ngopher://127.0.0.1/\n", 3);

    ck_assert_uint_eq(it_count(rows, "invalid"), 3);
    ck_assert_str_eq(it_verdict(json_array_get(rows, 0)), "invalid scheme");
}
END_TEST

START_TEST(international_name_is_converted)
{
    struct it_run run =
        it_haul(IT_ARGS("--format", "jsonl", "--resolve",
                        it_text("xn--bcher-kva.test:%d:127.0.0.1", it_port("http")),
                        it_text("http://b\xC3\xBC\x63her.test:%d/size?n=4", it_port("http"))));
    const json_t *row = json_array_get(it_rows(run.out), 0);

    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert_str_eq(it_str(json_array_get(it_log("/size"), 0), "host"),
                     it_text("xn--bcher-kva.test:%d", it_port("http")));
}
END_TEST

/* Names as people write them; who is looked up, and what the server is told. */
static const struct {
    const char *written, *host;
} hosts[] = {{"i\xe2\x9d\xa4.test", "xn--i-7iq.test"},
             {"%C3%A4.test", "xn--4ca.test"},
             {"ex%61mple.test", "example.test"},
             {"example.test.", "example.test."}};
enum { HOSTS = sizeof hosts / sizeof *hosts };

START_TEST(name_is_looked_up_and_told_in_its_one_form)
{
    int port = it_port("http");
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--resolve",
                                        it_text("%s:%d:127.0.0.1", hosts[_i].host, port),
                                        it_text("http://%s:%d/size?n=4", hosts[_i].written, port)));

    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "ok");
    ck_assert_str_eq(it_str(json_array_get(it_log("/size"), 0), "host"),
                     it_text("%s:%d", hosts[_i].host, port));
}
END_TEST

static const char *const secure[] = {"tls", "h2"};

/* The certificate is for the name without it (RFC 6066, 3), over HTTP/1.1 and HTTP/2. */
START_TEST(dot_at_the_end_is_none_of_the_certificate)
{
    int port = it_port(secure[_i]);
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--cacert", it_ca_file(), "--resolve",
                                        it_text("www.test.:%d:127.0.0.1", port),
                                        it_text("https://www.test.:%d/size?n=4", port)));

    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "ok");
    ck_assert_str_eq(it_str(json_array_get(it_log("/size"), 0), "host"),
                     it_text("www.test.:%d", port));
}
END_TEST

/* Two URLs, each with its own key, of one host: what is asked for a host holds for both. */
START_TEST(dot_at_the_end_makes_no_other_host)
{
    static const char rule[] = "[host \"www.test\"]\nheader = X-Rule: 1\n";
    const char *conf = it_path("dot.conf");
    int port = it_port("http");
    const char *plain = it_text("http://www.test:%d/size?n=1", port);
    const char *dotted = it_text("http://www.test.:%d/size?n=1", port);
    struct it_run run;

    it_write(conf, rule, sizeof rule - 1);
    run = it_haul(IT_ARGS("--dry-run", "--unique", "--config", conf, plain, dotted));
    ck_assert_ptr_nonnull(strstr(run.out, it_text("host\t2\thttp://www.test:%d\n", port)));
    ck_assert_ptr_nonnull(strstr(run.err, "2 to be fetched, 0 duplicate"));
    run = it_haul(
        IT_ARGS("--config", conf, "--resolve", it_text("www.test.:%d:127.0.0.1", port), dotted));
    ck_assert_int_eq(run.status, 0);
    ck_assert(it_log_has_header(json_array_get(it_log("/size"), 0), "X-Rule"));
}
END_TEST

/* As copied from pages and documents; both forms are one URL, in the report and to --unique. */
START_TEST(what_cannot_be_seen_around_a_url_is_no_part_of_it)
{
    const char *url = it_url("/size?n=1"), *list = it_path("unseen");
    const char *text = it_text("\xC2\xA0%s\n%s\n%s\xE2\x80\x8B\xC2\xA0\r\n\xEF\xBB\xBF%s", url, url,
                               url, it_url("/size?n=2"));
    const json_t *rows;
    struct it_run run;

    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("--unique", "--format", "jsonl", "--order", "input", "-i", list,
                          it_text("%s\xE2\x81\xA0", it_url("/size?n=3"))));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    it_check_equation(run.err, 5);
    ck_assert_uint_eq(it_count(rows, "ok"), 3);
    ck_assert_uint_eq(it_count(rows, "duplicate"), 2);
    ck_assert_uint_eq(json_array_size(it_log("/size?n=1")), 1);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(it_str(json_array_get(rows, i), "url"), url);
    ck_assert_str_eq(it_str(json_array_get(rows, 4), "url"), it_url("/size?n=3"));
    ck_assert_ptr_nonnull(strstr(run.err, it_text("%s:1: characters that cannot be seen are left "
                                                  "out around 3 URLs, here U+00A0\n",
                                                  list)));
    ck_assert_ptr_nonnull(strstr(run.err, "URL of the command line:1: characters that cannot be "
                                          "seen are left out around 1 URL, here U+2060\n"));
}
END_TEST

/* ---- messages ---- */

START_TEST(invalid_line_is_named_with_file_and_line)
{
    const char *path = it_path("named-list"), *text = it_text("%s\n\nhttp://\n", it_url("/"));
    struct it_run run;
    const json_t *row;

    it_write(path, text, strlen(text));
    run = it_haul(IT_ARGS("--format", "jsonl", "--order", "input", "-i", path));
    row = json_array_get(it_rows(run.out), 1);
    ck_assert_int_eq(it_int(row, "line"), 3);
    ck_assert_str_eq(it_str(row, "source"), path);
    ck_assert_msg(strstr(run.err, it_text("%s:3:", path)) != NULL, "%s", run.err);
}
END_TEST

START_TEST(many_invalid_lines_make_few_messages)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (int i = 0; i < 5000; i++)
        haul_buf_addf(&list, "nothing://%d\n", i);
    run = run_list(list.data, list.len);
    haul_buf_done(&list);
    ck_assert_int_eq(run.status, 1);
    ck_assert_uint_eq(it_lines(run.out), 5000);
    ck_assert_uint_lt(it_lines(run.err), 30);
}
END_TEST

START_TEST(escape_sequence_in_a_line_reaches_no_output)
{
    struct it_run run = it_call(
        &(struct it_call){.argv = IT_ARGS("-v"), .input = "http://x/\x1b[31mred\x07\nb\x1b]0;t\n"});

    ck_assert_ptr_null(memchr(run.out, 0x1b, run.out_len));
    ck_assert_ptr_null(memchr(run.err, 0x1b, run.err_len));
    ck_assert_uint_eq(it_lines(run.out), 2);
}
END_TEST

/* ---- several sources ---- */

static const char *one_line_list(const char *name, int size)
{
    const char *path = it_path(name), *text = it_text("%s\n", it_url("/size?n=%d", size));

    it_write(path, text, strlen(text));
    return path;
}

START_TEST(sources_are_read_in_the_order_of_the_command_line)
{
    const char *a = one_line_list("a", 1), *b = one_line_list("b", 3);
    struct it_run run = it_call(&(struct it_call){
        .argv = IT_ARGS("--format", "jsonl", "--order", "input", "-i", a, it_url("/size?n=2"),
                        it_text("@%s", b), "-", "--", it_url("/size?n=5")),
        .input = it_url("/size?n=4")});
    const json_t *rows = it_rows(run.out);

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(json_array_size(rows), 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(it_int(json_array_get(rows, i), "size_body"), (json_int_t)i + 1);
}
END_TEST

START_TEST(argument_after_two_dashes_is_no_option)
{
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", "--", "-k", it_url("/size?n=1")));

    ck_assert_uint_eq(json_array_size(it_rows(run.out)), 2);
}
END_TEST

START_TEST(directory_as_list_is_refused)
{
    struct it_run run = it_haul(IT_ARGS("-i", it_path("")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, it_path("")) != NULL, "%s", run.err);
}
END_TEST

START_TEST(list_in_an_argument_that_is_missing_is_refused)
{
    struct it_run run = it_haul(IT_ARGS(it_url("/size?n=1"), it_text("@%s", it_path("missing"))));

    ck_assert_int_eq(run.status, 2);
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(standard_input_twice_is_refused)
{
    ck_assert_int_eq(it_haul(IT_ARGS("-", "-i", "-")).status, 2);
}
END_TEST

START_TEST(same_url_twice_has_two_rows)
{
    const char *url = it_url("/size?n=1");
    struct it_run run = it_haul(IT_ARGS("--format", "jsonl", url, url));

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 2);
    it_check_equation(run.err, 2);
}
END_TEST

static void add_lists(TCase *tcase)
{
    tcase_add_test(tcase, pipe_is_worked_on_as_it_arrives);
    tcase_add_test(tcase, half_a_line_waits_for_the_rest);
    tcase_add_test(tcase, marks_line_ends_comments_and_blanks_are_no_urls);
    tcase_add_test(tcase, line_of_ten_megabytes_is_invalid_and_the_next_one_fetched);
    tcase_add_test(tcase, line_at_the_limit_is_fetched);
    tcase_add_test(tcase, nul_in_a_line_is_invalid_and_the_next_one_fetched);
    tcase_add_test(tcase, line_that_looks_like_an_option_is_none);
    tcase_add_test(tcase, url_without_scheme_is_http);
    tcase_add_test(tcase, odd_bytes_of_a_path_are_encoded);
    tcase_add_test(tcase, other_schemes_are_invalid);
    tcase_add_test(tcase, international_name_is_converted);
    tcase_add_loop_test(tcase, name_is_looked_up_and_told_in_its_one_form, 0, HOSTS);
    tcase_add_loop_test(tcase, dot_at_the_end_is_none_of_the_certificate, 0, 2);
    tcase_add_test(tcase, dot_at_the_end_makes_no_other_host);
    tcase_add_test(tcase, what_cannot_be_seen_around_a_url_is_no_part_of_it);
    tcase_add_test(tcase, invalid_line_is_named_with_file_and_line);
    tcase_add_test(tcase, many_invalid_lines_make_few_messages);
    tcase_add_test(tcase, escape_sequence_in_a_line_reaches_no_output);
}

int main(void)
{
    Suite *suite = suite_create("input");
    TCase *tcase = tcase_create("input");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    add_lists(tcase);
    tcase_add_test(tcase, sources_are_read_in_the_order_of_the_command_line);
    tcase_add_test(tcase, argument_after_two_dashes_is_no_option);
    tcase_add_test(tcase, directory_as_list_is_refused);
    tcase_add_test(tcase, list_in_an_argument_that_is_missing_is_refused);
    tcase_add_test(tcase, standard_input_twice_is_refused);
    tcase_add_test(tcase, same_url_twice_has_two_rows);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
