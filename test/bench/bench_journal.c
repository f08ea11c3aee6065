#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "haul/config.h"
#include "journal/journal.h"
#include "model/key.h"
#include "report/report.h"
#include "sink/naming.h"

/*
 * What a journal costs: `bench_journal [RECORDS [DIRECTORY]]` writes so many records (a million;
 * the file takes about 600 bytes for each), loads them as --resume does without and with --dir,
 * asks for each of them, and renders them as `haul report` does. One line of figures for each.
 */

enum { BATCH = 64 };

static void fail(const char *what)
{
    fprintf(stderr, "bench_journal: %s\n", what);
    exit(3);
}

static long memory_kb(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* Processor time is what a busy machine does not falsify. */
static double processor_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct watch {
    int64_t begun_us;
    double begun_s;
};

static struct watch begin(void)
{
    return (struct watch){haul_clock_us(), processor_s()};
}

static void print_rate(const char *what, uint64_t count, struct watch watch)
{
    double wall = (double)(haul_clock_us() - watch.begun_us) / 1e6;
    double used = processor_s() - watch.begun_s;

    printf("%-8s %9.3f s wall  %9.3f s processor  %6.2f us/record  peak %ld KiB\n", what, wall,
           used, used * 1e6 / (double)count, memory_kb());
    fflush(stdout);
}

static struct haul_key make_record(uint64_t i, char url[64], struct haul_record *rec)
{
    int len = snprintf(url, 64, "http://host%llu.example.com/path/%llu.html",
                       (unsigned long long)(i % 1000), (unsigned long long)i);

    haul_record_init(rec);
    rec->seq = i;
    rec->line = i + 1;
    rec->source = "urls.txt";
    rec->url = rec->url_effective = url;
    rec->outcome = i % 20 ? HAUL_OUTCOME_OK : HAUL_OUTCOME_FAILED;
    rec->reason = i % 20 ? HAUL_REASON_NONE : HAUL_REASON_HTTP_STATUS;
    rec->http_code = i % 20 ? 200 : 404;
    rec->method = "GET";
    rec->http_version = "1.1";
    rec->content_type = "text/html; charset=utf-8";
    rec->remote_ip = "192.0.2.1";
    rec->remote_port = 80;
    rec->content_length = rec->size_body = rec->size_download = (int64_t)(i % 100000);
    rec->size_header = 312;
    rec->size_request = 95;
    rec->started_us = 1700000000000000 + (int64_t)i * 100;
    rec->time_namelookup_us = 120;
    rec->time_connect_us = 300;
    rec->time_pretransfer_us = 310;
    rec->time_starttransfer_us = 900;
    rec->time_total_us = 1250;
    rec->time_redirect_us = rec->time_queue_us = rec->time_parked_us = 0;
    rec->num_connects = rec->attempts = rec->worker = 1;
    rec->num_headers = 12;
    rec->etag = "\"5f3a-61a2b3c4d5e6f\"";
    rec->last_modified = "Mon, 23 Nov 2026 01:02:03 GMT";
    rec->filename_effective = i % 20 ? url + strlen("http://") : NULL;
    return haul_key_make(HAUL_KEY_URL, url, (size_t)len);
}

static void write_records(const char *path, uint64_t count)
{
    struct haul_config config = {0};
    struct haul_journal_options options = {.path = path,
                                           .sync_us = HAUL_JOURNAL_SYNC_US,
                                           .config = &config,
                                           .version = "0",
                                           .libcurl = "0"};
    struct haul_journal *journal;
    struct haul_resume *resume;
    struct haul_buf message;
    struct haul_record rec;
    char url[64];
    struct watch watch = begin();

    haul_buf_init(&message, 0);
    if (haul_journal_open(&options, &journal, &resume, &message))
        fail(haul_buf_str(&message));
    for (uint64_t i = 0; i < count; i++) {
        const struct haul_key key = make_record(i, url, &rec);

        if (haul_journal_add(journal, &rec, &key, 0))
            fail("cannot add");
        if (i % BATCH == 0 && haul_journal_flush(journal))
            fail("cannot write");
    }
    if (haul_journal_finish(journal, &(struct haul_ledger){.lines = count},
                            &(struct haul_inputs){0}, 0))
        fail("cannot finish");
    print_rate("write", count, watch);
    printf("%-8s %10llu bytes a record\n", "",
           (unsigned long long)(haul_journal_size(journal) / count));
    haul_journal_free(journal);
    haul_buf_done(&message);
}

static enum haul_err claim_name(void *arg, const char *name, const struct haul_key *key)
{
    return haul_naming_claim(arg, name, key);
}

/* `naming`: gets the names of the files, as with --dir; or NULL. */
static struct haul_resume *load(int fd, uint64_t count, struct haul_naming *naming)
{
    const struct haul_resume_names names = {.take = naming ? claim_name : NULL, .arg = naming};
    struct haul_resume *resume;
    struct haul_resume_stats stats;
    struct watch watch = begin();

    if (haul_resume_create(&resume))
        fail("out of memory");
    haul_resume_set_names(resume, &names);
    if (haul_resume_add(resume, fd, &stats) || haul_resume_settle(resume) ||
        haul_resume_count(resume) != count)
        fail("cannot load");
    print_rate(naming ? "names" : "load", count, watch);
    printf("%-8s %10.2f bytes of memory a record\n", "",
           (double)haul_resume_memory(resume) / (double)count);
    return resume;
}

static void take_all(struct haul_resume *resume, uint64_t count)
{
    struct haul_resume_place place;
    struct haul_record rec;
    char url[64];
    struct watch watch = begin();

    for (uint64_t i = 0; i < count; i++) {
        const struct haul_key key = make_record(i, url, &rec);

        if (!haul_resume_take(resume, &key, &place))
            fail("a record is missing");
    }
    print_rate("take", count, watch);
}

static void render(struct haul_resume *resume, uint64_t count)
{
    struct haul_report_options options = {.format = HAUL_FORMAT_JSONL, .order = HAUL_ORDER_DONE};
    struct haul_report *report;
    struct haul_record rec;
    struct watch watch = begin();
    struct haul_key key;

    options.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (options.fd < 0 || haul_report_create(&report, &options) || haul_resume_walk(resume, true))
        fail("cannot walk");
    for (uint64_t i = 0; i < count; i++)
        if (haul_resume_next(resume, &rec, &key) || haul_report_add(report, &rec))
            fail("cannot render");
    if (haul_report_finish(report, NULL))
        fail("cannot finish the report");
    print_rate("render", count, watch);
    haul_report_free(report);
    close(options.fd);
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    const char *directory = argc > 2 ? argv[2] : "/tmp";
    struct haul_config config;
    struct haul_naming *naming;
    struct haul_resume *resume;
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/bench_journal.%ld", directory, (long)getpid());
    if (!count)
        fail("at least one record");
    write_records(path, count);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    unlink(path);
    if (fd < 0)
        fail("cannot open");
    haul_config_init(&config);
    if (haul_naming_create(&config, false, &naming))
        fail("out of memory");
    haul_resume_free(load(fd, count, naming));
    haul_naming_free(naming);
    resume = load(fd, count, NULL);
    take_all(resume, count);
    render(resume, count);
    haul_resume_free(resume);
    close(fd);
    return 0;
}
