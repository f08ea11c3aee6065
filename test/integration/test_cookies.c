#include <string.h>
#include <strings.h>

#include "harness.h"
#include "servers.h"

/*
 * Cookies that answers set: they are for the redirects and the further attempts of one URL, and for
 * whom RFC 6265 says. The server's log of requests is the proof.
 */

/* The Cookie of a request of the log, or "". */
static const char *cookie_of(const json_t *line)
{
    const json_t *fields = json_object_get(line, "headers");
    const char *found = "";

    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);

        if (strcasecmp(json_string_value(json_array_get(field, 0)), "Cookie") != 0)
            continue;
        ck_assert_msg(!*found, "two fields");
        found = json_string_value(json_array_get(field, 1));
    }
    return found;
}

/* Those of all requests for paths that begin so, "|" between them. */
static const char *cookies_of(const char *prefix)
{
    const json_t *log = it_log(prefix);
    const char *all = "";

    for (size_t i = 0; i < json_array_size(log); i++)
        all = it_text("%s%s%s", all, i ? "|" : "", cookie_of(json_array_get(log, i)));
    return all;
}

static void check_ok(const struct it_run *run)
{
    ck_assert_msg(run->status == 0, "%s%s", run->out, run->err);
}

/* ---- a loop that only a cookie ends ---- */

static const struct {
    const char *listener, *option, *version;
} speakers[] = {{"http", "--http1.1", "1.1"}, {"tls", "--http1.1", "1.1"}, {"h2", "--http2", "2"}};
enum { SPEAKERS = sizeof speakers / sizeof *speakers };

static const char *door(const char *listener, const char *rest)
{
    return it_text("%s://127.0.0.1:%d/door%s", strcmp(listener, "http") == 0 ? "http" : "https",
                   it_port(listener), rest);
}

START_TEST(redirect_to_itself_ends_with_the_cookie)
{
    const char *url = door(speakers[_i].listener, "");
    struct it_run run =
        it_haul(IT_ARGS("--cacert", it_ca_file(), speakers[_i].option, "--format", "jsonl", url));
    const json_t *row = json_array_get(it_rows(run.out), 0);

    check_ok(&run);
    ck_assert_int_eq(it_int(row, "num_redirects"), 1);
    ck_assert_str_eq(it_str(row, "http_version"), speakers[_i].version);
    ck_assert_str_eq(cookies_of("/door"), "|door=open");
}
END_TEST

START_TEST(redirect_to_itself_does_not_end_without_cookies)
{
    struct it_run run =
        it_haul(IT_ARGS("--cacert", it_ca_file(), speakers[_i].option, "--no-cookies",
                        "--max-redirs", "3", "--format", "jsonl", door(speakers[_i].listener, "")));

    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed redirects");
    ck_assert_str_eq(cookies_of("/door"), "|||");
}
END_TEST

START_TEST(secure_cookie_comes_back_over_https)
{
    struct it_run run = it_haul(
        IT_ARGS("--cacert", it_ca_file(), "--http2",
                door("h2", "?name=__Host-door&with=Secure;%20HttpOnly;%20Path=/;%20Max-Age=60")));

    check_ok(&run);
}
END_TEST

/* ---- to whom it goes ---- */

/* Where the cookie is set with which attributes, where the redirect leads, and what is sent there;
 * hosts are names for the one server. */
static const struct {
    const char *from, *with, *to, *sent;
} ways[] = {
    {"a.test", "", "a.test", "id=1"},
    {"a.test", "", "b.test", ""},
    {"a.test", "", "www.a.test", ""},
    {"a.test", "; Domain=a.test", "www.a.test", "id=1"},
    {"www.a.test", "; Domain=a.test", "a.test", "id=1"},
    {"www.a.test", "; Domain=.a.test", "x.a.test", "id=1"},
    {"a.test", "; Domain=b.test", "b.test", ""},
    {"a.test", "; Domain=test", "b.test", ""},
    {"a.co.uk", "; Domain=co.uk", "b.co.uk", ""},
    {"a.co.uk", "; Domain=co.uk", "a.co.uk", ""},
    {"a.github.io", "; Domain=github.io", "b.github.io", ""},
    {"a.test", "; Path=/echo", "a.test", "id=1"},
    {"a.test", "; Path=/ech", "a.test", ""},
    {"a.test", "; Secure", "a.test", ""},
    {"a.test", "; Max-Age=0", "a.test", ""},
};
enum { WAYS = sizeof ways / sizeof *ways };

static const char *encoded(const char *text)
{
    const char *result = "";

    for (; *text; text++)
        result = it_text("%s%%%02x", result, (unsigned)(unsigned char)*text);
    return result;
}

static const char *resolve(const char *host)
{
    return it_text("%s:%d:127.0.0.1", host, it_port("http"));
}

/* A redirect from one name of the server to a URL, which sets that. */
static const char *leading(const char *from, const char *to, const char *set)
{
    return it_text("http://%s:%d/redirect?to=%s&header=%s", from, it_port("http"), encoded(to),
                   encoded(it_text("Set-Cookie: %s", set)));
}

START_TEST(cookie_goes_where_the_rules_let_it)
{
    const char *to = it_text("http://%s:%d/echo", ways[_i].to, it_port("http"));
    struct it_run run =
        it_haul(IT_ARGS("--resolve", resolve(ways[_i].from), "--resolve", resolve(ways[_i].to),
                        leading(ways[_i].from, to, it_text("id=1%s", ways[_i].with))));

    check_ok(&run);
    ck_assert_str_eq(cookies_of("/echo"), ways[_i].sent);
}
END_TEST

/* The first host gets its own again when the way leads back, and the second one's stays there. */
START_TEST(each_host_of_a_way_gets_its_own)
{
    const char *end = it_text("http://a.test:%d/echo", it_port("http"));
    const char *back = leading("b.test", end, "b=2; Path=/");
    struct it_run run = it_haul(IT_ARGS("--resolve", resolve("a.test"), "--resolve",
                                        resolve("b.test"), leading("a.test", back, "a=1; Path=/")));

    check_ok(&run);
    ck_assert_str_eq(cookies_of("/redirect"), "|");
    ck_assert_str_eq(cookies_of("/echo"), "a=1");
}
END_TEST

/* ---- for how long ---- */

START_TEST(further_attempts_have_the_jar)
{
    struct it_run run =
        it_haul(IT_ARGS("--retry-delay", "1ms", "--format", "jsonl", it_url("/door?code=503")));

    check_ok(&run);
    ck_assert_int_eq(it_int(json_array_get(it_rows(run.out), 0), "attempts"), 2);
    ck_assert_str_eq(cookies_of("/door"), "|door=open");
}
END_TEST

/* HEAD says nothing, and the range is asked for with what HEAD has set. */
START_TEST(further_steps_have_the_jar)
{
    struct it_run run = it_haul(IT_ARGS(
        "--method", "auto", it_url("/head/nolength?header=%s", encoded("Set-Cookie: a=1"))));

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strchr(cookies_of("/head"), '|'));
}
END_TEST

/* As it comes, over one connection and one after the other; and all at a time. */
START_TEST(no_url_has_the_cookies_of_another)
{
    const char *jobs[] = {"1", "8"}, *list = it_path("list"), *text = "";
    struct it_run run;

    for (int i = 0; i < 40; i++)
        text = it_text("%s%s\n", text,
                       it_url("/redirect?n=%d&to=/echo%%3f%d&header=%s", i, i,
                              encoded(it_text("Set-Cookie: id=%d; Path=/", i))));
    it_write(list, text, strlen(text));
    run = it_haul(IT_ARGS("-j", jobs[_i], "-i", list));
    check_ok(&run);
    ck_assert_uint_eq(strspn(cookies_of("/redirect"), "|"), 39);
    for (int i = 0; i < 40; i++) {
        const json_t *log = it_log(it_text("/echo?%d", i));

        for (size_t at = 0; at < json_array_size(log); at++) {
            const json_t *line = json_array_get(log, at);

            if (strcmp(it_str(line, "path"), it_text("/echo?%d", i)) == 0)
                ck_assert_str_eq(cookie_of(line), it_text("id=%d", i));
        }
    }
}
END_TEST

/* ---- beside the user's own ---- */

static const struct {
    const char *own, *sent;
} owns[] = {
    {"Cookie: a=1", "a=1|a=1; door=open"},
    {"cookie:a=1; b=2", "a=1; b=2|a=1; b=2; door=open"},
    {"Cookie: door=mine", "door=mine|door=mine|door=mine|door=mine"},
    {"Cookie;", "|door=open"},
    {"Cookie:", "|||"},
};

START_TEST(own_field_stays_and_goes_first)
{
    (void)it_haul(IT_ARGS("-H", owns[_i].own, "--max-redirs", "3", it_url("/door")));
    ck_assert_str_eq(cookies_of("/door"), owns[_i].sent);
}
END_TEST

START_TEST(own_fields_become_one)
{
    struct it_run run = it_haul(IT_ARGS("-H", "Cookie: a=1", "-H", "Cookie: b=2", it_url("/echo")));

    check_ok(&run);
    ck_assert_str_eq(cookies_of("/echo"), "a=1; b=2");
}
END_TEST

/* ---- what is told of it ---- */

#define SECRET "s3cretsession0123456789"

START_TEST(value_is_in_nothing_that_is_told)
{
    const char *journal = it_path("journal");
    const char *url = it_url("/redirect?to=%s&header=%s",
                             encoded("/redirect?to=/any/s%2533cretsession0123456789"),
                             encoded("Set-Cookie: id=" SECRET "; Path=/"));
    struct it_run run = it_haul(IT_ARGS("-v", "--format", "jsonl", "--journal", journal, url));

    check_ok(&run);
    ck_assert_str_eq(cookies_of("/any"), "id=" SECRET);
    ck_assert_msg(!strstr(strstr(run.out, "url_effective"), "cretsession"), "%s", run.out);
    ck_assert_ptr_null(strstr(run.err, "cretsession"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cookies");
    TCase *tcase = tcase_create("cookies");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_add_loop_test(tcase, redirect_to_itself_ends_with_the_cookie, 0, SPEAKERS);
    tcase_add_loop_test(tcase, redirect_to_itself_does_not_end_without_cookies, 0, SPEAKERS);
    tcase_add_test(tcase, secure_cookie_comes_back_over_https);
    tcase_add_loop_test(tcase, cookie_goes_where_the_rules_let_it, 0, WAYS);
    tcase_add_test(tcase, each_host_of_a_way_gets_its_own);
    tcase_add_test(tcase, further_attempts_have_the_jar);
    tcase_add_test(tcase, further_steps_have_the_jar);
    tcase_add_loop_test(tcase, no_url_has_the_cookies_of_another, 0, 2);
    tcase_add_loop_test(tcase, own_field_stays_and_goes_first, 0,
                        (int)(sizeof owns / sizeof *owns));
    tcase_add_test(tcase, own_fields_become_one);
    tcase_add_test(tcase, value_is_in_nothing_that_is_told);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
