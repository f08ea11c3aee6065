#ifndef HAUL_TEST_NIGHTS_H
#define HAUL_TEST_NIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "haul/record.h"
#include "history/change.h"

/*
 * A site night after night, and what an audit of it has to say: worked out page by page from what
 * the pages did, without a database and without a line of haul's own summaries. Pages grow, shrink,
 * fail, come back, leave the list, return to it, become another type, and are packed otherwise.
 */

enum { NIGHTS_PAGES = 15 };

/* What a page does in a night. */
enum nights_state {
    NIGHTS_ABSENT,  /* not in the list */
    NIGHTS_OK,      /* has its size */
    NIGHTS_FAILING, /* a server error, or no answer: its size is not known */
    NIGHTS_MISSING, /* 404: there is none */
    NIGHTS_SKIPPED  /* not tried */
};

struct nights_page {
    enum nights_state state;
    int64_t size;
    bool is_image; /* else HTML; what it is when it is ok */
    int64_t wire;  /* bytes on the wire; 0: as many as its size; -1: nobody knows */
};

/* A page, and what was known of it last: -1 if it never was. */
struct nights_known {
    struct nights_page page;
    int64_t size, wire;
    bool is_image;
    int failing_since; /* the first of the nights that it was in the list, and has failed in each
                          since; 0: it did not the last time */
};

struct nights {
    uint64_t seed;
    struct nights_known now[NIGHTS_PAGES], before[NIGHTS_PAGES];
    int count; /* nights so far */
};

/* The next night: what was now is before. */
void nights_pass(struct nights *nights);

/* A night by hand. */
void nights_set(struct nights *nights, const struct nights_page page[NIGHTS_PAGES]);

/* The record of a page, whose URL is static; false: it is not in the list. */
bool nights_record(const struct nights *nights, int page, struct haul_record *rec);

/* The same site, as if its bytes on the wire were its sizes. For sums, ranges and growth of the
 * whole; a page of which only the size is known is there as one that was not tried. */
struct nights nights_on_wire(const struct nights *nights);

/* What is to be said of the two last nights. */
struct nights_figures {
    int64_t size;          /* of all bodies */
    int64_t before, after; /* of what is known in both, or in one list only */
    uint64_t newly_known;  /* pages that never had a size before */
    int64_t newly_known_size;
    uint64_t change[HAUL_CHANGE_COUNT];
    uint64_t urls, failed;
    uint64_t newly_failing;  /* that did not fail in the night before, or were not in the list */
    int still_failing_since; /* the first night of the others; 0: there are none */
};

/* When a night begins: microseconds since 1970. */
int64_t nights_start_us(int night);

void nights_add_up(const struct nights *nights, struct nights_figures *figures);

/* Bytes that one of the two types has gained, of what is known in both nights. */
int64_t nights_type_gain(const struct nights *nights, bool is_image);

/* What the bodies of one of the two types take on the wire now, of those of which that is known. */
struct nights_packed {
    int64_t known, wire, decoded;
};
struct nights_packed nights_packed(const struct nights *nights, bool is_image);

/* From..to; `to` HUGE_VAL: there is no bound. */
struct nights_range {
    double least, most;
};

/* All bodies, or those of images, or the largest one; the percentile of all. */
struct nights_range nights_total(const struct nights *nights, bool images_only);
struct nights_range nights_largest(const struct nights *nights);
struct nights_range nights_percentile(const struct nights *nights, int percent);

#endif
