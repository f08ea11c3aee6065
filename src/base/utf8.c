#include "base/utf8.h"

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* How long a sequence the first byte announces, and the lowest code point that needs so many. */
static size_t sequence_length(unsigned char first, uint32_t *lowest)
{
    if (first < 0x80) {
        *lowest = 0;
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        *lowest = 0x80;
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        *lowest = 0x800;
        return 3;
    }
    *lowest = 0x10000;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

struct haul_utf8 haul_utf8_next(const void *at, size_t left)
{
    static const uint32_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const struct haul_utf8 broken = {1, 0, false};
    const unsigned char *byte = at;
    uint32_t lowest, code;
    size_t len = sequence_length(*byte, &lowest);

    if (len == 0 || len > left)
        return broken;
    code = *byte & mask[len];
    for (size_t i = 1; i < len; i++) {
        if (!is_tail(byte[i]))
            return broken;
        code = code << 6 | (byte[i] & 0x3fU);
    }
    if (code < lowest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return broken;
    return (struct haul_utf8){len, code, true};
}

char *haul_utf8_put(char *to, uint32_t code)
{
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    int tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

    *to++ = (char)(lead[tail] | code >> 6 * tail);
    while (tail--)
        *to++ = (char)(0x80 | (code >> 6 * tail & 63));
    return to;
}

bool haul_utf8_is_space(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
        {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}
