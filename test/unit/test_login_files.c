#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/cookie_file.h"
#include "model/netrc.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* Files of cookies and of logins, as people have them. */

enum { NOW_S = 1700000000 };

/* ---- cookies ---- */

#define LINE "a.test\tTRUE\t/\tFALSE\t0\tn\tv"
#define NO_COOKIE "1 no cookie: seven fields with tabs between them are needed (Netscape's form)"

/* Told: "name=value domain path" with '*' for all below, '!' for https; or the line and cause. */
static const struct {
    const char *text, *told;
} files[] = {
    {"", ""},
    {"# Netscape HTTP Cookie File\n\n \t\n", ""},
    {LINE, "n=v *a.test /\n"},
    {LINE "\r\n" LINE "2\r\n", "n=v2 *a.test /\n"},
    {"\xef\xbb\xbf" LINE "\n", "n=v *a.test /\n"},
    {"#HttpOnly_.A.Test\tTRUE\t/x\tTRUE\t1800000000\tn\tv=w\n", "n=v=w *a.test /x !\n"},
    {".a.test\tfalse\t/\tfalse\t1800000000.25\tn\tv\n", "n=v a.test /\n"},
    {"a.test\tTRUE\tx\tFALSE\t0\tn\tv", "n=v *a.test /\n"},
    {"a.test\tTRUE\t/\tFALSE\t0\tn\t", "n= *a.test /\n"},
    {"a.test\tTRUE\t/\tFALSE\t0\tn", "n= *a.test /\n"},
    {"a.test\tTRUE\t/\tFALSE\t1700000000\tn\tv", ""},
    {"a.test\tTRUE\t/\tFALSE\t1700000001\tn\tv", "n=v *a.test /\n"},
    {"a.test\tTRUE\t/\tFALSE\t99999999999999999999\tn\tv", "n=v *a.test /\n"},
    {"b.test\tTRUE\t/\tFALSE\t0\tn\tv\n" LINE, "n=v *a.test /\nn=v *b.test /\n"},
    /* for nobody below */
    {"co.uk\tTRUE\t/\tFALSE\t0\tn\tv", "n=v co.uk /\n"},
    {"co.uk.\tTRUE\t/\tFALSE\t0\tn\tv", "n=v co.uk /\n"},
    {".github.io\tTRUE\t/\tFALSE\t0\tn\tv", "n=v github.io /\n"},
    {"10.2.3.4\tTRUE\t/\tFALSE\t0\tn\tv", "n=v 10.2.3.4 /\n"},
    {"localhost\tTRUE\t/\tFALSE\t0\tn\tv", "n=v localhost /\n"},
    /* what is none */
    {"a.test TRUE / FALSE 0 n v", NO_COOKIE},
    {"[{\"domain\": \"a.test\"}]", NO_COOKIE},
    {"Set-Cookie: n=v", NO_COOKIE},
    {LINE "\tw", NO_COOKIE},
    {"# x\n" LINE "\na.test\tTRUE\t/\tFALSE\tsoon\tn\tv",
     "3 the fifth field must be a number of seconds since 1970, or 0"},
    {"a.test\tTRUE\t/\tFALSE\t-1\tn\tv",
     "1 the fifth field must be a number of seconds since 1970, or 0"},
    {"a.test\t1\t/\tFALSE\t0\tn\tv", "1 the second and the fourth field must be TRUE or FALSE"},
    {"\tTRUE\t/\tFALSE\t0\tn\tv", "1 the domain is empty or too long"},
    {".\tTRUE\t/\tFALSE\t0\tn\tv", "1 the domain is empty or too long"},
    {"a b\tTRUE\t/\tFALSE\t0\tn\tv",
     "1 the domain is none (one in another script is written xn--...)"},
    {"\xc3\xa4.test\tTRUE\t/\tFALSE\t0\tn\tv",
     "1 the domain is none (one in another script is written xn--...)"},
    {"::1\tTRUE\t/\tFALSE\t0\tn\tv", "1 the domain is an IPv6 address, which stands in brackets"},
    {"a.test\tTRUE\t/\tFALSE\t0\t\tv", "1 the name is empty"},
    {"a.test\tTRUE\t/\tFALSE\t0\tn\tv;w", "1 name or value hold a ';' or a control character"},
    {"a.test\tTRUE\t/\tFALSE\t0\tn\tv\rX: y", "1 name or value hold a ';' or a control character"},
    {"a.test\tTRUE\t/\x01\tFALSE\t0\tn\tv", "1 the path is too long or holds a control character"},
};

static void tell_cookies(const char *text, size_t len, struct haul_buf *told)
{
    char *copy = malloc(len + 1);
    struct haul_cookie *cookie = malloc(haul_cookie_file_room(len) * sizeof *cookie);
    struct haul_cookie_fault fault;
    size_t count = 0;

    ck_assert(copy && cookie);
    memcpy(copy, text, len);
    copy[len] = '\0';
    haul_buf_init(told, 0);
    if (haul_cookie_file_read(copy, len, NOW_S, cookie, &count, &fault))
        haul_buf_addf(told, "%llu %s", (unsigned long long)fault.line, fault.cause);
    for (size_t i = 0; i < count; i++)
        haul_buf_addf(told, "%s=%s %s%s %s%s\n", cookie[i].name, cookie[i].value,
                      cookie[i].is_host_only ? "" : "*", cookie[i].domain, cookie[i].path,
                      cookie[i].is_secure ? " !" : "");
    free(cookie);
    free(copy);
}

START_TEST(file_of_cookies_is_read_or_told_with_its_line)
{
    struct haul_buf told;

    tell_cookies(files[_i].text, strlen(files[_i].text), &told);
    ck_assert_str_eq(haul_buf_str(&told), files[_i].told);
    haul_buf_done(&told);
}
END_TEST

/* Two files, and what is there of both. A line is "DOMAIN NAME VALUE EXPIRES". */
static const struct {
    const char *one, *two, *joined;
} joins[] = {
    {"", "", ""},
    {"a.test n 1 0", "", "a.test n=1\n"},
    {"", "a.test n 2 0", "a.test n=2\n"},
    {"a.test n 1 0", "a.test n 2 0", "a.test n=2\n"},
    {"b.test n 1 0", "a.test n 2 0", "a.test n=2\nb.test n=1\n"},
    {"a.test n 1 0", "b.test n 2 0", "a.test n=1\nb.test n=2\n"},
    {"a.test n 1 0,c.test n 1 0", "b.test n 2 0,c.test n 2 0,d.test n 2 0",
     "a.test n=1\nb.test n=2\nc.test n=2\nd.test n=2\n"},
    {"a.test m 1 0,a.test n 1 0", "a.test l 2 0,a.test m 2 0",
     "a.test l=2\na.test m=2\na.test n=1\n"},
    {"a.test n 1 0", "a.test n 2 1", ""},
    {"a.test n 1 1", "a.test n 2 0", "a.test n=2\n"},
    {"a.test n 1 1,b.test n 1 0", "b.test n 2 1,c.test n 2 1", ""},
};

/* Into memory of the caller's, who frees it with the text. */
static size_t read_short(const char *lines, struct haul_cookie *cookie, size_t earlier, char *text)
{
    char domain[16], name[16], value[16], expires[16];
    struct haul_cookie_fault fault;
    size_t count = 0;
    int used;

    *text = '\0';
    for (; sscanf(lines, "%15s %15s %15s %15[0-9]%n", domain, name, value, expires, &used) == 4;
         lines += used + (lines[used] == ','))
        sprintf(text + strlen(text), "%s\tFALSE\t/\tFALSE\t%s\t%s\t%s\n", domain, expires, name,
                value);
    ck_assert_uint_le(haul_cookie_file_room(strlen(text)) + earlier, 16);
    ck_assert_int_eq(haul_cookie_file_read(text, strlen(text), INT64_MIN, cookie, &count, &fault),
                     HAUL_OK);
    return count;
}

START_TEST(later_file_counts_where_both_have_a_cookie)
{
    struct haul_cookie one[16], two[16];
    char text_one[512], text_two[512];
    struct haul_cookies earlier = {one, read_short(joins[_i].one, one, 0, text_one)};
    struct haul_buf told;
    size_t count;

    earlier.count =
        haul_cookie_file_join(&(struct haul_cookies){NULL, 0}, NOW_S, one, earlier.count);
    count = read_short(joins[_i].two, two, earlier.count, text_two);
    count = haul_cookie_file_join(&earlier, NOW_S, two, count);
    haul_buf_init(&told, 0);
    for (size_t i = 0; i < count; i++)
        haul_buf_addf(&told, "%s %s=%s\n", two[i].domain, two[i].name, two[i].value);
    ck_assert_str_eq(haul_buf_str(&told), joins[_i].joined);
    haul_buf_done(&told);
}
END_TEST

START_TEST(nul_in_a_file_is_told)
{
    static const char text[] = LINE "\n" LINE "\0x\n";
    struct haul_buf told;

    tell_cookies(text, sizeof text - 1, &told);
    ck_assert_str_eq(haul_buf_str(&told), "2 a NUL is in it");
    haul_buf_done(&told);
}
END_TEST

/* ---- logins ---- */

/* What "a.test" gets, as "login:password"; or the line and cause; or "none". */
static const struct {
    const char *text, *user, *told;
} netrcs[] = {
    {"", NULL, "none"},
    {"machine a.test login me password geheim", NULL, "me:geheim"},
    {"machine a.test\n\tlogin me\n\tpassword geheim\n", NULL, "me:geheim"},
    {"MACHINE A.Test LOGIN me PASSWORD geheim", NULL, "me:geheim"},
    {"machine a.test. password geheim login me\r\n", NULL, "me:geheim"},
    {"machine b.test login you password x machine a.test login me password y", NULL, "me:y"},
    {"machine b.test login you password x", NULL, "none"},
    {"machine a.tes login me password x machine xa.test login me password x", NULL, "none"},
    {"machine a.test login me password 1 machine a.test login you password 2", NULL, "me:1"},
    {"machine a.test login me password 1 machine a.test login you password 2", "you", "you:2"},
    {"machine a.test login me password 1", "you", "none"},
    {"machine a.test login me", NULL, "me:"},
    {"machine a.test password x", NULL, ":x"},
    {"machine a.test machine b.test login me password x", NULL, "none"},
    {"default login d password x", NULL, "d:x"},
    {"machine a.test login me password y default login d password x", NULL, "me:y"},
    {"default login d password x machine a.test login me password y", NULL, "d:x"},
    {"machine a.test login me account nothing password y", NULL, "me:y"},
    {"machine a.test port 21 login me password y", NULL, "me:y"},
    {"# machine a.test login no password no\nmachine a.test login me # x\npassword y", NULL,
     "me:y"},
    {"machine a.test login me password a#b", NULL, "me:a#b"},
    {"machine a.test login me password \"a b\\\"c\\\\d\\te\"", NULL, "me:a b\"c\\d\te"},
    {"machine a.test login \"me\" password \"#x\"", NULL, "me:#x"},
    {"machine b.test login me password x macdef init\nmachine a.test login no password no\n\n"
     "machine a.test login me password y",
     NULL, "me:y"},
    {"macdef init\n\nmachine a.test login me password y", NULL, "me:y"},
    {"macdef init\r\ncd x\r\n\r\nmachine a.test login me password y", NULL, "me:y"},
    {"macdef init cd x\ncd y\n\nmachine a.test login me password y", NULL, "me:y"},
    {"macdef init", NULL, "none"},
    {"login me password x machine a.test login you password z", NULL, "you:z"},
    {"machine a.test\nlogin \"me\npassword x\"", NULL, "2 a quotation mark is not closed"},
    {"machine a.test login me password", NULL, "1 a word is missing at the end"},
    {"machine", NULL, "1 a word is missing at the end"},
    {"\nmachine a.test login me:you password x", NULL,
     "2 a login with a ':' cannot be sent (RFC 7617, 2)"},
};

START_TEST(netrc_is_read_as_curl_does)
{
    size_t len = strlen(netrcs[_i].text);
    char *copy = malloc(len + 1);
    struct haul_netrc_login *logins = malloc(haul_netrc_room(len) * sizeof *logins);
    const struct haul_netrc_login *found;
    struct haul_netrc_fault fault;
    struct haul_config config;
    struct haul_buf told;

    ck_assert(copy && logins);
    memcpy(copy, netrcs[_i].text, len + 1);
    haul_buf_init(&told, 0);
    haul_config_init(&config);
    if (haul_netrc_read(copy, len, logins, &config.netrc_count, &fault)) {
        haul_buf_addf(&told, "%llu %s", (unsigned long long)fault.line, fault.cause);
    } else {
        config.netrc = logins;
        found = haul_netrc_find(&config, haul_span_of("a.test"), netrcs[_i].user, true);
        haul_buf_addf(&told, "%s%s%s", found ? found->login : "none", found ? ":" : "",
                      found ? found->password : "");
    }
    ck_assert_str_eq(haul_buf_str(&told), netrcs[_i].told);
    haul_buf_done(&told);
    free(logins);
    free(copy);
}
END_TEST

START_TEST(default_entry_is_for_whom_it_is_asked_for)
{
    static const struct haul_netrc_login logins[] = {{"[2001:db8::1]", "six", "x"},
                                                     {NULL, "d", "y"}};
    struct haul_config config;

    haul_config_init(&config);
    config.netrc = logins;
    config.netrc_count = 2;
    ck_assert_ptr_null(haul_netrc_find(&config, haul_span_of("a.test"), NULL, false));
    ck_assert_ptr_eq(haul_netrc_find(&config, haul_span_of("a.test"), NULL, true), &logins[1]);
    ck_assert_ptr_eq(haul_netrc_find(&config, haul_span_of("[2001:db8::1]"), NULL, false),
                     &logins[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("login_files");
    TCase *tcase = tcase_create("login_files");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, file_of_cookies_is_read_or_told_with_its_line, 0, COUNT(files));
    tcase_add_loop_test(tcase, later_file_counts_where_both_have_a_cookie, 0, COUNT(joins));
    tcase_add_test(tcase, nul_in_a_file_is_told);
    tcase_add_loop_test(tcase, netrc_is_read_as_curl_does, 0, COUNT(netrcs));
    tcase_add_test(tcase, default_entry_is_for_whom_it_is_asked_for);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
