#include "base/glob.h"

#include <string.h>

/*
 * All ways of matching are followed at the same time: on[i] tells whether the first i items of the
 * pattern can match the text so far. Going back, as globs usually do, may take quadratic time.
 */

enum item_kind { ITEM_BYTE, ITEM_WITHIN, ITEM_ACROSS }; /* itself, *, ** */

struct item {
    enum item_kind kind;
    char byte;
};

static size_t read_items(const char *pattern, struct item item[HAUL_GLOB_MAX])
{
    size_t count = 0;

    while (*pattern) {
        if (*pattern != '*') {
            item[count++] = (struct item){ITEM_BYTE, *pattern++};
            continue;
        }
        item[count].kind = pattern[1] == '*' ? ITEM_ACROSS : ITEM_WITHIN;
        pattern += item[count++].kind == ITEM_ACROSS ? 2 : 1;
    }
    return count;
}

/* A star also matches nothing. */
static void pass_stars(const struct item *item, size_t count, bool *on)
{
    for (size_t i = 0; i < count; i++)
        if (item[i].kind != ITEM_BYTE && on[i])
            on[i + 1] = true;
}

/* Takes one byte of the text. From the end, because each step looks at the one before. Returns
 * whether any way goes on. */
static bool step(const struct item *item, size_t count, bool *on, char byte)
{
    bool any = false;

    for (size_t i = count; i > 0; i--) {
        const struct item *last = &item[i - 1];

        if (last->kind == ITEM_BYTE)
            on[i] = on[i - 1] && last->byte == byte;
        else
            on[i] = on[i] && (last->kind == ITEM_ACROSS || byte != '/');
        any = any || on[i];
    }
    on[0] = false;
    return any;
}

bool haul_glob_matches(const char *pattern, const char *text, size_t len)
{
    struct item item[HAUL_GLOB_MAX];
    bool on[HAUL_GLOB_MAX + 1];
    size_t literal = strcspn(pattern, "*"), count;

    if (literal > len || memcmp(pattern, text, literal) != 0)
        return false;
    if (!pattern[literal])
        return literal == len;
    if (strlen(pattern + literal) > HAUL_GLOB_MAX)
        return false;
    count = read_items(pattern + literal, item);
    memset(on, 0, (count + 1) * sizeof *on);
    on[0] = true;
    pass_stars(item, count, on);
    for (size_t i = literal; i < len; i++) {
        if (!step(item, count, on, text[i]))
            return false;
        pass_stars(item, count, on);
    }
    return on[count];
}
