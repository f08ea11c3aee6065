#include "base/charset.h"

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

static const char utf8_mark[] = "\xef\xbb\xbf";
enum { UTF8_MARK_LEN = sizeof utf8_mark - 1, UTF16_MARK_LEN = 2 };

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

/* ---- what it is ---- */

/* In place of a byte: printable ASCII, or a blank, or the end of a line. */
enum { TEXT = 0x100 };

static const char is_utf32[] = "the text is UTF-32, which is not read; save it as UTF-8";
static const char is_unmarked[] =
    "the text is UTF-16 without a byte order mark; save it as UTF-8, or with the mark";

/* How a text begins that is not UTF-8. The first that fits counts. */
static const struct beginning {
    size_t len;
    int byte[HAUL_CHARSET_HEAD];
    const char *refusal; /* or NULL: it is read */
    const char *iconv;
} beginnings[] = {
    {4, {0xff, 0xfe, 0, 0}, is_utf32, NULL},
    {4, {0, 0, 0xfe, 0xff}, is_utf32, NULL},
    {UTF16_MARK_LEN, {0xff, 0xfe}, NULL, "UTF-16LE"},
    {UTF16_MARK_LEN, {0xfe, 0xff}, NULL, "UTF-16BE"},
    {4, {TEXT, 0, 0, 0}, is_utf32, NULL},
    {4, {0, 0, 0, TEXT}, is_utf32, NULL},
    {4, {TEXT, 0, TEXT, 0}, is_unmarked, NULL},
    {4, {0, TEXT, 0, TEXT}, is_unmarked, NULL},
};

static bool is_byte(char byte, int wanted)
{
    if (wanted != TEXT)
        return (unsigned char)byte == wanted;
    return byte == '\t' || byte == '\n' || byte == '\r' || (byte >= ' ' && byte < 0x7f);
}

static bool fits(const struct beginning *beginning, const char *head, size_t len)
{
    for (size_t i = 0; i < len && i < beginning->len; i++)
        if (!is_byte(head[i], beginning->byte[i]))
            return false;
    return true;
}

/* NULL: it is none of them, or (*is_open) more bytes will tell. */
static const struct beginning *find_beginning(const char *head, size_t len, bool is_all,
                                              bool *is_open)
{
    *is_open = false;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        const struct beginning *beginning = &beginnings[i];

        if (!fits(beginning, head, len))
            continue;
        if (beginning->len <= len)
            return beginning;
        *is_open = !is_all;
        if (*is_open)
            return NULL;
    }
    return NULL;
}

/* What stands behind the mark in the head is the beginning of its text. */
static enum haul_err begin_utf16(struct haul_charset *charset, const char *name)
{
    struct haul_utf16 *utf16 = malloc(sizeof *utf16);

    if (!utf16)
        return HAUL_ERR_NOMEM;
    utf16->iconv = iconv_open("UTF-8", name);
    if (utf16->iconv == (iconv_t)-1) {
        free(utf16);
        return HAUL_ERR_NOMEM;
    }
    utf16->in_len = charset->head_len - UTF16_MARK_LEN;
    memcpy(utf16->in, charset->head + UTF16_MARK_LEN, utf16->in_len);
    charset->head_len = 0;
    charset->utf16 = utf16;
    charset->state = HAUL_CHARSET_UTF16;
    return HAUL_OK;
}

/* Takes as many bytes as are needed to know what the text is. HAUL_ERR_END: there are not enough.
 */
static enum haul_err look(struct haul_charset *charset, bool is_all)
{
    const struct beginning *found = NULL;
    bool is_open = true;

    while (is_open) {
        if (charset->len) {
            charset->head[charset->head_len++] = *charset->at++;
            charset->len--;
        } else if (!is_all) {
            return HAUL_ERR_END;
        }
        found = find_beginning(charset->head, charset->head_len, is_all, &is_open);
    }
    charset->state = HAUL_CHARSET_PLAIN;
    if (!found)
        return HAUL_OK;
    if (!found->refusal)
        return begin_utf16(charset, found->iconv);
    charset->state = HAUL_CHARSET_REFUSED;
    charset->refusal = found->refusal;
    return HAUL_OK;
}

/* ---- text ---- */

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

/* HAUL_ERR_END: all was given. */
static enum haul_err give_plain(struct haul_charset *charset, const char **text, size_t *len)
{
    *text = charset->head_len ? charset->head : charset->at;
    *len = charset->head_len ? charset->head_len : charset->len;
    if (charset->head_len)
        charset->head_len = 0;
    else
        charset->len = 0;
    return *len ? HAUL_OK : HAUL_ERR_END;
}

enum haul_err haul_charset_next(struct haul_charset *charset, const char **text, size_t *len)
{
    enum haul_err err = charset->state == HAUL_CHARSET_START ? look(charset, false) : HAUL_OK;

    *len = 0;
    if (err)
        return err;
    if (charset->state == HAUL_CHARSET_REFUSED)
        return HAUL_ERR_SYNTAX;
    return charset->state == HAUL_CHARSET_UTF16 ? convert(charset, text, len)
                                                : give_plain(charset, text, len);
}

enum haul_err haul_charset_end(struct haul_charset *charset, const char **text, size_t *len)
{
    enum haul_err err = charset->state == HAUL_CHARSET_START ? look(charset, true) : HAUL_OK;

    *len = 0;
    if (err)
        return err;
    if (charset->state == HAUL_CHARSET_UTF16)
        return charset->utf16->in_len ? HAUL_ERR_SYNTAX : HAUL_ERR_END;
    return give_plain(charset, text, len);
}

const char *haul_charset_problem(const struct haul_charset *charset)
{
    return charset->refusal ? charset->refusal
                            : "the UTF-16 text is damaged, or ends within a character";
}

/* ---- whole texts ---- */

const char *haul_charset_refusal(const char *head, size_t len)
{
    bool is_open;
    const struct beginning *found = find_beginning(head, len, true, &is_open);

    if (!found)
        return NULL;
    return found->refusal ? found->refusal : "the text is UTF-16; save it as UTF-8";
}

static enum haul_err decode(struct haul_charset *charset, bool was_cut, struct haul_buf *to)
{
    const char *part;
    size_t len;
    enum haul_err err;

    while (!(err = haul_charset_next(charset, &part, &len)))
        haul_buf_add(to, part, len);
    if (err == HAUL_ERR_END && !was_cut) /* of UTF-16, nothing is left to be given there */
        err = haul_charset_end(charset, &part, &len);
    return err == HAUL_ERR_END ? to->err : err;
}

enum haul_err haul_charset_decode(struct haul_buf *text, bool was_cut, const char **problem)
{
    struct haul_charset charset;
    const struct beginning *found;
    struct haul_buf decoded;
    enum haul_err err;
    bool is_open;

    found = find_beginning(haul_buf_str(text), text->len, true, &is_open);
    if (!found) {
        if (text->len >= UTF8_MARK_LEN && !memcmp(text->data, utf8_mark, UTF8_MARK_LEN))
            haul_buf_consume(text, UTF8_MARK_LEN);
        return HAUL_OK;
    }
    haul_charset_init(&charset);
    haul_buf_init(&decoded, text->max);
    haul_charset_feed(&charset, text->data, text->len);
    err = decode(&charset, was_cut, &decoded);
    if (err == HAUL_ERR_SYNTAX)
        *problem = haul_charset_problem(&charset);
    haul_charset_done(&charset);
    if (!err) {
        haul_buf_done(text);
        *text = decoded;
    } else {
        haul_buf_done(&decoded);
    }
    return err;
}
