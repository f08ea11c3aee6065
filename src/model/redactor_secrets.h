#ifndef HAUL_MODEL_REDACTOR_SECRETS_H
#define HAUL_MODEL_REDACTOR_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/keyset.h"
#include "base/span.h"

enum {
    /* A shorter value, "1" or "en", stands in many texts that have nothing to do with it. */
    HAUL_REDACTOR_SECRET_MIN = 6, /* bytes */
    /* Each is looked for in each text. Of a line that has more of them, all texts are hidden. */
    HAUL_REDACTOR_SECRETS_MAX = 2000,
    /* The same of values and parts that were looked at for it: most of them are found several
     * times, as they stand between one kind of separators and the next. */
    HAUL_REDACTOR_LOOKS_MAX = 20 * HAUL_REDACTOR_SECRETS_MAX
};

/*
 * Values that a server has been sent and may give back in any of its texts, without a name: an ETag
 * that is made of a token. It may give back a part: of a value, the parts between = & ; , : quotes,
 * blanks and brackets are secrets as well, as it is and decoded up to HAUL_REDACTOR_DEPTH times. As
 * in forms, '+' and a blank are the same: in what was sent, and in what is looked at for it.
 *
 * None are, whole or as a part: what is shorter than HAUL_REDACTOR_SECRET_MIN; the host that is
 * asked, a domain that it is in, and localhost, with a port or without; a common media type. And as
 * a part: a word that is common in header fields and their values ("default"). Hiding these would
 * hide what says something else.
 *
 * One thread at a time; memory is kept until haul_redactor_secrets_done.
 */
struct haul_redactor_secrets {
    struct haul_buf values;    /* each with its NUL, none twice; with blanks for '+' */
    struct haul_keyset *known; /* the hash of each, or NULL: there was none yet */
    size_t count, looked_at;
    bool are_too_many;     /* either of them is above its limit: everything is a secret */
    struct haul_span host; /* of the URL that is asked for; not owned */
};

/* Makes it empty, allocating nothing; frees its memory. */
void haul_redactor_secrets_init(struct haul_redactor_secrets *secrets);
void haul_redactor_secrets_done(struct haul_redactor_secrets *secrets);

/* Whether nothing would be hidden. */
bool haul_redactor_secrets_are_none(const struct haul_redactor_secrets *secrets);

/* Empties it. `url` is what is asked for, as long as more is added; or NULL. */
void haul_redactor_secrets_begin(struct haul_redactor_secrets *secrets, const char *url);

/*
 * Adds a value as a whole, such as a password; and with its parts. `has_names`: it is made of parts
 * "name=value", as cookies are, and of those the values are added alone. Failure makes
 * haul_redactor_apply_all fail.
 */
void haul_redactor_secrets_add(struct haul_redactor_secrets *secrets, const char *value,
                               size_t len);
void haul_redactor_secrets_add_parts(struct haul_redactor_secrets *secrets, const char *value,
                                     size_t len, bool has_names);

/* Adds all that others have, but for what is the host of these. */
void haul_redactor_secrets_add_all(struct haul_redactor_secrets *secrets,
                                   const struct haul_redactor_secrets *from);

/* Moves all that `from` has to `to`, which has nothing so far and gets no more; `from` is empty
 * then. */
void haul_redactor_secrets_move(struct haul_redactor_secrets *to,
                                struct haul_redactor_secrets *from);

/* Whether the two would hide the same. */
bool haul_redactor_secrets_are_same(const struct haul_redactor_secrets *one,
                                    const struct haul_redactor_secrets *other);

/*
 * Whether there may be something to hide in a text, which is then to be looked at with care; false:
 * there is not. For millions of texts of which none holds any: nothing is allocated. `secrets` may
 * be NULL.
 */
bool haul_redactor_secrets_may_be_in(const struct haul_redactor_secrets *secrets,
                                     struct haul_span text);

/* Whether one is a part of the name of a host, in any letter case. `secrets` may be NULL. */
bool haul_redactor_secrets_are_in_host(const struct haul_redactor_secrets *secrets,
                                       const char *host);

/* Something could not be looked at, or added: haul_redactor_apply_all fails from now on. */
void haul_redactor_secrets_fail(struct haul_redactor_secrets *secrets, enum haul_err err);

#endif
