#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/command.h"
#include "haul/config.h"
#include "history/store.h"
#include "journal/journal.h"
#include "model/key.h"
#include "summary/query.h"

/*
 * What a history costs. `bench_history runs [RUNS [PAGES [PERCENT [DIRECTORY]]]]` adds that many
 * runs (100) of that many pages (100,000), of which PERCENT (1) are another size each time, and
 * says what a run takes and how large the file becomes; then it makes the summary of the last run.
 * `bench_history diff [PAGES [DIRECTORY]]` writes two journals of a million pages and compares them
 * as `haul diff` does. Without arguments both.
 */

static void fail(const char *what)
{
    fprintf(stderr, "bench_history: %s\n", what);
    exit(3);
}

static long memory_mb(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static double seconds_since(int64_t begun_us)
{
    return (double)(haul_clock_us() - begun_us) / 1e6;
}

static double size_mb(const char *path)
{
    struct stat status;

    return stat(path, &status) ? 0 : (double)status.st_size / 1e6;
}

static unsigned draw(unsigned below)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)((state >> 33) % below);
}

static void make_record(struct haul_record *rec, char *url, size_t room, unsigned i, int64_t size)
{
    snprintf(url, room, "https://www.example.com/section-%u/article-%u/page.html", i % 300, i);
    haul_record_init(rec);
    rec->url = url;
    rec->seq = i;
    rec->line = i + 1;
    rec->outcome = HAUL_OUTCOME_OK;
    rec->http_code = 200;
    rec->size_body = rec->size_download = size;
    rec->content_type = "text/html; charset=utf-8";
    rec->etag = "\"5e9d-61f2a3b4c5d6e\"";
    rec->last_modified = "Mon, 02 Nov 2026 03:00:00 GMT";
    rec->started_us = 1000000 + i * 100;
    rec->time_total_us = 5000;
    rec->worker = 1 + (int)(i % 16);
}

static struct haul_key key_of(const char *url)
{
    return haul_key_make(HAUL_KEY_URL, url, strlen(url));
}

/* ---- runs ---- */

struct timing {
    double add, finish;
};

static struct timing add_run(struct haul_store *store, int64_t *size, unsigned pages, int percent)
{
    const struct haul_store_run run = {.started_us = 1, .version = "bench", .options = "{}"};
    struct haul_ledger ledger;
    const struct haul_store_end end = {
        .ledger = &ledger, .ended_us = 2, .elapsed_us = 10000000, .complete = true};
    struct haul_record rec;
    struct timing timing;
    struct haul_key key;
    char url[100];
    int64_t begun_us = haul_clock_us();

    ledger = (struct haul_ledger){0};
    if (haul_store_begin(store, &run))
        fail(haul_store_error(store));
    for (unsigned i = 0; i < pages; i++) {
        if (!size[i] || draw(100) < (unsigned)percent)
            size[i] = 1000 + draw(100000);
        make_record(&rec, url, sizeof url, i, size[i]);
        haul_ledger_add(&ledger, &rec);
        key = key_of(url);
        if (haul_store_add(store, &rec, &key, false))
            fail(haul_store_error(store));
    }
    timing.add = seconds_since(begun_us);
    begun_us = haul_clock_us();
    if (haul_store_finish(store, &end))
        fail(haul_store_error(store));
    timing.finish = seconds_since(begun_us);
    return timing;
}

static struct haul_store *open_store(const char *path)
{
    const struct haul_store_options options = {.path = path};
    struct haul_buf message;
    struct haul_store *store;

    haul_buf_init(&message, 0);
    if (haul_store_open(&options, &store, &message))
        fail(haul_buf_str(&message));
    haul_buf_done(&message);
    return store;
}

static void summarise(struct haul_store *store)
{
    const struct haul_summary_options options = {
        .version = "bench", .workers = 16, .streams = 1, .group_by = "path:1"};
    struct haul_summary summary;
    int64_t begun_us = haul_clock_us();

    if (haul_summary_make(store, &options, &summary))
        fail(haul_store_error(store));
    printf("summary of the last run: %.2f s, peak memory %ld MB\n", seconds_since(begun_us),
           memory_mb());
    haul_summary_done(&summary);
}

static void bench_runs(int runs, unsigned pages, int percent, const char *directory)
{
    char path[500];
    int64_t *size = calloc(pages, sizeof *size);
    struct haul_store *store;

    snprintf(path, sizeof path, "%s/bench.history", directory);
    unlink(path);
    if (!size)
        fail("no memory");
    for (int run = 1; run <= runs; run++) {
        struct timing timing;

        store = open_store(path);
        timing = add_run(store, size, pages, percent);
        if (run == runs)
            summarise(store);
        haul_store_free(store);
        if (run <= 2 || run == runs)
            printf("run %d of %u pages, %d %% changed: records %.2f s, into the history %.2f s; "
                   "%.1f MB, peak memory %ld MB\n",
                   run, pages, percent, timing.add, timing.finish, size_mb(path), memory_mb());
    }
    free(size);
    unlink(path);
}

/* ---- a comparison ---- */

static void write_journal(const char *path, unsigned pages, int percent)
{
    struct haul_config config;
    const struct haul_journal_options options = {
        .path = path, .sync_us = -1, .config = &config, .version = "bench", .libcurl = "0"};
    struct haul_journal *journal;
    struct haul_resume *resume;
    struct haul_ledger ledger;
    struct haul_buf message;
    struct haul_record rec;
    struct haul_key key;
    char url[100];

    unlink(path);
    haul_config_init(&config);
    ledger = (struct haul_ledger){0};
    haul_buf_init(&message, 0);
    if (haul_journal_open(&options, &journal, &resume, &message))
        fail(haul_buf_str(&message));
    for (unsigned i = 0; i < pages; i++) {
        make_record(&rec, url, sizeof url, i, 1000 + (draw(100) < (unsigned)percent ? i % 977 : 0));
        key = key_of(url);
        if (haul_journal_add(journal, &rec, &key, 0))
            fail("the journal cannot be written");
    }
    if (haul_journal_flush(journal) ||
        haul_journal_finish(journal, &ledger, &(struct haul_inputs){0}, 0))
        fail("the journal cannot be written");
    haul_journal_free(journal);
    haul_buf_done(&message);
    haul_config_done(&config);
}

static void bench_diff(unsigned pages, const char *directory)
{
    char old[500], new[500];
    struct haul_source source[] = {{HAUL_SOURCE_URL, old}, {HAUL_SOURCE_URL, new}};
    struct haul_config config;
    int64_t begun_us;
    int status;

    snprintf(old, sizeof old, "%s/bench.old", directory);
    snprintf(new, sizeof new, "%s/bench.new", directory);
    write_journal(old, pages, 0);
    write_journal(new, pages, 5);
    haul_config_init(&config);
    config.source = source;
    config.source_count = 2;
    begun_us = haul_clock_us();
    status = haul_command_diff(&config);
    printf("two journals of %u pages (%.0f MB each) compared: %.1f s, status %d, peak memory "
           "%ld MB\n",
           pages, size_mb(old), seconds_since(begun_us), status, memory_mb());
    unlink(old);
    unlink(new);
}

static int number_of(int argc, char **argv, int i, int otherwise)
{
    return argc > i ? atoi(argv[i]) : otherwise;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "both";

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(what, "diff") != 0)
        bench_runs(number_of(argc, argv, 2, 100), (unsigned)number_of(argc, argv, 3, 100000),
                   number_of(argc, argv, 4, 1), argc > 5 ? argv[5] : "/var/tmp");
    if (strcmp(what, "runs") != 0)
        bench_diff((unsigned)number_of(argc, argv, 2, 1000000), argc > 3 ? argv[3] : "/var/tmp");
    return 0;
}
