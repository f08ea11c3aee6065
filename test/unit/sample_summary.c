#include "sample_summary.h"

#include <stdlib.h>
#include <string.h>

#include "sample_inside.h"

const int64_t sample_started_us = INT64_C(1795409709) * 1000000;

void *sample_take(struct sample *sample, size_t bytes)
{
    void *memory = haul_summary_alloc(&sample->summary, bytes);

    if (!memory)
        abort();
    return memory;
}

void sample_begin(struct sample *sample)
{
    haul_summary_init(&sample->summary);
    sample->seed = 42;
    sample->summary.version = "0.1.0";
    sample->summary.started_us = sample_started_us;
}

void sample_done(struct sample *sample)
{
    haul_summary_done(&sample->summary);
}

void sample_make_empty(struct sample *sample)
{
    sample_begin(sample);
    sample->summary.title = "";
    sample->summary.complete = true;
    sample->summary.workers = 1;
}

void sample_make_nothing(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;

    sample_make_empty(sample);
    summary->title = "www.example.com";
    summary->complete = false;
    summary->inputs.nothing_found = true;
    summary->exit_status = 3;
    summary->has_before = true;
    summary->before_started_us = INT64_C(1763800000000000);
    summary->before_count = 1234;
    summary->before_size = 1 << 20;
}

static void add_nodes(struct sample *sample, const char *host, int64_t size)
{
    const char *const names[] = {"", host, "index.html"};
    struct haul_summary_node *node = sample_take(sample, 3 * sizeof *node);

    for (int i = 0; i < 3; i++)
        node[i] = (struct haul_summary_node){.name = names[i],
                                             .parent = i ? (size_t)i - 1 : 0,
                                             .depth = i,
                                             .count = 1,
                                             .size = size};
    sample->summary.node = node;
    sample->summary.node_count = 3;
}

void sample_make_one(struct sample *sample, int64_t size)
{
    struct haul_summary *summary = &sample->summary;

    sample_begin(sample);
    summary->title = "example.com";
    summary->complete = true;
    summary->workers = summary->streams = 1;
    summary->lines = summary->outcome[HAUL_OUTCOME_OK] = 1;
    summary->size = summary->wire = size;
    summary->duration_us = summary->serial_us = 120000;
    add_nodes(sample, "example.com", size);
    summary->page = sample_take(sample, sizeof *summary->page);
    summary->page_count = 1;
    summary->page[0] = (struct haul_summary_page){"https://example.com/index.html",
                                                  HAUL_OUTCOME_OK,
                                                  "",
                                                  "text/html",
                                                  200,
                                                  size,
                                                  -1,
                                                  118000,
                                                  1,
                                                  "",
                                                  -1};
    summary->bin = sample_take(sample, sizeof *summary->bin);
    summary->bin_count = 1;
    summary->bin[0] = (struct haul_summary_bin){0, 1024, 1, size};
    summary->host = sample_take(sample, sizeof *summary->host);
    summary->host_count = 1;
    summary->host[0] = (struct haul_summary_group){"example.com", 1, 0, size, -1, 0, {0}, 0};
    summary->slice = sample_take(sample, sizeof *summary->slice);
    summary->slice_count = 1;
    summary->slice[0] = (struct haul_summary_slice){1, 1000, 119000, 1, 0, false};
}

/* The most that a table may hold, with URLs of 2,000 characters. */
static void make_longest(struct sample *sample)
{
    sample_make_site(sample, 6000);
    for (size_t i = 0; i < sample->summary.page_count; i++) {
        char *url = sample_take(sample, 2001);

        memset(url, 'a', 2000);
        memcpy(url, "https://example.com/", 20);
        sample->summary.page[i].url = url;
    }
}

bool sample_make(struct sample *sample, const char *name)
{
    if (strcmp(name, "empty") == 0)
        sample_make_empty(sample);
    else if (strcmp(name, "nothing") == 0)
        sample_make_nothing(sample);
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
