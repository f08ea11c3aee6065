#ifndef HAUL_MODEL_CHANGE_RULE_H
#define HAUL_MODEL_CHANGE_RULE_H

#include <stdint.h>

#include "haul/config.h"

/*
 * Which changes are no news: --change-min and --ignore-change. They are about pages that are there
 * in both runs and have another size or type, or take other bytes on the wire; what is added or
 * gone, fails or is well again is always told. Pure.
 */
struct haul_change_rules {
    int64_t min_bytes;      /* a size that differs by less has not changed; 0: any is a change */
    int64_t min_millionths; /* the same, of what it was before; both have to be reached */
    const struct haul_strings *ignored; /* "path:GLOB", "host:GLOB" or "type:GLOB" (base/glob.h) */
};

/* Those of a configuration, which must stay as it is. */
struct haul_change_rules haul_change_rules_of(const struct haul_config *config);

/* What --ignore-change may say. NULL, or why it cannot be that, static. */
const char *haul_change_rule_check(const char *text);

/* The kinds of such a rule. */
enum haul_change_rule_kind {
    HAUL_CHANGE_RULE_PATH,
    HAUL_CHANGE_RULE_HOST,
    HAUL_CHANGE_RULE_TYPE,
    HAUL_CHANGE_RULE_KINDS
};

/* Takes a checked rule apart; returns its pattern, which points into `text`. */
const char *haul_change_rule_read(const char *text, enum haul_change_rule_kind *kind);

#endif
