#ifndef HAUL_MODEL_SECRET_FIELD_H
#define HAUL_MODEL_SECRET_FIELD_H

#include <stdbool.h>

/*
 * Both look at a header field, "Name: value" or "Name;", and go by the name alone, in any letter
 * case. Pure, any thread.
 *
 * Whether it may tell who asks, so that it must not get into a list: in doubt it does.
 */
bool haul_secret_field_tells_who_asks(const char *field);

/*
 * Whether its value is a credential, which is hidden where a server gives it back: Authorization,
 * Proxy-Authorization, Cookie, and names whose last word is "token", "key", "secret", "password",
 * "auth" and the like. A name that has such a word elsewhere, as Authority and Accept-Signature do,
 * is none: what is hidden in error cannot be told from what a server has said.
 */
bool haul_secret_field_is_credential(const char *field);

#endif
