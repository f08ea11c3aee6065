#ifndef HAUL_ENGINE_CONSOLE_H
#define HAUL_ENGINE_CONSOLE_H

#include "base/terminal.h"
#include "engine/resultq.h"
#include "haul/config.h"
#include "model/ledger.h"
#include "report/progress.h"

/*
 * Standard error while the collector runs: lines "haul: TEXT" and the progress line, which share
 * one screen. With --quiet-unless all of it is held back until it is known whether it is said; the
 * first 20 lines are kept, and so are the first 20 that make it speak. Everything that is said may
 * come from anywhere and is escaped. The collector's.
 */
struct haul_console {
    const struct haul_config *config; /* [const] */
    struct haul_terminal term;        /* [const] */
    int64_t begun_us;                 /* [const] monotonic; the start of the run */
    struct haul_buf line;             /* what is printed next */
    struct haul_buf held;
    struct haul_patience *patience; /* [const] with who reads */
    bool is_unheard;                /* nobody reads: nothing more is said */
    uint64_t held_lines;            /* all of them, also those that are not kept */
    uint64_t always_lines;          /* kept beside these */
    bool is_holding;                /* cleared by the owner */
    bool shows_progress;            /* the line is on the screen now */
    uint64_t invalid_shown;
    struct haul_progress_meter meter;
};

/* Makes one; the run begins now. `config` must outlive it, and `patience`. Freed with done. */
void haul_console_init(struct haul_console *console, const struct haul_config *config,
                       const struct haul_terminal *term, struct haul_patience *patience);
void haul_console_done(struct haul_console *console);

/* Says a text as one line. */
void haul_console_say(struct haul_console *console, const char *text);

/* The same for a line that makes a run with --quiet-unless speak: the first 20 of them are kept
 * beside the others, however many those are. */
void haul_console_say_always(struct haul_console *console, const char *text);

/* Says each line of a text, whose lines end with newlines, the last one perhaps not. */
void haul_console_say_lines(struct haul_console *console, const char *text);

/* Says "NAME: TEXTCAUSEEND": a name and a cause from outside, between words of haul's own. */
void haul_console_say_of(struct haul_console *console, const char *name, const char *text,
                         const char *cause, const char *end);

/*
 * Says that a line is no URL, unless --quiet; the first few only. The rest: how many more there
 * were, at the end.
 */
void haul_console_say_invalid(struct haul_console *console, const struct haul_record *rec);
void haul_console_say_invalid_rest(struct haul_console *console);

/* Says that robots.txt allowed none of the URLs, if so: it is no failure, for the site wants it so,
 * but nobody may take it for a site that is well. It makes a run with --quiet-unless speak. */
void haul_console_say_disallowed(struct haul_console *console, const struct haul_ledger *ledger);

/* --verbose: a line for each record. */
void haul_console_say_record(struct haul_console *console, const struct haul_record *rec);

/* Draws the progress line anew. The ledger's lines are 0 while not known. */
void haul_console_draw_progress(struct haul_console *console, const struct haul_ledger *ledger,
                                const struct haul_status *status);
void haul_console_erase_progress(struct haul_console *console);

/* Says what was held back, once `is_holding` is no longer set. */
void haul_console_say_held(struct haul_console *console);

#endif
