#ifndef HAUL_MODEL_SOURCE_H
#define HAUL_MODEL_SOURCE_H

#include <stdbool.h>

/* Whether the name of a sitemap is a URL, and not a file's: it has a scheme (RFC 3986, 3.1) and
 * "//". Pure. */
bool haul_source_is_url(const char *name);

#endif
