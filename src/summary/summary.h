#ifndef HAUL_SUMMARY_SUMMARY_H
#define HAUL_SUMMARY_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/record.h"
#include "history/change.h"
#include "model/inputs.h"

/*
 * What a run amounts to: everything that a report on the whole run shows. Made once, at the end of
 * a run or from journals (summary/query.h), completed with its budgets (summary/budget_eval.h),
 * read by the writers (render/), and freed. Plain data; strings are owned by the summary,
 * NUL-terminated and NOT escaped: they come from the list and the network.
 *
 * Sizes are decoded bytes ("the length" of the report), -1 where unknown. Times are microseconds;
 * points in time count from 1970 (UTC). A part that was not asked for, or that has no data, is
 * empty: its count is 0 and its array may be NULL. One thread at a time.
 */

/* What bodies take on the wire, of those of which that is known. */
struct haul_summary_wire {
    uint64_t known;  /* how many; 0: then the rest means nothing */
    int64_t bytes;   /* on the wire */
    int64_t decoded; /* what these bodies have */
};

/* A row of a table by host, media type, path prefix or tag. Sorted by size, largest first; what
 * does not fit into HAUL_SUMMARY_GROUPS_MAX rows is left out. */
struct haul_summary_group {
    const char *name; /* "" if there is none: no type, no such tag */
    uint64_t count, failed;
    int64_t size;        /* sum of what is known */
    int64_t size_before; /* the same in the earlier run; -1: not there */
    int64_t change;      /* bytes gained by what is known in both (history/diff.h) */
    struct haul_summary_wire wire;
    int64_t wire_change; /* the same of bytes on the wire */
};

struct haul_summary_page {
    const char *url;
    enum haul_outcome outcome;
    const char *reason; /* word, "" if none */
    const char *type;   /* media type without parameters, or "" */
    int http_code;
    int64_t size, size_before; /* -1: unknown, or not there; before: the last one known */
    int64_t time_us;           /* of the attempt, -1 unknown */
    uint64_t line;
    const char
        *source;  /* the list that it is a line of; "" or NULL: not known, or the command line */
    int64_t wire; /* bytes on the wire, -1: unknown */
};

/* A URL that has changed. Of HAUL_CHANGE_WIRE the bytes are those on the wire. */
struct haul_summary_mover {
    enum haul_change change;
    const char *url;
    int64_t before, after;                /* sizes; -1: none; before: the last one known */
    const char *type_before, *type_after; /* or "" */
    int64_t gained; /* bytes, negative: lost; of one that fails now or had no known size, unknown */
    bool is_gain_known;
    bool is_news; /* of a kind that haul_summary_news tells of */
};

/* URLs of which the same is new, below one directory. */
struct haul_summary_news {
    enum haul_change change; /* FAILING: with those that were not there before; RECOVERED, ADDED,
                                GONE, DISALLOWED */
    const char *reason;      /* word: why they fail; "" of others */
    const char *url; /* of one: its URL; of more: what all of them begin with, up to a '/' */
    uint64_t count;
    int64_t gained, after; /* of those that do not fail, as of a mover; `after` of the largest */
    bool is_gain_known;    /* of each of them */
};

/* Sizes of from <= size < to bytes. Ascending and without gaps; the bounds are 0, 1 and powers of
 * four. Empty ones stand only between others. */
struct haul_summary_bin {
    int64_t from, to;
    uint64_t count;
    int64_t size; /* of all of them together */
};

/* A complete run. Oldest first; this run, complete or not, comes last. */
struct haul_summary_past {
    int64_t run; /* its number in the history */
    int64_t started_us;
    int64_t size;
    uint64_t count, failed;
    int64_t wire; /* what its bodies take on the wire, as far as known; -1: not known */
};

/*
 * A node of the tree of paths, parents before children; node 0 is the root ("" = all hosts). What
 * is too small to be seen alone is put together with what is as small beside it; so a node is as
 * large as its children together, if it has any.
 */
struct haul_summary_node {
    const char *name; /* one part of the path; the host at depth 1; "/" of a page that ends so */
    const char *last; /* of several that are put together, in the order of names: the last one's
                         name, and `name` is the first one's; NULL: it is one */
    size_t parent;    /* index, its own for the root */
    int depth;
    uint64_t count;
    int64_t size;          /* of all below */
    size_t type;           /* that has most of the bytes: its place in haul_summary.type, or
                     HAUL_SUMMARY_TREE_TYPES for one that comes after these, or for no bytes */
    int64_t before, after; /* bytes of what is known in both runs, in each of them */
    int64_t added;         /* and of what is in this one only */
};

/*
 * What one worker did from..to (since the run's start): one request, or several when there are more
 * than fit; these have all failed, or none has. Or what URLs waited for after a request of that
 * worker, until they were asked for again: the worker did something else meanwhile. By worker, then
 * by `from_us`; a worker with several streams has slices that overlap.
 */
struct haul_summary_slice {
    int worker; /* 1..N */
    int64_t from_us, to_us;
    uint64_t count;
    uint64_t failed;
    bool is_wait;
};

enum haul_budget_state {
    HAUL_BUDGET_KEPT,
    HAUL_BUDGET_EXCEEDED,
    HAUL_BUDGET_UNKNOWN, /* it depends on what is not known */
    HAUL_BUDGET_EMPTY,   /* its choice of URLs matches none */
    HAUL_BUDGET_STATES
};

/* How a budget was kept. */
struct haul_summary_budget {
    const char *expression; /* as given */
    enum haul_budget_state state;
    const char *note;      /* for people, or NULL: why unknown, what is left out */
    bool is_partial;       /* the run is not complete: the figure is the one so far */
    const char *unit;      /* "bytes", "URLs", "%" */
    double actual, limit;  /* in that unit; what it came to, or where that is not known, at least */
    double most;           /* what it may have come to; HUGE_VAL: there is no bound */
    const char **offender; /* the worst, or what is not known: "URL (size)" texts, not escaped */
    size_t offender_count;
    uint64_t offender_total; /* how many there are in all */
};

struct haul_summary {
    const char *title;   /* what the user calls it, or what was audited: a host, or "N hosts"; "" if
                            neither is known */
    bool is_titled;      /* it is the former */
    const char *version; /* of haul */
    int64_t started_us, duration_us;
    int64_t serial_us; /* the sum of the single times */
    int workers, streams;
    uint64_t minor;            /* what is no change by --change-min and --ignore-change */
    int exit_status;           /* as far as it is known when this is made */
    bool complete;             /* what it has not is gone (haul_inputs_are_complete) */
    struct haul_inputs inputs; /* how they have ended, which is a part of `complete` */
    uint64_t lines;
    uint64_t outcome[HAUL_OUTCOME_COUNT]; /* as the ledger has them (haul_summary_count) */
    uint64_t
        given_up; /* of those skipped: because their host was given up, so they count as failed */
    uint64_t disallowed; /* of those skipped: robots.txt does not allow them */
    int64_t size, wire;  /* sums: decoded; of what came on the wire, which of unchanged pages is
                              nothing */
    struct haul_summary_wire page_wire; /* what all pages take there */
    uint64_t wire_unknown;              /* ok pages of which that is not known */
    uint64_t size_unknown;              /* ok pages without a known size */

    bool has_before; /* there is an earlier complete run */
    int64_t before_started_us, before_size;
    uint64_t before_count, before_failed;
    int64_t compared_before, compared; /* sums of what is known in both runs, or is in one list
                                               only: what fails in one of them is in neither */
    int64_t compared_wire_before, compared_wire; /* the same two of bytes on the wire */
    uint64_t newly_known;                   /* pages that never had a size before: in neither */
    uint64_t change[HAUL_CHANGE_COUNT];     /* by kind */
    int64_t change_size[HAUL_CHANGE_COUNT]; /* bytes gained, negative: lost; FAILING: which they had
                                               when they were last fetched, not lost for good; WIRE:
                                               on the wire */
    struct haul_summary_mover *mover;       /* largest change first */
    size_t mover_count;

    uint64_t newly_failing;         /* that count as failed, and did not in the earlier run, or were
                                       not there; all that do without an earlier run */
    uint64_t still_failing;         /* the rest */
    int64_t still_failing_since_us; /* when the first of those began to; 0 if there is none */
    uint64_t added_failing;         /* of those that fail newly: they are ADDED, too */
    uint64_t newly_invalid;         /* lines that are no URLs, and were not there */
    uint64_t news_changes; /* of `change`: those of which the following are, listed or not */
    struct haul_summary_news *news; /* FAILING, RECOVERED, ADDED, GONE; of each the most first */
    size_t news_count;

    struct haul_summary_group *host, *type, *group;
    size_t host_count, type_count, group_count;
    const char *group_by;           /* as given, or NULL */
    struct haul_summary_page *page; /* largest first, at most HAUL_SUMMARY_PAGES_MAX */
    size_t page_count;
    struct haul_summary_page
        *failed; /* those that count as failed: HAUL_SUMMARY_PAGES_MAX at most */
    size_t failed_count;
    struct haul_summary_page *invalid; /* lines that are no URLs, so many at most */
    size_t invalid_count;
    struct haul_summary_bin *bin;
    size_t bin_count;
    struct haul_summary_past *past;
    size_t past_count;
    struct haul_summary_node *node;
    size_t node_count;
    struct haul_summary_slice *slice;
    size_t slice_count;
    struct haul_summary_budget *budget;
    size_t budget_count;

    struct haul_summary_block *memory; /* [private] */
};

enum {
    HAUL_SUMMARY_PAGES_MAX = 5000,
    HAUL_SUMMARY_GROUPS_MAX = 100,
    HAUL_SUMMARY_MOVERS_MAX = 100,
    HAUL_SUMMARY_NEWS_MAX = 10,        /* of each kind of change */
    HAUL_SUMMARY_TREE_TYPES = 7,       /* of haul_summary.type, that nodes tell apart */
    HAUL_SUMMARY_TREE_DIRECTORIES = 8, /* levels between a host and its leaves */
    HAUL_SUMMARY_TREE_PARTS = 4800, /* nodes that are no rest have so much of the whole, at least:
                                       of a drawing of 1000 by 480, 10 by 10 */
    HAUL_SUMMARY_NODES_MAX = 2 * (HAUL_SUMMARY_TREE_DIRECTORIES + 2) * HAUL_SUMMARY_TREE_PARTS,
    HAUL_SUMMARY_SLICES_MAX = 4000,
    HAUL_SUMMARY_PAST_MAX = 200
};

/* Makes an empty summary: texts are "" (`group_by` NULL), numbers 0, or -1 where that says unknown.
 * Allocates nothing. */
void haul_summary_init(struct haul_summary *summary);

/* Frees all that the summary owns; it is empty again, as haul_summary_init makes it. */
void haul_summary_done(struct haul_summary *summary);

/* How many URLs there were: lines without those that came again and those that are none. */
uint64_t haul_summary_urls(const struct haul_summary *summary);

/* Whether robots.txt allowed none of the URLs, so that nothing was measured. */
bool haul_summary_is_disallowed(const struct haul_summary *summary);

/* Whether there is nothing in it to be compared: nothing was found, or not before the run was
 * stopped or its input failed. */
bool haul_summary_is_bare(const struct haul_summary *summary);

/* How many URLs people are told to have ended so. FAILED: all that count as failures
 * (haul_outcome_is_failure); SKIPPED: only those that do not. */
uint64_t haul_summary_count(const struct haul_summary *summary, enum haul_outcome outcome);

/*
 * Memory that lives as long as the summary: a copy of `text`; `bytes` zeroed bytes, fit for any
 * type (0 bytes give a pointer, too). NULL: out of memory, nothing has changed. An array that has
 * become too small is simply taken anew: the old one stays until haul_summary_done.
 */
const char *haul_summary_keep(struct haul_summary *summary, const char *text);
void *haul_summary_alloc(struct haul_summary *summary, size_t bytes);

#endif
