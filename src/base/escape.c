#include "base/escape.h"

#include <string.h>

#include "base/ascii.h"
#include "base/ci.h"
#include "base/utf8.h"

static const char lower_hex[] = "0123456789abcdef";

/* --- what a code point is --------------------------------------------------------------------- */

struct code_range {
    uint32_t first, last;
};

/*
 * Sorted. Controls, separators, and what Unicode calls default-ignorable or format characters: they
 * are invisible or move other characters, so a reader would not see what is really there. The
 * variation selectors U+FE00..FE0F are left out: emoji use them, and they hide nothing.
 */
static const struct code_range hidden[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x0600, 0x0605},
    {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* Sorted. East Asian Width W and F (Unicode annex 11), in broad strokes. */
static const struct code_range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};

static bool is_in(uint32_t code, const struct code_range *range, size_t count)
{
    for (size_t i = 0; i < count && range[i].first <= code; i++) {
        if (code <= range[i].last)
            return true;
    }
    return false;
}

static bool is_plain(struct haul_utf8 point)
{
    if (!point.valid || (point.code & 0xfffe) == 0xfffe)
        return false;
    return !is_in(point.code, hidden, sizeof hidden / sizeof *hidden);
}

static size_t columns_of(uint32_t code)
{
    return is_in(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

/* --- TSV, CSV, JSON, HTML --------------------------------------------------------------------- */

static void add_hex_byte(struct haul_buf *buf, unsigned char byte)
{
    const char text[] = {'\\', 'x', lower_hex[byte >> 4], lower_hex[byte & 15]};

    haul_buf_add(buf, text, sizeof text);
}

static void add_hex_bytes(struct haul_buf *buf, const unsigned char *at, struct haul_utf8 point)
{
    for (size_t i = 0; i < point.len; i++)
        add_hex_byte(buf, at[i]);
}

/* Sets of ASCII characters, one bit each: most text is one long run of characters that stay. */
#define BIT(c) (UINT64_C(1) << ((c)&63))
#define PRINTABLE_BELOW_64 UINT64_C(0xffffffff00000000)
#define PRINTABLE_FROM_64 UINT64_C(0x7fffffffffffffff)

struct rules {
    uint64_t below_64, from_64;                                  /* ASCII that stays as it is */
    void (*add_ascii)(struct haul_buf *buf, unsigned char byte); /* ASCII that does not */
    void (*add_other)(struct haul_buf *buf, const unsigned char *at, struct haul_utf8 point);
};

static size_t run_that_stays(const struct rules *rules, const unsigned char *at, size_t left)
{
    size_t n = 0;

    for (; n < left && at[n] < 0x80; n++) {
        if (!((at[n] < 64 ? rules->below_64 : rules->from_64) & BIT(at[n])))
            break;
    }
    return n;
}

/* What stands at `at` and does not stay as a matter of course. Returns the bytes it took. */
static size_t add_one(struct haul_buf *buf, const struct rules *rules, const unsigned char *at,
                      size_t left)
{
    struct haul_utf8 point = haul_utf8_next(at, left);

    if (*at < 0x80)
        rules->add_ascii(buf, *at);
    else if (is_plain(point))
        haul_buf_add(buf, at, point.len);
    else
        rules->add_other(buf, at, point);
    return point.len;
}

static void add_all(struct haul_buf *buf, const struct rules *rules, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    size_t n;

    for (; len; at += n, len -= n) {
        n = run_that_stays(rules, at, len);
        if (n)
            haul_buf_add(buf, at, n);
        else
            n = add_one(buf, rules, at, len);
    }
}

static void add_tsv_ascii(struct haul_buf *buf, unsigned char byte)
{
    static const char plain[] = "\t\n\r\\", letter[] = "tnr\\";
    const char *found = byte ? strchr(plain, byte) : NULL;

    if (!found) {
        add_hex_byte(buf, byte);
        return;
    }
    haul_buf_add_char(buf, '\\');
    haul_buf_add_char(buf, letter[found - plain]);
}

void haul_escape_tsv(struct haul_buf *buf, const void *bytes, size_t len)
{
    static const struct rules rules = {PRINTABLE_BELOW_64, PRINTABLE_FROM_64 & ~BIT('\\'),
                                       add_tsv_ascii, add_hex_bytes};

    add_all(buf, &rules, bytes, len);
}

/* Reads an escape, at a backslash. Returns its bytes; 0: it is none that haul writes. */
static size_t read_tsv_escape(const char *at, char *byte)
{
    static const char plain[] = "\t\n\r\\", letter[] = "tnr\\";
    const char *found = at[1] ? strchr(letter, at[1]) : NULL;
    int high, low;

    if (found) {
        *byte = plain[found - letter];
        return 2;
    }
    high = at[1] == 'x' ? haul_ascii_hex_value(at[2]) : -1;
    low = high >= 0 ? haul_ascii_hex_value(at[3]) : -1;
    if (low < 0 || high + low == 0)
        return 0;
    *byte = (char)(high << 4 | low);
    return 4;
}

void haul_escape_undo_tsv(char *cell)
{
    char *to = cell, byte = '\0';
    size_t len;

    for (; *cell; cell += len, *to++ = byte) {
        len = *cell == '\\' ? read_tsv_escape(cell, &byte) : 0;
        if (!len) {
            byte = *cell;
            len = 1;
        }
    }
    *to = '\0';
}

static void add_csv_ascii(struct haul_buf *buf, unsigned char byte)
{
    if (byte == '"')
        haul_buf_pad(buf, '"', 2);
    else
        add_hex_byte(buf, byte);
}

/* CWE-1236; the full-width forms are U+FF0B, FF0D, FF1D and FF20: EF BC and one of four. */
static bool is_formula(const unsigned char *at, size_t len)
{
    while (len && *at == ' ') {
        at++;
        len--;
    }
    if (!len || !*at)
        return false;
    if (strchr("=+-@\t\r\n", *at))
        return true;
    return len >= 3 && at[0] == 0xef && at[1] == 0xbc &&
           (at[2] == 0x8b || at[2] == 0x8d || at[2] == 0x9d || at[2] == 0xa0);
}

/*
 * RFC 4180 asks for them around what separates cells and rows. A semicolon or a TAB separates cells
 * for spreadsheets of some countries; and spaces at the ends belong to the value, but some readers
 * strip them.
 */
static bool needs_quotes(const unsigned char *at, size_t len)
{
    static const uint64_t separators =
        BIT('"') | BIT(',') | BIT(';') | BIT('\t') | BIT('\n') | BIT('\r');

    if (len && (at[0] == ' ' || at[len - 1] == ' '))
        return true;
    for (size_t i = 0; i < len; i++)
        if (at[i] < 64 && (separators & BIT(at[i])))
            return true;
    return false;
}

/* One that has an apostrophe already gets another: only so can the first one be taken off again. */
static bool needs_apostrophe(const unsigned char *at, size_t len)
{
    while (len && *at == '\'') {
        at++;
        len--;
    }
    return is_formula(at, len);
}

bool haul_escape_has_apostrophe(const char *cell)
{
    return *cell == '\'' && needs_apostrophe((const unsigned char *)cell + 1, strlen(cell + 1));
}

void haul_escape_csv(struct haul_buf *buf, const void *bytes, size_t len)
{
    static const struct rules rules = {(PRINTABLE_BELOW_64 & ~BIT('"')) | BIT('\t') | BIT('\n') |
                                           BIT('\r'),
                                       PRINTABLE_FROM_64, add_csv_ascii, add_hex_bytes};
    bool quotes = needs_quotes(bytes, len);

    if (quotes)
        haul_buf_add_char(buf, '"');
    if (needs_apostrophe(bytes, len))
        haul_buf_add_char(buf, '\'');
    add_all(buf, &rules, bytes, len);
    if (quotes)
        haul_buf_add_char(buf, '"');
}

static void add_json_unit(struct haul_buf *buf, uint32_t unit)
{
    const char text[] = {'\\',
                         'u',
                         lower_hex[unit >> 12 & 15],
                         lower_hex[unit >> 8 & 15],
                         lower_hex[unit >> 4 & 15],
                         lower_hex[unit & 15]};

    haul_buf_add(buf, text, sizeof text);
}

static void add_json_ascii(struct haul_buf *buf, unsigned char byte)
{
    if (byte != '"' && byte != '\\') {
        add_json_unit(buf, byte);
        return;
    }
    haul_buf_add_char(buf, '\\');
    haul_buf_add_char(buf, (char)byte);
}

static void add_json_other(struct haul_buf *buf, const unsigned char *at, struct haul_utf8 point)
{
    if (!point.valid) {
        haul_buf_add_char(buf, '\\');
        add_hex_byte(buf, *at);
    } else if (point.code < 0x10000) {
        add_json_unit(buf, point.code);
    } else {
        add_json_unit(buf, 0xd800 + ((point.code - 0x10000) >> 10));
        add_json_unit(buf, 0xdc00 + (point.code & 0x3ff));
    }
}

void haul_escape_json(struct haul_buf *buf, const void *bytes, size_t len)
{
    static const struct rules rules = {PRINTABLE_BELOW_64 & ~BIT('"'),
                                       PRINTABLE_FROM_64 & ~BIT('\\'), add_json_ascii,
                                       add_json_other};

    add_all(buf, &rules, bytes, len);
}

static void add_html_ascii(struct haul_buf *buf, unsigned char byte)
{
    static const char *const references[0x80] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};

    if (references[byte])
        haul_buf_add_str(buf, references[byte]);
    else
        add_hex_byte(buf, byte);
}

void haul_escape_html(struct haul_buf *buf, const void *bytes, size_t len)
{
    static const struct rules rules = {PRINTABLE_BELOW_64 &
                                           ~(BIT('&') | BIT('<') | BIT('>') | BIT('"') | BIT('\'')),
                                       PRINTABLE_FROM_64, add_html_ascii, add_hex_bytes};

    add_all(buf, &rules, bytes, len);
}

/* --- terminal --------------------------------------------------------------------------------- */

/* What one or more bytes look like on a terminal: never divided. */
struct piece {
    size_t used;    /* bytes of the input */
    size_t columns; /* on the screen */
    size_t len;     /* bytes of text */
    char text[4];
};

static struct piece next_piece(const unsigned char *at, size_t left, bool utf8)
{
    struct haul_utf8 point = haul_utf8_next(at, left);
    struct piece piece = {1, 4, 4, {'\\', 'x', lower_hex[*at >> 4], lower_hex[*at & 15]}};

    if (*at == '\\')
        return (struct piece){1, 2, 2, "\\\\"};
    if (!is_plain(point) || (!utf8 && point.len > 1) || haul_ci_is_opener(at, left))
        return piece;
    piece.used = piece.len = point.len;
    piece.columns = columns_of(point.code);
    memcpy(piece.text, at, point.len);
    return piece;
}

/*
 * Writes pieces while they fit into `room` columns; only measures them if `buf` is NULL. Returns
 * the columns.
 */
static size_t add_pieces(struct haul_buf *buf, const unsigned char *at, size_t len, bool utf8,
                         size_t room)
{
    struct piece piece;
    size_t columns = 0;

    for (; len; at += piece.used, len -= piece.used) {
        piece = next_piece(at, len, utf8);
        if (piece.columns > room - columns)
            break;
        if (buf)
            haul_buf_add(buf, piece.text, piece.len);
        columns += piece.columns;
    }
    return columns;
}

static size_t measure(const unsigned char *at, size_t len, bool utf8)
{
    return add_pieces(NULL, at, len, utf8, SIZE_MAX);
}

static size_t add_ellipsis(struct haul_buf *buf, bool utf8, size_t max_width)
{
    if (utf8) {
        haul_buf_add_str(buf, "\xe2\x80\xa6");
        return 1;
    }
    haul_buf_add(buf, "...", max_width < 3 ? max_width : 3);
    return max_width < 3 ? max_width : 3;
}

/* Columns that are left for the text when it must be cut to `max_width`. */
static size_t room_beside_ellipsis(bool utf8, size_t max_width)
{
    size_t ellipsis = utf8 ? 1 : 3;

    return max_width > ellipsis ? max_width - ellipsis : 0;
}

size_t haul_escape_terminal(struct haul_buf *buf, const void *bytes, size_t len, bool utf8,
                            size_t max_width)
{
    size_t columns;

    if (!max_width || measure(bytes, len, utf8) <= max_width)
        return add_pieces(buf, bytes, len, utf8, SIZE_MAX);
    columns = add_pieces(buf, bytes, len, utf8, room_beside_ellipsis(utf8, max_width));
    return columns + add_ellipsis(buf, utf8, max_width);
}

/* Writes the end of a text of `columns` columns: what fits into `room`. */
static size_t add_end(struct haul_buf *buf, const unsigned char *at, size_t len, bool utf8,
                      size_t columns, size_t room)
{
    struct piece piece;

    for (; columns > room; at += piece.used, len -= piece.used) {
        piece = next_piece(at, len, utf8);
        columns -= piece.columns;
    }
    return add_pieces(buf, at, len, utf8, columns);
}

size_t haul_escape_terminal_middle(struct haul_buf *buf, const void *bytes, size_t len, bool utf8,
                                   size_t max_width)
{
    size_t room = room_beside_ellipsis(utf8, max_width), whole, columns;

    if (!max_width || (whole = measure(bytes, len, utf8)) <= max_width)
        return add_pieces(buf, bytes, len, utf8, SIZE_MAX);
    columns = add_pieces(buf, bytes, len, utf8, room - room / 2);
    columns += add_ellipsis(buf, utf8, max_width);
    return columns + add_end(buf, bytes, len, utf8, whole, room / 2);
}
