#include "base/visible.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/ascii.h"
#include "base/utf8.h"

enum {
    NON_JOINER = 0x200c,
    JOINER = 0x200d,
    EMOJI_SELECTOR = 0xfe0f,
    SKIN_FIRST = 0x1f3fb, /* Fitzpatrick modifiers: what they change is before them */
    SKIN_LAST = 0x1f3ff
};

struct range {
    uint32_t first, last;
};

/* Each of these tables is sorted. What is never visible, controls among it. */
static const struct range hidden[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},
    {0x17b4, 0x17b5}, {0x180e, 0x180e},   {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* Blocks of scripts in which a joiner changes what is seen: cursive ones, and those with viramas.
 */
static const struct range joining[] = {
    {0x0600, 0x074f},   {0x0750, 0x077f},   {0x07c0, 0x07ff},   {0x0840, 0x08ff},
    {0x0900, 0x0dff},   {0x0f00, 0x109f},   {0x1700, 0x18af},   {0x1900, 0x194f},
    {0x1a20, 0x1c4f},   {0x1cd0, 0x1cff},   {0xa800, 0xa8ff},   {0xa930, 0xa9ff},
    {0xaa00, 0xaa7f},   {0xaae0, 0xaaff},   {0xabc0, 0xabff},   {0xfb50, 0xfdff},
    {0xfe70, 0xfefc},   {0x10a00, 0x10aff}, {0x10b80, 0x10baf}, {0x10d00, 0x10d3f},
    {0x10ec0, 0x10fff}, {0x11000, 0x11fff}, {0x1e900, 0x1e95f},
};

/* In these blocks, but no letters and no marks: numbers, punctuation and signs. */
static const struct range apart[] = {
    {0x0600, 0x060f}, {0x061b, 0x061f}, {0x0660, 0x066d}, {0x06d4, 0x06d4}, {0x06dd, 0x06de},
    {0x06e9, 0x06e9}, {0x06f0, 0x06f9}, {0x0700, 0x070f}, {0x07c0, 0x07c9}, {0x07f6, 0x07f9},
    {0x0964, 0x096f}, {0x09e6, 0x09ef}, {0x0a66, 0x0a6f}, {0x0ae6, 0x0aef}, {0x0b66, 0x0b6f},
    {0x0be6, 0x0bff}, {0x0c66, 0x0c6f}, {0x0ce6, 0x0cef}, {0x0d66, 0x0d6f}, {0x0de6, 0x0def},
    {0x0df4, 0x0df4}, {0x1040, 0x104f}, {0x17d4, 0x17db}, {0x17e0, 0x17f9}, {0x1800, 0x180f},
    {0x1810, 0x1819}, {0xfd3e, 0xfd3f},
};

/* Those with canonical combining class 9: they kill a vowel, and what is behind them says how. */
static const struct range virama[] = {
    {0x094d, 0x094d},   {0x09cd, 0x09cd},   {0x0a4d, 0x0a4d},   {0x0acd, 0x0acd},
    {0x0b4d, 0x0b4d},   {0x0bcd, 0x0bcd},   {0x0c4d, 0x0c4d},   {0x0ccd, 0x0ccd},
    {0x0d3b, 0x0d3c},   {0x0d4d, 0x0d4d},   {0x0dca, 0x0dca},   {0x0f84, 0x0f84},
    {0x1039, 0x103a},   {0x1714, 0x1715},   {0x1734, 0x1734},   {0x17d2, 0x17d2},
    {0x1a60, 0x1a60},   {0x1b44, 0x1b44},   {0x1baa, 0x1bab},   {0x1bf2, 0x1bf3},
    {0xa806, 0xa806},   {0xa82c, 0xa82c},   {0xa8c4, 0xa8c4},   {0xa953, 0xa953},
    {0xa9c0, 0xa9c0},   {0xaaf6, 0xaaf6},   {0xabed, 0xabed},   {0x10a3f, 0x10a3f},
    {0x11046, 0x11046}, {0x11070, 0x11070}, {0x1107f, 0x1107f}, {0x110b9, 0x110b9},
    {0x11133, 0x11134}, {0x111c0, 0x111c0}, {0x11235, 0x11235}, {0x112ea, 0x112ea},
    {0x1134d, 0x1134d}, {0x11442, 0x11442}, {0x114c2, 0x114c2}, {0x115bf, 0x115bf},
    {0x1163f, 0x1163f}, {0x116b6, 0x116b6}, {0x1172b, 0x1172b}, {0x11839, 0x11839},
    {0x1193d, 0x1193e}, {0x119e0, 0x119e0}, {0x11a34, 0x11a34}, {0x11a47, 0x11a47},
    {0x11a99, 0x11a99}, {0x11c3f, 0x11c3f}, {0x11d44, 0x11d45}, {0x11d97, 0x11d97},
};

/* Blocks in which pictographs stand (Unicode standard 51), in broad strokes. */
static const struct range pictograph[] = {
    {0x2190, 0x21ff}, {0x2600, 0x27bf}, {0x2b00, 0x2bff}, {0x1f000, 0x1faff}};

static const struct range mongolian[] = {{0x1820, 0x1878}, {0x1880, 0x18aa}};

static const struct range jamo[] = {{0x1100, 0x115e}, {0x1161, 0x11ff}};

/* What is hidden, and belongs to no writing: all but the joiners of these have no context. */
static const struct range stray[] = {{0x00ad, 0x00ad}, {0x061c, 0x061c}, {0x180e, 0x180e},
                                     {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f},
                                     {0xfeff, 0xfeff}, {0xfff9, 0xfffb}};

#define IS_IN(code, ranges) is_in(code, ranges, sizeof(ranges) / sizeof *(ranges))

static bool is_in(uint32_t code, const struct range *range, size_t count)
{
    for (size_t i = 0; i < count && range[i].first <= code; i++)
        if (code <= range[i].last)
            return true;
    return false;
}

/* ---- what stands beside it ---- */

/* The character that ends before `at`; 0: none does. *at: where it begins. */
static uint32_t before(const char *text, size_t *at)
{
    for (size_t n = 1; n <= HAUL_UTF8_MAX && n <= *at; n++) {
        struct haul_utf8 point = haul_utf8_next(text + *at - n, n);

        if (!point.valid || point.len != n)
            continue;
        *at -= n;
        return point.code;
    }
    return 0;
}

/* The one that begins at `at`; 0: none does. */
static uint32_t behind(const char *text, size_t len, size_t at)
{
    struct haul_utf8 point = {0};

    if (at < len)
        point = haul_utf8_next(text + at, len - at);
    return point.valid ? point.code : 0;
}

static bool is_joining(uint32_t code)
{
    return IS_IN(code, joining) && !IS_IN(code, apart) && !IS_IN(code, hidden);
}

static bool ends_in_pictograph(const char *text, size_t at)
{
    uint32_t code = before(text, &at);

    while (code == EMOJI_SELECTOR || (code >= SKIN_FIRST && code <= SKIN_LAST))
        code = before(text, &at);
    return IS_IN(code, pictograph);
}

static bool is_joiner_seen(const char *text, size_t len, size_t at, const struct haul_utf8 *point)
{
    size_t begin = at;
    uint32_t last = before(text, &begin), next = behind(text, len, at + point->len);

    if (IS_IN(last, virama) || (is_joining(last) && is_joining(next)))
        return true;
    return point->code == JOINER && IS_IN(next, pictograph) && ends_in_pictograph(text, at);
}

/* ---- the whole ---- */

size_t haul_visible_length(const char *text, size_t len, size_t at)
{
    struct haul_utf8 point = haul_utf8_next(text + at, len - at);
    size_t begin = at;
    bool is_seen = true;

    if (!point.valid || (point.code & 0xfffe) == 0xfffe || IS_IN(point.code, hidden))
        return 0;
    if (point.code == NON_JOINER || point.code == JOINER)
        is_seen = is_joiner_seen(text, len, at, &point);
    else if (point.code >= 0x180b && point.code <= 0x180f)
        is_seen = IS_IN(before(text, &begin), mongolian);
    else if (point.code == 0x115f || point.code == 0x1160)
        is_seen =
            IS_IN(before(text, &begin), jamo) || IS_IN(behind(text, len, at + point.len), jamo);
    return is_seen ? point.len : 0;
}

/* ---- the ends ---- */

/* Whether the character of that code, which begins at `at`, came along with the text. */
static bool is_stray(struct haul_span text, size_t at, uint32_t code)
{
    if (code < 0x80)
        return haul_ascii_is_blank((char)code);
    return haul_utf8_is_space(code) ||
           (IS_IN(code, stray) && !haul_visible_length(text.at, text.len, at));
}

/* Takes one character off either end. False: both stay. */
static bool take_stray(struct haul_span *text, uint32_t *code)
{
    struct haul_utf8 first = haul_utf8_next(text->at, text->len);
    size_t last = text->len;

    *code = first.code;
    if (first.valid && is_stray(*text, 0, first.code)) {
        (void)haul_span_take(text, first.len);
        return true;
    }
    *code = before(text->at, &last);
    if (last == text->len || !is_stray(*text, last, *code))
        return false;
    text->len = last;
    return true;
}

struct haul_span haul_visible_trim(struct haul_span text, uint32_t *code)
{
    struct haul_span rest = text;
    uint32_t taken;

    *code = 0;
    while (rest.len && take_stray(&rest, &taken))
        if (!*code && taken >= 0x80)
            *code = taken;
    return *code ? rest : text;
}
