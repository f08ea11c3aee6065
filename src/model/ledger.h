#ifndef HAUL_MODEL_LEDGER_H
#define HAUL_MODEL_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/record.h"

/*
 * The books of a run: what went in, what came out, and whether the two agree. Plain data, owned by
 * the collector until it ends and by main afterwards; all zero at first. All functions are pure.
 */
struct haul_ledger {
    uint64_t lines;                     /* input lines, as the input counted them */
    uint64_t rows;                      /* records, and lines that never got one */
    uint64_t count[HAUL_OUTCOME_COUNT]; /* records per outcome */
    uint64_t failed_transient;          /* failed, may pass by itself */
    uint64_t failed_permanent;          /* failed for good */
    uint64_t given_up;                  /* skipped, but counted as failed in the end */
    uint64_t disallowed;                /* skipped, because robots.txt does not allow it */
    int64_t wire_bytes;                 /* body bytes on the wire: ok and unchanged only */
    int64_t body_bytes;                 /* decoded body bytes: ok and unchanged only */
    int64_t unchanged_bytes;            /* of body_bytes: what was not sent again */
    int64_t announced_bytes; /* of body_bytes: what a server announced and did not send */
    int64_t failed_bytes;    /* body bytes on the wire of all other outcomes: error pages, parts */
    int64_t skipped_bytes;   /* of failed_bytes: what came before a file was found to be there */
    int64_t header_bytes;    /* of all records */
    int64_t time_us;         /* sum of the single times: one after the other */
};

/* Counts one record. Unknown sizes and times count as 0; sums stop at their largest value. */
void haul_ledger_add(struct haul_ledger *ledger, const struct haul_record *rec);

/* Counts `lines` more input lines. The input's own number, not one derived from records: comparing
 * the two is what the ledger is for. */
void haul_ledger_add_lines(struct haul_ledger *ledger, uint64_t lines);

/* Counts `lines` input lines that have no record because the run was stopped: as pending. */
void haul_ledger_add_pending(struct haul_ledger *ledger, uint64_t lines);

/* Whether lines = rows = the sum over all outcomes, and failed = transient + permanent. */
bool haul_ledger_balances(const struct haul_ledger *ledger);

/* Whether robots.txt allowed none of the URLs that there were, so that nothing was measured. */
bool haul_ledger_is_disallowed(const struct haul_ledger *ledger);

/* What the ledger cannot know. */
struct haul_ledger_flags {
    int signal;         /* number of the signal that ended the run, 0: none */
    bool usage;         /* wrong usage or configuration */
    bool report_failed; /* haul could not do its own work: report, journal, memory, disk */
    bool nothing_found; /* an input gave no URL, where that is an error */
    bool unread;        /* an input was not read to its end: what is behind is not known */
    bool budget;        /* a budget or threshold was exceeded */
    bool locked;        /* another run holds the lock */
};

/*
 * The exit status, in the order of precedence of haul/exit.h. INTERNAL: report_failed,
 * nothing_found, or the books do not balance; FAILED: a URL failed for good, or a line is invalid;
 * TEMPFAIL: passing failures, URLs of hosts that were given up, URLs still pending, or unread. A
 * run without any URL is OK, unless nothing_found or unread say that it is not.
 */
int haul_ledger_exit_status(const struct haul_ledger *ledger,
                            const struct haul_ledger_flags *flags);

/*
 * The summary for standard error, whole lines, no untrusted text: how long it took and how long it
 * would have taken one after the other; the equation of the books; the bytes. `elapsed_us` is the
 * wall time of the run; `stopped`: a signal ended it.
 */
void haul_ledger_summary(const struct haul_ledger *ledger, int64_t elapsed_us, bool stopped,
                         struct haul_buf *buf);

#endif
