#ifndef HAUL_INPUT_CHARSET_H
#define HAUL_INPUT_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "haul/err.h"

/*
 * A text that is UTF-16 and says so with a byte order mark (RFC 2781, 3.2), made UTF-8 as it comes,
 * in pieces of any size: what spreadsheets and some shells save. Any other text passes through
 * untouched, with its mark if it is UTF-8. One thread at a time.
 *
 * The order of calls: init; feed and next until HAUL_ERR_END, as often as there are bytes; end;
 * done.
 */
struct haul_charset {
    enum haul_charset_state {
        HAUL_CHARSET_START,
        HAUL_CHARSET_HELD,  /* behind a first byte that may begin a mark */
        HAUL_CHARSET_PLAIN, /* the text is passed through */
        HAUL_CHARSET_UTF16
    } state;
    char first;
    const char *at; /* fed and not yet given; the feeder's */
    size_t len;
    struct haul_utf16 *utf16; /* or NULL */
};

/* Makes one that has seen nothing. Allocates nothing. */
void haul_charset_init(struct haul_charset *charset);
void haul_charset_done(struct haul_charset *charset);

/* Gives the next bytes, the caller's until next has returned HAUL_ERR_END. */
void haul_charset_feed(struct haul_charset *charset, const char *bytes, size_t len);

/*
 * Gives the next piece of text, valid until the next call or as long as what was fed. HAUL_OK;
 * HAUL_ERR_END: more bytes are needed; HAUL_ERR_SYNTAX: a lone surrogate stands in the text;
 * HAUL_ERR_NOMEM, also if this system's iconv(3) does not know UTF-16. After the last two it can
 * only be done away with.
 */
HAUL_MUST_USE enum haul_err haul_charset_next(struct haul_charset *charset, const char **text,
                                              size_t *len);

/*
 * After the last byte and HAUL_ERR_END: HAUL_OK: one more piece, and end is to be called again;
 * HAUL_ERR_END: that was all; HAUL_ERR_SYNTAX: the text ends within a character.
 */
HAUL_MUST_USE enum haul_err haul_charset_end(struct haul_charset *charset, const char **text,
                                             size_t *len);

#endif
