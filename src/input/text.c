#include "input/text.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"

/* clang-format off */
#define LOWER (HAUL_IN_PATH | HAUL_IN_HOST | HAUL_IN_SCHEME)
#define UPPER (HAUL_IN_PATH | HAUL_IN_SCHEME)
#define DIGIT (HAUL_IN_PATH | HAUL_IN_HOST | HAUL_IN_SCHEME)
#define PATH  HAUL_IN_PATH
#define ENDS  HAUL_ENDS_AUTHORITY

const unsigned char haul_text_classes[256] = {
    ['a'] = LOWER, ['b'] = LOWER, ['c'] = LOWER, ['d'] = LOWER, ['e'] = LOWER, ['f'] = LOWER,
    ['g'] = LOWER, ['h'] = LOWER, ['i'] = LOWER, ['j'] = LOWER, ['k'] = LOWER, ['l'] = LOWER,
    ['m'] = LOWER, ['n'] = LOWER, ['o'] = LOWER, ['p'] = LOWER, ['q'] = LOWER, ['r'] = LOWER,
    ['s'] = LOWER, ['t'] = LOWER, ['u'] = LOWER, ['v'] = LOWER, ['w'] = LOWER, ['x'] = LOWER,
    ['y'] = LOWER, ['z'] = LOWER,
    ['A'] = UPPER, ['B'] = UPPER, ['C'] = UPPER, ['D'] = UPPER, ['E'] = UPPER, ['F'] = UPPER,
    ['G'] = UPPER, ['H'] = UPPER, ['I'] = UPPER, ['J'] = UPPER, ['K'] = UPPER, ['L'] = UPPER,
    ['M'] = UPPER, ['N'] = UPPER, ['O'] = UPPER, ['P'] = UPPER, ['Q'] = UPPER, ['R'] = UPPER,
    ['S'] = UPPER, ['T'] = UPPER, ['U'] = UPPER, ['V'] = UPPER, ['W'] = UPPER, ['X'] = UPPER,
    ['Y'] = UPPER, ['Z'] = UPPER,
    ['0'] = DIGIT, ['1'] = DIGIT, ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT,
    ['5'] = DIGIT, ['6'] = DIGIT, ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT,
    ['-'] = PATH | HAUL_IN_HOST | HAUL_IN_SCHEME, ['.'] = PATH | HAUL_IN_HOST | HAUL_IN_SCHEME,
    ['_'] = PATH | HAUL_IN_HOST, ['+'] = PATH | HAUL_IN_SCHEME,
    ['~'] = PATH, [':'] = PATH, ['['] = PATH, [']'] = PATH, ['@'] = PATH, ['!'] = PATH,
    ['$'] = PATH, ['&'] = PATH, ['\''] = PATH, ['('] = PATH, [')'] = PATH, ['*'] = PATH,
    [','] = PATH, [';'] = PATH, ['='] = PATH, ['%'] = PATH,
    ['/'] = PATH | ENDS, ['?'] = PATH | ENDS, ['#'] = ENDS, ['\\'] = ENDS,
};

static const char *const opaque_schemes[] = {
    "about", "blob", "callto", "cid", "data", "file", "geo", "javascript", "magnet", "mailto",
    "mid", "news", "sip", "sips", "skype", "sms", "tel", "urn", "view-source", "whatsapp", "xmpp",
};
/* clang-format on */

static const uint64_t each_byte = 0x0101010101010101U;
static const uint64_t high_bits = 0x8080808080808080U;

/* Eight bytes at a time (Bit Twiddling Hacks, "byte less than n"): this runs over every list byte.
 */
bool haul_text_has_control(struct haul_span text)
{
    uint64_t found = 0;
    size_t i = 0;

    for (; i + sizeof found <= text.len; i += sizeof found) {
        uint64_t word, del;

        memcpy(&word, text.at + i, sizeof word);
        del = word ^ each_byte * 0x7f;
        found |= (word - each_byte * 0x20) & ~word;
        found |= (del - each_byte) & ~del;
    }
    if (found & high_bits)
        return true;
    for (; i < text.len; i++)
        if (haul_ascii_is_control(text.at[i]))
            return true;
    return false;
}

struct haul_span haul_text_skip_mark(struct haul_span text)
{
    if (text.len < HAUL_TEXT_MARK_LEN || memcmp(text.at, HAUL_TEXT_MARK, HAUL_TEXT_MARK_LEN) != 0)
        return text;
    return (struct haul_span){text.at + HAUL_TEXT_MARK_LEN, text.len - HAUL_TEXT_MARK_LEN};
}

struct haul_span haul_text_before(struct haul_span text, char end)
{
    const char *found = text.len ? memchr(text.at, end, text.len) : NULL;

    return found ? (struct haul_span){text.at, (size_t)(found - text.at)} : text;
}

size_t haul_text_scheme_length(struct haul_span text)
{
    size_t len = 0;

    if (!text.len || !haul_ascii_is_alpha(*text.at))
        return 0;
    while (len < text.len && haul_text_is(text.at[len], HAUL_IN_SCHEME))
        len++;
    return len < text.len && text.at[len] == ':' ? len : 0;
}

bool haul_text_is_opaque_scheme(struct haul_span name)
{
    for (size_t i = 0; i < sizeof opaque_schemes / sizeof *opaque_schemes; i++)
        if (haul_span_is_word(name, opaque_schemes[i]))
            return true;
    return false;
}

size_t haul_text_authority_length(struct haul_span text)
{
    size_t len = 0;

    while (len < text.len && !haul_text_is(text.at[len], HAUL_ENDS_AUTHORITY))
        len++;
    return len;
}

size_t haul_text_length_through_at(struct haul_span text)
{
    size_t len = text.len;

    while (len && text.at[len - 1] != '@')
        len--;
    return len;
}

char haul_text_decode_byte(struct haul_span text, size_t *at)
{
    if (text.at[*at] == '%' && text.len - *at >= 3) {
        int high = haul_ascii_hex_value(text.at[*at + 1]);
        int low = haul_ascii_hex_value(text.at[*at + 2]);

        if (high >= 0 && low >= 0) {
            *at += 3;
            return (char)(high << 4 | low);
        }
    }
    return text.at[(*at)++];
}
