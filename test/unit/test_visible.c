#include <check.h>
#include <string.h>

#include "base/visible.h"

/* What of a text can be seen: pairs of texts, and what a reader is sure to see of them. */

#define ZWNJ "\xE2\x80\x8C"
#define ZWJ "\xE2\x80\x8D"
#define HEH "\xD9\x87"
#define ALEF "\xD8\xA7"
#define KA "\xE0\xA4\x95"      /* Devanagari */
#define VIRAMA "\xE0\xA5\x8D"  /* of it */
#define MAN "\xF0\x9F\x91\xA8" /* a pictograph */
#define WOMAN "\xF0\x9F\x91\xA9"
#define SKIN "\xF0\x9F\x8F\xBD"
#define HEART "\xE2\x9D\xA4\xEF\xB8\x8F"
#define MONGOL "\xE1\xA0\xA0"
#define SELECTOR "\xE1\xA0\x8B"
#define CHOSEONG "\xE1\x84\x80"
#define FILLER "\xE1\x85\xA0"

static const struct {
    const char *text, *seen; /* NULL: all of it */
} cases[] = {
    {"a b~", NULL},
    {"\xC3\xA4\xC2\xA0\xE4\xBD\xA0\xF0\x9F\x98\x80", NULL},
    {"a\tb\x7f", "ab"},
    {"a\xC2\x85\xC2\x9B", "a"},
    {"a\xC2\xAD", "a"},
    {"\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F\xE2\x80\xAA\xE2\x80\xAE\xE2\x81\xA6\xE2\x81\xA9", ""},
    {"\xE2\x80\x8B\xE2\x80\xA8\xE2\x80\xA9\xE2\x81\xA0\xEF\xBB\xBF", ""},
    {"\xF3\xA0\x80\xA0\xF3\xA0\x81\xBF", ""},
    {"\xEF\xB7\x90\xEF\xBF\xBE\xF4\x8F\xBF\xBF", ""},
    /* not UTF-8 */
    {"\xFF\xC0\xAE\xED\xA0\x80\xF4\x90\x80\x80\xE2\x80", ""},
    {"caf\xE9", "caf"},
    /* signs of scripts that have a shape, though Unicode counts them among formats */
    {"\xD8\x80\xD8\x85\xDB\x9D\xDC\x8F", NULL},
    /* the joiners, where they join */
    {HEH ZWNJ ALEF, NULL},
    {HEH ZWJ ALEF, NULL},
    {KA VIRAMA ZWJ KA, NULL},
    {KA VIRAMA ZWNJ, NULL},
    {KA VIRAMA ZWJ ".html", NULL},
    {KA ZWJ VIRAMA, NULL},
    {MAN ZWJ WOMAN ZWJ MAN, NULL},
    {MAN SKIN ZWJ HEART ZWJ MAN SKIN, NULL},
    /* ... and where they do not */
    {ZWNJ HEH, HEH},
    {HEH ZWNJ, HEH},
    {HEH ZWNJ ZWNJ ALEF, HEH ALEF},
    {HEH ZWNJ "a", HEH "a"},
    {"pay" ZWNJ "pal" ZWJ "x", "paypalx"},
    {"\xD0\xB0" ZWJ "\xD0\xB0", "\xD0\xB0\xD0\xB0"},
    {"1" ZWNJ "2", "12"},
    {"\xDB\xB1" ZWNJ "\xDB\xB2", "\xDB\xB1\xDB\xB2"}, /* Persian digits */
    {KA VIRAMA ZWJ ZWJ, KA VIRAMA ZWJ},
    {MAN ZWNJ WOMAN, MAN WOMAN},
    {MAN ZWJ "a", MAN "a"},
    {"a" ZWJ MAN, "a" MAN},
    {ZWJ, ""},
    {"\x80" ZWJ "\x80", ""},
    /* selectors and fillers */
    {MONGOL SELECTOR MONGOL, NULL},
    {"a" SELECTOR SELECTOR, "a"},
    {MONGOL SELECTOR SELECTOR, MONGOL SELECTOR},
    {CHOSEONG FILLER, NULL},
    {FILLER "a" FILLER, "a"},
};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

START_TEST(what_has_a_shape_is_seen_and_nothing_else)
{
    const char *text = cases[_i].text, *wanted = cases[_i].seen ? cases[_i].seen : text;
    char seen[100];
    size_t count = 0, n;

    for (size_t at = 0; at < strlen(text); at += n + !n) {
        n = haul_visible_length(text, strlen(text), at);
        memcpy(seen + count, text + at, n);
        count += n;
    }
    seen[count] = '\0';
    ck_assert_msg(strcmp(seen, wanted) == 0, "%d: \"%s\" is \"%s\"", _i, text, seen);
}
END_TEST

/* What is left of a text whose ends came along with it. */
static const struct {
    const char *text, *left; /* NULL: all of it */
    uint32_t code;
} ends[] = {
    {"", NULL, 0},
    {" a ", NULL, 0},
    {"\xC2\xA0", "", 0xa0},
    {" \xC2\xA0 a b \xE3\x80\x80\t", "a b", 0xa0},
    {"a\xE2\x80\x8B\xC2\xA0", "a", 0xa0},
    {"\xEF\xBB\xBF"
     "a\xE2\x81\xA0",
     "a", 0xfeff},
    {"a\xC2\xAD", "a", 0xad},
    {"\xE2\x80\xAA"
     "a\xE2\x80\xAC",
     "a", 0x202a},
    {"\xC2\x85"
     "a\xE2\x80\xA8",
     "a", 0x85},
    {"a\xC2\xA0"
     "b",
     NULL, 0},
    {HEH ZWNJ ALEF ZWNJ, HEH ZWNJ ALEF, 0x200c},
    {KA VIRAMA ZWJ, NULL, 0},
    {KA VIRAMA ZWJ ZWJ, KA VIRAMA ZWJ, 0x200d},
    /* what words and pictures end in */
    {HEART, NULL, 0},
    {"\xE8\x91\x9B\xF3\xA0\x84\x80", NULL, 0},
    {"\xF0\x9F\x8F\xB4\xF3\xA0\x81\xA7\xF3\xA0\x81\xBF", NULL, 0},
    {MONGOL SELECTOR, NULL, 0},
    {"\xE3\x85\xA4", NULL, 0},
    {"a\xCD\x8F", NULL, 0},
    /* what is to be refused, or is no UTF-8 */
    {"\x01"
     "a\x7F",
     NULL, 0},
    {"a\r", NULL, 0},
    {"\xC2\x9B"
     "a\xC2\x80",
     NULL, 0},
    {"\xA0"
     "a\xA0",
     NULL, 0},
    {"\xC2", NULL, 0},
    {"\x80\x8B", NULL, 0},
};
enum { END_COUNT = sizeof ends / sizeof *ends };

START_TEST(ends_that_cannot_be_seen_are_taken_off)
{
    const char *left = ends[_i].left ? ends[_i].left : ends[_i].text;
    uint32_t code;
    struct haul_span got = haul_visible_trim(haul_span_of(ends[_i].text), &code);

    ck_assert_msg(got.len == strlen(left) && memcmp(got.at, left, got.len) == 0, "%d: [%.*s]", _i,
                  (int)got.len, got.at);
    ck_assert_uint_eq(code, ends[_i].code);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("visible");
    TCase *tcase = tcase_create("visible");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, what_has_a_shape_is_seen_and_nothing_else, 0, CASE_COUNT);
    tcase_add_loop_test(tcase, ends_that_cannot_be_seen_are_taken_off, 0, END_COUNT);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
