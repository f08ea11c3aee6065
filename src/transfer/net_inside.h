#ifndef HAUL_TRANSFER_NET_INSIDE_H
#define HAUL_TRANSFER_NET_INSIDE_H

#include "base/allowance.h"
#include "transfer/line.h"
#include "transfer/net.h"
#include "wire/common.h"

/* The inside of haul_net, for this room only. [const after create] */
struct haul_net {
    const struct haul_config *config;
    const struct haul_redactor *redactor; /* or NULL */
    const struct haul_body_store *bodies;
    struct haul_wire_common *wire;
    struct haul_allowance *memory; /* of all decoders */
    struct haul_line *line;        /* of those who wait for it */
};

#endif
