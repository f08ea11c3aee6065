#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/robots.h"
#include "input/robots_rules_inside.h"
#include "robots_model.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_robots_rules *parse(const char *text, size_t len, const char *product)
{
    struct haul_robots_rules *rules;
    char *copy = malloc(len ? len : 1); /* so that a byte too far is seen */

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    ck_assert_int_eq(haul_robots_rules_parse(copy, len, product, &rules), HAUL_OK);
    free(copy);
    return rules;
}

static bool allows(const char *text, const char *product, const char *target)
{
    struct haul_robots_rules *rules = parse(text, strlen(text), product);
    bool allow = haul_robots_rules_allow(rules, target, strlen(target));

    haul_robots_rules_free(rules);
    return allow;
}

/* ---- one rule ---- */

/* All for "Disallow: rule" of "*". */
static const struct {
    const char *rule, *target;
    bool matches;
} paths[] = {
    /* RFC 9309, 2.2.2: what is compared with what, in both directions */
    {"/foo/bar?baz=quz", "/foo/bar?baz=quz", true},
    {"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", true},
    {"/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar", true},
    {"/foo/bar/\xe3\x83\x84", "/foo/bar/%E3%83%84", true},
    {"/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84", true},
    {"/foo/bar/%e3%83%84", "/foo/bar/\xe3\x83\x84", true},
    {"/foo/bar/%62%61%7A", "/foo/bar/baz", true},
    {"/foo/bar/baz", "/foo/bar/%62%61%7a", true},
    {"/foo/bar/%E3%83%84", "/foo/bar/%E3%83%85", false},
    /* RFC 9309, 2.2.3: the special octets and their encoding */
    {"/path/file-with-a-%2A.html", "/path/file-with-a-*.html", true},
    {"/path/file-with-a-%2a.html", "/path/file-with-a-b.html", false},
    {"/path/foo-%24", "/path/foo-$", true},
    {"/path/foo-%24", "/path/foo-", false},
    {"/this/path/exactly$", "/this/path/exactly", true},
    {"/this/path/exactly$", "/this/path/exactly/", false},
    {"/this/*/exactly", "/this/path/exactly", true},
    {"/this/*/exactly", "/this/path/of/mine/exactly?x", true},
    {"/this/*/exactly", "/this/exactly", false},
    /* Google, "How Google interprets the robots.txt specification": examples of path matches */
    {"/", "/any/valid/URL", true},
    {"/*", "/any/valid/URL", true},
    {"/$", "/", true},
    {"/$", "/any/valid/URL", false},
    {"/fish", "/fish", true},
    {"/fish", "/fish.html", true},
    {"/fish", "/fish/salmon.html", true},
    {"/fish", "/fishheads", true},
    {"/fish", "/fishheads/yummy.html", true},
    {"/fish", "/fish.php?id=anything", true},
    {"/fish", "/Fish.asp", false},
    {"/fish", "/catfish", false},
    {"/fish", "/?id=fish", false},
    {"/fish", "/desert/fish", false},
    {"/fish*", "/fish", true},
    {"/fish*", "/fish.html", true},
    {"/fish*", "/fish/salmon.html", true},
    {"/fish*", "/fishheads/yummy.html", true},
    {"/fish*", "/fish.php?id=anything", true},
    {"/fish*", "/Fish.asp", false},
    {"/fish*", "/catfish", false},
    {"/fish*", "/?id=fish", false},
    {"/fish/", "/fish/", true},
    {"/fish/", "/fish/?id=anything", true},
    {"/fish/", "/fish/salmon.htm", true},
    {"/fish/", "/fish", false},
    {"/fish/", "/fish.html", false},
    {"/fish/", "/animals/fish/", false},
    {"/fish/", "/Fish/Salmon.asp", false},
    {"/*.php", "/index.php", true},
    {"/*.php", "/filename.php", true},
    {"/*.php", "/folder/filename.php", true},
    {"/*.php", "/folder/filename.php?parameters", true},
    {"/*.php", "/folder/any.php.file.html", true},
    {"/*.php", "/filename.php/", true},
    {"/*.php", "/", false},
    {"/*.php", "/windows.PHP", false},
    {"/*.php$", "/filename.php", true},
    {"/*.php$", "/folder/filename.php", true},
    {"/*.php$", "/filename.php?parameters", false},
    {"/*.php$", "/filename.php/", false},
    {"/*.php$", "/filename.php5", false},
    {"/*.php$", "/windows.PHP", false},
    {"/fish*.php", "/fish.php", true},
    {"/fish*.php", "/fishheads/catfish.php?parameters", true},
    {"/fish*.php", "/Fish.PHP", false},
    /* what is easily wrong */
    {"*", "/a", true},
    {"*.gif$", "/a.gif.gif", true},
    {"*$", "/a", true},
    {"/a*$", "/ab", true},
    {"/a*$", "/b", false},
    {"/a**b", "/axb", true},
    {"/a*b*", "/ac", false},
    {"/a$b", "/a$b", true},
    {"/a$b", "/a", false},
    {"/a$$", "/a$", true},
    {"/a$$", "/a", false},
    {"/a*a", "/a", false},
    {"/*aab", "/aaab", true},
    {"/*aabaaac", "/aabaaabaaac", true},
    {"/*abab*ab$", "/ababab", true},
    {"/*abab*ab$", "/abab", false},
    {"/*abab*b$", "/abab", false},
    {"/*%61%62", "/xAab", true},
    {"/a b", "/a%20b", true},
    {"/a%zz", "/a%zz", true},
    {"/a%", "/a%25", true},
    {"/a%2", "/a%2", true},
    {"/a%00b", "/a%00b", true},
    {"/a%00b", "/a%00c", false},
    {"/a%2Fb", "/a/b", true},
    {"fish", "/fish", false},
    {"$", "/", false},
    {"", "/", false},
    {"/x", "x", true},
    {"/$", "", true},
    {"/?q", "?q", true},
};

START_TEST(path_matches)
{
    char text[200];
    bool model = robots_model_matches(paths[_i].rule, strlen(paths[_i].rule), paths[_i].target,
                                      strlen(paths[_i].target));

    snprintf(text, sizeof text, "User-agent: *\nDisallow: %s\n", paths[_i].rule);
    ck_assert_msg(allows(text, "haul", paths[_i].target) != paths[_i].matches, "%s %s",
                  paths[_i].rule, paths[_i].target);
    if (*paths[_i].target == '/' && *paths[_i].rule)
        ck_assert_int_eq(model, paths[_i].matches);
}
END_TEST

/* ---- several rules and groups ---- */

static const char rfc_groups[] = "User-Agent: *\n"
                                 "Disallow: *.gif$\n"
                                 "Disallow: /example/\n"
                                 "Allow: /publications/\n"
                                 "\n"
                                 "User-Agent: foobot\n"
                                 "Disallow:/\n"
                                 "Allow:/example/page.html\n"
                                 "Allow:/example/allowed.gif\n"
                                 "\n"
                                 "User-Agent: barbot\n"
                                 "User-Agent: bazbot\n"
                                 "Disallow: /example/page.html\n"
                                 "\n"
                                 "User-Agent: quxbot\n";
static const char rfc_longest[] = "User-Agent: foobot\n"
                                  "Allow: /example/page/\n"
                                  "Disallow: /example/page/disallowed.gif\n";
static const char rfc_merged[] = "User-agent: ExampleBot\n"
                                 "Disallow: /foo\n"
                                 "Disallow: /bar\n"
                                 "\n"
                                 "User-agent: ExampleBot\n"
                                 "Disallow: /baz\n";

static const struct {
    const char *text, *product, *target;
    bool allow;
} files[] = {
    /* RFC 9309, 5.1 */
    {rfc_groups, "haul", "/a.gif", false},
    {rfc_groups, "haul", "/a.gif?b", true},
    {rfc_groups, "haul", "/example/a", false},
    {rfc_groups, "haul", "/publications/", true},
    {rfc_groups, "haul", "/publications/a.gif", true}, /* 14 octets against 6 */
    {rfc_groups, "haul", "/", true},
    {rfc_groups, "foobot", "/", false},
    {rfc_groups, "FooBot/2.1", "/publications/", false},
    {rfc_groups, "foobot", "/example/page.html", true},
    {rfc_groups, "foobot", "/example/allowed.gif", true},
    {rfc_groups, "barbot", "/example/page.html", false},
    {rfc_groups, "bazbot", "/example/page.html", false},
    {rfc_groups, "bazbot", "/example/a", true},
    {rfc_groups, "quxbot", "/example/page.html", true}, /* its group has no rule */
    /* 5.2 */
    {rfc_longest, "foobot", "/example/page/", true},
    {rfc_longest, "foobot", "/example/page/disallowed.gif", false},
    {rfc_longest, "foobot", "/example/", true},
    /* 2.2.1 */
    {rfc_merged, "examplebot", "/foo", false},
    {rfc_merged, "examplebot", "/bar", false},
    {rfc_merged, "examplebot", "/baz", false},
    {rfc_merged, "haul", "/foo", true},
    {"User-agent: *\nDisallow: /a\nUser-agent: b\nDisallow: /\nUser-agent: *\nDisallow: /c", "haul",
     "/c", false},
    /* Google, "Order of precedence for rules" */
    {"User-agent: *\nallow: /p\ndisallow: /\n", "haul", "/page", true},
    {"User-agent: *\nallow: /folder\ndisallow: /folder\n", "haul", "/folder/page", true},
    {"User-agent: *\nallow: /page\ndisallow: /*.htm\n", "haul", "/page.htm", false},
    {"User-agent: *\nallow: /page\ndisallow: /*.ph\n", "haul", "/page.php5", true},
    {"User-agent: *\nallow: /$\ndisallow: /\n", "haul", "/", true},
    {"User-agent: *\nallow: /$\ndisallow: /\n", "haul", "/page.htm", false},
    /* in octets of the shortest writing */
    {"User-agent: *\nallow: /a%23*\ndisallow: /*bc\n", "haul", "/a%23bc", true},
    {"User-agent: *\nallow: /%61*\ndisallow: /*bc\n", "haul", "/abc", false},
    {"User-agent: *\nallow: /\xc3\xa4*\ndisallow: /*bcdef\n", "haul", "/%C3%A4bcdef", true},
    /* groups */
    {"Disallow: /\n", "haul", "/", true},
    {"User-agent: haul\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n", "haul", "/b", true},
    {"User-agent: *\nDisallow: /\nUser-agent: haul\nDisallow:\n", "haul", "/b", true},
    {"User-agent: *\nUser-agent: haul\nDisallow: /\n", "haul", "/", false},
    {"User-agent: *\nSitemap: x\nCrawl-delay: 1\n\nUser-agent: b\nDisallow: /\n", "haul", "/",
     false},
    {"User-agent: b\nDisallow:\nUser-agent: *\nDisallow: /\n", "b", "/", true},
    {"User-agent: haul-news\nDisallow: /\n", "haul", "/", true},
    {"User-agent: hau\nDisallow: /\n", "haul", "/", true},
    {"User-agent: HAUL/1.0 (bot)\nDisallow: /\n", "haul", "/", false},
    {"User-agent: * and all\nDisallow: /\n", "haul", "/", false},
    {"User-agent: *bot\nDisallow: /\n", "haul", "/", true},
    {"User-agent:\nDisallow: /\n", "", "/", true},
    {"User-agent: *\nDisallow: /\n", "", "/", false},
    /* the file itself */
    {"User-agent: *\nDisallow: /\n", "haul", "/robots.txt", true},
    {"User-agent: *\nDisallow: /\n", "haul", "/robot%73.txt", true},
    {"User-agent: *\nDisallow: /\n", "haul", "/robots.txt?a", false},
    {"User-agent: *\nDisallow: /\n", "haul", "/a/robots.txt", false},
    /* how it is written */
    {"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\n", "haul", "/", false},
    {"User-agent: *\rDisallow: /a\rDisallow: /b", "haul", "/b", false},
    {" \tuser-AGENT\t :\t* # all\n\t DISALLOW : /a # b\n", "haul", "/ab", false},
    {"# User-agent: b\nUser-agent: * #\nDisallow: /a#b\n", "haul", "/ac", false},
    {"user agent: *\ndisalow: /\n", "haul", "/", false},
    {"useragent: *\ndissallow: /\n", "haul", "/", false},
    {"user-agent *\ndissalow /\n", "haul", "/", false},
    {"user-agent\t*\ndiasllow\t /\n", "haul", "/", false},
    {"user-agent: *\ndisallaw: /\n", "haul", "/", false},
    {"user-agent: *\nDisallow / but not this\n", "haul", "/", true},
    {"user-agent: *\nNoindex: /\nunallow: /\nDisallowed: /\n", "haul", "/", true},
    {"", "haul", "/", true},
    {"<!DOCTYPE html><title>404: not found</title>", "haul", "/", true},
};

START_TEST(file_is_understood)
{
    ck_assert_msg(allows(files[_i].text, files[_i].product, files[_i].target) == files[_i].allow,
                  "%s: %s", files[_i].product, files[_i].target);
}
END_TEST

/* ---- Crawl-delay ---- */

static const struct {
    const char *text;
    int64_t delay_us;
} delays[] = {
    {"User-agent: *\nCrawl-delay: 10\n", 10000000},
    {"User-agent: *\nDisallow: /\ncrawl-DELAY : 0.5 # s\n", 500000},
    {"User-agent: *\nCrawl-delay: .25\n", 250000},
    {"User-agent: *\nCrawl-delay: 2.\n", 2000000},
    {"User-agent: *\nCrawl-delay: 0\n", 0},
    {"User-agent: *\nCrawl-delay: 1.0000019999999999999999999999\n", 1000001},
    {"User-agent: *\nCrawl-delay: 99999999999999999999\n", INT64_MAX},
    {"User-agent: *\nCrawl-delay: 9223372036854.999999\n", INT64_MAX},
    {"User-agent: *\nCrawl-delay: 1\nUser-agent: haul\nDisallow:\n", -1},
    {"User-agent: *\nCrawl-delay: 1\nUser-agent: b\nCrawl-delay: 3\nCrawl-delay: 2\n", 3000000},
    {"User-agent: haul\nCrawl-delay: 3\nDisallow: /\n\nUser-agent: b\nCrawl-delay: 9\n", 3000000},
    {"User-agent: b\nCrawl-delay: 3\nUser-agent: *\nDisallow: /\n", -1},
    {"Crawl-delay: 3\nUser-agent: *\nDisallow: /\n", -1},
    {"User-agent: *\nCrawl-delay: -1\nCrawl-delay: 1e3\nCrawl-delay: 10s\nCrawl-delay: .\n"
     "Crawl-delay:\nCrawl-delay: 0x1\nCrawl-delay: 1,5\nCrawl-delay: inf\nCrawl-delay: 1 2\n",
     -1},
};

START_TEST(delay_is_read)
{
    struct haul_robots_rules *rules = parse(delays[_i].text, strlen(delays[_i].text), "haul");

    ck_assert_int_eq(haul_robots_rules_delay_us(rules), delays[_i].delay_us);
    haul_robots_rules_free(rules);
}
END_TEST

/* ---- the model ---- */

static unsigned next(unsigned *state, unsigned bound)
{
    *state = *state * 1664525U + 1013904223U;
    return (*state >> 8) % bound;
}

static void add_random(struct haul_buf *to, unsigned *state, const char *const pieces[], int count,
                       unsigned length)
{
    for (unsigned i = next(state, length); i; i--)
        haul_buf_add_str(to, pieces[next(state, (unsigned)count)]);
}

/* So few octets that they meet often. */
static const char *const path_pieces[] = {"a",   "b",   "/", "*", "*", "$",        "%61",   "%2A",
                                          "%24", "%2f", "?", "%", "a", "\xc3\xa4", "%C3%A4"};
static const char *const target_pieces[] = {"a", "a", "b", "/",   "?",        "%61",
                                            "*", "$", "%", "%2a", "\xc3\xa4", "%c3%A4"};
static const char *const agents[] = {"*", "haul", "HAUL/2", "other", "haul-x", "* x", ""};
static const char *const names[] = {
    "Allow:",       "Disallow:", "disallow: ",     "Allow :", "User-agent:",
    "User-agent: ", "Sitemap:",  "Crawl-delay: 1", "#"};

static void add_random_line(struct haul_buf *text, unsigned *state)
{
    const char *name = names[next(state, COUNT(names))];

    haul_buf_add_str(text, name);
    if (*name == 'U')
        haul_buf_add_str(text, agents[next(state, COUNT(agents))]);
    else if (next(state, 9)) {
        haul_buf_add_str(text, next(state, 6) ? "/" : "*");
        add_random(text, state, path_pieces, COUNT(path_pieces), 7);
    }
    haul_buf_add_char(text, '\n');
}

enum { MODEL_FILES = 20000, TARGETS_PER_FILE = 5 };

/* Returns how many were disallowed. */
static int ask_both(const struct haul_buf *text, unsigned *state)
{
    struct haul_robots_rules *rules = parse(haul_buf_str(text), text->len, "haul");
    struct haul_buf target;
    int disallowed = 0;
    bool allow, model;

    haul_buf_init(&target, 0);
    for (int i = 0; i < TARGETS_PER_FILE; i++) {
        haul_buf_clear(&target);
        haul_buf_add_char(&target, '/');
        add_random(&target, state, target_pieces, COUNT(target_pieces), 9);
        allow = haul_robots_rules_allow(rules, target.data, target.len);
        model = robots_model_allow(haul_buf_str(text), text->len, "haul", target.data, target.len);
        ck_assert_msg(allow == model, "%d, not %d: %s of\n%s", allow, model, target.data,
                      haul_buf_str(text));
        disallowed += !allow;
    }
    haul_buf_done(&target);
    haul_robots_rules_free(rules);
    return disallowed;
}

START_TEST(random_files_are_judged_as_by_the_model)
{
    unsigned state = 9309;
    int disallowed = 0;
    struct haul_buf text;

    haul_buf_init(&text, 0);
    for (int i = 0; i < MODEL_FILES; i++) {
        haul_buf_clear(&text);
        haul_buf_add_str(&text, next(&state, 4) ? "User-agent: *\n" : "User-agent: haul\n");
        for (unsigned lines = 1 + next(&state, 12); lines; lines--)
            add_random_line(&text, &state);
        disallowed += ask_both(&text, &state);
    }
    haul_buf_done(&text);
    /* The two agree on something. */
    ck_assert_int_gt(disallowed, MODEL_FILES * TARGETS_PER_FILE / 20);
    ck_assert_int_lt(disallowed, MODEL_FILES * TARGETS_PER_FILE / 2);
}
END_TEST

/* ---- bounds ---- */

static void fill(struct haul_buf *text, size_t len, const char *line)
{
    while (text->len + strlen(line) <= len)
        haul_buf_add_str(text, line);
    haul_buf_pad(text, '#', len - text->len);
}

START_TEST(text_counts_up_to_its_limit_and_a_half_line_does_not)
{
    static const char rule[] = "\nDisallow: /ab";
    struct haul_robots_rules *rules;
    struct haul_buf text;

    for (size_t cut = 0; cut <= sizeof rule; cut++) {
        haul_buf_init(&text, 0);
        haul_buf_add_str(&text, "User-agent: *\nDisallow: /x\n");
        fill(&text, HAUL_ROBOTS_MAX - (sizeof rule - 1) + cut, "# nothing\n");
        haul_buf_add_str(&text, rule);
        haul_buf_add_str(&text, "\n\nDisallow: /\n");
        rules = parse(text.data, text.len, "haul");
        ck_assert(!haul_robots_rules_allow(rules, "/x", 2));
        /* Its last octet is inside, or it is not there: never "/a". */
        ck_assert_int_eq(haul_robots_rules_allow(rules, "/ab", 3), cut > 0);
        ck_assert(haul_robots_rules_allow(rules, "/a", 2));
        haul_robots_rules_free(rules);
        haul_buf_done(&text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robots_rules");
    TCase *tcase = tcase_create("robots_rules");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, path_matches, 0, COUNT(paths));
    tcase_add_loop_test(tcase, file_is_understood, 0, COUNT(files));
    tcase_add_loop_test(tcase, delay_is_read, 0, COUNT(delays));
    tcase_add_test(tcase, random_files_are_judged_as_by_the_model);
    tcase_add_test(tcase, text_counts_up_to_its_limit_and_a_half_line_does_not);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
