#include "wire/dial_socket.h"

#include <string.h>

#include "model/url_parts.h"
#include "wire/own_net.h"

static curl_socket_t refuse(struct haul_dial *dial)
{
    dial->refused_address = true;
    return CURL_SOCKET_BAD;
}

void haul_dial_judge_name(struct haul_dial *dial, const char *origin)
{
    dial->refused_address = false;
    dial->refused_name = haul_address_filter_is_public_only(dial->filter) &&
                         haul_own_net_is_metadata(haul_url_parts_of(origin, strlen(origin)).host);
}

curl_socket_t haul_dial_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct haul_dial *dial = arg;

    (void)purpose;
    if (dial->refused_name || !haul_address_filter_permits(dial->filter, &address->addr))
        return refuse(dial);
    if (haul_address_filter_is_public_only(dial->filter)) {
        enum haul_own_net own = haul_own_net_has(&address->addr, address->addrlen);

        if (own == HAUL_OWN_NET_YES)
            return refuse(dial);
        if (own == HAUL_OWN_NET_UNKNOWN) /* for want of what the socket would take, too */
            return CURL_SOCKET_BAD;
    }
    memcpy(&dial->address, &address->addr,
           address->addrlen < sizeof dial->address ? address->addrlen : sizeof dial->address);
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
