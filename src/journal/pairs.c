#include "journal/pairs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS = 256,
    SMALL = 48,     /* pairs that are sorted by insertion */
    PER_BUCKET = 8, /* pairs in a bucket of the index, on average */
    TOP_SHIFT = 56, /* of the most significant byte */
    PASSES = 16     /* bytes in a pair */
};

static void drop_index(struct haul_pairs *pairs)
{
    free(pairs->bucket);
    pairs->bucket = NULL;
}

void haul_pairs_done(struct haul_pairs *pairs)
{
    drop_index(pairs);
    free(pairs->item);
    *pairs = (struct haul_pairs){0};
}

/* Grows by a quarter only: the C library extends large blocks by moving pages, without a copy. */
static enum haul_err grow(struct haul_pairs *pairs)
{
    size_t cap = pairs->cap + pairs->cap / 4 + 1024;
    struct haul_pair *item;

    if (cap > SIZE_MAX / sizeof *item)
        return HAUL_ERR_NOMEM;
    item = realloc(pairs->item, cap * sizeof *item);
    if (!item)
        return HAUL_ERR_NOMEM;
    pairs->item = item;
    pairs->cap = cap;
    return HAUL_OK;
}

enum haul_err haul_pairs_add(struct haul_pairs *pairs, uint64_t high, uint64_t low)
{
    if (pairs->count == pairs->cap && grow(pairs))
        return HAUL_ERR_NOMEM;
    if (pairs->bucket)
        drop_index(pairs);
    pairs->item[pairs->count++] = (struct haul_pair){high, low};
    return HAUL_OK;
}

/* ---- sorting: American flag sort, one byte after the other from the most significant ---- */

static bool is_less(const struct haul_pair *a, const struct haul_pair *b)
{
    return a->high != b->high ? a->high < b->high : a->low < b->low;
}

static void sort_small(struct haul_pair *item, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct haul_pair held = item[i];
        size_t j = i;

        for (; j && is_less(&held, &item[j - 1]); j--)
            item[j] = item[j - 1];
        item[j] = held;
    }
}

static unsigned digit_of(const struct haul_pair *pair, int pass)
{
    uint64_t word = pass < 8 ? pair->high : pair->low;

    return (unsigned)(word >> (TOP_SHIFT - 8 * (pass & 7))) & (DIGITS - 1);
}

/* Puts every pair into the stretch of its digit; end[d] is where the stretch of d ends. */
static void distribute(struct haul_pair *item, size_t count, int pass, size_t end[DIGITS])
{
    size_t next[DIGITS], counted[DIGITS] = {0}, sum = 0;

    for (size_t i = 0; i < count; i++)
        counted[digit_of(&item[i], pass)]++;
    for (int d = 0; d < DIGITS; d++) {
        next[d] = sum;
        sum += counted[d];
        end[d] = sum;
    }
    for (unsigned d = 0; d < DIGITS; d++) {
        while (next[d] < end[d]) {
            struct haul_pair held = item[next[d]];
            unsigned to = digit_of(&held, pass);

            item[next[d]] = item[next[to]];
            item[next[to]++] = held;
        }
    }
}

/* As deep as a pair has bytes, at most. */
static void sort_from(struct haul_pair *item, size_t count, int pass)
{
    size_t end[DIGITS], begin = 0;

    if (count <= SMALL || pass == PASSES) {
        if (pass < PASSES)
            sort_small(item, count);
        return;
    }
    distribute(item, count, pass, end);
    for (int d = 0; d < DIGITS; d++) {
        if (end[d] - begin > 1)
            sort_from(item + begin, end[d] - begin, pass + 1);
        begin = end[d];
    }
}

void haul_pairs_sort(struct haul_pairs *pairs)
{
    drop_index(pairs);
    sort_from(pairs->item, pairs->count, 0);
}

/* ---- finding ---- */

void haul_pairs_index(struct haul_pairs *pairs)
{
    unsigned bits = 1;
    size_t buckets, b = 0;

    drop_index(pairs);
    if (pairs->count > UINT32_MAX)
        return;
    while (bits < 30 && ((size_t)PER_BUCKET << bits) < pairs->count)
        bits++;
    buckets = (size_t)1 << bits;
    pairs->bucket = malloc((buckets + 1) * sizeof *pairs->bucket);
    if (!pairs->bucket)
        return;
    pairs->bits = bits;
    for (size_t i = 0; i < pairs->count; i++)
        while (b <= pairs->item[i].high >> (64 - bits))
            pairs->bucket[b++] = (uint32_t)i;
    while (b <= buckets)
        pairs->bucket[b++] = (uint32_t)pairs->count;
}

/* The first place from `from` on whose `high` is not below (with `above`: is above) that. */
static size_t bound(const struct haul_pairs *pairs, size_t from, size_t to, uint64_t high,
                    bool above)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        uint64_t there = pairs->item[middle].high;

        if (there < high || (above && there == high))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

size_t haul_pairs_find(const struct haul_pairs *pairs, uint64_t high, size_t *first)
{
    size_t from = 0, to = pairs->count;

    if (pairs->bucket) {
        size_t b = (size_t)(high >> (64 - pairs->bits));

        from = pairs->bucket[b];
        to = pairs->bucket[b + 1];
    }
    *first = bound(pairs, from, to, high, false);
    return bound(pairs, *first, to, high, true) - *first;
}
