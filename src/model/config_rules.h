#ifndef HAUL_MODEL_CONFIG_RULES_H
#define HAUL_MODEL_CONFIG_RULES_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/config.h"

/*
 * The rules between options: what a configuration must say, and must not say, beside each option's
 * own limits (cli/set.h). Each rule holds for some verbs; a verb looks at no option that it does
 * not know, because a configuration file may say of runs what means nothing to it.
 */

/* What is to be done with a configuration. */
enum haul_verb {
    HAUL_VERB_RUN,
    HAUL_VERB_DRY_RUN, /* --dry-run: what a run refuses is refused, too */
    HAUL_VERB_REPORT,
    HAUL_VERB_DIFF,
    HAUL_VERB_HISTORY
};

/*
 * Whether the verb can be carried out with these options. Every verb calls it before it opens
 * anything. HAUL_ERR_USAGE: `message` has been appended the words of the first rule that is broken,
 * one line without newline and not escaped. Pure: files are looked at elsewhere
 * (report/path_clash.h). Any thread.
 */
HAUL_MUST_USE enum haul_err haul_config_check(const struct haul_config *config, enum haul_verb verb,
                                              struct haul_buf *message);

/* Whether bodies are saved: in a directory or in an archive. Pure. */
bool haul_config_saves(const struct haul_config *config);

/* Whether the archive goes to standard output. Pure. */
bool haul_config_streams_tar(const struct haul_config *config);

#endif
