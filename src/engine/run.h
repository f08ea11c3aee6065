#ifndef HAUL_ENGINE_RUN_H
#define HAUL_ENGINE_RUN_H

#include "base/allowance.h"
#include "engine/resultq.h"
#include "engine/workq.h"
#include "haul/config.h"
#include "model/stop.h"
#include "transfer/net.h"

/* What all threads of a run work on. [const once they run, but for what it points to] */
struct haul_run {
    const struct haul_config *config;
    struct haul_net *net;
    struct haul_workq *workq;
    struct haul_resultq *resultq;
    haul_stop stop;                    /* [atomic] */
    struct haul_allowance robots_room; /* [atomic] for what is received of large robots.txt files */
};

#endif
