#include "tell_entry.h"

void tell_entry(struct haul_buf *to, const struct haul_list_entry *entry)
{
    haul_buf_addf(to, "%llu [", (unsigned long long)entry->line);
    haul_buf_add(to, entry->text, entry->len);
    haul_buf_add_str(to, "]");
    for (size_t i = 0; entry->options && i < entry->options->attached_count; i++)
        haul_buf_addf(to, " %s=%s", entry->options->attached[i].name,
                      entry->options->attached[i].value);
    if (entry->reason != HAUL_REASON_NONE)
        haul_buf_addf(to, " !%s",
                      entry->problem ? entry->problem : haul_reason_text(entry->reason));
    haul_buf_add_char(to, '\n');
}
