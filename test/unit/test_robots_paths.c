#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "input/robots.h"
#include "input/robots_paths.h"
#include "input/robots_rules_inside.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { RULES = 100000, TARGET_LEN = 2000 };

/* Each is `begin`, and a number with `end` behind. */
static void add_rules(struct haul_robots_paths *paths, const char *begin, const char *end,
                      int count)
{
    char path[128];

    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s%d%s", begin, i, end);
        haul_robots_paths_add(paths, haul_span_of(path), false);
    }
}

/* The work for a target of "/aaa...a" and so many rules; *allows is the verdict. */
static int64_t steps_for(const char *begin, const char *end, int count, size_t target_len,
                         bool *allows)
{
    struct haul_robots_paths paths;
    char *target = malloc(target_len);
    int64_t steps;

    ck_assert_ptr_nonnull(target);
    memset(target, 'a', target_len);
    target[0] = '/';
    haul_robots_paths_init(&paths);
    add_rules(&paths, begin, end, count);
    ck_assert_int_eq(haul_robots_paths_finish(&paths), HAUL_OK);
    *allows = haul_robots_paths_allow(&paths, target, target_len, &steps);
    haul_robots_paths_done(&paths);
    free(target);
    return steps;
}

/* The most steps that one rule may take: for each run some, or all of the target. */
static const struct {
    const char *begin, *end;
    int64_t steps_max;
} hostile[] = {
    {"/*a*a*a*a*b", "$", 16},
    {"/", "", 2},
    {"/a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*", "$", 32},
    {"*", "", TARGET_LEN / 16 + 4},
    {"/*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "", 2 * TARGET_LEN},
    {"/*abababababababababababababababac*", "", 2 * TARGET_LEN},
    {"/*aab*aab*aab", "$", 2 * TARGET_LEN},
};

START_TEST(work_grows_with_the_rules_and_not_with_what_they_could_be_tried_with)
{
    bool allows;
    int64_t once, twice;
    int count = (int)(HAUL_ROBOTS_STEPS_MAX / hostile[_i].steps_max / 2);

    if (count > RULES / 2)
        count = RULES / 2;
    once = steps_for(hostile[_i].begin, hostile[_i].end, count, TARGET_LEN, &allows);
    ck_assert(allows);
    twice = steps_for(hostile[_i].begin, hostile[_i].end, 2 * count, TARGET_LEN, &allows);
    ck_assert(allows);
    ck_assert_int_le(once, count * hostile[_i].steps_max);
    ck_assert_int_le(twice, 2 * once + count / 4); /* numbers of more digits are longer */
}
END_TEST

START_TEST(too_much_work_is_given_up_and_disallows)
{
    bool allows;
    int64_t steps = steps_for("/*aab", "", RULES, HAUL_ROBOTS_STEPS_MAX / 1000, &allows);

    ck_assert(!allows);
    ck_assert_int_gt(steps, HAUL_ROBOTS_STEPS_MAX);
    ck_assert_int_lt(steps, HAUL_ROBOTS_STEPS_MAX + HAUL_ROBOTS_STEPS_MAX / 100);
}
END_TEST

START_TEST(rules_without_a_star_are_never_too_much_work)
{
    bool allows;

    steps_for("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "",
              RULES, 65536, &allows);
    ck_assert(allows);
}
END_TEST

START_TEST(hundred_thousand_rules_of_a_file_are_read_and_decide)
{
    struct haul_robots_rules *rules;
    struct haul_buf text;
    static const char hit[] = "/xaxaxaxab77777", miss[] = "/xaxaxaxab100000";

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "User-agent: haul\n");
    for (int i = 0; i < RULES; i++)
        haul_buf_addf(&text, "Disallow: /*a*a*a*a*b%d$\n", i);
    ck_assert_int_eq(haul_robots_rules_parse_up_to(text.data, text.len, text.len, "haul", &rules),
                     HAUL_OK);
    ck_assert(!haul_robots_rules_allow(rules, hit, sizeof hit - 1));
    ck_assert(haul_robots_rules_allow(rules, miss, sizeof miss - 1));
    haul_robots_rules_free(rules);
    /* As it comes from a server, it is cut. */
    ck_assert_int_eq(haul_robots_rules_parse(text.data, text.len, "haul", &rules), HAUL_OK);
    ck_assert(haul_robots_rules_allow(rules, hit, sizeof hit - 1));
    haul_robots_rules_free(rules);
    haul_buf_done(&text);
}
END_TEST

/* Lines of which a file of the largest size is made. */
static const char *const dense[] = {"allow:/\n", "allow *\n",
                                    "allow:*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a\n",
                                    "allow:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
                                    "allow:/********************************************\n"};

START_TEST(memory_is_bounded_by_the_text)
{
    struct haul_robots_rules *rules;
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "User-agent: *\n");
    while (text.len < HAUL_ROBOTS_MAX)
        haul_buf_add_str(&text, dense[_i]);
    ck_assert_int_eq(haul_robots_rules_parse(text.data, text.len, "haul", &rules), HAUL_OK);
    ck_assert_uint_le(haul_robots_rules_size(rules), (size_t)12 * HAUL_ROBOTS_MAX);
    ck_assert_uint_ge(haul_robots_rules_size(rules), text.len / 10);
    haul_robots_rules_free(rules);
    haul_buf_done(&text);
}
END_TEST

/* What is longer than any URL does no harm, however it is written. */
START_TEST(path_longer_than_a_url_matches_nothing)
{
    struct haul_robots_rules *rules;
    struct haul_buf text, target;

    haul_buf_init(&text, 0);
    haul_buf_init(&target, 0);
    haul_buf_add_str(&text, "User-agent: *\nDisallow: /");
    haul_buf_pad(&text, 'a', 65535);
    haul_buf_add_str(&text, "*\nDisallow: /b*");
    haul_buf_pad(&text, 'b', 65535);
    haul_buf_add_str(&text, "\n");
    haul_buf_add_char(&target, '/');
    haul_buf_pad(&target, 'a', 65535);
    ck_assert_int_eq(haul_robots_rules_parse(text.data, text.len, "haul", &rules), HAUL_OK);
    ck_assert(!haul_robots_rules_allow(rules, target.data, target.len));
    ck_assert(haul_robots_rules_allow(rules, target.data, target.len - 1));
    haul_buf_add_char(&target, 'a'); /* no URL is as long */
    ck_assert(!haul_robots_rules_allow(rules, target.data, target.len));
    haul_buf_clear(&target);
    haul_buf_add_char(&target, '/');
    haul_buf_pad(&target, 'b', 65535);
    ck_assert(haul_robots_rules_allow(rules, target.data, target.len));
    haul_robots_rules_free(rules);
    haul_buf_done(&text);
    haul_buf_done(&target);
}
END_TEST

START_TEST(every_allocation_that_fails_is_told)
{
    struct haul_robots_rules *rules;
    struct haul_buf text;
    enum haul_err err;
    bool walking = true;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, "User-agent: *\nDisallow: /x\nCrawl-delay: 1\nUser-agent: haul\n");
    for (int i = 0; i < 60; i++)
        haul_buf_addf(&text, "Disallow: /a*b%d$\n", i);
    for (long n = 1; walking; n++) {
        fail_alloc_arm(n);
        err = haul_robots_rules_parse(text.data, text.len, "haul", &rules);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking && !rules ? HAUL_ERR_NOMEM : HAUL_OK);
        haul_robots_rules_free(rules);
    }
    haul_buf_done(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robots_paths");
    TCase *tcase = tcase_create("robots_paths");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, work_grows_with_the_rules_and_not_with_what_they_could_be_tried_with,
                        0, COUNT(hostile));
    tcase_add_test(tcase, too_much_work_is_given_up_and_disallows);
    tcase_add_test(tcase, rules_without_a_star_are_never_too_much_work);
    tcase_add_test(tcase, hundred_thousand_rules_of_a_file_are_read_and_decide);
    tcase_add_loop_test(tcase, memory_is_bounded_by_the_text, 0, COUNT(dense));
    tcase_add_test(tcase, path_longer_than_a_url_matches_nothing);
    tcase_add_test(tcase, every_allocation_that_fails_is_told);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
