#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"

static const struct glob_case {
    const char *pattern, *text;
    bool matches;
} cases[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "a", true},
    {"a", "A", false},
    {"a", "ab", false},
    {"ab", "a", false},
    {"*", "", true},
    {"*", "abc", true},
    {"*", "a/b", false},
    {"**", "", true},
    {"**", "a/b/c", true},
    {"/assets/**", "/assets/a/b.js", true},
    {"/assets/**", "/assets/", true},
    {"/assets/**", "/assets", false},
    {"/assets/**", "/other/assets/a", false},
    {"/assets/*", "/assets/a.js", true},
    {"/assets/*", "/assets/a/b.js", false},
    {"/*/b", "/a/b", true},
    {"/*/b", "/a/a/b", false},
    {"/**/b", "/a/a/b", true},
    {"/**/b", "/b", false}, /* there are two slashes in the pattern */
    {"**.js", "/a/b.js", true},
    {"**.js", "/a/b.jsx", false},
    {"*.js", "a.js.js", true},
    {"*.example.com", "a.b.example.com", true},
    {"*.example.com", "example.com", false},
    {"image/*", "image/svg+xml", true},
    {"image/*", "images/png", false},
    {"a*b*c", "a-b-b-c", true},
    {"a*b*c", "a-b-b-d", false},
    {"a***b", "a/x/b", true},
    {"a***b", "a/x/c", false},
    {"**x*y", "x/xy", true},
    {"**x*y", "x/x/y", false},
    {"**/x*/y", "a/x/x1/y", true},
    {"*x/*y", "ax/bx/y", false},
    {"*x/**y", "ax/bx/y", true},
    /* What is special elsewhere is not here. */
    {"/?a=1", "/?a=1", true},
    {"/?a=1", "/xa=1", false},
    {"[ab]", "[ab]", true},
    {"[ab]", "a", false},
    {"a%_", "a%_", true},
    {"a%_", "abc", false},
    {"\\*", "\\x", true},
    {"\xff*", "\xff\xfe", true},
};

START_TEST(pattern_matches_the_whole_text)
{
    const struct glob_case *at = &cases[_i];

    ck_assert_msg(haul_glob_matches(at->pattern, at->text, strlen(at->text)) == at->matches,
                  "'%s' and '%s'", at->pattern, at->text);
}
END_TEST

START_TEST(text_may_hold_any_byte)
{
    ck_assert(haul_glob_matches("a**b", "a\0/\nb", 5));
    ck_assert(!haul_glob_matches("a", "a\0", 2));
}
END_TEST

/* All ways to match: plain, and slow. */
static bool matches_naively(const char *pattern, const char *text)
{
    bool across = pattern[0] == '*' && pattern[1] == '*';

    if (!*pattern)
        return !*text;
    if (*pattern != '*')
        return *pattern == *text && matches_naively(pattern + 1, text + 1);
    for (;; text++) {
        if (matches_naively(pattern + 1 + across, text))
            return true;
        if (!*text || (*text == '/' && !across))
            return false;
    }
}

/* The `number`th text over the alphabet. */
static void spell(unsigned number, const char *alphabet, char text[16])
{
    unsigned letters = (unsigned)strlen(alphabet);
    size_t len = 0;

    for (; number; number = (number - 1) / letters)
        text[len++] = alphabet[(number - 1) % letters];
    text[len] = '\0';
}

START_TEST(all_short_patterns_match_as_defined)
{
    char pattern[16], text[16];

    for (unsigned i = 0; i < 1365; i++) { /* up to 5 letters out of 4 */
        spell(i, "a*/b", pattern);
        for (unsigned k = 0; k < 1093; k++) { /* up to 6 out of 3 */
            spell(k, "ab/", text);
            ck_assert_msg(haul_glob_matches(pattern, text, strlen(text)) ==
                              matches_naively(pattern, text),
                          "'%s' and '%s'", pattern, text);
        }
    }
}
END_TEST

/* Going back would take years: this is to end at all. */
START_TEST(hostile_text_takes_no_time)
{
    enum { LEN = 65536 };
    char *text = malloc(LEN);

    ck_assert_ptr_nonnull(text);
    memset(text, 'a', LEN);
    ck_assert(!haul_glob_matches("**a*a**a*a**a*a**a*a**a*ab", text, LEN));
    ck_assert(haul_glob_matches("**a*a**a*a**a*a**a*a**a*aa", text, LEN));
    free(text);
}
END_TEST

START_TEST(pattern_of_the_largest_length_works_and_a_longer_one_matches_nothing)
{
    char pattern[HAUL_GLOB_MAX + 2], text[HAUL_GLOB_MAX + 2];

    memset(pattern, 'a', sizeof pattern);
    memset(text, 'a', sizeof text);
    pattern[0] = '*';
    pattern[HAUL_GLOB_MAX] = '\0';
    ck_assert(haul_glob_matches(pattern, text, HAUL_GLOB_MAX));
    pattern[HAUL_GLOB_MAX] = 'a';
    pattern[HAUL_GLOB_MAX + 1] = '\0';
    ck_assert(!haul_glob_matches(pattern, text, HAUL_GLOB_MAX + 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("glob");
    TCase *match = tcase_create("match");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(match, pattern_matches_the_whole_text, 0,
                        (int)(sizeof cases / sizeof *cases));
    tcase_add_test(match, text_may_hold_any_byte);
    tcase_add_test(match, all_short_patterns_match_as_defined);
    tcase_add_test(match, hostile_text_takes_no_time);
    tcase_add_test(match, pattern_of_the_largest_length_works_and_a_longer_one_matches_nothing);
    suite_add_tcase(suite, match);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
