#include "sample_summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAST = 60, WORKERS = 8, SLICES = 800 };
static const int64_t started_us = INT64_C(1795409709) * 1000000, day_us = INT64_C(86400000000);

/* --- texts ------------------------------------------------------------------------------------ */

#define K16 "0123456789<b>\"&'"
#define K256 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16
#define K2048 K256 K256 K256 K256 K256 K256 K256 K256

/* In parts, because a C11 compiler may refuse a literal of more than 4095 characters. */
static const struct {
    char part[5][2048];
    char end;
} long_text = {{K2048, K2048, K2048, K2048, K2048}, 0};

const char *const sample_texts[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></script></title></textarea><!-- -->",
    "javascript:alert(1)",
    "https://example.com/?a=1&b=2&lt;&#x3c;",
    "https://example.com/\"><svg onload=alert(1)>",
    "https://example.com/back\\slash\\",
    "https://\xe4\xbe\x8b\xe3\x81\x88.jp/\xc3\xbc/\xf0\x9f\x92\xa9",
    "data:text/html,<h1>x</h1>",
    "a|b|c\\|d | --- |",
    "``` ` `` [x](javascript:alert(1)) ![i](//e.com/i.png) @torvalds #1 **b** _i_ ~~s~~",
    "]]> <![CDATA[ <!ENTITY x SYSTEM \"file:///etc/passwd\"> &x;",
    "%0A::error::injected%0D%25",
    "line one\n::error::injected\r\nline two",
    "tab\there\x0b\x0c\x01\x02\x7f",
    "\x1b[31mred\x1b]0;title\x07",
    "right \xe2\x80\xae"
    "tfel to\xe2\x80\xac \xe2\x81\xa6iso\xe2\x81\xa9 \xe2\x80\x8bzero",
    "lines\xe2\x80\xa8sep\xe2\x80\xa9par\xc2\x85nel",
    "bad \xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80 utf8",
    "cut \xe2\x82",
    "nonchar \xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\xbf\xbf bom\xef\xbb\xbf",
    "label=\"x\",other=\"y\"} 1\n# TYPE evil counter",
    "%s%n%1000000d",
    "{\"a\":[1,2],\"\\u0000\":null}",
    "",
    " ",
    "=1+1",
    (const char *)&long_text,
};
const size_t sample_text_count = sizeof sample_texts / sizeof *sample_texts;

/*
 * --- memory, numbers ----------------------------------------------------------------------------
 */

static void *take(struct sample *sample, size_t bytes)
{
    void *memory = haul_summary_alloc(&sample->summary, bytes);

    if (!memory)
        abort();
    return memory;
}

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
    copy = take(sample, strlen(line) + 1);
    memcpy(copy, line, strlen(line) + 1);
    return copy;
}

/* Knuth's MMIX generator: 0..below-1. */
static uint64_t pick(struct sample *sample, uint64_t below)
{
    sample->seed = sample->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (sample->seed >> 33) % below;
}

static void begin(struct sample *sample)
{
    haul_summary_init(&sample->summary);
    sample->seed = 42;
    sample->summary.version = "0.1.0";
    sample->summary.started_us = started_us;
}

void sample_done(struct sample *sample)
{
    haul_summary_done(&sample->summary);
}

/*
 * --- small ones ---------------------------------------------------------------------------------
 */

void sample_make_empty(struct sample *sample)
{
    begin(sample);
    sample->summary.title = "0 hosts";
    sample->summary.complete = true;
    sample->summary.workers = 1;
}

static void add_nodes(struct sample *sample, const char *host, int64_t size)
{
    struct haul_summary_node *node = take(sample, 3 * sizeof *node);

    node[0] = (struct haul_summary_node){"", 0, 0, 1, size, false};
    node[1] = (struct haul_summary_node){host, 0, 1, 1, size, false};
    node[2] = (struct haul_summary_node){"index.html", 1, 2, 1, size, false};
    sample->summary.node = node;
    sample->summary.node_count = 3;
}

void sample_make_one(struct sample *sample, int64_t size)
{
    struct haul_summary *summary = &sample->summary;

    begin(sample);
    summary->title = "example.com";
    summary->complete = true;
    summary->workers = summary->streams = 1;
    summary->lines = summary->outcome[HAUL_OUTCOME_OK] = 1;
    summary->size = summary->wire = size;
    summary->duration_us = summary->serial_us = 120000;
    add_nodes(sample, "example.com", size);
    summary->page = take(sample, sizeof *summary->page);
    summary->page_count = 1;
    summary->page[0] = (struct haul_summary_page){"https://example.com/index.html",
                                                  HAUL_OUTCOME_OK,
                                                  "",
                                                  "text/html",
                                                  200,
                                                  size,
                                                  -1,
                                                  118000,
                                                  1};
    summary->bin = take(sample, sizeof *summary->bin);
    summary->bin_count = 1;
    summary->bin[0] = (struct haul_summary_bin){0, 1024, 1, size};
    summary->host = take(sample, sizeof *summary->host);
    summary->host_count = 1;
    summary->host[0] = (struct haul_summary_group){"example.com", 1, 0, size, -1};
    summary->slice = take(sample, sizeof *summary->slice);
    summary->slice_count = 1;
    summary->slice[0] = (struct haul_summary_slice){1, 1000, 119000, 1, 0};
}

/*
 * --- a site
 * ---------------------------------------------------------------------------------------
 */

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
}

static void make_pages(struct sample *sample, size_t urls)
{
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_page *page = take(sample, (urls + 1) * sizeof *page);

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

    summary->failed = take(sample, (count + 1) * sizeof *summary->failed);
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
    struct haul_summary_group *group = take(sample, count * sizeof *group);
    uint64_t left = summary->lines;
    int64_t size_left = summary->size;

    for (size_t i = 0; i < count; i++) {
        int64_t size = i + 1 == count ? size_left : size_left / 2;
        uint64_t part = i + 1 == count ? left : left / 2;

        group[i] = (struct haul_summary_group){
            names[i], part, part / 300, size, i == 3 ? -1 : size - size / 40 + (i == 1) * size / 9};
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

    summary->bin = take(sample, BINS * sizeof *summary->bin);
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
    struct haul_summary_past *past = take(sample, PAST * sizeof *past);

    for (int i = 0; i < PAST; i++) {
        int64_t back = PAST - 1 - i;

        past[i].run = i + 1;
        past[i].started_us = started_us - back * day_us;
        past[i].count = summary->lines - (uint64_t)back * (summary->lines / 400);
        past[i].failed = i % 17 == 3 ? 12 : 0;
        past[i].size = summary->size - back * (summary->size / 500) +
                       (int64_t)pick(sample, (uint64_t)summary->size / 100 + 1);
    }
    past[PAST - 1].size = summary->size;
    summary->past = past;
    summary->past_count = PAST;
    summary->has_before = true;
    summary->before_started_us = past[PAST - 2].started_us;
    summary->before_size = past[PAST - 2].size;
    summary->before_count = past[PAST - 2].count;
}

static void make_movers(struct sample *sample)
{
    static const enum haul_change kinds[] = {HAUL_CHANGE_GROWN, HAUL_CHANGE_ADDED,
                                             HAUL_CHANGE_SHRUNK, HAUL_CHANGE_GONE};
    struct haul_summary *summary = &sample->summary;
    enum { MOVERS = 40 };

    summary->mover = take(sample, MOVERS * sizeof *summary->mover);
    for (size_t i = 0; i < MOVERS && i < summary->page_count; i++) {
        struct haul_summary_mover *mover = &summary->mover[summary->mover_count++];
        enum haul_change kind = kinds[(i * 7 + i / 3) % 4];
        int64_t size = INT64_C(9000000) / (int64_t)(i + 1);

        *mover =
            (struct haul_summary_mover){kind,        summary->page[i * 3 % summary->page_count].url,
                                        size * 2,    size * 2,
                                        "text/html", "text/html"};
        if (kind == HAUL_CHANGE_GROWN || kind == HAUL_CHANGE_SHRUNK)
            mover->after += kind == HAUL_CHANGE_GROWN ? size : -size;
        if (kind == HAUL_CHANGE_ADDED)
            mover->before = -1;
        if (kind == HAUL_CHANGE_GONE)
            mover->after = -1;
        summary->change[kind] += 11;
        summary->change_size[kind] +=
            (mover->after > 0 ? mover->after : 0) - (mover->before > 0 ? mover->before : 0);
    }
    summary->change[HAUL_CHANGE_FAILING] = 3;
    summary->change[HAUL_CHANGE_RECOVERED] = 1;
}

/* Hosts, sections of each, parts of each: sizes halve at each step. */
static void make_tree(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_node *node = take(sample, HAUL_SUMMARY_NODES_MAX * sizeof *node);
    size_t count = 0;

    node[count++] = (struct haul_summary_node){"", 0, 0, summary->lines, summary->size, false};
    for (size_t i = 0; i < HOSTS; i++)
        node[count++] = (struct haul_summary_node){
            hosts[i], 0, 1, summary->host[i].count, summary->host[i].size, false};
    for (size_t at = 1; at < count && count + 12 < 400; at++) {
        int64_t left = node[at].size;
        size_t below = node[at].depth == 1 ? SECTIONS : node[at].depth == 2 ? PARTS : 0;

        for (size_t i = 0; i < below && left > summary->size / 20000; i++) {
            bool is_other = i + 1 == below;
            int64_t size = is_other ? left : left / (2 + (int64_t)pick(sample, 4));
            const char *name = node[at].depth == 1 ? sections[i] : parts[i];

            left -= size;
            node[count++] =
                (struct haul_summary_node){is_other ? "other" : name, at,   node[at].depth + 1,
                                           1 + node[at].count / 8,    size, is_other};
        }
    }
    summary->node = node;
    summary->node_count = count;
}

static void make_slices(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;
    int64_t at[WORKERS] = {0};

    summary->slice = take(sample, SLICES * sizeof *summary->slice);
    summary->slice_count = SLICES;
    for (size_t i = 0; i < SLICES; i++) {
        size_t worker = i % WORKERS;
        int64_t from = at[worker] + 500 + (int64_t)pick(sample, 60000);
        int64_t to = from + 20000 + (int64_t)pick(sample, 400000);

        summary->slice[i] = (struct haul_summary_slice){
            (int)worker + 1, from, to, 1 + summary->lines / SLICES, pick(sample, 40) == 0};
        at[worker] = to;
        summary->duration_us = to > summary->duration_us ? to : summary->duration_us;
    }
}

static void make_budgets(struct sample *sample)
{
    static const char *worst[] = {"https://www.example.com/downloads/2026/page-77.zip (38.0 MiB)",
                                  "https://www.example.com/media/img/page-9.zip (36.2 MiB)"};
    struct haul_summary *summary = &sample->summary;
    struct haul_summary_budget *budget = take(sample, 5 * sizeof *budget);

    budget[0] = (struct haul_summary_budget){"total<20G",
                                             HAUL_BUDGET_KEPT,
                                             NULL,
                                             "bytes",
                                             (double)summary->size,
                                             21474836480.0,
                                             NULL,
                                             0,
                                             0};
    budget[1] = (struct haul_summary_budget){
        "url<32M", HAUL_BUDGET_EXCEEDED, NULL, "bytes", 39845888, 33554432, worst, 2, 17};
    budget[2] = (struct haul_summary_budget){
        "growth<10%", HAUL_BUDGET_KEPT, NULL, "%", 3.4, 10, NULL, 0, 0};
    budget[3] = (struct haul_summary_budget){
        "failed=0", HAUL_BUDGET_EXCEEDED, NULL, "URLs", (double)summary->failed_count, 0, NULL, 0,
        0};
    budget[4] = (struct haul_summary_budget){"growth:path:/blog/**<1M",
                                             HAUL_BUDGET_UNKNOWN,
                                             "the earlier run has no such path",
                                             "bytes",
                                             0,
                                             1048576,
                                             NULL,
                                             0,
                                             0};
    summary->budget = budget;
    summary->budget_count = 5;
}

void sample_make_site(struct sample *sample, size_t urls)
{
    struct haul_summary *summary = &sample->summary;
    size_t failed = urls / 300 + 3;

    begin(sample);
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

/*
 * --- hostile
 * ---------------------------------------------------------------------------------------
 */

static const char *hostile(struct sample *sample)
{
    return sample_texts[sample->seed++ % sample_text_count];
}

static struct haul_summary_page *hostile_pages(struct sample *sample, enum haul_outcome outcome)
{
    struct haul_summary_page *page = take(sample, sample_text_count * sizeof *page);

    for (size_t i = 0; i < sample_text_count; i++)
        page[i] = (struct haul_summary_page){sample_texts[i], outcome,   hostile(sample),
                                             hostile(sample), -1,        INT64_MAX,
                                             i % 2 ? 0 : -1,  INT64_MAX, UINT64_MAX};
    return page;
}

static struct haul_summary_group *hostile_groups(struct sample *sample)
{
    struct haul_summary_group *group = take(sample, sample_text_count * sizeof *group);

    for (size_t i = 0; i < sample_text_count; i++)
        group[i] = (struct haul_summary_group){sample_texts[i], UINT64_MAX, UINT64_MAX, INT64_MAX,
                                               i % 2 ? INT64_MAX : -1};
    return group;
}

static struct haul_summary_budget *hostile_budgets(struct sample *sample)
{
    static const double values[] = {0, 1e300, -1e300, 0.1};
    struct haul_summary_budget *budget = take(sample, sample_text_count * sizeof *budget);

    for (size_t i = 0; i < sample_text_count; i++) {
        budget[i] = (struct haul_summary_budget){
            .expression = sample_texts[i],
            .state = (enum haul_budget_state)(i % 3),
            .note = hostile(sample),
            .unit = i % 2 ? "bytes" : "%",
            .actual = i % 5 == 4 ? 1 / values[0] : values[i % 4],
            .limit = values[(i + 1) % 4],
            .offender = take(sample, sample_text_count * sizeof(char *)),
            .offender_count = sample_text_count,
            .offender_total = UINT64_MAX,
        };
        memcpy(budget[i].offender, sample_texts, sample_text_count * sizeof(char *));
    }
    return budget;
}

static void make_hostile_tree(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;

    summary->node = take(sample, (sample_text_count + 1) * sizeof *summary->node);
    summary->node_count = sample_text_count + 1;
    summary->node[0] = (struct haul_summary_node){"", 0, 0, 1, INT64_MAX, false};
    for (size_t i = 0; i < sample_text_count; i++)
        summary->node[i + 1] = (struct haul_summary_node){
            sample_texts[i], i / 4, (int)i / 4 + 1, UINT64_MAX, INT64_MAX / 100, i % 2 == 0};
}

static void make_hostile_times(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;

    summary->past = take(sample, 3 * sizeof *summary->past);
    summary->past_count = 3;
    for (int i = 0; i < 3; i++)
        summary->past[i] = (struct haul_summary_past){INT64_MAX, i == 1 ? INT64_MAX : 0, INT64_MAX,
                                                      UINT64_MAX, UINT64_MAX};
    summary->slice = take(sample, 2 * sizeof *summary->slice);
    summary->slice_count = 2;
    summary->slice[0] = (struct haul_summary_slice){2000000000, 0, INT64_MAX, 1, 1};
    summary->slice[1] = (struct haul_summary_slice){-5, INT64_MAX, 0, UINT64_MAX, 0};
    summary->bin = take(sample, 2 * sizeof *summary->bin);
    summary->bin_count = 2;
    summary->bin[0] = (struct haul_summary_bin){0, 1, UINT64_MAX, INT64_MAX};
    summary->bin[1] = (struct haul_summary_bin){1, INT64_MAX, 1, 0};
}

void sample_make_hostile(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;

    begin(sample);
    summary->title = sample_texts[0];
    summary->version = sample_texts[1];
    summary->group_by = sample_texts[2];
    summary->started_us = summary->duration_us = summary->serial_us = INT64_MAX;
    summary->workers = 1024;
    summary->lines = summary->size_unknown = UINT64_MAX;
    summary->size = summary->wire = INT64_MAX;
    summary->has_before = true;
    summary->outcome[HAUL_OUTCOME_FAILED] = UINT64_MAX;
    summary->page = hostile_pages(sample, HAUL_OUTCOME_OK);
    summary->failed = hostile_pages(sample, HAUL_OUTCOME_FAILED);
    summary->invalid = hostile_pages(sample, HAUL_OUTCOME_INVALID);
    summary->page_count = summary->failed_count = sample_text_count;
    summary->invalid_count = sample_text_count;
    summary->host = hostile_groups(sample);
    summary->type = hostile_groups(sample);
    summary->group = hostile_groups(sample);
    summary->host_count = summary->type_count = summary->group_count = sample_text_count;
    summary->budget = hostile_budgets(sample);
    summary->budget_count = sample_text_count;
    summary->mover = take(sample, sample_text_count * sizeof *summary->mover);
    summary->mover_count = sample_text_count;
    for (size_t i = 0; i < sample_text_count; i++)
        summary->mover[i] = (struct haul_summary_mover){(enum haul_change)(i % HAUL_CHANGE_COUNT),
                                                        sample_texts[i],
                                                        i % 3 ? INT64_MAX : -1,
                                                        i % 3 == 1 ? -1 : 0,
                                                        hostile(sample),
                                                        hostile(sample)};
    for (size_t i = 0; i < HAUL_CHANGE_COUNT; i++) {
        summary->change[i] = UINT64_MAX / 100;
        summary->change_size[i] = i % 2 ? INT64_MAX : INT64_MIN;
    }
    make_hostile_tree(sample);
    make_hostile_times(sample);
}

/* The most that a table may hold, with URLs of 2,000 characters. */
static void make_longest(struct sample *sample)
{
    sample_make_site(sample, 6000);
    for (size_t i = 0; i < sample->summary.page_count; i++) {
        char *url = take(sample, 2001);

        memset(url, 'a', 2000);
        memcpy(url, "https://example.com/", 20);
        sample->summary.page[i].url = url;
    }
}

bool sample_make(struct sample *sample, const char *name)
{
    if (strcmp(name, "empty") == 0)
        sample_make_empty(sample);
    else if (strcmp(name, "zero") == 0)
        sample_make_one(sample, 0);
    else if (strcmp(name, "one") == 0)
        sample_make_one(sample, 777);
    else if (strcmp(name, "site") == 0)
        sample_make_site(sample, 300);
    else if (strcmp(name, "large") == 0)
        sample_make_site(sample, 10000);
    else if (strcmp(name, "longest") == 0)
        make_longest(sample);
    else if (strcmp(name, "hostile") == 0)
        sample_make_hostile(sample);
    else
        return false;
    return true;
}
