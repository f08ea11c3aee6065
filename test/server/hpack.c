#include "hpack.h"

#include <stdint.h>
#include <string.h>

struct cursor {
    const unsigned char *at;
    const unsigned char *end;
    bool failed;
};

/* Of the static table (appendix A). */
enum {
    INDEX_AUTHORITY = 1,
    INDEX_GET = 2,
    INDEX_POST = 3,
    INDEX_ROOT = 4,
    INDEX_PATH_LAST = 5,
    INDEX_AUTHORIZATION = 23,
    INDEX_COOKIE = 32
};

void ts_hpack_done(struct ts_hpack_request *request)
{
    ts_buf_done(&request->method);
    ts_buf_done(&request->path);
    ts_buf_done(&request->authority);
    ts_buf_done(&request->authorization);
    ts_buf_done(&request->cookie);
}

/* ---- strings ---- */

/* Appendix B. The code is canonical: symbols of one length have consecutive codes, in their own
 * order, so that their lengths say all. Longer ones stand in no URL. */
static const struct {
    unsigned bits;
    const char *symbols;
} huffman[] = {{5, "012aceiost"},
               {6, " %-./3456789=A_bdfghlmnpru"},
               {7, ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"},
               {8, "&*,;XZ"},
               {10, "!\"()?"},
               {11, "'+|"},
               {12, "#>"}};

/* Takes one symbol off the front of 'bits', which are left-aligned. Returns its length, 0 if there
 * is none. */
static unsigned find_symbol(uint32_t bits, char *symbol)
{
    uint32_t first = 0;
    unsigned before = 0;
    for (size_t i = 0; i < sizeof(huffman) / sizeof(huffman[0]); i++) {
        uint32_t count = (uint32_t)strlen(huffman[i].symbols);
        first <<= huffman[i].bits - before;
        before = huffman[i].bits;
        uint32_t code = bits >> (32 - before);
        if (code >= first && code - first < count) {
            *symbol = huffman[i].symbols[code - first];
            return before;
        }
        first += count;
    }
    return 0;
}

/* What does not make a symbol at the end is padding, all ones; elsewhere it ends the text. */
static void add_huffman(struct ts_buf *out, const unsigned char *data, size_t size)
{
    size_t at = 0;
    while (at < 8 * size) {
        uint32_t bits = 0;
        char symbol = 0;
        for (size_t i = 0; i < 32; i++) {
            size_t bit = at + i;
            unsigned one = bit < 8 * size ? data[bit / 8] >> (7 - bit % 8) & 1U : 1U;
            bits = bits << 1 | one;
        }
        unsigned length = find_symbol(bits, &symbol);
        if (length == 0 || at + length > 8 * size)
            return;
        ts_buf_add(out, &symbol, 1);
        at += length;
    }
}

static size_t read_number(struct cursor *cursor, unsigned bits)
{
    size_t most = ((size_t)1 << bits) - 1;
    if (cursor->at == cursor->end) {
        cursor->failed = true;
        return 0;
    }
    size_t number = *cursor->at++ & most;
    if (number < most)
        return number;
    for (unsigned shift = 0; cursor->at < cursor->end && shift < 28; shift += 7) {
        unsigned char byte = *cursor->at++;
        number += (size_t)(byte & 127) << shift;
        if (byte < 128)
            return number;
    }
    cursor->failed = true;
    return 0;
}

/* 'out' NULL: it is skipped. */
static void read_string(struct cursor *cursor, struct ts_buf *out)
{
    bool is_huffman = cursor->at < cursor->end && *cursor->at >= 128;
    size_t size = read_number(cursor, 7);
    if (cursor->failed || size > (size_t)(cursor->end - cursor->at)) {
        cursor->failed = true;
        return;
    }
    if (out != NULL && is_huffman)
        add_huffman(out, cursor->at, size);
    else if (out != NULL)
        ts_buf_add(out, cursor->at, size);
    cursor->at += size;
}

/* ---- fields ---- */

static struct ts_buf *place_of(struct ts_hpack_request *request, size_t index)
{
    if (index == INDEX_AUTHORITY)
        return &request->authority;
    if (index == INDEX_AUTHORIZATION)
        return &request->authorization;
    if (index == INDEX_COOKIE)
        return &request->cookie;
    if (index == INDEX_GET || index == INDEX_POST)
        return &request->method;
    return index == INDEX_ROOT || index == INDEX_PATH_LAST ? &request->path : NULL;
}

static void take_indexed(struct ts_hpack_request *request, size_t index)
{
    if (index == INDEX_GET)
        ts_buf_add_text(&request->method, "GET");
    else if (index == INDEX_ROOT)
        ts_buf_add_text(&request->path, "/");
}

static void read_literal(struct ts_hpack_request *request, struct cursor *cursor, unsigned bits)
{
    size_t index = read_number(cursor, bits);
    if (index == 0)
        read_string(cursor, NULL);
    read_string(cursor, place_of(request, index));
}

bool ts_hpack_read(struct ts_hpack_request *request, const char *block, size_t size)
{
    const unsigned char *data = (const unsigned char *)block;
    struct cursor cursor = {data, data + size, false};
    ts_buf_clear(&request->method);
    ts_buf_clear(&request->path);
    ts_buf_clear(&request->authority);
    ts_buf_clear(&request->authorization);
    ts_buf_clear(&request->cookie);
    while (cursor.at < cursor.end && !cursor.failed) {
        unsigned first = *cursor.at;
        if (first >= 0x80)
            take_indexed(request, read_number(&cursor, 7));
        else if (first >= 0x40)
            read_literal(request, &cursor, 6);
        else if (first >= 0x20)
            (void)read_number(&cursor, 5);
        else
            read_literal(request, &cursor, 4);
    }
    return !cursor.failed;
}
