#include "journal/key.h"

#include "base/escape.h"

/* The last step of MurmurHash3: the low bits of FNV-1a are good, its high bits are not. */
static uint64_t mix(uint64_t bits)
{
    bits ^= bits >> 33;
    bits *= 0xff51afd7ed558ccdu;
    bits ^= bits >> 33;
    bits *= 0xc4ceb9fe1a85ec53u;
    return bits ^ bits >> 33;
}

uint64_t haul_key_make(enum haul_key_kind kind, const char *text, size_t len)
{
    uint64_t key = mix(haul_escape_hash(text, len) + (uint64_t)kind * 0x9e3779b97f4a7c15u);

    return key ? key : 1;
}
