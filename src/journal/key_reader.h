#ifndef HAUL_JOURNAL_KEY_READER_H
#define HAUL_JOURNAL_KEY_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "haul/record.h"
#include "haul/values.h"
#include "model/key.h"
#include "model/redactor.h"

/*
 * Keys from the text that records show: what a list said, without userinfo and what --redact hides.
 *
 * For records of version 1, which have 64 bits only: where these are what the text makes, the text
 * is the whole of it, and has a key of today (haul_key_reader_renew). So two URLs for which
 * somebody has found the same 64 bits are two. And for records of any version, to be sure that what
 * was found by a key is of the line that it is taken for (haul_key_reader_confirms).
 *
 * One thread at a time. All zero is one that knows no rules.
 */
enum {
    HAUL_KEY_RULES_MAX = 16,
    HAUL_KEY_TRIES_MAX = 64 /* records of one key that are compared with one line, at most: who
                               makes URLs with one key makes many */
};

struct haul_key_reader {
    struct haul_url_parser *urls;                  /* or NULL: it was not needed */
    struct haul_strings rules[HAUL_KEY_RULES_MAX]; /* of --ignore-param; the reader's. The first
                                                      are those that were noted last */
    void *text[HAUL_KEY_RULES_MAX];                /* where the rules stand (a json_t) */
    size_t rules_count;
};

/* Frees what it holds; it knows no rules then. */
void haul_key_reader_done(struct haul_key_reader *reader);

/*
 * Notes the --ignore-param of a run, as its options say (haul_journal_add_options, whole or in the
 * line of a header): before the records of the run, and runs in the order in which they were begun.
 * So each record is tried with the rules of its own run first, and then with those of the runs
 * before it. Of more than HAUL_KEY_RULES_MAX different ones the latest are known, for what was
 * written last is what is asked for; records that need others keep what they have. What is no such
 * text is left out. Without memory, too.
 */
void haul_key_reader_note_rules(struct haul_key_reader *reader, const char *options, size_t len);

/* Gives the key of a record of version 1 its 128 bits, if its text tells them: else it stays as it
 * is. */
void haul_key_reader_renew(struct haul_key_reader *reader, const struct haul_record *rec,
                           struct haul_key *key);

/* The other way round: gives the key of a record of today the 64 bits that version 1 had for it, if
 * its text tells them. */
void haul_key_reader_find_old(struct haul_key_reader *reader, const struct haul_record *rec,
                              struct haul_key *key);

/* What makes no difference between two URLs today, and what is not shown of them. Lent. */
struct haul_key_today {
    const struct haul_strings *ignored;   /* --ignore-param; NULL: none */
    const struct haul_redactor *redactor; /* --redact; NULL: none */
};

/*
 * Appends the form in which texts of different runs are compared: the URL as it is requested,
 * without what is ignored today, and with hidden what is hidden today. A text that is no URL stays
 * as it is but for that. Failure is the sticky error of `form`.
 */
void haul_key_reader_add_form(struct haul_key_reader *reader, const struct haul_key_today *today,
                              const char *text, struct haul_buf *form);

/*
 * Whether two texts, each as some run has shown it, may be of one URL: their forms are alike, where
 * each "***" may stand for anything. So the text of an earlier run is one's own, however it was
 * spelled then, whatever its parameters that are ignored were, and however much of it is hidden now
 * or was hidden then. Without memory they are not.
 */
bool haul_key_reader_is_alike(struct haul_key_reader *reader, const struct haul_key_today *today,
                              const char *one, const char *other);

/* The line for which a record was found. */
struct haul_key_line {
    struct haul_key key; /* whole */
    const char *shown;   /* as reports show it today */
    struct haul_key_today today;
};

/*
 * Whether the text of a record is of that line: it is shown alike, or has the key of it. What
 * --redact has hidden in it, perhaps with other rules than today's, tells nothing: then it is, if
 * all of its key was found; by 64 bits alone, if the rest of the text is
 * (haul_key_reader_is_alike).
 */
bool haul_key_reader_confirms(struct haul_key_reader *reader, const struct haul_record *rec,
                              bool is_by_old, const struct haul_key_line *line);

#endif
