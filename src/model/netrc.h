#ifndef HAUL_MODEL_NETRC_H
#define HAUL_MODEL_NETRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "haul/config.h"
#include "haul/err.h"

/*
 * Files of logins, netrc(5), as curl reads them: words between blanks and line ends,
 *
 *   machine NAME  login NAME  password WORD      ("default": for any other machine)
 *
 * a '#' begins a comment where a word would begin; a word may stand in double quotes, with \n \r \t
 * \" \\ in it; what belongs to "account" is passed over, so are words that mean nothing, and a
 * "macdef" up to the next empty line. An entry without login and password says nothing.
 */
struct haul_netrc_login {
    const char *machine;  /* NULL: the default one */
    const char *login;    /* "" if there is none */
    const char *password; /* the same */
};

/* What is wrong with a file. */
struct haul_netrc_fault {
    uint64_t line; /* from 1 */
    const char *cause;
};

/* How many entries a text has at most. Pure. */
size_t haul_netrc_room(size_t len);

/*
 * Reads `len` bytes at `text`, and a NUL behind them, into `login`, which has room for
 * haul_netrc_room(len). They point into the text, which is changed. HAUL_OK: *count is their
 * number, in the order of the file. HAUL_ERR_SYNTAX: *fault says why. Linear, pure, any thread.
 */
HAUL_MUST_USE enum haul_err haul_netrc_read(char *text, size_t len, struct haul_netrc_login *login,
                                            size_t *count, struct haul_netrc_fault *fault);

/* Whether an entry is for a host, as URLs have it; the default one, if that is asked for. */
bool haul_netrc_is_for(const struct haul_netrc_login *login, struct haul_span host,
                       bool takes_default);

/*
 * The login for a host, as URLs have it, or NULL: the first entry whose machine it is, in any case
 * of letters and with or without a dot behind it; and where `takes_default` is set, the default
 * one, if that comes first. Of a URL that has a `user` already (or NULL), only that one's. Pure.
 */
const struct haul_netrc_login *haul_netrc_find(const struct haul_config *config,
                                               struct haul_span host, const char *user,
                                               bool takes_default);

#endif
