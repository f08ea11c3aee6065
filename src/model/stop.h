#ifndef HAUL_MODEL_STOP_H
#define HAUL_MODEL_STOP_H

#include <stdatomic.h>

/*
 * How far a run is to be stopped. Set by main only, never lowered; read by every thread. Whoever
 * raises it also wakes those who wait: the work queue, the list, the document that is being
 * fetched, the streams.
 */
enum haul_stop_level {
    HAUL_STOP_NONE,  /* run */
    HAUL_STOP_DRAIN, /* start nothing more; what is in flight may finish */
    HAUL_STOP_ABORT, /* end what is in flight; what can be read to its end is, as pending */
    HAUL_STOP_QUIT   /* read no further either */
};

typedef _Atomic int haul_stop;

static inline enum haul_stop_level haul_stop_level(haul_stop *stop)
{
    return (enum haul_stop_level)atomic_load_explicit(stop, memory_order_acquire);
}

static inline void haul_stop_raise(haul_stop *stop, enum haul_stop_level level)
{
    if (haul_stop_level(stop) < level)
        atomic_store_explicit(stop, (int)level, memory_order_release);
}

#endif
