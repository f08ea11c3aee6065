#include "engine/excess.h"

#include <string.h>

#include "model/entry_limits.h"

void haul_excess_init(struct haul_excess *excess)
{
    *excess = (struct haul_excess){0};
    haul_buf_init(&excess->where, 0);
}

void haul_excess_done(struct haul_excess *excess)
{
    haul_buf_done(&excess->where);
}

void haul_excess_note(struct haul_excess *excess, const struct haul_config *config,
                      const struct haul_job *job)
{
    unsigned kinds =
        job->options && job->origin ? haul_entry_excess_of(config, job->options, job->origin) : 0;
    const char *source = job->rec.source;

    if (!kinds)
        return;
    if (!excess->entries++)
        haul_buf_addf(&excess->where, "%s:%llu",
                      source && strcmp(source, "-") != 0 ? source : "standard input",
                      (unsigned long long)job->rec.line);
    excess->kinds |= kinds;
}

void haul_excess_add_words(const struct haul_excess *excess, struct haul_buf *message)
{
    const char *separator = "";

    if (!excess->entries)
        return;
    haul_buf_addf(message, "%s: ", haul_buf_str(&excess->where));
    for (int i = 0; i < HAUL_EXCESS_COUNT; i++) {
        if (!(excess->kinds & 1U << i))
            continue;
        haul_buf_addf(message, "%s%s", separator, haul_entry_excess_key(i));
        separator = ", ";
    }
    haul_buf_addf(message,
                  " of the list: %llu %s for more than this run allows, and had what it allows "
                  "(--list-keys safe)",
                  (unsigned long long)excess->entries,
                  excess->entries == 1 ? "entry asks" : "entries ask");
}
