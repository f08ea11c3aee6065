#include <string.h>

#include "sample_inside.h"

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

static const char *hostile(struct sample *sample)
{
    return sample_texts[sample->seed++ % sample_text_count];
}

static struct haul_summary_page *hostile_pages(struct sample *sample, enum haul_outcome outcome)
{
    struct haul_summary_page *page = sample_take(sample, sample_text_count * sizeof *page);

    for (size_t i = 0; i < sample_text_count; i++)
        page[i] = (struct haul_summary_page){
            sample_texts[i], outcome,   hostile(sample), hostile(sample), -1,       INT64_MAX,
            i % 2 ? 0 : -1,  INT64_MAX, UINT64_MAX,      hostile(sample), INT64_MAX};
    return page;
}

static struct haul_summary_group *hostile_groups(struct sample *sample)
{
    struct haul_summary_group *group = sample_take(sample, sample_text_count * sizeof *group);

    for (size_t i = 0; i < sample_text_count; i++)
        group[i] = (struct haul_summary_group){sample_texts[i],
                                               UINT64_MAX,
                                               UINT64_MAX,
                                               INT64_MAX,
                                               i % 2 ? INT64_MAX : -1,
                                               i % 2 ? INT64_MAX : -INT64_MAX,
                                               {i % 3, INT64_MAX, i % 2 ? INT64_MAX : 0},
                                               i % 2 ? -INT64_MAX : INT64_MAX};
    return group;
}

static struct haul_summary_budget *hostile_budgets(struct sample *sample)
{
    static const double values[] = {0, 1e300, -1e300, 0.1};
    struct haul_summary_budget *budget = sample_take(sample, sample_text_count * sizeof *budget);

    for (size_t i = 0; i < sample_text_count; i++) {
        budget[i] = (struct haul_summary_budget){
            .expression = sample_texts[i],
            .state = (enum haul_budget_state)(i % HAUL_BUDGET_STATES),
            .note = hostile(sample),
            .unit = i % 2 ? "bytes" : "%",
            .actual = i % 5 == 4 ? 1 / values[0] : values[i % 4],
            .limit = values[(i + 1) % 4],
            .most = i % 7 == 2 ? 1 / values[0] : values[(i + 2) % 4],
            .is_partial = i % 11 == 5,
            .offender = sample_take(sample, sample_text_count * sizeof(char *)),
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

    summary->node = sample_take(sample, (sample_text_count + 1) * sizeof *summary->node);
    summary->node_count = sample_text_count + 1;
    summary->node[0] = (struct haul_summary_node){.name = "", .count = 1, .size = INT64_MAX};
    for (size_t i = 0; i < sample_text_count; i++)
        summary->node[i + 1] =
            (struct haul_summary_node){.name = sample_texts[i],
                                       .last = i % 2 ? sample_texts[i / 2] : NULL,
                                       .parent = i / 4,
                                       .depth = (int)i / 4 + 1,
                                       .count = UINT64_MAX,
                                       .size = INT64_MAX / 100,
                                       .type = i % 3 ? SIZE_MAX : i,
                                       .before = i % 2 ? INT64_MAX : 0,
                                       .after = i % 5 ? INT64_MAX : 0,
                                       .added = i % 7 ? 0 : INT64_MAX};
}

static void make_hostile_times(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;

    summary->past = sample_take(sample, 3 * sizeof *summary->past);
    summary->past_count = 3;
    for (int i = 0; i < 3; i++)
        summary->past[i] = (struct haul_summary_past){
            INT64_MAX, i == 1 ? INT64_MAX : 0, INT64_MAX, UINT64_MAX, UINT64_MAX, i - 1};
    summary->slice = sample_take(sample, 3 * sizeof *summary->slice);
    summary->slice_count = 3;
    summary->slice[0] = (struct haul_summary_slice){2000000000, 0, INT64_MAX, 1, 1, false};
    summary->slice[1] = (struct haul_summary_slice){-5, INT64_MAX, 0, UINT64_MAX, 0, false};
    summary->slice[2] = (struct haul_summary_slice){1, 5, INT64_MAX, UINT64_MAX, 0, true};
    summary->bin = sample_take(sample, 2 * sizeof *summary->bin);
    summary->bin_count = 2;
    summary->bin[0] = (struct haul_summary_bin){0, 1, UINT64_MAX, INT64_MAX};
    summary->bin[1] = (struct haul_summary_bin){1, INT64_MAX, 1, 0};
}

void sample_make_hostile(struct sample *sample)
{
    struct haul_summary *summary = &sample->summary;

    sample_begin(sample);
    summary->title = sample_texts[0];
    summary->version = sample_texts[1];
    summary->group_by = sample_texts[2];
    summary->started_us = summary->duration_us = summary->serial_us = INT64_MAX;
    summary->workers = 1024;
    summary->lines = summary->size_unknown = UINT64_MAX;
    summary->size = summary->wire = INT64_MAX;
    summary->page_wire = (struct haul_summary_wire){UINT64_MAX, INT64_MAX, INT64_MAX};
    summary->compared_wire = INT64_MIN;
    summary->compared_wire_before = INT64_MAX;
    summary->wire_unknown = UINT64_MAX;
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
    summary->mover = sample_take(sample, sample_text_count * sizeof *summary->mover);
    summary->mover_count = sample_text_count;
    for (size_t i = 0; i < sample_text_count; i++)
        summary->mover[i] = (struct haul_summary_mover){(enum haul_change)(i % HAUL_CHANGE_COUNT),
                                                        sample_texts[i],
                                                        i % 3 ? INT64_MAX : -1,
                                                        i % 3 == 1 ? -1 : 0,
                                                        hostile(sample),
                                                        hostile(sample),
                                                        i % 2 ? INT64_MAX : -INT64_MAX,
                                                        i % 5 != 3,
                                                        i % 7 == 1};
    summary->compared = INT64_MAX;
    summary->compared_before = 1;
    for (size_t i = 0; i < HAUL_CHANGE_COUNT; i++) {
        summary->change[i] = UINT64_MAX / 100;
        summary->change_size[i] = i % 2 ? INT64_MAX : INT64_MIN;
    }
    make_hostile_tree(sample);
    make_hostile_times(sample);
}
