#include "input/site.h"

#include <stdlib.h>
#include <string.h>

enum haul_err haul_site_add(struct haul_site *site, const char *host)
{
    char *copy = strdup(host);

    if (!copy)
        return HAUL_ERR_NOMEM;
    haul_site_shrink(site, HAUL_SITE_HOSTS_MAX - 1);
    site->host[site->count++] = copy;
    return HAUL_OK;
}

bool haul_site_has(const struct haul_site *site, const char *host)
{
    for (int i = 0; i < site->count; i++)
        if (strcmp(site->host[i], host) == 0)
            return true;
    return false;
}

void haul_site_shrink(struct haul_site *site, int count)
{
    while (site->count > count)
        free(site->host[--site->count]);
}
