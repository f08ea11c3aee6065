#ifndef HAUL_JOURNAL_LINE_H
#define HAUL_JOURNAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/record.h"
#include "model/inputs.h"
#include "model/key.h"
#include "model/ledger.h"

/*
 * One line of a journal: what it looks like, and how it is read. Pure, any thread.
 *
 * A journal is JSON Lines (one object a line, RFC 8259). Each run begins with a header and ends, if
 * it is not killed, with a footer; in between stands one record for every URL that is done:
 *
 *     {"journal":2,"haul":"0.1.0","libcurl":"7.88.1","started":...,"options":{...},"crc":"..."}
 *     {"key":"1f...","seq":0,"outcome":"ok","url":"http://...",...,"crc":"89abcdef"}
 *     {"footer":2,"ended":...,"status":0,"lines":1,"ok":1,...,"crc":"..."}
 *
 * Records have the fields of model/field.h with the same names, except those that are computed
 * from others and those that are unknown; and these of their own:
 *
 *   key       32 hexadecimal digits (model/key.h); 16, as in version 1, if what it replaces has
 *             such a one and its text does not tell the whole (key_reader.h)
 *   seq       position among the input lines of the run that wrote it, from 0
 *   replaces  n: this takes the place of the n-th record with this key (--retry-failed)
 *   entry       how a list asks for it again (report/entry_text.h), of what has not ended well
 *   url_place   of a row of a table: the number of the column of its URL, from 1
 *   url_column  and the name of that, if it has one
 *   crc       CRC-32 (as zlib's, 8 hexadecimal digits) of the line up to the comma before "crc"
 *
 * The first fields always come in the order key, seq, outcome, reason, replaces, so that a line can
 * be sorted without reading the rest of it. In strings a backslash stands for itself as `\\`, and a
 * byte that is no UTF-8 as `\xNN` (both inside the value, on top of JSON's own escapes): the bytes
 * that a server sent come back as they were.
 *
 * A line that haul wrote is believed if its checksum is right. A line without checksum, from
 * another program's hands, is read by a full JSON parser; one with a wrong checksum is damaged.
 *
 * Version 1 had keys of 16 digits, and no other difference. Its journals are read, and gone on
 * with: the header of each run says what the lines behind it are.
 */
enum { HAUL_JOURNAL_VERSION = 2, HAUL_JOURNAL_LINE_MAX = 8 << 20 };

enum haul_journal_kind { HAUL_JOURNAL_RECORD, HAUL_JOURNAL_HEADER, HAUL_JOURNAL_FOOTER };

/* What the beginning of a line says. What is not marked otherwise is of records only. */
struct haul_journal_mark {
    enum haul_journal_kind kind;
    int version;               /* of a header */
    uint64_t pending;          /* of a footer: lines of the run that have no record */
    struct haul_inputs inputs; /* of a footer, but nothing_found, which the records tell */
    int64_t
        ended_us; /* of a footer: when the run came to its end, whole milliseconds; 0: unknown */
    struct haul_key key; /* `old` or the others: what the line has */
    uint64_t seq;
    uint32_t replaces; /* 0: none */
    enum haul_outcome outcome;
    bool has_failed;   /* counts as a failure (haul_outcome_is_failure) */
    bool is_transient; /* and may pass by itself (haul_record_is_transient) */
};

/*
 * Appends the line of a record, with its newline. A line never exceeds HAUL_JOURNAL_LINE_MAX as
 * long as the record's strings are within haul's own limits; a longer one would not be read again.
 */
void haul_journal_add_record(struct haul_buf *buf, const struct haul_record *rec,
                             const struct haul_key *key, uint32_t replaces);

/* What a header says of a run. Strings must hold no secrets. */
struct haul_journal_head {
    const char *version; /* haul's own */
    const char *libcurl; /* its version */
    int64_t started_us;  /* microseconds since 1970 (UTC) */
    long pid;
    bool resumed;        /* the journal had records before */
    const char *options; /* a JSON object, complete (haul_journal_add_options) */
};
void haul_journal_add_header(struct haul_buf *buf, const struct haul_journal_head *head);

/*
 * Appends, as one JSON object, the options that decide what a run's results are: what is asked for,
 * how, and what counts as ok; and the run's title, if it has one. Secrets stay out: of header
 * fields only the names, of credentials and proxies only that there are some, of URLs on the
 * command line only how many.
 */
void haul_journal_add_options(struct haul_buf *buf, const struct haul_config *config);

/*
 * Whether these bytes, which no newline ends, can be what a killed run left of a journal's first
 * line: the beginning of a header as haul writes it. False for none at all.
 */
bool haul_journal_is_torn_header(const char *bytes, size_t len);

/* Whether a line that is not sound begins as a header does that haul has written. */
bool haul_journal_begins_as_header(const char *line, size_t len);

/*
 * What a header says of --ignore-param, in one number that does not depend on the order: 0 if there
 * was none. And what the header of a run with this configuration says. Runs of one journal whose
 * numbers differ do not find each other's records of URLs that have such a parameter.
 */
uint64_t haul_journal_ignored(const char *header, size_t len);
uint64_t haul_journal_ignored_now(const struct haul_config *config);

/* Appends the line that ends a run: the ledger, how the inputs have ended, when, and the exit
 * status. Earlier versions said nothing of the inputs: they are then read as if all was well. */
void haul_journal_add_footer(struct haul_buf *buf, const struct haul_ledger *ledger,
                             const struct haul_inputs *inputs, int64_t ended_us, int status);

/*
 * Checks one line, `len` bytes without the newline, and reads its beginning. Cheap for lines that
 * haul wrote. HAUL_OK: the line is sound and `mark` is filled; if haul wrote it, or it has no
 * checksum, haul_journal_parse will not fail on it but for want of memory. HAUL_ERR_SYNTAX: it is
 * not a line of a journal, or is damaged. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_journal_peek(const char *line, size_t len,
                                              struct haul_journal_mark *mark);

/* Reads whole records; keeps its memory from one to the next. One thread at a time. */
struct haul_journal_parser {
    struct haul_buf text;     /* the strings of the last record */
    struct haul_buf attached; /* its struct haul_attached, one after the other */
    struct haul_tried tried[HAUL_TRIED_MAX];
};
void haul_journal_parser_init(struct haul_journal_parser *parser);
void haul_journal_parser_done(struct haul_journal_parser *parser);

/*
 * Reads a record from a line that haul_journal_peek has accepted as one. What `rec` points to
 * belongs to the parser until its next call, but `method`, `size_method` and `http_version`, which
 * are static. What the line does not say is as haul_record_init makes it; a reason that this
 * version does not know is INTERNAL. HAUL_ERR_SYNTAX: not a record; HAUL_ERR_NOMEM; `rec` is of no
 * use then.
 */
HAUL_MUST_USE enum haul_err haul_journal_parse(struct haul_journal_parser *parser, const char *line,
                                               size_t len, struct haul_record *rec);

/*
 * Reads of such a line nothing but filename_effective, which is quicker: *name, NULL if it has
 * none, belongs to the parser until its next call. HAUL_ERR_SYNTAX, HAUL_ERR_NOMEM as above.
 */
HAUL_MUST_USE enum haul_err haul_journal_parse_name(struct haul_journal_parser *parser,
                                                    const char *line, size_t len,
                                                    const char **name);

#endif
