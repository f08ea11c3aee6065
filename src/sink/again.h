#ifndef HAUL_SINK_AGAIN_H
#define HAUL_SINK_AGAIN_H

#include <errno.h>

/* Sets `result`, an int, to what `call` returns, and calls again as long as a signal interrupts it. */
#define HAUL_AGAIN(result, call)                                                                   \
    do {                                                                                           \
        (result) = (call);                                                                         \
    } while ((result) < 0 && errno == EINTR)

#endif
