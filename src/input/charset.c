#include "input/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum { IN_SIZE = 8192, OUT_SIZE = IN_SIZE / 2 * 3 }; /* of two bytes at most three are made */

struct haul_utf16 {
    iconv_t iconv;
    size_t in_len; /* bytes in `in`: part of a character, between two calls */
    char in[IN_SIZE], out[OUT_SIZE];
};

void haul_charset_init(struct haul_charset *charset)
{
    *charset = (struct haul_charset){.state = HAUL_CHARSET_START};
}

void haul_charset_done(struct haul_charset *charset)
{
    if (charset->utf16) {
        iconv_close(charset->utf16->iconv);
        free(charset->utf16);
    }
    haul_charset_init(charset);
}

void haul_charset_feed(struct haul_charset *charset, const char *bytes, size_t len)
{
    charset->at = bytes;
    charset->len = len;
}

static enum haul_err begin_utf16(struct haul_charset *charset)
{
    struct haul_utf16 *utf16 = malloc(sizeof *utf16);

    if (!utf16)
        return HAUL_ERR_NOMEM;
    utf16->in_len = 0;
    utf16->iconv = iconv_open("UTF-8", charset->first == '\xff' ? "UTF-16LE" : "UTF-16BE");
    if (utf16->iconv == (iconv_t)-1) {
        free(utf16);
        return HAUL_ERR_NOMEM;
    }
    charset->utf16 = utf16;
    charset->state = HAUL_CHARSET_UTF16;
    return HAUL_OK;
}

static bool may_begin_mark(char byte)
{
    return byte == '\xff' || byte == '\xfe';
}

/* Looks at the first two bytes, of which at least one is new. The held one may have to be given. */
static enum haul_err begin(struct haul_charset *charset, const char **text, size_t *len)
{
    if (charset->state == HAUL_CHARSET_START) {
        charset->first = *charset->at;
        if (!may_begin_mark(charset->first)) {
            charset->state = HAUL_CHARSET_PLAIN;
            return HAUL_OK;
        }
        charset->state = HAUL_CHARSET_HELD;
        charset->at++;
        if (!--charset->len)
            return HAUL_ERR_END;
    }
    if (may_begin_mark(*charset->at) && *charset->at != charset->first) {
        charset->at++;
        charset->len--;
        return begin_utf16(charset);
    }
    charset->state = HAUL_CHARSET_PLAIN;
    *text = &charset->first;
    *len = 1;
    return HAUL_OK;
}

static void take_in(struct haul_charset *charset)
{
    struct haul_utf16 *utf16 = charset->utf16;
    size_t room = IN_SIZE - utf16->in_len, len = charset->len < room ? charset->len : room;

    if (len)
        memcpy(utf16->in + utf16->in_len, charset->at, len);
    utf16->in_len += len;
    charset->at += len;
    charset->len -= len;
}

static enum haul_err convert(struct haul_charset *charset, const char **text, size_t *len)
{
    struct haul_utf16 *utf16 = charset->utf16;
    char *in = utf16->in, *out = utf16->out;
    size_t room = OUT_SIZE;
    bool is_broken;

    take_in(charset);
    if (!utf16->in_len)
        return HAUL_ERR_END;
    is_broken =
        iconv(utf16->iconv, &in, &utf16->in_len, &out, &room) == (size_t)-1 && errno == EILSEQ;
    memmove(utf16->in, in, utf16->in_len);
    *text = utf16->out;
    *len = OUT_SIZE - room;
    /* What stands before something broken is given first. */
    return *len ? HAUL_OK : is_broken ? HAUL_ERR_SYNTAX : HAUL_ERR_END;
}

enum haul_err haul_charset_next(struct haul_charset *charset, const char **text, size_t *len)
{
    enum haul_err err = HAUL_OK;

    *len = 0;
    if (!charset->len && charset->state != HAUL_CHARSET_UTF16)
        return HAUL_ERR_END;
    if (charset->state < HAUL_CHARSET_PLAIN)
        err = begin(charset, text, len);
    if (err || *len)
        return err;
    if (charset->state == HAUL_CHARSET_UTF16)
        return convert(charset, text, len);
    *text = charset->at;
    *len = charset->len;
    charset->len = 0;
    return HAUL_OK;
}

enum haul_err haul_charset_end(struct haul_charset *charset, const char **text, size_t *len)
{
    if (charset->state == HAUL_CHARSET_HELD) {
        charset->state = HAUL_CHARSET_PLAIN;
        *text = &charset->first;
        *len = 1;
        return HAUL_OK;
    }
    return charset->utf16 && charset->utf16->in_len ? HAUL_ERR_SYNTAX : HAUL_ERR_END;
}
