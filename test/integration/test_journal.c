#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "haul/exit.h"
#include "servers.h"

/*
 * The journal: kill it anywhere, lose nothing. HAUL_FAULTLIB is the library of faultlib.c;
 * HAUL_KILLS is how many times the program is killed at random moments (200).
 */

enum { KILLS = 200 };

/* What a report says, without what differs from run to run: times, ports, workers. */
static const char *essence(const char *jsonl)
{
    const json_t *rows = it_rows(jsonl);
    const char *text = "";

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);

        text = it_text("%s%lld %s %lld %s\n", text, (long long)it_int(row, "line"), it_verdict(row),
                       (long long)json_integer_value(json_object_get(row, "size_body")),
                       it_str(row, "url"));
    }
    return text;
}

static struct it_run run_with(const char *const *argv, const char *const *env)
{
    return it_call(&(struct it_call){.argv = argv, .env = env});
}

static struct it_run report(const char *journal)
{
    return it_haul(IT_ARGS("report", "--format", "jsonl", "--order", "input", journal));
}

/* ---- one list, for the walk: good ones, one twice, one that fails, one that is none ---- */

static const char *walk_list(void)
{
    const char *path = it_path("walk");
    const char *text =
        it_text("%s\n%s\nftp://x/\n%s\n%s\n%s\n", it_url("/size?n=1"), it_url("/size?n=2"),
                it_url("/size?n=1"), it_url("/status/404"), it_url("/size?n=3"));

    it_write(path, text, strlen(text));
    return path;
}
enum { WALK_LINES = 6, WALK_STATUS = 1 };

static const struct {
    const char *name;
    int status; /* of a run that is hit: -1 killed, else its exit status */
} modes[] = {
    {"kill", -1},           {"torn", -1},  {"after", -1}, {"short", WALK_STATUS},
    {"eintr", WALK_STATUS}, {"enospc", 3}, {"eio", 3},
};

#define WALK_ARGS(journal, list, ...)                                                              \
    IT_ARGS("-j", "1", "--format", "jsonl", "--order", "input", "--sync", "each", "--journal",     \
            journal, "-i", list, __VA_ARGS__)

/* The report on what is left: a row for every line, as many done as the journal has, and nothing
 * was shown before it was written down. */
static void check_left(const char *journal, const char *list, const char *shown)
{
    struct it_run run;
    const json_t *rows, *done;
    size_t len = 0;

    if (!access(journal, F_OK))
        it_read(journal, &len);
    if (!len) {
        ck_assert_str_eq(shown, "");
        return;
    }
    run = it_haul(IT_ARGS("report", "--format", "jsonl", "-i", list, journal));
    /* A file that holds no more than a piece of its header is not known for a journal. */
    if (run.status == 2) {
        ck_assert_str_eq(shown, "");
        return;
    }
    ck_assert_int_eq(run.status, 0);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), WALK_LINES);
    done = it_rows(report(journal).out);
    ck_assert_uint_le(it_lines(shown), json_array_size(done));
    ck_assert_uint_eq(it_count(rows, "ok"), it_count(done, "ok"));
    ck_assert_uint_eq(it_count(rows, "failed"), it_count(done, "failed"));
    /* The line that is no URL needs no record. */
    ck_assert_uint_eq(it_count(rows, "invalid"), 1);
}

static struct it_run run_with_fault(const char *journal, const char *list, const char *fault,
                                    long *calls)
{
    const char *counted = it_text("%s.counted", journal);
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_FAULTLIB")),
                               it_text("FAULT=%s", fault), it_text("FAULT_COUNT=%s", counted),
                               "FAULT_PATH=journal-", NULL};
    struct it_run run = run_with(WALK_ARGS(journal, list, "-q"), env);

    *calls = run.status == -1 ? 0 : strtol(it_read(counted, NULL), NULL, 10);
    return run;
}

/* Returns whether there were as many calls: how many differs a little from run to run. */
static bool check_one_fault(int mode, long nth, const char *list, const char *clean)
{
    const char *fault = it_text("%s:%ld", modes[mode].name, nth);
    const char *journal = it_path(it_text("journal-%s-%ld", modes[mode].name, nth));
    long calls;
    struct it_run run = run_with_fault(journal, list, fault, &calls);
    bool is_hit = run.status == -1 || calls >= nth;
    int status = is_hit ? modes[mode].status : WALK_STATUS;

    ck_assert_msg(run.status == status, "%s: status %d: %s", fault, run.status, run.err);
    if (status == 3)
        ck_assert_msg(strstr(run.err, journal), "%s: no journal in: %s", fault, run.err);
    if (status == WALK_STATUS)
        ck_assert_str_eq(essence(run.out), clean);
    if (!is_hit)
        return false;
    check_left(journal, list, run.status == -1 ? run.out : "");
    if (status == WALK_STATUS)
        return true;
    run = it_haul(WALK_ARGS(journal, list, "-q", "--resume"));
    ck_assert_msg(run.status == WALK_STATUS, "%s: resumed: %d: %s", fault, run.status, run.err);
    ck_assert_str_eq(essence(run.out), clean);
    run = report(journal);
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), WALK_LINES);
    return true;
}

START_TEST(fault_in_any_file_operation_loses_nothing)
{
    const char *list = walk_list(), *clean;
    struct it_run run;
    long calls, nth = 0;

    if (it_is_sanitized() || !getenv("HAUL_FAULTLIB"))
        return;
    run = run_with_fault(it_path(it_text("journal-%s", modes[_i].name)), list, "", &calls);
    ck_assert_int_eq(run.status, WALK_STATUS);
    clean = essence(run.out);
    while (check_one_fault(_i, ++nth, list, clean))
        ;
    /* The file, the header, some records and the footer, each of them synced. */
    ck_assert_int_ge(nth, 7);
}
END_TEST

/* ---- killed at random moments ---- */

enum { SLOW_URLS = 300 };

static const char *slow_list(void)
{
    const char *path = it_path("slow");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < SLOW_URLS; i++)
        haul_buf_addf(&list, "%s\n", it_url("/drip?n=3&ms=%d&i=%d", i % 7, i / 2));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static void sleep_ms(long ms)
{
    struct timespec rest = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    while (nanosleep(&rest, &rest) && errno == EINTR)
        ;
}

#define SLOW_ARGS(journal, list)                                                                   \
    IT_ARGS("-j", "8", "-q", "--format", "jsonl", "--order", "input", "--journal", journal,        \
            "--resume", "-i", list)

/* Returns whether it came to its end before it could be killed. */
static bool run_and_kill(const char *journal, const char *list, long after_ms)
{
    struct it_process *process = it_start(&(struct it_call){.argv = SLOW_ARGS(journal, list)});
    struct it_run run;

    sleep_ms(after_ms);
    it_signal(process, SIGKILL);
    run = it_finish(process);
    if (run.status == -1)
        return false;
    ck_assert_msg(run.status == 0, "status %d: %s", run.status, run.err);
    return true;
}

START_TEST(kills_at_random_moments_lose_nothing)
{
    const char *list = slow_list(), *wanted = getenv("HAUL_KILLS");
    const char *clean = essence(it_haul(SLOW_ARGS(it_path("random-clean"), list)).out);
    long kills = wanted ? strtol(wanted, NULL, 10) : KILLS, killed = 0, journals = 0;

    ck_assert_uint_eq(it_lines(clean), SLOW_URLS);
    srand(1);
    while (killed < kills) {
        const char *journal = it_path(it_text("random-%ld", ++journals));
        struct it_run run;

        while (killed < kills && !run_and_kill(journal, list, 5 + rand() % 60))
            killed++;
        run = it_haul(SLOW_ARGS(journal, list));
        ck_assert_int_eq(run.status, 0);
        ck_assert_str_eq(essence(run.out), clean);
        run = report(journal);
        ck_assert_int_eq(run.status, 0);
        ck_assert_uint_eq(it_lines(run.out), SLOW_URLS);
    }
}
END_TEST

/* ---- disks, locks ---- */

START_TEST(full_disk_stops_the_run_before_anything_is_fetched)
{
    struct it_run run = it_haul(IT_ARGS("--journal", "/dev/full", it_url("/size?n=1")));

    ck_assert_int_eq(run.status, 3);
    ck_assert_uint_eq(it_lines(run.err), 1);
    ck_assert_ptr_nonnull(strstr(run.err, "/dev/full"));
    ck_assert_ptr_nonnull(strstr(run.err, "No space left on device"));
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

/* Many URLs, and a disk that is full after a few: hardly more are fetched than are in flight. */
START_TEST(disk_that_fills_up_stops_the_run)
{
    const char *list = slow_list(), *journal = it_path("filling");
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_FAULTLIB")), "FAULT=enospc:4",
                               "FAULT_PATH=filling", NULL};
    const char *said;
    struct it_run run;

    if (it_is_sanitized() || !getenv("HAUL_FAULTLIB"))
        return;
    run = run_with(IT_ARGS("-j", "4", "-q", "--format", "jsonl", "--journal", journal, "-i", list),
                   env);
    ck_assert_int_eq(run.status, 3);
    said = strstr(run.err, "the journal cannot be written: No space left on device");
    ck_assert_ptr_nonnull(said);
    ck_assert_ptr_null(strstr(said + strlen("the journal"), "journal"));
    ck_assert_int_lt(it_stat("requests"), SLOW_URLS / 2);
}
END_TEST

START_TEST(second_run_on_a_journal_is_refused)
{
    const char *journal = it_path("locked"), *url = it_url("/gate?name=lock");
    struct it_process *first =
        it_start(&(struct it_call){.argv = IT_ARGS("--journal", journal, url)});
    struct it_run run;

    it_await_gate("lock", 1);
    run = it_haul(IT_ARGS("--journal", journal, "--resume", url));
    ck_assert_int_eq(run.status, 5);
    ck_assert_ptr_nonnull(strstr(run.err, journal));
    ck_assert_ptr_nonnull(strstr(run.err, it_text("(process %ld)", (long)it_pid(first))));
    run = it_haul(IT_ARGS("report", "--format", "jsonl", journal));
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.out, "");
    it_open_gate("lock");
    ck_assert_int_eq(it_finish(first).status, 0);
}
END_TEST

/* ---- resuming ---- */

START_TEST(edited_and_reordered_list_fetches_only_what_is_new)
{
    const char *journal = it_path("edited"), *list = it_path("edited-list");
    const char *a = it_url("/size?n=1"), *b = it_url("/size?n=2"), *c = it_url("/size?n=3");
    const char *before = it_text("%s\n%s\n", a, b),
               *after = it_text("%s\n#\n%s\n%s\n%s\n", b, c, a, a);
    struct it_run run;
    const json_t *rows;

    it_write(list, before, strlen(before));
    ck_assert_int_eq(it_haul(IT_ARGS("--journal", journal, "-i", list)).status, 0);
    ck_assert_int_eq(it_stat("requests"), 2);
    it_write(list, after, strlen(after));
    run = it_haul(IT_ARGS("-j", "3", "--journal", journal, "--resume", "--format", "jsonl",
                          "--order", "input", "-i", list));
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 4);
    rows = it_rows(run.out);
    ck_assert_uint_eq(it_count(rows, "ok"), 4);
    ck_assert_int_eq(it_int(json_array_get(rows, 2), "line"), 4);
    it_check_equation(run.err, 4);
}
END_TEST

/* The first attempt of each fails: one for good, one in passing. */
START_TEST(failed_ones_are_tried_again_when_asked)
{
    const char *journal = it_path("retried");
    const char *passing = it_url("/flaky?n=1&code=503&key=a"),
               *gone = it_url("/flaky?n=1&code=404&key=b");
    struct it_run run;

#define RETRY_ARGS(...)                                                                            \
    IT_ARGS("--retry", "0", "--format", "jsonl", "--journal", journal, passing, gone, __VA_ARGS__)
    ck_assert_int_eq(it_haul(RETRY_ARGS("-q")).status, 1);
    ck_assert_int_eq(it_haul(RETRY_ARGS("--resume")).status, 1);
    ck_assert_int_eq(it_stat("requests"), 2);
    run = it_haul(RETRY_ARGS("--resume", "--retry-failed=transient"));
    ck_assert_int_eq(run.status, 1);
    ck_assert_int_eq(it_stat("requests"), 3);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), passing)), "ok");
    run = it_haul(RETRY_ARGS("--resume", "--retry-failed"));
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(it_stat("requests"), 4);
    run = report(journal);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    ck_assert_uint_eq(it_lines(run.out), 2);
}
END_TEST

START_TEST(journals_of_shards_merge)
{
    const char *one = it_path("shard-1"), *other = it_path("shard-2");
    const char *a = it_url("/size?n=1"), *b = it_url("/size?n=2"), *c = it_url("/status/404");
    struct it_run run;

    ck_assert_int_eq(it_haul(IT_ARGS("--journal", one, a, b)).status, 0);
    ck_assert_int_eq(it_haul(IT_ARGS("--journal", other, b, c)).status, 1);
    run = it_haul(IT_ARGS("report", "--format", "jsonl", one, other));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 3);
    ck_assert_uint_eq(it_count(it_rows(run.out), "ok"), 2);
    it_check_equation(run.err, 3);
}
END_TEST

/* What the summary of a run says, and what one of its journal says. */
static json_t *summary_of(const char *text)
{
    json_t *summary = json_loads(text, 0, NULL);

    ck_assert_ptr_nonnull(summary);
    return summary;
}

START_TEST(summary_of_a_journal_is_that_of_its_run)
{
    static const char *const same[] = {"title",         "lines",        "outcomes",    "size",
                                       "size_download", "size_unknown", "exit_status", "complete",
                                       "time_serial",   "workers",      "hosts",       "types",
                                       "histogram"};
    const char *journal = it_path("whole"), *saved = it_path("whole.json");
    struct it_run run = it_haul(IT_ARGS("-j", "1", "--journal", journal, "--report",
                                        it_text("json:%s", saved), it_url("/size?n=1000"),
                                        it_url("/size?n=20"), it_url("/status/404"), "ftp://x/"));
    json_t *of_run = summary_of(it_read(saved, NULL)), *of_journal;
    const json_t *rows;
    const char *started;

    ck_assert_int_eq(run.status, 1);
    run = it_haul(IT_ARGS("report", "--format", "json", journal));
    ck_assert_int_eq(run.status, 0);
    of_journal = summary_of(run.out);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        ck_assert_msg(
            json_equal(json_object_get(of_run, same[i]), json_object_get(of_journal, same[i])),
            "%s", same[i]);
    rows = it_rows(it_haul(IT_ARGS("report", "--format", "jsonl", journal)).out);
    started = it_str(it_row(rows, it_url("/size?n=1000")), "started");
    ck_assert_int_eq(strncmp(it_str(of_journal, "started"), started, strlen("2026-11-23T09:09:27")),
                     0);
    ck_assert(json_number_value(json_object_get(of_journal, "duration")) > 0);
    json_decref(of_run);
    json_decref(of_journal);
}
END_TEST

START_TEST(journal_that_lacks_lines_has_an_incomplete_summary)
{
    const char *journal = it_path("part"), *list = it_path("part.list");
    const char *text = it_text("%s\n%s\n", it_url("/size?n=1"), it_url("/size?n=2"));
    struct it_run run;
    json_t *summary;

    it_write(list, text, strlen(text));
    ck_assert_int_eq(it_haul(IT_ARGS("--journal", journal, it_url("/size?n=2"))).status, 0);
    run = it_haul(IT_ARGS("report", "--format", "json", "-i", list, journal));
    ck_assert_int_eq(run.status, 0);
    summary = summary_of(run.out);
    ck_assert(json_is_false(json_object_get(summary, "complete")));
    ck_assert_int_eq(it_int(json_object_get(summary, "outcomes"), "pending"), 1);
    ck_assert_int_eq(it_int(summary, "exit_status"), 75);
    json_decref(summary);
}
END_TEST

/* What a stopped run left undone has no record: only the footer tells how much that is. */
START_TEST(summary_of_a_stopped_run_counts_the_lines_that_its_footer_counts)
{
    enum { LINES = 600 };
    const char *journal = it_path("stopped"), *list = it_path("stopped.list");
    char *text = calloc(LINES, 100), *to = text;
    struct it_process *process;
    const json_t *records, *footer, *outcomes;
    struct it_run run;
    json_t *summary;

    for (int i = 0; i < LINES; i++)
        to += sprintf(to, "%s\n", i == 10 ? it_url("/gate?name=j") : it_url("/size?n=1"));
    it_write(list, text, strlen(text));
    free(text);
    process = it_start(&(struct it_call){
        .argv = IT_ARGS("-j", "1", "--grace", "0", "--journal", journal, "-i", list)});
    it_await_gate("j", 1);
    it_signal(process, SIGTERM);
    ck_assert_int_eq(it_finish(process).status, HAUL_EXIT_SIGNAL + SIGTERM);
    records = it_rows(it_read(journal, NULL));
    footer = json_array_get(records, json_array_size(records) - 1);
    ck_assert_int_eq(it_int(footer, "lines"), LINES);
    ck_assert_int_gt(it_int(footer, "pending"), 0);
    run = it_haul(IT_ARGS("report", "--format", "json", journal));
    it_check_equation(run.err, LINES);
    summary = summary_of(run.out);
    outcomes = json_object_get(summary, "outcomes");
    ck_assert_int_eq(it_int(summary, "lines"), LINES);
    ck_assert_int_eq(it_int(outcomes, "pending"), it_int(footer, "pending"));
    ck_assert_int_eq(it_int(outcomes, "ok"), it_int(footer, "ok"));
    ck_assert_int_eq(it_int(summary, "exit_status"), HAUL_EXIT_TEMPFAIL);
    ck_assert(json_is_false(json_object_get(summary, "complete")));
    json_decref(summary);
}
END_TEST

/* Each in its file; one that cannot be written leaves the others whole. */
START_TEST(journal_gives_several_reports_at_once)
{
    const char *journal = it_path("several"), *rows = it_path("several.csv");
    const char *page = it_path("several.html"), *table = it_path("several.md");
    struct it_run run;

    ck_assert_int_eq(it_haul(IT_ARGS("--journal", journal, it_url("/size?n=7"))).status, 0);
    run = it_haul(IT_ARGS("report", "--report", it_text("csv:%s", rows), "--report",
                          it_text("html:%s", page), "--report", "prometheus:/dev/full", "--report",
                          it_text("markdown:%s", table), "--group-by", "host", journal));
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "haul: /dev/full: the report cannot be written"));
    ck_assert_ptr_nonnull(strstr(run.out, "/size?n=7 :          7"));
    ck_assert_uint_eq(it_lines(it_read(rows, NULL)), 2);
    ck_assert_ptr_nonnull(strstr(it_read(page, NULL), "</html>"));
    ck_assert_ptr_nonnull(strstr(it_read(table, NULL), "### By group"));
    run = it_haul(IT_ARGS("report", "--report", it_text("csv:%s", rows), "-o", rows, journal));
    ck_assert_int_eq(run.status, 2);
    run = it_haul(IT_ARGS("report", "-o", "/dev/full", journal));
    ck_assert_int_eq(run.status, 3);
    ck_assert_str_eq(run.err,
                     "haul: /dev/full: the report cannot be written: No space left on device\n");
}
END_TEST

START_TEST(repeated_url_is_fetched_once_when_unique)
{
    const char *url = it_url("/size?n=1"), *journal = it_path("unique");
    struct it_run run;

    for (int round = 0; round < 2; round++) {
        run = it_haul(IT_ARGS("--unique", "--journal", journal, "--resume", "--format", "jsonl",
                              "--order", "input", url, it_text("%s#x", url), url));
        ck_assert_int_eq(run.status, 0);
        ck_assert_uint_eq(it_count(it_rows(run.out), "duplicate"), 2);
        ck_assert_str_eq(it_str(json_array_get(it_rows(run.out), 2), "errormsg"),
                         "the same URL as argument 1");
        it_check_equation(run.err, 3);
        ck_assert_int_eq(it_stat("requests"), 1);
    }
}
END_TEST

START_TEST(saved_failures_are_a_list_again)
{
    const char *saved = it_path("saved"), *bad = it_url("/flaky?n=1&code=404&key=saved");
    struct it_run run =
        it_haul(IT_ARGS("--save-failed", saved, it_url("/size?n=1"), bad, "ftp://x/"));

    ck_assert_int_eq(run.status, 1);
    ck_assert_ptr_nonnull(strstr(it_read(saved, NULL), "# failed: http-404"));
    ck_assert_ptr_nonnull(strstr(it_read(saved, NULL), "# invalid: scheme"));
    run = it_haul(IT_ARGS("--format", "jsonl", "-i", saved));
    ck_assert_int_eq(run.status, 0);
    ck_assert_uint_eq(it_lines(run.out), 1);
    ck_assert_str_eq(it_verdict(it_row(it_rows(run.out), bad)), "ok");
}
END_TEST

/* What gets its name at the end takes the place of nothing that the run needs. */
START_TEST(report_does_not_take_the_place_of_another_file)
{
    static const char *const other[] = {"--journal", "--history", "--save-failed", "--sums"};
    const char *file = it_path(it_text("place-%d", _i));
    const char *also = it_path(it_text("./place-%d", _i)), *url = it_url("/size?n=5");
    struct it_run run;

    if (strcmp(other[_i], "--sums") == 0) /* it must be there */
        it_write(file, url, strlen(url));
    run = it_haul(IT_ARGS("--format", "csv", "-d", it_path(""), "-o", also, other[_i], file, url));
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "are one file"));
    ck_assert_int_eq(it_stat("requests"), 0);
    (void)unlink(file);
}
END_TEST
enum { OTHER_PLACES = 4 };

START_TEST(wrong_use_is_told)
{
    static const char *const wrong[][4] = {{"--resume", "http://127.0.0.1:1/"},
                                           {"--retry-failed", "http://127.0.0.1:1/"},
                                           {"--resume=maybe", "http://127.0.0.1:1/"},
                                           {"report", "-i", "/dev/null"},
                                           {"report", "/no/such/journal"},
                                           {"report", "/etc/passwd"}};

    ck_assert_int_eq(it_haul(wrong[_i]).status, 2);
}
END_TEST
enum { WRONG_USES = 6 };

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *walks = tcase_create("walks");
    TCase *uses = tcase_create("uses");
    const char *wanted = getenv("HAUL_KILLS");

    tcase_set_timeout(walks, wanted ? 600 : 120);
    tcase_add_unchecked_fixture(walks, it_begin_server, it_end_server);
    tcase_add_checked_fixture(walks, it_reset_server, NULL);
    tcase_add_loop_test(walks, fault_in_any_file_operation_loses_nothing, 0,
                        (int)(sizeof modes / sizeof *modes));
    tcase_add_test(walks, kills_at_random_moments_lose_nothing);
    tcase_add_unchecked_fixture(uses, it_begin_server, it_end_server);
    tcase_add_checked_fixture(uses, it_reset_server, NULL);
    tcase_add_test(uses, full_disk_stops_the_run_before_anything_is_fetched);
    tcase_add_test(uses, disk_that_fills_up_stops_the_run);
    tcase_add_test(uses, second_run_on_a_journal_is_refused);
    tcase_add_test(uses, edited_and_reordered_list_fetches_only_what_is_new);
    tcase_add_test(uses, failed_ones_are_tried_again_when_asked);
    tcase_add_test(uses, journals_of_shards_merge);
    tcase_add_test(uses, summary_of_a_journal_is_that_of_its_run);
    tcase_add_test(uses, journal_that_lacks_lines_has_an_incomplete_summary);
    tcase_add_test(uses, summary_of_a_stopped_run_counts_the_lines_that_its_footer_counts);
    tcase_add_test(uses, journal_gives_several_reports_at_once);
    tcase_add_test(uses, repeated_url_is_fetched_once_when_unique);
    tcase_add_test(uses, saved_failures_are_a_list_again);
    tcase_add_loop_test(uses, report_does_not_take_the_place_of_another_file, 0, OTHER_PLACES);
    tcase_add_loop_test(uses, wrong_use_is_told, 0, WRONG_USES);
    suite_add_tcase(suite, walks);
    suite_add_tcase(suite, uses);
    return it_main(suite);
}
