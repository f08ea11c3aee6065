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
 * `bench_history lastmod [RUNS [PAGES [PERCENT [DIRECTORY]]]]` does so three times (with 100 runs,
 * 100,000 pages, 0 percent), without a lastmod, with one that stays, and with one that is another
 * in each run and of each page, and says how large the files become; status 1: the last is larger
 * than 1.2 times one of the others. `bench_history diff [PAGES [DIRECTORY]]` writes two journals of
 * a million pages and compares them as `haul diff` does. Without arguments the first and the last.
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

/* What the list says of a page's last change. */
enum lastmod { LASTMOD_NONE, LASTMOD_FIXED, LASTMOD_CHANGING };

static void add_lastmod(struct haul_record *rec, struct haul_attached *attached, char *text,
                        size_t room, enum lastmod lastmod, int run)
{
    unsigned of_page = (unsigned)rec->seq % 86400,
             of_run = lastmod == LASTMOD_FIXED ? 1 : (unsigned)run;

    if (lastmod == LASTMOD_NONE)
        return;
    snprintf(text, room, "2026-%02u-%02uT%02u:%02u:%02u+00:00", 1 + of_run / 28 % 12,
             1 + of_run % 28, of_page / 3600, of_page / 60 % 60, of_page % 60);
    *attached = (struct haul_attached){"lastmod", text};
    rec->attached = attached;
    rec->attached_count = 1;
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

/* Runs to add, and what is asked of them. */
struct nights {
    int runs, percent;
    unsigned pages;
    enum lastmod lastmod;
};

static struct timing add_run(struct haul_store *store, int64_t *size, const struct nights *nights,
                             int number)
{
    const struct haul_store_run run = {.started_us = 1, .version = "bench", .options = "{}"};
    struct haul_ledger ledger;
    const struct haul_store_end end = {
        .ledger = &ledger, .ended_us = 2, .elapsed_us = 10000000, .complete = true};
    struct haul_record rec;
    struct timing timing;
    struct haul_attached attached;
    struct haul_key key;
    char url[100], lastmod[40];
    int64_t begun_us = haul_clock_us();

    ledger = (struct haul_ledger){0};
    if (haul_store_begin(store, &run))
        fail(haul_store_error(store));
    for (unsigned i = 0; i < nights->pages; i++) {
        if (!size[i] || draw(100) < (unsigned)nights->percent)
            size[i] = 1000 + draw(100000);
        make_record(&rec, url, sizeof url, i, size[i]);
        add_lastmod(&rec, &attached, lastmod, sizeof lastmod, nights->lastmod, number);
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

/* The size of the file that it becomes, in MB; what the single runs take is told if `tells`. */
static double add_runs(const struct nights *nights, const char *path, bool tells)
{
    int64_t *size = calloc(nights->pages, sizeof *size);
    double mb;

    unlink(path);
    if (!size)
        fail("no memory");
    for (int run = 1; run <= nights->runs; run++) {
        struct haul_store *store = open_store(path);
        struct timing timing = add_run(store, size, nights, run);

        if (run == nights->runs && tells)
            summarise(store);
        haul_store_free(store);
        if (tells && (run <= 2 || run == nights->runs))
            printf("run %d of %u pages, %d %% changed: records %.2f s, into the history %.2f s; "
                   "%.1f MB, peak memory %ld MB\n",
                   run, nights->pages, nights->percent, timing.add, timing.finish, size_mb(path),
                   memory_mb());
    }
    free(size);
    mb = size_mb(path);
    unlink(path);
    return mb;
}

static void bench_runs(const struct nights *nights, const char *directory)
{
    char path[500];

    snprintf(path, sizeof path, "%s/bench.history", directory);
    (void)add_runs(nights, path, true);
}

static int bench_lastmod(struct nights nights, const char *directory)
{
    static const char *const name[] = {"no lastmod", "one that stays", "another in each run"};
    char path[500];
    double mb[3];

    snprintf(path, sizeof path, "%s/bench.history", directory);
    for (int i = 0; i < 3; i++) {
        nights.lastmod = (enum lastmod)i;
        mb[i] = add_runs(&nights, path, false);
        printf("%d runs of %u pages, %d %% changed, %s: %.1f MB\n", nights.runs, nights.pages,
               nights.percent, name[i], mb[i]);
    }
    printf("ratio: %.3f to one that stays, %.3f to none (at most 1.2)\n", mb[2] / mb[1],
           mb[2] / mb[0]);
    return mb[2] > 1.2 * mb[1] || mb[2] > 1.2 * mb[0];
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
    const char *what = argc > 1 ? argv[1] : "both", *directory = argc > 5 ? argv[5] : "/var/tmp";
    bool is_lastmod = !strcmp(what, "lastmod");
    const struct nights nights = {.runs = number_of(argc, argv, 2, 100),
                                  .pages = (unsigned)number_of(argc, argv, 3, 100000),
                                  .percent = number_of(argc, argv, 4, is_lastmod ? 0 : 1)};

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (is_lastmod)
        return bench_lastmod(nights, directory);
    if (strcmp(what, "diff") != 0)
        bench_runs(&nights, directory);
    if (strcmp(what, "runs") != 0)
        bench_diff((unsigned)number_of(argc, argv, 2, 1000000), argc > 3 ? argv[3] : "/var/tmp");
    return 0;
}
