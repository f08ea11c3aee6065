#ifndef HAUL_WIRE_METERS_H
#define HAUL_WIRE_METERS_H

#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"
#include "wire/meter.h"

/*
 * The meters of origins that have a rate of their own (limit-rate in a host section). All workers
 * share them; one is kept while anybody uses it, and until its bytes have had their time.
 *
 * Any thread; takes a lock for a moment.
 */
struct haul_meters;

/* HAUL_ERR_NOMEM, HAUL_ERR_SYSTEM (no lock). */
HAUL_MUST_USE enum haul_err haul_meters_create(struct haul_meters **out);

/* After the last meter was given back. NULL is fine. */
void haul_meters_free(struct haul_meters *meters);

/* The meter of `origin`, whose rate is `rate` (more than 0) if it is new; to be given back. NULL:
 * no memory. */
struct haul_meter *haul_meters_take(struct haul_meters *meters, const char *origin, int64_t rate,
                                    int64_t now_us);
void haul_meters_give_back(struct haul_meters *meters, struct haul_meter *meter);

/* How many are kept. */
size_t haul_meters_count(struct haul_meters *meters);

#endif
