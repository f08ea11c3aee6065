#include "input/recode.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

enum {
    IN_SIZE = 8192,
    OUT_SIZE = IN_SIZE * 3, /* of one byte at most three are made, or the rest waits */
    REPLACEMENT_LEN = sizeof REPLACEMENT - 1,
    NAME_MAX_LEN = 40 /* letters and digits of a name that is known */
};

struct haul_recode {
    iconv_t iconv;
    const char *at; /* fed and not yet taken; the feeder's */
    size_t len;
    bool finished, is_flushed;
    size_t unit;     /* bytes that are passed over where nothing valid begins */
    uint64_t broken; /* times */
    uint64_t line;   /* that the text has come to; of the first break, once there is one */
    size_t in_len;   /* bytes in `in`: part of a character, between two calls */
    char in[IN_SIZE], out[OUT_SIZE];
};

/* ---- names ---- */

struct alias {
    const char *name; /* its letters, small, and digits */
    const char *encoding;
};

/* Of ISO 8859 and the code pages of Windows, whose names end with a number, see below. */
static const struct alias aliases[] = {
    {"utf8", HAUL_RECODE_UTF8},
    {"unicode11utf8", HAUL_RECODE_UTF8},
    {"usascii", HAUL_RECODE_UTF8},
    {"ascii", HAUL_RECODE_UTF8},
    {"ansix341968", HAUL_RECODE_UTF8},
    {"utf16", HAUL_RECODE_UTF8},
    {"utf16le", HAUL_RECODE_UTF8},
    {"utf16be", HAUL_RECODE_UTF8},
    {"unicode", HAUL_RECODE_UTF8},
    {"ucs2", HAUL_RECODE_UTF8},
    {"iso10646ucs2", HAUL_RECODE_UTF8},
    {"latin1", "CP1252"},
    {"l1", "CP1252"},
    {"iso88591", "CP1252"},
    {"latin2", "ISO-8859-2"},
    {"latin5", "CP1254"},
    {"iso88599", "CP1254"},
    {"latin9", "ISO-8859-15"},
    {"iso885911", "CP874"},
    {"tis620", "CP874"},
    {"windows874", "CP874"},
    {"koi8", "KOI8-R"},
    {"koi8r", "KOI8-R"},
    {"koi8u", "KOI8-U"},
    {"cp866", "CP866"},
    {"ibm866", "CP866"},
    {"gb2312", "GB18030"},
    {"gb231280", "GB18030"},
    {"euccn", "GB18030"},
    {"gbk", "GB18030"},
    {"xgbk", "GB18030"},
    {"cp936", "GB18030"},
    {"windows936", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5"},
    {"cnbig5", "BIG5"},
    {"xxbig5", "BIG5"},
    {"cp950", "BIG5"},
    {"windows950", "BIG5"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"eucjp", "EUC-JP"},
    {"xeucjp", "EUC-JP"},
    {"shiftjis", "CP932"},
    {"sjis", "CP932"},
    {"xsjis", "CP932"},
    {"mskanji", "CP932"},
    {"windows31j", "CP932"},
    {"cp932", "CP932"},
    {"ms932", "CP932"},
    {"euckr", "CP949"},
    {"ksc5601", "CP949"},
    {"ksc56011987", "CP949"},
    {"ksc56011989", "CP949"},
    {"korean", "CP949"},
    {"windows949", "CP949"},
    {"cp949", "CP949"},
    {"uhc", "CP949"},
};

/* The names that are one stem and a number each, by that number. */
static const char *const parts_of_8859[] = {
    [2] = "ISO-8859-2",   [3] = "ISO-8859-3",   [4] = "ISO-8859-4",   [5] = "ISO-8859-5",
    [6] = "ISO-8859-6",   [7] = "ISO-8859-7",   [8] = "ISO-8859-8",   [10] = "ISO-8859-10",
    [13] = "ISO-8859-13", [14] = "ISO-8859-14", [15] = "ISO-8859-15", [16] = "ISO-8859-16"};
static const char *const pages_125[] = {"CP1250", "CP1251", "CP1252", "CP1253", "CP1254",
                                        "CP1255", "CP1256", "CP1257", "CP1258"};

/* The number behind `stem`, two digits at most; -1: the name is another one. */
static int number_behind(const char *name, const char *stem)
{
    size_t len = strlen(stem);
    int number = 0;

    if (strncmp(name, stem, len) != 0 || !name[len] || strlen(name + len) > 2)
        return -1;
    for (name += len; *name; name++) {
        if (!haul_ascii_is_digit(*name))
            return -1;
        number = number * 10 + *name - '0';
    }
    return number;
}

static const char *find_numbered(const char *name)
{
    static const char *const stems[] = {"windows125", "cp125", "xcp125", "win125"};
    int number = number_behind(name, "iso8859");

    if (number >= 0 && number < (int)(sizeof parts_of_8859 / sizeof *parts_of_8859))
        return parts_of_8859[number];
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        number = number_behind(name, stems[i]);
        if (number >= 0 && number < (int)(sizeof pages_125 / sizeof *pages_125))
            return pages_125[number];
    }
    return NULL;
}

const char *haul_recode_find(struct haul_span name)
{
    char plain[NAME_MAX_LEN + 1];
    size_t len = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (!haul_ascii_is_alnum(name.at[i]))
            continue;
        if (len == NAME_MAX_LEN)
            return NULL;
        plain[len++] = haul_ascii_lower(name.at[i]);
    }
    plain[len] = '\0';
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(plain, aliases[i].name) == 0)
            return aliases[i].encoding;
    return find_numbered(plain);
}

/* ---- making and unmaking ---- */

enum haul_err haul_recode_create(const char *encoding, struct haul_recode **out)
{
    struct haul_recode *recode = calloc(1, sizeof *recode);

    *out = NULL;
    if (!recode)
        return HAUL_ERR_NOMEM;
    recode->iconv = iconv_open(HAUL_RECODE_UTF8, encoding);
    if (recode->iconv == (iconv_t)-1) {
        free(recode);
        return errno == ENOMEM ? HAUL_ERR_NOMEM : HAUL_ERR_SYSTEM;
    }
    recode->unit = strncmp(encoding, "UTF-16", 6) == 0 ? 2 : 1;
    recode->line = 1;
    *out = recode;
    return HAUL_OK;
}

void haul_recode_free(struct haul_recode *recode)
{
    if (!recode)
        return;
    iconv_close(recode->iconv);
    free(recode);
}

void haul_recode_feed(struct haul_recode *recode, const char *bytes, size_t len)
{
    assert(!recode->len && !recode->finished);
    recode->at = bytes;
    recode->len = len;
}

void haul_recode_finish(struct haul_recode *recode)
{
    assert(!recode->len);
    recode->finished = true;
}

/* ---- text ---- */

static void take_in(struct haul_recode *recode)
{
    size_t room = IN_SIZE - recode->in_len, len = recode->len < room ? recode->len : room;

    if (!len)
        return;
    memcpy(recode->in + recode->in_len, recode->at, len);
    recode->in_len += len;
    recode->at += len;
    recode->len -= len;
}

static void count_lines(struct haul_recode *recode, const char *from, const char *to)
{
    for (; from < to && !recode->broken; from++)
        recode->line += *from == '\n';
}

/* U+FFFD for what stands at `in`, all of it at the end of the text. */
static void replace(struct haul_recode *recode, char **in, char *out)
{
    size_t len = recode->in_len < recode->unit ? recode->in_len : recode->unit;

    memcpy(out, REPLACEMENT, REPLACEMENT_LEN);
    recode->broken++;
    *in += len;
    recode->in_len -= len;
}

/* Converts what is in `in`, as far as that goes. Returns how many bytes stand in `out`. */
static size_t convert(struct haul_recode *recode)
{
    char *in = recode->in, *out = recode->out, *told = out;
    size_t room = OUT_SIZE, done;
    bool goes_on = true;

    while (goes_on && recode->in_len) {
        done = iconv(recode->iconv, &in, &recode->in_len, &out, &room);
        goes_on = done == (size_t)-1 &&
                  (errno == EILSEQ || (errno == EINVAL && recode->finished && !recode->len)) &&
                  room >= REPLACEMENT_LEN;
        count_lines(recode, told, out);
        if (goes_on) {
            replace(recode, &in, out);
            out += REPLACEMENT_LEN;
            room -= REPLACEMENT_LEN;
        }
        told = out;
    }
    memmove(recode->in, in, recode->in_len);
    return OUT_SIZE - room;
}

/* What iconv has held back, because something might have joined it. */
static size_t flush(struct haul_recode *recode)
{
    char *out = recode->out;
    size_t room = OUT_SIZE;

    if (!recode->finished || recode->is_flushed)
        return 0;
    recode->is_flushed = true;
    (void)iconv(recode->iconv, NULL, NULL, &out, &room);
    return OUT_SIZE - room;
}

enum haul_err haul_recode_next(struct haul_recode *recode, struct haul_span *text)
{
    *text = (struct haul_span){recode->out, 0};
    do {
        take_in(recode);
        text->len = convert(recode);
    } while (!text->len && recode->len);
    if (!text->len)
        text->len = flush(recode);
    return text->len ? HAUL_OK : HAUL_ERR_END;
}

uint64_t haul_recode_broken(const struct haul_recode *recode)
{
    return recode->broken;
}

uint64_t haul_recode_broken_line(const struct haul_recode *recode)
{
    return recode->line;
}
