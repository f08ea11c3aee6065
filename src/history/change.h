#ifndef HAUL_HISTORY_CHANGE_H
#define HAUL_HISTORY_CHANGE_H

#include <stdbool.h>

/*
 * What became of a URL since the earlier run (history/diff.h). One row per change: name, word for
 * programs (JSON, CSV; stable), words for people.
 */
#define HAUL_CHANGES(X)                                                                            \
    X(ADDED, "added", "added")                                                                     \
    X(GONE, "gone", "gone")                                                                        \
    X(GROWN, "grown", "grown")                                                                     \
    X(SHRUNK, "shrunk", "shrunk")                                                                  \
    X(TYPE, "type", "new type")            /* same size, another media type */                     \
    X(FAILING, "failing", "now failing")   /* was ok, counts as failed now */                      \
    X(RECOVERED, "recovered", "recovered") /* counted as failed, or was disallowed, is ok now */   \
    X(WIRE, "wire", "wire only")           /* same size and type, other bytes on the wire */       \
    X(DISALLOWED, "disallowed", "disallowed") /* had a size, robots.txt does not allow it now */

enum haul_change {
#define HAUL_CHANGE_ENUM(name, word, text) HAUL_CHANGE_##name,
    HAUL_CHANGES(HAUL_CHANGE_ENUM)
#undef HAUL_CHANGE_ENUM
        HAUL_CHANGE_COUNT
};

/* Whether a page that has changed so has no size now, and may have it still: what it had is told
 * apart, and is not lost. Pure. */
bool haul_change_is_apart(enum haul_change kind);

/* The two, by change. */
extern const char *const haul_change_words[HAUL_CHANGE_COUNT];
extern const char *const haul_change_texts[HAUL_CHANGE_COUNT];

#endif
