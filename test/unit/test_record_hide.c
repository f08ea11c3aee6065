#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fail_alloc.h"
#include "model/job.h"
#include "model/record_hide.h"
#include "summary/hide.h"

/*
 * Each text of a record, and of a summary, with a secret under its name and without: none is shown,
 * and a failed allocation does not show one either.
 */

static struct haul_redactor *make_redactor(void)
{
    const char *rule = "token", *cause;
    struct haul_strings rules = {.item = &rule, .count = 1};
    struct haul_redactor *redactor;

    ck_assert_int_eq(haul_redactor_create(&redactor, &rules, &cause), HAUL_OK);
    return redactor;
}

static struct haul_attached cells[] = {
    {"a", "x?token=geheim"}, {"b", "geheim-cell"}, {"c", "plain"}};

static struct haul_record make_record(void)
{
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "http://h/?token=geheim";
    rec.url_effective = "http://h/geheim?a=%3ftoken%3dgeheim";
    rec.errormsg = "not allowed: geheim";
    rec.content_type = "text/geheim";
    rec.etag = "\"%67eheim\"";
    rec.last_modified = "geheim";
    rec.filename_effective = "h/geheim";
    rec.source = "http://h/map?token=geheim";
    rec.entry = "";
    rec.attached = cells;
    rec.attached_count = 3;
    return rec;
}

static const struct haul_asked asked = {.url = "http://h/?token=geheim"};

static void check_hidden(const struct haul_record *rec)
{
    ck_assert_str_eq(rec->url, "http://h/?token=***");
    ck_assert_str_eq(rec->url_effective, "http://h/***?a=%3ftoken%3d***");
    ck_assert_str_eq(rec->errormsg, "not allowed: ***");
    ck_assert_str_eq(rec->content_type, "text/***");
    ck_assert_str_eq(rec->etag, "\"***\"");
    ck_assert_str_eq(rec->last_modified, "***");
    ck_assert_str_eq(rec->filename_effective, "h/***");
    ck_assert_str_eq(rec->source, "http://h/map?token=***");
    ck_assert_str_eq(rec->entry, "#");
    ck_assert_str_eq(rec->attached[0].value, "x?token=***");
    ck_assert_str_eq(rec->attached[1].value, "***-cell");
    ck_assert_str_eq(rec->attached[2].value, "plain");
}

START_TEST(all_texts_of_a_record_are_hidden)
{
    struct haul_redactor *redactor = make_redactor();
    bool walking = true;

    for (long n = 1; walking; n++) {
        struct haul_record_hider hider;
        struct haul_record rec = make_record();
        enum haul_err err;

        haul_record_hider_init(&hider, redactor);
        fail_alloc_arm(n);
        err = haul_record_hide(&hider, &rec, NULL);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_OK);
        if (!err)
            check_hidden(&rec);
        haul_record_hider_done(&hider);
    }
    haul_redactor_free(redactor);
}
END_TEST

/* What the record's URL has lost, the one that was asked for still tells. */
START_TEST(what_was_asked_tells_what_to_look_for)
{
    struct haul_redactor *redactor = make_redactor();
    struct haul_record_hider hider;
    struct haul_record rec;

    haul_record_init(&rec);
    rec.url = "http://h/?token=***";
    rec.etag = "geheim";
    rec.filename_effective = "a?token=geheim";
    haul_record_hider_init(&hider, redactor);
    ck_assert_int_eq(haul_record_hide(&hider, &rec, &asked), HAUL_OK);
    ck_assert_str_eq(rec.etag, "***");
    rec.filename_effective = "a?token=geheim";
    ck_assert_int_eq(haul_record_hide_file(&hider, &rec), HAUL_OK);
    ck_assert_str_eq(rec.filename_effective, "a?token=***");
    haul_record_hider_done(&hider);
    haul_redactor_free(redactor);
}
END_TEST

/* Mirrors, hops, and mirrors that the record itself tells of, as that of a failed URL does. */
START_TEST(each_url_that_was_asked_tells_what_to_look_for)
{
    static const char *const led[] = {"http://h/?token=hopsecret", "http://h/?a=plain1",
                                      "http://i/?token=another", "http://h/?token=hopsecret"};
    const struct haul_mirror mirror[] = {{.url = "http://m/"}, {.url = "http://m/?token=mirror"}};
    struct haul_redactor *redactor = make_redactor();
    struct haul_asked all = {"http://h/?token=geheim", mirror, 2, NULL};
    struct haul_record_hider hider;
    struct haul_record rec;
    struct haul_buf hops, room;

    haul_buf_init(&hops, 0);
    haul_buf_init(&room, 0);
    for (size_t i = 0; i < sizeof led / sizeof *led; i++)
        haul_asked_note(&hops, redactor, led[i], &room);
    ck_assert_uint_eq(hops.len, strlen(led[0]) + 1 + strlen(led[2]) + 1);
    haul_asked_note(&hops, NULL, "http://h/?token=other", &room);
    all.hops = &hops;
    haul_record_init(&rec);
    rec.url = "http://h/?token=***";
    rec.etag = "geheim mirror hopsecret another entry1 plain1";
    rec.last_modified = "http://m/ entry1 http://h/";
    rec.entry = "http://h/\thttp://m/?token=entry1\tk=v\n out=a\n";
    haul_record_hider_init(&hider, redactor);
    ck_assert_int_eq(haul_record_hide(&hider, &rec, &all), HAUL_OK);
    ck_assert_str_eq(rec.etag, "*** *** *** *** *** plain1");
    ck_assert_str_eq(rec.last_modified, "http://m/ *** http://h/");
    haul_record_hider_done(&hider);
    haul_redactor_free(redactor);
    haul_buf_done(&hops);
    haul_buf_done(&room);
}
END_TEST

START_TEST(of_more_hops_than_are_kept_nothing_is_shown)
{
    const struct haul_job_text text = {.shown = "h", .shown_len = 1, .url = "http://h/"};
    struct haul_redactor *redactor = make_redactor();
    struct haul_job *job = haul_job_create(&text);
    struct haul_redactor_secrets secrets;
    struct haul_asked of_job;
    struct haul_buf room;
    char url[HAUL_JOB_HOPS_MAX / 16];

    haul_buf_init(&room, 0);
    haul_redactor_secrets_init(&secrets);
    for (int i = 0; i <= 16; i++) {
        snprintf(url, sizeof url, "http://h/%0*d?token=secret%d", (int)sizeof url - 40, i, i);
        haul_asked_note(&job->hops, redactor, url, &room);
    }
    ck_assert_uint_le(job->hops.len, HAUL_JOB_HOPS_MAX);
    of_job = haul_job_asked(job);
    haul_asked_learn(&of_job, redactor, &secrets);
    ck_assert(secrets.are_too_many);
    haul_redactor_secrets_done(&secrets);
    haul_redactor_free(redactor);
    haul_job_free(job);
    haul_buf_done(&room);
}
END_TEST

START_TEST(no_redactor_changes_nothing)
{
    struct haul_record rec = make_record();
    struct haul_record_hider hider;

    haul_record_hider_init(&hider, NULL);
    ck_assert_int_eq(haul_record_hide(&hider, &rec, &asked), HAUL_OK);
    ck_assert_str_eq(rec.url, "http://h/?token=geheim");
    ck_assert_ptr_eq(rec.attached, cells);
    haul_record_hider_done(&hider);
}
END_TEST

/* ---- summaries ---- */

#define URL "http://h/?token=geheim"

static struct haul_summary_page page[1], failed[1], invalid[1];
static struct haul_summary_mover mover[1];
static struct haul_summary_group host[1], type[1], group[1];
static struct haul_summary_node node[1];
static struct haul_summary_budget budget[1];
static const char *offender[1];

static void fill_summary(struct haul_summary *summary)
{
    haul_summary_init(summary);
    summary->title = URL;
    page[0] = failed[0] = invalid[0] =
        (struct haul_summary_page){.url = URL, .type = "geheim", .source = URL};
    mover[0] =
        (struct haul_summary_mover){.url = URL, .type_before = "a/geheim", .type_after = "geheim"};
    host[0] = type[0] = group[0] = (struct haul_summary_group){.name = URL};
    node[0].name = ";token=geheim";
    offender[0] = URL " (1 B)";
    budget[0] = (struct haul_summary_budget){.offender = offender, .offender_count = 1};
    summary->page = page;
    summary->failed = failed;
    summary->invalid = invalid;
    summary->mover = mover;
    summary->host = host;
    summary->type = type;
    summary->group = group;
    summary->node = node;
    summary->budget = budget;
    summary->page_count = summary->failed_count = summary->invalid_count = 1;
    summary->mover_count = summary->host_count = summary->type_count = summary->group_count = 1;
    summary->node_count = summary->budget_count = 1;
}

static void check_summary(const struct haul_summary *summary)
{
    const char *const text[] = {
        summary->title, page[0].url,   page[0].type,         failed[0].url,       failed[0].type,
        invalid[0].url, mover[0].url,  mover[0].type_before, mover[0].type_after, host[0].name,
        type[0].name,   group[0].name, node[0].name,         offender[0],         failed[0].source};

    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        ck_assert_msg(!strstr(text[i], "geheim"), "%zu: %s", i, text[i]);
        ck_assert_msg(strstr(text[i], "***") != NULL, "%zu: %s", i, text[i]);
    }
}

START_TEST(all_texts_of_a_summary_are_hidden)
{
    struct haul_redactor *redactor = make_redactor();
    struct haul_summary summary;
    bool walking = true;

    for (long n = 1; walking; n++) {
        enum haul_err err;

        fill_summary(&summary);
        fail_alloc_arm(n);
        err = haul_summary_hide(&summary, redactor);
        walking = fail_alloc_disarm();
        ck_assert_int_eq(err, walking ? HAUL_ERR_NOMEM : HAUL_OK);
        if (!err)
            check_summary(&summary);
        haul_summary_done(&summary);
    }
    haul_redactor_free(redactor);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_hide");
    TCase *all = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_test(all, all_texts_of_a_record_are_hidden);
    tcase_add_test(all, what_was_asked_tells_what_to_look_for);
    tcase_add_test(all, each_url_that_was_asked_tells_what_to_look_for);
    tcase_add_test(all, of_more_hops_than_are_kept_nothing_is_shown);
    tcase_add_test(all, no_redactor_changes_nothing);
    tcase_add_test(all, all_texts_of_a_summary_are_hidden);
    suite_add_tcase(suite, all);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
