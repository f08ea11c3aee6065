#include <string.h>

#include "harness.h"
#include "servers.h"

/*
 * A server gives back what it was sent, whole or a part of it, as an ETag, a type, or a place that
 * it redirects to. What is a secret of that is hidden in the row, and what is none stays.
 */

static const char hosts[] = "(the file with [host])";

enum { ARGS_MAX = 6 };

/* What one URL's row says, with such options: what is a secret in it, and what is none. "$": the
 * server's host and port. */
struct told {
    const char *args[ARGS_MAX];
    const char *path, *etag, *type, *ends; /* of url_effective; or NULL: whatever it is */
};

/* Redirects, and what comes to light at the last one: encoded more often than haul looks. */
#define HOPS "/redirect?to=/redirect?to=/redirect?to=/redirect?to=/redirect?to="
#define HIDDEN "%25252525"
#define AND HIDDEN "26"
#define IS HIDDEN "3D"

static const struct told told[] = {
    {{"--redact", "/token=[^&]*/"}, "/size?n=5&etag=SECRET1234&token=SECRET1234", "\"***\"", 0, 0},
    {{"--redact", "token", "--redact", "/&x=[a-z]*/"},
     "/size?n=5&etag=SECRET1234&token=SECRET1234&x=abc",
     "\"***\"",
     0,
     0},
    {{"--redact", "token"}, "/size?n=5&etag=SECRET1234&token=a,SECRET1234", "\"***\"", 0, 0},
    {{"-H", "Cookie: lang=en; session=SECRET1234; theme=dark"},
     "/redirect?to=/any/land?sid=SECRET1234",
     0,
     0,
     "/any/land?sid=***"},
    {{"-H", "Cookie: session=SECRET1234"},
     "/size?n=5&etag=session-SECRET1234",
     "\"session-***\"",
     0,
     0},
    {{"-H", "Authorization: Token token=\"SECRET1234\""},
     "/size?n=5&etag=SECRET1234",
     "\"***\"",
     0,
     0},
    {{"-H", "Authorization: Basic Ym9iOlNFQ1JFVDEyMzQ="},
     "/size?n=5&etag=SECRET1234&type=text/Ym9iOlNFQ1JFVDEyMzQ",
     "\"***\"",
     "text/***",
     0},
    {{"-H", "PRIVATE-TOKEN: SECRET1234"}, "/size?n=5&etag=SECRET1234", "\"***\"", 0, 0},
    {{"-H", "X-Api-Key: SECRET1234"}, "/size?n=5&type=SECRET1234", 0, "***", 0},
    {{"-u", "bob:SECRET1234"}, "/size?n=5&type=SECRET1234", 0, "***", 0},
    {{"-x", "http://me:SECR%45T1234@$"},
     "/size?n=5&etag=SECRET1234&type=bWU6U0VDUkVUMTIzNA==",
     "\"***\"",
     "***",
     0},
    {{"-K", hosts}, "/size?n=5&etag=SECRET1234", "\"***\"", 0, 0},
    {{"--list-keys", "all"},
     "/size?n=5&etag=SECRET1234\n header=Cookie: a=b; c=SECRET1234",
     "\"***\"",
     0,
     0},
    {{"-H", "X-Secret: ab=cd;ef"}, "/size?n=5&etag=ab%3Dcd%3Bef", "\"***\"", 0, 0},
    /* forms */
    {{"--redact", "token"}, "/size?n=5&etag=hunter%20sesame&token=hunter+sesame", "\"***\"", 0, 0},
    {{"--redact", "token"}, "/size?n=5&etag=ab%20c%2Bd&token=ab+c%2Bd", "\"***\"", 0, 0},
    {{"--redact", "token"},
     "/redirect?to=/any/hunter%2520sesame&token=hunter+sesame",
     0,
     0,
     "/any/***"},
    {{"-H", "Cookie: session=hunter%2Bsesame"}, "/redirect?to=/any/x-sesame", 0, 0, "/any/x-***"},
    /* of hops, of mirrors before the one that answers, and of hops on the way to those */
    {{"--redact", "token"},
     HOPS "/size?n=5" AND "etag=SECRET1234" AND "token" IS "SECRET1234",
     "\"***\"",
     0,
     "token=***"},
    {{"--redact", "token"},
     HOPS "/redirect?token" IS "SECRET1234" AND "to=/size?n=5" HIDDEN "2526etag=SECRET1234",
     "\"***\"",
     0,
     "/size?n=5&etag=***"},
    {{"--redact", "token"},
     "/status/503?token=SECRET1234\thttp://$/size?n=5&etag=SECRET1234",
     "\"***\"",
     0,
     0},
    {{"--redact", "token"},
     "/status/503\thttp://$/status/503?token=SECRET1234\thttp://$/size?n=5&etag=SECRET1234",
     "\"***\"",
     0,
     0},
    {{"--redact", "token"},
     HOPS "/status/503?token" IS "SECRET1234\thttp://$/size?n=5&etag=SECRET1234",
     "\"***\"",
     0,
     0},
    {{"--retry", "0"},
     "/status/503\thttp://me:SECRET1234@$/status/503\thttp://$/size?n=5&etag=SECRET1234",
     "\"***\"",
     0,
     0},
    /* none */
    {{"-H", "Cookie: lang=en"}, "/redirect?to=/any/a?lang=en", 0, 0, "/any/a?lang=en"},
    {{"-H", "authority: $"}, "/redirect?to=http://$/any/a?n=4", 0, 0, "http://$/any/a?n=4"},
    {{"-H", "Cookie: host=$; other=localhost:9"},
     "/redirect?to=http://localhost:9/",
     0,
     0,
     "http://localhost:9/"},
    {{"-H", "Cookie: host=$"}, "/redirect?to=http://$/any/a?n=4", 0, 0, "http://$/any/a?n=4"},
    {{"-H", "Accept-Signature: application/json"},
     "/size?n=5&type=application/json",
     0,
     "application/json",
     0},
    {{"-H", "Sec-Access-Mode: keyless"}, "/size?n=5&etag=keyless", "\"keyless\"", 0, 0},
    {{"-u", "bob:text/plain"}, "/size?n=5&type=text/plain", 0, "text/plain", 0},
    {{"-H", "Cookie: theme=default; type=text/html"},
     "/redirect?to=/size/default.aspx?type=text/html",
     0,
     0,
     "/size/default.aspx?type=text/html"},
    {{"--redact", "host"}, "/redirect?host=$&to=http://$/any/a", 0, 0, "http://$/any/a"},
    {{"--redact", "x"},
     "/any/a?next=http://host&email=me@x.com&a=1&b=2@3",
     0,
     0,
     "/any/a?next=http://host&email=me@x.com&a=1&b=2@3"},
};

static const char *with_server(const char *text)
{
    const char *result = "", *at;

    for (; (at = strchr(text, '$')); text = at + 1)
        result = it_text("%s%.*s127.0.0.1:%d", result, (int)(at - text), text, it_port("http"));
    return it_text("%s%s", result, text);
}

static const char *write_file(const char *name, const char *text)
{
    const char *path = it_path(name);

    it_write(path, text, strlen(text));
    return path;
}

static struct it_run run(const struct told *told_one)
{
    const char *argv[ARGS_MAX + 8] = {"--format", "jsonl", "--retry", "0", "-i"};
    size_t count = 5;

    argv[count++] = write_file("list", with_server(it_text("http://$%s\n", told_one->path)));
    for (size_t i = 0; i < ARGS_MAX && told_one->args[i]; i++)
        argv[count++] = told_one->args[i] == hosts
                            ? write_file("conf", "[host \"127.0.0.1\"]\n"
                                                 "header = Cookie: session=SECRET1234\n")
                            : with_server(told_one->args[i]);
    return it_haul(argv);
}

static void check(const char *is, const char *wanted, const struct it_run *run)
{
    size_t len = strlen(is);

    if (wanted)
        ck_assert_msg(len >= strlen(wanted) && !strcmp(is + len - strlen(wanted), wanted),
                      "\"%s\" is not in %s%s", wanted, run->out, run->err);
}

START_TEST(what_was_sent_is_hidden_and_nothing_else)
{
    const struct told *wanted = &told[_i];
    const struct it_run done = run(wanted);
    const json_t *row;

    ck_assert_msg(done.status == 0 || done.status == 1 || done.status == 75, "%s", done.err);
    row = json_array_get(it_rows(done.out), 0);
    check(it_str_or_empty(row, "etag"), wanted->etag, &done);
    check(it_str_or_empty(row, "content_type"), wanted->type, &done);
    check(it_str_or_empty(row, "url_effective"), wanted->ends ? with_server(wanted->ends) : NULL,
          &done);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("given_back");
    TCase *all = tcase_create("all");

    tcase_add_unchecked_fixture(all, it_begin_server, it_end_server);
    tcase_add_loop_test(all, what_was_sent_is_hidden_and_nothing_else, 0,
                        sizeof told / sizeof *told);
    suite_add_tcase(suite, all);
    return it_main(suite);
}
