#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "http/cookie.h"
#include "http/cookie_date.h"
#include "http/public_suffix.h"
#include "model/host.h"
#include "model/url_parts.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { NOW_S = 1700000000 };

/* As far as its name says. */
static bool is_local(const char *url)
{
    return haul_host_is_loopback(haul_url_parts_of(url, strlen(url)).host);
}

/* ---- dates (RFC 6265, 5.1.1) ---- */

static const struct {
    const char *text;
    int64_t seconds; /* -1: it is none */
} dates[] = {
    {"Wed, 21 Oct 2015 07:28:00 GMT", 1445412480},
    {"Wednesday, 21-Oct-15 07:28:00 GMT", 1445412480},
    {"Wed Oct 21 07:28:00 2015", 1445412480},
    {"Wed, 21-Oct-2015 07:28:00 GMT", 1445412480},
    {"2015 october 21 7:28:0", 1445412480},
    {"07:28:00 21 oct 2015", 1445412480},
    {"\t21/OCT/2015 07:28:00 +0500", 1445412480},
    {"07:28:00PM 21st octember 2015nd", 1445412480},
    {"1 1 Jan 70 00:00:10", 10},
    {"1 Jan 70 00:00:10", 10},
    {"1 Jan 69 00:00:00", 3124224000},
    {"1 Jan 1969 23:59:59", -31449601},
    {"29 Feb 2024 00:00:00", 1709164800},
    {"29 Feb 2023 00:00:00", -1},
    {"31 Apr 2023 00:00:00", -1},
    {"0 Apr 2023 00:00:00", -1},
    {"1 Apr 1600 00:00:00", -1},
    {"1 Apr 2023 24:00:00", -1},
    {"1 Apr 2023 23:60:00", -1},
    {"1 Apr 2023 23:59:60", -1},
    {"1 Apr 2023 023:59:00", -1},
    {"1 Apr 2023", -1},
    {"Apr 2023 00:00:00", -1},
    {"1 2023 00:00:00", -1},
    {"1 Apr 00:00:00", -1},
    {"1 Apr 20233 00:00:00", -1},
    {"", -1},
    {"Session", -1},
};

START_TEST(date_is_read_as_servers_write_it)
{
    int64_t seconds = -1;
    bool is_date = haul_cookie_date_parse(haul_span_of(dates[_i].text), &seconds);

    ck_assert_msg(is_date == (dates[_i].seconds != -1), "%s", dates[_i].text);
    if (is_date)
        ck_assert_msg(seconds == dates[_i].seconds, "%s: %lld", dates[_i].text, (long long)seconds);
}
END_TEST

/* ---- the public suffix list ---- */

static const struct {
    const char *domain;
    bool is_suffix;
} suffixes[] = {
    {"com", true},
    {"co.uk", true},
    {"example.com", false},
    {"uk", true},
    {"example.co.uk", false},
    {"github.io", true},
    {"a.github.io", false},
    {"ck", true},
    {"x.ck", true},
    {"www.ck", false},
    {"localhost", true},
    {"nosuchtld", true},
    {"xn--p1ai", true},
    {"a.xn--p1ai", false},
};

START_TEST(suffix_of_strangers_is_known)
{
    ck_assert_msg(haul_public_suffix_is(suffixes[_i].domain) == suffixes[_i].is_suffix, "%s",
                  suffixes[_i].domain);
}
END_TEST

/* ---- what a Set-Cookie says ---- */

static const struct {
    const char *url, *text;
    const char
        *told; /* "name=value domain path", with '*' for all below, '!' for secure; or NULL */
} said[] = {
    {"http://a.test/x/y", "n=v", "n=v a.test /x"},
    {"http://a.test/x/y/", "n=v", "n=v a.test /x/y"},
    {"http://a.test/x", "n=v", "n=v a.test /"},
    {"http://a.test/?q=/a/b", "n=v", "n=v a.test /"},
    {"http://a.test/", " n = v w ;", "n=v w a.test /"},
    {"http://a.test/", "n=v=w", "n=v=w a.test /"},
    {"http://a.test/", "n=\"v\"", "n=\"v\" a.test /"},
    {"http://a.test/", "n=", "n= a.test /"},
    {"http://a.test/", "n", NULL},
    {"http://a.test/", "=v", NULL},
    {"http://a.test/", "", NULL},
    {"http://a.test/", ";n=v", NULL},
    {"http://a.test/", "n=v\x01", NULL},
    {"http://a.test/", "n=v; path=/\x7f", NULL},
    {"http://a.test/", "n=v\tw", "n=v\tw a.test /"},
    /* paths: 5.2.4 */
    {"http://a.test/x/y", "n=v; Path=/z", "n=v a.test /z"},
    {"http://a.test/x/y", "n=v; path = /z ; PATH=/w", "n=v a.test /w"},
    {"http://a.test/x/y", "n=v; Path=z", "n=v a.test /x"},
    {"http://a.test/x/y", "n=v; Path=/z; Path=", "n=v a.test /x"},
    {"http://a.test/x/y", "n=v; Path", "n=v a.test /x"},
    /* domains: 5.2.3, 5.3 */
    {"http://a.site.test/", "n=v; Domain=site.test", "n=v *site.test /"},
    {"http://a.site.test/", "n=v; Domain=.SITE.Test", "n=v *site.test /"},
    {"http://a.site.test/", "n=v; domain=a.site.test", "n=v *a.site.test /"},
    {"http://a.site.test/", "n=v; Domain=b.a.site.test", NULL},
    {"http://a.site.test/", "n=v; Domain=b.site.test", NULL},
    {"http://a.site.test/", "n=v; Domain=ite.test", NULL},
    {"http://a.site.test/", "n=v; Domain=other.test; Domain=site.test", "n=v *site.test /"},
    {"http://a.site.test/", "n=v; Domain=site.test; Domain=", "n=v a.site.test /"},
    {"http://a.site.test/", "n=v; Domain=", "n=v a.site.test /"},
    {"http://a.site.test/", "n=v; Domain=.", "n=v a.site.test /"},
    {"http://a.site.test/", "n=v; Domain=site.test.", NULL},
    {"http://a.site.test./", "n=v; Domain=test.", NULL},
    {"http://a.site.test./", "n=v; Domain=site.test.", NULL},
    {"http://a.site.test./", "n=v", "n=v a.site.test /"},
    {"http://a.site.test/", "n=v; Domain=..site.test", NULL},
    {"http://a.site.test/", "n=v; Domain=s\xc3\xaete.test", NULL},
    {"http://a.site.test/", "n=v; Domain=test", NULL},
    {"http://shop.example.co.uk/", "n=v; Domain=co.uk", NULL},
    {"http://shop.example.co.uk/", "n=v; Domain=example.co.uk", "n=v *example.co.uk /"},
    {"http://me.github.io/", "n=v; Domain=github.io", NULL},
    {"http://github.io/", "n=v; Domain=github.io", "n=v github.io /"},
    {"http://co.uk/", "n=v; Domain=.co.uk", "n=v co.uk /"},
    {"http://localhost/", "n=v; Domain=localhost", "n=v localhost /"},
    {"http://10.2.3.4/", "n=v; Domain=10.2.3.4", "n=v 10.2.3.4 /"},
    {"http://10.2.3.4/", "n=v; Domain=3.4", NULL},
    {"http://[2001:db8::1]/", "n=v; Domain=[2001:db8::1]", "n=v [2001:db8::1] /"},
    {"http://[2001:db8::1]/", "n=v", "n=v [2001:db8::1] /"},
    /* secure */
    {"https://a.test/", "n=v; Secure", "n=v a.test / !"},
    {"https://a.test/", "n=v; secure=no", "n=v a.test / !"},
    {"http://a.test/", "n=v; Secure", NULL},
    {"http://localhost/", "n=v; Secure", "n=v localhost / !"},
    {"http://127.0.0.1/", "n=v; Secure", "n=v 127.0.0.1 / !"},
    {"http://[::1]/", "n=v; Secure", "n=v [::1] / !"},
    /* what names promise: 6265bis, 4.1.3 */
    {"https://a.test/", "__Secure-n=v; Secure", "__Secure-n=v a.test / !"},
    {"https://a.test/", "__secure-n=v", NULL},
    {"http://a.test/", "__Secure-n=v", NULL},
    {"https://a.test/x/y", "__Host-n=v; Secure; Path=/", "__Host-n=v a.test / !"},
    {"https://a.test/", "__Host-n=v; Secure", NULL},
    {"https://a.test/", "__Host-n=v; Path=/", NULL},
    {"https://a.test/", "__HOST-n=v; Secure; Path=/x", NULL},
    {"https://b.a.test/", "__Host-n=v; Secure; Path=/; Domain=b.a.test", NULL},
    /* what means nothing here */
    {"http://a.test/", "n=v; HttpOnly; SameSite=Strict; Partitioned; x=y;;", "n=v a.test /"},
};

static const char *tell(const struct haul_cookie *cookie, struct haul_buf *text)
{
    haul_buf_clear(text);
    haul_buf_addf(text, "%s=%s %s%s %s%s", cookie->name, cookie->value,
                  cookie->is_host_only ? "" : "*", cookie->domain, cookie->path,
                  cookie->is_secure ? " !" : "");
    return haul_buf_str(text);
}

START_TEST(set_cookie_is_read_by_the_rules)
{
    const struct haul_cookie_target target =
        haul_cookie_target_of(said[_i].url, is_local(said[_i].url));
    struct haul_cookie cookie;
    struct haul_buf room, text;
    bool is_kept;

    haul_buf_init(&room, 0);
    haul_buf_init(&text, 0);
    is_kept = haul_cookie_read(haul_span_of(said[_i].text), &target, NOW_S, &room, &cookie);
    ck_assert_str_eq(is_kept ? tell(&cookie, &text) : "none",
                     said[_i].told ? said[_i].told : "none");
    haul_buf_done(&room);
    haul_buf_done(&text);
}
END_TEST

static const struct {
    const char *text;
    int64_t expires_s;
} ends[] = {
    {"n=v", HAUL_COOKIE_NEVER},
    {"n=v; Max-Age=10", NOW_S + 10},
    {"n=v; Max-Age=0", INT64_MIN},
    {"n=v; Max-Age=-1", INT64_MIN},
    {"n=v; Max-Age=-", HAUL_COOKIE_NEVER},
    {"n=v; Max-Age=", HAUL_COOKIE_NEVER},
    {"n=v; Max-Age=+1", HAUL_COOKIE_NEVER},
    {"n=v; Max-Age=1x", HAUL_COOKIE_NEVER},
    {"n=v; Max-Age=1x; Max-Age=7", NOW_S + 7},
    {"n=v; Max-Age=7; Max-Age=x", NOW_S + 7},
    {"n=v; Expires=Wed, 21 Oct 2015 07:28:00 GMT", 1445412480},
    {"n=v; Expires=soon", HAUL_COOKIE_NEVER},
    {"n=v; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=3", NOW_S + 3},
    {"n=v; Max-Age=3; Expires=Wed, 21 Oct 2015 07:28:00 GMT", NOW_S + 3},
};

/* A proxy, or what else leads elsewhere, makes localhost a host like any other. */
START_TEST(secure_cookie_of_loopback_goes_where_it_stays_on_the_machine)
{
    static const char *const urls[] = {"http://localhost/", "http://127.0.0.1/", "http://[::1]/"};
    const char *url = urls[_i / 2];
    bool stays = _i % 2;
    const struct haul_cookie_target target = haul_cookie_target_of(url, stays);
    char domain[16] = "";
    struct haul_cookie cookie = {.name = "n",
                                 .value = "v",
                                 .domain = domain,
                                 .path = "/",
                                 .expires_s = HAUL_COOKIE_NEVER,
                                 .is_host_only = true,
                                 .is_secure = true};
    const struct haul_cookies file = {&cookie, 1};
    const struct haul_cookie_sources from = {.file = &file};
    struct haul_cookies_sent of_file;
    struct haul_buf room, out;

    memcpy(domain, url + strlen("http://"), strlen(url) - strlen("http:///"));
    haul_buf_init(&room, 0);
    haul_buf_init(&out, 0);
    ck_assert_uint_eq(haul_cookie_write(&from, &target, NOW_S, haul_span_of(""), &out, &of_file),
                      stays);
    ck_assert_int_eq(haul_cookie_read(haul_span_of("n=v; Secure"), &target, NOW_S, &room, &cookie),
                     stays);
    haul_buf_done(&room);
    haul_buf_done(&out);
}
END_TEST

START_TEST(max_age_goes_before_expires)
{
    const struct haul_cookie_target target =
        haul_cookie_target_of("http://a.test/", is_local("http://a.test/"));
    struct haul_cookie cookie;
    struct haul_buf room;

    haul_buf_init(&room, 0);
    ck_assert(haul_cookie_read(haul_span_of(ends[_i].text), &target, NOW_S, &room, &cookie));
    ck_assert_msg(cookie.expires_s == ends[_i].expires_s, "%s: %lld", ends[_i].text,
                  (long long)cookie.expires_s);
    haul_buf_done(&room);
}
END_TEST

static void fill(char *to, const char *begin, char byte, size_t len)
{
    strcpy(to, begin);
    memset(to + strlen(begin), byte, len - strlen(begin));
    to[len] = '\0';
}

START_TEST(sizes_have_limits)
{
    const struct haul_cookie_target target =
        haul_cookie_target_of("http://a.test/x/y", is_local("http://a.test/x/y"));
    static char text[HAUL_COOKIE_MAX + 2 * HAUL_COOKIE_ATTRIBUTE_MAX];
    struct haul_cookie cookie;
    struct haul_buf room;

    haul_buf_init(&room, 0);
    fill(text, "n=", 'v', HAUL_COOKIE_MAX + 1); /* the '=' is no part of it */
    ck_assert(haul_cookie_read(haul_span_of(text), &target, NOW_S, &room, &cookie));
    fill(text, "n=", 'v', HAUL_COOKIE_MAX + 2);
    ck_assert(!haul_cookie_read(haul_span_of(text), &target, NOW_S, &room, &cookie));
    fill(text, "n=v;path=/", 'p', strlen("n=v;path=") + HAUL_COOKIE_ATTRIBUTE_MAX);
    ck_assert(haul_cookie_read(haul_span_of(text), &target, NOW_S, &room, &cookie));
    ck_assert_uint_eq(strlen(cookie.path), HAUL_COOKIE_ATTRIBUTE_MAX);
    fill(text, "n=v;path=/", 'p', strlen("n=v;path=") + HAUL_COOKIE_ATTRIBUTE_MAX + 1);
    ck_assert(haul_cookie_read(haul_span_of(text), &target, NOW_S, &room, &cookie));
    ck_assert_str_eq(cookie.path, "/x");
    haul_buf_done(&room);
}
END_TEST

/* ---- a jar: what is sent after what was set ---- */

enum { STEPS_MAX = 6 };

static void keep(struct haul_cookie_jar **jar, const struct haul_cookies *file, const char *url,
                 const char *text, int64_t now_s)
{
    const struct haul_cookie_target target = haul_cookie_target_of(url, is_local(url));
    struct haul_buf room;

    haul_buf_init(&room, 0);
    haul_cookie_keep(jar, file, &target, text, strlen(text) + 1, now_s, &room);
    haul_buf_done(&room);
}

static const char *sent(const struct haul_cookie_jar *jar, const struct haul_cookies *file,
                        const char *url, const char *own, struct haul_buf *out)
{
    const struct haul_cookie_target target = haul_cookie_target_of(url, is_local(url));
    const struct haul_cookie_sources from = {jar, file};
    struct haul_cookies_sent of_file;

    haul_buf_clear(out);
    (void)haul_cookie_write(&from, &target, NOW_S, haul_span_of(own), out, &of_file);
    return haul_buf_str(out);
}

static const struct {
    const char *set[STEPS_MAX]; /* URL and Set-Cookie in turns */
    const char *url, *own, *sent;
} jars[] = {
    {{"http://a.test/", "n=v"}, "http://a.test/", "", "n=v"},
    {{"http://a.test/", "n=v"}, "https://a.test:444/x", "", "n=v"},
    {{"http://a.test/", "n=v"}, "http://b.a.test/", "", ""},
    {{"http://a.test/", "n=v"}, "http://b.test/", "", ""},
    {{"http://b.a.test/", "n=v; Domain=a.test"}, "http://c.a.test/", "", "n=v"},
    {{"http://b.a.test/", "n=v; Domain=a.test"}, "http://a.test/", "", "n=v"},
    {{"http://b.a.test/", "n=v; Domain=a.test"}, "http://xa.test/", "", ""},
    {{"http://a.co.uk/", "n=v; Domain=co.uk"}, "http://b.co.uk/", "", ""},
    {{"http://me.github.io/", "n=v; Domain=github.io"}, "http://you.github.io/", "", ""},
    {{"http://10.2.3.4/", "n=v"}, "http://10.2.3.4/", "", "n=v"},
    {{"http://10.2.3.4/", "n=v"}, "http://1.10.2.3.4/", "", ""},
    /* paths */
    {{"http://a.test/x/y", "n=v"}, "http://a.test/x", "", "n=v"},
    {{"http://a.test/x/y", "n=v"}, "http://a.test/x/", "", "n=v"},
    {{"http://a.test/x/y", "n=v"}, "http://a.test/xy", "", ""},
    {{"http://a.test/x/y", "n=v"}, "http://a.test/", "", ""},
    {{"http://a.test/x/y", "n=v"}, "http://a.test/x?q", "", "n=v"},
    {{"http://a.test/", "n=v; path=/x/"}, "http://a.test/x/y", "", "n=v"},
    {{"http://a.test/", "n=v; path=/x/"}, "http://a.test/x", "", ""},
    {{"http://a.test/", "n=v; path=/X"}, "http://a.test/x", "", ""},
    /* secure */
    {{"https://a.test/", "n=v; Secure"}, "https://a.test/", "", "n=v"},
    {{"https://a.test/", "n=v; Secure"}, "http://a.test/", "", ""},
    {{"https://a.test/", "n=v; Secure", "http://a.test/", "n=w"}, "https://a.test/", "", "n=v"},
    {{"https://a.test/", "n=v; Secure", "http://b.a.test/", "n=w; Domain=a.test"},
     "https://a.test/",
     "",
     "n=v"},
    {{"https://a.test/", "n=v; Secure; Path=/x", "http://a.test/", "n=w; Path=/"},
     "https://a.test/x",
     "",
     "n=v; n=w"},
    {{"https://a.test/", "n=v; Secure", "https://a.test/", "n=w"}, "http://a.test/", "", "n=w"},
    {{"http://127.0.0.1/", "n=v; Secure"}, "http://127.0.0.1/", "", "n=v"},
    /* order, replacement, the end */
    {{"http://a.test/", "a=1", "http://a.test/", "b=2"}, "http://a.test/", "", "a=1; b=2"},
    {{"http://a.test/", "a=1", "http://a.test/", "b=2", "http://a.test/", "a=3"},
     "http://a.test/",
     "",
     "a=3; b=2"},
    {{"http://a.test/", "a=1; Path=/", "http://a.test/", "b=2; Path=/x"},
     "http://a.test/x",
     "",
     "b=2; a=1"},
    {{"http://a.test/", "a=1", "http://a.test/", "a=2; Max-Age=0"}, "http://a.test/", "", ""},
    {{"http://a.test/", "a=1", "http://a.test/", "a=2; Path=/x; Max-Age=0"},
     "http://a.test/",
     "",
     "a=1"},
    {{"http://a.test/", "a=1", "http://a.test/", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"},
     "http://a.test/",
     "",
     ""},
    /* beside the user's own */
    {{"http://a.test/", "a=1", "http://a.test/", "b=2"}, "http://a.test/", "b=3; c=4", "a=1"},
    {{"http://a.test/", "a=1"}, "http://a.test/", "A=2;aa=3; x", "a=1"},
};

START_TEST(jar_sends_what_was_set_for_whom_it_is)
{
    struct haul_cookie_jar *jar = NULL;
    struct haul_buf out;

    haul_buf_init(&out, 0);
    for (size_t i = 0; i < STEPS_MAX && jars[_i].set[i]; i += 2)
        keep(&jar, NULL, jars[_i].set[i], jars[_i].set[i + 1], NOW_S);
    ck_assert_str_eq(sent(jar, NULL, jars[_i].url, jars[_i].own, &out), jars[_i].sent);
    haul_cookie_jar_free(jar);
    haul_buf_done(&out);
}
END_TEST

START_TEST(expired_cookie_is_not_sent)
{
    struct haul_cookie_jar *jar = NULL;
    struct haul_buf out;

    haul_buf_init(&out, 0);
    keep(&jar, NULL, "http://a.test/", "a=1; Max-Age=5", NOW_S - 5);
    keep(&jar, NULL, "http://a.test/", "b=1; Max-Age=6", NOW_S - 5);
    ck_assert_str_eq(sent(jar, NULL, "http://a.test/", "", &out), "b=1");
    haul_cookie_jar_free(jar);
    haul_buf_done(&out);
}
END_TEST

/* ---- bounds ---- */

static size_t count_sent(const struct haul_cookie_jar *jar, size_t *len)
{
    struct haul_buf out;
    size_t count = 0;

    haul_buf_init(&out, 0);
    (void)sent(jar, NULL, "http://a.test/", "", &out);
    for (size_t i = 0; i < out.len; i++)
        count += out.data[i] == '=';
    *len = out.len;
    haul_buf_done(&out);
    return count;
}

START_TEST(jar_has_a_number_of_cookies_and_the_oldest_go)
{
    struct haul_cookie_jar *jar = NULL;
    struct haul_buf text;
    size_t len;

    haul_buf_init(&text, 0);
    keep(&jar, NULL, "http://a.test/", "first=1", NOW_S);
    keep(&jar, NULL, "http://a.test/", "old=1; Max-Age=1", NOW_S - 2);
    for (int i = 0; i < HAUL_COOKIE_JAR_COUNT - 1; i++) {
        haul_buf_clear(&text);
        haul_buf_addf(&text, "n%d=1", i);
        keep(&jar, NULL, "http://a.test/", haul_buf_str(&text), NOW_S);
    }
    /* The expired one has gone first. */
    ck_assert_uint_eq(jar->count, HAUL_COOKIE_JAR_COUNT);
    ck_assert_str_eq(jar->cookie[0]->name, "first");
    keep(&jar, NULL, "http://a.test/", "last=1", NOW_S);
    ck_assert_uint_eq(jar->count, HAUL_COOKIE_JAR_COUNT);
    ck_assert_str_eq(jar->cookie[0]->name, "n0");
    ck_assert_str_eq(jar->cookie[HAUL_COOKIE_JAR_COUNT - 1]->name, "last");
    ck_assert_uint_eq(count_sent(jar, &len), HAUL_COOKIE_JAR_COUNT);
    haul_cookie_jar_free(jar);
    haul_buf_done(&text);
}
END_TEST

START_TEST(jar_and_request_have_so_many_bytes)
{
    static char text[HAUL_COOKIE_MAX + 2];
    struct haul_cookie_jar *jar = NULL;
    size_t len;

    for (char name = 'a'; name <= 'z'; name++) {
        fill(text, "n=", 'v', 2000);
        text[0] = name;
        keep(&jar, NULL, "http://a.test/", text, NOW_S);
        ck_assert_uint_le(jar->bytes, HAUL_COOKIE_JAR_BYTES);
    }
    ck_assert_uint_ge(jar->count, 7);
    ck_assert_str_eq(jar->cookie[jar->count - 1]->name, "z");
    ck_assert_uint_eq(count_sent(jar, &len), 4);
    ck_assert_uint_le(len, HAUL_COOKIE_FIELD_MAX);
    haul_cookie_jar_free(jar);
}
END_TEST

/* ---- beside a file ---- */

static const struct haul_cookie filed[] = {
    {"a", "1", "a.test", "/", HAUL_COOKIE_NEVER, true, false},
    {"b", "2", "a.test", "/", HAUL_COOKIE_NEVER, false, false},
    {"c", "3", "a.test", "/x", HAUL_COOKIE_NEVER, false, true},
    {"d", "4", "a.test", "/", NOW_S, false, false},
    {"a", "5", "a.testing", "/", HAUL_COOKIE_NEVER, false, false},
    {"e", "6", "b.a.test", "/", HAUL_COOKIE_NEVER, false, false},
    {"a", "7", "test", "/", HAUL_COOKIE_NEVER, true, false},
};
static const struct haul_cookies file = {filed, sizeof filed / sizeof *filed};

static const struct {
    const char *set[2], *url, *sent;
} files[] = {
    {{0}, "http://a.test/", "a=1; b=2"},
    {{0}, "http://a.test/x", "a=1; b=2"},
    {{0}, "https://a.test/x", "c=3; a=1; b=2"},
    {{0}, "http://b.a.test/", "e=6; b=2"},
    {{0}, "http://c.b.a.test/", "e=6; b=2"},
    {{0}, "http://test/", "a=7"},
    {{0}, "http://c.test/", ""},
    {{0}, "http://a.testing/", "a=5"},
    {{0}, "http://a.tes/", ""},
    {{"http://a.test/", "a=new"}, "http://a.test/", "b=2; a=new"},
    {{"http://a.test/", "a=; Max-Age=0"}, "http://a.test/", "b=2"},
    {{"http://a.test/", "b=; Max-Age=0"}, "http://a.test/", "a=1; b=2"},
    {{"http://a.test/", "b=; Domain=a.test; Max-Age=0"}, "http://a.test/", "a=1"},
    {{"http://a.test/", "c=new; Path=/x"}, "https://a.test/x", "c=3; a=1; b=2"},
};

START_TEST(cookies_of_a_file_are_sent_unless_a_server_has_changed_them)
{
    struct haul_cookie_jar *jar = NULL;
    struct haul_buf out;

    haul_buf_init(&out, 0);
    if (files[_i].set[0])
        keep(&jar, &file, files[_i].set[0], files[_i].set[1], NOW_S);
    ck_assert_str_eq(sent(jar, &file, files[_i].url, "", &out), files[_i].sent);
    haul_cookie_jar_free(jar);
    haul_buf_done(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cookie");
    TCase *tcase = tcase_create("cookie");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, date_is_read_as_servers_write_it, 0, COUNT(dates));
    tcase_add_loop_test(tcase, suffix_of_strangers_is_known, 0, COUNT(suffixes));
    tcase_add_loop_test(tcase, set_cookie_is_read_by_the_rules, 0, COUNT(said));
    tcase_add_loop_test(tcase, secure_cookie_of_loopback_goes_where_it_stays_on_the_machine, 0, 6);
    tcase_add_loop_test(tcase, max_age_goes_before_expires, 0, COUNT(ends));
    tcase_add_test(tcase, sizes_have_limits);
    tcase_add_loop_test(tcase, jar_sends_what_was_set_for_whom_it_is, 0, COUNT(jars));
    tcase_add_test(tcase, expired_cookie_is_not_sent);
    tcase_add_test(tcase, jar_has_a_number_of_cookies_and_the_oldest_go);
    tcase_add_test(tcase, jar_and_request_have_so_many_bytes);
    tcase_add_loop_test(tcase, cookies_of_a_file_are_sent_unless_a_server_has_changed_them, 0,
                        COUNT(files));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
