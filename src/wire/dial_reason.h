#ifndef HAUL_WIRE_DIAL_REASON_H
#define HAUL_WIRE_DIAL_REASON_H

#include "haul/record.h"
#include "wire/dial.h"

/*
 * Why a connection could not be made: libcurl's code as a reason, and its words for people (without
 * those that would tell a proxy's password); NULL: the reason says it all. One thread.
 */
enum haul_reason haul_dial_reason(const struct haul_dial *dial, CURLcode code);
const char *haul_dial_message(struct haul_dial *dial, CURLcode code);

#endif
