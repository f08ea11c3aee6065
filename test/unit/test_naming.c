#include <check.h>
#include <string.h>

#include "haul/config.h"
#include "numbered_key.h"
#include "sink/naming.h"

/* Whose a name is, in a run and from one run of a journal to the next. */

static struct haul_config config;
static struct haul_naming *naming;
static struct haul_buf name;

static void make(const char *form, bool folds_case)
{
    haul_naming_free(naming);
    config.name = form;
    ck_assert_int_eq(haul_naming_create(&config, folds_case, &naming), HAUL_OK);
}

static void begin(void)
{
    haul_config_init(&config);
    haul_buf_init(&name, 0);
    make("flat", false);
}

static void end(void)
{
    haul_naming_free(naming);
    naming = NULL;
    haul_buf_done(&name);
    haul_config_done(&config);
}

/* The keys of the URLs are told apart by their first letter here. Valid until the next call. */
static const char *give(const char *url, uint64_t number)
{
    const struct haul_job_text text = {
        .shown = url, .shown_len = strlen(url), .url = url, .origin = "http://h"};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_ptr_nonnull(job);
    job->key = *NUMBERED_KEY((unsigned char)url[strlen("http://h/")]);
    job->rec.seq = number - 1;
    haul_buf_clear(&name);
    ck_assert_int_eq(haul_naming_check(naming, job, url), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_naming_give(naming, job, url, &name), HAUL_REASON_NONE);
    haul_job_free(job);
    return haul_buf_str(&name);
}

static void claim(const char *path, uint64_t key)
{
    ck_assert_int_eq(haul_naming_claim(naming, path, NUMBERED_KEY(key)), HAUL_OK);
}

START_TEST(claimed_name_is_given_to_its_url_only)
{
    claim("a", 'x');
    ck_assert_msg(strncmp(give("http://h/z/a", 1), "a~", 2) == 0, "%s", name.data);
    ck_assert(!haul_naming_is_plain(naming));
    ck_assert_str_eq(give("http://h/x/a", 2), "a");
    ck_assert(haul_naming_owns(naming, "a", NUMBERED_KEY('x')));
    ck_assert(!haul_naming_owns(naming, "a", NUMBERED_KEY('z')));
    ck_assert(!haul_naming_owns(naming, "b", NUMBERED_KEY('x')));
}
END_TEST

START_TEST(claimed_number_is_given_to_its_url_only)
{
    make("{n}", false);
    claim("1", 'x');
    ck_assert_msg(strncmp(give("http://h/z", 1), "1~", 2) == 0, "%s", name.data);
    ck_assert_str_eq(give("http://h/x", 2), "2");
}
END_TEST

START_TEST(variant_of_a_name_stays_its_urls)
{
    char variant[300];

    claim("a", 'x');
    strcpy(variant, give("http://h/z/a", 1));
    make("flat", false);
    claim(variant, 'z');
    claim("a", 'x');
    ck_assert_str_eq(give("http://h/z/a", 1), variant);
}
END_TEST

START_TEST(who_claims_last_has_the_name)
{
    claim("a", 'x');
    claim("a", 'z');
    ck_assert(!haul_naming_owns(naming, "a", NUMBERED_KEY('x')));
    ck_assert(haul_naming_owns(naming, "a", NUMBERED_KEY('z')));
    ck_assert_str_eq(give("http://h/z/a", 1), "a");
}
END_TEST

START_TEST(claimed_directory_is_no_file_and_a_claimed_file_no_directory)
{
    make("path", false);
    claim("h/d/e/f", 'x');
    claim("h/file", 'y');
    ck_assert_msg(strncmp(give("http://h/d/e", 1), "h/d/e~", 6) == 0, "%s", name.data);
    ck_assert_msg(strncmp(give("http://h/file/g", 1), "h/file~", 7) == 0, "%s", name.data);
    ck_assert_str_eq(give("http://h/d/e/g", 1), "h/d/e/g");
    ck_assert(!haul_naming_owns(naming, "h/d/e", NUMBERED_KEY('d')));
}
END_TEST

START_TEST(case_counts_where_the_file_system_says_so)
{
    for (int folds = 0; folds < 2; folds++) {
        make("flat", folds);
        claim("A", 'x');
        ck_assert_int_eq(haul_naming_owns(naming, "a", NUMBERED_KEY('x')), folds);
        ck_assert_int_eq(strcmp(give("http://h/z/a", 1), "a") != 0, folds);
    }
}
END_TEST

/* The numbers that mean a directory are no URL's. */
START_TEST(any_key_owns_its_name_alone)
{
    for (uint64_t key = 1; key < 4; key++) {
        claim("dir/a", key);
        ck_assert(haul_naming_owns(naming, "dir/a", NUMBERED_KEY(key)));
        ck_assert(!haul_naming_owns(naming, "dir", NUMBERED_KEY(key)));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("naming");
    TCase *names = tcase_create("names");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(names, begin, end);
    tcase_add_test(names, claimed_name_is_given_to_its_url_only);
    tcase_add_test(names, claimed_number_is_given_to_its_url_only);
    tcase_add_test(names, variant_of_a_name_stays_its_urls);
    tcase_add_test(names, who_claims_last_has_the_name);
    tcase_add_test(names, claimed_directory_is_no_file_and_a_claimed_file_no_directory);
    tcase_add_test(names, case_counts_where_the_file_system_says_so);
    tcase_add_test(names, any_key_owns_its_name_alone);
    suite_add_tcase(suite, names);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
