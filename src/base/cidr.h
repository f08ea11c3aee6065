#ifndef HAUL_BASE_CIDR_H
#define HAUL_BASE_CIDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "haul/err.h"
#include "haul/values.h"

/*
 * Blocks of addresses (RFC 4632 3.1, RFC 4291 2.3), and which addresses haul may connect to.
 *
 * Some IPv6 addresses are only the wrapping of an IPv4 address, and a packet to them may end at
 * that one: ::ffff:0:0/96 (IPv4-mapped, RFC 4291 2.5.5.2), 64:ff9b::/96 (NAT64, RFC 6052) and
 * 2002::/16 (6to4, RFC 3056). They are judged by the IPv4 address inside, so that nobody gets
 * around a rule by writing [::ffff:127.0.0.1]. A NAT64 gateway with a prefix of its own cannot be
 * told from any other network; where there is one, its prefix has to be denied by name. Others lead
 * nowhere by themselves, but are refused where the IPv4 address inside is denied: ::/96
 * (IPv4-compatible, RFC 4291 2.5.5.1), ::ffff:0:0:0/96 (RFC 2765), and the client of 2001::/32
 * (Teredo, RFC 4380).
 *
 * The system connects "this host" to loopback: 0.0.0.0/8 is judged as 127.0.0.1, and :: as ::1, and
 * refused where 127.0.0.1 is denied, too.
 *
 * Everything here is a pure function of its arguments, any thread.
 */

enum { HAUL_CIDR_BYTES = 16 };

/* A block; plain data. */
struct haul_cidr {
    int family;                           /* AF_INET or AF_INET6 */
    int bits;                             /* of the prefix, 0..32 or 0..128 */
    unsigned char bytes[HAUL_CIDR_BYTES]; /* network order; IPv4: the first four, the rest is 0 */
};

/*
 * Reads "192.0.2.0/24", "2001:db8::/32", or one address ("192.0.2.1", "::1"), which is a block of
 * its own. Nothing else is taken: no brackets, no zone, no spaces, no "10/8".
 *
 * On HAUL_OK `*cidr` is written and `*cause` is untouched; otherwise `*cidr` is untouched and
 * `*cause` is a static phrase for a message. HAUL_ERR_SYNTAX: no address, or no number behind the
 * slash; HAUL_ERR_RANGE: the prefix is longer than the address, or bits are set beyond it (that is
 * a mistyped address or a mistyped prefix, and either would open or close the wrong door).
 */
HAUL_MUST_USE enum haul_err haul_cidr_parse(const char *text, struct haul_cidr *cidr,
                                            const char **cause);

/* Which addresses may be connected to. Constant after create; any number of threads may ask. */
struct haul_address_filter;

/*
 * Makes the filter of --public-only, --allow-net and --deny-net. Each string of `allow` and `deny`
 * is one block as haul_cidr_parse takes it; nothing of the lists is kept.
 *
 * HAUL_OK: `*filter` is the caller's, who frees it when no thread asks any more; it is NULL if
 * there is nothing to filter. HAUL_ERR_SYNTAX or HAUL_ERR_RANGE: a string is no block, and `*cause`
 * says why. HAUL_ERR_NOMEM. On failure `*filter` is NULL. Blocks on nothing.
 */
HAUL_MUST_USE enum haul_err haul_address_filter_create(struct haul_address_filter **filter,
                                                       bool public_only,
                                                       const struct haul_strings *allow,
                                                       const struct haul_strings *deny,
                                                       const char **cause);

/* Frees it. NULL is fine. */
void haul_address_filter_free(struct haul_address_filter *filter);

/*
 * Whether the address may be connected to. To be asked with the address that the socket is about to
 * be connected to, after name resolution: a name proves nothing. Port and zone do not count. A
 * block may be spelled in other ways, too: a part of ::ffff:0:0/96 stands for the IPv4 block as
 * well, and so does a denied part of ::/96, such as ::127.0.0.0/104; a part of 0.0.0.0/8 for
 * 127.0.0.1, and :: for ::1. In this order:
 *
 *   1. An address in a denied block is refused, the wrapped one and the one inside alike.
 *   2. If there are allowed blocks, they decide: the address inside counts, so that "::/0" does not
 *      let [::ffff:10.0.0.1] in. A block within a wrapping prefix ("64:ff9b::/96") allows what is
 *      written.
 *   3. With public_only, the address inside has to belong to the public Internet: an IPv6 address
 *      lies in 2000::/3 (IANA, IPv6 Global Unicast Address Assignments: nothing else is handed
 *      out), and the address lies in no block that the IANA IPv4 and IPv6 Special-Purpose Address
 *      Registries (RFC 6890) do not call globally reachable; nor is it multicast (RFC 5771),
 *      reserved (RFC 1112 4), in 192.88.99.0/24 (RFC 7526), or 168.63.129.16, which is public but
 *      for what runs at Azure, where it is the host's own service. 192.0.0.0/24 and 2001::/23 are
 *      left out as a whole: the few addresses in them that are reachable belong to protocols, not
 *      to web servers, and the nearest router may answer for them.
 *
 * NULL permits everything. An address of any other family (a Unix socket) is refused by every
 * filter.
 */
bool haul_address_filter_permits(const struct haul_address_filter *filter,
                                 const struct sockaddr *address);

/*
 * Whether rule 3 is the one that decides: then this machine's own addresses, which may well be
 * public, are to be refused, too, which takes the system (wire/own_net.h).
 */
bool haul_address_filter_is_public_only(const struct haul_address_filter *filter);

/* The IPv4 address inside an IPv6 one, with no port. False: there is none. */
bool haul_address_inside(const struct sockaddr *address, struct sockaddr_in *inside);

#endif
