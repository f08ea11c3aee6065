#include "cli/hint.h"

#include <string.h>

#include "cli/option.h"

/* Longer than any option; what is longer still is not worth guessing at. */
enum { NAME_MAX_LEN = 40, PREFIX_MIN = 3, LETTERS_PER_SLIP = 3 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
static size_t count_slips(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[3][NAME_MAX_LEN + 1], i, j, best;

    for (j = 0; j <= b_len; j++)
        row[0][j] = j;
    for (i = 1; i <= a_len; i++) {
        size_t *now = row[i % 3], *before = row[(i - 1) % 3], *swapped = row[(i + 1) % 3];

        now[0] = i;
        for (j = 1; j <= b_len; j++) {
            best = smaller(before[j], now[j - 1]) + 1;
            best = smaller(best, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = smaller(best, swapped[j - 2] + 1);
            now[j] = best;
        }
    }
    return row[a_len % 3][b_len];
}

struct search {
    struct haul_span typed;
    const char *best;
    size_t slips; /* of the best so far; only fewer will do */
};

static void consider(struct search *search, const char *name)
{
    size_t slips, name_len = strlen(name);

    if (name_len > NAME_MAX_LEN)
        return;
    slips = count_slips(search->typed.at, search->typed.len, name, name_len);
    if (search->typed.len >= PREFIX_MIN && !strncmp(name, search->typed.at, search->typed.len))
        slips = 0;
    if (slips < search->slips) {
        search->slips = slips;
        search->best = name;
    }
}

const char *haul_hint_nearest(struct haul_span typed)
{
    struct search search = {.typed = typed, .slips = typed.len / LETTERS_PER_SLIP + 1};
    const struct haul_option *row;

    if (!typed.len || typed.len > NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; (row = haul_options_row(i)) != NULL; i++) {
        consider(&search, row->name);
        for (size_t j = 0; j < HAUL_OPTION_ALIASES_MAX && row->alias[j]; j++)
            consider(&search, row->alias[j]);
    }
    return search.best;
}

const char *haul_hint_command(struct haul_span typed)
{
    static const struct {
        const char *word, *command;
    } known[] = {{"report", "haul report"},
                 {"diff", "haul diff"},
                 {"history", "haul history"},
                 {"help", "haul --help"},
                 {"version", "haul --version"}};
    struct search search = {.typed = typed, .slips = typed.len / LETTERS_PER_SLIP + 1};
    size_t i = 0;

    if (typed.len < PREFIX_MIN || typed.len > NAME_MAX_LEN || strcspn(typed.at, ".:/") < typed.len)
        return NULL;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        consider(&search, known[k].word);
    while (search.best && known[i].word != search.best)
        i++;
    return search.best ? known[i].command : NULL;
}
