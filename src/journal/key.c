#include "journal/key.h"

#include "base/hash.h"
#include "model/identity.h"

static uint64_t make(enum haul_key_kind kind, uint64_t hash)
{
    uint64_t key = haul_hash_mix(hash + (uint64_t)kind * 0x9e3779b97f4a7c15u);

    return key ? key : 1;
}

uint64_t haul_key_make(enum haul_key_kind kind, const char *text, size_t len)
{
    if (kind == HAUL_KEY_INVALID && len > HAUL_KEY_INVALID_MAX)
        len = HAUL_KEY_INVALID_MAX;
    return make(kind, haul_hash(text, len));
}

uint64_t haul_key_of_url(enum haul_key_kind kind, const struct haul_strings *ignored,
                         const char *url, size_t len)
{
    return make(kind, haul_identity_hash(ignored, url, len));
}
