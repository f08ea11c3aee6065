#include "wire/own_net.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/cidr.h"

enum { ANY_PORT = 9 }; /* nothing is sent there */

union any_address {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static bool copy(const struct sockaddr *from, socklen_t len, union any_address *to)
{
    *to = (union any_address){.in6 = {.sin6_family = AF_UNSPEC}};
    if (len > sizeof *to)
        return false;
    memcpy(to, from, len);
    if (to->sa.sa_family == AF_INET)
        to->in.sin_port = htons(ANY_PORT);
    else
        to->in6.sin6_port = htons(ANY_PORT);
    return to->sa.sa_family == AF_INET || to->sa.sa_family == AF_INET6;
}

static bool is_same(const union any_address *a, const union any_address *b)
{
    if (a->sa.sa_family != b->sa.sa_family)
        return false;
    if (a->sa.sa_family == AF_INET)
        return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
    return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof a->in6.sin6_addr) == 0;
}

static enum haul_own_net ask(const union any_address *address)
{
    socklen_t len = address->sa.sa_family == AF_INET ? sizeof address->in : sizeof address->in6;
    int fd = socket(address->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    union any_address own = {.in6 = {.sin6_family = AF_UNSPEC}};
    enum haul_own_net answer = HAUL_OWN_NET_NO;
    socklen_t own_len = sizeof own;

    if (fd < 0) /* of a family that is not there, there are no addresses */
        return errno == EAFNOSUPPORT ? HAUL_OWN_NET_NO : HAUL_OWN_NET_UNKNOWN;
    /* What cannot be reached is not this machine. */
    if (connect(fd, &address->sa, len) == 0 && getsockname(fd, &own.sa, &own_len) == 0 &&
        is_same(address, &own))
        answer = HAUL_OWN_NET_YES;
    close(fd);
    return answer;
}

enum haul_own_net haul_own_net_has(const struct sockaddr *address, socklen_t len)
{
    enum haul_own_net answer;
    union any_address outer, inner;
    struct sockaddr_in inside;

    if (!copy(address, len, &outer))
        return HAUL_OWN_NET_NO;
    answer = ask(&outer);
    if (answer != HAUL_OWN_NET_NO || !haul_address_inside(&outer.sa, &inside))
        return answer;
    return copy((const struct sockaddr *)&inside, sizeof inside, &inner) ? ask(&inner) : answer;
}

bool haul_own_net_is_metadata(struct haul_span host)
{
    static const char *const names[] = {"metadata",
                                        "metadata.google.internal",
                                        "metadata.goog",
                                        "instance-data",
                                        "instance-data.ec2.internal",
                                        "metadata.azure.com",
                                        "metadata.azure.internal",
                                        "metadata.tencentyun.com",
                                        "metadata.packet.net",
                                        "metadata.platformequinix.com",
                                        "api.metadata.cloud.ibm.com"};

    if (host.len && host.at[host.len - 1] == '.')
        host.len--;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (haul_span_is_word(host, names[i]))
            return true;
    return false;
}
