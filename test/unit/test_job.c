#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "model/job.h"

static const struct haul_job_text whole = {.shown = "http://H/ and more",
                                           .shown_len = 9,
                                           .url = "http://h/",
                                           .origin = "http://h:80",
                                           .user = "u",
                                           .password = "p"};

START_TEST(job_made_holds_copies_of_all_text)
{
    char url[] = "http://h/", shown[] = "shown";
    struct haul_job_text text = whole;
    struct haul_job *job;

    text.url = url;
    text.shown = shown;
    text.shown_len = 5;
    job = haul_job_create(&text);
    memset(url, 'x', sizeof url - 1);
    memset(shown, 'x', sizeof shown - 1);
    ck_assert_str_eq(job->url, "http://h/");
    ck_assert_str_eq(job->shown, "shown");
    ck_assert_str_eq(job->rec.url, "shown");
    ck_assert_str_eq(job->origin, "http://h:80");
    ck_assert_str_eq(job->user, "u");
    ck_assert_str_eq(job->password, "p");
    ck_assert_uint_ge(job->bytes, sizeof *job + 5 + 9 + 11 + 2);
    ck_assert_int_eq(job->rec.size_body, -1);
    ck_assert_ptr_null(job->text);
    haul_job_free(job);
}
END_TEST

START_TEST(shown_text_is_cut_at_its_length_and_at_a_nul)
{
    struct haul_job_text text = whole;
    struct haul_job *job = haul_job_create(&text);

    ck_assert_str_eq(job->rec.url, "http://H/");
    haul_job_free(job);
    text.shown = "ab\0cd";
    text.shown_len = 5;
    job = haul_job_create(&text);
    ck_assert_str_eq(job->rec.url, "ab");
    ck_assert_str_eq(job->url, "http://h/");
    haul_job_free(job);
}
END_TEST

START_TEST(text_not_given_stays_null)
{
    struct haul_job_text text = {.shown = "", .shown_len = 0};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_str_eq(job->rec.url, "");
    ck_assert_ptr_null(job->url);
    ck_assert_ptr_null(job->origin);
    ck_assert_ptr_null(job->user);
    ck_assert_ptr_null(job->password);
    haul_job_free(job);
    haul_job_free(NULL);
}
END_TEST

static struct haul_mirror only_mirror = {"http://m/", "http://m:80", NULL, NULL};

/* What the first server's answer led to says nothing about what to ask the next one. */
START_TEST(job_at_its_next_mirror_begins_anew)
{
    struct haul_job *job = haul_job_create(&whole);
    struct haul_entry_options options;

    haul_entry_options_init(&options);
    options.mirrors = &only_mirror;
    options.mirror_count = 1;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    job->goes_on = true;
    job->step = HAUL_STEP_RANGE;
    haul_job_use_next_mirror(job);
    ck_assert_str_eq(job->url, "http://m/");
    ck_assert(!job->goes_on);
    haul_job_free(job);
}
END_TEST

static const struct haul_record seen = {.url_effective = "http://h/2",
                                        .content_type = "text/html",
                                        .etag = "\"e\"",
                                        .last_modified = "yesterday",
                                        .remote_ip = "::1",
                                        .errormsg = "none",
                                        .filename_effective = "h/2",
                                        .md5 = "1",
                                        .sha1 = "2",
                                        .sha256 = "3",
                                        .sha512 = "4"};

static void check_text(const struct haul_record *rec, const struct haul_record *expected)
{
    ck_assert_pstr_eq(rec->url_effective, expected->url_effective);
    ck_assert_pstr_eq(rec->content_type, expected->content_type);
    ck_assert_pstr_eq(rec->etag, expected->etag);
    ck_assert_pstr_eq(rec->last_modified, expected->last_modified);
    ck_assert_pstr_eq(rec->remote_ip, expected->remote_ip);
    ck_assert_pstr_eq(rec->errormsg, expected->errormsg);
    ck_assert_pstr_eq(rec->filename_effective, expected->filename_effective);
    ck_assert_pstr_eq(rec->md5, expected->md5);
    ck_assert_pstr_eq(rec->sha1, expected->sha1);
    ck_assert_pstr_eq(rec->sha256, expected->sha256);
    ck_assert_pstr_eq(rec->sha512, expected->sha512);
}

START_TEST(text_kept_replaces_that_of_an_earlier_attempt)
{
    struct haul_record other = {.etag = "only"}, nothing = {0};
    struct haul_job *job = haul_job_create(&whole);

    haul_job_keep_text(job, &seen);
    check_text(&job->rec, &seen);
    ck_assert_ptr_ne(job->rec.etag, seen.etag);
    haul_job_keep_text(job, &other);
    check_text(&job->rec, &other);
    haul_job_keep_text(job, &nothing);
    check_text(&job->rec, &nothing);
    ck_assert_ptr_null(job->text);
    haul_job_free(job);
}
END_TEST

/* The new record may point into the text of the old one. */
START_TEST(text_kept_of_the_job_itself_is_still_right)
{
    struct haul_job *job = haul_job_create(&whole);
    struct haul_record partly = {.errormsg = "new"};

    haul_job_keep_text(job, &seen);
    haul_job_keep_text(job, &job->rec);
    check_text(&job->rec, &seen);
    partly.etag = job->rec.etag;
    haul_job_keep_text(job, &partly);
    ck_assert_str_eq(job->rec.etag, "\"e\"");
    ck_assert_str_eq(job->rec.errormsg, "new");
    haul_job_free(job);
}
END_TEST

START_TEST(creation_without_memory_gives_null)
{
    fail_alloc_arm(1);
    ck_assert_ptr_null(haul_job_create(&whole));
    ck_assert(fail_alloc_disarm());
}
END_TEST

START_TEST(text_kept_without_memory_is_null_and_the_numbers_stand)
{
    struct haul_record nothing = {0};
    struct haul_job *job = haul_job_create(&whole);

    haul_job_keep_text(job, &seen);
    job->rec.http_code = 200;
    fail_alloc_arm(1);
    haul_job_keep_text(job, &seen);
    ck_assert(fail_alloc_disarm());
    check_text(&job->rec, &nothing);
    ck_assert_int_eq(job->rec.http_code, 200);
    ck_assert_str_eq(job->rec.url, "http://H/");
    haul_job_keep_text(job, &seen);
    check_text(&job->rec, &seen);
    haul_job_free(job);
}
END_TEST

START_TEST(list_gives_jobs_in_the_order_added)
{
    struct haul_job_list list = {0};
    struct haul_job *job[3];

    ck_assert_ptr_null(haul_job_list_take(&list));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            job[i] = haul_job_create(&whole);
            haul_job_list_add(&list, job[i]);
            ck_assert_uint_eq(list.count, (size_t)i + 1);
        }
        for (int i = 0; i < 3; i++) {
            ck_assert_ptr_eq(haul_job_list_take(&list), job[i]);
            ck_assert_ptr_null(job[i]->next);
            haul_job_free(job[i]);
        }
        ck_assert_uint_eq(list.count, 0);
        ck_assert_ptr_null(haul_job_list_take(&list));
    }
}
END_TEST

static const char *said_headers[] = {"A: 1", "B: 2"};
static struct haul_mirror said_mirrors[] = {{"http://m/", "http://m:80", NULL, NULL},
                                            {"http://n/", "http://n:80", "u", "p"}};
static struct haul_attached said_attached[] = {{"tag", "x"}};
static const struct haul_entry_options said = {.out = "o",
                                               .dir = "d",
                                               .checksum = "md5=0",
                                               .referer = "r",
                                               .user_agent = "a",
                                               .headers = said_headers,
                                               .header_count = 2,
                                               .user = "name",
                                               .password = "word",
                                               .max_tries = 3,
                                               .mirrors = said_mirrors,
                                               .mirror_count = 2,
                                               .attached = said_attached,
                                               .attached_count = 1};

START_TEST(entry_kept_is_a_copy_of_all_that_was_said)
{
    struct haul_job *job = haul_job_create(&whole);
    size_t bytes = job->bytes;
    const struct haul_entry_options *options;
    const char *end;

    ck_assert_int_eq(haul_job_keep_options(job, &said), HAUL_OK);
    options = job->options;
    ck_assert_ptr_ne(options, &said);
    ck_assert_str_eq(options->out, "o");
    ck_assert_ptr_ne(options->out, said.out);
    ck_assert_str_eq(options->dir, "d");
    ck_assert_str_eq(options->checksum, "md5=0");
    ck_assert_str_eq(options->referer, "r");
    ck_assert_str_eq(options->user_agent, "a");
    ck_assert_str_eq(options->user, "name");
    ck_assert_str_eq(options->password, "word");
    ck_assert_int_eq(options->max_tries, 3);
    ck_assert_ptr_ne(options->headers, said_headers);
    ck_assert_str_eq(options->headers[1], "B: 2");
    ck_assert_str_eq(options->mirrors[0].url, "http://m/");
    ck_assert_ptr_null(options->mirrors[0].user);
    ck_assert_str_eq(options->mirrors[1].origin, "http://n:80");
    ck_assert_str_eq(options->mirrors[1].password, "p");
    ck_assert_uint_eq(job->rec.attached_count, 1);
    ck_assert_str_eq(job->rec.attached[0].value, "x");
    ck_assert_ptr_ne(job->rec.attached[0].value, said_attached[0].value);
    end = job->rec.attached[0].value + sizeof "x"; /* the last string of the copy */
    ck_assert_uint_eq(job->bytes, bytes + (size_t)(end - (const char *)options));
    haul_job_free(job);
}
END_TEST

START_TEST(entry_that_says_nothing_is_copied_too)
{
    struct haul_job *job = haul_job_create(&whole);
    struct haul_entry_options options;

    haul_entry_options_init(&options);
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    ck_assert_ptr_null(job->options->out);
    ck_assert_ptr_null(job->options->headers);
    ck_assert_int_eq(job->options->max_tries, -1);
    ck_assert_ptr_null(job->rec.attached);
    haul_job_free(job);
}
END_TEST

START_TEST(entry_kept_without_memory_leaves_the_job_as_it_was)
{
    struct haul_job *job = haul_job_create(&whole);
    size_t bytes = job->bytes;

    fail_alloc_arm(1);
    ck_assert_int_eq(haul_job_keep_options(job, &said), HAUL_ERR_NOMEM);
    ck_assert(fail_alloc_disarm());
    ck_assert_ptr_null(job->options);
    ck_assert_uint_eq(job->bytes, bytes);
    ck_assert_uint_eq(job->rec.attached_count, 0);
    haul_job_free(job);
}
END_TEST

START_TEST(attempts_noted_are_the_first_and_the_latest)
{
    struct haul_job *job = haul_job_create(&whole);
    struct haul_record *rec = &job->rec;

    for (int i = 1; i <= 100; i++) {
        rec->attempts = i;
        rec->reason = HAUL_REASON_HTTP_STATUS;
        rec->http_code = 500 + i;
        rec->time_elapsed_us = 10 * i;
        rec->time_total_us = 3;
        rec->worker = i % 4;
        job->goes_on = i == 2;
        haul_job_note_attempt(job);
    }
    ck_assert(!rec->tried[0].is_step && rec->tried[1].is_step && !rec->tried[2].is_step);
    ck_assert_int_eq(rec->tried[0].reason, HAUL_REASON_HTTP_STATUS);
    ck_assert_int_eq(rec->tried[1].reason, HAUL_REASON_NONE);
    ck_assert_uint_eq(rec->tried_count, HAUL_TRIED_MAX);
    for (int i = 0; i < HAUL_TRIED_HALF; i++) {
        ck_assert_int_eq(rec->tried[i].http_code, 501 + i);
        ck_assert_int_eq(rec->tried[i].at_us, 10 * (i + 1) - 3);
        ck_assert_int_eq(rec->tried[i].took_us, 3);
        ck_assert_int_eq(rec->tried[i].worker, (i + 1) % 4);
        ck_assert_int_eq(rec->tried[HAUL_TRIED_HALF + i].http_code, 593 + i);
    }
    haul_job_free(job);
}
END_TEST

START_TEST(attempt_without_memory_is_not_noted)
{
    struct haul_job *job = haul_job_create(&whole);

    fail_alloc_arm(1);
    haul_job_note_attempt(job);
    ck_assert(fail_alloc_disarm());
    ck_assert_uint_eq(job->rec.tried_count, 0);
    haul_job_free(job);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("job");
    TCase *tcase = tcase_create("job");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(tcase, job_made_holds_copies_of_all_text);
    tcase_add_test(tcase, shown_text_is_cut_at_its_length_and_at_a_nul);
    tcase_add_test(tcase, job_at_its_next_mirror_begins_anew);
    tcase_add_test(tcase, text_not_given_stays_null);
    tcase_add_test(tcase, text_kept_replaces_that_of_an_earlier_attempt);
    tcase_add_test(tcase, text_kept_of_the_job_itself_is_still_right);
    tcase_add_test(tcase, creation_without_memory_gives_null);
    tcase_add_test(tcase, text_kept_without_memory_is_null_and_the_numbers_stand);
    tcase_add_test(tcase, entry_kept_is_a_copy_of_all_that_was_said);
    tcase_add_test(tcase, entry_that_says_nothing_is_copied_too);
    tcase_add_test(tcase, entry_kept_without_memory_leaves_the_job_as_it_was);
    tcase_add_test(tcase, attempts_noted_are_the_first_and_the_latest);
    tcase_add_test(tcase, attempt_without_memory_is_not_noted);
    tcase_add_test(tcase, list_gives_jobs_in_the_order_added);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
