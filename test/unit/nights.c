#include "nights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what happens ---- */

static uint64_t pick(struct nights *nights, uint64_t below)
{
    nights->seed = nights->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (nights->seed >> 33) % below;
}

static void make_ok(struct nights *nights, struct nights_page *page)
{
    page->state = NIGHTS_OK;
    if (pick(nights, 3) == 0) {
        page->size = (int64_t)pick(nights, 10) * (int64_t)pick(nights, 1000);
        page->wire = 0;
    }
}

/* Packed or not, or only the size is told. */
static void rewire(struct nights *nights, struct nights_page *page)
{
    make_ok(nights, page);
    page->wire = !page->size ? 0 : pick(nights, 5) ? 1 + (int64_t)pick(nights, 1000) : -1;
}

/* The record's own figure. */
static int64_t wire_of(const struct nights_page *page)
{
    return page->wire ? page->wire : page->size;
}

static struct nights_page next_page(struct nights *nights, const struct nights_page *page)
{
    struct nights_page next = *page;

    switch (pick(nights, 12)) {
    case 0:
        next.state = NIGHTS_ABSENT;
        break;
    case 1:
    case 2:
        next.state = NIGHTS_FAILING;
        break;
    case 3:
        next.state = NIGHTS_MISSING;
        break;
    case 4:
        next.state = NIGHTS_SKIPPED;
        break;
    case 5:
        next.is_image = !next.is_image;
        make_ok(nights, &next);
        break;
    case 6:
    case 7:
        rewire(nights, &next);
        break;
    default:
        make_ok(nights, &next);
    }
    return next;
}

static bool is_failing(enum nights_state state)
{
    return state == NIGHTS_FAILING || state == NIGHTS_MISSING;
}

/* A size that is known is what is known last; of a page that was not in the list nothing is
 * learnt. */
static void learn(struct nights_known *known, const struct nights_page *page, int night)
{
    known->page = *page;
    if (!is_failing(page->state) && page->state != NIGHTS_ABSENT)
        known->failing_since = 0;
    else if (is_failing(page->state) && !known->failing_since)
        known->failing_since = night;
    if (page->state != NIGHTS_OK)
        return;
    known->size = page->size;
    known->wire = wire_of(page);
    known->is_image = page->is_image;
}

void nights_set(struct nights *nights, const struct nights_page page[NIGHTS_PAGES])
{
    memcpy(nights->before, nights->now, sizeof nights->before);
    for (int i = 0; i < NIGHTS_PAGES; i++) {
        if (!nights->count)
            nights->now[i].size = nights->now[i].wire = -1;
        learn(&nights->now[i], &page[i], nights->count + 1);
    }
    nights->count++;
}

int64_t nights_start_us(int night)
{
    return night * INT64_C(86400) * 1000000;
}

void nights_pass(struct nights *nights)
{
    struct nights_page page[NIGHTS_PAGES];

    for (int i = 0; i < NIGHTS_PAGES; i++)
        page[i] = next_page(nights, &nights->now[i].page);
    nights_set(nights, page);
}

bool nights_record(const struct nights *nights, int i, struct haul_record *rec)
{
    static char url[NIGHTS_PAGES][40];
    const struct nights_page *page = &nights->now[i].page;
    bool is_timeout = page->state == NIGHTS_FAILING && i % 2;

    if (page->state == NIGHTS_ABSENT)
        return false;
    snprintf(url[i], sizeof url[i], "http://site.example/%s/%d", i % 3 ? "a" : "b", i);
    haul_record_init(rec);
    rec->url = url[i];
    rec->line = rec->seq = (uint64_t)i + 1;
    rec->content_type = "text/html"; /* an error page's is not that of the page */
    rec->outcome = page->state == NIGHTS_OK        ? HAUL_OUTCOME_OK
                   : page->state == NIGHTS_SKIPPED ? HAUL_OUTCOME_SKIPPED
                                                   : HAUL_OUTCOME_FAILED;
    rec->reason = page->state == NIGHTS_OK        ? HAUL_REASON_NONE
                  : page->state == NIGHTS_SKIPPED ? HAUL_REASON_EXISTS
                  : is_timeout                    ? HAUL_REASON_TIMEOUT
                                                  : HAUL_REASON_HTTP_STATUS;
    rec->http_code = page->state == NIGHTS_MISSING ? i % 2 ? 404 : 410 : is_timeout ? 0 : 503;
    rec->size_body = rec->size_download = 77; /* of the error page */
    if (page->state == NIGHTS_OK) {
        rec->http_code = 200;
        rec->size_body = page->size;
        rec->size_download = wire_of(page) < 0 ? 0 : wire_of(page);
        rec->content_type = page->is_image ? "image/png" : "text/html; charset=utf-8";
    }
    return true;
}

/* ---- what is to be said ---- */

static bool fails(const struct nights_known *known)
{
    return is_failing(known->page.state);
}

/* What a page was compared with: -1: nobody knows. */
static int64_t size_before(const struct nights_known *before)
{
    if (before->page.state == NIGHTS_ABSENT)
        return 0;
    if (before->size < 0 && before->page.state == NIGHTS_MISSING)
        return 0;
    return before->size;
}

static enum haul_change change_of(const struct nights_known *now, const struct nights_known *before)
{
    if (now->page.state == NIGHTS_ABSENT)
        return before->page.state == NIGHTS_ABSENT ||
                       (before->page.state == NIGHTS_SKIPPED && before->size < 0)
                   ? HAUL_CHANGE_COUNT
                   : HAUL_CHANGE_GONE;
    if (now->page.state == NIGHTS_SKIPPED)
        return HAUL_CHANGE_COUNT;
    if (before->page.state == NIGHTS_ABSENT)
        return HAUL_CHANGE_ADDED;
    if (fails(now))
        return fails(before) || before->size < 0 ? HAUL_CHANGE_COUNT : HAUL_CHANGE_FAILING;
    if (fails(before))
        return HAUL_CHANGE_RECOVERED;
    if (before->size < 0)
        return HAUL_CHANGE_COUNT;
    if (now->page.size != before->size)
        return now->page.size > before->size ? HAUL_CHANGE_GROWN : HAUL_CHANGE_SHRUNK;
    if (now->page.is_image != before->is_image)
        return HAUL_CHANGE_TYPE;
    return now->wire >= 0 && before->wire >= 0 && now->wire != before->wire ? HAUL_CHANGE_WIRE
                                                                            : HAUL_CHANGE_COUNT;
}

/* What is ok without being known is as good as not tried. */
static struct nights_known on_wire(struct nights_known known)
{
    known.size = known.wire;
    if (known.page.state == NIGHTS_OK && known.wire < 0)
        known.page.state = NIGHTS_SKIPPED;
    known.page.size = known.wire;
    return known;
}

struct nights nights_on_wire(const struct nights *nights)
{
    struct nights wire = *nights;

    for (int i = 0; i < NIGHTS_PAGES; i++) {
        wire.now[i] = on_wire(wire.now[i]);
        wire.before[i] = on_wire(wire.before[i]);
    }
    return wire;
}

static void add_sizes(struct nights_figures *figures, const struct nights_known *now,
                      const struct nights_known *before)
{
    int64_t was = size_before(before);

    if (now->page.state == NIGHTS_OK)
        figures->size += now->page.size;
    if (now->page.state == NIGHTS_ABSENT && before->page.state != NIGHTS_ABSENT)
        figures->before += was > 0 ? was : 0;
    if (now->page.state != NIGHTS_OK)
        return;
    if (was < 0) {
        figures->newly_known++;
        figures->newly_known_size += now->page.size;
    } else {
        figures->before += was;
        figures->after += now->page.size;
    }
}

void nights_add_up(const struct nights *nights, struct nights_figures *figures)
{
    *figures = (struct nights_figures){0};
    for (int i = 0; i < NIGHTS_PAGES; i++) {
        const struct nights_known *now = &nights->now[i], *before = &nights->before[i];
        enum haul_change change = change_of(now, before);

        figures->urls += now->page.state != NIGHTS_ABSENT;
        figures->failed += fails(now);
        if (fails(now) && (nights->count == 1 || !fails(before)))
            figures->newly_failing++;
        else if (fails(now) && (!figures->still_failing_since ||
                                now->failing_since < figures->still_failing_since))
            figures->still_failing_since = now->failing_since;
        add_sizes(figures, now, before);
        if (change != HAUL_CHANGE_COUNT)
            figures->change[change]++;
    }
}

int64_t nights_type_gain(const struct nights *nights, bool is_image)
{
    int64_t gained = 0;

    for (int i = 0; i < NIGHTS_PAGES; i++) {
        const struct nights_known *now = &nights->now[i], *before = &nights->before[i];
        int64_t was = size_before(before);
        bool is_ok = now->page.state == NIGHTS_OK, is_absent = now->page.state == NIGHTS_ABSENT;

        if (is_ok && was >= 0 && now->page.is_image == is_image)
            gained += now->page.size;
        if ((is_ok || is_absent) && before->page.state != NIGHTS_ABSENT && was > 0 &&
            before->is_image == is_image)
            gained -= was;
    }
    return gained;
}

struct nights_packed nights_packed(const struct nights *nights, bool is_image)
{
    struct nights_packed packed = {0};

    for (int i = 0; i < NIGHTS_PAGES; i++) {
        const struct nights_page *page = &nights->now[i].page;

        if (page->state != NIGHTS_OK || page->is_image != is_image || wire_of(page) < 0)
            continue;
        packed.known++;
        packed.wire += wire_of(page);
        packed.decoded += page->size;
    }
    return packed;
}

/* Whether a page has a body of which the size is not known. */
static bool lacks_size(const struct nights_known *now)
{
    return now->page.state == NIGHTS_FAILING || now->page.state == NIGHTS_SKIPPED;
}

static double at_most(const struct nights_known *now)
{
    return now->page.state == NIGHTS_OK ? (double)now->page.size
           : !lacks_size(now)           ? 0
           : now->size < 0              ? HUGE_VAL
                                        : (double)now->size;
}

static bool may_be_image(const struct nights_known *now)
{
    return now->page.state == NIGHTS_OK ? now->page.is_image : now->size < 0 || now->is_image;
}

struct nights_range nights_total(const struct nights *nights, bool images_only)
{
    struct nights_range range = {0, 0};

    for (int i = 0; i < NIGHTS_PAGES; i++) {
        const struct nights_known *now = &nights->now[i];

        if (images_only && !may_be_image(now))
            continue;
        range.least += now->page.state == NIGHTS_OK ? (double)now->page.size : 0;
        range.most += at_most(now);
    }
    return range;
}

struct nights_range nights_largest(const struct nights *nights)
{
    struct nights_range range = {0, 0};

    for (int i = 0; i < NIGHTS_PAGES; i++) {
        const struct nights_known *now = &nights->now[i];

        if (now->page.state == NIGHTS_OK)
            range.least = fmax(range.least, (double)now->page.size);
        range.most = fmax(range.most, at_most(now));
    }
    return range;
}

static int compare_sizes(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

/* By definition, with all that is not known once as small as can be, and once as large. */
struct nights_range nights_percentile(const struct nights *nights, int percent)
{
    double small[NIGHTS_PAGES], large[NIGHTS_PAGES];
    int count = 0, rank = 1;

    for (int i = 0; i < NIGHTS_PAGES; i++) {
        const struct nights_known *now = &nights->now[i];

        if (now->page.state != NIGHTS_OK && !lacks_size(now))
            continue;
        small[count] = now->page.state == NIGHTS_OK ? (double)now->page.size : 0;
        large[count++] = at_most(now);
    }
    if (!count)
        return (struct nights_range){0, HUGE_VAL};
    qsort(small, (size_t)count, sizeof *small, compare_sizes);
    qsort(large, (size_t)count, sizeof *large, compare_sizes);
    while (rank * 100 < count * percent)
        rank++;
    return (struct nights_range){small[rank - 1], large[rank - 1]};
}
