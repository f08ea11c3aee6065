#ifndef HAUL_WIRE_COMMON_INSIDE_H
#define HAUL_WIRE_COMMON_INSIDE_H

#include <curl/curl.h>

#include "base/cidr.h"
#include "wire/common.h"
#include "wire/hosts.h"
#include "wire/kept.h"
#include "wire/meters.h"
#include "wire/proxy.h"

/* The inside of haul_wire_common, for this room only. [const after create] */
struct haul_wire_common {
    const struct haul_config *config;
    struct haul_address_filter *filter; /* or NULL: all addresses */
    struct haul_hosts *hosts;
    struct haul_proxies *proxies;
    struct haul_kept *kept;                  /* certificates and keys */
    struct curl_slist *resolve, *connect_to; /* or NULL */
    struct haul_meter meter;                 /* of the whole run */
    struct haul_meters *meters;              /* of origins */
    bool has_tls; /* haul takes part in TLS handshakes (tls.h): HTTP/2 can be chosen */
};

#endif
