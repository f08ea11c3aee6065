#ifndef HAUL_CLI_OPTION_H
#define HAUL_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/config.h"
#include "haul/err.h"
#include "model/config_rules.h"

/*
 * What an option is. The options are described by one table (table.c): the command line
 * (options.h), the environment, configuration files, --print-config, --help and the check of the
 * manual page read that table and nothing else.
 */

enum haul_option_arg {
    HAUL_OPTION_ARG_REQUIRED, /* --jobs N, --jobs=N, -jN, -j N */
    HAUL_OPTION_ARG_OPTIONAL, /* --progress, --progress=WHEN; never the next argument */
    HAUL_OPTION_ARG_NONE,     /* a flag: --http2 */
    HAUL_OPTION_ARG_SWITCH    /* a flag that --no-NAME turns off; with a metavar, one that may have
                                 a word, too: --skip-existing, --skip-existing=HOW */
};

/* How much of a value is hidden from messages and overwritten in argv. */
enum haul_option_secret {
    HAUL_OPTION_PUBLIC,
    HAUL_OPTION_SECRET_FIELD, /* what follows the first colon or semicolon: a header's value */
    HAUL_OPTION_SECRET_LOGIN, /* what stands before the @ of a URL */
    HAUL_OPTION_SECRET        /* all of it */
};

enum { HAUL_OPTION_ALIASES_MAX = 2, HAUL_OPTIONS_MAX = 192 };

struct haul_option_call; /* settings.h: private to this room */

/* One option. All strings are static. [const] */
struct haul_option {
    const char *name;    /* without dashes, unique */
    char letter;         /* or 0 */
    const char *metavar; /* the value's name in texts; NULL if and only if there is no value */
    const char *help;    /* one sentence without a full stop, wrapped where it is shown */
    const char *title;   /* of the group that begins with it in --help, or NULL */
    const char *shown;   /* the default, as one would write it, or NULL: none worth showing */
    const char *alias[HAUL_OPTION_ALIASES_MAX]; /* further long names, or NULL */
    char letter_alias;                          /* a further letter, or 0 */
    enum haul_option_arg arg;

    /* how a value gets into the configuration */
    enum haul_err (*set)(struct haul_option_call *call);
    size_t offset;    /* of the field of struct haul_config; if `only_typed`, of the result */
    int64_t min, max; /* of a number; `min` also: what a flag or its name alone chooses */
    const char *what; /* a number's name in messages, plural: "workers" */
    const char *const *words; /* of a choice, in the order of its enumeration, NULL ends it */
    const char *(*check)(const char *text); /* of a text: NULL, or why it cannot be used; or NULL */
    const char *none;                       /* the text that means NULL, or NULL: no text does */
    enum haul_option_secret secret;

    /* where it may stand */
    bool many;       /* each one adds; otherwise the last one wins */
    bool only_typed; /* on the command line, but not in a file or in the environment */
    bool for_report; /* it means something to haul report, too */
    bool for_audit;  /* the same for haul diff and haul history */
    unsigned host;   /* HAUL_HOST_SAYS_...: it may stand in a [host] section; or 0 */
};

/* Row `i` of the table, in the order of --help: groups together. NULL behind the last one, which is
 * before HAUL_OPTIONS_MAX. Static. Any thread. */
const struct haul_option *haul_options_row(size_t i);

/* Layers, the lowest first. What a higher one says about an option replaces all that lower ones say
 * about it, lists included. */
enum haul_layer {
    HAUL_LAYER_DEFAULT,
    HAUL_LAYER_FILE,
    HAUL_LAYER_ENVIRONMENT,
    HAUL_LAYER_COMMAND_LINE
};

/* Where a value comes from. */
struct haul_option_source {
    enum haul_layer layer;
    const char *name; /* of the file or the variable; NULL for the command line */
    uint64_t line;    /* in the file, from 1; otherwise 0 */
};

/* One option with its value, as it was given and taken. */
struct haul_option_setting {
    const struct haul_option *option;
    const char *value; /* as written, with its secrets; NULL: none was given */
    bool on;           /* false: --no-NAME, or "NAME = no" */
    struct haul_option_source from;
    const char *host; /* the [host] section it stands in, or NULL */
};

/* What is not part of the configuration. Its memory is the configuration's. */
struct haul_options_result {
    bool help;                 /* asked for instead of a run */
    bool version;              /* the same */
    bool print_config;         /* the same */
    enum haul_verb verb;       /* what is to be done */
    struct haul_strings files; /* configuration files that were named */
    bool no_config;            /* --no-config: none but those */

    struct haul_option_setting *setting; /* in the order in which they were taken, layer by layer */
    size_t setting_count;

    /* [private] the layer that has said something about each row of the table last */
    enum haul_layer given[HAUL_OPTIONS_MAX];
    /* [private] what --rate-per-host and --delay said last: the larger one is in force */
    int64_t host_rate_us, delay_us;
};

#endif
