#ifndef HAUL_SINK_WARC_FILE_H
#define HAUL_SINK_WARC_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/keyset.h"
#include "base/owned.h"
#include "base/spool.h"
#include "haul/config.h"
#include "haul/err.h"
#include "sink/appender.h"
#include "sink/packer.h"
#include "sink/press.h"

/*
 * The web archive of a run (--warc), being written: workers make parcels of exchanges
 * (sink/capture.h), and one thread appends them here, before their job is written down.
 *
 * It is a row of files (model/warc_row.h). Each begins with a warcinfo record, and when one has
 * --warc-size bytes the next is begun; what belongs to one job is never divided. The last record of
 * a job has the job's key in its mark (sink/packer.h), and the first of a file haul_warc_begin: so
 * a run that goes on knows what is there, and where the last whole job ends, by the marks alone.
 *
 * A payload that is there already, from this run or an earlier one, is not written again: a revisit
 * refers to it. Of each payload, 20 to 40 bytes are in memory: where its record is, which is looked
 * at to make sure that its digest is the same; the heads of up to 4,096 such records, too. The same
 * 20 to 40 bytes for the key of each job of earlier runs.
 *
 * Main opens it before there are threads, and closes it; add is the collector's. `known` is
 * constant. The number of its descriptor never changes, so that any thread may sync it.
 */
extern const struct haul_key haul_warc_begin;

struct haul_warc_original {
    uint64_t place;       /* of a record */
    struct haul_buf head; /* of that; empty: this is of none */
};

struct haul_warc {
    const struct haul_config *config; /* [const] */
    struct haul_appender file;        /* the one that grows */
    struct haul_buf path;             /* of that */
    unsigned number;                  /* of that */
    bool has_begun;                   /* it has its warcinfo */
    struct haul_keyset *known;        /* [const after open] keys of jobs that are there, or NULL */
    struct haul_keyset *seen;         /* where a payload is, by its tag */
    struct haul_warc_original *originals; /* some that were referred to lately, or NULL */
    struct haul_buf gathered;             /* records of a job that are to be written together */
    struct haul_press press;              /* the collector's */
    struct haul_packer packer;            /* for warcinfo and revisits */
};

/*
 * Opens the archive that `config` names; going on as haul_archive_open does, with the same errors
 * and messages. To be closed whatever is returned.
 */
HAUL_MUST_USE enum haul_err haul_warc_open(struct haul_warc *warc, const struct haul_config *config,
                                           struct haul_buf *message);
void haul_warc_close(struct haul_warc *warc);

/*
 * Appends the parcels of one job, whose key is that; they stay the caller's. Returns 0 or an errno;
 * then none of them is there, unless file.error is set (haul_appender_add).
 */
int haul_warc_add(struct haul_warc *warc, struct haul_parcel *parcels, const struct haul_key *key);

/* Sees to it that the archive is one, if nothing was appended. Once, after the last job. Returns 0
 * or an errno. */
int haul_warc_finish(struct haul_warc *warc);

/* Whether an earlier run has archived a job of that key; by what an earlier version had of it, if
 * that is what is known. Any thread. */
bool haul_warc_has(const struct haul_warc *warc, const struct haul_key *key);

/* How a file of the row is opened that is only read. */
extern const struct haul_owned_how haul_warc_earlier;

/* ---- warc_revisit.c ---- */

/* The revisit that may stand for a response, the caller's; NULL: the response itself is to be
 * written. Blocks on the files. */
struct haul_parcel *haul_warc_make_revisit(struct haul_warc *warc,
                                           const struct haul_parcel *response);
void haul_warc_forget_originals(struct haul_warc *warc);

/* ---- warc_scan.c ---- */

enum haul_warc_state { HAUL_WARC_WHOLE, HAUL_WARC_TORN, HAUL_WARC_DAMAGED, HAUL_WARC_FOREIGN };

/* A payload's place: in which file, and where its record begins. */
uint64_t haul_warc_place(unsigned number, int64_t at);

/* Payloads of one job. They can be referred to once all of it is in the file: what is torn is cut
 * off, and other records take its place. */
enum { HAUL_WARC_PAYLOADS_MAX = 64 };
struct haul_warc_payloads {
    uint64_t tag[HAUL_WARC_PAYLOADS_MAX], place[HAUL_WARC_PAYLOADS_MAX];
    size_t count;
};

/* Notes one, unless there is no more room; tag 0 is none. */
void haul_warc_note_payload(struct haul_warc_payloads *payloads, uint64_t tag, uint64_t place);

/* Enters them in `seen`; those that are there already stay as they are. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_warc_take_payloads(struct haul_warc *warc,
                                                    const struct haul_warc_payloads *payloads);

/*
 * Reads the marks of one file of `size` bytes into `known` and `seen`. *keep: the bytes up to the
 * end of the last whole job before any fault. HAUL_ERR_IO with errno, HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_warc_scan(struct haul_warc *warc, int fd, int64_t size,
                                           unsigned number, enum haul_warc_state *state,
                                           int64_t *keep);

/*
 * Reads the head of the record that begins there into `head` (emptied). Returns 0 or an errno.
 * Blocks on the file.
 */
int haul_warc_read_head(int fd, int64_t at, struct haul_buf *head);

#endif
