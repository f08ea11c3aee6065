#include "model/change_rule.h"

#include <string.h>

#include "base/glob.h"

struct haul_change_rules haul_change_rules_of(const struct haul_config *config)
{
    return (struct haul_change_rules){.min_bytes = config->change_min_bytes,
                                      .min_millionths = config->change_min_millionths,
                                      .ignored = &config->ignore_changes};
}

const char *haul_change_rule_read(const char *text, enum haul_change_rule_kind *kind)
{
    static const char *const words[HAUL_CHANGE_RULE_KINDS] = {"path:", "host:", "type:"};

    for (int i = 0; i < HAUL_CHANGE_RULE_KINDS; i++)
        if (strncmp(text, words[i], strlen(words[i])) == 0) {
            *kind = (enum haul_change_rule_kind)i;
            return text + strlen(words[i]);
        }
    return NULL;
}

const char *haul_change_rule_check(const char *text)
{
    enum haul_change_rule_kind kind;
    const char *glob = haul_change_rule_read(text, &kind);

    if (!glob)
        return "must be path:GLOB, host:GLOB or type:GLOB";
    if (!*glob)
        return "the pattern is missing";
    return strlen(glob) > HAUL_GLOB_MAX ? "the pattern is too long" : NULL;
}
