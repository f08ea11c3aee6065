#ifndef HAUL_WIRE_LOCAL_H
#define HAUL_WIRE_LOCAL_H

#include <stdbool.h>

#include "haul/config.h"
#include "wire/proxy.h"

/*
 * Whether what is sent to an origin, "scheme://host:port", stays on this machine: its host is
 * loopback by name (model/host.h), no proxy is asked for it, and neither --resolve nor --connect-to
 * leads it anywhere else. Where several entries of these are for it, each must keep it here: which
 * one libcurl takes does not matter then. A proxy on this machine passes on what it gets to where
 * nobody here knows.
 *
 * Only for this may a cookie that is for https only go over http, and credentials over plain http
 * without a word. Pure, any thread; takes time in proportion to the entries, none for other hosts.
 */
bool haul_local_is(const struct haul_config *config, const struct haul_proxies *proxies,
                   const char *origin);

#endif
