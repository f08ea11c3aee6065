#ifndef HAUL_WIRE_OWN_NET_H
#define HAUL_WIRE_OWN_NET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/span.h"

/*
 * What lies on this side of the public Internet, though its address does not tell: for
 * --public-only. Any thread; nothing is kept, so nothing can be out of date.
 */

enum haul_own_net { HAUL_OWN_NET_NO, HAUL_OWN_NET_YES, HAUL_OWN_NET_UNKNOWN };

/*
 * Whether the address is one of this machine's own, however it came to have it. The system is asked
 * by which address it would reach that one: its own it reaches by that very address. (getifaddrs(3)
 * would list what is assigned to interfaces: only as of a moment ago, and not the blocks that a
 * route of type local hands over whole.) No packet is sent. An IPv4 address inside an IPv6 one
 * counts, too (base/cidr.h).
 *
 * UNKNOWN: no descriptor for that was to be had, and errno says why. Takes one for a moment, and
 * does not block. An address that the public side of a router has is not known to the machine
 * behind it.
 */
enum haul_own_net haul_own_net_has(const struct sockaddr *address, socklen_t len);

/* Whether a host is called as the metadata services of clouds are, in any case of letters. */
bool haul_own_net_is_metadata(struct haul_span host);

#endif
