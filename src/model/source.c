#include "model/source.h"

#include <string.h>

#include "model/url_parts.h"

bool haul_source_is_url(const char *name)
{
    struct haul_span scheme = haul_url_parts_of(name, strlen(name)).scheme;

    return scheme.at && strncmp(scheme.at + scheme.len, "://", 3) == 0;
}
