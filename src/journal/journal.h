#ifndef HAUL_JOURNAL_JOURNAL_H
#define HAUL_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"
#include "haul/record.h"
#include "journal/line.h"
#include "journal/resume.h"
#include "journal/syncer.h"
#include "model/ledger.h"

/*
 * The journal of a run, being written: what is done, before anything is said to be done.
 *
 * Lines are gathered by haul_journal_add and go out with haul_journal_flush, whole lines in one
 * write(2), appended (O_APPEND). If the system takes only a part, the rest follows; if it then
 * refuses the rest, the file is cut back to the last whole line. So at any moment the file is a
 * sequence of whole lines, with at most one torn line at its end if the process or the machine
 * died in between, and haul_journal_open cuts that off.
 *
 * Errors are sticky: after one nothing is written any more and every call returns it. A failed
 * fdatasync is not tried again (syncer.h says why).
 *
 * One thread at a time: main makes it, the collector uses it, and main finishes it when the
 * collector was joined. Its syncs may come from a thread of its own (syncer.h).
 */
struct haul_journal;

enum haul_journal_resume {
    HAUL_JOURNAL_NEW,    /* the file must be empty, or not be there */
    HAUL_JOURNAL_RESUME, /* go on with what is there, which may be nothing */
    HAUL_JOURNAL_FORCE   /* the same, damaged lines in the middle are skipped */
};

struct haul_journal_options {
    const char *path;
    enum haul_journal_resume resume;
    int64_t sync_us; /* fdatasync at most so often, in microseconds, by a thread of its own
                        (syncer.h); 0: after every write, before the flush returns; negative:
                        never */
    struct haul_resume_names names;   /* who wants to know the names in it, when resuming */
    struct haul_syncer_first first;   /* what the records speak of; made safe before each sync */
    const struct haul_config *config; /* for the header */
    const char *version, *libcurl;    /* for the header */
};

/* A default for sync_us: what a crash of the machine (not of haul) may lose. */
enum { HAUL_JOURNAL_SYNC_US = 1000000 };

/*
 * Opens or creates the journal, locks it (flock(2); the kernel lets go of it when the process ends,
 * however it ends), reads what is to be resumed, cuts off a damaged last line, and writes the
 * header. On success *out and, when resuming, *resume are the caller's (else *resume is NULL);
 * *resume must be freed first, because it reads from the journal's descriptor.
 *
 * `message` gets one line without newline on failure, and may get some on success, separated by
 * newlines: what was cut off, what was skipped, that it was written with another --ignore-param.
 * Names in it are not escaped.
 *
 * HAUL_ERR_LOCKED: another run has it. HAUL_ERR_USAGE: it holds something and is not to be resumed;
 * it is no journal (haul_journal_scan_is_own), and nothing in it was changed; it is damaged in
 * the middle; it is no regular file (unless new) or a symbolic link.
 * HAUL_ERR_IO, HAUL_ERR_NOMEM. A file that was created stays in all cases.
 */
HAUL_MUST_USE enum haul_err haul_journal_open(const struct haul_journal_options *options,
                                              struct haul_journal **out,
                                              struct haul_resume **resume,
                                              struct haul_buf *message);

/* The warning of a journal whose runs did not have the same --ignore-param. Static. */
extern const char haul_journal_other_ignored[];

/* Closes it, and so unlocks it; lines that were not flushed are dropped. NULL is fine. */
void haul_journal_free(struct haul_journal *journal);

/*
 * Adds a record; nothing of it is kept. A `pending` one is left out: it is not done. `replaces`: n,
 * if it replaces the n-th record with that key (haul_resume_place.occurrence), else 0.
 * May write, when much has gathered. The error, or HAUL_OK.
 */
HAUL_MUST_USE enum haul_err haul_journal_add(struct haul_journal *journal,
                                             const struct haul_record *rec,
                                             const struct haul_key *key, uint32_t replaces);

/*
 * Writes what was added, and sees to it that it is synced. Call it before the records are shown.
 * The error may be that of an earlier sync.
 */
HAUL_MUST_USE enum haul_err haul_journal_flush(struct haul_journal *journal);

/* Writes the footer and syncs, unless that is never done. Once, at the end. */
HAUL_MUST_USE enum haul_err haul_journal_finish(struct haul_journal *journal,
                                                const struct haul_ledger *ledger,
                                                const struct haul_inputs *inputs, int status);

/* The errno behind HAUL_ERR_IO, or 0. */
int haul_journal_errno(const struct haul_journal *journal);

/* Bytes in the file. */
uint64_t haul_journal_size(const struct haul_journal *journal);

#endif
