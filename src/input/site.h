#ifndef HAUL_INPUT_SITE_H
#define HAUL_INPUT_SITE_H

#include <stdbool.h>

#include "haul/err.h"

enum { HAUL_SITE_HOSTS_MAX = 4 };

/* The hosts that the sitemaps of one site may name. All zero is a site without hosts. */
struct haul_site {
    char *host[HAUL_SITE_HOSTS_MAX]; /* as in haul_url; the site's own memory */
    int count;
};

/* Adds a host; where there is no room, the last one goes. HAUL_ERR_NOMEM: nothing has changed. */
HAUL_MUST_USE enum haul_err haul_site_add(struct haul_site *site, const char *host);

/* Whether the host is one of them. */
bool haul_site_has(const struct haul_site *site, const char *host);

/* Frees all hosts but the first `count`. */
void haul_site_shrink(struct haul_site *site, int count);

#endif
