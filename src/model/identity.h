#ifndef HAUL_MODEL_IDENTITY_H
#define HAUL_MODEL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/values.h"

/*
 * Which URL is the same as another one, where some query parameters make no difference
 * (--ignore-param): signatures, tokens, marks of a campaign. It is the URL without them; what is
 * requested has them. Pure, any thread.
 *
 * A rule is the name of a parameter or a pattern of names (base/glob.h). Parameters stand between
 * the '?' and the end, with a '&' between two of them; the name of one goes up to its '=', or is
 * all of it. It is compared once its percent-encoding is undone, and letter case counts: in doubt
 * two URLs are two. What is left of the query stays as it was, byte for byte and in its order; if
 * that is nothing, the '?' goes, too.
 */

/* NULL, or why a rule can name no parameter: static. */
const char *haul_identity_check(const char *rule);

/* Appends the `len` bytes of `url`, without the parameters that a rule names. */
void haul_identity_add(struct haul_buf *buf, const struct haul_strings *rules, const char *url,
                       size_t len);

/*
 * haul_hash of that text, which with no rule is that of the URL. Without memory it is the URL's
 * own, too: then it is another one.
 */
uint64_t haul_identity_hash(const struct haul_strings *rules, const char *url, size_t len);

/* Whether two URLs are one. Without memory only if they are alike. */
bool haul_identity_is_same(const struct haul_strings *rules, const char *one, const char *other);

#endif
