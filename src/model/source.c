#include "model/source.h"

#include <string.h>

bool haul_source_is_url(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";

    return strspn(name, letters) && strncmp(name + strspn(name, all), "://", 3) == 0;
}
