#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/* Files of cookies and logins, --cookie and --netrc: who gets what is in them, and who does not. */

#define SECRET "s3cretsession0123456789"

static const char *file_of(const char *name, const char *text)
{
    const char *path = it_path(name);

    it_write(path, text, strlen(text));
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

static const char *resolve(const char *host)
{
    return it_text("%s:%d:127.0.0.1", host, it_port("http"));
}

static const char *url_of(const char *host, const char *path)
{
    return it_text("http://%s:%d%s", host, it_port("http"), path);
}

/* A field of the one request for /echo, or "". */
static const char *sent(const char *name)
{
    const json_t *log = it_log("/echo");
    const json_t *fields = json_object_get(json_array_get(log, 0), "headers");

    ck_assert_uint_eq(json_array_size(log), 1);
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);

        if (strcasecmp(json_string_value(json_array_get(field, 0)), name) == 0)
            return json_string_value(json_array_get(field, 1));
    }
    return "";
}

static void check_ok(const struct it_run *run)
{
    ck_assert_msg(run->status == 0, "%s%s", run->out, run->err);
}

/* ---- cookies ---- */

static const char cookies[] = "# Netscape HTTP Cookie File\n"
                              ".a.test\tTRUE\t/\tFALSE\t0\tid\t" SECRET "\n"
                              "#HttpOnly_b.test\tFALSE\t/echo\tFALSE\t4000000000\tb\t2\n"
                              ".b.test\tTRUE\t/other\tFALSE\t0\tno\tno\n"
                              ".c.test\tTRUE\t/\tTRUE\t0\tno\tno\n"
                              ".d.test\tTRUE\t/\tFALSE\t1\tno\tno\n"
                              "e.test.\tFALSE\t/\tFALSE\t0\te\t5\n"
                              ".co.uk\tTRUE\t/\tFALSE\t0\tno\tno\n";

/* Where it begins, whereto it leads or NULL, and what is sent there. */
static const struct {
    const char *from, *to, *sent;
} ways[] = {
    {"a.test", NULL, "id=" SECRET}, {"www.a.test", NULL, "id=" SECRET},
    {"xa.test", NULL, ""},          {"b.test", NULL, "b=2"},
    {"www.b.test", NULL, ""},       {"c.test", NULL, ""},
    {"d.test", NULL, ""},           {"x.co.uk", NULL, ""},
    {"a.test", "x.test", ""},       {"x.test", "a.test", "id=" SECRET},
    {"a.test", "b.test", "b=2"},    {"www.a.test.", NULL, "id=" SECRET},
    {"b.test.", NULL, "b=2"},       {"e.test", NULL, "e=5"},
    {"e.test.", NULL, "e=5"},
};

START_TEST(cookie_of_the_file_goes_to_its_hosts_only)
{
    const char *from = ways[_i].from, *to = ways[_i].to;
    const char *path = to ? it_text("/redirect?to=%s", url_of(to, "/echo")) : "/echo";
    struct it_run run =
        it_haul(IT_ARGS("--cookie", file_of("cookies", cookies), "--resolve", resolve(from),
                        "--resolve", resolve(to ? to : from), url_of(from, path)));

    check_ok(&run);
    ck_assert_str_eq(sent("Cookie"), ways[_i].sent);
    ck_assert_str_eq(it_read(it_path("cookies"), NULL), cookies);
}
END_TEST

START_TEST(cookie_of_the_file_opens_the_door_over_any_version)
{
    static const struct {
        const char *listener, *scheme, *option;
    } doors[] = {{"http", "http", "--http1.1"}, {"h2", "https", "--http2"}};
    const char *file = file_of("door", "127.0.0.1\tTRUE\t/\tFALSE\t0\tdoor\topen\n");
    struct it_run run = it_haul(
        IT_ARGS("-b", file, "--cacert", it_ca_file(), doors[_i].option, "--max-redirs", "0",
                it_text("%s://127.0.0.1:%d/door", doors[_i].scheme, it_port(doors[_i].listener))));

    check_ok(&run);
}
END_TEST

START_TEST(cookie_that_a_server_takes_away_is_not_sent_on)
{
    const char *file = file_of("cookies", "127.0.0.1\tFALSE\t/\tFALSE\t0\tid\tv\n");
    struct it_run run = it_haul(IT_ARGS(
        "-b", file, it_url("/redirect?to=/echo&header=Set-Cookie:%%20id=;%%20Path=/;Max-Age=0")));

    check_ok(&run);
    ck_assert_str_eq(sent("Cookie"), "");
}
END_TEST

/* A proxy asks whatever localhost it has; without one, the request does not leave the machine. */
START_TEST(secure_cookie_of_localhost_goes_to_this_machine_only)
{
    const char *file = file_of("cookies", "localhost\tFALSE\t/\tTRUE\t0\tid\t" SECRET "\n");
    const char *proxy = it_text("http://127.0.0.1:%d", it_port("http"));
    struct it_run run = it_haul(
        IT_ARGS("-b", file, url_of("localhost", "/echo"), _i ? "-x" : "--retry", _i ? proxy : "0"));

    check_ok(&run);
    ck_assert_str_eq(sent("Cookie"), _i ? "" : "id=" SECRET);
}
END_TEST

/* What the later one says of a cookie counts, also that it has expired. */
START_TEST(cookies_of_several_files_are_joined)
{
    static const char one[] = "b.test\tFALSE\t/\tFALSE\t0\told\t1\n"
                              "a.test\tFALSE\t/\tFALSE\t0\tboth\t1\n"
                              "a.test\tFALSE\t/\tFALSE\t0\tdead\t1\n"
                              "a.test\tFALSE\t/\tFALSE\t0\tone\t1\n",
                      two[] = "a.test\tFALSE\t/\tFALSE\t0\tboth\t2\n"
                              "a.test\tFALSE\t/\tFALSE\t1\tdead\t2\n"
                              "a.test\tFALSE\t/\tFALSE\t0\ttwo\t2\n";
    struct it_run run = it_haul(IT_ARGS("-b", file_of("one", one), "--cookie", file_of("two", two),
                                        "--resolve", resolve("a.test"), url_of("a.test", "/echo")));

    check_ok(&run);
    ck_assert_str_eq(sent("Cookie"), "both=2; one=1; two=2");
    ck_assert_ptr_null(strstr(run.err, "still valid"));
}
END_TEST

/* So many of so many bytes, for any path, and whether some are left out. */
static const struct {
    int count, bytes;
    bool is_told;
} amounts[] = {{100, 1, false}, {101, 1, true}, {3, 2700, false}, {4, 2700, true}};

START_TEST(cookie_that_is_left_out_is_told_once)
{
    const char *text = "", *at;
    struct it_run run;

    for (int i = 0; i < amounts[_i].count; i++)
        text =
            it_text("%s127.0.0.1\tFALSE\t/\tFALSE\t0\tn%d\t%0*d\n", text, i, amounts[_i].bytes, 7);
    run = it_haul(IT_ARGS("-b", file_of("cookies", text), "-j", "2", it_url("/size?n=5&i=1"),
                          it_url("/size?n=5&i=2"), it_url("/size?n=5&i=3")));
    check_ok(&run);
    at = strstr(run.err, it_text("haul: http://127.0.0.1:%d: not all cookies", it_port("http")));
    ck_assert_msg((at != NULL) == amounts[_i].is_told, "%s", run.err);
    ck_assert(!at || !strstr(strstr(at, "not all") + 1, "not all"));
    ck_assert_ptr_null(strstr(run.err, "0007"));
}
END_TEST

/* ---- netrc ---- */

static const char netrc[] = "machine a.test login me password " SECRET "\n"
                            "machine b.test login you password other\n"
                            "machine 127.0.0.1 login you password other\n"
                            "default login all password else\n";

#define ME "Basic bWU6czNjcmV0c2Vzc2lvbjAxMjM0NTY3ODk="
#define YOU "Basic eW91Om90aGVy"
#define ALL "Basic YWxsOmVsc2U="
#define TYPED "Basic dHlwZWQ6eA=="

static const struct {
    const char *from, *to, *option, *value, *sent;
} logins[] = {
    {"a.test", NULL, NULL, NULL, ME},
    {"www.a.test", NULL, NULL, NULL, ALL},
    {"typed:x@a.test", NULL, NULL, NULL, TYPED},
    {"me@a.test", NULL, NULL, NULL, ME},
    {"a.test", NULL, "--user", "typed:x", TYPED},
    {"a.test", NULL, "--header", "Authorization: x", "x"},
    {"a.test", "127.0.0.1", NULL, NULL, YOU},
    {"typed:x@a.test", "127.0.0.1", NULL, NULL, YOU},
    {"a.test", "b.test", NULL, NULL, ""},
    {"a.test", "x.test", NULL, NULL, ""},
    {"x.test", "a.test", NULL, NULL, ""},
    {"x.test", NULL, NULL, NULL, ALL},
};

static const char *host_of(const char *from)
{
    const char *at = strchr(from, '@');

    return at ? at + 1 : from;
}

START_TEST(login_of_the_file_goes_to_its_host_only)
{
    const char *from = logins[_i].from, *to = logins[_i].to;
    const char *path = to ? it_text("/redirect?to=%s", url_of(to, "/echo")) : "/echo";
    struct it_run run = it_haul(IT_ARGS(
        "--netrc-file", file_of("logins", netrc), "--resolve", resolve(host_of(from)), "--resolve",
        resolve(to ? to : host_of(from)), url_of(from, path),
        logins[_i].option ? logins[_i].option : "-j", logins[_i].value ? logins[_i].value : "1"));

    check_ok(&run);
    ck_assert_str_eq(sent("Authorization"), logins[_i].sent);
}
END_TEST

/* Of a host that is named by nobody but a redirect. */
START_TEST(login_goes_on_over_https)
{
    const char *to = it_text("https://b.test:%d/echo", it_port("tls"));
    struct it_run run = it_haul(IT_ARGS("-k", "--netrc-file", file_of("logins", netrc), "--resolve",
                                        resolve("x.test"), "--resolve",
                                        it_text("b.test:%d:127.0.0.1", it_port("tls")),
                                        url_of("x.test", it_text("/redirect?to=%s", to))));

    check_ok(&run);
    ck_assert_str_eq(sent("Authorization"), YOU);
}
END_TEST

/* It cannot be led to a localhost that is not this machine's, either. */
START_TEST(login_of_localhost_goes_to_this_machine_only)
{
    const char *file = file_of("logins", "machine localhost login you password other\n");
    const char *proxy = it_text("http://127.0.0.1:%d", it_port("http"));
    const char *from = url_of("x.test", it_text("/redirect?to=%s", url_of("localhost", "/echo")));
    struct it_run run = it_haul(IT_ARGS("--netrc-file", file, "--resolve", resolve("x.test"), from,
                                        _i ? "-x" : "--retry", _i ? proxy : "0"));

    check_ok(&run);
    ck_assert_str_eq(sent("Authorization"), _i ? "" : YOU);
}
END_TEST

static struct it_run with_home(const char *const *argv)
{
    const struct it_call call = {.argv = argv, .env = IT_ARGS(it_text("HOME=%s", it_path("home")))};

    return it_call(&call);
}

START_TEST(home_has_a_netrc_that_is_read_only_if_asked_for)
{
    const char *url = url_of("a.test", "/echo");
    struct it_run run;

    ck_assert_int_eq(mkdir(it_path("home"), 0700), 0);
    run = with_home(IT_ARGS("--netrc-optional", "--resolve", resolve("a.test"), url));
    check_ok(&run);
    ck_assert_ptr_nonnull(strstr(run.err, "/home/.netrc: there is no such file"));
    ck_assert_str_eq(sent("Authorization"), "");
    it_reset_server();
    (void)file_of("home/.netrc", netrc);
    run = with_home(IT_ARGS("--resolve", resolve("a.test"), url));
    check_ok(&run);
    ck_assert_str_eq(sent("Authorization"), "");
    it_reset_server();
    run = with_home(IT_ARGS("--netrc", "--resolve", resolve("a.test"), url));
    check_ok(&run);
    ck_assert_str_eq(sent("Authorization"), ME);
    it_reset_server();
    run = with_home(IT_ARGS("--netrc", "--no-netrc", "--resolve", resolve("a.test"), url));
    check_ok(&run);
    ck_assert_str_eq(sent("Authorization"), "");
}
END_TEST

/* ---- what is refused, and told ---- */

static const struct {
    const char *option, *text;
    int mode;
    const char *told;
} wrong[] = {
    {"--cookie", "a.test\tTRUE\t/\tFALSE\t0\tid\t" SECRET "\n", 0644, "others can get at"},
    {"--netrc-file", "machine a.test login me password " SECRET "\n", 0640, "others can get at"},
    {"--cookie", "# x\nid=" SECRET "\n", 0600, "line 2: no cookie"},
    {"--netrc-file", "\nmachine a.test password \"" SECRET "\n", 0600, "line 2: a quotation mark"},
    {"--cookie", "\xff\xfei", 0600, "UTF-16"},
    {"--netrc-file", "\xfe\xffm", 0600, "UTF-16"},
};

START_TEST(file_that_cannot_be_used_is_told_without_its_secrets)
{
    const char *path = file_of("wrong", wrong[_i].text);
    struct it_run run;

    ck_assert_int_eq(chmod(path, (mode_t)wrong[_i].mode), 0);
    run = it_haul(IT_ARGS(wrong[_i].option, path, it_url("/echo")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_msg(strstr(run.err, wrong[_i].told) != NULL, "%s", run.err);
    ck_assert_ptr_null(strstr(run.err, "cretsession"));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

START_TEST(fifo_is_not_waited_for)
{
    const char *path = it_path("fifo");
    struct it_run run;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    run = it_haul(IT_ARGS("--cookie", path, it_url("/echo")));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "not a regular file"));
}
END_TEST

START_TEST(pair_in_place_of_a_file_is_not_shown)
{
    struct it_run run = it_haul(IT_ARGS("-b", "id=" SECRET, it_url("/echo")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "--header \"Cookie: NAME=VALUE\""));
    ck_assert_ptr_null(strstr(run.err, "cretsession"));
}
END_TEST

START_TEST(nothing_that_is_written_takes_the_place_of_the_file)
{
    const char *path = file_of("cookies", cookies);
    struct it_run run = it_haul(IT_ARGS("-b", path, "-o", path, it_url("/echo")));

    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(it_read(path, NULL), cookies);
}
END_TEST

/* Over http, to a name that is not loopback's. */
START_TEST(way_over_plain_http_is_told)
{
    static const char told[] = ": credentials go there over plain http";
    const char *path = _i ? file_of("logins", "machine a.test login me password x\n")
                          : file_of("cookies", cookies);
    const char *option = _i ? "--netrc-file" : "--cookie";
    struct it_run run =
        it_haul(IT_ARGS(option, path, "--resolve", resolve("a.test"), url_of("a.test", "/echo")));

    check_ok(&run);
    ck_assert_ptr_nonnull(strstr(run.err, told));
    run = it_haul(IT_ARGS(option, path, "--resolve", resolve("c.test"), url_of("c.test", "/echo")));
    check_ok(&run);
    ck_assert_ptr_null(strstr(run.err, told));
}
END_TEST

/* Told by the server to which it was sent, as an ETag; and in nothing that a run writes. */
START_TEST(secret_is_in_nothing_that_is_written)
{
    const char *path = _i ? file_of("logins", netrc) : file_of("cookies", cookies);
    const char *option = _i ? "--netrc-file" : "--cookie", *journal = it_path("journal");
    const char *last = "/size?n=5%26etag=s%2533cretsession0123456789";
    const char *url = url_of("a.test", it_text("/redirect?to=%s", last)), *told;
    struct it_run run = it_haul(IT_ARGS("-v", option, path, "--format", "jsonl", "--journal",
                                        journal, "--resolve", resolve("a.test"), url));

    check_ok(&run);
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "etag"), "\"***\"");
    told = it_text("%s%s%s", run.out, run.err, it_read(journal, NULL));
    ck_assert_msg(!strstr(told, SECRET), "%s", told);
    it_remove_tree(journal);
    run = it_haul(IT_ARGS(option, path, "--print-config", url));
    ck_assert_ptr_null(strstr(run.out, "cretsession"));
}
END_TEST

/* It comes to light two servers behind the one that was sent it, be that called with a dot behind.
 */
START_TEST(secret_of_a_server_on_the_way_is_hidden)
{
    const char *path = _i % 2 ? file_of("logins", netrc) : file_of("cookies", cookies);
    const char *sender = _i / 2 ? "a.test." : "a.test";
    const char *last = url_of("x.test", "/any/s%252533cretsession0123456789");
    const char *middle = url_of(sender, it_text("/redirect?to=%s", last));
    struct it_run run =
        it_haul(IT_ARGS(_i % 2 ? "--netrc-file" : "--cookie", path, "--format", "jsonl",
                        "--resolve", resolve(sender), "--resolve", resolve("x.test"), "--resolve",
                        resolve("y.test"), url_of("y.test", it_text("/redirect?to=%s", middle))));
    const json_t *row = json_array_get(it_rows(run.out), 0);

    check_ok(&run);
    ck_assert_str_eq(it_str(row, "url_effective"), url_of("x.test", "/any/***"));
}
END_TEST

/* Of thousands that the files have for the host, a request carries a few. */
START_TEST(texts_are_shown_however_many_secrets_a_host_has)
{
    struct haul_buf text;
    const json_t *row;
    struct it_run run;

    haul_buf_init(&text, 0);
    for (int i = 0; i < 2500; i++)
        haul_buf_addf(&text,
                      _i ? "machine 127.0.0.1 login u%d password secret%05d\n"
                         : "127.0.0.1\tFALSE\t/p%d\tFALSE\t0\tid\tsecret%05d\n",
                      i, i);
    haul_buf_add_str(&text, _i ? "" : "127.0.0.1\tFALSE\t/size\tFALSE\t0\tid\tsecret00000\n");
    run = it_haul(IT_ARGS(_i ? "--netrc-file" : "-b", file_of("many", haul_buf_str(&text)),
                          "--format", "jsonl", it_url("/size?n=5&etag=of%%20secret00000")));
    check_ok(&run);
    row = json_array_get(it_rows(run.out), 0);
    ck_assert_str_eq(it_str(row, "etag"), "\"of ***\"");
    ck_assert_str_eq(it_str(row, "content_type"), "text/plain");
    haul_buf_done(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("logins");
    TCase *tcase = tcase_create("logins");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, cookie_of_the_file_goes_to_its_hosts_only, 0,
                        (int)(sizeof ways / sizeof *ways));
    tcase_add_loop_test(tcase, cookie_of_the_file_opens_the_door_over_any_version, 0, 2);
    tcase_add_test(tcase, cookie_that_a_server_takes_away_is_not_sent_on);
    tcase_add_loop_test(tcase, secure_cookie_of_localhost_goes_to_this_machine_only, 0, 2);
    tcase_add_test(tcase, cookies_of_several_files_are_joined);
    tcase_add_loop_test(tcase, cookie_that_is_left_out_is_told_once, 0,
                        (int)(sizeof amounts / sizeof *amounts));
    tcase_add_loop_test(tcase, login_of_the_file_goes_to_its_host_only, 0,
                        (int)(sizeof logins / sizeof *logins));
    tcase_add_test(tcase, login_goes_on_over_https);
    tcase_add_loop_test(tcase, login_of_localhost_goes_to_this_machine_only, 0, 2);
    tcase_add_test(tcase, home_has_a_netrc_that_is_read_only_if_asked_for);
    tcase_add_loop_test(tcase, file_that_cannot_be_used_is_told_without_its_secrets, 0,
                        (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tcase, fifo_is_not_waited_for);
    tcase_add_test(tcase, pair_in_place_of_a_file_is_not_shown);
    tcase_add_test(tcase, nothing_that_is_written_takes_the_place_of_the_file);
    tcase_add_loop_test(tcase, way_over_plain_http_is_told, 0, 2);
    tcase_add_loop_test(tcase, secret_is_in_nothing_that_is_written, 0, 2);
    tcase_add_loop_test(tcase, secret_of_a_server_on_the_way_is_hidden, 0, 4);
    tcase_add_loop_test(tcase, texts_are_shown_however_many_secrets_a_host_has, 0, 2);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
