#include "model/group.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 100 }; /* directories */

static bool is_depth(const char *text)
{
    size_t len = strspn(text, "0123456789");

    return len && len <= 3 && !text[len] && atoi(text) >= 1 && atoi(text) <= DEPTH_MAX;
}

const char *haul_group_check(const char *text)
{
    if (!strcmp(text, "host") || !strcmp(text, "type"))
        return NULL;
    if (!strncmp(text, "tag:", 4))
        return text[4] ? NULL : "needs the name of what lists attach: tag:NAME";
    if (strncmp(text, "path:", 5) != 0)
        return "must be host, type, path:N or tag:NAME";
    return is_depth(text + 5) ? NULL : "needs a number of directories, 1 to 100: path:N";
}
