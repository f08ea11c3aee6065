#include "http/public_suffix.h"

#include <libpsl.h>
#include <stddef.h>

bool haul_public_suffix_is(const char *domain)
{
    const psl_ctx_t *list = psl_builtin();

    return !list || psl_is_public_suffix(list, domain);
}
