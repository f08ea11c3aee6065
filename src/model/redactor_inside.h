#ifndef HAUL_MODEL_REDACTOR_INSIDE_H
#define HAUL_MODEL_REDACTOR_INSIDE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/redactor.h"

/* What the parts of the redactor share: its rules, and the text that they are looked up in. */

/* Of a name in a text, which may be encoded several times: a longer one matches none. */
enum { HAUL_REDACTOR_NAME_MAX = 9 * HAUL_REDACTOR_RULE_MAX };

struct haul_redactor_rule {
    char *name;     /* or NULL: an expression */
    regex_t *regex; /* or NULL: a name */
};

struct haul_redactor {
    size_t count;
    bool has_regex;
    struct haul_redactor_rule rule[];
};

/* ---- redactor_view.c ---- */

/* Which bytes of the source a byte of the view stands for. */
struct haul_redactor_origin {
    size_t from, to;
};

/* Is told of a part of the source that is hidden now; `has_names`: an expression matches it, and
 * there may be names in it. */
typedef void haul_redactor_learn_fn(void *arg, const char *text, size_t len, bool has_names);

/*
 * A text, which of its bytes are to be hidden, and how it looks once its percent-encoding is undone
 * so and so many times. What is hidden in the view is hidden in the source: whole escapes.
 */
struct haul_redactor_view {
    const char *source; /* the text; not owned */
    size_t source_len;
    unsigned char *hidden; /* a flag for each byte of it */
    char *text;            /* as it looks */
    size_t len;
    struct haul_redactor_origin *origin; /* of each byte of that */
    unsigned depth;                      /* how many times it was decoded */
    haul_redactor_learn_fn *learn;       /* is given what is hidden, with `learn_arg`; or NULL */
    void *learn_arg;
    bool is_name; /* a relative path: it begins with a part of one */
};

/* Makes one of a text of `len` bytes, at least 1. HAUL_ERR_NOMEM: it may be given to _done only. */
HAUL_MUST_USE enum haul_err haul_redactor_view_init(struct haul_redactor_view *view,
                                                    const char *text, size_t len);
void haul_redactor_view_done(struct haul_redactor_view *view);

/* The view becomes the source as it is, with "***" for what is hidden by now. */
void haul_redactor_view_begin(struct haul_redactor_view *view);

/* Undoes the percent-encoding of the view once. False: that changes nothing, or is as deep as it
 * goes. */
bool haul_redactor_view_decode(struct haul_redactor_view *view);

/* A '+' becomes a blank, as in forms. */
void haul_redactor_view_blank_plus(struct haul_redactor_view *view);

/* Hides a part of the view, a value; what an expression matches, in which there may be a name, too;
 * each place where a word, not empty, stands in it. */
void haul_redactor_hide(struct haul_redactor_view *view, size_t from, size_t to);
void haul_redactor_hide_match(struct haul_redactor_view *view, size_t from, size_t to);
void haul_redactor_hide_word(struct haul_redactor_view *view, const char *word, size_t len);

/* Up to where the bytes of the source from `at` on, which is one of them, are hidden, or are not.
 * */
size_t haul_redactor_run_end(const struct haul_redactor_view *view, size_t at);

/* ---- redactor.c ---- */

/* Hides what the redactor (or NULL) and secrets (or NULL) say. A view that learns is not hidden as
 * a whole for its length. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_redactor_look(const struct haul_redactor *redactor,
                                               const struct haul_redactor_secrets *secrets,
                                               struct haul_redactor_view *view);

/* ---- redactor_name.c ---- */

/* Hides the values of named parameters, and userinfo of URLs in URLs, as deep as they stand. */
void haul_redactor_hide_names(const struct haul_redactor *redactor,
                              struct haul_redactor_view *view);

/* As haul_redactor_apply_earlier wants it. */
void haul_redactor_hide_names_earlier(const struct haul_redactor *redactor,
                                      struct haul_redactor_view *view);

#endif
