#ifndef HAUL_INPUT_ROBOTS_RULES_H
#define HAUL_INPUT_ROBOTS_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"

/*
 * What a robots.txt allows one crawler (RFC 9309): the rules of the groups that speak to it, and
 * the verdict on a path. Pure: what is fetched, kept and asked for, and when, is others' business.
 *
 * Groups. A group's name counts as far as it is a product token: letters, digits, "-", "_", in any
 * case, so that "Haul/1.0" speaks to "haul", and "haul-news" does not. All groups of the crawler's
 * own name are one; only if there are none, those of "*" are (2.2.1). A group ends where a
 * User-agent follows a rule; other records do not end it.
 *
 * Rules. A rule is matched from the path's first octet, "*" for any octets, "$" at its end for the
 * path's end (2.2.3). Octets are compared, so that it is the same whether one is written as itself
 * or percent-encoded, in a rule and in a path (2.2.2): the reserved ones, too, by that section's
 * and the next one's examples. Only an encoded "*" or "$" is never special. Of the rules that
 * match the longest decides, in octets of its shortest writing: what a URL may hold counts one,
 * every other octet three, special ones one; of equally long ones, Allow (2.2.2). If none matches,
 * the path is allowed; /robots.txt always is. A rule without a path means nothing, and one that
 * begins with neither "/" nor "*" matches nothing.
 *
 * Taken as is the practice of the crawlers that people write for (Google's published parser), too:
 * "useragent" and "user agent"; "dissallow", "dissalow", "disalow", "diasllow" and "disallaw"; and
 * a blank instead of the colon in a line of two words.
 *
 * Crawl-delay is no part of RFC 9309. It means the names of its group that stand above it. Of
 * several, the longest counts.
 *
 * Bounds. The text counts up to HAUL_ROBOTS_MAX bytes, and the rules take at most 12 times as many.
 * A verdict costs time proportional to the rules' length, and for each rule with "*" to the path's,
 * up to a fixed sum (HAUL_ROBOTS_STEPS_MAX: some hundredths of a second). Where that is reached,
 * which takes thousands of rules with "*" made to that end, the path is disallowed: who cannot be
 * understood is not asked.
 */

/* Immutable: any number of threads may read it. */
struct haul_robots_rules;

/*
 * Reads the rules for a crawler of the product token `product` ("haul"; what stands behind the
 * token, such as "/1.0", does not matter) from a text of `len` bytes, any bytes, both the caller's.
 * On HAUL_OK *out is the caller's, to be freed. HAUL_ERR_NOMEM, then *out is NULL; no other error.
 */
HAUL_MUST_USE enum haul_err haul_robots_rules_parse(const char *bytes, size_t len,
                                                    const char *product,
                                                    struct haul_robots_rules **out);

/* NULL is fine. */
void haul_robots_rules_free(struct haul_robots_rules *rules);

/*
 * Whether a URL may be asked for. `target` is its path and query as they stand in the URL
 * ("/a?b"), `len` bytes; without "/" at its begin, as if it had one. What is longer than any URL
 * of haul's is disallowed.
 */
bool haul_robots_rules_allow(const struct haul_robots_rules *rules, const char *target, size_t len);

/*
 * The Crawl-delay of the groups that apply, in microseconds, cut, up to INT64_MAX; -1: none. As the
 * file says, without regard to reason. A value that is no decimal number of seconds is none.
 */
int64_t haul_robots_rules_delay_us(const struct haul_robots_rules *rules);

/* The memory it takes, bytes. */
size_t haul_robots_rules_size(const struct haul_robots_rules *rules);

#endif
