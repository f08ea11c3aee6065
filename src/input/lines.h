#ifndef HAUL_INPUT_LINES_H
#define HAUL_INPUT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"
#include "haul/record.h"
#include "model/job.h"

/*
 * A plain list, cut into its lines: pure, fed with bytes in pieces of any size, the same entries
 * whatever the pieces are.
 *
 * One URL a line. Blank lines and lines whose first visible character is '#' are skipped, but
 * counted in line numbers. Spaces and tabs around a line, CR before the newline, a UTF-8 byte order
 * mark at the very start and a missing last newline are all fine. So is what cannot be seen around
 * a line (base/visible.h), but that is to be told (trims.h). A line is text and nothing else: one
 * that begins with '-' is no option.
 *
 * The order of calls: init; then, as often as there are bytes, haul_feed_add and next until
 * HAUL_ERR_END; then haul_feed_finish and next until HAUL_ERR_END; done. One thread at a time.
 */

enum {
    HAUL_LINE_MAX = HAUL_ENTRY_LINE_MAX, /* bytes of a line, its CR LF not counted */
    HAUL_LINE_EXCERPT_MAX = 200          /* bytes that are kept of a line longer than that */
};

/* One line that asks for something. */
struct haul_list_entry {
    const char *source;      /* the list's name as configured ("-": standard input), NULL: the
                                command line; lives as long as the configuration. Of a sitemap:
                                its own name, which lives as long as the walk (walk.h) */
    uint64_t line;           /* line number in the source, from 1 */
    const char *text;        /* the trimmed line, NOT terminated, valid until the next call */
    size_t len;              /* bytes of text, 0..HAUL_LINE_MAX */
    enum haul_reason reason; /* NONE: text may be a URL; CONTROL_CHARACTER: text holds NUL or
                                another byte below 0x20, or 0x7f; LINE_TOO_LONG: text is the
                                beginning only, at most HAUL_LINE_EXCERPT_MAX bytes; BAD_ENTRY:
                                `problem` says what is wrong; of a sitemap also BAD_URL,
                                OTHER_HOST */
    bool is_indented;        /* the line began with a space or a tab */
    enum haul_named_by named_by;
    const struct haul_redactor_secrets *given; /* of a sitemap from the network: as a job has it;
                                                  or NULL */
    uint32_t trimmed;       /* a character that cannot be seen, the first of those that stood
                                around the text, or around a mirror, and were left out; 0: there
                                was none */
    struct haul_span whole; /* of haul_lines_next and haul_lines_classify only: the text with them;
                                valid as the text */

    /* of aria2_list.h and table.h; valid until the next call */
    const struct haul_entry_options *options; /* what else was said, but for mirrors; or NULL */
    const char *const *mirror; /* other URLs for the same thing, not parsed, terminated */
    size_t mirror_count;
    const char *problem; /* of BAD_ENTRY, and where a reason does not say all, for people: not
                            escaped, no credentials; else NULL */
};

/* What a reader of lines or tables (csv.h) is fed with. */
struct haul_feed {
    const char *at, *end; /* the bytes fed and not yet looked at; the feeder's */
    uint64_t line;        /* lines begun so far */
    bool finished;        /* no more bytes will come */
};

/*
 * Gives the next `len` bytes. They stay the caller's, are not copied, and must stay unchanged until
 * the reader has returned HAUL_ERR_END; only then may more be fed.
 */
void haul_feed_add(struct haul_feed *feed, const char *bytes, size_t len);

/* Says that no more bytes will come: the last line needs no newline. */
void haul_feed_finish(struct haul_feed *feed);

struct haul_lines {
    struct haul_feed feed;
    size_t max;           /* bytes of a line that are looked at */
    struct haul_buf held; /* the beginning of a line that runs on into the next piece */
    bool spans;           /* unless spent: a line is open, its beginning is in held */
    bool spent;           /* held was handed out by the last call */
};

/* Makes a splitter that has seen nothing. Allocates nothing. */
void haul_lines_init(struct haul_lines *lines);

/* Sets another limit than HAUL_LINE_MAX, before the first byte, for haul_lines_take. */
void haul_lines_limit(struct haul_lines *lines, size_t max);

/* Frees what is held. The splitter may be used again after haul_lines_init. */
void haul_lines_done(struct haul_lines *lines);

/*
 * Gives the next entry of what has been fed, with `source` NULL. Allocates only to hold a line that
 * runs on, at most HAUL_LINE_MAX + 1 bytes, however long that line is.
 *
 * HAUL_OK: `out` is filled. HAUL_ERR_END: more bytes are needed (or, after finish, this was all).
 * HAUL_ERR_NOMEM: the splitter can only be done away with.
 */
enum haul_err haul_lines_next(struct haul_lines *lines, struct haul_list_entry *out) HAUL_MUST_USE;

/*
 * Gives the next line as it is, without its newline and the byte order mark, valid until the next
 * call and as long as the bytes that were fed. One that is longer than the limit may be cut, but
 * not to less than the limit and another byte. Errors as haul_lines_next.
 */
enum haul_err haul_lines_take(struct haul_lines *lines, struct haul_span *line) HAUL_MUST_USE;

/*
 * Makes an entry of one whole line given without its newline: what an argument of the command line
 * goes through. Fills text, len and reason; `text` points into `line`. Returns false if the line is
 * blank or a comment (then the entry is filled all the same).
 */
bool haul_lines_classify(const char *line, size_t len, struct haul_list_entry *out);

#endif
