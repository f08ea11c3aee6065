#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "numbered_key.h"
#include "sink/name_form.h"
#include "sink/name_late.h"
#include "sink/naming.h"
#include "sink/type_ext.h"

/*
 * Names of which a part is known only when the body is whole: what is filled in, and that no two
 * URLs have one name afterwards, whatever it is.
 */

static const char digest[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static struct haul_buf made;

static void begin(void)
{
    haul_buf_init(&made, 0);
}

static void end(void)
{
    haul_buf_done(&made);
}

/* ---- types ---- */

static const struct {
    const char *type, *ext;
} types[] = {
    {"text/html", ".html"},
    {"text/html; charset=utf-8", ".html"},
    {" Text/HTML ;a=b", ".html"},
    {"image/jpeg", ".jpg"},
    {"application/vnd.apache.parquet", ".parquet"},
    {"text/html, text/plain", ".html"},
    {"text/x-unknown", ".txt"},
    {"text/", ".txt"},
    {"text", ".bin"},
    {"application/octet-stream", ".bin"},
    {"application/x-unknown", ".bin"},
    {"../../etc/passwd", ".bin"},
    {"", ".bin"},
    {";", ".bin"},
};
enum { TYPES = sizeof types / sizeof *types };

START_TEST(type_gives_the_extension)
{
    const char *ext = haul_type_ext(types[_i].type);

    ck_assert_str_eq(ext, types[_i].ext);
    ck_assert_uint_le(strlen(ext), HAUL_TYPE_EXT_MAX);
    ck_assert_uint_eq(haul_type_ext_length(ext, strlen(ext)), strlen(ext));
}
END_TEST

START_TEST(extension_of_the_table_is_found)
{
    ck_assert_uint_eq(haul_type_ext_length("a.parquet", 9), 8);
    ck_assert_uint_eq(haul_type_ext_length("a.tar.gz", 8), 3);
    ck_assert_uint_eq(haul_type_ext_length("a.HTML", 6), 0);
    ck_assert_uint_eq(haul_type_ext_length("html", 4), 0);
    ck_assert_uint_eq(haul_type_ext_length("a.2", 3), 0);
    ck_assert_uint_eq(haul_type_ext_length("", 0), 0);
}
END_TEST

/* ---- marks ---- */

static const struct {
    const char *name, *filled, *shown;
} fills[] = {
    {"a", "a", "a"},
    {"a\x02", "a.html", "a{type-ext}"},
    {"\x03\x04/a", "ba/a", "{sha256:2}/a"},
    {"\x03/\x03\x04\x04/\x03\x04", "b/ba7/ba", "{sha256:1}/{sha256:3}/{sha256:2}"},
};
enum { FILLS = sizeof fills / sizeof *fills };

START_TEST(marks_are_filled_in_and_shown)
{
    haul_name_fill(&made, fills[_i].name, digest, "text/html");
    ck_assert_str_eq(haul_buf_str(&made), fills[_i].filled);
    haul_buf_clear(&made);
    haul_name_show(&made, fills[_i].name);
    ck_assert_str_eq(haul_buf_str(&made), fills[_i].shown);
    ck_assert_int_eq(haul_name_is_late(fills[_i].name), _i > 0);
    ck_assert_int_eq(haul_name_needs_digest(fills[_i].name), _i > 1);
}
END_TEST

START_TEST(whole_digest_is_filled_in)
{
    haul_name_fill(&made, "x/\x01.txt\x02", digest, "");
    ck_assert_uint_eq(made.len, 2 + 64 + 4 + 4);
    ck_assert_msg(strncmp(made.data + 2, digest, 64) == 0, "%s", made.data);
    ck_assert_str_eq(made.data + 66, ".txt.bin");
}
END_TEST

START_TEST(buckets_are_found_in_whole_names)
{
    char name[] = "ab/abc/ABC/ab/ab";

    haul_name_mark_buckets(haul_name_form_buckets("{sha256:2}/{sha256:3}/x"), name, strlen(name));
    ck_assert_str_eq(name, "\x03\x04/\x03\x04\x04/\x03\x04\x04/\x03\x04/ab");
}
END_TEST

/* ---- names that are given out ---- */

static struct haul_job *make_job(const char *url, const char *out, const char *dir)
{
    const struct haul_job_text text = {
        .shown = url, .shown_len = strlen(url), .url = url, .origin = "http://h:80"};
    struct haul_job *job = haul_job_create(&text);
    struct haul_entry_options options;

    ck_assert_ptr_nonnull(job);
    job->key = *NUMBERED_KEY(haul_hash(url, strlen(url)));
    haul_entry_options_init(&options);
    options.out = out;
    options.dir = dir;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    return job;
}

static const char *give(struct haul_naming *naming, const char *url, const char *out,
                        const char *dir)
{
    struct haul_job *job = make_job(url, out, dir);

    haul_buf_clear(&made);
    ck_assert_int_eq(haul_naming_give(naming, job, url, &made), HAUL_REASON_NONE);
    haul_job_free(job);
    return haul_buf_str(&made);
}

static struct haul_naming *naming_of(const char *form)
{
    static struct haul_config config;
    struct haul_naming *naming;

    ck_assert_ptr_null(haul_name_check(form));
    haul_config_init(&config);
    config.name = form;
    ck_assert_int_eq(haul_naming_create(&config, true, &naming), HAUL_OK);
    return naming;
}

static const struct {
    const char *form, *url[2], *out[2];
    const char *second; /* how its name begins, and that it has a hash */
} clashes[] = {
    {"{file}{type-ext}", {"http://h/a/x", "http://h/b/x"}, {NULL}, "x~"},
    {"{file}{type-ext}", {"http://h/x", "http://h/x.html"}, {NULL}, "x~"},
    {"{file}{type-ext}", {"http://h/x.html", "http://h/x"}, {NULL}, "x~"},
    {"{file}{type-ext}", {"http://h/x", "http://h/X.HTML"}, {NULL}, "X~"},
    {"{file}{type-ext}", {"http://h/x", "http://h/y"}, {NULL, "x.bin"}, "x~"},
    {"{path}/{file}{type-ext}", {"http://h/x", "http://h/x.txt/y"}, {NULL}, "x~"},
    {"{path}/{file}{type-ext}", {"http://h/x.txt/y", "http://h/x"}, {NULL}, "x~"},
    {"{sha256:2}/{file}", {"http://h/a/x", "http://h/b/x"}, {NULL}, "\x03\x04/x~"},
    {"{sha256:2}/{file}", {"http://h/x", "http://h/y"}, {NULL, "ab/x"}, "ab~"},
    {"{sha256:2}/{file}", {"http://h/x", "http://h/y"}, {NULL, "ab"}, "ab~"},
    {"{sha256:2}/{path}/{file}", {"http://h/x", "http://h/cd/x"}, {NULL}, "\x03\x04/cd~"},
    {"{sha256:2}/{file}{type-ext}", {"http://h/x", "http://h/x.pdf"}, {NULL}, "\x03\x04/x~"},
};
enum { CLASHES = sizeof clashes / sizeof *clashes };

START_TEST(names_that_could_be_one_are_told_apart)
{
    struct haul_naming *naming = naming_of(clashes[_i].form);
    char *first = strdup(give(naming, clashes[_i].url[0], clashes[_i].out[0], NULL));
    const char *second = give(naming, clashes[_i].url[1], clashes[_i].out[1], NULL);

    ck_assert_ptr_null(strchr(first, '~'));
    ck_assert_msg(strncmp(second, clashes[_i].second, strlen(clashes[_i].second)) == 0, "%s",
                  second);
    ck_assert_str_eq(give(naming, clashes[_i].url[0], clashes[_i].out[0], NULL), first);
    free(first);
    haul_naming_free(naming);
}
END_TEST

START_TEST(names_that_cannot_be_one_stay_plain)
{
    struct haul_naming *naming = naming_of("{path}/{file}{type-ext}");

    ck_assert_str_eq(give(naming, "http://h/docs", NULL, NULL), "docs\x02");
    ck_assert_str_eq(give(naming, "http://h/docs/intro", NULL, NULL), "docs/intro\x02");
    ck_assert_str_eq(give(naming, "http://h/a.html", NULL, NULL), "a.html");
    ck_assert_str_eq(give(naming, "http://h/a.png", NULL, NULL), "a.png");
    haul_naming_free(naming);
}
END_TEST

/* The first one's own file is not in its way, but another's is. */
START_TEST(each_other_name_is_in_the_way)
{
    struct haul_naming *naming = naming_of("{file}{type-ext}");

    ck_assert_str_eq(give(naming, "http://h/x", "x.html", NULL), "x.html");
    ck_assert_str_eq(give(naming, "http://h/x", NULL, NULL), "x\x02");
    haul_naming_free(naming);
    naming = naming_of("{file}{type-ext}");
    ck_assert_str_eq(give(naming, "http://h/x", "x.html", NULL), "x.html");
    ck_assert_str_eq(give(naming, "http://h/y", "x.txt", NULL), "x.txt");
    ck_assert_msg(strncmp(give(naming, "http://h/x", NULL, NULL), "x~", 2) == 0, "%s", made.data);
    haul_naming_free(naming);
}
END_TEST

/* As a journal has it: with all that was not known when it was given. */
START_TEST(claimed_name_is_kept_for_its_url)
{
    static const struct {
        const char *form, *claimed, *mine, *other;
    } claims[] = {
        {"{file}{type-ext}", "x.html", "x\x02", "x~"},
        {"{sha256:2}/{file}", "0f/x", "\x03\x04/x", "\x03\x04/x~"},
        {"{sha256:2}/{file}{type-ext}", "0f/x.png", "\x03\x04/x\x02", "\x03\x04/x~"},
    };
    const char *mine = "http://h/a/x", *other = "http://h/b/x";

    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct haul_naming *naming = naming_of(claims[i].form);
        uint64_t key = haul_hash(mine, strlen(mine));

        ck_assert_int_eq(haul_naming_claim(naming, claims[i].claimed, NUMBERED_KEY(key)), HAUL_OK);
        ck_assert(haul_naming_owns(naming, claims[i].claimed, NUMBERED_KEY(key)));
        ck_assert_msg(
            !strncmp(give(naming, other, NULL, NULL), claims[i].other, strlen(claims[i].other)),
            "%s", made.data);
        ck_assert_str_eq(give(naming, mine, NULL, NULL), claims[i].mine);
        haul_naming_free(naming);
    }
}
END_TEST

/* ---- a model ---- */

enum { URLS = 40, NAMES = URLS * 2, NAME_SIZE = 400 };

static const char *const model_forms[] = {
    "{file}{type-ext}",
    "{path}/{file}{type-ext}",
    "{sha256:1}/{file}",
    "{sha256:1}/{path}/{file}{type-ext}",
    "{path}/{sha256:2}/{sha256:1}/{path}/{file}",
    "{stem}/{sha256:1}/{stem}{type-ext}",
};
enum { FORMS = sizeof model_forms / sizeof *model_forms };

/* Of few letters, so that much is alike. */
static const char *random_path(char *room)
{
    static const char *const words[] = {"a", "b", "ab", "a.html", "a.txt", "b.bin", "A", "a.bin"};
    size_t n = 1 + (size_t)rand() % 3, len = 0;

    for (size_t i = 0; i < n; i++)
        len += (size_t)sprintf(room + len, "%s%s", i ? "/" : "", words[(size_t)rand() % 8]);
    return room;
}

static void add_final(char (*name)[NAME_SIZE], int i, const char *late)
{
    static const char *const some[] = {"text/html", "text/plain", "application/x", ""};
    char sha256[65];
    struct haul_buf full;

    memset(sha256, "ab"[rand() % 2], 64);
    sha256[64] = '\0';
    sha256[1] = "ab"[rand() % 2];
    haul_buf_init(&full, 0);
    haul_name_fill(&full, late, sha256, some[(size_t)rand() % 4]);
    ck_assert_int_lt(snprintf(name[i], NAME_SIZE, "%s", haul_buf_str(&full)), NAME_SIZE);
    for (char *at = name[i]; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    haul_buf_done(&full);
}

/* Is one the other, or a directory of it? */
static bool is_in_the_way(const char *a, const char *b)
{
    size_t len = strlen(a);

    return strncmp(a, b, len) == 0 && (b[len] == '/' || !b[len]);
}

/* Each URL has its name twice, with another body each time. */
START_TEST(no_two_urls_ever_have_one_name)
{
    static char final[NAMES][NAME_SIZE];
    char url[URLS][64], path[64], out[64];
    struct haul_naming *naming = naming_of(model_forms[_i % FORMS]);

    srand((unsigned)_i);
    for (int i = 0; i < URLS; i++) {
        bool given = rand() % 4 == 0, has_dir = rand() % 4 == 0;

        snprintf(url[i], sizeof url[i], "http://h/%s?%d", random_path(path), i);
        give(naming, url[i], given ? random_path(out) : NULL, has_dir ? random_path(path) : NULL);
        add_final(final, 2 * i, made.data);
        add_final(final, 2 * i + 1, made.data);
    }
    for (int i = 0; i < NAMES; i++)
        for (int k = 0; k < NAMES; k++)
            if (i / 2 != k / 2 && is_in_the_way(final[i], final[k]))
                ck_abort_msg("%s (%s) and %s (%s)", final[i], url[i / 2], final[k], url[k / 2]);
    haul_naming_free(naming);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("name_late");
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_loop_test(tcase, type_gives_the_extension, 0, TYPES);
    tcase_add_test(tcase, extension_of_the_table_is_found);
    tcase_add_loop_test(tcase, marks_are_filled_in_and_shown, 0, FILLS);
    tcase_add_test(tcase, whole_digest_is_filled_in);
    tcase_add_test(tcase, buckets_are_found_in_whole_names);
    tcase_add_loop_test(tcase, names_that_could_be_one_are_told_apart, 0, CLASHES);
    tcase_add_test(tcase, names_that_cannot_be_one_stay_plain);
    tcase_add_test(tcase, claimed_name_is_kept_for_its_url);
    tcase_add_test(tcase, each_other_name_is_in_the_way);
    tcase_add_loop_test(tcase, no_two_urls_ever_have_one_name, 0, 20 * FORMS);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
