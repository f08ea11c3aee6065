#ifndef HAUL_BASE_ESCAPE_H
#define HAUL_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Untrusted text on its way out: one function per place where it may end up.
 *
 * All of them append to `buf` what stands for the `len` bytes at `bytes` (which may hold anything,
 * NULs too; NULL is allowed when len is 0), allocate nothing else, and report failure only through
 * the buffer's sticky error. Pure: any thread, no locale, no state.
 *
 * "Plain" below is: a printable ASCII character, or a code point in well-formed UTF-8 (Unicode
 * table 3-7: no overlong form, no surrogate, nothing above U+10FFFF) that is none of: a control
 * (C0, DEL, C1), a line or paragraph separator, a bidirectional control, another invisible format
 * character (zero width space and joiners, soft hyphen, byte order mark, tags), a noncharacter.
 * A byte that is not part of a plain character is written as \xNN, two lower-case digits, unless
 * said otherwise; so everything written is well-formed UTF-8.
 */

/*
 * For a terminal, a log, a message. With `utf8` false only printable ASCII is written as it is.
 * A backslash becomes two, so that the text can be read back, and what a CI system would take for a
 * command in its log (base/ci.h) is no command any more, but in front of a line. No more than
 * `max_width` columns are written (0: no limit): text that is longer ends in "..." (one "…" with
 * `utf8`) and no escape is cut in half. Returns the columns written: East Asian wide characters
 * count two, all others one, combining marks too, so that the limit also bounds the bytes (4 per
 * column).
 */
size_t haul_escape_terminal(struct haul_buf *buf, const void *bytes, size_t len, bool utf8,
                            size_t max_width);

/* The same, but what is too long loses its middle: the beginning and the end of a URL say more. */
size_t haul_escape_terminal_middle(struct haul_buf *buf, const void *bytes, size_t len, bool utf8,
                                   size_t max_width);

/* One TSV cell: \t \n \r \\ and \xNN; never a TAB, a line end or anything that some reader takes
 * for one. */
void haul_escape_tsv(struct haul_buf *buf, const void *bytes, size_t len);

/* The way back, in place. What haul_escape_tsv would not write stands for itself. */
void haul_escape_undo_tsv(char *cell);

/*
 * One CSV cell (RFC 4180), quoted where it holds what separates cells or rows anywhere: a comma, a
 * semicolon, a TAB, a quotation mark, a line end, a space at its end. Inside, all of these and a
 * backslash stand for themselves, so a row may be several lines. Other bytes that are not plain are
 * written as \xNN, which cannot be told from a text that held these four characters: CSV has no
 * escapes. A cell whose first character other than a space is one of = + - @ TAB CR LF (or the
 * full-width form of the first four) gets a leading apostrophe, so that no spreadsheet runs it
 * (CWE-1236), and so does one that has apostrophes before that.
 */
void haul_escape_csv(struct haul_buf *buf, const void *bytes, size_t len);

/* Whether a cell begins with an apostrophe that haul_escape_csv would have written. */
bool haul_escape_has_apostrophe(const char *cell);

/*
 * The inside of a JSON string (RFC 8259); the caller writes the quotation marks. Plain characters
 * stay, `"` and `\` get a backslash, well-formed but not plain code points become \uXXXX (a
 * surrogate pair above U+FFFF). A byte that is not UTF-8 becomes the four characters \xNN in the
 * value, that is `\\xNN` in the JSON text: every parser accepts it (they disagree about lone
 * surrogates), and two different bytes stay different. It cannot be told from a text that held
 * these four characters from the start.
 */
void haul_escape_json(struct haul_buf *buf, const void *bytes, size_t len);

/*
 * HTML text or a quoted attribute value: & < > " ' as references, bytes that are not plain as \xNN.
 * It does not make a URL safe to follow: whoever writes a link checks the scheme.
 */
void haul_escape_html(struct haul_buf *buf, const void *bytes, size_t len);

#endif
