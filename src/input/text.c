#include "input/text.h"

#include <string.h>
#include <strings.h>

/* clang-format off */
#define LOWER (HAUL_IN_PATH | HAUL_IN_HOST | HAUL_IN_SCHEME)
#define UPPER (HAUL_IN_PATH | HAUL_IN_SCHEME)
#define DIGIT (HAUL_IN_PATH | HAUL_IN_HOST | HAUL_IN_SCHEME)
#define PATH  HAUL_IN_PATH
#define ENDS  HAUL_ENDS_AUTHORITY
#define CTRL  HAUL_IS_CONTROL
#define EIGHT_CTRL(n) [n] = CTRL, [n + 1] = CTRL, [n + 2] = CTRL, [n + 3] = CTRL, \
                      [n + 4] = CTRL, [n + 5] = CTRL, [n + 6] = CTRL, [n + 7] = CTRL

const unsigned char haul_text_classes[256] = {
    EIGHT_CTRL(0), EIGHT_CTRL(8), EIGHT_CTRL(16), EIGHT_CTRL(24), [0x7f] = CTRL,
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

bool haul_text_has_control(struct haul_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (haul_text_is(text.at[i], HAUL_IS_CONTROL))
            return true;
    return false;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct haul_span haul_text_trim_blanks(struct haul_span text)
{
    while (text.len && is_blank(*text.at)) {
        text.at++;
        text.len--;
    }
    while (text.len && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

static bool is_alpha(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

size_t haul_text_scheme_length(struct haul_span text)
{
    size_t len = 0;

    if (!text.len || !is_alpha(*text.at))
        return 0;
    while (len < text.len && haul_text_is(text.at[len], HAUL_IN_SCHEME))
        len++;
    return len < text.len && text.at[len] == ':' ? len : 0;
}

bool haul_text_is_opaque_scheme(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof opaque_schemes / sizeof *opaque_schemes; i++)
        if (strlen(opaque_schemes[i]) == len && strncasecmp(opaque_schemes[i], name, len) == 0)
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

static int hex_value(char byte)
{
    if (haul_text_is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

char haul_text_decode_byte(struct haul_span text, size_t *at)
{
    if (text.at[*at] == '%' && text.len - *at >= 3) {
        int high = hex_value(text.at[*at + 1]);
        int low = hex_value(text.at[*at + 2]);

        if (high >= 0 && low >= 0) {
            *at += 3;
            return (char)(high << 4 | low);
        }
    }
    return text.at[(*at)++];
}
