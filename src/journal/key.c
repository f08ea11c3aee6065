#include "journal/key.h"

#include "base/hash.h"

uint64_t haul_key_make(enum haul_key_kind kind, const char *text, size_t len)
{
    uint64_t key;

    if (kind == HAUL_KEY_INVALID && len > HAUL_KEY_INVALID_MAX)
        len = HAUL_KEY_INVALID_MAX;
    key = haul_hash_mix(haul_hash(text, len) + (uint64_t)kind * 0x9e3779b97f4a7c15u);
    return key ? key : 1;
}
