#ifndef HAUL_BASE_WIPE_H
#define HAUL_BASE_WIPE_H

#include <stddef.h>

/* Overwrites a secret before its memory is freed: a plain memset may be optimised away there. */
static inline void haul_wipe(void *bytes, size_t size)
{
    volatile unsigned char *at = bytes;

    while (size--)
        *at++ = 0;
}

#endif
