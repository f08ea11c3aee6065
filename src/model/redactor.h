#ifndef HAUL_MODEL_REDACTOR_H
#define HAUL_MODEL_REDACTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"
#include "haul/values.h"
#include "model/redactor_secrets.h"

/*
 * What the user wants kept out of every output (--redact): the values of named query parameters,
 * and whatever an expression matches. In doubt too much is hidden and not too little. (Names and
 * passwords in URLs are hidden always, and elsewhere.)
 *
 * A rule is one of two:
 *
 *   NAME      the value of each parameter of that name becomes "***". A name is all that stands
 *             between the start of the text, or one of / ? & ; #, and a '='; or the last word of
 *             that, behind a blank, a '+', a quote, a comma or an opening bracket. It is compared
 *             once its percent-encoding is undone ('+' is a space, too), ASCII letters in any case.
 *             A value goes on to the next '&' or '#', or to a ';' behind which another name and '='
 *             follow; behind a '#' it includes further ones; of a parameter in the path (";id=1?a")
 *             it ends at the '?', and of one behind a '/' in the path ("/id=1/a") at the next '/',
 *             too. An empty value stays.
 *   /REGEX/   each match of the POSIX extended expression becomes "***". Bytes are bytes, whatever
 *             the locale; letter case counts; "^" and "$" are the ends of the text, and a NUL is a
 *             byte that "." matches.
 *
 * All rules look at the text as it was, and at what becomes of it when its percent-encoding is
 * undone once, twice, up to HAUL_REDACTOR_DEPTH times: a URL may stand encoded in another one, and
 * that in a third. What any of them hides anywhere is hidden, and touching parts become one "***".
 * Where there is a rule, what stands between "://" and "@" becomes "***", too; in a query, a '&'
 * that is encoded no more often than the '?' ends what could be that.
 */

enum {
    HAUL_REDACTOR_RULE_MAX = 1000, /* bytes */
    /*
     * Longer texts are hidden as a whole if there is an expression: matching may take the square of
     * the length, and a part would not show what the whole matches. RFC 9110 4.1 asks for 8000.
     */
    HAUL_REDACTOR_TEXT_MAX = 8192,
    HAUL_REDACTOR_DEPTH = 3 /* levels of percent-encoding that are undone */
};

/* Constant after create; any number of threads may use it at a time. */
struct haul_redactor;

/*
 * Makes a redactor of `rules`, of which nothing is kept.
 *
 * HAUL_OK: `*redactor` is the caller's, who frees it when no thread uses it any more; it is NULL if
 * there is no rule. Otherwise `*redactor` is NULL, and for all but HAUL_ERR_NOMEM `*cause` is a
 * static phrase for a message. HAUL_ERR_SYNTAX: a rule is empty, a name holds one of "&;#?=,/" or a
 * control character (it could never match, and what was meant would stay readable), or an
 * expression is malformed or has a back-reference (their cost has no bound). HAUL_ERR_LIMIT: a rule
 * is longer than HAUL_REDACTOR_RULE_MAX, or an expression needs too much memory. Any thread.
 */
HAUL_MUST_USE enum haul_err haul_redactor_create(struct haul_redactor **redactor,
                                                 const struct haul_strings *rules,
                                                 const char **cause);

/* The same, with a message of why not. HAUL_ERR_USAGE, with one; HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_redactor_make(struct haul_redactor **redactor,
                                               const struct haul_strings *rules,
                                               struct haul_buf *message);

/* Frees it. NULL is fine. */
void haul_redactor_free(struct haul_redactor *redactor);

/*
 * Appends the `len` bytes of `text` to `out` with everything hidden that a rule names. A NULL
 * redactor copies. `text` may hold any bytes, stays the caller's, and must not be part of `out`.
 *
 * To be used on text before it is escaped. Linear in `len` for names; for expressions see
 * HAUL_REDACTOR_TEXT_MAX. Failure is the sticky error of `out`, and nothing that is to be hidden is
 * appended then either. Any thread; threads may wait for each other's matching, for the C library
 * may use a lock.
 */
void haul_redactor_apply(const struct haul_redactor *redactor, const char *text, size_t len,
                         struct haul_buf *out);

/*
 * The same as versions did that looked at the text as it was only, and undid the encoding of names
 * once, but of nothing else: names of files that they have saved are found with it, and nothing
 * that it makes may be shown.
 */
void haul_redactor_apply_earlier(const struct haul_redactor *redactor, const char *text, size_t len,
                                 struct haul_buf *out);

/* As haul_redactor_apply, and each place where a secret stands is hidden, too, up to the same
 * depth. `secrets` may be NULL. */
void haul_redactor_apply_all(const struct haul_redactor *redactor,
                             const struct haul_redactor_secrets *secrets, const char *text,
                             size_t len, struct haul_buf *out);

/* The same for a name of a file below DIR: it is a path from its first byte on. What haul has named
 * without secrets stays as it is. */
void haul_redactor_apply_name(const struct haul_redactor *redactor,
                              const struct haul_redactor_secrets *secrets, const char *name,
                              size_t len, struct haul_buf *out);

/*
 * Adds what the redactor (or NULL: nothing) hides in a text, such as the URL that is asked for:
 * each value of a parameter and each match of an expression, with its parts, and touching ones
 * together. In a text longer than HAUL_REDACTOR_TEXT_MAX expressions are not looked for.
 */
void haul_redactor_secrets_learn(struct haul_redactor_secrets *secrets,
                                 const struct haul_redactor *redactor, const char *text,
                                 size_t len);

/*
 * Whether that changes the text (NULL, like a NULL redactor: no). `room` is for the call, and keeps
 * its memory. True, too, if memory runs out.
 */
bool haul_redactor_hides(const struct haul_redactor *redactor, const char *text, size_t len,
                         struct haul_buf *room);

/* The same of haul_redactor_apply_all. */
bool haul_redactor_hides_any(const struct haul_redactor *redactor,
                             const struct haul_redactor_secrets *secrets, const char *text,
                             size_t len, struct haul_buf *room);

#endif
