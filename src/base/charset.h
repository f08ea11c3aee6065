#ifndef HAUL_BASE_CHARSET_H
#define HAUL_BASE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "haul/err.h"

/*
 * A text that is UTF-16 and says so with a byte order mark (RFC 2781, 3.2), made UTF-8 as it comes,
 * in pieces of any size: what spreadsheets and some shells save. UTF-32, and UTF-16 that does not
 * say so, is refused by its name, for its NULs would make nonsense of every line. Any other text
 * passes through untouched, with its mark if it is UTF-8. One thread at a time.
 *
 * The order of calls: init; feed and next until HAUL_ERR_END, as often as there are bytes; end;
 * done.
 */
enum { HAUL_CHARSET_HEAD = 4 }; /* bytes that decide what a text is */

struct haul_charset {
    enum haul_charset_state {
        HAUL_CHARSET_START, /* what it is, more bytes will tell */
        HAUL_CHARSET_PLAIN, /* the text is passed through */
        HAUL_CHARSET_UTF16,
        HAUL_CHARSET_REFUSED
    } state;
    char head[HAUL_CHARSET_HEAD]; /* the first bytes, not yet given */
    size_t head_len;
    const char *at; /* fed and not yet given; the feeder's */
    size_t len;
    struct haul_utf16 *utf16; /* or NULL */
    const char *refusal;      /* why it is refused */
};

/* Makes one that has seen nothing. Allocates nothing. */
void haul_charset_init(struct haul_charset *charset);
void haul_charset_done(struct haul_charset *charset);

/* Gives the next bytes, the caller's until next has returned HAUL_ERR_END. */
void haul_charset_feed(struct haul_charset *charset, const char *bytes, size_t len);

/*
 * Gives the next piece of text, valid until the next call or as long as what was fed. HAUL_OK;
 * HAUL_ERR_END: more bytes are needed; HAUL_ERR_SYNTAX: the text is refused, or a lone surrogate
 * stands in it (haul_charset_problem); HAUL_ERR_NOMEM, also if this system's iconv(3) does not know
 * UTF-16. After the last two it can only be done away with.
 *
 * No more is held back than one byte that may begin a text in UTF-16, three that are NUL or of a
 * mark, or part of a character.
 */
HAUL_MUST_USE enum haul_err haul_charset_next(struct haul_charset *charset, const char **text,
                                              size_t *len);

/*
 * After the last byte and HAUL_ERR_END: HAUL_OK: one more piece, and end is to be called again;
 * HAUL_ERR_END: that was all; HAUL_ERR_SYNTAX: the text ends within a character; HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_charset_end(struct haul_charset *charset, const char **text,
                                             size_t *len);

/* After HAUL_ERR_SYNTAX: what is wrong, as a phrase for a message; static. */
const char *haul_charset_problem(const struct haul_charset *charset);

/* Why a text that begins so is no UTF-8, as such a phrase; NULL: it is, for all that is known. For
 * texts that are not to be copied: there are passwords in them. */
const char *haul_charset_refusal(const char *head, size_t len);

/*
 * For a text that is whole in memory: makes it UTF-8 without a byte order mark. With
 * `was_cut` it is the beginning of a longer one, and half a character at its end is left out.
 * HAUL_ERR_SYNTAX: *problem says why, and the text is as it was; HAUL_ERR_NOMEM; HAUL_ERR_LIMIT:
 * as UTF-8 it is longer than the buffer's maximum. Text that is UTF-8 is not copied.
 */
HAUL_MUST_USE enum haul_err haul_charset_decode(struct haul_buf *text, bool was_cut,
                                                const char **problem);

#endif
