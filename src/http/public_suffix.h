#ifndef HAUL_HTTP_PUBLIC_SUFFIX_H
#define HAUL_HTTP_PUBLIC_SUFFIX_H

#include <stdbool.h>

/*
 * Whether anybody can have a name below `domain`, as below "co.uk" and "github.io": a cookie for
 * all of those would be one for strangers (RFC 6265, 5.3, 5). By the public suffix list as libpsl
 * has it built in, which no file of the system changes; a top-level domain that is not in it is
 * one, too. Without a list every domain is one, and every cookie for the host alone that sets it.
 *
 * `domain` in small letters, ASCII ("xn--..."), without dots around. Pure, any thread.
 */
bool haul_public_suffix_is(const char *domain);

#endif
