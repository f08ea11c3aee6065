#ifndef HAUL_BASE_AGAIN_H
#define HAUL_BASE_AGAIN_H

#include <errno.h>

/*
 * Sets `result`, an int or ssize_t, to what `call` returns, and calls again as long as a signal
 * interrupts it. `call` is one that returns a negative number and sets errno on failure; not
 * close(2), after which the descriptor is gone in any case.
 */
#define HAUL_AGAIN(result, call)                                                                   \
    do {                                                                                           \
        (result) = (call);                                                                         \
    } while ((result) < 0 && errno == EINTR)

#endif
