#include "sink/name_search.h"

#include "base/hash.h"

/* In one set with hashes of paths, of which none is one of these. */
enum kept { OWN = 16, REST };

static uint64_t find(const struct haul_keyset *set, uint64_t key, uint64_t otherwise)
{
    uint64_t variant;

    return haul_keyset_find(set, key, &variant) ? variant : otherwise;
}

void haul_name_search_begin(struct haul_name_search *search, const struct haul_keyset *set,
                            uint64_t first, uint64_t last, uint64_t tag)
{
    search->own_key = haul_hash_keyed_pair(haul_hash_keyed_pair(first, (uint64_t)OWN), tag);
    search->rest_key = haul_hash_keyed_pair(last, (uint64_t)REST);
    search->own = find(set, search->own_key, 0);
    search->rest = find(set, search->rest_key, 2);
}

unsigned haul_name_search_first(const struct haul_name_search *search)
{
    return (unsigned)(search->own ? search->own : search->rest);
}

unsigned haul_name_search_next(const struct haul_name_search *search, unsigned variant)
{
    return variant < search->rest ? (unsigned)search->rest : variant + 1;
}

enum haul_err haul_name_search_end(const struct haul_name_search *search, struct haul_keyset *set,
                                   unsigned variant)
{
    enum haul_err err = HAUL_OK;

    if (variant >= search->rest)
        err = haul_keyset_put(set, search->rest_key, (uint64_t)variant + 1);
    return err ? err : haul_keyset_put(set, search->own_key, variant);
}
