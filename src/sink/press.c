#include "sink/press.h"

#include <errno.h>
#include <libdeflate.h>

/*
 * Packing takes longer than all else that is done for a small file; what is to be small can be
 * packed again. And the tables are cleared for each stream, 8 us whatever its length: a record of a
 * few hundred bytes, most of which are digests and identifiers, would become a quarter to a third
 * smaller for as much time as it takes to fetch it. Such a one is stored.
 */
enum { LEVEL = 1, STORED = 0 };

void haul_press_init(struct haul_press *press)
{
    *press = (struct haul_press){.compressor = NULL};
    haul_buf_init(&press->whole, 0);
    haul_buf_init(&press->packed, 0);
}

void haul_press_done(struct haul_press *press)
{
    libdeflate_free_compressor(press->compressor);
    libdeflate_free_compressor(press->storer);
    press->compressor = press->storer = NULL;
    haul_buf_done(&press->whole);
    haul_buf_done(&press->packed);
}

/* NULL: no memory. */
static struct libdeflate_compressor *compressor_for(struct haul_press *press, size_t len)
{
    bool is_stored = len <= HAUL_PRESS_STORED_MAX;
    struct libdeflate_compressor **compressor = is_stored ? &press->storer : &press->compressor;

    if (!*compressor)
        *compressor = libdeflate_alloc_compressor(is_stored ? STORED : LEVEL);
    return *compressor;
}

int haul_press_deflate(struct haul_press *press, const void *bytes, size_t len, struct haul_buf *to)
{
    struct libdeflate_compressor *compressor = compressor_for(press, len);
    size_t max, done;
    char *room;

    if (!compressor)
        return ENOMEM;
    max = libdeflate_deflate_compress_bound(compressor, len);
    room = haul_buf_reserve(to, max);
    if (!room)
        return ENOMEM;
    done = libdeflate_deflate_compress(compressor, bytes, len, room, max);
    haul_buf_grew(to, done);
    return done ? 0 : EINVAL;
}

bool haul_press_note(struct haul_press *press, uint64_t tag)
{
    uint64_t *noted = &press->tags[tag % HAUL_PRESS_TAGS];
    bool is_known = *noted == tag;

    *noted = tag;
    return is_known;
}
