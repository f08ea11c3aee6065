#ifndef HAUL_INPUT_HOST_H
#define HAUL_INPUT_HOST_H

#include <stdbool.h>

#include "base/buf.h"
#include "haul/record.h"
#include "input/text.h"

/*
 * Brings a host as written in a URL (not empty; percent-encoded or UTF-8, in any case) into its one
 * ASCII form, which replaces what `to` held: a name in lower case whose labels in other scripts are
 * A-labels (IDNA 2008, UTS #46 non-transitional; transitional for a name with symbols, such as
 * emoji, that has no such form; the locale plays no part), or "[address%25zone]" with the address
 * as in RFC 5952. IPv4 addresses are left as they are, but for a dot behind.
 *
 * Percent-encoding is undone once, and what comes out must be a name: no '/', '@', ':' or '%' can
 * come in by it.
 *
 * NONE, BAD_URL (a host that DNS cannot be asked for; malformed UTF-8 or address), NO_MEMORY. Any
 * thread.
 */
enum haul_reason haul_host_read(struct haul_span host, struct haul_buf *to) HAUL_MUST_USE;

/*
 * Whether a name in lower case has a form that DNS can be asked for (RFC 1035 2.3.4): labels of 1
 * to 63 bytes, at most 253 in all. One dot at the end is fine, and so is '_'.
 */
bool haul_host_is_name(struct haul_span host);

#endif
