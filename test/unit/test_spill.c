#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fail_alloc.h"
#include "spill/blob.h"
#include "spill/spill.h"

enum { MANY = 100000, ORIGINS = 1000, MEMORY_MAX_KB = 8 * 1024 };

static const char source[] = "list.txt";

/* ---- jobs ---- */

static struct haul_job *make_job(uint64_t seq, int origin)
{
    char shown[128], name[64];
    struct haul_job_text text = {.shown = shown, .url = shown, .origin = name};
    struct haul_job *job;

    text.shown_len = (size_t)snprintf(shown, sizeof shown, "http://host-%d.test/pages/of/it/%llu",
                                      origin, (unsigned long long)seq);
    snprintf(name, sizeof name, "http://host-%d.test:80", origin);
    job = haul_job_create(&text);
    if (!job)
        ck_abort_msg("out of memory");
    job->rec.seq = seq;
    return job;
}

static struct haul_job *make_job_with_everything(void)
{
    const struct haul_job_text text = {.shown = "http://H/ shown",
                                       .shown_len = 15,
                                       .url = "http://h/",
                                       .origin = "http://h:80",
                                       .user = "user",
                                       .password = ""};
    const char *headers[] = {"A: 1", "B: \xff"};
    struct haul_mirror mirrors[] = {{"http://m/", "http://m:80", "user", "p"},
                                    {"http://n/", "http://m:80", NULL, NULL}};
    struct haul_attached attached[] = {{"column", "value"}, {"other", ""}};
    struct haul_entry_options options;
    static const struct haul_redactor_secrets given;
    const struct haul_job_saving saving = {.name = "h/index",
                                           .earlier = "h/\xE2\x80\xAE",
                                           .checksum = "md5=11",
                                           .removes = {.device = UINT64_MAX, .inode = 7},
                                           .hides_earlier = true};
    struct haul_record said = {.errormsg = "http://h/"};
    struct haul_job *job = haul_job_create(&text);

    haul_entry_options_init(&options);
    options.out = "out";
    options.dir = "dir";
    options.checksum = "sha-256=00";
    options.referer = "http://h/";
    options.user = "u";
    options.headers = headers;
    options.header_count = 2;
    options.max_tries = 0;
    options.timeout_ms = INT64_MAX;
    options.mirrors = mirrors;
    options.mirror_count = 2;
    options.attached = attached;
    options.attached_count = 2;
    options.url_column = "url";
    options.url_place = 3;
    ck_assert_int_eq(haul_job_keep_options(job, &options), HAUL_OK);
    ck_assert_int_eq(haul_job_keep_saving(job, &saving), HAUL_OK);
    haul_job_keep_text(job, &said);
    job->key = (struct haul_key){UINT64_MAX, 1, 2};
    job->replaces_old = true;
    job->replaces = 7;
    job->named_by = HAUL_NAMED_BY_STRANGER;
    job->given = &given;
    job->has_secret = true;
    job->is_named_by_list = true;
    job->rec.seq = (uint64_t)1 << 40;
    job->rec.line = 12;
    job->rec.source = source;
    return job;
}

static void check_text(const char *is, const char *was)
{
    if (was)
        ck_assert_str_eq(is, was);
    else
        ck_assert_ptr_null(is);
}

static void check_options(const struct haul_entry_options *is, const struct haul_entry_options *was)
{
    check_text(is->out, was->out);
    check_text(is->dir, was->dir);
    check_text(is->checksum, was->checksum);
    check_text(is->referer, was->referer);
    check_text(is->user_agent, was->user_agent);
    check_text(is->user, was->user);
    check_text(is->password, was->password);
    check_text(is->url_column, was->url_column);
    ck_assert_uint_eq(is->url_place, was->url_place);
    ck_assert_int_eq(is->max_tries, was->max_tries);
    ck_assert_int_eq(is->retry_wait_ms, was->retry_wait_ms);
    ck_assert_int_eq(is->timeout_ms, was->timeout_ms);
    ck_assert_int_eq(is->connect_timeout_ms, was->connect_timeout_ms);
    ck_assert_int_eq(is->speed_limit, was->speed_limit);
    ck_assert_uint_eq(is->header_count, was->header_count);
    for (size_t i = 0; i < was->header_count; i++)
        ck_assert_str_eq(is->headers[i], was->headers[i]);
    ck_assert_uint_eq(is->mirror_count, was->mirror_count);
    for (size_t i = 0; i < was->mirror_count; i++) {
        check_text(is->mirrors[i].url, was->mirrors[i].url);
        check_text(is->mirrors[i].origin, was->mirrors[i].origin);
        check_text(is->mirrors[i].user, was->mirrors[i].user);
        check_text(is->mirrors[i].password, was->mirrors[i].password);
    }
    ck_assert_uint_eq(is->attached_count, was->attached_count);
    for (size_t i = 0; i < was->attached_count; i++) {
        ck_assert_str_eq(is->attached[i].name, was->attached[i].name);
        ck_assert_str_eq(is->attached[i].value, was->attached[i].value);
    }
}

static void check_job(const struct haul_job *is, const struct haul_job *was)
{
    check_text(is->shown, was->shown);
    check_text(is->url, was->url);
    check_text(is->origin, was->origin);
    check_text(is->own.origin, was->own.origin);
    check_text(is->user, was->user);
    check_text(is->password, was->password);
    check_text(is->name, was->name);
    check_text(is->earlier, was->earlier);
    check_text(is->checksum, was->checksum);
    ck_assert_uint_eq(is->removes.device, was->removes.device);
    ck_assert_uint_eq(is->removes.inode, was->removes.inode);
    ck_assert_int_eq(is->hides_earlier, was->hides_earlier);
    ck_assert_int_eq(is->named_by, was->named_by);
    ck_assert_ptr_eq(is->given, was->given);
    ck_assert_int_eq(is->has_secret, was->has_secret);
    ck_assert_int_eq(is->is_named_by_list, was->is_named_by_list);
    check_text(is->rec.errormsg, was->rec.errormsg);
    check_text(is->rec.url, was->rec.url);
    ck_assert_ptr_eq(is->rec.source, was->rec.source);
    ck_assert_uint_eq(is->rec.seq, was->rec.seq);
    ck_assert_uint_eq(is->rec.line, was->rec.line);
    ck_assert_int_eq(is->rec.size_body, was->rec.size_body);
    ck_assert_uint_eq(is->rec.attached_count, was->rec.attached_count);
    ck_assert_mem_eq(&is->key, &was->key, sizeof is->key);
    ck_assert_int_eq(is->replaces_old, was->replaces_old);
    ck_assert_uint_eq(is->replaces, was->replaces);
    ck_assert_uint_eq(is->bytes, was->bytes);
    ck_assert_int_eq(is->options != NULL, was->options != NULL);
    if (was->options)
        check_options(is->options, was->options);
}

/* ---- the bytes of a job ---- */

START_TEST(job_comes_back_as_it_was)
{
    struct haul_job *was = _i ? make_job_with_everything() : make_job(3, 4), *is;
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_blob_add(&buf, was);
    ck_assert_int_eq(haul_blob_read(buf.data, buf.len, &is), HAUL_OK);
    haul_buf_done(&buf);
    check_job(is, was);
    haul_job_free(is);
    haul_job_free(was);
}
END_TEST

START_TEST(equal_strings_are_kept_once)
{
    struct haul_job *job = make_job(1, 1);
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_blob_add(&buf, job);
    ck_assert_uint_lt(buf.len, strlen(job->url) + strlen(job->origin) + 24);
    haul_buf_done(&buf);
    haul_job_free(job);
}
END_TEST

/* In memory of just that size, so that a sanitizer sees what is read behind it. */
static enum haul_err read_copy(const void *bytes, size_t len, struct haul_job **out)
{
    void *copy = malloc(len ? len : 1);
    enum haul_err err;

    memcpy(copy, bytes, len);
    err = haul_blob_read(copy, len, out);
    free(copy);
    return err;
}

START_TEST(damaged_bytes_are_refused_or_harmless)
{
    struct haul_job *was = make_job_with_everything(), *is;
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    haul_blob_add(&buf, was);
    for (size_t len = 0; len < buf.len; len++)
        ck_assert_int_eq(read_copy(buf.data, len, &is), HAUL_ERR_SYNTAX);
    for (size_t i = 0; i < buf.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            buf.data[i] = (char)(buf.data[i] ^ 1 << bit);
            if (read_copy(buf.data, buf.len, &is) == HAUL_OK)
                haul_job_free(is);
            buf.data[i] = (char)(buf.data[i] ^ 1 << bit);
        }
    }
    haul_buf_done(&buf);
    haul_job_free(was);
}
END_TEST

START_TEST(memory_that_is_short_is_told)
{
    struct haul_job *was = make_job_with_everything(), *is;
    struct haul_buf buf;
    bool walking = true;

    haul_buf_init(&buf, 0);
    haul_blob_add(&buf, was);
    for (long n = 1; walking; n++) {
        enum haul_err err;

        fail_alloc_arm(n);
        err = haul_blob_read(buf.data, buf.len, &is);
        walking = fail_alloc_disarm();
        if (err)
            ck_assert_int_eq(err, HAUL_ERR_NOMEM);
        else
            haul_job_free(is); /* without a message, if that is what there was no memory for */
    }
    haul_buf_done(&buf);
    haul_job_free(was);
}
END_TEST

/* ---- the file ---- */

static int64_t place_of(int origin, int number)
{
    return (int64_t)(origin + 1) << 32 | number;
}

static struct haul_spill *make_spill(int64_t size_max)
{
    struct haul_spill *spill = NULL;

    ck_assert_int_eq(haul_spill_create(size_max, &spill), HAUL_OK);
    return spill;
}

static enum haul_err put(struct haul_spill *spill, int number, int origin, int64_t place)
{
    struct haul_job *job = make_job((uint64_t)number, origin);
    enum haul_err err = haul_spill_put(spill, place, job);

    haul_job_free(job);
    return err;
}

/* Takes all of the range; each is one step behind the one before. Returns how many.
 * (Check writes a line for each assertion: not every job is looked at whole.) */
static int take_all(struct haul_spill *spill, int64_t first, int64_t last, int origin, int step)
{
    struct haul_job_list jobs;
    struct haul_job *job;
    size_t taken = 1;
    int count = 0;

    while (taken) {
        ck_assert_int_eq(haul_spill_take(spill, first, last, &jobs, &taken), HAUL_OK);
        ck_assert_uint_eq(taken, jobs.count);
        while ((job = haul_job_list_take(&jobs))) {
            struct haul_job *was = make_job((uint64_t)(origin + step * count), origin);

            if (count++ % 50 == 0 || job->rec.seq != was->rec.seq || strcmp(job->url, was->url))
                check_job(job, was);
            haul_job_free(was);
            haul_job_free(job);
        }
    }
    return count;
}

static long memory_kb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%*d %ld", &pages), 1);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

START_TEST(many_jobs_of_many_origins_come_back_in_order)
{
    struct haul_spill *spill = make_spill(INT64_MAX);
    long before_kb = memory_kb();
    int refused = 0;

    for (int i = 0; i < MANY; i++)
        refused += put(spill, i, i % ORIGINS, place_of(i % ORIGINS, i / ORIGINS)) != HAUL_OK;
    ck_assert_int_eq(refused, 0);
    ck_assert_uint_eq(haul_spill_count(spill), MANY);
    if (!getenv("HAUL_SANITIZED"))
        ck_assert_int_lt(memory_kb() - before_kb, MEMORY_MAX_KB);
    for (int i = 0; i < ORIGINS; i++)
        ck_assert_int_eq(take_all(spill, place_of(i, 0), place_of(i + 1, 0) - 1, i, ORIGINS),
                         MANY / ORIGINS);
    ck_assert_uint_eq(haul_spill_count(spill), 0);
    haul_spill_free(spill);
}
END_TEST

/* So many jobs until one is refused; then they all come back, and there is room again. */
static void fill_and_empty(struct haul_spill *spill, int least, int most)
{
    int count = 0;

    while (put(spill, count, 0, count) == HAUL_OK && count < most)
        count++;
    ck_assert_int_lt(count, most);
    ck_assert_int_ge(count, least);
    ck_assert(haul_spill_is_full(spill));
    ck_assert_str_ne(haul_spill_error(spill), "");
    ck_assert_int_eq(put(spill, count, 0, count), HAUL_ERR_IO);
    ck_assert_uint_eq(haul_spill_count(spill), (uint64_t)count);
    ck_assert_int_eq(take_all(spill, 0, INT64_MAX, 0, 1), count);
    ck_assert(!haul_spill_is_full(spill));
}

START_TEST(full_file_loses_nothing_and_goes_on)
{
    struct haul_spill *spill = make_spill(1000000);

    for (int i = 0; i < 3; i++)
        fill_and_empty(spill, 5000, 20000);
    haul_spill_free(spill);
}
END_TEST

/* The file must not grow, as on a disk that is full: beyond the cache nothing can be put. */
START_TEST(file_that_cannot_be_written_loses_nothing)
{
    const rlim_t size = (rlim_t)_i * 5 << 20;
    const struct rlimit limit = {size, size};
    struct haul_spill *spill = make_spill(INT64_MAX);

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    fill_and_empty(spill, 5000, 400000);
    ck_assert_int_eq(put(spill, 0, 0, 0), HAUL_OK);
    haul_spill_free(spill);
}
END_TEST

START_TEST(take_is_bounded)
{
    struct haul_spill *spill = make_spill(INT64_MAX);
    struct haul_job_list jobs;
    size_t taken;

    for (int i = 0; i < HAUL_SPILL_BATCH_MAX + 10; i++)
        ck_assert_int_eq(put(spill, i, 0, i), HAUL_OK);
    ck_assert_int_eq(haul_spill_take(spill, 5, INT64_MAX, &jobs, &taken), HAUL_OK);
    ck_assert_uint_eq(taken, HAUL_SPILL_BATCH_MAX);
    ck_assert_uint_eq(jobs.head->rec.seq, 5);
    while (jobs.head)
        haul_job_free(haul_job_list_take(&jobs));
    ck_assert_uint_eq(haul_spill_count(spill), 10);
    haul_spill_free(spill);
}
END_TEST

START_TEST(file_that_cannot_be_made_keeps_nothing)
{
    const struct rlimit limit = {1 << 20, 1 << 20};
    struct haul_spill *spill = make_spill(INT64_MAX);

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(put(spill, 0, 0, 0), HAUL_ERR_IO);
    ck_assert(haul_spill_is_full(spill));
    ck_assert_str_ne(haul_spill_error(spill), "");
    ck_assert_uint_eq(haul_spill_count(spill), 0);
    haul_spill_free(spill);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spill");
    TCase *tcase = tcase_create("spill");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, job_comes_back_as_it_was, 0, 2);
    tcase_add_test(tcase, equal_strings_are_kept_once);
    tcase_add_test(tcase, damaged_bytes_are_refused_or_harmless);
    tcase_add_test(tcase, memory_that_is_short_is_told);
    tcase_add_test(tcase, many_jobs_of_many_origins_come_back_in_order);
    tcase_add_test(tcase, full_file_loses_nothing_and_goes_on);
    tcase_add_loop_test(tcase, file_that_cannot_be_written_loses_nothing, 1, 4);
    tcase_add_test(tcase, file_that_cannot_be_made_keeps_nothing);
    tcase_add_test(tcase, take_is_bounded);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
