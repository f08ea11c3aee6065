#ifndef HAUL_WIRE_NOPROXY_H
#define HAUL_WIRE_NOPROXY_H

#include <stdbool.h>

#include "base/span.h"

/*
 * Whether `list`, the value of no_proxy, names a host, whose port does not count. `host` is a name
 * or an address as in a URL: an IPv6 address in brackets.
 *
 * The entries are separated by commas or blanks. A name stands for itself and all below it,
 * whatever the case; a dot before or behind it counts for nothing. An address stands for itself, or
 * with a prefix length for its block, also where bits are set beyond that ("10.1.2.3/8"); it may be
 * in brackets. "*" and nothing else stands for all. Anything else, a port included, names nothing.
 *
 * These are the rules of libcurl 7.88 (lib/noproxy.c), but that for libcurl "/0" is the address
 * alone. (From 8.9 on libcurl stops reading at a blank without a comma.) Pure, any thread.
 */
bool haul_noproxy_names(const char *list, struct haul_span host);

#endif
