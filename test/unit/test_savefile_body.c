#include <check.h>
#include <stdio.h>

#include "save_world.h"
#include "sink/body.h"

/* Bodies: digests, checksums, names made of them. */

static const char abc_sha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

START_TEST(body_is_published_only_with_the_right_checksum)
{
    struct haul_config config;
    struct haul_body_store store;
    struct haul_body body;
    char checksum[100];
    struct haul_body_plan plan = {.url = "u", .name = "d/x", .checksum = checksum, .expected = 3};

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    snprintf(checksum, sizeof checksum, "sha-256=%s", abc_sha256);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
        ck_assert_int_eq(haul_body_write(&body, round ? "abd" : "abc", 3), HAUL_REASON_NONE);
        ck_assert_int_eq(haul_body_publish(&body, "", ""),
                         round ? HAUL_REASON_CHECKSUM : HAUL_REASON_NONE);
        ck_assert_str_eq(read_file(below("dir/d/x")), "abc");
        ck_assert_int_eq(haul_body_message(&body) != NULL, round);
    }
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_body_done(&body);
}
END_TEST

/* The digest of "abc" may be that of the body, of its other form, of both or of none. */
START_TEST(other_form_of_a_body_has_a_digest_of_its_own)
{
    static const struct {
        const char *bytes, *other;
        bool has_other, fits, other_fits;
    } rows[] = {
        {"abc", "abd", true, true, false},   {"abd", "abc", true, false, true},
        {"abc", "abc", true, true, true},    {"abd", "abd", true, false, false},
        {"abd", "abc", false, false, false},
    };
    struct haul_config config;
    struct haul_body_store store;
    struct haul_body body;
    char checksum[100];
    struct haul_body_plan plan = {.url = "u", .name = "o/x", .checksum = checksum, .expected = 3};

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    snprintf(checksum, sizeof checksum, "sha-256=%s", abc_sha256);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        plan.has_other = rows[i].has_other;
        ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
        haul_body_write_other(&body, rows[i].other, 2);
        ck_assert_int_eq(haul_body_write(&body, rows[i].bytes, 3), HAUL_REASON_NONE);
        haul_body_write_other(&body, rows[i].other + 2, 1);
        ck_assert_int_eq(haul_body_other_fits(&body), rows[i].other_fits);
        ck_assert_int_eq(haul_body_fits(&body), rows[i].fits);
        ck_assert_int_eq(haul_body_publish(&body, "", ""),
                         rows[i].fits ? HAUL_REASON_NONE : HAUL_REASON_CHECKSUM);
    }
    plan.checksum = NULL;
    plan.has_other = true;
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
    haul_body_write_other(&body, "abc", 3);
    ck_assert(!haul_body_fits(&body) && !haul_body_other_fits(&body));
    haul_body_discard(&body);
    haul_body_done(&body);
}
END_TEST

START_TEST(body_is_named_by_its_digest)
{
    struct haul_config config;
    struct haul_body_store store;
    struct haul_body body;
    const struct haul_body_plan plan = {
        .url = "http://h/x", .name = "sub/\x01.txt", .expected = -1};
    char name[100];

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_body_write(&body, "abc", 3), HAUL_REASON_NONE);
    ck_assert_int_eq(haul_body_publish(&body, "", ""), HAUL_REASON_NONE);
    snprintf(name, sizeof name, "sub/%s.txt", abc_sha256);
    ck_assert_str_eq(haul_body_name(&body), name);
    ck_assert_str_eq(haul_body_hex(&body, HAUL_HASH_SHA256), abc_sha256);
    ck_assert_int_eq(haul_tree_size(&tree, name), 3);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_body_done(&body);
}
END_TEST

/* What a server only claims is its own failure, and does not look like a full disk. */
START_TEST(free_space_is_kept)
{
    struct haul_config config;
    struct haul_body_store store;
    struct haul_body body;
    struct haul_body_plan plan = {.url = "u", .name = "x", .expected = 3};

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    haul_body_init(&body, &store);
    config.keep_free = INT64_MAX;
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_DISK_FULL);
    haul_body_discard(&body);
    config.keep_free = 1;
    plan.expected = INT64_MAX;
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_TOO_LARGE);
    haul_body_discard(&body);
    plan.expected = 3;
    ck_assert_int_eq(haul_body_begin(&body, &plan), HAUL_REASON_NONE);
    haul_body_discard(&body);
    ck_assert_uint_eq(count_temporaries(), 0);
    haul_body_done(&body);
}
END_TEST

/* Which file of an earlier version goes: none that a list of today may have called so. */
START_TEST(file_that_may_be_of_today_is_found_and_stays)
{
    static const struct {
        const char *form, *name, *earlier;
        bool folds_case, is_found, goes;
    } rows[] = {
        {"path", "e/%C2%AD", "e/\xC2\xAD", false, true, true},
        {"path", "e/%FF", "e/\xFF", false, true, true},
        {"path", "e/%FF", "e/\xFF", true, true, false}, /* it may be a folded one */
        {"path", "e/a~", "e/a~\xFF", false, true, false},
        {"path", "e/***", "e/shown", false, true, false},
        {"\xC3\xA4/{file}", "e/%FF", "e/\xFF", false, true, false},
        {"path", "e/shown", "e/\xFF", false, false, false}, /* that one is there */
        {"path", "e/x\x02", "e/\xFF", false, false, false},
        {"path", "e/x", "e/no", false, false, false},
    };
    struct haul_config config;
    struct haul_body_store store;

    haul_config_init(&config);
    store = (struct haul_body_store){.config = &config, .tree = tree};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].is_found)
            ck_assert_int_eq(save(rows[i].earlier, "old", &plain_end), HAUL_REASON_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct haul_file_id removes;

        config.name = rows[i].form;
        store.tree.folds_case = rows[i].folds_case;
        ck_assert_int_eq(
            haul_body_store_has_earlier(&store, rows[i].name, rows[i].earlier, &removes),
            rows[i].is_found);
        ck_assert_int_eq(removes.inode != 0, rows[i].goes);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("savefile_body");
    TCase *tcase = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, save_begin, save_end);
    tcase_add_test(tcase, body_is_published_only_with_the_right_checksum);
    tcase_add_test(tcase, other_form_of_a_body_has_a_digest_of_its_own);
    tcase_add_test(tcase, body_is_named_by_its_digest);
    tcase_add_test(tcase, free_space_is_kept);
    tcase_add_test(tcase, file_that_may_be_of_today_is_found_and_stays);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
