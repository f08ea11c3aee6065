#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "haul/config.h"
#include "numbered_key.h"
#include "sink/name.h"
#include "sink/name_late.h"
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

/* ---- lists that give many the same name ---- */

/* The entry of a list with out=; its key is that number's, whatever the URL. */
static const char *give_as(const char *url, const char *out, uint64_t key)
{
    const struct haul_job_text text = {
        .shown = url, .shown_len = strlen(url), .url = url, .origin = "http://h"};
    struct haul_job *job = haul_job_create(&text);
    struct haul_entry_options options;

    ck_assert_ptr_nonnull(job);
    haul_entry_options_init(&options);
    options.out = out;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    job->key = *NUMBERED_KEY(key);
    haul_buf_clear(&name);
    ck_assert_int_eq(haul_naming_give(naming, job, url, &name), HAUL_REASON_NONE);
    haul_job_free(job);
    return haul_buf_str(&name);
}

static const char *variant_of(const char *part, const char *of, unsigned variant)
{
    static char text[400];
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_name_add_marked(&buf, part, strlen(part), haul_hash(of, strlen(of)), variant);
    snprintf(text, sizeof text, "%s", haul_buf_str(&buf));
    haul_buf_done(&buf);
    return text;
}

/*
 * Of each kind twice so many: if each looked at what all before it have, it would take an hour, and
 * the time-out of the case names it.
 */
enum { MANY = 50000 };

/* Other URLs have all variants of the name `part`, of which the hash is that of `of`. */
static void give_variants(const char *part, const char *of)
{
    ck_assert_str_eq(give_as("http://h/plain", part, 1), part);
    for (unsigned i = 1; i <= MANY; i++)
        give_as("http://h/other", variant_of(part, of, i), i + 1);
    ck_assert_str_eq(name.data, variant_of(part, of, MANY));
}

START_TEST(url_whose_variants_others_have_is_given_its_own_again_and_again)
{
    give_variants("x.html", "http://h/u");
    for (unsigned i = 0; i < MANY; i++)
        give_as("http://h/u", "x.html", MANY + 2);
    ck_assert_str_eq(name.data, variant_of("x.html", "http://h/u", MANY + 1));
}
END_TEST

START_TEST(directory_whose_variants_are_files_is_the_same_for_all_below_it)
{
    char wanted[450], out[32];

    give_variants("d", "d");
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(out, sizeof out, "d/%u", i);
        give_as("http://h/u", out, MANY + 2 + i);
    }
    snprintf(wanted, sizeof wanted, "%s/%u", variant_of("d", "d", MANY + 1), MANY - 1);
    ck_assert_str_eq(name.data, wanted);
}
END_TEST

/* As if many URLs of one hash had been made: what tells them apart are their keys. */
START_TEST(urls_of_one_hash_have_a_variant_each_and_keep_it)
{
    static char part[HAUL_NAME_PART_MAX + 1]; /* a long one is cut by its mark */

    memset(part, 'x', _i ? HAUL_NAME_PART_MAX : 1);
    ck_assert_str_eq(give_as("http://h/plain", part, 1), part);
    for (unsigned turn = 0; turn < 2; turn++)
        for (unsigned i = 1; i <= MANY; i++) {
            give_as("http://h/u", part, i + 1);
            if (i % 997 == 0 || i < 20)
                ck_assert_str_eq(name.data, variant_of(part, "http://h/u", i));
        }
}
END_TEST

/* ---- names are those that a plain search finds ---- */

enum { LISTS = 300, ENTRIES = 60, URLS = 4, VARIANTS = 5 };

static struct {
    char name[64];
    unsigned owner;
} given[ENTRIES];
static size_t given_count;

static unsigned next_random(unsigned below)
{
    static uint64_t state = 1;

    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

/* Whether it is that URL's now, or was before. */
static bool take_plainly(const char *text, unsigned owner)
{
    for (size_t i = 0; i < given_count; i++)
        if (strcmp(given[i].name, text) == 0)
            return given[i].owner == owner;
    snprintf(given[given_count].name, sizeof given->name, "%s", text);
    given[given_count++].owner = owner;
    return true;
}

/* Names and URLs are few, and variants of all of them are among what the list itself gives. */
START_TEST(names_are_the_first_variants_that_no_other_has)
{
    static const char *const parts[] = {"x", "y.html"};

    for (int list = 0; list < LISTS; list++) {
        make("flat", false);
        given_count = 0;
        for (int i = 0; i < ENTRIES; i++) {
            char url[] = "http://h/?", out[64], wanted[64];
            unsigned owner = next_random(URLS), of = next_random(URLS),
                     variant = next_random(VARIANTS);

            url[sizeof url - 2] = (char)('0' + of);
            snprintf(out, sizeof out, "%s", parts[next_random(2)]);
            if (variant)
                snprintf(out, sizeof out, "%s", variant_of(out, url, variant));
            url[sizeof url - 2] = (char)('0' + owner);
            snprintf(wanted, sizeof wanted, "%s", out);
            for (variant = 1; !take_plainly(wanted, owner); variant++)
                snprintf(wanted, sizeof wanted, "%s", variant_of(out, url, variant));
            ck_assert_str_eq(give_as(url, out, owner + 1), wanted);
        }
    }
}
END_TEST

/* ---- names of earlier versions ---- */

/* The same, of a URL with what its list says and what was hidden of it once: its name, a blank, and
 * the one that it had; each may be "". */
static const char *give_both(const char *url, const char *out, const char *now, const char *earlier)
{
    const struct haul_job_text text = {
        .shown = url, .shown_len = strlen(url), .url = url, .origin = "http://h"};
    const struct haul_naming_shown shown = {.now = now, .earlier = earlier};
    struct haul_job *job = haul_job_create(&text);
    struct haul_entry_options options;
    struct haul_buf had;

    ck_assert_ptr_nonnull(job);
    haul_entry_options_init(&options);
    options.out = out;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    job->key = *NUMBERED_KEY((unsigned char)url[strlen("http://h/")]);
    haul_buf_init(&had, 0);
    haul_buf_clear(&name);
    ck_assert_int_eq(haul_naming_give(naming, job, now, &name), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_naming_find_earlier(naming, job, &shown, &had), HAUL_REASON_NONE);
    haul_buf_addf(&name, " %s", haul_buf_str(&had));
    haul_buf_done(&had);
    haul_job_free(job);
    return haul_buf_str(&name);
}

static const char *give_out(const char *url, const char *out)
{
    return give_both(url, out, url, url);
}

static const char *give_hidden(const char *url, const char *now, const char *earlier)
{
    return give_both(url, NULL, now, earlier);
}

START_TEST(earlier_name_is_found_where_it_was_another_one)
{
    make("flat", false);
    ck_assert_str_eq(give_out("http://h/a", "a\xC2\xADz"), "a%C2%ADz a\xC2\xADz");
    ck_assert_str_eq(give_out("http://h/b", "a%C2%AD"), "a%C2%AD ");
    ck_assert_str_eq(give_out("http://h/c", "\xC3\xA4"), "\xC3\xA4 ");
    ck_assert_str_eq(give_out("http://h/a", "a\xC2\xADz"), "a%C2%ADz a\xC2\xADz"); /* once more */
    ck_assert_str_eq(give_hidden("http://h/d?k=v", "http://h/d?k=***", "http://h/d?k=v"),
                     "d%3Fk%3D%2A%2A%2A d%3Fk%3Dv");
    ck_assert_str_eq(give_hidden("http://h/e", "http://h/e", "http://h/e"), "e ");
    make("{sha256}", false);
    ck_assert_str_eq(give_hidden("http://h/d?k=v", "http://h/d?k=***", "http://h/d?k=v"),
                     HAUL_NAME_MARK_SHA256 " ");
}
END_TEST

/* Who came first had the plain one, and the next the first variant: names were told apart by what
 * they were then. */
START_TEST(earlier_name_belongs_to_one_url)
{
    const char *mark;

    make("flat", false);
    ck_assert_str_eq(give_out("http://h/a", "\xFF"), "%FF \xFF");
    mark = strchr(give_out("http://h/b", "\xFF"), ' ');
    ck_assert_msg(strncmp(name.data, "%FF~", 4) == 0, "%s", name.data);
    ck_assert_msg(strncmp(mark, " \xFF~", 3) == 0, "%s", name.data);
    ck_assert_int_eq(strncmp(mark + 2, name.data + 3, 17), 0);
    /* Hidden parts made two names of these, and make one today. */
    (void)give_hidden("http://h/c?k=1", "http://h/c?k=***", "http://h/c?k=1");
    mark = strchr(give_hidden("http://h/d?k=2", "http://h/c?k=***", "http://h/c?k=2"), ' ');
    ck_assert_str_eq(mark, " c%3Fk%3D2");
    ck_assert_int_eq(strncmp(name.data, "c%3Fk%3D%2A%2A%2A~", 18), 0);
    /* What one URL had is not given to another, whose file it would take away. */
    ck_assert_int_eq(strncmp(give_out("http://h/f", "c%3Fk%3D1"), "c%3Fk%3D1~", 10), 0);
    ck_assert_str_eq(give_out("http://h/c", "c%3Fk%3D1"), "c%3Fk%3D1 ");
    /* What is another URL's today is nobody's earlier one. */
    claim("e%3Fk%3D1", 'z');
    mark = strchr(give_hidden("http://h/e?k=1", "http://h/e?k=***", "http://h/e?k=1"), ' ');
    ck_assert_msg(strncmp(mark, " e%3Fk%3D1~", 11) == 0, "%s", name.data);
}
END_TEST

/* A name that ends in its type is known at the end only, and may be one that another URL had. */
START_TEST(earlier_name_is_none_that_a_late_one_may_become)
{
    const char *mark;

    make("{name}{type-ext}", false);
    ck_assert_str_eq(give_out("http://h/a", NULL), "a" HAUL_NAME_MARK_TYPE " ");
    mark = strchr(give_hidden("http://h/b", "http://h/***.html", "http://h/a.html"), ' ');
    ck_assert_msg(strncmp(mark, " a~", 3) == 0, "%s", name.data);
    mark = strchr(give_hidden("http://h/c", "http://h/*.html", "http://h/d.html"), ' ');
    ck_assert_str_eq(mark, " d.html");
    ck_assert_msg(strncmp(give_out("http://h/d", NULL), "d~", 2) == 0, "%s", name.data);
    /* Which file would be that one's is not known either. */
    mark = strchr(give_hidden("http://h/e", "http://h/***", "http://h/e"), ' ');
    ck_assert_str_eq(mark, " ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("naming");
    TCase *names = tcase_create("names"), *many = tcase_create("many");
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
    tcase_add_test(names, earlier_name_is_found_where_it_was_another_one);
    tcase_add_test(names, earlier_name_belongs_to_one_url);
    tcase_add_test(names, earlier_name_is_none_that_a_late_one_may_become);
    suite_add_tcase(suite, names);
    tcase_add_checked_fixture(many, begin, end);
    tcase_add_test(many, url_whose_variants_others_have_is_given_its_own_again_and_again);
    tcase_add_test(many, directory_whose_variants_are_files_is_the_same_for_all_below_it);
    tcase_add_loop_test(many, urls_of_one_hash_have_a_variant_each_and_keep_it, 0, 2);
    tcase_add_test(many, names_are_the_first_variants_that_no_other_has);
    suite_add_tcase(suite, many);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
