#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "harness.h"
#include "haul/exit.h"
#include "servers.h"

/*
 * Two URLs for which version 1 of the journal has one key, found by searching for them; and what
 * that version has written. The host does not exist: the test's server is haul's proxy.
 */
#define TWIN_1 "http://twins.example/size?n=100&x=mYFK-Zf9eRC"
#define TWIN_2 "http://twins.example/size?n=100&x=Rl3J79rnLvF"

static const char *proxy(void)
{
    return it_text("http://127.0.0.1:%d", it_port("http"));
}

/* Arguments behind those that each run has. */
#define HAUL(...) it_haul(IT_ARGS("-q", "-x", proxy(), "--format", "jsonl", __VA_ARGS__))

START_TEST(both_are_unique)
{
    struct it_run run = HAUL("--unique", TWIN_1, TWIN_2, TWIN_1);

    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    ck_assert_uint_eq(it_count(it_rows(run.out), "duplicate"), 1);
    ck_assert_int_eq(it_stat("requests"), 2);
    run = it_haul(IT_ARGS("--dry-run", "--unique", TWIN_1, TWIN_2, TWIN_1));
    ck_assert_ptr_nonnull(strstr(run.out, "fetch\t" TWIN_1 "\n"));
    ck_assert_ptr_nonnull(strstr(run.out, "fetch\t" TWIN_2 "\n"));
    ck_assert_ptr_nonnull(strstr(run.out, "duplicate\t" TWIN_1 "\n"));
}
END_TEST

START_TEST(record_of_one_is_not_the_others)
{
    const char *journal = it_path("resume.j");
    struct it_run run = HAUL("--journal", journal, TWIN_1);

    ck_assert_int_eq(run.status, 0);
    it_reset_server();
    run = HAUL("--journal", journal, "--resume", TWIN_2, TWIN_1);
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 1);
    ck_assert_ptr_nonnull(
        strstr(it_str(json_array_get(it_log("/size"), 0), "path"), "Rl3J79rnLvF"));
    it_reset_server();
    run = HAUL("--journal", journal, "--resume", TWIN_2, TWIN_1);
    ck_assert_int_eq(it_stat("requests"), 0);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", "-i", "-", journal));
    ck_assert_int_eq(run.status, 0);
}
END_TEST

START_TEST(validators_of_one_are_not_sent_for_the_other)
{
    const char *journal = it_path("since.j");
    struct it_run run = HAUL("--journal", journal, TWIN_1 "&etag=one");

    ck_assert_int_eq(run.status, 0);
    for (int is_same = 0; is_same < 2; is_same++) {
        it_reset_server();
        run =
            HAUL("--since", journal, "--etags", is_same ? TWIN_1 "&etag=one" : TWIN_2 "&etag=one");
        ck_assert_int_eq(run.status, 0);
        ck_assert_int_eq(it_log_has_header(json_array_get(it_log("/size"), 0), "if-none-match"),
                         is_same);
    }
}
END_TEST

START_TEST(comparison_tells_them_apart)
{
    const char *one = it_path("one.j"), *other = it_path("other.j");
    struct it_run run;

    ck_assert_int_eq(HAUL("--journal", one, TWIN_1).status, 0);
    ck_assert_int_eq(HAUL("--journal", other, TWIN_2).status, 0);
    run = it_haul(IT_ARGS("diff", one, other));
    ck_assert_ptr_nonnull(strstr(run.out, TWIN_1));
    ck_assert_ptr_nonnull(strstr(run.out, TWIN_2));
    run = it_haul(IT_ARGS("diff", one, one));
    ck_assert_ptr_null(strstr(run.out, TWIN_1));
}
END_TEST

START_TEST(history_tells_them_apart)
{
    const char *history = it_path("h.db");
    struct it_run run;

    ck_assert_int_eq(HAUL("--history", history, TWIN_1).status, 0);
    ck_assert_int_eq(HAUL("--history", history, TWIN_2).status, 0);
    run = it_haul(IT_ARGS("diff", it_text("%s@1", history), it_text("%s@2", history)));
    ck_assert_ptr_nonnull(strstr(run.out, TWIN_1));
    ck_assert_ptr_nonnull(strstr(run.out, TWIN_2));
    run = it_haul(IT_ARGS("history", history, TWIN_1));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.out, TWIN_1));
    ck_assert_ptr_null(strstr(run.out, TWIN_2));
}
END_TEST

/*
 * The same hash again, of files: the first server claims to have what the second one has, with its
 * ETag, and breaks off in the middle.
 */
#define THEIRS "http://mallory.example/range?n=200000&cut=100000&etag=one&change=0&x=W25H7kevla8"
#define OURS "http://twins.example/range?n=200000&etag=another&x=uBHCbex_w57"

/* What is left of one has the other's name: the list says so, or it is not known before the end. */
static const char *const same_name[] = {"same", "{sha256}"};

START_TEST(beginning_of_one_is_not_gone_on_with_by_the_other)
{
    const char *dir = it_path(it_text("twins-%d", _i)), *of_ours;
    const json_t *log;
    struct it_run run;

    ck_assert_uint_eq(haul_hash(THEIRS, strlen(THEIRS)), haul_hash(OURS, strlen(OURS)));
    it_remove_tree(dir);
    run = HAUL("--hash", "sha256", OURS);
    of_ours = it_str(json_array_get(it_rows(run.out), 0), "sha256");
    it_reset_server();
    for (int is_ours = 0; is_ours < 2; is_ours++) {
        run = HAUL("-C", "--retry", "0", "--hash", "sha256", "-d", dir, "--name", same_name[_i],
                   is_ours ? OURS : THEIRS);
        ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)),
                         is_ours ? "ok" : "failed truncated");
    }
    ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 0), "sha256"), of_ours);
    log = it_log("/range");
    ck_assert_uint_eq(json_array_size(log), 2);
    ck_assert(!it_log_has_header(json_array_get(log, 1), "range"));
}
END_TEST

/* ---- what version 1 has written ---- */

static const char *sample(const char *suffix)
{
    return it_text("%s/test/integration/samples/journal-1%s", getenv("HAUL_SOURCE_ROOT"), suffix);
}

/* Copies it, for it may be gone on with. */
static const char *copy_sample(const char *suffix, const char *name)
{
    const char *path = it_path(name);
    size_t len;
    const char *bytes = it_read(sample(suffix), &len);

    it_write(path, bytes, len);
    return path;
}

#define HAUL_AS_THEN(...)                                                                          \
    HAUL("-i", sample(".urls"), "--redact", "token", "--ignore-param", "sid", __VA_ARGS__)

/* The last URL of the list has a twin, which is not done. */
START_TEST(old_journal_is_gone_on_with_and_nothing_is_fetched_twice)
{
    const char *journal = copy_sample(".jsonl", it_text("old-%d.j", _i));
    struct it_run run = HAUL_AS_THEN("--journal", journal, "--resume");

    ck_assert_msg(run.status == 1, "%d: %s", run.status, run.err);
    ck_assert_uint_eq(it_count(it_rows(run.out), NULL), 13);
    ck_assert_int_eq(it_stat("requests"), 0);
    run = HAUL_AS_THEN("--journal", journal, "--resume", TWIN_2);
    ck_assert_uint_eq(it_count(it_rows(run.out), NULL), 14);
    ck_assert_int_eq(it_stat("requests"), 1);
    run = HAUL_AS_THEN("--journal", journal, "--resume", TWIN_2);
    ck_assert_int_eq(it_stat("requests"), 1);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    ck_assert_uint_eq(it_count(it_rows(run.out), NULL), 14);
}
END_TEST

/* What has failed is tried again, in its own place, by both kinds of keys. */
START_TEST(failed_ones_of_an_old_journal_are_replaced)
{
    const char *journal = copy_sample(".jsonl", "old-failed.j");
    struct it_run run = HAUL_AS_THEN("--journal", journal, "--resume", "--retry-failed");

    ck_assert_int_eq(it_stat("requests"), 2);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    ck_assert_uint_eq(it_count(it_rows(run.out), NULL), 13);
}
END_TEST

START_TEST(old_packed_journal_is_compared_as_if_it_were_new)
{
    static const char *const suffix[] = {".jsonl", ".jsonl.gz"};
    const char *journal = it_path(it_text("now-%d.j", _i));
    struct it_run run = HAUL_AS_THEN("--journal", journal);

    ck_assert_int_eq(run.status, 1);
    run = it_haul(IT_ARGS("diff", "--format", "jsonl", sample(suffix[_i]), journal));
    ck_assert_msg(run.status == 0 && !strstr(run.out, "\"added\"") && !strstr(run.out, "\"gone\""),
                  "%s%s", run.out, run.err);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", "--redact", "token", "--ignore-param",
                          "sid", "-i", sample(".urls"), sample(suffix[_i])));
    ck_assert_uint_eq(it_count(it_rows(run.out), "pending"), 0);
    ck_assert_uint_eq(it_count(it_rows(run.out), NULL), 13);
}
END_TEST

/*
 * What --redact has hidden in it is compared as of today: the sessions of another day, the order in
 * which one URL's lines came to their ends, other spellings, and what is hidden today only.
 */
#define HAUL_HIDING(list, ...)                                                                     \
    HAUL("-i", sample(list), "--redact", "token", "--ignore-param", "sid", "--ignore-param", "ms", \
         __VA_ARGS__)

static const char *const hidden_lists[] = {"-hidden.urls", "-hidden.now.urls"};

START_TEST(hidden_records_of_an_old_journal_are_those_of_todays_lines)
{
    const char *journal = copy_sample("-hidden.jsonl", it_text("hidden-%d.j", _i));
    struct it_run run = HAUL_HIDING(hidden_lists[_i], "--journal", journal, "--resume");

    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 15);
    ck_assert_int_eq(it_stat("requests"), 0);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    ck_assert_uint_eq(it_count(it_rows(run.out), NULL), 15);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", "--redact", "token", "--ignore-param",
                          "sid", "--ignore-param", "ms", "-i", sample(hidden_lists[_i]), journal));
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 15);
}
END_TEST

START_TEST(hidden_records_of_an_old_journal_are_compared)
{
    const char *journal = it_path(it_text("hidden-now-%d.j", _i));
    struct it_run run = HAUL_HIDING(hidden_lists[_i], "--journal", journal);

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("diff", "--format", "jsonl", "--redact", "token", "--ignore-param", "sid",
                          "--ignore-param", "ms", sample("-hidden.jsonl"), journal));
    ck_assert_msg(run.status == 0 && !*run.out, "%d: %s%s", run.status, run.out, run.err);
}
END_TEST

/* Nothing is hidden any more: then all of a URL is known, and so are the 64 bits that it had. */
START_TEST(hidden_records_of_an_old_journal_are_compared_with_what_shows_all)
{
    const char *journal = it_path(it_text("shown-now-%d.j", _i));
    struct it_run run = HAUL("-i", sample(hidden_lists[_i]), "--ignore-param", "sid",
                             "--ignore-param", "ms", "--journal", journal);

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("diff", "--format", "jsonl", "--ignore-param", "sid", "--ignore-param",
                          "ms", sample("-hidden.jsonl"), journal));
    ck_assert_msg(run.status == 0 && !*run.out, "%d: %.500s%s", run.status, run.out, run.err);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("twins");
    TCase *twins = tcase_create("twins"), *old = tcase_create("old");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_unchecked_fixture(twins, it_begin_server, it_end_server);
    tcase_add_checked_fixture(twins, it_reset_server, NULL);
    tcase_add_test(twins, both_are_unique);
    tcase_add_test(twins, record_of_one_is_not_the_others);
    tcase_add_test(twins, validators_of_one_are_not_sent_for_the_other);
    tcase_add_test(twins, comparison_tells_them_apart);
    tcase_add_test(twins, history_tells_them_apart);
    tcase_add_loop_test(twins, beginning_of_one_is_not_gone_on_with_by_the_other, 0, 2);
    suite_add_tcase(suite, twins);
    tcase_add_unchecked_fixture(old, it_begin_server, it_end_server);
    tcase_add_checked_fixture(old, it_reset_server, NULL);
    tcase_add_loop_test(old, old_journal_is_gone_on_with_and_nothing_is_fetched_twice, 0, 1);
    tcase_add_test(old, failed_ones_of_an_old_journal_are_replaced);
    tcase_add_loop_test(old, old_packed_journal_is_compared_as_if_it_were_new, 0, 2);
    tcase_add_loop_test(old, hidden_records_of_an_old_journal_are_those_of_todays_lines, 0, 2);
    tcase_add_loop_test(old, hidden_records_of_an_old_journal_are_compared, 0, 2);
    tcase_add_loop_test(old, hidden_records_of_an_old_journal_are_compared_with_what_shows_all, 0,
                        2);
    suite_add_tcase(suite, old);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
