#include <string.h>
#include <sys/stat.h>

#include "real_site.h"
#include "servers.h"

/* Servers of several makes that let nobody in without a certificate of their authority. */

static const char *const versions[] = {"--http1.1", "--http2"};
enum { VERSIONS = sizeof versions / sizeof *versions, EACH = IT_MAKES * VERSIONS };

static enum it_make make_of(int number)
{
    return (enum it_make)(number % IT_MAKES);
}

static const char *version_of(int number)
{
    return versions[number / IT_MAKES % VERSIONS];
}

static const char *url_of(int number)
{
    return it_text("%s%s", it_make_origin(make_of(number), IT_CERT), site_path(4));
}

/* nginx and lighttpd may say 400; the others end the connection with an alert, which with TLS 1.3
 * comes after the client's own handshake is done. A reset behind it may swallow the alert; where it
 * was read, it has its word. */
static void check_refused(const json_t *row)
{
    const char *verdict = it_verdict(row), *message = it_str_or_empty(row, "errormsg");
    bool is_swallowed = strcmp(verdict, "failed reset") == 0 && !strstr(message, "alert");

    ck_assert_msg(strcmp(verdict, "failed http-400") == 0 || strcmp(verdict, "failed tls") == 0 ||
                      is_swallowed,
                  "%s %s", verdict, message);
    ck_assert_int_eq(it_int(row, "size_body") == site_size(4), 0);
}

START_TEST(certificate_opens_the_door)
{
    if (!site_has(make_of(_i)))
        return;
    site_check(site_fetch(url_of(_i), IT_ARGS(version_of(_i), "--cert", it_client_files()->cert,
                                              "--key", it_client_files()->key)),
               4);
}
END_TEST

START_TEST(certificate_holds_for_a_whole_batch)
{
    struct it_run run;
    const json_t *rows;

    if (!site_has(make_of(_i)))
        return;
    run = SITE_RUN(version_of(_i), "-j", "2", "--streams", "4", "--cert", it_client_files()->cert,
                   "--key", it_client_files()->key, "-i",
                   site_list(it_make_origin(make_of(_i), IT_CERT), 0, SITE_FILES));
    rows = site_check_all(&run, 0, SITE_FILES);
    ck_assert_int_le(site_connections(rows), 8);
}
END_TEST

START_TEST(key_beside_the_certificate_is_found)
{
    const struct it_client_files *client = it_client_files();
    const char *both = it_text("%s%s", it_read(client->cert, NULL), it_read(client->key, NULL));
    const char *path = it_path("client-both.pem");

    if (!site_has(make_of(_i)))
        return;
    it_write(path, both, strlen(both));
    site_check(site_fetch(url_of(_i), IT_ARGS(version_of(_i), "--cert", path)), 4);
}
END_TEST

static const char *write_phrase(const char *phrase)
{
    const char *path = it_path("client-phrase");

    it_write(path, phrase, strlen(phrase));
    ck_assert_int_eq(chmod(path, 0600), 0);
    return path;
}

START_TEST(locked_key_needs_its_phrase)
{
    const struct it_client_files *client = it_client_files();

    if (!site_has(make_of(_i)))
        return;
    site_check(site_fetch(url_of(_i),
                          IT_ARGS(version_of(_i), "--cert", client->cert, "--key", client->locked,
                                  "--pass-file", write_phrase(IT_CLIENT_PASSWORD "\n"))),
               4);
}
END_TEST

/* Nothing is asked at a terminal, and the phrase is not told. */
START_TEST(wrong_phrase_fails)
{
    const struct it_client_files *client = it_client_files();
    struct it_run run;

    if (!site_has(make_of(_i)))
        return;
    run = SITE_RUN(version_of(_i), "--cert", client->cert, "--key", client->locked, "--pass-file",
                   write_phrase("n0t it\n"), url_of(_i));
    ck_assert_int_ne(run.status, 0);
    ck_assert_ptr_null(strstr(run.err, "n0t it"));
    ck_assert_ptr_null(strstr(run.out, "n0t it"));
    if (run.out_len)
        ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed tls");
}
END_TEST

START_TEST(missing_phrase_is_not_asked_for)
{
    const struct it_client_files *client = it_client_files();
    struct it_run run;

    if (!site_has(make_of(_i)))
        return;
    run = SITE_RUN(version_of(_i), "--cert", client->cert, "--key", client->locked, url_of(_i));
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed tls");
    ck_assert_ptr_nonnull(strstr(run.out, "wrong passphrase"));
    ck_assert_ptr_null(strstr(run.err, "Enter"));
}
END_TEST

START_TEST(no_certificate_is_refused)
{
    if (!site_has(make_of(_i)))
        return;
    check_refused(site_fetch(url_of(_i), IT_ARGS(version_of(_i))));
}
END_TEST

START_TEST(certificate_of_another_authority_is_refused)
{
    const struct it_client_files *client = it_client_files();

    if (!site_has(make_of(_i)))
        return;
    check_refused(site_fetch(url_of(_i), IT_ARGS(version_of(_i), "--cert", client->foreign, "--key",
                                                 client->foreign_key)));
}
END_TEST

/* A section of the configuration file: the certificate is for its host, and no other sees it. */
START_TEST(certificate_of_a_host_is_for_that_host)
{
    const struct it_client_files *client = it_client_files();
    const char *path = it_path("client.conf"), *text;
    const json_t *rows;
    struct it_run run;

    if (!site_has(make_of(_i)))
        return;
    text = it_text("[host \"127.0.0.1\"]\ncert = %s\nkey = %s\n", client->cert, client->key);
    it_write(path, text, strlen(text));
    run = SITE_RUN(
        version_of(_i), "-K", path, "--resolve",
        it_text("localhost:%d:127.0.0.1", it_make_port(make_of(_i), IT_CERT)), url_of(_i),
        it_text("https://localhost:%d%s", it_make_port(make_of(_i), IT_CERT), site_path(4)));
    rows = it_rows(run.out);
    site_check(json_array_get(rows, 0), 4);
    check_refused(json_array_get(rows, 1));
}
END_TEST

static void begin(void)
{
    site_begin();
    (void)it_client_files(); /* once, and not in each case */
}

int main(void)
{
    Suite *suite = suite_create("client_cert");
    TCase *tcase = tcase_create("client_cert");

    tcase_add_unchecked_fixture(tcase, begin, site_end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, certificate_opens_the_door, 0, EACH);
    tcase_add_loop_test(tcase, certificate_holds_for_a_whole_batch, 0, EACH);
    tcase_add_loop_test(tcase, key_beside_the_certificate_is_found, 0, EACH);
    tcase_add_loop_test(tcase, locked_key_needs_its_phrase, 0, EACH);
    tcase_add_loop_test(tcase, wrong_phrase_fails, 0, EACH);
    tcase_add_loop_test(tcase, missing_phrase_is_not_asked_for, 0, EACH);
    tcase_add_loop_test(tcase, no_certificate_is_refused, 0, EACH);
    tcase_add_loop_test(tcase, certificate_of_another_authority_is_refused, 0, EACH);
    tcase_add_loop_test(tcase, certificate_of_a_host_is_for_that_host, 0, EACH);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
