#include "base/wake.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum haul_err haul_wake_init(struct haul_wake *wake)
{
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake->fd < 0 ? HAUL_ERR_SYSTEM : HAUL_OK;
}

void haul_wake_done(struct haul_wake *wake)
{
    if (wake->fd >= 0)
        close(wake->fd);
    wake->fd = -1;
}

void haul_wake_up(const struct haul_wake *wake)
{
    const uint64_t one = 1;

    /* A full counter is readable already. */
    if (write(wake->fd, &one, sizeof one) < 0)
        return;
}

void haul_wake_clear(const struct haul_wake *wake)
{
    uint64_t count;

    /* One read(2) sets the counter to 0; there is nothing to read if nobody called. */
    if (read(wake->fd, &count, sizeof count) < 0)
        return;
}
