#ifndef HAUL_JOURNAL_LINE_INSIDE_H
#define HAUL_JOURNAL_LINE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "haul/record.h"
#include "journal/line.h"

/*
 * What the writing (line.c) and the reading (parse.c, and foreign.c below it) of a journal's lines
 * share. Nobody else includes it.
 */

enum { HAUL_LINE_KEY_DIGITS = 32, HAUL_LINE_OLD_KEY_DIGITS = 16, HAUL_LINE_CRC_DIGITS = 8 };

/* What stands between the values of a line's fixed parts. */
#define HAUL_LINE_HEADER "{\"journal\":"
#define HAUL_LINE_FOOTER "{\"footer\":"
#define HAUL_LINE_KEY "{\"key\":\""
#define HAUL_LINE_SEQ "\",\"seq\":"
#define HAUL_LINE_OUTCOME ",\"outcome\":\""
#define HAUL_LINE_REASON ",\"reason\":\""
#define HAUL_LINE_REPLACES ",\"replaces\":"
#define HAUL_LINE_ENDED ",\"ended\":\""
#define HAUL_LINE_PENDING ",\"pending\":"
#define HAUL_LINE_UNREAD ",\"unread\":"
#define HAUL_LINE_EMPTY ",\"empty_inputs\":"
#define HAUL_LINE_EMPTY_ERROR ",\"empty_is_error\":"
#define HAUL_LINE_TRIED ",\"tried\":["
#define HAUL_LINE_TRIED_AT "{\"at\":"
#define HAUL_LINE_TRIED_TOOK ",\"took\":"
#define HAUL_LINE_TRIED_WORKER ",\"worker\":"
#define HAUL_LINE_ENTRY ",\"entry\":\""
#define HAUL_LINE_URL_PLACE ",\"url_place\":"
#define HAUL_LINE_URL_COLUMN ",\"url_column\":\""
#define HAUL_LINE_CRC ",\"crc\":\""

/* Appends what a footer says of the inputs. */
void haul_line_add_inputs(struct haul_buf *buf, const struct haul_inputs *inputs);

/* How a field of model/field.h is written into a line and read from it. */
enum haul_line_kind {
    HAUL_LINE_TEXT,
    HAUL_LINE_NUMBER,
    HAUL_LINE_TIME,
    HAUL_LINE_LEFT_OUT, /* stands in the fixed beginning, or is computed from others */
    HAUL_LINE_VERIFIED,
    HAUL_LINE_STARTED,
    HAUL_LINE_ATTACHED
};

/*
 * The value of a field that is not in a line. Some fields have the same value in most records, a
 * quarter of a line in all, and are left out then. Where a missing field does not mean "unknown",
 * and the value is unknown, the line says null.
 */
enum haul_line_absent {
    HAUL_LINE_UNKNOWN,
    HAUL_LINE_ZERO,
    HAUL_LINE_ZERO_IF_TRIED, /* 0 if there was an attempt, else unknown */
    HAUL_LINE_URL_IF_TRIED,  /* the record's url, likewise */
    HAUL_LINE_TOTAL_IF_ONCE  /* its time_total if there was one attempt, else unknown */
};

/*
 * One for each of haul_fields, in the same order; `attempts` stands before all that depend on it.
 */
struct haul_line_field {
    enum haul_line_kind kind;
    size_t offset, size; /* of the record's member, in bytes */
    enum haul_line_absent absent;
};
extern const struct haul_line_field haul_line_fields[];

/* Reads the word of an outcome. Returns whether it is one. */
bool haul_line_read_outcome(struct haul_span word, enum haul_outcome *outcome);

/* Reads a reason's word; "http-503" sets the status, too. One of a later version is INTERNAL. */
void haul_line_read_reason(struct haul_span word, struct haul_record *rec);

/* Text that is read from left to right. Once something does not fit, `fits` stays false. */
struct haul_line_reader {
    const char *at, *end;
    bool fits;
};

/* Skips a text that may follow. Returns whether it did. `fits` does not change. */
bool haul_line_skip(struct haul_line_reader *reader, const char *text, size_t len);
#define HAUL_LINE_SKIP(reader, literal) haul_line_skip(reader, literal, sizeof literal - 1)
#define HAUL_LINE_REQUIRE(reader, literal) ((reader)->fits = HAUL_LINE_SKIP(reader, literal))

/*
 * Read a number of so many lower-case hexadecimal digits; a number of one or more decimal digits; a
 * word up to the next quotation mark, which is skipped (words of haul's own have no escapes). What
 * does not fit is 0 or empty.
 */
uint64_t haul_line_read_hex(struct haul_line_reader *reader, int digits);
uint64_t haul_line_read_number(struct haul_line_reader *reader);
struct haul_span haul_line_read_word(struct haul_line_reader *reader);

/* Appends a string as JSON has it, with its quotation marks. */
void haul_line_add_json(struct haul_buf *buf, const char *text, size_t len);

/* CRC-32 as zlib's. */
uint32_t haul_line_checksum(const char *bytes, size_t len);

/*
 * Looks at a line's checksum. HAUL_OK: it is right; `reader` begins at the line's start and ends
 * where the checksum's own field begins. HAUL_ERR_SYNTAX: it is wrong. HAUL_ERR_END: there is none.
 */
HAUL_MUST_USE enum haul_err haul_line_check(const char *line, size_t len,
                                            struct haul_line_reader *reader);

/*
 * Appends to `to` the line of any program in haul's own form, up to where a checksum would begin.
 * `is_checked`: its checksum was found right; else it must not say that it has one: it would not be
 * where haul writes it. HAUL_ERR_SYNTAX: it does, or is no JSON object; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_line_rewrite(const char *line, size_t len, bool is_checked,
                                              struct haul_buf *to);

#endif
