#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample_inside.h"

enum { PAST = 60, WORKERS = 8, SLICES = 800, TREE = 600 };
static const int64_t day_us = INT64_C(86400000000);

static const char *text(struct sample *sample, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *text(struct sample *sample, const char *format, ...)
{
    char line[512];
    va_list args;
    char *copy;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    copy = sample_take(sample, strlen(line) + 1);
    memcpy(copy, line, strlen(line) + 1);
    return copy;
}

/* Knuth's MMIX generator: 0..below-1. */
static uint64_t pick(struct sample *sample, uint64_t below)
{
    sample->seed = sample->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (sample->seed >> 33) % below;
}

static const char *const hosts[] = {"www.example.com", "static.example.com", "blog.example.com",
                                    "img.example.net", "docs.example.org"};
static const char *const sections[] = {"products", "assets", "blog",  "downloads", "media", "help",
                                       "en",       "de",     "about", "api",       "news",  "shop"};
static const char *const parts[] = {"2024",   "2025", "2026",  "img",    "js",
                                    "manual", "old",  "press", "common", "archive"};
static const struct {
    const char *type, *suffix;
    int64_t scale;
} types[] = {{"text/html", "html", 20000},        {"image/jpeg", "jpg", 180000},
             {"image/png", "png", 90000},         {"application/javascript", "js", 120000},
             {"text/css", "css", 30000},          {"application/pdf", "pdf", 1500000},
             {"application/zip", "zip", 9000000}, {"font/woff2", "woff2", 40000}};
static const char *const reasons[] = {"http-404", "http-500", "timeout", "dns", "reset", "tls"};
enum { HOSTS = 5, SECTIONS = 12, PARTS = 10, TYPES = 8, REASONS = 6 };

static int by_size(const void *left, const void *right)
{
    const struct haul_summary_page *a = left, *b = right;

    return (a->size < b->size) - (a->size > b->size);
}

/* Skewed: few of each kind are most of it. */
static size_t skewed(struct sample *sample, size_t count)
{
    size_t a = pick(sample, count), b = pick(sample, count);

    return a < b ? a : b;
}

/* Sizes spread over some powers of two around the type's. */
static int64_t some_size(struct sample *sample, size_t type)
{
    int64_t size = types[type].scale / 8 + (int64_t)pick(sample, (uint64_t)types[type].scale);

    for (int i = 0; i < 4 && pick(sample, 3) == 0; i++)
        size = size * 2 + 17;
    return size;
}

static void make_page(struct sample *sample, struct haul_summary_page *page, size_t n)
{
    size_t type = skewed(sample, TYPES), host = skewed(sample, HOSTS);

    page->url = text(sample, "https://%s/%s/%s/%s-%zu.%s", hosts[host],
                     sections[skewed(sample, SECTIONS)], parts[skewed(sample, PARTS)],
                     pick(sample, 4) ? "page" : "a-longer-name-of-something-that-was-published", n,
                     types[type].suffix);
    page->outcome = HAUL_OUTCOME_OK;
    page->reason = "";
    page->type = types[type].type;
    page->http_code = 200;
    page->size = some_size(sample, type);
    page->size_before = pick(sample, 10) ? page->size : page->size - (int64_t)pick(sample, 9000);
    if (!pick(sample, 60))
        page->size_before = -1;
    page->time_us = 20000 + (int64_t)pick(sample, 400000);
    page->line = n + 1;
    page->source = "https://www.example.com/sitemap.xml";
}

static void make_pages(struct sample *sample, size_t urls)
{
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_page *page = sample_take(sample, (urls + 1) * sizeof *page);

    for (size_t i = 0; i < urls; i++) {
        make_page(sample, &page[i], i);
        summary->size += page[i].size;
        summary->wire += page[i].size * 7 / 10;
        summary->serial_us += page[i].time_us;
    }
    qsort(page, urls, sizeof *page, by_size);
    summary->page = page;
    summary->page_count = urls < HAUL_SUMMARY_PAGES_MAX ? urls : HAUL_SUMMARY_PAGES_MAX;
}

static void make_failures(struct sample *sample, size_t count)
{
    struct haul_summary *summary = &sample->summary;

    summary->failed = sample_take(sample, (count + 1) * sizeof *summary->failed);
    summary->failed_count = count;
    for (size_t i = 0; i < count; i++) {
        make_page(sample, &summary->failed[i], i * 37);
        summary->failed[i].outcome = HAUL_OUTCOME_FAILED;
        summary->failed[i].reason = reasons[pick(sample, REASONS)];
        summary->failed[i].http_code = 0;
        summary->failed[i].size = summary->failed[i].size_before = -1;
    }
}

static struct haul_summary_group *group_of(struct sample *sample, const char *const *names,
                                           size_t count)
{
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_group *group = sample_take(sample, count * sizeof *group);
    uint64_t left = summary->lines;
    int64_t size_left = summary->size;

    for (size_t i = 0; i < count; i++) {
        int64_t size = i + 1 == count ? size_left : size_left / 2;
        uint64_t part = i + 1 == count ? left : left / 2;

        int64_t gained = size / 40 - (i == 1) * size / 9;

        group[i] = (struct haul_summary_group){names[i],
                                               part,
                                               part / 300,
                                               size,
                                               i == 3 ? -1 : size - gained,
                                               i == 3 ? size : gained,
                                               {i == 4 ? 0 : part, i % 2 ? size : size / 4, size},
                                               gained / 4};
        size_left -= size;
        left -= part;
    }
    return group;
}

static void make_groups(struct sample *sample)
{
    const char *names[TYPES];
    struct haul_summary *summary = &sample->summary;

    for (size_t i = 0; i < TYPES; i++)
        names[i] = types[i].type;
    summary->host = group_of(sample, hosts, HOSTS);
    summary->host_count = HOSTS;
    summary->type = group_of(sample, names, TYPES);
    summary->type_count = TYPES;
}

/* Powers of four, from the first that anything falls into. */
static void make_bins(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;
    enum { BINS = 10 };

    summary->bin = sample_take(sample, BINS * sizeof *summary->bin);
    summary->bin_count = BINS;
    for (size_t i = 0; i < BINS; i++) {
        summary->bin[i].from = INT64_C(1024) << 2 * i >> 2;
        summary->bin[i].to = INT64_C(1024) << 2 * i;
    }
    for (size_t i = 0; i < summary->lines - summary->failed_count; i++) {
        size_t n = 0;

        while (n + 1 < BINS && summary->page[i].size >= summary->bin[n].to)
            n++;
        summary->bin[n].count++;
        summary->bin[n].size += summary->page[i].size;
    }
}

static void make_past(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_past *past = sample_take(sample, PAST * sizeof *past);

    for (int i = 0; i < PAST; i++) {
        int64_t back = PAST - 1 - i;

        past[i].run = i + 1;
        past[i].started_us = sample_started_us - back * day_us;
        past[i].count = summary->lines - (uint64_t)back * (summary->lines / 400);
        past[i].failed = i % 17 == 3 ? 12 : 0;
        past[i].size = summary->size - back * (summary->size / 500) +
                       (int64_t)pick(sample, (uint64_t)summary->size / 100 + 1);
    }
    past[PAST - 1].size = summary->size;
    for (int i = 0; i < PAST; i++)
        past[i].wire = i % 20 == 7 ? -1 : past[i].size / 3; /* a gap is a gap */
    summary->past = past;
    summary->past_count = PAST;
    summary->has_before = true;
    summary->before_started_us = past[PAST - 2].started_us;
    summary->before_size = summary->compared_before = past[PAST - 2].size;
    summary->compared = summary->size;
    summary->before_count = past[PAST - 2].count;
}

static void make_movers(struct sample *sample)
{
    static const enum haul_change kinds[] = {HAUL_CHANGE_GROWN, HAUL_CHANGE_ADDED,
                                             HAUL_CHANGE_SHRUNK, HAUL_CHANGE_GONE};
    struct haul_summary *summary = &sample->summary;
    enum { MOVERS = 40 };

    summary->mover = sample_take(sample, MOVERS * sizeof *summary->mover);
    for (size_t i = 0; i < MOVERS && i < summary->page_count; i++) {
        struct haul_summary_mover *mover = &summary->mover[summary->mover_count++];
        enum haul_change kind = kinds[(i * 7 + i / 3) % 4];
        int64_t size = INT64_C(9000000) / (int64_t)(i + 1);

        *mover = (struct haul_summary_mover){kind,
                                             summary->page[i * 3 % summary->page_count].url,
                                             size * 2,
                                             size * 2,
                                             "text/html",
                                             "text/html",
                                             0,
                                             true,
                                             kind >= HAUL_CHANGE_FAILING};
        if (kind == HAUL_CHANGE_GROWN || kind == HAUL_CHANGE_SHRUNK)
            mover->after += kind == HAUL_CHANGE_GROWN ? size : -size;
        if (kind == HAUL_CHANGE_ADDED)
            mover->before = -1;
        if (kind == HAUL_CHANGE_GONE)
            mover->after = -1;
        summary->change[kind] += 11;
        mover->gained =
            (mover->after > 0 ? mover->after : 0) - (mover->before > 0 ? mover->before : 0);
        summary->change_size[kind] += mover->gained;
    }
    summary->change[HAUL_CHANGE_FAILING] = 3;
    summary->change[HAUL_CHANGE_RECOVERED] = 1;
}

/* What a node has become: all that there is, the whole range of it. */
static void change_node(struct sample *sample, struct haul_summary_node *node)
{
    static const int64_t percent[] = {0, 0, 0, 2, 30, -3, -40};
    uint64_t kind = pick(sample, 9);

    node->type = skewed(sample, TYPES);
    if (kind < 7)
        node->before = node->size - node->size / 100 * percent[kind];
    node->after = kind < 7 ? node->size : 0;
    node->added = kind == 7 ? node->size : 0;
}

/* Hosts, sections of each, parts of each: sizes halve at each step. */
static void make_tree(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_node *node = sample_take(sample, TREE * sizeof *node);
    size_t count = 0;

    node[count++] = (struct haul_summary_node){
        .name = "", .count = summary->lines, .size = summary->size, .type = 0};
    for (size_t i = 0; i < HOSTS; i++)
        node[count++] = (struct haul_summary_node){.name = hosts[i],
                                                   .depth = 1,
                                                   .count = summary->host[i].count,
                                                   .size = summary->host[i].size};
    for (size_t at = 1; at < count && count + 12 < TREE; at++) {
        int64_t left = node[at].size;
        size_t below = node[at].depth == 1 ? SECTIONS : node[at].depth == 2 ? PARTS : 0;

        for (size_t i = 0; i < below && left > summary->size / 20000; i++) {
            bool is_last = i + 1 == below;
            int64_t size = is_last ? left : left / (2 + (int64_t)pick(sample, 4));

            left -= size;
            node[count] = (struct haul_summary_node){.name = sections[i],
                                                     .last = is_last ? "zebra" : NULL,
                                                     .parent = at,
                                                     .depth = node[at].depth + 1,
                                                     .count = 1 + node[at].count / 8,
                                                     .size = size};
            change_node(sample, &node[count++]);
        }
    }
    summary->node = node;
    summary->node_count = count;
}

/* Some fail, and are tried again a while later: by whom is of no account to a drawing. */
static void make_slices(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;
    int64_t at[WORKERS] = {0};

    summary->slice = sample_take(sample, 2 * SLICES * sizeof *summary->slice);
    for (size_t i = 0; i < SLICES; i++) {
        size_t worker = i % WORKERS;
        int64_t from = at[worker] + 500 + (int64_t)pick(sample, 60000);
        int64_t to = from + 20000 + (int64_t)pick(sample, 400000);
        bool has_failed = pick(sample, 40) == 0;

        summary->slice[summary->slice_count++] = (struct haul_summary_slice){
            (int)worker + 1, from, to, 1 + summary->lines / SLICES, has_failed, false};
        if (has_failed)
            summary->slice[summary->slice_count++] =
                (struct haul_summary_slice){(int)worker + 1, to, to + 1500000, 1, 0, true};
        at[worker] = to;
        summary->duration_us = to > summary->duration_us ? to : summary->duration_us;
    }
}

static void make_budgets(struct sample *sample)
{
    static const char *worst[] = {"https://www.example.com/downloads/2026/page-77.zip (38.0 MiB)",
                                  "https://www.example.com/media/img/page-9.zip (36.2 MiB)"};
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_budget *budget = sample_take(sample, 5 * sizeof *budget);

    budget[0] = (struct haul_summary_budget){.expression = "total<20G",
                                             .unit = "bytes",
                                             .actual = (double)summary->size,
                                             .most = (double)summary->size,
                                             .limit = 21474836480.0};
    budget[1] = (struct haul_summary_budget){.expression = "url<32M",
                                             .state = HAUL_BUDGET_EXCEEDED,
                                             .unit = "bytes",
                                             .actual = 39845888,
                                             .most = HUGE_VAL,
                                             .limit = 33554432,
                                             .offender = worst,
                                             .offender_count = 2,
                                             .offender_total = 17};
    budget[2] = (struct haul_summary_budget){
        .expression = "growth<10%", .unit = "%", .actual = 3.4, .most = 3.6, .limit = 10};
    budget[3] = (struct haul_summary_budget){.expression = "failed=0",
                                             .state = HAUL_BUDGET_EXCEEDED,
                                             .unit = "URLs",
                                             .actual = (double)summary->failed_count,
                                             .most = (double)summary->failed_count};
    budget[4] = (struct haul_summary_budget){.expression = "growth:path:/blog/**<1M",
                                             .state = HAUL_BUDGET_UNKNOWN,
                                             .note = "the earlier run has no such path",
                                             .unit = "bytes",
                                             .most = HUGE_VAL,
                                             .limit = 1048576};
    summary->budget = budget;
    summary->budget_count = 5;
}

void sample_make_site(struct sample *sample, size_t urls)
{
    struct haul_summary *summary = &sample->summary;
    size_t failed = urls / 300 + 3;

    sample_begin(sample);
    summary->title = "5 hosts";
    summary->complete = true;
    summary->workers = WORKERS;
    summary->streams = 1;
    summary->exit_status = 4;
    summary->lines = urls + failed;
    summary->outcome[HAUL_OUTCOME_OK] = urls;
    summary->outcome[HAUL_OUTCOME_FAILED] = failed;
    make_pages(sample, urls);
    make_failures(sample, failed);
    make_groups(sample);
    make_bins(sample);
    make_past(sample);
    make_movers(sample);
    make_tree(sample);
    make_slices(sample);
    make_budgets(sample);
}
