#include "input/trims.h"

void haul_trims_note(struct haul_trims *trims, const struct haul_list_entry *entry)
{
    if (!entry->trimmed)
        return;
    if (!trims->count++) {
        trims->line = entry->line;
        trims->code = entry->trimmed;
    }
}

void haul_trims_add(const struct haul_trims *trims, struct haul_buf *words)
{
    if (trims->count)
        haul_buf_addf(words,
                      "characters that cannot be seen are left out around %llu %s, here "
                      "U+%04X",
                      (unsigned long long)trims->count, trims->count == 1 ? "URL" : "URLs",
                      (unsigned)trims->code);
}

void haul_trims_tell(const struct haul_trims *trims, const char *name, struct haul_buf *words)
{
    if (!trims->count)
        return;
    haul_buf_addf(words, "%s%s", words->len ? "; " : "", name);
    if (trims->line)
        haul_buf_addf(words, ":%llu", (unsigned long long)trims->line);
    haul_buf_add_str(words, ": ");
    haul_trims_add(trims, words);
}
