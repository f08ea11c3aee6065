#ifndef HAUL_JOURNAL_RESUME_H
#define HAUL_JOURNAL_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"
#include "haul/record.h"
#include "journal/key_reader.h"
#include "model/inputs.h"
#include "model/target.h"

/*
 * What one or several journals say is done: from a key and its occurrence to the newest record.
 *
 * Held in memory are 16 bytes a record, at most 20.5 with what growing and looking up need; the
 * records themselves stay in the files and are read when their row is due. The n-th occurrence of a
 * key belongs to its n-th record, so the order of the list and of the records does not matter.
 * Where several journals have it, the one that was begun last wins.
 *
 * A key in memory is a number that only this process can compute (model/key.h). Records of version
 * 1 get their key of today from their text as they are read; those whose text does not tell it,
 * because --redact has hidden some of it, are found by what they have if nothing else is.
 */
struct haul_resume;

enum {
    HAUL_RESUME_FILES_MAX = 1024,   /* journals */
    HAUL_RESUME_REPLACES_MAX = 2047 /* occurrences of one URL that can be tried again */
};

/* What was found while a journal was read. */
struct haul_resume_stats {
    uint64_t records;      /* sound ones */
    uint64_t headers;      /* runs begun */
    uint64_t ignored;      /* by the last of them (haul_journal_ignored) */
    bool ignored_varies;   /* an earlier one ignored something else */
    uint64_t keep;         /* bytes before a damaged last line; all of them if it is sound */
    uint64_t tail;         /* bytes of the damaged last line, 0: it is sound */
    uint64_t tail_line;    /* its number, 0: it is sound */
    uint64_t damaged;      /* damaged lines before the last one */
    uint64_t damaged_line; /* the number of the first of them, 0: none */
    bool has_attached;     /* perhaps a record has what lists attach; false: none has */
    bool is_closed;        /* the last sound line is a footer: the last run came to its end */
    uint64_t pending; /* if so: lines of that run that have no record, because it was stopped */
    struct haul_inputs inputs;      /* and how its inputs have ended, as line.h says */
    char title[HAUL_TITLE_MAX + 1]; /* of the last run (--title), or "" */
    int64_t first_ended_us; /* when the first run came to its end; 0: it was killed, or goes on */
};

/* Makes an empty one. HAUL_ERR_NOMEM. Freed with haul_resume_free, which closes no descriptor. */
HAUL_MUST_USE enum haul_err haul_resume_create(struct haul_resume **out);
void haul_resume_free(struct haul_resume *resume);

/*
 * Who wants to know which files the records name: gets each name as its record is read, with the
 * record's key, in the order of the journals. The name is lent for the call. What it returns, if it
 * is not HAUL_OK, ends the reading.
 */
struct haul_resume_names {
    enum haul_err (*take)(void *arg, const char *name,
                          const struct haul_key *key); /* or NULL: nobody */
    void *arg;
};

/* Before the first haul_resume_add. */
void haul_resume_set_names(struct haul_resume *resume, const struct haul_resume_names *names);

/*
 * Reads the journal `fd` (up to where it ends now) and adds its records; `fd` stays the caller's
 * and must stay open as long as records are read. Damage is skipped and told in `stats`. HAUL_OK;
 * HAUL_ERR_IO with errno; HAUL_ERR_RANGE: written by a later version of haul; HAUL_ERR_LIMIT: over
 * 1 TiB, or too many journals; HAUL_ERR_NOMEM. Blocks on the file.
 */
HAUL_MUST_USE enum haul_err haul_resume_add(struct haul_resume *resume, int fd,
                                            struct haul_resume_stats *stats);

/* Whether not all that was read was written with the --ignore-param of this configuration. */
bool haul_resume_ignores_other(const struct haul_resume_stats *stats,
                               const struct haul_config *config);

/*
 * After the last haul_resume_add, and before anything below: puts the records in order and lets
 * newer ones replace older ones. HAUL_ERR_IO with errno, HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_resume_settle(struct haul_resume *resume);

/* Records that count. */
uint64_t haul_resume_count(const struct haul_resume *resume);

/* Memory of the records and of what finds them, in bytes. */
size_t haul_resume_memory(const struct haul_resume *resume);

/* Where a record is. */
struct haul_resume_place {
    int fd;
    uint64_t offset;
    uint32_t occurrence; /* n: it is the n-th record of its key, from 1; 0: n is over
                            HAUL_RESUME_REPLACES_MAX */
    bool is_by_old;      /* found by an earlier version's key: not sure to be of that line */
    bool has_failed;     /* counts as a failure (haul_outcome_is_failure) */
    bool is_transient;   /* and may pass by itself */
};

/*
 * Takes the next record of a key: the first call for a key gives its first occurrence, the n-th the
 * n-th. Returns whether there was one. One thread at a time: the dispatcher.
 */
bool haul_resume_take(struct haul_resume *resume, const struct haul_key *key,
                      struct haul_resume_place *place);

/*
 * Reads the record at a place. Its strings are valid until the next call. HAUL_ERR_IO with errno
 * (0: the file has changed since), HAUL_ERR_NOMEM. The same thread.
 */
HAUL_MUST_USE enum haul_err haul_resume_read(struct haul_resume *resume,
                                             const struct haul_resume_place *place,
                                             struct haul_record *rec);

/*
 * Takes the next record of a line, and reads it: of those of its key the first one that is the
 * line's by its text, too (haul_key_reader_confirms), among HAUL_KEY_TRIES_MAX that are left. What
 * is another line's is left to that. HAUL_OK: `place` and `rec` are filled, as by
 * haul_resume_take and haul_resume_read; HAUL_ERR_END: there is none; else as haul_resume_read, and
 * what could not be read is taken.
 */
HAUL_MUST_USE enum haul_err haul_resume_take_line(struct haul_resume *resume,
                                                  const struct haul_key_line *line,
                                                  struct haul_resume_place *place,
                                                  struct haul_record *rec);

/*
 * Instead of taking: all records, one after the other; call it until HAUL_ERR_END. Begins by giving
 * up the keys: nothing can be taken any more. With `by_seq` they come in the order of the lists'
 * lines, else as they stand in the journals. *key is the record's. Errors as haul_resume_read.
 */
HAUL_MUST_USE enum haul_err haul_resume_walk(struct haul_resume *resume, bool by_seq);
HAUL_MUST_USE enum haul_err haul_resume_next(struct haul_resume *resume, struct haul_record *rec,
                                             struct haul_key *key);

/* Gives the key of such a record the 64 bits that version 1 had for it, if its text tells them: to
 * find it among records of that version. */
void haul_resume_find_old(struct haul_resume *resume, const struct haul_record *rec,
                          struct haul_key *key);

#endif
