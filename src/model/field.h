#ifndef HAUL_MODEL_FIELD_H
#define HAUL_MODEL_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/record.h"

/*
 * The fields of csv, tsv and jsonl: one list, in one order, for all three. Scripts may count
 * columns: a new field goes to the end.
 *
 * Names are those of curl's --write-out variables where curl has one, with curl's meaning. Times
 * are seconds with six decimals. Kinds:
 *
 *   TEXT     a string member, NULL: unknown
 *   SIZE     an int64_t member, negative: unknown
 *   TIME     an int64_t member in microseconds, negative: unknown
 *   COUNT    an unsigned or never negative number, always known
 *   NONZERO  the same, 0: none
 *   OTHER    computed, by a function of field.c
 */
#define HAUL_FIELDS(X)                                                                             \
    X(TEXT, url, url)                                                                              \
    X(OTHER, outcome, outcome)                                                                     \
    X(OTHER, reason, reason)                                                                       \
    X(NONZERO, http_code, http_code)                                                               \
    X(SIZE, size_body, size_body)                                                                  \
    X(SIZE, size_download, size_download)                                                          \
    X(SIZE, content_length, content_length)                                                        \
    X(TEXT, content_type, content_type)                                                            \
    X(TIME, time_total_us, time_total)                                                             \
    X(OTHER, speed_download, speed_download)                                                       \
    X(OTHER, verified, verified)                                                                   \
    X(OTHER, started, started)                                                                     \
    X(COUNT, attempts, attempts)                                                                   \
    X(OTHER, num_retries, num_retries)                                                             \
    X(TEXT, url_effective, url_effective)                                                          \
    X(COUNT, num_redirects, num_redirects)                                                         \
    X(TEXT, method, method)                                                                        \
    X(OTHER, scheme, scheme)                                                                       \
    X(TEXT, http_version, http_version)                                                            \
    X(TEXT, remote_ip, remote_ip)                                                                  \
    X(NONZERO, remote_port, remote_port)                                                           \
    X(COUNT, num_connects, num_connects)                                                           \
    X(COUNT, num_headers, num_headers)                                                             \
    X(SIZE, size_header, size_header)                                                              \
    X(SIZE, size_request, size_request)                                                            \
    X(TIME, time_namelookup_us, time_namelookup)                                                   \
    X(TIME, time_connect_us, time_connect)                                                         \
    X(TIME, time_appconnect_us, time_appconnect)                                                   \
    X(TIME, time_pretransfer_us, time_pretransfer)                                                 \
    X(TIME, time_starttransfer_us, time_starttransfer)                                             \
    X(TIME, time_redirect_us, time_redirect)                                                       \
    X(TIME, time_queue_us, time_queue)                                                             \
    X(TIME, time_parked_us, time_parked)                                                           \
    X(COUNT, ssl_verify_result, ssl_verify_result)                                                 \
    X(COUNT, exitcode, exitcode)                                                                   \
    X(TEXT, etag, etag)                                                                            \
    X(TEXT, last_modified, last_modified)                                                          \
    X(NONZERO, worker, worker)                                                                     \
    X(COUNT, line, line)                                                                           \
    X(TEXT, source, source)                                                                        \
    X(TEXT, errormsg, errormsg)                                                                    \
    X(OTHER, attached, attached)                                                                   \
    X(NONZERO, mirror, mirror)                                                                     \
    X(TEXT, size_method, size_method)                                                              \
    X(TEXT, filename_effective, filename_effective)                                                \
    X(TEXT, md5, md5)                                                                              \
    X(TEXT, sha1, sha1)                                                                            \
    X(TEXT, sha256, sha256)                                                                        \
    X(TEXT, sha512, sha512)                                                                        \
    X(TIME, time_elapsed_us, time_elapsed)

/* A value on its way into a cell. */
enum haul_value_kind {
    HAUL_VALUE_NONE,    /* unknown: empty cell, null */
    HAUL_VALUE_NUMBER,  /* number */
    HAUL_VALUE_SECONDS, /* number, in microseconds, to be written as seconds */
    HAUL_VALUE_BOOL,    /* number: 0 or 1 */
    HAUL_VALUE_TEXT,    /* text, unescaped, untrusted */
    HAUL_VALUE_PAIRS,   /* names and values, unescaped, untrusted */
};
struct haul_value {
    enum haul_value_kind kind;
    int64_t number;
    const char *text;                 /* points into the record, at a static string, or at `word` */
    size_t text_len;                  /* bytes */
    const struct haul_attached *pair; /* points into the record */
    size_t pair_count;
    char word[HAUL_REASON_WORD_MAX]; /* room for a text that had to be made */
};

struct haul_field {
    const char *name; /* without quotation marks; static */
    const char *key;  /* as JSON: `,"name":`; static */
    size_t key_len;   /* bytes */
    void (*get)(const struct haul_record *rec, struct haul_value *value);
};

extern const struct haul_field haul_fields[];
extern const size_t haul_field_count;

/* The field of that name; NULL: there is none. Pure. */
const struct haul_field *haul_field_find(struct haul_span name);

/*
 * What --fields may say: names of fields with commas between, none twice, and HAUL_FIELD_COLUMN
 * before the name of a column of the lists. NULL if `text` is such, or why it is not, static. Pure.
 */
#define HAUL_FIELD_COLUMN "col:"
const char *haul_fields_choice_check(const char *text);

/* Bytes that a NUMBER, SECONDS or BOOL may take when it is written. */
enum { HAUL_VALUE_NUMBER_MAX = 32 };

/*
 * Writes NUMBER, SECONDS or BOOL ("true", "false") in the form that all formats share, without a
 * NUL, to where there is room for HAUL_VALUE_NUMBER_MAX bytes. Returns where to go on.
 */
char *haul_value_put_number(char *to, const struct haul_value *value);

/* Appends the same. */
void haul_value_add_number(struct haul_buf *buf, const struct haul_value *value);

/*
 * Appends PAIRS as a JSON object whose values are strings, in the order of the record. `add_text`
 * writes the inside of a string.
 */
void haul_value_add_pairs(struct haul_buf *buf, const struct haul_value *value,
                          void (*add_text)(struct haul_buf *buf, const void *bytes, size_t len));

/*
 * Appends the cell of a table: a text or, for PAIRS, their JSON text as `escape` writes it, a
 * number as it is, nothing for NONE.
 */
void haul_value_add_cell(struct haul_buf *buf, const struct haul_value *value,
                         void (*escape)(struct haul_buf *buf, const void *bytes, size_t len));

#endif
